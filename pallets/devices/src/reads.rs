//! What clients read: pages of devices.

use alloc::vec::Vec;

use frame_support::traits::Get;
use rwa_primitives::{device::DeviceKey, AssetId};
use sp_runtime::SaturatedConversion;

use crate::{Config, DeviceOf, Devices, DevicesOf, Pallet};

impl<T: Config> Pallet<T> {
	/// A page of an asset's devices: no more than asked for, no more than [`Config::MaxPage`]. Reads what is on the
	/// page, however many devices there are.
	pub(crate) fn page(
		asset: AssetId,
		after: Option<DeviceKey>,
		limit: u32,
	) -> Vec<(DeviceKey, DeviceOf<T>)> {
		// Keys are sorted, so a page can begin behind one that isn't there any more.
		let keys = match after {
			Some(key) => DevicesOf::<T>::iter_key_prefix_from(
				asset,
				DevicesOf::<T>::hashed_key_for(asset, key),
			),
			None => DevicesOf::<T>::iter_key_prefix(asset),
		};
		keys.take(limit.min(T::MaxPage::get()).saturated_into())
			.filter_map(|key| Some((key.clone(), Devices::<T>::get(key)?)))
			.collect()
	}
}
