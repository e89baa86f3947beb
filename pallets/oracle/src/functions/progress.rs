//! How far this node is with a round: one record per feed and operator in the node's own store.
//!
//! Workers overlap (one starts at every new best block and may run for two seconds), blocks are
//! skipped, and blocks run twice on a fork. So a worker first claims a duty, by compare-and-set, and notes
//! what came of it. A claim lapses by itself, in case its worker dies.
//!
//! What is committed to is noted first: a node that can't reveal has worked in vain and missed the round.

use alloc::vec::Vec;

use codec::{Codec, Decode, Encode};
use log::Level;
use rwa_primitives::{
	feed::{FeedId, Observation, RoundIndex, Salt},
	worker::MAX_TIMEOUT_MS,
};
use sp_core::offchain::{Duration, Timestamp};
use sp_runtime::offchain::storage::StorageValueRef;

/// How long a claim holds: twice what the longest run takes, so that only a dead worker loses it.
pub(crate) const CLAIM: Duration = Duration::from_millis(2 * MAX_TIMEOUT_MS as u64);

/// Failed attempts after which a node abstains: what fails three times in a row, blocks apart, won't be back
/// before the round is over.
pub(crate) const MAX_FAILURES: u8 = 3;

/// Blocks from a failed attempt to the next: as long as the longest run, and short enough for a second
/// attempt within the shortest phase.
pub(crate) const RETRY_AFTER: u64 = 2;

/// Blocks to wait for a statement to be included before it is made again. It goes first in the pool, so that
/// it takes one or two unless it was lost.
pub(crate) const RESEND_AFTER: u64 = 6;

/// What an operator's node has measured, and what hides it until it is revealed.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub(crate) struct Kept {
	pub(crate) observation: Observation,
	pub(crate) salt: Salt,
}

/// What a node has said in a round.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub(crate) enum Said {
	Commit,
	Abstain,
	Reveal,
}

/// What is to be done next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Step {
	/// Ask the sources.
	Measure,
	/// Commit to what was measured. Again, if it was said before: never to anything else.
	Commit(Kept),
	/// Say that nothing can be measured.
	Abstain,
	/// Reveal what was measured.
	Reveal(Kept),
	/// What was committed to is not what was measured, or nothing is known of it. Nothing can be done.
	Mourn,
}

/// What is known about one operator's part in a round of one feed.
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
	/// There will be no more attempts.
	gave_up: bool,
	/// What was measured. Never changes within a round: it may be committed to.
	kept: Option<Kept>,
	/// What was last handed to the pool, and in which block.
	said: Option<(Said, u64)>,
	/// It is known that nothing can be revealed.
	mourned: bool,
}

/// The right to take the next step. Nobody else works on it until it is settled or lapses.
pub(crate) struct Claim {
	key: Vec<u8>,
	record: Record,
}

impl Claim {
	/// The right to do what is to be done now, and what that is. `None`: nothing, or another worker is at it,
	/// or what was done last was too short ago.
	///
	/// `opens` says whether a measurement is what was committed to; without it the round still waits for
	/// commitments. Only who `may_measure` is told to.
	pub(crate) fn take(
		feed: FeedId,
		operator: &impl Encode,
		round: RoundIndex,
		block: u64,
		opens: Option<impl Fn(&Kept) -> bool>,
		may_measure: bool,
	) -> Option<(Self, Step)> {
		let key = (b"rwa/oracle/progress/v2", feed, operator).encode();
		let now = sp_io::offchain::timestamp();
		let mut step = None;
		let record = StorageValueRef::persistent(&key)
			.mutate(|found| {
				let record = match found {
					Ok(Some(record @ Record { round: noted, .. })) if noted == round => record,
					// Nothing, or about another round, or written by another version.
					_ => Record::new(round),
				};
				let next = match &opens {
					_ if record.is_claimed(now) => None,
					None => record.next_in_commit(block),
					Some(opens) => record.next_in_reveal(block, opens),
				};
				step = next.filter(|step| may_measure || *step != Step::Measure);
				match step {
					Some(_) => Ok(Record { claimed_until: Some(now.add(CLAIM)), ..record }),
					None => Err(()),
				}
			})
			.ok()?;
		Some((Self { key, record }, step?))
	}

	/// Attempts in this round that failed.
	pub(crate) fn failures(&self) -> u8 {
		self.record.failures
	}

