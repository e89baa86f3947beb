//! What the real program says about its settings.

mod common;

use common::{
	gateway::{device, program, topic, write},
	Device, GENESIS,
};
use std::{fs, path::Path};

/// Settings in which every line is there for a test to break.
fn good() -> String {
	let entries = device(&Device::ed25519(1), "farm/+/signed") + &topic("level", "rivers/7/level");
	format!(
		"genesis = \"{GENESIS:?}\"\n\n[broker]\nhost = \"localhost\"\nport = 1883\n\
		 client_id = \"gateway\"\nusername = \"me\"\npassword = {{ env = \"BROKER_PASSWORD\" }}\n\
		 keep_alive_s = 30\nmax_retry_s = 60\n\n[http]\nlisten = \"127.0.0.1:8090\"\n\n\
		 [store]\npath = \"data\"\nhistory = 8\n\n{entries}"
	)
}

/// Runs the check in `folder`. Exit code and what it wrote.
fn check(folder: &Path, text: &str) -> (Option<i32>, String) {
	let config = write(folder, "g.toml", text);
	let output = program()
		.args(["--check", "--config"])
		.arg(config)
		.env("BROKER_PASSWORD", "hunter2")
		.env("EMPTY", "")
		.output()
		.unwrap();
	assert_eq!(output.stdout, b"");
	(output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// What is said, after the file's name, when `from` becomes `to`.
fn refusal(from: &str, to: &str) -> String {
	let folder = tempfile::tempdir().unwrap();
	let text = good();
	assert!(text.contains(from), "{from}");
	let (code, error) = check(folder.path(), &text.replacen(from, to, 1));
	assert_eq!((code, error.lines().count()), (Some(1), 1), "{from} -> {to}: {error}");
	let (_, rest) = error.split_once("g.toml:").unwrap_or_else(|| panic!("{error}"));
	rest.trim_end().into()
}

#[test]
fn good_settings_should_pass() {
	let folder = tempfile::tempdir().unwrap();
	assert_eq!(check(folder.path(), &good()), (Some(0), String::new()));
}

#[test]
fn the_sample_should_pass() {
	let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
	let folder = tempfile::tempdir().unwrap();
	fs::create_dir(folder.path().join("secrets")).unwrap();
	fs::copy(sample.join("secrets/broker"), folder.path().join("secrets/broker")).unwrap();
	let text = fs::read_to_string(sample.join("gateway.toml")).unwrap();
	assert_eq!(check(folder.path(), &text), (Some(0), String::new()));
}

#[test]
fn every_mistake_should_be_named_with_line_field_and_remedy() {
	for (from, to, line, field, remedy) in [
		("genesis = \"0x07", "genesis = \"0x7", 1, "genesis", "64 hexadecimal digits"),
		("\"localhost\"", "\"mqtt://localhost\"", 4, "host", "without mqtt://"),
		("\"localhost\"", "\"localhost:1883\"", 4, "host", "without mqtt:// and port"),
		("\"localhost\"", "\"broker.example.org\"", 8, "password", "add [broker.tls]"),
		("1883", "0", 5, "port", "1 to 65535"),
		("1883", "65536", 5, "port", "u16"),
		("1883", "\"1883\"", 5, "port", "expected u16"),
		("\"gateway\"", "\"my gateway\"", 6, "client_id", "A-Z"),
		("username = \"me\"\n", "", 7, "password", "give one"),
		("password = { env = \"BROKER_PASSWORD\" }\n", "", 7, "username", "give one"),
		("\"me\"", "\"\"", 7, "username", "empty"),
		("BROKER_PASSWORD", "OTHER", 8, "password", "variable OTHER is not set"),
		("BROKER_PASSWORD", "EMPTY", 8, "password", "is empty"),
		("env = \"BROKER_PASSWORD\"", "file = \"nowhere\"", 8, "password", "No such file"),
		("{ env = \"BROKER_PASSWORD\" }", "\"hunter2\"", 8, "password", "{ env = \"NAME\" }"),
		("keep_alive_s = 30", "keep_alive_s = 4", 9, "keep_alive_s", "5 to 3600"),
		("max_retry_s = 60", "max_retry_s = 0", 10, "max_retry_s", "1 to 3600"),
		("127.0.0.1", "0.0.0.0", 13, "listen", "others_may_read = true"),
		("127.0.0.1", "192.0.2.1", 13, "listen", "others_may_read = true"),
		("127.0.0.1:8090", "localhost", 13, "listen", "socket address"),
		("history = 8", "history = 0", 17, "history", "1 to 64"),
		("history = 8", "history = 65", 17, "history", "1 to 64"),
		("ed25519:0x", "ed448:0x", 20, "key", "ed25519:, sr25519: or secp256k1:"),
		("ed25519:0x", "ed25519:", 20, "key", "hexadecimal"),
		("farm/+/signed", "farm/+signed", 21, "topic", "alone"),
		("\"iot_sensor\"", "\"iot\"", 22, "feeds", "iot_sensor"),
		("[{ asset = 1, source = \"iot_sensor\" }]", "[]", 22, "feeds", "1 to 16"),
		("[{", "[{ asset = 1, source = \"iot_sensor\" }, {", 22, "feeds", "twice"),
		("\"level\"", "\"../level\"", 24, "name", "a-z"),
		("rivers/7/level", "$share/a/rivers", 25, "topic", "name the topic itself"),
		("max_bytes = 200", "max_bytes = 65537", 26, "max_bytes", "1 to 65536"),
		("max_bytes = 200", "max_age_s = 0", 26, "max_age_s", "1 to 2592000"),
	] {
		let error = refusal(from, to);
		let place = format!("{line}:");
		let named = error.contains(&format!("`{field}`"));
		let what = format!("{from} -> {to}: {error}");
		assert!(error.starts_with(&place) && named && error.contains(remedy), "{what}");
		assert!(!error.contains("hunter2"), "{what}");
	}
}

#[test]
fn what_is_missing_unknown_or_repeated_should_be_named() {
	for (from, to, expected) in [
		("genesis", "genius", "1:1: unknown field `genius`"),
		("host = \"localhost\"\n", "", "missing field `host`"),
		("[store]\npath = \"data\"\nhistory = 8\n", "", "missing field `store`"),
		("port = 1883", "port = 1883\nport = 1884", "6:1"),
		("listen", "listens", "13:1: unknown field `listens`"),
		("[broker]", "[broker", "3:8"),
	] {
		let error = refusal(from, to);
		assert!(error.contains(expected), "{from} -> {to}: {error}");
	}
}

#[test]
fn entries_should_not_contradict_each_other() {
	let folder = tempfile::tempdir().unwrap();
	let again = device(&Device::ed25519(1), "elsewhere");
	let (_, error) = check(folder.path(), &(good() + &again));
	assert!(error.contains("g.toml:28:7: `key`: this device has an entry already"), "{error}");
	let (_, error) = check(folder.path(), &(good() + &topic("level", "elsewhere")));
	assert!(error.contains("g.toml:28:8: `name`: another topic has it"), "{error}");
	let end = good().find("[[device]]").unwrap();
	let (_, error) = check(folder.path(), &good()[..end]);
	assert!(error.contains("neither a [[device]] nor a [[topic]]"), "{error}");
}

#[test]
fn more_than_fits_in_memory_should_be_refused() {
	let folder = tempfile::tempdir().unwrap();
	let feeds: Vec<_> =
		(1..17).map(|asset| format!("{{ asset = {asset}, source = \"iot_sensor\" }}")).collect();
	let devices = |count: u32| -> String {
		let entry = |index: u32| {
			format!(
				"[[device]]\nkey = \"ed25519:0x{index:064x}\"\ntopic = \"a\"\nfeeds = [{}]\n",
				feeds.join(", ")
			)
		};
		(0..count).map(entry).collect()
	};
	let text = |count, history: &str| good().replace("history = 8", history) + &devices(count);
	let (code, error) = check(folder.path(), &text(40, "history = 64"));
	assert!(code == Some(1) && error.contains("g.toml:17:11: `history`"), "{error}");
	assert_eq!(check(folder.path(), &text(40, "history = 8")), (Some(0), String::new()));
	let (_, error) = check(folder.path(), &text(1_024, "history = 1"));
	assert!(error.contains("`key`: at most 1024 devices"), "{error}");
}

#[test]
fn certificates_that_are_none_should_be_named() {
	let folder = tempfile::tempdir().unwrap();
	write(folder.path(), "empty.pem", "");
	for (lines, expected) in [
		("ca = \"nowhere.pem\"", "`ca`: "),
		("ca = \"empty.pem\"", "there is no certificate in it"),
		("certificate = \"empty.pem\"", "give its `key`"),
		("key = \"empty.pem\"", "give its `certificate`"),
	] {
		let text = good().replace("[http]", &format!("[broker.tls]\n{lines}\n[http]"));
		let (code, error) = check(folder.path(), &text);
		assert!(code == Some(1) && error.contains("g.toml:13:"), "{lines}: {error}");
		assert!(error.contains(expected), "{lines}: {error}");
	}
}

#[test]
fn a_password_may_cross_a_network_in_clear_if_that_is_said() {
	let folder = tempfile::tempdir().unwrap();
	let text = good().replace("\"localhost\"", "\"broker.example.org\"\npassword_in_clear = true");
	assert_eq!(check(folder.path(), &text), (Some(0), String::new()));
}

#[test]
fn others_may_read_if_that_is_said() {
	let folder = tempfile::tempdir().unwrap();
	let text = good().replace("\"127.0.0.1:8090\"", "\"0.0.0.0:8090\"\nothers_may_read = true");
	assert_eq!(check(folder.path(), &text), (Some(0), String::new()));
}

#[test]
fn a_file_or_folder_that_can_not_be_used_should_be_named() {
	let folder = tempfile::tempdir().unwrap();
	let output = program().args(["--check", "--config", "/nowhere/g.toml"]).output().unwrap();
	let error = String::from_utf8(output.stderr).unwrap();
	assert_eq!((output.status.code(), error.lines().count()), (Some(1), 1));
	assert!(error.starts_with("error: /nowhere/g.toml: No such file"), "{error}");

	write(folder.path(), "data", "a file, where a folder should be");
	let (code, error) = check(folder.path(), &good());
	assert!(code == Some(1) && error.contains("data/devices: "), "{error}");
	assert!(error.contains("store.path"), "{error}");
}

#[test]
fn an_address_that_is_taken_should_be_named() {
	let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
	let address = taken.local_addr().unwrap().to_string();
	let folder = tempfile::tempdir().unwrap();
	let text = good().replace("127.0.0.1:8090", &address);
	let config = write(folder.path(), "g.toml", &text);
	let mut command = program();
	command.arg("--config").arg(config).env("BROKER_PASSWORD", "hunter2");
	let output = command.output().unwrap();
	let error = String::from_utf8(output.stderr).unwrap();
	assert_eq!(output.status.code(), Some(1));
	assert!(error.contains(&address) && error.contains("http.listen"), "{error}");
}

#[test]
fn a_file_that_ends_too_early_should_be_refused_with_a_reason() {
	let folder = tempfile::tempdir().unwrap();
	let (code, error) = check(folder.path(), "genesis =");
	assert!(code == Some(1) && error.trim_end().ends_with("this is not TOML"), "{error}");
}
