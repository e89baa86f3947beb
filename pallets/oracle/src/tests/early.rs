//! Early rounds: who calls them, when, and who pays.

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
	feed::{AnswerStatus, RoundIndex, Statement, Word},
	reading::{Reading, Schema},
	Balance,
};
use sp_runtime::{
	transaction_validity::{InvalidTransaction, TransactionValidityError, ValidTransaction},
	DispatchError, TokenError,
};

use crate::{
	functions::early::NOTICE, mock::*, Cause, EarlyRounds, Error, Event, Failures, FeedSpec,
	FeedSpecOf, HoldReason, LastRound, RoundFailure, Watches,
};

/// Long enough that there is time to call a round between two.
const LONG: u32 = 100;
/// From an opening on, when rounds can be called, and when not any more.
const SINCE: u32 = COMMIT_TIME + REVEAL_TIME;
const UNTIL: u32 = LONG - NOTICE - 5;

fn unhurried() -> FeedSpecOf<Test> {
	FeedSpec { heartbeat: LONG, max_age: 2 * LONG, ..spec() }
}

/// What `test` may do with a feed that has just said 20 °C, in a round that opened at its first argument.
fn after_an_answer(chain: ExtBuilder, test: impl FnOnce(u32)) {
	chain.spec(unhurried()).build_and_execute(|| {
		test(answer_with(2_000));
	});
}

/// The next round opens and closes with `value`. Gives when it opened.
fn answer_with(value: i128) -> u32 {
	let opened_at = open();
	let committee = Oracle::open_round(FEED).unwrap().duties.len();
	let round = LastRound::<Test>::get(FEED);
	report_all(round, &vec![value; committee]);
	opened_at
}

/// Blocks until the next round opens. Gives when it did.
fn open() -> u32 {
	let last = LastRound::<Test>::get(FEED);
	while LastRound::<Test>::get(FEED) == last {
		to_next_block();
	}
	Now::get()
}

fn to_alarm() -> Statement {
	statement(LastRound::<Test>::get(FEED) + 1, Word::Alarm)
}

fn alarm(account: Account) {
	say(account, to_alarm());
}

/// The accounts raise alarms in the first block in which they may, and the round that they call opens.
fn call_by_alarms(opened_at: u32, accounts: impl IntoIterator<Item = Account>) {
	run_to(opened_at + SINCE);
	accounts.into_iter().for_each(alarm);
	run_to(Now::get() + NOTICE);
	assert!(Oracle::open_round(FEED).is_some());
}

#[track_caller]
fn assert_alarm_refused(
	account: Account,
	statement: Statement,
	by_pool: InvalidTransaction,
	by_block: Error<Test>,
) {
	let batch = signed(account, [statement]);
	assert_eq!(authorize(batch.clone()), Err(TransactionValidityError::Invalid(by_pool)));
	assert_noop!(dispatch(batch), by_block);
}

fn request() -> frame_support::dispatch::DispatchResult {
	Oracle::request_round(by(BYSTANDER), FEED)
}

/// What a requester loses and gets back, and whether it was right.
fn settled() -> Option<(bool, Balance, Balance)> {
	events().into_iter().find_map(|event| match event {
		Event::RequestSettled {
			feed: FEED,
			requester: BYSTANDER,
			founded,
			charged,
			forfeited,
			..
		} => Some((founded, charged, forfeited)),
		_ => None,
	})
}

// Alarms.

#[test]
fn alarms_of_a_third_should_open_the_next_round_early() {
	after_an_answer(ExtBuilder::default().reporters(6), |opened_at| {
		run_to(opened_at + SINCE);
		System::reset_events();
		alarm(1);
		let raised = |reporter, alarmed| Event::AlarmRaised {
			feed: FEED,
			round: 2,
			reporter,
			weight: WEIGHT,
			alarmed,
			assigned: 6 * WEIGHT,
		};
		assert_eq!(events(), [raised(1, WEIGHT)]);
		assert_eq!(crate::Due::<Test>::get(FEED), Some(opened_at + LONG));

		System::reset_events();
		alarm(2);
		let opens_at = Now::get() + NOTICE;
		let early = Event::EarlyRound { feed: FEED, round: 2, cause: Cause::Alarm, opens_at };
		assert_eq!(events(), [raised(2, 2 * WEIGHT), early]);
		assert_eq!(Oracle::watch(FEED), None);
		assert!(Oracle::early_round(FEED).is_some());
		assert_ok!(Oracle::do_try_state());

		run_to(opens_at - 1);
		assert_eq!(Oracle::open_round(FEED), None);
		to_next_block();
		assert_eq!(Oracle::open_round(FEED).unwrap().index, 2);
	});
}

