//! Answers: what may be relied on.

use rwa_primitives::{
	feed::{Answer, AnswerStatus},
	reading::{Reading, Schema},
};

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
