//! Signed measurements: what a device has signed is taken, and nothing that was made out of it.
//!
//! Input: a measurement, who signs it, and what is changed afterwards.

#![no_main]

use arbitrary::Arbitrary;
use codec::{DecodeAll, Encode};
use libfuzzer_sys::fuzz_target;
use rwa_primitives::{
	device::{registration_payload, DeviceKey, DeviceSignature, Measurement, SignedMeasurement},
	feed::{Evidence, FeedId, MeasurementRef, SourceKind},
	reading::{Angle, Point, Reading, Schema, FULL_ANGLE, HALF_TURN, MAX_MAGNITUDE, QUARTER_TURN},
	worker::{Expected, ReadingError, ReadingRule, SignedRule, Used},
	AccountId,
};
use sp_core::{ecdsa, ed25519, sr25519, Pair, H256, U256};
use std::sync::LazyLock;

#[derive(Arbitrary, Debug)]
struct Input {
	kind: u8,
	asset: u8,
	counter: u64,
	taken_at: u64,
	reading: (u8, i128, i32),
	genesis: u8,
	now: u64,
	max_skew: u32,
	used: Option<(u64, bool)>,
	changes: Vec<Change>,
}

#[derive(Arbitrary, Debug)]
enum Change {
	/// A byte becomes another.
	Byte(u8, u8),
	/// A byte is left out.
	Cut(u8),
	/// The other signature of secp256k1 that fits: s becomes the order of the group less s.
	OtherS(bool),
	/// The recovery id as Ethereum writes it.
	OtherId,
}

/// One key of each kind.
static KEYS: LazyLock<(ed25519::Pair, sr25519::Pair, ecdsa::Pair)> = LazyLock::new(|| {
	(Pair::from_seed(&[1; 32]), Pair::from_seed(&[2; 32]), Pair::from_seed(&[3; 32]))
});

/// Of secp256k1's group.
const ORDER: [u64; 4] =
	[0xbfd2_5e8c_d036_4141, 0xbaae_dce6_af48_a03b, 0xffff_ffff_ffff_fffe, 0xffff_ffff_ffff_ffff];

fuzz_target!(|input: Input| {
	let genesis = H256::repeat_byte(input.genesis);
	let honest = sign(&input, &genesis);
	assert!(honest.verify(&genesis));
	assert!(!honest.verify(&H256::repeat_byte(input.genesis ^ 1)));
	take(&input, &honest, &genesis);
	register(&input, &honest, &genesis);

	let Some(changed) = change(&honest, &input.changes) else { return };
	if changed == honest {
		return;
	}
	assert!(!changed.verify(&genesis), "{changed:?} was made of {honest:?}");
	assert!(!honest.condemns(&changed, &genesis) && !changed.condemns(&honest, &genesis));
	// In JSON a signature is of the key's kind, whatever it was.
	let body = changed.to_json();
	if body != honest.to_json() {
		let at = expected(&input, &honest, &genesis);
		let found = rule(&input, &honest).read(body.as_bytes(), &Schema::Angle, &at, |_| None);
		assert!(found.is_err(), "{body}");
	}
});

fn sign(input: &Input, genesis: &H256) -> SignedMeasurement {
	let (ed25519, sr25519, ecdsa) = &*KEYS;
	let device = match input.kind % 3 {
		0 => DeviceKey::Ed25519(ed25519.public()),
		1 => DeviceKey::Sr25519(sr25519.public()),
		_ => DeviceKey::Secp256k1(ecdsa.public()),
	};
	let (kind, number, other) = input.reading;
	let reading = match kind % 4 {
		0 => Reading::Scalar(number % (MAX_MAGNITUDE + 1)),
		1 => {
			let latitude = (number % i128::from(QUARTER_TURN + 1)) as i32;
			Reading::Point(Point::new(latitude, other % HALF_TURN).unwrap_or(HERE))
		}
		2 => Reading::Angle(Angle::new(other.unsigned_abs() % FULL_ANGLE).unwrap_or_default()),
		_ => Reading::Category(number as u16),
	};
	let feed = FeedId { asset: input.asset.into(), source: SourceKind::IotSensor };
	let (counter, taken_at) = (input.counter, input.taken_at);
	let measurement = Measurement { device, feed, counter, taken_at, reading };
	let payload = measurement.signing_payload(genesis);
	SignedMeasurement { measurement, signature: sign_with(input.kind, &payload) }
}

