//! CIDs, nodes and their data: what is read, what is refused, and that nothing is read two ways.

mod ipfs_dag;

use codec::{Decode, Encode};
use ipfs_dag::{bytes, content, dag_pb, number, sha256, varint, Dag, Link, Node};
use proptest::prelude::*;
use rwa_primitives::ipfs::{
	cid::{CID_BYTES, CID_TEXT},
	dag_pb::{self, NodeError, MAX_LINKS, MAX_NODE},
	unixfs::{self, FileError},
	Cid, CidError, Codec, Layout,
};

// CIDs.

fn cid(byte: u8) -> Cid {
	Cid::new(Codec::Raw, [byte; 32])
}

/// A binary CID with this header and 32 more bytes.
fn headed(header: &[u8]) -> Vec<u8> {
	[header, &[7; 32]].concat()
}

#[test]
fn a_cid_has_one_binary_form() {
	for (codec, code) in [(Codec::Raw, 0x55), (Codec::DagPb, 0x70)] {
		let cid = Cid::new(codec, [7; 32]);
		assert_eq!(cid.to_bytes().to_vec(), headed(&[1, code, 0x12, 0x20]));
		assert_eq!(Cid::from_bytes(&cid.to_bytes()), Ok(cid));
	}
}

#[test]
fn other_binary_forms_are_refused_with_the_reason() {
	let refused = [
		(headed(&[0x12, 0x20]), CidError::Version), // Version 0.
		(headed(&[0, 0x55, 0x12, 0x20]), CidError::Version),
		(headed(&[2, 0x55, 0x12, 0x20]), CidError::Version),
		(headed(&[0x81, 0, 0x55, 0x12, 0x20]), CidError::Version), // One, the long way.
		(headed(&[1, 0x71, 0x12, 0x20]), CidError::Codec),         // dag-cbor
		(headed(&[1, 0x72, 0x12, 0x20]), CidError::Codec),         // libp2p-key
		(headed(&[1, 0xa9, 2, 0x12, 0x20]), CidError::Codec),      // dag-json
		(headed(&[1, 0xd5, 0, 0x12, 0x20]), CidError::Codec),      // Raw, the long way.
		(headed(&[1, 0x55, 0x16, 0x20]), CidError::HashFunction),  // SHA3-256
		(headed(&[1, 0x55, 0x1e, 0x20]), CidError::HashFunction),  // BLAKE3
		(headed(&[1, 0x55, 0xa0, 0xe4, 2, 0x20]), CidError::HashFunction), // BLAKE2b-256
		(headed(&[1, 0x55, 0, 0x20]), CidError::HashFunction),     // The bytes themselves.
		(headed(&[1, 0x55, 0x12, 0x1f]), CidError::DigestLength),
		(headed(&[1, 0x55, 0x12, 0x14]), CidError::DigestLength),
		(headed(&[1, 0x55, 0x12, 0xa0, 0]), CidError::DigestLength), // 32, the long way.
		(headed(&[1, 0x55, 0x12, 0x20, 0]), CidError::TooLong),
		(headed(&[1, 0x70, 0x12, 0x20, 0]), CidError::TooLong),
	];
	for (bytes, error) in refused {
		assert_eq!(Cid::from_bytes(&bytes), Err(error), "{bytes:x?}");
	}
	let whole = cid(7).to_bytes();
	for length in 0..CID_BYTES {
		assert_eq!(Cid::from_bytes(&whole[..length]), Err(CidError::TooShort), "{length}");
	}
}

#[test]
fn a_cid_has_one_text() {
	let known = [
		// The empty file, and the empty directory: known wherever there is IPFS.
		("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku", Codec::Raw, &b""[..]),
		(
			"bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354",
			Codec::DagPb,
			&[0x0a, 2, 8, 1],
		),
	];
	for (text, codec, block) in known {
		let cid = Cid::new(codec, sha256(block));
		assert_eq!(cid.to_string(), text);
		assert_eq!(text.parse(), Ok(cid));
		assert_eq!(text.len(), CID_TEXT);
	}
	assert_eq!(format!("{:>61}", cid(0)), format!("  {}", cid(0)));
}

