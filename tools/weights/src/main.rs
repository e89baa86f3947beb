//! Measures what the runtime's weights are made of. `scripts/weights.sh` runs it; its files end up in
//! `runtime/src/weights`.
//!
//! Everything is the SDK's own benchmarking library. `frame-omni-bencher` offers two of its commands,
//! pallets and overhead; the third, storage, needs a node's database, which this program opens for
//! whatever chain specification it is given. One program for the three makes one build of it.

use clap::{Parser, Subcommand};
use frame_benchmarking_cli::{OpaqueBlock, OverheadCmd, PalletCmd, StorageCmd};
use sc_chain_spec::{ChainSpec, GenericChainSpec};
use sc_cli::{Result, SubstrateCli};
use sc_executor::WasmExecutor;
use sc_service::Configuration;
use sp_runtime::traits::BlakeTwo256;

/// The runtime calls no host function beyond Substrate's.
type NoFurtherHostFunctions = ();
type Executor = WasmExecutor<sp_io::SubstrateHostFunctions>;

/// Measures what the runtime's weights are made of.
#[derive(Debug, Parser)]
struct Cli {
	#[command(subcommand)]
	measure: Measure,
}

#[derive(Debug, Subcommand)]
enum Measure {
	/// Calls, hooks and transaction extensions, from the runtime's blob.
	Pallet(Box<PalletCmd>),
	/// An empty block, and an extrinsic that does nothing, from the runtime's blob.
	Overhead(Box<OverheadCmd>),
	/// Reading and writing one value of a chain's state in ParityDB.
	Storage(Box<StorageCmd>),
}

fn main() -> Result<()> {
	let cli = Cli::from_args();
	match &cli.measure {
		Measure::Pallet(command) => {
			logging()?;
			command.run_with_spec::<BlakeTwo256, NoFurtherHostFunctions>(None)
		}
		Measure::Overhead(command) => {
			logging()?;
			command.run_with_default_builder_and_spec::<OpaqueBlock, NoFurtherHostFunctions>(None)
		}
		Measure::Storage(command) => {
			cli.create_runner(command.as_ref())?.sync_run(|config| storage(command, config))
		}
	}
}

/// Opens, or makes, the database of the chain in `config` and measures it.
fn storage(command: &StorageCmd, config: Configuration) -> Result<()> {
	let executor: Executor = sc_service::new_wasm_executor(&config.executor);
	let (client, backend, _keystore, _tasks) =
		sc_service::new_full_parts::<OpaqueBlock, (), _>(&config, None, executor, Vec::new())?;
	command.run(
		config,
		client.into(),
		backend.expose_db(),
		backend.expose_storage(),
		backend.expose_shared_trie_cache(),
	)
}

/// The runner sets logging up for `storage`; the other two commands bring none.
fn logging() -> Result<()> {
	sc_cli::LoggerBuilder::new("info").init().map_err(Into::into)
}

impl SubstrateCli for Cli {
	fn impl_name() -> String {
		"RWA weights".into()
	}

	fn impl_version() -> String {
		env!("CARGO_PKG_VERSION").into()
	}

	fn description() -> String {
		env!("CARGO_PKG_DESCRIPTION").into()
	}

	fn author() -> String {
		String::new()
	}

	fn support_url() -> String {
		String::new()
	}

	fn copyright_start_year() -> i32 {
		2026
	}

	fn load_spec(&self, path: &str) -> std::result::Result<Box<dyn ChainSpec>, String> {
		Ok(Box::new(GenericChainSpec::<sc_chain_spec::NoExtension>::from_json_file(path.into())?))
	}
}
