//! Publishing: from a document to its three replicas and their CIDs, in one pass.
//!
//! ```
//! use rwa_documents::{DocumentKeys, Sealer, SystemEntropy};
//!
//! # fn save(_: &[u8]) {}
//! # fn send(_: u64, _: [&[u8]; 3]) {}
//! let document = b"what nobody else should read";
//! let mut sealer = Sealer::new(DocumentKeys::generate(&mut SystemEntropy)?);
//! for read in document.chunks(10) {
//!     let mut read = read;
//!     while !read.is_empty() {
//!         if let Some(part) = sealer.push(&mut read)? {
//!             save(part.checkpoint.to_bytes().as_ref()); // first
//!             send(part.offset, part.replicas); // then
//!         }
//!     }
//! }
//! let last = sealer.finish()?;
//! save(last.checkpoint.to_bytes().as_ref());
//! send(last.offset, last.replicas());
//! println!("{} bytes each: {:?}", last.size, last.document);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Going on after an interruption
//!
//! A [`Checkpoint`] has 132 bytes and is all that has to be kept. The rule is **first save, then send**: the
//! checkpoint that comes with a part is saved before a byte of the part leaves, and no part is sent before
//! those that came earlier have arrived. After an interruption [`Sealer::resume`] takes the saved one, reads
//! the document again from its beginning, and goes on with the part that may have been on its way.
//!
//! It reads all of it again because of what would happen if the document had changed meanwhile: other bytes
//! would be encrypted under the same key and nonce as those that have left already, and whoever saw both
//! could compute what they have in common, and forge. So the checkpoint has a fingerprint of everything that
//! may have left, and nothing goes on unless the document still is the same until there
//! ([`SealError::Changed`]). Reading again is many times faster than sending.

use crate::{
	dag::DagBuilder,
	inner::{capacity, InnerCipher, InnerError, SEGMENT_BYTES, TAG_BYTES},
	keys::{DocumentKeys, InnerKey, ReadingKeys, ReplicaRoot, KEY_BYTES, SALT_BYTES},
	replica::{DocumentId, Replica, ReplicaCipher, SameCid, REPLICAS},
	VERSION,
};
use core::{fmt, mem};
use rwa_primitives::ipfs::Layout;
use zeroize::Zeroizing;

/// Segments of a part.
const PART_SEGMENTS: u32 = 16;

/// Bytes of each replica in a part that isn't the last: 1 MiB, 256 leaves of the dag.
pub const PART_BYTES: usize = 16 * SEGMENT_BYTES;

/// Bytes of a checkpoint.
pub const CHECKPOINT_BYTES: usize = 8 + 2 * KEY_BYTES + SALT_BYTES + 4 + 32;

/// What every checkpoint begins with; the version follows.
const CHECKPOINT_MAGIC: &[u8; 7] = b"RWA-PUB";

/// How far publishing came, with the document's keys: **as secret as the document**.
#[derive(Clone)]
pub struct Checkpoint {
	keys: DocumentKeys,
	/// Parts of which bytes may have left.
	parts: u32,
	/// Of the first replica, to the end of those parts.
	fingerprint: [u8; 32],
}

/// How far, and no key.
impl fmt::Debug for Checkpoint {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Checkpoint").field("parts", &self.parts).finish_non_exhaustive()
	}
}

/// Why bytes are not a checkpoint.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CheckpointError {
	/// Of another length than [`CHECKPOINT_BYTES`].
	#[error("a checkpoint has {CHECKPOINT_BYTES} bytes, not {0}: it was not saved completely")]
	Length(usize),
	/// Doesn't begin as checkpoints do.
	#[error("not a checkpoint of a document that is being published")]
	Magic,
	/// Written by another version.
	#[error("a checkpoint of version {0}; this program reads version {VERSION}. Publish the document anew")]
	Version(u8),
}

impl Checkpoint {
	/// Before anything has left.
	pub const fn new(keys: DocumentKeys) -> Self {
		Self { keys, parts: 0, fingerprint: [0; 32] }
	}

	/// The keys that the document is sealed with.
	pub const fn keys(&self) -> &DocumentKeys {
		&self.keys
	}

