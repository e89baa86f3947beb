//! Storage nodes come, say how much they can keep, and go.

use frame_support::{assert_noop, assert_ok};
use rwa_primitives::{app_key::Role, storage::Act};

use crate::{
	mock::*, Error, Event, HoldReason, NodeStatus, Recheck, SeatCount, SeatSums, Seats, SlotSums,
	Slots, StorageNodes,
};

#[test]
fn declaring_capacity_should_make_a_node_that_is_drawn() {
	ExtBuilder::default().nodes(0).build_and_execute(|| {
		register(1);
		assert_ok!(Documents::declare_capacity(by(1), CAPACITY));
		assert_eq!(last_event(), Event::CapacityDeclared { node: 1, capacity: CAPACITY });
		assert_eq!(held(HoldReason::Node, 1), 200);
		assert_eq!(SeatCount::<Test>::get(), 1);
		run_for(DrawDelay::get());
		// A newcomer counts for what a newcomer is trusted with, in leaves.
		assert_eq!(node_entry(1).weight, WEIGHT * ((1 << 26) / 4_096));

		assert_ok!(Documents::declare_capacity(by(1), 8_192));
		run_for(DrawDelay::get());
		assert_eq!(node_entry(1).weight, WEIGHT * 2);
		assert_eq!(held(HoldReason::Node, 1), 200);
		assert_ok!(Documents::declare_capacity(by(1), 0));
		run_for(DrawDelay::get());
		assert_eq!(node_entry(1).weight, 0);
		assert_eq!(crate::Due::<Test>::iter().count(), 0);
	});
}

#[test]
fn only_active_storage_operators_should_declare_capacity() {
	ExtBuilder::default().nodes(0).build_and_execute(|| {
		let declare = || Documents::declare_capacity(by(1), CAPACITY);
		assert_noop!(declare(), Error::<Test>::NotAStorageNode);
		endow(1);
		Operators::mutate(|keys| keys.insert(key(1), (1, Role::Relay)));
		assert_noop!(declare(), Error::<Test>::NotAStorageNode);
		register(1);
		Inactive::mutate(|inactive| inactive.insert(1));
		assert_noop!(declare(), Error::<Test>::NotAStorageNode);
	});
}

#[test]
fn there_should_be_no_more_nodes_than_seats() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		MaxNodes::set(3);
		register(4);
		let declare = || Documents::declare_capacity(by(4), CAPACITY);
		assert_noop!(declare(), Error::<Test>::TooManyNodes);
		assert_ok!(Documents::leave(by(1)));
		assert_ok!(declare());
	});
}

#[test]
fn capacity_should_not_fall_below_what_is_held() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		keep();
		let declare = |capacity| Documents::declare_capacity(by(1), capacity);
		assert_noop!(declare(SIZE - 1), Error::<Test>::CapacityTooSmall);
		assert_ok!(declare(SIZE));
		run_answering(ChallengePeriod::get(), &[1]);
		assert_eq!(node_entry(1).weight, 0);
	});
}

#[test]
fn room_should_count_only_as_far_as_something_was_proven() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		NewcomerSpace::set(1 << 24);
		keep();
		let leaves = |bytes: u64| u128::from(bytes / 4_096);
		let before = WEIGHT * leaves((1 << 24) - SIZE);
		assert_eq!(node_entry(1).weight, before);
		run_answering(2 * ChallengePeriod::get(), &[1]);
		assert_eq!(node_entry(1).proven, SIZE);
		assert_eq!(node_entry(1).weight, WEIGHT * leaves(1 << 24));
		// Who fails is a newcomer again.
		assert_eq!(node_entry(2).proven, 0);
		assert_eq!(node_entry(2).weight, before);
	});
}

#[test]
fn leaving_should_be_possible_only_when_nothing_is_left() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, holders) = keep();
		let node = holders[0];
		let leave = || Documents::leave(by(node));
		assert_noop!(leave(), Error::<Test>::StillHolding);
		say(node, id, 0, Act::HandOver);
		run_for(DrawDelay::get());
		assert_noop!(leave(), Error::<Test>::StillHolding);
		confirm(newcomer(id, 0).unwrap(), id, 0);
		assert_ok!(leave());
		assert_eq!(last_event(), Event::NodeLeft { node, remaining: 0 });
		assert_eq!(held(HoldReason::Node, node), 0);
		assert!(!StorageNodes::<Test>::contains_key(node));
		assert_eq!(Slots::<Test>::iter_prefix(node).count(), 0);
		assert_eq!(SlotSums::<Test>::iter_prefix(node).count(), 0);
		assert_noop!(leave(), Error::<Test>::NotAStorageNode);
		assert_noop!(Documents::leave(by(BYSTANDER)), Error::<Test>::NotAStorageNode);
	});
}

