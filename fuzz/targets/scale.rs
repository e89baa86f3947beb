//! SCALE: whatever is decoded is encoded as it was, and can be asked anything.
//!
//! Input: a byte for the type, and what it is decoded from.

#![no_main]

use codec::{Decode, DecodeAll, Encode, MaxEncodedLen};
use libfuzzer_sys::fuzz_target;
use rwa_primitives::{
	aggregate::{Disagreement, Rules},
	device::{DeviceKey, DeviceSignature, DeviceState, Measurement, SignedMeasurement},
	fault::FaultReport,
	feed::{Answer, Batch, Evidence, Observation, Statement, Word},
	heartbeat::Heartbeat,
	ipfs::Cid,
	node::{is_dialable, Region, Tier},
	reading::{Reading, Schema, SchemaFault, Tolerance},
	reputation::{Assessment, Record, MAX_MERIT, MAX_SCORE},
	storage::{Notice, StorageProof},
	worker::{Expected, ReadingRule, SourceConfig, Used, WorkerConfig},
	AccountId, Balance, BlockNumber,
};
use std::fmt::Debug;

fuzz_target!(|input: &[u8]| {
	let Some((kind, bytes)) = input.split_first() else { return };
	match kind % 28 {
		0 => drop(bounded::<Batch>(bytes)),
		1 => drop(bounded::<Statement>(bytes)),
		2 => drop(bounded::<Word>(bytes)),
		3 => drop(bounded::<Observation>(bytes)),
		4 => {
			if let Some(signed) = bounded::<SignedMeasurement>(bytes) {
				if fits(&signed) {
					let again = SignedMeasurement::from_json(signed.to_json().as_bytes());
					assert_eq!(again.as_ref(), Ok(&signed));
				}
			}
		}
		5 => drop(bounded::<Measurement>(bytes)),
		6 => {
			if let Some(key) = bounded::<DeviceKey>(bytes) {
				assert_eq!(key.to_string().parse().as_ref(), Ok(&key));
			}
		}
		7 => drop(bounded::<DeviceSignature>(bytes)),
		8 => {
			if let Some(answer) = bounded::<Answer<BlockNumber>>(bytes) {
				assert!(answer.fresh().is_none_or(|reading| reading == answer.reading));
			}
		}
		9 => drop(bounded::<Heartbeat>(bytes)),
		10 => drop(bounded::<FaultReport<AccountId, BlockNumber>>(bytes)),
		11 => drop(bounded::<Tier<Balance>>(bytes)),
		12 => drop(bounded::<Region>(bytes)),
		13 => drop(bounded::<Rules>(bytes)),
		14 => drop(bounded::<Disagreement>(bytes)),
		15 => {
			if let Some(cid) = bounded::<Cid>(bytes) {
				assert_eq!(Cid::from_bytes(&cid.to_bytes()), Ok(cid));
				assert_eq!(cid.to_string().parse(), Ok(cid));
			}
		}
		16 => record(bytes),
		17 => drop(bounded::<Assessment>(bytes)),
		18 => drop(bounded::<SchemaFault>(bytes)),
		19 => drop(identical::<Used>(bytes)),
		20 => drop(identical::<WorkerConfig>(bytes)),
		21 => drop(identical::<SourceConfig>(bytes).map(|source| format!("{source:?}"))),
		22 => readings(bytes),
		23 => rule(bytes),
		24 => drop(bounded::<Evidence>(bytes)),
		25 => {
			if let Some(state) = bounded::<DeviceState<BlockNumber>>(bytes) {
				assert_eq!(state.is_active(), state.out_of_service_since().is_none());
				assert!(!state.is_condemned() || !state.is_active());
				// It was in service until it was not.
				let since = state.out_of_service_since().unwrap_or(BlockNumber::MAX);
				assert!(state.was_active_at(since) && state.was_active_at(since / 2));
				let after = since.checked_add(1);
				assert!(after.is_none_or(|after| !state.was_active_at(after)));
			}
		}
		26 => drop(bounded::<Notice>(bytes)),
		_ => drop(bounded::<StorageProof>(bytes)),
	}
});

/// Decodes and encodes; what is left over stays as it is.
fn identical<T: Decode + Encode + PartialEq + Debug>(bytes: &[u8]) -> Option<T> {
	let mut rest = bytes;
	let value = T::decode(&mut rest).ok()?;
	let used = &bytes[..bytes.len() - rest.len()];
	assert_eq!(value.encode(), used, "{value:?}");
	assert_eq!(T::decode_all(&mut &used[..]).as_ref(), Ok(&value));
	Some(value)
}

