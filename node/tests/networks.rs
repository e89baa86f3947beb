//! The networks that the program knows by name. Needs the runtime's blob.

mod common;

use common::{node, run, Files};
use serde_json::Value;
use std::path::Path;

fn stdout(arguments: &[&str], path: Option<&Path>) -> String {
	run(node().args(arguments).args(path), 0).0
}

fn json(arguments: &[&str], path: Option<&Path>) -> Value {
	serde_json::from_str(&stdout(arguments, path)).unwrap()
}

#[test]
fn every_network_has_a_specification_with_the_tokens_properties() {
	for (chain, id, kind) in [
		("dev", "rwa_dev", "Development"),
		("local", "rwa_local", "Local"),
		("staging", "rwa_staging", "Live"),
	] {
		let spec = json(&["export-chain-spec", "--chain", chain], None);
		assert_eq!(spec["id"], id);
		assert_eq!(spec["chainType"], kind);
		assert_eq!(spec["protocolId"], "rwa");
		assert_eq!(spec["properties"]["tokenSymbol"], "RWA");
		assert_eq!(spec["properties"]["tokenDecimals"], 12);
		assert_eq!(spec["properties"]["ss58Format"], 792);
		// The runtime builds a genesis from each.
		let raw = json(&["export-chain-spec", "--raw", "--chain", chain], None);
		assert!(raw["genesis"]["raw"]["top"]["0x3a636f6465"].is_string(), "{chain}: no runtime");
	}
}

#[test]
fn a_raw_specification_is_the_same_network_again() {
	let files = Files::new();
	let raw = stdout(&["export-chain-spec", "--raw", "--chain", "local"], None);
	let path = files.write("local.json", &raw);
	let again = stdout(&["export-chain-spec", "--raw", "--chain"], Some(&path));
	assert_eq!(raw, again);
}

#[test]
fn build_spec_does_the_same_and_names_a_boot_node() {
	let export = json(&["export-chain-spec", "--raw", "--chain", "local"], None);
	let build =
		json(&["build-spec", "--raw", "--disable-default-bootnode", "--chain", "local"], None);
	assert_eq!(export, build);
	let files = Files::new();
	let build = json(&["build-spec", "--chain", "local", "--base-path"], Some(files.folder()));
	assert_eq!(build["bootNodes"].as_array().unwrap().len(), 1);
}
