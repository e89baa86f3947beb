//! The median: what a minority can't move.

use proptest::prelude::*;
use rwa_primitives::{
	feed::{Answer, AnswerStatus, Value},
	median::median,
};

#[test]
fn the_median_is_the_middle_value() {
	assert_eq!(median(&mut []), None);
	assert_eq!(median(&mut [7]), Some(7));
	assert_eq!(median(&mut [3, 1, 2]), Some(2));
	assert_eq!(median(&mut [i128::MAX, i128::MIN, 0]), Some(0));
}

#[test]
fn of_two_middle_values_the_median_is_the_lower() {
	assert_eq!(median(&mut [2, 1]), Some(1));
	assert_eq!(median(&mut [4, 1, 3, 2]), Some(2));
	assert_eq!(median(&mut [i128::MAX, i128::MIN]), Some(i128::MIN));
}

#[test]
fn only_a_fresh_answer_gives_its_value() {
	let answer = |status| Answer {
		value: 5,
		decimals: 0,
		round: 1,
		updated_at: 1u32,
		moment: 0,
		age: 0,
		status,
	};
	assert_eq!(answer(AnswerStatus::Fresh).fresh(), Some(5));
	assert_eq!(answer(AnswerStatus::Stale).fresh(), None);
	assert_eq!(answer(AnswerStatus::Paused).fresh(), None);
}

fn values() -> impl Strategy<Value = Vec<Value>> {
	prop::collection::vec(any::<Value>(), 1..50)
}

proptest! {
	#[test]
	fn the_order_of_the_values_does_not_matter(
		(values, shuffled) in values().prop_flat_map(|v| (Just(v.clone()), Just(v).prop_shuffle())),
	) {
		prop_assert_eq!(median(&mut values.clone()), median(&mut shuffled.clone()));
	}

	#[test]
	fn the_median_is_one_of_the_values_with_half_of_them_on_each_side(values in values()) {
		let median = median(&mut values.clone()).unwrap();
		prop_assert!(values.contains(&median));
		let below = values.iter().filter(|value| **value < median).count();
		let above = values.iter().filter(|value| **value > median).count();
		prop_assert!(below * 2 < values.len());
		prop_assert!(above * 2 <= values.len());
	}

	#[test]
	fn less_than_half_false_values_do_not_move_it_beyond_the_true_ones(
		(honest, faulty) in values().prop_flat_map(|honest| {
			let fewer = honest.len();
			(Just(honest), prop::collection::vec(any::<Value>(), 0..fewer))
		}),
	) {
		let mut all = [honest.clone(), faulty].concat();
		let median = median(&mut all).unwrap();
		prop_assert!(median >= *honest.iter().min().unwrap());
		prop_assert!(median <= *honest.iter().max().unwrap());
	}

	#[test]
	fn higher_values_never_make_a_lower_median(
		values in values(), raises in prop::collection::vec(any::<u64>(), 50),
	) {
		let mut raised: Vec<Value> =
			values.iter().zip(raises).map(|(value, by)| value.saturating_add(by.into())).collect();
		prop_assert!(median(&mut raised) >= median(&mut values.clone()));
	}
}
