//! Proofs of storage: honest ones are taken, and nothing else is.
//!
//! Input: a small file, one of its leaves, what is changed in the proof, and blocks of a publisher who doesn't
//! keep to the rules.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use rwa_primitives::ipfs::{verify, Cid, Codec, Expected, Layout, ProofError};
use std::cell::Cell;

/// Makes files as IPFS does, from the leaves up.
#[path = "../../primitives/tests/ipfs_dag/mod.rs"]
mod ipfs_dag;
use ipfs_dag::{sha256, Dag, Link, Node};

#[derive(Arbitrary, Debug)]
struct Input {
	chunk: u8,
	links: u8,
	size: u16,
	leaf: u16,
	changes: Vec<Change>,
	odd: Vec<Odd>,
}

/// What a storage node may do to a proof.
#[derive(Arbitrary, Debug)]
enum Change {
	Byte {
		block: u8,
		byte: u16,
		by: u8,
	},
	Cut {
		block: u8,
		byte: u16,
	},
	Insert {
		block: u8,
		byte: u16,
		new: u8,
	},
	Drop(u8),
	Repeat(u8),
	Swap(u8, u8),
	/// A block of another leaf's proof.
	Take {
		block: u8,
		leaf: u16,
	},
	Leaf(u16),
	Size(i16),
	Chunk(u8),
	Links(u8),
	Root {
		byte: u8,
		by: u8,
	},
	/// Claims to be of the other kind.
	Codec,
}

/// What a publisher may do to a block, whose CID is then that of what came of it. Heights count from the leaf.
#[derive(Arbitrary, Debug)]
enum Odd {
	Leaf {
		longer: i8,
	},
	Share {
		height: u8,
		link: u8,
		by: i16,
	},
	/// From one link to another, so that the sum stays.
	Shift {
		height: u8,
		from: u8,
		to: u8,
		by: u8,
	},
	Size {
		height: u8,
		by: i16,
	},
	Total {
		height: u8,
		link: u8,
		by: i16,
	},
	Name {
		height: u8,
		link: u8,
		name: u8,
	},
	Kind {
		height: u8,
		kind: u8,
	},
	Less {
		height: u8,
		link: u8,
	},
	More {
		height: u8,
		link: u8,
	},
	Extra {
		height: u8,
		byte: u8,
		data: bool,
	},
	Codec {
		height: u8,
	},
}

fuzz_target!(|input: Input| {
	let Ok(layout) = Layout::new(u32::from(input.chunk) + 1, u32::from(input.links % 9) + 2) else {
		return;
	};
	let leaves = layout.leaves(input.size.into()).get().min(100);
	let size = u64::from(input.size).min(leaves * u64::from(layout.chunk()));
	let content: Vec<u8> = (0..size).map(|place| (place * 7 / 3) as u8).collect();
	let dag = Dag::of(&content, layout);
	let leaf = u64::from(input.leaf) % dag.leaves();
	assert_eq!(judge(&dag.root(), size, &layout, leaf, &dag.proof(leaf)), Ok(()));
	assert_eq!(whole(Expected::root(dag.root(), size, &layout), &dag), Ok(dag.leaves()));
	changed(&input.changes, &dag, leaf, &content);
	published(&input.odd, size, layout, leaf);
});

/// Checks a proof, and that no more is hashed than is allowed.
fn judge(
	root: &Cid,
	size: u64,
	layout: &Layout,
	leaf: u64,
	blocks: &[Vec<u8>],
) -> Result<(), ProofError> {
	let hashed = Cell::new(0);
	let result = verify(root, size, layout, leaf, blocks, |block| {
		hashed.set(hashed.get() + block.len() as u64);
		sha256(block)
	});
	assert!(hashed.get() <= layout.max_proof(size));
	result
}

/// Checks a whole file, as a storage node does before it confirms; gives the number of leaves.
fn whole(expected: Expected, dag: &Dag) -> Result<u64, ProofError> {
	let below = expected.check(dag.block(&expected.cid), sha256)?;
	if below.is_empty() {
		return Ok(1);
	}
	below.into_iter().map(|child| whole(child, dag)).sum()
}

