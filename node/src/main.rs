//! A node of the RWA Network. See `rwa-node --help`.

use std::{
	env,
	io::{self, Write},
	process::ExitCode,
	thread,
};

/// The variable by which an operator tells tokio how many threads run the node's asynchronous tasks.
const WORKER_THREADS: &str = "TOKIO_WORKER_THREADS";

/// A fifth less memory under load than with glibc's, and a little more throughput.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
	if env::var_os(WORKER_THREADS).is_none() {
		env::set_var(WORKER_THREADS, worker_threads().to_string());
	}
	match rwa_node::command::run() {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			// The log lags behind; an error in it makes it catch up, so that what follows is last.
			log::error!("Ending because of an error");
			// If nobody reads stderr, the exit code still tells.
			let _ = writeln!(io::stderr(), "Error: {}", rwa_node::one_line(&error.to_string()));
			ExitCode::FAILURE
		}
	}
}

/// A thread for every second core, instead of one for each.
///
/// Tasks hand each transaction on several times, and waking a thread on another core costs more than the
/// task does: measured on two cores, see `docs/consensus.md`. What computes for long, runtime calls above
/// all, has threads of its own.
fn worker_threads() -> usize {
	let cores = thread::available_parallelism().map_or(1, usize::from);
	(cores / 2).max(1)
}
