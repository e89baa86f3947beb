//! Proofs: every honest one is taken, and nothing else.

mod ipfs_dag;

use ipfs_dag::{bytes, content, dag_pb, number, sha256, Dag, Link, Node};
use proptest::prelude::*;
use rwa_primitives::ipfs::{
	dag_pb::{NodeError, MAX_LINKS, MAX_NODE},
	layout::MAX_CHUNK,
	sample,
	unixfs::FileError,
	verify, Cid, CidError, Codec, Expected, Layout, LayoutError, ProofError,
};
use std::{cell::Cell, num::NonZeroU64};

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

fn layout(chunk: u32, links: u32) -> Layout {
	Layout::new(chunk, links).unwrap()
}

fn checked(dag: &Dag, leaf: u64, blocks: &[Vec<u8>]) -> Result<(), ProofError> {
	verify(&dag.root(), dag.size, &dag.layout, leaf, blocks, sha256)
}

// The shape.

#[test]
fn layouts_are_within_bounds() {
	for (chunk, links) in [(1, 2), (MAX_CHUNK, MAX_LINKS), (4_096, 32), (262_144, 174)] {
		let layout = Layout::new(chunk, links).unwrap();
		assert_eq!((layout.chunk(), layout.links()), (chunk, links));
	}
	assert_eq!(Layout::new(4_096, 32), Ok(Layout::DOCUMENT));
	assert_eq!(Layout::new(262_144, 174), Ok(Layout::KUBO));
	for chunk in [0, MAX_CHUNK + 1, u32::MAX] {
		assert_eq!(Layout::new(chunk, 32), Err(LayoutError::Chunk));
	}
	for links in [0, 1, MAX_LINKS + 1, u32::MAX] {
		assert_eq!(Layout::new(4_096, links), Err(LayoutError::Links));
	}
}

#[test]
fn size_and_layout_give_leaves_and_height() {
	let table = [
		(0, 1, 0),
		(1, 1, 0),
		(4_095, 1, 0),
		(4_096, 1, 0),
		(4_097, 2, 1),
		(32 * 4_096, 32, 1),
		(32 * 4_096 + 1, 33, 2),
		(MIB, 256, 2),
		(4 * MIB, 1_024, 2),
		(4 * MIB + 1, 1_025, 3),
		(100 * MIB, 25_600, 3),
		(GIB, 262_144, 4),
		(u64::MAX, 1 << 52, 11),
	];
	for (size, leaves, height) in table {
		assert_eq!(Layout::DOCUMENT.leaves(size).get(), leaves, "{size}");
		assert_eq!(Layout::DOCUMENT.root(size).height(), height, "{size}");
	}
}

#[test]
fn the_largest_files_have_a_shape_too() {
	for (chunk, links, height) in [(1, 2, 64), (1, 3, 41), (MAX_CHUNK, MAX_LINKS, 5)] {
		let layout = layout(chunk, links);
		let root = layout.root(u64::MAX);
		assert_eq!(root.height(), height);
		let last = layout.leaves(u64::MAX).get() - 1;
		let path = layout.path(u64::MAX, last).unwrap();
		assert_eq!(path.len(), height as usize);
		assert_eq!(layout.path(u64::MAX, last + 1), None);
		assert_eq!(layout.path(u64::MAX, 0).unwrap(), vec![0; height as usize]);

		let down = |part: rwa_primitives::ipfs::Part, index: &u32| part.child(*index).unwrap();
		let leaf = path.iter().fold(root, down);
		assert_eq!(Some(leaf.size()), layout.leaf_size(u64::MAX, last));
		assert_eq!((leaf.height(), leaf.children(), leaf.towards(0)), (0, 0, None));
	}
}

#[test]
fn a_leaf_has_the_bytes_that_are_left_for_it() {
	let layout = layout(10, 2);
	for (size, leaf, length) in
		[(0, 0, 0), (1, 0, 1), (10, 0, 10), (11, 0, 10), (11, 1, 1), (30, 2, 10)]
	{
		assert_eq!(layout.leaf_size(size, leaf), Some(length), "{leaf} of {size}");
	}
	for (size, leaf) in [(0, 1), (10, 1), (11, 2), (30, 3), (30, u64::MAX)] {
		assert_eq!(layout.leaf_size(size, leaf), None, "{leaf} of {size}");
		assert_eq!(layout.path(size, leaf), None, "{leaf} of {size}");
	}
}

