//! Measuring: a feed's sources are asked together, and what they say becomes one observation.

use alloc::{
	string::{String, ToString},
	vec::Vec,
};
use core::fmt;

use log::Level;
use rwa_primitives::{
	feed::{FeedId, Observation},
	reading::Reading,
	traits::WorkingTime,
	worker::{merge, Expected, ReadingError, SourceConfig},
};
use sp_runtime::{traits::Saturating, SaturatedConversion};

use super::{
	fetch::{scheme_and_host, Fetch, FetchError},
	progress::{Claim, Kept, Step, MAX_FAILURES, RETRY_AFTER},
	sources::{last_used, note_source, note_used, News},
	worker::{Operator, Speech},
};
use crate::{Config, FeedSpecOf, Pallet, RoundOf};

/// A duty of one of this node's operators, claimed by this run.
pub(crate) struct Task<'a, T: Config> {
	pub(crate) operator: &'a Operator<T::AccountId>,
	pub(crate) feed: FeedId,
	pub(crate) round: RoundOf<T>,
	pub(crate) spec: FeedSpecOf<T>,
	/// In the operator's order.
	pub(crate) sources: &'a [&'a SourceConfig],
	pub(crate) claim: Claim,
	/// What is to be done.
	pub(crate) step: Step,
}

/// What a source said.
struct Answer<'a> {
	source: &'a SourceConfig,
	/// Its place in the operator's order.
	place: usize,
	observed: Result<Observation, Failure>,
}

/// Why a source's answer is of no use.
enum Failure {
	Fetch(FetchError),
	Reading(ReadingError),
	/// The feed can't have such a reading: this one.
	OutOfBounds(String),
	/// It is not what the sources say together.
	Differs,
}

impl fmt::Display for Failure {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Fetch(error) => error.fmt(f),
			Self::Reading(error) => error.fmt(f),
			Self::OutOfBounds(reading) => write!(f, "{reading} is outside the feed's bounds"),
			Self::Differs => {
				f.write_str("what it says is not what the feed's sources say together")
			}
		}
	}
}

impl Failure {
	/// The same words as long as the same is wrong.
	fn kind(&self) -> String {
		match self {
			Self::OutOfBounds(_) => "out of bounds".into(),
			other => other.to_string(),
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Asks all sources of all `tasks`, and gives what comes of it: commitments and abstentions.
	pub(crate) fn measure(tasks: Vec<Task<'_, T>>, block: u64) -> Vec<Speech> {
		let conclude = |(task, answers)| Self::conclude(task, answers, block);
		ask_all(tasks).into_iter().filter_map(conclude).collect()
	}

	/// Keeps what was observed before it is committed to.
	fn conclude(mut task: Task<'_, T>, answers: Vec<Answer<'_>>, block: u64) -> Option<Speech> {
		let Some(observation) = observe(&task, &answers, block) else {
			return Self::fail(task, block);
		};
		let evidence = observation.evidence.clone();
		let kept = Kept { observation, salt: sp_io::offchain::random_seed() };
		if !task.claim.keep(kept.clone()) {
			return None;
		}
		if let Some(evidence) = evidence {
			note_used(task.feed, &evidence);
		}
		Some(Self::commit(task, &kept))
	}

	/// There was no reading. Abstains after too many attempts, or if another one would come too late: to be
	/// silent costs more.
	fn fail(mut task: Task<'_, T>, block: u64) -> Option<Speech> {
		if !task.claim.note_failure(block) {
			return None;
		}
		let left: u64 = task.round.deadline.saturating_sub(T::WorkingTime::now()).saturated_into();
		let is_last = left <= RETRY_AFTER.saturating_add(1);
		let failures = task.claim.failures();
		if failures < MAX_FAILURES && !is_last {
			task.claim.release();
			return None;
		}
		if !task.claim.give_up() {
			return None;
		}
		log!(
			Level::Warn,
			"abstaining from {:?}, round {}: no reading in {failures} attempts",
			task.feed,
			task.round.index,
		);
		Some(Self::abstain(task))
	}
}

/// Sends all requests, then waits for each, those that give up first first. So one that is slow
/// takes no time from the others.
fn ask_all<'a, T: Config>(tasks: Vec<Task<'a, T>>) -> Vec<(Task<'a, T>, Vec<Answer<'a>>)> {
	let mut asked: Vec<_> = tasks.into_iter().map(|task| (task, Vec::new())).collect();
	let mut waiting = Vec::new();
	for (number, (task, answers)) in asked.iter_mut().enumerate() {
		for (place, source) in task.sources.iter().copied().enumerate() {
			match start(task, source) {
				Ok(fetch) => waiting.push((number, place, source, fetch)),
				Err(failure) => answers.push(Answer { source, place, observed: Err(failure) }),
			}
		}
	}
	waiting.sort_by_key(|(.., fetch)| fetch.deadline());
	for (number, place, source, fetch) in waiting {
		let Some((task, answers)) = asked.get_mut(number) else { continue };
		let body = fetch.finish().map_err(Failure::Fetch);
		let observed = body.and_then(|body| read(task, source, &body));
		answers.push(Answer { source, place, observed });
	}
	for (_, answers) in &mut asked {
		answers.sort_by_key(|answer| answer.place);
	}
	asked
}

/// Asks a source, unless its answer couldn't be of use.
fn start<'a, T: Config>(
	task: &Task<'_, T>,
	source: &'a SourceConfig,
) -> Result<Fetch<'a>, Failure> {
	if !source.reading.suits(&task.round.schema) {
		return Err(Failure::Reading(ReadingError::WrongKind));
	}
	Fetch::start(source).map_err(Failure::Fetch)
}

