//! Measurements that devices sign: who can make them, what contradicts what, and their JSON.

use codec::{Decode, Encode};
use proptest::prelude::*;
use rwa_primitives::{
	device::{
		registration_payload, DeviceKey, DeviceKeyError, DeviceSignature, DeviceState, Measurement,
		MeasurementError, Refutation, SignedMeasurement, MAX_JSON,
	},
	feed::{Evidence, FeedId, Observation, SourceKind},
	reading::{Angle, Point, Reading, FULL_ANGLE, HALF_TURN, MAX_MAGNITUDE, QUARTER_TURN},
};
use sp_core::{ecdsa, ed25519, sr25519, Pair, H256, U256};
use sp_runtime::traits::{BlakeTwo256, Hash, Verify};

const GENESIS: H256 = H256([7; 32]);
const SEED: [u8; 32] = [1; 32];

/// A device of each kind.
#[derive(Clone, Copy, Debug)]
enum Kind {
	Ed25519,
	Sr25519,
	Secp256k1,
}
const KINDS: [Kind; 3] = [Kind::Ed25519, Kind::Sr25519, Kind::Secp256k1];

impl Kind {
	fn key(self) -> DeviceKey {
		match self {
			Self::Ed25519 => DeviceKey::Ed25519(ed25519::Pair::from_seed(&SEED).public()),
			Self::Sr25519 => DeviceKey::Sr25519(sr25519::Pair::from_seed(&SEED).public()),
			Self::Secp256k1 => DeviceKey::Secp256k1(ecdsa::Pair::from_seed(&SEED).public()),
		}
	}

	fn signature(self, message: &[u8]) -> DeviceSignature {
		match self {
			Self::Ed25519 => {
				DeviceSignature::Ed25519(ed25519::Pair::from_seed(&SEED).sign(message))
			}
			Self::Sr25519 => {
				DeviceSignature::Sr25519(sr25519::Pair::from_seed(&SEED).sign(message))
			}
			Self::Secp256k1 => {
				DeviceSignature::Secp256k1(ecdsa::Pair::from_seed(&SEED).sign(message))
			}
		}
	}

	/// What a device of this kind sends.
	fn signed(self, counter: u64, reading: Reading) -> SignedMeasurement {
		let measurement = Measurement {
			device: self.key(),
			feed: FeedId { asset: 1, source: SourceKind::IotSensor },
			counter,
			taken_at: 1_764_100_000_000,
			reading,
		};
		let signature = self.signature(&measurement.signing_payload(&GENESIS));
		SignedMeasurement { measurement, signature }
	}
}

