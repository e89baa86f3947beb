//! Who may raise alarms and when, and how many of them call a round.

use frame_support::{assert_noop, assert_ok};
use rwa_primitives::feed::{Statement, Word};
use sp_runtime::transaction_validity::{
	InvalidTransaction, TransactionValidityError, ValidTransaction,
};

use super::{
	after_an_answer, alarm, answer_with, assert_alarm_refused, open, request, to_alarm, unhurried,
	LONG, SINCE, UNTIL,
};
use crate::{functions::early::NOTICE, mock::*, Cause, Error, Event, FeedSpec, Watches};

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
