//! What feeds say, what is said to them, and how often nodes look.

use codec::Encode;
use rwa_primitives::{
	feed::{Answer, AnswerStatus, Word},
	reading::{Reading, Schema},
	worker::default_watch_every,
};
use sp_core::H256;

#[test]
fn only_a_fresh_answer_gives_its_reading() {
	let reading = Reading::Scalar(5);
	let answer = |status| Answer {
		reading,
		median: reading,
		spread: 0,
		schema: Schema::Scalar { decimals: 0, minimum: 0, maximum: 10 },
		round: 1,
		updated_at: 1u32,
		moment: 0,
		age: 0,
		status,
	};
	assert_eq!(answer(AnswerStatus::Fresh).fresh(), Some(reading));
	assert_eq!(answer(AnswerStatus::Stale).fresh(), None);
	assert_eq!(answer(AnswerStatus::Paused).fresh(), None);
}

#[test]
fn the_numbers_of_words_stay() {
	// Nodes sign them: a number that moves makes words of old nodes say something else.
	assert_eq!(Word::Commit(H256::zero()).encode()[0], 0);
	assert_eq!(Word::Abstain.encode(), [2]);
	assert_eq!(Word::Alarm.encode(), [3]);
}

#[test]
fn who_does_not_say_looks_sixty_times_a_heartbeat_and_not_more_often_than_every_ten_blocks() {
	assert_eq!(default_watch_every(3_600), 60);
	assert_eq!(default_watch_every(86_400), 1_440);
	assert_eq!(default_watch_every(659), 10);
	assert_eq!(default_watch_every(0), 10);
}