	/// Whether this was said before in this round.
	pub(crate) fn has_said(&self, what: Said) -> bool {
		self.record.said.is_some_and(|(said, _)| said == what)
	}

	/// Notes what was measured, before anyone hears of it. `false`: the claim has lapsed and somebody else has
	/// taken it. Then it must not be committed to.
	pub(crate) fn keep(&mut self, kept: Kept) -> bool {
		self.note(|record| record.kept = Some(kept))
	}

	/// Notes that there will be no more attempts, whatever happens now. `false`: the claim has lapsed.
	pub(crate) fn give_up(&mut self) -> bool {
		self.note(|record| record.gave_up = true)
	}

	/// Notes that an attempt has failed. `false`: the claim has lapsed.
	pub(crate) fn note_failure(&mut self, block: u64) -> bool {
		self.note(|record| {
			record.failures = record.failures.saturating_add(1);
			record.failed_at = Some(block);
		})
	}

	/// Gives the claim back: this is on its way.
	pub(crate) fn settle_said(mut self, what: Said, block: u64) {
		self.note(|record| {
			record.said = Some((what, block));
			record.claimed_until = None;
		});
	}

	/// Gives the claim back: nothing can be done in this round any more.
	pub(crate) fn settle_mourned(mut self) {
		self.note(|record| {
			record.mourned = true;
			record.claimed_until = None;
		});
	}

	/// Gives the claim back: there will be another attempt.
	pub(crate) fn release(mut self) {
		self.note(|record| record.claimed_until = None);
	}

	/// Changes the record. Does nothing and gives `false` if the claim has lapsed and somebody else has taken
	/// it.
	fn note(&mut self, change: impl FnOnce(&mut Record)) -> bool {
		amend(&self.key, &mut self.record, change)
	}
}

/// Changes a record in the node's own store, if it is still as this run knows it. `false`, and nothing changes: a
/// claim to it has lapsed and somebody else has taken it.
pub(crate) fn amend<R: Codec + Clone + PartialEq>(
	key: &[u8],
	record: &mut R,
	change: impl FnOnce(&mut R),
) -> bool {
	let mut changed = record.clone();
	change(&mut changed);
	let written =
		StorageValueRef::persistent(key).mutate(|found: Result<Option<R>, _>| match found {
			Ok(Some(known)) if known == *record => Ok(changed),
			_ => Err(()),
		});
	match written {
		Ok(changed) => {
			*record = changed;
			true
		}
		Err(_) => {
			log!(Level::Debug, "a claim lapsed before it was settled");
			false
		}
	}
}

impl Record {
	/// Nothing has happened in `round` yet.
	fn new(round: RoundIndex) -> Self {
		Self {
			round,
			claimed_until: None,
			failures: 0,
			failed_at: None,
			gave_up: false,
			kept: None,
			said: None,
			mourned: false,
		}
	}

	fn is_claimed(&self, now: Timestamp) -> bool {
		self.claimed_until.is_some_and(|until| now <= until)
	}

	/// What to do for an operator that has not committed, as far as the chain knows.
	fn next_in_commit(&self, block: u64) -> Option<Step> {
		match &self.kept {
			Some(kept) if self.may_say(Said::Commit, block) => Some(Step::Commit(kept.clone())),
			Some(_) => None,
			None if self.gave_up => self.may_say(Said::Abstain, block).then_some(Step::Abstain),
			None => passed(self.failed_at, RETRY_AFTER, block).then_some(Step::Measure),
		}
	}

	/// What to do for an operator that has committed and not revealed, as far as the chain knows.
	fn next_in_reveal(&self, block: u64, opens: impl Fn(&Kept) -> bool) -> Option<Step> {
		match self.kept.as_ref().filter(|kept| opens(kept)) {
			Some(kept) => self.may_say(Said::Reveal, block).then(|| Step::Reveal(kept.clone())),
			None => (!self.mourned).then_some(Step::Mourn),
		}
	}

	/// Whether to say `what` now: it wasn't said yet, or long enough ago to have been lost.
	fn may_say(&self, what: Said, block: u64) -> bool {
		let last = self.said.filter(|(said, _)| *said == what).map(|(_, block)| block);
		passed(last, RESEND_AFTER, block)
	}
}

/// Whether `blocks` have passed since then.
pub(crate) fn passed(since: Option<u64>, blocks: u64, now: u64) -> bool {
	since.is_none_or(|since| now >= since.saturating_add(blocks))
}
