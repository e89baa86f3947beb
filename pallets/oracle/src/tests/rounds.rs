//! Rounds open, move on, close and fail by working time.

use std::collections::BTreeSet;

use frame_support::{assert_ok, traits::Hooks, weights::Weight};
use rwa_primitives::{
	aggregate::Disagreement,
	feed::{AnswerStatus, Word},
	reading::Reading,
};
use sp_core::H256;

use crate::{
	functions::MAX_BUCKETS_PER_BLOCK, mock::*, AgendaCursor, Due, DutyState, Event, Failures,
	FeedSpec, Phase, Record, Records, RoundFailure, Rounds, WeightInfo,
};

fn scalar(reading: Reading) -> i128 {
	match reading {
		Reading::Scalar(value) => value,
		other => panic!("{other:?} is no scalar"),
	}
}

fn answer() -> i128 {
	scalar(Oracle::latest(FEED).unwrap().reading)
}

/// Who was drawn for the open round.
fn committee() -> BTreeSet<Account> {
	Oracle::open_round(FEED).unwrap().duties.iter().map(|duty| duty.reporter).collect()
}

#[test]
fn a_round_should_open_with_a_committee_and_its_weights() {
	ExtBuilder::default().reporters(5).build_and_execute(|| {
		Weights::mutate(|weights| weights.extend([(1, 1_000), (2, 1)]));
		let round = open_next_round();
		let open = Oracle::open_round(FEED).unwrap();
		assert_eq!((open.index, open.phase), (round, Phase::Commit));
		assert_eq!((open.opened_at, open.deadline), (Now::get(), Now::get() + COMMIT_TIME));
		assert_eq!(committee(), BTreeSet::from([1, 2, 3, 4, 5]));
		// The heavy one is capped below a third: 150 of 451.
		let weight = |account| open.duty_of(&account).unwrap().weight;
		assert_eq!([1, 2, 3, 4, 5].map(weight), [150, 1, 100, 100, 100]);
		assert_eq!(open.assigned, 451);
		assert!(open.duties.iter().all(|duty| duty.state == DutyState::Silent));
		let committee =
			open.duties.iter().map(|duty| (duty.reporter, duty.weight)).collect::<Vec<_>>();
		let deadline = open.deadline;
		assert_eq!(
			events(),
			[Event::RoundOpened { feed: FEED, round, committee, deadline, fee: 0 }]
		);
	});
}

#[test]
fn a_committee_should_be_drawn_anew_for_each_round() {
	let spec = FeedSpec { committee: 4, ..spec() };
	ExtBuilder::default().reporters(10).spec(spec).build_and_execute(|| {
		let mut drawn = BTreeSet::new();
		for _ in 0..12 {
			open_next_round();
			assert_eq!(committee().len(), 4);
			drawn.insert(committee());
		}
		assert!(drawn.len() > 6, "{drawn:?}");
	});
}

/// The committees of one and the same round, by different dice.
fn committees(dice: impl Iterator<Item = Option<H256>>) -> Vec<BTreeSet<Account>> {
	let drawn = dice.map(|random| {
		let mut drawn = BTreeSet::new();
		let spec = FeedSpec { committee: 4, ..spec() };
		ExtBuilder::default().reporters(10).spec(spec).build_and_execute(|| {
			Random::set(random);
			open_next_round();
			drawn = committee();
		});
		drawn
	});
	drawn.collect()
}

#[test]
fn the_dice_alone_should_decide_who_is_drawn() {
	let dice = |number| Some(H256::from_low_u64_be(number));
	let once = committees((0..20).map(dice));
	assert_eq!(once, committees((0..20).map(dice)));
	assert!(once.iter().collect::<BTreeSet<_>>().len() > 10);
	assert_eq!(once.iter().flatten().collect::<BTreeSet<_>>().len(), 10, "somebody never is");
}