#[test]
fn other_texts_are_refused_with_the_reason() {
	let text = cid(0).to_string();
	let refused = [
		(String::new(), CidError::Base),
		("b".into(), CidError::TooShort),
		("QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n".into(), CidError::Version),
		// Base36 and base58, as Kubo can write them.
		("k2jmtxw8rjh1z69c6not3wtdxb0u3urbzhyll1t9jg6ox26dhi5sfi1m".into(), CidError::Base),
		("zb2rhe5P4gXftAwvA4eXQ5HJwsER2owDyS9sKaQRRVQPn93bA".into(), CidError::Base),
		(text.to_uppercase(), CidError::Base),
		(format!("b{}", text[1..].to_uppercase()), CidError::Character),
		(format!(" {text}"), CidError::Base),
		(format!("{text} "), CidError::Character),
		(format!("{text}="), CidError::Character),
		(text.replace('a', "1"), CidError::Character),
		(text.replace('a', "ä"), CidError::Character),
		(text[..CID_TEXT - 1].into(), CidError::TooShort),
		(format!("{text}a"), CidError::TooLong),
		(format!("{text}aa"), CidError::TooLong),
		(format!("{text}{text}{text}"), CidError::TooLong),
		// The last digit has two bits that mean nothing.
		(format!("{}b", &text[..CID_TEXT - 1]), CidError::Character),
		// dag-cbor, and a file hashed with BLAKE2b-256.
		("bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua".into(), CidError::Codec),
		(
			"bafk2bzaceaz2ksmvdp3dtjzkkj4gntbbhhbuvcgldqdcbdkldx6y6q7ed7x3q".into(),
			CidError::HashFunction,
		),
	];
	for (text, error) in refused {
		assert_eq!(text.parse::<Cid>(), Err(error), "{text}");
	}
}

#[test]
fn in_scale_a_cid_has_33_bytes_and_no_bad_values() {
	assert_eq!(cid(7).encode(), [vec![0], vec![7; 32]].concat());
	let node = Cid::new(Codec::DagPb, [7; 32]);
	assert_eq!(node.encode(), [vec![1], vec![7; 32]].concat());
	assert!(Cid::decode(&mut &[vec![2], vec![7; 32]].concat()[..]).is_err());
}

// Nodes. Each refusal changes one thing of a node that is read.

fn link(byte: u8, total: u64) -> Link {
	Link { cid: cid(byte).to_bytes().to_vec(), name: vec![], total }
}

fn node() -> Node {
	Node { links: vec![link(1, 300), link(2, 5)], kind: 2, size: 305, shares: vec![300, 5] }
}

#[track_caller]
fn refused(block: &[u8], error: NodeError) {
	assert_eq!(dag_pb::decode(block), Err(error), "{block:x?}");
}

#[test]
fn a_node_is_read() {
	let block = node().encode();
	let read = dag_pb::decode(&block).unwrap();
	assert_eq!(
		read.links,
		[dag_pb::Link { cid: cid(1), total: 300 }, dag_pb::Link { cid: cid(2), total: 5 },]
	);
	let file = unixfs::decode(read.data).unwrap();
	assert_eq!(file, unixfs::File { size: 305, shares: vec![300, 5] });
}

#[test]
fn a_node_that_ends_early_or_late_is_refused() {
	let block = node().encode();
	for length in 0..block.len() {
		assert!(dag_pb::decode(&block[..length]).is_err(), "{length}");
	}
	refused(&block[..1], NodeError::Truncated);
	refused(&block[..block.len() - 1], NodeError::Truncated);
	for extra in [&[0][..], &[0x0a, 0], &bytes(0x12, &link(3, 1).fields().concat()), &[0x18, 1]] {
		refused(&[&block, extra].concat(), NodeError::Field);
	}
}

