//! Halting the chain, or one call, when something is badly wrong.
//!
//! Three kinds of calls are never halted: what keeps the chain alive (time, heartbeats), the duties
//! and evidence that somebody could be punished for not sending, and what ends the halt. While safe
//! mode lasts, the working clock ([`crate::Clock`]) stands still, so that no deadline passes.

use crate::{
	configs::governance::CouncilAtLeastTwoThirds, weights, AccountId, Balances, BlockNumber,
	MultiBlockMigrations, Runtime, RuntimeCall, RuntimeEvent, RuntimeHoldReason, SafeMode, DAYS,
	HOURS,
};
use frame_support::{
	migrations::MultiStepMigrator,
	parameter_types,
	traits::CallMetadata,
	traits::{ConstU32, Contains, EitherOf, EitherOfDiverse, Get, GetCallMetadata, MapSuccess},
};
use frame_system::{EnsureRoot, EnsureRootWithSuccess};
use pallet_tx_pause::RuntimeCallNameOf;
use sp_runtime::traits::Replace;

parameter_types! {
	/// How long safe mode lasts when entered, unless it is extended or left: long enough to
	/// understand, short enough that a mistaken entry heals by itself.
	pub const EnterDuration: BlockNumber = 6 * HOURS;
	/// By how much it is extended at a time.
	pub const ExtendDuration: BlockNumber = 2 * HOURS;
	/// Nobody can buy a halt.
	pub const NotForSale: Option<rwa_primitives::Balance> = None;
	/// Nothing was paid, so nothing is released.
	pub const NoRelease: Option<BlockNumber> = None;
}

const _: () = assert!(EnterDuration::get() < DAYS, "a halt outlives the council's attention");

/// Root or two thirds of the council, for [`EnterDuration`] or [`ExtendDuration`].
type HaltFor<Duration> = EitherOf<
	EnsureRootWithSuccess<AccountId, Duration>,
	MapSuccess<CouncilAtLeastTwoThirds, Replace<Duration>>,
>;

/// Calls that are never halted, by pallet and, where not all of a pallet's, by call.
pub struct NeverHalted;

/// All calls of these pallets: time, liveness, and the ways to end a halt.
pub const PALLETS_NEVER_HALTED: [&str; 9] = [
	"Timestamp",
	"ImOnline",
	"Council",
	"Referenda",
	"ConvictionVoting",
	"Preimage",
	"SafeMode",
	"TxPause",
	"Sudo",
];

/// Single calls: evidence; the duties of operators; what an office decided before the halt, or must
/// stop during it; and the wrappers that some act through, whose inner call is judged again.
pub const CALLS_NEVER_HALTED: [(&str, &str); 33] = [
	("Babe", "report_equivocation"),
	("Babe", "report_equivocation_unsigned"),
	("Devices", "condemn_device"),
	("Grandpa", "report_equivocation"),
	("Grandpa", "report_equivocation_unsigned"),
	("Multisig", "approve_as_multi"),
	("Multisig", "as_multi"),
	("Multisig", "as_multi_threshold_1"),
	("NodeRegistry", "register_app_key"),
	("Oracle", "absolve"),
	("Oracle", "create_feed"),
	("Oracle", "demand_measurement"),
	("Oracle", "enforce_demand"),
	("Oracle", "pause_feed"),
	("Oracle", "prove_manipulation"),
	("Oracle", "remove_feed"),
	("Oracle", "resume_feed"),
	("Oracle", "set_admission"),
	("Oracle", "show_measurement"),
	("Oracle", "submit"),
	("Proxy", "proxy"),
	("Session", "set_keys"),
	("Slashing", "cancel_penalty"),
	("Slashing", "heartbeat"),
	("Slashing", "report_absence"),
	("Staking", "cancel_deferred_slash"),
	("System", "apply_authorized_upgrade"),
	("Treasury", "payout"),
	("Treasury", "remove_approval"),
	("Treasury", "spend"),
	("Treasury", "spend_local"),
	("Treasury", "void_spend"),
	("Utility", "batch_all"),
];

fn never_halted(pallet: &str, call: &str) -> bool {
	PALLETS_NEVER_HALTED.contains(&pallet) || CALLS_NEVER_HALTED.contains(&(pallet, call))
}

impl Contains<RuntimeCall> for NeverHalted {
	fn contains(call: &RuntimeCall) -> bool {
		let CallMetadata { pallet_name, function_name } = call.get_call_metadata();
		never_halted(pallet_name, function_name)
	}
}

impl Contains<RuntimeCallNameOf<Runtime>> for NeverHalted {
	fn contains((pallet, call): &RuntimeCallNameOf<Runtime>) -> bool {
		match (core::str::from_utf8(pallet), core::str::from_utf8(call)) {
			(Ok(pallet), Ok(call)) => never_halted(pallet, call),
			_ => false,
		}
	}
}

/// Whether the network can't work: in safe mode, or while a migration leaves no room for
/// transactions.
pub struct Halted;

impl Get<bool> for Halted {
	fn get() -> bool {
		SafeMode::is_entered() || <MultiBlockMigrations as MultiStepMigrator>::ongoing()
	}
}

impl pallet_safe_mode::Config for Runtime {
	type Currency = Balances;
	type EnterDepositAmount = NotForSale;
	type EnterDuration = EnterDuration;
	type ExtendDepositAmount = NotForSale;
	type ExtendDuration = ExtendDuration;
	type ForceDepositOrigin = EnsureRoot<AccountId>;
	type ForceEnterOrigin = HaltFor<EnterDuration>;
	type ForceExitOrigin = EitherOfDiverse<EnsureRoot<AccountId>, CouncilAtLeastTwoThirds>;
	type ForceExtendOrigin = HaltFor<ExtendDuration>;
	type Notify = ();
	type ReleaseDelay = NoRelease;
	type RuntimeEvent = RuntimeEvent;
	type RuntimeHoldReason = RuntimeHoldReason;
	// The SDK's: where nobody can buy safe mode, the benchmarks of `enter`, `extend` and
	// `release_deposit` measure nothing, but anybody can still send those calls and have them refused.
	type WeightInfo = pallet_safe_mode::weights::SubstrateWeight<Runtime>;
	type WhitelistedCalls = NeverHalted;
}

impl pallet_tx_pause::Config for Runtime {
	type MaxNameLen = ConstU32<256>;
	type PauseOrigin = EitherOfDiverse<EnsureRoot<AccountId>, CouncilAtLeastTwoThirds>;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type UnpauseOrigin = EitherOfDiverse<EnsureRoot<AccountId>, CouncilAtLeastTwoThirds>;
	type WeightInfo = weights::pallet_tx_pause::WeightInfo<Runtime>;
	type WhitelistedCalls = NeverHalted;
}
