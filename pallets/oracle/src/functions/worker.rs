//! The off-chain worker: measures for this node's operators, speaks for them in the rounds that they were drawn
//! for, and watches over those feeds between two rounds (`watch.rs`).
//!
//! It runs at every new best block, on one of the node's few worker threads, so a run ends within
//! [`MAX_TIMEOUT_MS`] whatever its sources do: all its requests are sent at once and none waits
//! longer than that.
//!
//! [`MAX_TIMEOUT_MS`]: rwa_primitives::worker::MAX_TIMEOUT_MS

use alloc::{collections::BTreeMap, string::String, vec::Vec};

use frame_system::{offchain::SubmitTransaction, pallet_prelude::BlockNumberFor};
use log::Level;
use rwa_primitives::{
	app_key::AppPublic,
	feed::{Batch, FeedId, Statement, Word, MAX_STATEMENTS},
	traits::WorkingTime,
	worker::{SourceConfig, WorkerConfig, CONFIG_KEY, MAX_SOURCES, MAX_SOURCES_PER_FEED},
};
use sp_application_crypto::RuntimeAppPublic;
use sp_core::Encode;
use sp_runtime::{
	offchain::storage::StorageValueRef,
	traits::{CheckedDiv, One, Saturating, Zero},
	BoundedVec, SaturatedConversion,
};

use super::{
	measure::{Inquiry, Task},
	progress::{Claim, Kept, Said, Step},
	watch::LookClaim,
};
use crate::{Call, Config, DutyState, FeedSpecOf, Feeds, Pallet, Phase, RoundOf, Rounds};

/// Target of everything that this pallet logs.
pub const LOG_TARGET: &str = "rwa::oracle";

/// Most requests of one run. They are sent side by side, so this bounds memory (at most 64 KiB each) and
/// connections, not time. A feed's sources are asked in one run, so that it is as many as they can be. With
/// one run a second, a node with the most sources gets through all of them in sixteen blocks at worst.
pub(crate) const MAX_FETCHES_PER_RUN: usize = MAX_SOURCES_PER_FEED;

/// Most duties that one run does something about: four full batches.
const MAX_DUTIES_PER_RUN: usize = 4 * MAX_STATEMENTS as usize;

/// Most blocks over which the reporters of a phase spread.
const MAX_STAGGER: u32 = 4;

/// Settings that can't be read are reported once in this many blocks.
const COMPLAIN_EVERY: u64 = 100;

/// A feed, and where this node gets readings for it: in the operator's order.
pub(crate) type Served<'a> = (FeedId, Vec<&'a SourceConfig>);

/// An app key in this node's keystore, with the operator it acts for.
pub(crate) struct Operator<AccountId> {
	pub(crate) key: AppPublic,
	pub(crate) account: AccountId,
}

/// What an operator says next, claimed by this run.
pub(crate) struct Speech {
	pub(crate) key: AppPublic,
	pub(crate) statement: Statement,
	/// For the log: what is said, as far as everyone may know.
	pub(crate) what: String,
	pub(crate) right: Right,
}

/// The right to say something, which is given back when it was said.
pub(crate) enum Right {
	/// In a round: to say that.
	Duty(Claim, Said),
	/// Before it: to raise an alarm.
	Alarm(LookClaim),
}

impl Right {
	/// Whether the same was said before.
	fn was_used(&self) -> bool {
		match self {
			Self::Duty(claim, said) => claim.has_said(*said),
			Self::Alarm(claim) => claim.has_alarmed(),
		}
	}

