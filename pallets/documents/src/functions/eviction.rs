//! Eviction: what silent nodes hold is taken from them, slowly. The only writer of [`EvictionCount`].

use frame_support::{traits::Get, weights::Weight};
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::storage::{DocumentId, ReplicaIndex};
use sp_runtime::traits::{Saturating, Zero};

use crate::{
	Config, Documents, Event, EvictionCount, Evictions, Loss, NodeStatus, Pallet, Refusal, Slots,
	StorageNodes, Task, WeightInfo,
};

/// Most slots that one step looks into: many may be free.
pub(crate) const MAX_LOOKS: u32 = 32;

impl<T: Config> Pallet<T> {
	/// Takes some more from a silent node. Gives the weight of that.
	pub(crate) fn evict_some(account: &T::AccountId, next: u32, now: BlockNumberFor<T>) -> Weight {
		let slots = StorageNodes::<T>::get(account).map_or(0, |node| node.slots);
		let most = T::MaxEvictionsPerBlock::get().min(Self::evictions_left(Loss::Silent, now));
		let mut evicted = 0u32;
		let mut cursor = next;
		for _ in 0..MAX_LOOKS {
			if cursor >= slots || evicted >= most {
				break;
			}
			if let Some((document, replica)) =
				Slots::<T>::get(account, cursor).and_then(|slot| slot.state.replica())
			{
				Self::evict(account, document, replica);
				evicted = evicted.saturating_add(1);
			}
			cursor = cursor.saturating_add(1);
		}
		Self::count_evictions(Loss::Silent, evicted, now);

		let task = Task::Node(account.clone());
		let over = cursor >= slots;
		StorageNodes::<T>::mutate_extant(account, |node| {
			node.status =
				if over { NodeStatus::Suspended } else { NodeStatus::Evicting { next: cursor } };
			Self::refresh_weight(account, node);
		});
		if over {
			Self::unschedule(&task);
			Self::deposit_event(Event::NodeSuspended { node: account.clone() });
		} else if most.is_zero() {
			Self::schedule(task, Self::period_end(now));
		} else {
			Self::schedule(task, Self::next_working_block());
		}
		T::WeightInfo::evict(evicted)
	}

	/// Takes one replica from a node that holds it, or is to.
	fn evict(account: &T::AccountId, id: DocumentId, replica: ReplicaIndex) {
		let Some(mut document) = Documents::<T>::get(id) else { return };
		let entry = document.replicas.get(usize::from(replica));
		let holds = entry
			.and_then(|entry| entry.placement.holder())
			.is_some_and(|(place, _)| place.node == *account);
		if holds {
			Self::lose(id, &mut document, replica, Loss::Silent);
		} else {
			Self::refuse(id, &mut document, replica, Refusal::Withdrawn);
		}
		Documents::<T>::insert(id, document);
	}

	/// How many replicas may still be taken from nodes in this period, because their nodes are silent, or because
	/// they themselves were not proven: half of all each, so that one large eviction leaves room to find out others.
	pub(crate) fn evictions_left(why: Loss, now: BlockNumberFor<T>) -> u32 {
		let evictions = Self::evictions_at(now);
		let half = T::MaxEvictionsPerPeriod::get().checked_div(2).unwrap_or(0);
		half.saturating_sub(match why {
			Loss::Silent => evictions.silent,
			Loss::Unproven | Loss::Declared => evictions.unproven,
		})
	}

	/// Counts replicas that were taken.
	pub(crate) fn count_evictions(why: Loss, count: u32, now: BlockNumberFor<T>) {
		if !count.is_zero() {
			let mut evictions = Self::evictions_at(now);
			let counted = match why {
				Loss::Silent => &mut evictions.silent,
				Loss::Unproven | Loss::Declared => &mut evictions.unproven,
			};
			*counted = counted.saturating_add(count);
			EvictionCount::<T>::put(evictions);
		}
	}

	/// What was taken in the period of the working block `now`.
	fn evictions_at(now: BlockNumberFor<T>) -> Evictions<BlockNumberFor<T>> {
		let this_period = |evictions: &Evictions<BlockNumberFor<T>>| {
			now.saturating_sub(evictions.since) < T::ChallengePeriod::get()
		};
		EvictionCount::<T>::get().filter(this_period).unwrap_or(Evictions {
			since: now,
			silent: 0,
			unproven: 0,
		})
	}

	/// When a new period of evictions can begin.
	fn period_end(now: BlockNumberFor<T>) -> BlockNumberFor<T> {
		let end = Self::evictions_at(now).since.saturating_add(T::ChallengePeriod::get());
		end.max(Self::next_working_block())
	}

	/// The most that one step takes.
	pub(crate) fn heaviest_eviction() -> Weight {
		T::WeightInfo::evict(T::MaxEvictionsPerBlock::get())
	}
}