#[test]
fn less_than_a_third_should_call_nothing() {
	after_an_answer(ExtBuilder::default().reporters(7), |opened_at| {
		// Two of seven, by heads; by weight it is the weight that counts.
		run_to(opened_at + SINCE);
		alarm(1);
		alarm(2);
		assert_eq!(Oracle::watch(FEED).unwrap().alarmed(), 2 * WEIGHT);
		run_to(opened_at + LONG - 1);
		assert_eq!(Oracle::open_round(FEED), None);
		// What was said before one round says nothing before the next.
		answer_with(2_000);
		assert_eq!(Oracle::watch(FEED).unwrap().alarmed(), 0);
	});
}

#[test]
fn alarms_should_weigh_what_their_reporters_weighed_in_the_last_round() {
	ExtBuilder::default().reporters(6).spec(unhurried()).build_and_execute(|| {
		Weights::mutate(|weights| weights.extend([(1, 150), (2, 50)]));
		let opened_at = answer_with(2_000);
		Weights::mutate(|weights| weights.extend([(1, 1), (2, 1_000)]));
		run_to(opened_at + SINCE);
		alarm(2);
		assert_eq!(Oracle::watch(FEED).unwrap().alarmed(), 50);
		alarm(1); // 200 of 600.
		assert!(Oracle::early_round(FEED).is_some());
	});
}

#[test]
fn the_heartbeat_should_count_from_an_early_rounds_opening() {
	after_an_answer(ExtBuilder::default(), |opened_at| {
		call_by_alarms(opened_at, [1, 2]);
		let early_at = Now::get();
		report_all(2, &[2_500; 4]);
		assert_eq!(Oracle::latest(FEED).unwrap().reading, Reading::Scalar(2_500));
		assert_eq!(open(), early_at + LONG);
	});
}

#[test]
fn a_founded_alarm_should_leave_alarms_open() {
	after_an_answer(ExtBuilder::default(), |mut opened_at| {
		for (round, value) in [(2, 2_101), (3, 1_900), (4, 2_300)] {
			call_by_alarms(opened_at, [3, 4]);
			opened_at = Now::get();
			report_all(round, &[value; 4]);
			assert!(!Oracle::watch(FEED).unwrap().shut);
			assert_eq!(Oracle::early_round(FEED), None);
		}
	});
}

#[test]
fn an_alarm_in_vain_should_shut_alarms_until_the_heartbeats_next_round_has_closed() {
	after_an_answer(ExtBuilder::default(), |opened_at| {
		call_by_alarms(opened_at, [1, 2]);
		let opened_at = Now::get();
		report_all(2, &[2_100; 4]); // A degree is the same by the feed's own measure.
		assert!(events().contains(&Event::AlarmsShut { feed: FEED, round: 2 }));
		run_to(opened_at + SINCE);
		let stale = InvalidTransaction::Stale;
		assert_alarm_refused(1, to_alarm(), stale, Error::AlarmsShut);
		assert_alarm_refused(3, to_alarm(), stale, Error::AlarmsShut);

		// Neither does somebody's money open them, whether or not it is right.
		for (round, value) in [(3, 2_100), (4, 3_000)] {
			run_to(Now::get().max(Oracle::watch(FEED).unwrap().since));
			assert_ok!(request());
			answer_with(value);
			assert_eq!(LastRound::<Test>::get(FEED), round);
			assert!(Oracle::watch(FEED).unwrap().shut);
		}

		let opened_at = answer_with(3_000);
		run_to(opened_at + SINCE);
		alarm(1);
	});
}

