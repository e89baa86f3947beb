//! A runtime of this pallet with the SDK's offences, a registry whose nodes the tests make, and a clock
//! that they turn.

use crate as pallet_rwa_slashing;
use crate::{Call, OffenderOf, Offline, PenaltyId};
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{Authorize, ConstU32, ConstU64, Hooks},
	weights::Weight,
};
use frame_system::{EnsureRoot, RawOrigin};
use pallet_im_online::UnresponsivenessOffence;
use rwa_primitives::{
	app_key::{AppPair, AppPublic, AppSignature, Role},
	fault::{Fault, FaultReport},
	heartbeat::Heartbeat,
	node::genesis_tier,
	traits::{AppKeys, Conduct, Presence, ReportFault, Stakes, WorkingTime},
	AccountId, Balance, Signature,
};
use sp_core::{Pair, H256};
use sp_runtime::{
	generic,
	traits::{BlakeTwo256, Convert, Dispatchable, IdentityLookup},
	transaction_validity::{TransactionSource, TransactionValidityError, ValidTransaction},
	BuildStorage, DispatchError, DispatchResult, Perbill,
};
use sp_staking::{
	offence::{Offence, OffenceDetails, OffenceError, OnOffenceHandler, ReportOffence},
	SessionIndex,
};
use std::collections::BTreeMap;

pub(crate) type TxExtension = frame_system::AuthorizeCall<Test>;
pub(crate) type Extrinsic =
	generic::UncheckedExtrinsic<AccountId, RuntimeCall, Signature, TxExtension>;
pub(crate) type Block = generic::Block<generic::Header<u64, BlakeTwo256>, Extrinsic>;

/// Validators.
pub(crate) const ALICE: AccountId = AccountId::new([1; 32]);
pub(crate) const BOB: AccountId = AccountId::new([2; 32]);
pub(crate) const CHARLIE: AccountId = AccountId::new([3; 32]);
pub(crate) const DAVE: AccountId = AccountId::new([4; 32]);

/// Nodes in the other roles, each with the least stake of its role.
pub(crate) const VERIFIER: AccountId = AccountId::new([11; 32]);
pub(crate) const ORACLE: AccountId = AccountId::new([12; 32]);
pub(crate) const RELAY: AccountId = AccountId::new([13; 32]);
pub(crate) const STORAGE: AccountId = AccountId::new([14; 32]);

/// Not registered.
pub(crate) const STRANGER: AccountId = AccountId::new([21; 32]);

pub(crate) const RWA: Balance = 1_000_000_000_000;

/// Sessions after whose absence a validator is offline.
pub(crate) const LIMIT: u32 = 3;
/// Sessions whose turnout is kept.
pub(crate) const HISTORY: u32 = 4;
/// Blocks in a session of these tests.
pub(crate) const SESSION: u64 = 10;

/// Working blocks for which a penalty waits.
pub(crate) const WAIT: u64 = 40;
/// Working blocks in which a fault can be reported.
pub(crate) const WINDOW: u64 = 100;
/// Working blocks of a cap.
pub(crate) const CAP_TIME: u64 = 30;
/// Working blocks of absence that cost nothing.
pub(crate) const ABSENCE: u64 = 48;
/// Working blocks in a heartbeat period.
pub(crate) const PERIOD: u64 = 24;
/// Penalties that a block executes.
pub(crate) const MOST: u32 = 2;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;

	#[runtime::pallet_index(1)]
	pub type Slashing = pallet_rwa_slashing;

	#[runtime::pallet_index(2)]
	pub type Offences = pallet_offences;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type AccountId = AccountId;
	type Block = Block;
	type Lookup = IdentityLookup<AccountId>;
}

impl pallet_offences::Config for Test {
	type IdentificationTuple = OffenderOf<Test>;
	type OnOffenceHandler = StakingPallet;
	type RuntimeEvent = RuntimeEvent;
}

