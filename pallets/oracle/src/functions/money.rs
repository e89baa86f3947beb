//! Money: what feeds have, and what they pay. The only writer of [`Budgets`].

use frame_support::{
	defensive,
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

use crate::{Budgets, Config, Error, Event, FeedOf, Feeds, HoldReason, Pallet, RequestOf};

/// What became of a round that somebody has put up money for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
	/// It has no answer, or did not open: nobody knows whether it was needed.
	Void,
	/// Its answer is another one.
	Founded,
	/// Its answer is much the same, and has cost the feed this.
	Unfounded { cost: Balance },
}

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
		Self::price_of_round(feed, size).is_some_and(|price| price <= Budgets::<T>::get(id))
	}

	/// What a round of `size` reporters costs, all of whose reports are accepted. `None`: more than there can be.
	pub(crate) fn price_of_round(feed: &FeedOf<T>, size: u32) -> Option<Balance> {
		let each = feed.spec.reward.checked_add(T::DutyFee::get())?;
		each.checked_mul(size.into())
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
	/// nothing else is paid from it. Gives the sum.
	pub(crate) fn pay(
		id: FeedId,
		feed: &FeedOf<T>,
		round: RoundIndex,
		accepted: impl Iterator<Item = T::AccountId>,
	) -> Balance {
		let each = feed.spec.reward;
		if each == 0 {
			return 0;
		}
		let (mut budget, mut paid) = (Budgets::<T>::get(id), 0);
		let mut reporters = 0u32;
		for reporter in accepted {
			// Fails only for an account that is gone and too small a reward to revive it. Then the feed
			// keeps the money.
			if Self::pay_one(feed, &reporter, each).is_ok() {
				budget = budget.saturating_sub(each);
				paid = each.saturating_add(paid);
				reporters = reporters.saturating_add(1);
			}
		}
		if reporters > 0 {
			Self::set_budget(id, budget);
			Self::deposit_event(Event::Paid { feed: id, round, each, reporters });
		}
		paid
	}

	/// Gives what is left of a feed's budget back to its payer.
	pub(crate) fn refund(id: FeedId, feed: &FeedOf<T>) -> Result<Balance, DispatchError> {
		let budget = Budgets::<T>::take(id);
		let reason = HoldReason::FeedBudget.into();
		T::Currency::release(&reason, &feed.payer, budget, Precision::Exact)
	}

	/// The only way in which what is held for a request is paid or given back.
	///
	/// An account that can't be paid, which neither a payer's nor the treasury's is, leaves the money to the
	/// requester: a round must come to its end.
	pub(crate) fn settle_request(
		id: FeedId,
		feed: &FeedOf<T>,
		round: RoundIndex,
		request: RequestOf<T>,
		verdict: Verdict,
	) {
		let (charged, forfeited) = match verdict {
			Verdict::Void | Verdict::Founded => (0, 0),
			Verdict::Unfounded { cost } => {
				let charged = Self::charge(feed, &request, cost).unwrap_or(0);
				(charged, Self::forfeit(&request).unwrap_or(0))
			}
		};
		if charged > 0 {
			Self::set_budget(id, Budgets::<T>::get(id).saturating_add(charged));
		}
		let rest = request.held().saturating_sub(charged).saturating_sub(forfeited);
		let requester = request.requester;
		let reason = HoldReason::RoundRequest.into();
		if T::Currency::release(&reason, &requester, rest, Precision::Exact).is_err() {
			defensive!("what was held for a request is not there");
		}
		Self::deposit_event(Event::RequestSettled {
			feed: id,
			round,
			requester,
			founded: verdict == Verdict::Founded,
			charged,
			forfeited,
		});
	}

	/// Puts `cost` from what is held for a request into the hold of the feed's budget. Gives that.
	fn charge(
		feed: &FeedOf<T>,
		request: &RequestOf<T>,
		cost: Balance,
	) -> Result<Balance, DispatchError> {
		let amount = cost.min(request.price);
		if amount == 0 {
			return Ok(0);
		}
		with_storage_layer(|| {
			let reason = HoldReason::RoundRequest.into();
			T::Currency::release(&reason, &request.requester, amount, Precision::Exact)?;
			T::Currency::transfer_and_hold(
				&HoldReason::FeedBudget.into(),
				&request.requester,
				&feed.payer,
				amount,
				Precision::Exact,
				Preservation::Expendable,
				// By force: who has frozen its balance, for votes say, owes it all the same.
				Fortitude::Force,
			)
		})
	}

	/// Gives a request's bond to the treasury. Gives it.
	fn forfeit(request: &RequestOf<T>) -> Result<Balance, DispatchError> {
		with_storage_layer(|| {
			T::Currency::transfer_on_hold(
				&HoldReason::RoundRequest.into(),
				&request.requester,
				&T::Treasury::get(),
				request.bond,
				Precision::Exact,
				Restriction::Free,
				Fortitude::Force,
			)
		})
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
				// By force: who has frozen its balance, for votes say, would have rounds for nothing.
				Fortitude::Force,
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
