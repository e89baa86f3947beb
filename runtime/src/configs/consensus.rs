//! Who authors, who finalises, and what happens to those who do it twice.

use crate::{
	weights, Babe, Balances, Clock, Historical, ImOnline, Offences, Runtime, RuntimeEvent, Session,
	SessionKeys, Slashing, Staking, EPOCH_DURATION_IN_SLOTS, SLOT_DURATION,
};
use alloc::vec::Vec;
use frame_support::{
	parameter_types,
	traits::{ConstU32, ConstU64},
};
use rwa_primitives::{AccountId, Balance, Moment};
use sp_consensus_babe::{AllowedSlots, BabeEpochConfiguration};
use sp_runtime::{
	traits::{ConvertInto, OpaqueKeys},
	transaction_validity::TransactionPriority,
	Perbill,
};
use sp_staking::SessionIndex;

use super::staking::{
	BondingDuration, MaxActiveValidators, MaxNominatorsRewarded, SessionsPerEra, TestTempo,
	SESSIONS_PER_DAY, VALIDATOR_TIER,
};
use crate::constants::currency::deposit;

/// BABE at genesis: one author a slot, by turn and by VRF, and now and then a second one.
pub const BABE_GENESIS_EPOCH_CONFIG: BabeEpochConfiguration = BabeEpochConfiguration {
	c: crate::PRIMARY_PROBABILITY,
	// VRF, not plain, secondary slots: nobody can tell in advance whose slot it will be, so the
	// next author can't be silenced.
	allowed_slots: AllowedSlots::PrimaryAndSecondaryVRFSlots,
};

parameter_types! {
	/// Slots in an epoch: [`EPOCH_DURATION_IN_SLOTS`] on every real network. **Cannot change after
	/// genesis.** A test network puts another value into its genesis state, under the key
	/// `twox_128(":EpochDuration:")`, to see in minutes what takes hours.
	pub storage EpochDuration: u64 = EPOCH_DURATION_IN_SLOTS;
	/// Sessions in a row after whose absence a validator is offline: a day's.
	pub OfflineLimit: u32 = (SESSIONS_PER_DAY / TestTempo::get().max(1)).max(1);
	/// The share of its stake that a fault costs a validator, and its nominators with it: the validators'
	/// tier.
	pub const ValidatorSlash: Perbill = VALIDATOR_TIER.slash;
	/// The validators of the current session.
	pub CurrentValidators: Vec<AccountId> = Session::validators();
	/// Slots during which an equivocation can be reported: as long as its author's stake is bonded.
	pub ReportLongevity: u64 = u64::from(BondingDuration::get())
		.saturating_mul(u64::from(SessionsPerEra::get()))
		.saturating_mul(EPOCH_DURATION_IN_SLOTS);
	/// Sessions for which GRANDPA remembers which set voted: as long as a report may come.
	pub MaxSetIdSessionEntries: u64 =
		u64::from(BondingDuration::get()).saturating_mul(u64::from(SessionsPerEra::get()));
	/// A heartbeat competes only with other duties: below every operational transaction.
	pub const ImOnlinePriority: TransactionPriority = TransactionPriority::MAX / 2;
	/// Held while session keys are registered: one entry of four keys of 32 bytes, and one entry
	/// for the owner of each.
	pub const SessionKeyDeposit: Balance = deposit(5, 5 * 32 + 4 * 36);
}

impl pallet_babe::Config for Runtime {
	type DisabledValidators = Session;
	// Session asks BABE when to end, so epochs and sessions are one.
	type EpochChangeTrigger = pallet_babe::ExternalTrigger;
	type EpochDuration = EpochDuration;
	type EquivocationReportSystem =
		pallet_babe::EquivocationReportSystem<Self, Equivocations, Historical, ReportLongevity>;
	type ExpectedBlockTime = ConstU64<{ SLOT_DURATION as Moment }>;
	type KeyOwnerProof = sp_session::MembershipProof;
	type MaxAuthorities = MaxActiveValidators;
	type MaxNominators = MaxNominatorsRewarded;
	// No benchmark of the SDK measures these calls; its own figures, for RocksDB, are on the high side.
	type WeightInfo = ();
}

