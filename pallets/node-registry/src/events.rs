//! What happened. The registry can be rebuilt from these, in order.

use frame_support::pallet_macros::pallet_section;

/// Part of [`crate::pallet`].
#[pallet_section]
mod events {
	/// What happened. The registry can be rebuilt from these, in order.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account without an app key registered one. Its deposit is now held.
		#[codec(index = 0)]
		AppKeyRegistered {
			/// The operator.
			account: T::AccountId,
			/// What the operator does for the network.
			role: Role,
			/// The key that acts for the operator from now on.
			key: AppPublic,
		},
		/// An account replaced its app key. The deposit stays held.
		#[codec(index = 1)]
		AppKeyReplaced {
			/// The operator.
			account: T::AccountId,
			/// What the operator does for the network.
			role: Role,
			/// The key that acted for the operator until now. It is free again.
			old: AppPublic,
			/// The key that acts for the operator from now on.
			new: AppPublic,
		},
		/// An account gave up its app key. Its deposit was given back.
		#[codec(index = 2)]
		AppKeyRevoked {
			/// The operator.
			account: T::AccountId,
			/// What the operator does for the network.
			role: Role,
			/// The key that acted for it until now. It is free again.
			key: AppPublic,
		},
		/// A node was registered, and is active: it is expected from now on. Stake and deposit are held.
		#[codec(index = 3)]
		NodeRegistered {
			/// The operator.
			account: T::AccountId,
			/// What it does.
			role: Role,
			/// Where it says that it is.
			region: Region,
			/// Where clients reach it.
			endpoint: EndpointOf<T>,
			/// What it has bonded. Zero for validators.
			stake: Balance,
			/// The least with which it is active.
			minimum: Balance,
			/// What is held for its entry.
			deposit: Balance,
		},
		/// A node can be reached elsewhere.
		#[codec(index = 4)]
		NodeUpdated {
			/// The operator.
			account: T::AccountId,
			/// Where it says that it is.
			region: Region,
			/// Where clients reach it.
			endpoint: EndpointOf<T>,
		},
		/// A node that was inactive is expected again from now on. Whether a validator is active also
		/// depends on what it has bonded with the staking pallet, of which the registry sees no changes.
		#[codec(index = 5)]
		NodeActivated {
			/// The operator.
			account: T::AccountId,
			/// What it does.
			role: Role,
		},
		/// A node is excused from now on: it was chilled, is leaving, or has too little at stake.
		#[codec(index = 6)]
		NodeDeactivated {
			/// The operator.
			account: T::AccountId,
			/// What it does.
			role: Role,
		},
		/// An operator stopped its node.
		#[codec(index = 7)]
		NodeChilled {
			/// The operator.
			account: T::AccountId,
		},
		/// An operator lets its node work again. It is active if its stake suffices.
		#[codec(index = 8)]
		NodeUnchilled {
			/// The operator.
			account: T::AccountId,
			/// The least with which it is active.
			minimum: Balance,
		},
		/// An operator gives up its node. Its stake is leaving.
		#[codec(index = 9)]
		NodeLeaving {
			/// The operator.
			account: T::AccountId,
		},
		/// A node is gone. Its deposit was given back.
		#[codec(index = 10)]
		NodeRemoved {
			/// The operator.
			account: T::AccountId,
			/// What it did.
			role: Role,
		},
		/// A node bonded more.
		#[codec(index = 11)]
		StakeBonded {
			/// The operator.
			account: T::AccountId,
			/// How much more.
			amount: Balance,
			/// What is bonded now.
			stake: Balance,
			/// The least with which it is active.
			minimum: Balance,
		},
		/// A part of a node's stake is leaving.
		#[codec(index = 12)]
		StakeUnbonded {
			/// The operator.
			account: T::AccountId,
			/// How much.
			amount: Balance,
			/// What is still bonded.
			stake: Balance,
			/// The least with which it is active.
			minimum: Balance,
			/// From which working block on it can be withdrawn.
			release_at: BlockNumberFor<T>,
		},
		/// Stake that had left was given back.
		#[codec(index = 13)]
		StakeWithdrawn {
			/// The operator.
			account: T::AccountId,
			/// How much.
			amount: Balance,
		},
		/// A node lost stake to a penalty: first what was bonded, then what was leaving, newest first.
		#[codec(index = 14)]
		Slashed {
			/// The operator.
			node: T::AccountId,
			/// How much.
			amount: Balance,
			/// What of it the reporter got.
			to_reporter: Balance,
		},
		/// Something more is due to a node.
		#[codec(index = 15)]
		RewardsEarned {
			/// The operator.
			account: T::AccountId,
			/// How much more.
			amount: Balance,
		},
		/// A node was away for too long to have earned anything meanwhile.
		#[codec(index = 16)]
		RewardsForgone {
			/// The operator.
			account: T::AccountId,
			/// For how many working blocks.
			blocks: BlockNumberFor<T>,
		},
		/// Rewards were minted.
		#[codec(index = 17)]
		RewardsClaimed {
			/// The operator.
			account: T::AccountId,
			/// How much.
			amount: Balance,
			/// What is still due, because the budget is spent.
			due: Balance,
		},
		/// A node finished a job that its client has paid for.
		#[codec(index = 18)]
		JobFinished {
			/// The operator.
			node: T::AccountId,
			/// The client.
			client: T::AccountId,
			/// Whether the client may rate it. It may not if it has rated another job of the node a short
			/// while ago.
			may_rate: bool,
		},
		/// A client rated a node.
		#[codec(index = 19)]
		NodeRated {
			/// The operator.
			node: T::AccountId,
			/// The client.
			client: T::AccountId,
			/// One to five.
			stars: u8,
		},
		/// A right to rate that had lapsed was cleared away.
		#[codec(index = 20)]
		RatingCleared {
			/// The operator.
			node: T::AccountId,
			/// The client.
			client: T::AccountId,
		},
		/// Something that a node vouched for was proven.
		#[codec(index = 21)]
		FactProven {
			/// The operator.
			node: T::AccountId,
			/// Whether it was right.
			right: bool,
		},
		/// A role has another tier, for what happens from now on.
		#[codec(index = 22)]
		TierSet {
			/// The role.
			role: Role,
			/// What it asks and pays.
			tier: Tier<Balance>,
			/// The working block from which on it does.
			from: BlockNumberFor<T>,
		},
	}
}
