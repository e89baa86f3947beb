//! Orders to the real program, at a Kubo that is as it should be, most of the time.

mod common;

use common::{
	bridge::{check, parsed, pin, program, proof, proven, settings, unpin, Bridge, TOKEN},
	fake::Fake,
	file,
	ipfs_dag::sha256,
	until,
};
use rustix::process::Signal;
use rwa_primitives::ipfs::{verify, Layout};
use serde_json::json;
use std::{fs, path::Path};

/// Three rows of blocks.
const SIZE: u64 = 300_000;

fn started() -> (tempfile::TempDir, Fake, Bridge) {
	let folder = tempfile::tempdir().unwrap();
	let kubo = Fake::honest();
	let bridge = Bridge::start(folder.path(), &settings(&kubo.url()));
	(folder, kubo, bridge)
}

#[test]
fn what_is_pinned_should_be_whole_and_provable() {
	let (_folder, kubo, bridge) = started();
	for size in [1, 4_096, 4_097, SIZE] {
		let dag = file(size);
		kubo.offer(&dag);
		let job = bridge.order(&pin(dag.root(), size));
		assert_eq!(job["state"], "done", "{job}");
		assert_eq!(job["result"]["bytes"], dag.total());
		for leaf in [0, dag.leaves() / 2, dag.leaves() - 1] {
			let blocks = proven(&bridge.order(&proof(dag.root(), leaf)));
			assert_eq!(blocks, dag.proof(leaf));
			let layout = Layout::DOCUMENT;
			assert_eq!(verify(&dag.root(), size, &layout, leaf, &blocks, sha256), Ok(()));
		}
		assert_eq!(bridge.order(&check(dag.root()))["state"], "done");
		assert_eq!(kubo.state().pins[&dag.root().to_string()], "rwa-bridge");
		assert!(bridge.get(&format!("/pins/{}", dag.root()))["held"].is_u64());
	}
}

#[test]
fn the_same_order_should_be_one_job() {
	let (_folder, kubo, bridge) = started();
	let dag = file(SIZE);
	kubo.offer(&dag);
	let order = pin(dag.root(), SIZE);
	let first = bridge.post(&order).1;
	let second = bridge.post(&order).1;
	assert_eq!(first["number"], second["number"]);
	let done = bridge.over(first["id"].as_str().unwrap());
	let (status, third) = bridge.post(&order);
	assert_eq!((status, &third["number"]), (200, &done["number"]));
	assert_eq!(kubo.count("/api/v0/pin/add"), 1);
	let (status, other) = bridge.post(&pin(dag.root(), SIZE - 1));
	assert_eq!((status, &other["error"]["code"]), (409, &json!("other_size")), "{other}");
}

#[test]
fn what_is_unpinned_should_leave_the_disk() {
	let (_folder, kubo, bridge) = started();
	let dag = file(SIZE);
	kubo.offer(&dag);
	bridge.order(&pin(dag.root(), SIZE));
	bridge.order(&proof(dag.root(), 0));
	assert!(!kubo.state().disk.is_empty());
	assert_eq!(bridge.order(&unpin(dag.root()))["state"], "done");
	assert!(kubo.state().pins.is_empty());
	until("the disk is free", || kubo.state().disk.is_empty().then_some(()));
	// Orders that need the file are gone with it.
	assert_eq!(bridge.ask("GET", &format!("/jobs/proof-{}-0", dag.root()), "").0, 404);
	let (status, answer) = bridge.post(&proof(dag.root(), 0));
	assert_eq!((status, &answer["error"]["code"]), (409, &json!("unknown_pin")));
	// Once more is no harm.
	let id = format!("unpin-{}", dag.root());
	assert_eq!(bridge.ask("DELETE", &format!("/jobs/{id}"), "").0, 200);
	assert_eq!(bridge.order(&unpin(dag.root()))["state"], "done");
}

