//! A runtime with a feed, reporters whose keys the tests hold, and a clock that they turn.

use std::collections::{BTreeMap, BTreeSet};

use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{Authorize, Hooks, Time},
};
use frame_system::{EnsureRoot, RawOrigin};
use rwa_primitives::{
	app_key::{AppPair, AppPublic, AppSignature, Role},
	feed::{FeedId, Report, RoundIndex, SourceKind, Value},
	traits::{AppKeys, WorkingTime},
};
use sp_core::{Pair, H256};
use sp_runtime::{
	generic,
	testing::TestSignature,
	traits::{BlakeTwo256, Dispatchable},
	transaction_validity::{TransactionSource, TransactionValidityError, ValidTransaction},
	BoundedVec, BuildStorage, DispatchResultWithInfo, Percent,
};

use crate::{self as pallet_rwa_oracle, Call, Event, FeedSpec, FeedSpecOf, ReportersOf};

pub type Account = u64;
pub type TxExtension = frame_system::AuthorizeCall<Test>;
pub type Extrinsic = generic::UncheckedExtrinsic<Account, RuntimeCall, TestSignature, TxExtension>;
type Block = generic::Block<generic::Header<u32, BlakeTwo256>, Extrinsic>;

/// The feed that most tests use: °C with 2 decimals, from -50 to 100.
pub const FEED: FeedId = FeedId { asset: 1, source: SourceKind::WeatherApi };
/// Other feeds, for tests that need more.
pub const fn other_feed(asset: u32) -> FeedId {
	FeedId { asset, source: SourceKind::IotSensor }
}
/// Working blocks of [`spec`].
pub const HEARTBEAT: u32 = 30;
pub const DEADLINE: u32 = 12;
pub const MAX_AGE: u32 = 45;
/// An account with a registered key that no feed names.
pub const STRANGER: Account = 99;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Oracle: pallet_rwa_oracle,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
}

parameter_types! {
	// The clock and the registry.
	pub static Now: u32 = 0;
	pub static Running: bool = true;
	pub static Moment: u64 = 0;
	pub static Operators: BTreeMap<AppPublic, (Account, Role)> = BTreeMap::new();
	pub static Inactive: BTreeSet<Account> = BTreeSet::new();

	// The configuration, so that tests can spoil it.
	pub static MaxReporters: u32 = 10;
	pub static MinReporters: u32 = 4;
	pub static Quorum: Percent = Percent::from_percent(66);
	pub static MaxFeedsPerReporter: u32 = 8;
	pub static MaxDuePerBlock: u32 = 2;
	pub static MinDeadline: u32 = 6;
	pub static MaxUnitLength: u32 = 16;
	pub static HistoryLength: u32 = 3;
	pub const ReportPriority: u64 = 1 << 20;
}

pub struct Registry;
impl AppKeys<Account> for Registry {
	fn operator_of(key: &AppPublic) -> Option<(Account, Role)> {
		Operators::get().get(key).copied()
	}

	fn key_of(account: &Account) -> Option<AppPublic> {
		let operators = Operators::get();
		operators.iter().find(|(_, (owner, _))| owner == account).map(|(key, _)| key.clone())
	}

	fn is_active(account: &Account, _role: Role) -> bool {
		!Inactive::get().contains(account)
	}
}

pub struct Clock;
impl WorkingTime<u32> for Clock {
	fn now() -> u32 {
		Now::get()
	}

	fn is_running() -> bool {
		Running::get()
	}
}

pub struct WallClock;
impl Time for WallClock {
	type Moment = u64;

