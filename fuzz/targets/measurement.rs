//! Measurements in the JSON that devices send: taken if and only if there is one way to read them.
//!
//! Input: the JSON.

#![no_main]

use codec::{DecodeAll, Encode};
use libfuzzer_sys::fuzz_target;
use num_bigint::BigInt;
use rwa_fuzz::json::Json;
use rwa_primitives::{
	device::{DeviceKey, DeviceSignature, Measurement, SignedMeasurement, MAX_JSON},
	feed::{FeedId, SourceKind},
	json::MAX_DEPTH,
	reading::{Angle, Point, Reading, MAX_MAGNITUDE},
};
use sp_core::{ecdsa, ed25519, sr25519};

fuzz_target!(|input: &[u8]| {
	let found = SignedMeasurement::from_json(input);
	let expected = opinion(input);
	assert_eq!(found.as_ref().ok(), expected.as_ref(), "{:?}", String::from_utf8_lossy(input));
	let Ok(signed) = found else { return };

	let json = signed.to_json();
	assert!(json.len() <= MAX_JSON / 2, "{json}");
	assert_eq!(SignedMeasurement::from_json(json.as_bytes()).as_ref(), Ok(&signed));
	assert_eq!(SignedMeasurement::decode_all(&mut &signed.encode()[..]).as_ref(), Ok(&signed));
	let key = &signed.measurement.device;
	assert_eq!(key.to_string().parse::<DeviceKey>().as_ref(), Ok(key));
	assert!(!signed.measurement.contradicts(&signed.measurement));
});

/// The measurement that `body` is.
fn opinion(body: &[u8]) -> Option<SignedMeasurement> {
	// Seven members, one reading, no arrays: anything with more brackets is something else.
	let brackets = body.iter().filter(|byte| **byte == b'{').count();
	if body.len() > MAX_JSON || body.contains(&b'[') || brackets > MAX_DEPTH {
		return None;
	}
	let tree = Json::parse(body)?;
	let fields = members(&tree)?;
	let names = ["asset", "counter", "device", "reading", "signature", "source", "taken_at"];
	let mut found: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
	found.sort_unstable();
	if found != names {
		return None;
	}
	let field = |name| fields.iter().find(|(field, _)| *field == name).map(|(_, value)| *value);
	let device = device(says(field("device")?)?)?;
	let source = match says(field("source")?)? {
		"gps_tracker" => SourceKind::GpsTracker,
		"iot_sensor" => SourceKind::IotSensor,
		"satellite_imagery" => SourceKind::SatelliteImagery,
		"weather_api" => SourceKind::WeatherApi,
		"traffic_api" => SourceKind::TrafficApi,
		_ => return None,
	};
	let signature = says(field("signature")?)?;
	let signature = match &device {
		DeviceKey::Ed25519(_) => {
			DeviceSignature::Ed25519(ed25519::Signature::from_raw(bytes(signature)?))
		}
		DeviceKey::Sr25519(_) => {
			DeviceSignature::Sr25519(sr25519::Signature::from_raw(bytes(signature)?))
		}
		DeviceKey::Secp256k1(_) => {
			DeviceSignature::Secp256k1(ecdsa::Signature::from_raw(bytes(signature)?))
		}
	};
	let feed = FeedId { asset: integer(field("asset")?)?, source };
	let (counter, taken_at) = (integer(field("counter")?)?, integer(field("taken_at")?)?);
	let reading = reading(field("reading")?)?;
	Some(SignedMeasurement {
		measurement: Measurement { device, feed, counter, taken_at, reading },
		signature,
	})
}

fn members<'a>(value: &'a Json<'a>) -> Option<Vec<(&'a str, &'a Json<'a>)>> {
	let Json::Object(members) = value else { return None };
	members.iter().map(|(name, value)| Some((name.says.as_deref()?, value))).collect()
}

fn says<'a>(value: &'a Json<'a>) -> Option<&'a str> {
	match value {
		Json::Text(text) => text.says.as_deref(),
		_ => None,
	}
}

/// An integer written the one way it can be. Numbers may be of 64 bits.
fn integer<T: TryFrom<BigInt>>(value: &Json) -> Option<T> {
	let (text, is_number) = match value {
		Json::Number(number) => (*number, true),
		value => (says(value)?, false),
	};
	let number = text.parse::<BigInt>().ok().filter(|number| number.to_string() == text)?;
	let short = i64::try_from(&number).is_ok() || u64::try_from(&number).is_ok();
	T::try_from(number).ok().filter(|_| short || !is_number)
}

fn device(text: &str) -> Option<DeviceKey> {
	let (kind, key) = text.split_once(':')?;
	Some(match kind {
		"ed25519" => DeviceKey::Ed25519(ed25519::Public::from_raw(bytes(key)?)),
		"sr25519" => DeviceKey::Sr25519(sr25519::Public::from_raw(bytes(key)?)),
		"secp256k1" => DeviceKey::Secp256k1(ecdsa::Public::from_raw(bytes(key)?)),
		_ => return None,
	})
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
	let digits = text.strip_prefix("0x")?;
	if digits.len() != 2 * N || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
		return None;
	}
	let pairs = (0..N).map(|pair| u8::from_str_radix(&digits[2 * pair..2 * pair + 2], 16).ok());
	pairs.collect::<Option<Vec<u8>>>()?.try_into().ok()
}

fn reading(value: &Json) -> Option<Reading> {
	let kinds = members(value)?;
	let [(kind, value)] = &kinds[..] else { return None };
	Some(match *kind {
		"scalar" => {
			let scalar = integer::<i128>(value)?;
			(-MAX_MAGNITUDE..=MAX_MAGNITUDE).contains(&scalar).then_some(Reading::Scalar(scalar))?
		}
		"point" => {
			let mut fields = members(value)?;
			fields.sort_unstable_by_key(|(name, _)| *name);
			let [("latitude", latitude), ("longitude", longitude)] = &fields[..] else {
				return None;
			};
			let (latitude, longitude) = (integer(latitude)?, integer(longitude)?);
			let point = Point { latitude, longitude };
			point.is_valid().then_some(Reading::Point(point))?
		}
		"angle" => Reading::Angle(Angle::new(integer(value)?)?),
		"category" => Reading::Category(integer(value)?),
		_ => return None,
	})
}
