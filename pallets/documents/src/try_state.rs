//! What always holds between two blocks.

use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};

use frame_support::{
	ensure,
	traits::{fungible::InspectHold, Get},
};
use rwa_primitives::{
	ipfs::Cid,
	storage::{DocumentId, ReplicaIndex},
	traits::{Announcers, WorkingTime},
	Balance,
};
use sp_runtime::{SaturatedConversion, TryRuntimeError};

use frame_system::Account as Accounts;

use crate::{
	functions::documents::REPLICA_NUMBERS, Agenda, AgendaCursor, Changed, Cids, Config, DocumentOf,
	Documents, DocumentsOf, Due, Envelopes, HoldReason, Lane, NextDocument, NextKeyVersion,
	NodeStatus, Pallet, Placement, Purpose, ReaderKeys, Rounds, SeatCount, Seats, SlotState,
	SlotSums, Slots, Stage, StorageNodeOf, StorageNodes, Task, TaskOf,
};

/// Sums by account.
type Sums<T> = BTreeMap<<T as frame_system::Config>::AccountId, Balance>;

impl<T: Config> Pallet<T> {
	/// Every invariant. The error names the one that is broken.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_cids()?;
		Self::check_funds()?;
		Self::check_promises()?;
		Self::check_placements()?;
		Self::check_nodes()?;
		Self::check_seats()?;
		Self::check_rounds()?;
		Self::check_agenda()?;
		Self::check_waiting()?;
		Self::check_envelopes()?;
		Self::check_other_deposits()?;
		Self::check_announcers()
	}

	/// D1: CIDs are distinct, and both mirrors are complete.
	fn check_cids() -> Result<(), TryRuntimeError> {
		let mut expected = BTreeMap::<(Cid, T::AccountId), (DocumentId, ReplicaIndex)>::new();
		let mut documents = 0usize;
		for (id, document) in Documents::<T>::iter() {
			documents = documents.saturating_add(1);
			ensure!(id < NextDocument::<T>::get(), "D1: a document's number is still to come");
			ensure!(
				DocumentsOf::<T>::contains_key(document.asset, id),
				"D1: an asset lacks a document"
			);
			for (replica, entry) in REPLICA_NUMBERS.into_iter().zip(&document.replicas) {
				let key = (entry.file.cid, document.owner.clone());
				let before = expected.insert(key, (id, replica));
				ensure!(before.is_none(), "D1: two replicas of an owner's are one file");
			}
		}
		ensure!(
			DocumentsOf::<T>::iter_keys().count() == documents,
			"D1: an asset has a document that there is not"
		);
		let found: BTreeMap<_, _> =
			Cids::<T>::iter().map(|(cid, owner, replica)| ((cid, owner), replica)).collect();
		ensure!(found == expected, "D1: CIDs are not those of the documents");
		Ok(())
	}

	/// D2: what documents have is what is held on their owners.
	fn check_funds() -> Result<(), TryRuntimeError> {
		let (mut funds, mut deposits) = (Sums::<T>::new(), Sums::<T>::new());
		for document in Documents::<T>::iter_values() {
			add::<T>(&mut funds, &document.owner, document.funds);
			add::<T>(&mut deposits, &document.owner, document.deposit);
		}
		ensure!(
			Self::holds_are(HoldReason::Storage, &funds),
			"D2: another sum is held than an owner's documents have"
		);
		ensure!(
			Self::holds_are(HoldReason::Entries, &deposits),
			"D2: another sum is held than an owner's documents have as deposits"
		);
		Ok(())
	}

	/// D3: what a document has is enough for all that it may have to pay.
	fn check_promises() -> Result<(), TryRuntimeError> {
		for document in Documents::<T>::iter_values() {
			let promised = document.replicas.iter().fold(0u128, |sum, entry| {
				let Placement::Assigned { repair: Some(repair), .. } = &entry.placement else {
					return sum;
				};
				sum.saturating_add(repair.fee)
			});
			ensure!(promised == document.promised, "D3: other repairs are promised than paid");
			let owed = Self::payable(&document).and_then(|sum| sum.checked_add(promised));
			ensure!(
				owed.is_some_and(|owed| owed <= document.funds),
				"D3: a document can't pay those who work for it"
			);
		}
		Ok(())
	}

	/// D4, D12: every placement has its slot, and every slot in use its placement. No node has two replicas of a
	/// document.
	fn check_placements() -> Result<(), TryRuntimeError> {
		let mut used = BTreeSet::new();
		for (id, document) in Documents::<T>::iter() {
			let mut nodes = BTreeSet::new();
			for (replica, entry) in REPLICA_NUMBERS.into_iter().zip(&document.replicas) {
				let holder = entry.placement.holder().map(|(place, _)| {
					let leaves = entry.file.leaves();
					(place.clone(), SlotState::Kept { document: id, replica, leaves })
				});
				let newcomer = entry
					.placement
					.newcomer()
					.map(|place| (place.clone(), SlotState::Reserved { document: id, replica }));
				for (place, state) in holder.into_iter().chain(newcomer) {
					let slot = Slots::<T>::get(&place.node, place.slot);
					ensure!(
						slot.is_some_and(|slot| slot.state == state),
						"D4: a replica is not in its slot"
					);
					ensure!(nodes.insert(place.node.clone()), "D12: a node has two replicas");
					used.insert((place.node, place.slot));
				}
			}
		}
		for (node, slot, entry) in Slots::<T>::iter() {
			ensure!(StorageNodes::<T>::contains_key(&node), "D4: nobody has a slot");
			ensure!(
				entry.state.replica().is_some() == used.contains(&(node, slot)),
				"D4: a slot is in use for nothing"
			);
		}
		Ok(())
	}

	/// D5, D6: each node's counts and sums are of its slots.
	fn check_nodes() -> Result<(), TryRuntimeError> {
		for (account, node) in StorageNodes::<T>::iter() {
			let slots: BTreeMap<u32, _> = Slots::<T>::iter_prefix(&account).collect();
			let in_use = slots.values().filter_map(|slot| slot.state.replica());
			let (mut taken, mut bytes) = (0u32, 0u64);
			for (id, replica) in in_use {
				let document = Documents::<T>::get(id).ok_or("D4: a slot is of no document")?;
				let file = document.replicas.get(usize::from(replica)).map(|entry| entry.file);
				taken = taken.saturating_add(1);
				bytes = bytes.saturating_add(file.map_or(0, |file| file.size));
			}
			ensure!(node.taken == taken, "D5: a node has another number of slots in use");
			ensure!(node.assigned == bytes, "D5: a node has another number of bytes");
			ensure!(
				slots.len() == node.slots.saturated_into::<usize>(),
				"D5: a node has another number of slots"
			);
			if node.status != NodeStatus::Leaving {
				Self::check_free_slots(&account, &node)?;
			}
			let leaves = slots.values().fold(0u64, |sum, slot| sum.saturating_add(slot.weight));
			ensure!(node.leaves == leaves, "D5: a node has another number of leaves");
			for (number, slot) in &slots {
				let lags = slot.weight != slot.state.leaves() || slot.state == SlotState::Vacated;
				ensure!(
					!lags || Changed::<T>::contains_key(&account, number),
					"D6: a slot's weight lags behind for ever"
				);
			}
			let end = slots.keys().next_back().map_or(0, |last| last.saturating_add(1));
			let weights: Vec<u128> = (0..end)
				.map(|number| slots.get(&number).map_or(0, |slot| slot.weight.into()))
				.collect();
			ensure!(
				Self::slot_tree_agrees(&account, &weights),
				"D6: a node's sums are not of its slots"
			);
			ensure!(
				node.rechecks.iter().all(|recheck| slots
					.get(&recheck.slot)
					.is_some_and(|slot| matches!(slot.state, SlotState::Kept { .. }))),
				"D5: what is not there is to be asked for again"
			);
		}
		ensure!(
			SlotSums::<T>::iter_keys().all(|(node, _)| StorageNodes::<T>::contains_key(node)),
			"D6: nobody has sums"
		);
		ensure!(
			Changed::<T>::iter_keys().all(|(node, _)| StorageNodes::<T>::contains_key(node)),
			"D6: nobody's slots have changed"
		);
		Ok(())
	}

	/// D5: the free slots of a node are all linked, once each.
	fn check_free_slots(
		account: &T::AccountId,
		node: &StorageNodeOf<T>,
	) -> Result<(), TryRuntimeError> {
		let free = Slots::<T>::iter_prefix_values(account)
			.filter(|slot| matches!(slot.state, SlotState::Free { .. }))
			.count();
		let mut linked = 0usize;
		let mut next = node.first_free;
		while let Some(slot) = next {
			let state = Slots::<T>::get(account, slot).map(|slot| slot.state);
			let Some(SlotState::Free { next: following }) = state else {
				return Err("D5: a slot in use is linked as free".into());
			};
			linked = linked.saturating_add(1);
			ensure!(linked <= free, "D5: the free slots are linked in a circle");
			next = following;
		}
		ensure!(linked == free, "D5: a free slot is not linked");
		Ok(())
	}

	/// D7: seats are dense, mirror the nodes, and the sums are of their weights.
	fn check_seats() -> Result<(), TryRuntimeError> {
		let count = SeatCount::<T>::get();
		ensure!(count <= T::MaxNodes::get(), "D7: there are too many nodes");
		let mut weights = Vec::new();
		for seat in 0..count {
			let account = Seats::<T>::get(seat).ok_or("D7: a seat is empty")?;
			let node = StorageNodes::<T>::get(account).ok_or("D7: nobody has a seat")?;
			ensure!(node.seat == seat, "D7: a node is in another's seat");
			weights.push(node.weight);
		}
		let nodes = StorageNodes::<T>::iter_keys().count();
		ensure!(nodes == weights.len(), "D7: a node has no seat");
		ensure!(Seats::<T>::iter_keys().count() == nodes, "D7: there are more seats");
		ensure!(Self::seat_tree_agrees(&weights), "D7: the sums are not of the nodes' weights");
		Ok(())
	}

	/// D8: an open round is its node's newest, and no more was answered than asked.
	fn check_rounds() -> Result<(), TryRuntimeError> {
		for (account, round) in Rounds::<T>::iter() {
			let node = StorageNodes::<T>::get(&account).ok_or("D8: nobody has a round")?;
			ensure!(node.round == round.index, "D8: an open round is not its node's newest");
			ensure!(node.leaves == round.leaves, "D8: what is drawn from has changed");
			let most = T::MaxChallenges::get().saturating_add(T::MaxRechecks::get());
			ensure!(round.challenges() <= most, "D8: a round has too many challenges");
			let asked = 1u128.wrapping_shl(round.challenges());
			ensure!(u128::from(round.answered) < asked, "D8: more was answered than asked");
			ensure!(
				Due::<T>::contains_key(Task::Node(account)),
				"D8: a round is open that never ends"
			);
		}
		Ok(())
	}

	/// D9: the agenda and the due times are the same, and nothing was passed over.
	fn check_agenda() -> Result<(), TryRuntimeError> {
		for (task, at) in Due::<T>::iter() {
			let exists = match &task {
				Task::Node(account) => StorageNodes::<T>::contains_key(account),
				Task::Replica(id, _) | Task::Document(id) => Documents::<T>::contains_key(id),
			};
			ensure!(exists, "D9: something is due that does not exist");
			let lane = task.lane();
			ensure!(
				Agenda::<T>::contains_key((lane, at), &task),
				"D9: a due task is not on the agenda"
			);
			ensure!(
				AgendaCursor::<T>::get(lane).is_some_and(|cursor| cursor <= at),
				"D9: a task on the agenda was passed over"
			);
		}
		let is_due = |((lane, at), task): ((Lane, _), TaskOf<T>)| {
			task.lane() == lane && Due::<T>::get(task) == Some(at)
		};
		ensure!(Agenda::<T>::iter_keys().all(is_due), "D9: the agenda has a task that is not due");
		Ok(())
	}

	/// D9: whatever waits for something is due.
	fn check_waiting() -> Result<(), TryRuntimeError> {
		for (id, document) in Documents::<T>::iter() {
			ensure!(Due::<T>::contains_key(Task::Document(id)), "D9: a document never expires");
			for (replica, entry) in REPLICA_NUMBERS.into_iter().zip(&document.replicas) {
				Self::check_replica_waits(id, &document, replica, &entry.placement)?;
			}
		}
		for (account, node) in StorageNodes::<T>::iter() {
			let keeps = Slots::<T>::iter_prefix_values(&account)
				.any(|slot| matches!(slot.state, SlotState::Kept { .. }));
			let evicting = matches!(node.status, NodeStatus::Evicting { .. });
			ensure!(
				!(keeps || evicting) || Due::<T>::contains_key(Task::Node(account)),
				"D9: a node is never challenged"
			);
		}
		Ok(())
	}

	fn check_replica_waits(
		id: DocumentId,
		document: &DocumentOf<T>,
		replica: ReplicaIndex,
		placement: &crate::PlacementOf<T>,
	) -> Result<(), TryRuntimeError> {
		let due = Due::<T>::contains_key(Task::Replica(id, replica));
		match placement {
			Placement::Held { leaving: false, .. } => {
				ensure!(!due, "D9: a replica waits for nothing");
			}
			Placement::Waiting { .. } => {
				ensure!(
					due || Self::is_given_up(placement) || document.stage == Stage::Expired,
					"D9: a replica is never given to anybody"
				);
			}
			Placement::Held { leaving: true, .. } => {
				ensure!(due, "D9: a replica is never handed over");
			}
			Placement::Assigned { .. } | Placement::HandingOver { .. } => {
				ensure!(due, "D9: a node may be late for ever");
			}
		}
		Ok(())
	}

	/// D10: envelopes belong to documents, as many as these say; repairers are distinct and hold nothing.
	fn check_envelopes() -> Result<(), TryRuntimeError> {
		let mut deposits = BTreeMap::<DocumentId, Balance>::new();
		let mut readers = BTreeMap::<DocumentId, u32>::new();
		for ((id, purpose, account), envelope) in Envelopes::<T>::iter() {
			let document = Documents::<T>::get(id).ok_or("D10: an envelope is of no document")?;
			let sum = deposits.entry(id).or_default();
			*sum = sum.saturating_add(envelope.deposit);
			ensure!(
				envelope.key_version < NextKeyVersion::<T>::get(),
				"D10: an envelope is sealed to a key that is still to come"
			);
			if purpose == Purpose::Read {
				let count = readers.entry(id).or_default();
				*count = count.saturating_add(1);
			} else {
				let known =
					document.repairers.iter().any(|one| one.ready && one.account == account);
				ensure!(known, "D10: somebody has the outer keys who is no repairer");
			}
		}
		for (id, document) in Documents::<T>::iter() {
			ensure!(
				document.readers == readers.get(&id).copied().unwrap_or(0),
				"D10: a document has another number of readers"
			);
			ensure!(
				document.deposit >= deposits.get(&id).copied().unwrap_or(0),
				"D10: envelopes hold more than their document"
			);
			let distinct: BTreeSet<_> = document.repairers.iter().map(|one| &one.account).collect();
			ensure!(distinct.len() == document.repairers.len(), "D10: a repairer is named twice");
			for repairer in &document.repairers {
				let has_keys =
					Envelopes::<T>::contains_key((id, Purpose::Repair, &repairer.account));
				ensure!(
					has_keys == repairer.ready,
					"D10: a repairer is ready without keys, or has them and isn't"
				);
				let mut places =
					document.replicas.iter().flat_map(|entry| entry.placement.places());
				ensure!(
					places.all(|place| place.node != repairer.account),
					"D10: a repairer holds a replica"
				);
			}
		}
		Ok(())
	}

	/// D11: what is held for keys and nodes is what their entries say.
	fn check_other_deposits() -> Result<(), TryRuntimeError> {
		let (mut keys, mut nodes) = (Sums::<T>::new(), Sums::<T>::new());
		for (reader, key) in ReaderKeys::<T>::iter() {
			add::<T>(&mut keys, &reader, key.deposit);
			ensure!(
				key.version < NextKeyVersion::<T>::get(),
				"D11: a key's number is still to come"
			);
		}
		for (account, node) in StorageNodes::<T>::iter() {
			add::<T>(&mut nodes, &account, node.deposit);
			ensure!(
				node.settled_at <= T::WorkingTime::now(),
				"D11: a node was judged in the future"
			);
		}
		ensure!(
			Self::holds_are(HoldReason::ReaderKey, &keys),
			"D11: another sum is held than a reader's key says"
		);
		ensure!(
			Self::holds_are(HoldReason::Node, &nodes),
			"D11: another sum is held than a node says"
		);
		Ok(())
	}

	/// D13: an owner may announce as many documents as it has.
	fn check_announcers() -> Result<(), TryRuntimeError> {
		let mut counts = BTreeMap::<T::AccountId, u32>::new();
		for document in Documents::<T>::iter_values() {
			let count = counts.entry(document.owner).or_default();
			*count = count.saturating_add(1);
		}
		ensure!(
			counts.iter().all(|(owner, count)| T::Announcers::allowed(owner) == *count),
			"D13: an owner may announce another number of documents than it has"
		);
		Ok(())
	}

	/// Whether these sums are held, and nothing else on anybody.
	fn holds_are(reason: HoldReason, sums: &Sums<T>) -> bool {
		let reason = reason.into();
		let held = |who: &T::AccountId| T::Currency::balance_on_hold(&reason, who);
		let due = |who: &T::AccountId| sums.get(who).copied().unwrap_or(0);
		// Whoever has something held has an account.
		sums.keys().cloned().chain(Accounts::<T>::iter_keys()).all(|who| held(&who) == due(&who))
	}
}

fn add<T: Config>(sums: &mut Sums<T>, who: &T::AccountId, amount: Balance) {
	let sum = sums.entry(who.clone()).or_default();
	*sum = sum.saturating_add(amount);
}
