//! Charts: readings laid out on straight lines, where "between" and "on average" mean something.

use alloc::vec::Vec;

use super::{
	circle::{self, unwrap, wrap},
	point::{from_above, to_ground, POLAR_LATITUDE},
	scalar::Line,
	Disagreement, WeightedReading,
};
use crate::reading::{Angle, Point, Reading, FULL_ANGLE, HALF_TURN};

/// How readings of one kind in one round are laid out. Two axes; one of them is not used by scalars and
/// angles.
#[derive(Clone, Copy)]
pub(super) enum Chart {
	/// Scalars lie on a line as they are.
	Straight,
	/// Angles as seen from this one.
	Around(i128),
	/// Latitudes, and longitudes as seen from this one.
	Map(i128),
	/// The view from above a pole.
	Pole {
		/// The north pole.
		north: bool,
	},
}

/// 360° of longitude.
const TURN: i128 = 2 * HALF_TURN as i128;
/// 360° of an angle.
const ANGLES: i128 = FULL_ANGLE as i128;

impl Chart {
	/// The chart for these reports, which are all of one kind, with a total of `reported`.
	pub(super) fn of(
		reports: &[WeightedReading],
		assigned: u128,
		reported: u128,
	) -> Result<Self, Disagreement> {
		let numbers = |number: fn(&Reading) -> i128| -> Vec<(i128, u128)> {
			reports.iter().map(|report| (number(&report.reading), report.weight)).collect()
		};
		// Honest reports weigh more than `reported` less a third of `assigned`; rounding that third up
		// asks for no more than they are sure to have.
		let least = reported.saturating_sub(assigned.div_ceil(3));
		let middle = |positions: &[(i128, u128)], turn| {
			circle::middle(positions, least, turn).ok_or(Disagreement::TooWide)
		};
		match reports.first().map(|report| report.reading) {
			Some(Reading::Angle(_)) => Ok(Self::Around(middle(&numbers(angle), ANGLES)?)),
			Some(Reading::Point(_)) => {
				let latitude = Line::new(numbers(latitude)).median().unwrap_or(0);
				if latitude.unsigned_abs() > u128::from(POLAR_LATITUDE.unsigned_abs()) {
					return Ok(Self::Pole { north: latitude > 0 });
				}
				Ok(Self::Map(middle(&numbers(longitude), TURN)?))
			}
			_ => Ok(Self::Straight),
		}
	}

	/// Where `reading` lies.
	pub(super) fn position(&self, reading: &Reading) -> [i128; 2] {
		match (self, reading) {
			(Self::Around(middle), _) => [unwrap(angle(reading), *middle, ANGLES), 0],
			(Self::Map(middle), _) => {
				[latitude(reading), unwrap(longitude(reading), *middle, TURN)]
			}
			(Self::Pole { .. }, Reading::Point(point)) => from_above(point),
			(_, Reading::Scalar(value)) => [*value, 0],
			_ => [0, 0],
		}
	}

	/// What lies there.
	pub(super) fn reading(&self, position: [i128; 2]) -> Reading {
		let [first, second] = position;
		match self {
			Self::Straight => Reading::Scalar(first),
			Self::Around(middle) => {
				let angle = u32::try_from(wrap(first, *middle, ANGLES)).ok().and_then(Angle::new);
				Reading::Angle(angle.unwrap_or_default())
			}
			Self::Map(middle) => {
				let longitude = unwrap(wrap(second, *middle, TURN), 0, TURN);
				Reading::Point(Point {
					latitude: i32::try_from(first).unwrap_or_default(),
					longitude: i32::try_from(longitude).unwrap_or_default(),
				})
			}
			Self::Pole { north } => Reading::Point(to_ground(position, *north)),
		}
	}
}

fn angle(reading: &Reading) -> i128 {
	match reading {
		Reading::Angle(angle) => angle.millionths().into(),
		_ => 0,
	}
}

fn latitude(reading: &Reading) -> i128 {
	match reading {
		Reading::Point(point) => point.latitude.into(),
		_ => 0,
	}
}

/// From 0, so that it can be taken for a position on a circle.
fn longitude(reading: &Reading) -> i128 {
	match reading {
		Reading::Point(point) => wrap(point.longitude.into(), 0, TURN),
		_ => 0,
	}
}
