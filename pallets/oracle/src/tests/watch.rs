//! What a node does between rounds: it looks at its sources, and raises an alarm when they say something else.

use std::collections::BTreeSet;

use frame_support::assert_ok;
use log::Level;
use rwa_primitives::{
	app_key::Role,
	device::{DeviceKey, DeviceSignature, Measurement, SignedMeasurement},
	feed::{FeedId, RoundIndex, Statement, Word},
	reading::Reading,
	worker::{ReadingRule, SignedRule, SourceConfig, MAX_SOURCES_PER_FEED, MAX_TIMEOUT_MS},
};
use sp_core::{ed25519, Pair, H256};

use super::web::{body, source, source_of, take_log, Node, Site};
use crate::{
	functions::{early::NOTICE, progress::RESEND_AFTER, watch::CONFIRM_AFTER},
	mock::*,
	Admission, FeedSpecOf, LastRound, Watches,
};

const URL: &str = "http://sensor.example/reading";
/// Blocks from look to look, unless a test says otherwise.
const EVERY: u32 = 20;

/// Time to look many times between two rounds.
fn unhurried() -> FeedSpecOf<Test> {
	FeedSpecOf::<Test> { heartbeat: 300, max_age: 600, ..spec() }
}

fn every(blocks: u32, mut source: SourceConfig) -> SourceConfig {
	source.watch_every = Some(blocks);
	source
}

/// `test`, in a node of `operators` among four reporters, with a feed that has just said 20 °C, in the first block
/// in which somebody may call its next round.
fn watching(operators: &[Account], test: impl FnOnce(&Node)) {
	Node::execute(ExtBuilder::default().spec(unhurried()), operators, |node| {
		node.configure([every(EVERY, source(FEED, URL))]);
		to_watch(2_000);
		test(node);
	});
}

/// Blocks until the next round of [`FEED`] has said `value`, and the one after it may be called.
fn to_watch(value: i128) {
	let last = LastRound::<Test>::get(FEED);
	while LastRound::<Test>::get(FEED) == last {
		to_next_block();
	}
	report_all(last + 1, &[value; 4]);
	run_to(Watches::<Test>::get(FEED).unwrap().since);
}

fn says(value: &str) -> Site {
	Site::Answers(body(value))
}

/// The node works in each of the next blocks. The blocks, counted from now, in which it asked, and what it said.
fn work(node: &Node, blocks: u32) -> (Vec<u32>, Vec<(Account, Statement)>) {
	let (mut asked, mut said) = (Vec::new(), Vec::new());
	for block in 0..blocks {
		let before = node.requests().len();
		node.work();
		asked.extend((before..node.requests().len()).map(|_| block));
		said.extend(node.include());
		to_next_block();
	}
	(asked, said)
}

fn alarm(round: RoundIndex) -> Statement {
	statement(round, Word::Alarm)
}

/// What was logged for people, with its level.
fn lines() -> Vec<String> {
	let log = take_log().into_iter().filter(|(level, _)| *level <= Level::Info);
	log.map(|(level, line)| format!("{level} {line}")).collect()
}

fn moved() -> String {
	format!(
		"INFO the sources of {FEED:?} don't say what the feed does any more; if they say so again, an alarm follows"
	)
}

#[test]
fn two_looks_in_a_row_that_see_another_answer_should_raise_one_alarm() {
	watching(&[1], |node| {
		node.site(URL, says("21.5"));
		take_log();
		let (asked, said) = work(node, 3 * EVERY);
		assert_eq!(said, [(1, alarm(2))]);
		assert_eq!(asked.len(), 2, "who has raised an alarm looks no more: {asked:?}");
		assert_eq!(asked[1] - asked[0], u32::try_from(CONFIRM_AFTER).unwrap());
		assert_eq!(lines(), [moved(), format!("INFO sent an alarm to {FEED:?}, round 2")]);
		assert!(Watches::<Test>::get(FEED).unwrap().watchers.iter().any(|one| one.alarmed));
	});
}

#[test]
fn a_single_spike_should_be_no_alarm() {
	watching(&[1], |node| {
		node.site(URL, says("-40"));
		take_log();
		while node.requests().is_empty() {
			assert_eq!(work(node, 1).1, []);
		}
		node.site(URL, says("20"));
		let (asked, said) = work(node, 4 * EVERY);
		assert_eq!(said, []);
		assert!(asked.len() >= 3);
		let calm = format!("INFO the sources of {FEED:?} say what the feed does");
		assert_eq!(lines(), [moved(), calm]);
		// And the spike counts for nothing later.
		node.site(URL, says("-40"));
		let before = node.requests().len();
		while node.requests().len() == before {
			assert_eq!(work(node, 1).1, []);
		}
	});
}

