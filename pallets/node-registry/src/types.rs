//! What the registry stores and shows.

use crate::Config;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	traits::{fungible::Credit, Get},
	BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	app_key::{AppPublic, Role},
	node::{Region, Tier},
	reputation::{Assessment, Record},
	Balance,
};
use scale_info::TypeInfo;
use sp_core::U256;
use sp_runtime::Perbill;

/// Every role, in the order of their encoding.
pub const ROLES: [Role; 5] =
	[Role::Validator, Role::Verifier, Role::Oracle, Role::Relay, Role::Storage];

/// Where a node of the runtime `T` can be reached.
pub type EndpointOf<T> = BoundedVec<u8, <T as Config>::MaxEndpointLength>;
/// What is leaving a node's stake, newest last.
pub type UnlockingOf<T> = BoundedVec<Unlocking<BlockNumberFor<T>>, <T as Config>::MaxUnlocking>;
/// A node as the runtime `T` stores it.
pub type NodeOf<T> = Node<EndpointOf<T>, UnlockingOf<T>, BlockNumberFor<T>>;
/// A node as the runtime `T` shows it.
pub type NodeInfoOf<T> = NodeInfo<EndpointOf<T>, UnlockingOf<T>, BlockNumberFor<T>>;
/// A line of the list of nodes of the runtime `T`.
pub type ListedNodeOf<T> = ListedNode<<T as frame_system::Config>::AccountId, EndpointOf<T>>;
/// The tiers that a role has had: since which working block, and what. Newest last.
pub type TierHistoryOf<T> =
	BoundedVec<(BlockNumberFor<T>, Tier<Balance>), <T as Config>::MaxTierHistory>;
/// Stake that was taken and is nobody's yet.
pub type CreditOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::Currency>;

/// The app key of an account.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Registration {
	/// What the account does for the network: its node's role.
	pub role: Role,
	/// The key that acts for the account.
	pub key: AppPublic,
	/// What was held from the account when it registered the key, and will be given back. Recorded,
	/// because the deposit asked of others may have changed since.
	pub deposit: Balance,
}

/// Stake that is leaving.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Unlocking<BlockNumber> {
	/// How much.
	pub amount: Balance,
	/// From which working block on it can be withdrawn. Until it is, it can be taken.
	pub release_at: BlockNumber,
}

/// What a node has earned.
#[derive(
	Clone,
	Default,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Earnings {
	/// The stake that earns until the node next shows that it is there.
	pub earning: Balance,
	/// The role's reward index since when it earns.
	pub index: u128,
	/// What was earned of the next smallest unit, in parts of a billion times
	/// [`Config::BlocksPerYear`].
	pub remainder: u128,
	/// What was earned and not paid yet.
	pub due: Balance,
}

impl Earnings {
	/// The index is now `index`: what the stake has earned since is due. Exact: however often this is
	/// called on the way, the sum is the same to the last unit.
	///
	/// An index of a billion times `year` stands for 100 % of the stake. Gives what became due.
	pub(crate) fn credit(&mut self, index: u128, year: u128) -> Balance {
		let whole =
			U256::from(Perbill::one().deconstruct()).saturating_mul(year.into()).max(U256::one());
		// Two factors of 128 bits and a summand of as many can't exceed 256 bits.
		let (earned, remainder) = U256::from(self.earning)
			.saturating_mul(index.saturating_sub(self.index).into())
			.saturating_add(self.remainder.into())
			.div_mod(whole);
		let earned = Balance::try_from(earned).unwrap_or(Balance::MAX);
		self.index = index;
		self.remainder = u128::try_from(remainder).unwrap_or_default();
		self.due = self.due.saturating_add(earned);
		earned
	}
}

