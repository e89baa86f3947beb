//! Who may validate, who is elected, and what they are paid.

use crate::{
	configs::{governance::CouncilAtLeastTwoThirds, money::TreasuryAccount, rwa::OtherRoles},
	weights, AccountId, Balance, Balances, Moment, NodeRegistry, Runtime, RuntimeEvent,
	RuntimeHoldReason, Session, Staking, Timestamp, VoterList, EPOCH_DURATION_IN_SLOTS,
	MILLISECONDS_PER_YEAR, RWA, SLOT_DURATION,
};
use frame_election_provider_support::{
	bounds::{ElectionBounds, ElectionBoundsBuilder},
	onchain, SequentialPhragmen, VoteWeight,
};
use frame_support::{
	parameter_types,
	traits::{tokens::imbalance::ResolveTo, ConstBool, ConstU32, EitherOfDiverse},
};
use frame_system::EnsureRoot;
use rwa_primitives::{app_key::Role, node::genesis_tier};
use sp_runtime::Perbill;
use sp_staking::{currency_to_vote::U128CurrencyToVote, EraIndex, SessionIndex};

/// Least stake of a validator at genesis, in the smallest unit: the validators' tier. Governance may change
/// it with the tier.
pub const MIN_VALIDATOR_BOND: Balance = genesis_tier(Role::Validator).minimum;

/// Least stake of a nominator. Small enough for anyone, large enough that filling the voter list
/// with a thousand entries locks up as much as ten validators.
pub const MIN_NOMINATOR_BOND: Balance = 10 * RWA;

const ERAS_PER_DAY: EraIndex = 4;
/// Sessions in a day.
pub const SESSIONS_PER_DAY: SessionIndex =
	(24 * 60 * 60 * 1_000 / (EPOCH_DURATION_IN_SLOTS * SLOT_DURATION)) as SessionIndex;

/// Eras during which stake stays locked after it was withdrawn: 28 days.
const BONDING_ERAS: EraIndex = 28 * ERAS_PER_DAY;

/// How long a slash waits, so that the council or a later appeal can cancel it: two eras less than the bond. With
/// any less, evidence that arrives late in the bonding time would never be executed. With any more, stake
/// could leave first: a slash is taken at the start of the era after its wait, while stake may be withdrawn as
/// soon as the era of its release is *planned*, a session earlier.
const SLASH_DEFER_ERAS: EraIndex = BONDING_ERAS - 2;

parameter_types! {
	/// Sessions in an era: six hours, so that a new validator waits no longer than that, and an
	/// election, the costliest thing the chain does, happens four times a day.
	pub const SessionsPerEra: SessionIndex = SESSIONS_PER_DAY / ERAS_PER_DAY;
	/// See [`BONDING_ERAS`].
	pub const BondingDuration: EraIndex = BONDING_ERAS;
	/// See [`SLASH_DEFER_ERAS`].
	pub SlashDeferDuration: EraIndex = SLASH_DEFER_ERAS / TestTempo::get().max(1);
	/// How many times faster than in earnest governance and the deferral of slashes run: 1 on every
	/// real network. A test network puts another value into its genesis state, under the key
	/// `twox_128(":TestTempo:")`, to see in minutes what takes weeks.
	pub storage TestTempo: u32 = 1;
	/// Eras for which rewards can be claimed and exposures read: the bonding time and a month.
	pub const HistoryDepth: u32 = 2 * BONDING_ERAS;
	/// Validators that can be elected. GRANDPA's messages grow with their square; a hundred is
	/// four times the 25 that the network is planned for.
	pub const MaxActiveValidators: u32 = 100;
	/// Nominators per validator that are paid in one page of a payout.
	pub const MaxNominatorsRewarded: u32 = 256;
	/// An election happens within one block, so its input is bounded: the weight of a thousand
	/// voters and candidates must fit beside the block's transactions.
	pub ElectionBoundsOnChain: ElectionBounds = ElectionBoundsBuilder::default()
		.voters_count(1_000.into())
		// Above the number of candidates that genesis allows: past it, elections would fail.
		.targets_count(1_000.into())
		.build();
	/// See [`BAG_THRESHOLDS`].
	pub const BagThresholds: &'static [VoteWeight] = &BAG_THRESHOLDS;
}

const _: () = assert!(
	SESSIONS_PER_DAY / ERAS_PER_DAY * ERAS_PER_DAY == SESSIONS_PER_DAY,
	"an era is a whole number of sessions"
);
const _: () = assert!(
	SLASH_DEFER_ERAS > 0 && SLASH_DEFER_ERAS + 1 < BONDING_ERAS,
	"a slash waits, and is taken before the era in which the stake may leave is planned"
);
const _: () = assert!(
	HistoryDepth::get() >= BONDING_ERAS,
	"who was elected must be known for as long as a slash may come"
);

