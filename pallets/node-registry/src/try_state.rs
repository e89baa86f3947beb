//! What always holds between two blocks.

use alloc::collections::BTreeMap;

use frame_support::{
	ensure,
	traits::{fungible::InspectHold as _, Get},
};
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	app_key::Role,
	node::genesis_tier,
	traits::{ValidatorStakes, WorkingTime},
	Balance,
};
use sp_runtime::{traits::Zero, Perbill, SaturatedConversion, TryRuntimeError};

use crate::{
	types::Total, AppKeyOf, Budget, Config, HoldReason, Listed, Nodes, OperatorOf, Pallet, Ratings,
	RewardIndex, Tiers, Totals, ROLES,
};

impl<T: Config> Pallet<T> {
	/// Every invariant of this pallet. The error names the one that is broken.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_inverse()?;
		Self::check_app_keys()?;
		Self::check_holds()?;
		Self::check_validators()?;
		Self::check_roles()?;
		Self::check_list()?;
		Self::check_totals()?;
		Self::check_activity()?;
		Self::check_earnings()?;
		Self::check_tiers()?;
		Self::check_budget()?;
		Self::check_ratings()
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

	/// N2, N3: what each app key records is held, and its account is a node of its role that stays.
	fn check_app_keys() -> Result<(), TryRuntimeError> {
		let reason = HoldReason::AppKey.into();
		for (account, registration) in AppKeyOf::<T>::iter() {
			ensure!(
				T::Currency::balance_on_hold(&reason, &account) == registration.deposit,
				"N2: deposit held differs from deposit recorded"
			);
			let node = Nodes::<T>::get(&account).ok_or("N3: whoever has an app key is no node")?;
			ensure!(
				node.role == registration.role,
				"N3: an app key has another role than its node"
			);
			ensure!(!node.leaving, "N3: a node that is leaving has an app key");
		}
		Ok(())
	}

	/// N4, N5: what each node records is what is held.
	fn check_holds() -> Result<(), TryRuntimeError> {
		let (deposit, stake) = (HoldReason::Node.into(), HoldReason::Stake.into());
		for (account, node) in Nodes::<T>::iter() {
			ensure!(
				T::Currency::balance_on_hold(&deposit, &account) == node.deposit,
				"N4: deposit held differs from deposit recorded"
			);
			ensure!(
				T::Currency::balance_on_hold(&stake, &account) == node.at_stake(),
				"N5: stake held differs from stake recorded"
			);
			ensure!(
				node.unlocking.iter().all(|chunk| !chunk.amount.is_zero()),
				"N5: nothing is leaving, and is recorded"
			);
			ensure!(
				!node.leaving || node.stake.is_zero(),
				"N5: a node that is leaving has something bonded"
			);
		}
		Ok(())
	}

	/// N6: validators' money is the staking pallet's matter.
	fn check_validators() -> Result<(), TryRuntimeError> {
		let mut validators = Nodes::<T>::iter_values().filter(|node| node.role == Role::Validator);
		ensure!(
			validators.all(|node| {
				let earnings = &node.earnings;
				node.at_stake().is_zero() && earnings.earning.is_zero() && earnings.due.is_zero()
			}),
			"N6: a validator has something at stake here, or earns here"
		);
		Ok(())
	}

	/// N14: an account has one role.
	fn check_roles() -> Result<(), TryRuntimeError> {
		ensure!(
			Nodes::<T>::iter().all(|(account, node)| {
				node.role == Role::Validator || !T::Validators::is_staker(&account)
			}),
			"N14: an account has another role and stakes with the staking pallet as well"
		);
		Ok(())
	}

