//! What this network exists for: working time, the registry of nodes, and feeds.

use crate::{
	configs::halting::Halted, constants::currency::deposit, weights, AccountId, Balances,
	BlockNumber, Clock, NodeRegistry, Runtime, RuntimeHoldReason, Timestamp, MINUTES,
};
use frame_support::{
	parameter_types,
	traits::{ConstU128, ConstU32, EitherOfDiverse},
};
use frame_system::EnsureRoot;
use sp_runtime::{transaction_validity::TransactionPriority, Percent};

use super::governance::FeedCurator;

impl pallet_rwa_clock::Config for Runtime {
	type Halted = Halted;
	type WeightInfo = weights::pallet_rwa_clock::WeightInfo<Runtime>;
}

impl pallet_rwa_node_registry::Config for Runtime {
	// Two entries: the registration of the account, and the way back from the key.
	type AppKeyDeposit = ConstU128<{ deposit(2, 48 + 49 + 48 + 32) }>;
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WeightInfo = weights::pallet_rwa_node_registry::WeightInfo<Runtime>;
}

parameter_types! {
	/// Share of a round's reporters that closes it. Two thirds, in whole percent.
	pub const OracleQuorum: Percent = Percent::from_percent(66);
	/// Fewest working blocks that a round takes reports: two fetches of two seconds each, spread
	/// over a third of the time, and a block or two to get in.
	pub const OracleMinDeadline: BlockNumber = 10;
	/// Above every paid transaction, below heartbeats: late reports are worth nothing, and there is
	/// one per reporter and round.
	pub const OracleReportPriority: TransactionPriority = TransactionPriority::MAX / 4;
}

const _: () =
	assert!(OracleMinDeadline::get() < MINUTES, "rounds of hourly feeds must not overlap");

impl pallet_rwa_oracle::Config for Runtime {
	type AdminOrigin = EitherOfDiverse<EnsureRoot<AccountId>, FeedCurator>;
	type AppKeys = NodeRegistry;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = benchmarking::RegisteredOperators;
	// A week of hourly answers: what a dApp shows, and an owner argues about.
	type HistoryLength = ConstU32<168>;
	// At 100 reporters a closing round costs some 10 ms: five are a tenth of a block.
	type MaxDuePerBlock = ConstU32<5>;
	type MaxFeedsPerReporter = ConstU32<64>;
	type MaxReporters = ConstU32<100>;
	type MaxUnitLength = ConstU32<16>;
	type MinDeadline = OracleMinDeadline;
	type MinReporters = ConstU32<4>;
	type Quorum = OracleQuorum;
	type ReportPriority = OracleReportPriority;
	type TimeProvider = Timestamp;
	type WeightInfo = weights::pallet_rwa_oracle::WeightInfo<Runtime>;
	type WorkingTime = Clock;
}

/// What the oracle's benchmarks need of the registry.
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking {
	use crate::{AccountId, Runtime};
	use pallet_rwa_node_registry::{AppKeyOf, OperatorOf, Registration};
	use rwa_primitives::app_key::{AppPublic, Role};

	/// Registers operators without their asking.
	pub struct RegisteredOperators;

	impl pallet_rwa_oracle::BenchmarkHelper<AccountId> for RegisteredOperators {
		fn register_oracle(account: &AccountId, key: &AppPublic) {
			let registration = Registration { role: Role::Oracle, key: key.clone(), deposit: 0 };
			AppKeyOf::<Runtime>::insert(account, registration);
			OperatorOf::<Runtime>::insert(key, account);
		}
	}
}
