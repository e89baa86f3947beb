//! Money: what feeds have, and what they pay. The only writer of [`Budgets`].

use frame_support::{
	dispatch::DispatchResult,
	ensure,
	storage::with_storage_layer,
	traits::{
		fungible::hold::Mutate as _,
		tokens::{Fortitude, Precision, Preservation, Restriction},
		Get,
	},
};
use rwa_primitives::{
	feed::{FeedId, RoundIndex},
	Balance,
};
use sp_runtime::{ArithmeticError, DispatchError};

use crate::{Budgets, Config, Error, Event, FeedOf, Feeds, HoldReason, Pallet};

impl<T: Config> Pallet<T> {
	/// The only way to add to a feed's budget.
	pub(crate) fn do_top_up(id: FeedId, from: T::AccountId, amount: Balance) -> DispatchResult {
		let feed = Feeds::<T>::get(id).ok_or(Error::<T>::UnknownFeed)?;
		ensure!(amount > 0, Error::<T>::NoAmount);
		let budget = Budgets::<T>::get(id).checked_add(amount).ok_or(ArithmeticError::Overflow)?;

		T::Currency::transfer_and_hold(
			&HoldReason::FeedBudget.into(),
			&from,
			&feed.payer,
			amount,
			Precision::Exact,
			Preservation::Preserve,
			Fortitude::Polite,
		)?;
		Budgets::<T>::insert(id, budget);
		Self::deposit_event(Event::ToppedUp { feed: id, from, amount, budget });
		Self::try_sooner(id, &feed);
		Ok(())
	}

	/// Whether the budget is enough for a round of `size` reporters, all of whose reports are accepted.
	pub(crate) fn can_pay(id: FeedId, feed: &FeedOf<T>, size: u32) -> bool {
		let each = feed.spec.reward.checked_add(T::DutyFee::get());
		let price = each.and_then(|each| each.checked_mul(size.into()));
		price.is_some_and(|price| price <= Budgets::<T>::get(id))
	}

	/// Takes the fee for a round of `size` reporters. Gives how much it was. The caller has seen that the feed
	/// can pay.
	pub(crate) fn charge_for_round(id: FeedId, feed: &FeedOf<T>, size: u32) -> Balance {
		let fee = T::DutyFee::get().saturating_mul(size.into());
		// Fails only if the fee doesn't make an account of the treasury's. Then the feed keeps the money.
		if fee == 0 || Self::pay_one(feed, &T::Treasury::get(), fee).is_err() {
			return 0;
		}
		Self::set_budget(id, Budgets::<T>::get(id).saturating_sub(fee));
		fee
	}

	/// Pays each of the `accepted` what the feed promises. The budget was enough when the round opened, and
	/// nothing else is paid from it.
	pub(crate) fn pay(
		id: FeedId,
		feed: &FeedOf<T>,
		round: RoundIndex,
		accepted: impl Iterator<Item = T::AccountId>,
	) {
		let each = feed.spec.reward;
		if each == 0 {
			return;
		}
		let mut budget = Budgets::<T>::get(id);
		let mut reporters = 0u32;
		for reporter in accepted {
			// Fails only for an account that is gone and too small a reward to revive it. Then the feed
			// keeps the money.
			if Self::pay_one(feed, &reporter, each).is_ok() {
				budget = budget.saturating_sub(each);
				reporters = reporters.saturating_add(1);
			}
		}
		if reporters > 0 {
			Self::set_budget(id, budget);
			Self::deposit_event(Event::Paid { feed: id, round, each, reporters });
		}
	}

	/// Gives what is left of a feed's budget back to its payer.
	pub(crate) fn refund(id: FeedId, feed: &FeedOf<T>) -> Result<Balance, DispatchError> {
		let budget = Budgets::<T>::take(id);
		let reason = HoldReason::FeedBudget.into();
		T::Currency::release(&reason, &feed.payer, budget, Precision::Exact)
	}

	fn pay_one(feed: &FeedOf<T>, reporter: &T::AccountId, amount: Balance) -> DispatchResult {
		// No dispatch around it would undo a payment that fails half-way.
		with_storage_layer(|| {
			T::Currency::transfer_on_hold(
				&HoldReason::FeedBudget.into(),
				&feed.payer,
				reporter,
				amount,
				Precision::Exact,
				Restriction::Free,
				Fortitude::Polite,
			)
			.map(|_| ())
		})
	}

	fn set_budget(id: FeedId, budget: Balance) {
		match budget {
			0 => Budgets::<T>::remove(id),
			_ => Budgets::<T>::insert(id, budget),
		}
	}
}