#[test]
fn leaving_should_wait_for_the_end_of_a_round() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		let (id, _) = keep();
		to_round(1);
		assert_ok!(Documents::remove_document(by(OWNER), id));
		assert_eq!(node_entry(1).taken, 0);
		assert_noop!(Documents::leave(by(1)), Error::<Test>::RoundOpen);
		to_end_of_round(1);
		assert_ok!(Documents::leave(by(1)));
		assert_eq!(last_event(), Event::NodeLeft { node: 1, remaining: 0 });
	});
}

#[test]
fn leaving_should_take_several_calls_when_there_is_much_to_clear() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		MaxReplicasPerNode::set(256);
		MaxDuePerBlock::set(1_000);
		DocumentDeposit::set(0);
		StoragePrice::set(1);
		let documents: Vec<_> = (0..150).map(|_| publish_sized(4_096)).collect();
		run_for(DrawDelay::get() + 5);
		for id in documents {
			assert_ok!(Documents::remove_document(by(OWNER), id));
		}
		let slots = node_entry(1).slots;
		assert!(slots > 128, "{slots} slots are no test");
		assert_ok!(Documents::leave(by(1)));
		let remaining = slots - 128;
		assert_eq!(last_event(), Event::NodeLeft { node: 1, remaining });
		check();
		assert_eq!(node_entry(1).status, NodeStatus::Leaving);
		assert_noop!(Documents::declare_capacity(by(1), CAPACITY), Error::<Test>::IsLeaving);
		assert_ok!(Documents::leave(by(1)));
		assert_eq!(last_event(), Event::NodeLeft { node: 1, remaining: 0 });
		assert_ok!(Documents::declare_capacity(by(1), CAPACITY));
	});
}

#[test]
fn seats_should_stay_dense_when_nodes_leave() {
	ExtBuilder::default().nodes(4).build_and_execute(|| {
		for node in [2, 4] {
			assert_ok!(Documents::leave(by(node)));
			check();
		}
		assert_eq!(Seats::<Test>::iter().count(), 2);
		assert_eq!((node_entry(1).seat, node_entry(3).seat), (0, 2 - 1));
		for node in [1, 3] {
			assert_ok!(Documents::leave(by(node)));
		}
		assert_eq!(SeatSums::<Test>::iter().count(), 0);
	});
}

#[test]
fn somebody_should_pay_for_a_challenge() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		let id = publish();
		let request = |replica| Documents::request_challenge(by(BYSTANDER), id, replica, None);
		assert_noop!(request(0), Error::<Test>::NotHeld);
		assert_noop!(request(3), Error::<Test>::UnknownReplica);
		assert_noop!(
			Documents::request_challenge(by(BYSTANDER), 9, 0, None),
			Error::<Test>::UnknownDocument
		);
		let [node, ..] = place(id);
		assert_ok!(request(0));
		let by = BYSTANDER;
		assert_eq!(
			last_event(),
			Event::ChallengeRequested { document: id, replica: 0, leaf: None, node, by }
		);
		assert_eq!(free(BYSTANDER), ENDOWMENT - 50);
		assert_eq!(free(TREASURY), ENDOWMENT + 50);
		assert_noop!(request(0), Error::<Test>::AlreadyRequested);

		to_round(node);
		let round = crate::Rounds::<Test>::get(node).unwrap();
		assert_eq!((round.fixed.len(), round.sampled), (1, 2));
		assert_eq!(answer_all(node), 3);
		to_end_of_round(node);
		to_next_block();
		assert!(node_entry(node).rechecks.is_empty());
	});
}

