//! Blocks that link to others.
//!
//! A block of dag-pb is a message of protocol buffers: links first, then data. Protocol buffers let
//! one message be written in many ways; the
//! [specification of dag-pb](https://ipld.io/specs/codecs/dag-pb/spec/) chooses one, and only that one
//! is read here:
//!
//! ```text
//! node: ( 12 <length> link )*  0a <length> data
//! link: 0a 24 <CID, 36 bytes>  12 00  18 <size of everything below>
//! ```
//!
//! The `12 00` is the link's name, which is empty in a file. Kubo can be told to write the data first
//! (`Import.UnixFSPBNodeFieldOrder`, off by default); such blocks are refused.

use super::{
	cid::{Cid, CidError},
	wire::{Reader, WireError},
};
use alloc::vec::Vec;
use core::fmt;

/// Most links of a node: those of Kubo's profile `unixfs-v1-2025`, the most that any of its profiles
/// has; its default is 174, and documents have 32. More would only make proofs longer.
pub const MAX_LINKS: u32 = 1_024;

/// Bytes that a link takes at most: 2 for tag and length, 38 for the CID, 2 for the name, and 11 for
/// the size; and 11 more in the data, where UnixFS gives the link's share of the file.
const LINK_BYTES: u32 = 64;

/// Bytes that a node takes at most beside its links: 3 for tag and length of the data, 2 for the type
/// in it, and 11 for the size of the file.
const OTHER_BYTES: u32 = 16;

/// Most bytes of any node: 65,552. Kubo transfers blocks of up to 2 MiB, but nodes are small.
pub const MAX_NODE: u32 = max_node(MAX_LINKS);

/// Most bytes of a node with so many links.
pub(super) const fn max_node(links: u32) -> u32 {
	LINK_BYTES.saturating_mul(links).saturating_add(OTHER_BYTES)
}

/// A link to another block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Link {
	/// The block's name.
	pub cid: Cid,
	/// Bytes of that block and of all blocks below it, each counted as often as it is linked to.
	pub total: u64,
}

/// A block that links to others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node<'a> {
	/// Links, in the order of the file.
	pub links: Vec<Link>,
	/// What the block says beside that: a message of UnixFS, in a file.
	pub data: &'a [u8],
}

/// Why a block is not a node of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NodeError {
	/// More than [`MAX_NODE`] bytes.
	TooLarge,
	/// More than [`MAX_LINKS`] links.
	TooManyLinks,
	/// Ends in the middle of a field.
	Truncated,
	/// A number that isn't written the shortest way, or beyond 64 bits.
	Number,
	/// A field that isn't the next one in the only order there is: unknown, missing, twice, or
	/// misplaced.
	Field,
	/// A link with a name: a file's links have none, a directory's do.
	Named,
	/// A link to a block of another kind than files are made of.
	Link(CidError),
}

impl fmt::Display for NodeError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::TooLarge => write!(f, "the node has more than {MAX_NODE} bytes"),
			Self::TooManyLinks => write!(f, "the node has more than {MAX_LINKS} links"),
			Self::Truncated => f.write_str("the node ends in the middle of a field"),
			Self::Number => f.write_str("the node holds a number that is not in its shortest form"),
			Self::Field => f.write_str("the node's fields are not those of dag-pb in their order"),
			Self::Named => f.write_str("a link of the node has a name"),
			Self::Link(error) => write!(f, "a link of the node leads nowhere: {error}"),
		}
	}
}

impl core::error::Error for NodeError {}

impl From<WireError> for NodeError {
	fn from(error: WireError) -> Self {
		match error {
			WireError::Truncated => Self::Truncated,
			WireError::Varint => Self::Number,
		}
	}
}

/// The node that `block` is, all of it. Whatever is read can be written in no other way.
///
/// # Errors
/// See [`NodeError`]. Never panics, whatever the bytes.
pub fn decode(block: &[u8]) -> Result<Node<'_>, NodeError> {
	if u32::try_from(block.len()).map_or(true, |length| length > MAX_NODE) {
		return Err(NodeError::TooLarge);
	}
	let mut reader = Reader::new(block);
	let mut links = Vec::new();
	while reader.tag(0x12) {
		if u32::try_from(links.len()).map_or(true, |count| count >= MAX_LINKS) {
			return Err(NodeError::TooManyLinks);
		}
		links.push(decode_link(reader.bytes()?)?);
	}
	if !reader.tag(0x0a) {
		return Err(NodeError::Field);
	}
	let data = reader.bytes()?;
	if !reader.is_empty() {
		return Err(NodeError::Field);
	}
	Ok(Node { links, data })
}

fn decode_link(bytes: &[u8]) -> Result<Link, NodeError> {
	let mut reader = Reader::new(bytes);
	if !reader.tag(0x0a) {
		return Err(NodeError::Field);
	}
	let cid = Cid::from_bytes(reader.bytes()?).map_err(NodeError::Link)?;
	if !reader.tag(0x12) {
		return Err(NodeError::Field);
	}
	if !reader.bytes()?.is_empty() {
		return Err(NodeError::Named);
	}
	if !reader.tag(0x18) {
		return Err(NodeError::Field);
	}
	let total = reader.varint()?;
	if !reader.is_empty() {
		return Err(NodeError::Field);
	}
	Ok(Link { cid, total })
}
