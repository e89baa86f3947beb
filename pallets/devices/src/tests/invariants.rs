//! `try_state` notices each invariant that is broken, by its number.

use frame_support::{
	assert_ok,
	traits::{fungible::UnbalancedHold, tokens::Precision},
};
use rwa_primitives::{device::DeviceState, feed::SourceKind, traits::Devices as _};

use crate::{mock::*, DeviceOf, DevicesOf, HoldReason};

/// In a chain with a device in service and a condemned one, `spoil` breaks the invariant that the error begins with.
#[track_caller]
fn assert_broken(number: &str, spoil: impl FnOnce()) {
	ExtBuilder::default().build().execute_with(|| {
		register(&other_device(2));
		assert_ok!(Devices::condemn(&other_device(2).key(), &STRANGER));
		Devices::note_counter(&device().key(), &feed(SourceKind::IotSensor), 17);
		assert_eq!(Devices::do_try_state(), Ok(()));
		spoil();
		let error = Devices::do_try_state().expect_err("it is broken");
		let sp_runtime::TryRuntimeError::Other(message) = error else { panic!("{error:?}") };
		assert!(message.starts_with(&format!("{number}: ")), "{message}");
	});
}

fn change(seed: u8, change: impl FnOnce(&mut DeviceOf<Test>)) {
	let key = other_device(seed).key();
	crate::Devices::<Test>::mutate(key, |device| change(device.as_mut().unwrap()));
}

#[test]
fn lists_are_checked() {
	assert_broken("V1", || DevicesOf::<Test>::remove(ASSET, device().key()));
	assert_broken("V1", || DevicesOf::<Test>::insert(ASSET, other_device(3).key(), ()));
	assert_broken("V1", || DevicesOf::<Test>::insert(OTHER_ASSET, device().key(), ()));
	assert_broken("V1", || change(1, |device| device.asset = OTHER_ASSET));
}

#[test]
fn deposits_are_checked() {
	assert_broken("V2", || change(1, |device| device.deposit += 1));
	assert_broken("V2", || change(1, |device| device.owner = STRANGER));
	assert_broken("V2", || {
		let reason = HoldReason::DeviceDeposit.into();
		Balances::increase_balance_on_hold(&reason, &OWNER, 1, Precision::Exact).unwrap();
	});
}

#[test]
fn states_are_checked() {
	assert_broken("V3", || change(1, |device| device.state = DeviceState::Condemned { since: 5 }));
	assert_broken("V3", || change(2, |device| device.state = DeviceState::Active));
	assert_broken("V3", || change(1, |device| device.registered_at = 6));
	assert_broken("V3", || change(1, |device| device.state = DeviceState::Retired { since: 6 }));
}

#[test]
fn counters_are_checked() {
	let counter = |counter| (SourceKind::IotSensor, counter);
	assert_broken("V4", || change(1, |device| device.counters.try_push(counter(1)).unwrap()));
	assert_broken("V4", || change(2, |device| device.counters.try_push(counter(0)).unwrap()));
}
