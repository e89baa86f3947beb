//! What a node does by itself, and what a source can do to it: cost it one reading.

use std::collections::BTreeSet;

use frame_support::assert_ok;
use rwa_primitives::{
	app_key::Role,
	feed::{FeedId, Report, RoundIndex},
	worker::{CONFIG_KEY, MAX_TIMEOUT_MS},
};
use sp_runtime::offchain::storage::StorageValueRef;

use super::web::{body, source, take_log, take_warnings, Node, Site};
use crate::{
	functions::{
		fetch::scheme_and_host,
		progress::{Claim, Outcome, MAX_FAILURES, RESEND_AFTER, RETRY_AFTER},
		worker::MAX_FETCHES_PER_RUN,
	},
	mock::*,
};

const URL: &str = "http://sensor.example/reading";

/// The next round of [`FEED`], at a time when it is every reporter's turn.
fn open_round_for_all() -> RoundIndex {
	let round = open_next_round();
	run_to(Now::get() + DEADLINE / 3);
	round
}

/// Blocks pass in which nothing is due on chain.
fn skip_blocks(blocks: u64) {
	(0..blocks).for_each(|_| to_next_block());
}

fn one_report(node: &Node) -> Report {
	let mut reports = node.take_reports();
	assert_eq!(reports.len(), 1, "{reports:?}");
	let (report, signature) = reports.remove(0);
	assert_ok!(authorize((report.clone(), signature)));
	report
}

#[test]
fn a_node_should_report_what_its_source_says() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		node.configure([source(FEED, URL)]);
		node.site(URL, Site::Answers(body("20.505")));
		let round = open_round_for_all();
		node.work();

		let reports = node.take_reports();
		assert_eq!(reports.len(), 1);
		let (report, _) = &reports[0];
		assert_eq!(*report, Report { feed: FEED, round, key: key(1), value: 2_051 });
		assert_ok!(authorize(reports[0].clone()));
		assert_ok!(dispatch(reports[0].clone()));
		assert_eq!(Oracle::open_round(FEED).unwrap().reports, 1);
		assert!(take_warnings().is_empty());
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
		(Site::Status(301), "status 301 instead of 200"),
		(Site::Status(204), "status 204 instead of 200"),
		(answers(""), "the answer is not JSON"),
		(answers("<html>"), "the answer is not JSON"),
		(answers(&body("20.5")[..20]), "the answer is not JSON"),
		(answers(&"[".repeat(10_000)), "the answer is nested deeper than 32 levels"),
		(answers("{}"), "nothing in the answer is where the pointer points"),
		(answers(r#"{"value":1,"value":2}"#), "a name on the pointer's way occurs twice"),
		(answers(&body("null")), "what the pointer points at is not a number"),
		(answers(&body(r#""NaN""#)), "what the pointer points at is not a number"),
		(answers(&body("1e999")), "the number is too large for the feed"),
		(answers(&body(&"1".repeat(65))), "the number has more than 64 characters"),
		(answers(&body("100.01")), "100.01 is outside the feed's bounds, -50.00 to 100.00"),
		(answers(&body("-50.01")), "-50.01 is outside the feed's bounds, -50.00 to 100.00"),
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
			assert!(node.take_reports().is_empty(), "{site:?} was reported");
			assert_eq!(
				take_warnings(),
				[format!(
					"no reading for {FEED:?}, round {round}, from http://sensor.example \
					 (attempt 1 of 3): {cause}"
				)]
			);
			// The node goes on: when the source is well again, it reports in the same round.
			node.site(URL, Site::Answers(body("20.5")));
			skip_blocks(RETRY_AFTER);
			node.work();
			assert_eq!(one_report(node).round, round);
			assert!(take_warnings().is_empty());
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
		open_round_for_all();
		node.work();
		assert_eq!(one_report(node).value, 2_050);
	});
}

#[test]
fn one_slow_source_should_take_no_time_from_the_others() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		let others = [other_feed(1), other_feed(2), other_feed(3)];
		for feed in others {
			MaxDuePerBlock::set(10);
			assert_ok!(Oracle::create_feed(RuntimeOrigin::root(), feed, spec(), accounts(1..=4)));
		}
		let url = |n: u32| format!("http://sensor-{n}.example");
		let feeds = [FEED, others[0], others[1], others[2]];
		node.configure((0..4).map(|n| source(feeds[n as usize], &url(n))));
		node.site(&url(0), Site::Slow(30_000));
		node.site(&url(1), Site::Drips(100));
		node.site(&url(2), Site::Answers(body("1")));
		node.site(&url(3), Site::Slow(1_400));
		open_round_for_all();

		assert_eq!(node.work(), 1_500);
		let reported: BTreeSet<FeedId> =
			node.take_reports().into_iter().map(|(report, _)| report.feed).collect();
		assert_eq!(reported, BTreeSet::from([others[1], others[2]]));
		assert_eq!(take_warnings().len(), 2);
	});
}

