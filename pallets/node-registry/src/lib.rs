//! # Node registry
//!
//! Who may act in which role, what they risk, what they have earned, and the key that acts for them.
//!
//! ## Pallet API
//!
//! See the [`pallet`] module for calls, storage, view functions, events and errors. Other pallets meet the
//! registry through the traits of [`rwa_primitives::traits`]: [`AppKeys`], [`Stakes`], [`Presence`],
//! [`Conduct`] and [`Reputation`].
//!
//! [`AppKeys`]: rwa_primitives::traits::AppKeys
//! [`Stakes`]: rwa_primitives::traits::Stakes
//! [`Presence`]: rwa_primitives::traits::Presence
//! [`Conduct`]: rwa_primitives::traits::Conduct
//! [`Reputation`]: rwa_primitives::traits::Reputation
//!
//! ## Overview
//!
//! An operator runs a *node* that works for the network by itself, day and night: it validates, verifies,
//! reports measurements, carries messages, keeps documents. It registers the node here, in one *role*,
//! with a region and an address at which clients reach it, and puts money at *stake*. Each role has a
//! *tier*: the least stake, the share of it that a fault costs, and the share of it that a year of work
//! earns. Governance may change a tier, for the future only. A validator's stake is with the staking
//! pallet, which also pays it; the registry only reads it.
//!
//! **Risk.** Stake is held on the operator's account. Withdrawn stake stays within reach for
//! [`Config::UnbondingPeriod`], and for as long as a penalty waits to be taken from the node.
//!
//! **Rewards.** Stake earns while the node shows by heartbeats that it is there. What it earned is due to
//! it, and minted when it claims it, within a yearly budget; what the budget can't pay stays due.
//!
//! **Reputation.** Four things are remembered and shown: how often the node was right, what clients say of
//! it, what it has at stake, how much it has done. [`rwa_primitives::reputation`] says how a score is made
//! of them. Only a client of a finished, paid job can rate, once, and the same pair of client and node no
//! more than once in [`Config::RatingWindow`]. Fake jobs cost what the job costs, and can't move a merit
//! of 850 by more than 350 points, however many there are.
//!
//! **App keys.** The node must sign what it says, but the operator's own key, which can spend the
//! operator's money, does not belong on a machine that is always on line. So the operator gives the node
//! a key of its own, the *app key*, and registers it here. Whoever steals an app key can do that node's
//! duty badly until the operator replaces the key, and nothing else: the app key can't move money, and
//! neither replace nor revoke itself. Nobody can register a key that is not theirs: the key itself signs
//! that it agrees to act for this account on this chain (the *proof of possession*).
//!
//! Times are in *working blocks*: while the network is halted nothing is earned and nobody is late.
//!
//! ### States
//!
//! ```text
//!            register             chill; stake below the minimum
//!   Nobody ───────────▶ Active ──────────────────────────────────▶ Inactive
//!      ▲                  │    ◀──────────────────────────────────    │
//!      │                  │        unchill; bond_more                 │
//!      │                  └────────────────┬──────────────────────────┘
//!      │                                   │ deregister
//!      │         withdraw_unbonded         ▼
//!      └──────────────────────────────  Leaving
//!          when the last stake is released, no penalty waits, and what is due is paid
//! ```
//!
//! A validator, or a node that has nothing at stake any more, is gone as soon as it deregisters.
//!
//! ### Example
//!
//! ```ignore
#![doc = include_str!("tests/example.rs")]
//! ```
//!
//! ## Implementation
//!
//! A node is one entry of [`Nodes`]. [`Listed`] sorts the same nodes by role and region and is read in
//! pages, so that no cost grows with their number. Stake earns by a cumulative index per role, changed
//! only when the role's tier is: a heartbeat costs the same whatever happened to the tier meanwhile, and
//! what doesn't make a whole unit is carried over. A proof of possession has no expiry and names no role:
//! it can be used again, but only by the account that it names.
//!
//! Calls, events and errors are declared in files of their own; what calls do is in `functions/`, one file
//! per behaviour, each the only writer of its storage (each may change its part of a node).
//!
//! - **N1:** [`AppKeyOf`] and [`OperatorOf`] are inverse to each other.
//! - **N2:** what is held under [`HoldReason::AppKey`] is the deposit that the app key's entry records.
//! - **N3:** whoever has an app key is a node of the same role that isn't leaving.
//! - **N4:** what is held under [`HoldReason::Node`] is the deposit that the node's entry records.
//! - **N5:** what is held under [`HoldReason::Stake`] is the node's stake and what is leaving it; no part
//!   is empty, and a node that is leaving has nothing bonded.
//! - **N6:** a validator has no stake here, and neither earns nor is owed anything.
//! - **N7:** [`Listed`] has each node under its role and region, and nothing else.
//! - **N8:** [`Totals`] are the sums of the nodes.
//! - **N9:** a node is excused exactly if it is chilled, leaving or below its minimum. Then it earns
//!   nothing, and otherwise on no more than its stake.
//! - **N10:** nobody was seen, or has earned, later than now; remainders are less than a unit.
//! - **N11:** each role's tiers are sound and rise in time; it grows at the rate of the latest.
//! - **N12:** the year of the [`Budget`] has begun.
//! - **N13:** nobody may rate itself.
//! - **N14:** whoever is registered in another role than that of validators does not stake with the staking
//!   pallet.

