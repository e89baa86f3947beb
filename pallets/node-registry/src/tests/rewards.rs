//! Stake earns while the node is there, exactly, and within a budget.

use crate::{
	mock::{
		beat, events, free, node, pass, register, signed, slash, work, Balances, BlocksPerYear,
		ExtBuilder, NodeRegistry, RuntimeOrigin, Test, YearlyBudget, ALICE, BOB, ENDOWMENT, GAP,
		MALLORY, RWA, YEAR,
	},
	Allowance, Budget, Earnings, Error, Event, ROLES,
};
use frame_support::{assert_noop, assert_ok};
use rwa_primitives::{
	app_key::Role,
	node::genesis_tier,
	traits::{Presence, Stakes},
	Balance,
};
use sp_runtime::Perbill;

fn claim() -> sp_runtime::DispatchResult {
	NodeRegistry::claim_rewards(signed(&ALICE))
}

#[test]
fn a_year_of_presence_should_earn_the_tiers_yearly_reward_to_the_last_unit() {
	for role in ROLES.into_iter().filter(|role| *role != Role::Validator) {
		ExtBuilder::default().node(ALICE, role).build_and_execute(|| {
			work(&ALICE, YEAR);
			let tier = genesis_tier(role);
			let earned = tier.yearly_reward * tier.minimum;
			assert_eq!(NodeRegistry::claimable(ALICE), earned);
			assert_ok!(claim());
			assert_eq!(free(&ALICE) + NodeRegistry::at_stake(&ALICE), {
				ENDOWMENT + earned - crate::mock::ENTRY_DEPOSIT
			});
		});
	}
}

#[test]
fn validators_should_earn_nothing_here() {
	ExtBuilder::default().node(ALICE, Role::Validator).build_and_execute(|| {
		work(&ALICE, YEAR);
		assert_noop!(claim(), Error::<Test>::NothingToClaim);
	});
}

#[test]
fn nothing_should_be_earned_before_the_first_heartbeat() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		pass(GAP);
		beat(&ALICE);
		assert_eq!(NodeRegistry::claimable(ALICE), 0);
		pass(1);
		beat(&ALICE);
		assert_eq!(NodeRegistry::claimable(ALICE), 15 * RWA / 1_000);
	});
}

#[test]
fn each_heartbeat_should_say_what_was_earned() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		beat(&ALICE);
		assert!(events().is_empty());
		pass(GAP);
		beat(&ALICE);
		assert_eq!(events(), [Event::RewardsEarned { account: ALICE, amount: 150 * RWA / 1_000 }]);
		// Twice in a block is once.
		beat(&ALICE);
		assert!(events().is_empty());
	});
}

#[test]
fn a_pause_that_is_too_long_should_earn_nothing_and_say_so() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		work(&ALICE, 10);
		let earned = NodeRegistry::claimable(ALICE);
		events();
		pass(GAP + 1);
		beat(&ALICE);
		assert_eq!(events(), [Event::RewardsForgone { account: ALICE, blocks: GAP + 1 }]);
		assert_eq!(NodeRegistry::claimable(ALICE), earned);
		pass(1);
		beat(&ALICE);
		assert!(NodeRegistry::claimable(ALICE) > earned);
	});
}

#[test]
fn an_absence_that_was_punished_should_count_anew_and_earn_nothing() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		beat(&ALICE);
		pass(GAP);
		events();
		NodeRegistry::forgive_absence(&ALICE);
		assert_eq!(events(), [Event::RewardsForgone { account: ALICE, blocks: GAP }]);
		assert_eq!(NodeRegistry::last_seen(&ALICE), Some(1 + GAP));
		pass(GAP);
		beat(&ALICE);
		assert_eq!(NodeRegistry::claimable(ALICE), 0);
		assert_eq!(node(&ALICE).earnings.earning, 500 * RWA);
	});
}

#[test]
fn stopping_should_credit_what_was_earned_until_then() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		beat(&ALICE);
		pass(GAP);
		assert_ok!(NodeRegistry::chill(signed(&ALICE)));
		assert_eq!(NodeRegistry::claimable(ALICE), 150 * RWA / 1_000);
		// Its worker may go on, for nothing.
		work(&ALICE, 50);
		assert_eq!(NodeRegistry::claimable(ALICE), 150 * RWA / 1_000);
		assert_ok!(NodeRegistry::unchill(signed(&ALICE)));
		work(&ALICE, 10);
		assert_eq!(NodeRegistry::claimable(ALICE), 300 * RWA / 1_000);
	});
}

#[test]
fn what_is_bonded_should_earn_from_the_next_heartbeat() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		beat(&ALICE);
		assert_ok!(NodeRegistry::bond_more(signed(&ALICE), 500 * RWA));
		pass(GAP);
		beat(&ALICE);
		assert_eq!(NodeRegistry::claimable(ALICE), 150 * RWA / 1_000);
		pass(GAP);
		beat(&ALICE);
		assert_eq!(NodeRegistry::claimable(ALICE), 450 * RWA / 1_000);
	});
}

#[test]
fn claim_rewards_should_mint_what_is_due_and_say_so() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		work(&ALICE, 100);
		events();
		let (issuance, before) = (Balances::total_issuance(), free(&ALICE));
		assert_ok!(claim());
		let amount = 15 * RWA / 10;
		assert_eq!(events(), [Event::RewardsClaimed { account: ALICE, amount, due: 0 }]);
		assert_eq!(free(&ALICE), before + amount);
		assert_eq!(Balances::total_issuance(), issuance + amount);
		assert_noop!(claim(), Error::<Test>::NothingToClaim);
	});
}

