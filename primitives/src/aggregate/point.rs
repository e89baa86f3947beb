//! Places near a pole, where a degree of longitude is a step: seen from above the pole instead.

use crate::{
	reading::{Point, HALF_TURN, QUARTER_TURN},
	trigonometry::{arc_sine, direction, sine_cosine, FRACTION_BITS, ONE},
};

/// From here to the pole longitudes are not used: 85°. There, 120° of longitude are still over 900 km, so
/// honest reports of one place don't span so much; and the view from above the pole shortens distances by
/// less than 0.4 %.
pub(super) const POLAR_LATITUDE: i32 = 850_000_000;

/// Where `point` lies in the plane of the equator when seen from infinitely far above a pole, in radii of
/// 2⁶⁰. The other hemisphere lies behind this one: a liar there moves no more than one here, and is further
/// away for those who look for outliers.
pub(super) fn from_above(point: &Point) -> [i128; 2] {
	let (_, radius) = sine_cosine(point.latitude.into());
	let (sine, cosine) = sine_cosine(point.longitude.into());
	[cosine, sine].map(|part| part.saturating_mul(radius) >> FRACTION_BITS)
}

/// The inverse of [`from_above`] for the `north` or the south pole, to within two centimetres near the pole. The pole itself gets the
/// longitude 0.
pub(super) fn to_ground([x, y]: [i128; 2], north: bool) -> Point {
	let square = x.saturating_mul(x).saturating_add(y.saturating_mul(y));
	let radius = square.isqrt().min(ONE);
	let from_pole = i32::try_from(arc_sine(radius)).unwrap_or(QUARTER_TURN);
	let latitude = QUARTER_TURN.saturating_sub(from_pole);
	let longitude = if from_pole == 0 { 0 } else { direction(x, y) };
	let longitude = i32::try_from(longitude).unwrap_or(0);
	Point {
		latitude: if north { latitude } else { latitude.saturating_neg() },
		longitude: if longitude == HALF_TURN { HALF_TURN.saturating_neg() } else { longitude },
	}
}
