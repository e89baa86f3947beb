//! What happened. Devices and their deposits can be rebuilt from these, in order.

use frame_support::pallet_macros::pallet_section;

/// Part of [`crate::pallet`].
#[pallet_section]
mod events {
	/// What happened. Devices and their deposits can be rebuilt from these, in order.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A device measures for an asset's feeds.
		#[codec(index = 0)]
		DeviceRegistered {
			/// The device.
			device: DeviceKey,
			/// The asset.
			asset: AssetId,
			/// Who registered it.
			owner: T::AccountId,
			/// What is held on the owner for it.
			deposit: Balance,
		},
		/// A device was taken out of service.
		#[codec(index = 1)]
		DeviceRetired {
			/// The device.
			device: DeviceKey,
			/// The first working block in which it can be removed.
			removable_at: BlockNumberFor<T>,
		},
		/// A device was removed, and its deposit given back. Its key is free.
		#[codec(index = 2)]
		DeviceRemoved {
			/// The device.
			device: DeviceKey,
			/// Who had registered or adopted it.
			owner: T::AccountId,
			/// What is held no more.
			deposit: Balance,
		},
		/// The new owner of an asset took over a device on it. The owner before has its deposit back.
		#[codec(index = 3)]
		DeviceAdopted {
			/// The device.
			device: DeviceKey,
			/// Who owned it before.
			from: T::AccountId,
			/// Who owns it now.
			owner: T::AccountId,
			/// What is held on the owner for it.
			deposit: Balance,
		},
		/// A device was shown to have signed two different measurements with one counter.
		#[codec(index = 4)]
		DeviceCondemned {
			/// The device.
			device: DeviceKey,
			/// Whose deposit was taken.
			owner: T::AccountId,
			/// Who showed it.
			reporter: T::AccountId,
			/// What was taken.
			forfeited: Balance,
			/// What of it the reporter got.
			to_reporter: Balance,
		},
		/// A feed of the device's asset has used its measurements up to a counter, and refuses older ones.
		#[codec(index = 5)]
		CounterNoted {
			/// The device.
			device: DeviceKey,
			/// The feed's kind of source.
			source: SourceKind,
			/// The counter.
			counter: u64,
		},
		/// A counter that the device had not reached was noted; the owner has shown where it is.
		#[codec(index = 6)]
		CounterReset {
			/// The device.
			device: DeviceKey,
			/// The feed's kind of source.
			source: SourceKind,
			/// What had been noted.
			from: u64,
			/// What the feed takes measurements from now.
			to: u64,
		},
	}
}
