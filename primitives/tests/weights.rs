//! Weights: nobody has a third, and chances follow them.

use proptest::prelude::*;
use rwa_primitives::aggregate::{cap_weights, draw, TooFewReporters};

fn capped(weights: &[u128]) -> Vec<u128> {
	let mut weights = weights.to_vec();
	cap_weights(&mut weights).unwrap();
	weights
}

fn below_a_third(weights: &[u128]) -> bool {
	let sum: u128 = weights.iter().sum();
	weights.iter().all(|weight| weight * 3 < sum)
}

/// At least four that count, of any size, and some that don't.
fn weights() -> impl Strategy<Value = Vec<u128>> {
	let weight = || prop_oneof![1..=4u128, 1..=1_000u128, 1..=10u128.pow(30)];
	let rest = prop::collection::vec(prop_oneof![Just(0u128), weight()], 0..20);
	(prop::collection::vec(weight(), 4), rest).prop_map(|(four, rest)| [four, rest].concat())
}

fn seed(number: u32) -> [u8; 32] {
	let mut seed = [0; 32];
	seed[..4].copy_from_slice(&number.to_le_bytes());
	seed
}

#[test]
fn large_weights_are_lowered_below_a_third() {
	assert_eq!(capped(&[5, 5, 5, 5]), [5, 5, 5, 5]);
	assert_eq!(capped(&[100, 5, 5, 5]), [7, 5, 5, 5]);
	assert_eq!(capped(&[100, 99, 5, 5]), [9, 9, 5, 5]);
	assert_eq!(capped(&[100, 99, 98, 5]), [100, 99, 98, 5]);
	assert_eq!(capped(&[100, 99, 98, 1]), [98, 98, 98, 1]);
	assert_eq!(capped(&[0, 1, 1, 0, 9, 9]), [0, 1, 1, 0, 1, 1]);
	let most = u128::MAX;
	assert_eq!(capped(&[most, most, most, most, 1]), [most, most, most, most, 1]);
	assert_eq!(capped(&[most, 1, 1, 1]), [1, 1, 1, 1]);
}

#[test]
fn of_three_reporters_one_always_has_a_third() {
	for few in [&[][..], &[1], &[1, 1, 1], &[5, 0, 6, 7, 0]] {
		let mut weights = few.to_vec();
		assert_eq!(cap_weights(&mut weights), Err(TooFewReporters));
		assert_eq!(weights, few);
	}
}

#[test]
fn those_without_weight_are_never_drawn() {
	assert_eq!(draw(seed(0), &[0, 0], 2), [0usize; 0]);
	assert_eq!(draw(seed(0), &[], 2), [0usize; 0]);
	assert_eq!(draw(seed(0), &[0, 7, 0], 2), [1]);
	assert_eq!(draw(seed(0), &[1, 1], 0), [0usize; 0]);
}

#[test]
fn the_draw_is_the_same_for_everybody_for_ever() {
	// What other implementations have to reproduce.
	assert_eq!(draw(seed(1), &[10, 20, 30, 40, 50], 3), [1, 4, 2]);
}

#[test]
fn chances_follow_weights() {
	const DRAWS: u32 = 20_000;
	let weights = [10, 20, 30, 40];
	let mut first = [0u32; 4];
	let mut second_after_last = [0u32; 4];
	for number in 0..DRAWS {
		let drawn = draw(seed(number), &weights, 2);
		first[drawn[0]] += 1;
		second_after_last[drawn[1]] += u32::from(drawn[0] == 3);
	}
	// Five standard deviations of the commonest are 350.
	for (count, weight) in first.into_iter().zip(weights) {
		let expected = DRAWS * u32::try_from(weight).unwrap() / 100;
		assert!(count.abs_diff(expected) < 350, "{first:?}");
	}
	// About 8000 draws of the other three, with chances of 1, 2 and 3 sixths.
	let all: u32 = second_after_last.iter().sum();
	assert_eq!(second_after_last[3], 0);
	for (count, sixths) in second_after_last.into_iter().zip(1..=3) {
		assert!(count.abs_diff(all * sixths / 6) < 225, "{second_after_last:?}");
	}
}

proptest! {
	#[test]
	fn nobody_keeps_a_third(weights in weights()) {
		prop_assert!(below_a_third(&capped(&weights)));
	}

	#[test]
	fn weights_are_lowered_no_further_than_needed(weights in weights()) {
		let after = capped(&weights);
		if below_a_third(&weights) {
			prop_assert_eq!(&after, &weights);
		} else {
			let cap = *after.iter().max().unwrap();
			let lenient: Vec<u128> = weights.iter().map(|weight| *weight.min(&(cap + 1))).collect();
			prop_assert!(!below_a_third(&lenient));
		}
	}

	#[test]
	fn all_above_the_cap_get_it_and_nobody_else_changes(weights in weights()) {
		let after = capped(&weights);
		let cap = *after.iter().max().unwrap();
		let expected: Vec<u128> = weights.iter().map(|weight| *weight.min(&cap)).collect();
		prop_assert_eq!(after, expected);
	}

	#[test]
	fn capping_twice_is_capping_once(weights in weights()) {
		let once = capped(&weights);
		prop_assert_eq!(&capped(&once), &once);
	}

	#[test]
	fn the_order_does_not_matter(
		(weights, shuffled) in
			weights().prop_flat_map(|weights| (Just(weights.clone()), Just(weights).prop_shuffle())),
	) {
		let (mut one, mut other) = (capped(&weights), capped(&shuffled));
		one.sort_unstable();
		other.sort_unstable();
		prop_assert_eq!(one, other);
	}

	#[test]
	fn more_weight_for_one_never_means_less_for_anybody(
		weights in weights(), who in any::<prop::sample::Index>(), more in 0..10u128.pow(30),
	) {
		let mut raised = weights.clone();
		raised[who.index(weights.len())] += more;
		let (before, after) = (capped(&weights), capped(&raised));
		prop_assert!(before.iter().zip(&after).all(|(before, after)| before <= after));
	}

	#[test]
	fn everybody_is_drawn_at_most_once_and_as_many_as_wanted(
		seed in any::<[u8; 32]>(),
		weights in prop::collection::vec(prop_oneof![Just(0u128), any::<u128>()], 0..20),
		count in 0..30u32,
	) {
		let drawn = draw(seed, &weights, count);
		let able = weights.iter().filter(|weight| **weight > 0).count();
		prop_assert_eq!(drawn.len(), able.min(usize::try_from(count).unwrap()));
		prop_assert!(drawn.iter().all(|index| weights[*index] > 0));
		let distinct: std::collections::BTreeSet<_> = drawn.iter().collect();
		prop_assert_eq!(distinct.len(), drawn.len());
	}

	#[test]
	fn a_longer_draw_begins_with_the_shorter(
		seed in any::<[u8; 32]>(), weights in prop::collection::vec(1..100u128, 1..20),
		count in 0..20u32,
	) {
		let all = draw(seed, &weights, u32::MAX);
		let some = draw(seed, &weights, count);
		prop_assert_eq!(&all[..some.len()], &some[..]);
	}
}