#[test]
fn what_the_budget_cannot_pay_should_stay_due_until_the_next_year() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		work(&ALICE, YEAR);
		// 10 of 40,000 RWA a year; 15 are due.
		YearlyBudget::set(Perbill::from_rational(10u32, 40_000u32));
		events();
		assert_ok!(claim());
		assert_eq!(
			events(),
			[Event::RewardsClaimed { account: ALICE, amount: 10 * RWA, due: 5 * RWA }]
		);
		assert_eq!(NodeRegistry::claimable(ALICE), 5 * RWA);
		assert_noop!(claim(), Error::<Test>::BudgetExhausted);
		pass(YEAR - 1);
		assert_noop!(claim(), Error::<Test>::BudgetExhausted);
		pass(1);
		assert_ok!(claim());
		assert_eq!(NodeRegistry::claimable(ALICE), 0);
	});
}

#[test]
fn the_budget_should_be_a_share_of_what_there_is_when_its_year_begins() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		work(&ALICE, 100);
		let issuance = Balances::total_issuance();
		assert_ok!(claim());
		let left = issuance / 100 - 15 * RWA / 10;
		assert_eq!(Budget::<Test>::get(), Some(Allowance { since: 101, left }));
		work(&ALICE, YEAR);
		let issuance = Balances::total_issuance();
		assert_ok!(claim());
		let left = issuance / 100 - 15 * RWA;
		assert_eq!(Budget::<Test>::get(), Some(Allowance { since: 1_101, left }));
	});
}

#[test]
fn rewards_should_follow_a_change_of_the_tier_to_the_block() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		beat(&ALICE);
		pass(4);
		let mut tier = genesis_tier(Role::Oracle);
		tier.yearly_reward = Perbill::from_percent(6);
		assert_ok!(NodeRegistry::set_tier(RuntimeOrigin::root(), Role::Oracle, tier));
		pass(6);
		beat(&ALICE);
		// Four blocks at 3 %, six at 6 %, of 500 RWA and 1000 blocks a year.
		assert_eq!(NodeRegistry::claimable(ALICE), (60 + 180) * RWA / 1_000);
	});
}

#[test]
fn amounts_that_do_not_divide_should_be_carried_over_to_the_last_unit() {
	// A stake and a year for which one block earns a fraction of a unit.
	ExtBuilder::default().build_and_execute(|| {
		BlocksPerYear::set(7_777_777_777_777);
		assert_ok!(register(&ALICE, Role::Oracle, 500 * RWA + 7));
		assert_ok!(register(&BOB, Role::Oracle, 500 * RWA + 7));
		beat(&ALICE);
		beat(&BOB);
		// Alice beats in every block, Bob now and then, and both earn the same.
		for block in 1..=1_000u64 {
			pass(1);
			beat(&ALICE);
			if block % 10 == 0 {
				beat(&BOB);
			}
		}
		let numerator = (500 * RWA + 7) * 30_000_000 * 1_000;
		let whole = 1_000_000_000 * 7_777_777_777_777u128;
		let expected = (numerator / whole, numerator % whole);
		for account in [&ALICE, &BOB] {
			let earnings = node(account).earnings;
			assert_eq!((earnings.due, earnings.remainder), expected);
		}
	});
}

#[test]
fn crediting_should_be_exact_however_it_is_divided() {
	// Numerical Recipes' linear congruential generator: the same on every run.
	let mut state: u32 = 7;
	let mut pick = |choices: u128| {
		state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
		u128::from(state >> 8) % choices
	};
	for _ in 0..200 {
		let year = 1 + pick(40_000_000);
		let earning = pick(1 << 24) * pick(1 << 24) * pick(1 << 24);
		let mut parts = Earnings { earning, ..Default::default() };
		let mut index = 0;
		for _ in 0..50 {
			index += pick(1 << 24) * 1_000;
			parts.credit(index, year);
		}
		let mut whole = Earnings { earning, ..Default::default() };
		whole.credit(index, year);
		assert_eq!(parts, whole);
	}
}

#[test]
fn crediting_should_neither_overflow_nor_divide_by_zero() {
	let most = Balance::MAX;
	let mut earnings = Earnings { earning: most, index: 0, remainder: most, due: 0 };
	assert_eq!(earnings.credit(most, 1), most);
	assert_eq!(earnings.due, most);
	let mut earnings = Earnings { earning: 5, ..Default::default() };
	assert_eq!(earnings.credit(1, 0), 5);
	// An index that runs backwards, which none does, earns nothing.
	let mut earnings = Earnings { earning: 5, index: 10, ..Default::default() };
	assert_eq!(earnings.credit(3, 1), 0);
}

#[test]
fn whoever_is_slashed_should_keep_what_was_due() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		work(&ALICE, 100);
		slash(&ALICE, u128::MAX);
		assert_ok!(claim());
		assert_eq!(free(&ALICE), {
			ENDOWMENT - 500 * RWA - crate::mock::ENTRY_DEPOSIT + 15 * RWA / 10
		});
	});
}

#[test]
fn nobody_should_claim_for_others() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		work(&ALICE, 100);
		assert_noop!(NodeRegistry::claim_rewards(signed(&MALLORY)), Error::<Test>::UnknownNode);
	});
}
