//! Lists of devices, page by page.

use frame_support::assert_ok;
use rwa_primitives::device::DeviceKey;

use crate::mock::*;

fn page(after: Option<DeviceKey>, limit: u32) -> Vec<DeviceKey> {
	let devices = Devices::devices_of(ASSET, after, limit);
	devices
		.into_iter()
		.map(|(key, device)| {
			assert_eq!(device.asset, ASSET);
			key
		})
		.collect()
}

#[test]
fn the_devices_of_an_asset_should_be_listed_in_pages() {
	ExtBuilder::default().build_and_execute(|| {
		(2..=7).for_each(|seed| register(&other_device(seed)));
		let proof = other_device(8).proof(OWNER, OTHER_ASSET);
		assert_ok!(Devices::register_device(by(OWNER), other_device(8).key(), OTHER_ASSET, proof));

		let first = page(None, 2);
		let second = page(first.last().cloned(), 100);
		let third = page(second.last().cloned(), 3);
		assert_eq!((first.len(), second.len(), third.len()), (2, 3, 2), "at most `MaxPage`");
		let mut listed = [first, second, third].concat();
		listed.sort();
		let mut expected: Vec<_> = (1..=7).map(|seed| other_device(seed).key()).collect();
		expected.sort();
		assert_eq!(listed, expected);
		assert_eq!(page(None, 0), []);
		assert_eq!(Devices::devices_of(NO_ASSET, None, 9), []);
	});
}

#[test]
fn a_page_should_begin_behind_a_device_that_is_gone() {
	ExtBuilder::default().build_and_execute(|| {
		(2..=4).for_each(|seed| register(&other_device(seed)));
		let all = [page(None, 3), page(page(None, 3).last().cloned(), 3)].concat();
		assert_ok!(Devices::retire_device(by(OWNER), all[1].clone()));
		pass(RETIREMENT);
		assert_ok!(Devices::remove_device(by(OWNER), all[1].clone()));
		assert_eq!(page(Some(all[1].clone()), 9), all[2..]);
	});
}
