//! Who is drawn for replicas, and what comes of it.

use std::collections::{BTreeMap, BTreeSet};

use frame_support::{assert_noop, assert_ok};
use rwa_primitives::storage::Act;
use sp_core::{Pair, H256};
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionValidityError};

use crate::{
	mock::*, Due, Error, Event, NodeStatus, Placement, Refusal, SeatSums, StorageNodes, Task,
	CANT_PAY,
};

fn assert_refused(call: RuntimeCall, error: Error<Test>, why: InvalidTransaction) {
	assert_eq!(authorize(call.clone()), Err(TransactionValidityError::Invalid(why)));
	assert_noop!(dispatch(call).map_err(|error| error.error), error);
}

#[test]
fn holders_should_be_drawn_after_a_delay_and_confirm() {
	ExtBuilder::default().build_and_execute(|| {
		let id = publish();
		run_for(DrawDelay::get() - 1);
		// Each in a block of its own.
		let drawn = [0, 1, 2].map(|replica| {
			assert!(is_waiting(id, replica));
			run_for(1);
			let node = newcomer(id, replica).unwrap();
			let deadline = Now::get() + ConfirmTime::get();
			let event = Event::ReplicaAssigned { document: id, replica, node, deadline };
			assert!(events().contains(&event));
			assert_eq!(Documents::assignments(node, None, 10).len(), 1);
			node
		});
		assert_eq!(BTreeSet::from(drawn).len(), 3);
		confirm(drawn[0], id, 0);
		let node = drawn[0];
		assert_eq!(last_event(), Event::ReplicaConfirmed { document: id, replica: 0, node });
		assert_eq!(holder(id, 0), Some(node));
		assert_eq!(node_entry(node).leaves, 25);
	});
}

#[test]
fn holders_should_be_of_different_regions_and_machines() {
	ExtBuilder::default().nodes(9).build_and_execute(|| {
		ConfirmTime::set(1_000);
		// Nodes 1 to 3 share a region, 4 to 6 a machine.
		let here = Regions::get()[&1];
		let host = Hosts::get()[&4];
		for node in 2..=3 {
			Regions::mutate(|regions| regions.insert(node, here));
		}
		for node in 5..=6 {
			Hosts::mutate(|hosts| hosts.insert(node, host));
		}
		for _ in 0..20 {
			let id = publish_sized(4_096);
			run_for(draws());
			let drawn = [0, 1, 2].map(|replica| newcomer(id, replica).unwrap());
			assert!(drawn.iter().filter(|node| (1..=3).contains(*node)).count() <= 1, "{drawn:?}");
			assert!(drawn.iter().filter(|node| (4..=6).contains(*node)).count() <= 1, "{drawn:?}");
		}
	});
}

#[test]
fn a_replica_should_wait_until_a_node_fits() {
	ExtBuilder::default().nodes(2).build_and_execute(|| {
		let id = publish();
		run_for(draws());
		let waiting: Vec<_> = (0..3).filter(|replica| is_waiting(id, *replica)).collect();
		let [replica] = waiting[..] else { panic!("{waiting:?} wait") };
		let retry_at = Now::get() + RetryDelay::get();
		assert!(events().contains(&Event::NobodyFound { document: id, replica, retry_at }));
		// Twice as long after each failure.
		run_for(RetryDelay::get());
		let retry_at = Now::get() + 2 * RetryDelay::get();
		assert!(events().contains(&Event::NobodyFound { document: id, replica, retry_at }));
		serve(3);
		run_for(2 * RetryDelay::get());
		assert_eq!(newcomer(id, replica), Some(3));
	});
}

#[test]
fn patience_should_have_an_end() {
	ExtBuilder::default().nodes(0).build_and_execute(|| {
		let id = publish();
		RetryDelay::set(1);
		MaxTries::set(100);
		run_for(200);
		let Placement::Waiting { failures, .. } = placement(id, 0) else { panic!("not waiting") };
		assert!((7..=10).contains(&failures), "{failures}");
		let due = Due::<Test>::get(Task::Replica(id, 0)).unwrap();
		assert!(due <= Now::get() + 64);
	});
}

