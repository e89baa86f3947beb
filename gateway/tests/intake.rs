//! What is taken, what is refused, and what is left of it after a restart. Without a network.

mod common;

use common::{Device, FEED, GENESIS};
use proptest::prelude::*;
use rwa_gateway::{
	config::{Broker, Device as Entry, Settings, Topic},
	device::{Refusal, Rules, MAX_EVIDENCE},
	intake::{About, Intake, Message},
	shelf::{Found, Link, Shelf},
	store::{Store, StoreError},
};
use rwa_primitives::{
	device::{Measurement, SignedMeasurement},
	feed::{FeedId, SourceKind},
	reading::Reading,
	Moment,
};
use sp_core::H256;
use std::{fs, os::unix::fs::symlink, path::Path, sync::Arc, time::Duration};

const NOW: Moment = 1_764_100_000_000;
const SKEW: Moment = 600_000;
const MAX_AGE: Moment = 3_600_000;
const HISTORY: usize = 3;
const TOPIC: &str = "farm/1/signed";
const OTHER_FEED: FeedId = FeedId { asset: 2, source: SourceKind::GpsTracker };

fn entry(device: &Device) -> Entry {
	let rules = Rules { feeds: vec![FEED], max_skew: SKEW, history: HISTORY };
	Entry { key: device.key(), filter: "farm/+/signed".parse().unwrap(), rules, max_age: MAX_AGE }
}

fn settings(folder: &Path, devices: &[Device]) -> Settings {
	let level = Topic {
		name: "level".into(),
		filter: "rivers/#".parse().unwrap(),
		max_age: MAX_AGE,
		max_bytes: 100,
	};
	Settings {
		genesis: GENESIS,
		broker: Broker {
			host: "localhost".into(),
			port: 1,
			client_id: "gateway".into(),
			login: None,
			tls: None,
			keep_alive: Duration::from_secs(30),
			max_retry: Duration::from_secs(60),
		},
		listen: ([127, 0, 0, 1], 0).into(),
		store: folder.into(),
		devices: devices.iter().map(entry).collect(),
		topics: vec![level],
	}
}

/// A gateway without its connections.
struct Stage {
	intake: Intake,
	shelf: Arc<Shelf>,
}

impl Stage {
	fn open(settings: Settings) -> Result<Self, StoreError> {
		let settings = Arc::new(settings);
		let store = Store::open(&settings.store)?;
		let shelf = Arc::new(Shelf::load(settings.clone(), &store)?);
		Ok(Self { intake: Intake::new(settings, store, shelf.clone()), shelf })
	}

	fn take_at(&mut self, topic: &str, payload: &[u8], now: Moment) -> Result<(), Refusal> {
		let topic = topic.as_bytes();
		let message = Message { link: Link::Devices, topic, payload, retained: false };
		self.intake.take(&[message], now).unwrap().remove(0).1
	}

	fn take(&mut self, signed: &SignedMeasurement) -> Result<(), Refusal> {
		self.take_at(TOPIC, signed.to_json().as_bytes(), NOW)
	}

	fn newest(&self) -> Option<SignedMeasurement> {
		match self.shelf.feed(&FEED, NOW) {
			Found::Fresh(kept) => Some(kept.signed),
			_ => None,
		}
	}
}

fn stage(devices: &[Device]) -> (tempfile::TempDir, Stage) {
	let folder = tempfile::tempdir().unwrap();
	let stage = Stage::open(settings(folder.path(), devices)).unwrap();
	(folder, stage)
}

fn at(device: &Device, feed: FeedId, counter: u64, taken_at: Moment) -> SignedMeasurement {
	let reading = Reading::Scalar(5);
	device.sign(Measurement { device: device.key(), feed, counter, taken_at, reading })
}

#[test]
fn what_is_not_signed_by_the_device_for_this_chain_should_be_refused() {
	for device in [Device::ed25519(1), Device::sr25519(1), Device::secp256k1(1)] {
		let (_folder, mut stage) = stage(std::slice::from_ref(&device));
		let good = device.measures(1, 5, NOW);
		let mut altered = good.clone();
		altered.measurement.reading = Reading::Scalar(6);
		assert_eq!(stage.take(&altered), Err(Refusal::BadSignature));
		let elsewhere = device.sign_for(&H256::repeat_byte(8), good.measurement.clone());
		assert_eq!(stage.take(&elsewhere), Err(Refusal::BadSignature));
		assert_eq!(stage.newest(), None);
		assert_eq!(stage.take(&good), Ok(()));
		assert_eq!(stage.newest(), Some(good));
	}
}