#[test]
fn what_is_the_same_by_the_feeds_measure_should_be_no_alarm() {
	watching(&[1], |node| {
		node.site(URL, says("21"));
		take_log();
		let (asked, said) = work(node, 5 * EVERY);
		assert_eq!((said, lines()), (vec![], vec![]));
		assert_eq!(asked.len(), 5);
	});
}

#[test]
fn a_source_that_does_not_answer_should_neither_raise_an_alarm_nor_undo_a_look() {
	watching(&[1], |node| {
		node.site(URL, Site::Unreachable);
		let (asked, said) = work(node, 3 * EVERY);
		assert_eq!((asked.len(), said), (3, vec![]));
		node.site(URL, says("25"));
		let before = node.requests().len();
		while node.requests().len() == before {
			work(node, 1);
		}
		node.site(URL, Site::Slow(30_000));
		assert_eq!(work(node, 2 * EVERY).1, []);
		node.site(URL, says("25"));
		assert_eq!(work(node, 2 * EVERY).1, [(1, alarm(2))]);
	});
}

#[test]
fn a_third_of_the_nodes_should_call_the_round_and_then_report_in_it() {
	watching(&[1, 2, 3, 4], |node| {
		node.site(URL, says("25"));
		let (_, said) = work(node, 2 * EVERY + 4 * NOTICE);
		let alarms: Vec<_> = said.iter().filter(|(_, one)| one.word == Word::Alarm).collect();
		assert_eq!(alarms.len(), 2, "the round was called before the others: {alarms:?}");
		while Oracle::open_round(FEED).is_some() || LastRound::<Test>::get(FEED) == 1 {
			work(node, 1);
		}
		assert_eq!(LastRound::<Test>::get(FEED), 2);
		assert_eq!(Oracle::latest(FEED).unwrap().reading, Reading::Scalar(2_500));
		// It is what the feed says now.
		run_to(Watches::<Test>::get(FEED).unwrap().since);
		assert_eq!(work(node, 3 * EVERY).1, []);
		let calm = format!("INFO the sources of {FEED:?} say what the feed does");
		let log = lines();
		assert_eq!((log[0].clone(), log.last()), (moved(), Some(&calm)), "{log:?}");
	});
}

#[test]
fn an_alarm_that_got_lost_should_be_raised_again_if_it_is_still_true() {
	watching(&[1], |node| {
		node.site(URL, says("25"));
		while node.take_batches().is_empty() {
			node.work();
			to_next_block();
		}
		take_log();
		let (asked, said) = work(node, u32::try_from(RESEND_AFTER).unwrap());
		assert_eq!((asked, said), (vec![], vec![]), "it may be on its way");
		assert_eq!(work(node, EVERY).1, [(1, alarm(2))]);
		assert_eq!(lines(), Vec::<String>::new(), "that it was sent again is no news");
	});
	watching(&[1], |node| {
		node.site(URL, says("25"));
		while node.take_batches().is_empty() {
			node.work();
			to_next_block();
		}
		node.site(URL, says("20"));
		assert_eq!(work(node, 3 * EVERY).1, []);
	});
}

#[test]
fn an_alarm_that_the_pool_refuses_should_wait_like_one_that_was_lost() {
	watching(&[1], |node| {
		node.site(URL, says("25"));
		node.refuse([FEED]);
		let (asked, _) = work(node, 2 * EVERY);
		assert!(asked.len() <= 4, "{asked:?}");
		assert!(lines().last().unwrap().contains("the pool did not take an alarm"));
	});
}

#[test]
fn only_those_should_look_who_can_raise_an_alarm() {
	Node::execute(ExtBuilder::default().spec(unhurried()), &[1, 2, 3, STRANGER], |node| {
		node.configure([every(EVERY, source(FEED, URL))]);
		node.site(URL, says("20"));
		assert_eq!(work(node, 1).0, Vec::<u32>::new()); // No answer yet.
		to_watch(2_000);
		Inactive::mutate(|inactive| inactive.insert(2));
		register(3, Role::Relay);
		// Of the four only 1 is an active oracle that was drawn.
		assert_eq!(work(node, EVERY).0.len(), 1);

		Watches::<Test>::mutate(FEED, |watch| watch.as_mut().unwrap().shut = true);
		assert_eq!(work(node, 2 * EVERY).0, Vec::<u32>::new());
		Watches::<Test>::mutate(FEED, |watch| watch.as_mut().unwrap().shut = false);
		run_to(Watches::<Test>::get(FEED).unwrap().until - 1);
		assert_eq!(work(node, NOTICE).0, Vec::<u32>::new(), "an alarm would come too late");
	});
}

