//! What a node does by itself.

use super::node::{take_log, Node};
use crate::{mock::*, worker::RESEND_AFTER};
use frame_support::assert_ok;
use log::Level;
use rwa_primitives::{app_key::Role, heartbeat::Heartbeat, AccountId};
use std::collections::BTreeSet;

/// Blocks until it is `node`'s turn in the next period.
fn to_turn_of(node: &AccountId) {
	let turn = Slashing::turn_of(node, period() + 1);
	run_to(turn);
}

fn loud() -> Vec<(Level, String)> {
	take_log().into_iter().filter(|(level, _)| *level <= Level::Info).collect()
}

#[test]
fn a_node_should_send_one_heartbeat_in_each_period() {
	Node::execute(&[ORACLE], |node| {
		// It registered in the first one.
		assert!(node.run(PERIOD - 2).is_empty());
		for number in 1..4 {
			// As soon as it is sent, it is in the next block.
			let mut sent = Vec::new();
			for _ in 0..PERIOD {
				for beat in node.run(1) {
					assert_ok!(authorize(beat.clone()));
					assert_ok!(dispatch(beat.clone()));
					sent.push(beat.0);
				}
			}
			assert_eq!(sent, [Heartbeat { key: key(&ORACLE), period: number }]);
		}
		assert!(loud().is_empty());
	});
}

#[test]
fn a_node_should_beat_for_every_operator_whose_key_it_holds() {
	let operators = [VERIFIER, ORACLE, RELAY, STORAGE];
	Node::execute(&operators, |node| {
		run_to(PERIOD - 1);
		let mut keys = Vec::new();
		for _ in 0..PERIOD / 2 {
			for beat in node.run(1) {
				keys.push(beat.0.key.clone());
				assert_ok!(dispatch(beat));
			}
		}
		assert_eq!(keys.len(), operators.len());
		let keys: BTreeSet<_> = keys.into_iter().collect();
		assert_eq!(keys, operators.iter().map(key).collect());
	});
}

#[test]
fn nodes_should_spread_over_the_first_half_of_the_period() {
	execute(|| {
		let turns = |period: u32| -> Vec<u64> {
			(0..100u8)
				.map(|index| Slashing::turn_of(&AccountId::new([index; 32]), period))
				.collect()
		};
		let (first, second) = (turns(1), turns(2));
		assert!(first.iter().all(|turn| (PERIOD..PERIOD + PERIOD / 2).contains(turn)));
		assert!(second.iter().all(|turn| (2 * PERIOD..2 * PERIOD + PERIOD / 2).contains(turn)));
		let distinct: BTreeSet<_> = first.iter().collect();
		assert!(distinct.len() > 6, "all send in {} blocks", distinct.len());
		let moved = first.iter().zip(&second).filter(|(one, two)| **one + PERIOD != **two);
		assert!(moved.count() > 50, "the same are first in every period");
	});
}

#[test]
fn the_shortest_period_should_leave_every_node_a_turn() {
	execute(|| {
		HeartbeatPeriod::set(4);
		let turns: BTreeSet<_> =
			(0..100u8).map(|index| Slashing::turn_of(&AccountId::new([index; 32]), 3)).collect();
		assert_eq!(turns, BTreeSet::from([12, 13]));
		HeartbeatPeriod::set(1);
		assert_eq!(Slashing::turn_of(&ORACLE, 3), 3);
	});
}

#[test]
fn running_again_should_not_send_again() {
	Node::execute(&[ORACLE], |node| {
		to_turn_of(&ORACLE);
		let first = System::block_number();
		// Twice in one block, on two forks; then again from a block before, after a re-organisation.
		for block in [first, first, first - 1, first, first + 1] {
			System::set_block_number(block);
			node.work();
		}
		assert_eq!(node.take().len(), 1);
		assert!(node.run(RESEND_AFTER - 2).is_empty());
	});
}

#[test]
fn a_heartbeat_that_is_not_included_should_be_sent_again() {
	Node::execute(&[ORACLE], |node| {
		to_turn_of(&ORACLE);
		node.work();
		assert_eq!(node.take().len(), 1);
		assert!(node.run(RESEND_AFTER - 1).is_empty());
		let again = node.run(1);
		assert_eq!(again.len(), 1);
		// Once it is included, no more.
		assert_ok!(dispatch(again[0].clone()));
		assert!(node.run(RESEND_AFTER).is_empty());
	});
}

#[test]
fn a_heartbeat_that_the_pool_refuses_should_wait_like_one_that_was_lost() {
	Node::execute(&[ORACLE], |node| {
		to_turn_of(&ORACLE);
		node.refuse(true);
		node.work();
		node.refuse(false);
		assert!(node.run(RESEND_AFTER - 1).is_empty());
		assert_eq!(node.run(1).len(), 1);
		assert!(loud().is_empty());
	});
}

#[test]
fn a_node_that_starts_late_in_a_period_should_beat_at_once() {
	Node::execute(&[ORACLE], |node| {
		run_to(2 * PERIOD - 2);
		assert_eq!(node.run(1).len(), 1);
	});
}

#[test]
fn who_is_not_expected_should_stay_silent() {
	Node::execute(&[ORACLE, ALICE, STRANGER], |node| {
		// A validator with an app key, an oracle that was chilled, and a key of nobody.
		Keys::mutate(|keys| keys.insert(key(&ALICE), ALICE));
		change(&ORACLE, |node| node.excused_since = Some(1));
		assert!(node.run(3 * PERIOD).is_empty());
		assert!(loud().is_empty());
		// When it comes back, it beats.
		register(&ORACLE, Role::Oracle);
		assert!(!node.run(PERIOD + PERIOD / 2).is_empty());
	});
}

#[test]
fn a_node_without_app_keys_should_stay_silent() {
	Node::execute(&[], |node| {
		run_to(PERIOD);
		take_log();
		node.work();
		assert!(node.take().is_empty());
		assert_eq!(take_log(), [(Level::Trace, "no app key in this node".into())]);
	});
}

#[test]
fn a_halted_network_should_ask_for_no_second_heartbeat() {
	Node::execute(&[ORACLE], |node| {
		to_turn_of(&ORACLE);
		node.work();
		node.take().into_iter().for_each(|beat| {
			assert_ok!(dispatch(beat));
		});
		Running::set(false);
		assert!(node.run(3 * PERIOD).is_empty());
		Running::set(true);
	});
}
