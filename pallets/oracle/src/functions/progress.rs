//! How far this node is with a reading: one record per feed and operator in the node's own store.
//!
//! Workers overlap (one starts at every new best block and may run for two seconds), blocks are
//! skipped, and blocks run twice on a fork. So a worker first claims a reading, by compare-and-set,
//! and notes what came of it. A claim lapses by itself, in case its worker dies.

use alloc::vec::Vec;

use codec::{Codec, Decode, Encode};
use log::Level;
use rwa_primitives::{
	feed::{FeedId, RoundIndex},
	worker::MAX_TIMEOUT_MS,
};
use sp_core::offchain::{Duration, Timestamp};
use sp_runtime::{offchain::storage::StorageValueRef, traits::AtLeast32BitUnsigned};

/// How long a claim holds: twice what the longest run takes, so that only a dead worker loses it.
const CLAIM: Duration = Duration::from_millis(2 * MAX_TIMEOUT_MS as u64);

/// Failed attempts after which a node gives a reading up: what fails three times in a row, blocks
/// apart, won't be back before the round is over.
pub(crate) const MAX_FAILURES: u8 = 3;

/// Blocks from a failed attempt to the next: longer than a run, and short enough for a second
/// attempt within the shortest round.
pub(crate) const RETRY_AFTER: u32 = 3;

/// Blocks to wait for a report to be included before it is made again. A report goes first in the
/// pool, so that it takes one or two unless it was lost.
pub(crate) const RESEND_AFTER: u32 = 6;

/// What is known about one operator's reading for one feed.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
struct Record<BlockNumber> {
	/// The round this is about. A record about another round counts as none.
	round: RoundIndex,
	/// Attempts in this round that failed.
	failures: u8,
	/// What happened last.
	state: State<BlockNumber>,
}

#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
enum State<BlockNumber> {
	/// A worker is at it; if not done by then, it is dead.
	#[codec(index = 0)]
	Claimed { until: Timestamp },
	/// An attempt failed in this block.
	#[codec(index = 1)]
	Failed { at: BlockNumber },
	/// The report was handed to the pool in this block.
	#[codec(index = 2)]
	Sent { at: BlockNumber },
}

/// The right to get one reading now. Nobody else works on it until it is settled or lapses.
pub(crate) struct Claim<BlockNumber> {
	key: Vec<u8>,
	record: Record<BlockNumber>,
}

/// What came of a claimed reading.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
	/// No reading.
	Failed,
	/// The report is on its way.
	Sent,
}

impl<BlockNumber: AtLeast32BitUnsigned + Codec + Copy> Claim<BlockNumber> {
	/// `None`: nothing to do now. Another worker is at it, a report is on its way, the last attempt
	/// was too short ago, or there were too many.
	pub(crate) fn take(
		feed: FeedId,
		operator: &impl Encode,
		round: RoundIndex,
		block: BlockNumber,
	) -> Option<Self> {
		let key = (b"rwa/oracle/progress/v1", feed, operator).encode();
		let now = sp_io::offchain::timestamp();
		let claimed = State::Claimed { until: now.add(CLAIM) };
		let record = StorageValueRef::persistent(&key)
			.mutate(|found| match found {
				Ok(Some(Record { round: noted, failures, state })) if noted == round => {
					if state.allows_attempt(failures, block, now) {
						Ok(Record { round, failures, state: claimed })
					} else {
						Err(())
					}
				}
				// Nothing, or about another round, or written by another version.
				_ => Ok(Record { round, failures: 0, state: claimed }),
			})
			.ok()?;
		Some(Self { key, record })
	}

	/// The number of this attempt, from 1.
	pub(crate) fn attempt(&self) -> u8 {
		self.record.failures.saturating_add(1)
	}

	/// Notes what came of it. Does nothing if the claim has lapsed and somebody else has taken it.
	pub(crate) fn settle(self, outcome: Outcome, block: BlockNumber) {
		let Self { key, record: claimed } = self;
		let settled = match outcome {
			Outcome::Failed => Record {
				failures: claimed.failures.saturating_add(1),
				state: State::Failed { at: block },
				..claimed
			},
			Outcome::Sent => Record { state: State::Sent { at: block }, ..claimed },
		};
		let written = StorageValueRef::persistent(&key).mutate(|found| match found {
			Ok(Some(record)) if record == claimed => Ok(settled),
			_ => Err(()),
		});
		if written.is_err() {
			log!(Level::Debug, "a claim lapsed before it was settled");
		}
	}
}

impl<BlockNumber: AtLeast32BitUnsigned + Copy> State<BlockNumber> {
	/// Whether a worker may try (again) in `block`, after so many failures.
	fn allows_attempt(&self, failures: u8, block: BlockNumber, now: Timestamp) -> bool {
		match *self {
			Self::Claimed { until } => now > until,
			Self::Failed { at } => {
				failures < MAX_FAILURES && block >= at.saturating_add(RETRY_AFTER.into())
			}
			Self::Sent { at } => block >= at.saturating_add(RESEND_AFTER.into()),
		}
	}
}
