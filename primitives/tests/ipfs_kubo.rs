//! What Kubo makes of files, and what is made of them here, is the same. The files are described in
//! `vectors/ipfs/README.md`.

mod ipfs_dag;

use ipfs_dag::{content, sha256, Dag};
use rwa_primitives::ipfs::{verify, Cid, Layout};
use serde_json::Value;

fn vectors() -> Value {
	serde_json::from_str(include_str!("vectors/ipfs/kubo.json")).unwrap()
}

/// A file as it was added, with the CID that Kubo gave it.
fn file(entry: &Value) -> (Layout, u64, Cid) {
	let number = |name: &str| entry[name].as_u64().unwrap();
	let small = |name: &str| u32::try_from(number(name)).unwrap();
	let layout = Layout::new(small("chunk"), small("links")).unwrap();
	(layout, number("size"), entry["root"].as_str().unwrap().parse().unwrap())
}

fn unhex(text: &str) -> Vec<u8> {
	let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
	(0..text.len()).step_by(2).map(byte).collect()
}

#[test]
fn files_have_the_cids_that_kubo_gives_them() {
	let vectors = vectors();
	let files = vectors["files"].as_array().unwrap();
	assert_eq!(files.len(), 29);
	for entry in files {
		let (layout, size, root) = file(entry);
		let dag = Dag::of(&content(size), layout);
		assert_eq!(dag.root(), root, "{dag:?}");
		// So every proof of ours is one of Kubo's blocks.
		for leaf in [0, dag.leaves() / 2, dag.leaves() - 1] {
			assert_eq!(verify(&root, size, &layout, leaf, &dag.proof(leaf), sha256), Ok(()));
		}
	}
}

#[test]
fn kubos_own_blocks_are_proofs() {
	let vectors = vectors();
	let proofs = vectors["proofs"].as_array().unwrap();
	assert_eq!(proofs.len(), 10);
	for entry in proofs {
		let (layout, size, root) = file(entry);
		let leaf = entry["leaf"].as_u64().unwrap();
		let blocks = entry["blocks"].as_array().unwrap();
		let blocks = blocks.iter().map(|b| unhex(b.as_str().unwrap())).collect::<Vec<_>>();
		assert_eq!(verify(&root, size, &layout, leaf, &blocks, sha256), Ok(()), "{leaf} of {size}");
		assert_eq!(blocks, Dag::of(&content(size), layout).proof(leaf));
	}
}