#[test]
fn a_nodes_fields_have_one_order() {
	let data = bytes(0x0a, &node().unixfs());
	let links = node().links.iter().map(|l| bytes(0x12, &l.fields().concat())).collect::<Vec<_>>();
	assert_eq!([links.concat(), data.clone()].concat(), node().encode());

	refused(&[data.clone(), links.concat()].concat(), NodeError::Field);
	refused(&[&links[0], &data, &links[1]].map(Vec::clone).concat(), NodeError::Field);
	refused(&[links.concat(), data.clone(), data.clone()].concat(), NodeError::Field);
	refused(&links.concat(), NodeError::Field); // No data.
	refused(&[number(0x18, 1), links.concat(), data.clone()].concat(), NodeError::Field);
	refused(&[bytes(0x1a, b"?"), links.concat(), data].concat(), NodeError::Field);
	refused(&[], NodeError::Field);
}

#[test]
fn a_links_fields_have_one_order() {
	let with = |fields: &[Vec<u8>]| [bytes(0x12, &fields.concat()), bytes(0x0a, b"")].concat();
	let [hash, name, total] = link(1, 300).fields();
	let all = [hash.clone(), name.clone(), total.clone()];
	assert!(dag_pb::decode(&with(&all)).is_ok());

	for wrong in [
		vec![name.clone(), hash.clone(), total.clone()],
		vec![hash.clone(), total.clone(), name.clone()],
		vec![total.clone(), name.clone(), hash.clone()],
		vec![name.clone(), total.clone()],
		vec![hash.clone(), total.clone()],
		vec![hash.clone(), name.clone()],
		vec![hash.clone(), hash.clone(), name.clone(), total.clone()],
		vec![hash.clone(), name.clone(), total.clone(), total.clone()],
		vec![hash.clone(), name.clone(), total.clone(), number(0x20, 1)],
		vec![hash.clone(), name.clone(), bytes(0x1a, &[1])],
		vec![],
	] {
		refused(&with(&wrong), NodeError::Field);
	}
	refused(&with(&[hash, bytes(0x12, b"n"), total]), NodeError::Named);
}

#[test]
fn numbers_have_one_length() {
	let block = |total: &[u8]| {
		let fields = [bytes(0x0a, &cid(1).to_bytes()), bytes(0x12, b""), vec![0x18]].concat();
		[bytes(0x12, &[&fields, total].concat()), bytes(0x0a, b"")].concat()
	};
	let read = |total: &[u8]| dag_pb::decode(&block(total)).map(|node| node.links[0].total);
	for value in [0, 1, 127, 128, 16_383, 16_384, 1 << 32, 1 << 63, u64::MAX - 1, u64::MAX] {
		assert_eq!(read(&varint(value)), Ok(value));
		let mut longer = varint(value);
		*longer.last_mut().unwrap() |= 0x80;
		longer.push(0);
		assert_eq!(read(&longer), Err(NodeError::Number), "{longer:x?}");
	}
	let max = [0xff; 9];
	for beyond in [&[2][..], &[0x7f], &[0x81, 0], &[0x80, 0], &[0xff, 0xff, 1]] {
		assert_eq!(read(&[&max, beyond].concat()), Err(NodeError::Number), "{beyond:x?}");
	}
	assert_eq!(read(&max), Err(NodeError::Truncated));
	// Lengths are numbers too, and may not reach beyond the end, however far.
	refused(&[0x0a, 0x80, 0], NodeError::Number);
	refused(&[0x0a, 1], NodeError::Truncated);
	refused(&[&[0x0a][..], &varint(u64::MAX)].concat(), NodeError::Truncated);
	refused(&[&[0x12][..], &varint(u64::MAX), &[0; 64]].concat(), NodeError::Truncated);
}

