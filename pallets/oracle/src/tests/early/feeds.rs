//! Feeds are paused and removed while they are watched, or while a round was called.

use frame_support::{assert_noop, assert_ok};
use sp_runtime::transaction_validity::InvalidTransaction;

use super::{
	after_an_answer, alarm, assert_alarm_refused, open, request, settled, to_alarm, SINCE,
};
use crate::{functions::early::NOTICE, mock::*, EarlyRounds, Error, Event, HoldReason, Watches};

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
