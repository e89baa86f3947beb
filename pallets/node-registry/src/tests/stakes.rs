//! Stake is bonded, leaves, and is given back.

use crate::{
	mock::{
		accuse, events, free, held, is_active, node, pass, register, signed, slash, transact, work,
		Balances, Bound, ExtBuilder, MaxUnlocking, NodeRegistry, Test, UnbondingPeriod, ALICE, BOB,
		ENDOWMENT, ENTRY_DEPOSIT, MINIMUM_BALANCE, RWA, UNBONDING,
	},
	Call, Error, Event, HoldReason, Total, Totals, Unlocking,
};
use frame_support::{
	assert_noop, assert_ok,
	traits::{fungible::Mutate, tokens::Preservation},
};
use rwa_primitives::app_key::Role;
use sp_runtime::TokenError;

#[test]
fn bond_more_should_hold_it_and_say_so() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		let before = free(&ALICE);
		assert_ok!(NodeRegistry::bond_more(signed(&ALICE), 7));
		assert_eq!(
			events(),
			[Event::StakeBonded {
				account: ALICE,
				amount: 7,
				stake: 500 * RWA + 7,
				minimum: 500 * RWA
			}]
		);
		assert_eq!(held(&ALICE, HoldReason::Stake), 500 * RWA + 7);
		assert_eq!(free(&ALICE), before - 7);
		assert_eq!(Totals::<Test>::get(Role::Oracle), Total { nodes: 1, stake: 500 * RWA + 7 });
	});
}

#[test]
fn bond_more_should_fail_when_it_is_nothing_or_more_than_there_is() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		assert_noop!(NodeRegistry::bond_more(signed(&ALICE), 0), Error::<Test>::AmountZero);
		let all = free(&ALICE) - MINIMUM_BALANCE;
		for amount in [all + 1, u128::MAX] {
			assert_noop!(
				NodeRegistry::bond_more(signed(&ALICE), amount),
				TokenError::FundsUnavailable
			);
		}
		assert_ok!(NodeRegistry::bond_more(signed(&ALICE), all));
	});
}

#[test]
fn validators_should_bond_and_unbond_with_the_staking_pallet() {
	ExtBuilder::default().node(ALICE, Role::Validator).build_and_execute(|| {
		let elsewhere = Error::<Test>::BondedElsewhere;
		assert_noop!(NodeRegistry::bond_more(signed(&ALICE), RWA), elsewhere);
		assert_noop!(NodeRegistry::unbond(signed(&ALICE), RWA), Error::<Test>::BondedElsewhere);
		assert_noop!(
			NodeRegistry::withdraw_unbonded(signed(&ALICE)),
			Error::<Test>::NothingToWithdraw
		);
	});
}

#[test]
fn topping_up_should_activate_a_node_that_was_below_its_minimum() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		slash(&ALICE, 2 * RWA);
		assert!(!is_active(&ALICE));
		assert_ok!(NodeRegistry::bond_more(signed(&ALICE), RWA));
		assert!(!is_active(&ALICE));
		events();
		assert_ok!(NodeRegistry::bond_more(signed(&ALICE), RWA));
		assert_eq!(
			events().last(),
			Some(&Event::NodeActivated { account: ALICE, role: Role::Oracle })
		);
		assert!(is_active(&ALICE));
	});
}

#[test]
fn topping_up_should_not_activate_a_chilled_node() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		assert_ok!(NodeRegistry::chill(signed(&ALICE)));
		assert_ok!(NodeRegistry::bond_more(signed(&ALICE), RWA));
		assert!(!is_active(&ALICE));
	});
}

#[test]
fn unbond_should_keep_it_held_until_it_is_released_and_say_so() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(register(&ALICE, Role::Oracle, 600 * RWA));
		events();
		let before = free(&ALICE);
		assert_ok!(NodeRegistry::unbond(signed(&ALICE), 100 * RWA));
		let release_at = 1 + UNBONDING;
		assert_eq!(
			events(),
			[Event::StakeUnbonded {
				account: ALICE,
				amount: 100 * RWA,
				stake: 500 * RWA,
				minimum: 500 * RWA,
				release_at,
			}]
		);
		assert!(is_active(&ALICE));
		assert_eq!(Totals::<Test>::get(Role::Oracle).stake, 500 * RWA);

		pass(UNBONDING - 1);
		assert_noop!(
			NodeRegistry::withdraw_unbonded(signed(&ALICE)),
			Error::<Test>::NothingToWithdraw
		);
		assert_eq!(held(&ALICE, HoldReason::Stake), 600 * RWA);
		pass(1);
		assert_ok!(NodeRegistry::withdraw_unbonded(signed(&ALICE)));
		assert_eq!(events(), [Event::StakeWithdrawn { account: ALICE, amount: 100 * RWA }]);
		assert_eq!(held(&ALICE, HoldReason::Stake), 500 * RWA);
		assert_eq!(free(&ALICE), before + 100 * RWA);
		assert!(is_active(&ALICE));
	});
}

