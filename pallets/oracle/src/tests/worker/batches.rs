//! A run gets so many readings and no more, and what it says about many feeds shares transactions.

use std::collections::BTreeSet;

use frame_support::assert_ok;
use rwa_primitives::{
	feed::FeedId,
	worker::{MAX_SOURCES, MAX_SOURCES_PER_FEED},
};

use super::{lines, open_round_for_all, others_commit, patient, skip_blocks, URL};
use crate::{
	functions::worker::MAX_FETCHES_PER_RUN,
	mock::*,
	tests::web::{body, source, Node, Site},
	Admission,
};

/// `count` feeds with four reporters each, whose first rounds are open, at a time when it is everyone's turn.
fn open_many(count: u32) -> Vec<FeedId> {
	MaxFeedsPerReporter::set(100);
	MaxDuePerBlock::set(100);
	let feeds: Vec<_> = (0..count).map(other_feed).collect();
	for feed in &feeds {
		assert_ok!(Oracle::create_feed(root(), *feed, patient(), Admission::Open));
		(1..=4).for_each(|account| join(account, *feed));
		assert_ok!(Oracle::top_up(by(BYSTANDER), *feed, 100));
	}
	run_to(2 + 4);
	feeds
}

#[test]
fn a_run_should_get_a_bounded_number_of_readings_and_the_next_run_the_rest() {
	Node::execute(ExtBuilder::default().without_feed(), &[1], |node| {
		let feeds = open_many(u32::try_from(MAX_FETCHES_PER_RUN).unwrap() + 3);
		node.configure(feeds.iter().map(|feed| source(*feed, URL)));
		node.site(URL, Site::Answers(body("1")));
		node.work();
		assert_eq!(node.requests().len(), MAX_FETCHES_PER_RUN);
		to_next_block();
		node.work();
		let said: BTreeSet<_> = node.include().into_iter().map(|(_, one)| one.feed).collect();
		assert_eq!(said, feeds.into_iter().collect());
	});
}

#[test]
fn a_feed_with_many_sources_should_be_read_whole_or_not_at_all_in_a_run() {
	Node::execute(ExtBuilder::default().without_feed(), &[1], |node| {
		let feeds = open_many(3);
		let url = |n: usize| format!("http://sensor-{n}.example");
		let of = |feed: FeedId, count: usize| (0..count).map(move |n| source(feed, &url(n)));
		node.configure(of(feeds[0], 8).chain(of(feeds[1], 4)).chain(of(feeds[2], 4)));
		(0..8).for_each(|n| node.site(&url(n), Site::Answers(body("1"))));
		let mut done = BTreeSet::new();
		for _ in 0..3 {
			let before = node.requests().len();
			node.work();
			assert!(node.requests().len() - before <= MAX_FETCHES_PER_RUN);
			done.extend(node.include().into_iter().map(|(_, one)| one.feed));
			to_next_block();
		}
		assert_eq!(done, feeds.into_iter().collect());
		assert_eq!(node.requests().len(), 16);
	});
}

#[test]
fn sources_beyond_what_a_node_may_have_should_be_left_out() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		let sources = (0..=MAX_SOURCES_PER_FEED).map(|_| source(FEED, URL));
		node.configure(sources);
		node.site(URL, Site::Answers(body("20.5")));
		open_round_for_all();
		node.work();
		assert_eq!(node.requests().len(), MAX_SOURCES_PER_FEED);
	});
	Node::execute(ExtBuilder::default(), &[1], |node| {
		let others = (0..MAX_SOURCES).map(|n| source(other_feed(u32::try_from(n).unwrap()), URL));
		node.configure(others.chain([source(FEED, URL)]));
		open_round_for_all();
		node.work();
		assert_eq!(node.requests(), []);
	});
}

#[test]
fn twenty_feeds_should_be_revealed_in_two_transactions() {
	Node::execute(ExtBuilder::default().without_feed(), &[1], |node| {
		let feeds = open_many(20);
		node.configure(feeds.iter().map(|feed| source(*feed, URL)));
		node.site(URL, Site::Answers(body("1")));
		for feed in &feeds {
			others_commit(*feed, 1, 2..=4);
		}
		for _ in 0..3 {
			node.work();
			to_next_block();
		}
		let sizes: Vec<_> =
			node.include_batches().iter().map(|(batch, _)| batch.statements.len()).collect();
		assert_eq!(sizes, [8, 8, 4], "as many as were read in one run");
		skip_blocks(6);
		node.work();
		let sizes: Vec<_> =
			node.include_batches().iter().map(|(batch, _)| batch.statements.len()).collect();
		assert_eq!(sizes, [16, 4]);
		assert_eq!(node.requests().len(), 20);
	});
}

#[test]
fn what_the_pool_refuses_should_not_spoil_the_rest_of_its_batch() {
	Node::execute(ExtBuilder::default().without_feed(), &[1], |node| {
		let feeds = open_many(4);
		node.configure(feeds.iter().map(|feed| source(*feed, URL)));
		node.site(URL, Site::Answers(body("1")));
		node.refuse([feeds[1]]);
		node.work();
		let said: Vec<_> = node.include().into_iter().map(|(_, one)| one.feed).collect();
		assert_eq!(said.len(), 3);
		assert!(!said.contains(&feeds[1]));
		let log = lines();
		let refused: Vec<_> = log.iter().filter(|line| line.contains("did not take")).collect();
		assert_eq!((log.len(), refused.len()), (4, 1), "{log:?}");
		assert!(refused[0].contains(&format!("{:?}", feeds[1])));
	});
}