fn sign_with(kind: u8, payload: &[u8]) -> DeviceSignature {
	let (ed25519, sr25519, ecdsa) = &*KEYS;
	match kind % 3 {
		0 => DeviceSignature::Ed25519(ed25519.sign(payload)),
		1 => DeviceSignature::Sr25519(sr25519.sign(payload)),
		_ => DeviceSignature::Secp256k1(ecdsa.sign(payload)),
	}
}

const HERE: Point = Point { latitude: 0, longitude: 0 };

fn rule(input: &Input, honest: &SignedMeasurement) -> ReadingRule {
	let devices = vec![honest.measurement.device.clone()];
	ReadingRule::Signed(SignedRule { devices, max_skew_ms: input.max_skew })
}

fn expected(input: &Input, honest: &SignedMeasurement, genesis: &H256) -> Expected {
	Expected { feed: honest.measurement.feed, genesis: *genesis, now: input.now }
}

/// The worker takes it if it is of the right time, and neither replayed nor taken back.
fn take(input: &Input, honest: &SignedMeasurement, genesis: &H256) {
	let measurement = &honest.measurement;
	let hash = measurement.hash(genesis);
	let used = input.used.map(|(counter, same)| {
		let hash = if same { hash } else { H256::zero() };
		Used { counter, hash }
	});
	let body = honest.to_json();
	let at = expected(input, honest, genesis);
	let found = rule(input, honest).read(body.as_bytes(), &Schema::Angle, &at, |_| used);
	let skew = input.taken_at.max(input.now) - input.taken_at.min(input.now);
	let expected = match used {
		_ if skew > input.max_skew.into() => Err(ReadingError::Skew { most: input.max_skew }),
		Some(used) if input.counter < used.counter => Err(ReadingError::Replayed),
		Some(used) if input.counter == used.counter && used.hash != hash => {
			Err(ReadingError::Contradicted)
		}
		_ => Ok(measurement.reading),
	};
	if let Ok(found) = &found {
		let device = measurement.device.clone();
		let named = MeasurementRef { device, counter: input.counter, digest: hash };
		assert_eq!(found.observation.evidence, Some(Evidence::Measurement(named)));
		assert_eq!(found.signed.as_ref(), Some(honest));
	}
	assert_eq!(found.map(|found| found.observation.reading), expected);
}

/// Who has a measurement can't register the device, nor who has registered it say what it measures.
fn register(input: &Input, honest: &SignedMeasurement, genesis: &H256) {
	let device = &honest.measurement.device;
	let owner = AccountId::new([input.asset; 32]);
	let payload = registration_payload(genesis, &owner, input.asset.into());
	assert!(!device.has_signed(&payload, &honest.signature));
	let signature = sign_with(input.kind, &payload);
	assert!(device.has_signed(&payload, &signature));
	let other = registration_payload(genesis, &owner, u32::from(input.asset) + 1);
	assert!(!device.has_signed(&other, &signature));
	let measurement = honest.measurement.clone();
	assert!(!SignedMeasurement { measurement, signature }.verify(genesis));
}

/// Another measurement made of an honest one. `None`: it isn't one any more.
fn change(honest: &SignedMeasurement, changes: &[Change]) -> Option<SignedMeasurement> {
	let mut changed = honest.clone();
	for change in changes {
		let mut bytes = changed.encode();
		match (change, &mut changed.signature) {
			(Change::Byte(place, by), _) => {
				let place = usize::from(*place) % bytes.len();
				bytes[place] ^= by;
				changed = SignedMeasurement::decode_all(&mut &bytes[..]).ok()?;
			}
			(Change::Cut(place), _) => {
				bytes.remove(usize::from(*place) % bytes.len());
				changed = SignedMeasurement::decode_all(&mut &bytes[..]).ok()?;
			}
			(Change::OtherS(with_id), DeviceSignature::Secp256k1(signature)) => {
				let s = U256::from_big_endian(&signature.0[32..64]);
				let other = U256(ORDER).checked_sub(s)?.to_big_endian();
				signature.0[32..64].copy_from_slice(&other);
				signature.0[64] ^= u8::from(*with_id);
			}
			(Change::OtherId, DeviceSignature::Secp256k1(signature)) => {
				signature.0[64] = signature.0[64].wrapping_add(27);
			}
			_ => {}
		}
	}
	Some(changed)
}
