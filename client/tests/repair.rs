//! The program that repairs, as its users see it.

mod common;

use common::{
	content,
	fake::{Cut, Fake},
	journal,
};
use rwa_client::documents::{publish, Published};
use rwa_documents::{DocumentKeys, Envelope, ReaderSecret, Subject, SystemEntropy};
use std::{
	fs,
	path::{Path, PathBuf},
	process::{Command, Output},
};

const GENESIS: [u8; 32] = [7; 32];

/// A Kubo with a document, and what a repairer of it has.
struct Scene {
	fake: Fake,
	published: Published,
	keys: DocumentKeys,
	secret: ReaderSecret,
	folder: tempfile::TempDir,
}

impl Scene {
	async fn new() -> Self {
		let fake = Fake::honest().await;
		let folder = tempfile::tempdir().unwrap();
		let journal = journal(folder.path(), "j");
		let keys = journal.keys().clone();
		let published = publish(&fake.kubo(), journal, &content(300_000)[..]).await.unwrap();
		let secret = ReaderSecret::generate(&mut SystemEntropy).unwrap();
		fs::write(folder.path().join("key"), secret.to_text().as_bytes()).unwrap();
		Self { fake, published, keys, secret, folder }
	}

	fn envelope(&self) -> Vec<u8> {
		let subject = Subject { genesis: GENESIS, document: self.published.document };
		let (key, root) = (self.secret.public(), &self.keys.reading.root);
		Envelope::for_repairer(root, &key, &subject, &mut SystemEntropy).unwrap().to_bytes()
	}

	fn key(&self) -> PathBuf {
		self.folder.path().join("key")
	}

	fn cid(&self, replica: usize) -> String {
		self.published.document.cids()[replica].to_string()
	}

	/// Replica 1 from 0 and then 2, but for what `change` does to the arguments.
	async fn run(&self, change: impl FnOnce(&mut Vec<String>)) -> Output {
		let hex = |bytes: &[u8]| format!("0x{}", hex::encode(bytes));
		let mut args: Vec<String> = Vec::new();
		let mut push = |name: &str, value: String| args.extend([format!("--{name}"), value]);
		push("lost", "1".into());
		push("from", "0".into());
		push("from", "2".into());
		(0..3).for_each(|replica| push("cid", self.cid(replica)));
		push("size", self.published.size.to_string());
		push("envelope", hex(&self.envelope()));
		push("genesis", hex(&GENESIS));
		push("key-file", self.key().to_str().unwrap().into());
		push("kubo", self.fake.url());
		change(&mut args);
		let run = move || {
			let program = Path::new(env!("CARGO_BIN_EXE_rwa-documents-repair"));
			Command::new(program).args(args).output().unwrap()
		};
		tokio::task::spawn_blocking(run).await.unwrap()
	}
}

/// Gives an argument another value.
fn set(args: &mut [String], name: &str, value: &str) {
	let at = args.iter().position(|arg| arg == name).unwrap();
	args[at + 1] = value.into();
}

fn refused(output: &Output) -> String {
	assert!(!output.status.success());
	assert!(output.stdout.is_empty());
	String::from_utf8(output.stderr.clone()).unwrap()
}

#[tokio::test]
async fn a_lost_replica_should_be_made_again_and_its_cid_printed() {
	let scene = Scene::new().await;
	let lost = scene.fake.state().files.remove(&scene.cid(1)).unwrap();
	// The first that it reads from breaks off.
	scene.fake.state().mood.cut = vec![Some((100_000, Cut::Connection)), None];
	let output = scene.run(|_| ()).await;
	assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
	assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), scene.cid(1));
	assert!(scene.fake.state().files[&scene.cid(1)] == lost);
}

#[tokio::test]
async fn what_fails_should_be_told_of_each_replica_and_leave_nothing() {
	let scene = Scene::new().await;
	for replica in [1, 2] {
		scene.fake.state().files.remove(&scene.cid(replica));
	}
	scene.fake.state().mood.cut = vec![Some((100_000, Cut::End))];
	let error = refused(&scene.run(|_| ()).await);
	assert!(error.starts_with("replica 1 can't be made again: from replica 0: "), "{error}");
	assert!(error.contains("; from replica 2: Kubo at "), "{error}");
	assert_eq!(scene.fake.state().files.len(), 1);
}

#[tokio::test]
async fn mistakes_should_be_named_with_their_argument() {
	let scene = Scene::new().await;
	let other = ReaderSecret::generate(&mut SystemEntropy).unwrap();
	fs::write(scene.folder.path().join("other"), other.to_text().as_bytes()).unwrap();
	let other = scene.folder.path().join("other").to_str().unwrap().to_string();
	let first = scene.cid(0);
	for (name, value, said) in [
		("--lost", "3", "a document has replicas 0, 1 and 2"),
		("--cid", "bafy", "--cid"),
		("--cid", scene.cid(1).as_str(), "--cid: two replicas of the document have the same CID"),
		("--size", "much", "--size"),
		("--envelope", "00", "hexadecimal begins with 0x"),
		("--envelope", "0x00", "--envelope: "),
		("--genesis", "0x00", "a hash has 32 bytes, not 1"),
		("--genesis", &format!("0x{}", "00".repeat(32)), "--envelope: the envelope does not open"),
		("--key-file", &other, "--envelope: the envelope does not open"),
		("--key-file", "/nowhere", "--key-file: /nowhere: "),
		("--kubo", "localhost", "--kubo: "),
	] {
		let error = refused(&scene.run(|args| set(args, name, value)).await);
		assert!(error.contains(said), "{name} {value}: {error}");
	}
	let error = refused(&scene.run(|args| args.extend(["--cid".into(), first])).await);
	assert!(error.contains("--cid is wanted 3 times, and came 4 times"), "{error}");
	assert_eq!(scene.fake.state().files.len(), 3);
}
