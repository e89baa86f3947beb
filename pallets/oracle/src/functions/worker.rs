//! The off-chain worker: gets this node's readings and reports them.
//!
//! It runs at every new best block, on one of the node's few worker threads, so a run ends within
//! [`MAX_TIMEOUT_MS`] whatever its sources do: all its requests are sent at once and none waits
//! longer than that.

use alloc::vec::Vec;

use frame_system::{offchain::SubmitTransaction, pallet_prelude::BlockNumberFor};
use log::Level;
use rwa_primitives::{
	app_key::AppPublic,
	decimal::format_decimal,
	feed::{FeedId, Report, RoundIndex, Value},
	traits::WorkingTime,
	worker::{SourceConfig, WorkerConfig, CONFIG_KEY, MAX_SOURCES},
};
use sp_application_crypto::RuntimeAppPublic;
use sp_core::Encode;
use sp_runtime::{
	offchain::storage::StorageValueRef,
	traits::{CheckedDiv, One, Saturating, Zero},
	SaturatedConversion,
};

use super::{
	fetch::{scheme_and_host, Fetch, FetchError},
	progress::{Claim, Outcome, MAX_FAILURES},
};
use crate::{Call, Config, FeedSpecOf, Feeds, Pallet, Reports, RoundOf, Rounds};

/// Target of everything that this pallet logs.
pub const LOG_TARGET: &str = "rwa::oracle";

/// Most readings that one run gets. They are fetched side by side, so this bounds memory (at most
/// 64 KiB each) and connections, not time. With one run a second, a node with the most sources gets
/// through all of them in eight blocks.
pub(crate) const MAX_FETCHES_PER_RUN: usize = 8;

/// Most blocks over which a round's reporters spread.
const MAX_STAGGER: u32 = 4;

/// Settings that can't be read are reported once in this many blocks.
const COMPLAIN_EVERY: u64 = 100;

/// One reading to get, claimed by this run.
struct Task<'a, T: Config> {
	source: &'a SourceConfig,
	spec: FeedSpecOf<T>,
	round: RoundIndex,
	key: AppPublic,
	claim: Claim,
}

/// An app key in this node's keystore, with the operator it acts for.
struct Operator<AccountId> {
	key: AppPublic,
	account: AccountId,
}

/// Why a reading did not become a report.
enum Failure<T: Config> {
	Fetch(FetchError),
	OutOfBounds(Value, FeedSpecOf<T>),
	/// The keystore refused: the key is gone.
	Signing,
}

impl<T: Config> core::fmt::Display for Failure<T> {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		match self {
			Self::Fetch(error) => error.fmt(f),
			Self::OutOfBounds(value, spec) => write!(
				f,
				"{} is outside the feed's bounds, {} to {}",
				format_decimal(*value, spec.decimals),
				format_decimal(spec.minimum, spec.decimals),
				format_decimal(spec.maximum, spec.decimals),
			),
			Self::Signing => f.write_str("the keystore did not sign"),
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Gets and reports what is due in `block`. Safe to run twice, or beside another run.
	pub(crate) fn run_worker(block: BlockNumberFor<T>) {
		let block: u64 = block.saturated_into();
		let operators = Self::local_operators();
		if operators.is_empty() {
			log!(Level::Trace, "no app key of an oracle operator in this node");
			return;
		}
		let Some(config) = read_config(block) else { return };
		let tasks = Self::claim_tasks(&config, &operators, block);
		for (task, reading) in fetch_all(tasks) {
			Self::report_reading(task, reading, block);
		}
	}

	/// The oracle operators whose app keys are in this node's keystore. Validating or not makes no
	/// difference.
	fn local_operators() -> Vec<Operator<T::AccountId>> {
		AppPublic::all()
			.into_iter()
			.filter_map(|key| Some(Operator { account: Self::oracle_of(&key)?, key }))
			.collect()
	}

