//! What became of every transaction of a run, and when.
//!
//! Counts what is in final blocks, by hash, and not what was accepted: a pool that accepts a
//! transaction and forgets it looks perfect to a sender who only counts answers.

use crate::stats::{lowest_rate, per_second, Latencies, Summary};
use serde::Serialize;
use sp_core::H256;
use std::{
	collections::{BTreeMap, HashMap},
	time::{Duration, Instant},
};

/// Length of the stretches by which a rate is called sustained.
pub const STRETCH: Duration = Duration::from_secs(10);

/// Every transaction of a run.
pub struct Ledger {
	entries: Vec<Entry>,
	by_hash: HashMap<H256, usize>,
	/// Which of ours each block holds, and when it became known. Dropped when the block is final.
	blocks: HashMap<H256, (Instant, Vec<usize>)>,
	refusals: BTreeMap<String, usize>,
	accepted: usize,
	finalised: usize,
}

#[derive(Clone, Default)]
struct Entry {
	/// When it was due to be sent, or was sent.
	sent: Option<Instant>,
	answered: Option<Instant>,
	accepted: bool,
	refused: bool,
	included: Option<Instant>,
	finalised: Option<Instant>,
}

/// Numbers of transactions, by what became of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counts {
	/// Sent to a node.
	pub submitted: usize,
	/// Answered with a hash.
	pub accepted: usize,
	/// Answered with an error.
	pub refused: usize,
	/// Not answered at all.
	pub unanswered: usize,
	/// In a final block.
	pub finalised: usize,
	/// Accepted, and in no final block when the measurement ended.
	pub lost: usize,
	/// Errors, and how many transactions got each.
	pub reasons: BTreeMap<String, usize>,
}

/// Latencies of the transactions that became final, in milliseconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Times {
	/// From the time at which the schedule wanted it sent to the node's answer.
	pub submit_to_answer: Option<Summary>,
	/// From the time at which the schedule wanted it sent to the arrival of the block that became
	/// final with it.
	pub submit_to_inclusion: Option<Summary>,
	/// From the arrival of that block to the news that it is final.
	pub inclusion_to_finality: Option<Summary>,
}

/// How fast transactions became final, per second.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rates {
	/// Final before the last one was due, over that time: what was sustained. Whatever became final
	/// afterwards does not count.
	pub sustained: f64,
	/// The same over the worst ten seconds in it, the first ten left out. Null when it was shorter.
	pub sustained_worst_10s: Option<f64>,
	/// All that became final, over the time from the first submission to the last finality.
	pub overall: f64,
}

impl Ledger {
	/// For the transactions with these hashes, which are known by their places from now on.
	pub fn new(hashes: impl Iterator<Item = H256>) -> Self {
		let by_hash: HashMap<H256, usize> =
			hashes.enumerate().map(|(place, hash)| (hash, place)).collect();
		Self {
			entries: vec![Entry::default(); by_hash.len()],
			by_hash,
			blocks: HashMap::new(),
			refusals: BTreeMap::new(),
			accepted: 0,
			finalised: 0,
		}
	}

	/// It was sent at this time, or should have been.
	pub fn sent(&mut self, place: usize, at: Instant) {
		if let Some(entry) = self.entries.get_mut(place) {
			entry.sent = Some(at);
		}
	}

	/// The node took it.
	pub fn accepted(&mut self, place: usize, at: Instant) {
		if let Some(entry) = self.entries.get_mut(place) {
			entry.answered = Some(at);
			entry.accepted = true;
			self.accepted += 1;
		}
	}

	/// The node did not take it.
	pub fn refused(&mut self, place: usize, at: Instant, reason: String) {
		if let Some(entry) = self.entries.get_mut(place) {
			entry.answered = Some(at);
			entry.refused = true;
			*self.refusals.entry(reason).or_default() += 1;
		}
	}

