//! What feeds say. A stale value is never handed out as fresh.

use alloc::vec::Vec;

use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	feed::{Answer, AnswerStatus, FeedId},
	traits::FeedReader,
};
use sp_runtime::{traits::Saturating, SaturatedConversion};

use crate::{Answers, Config, Due, FeedOverview, FeedOverviewOf, Feeds, LastRound, Pallet};

/// Most feeds that one page lists: a bound on the work of one request to a node.
const MAX_PAGE: u32 = 100;

impl<T: Config> Pallet<T> {
	pub(crate) fn latest_answer(id: &FeedId) -> Option<Answer<BlockNumberFor<T>>> {
		let agreement = Answers::<T>::get(id)?;
		let spec = Feeds::<T>::get(id)?.spec;
		// In blocks, not in working blocks: deadlines stand still in a halt, but data grows old.
		let age = frame_system::Pallet::<T>::block_number().saturating_sub(agreement.block);
		let status = match Due::<T>::contains_key(id) {
			false => AnswerStatus::Paused,
			true if age > spec.max_age => AnswerStatus::Stale,
			true => AnswerStatus::Fresh,
		};
		Some(Answer {
			value: agreement.value,
			decimals: spec.decimals,
			round: agreement.round,
			updated_at: agreement.block,
			moment: agreement.moment,
			age,
			status,
		})
	}

	pub(crate) fn feeds_page(after: Option<FeedId>, limit: u32) -> Vec<FeedOverviewOf<T>> {
		let feeds = match after {
			Some(id) => Feeds::<T>::iter_from(Feeds::<T>::hashed_key_for(id)),
			None => Feeds::<T>::iter(),
		};
		feeds
			.take(limit.min(MAX_PAGE).saturated_into())
			.map(|(id, feed)| FeedOverview {
				id,
				feed,
				paused: !Due::<T>::contains_key(id),
				last_round: LastRound::<T>::get(id),
			})
			.collect()
	}
}

impl<T: Config> FeedReader<BlockNumberFor<T>> for Pallet<T> {
	fn latest(feed: &FeedId) -> Option<Answer<BlockNumberFor<T>>> {
		Self::latest_answer(feed)
	}
}