parameter_types! {
	pub static Validators: Vec<AccountId> = Vec::new();
	/// Working blocks that the clock is behind.
	pub static Halted: u64 = 0;
	pub static Running: bool = true;
	/// What was reported.
	pub static Reported: Vec<Offline<OffenderOf<Test>>> = Vec::new();
	/// The validators' tier.
	pub static Tier: Perbill = Perbill::from_percent(10);

	/// The registry.
	pub static Nodes: BTreeMap<AccountId, Node> = BTreeMap::new();
	pub static Keys: BTreeMap<AppPublic, AccountId> = BTreeMap::new();
	/// Who was elected to validate, and from which session on.
	pub static Elected: BTreeMap<AccountId, SessionIndex> = BTreeMap::new();
	/// From which working block on which rate holds for all roles.
	pub static RateSince: Option<(u64, Perbill)> = None;
	/// What was noted of whom.
	pub static Proven: Vec<(AccountId, bool)> = Vec::new();
	/// What reporters got.
	pub static Shares: BTreeMap<AccountId, Balance> = BTreeMap::new();
	/// What the staking pallet was told: whom to slash, by whose report, how much, for which session.
	pub static Slashed: Vec<Slash> = Vec::new();

	/// The configuration, so that tests can spoil it.
	pub static OfflineLimit: u32 = LIMIT;
	pub static HistoryLength: u32 = HISTORY;
	pub static Deferral: u64 = WAIT;
	pub static ReportWindow: u64 = WINDOW;
	pub static Unbonding: u64 = WAIT + WINDOW;
	pub static ReporterShare: Perbill = Perbill::from_percent(10);
	pub static Cap: Perbill = Perbill::from_percent(30);
	pub static CapPeriod: u64 = CAP_TIME;
	pub static AbsenceLimit: u64 = ABSENCE;
	pub static HeartbeatPeriod: u64 = PERIOD;
	pub static MaxExecutedPerBlock: u32 = MOST;
}

/// A slash that the staking pallet was told of.
pub(crate) type Slash = (AccountId, Vec<AccountId>, Perbill, SessionIndex);

impl pallet_rwa_slashing::Config for Test {
	type AbsenceLimit = AbsenceLimit;
	type AppKeys = Registry;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Registry;
	type CancelOrigin = EnsureRoot<AccountId>;
	type Cap = Cap;
	type CapPeriod = CapPeriod;
	type Conduct = Registry;
	type Deferral = Deferral;
	type FullIdentification = ();
	type FullIdentificationOf = StakingPallet;
	type HeartbeatPeriod = HeartbeatPeriod;
	type HeartbeatPriority = ConstU64<7>;
	type HistoryLength = HistoryLength;
	type MaxExecutedPerBlock = MaxExecutedPerBlock;
	type MaxValidators = ConstU32<10>;
	type OfflineLimit = OfflineLimit;
	type Presence = Registry;
	type ReportOffline = Office;
	type ReportValidatorFault = Offences;
	type ReportWindow = ReportWindow;
	type ReporterShare = ReporterShare;
	type SlashRate = Tier;
	type Stakes = Registry;
	type Validators = Validators;
	type WeightInfo = ();
	type WorkingTime = Clock;
}

