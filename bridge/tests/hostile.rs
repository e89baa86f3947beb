//! A Kubo, a publisher and callers that mean harm, on the real program.

mod common;

use common::{
	bridge::{check, pin, proof, proven, settings, Bridge},
	fake::{begin, respond, Call, Fake},
	file,
	ipfs_dag::{sha256, Dag, Link, Node},
	until,
};
use rustix::process::Signal;
use rwa_primitives::ipfs::{Cid, Codec};
use serde_json::{json, Value};
use std::{
	io::Write,
	net::TcpStream,
	sync::atomic::{AtomicBool, Ordering},
	sync::Arc,
	thread::sleep,
	time::Duration,
};

const SIZE: u64 = 300_000;

/// Far more than it needs, and far less than what is thrown at it.
const MEMORY: u64 = 256 << 20;

type Answer = fn(&Call, &mut TcpStream);

/// What a Kubo can do wrong at any call, and what that is called.
const WRONGS: [(&str, Answer, &str); 9] = [
	("garbage", |_, stream| drop(stream.write_all(&[0xff; 4_096])), "unreachable"),
	("nothing", |_, _| (), "unreachable"),
	(
		"half an answer",
		|_, stream| drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")),
		"unreachable",
	),
	("another page", |_, stream| respond(stream, 404, b"404 page not found"), "bad_answer"),
	("no entry", |_, stream| respond(stream, 403, b"403 - Forbidden"), "unauthorised"),
	(
		"a strange error",
		|_, stream| respond(stream, 500, br#"{"Message":"a\u0000b","Code":0}"#),
		"refused",
	),
	(
		"a full disk",
		|_, stream| {
			respond(stream, 500, br#"{"Message":"write: no space left on device","Code":0}"#)
		},
		"disk_full",
	),
	("an endless answer", |_, stream| endless(stream), "bad_answer"),
	("an endless head", |_, stream| endless_head(stream), "unreachable"),
];

/// As much as is taken.
fn endless(stream: &mut TcpStream) {
	begin(stream);
	while stream.write_all(&[b'x'; 65_536]).is_ok() {}
}

fn endless_head(stream: &mut TcpStream) {
	let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
	while stream.write_all(&[b'x'; 65_536]).is_ok() {}
}

fn started(kubo: &Fake) -> (tempfile::TempDir, Bridge) {
	let folder = tempfile::tempdir().unwrap();
	let bridge = Bridge::start(folder.path(), &settings(&kubo.url()));
	(folder, bridge)
}

/// That it serves, is small, and ends as it should.
fn is_well(bridge: Bridge) {
	assert!(bridge.get("/jobs")["jobs"].is_array());
	let memory = bridge.peak_memory();
	assert!(memory < MEMORY, "{memory} bytes");
	let (status, log) = bridge.stop(Signal::TERM);
	assert!(status.success(), "{log}");
	assert!(!log.contains("panicked"), "{log}");
}

fn id(bridge: &Bridge, task: &Value) -> String {
	let (status, job) = bridge.post(task);
	assert!(matches!(status, 200 | 202), "{status} {job}");
	job["id"].as_str().unwrap().into()
}

/// Whatever comes in place of this answer.
fn wrong_answers_should_have_their_own_errors_and_pass(path: &'static str) {
	for (what, wrong, code) in WRONGS {
		let on = Arc::new(AtomicBool::new(true));
		let broken = on.clone();
		let kubo = Fake::hostile(move |call, stream| {
			(call.path == path && broken.load(Ordering::SeqCst)).then(|| wrong(call, stream))
		});
		let dag = file(SIZE);
		kubo.offer(&dag);
		let (_folder, bridge) = started(&kubo);
		let id = id(&bridge, &pin(dag.root(), SIZE));
		let job = bridge.await_error(&id, code);
		let text = job["error"]["text"].as_str().unwrap();
		assert!(text.contains(&kubo.url()), "{what} at {path}: {text}");
		on.store(false, Ordering::SeqCst);
		assert_eq!(bridge.over(&id)["state"], "done", "{what} at {path}");
		is_well(bridge);
	}
}

#[test]
fn wrong_answers_about_the_version_should_pass() {
	wrong_answers_should_have_their_own_errors_and_pass("/api/v0/version");
}

#[test]
fn wrong_answers_in_place_of_a_block_should_pass() {
	wrong_answers_should_have_their_own_errors_and_pass("/api/v0/block/get");
}

#[test]
fn wrong_answers_about_space_should_pass() {
	wrong_answers_should_have_their_own_errors_and_pass("/api/v0/repo/stat");
}

#[test]
fn wrong_answers_in_place_of_a_pin_should_pass() {
	wrong_answers_should_have_their_own_errors_and_pass("/api/v0/pin/add");
}

#[test]
fn a_kubo_that_is_slow_should_not_be_waited_for_without_end() {
	for drip in [false, true] {
		let kubo = Fake::hostile(move |call, stream| {
			(call.path == "/api/v0/version").then(|| {
				if drip {
					begin(stream);
				}
				while !drip || stream.write_all(b" ").is_ok() {
					sleep(Duration::from_secs(1));
				}
			})
		});
		let (_folder, bridge) = started(&kubo);
		let id = id(&bridge, &pin(file(1).root(), 1));
		bridge.await_error(&id, "timed_out");
		until("health says so", || {
			let health = bridge.get("/health");
			(health["storage"]["error"]["code"] == "timed_out").then_some(())
		});
		is_well(bridge);
	}
}

#[test]
fn other_versions_should_be_refused() {
	for version in ["0.42.0", "1.0.0", "0.43", "", "∞"] {
		let kubo = Fake::honest();
		kubo.state().version = version.into();
		let dag = file(1);
		kubo.offer(&dag);
		let (_folder, bridge) = started(&kubo);
		let id = id(&bridge, &pin(dag.root(), 1));
		if version == "0.43" {
			assert_eq!(bridge.over(&id)["state"], "done");
			continue;
		}
		let job = bridge.await_error(&id, "wrong_version");
		assert!(job["error"]["text"].as_str().unwrap().contains("0.43 or newer"), "{job}");
		assert_eq!(kubo.count("/api/v0/pin/add"), 0);
		// After an update it goes on.
		kubo.state().version = "0.43.1".into();
		assert_eq!(bridge.over(&id)["state"], "done");
	}
}

#[test]
fn content_that_nobody_has_should_be_looked_for_again_and_again() {
	let kubo = Fake::honest();
	let (_folder, bridge) = started(&kubo);
	let dag = file(SIZE);
	let id = id(&bridge, &pin(dag.root(), SIZE));
	let job = bridge.await_error(&id, "not_found_in_time");
	assert_eq!(job["state"], "waiting");
	kubo.offer(&dag);
	assert_eq!(bridge.over(&id)["state"], "done");
}

#[test]
fn a_pin_that_gets_nowhere_should_be_broken_off() {
	let kubo = Fake::hostile(|call, stream| {
		(call.path == "/api/v0/pin/add").then(|| {
			begin(stream);
			while stream.write_all(b"{\"Progress\":7}\n").is_ok() {
				sleep(Duration::from_millis(100));
			}
		})
	});
	let dag = file(SIZE);
	kubo.offer(&dag);
	let (_folder, bridge) = started(&kubo);
	let id = id(&bridge, &pin(dag.root(), SIZE));
	let job = bridge.await_error(&id, "not_found_in_time");
	assert!(job["error"]["text"].as_str().unwrap().starts_with("after 7 blocks"), "{job}");
	is_well(bridge);
}

#[test]
fn a_pin_that_trickles_should_give_way_to_others() {
	let kubo = Fake::hostile(|call, stream| {
		(call.path == "/api/v0/pin/add").then(|| {
			begin(stream);
			for blocks in 1.. {
				if stream.write_all(format!("{{\"Progress\":{blocks}}}\n").as_bytes()).is_err() {
					break;
				}
				sleep(Duration::from_millis(250));
			}
		})
	});
	let dag = file(SIZE);
	kubo.offer(&dag);
	let (_folder, bridge) = started(&kubo);
	let id = id(&bridge, &pin(dag.root(), SIZE));
	let job = bridge.await_error(&id, "not_found_in_time");
	let text = job["error"]["text"].as_str().unwrap();
	assert!(text.ends_with("fewer than 8 a second: whoever has the file is slow"), "{job}");
	is_well(bridge);
}

#[test]
fn a_pin_of_more_than_the_size_allows_should_be_broken_off() {
	for line in ["{\"Progress\":80}\n", "{\"Progress\":2,\"Bytes\":400000}\n"] {
		let kubo = Fake::hostile(move |call, stream| {
			(call.path == "/api/v0/pin/add").then(|| {
				begin(stream);
				while stream.write_all(line.as_bytes()).is_ok() {
					sleep(Duration::from_millis(100));
				}
			})
		});
		let dag = file(SIZE);
		kubo.offer(&dag);
		let (_folder, bridge) = started(&kubo);
		let job = bridge.order(&pin(dag.root(), SIZE));
		let found = (&job["state"], &job["error"]["code"]);
		assert_eq!(found, (&json!("failed"), &json!("size_mismatch")));
		is_well(bridge);
	}
}

#[test]
fn a_pin_without_an_end_should_not_be_taken_for_one() {
	let kubo = Fake::hostile(|call, stream| {
		(call.path == "/api/v0/pin/add").then(|| respond(stream, 200, b"{\"Progress\":7}\n"))
	});
	let dag = file(SIZE);
	kubo.offer(&dag);
	let (_folder, bridge) = started(&kubo);
	bridge.await_error(&id(&bridge, &pin(dag.root(), SIZE)), "bad_answer");
	is_well(bridge);
}

#[test]
fn an_error_in_the_middle_of_a_pin_should_be_heard() {
	let kubo = Fake::hostile(|call, stream| {
		(call.path == "/api/v0/pin/add").then(|| {
			let line = "{\"Progress\":7}\n";
			let answer = format!(
				"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Stream-Error\r\n\r\n\
				 {:x}\r\n{line}\r\n0\r\nX-Stream-Error: write /repo: no space left on device\r\n\r\n",
				line.len()
			);
			let _ = stream.write_all(answer.as_bytes());
		})
	});
	let dag = file(SIZE);
	kubo.offer(&dag);
	let (_folder, bridge) = started(&kubo);
	bridge.await_error(&id(&bridge, &pin(dag.root(), SIZE)), "disk_full");
	is_well(bridge);
}

#[test]
fn a_kubo_that_says_it_has_what_it_has_not_should_be_found_out() {
	// It claims every pin at once, and has the root only.
	let kubo = Fake::hostile(|call, stream| {
		(call.path == "/api/v0/pin/add").then(|| {
			let pins = json!({ "Pins": [call.parameter("arg").unwrap()] });
			respond(stream, 200, format!("{pins}\n").as_bytes());
		})
	});
	let dag = file(SIZE);
	let root = dag.block(&dag.root()).to_vec();
	kubo.state().network.insert(dag.root().to_string(), root);
	let (_folder, bridge) = started(&kubo);
	let id = id(&bridge, &pin(dag.root(), SIZE));
	bridge.await_error(&id, "not_found_in_time");
	assert!(bridge.get(&format!("/pins/{}", dag.root()))["held"].is_null());
	let job = bridge.order(&proof(dag.root(), 0));
	assert_eq!(job["error"]["code"], "missing_block");
}

#[test]
fn bytes_with_another_hash_should_be_the_disks_fault() {
	for wrong in [vec![0; 4_096], vec![0; 17], vec![0; 100_000]] {
		let kubo = Fake::honest();
		let dag = file(SIZE);
		kubo.offer(&dag);
		let (_folder, bridge) = started(&kubo);
		bridge.order(&pin(dag.root(), SIZE));
		let leaf = common::name(dag.proof(3).last().unwrap(), true);
		kubo.state().disk.insert(leaf, wrong);
		for task in [check(dag.root()), proof(dag.root(), 3)] {
			let job = bridge.order(&task);
			let found = (&job["state"], &job["error"]["code"]);
			assert_eq!(found, (&json!("failed"), &json!("damaged_block")), "{job}");
		}
		// Other leaves can be proven all the same.
		assert_eq!(proven(&bridge.order(&proof(dag.root(), 70))), dag.proof(70));
	}
}

#[test]
fn a_block_without_end_should_not_be_read() {
	let kubo =
		Fake::hostile(|call, stream| (call.path == "/api/v0/block/get").then(|| endless(stream)));
	let (_folder, bridge) = started(&kubo);
	bridge.await_error(&id(&bridge, &pin(file(SIZE).root(), SIZE)), "bad_answer");
	is_well(bridge);
}

#[test]
fn a_list_of_pins_without_end_should_not_be_read() {
	let kubo =
		Fake::hostile(|call, stream| (call.path == "/api/v0/pin/ls").then(|| endless(stream)));
	let dag = file(SIZE);
	kubo.offer(&dag);
	let (_folder, bridge) = started(&kubo);
	// What is wanted is not touched by it.
	assert_eq!(bridge.order(&pin(dag.root(), SIZE))["state"], "done");
	until("the audit fails", || bridge.log().contains("can't compare").then_some(()));
	assert!(bridge.get("/health")["audit"].is_null());
	is_well(bridge);
}

/// A block under the CID that it has.
fn put(kubo: &Fake, block: Vec<u8>, codec: Codec) -> Cid {
	let cid = Cid::new(codec, sha256(&block));
	kubo.state().network.insert(cid.to_string(), block);
	cid
}

/// A node above these, which says these shares.
fn node(kubo: &Fake, below: &[(Cid, u64, u64)]) -> Cid {
	let node = Node {
		links: below
			.iter()
			.map(|(cid, _, total)| Link {
				cid: cid.to_bytes().to_vec(),
				name: vec![],
				total: *total,
			})
			.collect(),
		kind: 2,
		size: below.iter().map(|(_, share, _)| share).sum(),
		shares: below.iter().map(|(_, share, _)| *share).collect(),
	};
	put(kubo, node.encode(), Codec::DagPb)
}

#[test]
fn files_that_are_not_what_was_registered_should_be_refused_for_good() {
	type Forge = fn(&Fake) -> (Cid, u64);
	let forgeries: [(&str, &str, Forge); 7] = [
		("another size", "size_mismatch", |kubo| {
			let dag = file(SIZE);
			kubo.offer(&dag);
			(dag.root(), SIZE + 1)
		}),
		("other chunks", "size_mismatch", |kubo| {
			let dag = Dag::of(
				&common::ipfs_dag::content(SIZE),
				rwa_primitives::ipfs::Layout::new(8_192, 32).unwrap(),
			);
			kubo.offer(&dag);
			(dag.root(), SIZE)
		}),
		("not a node", "malformed", |kubo| (put(kubo, vec![1; 100], Codec::DagPb), SIZE)),
		("a giant root", "giant_block", |kubo| (put(kubo, vec![0; 1 << 20], Codec::DagPb), SIZE)),
		("a giant leaf", "giant_block", |kubo| {
			let giant = put(kubo, vec![0; 1 << 20], Codec::Raw);
			let small = put(kubo, vec![0; 904], Codec::Raw);
			(node(kubo, &[(giant, 4_096, 4_096), (small, 904, 904)]), 5_000)
		}),
		("a node for a leaf", "wrong_codec", |kubo| {
			let leaf = put(kubo, vec![0; 904], Codec::Raw);
			let below = node(kubo, &[(leaf, 904, 904), (leaf, 904, 904)]);
			(node(kubo, &[(below, 4_096, 4_096), (leaf, 904, 904)]), 5_000)
		}),
		("a wrong sum", "size_mismatch", |kubo| {
			let full = put(kubo, vec![0; 4_096], Codec::Raw);
			let rest = put(kubo, vec![0; 904], Codec::Raw);
			(node(kubo, &[(full, 4_096, 9_999), (rest, 904, 904)]), 5_000)
		}),
	];
	for (what, code, forge) in forgeries {
		let kubo = Fake::honest();
		let (cid, size) = forge(&kubo);
		let (_folder, bridge) = started(&kubo);
		let job = bridge.order(&pin(cid, size));
		let found = (&job["state"], &job["error"]["code"]);
		assert_eq!(found, (&json!("failed"), &json!(code)), "{what}: {job}");
		// Nothing of it stays pinned, nor is it said to be held.
		assert!(kubo.state().pins.is_empty(), "{what}");
		assert!(bridge.get(&format!("/pins/{cid}"))["held"].is_null(), "{what}");
		is_well(bridge);
	}
}

#[test]
fn callers_that_mean_harm_should_harm_nobody() {
	let kubo = Fake::honest();
	let dag = file(SIZE);
	kubo.offer(&dag);
	let (_folder, bridge) = started(&kubo);
	// Half requests that hold their connections, as many as are served at a time.
	let held: Vec<_> = (0..64).map(|_| half_a_request(&bridge)).collect();
	for nonsense in [
		&b"\0\0\0\0\r\n\r\n"[..],
		b"GET / HTTP/9.9\r\n\r\n",
		b"POST /jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
	] {
		bridge.send(nonsense);
	}
	bridge.send(&[&b"GET /"[..], &[b'a'; 100_000], b" HTTP/1.1\r\n\r\n"].concat());
	assert_eq!(bridge.order(&pin(dag.root(), SIZE))["state"], "done");
	drop(held);
	is_well(bridge);
}

fn half_a_request(bridge: &Bridge) -> TcpStream {
	let mut stream = TcpStream::connect(bridge.address()).unwrap();
	stream.write_all(b"GET /health HTTP/1.1\r\nHo").unwrap();
	stream
}
