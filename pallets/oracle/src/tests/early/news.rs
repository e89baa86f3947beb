//! Whether an early round had news, and what alarms in vain lead to.

use frame_support::{assert_noop, assert_ok};
use rwa_primitives::{
	feed::{RoundIndex, Word},
	reading::{Reading, Schema},
};
use sp_runtime::transaction_validity::InvalidTransaction;

use super::{
	after_an_answer, alarm, answer_with, assert_alarm_refused, call_by_alarms, open, request,
	to_alarm, unhurried, LONG, SINCE,
};
use crate::{mock::*, Error, Event, Failures, FeedSpec, LastRound};

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
		let early_at = Now::get();
		to_end();
		assert_eq!(Failures::<Test>::get(FEED), 1);
		assert_eq!((Oracle::watch(FEED), Oracle::early_round(FEED)), (None, None));
		// It puts the heartbeat's off no more than if there had been none.
		assert_eq!(crate::Due::<Test>::get(FEED), Some(opened_at + LONG));
		run_to(early_at + SINCE);
		assert_alarm_refused(1, to_alarm(), InvalidTransaction::Stale, Error::NotWatched);
		assert_noop!(request(), Error::<Test>::NotWatched);
		let opened_at = answer_with(2_000);
		run_to(opened_at + SINCE);
		alarm(1);
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
