//! A bridge that misbehaves costs a log line, now and then, and nothing else.

use log::Level;
use rwa_primitives::{
	app_key::Role,
	worker::{WorkerConfig, CONFIG_KEY, MAX_TIMEOUT_MS},
};
use sp_core::offchain::Duration;
use sp_runtime::offchain::storage::StorageValueRef;

use super::{assigned, lines, three};
use crate::{
	functions::worker::{
		bridge::TALK_MS,
		memory::{QUIET, REMIND_AFTER, REST},
	},
	mock::*,
	tests::node::{take_log, take_warnings, Manner, Node, BRIDGE, TOKEN},
};

/// Every way in which the bridge can misbehave, and what the node says of it.
fn misbehaviours() -> Vec<(Manner, &'static str)> {
	let says = |text: &str| Manner::Says(text.into());
	let not_one = "the answer is not one of rwa-bridge";
	vec![
		(Manner::Unreachable, "unreachable"),
		(Manner::Slow(30_000), "no complete answer in time"),
		(Manner::Drips(100), "no complete answer in time"),
		(Manner::Endless, "the answer is longer than 81920 bytes"),
		(Manner::BreaksOff, "the connection broke within the answer"),
		(Manner::Status(500, "{}".into()), "status 500"),
		(Manner::Status(404, "<html>".into()), "status 404"),
		(Manner::Status(307, String::new()), "status 307"),
		(says(""), not_one),
		(says("<html>"), not_one),
		(says("{}"), not_one),
		(says(&"[".repeat(60_000)), not_one),
		(says(r#"{"id":"pin-x","task":{"kind":"pin"},"state":"lost"}"#), not_one),
		(says(r#"{"id":"pin-x","id":"pin-x","task":{"kind":"pin"},"state":"done"}"#), not_one),
		(
			says(
				r#"{"id":"pin-x","task":{"kind":"pin","cid":"x","size":1},"state":"done","at":1}"#,
			),
			"the answer is about something else than was asked for",
		),
		(
			says(r#"{"id":"collect","task":{"kind":"collect"},"state":"done","at":1}"#),
			"the answer is about something else than was asked for",
		),
	]
}

#[test]
fn a_misbehaving_bridge_should_cost_one_log_line() {
	for (manner, cause) in misbehaviours() {
		Node::execute(three(), &[1], |node| {
			let (id, replica) = assigned(1);
			node.bridge_is(manner.clone());
			let took = node.work();
			assert!(took <= TALK_MS, "{manner:?} took {took} ms");
			assert!(node.take_pool().is_empty(), "{manner:?}");
			let line = format!("WARN no use of the bridge at {BRIDGE}: {cause}");
			assert_eq!(lines(), [line]);
			// The node goes on when the bridge is well again.
			node.bridge_is(Manner::Well);
			node.live(u32::try_from(REST).unwrap() + 4);
			assert_eq!(holder(id, replica), Some(1), "{manner:?}");
		});
	}
	let most = Duration::from_millis(MAX_TIMEOUT_MS.into());
	assert!(Duration::from_millis(TALK_MS) < most, "a run ends in time");
}

#[test]
fn what_the_bridge_says_of_itself_should_be_logged_as_one_word_at_most() {
	for (answer, cause) in [
		(r#"{"error":{"code":"no_token","text":"give the token"}}"#, "it refuses: no_token (401)"),
		(r#"{"error":{"code":"x y\nz","text":""}}"#, "status 401"),
		(r#"{"error":{"code":5}}"#, "status 401"),
	] {
		Node::execute(three(), &[1], |node| {
			assigned(1);
			node.bridge_is(Manner::Status(401, answer.into()));
			node.work();
			assert_eq!(lines(), [format!("WARN no use of the bridge at {BRIDGE}: {cause}")]);
		});
	}
}

#[test]
fn trouble_that_lasts_should_be_logged_once_an_hour() {
	Node::execute(three(), &[1], |node| {
		Running::set(false);
		node.bridge_is(Manner::Unreachable);
		node.live(u32::try_from(REMIND_AFTER).unwrap());
		assert_eq!(take_warnings().len(), 1);
		node.live(200);
		assert_eq!(take_warnings().len(), 1, "it still lasts");
		Running::set(true);
	});
}

#[test]
fn trouble_that_comes_and_goes_should_not_fill_the_log() {
	Node::execute(three(), &[1], |node| {
		let replica = assigned(1);
		let cid = super::cid(replica);
		Running::set(false);
		node.with(|state| state.nowhere.insert(cid));
		take_log();
		for round in 0..300u32 {
			node.bridge_is(match round % 3 {
				0 => Manner::Well,
				1 => Manner::Status(500, "{}".into()),
				_ => Manner::Says("{}".into()),
			});
			node.live(1);
		}
		let most = 300 / usize::try_from(QUIET).unwrap() + 1;
		let log = lines();
		assert!((2..=most).contains(&log.len()), "{log:?}");
		Running::set(true);
	});
}

#[test]
fn a_bridge_that_says_nothing_should_be_left_alone_for_some_blocks() {
	Node::execute(three(), &[1], |node| {
		assigned(1);
		node.bridge_is(Manner::Slow(30_000));
		node.work();
		let asked = node.requests().len();
		node.live_apart(u32::try_from(REST).unwrap());
		assert_eq!(node.requests().len(), asked);
		node.live_apart(1);
		assert!(node.requests().len() > asked);
	});
}

#[test]
fn a_run_should_not_begin_while_another_one_talks() {
	Node::execute(three(), &[1], |node| {
		assigned(1);
		let now = sp_io::offchain::timestamp();
		let until = now.add(Duration::from_millis(4_000));
		StorageValueRef::persistent(b"rwa/documents/lock/v1").set(&until);
		node.work();
		assert!(node.requests().is_empty());
		// The other one is dead.
		node.wait(4_001);
		node.work();
		assert!(!node.requests().is_empty());
	});
}

#[test]
fn a_run_should_ask_a_bounded_number_of_questions() {
	Node::execute(three(), &[1, 2, 3], |node| {
		(0..30).for_each(|_| {
			publish();
		});
		run_for(draws());
		for _ in 0..20 {
			let asked = node.requests().len();
			node.live(1);
			assert!(node.requests().len() - asked <= 64);
		}
	});
}

#[test]
fn no_secret_should_get_into_the_log_at_any_level() {
	for (manner, _) in misbehaviours() {
		Node::execute(three(), &[1], |node| {
			assigned(1);
			node.bridge_is(manner);
			node.live(3);
			let log = take_log();
			assert!(!log.is_empty());
			assert!(log.iter().all(|(_, line)| !line.contains(TOKEN)));
		});
	}
}

#[test]
fn a_node_without_keys_or_settings_should_be_quiet() {
	Node::execute(three(), &[], |node| {
		publish();
		run_for(draws());
		node.work();
		assert!(take_log().iter().all(|(level, _)| *level == Level::Trace));
		assert!(node.requests().is_empty());
	});
	Node::execute(three(), &[1], |node| {
		assigned(1);
		StorageValueRef::persistent(CONFIG_KEY).set(&WorkerConfig::default());
		node.work();
		StorageValueRef::persistent(CONFIG_KEY).clear();
		node.work();
		let line = (Level::Debug, "no bridge configured in this node".to_owned());
		assert_eq!(take_log(), [line.clone(), line]);
	});
	// An oracle is no storage node, and neither is who has declared no capacity.
	Node::execute(three(), &[1, 7], |node| {
		Operators::mutate(|keys| {
			keys.insert(key(1), (1, Role::Oracle));
			keys.insert(key(7), (7, Role::Storage));
		});
		node.work();
		assert!(node.requests().is_empty());
	});
}

#[test]
fn settings_that_cannot_be_read_should_be_reported_now_and_then() {
	Node::execute(three(), &[1], |node| {
		StorageValueRef::persistent(CONFIG_KEY).set(&[0xffu8; 9]);
		Running::set(false);
		node.live(200);
		assert_eq!(take_warnings().len(), 2);
		assert!(node.requests().is_empty());
		Running::set(true);
	});
}
