//! Feeds of every kind, and readings that lie where it matters: together, side by side, at the edges.

use arbitrary::Arbitrary;
use rwa_primitives::{
	aggregate::Rules,
	reading::{
		Angle, Point, Reading, Schema, Tolerance, FULL_ANGLE, HALF_TURN, MAX_MAGNITUDE,
		QUARTER_TURN,
	},
};
use sp_arithmetic::{Percent, Permill};

/// 360° of longitude.
const TURN: i128 = 2 * HALF_TURN as i128;

/// What is measured, and where most say that it is.
#[derive(Arbitrary, Clone, Debug)]
pub struct Feed {
	kind: Kind,
	/// Whether the schema allows only what is near.
	narrow: bool,
	base: [Place; 2],
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Kind {
	Scalar,
	Point,
	Angle,
	Category,
}

/// How far something is from where most are.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Place {
	/// Not at all.
	There,
	/// Next to it.
	Near(i8),
	/// Not so far.
	Off(i32),
	/// Anywhere.
	Far(i128),
	/// Parts of the whole circle, of which 24 are all of it.
	Around(i8),
}

impl Place {
	/// In the units of a circle, of which `turn` are all.
	fn offset(self, turn: i128) -> i128 {
		match self {
			Self::There => 0,
			Self::Near(by) => by.into(),
			Self::Off(by) => by.into(),
			Self::Far(by) => by % (2 * MAX_MAGNITUDE),
			Self::Around(parts) => turn / 24 * i128::from(parts),
		}
	}
}

impl Feed {
	/// What it allows.
	pub fn schema(&self) -> Schema {
		let [first, second] = self.base.map(|place| place.offset(TURN));
		match self.kind {
			Kind::Scalar if self.narrow => {
				let minimum = first.clamp(-MAX_MAGNITUDE, MAX_MAGNITUDE - 1);
				let maximum = (minimum + 1_000).min(MAX_MAGNITUDE);
				Schema::Scalar { decimals: 0, minimum, maximum }
			}
			Kind::Scalar => {
				Schema::Scalar { decimals: 0, minimum: -MAX_MAGNITUDE, maximum: MAX_MAGNITUDE }
			}
			Kind::Point if self.narrow => {
				let corner = place(first - 1_000_000, second - 1_000_000);
				let other = place(first + 1_000_000, second + 1_000_000);
				Schema::Point {
					south: corner.latitude,
					west: corner.longitude,
					north: other.latitude,
					east: other.longitude,
				}
			}
			Kind::Point => Schema::Point {
				south: -QUARTER_TURN,
				west: -HALF_TURN,
				north: QUARTER_TURN,
				east: HALF_TURN - 1,
			},
			Kind::Angle => Schema::Angle,
			Kind::Category => Schema::Category { count: if self.narrow { 3 } else { u16::MAX } },
		}
	}

	/// What somebody reads who is so far away.
	pub fn reading(&self, at: [Place; 2]) -> Reading {
		let sum = |axis: usize, turn| self.base[axis].offset(turn) + at[axis].offset(turn);
		match self.kind {
			Kind::Scalar => {
				Reading::Scalar(sum(0, MAX_MAGNITUDE).clamp(-MAX_MAGNITUDE, MAX_MAGNITUDE))
			}
			Kind::Point => Reading::Point(place(sum(0, TURN), sum(1, TURN))),
			Kind::Angle => {
				let turn = i128::from(FULL_ANGLE);
				let angle = u32::try_from(sum(0, turn).rem_euclid(turn)).ok();
				Reading::Angle(angle.and_then(Angle::new).unwrap_or_default())
			}
			Kind::Category => {
				Reading::Category(u16::try_from(sum(0, 24).rem_euclid(5)).unwrap_or_default())
			}
		}
	}
}

/// Beyond a pole is the pole; around the Earth is where it began.
fn place(latitude: i128, longitude: i128) -> Point {
	let (quarter, half) = (i128::from(QUARTER_TURN), i128::from(HALF_TURN));
	let longitude = (longitude + half).rem_euclid(TURN) - half;
	Point {
		latitude: i32::try_from(latitude.clamp(-quarter, quarter)).unwrap_or_default(),
		longitude: i32::try_from(longitude).unwrap_or_default(),
	}
}

/// How close readings have to be.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Closeness {
	/// The same.
	Exact,
	/// Anything of the kind.
	Anything,
	/// In millionths of the reference, and absolute.
	Within(u32, u32),
	/// The same, with large numbers.
	WithinFar(u32, u128),
}

impl Closeness {
	/// As feeds have it.
	pub fn tolerance(self) -> Tolerance {
		let (parts, absolute) = match self {
			Self::Exact => (0, 0),
			Self::Anything => (0, u128::MAX),
			Self::Within(parts, absolute) => (parts, absolute.into()),
			Self::WithinFar(parts, absolute) => (parts, absolute),
		};
		Tolerance { relative: Permill::from_parts(parts % 1_000_001), absolute }
	}
}

/// How a feed's reports become one answer.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Judgement {
	quorum: u8,
	outlier_multiple: u8,
	same: Closeness,
	divergence: Closeness,
}

impl Judgement {
	/// As feeds have it.
	pub fn rules(self) -> Rules {
		Rules {
			quorum: Percent::from_percent(self.quorum % 101),
			outlier_multiple: self.outlier_multiple,
			same: self.same.tolerance(),
			divergence: self.divergence.tolerance(),
		}
	}
}
