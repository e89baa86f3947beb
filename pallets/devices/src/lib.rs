//! # Devices
//!
//! The devices that measure for feeds and sign what they measure: their keys, owners and counters.
//!
//! ## Pallet API
//!
//! See the [`pallet`] module for calls, storage, view functions, events and errors. The oracle meets the devices
//! through [`Devices`](rwa_primitives::traits::Devices).
//!
//! ## Overview
//!
//! A thermometer or a tracker with a key of its own signs each measurement, with a counter that only rises. So
//! nobody on its way to the chain can change one, and the device can't take one back. An asset's *owner* registers
//! the device on the asset; the device signs that it agrees, so that nobody registers what he doesn't hold. From
//! then on an oracle's report can name the signed measurement that it rests on, and anyone who holds the
//! measurement can prove whether the report says the same.
//!
//! That is worth something only as long as the device itself is honest. One that signs two different measurements with
//! one counter is not, whether its key was stolen, copied or bent: anyone who shows both *condemns* it, for a
//! share of its deposit. Nothing that it signs counts any more, and its key can't be registered again.
//!
//! ### States
//!
//! ```text
//!          register_device          retire_device            remove_device,
//!                                                            after RetirementTime
//!   Unknown ─────────────► Active ───────────────► Retired ─────────────────────► Unknown
//!                            │ ▲                      │ │
//!                            │ └──────────────────────┘ │
//!                            │   adopt_device by the    │
//!                            │   asset's new owner      │
//!                            │ condemn_device           │ condemn_device
//!                            └───────► Condemned ◄──────┘
//! ```
//!
//! ### Example
//!
//! ```ignore
#![doc = include_str!("tests/example.rs")]
//! ```
//!
//! ## Implementation
//!
//! * Whoever registered a device owns it here, and has its deposit. When the asset is somebody else's, the new owner
//!   can take the device over ([`Call::adopt_device`]), in service or not, or out of service; the device itself need
//!   not sign again, because it agreed to measure this asset.
//! * A retired device can be condemned until it is removed, or its owner could let it deceive and take the deposit
//!   out in time. [`Config::RetirementTime`] says why it takes so long.
//! * The counter that is kept of each feed is the highest that the feed's closed rounds have used: the oracle notes
//!   it, and refuses what is older as a replay. It is the counter of each feed and not of the device, because an
//!   hourly feed of a device that serves another one by the minute is always behind. Should reporters with enough
//!   weight have put it beyond what the device has signed, its owner has it set right by a fresh measurement
//!   ([`Call::reset_counter`]). A device that was removed and is registered again begins anew: what is older than
//!   that is too old for the reporters' clocks.
//! * A device's agreement has no expiry: it can be used again, but only by the owner and for the asset that it
//!   names.
//!
//! Calls, events and errors are declared in files of their own.
//!
//! - **V1:** [`DevicesOf`] lists each device under its asset, and nothing else.
//! - **V2:** what is held under [`HoldReason::DeviceDeposit`] is what the owner's devices record.
//! - **V3:** a condemned device has no deposit left, any other has one; nothing happened later than now.
//! - **V4:** a device has at most one counter of each kind of source, and none of them is 0.

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

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod calls;
mod config;
mod devices;
mod errors;
mod events;
#[cfg(test)]
#[allow(unreachable_pub)] // FRAME's macros want a mock's items `pub`.
mod mock;
mod reads;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod types;
pub mod weights;

use frame_support::pallet_macros::import_section;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use pallet::*;
pub use types::{Counters, CreditOf, Device, DeviceOf};
pub use weights::WeightInfo;

