//! Lost replicas are made again, and whoever makes them is paid.

use frame_support::assert_ok;
use rwa_primitives::storage::Act;

use crate::{mock::*, Event, Health, Loss, Placement, Purpose};

const FEE: u128 = 1_000 + 25 * 10;

/// A document whose replica 0 was declared lost.
fn lose_one() -> (u64, Account) {
	let (id, [node, ..]) = keep();
	say(node, id, 0, Act::DeclareFault);
	(id, node)
}

/// Blocks until a node is drawn for replica 0.
fn to_repair(id: u64) -> Account {
	run_for(RepairGrace::get());
	newcomer(id, 0).expect("a node was drawn")
}

#[test]
fn whoever_declares_a_loss_should_pay_for_the_repair() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, [node, ..]) = keep();
		run_answering(2 * ChallengePeriod::get(), &[1, 2, 3, 4, 5]);
		let (due, before, spare) =
			(Documents::claimable(id, 0), free(node), Documents::document(id).unwrap().spare);
		say(node, id, 0, Act::DeclareFault);
		let repair_at = Now::get() + RepairGrace::get();
		let why = Loss::Declared;
		assert_eq!(
			last_event(),
			Event::ReplicaLost { document: id, replica: 0, node, why, repair_at }
		);
		// What it had proven it gets.
		assert_eq!(free(node), before - FEE + due);
		let overview = Documents::document(id).unwrap();
		assert!(overview.spare >= spare + FEE);
		assert_eq!((overview.held, overview.health), (2, Health::Degraded));
		assert!(Accused::get().is_empty());
	});
}

#[test]
fn a_lost_replica_should_be_made_again_by_the_delegate() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, lost_by) = lose_one();
		delegate(id);
		let heir = to_repair(id);
		assert_ne!(heir, lost_by);
		let deadline = Now::get() + ConfirmTime::get();
		let repairer = Some(DELEGATE);
		let needed = Event::RepairNeeded {
			document: id,
			replica: 0,
			node: heir,
			repairer,
			fee: FEE,
			deadline,
		};
		assert!(events().contains(&needed));
		assert_eq!(stored(id).promised, FEE);
		assert_eq!(Documents::assignments(heir, None, 1)[0].from, Some(DELEGATE));
		check();

		let before = free(DELEGATE);
		confirm(heir, id, 0);
		let paid = Event::RepairPaid { document: id, replica: 0, repairer: DELEGATE, amount: FEE };
		assert_eq!(last_event(), paid);
		assert_eq!(free(DELEGATE), before + FEE);
		assert_eq!(stored(id).promised, 0);
		assert_eq!(Documents::document(id).unwrap().health, Health::Complete);
	});
}

#[test]
fn a_repair_without_money_should_be_promised_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, _) = lose_one();
		delegate(id);
		// All there is to spare goes to a longer time, but for one repair, and that is dearer now.
		RepairFee::set(100_000);
		let heir = to_repair(id);
		assert!(events().iter().any(|event| matches!(
			event,
			Event::RepairNeeded { repairer: Some(DELEGATE), fee: 0, .. }
		)));
		let before = free(DELEGATE);
		confirm(heir, id, 0);
		assert_eq!(free(DELEGATE), before);
	});
}

#[test]
fn two_repairs_at_once_should_not_be_promised_the_same_money() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, [_, second, third]) = keep();
		delegate(id);
		// One repair was paid at registration, none by the faulty: a silent loss pays nothing.
		let mut document = stored(id);
		for (replica, node) in [(1, second), (2, third)] {
			forget(node, id, replica);
			Documents::lose(id, &mut document, replica, Loss::Silent);
		}
		crate::Documents::<Test>::insert(id, document);
		run_for(RepairGrace::get());
		let fees: Vec<_> = events()
			.into_iter()
			.filter_map(|event| match event {
				Event::RepairNeeded { fee, .. } => Some(fee),
				_ => None,
			})
			.collect();
		// Time has passed in which nobody earned anything, so that there may be more to spare than one repair.
		assert_eq!(fees.len(), 2);
		let promised: u128 = fees.iter().sum();
		assert_eq!(stored(id).promised, promised);
		check();
	});
}

#[test]
fn without_a_repairer_the_owner_should_have_to_help() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, _) = lose_one();
		let heir = to_repair(id);
		assert!(events()
			.iter()
			.any(|event| matches!(event, Event::RepairNeeded { repairer: None, fee: 0, .. })));
		confirm(heir, id, 0);
		assert_eq!(Documents::document(id).unwrap().held, 3);
	});
}

