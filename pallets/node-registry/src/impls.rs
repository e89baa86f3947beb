//! How registrations change, how others read them, and what must hold.

use crate::{
	AppKeyOf, BalanceOf, Config, Error, Event, HoldReason, OperatorOf, Pallet, Registration,
	RegistrationOf,
};
use frame_support::{
	dispatch::DispatchResult,
	ensure,
	traits::{
		fungible::{hold::Mutate as _, Inspect as _},
		tokens::Precision,
		Get,
	},
};
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	app_key::{possession_payload, AppPublic, AppSignature, Role},
	traits::AppKeys,
};
use sp_application_crypto::RuntimeAppPublic;
use sp_runtime::traits::{One, Zero};

#[cfg(any(test, feature = "try-runtime"))]
use frame_support::traits::fungible::InspectHold as _;
#[cfg(any(test, feature = "try-runtime"))]
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// The only way to register or replace an app key.
	pub(crate) fn do_register_app_key(
		account: T::AccountId,
		role: Role,
		key: AppPublic,
		proof: AppSignature,
	) -> DispatchResult {
		let current = AppKeyOf::<T>::get(&account);
		if let Some(current) = &current {
			ensure!(current.role == role, Error::<T>::RoleMismatch);
		}
		ensure!(!OperatorOf::<T>::contains_key(&key), Error::<T>::KeyTaken);
		// Last, because it is the only check that costs more than a read.
		Self::ensure_possession(&account, &key, &proof)?;

		match current {
			Some(current) => Self::replace(account, current, key),
			None => Self::register(account, role, key)?,
		}
		Ok(())
	}

	/// The only way to revoke an app key.
	pub(crate) fn do_revoke_app_key(account: T::AccountId) -> DispatchResult {
		let Registration { role, key, deposit } =
			AppKeyOf::<T>::get(&account).ok_or(Error::<T>::NotRegistered)?;

		// Exactly what was recorded: by N2 that much is held.
		T::Currency::release(&HoldReason::AppKey.into(), &account, deposit, Precision::Exact)?;
		OperatorOf::<T>::remove(&key);
		AppKeyOf::<T>::remove(&account);
		Self::deposit_event(Event::AppKeyRevoked { account, role, key });
		Ok(())
	}

	/// Hash of block 0: what binds a proof to this chain.
	pub(crate) fn genesis_hash() -> T::Hash {
		frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero())
	}

	/// The account that `key` acts for, and its role.
	pub(crate) fn find_operator(key: &AppPublic) -> Option<(T::AccountId, Role)> {
		let account = OperatorOf::<T>::get(key)?;
		let role = AppKeyOf::<T>::get(&account)?.role;
		Some((account, role))
	}

	/// Refuses a configuration under which a deposit might not come back.
	pub(crate) fn check_config() {
		// The deposit alone then keeps an account alive, so releasing it can't leave less than the
		// minimum balance, whatever else the account lost meanwhile.
		assert!(
			T::AppKeyDeposit::get() >= T::Currency::minimum_balance().max(One::one()),
			"AppKeyDeposit is zero or below the currency's minimum balance"
		);
	}

	/// The key itself agreed to act for `account` on this chain.
	fn ensure_possession(
		account: &T::AccountId,
		key: &AppPublic,
		proof: &AppSignature,
	) -> DispatchResult {
		let payload = possession_payload(&Self::genesis_hash(), account, key);
		ensure!(key.verify(&payload, proof), Error::<T>::BadProof);
		Ok(())
	}

	/// Hold the deposit and store both directions. The account has no registration and the key is
	/// free.
	fn register(account: T::AccountId, role: Role, key: AppPublic) -> DispatchResult {
		let deposit: BalanceOf<T> = T::AppKeyDeposit::get();
		T::Currency::hold(&HoldReason::AppKey.into(), &account, deposit)?;
		AppKeyOf::<T>::insert(&account, Registration { role, key: key.clone(), deposit });
		OperatorOf::<T>::insert(&key, &account);
		Self::deposit_event(Event::AppKeyRegistered { account, role, key });
		Ok(())
	}

	/// Put the free key `new` in the place of the account's `current` one. Role and deposit stay.
	fn replace(account: T::AccountId, current: RegistrationOf<T>, new: AppPublic) {
		let Registration { role, key: old, deposit } = current;
		OperatorOf::<T>::remove(&old);
		OperatorOf::<T>::insert(&new, &account);
		AppKeyOf::<T>::insert(&account, Registration { role, key: new.clone(), deposit });
		Self::deposit_event(Event::AppKeyReplaced { account, role, old, new });
	}
}

impl<T: Config> AppKeys<T::AccountId> for Pallet<T> {
	fn operator_of(key: &AppPublic) -> Option<(T::AccountId, Role)> {
		Self::find_operator(key)
	}

	fn key_of(account: &T::AccountId) -> Option<AppPublic> {
		AppKeyOf::<T>::get(account).map(|registration| registration.key)
	}

	/// Registered in `role`. When roles are staked, the stake will have to suffice as well.
	fn is_active(account: &T::AccountId, role: Role) -> bool {
		AppKeyOf::<T>::get(account).is_some_and(|registration| registration.role == role)
	}
}

#[cfg(any(test, feature = "try-runtime"))]
impl<T: Config> Pallet<T> {
	/// Every invariant of this pallet.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_inverse()?;
		Self::check_deposits()
	}

	/// N1: each account's key leads back to it, and each key's account leads back to the key.
	fn check_inverse() -> Result<(), TryRuntimeError> {
		ensure!(
			AppKeyOf::<T>::iter().all(|(account, registration)| {
				OperatorOf::<T>::get(&registration.key) == Some(account)
			}),
			"N1: an account's app key does not act for it"
		);
		ensure!(
			OperatorOf::<T>::iter().all(|(key, account)| {
				AppKeyOf::<T>::get(&account).is_some_and(|registration| registration.key == key)
			}),
			"N1: an app key acts for an account that has not registered it"
		);
		Ok(())
	}

	/// N2: what each registration records is what is held.
	fn check_deposits() -> Result<(), TryRuntimeError> {
		let reason = HoldReason::AppKey.into();
		ensure!(
			AppKeyOf::<T>::iter().all(|(account, registration)| {
				T::Currency::balance_on_hold(&reason, &account) == registration.deposit
			}),
			"N2: deposit held differs from deposit recorded"
		);
		Ok(())
	}
}
