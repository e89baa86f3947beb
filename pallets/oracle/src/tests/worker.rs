//! What a node does by itself, and what a source can do to it: cost it one reading.

use std::collections::BTreeSet;

use frame_support::assert_ok;
use log::Level;
use rwa_primitives::{
	app_key::Role,
	device::{DeviceSignature, Measurement, SignedMeasurement},
	feed::{Evidence, EvidenceRule, FeedId, Observation, RoundIndex, Statement, Word},
	reading::{Angle, Point, Reading, Schema},
	worker::{
		ReadingRule, SignedRule, SourceConfig, CONFIG_KEY, MAX_SOURCES, MAX_SOURCES_PER_FEED,
		MAX_TIMEOUT_MS,
	},
};
use sp_core::{Pair, H256};
use sp_runtime::offchain::storage::StorageValueRef;

use super::web::{body, source, source_of, take_log, take_warnings, Node, Site};
use crate::{
	functions::{
		fetch::scheme_and_host,
		progress::{Claim, Kept, Said, Step, MAX_FAILURES, RESEND_AFTER, RETRY_AFTER},
		sources::REMIND_AFTER,
		worker::MAX_FETCHES_PER_RUN,
	},
	mock::*,
	Admission, DutyState, FeedSpecOf, Phase,
};

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

/// Who has said what by the chain's books.
fn state_of(account: Account) -> DutyState {
	Oracle::open_round(FEED).unwrap().duty_of(&account).unwrap().state.clone()
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
fn a_request_should_be_a_get_with_the_operators_headers() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		let url = "https://weather.example/v1?station=9&key=s3cret";
		let headers = vec![("X-Api-Key".into(), "hunter2".into()), ("Accept".into(), "*".into())];
		let mut config = source(FEED, url);
		config.headers = headers.clone();
		node.configure([config]);
		node.site(url, Site::Answers(body("1")));
		open_round_for_all();
		node.work();

		let requests = node.requests();
		assert_eq!(requests.len(), 1);
		assert_eq!((requests[0].method.as_str(), requests[0].url.as_str()), ("GET", url));
		assert_eq!(requests[0].headers, headers);
	});
}

