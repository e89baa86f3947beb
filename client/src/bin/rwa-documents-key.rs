//! Makes, backs up, restores and looks at keys of readers and repairers of documents.
//!
//! A secret is never an argument, because other users of a machine can see those; it is never printed either.
//! It goes from file to file, which only their owner can read.

use clap::{Args, Parser, Subcommand};
use rwa_client::documents::{read_key_file, read_reader_secret, KeyFileError};
use rwa_documents::{Backup, BackupError, NoEntropy, ReaderSecret, SystemEntropy};
use std::{
	fs::{File, OpenOptions},
	io::{self, Write},
	os::unix::fs::OpenOptionsExt,
	path::{Path, PathBuf},
	process::ExitCode,
};
use zeroize::Zeroizing;

/// Makes, backs up, restores and looks at keys of readers and repairers of documents.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
	#[command(subcommand)]
	command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
	/// Make a new key, into a file under a passphrase.
	///
	/// Prints the public key, for scripts/js/set-reader-key.js.
	Generate(Generate),
	/// Put a key that is in a file as text under a passphrase.
	Backup(PutAway),
	/// Take a key out of its file, as text: x25519-secret:0x…
	///
	/// The text is not encrypted.
	Restore(Restore),
	/// Print the public key of a file of either kind. Needs no passphrase.
	Inspect(Inspect),
}

/// Where the passphrase is.
#[derive(Debug, Args)]
struct Passphrase {
	/// File whose first line is the passphrase, of at least 12 characters; - for standard input.
	#[arg(long, value_name = "FILE")]
	passphrase_file: PathBuf,
}

#[derive(Debug, Args)]
struct Generate {
	/// File to make, which must not be there.
	#[arg(long, value_name = "FILE")]
	out: PathBuf,
	#[command(flatten)]
	passphrase: Passphrase,
}

#[derive(Debug, Args)]
struct PutAway {
	/// File with the key as text.
	#[arg(long, value_name = "FILE")]
	secret_file: PathBuf,
	/// File to make, which must not be there.
	#[arg(long, value_name = "FILE")]
	out: PathBuf,
	#[command(flatten)]
	passphrase: Passphrase,
}

#[derive(Debug, Args)]
struct Restore {
	/// File with the key under a passphrase.
	#[arg(long, value_name = "FILE")]
	backup: PathBuf,
	/// File to make, which must not be there.
	#[arg(long, value_name = "FILE")]
	out: PathBuf,
	#[command(flatten)]
	passphrase: Passphrase,
}

#[derive(Debug, Args)]
struct Inspect {
	/// File with a key, as text or under a passphrase.
	file: PathBuf,
}

#[derive(Debug, thiserror::Error)]
enum KeyError {
	#[error("{0}: {1}")]
	File(PathBuf, io::Error),
	#[error(transparent)]
	Unreadable(#[from] KeyFileError),
	#[error("{0}: {1}")]
	Backup(PathBuf, BackupError),
	#[error(transparent)]
	NoEntropy(#[from] NoEntropy),
	#[error("can't print: {0}")]
	Print(#[from] io::Error),
}

impl Command {
	fn run(self, out: &mut impl Write) -> Result<(), KeyError> {
		match self {
			Self::Generate(command) => {
				let secret = ReaderSecret::generate(&mut SystemEntropy)?;
				put_away(&secret, &command.passphrase, &command.out)?;
				writeln!(out, "{}", secret.public())?;
			}
			Self::Backup(command) => {
				let secret = read_reader_secret(&command.secret_file)?;
				put_away(&secret, &command.passphrase, &command.out)?;
				writeln!(out, "{}", secret.public())?;
			}
			Self::Restore(command) => {
				let failed = |error| KeyError::Backup(command.backup.clone(), error);
				let backup = Backup::from_json(&read_key_file(&command.backup)?).map_err(failed)?;
				let secret = backup.open(&command.passphrase.read()?).map_err(failed)?;
				let mut text = secret.to_text();
				text.push('\n');
				write_new(&command.out, text.as_bytes())?;
				writeln!(out, "{}", secret.public())?;
			}
			Self::Inspect(Inspect { file }) => {
				let text = read_key_file(&file)?;
				let key = match text.trim_start().starts_with('{') {
					true => Backup::from_json(&text)
						.map_err(|error| KeyError::Backup(file, error))?
						.key(),
					false => read_reader_secret(&file)?.public(),
				};
				writeln!(out, "{key}")?;
			}
		}
		Ok(())
	}
}

impl Passphrase {
	fn read(&self) -> Result<Zeroizing<String>, KeyError> {
		let text = read_key_file(&self.passphrase_file)?;
		Ok(Zeroizing::new(text.lines().next().unwrap_or_default().into()))
	}
}

fn put_away(secret: &ReaderSecret, passphrase: &Passphrase, to: &Path) -> Result<(), KeyError> {
	let backup = Backup::new(secret, &passphrase.read()?, &mut SystemEntropy);
	let backup = backup.map_err(|error| KeyError::Backup(to.into(), error))?;
	write_new(to, backup.to_json().as_bytes())
}

/// A file that only its owner can read, on disk when this returns. What is there is never overwritten: it may be
/// the only copy of a key.
fn write_new(path: &Path, bytes: &[u8]) -> Result<(), KeyError> {
	let failed = |error| KeyError::File(path.into(), error);
	let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
	let mut file = made.map_err(failed)?;
	file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
	// Its name, too.
	let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
	let folder = File::open(folder.unwrap_or(Path::new("."))).map_err(failed)?;
	folder.sync_all().map_err(failed)
}

fn main() -> ExitCode {
	match Cli::parse().command.run(&mut io::stdout()) {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("{error}");
			ExitCode::FAILURE
		}
	}
}
