//! Congestion: blocks in which answers could not get through. The only writer of [`CongestedBlocks`].

use frame_support::{dispatch::DispatchClass, traits::Get, weights::Weight};
use frame_system::{
	limits::{BlockLength, BlockWeights},
	pallet_prelude::BlockNumberFor,
};
use rwa_primitives::traits::WorkingTime;
use sp_runtime::{traits::Saturating, Perbill};

use crate::{Config, CongestedBlocks, Pallet, RoundOf};

impl<T: Config> Pallet<T> {
	/// Counts the block if it is congested. At its end, because then all that is in it is known to everybody who
	/// executes it: no reporter is needed, and none can lie.
	pub(crate) fn note_congestion() {
		if T::WorkingTime::is_running() && Self::is_congested() {
			CongestedBlocks::<T>::mutate(|blocks| blocks.saturating_inc());
		}
	}

	/// Whether normal transactions took more than the threshold of what they may, by weight or by bytes.
	fn is_congested() -> bool {
		let threshold = T::CongestionThreshold::get();
		let weights = <T::BlockWeights as Get<BlockWeights>>::get();
		let most = weights.get(DispatchClass::Normal).max_total.unwrap_or(weights.max_block);
		let used = *frame_system::Pallet::<T>::block_weight().get(DispatchClass::Normal);
		let lengths = <T::BlockLength as Get<BlockLength>>::get();
		let bytes = threshold.mul_floor(*lengths.max.get(DispatchClass::Normal));
		used.any_gt(share(threshold, most)) || frame_system::Pallet::<T>::block_size() > bytes
	}

	/// The first working block in which it is too late to answer: each congested one since the round's opening
	/// put it off by one.
	pub(crate) fn deadline_of(round: &RoundOf<T>) -> BlockNumberFor<T> {
		let congested = CongestedBlocks::<T>::get().saturating_sub(round.congested);
		round.deadline.saturating_add(congested)
	}
}

fn share(of: Perbill, weight: Weight) -> Weight {
	Weight::from_parts(of.mul_floor(weight.ref_time()), of.mul_floor(weight.proof_size()))
}
