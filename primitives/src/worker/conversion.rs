//! From the unit of a source to the unit of a feed, exactly.

use core::fmt;

use codec::{Decode, Encode};
use sp_core::U512;

use crate::{
	decimal::{parse_decimal, DecimalError, Number},
	feed::{Value, MAX_DECIMALS},
};

/// Most that a scale's numerator or denominator may be, in lowest terms: 10¹⁸. Units of one quantity are
/// less far apart than that.
const MAX_TERM: u64 = 10u64.pow(18);

/// Digits after the point of an offset.
const OFFSET_DECIMALS: u8 = MAX_DECIMALS;

/// A number of 10⁷⁰ or more is beyond any feed, whatever the conversion: a scale divides by 10¹⁸ at most, and
/// no offset brings 10⁵² back.
const MAX_PLACES: i64 = 70;

/// What is closer to zero than 10⁻³⁷ is as good as 10⁻³⁷: see [`Conversion::apply`].
const TINY_EXPONENT: i64 = -37;

/// `number · scale + offset`: what a source's number is in the feed's unit.
///
/// ```
/// use rwa_primitives::worker::Conversion;
///
/// // From degrees Celsius to Fahrenheit.
/// let conversion = Conversion::parse(Some("9/5"), Some("32")).unwrap();
/// assert_eq!(conversion.apply("21.35", 2), Ok(7_043));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Conversion {
	negative: bool,
	/// Of the scale. At most [`MAX_TERM`].
	numerator: u64,
	/// Of the scale. From 1 to [`MAX_TERM`]. What is decoded may be anything.
	denominator: u64,
	/// In units of 10^-[`OFFSET_DECIMALS`].
	offset: Value,
}

impl Default for Conversion {
	/// The feed's unit is the source's.
	fn default() -> Self {
		Self { negative: false, numerator: 1, denominator: 1, offset: 0 }
	}
}

/// Why a text is no conversion.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConversionError {
	/// The scale is neither a decimal nor two of them with a `/` in between.
	BadScale,
	/// The scale, or what it is divided by, is zero.
	ZeroScale,
	/// In lowest terms the scale's numerator or denominator is above 10¹⁸.
	ScaleOutOfRange,
	/// The offset is no decimal, too large, or has more digits after the point than a feed can have.
	BadOffset,
}

impl fmt::Display for ConversionError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::BadScale => f.write_str("the scale is not a number like \"1.8\" or \"9/5\""),
			Self::ZeroScale => f.write_str("neither part of the scale may be zero"),
			Self::ScaleOutOfRange => {
				f.write_str("as a fraction of integers the scale has one of more than 18 digits")
			}
			Self::BadOffset => write!(
				f,
				"the offset is not a number like \"-273.15\", with at most {OFFSET_DECIMALS} digits \
				 after the point and below 10^20"
			),
		}
	}
}

impl Conversion {
	/// From what an operator writes: a scale as a decimal (`1.8`) or as a fraction of decimals (`9/5`), and an
	/// offset as a decimal. What is left out changes nothing.
	///
	/// # Errors
	/// See [`ConversionError`].
	pub fn parse(scale: Option<&str>, offset: Option<&str>) -> Result<Self, ConversionError> {
		let scale = scale.unwrap_or("1");
		let (above, below) = scale.split_once('/').unwrap_or((scale, "1"));
		let parse = |text| Number::parse(text).map_err(|_| ConversionError::BadScale);
		let (above, below) = (parse(above)?, parse(below)?);
		if above.digits.is_zero() || below.digits.is_zero() {
			return Err(ConversionError::ZeroScale);
		}
		let (numerator, denominator) =
			lowest_terms(&above, &below).ok_or(ConversionError::ScaleOutOfRange)?;
		Ok(Self {
			negative: above.negative != below.negative,
			numerator,
			denominator,
			offset: offset.map_or(Ok(0), parse_offset)?,
		})
	}