#[test]
fn draws_should_follow_stake_reputation_and_room() {
	ExtBuilder::default().nodes(0).build_and_execute(|| {
		MaxReplicasPerNode::set(1 << 12);
		MaxDuePerBlock::set(1_000);
		StoragePrice::set(1);
		DocumentDeposit::set(0);
		RepairFee::set(0);
		RepairPrice::set(0);
		// Two nodes of six have three times the weight, one has a third of the room.
		for node in 1..=6 {
			register(node);
			if node <= 2 {
				Weights::mutate(|weights| weights.insert(node, 3 * WEIGHT));
			}
			let capacity = if node == 3 { (1 << 26) / 4 } else { CAPACITY };
			assert_ok!(Documents::declare_capacity(by(node), capacity));
		}
		let mut count = BTreeMap::<Account, u32>::new();
		for _ in 0..600 {
			let id = publish_sized(4_096);
			run_for(DrawDelay::get());
			*count.entry(newcomer(id, 0).unwrap()).or_default() += 1;
			assert_ok!(Documents::remove_document(by(OWNER), id));
		}
		// Of 600: 3 of 9.25 are 195, 1 of 9.25 are 65, a quarter of that 16.
		assert!(count[&1].abs_diff(count[&2]) < 50, "{count:?}");
		assert!(count[&1] > 120 && count[&2] > 120, "{count:?}");
		assert!((40..120).contains(&count[&4]), "{count:?}");
		assert!(count[&3] < count[&4] && count[&3] < 45, "{count:?}");
	});
}

#[test]
fn nobody_should_be_drawn_who_is_not_active() {
	ExtBuilder::default().nodes(4).build_and_execute(|| {
		Inactive::mutate(|inactive| inactive.insert(2));
		for _ in 0..5 {
			let id = publish();
			run_for(draws());
			assert!((0..3).all(|replica| newcomer(id, replica) != Some(2)));
		}
		assert_eq!(node_entry(2).weight, 0);
		// Active again, it says so.
		Inactive::mutate(BTreeSet::clear);
		assert_ok!(Documents::declare_capacity(by(2), CAPACITY));
		run_for(DrawDelay::get());
		assert!(node_entry(2).weight > 0);
	});
}

#[test]
fn nobody_should_be_drawn_for_a_document_of_its_own() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		serve(OWNER);
		Weights::mutate(|weights| weights.insert(OWNER, 1_000 * WEIGHT));
		assert_ok!(Documents::declare_capacity(by(OWNER), CAPACITY));
		let id = publish();
		run_for(draws());
		assert!((0..3).all(|replica| newcomer(id, replica).is_some_and(|node| node <= 3)));
	});
}

#[test]
fn nobody_should_be_drawn_beyond_its_room_or_slots() {
	ExtBuilder::default().nodes(4).build_and_execute(|| {
		assert_ok!(Documents::declare_capacity(by(1), SIZE - 1));
		let id = publish();
		run_for(draws());
		assert!((0..3).all(|replica| newcomer(id, replica) != Some(1)));

		MaxReplicasPerNode::set(1);
		assert_ok!(Documents::declare_capacity(by(1), CAPACITY));
		let id = publish();
		run_for(draws());
		let drawn: Vec<_> = (0..3).filter_map(|replica| newcomer(id, replica)).collect();
		assert_eq!(drawn, [1]);
		MaxReplicasPerNode::set(64);
	});
}

#[test]
fn whoever_declines_should_be_followed_by_another() {
	ExtBuilder::default().nodes(4).build_and_execute(|| {
		let id = publish();
		run_for(DrawDelay::get());
		let node = newcomer(id, 0).unwrap();
		say(node, id, 0, Act::Decline);
		let why = Refusal::Declined;
		assert_eq!(last_event(), Event::ReplicaRefused { document: id, replica: 0, node, why });
		// That is no lapse: it may be unable to get the file.
		assert_eq!((node_entry(node).assigned, node_entry(node).lapses), (0, 0));
		run_for(RetryDelay::get());
		let next = newcomer(id, 0).unwrap();
		assert_ne!(next, node);
		confirm(next, id, 0);
	});
}

#[test]
fn whoever_is_late_should_be_followed_by_another() {
	ExtBuilder::default().nodes(4).build_and_execute(|| {
		let id = publish();
		run_for(DrawDelay::get());
		let node = newcomer(id, 0).unwrap();
		run_for(ConfirmTime::get() - 1);
		assert_eq!(newcomer(id, 0), Some(node));
		run_for(1);
		let why = Refusal::Late;
		assert!(events().contains(&Event::ReplicaRefused { document: id, replica: 0, node, why }));
		assert!(is_waiting(id, 0));
		assert_eq!(node_entry(node).lapses, 1);
	});
}