#[test]
fn links_to_blocks_of_other_kinds_are_refused() {
	let to = |cid: Vec<u8>| dag_pb(&[Link { cid, name: vec![], total: 1 }], b"");
	refused(&to(headed(&[0x12, 0x20])), NodeError::Link(CidError::Version));
	refused(&to(headed(&[1, 0x71, 0x12, 0x20])), NodeError::Link(CidError::Codec));
	refused(&to(headed(&[1, 0x55, 0x16, 0x20])), NodeError::Link(CidError::HashFunction));
	refused(&to(vec![]), NodeError::Link(CidError::TooShort));
	refused(&to([&cid(1).to_bytes()[..], &[0]].concat()), NodeError::Link(CidError::TooLong));
}

#[test]
fn nodes_are_bounded_in_links_and_bytes() {
	let with = |count: u32| {
		let count = count as usize;
		// The largest numbers that are possible.
		Node {
			links: vec![link(1, u64::MAX); count],
			kind: 2,
			size: u64::MAX,
			shares: vec![u64::MAX; count],
		}
		.encode()
	};
	let largest = with(MAX_LINKS);
	assert_eq!(largest.len(), MAX_NODE as usize);
	assert_eq!(dag_pb::decode(&largest).unwrap().links.len(), MAX_LINKS as usize);
	refused(&with(MAX_LINKS + 1), NodeError::TooLarge);
	refused(&dag_pb(&vec![link(1, 0); MAX_LINKS as usize + 1], b""), NodeError::TooManyLinks);
	refused(&dag_pb(&[], &[0; MAX_NODE as usize]), NodeError::TooLarge);
	refused(&vec![0x12; MAX_NODE as usize + 1], NodeError::TooLarge);
}

// The data of nodes.

#[track_caller]
fn no_file(data: &[u8], error: FileError) {
	assert_eq!(unixfs::decode(data), Err(error), "{data:x?}");
}

#[test]
fn data_has_one_form() {
	let [kind, size] = [number(0x08, 2), number(0x18, 305)];
	let [first, second] = [number(0x20, 300), number(0x20, 5)];
	let all = [kind.clone(), size.clone(), first.clone(), second.clone()].concat();
	assert_eq!(all, node().unixfs());
	for length in 0..all.len() {
		assert!(unixfs::decode(&all[..length]).is_err(), "{length}");
	}
	let shares = [first.clone(), second.clone()].concat();
	for other in [0, 1, 3, 4, 5, 6, u64::MAX] {
		no_file(&[number(0x08, other), size.clone(), shares.clone()].concat(), FileError::NotAFile);
	}
	for held in [&b""[..], b"bytes"] {
		let held = bytes(0x12, held);
		no_file(&[kind.clone(), held, size.clone(), shares.clone()].concat(), FileError::HoldsData);
	}
	for wrong in [
		vec![],
		[size.clone(), kind.clone(), shares.clone()].concat(),
		[kind.clone(), shares.clone()].concat(),
		[kind.clone(), shares.clone(), size.clone()].concat(),
		[kind.clone(), size.clone(), size.clone(), shares.clone()].concat(),
		[kind.clone(), kind.clone(), size.clone(), shares.clone()].concat(),
		[all.clone(), number(0x28, 0x12)].concat(),  // hashType
		[all.clone(), number(0x30, 256)].concat(),   // fanout
		[all.clone(), number(0x38, 0o644)].concat(), // mode
		[all.clone(), bytes(0x42, &number(0x08, 1))].concat(), // mtime
		[all.clone(), bytes(0x12, b"bytes")].concat(), // Data after all.
		// Shares packed into one field, as newer protocol buffers would.
		[kind.clone(), size.clone(), bytes(0x22, &[varint(300), varint(5)].concat())].concat(),
	] {
		no_file(&wrong, FileError::Field);
	}
	no_file(&[0x08, 0x82, 0], FileError::Number);
	no_file(&[0x08, 2, 0x18, 0x80], FileError::Truncated);
}

