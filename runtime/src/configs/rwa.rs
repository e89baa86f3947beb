//! What this network exists for: working time, the registry of nodes, penalties, devices, feeds, and documents.

use crate::{
	configs::halting::Halted, constants::currency::deposit, weights, AccountId, Assets, Balance,
	Balances, BlockNumber, Clock, Devices, Documents, NodeRegistry, Offences, Runtime,
	RuntimeHoldReason, Slashing, Timestamp, DAYS, EPOCH_DURATION_IN_SLOTS, HOURS,
	MILLISECONDS_PER_YEAR, MILLI_RWA, MINUTES, RWA, SLOT_DURATION,
};
use frame_support::{
	parameter_types,
	traits::{
		fungibles::roles::Inspect as _, tokens::imbalance::ResolveTo, ConstU128, ConstU32,
		ConstU64, Contains, EitherOfDiverse,
	},
};
use frame_system::EnsureRoot;
use rwa_primitives::{
	app_key::Role,
	ipfs::Layout,
	node::genesis_tier,
	storage::MAX_ANNOUNCEMENT,
	traits::{Announcers, AssetOwners, Stakes, ValidatorStakes},
	AssetId, Moment,
};
use sp_runtime::{traits::Convert, transaction_validity::TransactionPriority, Perbill, Percent};
use sp_staking::{SessionIndex, StakingAccount};
use sp_statement_store::{
	decrease_allowance_by, get_allowance, increase_allowance_by, StatementAllowance,
};

use super::{
	consensus::{CurrentValidators, InTime, OfflineLimit, ValidatorSlash},
	governance::{CouncilAtLeastTwoThirds, FeedCurator},
	money::{TransactionByteFee, TreasuryAccount, BASE_FEE},
	staking::{MaxActiveValidators, TestTempo, SESSIONS_PER_DAY},
};

impl pallet_rwa_clock::Config for Runtime {
	type Halted = Halted;
	type WeightInfo = weights::pallet_rwa_clock::WeightInfo<Runtime>;
}

/// Windows of the registry and of penalties: `earnest` blocks on every real network, and at a test network's
/// tempo shorter, but no shorter than `least`, so that blocks fit into them.
fn at_tempo(earnest: BlockNumber, least: BlockNumber) -> BlockNumber {
	(earnest / TestTempo::get().max(1)).max(least)
}

/// How long a penalty waits, so that the council or a later appeal can cancel it.
const DEFERRAL: BlockNumber = 7 * DAYS;
/// How long after a fault it can be reported.
const REPORT_WINDOW: BlockNumber = 21 * DAYS;
/// How long stake stays within reach after it was withdrawn.
const UNBONDING: BlockNumber = 28 * DAYS;

const _: () = assert!(
	DEFERRAL + REPORT_WINDOW <= UNBONDING,
	"a fault can be punished after the stake has left"
);

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;

