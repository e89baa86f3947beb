//! Typed readings: what a feed's numbers mean, and how far apart two of them are.
//!
//! Five per cent of 0 °C is nothing, and from 359° to 1° it is two degrees. So a feed says what its
//! readings are, its [`Schema`], and every comparison goes through [`Reading::distance`].

use alloc::{format, string::String};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_arithmetic::Permill;

use crate::{
	decimal::format_decimal,
	feed::{Value, MAX_DECIMALS},
	integer,
	trigonometry::{sine_cosine, FRACTION_BITS},
};

/// No scalar is larger than this, whatever its sign: 10³⁰.
///
/// With 18 digits after the point that leaves a million million units. And it keeps arithmetic exact:
/// two scalars are less than 2¹⁰¹ apart, which times the largest outlier multiple (255 · 14826, under
/// 2²²) is below 2¹²⁸.
pub const MAX_MAGNITUDE: Value = 10i128.pow(30);

/// Digits after the point of a latitude or longitude: 10⁻⁷ degrees are about 1.1 cm on the ground, less
/// than any tracker resolves.
pub const POINT_DECIMALS: u8 = 7;
/// 90° in a [`Point`]'s unit.
pub const QUARTER_TURN: i32 = 900_000_000;
/// 180° in a [`Point`]'s unit.
pub const HALF_TURN: i32 = 1_800_000_000;

/// Digits after the point of an [`Angle`].
pub const ANGLE_DECIMALS: u8 = 6;
/// 360° in an [`Angle`]'s unit.
pub const FULL_ANGLE: u32 = 360_000_000;

/// The mean radius of the Earth in centimetres (IUGG: 6371.0088 km). The Earth isn't a ball: distances
/// are wrong by up to 0.6 %, everywhere alike for all reporters.
const EARTH_RADIUS: u128 = 637_100_880;

/// A place on the Earth, in 10⁻⁷ degrees.
///
/// What is decoded may be anything; [`Point::is_valid`] tells.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	serde::Serialize,
	serde::Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct Point {
	/// North of the equator if positive: −90° to 90°.
	#[serde(deserialize_with = "integer::deserialize")]
	pub latitude: i32,
	/// East of Greenwich if positive: from −180° to below 180°.
	#[serde(deserialize_with = "integer::deserialize")]
	pub longitude: i32,
}

impl Point {
	/// `None`: no such place. A longitude of 180° becomes −180°, so that one meridian has one name. A
	/// pole keeps its longitude, though it means nothing there.
	pub fn new(latitude: i32, longitude: i32) -> Option<Self> {
		let longitude = if longitude == HALF_TURN { HALF_TURN.saturating_neg() } else { longitude };
		let point = Self { latitude, longitude };
		point.is_valid().then_some(point)
	}

	/// Whether both numbers are in range.
	pub fn is_valid(&self) -> bool {
		self.latitude.unsigned_abs() <= QUARTER_TURN.unsigned_abs()
			&& (HALF_TURN.saturating_neg()..HALF_TURN).contains(&self.longitude)
	}

	/// Centimetres between two places, in a straight line and rounded to the nearest.
	///
	/// Straight, because that needs no inverse sine: over 100 km the way on the ground is a metre longer.
	/// The longer the one, the longer the other, so the two order distances alike.
	fn distance(&self, other: &Self) -> u128 {
		let squares = self.on_sphere().into_iter().zip(other.on_sphere()).map(|(a, b)| {
			let difference = a.abs_diff(b);
			difference.saturating_mul(difference)
		});
		// At most 2 in each coordinate, and together: the square is below 2^123.
		let straight = squares.fold(0, u128::saturating_add).isqrt();
		let half = 1u128 << FRACTION_BITS >> 1;
		straight.saturating_mul(EARTH_RADIUS).saturating_add(half) >> FRACTION_BITS
	}

	/// The place on a ball of radius 1.
	fn on_sphere(&self) -> [i128; 3] {
		let (height, radius) = sine_cosine(self.latitude.into());
		let (sine, cosine) = sine_cosine(self.longitude.into());
		let along = |part: i128| radius.saturating_mul(part) >> FRACTION_BITS;
		[along(cosine), along(sine), height]
	}
}

