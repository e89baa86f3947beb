//! A runtime with assets that the tests give away, devices whose keys they hold, and a clock that they turn.

use std::collections::BTreeMap;

use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{
		fungible::{Inspect, InspectHold, Mutate},
		tokens::imbalance::ResolveTo,
		Time,
	},
};
use rwa_primitives::{
	device::{registration_payload, DeviceKey, DeviceSignature, Measurement, SignedMeasurement},
	feed::{FeedId, SourceKind},
	reading::Reading,
	traits::{AssetOwners, WorkingTime},
	AssetId, Balance, Moment,
};
use sp_core::{ecdsa, ed25519, sr25519, Pair, H256};
use sp_runtime::{BuildStorage, Perbill};

use crate::{self as pallet_rwa_devices, Event, HoldReason};

pub type Account = u64;
type Block = frame_system::mocking::MockBlockU32<Test>;

/// Owns [`ASSET`].
pub const OWNER: Account = 1;
/// Has money and owns nothing.
pub const STRANGER: Account = 2;
/// Has nothing.
pub const PAUPER: Account = 3;
pub const TREASURY: Account = 9;
/// The asset of most tests.
pub const ASSET: AssetId = 1;
/// [`OWNER`]'s, too.
pub const OTHER_ASSET: AssetId = 2;
/// Of nobody.
pub const NO_ASSET: AssetId = 3;
/// What everybody but [`PAUPER`] has at first.
pub const ENDOWMENT: Balance = 10_000;
pub const DEPOSIT: Balance = 1_000;
pub const RETIREMENT: u32 = 50;
/// When the devices measure, and what time it is.
pub const MEASURED_AT: Moment = 1_764_100_000_000;
pub const SKEW: Moment = 60_000;
pub const EXISTENTIAL_DEPOSIT: Balance = 10;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Devices: pallet_rwa_devices,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ExistentialDeposit;
	type AccountStore = System;
}

parameter_types! {
	pub const ExistentialDeposit: Balance = EXISTENTIAL_DEPOSIT;
	pub const TreasuryAccount: Account = TREASURY;

	pub static Now: u32 = 0;
	/// The time of day, in milliseconds.
	pub static TimeOfDay: Moment = 0;
	pub static Owners: BTreeMap<AssetId, Account> = BTreeMap::new();

	// The configuration, so that tests can spoil it.
	pub static DeviceDeposit: Balance = DEPOSIT;
	pub static ReporterShare: Perbill = Perbill::from_percent(10);
	pub static RetirementTime: u32 = RETIREMENT;
	pub static MaxClockSkew: Moment = SKEW;
	pub static MaxPage: u32 = 3;
}

pub struct LandRegister;
impl AssetOwners<Account> for LandRegister {
	fn owner_of(asset: AssetId) -> Option<Account> {
		Owners::get().get(&asset).copied()
	}
}

pub struct Clock;
impl WorkingTime<u32> for Clock {
	fn now() -> u32 {
		Now::get()
	}

	fn is_running() -> bool {
		true
	}
}

pub struct WallClock;
impl Time for WallClock {
	type Moment = Moment;

	fn now() -> Moment {
		TimeOfDay::get()
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper<Account, u32> for LandRegister {
	fn own(account: &Account, asset: AssetId) {
		assert_ok!(Balances::mint_into(account, ENDOWMENT));
		own(*account, asset);
	}

	fn pass(blocks: u32) {
		pass(blocks);
	}
}

impl crate::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Assets = LandRegister;
	type WorkingTime = Clock;
	type Forfeited = ResolveTo<TreasuryAccount, Balances>;
	type DeviceDeposit = DeviceDeposit;
	type ReporterShare = ReporterShare;
	type RetirementTime = RetirementTime;
	type TimeProvider = WallClock;
	type MaxClockSkew = MaxClockSkew;
	type MaxPage = MaxPage;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = LandRegister;
}

/// A chain in working block 5, where [`OWNER`] owns two assets.
pub struct ExtBuilder {
	device: bool,
}

impl Default for ExtBuilder {
	fn default() -> Self {
		Self { device: true }
	}
}

impl ExtBuilder {
	/// No device is registered; otherwise [`device`] is, on [`ASSET`].
	pub fn without_device(mut self) -> Self {
		self.device = false;
		self
	}

	pub fn build(self) -> sp_io::TestExternalities {
		reset();
		let storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
		let mut ext: sp_io::TestExternalities = storage.into();
		ext.execute_with(|| {
			frame_system::BlockHash::<Test>::insert(0, genesis_hash());
			System::set_block_number(1);
			for account in [OWNER, STRANGER, TREASURY] {
				assert_ok!(Balances::mint_into(&account, ENDOWMENT));
			}
			own(OWNER, ASSET);
			own(OWNER, OTHER_ASSET);
			if self.device {
				register(&device());
			}
			System::reset_events();
		});
		ext
	}

