//! System and time: what a block may hold, and how transactions are made.

use crate::{
	weights, AccountId, Babe, Balance, Block, BlockNumber, Hash, Moment, MultiBlockMigrations,
	Nonce, PalletInfo, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, RuntimeTask, SafeMode,
	TxExtension, TxPause, UncheckedExtrinsic, MINUTES, SLOT_DURATION, VERSION,
};
use frame_support::{
	derive_impl,
	dispatch::DispatchClass,
	parameter_types,
	traits::{ConstU32, InsideBoth},
	weights::{constants::WEIGHT_REF_TIME_PER_MILLIS, Weight},
};
use frame_system::limits::{BlockLength, BlockWeights};
use sp_runtime::{generic::Era, traits::AccountIdLookup, Perbill};
use sp_version::RuntimeVersion;

/// The number that an address of this network begins with: R, W, A on a telephone's keys. Not in
/// the public registry of prefixes, so that no other network's address is taken for one of ours.
pub const SS58_PREFIX: u16 = 792;

/// Share of a block that ordinary transactions may fill. The rest is for operational ones, so that
/// a flood can't keep out governance, evidence or an operator's duty.
const NORMAL_DISPATCH_RATIO: Perbill = Perbill::from_percent(90);

/// Share of a block that hooks may use when nothing else is in it; in a full one they use what the
/// average transaction leaves.
const AVERAGE_ON_INITIALIZE_RATIO: Perbill = Perbill::from_percent(5);

/// Execution time that a block may hold: what an author can execute in its part of a slot of one
/// second and still leave time to send the block and for others to execute it.
const MAXIMUM_BLOCK_WEIGHT: Weight =
	Weight::from_parts(WEIGHT_REF_TIME_PER_MILLIS.saturating_mul(600), u64::MAX);

/// Bytes of transactions that a block may hold. At 1,500 transfers of 150 bytes a block uses 225 kB;
/// a runtime upgrade is one transaction of about 1 MiB. Five leave room and still cross a
/// 100 Mbit/s link in half a second.
const MAXIMUM_BLOCK_LENGTH: u32 = 5 * 1024 * 1024;

const _: () =
	assert!(NORMAL_DISPATCH_RATIO.deconstruct() >= AVERAGE_ON_INITIALIZE_RATIO.deconstruct());

/// What any extrinsic costs besides its call and its transaction extensions: decoding it, checking the
/// signature, applying it.
///
/// The measured overhead is that of `System.remark` with all extensions. They are weighed by themselves
/// as well, so without taking their time out here every transaction would pay for them twice. Their
/// database accesses stay in both, on the safe side.
pub(crate) fn base_extrinsic() -> Weight {
	use frame_system::ExtensionsWeightInfo;
	use pallet_transaction_payment::WeightInfo;
	type System = weights::frame_system_extensions::WeightInfo<Runtime>;
	type Payment = weights::pallet_transaction_payment::WeightInfo<Runtime>;

	let accesses = weights::storage::DbWeight::get();
	[
		System::check_non_zero_sender(),
		System::check_spec_version(),
		System::check_tx_version(),
		System::check_genesis(),
		System::check_mortality_mortal_transaction(),
		System::check_nonce().saturating_sub(accesses.reads_writes(1, 1)),
		System::check_weight(),
		System::weight_reclaim(),
		Payment::charge_transaction_payment().saturating_sub(accesses.reads_writes(2, 2)),
	]
	.into_iter()
	.fold(weights::overhead::ExtrinsicBaseWeight::get(), Weight::saturating_sub)
}

