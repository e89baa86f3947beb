//! Weights of `pallet_rwa_devices`: estimates, to be replaced by what `scripts/weights.sh` measures.
//!
//! Above what was measured of calls of the node registry that do more: `register_app_key`, with one signature and one
//! hold, 332 µs; `withdraw_unbonded`, which gives a hold back, 305 µs; `seize`, which takes one and splits it, 201 µs.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_rwa_devices`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_rwa_devices::WeightInfo for WeightInfo<T> {
	// The asset, the device, the genesis hash, the clock, account and holds; device, list, account and holds.
	fn register_device() -> Weight {
		Weight::from_parts(500_000_000, 21_000)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(4))
	}

	// The device, the asset and the clock; the device.
	fn retire_device() -> Weight {
		Weight::from_parts(100_000_000, 10_500)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(1))
	}

	// The device, the clock, account and holds; device, list, account and holds.
	fn remove_device() -> Weight {
		Weight::from_parts(320_000_000, 14_000)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}

	// The device, the asset, accounts and holds of both; all of that but the asset.
	fn adopt_device() -> Weight {
		Weight::from_parts(500_000_000, 21_000)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(5))
	}

	// The device, the genesis hash, the clock, the owner's holds, and the accounts of owner, reporter and treasury; all
	// of that but hash and clock.
	fn condemn_device() -> Weight {
		Weight::from_parts(900_000_000, 24_500)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(5))
	}

	// The device, the asset, the time of day and the genesis hash; the device.
	fn reset_counter() -> Weight {
		Weight::from_parts(300_000_000, 14_000)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(1))
	}
}
