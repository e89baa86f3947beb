//! A runtime with a feed, reporters whose keys the tests hold, and a clock that they turn.

use std::collections::{BTreeMap, BTreeSet};

use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{
		fungible::{Inspect, InspectHold, Mutate},
		Authorize, Get, Hooks, Randomness, Time,
	},
	weights::Weight,
};
use frame_system::{limits::BlockWeights, EnsureRoot, RawOrigin};
use rwa_primitives::{
	aggregate::Rules,
	app_key::{AppPair, AppPublic, AppSignature, Role},
	device::{DeviceKey, DeviceSignature, DeviceState, Measurement, SignedMeasurement, Standing},
	fault::{FaultReport, PendingPenalty},
	feed::{
		Batch, EvidenceRule, FeedId, Observation, RoundIndex, Salt, SourceKind, Statement, Value,
		Word,
	},
	reading::{Reading, Schema, Tolerance},
	traits::{
		Accusations, AppKeys, AssetOwners, CancelPenalty, Conduct, Devices, ReportFault,
		Reputation, WorkingTime,
	},
	AssetId, Balance,
};
use sp_core::{ed25519, Pair, H256};
use sp_runtime::{
	generic,
	testing::TestSignature,
	traits::{BlakeTwo256, Dispatchable},
	transaction_validity::{TransactionSource, TransactionValidityError, ValidTransaction},
	BoundedVec, BuildStorage, DispatchError, DispatchResultWithInfo, Percent, Permill,
};

use crate::{
	self as pallet_rwa_oracle, Admission, AdmissionOf, Call, Event, FeedSpec, FeedSpecOf,
	HoldReason, Phase, RosterOf,
};

pub type Account = u64;
pub type TxExtension = frame_system::AuthorizeCall<Test>;
pub type Extrinsic = generic::UncheckedExtrinsic<Account, RuntimeCall, TestSignature, TxExtension>;
type Block = generic::Block<generic::Header<u32, BlakeTwo256>, Extrinsic>;

/// The feed that most tests use: °C with 2 decimals, from -50 to 100. [`OWNER`] created it and pays.
pub const FEED: FeedId = FeedId { asset: 1, source: SourceKind::WeatherApi };
/// Other feeds, for tests that need more. Nobody owns their assets.
pub const fn other_feed(asset: u32) -> FeedId {
	FeedId { asset, source: SourceKind::IotSensor }
}
/// Working blocks of [`spec`].
pub const HEARTBEAT: u32 = 30;
pub const COMMIT_TIME: u32 = 12;
pub const REVEAL_TIME: u32 = 6;
/// Blocks of [`spec`].
pub const MAX_AGE: u32 = 45;
/// What an accepted report earns.
pub const REWARD: Balance = 10;
/// What [`FEED`] can pay at first.
pub const BUDGET: Balance = 10_000;
/// What everybody has at first.
pub const ENDOWMENT: Balance = 1_000_000;
/// What a vote weighs, unless a test says otherwise.
pub const WEIGHT: u128 = 100;
/// Owns the asset of [`FEED`].
pub const OWNER: Account = 60;
pub const TREASURY: Account = 61;
/// Has money and nothing to do with feeds.
pub const BYSTANDER: Account = 62;
/// An account with a registered key that has joined no feed.
pub const STRANGER: Account = 99;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Oracle: pallet_rwa_oracle,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type BlockWeights = Limits;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ExistentialDeposit;
	type AccountStore = System;
}

type Fault = FaultReport<Account, u32>;
type FaultKind = rwa_primitives::fault::Fault;

