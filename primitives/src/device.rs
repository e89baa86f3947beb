//! Measurements that devices sign themselves.
//!
//! A device that has a key signs each measurement with a counter that only rises. So a reporter can't make
//! a measurement up, a device can't take one back, and one that signs two different measurements with the
//! same counter condemns itself, not the reporter that passed them on.

use alloc::{
	format,
	string::{String, ToString},
	vec::Vec,
};
use core::{fmt, str::FromStr};

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{ecdsa, ed25519, sr25519, H256};
use sp_runtime::traits::{BlakeTwo256, Hash, Verify};

use crate::{
	feed::{Evidence, FeedId, MeasurementRef, Observation, RoundIndex, SourceKind},
	hex::{from_hex, hex},
	integer,
	json::check_depth,
	reading::Reading,
	AssetId, Moment,
};

/// Most bytes of a measurement in JSON: twice what the longest takes, so that there is room for spaces.
pub const MAX_JSON: usize = 1_024;

/// Half the order of secp256k1's group, rounded down. (r, s) and (r, order − s) are signatures by the same
/// key over the same message; only the one with the lower s is taken.
const HALF_ORDER: [u8; 32] = [
	0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0,
];

/// A device's public key, which names the device.
///
/// As text: the kind, a colon, and the key in hexadecimal with `0x` in front.
#[derive(
	Clone,
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
)]
#[allow(clippy::cast_possible_truncation)] // The indices, in what `Encode` derives.
pub enum DeviceKey {
	/// The usual choice: small libraries, and secure elements have it.
	#[codec(index = 0)]
	Ed25519(ed25519::Public),
	/// What this network's own keys are. Signs in the context `substrate`.
	#[codec(index = 1)]
	Sr25519(sr25519::Public),
	/// For devices with keys of Ethereum's or Bitcoin's kind. Signs the payload's BLAKE2b-256. Compressed.
	#[codec(index = 2)]
	Secp256k1(ecdsa::Public),
}

/// A device's signature, of the same kind as its key.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[allow(clippy::cast_possible_truncation)] // The indices, in what `Encode` derives.
pub enum DeviceSignature {
	/// 64 bytes.
	#[codec(index = 0)]
	Ed25519(ed25519::Signature),
	/// 64 bytes.
	#[codec(index = 1)]
	Sr25519(sr25519::Signature),
	/// r, s and the recovery id 0 to 3: 65 bytes.
	#[codec(index = 2)]
	Secp256k1(ecdsa::Signature),
}

/// Why a text names no device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeviceKeyError {
	/// It doesn't begin with `ed25519:`, `sr25519:` or `secp256k1:`.
	UnknownKind,
	/// What follows isn't `0x` with 64 hexadecimal digits, or 66 for secp256k1.
	BadKey,
}

impl fmt::Display for DeviceKeyError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::UnknownKind => {
				f.write_str("a device key begins with ed25519:, sr25519: or secp256k1:")
			}
			Self::BadKey => {
				f.write_str("the key is not 0x and 64 hexadecimal digits (66 for secp256k1)")
			}
		}
	}
}

impl fmt::Display for DeviceKey {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Ed25519(key) => write!(f, "ed25519:{}", hex(&key.0)),
			Self::Sr25519(key) => write!(f, "sr25519:{}", hex(&key.0)),
			Self::Secp256k1(key) => write!(f, "secp256k1:{}", hex(&key.0)),
		}
	}
}

impl FromStr for DeviceKey {
	type Err = DeviceKeyError;

	fn from_str(text: &str) -> Result<Self, DeviceKeyError> {
		let (kind, key) = text.split_once(':').ok_or(DeviceKeyError::UnknownKind)?;
		let key = match kind {
			"ed25519" => from_hex(key).map(|key| Self::Ed25519(ed25519::Public::from_raw(key))),
			"sr25519" => from_hex(key).map(|key| Self::Sr25519(sr25519::Public::from_raw(key))),
			"secp256k1" => from_hex(key).map(|key| Self::Secp256k1(ecdsa::Public::from_raw(key))),
			_ => return Err(DeviceKeyError::UnknownKind),
		};
		key.ok_or(DeviceKeyError::BadKey)
	}
}

