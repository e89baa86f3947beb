//! The real program on a real broker.

mod common;

use common::{
	broker::{Broker, PASSWORD},
	gateway::{device, settings, topic, Gateway},
	until, Device,
};
use rustix::process::Signal;
use rwa_primitives::{device::SignedMeasurement, json::number_at};
use serde_json::json;
use std::{fs, os::unix::fs::symlink};

const TOPIC: &str = "farm/1/signed";

fn newest(gateway: &Gateway) -> Option<SignedMeasurement> {
	let (status, body) = gateway.get("/feeds/1/iot_sensor");
	(status == 200).then(|| SignedMeasurement::from_json(body.as_bytes()).unwrap())
}

fn await_newest(gateway: &Gateway, expected: &SignedMeasurement) {
	until("the measurement is served", || {
		(newest(gateway).as_ref() == Some(expected)).then_some(())
	});
}

/// A broker, the settings of a gateway to it, and the gateway's folder.
fn stage(entries: &str) -> (Broker, String, tempfile::TempDir) {
	let broker = Broker::start();
	let text = settings(&broker.settings()) + entries;
	(broker, text, tempfile::tempdir().unwrap())
}

#[test]
fn what_devices_of_each_kind_sign_should_be_served() {
	for maker in [Device::ed25519, Device::sr25519, Device::secp256k1] {
		let sensor = maker(1);
		let (broker, text, folder) = stage(&device(&sensor, "farm/+/signed"));
		let gateway = Gateway::start(folder.path(), &text);
		gateway.await_connected();
		assert_eq!(gateway.get("/feeds/1/iot_sensor").0, 404);

		let signed = sensor.measures_now(1, 2_135);
		broker.publish(&[(TOPIC, &signed.to_json())]);
		await_newest(&gateway, &signed);
		// As the node's worker reads it.
		let body = gateway.get("/feeds/1/iot_sensor").1;
		assert_eq!(number_at(body.as_bytes(), "/reading/scalar", true), Ok("2135"));
		let page = gateway.json(&format!("/devices/{}", sensor.key()));
		assert_eq!((&page["counter"], &page["condemned"]), (&json!(1), &json!(false)));
	}
}

#[test]
fn instruments_without_a_key_should_be_served_as_they_come() {
	let (broker, text, folder) = stage(&topic("level", "rivers/7/level"));
	let gateway = Gateway::start(folder.path(), &text);
	gateway.await_connected();
	assert_eq!(gateway.get("/topics/level").0, 404);
	broker.publish(&[("rivers/7/level", "{\"level\": 3.140}"), ("rivers/7/level", "level=3")]);
	gateway.await_health("/refused/malformed", 1);
	assert_eq!(gateway.get("/topics/level"), (200, "{\"level\": 3.140}".into()));
}

#[test]
fn a_message_that_comes_twice_should_count_once() {
	let sensor = Device::ed25519(1);
	let (broker, text, folder) = stage(&device(&sensor, TOPIC));
	let gateway = Gateway::start(folder.path(), &text);
	gateway.await_connected();
	let json = sensor.measures_now(1, 5).to_json();
	broker.publish(&[(TOPIC, &json), (TOPIC, &json), (TOPIC, &json)]);
	gateway.await_health("/refused/duplicate", 2);
	assert_eq!(gateway.json("/health")["accepted"], 1);
}

#[test]
fn two_measurements_with_one_counter_should_be_shown_as_evidence_also_after_a_restart() {
	let sensor = Device::sr25519(1);
	let (broker, text, folder) = stage(&device(&sensor, TOPIC));
	let gateway = Gateway::start(folder.path(), &text);
	gateway.await_connected();
	let (first, second) = (sensor.measures_now(1, 5), sensor.measures_now(1, 6));
	broker.publish(&[(TOPIC, &first.to_json()), (TOPIC, &second.to_json())]);
	gateway.await_health("/refused/contradiction", 1);

	let evidence = gateway.get("/evidence").1;
	let (status, log) = gateway.stop(Signal::INT);
	assert!(status.success() && log.contains("signed two measurements"), "{log}");
	let gateway = Gateway::start(folder.path(), &text);
	assert_eq!(gateway.get("/evidence").1, evidence);
	let shown = &gateway.json("/evidence")[0];
	let read =
		|name: &str| SignedMeasurement::from_json(shown[name].to_string().as_bytes()).unwrap();
	assert!(read("first").condemns(&read("second"), &common::GENESIS));
	assert_eq!(newest(&gateway), Some(first));
}

