//! Benchmarks of the registry's calls, and of what other pallets ask of it.
//!
//! Only the configured traits are used, so that they run on every runtime. Time can't be turned forward
//! through them, so what would take time is written to the registry's own storage, with the money that
//! belongs to it.

use alloc::{vec, vec::Vec};

use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungible::{hold::Mutate as _, Inspect as _, InspectHold as _, Mutate as _},
		EnsureOrigin, Get,
	},
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use rwa_primitives::{
	app_key::{possession_payload, AppPublic, AppSignature, Role},
	node::{genesis_tier, Region},
	traits::{Conduct as _, Presence as _, Stakes as _, WorkingTime as _},
	Balance,
};
use sp_application_crypto::RuntimeAppPublic;
use sp_runtime::{traits::Zero, Perbill, SaturatedConversion};

use crate::*;

/// A role with a stake of its own, so that there is more to do than for a validator.
const ROLE: Role = Role::Oracle;
const HERE: Region = Region(*b"DE");
const ELSEWHERE: Region = Region(*b"FR");

/// The longest endpoint that there may be.
fn endpoint<T: Config>() -> Vec<u8> {
	let mut endpoint = b"/dns4/".to_vec();
	endpoint.resize(T::MaxEndpointLength::get() as usize, b'a');
	endpoint
}

/// The least stake.
fn minimum<T: Config>() -> Balance {
	Pallet::<T>::tier_of(ROLE).minimum
}

/// A part of stake that is leaving, as small as can be given back alone.
fn part<T: Config>() -> Balance {
	T::Currency::minimum_balance().max(1)
}

/// An account that can afford everything here and has never held anything.
fn funded<T: Config>(account: &T::AccountId) -> Result<(), BenchmarkError> {
	let parts = part::<T>().saturating_mul(T::MaxUnlocking::get().into());
	let funds = minimum::<T>()
		.saturating_mul(4)
		.saturating_add(parts)
		.saturating_add(T::AppKeyDeposit::get())
		.saturating_add(T::NodeDeposit::get())
		.saturating_add(part::<T>());
	T::Currency::mint_into(account, funds)?;
	Ok(())
}

/// The caller, with a node that has the least stake.
fn node<T: Config>() -> Result<T::AccountId, BenchmarkError> {
	let caller: T::AccountId = whitelisted_caller();
	funded::<T>(&caller)?;
	let endpoint = endpoint::<T>();
	Pallet::<T>::do_register(caller.clone(), ROLE, HERE, endpoint, minimum::<T>())?;
	Ok(caller)
}

/// Changes the node of `account`.
fn change<T: Config>(account: &T::AccountId, change: impl FnOnce(&mut NodeOf<T>)) {
	Nodes::<T>::mutate(account, |node| node.as_mut().map(change));
}

/// `parts` parts of the stake of `account` are leaving, to be released at `release_at`.
fn leave<T: Config>(
	account: &T::AccountId,
	parts: u32,
	release_at: BlockNumberFor<T>,
) -> Result<(), BenchmarkError> {
	let amount = part::<T>();
	let all = amount.saturating_mul(parts.into());
	T::Currency::hold(&HoldReason::Stake.into(), account, all)?;
	change::<T>(account, |node| {
		let chunks = vec![Unlocking { amount, release_at }; parts as usize];
		node.unlocking = BoundedVec::truncate_from(chunks);
	});
	Ok(())
}

/// The node of `account` was seen just now, and has earned a thousandth of its stake since.
fn earn<T: Config>(account: &T::AccountId) {
	let now = T::WorkingTime::now();
	let year: u128 = T::BlocksPerYear::get().saturated_into();
	let rate = Pallet::<T>::tier_of(ROLE).yearly_reward;
	let index = Pallet::<T>::index_at(ROLE, now).saturating_add(year.saturating_mul(1_000_000));
	RewardIndex::<T>::insert(ROLE, Growth { index, at: now, rate });
	change::<T>(account, |node| {
		node.seen = now;
		node.earnings.earning = node.stake;
		node.earnings.remainder = 1;
	});
}