/// A direction: 10⁻⁶ degrees from a zero that the feed defines, below 360°.
///
/// What is decoded may be anything; [`Angle::is_valid`] tells.
#[derive(
	Clone,
	Copy,
	Default,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	serde::Serialize,
	serde::Deserialize,
)]
pub struct Angle(#[serde(deserialize_with = "integer::deserialize")] u32);

impl Angle {
	/// `None`: 360° or more.
	pub fn new(millionths: u32) -> Option<Self> {
		(millionths < FULL_ANGLE).then_some(Self(millionths))
	}

	/// In 10⁻⁶ degrees.
	pub fn millionths(self) -> u32 {
		self.0
	}

	/// Whether it is below 360°.
	pub fn is_valid(self) -> bool {
		self.0 < FULL_ANGLE
	}

	/// The shorter arc between two directions, in 10⁻⁶ degrees.
	fn distance(self, other: Self) -> u128 {
		let one_way = self.0.abs_diff(other.0);
		one_way.min(FULL_ANGLE.saturating_sub(one_way)).into()
	}
}

/// What was measured.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	serde::Serialize,
	serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[allow(clippy::cast_possible_truncation)] // The indices, in what `Encode` derives.
pub enum Reading {
	/// A quantity, in units of the feed's last digit.
	#[codec(index = 0)]
	Scalar(#[serde(with = "integer")] Value),
	/// A place.
	#[codec(index = 1)]
	Point(Point),
	/// A direction.
	#[codec(index = 2)]
	Angle(Angle),
	/// One of a few named states. The feed's description names them.
	#[codec(index = 3)]
	Category(#[serde(deserialize_with = "integer::deserialize")] u16),
}

impl Reading {
	/// Whether such a reading can exist at all, whatever the feed.
	pub fn is_valid(&self) -> bool {
		match self {
			Self::Scalar(value) => value.unsigned_abs() <= MAX_MAGNITUDE.unsigned_abs(),
			Self::Point(point) => point.is_valid(),
			Self::Angle(angle) => angle.is_valid(),
			Self::Category(_) => true,
		}
	}

	/// How far apart two readings are; `None` if they are of different kinds, or one can't exist.
	///
	/// | kind | unit |
	/// |---|---|
	/// | scalar | the feed's last digit |
	/// | point | centimetres, in a straight line on a ball of the Earth's mean radius |
	/// | angle | 10⁻⁶ degrees, the shorter way round |
	/// | category | 0 if equal, else 1 |
	pub fn distance(&self, other: &Self) -> Option<u128> {
		if !self.is_valid() || !other.is_valid() {
			return None;
		}
		match (self, other) {
			(Self::Scalar(a), Self::Scalar(b)) => Some(a.abs_diff(*b)),
			(Self::Point(a), Self::Point(b)) => Some(a.distance(b)),
			(Self::Angle(a), Self::Angle(b)) => Some(a.distance(*b)),
			(Self::Category(a), Self::Category(b)) => Some((a != b).into()),
			_ => None,
		}
	}
}

/// What a feed's readings are, and which can be real.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	serde::Serialize,
	serde::Deserialize,
)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[allow(clippy::cast_possible_truncation)] // The indices, in what `Encode` derives.
pub enum Schema {
	/// Quantities.
	#[codec(index = 0)]
	Scalar {
		/// Digits after the point: at most [`MAX_DECIMALS`].
		decimals: u8,
		/// Lowest that can be real, in units of the last digit.
		#[serde(with = "integer")]
		minimum: Value,
		/// Highest that can be real, in units of the last digit.
		#[serde(with = "integer")]
		maximum: Value,
	},
	/// Places in a box, its edges included. In 10⁻⁷ degrees.
	#[codec(index = 1)]
	Point {
		/// Lowest latitude.
		south: i32,
		/// Longitude from which the box goes east.
		west: i32,
		/// Highest latitude.
		north: i32,
		/// Longitude where the box ends. Less than `west` if the box lies across the date line.
		east: i32,
	},
	/// Directions, all of them.
	#[codec(index = 2)]
	Angle,
	/// States.
	#[codec(index = 3)]
	Category {
		/// How many there are: 0 to below this.
		count: u16,
	},
}

/// Why a schema can't be a feed's.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum SchemaFault {
	/// More than [`MAX_DECIMALS`] digits after the point.
	#[codec(index = 0)]
	TooManyDecimals,
	/// The minimum is not below the maximum.
	#[codec(index = 1)]
	EmptyRange,
	/// A bound is beyond [`MAX_MAGNITUDE`]. Use fewer decimals or a larger unit.
	#[codec(index = 2)]
	TooLarge,
	/// A corner of the box is no place. East is below 180°: write −180° instead.
	#[codec(index = 3)]
	NoSuchPlace,
	/// The box has no area: south is not below north, or west is east. All longitudes are −180° to
	/// 179.9999999°.
	#[codec(index = 4)]
	EmptyBox,
	/// Fewer than two categories leave nothing to report.
	#[codec(index = 5)]
	TooFewCategories,
}

impl Schema {
	/// Whether a feed can have this schema.
	///
	/// # Errors
	/// See [`SchemaFault`].
	pub fn check(&self) -> Result<(), SchemaFault> {
		let refuse = |wrong: bool, fault| if wrong { Err(fault) } else { Ok(()) };
		match *self {
			Self::Scalar { decimals, minimum, maximum } => {
				let fits = |bound: Value| Reading::Scalar(bound).is_valid();
				refuse(decimals > MAX_DECIMALS, SchemaFault::TooManyDecimals)?;
				refuse(minimum >= maximum, SchemaFault::EmptyRange)?;
				refuse(!fits(minimum) || !fits(maximum), SchemaFault::TooLarge)
			}
			Self::Point { south, west, north, east } => {
				let exists = |latitude, longitude| Point { latitude, longitude }.is_valid();
				refuse(!exists(south, west) || !exists(north, east), SchemaFault::NoSuchPlace)?;
				refuse(south >= north || west == east, SchemaFault::EmptyBox)
			}
			Self::Angle => Ok(()),
			Self::Category { count } => refuse(count < 2, SchemaFault::TooFewCategories),
		}
	}

	/// Whether `reading` is of this kind and can be real. Safe on whatever was decoded.
	pub fn allows(&self, reading: &Reading) -> bool {
		let fits = match (self, reading) {
			(Self::Scalar { minimum, maximum, .. }, Reading::Scalar(value)) => {
				(minimum..=maximum).contains(&value)
			}
			(Self::Point { south, west, north, east }, Reading::Point(point)) => {
				let (past_west, before_east) = (point.longitude >= *west, point.longitude <= *east);
				let between =
					if west <= east { past_west && before_east } else { past_west || before_east };
				between && (south..=north).contains(&&point.latitude)
			}
			(Self::Angle, Reading::Angle(_)) => true,
			(Self::Category { count }, Reading::Category(category)) => category < count,
			_ => false,
		};
		fits && reading.is_valid()
	}

	/// [`Reading::distance`] of two readings that this schema allows; `None` if it doesn't.
	pub fn distance(&self, a: &Reading, b: &Reading) -> Option<u128> {
		if self.allows(a) && self.allows(b) {
			a.distance(b)
		} else {
			None
		}
	}

	/// `reading` for people, in logs. One of another kind is shown as what it is.
	pub fn show(&self, reading: &Reading) -> String {
		match reading {
			Reading::Scalar(value) => match self {
				Self::Scalar { decimals, .. } => format_decimal(*value, *decimals),
				_ => format_decimal(*value, 0),
			},
			Reading::Point(point) => format!(
				"{}°, {}°",
				format_decimal(point.latitude.into(), POINT_DECIMALS),
				format_decimal(point.longitude.into(), POINT_DECIMALS)
			),
			Reading::Angle(angle) => {
				format!("{}°", format_decimal(angle.millionths().into(), ANGLE_DECIMALS))
			}
			Reading::Category(category) => format!("category {category}"),
		}
	}
}

/// How far apart two readings may be and still say the same.
///
/// What a feed's "5 % deviation" means depends on its kind: scalars may differ by a share of the
/// reference or by an absolute amount, whichever is more, because near zero a share is nothing. Points
/// and angles may differ by the absolute amount only. Categories have to be equal.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	serde::Serialize,
	serde::Deserialize,
)]
pub struct Tolerance {
	/// Share of the reference, for scalars only.
	pub relative: Permill,
	/// In the unit of [`Reading::distance`].
	#[serde(with = "integer")]
	pub absolute: u128,
}

impl Tolerance {
	/// Whether `reading` says the same as `reference`. Readings of different kinds never do.
	pub fn holds(&self, reading: &Reading, reference: &Reading) -> bool {
		let allowed = match reference {
			Reading::Scalar(value) => {
				self.relative.mul_floor(value.unsigned_abs()).max(self.absolute)
			}
			Reading::Point(_) | Reading::Angle(_) => self.absolute,
			Reading::Category(_) => 0,
		};
		reading.distance(reference).is_some_and(|distance| distance <= allowed)
	}

	/// Whether `reading` says something else than `reference`.
	pub fn deviates(&self, reading: &Reading, reference: &Reading) -> bool {
		!self.holds(reading, reference)
	}
}