impl<LocalCall> frame_system::offchain::CreateTransactionBase<LocalCall> for Test
where
	RuntimeCall: From<LocalCall>,
{
	type Extrinsic = Extrinsic;
	type RuntimeCall = RuntimeCall;
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

/// Stands still when a test says so.
pub struct Clock;

impl WorkingTime<u64> for Clock {
	fn now() -> u64 {
		System::block_number() - Halted::get()
	}

	fn is_running() -> bool {
		Running::get()
	}
}

/// Takes each session's offence once, as the offences pallet does.
pub struct Office;

impl ReportOffence<AccountId, OffenderOf<Test>, Offline<OffenderOf<Test>>> for Office {
	fn report_offence(
		_reporters: Vec<AccountId>,
		offence: Offline<OffenderOf<Test>>,
	) -> Result<(), OffenceError> {
		let mut reported = Reported::take();
		let known = reported.iter().any(|earlier| earlier.slot() == offence.slot());
		if !known {
			reported.push(offence);
		}
		Reported::set(reported);
		if known {
			return Err(OffenceError::DuplicateReport);
		}
		Ok(())
	}

	fn is_known_offence(_: &[OffenderOf<Test>], _: &SessionIndex) -> bool {
		false
	}
}

/// Knows the registry's validators, and notes what it is told.
pub struct StakingPallet;

impl Convert<(AccountId, SessionIndex), Option<()>> for StakingPallet {
	fn convert((who, session): (AccountId, SessionIndex)) -> Option<()> {
		Elected::get().get(&who).is_some_and(|first| *first <= session).then_some(())
	}
}

impl OnOffenceHandler<AccountId, OffenderOf<Test>, Weight> for StakingPallet {
	fn on_offence(
		offenders: &[OffenceDetails<AccountId, OffenderOf<Test>>],
		fractions: &[Perbill],
		session: SessionIndex,
	) -> Weight {
		let slashes = offenders.iter().zip(fractions).map(|(details, fraction)| {
			(details.offender.0.clone(), details.reporters.clone(), *fraction, session)
		});
		Slashed::mutate(|slashed| slashed.extend(slashes));
		Weight::zero()
	}
}

/// What the registry knows of a node.
#[derive(Clone, Debug)]
pub struct Node {
	pub role: Role,
	pub stake: Balance,
	pub last_seen: u64,
	pub excused_since: Option<u64>,
}

/// The registry.
pub struct Registry;

impl Stakes<AccountId, Balance, u64> for Registry {
	fn role_of(who: &AccountId) -> Option<Role> {
		Nodes::get().get(who).map(|node| node.role)
	}

	fn at_stake(who: &AccountId) -> Balance {
		Nodes::get().get(who).map_or(0, |node| node.stake)
	}

	fn slash_rate(role: Role, at: u64) -> Perbill {
		match RateSince::get() {
			Some((since, rate)) if at >= since => rate,
			_ => genesis_tier(role).slash,
		}
	}

	fn seize(
		who: &AccountId,
		amount: Balance,
		reporter: Option<&AccountId>,
		share: Perbill,
	) -> (Balance, Balance) {
		let taken = amount.min(Self::at_stake(who));
		change(who, |node| node.stake -= taken);
		let to_reporter = reporter.map_or(0, |_| share.mul_floor(taken));
		if let Some(reporter) = reporter {
			Shares::mutate(|shares| *shares.entry(reporter.clone()).or_default() += to_reporter);
		}
		(taken, to_reporter)
	}

	fn unbonding_period() -> u64 {
		Unbonding::get()
	}
}

impl Presence<AccountId, u64> for Registry {
	fn note_presence(who: &AccountId) {
		change(who, |node| node.last_seen = Clock::now());
	}

	fn last_seen(who: &AccountId) -> Option<u64> {
		let nodes = Nodes::get();
		nodes.get(who).filter(|node| node.role != Role::Validator).map(|node| node.last_seen)
	}

	fn excused_since(who: &AccountId) -> Option<u64> {
		Nodes::get().get(who).and_then(|node| node.excused_since)
	}

	fn forgive_absence(who: &AccountId) {
		change(who, |node| node.last_seen = Clock::now());
	}
}

impl Conduct<AccountId> for Registry {
	fn note_proven(who: &AccountId, right: bool) {
		Proven::mutate(|proven| proven.push((who.clone(), right)));
	}

	fn note_finished_job(_: &AccountId, _: &AccountId) -> Result<(), DispatchError> {
		Ok(())
	}
}

impl AppKeys<AccountId> for Registry {
	fn operator_of(key: &AppPublic) -> Option<(AccountId, Role)> {
		let account = Keys::get().get(key).cloned()?;
		Some((account.clone(), Self::role_of(&account)?))
	}

	fn key_of(account: &AccountId) -> Option<AppPublic> {
		Keys::get().into_iter().find(|(_, owner)| owner == account).map(|(key, _)| key)
	}

	fn is_active(account: &AccountId, role: Role) -> bool {
		Nodes::get()
			.get(account)
			.is_some_and(|node| node.role == role && node.excused_since.is_none())
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper<AccountId, u64> for Registry {
	fn register_node(account: &AccountId, role: Role, key: &AppPublic) {
		register(account, role);
		Keys::mutate(|keys| keys.insert(key.clone(), account.clone()));
	}

	fn register_validator(account: &AccountId) {
		register(account, Role::Validator);
	}

	fn pass(blocks: u64) {
		System::set_block_number(System::block_number() + blocks);
	}
}

/// Changes what the registry knows of `who`.
pub(crate) fn change(who: &AccountId, by: impl FnOnce(&mut Node)) {
	Nodes::mutate(|nodes| by(nodes.get_mut(who).expect("a node of the tests")));
}

/// Registers a node with the least stake of its role, seen now.
pub(crate) fn register(who: &AccountId, role: Role) {
	let stake = genesis_tier(role).minimum;
	if role == Role::Validator {
		Elected::mutate(|elected| elected.insert(who.clone(), 0));
	}
	let node = Node { role, stake, last_seen: Clock::now(), excused_since: None };
	Nodes::mutate(|nodes| nodes.insert(who.clone(), node));
}

/// What `who` has at stake.
pub(crate) fn stake_of(who: &AccountId) -> Balance {
	Registry::at_stake(who)
}

/// The seed of an account's app key, as a node's keystore takes it.
pub(crate) fn seed(account: &AccountId) -> String {
	format!("//{account}")
}

pub(crate) fn pair(account: &AccountId) -> AppPair {
	AppPair::from_string(&seed(account), None).unwrap()
}

pub(crate) fn key(account: &AccountId) -> AppPublic {
	pair(account).public()
}

pub(crate) fn genesis_hash() -> H256 {
	H256::repeat_byte(7)
}

/// Block 1 of a chain with four validators, and a node in each other role whose app key the tests hold.
pub(crate) fn new_test_ext() -> sp_io::TestExternalities {
	reset();
	let storage = frame_system::GenesisConfig::<Test>::default()
		.build_storage()
		.expect("the default genesis is valid");
	let mut ext = sp_io::TestExternalities::new(storage);
	ext.register_extension(sp_keystore::KeystoreExt::new(
		sp_keystore::testing::MemoryKeystore::new(),
	));
	ext.execute_with(|| {
		frame_system::BlockHash::<Test>::insert(0, genesis_hash());
		System::set_block_number(1);
		for validator in Validators::get() {
			register(&validator, Role::Validator);
		}
		for (node, role) in [
			(VERIFIER, Role::Verifier),
			(ORACLE, Role::Oracle),
			(RELAY, Role::Relay),
			(STORAGE, Role::Storage),
		] {
			register(&node, role);
			Keys::mutate(|keys| keys.insert(key(&node), node));
		}
		Slashing::start_session();
	});
	ext
}

/// Run `test` on [`new_test_ext`], then every invariant.
pub(crate) fn execute(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		test();
		assert_ok!(Slashing::do_try_state());
	});
}

/// Statics outlive a test when tests share a thread.
pub(crate) fn reset() {
	Validators::set(vec![ALICE, BOB, CHARLIE, DAVE]);
	Halted::set(0);
	Running::set(true);
	Reported::set(Vec::new());
	Tier::set(Perbill::from_percent(10));
	Nodes::set(BTreeMap::new());
	Keys::set(BTreeMap::new());
	Elected::set(BTreeMap::new());
	RateSince::set(None);
	Proven::set(Vec::new());
	Shares::set(BTreeMap::new());
	Slashed::set(Vec::new());
	OfflineLimit::set(LIMIT);
	HistoryLength::set(HISTORY);
	Deferral::set(WAIT);
	ReportWindow::set(WINDOW);
	Unbonding::set(WAIT + WINDOW);
	ReporterShare::set(Perbill::from_percent(10));
	Cap::set(Perbill::from_percent(30));
	CapPeriod::set(CAP_TIME);
	AbsenceLimit::set(ABSENCE);
	HeartbeatPeriod::set(PERIOD);
	MaxExecutedPerBlock::set(MOST);
}

/// A session passes in which `absent` took no part, as the SDK's pallets would tell it.
pub(crate) fn pass_session(session: SessionIndex, absent: &[AccountId]) {
	System::set_block_number(System::block_number() + SESSION);
	System::reset_events();
	if !absent.is_empty() {
		let offence = UnresponsivenessOffence {
			session_index: session,
			validator_set_count: Validators::get().len() as u32,
			offenders: absent.iter().map(|who| (who.clone(), ())).collect(),
		};
		assert_ok!(<Slashing as ReportOffence<_, _, _>>::report_offence(Vec::new(), offence));
	}
	Slashing::end_session(session);
	Slashing::start_session();
}

/// One block, and with it one working block. Gives the weight of its hook.
pub(crate) fn to_next_block() -> Weight {
	System::set_block_number(System::block_number() + 1);
	System::reset_events();
	if !Running::get() {
		Halted::mutate(|halted| *halted += 1);
	}
	Slashing::on_initialize(System::block_number())
}

/// Blocks until the working time is `now`.
pub(crate) fn run_to(now: u64) {
	assert!(Running::get(), "working time stands still");
	while Clock::now() < now {
		to_next_block();
	}
}

/// So many blocks.
pub(crate) fn pass(blocks: u64) {
	run_to(Clock::now() + blocks);
}

/// That `offender` did it just now, with evidence number `evidence`, brought by a stranger.
pub(crate) fn report(
	offender: &AccountId,
	fault: Fault,
	evidence: u8,
) -> FaultReport<AccountId, u64> {
	FaultReport {
		offender: offender.clone(),
		fault,
		happened: Clock::now(),
		session: 5,
		evidence: H256::repeat_byte(evidence),
		reporter: Some(STRANGER),
	}
}

/// Tells the pallet, as another pallet does.
pub(crate) fn tell(report: FaultReport<AccountId, u64>) -> DispatchResult {
	<Slashing as ReportFault<_, _>>::report_fault(report).map(|_| ())
}

/// Reports a fault that is accepted. Gives the number of its penalty.
pub(crate) fn accuse(offender: &AccountId, fault: Fault, evidence: u8) -> PenaltyId {
	let id = crate::NextPenalty::<Test>::get();
	assert_ok!(tell(report(offender, fault, evidence)));
	id
}

pub(crate) fn cancel(id: PenaltyId) -> DispatchResult {
	Slashing::cancel_penalty(RuntimeOrigin::root(), id)
}

/// What `account`'s node signs in `period`.
pub(crate) fn signed(account: &AccountId, period: u32) -> (Heartbeat, AppSignature) {
	let beat = Heartbeat { key: key(account), period };
	let signature = pair(account).sign(&beat.signing_payload(&genesis_hash()));
	(beat, signature)
}

pub(crate) fn call((beat, signature): (Heartbeat, AppSignature)) -> RuntimeCall {
	Call::heartbeat { beat, signature }.into()
}

/// What the pool says.
pub(crate) fn authorize(
	beat: (Heartbeat, AppSignature),
) -> Result<ValidTransaction, TransactionValidityError> {
	let verdict = call(beat).authorize(TransactionSource::External);
	verdict.expect("the call can be authorised").map(|(valid, _)| valid)
}

/// Dispatches without asking the pool, as nobody can on a real chain.
pub(crate) fn dispatch(
	beat: (Heartbeat, AppSignature),
) -> sp_runtime::DispatchResultWithInfo<frame_support::dispatch::PostDispatchInfo> {
	call(beat).dispatch(RawOrigin::Authorized.into())
}

/// The period that working time is in.
pub(crate) fn period() -> u32 {
	Slashing::current_period()
}
