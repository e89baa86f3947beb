//! A runtime of this pallet alone, with validators, a clock and an office for offences.

use crate as pallet_rwa_slashing;
use crate::{OffenderOf, Offline};
use frame_support::{assert_ok, derive_impl, parameter_types, traits::ConstU32};
use pallet_im_online::UnresponsivenessOffence;
use rwa_primitives::{traits::WorkingTime, AccountId};
use sp_runtime::{traits::IdentityLookup, BuildStorage, Perbill};
use sp_staking::{
	offence::{Offence, OffenceError, ReportOffence},
	SessionIndex,
};

pub(crate) type Block = frame_system::mocking::MockBlock<Test>;

/// Validators.
pub(crate) const ALICE: AccountId = AccountId::new([1; 32]);
pub(crate) const BOB: AccountId = AccountId::new([2; 32]);
pub(crate) const CHARLIE: AccountId = AccountId::new([3; 32]);
pub(crate) const DAVE: AccountId = AccountId::new([4; 32]);

/// Sessions after whose absence a validator is offline.
pub(crate) const LIMIT: u32 = 3;
/// Sessions whose turnout is kept.
pub(crate) const HISTORY: u32 = 4;
/// Blocks in a session of these tests.
pub(crate) const SESSION: u64 = 10;

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
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type AccountId = AccountId;
	type Block = Block;
	type Lookup = IdentityLookup<AccountId>;
}

parameter_types! {
	pub static Validators: Vec<AccountId> = Vec::new();
	/// Working blocks that the clock is behind.
	pub static Halted: u64 = 0;
	/// What was reported.
	pub static Reported: Vec<Offline<OffenderOf<Test>>> = Vec::new();
	/// The validators' tier.
	pub static Tier: Perbill = Perbill::from_percent(10);
}

impl pallet_rwa_slashing::Config for Test {
	type FullIdentification = ();
	type HistoryLength = ConstU32<HISTORY>;
	type MaxValidators = ConstU32<10>;
	type OfflineLimit = ConstU32<LIMIT>;
	type ReportOffline = Office;
	type SlashRate = Tier;
	type Validators = Validators;
	type WorkingTime = Clock;
}

/// Stands still when a test says so.
pub struct Clock;

impl WorkingTime<u64> for Clock {
	fn now() -> u64 {
		System::block_number() - Halted::get()
	}

	fn is_running() -> bool {
		true
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

/// Run `test` with four validators, then every invariant.
pub(crate) fn execute(test: impl FnOnce()) {
	Validators::set(vec![ALICE, BOB, CHARLIE, DAVE]);
	Halted::set(0);
	Reported::set(Vec::new());
	Tier::set(Perbill::from_percent(10));
	let storage = frame_system::GenesisConfig::<Test>::default()
		.build_storage()
		.expect("the default genesis is valid");
	sp_io::TestExternalities::new(storage).execute_with(|| {
		System::set_block_number(1);
		Slashing::start_session();
		test();
		assert_ok!(Slashing::do_try_state());
	});
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
