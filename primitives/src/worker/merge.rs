//! One reading of a node's several sources.

use alloc::{string::String, vec::Vec};
use core::fmt;

use crate::{
	aggregate::{aggregate, Disagreement, Rules, WeightedReading},
	reading::{Reading, Schema},
};

/// The sources don't say what the reading is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dissent(pub String);

impl fmt::Display for Dissent {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self(found) = self;
		write!(f, "the sources disagree: {found}")
	}
}

/// What one node's sources say together, of a feed with this `schema` and these `rules`. `readings` are in
/// the operator's order, and all are such as the schema allows.
///
/// | sources | |
/// |---|---|
/// | 1 | what it says |
/// | 2 | the first, if the other says the same by [`Rules::same`]; else nothing, as either may be wrong |
/// | 3 | the one in the middle: that with the shortest way to the other two, and of several the first. Of scalars that is the median. Of categories two have to agree |
/// | 4 and more | [`aggregate`] of equal weights, so that less than a third may be wrong |
///
/// Nothing is better than a guess: to abstain costs nothing, and to be an outlier does.
///
/// # Errors
/// [`Dissent`], which shows the readings. There are no readings.
pub fn merge(schema: &Schema, rules: &Rules, readings: &[Reading]) -> Result<Reading, Dissent> {
	let agreed = match readings {
		[] => None,
		[only] => Some(*only),
		[first, second] => rules.same.holds(second, first).then_some(*first),
		[_, _, _] => middle(readings).filter(|middle| is_shared(middle, readings)),
		_ => together(schema, rules, readings).ok(),
	};
	agreed.ok_or_else(|| Dissent(listed(schema, readings)))
}

/// That with the least sum of distances to the others; of several the first.
///
/// If one of three is wrong, then this is no further from either of the others than they are from each other:
/// for the wrong one to have the least sum, it must itself be so close.
fn middle(readings: &[Reading]) -> Option<Reading> {
	let way = |from: &Reading| {
		readings
			.iter()
			.try_fold(0u128, |sum, to| Some(sum.saturating_add(from.distance(to)?)))
			.unwrap_or(u128::MAX)
	};
	readings.iter().copied().min_by_key(way)
}

/// Whether somebody else says so too; asked of categories only, as nothing is between two of them.
fn is_shared(middle: &Reading, readings: &[Reading]) -> bool {
	let alike = readings.iter().filter(|reading| *reading == middle).count();
	!matches!(middle, Reading::Category(_)) || alike > 1
}

fn together(schema: &Schema, rules: &Rules, readings: &[Reading]) -> Result<Reading, Disagreement> {
	let reports: Vec<_> =
		readings.iter().map(|reading| WeightedReading { reading: *reading, weight: 1 }).collect();
	let assigned = u128::try_from(reports.len()).unwrap_or(u128::MAX);
	aggregate(schema, &reports, assigned, rules).map(|agreement| agreement.value)
}

/// All readings, for people.
fn listed(schema: &Schema, readings: &[Reading]) -> String {
	readings.iter().map(|reading| schema.show(reading)).collect::<Vec<_>>().join("; ")
}
