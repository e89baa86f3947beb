//! Files as IPFS would store them, made independently of what checks them: from the leaves up, as Kubo
//! does, where the checks go from the root down.

#![allow(dead_code, reason = "each test program uses some of it")]

mod sha256;

use rwa_primitives::ipfs::{Cid, Codec, Layout};
pub(crate) use sha256::sha256;
use std::sync::OnceLock;

/// Bytes of the largest file that [`content`] can give.
const LARGEST: u64 = 6 << 20;

/// A dag-pb node and its UnixFS data, with everything a forger may want to change.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
	pub(crate) links: Vec<Link>,
	pub(crate) kind: u64,
	pub(crate) size: u64,
	pub(crate) shares: Vec<u64>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Link {
	pub(crate) cid: Vec<u8>,
	pub(crate) name: Vec<u8>,
	pub(crate) total: u64,
}

pub(crate) fn varint(mut value: u64) -> Vec<u8> {
	let mut bytes = Vec::new();
	while value >= 0x80 {
		bytes.push((value & 0x7f) as u8 | 0x80);
		value >>= 7;
	}
	bytes.push(value as u8);
	bytes
}

/// A field that holds a number.
pub(crate) fn number(tag: u8, value: u64) -> Vec<u8> {
	[vec![tag], varint(value)].concat()
}

/// A field that holds bytes.
pub(crate) fn bytes(tag: u8, value: &[u8]) -> Vec<u8> {
	[vec![tag], varint(value.len() as u64), value.to_vec()].concat()
}

impl Link {
	/// The fields of the link, in their order.
	pub(crate) fn fields(&self) -> [Vec<u8>; 3] {
		[bytes(0x0a, &self.cid), bytes(0x12, &self.name), number(0x18, self.total)]
	}
}

impl Node {
	pub(crate) fn unixfs(&self) -> Vec<u8> {
		let shares = self.shares.iter().flat_map(|share| number(0x20, *share));
		[number(0x08, self.kind), number(0x18, self.size)]
			.concat()
			.into_iter()
			.chain(shares)
			.collect()
	}

	pub(crate) fn encode(&self) -> Vec<u8> {
		dag_pb(&self.links, &self.unixfs())
	}
}

/// A node of dag-pb with any data.
pub(crate) fn dag_pb(links: &[Link], data: &[u8]) -> Vec<u8> {
	let links = links.iter().flat_map(|link| bytes(0x12, &link.fields().concat()));
	links.chain(bytes(0x0a, data)).collect()
}

/// A block with what its parent has to say of it.
#[derive(Clone)]
struct Built {
	cid: Cid,
	bytes: Vec<u8>,
	share: u64,
	total: u64,
}

impl Built {
	fn leaf(chunk: &[u8]) -> Self {
		let size = chunk.len() as u64;
		let cid = Cid::new(Codec::Raw, sha256(chunk));
		Self { cid, bytes: chunk.to_vec(), share: size, total: size }
	}

	fn above(children: &[Self]) -> Self {
		let link = |child: &Self| Link {
			cid: child.cid.to_bytes().to_vec(),
			name: vec![],
			total: child.total,
		};
		let node = Node {
			links: children.iter().map(link).collect(),
			kind: 2,
			size: children.iter().map(|child| child.share).sum(),
			shares: children.iter().map(|child| child.share).collect(),
		};
		let bytes = node.encode();
		let below = children.iter().map(|child| child.total).sum::<u64>();
		let cid = Cid::new(Codec::DagPb, sha256(&bytes));
		Self { cid, share: node.size, total: bytes.len() as u64 + below, bytes }
	}
}

/// A file and its blocks.
#[derive(Clone)]
pub(crate) struct Dag {
	pub(crate) layout: Layout,
	pub(crate) size: u64,
	/// Leaves first, root last.
	heights: Vec<Vec<Built>>,
}

/// Only what it is made of: a failing case has to be read.
impl std::fmt::Debug for Dag {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		write!(f, "{} bytes, {:?}", self.size, self.layout)
	}
}

impl Dag {
	pub(crate) fn of(content: &[u8], layout: Layout) -> Self {
		let mut leaves =
			content.chunks(layout.chunk() as usize).map(Built::leaf).collect::<Vec<_>>();
		if leaves.is_empty() {
			leaves.push(Built::leaf(&[]));
		}
		let mut heights = vec![leaves];
		while heights.last().unwrap().len() > 1 {
			let below = heights.last().unwrap();
			heights.push(below.chunks(layout.links() as usize).map(Built::above).collect());
		}
		Self { layout, size: content.len() as u64, heights }
	}

	pub(crate) fn root(&self) -> Cid {
		self.heights.last().unwrap()[0].cid
	}

	pub(crate) fn leaves(&self) -> u64 {
		self.heights[0].len() as u64
	}

	pub(crate) fn height(&self) -> usize {
		self.heights.len() - 1
	}

	/// The block of this CID.
	pub(crate) fn block(&self, cid: &Cid) -> &[u8] {
		&self.heights.iter().flatten().find(|built| built.cid == *cid).unwrap().bytes
	}

	/// The blocks from the root to a leaf.
	pub(crate) fn proof(&self, leaf: u64) -> Vec<Vec<u8>> {
		let mut index = leaf as usize;
		let mut blocks = Vec::new();
		for height in &self.heights {
			blocks.push(height[index].bytes.clone());
			index /= self.layout.links() as usize;
		}
		blocks.reverse();
		blocks
	}

	/// Bytes of all blocks.
	pub(crate) fn total(&self) -> u64 {
		self.heights.last().unwrap()[0].total
	}
}

/// Bytes that look random and are the same everywhere: the SHA-256 of 0, 1, 2, and so on, each as eight
/// bytes in little endian, one after the other, cut to `size`.
pub(crate) fn content(size: u64) -> Vec<u8> {
	// Made once for all tests, up to the largest file that any of them has.
	static ALL: OnceLock<Vec<u8>> = OnceLock::new();
	let all =
		ALL.get_or_init(|| (0..LARGEST / 32).flat_map(|n| sha256(&n.to_le_bytes())).collect());
	all[..size as usize].to_vec()
}
