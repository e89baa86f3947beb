//! CIDs that are computed while the bytes go by are those that Kubo gives, and the blocks those that the
//! chain's verifier takes.

mod common;

use common::content;
use proptest::prelude::*;
use rwa_documents::{Dag, DagBuilder};
use rwa_primitives::ipfs::{Cid, Codec, Expected, Layout};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

fn sha256(bytes: &[u8]) -> [u8; 32] {
	Sha256::digest(bytes).into()
}

fn build(bytes: &[u8], layout: Layout, step: usize) -> Dag {
	let mut builder = DagBuilder::new(layout);
	for bytes in bytes.chunks(step) {
		builder.push(bytes);
	}
	builder.finish()
}

/// Goes from the root to all leaves with the chain's own checks, and gives the file that is there.
fn walk(dag: &Dag, layout: &Layout, blocks: &BTreeMap<Cid, Vec<u8>>) -> Vec<u8> {
	let mut file = Vec::new();
	let mut rest = vec![Expected::root(dag.cid, dag.size, layout)];
	while let Some(expected) = rest.pop() {
		let block = &blocks[&expected.cid];
		let below = expected.check(block, sha256).unwrap();
		if expected.cid.codec == Codec::Raw {
			file.extend(block);
		}
		rest.extend(below.into_iter().rev());
	}
	file
}

#[test]
fn cids_should_be_those_that_kubo_gives() {
	let vectors = include_str!("../../primitives/tests/vectors/ipfs/kubo.json");
	let vectors = serde_json::from_str::<Value>(vectors).unwrap();
	let files = vectors["files"].as_array().unwrap();
	assert_eq!(files.len(), 29);
	for file in files {
		let number = |name: &str| file[name].as_u64().unwrap();
		let small = |name: &str| u32::try_from(number(name)).unwrap();
		let layout = Layout::new(small("chunk"), small("links")).unwrap();
		let bytes = content(usize::try_from(number("size")).unwrap());
		for step in [1_000, 4_096, 1 << 20] {
			let dag = build(&bytes, layout, step);
			assert_eq!(dag.cid.to_string(), file["root"].as_str().unwrap(), "{file}, {step}");
			assert_eq!(dag.size, number("size"));
		}
	}
}

#[test]
fn the_size_of_all_blocks_should_be_that_of_what_is_stored() {
	// One node above two leaves: tag and length; for each link 2 + 38 + 2 + 3 or 2 bytes; the data.
	let dag = build(&content(4_097), Layout::DOCUMENT, 4_097);
	let node = (2 + 38 + 2 + 3) + (2 + 38 + 2 + 2) + 2 + (2 + 3 + 3 + 2);
	assert_eq!(dag.total, 4_097 + node);
	assert_eq!(build(&[], Layout::DOCUMENT, 1).total, 0);
	assert_eq!(build(&[1; 4_096], Layout::DOCUMENT, 1).total, 4_096);
}

#[test]
fn memory_should_not_grow_with_the_file() {
	// 33 full nodes of leaves: one node of the height above, and one that waits. What waits is shown.
	let mut builder = DagBuilder::new(Layout::DOCUMENT);
	for _ in 0..33 * 32 {
		builder.push(&[7; 4_096]);
	}
	let waiting = format!("{builder:?}").matches("cid:").count();
	assert_eq!(waiting, 2);
	builder.push(&[7; 4_096 * 31 + 4_095]);
	assert_eq!(format!("{builder:?}").matches("cid:").count(), 2 + 31);
}

#[test]
fn fingerprints_should_be_of_all_bytes_and_nothing_else() {
	let fingerprint = |bytes: &[u8], step: usize| {
		let mut builder = DagBuilder::new(Layout::DOCUMENT);
		bytes.chunks(step).for_each(|bytes| builder.push(bytes));
		builder.fingerprint()
	};
	let bytes = content(4_096 * 70 + 5);
	let expected = fingerprint(&bytes, 1 << 20);
	assert_eq!(fingerprint(&bytes, 999), expected);
	for at in [0, 4_096 * 33, 4_096 * 69, 4_096 * 70 + 4] {
		let mut other = bytes.clone();
		other[at] ^= 1;
		assert_ne!(fingerprint(&other, 1 << 20), expected, "{at}");
	}
	assert_ne!(fingerprint(&bytes[..bytes.len() - 1], 1 << 20), expected);
	assert_ne!(fingerprint(&[], 1), fingerprint(&[0], 1));
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	#[test]
	fn any_file_should_be_found_below_its_root(
		chunk in 1u32..70,
		links in 2u32..6,
		size in 0usize..2_000,
		step in 1usize..300,
	) {
		let layout = Layout::new(chunk, links).unwrap();
		let bytes = content(size);
		let mut blocks = BTreeMap::new();
		let mut total = 0;
		let mut builder = DagBuilder::new(layout);
		let mut emit = |cid, block: &[u8]| {
			total += block.len() as u64;
			blocks.insert(cid, block.to_vec());
		};
		for bytes in bytes.chunks(step) {
			builder.push_with(bytes, &mut emit);
		}
		let dag = builder.finish_with(&mut emit);
		prop_assert_eq!(dag, build(&bytes, layout, usize::MAX));
		prop_assert_eq!(dag.total, total);
		prop_assert_eq!(walk(&dag, &layout, &blocks), bytes);
	}
}
