//! An envelope opens for its reader, its document and its chain, and for nothing else.

mod common;

use common::{content, keys, read_with, seal, Dry, Named};
use proptest::prelude::*;
use rwa_documents::{
	envelope::{READER_BYTES, REPAIRER_BYTES},
	DocumentId, Envelope, EnvelopeError, NoEntropy, Opened, ReaderKey, ReaderSecret, ReadingKeys,
	Repair, RepairError, Replica, ReplicaRoot, Role, Subject, SystemEntropy,
};
use rwa_primitives::ipfs::{Cid, Codec};

fn secret(name: &'static str) -> ReaderSecret {
	ReaderSecret::generate(&mut Named::new(name)).unwrap()
}

fn subject() -> Subject {
	let cid = |byte| Cid::new(Codec::DagPb, [byte; 32]);
	let document = DocumentId::new([cid(1), cid(2), cid(3)]).unwrap();
	Subject { genesis: [9; 32], document }
}

fn for_reader(name: &'static str) -> Envelope {
	let key = secret(name).public();
	Envelope::for_reader(&keys().reading, &key, &subject(), &mut SystemEntropy).unwrap()
}

fn for_repairer(name: &'static str) -> Envelope {
	let key = secret(name).public();
	Envelope::for_repairer(&keys().reading.root, &key, &subject(), &mut SystemEntropy).unwrap()
}

fn reading(opened: Opened) -> ReadingKeys {
	match opened {
		Opened::Reader(keys) => keys,
		Opened::Repairer(_) => panic!("a reader's was expected"),
	}
}

fn repairing(opened: Opened) -> ReplicaRoot {
	match opened {
		Opened::Repairer(root) => root,
		Opened::Reader(_) => panic!("a repairer's was expected"),
	}
}

#[test]
fn a_reader_should_get_both_keys() {
	let envelope = for_reader("reader");
	let opened = reading(envelope.open(&secret("reader"), &subject()).unwrap());
	assert_eq!(opened.inner.expose(), keys().reading.inner.expose());
	assert_eq!(opened.root.expose(), keys().reading.root.expose());
	assert_eq!(envelope.role(), Role::Reader);
	assert_eq!(envelope.to_bytes().len(), READER_BYTES);
	assert_eq!(READER_BYTES, 114);
}

#[test]
fn a_repairer_should_get_the_root_and_no_more() {
	let envelope = for_repairer("repairer");
	let root = repairing(envelope.open(&secret("repairer"), &subject()).unwrap());
	assert_eq!(root.expose(), keys().reading.root.expose());
	assert_eq!(envelope.role(), Role::Repairer);
	assert_eq!(envelope.to_bytes().len(), REPAIRER_BYTES);
	assert_eq!(REPAIRER_BYTES, 82);
}

#[test]
fn another_reader_should_be_refused() {
	let envelope = for_reader("reader");
	let outcome = envelope.open(&secret("somebody else"), &subject());
	assert_eq!(outcome.map(drop), Err(EnvelopeError::Closed));
}

#[test]
fn another_document_or_chain_should_be_refused() {
	let envelope = for_reader("reader");
	let open = |subject: &Subject| envelope.open(&secret("reader"), subject).map(drop);
	assert_eq!(open(&subject()), Ok(()));
	assert_eq!(open(&Subject { genesis: [8; 32], ..subject() }), Err(EnvelopeError::Closed));
	let [a, b, c] = *subject().document.cids();
	let other = Cid::new(Codec::DagPb, [7; 32]);
	let raw = Cid::new(Codec::Raw, a.digest);
	for cids in [[other, b, c], [a, other, c], [a, b, other], [b, a, c], [raw, b, c]] {
		let document = DocumentId::new(cids).unwrap();
		assert_eq!(
			open(&Subject { document, ..subject() }),
			Err(EnvelopeError::Closed),
			"{cids:?}"
		);
	}
}

#[test]
fn a_role_that_was_changed_should_be_refused() {
	// Only the lengths keep one role from being taken for the other; where they fit, the seal does.
	let mut bytes = for_reader("reader").to_bytes();
	bytes[1] = Role::Repairer.code();
	let expected = EnvelopeError::Length { expected: REPAIRER_BYTES, found: READER_BYTES };
	assert_eq!(Envelope::from_bytes(&bytes), Err(expected));
	bytes.truncate(REPAIRER_BYTES);
	let cut = Envelope::from_bytes(&bytes).unwrap();
	assert_eq!(cut.open(&secret("reader"), &subject()).map(drop), Err(EnvelopeError::Closed));
}

