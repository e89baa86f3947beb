//! Decimal text to fixed point, exactly.
//!
//! Readings come as text: `21.35`, `-4e-1`. Every node must make the same integer of the same text,
//! so there are no floating-point numbers here: they round in ways that nobody asked for.

use crate::feed::{Value, MAX_DECIMALS};
use alloc::{format, string::String};
use sp_core::U256;

/// Most characters that a number may have. An `f64` printed in full takes 24 and an `i128` 40; what
/// is longer is no measurement.
pub const MAX_TEXT: usize = 64;

/// Why a text is not a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DecimalError {
	/// Longer than [`MAX_TEXT`] characters. Send fewer digits.
	TooLong,
	/// Not a number as JSON writes it: digits, an optional point with digits after it, an optional
	/// exponent; no plus sign in front, no leading zeros, no spaces.
	NotANumber,
	/// Beyond what a [`Value`] holds at this many decimals.
	TooLarge,
	/// More than [`MAX_DECIMALS`] decimals were asked for.
	TooManyDecimals,
}

impl core::fmt::Display for DecimalError {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		match self {
			Self::TooLong => write!(f, "the number has more than {MAX_TEXT} characters"),
			Self::NotANumber => f.write_str("not a decimal number"),
			Self::TooLarge => f.write_str("the number is too large for the feed"),
			Self::TooManyDecimals => write!(f, "a feed has at most {MAX_DECIMALS} decimals"),
		}
	}
}

/// `text` in units of 10^-`decimals`, rounded half away from zero.
///
/// Takes what [JSON](https://www.rfc-editor.org/rfc/rfc8259#section-6) calls a number and nothing
/// else.
///
/// ```
/// use rwa_primitives::decimal::{parse_decimal, DecimalError};
///
/// assert_eq!(parse_decimal("21.35", 2), Ok(2135));
/// assert_eq!(parse_decimal("-2.5e1", 0), Ok(-25));
/// assert_eq!(parse_decimal("0.005", 2), Ok(1));
/// assert_eq!(parse_decimal("NaN", 2), Err(DecimalError::NotANumber));
/// ```
///
/// # Errors
/// See [`DecimalError`]. Never panics, whatever the text.
pub fn parse_decimal(text: &str, decimals: u8) -> Result<Value, DecimalError> {
	if decimals > MAX_DECIMALS {
		return Err(DecimalError::TooManyDecimals);
	}
	if text.len() > MAX_TEXT {
		return Err(DecimalError::TooLong);
	}
	Parts::split(text).ok_or(DecimalError::NotANumber)?.scaled(decimals)
}

/// Whether `text` is a number as JSON writes it, of any length and size.
pub fn is_number(text: &str) -> bool {
	Parts::split(text).is_some()
}

/// `value` as decimal text with exactly `decimals` digits after the point; the inverse of
/// [`parse_decimal`]. For people to read.
///
/// ```
/// assert_eq!(rwa_primitives::decimal::format_decimal(-2135, 2), "-21.35");
/// ```
pub fn format_decimal(value: Value, decimals: u8) -> String {
	let width = usize::from(decimals);
	let digits = format!("{:0>1$}", value.unsigned_abs(), width.saturating_add(1));
	let sign = if value < 0 { "-" } else { "" };
	match digits.split_at_checked(digits.len().saturating_sub(width)) {
		Some((whole, fraction)) if !fraction.is_empty() => format!("{sign}{whole}.{fraction}"),
		_ => format!("{sign}{digits}"),
	}
}

/// A number exactly as its text says: `digits · 10^exponent`.
///
/// Equal if and only if the numbers are: `1.50` is `15e-1`, and `-0` is `0`. Exponents beyond ±2³¹ count
/// as ±2³¹.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Number {
	/// Whether it is below zero.
	pub(crate) negative: bool,
	/// Below 10^[`MAX_TEXT`], and not a multiple of ten unless it is zero.
	pub(crate) digits: U256,
	/// How many digits that are.
	pub(crate) length: u8,
	/// The power of ten. Zero if the number is.
	pub(crate) exponent: i64,
}

impl Number {
	/// The number that `text` holds, which has to be one as JSON writes it.
	///
	/// ```
	/// use rwa_primitives::decimal::Number;
	///
	/// assert_eq!(Number::parse("1.50"), Number::parse("15e-1"));
	/// assert_ne!(Number::parse("1.50"), Number::parse("1.5000000000000000000000000001"));
	/// ```
	///
	/// # Errors
	/// [`DecimalError::TooLong`], [`DecimalError::NotANumber`].
	pub fn parse(text: &str) -> Result<Self, DecimalError> {
		if text.len() > MAX_TEXT {
			return Err(DecimalError::TooLong);
		}
		Parts::split(text).and_then(Parts::exact).ok_or(DecimalError::NotANumber)
	}
}

