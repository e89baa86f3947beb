//! Which configurations the pallet can work with.

use frame_support::traits::Get;
use frame_system::limits::BlockWeights;
use sp_runtime::Percent;

use super::agenda::MAX_BUCKETS_PER_BLOCK;
use crate::{Config, Pallet, WeightInfo};

/// Fewest reporters with which two thirds still agree when one of them is dead or lies.
const LEAST_REPORTERS: u32 = 4;

/// Most reporters that rounds and weights are made for.
const MOST_REPORTERS: u32 = 100;

/// Least blocks from a round's opening to its deadline: one to let the opening spread, one to
/// stagger, three until a retry, one to be included.
const LEAST_DEADLINE: u32 = 6;

impl<T: Config> Pallet<T> {
	/// Stops a runtime with a bad configuration from being built: it runs in the runtime's tests.
	#[allow(clippy::panic)] // Reporting by panic is what an integrity test is for.
	pub(crate) fn check_config() {
		let (least, most) = (T::MinReporters::get(), T::MaxReporters::get());
		assert!(least >= LEAST_REPORTERS, "MinReporters: one liar would do as it likes");
		assert!(least <= most, "MinReporters exceeds MaxReporters: no feed could be created");
		assert!(most <= MOST_REPORTERS, "MaxReporters: rounds are made for at most 100");
		assert!(
			T::Quorum::get() > Percent::from_percent(50),
			"Quorum: half of the reporters could answer without the other half"
		);
		assert!(T::MaxFeedsPerReporter::get() > 0, "MaxFeedsPerReporter: no feed could be created");
		assert!(T::MaxUnitLength::get() > 0, "MaxUnitLength: every feed would lack a unit");
		assert!(T::HistoryLength::get() > 0, "HistoryLength: the latest answer is part of it");
		assert!(
			T::MinDeadline::get() >= LEAST_DEADLINE.into(),
			"MinDeadline: nobody could fetch, retry and be included in time"
		);
		Self::check_agenda_weight();
	}

	/// A block full of openings or expiries leaves three quarters to everybody else.
	fn check_agenda_weight() {
		let due = T::MaxDuePerBlock::get();
		assert!(due > 0, "MaxDuePerBlock: no round would ever open");
		let most = T::MaxReporters::get();
		let each = T::WeightInfo::open_round(most).max(T::WeightInfo::expire_round(most));
		// As if every bucket were full, which is on the safe side.
		let buckets =
			T::WeightInfo::agenda_bucket(due).saturating_mul(MAX_BUCKETS_PER_BLOCK.into());
		let worst = T::WeightInfo::agenda_base()
			.saturating_add(buckets)
			.saturating_add(each.saturating_mul(due.into()));
		let block = <T::BlockWeights as Get<BlockWeights>>::get().max_block;
		assert!(
			worst.saturating_mul(4).all_lte(block),
			"MaxDuePerBlock: openings would take more than a quarter of a block"
		);
	}
}
