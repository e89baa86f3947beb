//! What the SDK's key commands leave unchecked.

use clap::ArgMatches;
use sc_cli::{
	commands::utils::read_uri, with_crypto_scheme, Error, InspectKeyCmd, KeySubcommand,
	SubstrateCli,
};
use sp_core::crypto::Ss58Codec;

/// Runs a key command. `matches` are those of the whole command line.
///
/// # Errors
/// What is wrong with the key, or with the place it should go to.
pub(crate) fn run<C: SubstrateCli>(
	cli: &C,
	command: &KeySubcommand,
	matches: &ArgMatches,
) -> Result<(), Error> {
	if let KeySubcommand::Inspect(inspect) = command {
		check_inspected(inspect, matches)?;
	}
	command.run(cli)
}

/// The SDK answers a key it can't read with a line on stdout and success; a script needs an error.
fn check_inspected(command: &InspectKeyCmd, matches: &ArgMatches) -> Result<(), Error> {
	let arguments = matches
		.subcommand_matches("key")
		.and_then(|key| key.subcommand_matches("inspect"))
		.filter(|inspect| !inspect.get_flag("public"));
	// A key that the user is asked for can't be asked for twice.
	let Some(uri) = arguments.and_then(|inspect| inspect.get_one::<String>("uri")) else {
		return Ok(());
	};
	let uri = read_uri(Some(uri))?;
	with_crypto_scheme!(command.crypto_scheme.scheme, check_readable(&uri))
}

/// The same three readings that the command itself tries. A password changes which key it is, not
/// whether it is one.
fn check_readable<P: sp_core::Pair>(uri: &str) -> Result<(), Error> {
	let readable = P::from_phrase(uri, None).is_ok()
		|| P::from_string_with_seed(uri, None).is_ok()
		|| P::Public::from_string_with_version(uri).is_ok();
	if readable {
		return Ok(());
	}
	Err("this is neither a secret phrase, a secret seed, a secret URI nor an address".into())
}