// What proofs cost.

/// Bytes of a node whose children have these sizes and totals.
fn node_bytes(children: &[(u64, u64)]) -> u64 {
	let link = |(_, total): &(u64, u64)| Link { cid: vec![0; 36], name: vec![], total: *total };
	let shares = children.iter().map(|(size, _)| *size).collect::<Vec<_>>();
	let links = children.iter().map(link).collect();
	Node { links, kind: 2, size: shares.iter().sum(), shares }.encode().len() as u64
}

/// Bytes of the first path of a file, and of all its blocks, without making the file.
fn first_path(layout: Layout, size: u64) -> (u64, u64) {
	let mut totals = vec![size.min(u64::from(layout.chunk()))]; // Of a full part, by height.
	let mut last = None; // Of the last part, if it is not full: its size and total.
	let (mut path, mut total) = (totals[0], totals[0]);
	let mut span = u64::from(layout.chunk());
	if size > span && !size.is_multiple_of(span) {
		last = Some((size % span, size % span));
	}
	while span < size {
		let full = (span, *totals.last().unwrap());
		let links = u64::from(layout.links());
		let count = |bytes: u64| vec![full; (bytes / span) as usize];
		let of = |children: Vec<(u64, u64)>| {
			let own = node_bytes(&children);
			(own, own + children.iter().map(|(_, total)| total).sum::<u64>())
		};
		let rest = size % (span * links);
		let mut partial = count(rest);
		partial.extend(last);
		let (own, all) =
			if span * links <= size { of(count(span * links)) } else { of(partial.clone()) };
		path += own;
		totals.push(all);
		last = (rest > 0).then(|| (rest, of(partial).1));
		total = all;
		span *= links;
	}
	(path, total)
}

#[test]
fn figures_without_making_the_file_are_those_of_the_file() {
	for (chunk, links, size) in [
		(10, 3, 1),
		(10, 3, 10),
		(10, 3, 25),
		(10, 3, 271),
		(10, 3, 270),
		(7, 2, 1_000),
		(4_096, 32, MIB + 1),
	] {
		let layout = layout(chunk, links);
		let dag = Dag::of(&content(size), layout);
		let path = dag.proof(0).iter().map(|block| block.len() as u64).sum::<u64>();
		assert_eq!(first_path(layout, size), (path, dag.total()), "{layout:?}, {size}");
	}
}

#[test]
fn proofs_are_as_long_as_the_documentation_says() {
	let wide = layout(4_096, 174);
	let table = [
		(MIB, [6_048, 12_565, 262_352]),
		(100 * MIB, [8_560, 19_867, 271_019]),
		(GIB, [9_350, 21_645, 272_113]),
	];
	for (size, lengths) in table {
		for (layout, length) in [Layout::DOCUMENT, wide, Layout::KUBO].into_iter().zip(lengths) {
			let (found, total) = first_path(layout, size);
			println!("{size} bytes, {layout:?}: {found}, at most {}", layout.max_proof(size));
			assert_eq!(found, length, "{layout:?}, {size}");
			assert!(found <= layout.max_proof(size));
			// Blocks take no more than 1.3 % beside the file.
			assert!(total - size < size * 13 / 1_000);
		}
	}
	// What a block of the chain has to have room for.
	assert_eq!(Layout::DOCUMENT.max_proof(100 * MIB), 9_840);
	assert!(Layout::DOCUMENT.max_proof(100 * MIB) <= 10 * KIB);
}

#[test]
fn the_bound_on_a_proof_is_reached_by_no_more_than_the_numbers_lengths() {
	assert_eq!(Layout::DOCUMENT.max_proof(0), 0);
	assert_eq!(Layout::DOCUMENT.max_proof(17), 17);
	assert_eq!(Layout::DOCUMENT.max_proof(4_096), 4_096);
	let most = layout(MAX_CHUNK, MAX_LINKS).max_proof(u64::MAX);
	assert_eq!(most, u64::from(MAX_CHUNK) + 4 * u64::from(MAX_NODE) + 64 * 16 + 16);
	assert!(layout(1, 2).max_proof(u64::MAX) < 64 * (2 * 64 + 16) + 2);
}

// Honest proofs.

