//! Benchmark of the clock's hook.

use crate::{Config, Elapsed, Pallet, Standing};
use frame_benchmarking::v2::*;
use frame_support::traits::Hooks;
use sp_runtime::traits::{One, Saturating};

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn on_initialize() {
		// Worst case: the first working block after a halt, because it writes `Standing` as well as
		// `Elapsed`. A halted block never writes `Elapsed`; other working blocks write only that.
		Standing::<T>::put(true);
		let before = Elapsed::<T>::get();

		#[block]
		{
			Pallet::<T>::on_initialize(frame_system::Pallet::<T>::block_number());
		}

		assert!(!Standing::<T>::get());
		assert_eq!(Elapsed::<T>::get(), before.saturating_add(One::one()));
	}

	impl_benchmark_test_suite! {
		Pallet,
		crate::mock::ExtBuilder.build(),
		crate::mock::Test
	}
}
