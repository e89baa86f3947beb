//! Envelopes: a document's keys, sealed to one reader or repairer.
//!
//! ```text
//! version 01 | role 01 reader, 02 repairer | encapsulated key, 32 bytes | secrets and tag
//! ```
//!
//! The secrets of a reader are the inner key and the replica root, 64 bytes; those of a repairer the replica
//! root, 32 bytes. They are sealed by HPKE (RFC 9180) in its base mode, with DHKEM(X25519, HKDF-SHA256),
//! HKDF-SHA256 and AES-256-GCM. What the envelope is about, the [`Subject`] and the receiver's key, is the
//! `info`, so that it opens for no other document, chain or key; version and role are associated data.
//!
//! An envelope says nothing of who made it. That the owner's transaction put it on chain does.

use crate::{
	entropy::{Entropy, NoEntropy, Unfailing},
	keys::{InnerKey, ReadingKeys, ReplicaRoot, KEY_BYTES},
	reader_key::{ReaderKey, ReaderSecret},
	replica::DocumentId,
	VERSION,
};
use hpke::{
	aead::AesGcm256, kdf::HkdfSha256, kem::X25519HkdfSha256, single_shot_open, single_shot_seal,
	Deserializable, Kem, OpModeR, OpModeS, Serializable,
};
use zeroize::Zeroizing;

/// What the `info` of every envelope begins with.
const LABEL: &[u8] = b"rwa-document-1 envelope";

/// Bytes of version and role.
const PREFIX_BYTES: usize = 2;

/// Bytes of an envelope for a reader: the most that one has.
pub const READER_BYTES: usize = PREFIX_BYTES + KEY_BYTES + 2 * KEY_BYTES + 16;

/// Bytes of an envelope for a repairer.
pub const REPAIRER_BYTES: usize = PREFIX_BYTES + KEY_BYTES + KEY_BYTES + 16;

/// What whoever opens an envelope may do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Role {
	/// Read the document.
	Reader,
	/// Make lost replicas again.
	Repairer,
}

impl Role {
	/// As the envelope has it.
	pub const fn code(self) -> u8 {
		match self {
			Self::Reader => 1,
			Self::Repairer => 2,
		}
	}

	const fn bytes(self) -> usize {
		match self {
			Self::Reader => READER_BYTES,
			Self::Repairer => REPAIRER_BYTES,
		}
	}
}

/// What an envelope is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Subject {
	/// Hash of the chain's genesis block.
	pub genesis: [u8; 32],
	/// The document.
	pub document: DocumentId,
}

impl Subject {
	fn info(&self, recipient: &ReaderKey) -> Vec<u8> {
		let cids = self.document.cids().iter().flat_map(|cid| cid.to_bytes());
		let fixed = LABEL.iter().chain(&self.genesis).copied();
		fixed.chain(cids).chain(recipient.0).collect()
	}
}

/// A document's keys, sealed to one reader or repairer.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Envelope {
	role: Role,
	/// The encapsulated key, then the secrets and their tag.
	sealed: Vec<u8>,
}

/// What was in an envelope.
#[derive(Clone, Debug)]
pub enum Opened {
	/// For a reader.
	Reader(ReadingKeys),
	/// For a repairer.
	Repairer(ReplicaRoot),
}

/// Why an envelope can't be made, or can't be opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EnvelopeError {
	/// Not even its version and role are there.
	#[error("the envelope is empty or cut off")]
	TooShort,
	/// Written by another version.
	#[error("an envelope of version {0}; this program opens version {VERSION}")]
	Version(u8),
	/// For neither a reader nor a repairer.
	#[error("an envelope for an unknown role, {0}")]
	Role(u8),
	/// Another length than an envelope of its role has.
	#[error("the envelope has {found} bytes and not {expected}")]
	Length {
		/// As many as it should have.
		expected: usize,
		/// As many as it has.
		found: usize,
	},
	/// Whoever gave this key could let everybody open the envelope: a key of low order, such as zero.
	#[error("the reader's key is one that protects nothing; it must be registered anew")]
	WeakKey,
	/// Sealed to another key, for another document or chain, or altered.
	#[error(
		"the envelope does not open: it is for another key, document or chain, or was altered"
	)]
	Closed,
	/// No random bytes, without which none can be made.
	#[error(transparent)]
	NoEntropy(#[from] NoEntropy),
}

