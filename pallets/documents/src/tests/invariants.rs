//! Each invariant's check can fail.

use frame_support::{
	assert_ok,
	storage::{with_transaction, TransactionOutcome},
	traits::{
		fungible::{MutateHold, UnbalancedHold},
		tokens::Precision,
	},
};
use sp_runtime::{DispatchError, TryRuntimeError};

use crate::{
	mock::*, Agenda, AgendaCursor, Changed, Cids, Documents as Stored, DocumentsOf, Due, Envelopes,
	HoldReason, Lane, NodeStatus, Purpose, Recheck, Rounds, SeatCount, SeatSums, Seats, SlotState,
	SlotSums, Slots, StorageNodes, Task,
};

/// Two documents are kept by three nodes; somebody reads the first, another one waits; a round is open. What `spoil`
/// does must be found, as `invariant`, and is undone.
fn broken(cases: &[(&str, &dyn Fn())]) {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		keep();
		keep();
		let version = give_key(BYSTANDER);
		let purpose = Purpose::Read;
		assert_ok!(Documents::add_envelope(by(OWNER), 0, purpose, BYSTANDER, version, sealed()));
		delegate(0);
		to_round(1);
		publish();
		check();
		for (number, (invariant, spoil)) in cases.iter().enumerate() {
			let verdict = with_transaction(|| {
				spoil();
				TransactionOutcome::Rollback(Ok::<_, DispatchError>(Documents::do_try_state()))
			});
			match verdict.unwrap() {
				Err(TryRuntimeError::Other(complaint)) => {
					assert!(complaint.starts_with(invariant), "case {number}: {complaint}");
				}
				other => panic!("case {number}, {invariant}: {other:?}"),
			}
		}
	});
}

fn change_document(change: impl FnOnce(&mut crate::DocumentOf<Test>)) {
	Stored::<Test>::mutate_extant(0, change);
}

fn change_node(change: impl FnOnce(&mut crate::StorageNodeOf<Test>)) {
	StorageNodes::<Test>::mutate_extant(1, change);
}

/// The slot of node 1 that is in use for document 0.
fn slot() -> u32 {
	let of_first = |state: SlotState| state.replica().is_some_and(|(document, _)| document == 0);
	Slots::<Test>::iter_prefix(1).find(|(_, slot)| of_first(slot.state)).unwrap().0
}

fn change_slot(change: impl FnOnce(&mut crate::Slot)) {
	let number = slot();
	let mut entry = Slots::<Test>::get(1, number).unwrap();
	change(&mut entry);
	Slots::<Test>::insert(1, number, entry);
}

#[test]
fn cids_are_checked() {
	broken(&[
		("D1", &|| crate::NextDocument::<Test>::put(1)),
		("D1", &|| DocumentsOf::<Test>::remove(ASSET, 0)),
		("D1", &|| DocumentsOf::<Test>::insert(ASSET, 99, ())),
		("D1", &|| Cids::<Test>::remove(stored(0).replicas[0].file.cid, OWNER)),
		("D1", &|| Cids::<Test>::insert(stored(0).replicas[0].file.cid, OWNER, (0, 1))),
		("D1", &|| {
			change_document(|document| document.replicas[1].file = document.replicas[0].file)
		}),
	]);
}

#[test]
fn money_is_checked() {
	broken(&[
		("D2", &|| change_document(|document| document.funds += 1)),
		("D2", &|| change_document(|document| document.deposit -= 1)),
		("D2", &|| {
			let reason = HoldReason::Storage.into();
			Balances::release(&reason, &OWNER, 1, Precision::Exact).unwrap();
		}),
		("D2", &|| {
			let reason = HoldReason::Entries.into();
			Balances::increase_balance_on_hold(&reason, &OWNER, 1, Precision::Exact).unwrap();
		}),
		("D2", &|| {
			// Nobody's documents have it.
			let reason = HoldReason::Storage.into();
			Balances::increase_balance_on_hold(&reason, &BYSTANDER, 1, Precision::Exact).unwrap();
		}),
		("D3", &|| change_document(|document| document.promised = 1)),
		("D3", &|| change_document(|document| document.expires_at += 1_000)),
		("D3", &|| change_document(|document| document.price += 1)),
		("D11", &|| change_node(|node| node.deposit += 1)),
		("D11", &|| change_node(|node| node.settled_at = 9_999)),
		("D11", &|| {
			crate::ReaderKeys::<Test>::mutate_extant(BYSTANDER, |key| key.deposit += 1);
		}),
		("D10", &|| crate::NextKeyVersion::<Test>::put(0)),
	]);
}

