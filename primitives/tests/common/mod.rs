//! Rounds with liars in them, for the tests of aggregation.

#![allow(dead_code)] // Each test uses some of it.

use proptest::prelude::*;
use rwa_primitives::{
	aggregate::{aggregate, Agreement, Disagreement, Rules, WeightedReading},
	reading::{Reading, Schema, Tolerance},
};
use sp_arithmetic::{Percent, Permill};

/// Nothing but exactly the same.
pub(crate) const EXACT: Tolerance = Tolerance { relative: Permill::from_parts(0), absolute: 0 };
/// Everything of a kind.
pub(crate) const ANYTHING: Tolerance =
	Tolerance { relative: Permill::from_parts(0), absolute: u128::MAX };
/// As strict on outliers as can be, and never diverging.
pub(crate) const RULES: Rules = Rules {
	quorum: Percent::from_percent(66),
	outlier_multiple: 3,
	same: EXACT,
	divergence: ANYTHING,
};

/// One who was assigned to a round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Party {
	pub(crate) weight: u128,
	pub(crate) faulty: bool,
	/// Only if faulty.
	pub(crate) silent: bool,
}

/// Those of a round; the weight of the faulty ones is below a third.
pub(crate) fn parties() -> impl Strategy<Value = Vec<Party>> {
	let weight = prop_oneof![Just(1u128), 1..=100u128, 1..=10u128.pow(20)];
	prop::collection::vec((weight, any::<bool>(), prop::bool::weighted(0.2)), 4..25).prop_map(
		|all| {
			let assigned: u128 = all.iter().map(|(weight, ..)| weight).sum();
			let mut bad = 0;
			all.into_iter()
				.map(|(weight, wish, silent)| {
					let faulty = wish && (bad + weight) * 3 < assigned;
					bad += if faulty { weight } else { 0 };
					Party { weight, faulty, silent: faulty && silent }
				})
				.collect()
		},
	)
}

pub(crate) fn assigned(parties: &[Party]) -> u128 {
	parties.iter().map(|party| party.weight).sum()
}

/// The reports of a round: honest ones read `honest[i]`, liars say `lies[i]`.
pub(crate) fn reports<T: Copy>(
	parties: &[Party],
	honest: &[T],
	lies: &[T],
	reading: impl Fn(T) -> Reading,
) -> Vec<WeightedReading> {
	let said = |number: usize, party: &Party| {
		let source = if party.faulty { lies } else { honest };
		reading(source[number % source.len()])
	};
	parties
		.iter()
		.enumerate()
		.filter(|(_, party)| !party.silent)
		.map(|(number, party)| WeightedReading {
			reading: said(number, party),
			weight: party.weight,
		})
		.collect()
}

/// What the honest ones of `parties` read, as [`reports`] deals it out.
pub(crate) fn honest_of<T: Copy>(parties: &[Party], honest: &[T]) -> Vec<T> {
	let numbered = parties.iter().enumerate().filter(|(_, party)| !party.faulty);
	numbered.map(|(number, _)| honest[number % honest.len()]).collect()
}

/// The agreement of a round is the same in any order, but for the order of the outliers.
pub(crate) fn check_order(
	schema: &Schema,
	reports: &[WeightedReading],
	assigned: u128,
	rules: &Rules,
	rotation: usize,
) -> Result<(), TestCaseError> {
	let mut order: Vec<usize> = (0..reports.len()).collect();
	order.rotate_left(rotation % reports.len().max(1));
	if rotation % 2 == 1 {
		order.reverse();
	}
	let shuffled: Vec<_> = order.iter().map(|number| reports[*number]).collect();
	let one = aggregate(schema, reports, assigned, rules);
	let other = aggregate(schema, &shuffled, assigned, rules);
	let expected = one.map(|agreement| Agreement {
		outliers: order.iter().map(|number| agreement.outliers[*number]).collect(),
		..agreement
	});
	prop_assert_eq!(expected, other);
	Ok(())
}

/// A report may as well come as two with the weight divided between them.
pub(crate) fn check_split(
	schema: &Schema,
	reports: &[WeightedReading],
	assigned: u128,
	rules: &Rules,
	(number, share): (usize, u128),
) -> Result<(), TestCaseError> {
	let mut divided = reports.to_vec();
	let number = number % divided.len();
	let part = share % (divided[number].weight + 1);
	divided[number].weight -= part;
	divided.push(WeightedReading { weight: part, ..divided[number] });
	let without_outliers = |result: Result<Agreement, Disagreement>| {
		result.map(|agreement| Agreement { outliers: Vec::new(), ..agreement })
	};
	prop_assert_eq!(
		without_outliers(aggregate(schema, reports, assigned, rules)),
		without_outliers(aggregate(schema, &divided, assigned, rules))
	);
	Ok(())
}
