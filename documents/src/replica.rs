//! The outer seal: three files from one inner ciphertext, none of which helps to answer for another.
//!
//! Replica number *i* is the inner ciphertext under AES-256 in counter mode, with a key that follows from the
//! replica root and *i*. The counter has 128 bits, in big endian, and begins with zero. There is no header:
//! a replica looks random from its first byte to its last and has as many as the inner ciphertext, so leaf
//! *n* of one replica follows from leaf *n* of another, alone.
//!
//! Counter mode doesn't authenticate. Nothing here needs it to, because every byte is authenticated twice
//! without: by the CID, which the publisher signed and whoever stores, repairs or reads a replica checks,
//! and by the inner ciphertext's tags, which the reader checks. A tag more would cost 16 bytes in each
//! segment and say the same a third time; and it would have to be made with a nonce that must never repeat,
//! where counter mode under a key of its own needs none.

use crate::keys::{derive, ReplicaRoot};
use aes::Aes256;
use core::fmt;
use ctr::{
	cipher::{KeyIvInit, StreamCipher, StreamCipherSeek},
	Ctr128BE,
};
use rwa_primitives::ipfs::Cid;

/// Replicas of a document.
pub const REPLICAS: usize = 3;

/// One of a document's replicas.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Replica {
	/// Number 0.
	First,
	/// Number 1.
	Second,
	/// Number 2.
	Third,
}

impl Replica {
	/// All of them, in order.
	pub const ALL: [Self; REPLICAS] = [Self::First, Self::Second, Self::Third];

	/// The one with this number. `None`: there is none.
	pub const fn from_index(index: u8) -> Option<Self> {
		match index {
			0 => Some(Self::First),
			1 => Some(Self::Second),
			2 => Some(Self::Third),
			_ => None,
		}
	}

	/// Its number.
	pub const fn index(self) -> u8 {
		match self {
			Self::First => 0,
			Self::Second => 1,
			Self::Third => 2,
		}
	}
}

/// By which a document is known: the CIDs of its replicas, in order. They differ from each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DocumentId([Cid; REPLICAS]);

/// Two replicas have one CID: they are not of keys of their own, and who stores one has both.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("two replicas of the document have the same CID: {0}")]
pub struct SameCid(pub Cid);

impl DocumentId {
	/// The document whose replicas have these CIDs.
	///
	/// # Errors
	/// [`SameCid`] if two are the same.
	pub fn new(cids: [Cid; REPLICAS]) -> Result<Self, SameCid> {
		let [first, second, third] = cids;
		if first == second || first == third {
			return Err(SameCid(first));
		}
		if second == third {
			return Err(SameCid(second));
		}
		Ok(Self(cids))
	}

	/// All CIDs, in order.
	pub const fn cids(&self) -> &[Cid; REPLICAS] {
		&self.0
	}

	/// CID of a replica.
	pub const fn cid(&self, replica: Replica) -> Cid {
		let [first, second, third] = self.0;
		match replica {
			Replica::First => first,
			Replica::Second => second,
			Replica::Third => third,
		}
	}
}

/// Puts the seal of one replica on, or takes it off, which is the same.
pub struct ReplicaCipher(Ctr128BE<Aes256>);

/// Not the key.
impl fmt::Debug for ReplicaCipher {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("ReplicaCipher(hidden)")
	}
}

/// No document is so long.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no replica of a document has a byte number {0}")]
pub struct TooFar(pub u64);

impl ReplicaCipher {
	/// At the first byte of a replica.
	pub fn new(root: &ReplicaRoot, replica: Replica) -> Self {
		let label: [&[u8]; 2] = [b"rwa-document-1 replica key", &[replica.index()]];
		let key = derive::<32>(&[], root.expose(), &label);
		Self(Ctr128BE::new((&*key).into(), &[0; 16].into()))
	}

	/// Goes to byte number `offset`, counted from zero.
	///
	/// # Errors
	/// [`TooFar`] if there is no such byte in any replica.
	pub fn seek(&mut self, offset: u64) -> Result<(), TooFar> {
		if offset > crate::inner::MAX_INNER {
			return Err(TooFar(offset));
		}
		self.0.try_seek(offset).map_err(|_| TooFar(offset))
	}

	/// Turns the next bytes of the inner ciphertext into those of the replica, or back.
	pub fn apply(&mut self, bytes: &mut [u8]) {
		// The key stream ends after 2^132 bytes, and no offset beyond 2^64 can be gone to.
		self.0.apply_keystream(bytes);
	}
}
