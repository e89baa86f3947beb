//! The command line of the load generator.

use clap::Parser;
use rwa_load::{
	baseline::Baseline, burst::Burst, error::LoadError, genesis::Genesis, idle::Idle, run::Run,
};
use std::{io, process::ExitCode};

/// Sends transfers to a node at a steady rate or in a burst and reports what was finalised, and when
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
	#[command(subcommand)]
	command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
	Run(Run),
	Burst(Burst),
	Idle(Idle),
	Genesis(Genesis),
	Baseline(Baseline),
}

impl Command {
	async fn run(&self) -> Result<(), LoadError> {
		let out = &mut io::stdout().lock();
		match self {
			Self::Run(run) => run.run(out).await,
			Self::Burst(burst) => burst.run(out).await,
			Self::Idle(idle) => idle.run(out).await,
			Self::Genesis(genesis) => genesis.run(out),
			Self::Baseline(baseline) => baseline.run(out),
		}
	}
}

fn main() -> ExitCode {
	let cli = Cli::parse();
	let outcome = tokio::runtime::Builder::new_multi_thread()
		.enable_all()
		.build()
		.map_err(LoadError::Output)
		.and_then(|runtime| runtime.block_on(cli.command.run()));
	match outcome {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("error: {error}");
			ExitCode::FAILURE
		}
	}
}
