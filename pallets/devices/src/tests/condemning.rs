//! A device that signs two measurements with one counter is done with.

use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult};
use rwa_primitives::{
	device::{DeviceState, Measurement, SignedMeasurement},
	feed::SourceKind,
	traits::Devices as _,
};
use sp_core::H256;

use crate::{mock::*, Error, Event};

fn condemn(
	who: Account,
	first: Box<SignedMeasurement>,
	second: Box<SignedMeasurement>,
) -> DispatchResult {
	Devices::condemn_device(by(who), first, second)
}

#[test]
fn devices_of_every_kind_should_be_condemned_by_two_measurements_with_one_counter() {
	ExtBuilder::default().without_device().build_and_execute(|| {
		for instrument in instruments() {
			register(&instrument);
			let (treasury, owner, reporter) = (free(TREASURY), free(OWNER), free(STRANGER));
			System::reset_events();
			pass(1);
			assert_ok!(condemn(STRANGER, instrument.measure(17, 1), instrument.measure(17, 2)));
			let condemned = Devices::device(instrument.key()).unwrap();
			assert_eq!(condemned.state, DeviceState::Condemned { since: Now::get() });
			assert_eq!(condemned.deposit, 0);
			assert_eq!(free(STRANGER), reporter + DEPOSIT / 10);
			assert_eq!(free(TREASURY), treasury + DEPOSIT - DEPOSIT / 10);
			assert_eq!((free(OWNER), held(OWNER)), (owner, 0));
			assert_eq!(
				events(),
				[Event::DeviceCondemned {
					device: instrument.key(),
					owner: OWNER,
					reporter: STRANGER,
					forfeited: DEPOSIT,
					to_reporter: DEPOSIT / 10,
				}]
			);
		}
	});
}

#[test]
fn whatever_differs_should_condemn() {
	let differences: [fn(&mut Measurement); 3] = [
		|other| other.taken_at += 1,
		|other| other.feed.asset = OTHER_ASSET,
		|other| other.feed.source = SourceKind::GpsTracker,
	];
	for change in differences {
		ExtBuilder::default().build_and_execute(|| {
			let first = device().measure(17, 1);
			let mut other = first.measurement.clone();
			change(&mut other);
			assert_ok!(condemn(STRANGER, first, device().sign_measurement(other)));
		});
	}
}

#[test]
fn what_an_honest_device_signs_should_not_condemn() {
	ExtBuilder::default().build_and_execute(|| {
		register(&other_device(2));
		let first = || device().measure(17, 1);
		let refused = |second| {
			assert_noop!(condemn(STRANGER, first(), second), Error::<Test>::NoContradiction);
		};
		refused(first());
		refused(device().measure(18, 2));
		refused(other_device(2).measure(17, 2));
	});
}

#[test]
fn nobody_should_frame_a_device() {
	ExtBuilder::default().build_and_execute(|| {
		let refused = |first, second| {
			assert_noop!(condemn(STRANGER, first, second), Error::<Test>::BadSignature);
		};
		let (good, mut forged) = (|| device().measure(17, 1), device().measure(17, 1));
		forged.measurement.taken_at += 1;
		refused(good(), forged.clone());
		refused(forged, good());
		// Signed by another device.
		let measurement = Measurement { taken_at: 5, ..good().measurement };
		refused(good(), other_device(2).sign_measurement(measurement.clone()));
		// Signed for another chain, where counters begin anew.
		let elsewhere = measurement.signing_payload(&H256::zero());
		let signature = device().sign(&elsewhere);
		refused(good(), Box::new(SignedMeasurement { measurement, signature }));
	});
}

#[test]
fn an_unknown_device_should_not_be_condemned() {
	ExtBuilder::default().without_device().build_and_execute(|| {
		assert_noop!(
			condemn(STRANGER, device().measure(17, 1), device().measure(17, 2)),
			Error::<Test>::UnknownDevice
		);
		assert_noop!(Devices::condemn(&device().key(), &STRANGER), Error::<Test>::UnknownDevice);
	});
}

#[test]
fn nothing_should_be_condemned_twice() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(condemn(STRANGER, device().measure(17, 1), device().measure(17, 2)));
		assert_noop!(
			condemn(STRANGER, device().measure(18, 1), device().measure(18, 2)),
			Error::<Test>::Condemned
		);
		assert_noop!(Devices::condemn(&device().key(), &STRANGER), Error::<Test>::Condemned);
	});
}

#[test]
fn retiring_should_be_no_way_out() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Devices::retire_device(by(OWNER), device().key()));
		pass(RETIREMENT);
		assert_ok!(condemn(STRANGER, device().measure(17, 1), device().measure(17, 2)));
		assert_eq!(held(OWNER), 0);
		// It was out of service before.
		let state = Devices::device(device().key()).unwrap().state;
		assert_eq!(state, DeviceState::Condemned { since: 5 });
	});
}

#[test]
fn an_owner_should_not_get_a_share_of_its_own_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(condemn(OWNER, device().measure(17, 1), device().measure(17, 2)));
		assert_eq!(free(OWNER), ENDOWMENT - DEPOSIT);
		assert_eq!(free(TREASURY), ENDOWMENT + DEPOSIT);
	});
}

#[test]
fn a_reporter_that_cannot_receive_its_share_should_leave_it_to_the_treasury() {
	ExtBuilder::default().without_device().build_and_execute(|| {
		// A tenth of it is less than an account may have.
		DeviceDeposit::set(10 * EXISTENTIAL_DEPOSIT - 1);
		register(&device());
		let (first, second) = (device().measure(17, 1), device().measure(17, 2));
		assert_ok!(condemn(PAUPER, first, second));
		assert_eq!(free(PAUPER), 0);
		assert_eq!(free(TREASURY), ENDOWMENT + 10 * EXISTENTIAL_DEPOSIT - 1);
	});
}

#[test]
fn what_another_pallet_has_seen_proof_of_should_condemn() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Devices::condemn(&device().key(), &STRANGER));
		assert!(Devices::device(device().key()).unwrap().state.is_condemned());
		assert_eq!(free(STRANGER), ENDOWMENT + DEPOSIT / 10);
	});
}
