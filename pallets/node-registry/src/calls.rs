//! What operators, clients and governance may ask for.

use frame_support::pallet_macros::pallet_section;

/// Part of [`crate::pallet`].
#[pallet_section]
mod calls {
	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Let `key` act for the caller in `role`, in place of the caller's earlier key, if any.
		///
		/// ## Dispatch origin
		///
		/// Signed by the operator of a node in `role`.
		///
		/// ## Details
		///
		/// `proof` is the signature, made with `key`, of the SCALE encoding of
		/// `("rwa/app-key/possession/v1" as 25 bytes, genesis hash, caller, key)`; the node's RPC
		/// method `rwa_rotateAppKey` makes both. The first key holds [`Config::AppKeyDeposit`] from the
		/// caller; replacing the key leaves that deposit as it is. The old key is out of work at once:
		/// what it signed and is not yet in a block will be refused.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownNode`]: the caller has no node.
		/// - [`Error::Leaving`]: the caller's node is leaving.
		/// - [`Error::RoleMismatch`]: the caller's node has another role.
		/// - [`Error::KeyTaken`]: `key` acts for an account already, be it the caller.
		/// - [`Error::BadProof`]: `proof` is not that signature.
		/// - `FundsUnavailable`, from the currency: the caller can't afford the deposit.
		///
		/// ## Events
		///
		/// [`Event::AppKeyRegistered`] or [`Event::AppKeyReplaced`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register_app_key().max(T::WeightInfo::replace_app_key()))]
		pub fn register_app_key(
			origin: OriginFor<T>,
			role: Role,
			key: AppPublic,
			proof: AppSignature,
		) -> DispatchResult {
			let account = ensure_signed(origin)?;
			Self::do_register_app_key(account, role, key, proof)
		}

		/// Give up the caller's app key, and take the deposit back.
		///
		/// ## Dispatch origin
		///
		/// Signed by the operator.
		///
		/// ## Details
		///
		/// The key is free afterwards. The node stays registered; without a key its workers can't act.
		///
		/// ## Errors
		///
		/// - [`Error::NotRegistered`]: the caller has no app key.
		///
		/// ## Events
		///
		/// [`Event::AppKeyRevoked`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::revoke_app_key())]
		pub fn revoke_app_key(origin: OriginFor<T>) -> DispatchResult {
			let account = ensure_signed(origin)?;
			Self::do_revoke_app_key(account)
		}

		/// Register the caller's node in `role`.
		///
		/// ## Dispatch origin
		///
		/// Signed by the operator, who has no node yet.
		///
		/// ## Details
		///
		/// Holds [`Config::NodeDeposit`] and `stake`, at least the minimum of the role's tier. A validator
		/// has bonded its stake with the staking pallet before, and `stake` is 0. The node is active from
		/// now on, begins with a reputation of 1000 at the least stake, and earns from its first heartbeat.
		///
		/// ## Errors
		///
		/// - [`Error::AlreadyRegistered`]: the caller has a node, perhaps one that is leaving.
		/// - [`Error::BadRegion`], [`Error::BadEndpoint`], [`Error::EndpointTooLong`]: not of their form.
		/// - [`Error::StakeTooSmall`]: below the tier's minimum.
		/// - [`Error::BondedElsewhere`]: a validator, and `stake` is not 0.
		/// - [`Error::IsStaker`]: another role, and the caller stakes with the staking pallet.
		/// - `FundsUnavailable`, from the currency: the caller can't afford stake and deposit.
		///
		/// ## Events
		///
		/// [`Event::NodeRegistered`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::register())]
		pub fn register(
			origin: OriginFor<T>,
			role: Role,
			region: Region,
			endpoint: Vec<u8>,
			stake: Balance,
		) -> DispatchResult {
			let account = ensure_signed(origin)?;
			Self::do_register(account, role, region, endpoint, stake)
		}

		/// Put `amount` more at stake.
		///
		/// ## Dispatch origin
		///
		/// Signed by the operator.
		///
		/// ## Details
		///
		/// What is added earns from the node's next heartbeat on. The tier's minimum of today applies to
		/// the node from now on, unless the node has less than that. A node that was below its minimum becomes
		/// active if it isn't any more.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownNode`], [`Error::Leaving`]: the caller has no node, or is giving it up.
		/// - [`Error::BondedElsewhere`]: a validator.
		/// - [`Error::AmountZero`]: nothing to add.
		/// - `FundsUnavailable`, from the currency: the caller can't afford it.
		///
		/// ## Events
		///
		/// [`Event::StakeBonded`], and [`Event::NodeActivated`] or [`Event::NodeDeactivated`] if that
		/// changes.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::bond_more())]
		pub fn bond_more(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
			let account = ensure_signed(origin)?;
			Self::do_bond_more(account, amount)
		}

