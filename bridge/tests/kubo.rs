//! On real Kubos, where there are any: one of a publisher, and one of a storage node with its bridge.

mod common;

use common::{
	bridge::{check, pin, proof, proven, settings, unpin, Bridge},
	ipfs_dag::{content, sha256, Link, Node},
	kubo::{tool, RealKubo},
	until,
};
use rwa_primitives::ipfs::{verify, Cid, Layout};
use serde_json::json;
use std::path::Path;

struct Net {
	publisher: RealKubo,
	holder: RealKubo,
	bridge: Option<Bridge>,
	folder: tempfile::TempDir,
}

impl Net {
	/// `None`: there is no Kubo here.
	fn start() -> Option<Self> {
		Self::with_store("10GB")
	}

	fn with_store(most: &str) -> Option<Self> {
		let program = tool("ipfs")?;
		let folder = tempfile::tempdir().unwrap();
		let kubo = |name: &str, most: &str| {
			let settings = [("Datastore.StorageMax", json!(most))];
			RealKubo::start(&program, folder.path().join(name), &settings)
		};
		let (publisher, holder) = (kubo("publisher", "10GB"), kubo("holder", most));
		holder.connect(&publisher);
		let bridge = Some(started(folder.path(), &holder));
		Some(Self { publisher, holder, bridge, folder })
	}

	fn bridge(&self) -> &Bridge {
		self.bridge.as_ref().unwrap()
	}
}

fn started(folder: &Path, kubo: &RealKubo) -> Bridge {
	Bridge::start(folder, &settings(&kubo.url()))
}

#[test]
fn files_that_kubo_made_should_be_pinned_proven_and_collected() {
	let Some(net) = Net::start() else { return };
	let mut cids = Vec::new();
	for size in [1, 4_096, 4_097, 131_073, 1 << 20, 5 << 20] {
		let text = net.publisher.add(&content(size));
		let cid: Cid = text.parse().unwrap();
		let job = net.bridge().order(&pin(&text, size));
		assert_eq!(job["state"], "done", "{size}: {job}");
		assert_eq!(net.bridge().order(&check(&text))["state"], "done");
		let leaves = Layout::DOCUMENT.leaves(size).get();
		for leaf in [0, leaves / 2, leaves - 1] {
			let blocks = proven(&net.bridge().order(&proof(&text, leaf)));
			assert_eq!(verify(&cid, size, &Layout::DOCUMENT, leaf, &blocks, sha256), Ok(()));
		}
		cids.push(text);
	}
	let pins = net.holder.pins();
	assert_eq!(pins.matches("rwa-bridge").count(), cids.len(), "{pins}");
	for cid in &cids {
		assert_eq!(net.bridge().order(&unpin(cid))["state"], "done");
	}
	for cid in &cids {
		until("the disk is free", || (!net.holder.has(cid)).then_some(()));
	}
	assert_eq!(net.holder.pins(), "");
}

#[test]
fn neither_end_should_lose_anything_by_being_killed() {
	let Some(mut net) = Net::start() else { return };
	let size = 3 << 20;
	let one = net.publisher.add(&content(size));
	assert_eq!(net.bridge().order(&pin(&one, size))["state"], "done");

	net.holder.kill();
	let two = net.publisher.add(&content(size - 1));
	let id = net.bridge().post(&pin(&two, size - 1)).1["id"].as_str().unwrap().to_string();
	net.bridge().await_error(&id, "unreachable");
	net.bridge.take().unwrap().stop(rustix::process::Signal::KILL);
	net.holder.begin();
	net.holder.connect(&net.publisher);
	net.bridge = Some(started(net.folder.path(), &net.holder));
	assert_eq!(net.bridge().over(&id)["state"], "done");
	assert_eq!(net.bridge().order(&check(&one))["state"], "done");
	assert_eq!(proven(&net.bridge().order(&proof(&one, 5))).len(), 3);
}

