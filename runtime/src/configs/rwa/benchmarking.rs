//! What the benchmarks of one pallet need of the others.

use crate::{
	configs::{rwa::DeviceDeposit, staking::MIN_VALIDATOR_BOND},
	AccountId, Assets, Balance, Balances, BlockNumber, Clock, NodeRegistry, Runtime, RuntimeOrigin,
	Staking, RWA,
};
use alloc::{format, vec::Vec};
use frame_benchmarking::account;
use frame_support::traits::{
	fungible::{Mutate, MutateHold},
	fungibles::roles::Inspect as _,
	Get,
};
use pallet_rwa_devices::{Counters, Device, HoldReason};
use pallet_rwa_node_registry::{AppKeyOf, Config, OperatorOf, Registration};
use pallet_staking::{ActiveEra, EraInfo, RewardDestination};
use rwa_primitives::{
	app_key::{AppPublic, Role},
	device::{DeviceKey, DeviceState},
	node::{genesis_tier, Region},
	traits::Presence,
	AssetId,
};
use sp_staking::{Exposure, IndividualExposure};

const SEED: u32 = 0;
/// As many as an elected validator can have.
const NOMINATORS: u32 = 1_000;
/// Enough for any role's stake and for deposits.
const FUNDS: Balance = 100_000 * RWA;

fn bind(account: &AccountId, role: Role, key: &AppPublic) {
	let registration = Registration { role, key: key.clone(), deposit: 0 };
	AppKeyOf::<Runtime>::insert(account, registration);
	OperatorOf::<Runtime>::insert(key, account);
}

fn register(account: &AccountId, role: Role, stake: Balance) {
	register_at(account, role, stake, Region(*b"ZZ"), b"/ip4/127.0.0.1/tcp/30333".to_vec());
}

fn register_at(account: &AccountId, role: Role, stake: Balance, region: Region, endpoint: Vec<u8>) {
	let origin = RuntimeOrigin::signed(account.clone());
	NodeRegistry::register(origin, role, region, endpoint, stake)
		.expect("an account with funds can register");
}

/// Makes `account` the owner of `asset`, which is new, and gives it money.
fn own(account: &AccountId, asset: AssetId) {
	Balances::set_balance(account, FUNDS);
	let owner = account.clone().into();
	Assets::force_create(RuntimeOrigin::root(), asset.into(), owner, true, 1)
		.expect("the asset is new");
}

fn pass(blocks: BlockNumber) {
	pallet_rwa_clock::Elapsed::<Runtime>::mutate(|now| *now += blocks);
}

/// Registers operators without their asking, and gives assets away.
pub struct OperatorsAndOwners;

impl pallet_rwa_oracle::BenchmarkHelper<AccountId> for OperatorsAndOwners {
	fn register_oracle(account: &AccountId, key: &AppPublic, stakes: u32) {
		let role = Role::Oracle;
		Balances::set_balance(account, FUNDS);
		register(account, role, genesis_tier(role).minimum * Balance::from(stakes));
		bind(account, role, key);
	}

	fn own(account: &AccountId, asset: AssetId) {
		own(account, asset);
	}

	fn add_device(device: &DeviceKey, asset: AssetId) {
		let owner: AccountId = account("maker", 0, SEED);
		Balances::set_balance(&owner, FUNDS);
		let deposit = DeviceDeposit::get();
		Balances::hold(&HoldReason::DeviceDeposit.into(), &owner, deposit)
			.expect("an account with funds can afford it");
		let entry = Device {
			asset,
			owner,
			deposit,
			registered_at: Clock::now(),
			state: DeviceState::Active,
			counters: Counters::new(),
		};
		pallet_rwa_devices::Devices::<Runtime>::insert(device, entry);
		pallet_rwa_devices::DevicesOf::<Runtime>::insert(asset, device, ());
	}
}

/// Gives assets away, and lets time pass.
pub struct OwnersOfAssets;

impl pallet_rwa_devices::BenchmarkHelper<AccountId, BlockNumber> for OwnersOfAssets {
	fn own(account: &AccountId, asset: AssetId) {
		own(account, asset);
	}

	fn pass(blocks: BlockNumber) {
		pass(blocks);
	}
}

/// Registers storage operators in places of their own, and gives assets and money away.
pub struct StorageOperatorsAndOwners;

impl pallet_rwa_documents::BenchmarkHelper<AccountId> for StorageOperatorsAndOwners {
	fn register_storage_node(account: &AccountId, key: &AppPublic, place: u32) {
		let role = Role::Storage;
		Balances::set_balance(account, FUNDS);
		let [_, _, high, low] = place.to_be_bytes();
		let letter = |number: u32| b'A'.saturating_add((number % 26) as u8);
		let region = Region([letter(place / 26), letter(place)]);
		let endpoint = format!("/ip4/10.0.{high}.{low}/tcp/30333").into_bytes();
		register_at(account, role, genesis_tier(role).minimum, region, endpoint);
		bind(account, role, key);
	}

	/// The asset may be another's: some benchmarks need documents of several owners.
	fn own(account: &AccountId, asset: AssetId) {
		match Assets::owner(asset) {
			Some(owner) => {
				let new = account.clone().into();
				Assets::transfer_ownership(RuntimeOrigin::signed(owner), asset.into(), new)
					.expect("its owner may");
			}
			None => own(account, asset),
		}
		Self::endow(account);
	}

	fn endow(account: &AccountId) {
		Balances::set_balance(account, FUNDS);
	}
}

/// Registers nodes that have something to lose.
pub struct NodesAtRisk;

impl pallet_rwa_slashing::BenchmarkHelper<AccountId, BlockNumber> for NodesAtRisk {
	fn register_node(account: &AccountId, role: Role, key: &AppPublic) {
		let chunks = <Runtime as Config>::MaxUnlocking::get();
		Balances::set_balance(account, FUNDS);
		register(account, role, genesis_tier(role).minimum + Balance::from(chunks) * RWA);
		for _ in 0..chunks {
			pass(1);
			NodeRegistry::unbond(RuntimeOrigin::signed(account.clone()), RWA)
				.expect("there is room for one more");
		}
		bind(account, role, key);
		NodeRegistry::note_presence(account);
	}

	fn register_validator(validator: &AccountId) {
		Balances::set_balance(validator, FUNDS);
		let origin = || RuntimeOrigin::signed(validator.clone());
		Staking::bond(origin(), MIN_VALIDATOR_BOND, RewardDestination::Stash)
			.expect("an account with funds can bond");
		register(validator, Role::Validator, 0);
		let nominators = NOMINATORS;
		let others = (0..nominators)
			.map(|index| IndividualExposure {
				who: account("nominator", index, SEED),
				value: MIN_VALIDATOR_BOND,
			})
			.collect();
		let exposure = Exposure {
			total: MIN_VALIDATOR_BOND * (1 + Balance::from(nominators)),
			own: MIN_VALIDATOR_BOND,
			others,
		};
		let era = ActiveEra::<Runtime>::get().map_or(0, |era| era.index);
		EraInfo::<Runtime>::set_exposure(era, validator, exposure);
	}

	fn pass(blocks: BlockNumber) {
		pass(blocks);
	}
}