#[test]
fn without_dice_the_parent_should_decide_who_is_drawn() {
	let drawn = |parent: u64| {
		let mut drawn = BTreeSet::new();
		let spec = FeedSpec { committee: 4, ..spec() };
		ExtBuilder::default().reporters(10).spec(spec).build_and_execute(|| {
			Random::set(None);
			let parent = H256::from_low_u64_be(parent);
			System::initialize(&2, &parent, &Default::default());
			open_next_round();
			drawn = committee();
		});
		drawn
	};
	assert_eq!(drawn(1), drawn(1));
	assert!((0..8).map(drawn).collect::<BTreeSet<_>>().len() > 4);
}

#[test]
fn the_inactive_and_the_weightless_should_not_be_drawn() {
	ExtBuilder::default().reporters(6).build_and_execute(|| {
		Inactive::mutate(|inactive| inactive.insert(2));
		Weights::mutate(|weights| weights.insert(5, 0));
		open_next_round();
		assert_eq!(committee(), BTreeSet::from([1, 3, 4, 6]));
	});
}

#[test]
fn a_round_should_fail_at_once_without_enough_reporters() {
	ExtBuilder::default().reporters(4).build_and_execute(|| {
		Inactive::mutate(|inactive| inactive.insert(2));
		to_next_block();
		let reason = RoundFailure::TooFewReporters { able: 3 };
		assert_eq!(events(), [Event::RoundFailed { feed: FEED, round: 1, reason }]);
		assert_eq!((Oracle::open_round(FEED), Failures::<Test>::get(FEED)), (None, 1));

		// The next one is a heartbeat later, with a number of its own.
		let failed_at = Now::get();
		Inactive::mutate(|inactive| inactive.clear());
		assert_eq!(open_next_round(), 2);
		assert_eq!(Now::get(), failed_at + HEARTBEAT);
	});
}

#[test]
fn a_round_should_fail_at_once_without_money_for_all() {
	ExtBuilder::default().budget(4 * REWARD - 1).build_and_execute(|| {
		to_next_block();
		let reason = RoundFailure::NoBudget;
		assert_eq!(events(), [Event::RoundFailed { feed: FEED, round: 1, reason }]);
		assert_ok!(Oracle::top_up(by(OWNER), FEED, 1));
		assert_eq!(open_next_round(), 2);
	});
}

#[test]
fn a_feed_that_pays_nothing_should_need_no_money() {
	let spec = FeedSpec { reward: 0, ..spec() };
	ExtBuilder::default().spec(spec).budget(0).build_and_execute(|| {
		let round = open_next_round();
		report_all(round, &[1, 2, 3, 4]);
		assert!(!events().iter().any(|event| matches!(event, Event::Paid { .. })));
	});
}

#[test]
fn a_reward_that_nobody_could_pay_should_open_no_round() {
	let spec = FeedSpec { reward: u128::MAX, ..spec() };
	ExtBuilder::default().spec(spec).build_and_execute(|| {
		to_next_block();
		let reason = RoundFailure::NoBudget;
		assert_eq!(events(), [Event::RoundFailed { feed: FEED, round: 1, reason }]);
	});
}

#[test]
fn a_round_of_four_should_survive_a_liar() {
	ExtBuilder::default().build_and_execute(|| {
		// 1 to 3 measure about 21.5 °C. The instrument of 4 is broken.
		let round = open_next_round();
		commit(1, round, 2_150);
		commit(2, round, 2_140);
		commit(3, round, 2_160);
		commit(4, round, 9_999);
		// All have committed, so nobody waits for the deadline.
		to_next_block();
		assert_eq!(Oracle::open_round(FEED).unwrap().phase, Phase::Reveal);
		reveal(1, round, 2_150);
		reveal(2, round, 2_140);
		reveal(3, round, 2_160);
		reveal(4, round, 9_999);
		to_next_block();

		assert_eq!(Oracle::open_round(FEED), None);
		let reading = Reading::Scalar(2_150);
		assert_eq!(
			events(),
			[
				Event::RoundClosed {
					feed: FEED,
					round,
					reading,
					median: reading,
					spread: 10,
					reports: 4,
					reported: 4 * WEIGHT,
					assigned: 4 * WEIGHT,
					outliers: vec![4],
				},
				Event::Paid { feed: FEED, round, each: REWARD, reporters: 3 },
			]
		);
		assert_eq!(Oracle::latest(FEED).unwrap().reading, reading);
		assert_eq!([1, 2, 3, 4].map(|account| free(account) - ENDOWMENT), [10, 10, 10, 0]);
		assert_eq!(Oracle::budget(FEED), BUDGET - 3 * REWARD);
	});
}

