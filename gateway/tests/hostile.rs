//! A broker and readers that mean harm, on the real program.

mod common;

use common::{
	gateway::{device, settings, topic, Gateway},
	until, Device,
};
use rustix::process::Signal;
use serde_json::json;
use std::{
	io::{Read, Write},
	net::{TcpListener, TcpStream},
	time::{Duration, Instant},
};

const CONNACK: &[u8] = &[0x20, 3, 0, 0, 0];

/// A broker that does with each connection what `behave` says, after it was greeted.
fn hostile(behave: impl Fn(&mut TcpStream) + Send + 'static) -> u16 {
	let listener = TcpListener::bind("127.0.0.1:0").unwrap();
	let port = listener.local_addr().unwrap().port();
	std::thread::spawn(move || {
		for stream in listener.incoming() {
			let mut stream = stream.unwrap();
			if packet(&mut stream).is_some() {
				behave(&mut stream);
			}
		}
	});
	port
}

/// First byte and content of the next packet. They are short here.
fn packet(stream: &mut TcpStream) -> Option<(u8, Vec<u8>)> {
	let mut head = [0; 2];
	stream.read_exact(&mut head).ok()?;
	let mut content = vec![0; head[1].into()];
	stream.read_exact(&mut content).ok()?;
	Some((head[0], content))
}

/// Accepts the client and answers its one subscription with this code.
fn accept(stream: &mut TcpStream, code: u8) {
	stream.write_all(CONNACK).unwrap();
	while let Some((kind, content)) = packet(stream) {
		if kind == 0x82 {
			stream.write_all(&[0x90, 4, content[0], content[1], 0, code]).unwrap();
			return;
		}
	}
}

/// A message with packet number 1.
fn publish(topic: &[u8], properties: &[u8], payload: &[u8]) -> Vec<u8> {
	let mut rest = vec![0, topic.len() as u8];
	rest.extend_from_slice(topic);
	rest.extend_from_slice(&[0, 1, properties.len() as u8]);
	rest.extend_from_slice(properties);
	rest.extend_from_slice(payload);
	let mut whole = vec![0x32];
	let mut length = rest.len();
	while length > 127 {
		whole.push(length as u8 | 0x80);
		length >>= 7;
	}
	whole.push(length as u8);
	whole.extend(rest);
	whole
}

/// Until the other side ends it.
fn drain(stream: &mut TcpStream) {
	let _ = stream.read_to_end(&mut Vec::new());
}

fn gateway_to(port: u16) -> (tempfile::TempDir, Gateway) {
	let folder = tempfile::tempdir().unwrap();
	let text = settings(&format!("port = {port}")) + &topic("level", "level");
	let gateway = Gateway::start(folder.path(), &text);
	(folder, gateway)
}

/// That it serves, goes on connecting, and ends as it should.
fn is_well(gateway: Gateway) -> String {
	assert_eq!(gateway.get("/topics/level").0, 404);
	let (status, log) = gateway.stop(Signal::TERM);
	assert!(status.success(), "{log}");
	assert!(!log.contains("panicked"), "{log}");
	log
}

#[test]
fn garbage_should_end_the_connection_only() {
	for garbage in [
		&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
		&[0xff; 64],
		&[0x20, 0xff, 0xff, 0xff, 0xff, 0xff],
		&[0x20, 3, 0, 0x87, 0],
		&[0x20, 2, 0, 1],
		&[0x20, 1, 0],
		&[0x32, 2, 0xff, 0xff],
		&[],
	] {
		let (sender, connections) = std::sync::mpsc::channel();
		let port = hostile(move |stream| {
			let _ = stream.write_all(garbage);
			let _ = sender.send(());
		});
		let (_folder, gateway) = gateway_to(port);
		for _ in 0..2 {
			connections.recv_timeout(Duration::from_secs(60)).unwrap();
		}
		gateway.await_health("/broker/topics/connected", false);
		is_well(gateway);
	}
}

#[test]
fn packets_out_of_place_should_end_the_connection_only() {
	for nonsense in [
		&[0x10, 0][..],          // A greeting.
		&[0x90, 4, 0, 99, 0, 0], // An answer to nothing.
		&[0x90, 2, 0, 1],        // One cut short.
		&[0x40, 2, 0xff, 0xff],  // Acknowledgements of nothing.
		&[0x62, 2, 0, 1],
		&[0x70, 2, 0, 1],
		&[0x50, 2, 0, 0],
		&[0xf0, 2, 0, 0],                         // A login.
		&[0xe0, 2, 0x81, 0],                      // A farewell.
		&[0x36, 4, 0, 1, b'a', 0],                // A quality that doesn't exist.
		&[0x32, 9, 0, 1, b'a', 0, 0, 0, 1, 2, 3], // A message without number.
		&[0x32, 3, 0, 200, b'a'],                 // A topic beyond its end.
		&[0x32, 8, 0, 1, b'a', 0, 1, 200, 1, 1],  // Properties beyond theirs.
		CONNACK,
	] {
		let (sender, connections) = std::sync::mpsc::channel();
		let port = hostile(move |stream| {
			accept(stream, 1);
			let _ = stream.write_all(nonsense);
			let _ = sender.send(());
		});
		let (_folder, gateway) = gateway_to(port);
		for _ in 0..2 {
			connections.recv_timeout(Duration::from_secs(60)).unwrap();
		}
		is_well(gateway);
	}
}