parameter_types! {
	pub const ExistentialDeposit: Balance = 100;
	pub const TreasuryAccount: Account = TREASURY;
	pub const ReportPriority: u64 = 1 << 20;

	// The clock, the registry, the court, the owners and the dice.
	pub static Now: u32 = 0;
	pub static Running: bool = true;
	pub static Moment: u64 = 0;
	pub static Operators: BTreeMap<AppPublic, (Account, Role)> = BTreeMap::new();
	pub static Inactive: BTreeSet<Account> = BTreeSet::new();
	pub static Weights: BTreeMap<Account, u128> = BTreeMap::new();
	pub static Accused: Vec<Fault> = Vec::new();
	/// Penalties that wait no more: cancelled, or taken.
	pub static Settled: BTreeSet<u64> = BTreeSet::new();
	/// What is registered where, and how it stands.
	pub static Instruments: BTreeMap<DeviceKey, (AssetId, DeviceState<u32>)> = BTreeMap::new();
	/// How far each feed has used a device.
	pub static Counters: BTreeMap<(DeviceKey, FeedId), u64> = BTreeMap::new();
	/// Who has shown which device to deceive.
	pub static Condemnations: Vec<(DeviceKey, Account)> = Vec::new();
	pub static Jobs: Vec<(Account, Account)> = Vec::new();
	pub static Owners: BTreeMap<AssetId, Account> = BTreeMap::new();
	pub static Random: Option<H256> = None;
	/// All the money that the tests have made.
	pub static Endowed: Balance = 0;

	// The configuration, so that tests can spoil it.
	pub static MaxBlock: Weight = Weight::MAX;
	pub static MaxReporters: u32 = 10;
	pub static MinCommittee: u32 = 4;
	pub static MaxCommittee: u32 = 8;
	pub static MaxFeedsPerReporter: u32 = 8;
	pub static MaxDuePerBlock: u32 = 2;
	pub static MinPhase: u32 = 5;
	pub static Day: u32 = 1_000;
	pub static WindowRounds: u32 = 8;
	pub static OutlierLimit: Percent = Percent::from_percent(25);
	pub static MissedLimit: Percent = Percent::from_percent(25);
	pub static MaxUnitLength: u32 = 16;
	pub static HistoryLength: u32 = 3;
	pub static ProofRounds: u32 = 3;
	pub static FeedDeposit: Balance = 500;
	pub static DutyFee: Balance = 0;
	pub static RequestBond: Balance = 1_000;
	pub static DemandBond: Balance = 700;
	pub static ProofTime: u32 = 1_000;
}

/// What fits into a block.
pub struct Limits;
impl Get<BlockWeights> for Limits {
	fn get() -> BlockWeights {
		BlockWeights::simple_max(MaxBlock::get())
	}
}

/// Who works, as whom, and how well.
pub struct Registry;
impl AppKeys<Account> for Registry {
	fn operator_of(key: &AppPublic) -> Option<(Account, Role)> {
		Operators::get().get(key).copied()
	}

	fn key_of(account: &Account) -> Option<AppPublic> {
		let operators = Operators::get();
		operators.iter().find(|(_, (owner, _))| owner == account).map(|(key, _)| key.clone())
	}

	fn is_active(account: &Account, role: Role) -> bool {
		Operators::get().values().any(|operator| *operator == (*account, role))
			&& !Inactive::get().contains(account)
	}
}

impl Reputation<Account> for Registry {
	fn score(_: &Account) -> Option<u32> {
		Some(1_000)
	}

	fn vote_weight(who: &Account) -> u128 {
		Weights::get().get(who).copied().unwrap_or(WEIGHT)
	}
}

impl Conduct<Account> for Registry {
	fn note_proven(_: &Account, _: bool) {
		panic!("siding with a majority proves nothing");
	}

	fn note_finished_job(node: &Account, client: &Account) -> Result<(), DispatchError> {
		Jobs::mutate(|jobs| jobs.push((*node, *client)));
		Ok(())
	}
}

/// Takes each fault once. Penalties are numbered from 0, and wait until they are settled.
pub struct Court;
impl ReportFault<Account, u32> for Court {
	fn report_fault(report: Fault) -> Result<Option<PendingPenalty<u32>>, DispatchError> {
		let known = |fault: &Fault| {
			(fault.offender, fault.fault, fault.evidence)
				== (report.offender, report.fault, report.evidence)
		};
		if Accused::get().iter().any(known) {
			return Err(ALREADY_PUNISHED);
		}
		let id = Accused::mutate(|faults| {
			faults.push(report);
			faults.len() as u64 - 1
		});
		Ok(Some(PendingPenalty { id, due_at: Now::get() + 100 }))
	}
}

