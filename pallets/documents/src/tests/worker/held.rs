//! What a node holds is looked after; that it is lost its operator says.

use rwa_primitives::storage::Act;

use super::{acts, cid, lines, name, notices, taken, three};
use crate::{
	functions::worker::replicas::LOOK_EVERY,
	mock::*,
	tests::node::{take_log, Node},
};

/// Time for all that is held to be looked at again. Rounds are left to others.
fn to_next_look(node: &Node) -> Vec<RuntimeCall> {
	Running::set(false); // The clock of the chain stands still.
	let sent = node.live_apart(u32::try_from(LOOK_EVERY).unwrap() + 5);
	Running::set(true);
	sent
}

#[test]
fn what_the_bridge_has_forgotten_should_be_ordered_again() {
	Node::execute(three(), &[1], |node| {
		let cid = cid(taken(node));
		node.with(|state| state.lose_store());
		to_next_look(node);
		assert!(node.with(|state| state.pins[&cid].1));
		assert!(lines().is_empty());
	});
}

#[test]
fn what_can_not_be_got_again_should_be_said_to_the_operator_and_not_to_the_chain() {
	Node::execute(three(), &[1], |node| {
		let replica = taken(node);
		let cid = cid(replica);
		node.with(|state| {
			state.disk.clear();
			state.nowhere.insert(cid);
			state.lose(&cid);
		});
		assert!(to_next_look(node).is_empty());
		let log = lines();
		assert_eq!(log.len(), 1, "{log:?}");
		let hint = format!(r#"say so: lost = ["{}"] under [storage]"#, name(replica));
		assert!(log[0].contains("not_found_in_time") && log[0].contains(&hint), "{log:?}");
		node.with(|state| state.nowhere.clear());
		to_next_look(node);
		let (id, index) = replica;
		let well = format!("INFO {cid}, replica {index} of document {id}, is well again");
		assert_eq!(lines(), [well]);
	});
}

#[test]
fn what_the_bridge_gave_up_should_be_ordered_again_later() {
	Node::execute(three(), &[1], |node| {
		let cid = cid(taken(node));
		node.with(|state| {
			state.disk.clear();
			state.bad.insert(cid, "not_found_in_time");
			state.lose(&cid);
		});
		to_next_look(node);
		node.with(|state| state.bad.clear());
		to_next_look(node);
		to_next_look(node);
		to_next_look(node);
		assert!(node.with(|state| state.pins[&cid].1));
	});
}

#[test]
fn a_loss_should_be_declared_when_the_operator_says_so_and_once() {
	Node::execute(three(), &[1], |node| {
		let replica = taken(node);
		let (id, index) = replica;
		node.configure([name(replica)]);
		node.work();
		assert_eq!(acts(node.include()), [Act::DeclareFault]);
		assert_eq!(holder(id, index), None);
		let why = "the settings of this node say so";
		let line = format!("INFO sent DeclareFault of replica {index} of document {id}: {why}");
		assert_eq!(lines(), [line]);
		assert!(acts(node.live_apart(10)).is_empty());
	});
}

#[test]
fn who_leaves_should_hand_over_one_after_the_other_and_keep_all_till_then() {
	Node::execute(ExtBuilder::default().nodes(4), &[1, 2, 3, 4], |node| {
		let ids: Vec<_> = (0..4).map(|_| publish()).collect();
		run_for(draws());
		node.live(6);
		let holders = |id| [0, 1, 2].map(|replica| holder(id, replica).unwrap());
		let before: Vec<_> = ids.iter().map(|id| holders(*id)).collect();
		take_log();
		node.hand_over();
		let mut asked = 0;
		for _ in 0..12 {
			let notices = notices(node.live_apart(1));
			let out: Vec<_> = notices.iter().filter(|one| one.act == Act::HandOver).collect();
			// One for each of the four operators.
			assert!(out.len() <= 4, "{out:?}");
			asked += out.len();
		}
		assert_eq!(asked, 12, "each of three replicas of four documents, once");
		// And takes nothing more.
		let id = publish();
		run_for(draws());
		let acts = acts(node.live_apart(2));
		assert_eq!(acts.iter().filter(|act| **act == Act::Decline).count(), 3, "{acts:?}");
		assert!(!acts.contains(&Act::Confirm) && holder(id, 0).is_none());
		assert!(ids.iter().zip(&before).all(|(id, before)| holders(*id) == *before));
	});
}

#[test]
fn what_was_given_to_somebody_again_should_not_be_declared_lost() {
	Node::execute(three(), &[1], |node| {
		let replica = taken(node);
		let mut older = name(replica);
		older.epoch -= 1;
		let mut nobodys = name(replica);
		nobodys.document += 1;
		let mut others = name(replica);
		others.replica = (others.replica + 1) % 3;
		node.configure([older, nobodys, others]);
		assert!(acts(node.live_apart(3)).is_empty());
		take_log();
	});
}