#[test]
fn less_than_a_third_lying_should_not_move_the_answer_beyond_what_the_others_saw() {
	ExtBuilder::default().reporters(7).build_and_execute(|| {
		for lie in [-5_000, 1_900, 2_100, 10_000] {
			let round = open_next_round();
			report_all(round, &[lie, lie, 2_000, 2_001, 2_002, 2_003, 2_004]);
			assert!((2_000..=2_004).contains(&answer()), "{lie} moved it to {}", answer());
		}
	});
}

#[test]
fn a_commitment_phase_should_end_when_nobody_is_silent() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		let opened_at = Now::get();
		(1..=3).for_each(|account| commit(account, round, 1));
		to_next_block();
		assert_eq!(Oracle::open_round(FEED).unwrap().phase, Phase::Commit);
		abstain(4, round);
		assert_eq!(Oracle::open_round(FEED).unwrap().phase, Phase::Commit);
		to_next_block();
		let deadline = Now::get() + REVEAL_TIME;
		assert_eq!(events(), [Event::RevealStarted { feed: FEED, round, deadline }]);
		let open = Oracle::open_round(FEED).unwrap();
		assert_eq!((open.phase, open.deadline), (Phase::Reveal, deadline));
		assert_eq!(open.opened_at, opened_at);
	});
}

#[test]
fn a_commitment_phase_should_end_at_its_deadline_without_the_silent() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		let opened_at = Now::get();
		(1..=3).for_each(|account| commit(account, round, 1));
		run_to(opened_at + COMMIT_TIME - 1);
		assert_eq!(Oracle::open_round(FEED).unwrap().phase, Phase::Commit);
		to_next_block();
		assert_eq!(Oracle::open_round(FEED).unwrap().phase, Phase::Reveal);
		(1..=3).for_each(|account| reveal(account, round, 1));
		to_next_block();
		let agreed = Oracle::history(FEED).pop().unwrap();
		assert_eq!((agreed.reports, agreed.committee), (3, 4));
		assert_eq!((agreed.reported, agreed.assigned), (300, 400));
	});
}

#[test]
fn a_round_should_fail_when_too_few_commit() {
	ExtBuilder::default().build_and_execute(|| {
		let first = open_next_round();
		report_all(first, &[1, 2, 3, 4]);
		let round = open_next_round();
		let opened_at = Now::get();
		commit(1, round, 50);
		commit(2, round, 50);
		abstain(3, round);
		run_to(opened_at + COMMIT_TIME);
		let reason = RoundFailure::TooFewCommitted { committed: 200, needed: 267 };
		assert_eq!(events(), [Event::RoundFailed { feed: FEED, round, reason }]);
		assert_eq!(Oracle::open_round(FEED), None);
		// The old answer stays, and nobody is told that it is fresh.
		let latest = Oracle::latest(FEED).unwrap();
		assert_eq!((latest.round, latest.status), (first, AnswerStatus::Stale));
		assert_eq!(Oracle::budget(FEED), BUDGET - 4 * REWARD);

		run_to(opened_at + HEARTBEAT);
		assert_eq!(Oracle::open_round(FEED).unwrap().index, round + 1);
	});
}

#[test]
fn a_round_in_which_all_abstain_should_fail_in_the_next_block() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		(1..=4).for_each(|account| abstain(account, round));
		to_next_block();
		let reason = RoundFailure::TooFewCommitted { committed: 0, needed: 267 };
		assert_eq!(events(), [Event::RoundFailed { feed: FEED, round, reason }]);
	});
}

