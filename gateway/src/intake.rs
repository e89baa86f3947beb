//! From messages to the shelf.
//!
//! Several messages are taken together, so that many small ones cost one write of each file that they
//! concern. All of them are on disk before any is served or acknowledged.

use crate::{
	config::{Device, Settings, Topic},
	device::{DeviceRecord, Refusal},
	shelf::{Link, Shelf},
	store::{Name, Store, StoreError},
	topic::TopicRecord,
};
use log::{error, info, warn};
use rwa_primitives::{
	device::{DeviceKey, MeasurementError, SignedMeasurement},
	Moment,
};
use std::{
	collections::{BTreeMap, BTreeSet},
	sync::Arc,
	time::{Duration, Instant},
};

/// An entry is mentioned in the log at most this often, whatever it sends.
const QUIET: Duration = Duration::from_secs(60);

/// What the broker passed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message<'a> {
	/// Over which connection.
	pub link: Link,
	/// Where it was published. MQTT wants UTF-8; whether it is isn't sure.
	pub topic: &'a [u8],
	/// What.
	pub payload: &'a [u8],
	/// Whether the broker had kept it for whoever subscribes.
	pub retained: bool,
}

/// Whom an outcome is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
	/// A device of the settings.
	Device(DeviceKey),
	/// A topic of the settings.
	Topic(String),
	/// Nobody that the settings know.
	Others(Link),
}

/// What became of a message, for one entry.
pub type Outcome = (About, Result<(), Refusal>);

/// Takes messages. There is one.
pub struct Intake {
	settings: Arc<Settings>,
	by_key: BTreeMap<DeviceKey, usize>,
	store: Store,
	shelf: Arc<Shelf>,
	journal: BTreeMap<About, Mention>,
}

/// What was logged last about somebody.
struct Mention {
	outcome: Result<(), Refusal>,
	at: Instant,
}

/// What a batch changes.
#[derive(Default)]
struct Draft {
	devices: BTreeMap<DeviceKey, DeviceRecord>,
	topics: BTreeMap<String, TopicRecord>,
	changed: BTreeSet<DeviceKey>,
	outcomes: Vec<Outcome>,
}

impl Intake {
	/// For everything in the settings.
	pub fn new(settings: Arc<Settings>, store: Store, shelf: Arc<Shelf>) -> Self {
		let keys = settings.devices.iter().enumerate();
		let by_key = keys.map(|(index, device)| (device.key.clone(), index)).collect();
		Self { settings, by_key, store, shelf, journal: BTreeMap::new() }
	}

	/// Takes these, in order. Says what became of each.
	///
	/// # Errors
	/// If something can't be written. Then none may be acknowledged; those that come again are taken or
	/// recognised.
	pub fn take(&mut self, batch: &[Message], now: Moment) -> Result<Vec<Outcome>, StoreError> {
		let mut draft = Draft::default();
		for message in batch {
			match message.link {
				Link::Devices => self.measurement(message, &mut draft, now),
				Link::Topics => self.text(message, &mut draft, now),
			}
		}
		let written = self.commit(draft);
		self.note_store(written.as_ref().err());
		let outcomes = written?;
		for outcome in &outcomes {
			self.mention(outcome);
		}
		Ok(outcomes)
	}

	/// A message that should be a signed measurement.
	fn measurement(&self, message: &Message, draft: &mut Draft, now: Moment) {
		let (device, signed) = match self.read(message) {
			Ok(found) => found,
			Err(outcome) => return draft.outcomes.push((outcome.0, Err(outcome.1))),
		};
		let about = About::Device(device.key.clone());
		if !signed.verify(&self.settings.genesis) {
			return draft.outcomes.push((about, Err(Refusal::BadSignature)));
		}
		let known = || self.shelf.read().devices.get(&device.key).cloned().unwrap_or_default();
		let record = draft.devices.entry(device.key.clone()).or_insert_with(known);
		let verdict = record.take(signed, &device.rules, now);
		if verdict.changed {
			draft.changed.insert(device.key.clone());
		}
		draft.outcomes.push((about, verdict.outcome));
	}

