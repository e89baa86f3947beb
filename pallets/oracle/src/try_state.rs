//! What always holds between two blocks.

use alloc::collections::{BTreeMap, BTreeSet};

use frame_support::{
	ensure,
	traits::{fungible::InspectHold, Get},
};
use rwa_primitives::{aggregate::MAX_WEIGHT, traits::WorkingTime, Balance};
use sp_runtime::{SaturatedConversion, TryRuntimeError};

use crate::{
	Agenda, AgendaCursor, Answers, Budgets, Config, Demands, Departed, Due, EarlyRounds, Failures,
	Feeds, FeedsOf, History, HoldReason, LastRound, Pallet, Records, RoundOf, Rounds,
	TestimoniesIn, Watches,
};

impl<T: Config> Pallet<T> {
	/// Every invariant. The error names the one that is broken.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_feeds()?;
		Self::check_rounds()?;
		Self::check_answers()?;
		Self::check_feeds_of()?;
		Self::check_agenda()?;
		Self::check_budgets()?;
		Self::check_deposits()?;
		Self::check_records()?;
		Self::check_watches()?;
		Self::check_early_rounds()?;
		Self::check_testimonies()?;
		Self::check_demands()
	}

	/// O1: each feed has a sound spec, and a roster of distinct operators who are admitted.
	fn check_feeds() -> Result<(), TryRuntimeError> {
		let limits = Self::spec_limits();
		for feed in Feeds::<T>::iter_values() {
			ensure!(feed.spec.check(&limits).is_ok(), "O1: a feed's spec is not sound");
			let distinct: BTreeSet<_> = feed.roster.iter().collect();
			ensure!(distinct.len() == feed.roster.len(), "O1: a reporter has joined twice");
			ensure!(
				feed.roster.iter().all(|account| feed.admission.admits(account)),
				"O1: a reporter is in the roster who is not admitted"
			);
		}
		Ok(())
	}

	/// O2, O3: each open round is the newest of its feed, on the agenda, and paid for.
	fn check_rounds() -> Result<(), TryRuntimeError> {
		for (id, round) in Rounds::<T>::iter() {
			let feed = Feeds::<T>::get(id).ok_or("O3: a round of no feed is open")?;
			let due = Due::<T>::get(id).ok_or("O3: a round is open that is never due")?;
			ensure!(due <= round.deadline, "O3: a round is due after its deadline");
			ensure!(
				LastRound::<T>::get(id) == round.index,
				"O2: an open round is not its feed's newest"
			);
			ensure!(
				round.schema == feed.spec.schema,
				"O3: a round has another schema than its feed"
			);
			let price = feed.spec.reward.checked_mul(round.duties.len().saturated_into());
			ensure!(
				price.is_some_and(|price| price <= Budgets::<T>::get(id)),
				"O3: a feed can't pay those who work for it"
			);
			Self::check_duties(&round)?;
		}
		Ok(())
	}

	/// O4: a round's weights add up, nobody has a third of them, and what was revealed is allowed.
	fn check_duties(round: &RoundOf<T>) -> Result<(), TryRuntimeError> {
		let distinct: BTreeSet<_> = round.duties.iter().map(|duty| &duty.reporter).collect();
		ensure!(distinct.len() == round.duties.len(), "O4: a reporter has two duties in a round");
		let sum = round.duties.iter().try_fold(0u128, |sum, duty| sum.checked_add(duty.weight));
		ensure!(
			sum == Some(round.assigned) && round.assigned <= MAX_WEIGHT,
			"O4: a round's weights don't add up"
		);
		ensure!(
			round.duties.iter().all(|duty| duty.weight.saturating_mul(3) < round.assigned),
			"O4: a reporter has a third of a round's weight"
		);
		ensure!(
			round.reports().iter().all(|(_, report)| round.schema.allows(&report.reading)),
			"O4: a reading was revealed that the schema doesn't allow"
		);
		Ok(())
	}

	/// O5, O6: each answer is allowed, the last of its history, and the history rises.
	fn check_answers() -> Result<(), TryRuntimeError> {
		for (id, answer) in Answers::<T>::iter() {
			let feed = Feeds::<T>::get(id).ok_or("O5: an answer is kept of no feed")?;
			ensure!(feed.spec.schema.allows(&answer.reading), "O5: an answer is not allowed");
			ensure!(
				History::<T>::get(id).last() == Some(&answer),
				"O5: an answer is not the last of its history"
			);
		}
		for (id, history) in History::<T>::iter() {
			ensure!(Answers::<T>::contains_key(id), "O6: a history is kept of no answer");
			let pairs = || history.iter().zip(history.iter().skip(1));
			ensure!(
				pairs().all(|(older, newer)| older.round < newer.round),
				"O6: a history does not rise"
			);
			ensure!(
				pairs().all(|(older, newer)| older.block <= newer.block),
				"O6: a history goes back in time"
			);
			let newest = LastRound::<T>::get(id);
			ensure!(
				history.iter().all(|answer| answer.round <= newest),
				"O6: a history is ahead of its feed"
			);
		}
		for (id, failures) in Failures::<T>::iter() {
			ensure!(Feeds::<T>::contains_key(id), "O6: rounds of no feed have failed");
			ensure!(failures > 0, "O6: no failures are counted");
		}
		Ok(())
	}

	/// O7: who has joined what is the same seen from both sides.
	fn check_feeds_of() -> Result<(), TryRuntimeError> {
		for (account, feeds) in FeedsOf::<T>::iter() {
			ensure!(!feeds.is_empty(), "O7: an account has an empty list of feeds");
			let distinct: BTreeSet<_> = feeds.iter().collect();
			ensure!(distinct.len() == feeds.len(), "O7: an account has a feed twice");
			for id in feeds.iter() {
				let feed = Feeds::<T>::get(id).ok_or("O7: an account has joined no feed")?;
				ensure!(feed.roster.contains(&account), "O7: an account is in no roster");
			}
		}
		for (id, feed) in Feeds::<T>::iter() {
			let mirrored = |account| FeedsOf::<T>::get(account).contains(&id);
			ensure!(feed.roster.iter().all(mirrored), "O7: a reporter lacks its feed");
		}
		Ok(())
	}

	/// O8, O9: the agenda and the due times are the same, no feed is forgotten, and nothing was passed over.
	fn check_agenda() -> Result<(), TryRuntimeError> {
		for (id, at) in Due::<T>::iter() {
			ensure!(
				Feeds::<T>::contains_key(id) || LastRound::<T>::contains_key(id),
				"O8: a feed is due that never existed"
			);
			ensure!(Agenda::<T>::contains_key(at, id), "O8: a due feed is not on the agenda");
			ensure!(
				AgendaCursor::<T>::get().is_some_and(|cursor| cursor <= at),
				"O9: a feed on the agenda was passed over"
			);
		}
		ensure!(
			Agenda::<T>::iter_keys().all(|(at, id)| Due::<T>::get(id) == Some(at)),
			"O8: the agenda has a feed that is not due"
		);
		for (id, feed) in Feeds::<T>::iter() {
			let works = !feed.paused || Rounds::<T>::contains_key(id);
			ensure!(
				Due::<T>::contains_key(id) == works,
				"O8: a feed that is not paused is never due, or a paused one is for nothing"
			);
		}
		Ok(())
	}

	/// O10: what feeds have is what is held on their payers.
	fn check_budgets() -> Result<(), TryRuntimeError> {
		let mut owed = BTreeMap::<T::AccountId, Balance>::new();
		for (id, feed) in Feeds::<T>::iter() {
			let sum = owed.entry(feed.payer).or_default();
			*sum = sum.saturating_add(Budgets::<T>::get(id));
		}
		for (id, budget) in Budgets::<T>::iter() {
			ensure!(Feeds::<T>::contains_key(id), "O10: no feed has money");
			ensure!(budget > 0, "O10: an empty budget is kept");
		}
		Self::check_holds(HoldReason::FeedBudget, &owed)
			.map_err(|()| "O10: another sum is held than the feeds of a payer have".into())
	}

	/// O11: what is held as deposit is what the feeds of an admin record.
	fn check_deposits() -> Result<(), TryRuntimeError> {
		let mut owed = BTreeMap::<T::AccountId, Balance>::new();
		for feed in Feeds::<T>::iter_values() {
			match feed.admin {
				Some(admin) => {
					let sum = owed.entry(admin).or_default();
					*sum = sum.saturating_add(feed.deposit);
				}
				None => ensure!(feed.deposit == 0, "O11: a feed has a deposit of nobody's"),
			}
		}
		Self::check_holds(HoldReason::FeedDeposit, &owed)
			.map_err(|()| "O11: another sum is held than an admin's feeds have as deposits".into())
	}

	fn check_holds(reason: HoldReason, owed: &BTreeMap<T::AccountId, Balance>) -> Result<(), ()> {
		let reason = reason.into();
		let held = |who| T::Currency::balance_on_hold(&reason, who);
		owed.iter().all(|(who, sum)| held(who) == *sum).then_some(()).ok_or(())
	}

	/// O12: records are of windows under way, and of those in the roster or among the departed; these are
	/// distinct, not in the roster, and have something to be blamed for.
	fn check_records() -> Result<(), TryRuntimeError> {
		for (id, account, record) in Records::<T>::iter() {
			let feed = Feeds::<T>::get(id).ok_or("O12: a record is kept of no feed")?;
			ensure!(
				feed.roster.contains(&account) || Departed::<T>::get(id).contains(&account),
				"O12: a record is kept of nobody"
			);
			ensure!(
				(1..T::WindowRounds::get()).contains(&record.rounds),
				"O12: a record of no window under way is kept"
			);
		}
		for (id, departed) in Departed::<T>::iter() {
			let feed = Feeds::<T>::get(id).ok_or("O12: somebody has left no feed")?;
			ensure!(!departed.is_empty(), "O12: a feed has an empty list of the departed");
			let distinct: BTreeSet<_> = departed.iter().collect();
			ensure!(distinct.len() == departed.len(), "O12: somebody has left twice");
			for account in departed.iter() {
				ensure!(!feed.roster.contains(account), "O12: somebody has left and is there");
				ensure!(
					!Records::<T>::get(id, account).is_clean(),
					"O12: somebody has left and is remembered for nothing"
				);
			}
		}
		Ok(())
	}

	/// O13: who may call a feed's next round has not yet, and the feed has an answer that can be doubted.
	fn check_watches() -> Result<(), TryRuntimeError> {
		for (id, watch) in Watches::<T>::iter() {
			let feed = Feeds::<T>::get(id).ok_or("O13: no feed is watched")?;
			ensure!(!feed.paused, "O13: a paused feed is watched");
			ensure!(
				!Rounds::<T>::contains_key(id) && !EarlyRounds::<T>::contains_key(id),
				"O13: a feed is watched whose round is open or called"
			);
			let newest = LastRound::<T>::get(id);
			let answer = Answers::<T>::get(id).ok_or("O13: a feed is watched that says nothing")?;
			ensure!(
				watch.round == newest && answer.round == newest && !Failures::<T>::contains_key(id),
				"O13: a feed is watched whose newest round has no answer"
			);
			ensure!(
				Due::<T>::get(id) == Some(watch.due)
					&& watch.since < watch.until
					&& watch.until < watch.due,
				"O13: a watch is at the wrong time"
			);
			let distinct: BTreeSet<_> = watch.watchers.iter().map(|one| &one.reporter).collect();
			ensure!(distinct.len() == watch.watchers.len(), "O13: somebody watches twice");
			let sum = watch.watchers.iter().try_fold(0u128, |sum, one| sum.checked_add(one.weight));
			ensure!(sum == Some(watch.assigned), "O13: a watch's weights don't add up");
			ensure!(!watch.calls(), "O13: a third calls a round in vain");
		}
		Ok(())
	}

	/// O14: what was called is open or the next round, and what was put up for it is held.
	fn check_early_rounds() -> Result<(), TryRuntimeError> {
		let mut owed = BTreeMap::<T::AccountId, Balance>::new();
		for (id, early) in EarlyRounds::<T>::iter() {
			let feed = Feeds::<T>::get(id).ok_or("O14: a round of no feed was called")?;
			let newest = LastRound::<T>::get(id);
			let is_expected = match Rounds::<T>::get(id) {
				Some(round) => round.index == early.round,
				None => !feed.paused && Some(early.round) == newest.checked_add(1),
			};
			ensure!(is_expected, "O14: a round was called that neither is open nor opens next");
			if let Some(request) = early.request {
				let held = request.held();
				let sum = owed.entry(request.requester).or_default();
				*sum = sum.saturating_add(held);
			}
		}
		Self::check_holds(HoldReason::RoundRequest, &owed)
			.map_err(|()| "O14: another sum is held than was put up for rounds".into())
	}

	/// O16: what is held for demands is their bonds.
	fn check_demands() -> Result<(), TryRuntimeError> {
		let mut owed = BTreeMap::<T::AccountId, Balance>::new();
		for demand in Demands::<T>::iter_values() {
			let sum = owed.entry(demand.challenger).or_default();
			*sum = sum.saturating_add(demand.bond);
		}
		Self::check_holds(HoldReason::MeasurementDemand, &owed)
			.map_err(|()| "O16: another sum is held than was put up for demands".into())
	}

	/// O15: testimonies are of feeds' last rounds, ended ones, and are distinct and something.
	fn check_testimonies() -> Result<(), TryRuntimeError> {
		for (id, round, kept) in TestimoniesIn::<T>::iter() {
			ensure!(
				Feeds::<T>::contains_key(id) || Due::<T>::contains_key(id),
				"O15: what was revealed of a feed that was removed is kept for ever"
			);
			let newest = LastRound::<T>::get(id);
			ensure!(
				newest.checked_sub(round).is_some_and(|age| age < T::ProofRounds::get()),
				"O15: what was revealed is kept for longer than it can be proven, or is of no round yet"
			);
			ensure!(
				Rounds::<T>::get(id).is_none_or(|open| open.index != round)
					&& kept.ended_at <= T::WorkingTime::now(),
				"O15: what was revealed is kept of a round that has not ended"
			);
			let distinct: BTreeSet<_> = kept.hashes.iter().collect();
			ensure!(
				distinct.len() == kept.hashes.len() && !distinct.is_empty(),
				"O15: one thing was revealed twice, or nothing is kept"
			);
		}
		Ok(())
	}
}