#[test]
fn a_restart_should_lose_nothing_and_take_nothing_old() {
	let sensor = Device::ed25519(1);
	let (broker, text, folder) = stage(&(device(&sensor, TOPIC) + &topic("level", "level")));
	let gateway = Gateway::start(folder.path(), &text);
	gateway.await_connected();
	let old = sensor.measures_now(1, 1);
	let new = sensor.measures_now(5, 5);
	broker.publish(&[(TOPIC, &new.to_json()), ("level", "7")]);
	gateway.await_health("/accepted", 2);
	let (status, _) = gateway.stop(Signal::TERM);
	assert!(status.success());

	// While nobody listens: kept by the broker for devices.
	let missed = sensor.measures_now(6, 6);
	broker.publish(&[(TOPIC, &old.to_json()), (TOPIC, &missed.to_json())]);
	let gateway = Gateway::start(folder.path(), &text);
	assert_eq!(gateway.get("/topics/level"), (200, "7".into()));
	await_newest(&gateway, &missed);
	gateway.await_health("/refused/old_counter", 1);
}

#[test]
fn a_gateway_that_was_killed_should_go_on_where_it_was() {
	let sensor = Device::ed25519(1);
	let (broker, text, folder) = stage(&device(&sensor, TOPIC));
	let gateway = Gateway::start(folder.path(), &text);
	gateway.await_connected();
	let signed = sensor.measures_now(9, 9);
	broker.publish(&[(TOPIC, &signed.to_json())]);
	await_newest(&gateway, &signed);
	gateway.stop(Signal::KILL);
	let gateway = Gateway::start(folder.path(), &text);
	assert_eq!(newest(&gateway), Some(signed));
}

#[test]
fn a_broker_that_restarts_should_be_found_again() {
	let sensor = Device::ed25519(1);
	let (mut broker, text, folder) = stage(&(device(&sensor, TOPIC) + &topic("level", "level")));
	let gateway = Gateway::start(folder.path(), &text);
	gateway.await_connected();
	broker.pause();
	gateway.await_health("/broker/devices/connected", false);
	gateway.await_health("/broker/topics/connected", false);
	assert_eq!(gateway.get("/health").0, 503);
	broker.resume();
	gateway.await_connected();
	let signed = sensor.measures_now(1, 1);
	broker.publish(&[(TOPIC, &signed.to_json()), ("level", "3")]);
	await_newest(&gateway, &signed);
	gateway.await_health("/accepted", 2);
}

#[test]
fn a_broker_that_is_not_there_yet_should_be_waited_for_without_a_flood_in_the_log() {
	let sensor = Device::ed25519(1);
	let (mut broker, text, folder) = stage(&device(&sensor, TOPIC));
	broker.pause();
	let gateway = Gateway::start(folder.path(), &text);
	gateway.await_log("nothing listens there");
	broker.resume();
	gateway.await_connected();
	let (_, log) = gateway.stop(Signal::TERM);
	assert_eq!(log.matches("nothing listens there").count(), 1, "{log}");
}

#[test]
fn a_wrong_password_should_be_named_and_never_shown() {
	let (broker, text, folder) = stage(&topic("level", "level"));
	fs::write(folder.path().join("secret"), "wrong-secret\n").unwrap();
	let text = text.replace("{ env = \"GATEWAY_PASSWORD\" }", "{ file = \"secret\" }");
	let gateway = Gateway::start(folder.path(), &text);
	gateway.await_log("the broker refuses `username` and `password`");
	gateway.await_health("/ok", false);
	let health = gateway.get("/health").1;
	let (_, log) = gateway.stop(Signal::TERM);
	assert!(!format!("{health}{log}").contains("wrong-secret"));
	assert!(!broker.log().contains("wrong-secret"));
}

