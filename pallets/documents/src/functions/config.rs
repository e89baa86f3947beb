//! Which configurations the pallet can work with.

use frame_support::traits::Get;
use frame_system::limits::BlockWeights;
use rwa_primitives::{
	fenwick::MAX_HEIGHT,
	ipfs::Layout,
	storage::{MAX_PROOF_BLOCK, MAX_PROOF_BLOCKS},
};
use sp_runtime::{traits::Zero, Perbill, SaturatedConversion};

use super::agenda::MAX_BUCKETS_PER_BLOCK;
use crate::{Config, Lane, Pallet, WeightInfo};

/// Least blocks in which a node can answer: one to see the round, two to read and to try again, two to be included.
const LEAST_ANSWER: u32 = 5;

/// Bytes of an envelope of HPKE with three keys of 32 bytes: a public key, the keys, a tag.
const LEAST_ENVELOPE: u32 = 32 + 3 * 32 + 16;

/// Challenges that a round has bits for.
const MOST_CHALLENGES: u32 = u64::BITS;

// Configurations are checked when a runtime is built: what is wrong has to stop that.
#[allow(clippy::panic)]
impl<T: Config> Pallet<T> {
	/// Stops a runtime with a bad configuration from being built: it runs in the runtime's tests.
	pub(crate) fn check_config() {
		Self::check_sizes();
		Self::check_times();
		Self::check_challenges();
		Self::check_people();
		Self::check_agenda_weight();
		Self::check_proof_weight();
		Self::check_registration_weight();
	}

	fn check_sizes() {
		let leaf = u64::from(Layout::DOCUMENT.chunk());
		let (least, most) = (T::MinReplicaSize::get(), T::MaxReplicaSize::get());
		assert!(least >= leaf, "MinReplicaSize: less than a leaf proves less than a leaf");
		assert!(least <= most, "MinReplicaSize exceeds MaxReplicaSize: nothing could be kept");
		assert!(
			Layout::DOCUMENT.root(most).height() < MAX_PROOF_BLOCKS,
			"MaxReplicaSize: a proof would have too many blocks"
		);
		assert!(leaf <= MAX_PROOF_BLOCK.into(), "a proof has no room for a leaf");
		assert!(
			T::NewcomerSpace::get() >= most,
			"NewcomerSpace: a large replica could only go to who has one"
		);
		assert!(T::TransferRate::get() > 0, "TransferRate: no time would be enough");
		assert!(T::StoragePrice::get() > 0, "StoragePrice: nobody would keep anything");
		// Everything that a node can hold, and everybody at once, has to fit into the sums.
		let leaves = most.checked_div(leaf).and_then(|leaves| {
			leaves.checked_add(1)?.checked_mul(T::MaxReplicasPerNode::get().into())
		});
		assert!(leaves.is_some(), "MaxReplicasPerNode: a node's leaves could not be counted");
	}

	fn check_times() {
		let (least, most) = (T::MinTerm::get(), T::MaxTerm::get());
		assert!(!least.is_zero(), "MinTerm: documents would expire as they are registered");
		assert!(least <= most, "MinTerm exceeds MaxTerm: no document could be registered");
		assert!(!T::DrawDelay::get().is_zero(), "DrawDelay: who registers could choose the nodes");
		assert!(!T::ConfirmTime::get().is_zero(), "ConfirmTime: nobody could confirm");
		let retry = T::RetryDelay::get();
		assert!(
			retry >= T::DrawDelay::get(),
			"RetryDelay: whoever declines could foresee who is next"
		);
		assert!(T::MaxTries::get() > 0, "MaxTries: no node would be drawn");
		assert!(T::MaxRepairTries::get() > 0, "MaxRepairTries: nothing would be made again");
		assert!(!T::RepairGrace::get().is_zero(), "RepairGrace: an outage would relocate at once");
		let (answer, period) = (T::ChallengeTime::get(), T::ChallengePeriod::get());
		assert!(answer >= LEAST_ANSWER.into(), "ChallengeTime: nobody could answer in time");
		assert!(answer < period, "ChallengeTime: rounds would overlap");
	}