/// Every way in which a source can misbehave, and what the node says of it.
fn misbehaviours() -> Vec<(Site, &'static str)> {
	let answers = |text: &str| Site::Answers(text.into());
	vec![
		(Site::Unreachable, "unreachable"),
		(Site::Slow(30_000), "no complete answer in time"),
		(Site::Drips(100), "no complete answer in time"),
		(Site::Endless, "the answer is longer than 16384 bytes"),
		(Site::BreaksOff(body("20.5")), "the connection broke within the answer"),
		(Site::Status(404), "status 404 instead of 200"),
		(Site::Status(500), "status 500 instead of 200"),
		(Site::Status(204), "status 204 instead of 200"),
		(answers(""), "the answer is not JSON"),
		(answers("<html>"), "the answer is not JSON"),
		(answers(&body("20.5")[..20]), "the answer is not JSON"),
		(answers(&body("NaN")), "the answer is not JSON"),
		(answers(&body("Infinity")), "the answer is not JSON"),
		(answers(&"[".repeat(10_000)), "the answer is nested deeper than 32 levels"),
		(answers("{}"), "nothing in the answer is where the pointer points"),
		(answers(r#"{"value":1,"value":2}"#), "a name on the pointer's way occurs twice"),
		(answers(&body("null")), "what the pointer points at is not a number"),
		(answers(&body(r#""NaN""#)), "what the pointer points at is not a number"),
		(
			answers(&body(r#""20.5""#)),
			"what the pointer points at is a number in quotes, which is taken with text = true",
		),
		(answers(&body("1e400")), "the number is too large for the feed"),
		(answers(&body(&"1".repeat(65))), "the number has more than 64 characters"),
		(answers(&body("100.01")), "100.01 is outside the feed's bounds"),
		(answers(&body("-50.01")), "-50.01 is outside the feed's bounds"),
	]
}

#[test]
fn a_misbehaving_source_should_cost_its_reading_and_one_log_line() {
	for (site, cause) in misbehaviours() {
		Node::execute(ExtBuilder::default(), &[1], |node| {
			node.configure([source(FEED, URL)]);
			node.site(URL, site.clone());
			let round = open_round_for_all();
			let took = node.work();

			assert!(took <= u64::from(MAX_TIMEOUT_MS), "{site:?} took {took} ms");
			assert!(node.take_batches().is_empty(), "{site:?} was reported");
			let trouble = format!("WARN no use of http://sensor.example for {FEED:?}: {cause}");
			assert_eq!(lines(), [trouble]);
			// The node goes on: when the source is well again, it commits in the same round.
			node.site(URL, Site::Answers(body("20.5")));
			skip_blocks(RETRY_AFTER);
			node.work();
			assert!(matches!(one_word(node), Word::Commit(_)));
			assert_eq!(
				lines(),
				[
					format!("INFO http://sensor.example is of use for {FEED:?} again"),
					format!("INFO sent a commitment to {FEED:?}, round {round}"),
				]
			);
		});
	}
}

#[test]
fn a_redirect_should_not_be_followed() {
	for status in [300, 301, 302, 303, 304, 307, 308] {
		Node::execute(ExtBuilder::default(), &[1], |node| {
			node.configure([source(FEED, URL)]);
			node.site(URL, Site::Status(status));
			open_round_for_all();
			node.work();
			let asked: Vec<_> = node.requests().into_iter().map(|request| request.url).collect();
			assert_eq!(asked, [URL]);
			assert_eq!(node.requests()[0].read, 0, "nobody reads what comes with it");
			let warnings = take_warnings();
			assert_eq!(warnings.len(), 1);
			assert!(warnings[0].ends_with(&format!("status {status} instead of 200")));
			assert!(node.take_batches().is_empty());
		});
	}
}

#[test]
fn an_address_that_is_none_should_cost_its_reading_and_one_log_line() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		node.configure([source(FEED, "sensor?key=s3cret")]);
		open_round_for_all();
		node.work();
		let warnings = take_warnings();
		assert_eq!(warnings.len(), 1);
		assert!(warnings[0].ends_with("the address or a header is not valid"));
		assert!(!warnings[0].contains("s3cret"));
	});
}

#[test]
fn a_huge_answer_should_not_be_read_beyond_the_limit() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		let mut config = source(FEED, URL);
		config.max_bytes = 100;
		node.configure([config]);
		node.site(URL, Site::Endless);
		open_round_for_all();
		node.work();
		assert!(node.requests()[0].read <= 100 + 4096);
		assert_eq!(take_warnings().len(), 1);

		// Settings can't lift the limit of the worker itself.
		let mut config = source(FEED, URL);
		config.max_bytes = u32::MAX;
		config.timeout_ms = u32::MAX;
		node.configure([config]);
		skip_blocks(RETRY_AFTER);
		node.work();
		assert!(node.requests()[1].read <= 65_536 + 4096);
		assert!(take_warnings()[0].ends_with("longer than 65536 bytes"));
		node.site(URL, Site::Slow(30_000));
		skip_blocks(RETRY_AFTER);
		assert_eq!(node.work(), u64::from(MAX_TIMEOUT_MS));
	});
}

#[test]
fn an_answer_as_long_as_allowed_should_be_read_in_full() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		let text = body("20.5") + &" ".repeat(9_000);
		let mut config = source(FEED, URL);
		config.max_bytes = u32::try_from(text.len()).unwrap();
		node.configure([config]);
		node.site(URL, Site::Answers(text));
		assert_eq!(observed_value(node), Some(2_050));
	});
}

#[test]
fn one_slow_source_should_take_no_time_from_the_others() {
	Node::execute(ExtBuilder::default().without_feed(), &[1], |node| {
		MaxDuePerBlock::set(10);
		let feeds = [other_feed(1), other_feed(2), other_feed(3), other_feed(4)];
		feeds.into_iter().for_each(create_other);
		let url = |n: u32| format!("http://sensor-{n}.example");
		node.configure((0..4).map(|n| source(feeds[n as usize], &url(n))));
		node.site(&url(0), Site::Slow(30_000));
		node.site(&url(1), Site::Drips(100));
		node.site(&url(2), Site::Answers(body("1")));
		node.site(&url(3), Site::Slow(1_400));
		run_to(2 + COMMIT_TIME / 3);

		assert_eq!(node.work(), 1_500);
		let said: BTreeSet<FeedId> =
			node.include().into_iter().map(|(_, statement)| statement.feed).collect();
		assert_eq!(said, BTreeSet::from([feeds[2], feeds[3]]));
		assert_eq!(take_warnings().len(), 2);
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

#[test]
fn one_operators_dead_source_should_not_hold_up_another_operator_in_the_node() {
	// Both ask the same address; each does, and the log has it once.
	Node::execute(ExtBuilder::default(), &[1, 2], |node| {
		node.configure([source(FEED, URL)]);
		open_round_for_all();
		node.work();
		assert_eq!(take_warnings().len(), 1);
		assert_eq!(node.requests().len(), 2);
	});
}

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

#[test]
fn settings_that_cannot_be_read_should_be_reported_now_and_then() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		StorageValueRef::persistent(CONFIG_KEY).set(&[0xffu8; 9]);
		let mut warnings = 0;
		for _ in 0..200 {
			to_next_block();
			node.work();
			warnings += take_warnings().len();
		}
		assert_eq!(warnings, 2);
		assert!(node.take_batches().is_empty());
	});
}

