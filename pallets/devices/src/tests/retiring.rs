//! Out of service, and away.

use frame_support::{assert_noop, assert_ok};
use rwa_primitives::device::DeviceState;

use crate::{mock::*, DevicesOf, Error, Event};

fn retire(who: Account) -> frame_support::dispatch::DispatchResult {
	Devices::retire_device(by(who), device().key())
}

fn remove(who: Account) -> frame_support::dispatch::DispatchResult {
	Devices::remove_device(by(who), device().key())
}

#[test]
fn a_retired_device_should_be_removed_when_its_time_is_over() {
	ExtBuilder::default().build_and_execute(|| {
		let key = device().key();
		assert_ok!(retire(OWNER));
		let removable_at = 5 + RETIREMENT;
		assert_eq!(events(), [Event::DeviceRetired { device: key.clone(), removable_at }]);
		let retired = Devices::device(key.clone()).unwrap();
		assert_eq!(retired.state, DeviceState::Retired { since: 5 });
		assert_eq!(held(OWNER), DEPOSIT, "it can still be condemned");

		pass(RETIREMENT - 1);
		assert_noop!(remove(OWNER), Error::<Test>::RetirementNotOver);
		pass(1);
		System::reset_events();
		assert_ok!(remove(OWNER));
		let (owner, deposit) = (OWNER, DEPOSIT);
		assert_eq!(events(), [Event::DeviceRemoved { device: key.clone(), owner, deposit }]);
		assert_eq!(Devices::device(key.clone()), None);
		assert!(!DevicesOf::<Test>::contains_key(ASSET, key));
		assert_eq!((free(OWNER), held(OWNER)), (ENDOWMENT, 0));
	});
}

#[test]
fn only_the_owners_of_device_and_asset_should_retire_it() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(retire(STRANGER), Error::<Test>::NotDeviceOwner);
		own(STRANGER, OTHER_ASSET);
		assert_noop!(retire(STRANGER), Error::<Test>::NotDeviceOwner);
		// Who registered it may, although the asset isn't its own any more.
		own(STRANGER, ASSET);
		assert_ok!(retire(OWNER));
	});
	ExtBuilder::default().build_and_execute(|| {
		own(STRANGER, ASSET);
		assert_ok!(retire(STRANGER));
	});
}

#[test]
fn anybody_should_remove_what_is_over_and_the_owner_have_its_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(retire(OWNER));
		pass(RETIREMENT);
		assert_ok!(remove(STRANGER));
		assert_eq!((free(OWNER), free(STRANGER)), (ENDOWMENT, ENDOWMENT));
	});
}

#[test]
fn a_device_in_service_should_not_be_removed() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(remove(OWNER), Error::<Test>::NotRetired);
	});
}

#[test]
fn nothing_should_be_retired_twice() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(retire(OWNER));
		pass(3);
		assert_noop!(retire(OWNER), Error::<Test>::AlreadyRetired);
	});
}

#[test]
fn a_device_that_is_not_there_should_be_neither_retired_nor_removed() {
	ExtBuilder::default().without_device().build_and_execute(|| {
		assert_noop!(retire(OWNER), Error::<Test>::UnknownDevice);
		assert_noop!(remove(OWNER), Error::<Test>::UnknownDevice);
	});
}

#[test]
fn a_condemned_device_should_be_neither_retired_nor_removed() {
	ExtBuilder::default().build_and_execute(|| {
		let (first, second) = (device().measure(1, 1), device().measure(1, 2));
		assert_ok!(Devices::condemn_device(by(STRANGER), first, second));
		assert_noop!(retire(OWNER), Error::<Test>::Condemned);
		pass(10 * RETIREMENT);
		assert_noop!(remove(OWNER), Error::<Test>::Condemned);
	});
}

#[test]
fn a_deposit_should_be_given_back_as_it_was_taken() {
	ExtBuilder::default().build_and_execute(|| {
		DeviceDeposit::set(2 * DEPOSIT);
		register(&other_device(2));
		assert_eq!(held(OWNER), 3 * DEPOSIT);
		assert_ok!(retire(OWNER));
		pass(RETIREMENT);
		assert_ok!(remove(OWNER));
		assert_eq!(held(OWNER), 2 * DEPOSIT);
	});
}
