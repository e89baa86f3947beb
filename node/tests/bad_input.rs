//! Whatever a user gets wrong, the program says what it was in one line, and exits with code 1.

mod common;

use common::{node, refusal, run, Files, EMPTY_CHAIN};

const SOURCE: &str =
	"[[oracle]]\nasset = 1\nsource = \"weather_api\"\nurl = \"http://host/\"\npointer = \"/t\"\n";

#[test]
fn bad_toml_is_named_with_file_line_and_column() {
	let files = Files::new();
	for (content, place, reason) in [
		("[[oracle]]\nasset = \n", "2:9", "invalid"),
		("[[oracles]]\n", "1:3", "unknown field"),
		("[[oracle]]\nasset = 1\n", "1:1", "missing field"),
		(&SOURCE.replace("http://", "ftp://"), "4:7", "must begin with http"),
		(&format!("{SOURCE}timeout_ms = 9999\n"), "6:14", "allowed: 1 to 2000"),
		(&format!("{SOURCE}{SOURCE}"), "7:9", "has this source already"),
		(&SOURCE.replace("pointer = \"/t\"\n", ""), "1:1", "missing field `pointer`"),
		(&format!("{SOURCE}latitude = \"/a\"\n"), "6:12", "`latitude` is not for a scalar"),
		(&format!("{SOURCE}scale = 1.8\n"), "6:9", "in quotes"),
		(&format!("{SOURCE}scale = \"9/0\"\n"), "6:9", "may be zero"),
	] {
		let path = files.write("workers.toml", content);
		let line = refusal(node().args(["--dev", "--offchain-config"]).arg(&path));
		assert!(line.starts_with(&format!("{}:{place}: ", path.display())), "{line}");
		assert!(line.contains(reason), "{line}");
	}
}

#[test]
fn a_missing_settings_file_is_named() {
	let line = refusal(node().args(["--dev", "--offchain-config", "/nowhere/workers.toml"]));
	assert!(line.starts_with("/nowhere/workers.toml: No such file"), "{line}");
}

#[test]
fn a_secret_that_is_not_there_is_named_and_one_that_cannot_be_sent_is_not_shown() {
	let files = Files::new();
	let settings = format!("{SOURCE}[oracle.headers]\nX-Key = {{ env = \"RWA_TEST_KEY\" }}\n");
	let path = files.write("workers.toml", &settings);
	let configured = || {
		let mut command = node();
		command.args(["--dev", "--offchain-config"]).arg(&path).env_remove("RWA_TEST_KEY");
		command
	};
	let line = refusal(&mut configured());
	assert!(line.ends_with("7:9: environment variable RWA_TEST_KEY is not set"), "{line}");
	let line = refusal(configured().env("RWA_TEST_KEY", "hunter2\n"));
	assert!(line.contains("RWA_TEST_KEY has a character") && !line.contains("hunter2"), "{line}");
}

#[test]
fn a_bad_oracle_source_is_named_without_its_address() {
	let line = refusal(node().args(["--dev", "--oracle-source", "1:iot_sensor=ftp://hunter2/"]));
	assert!(line.starts_with("--oracle-source 1:iot_sensor: the address must begin"), "{line}");
	assert!(!line.contains("hunter2"), "{line}");
}

#[test]
fn sources_that_nothing_would_read_are_refused() {
	let source = ["--oracle-source", "1:iot_sensor=http://host/#/t"];
	let line = refusal(node().args(["--dev", "--offchain-worker", "never"]).args(source));
	assert!(line.contains("--offchain-worker"), "{line}");
	// This node does not validate.
	let line = refusal(
		node().args(["--chain", "local", "--offchain-worker", "when-authority"]).args(source),
	);
	assert!(line.contains("--offchain-worker"), "{line}");
}

#[test]
fn an_unknown_chain_names_what_there_is() {
	for command in [&["--chain", "nowhere"][..], &["export-chain-spec", "--chain", "nowhere"]] {
		let line = refusal(node().args(command));
		for part in ["\"nowhere\"", "dev", "local", "staging", "/nowhere)"] {
			assert!(line.contains(part), "{line}");
		}
	}
}

#[test]
fn a_bad_chain_specification_is_named_with_its_reason() {
	let files = Files::new();
	for (content, reason) in [
		("", "EOF"),
		("{\n\"name\": oops\n}", "line 2"),
		("{}", "missing field"),
		(&EMPTY_CHAIN.replace("\"raw\"", "\"cooked\""), "cooked"),
		(&EMPTY_CHAIN.replace("\"top\": {}", "\"top\": { \"0x3\": 4 }"), "chain.json"),
	] {
		let path = files.write("chain.json", content);
		let line = refusal(node().arg("--chain").arg(&path));
		assert!(line.contains(path.to_str().unwrap()), "{line}");
		assert!(line.contains(reason), "{content}: {line}");
	}
}

#[test]
fn a_genesis_without_a_runtime_is_an_error_and_not_a_panic() {
	let files = Files::new();
	let chain = files.write("chain.json", EMPTY_CHAIN);
	let (_, stderr) = run(node().args(["--tmp", "--chain"]).arg(&chain), 1);
	// The log has begun by now; the last line is the error.
	assert!(stderr.lines().last().unwrap().starts_with("Error: "), "{stderr}");
	assert!(!stderr.contains("panicked"), "{stderr}");
}

#[test]
fn a_bad_node_key_is_an_error() {
	let files = Files::new();
	let chain = files.write("chain.json", EMPTY_CHAIN);
	let line = refusal(node().args(["--tmp", "--node-key", "zz", "--chain"]).arg(&chain));
	assert!(line.contains("Invalid node key"), "{line}");
	// A validator without a key of its own.
	let line = refusal(node().args(["--tmp", "--validator", "--chain"]).arg(&chain));
	assert!(line.contains("generate-node-key"), "{line}");
}

#[test]
fn a_bad_key_is_an_error_to_every_key_command() {
	let files = Files::new();
	let chain = files.write("chain.json", EMPTY_CHAIN);
	for key in ["nonsense", "0x1234", "//Alice with spaces//", "5Grwva"] {
		let line = refusal(node().args(["key", "inspect", key]));
		assert!(line.contains("neither a secret phrase"), "{line}");
	}
	let _ = refusal(node().args(["key", "inspect", "--public", "0x1234"]));
	let _ = refusal(node().args(["key", "inspect-node-key", "--file", "/nowhere/key"]));
	let insert = |suri: &str, kind: &str| {
		refusal(
			node()
				.args(["key", "insert", "--scheme", "sr25519", "--suri", suri, "--key-type", kind])
				.arg("--base-path")
				.arg(files.folder())
				.arg("--chain")
				.arg(&chain),
		)
	};
	assert!(insert("nonsense", "rwak").contains("Invalid phrase"));
	assert!(insert("//Alice", "much too long").contains("key type"));
}

#[test]
fn good_keys_are_accepted() {
	let files = Files::new();
	let chain = files.write("chain.json", EMPTY_CHAIN);
	run(
		node()
			.args(["key", "insert", "--scheme", "sr25519", "--suri", "//Alice"])
			.args(["--key-type", "rwak", "--base-path"])
			.arg(files.folder())
			.arg("--chain")
			.arg(&chain),
		0,
	);
	let keystore = files.folder().join("chains/empty/keystore");
	assert_eq!(std::fs::read_dir(keystore).unwrap().count(), 1);

	let seed = format!("0x{}", "11".repeat(32));
	for key in ["//Alice", &seed, "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"] {
		run(node().args(["key", "inspect", key]), 0);
	}
}
