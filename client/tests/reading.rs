//! Reading and repairing, through a Kubo that does as it should, and others.

mod common;

use common::{
	content,
	fake::{Cut, Fake, Mood},
	journal,
};
use rwa_client::documents::{
	fetch, publish, repair, FetchError, Published, RepairingError, ReplicaFailure,
};
use rwa_documents::{DocumentId, DocumentKeys, Replica, ReplicaRoot, SystemEntropy};
use std::time::Duration;

/// A Kubo with a document.
async fn stored(document: &[u8]) -> (Fake, Published, DocumentKeys) {
	let fake = Fake::honest().await;
	let folder = tempfile::tempdir().unwrap();
	let journal = journal(folder.path(), "j");
	let keys = journal.keys().clone();
	let published = publish(&fake.kubo(), journal, document).await.unwrap();
	(fake, published, keys)
}

/// What was written, and how it ended.
async fn read(
	fake: &Fake,
	published: &Published,
	keys: &DocumentKeys,
) -> (Vec<u8>, Result<Replica, FetchError>) {
	let mut out = Vec::new();
	let Published { document, size } = published;
	let outcome = fetch(&fake.kubo(), document, *size, &keys.reading, &mut out).await;
	let outcome = outcome.map(|fetched| {
		assert_eq!(fetched.size, out.len() as u64);
		fetched.replica
	});
	(out, outcome)
}

#[tokio::test]
async fn a_document_should_come_back_from_any_replica() {
	for size in [0, 1, 65_456, 65_457, 300_000] {
		let document = content(size);
		let (fake, published, keys) = stored(&document).await;
		for lost in published.document.cids() {
			let (plain, outcome) = read(&fake, &published, &keys).await;
			assert!(outcome.is_ok() && plain == document, "{size}: {outcome:?}");
			fake.state().files.remove(&lost.to_string());
		}
		let (plain, outcome) = read(&fake, &published, &keys).await;
		assert!(plain.is_empty());
		let error = outcome.unwrap_err().to_string();
		assert!(error.starts_with(&format!("0 of {size} bytes came, ")), "{error}");
		assert!(error.contains("replica 2: Kubo refused: block was not found"), "{error}");
	}
}

#[tokio::test]
async fn where_a_replica_ends_the_next_should_go_on() {
	let document = content(300_000);
	let (fake, published, keys) = stored(&document).await;
	for cut in [Cut::End, Cut::Connection, Cut::Trailer, Cut::Silence] {
		fake.state().mood.cut = vec![Some((200_000, cut)), Some((140_000, cut)), None];
		let (plain, outcome) = read(&fake, &published, &keys).await;
		assert!(plain == document);
		assert_eq!(outcome.unwrap(), Replica::Third);
	}
	fake.state().mood.cut = vec![Some((400_000, Cut::Beyond)), None];
	let (plain, outcome) = read(&fake, &published, &keys).await;
	// All of it had come; that there was more showed at the end.
	assert!(plain == document);
	assert_eq!(outcome.unwrap(), Replica::Second);
}

#[tokio::test]
async fn what_is_not_all_of_it_should_be_told() {
	let document = content(300_000);
	let (fake, published, keys) = stored(&document).await;
	fake.state().mood.cut = vec![
		Some((200_000, Cut::End)),
		Some((100_000, Cut::Trailer)),
		Some((70_000, Cut::Silence)),
	];
	let (plain, outcome) = read(&fake, &published, &keys).await;
	assert!(!plain.is_empty() && document.starts_with(&plain));
	let FetchError::Incomplete { given, size, failures } = outcome.unwrap_err() else {
		panic!("not incomplete")
	};
	assert_eq!((given, size), (plain.len() as u64, 300_000));
	let said = failures.iter().map(|(_, failure)| failure.to_string()).collect::<Vec<_>>();
	assert_eq!(said[0], format!("the file has 200000 bytes and not {}", published.size));
	assert_eq!(said[1], "Kubo refused: block not found");
	assert!(said[2].starts_with("Kubo gave no answer, or no more of it, for 2 s"), "{}", said[2]);
}

#[tokio::test]
async fn a_slow_kubo_should_be_waited_for_as_long_as_something_comes() {
	let document = content(100_000);
	let (fake, published, keys) = stored(&document).await;
	fake.state().mood.slow = Some(Duration::from_millis(700));
	let (plain, outcome) = read(&fake, &published, &keys).await;
	assert!(outcome.is_ok() && plain == document);
}

#[tokio::test]
async fn a_replica_that_trickles_should_hold_up_nobody_whom_another_serves() {
	let document = content(100_000);
	let (fake, published, keys) = stored(&document).await;
	let [first, _, third] = *published.document.cids();
	fake.state().mood.trickle = Some(first.to_string());
	let (plain, outcome) = read(&fake, &published, &keys).await;
	assert!(plain == document);
	assert_eq!(outcome.unwrap(), Replica::Second);

	let Published { document: id, size } = published;
	fake.state().files.remove(&third.to_string());
	let [from, _, to] = Replica::ALL;
	let error = repair(&fake.kubo(), &id, size, &keys.reading.root, from, to).await.unwrap_err();
	assert!(error.to_string().contains("gives less than 16 KiB/s"), "{error}");

	// Slow as it is, it is better than none.
	let document = content(3_000);
	let (fake, published, keys) = stored(&document).await;
	let [first, ..] = *published.document.cids();
	fake.state().mood.trickle = Some(first.to_string());
	fake.state().files.retain(|cid, _| *cid == first.to_string());
	let (plain, outcome) = read(&fake, &published, &keys).await;
	assert!(plain == document);
	assert_eq!(outcome.unwrap(), Replica::First);
}

