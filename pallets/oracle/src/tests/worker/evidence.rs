//! What a node names as its readings' evidence: images, and what devices have signed.

use rwa_primitives::{
	device::{DeviceSignature, Measurement, SignedMeasurement},
	feed::{Evidence, EvidenceRule, Observation},
	reading::Reading,
	worker::{ReadingRule, SignedRule, SourceConfig},
};
use sp_core::Pair;

use super::{lines, observed, open_round_for_all, says, URL};
use crate::{
	mock::*,
	tests::web::{body, source, source_of, take_log, take_warnings, Node, Site},
	FeedSpecOf,
};

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