#[test]
fn trouble_that_lasts_should_be_logged_when_it_changes_and_once_in_a_while() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		node.configure([source(FEED, URL)]);
		let trouble_of_a_round = |node: &Node| {
			assert_eq!(observed(node), None);
			let log = take_warnings().into_iter();
			log.filter(|line| line.starts_with("no use of")).count()
		};
		assert_eq!(trouble_of_a_round(node), 1);
		assert_eq!(trouble_of_a_round(node), 0);
		node.site(URL, Site::Status(503));
		assert_eq!(trouble_of_a_round(node), 1, "something else");
		node.site(URL, Site::Answers(body("101")));
		assert_eq!(trouble_of_a_round(node), 1);
		node.site(URL, Site::Answers(body("102")));
		assert_eq!(trouble_of_a_round(node), 0, "another number is as bad");
		System::set_block_number(System::block_number() + u32::try_from(REMIND_AFTER).unwrap());
		assert_eq!(trouble_of_a_round(node), 1, "it still lasts");
	});
}

#[test]
fn no_secret_should_get_into_the_log_at_any_level() {
	let secrets = ["s3cret", "hunter2", "passw0rd"];
	let urls = [
		"http://sensor.example/reading/s3cret?key=s3cret#s3cret",
		"http://user:passw0rd@sensor.example/reading",
		"http://sensor.example?s3cret",
		"s3cret",
	];
	for url in urls {
		let sites = [Site::Unreachable, Site::Answers(body("20.5")), Site::Status(403)];
		for site in sites {
			Node::execute(ExtBuilder::default(), &[1], |node| {
				let mut config = source(FEED, url);
				config.headers = vec![("Authorization".into(), "hunter2".into())];
				node.configure([config]);
				node.site(url, site);
				open_round_for_all();
				node.work();
				let log = take_log();
				assert!(!log.is_empty());
				for (_, line) in log {
					assert!(secrets.iter().all(|secret| !line.contains(secret)), "{line}");
				}
			});
		}
	}
}

#[test]
fn scheme_and_host_are_all_that_is_shown_of_an_address() {
	assert_eq!(scheme_and_host("https://a.example:8443/b?c=d#e"), "https://a.example:8443");
	assert_eq!(scheme_and_host("http://a.example?k=v"), "http://a.example");
	assert_eq!(scheme_and_host("http://[::1]:80/x"), "http://[::1]:80");
	assert_eq!(scheme_and_host("http://user:pass@a.example/"), "an address with a password");
	assert_eq!(scheme_and_host("nonsense"), "an address without a scheme");
	assert_eq!(scheme_and_host("://"), "://");
}

// Several sources.

/// One source of [`FEED`] for each of `sites`, in this order.
fn configure_sites(node: &Node, sites: &[Site]) {
	let url = |n: usize| format!("http://sensor-{n}.example/reading");
	node.configure((0..sites.len()).map(|n| source(FEED, &url(n))));
	for (n, site) in sites.iter().enumerate() {
		node.site(&url(n), site.clone());
	}
}

fn says(value: &str) -> Site {
	Site::Answers(body(value))
}

/// What is reported of these sources, and which of them the log names.
fn merged(sites: &[Site]) -> (Option<i128>, Vec<usize>) {
	let mut result = (None, Vec::new());
	Node::execute(ExtBuilder::default(), &[1], |node| {
		configure_sites(node, sites);
		let value = observed_value(node);
		let warnings = take_warnings();
		let named = |n: &usize| {
			warnings.iter().any(|line| line.contains(&format!("http://sensor-{n}.example ")))
		};
		result = (value, (0..sites.len()).filter(named).collect());
	});
	result
}

