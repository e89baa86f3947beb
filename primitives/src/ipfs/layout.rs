//! Where in a file's dag its bytes are.
//!
//! A file is cut into *chunks* of one length, only the last of which may be shorter. Each chunk is a
//! leaf. Nodes take as many leaves each as they may have links, in order; more nodes above take those
//! nodes in the same way, until one is left: the root. So all leaves are at the same height, zero, and
//! only the last node of each height may have fewer links than the others. A file of one chunk is its
//! leaf. Kubo calls this *balanced*; size and layout alone say where everything is.

use super::dag_pb::{max_node, MAX_LINKS};
use alloc::vec::Vec;
use codec::Encode;
use core::{fmt, num::NonZeroU64};
use scale_info::TypeInfo;

/// Most bytes of a chunk: 1 MiB, as in Kubo's profile `unixfs-v1-2025`, the most that any of its
/// profiles has. A proof holds a whole chunk.
pub const MAX_CHUNK: u32 = 1_048_576;

/// How files are cut and how many links a node has: `--chunker=size-<chunk>` and
/// `--max-file-links=<links>` of `ipfs add`.
///
/// There is no decoding it, so that whoever has one has one within the bounds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, TypeInfo)]
pub struct Layout {
	chunk: u32,
	links: u32,
}

/// Why there is no such layout.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LayoutError {
	/// A chunk of no bytes, or of more than [`MAX_CHUNK`].
	Chunk,
	/// Fewer than two links, of which nothing can be built, or more than [`MAX_LINKS`].
	Links,
}

impl fmt::Display for LayoutError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Chunk => write!(f, "a chunk has 1 to {MAX_CHUNK} bytes"),
			Self::Links => write!(f, "a node has 2 to {MAX_LINKS} links"),
		}
	}
}

impl core::error::Error for LayoutError {}

impl Layout {
	/// How documents are added. A proof is one chunk and a node for each height: 8,560 bytes for 100 MiB
	/// in four blocks. Chunks of 1 KiB would make it 6,004 bytes, but every replica four times as many
	/// blocks for Kubo to keep; 8 links, 6,103 bytes, but two more blocks to read for an answer. Above, 174
	/// links would make it 19,867 bytes.
	pub const DOCUMENT: Self = Self { chunk: 4_096, links: 32 };

	/// How Kubo adds files unless it is told otherwise, but with raw leaves.
	pub const KUBO: Self = Self { chunk: 262_144, links: 174 };

	/// Chunks of `chunk` bytes, nodes of `links` links.
	///
	/// # Errors
	/// See [`LayoutError`].
	pub const fn new(chunk: u32, links: u32) -> Result<Self, LayoutError> {
		if chunk < 1 || chunk > MAX_CHUNK {
			return Err(LayoutError::Chunk);
		}
		if links < 2 || links > MAX_LINKS {
			return Err(LayoutError::Links);
		}
		Ok(Self { chunk, links })
	}

	/// Bytes of a chunk.
	pub const fn chunk(&self) -> u32 {
		self.chunk
	}

	/// Links of a node.
	pub const fn links(&self) -> u32 {
		self.links
	}

	/// Leaves of a file of `size` bytes. A file of no bytes has one, of no bytes.
	pub fn leaves(&self, size: u64) -> NonZeroU64 {
		NonZeroU64::MIN.saturating_add(full_before_last(size, u64::from(self.chunk)))
	}

	/// Bytes of leaf number `leaf`, counted from zero, of a file of `size` bytes. `None`: no such leaf.
	pub fn leaf_size(&self, size: u64, leaf: u64) -> Option<u64> {
		let last = self.leaves(size).get().saturating_sub(1);
		let chunk = u64::from(self.chunk);
		let start = leaf.checked_mul(chunk)?;
		(leaf <= last).then(|| size.saturating_sub(start).min(chunk))
	}

	/// A whole file of `size` bytes.
	pub fn root(&self, size: u64) -> Part {
		let mut root = Part { layout: *self, size, height: 0 };
		// At most 64 turns, because a span at least doubles with every height.
		while self.span(root.height) < size {
			root.height = root.height.saturating_add(1);
		}
		root
	}

	/// Which link to follow at the root, at the node below, and so on, to leaf number `leaf` of a file
	/// of `size` bytes. Empty if the root is the leaf. `None`: no such leaf.
	pub fn path(&self, size: u64, leaf: u64) -> Option<Vec<u32>> {
		let mut path = Vec::new();
		let mut part = self.root(size);
		let mut leaf = leaf;
		while part.height > 0 {
			let (index, below) = part.towards(leaf)?;
			path.push(index);
			part = part.child(index)?;
			leaf = below;
		}
		(leaf == 0).then_some(path)
	}

	/// Most bytes that the blocks of a proof for a file of `size` bytes have together.
	pub fn max_proof(&self, size: u64) -> u64 {
		// The first child of a part is never smaller than the others.
		let path = core::iter::successors(Some(self.root(size)), |part| part.child(0));
		path.fold(0u64, |sum, part| sum.saturating_add(part.max_bytes()))
	}

	/// Leaves below a full node of this height.
	fn width(&self, height: u32) -> u64 {
		u64::from(self.links).saturating_pow(height)
	}

	/// Bytes of the file below a full node of this height. Saturated: more than any file has.
	fn span(&self, height: u32) -> u64 {
		self.width(height).saturating_mul(u64::from(self.chunk))
	}
}

/// The part of a file that is below one block; or the whole file, below the root.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part {
	layout: Layout,
	size: u64,
	height: u32,
}

impl Part {
	/// Bytes of the file in this part.
	pub const fn size(&self) -> u64 {
		self.size
	}

	/// Links between this block and a leaf: zero for a leaf.
	pub const fn height(&self) -> u32 {
		self.height
	}

	/// Links of this block; none for a leaf.
	pub fn children(&self) -> u32 {
		let Some(below) = self.height.checked_sub(1) else { return 0 };
		let full = full_before_last(self.size, self.layout.span(below));
		u32::try_from(full).unwrap_or(u32::MAX).saturating_add(1)
	}

	/// The part below link number `index`. `None`: no such link.
	pub fn child(&self, index: u32) -> Option<Self> {
		if index >= self.children() {
			return None;
		}
		let height = self.height.checked_sub(1)?;
		let span = self.layout.span(height);
		let start = span.checked_mul(u64::from(index))?;
		let size = self.size.checked_sub(start)?.min(span);
		Some(Self { layout: self.layout, size, height })
	}

	/// Which link to follow to leaf number `leaf` of this part, and which number the leaf has below
	/// that link. `None`: this is a leaf itself.
	pub fn towards(&self, leaf: u64) -> Option<(u32, u64)> {
		let width = self.layout.width(self.height.checked_sub(1)?);
		let index = u32::try_from(leaf.checked_div(width)?).ok()?;
		Some((index, leaf.checked_rem(width)?))
	}

	/// Most bytes that this block may have. A leaf has exactly as many.
	pub fn max_bytes(&self) -> u64 {
		match self.children() {
			0 => self.size,
			links => u64::from(max_node(links)),
		}
	}
}

/// How many full pieces of `piece` bytes stand before the last one, which is full or not, but empty
/// only if all is.
fn full_before_last(size: u64, piece: u64) -> u64 {
	size.saturating_sub(1).checked_div(piece).unwrap_or(0)
}
