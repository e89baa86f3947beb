//! The command line: the SDK's, with this network's defaults and the off-chain workers' flags.

use crate::{kubo::KuboArgs, worker_config::WorkerArgs};
use clap::{ArgMatches, CommandFactory, FromArgMatches};
use sc_cli::{CliConfiguration, RunCmd, SubstrateCli, TransactionPoolType};
use sc_transaction_pool::{Options as PoolOptions, PoolLimit};
use std::{ffi::OsString, time::Duration};

/// Most transactions in the pool: a burst of 50,000, the largest that the network is tested with,
/// and some room. About 45 s of full blocks.
const POOL_LIMIT: &str = "65536";

/// Most kilobytes in the pool: a kilobyte for each of [`POOL_LIMIT`] transactions, several times
/// what a transfer takes, so that the count binds first; still small against a node's memory.
const POOL_KBYTES: &str = "65536";

/// What the cache of the state trie may hold, in bytes: 128 MiB.
const TRIE_CACHE_BYTES: &str = "134217728";

/// For how long the pool refuses what it found invalid, or has seen in a block. As the SDK's.
const BAN_TIME: Duration = Duration::from_secs(30 * 60);

/// The longest that makes a difference: ten years.
const LONGEST_BAN: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// A node of the RWA Network.
#[derive(Debug, clap::Parser)]
pub struct Cli {
	/// What to do. Without one, run a node.
	#[command(subcommand)]
	pub subcommand: Option<Subcommand>,

	/// How to run a node.
	#[command(flatten)]
	pub run: RunCmd,

	/// What the off-chain workers read.
	#[command(flatten)]
	pub workers: WorkerArgs,

	/// Where documents go.
	#[command(flatten)]
	pub documents: KuboArgs,

	/// When to stop for want of disk space.
	#[command(flatten)]
	pub storage_monitor: sc_storage_monitor::StorageMonitorParams,

	/// Keep no announcements of documents, and pass none on.
	#[arg(long)]
	pub no_statements: bool,
}

/// What the program can do besides running a node.
#[derive(Debug, clap::Subcommand)]
#[allow(clippy::large_enum_variant)] // Parsed once.
pub enum Subcommand {
	/// Make, look at and insert keys.
	#[command(subcommand)]
	Key(sc_cli::KeySubcommand),

	/// Write a chain's specification. `export-chain-spec` under its older name, with the node key's
	/// address added as a boot node.
	BuildSpec(sc_cli::BuildSpecCmd),

	/// Write a chain's specification.
	ExportChainSpec(sc_cli::ExportChainSpecCmd),

	/// Execute a block of the database again and compare.
	CheckBlock(sc_cli::CheckBlockCmd),

	/// Write blocks of the database to a file.
	ExportBlocks(sc_cli::ExportBlocksCmd),

	/// Write the state at a block as a chain specification.
	ExportState(sc_cli::ExportStateCmd),

	/// Read blocks from a file into the database.
	ImportBlocks(sc_cli::ImportBlocksCmd),

	/// Remove a chain's database.
	PurgeChain(sc_cli::PurgeChainCmd),

	/// Take back the newest blocks, as far as the last final one.
	Revert(sc_cli::RevertCmd),

	/// Print the best and the last final block of the database.
	ChainInfo(sc_cli::ChainInfoCmd),
}

