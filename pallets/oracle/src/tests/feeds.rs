//! Feeds are created, changed, paused and removed.

use frame_support::{assert_noop, assert_ok};
use sp_runtime::{BoundedVec, DispatchError};

use crate::{mock::*, Error, Event, FeedSpecOf, Feeds, FeedsOf, LastRound, Rounds};

fn root() -> RuntimeOrigin {
	RuntimeOrigin::root()
}

/// A feed with the spec that `spoil` makes of a good one is not created, and why.
#[track_caller]
fn assert_spec_refused(spoil: impl FnOnce(&mut FeedSpecOf<Test>), why: Error<Test>) {
	let mut spec = spec();
	spoil(&mut spec);
	assert_noop!(Oracle::create_feed(root(), FEED, spec, accounts(1..=4)), why);
}

#[test]
fn create_feed_should_store_it_and_open_its_first_round_in_the_next_block() {
	ExtBuilder::default().without_feed().build_and_execute(|| {
		let reporters = accounts([4, 3, 2, 1]);
		assert_ok!(Oracle::create_feed(root(), FEED, spec(), reporters.clone()));
		let created = Event::FeedCreated { feed: FEED, spec: spec(), reporters: reporters.clone() };
		assert_eq!(events(), [created]);
		assert_eq!(Oracle::open_round(FEED), None);
		for reporter in 1..=4 {
			assert_eq!(Oracle::feeds_of(reporter), [FEED]);
		}

		to_next_block();
		let round = Oracle::open_round(FEED).unwrap();
		assert_eq!((round.index, round.reporters), (1, reporters));
	});
}

#[test]
fn only_governance_should_touch_feeds() {
	ExtBuilder::default().build_and_execute(|| {
		let stranger = || RuntimeOrigin::signed(1);
		let (new, bad) = (other_feed(2), DispatchError::BadOrigin);
		assert_noop!(Oracle::create_feed(stranger(), new, spec(), accounts(1..=4)), bad);
		assert_noop!(Oracle::set_reporters(stranger(), FEED, accounts(1..=4)), bad);
		assert_noop!(Oracle::pause_feed(stranger(), FEED), bad);
		assert_noop!(Oracle::remove_feed(stranger(), FEED), bad);
		assert_ok!(Oracle::pause_feed(root(), FEED));
		assert_noop!(Oracle::resume_feed(stranger(), FEED), bad);
	});
}

#[test]
fn create_feed_should_fail_when_the_name_is_taken() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			Oracle::create_feed(root(), FEED, spec(), accounts(1..=4)),
			Error::<Test>::FeedExists
		);
	});
}

#[test]
fn create_feed_should_fail_when_the_spec_is_not_sound() {
	ExtBuilder::default().without_feed().build_and_execute(|| {
		let unit = |bytes: &[u8]| BoundedVec::truncate_from(bytes.to_vec());
		let min_deadline = MinDeadline::get();
		assert_spec_refused(|spec| spec.unit = unit(&[0xff]), Error::BadUnit);
		assert_spec_refused(|spec| spec.unit = unit(b"\x1b[31m"), Error::BadUnit);
		assert_spec_refused(|spec| spec.decimals = 19, Error::TooManyDecimals);
		assert_spec_refused(|spec| spec.minimum = spec.maximum, Error::BadBounds);
		assert_spec_refused(|spec| spec.deadline = min_deadline - 1, Error::DeadlineTooShort);
		assert_spec_refused(|spec| spec.heartbeat = spec.deadline, Error::HeartbeatTooShort);
		assert_spec_refused(|spec| spec.max_age = spec.heartbeat - 1, Error::MaxAgeTooShort);
	});
}

#[test]
fn a_spec_at_its_limits_should_be_accepted() {
	ExtBuilder::default().without_feed().build_and_execute(|| {
		let spec = FeedSpecOf::<Test> {
			unit: Default::default(), // A share has no unit.
			decimals: 18,
			minimum: i128::MIN,
			maximum: i128::MIN + 1,
			deadline: MinDeadline::get(),
			heartbeat: MinDeadline::get() + 1,
			max_age: MinDeadline::get() + 1,
		};
		assert_ok!(Oracle::create_feed(root(), FEED, spec, accounts(1..=4)));
	});
}

#[test]
fn reporters_should_be_enough_and_distinct() {
	ExtBuilder::default().build_and_execute(|| {
		let new = other_feed(2);
		assert_noop!(
			Oracle::create_feed(root(), new, spec(), accounts(1..=3)),
			Error::<Test>::TooFewReporters
		);
		assert_noop!(
			Oracle::create_feed(root(), new, spec(), accounts([1, 2, 3, 1])),
			Error::<Test>::DuplicateReporter
		);
		assert_noop!(
			Oracle::set_reporters(root(), FEED, accounts(1..=3)),
			Error::<Test>::TooFewReporters
		);
		assert_noop!(
			Oracle::set_reporters(root(), FEED, accounts([1, 2, 2, 3, 4])),
			Error::<Test>::DuplicateReporter
		);
	});
}

