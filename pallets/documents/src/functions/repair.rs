//! Repair: replicas that are lost, who makes them again, and what for.

use frame_support::traits::Get;
use rwa_primitives::{
	storage::{DocumentId, ReplicaIndex},
	traits::{Stakes, WorkingTime},
};
use sp_core::H256;
use sp_runtime::{
	traits::{BlakeTwo256, Hash, Saturating},
	Perbill, SaturatedConversion,
};

use crate::{
	Config, DocumentOf, Event, File, Loss, Pallet, Place, Placement, Refusal, Repair, Task,
};

impl<T: Config> Pallet<T> {
	/// The holder of a replica has it no more. Another is drawn after the grace period, in which an outage that
	/// looks like many losses can be noticed. The caller stores the document.
	pub(crate) fn lose(
		id: DocumentId,
		document: &mut DocumentOf<T>,
		replica: ReplicaIndex,
		why: Loss,
	) {
		let entry = document.replicas.get(usize::from(replica));
		if entry.is_some_and(|entry| matches!(entry.placement, Placement::HandingOver { .. })) {
			// Who was to take it from the holder can't any more.
			Self::refuse(id, document, replica, Refusal::Withdrawn);
		}
		let Some(entry) = document.replicas.get_mut(usize::from(replica)) else { return };
		let Some(place) = entry.placement.holder().map(|(place, _)| place.clone()) else { return };
		let node = place.node.clone();
		entry.placement = Placement::Waiting { lost: true, avoid: Some(node.clone()), failures: 0 };
		if why != Loss::Declared {
			// What it would have paid, had it said so; else silence would be cheaper the more is lost. To nobody who
			// has a part in the document: that would be a way to get stake out before a penalty is taken.
			T::Stakes::seize(&node, Self::repair_fee(&entry.file), None, Perbill::zero());
		}
		Self::vacate(&place, entry.file.size);
		let repair_at = T::WorkingTime::now().saturating_add(T::RepairGrace::get());
		Self::schedule(Task::Replica(id, replica), repair_at);
		Self::deposit_event(Event::ReplicaLost { document: id, replica, node, why, repair_at });
	}

	/// Chooses who makes a lost replica again, and sets its fee aside: all of it, or nothing. The caller stores
	/// the document.
	pub(crate) fn promise_repair(
		document: &mut DocumentOf<T>,
		file: &File,
		seed: &H256,
	) -> Repair<T::AccountId> {
		let Some(repairer) = Self::choose_repairer(document, seed) else {
			return Repair { repairer: None, fee: 0 };
		};
		let fee = Self::repair_fee(file);
		let fee = if Self::spare(document) >= fee { fee } else { 0 };
		document.promised = document.promised.saturating_add(fee);
		Repair { repairer: Some(repairer), fee }
	}

	/// One of those who have the outer keys and hold no replica, all alike.
	fn choose_repairer(document: &DocumentOf<T>, seed: &H256) -> Option<T::AccountId> {
		let holds = |account: &T::AccountId| {
			let mut places = document.replicas.iter().flat_map(|entry| entry.placement.places());
			places.any(|place: &Place<_>| place.node == *account)
		};
		let able = || {
			let ready = document.repairers.iter().filter(|one| one.ready);
			ready.map(|one| &one.account).filter(|account| !holds(account))
		};
		let count: u64 = able().count().saturated_into();
		let random = BlakeTwo256::hash_of(&(b"repairer", seed));
		let random = random.as_bytes().first_chunk().map_or(0, |chunk| u64::from_le_bytes(*chunk));
		let chosen = random.checked_rem(count)?;
		able().nth(chosen.saturated_into()).cloned()
	}

	/// A lost replica is there again: whoever made it is paid. The caller stores the document.
	pub(crate) fn settle_repair(
		id: DocumentId,
		document: &mut DocumentOf<T>,
		replica: ReplicaIndex,
		repair: Repair<T::AccountId>,
	) {
		document.promised = document.promised.saturating_sub(repair.fee);
		let Some(repairer) = repair.repairer.filter(|_| repair.fee > 0) else { return };
		// Fails only for an account that is gone and too small a fee to revive it. Then the document keeps it.
		if Self::pay_from_hold(&document.owner, &repairer, repair.fee).is_ok() {
			document.funds = document.funds.saturating_sub(repair.fee);
			let amount = repair.fee;
			Self::deposit_event(Event::RepairPaid { document: id, replica, repairer, amount });
		}
	}
}
