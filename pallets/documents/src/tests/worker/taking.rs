//! What is assigned to a node is got, seen, and confirmed; what isn't what was registered is declined.

use std::collections::BTreeSet;

use rwa_primitives::storage::Act;

use super::{acts, assigned, cid, lines, notices, three};
use crate::{
	functions::worker::memory::RESEND_AFTER,
	mock::*,
	tests::node::{Manner, Node, BRIDGE, TOKEN},
};

#[test]
fn a_replica_should_be_got_seen_and_confirmed() {
	Node::execute(three(), &[1], |node| {
		let (id, replica) = assigned(1);
		let cid = cid((id, replica));
		node.work();
		assert_eq!(
			node.orders("pin"),
			[format!(r#"{{"kind":"pin","cid":"{cid}","size":{SIZE}}}"#)]
		);
		assert!(node.take_pool().is_empty(), "nobody has seen it yet");
		node.live(1);
		assert_eq!(node.orders("proof").len(), 1, "one leaf of it is looked at");
		assert_eq!(holder(id, replica), None);
		node.live(1);
		assert_eq!(holder(id, replica), Some(1));
		assert_eq!(
			lines(),
			[format!(
				"INFO sent Confirm of replica {replica} of document {id}: it is there, and whole"
			)]
		);
	});
}

#[test]
fn orders_should_be_what_the_bridge_takes() {
	Node::execute(three(), &[1], |node| {
		assigned(1);
		node.work();
		let requests = node.requests();
		let order = requests.iter().find(|request| request.method == "POST").unwrap();
		assert_eq!(order.url, format!("{BRIDGE}/jobs"));
		let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
		let expected = [
			header("Authorization", &format!("Bearer {TOKEN}")),
			header("Content-Type", "application/json"),
		];
		assert_eq!(order.headers, expected);
	});
}

#[test]
fn what_takes_long_should_be_asked_for_until_it_is_there() {
	Node::execute(three(), &[1], |node| {
		let (id, replica) = assigned(1);
		let cid = cid((id, replica));
		node.with(|state| state.nowhere.insert(cid));
		assert!(node.live_apart(6).is_empty());
		node.with(|state| state.nowhere.clear());
		node.live(3);
		assert_eq!(holder(id, replica), Some(1));
		let distinct: BTreeSet<_> = node.orders("pin").into_iter().collect();
		assert_eq!(distinct.len(), 1, "the same order every time");
	});
}

#[test]
fn what_is_not_what_was_registered_should_be_declined() {
	for code in ["wrong_codec", "size_mismatch", "malformed", "giant_block"] {
		Node::execute(three(), &[1], |node| {
			let (id, replica) = assigned(1);
			let cid = cid((id, replica));
			node.with(|state| state.bad.insert(cid, code));
			node.live(2);
			assert!(is_waiting(id, replica));
			let why = format!("it isn't what was registered ({code})");
			let line = format!("INFO sent Decline of replica {replica} of document {id}: {why}");
			assert_eq!(lines(), [line]);
		});
	}
	for code in ["wrong_codec", "too_large"] {
		Node::execute(three(), &[1], |node| {
			let (id, replica) = assigned(1);
			let cid = cid((id, replica));
			node.with(|state| state.refused.insert(cid, (422, code)));
			node.live(1);
			assert!(is_waiting(id, replica), "{code}");
		});
	}
}

#[test]
fn what_fails_for_another_reason_should_not_be_declined_before_the_last_moment() {
	for code in ["foreign_pin", "disk_full", "no_such_word"] {
		Node::execute(three(), &[1], |node| {
			let (id, replica) = assigned(1);
			let cid = cid((id, replica));
			node.with(|state| state.bad.insert(cid, code));
			assert!(node.live_apart(5).is_empty(), "{code}");
			// A little before its time is over, another node can still be drawn at once.
			let acts = acts(node.live_apart(ConfirmTime::get() - 5));
			assert!(!acts.is_empty() && acts.iter().all(|act| *act == Act::Decline));
		});
	}
}

#[test]
fn what_does_not_come_should_be_declined_at_last_even_if_it_is_under_way() {
	for busy in [false, true] {
		Node::execute(three(), &[1], |node| {
			let (id, replica) = assigned(1);
			let cid = cid((id, replica));
			node.with(|state| {
				state.nowhere.insert(cid);
				state.busy = busy;
			});
			// Past the deadline, at which who says nothing is late.
			node.live(ConfirmTime::get() + 2);
			assert_eq!(holder(id, replica), None);
			assert_eq!(node_entry(1).lapses, 0, "busy: {busy}");
		});
	}
}

#[test]
fn a_bridge_that_is_not_there_should_decline_nothing() {
	Node::execute(three(), &[1], |node| {
		assigned(1);
		node.bridge_is(Manner::Unreachable);
		assert!(node.live_apart(ConfirmTime::get() - 1).is_empty());
	});
}

#[test]
fn what_the_bridge_refuses_for_now_should_wait() {
	for (status, code) in
		[(507, "too_many_pins"), (503, "queue_full"), (409, "other_size"), (400, "malformed")]
	{
		Node::execute(three(), &[1], |node| {
			let (id, replica) = assigned(1);
			let cid = cid((id, replica));
			node.with(|state| state.refused.insert(cid, (status, code)));
			assert!(node.live_apart(4).is_empty(), "{code}");
			node.with(|state| state.refused.clear());
			node.live(3);
			assert_eq!(holder(id, replica), Some(1), "{code}");
		});
	}
}

#[test]
fn what_the_bridge_refuses_to_the_last_should_be_declined() {
	for (status, code) in [(507, "too_many_pins"), (503, "queue_full"), (409, "other_size")] {
		Node::execute(three(), &[1], |node| {
			let (id, replica) = assigned(1);
			let cid = cid((id, replica));
			node.with(|state| state.refused.insert(cid, (status, code)));
			node.live(ConfirmTime::get() + 2);
			assert_eq!(holder(id, replica), None);
			assert_eq!(node_entry(1).lapses, 0, "{code}");
		});
	}
}

#[test]
fn a_bridge_that_takes_nothing_from_this_node_should_decline_nothing() {
	Node::execute(three(), &[1], |node| {
		let (id, replica) = assigned(1);
		let cid = cid((id, replica));
		node.with(|state| state.refused.insert(cid, (401, "no_token")));
		node.live(ConfirmTime::get() + 2);
		assert_eq!(node_entry(1).lapses, 1);
	});
}

#[test]
fn who_says_nothing_should_be_late() {
	Node::execute(three(), &[1], |node| {
		assigned(1);
		node.bridge_is(Manner::Unreachable);
		node.live(ConfirmTime::get() + 2);
		assert_eq!(node_entry(1).lapses, 1);
	});
}

#[test]
fn what_is_said_to_be_there_and_can_not_be_shown_should_not_be_confirmed() {
	Node::execute(three(), &[1], |node| {
		let (id, replica) = assigned(1);
		let cid = cid((id, replica));
		node.with(|state| {
			state.pins.insert(cid, (SIZE, true)); // And nothing on disk.
			state.nowhere.insert(cid);
		});
		assert!(node.live_apart(4).is_empty());
		// It turns up.
		node.with(|state| state.nowhere.clear());
		node.live(10);
		assert_eq!(holder(id, replica), Some(1));
	});
}

#[test]
fn a_confirmation_that_is_not_included_should_be_sent_again_and_no_sooner() {
	Node::execute(three(), &[1], |node| {
		let (id, replica) = assigned(1);
		node.work();
		let sent = notices(node.live_apart(2));
		assert_eq!(sent.len(), 1);
		node.work(); // The same block on another fork.
		let resend = u32::try_from(RESEND_AFTER).unwrap();
		assert!(node.live_apart(resend - 1).is_empty());
		lines();
		assert_eq!(notices(node.live_apart(1)), sent);
		assert!(lines().is_empty(), "that it was sent again is no news");
		confirm(1, id, replica);
		assert!(node.live_apart(2 * resend).is_empty());
	});
}

#[test]
fn what_the_pool_does_not_take_should_wait_like_what_was_lost() {
	Node::execute(three(), &[1], |node| {
		let (id, replica) = assigned(1);
		node.shut_pool(true);
		node.live(5);
		let what = format!("Confirm of replica {replica} of document {id}: it is there, and whole");
		assert_eq!(lines(), [format!("INFO the pool did not take {what}; is it so on chain?")]);
		node.shut_pool(false);
		node.live(u32::try_from(RESEND_AFTER).unwrap());
		assert_eq!(holder(id, replica), Some(1));
	});
}

#[test]
fn operators_in_one_node_should_speak_for_themselves() {
	Node::execute(three(), &[1, 2, 3], |node| {
		let id = publish();
		run_for(draws());
		node.live(4);
		let holders: BTreeSet<_> = (0..3).map(|replica| holder(id, replica)).collect();
		assert_eq!(holders, (1..=3).map(Some).collect());
	});
}

#[test]
fn many_replicas_should_all_be_taken_in_time() {
	Node::execute(three(), &[1], |node| {
		let ids: Vec<_> = (0..20).map(|_| publish()).collect();
		run_for(draws());
		node.live(ConfirmTime::get() - 2);
		let held = |id: &u64| (0..3).any(|replica| holder(*id, replica) == Some(1));
		assert!(ids.iter().all(held));
	});
}

#[test]
fn an_heir_should_take_what_is_handed_over() {
	let all = [1, 2, 3, 4];
	Node::execute(ExtBuilder::default().nodes(4), &all, |node| {
		let id = publish();
		run_for(draws());
		node.live(4);
		let holders = [0, 1, 2].map(|replica| holder(id, replica).unwrap());
		say(holders[0], id, 0, Act::HandOver);
		node.live(DrawDelay::get() + 4);
		let heir = all.into_iter().find(|one| !holders.contains(one));
		assert_eq!(holder(id, 0), heir);
	});
}