#[test]
fn no_reporter_should_get_more_feeds_than_it_can_serve() {
	ExtBuilder::default().build_and_execute(|| {
		for asset in 1..MaxFeedsPerReporter::get() {
			assert_ok!(Oracle::create_feed(root(), other_feed(asset), spec(), accounts(1..=4)));
		}
		let one_more = other_feed(MaxFeedsPerReporter::get());
		assert_noop!(
			Oracle::create_feed(root(), one_more, spec(), accounts([4, 5, 6, 7])),
			Error::<Test>::TooManyFeeds
		);
		assert_ok!(Oracle::create_feed(root(), one_more, spec(), accounts(5..=8)));
		assert_noop!(
			Oracle::set_reporters(root(), one_more, accounts([5, 6, 7, 1])),
			Error::<Test>::TooManyFeeds
		);
		// A feed that the reporter has already does not count twice.
		assert_ok!(Oracle::set_reporters(root(), FEED, accounts([1, 2, 3, 5])));
	});
}

#[test]
fn set_reporters_should_count_from_the_next_round() {
	ExtBuilder::default().reporters(5).build_and_execute(|| {
		let round = open_next_round();
		assert_ok!(Oracle::set_reporters(root(), FEED, accounts([1, 2, 3, 6])));
		let event = Event::ReportersSet { feed: FEED, reporters: accounts([1, 2, 3, 6]) };
		assert_eq!(events().last(), Some(&event));
		assert_eq!(Oracle::open_round(FEED).unwrap().reporters, accounts(1..=5));
		assert_eq!(Oracle::feeds_of(6), [FEED]);
		assert!(!FeedsOf::<Test>::contains_key(4));

		// Who was taken off still serves the round it is assigned to.
		report(4, round, 100);
		open_next_round();
		assert_eq!(Oracle::open_round(FEED).unwrap().reporters, accounts([1, 2, 3, 6]));
	});
}

#[test]
fn pause_feed_should_fail_the_open_round_and_open_no_more() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		report(1, round, 100);
		System::reset_events();

		assert_ok!(Oracle::pause_feed(root(), FEED));
		assert_eq!(
			events(),
			[
				Event::RoundFailed { feed: FEED, round, reports: 1, needed: 3 },
				Event::FeedPaused { feed: FEED },
			]
		);
		run_to(Now::get() + 2 * HEARTBEAT);
		assert_eq!(Oracle::open_round(FEED), None);
		assert_noop!(Oracle::pause_feed(root(), FEED), Error::<Test>::AlreadyPaused);
	});
}

#[test]
fn pause_feed_between_rounds_should_fail_none() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Oracle::pause_feed(root(), FEED));
		assert_eq!(events().last(), Some(&Event::FeedPaused { feed: FEED }));
		assert!(!events().iter().any(|event| matches!(event, Event::RoundFailed { .. })));
	});
}

#[test]
fn resume_feed_should_open_a_round_in_the_next_block() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		assert_noop!(Oracle::resume_feed(root(), FEED), Error::<Test>::NotPaused);
		assert_ok!(Oracle::pause_feed(root(), FEED));
		to_next_block();
		assert_ok!(Oracle::resume_feed(root(), FEED));
		assert_eq!(events().last(), Some(&Event::FeedResumed { feed: FEED }));
		to_next_block();
		assert_eq!(Oracle::open_round(FEED).unwrap().index, round + 1);
	});
}

#[test]
fn remove_feed_should_leave_nothing_but_the_count_of_rounds() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		report_all(round, &[100, 101, 102]);
		let round = open_next_round();
		report(1, round, 100);
		System::reset_events();

		assert_ok!(Oracle::remove_feed(root(), FEED));
		assert_eq!(
			events(),
			[
				Event::RoundFailed { feed: FEED, round, reports: 1, needed: 3 },
				Event::FeedRemoved { feed: FEED },
			]
		);
		assert!(Oracle::feeds(None, 10).is_empty());
		assert!(Oracle::history(FEED).is_empty());
		assert!(Oracle::feeds_of(1).is_empty());
		assert_eq!(Oracle::latest(FEED), None);
		assert_eq!(crate::Reports::<Test>::iter().count(), 0);
		assert_eq!(crate::Agenda::<Test>::iter().count(), 0);
		assert_eq!(LastRound::<Test>::get(FEED), round);
		run_to(Now::get() + 2 * HEARTBEAT);
	});
}

#[test]
fn a_report_should_not_count_in_a_later_feed_of_the_same_name() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		let recorded = signed(1, round, 9_999);
		assert_ok!(Oracle::remove_feed(root(), FEED));
		assert_ok!(Oracle::create_feed(root(), FEED, spec(), accounts(1..=4)));
		let next = open_next_round();
		assert_eq!(next, round + 1);
		assert_noop!(dispatch(recorded), Error::<Test>::RoundNotOpen);
	});
}

#[test]
fn calls_on_feeds_that_do_not_exist_should_fail() {
	ExtBuilder::default().without_feed().build_and_execute(|| {
		let unknown = Error::<Test>::UnknownFeed;
		assert_noop!(Oracle::set_reporters(root(), FEED, accounts(1..=4)), unknown);
		assert_noop!(Oracle::pause_feed(root(), FEED), Error::<Test>::UnknownFeed);
		assert_noop!(Oracle::resume_feed(root(), FEED), Error::<Test>::UnknownFeed);
		assert_noop!(Oracle::remove_feed(root(), FEED), Error::<Test>::UnknownFeed);
		assert!(!Feeds::<Test>::contains_key(FEED) && !Rounds::<Test>::contains_key(FEED));
	});
}
