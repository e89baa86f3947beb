//! A counter that the device never reached is set right.

use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult};
use rwa_primitives::{
	device::{Measurement, SignedMeasurement},
	feed::{FeedId, SourceKind},
	traits::Devices as _,
};

use crate::{mock::*, Error, Event};

/// How far the device has come.
const REACHED: u64 = 17;
const SENSOR: FeedId = feed(SourceKind::IotSensor);

/// Reporters with enough weight have named a counter that the device will never reach.
fn spoil() {
	Devices::note_counter(&device().key(), &SENSOR, u64::MAX);
	Devices::note_counter(&device().key(), &feed(SourceKind::GpsTracker), 99);
	System::reset_events();
}

fn reset_by(who: Account, measurement: Box<SignedMeasurement>) -> DispatchResult {
	Devices::reset_counter(by(who), measurement)
}

/// What the device signs that has measured at another time.
fn measured_at(taken_at: u64) -> Box<SignedMeasurement> {
	let fresh = device().measure(REACHED, 1).measurement;
	device().sign_measurement(Measurement { taken_at, ..fresh })
}

fn counter(source: SourceKind) -> u64 {
	Devices::device(device().key()).unwrap().counter(source)
}

#[test]
fn the_owner_should_set_a_counter_right_by_a_fresh_measurement() {
	ExtBuilder::default().build_and_execute(|| {
		spoil();
		assert_ok!(reset_by(OWNER, device().measure(REACHED, 1)));
		let source = SourceKind::IotSensor;
		let (from, to) = (u64::MAX, REACHED);
		assert_eq!(events(), [Event::CounterReset { device: device().key(), source, from, to }]);
		assert_eq!((counter(source), counter(SourceKind::GpsTracker)), (REACHED, 99));
		// From there it rises as before, and falls no more by the same.
		assert_noop!(reset_by(OWNER, device().measure(REACHED, 1)), Error::<Test>::NothingToReset);
		Devices::note_counter(&device().key(), &SENSOR, REACHED + 1);
		assert_eq!(counter(source), REACHED + 1);
	});
}

#[test]
fn a_device_that_begins_at_zero_should_have_no_counter() {
	ExtBuilder::default().build_and_execute(|| {
		spoil();
		assert_ok!(reset_by(OWNER, device().measure(0, 1)));
		assert_eq!(counter(SourceKind::IotSensor), 0);
	});
}

#[test]
fn the_owners_of_device_and_asset_should_do_it_and_nobody_else() {
	ExtBuilder::default().build_and_execute(|| {
		spoil();
		let fresh = || device().measure(REACHED, 1);
		assert_noop!(reset_by(STRANGER, fresh()), Error::<Test>::NotDeviceOwner);
		own(STRANGER, ASSET);
		assert_ok!(reset_by(STRANGER, fresh()));
		spoil();
		assert_ok!(reset_by(OWNER, fresh()));
	});
}

#[test]
fn what_was_measured_at_another_time_should_reset_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		spoil();
		for taken_at in [0, MEASURED_AT - SKEW - 1, MEASURED_AT + SKEW + 1, u64::MAX] {
			assert_noop!(reset_by(OWNER, measured_at(taken_at)), Error::<Test>::NotFresh);
		}
		for taken_at in [MEASURED_AT - SKEW, MEASURED_AT + SKEW] {
			spoil();
			assert_ok!(reset_by(OWNER, measured_at(taken_at)));
		}
	});
}

#[test]
fn what_the_device_has_not_signed_should_reset_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		spoil();
		let fresh = device().measure(REACHED, 1);
		let measurement = Measurement { counter: REACHED - 1, ..fresh.measurement.clone() };
		let forged = SignedMeasurement { measurement, ..*fresh };
		assert_noop!(reset_by(OWNER, Box::new(forged)), Error::<Test>::BadSignature);
		let elsewhere = FeedId { asset: OTHER_ASSET, ..SENSOR };
		let foreign = Measurement { feed: elsewhere, ..device().measure(REACHED, 1).measurement };
		let foreign = device().sign_measurement(foreign);
		assert_noop!(reset_by(OWNER, foreign), Error::<Test>::OtherAsset);
		let unknown = other_device(2).measure(REACHED, 1);
		assert_noop!(reset_by(OWNER, unknown), Error::<Test>::UnknownDevice);
	});
}

#[test]
fn a_device_out_of_service_should_be_left_as_it_is() {
	ExtBuilder::default().build_and_execute(|| {
		spoil();
		assert_ok!(Devices::retire_device(by(OWNER), device().key()));
		let fresh = || device().measure(REACHED, 1);
		assert_noop!(reset_by(OWNER, fresh()), Error::<Test>::AlreadyRetired);
		assert_ok!(Devices::condemn(&device().key(), &STRANGER));
		assert_noop!(reset_by(OWNER, fresh()), Error::<Test>::Condemned);
	});
}
