//! What a node does by itself, and what a source can do to it: cost it one reading.

mod batches;
mod evidence;
mod fetching;
mod logging;
mod progress;
mod sources;
mod turns;
mod words;

use log::Level;
use rwa_primitives::{
	feed::{FeedId, Observation, RoundIndex, Statement, Word},
	reading::Reading,
};
use sp_core::H256;

use super::web::{body, take_log, Node, Site};
use crate::{mock::*, FeedSpecOf, Phase};

const URL: &str = "http://sensor.example/reading";

/// Time for everything to be tried again.
fn patient() -> FeedSpecOf<Test> {
	FeedSpecOf::<Test> { commit_time: 25, reveal_time: 25, heartbeat: 51, max_age: 60, ..spec() }
}

/// The next round of [`FEED`], at a time when it is every reporter's turn.
fn open_round_for_all() -> RoundIndex {
	let round = open_next_round();
	run_to(Now::get() + COMMIT_TIME / 3);
	round
}

/// Blocks until the open round takes what was committed to, and it is every reporter's turn.
fn to_reveal_for_all() {
	to_reveal();
	let round = Oracle::open_round(FEED).unwrap();
	assert_eq!(round.phase, Phase::Reveal);
	run_to(Now::get() + REVEAL_TIME / 3);
}

/// Blocks pass in which nothing is due on chain.
fn skip_blocks(blocks: u64) {
	(0..blocks).for_each(|_| to_next_block());
}

/// Everyone else says something, so that a round goes on.
fn others_commit(feed: FeedId, round: RoundIndex, accounts: impl IntoIterator<Item = Account>) {
	for account in accounts {
		say(account, Statement { feed, round, word: Word::Commit(H256::repeat_byte(9)) });
	}
}

/// The one thing that was said since the last time; it is included.
#[track_caller]
fn one_word(node: &Node) -> Word {
	let mut said = node.include();
	assert_eq!(said.len(), 1, "{said:?}");
	said.remove(0).1.word
}

/// What was logged for people, with its level.
fn lines() -> Vec<String> {
	let log = take_log().into_iter().filter(|(level, _)| *level <= Level::Info);
	log.map(|(level, line)| format!("{level} {line}")).collect()
}

/// Node 1 measures, commits and reveals in the next round of [`FEED`], with three others who only commit.
/// What it revealed; `None`: it abstained.
fn observed(node: &Node) -> Option<Observation> {
	let round = open_next_round();
	others_commit(FEED, round, 2..=4);
	while Oracle::open_round(FEED).is_some_and(|open| open.phase == Phase::Commit) {
		node.work();
		node.include();
		to_next_block();
	}
	let mut seen = None;
	while Oracle::open_round(FEED).is_some() {
		node.work();
		for (_, statement) in node.include() {
			if let Word::Reveal { observation, .. } = statement.word {
				seen = Some(observation);
			}
		}
		to_next_block();
	}
	seen
}

fn observed_value(node: &Node) -> Option<i128> {
	observed(node).map(|observation| match observation.reading {
		Reading::Scalar(value) => value,
		other => panic!("{other:?}"),
	})
}

fn says(value: &str) -> Site {
	Site::Answers(body(value))
}
