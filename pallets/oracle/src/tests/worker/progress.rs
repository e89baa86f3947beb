//! What a node notes of a round, so that runs that overlap, a restart and a lost record do no harm.

use rwa_primitives::{
	feed::{RoundIndex, Word},
	worker::MAX_TIMEOUT_MS,
};
use sp_runtime::offchain::storage::StorageValueRef;

use super::{
	observed_value, one_word, open_round_for_all, others_commit, patient, skip_blocks,
	to_reveal_for_all, URL,
};
use crate::{
	functions::progress::{Claim, Kept, Said, Step, RESEND_AFTER},
	mock::*,
	tests::web::{body, source, take_log, take_warnings, Node, Site},
};

#[test]
fn what_was_committed_to_should_survive_a_restart() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		node.configure([source(FEED, URL)]);
		node.site(URL, Site::Answers(body("20.5")));
		let round = open_round_for_all();
		others_commit(FEED, round, 2..=4);
		node.work();
		node.include();
		// The node starts with other settings: all that is left is its store.
		node.configure([source(FEED, "http://nowhere.example")]);
		to_reveal_for_all();
		node.work();
		let Word::Reveal { observation, .. } = one_word(node) else { panic!("no reveal") };
		assert_eq!(observation, observe(2_050));
	});
}

#[test]
fn a_node_that_stops_after_measuring_should_commit_to_what_it_measured_when_it_is_back() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		node.configure([source(FEED, URL)]);
		let round = open_round_for_all();
		others_commit(FEED, round, 2..=4);
		let (mut claim, step) = take(1, round, None, true).unwrap();
		assert_eq!(step, Step::Measure);
		let kept = Kept { observation: observe(1_234), salt: [5; 32] };
		assert!(claim.keep(kept.clone()));
		// Here it stops, and nothing was sent.
		node.wait(2 * u64::from(MAX_TIMEOUT_MS) + 1);
		node.work();
		let expected =
			kept.observation.commitment(&genesis_hash(), &FEED, round, &1u64, &kept.salt);
		assert_eq!(one_word(node), Word::Commit(expected));
		assert_eq!(node.requests(), []);
		to_reveal_for_all();
		node.work();
		let (observation, salt) = (kept.observation, kept.salt);
		assert_eq!(one_word(node), Word::Reveal { observation, salt });
	});
}

fn progress_key(account: Account) -> Vec<u8> {
	codec::Encode::encode(&(b"rwa/oracle/progress/v2", FEED, account))
}

#[test]
fn a_record_that_is_lost_should_cost_the_round_and_one_log_line() {
	Node::execute(ExtBuilder::default().spec(patient()), &[1], |node| {
		node.configure([source(FEED, URL)]);
		node.site(URL, Site::Answers(body("20.5")));
		let round = open_round_for_all();
		others_commit(FEED, round, 2..=4);
		node.work();
		node.include();
		StorageValueRef::persistent(&progress_key(1)).clear();
		to_reveal_for_all();
		take_log();
		for _ in 0..20 {
			node.work();
			to_next_block();
		}
		assert!(node.take_batches().is_empty());
		assert_eq!(node.requests().len(), 1, "it does not measure again");
		let warnings = take_warnings();
		assert_eq!(warnings.len(), 1, "{warnings:?}");
		let expected =
			format!("this node doesn't know what was committed to {FEED:?}, round {round}");
		assert!(warnings[0].starts_with(&expected), "{warnings:?}");
		to_end();
		// And the next round is another one.
		assert_eq!(observed_value(node), Some(2_050));
	});
}

#[test]
fn what_another_node_with_the_same_key_committed_to_should_not_be_revealed_wrongly() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		node.configure([source(FEED, URL)]);
		node.site(URL, Site::Answers(body("20.5")));
		let round = open_round_for_all();
		node.work();
		assert_eq!(node.take_batches().len(), 1);
		// The other one was faster.
		others_commit(FEED, round, 1..=4);
		to_reveal_for_all();
		take_log();
		node.work();
		assert!(node.take_batches().is_empty());
		assert_eq!(take_warnings().len(), 1);
	});
}

// Claims.

/// Claims what is next for `account`. With `opens`, what it kept is revealed if it is that.
fn take(
	account: Account,
	round: RoundIndex,
	opens: Option<&Kept>,
	may_measure: bool,
) -> Option<(Claim, Step)> {
	let block = u64::from(System::block_number());
	let opens = opens.cloned().map(|wanted| move |kept: &Kept| *kept == wanted);
	Claim::take(FEED, &account, round, block, opens, may_measure)
}