	/// What `text`, the source's number, is in units of 10^-`decimals` of the feed's unit: computed exactly, and
	/// then rounded half away from zero.
	///
	/// # Errors
	/// See [`DecimalError`]. Never panics, whatever the text.
	pub fn apply(&self, text: &str, decimals: u8) -> Result<Value, DecimalError> {
		if decimals > MAX_DECIMALS {
			return Err(DecimalError::TooManyDecimals);
		}
		let number = Number::parse(text)?;
		if number.digits.is_zero() {
			return self.rounded(&number, decimals).ok_or(DecimalError::TooLarge);
		}
		// The number is below 10^places, and not below a tenth of that.
		let places = number.exponent.saturating_add(number.length.into());
		if places > MAX_PLACES {
			return Err(DecimalError::TooLarge);
		}
		// The offset is a multiple of 10^(decimals - 18) of the feed's last digit. What is added to it here
		// is at most a tenth of that after scaling, so that only its sign decides how the sum is rounded.
		let number = if places <= TINY_EXPONENT {
			Number { digits: 1.into(), length: 1, exponent: TINY_EXPONENT, ..number }
		} else {
			number
		};
		self.rounded(&number, decimals).ok_or(DecimalError::TooLarge)
	}

	/// `None`: beyond a [`Value`].
	///
	/// Number and offset are brought to the denominator `denominator · 10^shift`. The number's exponent is from
	/// -100 to 69, so the larger of them has at most 39 + 19 + 100 digits less 18, and fits 512 bits.
	fn rounded(&self, number: &Number, decimals: u8) -> Option<Value> {
		let decimals = i64::from(decimals);
		let exponent = number.exponent.checked_add(decimals)?;
		let offset_exponent = decimals.checked_sub(OFFSET_DECIMALS.into())?;
		let shift = exponent.min(offset_exponent).min(0).checked_neg()?;

		let scaled = U512::from(number.digits)
			.checked_mul(self.numerator.into())?
			.checked_mul(power_of_ten(exponent.checked_add(shift)?)?)?;
		let offset = U512::from(self.offset.unsigned_abs())
			.checked_mul(self.denominator.into())?
			.checked_mul(power_of_ten(offset_exponent.checked_add(shift)?)?)?;
		let (negative, sum) =
			signed_sum((self.negative != number.negative, scaled), (self.offset < 0, offset))?;

		let divisor = power_of_ten(shift)?.checked_mul(self.denominator.into())?;
		let (whole, rest) = (sum.checked_div(divisor)?, sum.checked_rem(divisor)?);
		let up = rest >= divisor.checked_sub(rest)?;
		let magnitude = whole.checked_add(U512::from(u8::from(up)))?;
		let value = Value::try_from(u128::try_from(magnitude).ok()?).ok()?;
		Some(if negative { value.saturating_neg() } else { value })
	}
}

/// `above / below` without a common divisor. `None`: a term is above [`MAX_TERM`].
fn lowest_terms(above: &Number, below: &Number) -> Option<(u64, u64)> {
	let exponent = above.exponent.checked_sub(below.exponent)?;
	let up = power_of_ten(exponent.max(0))?;
	let down = power_of_ten(exponent.min(0).checked_neg()?)?;
	let above = U512::from(above.digits).checked_mul(up)?;
	let below = U512::from(below.digits).checked_mul(down)?;
	let (mut divisor, mut rest) = (above, below);
	while !rest.is_zero() {
		(divisor, rest) = (rest, divisor.checked_rem(rest)?);
	}
	let term = |part: U512| {
		u64::try_from(part.checked_div(divisor)?).ok().filter(|term| *term <= MAX_TERM)
	};
	Some((term(above)?, term(below)?))
}

fn parse_offset(text: &str) -> Result<Value, ConversionError> {
	let number = Number::parse(text).map_err(|_| ConversionError::BadOffset)?;
	if number.exponent < i64::from(OFFSET_DECIMALS).saturating_neg() {
		return Err(ConversionError::BadOffset);
	}
	parse_decimal(text, OFFSET_DECIMALS).map_err(|_| ConversionError::BadOffset)
}

/// `None`: a negative exponent, or beyond 512 bits.
fn power_of_ten(exponent: i64) -> Option<U512> {
	U512::from(10).checked_pow(u64::try_from(exponent).ok()?.into())
}

/// The sum of two numbers, each as whether it is negative and its magnitude.
fn signed_sum(a: (bool, U512), b: (bool, U512)) -> Option<(bool, U512)> {
	if a.0 == b.0 {
		return Some((a.0, a.1.checked_add(b.1)?));
	}
	let (larger, smaller) = if a.1 >= b.1 { (a, b) } else { (b, a) };
	Some((larger.0, larger.1.checked_sub(smaller.1)?))
}