parameter_types! {
	/// Held for a node's entry and its place in the list of its role and region.
	pub const NodeDeposit: Balance = deposit(2, 1_140);
	/// See [`UNBONDING`]: 28 days, as long as a validator's bond.
	pub UnbondingPeriod: BlockNumber = at_tempo(UNBONDING, 160);
	/// An hour: what a client may take to notice that a node is gone, and 24 transactions a day of each
	/// node.
	pub HeartbeatPeriod: BlockNumber = at_tempo(HOURS, 5);
	/// Over two missed heartbeats stake still earns; after three it doesn't.
	pub PresenceGap: BlockNumber = 3 * HeartbeatPeriod::get();
	/// A day, as for validators.
	pub AbsenceLimit: BlockNumber = at_tempo(DAYS, 30);
	/// See [`DEFERRAL`]: a week, in which a council of people meets at least once.
	pub PenaltyDeferral: BlockNumber = at_tempo(DEFERRAL, 40);
	/// See [`REPORT_WINDOW`]: three weeks, in which an appeal is decided.
	pub ReportWindow: BlockNumber = at_tempo(REPORT_WINDOW, 120);
	/// A day: several faults with one cause mostly fall into one.
	pub CapPeriod: BlockNumber = at_tempo(DAYS, 30);
	/// What a node can lose in a [`CapPeriod`]: six faults of full severity in most roles. More than one
	/// mistake costs, and not everything, so that a bug in a detector ruins nobody in a day.
	pub const PenaltyCap: Perbill = Perbill::from_percent(30);
	/// As for validators: enough to pay for looking, too little to make a business of provoking faults.
	pub const ReporterShare: Perbill = Perbill::from_percent(10);
	/// Blocks in a year, by which rewards are reckoned.
	pub const BlocksPerYear: BlockNumber = (MILLISECONDS_PER_YEAR / SLOT_DURATION) as BlockNumber;
	/// Most that the registry's rewards may mint in a year, as a share of all tokens. At 3 % a year a third
	/// of all tokens could be staked here before it binds; what it leaves unpaid stays due.
	pub const YearlyBudget: Perbill = Perbill::from_percent(1);
	/// A month: long enough to see what a job was worth, and a pair of friends rates each other twelve times
	/// a year at most.
	pub const RatingWindow: BlockNumber = 30 * DAYS;
	/// Above ordinary transactions, below reports to feeds, which are late sooner.
	pub const HeartbeatPriority: TransactionPriority = TransactionPriority::MAX / 8;
}

/// The registry's view of the staking pallet.
pub struct StakingPallet;

impl ValidatorStakes<AccountId, Balance> for StakingPallet {
	fn bonded(who: &AccountId) -> Balance {
		let stash = StakingAccount::Stash(who.clone());
		pallet_staking::Pallet::<Runtime>::ledger(stash).map_or(0, |ledger| ledger.active)
	}

	fn at_risk(who: &AccountId) -> Balance {
		let era = pallet_staking::ActiveEra::<Runtime>::get().map_or(0, |era| era.index);
		pallet_staking::ErasStakersOverview::<Runtime>::get(era, who).map_or(0, |stake| stake.own)
	}

	fn is_staker(who: &AccountId) -> bool {
		pallet_staking::Bonded::<Runtime>::contains_key(who)
	}

	fn set_minimum(minimum: Balance) {
		pallet_staking::MinValidatorBond::<Runtime>::put(minimum);
	}
}

/// Identifies whom a slash reaches for a fault in a session, which may be one of an earlier era, because a fault is
/// often proven later: whoever was elected then, if only with others' stake.
pub struct ElectedThen;

impl Convert<(AccountId, SessionIndex), Option<()>> for ElectedThen {
	fn convert((who, session): (AccountId, SessionIndex)) -> Option<()> {
		let current = pallet_session::CurrentIndex::<Runtime>::get();
		let eras = pallet_staking::BondedEras::<Runtime>::get();
		// As the staking pallet finds the era of an offence.
		let (era, _) = eras.iter().rev().find(|(_, start)| *start <= session)?;
		let stake = pallet_staking::ErasStakersOverview::<Runtime>::get(era, who)?;
		(session <= current && stake.total > 0).then_some(())
	}
}

/// Accounts that have another role than validating. They can't stake, because an account has one role.
pub struct OtherRoles;

impl Contains<AccountId> for OtherRoles {
	fn contains(who: &AccountId) -> bool {
		NodeRegistry::role_of(who).is_some_and(|role| role != Role::Validator)
	}
}

impl pallet_rwa_node_registry::Config for Runtime {
	type Accusations = Slashing;
	type AdminOrigin = EnsureRoot<AccountId>;
	// Two entries: the registration of the account, and the way back from the key.
	type AppKeyDeposit = ConstU128<{ deposit(2, 48 + 49 + 48 + 32) }>;
	type BlocksPerYear = BlocksPerYear;
	type Currency = Balances;
	type Duties = Documents;
	// Names of 63 bytes, ports and a peer's identity.
	type MaxEndpointLength = ConstU32<160>;
	type MaxPage = ConstU32<100>;
	type MaxTierHistory = ConstU32<8>;
	// Withdrawals under way at once: one a day over the unbonding time, and a few to spare.
	type MaxUnlocking = ConstU32<32>;
	type NodeDeposit = NodeDeposit;
	type PresenceGap = PresenceGap;
	type RatingWindow = RatingWindow;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Slashed = ResolveTo<TreasuryAccount, Balances>;
	// A hundred times an oracle's least stake: whoever has more splits it, so no smaller.
	type StakeCap = ConstU128<{ 50_000 * RWA }>;
	type UnbondingPeriod = UnbondingPeriod;
	type Validators = StakingPallet;
	type WeightInfo = weights::pallet_rwa_node_registry::WeightInfo<Runtime>;
	type WorkingTime = Clock;
	type YearlyBudget = YearlyBudget;
}

