//! Angles: the answer is on the honest readings' arc, wherever zero is.

mod common;

use common::*;
use proptest::prelude::*;
use rwa_primitives::{
	aggregate::{aggregate, Disagreement, Rules, WeightedReading},
	reading::{Angle, Reading, Schema, Tolerance, FULL_ANGLE},
};

/// One degree.
const DEGREE: u32 = 1_000_000;
/// 120°: from here on, honest readings say nothing.
const THIRD: u32 = FULL_ANGLE / 3;

fn angle(millionths: u32) -> Reading {
	Reading::Angle(Angle::new(millionths % FULL_ANGLE).unwrap())
}

fn millionths(reading: Reading) -> u32 {
	match reading {
		Reading::Angle(angle) => angle.millionths(),
		other => panic!("{other:?} is no angle"),
	}
}

/// How far to turn from `start` to `angle`, the positive way.
fn turn(start: u32, angle: u32) -> u32 {
	(angle + FULL_ANGLE - start) % FULL_ANGLE
}

/// Where the honest readings begin, how far each is from there, and lies: anything, all the same, opposite,
/// beside, and spread evenly.
fn directions() -> impl Strategy<Value = (u32, Vec<u32>, Vec<u32>)> {
	let width = prop_oneof![Just(0u32), 1..100u32, 1..THIRD, Just(THIRD - 1)];
	let any = || 0..FULL_ANGLE;
	(0..FULL_ANGLE, width).prop_flat_map(move |(start, width)| {
		let honest = prop::collection::vec(0..=width, 25).prop_map(move |mut offsets| {
			(offsets[0], offsets[1]) = (0, width);
			offsets.into_iter().map(|offset| (start + offset) % FULL_ANGLE).collect::<Vec<_>>()
		});
		let opposite = (start + width / 2 + FULL_ANGLE / 2) % FULL_ANGLE;
		let lies = prop_oneof![
			prop::collection::vec(any(), 25),
			any().prop_map(|lie| vec![lie]),
			Just(vec![opposite]),
			Just(vec![(opposite + 1) % FULL_ANGLE, opposite]),
			Just(vec![(start + FULL_ANGLE - 1) % FULL_ANGLE]),
			Just(vec![(start + width + 1) % FULL_ANGLE]),
			Just(vec![(start + width + THIRD) % FULL_ANGLE, (start + 2 * THIRD) % FULL_ANGLE]),
		];
		(Just(start), honest, lies)
	})
}

fn report(degrees: u32, weight: u128) -> WeightedReading {
	WeightedReading { reading: angle(degrees * DEGREE), weight }
}

#[test]
fn directions_on_both_sides_of_zero_are_averaged_across_it() {
	let reports = [report(350, 1), report(355, 1), report(5, 1), report(10, 1), report(20, 1)];
	let agreement = aggregate(&Schema::Angle, &reports, 5, &RULES).unwrap();
	assert_eq!(agreement.median, angle(5 * DEGREE));
	assert_eq!(agreement.value, angle(4 * DEGREE));
	assert_eq!(agreement.spread, u128::from(10 * DEGREE));
}

#[test]
fn the_opposite_direction_is_an_outlier() {
	let reports = [report(359, 1), report(0, 1), report(1, 1), report(180, 1)];
	let agreement = aggregate(&Schema::Angle, &reports, 4, &RULES).unwrap();
	assert_eq!(agreement.value, angle(0));
	assert_eq!(agreement.outliers, [false, false, false, true]);
}

#[test]
fn directions_all_around_say_nothing() {
	let reports = [report(0, 1), report(90, 1), report(180, 1), report(270, 1)];
	assert_eq!(aggregate(&Schema::Angle, &reports, 4, &RULES), Err(Disagreement::TooWide));
	// Three of four have to be on an arc below 120°.
	let reports = |last| [report(0, 1), report(60, 1), report(last, 1), report(240, 1)];
	assert_eq!(aggregate(&Schema::Angle, &reports(120), 4, &RULES), Err(Disagreement::TooWide));
	assert!(aggregate(&Schema::Angle, &reports(119), 4, &RULES).is_ok());
	// Five of six have to be, because one of six, not two, is less than a third.
	let reports = [0, 30, 60, 90, 200, 280].map(|degrees| report(degrees, 1));
	assert_eq!(aggregate(&Schema::Angle, &reports, 6, &RULES), Err(Disagreement::TooWide));
}