	/// N7: the list is the nodes, sorted otherwise.
	fn check_list() -> Result<(), TryRuntimeError> {
		for (role, region, account) in Listed::<T>::iter_keys() {
			let node =
				Nodes::<T>::get(&account).ok_or("N7: a node is listed that does not exist")?;
			ensure!(
				(node.role, node.region) == (role, region),
				"N7: a node is listed under another role or region"
			);
		}
		ensure!(
			Nodes::<T>::iter().all(|(account, node)| {
				Listed::<T>::contains_key((node.role, node.region, account))
			}),
			"N7: a node is not listed"
		);
		Ok(())
	}

	/// N8: totals are sums.
	fn check_totals() -> Result<(), TryRuntimeError> {
		let mut sums = BTreeMap::<Role, Total>::new();
		for node in Nodes::<T>::iter_values() {
			let sum = sums.entry(node.role).or_default();
			sum.nodes = sum.nodes.saturating_add(1);
			sum.stake = sum.stake.saturating_add(node.stake);
		}
		ensure!(
			ROLES.iter().all(|role| {
				Totals::<T>::get(role) == sums.get(role).copied().unwrap_or_default()
			}),
			"N8: a role's total is not the sum of its nodes"
		);
		Ok(())
	}

	/// N9: who need not be there is excused and earns nothing, and nobody else is excused.
	fn check_activity() -> Result<(), TryRuntimeError> {
		for node in Nodes::<T>::iter_values() {
			ensure!(
				node.is_expected() == node.excused_since.is_none(),
				"N9: a node is excused without a reason, or expected in spite of one"
			);
			let most: Balance = if node.is_expected() { node.stake } else { 0 };
			ensure!(node.earnings.earning <= most, "N9: a node earns on more than its stake");
		}
		Ok(())
	}

	/// N10: nothing has happened in the future, and what makes a unit was credited.
	fn check_earnings() -> Result<(), TryRuntimeError> {
		let now = T::WorkingTime::now();
		let year: u128 = T::BlocksPerYear::get().saturated_into();
		let whole = u128::from(Perbill::one().deconstruct()).saturating_mul(year);
		for node in Nodes::<T>::iter_values() {
			let excused = node.excused_since.unwrap_or_default();
			ensure!(
				node.registered_at <= now && node.seen <= now && excused <= now,
				"N10: a node was seen in the future"
			);
			let index = Self::index_at(node.role, now);
			ensure!(node.earnings.index <= index, "N10: a node has earned in the future");
			ensure!(node.earnings.remainder < whole, "N10: a remainder makes a unit");
		}
		Ok(())
	}

	/// N11: tiers are sound and rise, and rewards follow the latest.
	fn check_tiers() -> Result<(), TryRuntimeError> {
		let now = T::WorkingTime::now();
		for role in ROLES {
			let history = Tiers::<T>::get(role);
			let starts = || history.iter().map(|(from, _)| *from);
			ensure!(
				starts().zip(starts().skip(1)).all(|(older, newer)| older < newer),
				"N11: a role's tiers do not rise"
			);
			ensure!(starts().all(|from| from <= now), "N11: a tier begins in the future");
			ensure!(
				history.iter().all(|(_, tier)| Self::tier_fault(tier).is_none()),
				"N11: a tier makes no sense"
			);
			let growth = RewardIndex::<T>::get(role);
			let rate = growth.map_or(genesis_tier(role).yearly_reward, |growth| growth.rate);
			ensure!(
				rate == Self::tier_of(role).yearly_reward,
				"N11: a role grows at another rate than its tier's"
			);
		}
		Ok(())
	}

	/// N12: the year of the budget has begun.
	fn check_budget() -> Result<(), TryRuntimeError> {
		let began = Budget::<T>::get().map_or(BlockNumberFor::<T>::zero(), |budget| budget.since);
		ensure!(began <= T::WorkingTime::now(), "N12: the budget is of a year to come");
		Ok(())
	}

	/// N13: nobody may rate itself.
	fn check_ratings() -> Result<(), TryRuntimeError> {
		ensure!(
			Ratings::<T>::iter_keys().all(|(node, client)| node != client),
			"N13: a node may rate itself"
		);
		Ok(())
	}
}