/// Layouts and sizes: many heights in few bytes, and documents as they are.
fn files() -> impl Strategy<Value = (Layout, u64)> {
	let small = (1..=64u32, 2..=8u32).prop_flat_map(|(chunk, links)| {
		let leaves = prop_oneof![0..10u64, 0..200u64, 0..2_000u64];
		(leaves, 0..u64::from(chunk)).prop_map(move |(leaves, rest)| {
			(layout(chunk, links), leaves * u64::from(chunk) + rest)
		})
	});
	let documents = (0..5 * MIB).prop_map(|size| (Layout::DOCUMENT, size));
	prop_oneof![19 => small, 1 => documents]
}

fn dags() -> impl Strategy<Value = Dag> {
	files().prop_map(|(layout, size)| Dag::of(&content(size), layout))
}

/// A file and one of its leaves.
fn challenges() -> impl Strategy<Value = (Dag, u64)> {
	(dags(), any::<prop::sample::Index>()).prop_map(|(dag, index)| {
		let leaf = index.index(dag.leaves() as usize) as u64;
		(dag, leaf)
	})
}

/// Checks a whole file, as a storage node does before it confirms; gives the number of leaves.
fn check_all(expected: Expected, dag: &Dag) -> Result<u64, ProofError> {
	let below = expected.check(dag.block(&expected.cid), sha256)?;
	if below.is_empty() {
		return Ok(1);
	}
	below.into_iter().map(|child| check_all(child, dag)).sum()
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(300))]

	#[test]
	fn the_shape_is_the_one_that_comes_of_building(dag in dags(), index: prop::sample::Index) {
		prop_assert_eq!(dag.layout.leaves(dag.size).get(), dag.leaves());
		let root = dag.layout.root(dag.size);
		prop_assert_eq!(root.height() as usize, dag.height());

		let leaf = index.index(dag.leaves() as usize) as u64;
		let mut part = root;
		for link in dag.layout.path(dag.size, leaf).unwrap() {
			let shares = (0..part.children()).map(|index| part.child(index).unwrap().size());
			prop_assert_eq!(shares.sum::<u64>(), part.size());
			prop_assert_eq!(part.child(part.children()), None);
			part = part.child(link).unwrap();
		}
		prop_assert_eq!(dag.layout.leaf_size(dag.size, leaf), Some(part.size()));
	}

	#[test]
	fn honest_proofs_are_taken((dag, leaf) in challenges()) {
		let blocks = dag.proof(leaf);
		prop_assert_eq!(checked(&dag, leaf, &blocks), Ok(()));
		let bytes = blocks.iter().map(|block| block.len() as u64).sum::<u64>();
		prop_assert!(bytes <= dag.layout.max_proof(dag.size));
	}

	#[test]
	fn a_bit_that_is_not_as_it_was_is_noticed(
		(dag, leaf) in challenges(), block: prop::sample::Index, byte: prop::sample::Index, bit in 0..8u32
	) {
		let mut blocks = dag.proof(leaf);
		let block = block.get_mut(&mut blocks);
		prop_assume!(!block.is_empty());
		*byte.get_mut(block) ^= 1u8 << bit;
		prop_assert_eq!(checked(&dag, leaf, &blocks), Err(ProofError::WrongHash));
	}

	#[test]
	fn cut_or_longer_blocks_are_refused(
		(dag, leaf) in challenges(), index: prop::sample::Index, length: prop::sample::Index, extra: u8
	) {
		use ProofError::*;
		let honest = dag.proof(leaf);
		let index = index.index(honest.len());

		let mut longer = honest.clone();
		longer[index].push(extra);
		let error = checked(&dag, leaf, &longer).unwrap_err();
		let allowed = if index + 1 == honest.len() { [TooLarge; 2] } else { [TooLarge, WrongHash] };
		prop_assert!(allowed.contains(&error), "{error}");

		let mut cut = honest;
		prop_assume!(!cut[index].is_empty());
		let length = length.index(cut[index].len());
		cut[index].truncate(length);
		let error = checked(&dag, leaf, &cut).unwrap_err();
		prop_assert_eq!(error, if index + 1 == cut.len() { WrongLength } else { WrongHash });
	}

	#[test]
	fn missing_and_additional_blocks_are_refused((dag, leaf) in challenges(), index: prop::sample::Index) {
		let honest = dag.proof(leaf);
		let index = index.index(honest.len());
		let mut fewer = honest.clone();
		let block = fewer.remove(index);
		prop_assert_eq!(checked(&dag, leaf, &fewer), Err(ProofError::WrongNumberOfBlocks));
		let mut more = honest;
		more.insert(index, block);
		prop_assert_eq!(checked(&dag, leaf, &more), Err(ProofError::WrongNumberOfBlocks));
	}

	#[test]
	fn blocks_in_another_order_are_refused(
		(dag, leaf) in challenges(), one: prop::sample::Index, other: prop::sample::Index
	) {
		use ProofError::*;
		let mut blocks = dag.proof(leaf);
		let (one, other) = (one.index(blocks.len()), other.index(blocks.len()));
		prop_assume!(blocks[one] != blocks[other]);
		blocks.swap(one, other);
		let error = checked(&dag, leaf, &blocks).unwrap_err();
		prop_assert!([TooLarge, WrongLength, WrongHash].contains(&error), "{error}");
	}

	#[test]
	fn the_proof_of_one_leaf_is_none_of_another((dag, leaf) in challenges(), other: prop::sample::Index) {
		use ProofError::*;
		let blocks = dag.proof(leaf);
		let other = other.index(dag.leaves() as usize) as u64;
		prop_assume!(dag.proof(other) != blocks);
		let error = checked(&dag, other, &blocks).unwrap_err();
		prop_assert!([TooLarge, WrongLength, WrongHash].contains(&error), "{error}");
		for beyond in [dag.leaves(), dag.leaves() + other, u64::MAX] {
			prop_assert_eq!(checked(&dag, beyond, &blocks), Err(LeafOutOfRange));
		}
	}

	#[test]
	fn a_proof_is_of_one_size_and_one_layout(
		(dag, leaf) in challenges(), (other, size) in files(), near in 1..200u64
	) {
		use ProofError::*;
		let blocks = dag.proof(leaf);
		let allowed = [
			LeafOutOfRange, WrongNumberOfBlocks, WrongCodec, TooLarge, WrongLength, WrongShape,
		];
		let sizes = [size, dag.size + near, dag.size.saturating_sub(near), u64::MAX];
		for size in sizes.into_iter().filter(|size| *size != dag.size) {
			let error = verify(&dag.root(), size, &dag.layout, leaf, &blocks, sha256).unwrap_err();
			prop_assert!(allowed.contains(&error), "{error}");
		}
		// Files of one chunk have the same dag in all layouts of such chunks, and so do files of one node
		// in all layouts with as many links.
		prop_assume!(other.leaves(dag.size).get() < 5_000); // More take long to make.
		let same = Dag::of(&content(dag.size), other).root() == dag.root();
		let result = verify(&dag.root(), dag.size, &other, leaf, &blocks, sha256);
		prop_assert_eq!(result.is_ok(), same, "{:?}", result);
	}

	#[test]
	fn nothing_panics_and_work_is_bounded_whatever_the_blocks(
		(dag, leaf) in challenges(),
		blocks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..600), 0..6),
		replace in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
		size: u64,
	) {
		// All hashes fit, so that everything else is looked at.
		let hashed = Cell::new(0);
		let hash = |digest: [u8; 32]| {
			let hashed = &hashed;
			move |block: &[u8]| { hashed.set(hashed.get() + block.len() as u64); digest }
		};
		let root = dag.root();
		let _ = verify(&root, dag.size, &dag.layout, leaf, &blocks, hash(root.digest));
		prop_assert!(hashed.replace(0) <= dag.layout.max_proof(dag.size));
		let _ = verify(&root, size, &dag.layout, leaf, &blocks, hash(root.digest));
		prop_assert!(hashed.replace(0) <= dag.layout.max_proof(size));
		let mut some = dag.proof(leaf);
		for (index, block) in replace.iter().zip(blocks) {
			*index.get_mut(&mut some) = block;
		}
		let _ = verify(&root, dag.size, &dag.layout, leaf, &some, hash(root.digest));
		prop_assert!(hashed.get() <= dag.layout.max_proof(dag.size));
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(50))]

	#[test]
	fn whole_files_can_be_checked(dag in dags()) {
		prop_assume!(dag.leaves() < 500);
		let root = Expected::root(dag.root(), dag.size, &dag.layout);
		prop_assert_eq!(check_all(root, &dag), Ok(dag.leaves()));
	}
}

