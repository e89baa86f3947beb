//! When each feed is due. The only writer of [`Due`], [`Agenda`] and [`AgendaCursor`].

use alloc::vec::Vec;

use frame_support::{
	traits::Get,
	weights::{Weight, WeightMeter},
};
use frame_system::{limits::BlockWeights, pallet_prelude::BlockNumberFor};
use rwa_primitives::{feed::FeedId, traits::WorkingTime};
use sp_runtime::{
	traits::{One, Saturating},
	SaturatedConversion,
};

use crate::{Agenda, AgendaCursor, Config, Due, Pallet, Rounds, WeightInfo};

/// Most working blocks' agendas that one block looks into. One is new in every block; after a block
/// with more than it could handle, the others catch up seven blocks in one.
pub(crate) const MAX_BUCKETS_PER_BLOCK: u32 = 8;

impl<T: Config> Pallet<T> {
	/// Opens, moves on and ends the rounds that are due at working time `now`, oldest first, as many as one
	/// block may, after stirring what committees are drawn by. Gives the weight of what it did.
	pub(crate) fn handle_agenda(now: BlockNumberFor<T>) -> Weight {
		let mut meter = WeightMeter::with_limit(Self::agenda_limit());
		meter.consume(T::WeightInfo::agenda_base());
		Self::stir_entropy();
		let Some(mut bucket) = AgendaCursor::<T>::get() else { return meter.consumed() };
		let mut room: usize = T::MaxDuePerBlock::get().saturated_into();

		for _ in 0..MAX_BUCKETS_PER_BLOCK {
			if bucket > now {
				break;
			}
			let due = Self::due_in(bucket, room);
			meter.consume(T::WeightInfo::agenda_bucket(due.len().saturated_into()));
			let handled = Self::handle_bucket(&due, now, &mut meter);
			if handled < due.len() || due.len() >= room {
				break; // There may be more in this bucket: look again in the next block.
			}
			room = room.saturating_sub(handled);
			bucket.saturating_inc();
		}

		AgendaCursor::<T>::put(bucket);
		meter.consumed()
	}

	/// Handles the first of the `due` feeds, as many as are sure to fit. How many they are.
	fn handle_bucket(due: &[FeedId], now: BlockNumberFor<T>, meter: &mut WeightMeter) -> usize {
		let worst = Self::heaviest_due();
		for (handled, feed) in due.iter().enumerate() {
			if !meter.can_consume(worst) {
				return handled;
			}
			meter.consume(Self::handle_due(*feed, now));
		}
		due.len()
	}

	/// What the agenda may take of a block: a quarter. The rest is everybody else's.
	pub(crate) fn agenda_limit() -> Weight {
		<T::BlockWeights as Get<BlockWeights>>::get().max_block.saturating_div(4)
	}

	/// The most that one due feed can take.
	pub(crate) fn heaviest_due() -> Weight {
		let committee = T::MaxCommittee::get();
		let ended = T::WeightInfo::fail_round(committee)
			.max(T::WeightInfo::close_round(committee))
			.saturating_add(T::WeightInfo::judge().saturating_mul(committee.into()));
		T::WeightInfo::open_round(T::MaxReporters::get())
			.max(T::WeightInfo::start_reveal(committee))
			.max(T::WeightInfo::forget_removed())
			.max(ended)
	}

	/// Up to `most` feeds due at `at`. Collected, because handling a feed moves it elsewhere.
	pub(crate) fn due_in(at: BlockNumberFor<T>, most: usize) -> Vec<FeedId> {
		Agenda::<T>::iter_key_prefix(at).take(most).collect()
	}

	/// A due feed's round moves on if it has one; otherwise its next round opens.
	pub(crate) fn handle_due(feed: FeedId, now: BlockNumberFor<T>) -> Weight {
		match Rounds::<T>::get(feed) {
			Some(round) => Self::move_on(feed, round, now),
			None => Self::open_round_of(feed, now),
		}
	}

	/// Makes `feed` due at `at`, and only then.
	pub(crate) fn schedule(feed: FeedId, at: BlockNumberFor<T>) {
		Self::unschedule(feed);
		Due::<T>::insert(feed, at);
		Agenda::<T>::insert(at, feed, ());
		AgendaCursor::<T>::mutate(|cursor| {
			*cursor = Some(cursor.map_or(at, |cursor| cursor.min(at)));
		});
	}

	/// `feed` is due no more, until it is scheduled again.
	pub(crate) fn unschedule(feed: FeedId) {
		if let Some(at) = Due::<T>::take(feed) {
			Agenda::<T>::remove(at, feed);
		}
	}

	/// The working block after this one: the first that a feed can be due in.
	pub(crate) fn next_working_block() -> BlockNumberFor<T> {
		T::WorkingTime::now().saturating_add(One::one())
	}
}
