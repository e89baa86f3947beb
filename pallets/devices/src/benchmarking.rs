//! What the pallet's calls cost at their worst.
//!
//! At its worst a device has a secp256k1 key: that and its signatures are the longest, and checking one takes as
//! long as of any other kind. Feeds of all kinds have used the device, so that its entry is as long as it gets.

use alloc::boxed::Box;

use frame_benchmarking::v2::*;
use frame_support::traits::{
	fungible::{hold::Mutate as _, InspectHold as _},
	Get, Time as _,
};
use frame_system::RawOrigin;
use rwa_primitives::{
	device::{
		registration_payload, DeviceKey, DeviceSignature, DeviceState, Measurement,
		SignedMeasurement,
	},
	feed::{FeedId, SourceKind},
	reading::{Point, Reading},
	traits::{Devices as _, WorkingTime as _},
	AssetId,
};
use sp_core::{crypto::KeyTypeId, ecdsa};
use sp_io::crypto::{ecdsa_generate, ecdsa_sign};

use crate::*;

/// The asset that the device is on.
const ASSET: AssetId = 1;
/// Another one, of the owner before.
const OTHER_ASSET: AssetId = 2;
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
pub trait BenchmarkHelper<AccountId, BlockNumber> {
	/// Makes `account` the owner of `asset`, which is new, and gives it money.
	fn own(account: &AccountId, asset: AssetId);

	/// Lets so many working blocks pass.
	fn pass(blocks: BlockNumber);
}

/// An account with money that owns `asset`.
fn owner_of<T: Config>(name: &'static str, asset: AssetId) -> T::AccountId {
	let owner = account(name, 0, SEED);
	T::BenchmarkHelper::own(&owner, asset);
	owner
}

/// Signs with a device's key, as the device does.
fn sign(key: &ecdsa::Public, message: &[u8]) -> Result<DeviceSignature, BenchmarkError> {
	let signature = ecdsa_sign(KEY_TYPE, key, message).ok_or("the keystore has the key")?;
	Ok(DeviceSignature::Secp256k1(signature))
}

/// A device in service on [`ASSET`], as if `owner` had registered it, whether or not the asset is its own. All kinds
/// of feeds have used it.
fn enlist<T: Config>(owner: &T::AccountId) -> Result<ecdsa::Public, BenchmarkError> {
	let public = ecdsa_generate(KEY_TYPE, None);
	let key = DeviceKey::Secp256k1(public);
	let deposit = T::DeviceDeposit::get();
	T::Currency::hold(&HoldReason::DeviceDeposit.into(), owner, deposit)?;
	let device = Device {
		asset: ASSET,
		owner: owner.clone(),
		deposit,
		registered_at: T::WorkingTime::now(),
		state: DeviceState::Active,
		counters: Counters::new(),
	};
	Devices::<T>::insert(&key, device);
	DevicesOf::<T>::insert(ASSET, &key, ());
	for source in SOURCES {
		Pallet::<T>::note_counter(&key, &FeedId { asset: ASSET, source }, 1);
	}
	let counters = Devices::<T>::get(&key).map(|device| device.counters.len());
	assert_eq!(counters, Some(SOURCES.len()));
	Ok(public)
}

/// What the device signs when it finds itself so far north, with the same counter each time.
fn measurement<T: Config>(
	key: &ecdsa::Public,
	latitude: i32,
) -> Result<Box<SignedMeasurement>, BenchmarkError> {
	let measurement = Measurement {
		device: DeviceKey::Secp256k1(*key),
		feed: FeedId { asset: ASSET, source: SourceKind::GpsTracker },
		counter: u64::MAX,
		taken_at: u64::MAX,
		reading: Reading::Point(Point { latitude, longitude: 1 }),
	};
	let signature = sign(key, &measurement.signing_payload(&Pallet::<T>::genesis_hash()))?;
	Ok(Box::new(SignedMeasurement { measurement, signature }))
}

fn held<T: Config>(who: &T::AccountId) -> rwa_primitives::Balance {
	T::Currency::balance_on_hold(&HoldReason::DeviceDeposit.into(), who)
}