	/// It was handed to the pool in `block`.
	fn settle(self, block: u64) {
		match self {
			Self::Duty(claim, said) => claim.settle_said(said, block),
			Self::Alarm(claim) => claim.settle_alarm(),
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Does what is due in `block`. Safe to run twice, or beside another run.
	pub(crate) fn run_worker(block: BlockNumberFor<T>) {
		let block: u64 = block.saturated_into();
		let operators = Self::local_operators();
		if operators.is_empty() {
			log!(Level::Trace, "no app key of an oracle operator in this node");
			return;
		}
		Self::meet_demands(&operators, block);
		let Some(config) = read_config(block) else { return };
		let served = served(&config);
		let feeds = in_turn(&served, block);
		Self::look_for_accusations(&feeds, &operators, block);
		Self::look_for_manipulation(&feeds, &operators, block);
		let tasks = Self::claim_tasks(&feeds, &operators, block);
		let (to_measure, ready): (Vec<_>, Vec<_>) =
			tasks.into_iter().partition(|task| task.step == Step::Measure);
		// What needs no source goes first, lest it wait for one.
		Self::speak(ready.into_iter().filter_map(Self::speech).collect(), block);
		let requests = to_measure.iter().map(|task| task.inquiry.sources.len());
		let room = MAX_FETCHES_PER_RUN.saturating_sub(requests.fold(0, usize::saturating_add));
		let looks = Self::claim_looks(&feeds, &operators, room);
		let (words, alarms) = Self::measure(to_measure, looks, block);
		Self::speak(words, block);
		// Apart from the words: an alarm is refused as soon as others have called the round, and all of its batch
		// with it.
		Self::speak(alarms, block);
	}

	/// The oracle operators whose app keys are in this node's keystore. Validating or not makes no
	/// difference.
	fn local_operators() -> Vec<Operator<T::AccountId>> {
		AppPublic::all()
			.into_iter()
			.filter_map(|key| Some(Operator { account: Self::oracle_of(&key)?, key }))
			.collect()
	}

	/// What this run has to do: duties that are due and that no other run is doing.
	///
	/// Goes by the node's sources and not by the feeds of an operator, so that an operator that left a feed
	/// still serves the round it was drawn for.
	fn claim_tasks<'a>(
		feeds: &[&'a Served<'a>],
		operators: &'a [Operator<T::AccountId>],
		block: u64,
	) -> Vec<Task<'a, T>> {
		let mut requests = 0usize;
		feeds
			.iter()
			.filter_map(|feed| Some((*feed, Rounds::<T>::get(feed.0)?)))
			.flat_map(|(feed, round)| {
				operators.iter().map(move |operator| (feed, round.clone(), operator))
			})
			.filter_map(|(feed, round, operator)| {
				let with_this = requests.saturating_add(feed.1.len());
				let may_measure = with_this <= MAX_FETCHES_PER_RUN;
				let task = Self::claim_task(feed, round, operator, may_measure, block)?;
				if task.step == Step::Measure {
					requests = with_this;
				}
				Some(task)
			})
			.take(MAX_DUTIES_PER_RUN)
			.collect()
	}

	/// What `operator` has to do in `round` now, if anything.
	fn claim_task<'a>(
		(feed, sources): &'a Served<'a>,
		round: RoundOf<T>,
		operator: &'a Operator<T::AccountId>,
		may_measure: bool,
		block: u64,
	) -> Option<Task<'a, T>> {
		let account = &operator.account;
		let commitment = match (round.phase, &round.duty_of(account)?.state) {
			(Phase::Commit, DutyState::Silent) => None,
			(Phase::Reveal, DutyState::Committed(commitment)) => Some(*commitment),
			_ => return None,
		};
		let spec = Feeds::<T>::get(feed)?.spec;
		if !is_turn::<T>(&round, &spec, account) {
			return None;
		}
		let opens = commitment.map(|commitment| {
			let genesis = Self::genesis_hash();
			let index = round.index;
			move |Kept { observation, salt }: &Kept| {
				observation.commitment(&genesis, feed, index, account, salt) == commitment
			}
		});
		let (claim, step) = Claim::take(*feed, account, round.index, block, opens, may_measure)?;
		let inquiry = Inquiry { feed: *feed, spec, sources };
		Some(Task { operator, round, inquiry, claim, step })
	}

	/// What is said without asking anyone.
	fn speech(task: Task<'_, T>) -> Option<Speech> {
		match task.step.clone() {
			Step::Commit(kept) => Some(Self::commit(task, &kept)),
			Step::Abstain => Some(Self::abstain(task)),
			Step::Reveal(kept) => Some(Self::reveal(task, kept)),
			Step::Mourn => {
				log!(
					Level::Warn,
					"this node doesn't know what was committed to {:?}, round {}, and can't reveal it: \
					 its store was removed, or another node has the same key",
					task.inquiry.feed,
					task.round.index,
				);
				task.claim.settle_mourned();
				None
			}
			Step::Measure => None,
		}
	}

	/// The log doesn't say to what: others may read it before they have committed.
	pub(crate) fn commit(task: Task<'_, T>, kept: &Kept) -> Speech {
		let genesis = Self::genesis_hash();
		let Kept { observation, salt } = kept;
		let (index, account) = (task.round.index, &task.operator.account);
		let commitment = observation.commitment(&genesis, &task.inquiry.feed, index, account, salt);
		Speech::new(task, Word::Commit(commitment), Said::Commit, "a commitment".into())
	}

	pub(crate) fn abstain(task: Task<'_, T>) -> Speech {
		Speech::new(task, Word::Abstain, Said::Abstain, "an abstention".into())
	}

	fn reveal(task: Task<'_, T>, kept: Kept) -> Speech {
		let Kept { observation, salt } = kept;
		let what = task.round.schema.show(&observation.reading);
		Speech::new(task, Word::Reveal { observation, salt }, Said::Reveal, what)
	}

	/// Sends what each operator has to say, in as few transactions as hold it.
	fn speak(speeches: Vec<Speech>, block: u64) {
		let mut by_operator = BTreeMap::<AppPublic, Vec<Speech>>::new();
		for speech in speeches {
			by_operator.entry(speech.key.clone()).or_default().push(speech);
		}
		for (key, mut rest) in by_operator {
			while !rest.is_empty() {
				let one_batch = rest.len().min(MAX_STATEMENTS.saturated_into());
				let later = rest.split_off(one_batch);
				Self::say(&key, core::mem::replace(&mut rest, later), block);
			}
		}
	}

	/// Hands one batch to this node's pool.
	///
	/// One statement that is bad by now spoils a batch. So the others are tried alone, before it is put down to
	/// the statement. Then it is no failure: the phase may be over, or an earlier statement be in the pool
	/// still. Whatever it was, the next attempt waits like after one that was lost.
	fn say(key: &AppPublic, speeches: Vec<Speech>, block: u64) {
		let statements = speeches.iter().map(|speech| speech.statement.clone()).collect();
		let taken = Self::submit_batch(key, statements);
		if !taken && speeches.len() > 1 {
			return speeches
				.into_iter()
				.for_each(|speech| Self::say(key, Vec::from([speech]), block));
		}
		for speech in speeches {
			speech.log(taken);
			speech.right.settle(block);
		}
	}

	/// Whether the pool took it.
	fn submit_batch(key: &AppPublic, statements: Vec<Statement>) -> bool {
		// As many as `speak` puts into one.
		let batch = Batch { key: key.clone(), statements: BoundedVec::truncate_from(statements) };
		let Some(signature) = key.sign(&batch.signing_payload(&Self::genesis_hash())) else {
			log!(Level::Warn, "the keystore did not sign: is the key gone?");
			return false;
		};
		let call = Call::<T>::submit { batch, signature };
		let transaction = T::create_authorized_transaction(call.into());
		SubmitTransaction::<T, Call<T>>::submit_transaction(transaction).is_ok()
	}
}

