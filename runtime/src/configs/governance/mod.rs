//! How decisions are made, up to Root, without Sudo.
//!
//! Every holder proposes and votes on referenda; votes weigh more the longer their stake is locked.
//! A council acts where a vote would come too late: it cancels what turned out harmful, and it can
//! halt the chain or a call (see [`super::halting`]). It can start nothing.

pub mod origins;
pub mod tracks;

pub use origins::{FeedCurator, Treasurer};

use crate::{
	constants::currency::deposit, weights, AccountId, Balance, Balances, OriginCaller, Preimage,
	Referenda, Runtime, RuntimeCall, RuntimeEvent, RuntimeHoldReason, RuntimeOrigin, Scheduler,
	System, Treasury, DAYS, RWA,
};
use frame_support::{
	parameter_types,
	traits::{
		fungible::HoldConsideration,
		tokens::{currency::ActiveIssuanceOf, PayFromAccount, UnityAssetBalanceConversion},
		ConstU128, ConstU32, EitherOf, EitherOfDiverse, EqualPrivilegeOnly, LinearStoragePrice,
	},
	weights::Weight,
	PalletId,
};
use frame_system::{EnsureRoot, EnsureRootWithSuccess, EnsureSigned, EnsureWithSuccess};
use sp_runtime::{traits::IdentityLookup, Perbill, Permill};

use super::{money::TreasuryAccount, system::RuntimeBlockWeights};

/// The council's instance of the collective pallet.
pub type CouncilCollective = pallet_collective::Instance1;
/// Half of the council.
pub type CouncilMajority =
	pallet_collective::EnsureProportionMoreThan<AccountId, CouncilCollective, 1, 2>;
/// Two thirds of the council.
pub type CouncilAtLeastTwoThirds =
	pallet_collective::EnsureProportionAtLeast<AccountId, CouncilCollective, 2, 3>;
/// Three quarters of the council.
pub type CouncilAtLeastThreeQuarters =
	pallet_collective::EnsureProportionAtLeast<AccountId, CouncilCollective, 3, 4>;

parameter_types! {
	/// Most weight that enacted proposals may take of a block.
	pub MaximumSchedulerWeight: Weight =
		Perbill::from_percent(60) * RuntimeBlockWeights::get().max_block;
	/// Most weight that one council motion may take.
	pub MaxProposalWeight: Weight =
		Perbill::from_percent(50) * RuntimeBlockWeights::get().max_block;
	/// Deposit for the first entry of a preimage.
	pub const PreimageBaseDeposit: Balance = deposit(2, 64);
	/// Deposit for each of its bytes.
	pub const PreimageByteDeposit: Balance = deposit(0, 1);
	/// Why a preimage's deposit is held.
	pub const PreimageHoldReason: RuntimeHoldReason =
		RuntimeHoldReason::Preimage(pallet_preimage::HoldReason::Preimage);
	/// Seeds the treasury's account.
	pub const TreasuryPalletId: PalletId = PalletId(*b"rwa/trsy");
	/// Root may spend all.
	pub const RootSpendLimit: Balance = Balance::MAX;
	/// What one referendum on the treasurer's track may spend.
	pub const TreasurerSpendLimit: Balance = 100_000 * RWA;
	/// Nothing is burnt: what isn't spent stays.
	pub const NoBurn: Permill = Permill::zero();
}

impl pallet_scheduler::Config for Runtime {
	type BlockNumberProvider = System;
	// Enactments and alarms of referenda. More than can be crowded out: whoever fills a block pays
	// the deposits of 512 referenda, and an enactment that finds no room would be lost.
	type MaxScheduledPerBlock = ConstU32<512>;
	type MaximumWeight = MaximumSchedulerWeight;
	type OriginPrivilegeCmp = EqualPrivilegeOnly;
	type PalletsOrigin = OriginCaller;
	type Preimages = Preimage;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type RuntimeOrigin = RuntimeOrigin;
	type ScheduleOrigin = EnsureRoot<AccountId>;
	type WeightInfo = weights::pallet_scheduler::WeightInfo<Runtime>;
}

impl pallet_preimage::Config for Runtime {
	type Consideration = HoldConsideration<
		AccountId,
		Balances,
		PreimageHoldReason,
		LinearStoragePrice<PreimageBaseDeposit, PreimageByteDeposit, Balance>,
	>;
	type Currency = Balances;
	type ManagerOrigin = EnsureRoot<AccountId>;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = weights::pallet_preimage::WeightInfo<Runtime>;
}