/// The parts of a JSON number.
struct Parts<'a> {
	negative: bool,
	/// Digits before the point; never empty.
	whole: &'a str,
	/// Digits after the point; empty if there is none.
	fraction: &'a str,
	/// Power of ten; saturated, which changes no result, because the digits are few.
	exponent: i64,
}

impl<'a> Parts<'a> {
	/// `None`: not a JSON number.
	fn split(text: &'a str) -> Option<Self> {
		let (negative, text) = match text.strip_prefix('-') {
			Some(rest) => (true, rest),
			None => (false, text),
		};
		let (mantissa, exponent) = match text.split_once(['e', 'E']) {
			Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
			None => (text, 0),
		};
		let (whole, fraction) = match mantissa.split_once('.') {
			Some((_, fraction)) if !is_digits(fraction) => return None,
			Some(parts) => parts,
			None => (mantissa, ""),
		};
		let leading_zero = whole.len() > 1 && whole.starts_with('0');
		(is_digits(whole) && !leading_zero).then_some(Self { negative, whole, fraction, exponent })
	}

	/// Without zeros at either end. `None`: more digits than a [`Number`] has.
	fn exact(self) -> Option<Number> {
		let written = [self.whole, self.fraction].concat();
		let shown = written.trim_end_matches('0');
		let zeros = written.len().checked_sub(shown.len())?;
		let digits = shown.trim_start_matches('0');
		if digits.is_empty() {
			return Some(Number { negative: false, digits: U256::zero(), length: 0, exponent: 0 });
		}
		Some(Number {
			negative: self.negative,
			digits: U256::from_dec_str(digits).ok()?,
			length: u8::try_from(digits.len()).ok()?,
			exponent: self
				.exponent
				.checked_sub(i64::try_from(self.fraction.len()).ok()?)?
				.checked_add(i64::try_from(zeros).ok()?)?,
		})
	}

	fn scaled(self, decimals: u8) -> Result<Value, DecimalError> {
		// The value is `digits · 10^shift`.
		let fraction_digits = i64::try_from(self.fraction.len()).unwrap_or(i64::MAX);
		let shift =
			self.exponent.saturating_add(i64::from(decimals)).saturating_sub(fraction_digits);
		let length = self.whole.len().saturating_add(self.fraction.len());
		let dropped = usize::try_from(shift.saturating_neg()).unwrap_or(0);
		let kept = length.saturating_sub(dropped);

		let mut digits = self.whole.bytes().chain(self.fraction.bytes()).map(|b| b & 0x0f);
		let mut magnitude = digits
			.by_ref()
			.take(kept)
			.try_fold(0i128, |sum, digit| sum.checked_mul(10)?.checked_add(i128::from(digit)))
			.ok_or(DecimalError::TooLarge)?;
		// If more is dropped than there is, a zero stands in front of what is dropped: rounds down.
		let first_dropped = if dropped > length { None } else { digits.next() };
		if dropped > 0 && first_dropped.is_some_and(|digit| digit >= 5) {
			magnitude = magnitude.checked_add(1).ok_or(DecimalError::TooLarge)?;
		}
		if shift > 0 && magnitude != 0 {
			magnitude = u32::try_from(shift)
				.ok()
				.and_then(|zeros| 10i128.checked_pow(zeros))
				.and_then(|factor| magnitude.checked_mul(factor))
				.ok_or(DecimalError::TooLarge)?;
		}
		Ok(if self.negative { magnitude.saturating_neg() } else { magnitude })
	}
}

fn is_digits(text: &str) -> bool {
	!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn parse_exponent(text: &str) -> Option<i64> {
	let (negative, digits) = match text.strip_prefix('-') {
		Some(rest) => (true, rest),
		None => (false, text.strip_prefix('+').unwrap_or(text)),
	};
	if !is_digits(digits) {
		return None;
	}
	// Too many digits to fit: as good as infinite beside at most `MAX_TEXT` digits.
	let magnitude = digits.parse::<i32>().map_or(i64::from(i32::MAX), i64::from);
	Some(if negative { magnitude.saturating_neg() } else { magnitude })
}