#[test]
fn whatever_stops_it_should_lose_no_order() {
	let folder = tempfile::tempdir().unwrap();
	let (url, kubo) = Fake::later();
	let dag = file(SIZE);
	let settings = settings(&url);
	let bridge = Bridge::start(folder.path(), &settings);
	let id = bridge.post(&pin(dag.root(), SIZE)).1["id"].as_str().unwrap().to_string();
	let job = bridge.await_error(&id, "unreachable");
	assert!(job["error"]["text"].as_str().unwrap().contains(&url), "{job}");
	assert_eq!(bridge.ask("GET", "/health", "").0, 503);
	bridge.stop(Signal::KILL);

	// Nor does a Kubo that comes late.
	let bridge = Bridge::start(folder.path(), &settings);
	let kubo = kubo();
	kubo.offer(&dag);
	assert_eq!(bridge.over(&id)["state"], "done");
	until("it is well", || (bridge.ask("GET", "/health", "").0 == 200).then_some(()));
	let (status, log) = bridge.stop(Signal::TERM);
	assert!(status.success(), "{log}");

	let bridge = Bridge::start(folder.path(), &settings);
	assert_eq!(bridge.get(&format!("/jobs/{id}"))["state"], "done");
	assert_eq!(kubo.count("/api/v0/pin/add"), 1);
}

#[test]
fn what_is_unexpectedly_unpinned_should_be_pinned_again() {
	let (_folder, kubo, bridge) = started();
	let dag = file(SIZE);
	kubo.offer(&dag);
	let cid = dag.root().to_string();
	bridge.order(&pin(&cid, SIZE));
	kubo.state().pins.clear();
	kubo.state().disk.clear();
	until("it is pinned again", || kubo.state().pins.contains_key(&cid).then_some(()));
	until("it is held again", || {
		let pin = bridge.get(&format!("/pins/{cid}"));
		(pin["losses"] == 1 && pin["held"].is_u64()).then_some(())
	});
	assert!(bridge.log().contains("was unpinned, and not by an order"), "{}", bridge.log());
}

#[test]
fn a_hole_that_a_proof_finds_should_be_mended() {
	let (_folder, kubo, bridge) = started();
	let dag = file(SIZE);
	kubo.offer(&dag);
	bridge.order(&pin(dag.root(), SIZE));
	let hole = common::name(dag.proof(7).last().unwrap(), true);
	kubo.state().disk.remove(&hole).unwrap();
	let job = bridge.order(&proof(dag.root(), 7));
	assert_eq!((&job["state"], &job["error"]["code"]), (&json!("failed"), &json!("missing_block")));
	// The pin was there all the time, so pinning alone would fetch nothing.
	until("the block is back", || kubo.state().disk.contains_key(&hole).then_some(()));
	bridge.over(&format!("pin-{}", dag.root()));
	let id = format!("proof-{}-7", dag.root());
	assert_eq!(bridge.ask("DELETE", &format!("/jobs/{id}"), "").0, 200);
	assert_eq!(proven(&bridge.order(&proof(dag.root(), 7))), dag.proof(7));
}

#[test]
fn other_peoples_pins_should_stay() {
	let (_folder, kubo, bridge) = started();
	let dag = file(SIZE);
	let cid = dag.root().to_string();
	kubo.state().pins.insert(cid.clone(), "mine".into());
	let job = bridge.order(&unpin(&cid));
	assert_eq!((&job["state"], &job["error"]["code"]), (&json!("failed"), &json!("foreign_pin")));
	assert_eq!(kubo.state().pins[&cid], "mine");
}

#[test]
fn reconciling_should_list_what_differs_and_remove_nothing() {
	let (_folder, kubo, bridge) = started();
	let [one, two, three] = [1_000, 2_000, 3_000].map(file);
	for dag in [&one, &two] {
		kubo.offer(dag);
		bridge.order(&pin(dag.root(), dag.size));
	}
	let orphan = three.root().to_string();
	kubo.state().pins.insert(orphan.clone(), "rwa-bridge".into());
	kubo.state().pins.insert(file(4_000).root().to_string(), "not-rwa-bridge-at-all".into());
	let listed = json!({ "wanted": [
		{ "cid": one.root().to_string(), "size": 999 },
		{ "cid": orphan, "size": 3_000 },
	]});
	let found = until("an audit finds the orphan", || {
		let (status, found) = bridge.ask("POST", "/reconcile", &listed.to_string());
		assert_eq!(status, 200, "{found}");
		let orphans = &found["audit"]["differences"]["orphans"];
		orphans.as_array().is_some_and(|list| !list.is_empty()).then_some(found)
	});
	assert_eq!(found["audit"]["differences"]["orphans"], json!([orphan]));
	assert_eq!(found["listed"]["missing"], json!([orphan]));
	assert_eq!(found["listed"]["stray"], json!([two.root().to_string()]));
	assert_eq!(found["listed"]["other_size"], json!([one.root().to_string()]));
	assert!(kubo.state().pins.contains_key(&orphan));
	// An order removes it.
	assert_eq!(bridge.order(&unpin(&orphan))["state"], "done");
	assert!(!kubo.state().pins.contains_key(&orphan));
}

