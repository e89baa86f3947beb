//! Scalars: liars below a third never move the answer beyond what honest reporters read.

mod common;

use common::*;
use proptest::prelude::*;
use rwa_primitives::{
	aggregate::{aggregate, time_weighted_mean, Disagreement, Rules, WeightedReading, MAX_WEIGHT},
	feed::Value,
	reading::{Reading, Schema, Tolerance, MAX_MAGNITUDE},
};
use sp_arithmetic::{Percent, Permill};

const SCHEMA: Schema =
	Schema::Scalar { decimals: 2, minimum: -MAX_MAGNITUDE, maximum: MAX_MAGNITUDE };

fn report(value: Value, weight: u128) -> WeightedReading {
	WeightedReading { reading: Reading::Scalar(value), weight }
}

fn scalar(reading: Reading) -> Value {
	match reading {
		Reading::Scalar(value) => value,
		other => panic!("{other:?} is no scalar"),
	}
}

/// Values around anything, and what liars say: anything, the same for all, extremes, just beyond the
/// honest ones, or the same as they.
fn values() -> impl Strategy<Value = (Vec<Value>, Vec<Value>)> {
	let half = MAX_MAGNITUDE / 2;
	let middle = prop_oneof![-1_000..1_000i128, -half..half];
	let spread = prop_oneof![Just(1i128), 1..1_000i128, 1..half];
	(middle, spread)
		.prop_flat_map(|(middle, spread)| {
			(prop::collection::vec(middle - spread..=middle + spread, 25), Just(spread))
		})
		.prop_flat_map(move |(honest, spread)| {
			let low = *honest.iter().min().unwrap();
			let high = *honest.iter().max().unwrap();
			let offset = -half..half;
			let any = -MAX_MAGNITUDE..=MAX_MAGNITUDE;
			let lies = prop_oneof![
				prop::collection::vec(any.clone(), 25),
				any.prop_map(|lie| vec![lie]),
				Just(vec![MAX_MAGNITUDE]),
				Just(vec![-MAX_MAGNITUDE]),
				Just(vec![-MAX_MAGNITUDE, MAX_MAGNITUDE]),
				Just(vec![(low - 1).max(-MAX_MAGNITUDE)]),
				Just(vec![(high + 1).min(MAX_MAGNITUDE)]),
				Just(vec![
					(low - 2 * spread).max(-MAX_MAGNITUDE),
					(high + 2 * spread).min(MAX_MAGNITUDE),
				]),
				(offset, Just(honest.clone())).prop_map(|(by, honest)| {
					let moved = honest.into_iter().map(|value| value + by);
					moved.map(|v| v.clamp(-MAX_MAGNITUDE, MAX_MAGNITUDE)).collect()
				}),
				Just(honest.clone()),
			];
			(Just(honest), lies)
		})
}

fn tolerance() -> impl Strategy<Value = Tolerance> {
	(0..=1_000_000u32, prop_oneof![Just(0u128), 0..1_000u128, any::<u128>()]).prop_map(
		|(relative, absolute)| Tolerance { relative: Permill::from_parts(relative), absolute },
	)
}

fn rules() -> impl Strategy<Value = Rules> {
	(any::<u8>(), tolerance()).prop_map(|(outlier_multiple, same)| Rules {
		outlier_multiple,
		same,
		..RULES
	})
}

#[test]
fn the_answer_is_the_mean_of_all_but_outliers() {
	let reports = [report(100, 1), report(101, 1), report(102, 1), report(103, 1), report(900, 1)];
	let agreement = aggregate(&SCHEMA, &reports, 5, &RULES).unwrap();
	// Of 100 to 103 it is 101.5, rounded up.
	assert_eq!(agreement.value, Reading::Scalar(102));
	assert_eq!(agreement.median, Reading::Scalar(102));
	assert_eq!(agreement.spread, 1);
	assert_eq!(agreement.outliers, [false, false, false, false, true]);
	assert_eq!(agreement.reported, 5);
}

