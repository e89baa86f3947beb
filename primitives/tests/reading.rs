//! Readings: what a feed allows, how far apart two are, and what counts as the same.

use codec::{Decode, Encode};
use proptest::prelude::*;
use rwa_primitives::reading::{
	Angle, Point, Reading, Schema, SchemaFault, Tolerance, FULL_ANGLE, HALF_TURN, MAX_MAGNITUDE,
	QUARTER_TURN,
};
use sp_arithmetic::Permill;

const DEGREE: i32 = 10_000_000;
const TEMPERATURE: Schema = Schema::Scalar { decimals: 2, minimum: -10_000, maximum: 10_000 };
const FIJI: Schema = Schema::Point {
	south: -21 * DEGREE,
	west: 176 * DEGREE,
	north: -12 * DEGREE,
	east: -178 * DEGREE,
};

fn at(latitude: i32, longitude: i32) -> Reading {
	Reading::Point(Point { latitude, longitude })
}

fn angle(millionths: u32) -> Reading {
	Reading::Angle(Angle::new(millionths).unwrap())
}

fn tolerance(percent: u32, absolute: u128) -> Tolerance {
	Tolerance { relative: Permill::from_percent(percent), absolute }
}

/// Whatever can be decoded, valid or not.
fn any_reading() -> impl Strategy<Value = Reading> {
	let any_angle = any::<u32>().prop_map(|millionths| {
		let decoded = Angle::decode(&mut &millionths.to_le_bytes()[..]);
		Reading::Angle(decoded.unwrap())
	});
	prop_oneof![
		any::<i128>().prop_map(Reading::Scalar),
		(-1_000..1_000i128).prop_map(Reading::Scalar),
		any::<(i32, i32)>().prop_map(|(latitude, longitude)| at(latitude, longitude)),
		valid_point().prop_map(Reading::Point),
		any_angle,
		(0..FULL_ANGLE).prop_map(angle),
		any::<u16>().prop_map(Reading::Category),
	]
}

fn valid_point() -> impl Strategy<Value = Point> {
	(-QUARTER_TURN..=QUARTER_TURN, -HALF_TURN..HALF_TURN)
		.prop_map(|(latitude, longitude)| Point::new(latitude, longitude).unwrap())
}

fn any_schema() -> impl Strategy<Value = Schema> {
	prop_oneof![
		any::<(u8, i128, i128)>().prop_map(|(decimals, minimum, maximum)| Schema::Scalar {
			decimals,
			minimum,
			maximum
		}),
		any::<(i32, i32, i32, i32)>().prop_map(|(south, west, north, east)| Schema::Point {
			south,
			west,
			north,
			east
		}),
		Just(Schema::Angle),
		any::<u16>().prop_map(|count| Schema::Category { count }),
		Just(TEMPERATURE),
		Just(FIJI),
	]
}

#[test]
fn what_a_schema_can_not_be() {
	let scalar = |decimals, minimum, maximum| Schema::Scalar { decimals, minimum, maximum }.check();
	assert_eq!(scalar(18, -MAX_MAGNITUDE, MAX_MAGNITUDE), Ok(()));
	assert_eq!(scalar(19, 0, 1), Err(SchemaFault::TooManyDecimals));
	assert_eq!(scalar(0, 1, 1), Err(SchemaFault::EmptyRange));
	assert_eq!(scalar(0, 0, MAX_MAGNITUDE + 1), Err(SchemaFault::TooLarge));
	assert_eq!(scalar(0, i128::MIN, 0), Err(SchemaFault::TooLarge));

	let map = |south, west, north, east| Schema::Point { south, west, north, east }.check();
	assert_eq!(FIJI.check(), Ok(()));
	assert_eq!(map(-QUARTER_TURN, -HALF_TURN, QUARTER_TURN, HALF_TURN - 1), Ok(()));
	assert_eq!(map(0, 0, 1, HALF_TURN), Err(SchemaFault::NoSuchPlace));
	assert_eq!(map(-QUARTER_TURN - 1, 0, 1, 1), Err(SchemaFault::NoSuchPlace));
	assert_eq!(map(1, 0, 1, 1), Err(SchemaFault::EmptyBox));
	assert_eq!(map(0, 1, 1, 1), Err(SchemaFault::EmptyBox));

	assert_eq!(Schema::Angle.check(), Ok(()));
	assert_eq!(Schema::Category { count: 1 }.check(), Err(SchemaFault::TooFewCategories));
	assert_eq!(Schema::Category { count: 2 }.check(), Ok(()));
}

