//! How the clock moves, how others read it, and what must hold.

use crate::{Config, Elapsed, Pallet, Standing};
use frame_support::traits::Get;
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::traits::WorkingTime;
use sp_runtime::traits::{One, Saturating};

#[cfg(any(test, feature = "try-runtime"))]
use frame_support::ensure;
#[cfg(any(test, feature = "try-runtime"))]
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Decide whether this block is a working one, and count it if so. Once per block.
	pub(crate) fn tick() {
		let halted = T::Halted::get();
		if Standing::<T>::get() != halted {
			Standing::<T>::put(halted);
		}
		if !halted {
			// Saturation would take as many blocks as the block number can count.
			Elapsed::<T>::mutate(|elapsed| *elapsed = elapsed.saturating_add(One::one()));
		}
	}
}

impl<T: Config> WorkingTime<BlockNumberFor<T>> for Pallet<T> {
	fn now() -> BlockNumberFor<T> {
		Elapsed::<T>::get()
	}

	fn is_running() -> bool {
		!Standing::<T>::get()
	}
}

#[cfg(any(test, feature = "try-runtime"))]
impl<T: Config> Pallet<T> {
	/// Every invariant of this pallet.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_elapsed()
	}

	/// C1: no more working blocks than blocks.
	fn check_elapsed() -> Result<(), TryRuntimeError> {
		ensure!(
			Elapsed::<T>::get() <= frame_system::Pallet::<T>::block_number(),
			"C1: more working blocks than blocks"
		);
		Ok(())
	}
}