#[test]
fn several_sources_should_become_one_reading() {
	assert_eq!(merged(&[says("20.1"), says("20.3")]), (Some(2_010), vec![]));
	assert_eq!(merged(&[says("20.1"), says("20.3"), says("20.2")]), (Some(2_020), vec![]));
	let four = ["20.1", "20.3", "20.2", "20.4"].map(says);
	assert_eq!(merged(&four), (Some(2_025), vec![]));
}

#[test]
fn a_source_that_says_something_else_should_be_outvoted_and_named() {
	assert_eq!(merged(&[says("-40"), says("20.3"), says("20.2")]), (Some(2_020), vec![0]));
	let five = ["20.1", "20.1", "99", "20.1", "20.1"].map(says);
	assert_eq!(merged(&five), (Some(2_010), vec![2]));
}

#[test]
fn sources_that_do_not_answer_should_be_left_out_and_named() {
	let dead = || Site::Unreachable;
	assert_eq!(merged(&[dead(), says("20.3")]), (Some(2_030), vec![0]));
	assert_eq!(merged(&[says("20.3"), Site::Slow(30_000)]), (Some(2_030), vec![1]));
	assert_eq!(merged(&[dead(), says("101"), says("20.3"), dead()]), (Some(2_030), vec![0, 1, 3]));
	assert_eq!(merged(&[dead(), dead()]), (None, vec![0, 1]));
}

#[test]
fn two_sources_that_disagree_should_make_the_node_abstain_and_say_so_once() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		configure_sites(node, &[says("20"), says("30")]);
		assert_eq!(observed(node), None);
		let warnings = take_warnings();
		let dissent = format!("no reading for {FEED:?}: the sources disagree: 20.00; 30.00");
		assert_eq!(warnings.iter().filter(|line| **line == dissent).count(), 1);
		assert_eq!(warnings.len(), 2, "{warnings:?}");
		assert!(warnings[1].starts_with("abstaining from"));
		// They agree again.
		configure_sites(node, &[says("20"), says("20.4")]);
		assert_eq!(observed_value(node), Some(2_000));
		assert!(lines().contains(&format!("INFO the sources of {FEED:?} agree again")));
	});
}

#[test]
fn all_sources_of_a_feed_should_be_asked_in_one_run() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		let mut sites = vec![Site::Slow(1_400); MAX_SOURCES_PER_FEED - 1];
		sites.push(Site::Slow(30_000));
		configure_sites(node, &sites);
		open_round_for_all();
		assert_eq!(node.work(), 1_500);
		assert_eq!(node.requests().len(), MAX_SOURCES_PER_FEED);
		assert!(matches!(one_word(node), Word::Commit(_)));
	});
}

#[test]
fn every_kind_of_reading_should_be_read_and_reported() {
	let at = |pointer: &str| pointer.to_owned();
	let everywhere =
		Schema::Point { south: -900_000_000, west: -1_800_000_000, north: 900_000_000, east: 0 };
	let place = Point::new(473_769_000, -85_417_000).unwrap();
	for (schema, reading, answer, expected) in [
		(
			everywhere,
			ReadingRule::Point { latitude: at("/lat"), longitude: at("/lon"), text: true },
			r#"{"lat":"47.3769","lon":-8.5417}"#,
			Reading::Point(place),
		),
		(
			Schema::Angle,
			ReadingRule::Angle { pointer: at("/direction"), text: false },
			r#"{"direction":-10}"#,
			Reading::Angle(Angle::new(350_000_000).unwrap()),
		),
		(
			Schema::Category { count: 3 },
			ReadingRule::Category { pointer: at("/state"), categories: vec![(at("open"), 2)] },
			r#"{"state":"open"}"#,
			Reading::Category(2),
		),
	] {
		let spec = FeedSpecOf::<Test> { schema, ..spec() };
		Node::execute(ExtBuilder::default().spec(spec), &[1], |node| {
			node.configure([source_of(FEED, URL, reading)]);
			node.site(URL, Site::Answers(answer.into()));
			assert_eq!(observed(node).map(|observation| observation.reading), Some(expected));
		});
	}
}

#[test]
fn a_source_of_another_kind_than_the_feed_should_not_be_asked() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		let angle = ReadingRule::Angle { pointer: "/value".into(), text: false };
		node.configure([source_of(FEED, URL, angle)]);
		node.site(URL, Site::Answers(body("20.5")));
		assert_eq!(observed(node), None);
		assert_eq!(node.requests(), []);
		assert!(take_warnings()[0].ends_with("the feed has readings of another kind"));
	});
}

