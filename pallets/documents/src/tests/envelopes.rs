//! Keys of readers, and envelopes sealed to them.

use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

use crate::{mock::*, Envelopes, Error, Event, HoldReason, Purpose, Repairer};

const READER: u64 = 70;

fn add(id: u64, purpose: Purpose, reader: u64, version: u64) -> Result<(), DispatchError> {
	Documents::add_envelope(by(OWNER), id, purpose, reader, version, sealed())
}

#[test]
fn a_reader_should_register_rotate_and_remove_its_key() {
	ExtBuilder::default().build_and_execute(|| {
		endow(READER);
		assert_ok!(Documents::set_reader_key(by(READER), [1; 32]));
		let set = |key, version| Event::ReaderKeySet { reader: READER, key, version };
		assert_eq!(last_event(), set([1; 32], 0));
		assert_eq!(held(HoldReason::ReaderKey, READER), 30);

		// A deposit that changed meanwhile is not asked for again.
		ReaderKeyDeposit::set(99);
		assert_ok!(Documents::set_reader_key(by(READER), [2; 32]));
		assert_eq!(last_event(), set([2; 32], 1));
		assert_eq!(held(HoldReason::ReaderKey, READER), 30);

		assert_ok!(Documents::remove_reader_key(by(READER)));
		assert_eq!(last_event(), Event::ReaderKeyRemoved { reader: READER, version: 1 });
		assert_eq!(held(HoldReason::ReaderKey, READER), 0);
		assert_eq!(Documents::reader_key(READER), None);

		// Even the same key has a number of its own later.
		assert_ok!(Documents::set_reader_key(by(READER), [2; 32]));
		assert_eq!(Documents::reader_key(READER).unwrap().version, 2);
	});
}

#[test]
fn keys_that_are_none_or_known_should_be_refused() {
	ExtBuilder::default().build_and_execute(|| {
		endow(READER);
		let set = |key| Documents::set_reader_key(by(READER), key);
		assert_noop!(set([0; 32]), Error::<Test>::BadReaderKey);
		assert_ok!(set([1; 32]));
		assert_noop!(set([1; 32]), Error::<Test>::SameReaderKey);
		assert_noop!(Documents::remove_reader_key(by(BYSTANDER)), Error::<Test>::NoReaderKey);
	});
}

#[test]
fn an_envelope_should_be_added_replaced_and_revoked() {
	ExtBuilder::default().build_and_execute(|| {
		let id = publish();
		let version = give_key(READER);
		assert_ok!(add(id, Purpose::Read, READER, version));
		let purpose = Purpose::Read;
		let added = Event::EnvelopeAdded { document: id, purpose, reader: READER, key_version: 0 };
		assert_eq!(last_event(), added);
		assert_eq!(held(HoldReason::Entries, OWNER), 500 + 70);
		assert_eq!(stored(id).readers, 1);
		assert_eq!(Documents::envelope(id, Purpose::Read, READER).unwrap().sealed, sealed());

		// After the reader has a new key, a new envelope takes the place of the old one.
		EnvelopeDeposit::set(99);
		assert_ok!(Documents::set_reader_key(by(READER), [9; 32]));
		assert_noop!(add(id, Purpose::Read, READER, version), Error::<Test>::StaleKeyVersion);
		assert_ok!(add(id, Purpose::Read, READER, 1));
		assert_eq!(Documents::envelope(id, Purpose::Read, READER).unwrap().key_version, 1);
		assert_eq!(held(HoldReason::Entries, OWNER), 500 + 70);
		assert_eq!(stored(id).readers, 1);

		assert_ok!(Documents::revoke_envelope(by(OWNER), id, Purpose::Read, READER));
		assert_eq!(last_event(), Event::EnvelopeRevoked { document: id, purpose, reader: READER });
		assert_eq!(held(HoldReason::Entries, OWNER), 500);
		assert_eq!(stored(id).readers, 0);
		assert_noop!(
			Documents::revoke_envelope(by(OWNER), id, Purpose::Read, READER),
			Error::<Test>::UnknownEnvelope
		);
	});
}

#[test]
fn envelopes_should_be_refused_that_nobody_can_open_or_may_give() {
	ExtBuilder::default().build_and_execute(|| {
		let id = publish();
		assert_noop!(add(id, Purpose::Read, READER, 0), Error::<Test>::NoReaderKey);
		let version = give_key(READER);
		assert_noop!(add(9, Purpose::Read, READER, version), Error::<Test>::UnknownDocument);
		let empty = Default::default();
		assert_noop!(
			Documents::add_envelope(by(OWNER), id, Purpose::Read, READER, version, empty),
			Error::<Test>::EmptyEnvelope
		);
		let theirs =
			|origin| Documents::add_envelope(origin, id, Purpose::Read, READER, version, sealed());
		assert_noop!(theirs(by(READER)), Error::<Test>::NotOwner);
		assert_ok!(theirs(by(OWNER)));
		assert_noop!(
			Documents::revoke_envelope(by(READER), id, Purpose::Read, READER),
			Error::<Test>::NotOwner
		);
	});
}

