//! Mallory tries to act for others, to make others act for her, or to lock them out.

use crate::{
	mock::{
		app_key, held, proof, register, revoke, submit, ExtBuilder, NodeRegistry, Test, ALICE,
		GENESIS, MALLORY,
	},
	Error,
};
use frame_support::{assert_noop, assert_ok};
use rwa_primitives::{
	app_key::{possession_payload, AppSignature, Role},
	AccountId, Hash,
};
use sp_core::Pair;

/// Mallory copies key and proof out of Alice's pending transaction and comes first.
#[test]
fn a_proof_for_another_account_should_be_worthless() {
	ExtBuilder::default().build_and_execute(|| {
		let key = app_key("alice");
		let seen = proof(&key, &ALICE);
		assert_noop!(
			submit(&MALLORY, Role::Oracle, key.public(), seen.clone()),
			Error::<Test>::BadProof
		);
		assert_ok!(submit(&ALICE, Role::Oracle, key.public(), seen));
	});
}

/// Alice revoked her key; its proof is in the chain's history for everyone to read.
#[test]
fn a_proof_from_history_should_stay_worthless_for_others() {
	let key = app_key("alice");
	ExtBuilder::default().registered(ALICE, Role::Oracle, key.clone()).build_and_execute(|| {
		let seen = proof(&key, &ALICE);
		assert_ok!(revoke(&ALICE));
		assert_noop!(submit(&MALLORY, Role::Oracle, key.public(), seen), Error::<Test>::BadProof);
	});
}

/// Alice uses the same key and account on a test network.
#[test]
fn a_proof_for_another_genesis_should_be_worthless() {
	ExtBuilder::default().build_and_execute(|| {
		let key = app_key("alice");
		let elsewhere = Hash::repeat_byte(8);
		assert_ne!(elsewhere, GENESIS);
		let seen = key.sign(&possession_payload(&elsewhere, &ALICE, &key.public()));
		assert_noop!(submit(&ALICE, Role::Oracle, key.public(), seen), Error::<Test>::BadProof);
	});
}

/// Mallory claims a key that she has seen, with a signature of her own.
#[test]
fn a_key_should_not_be_claimed_with_another_keys_signature() {
	ExtBuilder::default().build_and_execute(|| {
		let (victim, own) = (app_key("alice"), app_key("mallory"));
		let forged = own.sign(&possession_payload(&GENESIS, &MALLORY, &victim.public()));
		assert_noop!(
			submit(&MALLORY, Role::Oracle, victim.public(), forged),
			Error::<Test>::BadProof
		);
	});
}

/// Mallory moves a good proof of one of her keys to another key.
#[test]
fn a_proof_should_hold_for_no_other_key() {
	ExtBuilder::default().build_and_execute(|| {
		let (one, other) = (app_key("one"), app_key("other"));
		assert_noop!(
			submit(&MALLORY, Role::Oracle, other.public(), proof(&one, &MALLORY)),
			Error::<Test>::BadProof
		);
	});
}

/// The key signed something for its duty, which must not pass for a proof; nor must noise.
#[test]
fn a_signature_of_anything_else_should_be_no_proof() {
	ExtBuilder::default().build_and_execute(|| {
		let key = app_key("alice");
		let payload = possession_payload(&GENESIS, &ALICE, &key.public());
		let mut longer = payload.clone();
		longer.push(0);
		let wrong = [
			key.sign(&longer),
			key.sign(&payload[1..]),
			key.sign(b""),
			AppSignature::from(sp_core::sr25519::Signature::from_raw([0; 64])),
			AppSignature::from(sp_core::sr25519::Signature::from_raw([0xff; 64])),
		];
		for signature in wrong {
			assert_noop!(
				submit(&ALICE, Role::Oracle, key.public(), signature),
				Error::<Test>::BadProof
			);
		}
	});
}

/// Mallory took the app key from Alice's machine, so she can make any proof with it.
#[test]
fn a_stolen_key_should_not_move_to_the_thief() {
	let stolen = app_key("alice");
	ExtBuilder::default().registered(ALICE, Role::Oracle, stolen.clone()).build_and_execute(|| {
		assert_noop!(register(&MALLORY, Role::Oracle, &stolen), Error::<Test>::KeyTaken);
	});
}

/// The stolen key's public half is an account id too; Mallory signs transactions as that account.
#[test]
fn a_stolen_key_should_neither_revoke_nor_replace_itself() {
	let stolen = app_key("alice");
	ExtBuilder::default().registered(ALICE, Role::Oracle, stolen.clone()).build_and_execute(|| {
		let as_account = AccountId::from(sp_core::sr25519::Public::from(stolen.public()));
		assert_noop!(revoke(&as_account), Error::<Test>::NotRegistered);

		// With a proof for Alice, the key asks for a replacement that Mallory holds.
		let own = app_key("mallory");
		assert_noop!(
			submit(&as_account, Role::Oracle, own.public(), proof(&own, &ALICE)),
			Error::<Test>::BadProof
		);
		assert_eq!(NodeRegistry::operator(stolen.public()), Some((ALICE, Role::Oracle)));
	});
}

/// Alice notices the theft and replaces the key. What the thief can still do is act for herself, at
/// her own expense.
#[test]
fn replacing_a_stolen_key_should_lock_the_thief_out() {
	let stolen = app_key("alice");
	ExtBuilder::default().registered(ALICE, Role::Oracle, stolen.clone()).build_and_execute(|| {
		assert_ok!(register(&ALICE, Role::Oracle, &app_key("fresh")));
		assert_eq!(NodeRegistry::operator(stolen.public()), None);

		assert_ok!(register(&MALLORY, Role::Oracle, &stolen));
		assert_eq!(NodeRegistry::operator(stolen.public()), Some((MALLORY, Role::Oracle)));
		assert!(held(&MALLORY) > 0);
		assert_eq!(
			NodeRegistry::app_key(ALICE).map(|found| found.key),
			Some(app_key("fresh").public())
		);
	});
}

/// Mallory wants a second role for the price of one.
#[test]
fn an_account_should_not_hold_two_roles() {
	ExtBuilder::default().registered(MALLORY, Role::Oracle, app_key("one")).build_and_execute(
		|| {
			for role in [Role::Validator, Role::Verifier, Role::Relay, Role::Storage] {
				assert_noop!(
					register(&MALLORY, role, &app_key("two")),
					Error::<Test>::RoleMismatch
				);
			}
		},
	);
}