impl DeviceKey {
	/// Whether `signature` is this device's over `message`.
	///
	/// The library takes both forms of a secp256k1 signature, and recovery ids from 27 too. Here only the
	/// lower s and ids 0 to 3 are taken, so that nobody else can make a second signature out of one.
	pub fn has_signed(&self, message: &[u8], signature: &DeviceSignature) -> bool {
		match (self, signature) {
			(Self::Ed25519(key), DeviceSignature::Ed25519(signature)) => {
				signature.verify(message, key)
			}
			(Self::Sr25519(key), DeviceSignature::Sr25519(signature)) => {
				signature.verify(message, key)
			}
			(Self::Secp256k1(key), DeviceSignature::Secp256k1(signature)) => {
				is_canonical(signature) && signature.verify(message, key)
			}
			_ => false,
		}
	}
}

/// The bytes that a device signs to be registered by `owner` on `asset`.
///
/// Bound to the chain by `genesis`, and to owner and asset, so that nobody else can use the signature, nor the
/// owner for another asset. The tag keeps it from being taken for a measurement.
pub fn registration_payload<AccountId: Encode>(
	genesis: &H256,
	owner: &AccountId,
	asset: AssetId,
) -> Vec<u8> {
	(b"rwa/device/registration/v1", genesis, owner, asset).encode()
}

/// How far a registered device is to be believed.
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
#[allow(clippy::cast_possible_truncation)] // The indices, in what `Encode` derives.
pub enum DeviceState<BlockNumber> {
	/// It is in service.
	#[codec(index = 0)]
	Active,
	/// Its owner, or that of its asset, has taken it out of service.
	#[codec(index = 1)]
	Retired {
		/// The working block in which that was.
		since: BlockNumber,
	},
	/// It has signed two different measurements with one counter. Nothing that it signs counts any more.
	#[codec(index = 2)]
	Condemned {
		/// The working block in which it was condemned, or retired before.
		since: BlockNumber,
	},
}

impl<BlockNumber: Copy + PartialOrd> DeviceState<BlockNumber> {
	/// Whether it may measure now.
	pub fn is_active(&self) -> bool {
		matches!(self, Self::Active)
	}

	/// Whether it was shown to deceive.
	pub fn is_condemned(&self) -> bool {
		matches!(self, Self::Condemned { .. })
	}

	/// Since when it is out of service.
	pub fn out_of_service_since(&self) -> Option<BlockNumber> {
		match self {
			Self::Active => None,
			Self::Retired { since } | Self::Condemned { since } => Some(*since),
		}
	}

	/// Whether it was in service when something began in the working block `began`, before that block's
	/// transactions.
	pub fn was_active_at(&self, began: BlockNumber) -> bool {
		self.out_of_service_since().is_none_or(|since| since >= began)
	}
}

/// What the chain knows of a device as a source of one feed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing<BlockNumber> {
	/// Whether it is in service.
	pub state: DeviceState<BlockNumber>,
	/// The feed's rounds have used the device's measurements up to this counter. What has a lower one is a replay.
	pub counter: u64,
}

/// What a device says that it measured.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Measurement {
	/// Who measured.
	pub device: DeviceKey,
	/// The feed that it is for.
	pub feed: FeedId,
	/// Rises with each measurement of the device, whatever the feed. Nothing has the counter of another.
	pub counter: u64,
	/// When, by the device's own clock.
	pub taken_at: Moment,
	/// What.
	pub reading: Reading,
}

impl Measurement {
	/// The bytes that the device signs.
	///
	/// `genesis` binds them to one chain and the tag to this purpose; the counter stops a replay within the
	/// chain.
	pub fn signing_payload(&self, genesis: &H256) -> Vec<u8> {
		(b"rwa/device/measurement/v1", genesis, self).encode()
	}

	/// Names this measurement on the chain of `genesis`: the BLAKE2b-256 of what is signed. Does not depend
	/// on the signature, of which a device can make many.
	pub fn hash(&self, genesis: &H256) -> H256 {
		BlakeTwo256::hash(&self.signing_payload(genesis))
	}

	/// What a reporter says on the chain of `genesis` who passes this on as it is.
	pub fn observation(&self, genesis: &H256) -> Observation {
		let Self { device, counter, reading, .. } = self;
		let named = MeasurementRef {
			device: device.clone(),
			counter: *counter,
			digest: self.hash(genesis),
		};
		Observation { reading: *reading, evidence: Some(Evidence::Measurement(named)) }
	}

	/// Whether a reporter who names measurement number `named.counter` of `named.device` as what `observation` of
	/// `feed` was taken from is shown by this to say something else: this is that number of that device, and another
	/// feed's, another one than named, or of another reading.
	///
	/// `None`: this is another measurement, and says nothing about it.
	pub fn refutes(
		&self,
		feed: &FeedId,
		observation: &Observation,
		genesis: &H256,
	) -> Option<Refutation> {
		let named = observation.evidence.as_ref().and_then(Evidence::measurement)?;
		if named.device != self.device || named.counter != self.counter {
			return None;
		}
		Some(match self.hash(genesis) == named.digest {
			false => Refutation::ByAnother,
			true if self.feed == *feed && self.reading == observation.reading => Refutation::None,
			true => Refutation::ByItself,
		})
	}

