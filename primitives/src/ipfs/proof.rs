//! Whether blocks are the way from a file's CID to one of its leaves.

use super::{
	cid::{Cid, Codec},
	dag_pb::{self, NodeError},
	layout::{Layout, Part},
	unixfs::{self, FileError},
};
use alloc::vec::Vec;
use core::fmt;

/// Why blocks prove nothing.
///
/// A node that stored what it was given gets none of these: it either answered for another leaf or
/// file, or should have refused the file ([`Expected::check`]).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProofError {
	/// The file has fewer leaves.
	LeafOutOfRange,
	/// More or fewer blocks than there are between root and leaf, with both.
	WrongNumberOfBlocks,
	/// The CID is of a leaf where the size demands a node, or of a node where it demands a leaf.
	WrongCodec,
	/// More bytes than the block may have in its place. It was not hashed.
	TooLarge,
	/// A leaf of another length than the size demands.
	WrongLength,
	/// The bytes are not those that the CID names.
	WrongHash,
	/// The CID names a block that is not a node of a file.
	Node(NodeError),
	/// The CID names a node that does not describe a file.
	File(FileError),
	/// A node with other links than size and layout demand: too many, too few, or of other shares.
	WrongShape,
	/// The block and those below it have more or fewer bytes than the link to it says.
	WrongTotal,
}

impl fmt::Display for ProofError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::LeafOutOfRange => f.write_str("the file has no such leaf"),
			Self::WrongNumberOfBlocks => {
				f.write_str("there are more or fewer blocks than between root and leaf")
			}
			Self::WrongCodec => {
				f.write_str("the CID is of a leaf and not of a node, or vice versa")
			}
			Self::TooLarge => f.write_str("a block is too large for its place"),
			Self::WrongLength => f.write_str("the leaf does not have the length it should"),
			Self::WrongHash => f.write_str("a block is not the one that its CID names"),
			Self::Node(error) => error.fmt(f),
			Self::File(error) => error.fmt(f),
			Self::WrongShape => f.write_str("a node's links are not those of a file of this size"),
			Self::WrongTotal => f.write_str("a link says another size than what it leads to has"),
		}
	}
}

impl core::error::Error for ProofError {}

/// A block that is known by its name and by its place in the file, but not seen yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Expected {
	/// The block's name.
	pub cid: Cid,
	/// What of the file is below it.
	pub part: Part,
	/// Bytes of the block and all below it, as the link to it says. Nothing says it of a root.
	pub total: Option<u64>,
}

impl Expected {
	/// The root of a file of `size` bytes.
	pub fn root(cid: Cid, size: u64, layout: &Layout) -> Self {
		Self { cid, part: layout.root(size), total: None }
	}

	/// Whether `block` is the block expected, and the blocks to expect below it, in the order of the
	/// file; none below a leaf.
	///
	/// A storage node checks every block of a file with this before it confirms that it has the file:
	/// then no publisher, by whatever odd dag, can make it miss a challenge.
	///
	/// Hashes at most [`Part::max_bytes`] bytes, and reads them once.
	///
	/// # Errors
	/// See [`ProofError`]. Never panics, whatever the bytes.
	pub fn check(
		&self,
		block: &[u8],
		hash: impl Fn(&[u8]) -> [u8; 32],
	) -> Result<Vec<Self>, ProofError> {
		let is_leaf = self.part.height() == 0;
		if self.cid.codec != if is_leaf { Codec::Raw } else { Codec::DagPb } {
			return Err(ProofError::WrongCodec);
		}
		// Length first, so that nobody makes us hash much.
		let length = u64::try_from(block.len()).unwrap_or(u64::MAX);
		if length > self.part.max_bytes() {
			return Err(ProofError::TooLarge);
		}
		if is_leaf && length != self.part.size() {
			return Err(ProofError::WrongLength);
		}
		if hash(block) != self.cid.digest {
			return Err(ProofError::WrongHash);
		}
		let children = if is_leaf { Vec::new() } else { self.children(block)? };
		let below = children.iter().filter_map(|child| child.total);
		let total = below.fold(length, u64::saturating_add);
		if self.total.is_some_and(|promised| promised != total) {
			return Err(ProofError::WrongTotal);
		}
		Ok(children)
	}

	/// The blocks to expect below a node, once it has the links that it should have.
	fn children(&self, block: &[u8]) -> Result<Vec<Self>, ProofError> {
		let node = dag_pb::decode(block).map_err(ProofError::Node)?;
		let file = unixfs::decode(node.data).map_err(ProofError::File)?;
		let count = usize::try_from(self.part.children()).unwrap_or(usize::MAX);
		if node.links.len() != count || file.shares.len() != count {
			return Err(ProofError::WrongShape);
		}
		// The shares add up to the file's size, so that needs no check of its own.
		let places = (0..).map_while(|index| self.part.child(index));
		places
			.zip(node.links.iter().zip(file.shares))
			.map(|(part, (link, share))| {
				let child = Self { cid: link.cid, part, total: Some(link.total) };
				(share == part.size()).then_some(child).ok_or(ProofError::WrongShape)
			})
			.collect()
	}
}

/// Whether `blocks` are the way from `root`, the CID of a file of `size` bytes, to its leaf number
/// `leaf`, counted from zero: the root's block first, the leaf last.
///
/// `hash` is SHA-256. The caller gives it, because a runtime has it from its host, many times faster
/// than it could be here, and everything else has one of its own.
///
/// Hashes at most [`Layout::max_proof`] bytes and never more than one block for each height, whatever
/// the blocks say.
///
/// # Errors
/// See [`ProofError`]. Never panics, whatever the bytes.
pub fn verify<B: AsRef<[u8]>>(
	root: &Cid,
	size: u64,
	layout: &Layout,
	leaf: u64,
	blocks: &[B],
	hash: impl Fn(&[u8]) -> [u8; 32],
) -> Result<(), ProofError> {
	let mut expected = Expected::root(*root, size, layout);
	let path = layout.path(size, leaf).ok_or(ProofError::LeafOutOfRange)?;
	let (last, nodes) = blocks.split_last().ok_or(ProofError::WrongNumberOfBlocks)?;
	if nodes.len() != path.len() {
		return Err(ProofError::WrongNumberOfBlocks);
	}
	for (index, block) in path.into_iter().zip(nodes) {
		let children = expected.check(block.as_ref(), &hash)?;
		let index = usize::try_from(index).unwrap_or(usize::MAX);
		// A node has the links that the path goes by, or the check would have failed.
		expected = *children.get(index).ok_or(ProofError::WrongShape)?;
	}
	expected.check(last.as_ref(), &hash).map(drop)
}