#[test]
fn weights_count() {
	let reports = [report(0, 1), report(0, 1), report(10, 3), report(10, 3)];
	let lenient = Rules { same: Tolerance { absolute: 10, ..EXACT }, ..RULES };
	let agreement = aggregate(&SCHEMA, &reports, 8, &lenient).unwrap();
	// The mean is 7.5, but only from 10 downwards is there a third of the weight.
	assert_eq!(agreement.value, Reading::Scalar(10));
	let reports = [report(0, 3), report(0, 3), report(10, 4), report(10, 4)];
	let agreement = aggregate(&SCHEMA, &reports, 14, &lenient).unwrap();
	assert_eq!(agreement.value, Reading::Scalar(6));
}

#[test]
fn nobody_within_the_tolerance_is_an_outlier() {
	let reports = [report(100, 1), report(100, 1), report(100, 1), report(104, 1), report(106, 1)];
	let outliers = |same| {
		let rules = Rules { same, ..RULES };
		aggregate(&SCHEMA, &reports, 5, &rules).unwrap().outliers
	};
	assert_eq!(outliers(EXACT), [false, false, false, true, true]);
	let five_percent = Tolerance { relative: Permill::from_percent(5), absolute: 0 };
	assert_eq!(outliers(five_percent), [false, false, false, false, true]);
	assert_eq!(outliers(Tolerance { absolute: 6, ..five_percent }), [false; 5]);
}

#[test]
fn an_outlier_is_beyond_the_multiple_of_the_scaled_mad() {
	// The MAD is 10000: 3 times 1.4826 of it are 44478.
	let at = |last| {
		let reports = [report(0, 2), report(10_000, 1), report(-10_000, 1), report(last, 1)];
		aggregate(&SCHEMA, &reports, 5, &RULES).unwrap().outliers
	};
	assert_eq!(at(44_478), [false; 4]);
	assert_eq!(at(44_479), [false, false, false, true]);
}

#[test]
fn two_thirds_have_to_report_even_if_the_quorum_is_less() {
	let rules = |percent| Rules { quorum: Percent::from_percent(percent), ..RULES };
	let with = |reported, percent| {
		let reports = vec![report(1, 1); reported];
		aggregate(&SCHEMA, &reports, 10, &rules(percent)).map(|agreement| agreement.reported)
	};
	let missing =
		|reported, needed| Err::<u128, _>(Disagreement::TooLittleWeight { reported, needed });
	assert_eq!(with(6, 0), missing(6, 7));
	assert_eq!(with(7, 0), Ok(7));
	assert_eq!(with(7, 66), Ok(7));
	assert_eq!(with(8, 81), missing(8, 9));
	assert_eq!(with(9, 81), Ok(9));
	assert_eq!(with(0, 0), missing(0, 7));
	for nothing in [&[][..], &[report(1, 0)]] {
		let result = aggregate(&SCHEMA, nothing, 0, &RULES).map(|agreement| agreement.reported);
		assert_eq!(result, missing(0, 1));
	}
}

#[test]
fn wrong_sums_of_weights_are_refused() {
	let too_much = Err(Disagreement::TooMuchWeight);
	assert_eq!(aggregate(&SCHEMA, &[report(1, 6)], 5, &RULES), too_much);
	let reports = [report(1, u128::MAX), report(1, 1)];
	assert_eq!(aggregate(&SCHEMA, &reports, u128::MAX, &RULES), too_much);
	let reports = [report(1, MAX_WEIGHT)];
	assert_eq!(aggregate(&SCHEMA, &reports, MAX_WEIGHT + 1, &RULES), too_much);
	assert!(aggregate(&SCHEMA, &reports, MAX_WEIGHT, &RULES).is_ok());
}

#[test]
fn what_the_schema_does_not_allow_is_refused() {
	let schema = Schema::Scalar { decimals: 0, minimum: 0, maximum: 10 };
	for wrong in [Reading::Scalar(11), Reading::Scalar(-1), Reading::Category(1)] {
		let reports = [report(5, 1), WeightedReading { reading: wrong, weight: 1 }];
		assert_eq!(
			aggregate(&schema, &reports, 2, &RULES),
			Err(Disagreement::NotOfThisKind { report: 1 })
		);
	}
}