/// What `source` says by `body`.
fn read<T: Config>(
	task: &Task<'_, T>,
	source: &SourceConfig,
	body: &[u8],
) -> Result<Observation, Failure> {
	let schema = &task.round.schema;
	let expected = Expected {
		feed: task.feed,
		genesis: Pallet::<T>::genesis_hash(),
		now: sp_io::offchain::timestamp().unix_millis(),
	};
	let used = |device: &_| last_used(task.feed, device);
	let observation =
		source.reading.read(body, schema, &expected, used).map_err(Failure::Reading)?;
	match schema.allows(&observation.reading) {
		true => Ok(observation),
		false => Err(Failure::OutOfBounds(schema.show(&observation.reading))),
	}
}

/// What is reported, if anything. What one device has signed goes before what others say together: evidence
/// is of one measurement.
fn observe<T: Config>(
	task: &Task<'_, T>,
	answers: &[Answer<'_>],
	block: u64,
) -> Option<Observation> {
	let found = || answers.iter().filter_map(|answer| answer.observed.as_ref().ok());
	let signed = found().find(|observation| observation.evidence.is_some()).cloned();
	let readings: Vec<Reading> = found().map(|observation| observation.reading).collect();
	let observation = signed.or_else(|| {
		let reading = merged(task, &readings, block)?;
		Some(Observation { reading, evidence: None })
	});
	for answer in answers {
		let trouble = match &answer.observed {
			Err(failure) => Some(failure),
			Ok(seen) => observation
				.as_ref()
				.filter(|whole| task.spec.rules.same.deviates(&seen.reading, &whole.reading))
				.map(|_| &Failure::Differs),
		};
		log_source(task.feed, answer.source, trouble, block);
	}
	observation
}

/// What the sources say together. `None`: nothing, or they disagree.
fn merged<T: Config>(task: &Task<'_, T>, readings: &[Reading], block: u64) -> Option<Reading> {
	if readings.is_empty() {
		return None;
	}
	let agreed = merge(&task.round.schema, &task.spec.rules, readings);
	let dissent = agreed.as_ref().err();
	let news = note_source(task.feed, "", dissent.map(|_| "dissent"), block);
	match (dissent, news) {
		(Some(dissent), News::Trouble) => {
			log!(Level::Warn, "no reading for {:?}: {dissent}", task.feed);
		}
		(Some(dissent), _) => log!(Level::Debug, "no reading for {:?}: {dissent}", task.feed),
		(None, News::Relief) => log!(Level::Info, "the sources of {:?} agree again", task.feed),
		(None, _) => {}
	}
	agreed.ok()
}

/// Says how a source is doing: at once when that changes, and then now and then.
fn log_source(feed: FeedId, source: &SourceConfig, trouble: Option<&Failure>, block: u64) {
	let kind = trouble.map(Failure::kind);
	let news = note_source(feed, &source.url, kind.as_deref(), block);
	let from = scheme_and_host(&source.url);
	match (trouble, news) {
		(Some(cause), News::Trouble) => {
			log!(Level::Warn, "no use of {from} for {feed:?}: {cause}");
		}
		(Some(cause), _) => log!(Level::Debug, "no use of {from} for {feed:?}: {cause}"),
		(None, News::Relief) => log!(Level::Info, "{from} is of use for {feed:?} again"),
		(None, _) => {}
	}
}
