//! Feeds are created, changed, paused and removed.

use frame_support::{assert_noop, assert_ok};
use rwa_primitives::reading::Schema;
use sp_runtime::{BoundedVec, DispatchError, TokenError};

use crate::{
	mock::*, Admission, Error, Event, FeedSpec, FeedSpecOf, Feeds, FeedsOf, HoldReason, LastRound,
};

/// A feed with the spec that `spoil` makes of a good one is not created, and why.
#[track_caller]
fn assert_spec_refused(spoil: impl FnOnce(&mut FeedSpecOf<Test>), why: Error<Test>) {
	let mut spec = spec();
	spoil(&mut spec);
	assert_noop!(Oracle::create_feed(root(), FEED, spec, Admission::Open), why);
}

#[test]
fn an_assets_owner_should_create_its_feed_and_be_its_admin() {
	ExtBuilder::default().without_feed().build_and_execute(|| {
		let admission = invited([1, 2, 3, 4]);
		assert_ok!(Oracle::create_feed(by(OWNER), FEED, spec(), admission.clone()));
		let created = Event::FeedCreated {
			feed: FEED,
			spec: spec(),
			admin: Some(OWNER),
			payer: OWNER,
			admission,
		};
		assert_eq!(events(), [created]);
		assert_eq!(held(HoldReason::FeedDeposit, OWNER), FeedDeposit::get());
		// Being invited is not having joined.
		assert!(Oracle::feeds(None, 1)[0].feed.roster.is_empty());
		(1..=4).for_each(|account| assert!(Oracle::feeds_of(account).is_empty()));
	});
}

#[test]
fn governance_should_create_feeds_of_any_asset_at_the_treasurys_cost() {
	ExtBuilder::default().without_feed().build_and_execute(|| {
		let feed = other_feed(7);
		assert_ok!(Oracle::create_feed(root(), feed, spec(), Admission::Open));
		let created = Event::FeedCreated {
			feed,
			spec: spec(),
			admin: None,
			payer: TREASURY,
			admission: Admission::Open,
		};
		assert_eq!(events(), [created]);
		assert_eq!(held(HoldReason::FeedDeposit, TREASURY), 0);
		assert_ok!(Oracle::top_up(by(BYSTANDER), feed, 100));
		assert_eq!(held(HoldReason::FeedBudget, TREASURY), 100);
	});
}

#[test]
fn nobody_should_create_a_feed_of_anothers_asset() {
	ExtBuilder::default().without_feed().build_and_execute(|| {
		let create = |origin, feed| Oracle::create_feed(origin, feed, spec(), Admission::Open);
		assert_noop!(create(by(BYSTANDER), FEED), Error::<Test>::NotAssetOwner);
		assert_noop!(create(by(OWNER), other_feed(9)), Error::<Test>::NotAssetOwner);
		assert_noop!(create(RuntimeOrigin::none(), FEED), DispatchError::BadOrigin);
	});
}

#[test]
fn create_feed_should_fail_when_the_owner_can_not_afford_the_deposit() {
	ExtBuilder::default().without_feed().build_and_execute(|| {
		FeedDeposit::set(ENDOWMENT);
		assert_noop!(
			Oracle::create_feed(by(OWNER), FEED, spec(), Admission::Open),
			TokenError::FundsUnavailable
		);
	});
}

#[test]
fn create_feed_should_fail_when_the_name_is_taken() {
	ExtBuilder::default().build_and_execute(|| {
		for origin in [root(), by(OWNER)] {
			assert_noop!(
				Oracle::create_feed(origin, FEED, spec(), Admission::Open),
				Error::<Test>::FeedExists
			);
		}
	});
}