#[test]
fn messages_with_strange_topics_should_be_refused_and_acknowledged() {
	let (sender, answers) = std::sync::mpsc::channel();
	let port = hostile(move |stream| {
		accept(stream, 1);
		for topic in ["é".as_bytes(), b"\xff\xfe", b"", b"$SYS/level", b"level/more"] {
			stream.write_all(&publish(topic, &[], b"1")).unwrap();
			let acknowledged = loop {
				match packet(stream) {
					Some((0x40, _)) => break true,
					Some(_) => {}
					None => break false,
				}
			};
			sender.send(acknowledged).unwrap();
		}
		stream.write_all(&publish(b"level", &[], b"7")).unwrap();
		drain(stream);
	});
	let (_folder, gateway) = gateway_to(port);
	for _ in 0..5 {
		assert!(answers.recv_timeout(Duration::from_secs(60)).unwrap());
	}
	gateway.await_health("/accepted", 1);
	assert_eq!(gateway.json("/health")["refused"], json!({ "wrong_topic": 5 }));
	assert_eq!(gateway.get("/topics/level"), (200, "7".into()));
}

#[test]
fn a_message_that_the_broker_retained_all_the_same_should_be_refused() {
	let port = hostile(|stream| {
		accept(stream, 1);
		let mut message = publish(b"level", &[], b"1");
		message[0] |= 1;
		stream.write_all(&message).unwrap();
		drain(stream);
	});
	let (_folder, gateway) = gateway_to(port);
	gateway.await_health("/refused/retained", 1);
	is_well(gateway);
}

#[test]
fn topic_aliases_should_end_the_connection() {
	let port = hostile(|stream| {
		accept(stream, 1);
		let _ = stream.write_all(&publish(b"level", &[0x23, 0, 1], b"1"));
		drain(stream);
	});
	let (_folder, gateway) = gateway_to(port);
	gateway.await_log("topic aliases");
	is_well(gateway);
}

#[test]
fn a_packet_larger_than_announced_should_end_the_connection_before_it_is_read() {
	let port = hostile(|stream| {
		accept(stream, 1);
		// 256 MiB are to follow.
		let _ = stream.write_all(&[0x32, 0xff, 0xff, 0xff, 0x7f]);
		drain(stream);
	});
	let (_folder, gateway) = gateway_to(port);
	gateway.await_log("no connection");
	is_well(gateway);
}

#[test]
fn what_a_broker_says_should_be_one_short_line_in_the_log() {
	let port = hostile(|stream| {
		accept(stream, 1);
		let reason = [b"\n\x1b[31mroot: ", "x".repeat(100).as_bytes()].concat();
		let mut farewell =
			vec![0xe0, reason.len() as u8 + 5, 0x8b, reason.len() as u8 + 3, 0x1f, 0];
		farewell.push(reason.len() as u8);
		farewell.extend(&reason);
		let _ = stream.write_all(&farewell);
		drain(stream);
	});
	let (_folder, gateway) = gateway_to(port);
	gateway.await_log("no connection");
	let log = is_well(gateway);
	assert!(!log.contains('\x1b'), "{log}");
	for line in log.lines() {
		assert!(line.len() < 400, "{line}");
		assert!(
			["info: ", "warning: ", "warn: "].iter().any(|level| line.starts_with(level)),
			"{line}"
		);
	}
}

#[test]
fn a_topic_that_the_broker_refuses_should_be_named() {
	let port = hostile(|stream| {
		accept(stream, 0x87);
		drain(stream);
	});
	let (_folder, gateway) = gateway_to(port);
	gateway.await_health("/broker/topics/refused_topics", json!(["level"]));
	assert_eq!(gateway.get("/health").0, 503);
	gateway.await_log("doesn't let us read level");
}

#[test]
fn a_broker_that_never_answers_a_subscription_should_be_left() {
	let port = hostile(|stream| {
		stream.write_all(CONNACK).unwrap();
		// Whatever it is sent, but for pings, which it answers.
		while let Some((kind, _)) = packet(stream) {
			if kind == 0xc0 {
				let _ = stream.write_all(&[0xd0, 0]);
			}
		}
	});
	let (_folder, gateway) = gateway_to(port);
	gateway.await_log("doesn't answer our subscriptions");
	is_well(gateway);
}

