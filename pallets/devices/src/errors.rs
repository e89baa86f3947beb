//! Why calls are refused, and what to do then.

use frame_support::pallet_macros::pallet_section;

/// Part of [`crate::pallet`].
#[pallet_section]
mod errors {
	/// Why a call was refused.
	#[pallet::error]
	pub enum Error<T> {
		/// The caller doesn't own the asset. Its owner has to register or adopt the device: `Assets.Asset` names it.
		#[codec(index = 0)]
		NotAssetOwner,
		/// A device with this key is registered, be it the caller's, or was condemned. Look at it with the view
		/// function `device`; give a condemned device a new key.
		#[codec(index = 1)]
		KeyTaken,
		/// The proof isn't the device's signature over this owner and asset on this chain.
		#[codec(index = 2)]
		BadProof,
		/// No device with this key is registered. List an asset's devices with the view function `devices_of`.
		#[codec(index = 3)]
		UnknownDevice,
		/// The caller owns neither the device nor its asset.
		#[codec(index = 4)]
		NotDeviceOwner,
		/// The device is out of service. Treat as success when retrying to retire it.
		#[codec(index = 5)]
		AlreadyRetired,
		/// The device was condemned: it has signed two measurements with one counter. Treat as success when retrying
		/// to condemn it.
		#[codec(index = 6)]
		Condemned,
		/// The device is in service. Retire it first.
		#[codec(index = 7)]
		NotRetired,
		/// The device was retired less than `RetirementTime` working blocks ago. Wait until the block that
		/// `DeviceRetired` has named.
		#[codec(index = 8)]
		RetirementNotOver,
		/// The device is the caller's own. Treat as success when retrying.
		#[codec(index = 9)]
		AlreadyOwner,
		/// The two measurements are the same, or of different devices or counters: no device is to blame for that.
		#[codec(index = 10)]
		NoContradiction,
		/// The device hasn't signed the measurement, or one of two, or not for this chain.
		#[codec(index = 11)]
		BadSignature,
		/// The measurement is for another asset than the device is on.
		#[codec(index = 12)]
		OtherAsset,
		/// The feed has used nothing of the device with a higher counter than the measurement's. Treat as success when
		/// retrying.
		#[codec(index = 13)]
		NothingToReset,
		/// By the device's clock the measurement was taken more than `MaxClockSkew` milliseconds before or after now. Let
		/// the device measure again, and send that at once; set its clock if that doesn't help.
		#[codec(index = 14)]
		NotFresh,
	}
}
