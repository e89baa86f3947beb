//! What other pallets and applications read.

use crate::{
	mock::{app_key, revoke, ExtBuilder, NodeRegistry, ALICE, BOB, DEPOSIT},
	Registration,
};
use frame_support::assert_ok;
use rwa_primitives::{app_key::Role, traits::AppKeys};
use sp_core::Pair;

#[test]
fn queries_should_find_a_registration_from_both_ends() {
	let key = app_key("key");
	ExtBuilder::default().registered(ALICE, Role::Oracle, key.clone()).build_and_execute(|| {
		let found = Some((ALICE, Role::Oracle));
		assert_eq!(NodeRegistry::operator(key.public()), found);
		assert_eq!(<NodeRegistry as AppKeys<_>>::operator_of(&key.public()), found);
		assert_eq!(<NodeRegistry as AppKeys<_>>::key_of(&ALICE), Some(key.public()));
		assert_eq!(
			NodeRegistry::app_key(ALICE),
			Some(Registration { role: Role::Oracle, key: key.public(), deposit: DEPOSIT })
		);
	});
}

#[test]
fn queries_should_find_nothing_that_is_not_registered() {
	let key = app_key("key");
	ExtBuilder::default().registered(ALICE, Role::Oracle, app_key("other")).build_and_execute(
		|| {
			assert_eq!(NodeRegistry::operator(key.public()), None);
			assert_eq!(<NodeRegistry as AppKeys<_>>::operator_of(&key.public()), None);
			assert_eq!(<NodeRegistry as AppKeys<_>>::key_of(&BOB), None);
			assert_eq!(NodeRegistry::app_key(BOB), None);
		},
	);
}

#[test]
fn an_account_should_be_active_in_its_own_role_only() {
	ExtBuilder::default().registered(ALICE, Role::Oracle, app_key("key")).build_and_execute(|| {
		for role in [Role::Validator, Role::Verifier, Role::Oracle, Role::Relay, Role::Storage] {
			assert_eq!(NodeRegistry::is_active(&ALICE, role), role == Role::Oracle);
			assert!(!NodeRegistry::is_active(&BOB, role));
		}
	});
}

#[test]
fn an_account_should_not_be_active_after_revoking() {
	ExtBuilder::default().registered(ALICE, Role::Oracle, app_key("key")).build_and_execute(|| {
		assert_ok!(revoke(&ALICE));
		assert!(!NodeRegistry::is_active(&ALICE, Role::Oracle));
	});
}