#[test]
fn liars_should_no_more_than_double_the_rounds() {
	after_an_answer(ExtBuilder::default(), |_| {
		let (began, first) = (Now::get(), LastRound::<Test>::get(FEED));
		while Now::get() < began + 10 * LONG {
			to_next_block();
			for liar in [1, 2] {
				// Whenever it can.
				let _ = dispatch(signed(liar, [to_alarm()]));
			}
			if let Some(round) = Oracle::open_round(FEED) {
				report_all(round.index, &[2_000; 4]);
			}
		}
		// An early one after each: ten heartbeats have become up to ten pairs.
		let rounds = LastRound::<Test>::get(FEED) - first;
		assert!((14..=20).contains(&rounds), "{rounds}");
	});
}

#[test]
fn an_early_round_that_fails_should_leave_nothing_to_call_until_one_has_closed() {
	after_an_answer(ExtBuilder::default(), |opened_at| {
		call_by_alarms(opened_at, [1, 2]);
		let opened_at = Now::get();
		to_end();
		assert_eq!(Failures::<Test>::get(FEED), 1);
		assert_eq!((Oracle::watch(FEED), Oracle::early_round(FEED)), (None, None));
		run_to(opened_at + SINCE);
		assert_alarm_refused(1, to_alarm(), InvalidTransaction::Stale, Error::NotWatched);
		assert_noop!(request(), Error::<Test>::NotWatched);
		let opened_at = answer_with(2_000);
		run_to(opened_at + SINCE);
		alarm(1);
	});
}

#[test]
fn nobody_should_call_a_round_too_early_or_too_late() {
	after_an_answer(ExtBuilder::default(), |opened_at| {
		let watch = Oracle::watch(FEED).unwrap();
		assert_eq!((watch.since, watch.until), (opened_at + SINCE, opened_at + UNTIL));
		assert_eq!(watch.due, opened_at + LONG);
		assert!(Now::get() < opened_at + SINCE);
		run_to(opened_at + SINCE - 1);
		let (future, stale) = (InvalidTransaction::Future, InvalidTransaction::Stale);
		assert_alarm_refused(1, to_alarm(), future, Error::CallTooEarly);
		assert_noop!(request(), Error::<Test>::CallTooEarly);
		to_next_block();
		alarm(1);
		run_to(opened_at + UNTIL - 1);
		assert_ok!(authorize(signed(2, [to_alarm()])));
		to_next_block();
		assert_alarm_refused(2, to_alarm(), stale, Error::CallTooLate);
		assert_noop!(request(), Error::<Test>::CallTooLate);
	});
}

#[test]
fn a_feed_whose_rounds_follow_each_other_should_have_no_early_ones() {
	let heartbeat = SINCE + NOTICE + 5;
	let spec = FeedSpec { heartbeat, ..spec() };
	ExtBuilder::default().spec(spec).build_and_execute(|| {
		answer_with(2_000);
		assert_eq!(Oracle::watch(FEED), None);
		let stale = InvalidTransaction::Stale;
		assert_alarm_refused(1, to_alarm(), stale, Error::NotWatched);
	});
}

#[test]
fn alarms_should_be_about_the_next_round_of_a_feed_with_an_answer() {
	let (future, stale) = (InvalidTransaction::Future, InvalidTransaction::Stale);
	ExtBuilder::default().spec(unhurried()).build_and_execute(|| {
		let elsewhere = Statement { feed: other_feed(9), ..to_alarm() };
		assert_alarm_refused(1, elsewhere, stale, Error::UnknownFeed);
		assert_alarm_refused(1, to_alarm(), stale, Error::NotWatched); // No round yet.
		open();
		assert_alarm_refused(1, to_alarm(), stale, Error::NotWatched); // It is open.
		assert_alarm_refused(1, statement(1, Word::Alarm), stale, Error::NotWatched);
		report_all(1, &[2_000; 4]);
		run_to(Oracle::watch(FEED).unwrap().since);
		assert_alarm_refused(1, statement(1, Word::Alarm), stale, Error::RoundNotOpen);
		assert_alarm_refused(1, statement(3, Word::Alarm), future, Error::RoundNotYetOpen);
		// And the last one that there can be has none after it.
		Watches::<Test>::mutate(FEED, |watch| watch.as_mut().unwrap().round = u32::MAX);
		assert_alarm_refused(1, statement(0, Word::Alarm), stale, Error::NotWatched);
		assert_noop!(request(), Error::<Test>::NotWatched);
		Watches::<Test>::mutate(FEED, |watch| watch.as_mut().unwrap().round = 1);
	});
}

