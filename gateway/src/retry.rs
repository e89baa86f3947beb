//! How long to wait before the next attempt to connect.

use std::time::Duration;

/// First wait.
const FIRST: Duration = Duration::from_secs(1);

/// A connection that lasted this long ends the doubling.
const LASTED: Duration = Duration::from_secs(60);

/// Waits that double, up to a bound.
#[derive(Clone, Debug)]
pub struct Retry {
	most: Duration,
	next: Duration,
}

impl Retry {
	/// Waits of at most `most`.
	pub fn new(most: Duration) -> Self {
		Self { most, next: FIRST.min(most) }
	}

	/// The next wait, after a connection that lasted for `lasted`.
	///
	/// `chance` is between 0 and 1, and takes off up to half: gateways that lost a broker together don't
	/// come back together.
	pub fn wait(&mut self, lasted: Duration, chance: f64) -> Duration {
		if lasted >= LASTED {
			self.next = FIRST.min(self.most);
		}
		let wait = self.next;
		self.next = wait.saturating_mul(2).min(self.most);
		wait.mul_f64(1.0 - chance.clamp(0.0, 1.0) / 2.0)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const SHORT: Duration = Duration::ZERO;

	#[test]
	fn waits_should_double_up_to_the_bound() {
		let mut retry = Retry::new(Duration::from_secs(5));
		let waits: Vec<_> = (0..5).map(|_| retry.wait(SHORT, 0.0).as_secs()).collect();
		assert_eq!(waits, [1, 2, 4, 5, 5]);
	}

	#[test]
	fn a_connection_that_lasted_should_end_the_doubling() {
		let mut retry = Retry::new(Duration::from_secs(60));
		retry.wait(SHORT, 0.0);
		retry.wait(SHORT, 0.0);
		assert_eq!(retry.wait(LASTED, 0.0), FIRST);
		assert_eq!(retry.wait(SHORT, 0.0), FIRST * 2);
	}

	#[test]
	fn chance_should_take_off_up_to_half() {
		let wait = |chance| Retry::new(Duration::from_secs(60)).wait(SHORT, chance).as_millis();
		assert_eq!([wait(0.0), wait(0.5), wait(1.0), wait(7.0)], [1_000, 750, 500, 500]);
	}
}
