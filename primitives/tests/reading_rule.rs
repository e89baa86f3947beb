//! From an answer to a reading: of the right kind, in the feed's unit, and never of what wasn't said.

use proptest::prelude::*;
use rwa_primitives::{
	decimal::DecimalError,
	device::{DeviceKey, DeviceSignature, Measurement, MeasurementError, SignedMeasurement},
	feed::{Evidence, FeedId, MeasurementRef, Observation, SourceKind},
	json::{JsonError, MAX_DEPTH},
	reading::{Angle, Point, Reading, Schema, FULL_ANGLE},
	worker::{
		Conversion, Expected, Found, ReadingError, ReadingRule, SignedRule, SourceConfig, Used,
		MAX_BYTES,
	},
};
use sp_core::{ed25519, Pair, H256};

const FEED: FeedId = FeedId { asset: 1, source: SourceKind::IotSensor };
const NOW: u64 = 1_764_100_000_000;
const EXPECTED: Expected = Expected { feed: FEED, genesis: H256([7; 32]), now: NOW };

const DEGREES: Schema = Schema::Scalar { decimals: 2, minimum: -10_000, maximum: 10_000 };
const PLACES: Schema = Schema::Point {
	south: -900_000_000,
	west: -1_800_000_000,
	north: 900_000_000,
	east: 1_799_999_999,
};
const STATES: Schema = Schema::Category { count: 4 };

fn scalar(text: bool) -> ReadingRule {
	let conversion = Conversion::parse(Some("9/5"), Some("32")).unwrap();
	ReadingRule::Scalar { pointer: "/v".into(), text, conversion }
}

fn point(text: bool) -> ReadingRule {
	ReadingRule::Point { latitude: "/lat".into(), longitude: "/lon".into(), text }
}

fn angle(text: bool) -> ReadingRule {
	ReadingRule::Angle { pointer: "/v".into(), text }
}

fn category() -> ReadingRule {
	let names = [("open", 0), ("closed", 1), ("2", 2), ("true", 3), ("Ärger\n", 1)];
	let categories = names.into_iter().map(|(name, category)| (name.into(), category)).collect();
	ReadingRule::Category { pointer: "/v".into(), categories }
}

fn read_with(rule: &ReadingRule, schema: Schema, body: &str) -> Result<Reading, ReadingError> {
	let found = rule.read(body.as_bytes(), &schema, &EXPECTED, |_| None)?;
	assert_eq!((found.observation.evidence, found.signed), (None, None));
	Ok(found.observation.reading)
}

