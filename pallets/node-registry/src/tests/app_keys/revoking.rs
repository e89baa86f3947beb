//! Giving up an app key.

use crate::{
	mock::{
		app_key, is_active, node, register_key, revoke_key, ExtBuilder, NodeRegistry,
		RuntimeOrigin, System, Test, ALICE, BOB,
	},
	AppKeyOf, Error, Event, OperatorOf,
};
use frame_support::{assert_noop, assert_ok};
use rwa_primitives::app_key::Role;
use sp_core::Pair;
use sp_runtime::DispatchError;

#[test]
fn revoke_app_key_should_forget_both_directions_and_say_so() {
	let key = app_key("key");
	ExtBuilder::default().registered(ALICE, Role::Oracle, key.clone()).build_and_execute(|| {
		assert_ok!(revoke_key(&ALICE));

		assert_eq!(AppKeyOf::<Test>::get(ALICE), None);
		assert_eq!(OperatorOf::<Test>::get(key.public()), None);
		System::assert_last_event(
			Event::AppKeyRevoked { account: ALICE, role: Role::Oracle, key: key.public() }.into(),
		);
	});
}

#[test]
fn revoke_app_key_should_leave_others_alone() {
	let theirs = app_key("theirs");
	ExtBuilder::default()
		.registered(ALICE, Role::Oracle, app_key("key"))
		.registered(BOB, Role::Oracle, theirs.clone())
		.build_and_execute(|| {
			assert_ok!(revoke_key(&ALICE));
			assert_eq!(NodeRegistry::operator(theirs.public()), Some((BOB, Role::Oracle)));
		});
}

#[test]
fn revoke_app_key_should_fail_when_the_caller_has_none() {
	ExtBuilder::default().registered(ALICE, Role::Oracle, app_key("key")).build_and_execute(|| {
		assert_noop!(revoke_key(&BOB), Error::<Test>::NotRegistered);
	});
}

#[test]
fn revoke_app_key_should_fail_when_repeated() {
	ExtBuilder::default().registered(ALICE, Role::Oracle, app_key("key")).build_and_execute(|| {
		assert_ok!(revoke_key(&ALICE));
		assert_noop!(revoke_key(&ALICE), Error::<Test>::NotRegistered);
	});
}

#[test]
fn revoke_app_key_should_fail_when_nobody_signed() {
	ExtBuilder::default().registered(ALICE, Role::Oracle, app_key("key")).build_and_execute(|| {
		for origin in [RuntimeOrigin::none(), RuntimeOrigin::root()] {
			assert_noop!(NodeRegistry::revoke_app_key(origin), DispatchError::BadOrigin);
		}
	});
}

#[test]
fn a_revoked_key_should_be_free_for_whoever_holds_it() {
	let key = app_key("key");
	ExtBuilder::default()
		.registered(ALICE, Role::Oracle, key.clone())
		.node(BOB, Role::Relay)
		.build_and_execute(|| {
			assert_ok!(revoke_key(&ALICE));
			assert_ok!(register_key(&BOB, Role::Relay, &key));
			assert_eq!(NodeRegistry::operator(key.public()), Some((BOB, Role::Relay)));
		});
}

#[test]
fn revoke_app_key_should_leave_the_node_as_it_is() {
	ExtBuilder::default().registered(ALICE, Role::Oracle, app_key("key")).build_and_execute(|| {
		let before = node(&ALICE);
		assert_ok!(revoke_key(&ALICE));
		assert_eq!(node(&ALICE), before);
		assert!(is_active(&ALICE));
	});
}
