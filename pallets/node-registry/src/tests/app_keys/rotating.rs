//! Replacing an app key by another of the same account.

use crate::{
	mock::{
		app_key, free, held, proof, register_key, submit_key, AppKeyDeposit, ExtBuilder,
		NodeRegistry, System, Test, ALICE, BOB, DEPOSIT,
	},
	AppKeyOf, Error, Event, HoldReason, OperatorOf, Registration,
};
use frame_support::{assert_noop, assert_ok};
use rwa_primitives::app_key::Role;
use sp_core::Pair;

#[test]
fn a_new_key_should_replace_the_old_and_say_so() {
	let (old, new) = (app_key("old"), app_key("new"));
	ExtBuilder::default().registered(ALICE, Role::Oracle, old.clone()).build_and_execute(|| {
		assert_ok!(register_key(&ALICE, Role::Oracle, &new));

		assert_eq!(
			AppKeyOf::<Test>::get(ALICE),
			Some(Registration { role: Role::Oracle, key: new.public(), deposit: DEPOSIT })
		);
		assert_eq!(OperatorOf::<Test>::get(new.public()), Some(ALICE));
		assert_eq!(OperatorOf::<Test>::get(old.public()), None);
		System::assert_last_event(
			Event::AppKeyReplaced {
				account: ALICE,
				role: Role::Oracle,
				old: old.public(),
				new: new.public(),
			}
			.into(),
		);
	});
}

#[test]
fn replacing_should_not_touch_the_deposit() {
	ExtBuilder::default().registered(ALICE, Role::Oracle, app_key("old")).build_and_execute(|| {
		let before = free(&ALICE);
		// Not even when the runtime asks for more by now.
		AppKeyDeposit::set(2 * DEPOSIT);
		assert_ok!(register_key(&ALICE, Role::Oracle, &app_key("new")));
		assert_eq!(held(&ALICE, HoldReason::AppKey), DEPOSIT);
		assert_eq!(free(&ALICE), before);
	});
}

#[test]
fn replacing_should_fail_when_the_role_differs() {
	ExtBuilder::default().registered(ALICE, Role::Oracle, app_key("old")).build_and_execute(|| {
		assert_noop!(
			register_key(&ALICE, Role::Storage, &app_key("new")),
			Error::<Test>::RoleMismatch
		);
	});
}

#[test]
fn replacing_should_fail_when_another_account_has_the_new_key() {
	let taken = app_key("taken");
	ExtBuilder::default()
		.registered(ALICE, Role::Oracle, app_key("old"))
		.registered(BOB, Role::Oracle, taken.clone())
		.build_and_execute(|| {
			assert_noop!(register_key(&ALICE, Role::Oracle, &taken), Error::<Test>::KeyTaken);
		});
}

#[test]
fn an_account_should_be_able_to_return_to_its_old_key_with_the_old_proof() {
	let (first, second) = (app_key("first"), app_key("second"));
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		let first_proof = proof(&first, &ALICE);
		assert_ok!(submit_key(&ALICE, Role::Oracle, first.public(), first_proof.clone()));
		assert_ok!(register_key(&ALICE, Role::Oracle, &second));
		assert_ok!(submit_key(&ALICE, Role::Oracle, first.public(), first_proof));

		assert_eq!(NodeRegistry::operator(first.public()), Some((ALICE, Role::Oracle)));
		assert_eq!(NodeRegistry::operator(second.public()), None);
		assert_eq!(held(&ALICE, HoldReason::AppKey), DEPOSIT);
	});
}

#[test]
fn a_replaced_key_should_be_free_for_whoever_holds_it() {
	let old = app_key("old");
	ExtBuilder::default()
		.registered(ALICE, Role::Oracle, old.clone())
		.node(BOB, Role::Relay)
		.build_and_execute(|| {
			assert_ok!(register_key(&ALICE, Role::Oracle, &app_key("new")));
			assert_ok!(register_key(&BOB, Role::Relay, &old));
			assert_eq!(NodeRegistry::operator(old.public()), Some((BOB, Role::Relay)));
		});
}
