//! Where the reading is in an answer.

use alloc::{string::String, vec::Vec};
use core::fmt;

use codec::{Decode, Encode};
use sp_core::H256;

use super::Conversion;
use crate::{
	decimal::{parse_decimal, DecimalError, Number},
	device::{DeviceKey, MeasurementError, SignedMeasurement},
	feed::{FeedId, Observation, Value},
	json::{number_at, plain_at, JsonError, Plain},
	reading::{
		Angle, Point, Reading, Schema, ANGLE_DECIMALS, FULL_ANGLE, HALF_TURN, POINT_DECIMALS,
	},
	Moment,
};

/// How an answer becomes a reading. All pointers are JSON pointers (RFC 6901).
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[allow(clippy::cast_possible_truncation)] // The indices, in what `Encode` derives.
pub enum ReadingRule {
	/// A quantity.
	#[codec(index = 0)]
	Scalar {
		/// Where the number is.
		pointer: String,
		/// Whether it may be in quotes.
		text: bool,
		/// From the source's unit to the feed's.
		conversion: Conversion,
	},
	/// A place, in degrees. Rounded to 10⁻⁷.
	#[codec(index = 1)]
	Point {
		/// Where its latitude is.
		latitude: String,
		/// Where its longitude is.
		longitude: String,
		/// Whether the numbers may be in quotes.
		text: bool,
	},
	/// A direction, in degrees. Rounded to 10⁻⁶, and full turns are taken off.
	#[codec(index = 2)]
	Angle {
		/// Where the number is.
		pointer: String,
		/// Whether it may be in quotes.
		text: bool,
	},
	/// A state.
	#[codec(index = 3)]
	Category {
		/// Where the source names it.
		pointer: String,
		/// What it is called there, and which category of the feed that is. A string is compared letter by
		/// letter and a number by its value; `true` and `false` are these words.
		categories: Vec<(String, u16)>,
	},
	/// The answer is a measurement that a device has signed, in JSON.
	#[codec(index = 4)]
	Signed(SignedRule),
}

/// Which signed measurements are taken.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SignedRule {
	/// Whose.
	pub devices: Vec<DeviceKey>,
	/// How far the device's clock may be from the node's, in milliseconds. Includes how long the measurement
	/// lay at the source.
	pub max_skew_ms: u32,
}

/// What a signed measurement is held against.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
	/// The feed that it is for.
	pub feed: FeedId,
	/// The chain that it is for, by the hash of its genesis.
	pub genesis: H256,
	/// The node's time.
	pub now: Moment,
}

/// A measurement that was used before.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Used {
	/// Its counter.
	pub counter: u64,
	/// [`Measurement::hash`](crate::device::Measurement::hash).
	pub hash: H256,
}

/// What an answer says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
	/// What was observed.
	pub observation: Observation,
	/// The measurement that it is taken from, if a device has signed it: what the observation's evidence names.
	pub signed: Option<SignedMeasurement>,
}

/// Why there is no reading in an answer. Nothing in it comes from the answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReadingError {
	/// The answer is not JSON with something in the right place.
	Json(JsonError),
	/// The content that the reading was derived from isn't named in the right place.
	Content(JsonError),
	/// The number is not one that the feed can hold.
	Number(DecimalError),
	/// The numbers are no latitude and longitude.
	NoSuchPlace,
	/// The table has no such name.
	UnknownCategory,
	/// The feed has readings of another kind.
	WrongKind,
	/// Not a signed measurement.
	Measurement(MeasurementError),
	/// It is for another feed.
	WrongFeed,
	/// A device has signed it that the operator doesn't accept.
	UnknownDevice,
	/// The device hasn't signed it, or for another chain.
	BadSignature,
	/// It was taken further from the node's time than the operator allows.
	Skew {
		/// How many milliseconds are allowed.
		most: u32,
	},
	/// A newer measurement of this device was used before.
	Replayed,
	/// The device has signed another measurement with the same counter.
	Contradicted,
}

impl fmt::Display for ReadingError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Json(error) => error.fmt(f),
			Self::Content(error) => write!(f, "the content's hash: {error}"),
			Self::Number(error) => error.fmt(f),
			Self::NoSuchPlace => {
				f.write_str("the numbers are no latitude and longitude in degrees")
			}
			Self::UnknownCategory => f.write_str("the answer names no category of the table"),
			Self::WrongKind => f.write_str("the feed has readings of another kind"),
			// Repeats what it found, which may be anything.
			Self::Measurement(MeasurementError::BadField(_)) => {
				f.write_str("a field of the measurement is missing, unknown, repeated or not valid")
			}
			Self::Measurement(error) => error.fmt(f),
			Self::WrongFeed => f.write_str("the measurement is for another feed"),
			Self::UnknownDevice => f.write_str("the measurement is of a device that is not listed"),
			Self::BadSignature => {
				f.write_str("the device has not signed the measurement for this chain")
			}
			Self::Skew { most } => {
				write!(f, "the measurement was taken more than {most} ms from the node's time")
			}
			Self::Replayed => f.write_str("a newer measurement of this device was used before"),
			Self::Contradicted => {
				f.write_str("the device has signed two measurements with one counter")
			}
		}
	}
}

