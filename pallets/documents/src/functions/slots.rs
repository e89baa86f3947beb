//! A node's slots, and the tree that leaves are drawn by. The only writer of [`Slots`], [`SlotSums`] and
//! [`Changed`].
//!
//! A slot's weight follows what is in it, but not while the node's round is open: what was drawn must not move.

use alloc::vec::Vec;

use frame_support::{defensive, traits::Get};
use rwa_primitives::{
	fenwick::{Cells, Fenwick},
	storage::{DocumentId, ReplicaIndex},
};
use sp_runtime::SaturatedConversion;

use super::seats::tree_for;
use crate::{Changed, Config, Pallet, Rounds, Slot, SlotState, SlotSums, Slots, StorageNodeOf};

/// The sums of one node's slots in storage.
struct SlotCells<'a, T: Config>(&'a T::AccountId);

impl<T: Config> Cells for SlotCells<'_, T> {
	fn get(&self, cell: u32) -> u128 {
		SlotSums::<T>::get(self.0, cell)
	}

	fn set(&mut self, cell: u32, sum: u128) {
		match sum {
			0 => SlotSums::<T>::remove(self.0, cell),
			_ => SlotSums::<T>::insert(self.0, cell, sum),
		}
	}
}

impl<T: Config> Pallet<T> {
	fn slot_tree() -> Fenwick {
		tree_for(T::MaxReplicasPerNode::get())
	}

	/// Whether a node has a slot for one more replica.
	pub(crate) fn has_slot(node: &StorageNodeOf<T>) -> bool {
		node.first_free.is_some() || node.slots < T::MaxReplicasPerNode::get()
	}

	/// Reserves a slot for a replica of `size` bytes. `None`: all are in use. The caller stores the node.
	pub(crate) fn take_slot(
		account: &T::AccountId,
		node: &mut StorageNodeOf<T>,
		document: DocumentId,
		replica: ReplicaIndex,
		size: u64,
	) -> Option<u32> {
		let slot = match node.first_free {
			Some(free) => {
				node.first_free = match Slots::<T>::get(account, free).map(|slot| slot.state) {
					Some(SlotState::Free { next }) => next,
					_ => {
						defensive!("a slot that is in use is linked as free");
						None
					}
				};
				free
			}
			None if node.slots < T::MaxReplicasPerNode::get() => {
				let fresh = node.slots;
				node.slots = fresh.saturating_add(1);
				fresh
			}
			None => return None,
		};
		let state = SlotState::Reserved { document, replica };
		Slots::<T>::insert(account, slot, Slot { state, weight: 0 });
		node.taken = node.taken.saturating_add(1);
		node.assigned = node.assigned.saturating_add(size);
		Some(slot)
	}

	/// The replica that a slot was reserved for is there. The caller stores the node.
	pub(crate) fn keep_slot(
		account: &T::AccountId,
		node: &mut StorageNodeOf<T>,
		slot: u32,
		leaves: u64,
	) {
		Self::change_state(account, node, slot, |state| match state {
			SlotState::Reserved { document, replica } => {
				SlotState::Kept { document, replica, leaves }
			}
			other => other,
		});
	}

	/// The replica of `size` bytes in a slot is gone. The caller stores the node.
	pub(crate) fn vacate_slot(
		account: &T::AccountId,
		node: &mut StorageNodeOf<T>,
		slot: u32,
		size: u64,
	) {
		node.taken = node.taken.saturating_sub(1);
		node.assigned = node.assigned.saturating_sub(size);
		node.rechecks.retain(|recheck| recheck.slot != slot);
		Self::change_state(account, node, slot, |_| SlotState::Vacated);
	}

	/// Changes what a slot is for, and lets its weight follow: now, or after the open round.
	fn change_state(
		account: &T::AccountId,
		node: &mut StorageNodeOf<T>,
		slot: u32,
		change: impl FnOnce(SlotState) -> SlotState,
	) {
		let Some(mut entry) = Slots::<T>::get(account, slot) else { return };
		entry.state = change(entry.state);
		if entry.weight != entry.state.leaves() && Rounds::<T>::contains_key(account) {
			Slots::<T>::insert(account, slot, entry);
			Changed::<T>::insert(account, slot, ());
		} else {
			Self::apply(account, node, slot, entry);
		}
	}

	/// Lets the weights of up to `most` slots follow. How many there were. No round may be open. The caller
	/// stores the node.
	pub(crate) fn apply_changes(
		account: &T::AccountId,
		node: &mut StorageNodeOf<T>,
		most: u32,
	) -> u32 {
		let changed: Vec<u32> =
			Changed::<T>::iter_key_prefix(account).take(most.saturated_into()).collect();
		for slot in &changed {
			Changed::<T>::remove(account, slot);
			if let Some(entry) = Slots::<T>::get(account, slot) {
				Self::apply(account, node, *slot, entry);
			}
		}
		changed.len().saturated_into()
	}

	fn apply(account: &T::AccountId, node: &mut StorageNodeOf<T>, slot: u32, mut entry: Slot) {
		let (from, to) = (entry.weight, entry.state.leaves());
		let mut cells = SlotCells::<T>(account);
		Self::slot_tree().change(&mut cells, slot, from.into(), to.into());
		node.leaves = node.leaves.saturating_sub(from).saturating_add(to);
		entry.weight = to;
		if entry.state == SlotState::Vacated {
			entry.state = SlotState::Free { next: node.first_free };
			node.first_free = Some(slot);
		}
		Slots::<T>::insert(account, slot, entry);
	}

	/// The slot and the leaf of it that leaf number `point` of all that a node keeps is.
	pub(crate) fn slot_at(account: &T::AccountId, point: u64) -> Option<(u32, u64)> {
		let found = Self::slot_tree().find(&SlotCells::<T>(account), point.into(), &[]);
		found.map(|(slot, leaf)| (slot, leaf.saturated_into()))
	}

	/// Whether a slot's weight lags behind.
	pub(crate) fn has_changes(account: &T::AccountId) -> bool {
		Changed::<T>::iter_key_prefix(account).next().is_some()
	}

	/// Clears up to `most` slots of a node that uses none. How many there were.
	pub(crate) fn clear_slots(account: &T::AccountId, most: u32) -> u32 {
		Slots::<T>::drain_prefix(account).take(most.saturated_into()).count().saturated_into()
	}

	/// Whether the sums are of these weights. For `try_state`.
	#[cfg(any(test, feature = "try-runtime"))]
	pub(crate) fn slot_tree_agrees(account: &T::AccountId, weights: &[u128]) -> bool {
		super::seats::tree_agrees(Self::slot_tree(), &SlotCells::<T>(account), weights)
	}
}
