//! Early rounds: called between two rounds, by alarms of the last committee or by somebody's money. The only
//! writer of [`Watches`] and [`EarlyRounds`].

use frame_support::{
	defensive,
	dispatch::DispatchResult,
	ensure,
	traits::{fungible::hold::Mutate as _, Get},
	BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	feed::{FeedId, RoundIndex, Statement},
	reading::Reading,
	traits::WorkingTime,
	Balance,
};
use sp_runtime::{traits::Saturating, ArithmeticError, SaturatedConversion};

use super::money::Verdict;
use crate::{
	Answers, Cause, Config, EarlyRound, EarlyRounds, Error, Event, FeedOf, Feeds, HoldReason,
	Pallet, Request, RequestOf, RoundFailure, RoundOf, Watch, WatchOf, Watcher, Watches,
};

/// Working blocks from a call to the round's opening.
///
/// The authors of these blocks stir up what the committee is drawn by ([`crate::Entropy`]), so that who calls a
/// round does not know its committee, unless it makes all of them: of those who make a tenth of all blocks one
/// call in 100,000. Without them an author could call exactly those rounds whose committee it likes.
pub(crate) const NOTICE: u32 = 5;

impl<T: Config> Pallet<T> {
	/// `round` has closed: until shortly before the next one is `due`, that can be called early.
	pub(crate) fn begin_watch(
		id: FeedId,
		feed: &FeedOf<T>,
		round: RoundOf<T>,
		due: BlockNumberFor<T>,
		shut: bool,
	) {
		// Earlier by less makes no difference to anybody.
		let least = T::MinPhase::get().saturating_add(NOTICE.into());
		let (since, until) =
			(round.opened_at.saturating_add(feed.spec.round_time()), due.saturating_sub(least));
		if since >= until {
			return;
		}
		let watchers = round.duties.into_iter().map(|duty| Watcher {
			reporter: duty.reporter,
			weight: duty.weight,
			alarmed: false,
		});
		let watch = Watch {
			round: round.index,
			since,
			until,
			due,
			assigned: round.assigned,
			// As many as there were duties.
			watchers: BoundedVec::truncate_from(watchers.collect()),
			shut,
		};
		Watches::<T>::insert(id, watch);
	}

	/// The next round opens, or is called: nobody calls it any more.
	pub(crate) fn end_watch(id: FeedId) {
		Watches::<T>::remove(id);
	}

	/// Every condition on an alarm, cheapest first. Gives the watch, and the reporter's place in it.
	pub(crate) fn admit_alarm(
		statement: &Statement,
		reporter: &T::AccountId,
	) -> Result<(WatchOf<T>, usize), Error<T>> {
		let watch = Self::watch_over(&statement.feed)?;
		let next = watch.round.checked_add(1).ok_or(Error::<T>::NotWatched)?;
		ensure!(statement.round >= next, Error::<T>::RoundNotOpen);
		ensure!(statement.round <= next, Error::<T>::RoundNotYetOpen);
		Self::ensure_time_to_call(&watch)?;
		ensure!(!watch.shut, Error::<T>::AlarmsShut);
		let (place, watcher) = watch
			.watchers
			.iter()
			.enumerate()
			.find(|(_, watcher)| watcher.reporter == *reporter)
			.ok_or(Error::<T>::NotWatching)?;
		ensure!(!watcher.alarmed, Error::<T>::AlreadyAlarmed);
		Ok((watch, place))
	}

	/// Notes an admitted alarm. With a third of the weight it calls the next round.
	pub(crate) fn take_alarm(
		id: FeedId,
		mut watch: WatchOf<T>,
		place: usize,
		reporter: &T::AccountId,
	) {
		let Some(watcher) = watch.watchers.get_mut(place) else {
			defensive!("an alarm of nobody was admitted");
			return;
		};
		watcher.alarmed = true;
		let weight = watcher.weight;
		Self::deposit_event(Event::AlarmRaised {
			feed: id,
			round: watch.round.saturating_add(1),
			reporter: reporter.clone(),
			weight,
			alarmed: watch.alarmed(),
			assigned: watch.assigned,
		});
		match watch.calls() {
			true => Self::call_early(id, &watch, None),
			false => Watches::<T>::insert(id, watch),
		}
	}

	/// The only way to call a round by money.
	pub(crate) fn do_request_round(id: FeedId, requester: T::AccountId) -> DispatchResult {
		let watch = Self::watch_over(&id)?;
		let next = watch.round.checked_add(1).ok_or(Error::<T>::NotWatched)?;
		Self::ensure_time_to_call(&watch)?;
		let feed = Feeds::<T>::get(id).ok_or(Error::<T>::UnknownFeed)?;
		let price = Self::most_that_a_round_costs(id, &feed)?;
		let bond = T::RequestBond::get();
		let request = Request { requester: requester.clone(), bond, price };
		let sum = bond.checked_add(price).ok_or(ArithmeticError::Overflow)?;

		T::Currency::hold(&HoldReason::RoundRequest.into(), &requester, sum)?;
		Self::deposit_event(Event::RoundRequested {
			feed: id,
			round: next,
			requester,
			bond,
			price,
		});
		Self::call_early(id, &watch, Some(request));
		Ok(())
	}

