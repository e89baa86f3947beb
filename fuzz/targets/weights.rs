//! How much each reporter counts, and who is drawn, against integers without bounds.
//!
//! Input: weights, who gets how much more, and the seed of a draw.

#![no_main]

use arbitrary::Arbitrary;
use codec::Encode;
use libfuzzer_sys::fuzz_target;
use num_bigint::BigUint;
use rwa_primitives::aggregate::{cap_weights, draw, TooFewReporters};

#[derive(Arbitrary, Debug)]
struct Input {
	seed: [u8; 32],
	count: u8,
	more: (u8, Weight),
	weights: Vec<Weight>,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Weight {
	None,
	Small(u8),
	Large(u128),
}

/// Most reporters.
const MOST: usize = 24;

fuzz_target!(|input: Input| {
	let weights: Vec<u128> =
		input.weights.iter().take(MOST).map(|weight| number(*weight)).collect();
	check_cap(&weights, input.more);
	check_draw(input.seed, &weights, input.count.into());
});

fn number(weight: Weight) -> u128 {
	match weight {
		Weight::None => 0,
		Weight::Small(weight) => weight.into(),
		Weight::Large(weight) => weight,
	}
}

/// Nobody has a third, all above the cap have it, and one more would be too much.
fn check_cap(weights: &[u128], (who, more): (u8, Weight)) {
	let mut capped = weights.to_vec();
	let result = cap_weights(&mut capped);
	let able = weights.iter().filter(|weight| **weight > 0).count();
	assert_eq!(result, if able < 4 { Err(TooFewReporters) } else { Ok(()) });
	if result.is_err() {
		assert_eq!(capped, weights);
		return;
	}
	assert!(below_a_third(&capped), "{weights:?}: {capped:?}");
	let cap = capped.iter().max().copied().unwrap_or(0);
	let at = |cap: u128| weights.iter().map(|weight| *weight.min(&cap)).collect::<Vec<_>>();
	assert_eq!(capped, at(cap));
	if capped != weights {
		assert!(!below_a_third(&at(cap + 1)), "{weights:?}: {capped:?}");
	}
	let mut again = capped.clone();
	assert_eq!((cap_weights(&mut again), &again), (Ok(()), &capped));

	let mut raised = weights.to_vec();
	let who = usize::from(who) % raised.len();
	raised[who] = raised[who].saturating_add(number(more));
	assert_eq!(cap_weights(&mut raised), Ok(()));
	assert!(capped.iter().zip(&raised).all(|(before, after)| before <= after));
}

fn below_a_third(weights: &[u128]) -> bool {
	let sum = weights.iter().map(|weight| BigUint::from(*weight)).sum::<BigUint>();
	weights.iter().all(|weight| BigUint::from(*weight) * 3u8 < sum)
}

/// The ticket of each draw names its winner.
fn check_draw(seed: [u8; 32], weights: &[u128], count: u32) {
	let drawn = draw(seed, weights, count);
	let mut left = weights.to_vec();
	for (number, winner) in (0u32..).zip(&drawn) {
		let total = left.iter().map(|weight| BigUint::from(*weight)).sum::<BigUint>();
		let random = sp_crypto_hashing::blake2_256(&(b"rwa/draw/v1", seed, number).encode());
		let ticket = BigUint::from_bytes_be(&random) % total;
		let before = left[..*winner].iter().map(|weight| BigUint::from(*weight)).sum::<BigUint>();
		assert!(before <= ticket && ticket < before + left[*winner]);
		left[*winner] = 0;
	}
	let able = weights.iter().filter(|weight| **weight > 0).count();
	assert_eq!(drawn.len(), able.min(count as usize));
}
