//! What a node says in a round: once, and the same again while it is not on chain.

use std::collections::BTreeSet;

use frame_support::assert_ok;
use rwa_primitives::{
	feed::{Statement, Word},
	reading::Reading,
};

use super::{
	lines, one_word, open_round_for_all, others_commit, patient, skip_blocks, to_reveal_for_all,
	URL,
};
use crate::{
	functions::progress::{MAX_FAILURES, RESEND_AFTER, RETRY_AFTER},
	mock::*,
	tests::web::{body, source, Node, Site},
	DutyState, FeedSpecOf, Phase,
};

/// Who has said what by the chain's books.
fn state_of(account: Account) -> DutyState {
	Oracle::open_round(FEED).unwrap().duty_of(&account).unwrap().state.clone()
}

#[test]
fn nodes_should_commit_to_what_their_sources_say_and_then_reveal_it() {
	Node::execute(ExtBuilder::default(), &[1, 2, 3, 4], |node| {
		node.configure([source(FEED, URL)]);
		node.site(URL, Site::Answers(body("20.505")));
		let round = open_round_for_all();
		node.work();
		let committed = node.include();
		assert_eq!(committed.len(), 4);
		let commitments: BTreeSet<_> = committed
			.iter()
			.map(|(_, statement)| match statement.word {
				Word::Commit(commitment) => commitment,
				_ => panic!("{statement:?}"),
			})
			.collect();
		assert_eq!(commitments.len(), 4, "the same reading, and no two look alike");
		let log = lines();
		assert_eq!(log.len(), 4);
		let expected = format!("INFO sent a commitment to {FEED:?}, round {round}");
		assert!(log.iter().all(|line| *line == expected), "says nothing of the reading: {log:?}");

		// The source has moved on. What was committed to has not.
		node.site(URL, Site::Answers(body("99")));
		to_reveal_for_all();
		node.work();
		assert_eq!(node.requests().len(), 4);
		assert_eq!(node.include().len(), 4);
		assert_eq!(
			lines(),
			[(); 4].map(|()| format!("INFO sent 20.51 to {FEED:?}, round {round}"))
		);
		to_end();
		assert_eq!(Oracle::latest(FEED).unwrap().reading, Reading::Scalar(2_051));
	});
}

#[test]
fn a_node_without_a_reading_should_abstain_and_try_again_in_the_next_round() {
	Node::execute(ExtBuilder::default().spec(patient()), &[1], |node| {
		node.configure([source(FEED, URL)]);
		for rounds in 1..=2 {
			let round = open_next_round();
			others_commit(FEED, round, 2..=3); // And 4 is silent, so that the round stays open.
			let mut said = Vec::new();
			while Oracle::open_round(FEED).is_some_and(|open| open.phase == Phase::Commit) {
				node.work();
				said.extend(node.include());
				to_next_block();
			}
			let word = Word::Abstain;
			assert_eq!(said, [(1, Statement { feed: FEED, round, word })]);
			assert_eq!(node.requests().len(), rounds * usize::from(MAX_FAILURES));
			let abstained = [
				format!("WARN abstaining from {FEED:?}, round {round}: no reading in 3 attempts"),
				format!("INFO sent an abstention to {FEED:?}, round {round}"),
			];
			let mut log = lines();
			if round == 1 {
				let trouble = log.remove(0);
				assert!(trouble.ends_with("unreachable"), "{trouble}");
			}
			assert_eq!(log, abstained, "the trouble is the same, and known");
			to_end();
		}
	});
}

#[test]
fn an_abstention_that_is_not_included_should_be_made_again_without_asking_again() {
	Node::execute(ExtBuilder::default().spec(patient()), &[1], |node| {
		node.configure([source(FEED, URL)]);
		open_round_for_all();
		for _ in 0..MAX_FAILURES {
			node.work();
			skip_blocks(RETRY_AFTER);
		}
		let lost = node.take_batches();
		assert_eq!(lost[0].0.statements[0].word, Word::Abstain);
		// That the source is back makes no difference any more.
		node.site(URL, Site::Answers(body("20.5")));
		skip_blocks(RESEND_AFTER);
		node.work();
		assert_eq!(node.take_batches()[0].0, lost[0].0);
		assert_eq!(node.requests().len(), usize::from(MAX_FAILURES));
	});
}

#[test]
fn a_node_should_abstain_in_time_even_in_the_shortest_phase() {
	let hasty = FeedSpecOf::<Test> { commit_time: 5, reveal_time: 5, ..spec() };
	Node::execute(ExtBuilder::default().spec(hasty), &[1], |node| {
		node.configure([source(FEED, URL)]);
		open_next_round();
		while state_of(1) == DutyState::Silent {
			node.work();
			to_next_block();
			node.include();
		}
		assert_eq!(state_of(1), DutyState::Abstained);
		assert_eq!(node.requests().len(), 2, "there is time for a second attempt");
	});
}

