//! Integers in JSON: as numbers, or as strings for readers that lose digits beyond 2⁵³.
//!
//! For `#[serde(with)]`. Nothing passes through floating point: `1e3` and `17.0` are refused, and so is
//! whatever isn't written the shortest way, because two readers could read it differently.

use alloc::string::ToString;
use core::{fmt, marker::PhantomData, str::FromStr};
use serde::{
	de::{Deserializer, Error, Visitor},
	ser::Serializer,
};

/// As a string, because the reader may be a browser.
pub(crate) fn serialize<T: fmt::Display, S: Serializer>(
	value: &T,
	serializer: S,
) -> Result<S::Ok, S::Error> {
	serializer.collect_str(value)
}

/// From a number of 64 bits or a string.
pub(crate) fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
	T: FromStr + fmt::Display + TryFrom<u64> + TryFrom<i64>,
	D: Deserializer<'de>,
{
	deserializer.deserialize_any(Integer(PhantomData))
}

/// Takes an integer, however it is written.
struct Integer<T>(PhantomData<T>);

impl<T: FromStr + fmt::Display + TryFrom<u64> + TryFrom<i64>> Visitor<'_> for Integer<T> {
	type Value = T;

	fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("an integer in range, or a string that holds one")
	}

	fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
		T::try_from(number).map_err(|_| E::custom("integer out of range"))
	}

	fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
		T::try_from(number).map_err(|_| E::custom("integer out of range"))
	}

	fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
		let number = text.parse::<T>().map_err(|_| E::custom("not an integer in range"))?;
		// Neither a plus sign nor leading zeros.
		if number.to_string() != text {
			return Err(E::custom("an integer has neither a plus sign nor leading zeros"));
		}
		Ok(number)
	}
}