#[test]
fn a_document_should_have_no_more_envelopes_than_fit() {
	ExtBuilder::default().build_and_execute(|| {
		let id = publish();
		for reader in 70..73 {
			let version = give_key(reader);
			assert_ok!(add(id, Purpose::Read, reader, version));
		}
		let version = give_key(73);
		assert_noop!(add(id, Purpose::Read, 73, version), Error::<Test>::TooManyEnvelopes);
		assert_ok!(Documents::revoke_envelope(by(OWNER), id, Purpose::Read, 70));
		assert_ok!(add(id, Purpose::Read, 73, version));
	});
}

#[test]
fn repairers_should_be_whom_the_owner_chooses() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, holders) = keep();
		for repairer in [70, 71] {
			let version = give_key(repairer);
			assert_ok!(add(id, Purpose::Repair, repairer, version));
		}
		let version = give_key(72);
		assert_noop!(add(id, Purpose::Repair, 72, version), Error::<Test>::TooManyRepairers);
		// Reading is another thing.
		assert_ok!(add(id, Purpose::Read, 70, 0));
		assert_ok!(Documents::revoke_envelope(by(OWNER), id, Purpose::Repair, 70));
		assert!(Envelopes::<Test>::contains_key((id, Purpose::Read, 70)));
		let only = Repairer { account: 71, ready: true };
		assert_eq!(stored(id).repairers.into_inner(), [only]);

		// Whoever holds a replica could make it of another.
		let version = give_key(holders[1]);
		assert_noop!(add(id, Purpose::Repair, holders[1], version), Error::<Test>::HoldsReplica);
	});
}

#[test]
fn the_chain_should_propose_nodes_that_hold_nothing_and_have_a_key() {
	ExtBuilder::default().nodes(6).build_and_execute(|| {
		give_keys(6);
		let id = publish();
		run_for(draws() + DrawDelay::get() + 1);
		let proposed = stored(id).repairers.into_inner();
		let [Repairer { account, ready: false }] = proposed[..] else {
			panic!("{proposed:?} is not one node")
		};
		assert!(events().contains(&Event::RepairersDrawn { document: id, nodes: vec![account] }));
		assert!((0..3).all(|replica| newcomer(id, replica) != Some(account)));

		// The owner gives it the keys.
		let version = Documents::reader_key(account).unwrap().version;
		assert_ok!(add(id, Purpose::Repair, account, version));
		let ready = Repairer { account, ready: true };
		assert_eq!(stored(id).repairers.into_inner(), [ready]);
	});
}

#[test]
fn the_chain_should_propose_nobody_without_a_key() {
	ExtBuilder::default().build_and_execute(|| {
		let id = publish();
		run_for(draws() + DrawDelay::get() + 1);
		assert!(events().contains(&Event::RepairersDrawn { document: id, nodes: vec![] }));
	});
}

#[test]
fn a_proposed_node_should_give_way_to_whom_the_owner_chose() {
	ExtBuilder::default().build_and_execute(|| {
		give_keys(5);
		let id = publish();
		run_for(draws() + DrawDelay::get() + 1);
		let proposed = stored(id).repairers[0].account;
		for repairer in [70, 71] {
			let version = give_key(repairer);
			assert_ok!(add(id, Purpose::Repair, repairer, version));
		}
		assert!(stored(id).repairers.iter().all(|one| one.ready && one.account != proposed));
	});
}

#[test]
fn envelopes_should_go_with_their_document() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, other) = (publish(), publish());
		let version = give_key(READER);
		for document in [id, other] {
			assert_ok!(add(document, Purpose::Read, READER, version));
			assert_ok!(add(document, Purpose::Repair, READER, version));
		}
		assert_ok!(Documents::remove_document(by(OWNER), id));
		let deposit = 500 + 2 * 70;
		assert!(
			matches!(last_event(), Event::DocumentRemoved { deposit: back, .. } if back == deposit)
		);
		assert_eq!(held(HoldReason::Entries, OWNER), deposit);
		assert_eq!(Envelopes::<Test>::iter_prefix((other,)).count(), 2);
		assert_eq!(Envelopes::<Test>::iter().count(), 2);
	});
}
