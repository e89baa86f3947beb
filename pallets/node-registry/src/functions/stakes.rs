//! Stake: bonded, leaving, withdrawn, taken.

use frame_support::{
	defensive,
	dispatch::DispatchResult,
	ensure,
	traits::{
		fungible::{
			hold::{Balanced as _, Mutate as _},
			Balanced as _, Inspect as _,
		},
		tokens::Precision,
		Get, Imbalance, OnUnbalanced,
	},
};
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	app_key::Role,
	traits::{Accusations, Duties, Stakes, WorkingTime},
	Balance,
};
use sp_runtime::{
	traits::{Saturating, Zero},
	DispatchError, Perbill,
};

use crate::{types::Unlocking, Config, CreditOf, Error, Event, HoldReason, NodeOf, Nodes, Pallet};

impl<T: Config> Pallet<T> {
	/// The only way to put more at stake.
	pub(crate) fn do_bond_more(account: T::AccountId, amount: Balance) -> DispatchResult {
		let mut node = Self::staying_with_stake(&account)?;
		ensure!(!amount.is_zero(), Error::<T>::AmountZero);

		T::Currency::hold(&HoldReason::Stake.into(), &account, amount)?;
		let stake = node.stake.saturating_add(amount);
		Self::set_stake(&mut node, stake);
		let today = Self::tier_of(node.role).minimum;
		// Whoever adds less than a raised minimum takes keeps the one it has: more stake never stops a node.
		if today <= stake || today < node.minimum {
			node.minimum = today;
		}
		let minimum = node.minimum;
		Self::deposit_event(Event::StakeBonded {
			account: account.clone(),
			amount,
			stake,
			minimum,
		});
		Self::note_activity(&account, &mut node);
		Nodes::<T>::insert(&account, node);
		Ok(())
	}

	/// The only way to let a part of the stake leave.
	pub(crate) fn do_unbond(account: T::AccountId, amount: Balance) -> DispatchResult {
		let mut node = Self::staying_with_stake(&account)?;
		ensure!(!amount.is_zero(), Error::<T>::AmountZero);
		let left = node.stake.checked_sub(amount).ok_or(Error::<T>::NotEnoughStake)?;
		let enough = left.is_zero() || left >= T::Currency::minimum_balance();
		ensure!(enough, Error::<T>::DustLeft);
		let minimum = Self::tier_of(node.role).minimum;
		ensure!(left >= minimum || !T::Duties::is_bound(&account), Error::<T>::StillOnDuty);
		let release_at = Self::release_at();
		Self::add_unlocking(&mut node, amount, release_at)?;

		Self::set_stake(&mut node, left);
		node.minimum = minimum;
		Self::after_unbonding(&account, &mut node, amount, release_at);
		Nodes::<T>::insert(&account, node);
		Ok(())
	}

	/// Lets everything leave that is still bonded. Always finds room: if there is no other, the newest part
	/// waits for the rest. The caller stores the node.
	pub(crate) fn unbond_all(account: &T::AccountId, node: &mut NodeOf<T>) {
		let amount = node.stake;
		if amount.is_zero() {
			return;
		}
		let release_at = Self::release_at();
		if Self::add_unlocking(node, amount, release_at).is_err() {
			if let Some(newest) = node.unlocking.last_mut() {
				newest.amount = newest.amount.saturating_add(amount);
				newest.release_at = newest.release_at.max(release_at);
			} else {
				// `integrity_test` refuses a list without room for one. Rather keep the stake than lose it.
				defensive!("an empty list of parts is full");
				return;
			}
		}
		Self::set_stake(node, 0);
		Self::after_unbonding(account, node, amount, release_at);
	}

	/// The only way to take back stake.
	pub(crate) fn do_withdraw_unbonded(account: T::AccountId) -> DispatchResult {
		let mut node = Self::known(&account)?;
		ensure!(!T::Accusations::is_accused(&account), Error::<T>::Accused);

		let released = Self::release_unlocked(&account, &mut node)?;
		if node.leaving && node.at_stake().is_zero() {
			let paid = Self::pay_due(&account, &mut node)?;
			if node.earnings.due.is_zero() {
				return Self::remove_node(account, node);
			}
			ensure!(!released.is_zero() || !paid.is_zero(), Error::<T>::BudgetExhausted);
		} else {
			ensure!(!released.is_zero(), Error::<T>::NothingToWithdraw);
		}
		Nodes::<T>::insert(&account, node);
		Ok(())
	}

	/// Gives back what has been leaving for long enough. Gives how much. The caller stores the node.
	fn release_unlocked(
		account: &T::AccountId,
		node: &mut NodeOf<T>,
	) -> Result<Balance, DispatchError> {
		let now = T::WorkingTime::now();
		let before = node.at_stake();
		node.unlocking.retain(|chunk| chunk.release_at > now);
		let amount = before.saturating_sub(node.at_stake());
		if !amount.is_zero() {
			// By N5 that much is held.
			T::Currency::release(&HoldReason::Stake.into(), account, amount, Precision::Exact)?;
			Self::deposit_event(Event::StakeWithdrawn { account: account.clone(), amount });
		}
		Ok(amount)
	}