#[test]
fn slots_are_checked() {
	broken(&[
		("D4", &|| change_slot(|slot| slot.state = SlotState::Vacated)),
		("D4", &|| {
			change_slot(|slot| slot.state = SlotState::Reserved { document: 0, replica: 0 })
		}),
		("D4", &|| Slots::<Test>::remove(1, slot())),
		("D4", &|| {
			let slot = Slots::<Test>::get(1, slot()).unwrap();
			Slots::<Test>::insert(1, 60, slot);
		}),
		("D4", &|| {
			let slot = Slots::<Test>::get(1, slot()).unwrap();
			Slots::<Test>::insert(99, 0, slot);
		}),
		("D5", &|| change_node(|node| node.taken += 1)),
		("D5", &|| change_node(|node| node.assigned += 1)),
		("D5", &|| change_node(|node| node.slots += 1)),
		("D5", &|| change_node(|node| node.leaves += 1)),
		("D5", &|| change_node(|node| node.first_free = Some(slot()))),
		("D5", &|| {
			Slots::<Test>::insert(
				1,
				2,
				crate::Slot { state: SlotState::Free { next: None }, weight: 0 },
			);
			change_node(|node| node.slots += 1);
		}),
		("D5", &|| {
			Slots::<Test>::insert(
				1,
				2,
				crate::Slot { state: SlotState::Free { next: Some(2) }, weight: 0 },
			);
			change_node(|node| {
				node.slots += 1;
				node.first_free = Some(2);
			});
		}),
		("D5", &|| {
			change_node(|node| {
				node.rechecks.try_push(Recheck { slot: 50, leaf: None, strikes: 1 }).unwrap()
			});
		}),
		("D6", &|| {
			change_slot(|slot| slot.weight -= 1);
			change_node(|node| node.leaves -= 1);
		}),
		("D6", &|| SlotSums::<Test>::remove(1, 1)),
		("D6", &|| SlotSums::<Test>::insert(99, 1, 1)),
		("D6", &|| Changed::<Test>::insert(99, 1, ())),
	]);
}

#[test]
fn seats_are_checked() {
	broken(&[
		("D7", &|| SeatCount::<Test>::put(31)),
		("D7", &|| SeatCount::<Test>::put(2)),
		("D7", &|| Seats::<Test>::remove(0)),
		("D7", &|| Seats::<Test>::insert(0, 99)),
		("D7", &|| Seats::<Test>::insert(0, 2)),
		("D7", &|| Seats::<Test>::insert(9, 2)),
		("D7", &|| SeatSums::<Test>::mutate(1, |sum| *sum += 1)),
		("D7", &|| change_node(|node| node.weight += 1)),
	]);
}

#[test]
fn rounds_are_checked() {
	broken(&[
		("D8", &|| change_node(|node| node.round += 1)),
		("D8", &|| Rounds::<Test>::mutate_extant(1, |round| round.leaves += 1)),
		("D8", &|| Rounds::<Test>::mutate_extant(1, |round| round.sampled = 63)),
		("D8", &|| Rounds::<Test>::mutate_extant(1, |round| round.answered = 4)),
		("D8", &|| Rounds::<Test>::insert(99, Rounds::<Test>::get(1).unwrap())),
		("D8", &|| Documents::unschedule(&Task::Node(1))),
	]);
}

#[test]
fn the_agenda_is_checked() {
	broken(&[
		("D9", &|| Agenda::<Test>::insert((Lane::Documents, 99), Task::Document(0), ())),
		("D9", &|| Documents::schedule(Task::Document(99), 999)),
		("D9", &|| Due::<Test>::insert(Task::Document(0), 999)),
		("D9", &|| {
			let at = Due::<Test>::get(Task::Document(0)).unwrap();
			Agenda::<Test>::remove((Lane::Documents, at), Task::Document(0));
			Agenda::<Test>::insert((Lane::Nodes, at), Task::Document(0), ());
		}),
		("D9", &|| AgendaCursor::<Test>::insert(Lane::Documents, 9_999)),
		("D9", &|| AgendaCursor::<Test>::insert(Lane::Nodes, 9_999)),
		("D9", &|| Documents::unschedule(&Task::Document(0))),
		("D9", &|| Documents::unschedule(&Task::Replica(2, 0))),
		("D9", &|| Documents::schedule(Task::Replica(0, 0), 999)),
		("D9", &|| {
			Rounds::<Test>::remove(1);
			Documents::unschedule(&Task::Node(1));
		}),
		("D9", &|| {
			StorageNodes::<Test>::mutate_extant(2, |node| {
				node.status = NodeStatus::Evicting { next: 0 };
			});
			Rounds::<Test>::remove(2);
			Documents::unschedule(&Task::Node(2));
		}),
	]);
}

#[test]
fn envelopes_are_checked() {
	broken(&[
		("D10", &|| change_document(|document| document.readers += 1)),
		("D10", &|| {
			let envelope = Envelopes::<Test>::get((0, Purpose::Read, BYSTANDER)).unwrap();
			Envelopes::<Test>::insert((99, Purpose::Read, BYSTANDER), envelope);
		}),
		("D10", &|| {
			let envelope = Envelopes::<Test>::get((0, Purpose::Read, BYSTANDER)).unwrap();
			Envelopes::<Test>::insert((0, Purpose::Repair, BYSTANDER), envelope);
		}),
		("D10", &|| {
			Envelopes::<Test>::mutate((0, Purpose::Read, BYSTANDER), |envelope| {
				envelope.as_mut().unwrap().deposit = 100_000;
			});
		}),
		("D10", &|| change_document(|document| document.repairers[0].ready = false)),
		("D10", &|| {
			change_document(|document| {
				let same = document.repairers[0].clone();
				document.repairers.try_push(same).unwrap();
			});
		}),
		("D10", &|| {
			change_document(|document| document.repairers[0].account = 1);
			let envelope = Envelopes::<Test>::take((0, Purpose::Repair, DELEGATE)).unwrap();
			Envelopes::<Test>::insert((0, Purpose::Repair, 1), envelope);
		}),
	]);
}
