//! Directions and longitudes: a circle, cut open where nobody honest is.

/// Where to lay the middle so that cutting the circle opposite to it separates no honest reports.
///
/// Takes positions from 0 to below `turn` with their weights, and looks for the shortest arc that holds
/// more than `least` of the weight; of several the one that begins first. Returns its middle. `None`: that
/// arc is a third of a turn or more.
///
/// The square of the number of positions in steps, which are additions.
pub(super) fn middle(positions: &[(i128, u128)], least: u128, turn: i128) -> Option<i128> {
	let mut sorted = positions.to_vec();
	sorted.sort_unstable();
	// One entry for each position: else an arc could end where it begins, all around.
	sorted.dedup_by(|next, kept| {
		let same = next.0 == kept.0;
		if same {
			kept.1 = kept.1.saturating_add(next.1);
		}
		same
	});
	let arcs = sorted.iter().enumerate().filter_map(|(number, (start, _))| {
		let around = sorted.iter().cycle().skip(number).take(sorted.len());
		Some((arc_length(around, *start, least, turn)?, *start))
	});
	let (length, start) = arcs.min()?;
	let narrow = length.saturating_mul(3) < turn;
	narrow.then(|| start.saturating_add(length >> 1).rem_euclid(turn))
}

/// How far to go around from `start` to collect more than `least`.
fn arc_length<'a>(
	around: impl Iterator<Item = &'a (i128, u128)>,
	start: i128,
	least: u128,
	turn: i128,
) -> Option<i128> {
	let mut collected = 0u128;
	for (position, weight) in around {
		collected = collected.saturating_add(*weight);
		if collected > least {
			return Some(position.saturating_sub(start).rem_euclid(turn));
		}
	}
	None
}

/// `position` as seen from `middle`: from half a turn before it to below half a turn after it.
pub(super) fn unwrap(position: i128, middle: i128, turn: i128) -> i128 {
	let half = turn >> 1;
	position.saturating_sub(middle).saturating_add(half).rem_euclid(turn).saturating_sub(half)
}

/// The inverse of [`unwrap`], from 0 to below `turn`.
pub(super) fn wrap(offset: i128, middle: i128, turn: i128) -> i128 {
	offset.saturating_add(middle).rem_euclid(turn)
}