fn assert_last_event<T: Config>(event: Event<T>) {
	frame_system::Pallet::<T>::assert_last_event(event.into());
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn register_device() -> Result<(), BenchmarkError> {
		// Worst case: the owner's first device, because its list of holds is new.
		let owner = owner_of::<T>("owner", ASSET);
		let public = ecdsa_generate(KEY_TYPE, None);
		let key = DeviceKey::Secp256k1(public);
		let payload = registration_payload(&Pallet::<T>::genesis_hash(), &owner, ASSET);
		let proof = sign(&public, &payload)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(owner.clone()), key.clone(), ASSET, proof);

		let deposit = T::DeviceDeposit::get();
		assert_eq!(held::<T>(&owner), deposit);
		assert!(DevicesOf::<T>::contains_key(ASSET, &key));
		assert_last_event::<T>(Event::DeviceRegistered {
			device: key,
			asset: ASSET,
			owner,
			deposit,
		});
		Ok(())
	}

	#[benchmark]
	fn retire_device() -> Result<(), BenchmarkError> {
		// Worst case: the asset is somebody else's by now, who retires the device, because the asset is read, too.
		let caller = owner_of::<T>("owner", ASSET);
		let key = DeviceKey::Secp256k1(enlist::<T>(&owner_of::<T>("previous", OTHER_ASSET))?);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), key.clone());

		let since = T::WorkingTime::now();
		let state = Devices::<T>::get(&key).map(|device| device.state);
		assert_eq!(state, Some(DeviceState::Retired { since }));
		Ok(())
	}

	#[benchmark]
	fn remove_device() -> Result<(), BenchmarkError> {
		// Worst case: somebody else does it, and the owner's last hold is given back, because its list of holds goes.
		let owner = owner_of::<T>("owner", ASSET);
		let key = DeviceKey::Secp256k1(enlist::<T>(&owner)?);
		Pallet::<T>::do_retire_device(&owner, key.clone())?;
		T::BenchmarkHelper::pass(T::RetirementTime::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), key.clone());

		assert!(!Devices::<T>::contains_key(&key));
		assert!(!DevicesOf::<T>::contains_key(ASSET, &key));
		assert_eq!(held::<T>(&owner), 0);
		Ok(())
	}

	#[benchmark]
	fn adopt_device() -> Result<(), BenchmarkError> {
		// Worst case: the new owner's first hold and the last one of the owner before.
		let previous = owner_of::<T>("previous", OTHER_ASSET);
		let owner = owner_of::<T>("owner", ASSET);
		let key = DeviceKey::Secp256k1(enlist::<T>(&previous)?);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner.clone()), key.clone());

		let deposit = T::DeviceDeposit::get();
		assert_eq!((held::<T>(&previous), held::<T>(&owner)), (0, deposit));
		assert_last_event::<T>(Event::DeviceAdopted {
			device: key,
			from: previous,
			owner,
			deposit,
		});
		Ok(())
	}

	#[benchmark]
	fn condemn_device() -> Result<(), BenchmarkError> {
		// Worst case: two signatures, the owner's last hold, and a reporter with an account of its own, which gets a
		// share. Places are the longest readings.
		let owner = owner_of::<T>("owner", ASSET);
		let reporter = owner_of::<T>("reporter", OTHER_ASSET);
		let public = enlist::<T>(&owner)?;
		let (first, second) = (measurement::<T>(&public, 1)?, measurement::<T>(&public, 2)?);

		#[extrinsic_call]
		_(RawOrigin::Signed(reporter.clone()), first, second);

		let key = DeviceKey::Secp256k1(public);
		let condemned = Devices::<T>::get(&key).is_some_and(|device| device.state.is_condemned());
		assert!(condemned);
		let forfeited = T::DeviceDeposit::get();
		let to_reporter = T::ReporterShare::get().mul_floor(forfeited);
		assert_last_event::<T>(Event::DeviceCondemned {
			device: key,
			owner,
			reporter,
			forfeited,
			to_reporter,
		});
		Ok(())
	}

	#[benchmark]
	fn reset_counter() -> Result<(), BenchmarkError> {
		// Worst case: the asset is somebody else's by now.
		let caller = owner_of::<T>("owner", ASSET);
		let public = enlist::<T>(&owner_of::<T>("previous", OTHER_ASSET))?;
		let key = DeviceKey::Secp256k1(public);
		let feed = FeedId { asset: ASSET, source: SourceKind::GpsTracker };
		Pallet::<T>::note_counter(&key, &feed, u64::MAX);
		let measurement = Measurement {
			device: key.clone(),
			feed,
			counter: u64::MAX - 1,
			taken_at: T::TimeProvider::now(),
			reading: Reading::Point(Point { latitude: 1, longitude: 1 }),
		};
		let signature = sign(&public, &measurement.signing_payload(&Pallet::<T>::genesis_hash()))?;
		let signed = Box::new(SignedMeasurement { measurement, signature });

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), signed);

		let (from, to) = (u64::MAX, u64::MAX - 1);
		let counter = Devices::<T>::get(&key).map(|device| device.counter(feed.source));
		assert_eq!(counter, Some(to));
		assert_last_event::<T>(Event::CounterReset { device: key, source: feed.source, from, to });
		Ok(())
	}

	impl_benchmark_test_suite! {
		Pallet,
		crate::mock::ExtBuilder::default().build_with_keystore(),
		crate::mock::Test
	}
}
