//! Prints the test vectors of the format, as `docs/document-format.md` describes them:
//!
//! ```sh
//! cargo run --release -p rwa-documents --example vectors > documents/tests/vectors/format.json
//! ```
//!
//! They are the same each time: what should be random follows from names.

#[path = "../tests/common/mod.rs"]
mod common;

use common::{content, seal, Named};
use rwa_documents::{
	Backup, DocumentKeys, Envelope, ReaderSecret, Replica, ReplicaCipher, Subject,
};
use serde_json::{json, Value};
use sha2::{Digest, Sha256};

/// Sizes of documents: nothing; a byte; one and two leaves; one, two and three segments, to the byte; more
/// than a part.
const SIZES: [usize; 10] =
	[0, 1, 4_016, 4_017, 65_456, 65_457, 130_976, 130_977, 1_048_256, 1_048_257];

/// Largest document whose bytes are in the vectors.
const SHOWN: usize = 1;

const PASSPHRASE: &str = "correct horse battery stäple";

/// Everything.
pub(crate) fn vectors() -> Value {
	json!({
		"version": rwa_documents::VERSION,
		"documents": SIZES.map(document).as_slice(),
		"envelopes": envelopes(),
		"backup": backup(),
	})
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
	format!("0x{}", hex::encode(bytes))
}

fn sha256(bytes: &[u8]) -> String {
	hex(Sha256::digest(bytes))
}

fn keys(name: &'static str) -> DocumentKeys {
	DocumentKeys::generate(&mut Named::new(name)).expect("names never run dry")
}

fn document(size: usize) -> Value {
	let mut keys = keys("rwa-document-1 vectors: document");
	keys.salt[16..].copy_from_slice(&(size as u64).to_be_bytes());
	let sealed = seal(&keys, &content(size));
	let mut inner = sealed.replicas[0].clone();
	ReplicaCipher::new(&keys.reading.root, Replica::First).apply(&mut inner);
	let checkpoint = sealed.checkpoints.last().expect("every document has a last part");

	let mut document = json!({
		"size": size,
		"inner_key": hex(keys.reading.inner.expose()),
		"replica_root": hex(keys.reading.root.expose()),
		"salt": hex(keys.salt),
		"header": hex(&inner[..64]),
		"inner_size": sealed.size,
		"inner_sha256": sha256(&inner),
		"replica_sha256": sealed.replicas.each_ref().map(|replica| sha256(replica)),
		"cids": sealed.document.cids().map(|cid| cid.to_string()),
		"last_checkpoint": hex(checkpoint.0.to_bytes().as_ref()),
	});
	if size <= SHOWN {
		document["plain"] = json!(hex(content(size)));
		document["inner"] = json!(hex(&inner));
		document["replicas"] = json!(sealed.replicas.map(hex));
	}
	document
}

fn envelopes() -> Value {
	let keys = keys("rwa-document-1 vectors: envelope");
	let sealed = seal(&keys, &content(100));
	let subject = Subject { genesis: [0x5a; 32], document: sealed.document };
	let mut entropy = Named::new("rwa-document-1 vectors: ephemeral");
	let mut envelope = |role: &str, name| {
		let secret = ReaderSecret::generate(&mut Named::new(name)).expect("names never run dry");
		let key = secret.public();
		let reading = &keys.reading;
		let envelope = match role {
			"reader" => Envelope::for_reader(reading, &key, &subject, &mut entropy),
			_ => Envelope::for_repairer(&reading.root, &key, &subject, &mut entropy),
		};
		let mut vector = json!({
			"role": role,
			"genesis": hex(subject.genesis),
			"cids": subject.document.cids().map(|cid| cid.to_string()),
			"reader_secret": secret.to_text().as_str(),
			"reader_key": key.to_string(),
			"envelope": hex(envelope.expect("the key is a good one").to_bytes()),
			"replica_root": hex(reading.root.expose()),
		});
		if role == "reader" {
			vector["inner_key"] = json!(hex(reading.inner.expose()));
		}
		vector
	};
	json!([
		envelope("reader", "rwa-document-1 vectors: Alice"),
		envelope("reader", "rwa-document-1 vectors: Bob"),
		envelope("repairer", "rwa-document-1 vectors: Carol"),
	])
}

fn backup() -> Value {
	let name = "rwa-document-1 vectors: Alice";
	let secret = ReaderSecret::generate(&mut Named::new(name)).expect("names never run dry");
	let mut entropy = Named::new("rwa-document-1 vectors: backup");
	let backup =
		Backup::with_work(&secret, PASSPHRASE, 10, &mut entropy).expect("a good passphrase");
	let file = serde_json::from_str::<Value>(&backup.to_json()).expect("a backup is JSON");
	json!({
		"passphrase": PASSPHRASE,
		"reader_secret": secret.to_text().as_str(),
		"file": file,
	})
}

#[allow(dead_code, reason = "the test of the vectors takes the rest of this file")]
fn main() {
	println!("{:#}", vectors());
}
