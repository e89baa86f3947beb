//! Rounds open, close and fail by working time.

use frame_support::{assert_ok, traits::Hooks};

use crate::{functions::MAX_BUCKETS_PER_BLOCK, mock::*, AgendaCursor, Error, Event, Reports};

fn round_events() -> Vec<Event<Test>> {
	events()
		.into_iter()
		.filter(|e| {
			matches!(
				e,
				Event::RoundOpened { .. } | Event::RoundClosed { .. } | Event::RoundFailed { .. }
			)
		})
		.collect()
}

fn open_feeds() -> usize {
	crate::Rounds::<Test>::iter().count()
}

#[test]
fn a_round_should_open_with_the_feeds_reporters_and_their_quorum() {
	ExtBuilder::default().reporters(7).build_and_execute(|| {
		let round = open_next_round();
		let open = Oracle::open_round(FEED).unwrap();
		assert_eq!((open.needed, open.reports), (5, 0));
		assert_eq!((open.opened_at, open.deadline), (Now::get(), Now::get() + DEADLINE));
		let reporters = accounts(1..=7);
		let deadline = open.deadline;
		assert_eq!(events(), [Event::RoundOpened { feed: FEED, round, reporters, deadline }]);
	});
}

#[test]
fn a_round_should_close_with_the_median_as_soon_as_66_percent_have_reported() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		report(2, round, 2_150);
		report(4, round, 2_100);
		assert!(Oracle::open_round(FEED).is_some());
		report(1, round, 9_999); // Lies.

		assert_eq!(Oracle::open_round(FEED), None);
		let closed =
			Event::RoundClosed { feed: FEED, round, value: 2_150, reports: 3, assigned: 4 };
		assert_eq!(events().last(), Some(&closed));
		assert_eq!(Reports::<Test>::iter().count(), 0);
		assert_eq!(Oracle::latest(FEED).unwrap().value, 2_150);
	});
}

#[test]
fn less_than_a_third_lying_should_not_move_the_answer_beyond_what_the_others_saw() {
	ExtBuilder::default().reporters(7).build_and_execute(|| {
		for lie in [-5_000, 10_000] {
			let round = open_next_round();
			report_all(round, &[lie, lie, 2_000, 2_001, 2_002]);
			let value = Oracle::latest(FEED).unwrap().value;
			assert!((2_000..=2_002).contains(&value), "{value}");
		}
	});
}

#[test]
fn rounds_should_open_a_heartbeat_apart_however_early_they_close() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		let opened_at = Now::get();
		report_all(round, &[1, 2, 3]);
		run_to(opened_at + HEARTBEAT - 1);
		assert_eq!(Oracle::open_round(FEED), None);
		to_next_block();
		assert_eq!(Oracle::open_round(FEED).unwrap().index, round + 1);
	});
}

#[test]
fn a_round_should_fail_at_its_deadline_and_keep_the_old_answer() {
	ExtBuilder::default().build_and_execute(|| {
		let first = open_next_round();
		report_all(first, &[1, 2, 3]);
		let round = open_next_round();
		let opened_at = Now::get();
		report(1, round, 50);
		report(2, round, 50);

		run_to(opened_at + DEADLINE - 1);
		assert!(Oracle::open_round(FEED).is_some());
		to_next_block();
		assert_eq!(events(), [Event::RoundFailed { feed: FEED, round, reports: 2, needed: 3 }]);
		assert_eq!(Reports::<Test>::iter().count(), 0);
		assert_eq!(Oracle::latest(FEED).unwrap().round, first);

		run_to(opened_at + HEARTBEAT);
		assert_eq!(Oracle::open_round(FEED).unwrap().index, round + 1);
	});
}

#[test]
fn a_halted_network_should_neither_open_nor_expire_rounds() {
	ExtBuilder::default().build_and_execute(|| {
		open_next_round();
		run_to(Now::get() + DEADLINE - 1);
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
fn reports_should_be_taken_while_the_network_is_halted() {
	// Safe mode stops no oracle duty.
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		Running::set(false);
		to_next_block();
		report_all(round, &[1, 2, 3]);
		assert_eq!(Oracle::latest(FEED).unwrap().value, 2);
	});
}

#[test]
fn what_exceeds_a_blocks_agenda_should_wait_for_the_next_and_not_be_lost() {
	ExtBuilder::default().without_feed().build_and_execute(|| {
		for asset in 0..7 {
			let feed = other_feed(asset);
			assert_ok!(Oracle::create_feed(RuntimeOrigin::root(), feed, spec(), accounts(1..=4)));
		}
		// Two a block.
		for open in [2, 4, 6, 7, 7] {
			to_next_block();
			assert_eq!(open_feeds(), open);
			assert_ok!(Oracle::do_try_state());
		}
		// They fail in the same rhythm.
		run_to(1 + DEADLINE + 1);
		assert_eq!((open_feeds(), round_events().len()), (5, 2));
		run_to(1 + DEADLINE + 4);
		assert_eq!(open_feeds(), 0);
		// No round was skipped.
		run_to(1 + 10 * HEARTBEAT);
		for feed in Oracle::feeds(None, 100) {
			assert_eq!(feed.last_round, 10, "{:?}", feed.id);
		}
	});
}

#[test]
fn the_agenda_should_catch_up_after_a_block_with_more_than_it_could_handle() {
	ExtBuilder::default().without_feed().build_and_execute(|| {
		// All at once, ten blocks' worth, and then one a block: the cursor falls behind.
		MaxDuePerBlock::set(1);
		MaxFeedsPerReporter::set(100);
		for asset in 0..10 {
			let feed = other_feed(asset);
			assert_ok!(Oracle::create_feed(RuntimeOrigin::root(), feed, spec(), accounts(1..=4)));
		}
		run_to(11);
		assert_eq!(open_feeds(), 10);
		assert!(AgendaCursor::<Test>::get().unwrap() < Now::get());
		run_to(11 + 10u32.div_ceil(MAX_BUCKETS_PER_BLOCK - 1));
		assert_eq!(AgendaCursor::<Test>::get(), Some(Now::get() + 1));
	});
}

#[test]
fn a_late_expiry_should_not_prolong_the_round() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		run_to(Now::get() + DEADLINE - 1);
		// The deadline passes, but the agenda has not come to this feed.
		Now::mutate(|now| *now += 1);
		frame_support::assert_noop!(dispatch(signed(1, round, 1)), Error::<Test>::RoundNotOpen);
	});
}

#[test]
fn on_initialize_should_weigh_what_it_does() {
	ExtBuilder::default().build_and_execute(|| {
		let weigh = || Oracle::on_initialize(System::block_number());
		Running::set(false);
		let halted = weigh();
		Running::set(true);
		let idle = weigh();
		Now::mutate(|now| *now += 1);
		let opening = weigh();
		assert!(Oracle::open_round(FEED).is_some());
		assert!(halted.ref_time() < idle.ref_time());
		assert!(idle.ref_time() < opening.ref_time());
	});
}

#[test]
fn round_numbers_should_end_rather_than_repeat() {
	ExtBuilder::default().build_and_execute(|| {
		crate::LastRound::<Test>::insert(FEED, u32::MAX);
		run_to(2 * HEARTBEAT);
		assert_eq!(Oracle::open_round(FEED), None);
		assert!(Oracle::feeds(None, 1)[0].paused);
	});
}
