//! When a node acts in a round, and when it has no reason to.

use std::collections::BTreeSet;

use frame_support::assert_ok;
use log::Level;
use rwa_primitives::{app_key::Role, feed::Word};

use super::{one_word, open_round_for_all, URL};
use crate::{
	mock::*,
	tests::web::{body, source, take_log, take_warnings, Node, Site},
};

#[test]
fn reporters_should_not_all_act_in_one_block_nor_in_that_of_the_opening() {
	let operators: Vec<Account> = (1..=8).collect();
	Node::execute(ExtBuilder::default().reporters(8), &operators, |node| {
		node.configure([source(FEED, URL)]);
		node.site(URL, Site::Answers(body("1")));
		let mut delays = BTreeSet::new();
		for _ in 0..4 {
			let round = open_next_round();
			for delay in 0..=COMMIT_TIME / 3 {
				node.work();
				delays.extend(node.include().iter().map(|(account, _)| (delay, *account, round)));
				to_next_block();
			}
			to_end();
		}
		// Each account once in each round, within a third of the phase's time.
		assert_eq!(delays.len(), 4 * 8);
		let blocks: BTreeSet<u32> = delays.iter().map(|(delay, ..)| *delay).collect();
		assert_eq!(blocks, BTreeSet::from([1, 2, 3, 4]));
		// And not in the same order every time.
		let turns_of_1: BTreeSet<u32> =
			delays.iter().filter(|(_, who, _)| *who == 1).map(|(delay, ..)| *delay).collect();
		assert!(turns_of_1.len() > 1, "{delays:?}");
	});
}

#[test]
fn what_would_come_too_late_should_not_be_begun() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		node.configure([source(FEED, URL)]);
		node.site(URL, Site::Answers(body("1")));
		open_next_round();
		let deadline = Oracle::open_round(FEED).unwrap().deadline;
		run_to(deadline - 1);
		node.work();
		assert_eq!(node.requests(), []);
	});
}

#[test]
fn an_operator_that_left_a_feed_should_still_serve_the_round_it_was_drawn_for() {
	Node::execute(ExtBuilder::default().reporters(5), &[5], |node| {
		node.configure([source(FEED, URL)]);
		node.site(URL, Site::Answers(body("1")));
		open_round_for_all();
		assert_ok!(Oracle::leave_feed(by(5), FEED));
		node.work();
		assert!(matches!(one_word(node), Word::Commit(_)));
		to_end();
		open_round_for_all();
		node.work();
		assert!(node.take_batches().is_empty());
	});
}

#[test]
fn a_node_should_ask_nobody_without_need() {
	Node::execute(ExtBuilder::default().reporters(5), &[1, 2, 3, 4], |node| {
		node.configure([source(FEED, URL), source(other_feed(7), URL)]);
		node.site(URL, Site::Answers(body("1")));
		node.work(); // No round is open.
		let round = open_round_for_all();
		register(1, Role::Relay); // No oracle.
		Inactive::mutate(|inactive| inactive.insert(2));
		commit(3, round, 1); // Has committed.
		abstain(4, round); // Has abstained.
		node.work();
		assert_eq!(node.requests(), []);
		assert!(take_warnings().is_empty());
	});
}

#[test]
fn a_node_without_keys_or_sources_should_be_quiet() {
	Node::execute(ExtBuilder::default(), &[], |node| {
		node.configure([source(FEED, URL)]);
		open_round_for_all();
		node.work();
		assert!(take_log().iter().all(|(level, _)| *level == Level::Trace));
	});
	Node::execute(ExtBuilder::default(), &[1], |node| {
		open_round_for_all();
		node.work();
		assert_eq!(take_log(), [(Level::Debug, "no sources configured in this node".to_owned())]);
		node.configure([]);
		node.work();
		assert_eq!(node.requests(), []);
	});
}