// Code that FRAME generates casts the number of an error or hold reason, and expects the pallet to
// be part of the runtime. This pallet's own logic is outside the module, under the lints.
#[import_section(calls::calls)]
#[import_section(errors::errors)]
#[import_section(events::events)]
#[allow(clippy::cast_possible_truncation, clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
	use alloc::{boxed::Box, vec::Vec};

	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{self, hold},
			OnUnbalanced, Time,
		},
	};
	use frame_system::pallet_prelude::*;
	use rwa_primitives::{
		device::{DeviceKey, DeviceSignature, SignedMeasurement},
		feed::SourceKind,
		traits::{AssetOwners, WorkingTime},
		AssetId, Balance, Moment,
	};
	use sp_runtime::Perbill;

	use crate::{
		types::{CreditOf, DeviceOf},
		weights::WeightInfo,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the runtime decides for this pallet. `integrity_test` refuses zeros, and what is said here to
	/// be refused.
	#[pallet::config]
	pub trait Config: frame_system::Config<Hash = rwa_primitives::Hash> {
		/// The token in which deposits are held.
		type Currency: fungible::Inspect<Self::AccountId, Balance = Balance>
			+ hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason, Balance = Balance>
			+ hold::Balanced<Self::AccountId, Balance = Balance>;

		/// The runtime's hold reasons.
		type RuntimeHoldReason: From<HoldReason>;

		/// Who owns the assets.
		type Assets: AssetOwners<Self::AccountId>;

		/// The clock of retirement, in working blocks.
		type WorkingTime: WorkingTime<BlockNumberFor<Self>>;

		/// Where the deposits of condemned devices go, without the reporter's share. Normally the treasury.
		type Forfeited: OnUnbalanced<CreditOf<Self>>;

		/// What a device holds from its owner: pays for its two entries, for good if it is condemned, and is what its
		/// owner loses then. Below the currency's minimum balance giving it back could fail, which is refused. A
		/// change applies to later registrations: each gives back what it took.
		#[pallet::constant]
		type DeviceDeposit: Get<Balance>;

		/// Share of a condemned device's deposit that goes to whoever shows its two measurements: less than all.
		/// All would make it free to condemn one's own device, and so to absolve whom it accuses.
		#[pallet::constant]
		type ReporterShare: Get<Perbill>;

		/// Working blocks from the retirement of a device to the end of its deposit. Must outlast the time in which
		/// a report that names the device can be proven false, and the time in which the accused can answer, or
		/// accusing the honest with a second measurement costs nothing.
		#[pallet::constant]
		type RetirementTime: Get<BlockNumberFor<Self>>;

		/// The chain's clock, in milliseconds since 1970-01-01 UTC. Normally `pallet_timestamp`.
		type TimeProvider: Time<Moment = Moment>;

		/// How far a device's clock may be from the chain's when its measurement is to set a counter right, in
		/// milliseconds. More than a transaction takes to get into a block; what is replayed within it is as good as new.
		#[pallet::constant]
		type MaxClockSkew: Get<Moment>;

		/// Most devices in one page of a list: a bound on what a view function reads.
		#[pallet::constant]
		type MaxPage: Get<u32>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;

		/// Makes assets for benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::BenchmarkHelper<Self::AccountId, BlockNumberFor<Self>>;
	}

	/// Why this pallet holds an account's money.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Deposit for a device. Given back by `remove_device`, or when somebody else adopts the device; taken when
		/// the device is condemned.
		#[codec(index = 0)]
		DeviceDeposit,
	}

	/// The devices.
	///
	/// **Invariants V2, V3, V4.** Paid for by [`HoldReason::DeviceDeposit`] until the device is removed; of a condemned
	/// one for ever, by the deposit that it lost.
	// Hasher: Blake2_128Concat, because anyone can grind a key pair to unbalance a Twox trie.
	#[pallet::storage]
	pub type Devices<T: Config> = StorageMap<_, Blake2_128Concat, DeviceKey, DeviceOf<T>>;

	/// The devices by asset, for lists.
	///
	/// **Invariant V1.** Paid for with the device's entry.
	// Hasher of the asset: Twox, because asset numbers are few and cost a deposit each.
	#[pallet::storage]
	pub type DevicesOf<T: Config> =
		StorageDoubleMap<_, Twox64Concat, AssetId, Blake2_128Concat, DeviceKey, ()>;

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			Self::check_config();
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_block: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	/// What anyone can ask a node, without a transaction.
	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// All there is to know of the device with this `key`. `None`: it isn't registered.
		pub fn device(key: DeviceKey) -> Option<DeviceOf<T>> {
			Devices::<T>::get(key)
		}

		/// A page of the devices on `asset`, in service or not, in no particular but a fixed order. At most `limit`, and
		/// at most [`Config::MaxPage`]. `after` is the last one of the page before; it need not be there any more.
		pub fn devices_of(
			asset: AssetId,
			after: Option<DeviceKey>,
			limit: u32,
		) -> Vec<(DeviceKey, DeviceOf<T>)> {
			Self::page(asset, after, limit)
		}
	}
}
