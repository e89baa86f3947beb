//! Measuring: a feed's sources are asked together, and what they say becomes one observation.

use alloc::{
	string::{String, ToString},
	vec::Vec,
};
use core::fmt;

use log::Level;
use rwa_primitives::{
	feed::{Evidence, EvidenceRule, FeedId, Observation},
	reading::Reading,
	traits::WorkingTime,
	worker::{merge, Expected, Found, ReadingError, ReadingRule, SourceConfig},
};
use sp_runtime::{traits::Saturating, SaturatedConversion};

use super::{
	devices::DeviceFault,
	fetch::{scheme_and_host, Fetch, FetchError},
	progress::{Claim, Kept, Step, MAX_FAILURES, RETRY_AFTER},
	sources::{last_used, note_source, note_used, News},
	watch::Look,
	worker::{Operator, Speech},
};
use crate::{Config, FeedSpecOf, Pallet, RoundOf};

/// What is to be measured, and where.
pub(crate) struct Inquiry<'a, T: Config> {
	pub(crate) feed: FeedId,
	/// The feed's. A round's schema is its feed's.
	pub(crate) spec: FeedSpecOf<T>,
	/// In the operator's order.
	pub(crate) sources: &'a [&'a SourceConfig],
}

/// A duty of one of this node's operators, claimed by this run.
pub(crate) struct Task<'a, T: Config> {
	pub(crate) operator: &'a Operator<T::AccountId>,
	pub(crate) round: RoundOf<T>,
	pub(crate) inquiry: Inquiry<'a, T>,
	pub(crate) claim: Claim,
	/// What is to be done.
	pub(crate) step: Step,
}

/// What a source said.
struct Answer<'a> {
	source: &'a SourceConfig,
	/// Its place in the operator's order.
	place: usize,
	found: Result<Found, Failure>,
}

/// Why a source's answer is of no use.
enum Failure {
	Fetch(FetchError),
	Reading(ReadingError),
	/// The feed can't have such a reading: this one.
	OutOfBounds(String),
	/// It is not what the sources say together.
	Differs,
	/// The chain would not take what the device has signed.
	Device(DeviceFault),
	/// The feed takes only what a device has signed, and this source has nothing of that kind.
	Unsigned,
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
			Self::Device(fault) => f.write_str(fault.as_str()),
			Self::Unsigned => f.write_str("the feed takes only what a device has signed"),
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
	/// Asks all sources of all `tasks` and `looks` together, and gives what comes of it: commitments and
	/// abstentions, and alarms.
	pub(crate) fn measure(
		tasks: Vec<Task<'_, T>>,
		looks: Vec<Look<'_, T>>,
		block: u64,
	) -> (Vec<Speech>, Vec<Speech>) {
		let of_tasks = tasks.iter().map(|task| &task.inquiry);
		let inquiries: Vec<_> = of_tasks.chain(looks.iter().map(|look| &look.inquiry)).collect();
		let mut answers = ask_all(&inquiries).into_iter();
		let words = tasks
			.into_iter()
			.zip(answers.by_ref())
			.filter_map(|(task, answers)| Self::conclude(task, answers, block))
			.collect();
		let alarms = looks
			.into_iter()
			.zip(answers)
			.filter_map(|(look, answers)| {
				let seen = observe(&look.inquiry, &answers, block);
				look.conclude(seen.map(|found| found.observation), block)
			})
			.collect();
		(words, alarms)
	}

	/// Keeps what was observed before it is committed to, and before that what it rests on: without that, the operator
	/// could not defend it.
	fn conclude(mut task: Task<'_, T>, answers: Vec<Answer<'_>>, block: u64) -> Option<Speech> {
		let Some(Found { observation, signed }) = observe(&task.inquiry, &answers, block) else {
			return Self::fail(task, block);
		};
		let evidence = observation.evidence.clone();
		if let Some(signed) = signed {
			let account = &task.operator.account;
			Self::keep_basis(task.inquiry.feed, account, task.round.index, signed);
		}
		let kept = Kept { observation, salt: sp_io::offchain::random_seed() };
		if !task.claim.keep(kept.clone()) {
			return None;
		}
		if let Some(measurement) = evidence.as_ref().and_then(Evidence::measurement) {
			note_used(task.inquiry.feed, measurement);
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
			task.inquiry.feed,
			task.round.index,
		);
		Some(Self::abstain(task))
	}
}

