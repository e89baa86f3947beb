//! Blocks of a file: whatever is read can be written in no other way.
//!
//! Input: a block of dag-pb, or a message of UnixFS.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rwa_primitives::ipfs::{
	dag_pb::{self, MAX_LINKS, MAX_NODE},
	unixfs,
};

/// Writes what is read here, and was made for tests of the same.
#[path = "../../primitives/tests/ipfs_dag/mod.rs"]
mod ipfs_dag;
use ipfs_dag::{Link, Node};

fuzz_target!(|input: &[u8]| {
	describe(input);
	let Ok(node) = dag_pb::decode(input) else { return };
	assert!(input.len() <= MAX_NODE as usize && node.links.len() <= MAX_LINKS as usize);
	let links: Vec<Link> = node
		.links
		.iter()
		.map(|link| Link { cid: link.cid.to_bytes().into(), name: vec![], total: link.total })
		.collect();
	assert_eq!(ipfs_dag::dag_pb(&links, node.data), input);
	describe(node.data);
});

fn describe(data: &[u8]) {
	let Ok(file) = unixfs::decode(data) else { return };
	let sum = file.shares.iter().map(|share| u128::from(*share)).sum::<u128>();
	assert_eq!(sum, file.size.into());
	assert!(file.shares.len() <= MAX_LINKS as usize);
	let written = Node { links: vec![], kind: 2, size: file.size, shares: file.shares };
	assert_eq!(written.unixfs(), data);
}
