//! CIDs of files, computed while their bytes go by.

use core::mem;
use rwa_primitives::ipfs::{Cid, Codec, Layout};
use sha2::{Digest, Sha256};

/// A file as IPFS has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Dag {
	/// Name of its root.
	pub cid: Cid,
	/// Bytes of the file.
	pub size: u64,
	/// Bytes of all its blocks: those of the file and of the nodes above them.
	pub total: u64,
}

/// Builds the balanced dag of a file, from its bytes in their order, in memory for one chunk and the links
/// of one node for each height.
///
/// With [`Layout::DOCUMENT`] the CID is that of
/// `ipfs add --cid-version=1 --raw-leaves --chunker=size-4096 --max-file-links=32`.
///
/// ```
/// use rwa_documents::DagBuilder;
/// use rwa_primitives::ipfs::Layout;
///
/// let mut builder = DagBuilder::new(Layout::DOCUMENT);
/// builder.push(b"hel");
/// builder.push(b"lo\n");
/// let dag = builder.finish();
/// assert_eq!(dag.size, 6);
/// assert_eq!(dag.cid.to_string(), "bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am");
/// ```
#[derive(Clone, Debug)]
pub struct DagBuilder {
	/// Bytes of a chunk.
	chunk: usize,
	/// Links of a node.
	links: usize,
	/// Bytes of the file so far.
	size: u64,
	/// The chunk that is not complete: always fewer bytes than `chunk`.
	pending: Vec<u8>,
	/// For each height the blocks that have no node above them yet: always fewer than `links`. The highest
	/// has some.
	heights: Vec<Vec<Block>>,
}

/// What the node above a block says of it.
#[derive(Clone, Copy, Debug)]
struct Block {
	cid: Cid,
	/// Bytes of the file in it and below.
	share: u64,
	/// Bytes of it and of all blocks below.
	total: u64,
}

impl DagBuilder {
	/// A file of no bytes yet.
	pub fn new(layout: Layout) -> Self {
		let size = |number| usize::try_from(number).unwrap_or(usize::MAX);
		Self {
			chunk: size(layout.chunk()),
			links: size(layout.links()),
			size: 0,
			pending: Vec::new(),
			heights: Vec::new(),
		}
	}

	/// Bytes of the file so far.
	pub const fn size(&self) -> u64 {
		self.size
	}

	/// The next bytes of the file, of any number.
	pub fn push(&mut self, bytes: &[u8]) {
		self.push_with(bytes, |_, _| ());
	}

	/// The next bytes of the file. `emit` gets each block that is complete with them: what is below a node
	/// comes before it.
	pub fn push_with(&mut self, bytes: &[u8], mut emit: impl FnMut(Cid, &[u8])) {
		self.size = self.size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
		let mut bytes = bytes;
		if !self.pending.is_empty() {
			let missing = self.chunk.saturating_sub(self.pending.len());
			let (head, rest) = bytes.split_at(missing.min(bytes.len()));
			self.pending.extend_from_slice(head);
			bytes = rest;
			if self.pending.len() < self.chunk {
				return;
			}
			let mut pending = mem::take(&mut self.pending);
			self.add(Block::leaf(&pending, &mut emit), &mut emit);
			pending.clear();
			self.pending = pending;
		}
		// A layout has no chunks of no bytes.
		let mut chunks = bytes.chunks_exact(self.chunk.max(1));
		for chunk in chunks.by_ref() {
			self.add(Block::leaf(chunk, &mut emit), &mut emit);
		}
		self.pending.extend_from_slice(chunks.remainder());
	}

	/// The file, of all bytes so far.
	pub fn finish(self) -> Dag {
		self.finish_with(|_, _| ())
	}