#[test]
fn what_is_no_envelope_should_be_told_why() {
	let bytes = for_reader("reader").to_bytes();
	let refused = |bytes: &[u8]| Envelope::from_bytes(bytes).unwrap_err();
	assert_eq!(refused(&[]), EnvelopeError::TooShort);
	assert_eq!(refused(&[1]), EnvelopeError::TooShort);
	let mut other = bytes.clone();
	other[0] = 2;
	assert_eq!(refused(&other), EnvelopeError::Version(2));
	let mut other = bytes.clone();
	other[1] = 3;
	assert_eq!(refused(&other), EnvelopeError::Role(3));
	let length = |found| EnvelopeError::Length { expected: READER_BYTES, found };
	assert_eq!(refused(&bytes[..113]), length(113));
	assert_eq!(refused(&[&bytes[..], &[0]].concat()), length(115));
	assert_eq!(length(115).to_string(), "the envelope has 115 bytes and not 114");
	assert_eq!(Envelope::from_bytes(&bytes), Ok(for_bytes(&bytes)));
}

fn for_bytes(bytes: &[u8]) -> Envelope {
	let envelope = Envelope::from_bytes(bytes).unwrap();
	assert_eq!(envelope.to_bytes(), bytes);
	envelope
}

#[test]
fn keys_that_protect_nothing_should_be_refused() {
	// The points of low order, as far as they are written in the usual way.
	let mut one = [0; 32];
	one[0] = 1;
	let eight =
		hex::decode("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800").unwrap();
	let mut minus_one = [0xff; 32];
	minus_one[0] = 0xec;
	minus_one[31] = 0x7f;
	for key in [[0; 32], one, eight.try_into().unwrap(), minus_one] {
		let sealed =
			Envelope::for_reader(&keys().reading, &ReaderKey(key), &subject(), &mut SystemEntropy);
		assert_eq!(sealed, Err(EnvelopeError::WeakKey), "{}", ReaderKey(key));
	}
	// And an envelope whose encapsulated key is one.
	let mut bytes = for_reader("reader").to_bytes();
	bytes[2..34].fill(0);
	let envelope = Envelope::from_bytes(&bytes).unwrap();
	assert_eq!(envelope.open(&secret("reader"), &subject()).map(drop), Err(EnvelopeError::Closed));
}

#[test]
fn two_envelopes_should_never_be_the_same() {
	let [one, other] = [(); 2].map(|()| for_reader("reader").to_bytes());
	assert_ne!(one[2..34], other[2..34]);
	assert_ne!(one[34..], other[34..]);
}

#[test]
fn no_envelope_should_be_made_without_entropy() {
	let key = secret("reader").public();
	let made = Envelope::for_reader(&keys().reading, &key, &subject(), &mut Dry(31));
	assert_eq!(made, Err(EnvelopeError::NoEntropy(NoEntropy)));
	assert!(Envelope::for_reader(&keys().reading, &key, &subject(), &mut Dry(32)).is_ok());
	assert_eq!(ReaderSecret::generate(&mut Dry(31)).map(drop), Err(NoEntropy));
}

#[test]
fn envelopes_and_what_is_in_them_should_not_show_keys() {
	let envelope = for_reader("reader");
	let shown =
		format!("{:?} {:?}", envelope.open(&secret("reader"), &subject()), secret("reader"));
	assert!(
		shown.contains("InnerKey(hidden)") && shown.contains("ReaderSecret(hidden)"),
		"{shown}"
	);
	for secret in [*keys().reading.inner.expose(), *secret("reader").expose()] {
		assert!(!shown.contains(&format!("{}, {}", secret[0], secret[1])), "{shown}");
	}
}

