//! # Clock
//!
//! Counts the blocks in which the network works, and stands still while it is halted.
//!
//! ## Pallet API
//!
//! See the [`pallet`] module for storage and view functions. There are no calls, events or errors:
//! nobody can set this clock. Other pallets read it through
//! [`WorkingTime`](rwa_primitives::traits::WorkingTime).
//!
//! ## Overview
//!
//! Operators have to do things in time: report a reading, prove that they keep a document. When the
//! network is halted to keep people safe, they can't. So deadlines that cost somebody something are
//! not counted in blocks but in *working blocks*, and a halt of any length makes nobody late.
//!
//! ### States
//!
//! ```text
//!             halted at the start of a block
//!   Running ─────────────────────────────────▶ Standing
//!           ◀─────────────────────────────────
//!            not halted at the start of a block
//! ```
//!
//! Genesis is Running. A halt that begins or ends in the middle of a block moves the clock from the
//! next block on.
//!
//! ### Example
//!
//! ```ignore
#![doc = include_str!("tests/example.rs")]
//! ```
//!
//! ## Implementation
//!
//! The state is decided once per block, in `on_initialize`, and kept in [`Standing`]: all of a block
//! sees one answer, and it agrees with whether [`Elapsed`] moved. Hooks run in the order of the
//! pallets in the runtime. Put this pallet after the one that [`Config::Halted`] reads, so that it
//! sees a halt that ends in this block, and before every pallet whose hooks read the clock.
//!
//! **Invariant C1:** [`Elapsed`] never exceeds the block number.

#![cfg_attr(not(feature = "std"), no_std)]
// Code that runs on chain must not panic or lose digits; tests may.
#![cfg_attr(
	not(test),
	warn(
		clippy::arithmetic_side_effects,
		clippy::cast_lossless,
		clippy::cast_possible_truncation,
		clippy::cast_possible_wrap,
		clippy::cast_sign_loss,
		clippy::expect_used,
		clippy::indexing_slicing,
		clippy::panic,
		clippy::unwrap_used
	)
)]

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod impls;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
pub mod weights;

pub use pallet::*;
pub use weights::WeightInfo;

// Code that FRAME generates expects the pallet to be part of the runtime. This pallet's own logic is
// outside the module, under the lint.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// What the runtime decides for this pallet.
	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// Whether the network is halted. Read once per block, in `on_initialize`, and paid for
		/// there, so it has to be cheap: a storage read or two.
		///
		/// If it says yes too often, deadlines never come; if it says no in a halt, operators are
		/// punished for what they were not allowed to do.
		type Halted: Get<bool>;

		/// Weight of the hook.
		type WeightInfo: WeightInfo;
	}

	/// Working blocks since genesis.
	///
	/// **Invariant C1:** at most the block number. Only this pallet's `on_initialize` writes it.
	#[pallet::storage]
	pub type Elapsed<T: Config> = StorageValue<_, BlockNumberFor<T>, ValueQuery>;

	/// Whether the clock stood still at the start of the current block.
	///
	/// Written only when it changes, so a halt costs two writes in all.
	#[pallet::storage]
	pub type Standing<T: Config> = StorageValue<_, bool, ValueQuery>;

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_block: BlockNumberFor<T>) -> Weight {
			Self::tick();
			T::WeightInfo::on_initialize()
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_block: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// Working blocks since genesis, this block included if the network is not halted.
		pub fn now() -> BlockNumberFor<T> {
			Elapsed::<T>::get()
		}
	}
}
