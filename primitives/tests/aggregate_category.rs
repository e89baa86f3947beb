//! Categories: more than half says it, or nobody does.

mod common;

use common::*;
use proptest::prelude::*;
use rwa_primitives::{
	aggregate::{aggregate, Disagreement, WeightedReading},
	reading::{Reading, Schema},
};

const SCHEMA: Schema = Schema::Category { count: 4 };

fn report(category: u16, weight: u128) -> WeightedReading {
	WeightedReading { reading: Reading::Category(category), weight }
}

#[test]
fn more_than_half_of_what_was_reported_decides() {
	let reports = [report(2, 3), report(1, 2), report(2, 1), report(3, 1)];
	let agreement = aggregate(&SCHEMA, &reports, 9, &RULES).unwrap();
	assert_eq!(agreement.value, Reading::Category(2));
	assert_eq!(agreement.median, Reading::Category(2));
	assert_eq!(agreement.spread, 0);
	assert_eq!(agreement.outliers, [false, true, false, true]);
	assert_eq!(agreement.reported, 7);
}

#[test]
fn half_is_not_enough() {
	let reports = [report(2, 3), report(1, 2), report(0, 1)];
	assert_eq!(aggregate(&SCHEMA, &reports, 6, &RULES), Err(Disagreement::NoMajority));
}

#[test]
fn categories_that_are_not_the_feeds_are_refused() {
	assert_eq!(
		aggregate(&SCHEMA, &[report(3, 1), report(4, 1)], 2, &RULES),
		Err(Disagreement::NotOfThisKind { report: 1 })
	);
}

proptest! {
	#[test]
	fn somebody_honest_said_it(
		parties in parties(), honest in prop::collection::vec(0..4u16, 25),
		lies in prop::collection::vec(0..4u16, 25),
	) {
		let reports = reports(&parties, &honest, &lies, Reading::Category);
		match aggregate(&SCHEMA, &reports, assigned(&parties), &RULES) {
			Ok(agreement) => {
				let honest = honest_of(&parties, &honest);
				prop_assert!(honest.into_iter().map(Reading::Category).any(|h| h == agreement.value));
			}
			Err(fault) => prop_assert_eq!(fault, Disagreement::NoMajority),
		}
	}

	#[test]
	fn if_all_honest_reporters_say_the_same_that_is_the_answer(
		parties in parties(), truth in 0..4u16, lie in 0..4u16,
	) {
		let reports = reports(&parties, &[truth], &[lie], Reading::Category);
		let agreement = aggregate(&SCHEMA, &reports, assigned(&parties), &RULES).unwrap();
		prop_assert_eq!(agreement.value, Reading::Category(truth));
	}

	#[test]
	fn the_order_does_not_matter(
		parties in parties(), said in prop::collection::vec(0..3u16, 25), rotation in 0..50usize,
	) {
		let reports = reports(&parties, &said, &said, Reading::Category);
		check_order(&SCHEMA, &reports, assigned(&parties), &RULES, rotation)?;
	}

	#[test]
	fn a_report_may_be_split(
		parties in parties(), said in prop::collection::vec(0..3u16, 25),
		split in any::<(usize, u128)>(),
	) {
		let reports = reports(&parties, &said, &said, Reading::Category);
		check_split(&SCHEMA, &reports, assigned(&parties), &RULES, split)?;
	}
}