#[tokio::test]
async fn bytes_that_were_changed_should_never_come_out() {
	let document = content(300_000);
	let (fake, published, keys) = stored(&document).await;
	for cid in published.document.cids() {
		let mut state = fake.state();
		let file = state.files.get_mut(&cid.to_string()).unwrap();
		file[150_000] ^= 1;
	}
	let (plain, outcome) = read(&fake, &published, &keys).await;
	assert!(document.starts_with(&plain) && plain.len() < 150_000);
	let error = outcome.unwrap_err().to_string();
	assert!(error.contains("replica 0: segment 2 of the document was altered"), "{error}");
}

#[tokio::test]
async fn keys_of_another_document_should_open_nothing() {
	let (fake, published, _) = stored(&content(100)).await;
	let (plain, outcome) = read(&fake, &published, &common::keys()).await;
	assert!(plain.is_empty());
	let error = outcome.unwrap_err().to_string();
	assert!(error.contains("replica 0: not a document"), "{error}");
	let odd = Published { size: 79, ..published };
	let (_, outcome) = read(&fake, &odd, &common::keys()).await;
	assert!(matches!(outcome, Err(FetchError::Size(79))));
}

#[tokio::test]
async fn a_document_of_different_texts_should_not_be_pieced_together() {
	// The publisher seals two texts under the same keys, and registers a replica of the one and two of the other.
	let (one, other) = (content(300_000), content(300_000).into_iter().rev().collect::<Vec<_>>());
	let folder = tempfile::tempdir().unwrap();
	let fake = Fake::honest().await;
	let keys = common::keys();
	let mut published = Vec::new();
	for (name, text) in [("a", &one), ("b", &other)] {
		let journal =
			rwa_client::documents::Journal::create(&folder.path().join(name), keys.clone());
		published.push(publish(&fake.kubo(), journal.unwrap(), text.as_slice()).await.unwrap());
	}
	let [lie, _, _] = *published[0].document.cids();
	let [_, second, third] = *published[1].document.cids();
	let document = DocumentId::new([lie, second, third]).unwrap();
	let lying = Published { document, size: published[0].size };

	let (_, outcome) = read(&fake, &lying, &keys).await;
	let error = outcome.unwrap_err().to_string();
	assert!(error.contains("the publisher registered different texts as one document"), "{error}");

	// The first breaks off, so that what came of it would be followed by another text.
	fake.state().mood.cut = vec![Some((200_000, Cut::End)), None, None];
	let (plain, outcome) = read(&fake, &lying, &keys).await;
	assert!(one.starts_with(&plain) && !plain.is_empty());
	let FetchError::Incomplete { failures, .. } = outcome.unwrap_err() else {
		panic!("not incomplete")
	};
	assert_eq!(failures[1], (1, ReplicaFailure::OtherText));
	assert_eq!(failures[2], (2, ReplicaFailure::OtherText));
}

#[tokio::test]
async fn a_lost_replica_should_be_made_again_from_any_other() {
	let document = content(1_200_000);
	let (fake, published, keys) = stored(&document).await;
	let Published { document: id, size } = published;
	for from in Replica::ALL {
		for to in Replica::ALL.into_iter().filter(|to| *to != from) {
			let lost = fake.state().files.remove(&id.cid(to).to_string()).unwrap();
			let kubo = fake.kubo();
			repair(&kubo, &id, size, &keys.reading.root, from, to).await.unwrap();
			assert!(fake.state().files[&id.cid(to).to_string()] == lost);
		}
	}
}

#[tokio::test]
async fn a_repair_that_fails_should_leave_nothing_and_say_why() {
	let (fake, published, keys) = stored(&content(300_000)).await;
	let Published { document: id, size } = published;
	let [first, second, _] = Replica::ALL;
	let lost = id.cid(second).to_string();
	fake.state().files.remove(&lost);
	let kubo = fake.kubo();
	let repaired = |root: ReplicaRoot, size| {
		let kubo = &kubo;
		async move { repair(kubo, &id, size, &root, first, second).await }
	};
	let root = keys.reading.root.clone();

	let other = ReplicaRoot::generate(&mut SystemEntropy).unwrap();
	let error = repaired(other, size).await.unwrap_err();
	assert!(error.to_string().contains("the publisher's keys are not those"), "{error}");
	for wrong in [size - 1, size + 1] {
		let error = repaired(root.clone(), wrong).await.unwrap_err();
		assert!(matches!(error, RepairingError::Size { replica: 0, .. }), "{error}");
	}
	fake.state().mood.cut = vec![Some((200_000, Cut::Connection))];
	let error = repaired(root.clone(), size).await.unwrap_err().to_string();
	assert!(error.starts_with(&format!("Kubo at {} broke off", fake.url())), "{error}");
	fake.state().mood =
		Mood { refuse_after: Some((100_000, "no space left on device")), ..Mood::default() };
	let error = repaired(root.clone(), size).await.unwrap_err().to_string();
	assert!(error.contains(" has no room left: "), "{error}");
	let error = repair(&kubo, &id, size, &root, first, first).await.unwrap_err().to_string();
	assert_eq!(error, "replica 0 can't be made from itself");
	assert!(!fake.state().files.contains_key(&lost));
	assert_eq!(fake.state().files.len(), 2);
}
