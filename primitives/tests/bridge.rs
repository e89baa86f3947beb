//! What the bridge of a storage node answers is read strictly, and whatever else comes is refused.

use codec::{Decode, Encode};
use proptest::prelude::*;
use rwa_primitives::{
	ipfs::{Cid, Codec},
	storage::{MAX_PROOF_BLOCK, MAX_PROOF_BLOCKS},
	worker::{
		bridge::{
			orphans, refusal, AnswerError, Job, Order, Page, MAX_JOB_BYTES, MAX_PINS_ON_PAGE,
		},
		LostReplica, StorageConfig, WorkerConfig,
	},
};

fn cid(number: u8) -> Cid {
	Cid::new(Codec::DagPb, [number; 32])
}

fn pin() -> Order {
	Order::Pin { cid: cid(1), size: 102_400 }
}

fn proof() -> Order {
	Order::Proof { cid: cid(1), leaf: 7 }
}

/// An answer about `order`, as `rwa-bridge` gives it.
fn answer(order: &Order, state: &str, rest: &str) -> String {
	let (id, task) = (order.id(), order.to_json());
	format!(
		r#"{{"attempts":1,"id":"{id}","number":3,"posted_at":1,"running":false,"task":{task},{state}{rest}}}"#
	)
}

fn read(text: &str, order: &Order) -> Result<Job, AnswerError> {
	Job::read(text.as_bytes(), order)
}

const DONE: &str = r#""state":"done","at":5"#;
const FAILED: &str = r#""state":"failed","at":5"#;
const WAITING: &str = r#""state":"waiting","due":5"#;

