//! A runtime of this pallet and balances, its people, and their keys.

use crate as pallet_rwa_node_registry;
use crate::{BalanceOf, HoldReason};
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::fungible::{Inspect, InspectHold},
};
use rwa_primitives::{
	app_key::{possession_payload, AppPair, AppPublic, AppSignature, Role},
	AccountId, Balance, Hash,
};
use sp_core::Pair;
use sp_io::TestExternalities;
use sp_keystore::{testing::MemoryKeystore, KeystoreExt};
use sp_runtime::{traits::IdentityLookup, BuildStorage, DispatchResult};

pub(crate) type Block = frame_system::mocking::MockBlock<Test>;

/// Operators with [`ENDOWMENT`] each.
pub(crate) const ALICE: AccountId = AccountId::new([1; 32]);
pub(crate) const BOB: AccountId = AccountId::new([2; 32]);
/// Funded like the operators; attacks them.
pub(crate) const MALLORY: AccountId = AccountId::new([3; 32]);
/// Has nothing.
pub(crate) const PAUPER: AccountId = AccountId::new([4; 32]);

/// Hash of block 0.
pub(crate) const GENESIS: Hash = Hash::repeat_byte(7);
/// The least that keeps an account alive.
pub(crate) const MINIMUM_BALANCE: Balance = 10;
/// What [`ExtBuilder`] asks for a registration.
pub(crate) const DEPOSIT: Balance = 100;
/// What each of the funded starts with.
pub(crate) const ENDOWMENT: Balance = 1_000;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;

	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances;

	#[runtime::pallet_index(2)]
	pub type NodeRegistry = pallet_rwa_node_registry;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

parameter_types! {
	pub const ExistentialDeposit: Balance = MINIMUM_BALANCE;
	/// A test may change it, as a runtime upgrade would.
	pub static AppKeyDeposit: Balance = DEPOSIT;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ExistentialDeposit;
	type AccountStore = System;
}

impl pallet_rwa_node_registry::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type AppKeyDeposit = AppKeyDeposit;
	type WeightInfo = ();
}

/// Builds a chain with funded operators and no registrations.
#[derive(Default)]
pub(crate) struct ExtBuilder {
	registered: Vec<(AccountId, Role, AppPair)>,
}

impl ExtBuilder {
	/// `account` has registered `key` in `role` before the test begins.
	pub(crate) fn registered(mut self, account: AccountId, role: Role, key: AppPair) -> Self {
		self.registered.push((account, role, key));
		self
	}

	/// The chain's state in block 1, for what needs it bare.
	pub(crate) fn build(self) -> TestExternalities {
		AppKeyDeposit::set(DEPOSIT);
		let mut storage = frame_system::GenesisConfig::<Test>::default()
			.build_storage()
			.expect("the default genesis is valid");
		pallet_balances::GenesisConfig::<Test> {
			balances: [ALICE, BOB, MALLORY].map(|account| (account, ENDOWMENT)).to_vec(),
			..Default::default()
		}
		.assimilate_storage(&mut storage)
		.expect("balances are above the minimum");

		let mut ext = TestExternalities::new(storage);
		ext.register_extension(KeystoreExt::new(MemoryKeystore::new()));
		ext.execute_with(|| {
			System::set_block_number(1);
			frame_system::BlockHash::<Test>::insert(0, GENESIS);
			for (account, role, key) in &self.registered {
				assert_ok!(register(account, *role, key));
			}
			System::reset_events();
		});
		ext
	}

	/// Run `test`, then every invariant: no test passes on a broken state.
	pub(crate) fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			assert_ok!(NodeRegistry::do_try_state());
		});
	}
}

/// The app key that `name` stands for.
pub(crate) fn app_key(name: &str) -> AppPair {
	AppPair::from_string(&format!("//{name}"), None).expect("a derivation path is valid")
}

/// Proof that `key` agrees to act for `account` on this chain.
pub(crate) fn proof(key: &AppPair, account: &AccountId) -> AppSignature {
	key.sign(&possession_payload(&GENESIS, account, &key.public()))
}

/// `account` registers `key` with a good proof.
pub(crate) fn register(account: &AccountId, role: Role, key: &AppPair) -> DispatchResult {
	submit(account, role, key.public(), proof(key, account))
}

/// `account` registers `key` with whatever `proof` it has.
pub(crate) fn submit(
	account: &AccountId,
	role: Role,
	key: AppPublic,
	proof: AppSignature,
) -> DispatchResult {
	NodeRegistry::register_app_key(signed(account), role, key, proof)
}

/// `account` revokes its key.
pub(crate) fn revoke(account: &AccountId) -> DispatchResult {
	NodeRegistry::revoke_app_key(signed(account))
}

/// Origin of a transaction that `account` signed.
pub(crate) fn signed(account: &AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(account.clone())
}

/// What is held from `account` for its app key.
pub(crate) fn held(account: &AccountId) -> BalanceOf<Test> {
	Balances::balance_on_hold(&HoldReason::AppKey.into(), account)
}

/// What `account` can use.
pub(crate) fn free(account: &AccountId) -> BalanceOf<Test> {
	Balances::balance(account)
}