#[test]
fn create_feed_should_fail_when_the_spec_is_not_sound() {
	ExtBuilder::default().without_feed().build_and_execute(|| {
		let unit = |bytes: &[u8]| BoundedVec::truncate_from(bytes.to_vec());
		assert_spec_refused(|spec| spec.unit = unit(&[0xff]), Error::BadUnit);
		assert_spec_refused(|spec| spec.unit = unit(b"\x1b[31m"), Error::BadUnit);
		assert_spec_refused(|spec| spec.committee = MinCommittee::get() - 1, Error::BadCommittee);
		assert_spec_refused(|spec| spec.committee = MaxCommittee::get() + 1, Error::BadCommittee);
		let (least, most) = (MinPhase::get(), Day::get());
		assert_spec_refused(|spec| spec.commit_time = least - 1, Error::PhaseTooShort);
		assert_spec_refused(|spec| spec.reveal_time = least - 1, Error::PhaseTooShort);
		assert_spec_refused(|spec| spec.commit_time = most + 1, Error::PhaseTooLong);
		assert_spec_refused(|spec| spec.reveal_time = most + 1, Error::PhaseTooLong);
		let round = COMMIT_TIME + REVEAL_TIME;
		assert_spec_refused(|spec| spec.heartbeat = round, Error::HeartbeatTooShort);
		assert_spec_refused(|spec| spec.max_age = HEARTBEAT - 1, Error::MaxAgeTooShort);
	});
}

#[test]
fn create_feed_should_say_what_is_wrong_with_the_schema() {
	ExtBuilder::default().without_feed().build_and_execute(|| {
		let refused = |schema, why| assert_spec_refused(|spec| spec.schema = schema, why);
		let scalar = |decimals, minimum, maximum| Schema::Scalar { decimals, minimum, maximum };
		refused(scalar(19, 0, 1), Error::TooManyDecimals);
		refused(scalar(2, 1, 1), Error::EmptyRange);
		refused(scalar(2, 0, i128::MAX), Error::BoundTooLarge);
		let place = |south, west, north, east| Schema::Point { south, west, north, east };
		refused(place(0, 0, 900_000_001, 1), Error::NoSuchPlace);
		refused(place(1, 0, 1, 1), Error::EmptyBox);
		refused(Schema::Category { count: 1 }, Error::TooFewCategories);
	});
}

#[test]
fn rules_by_which_everybody_is_an_outlier_should_be_refused() {
	ExtBuilder::default().without_feed().build_and_execute(|| {
		assert_spec_refused(|spec| spec.rules.outlier_multiple = 0, Error::BadRules);
	});
}

#[test]
fn shares_of_more_than_the_whole_should_not_be_understood() {
	use codec::{Decode, Encode};
	use sp_runtime::{Percent, Permill};
	// Whoever writes a transaction by hand can name such shares: no constructor does. No check of a spec
	// looks for them.
	assert!(Percent::decode(&mut &101u8.encode()[..]).is_err());
	assert!(Permill::decode(&mut &1_000_001u32.encode()[..]).is_err());
}

#[test]
fn a_spec_at_its_limits_should_be_accepted() {
	ExtBuilder::default().without_feed().build_and_execute(|| {
		let (least, most) = (MinPhase::get(), Day::get());
		for (phase, committee) in [(least, MinCommittee::get()), (most, MaxCommittee::get())] {
			let spec = FeedSpec {
				unit: Default::default(), // A share has no unit.
				committee,
				commit_time: phase,
				reveal_time: phase,
				heartbeat: 2 * phase + 1,
				max_age: 2 * phase + 1,
				..spec()
			};
			assert_ok!(Oracle::create_feed(root(), other_feed(phase), spec, Admission::Open));
		}
	});
}

#[test]
fn nobody_should_be_invited_twice() {
	ExtBuilder::default().build_and_execute(|| {
		let twice = || invited([1, 2, 3, 1]);
		assert_noop!(
			Oracle::create_feed(root(), other_feed(2), spec(), twice()),
			Error::<Test>::InvitedTwice
		);
		assert_noop!(Oracle::set_admission(root(), FEED, twice()), Error::<Test>::InvitedTwice);
	});
}

