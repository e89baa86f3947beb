//! What makes accounts convenient and safe: batches, shared accounts, delegates; migrations; and
//! Sudo, which only test networks have a key for.

use crate::{
	constants::currency::deposit, weights, Balance, Balances, BlockNumber, OriginCaller, Runtime,
	RuntimeCall, RuntimeEvent, SafeMode, System,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	migrations::{FailedMigrationHandler, FailedMigrationHandling},
	parameter_types,
	traits::{ConstU32, InstanceFilter, SafeMode as SafeModeControl},
	weights::Weight,
};
use scale_info::TypeInfo;
use sp_runtime::{traits::BlakeTwo256, Perbill};

use super::system::RuntimeBlockWeights;

parameter_types! {
	/// Held for an open multisig operation: its entry, without the signatories.
	pub const MultisigDepositBase: Balance = deposit(1, 88);
	/// Held for each signatory of it.
	pub const MultisigDepositFactor: Balance = deposit(0, 32);
	/// Held for an account's list of proxies.
	pub const ProxyDepositBase: Balance = deposit(1, 8);
	/// Held for each proxy.
	pub const ProxyDepositFactor: Balance = deposit(0, 37);
	/// Held for an account's list of announcements.
	pub const AnnouncementDepositBase: Balance = deposit(1, 16);
	/// Held for each announcement.
	pub const AnnouncementDepositFactor: Balance = deposit(0, 68);
	/// Most weight that a migration may take of a block; the rest is for the block's own work.
	pub MaxMigrationWeight: Weight =
		Perbill::from_percent(60) * RuntimeBlockWeights::get().max_block;
}

impl pallet_utility::Config for Runtime {
	type PalletsOrigin = OriginCaller;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = weights::pallet_utility::WeightInfo<Runtime>;
}

impl pallet_multisig::Config for Runtime {
	type BlockNumberProvider = System;
	type Currency = Balances;
	type DepositBase = MultisigDepositBase;
	type DepositFactor = MultisigDepositFactor;
	// A board or an assembly; each signatory pays a deposit.
	type MaxSignatories = ConstU32<100>;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = weights::pallet_multisig::WeightInfo<Runtime>;
}

/// What a delegate may do for an account.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Default,
	Encode,
	Eq,
	MaxEncodedLen,
	Ord,
	PartialEq,
	PartialOrd,
	TypeInfo,
)]
pub enum ProxyType {
	/// Everything.
	#[default]
	#[codec(index = 0)]
	Any,
	/// Everything that moves no money of the account's.
	#[codec(index = 1)]
	NonTransfer,
	/// Votes and proposals.
	#[codec(index = 2)]
	Governance,
	/// Stakes of validators, nominators and other nodes, and session keys.
	#[codec(index = 3)]
	Staking,
	/// The daily work of a node: app keys and session keys, where it is, and whether it works. No
	/// money.
	#[codec(index = 4)]
	Operator,
}

