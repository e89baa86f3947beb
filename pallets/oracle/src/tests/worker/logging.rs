//! Operators learn of trouble, not too often, and their log keeps their secrets.

use rwa_primitives::worker::CONFIG_KEY;
use sp_runtime::offchain::storage::StorageValueRef;

use super::{observed, open_round_for_all, URL};
use crate::{
	functions::{fetch::scheme_and_host, sources::REMIND_AFTER},
	mock::*,
	tests::web::{body, source, take_log, take_warnings, Node, Site},
};

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
