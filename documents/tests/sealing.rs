//! What is sealed can be read, by those with the keys, if nothing was changed.

mod common;

use common::{content, keys, read, read_with, seal, seal_with, Named};
use proptest::prelude::*;
use rwa_documents::{
	inner::{Opener, HEADER_BYTES, MAX_INNER, MAX_PLAIN, SEGMENT_BYTES, TAG_BYTES},
	inner_size, plain_size, DagBuilder, DocumentId, DocumentKeys, InnerError, InnerKey, ReadError,
	Replica, ReplicaCipher, ReplicaRoot, SameCid, Sealer, PART_BYTES,
};
use rwa_primitives::ipfs::{Cid, Codec, Layout};

/// Bytes of the document in the first segment, and in each other.
const FIRST: usize = SEGMENT_BYTES - HEADER_BYTES - TAG_BYTES;
const OTHER: usize = SEGMENT_BYTES - TAG_BYTES;

/// Bytes of the document in the first part.
const PART: usize = FIRST + 15 * OTHER;

/// Sizes at which something changes.
const SIZES: [usize; 12] = [
	0,
	1,
	FIRST - 1,
	FIRST,
	FIRST + 1,
	FIRST + OTHER,
	FIRST + OTHER + 1,
	PART - 1,
	PART,
	PART + 1,
	PART + 16 * OTHER,
	PART + 16 * OTHER + 1,
];

/// The inner ciphertext of a document.
fn inner(plain: &[u8]) -> Vec<u8> {
	let [mut bytes, _, _] = seal(&keys(), plain).replicas;
	ReplicaCipher::new(&keys().reading.root, Replica::First).apply(&mut bytes);
	bytes
}

/// Opens an inner ciphertext.
fn open(key: InnerKey, bytes: &[u8]) -> Result<Vec<u8>, InnerError> {
	let mut opener = Opener::new(key);
	let mut plain = Vec::new();
	let mut rest = bytes;
	while !rest.is_empty() {
		plain.extend(opener.push(&mut rest)?.unwrap_or_default());
	}
	plain.extend(opener.finish()?);
	Ok(plain)
}

#[test]
fn every_replica_should_give_the_document() {
	for size in SIZES {
		let plain = content(size);
		let sealed = seal(&keys(), &plain);
		for replica in Replica::ALL {
			assert_eq!(read(&sealed, replica).as_ref(), Ok(&plain), "{size}, {replica:?}");
		}
	}
}

#[test]
fn sizes_should_follow_from_each_other() {
	for size in SIZES {
		let sealed = seal(&keys(), &content(size));
		assert_eq!(inner_size(size as u64), Some(sealed.size), "{size}");
		assert_eq!(plain_size(sealed.size), Some(size as u64), "{size}");
		assert!(sealed.replicas.iter().all(|replica| replica.len() as u64 == sealed.size));
	}
	let least = (HEADER_BYTES + TAG_BYTES) as u64;
	assert_eq!(inner_size(0), Some(least));
	assert_eq!(plain_size(least - 1), None);
	assert_eq!(plain_size(0), None);
	// A second segment has at least a byte beside its tag.
	assert_eq!(plain_size(SEGMENT_BYTES as u64), Some(FIRST as u64));
	for tag in 1..=TAG_BYTES as u64 {
		assert_eq!(plain_size(SEGMENT_BYTES as u64 + tag), None, "{tag}");
	}
	assert_eq!(plain_size((SEGMENT_BYTES + TAG_BYTES) as u64 + 1), Some(FIRST as u64 + 1));
	assert_eq!(inner_size(MAX_PLAIN), Some(MAX_INNER));
	assert_eq!(plain_size(MAX_INNER), Some(MAX_PLAIN));
	assert_eq!(inner_size(MAX_PLAIN + 1), None);
	assert_eq!(plain_size(MAX_INNER + 1), None);
	assert_eq!(plain_size(u64::MAX), None);
}

#[test]
fn cids_should_be_those_of_the_replicas() {
	for size in [0, 5, PART + 1] {
		let sealed = seal(&keys(), &content(size));
		for (replica, bytes) in Replica::ALL.into_iter().zip(&sealed.replicas) {
			let mut builder = DagBuilder::new(Layout::DOCUMENT);
			builder.push(bytes);
			assert_eq!(builder.finish().cid, sealed.document.cid(replica));
		}
	}
}