#[test]
fn two_groups_fail_the_round() {
	let reports = [report(0, 3), report(0, 3), report(100, 2), report(100, 2), report(100, 2)];
	// Half each, and the median is the lower: MAD 0 would drop the upper half.
	let rules = Rules { same: Tolerance { absolute: 100, ..EXACT }, ..RULES };
	let strict = Rules { divergence: Tolerance { absolute: 10, ..EXACT }, ..rules };
	assert_eq!(aggregate(&SCHEMA, &reports, 12, &rules).unwrap().value, Reading::Scalar(50));
	assert_eq!(
		aggregate(&SCHEMA, &reports, 12, &strict),
		Err(Disagreement::Diverged { value: Reading::Scalar(50), median: Reading::Scalar(0) })
	);
}

#[test]
fn the_largest_numbers_are_exact() {
	let (most, weight) = (MAX_MAGNITUDE, MAX_WEIGHT / 4);
	let reports = [report(most, weight), report(most, weight), report(-most, weight)];
	let agreement = aggregate(&SCHEMA, &reports, MAX_WEIGHT, &RULES).unwrap();
	assert_eq!(agreement.value, Reading::Scalar(most));
	assert_eq!(agreement.outliers, [false, false, true]);
	let reports = [report(most, weight), report(-most, weight), report(most - 1, weight)];
	let all = Rules { same: ANYTHING, ..RULES };
	let agreement = aggregate(&SCHEMA, &reports, MAX_WEIGHT, &all).unwrap();
	// A third of all that was assigned is reached at the second from either end.
	assert_eq!(agreement.value, Reading::Scalar(most - 1));
}

#[test]
fn a_value_counts_for_as_long_as_it_stood() {
	let history = [(10, 100), (20, 200), (30, 0)];
	assert_eq!(time_weighted_mean(&history, 10, 20), Some(100));
	assert_eq!(time_weighted_mean(&history, 10, 30), Some(150));
	assert_eq!(time_weighted_mean(&history, 15, 25), Some(150));
	assert_eq!(time_weighted_mean(&history, 10, 40), Some(100));
	assert_eq!(time_weighted_mean(&history, 100, 101), Some(0));
	assert_eq!(time_weighted_mean(&history, 9, 40), None);
	assert_eq!(time_weighted_mean(&history, 20, 20), None);
	assert_eq!(time_weighted_mean(&history, 30, 20), None);
	assert_eq!(time_weighted_mean(&[], 0, 1), None);
	assert_eq!(time_weighted_mean(&[(2, 1), (1, 1)], 5, 6), None);
	let extremes = [(0, i128::MIN), (u64::MAX / 2, i128::MAX)];
	assert_eq!(time_weighted_mean(&extremes, 0, u64::MAX - 1), Some(0));
}

