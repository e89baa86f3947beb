//! Weighted positions on a line: the middle one, the range that honest reports are sure to span, the
//! mean, and the mean over time.

use alloc::vec::Vec;
use sp_core::U256;

use crate::feed::Value;

/// Positions with their weights, in order. All weights together are at most
/// [`MAX_WEIGHT`](super::MAX_WEIGHT).
pub(super) struct Line(Vec<(i128, u128)>);

impl Line {
	/// In any order.
	pub(super) fn new(positions: impl IntoIterator<Item = (i128, u128)>) -> Self {
		let mut sorted: Vec<_> = positions.into_iter().collect();
		sorted.sort_unstable();
		Self(sorted)
	}

	/// The least position at which half of the weight is reached. Of two middle ones the lower, so that
	/// it always is a reported one. `None`: no weight.
	pub(super) fn median(&self) -> Option<i128> {
		let total = self.0.iter().fold(0u128, |sum, (_, weight)| sum.saturating_add(*weight));
		reach(self.0.iter(), 2, total)
	}

	/// The least position with a third of `assigned` at or below it, and the greatest with a third at or
	/// above it. `None`: less than a third was reported, or nothing assigned.
	pub(super) fn sure_range(&self, assigned: u128) -> Option<(i128, i128)> {
		let low = reach(self.0.iter(), 3, assigned)?;
		let high = reach(self.0.iter().rev(), 3, assigned)?;
		Some((low, high))
	}
}

/// Where the weight passed times `parts` first reaches `whole`, which is not 0.
fn reach<'a>(
	mut positions: impl Iterator<Item = &'a (i128, u128)>,
	parts: u128,
	whole: u128,
) -> Option<i128> {
	let mut passed = 0u128;
	let reached = positions.find(|(_, weight)| {
		passed = passed.saturating_add(*weight);
		passed.saturating_mul(parts) >= whole
	});
	reached.filter(|_| whole > 0).map(|(position, _)| *position)
}

/// The weighted mean, rounded to the nearest and up from the middle; never outside the positions. Exact:
/// distances from the least position times weights are below 2²⁵⁶. `None`: no weight, or more than a
/// `u128` of it.
pub(super) fn mean(positions: &[(i128, u128)]) -> Option<i128> {
	let weighty = || positions.iter().filter(|(_, weight)| *weight > 0);
	let base = weighty().map(|(position, _)| *position).min()?;
	let total = weighty().try_fold(0u128, |sum, (_, weight)| sum.checked_add(*weight))?;
	let moment = weighty().try_fold(U256::zero(), |sum, (position, weight)| {
		let arm = U256::from(position.abs_diff(base));
		sum.checked_add(arm.checked_mul((*weight).into())?)
	})?;
	let rounded = moment.checked_add((total >> 1).into())?.checked_div(total.into())?;
	base.checked_add_unsigned(u128::try_from(rounded).ok()?)
}

/// What a scalar was on average between two blocks: each value counts for as long as it stood, and the
/// last one until `until`, which is excluded. Rounded to the nearest.
///
/// `history` gives each value with the block it came in, in order. `None`: it isn't in order, it begins
/// after `from`, or there is no time between `from` and `until`.
pub fn time_weighted_mean(history: &[(u64, Value)], from: u64, until: u64) -> Option<Value> {
	let (begin, _) = history.first()?;
	if *begin > from || !history.is_sorted_by_key(|(since, _)| *since) {
		return None;
	}
	let ends = history.iter().skip(1).map(|(since, _)| *since).chain([until]);
	let spans = history.iter().zip(ends).map(|((since, value), end)| {
		let (start, end) = ((*since).max(from), end.min(until));
		(*value, u128::from(end.saturating_sub(start)))
	});
	mean(&spans.collect::<Vec<_>>())
}
