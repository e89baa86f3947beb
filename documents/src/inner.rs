//! The inner ciphertext: the document under its key.
//!
//! ```text
//! header, 64 bytes          52 57 41 2d 44 4f 43 01   "RWA-DOC", version
//!                           salt, 24 bytes
//!                           commitment to the inner key, 32 bytes
//! segment 0                 up to 65,456 bytes of the document, encrypted; tag, 16 bytes
//! segment 1, 2, …           up to 65,520 bytes of the document, encrypted; tag, 16 bytes
//! ```
//!
//! Header and segment 0 together, and every other segment, have 65,536 bytes; only the last may be shorter.
//! So a segment is exactly 16 leaves of the dag, and can be fetched, opened, and made again alone.
//!
//! Each segment is AES-256-GCM in the STREAM construction: its nonce is a prefix of 7 bytes that follows
//! from the inner key, its number in 4 bytes, and whether it is the last in one; the header is its
//! associated data. So no segment can be altered, left out, added, moved, or taken from another document,
//! and no document cut off, unnoticed.
//!
//! The commitment is there because GCM doesn't bind to one key: with some work a publisher could make a
//! ciphertext that two keys open, to two documents, and hand each of two readers another key. With it, one
//! CID is one document.

use crate::{
	keys::{derive, InnerKey, SALT_BYTES},
	VERSION,
};
use aead_stream::{NewStream, StreamBE32, StreamPrimitive};
use aes_gcm::{Aes256Gcm, KeyInit};
use core::fmt;

/// Bytes of the header.
pub const HEADER_BYTES: usize = 64;

/// Bytes of a segment with its tag; of the first, with the header.
pub const SEGMENT_BYTES: usize = 65_536;

/// Bytes of a segment's tag.
pub const TAG_BYTES: usize = 16;

/// What every inner ciphertext begins with; the version follows.
pub const MAGIC: &[u8; 7] = b"RWA-DOC";

/// Bytes of the document in a full segment that isn't the first.
const CAPACITY: usize = SEGMENT_BYTES - TAG_BYTES;

/// Most bytes of a document: 256 TiB, where the numbers of segments end.
pub const MAX_PLAIN: u64 = (CAPACITY as u64) * (1 << 32) - HEADER_BYTES as u64;

/// Most bytes of an inner ciphertext, and of a replica: 256 TiB.
pub const MAX_INNER: u64 = (SEGMENT_BYTES as u64) * (1 << 32);

/// Why an inner ciphertext, or what is taken for one, can't be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InnerError {
	/// Doesn't begin as documents do: another file, or a replica whose seal is still on, or was taken off
	/// with another key.
	#[error("not a document: its first bytes are not those of one. Was the seal of the right replica taken off?")]
	Magic,
	/// Written by another version of this format.
	#[error("a document of version {0}; this program reads version {VERSION}")]
	Version(u8),
	/// Not the key that this document was encrypted with.
	#[error("the key is not the one that this document was encrypted with")]
	WrongKey,
	/// A segment, counted from zero, that isn't what was sealed in this place: bits were flipped, segments
	/// moved, left out or added, or the document is cut off in the middle of it.
	#[error("segment {0} of the document was altered, is cut off, or belongs elsewhere")]
	Altered(u32),
	/// Ends before the document does. What was read until here is its true beginning.
	#[error("the document is cut off after {0} whole segments")]
	Truncated(u32),
	/// More segments than can be numbered.
	#[error("the document is longer than {MAX_PLAIN} bytes")]
	TooLong,
}

/// Bytes of the inner ciphertext, and so of each replica, of a document of `plain` bytes. `None`: longer
/// than [`MAX_PLAIN`].
pub const fn inner_size(plain: u64) -> Option<u64> {
	if plain > MAX_PLAIN {
		return None;
	}
	// Nothing overflows: MAX_PLAIN is far below 64 bits.
	let content = plain.saturating_add(HEADER_BYTES as u64);
	let segments = content.div_ceil(CAPACITY as u64);
	Some(content.saturating_add(segments.saturating_mul(TAG_BYTES as u64)))
}

/// Bytes of the document in an inner ciphertext, or replica, of `inner` bytes. `None`: there is no document
/// of which it has so many.
pub const fn plain_size(inner: u64) -> Option<u64> {
	let segments = inner.div_ceil(SEGMENT_BYTES as u64);
	let tags = segments.saturating_mul(TAG_BYTES as u64);
	let Some(content) = inner.checked_sub(tags) else { return None };
	let Some(plain) = content.checked_sub(HEADER_BYTES as u64) else { return None };
	// A last segment of nothing but its tag, or less, is none; the first may be.
	match inner_size(plain) {
		Some(size) if size == inner => Some(plain),
		_ => None,
	}
}

