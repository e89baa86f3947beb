//! Reporters are judged over windows of eight rounds: two outliers or two silences are too many.

use frame_support::assert_ok;
use rwa_primitives::fault::Fault;

use crate::{mock::*, Departed, Event, FeedSpec, Record, Records};

/// One round of five, in which account 5 does what it is told to and the others do well.
fn round_with(fifth: impl Fn(u32)) {
	let round = open_next_round();
	(1..=4).for_each(|account| commit(account, round, 100));
	fifth(round);
	to_reveal();
	(1..=4).for_each(|account| reveal(account, round, 100));
	if let Some(crate::DutyState::Committed(_)) =
		Oracle::open_round(FEED).and_then(|open| Some(open.duty_of(&5)?.state.clone()))
	{
		fifth(round);
	}
	to_end();
}

fn well() {
	round_with(|round| match in_reveal() {
		true => reveal(5, round, 100),
		false => commit(5, round, 100),
	});
}

fn wrong() {
	round_with(|round| match in_reveal() {
		true => reveal(5, round, 9_000),
		false => commit(5, round, 9_000),
	});
}

fn in_reveal() -> bool {
	Oracle::open_round(FEED).unwrap().phase == crate::Phase::Reveal
}

fn silent() {
	round_with(|_| ());
}

fn unrevealed() {
	round_with(|round| {
		if !in_reveal() {
			commit(5, round, 100);
		}
	});
}

fn abstaining() {
	round_with(|round| abstain(5, round));
}

fn times(count: u32, round: impl Fn()) {
	(0..count).for_each(|_| round());
}

fn accused() -> Vec<(Account, Fault)> {
	Accused::get().iter().map(|report| (report.offender, report.fault)).collect()
}

fn record(account: Account) -> Record {
	Oracle::record(FEED, account)
}

/// What was said of account 5 in the last block.
fn judged() -> Option<(Record, Vec<Fault>)> {
	events().into_iter().find_map(|event| match event {
		Event::Judged { feed: FEED, reporter: 5, record, faults } => Some((record, faults)),
		_ => None,
	})
}

fn five() -> ExtBuilder {
	ExtBuilder::default().reporters(5)
}

#[test]
fn a_record_should_count_what_a_reporter_did() {
	five().build_and_execute(|| {
		well();
		assert_eq!(record(5), Record { rounds: 1, accepted: 1, ..Default::default() });
		wrong();
		assert_eq!(record(5), Record { rounds: 2, accepted: 1, outliers: 1, missed: 0 });
		silent();
		assert_eq!(record(5), Record { rounds: 3, accepted: 1, outliers: 1, missed: 1 });
		unrevealed();
		assert_eq!(record(5), Record { rounds: 4, accepted: 1, outliers: 1, missed: 2 });
		abstaining();
		assert_eq!(record(5), Record { rounds: 5, accepted: 1, outliers: 1, missed: 2 });
		assert_eq!(record(1), Record { rounds: 5, accepted: 5, ..Default::default() });
	});
}

#[test]
fn a_round_that_fails_should_blame_only_the_silent() {
	five().build_and_execute(|| {
		// Too few commit: those who did could not reveal.
		let round = open_next_round();
		commit(1, round, 100);
		abstain(2, round);
		to_end();
		assert_eq!([1, 2, 5].map(|account| record(account).missed), [0, 0, 1]);

		// The reporters are divided: nobody is an outlier of nothing.
		let round = open_next_round();
		report_all(round, &[0, 10, 300, 1_500, 1_600]);
		assert_eq!(Oracle::latest(FEED), None);
		assert_eq!([1, 5].map(|account| record(account).outliers), [0, 0]);
		assert_eq!([1, 5].map(|account| record(account).accepted), [0, 0]);
	});
}

#[test]
fn a_window_without_fault_should_be_one_finished_job() {
	five().build_and_execute(|| {
		times(7, well);
		assert!(Jobs::get().is_empty());
		well();
		let accepted = Record { rounds: 8, accepted: 8, ..Default::default() };
		assert_eq!(judged(), Some((accepted, vec![])));
		assert_eq!(Jobs::get().len(), 5);
		assert!(Jobs::get().contains(&(5, OWNER)));
		assert!(accused().is_empty());
		assert_eq!(Records::<Test>::iter().count(), 0);
	});
}

#[test]
fn unpaid_work_should_be_no_job() {
	let spec = FeedSpec { reward: 0, ..spec() };
	five().spec(spec).build_and_execute(|| {
		times(8, well);
		assert!(judged().is_some());
		assert!(Jobs::get().is_empty());
	});
}