#[test]
fn what_a_device_may_not_send_should_be_refused() {
	let (known, stranger) = (Device::ed25519(1), Device::ed25519(2));
	let (_folder, mut stage) = stage(std::slice::from_ref(&known));
	assert_eq!(stage.take(&stranger.measures(1, 5, NOW)), Err(Refusal::UnknownDevice));
	let json = known.measures(1, 5, NOW).to_json();
	assert_eq!(stage.take_at("farm/1", json.as_bytes(), NOW), Err(Refusal::WrongTopic));
	assert_eq!(stage.take(&at(&known, OTHER_FEED, 1, NOW)), Err(Refusal::WrongFeed));
	assert_eq!(stage.newest(), None);
}

#[test]
fn a_device_should_send_on_its_own_topic_only() {
	let (first, second) = (Device::ed25519(1), Device::ed25519(2));
	let folder = tempfile::tempdir().unwrap();
	let mut settings = settings(folder.path(), &[first.clone(), second]);
	settings.devices[0].filter = "first".parse().unwrap();
	let mut stage = Stage::open(settings).unwrap();
	let signed = first.measures(1, 5, NOW);
	assert_eq!(stage.take(&signed), Err(Refusal::WrongTopic));
	assert_eq!(stage.take_at("first", signed.to_json().as_bytes(), NOW), Ok(()));
}

#[test]
fn a_clock_should_be_right_within_the_skew() {
	let device = Device::ed25519(1);
	let (_folder, mut stage) = stage(std::slice::from_ref(&device));
	for (counter, taken_at, expected) in [
		(1, NOW - SKEW - 1, Err(Refusal::TooOld)),
		(1, NOW - SKEW, Ok(())),
		(2, NOW + SKEW + 1, Err(Refusal::InFuture)),
		(2, NOW + SKEW, Ok(())),
		(3, 0, Err(Refusal::TooOld)),
		(3, Moment::MAX, Err(Refusal::InFuture)),
	] {
		assert_eq!(stage.take(&at(&device, FEED, counter, taken_at)), expected, "{taken_at}");
	}
}

#[test]
fn a_measurement_refused_for_its_time_should_not_use_up_its_counter() {
	let device = Device::ed25519(1);
	let (_folder, mut stage) = stage(std::slice::from_ref(&device));
	assert_eq!(stage.take(&at(&device, FEED, 9, Moment::MAX)), Err(Refusal::InFuture));
	assert_eq!(stage.take(&at(&device, FEED, 5, NOW)), Ok(()));
}

#[test]
fn counters_should_only_rise_whatever_the_feed() {
	let device = Device::ed25519(1);
	let folder = tempfile::tempdir().unwrap();
	let mut settings = settings(folder.path(), std::slice::from_ref(&device));
	settings.devices[0].rules.feeds.push(OTHER_FEED);
	let mut stage = Stage::open(settings).unwrap();
	assert_eq!(stage.take(&at(&device, FEED, 5, NOW)), Ok(()));
	assert_eq!(stage.take(&at(&device, OTHER_FEED, 4, NOW)), Err(Refusal::OldCounter));
	assert_eq!(stage.take(&at(&device, OTHER_FEED, u64::MAX, NOW)), Ok(()));
	assert_eq!(stage.take(&at(&device, FEED, 6, NOW)), Err(Refusal::OldCounter));
}

#[test]
fn a_second_signature_of_the_same_measurement_should_condemn_nobody() {
	// sr25519 makes another signature each time.
	let device = Device::sr25519(1);
	let (_folder, mut stage) = stage(std::slice::from_ref(&device));
	let first = device.measures(1, 5, NOW);
	let again = device.measures(1, 5, NOW);
	assert_ne!(first.signature, again.signature);
	assert_eq!(stage.take(&first), Ok(()));
	assert_eq!(stage.take(&again), Err(Refusal::Duplicate));
	assert_eq!(stage.shelf.read().devices[&device.key()].evidence(), []);
}

