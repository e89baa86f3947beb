//! What a node says of the file below it.
//!
//! The data of a dag-pb node is another message of protocol buffers. In a file whose leaves are raw it
//! has a type, the size of the file, and the share of each link; only that is read, in that order:
//!
//! ```text
//! file: 08 02  18 <size>  ( 20 <bytes below the link> )*
//! ```
//!
//! Bytes of the file in the node itself, permissions and times are refused: Kubo writes them only when
//! asked to.

use super::{
	dag_pb::MAX_LINKS,
	wire::{Reader, WireError},
};
use alloc::vec::Vec;
use core::fmt;

/// The type that says *file*; 0 to 5 are taken, the others are directories, links and such.
const FILE: u64 = 2;

/// What a node says of the file, or part of a file, below it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct File {
	/// Bytes of it.
	pub size: u64,
	/// Bytes below each link. Their sum is the size.
	pub shares: Vec<u64>,
}

/// Why a node's data does not describe a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileError {
	/// Not a file, but a directory or something else.
	NotAFile,
	/// Holds bytes of the file itself. Add with `--raw-leaves`.
	HoldsData,
	/// A field that isn't the next one in the only order there is: unknown, missing, twice, or
	/// misplaced. Permissions and times are such fields.
	Field,
	/// Ends in the middle of a field.
	Truncated,
	/// A number that isn't written the shortest way, or beyond 64 bits.
	Number,
	/// More shares than a node has links, [`MAX_LINKS`].
	TooManyShares,
	/// The shares don't add up to the size.
	Sum,
}

impl fmt::Display for FileError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::NotAFile => "the node is not of a file",
			Self::HoldsData => "the node holds bytes of the file itself",
			Self::Field => "the node's description of the file has other fields than it should",
			Self::Truncated => "the node's description of the file ends in the middle of a field",
			Self::Number => {
				"the node's description of the file has a number that is not in its \
				shortest form"
			}
			Self::TooManyShares => "the node describes more shares than it can have links",
			Self::Sum => "the node's shares do not add up to its size",
		})
	}
}

impl core::error::Error for FileError {}

impl From<WireError> for FileError {
	fn from(error: WireError) -> Self {
		match error {
			WireError::Truncated => Self::Truncated,
			WireError::Varint => Self::Number,
		}
	}
}

/// The file that `data` describes, all of it. Whatever is read can be written in no other way.
///
/// # Errors
/// See [`FileError`]. Never panics, whatever the bytes.
pub fn decode(data: &[u8]) -> Result<File, FileError> {
	let mut reader = Reader::new(data);
	if !reader.tag(0x08) {
		return Err(FileError::Field);
	}
	if reader.varint()? != FILE {
		return Err(FileError::NotAFile);
	}
	if reader.tag(0x12) {
		return Err(FileError::HoldsData);
	}
	if !reader.tag(0x18) {
		return Err(FileError::Field);
	}
	let size = reader.varint()?;
	let mut shares = Vec::new();
	while reader.tag(0x20) {
		if u32::try_from(shares.len()).map_or(true, |count| count >= MAX_LINKS) {
			return Err(FileError::TooManyShares);
		}
		shares.push(reader.varint()?);
	}
	if !reader.is_empty() {
		return Err(FileError::Field);
	}
	let sum = shares.iter().try_fold(0u64, |sum, share| sum.checked_add(*share));
	if sum != Some(size) {
		return Err(FileError::Sum);
	}
	Ok(File { size, shares })
}
