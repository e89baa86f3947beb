//! A runtime with storage nodes whose keys the tests hold, a documents' owner, and a clock that they turn.

use std::{
	cell::RefCell,
	collections::{BTreeMap, BTreeSet},
};

use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{
		fungible::{Inspect, InspectHold, Mutate},
		Authorize, Get, Hooks, Randomness,
	},
	weights::Weight,
};
use frame_system::{
	limits::{BlockLength, BlockWeights},
	RawOrigin,
};
use rwa_primitives::{
	app_key::{AppPair, AppPublic, AppSignature, Role},
	fault::{FaultReport, PendingPenalty},
	ipfs::{Cid, Codec, Layout},
	node::Region,
	storage::{Act, DocumentId, DocumentKind, Notice, ReplicaIndex, StorageProof},
	traits::{
		Announcers, AppKeys, AssetOwners, Conduct, ReportFault, Reputation, Stakes, Whereabouts,
		WorkingTime,
	},
	AssetId, Balance,
};
use sp_core::{Pair, H256};
use sp_runtime::{
	generic,
	testing::TestSignature,
	traits::{BlakeTwo256, Dispatchable, Hash},
	transaction_validity::{TransactionSource, TransactionValidityError, ValidTransaction},
	BuildStorage, DispatchError, DispatchResultWithInfo, Perbill,
};

use crate::{
	self as pallet_rwa_documents,
	dag::{node, Child},
	Call, Challenge, DocumentOf, Documents as Stored, Event, File, HoldReason, Placement,
	PlacementOf, StorageNodeOf,
};

pub type Account = u64;
pub type TxExtension = frame_system::AuthorizeCall<Test>;
pub type Extrinsic = generic::UncheckedExtrinsic<Account, RuntimeCall, TestSignature, TxExtension>;
type Block = generic::Block<generic::Header<u32, BlakeTwo256>, Extrinsic>;

/// Owns [`ASSET`] and registers documents.
pub const OWNER: Account = 60;
pub const ASSET: AssetId = 1;
pub const TREASURY: Account = 61;
/// Has money and nothing to do with documents.
pub const BYSTANDER: Account = 62;
/// Has the outer keys, where a test gives them to somebody.
pub const DELEGATE: Account = 63;
/// What everybody has at first.
pub const ENDOWMENT: Balance = 10_000_000;
/// What a vote weighs, unless a test says otherwise.
pub const WEIGHT: u128 = 100;
/// Bytes that nodes say they have room for, unless a test says otherwise.
pub const CAPACITY: u64 = 1 << 30;
/// Bytes of a replica of the tests: 25 leaves and a node above them, which is the root.
pub const SIZE: u64 = 25 * 4_096;
/// Leaves of it.
pub const LEAVES: u128 = 25;
/// Working blocks for which the tests register documents.
pub const TERM: u32 = 1_000;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Documents: pallet_rwa_documents,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type BlockWeights = Limits;
	type BlockLength = Limits;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ExistentialDeposit;
	type AccountStore = System;
}

type Fault = FaultReport<Account, u32>;

