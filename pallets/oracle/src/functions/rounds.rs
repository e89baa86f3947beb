//! Rounds: opened, moved on, closed, failed. With `statements.rs` the only writer of [`Rounds`], and the only
//! one of [`LastRound`], [`Answers`], [`History`], [`Failures`] and [`Entropy`].

use alloc::vec::Vec;

use frame_support::{
	defensive,
	traits::{Get, Randomness, Time},
	weights::Weight,
	BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	aggregate::{self, aggregate, cap_weights, draw, needed},
	feed::{FeedId, RoundIndex},
	traits::WorkingTime,
};
use sp_runtime::{
	traits::{BlakeTwo256, Hash, One, Saturating},
	SaturatedConversion,
};

use super::judgement::Outcome;
use crate::{
	Agreement, AgreementOf, Answers, Config, Due, Duty, DutyState, Entropy, Event, Failures,
	FeedOf, Feeds, History, LastRound, Pallet, Phase, Round, RoundFailure, RoundOf, Rounds,
	WeightInfo,
};

/// What randomness is asked for, and what for.
const SUBJECT: &[u8] = b"rwa/oracle/committee/v1";

/// How often the time until the next opening is doubled.
const MAX_DOUBLINGS: u32 = 4;

impl<T: Config> Pallet<T> {
	/// Opens the next round of a feed that is due, or forgets the rest of one that was removed. Gives the weight of
	/// that.
	pub(crate) fn open_round_of(id: FeedId, now: BlockNumberFor<T>) -> Weight {
		let Some(mut feed) = Feeds::<T>::get(id) else { return Self::forget_removed(id) };
		let weight = T::WeightInfo::open_round(feed.roster.len().saturated_into());
		Self::end_watch(id);
		let Some(index) = LastRound::<T>::get(id).checked_add(1) else {
			// Out of numbers after 2^32 rounds. The feed ends, rather than use a number twice.
			feed.paused = true;
			Feeds::<T>::insert(id, feed);
			Self::unschedule(id);
			Self::deposit_event(Event::FeedPaused { feed: id });
			return weight;
		};
		match Self::draw_committee(id, &feed, index) {
			Ok(committee) => Self::begin_round(id, &feed, index, now, committee),
			Err(reason) => Self::fail_opening(id, &feed, index, now, reason),
		}
		weight
	}

	/// A round can't open. That is a failure only of one that the heartbeat opens: lest whoever calls rounds early
	/// make a good answer stale.
	fn fail_opening(
		id: FeedId,
		feed: &FeedOf<T>,
		index: RoundIndex,
		now: BlockNumberFor<T>,
		reason: RoundFailure,
	) {
		if let Some(due) = Self::drop_early(id, feed, &reason) {
			return Self::schedule(id, due.max(now.saturating_add(One::one())));
		}
		Self::number_round(id, index);
		let failures = Self::note_failure(id, index, reason);
		Self::schedule(id, now.saturating_add(patience::<T>(feed, failures)));
	}

	/// `index` is the feed's newest round from now on.
	fn number_round(id: FeedId, index: RoundIndex) {
		LastRound::<T>::insert(id, index);
		Self::forget_testimonies(id, index);
	}

	/// Goes on with a round whose phase is over: its time has passed, or all have spoken. Gives the weight of
	/// that.
	pub(crate) fn move_on(id: FeedId, mut round: RoundOf<T>, now: BlockNumberFor<T>) -> Weight {
		let duties = round.duties.len().saturated_into();
		let Some(feed) = Feeds::<T>::get(id) else {
			defensive!("a feed that does not exist has an open round");
			Rounds::<T>::remove(id);
			Self::unschedule(id);
			return T::WeightInfo::close_round(duties);
		};
		if round.phase == Phase::Reveal {
			let judging = Self::close_round(id, &feed, round, now);
			return T::WeightInfo::close_round(duties).saturating_add(judging);
		}
		let (committed, needed) = (round.committed(), needed(round.assigned, &feed.spec.rules));
		if committed < needed {
			let reason = RoundFailure::TooFewCommitted { committed, needed };
			let judging = Self::fail_round(id, &feed, round, now, reason);
			return T::WeightInfo::fail_round(duties).saturating_add(judging);
		}
		round.phase = Phase::Reveal;
		round.deadline = now.saturating_add(feed.spec.reveal_time);
		Rounds::<T>::insert(id, &round);
		Self::schedule(id, round.deadline);
		let Round { index, deadline, .. } = round;
		Self::deposit_event(Event::RevealStarted { feed: id, round: index, deadline });
		T::WeightInfo::start_reveal(duties)
	}