impl Cli {
	/// The command line's grammar, with this network's defaults in place of the SDK's.
	pub fn grammar() -> clap::Command {
		Self::setup_command(<Self as CommandFactory>::command())
			.mut_arg("pool_limit", |arg| arg.default_value(POOL_LIMIT))
			.mut_arg("pool_kbytes", |arg| arg.default_value(POOL_KBYTES))
			.mut_arg("pool_type", |arg| {
				arg.default_value("single-state").long_help(
					"How the transaction pool keeps track of forks.\n\nThere is one: single-state, \
					 which checks transactions against the best block only, and lost none of a burst \
					 when measured. The SDK's fork-aware pool silently lost more than half of the \
					 same burst",
				)
			})
			.mut_arg("trie_cache_size", |arg| {
				arg.default_value(TRIE_CACHE_BYTES).long_help(
					"Bytes of memory for nodes of the state trie. 0: none.\n\nWith the SDK's default \
					 of 1 GiB a validator under load took more than 1.5 GiB after two minutes, and \
					 was no faster",
				)
			})
			.mut_arg("wasmtime_instantiation_strategy", |arg| {
				arg.default_value("recreate-instance-copy-on-write").long_help(
					"How memory is made ready for each call of the runtime.\n\nA pool spares system \
					 calls, but clearing its memory makes all processors wait for each other: a node \
					 on two cores finalised a fifth more without it",
				)
			})
			// The field in which the SDK keeps `--offchain-worker`.
			.mut_arg("enabled", |arg| {
				arg.default_value("always").long_help(
					"Which nodes run off-chain workers.\n\nBy default every node does: an oracle's \
					 host need not validate. A worker without a key and a source does nothing",
				)
			})
	}

	/// How much the transaction pool holds.
	///
	/// A quarter as many transactions may wait for one that is missing as may be ready, where the SDK
	/// allows a tenth: a burst that arrives out of order is one that waits. Not more: they pay nothing, and
	/// the pool goes through all of them for every block.
	///
	/// # Errors
	/// A type of pool that this node does not have.
	pub fn pool_options(&self) -> sc_cli::Result<PoolOptions> {
		let params = &self.run.pool_config;
		if let TransactionPoolType::ForkAware = params.pool_type {
			return Err("--pool-type: this node has no fork-aware pool, which lost transactions \
			            that it had accepted; leave the option out, or say single-state"
				.into());
		}
		let total_bytes = params.pool_kbytes.saturating_mul(1024);
		let ready = PoolLimit { count: params.pool_limit, total_bytes };
		let future = PoolLimit { count: ready.count / 4, total_bytes: total_bytes / 4 };
		let ban_time = match params.tx_ban_seconds {
			// Longer than a node runs, and short enough to be added to a time.
			Some(seconds) => Duration::from_secs(seconds).min(LONGEST_BAN),
			// On a developer's chain what was wrong a moment ago may be right now.
			None if self.run.is_dev()? => Duration::ZERO,
			None => BAN_TIME,
		};
		Ok(PoolOptions { ready, future, reject_future_transactions: false, ban_time })
	}

