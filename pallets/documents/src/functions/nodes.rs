//! Storage nodes: who keeps how much, and who leaves. The one that makes and removes [`StorageNodes`].

use frame_support::{
	dispatch::DispatchResult,
	ensure,
	traits::{fungible::hold::Mutate as _, Get},
	BoundedVec,
};
use rwa_primitives::{
	app_key::Role,
	storage::{DocumentId, ReplicaIndex},
	traits::{AppKeys, Duties, Stakes, WorkingTime},
};
use sp_runtime::{traits::Zero, SaturatedConversion};

use crate::{
	Config, Due, Error, Event, HoldReason, NodeStatus, Pallet, Recheck, Rounds, StorageNode,
	StorageNodeOf, StorageNodes, Task,
};

/// Most old entries that one call clears away.
pub(crate) const LEAVE_STEP: u32 = 128;

impl<T: Config> Pallet<T> {
	/// The only way to become a storage node, to keep more or less, and to come back.
	pub(crate) fn do_declare_capacity(account: T::AccountId, capacity: u64) -> DispatchResult {
		ensure!(T::AppKeys::is_active(&account, Role::Storage), Error::<T>::NotAStorageNode);
		let mut node = match StorageNodes::<T>::get(&account) {
			Some(node) => node,
			None => Self::join(&account)?,
		};
		ensure!(capacity >= node.assigned, Error::<T>::CapacityTooSmall);
		ensure!(node.status != NodeStatus::Leaving, Error::<T>::IsLeaving);
		if matches!(node.status, NodeStatus::Evicting { .. }) {
			ensure!(!node.returned, Error::<T>::AlreadyReturned);
			node.returned = true;
			// One more silent round, and the eviction goes on.
			node.shortfalls = T::LossLimit::get().saturating_sub(1);
			node.settled_at = T::WorkingTime::now();
			Self::schedule(Task::Node(account.clone()), Self::next_working_block());
		}
		if node.status == NodeStatus::Suspended {
			(node.strikes, node.silences, node.shortfalls, node.returned) = (0, 0, 0, false);
		}
		node.status = NodeStatus::Serving;
		node.lapses = 0;
		// It changes no draw that somebody may know the randomness of: until then the node weighs what it did.
		node.counted = if node.weight.is_zero() { 0 } else { Self::counted(&node) };
		node.counts_at = Self::draw_at();
		node.capacity = capacity;
		let task = Task::Node(account.clone());
		if !Due::<T>::contains_key(&task) {
			Self::schedule(task, node.counts_at);
		}
		StorageNodes::<T>::insert(&account, node);
		Self::deposit_event(Event::CapacityDeclared { node: account, capacity });
		Ok(())
	}

	/// The only way to take a seat from a node without its operator.
	pub(crate) fn do_remove_node(account: T::AccountId) -> DispatchResult {
		let has_stake = T::Stakes::role_of(&account) == Some(Role::Storage)
			&& !T::Stakes::at_stake(&account).is_zero();
		let works = T::AppKeys::is_active(&account, Role::Storage);
		ensure!(!has_stake && !works, Error::<T>::StillRegistered);
		Self::do_leave(account)
	}

	/// The only way to be a storage node no longer.
	pub(crate) fn do_leave(account: T::AccountId) -> DispatchResult {
		let mut node = StorageNodes::<T>::get(&account).ok_or(Error::<T>::NotAStorageNode)?;
		ensure!(node.taken.is_zero(), Error::<T>::StillHolding);
		ensure!(!Rounds::<T>::contains_key(&account), Error::<T>::RoundOpen);

		Self::apply_changes(&account, &mut node, LEAVE_STEP);
		let cleared = match Self::has_changes(&account) {
			true => 0,
			false => Self::clear_slots(&account, LEAVE_STEP),
		};
		Self::unschedule(&Task::Node(account.clone()));
		node.status = NodeStatus::Leaving;
		node.slots = node.slots.saturating_sub(cleared);
		// The links between free slots are broken, and not needed any more.
		node.first_free = None;
		Self::refresh_weight(&account, &mut node);
		let remaining = node.slots;
		if remaining.is_zero() {
			Self::give_up_seat(&node);
			StorageNodes::<T>::remove(&account);
			Self::release(HoldReason::Node, &account, node.deposit)?;
		} else {
			StorageNodes::<T>::insert(&account, node);
		}
		Self::deposit_event(Event::NodeLeft { node: account, remaining });
		Ok(())
	}

