//! Registering the first app key of an account.

use crate::{
	mock::{
		app_key, join, proof, register_key, signed, AppKeyDeposit, Balances, ExtBuilder,
		NodeRegistry, RuntimeOrigin, System, Test, ALICE, BOB, DEPOSIT, ENDOWMENT, MINIMUM_BALANCE,
		PAUPER,
	},
	AppKeyOf, Error, Event, OperatorOf, Registration, ROLES,
};
use frame_support::{
	assert_noop, assert_ok,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::{Fortitude, Preservation},
	},
};
use rwa_primitives::app_key::Role;
use sp_core::Pair;
use sp_runtime::{DispatchError, TokenError};

#[test]
fn register_app_key_should_store_both_directions_and_say_so() {
	ExtBuilder::default().node(ALICE, Role::Relay).build_and_execute(|| {
		let key = app_key("key");
		assert_ok!(register_key(&ALICE, Role::Relay, &key));

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
	for role in ROLES {
		ExtBuilder::default().node(ALICE, role).build_and_execute(|| {
			assert_ok!(register_key(&ALICE, role, &app_key("key")));
			assert_eq!(NodeRegistry::app_key(ALICE).map(|found| found.role), Some(role));
		});
	}
}

#[test]
fn register_app_key_should_fail_when_the_caller_has_no_node() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			register_key(&ALICE, Role::Oracle, &app_key("key")),
			Error::<Test>::UnknownNode
		);
	});
}

#[test]
fn register_app_key_should_fail_when_the_node_has_another_role() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		assert_noop!(
			register_key(&ALICE, Role::Relay, &app_key("key")),
			Error::<Test>::RoleMismatch
		);
	});
}

#[test]
fn register_app_key_should_fail_when_the_node_is_leaving() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		assert_ok!(NodeRegistry::deregister(signed(&ALICE)));
		assert_noop!(register_key(&ALICE, Role::Oracle, &app_key("key")), Error::<Test>::Leaving);
	});
}

#[test]
fn register_app_key_should_fail_when_another_account_has_the_key() {
	let key = app_key("key");
	ExtBuilder::default()
		.registered(ALICE, Role::Oracle, key.clone())
		.node(BOB, Role::Oracle)
		.build_and_execute(|| {
			// Even though the key agrees: one host may serve several accounts, but each with its own key.
			assert_noop!(register_key(&BOB, Role::Oracle, &key), Error::<Test>::KeyTaken);
		});
}

#[test]
fn register_app_key_should_fail_when_the_caller_has_the_key_already() {
	let key = app_key("key");
	ExtBuilder::default().registered(ALICE, Role::Oracle, key.clone()).build_and_execute(|| {
		assert_noop!(register_key(&ALICE, Role::Oracle, &key), Error::<Test>::KeyTaken);
	});
}

#[test]
fn register_app_key_should_fail_when_the_caller_cannot_afford_the_deposit() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		let all = Balances::reducible_balance(&ALICE, Preservation::Preserve, Fortitude::Polite);
		assert_ok!(Balances::transfer(&ALICE, &PAUPER, all, Preservation::Preserve));
		assert_noop!(
			register_key(&ALICE, Role::Oracle, &app_key("key")),
			TokenError::FundsUnavailable
		);
	});
}

#[test]
fn register_app_key_should_fail_when_the_deposit_would_take_the_minimum_balance() {
	ExtBuilder::default().build_and_execute(|| {
		let key = app_key("key");
		assert_ok!(join(&ALICE, Role::Oracle));
		let free = Balances::balance(&ALICE);
		assert!(free < ENDOWMENT);
		AppKeyDeposit::set(free - MINIMUM_BALANCE + 1);
		assert_noop!(register_key(&ALICE, Role::Oracle, &key), TokenError::FundsUnavailable);
		AppKeyDeposit::set(free - MINIMUM_BALANCE);
		assert_ok!(register_key(&ALICE, Role::Oracle, &key));
	});
}

#[test]
fn register_app_key_should_fail_when_nobody_signed() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
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