#[test]
fn shares_add_up_to_the_size() {
	let file = |size: u64, shares: Vec<u64>| Node { size, shares, ..node() }.unixfs();
	assert!(unixfs::decode(&file(0, vec![])).is_ok());
	assert!(unixfs::decode(&file(u64::MAX, vec![u64::MAX - 1, 1])).is_ok());
	no_file(&file(1, vec![]), FileError::Sum);
	no_file(&file(305, vec![300, 6]), FileError::Sum);
	no_file(&file(305, vec![300]), FileError::Sum);
	no_file(&file(1, vec![u64::MAX, 2]), FileError::Sum); // Would be right modulo 2⁶⁴.
	no_file(&file(1, vec![1; MAX_LINKS as usize + 1]), FileError::TooManyShares);
}

// Whatever the bytes.

/// Writes again what was read.
fn encode(node: &dag_pb::Node) -> Vec<u8> {
	let link = |link: &dag_pb::Link| Link {
		cid: link.cid.to_bytes().to_vec(),
		name: vec![],
		total: link.total,
	};
	dag_pb(&node.links.iter().map(link).collect::<Vec<_>>(), node.data)
}

/// That `block`, if it is read, can be written in no other way.
fn check_canonical(block: &[u8]) {
	if let Ok(node) = dag_pb::decode(block) {
		assert_eq!(encode(&node), block);
		if let Ok(unixfs::File { size, shares }) = unixfs::decode(node.data) {
			let file = Node { links: vec![], kind: 2, size, shares };
			assert_eq!(file.unixfs(), node.data);
		}
	}
}

/// A node's bytes with some of them changed, inserted or removed.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
	let dag = Dag::of(&content(9 * 1_000), Layout::new(1_000, 9).unwrap());
	let block = dag.block(&dag.root()).to_vec();
	let edits = prop::collection::vec((any::<prop::sample::Index>(), 0..3, any::<u8>()), 1..4);
	edits.prop_map(move |edits| {
		let mut block = block.clone();
		for (index, kind, byte) in edits {
			let index = index.index(block.len());
			match kind {
				0 => block[index] = byte,
				1 => block.insert(index, byte),
				_ => drop(block.remove(index)),
			}
		}
		block
	})
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(2_000))]

	#[test]
	fn a_cid_survives_every_form(raw: bool, digest: [u8; 32]) {
		let cid = Cid::new(if raw { Codec::Raw } else { Codec::DagPb }, digest);
		prop_assert_eq!(Cid::from_bytes(&cid.to_bytes()), Ok(cid));
		prop_assert_eq!(cid.to_string().parse(), Ok(cid));
		prop_assert_eq!(Cid::decode(&mut &cid.encode()[..]), Ok(cid));
	}

	#[test]
	fn whatever_text_is_a_cid_is_its_only_text(text in "(bafk|bafy|b)?[a-z2-7]{0,60}|.{0,140}") {
		if let Ok(cid) = text.parse::<Cid>() {
			prop_assert_eq!(cid.to_string(), text);
		}
	}

	#[test]
	fn one_wrong_digit_is_another_cid_or_none(digest: [u8; 32], at in 0..CID_TEXT, digit in "[a-z2-7]") {
		let cid = Cid::new(Codec::Raw, digest);
		let mut text = cid.to_string();
		text.replace_range(at..=at, &digit);
		prop_assert!(text == cid.to_string() || text.parse() != Ok(cid));
	}

	#[test]
	fn whatever_bytes_are_a_cid_are_its_only_bytes(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
		if let Ok(cid) = Cid::from_bytes(&bytes) {
			prop_assert_eq!(cid.to_bytes().to_vec(), bytes);
		}
	}

	#[test]
	fn any_bytes_are_read_one_way_or_refused(block in prop::collection::vec(any::<u8>(), 0..300)) {
		check_canonical(&block);
		let _ = unixfs::decode(&block);
	}

	#[test]
	fn damaged_nodes_are_read_one_way_or_refused(block in damaged()) {
		check_canonical(&block);
	}
}