#[test]
fn a_schema_allows_its_own_kind_within_bounds() {
	assert!(TEMPERATURE.allows(&Reading::Scalar(-10_000)));
	assert!(TEMPERATURE.allows(&Reading::Scalar(10_000)));
	assert!(!TEMPERATURE.allows(&Reading::Scalar(10_001)));
	assert!(!TEMPERATURE.allows(&Reading::Category(1)));
	assert!(Schema::Category { count: 2 }.allows(&Reading::Category(1)));
	assert!(!Schema::Category { count: 2 }.allows(&Reading::Category(2)));
	assert!(!Schema::Angle.allows(&Reading::Scalar(1)));
}

#[test]
fn a_box_may_lie_across_the_date_line() {
	for (longitude, inside) in [(175, false), (176, true), (179, true), (-180, true), (-178, true)]
		.into_iter()
		.chain([(-177, false), (0, false)])
	{
		assert_eq!(FIJI.allows(&at(-18 * DEGREE, longitude * DEGREE)), inside, "{longitude}");
	}
	assert!(!FIJI.allows(&at(-11 * DEGREE, 179 * DEGREE)));
	assert!(!FIJI.allows(&at(-18 * DEGREE, HALF_TURN)));
	let zurich = Schema::Point { south: 0, west: 0, north: 1, east: 2 };
	assert!(zurich.allows(&at(1, 2)));
	assert!(!zurich.allows(&at(1, -1)));
}

#[test]
fn the_date_line_has_one_name() {
	assert_eq!(Point::new(0, HALF_TURN), Point::new(0, -HALF_TURN));
	assert_eq!(Point::new(0, HALF_TURN + 1), None);
	assert_eq!(Point::new(QUARTER_TURN + 1, 0), None);
	assert_eq!(Angle::new(FULL_ANGLE), None);
}

#[test]
fn distances_are_on_the_ground() {
	let metres = |a: Reading, b: Reading| a.distance(&b).unwrap() / 100;
	// A degree of latitude; a degree of longitude at 60° is half of it.
	assert_eq!(metres(at(0, 0), at(DEGREE, 0)), 111_193);
	assert_eq!(metres(at(60 * DEGREE, 0), at(60 * DEGREE, DEGREE)), 55_596);
	// Across the date line, across a pole, and through the Earth.
	assert_eq!(metres(at(0, -HALF_TURN), at(0, HALF_TURN - DEGREE)), 111_193);
	assert_eq!(metres(at(899_999_991, 0), at(899_999_991, -HALF_TURN)), 0);
	assert_eq!(at(QUARTER_TURN, 5).distance(&at(QUARTER_TURN, -7)), Some(0));
	assert_eq!(metres(at(QUARTER_TURN, 0), at(-QUARTER_TURN, 0)), 12_742_017);
	// The last digit is 1.1 cm.
	assert_eq!(at(0, 0).distance(&at(1, 0)), Some(1));
}

#[test]
fn near_zero_the_absolute_tolerance_counts() {
	let five = tolerance(5, 20);
	assert!(five.holds(&Reading::Scalar(1_050), &Reading::Scalar(1_000)));
	assert!(five.deviates(&Reading::Scalar(1_051), &Reading::Scalar(1_000)));
	assert!(five.holds(&Reading::Scalar(-1_050), &Reading::Scalar(-1_000)));
	assert!(five.holds(&Reading::Scalar(-20), &Reading::Scalar(0)));
	assert!(five.deviates(&Reading::Scalar(-21), &Reading::Scalar(0)));
}

#[test]
fn a_share_means_nothing_for_places_angles_and_categories() {
	let all = Tolerance { relative: Permill::one(), absolute: 2 };
	assert!(all.holds(&angle(1), &angle(FULL_ANGLE - 1)));
	assert!(all.deviates(&angle(2), &angle(FULL_ANGLE - 1)));
	assert!(all.holds(&at(0, 0), &at(2, 0)));
	assert!(all.deviates(&at(0, 0), &at(3, 0)));
	assert!(all.deviates(&Reading::Category(0), &Reading::Category(1)));
	assert!(all.deviates(&Reading::Category(0), &Reading::Scalar(0)));
}

#[test]
fn readings_are_shown_in_the_feeds_unit() {
	assert_eq!(TEMPERATURE.show(&Reading::Scalar(-2_135)), "-21.35");
	assert_eq!(FIJI.show(&at(-181_416_000, 1_784_419_000)), "-18.1416000°, 178.4419000°");
	assert_eq!(Schema::Angle.show(&angle(90_500_000)), "90.500000°");
	assert_eq!(Schema::Category { count: 3 }.show(&Reading::Category(2)), "category 2");
	assert_eq!(Schema::Angle.show(&Reading::Scalar(7)), "7");
}