		/// Let `amount` of the stake leave.
		///
		/// ## Dispatch origin
		///
		/// Signed by the operator.
		///
		/// ## Details
		///
		/// It can be withdrawn after [`Config::UnbondingPeriod`] and be taken until then. The tier's
		/// minimum of today applies to the node from now on; below it the node is inactive.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownNode`], [`Error::Leaving`]: the caller has no node, or is giving it up.
		/// - [`Error::BondedElsewhere`]: a validator.
		/// - [`Error::AmountZero`], [`Error::NotEnoughStake`]: nothing, or more than there is.
		/// - [`Error::DustLeft`]: too little would stay.
		/// - [`Error::StillOnDuty`]: it keeps documents, and less than the least stake would stay.
		/// - [`Error::TooManyUnlocking`]: [`Config::MaxUnlocking`] parts are leaving already.
		///
		/// ## Events
		///
		/// [`Event::StakeUnbonded`], and [`Event::NodeDeactivated`] or [`Event::NodeActivated`] if that
		/// changes.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::unbond())]
		pub fn unbond(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
			let account = ensure_signed(origin)?;
			Self::do_unbond(account, amount)
		}

		/// Take back what has left the stake.
		///
		/// ## Dispatch origin
		///
		/// Signed by the operator.
		///
		/// ## Details
		///
		/// A node that is leaving and has nothing at stake any more is paid what is due to it and removed.
		/// If the year's budget can't pay all of it, the node stays until a later call can: nothing that
		/// was earned is lost.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownNode`]: the caller has no node.
		/// - [`Error::Accused`]: a penalty waits to be taken from it.
		/// - [`Error::NothingToWithdraw`]: nothing is released yet.
		/// - [`Error::BudgetExhausted`]: all that is left to do is to pay rewards, and the budget is spent.
		///
		/// ## Events
		///
		/// [`Event::StakeWithdrawn`], [`Event::RewardsClaimed`] and [`Event::NodeRemoved`], as far as they
		/// apply.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::withdraw_unbonded())]
		pub fn withdraw_unbonded(origin: OriginFor<T>) -> DispatchResult {
			let account = ensure_signed(origin)?;
			Self::do_withdraw_unbonded(account)
		}

		/// Say where the caller's node is, and how clients reach it.
		///
		/// ## Dispatch origin
		///
		/// Signed by the operator.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownNode`], [`Error::Leaving`]: the caller has no node, or is giving it up.
		/// - [`Error::BadRegion`], [`Error::BadEndpoint`], [`Error::EndpointTooLong`]: not of their form.
		///
		/// ## Events
		///
		/// [`Event::NodeUpdated`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::update_node())]
		pub fn update_node(
			origin: OriginFor<T>,
			region: Region,
			endpoint: Vec<u8>,
		) -> DispatchResult {
			let account = ensure_signed(origin)?;
			Self::do_update_node(account, region, endpoint)
		}

		/// Stop the caller's node for a while: it is inactive, earns nothing, and need not be there.
		///
		/// ## Dispatch origin
		///
		/// Signed by the operator.
		///
		/// ## Details
		///
		/// Stake, deposit and app key stay. What was earned until now is credited. A validator stops voting;
		/// its blocks are expected all the same: for those, `Staking.chill`.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownNode`], [`Error::Leaving`]: the caller has no node, or is giving it up.
		/// - [`Error::AlreadyChilled`]: it is stopped.
		///
		/// ## Events
		///
		/// [`Event::NodeChilled`], and [`Event::NodeDeactivated`] unless it was inactive.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::chill())]
		pub fn chill(origin: OriginFor<T>) -> DispatchResult {
			let account = ensure_signed(origin)?;
			Self::do_chill(account)
		}

		/// Let the caller's node work again.
		///
		/// ## Dispatch origin
		///
		/// Signed by the operator.
		///
		/// ## Details
		///
		/// The tier's minimum of today applies to the node from now on. The node is expected at once if its
		/// stake suffices, and earns from its next heartbeat.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownNode`], [`Error::Leaving`]: the caller has no node, or is giving it up.
		/// - [`Error::NotChilled`]: it isn't stopped.
		///
		/// ## Events
		///
		/// [`Event::NodeUnchilled`], and [`Event::NodeActivated`] if its stake suffices.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::unchill())]
		pub fn unchill(origin: OriginFor<T>) -> DispatchResult {
			let account = ensure_signed(origin)?;
			Self::do_unchill(account)
		}

