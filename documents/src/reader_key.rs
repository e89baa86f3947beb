//! Keys of those who read and repair: X25519.

use crate::{
	entropy::{Entropy, NoEntropy},
	keys::{secret, KEY_BYTES},
};
use core::{fmt, str::FromStr};
use hpke::{kem::X25519HkdfSha256, Deserializable, HpkeError, Kem, Serializable};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// What a public key begins with as text.
const PUBLIC: &str = "x25519:0x";

/// What a secret key begins with as text.
const SECRET: &str = "x25519-secret:0x";

/// Bytes of the checksum behind a secret key.
const CHECKSUM_BYTES: usize = 4;

/// Why a text is not a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum KeyTextError {
	/// Doesn't begin as such keys do.
	#[error("the key does not begin with {expected:?}")]
	Prefix {
		/// How they begin.
		expected: &'static str,
	},
	/// More or fewer digits than a key has.
	#[error("the key has {found} digits and not {expected}")]
	Length {
		/// As many as it should have.
		expected: usize,
		/// As many as it has.
		found: usize,
	},
	/// A character that is no hexadecimal digit.
	#[error("the key holds a character that is no hexadecimal digit")]
	Digit,
	/// The digits don't fit together: one is wrong.
	#[error("the key's last eight digits do not fit the others: a digit is wrong")]
	Checksum,
}

/// The public key of a reader or repairer, as the chain has it.
///
/// ```
/// use rwa_documents::ReaderKey;
///
/// let text = "x25519:0xde9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";
/// assert_eq!(text.parse::<ReaderKey>().unwrap().to_string(), text);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReaderKey(pub [u8; KEY_BYTES]);

impl fmt::Display for ReaderKey {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{PUBLIC}{}", hex::encode(self.0))
	}
}

impl fmt::Debug for ReaderKey {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		fmt::Display::fmt(self, f)
	}
}

impl FromStr for ReaderKey {
	type Err = KeyTextError;

	fn from_str(text: &str) -> Result<Self, KeyTextError> {
		let mut key = [0; KEY_BYTES];
		read_hex(text, PUBLIC, &mut key)?;
		Ok(Self(key))
	}
}

secret! {
	/// The secret key of a reader or repairer: any 32 bytes that nobody can guess.
	ReaderSecret
}

impl ReaderSecret {
	/// The public key that belongs to it.
	pub fn public(&self) -> ReaderKey {
		let mut key = ReaderKey([0; KEY_BYTES]);
		// Every 32 bytes are a secret key, so there is no other case.
		if let Ok(secret) = self.to_hpke() {
			X25519HkdfSha256::sk_to_pk(&secret).write_exact(&mut key.0);
		}
		key
	}

	pub(crate) fn to_hpke(&self) -> Result<<X25519HkdfSha256 as Kem>::PrivateKey, HpkeError> {
		<X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(self.expose())
	}

	/// As text, for paper and for whatever keeps passwords: **not encrypted**. Four bytes of checksum follow
	/// the key, so that a mistake in copying it shows. For a file see [`crate::Backup`].
	pub fn to_text(&self) -> Zeroizing<String> {
		let mut digits = Zeroizing::new([0; 2 * (KEY_BYTES + CHECKSUM_BYTES)]);
		let mut text =
			Zeroizing::new(String::with_capacity(SECRET.len().saturating_add(digits.len())));
		text.push_str(SECRET);
		// As many digits as fit: never another case.
		if hex::encode_to_slice(self.with_checksum().as_ref(), digits.as_mut()).is_ok() {
			text.extend(digits.iter().map(|digit| char::from(*digit)));
		}
		text
	}

	/// The one that is written as `text`. Digits may be in upper case, as people write them.
	///
	/// # Errors
	/// See [`KeyTextError`].
	pub fn from_text(text: &str) -> Result<Self, KeyTextError> {
		let mut bytes = Zeroizing::new([0; KEY_BYTES + CHECKSUM_BYTES]);
		read_hex(text, SECRET, bytes.as_mut())?;
		let (key, _) = bytes.split_first_chunk().ok_or(KeyTextError::Digit)?;
		let secret = Self::from_bytes(*key);
		if *secret.with_checksum() != *bytes {
			return Err(KeyTextError::Checksum);
		}
		Ok(secret)
	}

	fn with_checksum(&self) -> Zeroizing<[u8; KEY_BYTES + CHECKSUM_BYTES]> {
		let mut bytes = Zeroizing::new([0; KEY_BYTES + CHECKSUM_BYTES]);
		let hash =
			Sha256::new().chain_update("rwa-document-1 key text").chain_update(self.expose());
		for (to, from) in bytes.iter_mut().zip(self.expose().iter().chain(hash.finalize().iter())) {
			*to = *from;
		}
		bytes
	}
}

/// Reads `prefix` and as many digits as fill `bytes`, and nothing else.
fn read_hex(text: &str, prefix: &'static str, bytes: &mut [u8]) -> Result<(), KeyTextError> {
	let digits = text.strip_prefix(prefix).ok_or(KeyTextError::Prefix { expected: prefix })?;
	let (expected, found) = (bytes.len().saturating_mul(2), digits.chars().count());
	if found != expected {
		return Err(KeyTextError::Length { expected, found });
	}
	hex::decode_to_slice(digits, bytes).map_err(|_| KeyTextError::Digit)
}
