//! Makes one lost replica of a document again, whatever its size, at one's own Kubo.
//!
//! What it asks for is on chain, but for the secret key, which is never an argument: other users of a machine can
//! see those. `scripts/js/repair-documents.js` follows the chain and calls this.

use clap::Parser;
use rwa_client::documents::{
	read_reader_secret, repair, AddressError, KeyFileError, Kubo, RepairingError,
};
use rwa_documents::{
	replica::REPLICAS, DocumentId, Envelope, EnvelopeError, Opened, Replica, ReplicaRoot, SameCid,
	Subject,
};
use rwa_primitives::ipfs::Cid;
use std::{fmt::Write as _, path::PathBuf, process::ExitCode};

/// Makes a lost replica of a document again from one that lives, and prints its CID.
///
/// Kubo gets the replica that lives from whoever has it, and pins the new one: connect it to the nodes that keep
/// documents.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
	/// Number of the replica that was lost: 0, 1 or 2.
	#[arg(long, value_parser = replica)]
	lost: Replica,
	/// Number of a replica that lives; again, for one to try after it.
	#[arg(long, value_name = "NUMBER", value_parser = replica, required = true)]
	from: Vec<Replica>,
	/// CID of a replica: three times, in their order.
	#[arg(long, required = true)]
	cid: Vec<Cid>,
	/// Bytes of each replica.
	#[arg(long, value_name = "BYTES")]
	size: u64,
	/// The envelope for this repairer, in hexadecimal: 0x…
	#[arg(long, value_name = "HEX", value_parser = hex)]
	envelope: Bytes,
	/// Hash of the chain's genesis block: 0x…
	#[arg(long, value_name = "HASH", value_parser = hash)]
	genesis: [u8; 32],
	/// File with the secret key that the envelope was sealed to, as text; - for standard input.
	#[arg(long, value_name = "FILE")]
	key_file: PathBuf,
	/// Kubo's RPC.
	#[arg(long, value_name = "URL", default_value = "http://127.0.0.1:5001")]
	kubo: String,
}

/// One argument; a `Vec` would be several for Clap.
type Bytes = Box<[u8]>;

#[derive(Debug, thiserror::Error)]
enum Failure {
	#[error("--cid is wanted {REPLICAS} times, and came {0} times")]
	Cids(usize),
	#[error("--cid: {0}")]
	SameCid(#[from] SameCid),
	#[error("--key-file: {0}")]
	Key(#[from] KeyFileError),
	#[error("--envelope: {0}")]
	Envelope(#[from] EnvelopeError),
	#[error("--kubo: {0}")]
	Address(#[from] AddressError),
	#[error("replica {lost} can't be made again: {}", listed(failures))]
	Repair { lost: u8, failures: Vec<(u8, RepairingError)> },
}

fn listed(failures: &[(u8, RepairingError)]) -> String {
	let mut text = String::new();
	for (from, failure) in failures {
		let between = if text.is_empty() { "" } else { "; " };
		// Writing to a string can't fail.
		let _ = write!(text, "{between}from replica {from}: {failure}");
	}
	text
}

impl Cli {
	/// The CID of what was made.
	async fn run(self) -> Result<Cid, Failure> {
		let count = self.cid.len();
		let document = DocumentId::new(self.cid.try_into().map_err(|_| Failure::Cids(count))?)?;
		let secret = read_reader_secret(&self.key_file)?;
		let subject = Subject { genesis: self.genesis, document };
		let root = root(Envelope::from_bytes(&self.envelope)?.open(&secret, &subject)?);
		let kubo = Kubo::new(&self.kubo, None)?;
		let mut failures = Vec::new();
		for from in self.from {
			match repair(&kubo, &document, self.size, &root, from, self.lost).await {
				Ok(()) => return Ok(document.cid(self.lost)),
				Err(error) => failures.push((from.index(), error)),
			}
		}
		Err(Failure::Repair { lost: self.lost.index(), failures })
	}
}

/// What repairs. A reader can too.
fn root(opened: Opened) -> ReplicaRoot {
	match opened {
		Opened::Reader(keys) => keys.root,
		Opened::Repairer(root) => root,
	}
}

fn replica(text: &str) -> Result<Replica, String> {
	let index = text.parse().ok();
	index.and_then(Replica::from_index).ok_or_else(|| "a document has replicas 0, 1 and 2".into())
}

fn hex(text: &str) -> Result<Bytes, String> {
	let digits = text.strip_prefix("0x").ok_or("hexadecimal begins with 0x")?;
	let bytes = hex::decode(digits).map_err(|error| error.to_string())?;
	Ok(bytes.into())
}

fn hash(text: &str) -> Result<[u8; 32], String> {
	let bytes = hex(text)?;
	bytes.as_ref().try_into().map_err(|_| format!("a hash has 32 bytes, not {}", bytes.len()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
	match Cli::parse().run().await {
		Ok(cid) => {
			println!("{cid}");
			ExitCode::SUCCESS
		}
		Err(error) => {
			eprintln!("{error}");
			ExitCode::FAILURE
		}
	}
}
