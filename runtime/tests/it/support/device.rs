//! Devices of a test chain: what they agree to, and what they sign.

use super::{account, signed};
use pallet_rwa_devices::Call;
use rwa_primitives::{
	device::{registration_payload, DeviceKey, DeviceSignature, Measurement, SignedMeasurement},
	feed::{FeedId, SourceKind},
	reading::Reading,
	AssetId,
};
use rwa_runtime::{Runtime, System, UncheckedExtrinsic};
use sp_core::{ed25519, Pair};

/// The asset of the tests.
pub const ASSET: AssetId = 1;

fn device_pair(seed: u8) -> ed25519::Pair {
	ed25519::Pair::from_seed(&[seed; 32])
}

/// The device that was made with `seed`.
pub fn device(seed: u8) -> DeviceKey {
	DeviceKey::Ed25519(device_pair(seed).public())
}

/// The account behind `path` makes [`ASSET`].
pub fn create_asset(path: &str) -> UncheckedExtrinsic {
	let admin = account(path).into();
	signed(path, pallet_assets::Call::create { id: ASSET.into(), admin, min_balance: 1 })
}

/// The device agrees to measure [`ASSET`] for the account behind `path`.
pub fn proof(seed: u8, path: &str) -> DeviceSignature {
	let payload = registration_payload(&System::block_hash(0), &account(path), ASSET);
	DeviceSignature::Ed25519(device_pair(seed).sign(&payload))
}

/// The call by which the account behind `path` registers the device on [`ASSET`].
pub fn registration(seed: u8, path: &str) -> Call<Runtime> {
	Call::register_device { key: device(seed), asset: ASSET, proof: proof(seed, path) }
}

/// The account behind `path` registers the device on [`ASSET`].
pub fn register(seed: u8, path: &str) -> UncheckedExtrinsic {
	signed(path, registration(seed, path))
}

/// What the device signs as its measurement number `counter`.
pub fn measure(seed: u8, counter: u64, value: i128) -> Box<SignedMeasurement> {
	let feed = FeedId { asset: ASSET, source: SourceKind::IotSensor };
	measure_for(feed, seed, counter, value)
}

/// What the device signs for `feed` as its measurement number `counter`.
pub fn measure_for(feed: FeedId, seed: u8, counter: u64, value: i128) -> Box<SignedMeasurement> {
	let measurement = Measurement {
		device: device(seed),
		feed,
		counter,
		taken_at: 1_764_100_000_000,
		reading: Reading::Scalar(value),
	};
	let payload = measurement.signing_payload(&System::block_hash(0));
	let signature = DeviceSignature::Ed25519(device_pair(seed).sign(&payload));
	Box::new(SignedMeasurement { measurement, signature })
}

/// Shows that the device has signed two measurements number 17.
pub fn condemn(seed: u8) -> Call<Runtime> {
	Call::condemn_device { first: measure(seed, 17, 2_135), second: measure(seed, 17, 2_500) }
}
