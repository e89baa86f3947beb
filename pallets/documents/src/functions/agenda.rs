//! When each task is due. The only writer of [`Due`], [`Agenda`] and [`AgendaCursor`].

use alloc::vec::Vec;

use frame_support::{
	traits::Get,
	weights::{Weight, WeightMeter},
};
use frame_system::{limits::BlockWeights, pallet_prelude::BlockNumberFor};
use rwa_primitives::traits::WorkingTime;
use sp_runtime::{
	traits::{One, Saturating, Zero},
	SaturatedConversion,
};

use super::rounds::MAX_CHANGES;
use crate::{Agenda, AgendaCursor, Config, Due, Lane, Pallet, Task, TaskOf, WeightInfo};

/// Most working blocks' agendas of a lane that one block looks into. One is new in every block; after a block
/// with more than it could handle, the others catch up seven blocks in one.
pub(crate) const MAX_BUCKETS_PER_BLOCK: u32 = 8;

impl<T: Config> Pallet<T> {
	/// Handles what is due at working time `now`, as much as one block may: what nodes wait for first, however many
	/// documents somebody has registered. Gives the weight of what it did.
	pub(crate) fn handle_agenda(now: BlockNumberFor<T>) -> Weight {
		let mut meter = WeightMeter::with_limit(Self::agenda_limit());
		meter.consume(T::WeightInfo::agenda_base());
		let mut room = T::MaxDuePerBlock::get();
		for lane in Lane::IN_ORDER {
			room = Self::handle_lane(lane, now, room, &mut meter);
		}
		meter.consumed()
	}

	/// Handles up to `room` tasks of a lane, oldest first. For how many there is room then.
	fn handle_lane(
		lane: Lane,
		now: BlockNumberFor<T>,
		mut room: u32,
		meter: &mut WeightMeter,
	) -> u32 {
		let Some(mut bucket) = AgendaCursor::<T>::get(lane) else { return room };
		for _ in 0..MAX_BUCKETS_PER_BLOCK {
			let look = T::WeightInfo::agenda_bucket(room);
			if bucket > now || room.is_zero() || !meter.can_consume(look) {
				break;
			}
			let due = Self::due_in(lane, bucket, room);
			meter.consume(T::WeightInfo::agenda_bucket(due.len().saturated_into()));
			let handled = Self::handle_bucket(&due, now, meter);
			room = room.saturating_sub(handled.saturated_into());
			if handled < due.len() || room.is_zero() {
				break; // There may be more in this bucket: look again in the next block.
			}
			bucket.saturating_inc();
		}
		AgendaCursor::<T>::insert(lane, bucket);
		room
	}

	/// Handles the first of the `due` tasks, as many as are sure to fit. How many they are.
	fn handle_bucket(due: &[TaskOf<T>], now: BlockNumberFor<T>, meter: &mut WeightMeter) -> usize {
		for (handled, task) in due.iter().enumerate() {
			if !meter.can_consume(Self::most_for(task)) {
				return handled;
			}
			meter.consume(Self::handle_due(task, now));
		}
		due.len()
	}

	/// What the agenda may take of a block: a quarter. The rest is everybody else's.
	pub(crate) fn agenda_limit() -> Weight {
		<T::BlockWeights as Get<BlockWeights>>::get().max_block.saturating_div(4)
	}

	/// The most that a task can take.
	pub(crate) fn most_for(task: &TaskOf<T>) -> Weight {
		match task {
			Task::Node(_) => Self::heaviest_node(),
			Task::Replica(..) => T::WeightInfo::draw_replica().max(T::WeightInfo::refuse_late()),
			Task::Document(_) => Self::heaviest_document(),
		}
	}

	/// The most that any due task can take.
	pub(crate) fn heaviest_due() -> Weight {
		Self::heaviest_node()
			.max(Self::most_for(&Task::Replica(0, 0)))
			.max(Self::heaviest_document())
	}

	fn heaviest_node() -> Weight {
		let challenges = T::MaxChallenges::get().saturating_add(T::MaxRechecks::get());
		let losses = T::WeightInfo::lose_replica().saturating_mul(T::MaxChallenges::get().into());
		let settling = T::WeightInfo::settle_round(challenges).saturating_add(losses);
		let opening = T::WeightInfo::open_round().max(Self::heaviest_eviction());
		settling.max(T::WeightInfo::apply_changes(MAX_CHANGES).saturating_add(opening))
	}

	fn heaviest_document() -> Weight {
		let envelopes = T::MaxEnvelopes::get().saturating_add(T::MaxRepairers::get());
		T::WeightInfo::draw_repairers()
			.max(T::WeightInfo::expire_document())
			.max(T::WeightInfo::end_document(envelopes))
	}

	/// Up to `most` tasks of a lane due at `at`. Collected, because handling a task moves it elsewhere.
	pub(crate) fn due_in(lane: Lane, at: BlockNumberFor<T>, most: u32) -> Vec<TaskOf<T>> {
		Agenda::<T>::iter_key_prefix((lane, at)).take(most.saturated_into()).collect()
	}

	pub(crate) fn handle_due(task: &TaskOf<T>, now: BlockNumberFor<T>) -> Weight {
		match task {
			Task::Node(node) => Self::handle_node(node, now),
			Task::Replica(document, replica) => Self::handle_replica(*document, *replica, now),
			Task::Document(document) => Self::handle_document(*document, now),
		}
	}

	/// Makes `task` due at `at`, and only then.
	pub(crate) fn schedule(task: TaskOf<T>, at: BlockNumberFor<T>) {
		Self::unschedule(&task);
		let lane = task.lane();
		Agenda::<T>::insert((lane, at), &task, ());
		Due::<T>::insert(task, at);
		AgendaCursor::<T>::mutate(lane, |cursor| {
			*cursor = Some(cursor.map_or(at, |cursor| cursor.min(at)));
		});
	}

	/// `task` is due no more, until it is scheduled again.
	pub(crate) fn unschedule(task: &TaskOf<T>) {
		if let Some(at) = Due::<T>::take(task) {
			Agenda::<T>::remove((task.lane(), at), task);
		}
	}

	/// The working block after this one: the first that a task can be due in.
	pub(crate) fn next_working_block() -> BlockNumberFor<T> {
		T::WorkingTime::now().saturating_add(One::one())
	}

	/// The working block in which what is asked for now is drawn.
	pub(crate) fn draw_at() -> BlockNumberFor<T> {
		T::WorkingTime::now().saturating_add(T::DrawDelay::get())
	}
}