impl ReadingRule {
	/// Whether what this reads fits a feed of `schema`. A signed measurement may be of any kind.
	pub fn suits(&self, schema: &Schema) -> bool {
		matches!(
			(self, schema),
			(Self::Scalar { .. }, Schema::Scalar { .. })
				| (Self::Point { .. }, Schema::Point { .. })
				| (Self::Angle { .. }, Schema::Angle)
				| (Self::Category { .. }, Schema::Category { .. })
				| (Self::Signed(_), _)
		)
	}

	/// What `body` says. Whether the feed allows it, or the chain knows the device, isn't checked.
	///
	/// `used` knows the measurement of a device that was used last.
	///
	/// # Errors
	/// See [`ReadingError`]. Never panics, whatever the bytes.
	pub fn read(
		&self,
		body: &[u8],
		schema: &Schema,
		expected: &Expected,
		used: impl FnOnce(&DeviceKey) -> Option<Used>,
	) -> Result<Found, ReadingError> {
		let reading = match (self, schema) {
			(Self::Signed(rule), _) => return rule.read(body, expected, used),
			(Self::Scalar { pointer, text, conversion }, Schema::Scalar { decimals, .. }) => {
				let number = number_at(body, pointer, *text).map_err(ReadingError::Json)?;
				conversion
					.apply(number, *decimals)
					.map(Reading::Scalar)
					.map_err(ReadingError::Number)?
			}
			(Self::Point { latitude, longitude, text }, Schema::Point { .. }) => {
				let at = |pointer| fixed_at(body, pointer, *text, POINT_DECIMALS);
				Reading::Point(place(at(latitude)?, at(longitude)?)?)
			}
			(Self::Angle { pointer, text }, Schema::Angle) => {
				Reading::Angle(direction(fixed_at(body, pointer, *text, ANGLE_DECIMALS)?)?)
			}
			(Self::Category { pointer, categories }, Schema::Category { .. }) => {
				let name = plain_at(body, pointer).map_err(ReadingError::Json)?;
				Reading::Category(category(&name, categories)?)
			}
			_ => return Err(ReadingError::WrongKind),
		};
		Ok(Found { observation: Observation { reading, evidence: None }, signed: None })
	}
}

impl SignedRule {
	/// What is cheap to check first, and the signature last.
	fn read(
		&self,
		body: &[u8],
		expected: &Expected,
		used: impl FnOnce(&DeviceKey) -> Option<Used>,
	) -> Result<Found, ReadingError> {
		let refuse = |wrong: bool, error| if wrong { Err(error) } else { Ok(()) };
		let signed = SignedMeasurement::from_json(body).map_err(ReadingError::Measurement)?;
		let measurement = &signed.measurement;
		refuse(measurement.feed != expected.feed, ReadingError::WrongFeed)?;
		refuse(!self.devices.contains(&measurement.device), ReadingError::UnknownDevice)?;
		let skew = measurement.taken_at.abs_diff(expected.now);
		let most = self.max_skew_ms;
		refuse(skew > most.into(), ReadingError::Skew { most })?;
		refuse(!signed.verify(&expected.genesis), ReadingError::BadSignature)?;

		let counter = measurement.counter;
		let hash = measurement.hash(&expected.genesis);
		if let Some(used) = used(&measurement.device) {
			refuse(counter < used.counter, ReadingError::Replayed)?;
			refuse(counter == used.counter && hash != used.hash, ReadingError::Contradicted)?;
		}
		let observation = measurement.observation(&expected.genesis);
		Ok(Found { observation, signed: Some(signed) })
	}
}

/// The number at `pointer` in units of 10^-`decimals`.
fn fixed_at(body: &[u8], pointer: &str, text: bool, decimals: u8) -> Result<Value, ReadingError> {
	let number = number_at(body, pointer, text).map_err(ReadingError::Json)?;
	parse_decimal(number, decimals).map_err(ReadingError::Number)
}

/// Both in 10⁻⁷ degrees. Longitudes from −180° to 180°: what is beyond is more likely to be a mistake than a
/// place.
fn place(latitude: Value, longitude: Value) -> Result<Point, ReadingError> {
	let coordinate = |value: Value| i32::try_from(value).ok().filter(|value| *value <= HALF_TURN);
	coordinate(latitude)
		.zip(coordinate(longitude))
		.and_then(|(latitude, longitude)| Point::new(latitude, longitude))
		.ok_or(ReadingError::NoSuchPlace)
}

/// From 10⁻⁶ degrees, any number of turns.
fn direction(millionths: Value) -> Result<Angle, ReadingError> {
	let turned = millionths.checked_rem_euclid(FULL_ANGLE.into());
	turned
		.and_then(|millionths| u32::try_from(millionths).ok())
		.and_then(Angle::new)
		.ok_or(ReadingError::Number(DecimalError::TooLarge))
}

/// The category that `categories` has for `name`.
fn category(name: &Plain, categories: &[(String, u16)]) -> Result<u16, ReadingError> {
	let called = |label: &str| match name {
		Plain::Text(text) => text == label,
		Plain::Truth(true) => label == "true",
		Plain::Truth(false) => label == "false",
		Plain::Number(number) => match (Number::parse(number), Number::parse(label)) {
			(Ok(number), Ok(label)) => number == label,
			_ => false,
		},
	};
	categories
		.iter()
		.find(|(label, _)| called(label))
		.map(|(_, category)| *category)
		.ok_or(ReadingError::UnknownCategory)
}
