//! Assets are sold, with the devices on them.

use frame_support::{assert_noop, assert_ok};
use rwa_primitives::device::DeviceState;
use sp_runtime::TokenError;

use crate::{mock::*, Error, Event};

fn adopt(who: Account) -> frame_support::dispatch::DispatchResult {
	Devices::adopt_device(by(who), device().key())
}

#[test]
fn the_new_owner_of_an_asset_should_take_over_its_devices() {
	ExtBuilder::default().build_and_execute(|| {
		own(STRANGER, ASSET);
		// Nothing has changed for the device meanwhile.
		assert_eq!(Devices::device(device().key()).unwrap().owner, OWNER);
		DeviceDeposit::set(DEPOSIT + 1);
		assert_ok!(adopt(STRANGER));
		let adopted = Devices::device(device().key()).unwrap();
		assert_eq!((adopted.owner, adopted.deposit), (STRANGER, DEPOSIT + 1));
		assert_eq!(adopted.state, DeviceState::Active);
		assert_eq!((held(OWNER), free(OWNER)), (0, ENDOWMENT));
		assert_eq!(held(STRANGER), DEPOSIT + 1);
		assert_eq!(
			events(),
			[Event::DeviceAdopted {
				device: device().key(),
				from: OWNER,
				owner: STRANGER,
				deposit: DEPOSIT + 1,
			}]
		);
		// It is the new owner's now, and only its.
		assert_noop!(
			Devices::retire_device(by(OWNER), device().key()),
			Error::<Test>::NotDeviceOwner
		);
	});
}

#[test]
fn nobody_else_should_take_over_a_device() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(adopt(STRANGER), Error::<Test>::NotAssetOwner);
		assert_noop!(adopt(OWNER), Error::<Test>::AlreadyOwner);
		own(PAUPER, ASSET);
		assert_noop!(adopt(PAUPER), TokenError::FundsUnavailable);
		assert_noop!(adopt(OWNER), Error::<Test>::NotAssetOwner);
	});
}

#[test]
fn a_device_that_is_not_there_should_not_be_taken_over() {
	ExtBuilder::default().without_device().build_and_execute(|| {
		assert_noop!(adopt(OWNER), Error::<Test>::UnknownDevice);
	});
}

/// Or who sells an asset could keep its devices from the buyer.
#[test]
fn a_retired_device_should_be_taken_over_and_back_into_service() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Devices::retire_device(by(OWNER), device().key()));
		assert_noop!(adopt(OWNER), Error::<Test>::AlreadyOwner);
		own(STRANGER, ASSET);
		assert_ok!(adopt(STRANGER));
		assert_eq!(Devices::device(device().key()).unwrap().state, DeviceState::Active);
		assert_eq!((held(OWNER), held(STRANGER)), (0, DEPOSIT));
		// Its time of retirement begins anew.
		pass(RETIREMENT);
		let remove = || Devices::remove_device(by(STRANGER), device().key());
		assert_noop!(remove(), Error::<Test>::NotRetired);
		assert_ok!(Devices::retire_device(by(STRANGER), device().key()));
		assert_noop!(remove(), Error::<Test>::RetirementNotOver);
	});
}

#[test]
fn a_condemned_device_should_not_be_taken_over() {
	ExtBuilder::default().build_and_execute(|| {
		let (first, second) = (device().measure(1, 1), device().measure(1, 2));
		assert_ok!(Devices::condemn_device(by(STRANGER), first, second));
		own(STRANGER, ASSET);
		assert_noop!(adopt(STRANGER), Error::<Test>::Condemned);
	});
}