impl CancelPenalty<Account> for Court {
	fn waiting(who: &Account, fault: FaultKind, evidence: &H256) -> Option<u64> {
		(0..).zip(Accused::get()).find_map(|(id, report)| {
			let same = (&report.offender, report.fault, &report.evidence) == (who, fault, evidence);
			(same && !Settled::get().contains(&id)).then_some(id)
		})
	}

	fn cancel(id: u64) -> Result<(), DispatchError> {
		match Settled::mutate(|settled| settled.insert(id)) {
			true => Ok(()),
			false => Err(ALREADY_PUNISHED),
		}
	}
}

impl Accusations<Account> for Court {
	fn is_accused(who: &Account) -> bool {
		let waits = |id| !Settled::get().contains(&id);
		(0..).zip(Accused::get()).any(|(id, report)| report.offender == *who && waits(id))
	}
}

/// Knows what measures where.
pub struct Workshop;
impl Devices<Account, u32> for Workshop {
	fn standing(device: &DeviceKey, feed: &FeedId) -> Option<Standing<u32>> {
		let (asset, state) = Instruments::get().get(device).copied()?;
		let counter = Counters::get().get(&(device.clone(), *feed)).copied().unwrap_or(0);
		(asset == feed.asset).then_some(Standing { state, counter })
	}

	fn note_counter(device: &DeviceKey, feed: &FeedId, counter: u64) {
		let before = Self::standing(device, feed).map(|standing| standing.counter);
		if before.is_some_and(|before| before < counter) {
			Counters::mutate(|counters| counters.insert((device.clone(), *feed), counter));
		}
	}

	fn condemn(device: &DeviceKey, reporter: &Account) -> Result<(), DispatchError> {
		let (_, state) =
			Instruments::get().get(device).copied().ok_or(DispatchError::CannotLookup)?;
		if state.is_condemned() {
			return Err(DispatchError::Unavailable);
		}
		set_state(device, DeviceState::Condemned { since: Now::get() });
		Condemnations::mutate(|condemned| condemned.push((device.clone(), *reporter)));
		Ok(())
	}
}

/// What the court says of evidence that it knows.
pub const ALREADY_PUNISHED: DispatchError = DispatchError::Unavailable;

pub struct LandRegister;
impl AssetOwners<Account> for LandRegister {
	fn owner_of(asset: AssetId) -> Option<Account> {
		Owners::get().get(&asset).copied()
	}
}

pub struct Dice;
impl Randomness<Option<H256>, u32> for Dice {
	fn random(_: &[u8]) -> (Option<H256>, u32) {
		(Random::get(), System::block_number())
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
	fn register_oracle(account: &Account, key: &AppPublic, stakes: u32) {
		endow(*account);
		Operators::mutate(|keys| keys.insert(key.clone(), (*account, Role::Oracle)));
		Weights::mutate(|weights| weights.insert(*account, WEIGHT * u128::from(stakes)));
	}

	fn own(account: &Account, asset: AssetId) {
		endow(*account);
		Owners::mutate(|owners| owners.insert(asset, *account));
	}

	fn add_device(device: &DeviceKey, asset: AssetId) {
		add_device(device, asset);
	}
}

impl crate::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type AppKeys = Registry;
	type Reputation = Registry;
	type Conduct = Registry;
	type Faults = Court;
	type Penalties = Court;
	type Devices = Workshop;
	type Assets = LandRegister;
	type Randomness = Dice;
	type WorkingTime = Clock;
	type TimeProvider = WallClock;
	type AdminOrigin = EnsureRoot<Account>;
	type Treasury = TreasuryAccount;
	type FeedDeposit = FeedDeposit;
	type DutyFee = DutyFee;
	type RequestBond = RequestBond;
	type DemandBond = DemandBond;
	type MaxReporters = MaxReporters;
	type MinCommittee = MinCommittee;
	type MaxCommittee = MaxCommittee;
	type MaxFeedsPerReporter = MaxFeedsPerReporter;
	type MaxDuePerBlock = MaxDuePerBlock;
	type MinPhase = MinPhase;
	type Day = Day;
	type WindowRounds = WindowRounds;
	type OutlierLimit = OutlierLimit;
	type MissedLimit = MissedLimit;
	type MaxUnitLength = MaxUnitLength;
	type HistoryLength = HistoryLength;
	type ProofRounds = ProofRounds;
	type ProofTime = ProofTime;
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

/// A chain at block 1, working block 1, with one feed of [`OWNER`]'s, a budget, and as many reporters as
/// asked for, who have joined: accounts 1, 2, 3 …
pub struct ExtBuilder {
	reporters: u32,
	feed: Option<FeedSpecOf<Test>>,
	budget: Balance,
}

impl Default for ExtBuilder {
	fn default() -> Self {
		Self { reporters: 4, feed: Some(spec()), budget: BUDGET }
	}
}

impl ExtBuilder {
	/// How many have joined [`FEED`]. Others up to this number are registered.
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