parameter_types! {
	pub const ExistentialDeposit: Balance = 100;
	pub const TreasuryAccount: Account = TREASURY;
	pub const ProofPriority: u64 = 1 << 20;

	// The clock, the registry, the court, the owners and the dice.
	pub static Now: u32 = 0;
	pub static Running: bool = true;
	pub static Operators: BTreeMap<AppPublic, (Account, Role)> = BTreeMap::new();
	pub static Inactive: BTreeSet<Account> = BTreeSet::new();
	pub static Weights: BTreeMap<Account, u128> = BTreeMap::new();
	pub static AtStake: BTreeMap<Account, Balance> = BTreeMap::new();
	pub static Regions: BTreeMap<Account, Region> = BTreeMap::new();
	pub static Hosts: BTreeMap<Account, H256> = BTreeMap::new();
	pub static Accused: Vec<Fault> = Vec::new();
	pub static Seized: Vec<(Account, Balance)> = Vec::new();
	pub static Lenient: bool = false;
	pub static Jobs: Vec<(Account, Account)> = Vec::new();
	pub static Facts: Vec<(Account, bool)> = Vec::new();
	pub static Owners: BTreeMap<AssetId, Account> = BTreeMap::new();
	pub static Allowances: BTreeMap<Account, u32> = BTreeMap::new();
	pub static Dice: Option<u64> = Some(1);
	/// All the money that the tests have made.
	pub static Endowed: Balance = 0;

	// The configuration, so that tests can spoil it.
	pub static MaxBlock: Weight = Weight::MAX;
	pub static MinReplicaSize: u64 = 4_096;
	pub static MaxReplicaSize: u64 = 1 << 24;
	pub static StoragePrice: Balance = 2;
	pub static RepairFee: Balance = 1_000;
	pub static RepairPrice: Balance = 10;
	pub static ChallengeFee: Balance = 50;
	pub static DocumentDeposit: Balance = 500;
	pub static EnvelopeDeposit: Balance = 70;
	pub static ReaderKeyDeposit: Balance = 30;
	pub static NodeDeposit: Balance = 200;
	pub static MinTerm: u32 = 10;
	pub static MaxTerm: u32 = 10_000;
	pub static Grace: u32 = 100;
	pub static MaxEnvelopes: u32 = 3;
	pub static MaxEnvelopeSize: u32 = 144;
	pub static MaxRepairers: u32 = 2;
	pub static DrawnRepairers: u32 = 1;
	pub static MaxNodes: u32 = 30;
	pub static MaxReplicasPerNode: u32 = 64;
	pub static NewcomerSpace: u64 = 1 << 26;
	pub static DrawDelay: u32 = 2;
	pub static ConfirmTime: u32 = 20;
	pub static TransferRate: u64 = 1 << 20;
	pub static RepairGrace: u32 = 15;
	pub static RetryDelay: u32 = 4;
	pub static MaxTries: u32 = 4;
	pub static MaxRepairTries: u32 = 6;
	pub static LeastJob: Balance = 1_000;
	pub static LeastProven: u64 = SIZE;
	pub static MaxLapses: u32 = 3;
	pub static ChallengePeriod: u32 = 50;
	pub static ChallengeTime: u32 = 10;
	pub static MinChallenges: u32 = 2;
	pub static MaxChallenges: u32 = 8;
	pub static StakePerChallenge: Balance = 1_000;
	pub static MaxRechecks: u32 = 4;
	pub static StrikeLimit: u32 = 2;
	pub static LossLimit: u32 = 3;
	pub static MaxEvictionsPerBlock: u32 = 2;
	pub static MaxEvictionsPerPeriod: u32 = 100;
	pub static CongestionThreshold: Perbill = Perbill::from_percent(80);
	pub static MaxDuePerBlock: u32 = 32;
}

/// What fits into a block.
pub struct Limits;
impl Get<BlockWeights> for Limits {
	fn get() -> BlockWeights {
		BlockWeights::simple_max(MaxBlock::get())
	}
}
impl Get<BlockLength> for Limits {
	fn get() -> BlockLength {
		BlockLength::builder().max_length(1_000).build()
	}
}

/// Who works, as whom, how well, and where.
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

impl Stakes<Account, Balance, u32> for Registry {
	fn role_of(who: &Account) -> Option<Role> {
		let operators = Operators::get();
		operators.values().find(|(account, _)| account == who).map(|(_, role)| *role)
	}

	fn at_stake(who: &Account) -> Balance {
		AtStake::get().get(who).copied().unwrap_or_default()
	}

	fn slash_rate(_: Role, _: u32) -> Perbill {
		panic!("who punishes asks for this")
	}

	fn seize(
		who: &Account,
		amount: Balance,
		reporter: Option<&Account>,
		_: Perbill,
	) -> (Balance, Balance) {
		assert_eq!(reporter, None, "nobody has a part in it");
		Seized::mutate(|seized| seized.push((*who, amount)));
		(amount, 0)
	}

