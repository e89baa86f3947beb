//! Who authors, who finalises, and what happens to those who do it twice.

use crate::{
	weights, Babe, Balances, Historical, ImOnline, Offences, Runtime, RuntimeEvent, Session,
	SessionKeys, Staking, EPOCH_DURATION_IN_SLOTS, SLOT_DURATION,
};
use frame_support::{
	parameter_types,
	traits::{ConstU32, ConstU64},
};
use rwa_primitives::{AccountId, Balance, Moment};
use sp_consensus_babe::{AllowedSlots, BabeEpochConfiguration};
use sp_runtime::{
	traits::{ConvertInto, OpaqueKeys},
	transaction_validity::TransactionPriority,
};

use super::staking::{BondingDuration, MaxActiveValidators, MaxNominatorsRewarded, SessionsPerEra};
use crate::constants::currency::deposit;

/// BABE at genesis: one author a slot, by turn and by VRF, and now and then a second one.
pub const BABE_GENESIS_EPOCH_CONFIG: BabeEpochConfiguration = BabeEpochConfiguration {
	c: crate::PRIMARY_PROBABILITY,
	// VRF, not plain, secondary slots: nobody can tell in advance whose slot it will be, so the
	// next author can't be silenced.
	allowed_slots: AllowedSlots::PrimaryAndSecondaryVRFSlots,
};

parameter_types! {
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
	type EpochDuration = ConstU64<EPOCH_DURATION_IN_SLOTS>;
	type EquivocationReportSystem =
		pallet_babe::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
	type ExpectedBlockTime = ConstU64<{ SLOT_DURATION as Moment }>;
	type KeyOwnerProof = sp_session::MembershipProof;
	type MaxAuthorities = MaxActiveValidators;
	type MaxNominators = MaxNominatorsRewarded;
	// No benchmark of the SDK measures these calls; its own figures, for RocksDB, are on the high side.
	type WeightInfo = ();
}

impl pallet_grandpa::Config for Runtime {
	type EquivocationReportSystem =
		pallet_grandpa::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
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
	type SessionManager = pallet_session::historical::NoteHistoricalRoot<Self, Staking>;
	type ShouldEndSession = Babe;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type WeightInfo = weights::pallet_session::WeightInfo<Runtime>;
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
	type ReportUnresponsiveness = Offences;
	type RuntimeEvent = RuntimeEvent;
	type UnsignedPriority = ImOnlinePriority;
	type ValidatorSet = Historical;
	type WeightInfo = weights::pallet_im_online::WeightInfo<Runtime>;
}

impl pallet_authority_discovery::Config for Runtime {
	type MaxAuthorities = MaxActiveValidators;
}