#[test]
fn a_file_that_nobody_can_get_should_be_tried_less_and_less_often() {
	ExtBuilder::default().nodes(6).build_and_execute(|| {
		MaxTries::set(100);
		let id = publish();
		assert_ok!(Documents::renew_document(by(OWNER), id, 9_000));
		let mut waits = Vec::new();
		run_for(draws());
		for replica in [1, 2] {
			confirm(newcomer(id, replica).unwrap(), id, replica);
		}
		let nodes = [1, 2, 3, 4, 5, 6];
		for _ in 0..9 {
			let declined = Now::get();
			say(newcomer(id, 0).unwrap(), id, 0, Act::Decline);
			run_until(64 * RetryDelay::get(), &nodes, || newcomer(id, 0).is_some());
			waits.push((Now::get() - declined) / RetryDelay::get());
		}
		assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 64, 64]);
	});
}

#[test]
fn large_files_should_have_more_time() {
	ExtBuilder::default().build_and_execute(|| {
		TransferRate::set(SIZE / 7);
		let id = publish();
		run_for(DrawDelay::get());
		let due = Due::<Test>::get(Task::Replica(id, 0)).unwrap();
		assert_eq!(due, Now::get() + ConfirmTime::get() + 7);
	});
}

#[test]
fn whoever_is_drawn_in_vain_should_not_be_drawn_again() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		MaxTries::set(1_000);
		let first = publish();
		assert_ok!(Documents::renew_document(by(OWNER), first, 9_000));
		// Drawn for some replica again and again, and never there.
		run_until(5_000, &[], || (1..=3).all(|node| node_entry(node).lapses >= 3));
		run_for(ConfirmTime::get());
		assert_eq!(SeatSums::<Test>::iter().count(), 0);
		assert!((0..3).all(|replica| is_waiting(first, replica)));
		// Back at work, it says so.
		assert_ok!(Documents::declare_capacity(by(1), CAPACITY));
		assert_eq!(node_entry(1).lapses, 0);
		let drawn = || (0..3).any(|replica| newcomer(first, replica) == Some(1));
		run_until(64 * RetryDelay::get(), &[], drawn);
	});
}

#[test]
fn a_node_of_no_weight_at_all_should_not_be_drawn() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		Weights::mutate(|weights| weights.insert(3, 0));
		let id = publish();
		run_for(draws());
		assert!((0..3).all(|replica| newcomer(id, replica) != Some(3)));
		assert_eq!(StorageNodes::<Test>::get(3).unwrap().status, NodeStatus::Serving);
	});
}

#[test]
fn without_randomness_the_parent_block_should_decide() {
	ExtBuilder::default().build_and_execute(|| {
		Dice::set(None);
		let id = publish();
		run_for(draws());
		assert!((0..3).all(|replica| newcomer(id, replica).is_some()));
	});
}

#[test]
fn notices_should_be_refused_that_nobody_may_give() {
	ExtBuilder::default().build_and_execute(|| {
		let id = publish();
		run_for(draws());
		let node = newcomer(id, 0).unwrap();
		let stranger = (1..=5).find(|node| (0..3).all(|r| newcomer(id, r) != Some(*node))).unwrap();
		let stale = InvalidTransaction::Stale;
		let refused = |call, error, why| assert_refused(call, error, why);

		let good = notice(node, id, 0, Act::Confirm);
		// Not a node, not this document or replica, not now.
		let mut other = good.clone();
		other.key = key(77);
		refused(
			notify_call(sign(77, other)),
			Error::NotAStorageNode,
			InvalidTransaction::BadSigner,
		);
		let mut other = good.clone();
		other.document = 9;
		refused(notify_call(sign(node, other)), Error::UnknownDocument, stale);
		let mut other = good.clone();
		other.replica = 3;
		refused(notify_call(sign(node, other)), Error::UnknownReplica, InvalidTransaction::Call);
		let mut other = good.clone();
		other.epoch -= 1;
		refused(notify_call(sign(node, other)), Error::StaleNotice, stale);
		for act in [Act::Confirm, Act::Decline] {
			let theirs = notice(stranger, id, 0, act);
			refused(notify_call(sign(stranger, theirs)), Error::NotAssigned, stale);
		}
		for act in [Act::DeclareFault, Act::HandOver] {
			let early = notice(node, id, 0, act);
			refused(notify_call(sign(node, early)), Error::NotHeld, stale);
		}
		// Not by this key, nor on another chain.
		let (signed, _) = sign(node, good.clone());
		let (_, forged) = sign(stranger, good.clone());
		refused(notify_call((signed, forged)), Error::BadSignature, InvalidTransaction::BadProof);
		let elsewhere = pair(node).sign(&good.signing_payload(&H256::zero()));
		refused(
			notify_call((good.clone(), elsewhere)),
			Error::BadSignature,
			InvalidTransaction::BadProof,
		);

		let call = notify_call(sign(node, good));
		assert_ok!(authorize(call.clone()));
		assert_ok!(dispatch(call.clone()));
		refused(call, Error::NotAssigned, stale);
	});
}

