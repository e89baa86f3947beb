//! Registering the first app key of an account.

use crate::{
	mock::{
		app_key, proof, register, AppKeyDeposit, ExtBuilder, NodeRegistry, RuntimeOrigin, System,
		Test, ALICE, BOB, DEPOSIT, ENDOWMENT, MINIMUM_BALANCE, PAUPER,
	},
	AppKeyOf, Error, Event, OperatorOf, Registration,
};
use frame_support::{assert_noop, assert_ok};
use rwa_primitives::app_key::Role;
use sp_core::Pair;
use sp_runtime::{DispatchError, TokenError};

#[test]
fn register_app_key_should_store_both_directions_and_say_so() {
	ExtBuilder::default().build_and_execute(|| {
		let key = app_key("key");
		assert_ok!(register(&ALICE, Role::Relay, &key));

		assert_eq!(
			AppKeyOf::<Test>::get(ALICE),
			Some(Registration { role: Role::Relay, key: key.public(), deposit: DEPOSIT })
		);
		assert_eq!(OperatorOf::<Test>::get(key.public()), Some(ALICE));
		System::assert_last_event(
			Event::AppKeyRegistered { account: ALICE, role: Role::Relay, key: key.public() }.into(),
		);
	});
}

#[test]
fn register_app_key_should_accept_every_role() {
	for role in [Role::Validator, Role::Verifier, Role::Oracle, Role::Relay, Role::Storage] {
		ExtBuilder::default().build_and_execute(|| {
			assert_ok!(register(&ALICE, role, &app_key("key")));
			assert_eq!(NodeRegistry::app_key(ALICE).map(|found| found.role), Some(role));
		});
	}
}

#[test]
fn register_app_key_should_fail_when_another_account_has_the_key() {
	let key = app_key("key");
	ExtBuilder::default().registered(ALICE, Role::Oracle, key.clone()).build_and_execute(|| {
		// Even though the key agrees: one host may serve several accounts, but each with its own key.
		assert_noop!(register(&BOB, Role::Oracle, &key), Error::<Test>::KeyTaken);
	});
}

#[test]
fn register_app_key_should_fail_when_the_caller_has_the_key_already() {
	let key = app_key("key");
	ExtBuilder::default().registered(ALICE, Role::Oracle, key.clone()).build_and_execute(|| {
		assert_noop!(register(&ALICE, Role::Oracle, &key), Error::<Test>::KeyTaken);
	});
}

#[test]
fn register_app_key_should_fail_when_the_caller_cannot_afford_the_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			register(&PAUPER, Role::Oracle, &app_key("key")),
			TokenError::FundsUnavailable
		);
	});
}

#[test]
fn register_app_key_should_fail_when_the_deposit_would_take_the_minimum_balance() {
	ExtBuilder::default().build_and_execute(|| {
		AppKeyDeposit::set(ENDOWMENT - MINIMUM_BALANCE + 1);
		assert_noop!(register(&ALICE, Role::Oracle, &app_key("key")), TokenError::FundsUnavailable);
		AppKeyDeposit::set(ENDOWMENT - MINIMUM_BALANCE);
		assert_ok!(register(&ALICE, Role::Oracle, &app_key("key")));
	});
}

#[test]
fn register_app_key_should_fail_when_nobody_signed() {
	ExtBuilder::default().build_and_execute(|| {
		let key = app_key("key");
		for origin in [RuntimeOrigin::none(), RuntimeOrigin::root()] {
			assert_noop!(
				NodeRegistry::register_app_key(
					origin,
					Role::Oracle,
					key.public(),
					proof(&key, &ALICE)
				),
				DispatchError::BadOrigin
			);
		}
	});
}