#[test]
fn an_order_should_be_the_json_that_the_bridge_takes() {
	let text = cid(1).to_string();
	assert_eq!(pin().to_json(), format!(r#"{{"kind":"pin","cid":"{text}","size":102400}}"#));
	assert_eq!(proof().to_json(), format!(r#"{{"kind":"proof","cid":"{text}","leaf":7}}"#));
	let unpin = Order::Unpin { cid: cid(1) };
	assert_eq!(unpin.to_json(), format!(r#"{{"kind":"unpin","cid":"{text}"}}"#));
	let ids = [pin().id(), proof().id(), unpin.id()];
	assert_eq!(ids, [format!("pin-{text}"), format!("proof-{text}-7"), format!("unpin-{text}")]);
}

#[test]
fn a_job_should_be_read_in_each_of_its_states() {
	let error = r#","error":{"code":"disk_full","text":"123 of 123 bytes are in use"}"#;
	let held = r#","result":{"blocks":26,"bytes":104512,"fetched":26}"#;
	assert_eq!(
		read(&answer(&pin(), WAITING, ""), &pin()),
		Ok(Job::Waiting { running: false, trouble: None })
	);
	let Ok(Job::Waiting { trouble: Some(code), .. }) =
		read(&answer(&pin(), WAITING, error), &pin())
	else {
		panic!("it says what the trouble is");
	};
	assert_eq!(code.as_str(), "disk_full");
	assert_eq!(read(&answer(&pin(), DONE, held), &pin()), Ok(Job::Done { blocks: vec![] }));
	assert_eq!(read(&answer(&pin(), DONE, ""), &pin()), Ok(Job::Done { blocks: vec![] }));
	assert_eq!(
		read(&answer(&pin(), FAILED, error), &pin()),
		Ok(Job::Failed { at: 5, code: code.clone() })
	);
	let blocks = r#","result":{"blocks":["0x0102","0x"]}"#;
	assert_eq!(
		read(&answer(&proof(), DONE, blocks), &proof()),
		Ok(Job::Done { blocks: vec![vec![1, 2], vec![]] })
	);
	let running = answer(&pin(), WAITING, "").replace("\"running\":false", "\"running\":true");
	assert_eq!(read(&running, &pin()), Ok(Job::Waiting { running: true, trouble: None }));
}

#[test]
fn an_answer_about_something_else_should_be_refused() {
	let others = [
		proof(),
		Order::Unpin { cid: cid(1) },
		Order::Pin { cid: cid(2), size: 102_400 },
		Order::Pin { cid: cid(1), size: 102_401 },
	];
	for other in others {
		assert_eq!(read(&answer(&other, DONE, ""), &pin()), Err(AnswerError::Unasked));
	}
	let other = Order::Proof { cid: cid(1), leaf: 8 };
	assert_eq!(read(&answer(&other, DONE, ""), &proof()), Err(AnswerError::Unasked));
	// The name alone, or the order alone, isn't enough.
	let text = answer(&pin(), DONE, "");
	let renamed = text.replace(&pin().id(), &proof().id());
	assert_eq!(read(&renamed, &pin()), Err(AnswerError::Unasked));
	let reordered = text.replace(&pin().to_json(), &proof().to_json());
	assert_eq!(read(&reordered, &pin()), Err(AnswerError::Unasked));
}

#[test]
fn what_is_not_an_answer_should_be_refused() {
	for text in [
		"",
		"{}",
		"[]",
		"null",
		"<html>",
		&"[".repeat(100_000),
		&answer(&pin(), r#""state":"lost""#, ""),
		&answer(&pin(), DONE, r#","state":"done""#),
		&answer(&pin(), FAILED, ""),
		&answer(&pin(), r#""state":"failed""#, r#","error":{"code":"x","text":""}"#),
		&answer(&pin(), WAITING, r#","error":{"code":"Two words","text":""}"#),
		&answer(&pin(), WAITING, r#","error":{"code":"","text":""}"#),
		&answer(&pin(), WAITING, r#","error":"disk_full""#),
	] {
		assert_eq!(read(text, &pin()), Err(AnswerError::Malformed), "{text:.80}");
	}
	for result in
		["", r#","result":null"#, r#","result":{"blocks":3}"#, r#","result":{"blocks":["ab"]}"#]
	{
		let text = answer(&proof(), DONE, result);
		assert_eq!(read(&text, &proof()), Err(AnswerError::Malformed), "{result}");
	}
}

#[test]
fn blocks_that_no_proof_has_should_be_refused() {
	let blocks = |count: u32, size: u32| {
		let block = format!(r#""0x{}""#, "ab".repeat(size as usize));
		let blocks = vec![block; count as usize].join(",");
		answer(&proof(), DONE, &format!(r#","result":{{"blocks":[{blocks}]}}"#))
	};
	let longest = blocks(MAX_PROOF_BLOCKS, MAX_PROOF_BLOCK);
	assert!(longest.len() + 1_000 <= MAX_JOB_BYTES as usize, "{}", longest.len());
	assert!(matches!(read(&longest, &proof()), Ok(Job::Done { blocks }) if blocks.len() == 8));
	let many = blocks(MAX_PROOF_BLOCKS + 1, 1);
	assert_eq!(read(&many, &proof()), Err(AnswerError::NoProof));
	let large = blocks(1, MAX_PROOF_BLOCK + 1);
	assert_eq!(read(&large, &proof()), Err(AnswerError::NoProof));
}

#[test]
fn codes_should_tell_what_follows_from_them() {
	let code = |word: &str| {
		refusal(format!(r#"{{"error":{{"code":"{word}","text":""}}}}"#).as_bytes()).unwrap()
	};
	for word in ["wrong_codec", "size_mismatch", "malformed", "giant_block"] {
		assert!(code(word).is_misregistered(), "{word}");
	}
	for word in ["unreachable", "disk_full", "not_found_in_time", "missing_block", "foreign_pin"] {
		assert!(!code(word).is_misregistered(), "{word}");
	}
	assert!(code("unknown_pin").is_unknown_pin() && code("other_size").is_other_size());
	assert!(code("too_large").is_refused_for_good() && !code("malformed").is_refused_for_good());
	assert_eq!(refusal(br#"{"error":{"code":"a\u001b[31m","text":""}}"#), None);
}

fn page(cids: &[Cid], more: bool) -> String {
	let pins = cids.iter().map(|cid| {
		format!(r#"{{"cid":"{cid}","held":1700000000000,"losses":0,"since":1,"size":4096}}"#)
	});
	format!(r#"{{"more":{more},"pins":[{}]}}"#, pins.collect::<Vec<_>>().join(","))
}

#[test]
fn a_page_should_be_in_order_and_go_on_behind_the_last() {
	let read = |text: &str, after: Option<Cid>| Page::read(text.as_bytes(), after.as_ref());
	let two = page(&[cid(1), cid(2)], true);
	let expected = Page { pins: vec![(cid(1), 4_096), (cid(2), 4_096)], more: true };
	assert_eq!(read(&two, None), Ok(expected.clone()));
	assert_eq!(read(&two, Some(cid(0))), Ok(expected));
	assert_eq!(read(&two, Some(cid(1))), Err(AnswerError::Unordered));
	assert_eq!(read(&page(&[cid(2), cid(1)], false), None), Err(AnswerError::Unordered));
	assert_eq!(read(&page(&[cid(1), cid(1)], false), None), Err(AnswerError::Unordered));
	assert_eq!(read(&page(&[], true), None), Err(AnswerError::Unordered));
	assert_eq!(read(&page(&[], false), Some(cid(9))), Ok(Page { pins: vec![], more: false }));
	// Leaves come first, as in the bytes of a CID.
	let raw = Cid::new(Codec::Raw, [9; 32]);
	assert!(read(&page(&[raw, cid(1)], false), None).is_ok());
	let many: Vec<_> = (0..=MAX_PINS_ON_PAGE)
		.map(|number| {
			let mut digest = [0; 32];
			digest[..2].copy_from_slice(&u16::try_from(number).unwrap().to_be_bytes());
			Cid::new(Codec::Raw, digest)
		})
		.collect();
	assert_eq!(read(&page(&many, false), None), Err(AnswerError::Unordered));
	assert!(read(&page(&many[1..], true), None).is_ok());
	assert_eq!(read(&two.replace(&cid(1).to_string(), "bafy"), None), Err(AnswerError::Malformed));
}

#[test]
fn orphans_should_be_those_of_the_last_audit() {
	let text = |orphans: &str| {
		format!(
			r#"{{"listed":null,"audit":{{"at":1,"differences":{{"lost":[],"orphans":[{orphans}],"missing":0,"held":2}}}}}}"#
		)
	};
	assert_eq!(orphans(br#"{"listed":null,"audit":null}"#), Ok(vec![]));
	assert_eq!(orphans(text("").as_bytes()), Ok(vec![]));
	assert_eq!(orphans(text(&format!(r#""{}""#, cid(3))).as_bytes()), Ok(vec![cid(3)]));
	assert_eq!(orphans(text(r#""Qm""#).as_bytes()), Err(AnswerError::Malformed));
}

fn storage() -> StorageConfig {
	let lost = vec![LostReplica { document: 12, replica: 0, epoch: 3 }];
	StorageConfig {
		bridge: "http://127.0.0.1:8091".into(),
		token: "hunter2".into(),
		lost,
		hand_over: false,
	}
}

#[test]
fn settings_of_a_node_that_knew_of_no_documents_should_be_read() {
	let config = WorkerConfig { oracle: vec![], storage: Some(storage()) };
	assert_eq!(WorkerConfig::decode(&mut &config.encode()[..]), Ok(config.clone()));
	let none = WorkerConfig::default();
	assert_eq!(WorkerConfig::decode(&mut &none.encode()[..]), Ok(none.clone()));
	let older = config.oracle.encode();
	assert_eq!(WorkerConfig::decode(&mut &older[..]), Ok(none));
	let cut = config.encode();
	assert!(WorkerConfig::decode(&mut &cut[..cut.len() - 1]).is_err());
}

#[test]
fn debug_output_should_not_show_the_token() {
	assert!(!format!("{:?}", storage()).contains("hunter2"));
}

#[test]
fn a_lost_replica_should_be_read_as_it_is_written() {
	let lost = storage().lost[0];
	assert_eq!(lost.to_string(), "12/0/3");
	assert_eq!("12/0/3".parse(), Ok(lost));
	for text in ["", "12", "12/0", "12/0/3/4", "12/256/3", "a/0/3", "12/0/-1", "12//3"] {
		assert!(text.parse::<LostReplica>().is_err(), "{text}");
	}
}

proptest! {
	#[test]
	fn no_bytes_should_make_anything_panic(bytes: Vec<u8>) {
		let _ = Job::read(&bytes, &pin());
		let _ = Job::read(&bytes, &proof());
		let _ = Page::read(&bytes, Some(&cid(1)));
		let _ = orphans(&bytes);
		let _ = refusal(&bytes);
		let _ = WorkerConfig::decode(&mut &bytes[..]);
	}
}
