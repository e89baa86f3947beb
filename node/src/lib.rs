//! # RWA node
//!
//! The program that validators, full nodes and hosts of off-chain workers run. A library as well, so
//! that tools can open a node's database with [`service::new_partial`].
//!
//! [`cli`] says what can be asked for, [`command`] does it, [`chain_spec`] knows the networks,
//! [`service`] starts a node in small steps, [`consensus`] holds the numbers that decide how fast
//! blocks come and become final, [`worker_config`] reads the settings of the off-chain workers,
//! [`kubo`] names the Kubo for documents, and [`rpc`] answers what wallets, dApps and operators ask.

// The SDK's errors are large, and every function here that fails returns one, once.
#![allow(clippy::result_large_err)]

pub mod chain_spec;
pub mod cli;
pub mod command;
pub mod consensus;
mod key;
pub mod kubo;
pub mod rpc;
pub mod service;
pub mod worker_config;

/// `text` with every run of white space replaced by one space: an error as one line.
pub fn one_line(text: &str) -> String {
	text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
	use super::one_line;

	#[test]
	fn an_error_is_printed_as_one_line() {
		assert_eq!(one_line("first\n\t\tsecond  third\n"), "first second third");
	}
}