#[test]
fn each_reporter_of_the_last_round_should_raise_one_alarm() {
	after_an_answer(ExtBuilder::default().reporters(7), |opened_at| {
		run_to(opened_at + SINCE);
		let bad = InvalidTransaction::BadSigner;
		assert_alarm_refused(STRANGER, to_alarm(), bad, Error::NotWatching);
		// To have joined since is not enough.
		join(STRANGER, FEED);
		assert_alarm_refused(STRANGER, to_alarm(), bad, Error::NotWatching);
		alarm(1);
		let stale = InvalidTransaction::Stale;
		assert_alarm_refused(1, to_alarm(), stale, Error::AlreadyAlarmed);
		// Who has left watches on, until the next round; who isn't active doesn't.
		assert_ok!(Oracle::leave_feed(by(2), FEED));
		alarm(2);
		Inactive::mutate(|inactive| inactive.insert(3));
		assert_alarm_refused(3, to_alarm(), bad, Error::NotAnOracle);
	});
}

#[test]
fn alarms_after_the_call_should_be_refused() {
	after_an_answer(ExtBuilder::default(), |opened_at| {
		run_to(opened_at + SINCE);
		alarm(1);
		alarm(2);
		let stale = InvalidTransaction::Stale;
		assert_alarm_refused(3, to_alarm(), stale, Error::NotWatched);
		assert_noop!(request(), Error::<Test>::NotWatched);
		run_to(Now::get() + NOTICE);
		// The round is open: what was signed before is about it.
		assert_alarm_refused(3, statement(2, Word::Alarm), stale, Error::NotWatched);
	});
}

#[test]
fn the_pool_should_keep_one_alarm_per_reporter_and_round() {
	after_an_answer(ExtBuilder::default(), |opened_at| {
		run_to(opened_at + SINCE + 7);
		let valid = authorize(signed(1, [to_alarm()])).unwrap();
		assert_eq!(
			valid,
			ValidTransaction::with_tag_prefix("rwa/oracle")
				.priority(ReportPriority::get())
				.and_provides((FEED, 1, 1u64, b"alarm"))
				.longevity(u64::from(UNTIL - SINCE - 7))
				.propagate(true)
				.build()
				.unwrap()
		);
		assert_ne!(authorize(signed(2, [to_alarm()])).unwrap().provides, valid.provides);
	});
}

#[test]
fn a_batch_should_hold_alarms_beside_words() {
	after_an_answer(ExtBuilder::default(), |opened_at| {
		run_to(opened_at + SINCE);
		let other = other_feed(2);
		create_other(other);
		to_next_block();
		let abstain = Statement { feed: other, ..statement(1, Word::Abstain) };
		let batch = signed(1, [to_alarm(), abstain]);
		assert_eq!(authorize(batch.clone()).unwrap().provides.len(), 2);
		assert_ok!(dispatch(batch));
		assert_eq!(Oracle::watch(FEED).unwrap().alarmed(), WEIGHT);
	});
}

#[test]
fn alarms_should_be_taken_while_the_network_is_halted_and_open_nothing() {
	after_an_answer(ExtBuilder::default(), |opened_at| {
		run_to(opened_at + SINCE);
		Running::set(false);
		to_next_block();
		alarm(1);
		alarm(2);
		(0..2 * NOTICE).for_each(|_| to_next_block());
		assert_eq!(Oracle::open_round(FEED), None);
		Running::set(true);
		(0..NOTICE).for_each(|_| to_next_block());
		assert!(Oracle::open_round(FEED).is_some());
	});
}

