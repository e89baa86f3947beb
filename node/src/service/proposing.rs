//! Filling blocks, with time left to finish them.

use crate::consensus::FILLING_PORTION;
use rwa_runtime::{opaque::Block, Header};
use sp_consensus::{Environment, ProposeArgs, Proposer};
use std::time::Duration;

/// Makes proposers that stop filling a block early enough to finish it. Otherwise as the one within.
pub(super) struct Punctual<E>(pub E);

/// A proposer of [`Punctual`].
pub(super) struct PunctualProposer<P>(P);

impl<E> Environment<Block> for Punctual<E>
where
	E: Environment<Block> + Sync,
	E::Error: Send,
{
	type CreateProposer =
		futures::future::MapOk<E::CreateProposer, fn(E::Proposer) -> PunctualProposer<E::Proposer>>;
	type Error = E::Error;
	type Proposer = PunctualProposer<E::Proposer>;

	fn init(&mut self, parent: &Header) -> Self::CreateProposer {
		futures::TryFutureExt::map_ok(self.0.init(parent), PunctualProposer)
	}
}

impl<P: Proposer<Block>> Proposer<Block> for PunctualProposer<P> {
	type Error = P::Error;
	type Proposal = P::Proposal;

	fn propose(self, args: ProposeArgs<Block>) -> Self::Proposal {
		self.0.propose(ProposeArgs { max_duration: filling_time(args.max_duration), ..args })
	}
}

/// How much of `available` goes into filling the block. The SDK's proposer takes a tenth off again for
/// finishing it, so that is added.
fn filling_time(available: Duration) -> Duration {
	let (part, whole) = FILLING_PORTION;
	available * part * 10 / (whole * 9)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_fifth_of_the_time_is_left_to_finish_a_block() {
		let available = Duration::from_millis(950);
		let given = filling_time(available);
		assert!(given < available);
		// What the SDK's proposer makes of it: it takes a tenth off.
		let filled = given - given / 10;
		assert_eq!(filled.as_millis(), 760);
	}

	#[test]
	fn the_longest_time_that_babe_allows_is_no_problem() {
		let available = Duration::from_secs(128);
		assert!(filling_time(available) < available);
	}
}