#[test]
fn a_called_or_paused_feed_should_not_be_looked_at() {
	watching(&[1], |node| {
		node.site(URL, says("25"));
		assert_ok!(Oracle::pause_feed(by(OWNER), FEED));
		assert_eq!(work(node, 2 * EVERY).0, Vec::<u32>::new());
	});
	Node::execute(ExtBuilder::default().spec(unhurried()), &[1], |node| {
		node.configure([every(1, source(FEED, URL))]);
		node.site(URL, says("20"));
		to_watch(2_000);
		assert_ok!(Oracle::request_round(by(BYSTANDER), FEED));
		assert_eq!(work(node, NOTICE).0, Vec::<u32>::new());
	});
}

#[test]
fn who_sets_it_to_nothing_should_not_look() {
	Node::execute(ExtBuilder::default().spec(unhurried()), &[1], |node| {
		node.configure([every(0, source(FEED, URL))]);
		node.site(URL, says("25"));
		to_watch(2_000);
		assert_eq!(work(node, 3 * EVERY), (vec![], vec![]));
	});
}

#[test]
fn one_source_should_say_for_all_how_often_to_look() {
	let other = "http://other.example/reading";
	Node::execute(ExtBuilder::default().spec(unhurried()), &[1], |node| {
		node.configure([source(FEED, other), every(40, source(FEED, URL))]);
		[URL, other].into_iter().for_each(|url| node.site(url, says("20")));
		to_watch(2_000);
		assert_eq!(work(node, 160).0.len(), 2 * 4, "both sources, each time");
	});
	// Whoever says nothing looks sixty times a heartbeat, or every ten blocks.
	for (heartbeat, looks) in [(1_200, 6), (300, 12)] {
		let spec = FeedSpecOf::<Test> { heartbeat, max_age: heartbeat, ..spec() };
		Node::execute(ExtBuilder::default().spec(spec), &[1], |node| {
			node.configure([source(FEED, URL)]);
			node.site(URL, says("20"));
			to_watch(2_000);
			assert_eq!(work(node, 120).0.len(), looks);
		});
	}
}

#[test]
fn nodes_should_not_all_look_in_one_block() {
	let operators: Vec<Account> = (1..=4).collect();
	watching(&operators, |node| {
		node.site(URL, says("20"));
		let (asked, _) = work(node, EVERY);
		assert_eq!(asked.len(), 4);
		assert!(asked.iter().collect::<BTreeSet<_>>().len() > 2, "{asked:?}");
	});
}

#[test]
fn running_again_should_not_look_again() {
	watching(&[1], |node| {
		node.site(URL, says("20"));
		for _ in 0..EVERY {
			node.work();
			node.work(); // The same block on another fork.
			to_next_block();
		}
		assert_eq!(node.requests().len(), 1);
	});
}

#[test]
fn a_halt_should_stop_the_looking() {
	watching(&[1], |node| {
		node.site(URL, says("20"));
		work(node, EVERY);
		Running::set(false);
		let asked = work(node, 2 * EVERY).0.len();
		assert!(asked <= 1, "{asked}");
		Running::set(true);
	});
}

/// Feeds with four reporters each that all have just said 20 °C, `busy` of them with an open round again.
fn many(count: u32, busy: usize) -> Vec<FeedId> {
	MaxFeedsPerReporter::set(100);
	MaxDuePerBlock::set(100);
	let feeds: Vec<_> = (0..count).map(other_feed).collect();
	for feed in &feeds {
		assert_ok!(Oracle::create_feed(root(), *feed, unhurried(), Admission::Open));
		(1..=4).for_each(|account| join(account, *feed));
		assert_ok!(Oracle::top_up(by(BYSTANDER), *feed, 1_000));
	}
	to_next_block();
	let speak = |word: &dyn Fn(Account, FeedId) -> Word| {
		for feed in feeds.iter().copied() {
			for account in 1..=4 {
				say(account, Statement { feed, round: 1, word: word(account, feed) });
			}
		}
		to_next_block();
	};
	let observed = || observe(2_000);
	speak(&|account, feed| {
		Word::Commit(observed().commitment(&genesis_hash(), &feed, 1, &account, &salt(account)))
	});
	speak(&|account, _| Word::Reveal { observation: observed(), salt: salt(account) });
	run_to(Watches::<Test>::get(feeds[0]).unwrap().since);
	for feed in feeds.iter().take(busy) {
		assert_ok!(Oracle::request_round(by(OWNER), *feed));
	}
	run_to(Now::get() + NOTICE + 4);
	feeds
}

