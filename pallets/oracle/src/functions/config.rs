//! Which configurations the pallet can work with.

use frame_support::traits::Get;
use frame_system::limits::BlockWeights;
use rwa_primitives::feed::MAX_STATEMENTS;
use sp_runtime::Percent;

use super::agenda::MAX_BUCKETS_PER_BLOCK;
use crate::{Config, Pallet, WeightInfo};

/// Fewest reporters with which two thirds still agree when one of them is dead or lies.
const LEAST_COMMITTEE: u32 = 4;

/// Most reporters that one block can pay and judge for each round that ends in it.
const MOST_COMMITTEE: u32 = 32;

/// Most reporters that rosters and weights are made for.
const MOST_REPORTERS: u32 = 100;

/// Least blocks of a phase: one to let the opening spread, one to stagger, two to try again, one to be
/// included.
const LEAST_PHASE: u32 = 5;

/// Fewest rounds that say anything about a reporter.
const LEAST_WINDOW: u32 = 4;

impl<T: Config> Pallet<T> {
	/// Stops a runtime with a bad configuration from being built: it runs in the runtime's tests.
	#[allow(clippy::panic)] // Reporting by panic is what an integrity test is for.
	pub(crate) fn check_config() {
		Self::check_numbers_of_reporters();
		Self::check_judgement();
		assert!(
			T::RequestBond::get() > 0,
			"RequestBond: to call rounds in vain would cost nothing"
		);
		assert!(T::MaxFeedsPerReporter::get() > 0, "MaxFeedsPerReporter: no feed could be joined");
		assert!(T::MaxUnitLength::get() > 0, "MaxUnitLength: every feed would lack a unit");
		assert!(T::HistoryLength::get() > 0, "HistoryLength: the latest answer is part of it");
		assert!(T::ProofRounds::get() > 0, "ProofRounds: nothing could be proven of any report");
		assert!(
			T::MinPhase::get() >= LEAST_PHASE.into(),
			"MinPhase: nobody could fetch, retry and be included in time"
		);
		assert!(T::Day::get() >= T::MinPhase::get(), "Day: no phase would be short enough");
		assert!(T::DemandBond::get() > 0, "DemandBond: to demand for sport would cost nothing");
		assert!(
			T::ProofTime::get() >= T::Day::get(),
			"ProofTime: who is down for a day would be punished"
		);
		Self::check_agenda_weight();
		Self::check_batch_weight();
	}

	#[allow(clippy::panic)] // As above.
	fn check_numbers_of_reporters() {
		let (least, most) = (T::MinCommittee::get(), T::MaxCommittee::get());
		let roster = T::MaxReporters::get();
		assert!(least >= LEAST_COMMITTEE, "MinCommittee: one liar would do as it likes");
		assert!(least <= most, "MinCommittee exceeds MaxCommittee: no feed could be created");
		assert!(most <= MOST_COMMITTEE, "MaxCommittee: a block can end rounds of at most 32");
		assert!(most <= roster, "MaxCommittee exceeds MaxReporters: it could never be drawn");
		assert!(roster <= MOST_REPORTERS, "MaxReporters: rosters are made for at most 100");
	}

	#[allow(clippy::panic)] // As above.
	fn check_judgement() {
		assert!(T::WindowRounds::get() >= LEAST_WINDOW, "WindowRounds: one round would decide");
		let limits = [T::OutlierLimit::get(), T::MissedLimit::get()];
		assert!(
			limits.iter().all(|limit| *limit > Percent::zero()),
			"OutlierLimit, MissedLimit: the faultless would be punished"
		);
	}

	/// However much there is to look through, the most that can happen to a feed fits into a block.
	#[allow(clippy::panic)] // As above.
	fn check_agenda_weight() {
		let due = T::MaxDuePerBlock::get();
		assert!(due > 0, "MaxDuePerBlock: no round would ever open");
		// As if every bucket were full, which is on the safe side.
		let buckets =
			T::WeightInfo::agenda_bucket(due).saturating_mul(MAX_BUCKETS_PER_BLOCK.into());
		let worst = T::WeightInfo::agenda_base()
			.saturating_add(buckets)
			.saturating_add(Self::heaviest_due());
		assert!(
			worst.all_lte(Self::agenda_limit()),
			"MaxDuePerBlock: looking through the agenda would leave no room to end a round"
		);
	}

	/// A full batch and its authorisation leave most of a block to others.
	#[allow(clippy::panic)] // As above.
	fn check_batch_weight() {
		let batch = T::WeightInfo::submit(MAX_STATEMENTS)
			.max(T::WeightInfo::submit_alarms(MAX_STATEMENTS))
			.saturating_add(T::WeightInfo::authorize_submit(MAX_STATEMENTS));
		let block = <T::BlockWeights as Get<BlockWeights>>::get().max_block;
		assert!(
			batch.saturating_mul(4).all_lte(block),
			"a batch would take more than a quarter of a block"
		);
	}
}
