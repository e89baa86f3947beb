//! Silent nodes lose what they hold, slowly.

use frame_support::{assert_noop, assert_ok};
use rwa_primitives::{fault::Fault, storage::Act};

use crate::{mock::*, Error, Event, Loss, NodeStatus, Refusal};

/// Six nodes keep six documents, and then `1` says nothing until its eviction begins. How many replicas it held.
fn silence_one() -> u32 {
	keep_many(6);
	let taken = node_entry(1).taken;
	for _ in 0..5 * ChallengePeriod::get() {
		if matches!(node_entry(1).status, NodeStatus::Evicting { .. }) {
			return taken;
		}
		run_answering(1, &[2, 3, 4, 5, 6]);
	}
	panic!("nobody was evicted")
}

fn losses() -> usize {
	let silent = |event: &Event<Test>| {
		matches!(event, Event::ReplicaLost { node: 1, why: Loss::Silent, .. })
	};
	events().iter().filter(|event| silent(event)).count()
}

#[test]
fn a_silent_node_should_be_taken_all_that_it_holds_a_little_in_each_block() {
	ExtBuilder::default().nodes(6).build_and_execute(|| {
		let held = silence_one();
		assert!(held > 2, "{held} replicas are no test");
		assert!(events().contains(&Event::EvictionBegun { node: 1 }));
		let reported: Vec<_> = Accused::get().iter().map(|one| (one.offender, one.fault)).collect();
		assert!(reported.contains(&(1, Fault::LostReplica)));
		assert_eq!(node_entry(1).taken, held);
		let mut lost = 0;
		while node_entry(1).status != NodeStatus::Suspended {
			run_for(1);
			assert!(losses() <= 2, "{} in a block", losses());
			lost += losses();
			check();
		}
		assert_eq!(lost, held as usize);
		assert!(events().contains(&Event::NodeSuspended { node: 1 }));
		assert_eq!((node_entry(1).taken, node_entry(1).weight), (0, 0));
		// And all of it finds a new place.
		run_answering(RepairGrace::get() + 5, &[2, 3, 4, 5, 6]);
		for id in 0..6 {
			for replica in 0..3 {
				assert_ne!(newcomer(id, replica), Some(1));
				assert!(!is_waiting(id, replica), "{id}, {replica}");
			}
		}
	});
}

#[test]
fn who_lacks_most_should_be_taken_all_however_it_answers_for_the_rest() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		let documents: Vec<_> = (0..10).map(|_| keep().0).collect();
		let replica = |id| (0..3).find(|replica| holder(id, *replica) == Some(1)).unwrap();
		// It keeps three of ten, and shows them whenever it can.
		documents[3..].iter().for_each(|id| forget(1, *id, replica(*id)));
		let mut answered = 0;
		for _ in 0..3 * LossLimit::get() * ChallengePeriod::get() {
			to_next_block();
			answered += answer_all(1);
			for node in [2, 3] {
				answer_all(node);
			}
			if matches!(node_entry(1).status, NodeStatus::Evicting { .. }) {
				assert!(answered > 0, "it was silent: that is another test");
				return;
			}
		}
		panic!("nobody was evicted");
	});
}

#[test]
fn evictions_should_be_no_more_than_a_period_allows() {
	ExtBuilder::default().nodes(6).build_and_execute(|| {
		let held = silence_one();
		MaxEvictionsPerPeriod::set(2);
		let mut lost = Vec::new();
		while node_entry(1).status != NodeStatus::Suspended {
			run_answering(1, &[2, 3, 4, 5, 6]);
			lost.extend((0..losses()).map(|_| Now::get()));
		}
		assert_eq!(lost.len(), held as usize);
		for (index, at) in lost.iter().enumerate().skip(2) {
			assert!(at - lost[index - 2] >= ChallengePeriod::get(), "{lost:?}");
		}
	});
}

