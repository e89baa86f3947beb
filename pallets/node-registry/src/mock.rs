//! A runtime of this pallet and balances, with stand-ins for the clock, the staking pallet and the court.

use std::collections::{BTreeMap, BTreeSet};

use crate as pallet_rwa_node_registry;
use crate::{Call, Event, HoldReason, NodeOf, Nodes};
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{
		fungible::{Inspect, InspectHold},
		tokens::imbalance::ResolveTo,
	},
};
use frame_system::EnsureRoot;
use rwa_primitives::{
	app_key::{possession_payload, AppPair, AppPublic, AppSignature, Role},
	node::{genesis_tier, Region},
	traits::{Accusations, Duties, Presence, Stakes, ValidatorStakes, WorkingTime},
	AccountId, Balance, Hash,
};
use sp_core::Pair;
use sp_io::TestExternalities;
use sp_keystore::{testing::MemoryKeystore, KeystoreExt};
use sp_runtime::{
	traits::{Dispatchable, IdentityLookup},
	BuildStorage, DispatchResult, DispatchResultWithInfo, Perbill,
};

pub(crate) type Block = frame_system::mocking::MockBlock<Test>;
pub(crate) type BlockNumber = u64;

/// Operators with [`ENDOWMENT`] each.
pub(crate) const ALICE: AccountId = AccountId::new([1; 32]);
pub(crate) const BOB: AccountId = AccountId::new([2; 32]);
/// Funded like the operators; attacks them.
pub(crate) const MALLORY: AccountId = AccountId::new([3; 32]);
/// Has nothing.
pub(crate) const PAUPER: AccountId = AccountId::new([4; 32]);
/// Where slashes go. Funded like the operators.
pub(crate) const TREASURY: AccountId = AccountId::new([5; 32]);

/// Hash of block 0.
pub(crate) const GENESIS: Hash = Hash::repeat_byte(7);
/// Smallest units in a token.
pub(crate) const RWA: Balance = 1_000_000_000_000;
/// The least that keeps an account alive.
pub(crate) const MINIMUM_BALANCE: Balance = 10;
/// What [`ExtBuilder`] asks for an app key.
pub(crate) const DEPOSIT: Balance = 100;
/// What [`ExtBuilder`] asks for a node.
pub(crate) const ENTRY_DEPOSIT: Balance = 200;
/// What each of the funded starts with.
pub(crate) const ENDOWMENT: Balance = 10_000 * RWA;
/// The cap of a vote's stake.
pub(crate) const CAP: Balance = 2_000 * RWA;

/// Windows, in working blocks.
pub(crate) const UNBONDING: BlockNumber = 100;
pub(crate) const GAP: BlockNumber = 10;
pub(crate) const YEAR: BlockNumber = 1_000;
pub(crate) const WINDOW: BlockNumber = 50;

/// Where nodes of the tests are, unless a test says otherwise.
pub(crate) const HERE: Region = Region(*b"DE");
pub(crate) const ELSEWHERE: Region = Region(*b"FR");
pub(crate) const ENDPOINT: &[u8] = b"/dns4/node.example/tcp/30333";

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
	pub const TreasuryAccount: AccountId = TREASURY;

	// The clock, the staking pallet, the court, and who has undertaken something.
	pub static Now: BlockNumber = 1;
	pub static Bonded: BTreeMap<AccountId, Balance> = BTreeMap::new();
	pub static ValidatorMinimum: Option<Balance> = None;
	pub static Accused: BTreeSet<AccountId> = BTreeSet::new();
	pub static Bound: BTreeSet<AccountId> = BTreeSet::new();

	// The configuration, which a test may change, as a runtime upgrade would.
	pub static AppKeyDeposit: Balance = DEPOSIT;
	pub static NodeDeposit: Balance = ENTRY_DEPOSIT;
	pub static UnbondingPeriod: BlockNumber = UNBONDING;
	pub static MaxUnlocking: u32 = 3;
	pub static MaxEndpointLength: u32 = 64;
	pub static MaxTierHistory: u32 = 3;
	pub static PresenceGap: BlockNumber = GAP;
	pub static BlocksPerYear: BlockNumber = YEAR;
	pub static YearlyBudget: Perbill = Perbill::from_percent(1);
	pub static RatingWindow: BlockNumber = WINDOW;
	pub static MaxPage: u32 = 4;
	pub static StakeCap: Balance = CAP;
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
	type AdminOrigin = EnsureRoot<AccountId>;
	type WorkingTime = Clock;
	type Accusations = Court;
	type Duties = Court;
	type Validators = Staking;
	type Slashed = ResolveTo<TreasuryAccount, Balances>;
	type AppKeyDeposit = AppKeyDeposit;
	type NodeDeposit = NodeDeposit;
	type UnbondingPeriod = UnbondingPeriod;
	type MaxUnlocking = MaxUnlocking;
	type MaxEndpointLength = MaxEndpointLength;
	type MaxTierHistory = MaxTierHistory;
	type PresenceGap = PresenceGap;
	type BlocksPerYear = BlocksPerYear;
	type YearlyBudget = YearlyBudget;
	type RatingWindow = RatingWindow;
	type MaxPage = MaxPage;
	type StakeCap = StakeCap;
	type WeightInfo = ();
}

