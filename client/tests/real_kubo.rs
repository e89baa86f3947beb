//! A document at a real Kubo, from publishing to a repair.

mod common;

use common::{content, journal, real};
use rwa_client::documents::{fetch, publish, repair, Kubo, Published};
use rwa_documents::{DagBuilder, Replica};
use rwa_primitives::ipfs::{dag_pb, verify, Cid, Layout};
use sha2::{Digest, Sha256};
use std::{
	fs::File,
	io::{BufWriter, Write},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_real_kubo_should_keep_give_and_get_back_what_was_published() {
	let Some(program) = real::program() else { return };
	let folder = tempfile::tempdir().unwrap();
	let node = real::RealKubo::start(&program, folder.path().join("kubo"));
	let kubo = Kubo::new(&node.url(), None).unwrap();
	// One leaf, one node, two heights of nodes, and more than a part.
	for (count, size) in [0, 5, 5_000, 300_000, 9 << 20].into_iter().enumerate() {
		let document = content(size);
		let journal = journal(folder.path(), &format!("{count}"));
		let keys = journal.keys().clone();
		let published = publish(&kubo, journal, document.as_slice()).await.unwrap();
		let Published { document: id, size } = published;
		assert!(id.cids().iter().all(|cid| node.is_pinned(&cid.to_string())));

		let [first, _, third] = Replica::ALL;
		node.forget(&id.cid(first).to_string());
		let mut plain = Vec::new();
		let fetched = fetch(&kubo, &id, size, &keys.reading, &mut plain).await.unwrap();
		assert!(plain == document);
		assert_ne!(fetched.replica, first);
		repair(&kubo, &id, size, &keys.reading.root, third, first).await.unwrap();
		assert!(node.is_pinned(&id.cid(first).to_string()));
	}
}

/// The blocks on the way from the root to a leaf, as Kubo has them.
fn proof(kubo: &real::RealKubo, root: Cid, size: u64, leaf: u64) -> Vec<Vec<u8>> {
	let mut cid = root;
	let mut blocks = Vec::new();
	for index in Layout::DOCUMENT.path(size, leaf).unwrap() {
		let node = kubo.block(&cid.to_string());
		cid = dag_pb::decode(&node).unwrap().links[index as usize].cid;
		blocks.push(node);
	}
	blocks.push(kubo.block(&cid.to_string()));
	blocks
}

#[test]
fn files_of_a_byte_to_a_gibibyte_should_be_to_kubo_what_they_are_to_the_verifier() {
	let Some(program) = real::program() else { return };
	let folder = tempfile::tempdir().unwrap();
	let kubo = real::RealKubo::start(&program, folder.path().join("kubo"));
	let sha256 = |bytes: &[u8]| Sha256::digest(bytes).into();
	// Around one leaf, and around what fills one, two and three heights of nodes; then the largest.
	let full = [1u64, 32, 1_024, 32_768].map(|leaves| leaves * 4_096);
	let around = full.into_iter().flat_map(|size| [size - 1, size, size + 1]);
	for size in [1].into_iter().chain(around).chain([1 << 30]) {
		let path = folder.path().join("file");
		let mut file = BufWriter::new(File::create(&path).unwrap());
		let mut builder = DagBuilder::new(Layout::DOCUMENT);
		let mut left = size as usize;
		for number in 0u64.. {
			// No two leaves are alike.
			let piece = number.to_le_bytes().repeat(512);
			let piece = &piece[..left.min(piece.len())];
			file.write_all(piece).unwrap();
			builder.push(piece);
			left -= piece.len();
			if left == 0 {
				break;
			}
		}
		file.into_inner().unwrap().sync_all().unwrap();
		let root = builder.finish().cid;
		assert_eq!(kubo.add(&path), root.to_string(), "{size}");
		let leaves = Layout::DOCUMENT.leaves(size).get();
		for leaf in [0, leaves / 3, leaves - 1] {
			let mut blocks = proof(&kubo, root, size, leaf);
			let layout = &Layout::DOCUMENT;
			assert_eq!(verify(&root, size, layout, leaf, &blocks, sha256), Ok(()), "{size}");
			let bytes: usize = blocks.iter().map(Vec::len).sum();
			assert!(bytes as u64 <= layout.max_proof(size), "{size}: {bytes}");
			blocks.last_mut().unwrap()[0] ^= 1;
			assert!(verify(&root, size, layout, leaf, &blocks, sha256).is_err(), "{size}");
		}
		kubo.forget(&root.to_string());
	}
}