#[test]
fn files_around_every_change_of_shape_are_taken() {
	for (chunk, links) in [(1, 2), (3, 2), (5, 3), (4, 4)] {
		let layout = layout(chunk, links);
		for size in 0..200 {
			let dag = Dag::of(&content(size), layout);
			for leaf in 0..dag.leaves() {
				assert_eq!(
					checked(&dag, leaf, &dag.proof(leaf)),
					Ok(()),
					"{layout:?}, {size}, {leaf}"
				);
			}
		}
	}
}

#[test]
fn a_file_of_equal_chunks_is_taken() {
	// All its leaves have one CID, and all full nodes of one height have one.
	let dag = Dag::of(&[0; 1_000], layout(10, 3));
	for leaf in 0..dag.leaves() {
		assert_eq!(checked(&dag, leaf, &dag.proof(leaf)), Ok(()));
	}
}

// Files that fit their CID but not the rules: what a publisher might register.

const CHUNK: u64 = 10;

/// A file of 25 bytes: one node with leaves of 10, 10 and 5.
fn flat() -> Dag {
	Dag::of(&content(25), layout(CHUNK as u32, 3))
}

/// The node of [`flat`].
fn flat_node() -> Node {
	let leaf = |leaf: &[u8]| Link {
		cid: Cid::new(Codec::Raw, sha256(leaf)).to_bytes().to_vec(),
		name: vec![],
		total: leaf.len() as u64,
	};
	let links = content(25).chunks(CHUNK as usize).map(leaf).collect();
	Node { links, kind: 2, size: 25, shares: vec![10, 10, 5] }
}

