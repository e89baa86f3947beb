//! What one node's sources say together.

use proptest::prelude::*;
use rwa_primitives::{
	aggregate::{aggregate, Rules, WeightedReading},
	reading::{Angle, Point, Reading, Schema, Tolerance, FULL_ANGLE},
	worker::{merge, Dissent},
};
use sp_arithmetic::{Percent, Permill};

const SCALARS: Schema = Schema::Scalar { decimals: 2, minimum: -1_000_000, maximum: 1_000_000 };
const PLACES: Schema = Schema::Point {
	south: -900_000_000,
	west: -1_800_000_000,
	north: 900_000_000,
	east: 1_799_999_999,
};
const STATES: Schema = Schema::Category { count: 10 };

/// Half a degree, a centimetre or a millionth of a degree: whatever the unit, fifty of it.
const SAME: Tolerance = Tolerance { relative: Permill::from_parts(0), absolute: 50 };
const RULES: Rules =
	Rules { quorum: Percent::from_percent(66), outlier_multiple: 3, same: SAME, divergence: SAME };

fn scalars(values: &[i128]) -> Result<Reading, Dissent> {
	merge(&SCALARS, &RULES, &values.iter().copied().map(Reading::Scalar).collect::<Vec<_>>())
}

fn angles(degrees: &[u32]) -> Result<Reading, Dissent> {
	let readings: Vec<_> = degrees.iter().map(|n| angle(*n)).collect();
	merge(&Schema::Angle, &RULES, &readings)
}

fn angle(degrees: u32) -> Reading {
	Reading::Angle(Angle::new(degrees * 1_000_000).unwrap())
}

fn place(latitude: i32, longitude: i32) -> Reading {
	Reading::Point(Point::new(latitude, longitude).unwrap())
}

fn states(states: &[u16]) -> Result<Reading, Dissent> {
	merge(&STATES, &RULES, &states.iter().copied().map(Reading::Category).collect::<Vec<_>>())
}

#[test]
fn one_source_is_believed() {
	assert_eq!(scalars(&[2_135]), Ok(Reading::Scalar(2_135)));
	assert_eq!(states(&[3]), Ok(Reading::Category(3)));
}

#[test]
fn no_source_says_nothing() {
	assert!(scalars(&[]).is_err());
}

#[test]
fn of_two_that_agree_the_first_is_believed() {
	assert_eq!(scalars(&[2_100, 2_150]), Ok(Reading::Scalar(2_100)));
	assert_eq!(scalars(&[2_150, 2_100]), Ok(Reading::Scalar(2_150)));
	assert_eq!(states(&[3, 3]), Ok(Reading::Category(3)));
	let near = [place(0, -1_800_000_000), place(0, 1_799_999_999)];
	assert_eq!(merge(&PLACES, &RULES, &near), Ok(near[0]), "across the date line");
	assert_eq!(angles(&[0, 0]), Ok(angle(0)));
}

#[test]
fn two_that_disagree_say_nothing_and_are_shown() {
	let error = scalars(&[2_100, 2_151]).unwrap_err();
	assert_eq!(error.to_string(), "the sources disagree: 21.00; 21.51");
	assert!(states(&[3, 4]).is_err());
	assert!(angles(&[0, 180]).is_err());
	assert!(merge(&PLACES, &RULES, &[place(0, 0), place(0, 1_000)]).is_err());
}

#[test]
fn of_three_the_one_in_the_middle_is_believed() {
	assert_eq!(scalars(&[9_999, 2_100, 2_150]), Ok(Reading::Scalar(2_150)));
	assert_eq!(scalars(&[2_100, -9_999, 2_150]), Ok(Reading::Scalar(2_100)));
	assert_eq!(scalars(&[1, 2_000, 50_000]), Ok(Reading::Scalar(2_000)), "however far apart");
	assert_eq!(angles(&[359, 1, 0]), Ok(angle(0)), "across north");
	assert_eq!(angles(&[10, 200, 12]), Ok(angle(10)));
	let places = [place(10, 10), place(900_000_000, 0), place(20, 20)];
	assert_eq!(merge(&PLACES, &RULES, &places), Ok(places[2]), "one is at the pole");
	assert_eq!(states(&[7, 3, 3]), Ok(Reading::Category(3)));
	assert!(states(&[1, 2, 3]).is_err(), "nothing is between categories");
}

