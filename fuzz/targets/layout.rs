//! Where in a file's dag its bytes are, against arithmetic that can't overflow.
//!
//! Input: a layout, a size, a leaf, and what chooses one.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use num_bigint::BigUint;
use rwa_primitives::ipfs::{dag_pb::MAX_LINKS, layout::MAX_CHUNK, sample, Layout, Part};

#[derive(Arbitrary, Debug)]
struct Input {
	chunk: u32,
	links: u16,
	size: u64,
	leaf: u64,
	random: [u8; 32],
}

fuzz_target!(|input: Input| {
	let Input { chunk, links, size, leaf, random } = input;
	let links = u32::from(links);
	let layout = Layout::new(chunk, links);
	let fits = (1..=MAX_CHUNK).contains(&chunk) && (2..=MAX_LINKS).contains(&links);
	assert_eq!(layout.is_ok(), fits);
	let Ok(layout) = layout else { return };

	let leaves = u128::from(size).div_ceil(u128::from(chunk)).max(1);
	assert_eq!(u128::from(layout.leaves(size).get()), leaves);
	let sampled = sample(&random, layout.leaves(size));
	let number = BigUint::from_bytes_le(&random[..16]) * leaves >> 128;
	assert_eq!(BigUint::from(sampled), number);

	for leaf in [leaf, leaf % layout.leaves(size), sampled, layout.leaves(size).get() - 1] {
		follow(&layout, size, leaf, leaves);
	}
});

/// From the root down to a leaf, and what is said on the way.
fn follow(layout: &Layout, size: u64, leaf: u64, leaves: u128) {
	let start = u128::from(leaf) * u128::from(layout.chunk());
	let length = u128::from(size).saturating_sub(start).min(layout.chunk().into());
	let exists = u128::from(leaf) < leaves;
	let expected = exists.then_some(length);
	assert_eq!(layout.leaf_size(size, leaf).map(u128::from), expected);

	let links = u128::from(layout.links());
	let height = (0..).find(|height| links.checked_pow(*height).is_none_or(|full| full >= leaves));
	let height = height.unwrap_or(0);
	let root = layout.root(size);
	assert_eq!((root.height(), root.size()), (height, size));
	let path = layout.path(size, leaf);
	assert_eq!(path.is_some(), exists, "leaf {leaf} of {size} bytes in {layout:?}");
	let Some(path) = path else { return };
	// The digits of the leaf's number.
	let digits = (0..height).rev().map(|place| u128::from(leaf) / links.pow(place) % links);
	assert!(path.iter().map(|index| u128::from(*index)).eq(digits));

	let (mut part, mut at, mut bytes) = (root, u128::from(leaf), root.max_bytes());
	for index in path {
		check(&part, u128::from(layout.chunk()), links);
		let (towards, below) = part.towards(at as u64).expect("it is no leaf");
		assert_eq!(towards, index);
		at = below.into();
		part = part.child(index).expect("it has such a link");
		bytes = bytes.saturating_add(part.max_bytes());
	}
	assert_eq!((part.height(), part.children(), at), (0, 0, 0));
	assert_eq!(Some(part.size()), layout.leaf_size(size, leaf));
	assert!(bytes <= layout.max_proof(size), "leaf {leaf} of {size} bytes in {layout:?}");
}

/// The links of a block that isn't a leaf share its bytes out.
fn check(part: &Part, chunk: u128, links: u128) {
	let span = chunk * links.pow(part.height() - 1);
	let children = u128::from(part.size()).div_ceil(span).max(1);
	assert_eq!(u128::from(part.children()), children);
	assert!(children <= links);
	assert_eq!(part.child(part.children()), None);
	let size = |index| part.child(index).map_or(0, |child| u128::from(child.size()));
	let last = part.children() - 1;
	assert_eq!(size(0), if last == 0 { part.size().into() } else { span });
	assert_eq!(size(last), u128::from(part.size()) - u128::from(last) * span);
}