#![cfg_attr(not(feature = "std"), no_std)]
// Code that runs on chain must not panic or lose digits; tests may.
#![cfg_attr(
	not(test),
	warn(
		clippy::arithmetic_side_effects,
		clippy::cast_lossless,
		clippy::cast_possible_truncation,
		clippy::cast_possible_wrap,
		clippy::cast_sign_loss,
		clippy::expect_used,
		clippy::indexing_slicing,
		clippy::panic,
		clippy::unwrap_used
	)
)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod calls;
mod errors;
mod events;
mod functions;
#[cfg(test)]
#[allow(unreachable_pub)] // FRAME's macros want a mock's items `pub`.
mod mock;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod types;
pub mod weights;

use frame_support::pallet_macros::import_section;

pub use pallet::*;
pub use types::{
	Allowance, CreditOf, Earnings, EndpointOf, Growth, ListedNode, ListedNodeOf, Node, NodeInfo,
	NodeInfoOf, NodeOf, RatingRight, Registration, TierHistoryOf, Total, Unlocking, UnlockingOf,
	ROLES,
};
pub use weights::WeightInfo;

// Code that FRAME generates casts the number of an error or hold reason, and expects the pallet to
// be part of the runtime. This pallet's own logic is outside the module, under the lints.
#[import_section(calls::calls)]
#[import_section(errors::errors)]
#[import_section(events::events)]
#[allow(clippy::cast_possible_truncation, clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use core::marker::PhantomData;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{self, hold},
			OnUnbalanced,
		},
	};
	use frame_system::pallet_prelude::*;
	use rwa_primitives::{
		app_key::{AppPublic, AppSignature, Role},
		node::{genesis_tier, Region, Tier},
		reputation::Assessment,
		traits::{Accusations, Duties, ValidatorStakes, WorkingTime},
		Balance,
	};
	use sp_runtime::Perbill;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// What the runtime decides for this pallet. `integrity_test` refuses zeros, and what is said here to
	/// be refused.
	#[pallet::config]
	pub trait Config: frame_system::Config<Hash = rwa_primitives::Hash> {
		/// The token in which stake and deposits are held and rewards are minted.
		type Currency: fungible::Mutate<Self::AccountId, Balance = Balance>
			+ hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason, Balance = Balance>
			+ hold::Balanced<Self::AccountId, Balance = Balance>;

		/// The runtime's hold reasons.
		type RuntimeHoldReason: From<HoldReason>;

		/// Who sets tiers: governance.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The clock of everything that is earned or late, in working blocks.
		type WorkingTime: WorkingTime<BlockNumberFor<Self>>;

		/// Who stands accused, and can't withdraw. Normally the slashing pallet.
		type Accusations: Accusations<Self::AccountId>;

		/// Who has undertaken something, and can't leave nor go below its tier's least stake. Normally the documents
		/// pallet.
		type Duties: Duties<Self::AccountId>;

		/// What validators have bonded, and who stakes. Normally the staking pallet.
		type Validators: ValidatorStakes<Self::AccountId, Balance>;

		/// Where slashed stake goes, without the reporter's share. Normally the treasury.
		type Slashed: OnUnbalanced<CreditOf<Self>>;

		/// What an app key holds from its account, in the smallest unit of [`Self::Currency`].
		///
		/// Pays for two storage entries. Too low, and the registry is cheap to fill; below the
		/// currency's minimum balance, giving it back could fail, which is refused. A change applies to
		/// later registrations: each gives back what it took.
		#[pallet::constant]
		type AppKeyDeposit: Get<Balance>;

		/// What a node's entry holds from its account. As [`Self::AppKeyDeposit`], for two other entries.
		/// All that a validator pays, whose stake is elsewhere.
		#[pallet::constant]
		type NodeDeposit: Get<Balance>;

		/// Working blocks for which stake stays within reach after it was withdrawn. Must outlast every
		/// window in which the node can be found guilty and punished, or faults are free before leaving.
		#[pallet::constant]
		type UnbondingPeriod: Get<BlockNumberFor<Self>>;

		/// Most parts of stake that are leaving one node at a time. Each costs some 20 bytes whenever the
		/// node is read.
		#[pallet::constant]
		type MaxUnlocking: Get<u32>;

		/// Most bytes of an endpoint. At least 54, so that any IPv6 address with a port has room.
		#[pallet::constant]
		type MaxEndpointLength: Get<u32>;

		/// Most tiers that are remembered of a role: at least 2. Governance can't change a role's tier
		/// more often than this in an [`Self::UnbondingPeriod`], because a fault is punished at the rate of
		/// its time.
		#[pallet::constant]
		type MaxTierHistory: Get<u32>;

		/// Longest pause between two heartbeats, in working blocks, over which stake still earns: less
		/// than a year. Below the heartbeats' period nobody earns anything; far above it a node earns while
		/// it is away.
		#[pallet::constant]
		type PresenceGap: Get<BlockNumberFor<Self>>;

		/// Working blocks in a year.
		#[pallet::constant]
		type BlocksPerYear: Get<BlockNumberFor<Self>>;

		/// Most that rewards mint in a year, as a share of all tokens when it begins.
		#[pallet::constant]
		type YearlyBudget: Get<Perbill>;

		/// Working blocks after a job in which its client may rate it, and after a rating in which the
		/// same client can't rate the same node again. Too short and friends rate each other daily.
		#[pallet::constant]
		type RatingWindow: Get<BlockNumberFor<Self>>;

		/// Most nodes in one page of a list: a bound on what a view function reads.
		#[pallet::constant]
		type MaxPage: Get<u32>;

		/// The stake above which a vote weighs no more: a bound on any one node's power. Whoever has more
		/// can split it among several nodes.
		#[pallet::constant]
		type StakeCap: Get<Balance>;

		/// Weights of the calls, and of what other pallets ask for.
		type WeightInfo: WeightInfo;
	}

	/// Why this pallet holds an account's money.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Deposit for a registered app key. Given back by `revoke_app_key` and `deregister`.
		#[codec(index = 0)]
		AppKey,
		/// Deposit for a node's entry. Given back when the node is removed.
		#[codec(index = 1)]
		Node,
		/// What a node has at stake: bonded, or leaving. Given back by `withdraw_unbonded`, unless it was
		/// taken before.
		#[codec(index = 2)]
		Stake,
	}

	/// The app key of each account that has one, and the deposit held for it.
	///
	/// **Invariants N1, N2, N3.** Paid for by that deposit until the key is revoked.
	// Hasher: Blake2_128Concat, because anyone can grind an account to unbalance a Twox trie.
	#[pallet::storage]
	pub type AppKeyOf<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, Registration, OptionQuery>;

	/// The account that each registered app key acts for.
	///
	/// **Invariant N1.** Paid for by the account's deposit until the key is replaced or revoked.
	// Hasher: Blake2_128Concat, because anyone can grind a key pair to unbalance a Twox trie.
	#[pallet::storage]
	pub type OperatorOf<T: Config> =
		StorageMap<_, Blake2_128Concat, AppPublic, T::AccountId, OptionQuery>;

	/// The nodes.
	///
	/// **Invariants N4, N5, N6, N9, N10.** Paid for by [`HoldReason::Node`] until the node is removed.
	// Hasher: as of accounts above.
	#[pallet::storage]
	pub type Nodes<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, NodeOf<T>, OptionQuery>;

	/// The nodes by role and region, for lists.
	///
	/// **Invariant N7.** Paid for with the node's entry.
	// Hashers: Twox for the 5 roles and 676 regions, of which nobody can make more.
	#[pallet::storage]
	pub type Listed<T: Config> = StorageNMap<
		_,
		(
			NMapKey<Twox64Concat, Role>,
			NMapKey<Twox64Concat, Region>,
			NMapKey<Blake2_128Concat, T::AccountId>,
		),
		(),
		OptionQuery,
	>;

	/// How many nodes each role has, and what they have bonded.
	///
	/// **Invariant N8.**
	#[pallet::storage]
	pub type Totals<T: Config> = StorageMap<_, Twox64Concat, Role, Total, ValueQuery>;

	/// The tiers that each role has had. Empty: what [`genesis_tier`] says, since genesis.
	///
	/// **Invariant N11.** Written by governance only.
	#[pallet::storage]
	pub type Tiers<T: Config> = StorageMap<_, Twox64Concat, Role, TierHistoryOf<T>, ValueQuery>;

	/// What each role's stake has earned so far. `None`: as if it had grown at the rate of
	/// [`genesis_tier`] since genesis.
	///
	/// **Invariant N11.** Written with the tier only.
	#[pallet::storage]
	pub type RewardIndex<T: Config> =
		StorageMap<_, Twox64Concat, Role, Growth<BlockNumberFor<T>>, OptionQuery>;

	/// What rewards may still mint this year. `None`: the first year begins with the first claim.
	///
	/// **Invariant N12.**
	#[pallet::storage]
	pub type Budget<T: Config> = StorageValue<_, Allowance<BlockNumberFor<T>>, OptionQuery>;

	/// Which clients may rate which nodes, or have.
	///
	/// **Invariant N13.** Paid for by the finished job; anyone may clear an entry that has lapsed.
	// Hasher: as of accounts above.
	#[pallet::storage]
	pub type Ratings<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		T::AccountId,
		Blake2_128Concat,
		T::AccountId,
		RatingRight<BlockNumberFor<T>>,
		OptionQuery,
	>;

	/// The tiers with which the network begins.
	#[pallet::genesis_config]
	pub struct GenesisConfig<T: Config> {
		/// Each role's tier. A role that isn't named has that of [`genesis_tier`].
		pub tiers: Vec<(Role, Tier<Balance>)>,
		/// Nothing.
		#[serde(skip)]
		pub _config: PhantomData<T>,
	}

	impl<T: Config> Default for GenesisConfig<T> {
		fn default() -> Self {
			let tiers = ROLES.map(|role| (role, genesis_tier(role))).to_vec();
			Self { tiers, _config: PhantomData }
		}
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			for (role, tier) in &self.tiers {
				Pallet::<T>::begin_with(*role, *tier);
			}
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			Self::check_config();
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_block: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The role, app key and deposit of `account`. `None`: it has no app key.
		pub fn app_key(account: T::AccountId) -> Option<Registration> {
			AppKeyOf::<T>::get(account)
		}

		/// The account that `key` acts for, and its role. `None`: not registered.
		pub fn operator(key: AppPublic) -> Option<(T::AccountId, Role)> {
			Self::find_operator(&key)
		}

		/// All there is to know of the node of `account`. `None`: it has none.
		pub fn node(account: T::AccountId) -> Option<NodeInfoOf<T>> {
			Self::node_info(&account)
		}

		/// A page of the nodes in `role`, active or not, in no particular but a fixed order: of `region`,
		/// or of all. At most `limit`, and at most [`Config::MaxPage`].
		///
		/// `after` is where the page before ended: region and account of its last node. That node need not
		/// be there any more.
		pub fn nodes(
			role: Role,
			region: Option<Region>,
			after: Option<(Region, T::AccountId)>,
			limit: u32,
		) -> Vec<ListedNodeOf<T>> {
			Self::page(role, region, after, limit)
		}

		/// What `role` asks and pays now.
		pub fn tier(role: Role) -> Tier<Balance> {
			Self::tier_of(role)
		}

		/// What each role asks and pays now.
		pub fn tiers() -> Vec<(Role, Tier<Balance>)> {
			ROLES.map(|role| (role, Self::tier_of(role))).to_vec()
		}

		/// The reputation of `account`, in parts and in whole. `None`: it has no node.
		pub fn reputation(account: T::AccountId) -> Option<Assessment> {
			Self::assessment(&account)
		}

		/// What `account` has earned and not claimed. What it has earned since its last heartbeat is not
		/// in it yet.
		pub fn claimable(account: T::AccountId) -> Balance {
			Nodes::<T>::get(account).map_or(0, |node| node.earnings.due)
		}
	}
}