	/// Draws who is to report, and gives each one's capped weight. The feed can pay all of them.
	fn draw_committee(
		id: FeedId,
		feed: &FeedOf<T>,
		index: RoundIndex,
	) -> Result<Vec<(T::AccountId, u128)>, RoundFailure> {
		let weights: Vec<u128> = feed.roster.iter().map(Self::weight_of).collect();
		let able = weights.iter().filter(|weight| **weight > 0).count().saturated_into();
		let size = feed.spec.committee.min(able);
		if size < T::MinCommittee::get() {
			return Err(RoundFailure::TooFewReporters { able });
		}
		if !Self::can_pay(id, feed, size) {
			return Err(RoundFailure::NoBudget);
		}
		let drawn = draw(Self::seed(&id, index), &weights, size);
		let mut capped: Vec<u128> =
			drawn.iter().filter_map(|place| weights.get(*place).copied()).collect();
		cap_weights(&mut capped).map_err(|_| RoundFailure::TooFewReporters { able })?;
		let accounts = drawn.iter().filter_map(|place| feed.roster.get(*place).cloned());
		Ok(accounts.zip(capped).collect())
	}

	/// Stirs this block's value of [`Config::Randomness`] into what committees are drawn by.
	pub(crate) fn stir_entropy() {
		let (random, _) = T::Randomness::random(SUBJECT);
		// Never both: the author of a block can try many hashes, and so would spoil what it can't choose.
		let random = random.unwrap_or_else(frame_system::Pallet::<T>::parent_hash);
		Entropy::<T>::mutate(|entropy| *entropy = BlakeTwo256::hash_of(&(*entropy, random)));
	}

	/// What the committee of a round is drawn by.
	fn seed(id: &FeedId, index: RoundIndex) -> [u8; 32] {
		BlakeTwo256::hash_of(&(SUBJECT, Entropy::<T>::get(), id, index)).to_fixed_bytes()
	}

	fn begin_round(
		id: FeedId,
		feed: &FeedOf<T>,
		index: RoundIndex,
		now: BlockNumberFor<T>,
		committee: Vec<(T::AccountId, u128)>,
	) {
		let duties: Vec<_> = committee
			.iter()
			.map(|(reporter, weight)| Duty {
				reporter: reporter.clone(),
				weight: *weight,
				state: DutyState::Silent,
			})
			.collect();
		let fee = Self::charge_for_round(id, feed, duties.len().saturated_into());
		Self::note_early_fee(id, fee);
		let deadline = now.saturating_add(feed.spec.commit_time);
		let round = Round {
			index,
			opened_at: now,
			phase: Phase::Commit,
			deadline,
			schema: feed.spec.schema,
			assigned: duties.iter().fold(0, |sum, duty| sum.saturating_add(duty.weight)),
			// A committee is no larger than the spec says, and the spec was checked.
			duties: BoundedVec::truncate_from(duties),
			evidence: feed.spec.evidence,
		};
		Self::number_round(id, index);
		Rounds::<T>::insert(id, round);
		Self::schedule(id, deadline);
		Self::deposit_event(Event::RoundOpened {
			feed: id,
			round: index,
			committee,
			deadline,
			fee,
		});
	}

	/// Ends a round by what was revealed. Gives the weight of judging.
	fn close_round(
		id: FeedId,
		feed: &FeedOf<T>,
		round: RoundOf<T>,
		now: BlockNumberFor<T>,
	) -> Weight {
		let (accounts, reports): (Vec<_>, Vec<_>) = round.reports().into_iter().unzip();
		let rules = &feed.spec.rules;
		let agreement = match aggregate(&round.schema, &reports, round.assigned, rules) {
			Ok(agreement) => agreement,
			Err(why) => {
				return Self::fail_round(id, feed, round, now, RoundFailure::Disagreement(why))
			}
		};
		let (outliers, accepted): (Vec<_>, Vec<_>) =
			accounts.into_iter().cloned().zip(&agreement.outliers).partition(|(_, out)| **out);
		let outliers: Vec<_> = outliers.into_iter().map(|(account, _)| account).collect();
		let accepted: Vec<_> = accepted.into_iter().map(|(account, _)| account).collect();

		let moved = Self::is_news(id, feed, &agreement.value);
		Self::remember(id, &round, &agreement, now);
		Failures::<T>::remove(id);
		Self::deposit_event(Event::RoundClosed {
			feed: id,
			round: round.index,
			reading: agreement.value,
			median: agreement.median,
			spread: agreement.spread,
			reports: reports.len().saturated_into(),
			reported: agreement.reported,
			assigned: round.assigned,
			outliers: outliers.clone(),
		});
		Self::note_used(id, &round, &outliers);
		let paid = Self::pay(id, feed, round.index, accepted.into_iter());
		let outcomes = round.duties.iter().map(|duty| {
			let outcome = match duty.state {
				DutyState::Abstained => Outcome::Blameless,
				DutyState::Silent | DutyState::Committed(_) => Outcome::Missed,
				DutyState::Revealed(_) if outliers.contains(&duty.reporter) => Outcome::Outlier,
				DutyState::Revealed(_) => Outcome::Accepted,
			};
			(duty.reporter.clone(), outcome)
		});
		let judging = Self::settle(id, feed, outcomes);
		let shut = Self::settle_early(id, feed, moved, paid);
		let due = next_opening::<T>(feed, &round);
		if let Some(due) = Self::end_round(id, feed, &round, due, now) {
			Self::begin_watch(id, feed, round, due, shut);
		}
		judging
	}