#[test]
fn a_signature_should_bind_the_alarm() {
	after_an_answer(ExtBuilder::default(), |opened_at| {
		run_to(opened_at + SINCE);
		let (batch, _) = signed(1, [to_alarm()]);
		let forged = (batch.clone(), sign(2, batch).1);
		let bad = TransactionValidityError::Invalid(InvalidTransaction::BadProof);
		assert_eq!(authorize(forged.clone()), Err(bad));
		assert_noop!(dispatch(forged), Error::<Test>::BadSignature);
	});
}

#[test]
fn another_state_should_be_news_and_the_same_not() {
	let spec = FeedSpec { schema: Schema::Category { count: 3 }, ..unhurried() };
	for (second, shut) in [(1, true), (2, false)] {
		ExtBuilder::default().spec(spec.clone()).build_and_execute(|| {
			let state = |round: RoundIndex, state: u16| {
				let observation = rwa_primitives::feed::Observation {
					reading: Reading::Category(state),
					evidence: None,
				};
				for account in 1..=4 {
					let salt = salt(account);
					let hidden =
						observation.commitment(&genesis_hash(), &FEED, round, &account, &salt);
					say(account, statement(round, Word::Commit(hidden)));
				}
				to_reveal();
				for account in 1..=4 {
					let (observation, salt) = (observation.clone(), salt(account));
					say(account, statement(round, Word::Reveal { observation, salt }));
				}
				to_end();
			};
			let opened_at = open();
			state(1, 1);
			call_by_alarms(opened_at, [1, 2]);
			state(2, second);
			assert_eq!(Oracle::watch(FEED).unwrap().shut, shut);
		});
	}
}

// Requests.

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
fn a_request_that_can_not_open_should_get_everything_back_and_leave_the_answer_fresh() {
	after_an_answer(ExtBuilder::default(), |opened_at| {
		run_to(opened_at + SINCE);
		assert_ok!(request());
		Inactive::mutate(|inactive| inactive.insert(1));
		run_to(Now::get() + NOTICE);
		let reason = RoundFailure::TooFewReporters { able: 3 };
		let settled = Event::RequestSettled {
			feed: FEED,
			round: 2,
			requester: BYSTANDER,
			founded: false,
			charged: 0,
			forfeited: 0,
		};
		assert_eq!(events(), [Event::EarlyRoundDropped { feed: FEED, round: 2, reason }, settled]);
		assert_eq!(free(BYSTANDER), ENDOWMENT);
		assert_eq!(Oracle::latest(FEED).unwrap().status, AnswerStatus::Fresh);
		assert_eq!((Oracle::watch(FEED), Oracle::early_round(FEED)), (None, None));
		assert_ok!(Oracle::do_try_state());
		// Nobody can try again and again; the round has its old time and its number.
		assert_noop!(request(), Error::<Test>::NotWatched);
		Inactive::mutate(|inactive| inactive.clear());
		assert_eq!(open(), opened_at + LONG);
		assert_eq!(LastRound::<Test>::get(FEED), 2);
	});
}

