//! # Node registry
//!
//! Who may act in which role, and the key that acts for them.
//!
//! ## Pallet API
//!
//! See the [`pallet`] module for calls, storage, view functions, events and errors. Other pallets
//! read the registry through [`AppKeys`](rwa_primitives::traits::AppKeys).
//!
//! ## Overview
//!
//! An operator runs a node that works for the network by itself, day and night: it reports
//! measurements, carries messages, keeps documents. The node must sign what it says, but the
//! operator's own key, which can spend the operator's money, does not belong on a machine that is
//! always on line. So the operator gives the node a key of its own, the *app key*, and registers it
//! here under one role. Whoever steals an app key can do that node's duty badly until the operator
//! replaces the key, and nothing else: the app key can't move money, and neither replace nor revoke
//! itself.
//!
//! A registration holds a deposit from the operator, given back when the key is revoked.
//!
//! Nobody can register a key that is not theirs. The key itself signs that it agrees to act for this
//! account on this chain (the *proof of possession*), so a proof seen in somebody else's transaction,
//! or on another chain, is worth nothing.
//!
//! ### States
//!
//! An account:
//!
//! ```text
//!                     register_app_key
//!   Unregistered ─────────────────────────▶ Registered ──┐ register_app_key, same role:
//!                ◀─────────────────────────      ▲       │ the new key replaces the old
//!                      revoke_app_key            └───────┘
//! ```
//!
//! A key is free, or acts for exactly one account. Replacing or revoking frees it.
//!
//! ### Example
//!
//! ```ignore
#![doc = include_str!("tests/example.rs")]
//! ```
//!
//! ## Implementation
//!
//! [`AppKeyOf`] and [`OperatorOf`] are one relation, stored from both ends; only `impls.rs` writes
//! them.
//!
//! - **Invariant N1:** [`AppKeyOf`] and [`OperatorOf`] are inverse to each other.
//! - **Invariant N2:** what is held from an account under [`HoldReason::AppKey`] is the deposit its
//!   registration records.
//!
//! A proof has no expiry and names no role. It can be used again, but only by the account that it
//! names: after a key was revoked or replaced, that operator may register it again, in any role,
//! with the proof it has; for everybody else the proof stays worthless. Registering again takes the
//! operator's own signature each time, with the operator's nonce.
//!
//! The proof is checked against the hash of block 0, which the system pallet never prunes.

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
mod types;
pub mod weights;

pub use pallet::*;
pub use types::{BalanceOf, Registration, RegistrationOf};
pub use weights::WeightInfo;