	/// The measurement and its device. Cheap refusals first; the signature isn't checked.
	fn read(&self, message: &Message) -> Result<(&Device, SignedMeasurement), (About, Refusal)> {
		let others = |refusal| (About::Others(Link::Devices), refusal);
		let topic = std::str::from_utf8(message.topic).map_err(|_| others(Refusal::WrongTopic))?;
		let asked_for = self.settings.devices.iter().any(|device| device.filter.matches(topic));
		if !asked_for {
			return Err(others(Refusal::WrongTopic));
		}
		let signed = SignedMeasurement::from_json(message.payload).map_err(|error| {
			others(match error {
				MeasurementError::TooLong => Refusal::TooLarge,
				_ => Refusal::Malformed,
			})
		})?;
		let index = self.by_key.get(&signed.measurement.device);
		let device = index.and_then(|index| self.settings.devices.get(*index));
		let device = device.ok_or_else(|| others(Refusal::UnknownDevice))?;
		if !device.filter.matches(topic) {
			// Not the device's fault: nobody knows yet who sent it.
			return Err(others(Refusal::WrongTopic));
		}
		Ok((device, signed))
	}

	/// A message of an instrument without a key, for each entry that asks for it.
	fn text(&self, message: &Message, draft: &mut Draft, now: Moment) {
		let topic = std::str::from_utf8(message.topic).unwrap_or_default();
		let mut asked_for = false;
		for Topic { name, filter, max_bytes, .. } in &self.settings.topics {
			if !filter.matches(topic) {
				continue;
			}
			asked_for = true;
			let taken = match message.retained {
				true => Err(Refusal::Retained),
				false => TopicRecord::take(message.payload, *max_bytes, now),
			};
			let outcome = taken.map(|record| drop(draft.topics.insert(name.clone(), record)));
			draft.outcomes.push((About::Topic(name.clone()), outcome));
		}
		if !asked_for {
			draft.outcomes.push((About::Others(Link::Topics), Err(Refusal::WrongTopic)));
		}
	}

	/// Onto the disk, then onto the shelf.
	fn commit(&self, draft: Draft) -> Result<Vec<Outcome>, StoreError> {
		let Draft { mut devices, topics, changed, outcomes } = draft;
		devices.retain(|key, _| changed.contains(key));
		for (key, record) in &devices {
			let body = record.to_json(key, &self.settings.genesis);
			self.store.write(&Name::Device(key.clone()), &body)?;
		}
		for (name, record) in &topics {
			self.store.write(&Name::Topic(name.clone()), &record.to_json())?;
		}
		let mut content = self.shelf.write();
		content.devices.extend(devices);
		content.topics.extend(topics);
		for (_, outcome) in &outcomes {
			let count = match outcome {
				Ok(()) => &mut content.accepted,
				Err(refusal) => content.refused.entry(*refusal).or_default(),
			};
			*count = count.saturating_add(1);
		}
		drop(content);
		Ok(outcomes)
	}

	/// Once when writing begins to fail, or fails otherwise, and once when it works again.
	fn note_store(&self, error: Option<&StoreError>) {
		let error = error.map(ToString::to_string);
		let mut content = self.shelf.write();
		if content.store_error == error {
			return;
		}
		content.store_error.clone_from(&error);
		drop(content);
		match error {
			Some(error) => error!("can't keep what comes: {error}"),
			None => info!("can keep what comes again"),
		}
	}

	/// Once per change, and not more often than [`QUIET`]; the counts tell the rest.
	fn mention(&mut self, (about, outcome): &Outcome) {
		let last = self.journal.get(about);
		let same = last.is_some_and(|last| last.outcome == *outcome);
		let recent = last.is_some_and(|last| last.at.elapsed() < QUIET);
		let advice = match outcome {
			Ok(()) => None,
			Err(refusal) => match refusal.advice() {
				Some(advice) => Some((refusal.name(), advice)),
				None => return,
			},
		};
		// What condemns a device is said in any case: there are at most a few of it.
		let condemns = *outcome == Err(Refusal::Contradiction) && !same;
		if same || (recent && !condemns) {
			return;
		}
		match (advice, about) {
			(None, about) => info!("{about}: accepted"),
			(Some((name, advice)), about) => warn!("{about}: refused as {name}: {advice}"),
		}
		self.journal.insert(about.clone(), Mention { outcome: *outcome, at: Instant::now() });
	}
}

impl std::fmt::Display for About {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		match self {
			Self::Device(key) => write!(f, "device {key}"),
			Self::Topic(name) => write!(f, "topic {name}"),
			Self::Others(link) => write!(f, "others, among {}", link.name()),
		}
	}
}