#[test]
fn a_contradiction_should_be_kept_whatever_time_and_feed_it_names() {
	let device = Device::ed25519(1);
	for second in
		[device.measures(1, 6, NOW), at(&device, OTHER_FEED, 1, NOW), at(&device, FEED, 1, 0)]
	{
		let (_folder, mut stage) = stage(std::slice::from_ref(&device));
		let first = device.measures(1, 5, NOW);
		assert_eq!(stage.take(&first), Ok(()));
		assert_eq!(stage.take(&second), Err(Refusal::Contradiction));
		let content = stage.shelf.read();
		let evidence = &content.devices[&device.key()].evidence()[0];
		assert!(evidence.first.condemns(&evidence.second, &GENESIS));
		drop(content);
		assert_eq!(stage.newest(), Some(first));
	}
}

#[test]
fn nobody_but_the_device_should_be_able_to_condemn_it() {
	let device = Device::ed25519(1);
	let (_folder, mut stage) = stage(std::slice::from_ref(&device));
	let first = device.measures(1, 5, NOW);
	assert_eq!(stage.take(&first), Ok(()));
	let mut forged = device.measures(1, 6, NOW);
	forged.signature = first.signature;
	assert_eq!(stage.take(&forged), Err(Refusal::BadSignature));
	assert_eq!(stage.shelf.read().devices[&device.key()].evidence(), []);
}

#[test]
fn evidence_should_be_bounded() {
	let device = Device::ed25519(1);
	let (_folder, mut stage) = stage(std::slice::from_ref(&device));
	for counter in 1..10 {
		assert_eq!(stage.take(&device.measures(counter, 0, NOW)), Ok(()));
		for value in 1..4 {
			let other = device.measures(counter, value, NOW);
			assert_eq!(stage.take(&other), Err(Refusal::Contradiction));
		}
	}
	assert_eq!(stage.shelf.read().devices[&device.key()].evidence().len(), MAX_EVIDENCE);
}

#[test]
fn history_should_be_bounded() {
	let device = Device::ed25519(1);
	let (_folder, mut stage) = stage(std::slice::from_ref(&device));
	for counter in 1..10 {
		assert_eq!(stage.take(&device.measures(counter, 0, NOW)), Ok(()));
	}
	let content = stage.shelf.read();
	let (_, kept) = content.devices[&device.key()].feeds().next().unwrap();
	let counters: Vec<_> = kept.iter().map(|kept| kept.signed.measurement.counter).collect();
	assert_eq!(counters, [7, 8, 9]);
}

#[test]
fn of_several_devices_the_newest_measurement_should_be_served_while_it_is_fresh() {
	let (first, second) = (Device::ed25519(1), Device::ed25519(2));
	let (_folder, mut stage) = stage(&[first.clone(), second.clone()]);
	assert_eq!(stage.shelf.feed(&FEED, NOW), Found::Nothing);
	assert_eq!(stage.shelf.feed(&OTHER_FEED, NOW), Found::Unknown);
	let (older, newer) = (first.measures(1, 1, NOW - 1), second.measures(1, 2, NOW));
	assert_eq!((stage.take(&newer), stage.take(&older)), (Ok(()), Ok(())));
	assert_eq!(stage.newest(), Some(newer));
	let late = NOW + MAX_AGE;
	assert!(matches!(stage.shelf.feed(&FEED, late), Found::Fresh(_)));
	assert_eq!(stage.shelf.feed(&FEED, late + 1), Found::Stale(Some(MAX_AGE + 1)));
}

#[test]
fn what_is_no_measurement_should_be_refused() {
	let device = Device::ed25519(1);
	let (_folder, mut stage) = stage(std::slice::from_ref(&device));
	let good = device.measures(1, 5, NOW).to_json();
	let deep = "[".repeat(1_000);
	for payload in
		["", "null", "{}", "\"\\u0000\"", "1e999", &deep, &good[1..], &good.replace('5', "x")]
	{
		assert_eq!(
			stage.take_at(TOPIC, payload.as_bytes(), NOW),
			Err(Refusal::Malformed),
			"{payload}"
		);
	}
	let long = good + &" ".repeat(2_000);
	assert_eq!(stage.take_at(TOPIC, long.as_bytes(), NOW), Err(Refusal::TooLarge));
}