// Code that FRAME generates casts the number of an error or hold reason, and expects the pallet to
// be part of the runtime. This pallet's own logic is outside the module, under the lints.
#[allow(clippy::cast_possible_truncation, clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible::hold, Get},
	};
	use frame_system::pallet_prelude::*;
	use rwa_primitives::app_key::{AppPublic, AppSignature, Role};

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// What the runtime decides for this pallet.
	#[pallet::config]
	pub trait Config: frame_system::Config<Hash = rwa_primitives::Hash> {
		/// The token in which deposits are held.
		type Currency: hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>;

		/// The runtime's hold reasons.
		type RuntimeHoldReason: From<HoldReason>;

		/// What a registration holds from its account, in the smallest unit of [`Self::Currency`].
		///
		/// Pays for two storage entries. Too low, and the registry is cheap to fill; below the
		/// currency's minimum balance, giving it back could fail, which `integrity_test` refuses. A
		/// change applies to later registrations: each gives back what it took.
		#[pallet::constant]
		type AppKeyDeposit: Get<BalanceOf<Self>>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// Why this pallet holds an account's money.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Deposit for a registered app key. Given back by `revoke_app_key`.
		#[codec(index = 0)]
		AppKey,
	}

	/// The role and app key of each registered account, and the deposit held for them.
	///
	/// **Invariant N1:** [`OperatorOf`] maps the key back to the account.
	/// **Invariant N2:** the deposit is what is held under [`HoldReason::AppKey`].
	/// Paid for by that deposit until the key is revoked.
	// Hasher: Blake2_128Concat, because anyone can grind an account to unbalance a Twox trie.
	#[pallet::storage]
	pub type AppKeyOf<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, RegistrationOf<T>, OptionQuery>;

	/// The account that each registered app key acts for.
	///
	/// **Invariant N1:** [`AppKeyOf`] maps the account back to the key.
	/// Paid for by the account's deposit until the key is replaced or revoked.
	// Hasher: Blake2_128Concat, because anyone can grind a key pair to unbalance a Twox trie.
	#[pallet::storage]
	pub type OperatorOf<T: Config> =
		StorageMap<_, Blake2_128Concat, AppPublic, T::AccountId, OptionQuery>;

	/// What happened to app keys. The registry can be rebuilt from these, in order.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account without a registration registered an app key. Its deposit is now held.
		#[codec(index = 0)]
		AppKeyRegistered {
			/// The operator.
			account: T::AccountId,
			/// What the operator does for the network.
			role: Role,
			/// The key that acts for the operator from now on.
			key: AppPublic,
		},
		/// A registered account replaced its app key. The deposit stays held.
		#[codec(index = 1)]
		AppKeyReplaced {
			/// The operator.
			account: T::AccountId,
			/// What the operator does for the network, as before.
			role: Role,
			/// The key that acted for the operator until now. It is free again.
			old: AppPublic,
			/// The key that acts for the operator from now on.
			new: AppPublic,
		},
		/// An account gave up its app key and role. Its deposit was given back.
		#[codec(index = 2)]
		AppKeyRevoked {
			/// The former operator.
			account: T::AccountId,
			/// What it did for the network.
			role: Role,
			/// The key that acted for it until now. It is free again.
			key: AppPublic,
		},
	}

	/// Why a call was refused.
	#[pallet::error]
	pub enum Error<T> {
		/// This key acts for an account already: another one, or the caller. If it is the caller's,
		/// there is nothing to do; otherwise generate a fresh key. The view function `operator`
		/// names the account.
		#[codec(index = 0)]
		KeyTaken,
		/// The key did not sign that it acts for the caller on this chain. Let the node that holds
		/// the key make the proof for exactly the account that signs this transaction.
		#[codec(index = 1)]
		BadProof,
		/// The caller is registered in another role, and an account has one. Revoke the app key
		/// first, or use another account for this role.
		#[codec(index = 2)]
		RoleMismatch,
		/// The caller has no registered app key. Treat as success when retrying `revoke_app_key`.
		#[codec(index = 3)]
		NotRegistered,
	}

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

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Let `key` act for the caller in `role`, in place of the caller's earlier key, if any.
		///
		/// ## Dispatch origin
		///
		/// Signed by the operator.
		///
		/// ## Details
		///
		/// `proof` is the signature, made with `key`, of the SCALE encoding of
		/// `("rwa/app-key/possession/v1" as 25 bytes, genesis hash, caller, key)`; the node's RPC
		/// method `rwa_rotateAppKey` makes both. The first registration holds
		/// [`Config::AppKeyDeposit`] from the caller; replacing the key leaves that deposit as it
		/// is. The old key is out of work at once: what it signed and is not yet in a block will be
		/// refused.
		///
		/// ## Errors
		///
		/// - [`Error::RoleMismatch`]: the caller is registered in another role.
		/// - [`Error::KeyTaken`]: `key` acts for an account already, be it the caller.
		/// - [`Error::BadProof`]: `proof` is not that signature.
		/// - `FundsUnavailable`, from the currency: the caller can't afford the deposit.
		///
		/// ## Events
		///
		/// [`Event::AppKeyRegistered`] or [`Event::AppKeyReplaced`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register_app_key().max(T::WeightInfo::replace_app_key()))]
		pub fn register_app_key(
			origin: OriginFor<T>,
			role: Role,
			key: AppPublic,
			proof: AppSignature,
		) -> DispatchResult {
			let account = ensure_signed(origin)?;
			Self::do_register_app_key(account, role, key, proof)
		}

		/// Give up the caller's app key and role, and take the deposit back.
		///
		/// ## Dispatch origin
		///
		/// Signed by the operator.
		///
		/// ## Details
		///
		/// The key is free afterwards, and the caller may register in any role.
		///
		/// ## Errors
		///
		/// - [`Error::NotRegistered`]: the caller has no app key.
		///
		/// ## Events
		///
		/// [`Event::AppKeyRevoked`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::revoke_app_key())]
		pub fn revoke_app_key(origin: OriginFor<T>) -> DispatchResult {
			let account = ensure_signed(origin)?;
			Self::do_revoke_app_key(account)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The role, app key and deposit of `account`. `None`: not registered.
		pub fn app_key(account: T::AccountId) -> Option<RegistrationOf<T>> {
			AppKeyOf::<T>::get(account)
		}

		/// The account that `key` acts for, and its role. `None`: not registered.
		pub fn operator(key: AppPublic) -> Option<(T::AccountId, Role)> {
			Self::find_operator(&key)
		}
	}
}
