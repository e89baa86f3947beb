//! Several sources of a feed become one reading, and every kind of reading is read.

use rwa_primitives::{
	feed::Word,
	reading::{Angle, Point, Reading, Schema},
	worker::{ReadingRule, MAX_SOURCES_PER_FEED},
};

use super::{lines, observed, observed_value, one_word, open_round_for_all, says, URL};
use crate::{
	mock::*,
	tests::web::{body, source, source_of, take_warnings, Node, Site},
	FeedSpecOf,
};

/// One source of [`FEED`] for each of `sites`, in this order.
fn configure_sites(node: &Node, sites: &[Site]) {
	let url = |n: usize| format!("http://sensor-{n}.example/reading");
	node.configure((0..sites.len()).map(|n| source(FEED, &url(n))));
	for (n, site) in sites.iter().enumerate() {
		node.site(&url(n), site.clone());
	}
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
