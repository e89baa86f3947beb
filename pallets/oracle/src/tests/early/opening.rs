//! Early rounds open on time with a committee that nobody knew, or are dropped without harm.

use frame_support::{assert_noop, assert_ok};
use rwa_primitives::{feed::AnswerStatus, reading::Reading};
use sp_runtime::transaction_validity::InvalidTransaction;

use super::{
	after_an_answer, alarm, assert_alarm_refused, call_by_alarms, open, request, to_alarm,
	unhurried, LONG, SINCE,
};
use crate::{functions::early::NOTICE, mock::*, Error, Event, FeedSpec, LastRound, RoundFailure};

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
