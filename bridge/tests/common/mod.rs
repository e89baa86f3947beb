//! What the tests of the bridge share.

// Each test file is a program of its own and uses a part of this.
#![allow(dead_code)]

pub(crate) mod bridge;
pub(crate) mod fake;
#[path = "../../../primitives/tests/ipfs_dag/mod.rs"]
pub(crate) mod ipfs_dag;
pub(crate) mod kubo;

use ipfs_dag::{content, Dag};
use rwa_primitives::ipfs::{Cid, Layout};
use std::{
	collections::BTreeMap,
	time::{Duration, Instant},
};

/// Longest that anything here takes, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits until `look` finds something.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
	let began = Instant::now();
	loop {
		if let Some(found) = look() {
			return found;
		}
		assert!(began.elapsed() < PATIENCE, "never happened: {what}");
		std::thread::sleep(Duration::from_millis(20));
	}
}

/// A document's file of so many bytes.
pub(crate) fn file(size: u64) -> Dag {
	Dag::of(&content(size), Layout::DOCUMENT)
}

/// All blocks of a file.
pub(crate) fn blocks(dag: &Dag) -> BTreeMap<String, Vec<u8>> {
	let proofs = (0..dag.leaves()).flat_map(|leaf| {
		let blocks = dag.proof(leaf);
		let last = blocks.len() - 1;
		blocks
			.into_iter()
			.enumerate()
			.map(move |(place, block)| (name(&block, place == last), block))
	});
	proofs.collect()
}

/// The CID of a block.
pub(crate) fn name(block: &[u8], is_leaf: bool) -> String {
	use rwa_primitives::ipfs::Codec;
	let codec = if is_leaf { Codec::Raw } else { Codec::DagPb };
	Cid::new(codec, ipfs_dag::sha256(block)).to_string()
}