impl pallet_rwa_slashing::Config for Runtime {
	type AbsenceLimit = AbsenceLimit;
	type AppKeys = NodeRegistry;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = benchmarking::NodesAtRisk;
	type CancelOrigin = EitherOfDiverse<EnsureRoot<AccountId>, CouncilAtLeastTwoThirds>;
	type Cap = PenaltyCap;
	type CapPeriod = CapPeriod;
	type Conduct = NodeRegistry;
	type Deferral = PenaltyDeferral;
	type FullIdentification = ();
	type FullIdentificationOf = ElectedThen;
	type HeartbeatPeriod = HeartbeatPeriod;
	type HeartbeatPriority = HeartbeatPriority;
	// A day's.
	type HistoryLength = ConstU32<SESSIONS_PER_DAY>;
	// At some 200 µs each a hundredth of a block; a thousand penalties of one day are through in minutes.
	type MaxExecutedPerBlock = ConstU32<8>;
	type MaxValidators = MaxActiveValidators;
	type OfflineLimit = OfflineLimit;
	type Presence = NodeRegistry;
	type ReportOffline = Offences;
	type ReportValidatorFault = InTime<Offences>;
	type ReportWindow = ReportWindow;
	type ReporterShare = ReporterShare;
	type SlashRate = ValidatorSlash;
	type Stakes = NodeRegistry;
	type Validators = CurrentValidators;
	type WeightInfo = weights::pallet_rwa_slashing::WeightInfo<Runtime>;
	type WorkingTime = Clock;
}

parameter_types! {
	/// Held for a feed's entries, at their largest: the feed with its roster and those invited, a round of
	/// 32 duties, a week of hourly answers, records of 200 reporters, and what 32 have revealed in 72 rounds.
	pub const FeedDeposit: Balance = deposit(210 + 72, 80_000 + 72 * 1_060);
	/// Fewest working blocks of a phase: one for the opening to spread, two to fetch and to spread over, two to
	/// get in.
	pub const OracleMinPhase: BlockNumber = 5;
	/// A day of rounds of an hourly feed that draws everybody: long enough to tell a fault from an outage of an
	/// hour, short enough to stop it within a day.
	pub const OracleWindow: u32 = 24;
	/// A quarter of a window. An honest, normally distributed report is an outlier once in 370; so that six of 24
	/// are happens to one in 10¹¹ windows.
	pub const OracleFaultLimit: Percent = Percent::from_percent(25);
	/// Lost by whoever calls a round early for nothing. Six such rounds are the fewest that make a fault of somebody's
	/// broken instrument sooner than a day would: they cost more than twice what that penalty takes of the least
	/// stake, 12.5 RWA.
	pub const OracleRequestBond: Balance = 5 * RWA;
	/// Paid to a reporter of whom somebody demands a measurement that it has. Twice what the challenger gets of the
	/// least oracle's penalty, 2.5 RWA, if the reporter has none: who is right less often than two times in three loses
	/// money.
	pub const OracleDemandBond: Balance = 5 * RWA;
	/// A week: whoever has a node that is down, or lost its store and has a copy, is back by then.
	pub OracleProofTime: BlockNumber = at_tempo(7 * DAYS, 30);
	/// Above every paid transaction, below heartbeats: late words are worth nothing, and there are two
	/// per reporter and round.
	pub const OracleReportPriority: TransactionPriority = TransactionPriority::MAX / 4;
}

const _: () =
	assert!(2 * OracleMinPhase::get() < MINUTES, "rounds of hourly feeds must not overlap");

