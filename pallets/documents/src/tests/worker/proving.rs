//! Challenges are answered in time, with blocks that were checked first.

use std::collections::BTreeSet;

use super::{answers, cid, lines, taken, three};
use crate::{
	functions::worker::memory::RESEND_AFTER,
	mock::*,
	tests::node::{take_log, Manner, Node},
};

/// A node that holds a replica, at the opening of a round.
fn in_round(test: impl FnOnce(&Node, (u64, u8))) {
	Node::execute(three(), &[1], |node| {
		let replica = taken(node);
		to_round(1);
		test(node, replica);
	});
}

#[test]
fn a_round_should_be_answered_in_full() {
	in_round(|node, _| {
		let asked = Documents::due_challenges(1);
		node.live(6);
		assert!(Documents::due_challenges(1).is_empty());
		let orders: BTreeSet<_> = node.orders("proof").into_iter().collect();
		let leaves = asked.iter().map(|challenge| challenge.leaf).collect::<BTreeSet<_>>();
		assert!(orders.len() >= leaves.len());
		let log: BTreeSet<_> = lines().into_iter().collect();
		let sent = |number| format!("INFO sent the answer to challenge {number} of round 1");
		assert_eq!(log, asked.iter().map(|challenge| sent(challenge.number)).collect());
		to_end_of_round(1);
		assert_eq!(node_entry(1).strikes, 0);
	});
}

#[test]
fn answers_should_not_be_sent_in_the_block_of_the_opening() {
	in_round(|node, _| {
		let asked = node.orders("proof").len();
		node.work();
		assert_eq!(node.orders("proof").len(), asked);
	});
}

#[test]
fn an_answer_that_is_not_included_should_be_sent_again_and_no_sooner() {
	in_round(|node, _| {
		let sent = node.live_apart(RESEND_AFTER.try_into().unwrap());
		let numbers = answers(&sent);
		assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), numbers.len(), "each once");
		node.live(3);
		assert!(Documents::due_challenges(1).is_empty(), "it was complete in time");
	});
}

#[test]
fn wrong_blocks_should_not_be_sent() {
	in_round(|node, replica| {
		let cid = cid(replica);
		node.with(|state| state.lies.insert(cid));
		assert!(node.live_apart(4).is_empty());
		let log = lines();
		assert_eq!(log.len(), 1, "{log:?}");
		assert!(log[0].contains("can't be proven with what the bridge gave: "), "{log:?}");
		// It is asked anew, and right this time.
		node.with(|state| state.lies.clear());
		node.live(5);
		assert!(Documents::due_challenges(1).is_empty());
	});
}

#[test]
fn a_bridge_that_claims_all_should_prove_nothing() {
	in_round(|node, _| {
		node.bridge_is(Manner::ClaimsAll);
		assert!(node.live_apart(6).is_empty());
		assert!(lines().iter().all(|line| line.starts_with("WARN")));
	});
}

#[test]
fn what_is_lost_should_be_got_again_and_then_proven() {
	in_round(|node, replica| {
		let cid = cid(replica);
		node.with(|state| state.disk.remove(&cid));
		node.live(9);
		assert!(Documents::due_challenges(1).is_empty());
	});
}

#[test]
fn what_is_gone_should_be_said_to_the_operator_and_not_to_the_chain() {
	in_round(|node, replica| {
		let cid = cid(replica);
		node.with(|state| {
			state.disk.remove(&cid);
			state.nowhere.insert(cid);
		});
		assert!(node.live_apart(8).is_empty());
		let log = lines();
		assert_eq!(log.len(), 1, "{log:?}");
		let hint = format!(r#"say so: lost = ["{}"] under [storage]"#, super::name(replica));
		assert!(log[0].contains("missing_block") && log[0].contains(&hint), "{log:?}");
	});
}

#[test]
fn a_bridge_that_has_forgotten_a_file_should_be_told_to_keep_it() {
	in_round(|node, replica| {
		let cid = cid(replica);
		node.with(|state| state.lose_store());
		node.live(7);
		assert!(node.with(|state| state.pins.contains_key(&cid)));
		assert!(Documents::due_challenges(1).is_empty());
	});
}

#[test]
fn what_needs_no_answer_should_get_none() {
	in_round(|node, (id, _)| {
		frame_support::assert_ok!(Documents::remove_document(by(OWNER), id));
		let asked = node.orders("proof").len();
		assert!(node.live_apart(4).is_empty());
		assert_eq!(node.orders("proof").len(), asked);
	});
}

#[test]
fn a_bridge_that_is_back_should_answer_in_time() {
	in_round(|node, _| {
		node.bridge_is(Manner::Unreachable);
		node.live(4);
		node.bridge_is(Manner::Well);
		node.live(5);
		assert!(Documents::due_challenges(1).is_empty());
	});
}

#[test]
fn a_slashed_node_should_go_on_proving() {
	in_round(|node, _| {
		Inactive::mutate(|inactive| inactive.insert(1));
		node.live(6);
		assert!(Documents::due_challenges(1).is_empty());
		take_log();
	});
}