parameter_types! {
	/// How long a transaction's reference block stays known: the longest life of a mortal
	/// transaction. 68 minutes: a signer may sleep on it, and a replay window stays bounded.
	pub const BlockHashCount: BlockNumber = 4096;
	/// See [`VERSION`].
	pub const Version: RuntimeVersion = VERSION;
	/// See [`SS58_PREFIX`].
	pub const SS58Prefix: u16 = SS58_PREFIX;
	/// See [`MAXIMUM_BLOCK_LENGTH`].
	pub RuntimeBlockLength: BlockLength = BlockLength::builder()
		.max_length(MAXIMUM_BLOCK_LENGTH)
		.modify_max_length_for_class(DispatchClass::Normal, |max| {
			*max = NORMAL_DISPATCH_RATIO * MAXIMUM_BLOCK_LENGTH;
		})
		.build();
	/// See [`MAXIMUM_BLOCK_WEIGHT`].
	pub RuntimeBlockWeights: BlockWeights = BlockWeights::builder()
		.base_block(weights::overhead::BlockExecutionWeight::get())
		.for_class(DispatchClass::all(), |weights| {
			weights.base_extrinsic = base_extrinsic();
		})
		.for_class(DispatchClass::Normal, |weights| {
			weights.max_total = Some(NORMAL_DISPATCH_RATIO * MAXIMUM_BLOCK_WEIGHT);
		})
		.for_class(DispatchClass::Operational, |weights| {
			weights.max_total = Some(MAXIMUM_BLOCK_WEIGHT);
			// What ordinary transactions can't take.
			weights.reserved =
				Some(MAXIMUM_BLOCK_WEIGHT - NORMAL_DISPATCH_RATIO * MAXIMUM_BLOCK_WEIGHT);
		})
		.avg_block_initialization(AVERAGE_ON_INITIALIZE_RATIO)
		.build_or_panic();
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
	type AccountData = pallet_balances::AccountData<Balance>;
	type AccountId = AccountId;
	// Both must agree: safe mode halts everything but a list, a pause halts single calls.
	type BaseCallFilter = InsideBoth<SafeMode, TxPause>;
	type Block = Block;
	type BlockHashCount = BlockHashCount;
	type BlockLength = RuntimeBlockLength;
	type BlockWeights = RuntimeBlockWeights;
	type DbWeight = weights::storage::DbWeight;
	type ExtensionsWeightInfo = weights::frame_system_extensions::WeightInfo<Runtime>;
	type Hash = Hash;
	type Lookup = AccountIdLookup<AccountId, ()>;
	// Pallets that may keep an account alive: more than one account will ever need.
	type MaxConsumers = ConstU32<64>;
	type MultiBlockMigrator = MultiBlockMigrations;
	type Nonce = Nonce;
	type SS58Prefix = SS58Prefix;
	type SystemWeightInfo = weights::frame_system::WeightInfo<Runtime>;
	type Version = Version;
}

impl pallet_timestamp::Config for Runtime {
	type Moment = Moment;
	type OnTimestampSet = Babe;
	// Half a slot: BABE refuses blocks of a slot that has not come, so this only bounds jitter.
	type MinimumPeriod = frame_support::traits::ConstU64<{ SLOT_DURATION / 2 }>;
	type WeightInfo = weights::pallet_timestamp::WeightInfo<Runtime>;
}

const _: () = assert!(BlockHashCount::get() > 60 * MINUTES, "a signer has at least an hour");

// --- Transactions that the runtime makes itself --------------------------------------------------

impl<C> frame_system::offchain::CreateTransactionBase<C> for Runtime
where
	RuntimeCall: From<C>,
{
	type Extrinsic = UncheckedExtrinsic;
	type RuntimeCall = RuntimeCall;
}

impl<C> frame_system::offchain::CreateTransaction<C> for Runtime
where
	RuntimeCall: From<C>,
{
	type Extension = TxExtension;

	fn create_transaction(call: RuntimeCall, extension: TxExtension) -> UncheckedExtrinsic {
		UncheckedExtrinsic::new_transaction(call, extension)
	}
}

/// For equivocation reports, which BABE and GRANDPA still send bare.
impl<C> frame_system::offchain::CreateBare<C> for Runtime
where
	RuntimeCall: From<C>,
{
	fn create_bare(call: RuntimeCall) -> UncheckedExtrinsic {
		UncheckedExtrinsic::new_bare(call)
	}
}

/// For off-chain workers. Immortal and without a nonce: what stops a replay is in each payload.
impl<C> frame_system::offchain::CreateAuthorizedTransaction<C> for Runtime
where
	RuntimeCall: From<C>,
{
	fn create_extension() -> TxExtension {
		crate::tx_extension(0, Era::Immortal, 0)
	}
}