	/// The next round can't open. If it was called early, it is called no more; gives when it is due then.
	pub(crate) fn drop_early(
		id: FeedId,
		feed: &FeedOf<T>,
		reason: &RoundFailure,
	) -> Option<BlockNumberFor<T>> {
		let EarlyRound { round, due, request, .. } = EarlyRounds::<T>::take(id)?;
		let reason = reason.clone();
		Self::deposit_event(Event::EarlyRoundDropped { feed: id, round, reason });
		if let Some(request) = request {
			Self::settle_request(id, feed, round, request, Verdict::Void);
		}
		Some(due)
	}

	/// A round has ended without an answer, or never opens. Whoever has put up money for it is not to blame. If it was
	/// called early, gives when the heartbeat's is due: in vain, it puts nothing off.
	pub(crate) fn void_early(id: FeedId, feed: &FeedOf<T>) -> Option<BlockNumberFor<T>> {
		let EarlyRound { round, due, request, .. } = EarlyRounds::<T>::take(id)?;
		if let Some(request) = request {
			Self::settle_request(id, feed, round, request, Verdict::Void);
		}
		Some(due)
	}

	/// The next round has opened, for a fee. If it was called early, whoever has called it may have to pay that.
	pub(crate) fn note_early_fee(id: FeedId, fee: Balance) {
		if let Some(early) = EarlyRounds::<T>::get(id) {
			EarlyRounds::<T>::insert(id, EarlyRound { fee, ..early });
		}
	}

	/// A round has closed that has paid its reporters `paid`; `moved`: its answer is another one. Whether alarms
	/// are shut now.
	pub(crate) fn settle_early(id: FeedId, feed: &FeedOf<T>, moved: bool, paid: Balance) -> bool {
		let Some(early) = EarlyRounds::<T>::take(id) else { return false };
		let round = early.round;
		match early.request {
			Some(request) => {
				let verdict = match moved {
					true => Verdict::Founded,
					false => Verdict::Unfounded { cost: early.fee.saturating_add(paid) },
				};
				Self::settle_request(id, feed, round, request, verdict);
				early.shut
			}
			None if moved => false,
			None => {
				Self::deposit_event(Event::AlarmsShut { feed: id, round });
				true
			}
		}
	}

	/// A feed without an open round is paused or removed: no round is called, and one that was never opens.
	pub(crate) fn stand_down(id: FeedId, feed: &FeedOf<T>) {
		Self::end_watch(id);
		Self::void_early(id, feed);
	}

	/// Whether `reading` is another answer than the feed's, by the feed's own measure.
	pub(crate) fn is_news(id: FeedId, feed: &FeedOf<T>, reading: &Reading) -> bool {
		Answers::<T>::get(id)
			.is_some_and(|answer| feed.spec.deviation.deviates(reading, &answer.reading))
	}

	/// Whether the next round can be called in working block `now`, whoever calls.
	pub(crate) fn is_time_to_call(watch: &WatchOf<T>, now: BlockNumberFor<T>) -> bool {
		watch.since <= now && now < watch.until
	}

	fn ensure_time_to_call(watch: &WatchOf<T>) -> Result<(), Error<T>> {
		let now = T::WorkingTime::now();
		ensure!(now >= watch.since, Error::<T>::CallTooEarly);
		ensure!(Self::is_time_to_call(watch, now), Error::<T>::CallTooLate);
		Ok(())
	}

	fn watch_over(id: &FeedId) -> Result<WatchOf<T>, Error<T>> {
		Watches::<T>::get(id).ok_or_else(|| match Feeds::<T>::contains_key(id) {
			true => Error::<T>::NotWatched,
			false => Error::<T>::UnknownFeed,
		})
	}

	/// The price of a round of the whole committee, if the budget pays one of those who have joined.
	fn most_that_a_round_costs(id: FeedId, feed: &FeedOf<T>) -> Result<Balance, Error<T>> {
		let joined: u32 = feed.roster.len().saturated_into();
		let size = feed.spec.committee.min(joined);
		ensure!(Self::can_pay(id, feed, size), Error::<T>::BudgetTooSmall);
		Self::price_of_round(feed, feed.spec.committee).ok_or(Error::<T>::BudgetTooSmall)
	}

	/// Makes the next round due after [`NOTICE`].
	fn call_early(id: FeedId, watch: &WatchOf<T>, request: Option<RequestOf<T>>) {
		let round: RoundIndex = watch.round.saturating_add(1);
		let opens_at = T::WorkingTime::now().saturating_add(NOTICE.into());
		let cause = if request.is_some() { Cause::Request } else { Cause::Alarm };
		Self::end_watch(id);
		let early = EarlyRound { round, due: watch.due, request, shut: watch.shut, fee: 0 };
		EarlyRounds::<T>::insert(id, early);
		Self::schedule(id, opens_at);
		Self::deposit_event(Event::EarlyRound { feed: id, round, cause, opens_at });
	}
}
