//! A node of the RWA Network. See `rwa-node --help`.

use std::{
	io::{self, Write},
	process::ExitCode,
};

fn main() -> ExitCode {
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