#[test]
fn the_same_document_and_keys_should_give_the_same_bytes() {
	let plain = content(PART + 70_000);
	let sealed = seal(&keys(), &plain);
	let again = seal_with(Sealer::new(keys()), &plain, 4_321).unwrap();
	assert_eq!(again.replicas, sealed.replicas);
	assert_eq!(again.document, sealed.document);
}

#[test]
fn whoever_has_the_inner_ciphertext_and_the_root_should_make_the_replicas() {
	let sealed = seal(&keys(), &content(100_000));
	let inner = inner(&content(100_000));
	for (replica, expected) in Replica::ALL.into_iter().zip(sealed.replicas) {
		let mut made = inner.clone();
		ReplicaCipher::new(&keys().reading.root, replica).apply(&mut made);
		assert_eq!(made, expected);
	}
}

#[test]
fn replicas_should_have_nothing_in_common() {
	let sealed = seal(&keys(), &[0; 100_000]);
	let inner = inner(&[0; 100_000]);
	let [first, second, third] = &sealed.replicas;
	for (one, other) in [(first, second), (first, third), (second, third), (first, &inner)] {
		// Of random bytes one in 256 is equal: 391 here, give or take 20.
		let equal = one.iter().zip(other).filter(|(one, other)| one == other).count();
		assert!((250..550).contains(&equal), "{equal}");
	}
	// Not even what every document begins with.
	assert_ne!(first[..8], second[..8]);
	assert_eq!(inner[..8], *b"RWA-DOC\x01");
}

#[test]
fn any_byte_of_a_replica_should_be_found_alone() {
	let sealed = seal(&keys(), &content(100_000));
	let inner = inner(&content(100_000));
	for (replica, bytes) in Replica::ALL.into_iter().zip(&sealed.replicas) {
		let mut cipher = ReplicaCipher::new(&keys().reading.root, replica);
		for start in [8_192, 4_096, 0, 77, 65_536] {
			let mut leaf = bytes[start..start + 4_096].to_vec();
			cipher.seek(start as u64).unwrap();
			cipher.apply(&mut leaf);
			assert_eq!(leaf, inner[start..start + 4_096], "{start}");
		}
	}
	let mut cipher = ReplicaCipher::new(&keys().reading.root, Replica::First);
	assert!(cipher.seek(MAX_INNER).is_ok());
	let error = cipher.seek(MAX_INNER + 1).unwrap_err();
	assert_eq!(error.to_string(), "no replica of a document has a byte number 281474976710657");
	assert!(cipher.seek(u64::MAX).is_err());
}

#[test]
fn a_flipped_bit_anywhere_should_be_found() {
	let plain = content(FIRST + OTHER + 1_000);
	let sealed = inner(&plain);
	let at = |byte| {
		let mut bytes = sealed.clone();
		bytes[byte] ^= 0x10;
		open(keys().reading.inner, &bytes)
	};
	for byte in 0..7 {
		assert_eq!(at(byte), Err(InnerError::Magic), "{byte}");
	}
	assert_eq!(at(7), Err(InnerError::Version(0x11)));
	for byte in 8..64 {
		assert_eq!(at(byte), Err(InnerError::WrongKey), "{byte}");
	}
	for (byte, segment) in [
		(64, 0),
		(SEGMENT_BYTES - TAG_BYTES - 1, 0),
		(SEGMENT_BYTES - 1, 0),
		(SEGMENT_BYTES, 1),
		(2 * SEGMENT_BYTES - 1, 1),
		(2 * SEGMENT_BYTES, 2),
		(sealed.len() - TAG_BYTES - 1, 2),
		(sealed.len() - 1, 2),
	] {
		assert_eq!(at(byte), Err(InnerError::Altered(segment)), "{byte}");
	}
	assert_eq!(open(keys().reading.inner, &sealed), Ok(plain));
}

#[test]
fn segments_that_were_moved_left_out_or_doubled_should_be_found() {
	let sealed = inner(&content(FIRST + 3 * OTHER));
	let segments = sealed.chunks(SEGMENT_BYTES).collect::<Vec<_>>();
	let of = |order: &[usize]| {
		let bytes = order.iter().map(|index| segments[*index]).collect::<Vec<_>>().concat();
		open(keys().reading.inner, &bytes)
	};
	assert!(of(&[0, 1, 2, 3]).is_ok());
	assert_eq!(of(&[0, 2, 1, 3]), Err(InnerError::Altered(1)));
	assert_eq!(of(&[0, 2, 3]), Err(InnerError::Altered(1)));
	assert_eq!(of(&[0, 1, 1, 2, 3]), Err(InnerError::Altered(2)));
	assert_eq!(of(&[0, 1, 2, 3, 3]), Err(InnerError::Altered(3)));
	assert_eq!(of(&[1, 2, 3]), Err(InnerError::Magic));
}