	/// Whether no honest device signs both: they differ, but the device and the counter don't.
	pub fn contradicts(&self, other: &Self) -> bool {
		self.device == other.device && self.counter == other.counter && self != other
	}
}

/// How a measurement shows that a report was not taken from it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refutation {
	/// It doesn't: the report says what was measured.
	None,
	/// It is the one that the report names, and says something else. Whatever the device did, the reporter knew that.
	ByItself,
	/// The report names another one with its counter. If the device has signed only this one, the reporter has made
	/// the other up; if it has signed both, the device deceives.
	ByAnother,
}

/// A measurement with the signature of the device that it names.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct SignedMeasurement {
	/// What is signed.
	pub measurement: Measurement,
	/// By whom the measurement says.
	pub signature: DeviceSignature,
}

impl SignedMeasurement {
	/// Whether the device named has signed this, for the chain of `genesis`.
	pub fn verify(&self, genesis: &H256) -> bool {
		let payload = self.measurement.signing_payload(genesis);
		self.measurement.device.has_signed(&payload, &self.signature)
	}

	/// Whether these two prove that the device deceives: they contradict each other, and it signed both.
	pub fn condemns(&self, other: &Self, genesis: &H256) -> bool {
		self.measurement.contradicts(&other.measurement)
			&& self.verify(genesis)
			&& other.verify(genesis)
	}

	/// From the JSON that devices send over HTTP or MQTT. The signature isn't verified.
	///
	/// Integers are JSON integers or strings, and strings only beyond 64 bits. Fields that aren't known
	/// are refused, as are repeated ones: what the device didn't sign, nobody should read.
	///
	/// ```
	/// use rwa_primitives::{device::SignedMeasurement, reading::Reading};
	///
	/// let json = format!(
	///     r#"{{"device":"ed25519:0x{:064x}","asset":1,"source":"iot_sensor","counter":17,
	///     "taken_at":1764100000000,"reading":{{"scalar":"2135"}},"signature":"0x{:0128x}"}}"#,
	///     1, 2,
	/// );
	/// let signed = SignedMeasurement::from_json(json.as_bytes()).unwrap();
	/// assert_eq!(signed.measurement.reading, Reading::Scalar(2135));
	/// ```
	///
	/// # Errors
	/// See [`MeasurementError`]. Never panics, whatever the bytes.
	pub fn from_json(body: &[u8]) -> Result<Self, MeasurementError> {
		if body.len() > MAX_JSON {
			return Err(MeasurementError::TooLong);
		}
		check_depth(body).map_err(|_| MeasurementError::TooDeep)?;
		// Serde would take an array of the right values for an object.
		if body.contains(&b'[') {
			return Err(MeasurementError::HasArray);
		}
		let fields = serde_json::from_slice::<Fields>(body).map_err(|error| {
			if error.is_data() {
				MeasurementError::BadField(error.to_string())
			} else {
				MeasurementError::NotJson
			}
		})?;
		fields.try_into()
	}

	/// What an operator needs to show that `reporter`, an account's bytes, has made up `observation`, revealed in
	/// `round`, in JSON for `scripts/js/prove-manipulation.js`. The feed is the measurement's.
	pub fn proof_json(
		&self,
		round: RoundIndex,
		reporter: &[u8],
		observation: &Observation,
	) -> String {
		let hash = observation.evidence.as_ref().and_then(Evidence::measurement);
		let hash = hash.map(|named| hex(named.digest.as_bytes())).unwrap_or_default();
		// Plain fields: nothing here can fail.
		let reading = serde_json::to_string(&observation.reading).unwrap_or_default();
		format!(
			r#"{{"round":{round},"reporter":"{}","reading":{reading},"hash":"{hash}","measurement":{}}}"#,
			hex(reporter),
			self.to_json(),
		)
	}

