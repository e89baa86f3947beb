//! States: what more than half of the reports say.

use alloc::collections::BTreeMap;

use super::{Agreement, Disagreement, WeightedReading};
use crate::reading::Reading;

/// The reading with strictly more than half of `reported`.
pub(super) fn majority(
	reports: &[WeightedReading],
	reported: u128,
) -> Result<Agreement, Disagreement> {
	let mut said = BTreeMap::new();
	for report in reports {
		if let Reading::Category(category) = report.reading {
			let weight = said.entry(category).or_insert(0u128);
			*weight = weight.saturating_add(report.weight);
		}
	}
	// Two can't both have more than half.
	let (category, _) = said
		.into_iter()
		.find(|(_, weight)| weight.saturating_mul(2) > reported)
		.ok_or(Disagreement::NoMajority)?;
	let value = Reading::Category(category);
	Ok(Agreement {
		value,
		median: value,
		spread: 0,
		outliers: reports.iter().map(|report| report.reading != value).collect(),
		reported,
	})
}