	fn unbonding_period() -> u32 {
		panic!("who punishes asks for this")
	}
}

impl Whereabouts<Account> for Registry {
	fn region_of(who: &Account) -> Option<Region> {
		Regions::get().get(who).copied()
	}

	fn host_of(who: &Account) -> Option<H256> {
		Hosts::get().get(who).copied()
	}
}

impl Conduct<Account> for Registry {
	fn note_proven(who: &Account, right: bool) {
		Facts::mutate(|facts| facts.push((*who, right)));
	}

	fn note_finished_job(node: &Account, client: &Account) -> Result<(), DispatchError> {
		Jobs::mutate(|jobs| jobs.push((*node, *client)));
		Ok(())
	}
}

/// Takes each fault once, unless it is lenient.
pub struct Court;
impl ReportFault<Account, u32> for Court {
	fn report_fault(report: Fault) -> Result<Option<PendingPenalty<u32>>, DispatchError> {
		if Lenient::get() {
			return Err(OUT_OF_REACH);
		}
		let known = |fault: &Fault| fault.evidence == report.evidence;
		assert!(!Accused::get().iter().any(known), "the same evidence was reported twice");
		Accused::mutate(|faults| faults.push(report));
		Ok(None)
	}
}

/// What a lenient court says.
pub const OUT_OF_REACH: DispatchError = DispatchError::Unavailable;

pub struct LandRegister;
impl AssetOwners<Account> for LandRegister {
	fn owner_of(asset: AssetId) -> Option<Account> {
		Owners::get().get(&asset).copied()
	}
}

impl Announcers<Account> for Allowances {
	fn allow(who: &Account) {
		Self::mutate(|allowances| *allowances.entry(*who).or_default() += 1);
	}

	fn disallow(who: &Account) {
		Self::mutate(|allowances| *allowances.entry(*who).or_default() -= 1);
	}

	fn allowed(who: &Account) -> u32 {
		Self::get().get(who).copied().unwrap_or(0)
	}
}

/// Other in every block, and the same in every run.
pub struct Random;
impl Randomness<Option<H256>, u32> for Random {
	fn random(_: &[u8]) -> (Option<H256>, u32) {
		let block = System::block_number();
		(Dice::get().map(|seed| BlakeTwo256::hash_of(&(seed, block))), block)
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

#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper<Account> for Registry {
	fn register_storage_node(account: &Account, key: &AppPublic, place: u32) {
		endow(*account);
		Operators::mutate(|keys| keys.insert(key.clone(), (*account, Role::Storage)));
		locate(*account, place);
	}

	fn own(account: &Account, asset: AssetId) {
		// Every run of a benchmark begins anew, but only its storage is forgotten.
		Accused::set(Vec::new());
		endow(*account);
		Owners::mutate(|owners| owners.insert(asset, *account));
	}

	fn endow(account: &Account) {
		endow(*account);
	}
}

impl crate::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type AppKeys = Registry;
	type Reputation = Registry;
	type Stakes = Registry;
	type Whereabouts = Registry;
	type Conduct = Registry;
	type Faults = Court;
	type Assets = LandRegister;
	type Announcers = Allowances;
	type Randomness = Random;
	type WorkingTime = Clock;
	type Treasury = TreasuryAccount;
	type MinReplicaSize = MinReplicaSize;
	type MaxReplicaSize = MaxReplicaSize;
	type StoragePrice = StoragePrice;
	type RepairFee = RepairFee;
	type RepairPrice = RepairPrice;
	type ChallengeFee = ChallengeFee;
	type DocumentDeposit = DocumentDeposit;
	type EnvelopeDeposit = EnvelopeDeposit;
	type ReaderKeyDeposit = ReaderKeyDeposit;
	type NodeDeposit = NodeDeposit;
	type MinTerm = MinTerm;
	type MaxTerm = MaxTerm;
	type Grace = Grace;
	type MaxEnvelopes = MaxEnvelopes;
	type MaxEnvelopeSize = MaxEnvelopeSize;
	type MaxRepairers = MaxRepairers;
	type DrawnRepairers = DrawnRepairers;
	type MaxNodes = MaxNodes;
	type MaxReplicasPerNode = MaxReplicasPerNode;
	type NewcomerSpace = NewcomerSpace;
	type DrawDelay = DrawDelay;
	type ConfirmTime = ConfirmTime;
	type TransferRate = TransferRate;
	type RepairGrace = RepairGrace;
	type RetryDelay = RetryDelay;
	type MaxTries = MaxTries;
	type MaxRepairTries = MaxRepairTries;
	type LeastJob = LeastJob;
	type LeastProven = LeastProven;
	type MaxLapses = MaxLapses;
	type ChallengePeriod = ChallengePeriod;
	type ChallengeTime = ChallengeTime;
	type MinChallenges = MinChallenges;
	type MaxChallenges = MaxChallenges;
	type StakePerChallenge = StakePerChallenge;
	type MaxRechecks = MaxRechecks;
	type StrikeLimit = StrikeLimit;
	type LossLimit = LossLimit;
	type MaxEvictionsPerBlock = MaxEvictionsPerBlock;
	type MaxEvictionsPerPeriod = MaxEvictionsPerPeriod;
	type CongestionThreshold = CongestionThreshold;
	type MaxDuePerBlock = MaxDuePerBlock;
	type ProofPriority = ProofPriority;
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

/// A chain with storage nodes, accounts 1, 2, 3 …, each in a region and on a machine of its own, which have said how
/// much they can keep, long enough ago that it counts.
pub struct ExtBuilder {
	nodes: u64,
}

impl Default for ExtBuilder {
	fn default() -> Self {
		Self { nodes: 5 }
	}
}

impl ExtBuilder {
	/// How many nodes there are.
	pub fn nodes(mut self, nodes: u64) -> Self {
		self.nodes = nodes;
		self
	}

