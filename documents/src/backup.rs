//! A reader's secret key in a file, under a passphrase.
//!
//! ```json
//! {
//!   "key": "x25519:0x…",
//!   "salt": "0x…",
//!   "scrypt_log_n": 17,
//!   "sealed": "0x…",
//!   "version": 1,
//!   "what": "reader key of an RWA Network, under a passphrase"
//! }
//! ```
//!
//! The passphrase, in UTF-8 as it was typed, becomes a key of 32 bytes by scrypt (RFC 7914) with N = 2 to the
//! power of `scrypt_log_n`, r = 8, p = 1 and the salt, 32 random bytes. Under it the secret is encrypted with
//! AES-256-GCM, whose nonce may be zero because the salt, and so the key, is new for each file. Everything
//! else in the file is associated data: nothing in it can be changed unnoticed.
//!
//! The `age` format would do as well, and its command is widely known. Its crate brings some sixty others
//! into the tree, translations among them, for what takes one function here.

use crate::{
	entropy::{Entropy, NoEntropy},
	keys::KEY_BYTES,
	reader_key::{KeyTextError, ReaderKey, ReaderSecret},
	VERSION,
};
use aes_gcm::{
	aead::{Aead, Payload},
	Aes256Gcm, KeyInit,
};
use serde::Deserialize;
use zeroize::Zeroizing;

/// Work for each guess of a passphrase: 128 MiB and some tenths of a second.
pub const LOG_N: u8 = 17;

/// Least work that a file may ask for.
pub const MIN_LOG_N: u8 = 10;

/// Most work that a file may ask for, 1 GiB: a file that asks for more is there to do harm.
pub const MAX_LOG_N: u8 = 20;

/// Least characters of a passphrase.
pub const MIN_PASSPHRASE: usize = 12;

/// Most bytes of a file that is looked at.
pub const MAX_FILE: usize = 4_096;

const WHAT: &str = "reader key of an RWA Network, under a passphrase";
const SALT_BYTES: usize = 32;
const SEALED_BYTES: usize = KEY_BYTES + 16;

/// A reader's secret key, under a passphrase.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Backup {
	key: ReaderKey,
	log_n: u8,
	salt: [u8; SALT_BYTES],
	sealed: [u8; SEALED_BYTES],
}

/// The file, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
	what: String,
	version: u8,
	key: String,
	scrypt_log_n: u8,
	salt: String,
	sealed: String,
}