	fn now() -> u64 {
		Moment::get()
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper<Account> for Registry {
	fn register_oracle(account: &Account, key: &AppPublic) {
		Operators::mutate(|keys| keys.insert(key.clone(), (*account, Role::Oracle)));
	}
}

impl crate::Config for Test {
	type AppKeys = Registry;
	type WorkingTime = Clock;
	type TimeProvider = WallClock;
	type AdminOrigin = EnsureRoot<Account>;
	type MaxReporters = MaxReporters;
	type MinReporters = MinReporters;
	type Quorum = Quorum;
	type MaxFeedsPerReporter = MaxFeedsPerReporter;
	type MaxDuePerBlock = MaxDuePerBlock;
	type MinDeadline = MinDeadline;
	type MaxUnitLength = MaxUnitLength;
	type HistoryLength = HistoryLength;
	type ReportPriority = ReportPriority;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Registry;
}

impl<LocalCall> frame_system::offchain::CreateTransactionBase<LocalCall> for Test
where
	RuntimeCall: From<LocalCall>,
{
	type RuntimeCall = RuntimeCall;
	type Extrinsic = Extrinsic;
}

impl<LocalCall> frame_system::offchain::CreateTransaction<LocalCall> for Test
where
	RuntimeCall: From<LocalCall>,
{
	type Extension = TxExtension;

	fn create_transaction(call: RuntimeCall, extension: TxExtension) -> Extrinsic {
		Extrinsic::new_transaction(call, extension)
	}
}

impl<LocalCall> frame_system::offchain::CreateAuthorizedTransaction<LocalCall> for Test
where
	RuntimeCall: From<LocalCall>,
{
	fn create_extension() -> TxExtension {
		TxExtension::new()
	}
}

/// A chain at block 1, working block 1, with one feed and as many registered reporters as asked
/// for: accounts 1, 2, 3 …
pub struct ExtBuilder {
	reporters: u32,
	feed: Option<FeedSpecOf<Test>>,
}

impl Default for ExtBuilder {
	fn default() -> Self {
		Self { reporters: 4, feed: Some(spec()) }
	}
}

impl ExtBuilder {
	/// How many report to [`FEED`].
	pub fn reporters(mut self, reporters: u32) -> Self {
		self.reporters = reporters;
		self
	}

	/// No feed yet.
	pub fn without_feed(mut self) -> Self {
		self.feed = None;
		self
	}

	/// Another spec for [`FEED`].
	pub fn spec(mut self, spec: FeedSpecOf<Test>) -> Self {
		self.feed = Some(spec);
		self
	}

	pub fn build(self) -> sp_io::TestExternalities {
		reset();
		let storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
		let mut ext: sp_io::TestExternalities = storage.into();
		ext.execute_with(|| {
			frame_system::BlockHash::<Test>::insert(0, genesis_hash());
			to_next_block();
			for account in (1..=u64::from(self.reporters)).chain([STRANGER]) {
				register(account, Role::Oracle);
			}
			if let Some(spec) = self.feed {
				let reporters = accounts(1..=u64::from(self.reporters));
				assert_ok!(Oracle::create_feed(RuntimeOrigin::root(), FEED, spec, reporters));
			}
		});
		ext
	}

	#[cfg(feature = "runtime-benchmarks")]
	pub fn build_with_keystore(self) -> sp_io::TestExternalities {
		let mut ext = self.without_feed().build();
		let keystore = sp_keystore::testing::MemoryKeystore::new();
		ext.register_extension(sp_keystore::KeystoreExt::new(keystore));
		ext
	}

	/// Run `test`, then every invariant: no test passes on a broken state.
	pub fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			assert_ok!(Oracle::do_try_state());
		});
	}
}

/// Statics outlive a test when tests share a thread.
pub fn reset() {
	Now::set(0);
	Running::set(true);
	Moment::set(0);
	Operators::set(BTreeMap::new());
	Inactive::set(BTreeSet::new());
	MaxReporters::set(10);
	MinReporters::set(4);
	Quorum::set(Percent::from_percent(66));
	MaxFeedsPerReporter::set(8);
	MaxDuePerBlock::set(2);
	MinDeadline::set(6);
	MaxUnitLength::set(16);
	HistoryLength::set(3);
}

pub fn genesis_hash() -> H256 {
	H256::repeat_byte(7)
}

pub fn spec() -> FeedSpecOf<Test> {
	FeedSpec {
		unit: unit("°C"),
		decimals: 2,
		minimum: -5_000,
		maximum: 10_000,
		heartbeat: HEARTBEAT,
		deadline: DEADLINE,
		max_age: MAX_AGE,
	}
}

