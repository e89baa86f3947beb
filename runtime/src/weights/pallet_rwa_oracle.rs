//! Weights of `pallet_rwa_oracle`: estimates, to be replaced by what `scripts/weights.sh` measures.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_rwa_oracle`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_rwa_oracle::WeightInfo for WeightInfo<T> {
	fn create_feed(n: u32) -> Weight {
		Weight::from_parts(90_000_000, 16_500)
			.saturating_add(Weight::from_parts(200_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(6))
	}

	fn set_admission(n: u32) -> Weight {
		Weight::from_parts(4_000_000_000, 610_500)
			.saturating_add(Weight::from_parts(500_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(203))
			.saturating_add(T::DbWeight::get().writes(203))
	}

	fn pause_feed() -> Weight {
		Weight::from_parts(45_000_000, 13_500)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(3))
	}

	fn resume_feed() -> Weight {
		Weight::from_parts(45_000_000, 16_500)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(4))
	}

	fn remove_feed() -> Weight {
		Weight::from_parts(2_600_000_000, 331_500)
			.saturating_add(T::DbWeight::get().reads(182))
			.saturating_add(T::DbWeight::get().writes(382))
	}

	fn submit(n: u32) -> Weight {
		Weight::from_parts(70_000_000, 16_500)
			.saturating_add(Weight::from_parts(100_000_000, 12_000).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().reads(4).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().writes(1))
			.saturating_add(T::DbWeight::get().writes(4).saturating_mul(n.into()))
	}

	fn submit_alarms(n: u32) -> Weight {
		Weight::from_parts(70_000_000, 16_500)
			.saturating_add(Weight::from_parts(100_000_000, 12_000).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().reads(4).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().writes(1))
			.saturating_add(T::DbWeight::get().writes(4).saturating_mul(n.into()))
	}

	fn authorize_submit(n: u32) -> Weight {
		Weight::from_parts(70_000_000, 16_500)
			.saturating_add(Weight::from_parts(70_000_000, 12_000).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().reads(4).saturating_mul(n.into()))
	}

	fn join_feed() -> Weight {
		Weight::from_parts(3_000_000_000, 646_500)
			.saturating_add(T::DbWeight::get().reads(215))
			.saturating_add(T::DbWeight::get().writes(12))
	}

	fn leave_feed() -> Weight {
		Weight::from_parts(300_000_000, 49_500)
			.saturating_add(T::DbWeight::get().reads(16))
			.saturating_add(T::DbWeight::get().writes(12))
	}

	fn top_up() -> Weight {
		Weight::from_parts(90_000_000, 16_500)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(4))
	}

	fn request_round() -> Weight {
		Weight::from_parts(200_000_000, 36_000)
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().writes(8))
	}

	// The testimonies, the genesis hash, the device and the clock; of slashing and registry the mark, node, tier and
	// stakes, the charge and the number of the next penalty: written with the penalty and what waits.
	fn prove_manipulation() -> Weight {
		Weight::from_parts(700_000_000, 58_500)
			.saturating_add(T::DbWeight::get().reads(14))
			.saturating_add(T::DbWeight::get().writes(6))
	}

	// The genesis hash, the mark, what waits, the penalty and the charge; the device with the owner's holds, and three
	// accounts.
	fn absolve() -> Weight {
		Weight::from_parts(900_000_000, 52_500)
			.saturating_add(T::DbWeight::get().reads(13))
			.saturating_add(T::DbWeight::get().writes(9))
	}

	// The testimonies, the demands, the clock, account and holds; demand, account and holds.
	fn demand_measurement() -> Weight {
		Weight::from_parts(300_000_000, 24_500)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(3))
	}

	// The genesis hash, the demand, the testimonies, the challenger's holds and both accounts; all but the hash.
	fn show_measurement() -> Weight {
		Weight::from_parts(600_000_000, 31_500)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(5))
	}

	// The genesis hash, the demand and the clock.
	fn authorize_show_measurement() -> Weight {
		Weight::from_parts(250_000_000, 10_500).saturating_add(T::DbWeight::get().reads(3))
	}

	// The demand, the clock, the challenger's account and holds, and what `prove_manipulation` has of others.
	fn enforce_demand() -> Weight {
		Weight::from_parts(600_000_000, 58_500)
			.saturating_add(T::DbWeight::get().reads(15))
			.saturating_add(T::DbWeight::get().writes(9))
	}

	// What was revealed in 72 rounds, and the due time.
	fn forget_removed() -> Weight {
		Weight::from_parts(600_000_000, 300_000)
			.saturating_add(T::DbWeight::get().reads(75))
			.saturating_add(T::DbWeight::get().writes(74))
	}

	fn agenda_halted() -> Weight {
		Weight::from_parts(6_000_000, 10_500).saturating_add(T::DbWeight::get().reads(3))
	}

	fn agenda_base() -> Weight {
		Weight::from_parts(8_000_000, 13_500)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(1))
	}

	fn agenda_bucket(d: u32) -> Weight {
		Weight::from_parts(9_000_000, 4_500)
			.saturating_add(Weight::from_parts(4_000_000, 3_000).saturating_mul(d.into()))
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().reads(1).saturating_mul(d.into()))
	}

	fn open_round(n: u32) -> Weight {
		Weight::from_parts(100_000_000, 25_500)
			.saturating_add(Weight::from_parts(25_000_000, 12_000).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().reads(4).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().writes(7))
	}

	fn start_reveal(n: u32) -> Weight {
		Weight::from_parts(50_000_000, 16_500)
			.saturating_add(Weight::from_parts(1_500_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(4))
	}

	fn fail_round(n: u32) -> Weight {
		Weight::from_parts(200_000_000, 37_500)
			.saturating_add(Weight::from_parts(20_000_000, 6_000).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(12))
			.saturating_add(T::DbWeight::get().reads(2).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().writes(9))
			.saturating_add(T::DbWeight::get().writes(1).saturating_mul(n.into()))
	}

	fn close_round(n: u32) -> Weight {
		Weight::from_parts(450_000_000, 55_500)
			.saturating_add(Weight::from_parts(65_000_000, 9_000).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(18))
			.saturating_add(T::DbWeight::get().reads(3).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().writes(15))
			.saturating_add(T::DbWeight::get().writes(2).saturating_mul(n.into()))
	}

	fn judge() -> Weight {
		Weight::from_parts(400_000_000, 40_000)
			.saturating_add(T::DbWeight::get().reads(14))
			.saturating_add(T::DbWeight::get().writes(13))
	}
}