#[test]
fn unbonding_below_the_minimum_should_make_the_node_inactive() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		assert_ok!(NodeRegistry::unbond(signed(&ALICE), 1));
		assert_eq!(
			events().last(),
			Some(&Event::NodeDeactivated { account: ALICE, role: Role::Oracle })
		);
		assert!(!is_active(&ALICE));
	});
}

#[test]
fn unbond_should_fail_when_it_is_nothing_or_more_than_there_is() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		assert_noop!(NodeRegistry::unbond(signed(&ALICE), 0), Error::<Test>::AmountZero);
		for amount in [500 * RWA + 1, u128::MAX] {
			assert_noop!(
				NodeRegistry::unbond(signed(&ALICE), amount),
				Error::<Test>::NotEnoughStake
			);
		}
		assert_ok!(NodeRegistry::unbond(signed(&ALICE), 500 * RWA));
		// What is leaving can't leave again.
		assert_noop!(NodeRegistry::unbond(signed(&ALICE), 1), Error::<Test>::NotEnoughStake);
	});
}

#[test]
fn unbond_should_fail_when_it_would_leave_dust() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		let all = 500 * RWA;
		for dust in [1, MINIMUM_BALANCE - 1] {
			assert_noop!(NodeRegistry::unbond(signed(&ALICE), all - dust), Error::<Test>::DustLeft);
		}
		assert_ok!(NodeRegistry::unbond(signed(&ALICE), all - MINIMUM_BALANCE));
		assert_ok!(NodeRegistry::unbond(signed(&ALICE), MINIMUM_BALANCE));
		assert_eq!(node(&ALICE).unlocking.len(), 1);
	});
}

#[test]
fn what_leaves_in_one_block_should_be_one_part() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		for _ in 0..10 {
			assert_ok!(NodeRegistry::unbond(signed(&ALICE), RWA));
		}
		let parts = node(&ALICE).unlocking.into_inner();
		assert_eq!(parts, [Unlocking { amount: 10 * RWA, release_at: 1 + UNBONDING }]);
	});
}

#[test]
fn no_more_parts_than_the_maximum_should_be_leaving_at_a_time() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		for _ in 0..MaxUnlocking::get() {
			assert_ok!(NodeRegistry::unbond(signed(&ALICE), RWA));
			pass(1);
		}
		assert_noop!(NodeRegistry::unbond(signed(&ALICE), RWA), Error::<Test>::TooManyUnlocking);
		// The first part is released: there is room again.
		pass(UNBONDING - 3);
		assert_ok!(NodeRegistry::withdraw_unbonded(signed(&ALICE)));
		assert_ok!(NodeRegistry::unbond(signed(&ALICE), RWA));
	});
}

#[test]
fn deregister_should_find_room_when_there_is_none() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		for _ in 0..MaxUnlocking::get() {
			assert_ok!(NodeRegistry::unbond(signed(&ALICE), RWA));
			pass(1);
		}
		assert_ok!(NodeRegistry::deregister(signed(&ALICE)));
		let parts = node(&ALICE).unlocking.into_inner();
		assert_eq!(parts.len(), 3);
		// The newest part waits for the rest.
		assert_eq!(parts[2], Unlocking { amount: 498 * RWA, release_at: 4 + UNBONDING });
		pass(UNBONDING);
		assert_ok!(NodeRegistry::withdraw_unbonded(signed(&ALICE)));
		assert_eq!(free(&ALICE), ENDOWMENT);
	});
}

#[test]
fn parts_should_be_released_each_at_its_time() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		for _ in 0..3 {
			assert_ok!(NodeRegistry::unbond(signed(&ALICE), 10 * RWA));
			pass(20);
		}
		// At 61. Released at 101, 121 and 141.
		pass(60);
		assert_ok!(NodeRegistry::withdraw_unbonded(signed(&ALICE)));
		assert_eq!(held(&ALICE, HoldReason::Stake), 480 * RWA);
		assert_noop!(
			NodeRegistry::withdraw_unbonded(signed(&ALICE)),
			Error::<Test>::NothingToWithdraw
		);
		pass(20);
		assert_ok!(NodeRegistry::withdraw_unbonded(signed(&ALICE)));
		assert_eq!(held(&ALICE, HoldReason::Stake), 470 * RWA);
	});
}

