//! Weights of `pallet_rwa_slashing`: estimates, until `scripts/weights.sh pallet_rwa_slashing` has measured them.
//!
//! Accesses are counted from the code, each value once; the time is twice that of the measured call that does
//! most like it.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_rwa_slashing`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_rwa_slashing::WeightInfo for WeightInfo<T> {
	fn cancel_penalty() -> Weight {
		Weight::from_parts(120_000_000, 8_000)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn report_absence() -> Weight {
		Weight::from_parts(350_000_000, 8_000)
			.saturating_add(T::DbWeight::get().reads(14))
			.saturating_add(T::DbWeight::get().writes(10))
	}
	fn heartbeat() -> Weight {
		Weight::from_parts(250_000_000, 8_000)
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn authorize_heartbeat() -> Weight {
		Weight::from_parts(200_000_000, 8_000)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(0))
	}
	fn report_fault() -> Weight {
		Weight::from_parts(250_000_000, 8_000)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn report_validator_fault() -> Weight {
		Weight::from_parts(500_000_000, 8_000)
			.saturating_add(T::DbWeight::get().reads(3_100))
			.saturating_add(T::DbWeight::get().writes(3_100))
	}
	fn settle_halted() -> Weight {
		Weight::from_parts(10_000_000, 8_000)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(0))
	}
	fn settle_base() -> Weight {
		Weight::from_parts(30_000_000, 8_000)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(0))
	}
	fn execute_penalty() -> Weight {
		Weight::from_parts(350_000_000, 8_000)
			.saturating_add(T::DbWeight::get().reads(14))
			.saturating_add(T::DbWeight::get().writes(12))
	}
	fn skip_penalty() -> Weight {
		Weight::from_parts(20_000_000, 8_000)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(0))
	}
	fn forget_penalty() -> Weight {
		Weight::from_parts(60_000_000, 8_000)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn end_session(v: u32) -> Weight {
		Weight::from_parts(100_000_000, 8_000)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(6))
			.saturating_add(Weight::from_parts(150_000_000, 4_000).saturating_mul(v.into()))
			.saturating_add(T::DbWeight::get().reads(3_100u64.saturating_mul(v.into())))
			.saturating_add(T::DbWeight::get().writes(3_100u64.saturating_mul(v.into())))
	}
	fn start_session() -> Weight {
		Weight::from_parts(20_000_000, 8_000)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
}