fn kept() -> Kept {
	Kept { observation: observe(2_050), salt: [3; 32] }
}

#[test]
fn a_claim_should_keep_other_runs_away_until_it_is_settled_or_lapses() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		let (mut first, step) = take(1, 1, None, true).expect("nobody has claimed it");
		assert_eq!(step, Step::Measure);
		assert!(take(1, 1, None, true).is_none());
		assert!(take(2, 1, None, true).is_some(), "another operator's duty is another one");

		// Its worker dies. Long after every run has ended, another one takes over.
		node.wait(u64::from(MAX_TIMEOUT_MS));
		assert!(take(1, 1, None, true).is_none());
		node.wait(u64::from(MAX_TIMEOUT_MS) + 1);
		let (mut second, _) = take(1, 1, None, true).expect("the claim has lapsed");

		// The first was alive after all. It must not commit to what the second doesn't know, nor undo what
		// the second does.
		assert!(!first.keep(kept()));
		assert!(!first.give_up());
		assert!(!first.note_failure(1));
		first.release();
		assert!(take(1, 1, None, true).is_none());
		assert!(second.keep(kept()));
		second.settle_said(Said::Commit, System::block_number().into());
		assert!(take(1, 1, None, true).is_none());

		// What was noted about one round says nothing about the next.
		let (next, step) = take(1, 2, None, true).expect("another round is another duty");
		assert_eq!((next.failures(), step), (0, Step::Measure));
	});
}

#[test]
fn overlapping_runs_should_measure_once() {
	Node::execute(ExtBuilder::default().spec(patient()), &[1], |node| {
		node.configure([source(FEED, URL)]);
		node.site(URL, Site::Answers(body("20.5")));
		let round = open_round_for_all();
		let (mut earlier, _) = take(1, round, None, true).unwrap();
		node.work();
		to_next_block();
		node.work();
		assert_eq!(node.requests(), [], "an earlier run is at it");
		assert!(earlier.keep(kept()));
		node.work();
		assert!(node.take_batches().is_empty(), "and will say what it has measured");
		earlier.settle_said(Said::Commit, System::block_number().into());
		skip_blocks(RESEND_AFTER);
		node.work();
		let expected =
			kept().observation.commitment(&genesis_hash(), &FEED, round, &1u64, &[3; 32]);
		assert_eq!(one_word(node), Word::Commit(expected));
		assert_eq!(node.requests(), []);
	});
}

#[test]
fn a_run_that_may_not_measure_should_leave_that_to_the_next_and_do_the_rest() {
	Node::execute(ExtBuilder::default(), &[1], |_| {
		assert!(take(1, 1, None, false).is_none());
		let (mut claim, _) = take(1, 1, None, true).expect("nothing was claimed");
		assert!(claim.keep(kept()));
		claim.release();
		let (claim, step) = take(1, 1, None, false).unwrap();
		assert_eq!(step, Step::Commit(kept()));
		claim.settle_said(Said::Commit, System::block_number().into());
		// To have said one thing does not delay the other.
		let (_, step) = take(1, 1, Some(&kept()), false).unwrap();
		assert_eq!(step, Step::Reveal(kept()));
	});
}

#[test]
fn what_was_kept_and_does_not_open_the_commitment_should_be_mourned_once() {
	Node::execute(ExtBuilder::default(), &[1], |_| {
		let other = Kept { salt: [4; 32], ..kept() };
		let (mut claim, _) = take(1, 1, None, true).unwrap();
		assert!(claim.keep(kept()));
		claim.release();
		let (claim, step) = take(1, 1, Some(&other), true).unwrap();
		assert_eq!(step, Step::Mourn);
		claim.settle_mourned();
		assert!(take(1, 1, Some(&other), true).is_none());
		// On another fork it may be right.
		assert_eq!(take(1, 1, Some(&kept()), true).unwrap().1, Step::Reveal(kept()));
	});
}

#[test]
fn what_another_version_has_noted_should_not_stop_the_worker() {
	Node::execute(ExtBuilder::default(), &[1], |_| {
		StorageValueRef::persistent(&progress_key(1)).set(&[0xffu8; 3]);
		assert!(take(1, 1, None, true).is_some());
	});
}
