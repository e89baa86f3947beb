//! Does what the command line asks for.

use crate::{
	chain_spec,
	cli::{Cli, Subcommand},
	key,
	service::{self, FullClient, NodeOptions, PartialNode},
};
use clap::ArgMatches;
use rwa_primitives::worker::WorkerConfig;
use rwa_runtime::{opaque::Block, SS58_PREFIX};
use sc_cli::{CliConfiguration, Error, Result, SubstrateCli};
use sc_service::ChainSpec;
use sc_transaction_pool::Options as PoolOptions;
use sp_core::crypto::set_default_ss58_version;
use std::sync::Arc;

/// Log targets that print what requests are made of, and the level at which they don't.
///
/// A node that was given sources keeps to it whatever `--log` says: at finer levels the SDK and the
/// HTTP libraries print addresses, headers and stored settings, and with them the operator's
/// secrets.
const QUIET_TARGETS: [&str; 6] = [
	"offchain-worker::http=info",
	"offchain-worker::storage=info",
	"h2=info",
	"hyper=info",
	"hyper_rustls=info",
	"hyper_util=info",
];

/// Log targets that print what callers send, and the level at which they don't: with a Kubo, that may be a reader's
/// secret key.
const QUIET_CALLS: [&str; 7] = [
	"jsonrpsee=info",
	"jsonrpsee-core=info",
	"jsonrpsee-server=info",
	"jsonrpsee_core=info",
	"jsonrpsee_server=info",
	"rpc_metrics=info",
	"rpc_metrics::extra=info",
];

impl SubstrateCli for Cli {
	fn impl_name() -> String {
		"RWA Network Node".into()
	}

	fn impl_version() -> String {
		env!("SUBSTRATE_CLI_IMPL_VERSION").into()
	}

	fn description() -> String {
		env!("CARGO_PKG_DESCRIPTION").into()
	}

	fn author() -> String {
		"RWA Network contributors".into()
	}

	fn support_url() -> String {
		"the operator guide in docs/".into()
	}

	fn copyright_start_year() -> i32 {
		2026
	}

	fn load_spec(&self, id: &str) -> std::result::Result<Box<dyn ChainSpec>, String> {
		chain_spec::load(id).map(|spec| Box::new(spec) as Box<_>)
	}
}

/// Parses the command line and does what it says. Ends the process if the command line itself is
/// wrong, or asks for help.
///
/// # Errors
/// Whatever went wrong, worded for the user.
pub fn run() -> Result<()> {
	// Addresses are printed, and read without a doubt, in this network's form.
	set_default_ss58_version(SS58_PREFIX.into());
	let (cli, matches) =
		Cli::parse_with_matches(std::env::args_os()).unwrap_or_else(|error| error.exit());
	match &cli.subcommand {
		Some(subcommand) => run_subcommand(&cli, subcommand, &matches),
		None => run_node(cli),
	}
}

fn run_node(mut cli: Cli) -> Result<()> {
	// Before the log begins: what is wrong with the settings is then all that is printed.
	let workers = cli.workers.load().map_err(|error| Error::Application(error.into()))?;
	if !workers.oracle.is_empty() {
		ensure_workers_run(&cli, &workers)?;
		cli.run.shared_params.log.extend(QUIET_TARGETS.map(String::from));
	}
	let kubo = cli.documents.load().map_err(|error| Error::Application(error.into()))?;
	if kubo.is_some() {
		cli.run.shared_params.log.extend(QUIET_CALLS.map(String::from));
	}

	let pool = cli.pool_options()?;
	let runner = cli.create_runner(&cli.run)?;
	let options = NodeOptions {
		workers,
		kubo,
		pool,
		storage_monitor: cli.storage_monitor.clone(),
		statements: !cli.no_statements,
	};
	runner.run_node_until_exit(|config| async move {
		service::start(config, options).map_err(Error::Service)
	})
}

/// Refuses sources that nothing would ever read.
fn ensure_workers_run(cli: &Cli, workers: &WorkerConfig) -> Result<()> {
	let role = cli.run.role(cli.run.is_dev()?)?;
	if cli.run.offchain_worker(&role)?.enabled {
		return Ok(());
	}
	Err(format!(
		"{} oracle source(s) are configured, but --offchain-worker keeps this node from running \
		 off-chain workers",
		workers.oracle.len()
	)
	.into())
}

fn run_subcommand(cli: &Cli, subcommand: &Subcommand, matches: &ArgMatches) -> Result<()> {
	match subcommand {
		Subcommand::Key(command) => key::run(cli, command, matches),
		Subcommand::BuildSpec(command) => cli
			.create_runner(command)?
			.sync_run(|config| command.run(config.chain_spec, config.network)),
		Subcommand::ExportChainSpec(command) => command.run(cli.load_spec(&command.chain)?),
		Subcommand::PurgeChain(command) => {
			cli.create_runner(command)?.sync_run(|config| command.run(config.database))
		}
		Subcommand::ChainInfo(command) => {
			cli.create_runner(command)?.sync_run(|config| command.run::<Block>(&config))
		}
		Subcommand::CheckBlock(command) => cli.create_runner(command)?.async_run(|config| {
			let PartialNode { client, task_manager, import_queue, .. } =
				service::new_partial(&config, PoolOptions::default())?;
			Ok((command.run(client, import_queue), task_manager))
		}),
		Subcommand::ImportBlocks(command) => cli.create_runner(command)?.async_run(|config| {
			let PartialNode { client, task_manager, import_queue, .. } =
				service::new_partial(&config, PoolOptions::default())?;
			Ok((command.run(client, import_queue), task_manager))
		}),
		Subcommand::ExportBlocks(command) => cli.create_runner(command)?.async_run(|config| {
			let PartialNode { client, task_manager, .. } =
				service::new_partial(&config, PoolOptions::default())?;
			Ok((command.run(client, config.database), task_manager))
		}),
		Subcommand::ExportState(command) => cli.create_runner(command)?.async_run(|config| {
			let PartialNode { client, task_manager, .. } =
				service::new_partial(&config, PoolOptions::default())?;
			Ok((command.run(client, config.chain_spec), task_manager))
		}),
		Subcommand::Revert(command) => cli.create_runner(command)?.async_run(|config| {
			let PartialNode { client, backend, task_manager, .. } =
				service::new_partial(&config, PoolOptions::default())?;
			// BABE and GRANDPA keep notes on blocks beside the chain; notes on blocks that are gone
			// would keep the node from going on.
			let revert_notes = Box::new(|client: Arc<FullClient>, backend, blocks| {
				sc_consensus_babe::revert(client.clone(), backend, blocks)?;
				sc_consensus_grandpa::revert(client, blocks)?;
				Ok(())
			});
			Ok((command.run(client, backend, Some(revert_notes)), task_manager))
		}),
	}
}