	/// What [`FEED`] can pay.
	pub fn budget(mut self, budget: Balance) -> Self {
		self.budget = budget;
		self
	}

	pub fn build(self) -> sp_io::TestExternalities {
		reset();
		let storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
		let mut ext: sp_io::TestExternalities = storage.into();
		ext.execute_with(|| {
			frame_system::BlockHash::<Test>::insert(0, genesis_hash());
			[OWNER, TREASURY, BYSTANDER].into_iter().for_each(endow);
			Owners::mutate(|owners| owners.insert(FEED.asset, OWNER));
			to_next_block();
			let reporters = 1..=u64::from(self.reporters);
			for account in reporters.clone().chain([STRANGER]) {
				register(account, Role::Oracle);
			}
			if let Some(spec) = self.feed {
				assert_ok!(Oracle::create_feed(by(OWNER), FEED, spec, Admission::Open));
				reporters.for_each(|account| join(account, FEED));
				if self.budget > 0 {
					assert_ok!(Oracle::top_up(by(OWNER), FEED, self.budget));
				}
			}
			System::reset_events();
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

	/// Run `test`, then every invariant: no test passes on a broken state, or if money came or went.
	pub fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			assert_ok!(Oracle::do_try_state());
			assert_eq!(Balances::total_issuance(), Endowed::get(), "money came or went");
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
	Weights::set(BTreeMap::new());
	Accused::set(Vec::new());
	Settled::set(BTreeSet::new());
	Instruments::set(BTreeMap::new());
	Counters::set(BTreeMap::new());
	Condemnations::set(Vec::new());
	add_device(&device_key(), FEED.asset);
	Jobs::set(Vec::new());
	Owners::set(BTreeMap::new());
	Random::set(Some(H256::repeat_byte(1)));
	Endowed::set(0);
	MaxBlock::set(Weight::MAX);
	MaxReporters::set(10);
	MinCommittee::set(4);
	MaxCommittee::set(8);
	MaxFeedsPerReporter::set(8);
	MaxDuePerBlock::set(2);
	MinPhase::set(5);
	Day::set(1_000);
	WindowRounds::set(8);
	OutlierLimit::set(Percent::from_percent(25));
	MissedLimit::set(Percent::from_percent(25));
	MaxUnitLength::set(16);
	HistoryLength::set(3);
	ProofRounds::set(3);
	FeedDeposit::set(500);
	DutyFee::set(0);
	RequestBond::set(1_000);
	DemandBond::set(700);
	ProofTime::set(1_000);
}

pub fn genesis_hash() -> H256 {
	H256::repeat_byte(7)
}

/// °C with two decimals; half a degree is the same, and up to two degrees don't divide the reporters.
pub fn spec() -> FeedSpecOf<Test> {
	let within = |absolute| Tolerance { relative: Permill::zero(), absolute };
	FeedSpec {
		unit: unit("°C"),
		schema: Schema::Scalar { decimals: 2, minimum: -5_000, maximum: 10_000 },
		rules: Rules {
			quorum: Percent::from_percent(66),
			outlier_multiple: 3,
			same: within(50),
			divergence: within(200),
		},
		deviation: within(100),
		committee: 8,
		heartbeat: HEARTBEAT,
		commit_time: COMMIT_TIME,
		reveal_time: REVEAL_TIME,
		max_age: MAX_AGE,
		reward: REWARD,
		evidence: EvidenceRule::Optional,
	}
}

/// The device of the tests, registered on [`FEED`]'s asset.
pub fn device() -> ed25519::Pair {
	ed25519::Pair::from_seed(&[1; 32])
}

pub fn device_key() -> DeviceKey {
	DeviceKey::Ed25519(device().public())
}

/// Registers `device` on `asset`.
pub fn add_device(device: &DeviceKey, asset: AssetId) {
	let entry = (asset, DeviceState::Active);
	Instruments::mutate(|instruments| instruments.insert(device.clone(), entry));
}

/// From now on `device` stands so.
pub fn set_state(device: &DeviceKey, state: DeviceState<u32>) {
	Instruments::mutate(|instruments| instruments.get_mut(device).unwrap().1 = state);
}

/// What [`device`] measures for [`FEED`] as its number `counter`.
pub fn measurement(counter: u64, value: Value) -> Measurement {
	Measurement {
		device: device_key(),
		feed: FEED,
		counter,
		taken_at: 1_764_100_000_000,
		reading: Reading::Scalar(value),
	}
}

/// `measurement`, signed by [`device`].
pub fn signed_by_device(measurement: Measurement) -> Box<SignedMeasurement> {
	let signature = device().sign(&measurement.signing_payload(&genesis_hash()));
	let signature = DeviceSignature::Ed25519(signature);
	Box::new(SignedMeasurement { measurement, signature })
}

pub fn unit(text: &str) -> BoundedVec<u8, MaxUnitLength> {
	text.as_bytes().to_vec().try_into().unwrap()
}

pub fn accounts(accounts: impl IntoIterator<Item = Account>) -> RosterOf<Test> {
	accounts.into_iter().collect::<Vec<_>>().try_into().unwrap()
}

pub fn invited(invited: impl IntoIterator<Item = Account>) -> AdmissionOf<Test> {
	Admission::Invited(accounts(invited))
}

pub fn by(account: Account) -> RuntimeOrigin {
	RuntimeOrigin::signed(account)
}

pub fn root() -> RuntimeOrigin {
	RuntimeOrigin::root()
}

pub fn endow(account: Account) {
	if free(account) < ENDOWMENT {
		assert_ok!(Balances::mint_into(&account, ENDOWMENT));
		Endowed::mutate(|sum| *sum += ENDOWMENT);
	}
}

pub fn free(account: Account) -> Balance {
	Balances::balance(&account)
}

pub fn held(reason: HoldReason, account: Account) -> Balance {
	Balances::balance_on_hold(&reason.into(), &account)
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

/// Makes `account` an operator with a key and some money.
pub fn register(account: Account, role: Role) {
	endow(account);
	Operators::mutate(|keys| keys.insert(key(account), (account, role)));
}

pub fn join(account: Account, feed: FeedId) {
	assert_ok!(Oracle::join_feed(by(account), feed));
}

/// Creates a feed of governance's with four reporters, accounts 1 to 4, and money.
pub fn create_other(feed: FeedId) {
	assert_ok!(Oracle::create_feed(root(), feed, spec(), Admission::Open));
	(1..=4).for_each(|account| join(account, feed));
	assert_ok!(Oracle::top_up(by(BYSTANDER), feed, BUDGET / 10));
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
	let last = crate::LastRound::<Test>::get(FEED);
	for _ in 0..=HEARTBEAT {
		to_next_block();
		if let Some(round) = Oracle::open_round(FEED).filter(|round| round.index > last) {
			return round.index;
		}
	}
	panic!("no round of the feed opens within a heartbeat");
}

/// Blocks until the open round of [`FEED`] takes what was committed to.
pub fn to_reveal() {
	while Oracle::open_round(FEED).expect("a round is open").phase == Phase::Commit {
		to_next_block();
	}
}

/// Blocks until no round of [`FEED`] is open. Leaves the events of the block in which it ended.
pub fn to_end() {
	while Oracle::open_round(FEED).is_some() {
		to_next_block();
	}
}

pub fn observe(value: Value) -> Observation {
	Observation { reading: Reading::Scalar(value), evidence: None }
}

/// What hides `account`'s readings. A real node's is fresh for each.
pub fn salt(account: Account) -> Salt {
	[u8::try_from(account).unwrap(); 32]
}

/// What `account` commits to when it measures `value` in `round` of [`FEED`].
pub fn commitment(account: Account, round: RoundIndex, value: Value) -> H256 {
	observe(value).commitment(&genesis_hash(), &FEED, round, &account, &salt(account))
}

/// To say `word` in `round` of [`FEED`].
pub fn statement(round: RoundIndex, word: Word) -> Statement {
	Statement { feed: FEED, round, word }
}

pub fn to_commit(account: Account, round: RoundIndex, value: Value) -> Statement {
	statement(round, Word::Commit(commitment(account, round, value)))
}

pub fn to_reveal_value(account: Account, round: RoundIndex, value: Value) -> Statement {
	let (observation, salt) = (observe(value), salt(account));
	statement(round, Word::Reveal { observation, salt })
}

/// A signed batch.
pub type Signed = (Batch, AppSignature);

/// What `account` signs to say all that.
pub fn signed(account: Account, statements: impl IntoIterator<Item = Statement>) -> Signed {
	let statements = statements.into_iter().collect::<Vec<_>>().try_into().unwrap();
	sign(account, Batch { key: key(account), statements })
}

pub fn sign(account: Account, batch: Batch) -> Signed {
	let signature = pair(account).sign(&batch.signing_payload(&genesis_hash()));
	(batch, signature)
}

pub fn call((batch, signature): Signed) -> RuntimeCall {
	Call::submit { batch, signature }.into()
}

/// What the pool says.
pub fn authorize(batch: Signed) -> Result<ValidTransaction, TransactionValidityError> {
	let verdict = call(batch).authorize(TransactionSource::External);
	verdict.expect("the call can be authorised").map(|(valid, _)| valid)
}

/// Dispatches without asking the pool, as nobody can on a real chain.
pub fn dispatch(
	batch: Signed,
) -> DispatchResultWithInfo<frame_support::dispatch::PostDispatchInfo> {
	call(batch).dispatch(RawOrigin::Authorized.into())
}

/// The pool accepts the statement, and a block includes it.
pub fn say(account: Account, statement: Statement) {
	let batch = signed(account, [statement]);
	assert_ok!(authorize(batch.clone()));
	assert_ok!(dispatch(batch));
}

pub fn commit(account: Account, round: RoundIndex, value: Value) {
	say(account, to_commit(account, round, value));
}

pub fn reveal(account: Account, round: RoundIndex, value: Value) {
	say(account, to_reveal_value(account, round, value));
}

/// `account` commits to `observation` in `round` of [`FEED`].
pub fn commit_observation(account: Account, round: RoundIndex, observation: &Observation) {
	let salt = salt(account);
	let commitment = observation.commitment(&genesis_hash(), &FEED, round, &account, &salt);
	say(account, statement(round, Word::Commit(commitment)));
}

/// To reveal `observation`, hidden by `account`'s salt.
pub fn to_reveal_observation(
	account: Account,
	round: RoundIndex,
	observation: Observation,
) -> Statement {
	statement(round, Word::Reveal { observation, salt: salt(account) })
}

/// In the next round of [`FEED`] accounts 1, 2, 3 … report the observations. It ends; its number. Leaves the events
/// of the block in which it did.
pub fn observe_all(observations: &[Observation]) -> RoundIndex {
	let round = open_next_round();
	let each = || (1..).zip(observations);
	each().for_each(|(account, observation)| commit_observation(account, round, observation));
	to_reveal();
	each().for_each(|(account, observation)| {
		say(account, to_reveal_observation(account, round, observation.clone()));
	});
	to_end();
	round
}

pub fn abstain(account: Account, round: RoundIndex) {
	say(account, statement(round, Word::Abstain));
}

/// Accounts 1, 2, 3 … commit to and reveal the values in the open round, which then ends. Leaves the events
/// of the block in which it did.
pub fn report_all(round: RoundIndex, values: &[Value]) {
	(1..).zip(values).for_each(|(account, value)| commit(account, round, *value));
	to_reveal();
	(1..).zip(values).for_each(|(account, value)| reveal(account, round, *value));
	to_end();
}

/// This pallet's events of the current block.
pub fn events() -> Vec<Event<Test>> {
	let ours = |record: frame_system::EventRecord<RuntimeEvent, H256>| match record.event {
		RuntimeEvent::Oracle(event) => Some(event),
		_ => None,
	};
	System::events().into_iter().filter_map(ours).collect()
}