#[test]
fn a_dead_source_should_be_given_up_for_the_round_and_tried_again_in_the_next() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		node.configure([source(FEED, URL)]);
		for round in [open_next_round(), 2] {
			while Oracle::open_round(FEED).is_some() {
				node.work();
				to_next_block();
			}
			let warnings = take_warnings();
			assert!((2..=usize::from(MAX_FAILURES)).contains(&warnings.len()), "{warnings:?}");
			assert!(warnings[0].contains(&format!("round {round}")));
			assert!(warnings[0].contains("(attempt 1 of 3)"));
			run_to(Now::get() + HEARTBEAT - DEADLINE);
		}
	});
	// With time to spare, it is the count that ends it.
	let patient = crate::FeedSpec { deadline: 25, ..spec() };
	Node::execute(ExtBuilder::default().spec(patient), &[1], |node| {
		node.configure([source(FEED, URL)]);
		open_next_round();
		while Oracle::open_round(FEED).is_some() {
			node.work();
			to_next_block();
		}
		assert_eq!(take_warnings().len(), usize::from(MAX_FAILURES));
		assert_eq!(node.requests().len(), usize::from(MAX_FAILURES));
	});
}

#[test]
fn running_again_should_not_report_again() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		node.configure([source(FEED, URL)]);
		node.site(URL, Site::Answers(body("20.5")));
		open_round_for_all();
		node.work();
		node.work(); // The same block on another fork.
		for _ in 1..RESEND_AFTER {
			to_next_block();
			node.work();
		}
		assert_eq!(node.take_reports().len(), 1);
		assert_eq!(node.requests().len(), 1);
	});
}

#[test]
fn a_report_that_is_not_included_should_be_made_again() {
	let patient = crate::FeedSpec { deadline: 25, ..spec() };
	Node::execute(ExtBuilder::default().spec(patient), &[1], |node| {
		node.configure([source(FEED, URL)]);
		node.site(URL, Site::Answers(body("20.5")));
		open_round_for_all();
		node.work();
		let lost = one_report(node);
		skip_blocks(RESEND_AFTER);
		node.site(URL, Site::Answers(body("20.6")));
		node.work();
		let again = one_report(node);
		assert_eq!((again.round, again.value), (lost.round, 2_060));

		// Once it is included, no more.
		report(1, again.round, again.value);
		skip_blocks(RESEND_AFTER);
		node.work();
		assert!(node.take_reports().is_empty());
	});
}

#[test]
fn a_report_that_the_pool_refuses_should_wait_like_one_that_was_lost() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		node.configure([source(FEED, URL)]);
		node.site(URL, Site::Answers(body("20.5")));
		node.close_pool();
		open_round_for_all();
		node.work();
		to_next_block();
		node.work();
		assert_eq!(node.requests().len(), 1);
		let log: Vec<_> =
			take_log().into_iter().filter(|(level, _)| *level <= log::Level::Info).collect();
		assert_eq!(log.len(), 1);
		assert!(log[0].1.starts_with("the pool took no report of 20.50 to "));
	});
}

#[test]
fn a_node_should_serve_every_operator_whose_key_it_holds() {
	Node::execute(ExtBuilder::default(), &[1, 2, 3, STRANGER], |node| {
		node.configure([source(FEED, URL)]);
		node.site(URL, Site::Answers(body("20.5")));
		let round = open_round_for_all();
		node.work();
		let reports = node.take_reports();
		let keys: BTreeSet<_> = reports.iter().map(|(report, _)| report.key.clone()).collect();
		assert_eq!(keys, (1..=3).map(key).collect());
		for report in reports {
			assert_ok!(dispatch(report));
		}
		assert_eq!(Oracle::latest(FEED).unwrap().round, round);
	});
}

#[test]
fn one_operators_dead_source_should_not_hold_up_another_operator_in_the_node() {
	// Both ask the same address; what one has noted about it is not held against the other.
	Node::execute(ExtBuilder::default(), &[1, 2], |node| {
		node.configure([source(FEED, URL)]);
		open_round_for_all();
		node.work();
		assert_eq!(take_warnings().len(), 2);
		assert_eq!(node.requests().len(), 2);
	});
}

