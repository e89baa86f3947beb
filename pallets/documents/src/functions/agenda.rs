//! When each task is due. The only writer of [`Due`], [`Agenda`] and [`AgendaCursor`].

use alloc::vec::Vec;

use frame_support::{
	traits::Get,
	weights::{Weight, WeightMeter},
};
use frame_system::{limits::BlockWeights, pallet_prelude::BlockNumberFor};
use rwa_primitives::traits::WorkingTime;
use sp_runtime::{
	traits::{One, Saturating},
	SaturatedConversion,
};

use super::rounds::MAX_CHANGES;
use crate::{Agenda, AgendaCursor, Config, Due, Pallet, Task, TaskOf, WeightInfo};

/// Most working blocks' agendas that one block looks into. One is new in every block; after a block
/// with more than it could handle, the others catch up seven blocks in one.
pub(crate) const MAX_BUCKETS_PER_BLOCK: u32 = 8;

impl<T: Config> Pallet<T> {
	/// Handles what is due at working time `now`, oldest first, as much as one block may. Gives the weight of
	/// what it did.
	pub(crate) fn handle_agenda(now: BlockNumberFor<T>) -> Weight {
		let mut meter = WeightMeter::with_limit(Self::agenda_limit());
		meter.consume(T::WeightInfo::agenda_base());
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

	/// Handles the first of the `due` tasks, as many as are sure to fit. How many they are.
	fn handle_bucket(due: &[TaskOf<T>], now: BlockNumberFor<T>, meter: &mut WeightMeter) -> usize {
		let worst = Self::heaviest_due();
		for (handled, task) in due.iter().enumerate() {
			if !meter.can_consume(worst) {
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

	/// The most that one due task can take.
	pub(crate) fn heaviest_due() -> Weight {
		let challenges = T::MaxChallenges::get().saturating_add(T::MaxRechecks::get());
		let losses = T::WeightInfo::lose_replica().saturating_mul(T::MaxRechecks::get().into());
		let envelopes = T::MaxEnvelopes::get().saturating_add(T::MaxRepairers::get());
		T::WeightInfo::settle_round(challenges)
			.saturating_add(losses)
			.max(
				T::WeightInfo::apply_changes(MAX_CHANGES)
					.saturating_add(T::WeightInfo::open_round().max(Self::heaviest_eviction())),
			)
			.max(T::WeightInfo::draw_replica())
			.max(T::WeightInfo::draw_repairers())
			.max(T::WeightInfo::refuse_late())
			.max(T::WeightInfo::expire_document())
			.max(T::WeightInfo::remove_document(envelopes))
	}

	/// Up to `most` tasks due at `at`. Collected, because handling a task moves it elsewhere.
	pub(crate) fn due_in(at: BlockNumberFor<T>, most: usize) -> Vec<TaskOf<T>> {
		Agenda::<T>::iter_key_prefix(at).take(most).collect()
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
		Agenda::<T>::insert(at, &task, ());
		Due::<T>::insert(task, at);
		AgendaCursor::<T>::mutate(|cursor| {
			*cursor = Some(cursor.map_or(at, |cursor| cursor.min(at)));
		});
	}

	/// `task` is due no more, until it is scheduled again.
	pub(crate) fn unschedule(task: &TaskOf<T>) {
		if let Some(at) = Due::<T>::take(task) {
			Agenda::<T>::remove(at, task);
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
