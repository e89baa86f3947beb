//! Who requests a round puts up money: it is back if there was news, and pays for the round if there was none.

use codec::Encode;
use frame_support::{
	assert_noop, assert_ok,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::{Fortitude, Preservation},
		LockableCurrency, WithdrawReasons,
	},
};
use rwa_primitives::{
	aggregate::Disagreement,
	feed::{Statement, Word},
	Balance,
};
use sp_runtime::{DispatchError, TokenError};

use super::{after_an_answer, answer_with, open, request, settled, unhurried, SINCE};
use crate::{
	functions::early::NOTICE, mock::*, Cause, Error, Event, FeedSpec, HoldReason, RoundFailure,
};

#[test]
fn whoever_puts_up_money_should_open_the_next_round_early() {
	after_an_answer(ExtBuilder::default(), |opened_at| {
		DutyFee::set(3);
		run_to(opened_at + SINCE);
		System::reset_events();
		assert_ok!(request());
		// For the whole committee, whoever has joined.
		let (bond, price) = (RequestBond::get(), 8 * (REWARD + 3));
		let opens_at = Now::get() + NOTICE;
		assert_eq!(
			events(),
			[
				Event::RoundRequested { feed: FEED, round: 2, requester: BYSTANDER, bond, price },
				Event::EarlyRound { feed: FEED, round: 2, cause: Cause::Request, opens_at },
			]
		);
		assert_eq!(held(HoldReason::RoundRequest, BYSTANDER), bond + price);
		assert_ok!(Oracle::do_try_state());
		run_to(opens_at);
		assert_eq!(Oracle::open_round(FEED).unwrap().index, 2);
		assert_ok!(Oracle::do_try_state());
	});
}

#[test]
fn a_founded_request_should_cost_nothing() {
	after_an_answer(ExtBuilder::default(), |opened_at| {
		DutyFee::set(3);
		run_to(opened_at + SINCE);
		assert_ok!(request());
		answer_with(2_101);
		assert_eq!(settled(), Some((true, 0, 0)));
		assert_eq!((free(BYSTANDER), held(HoldReason::RoundRequest, BYSTANDER)), (ENDOWMENT, 0));
		assert_eq!(Oracle::budget(FEED), BUDGET - 4 * REWARD - 4 * (REWARD + 3));
	});
}

#[test]
fn an_unfounded_request_should_pay_for_its_round_and_lose_its_bond() {
	after_an_answer(ExtBuilder::default(), |opened_at| {
		DutyFee::set(30);
		let budget = Oracle::budget(FEED);
		run_to(opened_at + SINCE);
		assert_ok!(request());
		open();
		// One is an outlier, who isn't paid: that saves the requester money, and the feed nothing.
		report_all(2, &[2_000, 2_010, 2_020, 9_000]);
		let cost = 4 * 30 + 3 * REWARD;
		assert_eq!(settled(), Some((false, cost, RequestBond::get())));
		assert_eq!(Oracle::budget(FEED), budget);
		assert_eq!(held(HoldReason::FeedBudget, OWNER), budget);
		assert_eq!(held(HoldReason::RoundRequest, BYSTANDER), 0);
		assert_eq!(free(BYSTANDER), ENDOWMENT - cost - RequestBond::get());
		assert_eq!(free(TREASURY), ENDOWMENT + 4 * 30 + RequestBond::get());
		// That nobody was right about it shuts no alarms.
		assert!(!Oracle::watch(FEED).unwrap().shut);
	});
}

#[test]
fn a_request_in_vain_should_cost_something_even_if_the_feed_pays_nothing() {
	let spec = FeedSpec { reward: 0, ..unhurried() };
	ExtBuilder::default().spec(spec).budget(0).build_and_execute(|| {
		let opened_at = answer_with(2_000);
		run_to(opened_at + SINCE);
		assert_ok!(request());
		answer_with(2_000);
		assert_eq!(settled(), Some((false, 0, RequestBond::get())));
	});
}

#[test]
fn the_payer_should_pay_itself_and_lose_the_bond_all_the_same() {
	after_an_answer(ExtBuilder::default(), |opened_at| {
		let (before, budget) = (Balances::total_balance(&OWNER), Oracle::budget(FEED));
		run_to(opened_at + SINCE);
		assert_ok!(Oracle::request_round(by(OWNER), FEED));
		answer_with(2_000);
		assert_eq!(Oracle::budget(FEED), budget);
		assert_eq!(held(HoldReason::FeedBudget, OWNER), budget);
		let lost = RequestBond::get() + 4 * REWARD;
		assert_eq!(Balances::total_balance(&OWNER), before - lost);
	});
}

#[test]
fn a_request_whose_round_fails_should_get_everything_back() {
	after_an_answer(ExtBuilder::default(), |opened_at| {
		run_to(opened_at + SINCE);
		assert_ok!(request());
		open();
		to_end(); // Nobody commits.
		assert_eq!(settled(), Some((false, 0, 0)));
		assert_eq!(free(BYSTANDER), ENDOWMENT);
	});
	after_an_answer(ExtBuilder::default(), |opened_at| {
		run_to(opened_at + SINCE);
		assert_ok!(request());
		open();
		report_all(2, &[1_000, 1_400, 2_600, 3_000]); // They are divided.
		assert!(events().iter().any(|event| matches!(
			event,
			Event::RoundFailed {
				reason: RoundFailure::Disagreement(Disagreement::Diverged { .. }),
				..
			}
		)));
		assert_eq!(settled(), Some((false, 0, 0)));
		assert_eq!(free(BYSTANDER), ENDOWMENT);
	});
}

