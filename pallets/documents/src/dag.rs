//! Nodes of files, as Kubo makes them, for tests and benchmarks: written independently of what reads them.

use alloc::vec::Vec;

use rwa_primitives::ipfs::Cid;

/// What a node says of a block below it.
#[derive(Clone, Copy)]
pub(crate) struct Child {
	/// The block's name.
	pub(crate) cid: Cid,
	/// Bytes of the file below it.
	pub(crate) share: u64,
	/// Bytes of it and all blocks below it.
	pub(crate) total: u64,
}

fn varint(mut value: u64) -> Vec<u8> {
	let mut bytes = Vec::new();
	while value >= 0x80 {
		bytes.push(value.to_le_bytes()[0] | 0x80);
		value >>= 7;
	}
	bytes.push(value.to_le_bytes()[0]);
	bytes
}

fn field(tag: u8, value: &[u8]) -> Vec<u8> {
	let length = varint(u64::try_from(value.len()).unwrap_or(u64::MAX));
	[[tag].as_slice(), &length, value].concat()
}

fn number(tag: u8, value: u64) -> Vec<u8> {
	[[tag].as_slice(), &varint(value)].concat()
}

/// The node above `children`.
pub(crate) fn node(children: &[Child]) -> Vec<u8> {
	let share = children.iter().fold(0u64, |sum, child| sum.saturating_add(child.share));
	let links = children.iter().flat_map(|child| {
		let fields =
			[field(0x0a, &child.cid.to_bytes()), field(0x12, &[]), number(0x18, child.total)];
		field(0x12, &fields.concat())
	});
	let shares = children.iter().flat_map(|child| number(0x20, child.share));
	let unixfs: Vec<u8> =
		[number(0x08, 2), number(0x18, share)].concat().into_iter().chain(shares).collect();
	links.chain(field(0x0a, &unixfs)).collect()
}
