//! What is held is what was taken, and all of it comes back.

use crate::{
	mock::{
		app_key, free, held, register, revoke, AppKeyDeposit, Balances, ExtBuilder, NodeRegistry,
		ALICE, BOB, DEPOSIT, ENDOWMENT, MALLORY, MINIMUM_BALANCE, PAUPER,
	},
	HoldReason,
};
use frame_support::{
	assert_noop, assert_ok,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::Preservation,
	},
};
use rwa_primitives::app_key::Role;
use sp_runtime::TokenError;

#[test]
fn registering_should_hold_the_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(register(&ALICE, Role::Oracle, &app_key("key")));
		assert_eq!(held(&ALICE), DEPOSIT);
		assert_eq!(free(&ALICE), ENDOWMENT - DEPOSIT);
	});
}

#[test]
fn revoking_should_release_the_deposit() {
	ExtBuilder::default().registered(ALICE, Role::Oracle, app_key("key")).build_and_execute(|| {
		assert_ok!(revoke(&ALICE));
		assert_eq!(held(&ALICE), 0);
		assert_eq!(free(&ALICE), ENDOWMENT);
	});
}

#[test]
fn revoking_should_release_what_was_held_when_the_deposit_has_changed_since() {
	for changed in [MINIMUM_BALANCE, DEPOSIT - 1, DEPOSIT + 1, 10 * ENDOWMENT] {
		ExtBuilder::default().registered(ALICE, Role::Oracle, app_key("key")).build_and_execute(
			|| {
				AppKeyDeposit::set(changed);
				assert_ok!(NodeRegistry::do_try_state());
				assert_ok!(revoke(&ALICE));
				assert_eq!(held(&ALICE), 0);
				assert_eq!(free(&ALICE), ENDOWMENT);
			},
		);
	}
}

#[test]
fn registering_again_should_hold_the_deposit_of_the_day() {
	ExtBuilder::default().registered(ALICE, Role::Oracle, app_key("key")).build_and_execute(|| {
		AppKeyDeposit::set(2 * DEPOSIT);
		assert_ok!(revoke(&ALICE));
		assert_ok!(register(&ALICE, Role::Oracle, &app_key("key")));
		assert_eq!(held(&ALICE), 2 * DEPOSIT);
		assert_eq!(free(&ALICE), ENDOWMENT - 2 * DEPOSIT);
	});
}

#[test]
fn the_deposit_should_not_be_spendable() {
	ExtBuilder::default().registered(ALICE, Role::Oracle, app_key("key")).build_and_execute(|| {
		assert_noop!(
			Balances::transfer(&ALICE, &BOB, ENDOWMENT - DEPOSIT + 1, Preservation::Expendable),
			TokenError::FundsUnavailable
		);
	});
}

#[test]
fn the_deposit_should_come_back_when_the_account_has_spent_all_else() {
	ExtBuilder::default().registered(ALICE, Role::Oracle, app_key("key")).build_and_execute(|| {
		let all = Balances::reducible_balance(
			&ALICE,
			Preservation::Expendable,
			frame_support::traits::tokens::Fortitude::Polite,
		);
		assert_ok!(Balances::transfer(&ALICE, &BOB, all, Preservation::Expendable));
		let left = free(&ALICE);
		assert_ok!(revoke(&ALICE));
		assert_eq!(free(&ALICE), left + DEPOSIT);
	});
}

#[test]
#[should_panic(expected = "AppKeyDeposit is zero or below the currency's minimum balance")]
fn integrity_test_should_refuse_a_deposit_below_the_minimum_balance() {
	AppKeyDeposit::set(MINIMUM_BALANCE - 1);
	NodeRegistry::check_config();
}

#[test]
fn integrity_test_should_accept_a_deposit_of_the_minimum_balance() {
	AppKeyDeposit::set(MINIMUM_BALANCE);
	NodeRegistry::check_config();
}

/// Four accounts do 600 things in a fixed but disorderly order, while the deposit changes. At every
/// step each account has what it started with, and the invariants hold.
#[test]
fn deposits_should_be_conserved_whatever_happens() {
	ExtBuilder::default().build_and_execute(|| {
		let accounts = [ALICE, BOB, MALLORY, PAUPER];
		let endowments = [ENDOWMENT, ENDOWMENT, ENDOWMENT, 0];
		let keys = ["k0", "k1", "k2", "k3", "k4"].map(app_key);
		let roles = [Role::Oracle, Role::Storage];
		let issuance = Balances::total_issuance();
		let (mut accepted, mut refused) = (0, 0);

		// Numerical Recipes' linear congruential generator: the same on every run.
		let mut state: u32 = 1;
		let mut pick = |choices: usize| {
			state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
			// The low bits of such a generator have short periods.
			(state >> 16) as usize % choices
		};
		for _ in 0..600 {
			let who = &accounts[pick(4)];
			let outcome = match pick(8) {
				0 | 1 => revoke(who),
				2 => {
					AppKeyDeposit::set(MINIMUM_BALANCE + 60 * pick(5) as u128);
					Ok(())
				}
				_ => register(who, roles[pick(2)], &keys[pick(5)]),
			};
			match outcome {
				Ok(()) => accepted += 1,
				Err(_) => refused += 1,
			}

			assert_ok!(NodeRegistry::do_try_state());
			assert_eq!(Balances::total_issuance(), issuance);
			for (account, endowment) in accounts.iter().zip(endowments) {
				assert_eq!(free(account) + held(account), endowment);
				let recorded = NodeRegistry::app_key(account.clone()).map_or(0, |it| it.deposit);
				assert_eq!(held(account), recorded);
			}
		}
		assert!(accepted > 100 && refused > 100, "{accepted} accepted, {refused} refused");
	});
}

#[test]
fn the_hold_should_be_under_its_own_reason() {
	ExtBuilder::default().registered(ALICE, Role::Oracle, app_key("key")).build_and_execute(|| {
		let holds = pallet_balances::Holds::<crate::mock::Test>::get(ALICE);
		assert_eq!(holds.len(), 1);
		assert_eq!(holds[0].id, HoldReason::AppKey.into());
		assert_eq!(holds[0].amount, DEPOSIT);
	});
}