#[test]
fn a_loss_should_be_declared_only_by_who_can_pay_for_it() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, holders) = keep();
		let node = holders[0];
		let fee = 1_000 + 25 * 10;
		let (keep, all) = (ExistentialDeposit::get(), free(node));
		use frame_support::traits::{fungible::Mutate, tokens::Preservation};
		let transfer = |amount| {
			assert_ok!(Balances::transfer(&node, &BYSTANDER, amount, Preservation::Preserve));
		};
		transfer(all - keep - fee + 1);
		let call = notify_call(sign(node, notice(node, id, 0, Act::DeclareFault)));
		assert_refused(call.clone(), Error::CantPayForRepair, InvalidTransaction::Custom(CANT_PAY));
		assert_ok!(Balances::transfer(&BYSTANDER, &node, 1, Preservation::Preserve));
		assert_ok!(authorize(call.clone()));
		assert_ok!(dispatch(call));
	});
}

#[test]
fn one_notice_about_a_replica_should_be_in_the_pool() {
	ExtBuilder::default().build_and_execute(|| {
		let id = publish();
		run_for(DrawDelay::get());
		let node = newcomer(id, 0).unwrap();
		let valid = |act| authorize(notify_call(sign(node, notice(node, id, 0, act)))).unwrap();
		let (one, other) = (valid(Act::Confirm), valid(Act::Decline));
		assert_eq!(one.provides, other.provides);
		assert_eq!(one.priority, ProofPriority::get());
		assert!(one.propagate && one.longevity > 0);
	});
}

/// The failures of a replica that waits.
fn failures(id: u64, replica: u8) -> u32 {
	let Placement::Waiting { failures, .. } = placement(id, replica) else { panic!("not waiting") };
	failures
}

#[test]
fn what_nobody_can_take_should_be_given_up_until_somebody_pays_for_another_try() {
	ExtBuilder::default().nodes(2).build_and_execute(|| {
		let id = publish();
		run_for(draws());
		for replica in [0, 1] {
			confirm(newcomer(id, replica).unwrap(), id, replica);
		}
		let draw_again = || Documents::draw_again(by(BYSTANDER), id);
		assert_noop!(draw_again(), Error::<Test>::NothingGivenUp);
		assert_noop!(Documents::draw_again(by(BYSTANDER), 9), Error::<Test>::UnknownDocument);
		run_answering(RetryDelay::get() * 7 - 1, &[1, 2]);
		assert!(Due::<Test>::contains_key(Task::Replica(id, 2)));
		run_answering(1, &[1, 2]);
		assert!(events().contains(&Event::DrawsGivenUp { document: id, replica: 2 }));
		assert_eq!(failures(id, 2), MaxTries::get());
		assert!(!Due::<Test>::contains_key(Task::Replica(id, 2)));
		// Nothing is drawn for it any more, whoever comes.
		serve(3);
		run_answering(200, &[1, 2]);
		assert!(is_waiting(id, 2));

		let info = draw_again().unwrap();
		let draw_at = Now::get() + DrawDelay::get();
		assert_eq!(last_event(), Event::DrawResumed { document: id, replica: 2, draw_at });
		// One of three draws was needed.
		let paid = <() as crate::WeightInfo>::draw_again();
		let paid = paid.saturating_add(Documents::weight_of_draws(1));
		assert_eq!(info.actual_weight, Some(paid));
		assert_noop!(draw_again(), Error::<Test>::NothingGivenUp);
		run_answering(DrawDelay::get(), &[1, 2]);
		assert_eq!(newcomer(id, 2), Some(3));
		// It does not come, and that was it.
		run_answering(ConfirmTime::get(), &[1, 2]);
		assert!(events().contains(&Event::DrawsGivenUp { document: id, replica: 2 }));
		// Renewing pays for another.
		let info = Documents::renew_document(by(OWNER), id, stored(id).expires_at + 1).unwrap();
		let paid = <() as crate::WeightInfo>::renew_document();
		let paid = paid.saturating_add(Documents::weight_of_draws(1));
		assert_eq!(info.actual_weight, Some(paid));
		assert!(Due::<Test>::contains_key(Task::Replica(id, 2)));
	});
}