/// Shows what the tests set.
pub struct Clock;
impl WorkingTime<BlockNumber> for Clock {
	fn now() -> BlockNumber {
		Now::get()
	}

	fn is_running() -> bool {
		true
	}
}

/// What the tests say that is bonded with the staking pallet.
pub struct Staking;
impl ValidatorStakes<AccountId, Balance> for Staking {
	fn bonded(who: &AccountId) -> Balance {
		Bonded::get().get(who).copied().unwrap_or_default()
	}

	/// Everybody who has bonded is elected.
	fn at_risk(who: &AccountId) -> Balance {
		Self::bonded(who)
	}

	fn is_staker(who: &AccountId) -> bool {
		Bonded::get().contains_key(who)
	}

	fn set_minimum(minimum: Balance) {
		ValidatorMinimum::set(Some(minimum));
	}
}

/// `who` has left the staking pallet.
pub(crate) fn leave_staking(who: &AccountId) {
	Bonded::mutate(|bonded| bonded.remove(who));
}

/// Whom the tests accuse, and bind.
pub struct Court;
impl Accusations<AccountId> for Court {
	fn is_accused(who: &AccountId) -> bool {
		Accused::get().contains(who)
	}
}

impl Duties<AccountId> for Court {
	fn is_bound(who: &AccountId) -> bool {
		Bound::get().contains(who)
	}
}

/// Builds a chain with funded operators, in working block 1.
#[derive(Default)]
pub(crate) struct ExtBuilder {
	nodes: Vec<(AccountId, Role, Option<AppPair>)>,
}

impl ExtBuilder {
	/// `account` has a node in `role`, with the least stake, before the test begins.
	pub(crate) fn node(mut self, account: AccountId, role: Role) -> Self {
		self.nodes.push((account, role, None));
		self
	}

	/// `account` has a node in `role`, with the least stake, and has registered `key`.
	pub(crate) fn registered(mut self, account: AccountId, role: Role, key: AppPair) -> Self {
		self.nodes.push((account, role, Some(key)));
		self
	}