#[test]
fn a_request_should_be_refused_where_no_round_could_be_paid() {
	after_an_answer(ExtBuilder::default().budget(8 * REWARD - 1), |opened_at| {
		run_to(opened_at + SINCE);
		assert_noop!(request(), Error::<Test>::BudgetTooSmall);
		// Enough for those who have joined is enough.
		assert_ok!(Oracle::top_up(by(OWNER), FEED, 1));
		assert_ok!(request());
	});
}

#[test]
fn a_request_should_be_refused_whose_maker_can_not_afford_it() {
	after_an_answer(ExtBuilder::default(), |opened_at| {
		run_to(opened_at + SINCE);
		let left = RequestBond::get() + 8 * REWARD + ExistentialDeposit::get();
		let spare = ENDOWMENT - left + 1;
		assert_ok!(Balances::transfer(&BYSTANDER, &OWNER, spare, Preservation::Preserve));
		assert_noop!(request(), TokenError::FundsUnavailable);
		assert_ok!(Balances::transfer(&OWNER, &BYSTANDER, 1, Preservation::Preserve));
		assert_ok!(request());
		// And even then it can pay what it owes.
		answer_with(2_000);
		assert_eq!(settled(), Some((false, 4 * REWARD, RequestBond::get())));
	});
}

#[test]
fn a_bond_beyond_all_money_should_be_refused() {
	after_an_answer(ExtBuilder::default(), |opened_at| {
		run_to(opened_at + SINCE);
		RequestBond::set(Balance::MAX);
		assert_noop!(request(), sp_runtime::ArithmeticError::Overflow);
	});
}

#[test]
fn requests_should_be_for_feeds_that_exist_and_be_signed() {
	after_an_answer(ExtBuilder::default(), |opened_at| {
		run_to(opened_at + SINCE);
		let unknown = Oracle::request_round(by(BYSTANDER), other_feed(9));
		assert_noop!(unknown, Error::<Test>::UnknownFeed);
		assert_noop!(Oracle::request_round(root(), FEED), DispatchError::BadOrigin);
		assert_ok!(request());
		assert_noop!(request(), Error::<Test>::NotWatched);
	});
}

#[test]
fn who_has_frozen_its_balance_should_pay_all_the_same() {
	after_an_answer(ExtBuilder::default(), |opened_at| {
		run_to(opened_at + SINCE);
		assert_ok!(request());
		Balances::set_lock(*b"vote    ", &BYSTANDER, ENDOWMENT, WithdrawReasons::all());
		let liquid =
			Balances::reducible_balance(&BYSTANDER, Preservation::Expendable, Fortitude::Polite);
		assert_eq!(liquid, 0);
		answer_with(2_000);
		assert_eq!(settled(), Some((false, 4 * REWARD, RequestBond::get())));
	});
}

#[test]
fn one_account_should_request_rounds_of_several_feeds() {
	ExtBuilder::default().without_feed().build_and_execute(|| {
		MaxDuePerBlock::set(10);
		(1..=4).for_each(|account| register(account, rwa_primitives::app_key::Role::Oracle));
		let feeds = [other_feed(1), other_feed(2)];
		for feed in feeds {
			let admission = crate::Admission::Open;
			assert_ok!(Oracle::create_feed(root(), feed, unhurried(), admission));
			(1..=4).for_each(|account| join(account, feed));
			assert_ok!(Oracle::top_up(by(OWNER), feed, 1_000));
		}
		to_next_block();
		let speak = |word: &dyn Fn(Account, rwa_primitives::feed::FeedId) -> Word| {
			for feed in feeds {
				for account in 1..=4 {
					say(account, Statement { feed, round: 1, word: word(account, feed) });
				}
			}
			to_next_block();
		};
		speak(&|account, feed| {
			let observed = observe(2_000);
			let hidden = observed.commitment(&genesis_hash(), &feed, 1, &account, &salt(account));
			Word::Commit(hidden)
		});
		speak(&|account, _| Word::Reveal { observation: observe(2_000), salt: salt(account) });
		run_to(Oracle::watch(feeds[0]).unwrap().since);
		let each = RequestBond::get() + 8 * REWARD;
		for (feed, sum) in [(feeds[0], each), (feeds[1], 2 * each)] {
			assert_ok!(Oracle::request_round(by(BYSTANDER), feed));
			assert_eq!(held(HoldReason::RoundRequest, BYSTANDER), sum);
			assert_ok!(Oracle::do_try_state());
		}
		// The end of one leaves the other's money.
		assert_ok!(Oracle::remove_feed(root(), feeds[0]));
		assert_eq!(held(HoldReason::RoundRequest, BYSTANDER), each);
	});
}

#[test]
fn numbers_that_clients_know_should_stay() {
	let index = |error: Error<Test>| error.encode()[0];
	assert_eq!(index(Error::NotWatched), 41);
	assert_eq!(index(Error::AlarmsShut), 44);
	assert_eq!(index(Error::BudgetTooSmall), 47);
	assert_eq!(HoldReason::RoundRequest.encode(), [2]);
	let settled = Event::<Test>::RequestSettled {
		feed: FEED,
		round: 1,
		requester: 1,
		founded: true,
		charged: 0,
		forfeited: 0,
	};
	assert_eq!(settled.encode()[0], 23);
}