#[test]
fn a_round_should_fail_when_too_few_reveal() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		(1..=4).for_each(|account| commit(account, round, 50));
		to_reveal();
		let revealing_since = Now::get();
		reveal(1, round, 50);
		reveal(2, round, 50);
		run_to(revealing_since + REVEAL_TIME - 1);
		assert!(Oracle::open_round(FEED).is_some());
		to_next_block();
		let reason = RoundFailure::Disagreement(Disagreement::TooLittleWeight {
			reported: 200,
			needed: 267,
		});
		assert_eq!(events(), [Event::RoundFailed { feed: FEED, round, reason }]);
		assert_eq!(Oracle::latest(FEED), None);
		assert_eq!(Oracle::budget(FEED), BUDGET);
	});
}

#[test]
fn a_round_should_fail_when_the_reporters_are_divided() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		report_all(round, &[1_000, 1_300, 2_500, 2_600]);
		let diverged = events().into_iter().any(|event| {
			matches!(
				event,
				Event::RoundFailed {
					reason: RoundFailure::Disagreement(Disagreement::Diverged { .. }),
					..
				}
			)
		});
		assert!(diverged, "{:?}", events());
		assert_eq!(Oracle::latest(FEED), None);
	});
}

#[test]
fn a_stricter_quorum_than_two_thirds_should_count() {
	let mut spec = spec();
	spec.rules.quorum = sp_runtime::Percent::from_percent(100);
	ExtBuilder::default().spec(spec).build_and_execute(|| {
		let round = open_next_round();
		(1..=3).for_each(|account| commit(account, round, 50));
		abstain(4, round);
		to_next_block();
		let reason = RoundFailure::TooFewCommitted { committed: 300, needed: 400 };
		assert_eq!(events(), [Event::RoundFailed { feed: FEED, round, reason }]);
	});
}

#[test]
fn an_answer_should_end_a_row_of_failures() {
	ExtBuilder::default().build_and_execute(|| {
		for failures in 1..=2 {
			let round = open_next_round();
			(1..=4).for_each(|account| abstain(account, round));
			to_end();
			assert_eq!(Oracle::feeds(None, 1)[0].failures, failures);
		}
		let round = open_next_round();
		report_all(round, &[1, 2, 3, 4]);
		assert_eq!(Oracle::feeds(None, 1)[0].failures, 0);
		assert_eq!(Oracle::latest(FEED).unwrap().status, AnswerStatus::Fresh);
	});
}

#[test]
fn rounds_should_open_a_heartbeat_apart_however_early_they_end() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		let opened_at = Now::get();
		report_all(round, &[1, 2, 3, 4]);
		run_to(opened_at + HEARTBEAT - 1);
		assert_eq!(Oracle::open_round(FEED), None);
		to_next_block();
		assert_eq!(Oracle::open_round(FEED).unwrap().index, round + 1);
	});
}

#[test]
fn weights_should_be_those_at_the_opening() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		Weights::mutate(|weights| weights.extend([(1, 1_000_000), (2, 0)]));
		report_all(round, &[1, 2, 3, 4]);
		assert_eq!(Oracle::history(FEED)[0].reported, 4 * WEIGHT);
	});
}

#[test]
fn a_halted_network_should_neither_open_nor_end_rounds() {
	ExtBuilder::default().build_and_execute(|| {
		open_next_round();
		run_to(Now::get() + COMMIT_TIME - 1);
		Running::set(false);
		for _ in 0..2 * HEARTBEAT {
			to_next_block();
			assert!(events().is_empty());
		}
		assert!(Oracle::open_round(FEED).is_some());

		Running::set(true);
		to_next_block();
		assert_eq!(Oracle::open_round(FEED), None);
	});
}

#[test]
fn words_should_be_taken_while_the_network_is_halted() {
	// Safe mode stops no oracle duty.
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		Running::set(false);
		to_next_block();
		(1..=4).for_each(|account| commit(account, round, 2));
		to_next_block();
		assert_eq!(Oracle::open_round(FEED).unwrap().phase, Phase::Commit);
		Running::set(true);
		to_next_block();
		assert_eq!(Oracle::open_round(FEED).unwrap().phase, Phase::Reveal);
	});
}