	/// The chain's state in block 1, for what needs it bare.
	pub(crate) fn build(self) -> TestExternalities {
		reset();
		let mut storage = frame_system::GenesisConfig::<Test>::default()
			.build_storage()
			.expect("the default genesis is valid");
		let funded = [ALICE, BOB, MALLORY, TREASURY];
		pallet_balances::GenesisConfig::<Test> {
			balances: funded.map(|account| (account, ENDOWMENT)).to_vec(),
			..Default::default()
		}
		.assimilate_storage(&mut storage)
		.expect("balances are above the minimum");
		pallet_rwa_node_registry::GenesisConfig::<Test>::default()
			.assimilate_storage(&mut storage)
			.expect("the tiers of genesis make sense");

		let mut ext = TestExternalities::new(storage);
		ext.register_extension(KeystoreExt::new(MemoryKeystore::new()));
		ext.execute_with(|| {
			System::set_block_number(1);
			frame_system::BlockHash::<Test>::insert(0, GENESIS);
			for (account, role, key) in &self.nodes {
				assert_ok!(join(account, *role));
				if let Some(key) = key {
					assert_ok!(register_key(account, *role, key));
				}
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

/// Statics outlive a test when tests share a thread.
pub(crate) fn reset() {
	Now::set(1);
	Bonded::set(BTreeMap::new());
	ValidatorMinimum::set(None);
	Accused::set(BTreeSet::new());
	Bound::set(BTreeSet::new());
	AppKeyDeposit::set(DEPOSIT);
	NodeDeposit::set(ENTRY_DEPOSIT);
	UnbondingPeriod::set(UNBONDING);
	MaxUnlocking::set(3);
	MaxEndpointLength::set(64);
	MaxTierHistory::set(3);
	PresenceGap::set(GAP);
	BlocksPerYear::set(YEAR);
	YearlyBudget::set(Perbill::from_percent(1));
	RatingWindow::set(WINDOW);
	MaxPage::set(4);
	StakeCap::set(CAP);
}

/// The least stake of `role` at genesis.
pub(crate) fn minimum(role: Role) -> Balance {
	genesis_tier(role).minimum
}

/// `account` registers a node in `role` with the least stake, where that stake belongs.
pub(crate) fn join(account: &AccountId, role: Role) -> DispatchResult {
	if role == Role::Validator {
		bond_with_staking(account, minimum(role));
		return register(account, role, 0);
	}
	register(account, role, minimum(role))
}

/// `account` registers a node in `role` with `stake`.
pub(crate) fn register(account: &AccountId, role: Role, stake: Balance) -> DispatchResult {
	NodeRegistry::register(signed(account), role, HERE, ENDPOINT.to_vec(), stake)
}

/// `account` has bonded `amount` with the staking pallet.
pub(crate) fn bond_with_staking(account: &AccountId, amount: Balance) {
	Bonded::mutate(|bonded| bonded.insert(account.clone(), amount));
}

/// A penalty waits to be taken from `account`, or does no more.
pub(crate) fn accuse(account: &AccountId, accused: bool) {
	Accused::mutate(|all| match accused {
		true => all.insert(account.clone()),
		false => all.remove(account),
	});
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
pub(crate) fn register_key(account: &AccountId, role: Role, key: &AppPair) -> DispatchResult {
	submit_key(account, role, key.public(), proof(key, account))
}

/// `account` registers `key` with whatever `proof` it has.
pub(crate) fn submit_key(
	account: &AccountId,
	role: Role,
	key: AppPublic,
	proof: AppSignature,
) -> DispatchResult {
	NodeRegistry::register_app_key(signed(account), role, key, proof)
}

/// `account` revokes its key.
pub(crate) fn revoke_key(account: &AccountId) -> DispatchResult {
	NodeRegistry::revoke_app_key(signed(account))
}

/// Origin of a transaction that `account` signed.
pub(crate) fn signed(account: &AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(account.clone())
}

/// A transaction of `account`, as a block executes it: if it fails, nothing has changed.
pub(crate) fn transact(
	account: &AccountId,
	call: Call<Test>,
) -> DispatchResultWithInfo<frame_support::dispatch::PostDispatchInfo> {
	RuntimeCall::from(call).dispatch(signed(account))
}

/// Time passes.
pub(crate) fn pass(blocks: BlockNumber) {
	Now::mutate(|now| *now += blocks);
}

/// `account`'s node shows that it is there.
pub(crate) fn beat(account: &AccountId) {
	<NodeRegistry as Presence<_, _>>::note_presence(account);
}

/// Working blocks pass, in which `account`'s node beats every five.
pub(crate) fn work(account: &AccountId, blocks: BlockNumber) {
	beat(account);
	for _ in 0..blocks / 5 {
		pass(5);
		beat(account);
	}
}

/// Up to `amount` is taken from `account`'s stake, and nobody gets a share.
pub(crate) fn slash(account: &AccountId, amount: Balance) -> Balance {
	let (taken, to_reporter) =
		<NodeRegistry as Stakes<_, _, _>>::seize(account, amount, None, Perbill::zero());
	assert_eq!(to_reporter, 0);
	taken
}

/// The node of `account`, which has one.
pub(crate) fn node(account: &AccountId) -> NodeOf<Test> {
	Nodes::<Test>::get(account).expect("the account has a node")
}

/// Whether `account` may act in whatever role its node has.
pub(crate) fn is_active(account: &AccountId) -> bool {
	NodeRegistry::node(account.clone()).is_some_and(|info| info.active)
}

/// What is held from `account` for `reason`.
pub(crate) fn held(account: &AccountId, reason: HoldReason) -> Balance {
	Balances::balance_on_hold(&reason.into(), account)
}

/// What `account` can use.
pub(crate) fn free(account: &AccountId) -> Balance {
	Balances::balance(account)
}

/// All that `account` has.
pub(crate) fn wealth(account: &AccountId) -> Balance {
	Balances::total_balance(account)
}

/// This pallet's events since they were last taken.
pub(crate) fn events() -> Vec<Event<Test>> {
	let ours = |record: frame_system::EventRecord<RuntimeEvent, _>| match record.event {
		RuntimeEvent::NodeRegistry(event) => Some(event),
		_ => None,
	};
	let events = System::events().into_iter().filter_map(ours).collect();
	System::reset_events();
	events
}