	/// Byte of the replicas that publishing goes on with; all before it have arrived.
	pub fn offset(&self) -> u64 {
		offset(self.parts.saturating_sub(1))
	}

	/// As it is saved. Whoever copies it has to wipe the copy.
	pub fn to_bytes(&self) -> Zeroizing<[u8; CHECKPOINT_BYTES]> {
		let mut bytes = Zeroizing::new([0; CHECKPOINT_BYTES]);
		let parts = CHECKPOINT_MAGIC
			.iter()
			.chain(&[VERSION])
			.chain(self.keys.reading.inner.expose())
			.chain(self.keys.reading.root.expose())
			.chain(&self.keys.salt)
			.copied()
			.chain(self.parts.to_be_bytes())
			.chain(self.fingerprint);
		for (to, from) in bytes.iter_mut().zip(parts) {
			*to = from;
		}
		bytes
	}

	/// The one that was saved as `bytes`.
	///
	/// # Errors
	/// See [`CheckpointError`]. Never panics, whatever the bytes.
	pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointError> {
		let bytes: &[u8; CHECKPOINT_BYTES] =
			bytes.try_into().map_err(|_| CheckpointError::Length(bytes.len()))?;
		let mut rest = bytes.as_slice();
		if take::<7>(&mut rest)? != *CHECKPOINT_MAGIC {
			return Err(CheckpointError::Magic);
		}
		let [version] = take(&mut rest)?;
		if version != VERSION {
			return Err(CheckpointError::Version(version));
		}
		let inner = InnerKey::from_bytes(take(&mut rest)?);
		let root = ReplicaRoot::from_bytes(take(&mut rest)?);
		let salt = take(&mut rest)?;
		let parts = u32::from_be_bytes(take(&mut rest)?);
		let fingerprint = take(&mut rest)?;
		let keys = DocumentKeys { reading: ReadingKeys { inner, root }, salt };
		Ok(Self { keys, parts, fingerprint })
	}
}

/// The next bytes. There are as many as are taken: the length was checked.
fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], CheckpointError> {
	let (taken, rest) = bytes.split_first_chunk().ok_or(CheckpointError::Length(bytes.len()))?;
	*bytes = rest;
	Ok(*taken)
}

/// Byte of the replicas at which part number `part` begins.
fn offset(part: u32) -> u64 {
	u64::from(part).saturating_mul(u64::try_from(PART_BYTES).unwrap_or(u64::MAX))
}

/// Bytes of a document, sealed.
pub struct Part<'a> {
	/// To be saved before a byte of this leaves.
	pub checkpoint: Checkpoint,
	/// Byte of the replicas at which these begin.
	pub offset: u64,
	/// The next [`PART_BYTES`] of each replica, in order.
	pub replicas: [&'a [u8]; REPLICAS],
}

/// Where, and not a megabyte of bytes.
impl fmt::Debug for Part<'_> {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Part").field("offset", &self.offset).finish_non_exhaustive()
	}
}

/// The last bytes of a document, sealed, and what it is called.
pub struct Last {
	/// To be saved before a byte of this leaves.
	pub checkpoint: Checkpoint,
	/// Byte of the replicas at which these begin.
	pub offset: u64,
	/// By which the document is known.
	pub document: DocumentId,
	/// Bytes of each replica.
	pub size: u64,
	sealed: [Vec<u8>; REPLICAS],
}

/// What the document is called, and not a megabyte of bytes.
impl fmt::Debug for Last {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Last")
			.field("document", &self.document)
			.field("size", &self.size)
			.finish_non_exhaustive()
	}
}

impl Last {
	/// The last bytes of each replica, in order.
	pub fn replicas(&self) -> [&[u8]; REPLICAS] {
		self.sealed.each_ref().map(Vec::as_slice)
	}
}

