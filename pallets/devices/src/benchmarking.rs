//! What the pallet's calls cost at their worst.
//!
//! At its worst a device has a secp256k1 key: that and its signatures are the longest, and checking one takes as
//! long as of any other kind. All kinds of feeds have used the device.

use alloc::{boxed::Box, vec::Vec};

use frame_benchmarking::v2::*;
use frame_support::traits::Get;
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use rwa_primitives::{
	device::{
		registration_payload, DeviceKey, DeviceSignature, DeviceState, Measurement,
		SignedMeasurement,
	},
	feed::{FeedId, SourceKind},
	reading::{Point, Reading},
	traits::Devices as _,
	AssetId,
};
use sp_core::{crypto::KeyTypeId, ecdsa};
use sp_io::crypto::{ecdsa_generate, ecdsa_sign};

use crate::*;

const ASSET: AssetId = 1;
const SEED: u32 = 0;
/// Where the keystore has the keys of benchmarks.
const KEY_TYPE: KeyTypeId = KeyTypeId(*b"devi");
const SOURCES: [SourceKind; SourceKind::COUNT as usize] = [
	SourceKind::GpsTracker,
	SourceKind::IotSensor,
	SourceKind::SatelliteImagery,
	SourceKind::WeatherApi,
	SourceKind::TrafficApi,
];

/// Makes assets, and lets time pass, which other pallets do.
pub trait BenchmarkHelper<AccountId, BlockNumber = u32> {
	/// Makes `account` the owner of `asset`, and gives it money.
	fn own(account: &AccountId, asset: AssetId);

	/// Lets so many working blocks pass.
	fn pass(blocks: BlockNumber);
}