pub fn unit(text: &str) -> BoundedVec<u8, MaxUnitLength> {
	text.as_bytes().to_vec().try_into().unwrap()
}

pub fn accounts(accounts: impl IntoIterator<Item = Account>) -> ReportersOf<Test> {
	accounts.into_iter().collect::<Vec<_>>().try_into().unwrap()
}

/// The seed of an account's app key, as a node's keystore takes it.
pub fn seed(account: Account) -> String {
	format!("//Reporter//{account}")
}

pub fn pair(account: Account) -> AppPair {
	AppPair::from_string(&seed(account), None).unwrap()
}

pub fn key(account: Account) -> AppPublic {
	pair(account).public()
}

pub fn register(account: Account, role: Role) {
	Operators::mutate(|keys| keys.insert(key(account), (account, role)));
}

/// One block, and with it one working block unless the network is halted.
pub fn to_next_block() {
	System::set_block_number(System::block_number() + 1);
	System::reset_events();
	Moment::mutate(|moment| *moment += 1_000);
	if Running::get() {
		Now::mutate(|now| *now += 1);
	}
	Oracle::on_initialize(System::block_number());
}

/// Blocks until the working time is `now`.
pub fn run_to(now: u32) {
	assert!(Running::get(), "working time stands still");
	while Now::get() < now {
		to_next_block();
	}
}

/// Blocks until the next round of [`FEED`] is open; its number.
pub fn open_next_round() -> RoundIndex {
	let last = Oracle::feeds(None, 100).iter().find(|feed| feed.id == FEED).unwrap().last_round;
	for _ in 0..=HEARTBEAT {
		to_next_block();
		if let Some(round) = Oracle::open_round(FEED).filter(|round| round.index > last) {
			return round.index;
		}
	}
	panic!("no round of the feed opens within a heartbeat");
}

/// What `account` signs when it measures `value` in `round` of [`FEED`].
pub fn signed(account: Account, round: RoundIndex, value: Value) -> (Report, AppSignature) {
	sign(account, Report { feed: FEED, round, key: key(account), value })
}

pub fn sign(account: Account, report: Report) -> (Report, AppSignature) {
	let signature = pair(account).sign(&report.signing_payload(&genesis_hash()));
	(report, signature)
}

pub fn call((report, signature): (Report, AppSignature)) -> RuntimeCall {
	Call::submit_report { report, signature }.into()
}

/// What the pool says.
pub fn authorize(
	report: (Report, AppSignature),
) -> Result<ValidTransaction, TransactionValidityError> {
	let verdict = call(report).authorize(TransactionSource::External);
	verdict.expect("the call can be authorised").map(|(valid, _)| valid)
}

/// Dispatches without asking the pool, as nobody can on a real chain.
pub fn dispatch(
	report: (Report, AppSignature),
) -> DispatchResultWithInfo<frame_support::dispatch::PostDispatchInfo> {
	call(report).dispatch(RawOrigin::Authorized.into())
}

/// The pool accepts the report, and a block includes it.
pub fn report(account: Account, round: RoundIndex, value: Value) {
	let report = signed(account, round, value);
	assert_ok!(authorize(report.clone()));
	assert_ok!(dispatch(report));
}

/// Everybody of `values` reports, accounts 1, 2, 3 … in turn, until the round closes.
pub fn report_all(round: RoundIndex, values: &[Value]) {
	for (account, value) in (1..).zip(values) {
		if Oracle::open_round(FEED).is_some_and(|open| open.index == round) {
			report(account, round, *value);
		}
	}
}

/// This pallet's events of the current block.
pub fn events() -> Vec<Event<Test>> {
	let ours = |record: frame_system::EventRecord<RuntimeEvent, H256>| match record.event {
		RuntimeEvent::Oracle(event) => Some(event),
		_ => None,
	};
	System::events().into_iter().filter_map(ours).collect()
}
