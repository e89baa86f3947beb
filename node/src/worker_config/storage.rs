//! How documents are kept, as the file says it.

use super::{check, error::WorkerConfigError, file::File, secret::Secret};
use rwa_primitives::worker::{LostReplica, StorageConfig, MAX_LOST};
use serde::Deserialize;
use toml::Spanned;

/// The table `[storage]`, unchecked. No `Debug`: there is a secret inside.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StorageSettings {
	bridge: Spanned<String>,
	token: Spanned<Secret>,
	#[serde(default)]
	lost: Vec<Spanned<String>>,
	#[serde(default)]
	hand_over: bool,
}

impl StorageSettings {
	/// With the token that it refers to.
	pub(super) fn checked(self, file: &File) -> Result<StorageConfig, WorkerConfigError> {
		Ok(StorageConfig {
			bridge: file.pass(self.bridge, |address| check::bridge(address))?,
			token: file.secret(self.token, check::token)?,
			lost: lost(self.lost, file)?,
			hand_over: self.hand_over,
		})
	}
}

fn lost(names: Vec<Spanned<String>>, file: &File) -> Result<Vec<LostReplica>, WorkerConfigError> {
	let mut lost = Vec::new();
	for name in names {
		let place = file.at(Some(name.span()));
		if lost.len() == MAX_LOST {
			return Err(place.refuse(format!("at most {MAX_LOST} replicas are declared lost")));
		}
		let replica = name.get_ref().parse::<LostReplica>().map_err(|_| {
			place.clone().refuse("a replica is DOCUMENT/REPLICA/EPOCH, as in \"12/0/3\"")
		})?;
		if lost.contains(&replica) {
			return Err(place.refuse("this replica is there twice"));
		}
		lost.push(replica);
	}
	Ok(lost)
}

#[cfg(test)]
mod tests {
	use super::{super::file::parse, *};
	use std::{fs, path::Path};

	const GOOD: &str = r#"
[storage]
bridge = "http://127.0.0.1:8091"
token = { env = "TOKEN" }
lost = ["12/0/3", "7/2/1"]
hand_over = true
"#;

	fn storage(text: &str) -> Result<Option<StorageConfig>, String> {
		let environment = |name: &str| (name == "TOKEN").then(|| "hunter2hunter2hunter2".into());
		parse(text, Path::new("w.toml"), &environment)
			.map(|loaded| loaded.storage)
			.map_err(|error| error.to_string())
	}

	/// What is said when `from` is replaced by `to` in a good file.
	fn refusal(from: &str, to: &str) -> String {
		assert!(GOOD.contains(from));
		storage(&GOOD.replace(from, to)).unwrap_err()
	}

	#[test]
	fn a_good_table_becomes_settings() {
		let lost = |document, replica, epoch| LostReplica { document, replica, epoch };
		let expected = StorageConfig {
			bridge: "http://127.0.0.1:8091".into(),
			token: "hunter2hunter2hunter2".into(),
			lost: vec![lost(12, 0, 3), lost(7, 2, 1)],
			hand_over: true,
		};
		assert_eq!(storage(GOOD).unwrap(), Some(expected));
	}

	#[test]
	fn it_may_be_left_out_and_so_may_what_a_node_gives_away() {
		assert_eq!(storage("").unwrap(), None);
		let short = &GOOD[..GOOD.find("lost").unwrap()];
		let short = storage(short).unwrap().unwrap();
		assert!(short.lost.is_empty() && !short.hand_over);
	}

	#[test]
	fn mistakes_name_their_line_and_never_the_token() {
		let twice = "\"12/0/3\", \"12/0/3\"";
		for (from, to, place, reason) in [
			("http://127.0.0.1:8091", "http://10.0.0.1:8091", "3:10", "on this machine"),
			(":8091", ":8091/jobs", "3:10", "goes on after"),
			("bridge", "bridges", "3:1", "unknown field"),
			("TOKEN", "OTHER", "4:9", "variable OTHER is not set"),
			("{ env = \"TOKEN\" }", "\"hunter2\"", "4:9", "the value has not 16 to 4096"),
			("{ env = \"TOKEN\" }", "5", "4:9", "this is text, { env = \"NAME\" }"),
			("{ env = \"TOKEN\" }", "{ file = \"nowhere\" }", "4:9", "file nowhere: "),
			("12/0/3", "12/0", "5:9", "DOCUMENT/REPLICA/EPOCH"),
			("12/0/3", "12/0/3/4", "5:9", "DOCUMENT/REPLICA/EPOCH"),
			("12/0/3", "12/256/3", "5:9", "DOCUMENT/REPLICA/EPOCH"),
			("\"12/0/3\"", twice, "5:19", "there twice"),
			("hand_over = true", "hand_over = 1", "6:13", "expected a boolean"),
			("bridge = \"http://127.0.0.1:8091\"", "", "2:1", "missing field `bridge`"),
			("token = { env = \"TOKEN\" }", "", "2:1", "missing field `token`"),
		] {
			let error = refusal(from, to);
			assert!(error.starts_with(&format!("w.toml:{place}: ")), "{from} -> {to}: {error}");
			assert!(error.contains(reason), "{from} -> {to}: {error}");
			assert!(!error.contains('\n') && !error.contains("hunter2"), "{error}");
		}
		let many: Vec<_> = (0..=MAX_LOST).map(|number| format!("\"{number}/0/1\"")).collect();
		let error = refusal("\"12/0/3\"", &many.join(", "));
		assert!(error.contains("at most 64 replicas"), "{error}");
	}

	#[test]
	fn the_token_may_be_in_a_file_beside_this_one() {
		let folder = tempfile::tempdir().unwrap();
		fs::write(folder.path().join("token"), "hunter2hunter2hunter2\n").unwrap();
		let text = GOOD.replace("env = \"TOKEN\"", "file = \"token\"");
		let loaded = parse(&text, &folder.path().join("w.toml"), &|_| None).unwrap();
		assert_eq!(loaded.storage.unwrap().token, "hunter2hunter2hunter2");
	}
}