/// Bytes of the document in full segment number `index`.
pub(crate) const fn capacity(index: u32) -> usize {
	if index == 0 {
		CAPACITY.saturating_sub(HEADER_BYTES)
	} else {
		CAPACITY
	}
}

/// Seals and opens the segments of one document.
pub(crate) struct InnerCipher {
	stream: StreamBE32<Aes256Gcm>,
	header: [u8; HEADER_BYTES],
}

impl InnerCipher {
	pub(crate) fn new(key: &InnerKey, salt: &[u8; SALT_BYTES]) -> Self {
		let encryption = derive::<32>(salt, key.expose(), &[b"rwa-document-1 inner key"]);
		let prefix = derive::<7>(salt, key.expose(), &[b"rwa-document-1 inner nonce"]);
		let commitment = derive::<32>(salt, key.expose(), &[b"rwa-document-1 inner commitment"]);
		let aead = Aes256Gcm::new((&*encryption).into());
		let stream = StreamBE32::from_aead(aead, (&*prefix).into());

		let mut header = [0; HEADER_BYTES];
		let parts = MAGIC.iter().chain(&[VERSION]).chain(salt).chain(commitment.iter());
		for (to, from) in header.iter_mut().zip(parts) {
			*to = *from;
		}
		Self { stream, header }
	}

	/// For the document that begins with `header`.
	pub(crate) fn read(key: &InnerKey, header: &[u8; HEADER_BYTES]) -> Result<Self, InnerError> {
		let (magic, rest) = header.split_at(MAGIC.len());
		if magic != MAGIC {
			return Err(InnerError::Magic);
		}
		let (version, rest) = rest.split_first().ok_or(InnerError::Magic)?;
		if *version != VERSION {
			return Err(InnerError::Version(*version));
		}
		let salt = rest.first_chunk().ok_or(InnerError::Magic)?;
		let cipher = Self::new(key, salt);
		// Nothing here is secret: the commitment is in the file.
		if cipher.header != *header {
			return Err(InnerError::WrongKey);
		}
		Ok(cipher)
	}

	pub(crate) const fn header(&self) -> &[u8; HEADER_BYTES] {
		&self.header
	}

	/// Puts the sealed segment in the place of the document's bytes.
	pub(crate) fn seal(
		&self,
		index: u32,
		last: bool,
		segment: &mut Vec<u8>,
	) -> Result<(), InnerError> {
		// The last number is kept for a last segment, as the construction wants it.
		if index == u32::MAX && !last {
			return Err(InnerError::TooLong);
		}
		self.stream
			.encrypt_in_place(index, last, &self.header, segment)
			.map_err(|_| InnerError::TooLong)
	}

	/// Puts the document's bytes in the place of the sealed segment.
	pub(crate) fn open(
		&self,
		index: u32,
		last: bool,
		segment: &mut Vec<u8>,
	) -> Result<(), InnerError> {
		self.stream
			.decrypt_in_place(index, last, &self.header, segment)
			.map_err(|_| InnerError::Altered(index))
	}
}

/// Reads an inner ciphertext, from its bytes in their order, in memory for one segment.
///
/// What comes out is what was sealed, in its order, from the beginning. That it is *all* of the document is
/// known only when [`Opener::finish`] succeeds: until then, it may be cut off.
pub struct Opener {
	state: State,
	/// A segment that is not opened yet; the first with the header. Or, if `given`, one that is.
	buffer: Vec<u8>,
	given: bool,
	index: u32,
}

enum State {
	Beginning(InnerKey),
	Reading(Box<InnerCipher>),
	Failed(InnerError),
}

/// Where it is, and no key.
impl fmt::Debug for Opener {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Opener").field("segment", &self.index).finish_non_exhaustive()
	}
}

impl Opener {
	/// At the beginning of a document.
	pub fn new(key: InnerKey) -> Self {
		let buffer = Vec::with_capacity(SEGMENT_BYTES);
		Self { state: State::Beginning(key), buffer, given: false, index: 0 }
	}

	/// Takes of `bytes` what it needs, and gives the next bytes of the document as soon as they are known to
	/// be true. To be called again until `bytes` is empty.
	///
	/// # Errors
	/// See [`InnerError`]; the same again whenever it is called after that.
	pub fn push(&mut self, bytes: &mut &[u8]) -> Result<Option<&[u8]>, InnerError> {
		self.push_through(bytes, |_| ())
	}

