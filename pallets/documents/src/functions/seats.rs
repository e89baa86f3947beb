//! The tree that nodes are drawn by. The only writer of [`SeatCount`], [`Seats`] and [`SeatSums`].

use core::marker::PhantomData;

use frame_support::traits::Get;
use rwa_primitives::{
	app_key::Role,
	fenwick::{Cells, Fenwick},
	ipfs::Layout,
	traits::{AppKeys, Reputation, WorkingTime},
};

use crate::{Config, NodeStatus, Pallet, SeatCount, SeatSums, Seats, StorageNodeOf, StorageNodes};

/// The sums in storage.
struct SeatCells<T>(PhantomData<T>);

impl<T: Config> Cells for SeatCells<T> {
	fn get(&self, cell: u32) -> u128 {
		SeatSums::<T>::get(cell)
	}

	fn set(&mut self, cell: u32, sum: u128) {
		match sum {
			0 => SeatSums::<T>::remove(cell),
			_ => SeatSums::<T>::insert(cell, sum),
		}
	}
}

/// A tree with places for so many.
pub(super) fn tree_for(places: u32) -> Fenwick {
	Fenwick::new(places.checked_next_power_of_two().map_or(u32::BITS, u32::trailing_zeros))
}

impl<T: Config> Pallet<T> {
	/// Gives a new node the next seat. `None`: there is none.
	pub(crate) fn take_seat(account: &T::AccountId) -> Option<u32> {
		let seat = SeatCount::<T>::get();
		if seat >= T::MaxNodes::get() {
			return None;
		}
		SeatCount::<T>::put(seat.saturating_add(1));
		Seats::<T>::insert(seat, account);
		Some(seat)
	}

	/// Takes a node's seat away. Whoever has the last one gets it, so that seats stay dense.
	pub(crate) fn give_up_seat(node: &StorageNodeOf<T>) {
		let tree = tree_for(T::MaxNodes::get());
		let mut cells = SeatCells::<T>(PhantomData);
		tree.change(&mut cells, node.seat, node.weight, 0);
		let last = SeatCount::<T>::get().saturating_sub(1);
		SeatCount::<T>::put(last);
		let Some(moved) = Seats::<T>::take(last).filter(|_| last != node.seat) else { return };
		StorageNodes::<T>::mutate_extant(&moved, |other| {
			tree.change(&mut cells, last, other.weight, 0);
			tree.change(&mut cells, node.seat, 0, other.weight);
			other.seat = node.seat;
		});
		Seats::<T>::insert(node.seat, moved);
	}

	/// Brings a node's weight up to date. Whether it changed. The caller stores the node.
	pub(crate) fn refresh_weight(account: &T::AccountId, node: &mut StorageNodeOf<T>) -> bool {
		let weight = Self::weight_of(account, node);
		let changed = weight != node.weight;
		if changed {
			let tree = tree_for(T::MaxNodes::get());
			tree.change(&mut SeatCells::<T>(PhantomData), node.seat, node.weight, weight);
			node.weight = weight;
		}
		changed
	}

	/// What a node weighs in draws: its stake times its reputation, for each leaf that it has room for.
	fn weight_of(account: &T::AccountId, node: &StorageNodeOf<T>) -> u128 {
		let able = node.status == NodeStatus::Serving
			&& node.lapses < T::MaxLapses::get()
			&& T::AppKeys::is_active(account, Role::Storage);
		if !able {
			return 0;
		}
		let leaf = u64::from(Layout::DOCUMENT.chunk());
		let room = Self::room_within(node, Self::counted(node));
		let leaves = room.checked_div(leaf).unwrap_or(0);
		T::Reputation::vote_weight(account).saturating_mul(leaves.into())
	}

	/// Bytes that a node may still be given: what it has declared, as far as it has proven as much before, or is
	/// trusted with as a newcomer.
	pub(crate) fn room_of(node: &StorageNodeOf<T>) -> u64 {
		Self::room_within(node, node.capacity.min(Self::counted(node)))
	}

	/// The same, had it declared `capacity`.
	fn room_within(node: &StorageNodeOf<T>, capacity: u64) -> u64 {
		let credible = node.proven.saturating_add(T::NewcomerSpace::get());
		capacity.min(credible).saturating_sub(node.assigned)
	}

	/// What of a node's capacity counts in draws now: what it declared long enough ago.
	pub(crate) fn counted(node: &StorageNodeOf<T>) -> u64 {
		if T::WorkingTime::now() < node.counts_at {
			node.counted
		} else {
			node.capacity
		}
	}

	/// The sum of all weights, without those named.
	pub(crate) fn weight_of_all(without: &[(u32, u128)]) -> u128 {
		let total = tree_for(T::MaxNodes::get()).total(&SeatCells::<T>(PhantomData));
		without.iter().fold(total, |sum, (_, weight)| sum.saturating_sub(*weight))
	}

	/// Whose weight `point` falls upon, without those named.
	pub(crate) fn node_at(point: u128, without: &[(u32, u128)]) -> Option<T::AccountId> {
		let tree = tree_for(T::MaxNodes::get());
		let (seat, _) = tree.find(&SeatCells::<T>(PhantomData), point, without)?;
		Seats::<T>::get(seat)
	}
}

/// What the sum in `cell` is. For `try_state`.
#[cfg(any(test, feature = "try-runtime"))]
impl<T: Config> Pallet<T> {
	pub(crate) fn seat_tree_agrees(weights: &[u128]) -> bool {
		tree_agrees(tree_for(T::MaxNodes::get()), &SeatCells::<T>(PhantomData), weights)
	}
}

/// Whether a tree has these weights in its first places, and nothing else.
#[cfg(any(test, feature = "try-runtime"))]
pub(super) fn tree_agrees(tree: Fenwick, cells: &impl Cells, weights: &[u128]) -> bool {
	let sum = weights.iter().fold(0u128, |sum, weight| sum.saturating_add(*weight));
	let mut before = 0u128;
	let ends = (0u32..).zip(weights).all(|(place, weight)| {
		let found = (*weight == 0) || tree.find(cells, before, &[]) == Some((place, 0));
		before = before.saturating_add(*weight);
		found
	});
	ends && tree.total(cells) == sum
}