#[test]
fn the_right_password_should_not_be_shown_either() {
	let (broker, text, folder) = stage(&topic("level", "level"));
	let gateway = Gateway::start(folder.path(), &text);
	gateway.await_connected();
	assert!(broker.log().contains("rwa-gateway-topics"), "{}", broker.log());
	let pages = ["/health", "/metrics"].map(|page| gateway.get(page).1).concat();
	let (_, log) = gateway.stop(Signal::TERM);
	assert!(!format!("{pages}{log}").contains(PASSWORD));
}

#[test]
fn a_broker_with_a_certificate_of_others_should_get_no_password() {
	let (broker, _, folder) = stage("");
	let text = settings(&broker.settings_with(&broker.other_ca())) + &topic("level", "level");
	let gateway = Gateway::start(folder.path(), &text);
	gateway.await_log("vouched for by nobody in `ca`");
	assert_eq!(gateway.json("/health")["broker"]["topics"]["connected"], false);
	assert!(!broker.log().contains("rwa-gateway"), "{}", broker.log());
}

#[test]
fn a_broker_under_another_name_should_not_be_trusted() {
	let (_broker, text, folder) = stage(&topic("level", "level"));
	let text = text.replace("host = \"localhost\"", "host = \"127.0.0.1\"");
	let gateway = Gateway::start(folder.path(), &text);
	gateway.await_log("isn't good for its `host`");
}

#[test]
fn a_broker_should_be_able_to_know_the_gateway_by_its_certificate() {
	let (mut broker, _, folder) = stage("");
	broker.pause();
	broker.configure("require_certificate true");
	let (plain, [certificate, key]) = (broker.settings(), broker.client_files());
	let files =
		format!("certificate = \"{}\"\nkey = \"{}\"\n", certificate.display(), key.display());
	broker.resume();
	let gateway = Gateway::start(folder.path(), &(settings(&plain) + &topic("level", "level")));
	gateway.await_log("no connection");
	drop(gateway);
	let text = settings(&(plain + &files)) + &topic("level", "level");
	let gateway = Gateway::start(folder.path(), &text);
	gateway.await_connected();
}

#[test]
fn a_retained_measurement_should_be_judged_by_its_own_time() {
	let sensor = Device::ed25519(1);
	let stale = Device::ed25519(2);
	let (broker, text, folder) = stage(&(device(&sensor, "a") + &device(&stale, "b")));
	let signed = sensor.measures_now(1, 1);
	broker.retain("a", &signed.to_json());
	broker.retain("b", &stale.measures(1, 2, rwa_gateway::now() - 700_000).to_json());
	let gateway = Gateway::start(folder.path(), &text);
	await_newest(&gateway, &signed);
	gateway.await_health("/refused/too_old", 1);
}

#[test]
fn a_retained_text_should_not_be_taken_because_nobody_knows_its_age() {
	let (mut broker, text, folder) = stage(&topic("level", "level"));
	broker.retain("level", "1");
	let gateway = Gateway::start(folder.path(), &text);
	gateway.await_connected();
	// After this one, the retained one would have come.
	broker.publish(&[("level", "2")]);
	gateway.await_health("/accepted", 1);
	assert_eq!(gateway.get("/topics/level"), (200, "2".into()));
	assert_eq!(gateway.json("/health")["refused"], json!({}));

	// Nor what came while nobody listened.
	gateway.stop(Signal::TERM);
	broker.publish(&[("level", "3")]);
	broker.pause();
	broker.resume();
	let gateway = Gateway::start(folder.path(), &text);
	gateway.await_connected();
	broker.publish(&[("level", "level=4")]);
	gateway.await_health("/refused/malformed", 1);
	assert_eq!(gateway.get("/topics/level"), (200, "2".into()));
}

