//! What is held as a deposit is what was taken, and all of it comes back.

use crate::{
	mock::{
		app_key, free, held, join, leave_staking, register_key, revoke_key, signed, AppKeyDeposit,
		Balances, ExtBuilder, NodeDeposit, NodeRegistry, Test, ALICE, BOB, DEPOSIT, ENDOWMENT,
		ENTRY_DEPOSIT, MINIMUM_BALANCE,
	},
	HoldReason,
};
use frame_support::{
	assert_noop, assert_ok,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::{Fortitude, Preservation},
	},
};
use rwa_primitives::app_key::Role;
use sp_runtime::TokenError;

#[test]
fn an_app_key_should_hold_its_deposit_and_give_it_back() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		let before = free(&ALICE);
		assert_ok!(register_key(&ALICE, Role::Oracle, &app_key("key")));
		assert_eq!(held(&ALICE, HoldReason::AppKey), DEPOSIT);
		assert_eq!(free(&ALICE), before - DEPOSIT);

		assert_ok!(revoke_key(&ALICE));
		assert_eq!(held(&ALICE, HoldReason::AppKey), 0);
		assert_eq!(free(&ALICE), before);
	});
}

#[test]
fn a_node_should_hold_its_deposit_and_give_it_back() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(join(&ALICE, Role::Validator));
		assert_eq!(held(&ALICE, HoldReason::Node), ENTRY_DEPOSIT);
		assert_eq!(held(&ALICE, HoldReason::Stake), 0);
		assert_eq!(free(&ALICE), ENDOWMENT - ENTRY_DEPOSIT);

		leave_staking(&ALICE);
		assert_ok!(NodeRegistry::deregister(signed(&ALICE)));
		assert_eq!(held(&ALICE, HoldReason::Node), 0);
		assert_eq!(free(&ALICE), ENDOWMENT);
	});
}

#[test]
fn deposits_should_come_back_as_they_were_taken_when_others_are_asked_for_by_now() {
	for changed in [MINIMUM_BALANCE, DEPOSIT - 1, DEPOSIT + 1, 10 * ENDOWMENT] {
		let key = app_key("key");
		ExtBuilder::default().registered(ALICE, Role::Validator, key).build_and_execute(|| {
			AppKeyDeposit::set(changed);
			NodeDeposit::set(changed);
			assert_ok!(NodeRegistry::do_try_state());
			leave_staking(&ALICE);
			assert_ok!(NodeRegistry::deregister(signed(&ALICE)));
			assert_eq!(free(&ALICE), ENDOWMENT);
		});
	}
}

#[test]
fn registering_again_should_hold_the_deposit_of_the_day() {
	ExtBuilder::default().registered(ALICE, Role::Oracle, app_key("key")).build_and_execute(|| {
		AppKeyDeposit::set(2 * DEPOSIT);
		assert_ok!(revoke_key(&ALICE));
		assert_ok!(register_key(&ALICE, Role::Oracle, &app_key("key")));
		assert_eq!(held(&ALICE, HoldReason::AppKey), 2 * DEPOSIT);
	});
}

#[test]
fn what_is_held_should_not_be_spendable() {
	ExtBuilder::default().registered(ALICE, Role::Oracle, app_key("key")).build_and_execute(|| {
		let held = DEPOSIT + ENTRY_DEPOSIT + 500 * crate::mock::RWA;
		assert_eq!(free(&ALICE), ENDOWMENT - held);
		assert_noop!(
			Balances::transfer(&ALICE, &BOB, ENDOWMENT - held + 1, Preservation::Expendable),
			TokenError::FundsUnavailable
		);
	});
}

#[test]
fn deposits_should_come_back_when_the_account_has_spent_all_else() {
	ExtBuilder::default().registered(ALICE, Role::Validator, app_key("key")).build_and_execute(
		|| {
			let all =
				Balances::reducible_balance(&ALICE, Preservation::Expendable, Fortitude::Polite);
			assert_ok!(Balances::transfer(&ALICE, &BOB, all, Preservation::Expendable));
			let left = free(&ALICE);
			leave_staking(&ALICE);
			assert_ok!(NodeRegistry::deregister(signed(&ALICE)));
			assert_eq!(free(&ALICE), left + DEPOSIT + ENTRY_DEPOSIT);
		},
	);
}

#[test]
fn each_purpose_should_have_its_own_hold() {
	ExtBuilder::default().registered(ALICE, Role::Oracle, app_key("key")).build_and_execute(|| {
		let mut holds = pallet_balances::Holds::<Test>::get(ALICE).to_vec();
		holds.sort_by_key(|hold| hold.amount);
		let expected = [
			(HoldReason::AppKey.into(), DEPOSIT),
			(HoldReason::Node.into(), ENTRY_DEPOSIT),
			(HoldReason::Stake.into(), 500 * crate::mock::RWA),
		];
		assert_eq!(
			holds.into_iter().map(|hold| (hold.id, hold.amount)).collect::<Vec<_>>(),
			expected
		);
	});
}
