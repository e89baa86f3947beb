//! Sines without floating point: every node must get the same last digit.
//!
//! Angles are in 10⁻⁷ degrees, sines in units of 2⁻⁶⁰. The crates that the node builds anyway have sines
//! in floating point only (`libm`), and these take a page.

/// Bits after the point of a sine.
pub(crate) const FRACTION_BITS: u32 = 60;
/// The sine of a right angle.
pub(crate) const ONE: i128 = 1 << FRACTION_BITS;
/// 90°.
pub(crate) const RIGHT: i64 = 900_000_000;

/// Half of a right angle: up to here the series is short.
const HALF_RIGHT: i64 = RIGHT / 2;
/// A full turn.
const TURN: i64 = RIGHT * 4;
/// 10⁻⁷ degrees in radians: π / 1.8·10⁹, times 2⁹².
const RADIAN: i128 = 8_642_451_851_119_134_904;
/// What is left to shift after a multiplication with [`RADIAN`].
const RADIAN_SHIFT: u32 = 92 - FRACTION_BITS;
/// Terms of the series, sine and cosine together. The first that is left out is 0.79²⁰/20!, below 2⁻⁶⁷.
const TERMS: i128 = 20;

/// Sine and cosine of any angle, wrong by less than 2⁻⁵⁴.
///
/// Each of the 20 terms is rounded twice and loses less than four units on the way, each unit 2⁻⁶⁰; the
/// radians lose one more. All together under 2⁶ units.
pub(crate) fn sine_cosine(angle: i64) -> (i128, i128) {
	let angle = angle.rem_euclid(TURN);
	let rest = angle.rem_euclid(RIGHT);
	let (sine, cosine) = if rest > HALF_RIGHT {
		let (sine, cosine) = series(RIGHT.saturating_sub(rest));
		(cosine, sine)
	} else {
		series(rest)
	};
	match angle.div_euclid(RIGHT) {
		0 => (sine, cosine),
		1 => (cosine, sine.saturating_neg()),
		2 => (sine.saturating_neg(), cosine.saturating_neg()),
		_ => (cosine.saturating_neg(), sine),
	}
}

/// Sine and cosine of an angle from 0 to 45° by their power series.
fn series(angle: i64) -> (i128, i128) {
	let radians = i128::from(angle).saturating_mul(RADIAN) >> RADIAN_SHIFT;
	let (mut sine, mut cosine, mut term) = (0i128, 0i128, ONE);
	for power in 0..TERMS {
		match power & 3 {
			0 => cosine = cosine.saturating_add(term),
			1 => sine = sine.saturating_add(term),
			2 => cosine = cosine.saturating_sub(term),
			_ => sine = sine.saturating_sub(term),
		}
		term = term.saturating_mul(radians) >> FRACTION_BITS;
		term = term.checked_div(power.saturating_add(1)).unwrap_or(0);
	}
	(sine, cosine)
}

/// The angle from 0 to 90° whose sine is nearest to `sine`. Poor near 90°, where the sine stands still.
pub(crate) fn arc_sine(sine: i128) -> i64 {
	root(|angle| sine_cosine(angle).0.saturating_sub(sine))
}

/// The direction of `(x, y)`, seen from the origin and counted from the x-axis towards the y-axis: above
/// −180° and up to 180°. Both coordinates at most 2⁶⁶.
pub(crate) fn direction(x: i128, y: i128) -> i64 {
	let (across, up) = (x.saturating_abs(), y.saturating_abs());
	// The sine of the difference between this angle and the wanted one, times the length of (x, y).
	let steep = root(|angle| {
		let (sine, cosine) = sine_cosine(angle);
		sine.saturating_mul(across).saturating_sub(cosine.saturating_mul(up))
	});
	let steep = if x < 0 { (2 * RIGHT).saturating_sub(steep) } else { steep };
	if y < 0 {
		steep.saturating_neg()
	} else {
		steep
	}
}

/// Where the rising function `f` is nearest to 0 between 0 and 90°.
fn root(f: impl Fn(i64) -> i128) -> i64 {
	let (mut low, mut high) = (0, RIGHT);
	while low < high {
		let middle = low.midpoint(high).saturating_add(1);
		if f(middle) <= 0 {
			low = middle;
		} else {
			high = middle.saturating_sub(1);
		}
	}
	// `low` is the last that isn't above, unless all are.
	let next = low.saturating_add(1);
	if next <= RIGHT && f(next).saturating_abs() < f(low).saturating_abs() {
		next
	} else {
		low
	}
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)] // A test may stop at an overflow.
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[allow(clippy::cast_precision_loss)] // What it compares with has no more digits.
	fn float(number: i128) -> f64 {
		number as f64
	}

	fn radians(angle: i64) -> f64 {
		float(angle.into()) * std::f64::consts::PI / 1.8e9
	}

	#[test]
	fn right_angles_are_exact() {
		let right_angles = [(0, ONE), (ONE, 0), (0, -ONE), (-ONE, 0)];
		for (number, expected) in (0..).zip(right_angles) {
			assert_eq!(sine_cosine(number * RIGHT), expected);
			assert_eq!(sine_cosine((number - 4) * RIGHT), expected);
		}
		let half = sine_cosine(RIGHT / 3).0;
		assert!(half.abs_diff(ONE / 2) < 1 << 6, "{half}");
	}

	proptest! {
		/// To within what floating point loses in radians of up to 2π.
		#[test]
		fn sines_are_those_of_floating_point(angle in -TURN..TURN) {
			let (sine, cosine) = sine_cosine(angle);
			prop_assert!((float(sine) / float(ONE) - radians(angle).sin()).abs() < 4e-15);
			prop_assert!((float(cosine) / float(ONE) - radians(angle).cos()).abs() < 4e-15);
		}

		/// sin² + cos² = 1 to within what both may be wrong by: finer than floating point shows.
		#[test]
		fn sine_and_cosine_are_wrong_by_less_than_2_to_the_minus_54(angle in -TURN..TURN) {
			let (sine, cosine) = sine_cosine(angle);
			let error = (sine * sine + cosine * cosine - ONE * ONE) >> FRACTION_BITS;
			prop_assert!(error.abs() < 3 << (FRACTION_BITS - 54), "{error}");
		}

		#[test]
		fn arc_sine_undoes_sine_near_zero(angle in 0..RIGHT / 2) {
			prop_assert_eq!(arc_sine(sine_cosine(angle).0), angle);
		}

		#[test]
		fn direction_undoes_sine_and_cosine(angle in -TURN / 2 + 1..=TURN / 2) {
			let (sine, cosine) = sine_cosine(angle);
			prop_assert_eq!(direction(cosine, sine), angle);
		}
	}
}