#[test]
fn work_for_oneself_should_be_no_job() {
	five().build_and_execute(|| {
		Owners::mutate(|owners| owners.insert(2, 5));
		let own = rwa_primitives::feed::FeedId { asset: 2, ..FEED };
		assert_ok!(Oracle::create_feed(by(5), own, spec(), crate::Admission::Open));
		let feed = crate::Feeds::<Test>::get(own).unwrap();
		let record = Record { rounds: 8, accepted: 8, ..Default::default() };
		Oracle::judge(own, &feed, &5, record);
		assert!(Jobs::get().is_empty());
		Oracle::judge(own, &feed, &1, record);
		assert_eq!(Jobs::get(), [(1, 5)]);
	});
}

#[test]
fn a_window_without_an_accepted_report_should_be_no_job() {
	five().build_and_execute(|| {
		times(8, abstaining);
		assert_eq!(judged().unwrap().1, []);
		assert!(!Jobs::get().contains(&(5, OWNER)));
		assert!(Jobs::get().contains(&(1, OWNER)));
	});
}

#[test]
fn one_slip_in_a_window_should_be_forgiven() {
	five().build_and_execute(|| {
		wrong();
		silent();
		times(6, well);
		let record = Record { rounds: 8, accepted: 6, outliers: 1, missed: 1 };
		assert_eq!(judged(), Some((record, vec![])));
		assert!(accused().is_empty());
	});
}

#[test]
fn a_quarter_of_outliers_should_be_a_fault() {
	five().build_and_execute(|| {
		wrong();
		times(6, well);
		assert!(accused().is_empty());
		wrong();
		let record = Record { rounds: 8, accepted: 6, outliers: 2, missed: 0 };
		assert_eq!(judged(), Some((record, vec![Fault::ConsistentOutliers])));
		let report = Accused::get().pop().unwrap();
		assert_eq!((report.offender, report.fault), (5, Fault::ConsistentOutliers));
		assert_eq!((report.happened, report.reporter), (Now::get(), None));

		// Every window is a fault of its own.
		times(8, wrong);
		assert_eq!(accused().len(), 2);
		assert_ne!(Accused::get()[0].evidence, Accused::get()[1].evidence);
	});
}

#[test]
fn a_quarter_of_silence_should_be_a_fault() {
	five().build_and_execute(|| {
		silent();
		unrevealed();
		times(6, well);
		let record = Record { rounds: 8, accepted: 6, outliers: 0, missed: 2 };
		assert_eq!(judged(), Some((record, vec![Fault::FailureToRespond])));
		assert_eq!(accused(), [(5, Fault::FailureToRespond)]);
	});
}

#[test]
fn both_faults_should_be_punished() {
	five().build_and_execute(|| {
		times(2, wrong);
		times(6, silent);
		assert_eq!(accused(), [(5, Fault::ConsistentOutliers), (5, Fault::FailureToRespond)]);
	});
}

#[test]
fn silence_should_be_punished_once_a_day_however_many_feeds_there_are() {
	five().build_and_execute(|| {
		let dead = Record { rounds: 8, missed: 8, ..Default::default() };
		let (feed, other) = (crate::Feeds::<Test>::get(FEED).unwrap(), other_feed(7));
		Oracle::judge(FEED, &feed, &5, dead);
		System::reset_events();
		Oracle::judge(other, &feed, &5, dead);
		assert_eq!(accused(), [(5, Fault::FailureToRespond)]);
		assert_eq!(
			events(),
			[
				Event::FaultNotTaken {
					feed: other,
					reporter: 5,
					fault: Fault::FailureToRespond,
					error: ALREADY_PUNISHED,
				},
				Event::Judged { feed: other, reporter: 5, record: dead, faults: vec![] },
			]
		);
		// Somebody else, and another day, are other matters.
		Oracle::judge(FEED, &feed, &4, dead);
		Now::mutate(|now| *now += Day::get());
		Oracle::judge(FEED, &feed, &5, dead);
		assert_eq!(accused().len(), 3);
		Now::mutate(|now| *now -= Day::get());
	});
}