	/// A block became known at this time and holds these transactions. Says how many are ours.
	pub fn block(
		&mut self,
		block: H256,
		at: Instant,
		transactions: impl Iterator<Item = H256>,
	) -> usize {
		let ours: Vec<usize> =
			transactions.filter_map(|hash| self.by_hash.get(&hash).copied()).collect();
		let count = ours.len();
		if count > 0 {
			self.blocks.insert(block, (at, ours));
		}
		count
	}

	/// A block became final. Says how many of ours are final with it.
	pub fn finalised(&mut self, block: H256, at: Instant) -> usize {
		let Some((included, ours)) = self.blocks.remove(&block) else {
			return 0;
		};
		for place in &ours {
			if let Some(entry) = self.entries.get_mut(*place) {
				entry.included = Some(included);
				entry.finalised = Some(at);
			}
		}
		self.finalised += ours.len();
		ours.len()
	}

	/// Whether the transaction is in a final block.
	pub fn is_final(&self, place: usize) -> bool {
		self.entries.get(place).is_some_and(|entry| entry.finalised.is_some())
	}

	/// Accepted, and not final yet.
	pub fn open(&self) -> usize {
		self.entries.iter().filter(|entry| entry.accepted && entry.finalised.is_none()).count()
	}

	/// How many are final.
	pub fn final_count(&self) -> usize {
		self.finalised
	}

	/// Numbers of transactions, by what became of them.
	pub fn counts(&self) -> Counts {
		let submitted = self.entries.iter().filter(|entry| entry.sent.is_some()).count();
		let refused = self.entries.iter().filter(|entry| entry.refused).count();
		Counts {
			submitted,
			accepted: self.accepted,
			refused,
			unanswered: submitted.saturating_sub(self.accepted).saturating_sub(refused),
			finalised: self.finalised,
			lost: self.open(),
			reasons: self.refusals.clone(),
		}
	}

	/// Latencies of the transactions that became final.
	pub fn times(&self) -> Times {
		let between = |from: fn(&Entry) -> Option<Instant>, to: fn(&Entry) -> Option<Instant>| {
			let mut latencies = Latencies::default();
			for entry in self.entries.iter().filter(|entry| entry.finalised.is_some()) {
				if let (Some(from), Some(to)) = (from(entry), to(entry)) {
					latencies.record(to.saturating_duration_since(from));
				}
			}
			latencies.summary()
		};
		Times {
			submit_to_answer: between(|entry| entry.sent, |entry| entry.answered),
			submit_to_inclusion: between(|entry| entry.sent, |entry| entry.included),
			inclusion_to_finality: between(|entry| entry.included, |entry| entry.finalised),
		}
	}