/// Something is due to `account`, and the budget can pay it.
fn owe<T: Config>(account: &T::AccountId) -> Balance {
	let due = part::<T>();
	change::<T>(account, |node| node.earnings.due = due);
	// Half of it is left, so that there is a new state to write.
	Budget::<T>::put(Allowance { since: T::WorkingTime::now(), left: due.saturating_mul(2) });
	due
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
fn register_key<T: Config>(account: &T::AccountId) -> Result<AppPublic, BenchmarkError> {
	let (key, proof) = proven_key::<T>(account)?;
	Pallet::<T>::do_register_app_key(account.clone(), ROLE, key.clone(), proof)?;
	Ok(key)
}

/// What is held from `account` for `reason`.
fn held<T: Config>(account: &T::AccountId, reason: HoldReason) -> Balance {
	T::Currency::balance_on_hold(&reason.into(), account)
}

/// The node of `account`, which has one.
fn stored<T: Config>(account: &T::AccountId) -> Result<NodeOf<T>, BenchmarkError> {
	Ok(Nodes::<T>::get(account).ok_or("the node is gone")?)
}

fn assert_last_event<T: Config>(event: Event<T>) {
	frame_system::Pallet::<T>::assert_last_event(event.into());
}

fn assert_has_event<T: Config>(event: Event<T>) {
	frame_system::Pallet::<T>::assert_has_event(event.into());
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn register_app_key() -> Result<(), BenchmarkError> {
		// Worst case: accepted, because every refusal returns earlier.
		let caller = node::<T>()?;
		let (key, proof) = proven_key::<T>(&caller)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), ROLE, key.clone(), proof);

		assert_eq!(OperatorOf::<T>::get(&key), Some(caller.clone()));
		assert_eq!(held::<T>(&caller, HoldReason::AppKey), T::AppKeyDeposit::get());
		assert_last_event::<T>(Event::AppKeyRegistered { account: caller, role: ROLE, key });
		Ok(())
	}

	#[benchmark]
	fn replace_app_key() -> Result<(), BenchmarkError> {
		// Worst case: accepted, because every refusal returns earlier.
		let caller = node::<T>()?;
		let old = register_key::<T>(&caller)?;
		let (new, proof) = proven_key::<T>(&caller)?;

		#[extrinsic_call]
		register_app_key(RawOrigin::Signed(caller.clone()), ROLE, new.clone(), proof);

		assert_eq!(OperatorOf::<T>::get(&old), None);
		assert_eq!(OperatorOf::<T>::get(&new), Some(caller.clone()));
		assert_last_event::<T>(Event::AppKeyReplaced { account: caller, role: ROLE, old, new });
		Ok(())
	}

	#[benchmark]
	fn revoke_app_key() -> Result<(), BenchmarkError> {
		let caller = node::<T>()?;
		let key = register_key::<T>(&caller)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));

		assert!(!AppKeyOf::<T>::contains_key(&caller));
		assert!(!OperatorOf::<T>::contains_key(&key));
		assert_eq!(held::<T>(&caller, HoldReason::AppKey), 0);
		assert_last_event::<T>(Event::AppKeyRevoked { account: caller, role: ROLE, key });
		Ok(())
	}

	#[benchmark]
	fn register() -> Result<(), BenchmarkError> {
		// Worst case: a role with a stake here, which is two holds, and the account's first, because
		// they make the entry; and the longest endpoint.
		let caller: T::AccountId = whitelisted_caller();
		funded::<T>(&caller)?;
		let stake = minimum::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), ROLE, HERE, endpoint::<T>(), stake);

		assert_eq!(stored::<T>(&caller)?.stake, stake);
		assert!(Listed::<T>::contains_key((ROLE, HERE, &caller)));
		assert_eq!(held::<T>(&caller, HoldReason::Stake), stake);
		assert_eq!(held::<T>(&caller, HoldReason::Node), T::NodeDeposit::get());
		Ok(())
	}

	#[benchmark]
	fn bond_more() -> Result<(), BenchmarkError> {
		// Worst case: the largest entry, of a node that becomes active.
		let caller = node::<T>()?;
		leave::<T>(&caller, T::MaxUnlocking::get(), T::WorkingTime::now())?;
		Pallet::<T>::seize(&caller, part::<T>(), None, Perbill::zero());
		assert!(!stored::<T>(&caller)?.is_expected());
		let amount = minimum::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), amount);

		assert!(stored::<T>(&caller)?.is_expected());
		assert_last_event::<T>(Event::NodeActivated { account: caller, role: ROLE });
		Ok(())
	}

	#[benchmark]
	fn unbond() -> Result<(), BenchmarkError> {
		// Worst case: the entry becomes as large as it gets, and the node inactive with something earned.
		let caller = node::<T>()?;
		leave::<T>(&caller, T::MaxUnlocking::get().saturating_sub(1), T::WorkingTime::now())?;
		earn::<T>(&caller);
		let amount = minimum::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), amount);

		let node = stored::<T>(&caller)?;
		assert!(node.stake.is_zero() && node.unlocking.is_full());
		assert!(!node.earnings.due.is_zero());
		assert_last_event::<T>(Event::NodeDeactivated { account: caller, role: ROLE });
		Ok(())
	}

	#[benchmark]
	fn withdraw_unbonded() -> Result<(), BenchmarkError> {
		// Worst case: the largest entry, all of it released, of a node that is paid and removed.
		let caller = node::<T>()?;
		let stake = minimum::<T>();
		Pallet::<T>::seize(&caller, stake, None, Perbill::zero());
		let now = T::WorkingTime::now();
		leave::<T>(&caller, T::MaxUnlocking::get(), now)?;
		change::<T>(&caller, |node| node.leaving = true);
		let amount = owe::<T>(&caller);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));

		assert!(!Nodes::<T>::contains_key(&caller));
		assert_eq!(held::<T>(&caller, HoldReason::Stake), 0);
		assert_has_event::<T>(Event::RewardsClaimed { account: caller.clone(), amount, due: 0 });
		assert_last_event::<T>(Event::NodeRemoved { account: caller, role: ROLE });
		Ok(())
	}

	#[benchmark]
	fn update_node() -> Result<(), BenchmarkError> {
		// Worst case: to another region, because the list changes; the largest entry.
		let caller = node::<T>()?;
		leave::<T>(&caller, T::MaxUnlocking::get(), T::WorkingTime::now())?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), ELSEWHERE, endpoint::<T>());

		assert!(!Listed::<T>::contains_key((ROLE, HERE, &caller)));
		assert!(Listed::<T>::contains_key((ROLE, ELSEWHERE, &caller)));
		assert_eq!(stored::<T>(&caller)?.region, ELSEWHERE);
		Ok(())
	}

	#[benchmark]
	fn chill() -> Result<(), BenchmarkError> {
		// Worst case: the largest entry, of a node that has earned something.
		let caller = node::<T>()?;
		leave::<T>(&caller, T::MaxUnlocking::get(), T::WorkingTime::now())?;
		earn::<T>(&caller);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));

		assert!(!stored::<T>(&caller)?.earnings.due.is_zero());
		assert_last_event::<T>(Event::NodeDeactivated { account: caller, role: ROLE });
		Ok(())
	}

	#[benchmark]
	fn unchill() -> Result<(), BenchmarkError> {
		// Worst case: the largest entry, of a node that becomes active.
		let caller = node::<T>()?;
		leave::<T>(&caller, T::MaxUnlocking::get(), T::WorkingTime::now())?;
		Pallet::<T>::do_chill(caller.clone())?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));

		assert!(stored::<T>(&caller)?.is_expected());
		assert_last_event::<T>(Event::NodeActivated { account: caller, role: ROLE });
		Ok(())
	}

	#[benchmark]
	fn deregister() -> Result<(), BenchmarkError> {
		// Worst case: nothing is at stake any more, so the node is paid and removed at once, and there is
		// an app key to revoke. A node with a stake is changed instead, which is less.
		let caller = node::<T>()?;
		let key = register_key::<T>(&caller)?;
		let stake = minimum::<T>();
		Pallet::<T>::seize(&caller, stake, None, Perbill::zero());
		let amount = owe::<T>(&caller);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));

		assert!(!Nodes::<T>::contains_key(&caller));
		assert!(!OperatorOf::<T>::contains_key(&key));
		assert_has_event::<T>(Event::RewardsClaimed { account: caller.clone(), amount, due: 0 });
		assert_last_event::<T>(Event::NodeRemoved { account: caller, role: ROLE });
		Ok(())
	}

	#[benchmark]
	fn claim_rewards() -> Result<(), BenchmarkError> {
		// Worst case: the largest entry.
		let caller = node::<T>()?;
		leave::<T>(&caller, T::MaxUnlocking::get(), T::WorkingTime::now())?;
		let amount = owe::<T>(&caller);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));

		assert_eq!(stored::<T>(&caller)?.earnings.due, 0);
		assert_last_event::<T>(Event::RewardsClaimed { account: caller, amount, due: 0 });
		Ok(())
	}

	#[benchmark]
	fn rate() -> Result<(), BenchmarkError> {
		// Worst case: accepted, and the largest entry.
		let node = node::<T>()?;
		leave::<T>(&node, T::MaxUnlocking::get(), T::WorkingTime::now())?;
		let client: T::AccountId = account("client", 0, 0);
		Pallet::<T>::note_finished_job(&node, &client)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(client.clone()), node.clone(), 5);

		assert!(Ratings::<T>::get(&node, &client).is_some_and(|right| right.rated));
		assert_last_event::<T>(Event::NodeRated { node, client, stars: 5 });
		Ok(())
	}

	#[benchmark]
	fn clear_rating() -> Result<(), BenchmarkError> {
		// Worst case: there is something to clear.
		let caller: T::AccountId = whitelisted_caller();
		let (node, client): (T::AccountId, T::AccountId) =
			(account("node", 0, 0), account("client", 0, 0));
		let right = RatingRight { until: T::WorkingTime::now(), rated: true };
		Ratings::<T>::insert(&node, &client, right);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), node.clone(), client.clone());

		assert!(!Ratings::<T>::contains_key(&node, &client));
		assert_last_event::<T>(Event::RatingCleared { node, client });
		Ok(())
	}

	#[benchmark]
	fn set_tier() -> Result<(), BenchmarkError> {
		// Worst case: validators, because the staking pallet is told, and a history as long as it gets. Its
		// last entry is replaced, which takes as much as to drop the first.
		let origin = T::AdminOrigin::try_successful_origin().map_err(|_| "nobody may set tiers")?;
		let role = Role::Validator;
		let mut tier = genesis_tier(role);
		let now = T::WorkingTime::now();
		let history = vec![(now, tier); T::MaxTierHistory::get() as usize];
		Tiers::<T>::insert(role, BoundedVec::truncate_from(history));
		tier.minimum = tier.minimum.saturating_mul(2);

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, role, tier);

		assert_eq!(Tiers::<T>::get(role).last(), Some(&(now, tier)));
		assert_last_event::<T>(Event::TierSet { role, tier, from: now });
		Ok(())
	}

	#[benchmark]
	fn note_presence() -> Result<(), BenchmarkError> {
		// Worst case: the largest entry, of a node that has earned something.
		let caller = node::<T>()?;
		leave::<T>(&caller, T::MaxUnlocking::get(), T::WorkingTime::now())?;
		earn::<T>(&caller);

		#[block]
		{
			Pallet::<T>::note_presence(&caller);
		}

		let earnings = stored::<T>(&caller)?.earnings;
		assert!(!earnings.due.is_zero());
		assert_last_event::<T>(Event::RewardsEarned { account: caller, amount: earnings.due });
		Ok(())
	}

	#[benchmark]
	fn seize() -> Result<(), BenchmarkError> {
		// Worst case: all that there is, from the largest entry, which makes the node inactive with something
		// earned; and a reporter whose share makes it an account.
		let caller = node::<T>()?;
		leave::<T>(&caller, T::MaxUnlocking::get(), T::WorkingTime::now())?;
		earn::<T>(&caller);
		let all = stored::<T>(&caller)?.at_stake();
		let reporter: T::AccountId = account("reporter", 0, 0);
		let share = Perbill::from_percent(50);
		let taken;

		#[block]
		{
			taken = Pallet::<T>::seize(&caller, all, Some(&reporter), share);
		}

		assert_eq!(taken, (all, share.mul_floor(all)));
		assert_eq!(T::Currency::balance(&reporter), share.mul_floor(all));
		assert_eq!(held::<T>(&caller, HoldReason::Stake), 0);
		assert_last_event::<T>(Event::NodeDeactivated { account: caller, role: ROLE });
		Ok(())
	}

	#[benchmark]
	fn note_proven() -> Result<(), BenchmarkError> {
		// Worst case: the largest entry.
		let caller = node::<T>()?;
		leave::<T>(&caller, T::MaxUnlocking::get(), T::WorkingTime::now())?;

		#[block]
		{
			Pallet::<T>::note_proven(&caller, true);
		}

		assert_last_event::<T>(Event::FactProven { node: caller, right: true });
		Ok(())
	}

	#[benchmark]
	fn note_finished_job() -> Result<(), BenchmarkError> {
		// Worst case: the largest entry, and a client that may rate.
		let node = node::<T>()?;
		leave::<T>(&node, T::MaxUnlocking::get(), T::WorkingTime::now())?;
		let client: T::AccountId = account("client", 0, 0);

		#[block]
		{
			Pallet::<T>::note_finished_job(&node, &client)?;
		}

		assert!(Ratings::<T>::contains_key(&node, &client));
		assert_last_event::<T>(Event::JobFinished { node, client, may_rate: true });
		Ok(())
	}

	impl_benchmark_test_suite! {
		Pallet,
		crate::mock::ExtBuilder::default().build(),
		crate::mock::Test
	}
}
