//! The networks this program knows by name, and the files that describe others.
//!
//! Genesis itself is the runtime's business: a specification names one of its presets, and the blob
//! builds it.

use rwa_runtime::{opaque::Block, SS58_PREFIX, TOKEN_DECIMALS, TOKEN_SYMBOL, WASM_BINARY};
use sc_chain_spec::{ChainSpecExtension, Properties};
use sc_service::ChainType;
use serde::{Deserialize, Serialize};
use std::path::{absolute, Path};

/// What nodes agree on beyond genesis.
#[derive(Default, Clone, Serialize, Deserialize, ChainSpecExtension)]
#[serde(rename_all = "camelCase")]
pub struct Extensions {
	/// Blocks that must be in the chain at their number: how a fork is decided by hand.
	pub fork_blocks: sc_client_api::ForkBlocks<Block>,
	/// Blocks that must not be in the chain.
	pub bad_blocks: sc_client_api::BadBlocks<Block>,
	/// A final state from which light clients may begin. Written by `sync_state_genSyncSpec`.
	pub light_sync_state: sc_sync_state_rpc::LightSyncStateExtension,
}

/// A chain's specification.
pub type ChainSpec = sc_service::GenericChainSpec<Extensions>;

/// Nodes of different networks don't talk to each other: part of the names of the protocols.
const PROTOCOL_ID: &str = "rwa";

/// A network whose genesis is a preset of the runtime.
struct Network {
	/// What `--chain` says.
	argument: &'static str,
	name: &'static str,
	/// Names the folder of the database.
	id: &'static str,
	kind: ChainType,
	preset: &'static str,
}

const NETWORKS: [Network; 3] = [
	Network {
		argument: "dev",
		name: "RWA Development",
		id: "rwa_dev",
		kind: ChainType::Development,
		preset: "development",
	},
	Network {
		argument: "local",
		name: "RWA Local Testnet",
		id: "rwa_local",
		kind: ChainType::Local,
		preset: "local_testnet",
	},
	Network {
		argument: "staging",
		name: "RWA Staging",
		id: "rwa_staging",
		kind: ChainType::Live,
		preset: "staging",
	},
];

/// The specification that `chain` names: `dev`, `local` (also if empty), `staging`, or a file.
///
/// # Errors
/// A sentence for the user: nothing of that name, a file that isn't a specification, or a program
/// built without the runtime's blob.
pub fn load(chain: &str) -> Result<ChainSpec, String> {
	let name = if chain.is_empty() { "local" } else { chain };
	match NETWORKS.iter().find(|network| network.argument == name) {
		Some(network) => network.spec(),
		None => from_file(Path::new(name)),
	}
}

impl Network {
	fn spec(&self) -> Result<ChainSpec, String> {
		let blob = WASM_BINARY.ok_or_else(|| {
			format!(
				"this program was built without the runtime's blob, so it can't start the chain \
				 \"{}\"; build it again without SKIP_WASM_BUILD, or give --chain a file",
				self.argument
			)
		})?;
		Ok(ChainSpec::builder(blob, Extensions::default())
			.with_name(self.name)
			.with_id(self.id)
			.with_chain_type(self.kind.clone())
			.with_protocol_id(PROTOCOL_ID)
			.with_properties(properties())
			.with_genesis_config_preset_name(self.preset)
			.build())
	}
}

/// What wallets need to know to show amounts and addresses.
fn properties() -> Properties {
	Properties::from_iter([
		("tokenSymbol".into(), TOKEN_SYMBOL.into()),
		("tokenDecimals".into(), TOKEN_DECIMALS.into()),
		("ss58Format".into(), SS58_PREFIX.into()),
	])
}

fn from_file(path: &Path) -> Result<ChainSpec, String> {
	let full = absolute(path).unwrap_or_else(|_| path.to_owned());
	if !path.is_file() {
		return Err(format!(
			"unknown chain \"{}\": it is neither dev, local nor staging, nor a file (looked for {})",
			path.display(),
			full.display()
		));
	}
	let refuse = |reason: String| format!("chain specification {}: {reason}", full.display());
	let spec = ChainSpec::from_json_file(path.to_owned()).map_err(refuse)?;
	// The genesis is read only when it is needed, far from here: read it once, so that the user
	// learns now what is wrong with it.
	spec.as_json(false).map_err(refuse)?;
	Ok(spec)
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::{fs, io::Write};

	/// The least that is a specification: no boot nodes, an empty raw genesis.
	const MINIMAL: &str = r#"{
		"name": "Minimal", "id": "minimal", "chainType": "Live", "bootNodes": [],
		"telemetryEndpoints": null, "protocolId": "rwa", "properties": null,
		"genesis": { "raw": { "top": {}, "childrenDefault": {} } }
	}"#;

	fn refusal(content: &str) -> String {
		let mut file = tempfile::NamedTempFile::new().unwrap();
		file.write_all(content.as_bytes()).unwrap();
		load(file.path().to_str().unwrap()).map(drop).unwrap_err()
	}

	#[test]
	fn an_unknown_chain_names_what_there_is_and_where_it_looked() {
		let error = load("nowhere").map(drop).unwrap_err();
		let looked_for = absolute("nowhere").unwrap();
		for part in ["dev", "local", "staging", looked_for.to_str().unwrap()] {
			assert!(error.contains(part), "{error}");
		}
	}

	#[test]
	fn a_file_that_is_not_json_is_refused_with_its_name_and_line() {
		let error = refusal("{\n\"name\": oops");
		assert!(error.contains("chain specification /") && error.contains("line 2"), "{error}");
	}

	#[test]
	fn a_genesis_that_is_not_one_is_refused() {
		let error = refusal(&MINIMAL.replace("raw", "cooked"));
		assert!(error.contains("cooked"), "{error}");
		let error = refusal(&MINIMAL.replace("{}, \"children", "{\"0xzz\": \"0x\"}, \"children"));
		assert!(error.contains("chain specification"), "{error}");
	}

	#[test]
	fn extensions_survive_being_written_and_read() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("spec.json");
		let hash = "0x1111111111111111111111111111111111111111111111111111111111111111";
		let spec = MINIMAL.replacen(
			'{',
			&format!("{{ \"badBlocks\": [\"{hash}\"], \"forkBlocks\": [[7, \"{hash}\"]],"),
			1,
		);
		fs::write(&path, spec).unwrap();
		let read = load(path.to_str().unwrap()).unwrap();
		fs::write(&path, read.as_json(true).unwrap()).unwrap();
		let again = load(path.to_str().unwrap()).unwrap();
		assert_eq!(again.extensions().bad_blocks.as_ref().unwrap().len(), 1);
		assert_eq!(again.extensions().fork_blocks.as_ref().unwrap()[0].0, 7);
		assert!(again.extensions().light_sync_state.is_none());
	}

	#[test]
	fn wallets_learn_token_and_prefix_from_the_properties() {
		let properties = properties();
		assert_eq!(properties["tokenSymbol"], "RWA");
		assert_eq!(properties["tokenDecimals"], 12);
		assert_eq!(properties["ss58Format"], 792);
	}
}