impl pallet_grandpa::Config for Runtime {
	type EquivocationReportSystem =
		pallet_grandpa::EquivocationReportSystem<Self, Equivocations, Historical, ReportLongevity>;
	type KeyOwnerProof = sp_session::MembershipProof;
	type MaxAuthorities = MaxActiveValidators;
	type MaxNominators = MaxNominatorsRewarded;
	type MaxSetIdSessionEntries = MaxSetIdSessionEntries;
	type RuntimeEvent = RuntimeEvent;
	// No benchmark of the SDK measures these calls; its own figures, for RocksDB, are on the high side.
	type WeightInfo = ();
}

impl pallet_authorship::Config for Runtime {
	type EventHandler = (Staking, ImOnline);
	type FindAuthor = pallet_session::FindAccountFromAuthorIndex<Self, Babe>;
}

impl pallet_session::Config for Runtime {
	type Currency = Balances;
	// At most a third is disabled at a time, the worst offenders first, so that the disabled can't
	// stop finality.
	type DisablingStrategy = pallet_session::disabling::UpToLimitWithReEnablingDisablingStrategy;
	type KeyDeposit = SessionKeyDeposit;
	type Keys = SessionKeys;
	type NextSessionRotation = Babe;
	type RuntimeEvent = RuntimeEvent;
	type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
	type SessionManager = WatchedSessions;
	type ShouldEndSession = Babe;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type WeightInfo = weights::pallet_session::WeightInfo<Runtime>;
}

/// Equivocations are reported with the SDK's price, and at least that of the validators' tier: theirs is
/// 0.09 % for one validator of a hundred.
type Equivocations = pallet_rwa_slashing::RaisedReports<Offences, ValidatorSlash>;

/// Lets the slashing pallet see sessions end and begin, and leaves the rest to the staking pallet.
pub struct WatchedSessions;

type StakedSessions = pallet_session::historical::NoteHistoricalRoot<Runtime, Staking>;

impl pallet_session::SessionManager<AccountId> for WatchedSessions {
	fn new_session(index: SessionIndex) -> Option<Vec<AccountId>> {
		<StakedSessions as pallet_session::SessionManager<_>>::new_session(index)
	}

	fn new_session_genesis(index: SessionIndex) -> Option<Vec<AccountId>> {
		<StakedSessions as pallet_session::SessionManager<_>>::new_session_genesis(index)
	}

	fn start_session(index: SessionIndex) {
		Slashing::start_session();
		<StakedSessions as pallet_session::SessionManager<_>>::start_session(index);
	}

	fn end_session(index: SessionIndex) {
		Slashing::end_session(index);
		<StakedSessions as pallet_session::SessionManager<_>>::end_session(index);
	}
}

impl pallet_rwa_slashing::Config for Runtime {
	type FullIdentification = ();
	// A day's.
	type HistoryLength = ConstU32<SESSIONS_PER_DAY>;
	type MaxValidators = MaxActiveValidators;
	type OfflineLimit = OfflineLimit;
	type ReportOffline = Offences;
	type SlashRate = ValidatorSlash;
	type Validators = CurrentValidators;
	type WorkingTime = Clock;
}

impl pallet_session::historical::Config for Runtime {
	type FullIdentification = ();
	type FullIdentificationOf = pallet_staking::UnitIdentificationOf<Self>;
	type RuntimeEvent = RuntimeEvent;
}

impl pallet_offences::Config for Runtime {
	type IdentificationTuple = pallet_session::historical::IdentificationTuple<Self>;
	type OnOffenceHandler = Staking;
	type RuntimeEvent = RuntimeEvent;
}

impl pallet_im_online::Config for Runtime {
	type AuthorityId = pallet_im_online::sr25519::AuthorityId;
	type MaxKeys = MaxActiveValidators;
	// Peers that a heartbeat once listed; it lists none any more.
	type MaxPeerInHeartbeats = ConstU32<0>;
	type NextSessionRotation = Babe;
	// Counted, and punished after a day.
	type ReportUnresponsiveness = Slashing;
	type RuntimeEvent = RuntimeEvent;
	type UnsignedPriority = ImOnlinePriority;
	type ValidatorSet = Historical;
	type WeightInfo = weights::pallet_im_online::WeightInfo<Runtime>;
}

impl pallet_authority_discovery::Config for Runtime {
	type MaxAuthorities = MaxActiveValidators;
}
