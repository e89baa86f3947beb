//! A node of the RWA Network. See `rwa-node --help`.

use std::{
	io::{self, Write},
	process::ExitCode,
};

fn main() -> ExitCode {
	match rwa_node::command::run() {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			// If nobody reads stderr, the exit code still tells.
			let _ = writeln!(io::stderr(), "Error: {}", rwa_node::one_line(&error.to_string()));
			ExitCode::FAILURE
		}
	}
}