/// An asset's token and the asset itself have one number, and one owner.
pub struct TokenOwners;

impl AssetOwners<AccountId> for TokenOwners {
	fn owner_of(asset: AssetId) -> Option<AccountId> {
		Assets::owner(asset)
	}
}

parameter_types! {
	/// Held for a device, and lost by who lets it deceive. Two entries cost under a hundredth of it; the rest is so
	/// that an oracle of the least stake doesn't get away with a false report, 25 RWA, by letting a friend's
	/// device contradict itself, of which nine tenths are lost. The runtime's tests hold the two against each other.
	/// More would keep those with hundreds of honest instruments out.
	pub const DeviceDeposit: Balance = 30 * RWA;
	/// As long as a report that named the device can be proven false and its author punished, so that the device can be
	/// shown to deceive until then; and three days, because a round that was open when the device retired, and can
	/// still name it, ends up to two phases of a day each later, or a little more if there is much to do.
	pub RetirementTime: BlockNumber =
		ReportWindow::get() + PenaltyDeferral::get() + at_tempo(3 * DAYS, 30);
	/// More than a block, a transaction and a bad clock take, and less than the time between two measurements of a
	/// device that a replay could be worth anything of.
	pub const MaxClockSkew: Moment = 10 * 60 * 1_000;
}

const _: () = assert!(
	100 * deposit(2, 300) < DeviceDeposit::get(),
	"a device's entries would cost a hundredth of its deposit"
);

impl pallet_rwa_devices::Config for Runtime {
	type Assets = TokenOwners;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = benchmarking::OwnersOfAssets;
	type Currency = Balances;
	type DeviceDeposit = DeviceDeposit;
	type Forfeited = ResolveTo<TreasuryAccount, Balances>;
	type MaxPage = ConstU32<100>;
	type ReporterShare = ReporterShare;
	type MaxClockSkew = MaxClockSkew;
	type RetirementTime = RetirementTime;
	type RuntimeHoldReason = RuntimeHoldReason;
	type TimeProvider = Timestamp;
	type WeightInfo = weights::pallet_rwa_devices::WeightInfo<Runtime>;
	type WorkingTime = Clock;
}

impl pallet_rwa_oracle::Config for Runtime {
	type AdminOrigin = EitherOfDiverse<EnsureRoot<AccountId>, FeedCurator>;
	type AppKeys = NodeRegistry;
	type Assets = TokenOwners;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = benchmarking::OperatorsAndOwners;
	type Conduct = NodeRegistry;
	type Currency = Balances;
	type Day = ConstU32<DAYS>;
	type DemandBond = OracleDemandBond;
	type Devices = Devices;
	// As much as the base of one transaction, for two statements and a share of the round.
	type DutyFee = ConstU128<BASE_FEE>;
	type Faults = Slashing;
	type FeedDeposit = FeedDeposit;
	// A week of hourly answers: what a dApp shows, and an owner argues about.
	type HistoryLength = ConstU32<168>;
	type MaxCommittee = ConstU32<32>;
	// Enough for the quarter of a block that the agenda may fill, if rounds are of the usual size.
	type MaxDuePerBlock = ConstU32<64>;
	type MaxFeedsPerReporter = ConstU32<64>;
	type MaxReporters = ConstU32<100>;
	type MaxUnitLength = ConstU32<16>;
	type MinCommittee = ConstU32<4>;
	type MinPhase = OracleMinPhase;
	type MissedLimit = OracleFaultLimit;
	type OutlierLimit = OracleFaultLimit;
	type Penalties = Slashing;
	// Three days of an hourly feed: who has read the same device sees a lie at once, and has a weekend to show it.
	type ProofRounds = ConstU32<72>;
	type ProofTime = OracleProofTime;
	// The VRF output of the block before. Its author has known it for two epochs, and can withhold the block;
	// nobody can choose among more than that.
	type Randomness = pallet_babe::ParentBlockRandomness<Runtime>;
	type ReportPriority = OracleReportPriority;
	type Reputation = NodeRegistry;
	type RequestBond = OracleRequestBond;
	type RuntimeHoldReason = RuntimeHoldReason;
	type TimeProvider = Timestamp;
	type Treasury = TreasuryAccount;
	type WeightInfo = weights::pallet_rwa_oracle::WeightInfo<Runtime>;
	type WindowRounds = OracleWindow;
	type WorkingTime = Clock;
}