#[test]
fn alarms_for_a_round_that_can_not_open_should_leave_the_answer_fresh() {
	after_an_answer(ExtBuilder::default().budget(8 * REWARD - 1), |opened_at| {
		run_to(opened_at + SINCE);
		alarm(1);
		alarm(2);
		run_to(Now::get() + NOTICE);
		let reason = RoundFailure::NoBudget;
		assert_eq!(events(), [Event::EarlyRoundDropped { feed: FEED, round: 2, reason }]);
		assert_eq!(Oracle::latest(FEED).unwrap().status, AnswerStatus::Fresh);
		assert_alarm_refused(3, to_alarm(), InvalidTransaction::Stale, Error::NotWatched);
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

// What else happens to a feed.

#[test]
fn pausing_between_the_call_and_the_opening_should_give_everything_back() {
	after_an_answer(ExtBuilder::default(), |opened_at| {
		run_to(opened_at + SINCE);
		assert_ok!(request());
		System::reset_events();
		assert_ok!(Oracle::pause_feed(by(OWNER), FEED));
		assert_eq!(settled(), Some((false, 0, 0)));
		assert_eq!(events().last(), Some(&Event::FeedPaused { feed: FEED }));
		assert_eq!((free(BYSTANDER), EarlyRounds::<Test>::iter().count()), (ENDOWMENT, 0));
		assert_ok!(Oracle::do_try_state());
		assert_noop!(request(), Error::<Test>::NotWatched);
		run_to(Now::get() + 2 * NOTICE);
		assert_eq!(Oracle::open_round(FEED), None);
		// Then it goes on as always.
		assert_ok!(Oracle::resume_feed(by(OWNER), FEED));
		to_next_block();
		assert_eq!(Oracle::open_round(FEED).unwrap().index, 2);
	});
}

#[test]
fn a_paused_feed_should_not_be_watched() {
	after_an_answer(ExtBuilder::default(), |opened_at| {
		run_to(opened_at + SINCE);
		assert_ok!(Oracle::pause_feed(by(OWNER), FEED));
		assert_alarm_refused(1, to_alarm(), InvalidTransaction::Stale, Error::NotWatched);
		assert_ok!(Oracle::do_try_state());
	});
}

#[test]
fn a_requested_round_that_is_open_should_end_and_settle_though_the_feed_is_paused() {
	after_an_answer(ExtBuilder::default(), |opened_at| {
		run_to(opened_at + SINCE);
		assert_ok!(request());
		open();
		assert_ok!(Oracle::pause_feed(by(OWNER), FEED));
		assert_ok!(Oracle::do_try_state());
		report_all(2, &[2_000; 4]);
		assert_eq!(settled(), Some((false, 4 * REWARD, RequestBond::get())));
		assert_eq!(Oracle::watch(FEED), None);
	});
}

#[test]
fn removing_a_feed_should_give_everything_back() {
	after_an_answer(ExtBuilder::default(), |opened_at| {
		run_to(opened_at + SINCE);
		alarm(1);
		assert_ok!(request());
		assert_ok!(Oracle::remove_feed(by(OWNER), FEED));
		assert_eq!((free(BYSTANDER), held(HoldReason::RoundRequest, BYSTANDER)), (ENDOWMENT, 0));
		assert_eq!((Watches::<Test>::iter().count(), EarlyRounds::<Test>::iter().count()), (0, 0));
	});
	after_an_answer(ExtBuilder::default(), |_| {
		assert_ok!(Oracle::remove_feed(by(OWNER), FEED));
		assert_eq!(Watches::<Test>::iter().count(), 0);
	});
}

#[test]
fn an_early_round_should_wait_for_a_full_agenda_and_not_be_lost() {
	after_an_answer(ExtBuilder::default(), |opened_at| {
		MaxDuePerBlock::set(1);
		run_to(opened_at + SINCE);
		assert_ok!(request());
		run_to(Now::get() + NOTICE - 1);
		// The agenda comes to this feed three blocks late.
		Now::mutate(|now| *now += 3);
		to_next_block();
		assert_eq!(Oracle::open_round(FEED).unwrap().index, 2);
	});
}

#[test]
fn who_calls_a_round_should_not_know_its_committee() {
	// The same call in the same block; later blocks' dice are others.
	let committee = |later: u8| {
		let mut drawn = Vec::new();
		let spec = FeedSpec { committee: 4, ..unhurried() };
		ExtBuilder::default().reporters(10).spec(spec).build_and_execute(|| {
			let opened_at = open();
			for duty in Oracle::open_round(FEED).unwrap().duties {
				commit(duty.reporter, 1, 2_000);
			}
			to_reveal();
			for duty in Oracle::open_round(FEED).unwrap().duties {
				reveal(duty.reporter, 1, 2_000);
			}
			run_to(opened_at + SINCE);
			assert_ok!(request());
			// Only one block between the call and the opening is somebody else's.
			to_next_block();
			Random::set(Some(sp_core::H256::repeat_byte(later)));
			to_next_block();
			Random::set(Some(sp_core::H256::repeat_byte(1)));
			open();
			let round = Oracle::open_round(FEED).unwrap();
			drawn = round.duties.iter().map(|duty| duty.reporter).collect();
			drawn.sort_unstable();
		});
		drawn
	};
	assert_eq!(committee(1), committee(1));
	let drawn: std::collections::BTreeSet<_> = (1..=8).map(committee).collect();
	assert!(drawn.len() > 4, "{drawn:?}");
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