	fn check_challenges() {
		let (least, most) = (T::MinChallenges::get(), T::MaxChallenges::get());
		let rechecks = T::MaxRechecks::get();
		assert!(least > 0, "MinChallenges: nothing would be proven");
		assert!(least <= most, "MinChallenges exceeds MaxChallenges");
		assert!(
			most.saturating_add(rechecks) <= MOST_CHALLENGES,
			"MaxChallenges, MaxRechecks: a round has bits for 64"
		);
		assert!(rechecks >= 2, "MaxRechecks: half of them are for what was missing");
		assert!(T::StakePerChallenge::get() > 0, "StakePerChallenge: everybody gets the most");
		assert!(T::StrikeLimit::get() > 0, "StrikeLimit: the faultless would be punished");
		assert!(T::LossLimit::get() >= 2, "LossLimit: one outage would lose everything");
		assert!(T::MaxEvictionsPerBlock::get() > 0, "MaxEvictionsPerBlock: nobody is evicted");
		assert!(
			T::MaxEvictionsPerPeriod::get() >= 2,
			"MaxEvictionsPerPeriod: half of it is nothing"
		);
		let threshold = T::CongestionThreshold::get();
		assert!(
			threshold > Perbill::zero() && threshold < Perbill::one(),
			"CongestionThreshold: rounds would never end, or never wait"
		);
	}

	fn check_people() {
		let places: u32 = 1u32.checked_shl(MAX_HEIGHT).unwrap_or(u32::MAX);
		let (nodes, slots) = (T::MaxNodes::get(), T::MaxReplicasPerNode::get());
		assert!((1..=places).contains(&nodes), "MaxNodes: no tree has so many places");
		assert!((1..=places).contains(&slots), "MaxReplicasPerNode: no tree has so many places");
		assert!(T::MaxLapses::get() > 0, "MaxLapses: nobody would ever be drawn");
		assert!(T::MaxEnvelopes::get() > 0, "MaxEnvelopes: nobody could read anything");
		assert!(
			T::MaxEnvelopeSize::get() >= LEAST_ENVELOPE,
			"MaxEnvelopeSize: three keys would not fit"
		);
		assert!(
			T::DrawnRepairers::get() < T::MaxRepairers::get(),
			"DrawnRepairers: the owner could name nobody"
		);
	}

	/// However much there is to look through, the most that can happen to a task fits into a block.
	fn check_agenda_weight() {
		let due = T::MaxDuePerBlock::get();
		assert!(due > 0, "MaxDuePerBlock: nothing would ever happen");
		// As if every bucket were full, which is on the safe side.
		let buckets =
			T::WeightInfo::agenda_bucket(due).saturating_mul(MAX_BUCKETS_PER_BLOCK.into());
		let buckets = buckets.saturating_mul(Lane::IN_ORDER.len().saturated_into());
		let worst = T::WeightInfo::agenda_base()
			.saturating_add(buckets)
			.saturating_add(Self::heaviest_due());
		assert!(
			worst.all_lte(Self::agenda_limit()),
			"MaxDuePerBlock: looking through the agenda would leave no room to do anything"
		);
	}

	/// Registering with all its draws fits into a block.
	fn check_registration_weight() {
		let weight = T::WeightInfo::register_document().saturating_add(Self::weight_of_placing());
		let block = <T::BlockWeights as Get<BlockWeights>>::get().max_block;
		assert!(
			weight.saturating_mul(2).all_lte(block),
			"MaxTries: registering would take more than half of a block"
		);
	}

	/// A proof and its authorisation leave most of a block to others.
	pub(crate) fn check_proof_weight() {
		let proof = T::WeightInfo::prove(MAX_PROOF_BLOCKS)
			.saturating_add(T::WeightInfo::authorize_prove(MAX_PROOF_BLOCKS));
		let block = <T::BlockWeights as Get<BlockWeights>>::get().max_block;
		assert!(
			proof.saturating_mul(16).all_lte(block),
			"a proof would take more than a sixteenth of a block"
		);
	}
}
