//! Feeds: created, changed, paused and removed. The only writer of [`Feeds`] and [`FeedsOf`].

use alloc::collections::BTreeSet;

use frame_support::{dispatch::DispatchResult, ensure, traits::Get};
use rwa_primitives::feed::FeedId;
use sp_runtime::SaturatedConversion;

use crate::{
	types::SpecFault, Answers, Config, Due, Error, Event, Feed, FeedSpecOf, Feeds, FeedsOf,
	History, Pallet, ReportersOf, Rounds,
};

impl<T: Config> From<SpecFault> for Error<T> {
	fn from(fault: SpecFault) -> Self {
		match fault {
			SpecFault::Unit => Self::BadUnit,
			SpecFault::Decimals => Self::TooManyDecimals,
			SpecFault::Bounds => Self::BadBounds,
			SpecFault::Deadline => Self::DeadlineTooShort,
			SpecFault::Heartbeat => Self::HeartbeatTooShort,
			SpecFault::MaxAge => Self::MaxAgeTooShort,
		}
	}
}

impl<T: Config> Pallet<T> {
	/// The only way to create a feed.
	pub(crate) fn do_create_feed(
		id: FeedId,
		spec: FeedSpecOf<T>,
		reporters: ReportersOf<T>,
	) -> DispatchResult {
		ensure!(!Feeds::<T>::contains_key(id), Error::<T>::FeedExists);
		if let Some(fault) = spec.fault(T::MinDeadline::get()) {
			return Err(Error::<T>::from(fault).into());
		}
		let accounts = Self::distinct(&reporters)?;
		Self::ensure_room(accounts.iter().copied())?;

		accounts.into_iter().for_each(|account| Self::link(id, account));
		Feeds::<T>::insert(id, Feed { spec: spec.clone(), reporters: reporters.clone() });
		Self::schedule(id, Self::next_working_block());
		Self::deposit_event(Event::FeedCreated { feed: id, spec, reporters });
		Ok(())
	}

	/// The only way to change who reports. The open round keeps its reporters.
	pub(crate) fn do_set_reporters(id: FeedId, reporters: ReportersOf<T>) -> DispatchResult {
		let feed = Feeds::<T>::get(id).ok_or(Error::<T>::UnknownFeed)?;
		let after = Self::distinct(&reporters)?;
		let before: BTreeSet<&T::AccountId> = feed.reporters.iter().collect();
		Self::ensure_room(after.difference(&before).copied())?;

		before.difference(&after).for_each(|account| Self::unlink(id, account));
		after.difference(&before).for_each(|account| Self::link(id, account));
		Feeds::<T>::insert(id, Feed { spec: feed.spec, reporters: reporters.clone() });
		Self::deposit_event(Event::ReportersSet { feed: id, reporters });
		Ok(())
	}

	/// The only way to pause a feed.
	pub(crate) fn do_pause_feed(id: FeedId) -> DispatchResult {
		ensure!(Feeds::<T>::contains_key(id), Error::<T>::UnknownFeed);
		ensure!(Due::<T>::contains_key(id), Error::<T>::AlreadyPaused);

		if let Some(round) = Rounds::<T>::get(id) {
			Self::fail_round(id, round);
		}
		Self::unschedule(id);
		Self::deposit_event(Event::FeedPaused { feed: id });
		Ok(())
	}

	/// The only way to let a paused feed go on.
	pub(crate) fn do_resume_feed(id: FeedId) -> DispatchResult {
		ensure!(Feeds::<T>::contains_key(id), Error::<T>::UnknownFeed);
		ensure!(!Due::<T>::contains_key(id), Error::<T>::NotPaused);

		Self::schedule(id, Self::next_working_block());
		Self::deposit_event(Event::FeedResumed { feed: id });
		Ok(())
	}

	/// The only way to remove a feed. [`crate::LastRound`] stays.
	pub(crate) fn do_remove_feed(id: FeedId) -> DispatchResult {
		let feed = Feeds::<T>::get(id).ok_or(Error::<T>::UnknownFeed)?;

		if let Some(round) = Rounds::<T>::get(id) {
			Self::fail_round(id, round);
		}
		Self::unschedule(id);
		feed.reporters.iter().for_each(|account| Self::unlink(id, account));
		Feeds::<T>::remove(id);
		Answers::<T>::remove(id);
		History::<T>::remove(id);
		Self::deposit_event(Event::FeedRemoved { feed: id });
		Ok(())
	}

	/// The reporters as a set, if they are enough and each is named once.
	fn distinct(reporters: &ReportersOf<T>) -> Result<BTreeSet<&T::AccountId>, Error<T>> {
		let least: usize = T::MinReporters::get().saturated_into();
		ensure!(reporters.len() >= least, Error::<T>::TooFewReporters);
		let distinct: BTreeSet<&T::AccountId> = reporters.iter().collect();
		ensure!(distinct.len() == reporters.len(), Error::<T>::DuplicateReporter);
		Ok(distinct)
	}

	/// Whether each of the accounts can take on one more feed.
	fn ensure_room<'a>(mut accounts: impl Iterator<Item = &'a T::AccountId>) -> DispatchResult
	where
		T::AccountId: 'a,
	{
		let most: usize = T::MaxFeedsPerReporter::get().saturated_into();
		let room = accounts.all(|account| FeedsOf::<T>::decode_len(account).unwrap_or(0) < most);
		ensure!(room, Error::<T>::TooManyFeeds);
		Ok(())
	}

	/// Notes that `account` reports to `id`. There is room: [`Self::ensure_room`].
	fn link(id: FeedId, account: &T::AccountId) {
		FeedsOf::<T>::mutate(account, |feeds| {
			if feeds.try_push(id).is_err() {
				frame_support::defensive!("a reporter has more feeds than were counted");
			}
		});
	}

	/// Notes that `account` reports to `id` no more.
	fn unlink(id: FeedId, account: &T::AccountId) {
		FeedsOf::<T>::mutate_exists(account, |feeds| {
			if let Some(list) = feeds {
				list.retain(|feed| *feed != id);
				if list.is_empty() {
					*feeds = None;
				}
			}
		});
	}
}