	/// As [`Self::push`], with something done to the bytes before.
	pub(crate) fn push_through(
		&mut self,
		bytes: &mut &[u8],
		mut through: impl FnMut(&mut [u8]),
	) -> Result<Option<&[u8]>, InnerError> {
		if let State::Failed(error) = self.state {
			return Err(error);
		}
		if core::mem::take(&mut self.given) {
			self.buffer.clear();
		}
		let start = self.buffer.len();
		let missing = SEGMENT_BYTES.saturating_sub(start);
		let (head, rest) = bytes.split_at(missing.min(bytes.len()));
		self.buffer.extend_from_slice(head);
		if let Some(new) = self.buffer.get_mut(start..) {
			through(new);
		}
		*bytes = rest;
		// A full segment may be the last, unless more comes.
		if self.buffer.len() < SEGMENT_BYTES || rest.is_empty() {
			return Ok(None);
		}
		self.open(false)?;
		self.index = self.index.checked_add(1).ok_or(InnerError::TooLong)?;
		self.given = true;
		Ok(Some(&self.buffer))
	}

	/// The last bytes of the document, which is complete with them.
	///
	/// # Errors
	/// See [`InnerError`].
	pub fn finish(mut self) -> Result<Vec<u8>, InnerError> {
		if core::mem::take(&mut self.given) {
			self.buffer.clear();
		}
		let least =
			if self.index == 0 { HEADER_BYTES.saturating_add(TAG_BYTES) } else { TAG_BYTES };
		if let State::Failed(error) = self.state {
			return Err(error);
		}
		if self.buffer.len() < least {
			return Err(self.too_short());
		}
		self.open(true)?;
		Ok(self.buffer)
	}

	/// Fewer bytes than a segment can have. If there is a header, and it isn't one, say so.
	fn too_short(&mut self) -> InnerError {
		let header = self.index == 0 && self.buffer.len() >= HEADER_BYTES;
		match header.then(|| self.begin()) {
			Some(Err(error)) => error,
			_ => InnerError::Truncated(self.index),
		}
	}

	/// Reads the header, if that wasn't done, and takes it out of the buffer.
	fn begin(&mut self) -> Result<(), InnerError> {
		if let State::Beginning(key) = &self.state {
			let header = self.buffer.first_chunk().ok_or(InnerError::Truncated(0))?;
			let cipher = InnerCipher::read(key, header)?;
			self.state = State::Reading(Box::new(cipher));
			self.buffer.drain(..HEADER_BYTES);
		}
		Ok(())
	}

	fn open(&mut self, last: bool) -> Result<(), InnerError> {
		let outcome = self.try_open(last);
		if let Err(error) = outcome {
			self.state = State::Failed(error);
		}
		outcome
	}

	fn try_open(&mut self, last: bool) -> Result<(), InnerError> {
		self.begin()?;
		let State::Reading(cipher) = &self.state else { return Err(InnerError::Magic) };
		if !last {
			return cipher.open(self.index, false, &mut self.buffer);
		}
		let mut copy = self.buffer.clone();
		cipher.open(self.index, true, &mut self.buffer).map_err(|error| {
			// Cut off at the end of a segment, it is true but not the last.
			let cut = cipher.open(self.index, false, &mut copy).is_ok();
			if cut {
				InnerError::Truncated(self.index.saturating_add(1))
			} else {
				error
			}
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn cipher() -> InnerCipher {
		InnerCipher::new(&InnerKey::from_bytes([1; 32]), &[2; SALT_BYTES])
	}

	#[test]
	fn the_last_number_should_be_for_a_last_segment_only() {
		let mut segment = vec![3; 100];
		assert_eq!(cipher().seal(u32::MAX, false, &mut segment), Err(InnerError::TooLong));
		assert_eq!(segment, [3; 100]);
		assert_eq!(cipher().seal(u32::MAX, true, &mut segment), Ok(()));
		assert_eq!(cipher().open(u32::MAX, true, &mut segment), Ok(()));
		assert_eq!(segment, [3; 100]);
		assert_eq!(
			InnerError::TooLong.to_string(),
			"the document is longer than 281406257233856 bytes"
		);
	}

	#[test]
	fn no_two_segments_should_be_sealed_alike() {
		let sealed = |index, last| {
			let mut segment = vec![0; 32];
			cipher().seal(index, last, &mut segment).unwrap();
			segment
		};
		let all = [(0, false), (0, true), (1, false), (1, true), (256, false)];
		let all = all.map(|(index, last)| sealed(index, last));
		for (place, one) in all.iter().enumerate() {
			for other in all.iter().take(place) {
				assert_ne!(one.first_chunk::<16>(), other.first_chunk::<16>(), "{place}");
			}
		}
	}
}