	/// The file, of all bytes so far. `emit` gets the blocks that no push completed, the root last; a file
	/// that has exactly as many bytes as a full dag had its root before.
	pub fn finish_with(mut self, mut emit: impl FnMut(Cid, &[u8])) -> Dag {
		if !self.pending.is_empty() {
			let pending = mem::take(&mut self.pending);
			self.add(Block::leaf(&pending, &mut emit), &mut emit);
		}
		// From below: on each height what has no node gets one, until a block is alone on the highest.
		let mut below = None;
		let mut heights = self.heights.into_iter().peekable();
		while let Some(mut blocks) = heights.next() {
			blocks.extend(below.take());
			below = match (blocks.as_slice(), heights.peek()) {
				([], _) => None,
				([root], None) => Some(*root),
				(blocks, _) => Some(Block::above(blocks, &mut emit)),
			};
		}
		let root = below.unwrap_or_else(|| Block::leaf(&[], &mut emit));
		Dag { cid: root.cid, size: self.size, total: root.total }
	}

	/// A hash of all bytes so far, by which to know whether other bytes are the same.
	pub fn fingerprint(&self) -> [u8; 32] {
		let mut hash = Sha256::new();
		hash.update(self.size.to_be_bytes());
		hash.update(Sha256::digest(&self.pending));
		for block in self.heights.iter().flatten() {
			// Size and layout say how many blocks there are on each height.
			hash.update(block.cid.to_bytes());
		}
		hash.finalize().into()
	}

	/// Adds a leaf, and the nodes that are full with it.
	fn add(&mut self, leaf: Block, emit: &mut impl FnMut(Cid, &[u8])) {
		let mut block = leaf;
		for blocks in &mut self.heights {
			blocks.push(block);
			if blocks.len() < self.links {
				return;
			}
			block = Block::above(blocks, emit);
			blocks.clear();
		}
		self.heights.push(vec![block]);
	}
}

impl Block {
	fn leaf(bytes: &[u8], emit: &mut impl FnMut(Cid, &[u8])) -> Self {
		let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
		let cid = Cid::new(Codec::Raw, Sha256::digest(bytes).into());
		emit(cid, bytes);
		Self { cid, share: size, total: size }
	}

	/// The node above `blocks`. See `rwa_primitives::ipfs::{dag_pb, unixfs}` for its bytes.
	fn above(blocks: &[Self], emit: &mut impl FnMut(Cid, &[u8])) -> Self {
		let share = blocks.iter().fold(0u64, |sum, block| sum.saturating_add(block.share));
		let mut node = Vec::new();
		for block in blocks {
			let mut link = Vec::new();
			field(&mut link, 0x0a, &block.cid.to_bytes());
			field(&mut link, 0x12, &[]);
			number(&mut link, 0x18, block.total);
			field(&mut node, 0x12, &link);
		}
		let mut file = Vec::new();
		number(&mut file, 0x08, 2);
		number(&mut file, 0x18, share);
		for block in blocks {
			number(&mut file, 0x20, block.share);
		}
		field(&mut node, 0x0a, &file);

		let cid = Cid::new(Codec::DagPb, Sha256::digest(&node).into());
		emit(cid, &node);
		let own = u64::try_from(node.len()).unwrap_or(u64::MAX);
		let total = blocks.iter().fold(own, |sum, block| sum.saturating_add(block.total));
		Self { cid, share, total }
	}
}

/// Bytes with their tag and length before them.
fn field(message: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
	number(message, tag, u64::try_from(bytes.len()).unwrap_or(u64::MAX));
	message.extend_from_slice(bytes);
}

/// A number with its tag before it: seven bits a byte, lowest first, the top bit set in all but the last.
fn number(message: &mut Vec<u8>, tag: u8, value: u64) {
	message.push(tag);
	let mut rest = value;
	loop {
		// Seven bits always fit.
		let low = u8::try_from(rest & 0x7f).unwrap_or(0);
		rest = rest.wrapping_shr(7);
		if rest == 0 {
			message.push(low);
			return;
		}
		message.push(low | 0x80);
	}
}