#[test]
fn four_and_more_are_aggregated_like_the_reports_of_a_round() {
	assert_eq!(scalars(&[2_100, 2_110, 2_120, 2_130]), Ok(Reading::Scalar(2_115)));
	assert_eq!(scalars(&[2_100, 2_110, 9_999, 2_120]), Ok(Reading::Scalar(2_110)));
	assert_eq!(angles(&[359, 0, 1, 0, 180]), Ok(angle(0)));
	assert_eq!(states(&[3, 3, 3, 1]), Ok(Reading::Category(3)));
	assert!(scalars(&[0, 10, 4_000, 9_000, 9_010]).is_err(), "mean and median diverge");
	assert!(states(&[1, 1, 2, 2]).is_err());
	assert!(angles(&[0, 90, 180, 270]).is_err());
}

/// Readings of one kind.
fn kinds() -> impl Strategy<Value = (Schema, Vec<Reading>)> {
	let scalar = (-1_000_000i128..=1_000_000).prop_map(Reading::Scalar);
	let point = (-900_000_000i32..=900_000_000, -1_800_000_000i32..1_800_000_000)
		.prop_map(|(latitude, longitude)| place(latitude, longitude));
	let angle = (0..FULL_ANGLE).prop_map(|n| Reading::Angle(Angle::new(n).unwrap()));
	let state = (0u16..10).prop_map(Reading::Category);
	prop_oneof![
		prop::collection::vec(scalar, 1..9).prop_map(|readings| (SCALARS, readings)),
		prop::collection::vec(point, 1..9).prop_map(|readings| (PLACES, readings)),
		prop::collection::vec(angle, 1..9).prop_map(|readings| (Schema::Angle, readings)),
		prop::collection::vec(state, 1..9).prop_map(|readings| (STATES, readings)),
	]
}

proptest! {
	#[test]
	fn whatever_is_agreed_on_can_be_reported((schema, readings) in kinds()) {
		if let Ok(reading) = merge(&schema, &RULES, &readings) {
			prop_assert!(schema.allows(&reading));
			prop_assert!(readings.len() > 3 || readings.contains(&reading));
		}
	}

	#[test]
	fn sources_that_all_say_the_same_are_believed((schema, readings) in kinds(), count in 1usize..9) {
		let same = vec![readings[0]; count];
		// The centre of one place with itself may be off by as little as its coordinates resolve.
		let merged = merge(&schema, &RULES, &same).unwrap();
		prop_assert!(merged.distance(&readings[0]).unwrap() <= 2);
	}

	#[test]
	fn three_scalars_have_their_median(values in prop::array::uniform3(-1_000_000i128..=1_000_000)) {
		let mut sorted = values;
		sorted.sort_unstable();
		prop_assert_eq!(scalars(&values), Ok(Reading::Scalar(sorted[1])));
	}

	/// One liar of three brings the answer no further from an honest source than the other honest one is.
	#[test]
	fn one_wrong_source_of_three_does_no_harm((schema, readings) in kinds(), liar in 0usize..3) {
		prop_assume!(readings.len() >= 3);
		let three = &readings[..3];
		let honest: Vec<_> = (0..3).filter(|n| *n != liar).map(|n| three[n]).collect();
		if let Ok(reading) = merge(&schema, &RULES, three) {
			let apart = honest[0].distance(&honest[1]).unwrap();
			prop_assert!(honest.iter().all(|one| one.distance(&reading).unwrap() <= apart + 2));
		}
	}

	#[test]
	fn many_sources_say_what_a_round_of_equals_would(values in prop::collection::vec(2_000i128..2_050, 4..9)) {
		let reports: Vec<_> = values
			.iter()
			.map(|value| WeightedReading { reading: Reading::Scalar(*value), weight: 1 })
			.collect();
		let round = aggregate(&SCALARS, &reports, reports.len() as u128, &RULES).unwrap();
		prop_assert_eq!(scalars(&values), Ok(round.value));
	}
}