#[test]
fn a_run_should_get_a_bounded_number_of_readings_and_the_next_run_the_rest() {
	let feeds = u32::try_from(MAX_FETCHES_PER_RUN).unwrap() + 3;
	Node::execute(ExtBuilder::default().without_feed(), &[1], |node| {
		MaxFeedsPerReporter::set(100);
		MaxDuePerBlock::set(100);
		for asset in 0..feeds {
			let feed = other_feed(asset);
			assert_ok!(Oracle::create_feed(RuntimeOrigin::root(), feed, spec(), accounts(1..=4)));
		}
		node.configure((0..feeds).map(|asset| source(other_feed(asset), URL)));
		node.site(URL, Site::Answers(body("1")));
		run_to(2 + DEADLINE / 3);
		node.work();
		assert_eq!(node.requests().len(), MAX_FETCHES_PER_RUN);
		to_next_block();
		node.work();
		let reported: BTreeSet<_> =
			node.take_reports().into_iter().map(|(report, _)| report.feed).collect();
		assert_eq!(reported.len(), usize::try_from(feeds).unwrap());
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
			open_next_round();
			for delay in 0..=DEADLINE / 3 {
				node.work();
				delays.extend(node.take_reports().iter().map(|(report, _)| {
					let account = Operators::get()[&report.key].0;
					(delay, account, report.round)
				}));
				to_next_block();
			}
			run_to(Now::get() + HEARTBEAT - DEADLINE);
		}
		// Each account once in each round, within a third of the round's time.
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
fn an_operator_taken_off_a_feed_should_still_serve_the_round_it_is_assigned_to() {
	Node::execute(ExtBuilder::default().reporters(5), &[5], |node| {
		node.configure([source(FEED, URL)]);
		node.site(URL, Site::Answers(body("1")));
		let round = open_round_for_all();
		assert_ok!(Oracle::set_reporters(RuntimeOrigin::root(), FEED, accounts(1..=4)));
		node.work();
		assert_eq!(one_report(node).round, round);
		open_round_for_all();
		node.work();
		assert!(node.take_reports().is_empty());
	});
}

#[test]
fn a_node_should_ask_nobody_without_need() {
	Node::execute(ExtBuilder::default(), &[1, 2, 3], |node| {
		node.configure([source(FEED, URL), source(other_feed(7), URL)]);
		node.site(URL, Site::Answers(body("1")));
		node.work(); // No round is open.
		let round = open_round_for_all();
		register(1, Role::Relay); // No oracle.
		Inactive::mutate(|inactive| inactive.insert(2));
		report(3, round, 1); // Has reported.
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
		assert!(take_log().iter().all(|(level, _)| *level == log::Level::Trace));
	});
	Node::execute(ExtBuilder::default(), &[1], |node| {
		open_round_for_all();
		node.work();
		assert_eq!(
			take_log(),
			[(log::Level::Debug, "no sources configured in this node".to_owned())]
		);
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
		assert!(node.take_reports().is_empty());
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

#[test]
fn a_claim_should_keep_other_runs_away_until_it_is_settled_or_lapses() {
	Node::execute(ExtBuilder::default(), &[1], |node| {
		let take = |account: Account, round| Claim::take(FEED, &account, round, 10);
		let first = take(1, 1).expect("nobody has claimed it");
		assert!(take(1, 1).is_none());
		assert!(take(2, 1).is_some(), "another operator's reading is another one");

		// Its worker dies. Long after every run has ended, another one takes over.
		node.wait(u64::from(MAX_TIMEOUT_MS));
		assert!(take(1, 1).is_none());
		node.wait(u64::from(MAX_TIMEOUT_MS) + 1);
		let second = take(1, 1).expect("the claim has lapsed");

		// The first was alive after all. It must not undo what the second is doing.
		first.settle(Outcome::Failed, 10);
		assert!(take(1, 1).is_none());
		second.settle(Outcome::Sent, 10);
		assert!(take(1, 1).is_none());

		// What was noted about one round says nothing about the next.
		let next = take(1, 2).expect("another round is another reading");
		assert_eq!(next.attempt(), 1);
	});
}

#[test]
fn what_another_version_has_noted_should_not_stop_the_worker() {
	Node::execute(ExtBuilder::default(), &[1], |_| {
		let key = codec::Encode::encode(&(b"rwa/oracle/progress/v1", FEED, 1 as Account));
		StorageValueRef::persistent(&key).set(&[0xffu8; 3]);
		assert!(Claim::take(FEED, &(1 as Account), 1, 10).is_some());
	});
}