#[test]
fn whoever_declines_for_ever_should_not_be_asked_for_ever() {
	ExtBuilder::default().nodes(6).build_and_execute(|| {
		let id = publish();
		run_for(draws());
		for replica in [1, 2] {
			confirm(newcomer(id, replica).unwrap(), id, replica);
		}
		for _ in 0..MaxTries::get() {
			run_until(64 * RetryDelay::get(), &[1, 2, 3, 4, 5, 6], || newcomer(id, 0).is_some());
			say(newcomer(id, 0).unwrap(), id, 0, Act::Decline);
		}
		assert_eq!(last_event(), Event::DrawsGivenUp { document: id, replica: 0 });
		run_answering(65 * RetryDelay::get(), &[1, 2, 3, 4, 5, 6]);
		assert!(is_waiting(id, 0));
	});
}

#[test]
fn rounds_should_not_wait_for_draws() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		keep();
		MaxDuePerBlock::set(1);
		// Far more is to be drawn than a block draws, from before the round is due.
		run_for(ChallengePeriod::get() - 20);
		for _ in 0..20 {
			publish_sized(4_096);
		}
		to_round(1);
		assert!(Now::get() <= 4 + ChallengePeriod::get() + DrawDelay::get() + 3, "{}", Now::get());
		assert!((1..21).any(|id| (0..3).any(|replica| is_waiting(id, replica))));
	});
}

#[test]
fn a_task_should_wait_only_for_room_that_it_needs() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		let id = publish();
		// A quarter of the block has no room for what a node's round may take, but for a draw.
		let base = <() as crate::WeightInfo>::agenda_base();
		let looks = <() as crate::WeightInfo>::agenda_bucket(32).saturating_mul(3);
		let draw = Documents::most_for(&Task::Replica(id, 0));
		let room = base.saturating_add(looks).saturating_add(draw.saturating_mul(2));
		assert!(Documents::most_for(&Task::Node(1)).any_gt(room));
		MaxBlock::set(room.saturating_mul(4).set_proof_size(u64::MAX));
		run_for(draws());
		assert!((0..3).all(|replica| newcomer(id, replica).is_some()));
		MaxBlock::set(frame_support::weights::Weight::MAX);
	});
}

#[test]
fn a_new_capacity_should_change_no_draw_that_somebody_may_know() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		let weight = || node_entry(1).weight;
		let before = weight();
		assert_ok!(Documents::declare_capacity(by(1), 8_192));
		assert_eq!(weight(), before);
		let sums: Vec<_> = SeatSums::<Test>::iter().collect();
		assert_ok!(Documents::declare_capacity(by(1), CAPACITY));
		assert_ok!(Documents::declare_capacity(by(1), 4_096));
		// Who is new, or comes back, weighs nothing.
		serve(4);
		assert_eq!(node_entry(4).weight, 0);
		assert_eq!(SeatSums::<Test>::iter().collect::<Vec<_>>(), sums);
		run_for(DrawDelay::get() - 1);
		assert_eq!((weight(), node_entry(4).weight), (before, 0));
		run_for(1);
		assert_eq!(weight(), WEIGHT);
		assert_eq!(node_entry(4).weight, before);
	});
}

#[test]
fn what_is_declared_again_and_again_should_count_in_the_end() {
	ExtBuilder::default().nodes(0).build_and_execute(|| {
		serve(1);
		run_for(1);
		assert_ok!(Documents::declare_capacity(by(1), 4_096));
		run_for(DrawDelay::get() - 1);
		assert_eq!(node_entry(1).weight, 0);
		run_for(1);
		assert_eq!(node_entry(1).weight, WEIGHT);
		assert_eq!(Due::<Test>::iter().count(), 0);
	});
}

#[test]
fn what_was_declared_should_bound_what_is_given_at_once() {
	ExtBuilder::default().nodes(4).build_and_execute(|| {
		let id = publish();
		run_for(DrawDelay::get() - 1);
		// It still weighs as much, but has no room.
		assert_ok!(Documents::declare_capacity(by(1), 0));
		run_for(3);
		assert!((0..3).all(|replica| newcomer(id, replica).is_some_and(|node| node != 1)));
	});
}