	/// How fast transactions became final, for a run that sent from `start` on for `window`.
	pub fn rates(&self, start: Instant, window: Duration) -> Rates {
		let arrivals: Vec<Duration> = self
			.entries
			.iter()
			.filter_map(|entry| entry.finalised)
			.map(|at| at.saturating_duration_since(start))
			.collect();
		let within = || arrivals.iter().copied().filter(|arrival| *arrival <= window);
		let last = arrivals.iter().max().copied().unwrap_or_default();
		Rates {
			sustained: per_second(within().count(), window),
			sustained_worst_10s: lowest_rate(within(), window, STRETCH),
			overall: per_second(arrivals.len(), last),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn hash(number: u8) -> H256 {
		H256::repeat_byte(number)
	}

	fn ledger(count: u8) -> (Ledger, Instant) {
		(Ledger::new((0..count).map(hash)), Instant::now())
	}

	fn after(start: Instant, millis: u64) -> Instant {
		start + Duration::from_millis(millis)
	}

	#[test]
	fn an_accepted_transaction_that_no_final_block_holds_should_be_lost() {
		let (mut ledger, start) = ledger(3);
		for place in 0..3 {
			ledger.sent(place, start);
			ledger.accepted(place, start);
		}
		ledger.block(hash(100), start, [hash(0), hash(1)].into_iter());
		ledger.finalised(hash(100), start);

		let counts = ledger.counts();
		assert_eq!((counts.accepted, counts.finalised, counts.lost), (3, 2, 1));
		assert!(ledger.is_final(1) && !ledger.is_final(2));
	}

	#[test]
	fn inclusion_in_a_block_that_is_never_final_should_not_count() {
		let (mut ledger, start) = ledger(1);
		ledger.sent(0, start);
		ledger.accepted(0, start);
		ledger.block(hash(100), after(start, 100), [hash(0)].into_iter());
		// The block is retracted; the transaction comes again in its rival.
		ledger.block(hash(101), after(start, 400), [hash(0)].into_iter());
		assert_eq!(ledger.finalised(hash(101), after(start, 700)), 1);

		let times = ledger.times();
		assert_eq!(times.submit_to_inclusion.unwrap().mean, 400.0);
		assert_eq!(times.inclusion_to_finality.unwrap().mean, 300.0);
		assert_eq!(ledger.counts().finalised, 1);
	}

	#[test]
	fn transactions_of_others_should_not_count() {
		let (mut ledger, start) = ledger(1);
		assert_eq!(ledger.block(hash(100), start, [hash(50), hash(0)].into_iter()), 1);
		assert_eq!(ledger.block(hash(101), start, [hash(51)].into_iter()), 0);
		assert_eq!(ledger.finalised(hash(101), start), 0);
		assert_eq!(ledger.finalised(hash(100), start), 1);
	}

	#[test]
	fn refusals_should_be_counted_by_reason_and_not_be_lost() {
		let (mut ledger, start) = ledger(4);
		(0..4).for_each(|place| ledger.sent(place, start));
		ledger.refused(0, start, "full".into());
		ledger.refused(1, start, "full".into());
		ledger.refused(2, start, "bad".into());

		let counts = ledger.counts();
		assert_eq!((counts.refused, counts.unanswered, counts.lost), (3, 1, 0));
		assert_eq!(counts.reasons, BTreeMap::from([("bad".into(), 1), ("full".into(), 2)]));
	}

	#[test]
	fn a_transaction_may_be_in_a_block_before_its_answer_comes() {
		let (mut ledger, start) = ledger(1);
		ledger.sent(0, start);
		ledger.block(hash(100), start, [hash(0)].into_iter());
		ledger.finalised(hash(100), start);
		ledger.accepted(0, after(start, 5));
		let counts = ledger.counts();
		assert_eq!((counts.accepted, counts.finalised, counts.lost), (1, 1, 0));
	}

	#[test]
	fn what_becomes_final_after_the_window_should_not_raise_the_sustained_rate() {
		let (mut ledger, start) = ledger(40);
		for place in 0..40_u8 {
			ledger.sent(place.into(), start);
			ledger.accepted(place.into(), start);
			// One a second; the window closes after 30.
			ledger.block(hash(100 + place), start, [hash(place)].into_iter());
			ledger.finalised(hash(100 + place), after(start, 1_000 * (u64::from(place) + 1)));
		}
		let rates = ledger.rates(start, Duration::from_secs(30));
		assert_eq!(rates.sustained, 1.0);
		assert_eq!(rates.sustained_worst_10s, Some(1.0));
		assert_eq!(rates.overall, 1.0);
	}

	#[test]
	fn a_stall_should_show_in_the_worst_stretch() {
		let (mut ledger, start) = ledger(2);
		for (place, second) in [(0_u8, 1), (1, 25)] {
			ledger.block(hash(100 + place), start, [hash(place)].into_iter());
			ledger.finalised(hash(100 + place), after(start, second * 1_000));
		}
		let rates = ledger.rates(start, Duration::from_secs(30));
		assert_eq!(rates.sustained_worst_10s, Some(0.0));
	}
}
