//! Numbers and bytes that clients rely on. If one of these tests fails, clients break.

use crate::{
	mock::{app_key, proof, RuntimeHoldReason, Test, ALICE, GENESIS},
	Call, Error, Event, HoldReason,
};
use codec::Encode;
use rwa_primitives::app_key::{possession_payload, Role};
use sp_core::Pair;
use sp_runtime::{DispatchError, ModuleError};

/// All of `parts`, one after another.
fn bytes(parts: &[&[u8]]) -> Vec<u8> {
	parts.concat()
}

#[test]
fn calls_should_keep_their_encoding() {
	let key = app_key("key");
	let proof = proof(&key, &ALICE);
	let call = Call::<Test>::register_app_key {
		role: Role::Oracle,
		key: key.public(),
		proof: proof.clone(),
	};
	assert_eq!(call.encode(), bytes(&[&[0, 2], key.public().as_ref(), proof.as_ref()]));
	assert_eq!(Call::<Test>::revoke_app_key {}.encode(), [1]);
}

#[test]
fn events_should_keep_their_encoding() {
	let key = app_key("key").public();
	let (account, role) = (ALICE, Role::Relay);
	let registered =
		Event::<Test>::AppKeyRegistered { account: account.clone(), role, key: key.clone() };
	assert_eq!(registered.encode(), bytes(&[&[0], ALICE.as_ref(), &[3], key.as_ref()]));
	let replaced = Event::<Test>::AppKeyReplaced {
		account: account.clone(),
		role,
		old: key.clone(),
		new: key.clone(),
	};
	assert_eq!(replaced.encode(), bytes(&[&[1], ALICE.as_ref(), &[3], key.as_ref(), key.as_ref()]));
	let revoked = Event::<Test>::AppKeyRevoked { account, role, key: key.clone() };
	assert_eq!(revoked.encode(), bytes(&[&[2], ALICE.as_ref(), &[3], key.as_ref()]));
}

#[test]
fn errors_should_keep_their_numbers() {
	let number = |error: Error<Test>| match DispatchError::from(error) {
		DispatchError::Module(ModuleError { error, .. }) => error,
		other => panic!("not a pallet's error: {other:?}"),
	};
	assert_eq!(number(Error::KeyTaken), [0, 0, 0, 0]);
	assert_eq!(number(Error::BadProof), [1, 0, 0, 0]);
	assert_eq!(number(Error::RoleMismatch), [2, 0, 0, 0]);
	assert_eq!(number(Error::NotRegistered), [3, 0, 0, 0]);
}

#[test]
fn the_hold_reason_should_keep_its_number() {
	// The first byte is the pallet's place in the mock.
	assert_eq!(RuntimeHoldReason::from(HoldReason::AppKey).encode(), [2, 0]);
}

/// What an operator's tool without this crate has to sign.
#[test]
fn a_proof_should_sign_the_documented_bytes() {
	let key = app_key("key").public();
	let documented =
		bytes(&[b"rwa/app-key/possession/v1", GENESIS.as_ref(), ALICE.as_ref(), key.as_ref()]);
	assert_eq!(possession_payload(&GENESIS, &ALICE, &key), documented);
}
