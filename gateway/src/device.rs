//! What is kept of one device, and what is refused.
//!
//! ```text
//! message ─▶ read ─▶ known device, its topic ─▶ signature ─▶ counter seen? ─▶ feed ─▶ counter above ─▶ time ─▶ kept
//!                                                             │ same: duplicate
//!                                                             └ other: evidence
//! ```
//!
//! Pure: no clock, no disk, no network.

use rwa_primitives::{
	device::{DeviceKey, Measurement, SignedMeasurement},
	feed::FeedId,
	Moment,
};
use serde::{Deserialize, Serialize};
use sp_core::H256;
use std::collections::{BTreeMap, VecDeque};

/// Most contradictions that are kept of one device. The first condemns it.
pub const MAX_EVIDENCE: usize = 4;

/// Why a message isn't kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
	/// No signed measurement in JSON.
	Malformed,
	/// No `[[device]]` has this key.
	UnknownDevice,
	/// The device doesn't send on this topic, by its entry, or no entry asks for the topic.
	WrongTopic,
	/// The device named didn't sign this, or not for this chain.
	BadSignature,
	/// The device doesn't serve this feed, by its entry.
	WrongFeed,
	/// What was taken already: brokers repeat what they aren't sure of.
	Duplicate,
	/// Another measurement with this counter was taken. Kept as evidence.
	Contradiction,
	/// A newer counter was seen: a replay, or out of order.
	OldCounter,
	/// Taken longer ago than the entry allows.
	TooOld,
	/// Taken later than now by more than the entry allows.
	InFuture,
	/// More bytes than the entry allows.
	TooLarge,
	/// Kept by the broker for an unknown time.
	Retained,
}

impl Refusal {
	/// As counts and log lines name it.
	pub fn name(self) -> &'static str {
		match self {
			Self::Malformed => "malformed",
			Self::UnknownDevice => "unknown_device",
			Self::WrongTopic => "wrong_topic",
			Self::BadSignature => "bad_signature",
			Self::WrongFeed => "wrong_feed",
			Self::Duplicate => "duplicate",
			Self::Contradiction => "contradiction",
			Self::OldCounter => "old_counter",
			Self::TooOld => "too_old",
			Self::InFuture => "in_future",
			Self::TooLarge => "too_large",
			Self::Retained => "retained",
		}
	}

	/// What to do about it, for the log. `None`: nothing, it is in the nature of MQTT.
	pub fn advice(self) -> Option<&'static str> {
		match self {
			Self::Malformed => Some("not what docs/gateway.md describes; look at what is sent"),
			Self::UnknownDevice => Some("add a [[device]] with its key, or narrow the topics"),
			Self::WrongTopic => Some("compare with `topic` of the entry"),
			Self::BadSignature => {
				Some("signed by another key, or for another chain: see `genesis`")
			}
			Self::WrongFeed => Some("compare with `feeds` of the [[device]]"),
			Self::Contradiction => {
				Some("the device signed two measurements with one counter: see /evidence")
			}
			Self::OldCounter => Some("somebody replays, or the device lost its counter"),
			Self::TooOld => Some("compare the device's clock with ours, and see `max_skew_s`"),
			Self::InFuture => Some("the device's clock is ahead of ours"),
			Self::TooLarge => Some("see `max_bytes`"),
			Self::Duplicate | Self::Retained => None,
		}
	}
}

/// What an entry says about a device.
#[derive(Clone, Debug)]
pub struct Rules {
	/// The feeds that it serves.
	pub feeds: Vec<FeedId>,
	/// Milliseconds that `taken_at` may be from our clock, either way.
	pub max_skew: Moment,
	/// Measurements kept of each feed.
	pub history: usize,
}

/// A measurement, and when it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
	/// Verified.
	pub signed: SignedMeasurement,
	/// By our clock.
	pub received_at: Moment,
}

/// Two different measurements that one device signed with one counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
	/// The one that was taken.
	pub first: SignedMeasurement,
	/// The one that was not.
	pub second: SignedMeasurement,
}

/// All that is kept of one device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceRecord {
	counter: Option<u64>,
	feeds: BTreeMap<FeedId, VecDeque<Kept>>,
	evidence: Vec<Evidence>,
}

/// What became of a message, and whether the record is another now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
	/// Kept, or why not.
	pub outcome: Result<(), Refusal>,
	/// Whether it has to be written.
	pub changed: bool,
}

impl DeviceRecord {
	/// The highest counter taken.
	pub fn counter(&self) -> Option<u64> {
		self.counter
	}

	/// The newest measurement for a feed.
	pub fn newest(&self, feed: &FeedId) -> Option<&Kept> {
		self.feeds.get(feed)?.back()
	}

	/// What is kept for each feed, oldest first.
	pub fn feeds(&self) -> impl Iterator<Item = (&FeedId, &VecDeque<Kept>)> {
		self.feeds.iter()
	}

	/// What condemns the device.
	pub fn evidence(&self) -> &[Evidence] {
		&self.evidence
	}

