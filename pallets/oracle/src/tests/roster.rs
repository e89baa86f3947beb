//! Operators join feeds and leave them.

use frame_support::{assert_noop, assert_ok};
use rwa_primitives::app_key::Role;
use sp_runtime::DispatchError;

use crate::{mock::*, Admission, Departed, Error, Event, FeedsOf};

fn roster() -> Vec<Account> {
	Oracle::feeds(None, 1)[0].feed.roster.to_vec()
}

#[test]
fn an_operator_should_join_and_be_drawn_from_the_next_round_on() {
	ExtBuilder::default().build_and_execute(|| {
		open_next_round();
		System::reset_events();
		assert_ok!(Oracle::join_feed(by(STRANGER), FEED));
		assert_eq!(events(), [Event::Joined { feed: FEED, reporter: STRANGER, replaced: None }]);
		assert_eq!(Oracle::feeds_of(STRANGER), [FEED]);
		assert_eq!(Oracle::open_round(FEED).unwrap().duty_of(&STRANGER), None);
		assert_noop!(Oracle::join_feed(by(STRANGER), FEED), Error::<Test>::AlreadyJoined);
		to_end();
		open_next_round();
		assert!(Oracle::open_round(FEED).unwrap().duty_of(&STRANGER).is_some());
	});
}

#[test]
fn only_active_oracles_with_weight_should_join() {
	ExtBuilder::default().build_and_execute(|| {
		let join = |account| Oracle::join_feed(by(account), FEED);
		assert_noop!(join(BYSTANDER), Error::<Test>::NotAnOracle);
		assert_noop!(Oracle::join_feed(root(), FEED), DispatchError::BadOrigin);
		Operators::mutate(|keys| keys.insert(key(STRANGER), (STRANGER, Role::Verifier)));
		assert_noop!(join(STRANGER), Error::<Test>::NotAnOracle);
		Operators::mutate(|keys| keys.insert(key(STRANGER), (STRANGER, Role::Oracle)));
		Inactive::mutate(|inactive| inactive.insert(STRANGER));
		assert_noop!(join(STRANGER), Error::<Test>::NotAnOracle);
		Inactive::mutate(|inactive| inactive.clear());
		Weights::mutate(|weights| weights.insert(STRANGER, 0));
		assert_noop!(join(STRANGER), Error::<Test>::NoWeight);
		Weights::mutate(|weights| weights.insert(STRANGER, 1));
		assert_ok!(join(STRANGER));
	});
}

#[test]
fn only_the_invited_should_join_a_feed_that_invites() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Oracle::set_admission(by(OWNER), FEED, invited([1, 2, 3, 4])));
		assert_noop!(Oracle::join_feed(by(STRANGER), FEED), Error::<Test>::NotInvited);
		assert_ok!(Oracle::set_admission(by(OWNER), FEED, invited([1, 2, 3, 4, STRANGER])));
		assert_ok!(Oracle::join_feed(by(STRANGER), FEED));
	});
}

#[test]
fn nobody_should_join_more_feeds_than_it_can_serve() {
	ExtBuilder::default().build_and_execute(|| {
		let most = MaxFeedsPerReporter::get();
		for asset in 1..=most {
			assert_ok!(Oracle::create_feed(root(), other_feed(asset), spec(), Admission::Open));
		}
		(1..most).for_each(|asset| join(1, other_feed(asset)));
		let one_more = other_feed(most);
		assert_noop!(Oracle::join_feed(by(1), one_more), Error::<Test>::TooManyFeeds);
		assert_ok!(Oracle::leave_feed(by(1), FEED));
		assert_ok!(Oracle::join_feed(by(1), one_more));
	});
}

#[test]
fn a_heavier_newcomer_should_replace_the_lightest_of_a_full_roster() {
	ExtBuilder::default().reporters(10).build_and_execute(|| {
		Weights::mutate(|weights| weights.extend([(3, 50), (7, 50), (STRANGER, 51)]));
		assert_ok!(Oracle::join_feed(by(STRANGER), FEED));
		// Of two that are equally light, the one that joined last goes.
		let joined = Event::Joined { feed: FEED, reporter: STRANGER, replaced: Some(7) };
		assert_eq!(events(), [joined]);
		assert_eq!(roster(), [1, 2, 3, 4, 5, 6, 8, 9, 10, STRANGER]);
		assert!(!FeedsOf::<Test>::contains_key(7));

		// An inactive one weighs nothing, whatever its stake.
		Inactive::mutate(|inactive| inactive.insert(9));
		Weights::mutate(|weights| weights.insert(7, 1));
		assert_ok!(Oracle::join_feed(by(7), FEED));
		assert!(!roster().contains(&9) && roster().contains(&7));
	});
}