	#[cfg(feature = "runtime-benchmarks")]
	pub fn build_with_keystore(self) -> sp_io::TestExternalities {
		let mut ext = self.without_device().build();
		let keystore = sp_keystore::testing::MemoryKeystore::new();
		ext.register_extension(sp_keystore::KeystoreExt::new(keystore));
		ext
	}

	/// Run `test`, then every invariant: no test passes on a broken state, or if money came or went.
	pub fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			let issued = Balances::total_issuance();
			test();
			assert_ok!(Devices::do_try_state());
			assert_eq!(Balances::total_issuance(), issued, "money came or went");
		});
	}
}

/// Statics outlive a test when tests share a thread.
pub fn reset() {
	Now::set(5);
	Owners::set(BTreeMap::new());
	DeviceDeposit::set(DEPOSIT);
	ReporterShare::set(Perbill::from_percent(10));
	RetirementTime::set(RETIREMENT);
	TimeOfDay::set(MEASURED_AT);
	MaxClockSkew::set(SKEW);
	MaxPage::set(3);
}

pub fn genesis_hash() -> H256 {
	H256::repeat_byte(7)
}

/// `account` owns `asset` from now on.
pub fn own(account: Account, asset: AssetId) {
	Owners::mutate(|owners| owners.insert(asset, account));
}

pub fn pass(blocks: u32) {
	Now::mutate(|now| *now += blocks);
}

/// A device with its secret.
#[derive(Clone)]
pub enum Instrument {
	Ed25519(Box<ed25519::Pair>),
	Sr25519(sr25519::Pair),
	Secp256k1(ecdsa::Pair),
}

impl Instrument {
	pub fn key(&self) -> DeviceKey {
		match self {
			Self::Ed25519(pair) => DeviceKey::Ed25519(pair.public()),
			Self::Sr25519(pair) => DeviceKey::Sr25519(pair.public()),
			Self::Secp256k1(pair) => DeviceKey::Secp256k1(pair.public()),
		}
	}

	pub fn sign(&self, message: &[u8]) -> DeviceSignature {
		match self {
			Self::Ed25519(pair) => DeviceSignature::Ed25519(pair.sign(message)),
			Self::Sr25519(pair) => DeviceSignature::Sr25519(pair.sign(message)),
			Self::Secp256k1(pair) => DeviceSignature::Secp256k1(pair.sign(message)),
		}
	}

	/// Its agreement to measure `asset` for `owner`.
	pub fn proof(&self, owner: Account, asset: AssetId) -> DeviceSignature {
		self.sign(&registration_payload(&genesis_hash(), &owner, asset))
	}

	/// What it signs with `counter` when it measures `value` on [`ASSET`].
	pub fn measure(&self, counter: u64, value: i128) -> Box<SignedMeasurement> {
		self.sign_measurement(Measurement {
			device: self.key(),
			feed: feed(SourceKind::IotSensor),
			counter,
			taken_at: MEASURED_AT,
			reading: Reading::Scalar(value),
		})
	}

	pub fn sign_measurement(&self, measurement: Measurement) -> Box<SignedMeasurement> {
		let signature = self.sign(&measurement.signing_payload(&genesis_hash()));
		Box::new(SignedMeasurement { measurement, signature })
	}
}

/// The device of most tests.
pub fn device() -> Instrument {
	Instrument::Ed25519(Box::new(ed25519::Pair::from_seed(&[1; 32])))
}

/// Another one. `seed` is not 1.
pub fn other_device(seed: u8) -> Instrument {
	Instrument::Ed25519(Box::new(ed25519::Pair::from_seed(&[seed; 32])))
}

/// One of each kind.
pub fn instruments() -> [Instrument; 3] {
	[
		device(),
		Instrument::Sr25519(sr25519::Pair::from_seed(&[1; 32])),
		Instrument::Secp256k1(ecdsa::Pair::from_seed(&[1; 32])),
	]
}

pub const fn feed(source: SourceKind) -> FeedId {
	FeedId { asset: ASSET, source }
}

/// Registers an instrument of [`OWNER`]'s on [`ASSET`].
pub fn register(instrument: &Instrument) {
	let proof = instrument.proof(OWNER, ASSET);
	assert_ok!(Devices::register_device(by(OWNER), instrument.key(), ASSET, proof));
}

pub fn by(account: Account) -> RuntimeOrigin {
	RuntimeOrigin::signed(account)
}

pub fn free(account: Account) -> Balance {
	Balances::balance(&account)
}

pub fn held(account: Account) -> Balance {
	Balances::balance_on_hold(&HoldReason::DeviceDeposit.into(), &account)
}

/// This pallet's events since the last reset.
pub fn events() -> Vec<Event<Test>> {
	let ours = |record: frame_system::EventRecord<RuntimeEvent, H256>| match record.event {
		RuntimeEvent::Devices(event) => Some(event),
		_ => None,
	};
	System::events().into_iter().filter_map(ours).collect()
}
