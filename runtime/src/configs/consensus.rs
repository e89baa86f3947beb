//! Who authors, who finalises, and what happens to those who do it twice.

use crate::{
	weights, Babe, Balances, Clock, Historical, ImOnline, NodeRegistry, Offences, Runtime,
	RuntimeEvent, Session, SessionKeys, Slashing, Staking, System, EPOCH_DURATION_IN_SLOTS,
	SLOT_DURATION,
};
use alloc::vec::Vec;
use core::marker::PhantomData;
use frame_support::{
	dispatch::DispatchClass,
	parameter_types,
	traits::{ConstU32, ConstU64},
};
use pallet_rwa_slashing::WeightInfo as _;
use rwa_primitives::{app_key::Role, traits::Stakes, AccountId, Balance, BlockNumber, Moment};
use sp_consensus_babe::{AllowedSlots, BabeEpochConfiguration};
use sp_runtime::{
	traits::{ConvertInto, OpaqueKeys},
	transaction_validity::TransactionPriority,
	Perbill,
};
use sp_staking::{
	offence::{OffenceError, ReportOffence},
	SessionIndex,
};

use super::{
	rwa::UnbondingPeriod,
	staking::{
		BondingDuration, MaxActiveValidators, MaxNominatorsRewarded, SessionsPerEra,
		SlashDeferDuration, TestTempo, SESSIONS_PER_DAY,
	},
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
	/// The share of its stake that a fault costs a validator, and its nominators with it: the least that the
	/// validators' tier said within the bonding time. Governance may change it, and only for the future: a
	/// fault that was done before a rise, and is reported after it, costs what it cost.
	pub ValidatorSlash: Perbill = least_recent_slash();
	/// The validators of the current session.
	pub CurrentValidators: Vec<AccountId> = Session::validators();
	/// Slots for which the report of an equivocation may wait in the pool: as long as its author's stake is
	/// bonded. Whether it comes in time is decided when it is executed: [`InTime`].
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

fn least_recent_slash() -> Perbill {
	let now: BlockNumber = Clock::now();
	let since = now.saturating_sub(UnbondingPeriod::get());
	let then = NodeRegistry::slash_rate(Role::Validator, since);
	let history = pallet_rwa_node_registry::Tiers::<Runtime>::get(Role::Validator);
	let later = history.iter().filter(|(from, _)| *from > since).map(|(_, tier)| tier.slash);
	later.fold(then, Perbill::min)
}

/// Equivocations are reported with the SDK's price, and at least that of the validators' tier: theirs is
/// 0.09 % for one validator of a hundred.
type Equivocations = pallet_rwa_slashing::RaisedReports<InTime<Offences>, ValidatorSlash>;

/// Passes on to `Reports` what can still be punished, and refuses the rest: a slash is due an era after the
/// deferral, counted from the fault; if that era has begun already, the staking pallet never executes it.
pub struct InTime<Reports>(PhantomData<Reports>);

/// Why [`InTime`] refuses a report.
const TOO_OLD: u8 = 1;

impl<Reports> InTime<Reports> {
	fn is_too_old(session: SessionIndex) -> bool {
		let (deferral, era) = (SlashDeferDuration::get(), Staking::active_era());
		let era = era.map_or(0, |era| era.index);
		// Without a deferral a slash is executed at once.
		let Some(oldest) = era.checked_sub(deferral).filter(|_| deferral > 0) else { return false };
		let start = pallet_staking::ErasStartSessionIndex::<Runtime>::get(oldest);
		start.is_some_and(|start| session < start)
	}
}

impl<Reporter, Offender, Offence, Reports> ReportOffence<Reporter, Offender, Offence>
	for InTime<Reports>
where
	Offence: sp_staking::offence::Offence<Offender>,
	Reports: ReportOffence<Reporter, Offender, Offence>,
{
	fn report_offence(reporters: Vec<Reporter>, offence: Offence) -> Result<(), OffenceError> {
		if Self::is_too_old(offence.session_index()) {
			return Err(OffenceError::Other(TOO_OLD));
		}
		Reports::report_offence(reporters, offence)
	}

	fn is_known_offence(offenders: &[Offender], time_slot: &Offence::Slot) -> bool {
		Reports::is_known_offence(offenders, time_slot)
	}
}

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
		let reported = Slashing::end_session(index);
		System::register_extra_weight_unchecked(
			<Runtime as pallet_rwa_slashing::Config>::WeightInfo::end_session(reported),
			DispatchClass::Mandatory,
		);
		<StakedSessions as pallet_session::SessionManager<_>>::end_session(index);
	}
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