/// Why a document can't be sealed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SealError {
	/// Longer than the format can say.
	#[error(transparent)]
	TooLong(#[from] InnerError),
	/// Not what it was when publishing began. Going on would give away what both versions have in common.
	#[error(
		"the document has changed since its publication began. Publish it anew, under new keys"
	)]
	Changed,
	/// The replicas are not different, which new keys never bring about.
	#[error(transparent)]
	SameCid(#[from] SameCid),
	/// An error came before; the document has to be sealed from its beginning.
	#[error("sealing failed before; begin anew, with the last checkpoint or with new keys")]
	Failed,
}

/// Seals a document, from its bytes in their order.
pub struct Sealer {
	keys: DocumentKeys,
	cipher: InnerCipher,
	replicas: [SealedReplica; REPLICAS],
	/// Bytes of the document that are not sealed yet: at most those of a part.
	plain: Vec<u8>,
	/// One segment.
	segment: Vec<u8>,
	/// Number of the part that comes next.
	part: u32,
	/// Where to go on, until that is reached.
	resume: Option<Checkpoint>,
	failed: bool,
}

/// How far, and no key.
impl fmt::Debug for Sealer {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Sealer").field("part", &self.part).finish_non_exhaustive()
	}
}

/// A replica that is being made.
struct SealedReplica {
	cipher: ReplicaCipher,
	dag: DagBuilder,
	/// Its bytes in the current part.
	bytes: Vec<u8>,
}

impl Sealer {
	/// At the beginning of a document. The keys are for it alone: see [`DocumentKeys`].
	pub fn new(keys: DocumentKeys) -> Self {
		let replica = |replica| SealedReplica {
			cipher: ReplicaCipher::new(&keys.reading.root, replica),
			dag: DagBuilder::new(Layout::DOCUMENT),
			bytes: Vec::with_capacity(PART_BYTES),
		};
		Self {
			cipher: InnerCipher::new(&keys.reading.inner, &keys.salt),
			replicas: Replica::ALL.map(replica),
			plain: Vec::with_capacity(PART_BYTES),
			segment: Vec::with_capacity(SEGMENT_BYTES),
			part: 0,
			resume: None,
			failed: false,
			keys,
		}
	}

	/// At the beginning of a document of which parts have been sent. It gives none before the one at
	/// [`Checkpoint::offset`].
	pub fn resume(checkpoint: Checkpoint) -> Self {
		let mut sealer = Self::new(checkpoint.keys.clone());
		sealer.resume = (checkpoint.parts > 0).then_some(checkpoint);
		sealer
	}