	/// Ends a round without an answer. Nobody is paid, and nobody is an outlier of nothing. Gives the weight
	/// of judging.
	fn fail_round(
		id: FeedId,
		feed: &FeedOf<T>,
		round: RoundOf<T>,
		now: BlockNumberFor<T>,
		reason: RoundFailure,
	) -> Weight {
		Self::note_failure(id, round.index, reason);
		let outcomes = round.duties.iter().map(|duty| {
			let outcome = match (&duty.state, round.phase) {
				(DutyState::Silent, _) | (DutyState::Committed(_), Phase::Reveal) => {
					Outcome::Missed
				}
				// Whoever committed to a round that came to no revealing has done its part.
				_ => Outcome::Blameless,
			};
			(duty.reporter.clone(), outcome)
		});
		let judging = Self::settle(id, feed, outcomes);
		let due = Self::void_early(id, feed).unwrap_or_else(|| next_opening::<T>(feed, &round));
		Self::end_round(id, feed, &round, due, now);
		judging
	}

	/// Gives how many rounds have failed in a row.
	fn note_failure(id: FeedId, round: RoundIndex, reason: RoundFailure) -> u32 {
		Self::deposit_event(Event::RoundFailed { feed: id, round, reason });
		Failures::<T>::mutate(id, |failures| {
			failures.saturating_inc();
			*failures
		})
	}

	/// A round may be able to open that was not before: somebody has joined, or there is money. If the next
	/// opening was put off for more than a heartbeat, it is put off no longer.
	pub(crate) fn try_sooner(id: FeedId, feed: &FeedOf<T>) {
		let heartbeat_hence = T::WorkingTime::now().saturating_add(feed.spec.heartbeat);
		if Due::<T>::get(id).is_none_or(|due| due <= heartbeat_hence) {
			return;
		}
		let able = feed.spec.committee.min(feed.roster.len().saturated_into());
		if able >= T::MinCommittee::get() && Self::can_pay(id, feed, able) {
			Self::schedule(id, Self::next_working_block());
		}
	}

	/// The next round is `due`, or in the next block if that is over. Gives when. `None`: the feed is paused.
	fn end_round(
		id: FeedId,
		feed: &FeedOf<T>,
		round: &RoundOf<T>,
		due: BlockNumberFor<T>,
		now: BlockNumberFor<T>,
	) -> Option<BlockNumberFor<T>> {
		Rounds::<T>::remove(id);
		Self::keep_testimonies(id, round, now);
		if feed.paused {
			Self::unschedule(id);
			return None;
		}
		// The agenda may have been so full that the round ended a heartbeat late.
		let due = due.max(now.saturating_add(One::one()));
		Self::schedule(id, due);
		Some(due)
	}

	/// Makes `agreement` the feed's answer and the last entry of its history.
	fn remember(
		id: FeedId,
		round: &RoundOf<T>,
		agreement: &aggregate::Agreement,
		now: BlockNumberFor<T>,
	) {
		let answer: AgreementOf<T> = Agreement {
			reading: agreement.value,
			median: agreement.median,
			spread: agreement.spread,
			round: round.index,
			reported: agreement.reported,
			assigned: round.assigned,
			reports: agreement.outliers.len().saturated_into(),
			committee: round.duties.len().saturated_into(),
			block: frame_system::Pallet::<T>::block_number(),
			working_time: now,
			moment: T::TimeProvider::now(),
		};
		History::<T>::mutate(id, |history| {
			if history.is_full() {
				history.remove(0);
			}
			if history.try_push(answer.clone()).is_err() {
				defensive!("there is no room in a history after its oldest entry was removed");
			}
		});
		Answers::<T>::insert(id, answer);
	}
}

/// One heartbeat after the round's opening, however early it opened or ended.
fn next_opening<T: Config>(feed: &FeedOf<T>, round: &RoundOf<T>) -> BlockNumberFor<T> {
	round.opened_at.saturating_add(feed.spec.heartbeat)
}

/// Working blocks until the opening of a round is tried again after `failures` in a row: a heartbeat, then twice
/// as long each time, up to sixteen. A feed that nobody pays or serves costs its owner nothing, and must not
/// cost the chain much.
fn patience<T: Config>(feed: &FeedOf<T>, failures: u32) -> BlockNumberFor<T> {
	let doublings = failures.saturating_sub(1).min(MAX_DOUBLINGS);
	feed.spec.heartbeat.saturating_mul(2u32.saturating_pow(doublings).into())
}