/// What nodes read to learn whose statements they may store: a plain value of each account, at
/// `:statement_allowance:` and the account.
///
/// Bytes saturate beyond 2.9 million documents of one owner, whose deposits would be eight million RWA; then it may
/// announce fewer than it has, and nobody more.
pub struct StatementAllowances;

impl StatementAllowances {
	/// One announcement of the longest.
	const ONE: StatementAllowance = StatementAllowance { max_count: 1, max_size: MAX_ANNOUNCEMENT };
}

impl Announcers<AccountId> for StatementAllowances {
	fn allow(who: &AccountId) {
		increase_allowance_by(who, Self::ONE);
	}

	fn disallow(who: &AccountId) {
		decrease_allowance_by(who, Self::ONE);
	}

	fn allowed(who: &AccountId) -> u32 {
		get_allowance(who).max_count
	}
}

/// Bytes of a gibibyte.
const GIB: u64 = 1 << 30;

/// Leaves of a mebibyte.
const MIB_LEAVES: u32 = (1 << 20) / Layout::DOCUMENT.chunk();

/// Most bytes of an envelope. A reader's has 114, a repairer's 82; one with three keys, which the pallet wants room for,
/// would have 144.
const MAX_ENVELOPE: u32 = 160;

parameter_types! {
	/// The largest document that was asked for, a gibibyte, and four times what encrypting it adds: 64 bytes, and 16 for
	/// each 65,520. Its proofs have five blocks; eight is what a proof may have.
	pub const MaxReplicaSize: u64 = GIB + (1 << 20);
	/// For 4 KiB and a block of a second. A gibibyte is 2.72 RWA for 30 days at each of its three nodes; a mebibyte for a
	/// year, with the grace period and at all three, a tenth of an RWA, as much as an entry's deposit. A node as full as
	/// the specification's, 10 GB, earns a tenth of the least stake in a month. It can be halved twice, should the
	/// token become dear.
	pub const StoragePrice: Balance = 4;
	/// A hundredth of an RWA: a mebibyte for four months, or ten for twelve days. What is worth less than a few
	/// transactions is nobody's job.
	pub LeastJob: Balance = StoragePrice::get()
		* Balance::from(MIB_LEAVES)
		* Balance::from(at_tempo(120 * DAYS, 1));
	/// Whatever the size: what ten kilobytes of transactions cost, which makes it worth being there.
	pub const RepairFee: Balance = 100 * MILLI_RWA;
	/// For 4 KiB: as much as keeping them for 30 days. Whoever repairs fetches them once, and gives them away once.
	pub const RepairPrice: Balance = StoragePrice::get() * (30 * DAYS) as Balance;
	/// What the answer would pay, were it not free of fees: the proof of the largest file with its signature, and a
	/// millisecond, ten times what the base is paid for, to check it in the pool and in a block.
	pub const ChallengeFee: Balance = 9_500 * TransactionByteFee::get() + 10 * BASE_FEE;
	/// Held for a document's entries at their largest, while all three replicas are handed over: itself, its CIDs, its
	/// place in the list of its asset; six slots of nodes, and as many sums over slots; what each replica and the
	/// document wait for, and when.
	pub const DocumentDeposit: Balance = deposit(1 + 3 + 1 + 6 + 6 + 8, 3_250);
	/// Held for an envelope: its key, 105 bytes; 26 besides what is sealed.
	pub const EnvelopeDeposit: Balance = deposit(1, 105 + 26 + MAX_ENVELOPE);
	/// Held for a reader's key.
	pub const ReaderKeyDeposit: Balance = deposit(1, 80 + 56);
	/// Held for a storage node's entry, its seat, a sum over seats, its round, what it waits for and when, and the 14 sums
	/// above its first slots. What is left of its slots when documents go is paid for by no one; it is bounded, and gone
	/// when the node leaves.
	pub const StorageNodeDeposit: Balance = deposit(6 + 14, 2_950);
	/// A week: what it is worth to fetch a file. Less, and whoever registers and removes makes nodes fetch for nothing.
	pub MinTerm: BlockNumber = at_tempo(7 * DAYS, 120);
	/// The specification's `garbage_collection: 30_days`.
	pub StorageGrace: BlockNumber = at_tempo(30 * DAYS, 60);
	/// Two epochs, and a minute. The author of a block can know what it brings for the draw for two epochs: whoever
	/// registers, or declares capacity, could otherwise wait for a block of his own that draws his own nodes. What is left
	/// to the author of the block before a draw is in the limits of docs/documents.md.
	pub DrawDelay: BlockNumber = at_tempo(2 * EPOCH_DURATION_IN_SLOTS as BlockNumber + MINUTES, 5);
	/// An hour, in which a publisher's or holder's node that is down can be back.
	pub ConfirmTime: BlockNumber = at_tempo(HOURS, 60);
	/// Six hours, as long as safe mode lasts when entered: if many replicas are lost because of a bad release, the
	/// council notices, and halts the network before they are all made anew.
	pub RepairGrace: BlockNumber = at_tempo(6 * HOURS, 30);
	/// Half an hour: no sooner than the first draw, for which nobody can know more. With four tries a new replica is
	/// given up after some four hours, with eight a lost one after two and a half days.
	pub RetryDelay: BlockNumber = at_tempo(30 * MINUTES, 5);
	/// An hour, as heartbeats. With two challenges in each, a day has 48: of a node that lacks a tenth of what it holds
	/// they find 99.4 in 100. A hundred nodes prove 40 MiB a day with that, by files of 100 MiB.
	pub ChallengePeriod: BlockNumber = at_tempo(HOURS, 30);
	/// Ten minutes: a node that is started anew, or moved to another release, misses nothing.
	pub ChallengeTime: BlockNumber = at_tempo(10 * MINUTES, 10);
	/// Four times a storage node's least stake.
	pub const StakePerChallenge: Balance = 4 * genesis_tier(Role::Storage).minimum;
	/// Above this fullness of what transactions may take of it, a block counts as one in which answers could not get
	/// through. Fees rise from a quarter on, so that filling blocks for hours, to be judged later, costs more than a stake.
	pub const CongestionThreshold: Perbill = Perbill::from_percent(80);
	/// Below heartbeats and reports to feeds: there are minutes to answer. Above transactions, if these don't pay tips of
	/// hundreds of RWA.
	pub const StorageProofPriority: TransactionPriority = TransactionPriority::MAX / 16;
}

