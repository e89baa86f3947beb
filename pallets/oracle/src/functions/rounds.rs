//! Rounds: opened, closed, failed. With `reports.rs` the only writer of [`Rounds`] and [`Reports`],
//! and the only one of [`LastRound`], [`Answers`] and [`History`].

use alloc::vec::Vec;

use frame_support::{
	defensive,
	traits::{Get, Time},
	weights::Weight,
};
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	feed::{FeedId, Value},
	median::median,
	traits::WorkingTime,
};
use sp_runtime::{
	traits::{One, Saturating},
	SaturatedConversion,
};

use crate::{
	types::needed_reports, Agreement, AgreementOf, Answers, Config, Event, FeedOf, Feeds, History,
	LastRound, Pallet, Reports, Round, RoundOf, Rounds, WeightInfo,
};

impl<T: Config> Pallet<T> {
	/// Opens the next round of a feed that is due. Gives the weight of that.
	pub(crate) fn open_round_of(id: FeedId, now: BlockNumberFor<T>) -> Weight {
		let Some(feed) = Feeds::<T>::get(id) else {
			defensive!("a feed that does not exist is on the agenda");
			Self::unschedule(id);
			return T::WeightInfo::open_round(0);
		};
		let assigned: u32 = feed.reporters.len().saturated_into();
		let Some(index) = LastRound::<T>::get(id).checked_add(1) else {
			// Out of numbers after 2^32 rounds. The feed ends, rather than use a number twice.
			Self::unschedule(id);
			return T::WeightInfo::open_round(assigned);
		};
		let round = Round {
			index,
			opened_at: now,
			deadline: now.saturating_add(feed.spec.deadline),
			needed: needed_reports(T::Quorum::get(), assigned),
			reports: 0,
			reporters: feed.reporters,
		};

		LastRound::<T>::insert(id, index);
		Rounds::<T>::insert(id, &round);
		Self::schedule(id, round.deadline);
		Self::deposit_event(Event::RoundOpened {
			feed: id,
			round: index,
			reporters: round.reporters,
			deadline: round.deadline,
		});
		T::WeightInfo::open_round(assigned)
	}

	/// Ends a round whose deadline has passed. Gives the weight of that.
	pub(crate) fn expire_round(id: FeedId, round: RoundOf<T>, now: BlockNumberFor<T>) -> Weight {
		let weight = T::WeightInfo::expire_round(round.reporters.len().saturated_into());
		let opened_at = round.opened_at;
		Self::fail_round(id, round);
		match Feeds::<T>::get(id) {
			Some(feed) => Self::schedule_next_round(id, &feed, opened_at, now),
			None => {
				defensive!("a feed that does not exist has an open round");
				Self::unschedule(id);
			}
		}
		weight
	}

	/// Ends a round without a value. Leaves the agenda to the caller.
	pub(crate) fn fail_round(id: FeedId, round: RoundOf<T>) {
		Self::end_round(id, &round);
		Self::deposit_event(Event::RoundFailed {
			feed: id,
			round: round.index,
			reports: round.reports,
			needed: round.needed,
		});
	}

	/// Ends a round that has the reports it needs: their median is the feed's new answer.
	pub(crate) fn close_round(id: FeedId, feed: &FeedOf<T>, round: RoundOf<T>) {
		let now = T::WorkingTime::now();
		let mut values = Self::end_round(id, &round);
		let Some(value) = median(&mut values) else {
			defensive!("a round closes without reports");
			return Self::schedule_next_round(id, feed, round.opened_at, now);
		};
		let assigned = round.reporters.len().saturated_into();
		Self::remember(
			id,
			Agreement {
				value,
				round: round.index,
				reports: round.reports,
				assigned,
				block: frame_system::Pallet::<T>::block_number(),
				working_time: now,
				moment: T::TimeProvider::now(),
			},
		);
		Self::schedule_next_round(id, feed, round.opened_at, now);
		Self::deposit_event(Event::RoundClosed {
			feed: id,
			round: round.index,
			value,
			reports: round.reports,
			assigned,
		});
	}

	/// Removes a round and takes out its reports. Asks for each reporter of the round, so that
	/// nothing counts but one value of each.
	fn end_round(id: FeedId, round: &RoundOf<T>) -> Vec<Value> {
		Rounds::<T>::remove(id);
		round.reporters.iter().filter_map(|who| Reports::<T>::take(id, who)).collect()
	}

	/// Makes `agreement` the feed's answer and the last entry of its history.
	fn remember(id: FeedId, agreement: AgreementOf<T>) {
		History::<T>::mutate(id, |history| {
			if history.is_full() {
				history.remove(0);
			}
			if history.try_push(agreement.clone()).is_err() {
				defensive!("there is no room in a history after its oldest entry was removed");
			}
		});
		Answers::<T>::insert(id, agreement);
	}

	/// One heartbeat after the last opening, however early the round ended.
	fn schedule_next_round(
		id: FeedId,
		feed: &FeedOf<T>,
		opened_at: BlockNumberFor<T>,
		now: BlockNumberFor<T>,
	) {
		// Later than now even if the agenda was so full that the round ended a heartbeat late.
		let earliest = now.saturating_add(One::one());
		Self::schedule(id, opened_at.saturating_add(feed.spec.heartbeat).max(earliest));
	}
}