	/// The only way to pay for a challenge.
	pub(crate) fn do_request_challenge(
		by: T::AccountId,
		id: DocumentId,
		replica: ReplicaIndex,
		leaf: Option<u64>,
	) -> DispatchResult {
		let document = Self::known(id)?;
		let entry =
			document.replicas.get(usize::from(replica)).ok_or(Error::<T>::UnknownReplica)?;
		ensure!(leaf.is_none_or(|leaf| leaf < entry.file.leaves()), Error::<T>::NoSuchLeaf);
		let (place, _) = entry.placement.holder().ok_or(Error::<T>::NotHeld)?;
		let mut node = StorageNodes::<T>::get(&place.node).ok_or(Error::<T>::NotHeld)?;
		// It has no round any more that could ask.
		let evicting = matches!(node.status, NodeStatus::Evicting { .. });
		ensure!(!evicting, Error::<T>::IsEvicted);
		Self::add_request(&mut node, place.slot, leaf)?;

		Self::charge_for_challenge(&by)?;
		let holder = place.node.clone();
		StorageNodes::<T>::insert(&holder, node);
		Self::deposit_event(Event::ChallengeRequested {
			document: id,
			replica,
			leaf,
			node: holder,
			by,
		});
		Ok(())
	}

	/// The slot is challenged in the next round. Requests leave half of the places to what was missing.
	fn add_request(
		node: &mut StorageNodeOf<T>,
		slot: u32,
		leaf: Option<u64>,
	) -> Result<(), Error<T>> {
		// Who pays for a leaf that is there must not keep others from naming one that isn't.
		let mut same = node.rechecks.iter().filter(|recheck| recheck.slot == slot);
		let known = same.any(|recheck| recheck.strikes > 0 || recheck.leaf == leaf);
		ensure!(!known, Error::<T>::AlreadyRequested);
		let requests: u32 =
			node.rechecks.iter().filter(|recheck| recheck.strikes == 0).count().saturated_into();
		let most = T::MaxRechecks::get().checked_div(2).unwrap_or(0);
		ensure!(requests < most, Error::<T>::TooManyRequests);
		let recheck = Recheck { slot, leaf, strikes: 0 };
		node.rechecks.try_push(recheck).map_err(|_| Error::<T>::TooManyRequests)
	}

	/// A new node, with a seat. The caller stores it.
	fn join(account: &T::AccountId) -> Result<StorageNodeOf<T>, sp_runtime::DispatchError> {
		let seat = Self::take_seat(account).ok_or(Error::<T>::TooManyNodes)?;
		let deposit = T::NodeDeposit::get();
		T::Currency::hold(&HoldReason::Node.into(), account, deposit)?;
		Ok(StorageNode {
			seat,
			weight: 0,
			capacity: 0,
			counted: 0,
			counts_at: T::WorkingTime::now(),
			assigned: 0,
			proven: 0,
			slots: 0,
			taken: 0,
			first_free: None,
			leaves: 0,
			round: 0,
			passed: Zero::zero(),
			settled_at: T::WorkingTime::now(),
			strikes: 0,
			silences: 0,
			shortfalls: 0,
			lapses: 0,
			rechecks: BoundedVec::default(),
			status: NodeStatus::Serving,
			returned: false,
			deposit,
		})
	}
}

impl<T: Config> Duties<T::AccountId> for Pallet<T> {
	fn is_bound(who: &T::AccountId) -> bool {
		StorageNodes::<T>::get(who).is_some_and(|node| !node.taken.is_zero())
	}
}
