//! App keys: registered, replaced, revoked. The only writer of [`AppKeyOf`] and [`OperatorOf`].

use frame_support::{
	dispatch::DispatchResult,
	ensure,
	traits::{fungible::hold::Mutate as _, tokens::Precision, Get},
};
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	app_key::{possession_payload, AppPublic, AppSignature, Role},
	traits::AppKeys,
};
use sp_application_crypto::RuntimeAppPublic;
use sp_runtime::traits::Zero;

use crate::{AppKeyOf, Config, Error, Event, HoldReason, OperatorOf, Pallet, Registration};

impl<T: Config> Pallet<T> {
	/// The only way to register or replace an app key.
	pub(crate) fn do_register_app_key(
		account: T::AccountId,
		role: Role,
		key: AppPublic,
		proof: AppSignature,
	) -> DispatchResult {
		let node = Self::staying(&account)?;
		ensure!(node.role == role, Error::<T>::RoleMismatch);
		ensure!(!OperatorOf::<T>::contains_key(&key), Error::<T>::KeyTaken);
		// Last, because it is the only check that costs more than a read.
		Self::ensure_possession(&account, &key, &proof)?;

		match AppKeyOf::<T>::get(&account) {
			Some(current) => Self::replace_app_key(account, current, key),
			None => Self::add_app_key(account, role, key)?,
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

	/// Hash of block 0: what binds a proof to this chain. The system pallet never prunes it.
	pub(crate) fn genesis_hash() -> T::Hash {
		frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero())
	}

	/// The account that `key` acts for, and its role.
	pub(crate) fn find_operator(key: &AppPublic) -> Option<(T::AccountId, Role)> {
		let account = OperatorOf::<T>::get(key)?;
		let role = AppKeyOf::<T>::get(&account)?.role;
		Some((account, role))
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

	/// Hold the deposit and store both directions. The account has no key and the key is free.
	fn add_app_key(account: T::AccountId, role: Role, key: AppPublic) -> DispatchResult {
		let deposit = T::AppKeyDeposit::get();
		T::Currency::hold(&HoldReason::AppKey.into(), &account, deposit)?;
		AppKeyOf::<T>::insert(&account, Registration { role, key: key.clone(), deposit });
		OperatorOf::<T>::insert(&key, &account);
		Self::deposit_event(Event::AppKeyRegistered { account, role, key });
		Ok(())
	}

	/// Put the free key `new` in the place of the account's `current` one. Role and deposit stay.
	fn replace_app_key(account: T::AccountId, current: Registration, new: AppPublic) {
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

	/// Whether `account` has a node in `role` that is not stopped, not leaving, and has its minimum at
	/// stake.
	fn is_active(account: &T::AccountId, role: Role) -> bool {
		Self::known(account)
			.is_ok_and(|node| node.role == role && Self::is_node_active(account, &node))
	}
}