		/// Give up the caller's node.
		///
		/// ## Dispatch origin
		///
		/// Signed by the operator.
		///
		/// ## Details
		///
		/// The node is inactive, its app key is revoked, and all of its stake leaves. If as many parts as
		/// can are leaving already, the newest waits for the rest. When the last part is released,
		/// `withdraw_unbonded` removes the node. A validator, which must have left the staking pallet,
		/// and a node with nothing at stake is removed at once, unless it stands accused or more is due to it than the budget can pay: then by
		/// `withdraw_unbonded` too.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownNode`], [`Error::Leaving`]: the caller has no node, or is giving it up already.
		/// - [`Error::StillBonded`]: the caller validates and still stakes with the staking pallet.
		/// - [`Error::StillOnDuty`]: it keeps documents.
		///
		/// ## Events
		///
		/// [`Event::NodeLeaving`], before it [`Event::AppKeyRevoked`] and [`Event::NodeDeactivated`], and
		/// after it [`Event::StakeUnbonded`], or [`Event::RewardsClaimed`] and [`Event::NodeRemoved`], as
		/// far as they apply.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::deregister())]
		pub fn deregister(origin: OriginFor<T>) -> DispatchResult {
			let account = ensure_signed(origin)?;
			Self::do_deregister(account)
		}

		/// Mint what the caller's node has earned.
		///
		/// ## Dispatch origin
		///
		/// Signed by the operator.
		///
		/// ## Details
		///
		/// Up to what is left of the year's budget; the rest stays due. What was earned since the last
		/// heartbeat comes with the next.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownNode`]: the caller has no node.
		/// - [`Error::NothingToClaim`]: nothing is due.
		/// - [`Error::BudgetExhausted`]: nothing is left of the budget.
		///
		/// ## Events
		///
		/// [`Event::RewardsClaimed`].
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::claim_rewards())]
		pub fn claim_rewards(origin: OriginFor<T>) -> DispatchResult {
			let account = ensure_signed(origin)?;
			Self::do_claim_rewards(account)
		}

		/// Rate `node` for a job that it has finished for the caller.
		///
		/// ## Dispatch origin
		///
		/// Signed by the client.
		///
		/// ## Details
		///
		/// `stars` from 1, the worst, to 5. Within [`Config::RatingWindow`] of the job, once.
		///
		/// ## Errors
		///
		/// - [`Error::BadStars`]: not one to five.
		/// - [`Error::UnknownNode`]: `node` is not registered any more.
		/// - [`Error::NoFinishedJob`]: there was no job.
		/// - [`Error::AlreadyRated`]: the client has rated this node a short while ago.
		/// - [`Error::RatingLapsed`]: the job was too long ago.
		///
		/// ## Events
		///
		/// [`Event::NodeRated`].
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::rate())]
		pub fn rate(origin: OriginFor<T>, node: T::AccountId, stars: u8) -> DispatchResult {
			let client = ensure_signed(origin)?;
			Self::do_rate(client, node, stars)
		}

		/// Clear away the right of `client` to rate `node`, which has lapsed.
		///
		/// ## Dispatch origin
		///
		/// Signed by anyone. Costs no fee if there is something to clear.
		///
		/// ## Errors
		///
		/// - [`Error::NoFinishedJob`]: there is nothing to clear.
		/// - [`Error::RatingNotLapsed`]: it is still needed.
		///
		/// ## Events
		///
		/// [`Event::RatingCleared`].
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::clear_rating())]
		pub fn clear_rating(
			origin: OriginFor<T>,
			node: T::AccountId,
			client: T::AccountId,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_clear_rating(node, client)?;
			Ok(Pays::No.into())
		}

		/// Set what `role` asks and pays from now on.
		///
		/// ## Dispatch origin
		///
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		///
		/// New nodes need the new minimum; a node that is there keeps its own until it next bonds more,
		/// unbonds or is unchilled. Faults are punished at the rate of the block in which they happened,
		/// and stake has earned until now at the old rate. The minimum of validators goes to the staking
		/// pallet, too, and their yearly reward is for information: the staking pallet pays them.
		///
		/// ## Errors
		///
		/// - [`Error::MinimumTooSmall`], [`Error::SlashRateZero`]: the tier makes no sense.
		/// - [`Error::TooManyTierChanges`]: it was changed too often of late.
		///
		/// ## Events
		///
		/// [`Event::TierSet`].
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::set_tier())]
		pub fn set_tier(origin: OriginFor<T>, role: Role, tier: Tier<Balance>) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_tier(role, tier)
		}
	}
}