#[test]
fn running_again_should_not_say_anything_again() {
	Node::execute(ExtBuilder::default().spec(patient()), &[1], |node| {
		node.configure([source(FEED, URL)]);
		node.site(URL, Site::Answers(body("20.5")));
		open_round_for_all();
		node.work();
		node.work(); // The same block on another fork.
		for _ in 1..RESEND_AFTER {
			to_next_block();
			node.work();
		}
		assert_eq!(node.take_batches().len(), 1);
		assert_eq!(node.requests().len(), 1);
	});
}

#[test]
fn a_commitment_that_is_not_included_should_be_made_again_and_to_the_same() {
	Node::execute(ExtBuilder::default().spec(patient()), &[1], |node| {
		node.configure([source(FEED, URL)]);
		node.site(URL, Site::Answers(body("20.5")));
		let round = open_round_for_all();
		node.work();
		let lost = node.take_batches();
		node.site(URL, Site::Answers(body("20.6")));
		skip_blocks(RESEND_AFTER);
		node.work();
		let again = node.take_batches();
		assert_eq!(again[0].0, lost[0].0);
		assert_eq!(node.requests().len(), 1);
		let sent = format!("INFO sent a commitment to {FEED:?}, round {round}");
		assert_eq!(lines(), [sent], "that it was sent again is no news");

		// The lost one turns up after all. Then no more.
		assert_ok!(dispatch(lost[0].clone()));
		skip_blocks(RESEND_AFTER);
		node.work();
		assert!(node.take_batches().is_empty());
	});
}

#[test]
fn a_commitment_that_a_fork_takes_back_should_be_made_again() {
	Node::execute(ExtBuilder::default().spec(patient()), &[1], |node| {
		node.configure([source(FEED, URL)]);
		node.site(URL, Site::Answers(body("20.5")));
		open_round_for_all();
		let before = crate::Rounds::<Test>::get(FEED).unwrap();
		node.work();
		let first = one_word(node);
		crate::Rounds::<Test>::insert(FEED, before);
		skip_blocks(RESEND_AFTER);
		node.work();
		assert_eq!(one_word(node), first);
	});
}

#[test]
fn a_reveal_that_is_not_included_should_be_made_again() {
	Node::execute(ExtBuilder::default().spec(patient()), &[1], |node| {
		node.configure([source(FEED, URL)]);
		node.site(URL, Site::Answers(body("20.5")));
		let round = open_round_for_all();
		others_commit(FEED, round, 2..=4);
		node.work();
		node.include();
		to_reveal_for_all();
		skip_blocks(6);
		node.work();
		let lost = node.take_batches();
		assert!(matches!(lost[0].0.statements[0].word, Word::Reveal { .. }));
		to_next_block();
		node.work();
		assert!(node.take_batches().is_empty());
		skip_blocks(RESEND_AFTER);
		node.work();
		assert_eq!(node.take_batches()[0].0, lost[0].0);
	});
}

#[test]
fn a_commitment_that_the_pool_refuses_should_wait_like_one_that_was_lost() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		node.configure([source(FEED, URL)]);
		node.site(URL, Site::Answers(body("20.5")));
		node.refuse([FEED]);
		let round = open_round_for_all();
		node.work();
		to_next_block();
		node.work();
		assert_eq!(node.requests().len(), 1);
		let refused = format!(
			"INFO the pool did not take a commitment to {FEED:?}, round {round}; is this phase over?"
		);
		assert_eq!(lines(), [refused]);
	});
}

#[test]
fn two_operators_in_one_node_should_speak_for_themselves() {
	Node::execute(ExtBuilder::default(), &[1, 2, STRANGER], |node| {
		node.configure([source(FEED, URL)]);
		node.site(URL, Site::Answers(body("20.5")));
		let round = open_round_for_all();
		others_commit(FEED, round, 3..=4);
		node.work();
		let batches = node.take_batches();
		let keys: BTreeSet<_> = batches.iter().map(|(batch, _)| batch.key.clone()).collect();
		assert_eq!(keys, (1..=2).map(key).collect());
		batches.into_iter().for_each(|batch| {
			assert_ok!(dispatch(batch));
		});
		to_reveal_for_all();
		node.work();
		let said = node.include();
		let accounts: BTreeSet<_> = said.iter().map(|(account, _)| *account).collect();
		let salts: BTreeSet<_> = said
			.iter()
			.map(|(_, statement)| match &statement.word {
				Word::Reveal { salt, .. } => *salt,
				other => panic!("{other:?}"),
			})
			.collect();
		assert_eq!((accounts, salts.len()), (BTreeSet::from([1, 2]), 2));
	});
}