#[test]
fn a_full_disk_should_stop_pins_and_nothing_else() {
	let (_folder, kubo, bridge) = started();
	let (kept, large) = (file(10_000), file(SIZE));
	kubo.offer(&kept);
	bridge.order(&pin(kept.root(), kept.size));
	kubo.state().network.clear();
	kubo.offer(&large);
	kubo.state().most = 200_000;
	let id = bridge.post(&pin(large.root(), SIZE)).1["id"].as_str().unwrap().to_string();
	bridge.await_error(&id, "disk_full");
	assert!(kubo.count("/api/v0/repo/gc") > 0);
	// Of the large one its root, to see what it is.
	assert_eq!(
		kubo.state().disk.keys().filter(|cid| !common::blocks(&kept).contains_key(*cid)).count(),
		1
	);
	assert_eq!(proven(&bridge.order(&proof(kept.root(), 0))), kept.proof(0));
	kubo.state().most = 1_000_000;
	assert_eq!(bridge.over(&id)["state"], "done");
}

#[test]
fn an_order_that_cannot_be_right_should_be_refused_at_once() {
	let (_folder, kubo, bridge) = started();
	let dag = file(SIZE);
	kubo.offer(&dag);
	bridge.order(&pin(dag.root(), SIZE));
	for (task, status, code) in [
		(pin(file(4_096).root(), SIZE), 422, "wrong_codec"),
		(pin(dag.root(), 4_096), 422, "wrong_codec"),
		(pin(dag.root(), 1 << 40), 422, "too_large"),
		(proof(dag.root(), dag.leaves()), 422, "no_such_leaf"),
		(proof(file(5_000).root(), 0), 409, "unknown_pin"),
		(check(file(5_000).root()), 409, "unknown_pin"),
		(pin("QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG", 1), 400, "malformed"),
		(json!({ "kind": "pin" }), 400, "malformed"),
		(json!([]), 400, "malformed"),
	] {
		let (found, answer) = bridge.post(&task);
		assert_eq!((found, &answer["error"]["code"]), (status, &json!(code)), "{task} {answer}");
		assert!(!answer["error"]["text"].as_str().unwrap().is_empty());
	}
}