	pub fn build(self) -> sp_io::TestExternalities {
		reset();
		let storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
		let mut ext: sp_io::TestExternalities = storage.into();
		ext.execute_with(|| {
			frame_system::BlockHash::<Test>::insert(0, genesis_hash());
			[OWNER, TREASURY, BYSTANDER, DELEGATE].into_iter().for_each(endow);
			Owners::mutate(|owners| owners.insert(ASSET, OWNER));
			to_next_block();
			(1..=self.nodes).for_each(serve);
			run_for(DrawDelay::get());
			System::reset_events();
		});
		ext
	}

	#[cfg(feature = "runtime-benchmarks")]
	pub fn build_with_keystore(self) -> sp_io::TestExternalities {
		let mut ext = self.nodes(0).build();
		let keystore = sp_keystore::testing::MemoryKeystore::new();
		ext.register_extension(sp_keystore::KeystoreExt::new(keystore));
		ext
	}

	/// Run `test`, then every invariant: no test passes on a broken state, or if money came or went.
	pub fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			check();
		});
	}
}

/// Every invariant.
pub fn check() {
	assert_ok!(Documents::do_try_state());
	assert_eq!(Balances::total_issuance(), Endowed::get(), "money came or went");
}

/// Statics outlive a test when tests share a thread.
pub fn reset() {
	Now::set(0);
	Running::set(true);
	Operators::set(BTreeMap::new());
	Inactive::set(BTreeSet::new());
	Weights::set(BTreeMap::new());
	AtStake::set(BTreeMap::new());
	Regions::set(BTreeMap::new());
	Hosts::set(BTreeMap::new());
	Accused::set(Vec::new());
	Seized::set(Vec::new());
	Lenient::set(false);
	Jobs::set(Vec::new());
	Facts::set(Vec::new());
	Owners::set(BTreeMap::new());
	Allowances::set(BTreeMap::new());
	Dice::set(Some(1));
	Endowed::set(0);
	MaxBlock::set(Weight::MAX);
	MinReplicaSize::set(4_096);
	MaxReplicaSize::set(1 << 24);
	StoragePrice::set(2);
	RepairFee::set(1_000);
	RepairPrice::set(10);
	ChallengeFee::set(50);
	DocumentDeposit::set(500);
	EnvelopeDeposit::set(70);
	ReaderKeyDeposit::set(30);
	NodeDeposit::set(200);
	MinTerm::set(10);
	MaxTerm::set(10_000);
	Grace::set(100);
	MaxEnvelopes::set(3);
	MaxEnvelopeSize::set(144);
	MaxRepairers::set(2);
	DrawnRepairers::set(1);
	MaxNodes::set(30);
	MaxReplicasPerNode::set(64);
	NewcomerSpace::set(1 << 26);
	DrawDelay::set(2);
	ConfirmTime::set(20);
	TransferRate::set(1 << 20);
	RepairGrace::set(15);
	RetryDelay::set(4);
	MaxTries::set(4);
	MaxRepairTries::set(6);
	LeastJob::set(1_000);
	LeastProven::set(SIZE);
	MaxLapses::set(3);
	ChallengePeriod::set(50);
	ChallengeTime::set(10);
	MinChallenges::set(2);
	MaxChallenges::set(8);
	StakePerChallenge::set(1_000);
	MaxRechecks::set(4);
	StrikeLimit::set(2);
	LossLimit::set(3);
	MaxEvictionsPerBlock::set(2);
	MaxEvictionsPerPeriod::set(100);
	CongestionThreshold::set(Perbill::from_percent(80));
	MaxDuePerBlock::set(32);
	FILES.with_borrow_mut(BTreeMap::clear);
	LOST.with_borrow_mut(BTreeSet::clear);
}