	/// Takes a measurement whose signature was verified, or says why not.
	pub fn take(&mut self, signed: SignedMeasurement, rules: &Rules, now: Moment) -> Verdict {
		let (changed, outcome) = match self.refuse(&signed.measurement, rules, now) {
			Some(Refusal::Contradiction) => {
				(self.keep_evidence(signed), Err(Refusal::Contradiction))
			}
			Some(refusal) => (false, Err(refusal)),
			None => {
				self.keep(Kept { signed, received_at: now }, rules.history);
				(true, Ok(()))
			}
		};
		Verdict { outcome, changed }
	}

	/// Contradictions first: they condemn a device whatever feed and time it names.
	fn refuse(&self, new: &Measurement, rules: &Rules, now: Moment) -> Option<Refusal> {
		let newest_allowed = now.saturating_add(rules.max_skew);
		match self.with_counter(new.counter) {
			Some(seen) if seen.measurement == *new => Some(Refusal::Duplicate),
			Some(_) => Some(Refusal::Contradiction),
			None if !rules.feeds.contains(&new.feed) => Some(Refusal::WrongFeed),
			None if self.counter.is_some_and(|seen| new.counter <= seen) => {
				Some(Refusal::OldCounter)
			}
			None if new.taken_at > newest_allowed => Some(Refusal::InFuture),
			None if new.taken_at < now.saturating_sub(rules.max_skew) => Some(Refusal::TooOld),
			None => None,
		}
	}

	fn with_counter(&self, counter: u64) -> Option<&SignedMeasurement> {
		let all = self.feeds.values().flatten().map(|kept| &kept.signed);
		let mut all = all.chain(self.evidence.iter().map(|evidence| &evidence.first));
		all.find(|signed| signed.measurement.counter == counter)
	}

	fn keep(&mut self, kept: Kept, history: usize) {
		let Measurement { feed, counter, .. } = kept.signed.measurement;
		self.counter = Some(counter);
		let of_feed = self.feeds.entry(feed).or_default();
		of_feed.push_back(kept);
		while of_feed.len() > history.max(1) {
			of_feed.pop_front();
		}
	}

	/// Whether it is new: one contradiction of a counter is enough.
	fn keep_evidence(&mut self, second: SignedMeasurement) -> bool {
		let counter = second.measurement.counter;
		let known = |evidence: &Evidence| evidence.first.measurement.counter == counter;
		if self.evidence.len() >= MAX_EVIDENCE || self.evidence.iter().any(known) {
			return false;
		}
		let Some(first) = self.with_counter(counter).cloned() else { return false };
		self.evidence.push(Evidence { first, second });
		true
	}
}

/// The form on disk. Measurements are in the JSON that devices send: the one form that stays.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
	device: String,
	genesis: H256,
	counter: Option<u64>,
	kept: Vec<KeptForm>,
	evidence: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptForm {
	received_at: Moment,
	signed: String,
}

impl DeviceRecord {
	/// What is written to disk.
	pub fn to_json(&self, device: &DeviceKey, genesis: &H256) -> String {
		let kept = self
			.feeds
			.values()
			.flatten()
			.map(|kept| KeptForm { received_at: kept.received_at, signed: kept.signed.to_json() });
		let evidence = self
			.evidence
			.iter()
			.map(|Evidence { first, second }| (first.to_json(), second.to_json()));
		let form = Form {
			device: device.to_string(),
			genesis: *genesis,
			counter: self.counter,
			kept: kept.collect(),
			evidence: evidence.collect(),
		};
		// Plain fields: nothing here can fail.
		serde_json::to_string(&form).unwrap_or_default()
	}

	/// From what was written. Checks all of it as if it came from outside, signatures too.
	///
	/// # Errors
	/// Says what is wrong.
	pub fn from_json(
		text: &str,
		device: &DeviceKey,
		genesis: &H256,
		history: usize,
	) -> Result<Self, String> {
		let form = serde_json::from_str::<Form>(text).map_err(|error| error.to_string())?;
		if form.genesis != *genesis {
			return Err(format!("it belongs to the chain {:?}", form.genesis));
		}
		if form.device != device.to_string() {
			return Err("it belongs to another device".into());
		}
		let mut record = Self::default();
		for KeptForm { received_at, signed } in &form.kept {
			let signed = verified(signed, device, genesis)?;
			if form.counter.is_none_or(|counter| signed.measurement.counter > counter) {
				return Err("a counter in it is above the highest".into());
			}
			record.keep(Kept { signed, received_at: *received_at }, history);
		}
		for (first, second) in &form.evidence {
			let first = verified(first, device, genesis)?;
			let second = verified(second, device, genesis)?;
			if !first.condemns(&second, genesis) {
				return Err("what it holds as evidence is none".into());
			}
			record.evidence.push(Evidence { first, second });
		}
		record.counter = form.counter;
		Ok(record)
	}
}

fn verified(json: &str, device: &DeviceKey, genesis: &H256) -> Result<SignedMeasurement, String> {
	let signed =
		SignedMeasurement::from_json(json.as_bytes()).map_err(|error| error.to_string())?;
	if signed.measurement.device != *device || !signed.verify(genesis) {
		return Err("a signature in it is not the device's".into());
	}
	Ok(signed)
}