/// Why a backup can't be made or read.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
	/// Easy to guess.
	#[error("the passphrase has fewer than {MIN_PASSPHRASE} characters")]
	ShortPassphrase,
	/// Work outside the bounds.
	#[error("the file asks for scrypt with N = 2^{0}; it must be 2^{MIN_LOG_N} to 2^{MAX_LOG_N}")]
	Work(u8),
	/// Longer than such files are.
	#[error("the file has {0} bytes; a backup of a reader key has at most {MAX_FILE}")]
	TooLong(usize),
	/// Not what such files look like.
	#[error("not a backup of a reader key: {0}")]
	Json(#[from] serde_json::Error),
	/// Another kind of file.
	#[error("not a backup of a reader key, but {0:?}")]
	What(String),
	/// Written by another version.
	#[error("a backup of version {0}; this program reads version {VERSION}")]
	Version(u8),
	/// The public key can't be read.
	#[error(transparent)]
	Key(#[from] KeyTextError),
	/// Bytes in hex that can't be read.
	#[error("{0} is not 0x and {1} hexadecimal digits")]
	Hex(&'static str, usize),
	/// Another passphrase, or a file that was altered.
	#[error("the passphrase is wrong, or the file was altered")]
	Passphrase,
	/// The secret in the file belongs to another public key than the file says.
	#[error("the file names another key than the one in it")]
	OtherKey,
	/// No random bytes, without which none can be made.
	#[error(transparent)]
	NoEntropy(#[from] NoEntropy),
}

impl Backup {
	/// Puts a secret under a passphrase, with the work of [`LOG_N`].
	///
	/// # Errors
	/// [`BackupError::ShortPassphrase`] and [`BackupError::NoEntropy`].
	pub fn new(
		secret: &ReaderSecret,
		passphrase: &str,
		entropy: &mut impl Entropy,
	) -> Result<Self, BackupError> {
		Self::with_work(secret, passphrase, LOG_N, entropy)
	}

	/// As [`Self::new`], with scrypt's N = 2 to the power of `log_n`.
	///
	/// # Errors
	/// Also [`BackupError::Work`].
	pub fn with_work(
		secret: &ReaderSecret,
		passphrase: &str,
		log_n: u8,
		entropy: &mut impl Entropy,
	) -> Result<Self, BackupError> {
		if passphrase.chars().count() < MIN_PASSPHRASE {
			return Err(BackupError::ShortPassphrase);
		}
		let mut salt = [0; SALT_BYTES];
		entropy.fill(&mut salt)?;
		let mut backup = Self { key: secret.public(), log_n, salt, sealed: [0; SEALED_BYTES] };
		let aad = backup.associated();
		let payload = Payload { msg: secret.expose(), aad: &aad };
		let sealed = backup.cipher(passphrase)?.encrypt(&[0; 12].into(), payload);
		// Neither 32 bytes nor the rest of the file are too many.
		let sealed = sealed.map_err(|_| BackupError::Passphrase)?;
		backup.sealed = sealed.try_into().map_err(|_| BackupError::Passphrase)?;
		Ok(backup)
	}

	/// The public key that belongs to the secret, as the file says. True once it is opened.
	pub const fn key(&self) -> ReaderKey {
		self.key
	}

	/// The secret.
	///
	/// # Errors
	/// [`BackupError::Passphrase`], [`BackupError::OtherKey`].
	pub fn open(&self, passphrase: &str) -> Result<ReaderSecret, BackupError> {
		let payload = Payload { msg: self.sealed.as_slice(), aad: &self.associated() };
		let opened = self.cipher(passphrase)?.decrypt(&[0; 12].into(), payload);
		let opened = Zeroizing::new(opened.map_err(|_| BackupError::Passphrase)?);
		let bytes = opened.first_chunk().ok_or(BackupError::Passphrase)?;
		let secret = ReaderSecret::from_bytes(*bytes);
		if secret.public() != self.key {
			return Err(BackupError::OtherKey);
		}
		Ok(secret)
	}

	/// As a file.
	pub fn to_json(&self) -> String {
		let text = |bytes: &[u8]| format!("0x{}", hex::encode(bytes));
		let file = serde_json::json!({
			"what": WHAT,
			"version": VERSION,
			"key": self.key.to_string(),
			"scrypt_log_n": self.log_n,
			"salt": text(&self.salt),
			"sealed": text(&self.sealed),
		});
		format!("{file:#}\n")
	}

	/// From a file.
	///
	/// # Errors
	/// See [`BackupError`]. Never panics, whatever the text.
	pub fn from_json(text: &str) -> Result<Self, BackupError> {
		if text.len() > MAX_FILE {
			return Err(BackupError::TooLong(text.len()));
		}
		let file = serde_json::from_str::<File>(text)?;
		if file.what != WHAT {
			return Err(BackupError::What(file.what));
		}
		if file.version != VERSION {
			return Err(BackupError::Version(file.version));
		}
		Ok(Self {
			key: file.key.parse()?,
			log_n: file.scrypt_log_n,
			salt: read_hex("salt", &file.salt)?,
			sealed: read_hex("sealed", &file.sealed)?,
		})
	}

	/// What is not secret in the file, which can't be changed either.
	fn associated(&self) -> Vec<u8> {
		let label = b"rwa-document-1 backup".iter();
		label.chain(&[self.log_n]).chain(&self.salt).chain(&self.key.0).copied().collect()
	}

	fn cipher(&self, passphrase: &str) -> Result<Aes256Gcm, BackupError> {
		if !(MIN_LOG_N..=MAX_LOG_N).contains(&self.log_n) {
			return Err(BackupError::Work(self.log_n));
		}
		let work = || BackupError::Work(self.log_n);
		let params = scrypt::Params::new(self.log_n, 8, 1).map_err(|_| work())?;
		let mut key = Zeroizing::new([0; KEY_BYTES]);
		scrypt::scrypt(passphrase.as_bytes(), &self.salt, &params, key.as_mut())
			.map_err(|_| work())?;
		Ok(Aes256Gcm::new((&*key).into()))
	}
}

fn read_hex<const N: usize>(name: &'static str, text: &str) -> Result<[u8; N], BackupError> {
	let error = || BackupError::Hex(name, N.saturating_mul(2));
	let mut bytes = [0; N];
	let digits = text.strip_prefix("0x").ok_or_else(error)?;
	hex::decode_to_slice(digits, &mut bytes).map_err(|_| error())?;
	Ok(bytes)
}
