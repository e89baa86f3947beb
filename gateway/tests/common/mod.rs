//! What the tests of the gateway share.

// Each test file is a program of its own and uses a part of this.
#![allow(dead_code)]

pub(crate) mod broker;
pub(crate) mod gateway;

use rwa_primitives::{
	device::{DeviceKey, DeviceSignature, Measurement, SignedMeasurement},
	feed::{FeedId, SourceKind},
	reading::Reading,
	Moment,
};
use sp_core::{ecdsa, ed25519, sr25519, Pair, H256};
use std::time::{Duration, Instant};

/// The chain that everything is signed for.
pub(crate) const GENESIS: H256 = H256::repeat_byte(7);

/// What most devices here measure.
pub(crate) const FEED: FeedId = FeedId { asset: 1, source: SourceKind::IotSensor };

/// Longest that anything here takes, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(60);

/// A device, made of one byte.
#[derive(Clone)]
pub(crate) enum Device {
	Ed25519(Box<ed25519::Pair>),
	Sr25519(Box<sr25519::Pair>),
	Secp256k1(Box<ecdsa::Pair>),
}

impl Device {
	pub(crate) fn ed25519(seed: u8) -> Self {
		Self::Ed25519(Box::new(ed25519::Pair::from_seed(&[seed; 32])))
	}

	pub(crate) fn sr25519(seed: u8) -> Self {
		Self::Sr25519(Box::new(sr25519::Pair::from_seed(&[seed; 32])))
	}

	pub(crate) fn secp256k1(seed: u8) -> Self {
		Self::Secp256k1(Box::new(ecdsa::Pair::from_seed(&[seed; 32])))
	}

	pub(crate) fn key(&self) -> DeviceKey {
		match self {
			Self::Ed25519(pair) => DeviceKey::Ed25519(pair.public()),
			Self::Sr25519(pair) => DeviceKey::Sr25519(pair.public()),
			Self::Secp256k1(pair) => DeviceKey::Secp256k1(pair.public()),
		}
	}

	pub(crate) fn sign(&self, measurement: Measurement) -> SignedMeasurement {
		self.sign_for(&GENESIS, measurement)
	}

	pub(crate) fn sign_for(&self, genesis: &H256, measurement: Measurement) -> SignedMeasurement {
		let payload = measurement.signing_payload(genesis);
		let signature = match self {
			Self::Ed25519(pair) => DeviceSignature::Ed25519(pair.sign(&payload)),
			Self::Sr25519(pair) => DeviceSignature::Sr25519(pair.sign(&payload)),
			Self::Secp256k1(pair) => DeviceSignature::Secp256k1(pair.sign(&payload)),
		};
		SignedMeasurement { measurement, signature }
	}

	/// For [`FEED`].
	pub(crate) fn measures(
		&self,
		counter: u64,
		value: i128,
		taken_at: Moment,
	) -> SignedMeasurement {
		let reading = Reading::Scalar(value);
		self.sign(Measurement { device: self.key(), feed: FEED, counter, taken_at, reading })
	}

	/// For [`FEED`], now.
	pub(crate) fn measures_now(&self, counter: u64, value: i128) -> SignedMeasurement {
		self.measures(counter, value, rwa_gateway::now())
	}
}

/// Waits until `look` finds something.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
	let began = Instant::now();
	loop {
		if let Some(found) = look() {
			return found;
		}
		assert!(began.elapsed() < PATIENCE, "never happened: {what}");
		std::thread::sleep(Duration::from_millis(20));
	}
}