	/// Takes of `plain`, the next bytes of the document, what it needs, and gives a part when one is complete.
	/// To be called again until `plain` is empty.
	///
	/// # Errors
	/// See [`SealError`]. After one, nothing more can be had.
	pub fn push(&mut self, plain: &mut &[u8]) -> Result<Option<Part<'_>>, SealError> {
		if self.failed {
			return Err(SealError::Failed);
		}
		let missing = part_capacity(self.part).saturating_sub(self.plain.len());
		let (head, rest) = plain.split_at(missing.min(plain.len()));
		self.plain.extend_from_slice(head);
		*plain = rest;
		// What is complete may be the last part, unless more comes.
		if head.len() < missing || rest.is_empty() {
			return Ok(None);
		}
		let Some(checkpoint) = self.seal_part(false)? else { return Ok(None) };
		let offset = checkpoint.offset();
		let replicas = self.replicas.each_ref().map(|replica| replica.bytes.as_slice());
		Ok(Some(Part { checkpoint, offset, replicas }))
	}

	/// The last part, once all bytes of the document were given.
	///
	/// # Errors
	/// See [`SealError`].
	pub fn finish(mut self) -> Result<Last, SealError> {
		if self.failed {
			return Err(SealError::Failed);
		}
		// If it was to go on behind this, the document has become shorter.
		let checkpoint = self.seal_part(true)?.ok_or(SealError::Changed)?;
		let made = self.replicas.map(|replica| (replica.dag.finish(), replica.bytes));
		let [(first, _), ..] = &made;
		let size = first.size;
		let document = DocumentId::new(made.each_ref().map(|(dag, _)| dag.cid))?;
		let sealed = made.map(|(_, bytes)| bytes);
		Ok(Last { offset: checkpoint.offset(), checkpoint, document, size, sealed })
	}

	/// Seals all that is there. `None`: that part has been sent.
	fn seal_part(&mut self, last: bool) -> Result<Option<Checkpoint>, SealError> {
		let sealed = self.try_seal_part(last);
		self.failed = sealed.is_err();
		sealed
	}

	fn try_seal_part(&mut self, last: bool) -> Result<Option<Checkpoint>, SealError> {
		for replica in &mut self.replicas {
			replica.bytes.clear();
		}
		let plain = mem::take(&mut self.plain);
		let mut rest = plain.as_slice();
		let first = self.part.checked_mul(PART_SEGMENTS).ok_or(InnerError::TooLong)?;
		let mut index = first;
		loop {
			let (head, tail) = rest.split_at(capacity(index).min(rest.len()));
			rest = tail;
			self.seal_segment(index, last && rest.is_empty(), head)?;
			if rest.is_empty() {
				break;
			}
			index = index.checked_add(1).ok_or(InnerError::TooLong)?;
		}
		self.plain = plain;
		self.plain.clear();
		self.part = self.part.checked_add(1).ok_or(InnerError::TooLong)?;

		let [replica, ..] = &self.replicas;
		let fingerprint = replica.dag.fingerprint();
		if let Some(checkpoint) = &self.resume {
			if self.part < checkpoint.parts {
				return Ok(None);
			}
			if fingerprint != checkpoint.fingerprint {
				return Err(SealError::Changed);
			}
			self.resume = None;
		}
		Ok(Some(Checkpoint { keys: self.keys.clone(), parts: self.part, fingerprint }))
	}

	fn seal_segment(&mut self, index: u32, last: bool, plain: &[u8]) -> Result<(), SealError> {
		self.segment.clear();
		self.segment.extend_from_slice(plain);
		self.cipher.seal(index, last, &mut self.segment)?;
		let header = if index == 0 { self.cipher.header().as_slice() } else { &[] };
		for replica in &mut self.replicas {
			let start = replica.bytes.len();
			replica.bytes.extend_from_slice(header);
			replica.bytes.extend_from_slice(&self.segment);
			if let Some(new) = replica.bytes.get_mut(start..) {
				replica.cipher.apply(new);
				replica.dag.push(new);
			}
		}
		Ok(())
	}
}

/// Bytes of the document in full part number `part`.
fn part_capacity(part: u32) -> usize {
	let tags = TAG_BYTES.saturating_mul(PART_SEGMENTS as usize);
	let header = capacity(1).saturating_sub(capacity(if part == 0 { 0 } else { 1 }));
	PART_BYTES.saturating_sub(tags).saturating_sub(header)
}

const _: () = assert!(PART_SEGMENTS as usize * SEGMENT_BYTES == PART_BYTES);

#[cfg(test)]
mod tests {
	use super::*;
	use crate::SystemEntropy;

	#[test]
	fn a_document_with_more_segments_than_numbers_should_be_refused() {
		let keys = DocumentKeys::generate(&mut SystemEntropy).unwrap();
		let at = |part| {
			let mut sealer = Sealer::new(keys.clone());
			sealer.part = part;
			sealer
		};
		let last = u32::MAX / PART_SEGMENTS;
		let full = vec![0; part_capacity(last)];
		// The last numbers there are, and one part more.
		let mut sealer = at(last);
		assert!(sealer.push(&mut full.as_slice()).unwrap().is_none());
		assert!(sealer.finish().is_ok());
		for part in [last, last.saturating_add(1)] {
			let mut sealer = at(part);
			let mut rest = full.as_slice();
			assert!(sealer.push(&mut rest).unwrap().is_none());
			let outcome = sealer.push(&mut [0].as_slice()).map(drop);
			assert_eq!(outcome, Err(SealError::TooLong(InnerError::TooLong)), "{part}");
			assert_eq!(sealer.finish().map(drop), Err(SealError::Failed));
		}
	}

	#[test]
	fn parts_should_be_full() {
		assert_eq!(part_capacity(0), PART_BYTES - 16 * TAG_BYTES - 64);
		assert_eq!(part_capacity(1), PART_BYTES - 16 * TAG_BYTES);
	}
}
