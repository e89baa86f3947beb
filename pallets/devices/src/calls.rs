//! What owners of assets, and whoever catches a device at deceiving, may ask for.

use frame_support::pallet_macros::pallet_section;

/// Part of [`crate::pallet`].
#[pallet_section]
mod calls {
	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Register a device on an asset. From then on reports to the asset's feeds can name what it signs.
		///
		/// ## Dispatch origin
		/// Signed by the owner of the asset.
		///
		/// ## Details
		/// `proof` is the device's signature over the SCALE encoding of `("rwa/device/registration/v1" as 26 bytes,
		/// genesis hash, caller, asset)`: see [`rwa_primitives::device::registration_payload`].
		/// [`Config::DeviceDeposit`] is held on the caller. The device's owner stays the caller, even if the asset
		/// becomes somebody else's, until that one adopts the device.
		///
		/// ## Errors
		/// [`Error::NotAssetOwner`], [`Error::KeyTaken`], [`Error::BadProof`]; `FundsUnavailable`, from the currency:
		/// the caller can't afford the deposit.
		///
		/// ## Events
		/// [`Event::DeviceRegistered`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register_device())]
		pub fn register_device(
			origin: OriginFor<T>,
			key: DeviceKey,
			asset: AssetId,
			proof: DeviceSignature,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_register_device(owner, key, asset, &proof)
		}

		/// Take a device out of service: rounds that open from now on take nothing that it signs.
		///
		/// ## Dispatch origin
		/// Signed by the device's owner, or by that of its asset.
		///
		/// ## Details
		/// It can be removed after [`Config::RetirementTime`], and condemned until then. Its owner can't put it back into
		/// service; a new owner of the asset can, by [`Pallet::adopt_device`].
		///
		/// ## Errors
		/// [`Error::UnknownDevice`], [`Error::NotDeviceOwner`], [`Error::Condemned`], [`Error::AlreadyRetired`].
		///
		/// ## Events
		/// [`Event::DeviceRetired`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::retire_device())]
		pub fn retire_device(origin: OriginFor<T>, key: DeviceKey) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_retire_device(&who, key)
		}

		/// Remove a retired device, and give its deposit back. Its key can be registered again.
		///
		/// ## Dispatch origin
		/// Signed by anyone: the deposit is the owner's in any case, and a key must not stay taken because its owner
		/// has forgotten it.
		///
		/// ## Errors
		/// [`Error::UnknownDevice`], [`Error::Condemned`], [`Error::NotRetired`], [`Error::RetirementNotOver`].
		///
		/// ## Events
		/// [`Event::DeviceRemoved`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::remove_device())]
		pub fn remove_device(origin: OriginFor<T>, key: DeviceKey) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_remove_device(key)
		}

		/// Take over a device whose asset has become the caller's, and put it back into service if it was retired.
		///
		/// ## Dispatch origin
		/// Signed by the owner of the asset.
		///
		/// ## Details
		/// The deposit is held on the caller, and the owner before has its own back. The caller answers with it for
		/// what the device has signed before, too: take over only a device whose key nobody has a copy of.
		///
		/// ## Errors
		/// [`Error::UnknownDevice`], [`Error::NotAssetOwner`], [`Error::AlreadyOwner`], [`Error::Condemned`];
		/// `FundsUnavailable`, from the currency: the caller can't afford the deposit.
		///
		/// ## Events
		/// [`Event::DeviceAdopted`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::adopt_device())]
		pub fn adopt_device(origin: OriginFor<T>, key: DeviceKey) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_adopt_device(who, key)
		}

		/// Show that a device deceives: it has signed two different measurements with one counter.
		///
		/// ## Dispatch origin
		/// Signed by anyone.
		///
		/// ## Details
		/// Nothing that the device signs counts any more, in rounds that open from now on, and its key is taken for
		/// ever. The caller gets [`Config::ReporterShare`] of the deposit, unless it is the owner's own, and the
		/// treasury the rest. Oracles that passed on either measurement have done nothing wrong.
		///
		/// ## Errors
		/// [`Error::NoContradiction`], [`Error::UnknownDevice`], [`Error::Condemned`], [`Error::BadSignature`].
		///
		/// ## Events
		/// [`Event::DeviceCondemned`].
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::condemn_device())]
		pub fn condemn_device(
			origin: OriginFor<T>,
			first: Box<SignedMeasurement>,
			second: Box<SignedMeasurement>,
		) -> DispatchResult {
			let reporter = ensure_signed(origin)?;
			Self::do_condemn_device(&reporter, &first, &second)
		}

		/// Have a feed take a device's measurements again whose counter was put too high by reporters.
		///
		/// ## Dispatch origin
		/// Signed by the device's owner, or by that of its asset.
		///
		/// ## Details
		/// Reporters with a third of a round's weight could name a counter that the device has never reached; the feed
		/// then refuses what the device does sign, as replays. `measurement` is one that it has just signed for that feed,
		/// by its clock at most [`Config::MaxClockSkew`] from now: its counter is the feed's from now on.
		///
		/// ## Errors
		/// [`Error::UnknownDevice`], [`Error::NotDeviceOwner`], [`Error::AlreadyRetired`], [`Error::Condemned`],
		/// [`Error::OtherAsset`], [`Error::NothingToReset`], [`Error::NotFresh`], [`Error::BadSignature`].
		///
		/// ## Events
		/// [`Event::CounterReset`].
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::reset_counter())]
		pub fn reset_counter(
			origin: OriginFor<T>,
			measurement: Box<SignedMeasurement>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_reset_counter(&who, &measurement)
		}
	}
}