/// If a changed proof is taken, then it is the proof of the bytes that it has to be of.
fn changed(changes: &[Change], dag: &Dag, leaf: u64, content: &[u8]) {
	let mut blocks = dag.proof(leaf);
	let (mut root, mut size, mut of) = (dag.root(), dag.size, leaf);
	let (mut chunk, mut links) = (dag.layout.chunk(), dag.layout.links());
	for change in changes {
		let count = blocks.len();
		if count == 0 {
			break;
		}
		let place = |block: u8| usize::from(block) % count;
		match *change {
			Change::Byte { block, byte, by } => {
				let block = &mut blocks[place(block)];
				let length = block.len().max(1);
				if let Some(byte) = block.get_mut(usize::from(byte) % length) {
					*byte ^= by;
				}
			}
			Change::Cut { block, byte } => {
				let block = &mut blocks[place(block)];
				let length = block.len() + 1;
				block.truncate(usize::from(byte) % length);
			}
			Change::Insert { block, byte, new } => {
				let block = &mut blocks[place(block)];
				let length = block.len() + 1;
				block.insert(usize::from(byte) % length, new);
			}
			Change::Drop(block) => drop(blocks.remove(place(block))),
			Change::Repeat(block) => blocks.push(blocks[place(block)].clone()),
			Change::Swap(one, other) => blocks.swap(place(one), place(other)),
			Change::Take { block, leaf } => {
				let others = dag.proof(u64::from(leaf) % dag.leaves());
				let other = others[usize::from(block) % others.len()].clone();
				blocks[place(block)] = other;
			}
			Change::Leaf(leaf) => of = leaf.into(),
			Change::Size(by) => size = size.saturating_add_signed(by.into()),
			Change::Chunk(new) => chunk = u32::from(new) + 1,
			Change::Links(new) => links = u32::from(new) + 2,
			Change::Root { byte, by } => root.digest[usize::from(byte) % 32] ^= by,
			Change::Codec => {
				root.codec = if root.codec == Codec::Raw { Codec::DagPb } else { Codec::Raw };
			}
		}
	}
	let Ok(layout) = Layout::new(chunk, links) else { return };
	if judge(&root, size, &layout, of, &blocks).is_err() {
		return;
	}
	assert_eq!((root, size), (dag.root(), dag.size));
	let start = of * u64::from(chunk);
	let end = (start + u64::from(chunk)).min(size);
	let expected = &content[start as usize..end as usize];
	assert_eq!(blocks.last().map(Vec::as_slice), Some(expected), "{layout:?}, leaf {of} of {size}");
	assert_eq!(blocks, Dag::of(content, layout).proof(of));
}

