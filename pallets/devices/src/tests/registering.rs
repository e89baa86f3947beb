//! Who can register which device.

use frame_support::{assert_noop, assert_ok};
use rwa_primitives::device::{registration_payload, DeviceKey, DeviceSignature, DeviceState};
use sp_core::{ecdsa, H256};
use sp_runtime::TokenError;

use crate::{mock::*, Counters, Device, Error, Event};

#[test]
fn devices_with_keys_of_every_kind_should_be_registered() {
	ExtBuilder::default().without_device().build_and_execute(|| {
		for instrument in instruments() {
			let (key, proof) = (instrument.key(), instrument.proof(OWNER, ASSET));
			System::reset_events();
			assert_ok!(Devices::register_device(by(OWNER), key.clone(), ASSET, proof));
			let expected = Device {
				asset: ASSET,
				owner: OWNER,
				deposit: DEPOSIT,
				registered_at: 5,
				state: DeviceState::Active,
				counters: Counters::new(),
			};
			assert_eq!(Devices::device(key.clone()), Some(expected));
			let (asset, owner, deposit) = (ASSET, OWNER, DEPOSIT);
			let registered = Event::DeviceRegistered { device: key, asset, owner, deposit };
			assert_eq!(events(), [registered]);
		}
		assert_eq!(held(OWNER), 3 * DEPOSIT);
		assert_eq!(free(OWNER), ENDOWMENT - 3 * DEPOSIT);
	});
}

#[test]
fn only_the_owner_of_the_asset_should_register_devices_on_it() {
	ExtBuilder::default().without_device().build_and_execute(|| {
		let register = |who, asset| {
			let proof = device().proof(who, asset);
			Devices::register_device(by(who), device().key(), asset, proof)
		};
		assert_noop!(register(STRANGER, ASSET), Error::<Test>::NotAssetOwner);
		assert_noop!(register(OWNER, NO_ASSET), Error::<Test>::NotAssetOwner);
		own(STRANGER, ASSET);
		assert_noop!(register(OWNER, ASSET), Error::<Test>::NotAssetOwner);
	});
}

#[test]
fn a_key_should_be_registered_once() {
	ExtBuilder::default().build_and_execute(|| {
		own(STRANGER, NO_ASSET);
		for (who, asset) in [(OWNER, ASSET), (OWNER, OTHER_ASSET), (STRANGER, NO_ASSET)] {
			let proof = device().proof(who, asset);
			assert_noop!(
				Devices::register_device(by(who), device().key(), asset, proof),
				Error::<Test>::KeyTaken
			);
		}
	});
}

#[test]
fn nobody_should_register_a_device_that_has_not_agreed() {
	ExtBuilder::default().without_device().build_and_execute(|| {
		own(STRANGER, NO_ASSET);
		for instrument in instruments() {
			let refused = |who, asset, proof| {
				assert_noop!(
					Devices::register_device(by(who), instrument.key(), asset, proof),
					Error::<Test>::BadProof
				);
			};
			// A thief has seen the proof, or has the owner's proof for another asset.
			let proof = instrument.proof(OWNER, ASSET);
			refused(STRANGER, NO_ASSET, proof.clone());
			refused(OWNER, OTHER_ASSET, proof);
			// Another chain's.
			let elsewhere = registration_payload(&H256::zero(), &OWNER, ASSET);
			refused(OWNER, ASSET, instrument.sign(&elsewhere));
			// Another device's, of the same kind or not.
			refused(OWNER, ASSET, other_device(2).proof(OWNER, ASSET));
			// What it has signed for another purpose.
			refused(OWNER, ASSET, instrument.measure(1, 1).signature);
		}
	});
}

#[test]
fn the_other_form_of_a_secp256k1_proof_should_not_count() {
	ExtBuilder::default().without_device().build_and_execute(|| {
		let [_, _, instrument] = instruments();
		let DeviceSignature::Secp256k1(good) = instrument.proof(OWNER, ASSET) else { panic!() };
		let mut raw = good.0;
		raw[64] += 27;
		let other = DeviceSignature::Secp256k1(ecdsa::Signature::from_raw(raw));
		assert!(matches!(instrument.key(), DeviceKey::Secp256k1(_)));
		assert_noop!(
			Devices::register_device(by(OWNER), instrument.key(), ASSET, other),
			Error::<Test>::BadProof
		);
	});
}

#[test]
fn a_device_should_cost_its_deposit() {
	ExtBuilder::default().without_device().build_and_execute(|| {
		own(PAUPER, ASSET);
		let proof = device().proof(PAUPER, ASSET);
		assert_noop!(
			Devices::register_device(by(PAUPER), device().key(), ASSET, proof),
			TokenError::FundsUnavailable
		);
	});
}

#[test]
fn a_removed_device_should_be_registered_again_with_the_same_proof_by_nobody_else() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Devices::retire_device(by(OWNER), device().key()));
		pass(RETIREMENT);
		assert_ok!(Devices::remove_device(by(OWNER), device().key()));
		own(STRANGER, NO_ASSET);
		let proof = device().proof(OWNER, ASSET);
		assert_noop!(
			Devices::register_device(by(STRANGER), device().key(), NO_ASSET, proof),
			Error::<Test>::BadProof
		);
		register(&device());
		assert!(Devices::device(device().key()).unwrap().state.is_active());
	});
}