/// Sends all requests, then waits for each, those that give up first first. So one that is slow
/// takes no time from the others.
fn ask_all<'a, T: Config>(inquiries: &[&Inquiry<'a, T>]) -> Vec<Vec<Answer<'a>>> {
	let mut asked: Vec<Vec<Answer<'a>>> = inquiries.iter().map(|_| Vec::new()).collect();
	let mut waiting = Vec::new();
	for (number, (inquiry, answers)) in inquiries.iter().zip(&mut asked).enumerate() {
		for (place, source) in inquiry.sources.iter().copied().enumerate() {
			match start(inquiry, source) {
				Ok(fetch) => waiting.push((number, place, source, fetch)),
				Err(failure) => answers.push(Answer { source, place, found: Err(failure) }),
			}
		}
	}
	waiting.sort_by_key(|(.., fetch)| fetch.deadline());
	for (number, place, source, fetch) in waiting {
		let Some((inquiry, answers)) = inquiries.get(number).zip(asked.get_mut(number)) else {
			continue;
		};
		let body = fetch.finish().map_err(Failure::Fetch);
		let found = body.and_then(|body| read(inquiry, source, &body));
		answers.push(Answer { source, place, found });
	}
	for answers in &mut asked {
		answers.sort_by_key(|answer| answer.place);
	}
	asked
}

/// Asks a source, unless its answer couldn't be of use.
fn start<'a, T: Config>(
	inquiry: &Inquiry<'_, T>,
	source: &'a SourceConfig,
) -> Result<Fetch<'a>, Failure> {
	if !source.reading.suits(&inquiry.spec.schema) {
		return Err(Failure::Reading(ReadingError::WrongKind));
	}
	let signs = matches!(source.reading, ReadingRule::Signed(_));
	if inquiry.spec.evidence == EvidenceRule::Required && !signs {
		return Err(Failure::Unsigned);
	}
	Fetch::start(source).map_err(Failure::Fetch)
}

/// What `source` says by `body`.
fn read<T: Config>(
	inquiry: &Inquiry<'_, T>,
	source: &SourceConfig,
	body: &[u8],
) -> Result<Found, Failure> {
	let (feed, schema) = (inquiry.feed, &inquiry.spec.schema);
	let expected = Expected {
		feed,
		genesis: Pallet::<T>::genesis_hash(),
		now: sp_io::offchain::timestamp().unix_millis(),
	};
	let used = |device: &_| last_used(feed, device);
	let found = source.read(body, schema, &expected, used).map_err(Failure::Reading)?;
	let reading = &found.observation.reading;
	if !schema.allows(reading) {
		return Err(Failure::OutOfBounds(schema.show(reading)));
	}
	if let Some(signed) = &found.signed {
		Pallet::<T>::check_device(&signed.measurement).map_err(Failure::Device)?;
	}
	Ok(found)
}

/// What is reported, if anything. What one device has signed goes before what others say together: evidence
/// is of one measurement.
fn observe<T: Config>(
	inquiry: &Inquiry<'_, T>,
	answers: &[Answer<'_>],
	block: u64,
) -> Option<Found> {
	let found = || answers.iter().filter_map(|answer| answer.found.as_ref().ok());
	let signed = found().find(|found| found.signed.is_some()).cloned();
	let readings: Vec<Reading> = found().map(|found| found.observation.reading).collect();
	let whole = signed.or_else(|| {
		let reading = merged(inquiry, &readings, block)?;
		// What the answer rests on, if a source that says the same names it.
		let mut same = found().filter(|found| found.observation.reading == reading);
		let evidence = same.find_map(|found| found.observation.evidence.clone());
		Some(Found { observation: Observation { reading, evidence }, signed: None })
	});
	let reported = whole.as_ref().map(|whole| whole.observation.reading);
	for answer in answers {
		let trouble = match &answer.found {
			Err(failure) => Some(failure),
			Ok(seen) => reported
				.filter(|whole| inquiry.spec.rules.same.deviates(&seen.observation.reading, whole))
				.map(|_| &Failure::Differs),
		};
		log_source(inquiry.feed, answer.source, trouble, block);
	}
	whole
}

/// What the sources say together. `None`: nothing, or they disagree.
fn merged<T: Config>(
	inquiry: &Inquiry<'_, T>,
	readings: &[Reading],
	block: u64,
) -> Option<Reading> {
	if readings.is_empty() {
		return None;
	}
	let (feed, spec) = (inquiry.feed, &inquiry.spec);
	let agreed = merge(&spec.schema, &spec.rules, readings);
	let dissent = agreed.as_ref().err();
	let news = note_source(feed, "", dissent.map(|_| "dissent"), block);
	match (dissent, news) {
		(Some(dissent), News::Trouble) => {
			log!(Level::Warn, "no reading for {feed:?}: {dissent}");
		}
		(Some(dissent), _) => log!(Level::Debug, "no reading for {feed:?}: {dissent}"),
		(None, News::Relief) => log!(Level::Info, "the sources of {feed:?} agree again"),
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
