//! What a node's chain did while it was measured.

use crate::{
	follow::Seen,
	stats::{Latencies, Summary},
};
use serde::Serialize;
use sp_core::H256;
use std::{collections::HashMap, time::Instant};

/// What a block held.
#[derive(Clone, Copy, Debug, Default)]
pub struct Content {
	/// Transactions of this measurement in it.
	pub ours: usize,
	/// Bytes of all its transactions.
	pub bytes: usize,
	/// Share of the weight that ordinary transactions may take that they took, in hundredths.
	pub fullness: f64,
}

/// The blocks of one node, as they became known and final.
#[derive(Default)]
pub struct ChainRecord {
	open: HashMap<H256, (Seen, Option<Content>)>,
	closed: Vec<(Seen, Option<Content>, Instant)>,
	reorganisations: usize,
	retracted: usize,
}

/// What the final blocks that became known within a stretch of time show.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChainSummary {
	/// Final blocks.
	pub blocks: usize,
	/// Slots between the first and the last of them that have no final block.
	pub skipped_slots: u64,
	/// Times that the best chain changed branches, over the whole measurement.
	pub reorganisations: usize,
	/// Blocks that left the best chain by it.
	pub retracted_blocks: usize,
	/// Final blocks of which the node did not tell when it imported them: their latencies are not
	/// known and not counted.
	pub untold_blocks: usize,
	/// From the arrival of each block to the news that it is final, in milliseconds.
	pub import_to_finality: Option<Summary>,
	/// What the blocks held. Null when it was not asked for.
	pub content: Option<ContentSummary>,
}

/// What blocks held, each block counting once.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ContentSummary {
	/// Mean number of transactions of this measurement.
	pub transactions_mean: f64,
	/// Largest number of them.
	pub transactions_max: usize,
	/// Mean share of the weight limit of ordinary transactions, in hundredths.
	pub fullness_mean: f64,
	/// Largest share.
	pub fullness_max: f64,
	/// Mean size of all transactions, in bytes.
	pub bytes_mean: f64,
	/// Largest size.
	pub bytes_max: usize,
}

impl ChainRecord {
	/// A block became known.
	pub fn seen(&mut self, seen: Seen, content: Option<Content>) {
		self.open.insert(seen.hash, (seen, content));
	}

	/// The best chain changed branches.
	pub fn reorganised(&mut self, retracted: u32) {
		self.reorganisations += 1;
		self.retracted += retracted as usize;
	}

	/// A block became final. Blocks must become final in order.
	pub fn finalised(&mut self, hash: H256, at: Instant) {
		if let Some((seen, content)) = self.open.remove(&hash) {
			self.closed.push((seen, content, at));
		}
	}

	/// How many blocks have become final.
	pub fn final_blocks(&self) -> usize {
		self.closed.len()
	}

	/// Latencies of the final blocks that became known from `from` until `until`.
	pub fn latencies(&self, from: Instant, until: Instant) -> Latencies {
		let mut latencies = Latencies::default();
		for (seen, _, at) in self.within(from, until).filter(|(seen, ..)| seen.told) {
			latencies.record(at.saturating_duration_since(seen.at));
		}
		latencies
	}

	/// What the final blocks that became known from `from` until `until` show.
	pub fn summary(&self, from: Instant, until: Instant) -> ChainSummary {
		let blocks = self.within(from, until).count();
		let mut slots = self.within(from, until).filter_map(|(seen, ..)| seen.slot);
		let first = slots.next();
		let span = first.map_or(0, |first| slots.last().unwrap_or(first).saturating_sub(first));
		ChainSummary {
			blocks,
			skipped_slots: span.saturating_sub(blocks.saturating_sub(1) as u64),
			reorganisations: self.reorganisations,
			retracted_blocks: self.retracted,
			untold_blocks: self.within(from, until).filter(|(seen, ..)| !seen.told).count(),
			import_to_finality: self.latencies(from, until).summary(),
			content: self.content(from, until),
		}
	}