	/// What an operator needs to clear `reporter`, an account's bytes, who has revealed this in `round`, in JSON for
	/// `scripts/js/absolve.js`.
	pub fn defence_json(&self, round: RoundIndex, reporter: &[u8]) -> String {
		let (reporter, measurement) = (hex(reporter), self.to_json());
		format!(r#"{{"round":{round},"reporter":"{reporter}","measurement":{measurement}}}"#)
	}

	/// The JSON that [`Self::from_json`] reads. Scalars are strings.
	pub fn to_json(&self) -> String {
		// Plain fields: nothing here can fail.
		serde_json::to_string(&Fields::from(self)).unwrap_or_default()
	}
}

/// Why a text is no signed measurement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MeasurementError {
	/// More than [`MAX_JSON`] bytes.
	TooLong,
	/// Nested deeper than [`crate::json::MAX_DEPTH`].
	TooDeep,
	/// There is a `[` in it, which no measurement has.
	HasArray,
	/// Not a JSON text in UTF-8.
	NotJson,
	/// A field is missing, unknown, repeated or of the wrong type. Says which and where.
	BadField(String),
	/// `device` names no device.
	BadDevice(DeviceKeyError),
	/// No such place, an angle of 360° or more, or a scalar beyond what any feed can have.
	BadReading,
	/// `signature` isn't `0x` with 128 hexadecimal digits, or 130 for secp256k1.
	BadSignature,
}

impl fmt::Display for MeasurementError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::TooLong => write!(f, "the measurement has more than {MAX_JSON} bytes"),
			Self::TooDeep => f.write_str("the measurement is nested too deep"),
			Self::HasArray => f.write_str("the measurement has an array in it"),
			Self::NotJson => f.write_str("the measurement is not JSON"),
			Self::BadField(fault) => f.write_str(fault),
			Self::BadDevice(fault) => write!(f, "device: {fault}"),
			Self::BadReading => f.write_str("reading: no such place, angle or quantity"),
			Self::BadSignature => {
				f.write_str("signature: not 0x and 128 hexadecimal digits (130 for secp256k1)")
			}
		}
	}
}

/// The JSON form.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
	device: String,
	#[serde(deserialize_with = "integer::deserialize")]
	asset: AssetId,
	#[serde(deserialize_with = "named_source")]
	source: SourceKind,
	#[serde(deserialize_with = "integer::deserialize")]
	counter: u64,
	#[serde(deserialize_with = "integer::deserialize")]
	taken_at: Moment,
	reading: Reading,
	signature: String,
}

/// A kind of source by its name alone: serde would take `{"iot_sensor": null}` for it, too.
fn named_source<'de, D: serde::Deserializer<'de>>(input: D) -> Result<SourceKind, D::Error> {
	use serde::{de::IntoDeserializer, Deserialize};
	let name = String::deserialize(input)?;
	SourceKind::deserialize(name.as_str().into_deserializer())
}

impl From<&SignedMeasurement> for Fields {
	fn from(signed: &SignedMeasurement) -> Self {
		let Measurement { device, feed, counter, taken_at, reading } = &signed.measurement;
		Self {
			device: device.to_string(),
			asset: feed.asset,
			source: feed.source,
			counter: *counter,
			taken_at: *taken_at,
			reading: *reading,
			signature: match &signed.signature {
				DeviceSignature::Ed25519(signature) => hex(&signature.0),
				DeviceSignature::Sr25519(signature) => hex(&signature.0),
				DeviceSignature::Secp256k1(signature) => hex(&signature.0),
			},
		}
	}
}

impl TryFrom<Fields> for SignedMeasurement {
	type Error = MeasurementError;

	fn try_from(fields: Fields) -> Result<Self, MeasurementError> {
		let Fields { device, asset, source, counter, taken_at, reading, signature } = fields;
		let device = device.parse::<DeviceKey>().map_err(MeasurementError::BadDevice)?;
		if !reading.is_valid() {
			return Err(MeasurementError::BadReading);
		}
		let signature = match device {
			DeviceKey::Ed25519(_) => from_hex(&signature)
				.map(|bytes| DeviceSignature::Ed25519(ed25519::Signature::from_raw(bytes))),
			DeviceKey::Sr25519(_) => from_hex(&signature)
				.map(|bytes| DeviceSignature::Sr25519(sr25519::Signature::from_raw(bytes))),
			DeviceKey::Secp256k1(_) => from_hex(&signature)
				.map(|bytes| DeviceSignature::Secp256k1(ecdsa::Signature::from_raw(bytes))),
		};
		let feed = FeedId { asset, source };
		Ok(Self {
			measurement: Measurement { device, feed, counter, taken_at, reading },
			signature: signature.ok_or(MeasurementError::BadSignature)?,
		})
	}
}

/// Whether `signature` has the lower s and a plain recovery id.
fn is_canonical(signature: &ecdsa::Signature) -> bool {
	let s = signature.0.get(32..64);
	let low = s.is_some_and(|s| s <= HALF_ORDER.as_slice());
	low && signature.0.last().is_some_and(|id| *id < 4)
}