impl Envelope {
	/// For a reader.
	///
	/// # Errors
	/// [`EnvelopeError::WeakKey`] and [`EnvelopeError::NoEntropy`].
	pub fn for_reader(
		keys: &ReadingKeys,
		recipient: &ReaderKey,
		subject: &Subject,
		entropy: &mut impl Entropy,
	) -> Result<Self, EnvelopeError> {
		let mut secrets = Zeroizing::new([0; 2 * KEY_BYTES]);
		let both = keys.inner.expose().iter().chain(keys.root.expose());
		for (to, from) in secrets.iter_mut().zip(both) {
			*to = *from;
		}
		Self::seal(Role::Reader, secrets.as_ref(), recipient, subject, entropy)
	}

	/// For a repairer.
	///
	/// # Errors
	/// [`EnvelopeError::WeakKey`] and [`EnvelopeError::NoEntropy`].
	pub fn for_repairer(
		root: &ReplicaRoot,
		recipient: &ReaderKey,
		subject: &Subject,
		entropy: &mut impl Entropy,
	) -> Result<Self, EnvelopeError> {
		Self::seal(Role::Repairer, root.expose(), recipient, subject, entropy)
	}

	fn seal(
		role: Role,
		secrets: &[u8],
		recipient: &ReaderKey,
		subject: &Subject,
		entropy: &mut impl Entropy,
	) -> Result<Self, EnvelopeError> {
		let key = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&recipient.0)
			.map_err(|_| EnvelopeError::WeakKey)?;
		let mut source = Unfailing::new(entropy);
		let made = single_shot_seal::<AesGcm256, HkdfSha256, X25519HkdfSha256, _>(
			&OpModeS::Base,
			&key,
			&subject.info(recipient),
			secrets,
			&[VERSION, role.code()],
			&mut source,
		);
		source.complete()?;
		// It fails for keys of low order only.
		let (encapsulated, ciphertext) = made.map_err(|_| EnvelopeError::WeakKey)?;
		let sealed = [encapsulated.to_bytes().as_slice(), &ciphertext].concat();
		Ok(Self { role, sealed })
	}

	/// What whoever opens it may do.
	pub const fn role(&self) -> Role {
		self.role
	}

	/// As the chain has it: [`READER_BYTES`] or [`REPAIRER_BYTES`].
	pub fn to_bytes(&self) -> Vec<u8> {
		[&[VERSION, self.role.code()], self.sealed.as_slice()].concat()
	}

	/// The one that `bytes` are, all of them.
	///
	/// # Errors
	/// All but [`EnvelopeError::WeakKey`], [`EnvelopeError::Closed`] and [`EnvelopeError::NoEntropy`]. Never
	/// panics, whatever the bytes.
	pub fn from_bytes(bytes: &[u8]) -> Result<Self, EnvelopeError> {
		let (prefix, sealed) =
			bytes.split_first_chunk::<PREFIX_BYTES>().ok_or(EnvelopeError::TooShort)?;
		let [version, role] = *prefix;
		if version != VERSION {
			return Err(EnvelopeError::Version(version));
		}
		let role = [Role::Reader, Role::Repairer]
			.into_iter()
			.find(|known| known.code() == role)
			.ok_or(EnvelopeError::Role(role))?;
		let (expected, found) = (role.bytes(), bytes.len());
		if found != expected {
			return Err(EnvelopeError::Length { expected, found });
		}
		Ok(Self { role, sealed: sealed.to_vec() })
	}

	/// What is in it.
	///
	/// # Errors
	/// [`EnvelopeError::Closed`], whatever the reason is: an envelope can't tell.
	pub fn open(&self, secret: &ReaderSecret, subject: &Subject) -> Result<Opened, EnvelopeError> {
		let closed = |_| EnvelopeError::Closed;
		let (encapsulated, ciphertext) =
			self.sealed.split_first_chunk::<KEY_BYTES>().ok_or(EnvelopeError::TooShort)?;
		let encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(encapsulated);
		let secrets = single_shot_open::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
			&OpModeR::Base,
			&secret.to_hpke().map_err(closed)?,
			&encapsulated.map_err(closed)?,
			&subject.info(&secret.public()),
			ciphertext,
			&[VERSION, self.role.code()],
		);
		let secrets = Zeroizing::new(secrets.map_err(closed)?);
		let (first, rest) = secrets.split_first_chunk().ok_or(EnvelopeError::Closed)?;
		match self.role {
			Role::Repairer => Ok(Opened::Repairer(ReplicaRoot::from_bytes(*first))),
			Role::Reader => {
				let root = rest.first_chunk().ok_or(EnvelopeError::Closed)?;
				let inner = InnerKey::from_bytes(*first);
				Ok(Opened::Reader(ReadingKeys { inner, root: ReplicaRoot::from_bytes(*root) }))
			}
		}
	}
}