// Images that a number was derived from.

/// A service that derives a number from the image with this hash.
fn image_says(number: &str, hash: u8) -> Site {
	let hash = format!("{hash:02x}").repeat(32);
	Site::Answers(format!(r#"{{"value":{number},"sha256":"{hash}"}}"#))
}

#[test]
fn a_report_should_name_the_image_that_its_number_was_derived_from() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		let urls = ["http://a.example/", "http://b.example/", "http://c.example/"];
		let named = |url| SourceConfig { content: Some("/sha256".into()), ..source(FEED, url) };
		node.configure(urls.map(named));
		node.site(urls[0], image_says("20.4", 1));
		node.site(urls[1], image_says("20.6", 2));
		node.site(urls[2], image_says("20.5", 3));
		// The one in the middle, and its image.
		let evidence = Some(Evidence::Content([3; 32].into()));
		assert_eq!(observed(node), Some(Observation { evidence, ..observe(2_050) }));
	});
}

#[test]
fn a_number_without_the_image_should_be_of_no_use_where_one_is_wanted() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		let source = source(FEED, URL);
		node.configure([SourceConfig { content: Some("/sha256".into()), ..source }]);
		node.site(URL, says("20.5"));
		assert_eq!(observed(node), None);
		assert!(take_warnings()[0].contains("the content's hash: nothing in the answer"));
	});
}

// Devices that sign.

const DEVICE_URL: &str = "http://device.example/last";

fn device_source() -> SourceConfig {
	let devices = vec![device_key()];
	source_of(FEED, DEVICE_URL, ReadingRule::Signed(SignedRule { devices, max_skew_ms: 60_000 }))
}

/// What the device has signed last, a second ago.
fn measured(node: &Node, counter: u64, value: i128) -> Measurement {
	let measurement = Measurement {
		device: device_key(),
		feed: FEED,
		counter,
		taken_at: node.now() - 1_000,
		reading: Reading::Scalar(value),
	};
	let signature = device().sign(&measurement.signing_payload(&genesis_hash()));
	let signature = DeviceSignature::Ed25519(signature);
	let signed = SignedMeasurement { measurement: measurement.clone(), signature };
	node.site(DEVICE_URL, Site::Answers(signed.to_json()));
	measurement
}

fn observation_of(measurement: &Measurement) -> Observation {
	measurement.observation(&genesis_hash())
}

#[test]
fn a_signed_measurement_should_be_reported_with_its_evidence_whatever_others_say() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		let others = (0..3).map(|n| source(FEED, &format!("http://sensor-{n}.example/")));
		node.configure(others.chain([device_source()]));
		(0..3).for_each(|n| node.site(&format!("http://sensor-{n}.example/"), says("20.5")));
		let measurement = measured(node, 17, 3_000);
		assert_eq!(observed(node), Some(observation_of(&measurement)));
		let warnings = take_warnings();
		assert_eq!(warnings.len(), 3, "each of the others is named: {warnings:?}");
		assert!(warnings[0].contains("is not what the feed's sources say together"));
	});
}

#[test]
fn without_a_signed_measurement_the_others_should_be_merged() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		node.configure([device_source(), source(FEED, URL)]);
		node.site(URL, says("20.5"));
		assert_eq!(observed(node), Some(observe(2_050)));
		let warnings = take_warnings();
		assert_eq!(warnings.len(), 1);
		assert!(warnings[0].starts_with("no use of http://device.example for"));
	});
}

#[test]
fn two_operators_in_one_node_should_be_able_to_use_one_measurement() {
	Node::execute(ExtBuilder::default(), &[1, 2], |node| {
		node.configure([device_source()]);
		measured(node, 17, 2_100);
		open_round_for_all();
		node.work();
		assert_eq!(node.include().len(), 2);
		assert!(take_warnings().is_empty());
	});
}

#[test]
fn an_older_measurement_than_the_last_should_never_be_used_again() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		node.configure([device_source()]);
		measured(node, 17, 2_100);
		assert!(observed(node).is_some());
		// Time stands still for the device, so that the same measurement is still young.
		assert!(observed(node).is_some(), "the device has not measured again");
		take_log();

		measured(node, 16, 2_100);
		assert_eq!(observed(node), None);
		assert!(take_warnings()[0].ends_with("a newer measurement of this device was used before"));
		measured(node, 17, 2_200);
		assert_eq!(observed(node), None);
		assert!(
			take_warnings()[0].ends_with("the device has signed two measurements with one counter")
		);
		let newer = measured(node, 18, 2_200);
		assert_eq!(observed(node), Some(observation_of(&newer)));
	});
}

