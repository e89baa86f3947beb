//! Tiers: what roles ask and pay, and since when. The only writer of [`Tiers`] and [`RewardIndex`].

use frame_support::{
	dispatch::DispatchResult,
	ensure,
	traits::{fungible::Inspect as _, Get},
};
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	app_key::Role,
	node::{genesis_tier, Tier},
	traits::{ValidatorStakes, WorkingTime},
	Balance,
};
use sp_runtime::{
	traits::{Saturating, Zero},
	Perbill, SaturatedConversion,
};

use crate::{Config, Error, Event, Growth, Pallet, RewardIndex, TierHistoryOf, Tiers};

impl<T: Config> Pallet<T> {
	/// The only way to change a tier.
	pub(crate) fn do_set_tier(role: Role, tier: Tier<Balance>) -> DispatchResult {
		if let Some(fault) = Self::tier_fault(&tier) {
			return Err(fault.into());
		}
		let now = T::WorkingTime::now();
		let mut history = Tiers::<T>::get(role);
		if history.is_empty() {
			// Until now it was what it is at genesis, and earlier faults are punished at its rate.
			Self::push_tier(&mut history, Zero::zero(), genesis_tier(role))?;
		}
		Self::push_tier(&mut history, now, tier)?;

		Tiers::<T>::insert(role, history);
		RewardIndex::<T>::insert(
			role,
			Growth { index: Self::index_at(role, now), at: now, rate: tier.yearly_reward },
		);
		if role == Role::Validator {
			T::Validators::set_minimum(tier.minimum);
		}
		Self::deposit_event(Event::TierSet { role, tier, from: now });
		Ok(())
	}

	/// The tier with which a role begins. Genesis has no clock yet, and the staking pallet has its own
	/// genesis for the minimum of validators.
	pub(crate) fn begin_with(role: Role, tier: Tier<Balance>) {
		assert!(Self::tier_fault(&tier).is_none(), "a tier at genesis makes no sense");
		let zero = BlockNumberFor::<T>::zero();
		let mut history = TierHistoryOf::<T>::default();
		assert!(history.try_push((zero, tier)).is_ok(), "no tier can be remembered");
		Tiers::<T>::insert(role, history);
		RewardIndex::<T>::insert(role, Growth { index: 0, at: zero, rate: tier.yearly_reward });
	}

	/// Why `tier` makes no sense. `None`: it does.
	pub(crate) fn tier_fault(tier: &Tier<Balance>) -> Option<Error<T>> {
		if tier.minimum < T::Currency::minimum_balance().max(1) {
			return Some(Error::<T>::MinimumTooSmall);
		}
		tier.slash.is_zero().then_some(Error::<T>::SlashRateZero)
	}

	/// What `role` asks and pays now.
	pub(crate) fn tier_of(role: Role) -> Tier<Balance> {
		Tiers::<T>::get(role).last().map_or_else(|| genesis_tier(role), |(_, tier)| *tier)
	}

	/// What a fault of full severity cost in `role` in the working block `at`.
	pub(crate) fn slash_rate_at(role: Role, at: BlockNumberFor<T>) -> Perbill {
		let history = Tiers::<T>::get(role);
		let then = history.iter().rev().find(|(from, _)| *from <= at);
		// What was forgotten is older than any fault that may be reported.
		let tier = then.or(history.first()).map(|(_, tier)| tier.slash);
		tier.unwrap_or_else(|| genesis_tier(role).slash)
	}

	/// How far `role`'s stake has grown until the working block `now`: the sum of its yearly rates in
	/// billionths.
	pub(crate) fn index_at(role: Role, now: BlockNumberFor<T>) -> u128 {
		let growth = RewardIndex::<T>::get(role).unwrap_or_else(|| Growth {
			index: 0,
			at: Zero::zero(),
			rate: genesis_tier(role).yearly_reward,
		});
		let blocks: u128 = now.saturating_sub(growth.at).saturated_into();
		let grown = blocks.saturating_mul(u128::from(growth.rate.deconstruct()));
		growth.index.saturating_add(grown)
	}

	/// `tier` is valid from `from` on. Forgets the oldest if there is no room and no fault of its time can
	/// be punished any more.
	fn push_tier(
		history: &mut TierHistoryOf<T>,
		from: BlockNumberFor<T>,
		tier: Tier<Balance>,
	) -> Result<(), Error<T>> {
		if let Some((_, latest)) = history.last_mut().filter(|(since, _)| *since == from) {
			*latest = tier;
			return Ok(());
		}
		if history.is_full() {
			// The oldest was valid until the second began.
			let over = history.get(1).map(|(until, _)| *until);
			let long_ago =
				|until: BlockNumberFor<T>| until.saturating_add(T::UnbondingPeriod::get()) < from;
			ensure!(over.is_some_and(long_ago), Error::<T>::TooManyTierChanges);
			history.remove(0);
		}
		history.try_push((from, tier)).map_err(|_| Error::<T>::TooManyTierChanges)
	}
}