#[test]
fn a_flood_should_be_counted_and_not_logged() {
	let port = hostile(|stream| {
		accept(stream, 0);
		// Without acknowledgement, so as fast as they can be read.
		let message = [&[0x30, 9, 0, 5][..], b"level", &[0]].concat();
		let flood = [&message[..], b"x", &message, b"1"].concat().repeat(2_000);
		let _ = stream.write_all(&flood);
		drain(stream);
	});
	let (_folder, gateway) = gateway_to(port);
	gateway.await_health("/accepted", 2_000);
	gateway.await_health("/refused/malformed", 2_000);
	let log = is_well_with_topic(gateway);
	assert!(log.lines().count() < 10, "{log}");
}

#[test]
fn a_broker_that_awaits_no_acknowledgements_should_be_left() {
	let port = hostile(|stream| {
		accept(stream, 1);
		let flood = publish(b"level", &[], b"1").repeat(100_000);
		let mut reader = stream.try_clone().unwrap();
		let reading = std::thread::spawn(move || drain(&mut reader));
		let _ = stream.write_all(&flood);
		let _ = reading.join();
	});
	let (_folder, gateway) = gateway_to(port);
	gateway.await_log("could not be kept or acknowledged");
	is_well_with_topic(gateway);
}

fn is_well_with_topic(gateway: Gateway) -> String {
	assert_eq!(gateway.get("/topics/level").0, 200);
	gateway.stop(Signal::TERM).1
}

/// A gateway whose broker isn't there.
fn alone() -> (tempfile::TempDir, Gateway) {
	gateway_to(common::broker::free_port())
}

#[test]
fn readers_should_only_read() {
	let (_folder, gateway) = alone();
	for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
		let head = format!("{method} /health HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
		let answer = gateway.send(head.as_bytes());
		assert!(answer.starts_with("HTTP/1.1 405 "), "{method}: {answer}");
	}
	let head = gateway.send(b"HEAD /health HTTP/1.1\r\nHost: a\r\n\r\n");
	assert!(head.starts_with("HTTP/1.1 503 ") && head.ends_with("\r\n\r\n"), "{head}");
}

#[test]
fn pages_that_do_not_exist_should_be_404_with_an_error_in_json() {
	let sensor = Device::ed25519(1);
	let folder = tempfile::tempdir().unwrap();
	let broker = format!("port = {}", common::broker::free_port());
	let text = settings(&broker) + &topic("level", "level") + &device(&sensor, "a");
	let gateway = Gateway::start(folder.path(), &text);
	let key = sensor.key().to_string();
	for path in [
		"/",
		"//",
		"/feeds",
		"/feeds/1",
		"/feeds/1/iot_sensor/",
		"/feeds/1/iot_sensor",
		"/feeds/1/iot",
		"/feeds/-1/iot_sensor",
		"/feeds/99999999999/iot_sensor",
		"/feeds/2/iot_sensor",
		"/devices/ed25519:0x00",
		&format!("/devices/{key}"),
		&format!("/devices/{}", key.replace(':', "%3A")),
		"/topics/level",
		"/topics/..%2flock",
		"/topics/../../etc/passwd",
		"/evidence/1",
	] {
		let (status, body) = gateway.get(path);
		let body: serde_json::Value = serde_json::from_str(&body).unwrap();
		assert!(status == 404 && body["error"].is_string(), "{path}: {status} {body}");
	}
	assert_eq!(gateway.get("/evidence"), (200, "[]".into()));
	assert!(gateway.get("/metrics").1.contains("\nrwa_gateway_connected{link=\"topics\"} 0\n"));
}

#[test]
fn requests_without_bound_or_end_should_be_ended() {
	let (_folder, gateway) = alone();
	let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(100_000));
	let many = format!("GET / HTTP/1.1\r\n{}\r\n", "X-A: b\r\n".repeat(10_000));
	for request in [
		long.as_bytes(),
		many.as_bytes(),
		b"\0\xff\r\n\r\n",
		b"GET\r\n\r\n",
		b"GET / HTTP/9\r\n\r\n",
	] {
		let answer = gateway.send(request);
		assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
	}
	// One that never ends its head is cut off, not waited for: `send` returns when that happens.
	let began = Instant::now();
	gateway.send(b"GET /health HTTP/1.1\r\nX-Slow: ");
	assert!(began.elapsed() < Duration::from_secs(25));
	is_well(gateway);
}

#[test]
fn readers_that_say_nothing_should_not_keep_others_out() {
	let (_folder, gateway) = alone();
	let silent: Vec<_> = (0..200).map(|_| TcpStream::connect(gateway.address()).unwrap()).collect();
	until("an answer", || (gateway.get("/evidence").0 == 200).then_some(()));
	drop(silent);
	is_well(gateway);
}