#[test]
fn a_measurement_that_the_chain_would_not_take_should_cost_its_reading() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		node.configure([device_source()]);
		let good = measured(node, 17, 2_100);
		let with = |change: &dyn Fn(&mut Measurement)| {
			let mut measurement = good.clone();
			change(&mut measurement);
			let signature = device().sign(&measurement.signing_payload(&genesis_hash()));
			let signature = DeviceSignature::Ed25519(signature);
			SignedMeasurement { measurement, signature }.to_json()
		};
		let forged = with(&|_| {}).replace("\"2100\"", "\"2200\"");
		for (answer, cause) in [
			(
				with(&|m| m.taken_at -= 60_000),
				"the measurement was taken more than 60000 ms from the node's time",
			),
			(with(&|m| m.feed = other_feed(5)), "the measurement is for another feed"),
			(
				with(&|m| m.reading = Reading::Category(1)),
				"category 1 is outside the feed's bounds",
			),
			(forged, "the device has not signed the measurement for this chain"),
			(with(&|m| m.reading = Reading::Scalar(10_001)), "100.01 is outside the feed's bounds"),
			(body("20.5"), "a field of the measurement is missing, unknown, repeated or not valid"),
		] {
			node.site(DEVICE_URL, Site::Answers(answer));
			assert_eq!(observed(node), None, "{cause}");
			let warnings = take_warnings();
			assert!(warnings[0].ends_with(cause), "{warnings:?}");
		}
		measured(node, 17, 2_100);
		assert!(observed(node).is_some(), "none of these was used");
	});
}

#[test]
fn what_the_chain_would_not_take_should_be_said_once_and_the_others_merged() {
	use rwa_primitives::device::DeviceState;
	let cases: [(&dyn Fn(), &str); 4] = [
		(
			&|| Instruments::set(Default::default()),
			"the device is not registered on the feed's asset",
		),
		(
			&|| set_state(&device_key(), DeviceState::Retired { since: 1 }),
			"the device was taken out of service",
		),
		(
			&|| set_state(&device_key(), DeviceState::Condemned { since: 1 }),
			"the device has signed two measurements with one counter",
		),
		(
			&|| Counters::set([((device_key(), FEED), 18)].into()),
			"the feed has used newer measurements of this device",
		),
	];
	for (spoil, cause) in cases {
		Node::execute(ExtBuilder::default(), &[1], |node| {
			node.configure([device_source(), source(FEED, URL)]);
			node.site(URL, says("20.5"));
			measured(node, 17, 3_000);
			spoil();
			assert_eq!(observed(node), Some(observe(2_050)), "{cause}");
			assert_eq!(observed(node), Some(observe(2_050)), "{cause}");
			let warnings = take_warnings();
			assert_eq!(warnings.len(), 1, "{warnings:?}");
			assert!(warnings[0].ends_with(cause), "{warnings:?}");
		});
	}
}

#[test]
fn a_device_that_is_registered_at_last_should_be_used() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		node.configure([device_source()]);
		let measurement = measured(node, 17, 3_000);
		Instruments::set(Default::default());
		assert_eq!(observed(node), None);
		take_log();
		add_device(&device_key(), FEED.asset);
		assert_eq!(observed(node), Some(observation_of(&measurement)));
		assert!(lines()[0].contains("is of use"));
	});
}

#[test]
fn where_a_measurement_is_required_nothing_else_should_be_asked() {
	let spec = FeedSpecOf::<Test> { evidence: EvidenceRule::Required, ..spec() };
	Node::execute(ExtBuilder::default().spec(spec), &[1], |node| {
		node.configure([device_source(), source(FEED, URL)]);
		node.site(URL, says("20.5"));
		let measurement = measured(node, 17, 3_000);
		assert_eq!(observed(node), Some(observation_of(&measurement)));
		assert!(take_warnings()[0].ends_with("the feed takes only what a device has signed"));
		node.site(DEVICE_URL, Site::Unreachable);
		assert_eq!(observed(node), None, "it abstains");
		assert!(node.requests().iter().all(|request| request.url == DEVICE_URL));
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
