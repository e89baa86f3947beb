//! Files with secret keys of readers and repairers.

use rwa_documents::{backup::MAX_FILE, KeyTextError, ReaderSecret};
use std::{
	fs::File,
	io::{self, Read},
	path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Why a file with a key or a passphrase can't be read.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
	/// The disk.
	#[error("{0}: {1}")]
	Io(PathBuf, io::Error),
	/// Much longer than any such file.
	#[error("{0} has more than {MAX_FILE} bytes: it is no file with a key or a passphrase")]
	TooLong(PathBuf),
	/// Not text.
	#[error("{0} is not text in UTF-8")]
	NotText(PathBuf),
	/// Text, and no key.
	#[error("{0}: {1}")]
	Text(PathBuf, KeyTextError),
}

/// The text of a file with a key or a passphrase; `-` is standard input.
///
/// # Errors
/// All but [`KeyFileError::Text`].
pub fn read_key_file(path: &Path) -> Result<Zeroizing<String>, KeyFileError> {
	let failed = |error| KeyFileError::Io(path.into(), error);
	let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_FILE.saturating_add(1)));
	let most = u64::try_from(MAX_FILE).unwrap_or(u64::MAX).saturating_add(1);
	if path == Path::new("-") {
		io::stdin().take(most).read_to_end(&mut bytes).map_err(failed)?;
	} else {
		File::open(path).map_err(failed)?.take(most).read_to_end(&mut bytes).map_err(failed)?;
	}
	if bytes.len() > MAX_FILE {
		return Err(KeyFileError::TooLong(path.into()));
	}
	let text = std::str::from_utf8(&bytes).map_err(|_| KeyFileError::NotText(path.into()))?;
	Ok(Zeroizing::new(text.into()))
}

/// The key in a file that has it as text: `x25519-secret:0x…`.
///
/// # Errors
/// See [`KeyFileError`].
pub fn read_reader_secret(path: &Path) -> Result<ReaderSecret, KeyFileError> {
	let text = read_key_file(path)?;
	ReaderSecret::from_text(text.trim()).map_err(|error| KeyFileError::Text(path.into(), error))
}
