//! What feeds say to those who read them.

use frame_support::assert_ok;
use rwa_primitives::{
	feed::{Answer, AnswerStatus, FeedId},
	reading::{Reading, Schema},
	traits::FeedReader,
};

use crate::{mock::*, Admission, FeedSpec};

fn status() -> AnswerStatus {
	Oracle::latest(FEED).unwrap().status
}

fn fresh() -> Option<Reading> {
	Oracle::latest(FEED).unwrap().fresh()
}

/// The next round agrees on `value`.
fn agree_on(value: i128) -> u32 {
	let round = open_next_round();
	report_all(round, &[value; 4]);
	round
}

#[test]
fn a_feed_should_have_no_answer_before_its_first_round_has_closed() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(Oracle::latest(FEED), None);
		let round = open_next_round();
		commit(1, round, 1);
		assert_eq!(Oracle::latest(FEED), None);
		assert_eq!(Oracle::latest(other_feed(9)), None);
	});
}

#[test]
fn an_answer_should_say_when_it_was_agreed_on_and_how_old_it_is() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		report_all(round, &[2_135, 2_136, 2_138, 2_139]);
		let (block, moment) = (System::block_number(), Moment::get());
		run_to(Now::get() + 7);
		let answer = Answer {
			reading: Reading::Scalar(2_137),
			median: Reading::Scalar(2_136),
			spread: 1,
			schema: spec().schema,
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
	let spec = FeedSpec { heartbeat: 100, max_age: 100, ..spec() };
	ExtBuilder::default().spec(spec).build_and_execute(|| {
		agree_on(2);
		let closed_at = Now::get();
		// The next round is open, and has not failed yet.
		run_to(closed_at + 100);
		assert_eq!((status(), fresh()), (AnswerStatus::Fresh, Some(Reading::Scalar(2))));
		to_next_block();
		assert_eq!((status(), fresh()), (AnswerStatus::Stale, None));
		// The reading is still there for those who ask for it.
		assert_eq!(Oracle::latest(FEED).unwrap().reading, Reading::Scalar(2));
	});
}

#[test]
fn an_answer_should_turn_stale_when_a_round_fails() {
	ExtBuilder::default().build_and_execute(|| {
		agree_on(2);
		let round = open_next_round();
		assert_eq!(status(), AnswerStatus::Fresh);
		(1..=4).for_each(|account| abstain(account, round));
		to_end();
		assert!(Oracle::latest(FEED).unwrap().age < MAX_AGE);
		assert_eq!((status(), fresh()), (AnswerStatus::Stale, None));
		agree_on(3);
		assert_eq!(fresh(), Some(Reading::Scalar(3)));
	});
}

#[test]
fn an_answer_should_grow_old_while_the_network_is_halted() {
	ExtBuilder::default().build_and_execute(|| {
		agree_on(2);
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
		agree_on(2);
		assert_ok!(Oracle::pause_feed(by(OWNER), FEED));
		assert_eq!((status(), fresh()), (AnswerStatus::Paused, None));
		run_to(Now::get() + 2 * MAX_AGE);
		assert_eq!(status(), AnswerStatus::Paused);
		assert_ok!(Oracle::resume_feed(by(OWNER), FEED));
		assert_eq!(status(), AnswerStatus::Stale);
	});
}

#[test]
fn the_history_should_keep_the_last_answers_oldest_first() {
	ExtBuilder::default().build_and_execute(|| {
		(1..=5).for_each(|value| {
			agree_on(value);
		});
		let kept = Oracle::history(FEED);
		let values: Vec<_> = kept.iter().map(|answer| answer.reading).collect();
		assert_eq!(values, [3, 4, 5].map(Reading::Scalar));
		assert_eq!(kept.last().unwrap().committee, 4);
		let read: Vec<_> = kept.iter().map(|answer| (answer.block, answer.reading)).collect();
		assert_eq!(<Oracle as FeedReader<u32>>::history(&FEED), read);
		assert!(Oracle::history(other_feed(9)).is_empty());
	});
}

#[test]
fn an_average_should_weigh_each_answer_by_the_time_it_stood() {
	ExtBuilder::default().build_and_execute(|| {
		agree_on(100);
		let first = System::block_number();
		agree_on(400);
		let second = System::block_number();
		run_to(Now::get() + 10);
		let mean = |from, until| Oracle::time_weighted(FEED, from, until);
		assert_eq!(mean(first, second), Some(100));
		assert_eq!(mean(second - 10, second + 10), Some(250));
		assert_eq!(
			<Oracle as FeedReader<u32>>::time_weighted(&FEED, second - 10, second + 10),
			Some(250)
		);
		// Before the oldest answer, no time at all, and the future.
		assert_eq!(mean(first - 1, second), None);
		assert_eq!(mean(second, second), None);
		let now = System::block_number();
		assert_eq!(mean(second, now), Some(400));
		assert_eq!(mean(second, now + 1), None);
		assert_eq!(Oracle::time_weighted(other_feed(9), first, second), None);
	});
}

#[test]
fn only_scalars_should_have_an_average() {
	let spec = FeedSpec { schema: Schema::Category { count: 3 }, ..spec() };
	ExtBuilder::default().spec(spec).build_and_execute(|| {
		use rwa_primitives::feed::{Observation, Word};
		let round = open_next_round();
		let observation = || Observation { reading: Reading::Category(2), evidence: None };
		for account in 1..=4u64 {
			let hidden =
				observation().commitment(&genesis_hash(), &FEED, round, &account, &salt(account));
			say(account, statement(round, Word::Commit(hidden)));
		}
		to_reveal();
		for account in 1..=4u64 {
			let (observation, salt) = (observation(), salt(account));
			say(account, statement(round, Word::Reveal { observation, salt }));
		}
		to_end();
		assert_eq!(fresh(), Some(Reading::Category(2)));
		let closed = System::block_number();
		to_next_block();
		assert_eq!(Oracle::time_weighted(FEED, closed, closed + 1), None);
	});
}

#[test]
fn feeds_should_be_listed_page_by_page_each_once() {
	ExtBuilder::default().without_feed().build_and_execute(|| {
		for asset in 0..105 {
			let feed = other_feed(asset);
			assert_ok!(Oracle::create_feed(root(), feed, spec(), Admission::Open));
		}
		assert_ok!(Oracle::pause_feed(root(), other_feed(3)));
		assert_ok!(Oracle::top_up(by(BYSTANDER), other_feed(4), 7));

		let mut seen: Vec<FeedId> = Vec::new();
		loop {
			let page = Oracle::feeds(seen.last().copied(), 10);
			seen.extend(page.iter().map(|feed| feed.id));
			for feed in &page {
				assert_eq!(feed.feed.paused, feed.id == other_feed(3));
				assert_eq!(feed.budget, if feed.id == other_feed(4) { 7 } else { 0 });
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
