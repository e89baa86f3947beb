//! A runtime of only this pallet, whose halt is a switch.

use crate as pallet_rwa_clock;
use frame_support::{assert_ok, derive_impl, parameter_types};
use sp_io::TestExternalities;
use sp_runtime::BuildStorage;

pub(crate) type Block = frame_system::mocking::MockBlock<Test>;

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
	pub type Clock = pallet_rwa_clock;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
}

parameter_types! {
	/// The switch: whether the network is halted.
	pub static Halted: bool = false;
}

impl pallet_rwa_clock::Config for Test {
	type Halted = Halted;
	type WeightInfo = ();
}

/// Builds a chain at genesis that is not halted.
pub(crate) struct ExtBuilder;

impl ExtBuilder {
	/// The chain's state, for what needs it bare.
	pub(crate) fn build(self) -> TestExternalities {
		Halted::set(false);
		let storage = frame_system::GenesisConfig::<Test>::default().build_storage();
		storage.expect("the default genesis is valid").into()
	}

	/// Run `test`, then every invariant: no test passes on a broken state.
	pub(crate) fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			assert_ok!(Clock::do_try_state());
		});
	}
}

/// Author `count` blocks; leaves off inside the last one, after its hooks.
pub(crate) fn author(count: u64) {
	System::run_to_block::<AllPalletsWithSystem>(System::block_number() + count);
}