const _: () = assert!(
	MaxReplicaSize::get() >= GIB + 64 + 16 * (GIB / 65_520 + 1),
	"a gibibyte must fit once it is encrypted"
);

const _: () = {
	let leaves = GIB / Layout::DOCUMENT.chunk() as u64;
	let month = StoragePrice::get() * leaves as Balance * (30 * DAYS) as Balance;
	assert!(
		2 * RWA < month && month < 3 * RWA,
		"the price of a gibibyte is not what it is said to be"
	);
};

const _: () = assert!(
	StorageProofPriority::get() < HeartbeatPriority::get(),
	"proofs would keep heartbeats out"
);

impl pallet_rwa_documents::Config for Runtime {
	type Announcers = StatementAllowances;
	type AppKeys = NodeRegistry;
	type Assets = TokenOwners;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = benchmarking::StorageOperatorsAndOwners;
	type ChallengeFee = ChallengeFee;
	type ChallengePeriod = ChallengePeriod;
	type ChallengeTime = ChallengeTime;
	type Conduct = NodeRegistry;
	type ConfirmTime = ConfirmTime;
	type CongestionThreshold = CongestionThreshold;
	type Currency = Balances;
	type DocumentDeposit = DocumentDeposit;
	type DrawDelay = DrawDelay;
	// With the owner's delegate three who can repair, so that one of them is there.
	type DrawnRepairers = ConstU32<2>;
	type EnvelopeDeposit = EnvelopeDeposit;
	type Faults = Slashing;
	type Grace = StorageGrace;
	type LeastJob = LeastJob;
	// What a node has that keeps a few documents, and what costs an RWA a year to have kept by oneself.
	type LeastProven = ConstU64<{ 64 << 20 }>;
	// A day, as for being away: an outage of hours relocates nothing.
	type LossLimit = ConstU32<24>;
	// Two of the least stake; the most at 24 times as much: 1.6 MiB of proofs a day.
	type MaxChallenges = ConstU32<8>;
	// As for the oracle: enough for the quarter of a block that the agenda may fill.
	type MaxDuePerBlock = ConstU32<64>;
	// Owner, buyer, authorities, and a panel that judges with its appeal. All go in one block with the document.
	type MaxEnvelopes = ConstU32<100>;
	type MaxEnvelopeSize = ConstU32<MAX_ENVELOPE>;
	// At some 3 ms each a fiftieth of a block.
	type MaxEvictionsPerBlock = ConstU32<4>;
	// Half of them, a third of what each of a hundred nodes holds of a hundred thousand documents, from silent nodes: one
	// that falls silent is emptied in three hours, all of them, after a bad release, would be in twelve days.
	type MaxEvictionsPerPeriod = ConstU32<2_000>;
	// To decline costs nothing. Whoever is silent three times in a row is not there.
	type MaxLapses = ConstU32<3>;
	// Ten times what the network is planned for. Who has nothing at stake any more loses its seat to anybody who says so.
	type MaxNodes = ConstU32<1_024>;
	// A day's finds at two an hour, of a node that lacks half of everything: they are lost as fast as they are found.
	type MaxRechecks = ConstU32<24>;
	type MaxRepairers = ConstU32<4>;
	// Longer than a weekend, with what a node has time to confirm.
	type MaxRepairTries = ConstU32<8>;
	type MaxReplicaSize = MaxReplicaSize;
	// Five times what each of a hundred nodes holds of a hundred thousand documents.
	type MaxReplicasPerNode = ConstU32<16_384>;
	// Prices change with the next renewal: none binds nodes for longer than a year.
	type MaxTerm = BlocksPerYear;
	// Of a hundred nodes of which ten don't answer one in a thousand replicas meets four of them. As each is paid for when
	// a document is registered, no more.
	type MaxTries = ConstU32<4>;
	// Of the least stake: see `ChallengePeriod`.
	type MinChallenges = ConstU32<2>;
	// A leaf.
	type MinReplicaSize = ConstU64<{ Layout::DOCUMENT.chunk() as u64 }>;
	type MinTerm = MinTerm;
	// Two of the largest: a newcomer that proves what it has doubles its room in an hour, and is full at the
	// specification's 10 GB in five.
	type NewcomerSpace = ConstU64<{ 2 * MaxReplicaSize::get() }>;
	type NodeDeposit = StorageNodeDeposit;
	type ProofPriority = StorageProofPriority;
	// As for committees; see `DrawDelay`.
	type Randomness = pallet_babe::ParentBlockRandomness<Runtime>;
	type ReaderKeyDeposit = ReaderKeyDeposit;
	type RepairFee = RepairFee;
	type RepairGrace = RepairGrace;
	type RepairPrice = RepairPrice;
	type Reputation = NodeRegistry;
	type RetryDelay = RetryDelay;
	type RuntimeHoldReason = RuntimeHoldReason;
	type StakePerChallenge = StakePerChallenge;
	type Stakes = NodeRegistry;
	type StoragePrice = StoragePrice;
	// Eight hours: who sleeps through an outage loses nothing by it.
	type StrikeLimit = ConstU32<8>;
	// 2 Mbit/s: a third of what a connection of 6 Mbit/s can send, for each of three.
	type TransferRate = ConstU64<{ 256 * 1_024 }>;
	type Treasury = TreasuryAccount;
	type WeightInfo = weights::pallet_rwa_documents::WeightInfo<Runtime>;
	type Whereabouts = NodeRegistry;
	type WorkingTime = Clock;
}
