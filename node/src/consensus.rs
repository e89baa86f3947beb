//! The numbers that decide how fast blocks come and become final.
//!
//! They belong to the node, not to the chain: each can change in a release, one node at a time. What
//! can't change after genesis, above all the length of a slot, is in the runtime. How they were
//! chosen, and what was measured: `docs/consensus.md`.

use crate::service::FullClient;
use rwa_runtime::{opaque::Block, BlockNumber};
use sc_consensus_babe::SlotProportion;
use sc_consensus_grandpa::{ThreeQuartersOfTheUnfinalizedChain, VotingRule, VotingRulesBuilder};
use sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging;
use std::time::Duration;

/// How long GRANDPA allows a vote to reach everybody. A round waits for two of these before it
/// pre-votes and two more before it pre-commits, so that finality trails a block by about four, if
/// votes are not in earlier.
///
/// Twice the one-way delay between validators holds as a rule: 100 ms serves networks of up to 50 ms
/// and still finalises at 100 ms (`docs/consensus.md` has the figures). Shorter, and rounds end before the votes are in
/// and are repeated; longer, and every block waits. Safety does not depend on it.
pub const GOSSIP_DURATION: Duration = Duration::from_millis(100);

/// Blocks between two proofs of finality that are kept for others. Those that a change of the
/// authorities needs are kept anyway, and warp synchronisation uses no others.
///
/// At one block a second, one every 8.5 minutes: what somebody who follows finality from outside
/// waits at most, at the cost of some kilobytes each.
pub const JUSTIFICATION_PERIOD: BlockNumber = 512;

/// Part of a slot after which a block that is not ready is thrown away.
///
/// Late is better than never: a block that comes at the end of its slot still becomes part of the chain
/// if the next author has it in time. If not, it is a fork of one block, and its transactions wait for
/// the next.
pub fn proposal_portion() -> SlotProportion {
	SlotProportion::new(0.95)
}

/// Part of the time before that in which the author puts transactions into the block, as a fraction.
/// The rest is for finishing it: the roots of state and transactions, and handing the state over. The
/// SDK keeps a tenth for that, which a busy machine outlasts: under load, every second block was thrown
/// away.
///
/// About 745 ms of a slot (BABE keeps a fiftieth for itself). On a machine as fast as the weights assume,
/// a block is full before: by weight.
pub const FILLING_PORTION: (u32, u32) = (8, 10);

/// Upper bound of that part when slots before stayed empty, in slots. None.
///
/// After empty slots BABE gives an author more time, up to 128 slots. A block whose mandatory work,
/// such as an election on a slow machine, outlasts its slot is thrown away; without the extra time
/// so would be each one after it, and the chain would stand still for good. What keeps an ordinary
/// block short is its weight.
pub const MAX_PROPOSAL_PORTION: Option<SlotProportion> = None;

/// Bytes of transactions that an author puts in a block: what the runtime allows. The SDK's default
/// of 4 MiB would be the tighter of the two.
pub const MAX_BLOCK_BYTES: usize = 5 * 1024 * 1024;

/// What a validator votes for: the best block it knows, or three quarters of the way to it if three
/// or more blocks are not final.
///
/// The SDK's default also stays two blocks behind the best, to spare votes for blocks that a fork
/// may replace. At one block a second that alone costs two seconds; with one author a slot, forks are
/// rare, and a round whose votes split is only repeated.
pub fn voting_rule() -> impl VotingRule<Block, FullClient> + Clone {
	VotingRulesBuilder::new().add(ThreeQuartersOfTheUnfinalizedChain).build()
}

/// When authors slow down because nothing becomes final: blocks that are not final stay in memory,
/// and would all be lost if finality took another branch.
pub fn authoring_backoff() -> BackoffAuthoringOnFinalizedHeadLagging<BlockNumber> {
	BackoffAuthoringOnFinalizedHeadLagging {
		// Two minutes of blocks: a third of the validators may restart for an upgrade without
		// anybody noticing. Under full load about 120 blocks of 250 kB wait, 30 MB.
		unfinalized_slack: 120,
		// From there an author waits one slot longer for every four blocks: some 290 blocks in the
		// first hour without finality instead of 3,600.
		authoring_bias: 4,
		// At least one block a minute, so that clocks, heartbeats and a rescue by transaction go on.
		max_interval: 60,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use frame_system::Config;
	use rwa_runtime::Runtime;
	use sc_consensus_slots::BackoffAuthoringBlocksStrategy;

	#[test]
	fn an_author_uses_all_the_bytes_that_the_runtime_allows() {
		let length = <Runtime as Config>::BlockLength::get();
		let allowed = length.max.get(frame_support::dispatch::DispatchClass::Operational);
		assert_eq!(u32::try_from(MAX_BLOCK_BYTES).unwrap(), *allowed);
	}

	#[test]
	fn authors_slow_down_only_after_two_minutes_without_finality() {
		let slot = |number: u64| sp_consensus_babe::Slot::from(number);
		let waits = |head: u32, since: u64| {
			authoring_backoff().should_backoff(head, slot(1_000), 0, slot(1_000 + since), "test")
		};
		assert!(!waits(120, 1));
		assert!(!waits(123, 1));
		assert!(waits(124, 1));
		assert!(!waits(124, 2));
		// Not longer than a minute, however long it lasts.
		assert!(waits(1_000_000, 60));
		assert!(!waits(1_000_000, 61));
	}
}
