//! Benchmarks of the registry's calls.

use crate::{AppKeyOf, BalanceOf, Call, Config, Event, HoldReason, OperatorOf, Pallet};
use frame_benchmarking::v2::*;
use frame_support::traits::{
	fungible::{Inspect, InspectHold, Mutate},
	Get,
};
use frame_system::RawOrigin;
use rwa_primitives::app_key::{possession_payload, AppPublic, AppSignature, Role};
use sp_application_crypto::RuntimeAppPublic;
use sp_runtime::traits::Saturating;

/// An account that can afford the deposit and has never held anything, so that its first hold makes
/// a storage entry.
fn funded_caller<T: Config>() -> Result<T::AccountId, BenchmarkError>
where
	T::Currency: Mutate<T::AccountId>,
{
	let caller: T::AccountId = whitelisted_caller();
	let minimum = T::Currency::minimum_balance();
	let funds = T::AppKeyDeposit::get().saturating_add(minimum).saturating_add(minimum);
	T::Currency::mint_into(&caller, funds)?;
	Ok(caller)
}

/// A fresh key of the benchmark's keystore, with its proof for `account`.
fn proven_key<T: Config>(
	account: &T::AccountId,
) -> Result<(AppPublic, AppSignature), BenchmarkError> {
	let key = AppPublic::generate_pair(None);
	let payload = possession_payload(&Pallet::<T>::genesis_hash(), account, &key);
	let proof = key.sign(&payload).ok_or("the keystore lost the key that it generated")?;
	Ok((key, proof))
}

/// Register a fresh key for `account` through the real path.
fn register<T: Config>(account: &T::AccountId) -> Result<AppPublic, BenchmarkError> {
	let (key, proof) = proven_key::<T>(account)?;
	Pallet::<T>::do_register_app_key(account.clone(), Role::Oracle, key.clone(), proof)?;
	Ok(key)
}

/// What is held from `account` for its app key.
fn held<T: Config>(account: &T::AccountId) -> BalanceOf<T> {
	T::Currency::balance_on_hold(&HoldReason::AppKey.into(), account)
}

#[benchmarks(where T::Currency: Mutate<T::AccountId>)]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn register_app_key() -> Result<(), BenchmarkError> {
		// Worst case: accepted, because every refusal returns earlier, and the account's first hold,
		// because it makes the entry.
		let caller = funded_caller::<T>()?;
		let (key, proof) = proven_key::<T>(&caller)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), Role::Oracle, key.clone(), proof);

		assert_eq!(OperatorOf::<T>::get(&key), Some(caller.clone()));
		assert_eq!(held::<T>(&caller), T::AppKeyDeposit::get());
		let event = Event::AppKeyRegistered { account: caller, role: Role::Oracle, key };
		frame_system::Pallet::<T>::assert_last_event(event.into());
		Ok(())
	}

	#[benchmark]
	fn replace_app_key() -> Result<(), BenchmarkError> {
		// Worst case: accepted, because every refusal returns earlier.
		let caller = funded_caller::<T>()?;
		let old = register::<T>(&caller)?;
		let (new, proof) = proven_key::<T>(&caller)?;

		#[extrinsic_call]
		register_app_key(RawOrigin::Signed(caller.clone()), Role::Oracle, new.clone(), proof);

		assert_eq!(OperatorOf::<T>::get(&old), None);
		assert_eq!(OperatorOf::<T>::get(&new), Some(caller.clone()));
		let event = Event::AppKeyReplaced { account: caller, role: Role::Oracle, old, new };
		frame_system::Pallet::<T>::assert_last_event(event.into());
		Ok(())
	}

	#[benchmark]
	fn revoke_app_key() -> Result<(), BenchmarkError> {
		// Worst case: the account's only hold, because its entry is removed.
		let caller = funded_caller::<T>()?;
		let key = register::<T>(&caller)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));

		assert!(!AppKeyOf::<T>::contains_key(&caller));
		assert!(!OperatorOf::<T>::contains_key(&key));
		assert_eq!(held::<T>(&caller), BalanceOf::<T>::default());
		let event = Event::AppKeyRevoked { account: caller, role: Role::Oracle, key };
		frame_system::Pallet::<T>::assert_last_event(event.into());
		Ok(())
	}

	impl_benchmark_test_suite! {
		Pallet,
		crate::mock::ExtBuilder::default().build(),
		crate::mock::Test
	}
}