#[test]
fn only_the_admin_and_governance_should_change_a_feed() {
	ExtBuilder::default().build_and_execute(|| {
		for (origin, error) in [
			(by(BYSTANDER), Error::<Test>::NotAdmin.into()),
			(by(1), Error::<Test>::NotAdmin.into()),
			(RuntimeOrigin::none(), DispatchError::BadOrigin),
		] {
			let origin = || origin.clone();
			assert_noop!(Oracle::set_admission(origin(), FEED, Admission::Open), error);
			assert_noop!(Oracle::pause_feed(origin(), FEED), error);
			assert_noop!(Oracle::resume_feed(origin(), FEED), error);
			assert_noop!(Oracle::remove_feed(origin(), FEED), error);
		}
		for origin in [by(OWNER), root()] {
			let origin = || origin.clone();
			assert_ok!(Oracle::set_admission(origin(), FEED, Admission::Open));
			assert_ok!(Oracle::pause_feed(origin(), FEED));
			assert_ok!(Oracle::resume_feed(origin(), FEED));
		}
	});
}

#[test]
fn no_owner_should_change_what_governance_created() {
	ExtBuilder::default().without_feed().build_and_execute(|| {
		assert_ok!(Oracle::create_feed(root(), FEED, spec(), Admission::Open));
		assert_noop!(Oracle::pause_feed(by(OWNER), FEED), Error::<Test>::NotAdmin);
	});
}

#[test]
fn pause_feed_should_let_an_open_round_come_to_its_end_and_pay() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		commit(1, round, 100);
		System::reset_events();
		assert_ok!(Oracle::pause_feed(by(OWNER), FEED));
		assert_eq!(events(), [Event::FeedPaused { feed: FEED }]);
		assert_noop!(Oracle::pause_feed(by(OWNER), FEED), Error::<Test>::AlreadyPaused);
		assert_ok!(Oracle::do_try_state());

		(2..=4).for_each(|account| commit(account, round, 100));
		to_reveal();
		(1..=4).for_each(|account| reveal(account, round, 100));
		to_end();
		let paid = Event::Paid { feed: FEED, round, each: REWARD, reporters: 4 };
		assert!(events().contains(&paid));
		// And no other opens.
		run_to(Now::get() + 2 * HEARTBEAT);
		assert_eq!((Oracle::open_round(FEED), LastRound::<Test>::get(FEED)), (None, round));
	});
}

#[test]
fn pause_feed_between_rounds_should_open_no_more() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		report_all(round, &[1, 2, 3, 4]);
		assert_ok!(Oracle::pause_feed(by(OWNER), FEED));
		run_to(Now::get() + 2 * HEARTBEAT);
		assert_eq!(LastRound::<Test>::get(FEED), round);
	});
}

#[test]
fn resume_feed_should_open_a_round_in_the_next_block() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		assert_noop!(Oracle::resume_feed(by(OWNER), FEED), Error::<Test>::NotPaused);
		report_all(round, &[1, 2, 3, 4]);
		assert_ok!(Oracle::pause_feed(by(OWNER), FEED));
		to_next_block();
		assert_ok!(Oracle::resume_feed(by(OWNER), FEED));
		assert_eq!(events().last(), Some(&Event::FeedResumed { feed: FEED }));
		to_next_block();
		assert_eq!(Oracle::open_round(FEED).unwrap().index, round + 1);
	});
}

#[test]
fn resume_feed_should_leave_an_open_round_alone() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		let opened_at = Now::get();
		assert_ok!(Oracle::pause_feed(by(OWNER), FEED));
		to_next_block();
		assert_ok!(Oracle::resume_feed(by(OWNER), FEED));
		report_all(round, &[1, 2, 3, 4]);
		assert_eq!(open_next_round(), round + 1);
		assert_eq!(Now::get(), opened_at + HEARTBEAT);
	});
}

#[test]
fn remove_feed_should_wait_for_the_rounds_end() {
	ExtBuilder::default().build_and_execute(|| {
		open_next_round();
		for origin in [by(OWNER), root()] {
			assert_noop!(Oracle::remove_feed(origin, FEED), Error::<Test>::RoundOpen);
		}
		assert_ok!(Oracle::pause_feed(by(OWNER), FEED));
		assert_noop!(Oracle::remove_feed(by(OWNER), FEED), Error::<Test>::RoundOpen);
		to_end();
		assert_ok!(Oracle::remove_feed(by(OWNER), FEED));
	});
}