/// The whole way: publish, lose a replica, repair it without reading, read.
#[test]
fn a_repairer_should_make_a_lost_replica_and_read_nothing() {
	let plain = content(1_200_000);
	let sealed = seal(&keys(), &plain);
	let subject = Subject { genesis: [9; 32], document: sealed.document };
	let key = secret("repairer").public();
	let envelope =
		Envelope::for_repairer(&keys().reading.root, &key, &subject, &mut SystemEntropy).unwrap();
	let root = repairing(envelope.open(&secret("repairer"), &subject).unwrap());
	for (from, to) in [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)] {
		let mut bytes = sealed.replicas[from].clone();
		let [from, to] = [from, to].map(|index| Replica::ALL[index]);
		let mut repair = Repair::new(&root, &sealed.document, from, to).unwrap();
		bytes.chunks_mut(10_007).for_each(|bytes| repair.push(bytes));
		let made = repair.finish().unwrap();
		assert_eq!((made.cid, made.size), (sealed.document.cid(to), sealed.size));
		assert!(bytes == sealed.replicas[usize::from(to.index())]);
		let (read, outcome) = read_with(&keys().reading, &sealed.document, to, &bytes, 100_000);
		assert_eq!(outcome, Ok(()));
		assert!(read == plain);
	}
}

#[test]
fn a_repair_should_find_what_is_wrong() {
	let sealed = seal(&keys(), &content(10_000));
	let document = &sealed.document;
	let root = keys().reading.root;
	let repair = |root: &ReplicaRoot, document: &DocumentId, bytes: &[u8]| {
		let mut bytes = bytes.to_vec();
		let mut repair = Repair::new(root, document, Replica::First, Replica::Third).unwrap();
		repair.push(&mut bytes);
		repair.finish()
	};
	let [first, second, _] = &sealed.replicas;
	let [a, b, c] = *document.cids();
	assert!(repair(&root, document, first).is_ok());

	// Not that replica.
	let expected = RepairError::Source { replica: 0, expected: a, found: b };
	assert_eq!(repair(&root, document, second), Err(expected));
	// Cut off, or altered.
	let mut altered = first.clone();
	altered[5_000] ^= 1;
	for bytes in [&altered[..], &first[..9_999], &[]] {
		let outcome = repair(&root, document, bytes);
		assert!(matches!(outcome, Err(RepairError::Source { replica: 0, .. })), "{outcome:?}");
	}
	// The publisher's root is another, or the CID that was registered.
	let other = ReplicaRoot::generate(&mut SystemEntropy).unwrap();
	let outcome = repair(&other, document, first);
	assert!(
		matches!(outcome, Err(RepairError::Target { replica: 2, expected, .. }) if expected == c)
	);
	let wrong = Cid::new(Codec::DagPb, [5; 32]);
	let registered = DocumentId::new([a, b, wrong]).unwrap();
	let expected = RepairError::Target { replica: 2, expected: wrong, found: c };
	assert_eq!(repair(&root, &registered, first), Err(expected));
	assert!(expected.to_string().contains("the publisher's keys are not those"), "{expected}");

	let same = Repair::new(&root, document, Replica::Second, Replica::Second).map(drop);
	assert_eq!(same, Err(RepairError::Same(1)));
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	#[test]
	fn any_change_should_keep_an_envelope_closed(
		place in 2usize..READER_BYTES,
		bit in 0u32..8,
	) {
		let mut bytes = for_reader("reader").to_bytes();
		bytes[place] ^= 1 << bit;
		let opened = Envelope::from_bytes(&bytes).unwrap().open(&secret("reader"), &subject());
		// X25519 ignores the top bit of a key, but HPKE has the key as it was written in its context.
		prop_assert_eq!(opened.map(drop), Err(EnvelopeError::Closed));
	}

	#[test]
	fn any_bytes_at_all_should_be_refused_without_a_panic(
		bytes in prop_oneof![
			prop::collection::vec(any::<u8>(), 0..200),
			prop::collection::vec(any::<u8>(), REPAIRER_BYTES - 2)
				.prop_map(|bytes| [&[1, 2], bytes.as_slice()].concat()),
			prop::collection::vec(any::<u8>(), READER_BYTES - 2)
				.prop_map(|bytes| [&[1, 1], bytes.as_slice()].concat()),
		],
	) {
		if let Ok(envelope) = Envelope::from_bytes(&bytes) {
			prop_assert_eq!(envelope.to_bytes(), bytes);
			let opened = envelope.open(&secret("reader"), &subject()).map(drop);
			prop_assert_eq!(opened, Err(EnvelopeError::Closed));
		}
	}
}
