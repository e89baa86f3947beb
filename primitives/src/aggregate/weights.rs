//! Weights: how much each reporter counts, and who is drawn to report.

use alloc::vec::Vec;
use codec::Encode;
use sp_core::U256;
use sp_runtime::traits::{BlakeTwo256, Hash};

/// Most weight that a round can assign: 2¹²⁰. Three times as much still fits a `u128`.
pub const MAX_WEIGHT: u128 = 1 << 120;

/// Fewer than four reporters have weight, so one of them has a third or more whatever the weights.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooFewReporters;

/// Lowers the largest weights until nobody has a third of the sum or more, and no further.
///
/// Afterwards `3 · weight < sum` for every weight: any one reporter may be faulty. Weights that fulfil
/// this already, such as four or more equal ones, stay as they are.
///
/// # Why it is right
/// Every weight w becomes min(w, c). Let a ≥ b be the two largest, A the sum of all but a, and B the sum
/// of all but a and b. The largest c that will do is min(⌊(A − 1) / 2⌋, B − 1):
///
/// - If c ≥ a, nothing changes, and 2a ≤ A − 1 is 3a < a + A.
/// - If b ≤ c < a, the sum becomes c + A, and 2c ≤ A − 1 is 3c < c + A. For c + 1 that fails.
/// - If c < b, c = B − 1, because b > ⌊(A − 1) / 2⌋ makes b ≥ B and so ⌊(A − 1) / 2⌋ ≥ B − 1. The third
///   largest is at most c, since a fourth has weight. The sum becomes 2c + B, and c < B is 3c < 2c + B. For
///   c + 1 that fails.
///
/// So there is no loop to terminate. The cap depends on the weights, not on their order, and raising a
/// weight lowers neither A nor B, so it lowers nobody's weight.
///
/// # Errors
/// [`TooFewReporters`], and nothing changes.
pub fn cap_weights(weights: &mut [u128]) -> Result<(), TooFewReporters> {
	if weights.iter().filter(|weight| **weight > 0).count() < 4 {
		return Err(TooFewReporters);
	}
	let mut others = U256::zero();
	let (mut first, mut second) = (0u128, 0u128);
	for weight in weights.iter().copied() {
		// What no longer is one of the two largest joins the others.
		let least = weight.min(second);
		(first, second) = (first.max(weight), first.min(weight.max(second)));
		others = others.saturating_add(least.into());
	}
	let all_but_first = others.saturating_add(second.into());
	let half = all_but_first.saturating_sub(U256::one()).checked_div(2.into());
	let cap = half.unwrap_or_default().min(others.saturating_sub(U256::one()));
	// A cap beyond any weight caps nothing.
	let cap = u128::try_from(cap).unwrap_or(u128::MAX);
	for weight in weights.iter_mut() {
		*weight = cap.min(*weight);
	}
	Ok(())
}

/// Draws `count` different indices of `weights`, each time with a chance in proportion to the weight
/// among those that are left. In the order drawn; fewer if fewer have any weight.
///
/// Everybody gets the same from the same `seed`. Each draw takes 256 fresh bits modulo the weight that is
/// left, below 2¹⁹²: biased by less than 2⁻⁶⁴. Takes `count` times the number of weights steps.
pub fn draw(seed: [u8; 32], weights: &[u128], count: u32) -> Vec<usize> {
	let mut left: Vec<(usize, u128)> =
		weights.iter().copied().enumerate().filter(|(_, weight)| *weight > 0).collect();
	let mut drawn = Vec::new();
	for number in 0..count {
		let total = left.iter().fold(U256::zero(), |sum, (_, w)| sum.saturating_add((*w).into()));
		let random = BlakeTwo256::hash(&(b"rwa/draw/v1", seed, number).encode());
		let Some(ticket) = U256::from_big_endian(random.as_bytes()).checked_rem(total) else {
			break; // Nobody is left.
		};
		let mut passed = U256::zero();
		let winner = left.iter().position(|(_, weight)| {
			passed = passed.saturating_add((*weight).into());
			ticket < passed
		});
		// The ticket is below the total, so somebody has it.
		let Some(winner) = winner else { break };
		drawn.push(left.remove(winner).0);
	}
	drawn
}
