//! What feeds say. A stale answer is never handed out as fresh.

use alloc::vec::Vec;

use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	aggregate::time_weighted_mean,
	feed::{Answer, AnswerStatus, FeedId, Value},
	reading::Reading,
	traits::FeedReader,
};
use sp_runtime::{traits::Saturating, SaturatedConversion};

use crate::{
	Answers, Budgets, Config, Failures, FeedOverview, FeedOverviewOf, Feeds, History, LastRound,
	Pallet,
};

/// Most feeds that one page lists: a bound on the work of one request to a node.
const MAX_PAGE: u32 = 100;

impl<T: Config> Pallet<T> {
	pub(crate) fn latest_answer(id: &FeedId) -> Option<Answer<BlockNumberFor<T>>> {
		let agreement = Answers::<T>::get(id)?;
		let feed = Feeds::<T>::get(id)?;
		// In blocks, not in working blocks: deadlines stand still in a halt, but data grows old.
		let age = frame_system::Pallet::<T>::block_number().saturating_sub(agreement.block);
		let status = if feed.paused {
			AnswerStatus::Paused
		} else if age > feed.spec.max_age || Failures::<T>::contains_key(id) {
			AnswerStatus::Stale
		} else {
			AnswerStatus::Fresh
		};
		Some(Answer {
			reading: agreement.reading,
			median: agreement.median,
			spread: agreement.spread,
			schema: feed.spec.schema,
			round: agreement.round,
			updated_at: agreement.block,
			moment: agreement.moment,
			age,
			status,
		})
	}

	pub(crate) fn mean_over_time(
		id: &FeedId,
		from: BlockNumberFor<T>,
		until: BlockNumberFor<T>,
	) -> Option<Value> {
		if until > frame_system::Pallet::<T>::block_number() {
			return None;
		}
		let history = History::<T>::get(id).into_iter().map(|answer| match answer.reading {
			Reading::Scalar(value) => Some((answer.block.saturated_into(), value)),
			_ => None,
		});
		let history: Vec<(u64, Value)> = history.collect::<Option<_>>()?;
		time_weighted_mean(&history, from.saturated_into(), until.saturated_into())
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
				last_round: LastRound::<T>::get(id),
				failures: Failures::<T>::get(id),
				budget: Budgets::<T>::get(id),
			})
			.collect()
	}
}

impl<T: Config> FeedReader<BlockNumberFor<T>> for Pallet<T> {
	fn latest(feed: &FeedId) -> Option<Answer<BlockNumberFor<T>>> {
		Self::latest_answer(feed)
	}

	fn history(feed: &FeedId) -> Vec<(BlockNumberFor<T>, Reading)> {
		let history = History::<T>::get(feed).into_iter();
		history.map(|answer| (answer.block, answer.reading)).collect()
	}

	fn time_weighted(
		feed: &FeedId,
		from: BlockNumberFor<T>,
		until: BlockNumberFor<T>,
	) -> Option<Value> {
		Self::mean_over_time(feed, from, until)
	}
}