#[test]
fn remove_feed_should_leave_nothing_but_the_count_of_rounds() {
	ExtBuilder::default().reporters(5).build_and_execute(|| {
		let round = open_next_round();
		report_all(round, &[100, 101, 102, 103]);
		assert_ok!(Oracle::leave_feed(by(5), FEED)); // Was silent, which is remembered.
		assert_eq!(crate::Departed::<Test>::get(FEED).len(), 1);
		let last = open_next_round();
		to_end(); // Fails, because everybody is silent.
		System::reset_events();

		assert_ok!(Oracle::remove_feed(by(OWNER), FEED));
		let refund = BUDGET - 4 * REWARD;
		assert_eq!(events(), [Event::FeedRemoved { feed: FEED, refund }]);
		assert_eq!(free(OWNER), ENDOWMENT - 4 * REWARD);
		assert_eq!(held(HoldReason::FeedDeposit, OWNER), 0);
		assert!(Oracle::feeds(None, 10).is_empty());
		assert!(Oracle::history(FEED).is_empty());
		(1..=5).for_each(|account| assert!(Oracle::feeds_of(account).is_empty()));
		assert_eq!(Oracle::latest(FEED), None);
		assert_eq!(Oracle::budget(FEED), 0);
		assert_eq!(crate::Agenda::<Test>::iter().count(), 0);
		assert_eq!(crate::Records::<Test>::iter().count(), 0);
		assert_eq!(crate::Departed::<Test>::iter().count(), 0);
		assert_eq!(crate::Failures::<Test>::iter().count(), 0);
		assert_eq!(FeedsOf::<Test>::iter().count(), 0);
		assert_eq!(LastRound::<Test>::get(FEED), last);
		run_to(Now::get() + 2 * HEARTBEAT);
	});
}

#[test]
fn a_feed_should_give_back_the_deposit_that_it_took() {
	ExtBuilder::default().build_and_execute(|| {
		FeedDeposit::set(1);
		assert_ok!(Oracle::remove_feed(root(), FEED));
		assert_eq!(free(OWNER), ENDOWMENT);
	});
}

#[test]
fn a_word_should_not_count_in_a_later_feed_of_the_same_name() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		let recorded = signed(1, [to_commit(1, round, 9_999)]);
		to_end();
		assert_ok!(Oracle::remove_feed(by(OWNER), FEED));
		assert_ok!(Oracle::create_feed(by(OWNER), FEED, spec(), Admission::Open));
		(1..=4).for_each(|account| join(account, FEED));
		assert_ok!(Oracle::top_up(by(OWNER), FEED, BUDGET));
		assert_eq!(open_next_round(), round + 1);
		assert_noop!(dispatch(recorded), Error::<Test>::RoundNotOpen);
	});
}

#[test]
fn calls_on_feeds_that_do_not_exist_should_fail() {
	ExtBuilder::default().without_feed().build_and_execute(|| {
		for origin in [root(), by(OWNER)] {
			let origin = || origin.clone();
			assert_noop!(
				Oracle::set_admission(origin(), FEED, Admission::Open),
				Error::<Test>::UnknownFeed
			);
			assert_noop!(Oracle::pause_feed(origin(), FEED), Error::<Test>::UnknownFeed);
			assert_noop!(Oracle::resume_feed(origin(), FEED), Error::<Test>::UnknownFeed);
			assert_noop!(Oracle::remove_feed(origin(), FEED), Error::<Test>::UnknownFeed);
		}
		assert_noop!(Oracle::join_feed(by(STRANGER), FEED), Error::<Test>::UnknownFeed);
		assert_noop!(Oracle::leave_feed(by(STRANGER), FEED), Error::<Test>::UnknownFeed);
		assert_noop!(Oracle::top_up(by(OWNER), FEED, 1), Error::<Test>::UnknownFeed);
		assert!(!Feeds::<Test>::contains_key(FEED));
	});
}
