//! Publishing, at a Kubo that does as it should, and at others.

mod common;

use common::{
	content,
	fake::{Fake, Mood},
	journal, keys,
};
use futures::stream;
use hyper::body::Bytes;
use rwa_client::documents::{publish, publish_stream, Journal, Kubo, PublishError};
use rwa_documents::{inner_size, Sealer, PART_BYTES};
use rwa_primitives::ipfs::Layout;
use std::{collections::BTreeMap, fs, io, time::Duration};

/// What is said of a publication that fails.
async fn refused(fake: &Fake, document: &[u8]) -> String {
	let folder = tempfile::tempdir().unwrap();
	let published = publish(&fake.kubo(), journal(folder.path(), "j"), document).await;
	published.unwrap_err().to_string()
}

#[tokio::test]
async fn a_document_should_become_the_three_replicas_that_sealing_makes() {
	let fake = Fake::honest().await;
	let folder = tempfile::tempdir().unwrap();
	for (count, size) in [0, 1, 65_456, PART_BYTES, 3 * PART_BYTES + 5].into_iter().enumerate() {
		let document = content(size);
		let journal = journal(folder.path(), &format!("{count}"));
		let keys = journal.keys().clone();
		let published = publish(&fake.kubo(), journal, document.as_slice()).await.unwrap();
		assert_eq!(Some(published.size), inner_size(size as u64));

		let mut sealer = Sealer::new(keys);
		let mut replicas = [(); 3].map(|()| Vec::new());
		let mut rest = document.as_slice();
		while !rest.is_empty() {
			if let Some(part) = sealer.push(&mut rest).unwrap() {
				for (replica, bytes) in replicas.iter_mut().zip(part.replicas) {
					replica.extend_from_slice(bytes);
				}
			}
		}
		let last = sealer.finish().unwrap();
		assert_eq!(published.document, last.document);
		for ((replica, bytes), cid) in
			replicas.iter_mut().zip(last.replicas()).zip(published.document.cids())
		{
			replica.extend_from_slice(bytes);
			assert!(fake.state().files[&cid.to_string()] == *replica, "{size}");
		}
	}
}

#[tokio::test]
async fn the_token_should_go_with_every_request() {
	let fake = Fake::honest().await;
	let folder = tempfile::tempdir().unwrap();
	let kubo = Kubo::new(&fake.url(), Some("hunter2")).unwrap();
	publish(&kubo, journal(folder.path(), "j"), &b"text"[..]).await.unwrap();
	assert_eq!(fake.state().token.as_deref(), Some("Bearer hunter2"));
}

#[tokio::test]
async fn after_an_interruption_the_same_should_come_out_and_another_text_never() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("j");
	let mut document = content(3 * PART_BYTES);
	let mood = Mood { refuse_after: Some((2 * PART_BYTES, "out of memory")), ..Mood::default() };
	let fake = Fake::moody(mood).await;
	let error = publish(&fake.kubo(), Journal::create(&path, keys()).unwrap(), document.as_slice())
		.await
		.unwrap_err();
	assert!(error.to_string().ends_with("refused: out of memory"), "{error}");
	assert!(fake.state().files.is_empty());
	assert!(fs::metadata(&path).unwrap().len() > 132);

	fake.state().mood = Mood::default();
	document[9] ^= 1;
	fake.state().added = 0;
	let error = publish(&fake.kubo(), Journal::open(&path).unwrap(), document.as_slice()).await;
	let error = error.unwrap_err().to_string();
	assert!(error.starts_with("the document has changed since its publication began"), "{error}");
	assert!(fake.state().files.is_empty());
	// The head of the form, and nothing of the document.
	assert!(fake.state().added < 1_000, "{}", fake.state().added);

	document[9] ^= 1;
	let first = publish(&fake.kubo(), Journal::open(&path).unwrap(), document.as_slice()).await;
	let again = publish(&fake.kubo(), Journal::open(&path).unwrap(), document.as_slice()).await;
	assert_eq!(first.unwrap(), again.unwrap());
	assert_eq!(fake.state().files.len(), 3);
}

#[tokio::test]
async fn a_document_that_breaks_off_should_not_be_published_nor_noted_as_ended() {
	let fake = Fake::honest().await;
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("j");
	let document = content(PART_BYTES + 70_000);
	let pieces = |end: Option<io::Error>| {
		let whole = document.chunks(50_000).map(|piece| Ok(Bytes::copy_from_slice(piece)));
		stream::iter(whole.chain(end.map(Err)).collect::<Vec<_>>())
	};
	let broken = pieces(Some(io::ErrorKind::ConnectionReset.into()));
	let error = publish_stream(&fake.kubo(), Journal::create(&path, keys()).unwrap(), broken).await;
	assert!(matches!(error, Err(PublishError::Document(_))), "{error:?}");
	assert!(fake.state().files.is_empty());
	// The keys, and one part.
	assert!(fs::metadata(&path).unwrap().len() <= 2 * 132);
	publish_stream(&fake.kubo(), Journal::open(&path).unwrap(), pieces(None)).await.unwrap();
	assert_eq!(fake.state().files.len(), 3);
}