#[test]
fn nobody_should_order_without_the_token() {
	let (_folder, kubo, bridge) = started();
	let order = pin(file(1).root(), 1).to_string();
	for token in ["", "Authorization: Bearer wrong\r\n", "Authorization: Basic YTpi\r\n"] {
		let request = format!(
			"POST /jobs HTTP/1.1\r\nHost: x\r\n{token}Content-Length: {}\r\n\r\n{order}",
			order.len()
		);
		let (status, answer) = parsed(&bridge.send(request.as_bytes()));
		assert_eq!((status, &answer["error"]["code"]), (401, &json!("no_token")));
		for path in ["/jobs", "/pins", "/jobs/collect", "/nothing"] {
			let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n{token}\r\n");
			assert_eq!(parsed(&bridge.send(request.as_bytes())).0, 401, "{path}");
		}
	}
	assert_eq!(kubo.count("/api/v0/pin/add"), 0);
	assert!(bridge.get("/jobs")["jobs"].as_array().unwrap().is_empty());
	// Monitors need none, and learn no CID.
	let health = bridge.send(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
	assert!(health.contains("\"storage\""), "{health}");
	let metrics = bridge.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
	assert!(metrics.contains("\nrwa_bridge_pins 0\n"), "{metrics}");
	assert!(!bridge.log().contains(TOKEN));
}

#[test]
fn pages_should_say_what_they_take() {
	let (_folder, _kubo, bridge) = started();
	assert_eq!(bridge.ask("PUT", "/jobs", "").0, 405);
	assert_eq!(bridge.ask("POST", "/pins", "").0, 405);
	assert_eq!(bridge.ask("GET", "/reconcile", "").0, 405);
	assert_eq!(bridge.ask("GET", "/nothing", "").0, 404);
	assert_eq!(bridge.ask("GET", "/jobs/pin-x", "").0, 404);
	assert_eq!(bridge.ask("DELETE", "/jobs/pin-x", "").0, 404);
	assert_eq!(bridge.ask("GET", "/pins/x", "").0, 400);
	assert_eq!(bridge.ask("GET", "/pins?after=x", "").0, 400);
	let (status, answer) = bridge.ask("POST", "/jobs", &" ".repeat(5_000));
	assert_eq!((status, &answer["error"]["code"]), (413, &json!("too_large")));
	assert_eq!(bridge.ask("POST", "/reconcile", &"x".repeat(5_000)).0, 400);
}

#[test]
fn an_order_should_be_withdrawn_while_it_is_carried_out() {
	let folder = tempfile::tempdir().unwrap();
	// It says every now and then that it is at it, and never ends.
	let kubo = Fake::hostile(|call, stream| {
		use std::io::Write;
		(call.path == "/api/v0/pin/add").then(|| {
			common::fake::begin(stream);
			for progress in 1.. {
				let line = format!("{{\"Progress\":{progress}}}\n");
				if stream.write_all(line.as_bytes()).is_err() {
					return;
				}
				std::thread::sleep(std::time::Duration::from_millis(500));
			}
		})
	});
	let dag = file(SIZE);
	kubo.offer(&dag);
	let bridge = Bridge::start(folder.path(), &settings(&kubo.url()));
	bridge.post(&pin(dag.root(), SIZE));
	until("it pins", || (kubo.count("/api/v0/pin/add") > 0).then_some(()));
	assert_eq!(bridge.order(&unpin(dag.root()))["state"], "done");
	assert_eq!(bridge.ask("GET", &format!("/jobs/pin-{}", dag.root()), "").0, 404);
	assert_eq!(bridge.ask("GET", &format!("/pins/{}", dag.root()), "").0, 404);
}

#[test]
fn a_folder_should_have_one_bridge() {
	let (folder, _kubo, _bridge) = started();
	let config = folder.path().join("bridge.toml");
	let output = program().arg("--config").arg(config).output().unwrap();
	let error = String::from_utf8(output.stderr).unwrap();
	assert!(!output.status.success());
	assert!(error.contains("another bridge uses this folder"), "{error}");
}

#[test]
fn a_damaged_file_should_be_named() {
	let folder = tempfile::tempdir().unwrap();
	fs::create_dir(folder.path().join("data")).unwrap();
	fs::write(folder.path().join("data/queue.redb"), "not a database".repeat(1_000)).unwrap();
	let config = folder.path().join("bridge.toml");
	fs::write(&config, settings("http://127.0.0.1:1")).unwrap();
	let output = program().arg("--config").arg(config).output().unwrap();
	let error = String::from_utf8(output.stderr).unwrap();
	assert!(!output.status.success());
	assert!(error.contains("queue.redb: "), "{error}");
}

#[test]
fn the_example_should_be_right() {
	let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
	let folder = tempfile::tempdir().unwrap();
	fs::create_dir(folder.path().join("secrets")).unwrap();
	fs::copy(example.join("secrets/token"), folder.path().join("secrets/token")).unwrap();
	let kubo = Fake::honest();
	let text = fs::read_to_string(example.join("bridge.toml")).unwrap();
	assert!(text.contains("\nurl = \"http://127.0.0.1:5001\"\n"));
	let text = text.replace("http://127.0.0.1:5001", &kubo.url());
	let config = folder.path().join("bridge.toml");
	fs::write(&config, text).unwrap();
	let output = program().arg("--config").arg(&config).arg("--check").output().unwrap();
	assert!(output.status.success(), "{output:?}");
	kubo.state().version = "0.42.0".into();
	let output = program().arg("--config").arg(&config).arg("--check").output().unwrap();
	let error = String::from_utf8(output.stderr).unwrap();
	assert!(!output.status.success());
	assert!(error.contains("is version 0.42.0; 0.43 or newer of 0 is needed"), "{error}");
}