#[test]
fn what_exceeds_a_blocks_agenda_should_wait_for_the_next_and_not_be_lost() {
	ExtBuilder::default().without_feed().build_and_execute(|| {
		(1..=4).for_each(|account| register(account, rwa_primitives::app_key::Role::Oracle));
		(0..7).map(other_feed).for_each(create_other);
		let open_feeds = || Rounds::<Test>::iter().count();
		// Two a block.
		for open in [2, 4, 6, 7, 7] {
			to_next_block();
			assert_eq!(open_feeds(), open);
			assert_ok!(Oracle::do_try_state());
		}
		// They fail in the same rhythm.
		run_to(1 + COMMIT_TIME + 1);
		assert_eq!((open_feeds(), events().len()), (5, 2));
		run_to(1 + COMMIT_TIME + 4);
		assert_eq!(open_feeds(), 0);
		// No round was skipped.
		Day::set(1);
		run_to(1 + 10 * HEARTBEAT);
		for feed in Oracle::feeds(None, 100) {
			assert_eq!(feed.last_round, 10, "{:?}", feed.id);
		}
		Day::set(1_000);
	});
}

#[test]
fn a_block_should_handle_no_more_than_is_sure_to_fit() {
	ExtBuilder::default().without_feed().build_and_execute(|| {
		(1..=4).for_each(|account| register(account, rwa_primitives::app_key::Role::Oracle));
		(0..4).map(other_feed).for_each(create_other);
		MaxDuePerBlock::set(10);
		// Room for one opening, and then for one more of whatever is heaviest.
		let room = <() as WeightInfo>::agenda_base()
			.saturating_add(<() as WeightInfo>::agenda_bucket(4))
			.saturating_add(<() as WeightInfo>::open_round(4))
			.saturating_add(Oracle::heaviest_due());
		MaxBlock::set(Weight::from_parts(4 * room.ref_time(), u64::MAX));
		let open_feeds = || Rounds::<Test>::iter().count();
		for open in [2, 4] {
			to_next_block();
			assert_eq!(open_feeds(), open);
		}
		assert_eq!(AgendaCursor::<Test>::get(), Some(Now::get()));
	});
}

#[test]
fn a_feed_that_can_not_open_a_round_should_try_less_and_less_often() {
	ExtBuilder::default().budget(0).build_and_execute(|| {
		let mut attempts = Vec::new();
		while attempts.len() < 8 {
			to_next_block();
			let failed = |event: &Event<Test>| matches!(event, Event::RoundFailed { .. });
			if events().iter().any(failed) {
				attempts.push(Now::get());
			}
		}
		let waits: Vec<_> =
			attempts.windows(2).map(|pair| (pair[1] - pair[0]) / HEARTBEAT).collect();
		assert_eq!(waits, [1, 2, 4, 8, 16, 16, 16]);
	});
}

/// Blocks until the next opening was put off for more than a heartbeat.
fn until_put_off() {
	while Due::<Test>::get(FEED).unwrap() <= Now::get() + HEARTBEAT {
		to_next_block();
	}
}

#[test]
fn a_feed_that_was_put_off_should_open_as_soon_as_it_can_pay() {
	ExtBuilder::default().budget(0).build_and_execute(|| {
		until_put_off();
		let due = Due::<Test>::get(FEED);
		assert_ok!(Oracle::top_up(by(OWNER), FEED, 4 * REWARD - 1));
		assert_eq!(Due::<Test>::get(FEED), due);
		assert_ok!(Oracle::top_up(by(OWNER), FEED, 1));
		to_next_block();
		assert!(Oracle::open_round(FEED).is_some());
		// Now it is on time, and more money changes nothing.
		let due = Due::<Test>::get(FEED);
		assert_ok!(Oracle::top_up(by(OWNER), FEED, BUDGET));
		assert_eq!(Due::<Test>::get(FEED), due);
	});
}