#[test]
fn whoever_comes_back_should_keep_what_is_left_if_it_proves_it() {
	ExtBuilder::default().nodes(6).build_and_execute(|| {
		let held = silence_one();
		run_for(1);
		let left = node_entry(1).taken;
		assert!(0 < left && left < held);
		assert_ok!(Documents::declare_capacity(by(1), CAPACITY));
		assert_eq!(node_entry(1).status, NodeStatus::Serving);
		run_for(1);
		assert!(answer_all(1) > 0, "it is not challenged at once");
		run_for(1);
		let node = node_entry(1);
		assert_eq!((node.taken, node.silences, node.returned), (left, 0, false));
		run_answering(2 * ChallengePeriod::get(), &[1, 2, 3, 4, 5, 6]);
		assert_eq!(node_entry(1).status, NodeStatus::Serving);
		assert!(node_entry(1).passed > 0);
	});
}

#[test]
fn whoever_comes_back_and_proves_nothing_should_not_come_back_again() {
	ExtBuilder::default().nodes(6).build_and_execute(|| {
		silence_one();
		let declare = || Documents::declare_capacity(by(1), CAPACITY);
		assert_ok!(declare());
		run_for(2 + ChallengeTime::get());
		assert!(matches!(node_entry(1).status, NodeStatus::Evicting { .. }));
		assert_noop!(declare(), Error::<Test>::AlreadyReturned);
		while node_entry(1).status != NodeStatus::Suspended {
			run_answering(1, &[2, 3, 4, 5, 6]);
		}
		// With nothing left, it begins anew.
		assert_ok!(declare());
		run_for(DrawDelay::get());
		assert!(node_entry(1).weight > 0);
		assert!(!node_entry(1).returned);
	});
}

#[test]
fn what_a_silent_node_was_to_take_should_go_to_another() {
	ExtBuilder::default().nodes(6).build_and_execute(|| {
		silence_one();
		ConfirmTime::set(10_000);
		MaxEvictionsPerPeriod::set(0);
		// It hands over to somebody, and is an heir itself.
		let id = (0..6).find(|id| (0..3).any(|r| holder(*id, r) == Some(1))).unwrap();
		let replica = (0..3).find(|replica| holder(id, *replica) == Some(1)).unwrap();
		say(1, id, replica, Act::HandOver);
		run_for(DrawDelay::get());
		let heir = newcomer(id, replica).unwrap();
		MaxEvictionsPerPeriod::set(100);
		let mut withdrawn = false;
		while node_entry(1).status != NodeStatus::Suspended {
			run_answering(1, &[2, 3, 4, 5, 6]);
			let why = Refusal::Withdrawn;
			withdrawn |= events().contains(&Event::ReplicaRefused {
				document: id,
				replica,
				node: heir,
				why,
			});
		}
		assert!(withdrawn);
		assert!(is_waiting(id, replica));
	});
}

#[test]
fn reservations_of_a_silent_node_should_be_withdrawn() {
	ExtBuilder::default().nodes(6).build_and_execute(|| {
		ConfirmTime::set(10_000);
		keep_many(4);
		// Reserved for good, while its node falls silent.
		let pending: Vec<_> = (0..4).map(|_| publish()).collect();
		run_for(draws());
		let reserved = || {
			pending
				.iter()
				.flat_map(|id| (0..3).map(|replica| (*id, replica)))
				.filter(|(id, replica)| newcomer(*id, *replica) == Some(1))
				.count()
		};
		assert!(reserved() > 0, "nothing is reserved at the node");
		while node_entry(1).status != NodeStatus::Suspended {
			run_answering(1, &[2, 3, 4, 5, 6]);
		}
		assert_eq!(reserved(), 0);
		assert_eq!(node_entry(1).assigned, 0);
	});
}

#[test]
fn an_eviction_should_leave_room_to_find_out_others() {
	ExtBuilder::default().nodes(6).build_and_execute(|| {
		let held = silence_one();
		assert!(held > 2, "{held} replicas are no test");
		MaxEvictionsPerPeriod::set(4);
		run_answering(10, &[2, 3, 4, 5, 6]);
		assert_eq!(node_entry(1).taken, held - 2);
		let now = Now::get();
		assert_eq!(Documents::evictions_left(Loss::Silent, now), 0);
		assert_eq!(Documents::evictions_left(Loss::Unproven, now), 2);
	});
}