#[test]
fn a_shorter_unbonding_period_should_not_disturb_what_is_leaving() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		assert_ok!(NodeRegistry::unbond(signed(&ALICE), RWA));
		UnbondingPeriod::set(UNBONDING / 2);
		pass(1);
		assert_ok!(NodeRegistry::unbond(signed(&ALICE), 2 * RWA));
		pass(UNBONDING / 2);
		assert_ok!(NodeRegistry::withdraw_unbonded(signed(&ALICE)));
		assert_eq!(held(&ALICE, HoldReason::Stake), 498 * RWA);
		let parts = node(&ALICE).unlocking.into_inner();
		assert_eq!(parts, [Unlocking { amount: RWA, release_at: 1 + UNBONDING }]);
	});
}

#[test]
fn whoever_is_accused_should_withdraw_nothing() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		assert_ok!(NodeRegistry::unbond(signed(&ALICE), RWA));
		pass(UNBONDING);
		accuse(&ALICE, true);
		assert_noop!(NodeRegistry::withdraw_unbonded(signed(&ALICE)), Error::<Test>::Accused);
		// Bonding and unbonding is no escape, so it is allowed.
		assert_ok!(NodeRegistry::bond_more(signed(&ALICE), RWA));
		assert_ok!(NodeRegistry::unbond(signed(&ALICE), RWA));
		accuse(&ALICE, false);
		assert_ok!(NodeRegistry::withdraw_unbonded(signed(&ALICE)));
	});
}

#[test]
fn all_stake_should_come_back_when_the_account_has_spent_all_else() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		let rest = free(&ALICE) - MINIMUM_BALANCE;
		assert_ok!(Balances::transfer(&ALICE, &BOB, rest, Preservation::Preserve));
		assert_ok!(NodeRegistry::deregister(signed(&ALICE)));
		pass(UNBONDING);
		assert_ok!(NodeRegistry::withdraw_unbonded(signed(&ALICE)));
		assert_eq!(free(&ALICE), MINIMUM_BALANCE + 500 * RWA + ENTRY_DEPOSIT);
	});
}

/// An account that something else keeps alive may have nothing free.
#[test]
fn a_part_below_the_minimum_balance_should_wait_for_an_account_that_can_hold_it() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		frame_system::Pallet::<Test>::inc_providers(&ALICE);
		let all = free(&ALICE);
		assert_ok!(Balances::transfer(&ALICE, &BOB, all, Preservation::Expendable));
		assert_ok!(NodeRegistry::unbond(signed(&ALICE), 1));
		pass(UNBONDING);
		let withdraw = || transact(&ALICE, Call::withdraw_unbonded {});
		assert_noop!(withdraw(), TokenError::CannotCreate);
		assert_ok!(Balances::transfer(&BOB, &ALICE, MINIMUM_BALANCE, Preservation::Preserve));
		assert_ok!(withdraw());
	});
}

#[test]
fn what_is_unbonded_should_earn_nothing_more() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(register(&ALICE, Role::Oracle, 1_000 * RWA));
		work(&ALICE, 10);
		assert_ok!(NodeRegistry::unbond(signed(&ALICE), 500 * RWA));
		assert_eq!(node(&ALICE).earnings.earning, 500 * RWA);
		work(&ALICE, 10);
		// 3 % a year of 1000 blocks: ten of 1000 RWA and ten of 500 RWA.
		assert_eq!(NodeRegistry::claimable(ALICE), 30 * RWA / 100 + 15 * RWA / 100);
	});
}

#[test]
fn unbond_should_leave_the_least_stake_to_who_has_undertaken_something() {
	ExtBuilder::default().node(ALICE, Role::Storage).build_and_execute(|| {
		assert_ok!(NodeRegistry::bond_more(signed(&ALICE), 10 * RWA));
		Bound::mutate(|bound| bound.insert(ALICE));
		let unbond = |amount| NodeRegistry::unbond(signed(&ALICE), amount);
		assert_noop!(unbond(10 * RWA + 1), Error::<Test>::StillOnDuty);
		assert_noop!(unbond(260 * RWA), Error::<Test>::StillOnDuty);
		assert_ok!(unbond(10 * RWA));
		Bound::set(Default::default());
		assert_ok!(unbond(250 * RWA));
	});
}