proptest! {
	#[test]
	fn liars_below_a_third_never_move_the_answer_beyond_honest_readings(
		parties in parties(), (honest, lies) in values(), rules in rules(),
	) {
		let reports = reports(&parties, &honest, &lies, Reading::Scalar);
		let agreement = aggregate(&SCHEMA, &reports, assigned(&parties), &rules).unwrap();
		let honest = honest_of(&parties, &honest);
		let range = *honest.iter().min().unwrap()..=*honest.iter().max().unwrap();
		prop_assert!(range.contains(&scalar(agreement.value)));
		prop_assert!(range.contains(&scalar(agreement.median)));
	}

	#[test]
	fn liars_can_not_fail_a_round_of_honest_reporters_who_agree(
		parties in parties(), (honest, lies) in values(), rules in rules(),
	) {
		let width = honest.iter().max().unwrap().abs_diff(*honest.iter().min().unwrap());
		let rules = Rules { divergence: Tolerance { absolute: width, ..EXACT }, ..rules };
		let reports = reports(&parties, &honest, &lies, Reading::Scalar);
		prop_assert!(aggregate(&SCHEMA, &reports, assigned(&parties), &rules).is_ok());
	}

	#[test]
	fn if_all_honest_reporters_read_the_same_that_is_the_answer(
		parties in parties(), value in -MAX_MAGNITUDE..=MAX_MAGNITUDE, (_, lies) in values(),
	) {
		let reports = reports(&parties, &[value], &lies, Reading::Scalar);
		let agreement = aggregate(&SCHEMA, &reports, assigned(&parties), &RULES).unwrap();
		prop_assert_eq!(agreement.value, Reading::Scalar(value));
	}

	#[test]
	fn the_order_does_not_matter(
		parties in parties(), (honest, lies) in values(), rules in rules(), rotation in 0..50usize,
	) {
		let reports = reports(&parties, &honest, &lies, Reading::Scalar);
		check_order(&SCHEMA, &reports, assigned(&parties), &rules, rotation)?;
	}

	#[test]
	fn a_report_may_be_split(
		parties in parties(), (honest, lies) in values(), rules in rules(),
		split in any::<(usize, u128)>(),
	) {
		let reports = reports(&parties, &honest, &lies, Reading::Scalar);
		check_split(&SCHEMA, &reports, assigned(&parties), &rules, split)?;
	}

	#[test]
	fn another_unit_gives_the_same_answer_in_that_unit(
		parties in parties(), values in prop::collection::vec(-10_000..10_000i128, 25),
		lies in prop::collection::vec(-1_000_000..1_000_000i128, 25), factor in 1..1_000u32,
	) {
		let times = i128::from(factor);
		let told = reports(&parties, &values, &lies, Reading::Scalar);
		let scaled = reports(&parties, &values, &lies, |value| Reading::Scalar(value * times));
		let one = aggregate(&SCHEMA, &told, assigned(&parties), &RULES).unwrap();
		let other = aggregate(&SCHEMA, &scaled, assigned(&parties), &RULES).unwrap();
		prop_assert_eq!(scalar(other.median), scalar(one.median) * times);
		prop_assert_eq!(other.spread, one.spread * u128::from(factor));
		prop_assert_eq!(&other.outliers, &one.outliers);
		// The one was rounded by at most half a unit, which is half of `times` of the other's.
		let difference = scalar(other.value) - scalar(one.value) * times;
		prop_assert!(difference.abs() <= times / 2 + 1, "{}", difference);
	}

	#[test]
	fn another_zero_gives_the_same_answer(
		parties in parties(), values in prop::collection::vec(-10_000..10_000i128, 25),
		lies in prop::collection::vec(-1_000_000..1_000_000i128, 25), by in any::<i64>(),
	) {
		let by = i128::from(by);
		let told = reports(&parties, &values, &lies, Reading::Scalar);
		let moved = reports(&parties, &values, &lies, |value| Reading::Scalar(value + by));
		let one = aggregate(&SCHEMA, &told, assigned(&parties), &RULES).unwrap();
		let other = aggregate(&SCHEMA, &moved, assigned(&parties), &RULES).unwrap();
		prop_assert_eq!(scalar(other.value), scalar(one.value) + by);
		prop_assert_eq!(other.spread, one.spread);
	}

	#[test]
	fn at_least_half_of_the_weight_is_kept(parties in parties(), (honest, lies) in values()) {
		let reports = reports(&parties, &honest, &lies, Reading::Scalar);
		let agreement = aggregate(&SCHEMA, &reports, assigned(&parties), &RULES).unwrap();
		let kept = reports.iter().zip(&agreement.outliers).filter(|(_, outlier)| !**outlier);
		let kept: u128 = kept.map(|(report, _)| report.weight).sum();
		prop_assert!(kept * 2 >= agreement.reported);
	}

	#[test]
	fn the_mean_over_time_is_the_mean_of_all_blocks(
		steps in prop::collection::vec((0..5u64, -1_000..1_000i128), 1..10),
		from in 0..30u64, length in 1..30u64,
	) {
		let mut now = 0;
		let history: Vec<(u64, Value)> = steps
			.into_iter()
			.enumerate()
			.map(|(number, (wait, value))| {
				now += if number == 0 { 0 } else { wait };
				(now, value)
			})
			.collect();
		let at = |block| history.iter().rfind(|(since, _)| *since <= block).unwrap().1;
		let sum: i128 = (from..from + length).map(at).sum();
		let length_signed = i128::from(length);
		let rounded = (2 * sum + length_signed).div_euclid(2 * length_signed);
		prop_assert_eq!(time_weighted_mean(&history, from, from + length), Some(rounded));
	}
}