#[test]
fn texts_should_be_kept_for_each_entry_that_asks_for_them() {
	let (_folder, mut stage) = stage(&[]);
	let send = |stage: &mut Stage, topic: &[u8], payload: &[u8], retained| {
		let message = Message { link: Link::Topics, topic, payload, retained };
		stage.intake.take(&[message], NOW).unwrap()
	};
	let about = || About::Topic("level".into());
	let retained = send(&mut stage, b"rivers/7", b"1", true);
	assert_eq!(retained, [(about(), Err(Refusal::Retained))]);
	for topic in [&b"lakes/7"[..], b"\xff", "é".as_bytes(), b""] {
		let others = send(&mut stage, topic, b"1", false);
		assert_eq!(others, [(About::Others(Link::Topics), Err(Refusal::WrongTopic))]);
	}
	assert_eq!(stage.shelf.topic("level", NOW), Found::Nothing);
	assert_eq!(send(&mut stage, b"rivers/7", b"2", false), [(about(), Ok(()))]);
	assert_eq!(stage.shelf.topic("level", NOW + MAX_AGE), Found::Fresh("2".into()));
	assert_eq!(stage.shelf.topic("level", NOW + MAX_AGE + 1), Found::Stale(Some(MAX_AGE + 1)));
	assert_eq!(stage.shelf.topic("other", NOW), Found::Unknown);
}

#[test]
fn nothing_should_be_served_that_could_not_be_written() {
	let (first, second) = (Device::ed25519(1), Device::ed25519(2));
	let (folder, mut stage) = stage(&[first.clone(), second.clone()]);
	let full =
		folder.path().join("devices").join(format!("{}.new", second.key()).replace(':', "-"));
	symlink("/dev/full", &full).unwrap();
	let signed = [first.measures(1, 5, NOW), second.measures(1, 6, NOW)];
	let json = signed.each_ref().map(SignedMeasurement::to_json);
	let batch = json.each_ref().map(|json| Message {
		link: Link::Devices,
		topic: TOPIC.as_bytes(),
		payload: json.as_bytes(),
		retained: false,
	});
	let error = stage.intake.take(&batch, NOW).unwrap_err().to_string();
	assert!(error.contains("No space left"), "{error}");
	assert_eq!(stage.newest(), None);
	assert_eq!(stage.shelf.read().accepted, 0);
	assert!(stage.shelf.read().store_error.is_some());

	fs::remove_file(full).unwrap();
	let outcomes = stage.intake.take(&batch, NOW).unwrap();
	assert!(outcomes.iter().all(|(_, outcome)| outcome.is_ok()));
	assert_eq!((stage.shelf.read().accepted, &stage.shelf.read().store_error), (2, &None));
}

#[test]
fn a_damaged_file_should_keep_the_gateway_from_starting() {
	let device = Device::ed25519(1);
	let (folder, mut stage) = stage(std::slice::from_ref(&device));
	stage.take(&device.measures(1, 5, NOW)).unwrap();
	drop(stage);
	let path = folder.path().join("devices").join(device.key().to_string().replace(':', "-"));
	let text = fs::read_to_string(&path).unwrap();
	fs::write(&path, text.replace("\\\"5\\\"", "\\\"6\\\"")).unwrap();
	let error = Stage::open(settings(folder.path(), &[device])).err().unwrap().to_string();
	assert!(error.contains("damaged: the hash") && error.contains("move it away"), "{error}");
}

#[test]
fn a_whole_file_that_can_not_be_true_should_keep_the_gateway_from_starting() {
	let device = Device::ed25519(1);
	let (folder, mut stage) = stage(std::slice::from_ref(&device));
	stage.take(&device.measures(1, 5, NOW)).unwrap();
	drop(stage);
	let name = rwa_gateway::store::Name::Device(device.key());
	let store = Store::open(folder.path()).unwrap();
	let good = store.read(&name).unwrap().unwrap();
	drop(store);
	for (from, to, reason) in [
		("\\\"5\\\"", "\\\"6\\\"", "signature"),
		("\"counter\":1,\"kept", "\"counter\":0,\"kept", "above the highest"),
		("\"device\":\"ed25519:0x", "\"device\":\"ed25519:0y", "another device"),
		("0x0707", "0x0808", "belongs to the chain"),
		("\"kept\"", "\"lost\"", "unknown field"),
	] {
		assert!(good.contains(from), "{from}: {good}");
		let store = Store::open(folder.path()).unwrap();
		store.write(&name, &good.replacen(from, to, 1)).unwrap();
		drop(store);
		let opened = Stage::open(settings(folder.path(), std::slice::from_ref(&device)));
		let error = opened.err().unwrap().to_string();
		assert!(error.contains("damaged") && error.contains(reason), "{from}: {error}");
	}
}