#[test]
fn schemas_and_readings_have_a_json_form() {
	let json = |schema: &Schema| serde_json::to_string(schema).unwrap();
	assert_eq!(
		json(&TEMPERATURE),
		r#"{"scalar":{"decimals":2,"minimum":"-10000","maximum":"10000"}}"#
	);
	assert_eq!(json(&Schema::Angle), r#""angle""#);
	assert_eq!(
		serde_json::to_string(&at(1, -2)).unwrap(),
		r#"{"point":{"latitude":1,"longitude":-2}}"#
	);
}

#[test]
fn kinds_keep_their_numbers() {
	assert_eq!(Reading::Scalar(0).encode()[0], 0);
	assert_eq!(at(0, 0).encode(), [1, 0, 0, 0, 0, 0, 0, 0, 0]);
	assert_eq!(angle(1).encode(), [2, 1, 0, 0, 0]);
	assert_eq!(Reading::Category(1).encode(), [3, 1, 0]);
	assert_eq!(Schema::Angle.encode(), [2]);
}

proptest! {
	#[test]
	fn whatever_is_decoded_is_safe_to_judge(
		schema in any_schema(), a in any_reading(), b in any_reading(),
		percent in 0..=100u32, absolute in any::<u128>(),
	) {
		let _ = (schema.check(), schema.show(&a), schema.distance(&a, &b));
		let _ = tolerance(percent, absolute).holds(&a, &b);
		if schema.allows(&a) {
			prop_assert!(a.is_valid());
			prop_assert_eq!(schema.distance(&a, &a), Some(0));
		}
	}

	#[test]
	fn random_bytes_decode_safely(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
		if let Ok(reading) = Reading::decode(&mut &bytes[..]) {
			let _ = (FIJI.show(&reading), reading.distance(&reading));
			prop_assert_eq!(Reading::decode(&mut &reading.encode()[..]), Ok(reading));
		}
		if let Ok(schema) = Schema::decode(&mut &bytes[..]) {
			let _ = schema.check();
		}
	}

	#[test]
	fn distances_are_the_same_both_ways(a in any_reading(), b in any_reading()) {
		prop_assert_eq!(a.distance(&b), b.distance(&a));
		if a.is_valid() {
			prop_assert_eq!(a.distance(&a), Some(0));
		}
	}

	#[test]
	fn a_detour_is_never_shorter(a in valid_point(), b in valid_point(), c in valid_point()) {
		let [a, b, c] = [a, b, c].map(Reading::Point);
		let detour = a.distance(&b).unwrap() + b.distance(&c).unwrap();
		// Each is rounded.
		prop_assert!(a.distance(&c).unwrap() <= detour + 1);
	}

	#[test]
	fn distances_are_those_of_floating_point(a in valid_point(), b in valid_point(), near in any::<bool>()) {
		let b = if near { Point { latitude: (a.latitude + b.latitude % 1_000)
			.clamp(-QUARTER_TURN, QUARTER_TURN), ..a } } else { b };
		let radians = |units: i32| f64::from(units) * std::f64::consts::PI / 1.8e9;
		let half = |x: i32, y: i32| ((radians(x) - radians(y)) / 2.0).sin().powi(2);
		let haversine = half(a.latitude, b.latitude)
			+ radians(a.latitude).cos() * radians(b.latitude).cos() * half(a.longitude, b.longitude);
		let expected = 2.0 * 637_100_880.0 * haversine.sqrt();
		let distance = Reading::Point(a).distance(&Reading::Point(b)).unwrap();
		#[allow(clippy::cast_precision_loss)] // Far below 2^53.
		let difference = (distance as f64 - expected).abs();
		prop_assert!(difference < 1.0, "{distance} {expected}");
	}

	#[test]
	fn json_keeps_schemas_and_readings(schema in any_schema(), reading in any_reading()) {
		let text = serde_json::to_string(&schema).unwrap();
		prop_assert_eq!(serde_json::from_str::<Schema>(&text).unwrap(), schema);
		let text = serde_json::to_string(&reading).unwrap();
		prop_assert_eq!(serde_json::from_str::<Reading>(&text).unwrap(), reading);
		// Genesis presets pass through a tree of values.
		let tree = serde_json::to_value(schema).unwrap();
		prop_assert_eq!(serde_json::from_value::<Schema>(tree).unwrap(), schema);
	}
}