#[test]
fn segments_of_another_document_should_be_found() {
	let plain = content(FIRST + 2 * OTHER);
	let sealed = inner(&plain);
	// The same document under the same keys, but for the salt, which is in the header.
	let mut other = keys();
	other.salt[0] ^= 1;
	let [mut foreign, _, _] = seal(&other, &plain).replicas;
	ReplicaCipher::new(&other.reading.root, Replica::First).apply(&mut foreign);
	let mut bytes = sealed.clone();
	bytes[SEGMENT_BYTES..2 * SEGMENT_BYTES]
		.copy_from_slice(&foreign[SEGMENT_BYTES..2 * SEGMENT_BYTES]);
	assert_eq!(open(keys().reading.inner, &bytes), Err(InnerError::Altered(1)));
	let mut bytes = sealed;
	bytes[..HEADER_BYTES].copy_from_slice(&foreign[..HEADER_BYTES]);
	assert_eq!(open(keys().reading.inner, &bytes), Err(InnerError::Altered(0)));
}

#[test]
fn a_document_that_is_cut_off_should_be_found() {
	let plain = content(FIRST + 2 * OTHER + 500);
	let sealed = inner(&plain);
	let to = |length: usize| open(keys().reading.inner, &sealed[..length]);
	assert_eq!(to(0), Err(InnerError::Truncated(0)));
	assert_eq!(to(HEADER_BYTES - 1), Err(InnerError::Truncated(0)));
	assert_eq!(to(HEADER_BYTES), Err(InnerError::Truncated(0)));
	assert_eq!(to(HEADER_BYTES + TAG_BYTES - 1), Err(InnerError::Truncated(0)));
	assert_eq!(to(HEADER_BYTES + TAG_BYTES), Err(InnerError::Altered(0)));
	assert_eq!(to(SEGMENT_BYTES - 1), Err(InnerError::Altered(0)));
	assert_eq!(to(SEGMENT_BYTES), Err(InnerError::Truncated(1)));
	assert_eq!(to(SEGMENT_BYTES + TAG_BYTES - 1), Err(InnerError::Truncated(1)));
	assert_eq!(to(SEGMENT_BYTES + TAG_BYTES), Err(InnerError::Altered(1)));
	assert_eq!(to(3 * SEGMENT_BYTES), Err(InnerError::Truncated(3)));
	assert_eq!(to(sealed.len() - 1), Err(InnerError::Altered(3)));
	// A header that is none is told as soon as it is there.
	assert_eq!(open(keys().reading.inner, &[0; 70]), Err(InnerError::Magic));
}

#[test]
fn bytes_behind_the_end_should_be_found() {
	for size in [0, 10, FIRST, FIRST + 1] {
		let mut bytes = inner(&content(size));
		bytes.push(0);
		let outcome = open(keys().reading.inner, &bytes);
		let segment = u32::from(size > FIRST);
		let expected = if size == FIRST {
			// A full segment that says it is the last, and isn't.
			InnerError::Altered(0)
		} else {
			InnerError::Altered(segment)
		};
		assert_eq!(outcome, Err(expected), "{size}");
	}
}

#[test]
fn bytes_that_the_caller_forgot_should_not_pass_for_the_end() {
	let sealed = inner(&content(FIRST + 10));
	let mut opener = Opener::new(keys().reading.inner);
	let mut rest = sealed.as_slice();
	assert!(opener.push(&mut rest).unwrap().is_some());
	assert_eq!(opener.finish(), Err(InnerError::Truncated(1)));
}

#[test]
fn another_key_should_be_refused_at_once() {
	let sealed = inner(&content(10));
	let other = InnerKey::generate(&mut Named::new("other")).unwrap();
	assert_eq!(open(other, &sealed), Err(InnerError::WrongKey));
}