/// The blocks from the root to a leaf, with siblings that nobody has. If they are taken, then each is written as
/// it has to be.
fn published(odd: &[Odd], size: u64, layout: Layout, leaf: u64) {
	let height = layout.root(size).height();
	let path = layout.path(size, leaf).expect("there is such a leaf");
	let parts: Vec<_> = path.iter().fold(vec![layout.root(size)], |mut parts, index| {
		parts.extend(parts[parts.len() - 1].child(*index));
		parts
	});
	let length = layout.leaf_size(size, leaf).expect("there is such a leaf") as i64;
	let longer = odd.iter().map(|odd| match odd {
		Odd::Leaf { longer } => i64::from(*longer),
		_ => 0,
	});
	let length = (length + longer.sum::<i64>()).max(0);
	let mut blocks = vec![vec![7; length as usize]];
	let mut right = vec![blocks[0].clone()];
	let mut cid = Cid::new(codec(odd, 0, Codec::Raw), sha256(&blocks[0]));
	let mut total = length as u64;
	for level in 1..=height {
		let part = &parts[(height - level) as usize];
		let on_path = path[(height - level) as usize] as usize;
		let sizes: Vec<u64> = (0..part.children())
			.filter_map(|index| part.child(index))
			.map(|part| part.size())
			.collect();
		let link = |index: usize| {
			let here = index == on_path;
			let other = Cid::new(cid.codec, [index as u8; 32]);
			let cid = if here { cid } else { other };
			let total = if here { total } else { 5 };
			Link { cid: cid.to_bytes().to_vec(), name: vec![], total }
		};
		let links = (0..sizes.len()).map(link).collect();
		let honest = Node { links, kind: 2, size: part.size(), shares: sizes };
		let (block, promised) = written(&honest, odd, level as u8);
		right.push(honest.encode());
		total = block.len() as u64 + promised;
		cid = Cid::new(codec(odd, level as u8, Codec::DagPb), sha256(&block));
		blocks.push(block);
	}
	blocks.reverse();
	right.reverse();
	let result = judge(&cid, size, &layout, leaf, &blocks);
	// Totals of siblings are the publisher's word: nothing here could tell.
	let word = odd.iter().any(|odd| matches!(odd, Odd::Total { .. }));
	if odd.is_empty() {
		assert_eq!(result, Ok(()));
	} else if result.is_ok() {
		let leaf_size = layout.leaf_size(size, leaf).map(|length| length as usize);
		assert_eq!(blocks.last().map(Vec::len), leaf_size);
		assert!((0..=height).all(|level| codec(odd, level as u8, Codec::Raw) == Codec::Raw));
		assert!(word || blocks == right, "{layout:?}, leaf {leaf} of {size}");
	}
}

/// A node with everything odd that is asked for at its height, and what its links promise below.
fn written(honest: &Node, odd: &[Odd], level: u8) -> (Vec<u8>, u64) {
	let mut node = honest.clone();
	let (mut extra, mut data) = (vec![], vec![]);
	for odd in odd {
		let count = node.links.len().max(1);
		let shares = node.shares.len().max(1);
		match *odd {
			Odd::Share { height, link, by } if height == level => {
				if let Some(share) = node.shares.get_mut(usize::from(link) % shares) {
					*share = share.wrapping_add_signed(by.into());
				}
			}
			Odd::Shift { height, from, to, by } if height == level => {
				let (from, to) = (usize::from(from) % shares, usize::from(to) % shares);
				if from < node.shares.len() && to < node.shares.len() {
					node.shares[from] = node.shares[from].wrapping_sub(by.into());
					node.shares[to] = node.shares[to].wrapping_add(by.into());
				}
			}
			Odd::Size { height, by } if height == level => {
				node.size = node.size.wrapping_add_signed(by.into());
			}
			Odd::Total { height, link, by } if height == level => {
				if let Some(link) = node.links.get_mut(usize::from(link) % count) {
					link.total = link.total.wrapping_add_signed(by.into());
				}
			}
			Odd::Name { height, link, name } if height == level => {
				if let Some(link) = node.links.get_mut(usize::from(link) % count) {
					link.name.push(name);
				}
			}
			Odd::Kind { height, kind } if height == level => node.kind = kind.into(),
			Odd::Less { height, link } if height == level && !node.links.is_empty() => {
				node.links.remove(usize::from(link) % count);
				node.shares.truncate(node.links.len());
			}
			Odd::More { height, link } if height == level => {
				let new = node.links.get(usize::from(link) % count).cloned();
				node.shares.extend(new.iter().map(|_| 0));
				node.links.extend(new);
			}
			Odd::Extra { height, byte, data: true } if height == level => data.push(byte),
			Odd::Extra { height, byte, data: false } if height == level => extra.push(byte),
			_ => {}
		}
	}
	let promised = node.links.iter().fold(0u64, |sum, link| sum.saturating_add(link.total));
	let data = [node.unixfs(), data].concat();
	([ipfs_dag::dag_pb(&node.links, &data), extra].concat(), promised)
}

fn codec(odd: &[Odd], level: u8, right: Codec) -> Codec {
	let wrong = odd.iter().any(|odd| matches!(odd, Odd::Codec { height } if *height == level));
	match (wrong, right) {
		(false, right) => right,
		(true, Codec::Raw) => Codec::DagPb,
		(true, Codec::DagPb) => Codec::Raw,
	}
}