fn scalar_of(value: &str) -> Result<Reading, ReadingError> {
	read_with(&scalar(false), DEGREES, &format!(r#"{{"v":{value}}}"#))
}

fn angle_of(value: &str) -> Result<u32, ReadingError> {
	match read_with(&angle(false), Schema::Angle, &format!(r#"{{"v":{value}}}"#))? {
		Reading::Angle(angle) => Ok(angle.millionths()),
		other => panic!("{other:?}"),
	}
}

fn category_of(value: &str) -> Result<Reading, ReadingError> {
	read_with(&category(), STATES, &format!(r#"{{"v":{value}}}"#))
}

fn place_of(latitude: &str, longitude: &str) -> Result<(i32, i32), ReadingError> {
	let body = format!(r#"{{"lat":{latitude},"lon":{longitude}}}"#);
	match read_with(&point(false), PLACES, &body)? {
		Reading::Point(Point { latitude, longitude }) => Ok((latitude, longitude)),
		other => panic!("{other:?}"),
	}
}

#[test]
fn scalars_are_converted_to_the_feeds_unit() {
	assert_eq!(scalar_of("21.35"), Ok(Reading::Scalar(7_043)));
	assert_eq!(scalar_of("-40"), Ok(Reading::Scalar(-4_000)));
	// Bounds are not the rule's business.
	assert_eq!(scalar_of("1e9"), Ok(Reading::Scalar(180_000_003_200)));
}

#[test]
fn places_are_read_in_degrees() {
	assert_eq!(place_of("47.3769", "-8.5417"), Ok((473_769_000, -85_417_000)));
	assert_eq!(place_of("-90", "0"), Ok((-900_000_000, 0)));
	// One meridian, one name.
	assert_eq!(place_of("1e-7", "180"), Ok((1, -1_800_000_000)));
	// To the nearest 10⁻⁷, half away from zero.
	assert_eq!(place_of("0.00000005", "-0.00000005"), Ok((1, -1)));
	assert_eq!(place_of("90.00000004", "179.99999996"), Ok((900_000_000, -1_800_000_000)));
	for (latitude, longitude) in [
		("90.0000001", "0"),
		("-91", "0"),
		("0", "180.1"),
		("0", "-180.0000001"),
		("0", "270"),
		("300", "0"),
	] {
		assert_eq!(
			place_of(latitude, longitude),
			Err(ReadingError::NoSuchPlace),
			"{latitude} {longitude}"
		);
	}
	let missing = read_with(&point(false), PLACES, r#"{"lat":1}"#);
	assert_eq!(missing, Err(ReadingError::Json(JsonError::Missing)));
	assert_eq!(place_of("1e400", "0"), Err(ReadingError::Number(DecimalError::TooLarge)));
}

#[test]
fn directions_lose_their_full_turns() {
	for (degrees, millionths) in [
		("0", 0),
		("359.999999", FULL_ANGLE - 1),
		("360", 0),
		("-1", FULL_ANGLE - 1_000_000),
		("-360", 0),
		("725.5", 5_500_000),
		("359.9999995", 0), // rounds up to a full turn
		("-0.0000004", 0),
		("1e30", 280_000_000),
	] {
		assert_eq!(angle_of(degrees), Ok(millionths), "{degrees}");
	}
	assert_eq!(angle_of("1e33"), Err(ReadingError::Number(DecimalError::TooLarge)));
}

#[test]
fn categories_are_found_by_their_names() {
	for (value, category) in [
		(r#""open""#, 0),
		(r#""closed""#, 1),
		("2", 2),
		("2.0", 2), // the same number
		("20e-1", 2),
		(r#""2""#, 2), // the same text
		("true", 3),
		(r#""true""#, 3),
		(r#""\u00c4rger\n""#, 1),
	] {
		assert_eq!(category_of(value), Ok(Reading::Category(category)), "{value}");
	}
	for value in
		[r#""Open""#, r#""open ""#, r#""2.0""#, "2.000000000000000000001", "false", "0", r#""""#]
	{
		assert_eq!(category_of(value), Err(ReadingError::UnknownCategory), "{value}");
	}
	for value in ["null", "[2]", "{}"] {
		assert_eq!(category_of(value), Err(ReadingError::Json(JsonError::NotPlain)), "{value}");
	}
	let long = "2".repeat(100);
	assert_eq!(category_of(&long), Err(ReadingError::UnknownCategory));
}

#[test]
fn numbers_in_quotes_are_taken_only_where_the_operator_says_so() {
	let quoted = r#"{"v":"21.35","lat":"1","lon":"2"}"#;
	for (plain, text, schema) in [
		(scalar(false), scalar(true), DEGREES),
		(point(false), point(true), PLACES),
		(angle(false), angle(true), Schema::Angle),
	] {
		let refused = read_with(&plain, schema, quoted);
		assert_eq!(refused, Err(ReadingError::Json(JsonError::NumberInText)));
		assert!(read_with(&text, schema, quoted).is_ok());
		assert!(read_with(&text, schema, &quoted.replace('"', "").replace("v", "\"v\"")).is_err());
		let half = r#"{"v":21.35,"lat":1,"lon":"2"}"#;
		assert!(read_with(&text, schema, half).is_ok(), "both forms may be mixed");
	}
}

#[test]
fn hostile_answers_are_clean_errors() {
	use ReadingError::{Json, Number};
	for (value, error) in [
		("1e400", Number(DecimalError::TooLarge)),
		("-1e400", Number(DecimalError::TooLarge)),
		("NaN", Json(JsonError::Malformed)),
		("Infinity", Json(JsonError::Malformed)),
		("-Infinity", Json(JsonError::Malformed)),
		("0x1", Json(JsonError::Malformed)),
		("1,5", Json(JsonError::Malformed)),
		("", Json(JsonError::Malformed)),
		(r#""NaN""#, Json(JsonError::NotANumber)),
		(r#""Infinity""#, Json(JsonError::NotANumber)),
		("null", Json(JsonError::NotANumber)),
		("true", Json(JsonError::NotANumber)),
		(&"1".repeat(65), Number(DecimalError::TooLong)),
		(&"[".repeat(60_000), Json(JsonError::TooDeep)),
		(&format!("{}1{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH)), Json(JsonError::TooDeep)),
		(r#"1,"v":2"#, Json(JsonError::Ambiguous)),
	] {
		let body = format!(r#"{{"v":{value}}}"#);
		for (rule, schema) in [(scalar(true), DEGREES), (angle(true), Schema::Angle)] {
			let found = read_with(&rule, schema, &body);
			// An angle of fewer digits fits more.
			assert_eq!(found, Err(error.clone()), "{}", &body[..body.len().min(80)]);
		}
		assert!(!error.to_string().contains('\n'));
	}
	assert_eq!(
		scalar(true).read(&[0xff; 100], &DEGREES, &EXPECTED, |_| None),
		Err(Json(JsonError::Malformed))
	);
	let long = vec![b' '; MAX_BYTES as usize];
	assert_eq!(
		scalar(true).read(&long, &DEGREES, &EXPECTED, |_| None),
		Err(Json(JsonError::Malformed))
	);
}

#[test]
fn a_rule_of_another_kind_than_the_feed_reads_nothing() {
	let rules = [
		(scalar(true), DEGREES),
		(point(true), PLACES),
		(angle(true), Schema::Angle),
		(category(), STATES),
	];
	let body = r#"{"v":2,"lat":1,"lon":2}"#;
	for (place, (rule, own)) in rules.iter().enumerate() {
		assert!(read_with(rule, *own, body).is_ok());
		for (other_place, (_, schema)) in rules.iter().enumerate() {
			assert_eq!(rule.suits(schema), place == other_place);
			let found = read_with(rule, *schema, body);
			assert_eq!(found == Err(ReadingError::WrongKind), place != other_place, "{found:?}");
		}
		assert!(signed_rule().suits(own));
	}
}

fn device() -> ed25519::Pair {
	ed25519::Pair::from_seed(&[1; 32])
}

fn signed_rule() -> ReadingRule {
	let devices = vec![DeviceKey::Ed25519(device().public())];
	ReadingRule::Signed(SignedRule { devices, max_skew_ms: 60_000 })
}

/// What the device signs, after `change`.
fn measured(change: impl FnOnce(&mut Measurement)) -> SignedMeasurement {
	let mut measurement = Measurement {
		device: DeviceKey::Ed25519(device().public()),
		feed: FEED,
		counter: 17,
		taken_at: NOW - 1_000,
		reading: Reading::Scalar(2_135),
	};
	change(&mut measurement);
	let signature = device().sign(&measurement.signing_payload(&EXPECTED.genesis));
	SignedMeasurement { measurement, signature: DeviceSignature::Ed25519(signature) }
}

fn read_signed(signed: &SignedMeasurement, used: Option<Used>) -> Result<Found, ReadingError> {
	signed_rule().read(signed.to_json().as_bytes(), &DEGREES, &EXPECTED, |device| {
		assert_eq!(*device, signed.measurement.device);
		used
	})
}

#[test]
fn a_signed_measurement_becomes_an_observation_with_its_evidence() {
	let signed = measured(|_| {});
	let evidence = Evidence::Measurement(MeasurementRef {
		device: signed.measurement.device.clone(),
		counter: 17,
		digest: signed.measurement.hash(&EXPECTED.genesis),
	});
	let observation = Observation { reading: Reading::Scalar(2_135), evidence: Some(evidence) };
	let expected = Found { observation, signed: Some(signed.clone()) };
	assert_eq!(read_signed(&signed, None), Ok(expected));
}

/// A source with these settings of its reading.
fn source(reading: ReadingRule, content: Option<&str>) -> SourceConfig {
	SourceConfig {
		feed: FEED,
		url: "http://host.example/".into(),
		reading,
		content: content.map(Into::into),
		timeout_ms: 1_500,
		max_bytes: 16_384,
		headers: Vec::new(),
		watch_every: None,
	}
}

#[test]
fn content_that_a_reading_was_derived_from_becomes_evidence() {
	let conversion = Conversion::default();
	let rule = ReadingRule::Scalar { pointer: "/ndvi".into(), text: false, conversion };
	let body = format!(r#"{{"ndvi":0.61,"image":{{"sha256":"{}"}}}}"#, "ab".repeat(32));
	let read = |content| {
		let source = source(rule.clone(), content);
		let found = source.read(body.as_bytes(), &DEGREES, &EXPECTED, |_| None)?;
		assert_eq!(found.signed, None);
		Ok(found.observation)
	};
	let reading = Reading::Scalar(61);
	assert_eq!(read(None), Ok(Observation { reading, evidence: None }));
	let evidence = Some(Evidence::Content([0xab; 32].into()));
	assert_eq!(read(Some("/image/sha256")), Ok(Observation { reading, evidence }));
	// Who asked for it doesn't want a reading without.
	let wrong = |error| Err(ReadingError::Content(error));
	assert_eq!(read(Some("/image/sha512")), wrong(JsonError::Missing));
	assert_eq!(read(Some("/ndvi")), wrong(JsonError::NotAHash));
}

#[test]
fn a_measurement_is_evidence_itself() {
	let signed = measured(|_| {});
	let source = source(signed_rule(), Some("/signature"));
	let body = signed.to_json();
	let found = source.read(body.as_bytes(), &DEGREES, &EXPECTED, |_| None).unwrap();
	let evidence = found.observation.evidence.unwrap();
	assert_eq!(evidence.measurement().unwrap().counter, 17);
}

#[test]
fn what_a_device_has_not_signed_for_this_feed_and_chain_is_refused() {
	let good = measured(|_| {});
	let forged = |change: fn(&mut Measurement)| {
		let mut forged = good.clone();
		change(&mut forged.measurement);
		read_signed(&forged, None)
	};
	assert_eq!(forged(|m| m.reading = Reading::Scalar(1)), Err(ReadingError::BadSignature));
	assert_eq!(forged(|m| m.counter += 1), Err(ReadingError::BadSignature));
	assert_eq!(forged(|m| m.taken_at += 1), Err(ReadingError::BadSignature));

	let other_feed = measured(|m| m.feed.asset = 2);
	assert_eq!(read_signed(&other_feed, None), Err(ReadingError::WrongFeed));
	let stranger = DeviceKey::Ed25519(ed25519::Pair::from_seed(&[2; 32]).public());
	let by_stranger = measured(|m| m.device = stranger);
	assert_eq!(read_signed(&by_stranger, None), Err(ReadingError::UnknownDevice));

	let elsewhere = Expected { genesis: H256([8; 32]), ..EXPECTED };
	let body = good.to_json();
	let found = signed_rule().read(body.as_bytes(), &DEGREES, &elsewhere, |_| None);
	assert_eq!(found, Err(ReadingError::BadSignature));
}

#[test]
fn a_measurement_of_another_time_is_refused() {
	let taken = |at: u64| read_signed(&measured(|m| m.taken_at = at), None);
	assert!(taken(NOW - 60_000).is_ok());
	assert!(taken(NOW + 60_000).is_ok());
	let skew = Err(ReadingError::Skew { most: 60_000 });
	assert_eq!(taken(NOW - 60_001), skew);
	assert_eq!(taken(NOW + 60_001), skew);
	assert_eq!(taken(0), skew);
	assert_eq!(taken(u64::MAX), skew);
}

#[test]
fn a_measurement_may_be_used_again_but_never_an_older_one() {
	let signed = measured(|_| {});
	let hash = signed.measurement.hash(&EXPECTED.genesis);
	let after = |counter, hash| read_signed(&signed, Some(Used { counter, hash })).map(drop);
	assert_eq!(after(16, H256::zero()), Ok(()));
	assert_eq!(after(17, hash), Ok(()));
	assert_eq!(after(17, H256::zero()), Err(ReadingError::Contradicted));
	assert_eq!(after(18, hash), Err(ReadingError::Replayed));
}

#[test]
fn what_is_no_signed_measurement_is_refused_without_being_repeated() {
	let read = |body: &str| {
		signed_rule().read(body.as_bytes(), &DEGREES, &EXPECTED, |_| None).unwrap_err()
	};
	assert!(matches!(read("21.35"), ReadingError::Measurement(MeasurementError::BadField(_))));
	assert_eq!(read("<html>"), ReadingError::Measurement(MeasurementError::NotJson));
	let body = measured(|_| {}).to_json().replace("\"counter\"", "\"hunter2\\n\"");
	let error = read(&body);
	assert!(matches!(&error, ReadingError::Measurement(MeasurementError::BadField(_))));
	assert!(!error.to_string().contains("hunter2"), "{error}");
}

#[test]
fn every_error_explains_itself_in_one_line() {
	use ReadingError::*;
	for error in [
		Json(JsonError::Missing),
		Number(DecimalError::TooLong),
		NoSuchPlace,
		UnknownCategory,
		WrongKind,
		Measurement(MeasurementError::NotJson),
		WrongFeed,
		UnknownDevice,
		BadSignature,
		Skew { most: 5 },
		Replayed,
		Contradicted,
	] {
		let text = error.to_string();
		assert!(!text.is_empty() && !text.contains('\n'));
	}
}

proptest! {
	#[test]
	fn any_bytes_are_survived(body in prop::collection::vec(any::<u8>(), 0..300)) {
		for rule in [scalar(true), point(true), angle(true), category(), signed_rule()] {
			for schema in [DEGREES, PLACES, Schema::Angle, STATES] {
				let _ = rule.read(&body, &schema, &EXPECTED, |_| None);
			}
		}
	}

	#[test]
	fn a_place_is_where_its_degrees_are(
		latitude in -900_000_000i32..=900_000_000, longitude in -1_800_000_000i32..1_800_000_000,
	) {
		let degrees = |n: i32| rwa_primitives::decimal::format_decimal(n.into(), 7);
		prop_assert_eq!(place_of(&degrees(latitude), &degrees(longitude)), Ok((latitude, longitude)));
	}

	#[test]
	fn full_turns_make_no_difference(millionths in 0..FULL_ANGLE, turns in -1_000i128..1_000) {
		let turned = i128::from(millionths) + turns * i128::from(FULL_ANGLE);
		let degrees = rwa_primitives::decimal::format_decimal(turned, 6);
		prop_assert_eq!(angle_of(&degrees), Ok(millionths));
		prop_assert!(Angle::new(millionths).is_some());
	}

	#[test]
	fn settings_survive_the_store(devices in 0usize..3, skew in any::<u32>(), text in any::<bool>()) {
		use codec::{Decode, Encode};
		let devices = vec![DeviceKey::Ed25519(device().public()); devices];
		let signed = ReadingRule::Signed(SignedRule { devices, max_skew_ms: skew });
		for rule in [scalar(text), point(text), angle(text), category(), signed] {
			prop_assert_eq!(ReadingRule::decode(&mut &rule.encode()[..]), Ok(rule));
		}
	}
}