#[test]
fn a_feed_that_was_put_off_should_open_as_soon_as_enough_have_joined() {
	ExtBuilder::default().reporters(3).build_and_execute(|| {
		until_put_off();
		assert_ok!(Oracle::pause_feed(by(OWNER), FEED));
		assert_ok!(Oracle::resume_feed(by(OWNER), FEED));
		until_put_off();
		join(STRANGER, FEED);
		to_next_block();
		assert!(Oracle::open_round(FEED).is_some());
	});
}

#[test]
fn the_agenda_should_catch_up_after_a_block_with_more_than_it_could_handle() {
	ExtBuilder::default().without_feed().build_and_execute(|| {
		// All at once, ten blocks' worth, and then one a block: the cursor falls behind.
		MaxDuePerBlock::set(1);
		MaxFeedsPerReporter::set(100);
		(1..=4).for_each(|account| register(account, rwa_primitives::app_key::Role::Oracle));
		(0..10).map(other_feed).for_each(create_other);
		run_to(11);
		assert_eq!(Rounds::<Test>::iter().count(), 10);
		assert!(AgendaCursor::<Test>::get().unwrap() < Now::get());
		run_to(11 + 10u32.div_ceil(MAX_BUCKETS_PER_BLOCK - 1));
		assert_eq!(AgendaCursor::<Test>::get(), Some(Now::get() + 1));
	});
}

#[test]
fn a_late_agenda_should_leave_the_whole_time_to_reveal() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		(1..=3).for_each(|account| commit(account, round, 1));
		let deadline = Oracle::open_round(FEED).unwrap().deadline;
		// The agenda comes to this feed some blocks late.
		Now::mutate(|now| *now += COMMIT_TIME + 3);
		to_reveal();
		assert!(Now::get() > deadline);
		assert_eq!(Oracle::open_round(FEED).unwrap().deadline, Now::get() + REVEAL_TIME);
	});
}

#[test]
fn on_initialize_should_weigh_what_it_does() {
	ExtBuilder::default().build_and_execute(|| {
		let weigh = || Oracle::on_initialize(System::block_number()).ref_time();
		let of = |weight: Weight| weight.ref_time();
		let base = of(<() as WeightInfo>::agenda_base());
		let bucket = of(<() as WeightInfo>::agenda_bucket(1));
		let empty = of(<() as WeightInfo>::agenda_bucket(0));
		Running::set(false);
		assert_eq!(weigh(), of(<() as WeightInfo>::agenda_halted()));
		Running::set(true);
		// Everything from the feed's creation on.
		Now::mutate(|now| *now += 1);
		let open = of(<() as WeightInfo>::open_round(4));
		assert_eq!(weigh(), base + bucket + open);

		(1..=4).for_each(|account| commit(account, 1, 5));
		Now::mutate(|now| *now += 1);
		assert_eq!(weigh(), base + bucket + of(<() as WeightInfo>::start_reveal(4)));
		(1..=4).for_each(|account| reveal(account, 1, 5));
		Now::mutate(|now| *now += 1);
		// The window of one of them is over with this round.
		let record = Record { rounds: WindowRounds::get() - 1, ..Default::default() };
		Records::<Test>::insert(FEED, 1, record);
		let close = of(<() as WeightInfo>::close_round(4)) + of(<() as WeightInfo>::judge());
		assert_eq!(weigh(), base + bucket + close);

		Now::mutate(|now| *now += 1);
		assert_eq!(weigh(), base + empty);
		let round = open_next_round();
		(1..=4).for_each(|account| say(account, statement(round, Word::Abstain)));
		Now::mutate(|now| *now += 1);
		assert_eq!(weigh(), base + bucket + of(<() as WeightInfo>::fail_round(4)));
	});
}

#[test]
fn round_numbers_should_end_rather_than_repeat() {
	ExtBuilder::default().build_and_execute(|| {
		crate::LastRound::<Test>::insert(FEED, u32::MAX);
		to_next_block();
		assert_eq!(events(), [Event::FeedPaused { feed: FEED }]);
		run_to(2 * HEARTBEAT);
		assert_eq!(Oracle::open_round(FEED), None);
		assert!(Oracle::feeds(None, 1)[0].feed.paused);
	});
}