	/// Parses `arguments`, of which the first is the program's name. Also returns the raw matches,
	/// for what the SDK's types don't show.
	///
	/// # Errors
	/// What clap has to say, which may be a request for help.
	pub fn parse_with_matches<I>(arguments: I) -> Result<(Self, ArgMatches), clap::Error>
	where
		I: IntoIterator,
		I::Item: Into<OsString> + Clone,
	{
		let matches = Self::grammar().try_get_matches_from(arguments)?;
		let cli = Self::from_arg_matches(&matches)?;
		Ok((cli, matches))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use sc_cli::{OffchainWorkerEnabled, Role};

	fn parse(arguments: &[&str]) -> Cli {
		try_parse(arguments).unwrap()
	}

	fn try_parse(arguments: &[&str]) -> Result<Cli, clap::Error> {
		let program = std::iter::once(&"rwa-node");
		Cli::parse_with_matches(program.chain(arguments)).map(|(cli, _)| cli)
	}

	#[test]
	fn the_grammar_is_consistent() {
		Cli::grammar().debug_assert();
	}

	#[test]
	fn runtime_calls_have_fresh_instances_unless_told_otherwise() {
		use sc_cli::arg_enums::WasmtimeInstantiationStrategy::{
			PoolingCopyOnWrite, RecreateInstanceCopyOnWrite,
		};
		let strategy =
			|arguments: &[&str]| parse(arguments).run.import_params.wasmtime_instantiation_strategy;
		assert!(matches!(strategy(&[]), RecreateInstanceCopyOnWrite));
		let pooling = ["--wasmtime-instantiation-strategy", "pooling-copy-on-write"];
		assert!(matches!(strategy(&pooling), PoolingCopyOnWrite));
	}

	#[test]
	fn the_trie_cache_is_small_unless_told_otherwise() {
		let size =
			|arguments: &[&str]| parse(arguments).run.import_params.trie_cache_maximum_size();
		assert_eq!(size(&[]), Some(128 << 20));
		assert_eq!(size(&["--trie-cache-size", "7"]), Some(7));
		assert_eq!(size(&["--trie-cache-size", "0"]), None);
	}

	#[test]
	fn the_pool_is_large_unless_told_otherwise() {
		let pool = parse(&[]).pool_options().unwrap();
		assert_eq!((pool.ready.count, pool.future.count), (65_536, 16_384));
		assert_eq!((pool.ready.total_bytes, pool.future.total_bytes), (64 << 20, 16 << 20));
		assert_eq!(pool.ban_time, BAN_TIME);

		let pool = parse(&["--pool-limit", "8", "--tx-ban-seconds", "8"]).pool_options().unwrap();
		assert_eq!((pool.ready.count, pool.future.count), (8, 2));
		assert_eq!(pool.ban_time, Duration::from_secs(8));

		let endless = ["--tx-ban-seconds", "18446744073709551615"];
		assert_eq!(parse(&endless).pool_options().unwrap().ban_time, LONGEST_BAN);

		assert_eq!(parse(&["--dev"]).pool_options().unwrap().ban_time, Duration::ZERO);
	}

	#[test]
	fn announcements_are_kept_unless_told_otherwise() {
		assert!(!parse(&[]).no_statements);
		assert!(parse(&["--no-statements"]).no_statements);
	}

	#[test]
	fn a_pool_that_this_node_does_not_have_is_refused() {
		let error = parse(&["--pool-type", "fork-aware"]).pool_options().unwrap_err();
		assert!(error.to_string().contains("--pool-type: "), "{error}");
		assert!(parse(&["--pool-type", "single-state"]).pool_options().is_ok());
	}

	#[test]
	fn every_node_runs_workers_unless_told_otherwise() {
		let enabled = |arguments: &[&str], role: &Role| {
			parse(arguments).run.offchain_worker(role).unwrap().enabled
		};
		assert!(enabled(&[], &Role::Full));
		assert!(enabled(&[], &Role::Authority));
		assert!(!enabled(&["--offchain-worker", "never"], &Role::Authority));
		assert!(!enabled(&["--offchain-worker", "when-authority"], &Role::Full));
		assert!(enabled(&["--offchain-worker", "when-authority"], &Role::Authority));
		assert!(matches!(
			parse(&[]).run.offchain_worker_params.enabled,
			OffchainWorkerEnabled::Always
		));
	}

	#[test]
	fn the_database_is_paritydb_and_rocksdb_is_not_offered() {
		assert_eq!(parse(&[]).run.database().unwrap(), None);
		assert!(parse(&["--database", "auto"]).run.database().unwrap().is_some());
		assert!(try_parse(&["--database", "rocksdb"]).is_err());
	}

	#[test]
	fn all_sub_commands_are_there() {
		let grammar = Cli::grammar();
		let names: Vec<_> = grammar.get_subcommands().map(|command| command.get_name()).collect();
		assert_eq!(
			names,
			[
				"key",
				"build-spec",
				"export-chain-spec",
				"check-block",
				"export-blocks",
				"export-state",
				"import-blocks",
				"purge-chain",
				"revert",
				"chain-info",
			]
		);
	}

	#[test]
	fn flags_of_a_node_and_sub_commands_exclude_each_other() {
		assert!(try_parse(&["--validator", "chain-info"]).is_err());
	}

	#[test]
	fn an_oracle_source_given_as_a_flag_is_not_shown_by_debug() {
		let cli = parse(&["--oracle-source", "1:weather_api=http://host/?key=hunter2#/t"]);
		assert!(!format!("{cli:?}").contains("hunter2"));
	}
}
