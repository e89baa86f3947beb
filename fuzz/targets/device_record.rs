//! What the gateway keeps of a device: counters only rise, contradictions condemn, and it comes back from the
//! disk as it was.
//!
//! Input: what a device sends one after the other, and a text found on the disk.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use rwa_primitives::{
	device::{DeviceKey, DeviceSignature, Measurement, SignedMeasurement},
	feed::{FeedId, SourceKind},
	reading::Reading,
};
use sp_core::{ed25519, Pair, H256};
use std::sync::LazyLock;

// The file itself: the gateway's crate would bring MQTT, HTTP and TLS.
#[allow(dead_code, reason = "only what reads foreign bytes is wanted")]
#[path = "../../gateway/src/device.rs"]
mod device;
use device::{DeviceRecord, Evidence, Refusal, Rules, MAX_EVIDENCE};

#[derive(Arbitrary, Debug)]
struct Input {
	history: u8,
	sent: Vec<Sent>,
	found: String,
}

/// Small numbers, so that they meet.
#[derive(Arbitrary, Debug)]
struct Sent {
	counter: u8,
	asset: u8,
	value: u8,
	late: i8,
}

/// Most messages: each is signed.
const MOST: usize = 16;
/// By our clock.
const NOW: u64 = 1_000;
/// Milliseconds that a device's clock may be off.
const SKEW: u64 = 100;

static KEY: LazyLock<ed25519::Pair> = LazyLock::new(|| Pair::from_seed(&[1; 32]));

fuzz_target!(|input: Input| {
	let device = DeviceKey::Ed25519(KEY.public());
	let genesis = H256::repeat_byte(9);
	let history = usize::from(input.history % 4);
	let feeds = (0..3).map(feed).collect();
	let rules = Rules { feeds, max_skew: SKEW, history };
	let mut record = DeviceRecord::default();
	for sent in input.sent.iter().take(MOST) {
		let signed = sign(&device, sent, &genesis);
		let before = record.clone();
		let verdict = record.take(signed.clone(), &rules, NOW);
		assert_eq!(verdict.changed, record != before);
		check(&before, &record, &signed, verdict.outcome, &rules);
	}
	let text = record.to_json(&device, &genesis);
	assert_eq!(DeviceRecord::from_json(&text, &device, &genesis, history), Ok(record));
	assert!(DeviceRecord::from_json(&text, &device, &H256::zero(), history).is_err());
	let _ = DeviceRecord::from_json(&input.found, &device, &genesis, history);
});

fn feed(asset: u8) -> FeedId {
	FeedId { asset: (asset % 4).into(), source: SourceKind::IotSensor }
}

fn sign(device: &DeviceKey, sent: &Sent, genesis: &H256) -> SignedMeasurement {
	let measurement = Measurement {
		device: device.clone(),
		feed: feed(sent.asset),
		counter: (sent.counter % 16).into(),
		taken_at: NOW.saturating_add_signed(sent.late.into()),
		reading: Reading::Category((sent.value % 4).into()),
	};
	let signature = DeviceSignature::Ed25519(KEY.sign(&measurement.signing_payload(genesis)));
	SignedMeasurement { measurement, signature }
}

fn check(
	before: &DeviceRecord,
	after: &DeviceRecord,
	signed: &SignedMeasurement,
	outcome: Result<(), Refusal>,
	rules: &Rules,
) {
	let new = &signed.measurement;
	let seen = before
		.feeds()
		.flat_map(|(_, kept)| kept.iter().map(|kept| &kept.signed))
		.chain(before.evidence().iter().map(|evidence| &evidence.first))
		.find(|seen| seen.measurement.counter == new.counter);
	match outcome {
		Ok(()) => {
			assert!(before.counter().is_none_or(|counter| counter < new.counter));
			assert_eq!(after.counter(), Some(new.counter));
			assert_eq!(after.newest(&new.feed).map(|kept| &kept.signed), Some(signed));
			assert!(rules.feeds.contains(&new.feed) && new.taken_at.abs_diff(NOW) <= SKEW);
		}
		Err(refusal) => {
			assert_eq!(after.counter(), before.counter());
			assert_eq!(
				refusal == Refusal::Duplicate,
				seen.is_some_and(|seen| seen.measurement == *new)
			);
			let contradicted = seen.is_some_and(|seen| seen.measurement.contradicts(new));
			assert_eq!(refusal == Refusal::Contradiction, contradicted);
		}
	}
	assert!(after.evidence().len() <= MAX_EVIDENCE);
	for Evidence { first, second } in after.evidence() {
		assert!(first.measurement.contradicts(&second.measurement));
	}
	for (_, kept) in after.feeds() {
		assert!((1..=rules.history.max(1)).contains(&kept.len()));
		assert!(kept.iter().map(|kept| kept.signed.measurement.counter).is_sorted());
	}
}
