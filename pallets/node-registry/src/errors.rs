//! Why calls are refused, and what to do then.

use frame_support::pallet_macros::pallet_section;

/// Part of [`crate::pallet`].
#[pallet_section]
mod errors {
	/// Why a call was refused.
	#[pallet::error]
	pub enum Error<T> {
		/// This key acts for an account already: another one, or the caller. If it is the caller's,
		/// there is nothing to do; otherwise generate a fresh key. The view function `operator`
		/// names the account.
		#[codec(index = 0)]
		KeyTaken,
		/// The key did not sign that it acts for the caller on this chain. Let the node that holds
		/// the key make the proof for exactly the account that signs this transaction.
		#[codec(index = 1)]
		BadProof,
		/// The caller's node is registered in another role, and an account has one. Name that role, or
		/// use another account for this one.
		#[codec(index = 2)]
		RoleMismatch,
		/// The caller has no registered app key. Treat as success when retrying `revoke_app_key`.
		#[codec(index = 3)]
		NotRegistered,
		/// The account has no node. Register it first with `register`.
		#[codec(index = 4)]
		UnknownNode,
		/// The caller has a node, and an account has one. Change it with `update_node`, or use another
		/// account. A node that is leaving has to be gone first: see `withdraw_unbonded`.
		#[codec(index = 5)]
		AlreadyRegistered,
		/// The region is not two capital letters. Name the country by its ISO 3166-1 code: `DE`.
		#[codec(index = 6)]
		BadRegion,
		/// The endpoint is no multiaddress that a client can dial. Write `/dns4/node.example/tcp/30333`,
		/// say: a network address first, no empty parts, no unusual characters.
		#[codec(index = 7)]
		BadEndpoint,
		/// The endpoint is longer than `MaxEndpointLength` bytes. Name one address, not several.
		#[codec(index = 8)]
		EndpointTooLong,
		/// The stake is below the role's minimum. The view function `tier` says what it is. A validator
		/// bonds that much with the staking pallet first.
		#[codec(index = 9)]
		StakeTooSmall,
		/// A validator's stake is with the staking pallet. Register with a stake of 0, and bond and unbond
		/// there.
		#[codec(index = 10)]
		BondedElsewhere,
		/// The caller stakes with the staking pallet, and an account has one role. Register it as a
		/// validator, withdraw everything there, or use another account.
		#[codec(index = 11)]
		IsStaker,
		/// The amount is zero. Say how much.
		#[codec(index = 12)]
		AmountZero,
		/// The node has less bonded than that. The view function `node` says how much.
		#[codec(index = 13)]
		NotEnoughStake,
		/// What would stay bonded is less than the currency's minimum balance. Leave more, or unbond
		/// everything.
		#[codec(index = 14)]
		DustLeft,
		/// As many parts of the stake are leaving as can at a time. Withdraw those that are released, or
		/// wait until one is.
		#[codec(index = 15)]
		TooManyUnlocking,
		/// The node is leaving, and everything of it with it. Withdraw what is released, and register
		/// again when it is gone. Treat as success when retrying `deregister`.
		#[codec(index = 16)]
		Leaving,
		/// The node is chilled already. Treat as success when retrying.
		#[codec(index = 17)]
		AlreadyChilled,
		/// The node isn't chilled. Treat as success when retrying.
		#[codec(index = 18)]
		NotChilled,
		/// A penalty waits to be taken from the node. Wait until it was taken or cancelled.
		#[codec(index = 19)]
		Accused,
		/// Nothing is released yet. The view function `node` says when something will be.
		#[codec(index = 20)]
		NothingToWithdraw,
		/// Nothing was earned since the last claim. Stake earns while heartbeats come.
		#[codec(index = 21)]
		NothingToClaim,
		/// This year's budget for rewards is spent. What is due stays due: try again when the next year
		/// of the budget begins, `BlocksPerYear` after `Budget.since`.
		#[codec(index = 22)]
		BudgetExhausted,
		/// A rating is one to five stars.
		#[codec(index = 23)]
		BadStars,
		/// The node has finished no job for this client, or long ago. Only clients may rate.
		#[codec(index = 24)]
		NoFinishedJob,
		/// The client has rated the node a short while ago. A job that is finished later than
		/// `RatingWindow` after that can be rated again.
		#[codec(index = 25)]
		AlreadyRated,
		/// The job was finished more than `RatingWindow` ago. Rate the next one in time.
		#[codec(index = 26)]
		RatingLapsed,
		/// The right to rate, or the record that it was used, is still needed. Clear it when it has
		/// lapsed: `Ratings` says when.
		#[codec(index = 27)]
		RatingNotLapsed,
		/// A node can't be its own client.
		#[codec(index = 28)]
		SelfDealing,
		/// The tier's minimum stake is below the currency's minimum balance, so that it might not be
		/// possible to give it back. Set a higher one.
		#[codec(index = 29)]
		MinimumTooSmall,
		/// The tier's faults would cost nothing. Set a slash rate above 0.
		#[codec(index = 30)]
		SlashRateZero,
		/// The role's tier was changed `MaxTierHistory` times in the unbonding period, and faults of that
		/// time may still have to be punished at its rates. Wait.
		#[codec(index = 31)]
		TooManyTierChanges,
		/// The caller validates, and has a bond with the staking pallet. Unbond there first, and withdraw; until
		/// then `chill` stops the node.
		#[codec(index = 32)]
		StillBonded,
		/// The node keeps documents, or is to, and its least stake answers for them. Let others take them: declare no more
		/// capacity than is in use, hand over (`Documents.notify`), and try again when nothing is left.
		#[codec(index = 33)]
		StillOnDuty,
	}
}
