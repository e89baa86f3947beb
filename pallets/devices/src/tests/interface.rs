//! Bytes that wallets, indexers and devices rely on. If one of these tests fails, they break.

use codec::Encode;
use frame_support::{storage::StoragePrefixedMap, traits::PalletInfoAccess};
use rwa_primitives::feed::SourceKind;

use crate::{mock::*, Call, Error, Event};

#[test]
fn calls_should_keep_their_encoding() {
	let key = || device().key();
	let proof = device().proof(OWNER, ASSET);
	let register = Call::<Test>::register_device { key: key(), asset: ASSET, proof: proof.clone() };
	assert_eq!(register.encode(), (0u8, key(), 1u32, proof).encode());
	let retire = Call::<Test>::retire_device { key: key() };
	assert_eq!(retire.encode(), (1u8, key()).encode());
	let remove = Call::<Test>::remove_device { key: key() };
	assert_eq!(remove.encode(), (2u8, key()).encode());
	let adopt = Call::<Test>::adopt_device { key: key() };
	assert_eq!(adopt.encode(), (3u8, key()).encode());
	let (first, second) = (device().measure(1, 2), device().measure(1, 3));
	let condemn = Call::<Test>::condemn_device { first: first.clone(), second: second.clone() };
	assert_eq!(condemn.encode(), (4u8, *first.clone(), *second).encode());
	let reset = Call::<Test>::reset_counter { measurement: first.clone() };
	assert_eq!(reset.encode(), (5u8, *first).encode());
}

#[test]
fn events_should_keep_their_encoding() {
	let device = || device().key();
	let (asset, owner, deposit) = (ASSET, OWNER, DEPOSIT);
	let registered = Event::<Test>::DeviceRegistered { device: device(), asset, owner, deposit };
	assert_eq!(registered.encode(), (0u8, device(), asset, owner, deposit).encode());
	let retired = Event::<Test>::DeviceRetired { device: device(), removable_at: 7 };
	assert_eq!(retired.encode(), (1u8, device(), 7u32).encode());
	let removed = Event::<Test>::DeviceRemoved { device: device(), owner, deposit };
	assert_eq!(removed.encode(), (2u8, device(), owner, deposit).encode());
	let adopted = Event::<Test>::DeviceAdopted { device: device(), from: STRANGER, owner, deposit };
	assert_eq!(adopted.encode(), (3u8, device(), STRANGER, owner, deposit).encode());
	let condemned = Event::<Test>::DeviceCondemned {
		device: device(),
		owner,
		reporter: STRANGER,
		forfeited: 5,
		to_reporter: 6,
	};
	assert_eq!(condemned.encode(), (4u8, device(), owner, STRANGER, 5u128, 6u128).encode());
	let source = SourceKind::IotSensor;
	let noted = Event::<Test>::CounterNoted { device: device(), source, counter: 17 };
	assert_eq!(noted.encode(), (5u8, device(), 1u8, 17u64).encode());
	let reset = Event::<Test>::CounterReset { device: device(), source, from: 18, to: 17 };
	assert_eq!(reset.encode(), (6u8, device(), 1u8, 18u64, 17u64).encode());
}

#[test]
fn errors_should_keep_their_numbers() {
	let errors: [Error<Test>; 15] = [
		Error::NotAssetOwner,
		Error::KeyTaken,
		Error::BadProof,
		Error::UnknownDevice,
		Error::NotDeviceOwner,
		Error::AlreadyRetired,
		Error::Condemned,
		Error::NotRetired,
		Error::RetirementNotOver,
		Error::AlreadyOwner,
		Error::NoContradiction,
		Error::BadSignature,
		Error::OtherAsset,
		Error::NothingToReset,
		Error::NotFresh,
	];
	let numbers: Vec<u8> = errors.iter().flat_map(Encode::encode).collect();
	assert_eq!(numbers, (0..15).collect::<Vec<_>>());
}

#[test]
fn storage_should_keep_its_names() {
	assert_eq!(Devices::name(), "Devices");
	assert_eq!(crate::Devices::<Test>::storage_prefix(), b"Devices");
	assert_eq!(<crate::DevicesOf<Test> as StoragePrefixedMap<()>>::storage_prefix(), b"DevicesOf");
}
