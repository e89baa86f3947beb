//! Rosters: who has joined which feed. The only writer of [`FeedsOf`] and [`Departed`].

use frame_support::{defensive, dispatch::DispatchResult, ensure, traits::Get};
use rwa_primitives::{
	app_key::Role,
	feed::FeedId,
	traits::{AppKeys, Reputation},
};
use sp_runtime::SaturatedConversion;

use crate::{
	AdmissionOf, Config, Departed, Error, Event, FeedOf, Feeds, FeedsOf, Pallet, Records, RosterOf,
};

impl<T: Config> Pallet<T> {
	/// The only way to join a feed.
	pub(crate) fn do_join_feed(id: FeedId, reporter: T::AccountId) -> DispatchResult {
		let mut feed = Feeds::<T>::get(id).ok_or(Error::<T>::UnknownFeed)?;
		ensure!(T::AppKeys::is_active(&reporter, Role::Oracle), Error::<T>::NotAnOracle);
		let weight = T::Reputation::vote_weight(&reporter);
		ensure!(weight > 0, Error::<T>::NoWeight);
		ensure!(feed.admission.admits(&reporter), Error::<T>::NotInvited);
		ensure!(!feed.roster.contains(&reporter), Error::<T>::AlreadyJoined);
		let joined: u32 = FeedsOf::<T>::decode_len(&reporter).unwrap_or(0).saturated_into();
		ensure!(joined < T::MaxFeedsPerReporter::get(), Error::<T>::TooManyFeeds);
		let replaced = match feed.roster.is_full() {
			true => Some(Self::make_room(&mut feed, weight)?),
			false => None,
		};

		feed.roster.try_push(reporter.clone()).map_err(|_| Error::<T>::RosterFull)?;
		if let Some(leaver) = &replaced {
			Self::unlink(id, leaver);
			Self::see_off(id, &feed, leaver);
		}
		Feeds::<T>::insert(id, &feed);
		Self::link(id, &reporter);
		Self::forget_departure(id, &reporter);
		Self::deposit_event(Event::Joined { feed: id, reporter, replaced });
		Self::try_sooner(id, &feed);
		Ok(())
	}

	/// The only way to leave a feed.
	pub(crate) fn do_leave_feed(id: FeedId, reporter: T::AccountId) -> DispatchResult {
		let mut feed = Feeds::<T>::get(id).ok_or(Error::<T>::UnknownFeed)?;
		ensure!(feed.roster.contains(&reporter), Error::<T>::NotJoined);

		feed.roster.retain(|account| *account != reporter);
		Self::unlink(id, &reporter);
		Self::see_off(id, &feed, &reporter);
		Feeds::<T>::insert(id, feed);
		Self::deposit_event(Event::Left { feed: id, reporter });
		Ok(())
	}

	/// Takes off the roster whom `admission` doesn't admit. Nobody is judged by it: that would make the call
	/// as expensive as a full roster's penalties.
	pub(crate) fn take_off_uninvited(id: FeedId, feed: &mut FeedOf<T>, admission: &AdmissionOf<T>) {
		let roster = core::mem::take(&mut feed.roster).into_inner();
		let (stay, go): (alloc::vec::Vec<_>, alloc::vec::Vec<_>) =
			roster.into_iter().partition(|account| admission.admits(account));
		feed.roster = RosterOf::<T>::truncate_from(stay);
		for reporter in go {
			Self::unlink(id, &reporter);
			Self::note_departure(id, &reporter);
			Self::deposit_event(Event::Left { feed: id, reporter });
		}
	}

	/// Forgets all who have joined a feed, and their records.
	pub(crate) fn disband(id: FeedId, roster: &RosterOf<T>) {
		for account in roster {
			Self::unlink(id, account);
			Records::<T>::remove(id, account);
		}
		for account in Departed::<T>::take(id) {
			Records::<T>::remove(id, account);
		}
	}

	/// What `account`'s word weighs in a round that opens now. 0: it can't be drawn.
	pub(crate) fn weight_of(account: &T::AccountId) -> u128 {
		match T::AppKeys::is_active(account, Role::Oracle) {
			true => T::Reputation::vote_weight(account),
			false => 0,
		}
	}

	/// Takes the lightest reporter off a full roster, if it is lighter than `weight`; of several the one that
	/// joined last.
	fn make_room(feed: &mut FeedOf<T>, weight: u128) -> Result<T::AccountId, Error<T>> {
		let weights = feed.roster.iter().map(Self::weight_of).enumerate();
		let (lightest, least) =
			weights.rev().min_by_key(|(_, weight)| *weight).ok_or(Error::<T>::RosterFull)?;
		ensure!(least < weight, Error::<T>::RosterFull);
		Ok(feed.roster.remove(lightest))
	}

	/// `account` is on the roster no more.
	///
	/// Its record is judged now if it is guilty whatever the rest of the window would have brought; otherwise
	/// it is kept as long as there is something in it, so that leaving and joining again washes nothing.
	fn see_off(id: FeedId, feed: &FeedOf<T>, account: &T::AccountId) {
		let record = Records::<T>::get(id, account);
		if Self::is_guilty(&record) {
			Records::<T>::remove(id, account);
			Self::judge(id, feed, account, record);
		}
		Self::note_departure(id, account);
	}

	/// Keeps the record of `account`, which isn't on the roster, if there is anything in it that it could be
	/// blamed for; and forgets it otherwise.
	pub(crate) fn note_departure(id: FeedId, account: &T::AccountId) {
		if Records::<T>::get(id, account).is_clean() {
			Records::<T>::remove(id, account);
			return Self::forget_departure(id, account);
		}
		Departed::<T>::mutate(id, |departed| {
			if departed.contains(account) {
				return;
			}
			if departed.is_full() {
				Records::<T>::remove(id, departed.remove(0));
			}
			if departed.try_push(account.clone()).is_err() {
				defensive!("there is no room among the departed after the first was forgiven");
			}
		});
	}

	/// `account` has joined, or there is nothing left to blame it for.
	fn forget_departure(id: FeedId, account: &T::AccountId) {
		Departed::<T>::mutate_exists(id, |departed| {
			if let Some(list) = departed {
				list.retain(|gone| gone != account);
				if list.is_empty() {
					*departed = None;
				}
			}
		});
	}

	/// Notes that `account` has joined `id`. The caller has counted.
	fn link(id: FeedId, account: &T::AccountId) {
		FeedsOf::<T>::mutate(account, |feeds| {
			if feeds.try_push(id).is_err() {
				defensive!("a reporter has more feeds than were counted");
			}
		});
	}

	/// Notes that `account` has left `id`.
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