#[test]
fn a_refused_fault_should_not_keep_a_round_from_closing() {
	five().build_and_execute(|| {
		times(7, silent);
		let feed = crate::Feeds::<Test>::get(FEED).unwrap();
		Oracle::judge(FEED, &feed, &5, Record { rounds: 8, missed: 8, ..Default::default() });
		silent();
		let refused = events().into_iter().any(|event| {
			matches!(event, Event::FaultNotTaken { reporter: 5, error: ALREADY_PUNISHED, .. })
		});
		assert!(refused);
		assert_eq!(Oracle::history(FEED).last().unwrap().round, 8);
	});
}

#[test]
fn only_those_who_joined_should_be_judged() {
	five().build_and_execute(|| {
		times(8, silent);
		assert_eq!(accused(), [(5, Fault::FailureToRespond)]);
		assert_eq!(record(STRANGER), Record::default());
	});
}

#[test]
fn leaving_and_joining_again_should_not_wash_a_record() {
	five().build_and_execute(|| {
		silent();
		let before = record(5);
		assert_ok!(Oracle::leave_feed(by(5), FEED));
		assert_eq!(Departed::<Test>::get(FEED).to_vec(), [5]);
		assert_eq!(record(5), before);
		join(5, FEED);
		assert!(!Departed::<Test>::contains_key(FEED));
		assert_eq!(record(5), before);
		silent();
		times(6, well);
		assert_eq!(accused(), [(5, Fault::FailureToRespond)]);
	});
}

#[test]
fn being_taken_off_and_joining_again_should_not_wash_a_record() {
	five().build_and_execute(|| {
		wrong();
		assert_ok!(Oracle::set_admission(by(OWNER), FEED, invited([1, 2, 3, 4])));
		assert_eq!(record(5).outliers, 1);
		assert_ok!(Oracle::set_admission(by(OWNER), FEED, crate::Admission::Open));
		join(5, FEED);
		assert_eq!(record(5).outliers, 1);
	});
}

#[test]
fn whoever_leaves_guilty_should_be_judged_at_once() {
	five().build_and_execute(|| {
		times(2, wrong);
		assert_ok!(Oracle::leave_feed(by(5), FEED));
		let record = Record { rounds: 2, outliers: 2, ..Default::default() };
		assert_eq!(judged(), Some((record, vec![Fault::ConsistentOutliers])));
		assert_eq!(self::record(5), Record::default());
		assert!(!Departed::<Test>::contains_key(FEED));
		// A part of a window is no job.
		assert!(Jobs::get().is_empty());
	});
}

#[test]
fn whoever_leaves_clean_should_leave_nothing() {
	five().build_and_execute(|| {
		times(2, well);
		assert_ok!(Oracle::leave_feed(by(5), FEED));
		assert_eq!(record(5), Record::default());
		assert_eq!(Departed::<Test>::iter().count(), 0);
	});
}

#[test]
fn a_duty_should_count_after_leaving() {
	five().build_and_execute(|| {
		let round = open_next_round();
		assert_ok!(Oracle::leave_feed(by(5), FEED));
		(1..=4).for_each(|account| commit(account, round, 100));
		to_reveal();
		(1..=4).for_each(|account| reveal(account, round, 100));
		to_end();
		assert_eq!(record(5).missed, 1);
		assert_eq!(Departed::<Test>::get(FEED).to_vec(), [5]);
	});
}

#[test]
fn a_window_that_ends_after_leaving_should_be_judged_and_forgotten() {
	five().build_and_execute(|| {
		silent();
		times(6, well);
		let round = open_next_round();
		assert_ok!(Oracle::leave_feed(by(5), FEED));
		assert_eq!(Departed::<Test>::get(FEED).to_vec(), [5]);
		(1..=4).for_each(|account| commit(account, round, 100));
		to_reveal();
		(1..=4).for_each(|account| reveal(account, round, 100));
		to_end();
		assert_eq!(accused(), [(5, Fault::FailureToRespond)]);
		assert!(!Departed::<Test>::contains_key(FEED));
		assert_eq!(record(5), Record::default());
	});
}

#[test]
fn the_first_of_too_many_departed_should_be_forgiven() {
	ExtBuilder::default().build_and_execute(|| {
		let slip = Record { rounds: 1, missed: 1, ..Default::default() };
		let many = u64::from(MaxReporters::get()) + 1;
		for account in 101..=100 + many {
			register(account, rwa_primitives::app_key::Role::Oracle);
			join(account, FEED);
			Records::<Test>::insert(FEED, account, slip);
			assert_ok!(Oracle::leave_feed(by(account), FEED));
		}
		assert_eq!(Departed::<Test>::get(FEED).len(), 10);
		assert_eq!(record(101), Record::default());
		assert_eq!(record(102), slip);
	});
}