pub fn genesis_hash() -> H256 {
	H256::repeat_byte(7)
}

pub fn by(account: Account) -> RuntimeOrigin {
	RuntimeOrigin::signed(account)
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

/// Of which an account's app key is made.
pub fn seed(account: Account) -> String {
	format!("//Storage//{account}")
}

pub fn pair(account: Account) -> AppPair {
	AppPair::from_string(&seed(account), None).unwrap()
}

pub fn key(account: Account) -> AppPublic {
	pair(account).public()
}

/// Puts a node into region and on machine number `place`.
pub fn locate(account: Account, place: u32) {
	let letter = |number: u32| b'A' + u8::try_from(number % 26).unwrap();
	let region = Region([letter(place / 26), letter(place)]);
	Regions::mutate(|regions| regions.insert(account, region));
	Hosts::mutate(|hosts| hosts.insert(account, BlakeTwo256::hash_of(&place)));
}

/// Makes `account` a storage operator with a key, some money, and a place of its own.
pub fn register(account: Account) {
	endow(account);
	Operators::mutate(|keys| keys.insert(key(account), (account, Role::Storage)));
	locate(account, u32::try_from(account).unwrap());
}

/// Makes `account` a storage node.
pub fn serve(account: Account) {
	register(account);
	assert_ok!(Documents::declare_capacity(by(account), CAPACITY));
}

// --- Files ----------------------------------------------------------------------------------------

/// A file in IPFS, as [`Layout::DOCUMENT`] cuts it: made from the leaves up, where the checks go from the root down.
/// Up to 1,024 leaves, which are two heights of nodes.
#[derive(Clone)]
pub struct Dag {
	pub file: File,
	/// Leaves first, root last.
	heights: Vec<Vec<Vec<u8>>>,
}

thread_local! {
	/// All files that were ever made, by their CIDs.
	static FILES: RefCell<BTreeMap<Cid, Dag>> = const { RefCell::new(BTreeMap::new()) };
	/// Replicas that nodes have lost.
	static LOST: RefCell<BTreeSet<(Account, Cid)>> = const { RefCell::new(BTreeSet::new()) };
	/// Single leaves that nodes have lost.
	static HOLES: RefCell<BTreeSet<(Account, Cid, u64)>> = const { RefCell::new(BTreeSet::new()) };
}

fn cid_of(codec: Codec, block: &[u8]) -> Cid {
	Cid::new(codec, sp_io::hashing::sha2_256(block))
}

impl Dag {
	/// A file of `size` bytes that is like no other of another `seed`.
	pub fn new(seed: u64, size: u64) -> Self {
		let mut content = Vec::new();
		let mut counter = 0u64;
		while (content.len() as u64) < size {
			content.extend(sp_io::hashing::blake2_256(
				&[seed.to_le_bytes(), counter.to_le_bytes()].concat(),
			));
			counter += 1;
		}
		content.truncate(size as usize);
		let chunk = Layout::DOCUMENT.chunk() as usize;
		let links = Layout::DOCUMENT.links() as usize;
		let leaves: Vec<_> = content.chunks(chunk).map(<[u8]>::to_vec).collect();
		let child = |codec, block: &[u8], share, below: u64| Child {
			cid: cid_of(codec, block),
			share,
			total: below + block.len() as u64,
		};
		let mut below: Vec<_> =
			leaves.iter().map(|leaf| child(Codec::Raw, leaf, leaf.len() as u64, 0)).collect();
		let mut heights = vec![leaves];
		while below.len() > 1 {
			let nodes: Vec<_> = below.chunks(links).map(node).collect();
			let sum =
				|of: fn(&Child) -> u64, children: &[Child]| children.iter().map(of).sum::<u64>();
			below = nodes
				.iter()
				.zip(below.chunks(links))
				.map(|(bytes, children)| {
					let share = sum(|one| one.share, children);
					child(Codec::DagPb, bytes, share, sum(|one| one.total, children))
				})
				.collect();
			heights.push(nodes);
		}
		let dag = Self { file: File { cid: below[0].cid, size }, heights };
		FILES.with_borrow_mut(|files| files.insert(dag.file.cid, dag.clone()));
		dag
	}

	/// The blocks from the root to a leaf.
	pub fn proof(&self, leaf: u64) -> Vec<Vec<u8>> {
		let mut index = leaf as usize;
		let mut blocks = Vec::new();
		for height in &self.heights {
			blocks.push(height[index].clone());
			index /= Layout::DOCUMENT.links() as usize;
		}
		blocks.reverse();
		blocks
	}
}

/// The file of this CID.
pub fn dag(cid: &Cid) -> Dag {
	FILES.with_borrow(|files| files.get(cid).expect("the file was made").clone())
}

/// Three replicas of a document.
pub fn files(seed: u64, size: u64) -> [File; 3] {
	[0, 1, 2].map(|replica| Dag::new(seed * 3 + replica, size).file)
}

// --- Documents and nodes --------------------------------------------------------------------------

/// Registers a document of [`OWNER`]'s of [`SIZE`] bytes for [`TERM`]. Its number.
pub fn publish() -> DocumentId {
	publish_sized(SIZE)
}

pub fn publish_sized(size: u64) -> DocumentId {
	let id = crate::NextDocument::<Test>::get();
	let expires_at = Now::get() + TERM;
	let files = files(id, size);
	let kind = DocumentKind::Title;
	assert_ok!(Documents::register_document(by(OWNER), ASSET, kind, expires_at, files));
	id
}

/// Registers a document, and lets the nodes that are drawn confirm. Its number, and who holds its replicas.
pub fn keep() -> (DocumentId, [Account; 3]) {
	let id = publish();
	(id, place(id))
}

/// So many documents, each of which is kept before the next is registered.
pub fn keep_many(count: u32) {
	for _ in 0..count {
		keep();
	}
}

/// Blocks from a document's registration to the draw for the last of its replicas.
pub fn draws() -> u32 {
	DrawDelay::get() + 2
}

/// Blocks until nodes are drawn for all replicas of a document, and they confirm. Who they are.
pub fn place(id: DocumentId) -> [Account; 3] {
	run_for(draws());
	[0, 1, 2].map(|replica| {
		let node = newcomer(id, replica).expect("a node was drawn");
		confirm(node, id, replica);
		node
	})
}

pub fn stored(id: DocumentId) -> DocumentOf<Test> {
	Stored::<Test>::get(id).expect("the document exists")
}

pub fn placement(id: DocumentId, replica: ReplicaIndex) -> PlacementOf<Test> {
	stored(id).replicas[usize::from(replica)].placement.clone()
}

pub fn holder(id: DocumentId, replica: ReplicaIndex) -> Option<Account> {
	placement(id, replica).holder().map(|(place, _)| place.node)
}

pub fn newcomer(id: DocumentId, replica: ReplicaIndex) -> Option<Account> {
	placement(id, replica).newcomer().map(|place| place.node)
}

pub fn is_waiting(id: DocumentId, replica: ReplicaIndex) -> bool {
	matches!(placement(id, replica), Placement::Waiting { .. })
}

pub fn node_entry(account: Account) -> StorageNodeOf<Test> {
	Documents::storage_node(account).expect("the node exists")
}

/// Gives `account` a key for readers. Its number.
pub fn give_key(account: Account) -> u64 {
	endow(account);
	let key = sp_io::hashing::blake2_256(&account.to_le_bytes());
	assert_ok!(Documents::set_reader_key(by(account), key));
	Documents::reader_key(account).unwrap().version
}

/// Gives the first nodes keys for readers.
pub fn give_keys(nodes: u64) {
	for node in 1..=nodes {
		give_key(node);
	}
}

/// Some sealed bytes.
pub fn sealed() -> crate::SealedOf<Test> {
	vec![1; 80].try_into().unwrap()
}

/// Makes [`DELEGATE`] a repairer of a document.
pub fn delegate(id: DocumentId) {
	let version = match Documents::reader_key(DELEGATE) {
		Some(key) => key.version,
		None => give_key(DELEGATE),
	};
	let purpose = crate::Purpose::Repair;
	assert_ok!(Documents::add_envelope(by(OWNER), id, purpose, DELEGATE, version, sealed()));
}

/// What `account`'s node says about a replica now.
pub fn notice(account: Account, id: DocumentId, replica: ReplicaIndex, act: Act) -> Notice {
	let epoch = stored(id).replicas[usize::from(replica)].epoch;
	Notice { key: key(account), document: id, replica, epoch, act }
}

pub type Signed = (Notice, AppSignature);

pub fn sign(account: Account, notice: Notice) -> Signed {
	let signature = pair(account).sign(&notice.signing_payload(&genesis_hash()));
	(notice, signature)
}

pub fn notify_call((notice, signature): Signed) -> RuntimeCall {
	Call::notify { notice, signature }.into()
}

/// What the pool says.
pub fn authorize(call: RuntimeCall) -> Result<ValidTransaction, TransactionValidityError> {
	let verdict = call.authorize(TransactionSource::External);
	verdict.expect("the call can be authorised").map(|(valid, _)| valid)
}

/// Dispatches without asking the pool, as nobody can on a real chain.
pub fn dispatch(
	call: RuntimeCall,
) -> DispatchResultWithInfo<frame_support::dispatch::PostDispatchInfo> {
	call.dispatch(RawOrigin::Authorized.into())
}

/// The pool accepts the notice, and a block includes it.
pub fn say(account: Account, id: DocumentId, replica: ReplicaIndex, act: Act) {
	let call = notify_call(sign(account, notice(account, id, replica, act)));
	assert_ok!(authorize(call.clone()));
	assert_ok!(dispatch(call));
}

pub fn confirm(account: Account, id: DocumentId, replica: ReplicaIndex) {
	say(account, id, replica, Act::Confirm);
}

/// `account` loses all that it has of a replica.
pub fn forget(account: Account, id: DocumentId, replica: ReplicaIndex) {
	let cid = stored(id).replicas[usize::from(replica)].file.cid;
	LOST.with_borrow_mut(|lost| lost.insert((account, cid)));
}

/// A node loses one leaf of a replica.
pub fn punch(account: Account, id: DocumentId, replica: ReplicaIndex, leaf: u64) {
	let cid = stored(id).replicas[usize::from(replica)].file.cid;
	HOLES.with_borrow_mut(|holes| holes.insert((account, cid, leaf)));
}

/// The answer to a challenge, as a node that has everything makes it.
pub fn answer(account: Account, challenge: &Challenge<u32>) -> (StorageProof, AppSignature) {
	let blocks = dag(&challenge.file.cid).proof(challenge.leaf);
	sign_proof(account, challenge.round, challenge.number, blocks)
}

pub fn sign_proof(
	account: Account,
	round: u32,
	challenge: u32,
	blocks: Vec<Vec<u8>>,
) -> (StorageProof, AppSignature) {
	let blocks: Vec<_> = blocks.into_iter().map(|block| block.try_into().unwrap()).collect();
	let blocks = blocks.try_into().unwrap();
	let proof = StorageProof { key: key(account), round, challenge, blocks };
	let signature = pair(account).sign(&proof.signing_payload(&genesis_hash()));
	(proof, signature)
}

pub fn prove_call((proof, signature): (StorageProof, AppSignature)) -> RuntimeCall {
	Call::prove { proof, signature }.into()
}

/// `account` answers all that it can. How many that were.
pub fn answer_all(account: Account) -> u32 {
	let mut answered = 0;
	for challenge in Documents::due_challenges(account) {
		let cid = challenge.file.cid;
		let lost = LOST.with_borrow(|lost| lost.contains(&(account, cid)));
		let leaf = (account, cid, challenge.leaf);
		if lost || HOLES.with_borrow(|holes| holes.contains(&leaf)) {
			continue;
		}
		let call = prove_call(answer(account, &challenge));
		assert_ok!(authorize(call.clone()));
		assert_ok!(dispatch(call));
		answered += 1;
	}
	answered
}

// --- Time -----------------------------------------------------------------------------------------

/// One block, and with it one working block unless the network is halted.
pub fn to_next_block() {
	Documents::on_finalize(System::block_number());
	System::set_block_number(System::block_number() + 1);
	System::reset_events();
	frame_system::BlockWeight::<Test>::kill();
	frame_system::BlockSize::<Test>::kill();
	if Running::get() {
		Now::mutate(|now| *now += 1);
	}
	Documents::on_initialize(System::block_number());
}

/// So many blocks.
pub fn run_for(blocks: u32) {
	(0..blocks).for_each(|_| to_next_block());
}

/// So many blocks, in which all of `nodes` answer what they can.
pub fn run_answering(blocks: u32, nodes: &[Account]) {
	for _ in 0..blocks {
		to_next_block();
		for node in nodes {
			answer_all(*node);
		}
	}
}

/// Blocks in which the first five nodes answer, until the working time is `now`.
pub fn run_to(now: u32) {
	while Now::get() < now {
		run_answering(1, &[1, 2, 3, 4, 5]);
	}
}

/// At most so many blocks, in which `nodes` answer, until `reached` is true.
pub fn run_until(most: u32, nodes: &[Account], reached: impl Fn() -> bool) {
	for _ in 0..most {
		if reached() {
			return;
		}
		run_answering(1, nodes);
	}
	assert!(reached(), "not reached in {most} blocks");
}

/// Blocks until a round of `account`'s is open.
pub fn to_round(account: Account) {
	for _ in 0..=2 * ChallengePeriod::get() {
		if crate::Rounds::<Test>::contains_key(account) {
			return;
		}
		to_next_block();
	}
	panic!("no round opens within two periods");
}

/// Blocks until no round of `account`'s is open. Leaves the events of the block in which it ended.
pub fn to_end_of_round(account: Account) {
	while crate::Rounds::<Test>::contains_key(account) {
		to_next_block();
	}
}

/// This pallet's events of the current block.
pub fn events() -> Vec<Event<Test>> {
	let ours = |record: frame_system::EventRecord<RuntimeEvent, H256>| match record.event {
		RuntimeEvent::Documents(event) => Some(event),
		_ => None,
	};
	System::events().into_iter().filter_map(ours).collect()
}

pub fn last_event() -> Event<Test> {
	events().pop().expect("something happened")
}