impl InstanceFilter<RuntimeCall> for ProxyType {
	fn filter(&self, call: &RuntimeCall) -> bool {
		match self {
			ProxyType::Any => true,
			// Income is money too.
			ProxyType::NonTransfer
				if matches!(
					call,
					RuntimeCall::Staking(
						pallet_staking::Call::set_payee { .. }
							| pallet_staking::Call::update_payee { .. }
					)
				) =>
			{
				false
			}
			// A list of what is allowed, so that a new pallet is not open until it is meant to be.
			ProxyType::NonTransfer => {
				ProxyType::Governance.filter(call)
					|| ProxyType::Staking.filter(call)
					|| ProxyType::Operator.filter(call)
					|| matches!(
						call,
						RuntimeCall::System(..)
							| RuntimeCall::Multisig(..)
							| RuntimeCall::Proxy(pallet_proxy::Call::reject_announcement { .. })
					)
			}
			ProxyType::Governance => matches!(
				call,
				RuntimeCall::ConvictionVoting(..)
					| RuntimeCall::Referenda(..)
					| RuntimeCall::Council(..)
					| RuntimeCall::Treasury(..)
					| RuntimeCall::Preimage(..)
					| RuntimeCall::Utility(..)
			),
			ProxyType::Staking => matches!(
				call,
				RuntimeCall::Staking(..)
					| RuntimeCall::VoterList(..)
					| RuntimeCall::NodeRegistry(..)
					| RuntimeCall::Session(..)
					| RuntimeCall::Utility(..)
			),
			ProxyType::Operator => matches!(
				call,
				RuntimeCall::NodeRegistry(
					pallet_rwa_node_registry::Call::register_app_key { .. }
						| pallet_rwa_node_registry::Call::revoke_app_key { .. }
						| pallet_rwa_node_registry::Call::update_node { .. }
						| pallet_rwa_node_registry::Call::chill { .. }
						| pallet_rwa_node_registry::Call::unchill { .. }
				) | RuntimeCall::Session(..)
					| RuntimeCall::ImOnline(..)
					| RuntimeCall::Utility(..)
			),
		}
	}

	fn is_superset(&self, other: &Self) -> bool {
		match (self, other) {
			(mine, theirs) if mine == theirs => true,
			(ProxyType::Any, _) => true,
			(_, ProxyType::Any) => false,
			// Staking may redirect rewards, which NonTransfer may not.
			(ProxyType::NonTransfer, ProxyType::Staking) => false,
			(ProxyType::NonTransfer, _) => true,
			_ => false,
		}
	}
}

impl pallet_proxy::Config for Runtime {
	type AnnouncementDepositBase = AnnouncementDepositBase;
	type AnnouncementDepositFactor = AnnouncementDepositFactor;
	type BlockNumberProvider = System;
	type CallHasher = BlakeTwo256;
	type Currency = Balances;
	// One value for each account, read whole with each use: as many as an organisation delegates to.
	type MaxPending = ConstU32<32>;
	type MaxProxies = ConstU32<32>;
	type ProxyDepositBase = ProxyDepositBase;
	type ProxyDepositFactor = ProxyDepositFactor;
	type ProxyType = ProxyType;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = weights::pallet_proxy::WeightInfo<Runtime>;
}

/// Puts a chain whose migration failed into safe mode, for governance to decide.
///
/// The SDK's own handler stays stuck as well, and a stuck chain takes no transaction at all, not even
/// the votes that could mend it. This one lets go once safe mode is on.
pub struct SafeModeOnFailedMigration;

impl FailedMigrationHandler for SafeModeOnFailedMigration {
	fn failed(_migration: Option<u32>) -> FailedMigrationHandling {
		let halted = if <SafeMode as SafeModeControl>::is_entered() {
			<SafeMode as SafeModeControl>::extend(BlockNumber::MAX)
		} else {
			<SafeMode as SafeModeControl>::enter(BlockNumber::MAX)
		};
		match halted {
			Ok(()) => FailedMigrationHandling::ForceUnstuck,
			Err(_) => FailedMigrationHandling::KeepStuck,
		}
	}
}

impl pallet_migrations::Config for Runtime {
	type CursorMaxLen = ConstU32<65_536>;
	type FailedMigrationHandler = SafeModeOnFailedMigration;
	type IdentifierMaxLen = ConstU32<256>;
	type MaxServiceWeight = MaxMigrationWeight;
	type MigrationStatusHandler = ();
	#[cfg(not(feature = "runtime-benchmarks"))]
	type Migrations = ();
	#[cfg(feature = "runtime-benchmarks")]
	type Migrations = pallet_migrations::mock_helpers::MockedMigrations;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = weights::pallet_migrations::WeightInfo<Runtime>;
}

impl pallet_sudo::Config for Runtime {
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = weights::pallet_sudo::WeightInfo<Runtime>;
}