fn bounded<T: Decode + Encode + MaxEncodedLen + PartialEq + Debug>(bytes: &[u8]) -> Option<T> {
	let value = identical::<T>(bytes)?;
	assert!(value.encoded_size() <= T::max_encoded_len(), "{value:?}");
	Some(value)
}

/// Whether the JSON form has it: only readings that can exist, and signatures of the key's kind.
fn fits(signed: &SignedMeasurement) -> bool {
	let kinds = matches!(
		(&signed.measurement.device, &signed.signature),
		(DeviceKey::Ed25519(_), DeviceSignature::Ed25519(_))
			| (DeviceKey::Sr25519(_), DeviceSignature::Sr25519(_))
			| (DeviceKey::Secp256k1(_), DeviceSignature::Secp256k1(_))
	);
	kinds && signed.measurement.reading.is_valid()
}

fn record(bytes: &[u8]) {
	let Some((mut record, stake, minimum, stars)) =
		identical::<(Record, Balance, Balance, u8)>(bytes)
	else {
		return;
	};
	let assessment = record.assess(stake, minimum);
	assert!(assessment.score <= MAX_SCORE && assessment.merit <= MAX_MERIT);
	assert!(assessment.merit <= assessment.score);
	record.note_fact(stars % 2 == 0);
	record.note_job();
	if let Some(stars) = rwa_primitives::reputation::Stars::new(stars) {
		record.note_rating(stars);
	}
	assert!(record.assess(stake, minimum).score <= MAX_SCORE);
}

/// What an owner of a feed may ask for, and what reporters may say about it.
fn readings(bytes: &[u8]) {
	let Some((schema, tolerance, a, b)) = identical::<(Schema, Tolerance, Reading, Reading)>(bytes)
	else {
		return;
	};
	assert!(!schema.show(&a).is_empty());
	assert_eq!(
		a.distance(&b).is_some(),
		schema_of(&a) == schema_of(&b) && a.is_valid() && b.is_valid()
	);
	assert_eq!(schema.allows(&a) && schema.allows(&b), schema.distance(&a, &b).is_some());
	assert!(!schema.allows(&a) || a.is_valid());
	assert_ne!(tolerance.holds(&a, &b), tolerance.deviates(&a, &b));
	assert_eq!(tolerance.holds(&a, &a), a.is_valid());
	if schema.check().is_ok() {
		assert!(corner(&schema).is_none_or(|corner| schema.allows(&corner)), "{schema:?}");
	}
}

fn schema_of(reading: &Reading) -> u8 {
	match reading {
		Reading::Scalar(_) => 0,
		Reading::Point(_) => 1,
		Reading::Angle(_) => 2,
		Reading::Category(_) => 3,
	}
}

/// A reading on the edge of what the schema allows.
fn corner(schema: &Schema) -> Option<Reading> {
	use rwa_primitives::reading::Point;
	match *schema {
		Schema::Scalar { maximum, .. } => Some(Reading::Scalar(maximum)),
		Schema::Point { north, east, .. } => {
			Some(Reading::Point(Point { latitude: north, longitude: east }))
		}
		Schema::Angle => None,
		Schema::Category { count } => Some(Reading::Category(count - 1)),
	}
}

/// A rule out of the store, whatever is in there, and an answer.
fn rule(bytes: &[u8]) {
	let mut rest = bytes;
	let (Ok(rule), Ok(schema)) = (ReadingRule::decode(&mut rest), Schema::decode(&mut rest)) else {
		return;
	};
	let feed = rwa_primitives::feed::FeedId {
		asset: 0,
		source: rwa_primitives::feed::SourceKind::GpsTracker,
	};
	let expected = Expected { feed, genesis: Default::default(), now: 0 };
	if let Ok(found) = rule.read(rest, &schema, &expected, |_| None) {
		assert!(rule.suits(&schema));
		assert!(!schema.show(&found.observation.reading).is_empty());
		// Whoever shows a measurement as evidence can show the measurement.
		let evidence = found.observation.evidence.as_ref().and_then(Evidence::measurement);
		assert_eq!(evidence.is_some(), found.signed.is_some());
	}
	let _ = is_dialable(rest);
}
