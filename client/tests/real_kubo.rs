//! A document at a real Kubo, from publishing to a repair.

mod common;

use common::{content, journal, real};
use rwa_client::documents::{fetch, publish, repair, Kubo, Published};
use rwa_documents::Replica;

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