impl Speech {
	fn new<T: Config>(task: Task<'_, T>, word: Word, said: Said, what: String) -> Self {
		let Task { operator, inquiry, round, claim, .. } = task;
		let statement = Statement { feed: inquiry.feed, round: round.index, word };
		Self { key: operator.key.clone(), statement, what, right: Right::Duty(claim, said) }
	}

	/// What is sent again is nothing new.
	fn log(&self, taken: bool) {
		let Statement { feed, round, .. } = self.statement;
		let level = if self.right.was_used() { Level::Debug } else { Level::Info };
		let what = &self.what;
		match taken {
			true => log!(level, "sent {what} to {feed:?}, round {round}"),
			false => log!(
				level,
				"the pool did not take {what} to {feed:?}, round {round}; is this phase over?",
			),
		}
	}
}

/// The node's sources by feed.
fn served(config: &WorkerConfig) -> Vec<Served<'_>> {
	let mut served = BTreeMap::<FeedId, Vec<&SourceConfig>>::new();
	for source in config.oracle.iter().take(MAX_SOURCES) {
		let sources = served.entry(source.feed).or_default();
		if sources.len() < MAX_SOURCES_PER_FEED {
			sources.push(source);
		}
	}
	served.into_iter().collect()
}

/// All feeds, beginning with another one in each block, so that none starves behind busy ones.
fn in_turn<'a>(served: &'a [Served<'a>], block: u64) -> Vec<&'a Served<'a>> {
	let feeds = served.len();
	let first = usize::try_from(block).unwrap_or(0).checked_rem(feeds).unwrap_or(0);
	served.iter().cycle().skip(first).take(feeds).collect()
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

/// Whether `operator` should speak now, if it has to: its turn has come, and the next block isn't too late.
fn is_turn<T: Config>(round: &RoundOf<T>, spec: &FeedSpecOf<T>, operator: &T::AccountId) -> bool {
	let length = match round.phase {
		Phase::Commit => spec.commit_time,
		Phase::Reveal => spec.reveal_time,
	};
	let began = round.deadline.saturating_sub(length);
	let now = T::WorkingTime::now();
	now >= began.saturating_add(stagger::<T>(began, length, operator))
		&& now.saturating_add(One::one()) < round.deadline
}

/// Blocks after a phase's beginning before an operator's turn: at least one, so that the beginning has
/// reached the other nodes before the statement does; then spread, so that not all of a feed's
/// reporters ask and send in one block; within a third of the phase's time.
///
/// The feed makes no difference, so that what an operator says about many of them fits into few batches.
fn stagger<T: Config>(
	began: BlockNumberFor<T>,
	length: BlockNumberFor<T>,
	operator: &T::AccountId,
) -> BlockNumberFor<T> {
	let third: u32 = length.checked_div(&3u32.into()).unwrap_or_else(Zero::zero).saturated_into();
	let hash = sp_io::hashing::twox_64(&(began, operator).encode());
	let turns = third.clamp(1, MAX_STAGGER);
	let turn = u64::from_le_bytes(hash).checked_rem(turns.into()).unwrap_or(0);
	BlockNumberFor::<T>::one().saturating_add(turn.saturated_into())
}
