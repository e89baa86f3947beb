//! How fast this machine is at what a node does most: checking signatures, and hashing.
//!
//! Throughput depends on the machine first. Divided by this, figures from two machines compare.

use crate::{accounts::Party, error::LoadError, report::Report};
use serde::Serialize;
use sp_core::{
	crypto::Pair as _,
	sr25519::{Pair, Public, Signature},
};
use sp_runtime::traits::{BlakeTwo256, Hash as _};
use std::{
	hint::black_box,
	io::Write,
	path::PathBuf,
	time::{Duration, Instant},
};

/// Rounds, of which the median counts: one disturbed by something else on the machine does not.
const ROUNDS: usize = 5;

/// Length of a round.
const ROUND: Duration = Duration::from_millis(400);

/// Bytes of what is signed: about as many as a transfer has.
static MESSAGE: [u8; 128] = [7; 128];

/// Bytes that are hashed at a time.
static BLOCK: [u8; 65_536] = [7; 65_536];

/// Measure this machine on one core: signature checks and hashes a second.
#[derive(Debug, clap::Args)]
pub struct Baseline {
	/// Also write the figures to this file
	#[arg(long, value_name = "FILE")]
	json: Option<PathBuf>,
}

/// What one core of this machine does.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figures {
	/// sr25519 signatures checked a second.
	pub sr25519_verifications_per_second: f64,
	/// Mebibytes hashed a second with BLAKE2b-256.
	pub blake2_256_mebibytes_per_second: f64,
}

impl Baseline {
	/// Takes about four seconds.
	pub fn run(&self, out: &mut impl Write) -> Result<(), LoadError> {
		let keys = Party::Sender.keys(0..1)?;
		let key = keys.first().ok_or_else(|| LoadError::Derivation(Party::Sender.uri(0)))?;
		let (public, signature) = (key.public(), key.sign(&MESSAGE));
		let figures = Figures {
			sr25519_verifications_per_second: rate(|| verify(&public, &signature)),
			blake2_256_mebibytes_per_second: rate(hash) * BLOCK.len() as f64 / 1_048_576.0,
		};
		let mut report = Report::new("baseline: one core of this machine");
		let checks = figures.sr25519_verifications_per_second;
		report.line("sr25519 signatures checked", format!("{checks:.0} /s"));
		let hashed = figures.blake2_256_mebibytes_per_second;
		report.line("BLAKE2b-256", format!("{hashed:.0} MiB/s"));
		report.finish(out, self.json.as_deref(), &figures)
	}
}

fn verify(public: &Public, signature: &Signature) {
	black_box(Pair::verify(black_box(signature), MESSAGE, public));
}

fn hash() {
	black_box(BlakeTwo256::hash(black_box(&BLOCK)));
}

/// How often a second `work` can be done: the median of the rounds.
fn rate(work: impl Fn()) -> f64 {
	let mut rounds: Vec<f64> = (0..ROUNDS).map(|_| round(&work)).collect();
	rounds.sort_unstable_by(f64::total_cmp);
	rounds.get(ROUNDS / 2).copied().unwrap_or_default()
}

fn round(work: &impl Fn()) -> f64 {
	let start = Instant::now();
	let mut done = 0_u32;
	while start.elapsed() < ROUND {
		work();
		done += 1;
	}
	f64::from(done) / start.elapsed().as_secs_f64()
}
