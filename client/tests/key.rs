//! The program for keys of readers, as its users see it.

use rwa_documents::ReaderSecret;
use std::{
	fs,
	os::unix::fs::PermissionsExt,
	path::Path,
	process::{Command, Output},
};

fn run(folder: &Path, args: &[&str]) -> Output {
	let program = env!("CARGO_BIN_EXE_rwa-documents-key");
	Command::new(program).current_dir(folder).args(args).output().unwrap()
}

fn printed(output: &Output) -> String {
	let error = String::from_utf8_lossy(&output.stderr);
	assert!(output.status.success(), "{error}");
	String::from_utf8(output.stdout.clone()).unwrap()
}

fn refused(output: &Output) -> String {
	assert!(!output.status.success());
	assert!(output.stdout.is_empty());
	String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_key_should_come_out_as_it_went_in() {
	let folder = tempfile::tempdir().unwrap();
	let folder = folder.path();
	fs::write(folder.join("pass"), "correct horse battery\nnot this\n").unwrap();
	let pass = ["--passphrase-file", "pass"];

	let key = printed(&run(folder, &[&["generate", "--out", "key.json"][..], &pass].concat()));
	assert!(key.starts_with("x25519:0x"), "{key}");
	assert_eq!(printed(&run(folder, &["inspect", "key.json"])), key);

	let restore = ["restore", "--backup", "key.json", "--out", "key.txt"];
	assert_eq!(printed(&run(folder, &[&restore[..], &pass].concat())), key);
	assert_eq!(printed(&run(folder, &["inspect", "key.txt"])), key);
	let text = fs::read_to_string(folder.join("key.txt")).unwrap();
	let secret = ReaderSecret::from_text(text.trim()).unwrap();
	assert_eq!(secret.public().to_string(), key.trim());

	let backup = ["backup", "--secret-file", "key.txt", "--out", "again.json"];
	assert_eq!(printed(&run(folder, &[&backup[..], &pass].concat())), key);
	for file in ["key.json", "key.txt", "again.json"] {
		let mode = fs::metadata(folder.join(file)).unwrap().permissions().mode();
		assert_eq!(mode & 0o777, 0o600, "{file}");
	}
	let digits = text.trim().trim_start_matches("x25519-secret:0x");
	for file in ["key.json", "again.json"] {
		assert!(!fs::read_to_string(folder.join(file)).unwrap().contains(&digits[..16]));
	}
}

#[test]
fn mistakes_should_be_named_and_change_nothing() {
	let folder = tempfile::tempdir().unwrap();
	let folder = folder.path();
	fs::write(folder.join("pass"), "correct horse battery").unwrap();
	fs::write(folder.join("other"), "wrong horse battery").unwrap();
	fs::write(folder.join("short"), "horse").unwrap();
	fs::write(folder.join("long"), "x".repeat(5_000)).unwrap();
	fs::write(folder.join("typo"), format!("x25519-secret:0x{}", "0".repeat(72))).unwrap();
	printed(&run(folder, &["generate", "--out", "key", "--passphrase-file", "pass"]));
	let before = fs::read(folder.join("key")).unwrap();

	for (args, said) in [
		(&["generate", "--out", "key", "--passphrase-file", "pass"][..], "key: File exists"),
		(&["generate", "--out", "new", "--passphrase-file", "short"], "fewer than 12 characters"),
		(&["generate", "--out", "new", "--passphrase-file", "nowhere"], "nowhere: No such file"),
		(&["generate", "--out", "new", "--passphrase-file", "long"], "more than 4096 bytes"),
		(
			&["restore", "--backup", "key", "--out", "new", "--passphrase-file", "other"],
			"key: the passphrase is wrong, or the file was altered",
		),
		(&["inspect", "typo"], "typo: the key's last eight digits do not fit the others"),
		(&["inspect", "pass"], "pass: the key does not begin with \"x25519-secret:0x\""),
	] {
		let error = refused(&run(folder, args));
		assert!(error.contains(said), "{args:?}: {error}");
	}
	assert_eq!(fs::read(folder.join("key")).unwrap(), before);
	assert!(!folder.join("new").exists());
}