#[test]
fn who_pays_should_be_able_to_name_the_leaf() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		let id = publish();
		let [node, ..] = place(id);
		let leaves = stored(id).replicas[0].file.leaves();
		let request = |leaf| Documents::request_challenge(by(BYSTANDER), id, 0, Some(leaf));
		assert_noop!(request(leaves), Error::<Test>::NoSuchLeaf);
		// That somebody paid for another leaf keeps nobody from it.
		assert_ok!(request(0));
		assert_ok!(request(leaves - 1));
		assert_noop!(request(leaves - 1), Error::<Test>::AlreadyRequested);
		to_round(node);
		let due = Documents::due_challenges(node);
		let named: Vec<_> =
			due.iter().take(2).map(|one| (one.number, one.document, one.leaf)).collect();
		assert_eq!(named, [(0, id, 0), (1, id, leaves - 1)]);
		punch(node, id, 0, leaves - 1);
		answer_all(node);
		to_end_of_round(node);
		let known = node_entry(node).rechecks.into_inner();
		assert_eq!(known, [Recheck { slot: 0, leaf: Some(leaves - 1), strikes: 1 }]);
	});
}

#[test]
fn requests_should_leave_room_for_what_is_missing() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		let documents: Vec<_> = (0..3).map(|_| publish()).collect();
		for id in &documents {
			place(*id);
		}
		// With three nodes each has a replica of every document.
		let replica = |id| (0..3).find(|replica| holder(id, *replica) == Some(1)).unwrap();
		let request = |id| Documents::request_challenge(by(BYSTANDER), id, replica(id), None);
		assert_ok!(request(documents[0]));
		assert_ok!(request(documents[1]));
		assert_noop!(request(documents[2]), Error::<Test>::TooManyRequests);
	});
}

#[test]
fn anybody_should_take_the_seat_of_who_has_left_the_registry() {
	ExtBuilder::default().nodes(4).build_and_execute(|| {
		let (_, holders) = keep();
		let idle = (1..=4).find(|node| !holders.contains(node)).unwrap();
		let remove = |node| Documents::remove_node(by(BYSTANDER), node);
		assert_noop!(remove(idle), Error::<Test>::StillRegistered);
		// Stopped, but with a stake.
		AtStake::mutate(|stakes| stakes.insert(idle, 1));
		Inactive::mutate(|inactive| inactive.insert(idle));
		assert_noop!(remove(idle), Error::<Test>::StillRegistered);
		AtStake::mutate(|stakes| stakes.remove(&idle));
		assert_ok!(remove(idle));
		assert_eq!(last_event(), Event::NodeLeft { node: idle, remaining: 0 });
		assert_eq!(held(HoldReason::Node, idle), 0);
		assert_eq!(SeatCount::<Test>::get(), 3);
		assert_noop!(remove(idle), Error::<Test>::NotAStorageNode);

		// Not what keeps something.
		Operators::mutate(|keys| keys.remove(&key(holders[0])));
		assert_noop!(remove(holders[0]), Error::<Test>::StillHolding);
	});
}

#[test]
fn a_seat_should_not_outlast_another_role() {
	ExtBuilder::default().nodes(1).build_and_execute(|| {
		// With a stake, but another one's.
		AtStake::mutate(|stakes| stakes.insert(1, 1_000));
		Operators::mutate(|keys| keys.insert(key(1), (1, Role::Relay)));
		assert_ok!(Documents::remove_node(by(BYSTANDER), 1));
		assert_eq!(SeatCount::<Test>::get(), 0);
	});
}

#[test]
fn nobody_should_pay_for_a_challenge_that_is_never_asked() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		let (id, [node, ..]) = keep();
		StorageNodes::<Test>::mutate_extant(node, |entry| {
			entry.status = NodeStatus::Evicting { next: 0 };
		});
		let request = Documents::request_challenge(by(BYSTANDER), id, 0, None);
		assert_noop!(request, Error::<Test>::IsEvicted);
	});
}

#[test]
fn who_holds_something_should_be_bound() {
	use rwa_primitives::traits::Duties;
	ExtBuilder::default().nodes(4).build_and_execute(|| {
		assert!(!Documents::is_bound(&1) && !Documents::is_bound(&BYSTANDER));
		let id = publish();
		run_for(draws());
		// What it is to take binds as well: it can decline.
		let node = newcomer(id, 0).unwrap();
		assert!(Documents::is_bound(&node));
		say(node, id, 0, Act::Decline);
		assert!(!Documents::is_bound(&node));
	});
}
