//! Balances, fees and other tokens.

use crate::{
	configs::system::base_extrinsic, constants::currency::deposit, weights, AccountId, Authorship,
	Balance, Balances, Runtime, RuntimeEvent, RuntimeFreezeReason, RuntimeHoldReason, System,
	Treasury, EXISTENTIAL_DEPOSIT, MICRO_RWA, MILLI_RWA,
};
use frame_support::{
	parameter_types,
	traits::{
		fungible::{Balanced, Credit},
		tokens::imbalance::ResolveTo,
		AsEnsureOriginWithArg, ConstU128, ConstU32, ConstU8, Imbalance, OnUnbalanced,
		VariantCountOf,
	},
	weights::{ConstantMultiplier, Weight, WeightToFee},
};
use frame_system::{EnsureRoot, EnsureSigned};
use pallet_transaction_payment::{FungibleAdapter, Multiplier, TargetedFeeAdjustment};
use rwa_primitives::AssetId;
use sp_runtime::{FixedPointNumber, Perquintill};

/// Part of each fee that goes to the block's author; the rest goes to the treasury. Most, because
/// fees pay validators for their work; not all, or an author could fill its own blocks for
/// nothing.
const AUTHOR_SHARE_PERCENT: u32 = 80;

/// Fee for what any transaction weighs besides its call and extensions. Due in full however idle the
/// chain is.
pub const BASE_FEE: Balance = MILLI_RWA;

parameter_types! {
	/// The treasury's account.
	pub TreasuryAccount: AccountId = Treasury::account_id();
	/// Fee per byte: a transfer of 150 bytes pays 0.0015 RWA for its length.
	pub const TransactionByteFee: Balance = 10 * MICRO_RWA;
	/// Fullness at which fees stay as they are. A quarter: bursts are met with space, lasting load
	/// with a price.
	pub const TargetBlockFullness: Perquintill = Perquintill::from_percent(25);
	/// How fast fees follow. With full blocks of one second fees double in about four hours.
	pub AdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(1, 15_000);
	/// Fees never fall below what the weight is worth when the chain is idle.
	pub MinimumMultiplier: Multiplier = Multiplier::saturating_from_rational(1, 10);
	/// Fees never rise above this: an hour's flood must not lock out evidence for a day.
	pub MaximumMultiplier: Multiplier = Multiplier::saturating_from_integer(1_000);
}

impl pallet_balances::Config for Runtime {
	type AccountStore = System;
	type Balance = Balance;
	type DoneSlashHandler = ();
	type DustRemoval = ResolveTo<TreasuryAccount, Balances>;
	type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
	// Conviction voting still locks; nothing else does.
	type MaxLocks = ConstU32<50>;
	type MaxReserves = ConstU32<50>;
	type ReserveIdentifier = [u8; 8];
	type RuntimeEvent = RuntimeEvent;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WeightInfo = weights::pallet_balances::WeightInfo<Runtime>;
}

/// Prices weight so that the base of a transaction pays [`BASE_FEE`], in proportion from there.
pub struct FeeByWeight;

impl WeightToFee for FeeByWeight {
	type Balance = Balance;

	fn weight_to_fee(weight: &Weight) -> Balance {
		let base = Balance::from(base_extrinsic().ref_time().max(1));
		BASE_FEE.saturating_mul(weight.ref_time().into()).checked_div(base).unwrap_or(Balance::MAX)
	}
}

/// Splits fees between author and treasury. Tips are the author's alone.
pub struct FeesToAuthorAndTreasury;

impl OnUnbalanced<Credit<AccountId, Balances>> for FeesToAuthorAndTreasury {
	fn on_unbalanceds(mut fees_then_tips: impl Iterator<Item = Credit<AccountId, Balances>>) {
		if let Some(fees) = fees_then_tips.next() {
			let (mut author, treasury) =
				fees.ration(AUTHOR_SHARE_PERCENT, 100_u32.saturating_sub(AUTHOR_SHARE_PERCENT));
			if let Some(tips) = fees_then_tips.next() {
				author.subsume(tips);
			}
			ResolveTo::<TreasuryAccount, Balances>::on_unbalanced(treasury);
			pay_author(author);
		}
	}
}

/// Pays the author of the current block. What it can't receive goes to the treasury, so that no fee
/// is destroyed.
fn pay_author(amount: Credit<AccountId, Balances>) {
	let unpaid = match Authorship::author() {
		Some(author) => Balances::resolve(&author, amount).err(),
		None => Some(amount),
	};
	if let Some(unpaid) = unpaid {
		ResolveTo::<TreasuryAccount, Balances>::on_unbalanced(unpaid);
	}
}

impl pallet_transaction_payment::Config for Runtime {
	type FeeMultiplierUpdate = TargetedFeeAdjustment<
		Self,
		TargetBlockFullness,
		AdjustmentVariable,
		MinimumMultiplier,
		MaximumMultiplier,
	>;
	type LengthToFee = ConstantMultiplier<Balance, TransactionByteFee>;
	type OnChargeTransaction = FungibleAdapter<Balances, FeesToAuthorAndTreasury>;
	type OperationalFeeMultiplier = ConstU8<5>;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = weights::pallet_transaction_payment::WeightInfo<Runtime>;
	type WeightToFee = FeeByWeight;
}

impl pallet_assets::Config for Runtime {
	type ApprovalDeposit = ConstU128<{ deposit(1, 96) }>;
	type AssetAccountDeposit = ConstU128<{ deposit(1, 84) }>;
	type AssetDeposit = ConstU128<{ deposit(1, 210) }>;
	type AssetId = AssetId;
	type AssetIdAllocator = ();
	type AssetIdParameter = codec::Compact<AssetId>;
	type Balance = Balance;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
	type CallbackHandle = ();
	type CreateOrigin = AsEnsureOriginWithArg<EnsureSigned<AccountId>>;
	type Currency = Balances;
	type Extra = ();
	// It can take a token from its owner: Root's alone.
	type ForceOrigin = EnsureRoot<AccountId>;
	type Freezer = ();
	type Holder = ();
	type MetadataDepositBase = ConstU128<{ deposit(1, 68) }>;
	type MetadataDepositPerByte = ConstU128<{ deposit(0, 1) }>;
	type RemoveItemsLimit = ConstU32<1_000>;
	type ReserveData = ();
	type RuntimeEvent = RuntimeEvent;
	// A name or a symbol, not a description; each byte pays a deposit.
	type StringLimit = ConstU32<50>;
	type WeightInfo = weights::pallet_assets::WeightInfo<Runtime>;
}
