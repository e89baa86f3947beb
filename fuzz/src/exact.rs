//! Numbers without bounds: what a reading has to be, computed in the order of the definition.

use num_bigint::{BigInt, BigUint, Sign};
use rwa_primitives::{
	decimal::{DecimalError, MAX_TEXT},
	feed::{Value, MAX_DECIMALS},
	worker::ConversionError,
};

use crate::json::is_number;

/// No number in use has a power of ten beyond this: what is beyond counts as much as what is there.
const FAR: i64 = 400;

/// `digits · 10^exponent`.
#[derive(Clone, Debug)]
pub struct Number {
	digits: BigInt,
	exponent: i64,
}

impl Number {
	/// What `text` says. Exponents beyond ±2³¹ count as ±2³¹.
	///
	/// # Errors
	/// [`DecimalError::TooLong`], [`DecimalError::NotANumber`].
	pub fn parse(text: &str) -> Result<Self, DecimalError> {
		if text.len() > MAX_TEXT {
			return Err(DecimalError::TooLong);
		}
		if !is_number(text) {
			return Err(DecimalError::NotANumber);
		}
		let text = text.replace('E', "e");
		let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
		let places = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len());
		let most = BigInt::from(i32::MAX);
		let exponent = integer(exponent).clamp(-&most, most);
		let exponent = i64::try_from(exponent).unwrap_or_default() - places as i64;
		let mut number = Self { digits: integer(&mantissa.replace('.', "")), exponent };
		if number.is_zero() {
			number.exponent = 0;
		}
		while !number.is_zero() && (&number.digits % 10) == BigInt::ZERO {
			number.digits /= 10;
			number.exponent += 1;
		}
		Ok(number)
	}

	/// Whether it is zero.
	pub fn is_zero(&self) -> bool {
		self.digits == BigInt::ZERO
	}

	/// Whether both are the same number. One has one form: without zeros at the end.
	pub fn same(&self, other: &Self) -> bool {
		self.digits == other.digits && self.exponent == other.exponent
	}

	/// As a fraction, or one that is rounded alike if it is very large or very small.
	fn fraction(&self) -> Fraction {
		let exponent = self.exponent.clamp(-FAR, FAR);
		Fraction {
			above: self.digits.clone() * ten(exponent.max(0)),
			below: ten((-exponent).max(0)),
		}
	}
}

/// `above / below`, the latter above zero.
#[derive(Clone, Debug)]
struct Fraction {
	above: BigInt,
	below: BigInt,
}

impl Fraction {
	fn times(&self, other: &Self) -> Self {
		Self { above: &self.above * &other.above, below: &self.below * &other.below }
	}

	fn plus(&self, other: &Self) -> Self {
		Self {
			above: &self.above * &other.below + &other.above * &self.below,
			below: &self.below * &other.below,
		}
	}

	/// The nearest integer, and of two the one further from zero.
	fn rounded(&self) -> Result<Value, DecimalError> {
		let (above, below) = (self.above.magnitude(), self.below.magnitude());
		let nearest: BigUint = (above * 2u8 + below) / (below * 2u8);
		let value = Value::try_from(nearest).map_err(|_| DecimalError::TooLarge)?;
		Ok(if self.above.sign() == Sign::Minus { -value } else { value })
	}
}

/// `text` in units of 10^-`decimals`.
///
/// # Errors
/// Those that the parser under test has to give.
pub fn decimal(text: &str, decimals: u8) -> Result<Value, DecimalError> {
	Conversion::NONE.apply(text, decimals)
}

/// From one unit to another.
#[derive(Clone, Debug)]
pub struct Conversion(Option<(Fraction, Fraction)>);

impl Conversion {
	/// Leaves everything as it is.
	pub const NONE: Self = Self(None);

	/// Scale and offset as an operator writes them.
	///
	/// # Errors
	/// Those that the parser under test has to give.
	pub fn parse(scale: &str, offset: &str) -> Result<Self, ConversionError> {
		let (above, below) = scale.split_once('/').unwrap_or((scale, "1"));
		let part = |text| Number::parse(text).map_err(|_| ConversionError::BadScale);
		let (above, below) = (part(above)?, part(below)?);
		if above.is_zero() || below.is_zero() {
			return Err(ConversionError::ZeroScale);
		}
		let scale = quotient(&above, &below).ok_or(ConversionError::ScaleOutOfRange)?;
		let offset = Number::parse(offset).map_err(|_| ConversionError::BadOffset)?;
		let units = offset.fraction().times(&Fraction { above: ten(18), below: ten(0) }).rounded();
		if offset.exponent < -18 || units.is_err() {
			return Err(ConversionError::BadOffset);
		}
		Ok(Self(Some((scale, offset.fraction()))))
	}

	/// What `text` becomes, in units of 10^-`decimals`.
	///
	/// # Errors
	/// Those that the function under test has to give.
	pub fn apply(&self, text: &str, decimals: u8) -> Result<Value, DecimalError> {
		if decimals > MAX_DECIMALS {
			return Err(DecimalError::TooManyDecimals);
		}
		let number = Number::parse(text)?.fraction();
		let converted = match &self.0 {
			Some((scale, offset)) => number.times(scale).plus(offset),
			None => number,
		};
		converted.times(&Fraction { above: ten(decimals.into()), below: ten(0) }).rounded()
	}
}

/// `None`: in lowest terms one of them is above 10¹⁸.
fn quotient(above: &Number, below: &Number) -> Option<Fraction> {
	let exponent = above.exponent - below.exponent;
	// The digits of neither are more than these many, so that nothing could make up for it.
	if exponent.abs() > FAR {
		return None;
	}
	let negative = (above.digits.sign() == Sign::Minus) != (below.digits.sign() == Sign::Minus);
	let top = above.digits.magnitude() * ten(exponent.max(0)).magnitude();
	let bottom = below.digits.magnitude() * ten((-exponent).max(0)).magnitude();
	let (mut divisor, mut rest) = (top.clone(), bottom.clone());
	while rest != BigUint::ZERO {
		(divisor, rest) = (rest.clone(), divisor % rest);
	}
	let (top, bottom) = (top / &divisor, bottom / divisor);
	let most = BigUint::from(10u64.pow(18));
	if top > most || bottom > most {
		return None;
	}
	let sign = if negative { Sign::Minus } else { Sign::Plus };
	Some(Fraction {
		above: BigInt::from_biguint(sign, top),
		below: BigInt::from_biguint(Sign::Plus, bottom),
	})
}

/// Only for texts of digits with a sign.
fn integer(text: &str) -> BigInt {
	text.parse().unwrap_or_default()
}

fn ten(exponent: i64) -> BigInt {
	BigInt::from(10).pow(u32::try_from(exponent).unwrap_or_default())
}
