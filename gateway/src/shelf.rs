//! Everything that is served, and the counts.
//!
//! What is here is on disk. Written by [`crate::intake`] and [`crate::session`], read by
//! [`crate::answer`].

use crate::{
	config::{Device, Settings},
	device::{DeviceRecord, Kept, Refusal},
	store::{Name, Store, StoreError},
	topic::TopicRecord,
};
use rwa_primitives::{device::DeviceKey, feed::FeedId, Moment};
use std::{
	collections::BTreeMap,
	sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

/// One of the two connections to the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Link {
	/// For devices. The broker keeps for us what comes while we are away: each measurement says itself
	/// how old it is.
	Devices,
	/// For instruments without a key. Only what comes while we listen: the age of the rest is unknown.
	Topics,
}

impl Link {
	/// Both.
	pub const ALL: [Self; 2] = [Self::Devices, Self::Topics];

	/// As log lines and `/health` name it.
	pub fn name(self) -> &'static str {
		match self {
			Self::Devices => "devices",
			Self::Topics => "topics",
		}
	}

	/// Whether there is an entry that needs it.
	pub fn is_wanted(self, settings: &Settings) -> bool {
		match self {
			Self::Devices => !settings.devices.is_empty(),
			Self::Topics => !settings.topics.is_empty(),
		}
	}
}

/// How a connection is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkState {
	/// Whether the broker has accepted us, and all subscriptions are answered.
	pub connected: bool,
	/// Why not, if it isn't the first attempt.
	pub error: Option<String>,
	/// What the broker doesn't let us read.
	pub refused_topics: Vec<String>,
}

/// All of it. Bounded by the settings.
#[derive(Debug, Default)]
pub struct Content {
	/// By key: every device of the settings of which something is known.
	pub devices: BTreeMap<DeviceKey, DeviceRecord>,
	/// By name: every topic of the settings of which something is known.
	pub topics: BTreeMap<String, TopicRecord>,
	/// Messages kept since the start.
	pub accepted: u64,
	/// Messages not kept since the start.
	pub refused: BTreeMap<Refusal, u64>,
	/// The connections that are wanted.
	pub links: BTreeMap<Link, LinkState>,
	/// Why the last message could not be written.
	pub store_error: Option<String>,
}

/// What a reader gets for a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found<T> {
	/// This.
	Fresh(T),
	/// Nothing yet.
	Nothing,
	/// Something too old. Milliseconds, if they are known.
	Stale(Option<Moment>),
	/// No entry is about it.
	Unknown,
}

/// Shared by all parts of the program.
#[derive(Debug)]
pub struct Shelf {
	settings: Arc<Settings>,
	content: RwLock<Content>,
}

impl Shelf {
	/// With what is on disk.
	///
	/// # Errors
	/// If a file can't be read or is damaged: better no gateway than one that has forgotten a counter.
	pub fn load(settings: Arc<Settings>, store: &Store) -> Result<Self, StoreError> {
		let mut content = Content::default();
		for Device { key, rules, .. } in &settings.devices {
			let name = Name::Device(key.clone());
			let Some(text) = store.read(&name)? else { continue };
			let record = DeviceRecord::from_json(&text, key, &settings.genesis, rules.history)
				.map_err(|reason| store.damaged(&name, reason))?;
			content.devices.insert(key.clone(), record);
		}
		for topic in &settings.topics {
			let name = Name::Topic(topic.name.clone());
			let Some(text) = store.read(&name)? else { continue };
			let record = TopicRecord::from_json(&text, crate::config::MAX_TOPIC_BYTES)
				.map_err(|reason| store.damaged(&name, reason))?;
			content.topics.insert(topic.name.clone(), record);
		}
		let links = Link::ALL.into_iter().filter(|link| link.is_wanted(&settings));
		content.links = links.map(|link| (link, LinkState::default())).collect();
		Ok(Self { settings, content: RwLock::new(content) })
	}

	/// The settings.
	pub fn settings(&self) -> &Settings {
		&self.settings
	}

	/// To read several things that belong together.
	pub fn read(&self) -> RwLockReadGuard<'_, Content> {
		self.content.read().unwrap_or_else(PoisonError::into_inner)
	}

	/// To change several things at once. Nothing that can wait or fail belongs in between.
	pub fn write(&self) -> RwLockWriteGuard<'_, Content> {
		self.content.write().unwrap_or_else(PoisonError::into_inner)
	}

	/// The newest measurement for a feed that isn't too old, of all devices that serve it.
	pub fn feed(&self, feed: &FeedId, now: Moment) -> Found<Kept> {
		let content = self.read();
		let serving =
			self.settings.devices.iter().filter(|device| device.rules.feeds.contains(feed));
		let mut found = Found::Unknown;
		for device in serving {
			let newest = content.devices.get(&device.key).and_then(|record| record.newest(feed));
			found = match newest {
				Some(kept) => better(found, kept, device.max_age, now),
				None if found == Found::Unknown => Found::Nothing,
				None => found,
			};
		}
		found
	}

	/// The last message of a topic, if it isn't too old.
	pub fn topic(&self, name: &str, now: Moment) -> Found<String> {
		let Some(topic) = self.settings.topics.iter().find(|topic| topic.name == name) else {
			return Found::Unknown;
		};
		let content = self.read();
		let Some(record) = content.topics.get(name) else { return Found::Nothing };
		match record.age(now) {
			Some(age) if age <= topic.max_age => Found::Fresh(record.text.clone()),
			age => Found::Stale(age),
		}
	}
}

/// Of what was found so far and `kept`, the newer.
fn better(found: Found<Kept>, kept: &Kept, max_age: Moment, now: Moment) -> Found<Kept> {
	let order = |kept: &Kept| (kept.signed.measurement.taken_at, kept.signed.measurement.counter);
	let age = now.saturating_sub(kept.signed.measurement.taken_at);
	match found {
		Found::Fresh(other) if order(&other) >= order(kept) || age > max_age => Found::Fresh(other),
		_ if age <= max_age => Found::Fresh(kept.clone()),
		Found::Stale(Some(other)) => Found::Stale(Some(other.min(age))),
		_ => Found::Stale(Some(age)),
	}
}