#[test]
fn a_seal_that_was_not_taken_off_should_be_told() {
	let sealed = seal(&keys(), &content(10));
	let [first, second, _] = &sealed.replicas;
	assert_eq!(open(keys().reading.inner, first), Err(InnerError::Magic));
	// Of the wrong replica, or with the wrong root.
	let read = |keys, replica| read_with(&keys, &sealed.document, replica, second, 100).1;
	assert_eq!(read(keys().reading, Replica::Second), Ok(()));
	assert_eq!(read(keys().reading, Replica::First), Err(InnerError::Magic.into()));
	let mut other = keys().reading;
	other.root = ReplicaRoot::generate(&mut Named::new("other")).unwrap();
	assert_eq!(read(other, Replica::Second), Err(InnerError::Magic.into()));
}

#[test]
fn a_file_that_the_chain_does_not_know_should_be_refused_even_if_it_reads() {
	let sealed = seal(&keys(), &content(10));
	let other = seal(&keys(), &content(11));
	let [bytes, _, _] = &other.replicas;
	let (plain, outcome) = read_with(&keys().reading, &sealed.document, Replica::First, bytes, 100);
	let [expected, _, _] = *sealed.document.cids();
	let [found, _, _] = *other.document.cids();
	assert_eq!(outcome, Err(ReadError::WrongCid { expected, found }));
	assert!(plain.is_empty());
}

#[test]
fn a_document_whose_replicas_hold_different_texts_should_be_refused_whichever_is_read() {
	let (one, other) = (seal(&keys(), &content(10)), seal(&keys(), &content(11)));
	let [first, second, third] = *one.document.cids();
	let [lie, _, _] = *other.document.cids();
	let document = DocumentId::new([lie, second, third]).unwrap();
	let read = |bytes: &[u8], replica| {
		let (plain, outcome) = read_with(&keys().reading, &document, replica, bytes, 100);
		assert!(plain.is_empty());
		outcome
	};
	// Who gets a replica of the one text, and who gets that of the other.
	let differs = Err(ReadError::OtherText { replica: 0, expected: lie, found: first });
	assert_eq!(read(&one.replicas[1], Replica::Second), differs);
	assert_eq!(read(&one.replicas[2], Replica::Third), differs);
	let [_, found, _] = *other.document.cids();
	let differs = Err(ReadError::OtherText { replica: 1, expected: second, found });
	assert_eq!(read(&other.replicas[0], Replica::First), differs);
}

#[test]
fn two_replicas_in_each_others_place_should_be_refused() {
	let sealed = seal(&keys(), &content(100_000));
	let [first, second, third] = *sealed.document.cids();
	let document = DocumentId::new([first, third, second]).unwrap();
	let read = |bytes: &[u8]| read_with(&keys().reading, &document, Replica::First, bytes, 5_000).1;
	let differs = ReadError::OtherText { replica: 1, expected: third, found: second };
	assert_eq!(read(&sealed.replicas[0]), Err(differs));
	assert!(differs.to_string().starts_with("replica 1 would have the CID "), "{differs}");
}

#[test]
fn what_comes_out_before_an_error_should_be_a_true_beginning() {
	let plain = content(FIRST + 2 * OTHER + 500);
	let sealed = seal(&keys(), &plain);
	let mut bytes = sealed.replicas[2].clone();
	bytes[2 * SEGMENT_BYTES + 5] ^= 1;
	let (read, outcome) =
		read_with(&keys().reading, &sealed.document, Replica::Third, &bytes, 1_000);
	assert_eq!(outcome, Err(InnerError::Altered(2).into()));
	assert_eq!(read, plain[..FIRST + OTHER]);
}

#[test]
fn documents_should_be_known_by_three_different_cids() {
	let cid = |byte| Cid::new(Codec::DagPb, [byte; 32]);
	let [a, b, c] = [cid(1), cid(2), cid(3)];
	assert_eq!(DocumentId::new([a, b, c]).unwrap().cids(), &[a, b, c]);
	assert_eq!(DocumentId::new([a, a, c]), Err(SameCid(a)));
	assert_eq!(DocumentId::new([a, b, a]), Err(SameCid(a)));
	assert_eq!(DocumentId::new([a, b, b]), Err(SameCid(b)));
	assert!(DocumentId::new([a, a, a]).unwrap_err().to_string().contains(&a.to_string()));
}

#[test]
fn replicas_should_have_the_numbers_0_to_2() {
	for (index, replica) in (0..).zip(Replica::ALL) {
		assert_eq!(Replica::from_index(index), Some(replica));
		assert_eq!(replica.index(), index);
	}
	assert_eq!(Replica::from_index(3), None);
	assert_eq!(Replica::from_index(255), None);
}