/// What is said of leaf 1 in a file like [`flat`] with this root.
fn forged(root: &[u8]) -> Result<(), ProofError> {
	let cid = Cid::new(Codec::DagPb, sha256(root));
	let leaf = flat().proof(1).pop().unwrap();
	verify(&cid, 25, &flat().layout, 1, &[root, &leaf], sha256)
}

#[test]
fn the_forgers_tool_makes_honest_files_too() {
	assert_eq!(flat_node().encode(), flat().proof(0)[0]);
	assert_eq!(forged(&flat_node().encode()), Ok(()));
}

#[test]
fn a_node_in_other_words_is_refused() {
	let node = flat_node();
	let data = bytes(0x0a, &node.unixfs());
	let links = dag_pb(&node.links, b"");
	let links = &links[..links.len() - 2];
	let field = Err(ProofError::Node(NodeError::Field));
	assert_eq!(forged(&[&data, links].concat()), field);
	assert_eq!(forged(links), field);
	assert_eq!(forged(&[links, &data, &[0]].concat()), field);

	let mut named = node.clone();
	named.links[2].name = b"leaf".to_vec();
	assert_eq!(forged(&named.encode()), Err(ProofError::Node(NodeError::Named)));

	let mut old = node.clone();
	old.links[2].cid.drain(..2);
	let error = NodeError::Link(CidError::Version);
	assert_eq!(forged(&old.encode()), Err(ProofError::Node(error)));

	let mut long = node.unixfs();
	*long.last_mut().unwrap() |= 0x80;
	long.push(0);
	assert_eq!(forged(&dag_pb(&node.links, &long)), Err(ProofError::File(FileError::Number)));
}

#[test]
fn a_node_of_something_else_is_refused() {
	let node = flat_node();
	let directory = Node { kind: 1, ..node.clone() };
	assert_eq!(forged(&directory.encode()), Err(ProofError::File(FileError::NotAFile)));
	let data = |data: Vec<Vec<u8>>| dag_pb(&node.links, &data.concat());
	assert_eq!(
		forged(&data(vec![number(8, 2), bytes(0x12, b"x"), number(0x18, 1)])),
		Err(ProofError::File(FileError::HoldsData))
	);
	assert_eq!(
		forged(&data(vec![node.unixfs(), number(0x38, 0o600)])),
		Err(ProofError::File(FileError::Field))
	);
}

#[test]
fn other_links_than_the_size_demands_are_refused() {
	let node = flat_node();
	let shape = Err(ProofError::WrongShape);
	let with = |size: u64, shares: &[u64]| Node { size, shares: shares.to_vec(), ..node.clone() };

	// Leaves of other lengths, of no bytes, and more or fewer shares than links.
	assert_eq!(forged(&with(25, &[10, 5, 10]).encode()), shape);
	assert_eq!(forged(&with(25, &[10, 15, 0]).encode()), shape);
	assert_eq!(forged(&with(24, &[10, 10, 4]).encode()), shape);
	assert_eq!(forged(&with(20, &[10, 10]).encode()), shape);
	assert_eq!(forged(&with(25, &[10, 10, 5, 0]).encode()), shape);
	assert_eq!(forged(&with(25, &[10, 10, 4]).encode()), Err(ProofError::File(FileError::Sum)));

	let mut fewer = node.clone();
	fewer.links.pop();
	assert_eq!(forged(&fewer.encode()), shape);
	let mut more = node.clone();
	more.links.push(more.links[0].clone());
	more.shares.push(0);
	assert_eq!(forged(&more.encode()), shape);
	assert_eq!(forged(&Node { links: vec![], shares: vec![], size: 0, kind: 2 }.encode()), shape);
}