impl pallet_conviction_voting::Config for Runtime {
	type BlockNumberProvider = System;
	type Currency = Balances;
	type MaxTurnout = ActiveIssuanceOf<Balances, AccountId>;
	// Polls that one account votes in at once, over all tracks.
	type MaxVotes = ConstU32<128>;
	type Polls = Referenda;
	type RuntimeEvent = RuntimeEvent;
	// A vote with conviction 1 locks for a week, with 6 for 32 weeks.
	type VoteLockingPeriod = ConstU32<{ 7 * DAYS }>;
	type VotingHooks = ();
	// The SDK's: in the benchmark of `delegate` all referenda share one place in the agenda, where in
	// life each may touch two of its own.
	type WeightInfo = pallet_conviction_voting::weights::SubstrateWeight<Runtime>;
}

impl origins::Config for Runtime {}

impl pallet_referenda::Config for Runtime {
	// Every block: a coarser grain would crowd the alarms of all referenda into the same blocks.
	type AlarmInterval = ConstU32<1>;
	type BlockNumberProvider = System;
	// More than a mere majority, because this office could cancel its own replacement.
	type CancelOrigin = EitherOfDiverse<EnsureRoot<AccountId>, CouncilAtLeastTwoThirds>;
	type Currency = Balances;
	// Cancels and takes the deposits: for spam and fraud.
	type KillOrigin = EitherOfDiverse<EnsureRoot<AccountId>, CouncilAtLeastThreeQuarters>;
	type MaxQueued = ConstU32<100>;
	type Preimages = Preimage;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type Scheduler = Scheduler;
	type Slash = Treasury;
	type SubmissionDeposit = ConstU128<{ 10 * RWA }>;
	type SubmitOrigin = frame_support::traits::AsEnsureOriginWithArg<EnsureSigned<AccountId>>;
	type Tally = pallet_conviction_voting::TallyOf<Runtime>;
	type Tracks = tracks::Tracks;
	// Time to find the decision deposit.
	type UndecidingTimeout = ConstU32<{ 14 * DAYS }>;
	type Votes = pallet_conviction_voting::VotesOf<Runtime>;
	type WeightInfo = weights::pallet_referenda::WeightInfo<Runtime>;
}

impl pallet_collective::Config<CouncilCollective> for Runtime {
	type Consideration = ();
	// Who is silent sides with the chair: a small council must act with some of it asleep.
	type DefaultVote = pallet_collective::PrimeDefaultVote;
	type DisapproveOrigin = EnsureRoot<AccountId>;
	type KillOrigin = EnsureRoot<AccountId>;
	type MaxMembers = ConstU32<21>;
	type MaxProposalWeight = MaxProposalWeight;
	type MaxProposals = ConstU32<20>;
	type MotionDuration = ConstU32<{ 3 * DAYS }>;
	type Proposal = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type RuntimeOrigin = RuntimeOrigin;
	// Members are chosen by referendum.
	type SetMembersOrigin = EnsureRoot<AccountId>;
	type WeightInfo = weights::pallet_collective::WeightInfo<Runtime>;
}

impl pallet_treasury::Config for Runtime {
	type AssetKind = ();
	type BalanceConverter = UnityAssetBalanceConversion;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::TreasuryArguments;
	type Beneficiary = AccountId;
	type BeneficiaryLookup = IdentityLookup<AccountId>;
	type BlockNumberProvider = System;
	type Burn = NoBurn;
	type BurnDestination = ();
	type Currency = Balances;
	type MaxApprovals = ConstU32<100>;
	type PalletId = TreasuryPalletId;
	type Paymaster = PayFromAccount<Balances, TreasuryAccount>;
	// Time to collect an approved payment.
	type PayoutPeriod = ConstU32<{ 30 * DAYS }>;
	type RejectOrigin = EitherOfDiverse<EnsureRoot<AccountId>, CouncilMajority>;
	type RuntimeEvent = RuntimeEvent;
	type SpendFunds = ();
	type SpendOrigin = EitherOf<
		EnsureRootWithSuccess<AccountId, RootSpendLimit>,
		EnsureWithSuccess<Treasurer, AccountId, TreasurerSpendLimit>,
	>;
	type SpendPeriod = ConstU32<{ 7 * DAYS }>;
	type WeightInfo = weights::pallet_treasury::WeightInfo<Runtime>;
}
