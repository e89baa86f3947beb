//! # Slashing
//!
//! Whether validators are there, and what it costs them when they are not, or when they cheat.
//!
//! ## Pallet API
//!
//! See the [`pallet`] module for storage, events and view functions. There are no calls: everything here
//! is told by other pallets.
//!
//! ## Overview
//!
//! A validator shows that it is there by authoring a block or by the heartbeat that its node sends in
//! every session. `pallet-im-online` knows who did neither. This pallet counts, for each validator, the
//! sessions in a row that it has missed. After [`Config::OfflineLimit`] of them, a day, it reports
//! [`Offline`], which costs the share of the stake that the validators' tier says, its nominators' too, and the
//! validator is disabled. Then it counts anew: another day costs as much again.
//!
//! `pallet-im-online`'s own offence is not reported. It costs nothing while no more than a tenth of
//! the validators are missing, however long.
//!
//! A session in which the network was halted, if only for a block, counts for nobody and against
//! nobody.
//!
//! [`Raised`] makes what others report cost at least the validators' tier. BABE's and GRANDPA's
//! equivocations alone would cost `(3k / n)²` of the stake, which is 0.09 % for one validator of a hundred.
//!
//! The pallet also keeps the [`Turnout`] of each session, for [`Config::HistoryLength`] sessions: how many
//! validators there were, and how many took part.
//!
//! ### States
//!
//! A validator, at the end of each working session:
//!
//! ```text
//!                  missed                 missed              missed: the limit
//!   Present ───────────────► Missing 1 ───────────► Missing n ─────────────────► Offline is reported
//!      ▲                         │                      │                             │
//!      └─────────────────────────┴──────────────────────┴─────────────────────────────┘
//!              took part, or is no validator any more; after a report, at once
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
//! `pallet-im-online` reports at the end of a session, before the session pallet asks its manager to end
//! it, which calls [`Pallet::end_session`]. What was reported waits in [`Absent`] between the two, within one
//! block.
//!
//! - **Invariant S1:** [`Absent`] is empty between blocks.
//! - **Invariant S2:** each count in [`Missed`] is at least 1 and below the limit, and no validator is in it
//!   twice.
//! - **Invariant S3:** in each [`Turnout`] no more took part than there were, and no more than
//!   [`Config::HistoryLength`] are kept.

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

mod liveness;
#[cfg(test)]
#[allow(unreachable_pub)] // FRAME's macros want a mock's items `pub`.
mod mock;
mod offences;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod types;

pub use offences::{Offline, Raised, RaisedReports};
pub use pallet::*;
pub use types::{OffenderOf, Turnout};

// Code that FRAME generates casts the number of an event, and expects the pallet to be part of the
// runtime. This pallet's own logic is outside the module, under the lints.
#[allow(clippy::cast_possible_truncation, clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;
	use rwa_primitives::traits::WorkingTime;
	use sp_runtime::Perbill;
	use sp_staking::{offence::ReportOffence, SessionIndex};

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// What the runtime decides for this pallet.
	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// What proves, besides its account, that somebody was a validator: the session pallet's.
		type FullIdentification: Parameter + MaxEncodedLen;

		/// Takes the offence [`Offline`]: the offences pallet.
		type ReportOffline: ReportOffence<
			Self::AccountId,
			OffenderOf<Self>,
			Offline<OffenderOf<Self>>,
		>;

		/// The share of a validator's stake that a fault costs: the validators' tier.
		type SlashRate: Get<Perbill>;

		/// Sessions in a row after whose absence a validator is offline: at least 1.
		#[pallet::constant]
		type OfflineLimit: Get<u32>;

		/// Sessions whose turnout is kept: at least 1.
		#[pallet::constant]
		type HistoryLength: Get<SessionIndex>;

		/// Most validators in a session.
		#[pallet::constant]
		type MaxValidators: Get<u32>;

		/// The validators of the session that ends.
		type Validators: Get<Vec<Self::AccountId>>;

		/// The clock that stands still while the network is halted.
		type WorkingTime: WorkingTime<BlockNumberFor<Self>>;
	}

	/// Who took no part in the session that is ending.
	///
	/// **Invariant S1.**
	#[pallet::storage]
	pub type Absent<T: Config> =
		StorageValue<_, BoundedVec<OffenderOf<T>, T::MaxValidators>, ValueQuery>;

	/// The validators that took no part in the latest sessions, with how many in a row.
	///
	/// **Invariant S2.**
	#[pallet::storage]
	pub type Missed<T: Config> =
		StorageValue<_, BoundedVec<(T::AccountId, u32), T::MaxValidators>, ValueQuery>;

	/// How many validators took part in each of the latest sessions.
	///
	/// **Invariant S3.**
	#[pallet::storage]
	pub type Turnouts<T: Config> = StorageMap<_, Twox64Concat, SessionIndex, Turnout>;

	/// The block and the working block in which the current session began.
	#[pallet::storage]
	pub type SessionStart<T: Config> =
		StorageValue<_, (BlockNumberFor<T>, BlockNumberFor<T>), ValueQuery>;

	/// What was seen of validators.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A session ended.
		#[codec(index = 0)]
		SessionEnded {
			/// The session.
			session: SessionIndex,
			/// How many validators there were, and how many took part.
			turnout: Turnout,
		},
		/// A validator took no part in a session.
		#[codec(index = 1)]
		SessionMissed {
			/// The validator.
			validator: T::AccountId,
			/// The session.
			session: SessionIndex,
			/// How many it has missed in a row, this one included.
			missed: u32,
		},
		/// A validator was reported: it missed as many sessions as the limit.
		#[codec(index = 2)]
		OfflineReported {
			/// The validator.
			validator: T::AccountId,
			/// The last session that it missed.
			session: SessionIndex,
			/// The share of its stake that this costs.
			fraction: Perbill,
		},
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(T::OfflineLimit::get() > 0, "OfflineLimit is zero");
			assert!(T::HistoryLength::get() > 0, "HistoryLength is zero");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_block: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// How many validators took part in `session`. `None`: it isn't over, or too long ago.
		pub fn turnout(session: SessionIndex) -> Option<Turnout> {
			Turnouts::<T>::get(session)
		}

		/// The share of validators that took part in the latest sessions that are kept, a day's. `None`:
		/// no session is over yet.
		pub fn participation() -> Option<Perbill> {
			Self::mean_participation()
		}

		/// How many sessions in a row `validator` has missed.
		pub fn missed(validator: T::AccountId) -> u32 {
			Self::missed_by(&validator)
		}
	}
}