#[test]
fn a_link_with_a_wrong_total_is_refused() {
	for total in [0, 9, 11, u64::MAX] {
		let mut node = flat_node();
		node.links[1].total = total;
		assert_eq!(forged(&node.encode()), Err(ProofError::WrongTotal));
	}
}

#[test]
fn a_leaf_of_another_length_is_refused() {
	for wrong in [&b"short"[..], b"", b"eleven char"] {
		let mut node = flat_node();
		node.links[1].cid = Cid::new(Codec::Raw, sha256(wrong)).to_bytes().to_vec();
		let root = node.encode();
		let cid = Cid::new(Codec::DagPb, sha256(&root));
		let error = if wrong.len() > 10 { ProofError::TooLarge } else { ProofError::WrongLength };
		assert_eq!(verify(&cid, 25, &flat().layout, 1, &[&root[..], wrong], sha256), Err(error));
	}
}

#[test]
fn a_node_is_no_leaf_and_a_leaf_no_node() {
	// A leaf that happens to be a node, byte for byte, and is named as one.
	let inner = Dag::of(&content(25), layout(CHUNK as u32, 3)).proof(0).remove(0);
	let length = inner.len() as u64;
	let size = length * 2;
	let shape = layout(length as u32, 2);
	for (codec, result) in [(Codec::Raw, Ok(())), (Codec::DagPb, Err(ProofError::WrongCodec))] {
		let cid = Cid::new(codec, sha256(&inner)).to_bytes().to_vec();
		let link = Link { cid, name: vec![], total: length };
		let node = Node { links: vec![link; 2], kind: 2, size, shares: vec![length; 2] };
		let root = node.encode();
		let cid = Cid::new(Codec::DagPb, sha256(&root));
		assert_eq!(verify(&cid, size, &shape, 1, &[&root, &inner], sha256), result);
	}
	// A root of the wrong kind.
	let dag = flat();
	let raw = Cid::new(Codec::Raw, dag.root().digest);
	assert_eq!(
		verify(&raw, 25, &dag.layout, 1, &dag.proof(1), sha256),
		Err(ProofError::WrongCodec)
	);
	let node = Cid::new(Codec::DagPb, sha256(b"leaf"));
	assert_eq!(verify(&node, 4, &dag.layout, 0, &[b"leaf"], sha256), Err(ProofError::WrongCodec));
}

#[test]
fn a_dag_that_is_deeper_or_flatter_than_it_must_be_is_refused() {
	// Forty bytes in four leaves: balanced, that is a node over two nodes, of three leaves and of one.
	let shape = layout(CHUNK as u32, 3);
	let balanced = Dag::of(&content(40), shape);
	assert_eq!(balanced.height(), 2);
	// One node over four leaves.
	let flatter = Dag::of(&content(40), layout(CHUNK as u32, 4));
	let result = verify(&flatter.root(), 40, &shape, 1, &flatter.proof(1), sha256);
	assert_eq!(result, Err(ProofError::WrongNumberOfBlocks));
	// A node over three leaves and a node, as in Kubo's trickle layout: the leaves are not at one height.
	let [first, second] = [balanced.proof(0), balanced.proof(3)];
	let mut links = flat_node().links;
	links[2] = Link {
		cid: Cid::new(Codec::DagPb, sha256(&second[1])).to_bytes().to_vec(),
		name: vec![],
		total: second[1].len() as u64 + 10,
	};
	let trickle = Node { links, kind: 2, size: 40, shares: vec![10, 10, 20] }.encode();
	let cid = Cid::new(Codec::DagPb, sha256(&trickle));
	let blocks = [trickle, first[1].clone(), first[2].clone()];
	assert_eq!(verify(&cid, 40, &shape, 0, &blocks, sha256), Err(ProofError::WrongShape));
	// A node over a single node: a file of three leaves, one height too high.
	let flat = flat();
	let link = Link { cid: flat.root().to_bytes().to_vec(), name: vec![], total: flat.total() };
	let above = Node { links: vec![link], kind: 2, size: 25, shares: vec![25] }.encode();
	let cid = Cid::new(Codec::DagPb, sha256(&above));
	let mut blocks = flat.proof(1);
	blocks.insert(0, above);
	assert_eq!(verify(&cid, 25, &shape, 1, &blocks, sha256), Err(ProofError::WrongNumberOfBlocks));
	assert_eq!(verify(&cid, 25, &shape, 1, &blocks[..2], sha256), Err(ProofError::WrongShape));
}