#[test]
fn angles_of_360_degrees_are_refused() {
	// Codec knows nothing of the limit.
	let decoded: Angle = codec::Decode::decode(&mut &FULL_ANGLE.to_le_bytes()[..]).unwrap();
	let reports = [WeightedReading { reading: Reading::Angle(decoded), weight: 1 }];
	assert_eq!(
		aggregate(&Schema::Angle, &reports, 1, &RULES),
		Err(Disagreement::NotOfThisKind { report: 0 })
	);
}

proptest! {
	#[test]
	fn liars_below_a_third_never_move_the_answer_off_the_honest_arc(
		parties in parties(), (start, honest, lies) in directions(), multiple in any::<u8>(),
	) {
		let rules = Rules { outlier_multiple: multiple, ..RULES };
		let reports = reports(&parties, &honest, &lies, angle);
		let agreement = aggregate(&Schema::Angle, &reports, assigned(&parties), &rules).unwrap();
		let offsets = honest_of(&parties, &honest).into_iter().map(|angle| turn(start, angle));
		let offsets: Vec<u32> = offsets.collect();
		let arc = *offsets.iter().min().unwrap()..=*offsets.iter().max().unwrap();
		prop_assert!(arc.contains(&turn(start, millionths(agreement.value))));
		prop_assert!(arc.contains(&turn(start, millionths(agreement.median))));
	}

	#[test]
	fn liars_can_not_fail_a_round_of_honest_reporters_who_agree(
		parties in parties(), (start, honest, lies) in directions(),
	) {
		let width = honest.iter().map(|angle| turn(start, *angle)).max().unwrap();
		let divergence = Tolerance { absolute: width.into(), ..EXACT };
		let reports = reports(&parties, &honest, &lies, angle);
		let rules = Rules { divergence, ..RULES };
		prop_assert!(aggregate(&Schema::Angle, &reports, assigned(&parties), &rules).is_ok());
	}

	#[test]
	fn the_order_does_not_matter(
		parties in parties(), lies in prop::collection::vec(0..FULL_ANGLE, 25),
		(_, honest, _) in directions(), rotation in 0..50usize,
	) {
		let reports = reports(&parties, &honest, &lies, angle);
		check_order(&Schema::Angle, &reports, assigned(&parties), &RULES, rotation)?;
	}

	#[test]
	fn the_order_does_not_matter_where_arcs_are_equally_long(
		weights in prop::collection::vec(1..4u128, 1..12),
		directions in prop::collection::vec(0..12u32, 12), rotation in 0..50usize,
	) {
		let reports: Vec<_> = weights
			.iter()
			.zip(directions)
			.map(|(weight, direction)| report(direction * 30, *weight))
			.collect();
		let assigned = weights.iter().sum();
		check_order(&Schema::Angle, &reports, assigned, &RULES, rotation)?;
	}

	#[test]
	fn a_report_may_be_split(
		parties in parties(), (_, honest, lies) in directions(), split in any::<(usize, u128)>(),
	) {
		let reports = reports(&parties, &honest, &lies, angle);
		check_split(&Schema::Angle, &reports, assigned(&parties), &RULES, split)?;
	}

	#[test]
	fn where_zero_is_does_not_matter(
		weights in prop::collection::vec(1..100u128, 4..20), start in 0..FULL_ANGLE,
		offsets in prop::collection::vec(0..THIRD, 20), by in 0..FULL_ANGLE,
	) {
		let all = |start: u32| -> Vec<WeightedReading> {
			let readings = offsets.iter().map(|offset| angle(start + offset));
			let weighted = weights.iter().zip(readings);
			weighted.map(|(weight, reading)| WeightedReading { reading, weight: *weight }).collect()
		};
		let assigned = weights.iter().sum();
		let one = aggregate(&Schema::Angle, &all(start), assigned, &RULES).unwrap();
		let other =
			aggregate(&Schema::Angle, &all((start + by) % FULL_ANGLE), assigned, &RULES).unwrap();
		prop_assert_eq!(angle(millionths(one.value) + by), other.value);
		prop_assert_eq!(one.spread, other.spread);
		prop_assert_eq!(one.outliers, other.outliers);
	}
}