#[test]
fn duties_and_looks_together_should_ask_no_more_than_a_run_may() {
	Node::execute(ExtBuilder::default().without_feed(), &[1], |node| {
		(1..=4).for_each(|account| register(account, Role::Oracle));
		let feeds = many(20, 5);
		node.configure(feeds.iter().map(|feed| every(1, source(*feed, URL))));
		node.site(URL, says("25"));
		let mut looked = BTreeSet::new();
		for run in 0..30 {
			let before = node.requests().len();
			assert!(node.work() <= u64::from(MAX_TIMEOUT_MS));
			let asked = node.requests().len() - before;
			assert!(asked <= MAX_SOURCES_PER_FEED, "{asked}");
			for (batch, _) in node.include_batches() {
				let alarms = batch.statements.iter().filter(|one| one.word == Word::Alarm);
				let (alarms, all) = (alarms.count(), batch.statements.len());
				assert!(alarms == 0 || alarms == all, "an alarm would spoil words");
				if alarms > 0 {
					looked.extend(batch.statements.iter().map(|one| one.feed));
				}
				assert!(run > 0 || alarms == 0);
			}
			to_next_block();
		}
		assert_eq!(looked.len(), 15, "no feed starves");
	});
}

#[test]
fn slow_sources_should_take_a_run_no_longer_than_one_request() {
	Node::execute(ExtBuilder::default().without_feed(), &[1], |node| {
		(1..=4).for_each(|account| register(account, Role::Oracle));
		let feeds = many(2, 1);
		node.configure(feeds.iter().map(|feed| every(1, source(*feed, URL))));
		node.site(URL, Site::Slow(30_000));
		assert_eq!(node.work(), 1_500);
		assert_eq!(node.requests().len(), 2, "a duty and a look, side by side");
	});
}

#[test]
fn alarms_about_many_feeds_should_share_a_transaction() {
	Node::execute(ExtBuilder::default().without_feed(), &[1], |node| {
		(1..=4).for_each(|account| register(account, Role::Oracle));
		let feeds = many(6, 0);
		node.configure(feeds.iter().map(|feed| every(1, source(*feed, URL))));
		node.site(URL, says("25"));
		let mut sizes = Vec::new();
		for _ in 0..5 {
			node.work();
			sizes.extend(node.include_batches().iter().map(|(batch, _)| batch.statements.len()));
			to_next_block();
		}
		assert_eq!(sizes, [6]);
	});
}

#[test]
fn one_measurement_of_a_device_should_not_be_seen_twice() {
	let device = ed25519::Pair::from_seed(&[1; 32]);
	let devices = vec![DeviceKey::Ed25519(device.public())];
	let rule = ReadingRule::Signed(SignedRule { devices, max_skew_ms: 60_000 });
	Node::execute(ExtBuilder::default().spec(unhurried()), &[1], |node| {
		node.configure([every(EVERY, source_of(FEED, URL, rule))]);
		to_watch(2_000);
		let measure = |counter| {
			let measurement = Measurement {
				device: DeviceKey::Ed25519(device.public()),
				feed: FEED,
				counter,
				taken_at: node.now(),
				reading: Reading::Scalar(2_500),
			};
			let signature = device.sign(&measurement.signing_payload(&genesis_hash()));
			let signature = DeviceSignature::Ed25519(signature);
			let signed = SignedMeasurement { measurement, signature };
			node.site(URL, Site::Answers(signed.to_json()));
		};
		measure(17);
		assert_eq!(work(node, 4 * EVERY).1, []);
		measure(18);
		assert_eq!(work(node, EVERY).1, [(1, alarm(2))]);
		// A look uses nothing up: the round may have it as evidence.
		assert_eq!(
			crate::functions::sources::last_used(FEED, &DeviceKey::Ed25519(device.public())),
			None
		);
	});
}

#[test]
fn no_secret_and_no_reading_should_get_into_the_log_of_a_watch() {
	let url = "http://sensor.example/reading/s3cret?key=s3cret";
	Node::execute(ExtBuilder::default().spec(unhurried()), &[1], |node| {
		node.configure([every(EVERY, source(FEED, url))]);
		node.site(url, says("25.25"));
		to_watch(2_000);
		work(node, 3 * EVERY);
		let log = take_log();
		assert!(log.len() > 1);
		for (_, line) in log {
			assert!(!line.contains("s3cret") && !line.contains("25.25"), "{line}");
		}
	});
}

#[test]
fn what_another_version_has_noted_should_not_stop_the_watch() {
	watching(&[1], |node| {
		let key = codec::Encode::encode(&(b"rwa/oracle/watch/v1", FEED, 1u64));
		sp_runtime::offchain::storage::StorageValueRef::persistent(&key).set(&H256::zero());
		node.site(URL, says("25"));
		assert_eq!(work(node, 2 * EVERY).1, [(1, alarm(2))]);
	});
}