/// Example in the documentation of devices, but for the key and the signature.
fn json(fields: &str) -> String {
	let (key, signature) = ("11".repeat(32), "22".repeat(64));
	format!(r#"{{"device":"ed25519:0x{key}","signature":"0x{signature}",{fields}}}"#)
}

fn parse(fields: &str) -> Result<Measurement, MeasurementError> {
	SignedMeasurement::from_json(json(fields).as_bytes()).map(|signed| signed.measurement)
}

fn field_fault(fields: &str) -> String {
	match parse(fields) {
		Err(MeasurementError::BadField(fault)) => fault,
		other => panic!("{fields}: {other:?}"),
	}
}

fn reading() -> impl Strategy<Value = Reading> {
	prop_oneof![
		(-MAX_MAGNITUDE..=MAX_MAGNITUDE).prop_map(Reading::Scalar),
		(-QUARTER_TURN..=QUARTER_TURN, -HALF_TURN..HALF_TURN).prop_map(|(latitude, longitude)| {
			Reading::Point(Point::new(latitude, longitude).unwrap())
		}),
		(0..FULL_ANGLE).prop_map(|millionths| Reading::Angle(Angle::new(millionths).unwrap())),
		any::<u16>().prop_map(Reading::Category),
	]
}

/// Any measurement, with a signature of the right form.
fn anything_signed() -> impl Strategy<Value = SignedMeasurement> {
	let key = (any::<[u8; 33]>(), any::<[u8; 32]>(), 0..3usize);
	let source = prop::sample::select(vec![
		SourceKind::GpsTracker,
		SourceKind::IotSensor,
		SourceKind::SatelliteImagery,
		SourceKind::WeatherApi,
		SourceKind::TrafficApi,
	]);
	(key, any::<u32>(), source, any::<u64>(), any::<u64>(), reading()).prop_map(
		|((long, short, kind), asset, source, counter, taken_at, reading)| {
			let (device, signature) = match kind {
				0 => (
					DeviceKey::Ed25519(ed25519::Public::from_raw(short)),
					DeviceSignature::Ed25519(ed25519::Signature::from_raw([long[0]; 64])),
				),
				1 => (
					DeviceKey::Sr25519(sr25519::Public::from_raw(short)),
					DeviceSignature::Sr25519(sr25519::Signature::from_raw([long[0]; 64])),
				),
				_ => (
					DeviceKey::Secp256k1(ecdsa::Public::from_raw(long)),
					DeviceSignature::Secp256k1(ecdsa::Signature::from_raw([short[0]; 65])),
				),
			};
			let feed = FeedId { asset, source };
			let measurement = Measurement { device, feed, counter, taken_at, reading };
			SignedMeasurement { measurement, signature }
		},
	)
}

const FIELDS: &str = r#""asset":1,"source":"iot_sensor","counter":17,"taken_at":1764100000000"#;

#[test]
fn a_device_of_each_kind_can_sign() {
	for kind in KINDS {
		let signed = kind.signed(17, Reading::Scalar(2_135));
		assert!(signed.verify(&GENESIS), "{kind:?}");
		let json = signed.to_json();
		assert_eq!(SignedMeasurement::from_json(json.as_bytes()), Ok(signed), "{json}");
	}
}

#[test]
fn a_signature_counts_for_its_measurement_on_its_chain_only() {
	for kind in KINDS {
		let signed = kind.signed(17, Reading::Scalar(2_135));
		assert!(!signed.verify(&H256([8; 32])), "{kind:?}: another chain");
		let altered = |change: fn(&mut Measurement)| {
			let mut altered = signed.clone();
			change(&mut altered.measurement);
			altered.verify(&GENESIS)
		};
		assert!(!altered(|measurement| measurement.counter += 1), "{kind:?}");
		assert!(!altered(|measurement| measurement.taken_at += 1), "{kind:?}");
		assert!(!altered(|measurement| measurement.feed.asset += 1), "{kind:?}");
		assert!(!altered(|measurement| measurement.reading = Reading::Scalar(2_136)), "{kind:?}");
	}
}

#[test]
fn a_signature_of_another_kind_or_key_is_refused() {
	let measurement = Kind::Ed25519.signed(17, Reading::Scalar(2_135)).measurement;
	let message = measurement.signing_payload(&GENESIS);
	for kind in [Kind::Sr25519, Kind::Secp256k1] {
		let signature = kind.signature(&message);
		let signed = SignedMeasurement { measurement: measurement.clone(), signature };
		assert!(!signed.verify(&GENESIS));
	}
	let stranger = ed25519::Pair::from_seed(&[2; 32]);
	let signature = DeviceSignature::Ed25519(stranger.sign(&message));
	assert!(!SignedMeasurement { measurement, signature }.verify(&GENESIS));
}

#[test]
fn nobody_can_make_a_second_secp256k1_signature_out_of_one() {
	let signed = Kind::Secp256k1.signed(17, Reading::Scalar(2_135));
	let DeviceSignature::Secp256k1(signature) = &signed.signature else { panic!("{signed:?}") };
	let with = |bytes: [u8; 65]| SignedMeasurement {
		signature: DeviceSignature::Secp256k1(ecdsa::Signature::from_raw(bytes)),
		..signed.clone()
	};
	let verified_by_library = |signed: &SignedMeasurement| {
		let DeviceSignature::Secp256k1(signature) = &signed.signature else { return false };
		let DeviceKey::Secp256k1(key) = &signed.measurement.device else { return false };
		signature.verify(&signed.measurement.signing_payload(&GENESIS)[..], key)
	};

	// The other root: the order less s, and the other recovery id.
	let order = U256::from_str_radix(
		"fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
		16,
	);
	let s = U256::from_big_endian(&signature.0[32..64]);
	let mut other = signature.0;
	other[32..64].copy_from_slice(&(order.unwrap() - s).to_big_endian());
	other[64] ^= 1;
	assert!(verified_by_library(&with(other)), "the library takes both");
	assert!(!with(other).verify(&GENESIS));

	let mut other = signature.0;
	other[64] += 27;
	assert!(verified_by_library(&with(other)), "the library takes Ethereum's recovery id");
	assert!(!with(other).verify(&GENESIS));
}

#[test]
fn two_measurements_with_one_counter_condemn_the_device() {
	for kind in KINDS {
		let one = kind.signed(17, Reading::Scalar(2_135));
		let other = kind.signed(17, Reading::Scalar(2_136));
		assert!(one.condemns(&other, &GENESIS), "{kind:?}");
		assert!(other.condemns(&one, &GENESIS), "{kind:?}");
		assert!(!one.condemns(&kind.signed(18, Reading::Scalar(2_136)), &GENESIS), "{kind:?}");
		assert!(!one.condemns(&other, &H256([8; 32])), "{kind:?}: another chain");

		let forged = SignedMeasurement { signature: one.signature.clone(), ..other };
		assert!(!one.condemns(&forged, &GENESIS), "{kind:?}: not signed");
	}
}

#[test]
fn two_signatures_over_one_measurement_condemn_nobody() {
	// This scheme signs differently each time.
	let one = Kind::Sr25519.signed(17, Reading::Scalar(2_135));
	let other = Kind::Sr25519.signed(17, Reading::Scalar(2_135));
	assert_ne!(one, other);
	assert!(!one.condemns(&other, &GENESIS));
	assert_eq!(one.measurement.hash(&GENESIS), other.measurement.hash(&GENESIS));
}

#[test]
fn different_devices_do_not_contradict_each_other() {
	let one = Kind::Ed25519.signed(17, Reading::Scalar(2_135));
	let other = Kind::Secp256k1.signed(17, Reading::Scalar(2_136));
	assert!(!one.condemns(&other, &GENESIS));
}

#[test]
fn what_is_signed_never_changes() {
	// What the firmware of devices has to reproduce.
	let measurement = Measurement {
		device: DeviceKey::Ed25519(ed25519::Public::from_raw([0x11; 32])),
		feed: FeedId { asset: 1, source: SourceKind::IotSensor },
		counter: 17,
		taken_at: 2,
		reading: Reading::Scalar(-1),
	};
	let expected = [
		b"rwa/device/measurement/v1".to_vec(),
		vec![7; 32],
		vec![0],
		vec![0x11; 32],
		vec![1, 0, 0, 0, 1],
		vec![17, 0, 0, 0, 0, 0, 0, 0],
		vec![2, 0, 0, 0, 0, 0, 0, 0],
		vec![0],
		vec![0xff; 16],
	];
	assert_eq!(measurement.signing_payload(&GENESIS), expected.concat());
	assert_eq!(measurement.hash(&GENESIS), BlakeTwo256::hash(&expected.concat()));
}

#[test]
fn integers_may_be_numbers_or_strings() {
	let one = parse(&format!(r#"{FIELDS},"reading":{{"scalar":"2135"}}"#)).unwrap();
	let other = r#""asset":"1","source":"iot_sensor","counter":"17","taken_at":"1764100000000""#;
	assert_eq!(parse(&format!(r#"{other},"reading":{{"scalar":2135}}"#)), Ok(one.clone()));
	assert_eq!((one.counter, one.reading), (17, Reading::Scalar(2_135)));
}

#[test]
fn each_kind_of_reading_has_its_json() {
	let read = |reading: &str| parse(&format!(r#"{FIELDS},"reading":{reading}"#));
	let place = Reading::Point(Point::new(473_769_000, -85_417_000).unwrap());
	for (text, reading) in [
		(r#"{"scalar":"-5"}"#, Reading::Scalar(-5)),
		(r#"{"point":{"latitude":473769000,"longitude":"-85417000"}}"#, place),
		(r#"{"angle":90000000}"#, Reading::Angle(Angle::new(90_000_000).unwrap())),
		(r#"{"category":3}"#, Reading::Category(3)),
	] {
		assert_eq!(read(text).unwrap().reading, reading, "{text}");
	}
	for text in [
		r#"{"angle":360000000}"#,
		r#"{"point":{"latitude":0,"longitude":1800000000}}"#,
		r#"{"scalar":"1000000000000000000000000000001"}"#,
	] {
		assert_eq!(read(text), Err(MeasurementError::BadReading), "{text}");
	}
}

#[test]
fn what_two_readers_could_read_differently_is_refused() {
	for reading in [
		r#"{"scalar":21.35}"#,
		r#"{"scalar":1e3}"#,
		r#"{"scalar":17.0}"#,
		r#"{"scalar":-0}"#,
		r#"{"scalar":"-0"}"#,
		r#"{"scalar":"+5"}"#,
		r#"{"scalar":"007"}"#,
		r#"{"scalar":" 7"}"#,
		r#"{"scalar":""}"#,
		r#"{"scalar":99999999999999999999}"#,
		r#"{"scalar":true}"#,
		r#"{"scalar":null}"#,
		r#"{"category":65536}"#,
		r#"{"category":-1}"#,
		r#"{"point":{"latitude":1}}"#,
		r#"{"point":{"latitude":1,"longitude":1,"altitude":1}}"#,
		r#"{"point":{"latitude":1,"latitude":1,"longitude":1}}"#,
		r#"{"colour":1}"#,
	] {
		field_fault(&format!(r#"{FIELDS},"reading":{reading}"#));
	}
	for reading in [r#"{"scalar":1,"category":1}"#, r#"{"scalar":1,"scalar":1}"#, "{}", "5"] {
		let read = parse(&format!(r#"{FIELDS},"reading":{reading}"#));
		assert!(read.is_err(), "{read:?}");
	}
	let array = parse(&format!(r#"{FIELDS},"reading":{{"point":[1,2]}}"#));
	assert_eq!(array, Err(MeasurementError::HasArray));
}

#[test]
fn unknown_repeated_and_missing_fields_are_named() {
	let reading = r#""reading":{"scalar":"1"}"#;
	assert!(field_fault(FIELDS).contains("missing field `reading`"));
	let unknown = field_fault(&format!(r#"{FIELDS},{reading},"unit":"C""#));
	assert!(unknown.contains("unknown field `unit`"), "{unknown}");
	let repeated = field_fault(&format!(r#"{FIELDS},{reading},"counter":18"#));
	assert!(repeated.contains("duplicate field `counter`"), "{repeated}");
}

#[test]
fn other_faults_are_told_apart() {
	let good = json(&format!(r#"{FIELDS},"reading":{{"scalar":"1"}}"#));
	let read = |text: &str| SignedMeasurement::from_json(text.as_bytes()).map(|_| ());
	assert_eq!(read(&good), Ok(()));
	assert_eq!(read(&good.replace("0x11", "0xg1")), bad_key(DeviceKeyError::BadKey));
	assert_eq!(read(&good.replace("0x11", "11")), bad_key(DeviceKeyError::BadKey));
	assert_eq!(read(&good.replace("0x11", "0x1111")), bad_key(DeviceKeyError::BadKey));
	assert_eq!(read(&good.replace("0x11", "0x1")), bad_key(DeviceKeyError::BadKey));
	assert_eq!(read(&good.replace("ed25519:", "")), bad_key(DeviceKeyError::UnknownKind));
	assert_eq!(read(&good.replace("ed25519:", "rsa:")), bad_key(DeviceKeyError::UnknownKind));
	assert_eq!(read(&good.replace("0x22", "0x")), Err(MeasurementError::BadSignature));
	assert_eq!(read(&good.replace("0x22", "0x2é")), Err(MeasurementError::BadSignature));
	assert_eq!(read(&good[..good.len() - 1]), Err(MeasurementError::NotJson));
	assert_eq!(read(&format!("{good} {good}")), Err(MeasurementError::NotJson));
	assert_eq!(read(&"[".repeat(100)), Err(MeasurementError::TooDeep));
	assert_eq!(SignedMeasurement::from_json(&[0xff]), Err(MeasurementError::NotJson));
	let spaces = " ".repeat(MAX_JSON - good.len());
	assert_eq!(read(&format!("{good}{spaces}")), Ok(()));
	assert_eq!(read(&format!("{good}{spaces} ")), Err(MeasurementError::TooLong));
}

fn bad_key(fault: DeviceKeyError) -> Result<(), MeasurementError> {
	Err(MeasurementError::BadDevice(fault))
}

#[test]
fn a_source_should_be_its_name_and_nothing_else() {
	let key = "0a".repeat(32);
	let signature = "0b".repeat(64);
	let read = |source: &str| {
		let text = format!(
			r#"{{"device":"ed25519:0x{key}","asset":1,"source":{source},"counter":17,"taken_at":1,"reading":{{"category":1}},"signature":"0x{signature}"}}"#
		);
		SignedMeasurement::from_json(text.as_bytes()).map(|signed| signed.measurement.feed.source)
	};
	assert_eq!(read(r#""iot_sensor""#), Ok(SourceKind::IotSensor));
	for other in [r#"{"iot_sensor":null}"#, r#""iot""#, "1", "null"] {
		assert!(matches!(read(other), Err(MeasurementError::BadField(_))), "{other}");
	}
}

#[test]
fn a_device_key_has_a_text_form() {
	for kind in KINDS {
		let key = kind.key();
		assert_eq!(key.to_string().parse(), Ok(key));
	}
}

proptest! {
	#[test]
	fn json_keeps_measurements(signed in anything_signed()) {
		let json = signed.to_json();
		prop_assert!(json.len() <= MAX_JSON / 2, "{}", json.len());
		prop_assert_eq!(SignedMeasurement::from_json(json.as_bytes()), Ok(signed));
	}

	#[test]
	fn encoding_keeps_measurements(signed in anything_signed()) {
		let encoded = signed.encode();
		prop_assert_eq!(SignedMeasurement::decode(&mut &encoded[..]), Ok(signed));
	}

	#[test]
	fn random_bytes_are_read_safely(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
		let _ = SignedMeasurement::from_json(&bytes);
		if let Ok(signed) = SignedMeasurement::decode(&mut &bytes[..]) {
			prop_assert!(!signed.verify(&GENESIS));
		}
	}

	#[test]
	fn damaged_json_is_read_safely(
		signed in anything_signed(), at in any::<prop::sample::Index>(), with in any::<u8>(),
		cut in any::<prop::sample::Index>(),
	) {
		let mut json = signed.to_json().into_bytes();
		let place = at.index(json.len());
		json[place] = with;
		let _ = SignedMeasurement::from_json(&json);
		json.truncate(cut.index(json.len()));
		prop_assert!(SignedMeasurement::from_json(&json).is_err());
	}

	#[test]
	fn whatever_is_read_is_written_back_and_read_the_same(
		signed in anything_signed(), at in any::<prop::sample::Index>(), with in b'0'..=b'9',
	) {
		let mut json = signed.to_json().into_bytes();
		let place = at.index(json.len());
		json[place] = with;
		if let Ok(read) = SignedMeasurement::from_json(&json) {
			prop_assert_eq!(SignedMeasurement::from_json(read.to_json().as_bytes()), Ok(read));
		}
	}

	#[test]
	fn a_measurement_never_contradicts_itself_and_contradiction_goes_both_ways(
		one in anything_signed(), other in anything_signed(), same in any::<bool>(),
	) {
		let (one, mut other) = (one.measurement, other.measurement);
		if same {
			(other.device, other.counter) = (one.device.clone(), one.counter);
		}
		prop_assert!(!one.contradicts(&one));
		prop_assert_eq!(one.contradicts(&other), other.contradicts(&one));
		prop_assert_eq!(one.contradicts(&other), same && one != other);
	}
}

#[test]
fn a_device_agrees_to_one_owner_and_asset_on_one_chain() {
	let payload =
		|genesis: [u8; 32], owner: u64, asset| registration_payload(&H256(genesis), &owner, asset);
	let agreed = payload(GENESIS.0, 5, 1);
	for kind in KINDS {
		let signature = kind.signature(&agreed);
		assert!(kind.key().has_signed(&agreed, &signature), "{kind:?}");
		for other in [payload([8; 32], 5, 1), payload(GENESIS.0, 6, 1), payload(GENESIS.0, 5, 2)] {
			assert!(!kind.key().has_signed(&other, &signature), "{kind:?}");
		}
		// Nor is it a measurement, or a measurement it.
		let measured = kind.signed(1, Reading::Category(1));
		assert!(!kind.key().has_signed(&agreed, &measured.signature), "{kind:?}");
		assert!(!SignedMeasurement { signature, ..measured }.verify(&GENESIS), "{kind:?}");
	}
	let short = (b"rwa/device/registration/v1", GENESIS, 5u64, 1u32).encode();
	assert_eq!(agreed, short, "devices rely on these bytes");
}

#[test]
fn a_key_of_another_kind_has_signed_nothing() {
	for kind in KINDS {
		let signature = kind.signature(b"message");
		for other in KINDS.into_iter().filter(|other| other.key() != kind.key()) {
			assert!(!other.key().has_signed(b"message", &signature), "{kind:?}, {other:?}");
		}
	}
}

/// Of two measurements that a device of each kind has signed with one counter.
#[test]
fn a_measurement_refutes_a_report_that_says_something_else_of_its_counter() {
	for kind in KINDS {
		let (one, other) =
			(kind.signed(1, Reading::Category(1)), kind.signed(1, Reading::Category(2)));
		let (one, other) = (one.measurement, other.measurement);
		let feed = one.feed;
		let honest = one.observation(&GENESIS);
		let named = honest.evidence.clone().expect("it names the measurement");
		let named = named.measurement().expect("of a device").clone();
		assert_eq!((named.device, named.counter), (one.device.clone(), one.counter));
		assert_eq!((named.digest, honest.reading), (one.hash(&GENESIS), one.reading));

		assert_eq!(one.refutes(&feed, &honest, &GENESIS), Some(Refutation::None));
		assert_eq!(other.refutes(&feed, &honest, &GENESIS), Some(Refutation::ByAnother));
		let misquoted = Observation { reading: other.reading, ..honest.clone() };
		assert_eq!(one.refutes(&feed, &misquoted, &GENESIS), Some(Refutation::ByItself));
		assert_eq!(other.refutes(&feed, &misquoted, &GENESIS), Some(Refutation::ByAnother));
		let elsewhere = FeedId { asset: feed.asset + 1, ..feed };
		assert_eq!(one.refutes(&elsewhere, &honest, &GENESIS), Some(Refutation::ByItself));

		// What is about something else says nothing.
		let later = Measurement { counter: 2, ..one.clone() };
		assert_eq!(later.refutes(&feed, &honest, &GENESIS), None);
		let stranger =
			KINDS.into_iter().find(|other| other.key() != kind.key()).expect("there are three");
		let of_another = Measurement { device: stranger.key(), ..one.clone() };
		assert_eq!(of_another.refutes(&feed, &honest, &GENESIS), None);
		let plain = Observation { evidence: None, ..honest.clone() };
		assert_eq!(one.refutes(&feed, &plain, &GENESIS), None);
		let image = Observation { evidence: Some(Evidence::Content(H256::zero())), ..honest };
		assert_eq!(one.refutes(&feed, &image, &GENESIS), None);
	}
}

/// `scripts/js/lib/device.test.js` reads the same.
#[test]
fn what_operators_are_told_is_what_the_programs_read() {
	let signed = KINDS[0].signed(17, Reading::Scalar(2_135));
	let told = signed.defence_json(5, &[0x22; 32]);
	let expected = format!(
		r#"{{"round":5,"reporter":"0x{}","measurement":{}}}"#,
		"22".repeat(32),
		signed.to_json()
	);
	assert_eq!(told, expected);

	let honest = signed.measurement.observation(&GENESIS);
	let lie = Observation { reading: Reading::Scalar(2_500), ..honest };
	let told = signed.proof_json(5, &[0x22; 32], &lie);
	let expected = format!(
		r#"{{"round":5,"reporter":"0x{}","reading":{{"scalar":"2500"}},"hash":"{:?}","measurement":{}}}"#,
		"22".repeat(32),
		signed.measurement.hash(&GENESIS),
		signed.to_json()
	);
	assert_eq!(told, expected);
}

#[test]
fn a_device_counts_as_active_until_the_block_in_which_it_was_taken_out_of_service() {
	assert!(DeviceState::Active.was_active_at(7));
	for state in [DeviceState::Retired { since: 7 }, DeviceState::Condemned { since: 7 }] {
		assert!(state.was_active_at(6));
		assert!(state.was_active_at(7), "transactions come after what a block begins");
		assert!(!state.was_active_at(8));
		assert!(!state.is_active());
	}
	assert!(!DeviceState::Retired { since: 7 }.is_condemned());
	assert!(DeviceState::Condemned { since: 7 }.is_condemned());
}

// --- Examples of the documentation -----------------------------------------------------------------

const DOCUMENTATION: &str = include_str!("../../docs/devices.md");

/// The bytes that are signed according to the block below a heading: the first word of each line.
fn documented(heading: &str) -> String {
	let (_, below) = DOCUMENTATION.split_once(&format!("### {heading}\n")).expect("it is there");
	let block = below.split("```\n").nth(1).expect("a block follows");
	block.lines().filter_map(|line| line.split(' ').next()).collect()
}

fn hex(bytes: &[u8]) -> String {
	bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `scripts/js/lib/device.test.js` checks the same.
#[test]
fn the_examples_of_the_documentation_are_what_a_device_signs() {
	let device = ed25519::Pair::from_seed(&SEED);
	let key = DeviceKey::Ed25519(device.public());
	assert!(DOCUMENTATION.contains(&format!("    {key}\n")));

	let agreement = registration_payload(&GENESIS, &[0x22u8; 32], 258);
	assert_eq!(documented("Example of a registration"), hex(&agreement));
	let proof = device.sign(&agreement);
	assert!(DOCUMENTATION.contains(&format!("    0x{}\n", hex(&proof.0))));

	let measure = |value| {
		let feed = FeedId { asset: 258, source: SourceKind::IotSensor };
		let (counter, taken_at, reading) = (17, 1_764_100_000_000, Reading::Scalar(value));
		let measurement = Measurement { device: key.clone(), feed, counter, taken_at, reading };
		let signature = device.sign(&measurement.signing_payload(&GENESIS));
		SignedMeasurement { measurement, signature: DeviceSignature::Ed25519(signature) }
	};
	let (first, second) = (measure(2_135), measure(2_500));
	let payload = first.measurement.signing_payload(&GENESIS);
	assert_eq!(documented("Example of a measurement"), hex(&payload));
	assert!(DOCUMENTATION.contains(&format!("`{:?}`", first.measurement.hash(&GENESIS))));
	assert!(DOCUMENTATION.contains(&format!("    {}\n", first.to_json())));
	assert!(DOCUMENTATION.contains(&format!("    {}\n", second.to_json())));
	assert!(first.condemns(&second, &GENESIS));
}
