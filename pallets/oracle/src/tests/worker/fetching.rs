//! A source is asked as its operator says, within limits, and can only cost its reading and a line in the log.

use std::collections::BTreeSet;

use rwa_primitives::{
	feed::{FeedId, Word},
	worker::MAX_TIMEOUT_MS,
};

use super::{lines, observed_value, one_word, open_round_for_all, skip_blocks, URL};
use crate::{
	functions::progress::RETRY_AFTER,
	mock::*,
	tests::web::{body, source, take_warnings, Node, Site},
};

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