#[test]
fn what_is_lost_should_be_got_again() {
	let Some(mut net) = Net::start() else { return };
	let size = 200_000;
	let cid = net.publisher.add(&content(size));
	net.bridge().order(&pin(&cid, size));

	// Somebody unpins it by hand.
	net.holder.run(&["pin", "rm", &cid]);
	until("it is pinned again", || {
		let pin = net.bridge().get(&format!("/pins/{cid}"));
		(pin["losses"] == 1 && pin["held"].is_u64()).then_some(())
	});
	assert!(net.holder.pins().contains("rwa-bridge"));

	// A block goes, and the pin stays.
	net.holder.kill();
	let leaf = content(size)[3 * 4_096..4 * 4_096].to_vec();
	net.holder.lose(&leaf);
	net.holder.begin();
	net.holder.connect(&net.publisher);
	let job = net.bridge().order(&proof(&cid, 3));
	assert_eq!(job["error"]["code"], "missing_block", "{job}");
	until("it is whole again", || {
		let pin = net.bridge().get(&format!("/pins/{cid}"));
		(pin["losses"] == 2 && pin["held"].is_u64()).then_some(())
	});
	assert!(net.holder.has(&common::name(&leaf, true)));
}

#[test]
fn the_operators_own_pins_should_stay() {
	let Some(net) = Net::start() else { return };
	let cid = net.holder.add(&content(10_000));
	let job = net.bridge().order(&unpin(&cid));
	assert_eq!(job["error"]["code"], "foreign_pin", "{job}");
	assert!(net.holder.pins().contains(&cid));
}

#[test]
fn what_nobody_has_should_be_said_not_to_be_found() {
	let Some(net) = Net::start() else { return };
	let cid = common::file(50_000).root().to_string();
	let id = net.bridge().post(&pin(&cid, 50_000)).1["id"].as_str().unwrap().to_string();
	net.bridge().await_error(&id, "not_found_in_time");
	assert_eq!(net.publisher.add(&content(50_000)), cid);
	assert_eq!(net.bridge().over(&id)["state"], "done");
}

#[test]
fn a_store_that_is_too_small_should_be_said_to_be_full() {
	let Some(net) = Net::with_store("1MB") else { return };
	let small = net.publisher.add(&content(100_000));
	assert_eq!(net.bridge().order(&pin(&small, 100_000))["state"], "done");
	let large = net.publisher.add(&content(2 << 20));
	let id = net.bridge().post(&pin(&large, 2 << 20)).1["id"].as_str().unwrap().to_string();
	let job = net.bridge().await_error(&id, "disk_full");
	assert!(job["error"]["text"].as_str().unwrap().contains("of 1000000 bytes"), "{job}");
	assert_eq!(proven(&net.bridge().order(&proof(&small, 0))).len(), 2);
}

/// A file that says it has 5000 bytes, above five megabytes.
#[test]
fn a_dag_that_hides_another_should_be_broken_off() {
	let Some(net) = Net::start() else { return };
	let hidden: Cid = net.publisher.add(&content(5 << 20)).parse().unwrap();
	let rest: Cid = net.publisher.put(&[7; 904], "raw").parse().unwrap();
	let link = |cid: &Cid, total| Link { cid: cid.to_bytes().to_vec(), name: vec![], total };
	let root = Node {
		links: vec![link(&hidden, 4_096), link(&rest, 904)],
		kind: 2,
		size: 5_000,
		shares: vec![4_096, 904],
	};
	let root = net.publisher.put(&root.encode(), "dag-pb");
	let job = net.bridge().order(&pin(&root, 5_000));
	let code = job["error"]["code"].as_str().unwrap();
	// Whichever sees it first: the bound of the pin, or the check of a block.
	assert!(matches!(code, "size_mismatch" | "wrong_codec"), "{job}");
	assert_eq!(job["state"], "failed");
	assert_eq!(net.holder.pins(), "");
}
