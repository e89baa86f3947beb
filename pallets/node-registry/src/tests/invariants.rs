//! Each invariant's check can fail.

use crate::{
	mock::{app_key, ExtBuilder, NodeRegistry, RuntimeHoldReason, Test, ALICE, BOB},
	AppKeyOf, HoldReason, OperatorOf,
};
use frame_support::{
	assert_err, assert_ok,
	traits::{fungible::MutateHold, tokens::Precision},
};
use rwa_primitives::app_key::Role;
use sp_core::Pair;
use sp_runtime::TryRuntimeError;

/// Alice is an oracle with the key `key`. The test breaks that, and `complaint` must follow.
fn broken(by: impl FnOnce(), complaint: &'static str) {
	ExtBuilder::default().registered(ALICE, Role::Oracle, app_key("key")).build().execute_with(
		|| {
			assert_ok!(NodeRegistry::do_try_state());
			by();
			assert_err!(NodeRegistry::do_try_state(), TryRuntimeError::Other(complaint));
		},
	);
}

#[test]
fn n1_should_fail_when_a_key_is_not_indexed() {
	broken(
		|| OperatorOf::<Test>::remove(app_key("key").public()),
		"N1: an account's app key does not act for it",
	);
}

#[test]
fn n1_should_fail_when_a_key_is_indexed_for_another_account() {
	broken(
		|| OperatorOf::<Test>::insert(app_key("key").public(), BOB),
		"N1: an account's app key does not act for it",
	);
}

#[test]
fn n1_should_fail_when_an_account_has_no_registration() {
	broken(
		|| AppKeyOf::<Test>::remove(ALICE),
		"N1: an app key acts for an account that has not registered it",
	);
}

#[test]
fn n1_should_fail_when_two_keys_act_for_an_account() {
	broken(
		|| OperatorOf::<Test>::insert(app_key("other").public(), ALICE),
		"N1: an app key acts for an account that has not registered it",
	);
}

#[test]
fn n2_should_fail_when_less_is_held_than_recorded() {
	broken(
		|| {
			let reason: RuntimeHoldReason = HoldReason::AppKey.into();
			assert_ok!(<crate::mock::Balances as MutateHold<_>>::release(
				&reason,
				&ALICE,
				1,
				Precision::Exact
			));
		},
		"N2: deposit held differs from deposit recorded",
	);
}

#[test]
fn n2_should_fail_when_more_is_held_than_recorded() {
	broken(
		|| {
			let reason: RuntimeHoldReason = HoldReason::AppKey.into();
			assert_ok!(<crate::mock::Balances as MutateHold<_>>::hold(&reason, &ALICE, 1));
		},
		"N2: deposit held differs from deposit recorded",
	);
}
