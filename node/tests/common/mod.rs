//! What the tests of the program share.

// Each test file is a program of its own and uses a part of this.
#![allow(dead_code)]

use std::{
	fs,
	path::{Path, PathBuf},
	process::{Command, Output},
};
use tempfile::TempDir;

/// The program.
pub(crate) fn node() -> Command {
	Command::new(env!("CARGO_BIN_EXE_rwa-node"))
}

/// Runs the program, which must end with exit code `code`. Returns what it wrote to stdout and to
/// stderr.
pub(crate) fn run(command: &mut Command, code: i32) -> (String, String) {
	let Output { status, stdout, stderr } = command.output().unwrap();
	let (stdout, stderr) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
	assert_eq!(status.code(), Some(code), "{command:?}\n{stdout}\n{stderr}");
	(stdout, stderr)
}

/// Runs the program, which must refuse: with exit code 1, nothing on stdout, and one line on stderr.
/// Returns the line.
#[must_use]
pub(crate) fn refusal(command: &mut Command) -> String {
	let (stdout, stderr) = run(command, 1);
	assert_eq!(stdout, "", "nothing belongs on stdout");
	assert_eq!(stderr.lines().count(), 1, "one line: {stderr}");
	let line = stderr.strip_prefix("Error: ").unwrap_or_else(|| panic!("not an error: {stderr}"));
	assert!(!line.contains("panicked"), "{line}");
	line.trim_end().to_string()
}

/// A folder with files in it, gone after the test.
pub(crate) struct Files(TempDir);

impl Files {
	pub(crate) fn new() -> Self {
		Self(tempfile::tempdir().unwrap())
	}

	pub(crate) fn folder(&self) -> &Path {
		self.0.path()
	}

	/// Writes a file and returns its path.
	pub(crate) fn write(&self, name: &str, content: &str) -> PathBuf {
		let path = self.0.path().join(name);
		fs::write(&path, content).unwrap();
		path
	}
}

/// A specification that every check of files accepts. A node can't run it: it has no runtime.
pub(crate) const EMPTY_CHAIN: &str = r#"{
	"name": "Empty", "id": "empty", "chainType": "Live", "bootNodes": [],
	"telemetryEndpoints": null, "protocolId": "rwa", "properties": null,
	"genesis": { "raw": { "top": {}, "childrenDefault": {} } }
}"#;