/// What a device of the property tests sends.
#[derive(Clone, Debug)]
struct Sent {
	device: u8,
	counter: u64,
	value: i128,
	late: Moment,
}

fn sent() -> impl Strategy<Value = Sent> {
	(1..3_u8, 0..12_u64, 0..2_i128, 0..2 * SKEW).prop_map(|(device, counter, value, late)| Sent {
		device,
		counter,
		value,
		late,
	})
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	/// In whatever order, in whatever batches and with whatever restarts: of each device counters rise,
	/// nothing comes back, and what is served is what came with the highest counter.
	#[test]
	fn replays_and_restarts_should_change_nothing(
		batches in prop::collection::vec(prop::collection::vec(sent(), 1..6), 1..8),
		restarts in prop::collection::vec(any::<bool>(), 8),
	) {
		let devices = [Device::ed25519(1), Device::ed25519(2)];
		let folder = tempfile::tempdir().unwrap();
		let mut stage = Stage::open(settings(folder.path(), &devices)).unwrap();
		let mut highest = [None::<u64>; 3];
		for (batch, restart) in batches.iter().zip(&restarts) {
			let signed: Vec<_> = batch.iter().map(|sent| {
				let device = &devices[usize::from(sent.device) - 1];
				device.measures(sent.counter, sent.value, NOW - sent.late)
			}).collect();
			let json: Vec<_> = signed.iter().map(SignedMeasurement::to_json).collect();
			let messages: Vec<_> = json.iter().map(|json| Message {
				link: Link::Devices, topic: TOPIC.as_bytes(), payload: json.as_bytes(), retained: false,
			}).collect();
			let outcomes = stage.intake.take(&messages, NOW).unwrap();
			for (sent, (_, outcome)) in batch.iter().zip(outcomes) {
				let highest = &mut highest[usize::from(sent.device)];
				if outcome.is_ok() {
					prop_assert!(highest.is_none_or(|highest| sent.counter > highest));
					prop_assert!(sent.late <= SKEW);
					*highest = Some(sent.counter);
				} else {
					prop_assert!(highest.is_some_and(|highest| sent.counter <= highest) || sent.late > SKEW);
				}
			}
			if *restart {
				let before = stage.shelf.read().devices.clone();
				drop(stage);
				stage = Stage::open(settings(folder.path(), &devices)).unwrap();
				prop_assert_eq!(&stage.shelf.read().devices, &before);
			}
			for (place, device) in devices.iter().enumerate() {
				let content = stage.shelf.read();
				let counter = content.devices.get(&device.key()).and_then(|record| record.counter());
				prop_assert_eq!(counter, highest[place + 1]);
			}
		}
	}

	#[test]
	fn no_payload_should_be_taken_or_cause_a_panic(
		topic in prop::collection::vec(any::<u8>(), 0..20),
		payload in prop::collection::vec(any::<u8>(), 0..1_200),
	) {
		let (_folder, mut stage) = stage(&[Device::ed25519(1)]);
		for topic in [&topic[..], TOPIC.as_bytes()] {
			let message = Message { link: Link::Devices, topic, payload: &payload, retained: false };
			let outcomes = stage.intake.take(&[message], NOW).unwrap();
			prop_assert!(outcomes[0].1.is_err());
		}
	}

	/// A signed measurement with any one byte changed.
	#[test]
	fn no_altered_measurement_should_be_taken(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
		let device = Device::ed25519(1);
		let (_folder, mut stage) = stage(std::slice::from_ref(&device));
		let good = device.measures(1, 5, NOW);
		let mut json = good.to_json().into_bytes();
		*at.get_mut(&mut json) = byte;
		if stage.take_at(TOPIC, &json, NOW).is_ok() {
			// Another way to write the same.
			prop_assert_eq!(stage.newest(), Some(good));
		}
	}
}