#[test]
fn a_huge_message_should_neither_be_taken_nor_be_in_the_way() {
	let sensor = Device::ed25519(1);
	let (broker, text, folder) = stage(&device(&sensor, TOPIC));
	let gateway = Gateway::start(folder.path(), &text);
	gateway.await_connected();
	let (first, last) = (sensor.measures_now(1, 1), sensor.measures_now(2, 2));
	let (large, huge) = ("x".repeat(2_000), "x".repeat(1_000_000));
	let messages =
		[first.to_json(), large, huge, last.to_json()].map(|payload| (TOPIC.to_string(), payload));
	let messages: Vec<_> = messages.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
	broker.publish(&messages);
	await_newest(&gateway, &last);
	gateway.await_health("/refused/too_large", 1);
	assert_eq!(gateway.log().matches("devices: connected").count(), 1, "{}", gateway.log());
}

#[test]
fn many_messages_at_once_should_all_be_taken() {
	let sensor = Device::ed25519(1);
	let (broker, text, folder) = stage(&device(&sensor, TOPIC));
	let gateway = Gateway::start(folder.path(), &text);
	gateway.await_connected();
	let json: Vec<_> = (1..=1_000).map(|n| sensor.measures_now(n, n.into()).to_json()).collect();
	let messages: Vec<_> = json.iter().map(|json| (TOPIC, json.as_str())).collect();
	broker.publish(&messages);
	gateway.await_health("/accepted", 1_000);
	assert_eq!(newest(&gateway).unwrap().measurement.counter, 1_000);
	assert_eq!(gateway.json("/health")["refused"], json!({}));
}

#[test]
fn a_full_disk_should_lose_nothing() {
	let sensor = Device::ed25519(1);
	let (broker, text, folder) = stage(&device(&sensor, TOPIC));
	let gateway = Gateway::start(folder.path(), &text);
	gateway.await_connected();
	let full = folder.path().join(format!("data/devices/{}.new", sensor.key()).replace(':', "-"));
	symlink("/dev/full", &full).unwrap();
	let signed = sensor.measures_now(1, 1);
	broker.publish(&[(TOPIC, &signed.to_json())]);
	gateway.await_log("No space left");
	assert_eq!((newest(&gateway), gateway.get("/health").0), (None, 503));
	fs::remove_file(&full).unwrap();
	// Only now does the broker hear that it may forget it.
	await_newest(&gateway, &signed);
	gateway.await_log("can keep what comes again");
	gateway.await_connected();
}

#[test]
fn what_the_broker_keeps_from_us_should_not_be_in_the_way_of_the_rest() {
	let (mut broker, _, folder) = stage("");
	broker.pause();
	let list = folder.path().join("acl");
	fs::write(&list, "user gateway\ntopic readwrite open/#\n").unwrap();
	broker.configure(&format!("acl_file {}", list.display()));
	broker.resume();
	let text = settings(&broker.settings()) + &topic("open", "open/a") + &topic("shut", "shut/a");
	let gateway = Gateway::start(folder.path(), &text);
	gateway.await_health("/broker/topics/connected", true);
	broker.publish(&[("shut/a", "1"), ("open/a", "2")]);
	gateway.await_health("/accepted", 1);
	assert_eq!(gateway.get("/topics/shut").0, 404);
	assert_eq!(gateway.get("/topics/open"), (200, "2".into()));
}

#[test]
fn a_second_gateway_should_not_use_the_same_folder() {
	let (_broker, text, folder) = stage(&topic("level", "level"));
	let _first = Gateway::start(folder.path(), &text);
	let config = folder.path().join("gateway.toml");
	let output = common::gateway::program()
		.arg("--config")
		.arg(config)
		.env("GATEWAY_PASSWORD", PASSWORD)
		.output()
		.unwrap();
	let error = String::from_utf8(output.stderr).unwrap();
	assert_eq!(output.status.code(), Some(1));
	assert!(error.contains("another gateway uses this folder"), "{error}");
}