#[test]
fn a_repair_that_comes_to_nothing_should_cost_nothing() {
	ExtBuilder::default().nodes(6).build_and_execute(|| {
		let (id, _) = lose_one();
		delegate(id);
		let heir = to_repair(id);
		run_for(ConfirmTime::get());
		assert_eq!(stored(id).promised, 0);
		let Placement::Waiting { lost: true, avoid, .. } = placement(id, 0) else {
			panic!("{:?}", placement(id, 0))
		};
		assert_eq!(avoid, Some(heir));
		run_for(RetryDelay::get());
		let next = newcomer(id, 0).unwrap();
		assert_ne!(next, heir);
		confirm(next, id, 0);
		assert!(matches!(last_event(), Event::RepairPaid { repairer: DELEGATE, .. }));
	});
}

#[test]
fn whoever_has_the_outer_keys_should_never_hold_a_replica() {
	ExtBuilder::default().nodes(4).build_and_execute(|| {
		MaxRepairTries::set(100);
		let (id, holders) = keep();
		let other = (1..=4).find(|node| !holders.contains(node)).unwrap();
		let version = give_key(other);
		let purpose = Purpose::Repair;
		assert_ok!(Documents::add_envelope(by(OWNER), id, purpose, other, version, sealed()));
		say(holders[0], id, 0, Act::DeclareFault);
		run_answering(RepairGrace::get() + 300, &[1, 2, 3, 4]);
		// The only other node has the keys, and whoever lost it is not drawn.
		assert!(is_waiting(id, 0));
		serve(5);
		run_until(64 * RetryDelay::get(), &[1, 2, 3, 4], || newcomer(id, 0) == Some(5));
		let Placement::Assigned { repair: Some(repair), .. } = placement(id, 0) else {
			panic!("{:?}", placement(id, 0))
		};
		assert_eq!(repair.repairer, Some(other));
	});
}

#[test]
fn a_node_that_was_only_proposed_may_become_a_holder() {
	ExtBuilder::default().nodes(4).build_and_execute(|| {
		give_keys(4);
		let (id, holders) = keep();
		run_for(DrawDelay::get() + 1);
		let proposed = stored(id).repairers[0].account;
		assert!(!holders.contains(&proposed));
		say(holders[0], id, 0, Act::DeclareFault);
		run_for(RepairGrace::get());
		assert_eq!(newcomer(id, 0), Some(proposed));
		assert!(stored(id).repairers.is_empty());
	});
}

#[test]
fn a_repairer_whose_account_is_gone_should_leave_its_fee_to_the_document() {
	use frame_support::traits::{fungible::Mutate, tokens::Preservation};
	ExtBuilder::default().build_and_execute(|| {
		RepairFee::set(50);
		RepairPrice::set(0);
		ReaderKeyDeposit::set(0);
		let (id, _) = lose_one();
		delegate(id);
		assert_ok!(Documents::remove_reader_key(by(DELEGATE)));
		let all = free(DELEGATE);
		assert_ok!(Balances::transfer(&DELEGATE, &BYSTANDER, all, Preservation::Expendable));
		let heir = to_repair(id);
		let funds = stored(id).funds;
		confirm(heir, id, 0);
		assert_eq!((stored(id).funds, stored(id).promised), (funds, 0));
	});
}

#[test]
fn silence_should_cost_no_less_than_saying_so() {
	ExtBuilder::default().nodes(6).build_and_execute(|| {
		let (id, [node, other, _]) = keep();
		say(other, id, 1, Act::DeclareFault);
		assert!(Seized::get().is_empty());
		let rest: Vec<_> = (1..=6).filter(|one| *one != node).collect();
		run_until(5 * ChallengePeriod::get(), &rest, || holder(id, 0) != Some(node));
		assert_eq!(Seized::get(), [(node, FEE)]);
	});
}

#[test]
fn a_replica_that_is_never_proven_should_cost_its_repair() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		AtStake::mutate(|stakes| stakes.insert(1, 1_000_000));
		let documents = [keep().0, keep().0];
		let replica = (0..3).find(|replica| holder(documents[0], *replica) == Some(1)).unwrap();
		forget(1, documents[0], replica);
		run_until(6 * ChallengePeriod::get(), &[1, 2, 3], || is_waiting(documents[0], replica));
		assert_eq!(Seized::get(), [(1, FEE)]);
	});
}

#[test]
fn a_repairer_at_work_should_be_paid_by_who_removes_the_document() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, _) = lose_one();
		delegate(id);
		to_repair(id);
		assert_eq!(stored(id).promised, FEE);
		let before = free(DELEGATE);
		assert_ok!(Documents::remove_document(by(OWNER), id));
		assert_eq!(free(DELEGATE), before + FEE);
		assert_eq!(held(crate::HoldReason::Storage, OWNER), 0);
	});
}