	fn content(&self, from: Instant, until: Instant) -> Option<ContentSummary> {
		let known: Vec<Content> =
			self.within(from, until).filter_map(|(_, content, _)| *content).collect();
		let count = known.len() as f64;
		if known.is_empty() {
			return None;
		}
		let mean = |of: fn(&Content) -> f64| known.iter().map(of).sum::<f64>() / count;
		Some(ContentSummary {
			transactions_mean: mean(|content| content.ours as f64),
			transactions_max: known.iter().map(|content| content.ours).max().unwrap_or_default(),
			fullness_mean: mean(|content| content.fullness),
			fullness_max: known.iter().map(|content| content.fullness).fold(0.0, f64::max),
			bytes_mean: mean(|content| content.bytes as f64),
			bytes_max: known.iter().map(|content| content.bytes).max().unwrap_or_default(),
		})
	}

	fn within(
		&self,
		from: Instant,
		until: Instant,
	) -> impl Iterator<Item = &(Seen, Option<Content>, Instant)> {
		self.closed.iter().filter(move |(seen, ..)| (from..=until).contains(&seen.at))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::time::Duration;

	fn seen(number: u8, slot: u64, at: Instant) -> Seen {
		let hash = H256::repeat_byte(number);
		Seen { hash, number: number.into(), slot: Some(slot), at, told: true }
	}

	/// Blocks in these slots, a second apart, each final after 300 ms.
	fn record(slots: &[u64]) -> (ChainRecord, Instant) {
		let (mut record, start) = (ChainRecord::default(), Instant::now());
		for (number, slot) in (1..).zip(slots) {
			let at = start + Duration::from_secs(number.into());
			let ours = usize::from(number) * 10;
			let content = Content { ours, bytes: ours * 100, fullness: ours as f64 };
			record.seen(seen(number, *slot, at), Some(content));
			record.finalised(H256::repeat_byte(number), at + Duration::from_millis(300));
		}
		(record, start)
	}

	fn later(start: Instant) -> Instant {
		start + Duration::from_secs(100)
	}

	#[test]
	fn slots_without_a_final_block_should_count_as_skipped() {
		let (record, start) = record(&[5, 6, 9, 10]);
		let summary = record.summary(start, later(start));
		assert_eq!((summary.blocks, summary.skipped_slots), (4, 2));
	}

	#[test]
	fn nothing_should_be_skipped_before_the_first_block() {
		let (record, start) = record(&[900]);
		assert_eq!(record.summary(start, later(start)).skipped_slots, 0);
		let nothing = ChainRecord::default().summary(start, later(start));
		assert_eq!((nothing.blocks, nothing.skipped_slots), (0, 0));
	}

	#[test]
	fn only_blocks_of_the_stretch_should_count() {
		let (record, start) = record(&[1, 2, 3, 4]);
		let from = start + Duration::from_secs(2);
		let summary = record.summary(from, from + Duration::from_secs(1));
		assert_eq!(summary.blocks, 2);
		let content = summary.content.unwrap();
		assert_eq!((content.transactions_mean, content.transactions_max), (25.0, 30));
		assert_eq!((content.bytes_mean, content.bytes_max), (2_500.0, 3_000));
		assert_eq!((content.fullness_mean, content.fullness_max), (25.0, 30.0));
	}

	#[test]
	fn latency_should_be_unknown_for_a_block_that_the_node_did_not_tell_of() {
		let (mut record, start) = record(&[1]);
		let late = Seen { told: false, ..seen(2, 2, start + Duration::from_secs(9)) };
		record.seen(late, None);
		record.finalised(H256::repeat_byte(2), start + Duration::from_secs(9));
		let summary = record.summary(start, later(start));
		assert_eq!((summary.blocks, summary.untold_blocks), (2, 1));
		assert_eq!(
			summary.import_to_finality.map(|times| (times.count, times.mean)),
			Some((1, 300.0))
		);
	}

	#[test]
	fn a_block_that_is_never_final_should_not_count() {
		let (mut record, start) = record(&[1, 2]);
		record.seen(seen(7, 3, start + Duration::from_secs(3)), None);
		record.reorganised(1);
		let summary = record.summary(start, later(start));
		assert_eq!((summary.blocks, summary.reorganisations), (2, 1));
		assert_eq!(summary.retracted_blocks, 1);
	}
}
