//! How long to wait before the next attempt.

use std::time::Duration;

/// First wait.
const FIRST: Duration = Duration::from_secs(1);

/// The wait before attempt number `attempts` + 1: doubles from a second on, up to `most`.
///
/// `chance` is between 0 and 1, and takes off up to half: jobs that failed together don't come back
/// together.
pub fn wait(attempts: u32, most: Duration, chance: f64) -> Duration {
	let doubled = 2u32.checked_pow(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
	let wait = FIRST.saturating_mul(doubled).min(most);
	wait.mul_f64(1.0 - chance.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn waits_should_double_up_to_the_bound() {
		let wait = |attempts| wait(attempts, Duration::from_secs(5), 0.0).as_secs();
		assert_eq!([0, 1, 2, 3, 4, 40, u32::MAX].map(wait), [1, 1, 2, 4, 5, 5, 5]);
	}

	#[test]
	fn chance_should_take_off_up_to_half() {
		let wait = |chance| wait(1, Duration::from_secs(60), chance).as_millis();
		assert_eq!([wait(0.0), wait(0.5), wait(1.0), wait(7.0)], [1_000, 750, 500, 500]);
	}
}