#[test]
fn a_newcomer_who_is_no_heavier_should_not_replace_anybody() {
	ExtBuilder::default().reporters(10).build_and_execute(|| {
		assert_noop!(Oracle::join_feed(by(STRANGER), FEED), Error::<Test>::RosterFull);
		Weights::mutate(|weights| weights.insert(STRANGER, WEIGHT - 1));
		assert_noop!(Oracle::join_feed(by(STRANGER), FEED), Error::<Test>::RosterFull);
	});
}

#[test]
fn whoever_is_replaced_should_keep_its_duty() {
	ExtBuilder::default().reporters(10).build_and_execute(|| {
		MaxCommittee::set(10);
		let spec = crate::FeedSpec { committee: 10, ..spec() };
		assert_ok!(Oracle::remove_feed(by(OWNER), FEED));
		assert_ok!(Oracle::create_feed(by(OWNER), FEED, spec, Admission::Open));
		(1..=10).for_each(|account| join(account, FEED));
		assert_ok!(Oracle::top_up(by(OWNER), FEED, BUDGET));
		let round = open_next_round();
		Weights::mutate(|weights| weights.insert(STRANGER, 1_000));
		assert_ok!(Oracle::join_feed(by(STRANGER), FEED));
		assert!(!roster().contains(&10));
		report_all(round, &[5; 10]);
		assert_eq!(free(10), ENDOWMENT + REWARD);
		MaxCommittee::set(10);
	});
}

#[test]
fn leaving_should_end_being_drawn_and_not_a_duty() {
	ExtBuilder::default().reporters(5).build_and_execute(|| {
		let round = open_next_round();
		System::reset_events();
		assert_ok!(Oracle::leave_feed(by(5), FEED));
		assert_eq!(events(), [Event::Left { feed: FEED, reporter: 5 }]);
		assert!(!FeedsOf::<Test>::contains_key(5));
		assert_noop!(Oracle::leave_feed(by(5), FEED), Error::<Test>::NotJoined);
		assert_noop!(Oracle::leave_feed(root(), FEED), DispatchError::BadOrigin);
		report_all(round, &[1, 2, 3, 4, 5]);
		assert_eq!(free(5), ENDOWMENT + REWARD);
		assert!(!crate::Records::<Test>::contains_key(FEED, 5));

		open_next_round();
		assert_eq!(Oracle::open_round(FEED).unwrap().duty_of(&5), None);
	});
}

#[test]
fn the_inactive_should_be_able_to_leave() {
	ExtBuilder::default().build_and_execute(|| {
		Inactive::mutate(|inactive| inactive.insert(1));
		assert_ok!(Oracle::leave_feed(by(1), FEED));
	});
}

#[test]
fn the_uninvited_should_be_taken_off_and_keep_their_duties() {
	ExtBuilder::default().reporters(6).build_and_execute(|| {
		let round = open_next_round();
		System::reset_events();
		let admission = invited([1, 2, 3, 4, STRANGER]);
		assert_ok!(Oracle::set_admission(by(OWNER), FEED, admission.clone()));
		assert_eq!(
			events(),
			[
				Event::Left { feed: FEED, reporter: 5 },
				Event::Left { feed: FEED, reporter: 6 },
				Event::AdmissionSet { feed: FEED, admission },
			]
		);
		assert_eq!(roster(), [1, 2, 3, 4]);
		assert!(Oracle::feeds_of(5).is_empty() && Oracle::feeds_of(STRANGER).is_empty());
		report_all(round, &[1, 2, 3, 4, 5, 6]);
		assert_eq!(free(6), ENDOWMENT + REWARD);
		assert_eq!(Departed::<Test>::iter().count(), 0);
	});
}

#[test]
fn an_opened_feed_should_keep_its_roster() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Oracle::set_admission(by(OWNER), FEED, invited([1, 2, 3, 4])));
		assert_ok!(Oracle::set_admission(by(OWNER), FEED, Admission::Open));
		assert_eq!(roster(), [1, 2, 3, 4]);
		join(STRANGER, FEED);
	});
}
