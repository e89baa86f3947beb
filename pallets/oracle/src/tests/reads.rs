//! What feeds say to those who read them.

use frame_support::assert_ok;
use rwa_primitives::{
	feed::{Answer, AnswerStatus, FeedId},
	traits::FeedReader,
};

use crate::mock::*;

fn status() -> AnswerStatus {
	Oracle::latest(FEED).unwrap().status
}

#[test]
fn a_feed_should_have_no_answer_before_its_first_round_has_closed() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(Oracle::latest(FEED), None);
		let round = open_next_round();
		report(1, round, 1);
		assert_eq!(Oracle::latest(FEED), None);
		assert_eq!(Oracle::latest(other_feed(9)), None);
	});
}

#[test]
fn an_answer_should_say_when_it_was_agreed_on_and_how_old_it_is() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		report_all(round, &[2_135, 2_136, 2_137]);
		let (block, moment) = (System::block_number(), Moment::get());
		run_to(Now::get() + 7);
		let answer = Answer {
			value: 2_136,
			decimals: 2,
			round,
			updated_at: block,
			moment,
			age: 7,
			status: AnswerStatus::Fresh,
		};
		assert_eq!(Oracle::latest(FEED), Some(answer.clone()));
		assert_eq!(<Oracle as FeedReader<u32>>::latest(&FEED), Some(answer));
	});
}

#[test]
fn an_answer_should_turn_stale_when_it_is_older_than_the_feed_allows() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		report_all(round, &[1, 2, 3]);
		let closed_at = Now::get();
		run_to(closed_at + MAX_AGE);
		assert_eq!(status(), AnswerStatus::Fresh);
		assert_eq!(Oracle::latest(FEED).unwrap().fresh(), Some(2));
		to_next_block();
		assert_eq!(status(), AnswerStatus::Stale);
		assert_eq!(Oracle::latest(FEED).unwrap().fresh(), None);
		// The value is still there for those who ask for it.
		assert_eq!(Oracle::latest(FEED).unwrap().value, 2);

		let round = open_next_round();
		report_all(round, &[4, 5, 6]);
		assert_eq!(Oracle::latest(FEED).unwrap().fresh(), Some(5));
	});
}

#[test]
fn an_answer_should_grow_old_while_the_network_is_halted() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		report_all(round, &[1, 2, 3]);
		Running::set(false);
		for _ in 0..2 * MAX_AGE {
			to_next_block();
		}
		assert_eq!(status(), AnswerStatus::Stale);
	});
}

#[test]
fn the_answer_of_a_paused_feed_should_count_as_paused_at_any_age() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		report_all(round, &[1, 2, 3]);
		assert_ok!(Oracle::pause_feed(RuntimeOrigin::root(), FEED));
		assert_eq!((status(), Oracle::latest(FEED).unwrap().fresh()), (AnswerStatus::Paused, None));
		run_to(Now::get() + 2 * MAX_AGE);
		assert_eq!(status(), AnswerStatus::Paused);
		assert_ok!(Oracle::resume_feed(RuntimeOrigin::root(), FEED));
		assert_eq!(status(), AnswerStatus::Stale);
	});
}

#[test]
fn the_history_should_keep_the_last_answers_oldest_first() {
	ExtBuilder::default().build_and_execute(|| {
		for value in 1..=5 {
			let round = open_next_round();
			report_all(round, &[value, value, value]);
		}
		let values: Vec<_> = Oracle::history(FEED).iter().map(|answer| answer.value).collect();
		assert_eq!(values, [3, 4, 5]);
		assert_eq!(Oracle::history(FEED).last().unwrap().assigned, 4);
		assert!(Oracle::history(other_feed(9)).is_empty());
	});
}

#[test]
fn feeds_should_be_listed_page_by_page_each_once() {
	ExtBuilder::default().without_feed().build_and_execute(|| {
		MaxFeedsPerReporter::set(1_000);
		for asset in 0..105 {
			let feed = other_feed(asset);
			assert_ok!(Oracle::create_feed(RuntimeOrigin::root(), feed, spec(), accounts(1..=4)));
		}
		assert_ok!(Oracle::pause_feed(RuntimeOrigin::root(), other_feed(3)));

		let mut seen: Vec<FeedId> = Vec::new();
		loop {
			let page = Oracle::feeds(seen.last().copied(), 10);
			seen.extend(page.iter().map(|feed| feed.id));
			for feed in &page {
				assert_eq!(feed.paused, feed.id == other_feed(3));
				assert_eq!(feed.feed.spec, spec());
			}
			if page.len() < 10 {
				break;
			}
		}
		seen.sort();
		let all: Vec<_> = (0..105).map(other_feed).collect();
		assert_eq!(seen, all);
		assert_eq!(Oracle::feeds(None, u32::MAX).len(), 100);
		assert!(Oracle::feeds(None, 0).is_empty());
	});
}
