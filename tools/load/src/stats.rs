//! Latencies and what is said of them.

use serde::Serialize;
use std::time::Duration;

/// Durations, kept one by one: quantiles are exact, and a million of them is 8 MB.
#[derive(Clone, Debug, Default)]
pub struct Latencies {
	micros: Vec<u64>,
}

/// What a table shows of a set of latencies. All but the count in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Summary {
	/// How many were measured.
	pub count: usize,
	/// Arithmetic mean.
	pub mean: f64,
	/// Median.
	pub p50: f64,
	/// 95 of 100 were at most this.
	pub p95: f64,
	/// 99 of 100 were at most this.
	pub p99: f64,
	/// The longest.
	pub max: f64,
}

impl Latencies {
	/// Adds one measurement.
	pub fn record(&mut self, latency: Duration) {
		self.micros.push(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
	}

	/// Adds all measurements of `other`.
	pub fn extend(&mut self, other: &Self) {
		self.micros.extend_from_slice(&other.micros);
	}

	/// The summary. `None` if nothing was measured: there is no such thing as the median of nothing.
	pub fn summary(&self) -> Option<Summary> {
		let mut sorted = self.micros.clone();
		sorted.sort_unstable();
		let longest = *sorted.last()?;
		let sum: u128 = sorted.iter().map(|micros| u128::from(*micros)).sum();
		Some(Summary {
			count: sorted.len(),
			mean: sum as f64 / sorted.len() as f64 / 1_000.0,
			p50: millis(nearest_rank(&sorted, 50)),
			p95: millis(nearest_rank(&sorted, 95)),
			p99: millis(nearest_rank(&sorted, 99)),
			max: millis(longest),
		})
	}
}

/// The smallest value that at least `percent` of 100 values do not exceed. Zero for no values.
fn nearest_rank(sorted: &[u64], percent: usize) -> u64 {
	let rank = (sorted.len() * percent).div_ceil(100);
	sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

fn millis(micros: u64) -> f64 {
	micros as f64 / 1_000.0
}

/// Events per second over `span`; zero over no time.
pub fn per_second(events: usize, span: Duration) -> f64 {
	if span.is_zero() {
		return 0.0;
	}
	events as f64 / span.as_secs_f64()
}

/// The lowest rate, in events per second, over whole consecutive stretches of `stretch` within
/// `window`, leaving out the first, in which nothing has had the time to arrive yet. `None` if
/// `window` has no second stretch.
pub fn lowest_rate(
	arrivals: impl Iterator<Item = Duration>,
	window: Duration,
	stretch: Duration,
) -> Option<f64> {
	let whole = usize::try_from(window.as_micros().checked_div(stretch.as_micros())?).ok()?;
	let mut counts = vec![0_usize; whole];
	for arrival in arrivals {
		let index = usize::try_from(arrival.as_micros() / stretch.as_micros()).ok()?;
		if let Some(count) = counts.get_mut(index) {
			*count += 1;
		}
	}
	let lowest = counts.into_iter().skip(1).min()?;
	Some(per_second(lowest, stretch))
}

#[cfg(test)]
mod tests {
	use super::*;

	fn of(millis: impl IntoIterator<Item = u64>) -> Latencies {
		let mut latencies = Latencies::default();
		millis.into_iter().for_each(|each| latencies.record(Duration::from_millis(each)));
		latencies
	}

	#[test]
	fn summary_should_be_absent_when_nothing_was_measured() {
		assert_eq!(Latencies::default().summary(), None);
	}

	#[test]
	fn summary_should_give_nearest_ranks_whatever_the_order() {
		let expected =
			Summary { count: 100, mean: 50.5, p50: 50.0, p95: 95.0, p99: 99.0, max: 100.0 };
		assert_eq!(of((1..=100).rev()).summary(), Some(expected));
	}

	#[test]
	fn summary_of_one_should_be_that_one() {
		let expected = Summary { count: 1, mean: 7.0, p50: 7.0, p95: 7.0, p99: 7.0, max: 7.0 };
		assert_eq!(of([7]).summary(), Some(expected));
	}

	#[test]
	fn quantiles_should_round_the_rank_up() {
		// With ten values the 95th hundredth lies between the ninth and the tenth.
		let summary = of(1..=10).summary().unwrap();
		assert_eq!((summary.p50, summary.p95, summary.p99), (5.0, 10.0, 10.0));
	}

	#[test]
	fn summary_should_keep_fractions_of_a_millisecond() {
		let mut latencies = Latencies::default();
		latencies.record(Duration::from_micros(1_500));
		latencies.record(Duration::from_micros(500));
		let summary = latencies.summary().unwrap();
		assert_eq!((summary.mean, summary.p50, summary.max), (1.0, 0.5, 1.5));
	}

	#[test]
	fn extend_should_pool_the_measurements() {
		let mut pooled = of([1, 2]);
		pooled.extend(&of([3]));
		assert_eq!(pooled.summary(), of([1, 2, 3]).summary());
	}

	#[test]
	fn per_second_should_not_divide_by_zero() {
		assert_eq!(per_second(5, Duration::ZERO), 0.0);
		assert_eq!(per_second(5, Duration::from_millis(500)), 10.0);
	}

	#[test]
	fn lowest_rate_should_leave_out_the_first_and_the_unfinished_stretch() {
		let seconds = [0, 10, 11, 12, 20, 21, 30].map(Duration::from_secs);
		let stretch = Duration::from_secs(10);
		let window = Duration::from_secs(35);
		assert_eq!(lowest_rate(seconds.into_iter(), window, stretch), Some(0.2));
	}

	#[test]
	fn lowest_rate_should_see_a_stretch_in_which_nothing_arrived() {
		let seconds = [0, 10, 30].map(Duration::from_secs);
		let (window, stretch) = (Duration::from_secs(40), Duration::from_secs(10));
		assert_eq!(lowest_rate(seconds.into_iter(), window, stretch), Some(0.0));
	}

	#[test]
	fn lowest_rate_should_be_absent_when_the_window_is_too_short() {
		let (window, stretch) = (Duration::from_secs(19), Duration::from_secs(10));
		assert_eq!(lowest_rate(std::iter::empty(), window, stretch), None);
	}
}
