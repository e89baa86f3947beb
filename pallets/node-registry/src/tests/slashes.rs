//! Stake is taken.

use crate::{
	mock::{
		events, free, held, is_active, node, pass, register, signed, slash, wealth, work, Balances,
		ExtBuilder, NodeRegistry, Test, ALICE, BOB, ENDOWMENT, MINIMUM_BALANCE, PAUPER, RWA,
		TREASURY, UNBONDING,
	},
	Event, HoldReason, Total, Totals, Unlocking,
};
use frame_support::assert_ok;
use rwa_primitives::{app_key::Role, traits::Stakes, AccountId, Balance};
use sp_runtime::Perbill;

const TENTH: Perbill = Perbill::from_percent(10);

fn seize(amount: Balance, reporter: Option<&AccountId>) -> (Balance, Balance) {
	NodeRegistry::seize(&ALICE, amount, reporter, TENTH)
}

#[test]
fn seize_should_take_it_from_the_stake_and_give_it_to_the_treasury_and_say_so() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(register(&ALICE, Role::Oracle, 600 * RWA));
		events();
		let issuance = Balances::total_issuance();
		assert_eq!(seize(30 * RWA, None), (30 * RWA, 0));
		assert_eq!(events(), [Event::Slashed { node: ALICE, amount: 30 * RWA, to_reporter: 0 }]);
		assert_eq!(held(&ALICE, HoldReason::Stake), 570 * RWA);
		assert_eq!(Totals::<Test>::get(Role::Oracle), Total { nodes: 1, stake: 570 * RWA });
		assert_eq!(free(&TREASURY), ENDOWMENT + 30 * RWA);
		assert_eq!(Balances::total_issuance(), issuance);
		assert!(is_active(&ALICE));
	});
}

#[test]
fn seize_should_give_the_reporter_its_share() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		let issuance = Balances::total_issuance();
		assert_eq!(seize(25 * RWA + 9, Some(&BOB)), (25 * RWA + 9, 25 * RWA / 10));
		assert_eq!(
			events()[0],
			Event::Slashed { node: ALICE, amount: 25 * RWA + 9, to_reporter: 25 * RWA / 10 }
		);
		assert_eq!(free(&BOB), ENDOWMENT + 25 * RWA / 10);
		// The part that can't be divided is the treasury's.
		assert_eq!(free(&TREASURY), ENDOWMENT + 225 * RWA / 10 + 9);
		assert_eq!(Balances::total_issuance(), issuance);
	});
}

#[test]
fn a_reporter_should_be_made_an_account_if_its_share_can_live_alone() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		let enough = 10 * MINIMUM_BALANCE;
		assert_eq!(seize(enough - 1, Some(&PAUPER)), (enough - 1, 0));
		assert_eq!(free(&PAUPER), 0);
		assert_eq!(free(&TREASURY), ENDOWMENT + enough - 1);
		assert_eq!(seize(enough, Some(&PAUPER)), (enough, MINIMUM_BALANCE));
		assert_eq!(free(&PAUPER), MINIMUM_BALANCE);
	});
}

#[test]
fn seize_should_take_what_is_bonded_first_and_then_what_left_last() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		for amount in [100, 50, 30] {
			assert_ok!(NodeRegistry::unbond(signed(&ALICE), amount * RWA));
			pass(1);
		}
		// 320 are bonded; 100, 50 and 30 are leaving, in this order.
		let parts = |amounts: &[Balance]| {
			let parts = node(&ALICE).unlocking.into_inner();
			let found: Vec<_> = parts.into_iter().map(|Unlocking { amount, .. }| amount).collect();
			let expected: Vec<_> = amounts.iter().map(|amount| amount * RWA).collect();
			assert_eq!(found, expected);
		};
		assert_eq!(slash(&ALICE, 300 * RWA), 300 * RWA);
		assert_eq!(node(&ALICE).stake, 20 * RWA);
		parts(&[100, 50, 30]);
		assert_eq!(slash(&ALICE, 40 * RWA), 40 * RWA);
		assert_eq!(node(&ALICE).stake, 0);
		parts(&[100, 50, 10]);
		assert_eq!(slash(&ALICE, 70 * RWA), 70 * RWA);
		parts(&[90]);
		// There is no more than there is.
		assert_eq!(slash(&ALICE, 91 * RWA), 90 * RWA);
		parts(&[]);
		assert_eq!(slash(&ALICE, RWA), 0);
		assert_eq!(wealth(&ALICE), ENDOWMENT - 500 * RWA);
	});
}

#[test]
fn seize_should_take_all_there_is_when_it_is_asked_for_more() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		assert_eq!(seize(u128::MAX, Some(&BOB)), (500 * RWA, 50 * RWA));
		assert_eq!(NodeRegistry::at_stake(&ALICE), 0);
		assert_eq!(seize(u128::MAX, Some(&BOB)), (0, 0));
		assert_eq!(free(&BOB), ENDOWMENT + 50 * RWA);
	});
}

#[test]
fn taking_nothing_should_say_nothing() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		assert_eq!(seize(0, Some(&BOB)), (0, 0));
		assert!(events().is_empty());
	});
}

#[test]
fn all_of_it_should_go_to_the_reporter_if_that_is_its_share() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		let all = NodeRegistry::seize(&ALICE, RWA, Some(&BOB), Perbill::one());
		assert_eq!(all, (RWA, RWA));
		assert_eq!(free(&TREASURY), ENDOWMENT);
	});
}

#[test]
fn falling_below_the_minimum_should_make_the_node_inactive_and_credit_what_it_earned() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		work(&ALICE, 10);
		pass(5);
		events();
		slash(&ALICE, 25 * RWA);
		assert_eq!(
			events(),
			[
				Event::Slashed { node: ALICE, amount: 25 * RWA, to_reporter: 0 },
				// 3 % of 500 RWA, for 5 of 1000 blocks.
				Event::RewardsEarned { account: ALICE, amount: 75 * RWA / 1_000 },
				Event::NodeDeactivated { account: ALICE, role: Role::Oracle },
			]
		);
		assert!(!is_active(&ALICE));
		assert_eq!(NodeRegistry::claimable(ALICE), 225 * RWA / 1_000);
	});
}

#[test]
fn what_was_taken_should_earn_nothing_more() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(register(&ALICE, Role::Oracle, 1_000 * RWA));
		work(&ALICE, 5);
		slash(&ALICE, 100 * RWA);
		assert_eq!(node(&ALICE).earnings.earning, 900 * RWA);
	});
}

#[test]
fn a_node_that_is_leaving_should_be_within_reach_until_it_has_left() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		assert_ok!(NodeRegistry::deregister(signed(&ALICE)));
		pass(UNBONDING);
		// Released, but not withdrawn.
		assert_eq!(NodeRegistry::at_stake(&ALICE), 500 * RWA);
		assert_eq!(slash(&ALICE, 100 * RWA), 100 * RWA);
		assert_ok!(NodeRegistry::withdraw_unbonded(signed(&ALICE)));
		assert_eq!(wealth(&ALICE), ENDOWMENT - 100 * RWA);
		assert_eq!(slash(&ALICE, RWA), 0);
	});
}

#[test]
fn a_node_that_was_slashed_to_nothing_while_leaving_should_be_removed_by_withdrawing() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		assert_ok!(NodeRegistry::deregister(signed(&ALICE)));
		slash(&ALICE, u128::MAX);
		assert_ok!(NodeRegistry::withdraw_unbonded(signed(&ALICE)));
		assert_eq!(NodeRegistry::role_of(&ALICE), None);
	});
}