/// A node that works for the network.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Node<Endpoint, Chunks, BlockNumber> {
	/// What it does.
	pub role: Role,
	/// Where it says that it is.
	pub region: Region,
	/// Where clients reach it: a multiaddress.
	pub endpoint: Endpoint,
	/// The least stake with which it is active: its tier's when its operator last registered, bonded,
	/// unbonded or let it work again.
	pub minimum: Balance,
	/// What it has bonded here. Zero for validators, whose stake the staking pallet has.
	pub stake: Balance,
	/// What is leaving its stake.
	pub unlocking: Chunks,
	/// What was held for this entry, and will be given back.
	pub deposit: Balance,
	/// The working block in which it registered.
	pub registered_at: BlockNumber,
	/// The working block in which it last showed that it was there, or registered; later by the time for which
	/// it was excused since.
	pub seen: BlockNumber,
	/// The working block since which it need not be there. `None`: it is expected.
	pub excused_since: Option<BlockNumber>,
	/// Whether its operator stopped it.
	pub chilled: bool,
	/// Whether its operator is giving it up.
	pub leaving: bool,
	/// What it has earned.
	pub earnings: Earnings,
	/// What is remembered of its work.
	pub standing: Record,
}

impl<Endpoint, MaxChunks: Get<u32>, BlockNumber>
	Node<Endpoint, BoundedVec<Unlocking<BlockNumber>, MaxChunks>, BlockNumber>
{
	/// Whether the network counts on it, as far as the registry alone can say. A validator must have bonded
	/// enough as well.
	pub fn is_expected(&self) -> bool {
		let enough = self.role == Role::Validator || self.stake >= self.minimum;
		enough && !self.chilled && !self.leaving
	}

	/// All that a penalty can reach: what is bonded, and what is leaving.
	pub fn at_stake(&self) -> Balance {
		let add = |sum: Balance, chunk: &Unlocking<BlockNumber>| sum.saturating_add(chunk.amount);
		self.unlocking.iter().fold(self.stake, add)
	}
}

/// How many nodes a role has, and what they have bonded.
#[derive(
	Clone,
	Copy,
	Default,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Total {
	/// How many there are, active or not.
	pub nodes: u32,
	/// What they have bonded here, without what is leaving.
	pub stake: Balance,
}

/// How a role's stake grows: the sum, over all working blocks so far, of the yearly reward in billionths.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Growth<BlockNumber> {
	/// The sum up to the working block `at`.
	pub index: u128,
	/// Since when the rate is what it is.
	pub at: BlockNumber,
	/// What each working block since adds.
	pub rate: Perbill,
}

/// What rewards may still mint.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Allowance<BlockNumber> {
	/// The working block in which the year began.
	pub since: BlockNumber,
	/// What is left of the year's budget.
	pub left: Balance,
}

/// The right of a client to rate a node, or that it has used it.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct RatingRight<BlockNumber> {
	/// The first working block in which this means nothing any more.
	pub until: BlockNumber,
	/// Whether the client has rated. Until `until` it gets no other right.
	pub rated: bool,
}

/// What there is to know of a node.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct NodeInfo<Endpoint, Chunks, BlockNumber> {
	/// What it does.
	pub role: Role,
	/// Where it says that it is.
	pub region: Region,
	/// Where clients reach it: a multiaddress.
	pub endpoint: Endpoint,
	/// Whether it may act now.
	pub active: bool,
	/// Whether its operator stopped it.
	pub chilled: bool,
	/// Whether its operator is giving it up.
	pub leaving: bool,
	/// The key that acts for it, if it has registered one.
	pub app_key: Option<AppPublic>,
	/// What it has bonded: here, or with the staking pallet if it is a validator.
	pub stake: Balance,
	/// The least with which it is active.
	pub minimum: Balance,
	/// What is leaving its stake.
	pub unlocking: Chunks,
	/// What is held for its entry.
	pub deposit: Balance,
	/// The working block in which it registered.
	pub registered_at: BlockNumber,
	/// The working block in which it last showed that it was there, or began to be expected. `None`: a
	/// validator, which sends no heartbeats here.
	pub last_seen: Option<BlockNumber>,
	/// The working block since which it need not be there. `None`: it is expected.
	pub excused_since: Option<BlockNumber>,
	/// What it has earned and not claimed.
	pub claimable: Balance,
	/// Its reputation.
	pub reputation: Assessment,
	/// What its vote weighs now.
	pub vote_weight: u128,
}

/// A node in a list.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct ListedNode<AccountId, Endpoint> {
	/// Its account.
	pub account: AccountId,
	/// Where it says that it is.
	pub region: Region,
	/// Where clients reach it.
	pub endpoint: Endpoint,
	/// Whether it may act now.
	pub active: bool,
}
