//! How far this node is with a reading: one record per feed and operator in the node's own store.
//!
//! Workers overlap (one starts at every new best block and may run for two seconds), blocks are
//! skipped, and blocks run twice on a fork. So a worker first claims a reading, by compare-and-set,
//! and notes what came of it. A claim lapses by itself, in case its worker dies.

use alloc::vec::Vec;

use codec::{Decode, Encode};
use log::Level;
use rwa_primitives::{
	feed::{FeedId, RoundIndex},
	worker::MAX_TIMEOUT_MS,
};
use sp_core::offchain::{Duration, Timestamp};
use sp_runtime::offchain::storage::StorageValueRef;

/// How long a claim holds: twice what the longest run takes, so that only a dead worker loses it.
const CLAIM: Duration = Duration::from_millis(2 * MAX_TIMEOUT_MS as u64);

/// Failed attempts after which a node gives a reading up: what fails three times in a row, blocks
/// apart, won't be back before the round is over.
pub(crate) const MAX_FAILURES: u8 = 3;

/// Blocks from a failed attempt to the next: longer than a run, and short enough for a second
/// attempt within the shortest round.
pub(crate) const RETRY_AFTER: u64 = 3;

/// Blocks to wait for a report to be included before it is made again. A report goes first in the
/// pool, so that it takes one or two unless it was lost.
pub(crate) const RESEND_AFTER: u64 = 6;

/// What is known about one operator's reading for one feed.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
struct Record {
	/// The round this is about. A record about another round counts as none.
	round: RoundIndex,
	/// Until when a worker is at it. If it isn't done by then, it is dead.
	claimed_until: Option<Timestamp>,
	/// Attempts in this round that failed.
	failures: u8,
	/// The block of the last one of them.
	failed_at: Option<u64>,
	/// The block in which the report was last handed to the pool.
	sent_at: Option<u64>,
}

/// The right to get one reading now. Nobody else works on it until it is settled or lapses.
pub(crate) struct Claim {
	key: Vec<u8>,
	record: Record,
}

/// What came of a claimed reading.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
	/// No reading.
	Failed,
	/// The report is on its way.
	Sent,
}

impl Claim {
	/// `None`: nothing to do now. Another worker is at it, a report is on its way, the last attempt
	/// was too short ago, or there were too many.
	pub(crate) fn take(
		feed: FeedId,
		operator: &impl Encode,
		round: RoundIndex,
		block: u64,
	) -> Option<Self> {
		let key = (b"rwa/oracle/progress/v1", feed, operator).encode();
		let now = sp_io::offchain::timestamp();
		let record = StorageValueRef::persistent(&key)
			.mutate(|found| {
				let record = match found {
					Ok(Some(record @ Record { round: noted, .. })) if noted == round => record,
					// Nothing, or about another round, or written by another version.
					_ => Record::new(round),
				};
				match record.allows_attempt(block, now) {
					true => Ok(Record { claimed_until: Some(now.add(CLAIM)), ..record }),
					false => Err(()),
				}
			})
			.ok()?;
		Some(Self { key, record })
	}

	/// The number of this attempt, from 1.
	pub(crate) fn attempt(&self) -> u8 {
		self.record.failures.saturating_add(1)
	}

	/// Notes what came of it. Does nothing if the claim has lapsed and somebody else has taken it.
	pub(crate) fn settle(self, outcome: Outcome, block: u64) {
		let Self { key, record: claimed } = self;
		let mut settled = Record { claimed_until: None, ..claimed.clone() };
		match outcome {
			Outcome::Failed => {
				settled.failures = settled.failures.saturating_add(1);
				settled.failed_at = Some(block);
			}
			Outcome::Sent => settled.sent_at = Some(block),
		}
		let written = StorageValueRef::persistent(&key).mutate(|found| match found {
			Ok(Some(record)) if record == claimed => Ok(settled),
			_ => Err(()),
		});
		if written.is_err() {
			log!(Level::Debug, "a claim lapsed before it was settled");
		}
	}
}

impl Record {
	/// Nothing has happened in `round` yet.
	fn new(round: RoundIndex) -> Self {
		Self { round, claimed_until: None, failures: 0, failed_at: None, sent_at: None }
	}

	/// Whether a worker may try (again) in `block`.
	fn allows_attempt(&self, block: u64, now: Timestamp) -> bool {
		let passed = |since: Option<u64>, blocks: u64| {
			since.is_none_or(|since| block >= since.saturating_add(blocks))
		};
		self.claimed_until.is_none_or(|until| now > until)
			&& self.failures < MAX_FAILURES
			&& passed(self.failed_at, RETRY_AFTER)
			&& passed(self.sent_at, RESEND_AFTER)
	}
}
