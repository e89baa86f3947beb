//! What feeds have and pay. That no money comes or goes is checked after every test.

use frame_support::{
	assert_noop, assert_ok,
	traits::{fungible::Mutate, tokens::Preservation, LockableCurrency, WithdrawReasons},
};
use sp_runtime::{traits::Zero, ArithmeticError, DispatchError, TokenError};

use crate::{mock::*, Admission, Budgets, Error, Event, FeedSpec, HoldReason, RoundFailure};

#[test]
fn anybody_should_top_up_a_feed_for_its_payer() {
	ExtBuilder::default().budget(0).build_and_execute(|| {
		assert_ok!(Oracle::top_up(by(BYSTANDER), FEED, 700));
		assert_ok!(Oracle::top_up(by(OWNER), FEED, 300));
		assert_eq!(
			events(),
			[
				Event::ToppedUp { feed: FEED, from: BYSTANDER, amount: 700, budget: 700 },
				Event::ToppedUp { feed: FEED, from: OWNER, amount: 300, budget: 1_000 },
			]
		);
		assert_eq!(Oracle::budget(FEED), 1_000);
		assert_eq!(held(HoldReason::FeedBudget, OWNER), 1_000);
		assert_eq!(free(BYSTANDER), ENDOWMENT - 700);
		assert_eq!(free(OWNER), ENDOWMENT - 300 - FeedDeposit::get());
	});
}

#[test]
fn top_up_should_refuse_what_is_nothing_or_not_there() {
	ExtBuilder::default().build_and_execute(|| {
		let top_up = |amount| Oracle::top_up(by(BYSTANDER), FEED, amount);
		assert_noop!(top_up(0), Error::<Test>::NoAmount);
		// The giver's account has to stay.
		assert_noop!(top_up(ENDOWMENT), TokenError::FundsUnavailable);
		assert_noop!(top_up(ENDOWMENT + 1), TokenError::FundsUnavailable);
		assert_noop!(top_up(u128::MAX), ArithmeticError::Overflow);
		assert_noop!(Oracle::top_up(root(), FEED, 1), DispatchError::BadOrigin);
	});
}

#[test]
fn each_accepted_report_should_be_paid_and_nothing_else() {
	ExtBuilder::default().reporters(7).build_and_execute(|| {
		let round = open_next_round();
		// 5 is an outlier, 6 does not reveal, 7 is silent.
		[(1, 100), (2, 101), (3, 102), (4, 103), (5, 9_000), (6, 100)]
			.into_iter()
			.for_each(|(account, value)| commit(account, round, value));
		to_reveal();
		[(1, 100), (2, 101), (3, 102), (4, 103), (5, 9_000)]
			.into_iter()
			.for_each(|(account, value)| reveal(account, round, value));
		to_end();
		let earned = [1, 2, 3, 4, 5, 6, 7].map(|account| free(account) - ENDOWMENT);
		assert_eq!(earned, [REWARD, REWARD, REWARD, REWARD, 0, 0, 0]);
		assert!(events().contains(&Event::Paid { feed: FEED, round, each: REWARD, reporters: 4 }));
		assert_eq!(Oracle::budget(FEED), BUDGET - 4 * REWARD);
		assert_eq!(held(HoldReason::FeedBudget, OWNER), BUDGET - 4 * REWARD);
	});
}

#[test]
fn a_budget_should_last_for_as_many_rounds_as_it_pays() {
	ExtBuilder::default().budget(8 * REWARD).build_and_execute(|| {
		for _ in 0..2 {
			let round = open_next_round();
			report_all(round, &[5; 4]);
		}
		assert!(!Budgets::<Test>::contains_key(FEED));
		for _ in 0..HEARTBEAT {
			to_next_block();
		}
		assert_eq!(Oracle::open_round(FEED), None);
		assert_eq!(Oracle::feeds(None, 1)[0].failures, 1);
		assert_eq!(held(HoldReason::FeedBudget, OWNER), 0);
	});
}

#[test]
fn a_round_should_cost_a_fee_for_each_duty() {
	ExtBuilder::default().build_and_execute(|| {
		DutyFee::set(3);
		let round = open_next_round();
		assert!(matches!(events()[..], [Event::RoundOpened { fee: 12, .. }]));
		assert_eq!(free(TREASURY), ENDOWMENT + 12);
		assert_eq!(Oracle::budget(FEED), BUDGET - 12);
		// Whether or not anything comes of it.
		to_end();
		assert_eq!(Oracle::feeds(None, 1)[0].failures, 1);
		assert_eq!(Oracle::budget(FEED), BUDGET - 12);
		assert_eq!(open_next_round(), round + 1);
		assert_eq!(Oracle::budget(FEED), BUDGET - 24);
	});
}