#[test]
fn nothing_that_works_with_keys_should_show_them() {
	let keys = keys();
	let mut sealer = Sealer::new(keys.clone());
	let plain = content(PART + 1);
	let part = format!("{:?}", sealer.push(&mut plain.as_slice()).unwrap().unwrap().checkpoint);
	let shown = [
		part,
		format!("{sealer:?}"),
		format!("{:?}", sealer.finish()),
		format!("{:?}", Opener::new(keys.reading.inner.clone())),
		format!("{:?}", ReplicaCipher::new(&keys.reading.root, Replica::First)),
	]
	.concat();
	for secret in [keys.reading.inner.expose(), keys.reading.root.expose()] {
		assert!(
			!shown.contains(&format!("{}, {}, {}, {}", secret[0], secret[1], secret[2], secret[3]))
		);
	}
	assert!(shown.contains("Sealer") && shown.contains("Checkpoint { parts: 1"), "{shown:.300}");
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(48))]

	#[test]
	fn any_document_should_be_read_whatever_the_steps(
		size in prop_oneof![0usize..3_000, FIRST - 50..FIRST + 50, PART - 50..PART + 70_000],
		seal_step in 1usize..200_000,
		read_step in 1usize..200_000,
		replica in 0u8..3,
		name in 0u64..1_000,
	) {
		let plain = content(size);
		let mut keys = DocumentKeys::generate(&mut Named::new("any")).unwrap();
		keys.salt[..8].copy_from_slice(&name.to_be_bytes());
		let seal_step = seal_step.max(size / 1_000);
		let read_step = read_step.max(size / 1_000);
		let sealed = seal_with(Sealer::new(keys.clone()), &plain, seal_step).unwrap();
		prop_assert_eq!(Some(sealed.size), inner_size(size as u64));
		let replica = Replica::from_index(replica).unwrap();
		let bytes = &sealed.replicas[usize::from(replica.index())];
		let (read, outcome) =
			read_with(&keys.reading, &sealed.document, replica, bytes, read_step);
		prop_assert_eq!(outcome, Ok(()));
		prop_assert!(read == plain);
	}

	#[test]
	fn any_change_should_be_found(
		size in prop_oneof![0usize..3_000, FIRST - 50..FIRST + 70_000],
		place in 0.0f64..1.0,
		bit in 0u32..8,
	) {
		let plain = content(size);
		let sealed = seal(&keys(), &plain);
		let mut bytes = sealed.replicas[0].clone();
		let place = (place * bytes.len() as f64) as usize;
		bytes[place] ^= 1 << bit;
		let (read, outcome) =
			read_with(&keys().reading, &sealed.document, Replica::First, &bytes, 50_000);
		prop_assert!(matches!(outcome, Err(ReadError::Inner(_))), "{:?}", outcome);
		prop_assert!(plain.starts_with(&read));
		prop_assert!(read.len() < plain.len() || plain.is_empty());
	}

	#[test]
	fn any_cut_should_be_found(
		size in prop_oneof![0usize..3_000, FIRST - 50..FIRST + 70_000],
		place in 0.0f64..1.0,
	) {
		let plain = content(size);
		let sealed = seal(&keys(), &plain);
		let bytes = &sealed.replicas[1];
		let bytes = &bytes[..(place * bytes.len() as f64) as usize];
		let (read, outcome) =
			read_with(&keys().reading, &sealed.document, Replica::Second, bytes, 50_000);
		prop_assert!(matches!(outcome, Err(ReadError::Inner(_))), "{:?}", outcome);
		prop_assert!(plain.starts_with(&read));
	}

	#[test]
	fn any_bytes_at_all_should_be_refused_without_a_panic(
		bytes in prop::collection::vec(any::<u8>(), 0..300),
		header in any::<bool>(),
	) {
		let bytes = if header { [b"RWA-DOC\x01".as_slice(), &bytes].concat() } else { bytes };
		prop_assert!(open(keys().reading.inner, &bytes).is_err());
	}

	#[test]
	fn sizes_should_be_inverse(size in prop_oneof![0u64..300_000, 0..MAX_PLAIN]) {
		let inner = inner_size(size).unwrap();
		prop_assert_eq!(plain_size(inner), Some(size));
		if let Some(plain) = plain_size(size) {
			prop_assert_eq!(inner_size(plain), Some(size));
		}
	}
}

const _: () = assert!(PART_BYTES == 16 * SEGMENT_BYTES);