#[tokio::test]
async fn a_publication_that_is_given_up_should_leave_nothing() {
	let fake = Fake::honest().await;
	let folder = tempfile::tempdir().unwrap();
	let first = stream::iter([Ok(Bytes::from(content(PART_BYTES + 70_000)))]);
	let endless = futures::StreamExt::chain(first, stream::pending());
	let kubo = fake.kubo();
	let publishing = publish_stream(&kubo, journal(folder.path(), "j"), endless);
	assert!(tokio::time::timeout(Duration::from_secs(1), publishing).await.is_err());
	// The thread that seals hears of it, and lets the journal go.
	let path = folder.path().join("j");
	for _ in 0..100 {
		if Journal::open(&path).is_ok() {
			assert!(fake.state().files.is_empty());
			return;
		}
		tokio::time::sleep(Duration::from_millis(20)).await;
	}
	panic!("the journal is still in use");
}

#[tokio::test]
async fn a_kubo_that_is_not_there_or_not_known_should_be_named() {
	let gone = Fake::honest().await;
	let kubo = gone.kubo();
	let url = gone.url();
	drop(gone);
	tokio::time::sleep(Duration::from_millis(50)).await;
	let folder = tempfile::tempdir().unwrap();
	let error =
		publish(&kubo, journal(folder.path(), "j"), &b""[..]).await.unwrap_err().to_string();
	assert!(error.starts_with(&format!("Kubo at {url} can't be reached: ")), "{error}");

	let mood = Mood { version: Some("0.4.23".into()), ..Mood::default() };
	let error = refused(&Fake::moody(mood).await, b"").await;
	assert!(error.contains(" is version 0.4.23; 0.34 to 0.49 are known"), "{error}");
}

#[tokio::test]
async fn answers_that_make_no_sense_should_be_refused() {
	let answers = |path, status, body: &str| Mood {
		answers: BTreeMap::from([(path, (status, body.as_bytes().to_vec()))]),
		..Mood::default()
	};
	let refusal = r#"{"Message":"write /x: no space left on device","Code":0}"#;
	for (mood, said) in [
		(answers("/api/v0/version", 200, "<html>"), "gave an answer that can't be understood"),
		(answers("/api/v0/version", 404, "nobody here"), "answered with status 404: nobody here"),
		(answers("/api/v0/version", 403, "403 - Forbidden"), "with status 403: it wants a token"),
		(answers("/api/v0/add", 500, refusal), "has no room left: write /x: no space left"),
		(answers("/api/v0/add", 200, ""), "can't be understood: it says nothing of the file"),
		(answers("/api/v0/add", 200, "{}\n{}\n"), "it says nothing of the file"),
		(answers("/api/v0/add", 200, "{\n"), "gave an answer that can't be understood"),
		(
			Mood { endless: Some("/api/v0/version"), ..Mood::default() },
			"answered with more bytes than such an answer has",
		),
		(Mood { silent: Some("/api/v0/version"), ..Mood::default() }, "gave no answer, or no more"),
	] {
		let fake = Fake::moody(mood).await;
		let error = refused(&fake, b"text").await;
		assert!(error.starts_with(&format!("Kubo at {} ", fake.url())), "{error}");
		assert!(error.contains(said), "{error}");
	}
}

#[tokio::test]
async fn a_kubo_that_takes_no_more_should_be_given_up() {
	let fake = Fake::moody(Mood { stall_after: Some(100_000), ..Mood::default() }).await;
	let error = refused(&fake, &content(20 * PART_BYTES)).await;
	assert!(error.contains(" took no bytes for 2 s"), "{error}");
	// What lies between, systems and this program hold; not the document.
	assert!(fake.state().added < 20 * PART_BYTES, "{}", fake.state().added);
}

#[tokio::test]
async fn a_kubo_that_is_set_wrongly_should_be_told_what() {
	let text = content(700_000);
	let layout =
		|chunk, links| Mood { layout: Some(Layout::new(chunk, links).unwrap()), ..Mood::default() };
	for (mood, said) in [
		(layout(4_096, 174), "Import.UnixFSFileMaxLinks"),
		(layout(262_144, 174), "Import.UnixFSChunker"),
		(
			Mood {
				cid: Some("QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n".into()),
				..Mood::default()
			},
			"not a CID of version 1",
		),
	] {
		let fake = Fake::moody(mood).await;
		let error = refused(&fake, &text).await;
		assert!(error.contains("added the file as ") && error.contains(said), "{error}");
		assert_eq!(fake.count("/api/v0/pin/rm"), 3);
		assert!(fake.state().files.is_empty());
	}
}