#[test]
fn a_round_should_open_only_if_its_feed_pays_fees_and_rewards() {
	ExtBuilder::default().budget(4 * (REWARD + 3) - 1).build_and_execute(|| {
		DutyFee::set(3);
		to_next_block();
		let reason = RoundFailure::NoBudget;
		assert_eq!(events(), [Event::RoundFailed { feed: FEED, round: 1, reason }]);
		assert_ok!(Oracle::top_up(by(OWNER), FEED, 1));
		let round = open_next_round();
		report_all(round, &[5; 4]);
		assert_eq!(Oracle::budget(FEED), 0);
	});
}

#[test]
fn the_treasury_should_pay_fees_to_itself() {
	ExtBuilder::default().without_feed().build_and_execute(|| {
		DutyFee::set(3);
		(1..=4).for_each(|account| register(account, rwa_primitives::app_key::Role::Oracle));
		create_other(other_feed(1));
		let budget = BUDGET / 10;
		assert_eq!((free(TREASURY), held(HoldReason::FeedBudget, TREASURY)), (ENDOWMENT, budget));
		to_next_block();
		let (free, held) = (free(TREASURY), held(HoldReason::FeedBudget, TREASURY));
		assert_eq!((free, held), (ENDOWMENT + 12, budget - 12));
	});
}

#[test]
fn a_payer_that_has_frozen_its_balance_should_pay_all_the_same() {
	ExtBuilder::default().build_and_execute(|| {
		DutyFee::set(3);
		let treasury = free(TREASURY);
		Balances::set_lock(*b"vote    ", &OWNER, ENDOWMENT, WithdrawReasons::all());
		let round = open_next_round();
		report_all(round, &[2_000; 4]);
		assert_eq!(Oracle::budget(FEED), BUDGET - 4 * (REWARD + 3));
		assert_eq!([1, 2, 3, 4].map(|account| free(account) - ENDOWMENT), [REWARD; 4]);
		assert_eq!(free(TREASURY) - treasury, 4 * 3);
	});
}

#[test]
fn a_fee_that_makes_no_account_should_stay_with_the_feed() {
	ExtBuilder::default().build_and_execute(|| {
		DutyFee::set(3);
		assert_ok!(Balances::transfer(&TREASURY, &BYSTANDER, ENDOWMENT, Preservation::Expendable));
		open_next_round();
		assert!(matches!(events()[..], [Event::RoundOpened { fee: 0, .. }]));
		assert_eq!(Oracle::budget(FEED), BUDGET);
	});
}

#[test]
fn feeds_of_one_payer_should_not_pay_for_each_other() {
	ExtBuilder::default().without_feed().build_and_execute(|| {
		(1..=4).for_each(|account| register(account, rwa_primitives::app_key::Role::Oracle));
		let (rich, poor) = (other_feed(1), other_feed(2));
		create_other(rich);
		assert_ok!(Oracle::create_feed(root(), poor, spec(), Admission::Open));
		(1..=4).for_each(|account| join(account, poor));
		assert_ok!(Oracle::top_up(by(BYSTANDER), poor, 4 * REWARD - 1));
		to_next_block();
		assert!(Oracle::open_round(rich).is_some());
		let failed = Event::RoundFailed { feed: poor, round: 1, reason: RoundFailure::NoBudget };
		assert!(events().contains(&failed));

		// What one of them has left comes back without the other's.
		assert_ok!(Oracle::remove_feed(root(), poor));
		assert_eq!(free(TREASURY), ENDOWMENT + 4 * REWARD - 1);
		assert_eq!(held(HoldReason::FeedBudget, TREASURY), BUDGET / 10);
	});
}

#[test]
fn a_payer_who_reports_should_be_paid_by_itself() {
	ExtBuilder::default().build_and_execute(|| {
		register(OWNER, rwa_primitives::app_key::Role::Oracle);
		join(OWNER, FEED);
		let before = free(OWNER);
		let round = open_next_round();
		for account in [1, 2, 3, 4, OWNER] {
			commit(account, round, 5);
		}
		to_reveal();
		for account in [1, 2, 3, 4, OWNER] {
			reveal(account, round, 5);
		}
		to_end();
		assert_eq!(free(OWNER), before + REWARD);
		assert_eq!(Oracle::budget(FEED), BUDGET - 5 * REWARD);
	});
}

#[test]
fn a_reporter_whose_account_is_gone_should_leave_its_pay_to_the_feed() {
	let spec = FeedSpec { reward: 50, ..spec() };
	ExtBuilder::default().spec(spec).build_and_execute(|| {
		// Less than keeps an account alive.
		assert!(50 < ExistentialDeposit::get());
		assert_ok!(Balances::transfer(&4, &BYSTANDER, ENDOWMENT, Preservation::Expendable));
		assert!(free(4).is_zero());
		let round = open_next_round();
		report_all(round, &[5; 4]);
		assert!(events().contains(&Event::Paid { feed: FEED, round, each: 50, reporters: 3 }));
		assert_eq!(Oracle::budget(FEED), BUDGET - 3 * 50);
	});
}
