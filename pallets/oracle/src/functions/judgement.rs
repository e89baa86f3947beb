//! Judgement: what reporters did is counted over windows of rounds. With `roster.rs` the only writer of
//! [`Records`].

use alloc::vec::Vec;

use frame_support::{storage::with_storage_layer, traits::Get, weights::Weight};
use rwa_primitives::{
	fault::{Fault, FaultReport},
	feed::FeedId,
	traits::{Conduct, ReportFault, WorkingTime},
};
use sp_core::H256;
use sp_runtime::{
	traits::{BlakeTwo256, CheckedDiv, Hash, Zero},
	Percent,
};

use crate::{Config, Event, FeedOf, LastRound, Pallet, Record, Records, WeightInfo};

/// What a round was for one of its reporters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
	/// Its report was accepted.
	Accepted,
	/// Its report was too far off.
	Outlier,
	/// It did not do what it was to do.
	Missed,
	/// It abstained; or it did its part and the round failed.
	Blameless,
}

impl Record {
	/// This and one more round.
	fn after(self, outcome: Outcome) -> Self {
		let one_if = |expected| u32::from(outcome == expected);
		Self {
			rounds: self.rounds.saturating_add(1),
			outliers: self.outliers.saturating_add(one_if(Outcome::Outlier)),
			missed: self.missed.saturating_add(one_if(Outcome::Missed)),
			accepted: self.accepted.saturating_add(one_if(Outcome::Accepted)),
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Notes what a round was for each of its reporters, and judges those whose window is over. Gives the
	/// weight of judging.
	pub(crate) fn settle(
		id: FeedId,
		feed: &FeedOf<T>,
		outcomes: impl Iterator<Item = (T::AccountId, Outcome)>,
	) -> Weight {
		let mut weight = Weight::zero();
		for (reporter, outcome) in outcomes {
			let record = Records::<T>::get(id, &reporter).after(outcome);
			if record.rounds >= T::WindowRounds::get() {
				Records::<T>::remove(id, &reporter);
				Self::judge(id, feed, &reporter, record);
				weight.saturating_accrue(T::WeightInfo::judge());
			} else {
				Records::<T>::insert(id, &reporter, record);
			}
			if !feed.roster.contains(&reporter) {
				Self::note_departure(id, &reporter);
			}
		}
		weight
	}

	/// Whether a record has as many outliers or silences as make a fault in a whole window.
	pub(crate) fn is_guilty(record: &Record) -> bool {
		record.outliers >= limit::<T>(T::OutlierLimit::get())
			|| record.missed >= limit::<T>(T::MissedLimit::get())
	}

	/// Says what a record is worth. The caller has removed it.
	pub(crate) fn judge(id: FeedId, feed: &FeedOf<T>, reporter: &T::AccountId, record: Record) {
		let mut faults = Vec::new();
		if record.outliers >= limit::<T>(T::OutlierLimit::get()) {
			faults.push((Fault::ConsistentOutliers, Self::evidence_of_outliers(&id, reporter)));
		}
		if record.missed >= limit::<T>(T::MissedLimit::get()) {
			faults.push((Fault::FailureToRespond, Self::evidence_of_silence(reporter)));
		}
		faults.retain(|(fault, evidence)| Self::accuse(id, reporter, *fault, *evidence));

		// A whole window of paid work is one job: many short ones would make reputation too cheap.
		let worked = record.rounds >= T::WindowRounds::get() && record.accepted > 0;
		if worked && feed.spec.reward > 0 && feed.payer != *reporter {
			// Fails only for an operator that is gone, and has no use for reputation.
			let _ = T::Conduct::note_finished_job(reporter, &feed.payer);
		}
		Self::deposit_event(Event::Judged {
			feed: id,
			reporter: reporter.clone(),
			record,
			faults: faults.into_iter().map(|(fault, _)| fault).collect(),
		});
	}

	/// Reports a fault; whether it was taken. That it isn't, because the reporter was punished for this day
	/// or is out of reach, must not keep a round from ending.
	fn accuse(id: FeedId, reporter: &T::AccountId, fault: Fault, evidence: H256) -> bool {
		let report = FaultReport {
			offender: reporter.clone(),
			fault,
			happened: T::WorkingTime::now(),
			// Only validators' faults need one, and no oracle operator is a validator.
			session: 0,
			evidence,
			reporter: None,
		};
		let taken = with_storage_layer(|| T::Faults::report_fault(report));
		if let Err(error) = taken {
			let reporter = reporter.clone();
			Self::deposit_event(Event::FaultNotTaken { feed: id, reporter, fault, error });
		}
		taken.is_ok()
	}

	/// Each window of each feed is a fault of its own: instruments differ.
	pub(crate) fn evidence_of_outliers(id: &FeedId, reporter: &T::AccountId) -> H256 {
		BlakeTwo256::hash_of(&(b"rwa/oracle/outliers/v1", id, reporter, LastRound::<T>::get(id)))
	}

	/// The same for all feeds on one day: a node that is down is so for all of them, and is punished once.
	pub(crate) fn evidence_of_silence(reporter: &T::AccountId) -> H256 {
		let day = T::WorkingTime::now().checked_div(&T::Day::get()).unwrap_or_else(Zero::zero);
		BlakeTwo256::hash_of(&(b"rwa/oracle/silence/v1", reporter, day))
	}
}

/// How many rounds of a window are `share` of it, rounded up.
fn limit<T: Config>(share: Percent) -> u32 {
	share.mul_ceil(T::WindowRounds::get())
}