/// Upper bounds of the bags that voters are sorted into: each an eighth above the one below, from
/// what a minimum nomination may weigh up to the maximum. 200 bags span the range; a voter moves bag
/// only when its stake has changed noticeably.
pub const BAG_THRESHOLDS: [VoteWeight; 200] = bag_thresholds();

const fn bag_thresholds() -> [VoteWeight; 200] {
	const LOWEST: VoteWeight = 1_000_000_000;
	let mut thresholds = [VoteWeight::MAX; 200];
	let mut bound = LOWEST;
	let mut index = 0;
	// The last one stays the maximum.
	while index < thresholds.len() - 1 {
		thresholds[index] = bound;
		bound = bound.saturating_add(bound / 8);
		index += 1;
	}
	thresholds
}

/// Elects in the block that starts an era.
pub struct OnChainElection;

impl onchain::Config for OnChainElection {
	type Bounds = ElectionBoundsOnChain;
	type DataProvider = Staking;
	type MaxBackersPerWinner = ConstU32<1_000>;
	type MaxWinnersPerPage = MaxActiveValidators;
	type Solver = SequentialPhragmen<AccountId, Perbill>;
	type Sort = ConstBool<true>;
	type System = Runtime;
	type WeightInfo = weights::pallet_election_provider_support_benchmarking::WeightInfo<Runtime>;
}

/// Pays the validators' tier's yearly reward on what is staked, for as long as the era really lasted.
pub struct YieldOnStake;

impl pallet_staking::EraPayout<Balance> for YieldOnStake {
	fn era_payout(
		total_staked: Balance,
		_total_issuance: Balance,
		era_duration_millis: u64,
	) -> (Balance, Balance) {
		let yearly = NodeRegistry::tier(Role::Validator).yearly_reward;
		(yield_on_stake(yearly, total_staked, era_duration_millis), 0)
	}
}

/// What `staked` earns at `yearly` a year over `duration` milliseconds, rounded down.
pub fn yield_on_stake(yearly: Perbill, staked: Balance, duration: Moment) -> Balance {
	let yearly = yearly.mul_floor(staked);
	sp_runtime::helpers_128bit::multiply_by_rational_with_rounding(
		yearly,
		duration.into(),
		MILLISECONDS_PER_YEAR.into(),
		sp_runtime::Rounding::Down,
	)
	.unwrap_or(Balance::MAX)
}

/// Sizes at which the staking pallet is benchmarked.
pub struct StakingBenchmarks;

impl pallet_staking::BenchmarkingConfig for StakingBenchmarks {
	type MaxNominators = ConstU32<1_000>;
	type MaxValidators = ConstU32<100>;
}

impl pallet_staking::Config for Runtime {
	// Cancels a slash while it waits.
	type AdminOrigin = EitherOfDiverse<EnsureRoot<AccountId>, CouncilAtLeastTwoThirds>;
	type BenchmarkingConfig = StakingBenchmarks;
	type BondingDuration = BondingDuration;
	type Currency = Balances;
	type CurrencyBalance = Balance;
	type CurrencyToVote = U128CurrencyToVote;
	type ElectionProvider = onchain::OnChainExecution<OnChainElection>;
	type EraPayout = YieldOnStake;
	type EventListeners = ();
	// An account has one role.
	type Filter = OtherRoles;
	type GenesisElectionProvider = onchain::OnChainExecution<OnChainElection>;
	type HistoryDepth = HistoryDepth;
	// There were never controllers here: nothing to deprecate.
	type MaxControllersInDeprecationBatch = ConstU32<1>;
	type MaxExposurePageSize = MaxNominatorsRewarded;
	// Withdrawals under way at once: one a day over the bonding time, and a few to spare.
	type MaxUnlockingChunks = ConstU32<32>;
	type MaxValidatorSet = MaxActiveValidators;
	type NextNewSession = Session;
	type NominationsQuota = pallet_staking::FixedNominationsQuota<16>;
	type OldCurrency = Balances;
	type Reward = ();
	type RewardRemainder = ResolveTo<TreasuryAccount, Balances>;
	type RuntimeEvent = RuntimeEvent;
	type RuntimeHoldReason = RuntimeHoldReason;
	type SessionInterface = Self;
	type SessionsPerEra = SessionsPerEra;
	type Slash = ResolveTo<TreasuryAccount, Balances>;
	type SlashDeferDuration = SlashDeferDuration;
	type TargetList = pallet_staking::UseValidatorsMap<Self>;
	type UnixTime = Timestamp;
	type VoterList = VoterList;
	type WeightInfo = weights::pallet_staking::WeightInfo<Runtime>;
}

impl pallet_bags_list::Config<pallet_bags_list::Instance1> for Runtime {
	type BagThresholds = BagThresholds;
	// A few voters a block are moved to the bag their stake belongs in: keeps up with rewards.
	type MaxAutoRebagPerBlock = ConstU32<5>;
	type RuntimeEvent = RuntimeEvent;
	type Score = VoteWeight;
	type ScoreProvider = Staking;
	type WeightInfo = weights::pallet_bags_list::WeightInfo<Runtime>;
}