	/// What this run has to do: readings that are due and that no other run is getting.
	///
	/// Goes by the node's sources and not by the feeds of an operator, so that an operator who was
	/// taken off a feed still serves the round it is assigned to.
	fn claim_tasks<'a>(
		config: &'a WorkerConfig,
		operators: &[Operator<T::AccountId>],
		block: u64,
	) -> Vec<Task<'a, T>> {
		let sources = config.oracle.len().min(MAX_SOURCES);
		// Starts elsewhere in each block, so that no source starves behind busy ones.
		let first = usize::try_from(block).unwrap_or(0).checked_rem(sources).unwrap_or(0);
		let sources = config.oracle.iter().take(sources).cycle().skip(first).take(sources);
		sources
			.filter_map(|source| {
				let round = Rounds::<T>::get(source.feed)?;
				let feed = Feeds::<T>::get(source.feed)?;
				Some(
					operators
						.iter()
						.map(move |operator| (source, round.clone(), feed.spec.clone(), operator)),
				)
			})
			.flatten()
			.filter(|(source, round, _, operator)| Self::is_due(source.feed, round, operator))
			.filter_map(|(source, round, spec, operator)| {
				let claim = Claim::take(source.feed, &operator.account, round.index, block)?;
				Some(Task { source, spec, round: round.index, key: operator.key.clone(), claim })
			})
			.take(MAX_FETCHES_PER_RUN)
			.collect()
	}

	/// Whether `operator` should report to `round` now.
	fn is_due(feed: FeedId, round: &RoundOf<T>, operator: &Operator<T::AccountId>) -> bool {
		let now = T::WorkingTime::now();
		let turn = round.opened_at.saturating_add(stagger::<T>(feed, round, &operator.account));
		now >= turn
			&& now < round.deadline
			&& round.reporters.contains(&operator.account)
			&& !Reports::<T>::contains_key(feed, &operator.account)
	}

	/// Sends a reading on, or says why there is none, and notes which.
	fn report_reading(task: Task<'_, T>, reading: Result<Value, FetchError>, block: u64) {
		let Task { source, spec, round, key, claim } = task;
		let feed = source.feed;
		let call = reading
			.map_err(Failure::<T>::Fetch)
			.and_then(|value| match spec.allows(value) {
				true => Ok(value),
				false => Err(Failure::OutOfBounds(value, spec.clone())),
			})
			.and_then(|value| Self::sign(Report { feed, round, key, value }));
		match call {
			Ok((value, call)) => {
				Self::submit(call, feed, round, &format_decimal(value, spec.decimals));
				claim.settle(Outcome::Sent, block);
			}
			Err(cause) => {
				let (from, attempt) = (scheme_and_host(&source.url), claim.attempt());
				log!(
					Level::Warn,
					"no reading for {feed:?}, round {round}, from {from} (attempt {attempt} of \
					 {MAX_FAILURES}): {cause}",
				);
				claim.settle(Outcome::Failed, block);
			}
		}
	}

	fn sign(report: Report) -> Result<(Value, Call<T>), Failure<T>> {
		let payload = report.signing_payload(&Self::genesis_hash());
		let signature = report.key.sign(&payload).ok_or(Failure::Signing)?;
		Ok((report.value, Call::submit_report { report, signature }))
	}

	/// Hands a report to this node's pool. That the pool refuses it is no failure: the round may
	/// have closed meanwhile, or an earlier report be in the pool still. Whatever it was, the next
	/// attempt waits like after a report that was lost.
	fn submit(call: Call<T>, feed: FeedId, round: RoundIndex, value: &str) {
		let transaction = T::create_authorized_transaction(call.into());
		match SubmitTransaction::<T, Call<T>>::submit_transaction(transaction) {
			Ok(()) => log!(Level::Info, "reported {value} to {feed:?}, round {round}"),
			Err(()) => log!(
				Level::Info,
				"the pool took no report of {value} to {feed:?}, round {round}; has it closed?",
			),
		}
	}
}

/// Sends all requests, then waits for each, those that give up first first. So one that is slow
/// takes no time from the others.
fn fetch_all<'a, T: Config>(
	tasks: Vec<Task<'a, T>>,
) -> Vec<(Task<'a, T>, Result<Value, FetchError>)> {
	let mut done = Vec::new();
	let mut waiting = Vec::new();
	for task in tasks {
		match Fetch::start(task.source) {
			Ok(fetch) => waiting.push((task, fetch)),
			Err(error) => done.push((task, Err(error))),
		}
	}
	waiting.sort_by_key(|(_, fetch)| fetch.deadline());
	done.extend(waiting.into_iter().map(|(task, fetch)| {
		let reading = fetch.finish(task.spec.decimals);
		(task, reading)
	}));
	done
}

/// The operator's settings. `None`: there are none, or none that can be read.
fn read_config(block: u64) -> Option<WorkerConfig> {
	match StorageValueRef::persistent(CONFIG_KEY).get::<WorkerConfig>() {
		Ok(Some(config)) => Some(config),
		Ok(None) => {
			log!(Level::Debug, "no sources configured in this node");
			None
		}
		Err(_) => {
			let level = match block.checked_rem(COMPLAIN_EVERY) {
				Some(0) => Level::Warn,
				_ => Level::Debug,
			};
			log!(
				level,
				"this node's worker settings can't be read; restart it with its current settings",
			);
			None
		}
	}
}

/// Blocks after a round's opening before an operator's turn: at least one, so that the opening has
/// reached the other nodes before the report does; then spread, so that not all of a feed's
/// reporters ask and send in one block; within a third of the round's time.
fn stagger<T: Config>(
	feed: FeedId,
	round: &RoundOf<T>,
	operator: &T::AccountId,
) -> BlockNumberFor<T> {
	let length = round.deadline.saturating_sub(round.opened_at);
	let third: u32 = length.checked_div(&3u32.into()).unwrap_or_else(Zero::zero).saturated_into();
	let hash = sp_io::hashing::twox_64(&(feed, round.index, operator).encode());
	let turns = third.clamp(1, MAX_STAGGER);
	let turn = u64::from_le_bytes(hash).checked_rem(turns.into()).unwrap_or(0);
	BlockNumberFor::<T>::one().saturating_add(turn.saturated_into())
}