#[test]
fn a_block_that_links_to_itself_leads_nowhere() {
	// Nobody can make one for SHA-256, so the hash is a fake: all blocks have one name.
	let shape = layout(CHUNK as u32, 2);
	let own = Cid::new(Codec::DagPb, [7; 32]);
	let link = Link { cid: own.to_bytes().to_vec(), name: vec![], total: 100 };
	for (size, shares) in [(80, vec![40, 40]), (40, vec![20, 20]), (20, vec![10, 10])] {
		let block = Node { links: vec![link.clone(); 2], kind: 2, size, shares }.encode();
		for height in 1..=5 {
			let blocks = vec![&block; height];
			let result = verify(&own, 80, &shape, 0, &blocks, |_| [7; 32]);
			let error = match height {
				4 => ProofError::WrongShape,
				_ => ProofError::WrongNumberOfBlocks,
			};
			assert_eq!(result, Err(error), "{height} blocks, {size} bytes");
		}
	}
}

#[test]
fn giant_blocks_are_refused_before_they_are_hashed() {
	let dag = flat();
	let hash = |block: &[u8]| {
		assert!(block.len() <= 3 * 64 + 16, "{} bytes were hashed", block.len());
		sha256(block)
	};
	let check = |blocks: &[Vec<u8>]| verify(&dag.root(), 25, &dag.layout, 1, blocks, hash);
	let honest = dag.proof(1);
	assert_eq!(check(&honest), Ok(()));
	for giant in [3 * 64 + 17, MAX_NODE as usize + 1, 16 << 20] {
		let giant = vec![0x12; giant];
		assert_eq!(check(&[giant.clone(), honest[1].clone()]), Err(ProofError::TooLarge));
		assert_eq!(check(&[honest[0].clone(), giant]), Err(ProofError::TooLarge));
	}
	assert_eq!(check(&vec![honest[0].clone(); 10_000]), Err(ProofError::WrongNumberOfBlocks));
	assert_eq!(check(&[]), Err(ProofError::WrongNumberOfBlocks));
}

// Which leaf is asked for.

#[test]
fn every_leaf_is_asked_for_equally_often() {
	// Ten thousand hashes over 7 leaves: 1,429 each, give or take 4.5 standard deviations.
	let leaves = NonZeroU64::new(7).unwrap();
	let mut counts = [0u32; 7];
	for number in 0..10_000u64 {
		counts[sample(&sha256(&number.to_le_bytes()), leaves) as usize] += 1;
	}
	assert!(counts.iter().all(|count| (1_271..=1_586).contains(count)), "{counts:?}");
}

#[test]
fn the_leaf_is_the_seeds_share_of_all() {
	let seed = |number: u128| {
		let mut seed = [0xaa; 32];
		seed[..16].copy_from_slice(&number.to_le_bytes());
		seed
	};
	let of = |number: u128, leaves: u64| sample(&seed(number), NonZeroU64::new(leaves).unwrap());
	for leaves in [1, 2, 3, 25_600, u64::MAX - 1, u64::MAX] {
		assert_eq!(of(0, leaves), 0);
		assert_eq!(of(u128::MAX, leaves), leaves - 1);
		assert_eq!(of(1 << 127, leaves), leaves / 2);
	}
	// The low half counts where it carries: a third of 2¹²⁸, rounded down and up.
	assert_eq!(of(u128::MAX / 3, 3), 0);
	assert_eq!(of(u128::MAX / 3 + 1, 3), 1);
}

proptest! {
	#[test]
	fn a_leaf_that_exists_is_asked_for(seed: [u8; 32], leaves in 1u64..) {
		prop_assert!(sample(&seed, NonZeroU64::new(leaves).unwrap()) < leaves);
	}
}
