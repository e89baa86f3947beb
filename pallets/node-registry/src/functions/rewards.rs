//! Rewards: earned by presence, due, paid. The only writer of [`Budget`], and of a node's
//! [`Earnings`](crate::Earnings) and [`seen`](crate::Node::seen), but that what earns falls with the stake.

use frame_support::{
	dispatch::DispatchResult,
	ensure,
	traits::{
		fungible::{Inspect as _, Mutate as _},
		Get,
	},
};
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	app_key::Role,
	traits::{Presence, WorkingTime},
	Balance,
};
use sp_runtime::{
	traits::{Saturating, Zero},
	DispatchError, SaturatedConversion,
};

use crate::{types::Allowance, Budget, Config, Error, Event, NodeOf, Nodes, Pallet};

impl<T: Config> Pallet<T> {
	/// The only way to claim rewards.
	pub(crate) fn do_claim_rewards(account: T::AccountId) -> DispatchResult {
		let mut node = Self::known(&account)?;
		ensure!(!node.earnings.due.is_zero(), Error::<T>::NothingToClaim);
		let paid = Self::pay_due(&account, &mut node)?;
		ensure!(!paid.is_zero(), Error::<T>::BudgetExhausted);
		Nodes::<T>::insert(&account, node);
		Ok(())
	}

	/// Mints what is due to the node, as far as the budget goes. Gives how much: if nothing, nothing has
	/// changed. The caller stores the node.
	pub(crate) fn pay_due(
		account: &T::AccountId,
		node: &mut NodeOf<T>,
	) -> Result<Balance, DispatchError> {
		let mut budget = Self::budget_at(T::WorkingTime::now());
		let amount = node.earnings.due.min(budget.left);
		if amount.is_zero() {
			return Ok(amount);
		}

		T::Currency::mint_into(account, amount)?;
		budget.left = budget.left.saturating_sub(amount);
		Budget::<T>::put(budget);
		let due = node.earnings.due.saturating_sub(amount);
		node.earnings.due = due;
		Self::deposit_event(Event::RewardsClaimed { account: account.clone(), amount, due });
		Ok(amount)
	}

	/// Credits what the node's stake has earned since it was last seen, or says that it has been away for too
	/// long. The caller stores the node.
	pub(crate) fn settle(account: &T::AccountId, node: &mut NodeOf<T>, now: BlockNumberFor<T>) {
		if now.saturating_sub(node.seen) > T::PresenceGap::get() {
			return Self::forgo(account, node, now);
		}
		let year: u128 = T::BlocksPerYear::get().saturated_into();
		let index = Self::index_at(node.role, now);
		let amount = node.earnings.credit(index, year);
		if !amount.is_zero() {
			Self::deposit_event(Event::RewardsEarned { account: account.clone(), amount });
		}
	}

	/// Nothing was earned since the node was last seen. The caller stores the node.
	fn forgo(account: &T::AccountId, node: &mut NodeOf<T>, now: BlockNumberFor<T>) {
		node.earnings.index = Self::index_at(node.role, now);
		if !node.earnings.earning.is_zero() {
			let blocks = now.saturating_sub(node.seen);
			Self::deposit_event(Event::RewardsForgone { account: account.clone(), blocks });
		}
	}

	/// What may be minted in the working block `now`.
	fn budget_at(now: BlockNumberFor<T>) -> Allowance<BlockNumberFor<T>> {
		let this_year = |budget: &Allowance<BlockNumberFor<T>>| {
			now.saturating_sub(budget.since) < T::BlocksPerYear::get()
		};
		Budget::<T>::get().filter(this_year).unwrap_or_else(|| Allowance {
			since: now,
			left: T::YearlyBudget::get().mul_floor(T::Currency::total_issuance()),
		})
	}

	/// The node of `who`, if it is one that sends heartbeats.
	fn beating(who: &T::AccountId) -> Option<NodeOf<T>> {
		Nodes::<T>::get(who).filter(|node| node.role != Role::Validator)
	}
}

impl<T: Config> Presence<T::AccountId, BlockNumberFor<T>> for Pallet<T> {
	fn note_presence(who: &T::AccountId) {
		let Some(mut node) = Self::beating(who) else { return };
		let now = T::WorkingTime::now();
		Self::settle(who, &mut node, now);
		node.seen = now;
		if node.excused_since.is_none() {
			node.earnings.earning = node.stake;
		}
		Nodes::<T>::insert(who, node);
	}

	fn last_seen(who: &T::AccountId) -> Option<BlockNumberFor<T>> {
		Self::beating(who).map(|node| node.seen)
	}

	fn excused_since(who: &T::AccountId) -> Option<BlockNumberFor<T>> {
		Self::beating(who).and_then(|node| node.excused_since)
	}

	fn forgive_absence(who: &T::AccountId) {
		let Some(mut node) = Self::beating(who) else { return };
		let now = T::WorkingTime::now();
		Self::forgo(who, &mut node, now);
		node.earnings.earning = 0;
		node.seen = now;
		Nodes::<T>::insert(who, node);
	}
}
