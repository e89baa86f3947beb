//! The secrets of a document.

use crate::entropy::{Entropy, NoEntropy};
use core::fmt;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Bytes of a secret key.
pub const KEY_BYTES: usize = 32;

/// Bytes of the salt in a document's header.
pub const SALT_BYTES: usize = 24;

/// `N` bytes that follow from `secret`, and from which it doesn't: HKDF-SHA256.
pub(crate) fn derive<const N: usize>(
	salt: &[u8],
	secret: &[u8; KEY_BYTES],
	label: &[&[u8]],
) -> Zeroizing<[u8; N]> {
	const { assert!(N <= 255 * 32, "HKDF-SHA256 gives no more") };
	let mut bytes = Zeroizing::new([0; N]);
	#[allow(
		clippy::expect_used,
		reason = "the length, the one thing that can be wrong, is checked above"
	)]
	Hkdf::<Sha256>::new(Some(salt), secret)
		.expand_multi_info(label, bytes.as_mut())
		.expect("no more than 255 × 32 bytes; qed");
	bytes
}

/// A secret of 32 bytes that is never shown, and wiped when dropped.
macro_rules! secret {
	($(#[$doc:meta])* $name:ident) => {
		$(#[$doc])*
		#[derive(Clone, Zeroize, ZeroizeOnDrop)]
		pub struct $name([u8; KEY_BYTES]);

		impl $name {
			/// A new one.
			///
			/// # Errors
			/// [`NoEntropy`] if the source has nothing to give.
			pub fn generate(entropy: &mut impl Entropy) -> Result<Self, NoEntropy> {
				let mut secret = Self([0; KEY_BYTES]);
				entropy.fill(&mut secret.0)?;
				Ok(secret)
			}

			/// The one that `bytes` are.
			pub const fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
				Self(bytes)
			}

			/// The secret itself. Whoever copies it has to wipe the copy.
			pub const fn expose(&self) -> &[u8; KEY_BYTES] {
				&self.0
			}
		}

		/// Not the secret.
		impl fmt::Debug for $name {
			fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
				f.write_str(concat!(stringify!($name), "(hidden)"))
			}
		}
	};
}
pub(crate) use secret;

secret! {
	/// What a document is encrypted with. Who has it, and a replica without its seal, can read.
	InnerKey
}

secret! {
	/// What the keys of a document's three replicas are derived from. Who has it can make each replica from
	/// any other, and read none.
	ReplicaRoot
}

/// What a reader needs: the content of a reader's envelope.
#[derive(Clone, Debug)]
pub struct ReadingKeys {
	/// Reads the document.
	pub inner: InnerKey,
	/// Takes the seal off a replica.
	pub root: ReplicaRoot,
}

/// All that a document's replicas follow from, beside the document: with the same keys, the same document
/// gives the same bytes.
///
/// For one document only. Made anew for each, by [`DocumentKeys::generate`]: a second document under the
/// same keys would show what both have in common.
#[derive(Clone, Debug)]
pub struct DocumentKeys {
	/// What readers and repairers get.
	pub reading: ReadingKeys,
	/// Makes the keys that encrypt unique, even if an inner key were used twice. Not secret: it is in the
	/// header.
	pub salt: [u8; SALT_BYTES],
}

impl DocumentKeys {
	/// Keys for a new document.
	///
	/// # Errors
	/// [`NoEntropy`] if the source has nothing to give.
	pub fn generate(entropy: &mut impl Entropy) -> Result<Self, NoEntropy> {
		let inner = InnerKey::generate(entropy)?;
		let root = ReplicaRoot::generate(entropy)?;
		let mut salt = [0; SALT_BYTES];
		entropy.fill(&mut salt)?;
		Ok(Self { reading: ReadingKeys { inner, root }, salt })
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::SystemEntropy;

	struct None;

	impl Entropy for None {
		fn fill(&mut self, _: &mut [u8]) -> Result<(), NoEntropy> {
			Err(NoEntropy)
		}
	}

	#[test]
	fn derived_keys_should_be_those_of_rfc_5869() {
		// Its first test case has a secret of 22 bytes, so this one was computed with node:crypto:
		// hkdfSync("sha256", Buffer.alloc(32, 11), Buffer.alloc(8, 1), "ab", 32)
		let derived = derive::<32>(&[1; 8], &[11; 32], &[b"a", b"b"]);
		assert_eq!(
			hex::encode(derived),
			"ffa048a2a424ede0079403d4c6049e746420fea38e5eb8ce31f7466862d12a44"
		);
	}

	#[test]
	fn secrets_should_not_be_shown() {
		let keys = DocumentKeys::generate(&mut SystemEntropy).unwrap();
		let shown = format!("{keys:?}");
		assert!(
			shown.contains("InnerKey(hidden)") && shown.contains("ReplicaRoot(hidden)"),
			"{shown}"
		);
		for secret in [keys.reading.inner.expose(), keys.reading.root.expose()] {
			assert!(
				!shown.contains(&format!("{}, {}, {}", secret[0], secret[1], secret[2])),
				"{shown}"
			);
			assert!(!shown.contains(&hex::encode(&secret[..4])), "{shown}");
		}
	}

	#[test]
	fn keys_should_be_new_for_each_document() {
		let [one, other] = [(); 2].map(|()| DocumentKeys::generate(&mut SystemEntropy).unwrap());
		assert_ne!(one.reading.inner.expose(), other.reading.inner.expose());
		assert_ne!(one.reading.root.expose(), other.reading.root.expose());
		assert_ne!(one.reading.inner.expose(), one.reading.root.expose());
		assert_ne!(one.salt, other.salt);
	}

	#[test]
	fn keys_should_not_be_made_without_entropy() {
		assert_eq!(DocumentKeys::generate(&mut None).map(drop), Err(NoEntropy));
	}
}