	/// `amount` was unbonded: say so, and what follows.
	fn after_unbonding(
		account: &T::AccountId,
		node: &mut NodeOf<T>,
		amount: Balance,
		release_at: BlockNumberFor<T>,
	) {
		Self::deposit_event(Event::StakeUnbonded {
			account: account.clone(),
			amount,
			stake: node.stake,
			minimum: node.minimum,
			release_at,
		});
		Self::note_activity(account, node);
	}

	/// One more part that is leaving. What leaves in the same block is one part.
	fn add_unlocking(
		node: &mut NodeOf<T>,
		amount: Balance,
		release_at: BlockNumberFor<T>,
	) -> Result<(), Error<T>> {
		match node.unlocking.last_mut() {
			Some(newest) if newest.release_at == release_at => {
				newest.amount = newest.amount.saturating_add(amount);
				Ok(())
			}
			_ => node
				.unlocking
				.try_push(Unlocking { amount, release_at })
				.map_err(|_| Error::<T>::TooManyUnlocking),
		}
	}

	/// When what leaves now is released.
	fn release_at() -> BlockNumberFor<T> {
		T::WorkingTime::now().saturating_add(T::UnbondingPeriod::get())
	}

	/// The node of `account`, which it isn't giving up and whose stake is here.
	fn staying_with_stake(account: &T::AccountId) -> Result<NodeOf<T>, Error<T>> {
		let node = Self::staying(account)?;
		ensure!(node.role != Role::Validator, Error::<T>::BondedElsewhere);
		Ok(node)
	}

	/// Books that `taken` is gone: from what is bonded, then from what is leaving, newest first, because
	/// that is what would still be there if the penalty had come earlier.
	fn book_loss(node: &mut NodeOf<T>, taken: Balance) {
		let bonded = taken.min(node.stake);
		let left = node.stake.saturating_sub(bonded);
		Self::set_stake(node, left);
		let mut rest = taken.saturating_sub(bonded);
		while !rest.is_zero() {
			let Some(newest) = node.unlocking.last_mut() else {
				defensive!("more was taken than was at stake");
				return;
			};
			let part = rest.min(newest.amount);
			newest.amount = newest.amount.saturating_sub(part);
			rest = rest.saturating_sub(part);
			if newest.amount.is_zero() {
				node.unlocking.pop();
			}
		}
	}

	/// Gives `share` of what was taken to `reporter`, and the rest to where slashes go. Gives what the
	/// reporter got: nothing if it can't receive it.
	fn distribute(taken: CreditOf<T>, reporter: Option<&T::AccountId>, share: Perbill) -> Balance {
		let cut = reporter.map_or(0, |_| share.mul_floor(taken.peek()));
		let (reward, rest) = taken.split(cut);
		let returned = match reporter {
			Some(reporter) if !cut.is_zero() => T::Currency::resolve(reporter, reward).err(),
			_ => Some(reward),
		};
		match returned {
			Some(reward) => {
				T::Slashed::on_unbalanced(rest.merge(reward));
				0
			}
			None => {
				T::Slashed::on_unbalanced(rest);
				cut
			}
		}
	}
}

impl<T: Config> Stakes<T::AccountId, Balance, BlockNumberFor<T>> for Pallet<T> {
	fn role_of(who: &T::AccountId) -> Option<Role> {
		Nodes::<T>::get(who).map(|node| node.role)
	}

	fn at_stake(who: &T::AccountId) -> Balance {
		Nodes::<T>::get(who).map_or(0, |node| node.at_stake())
	}

	fn slash_rate(role: Role, at: BlockNumberFor<T>) -> Perbill {
		Self::slash_rate_at(role, at)
	}

	fn seize(
		who: &T::AccountId,
		amount: Balance,
		reporter: Option<&T::AccountId>,
		share: Perbill,
	) -> (Balance, Balance) {
		let Some(mut node) = Nodes::<T>::get(who) else { return (0, 0) };
		let amount = amount.min(node.at_stake());
		if amount.is_zero() {
			return (0, 0);
		}

		// By N5 that much is held, so all of it is taken. Should less be, no more is booked.
		let (credit, _) = T::Currency::slash(&HoldReason::Stake.into(), who, amount);
		let taken = credit.peek();
		Self::book_loss(&mut node, taken);
		let to_reporter = Self::distribute(credit, reporter, share);
		Self::deposit_event(Event::Slashed { node: who.clone(), amount: taken, to_reporter });
		Self::note_activity(who, &mut node);
		Nodes::<T>::insert(who, node);
		(taken, to_reporter)
	}

	fn unbonding_period() -> BlockNumberFor<T> {
		T::UnbondingPeriod::get()
	}
}
