//! Devices: registered, retired, removed, adopted, condemned, and how far they were used. The only writer of
//! [`Devices`] and [`DevicesOf`].

use frame_support::{
	defensive,
	dispatch::DispatchResult,
	ensure,
	traits::{
		fungible::{
			hold::{Balanced as _, Mutate as _},
			Balanced as _,
		},
		tokens::Precision,
		Get, Imbalance, OnUnbalanced, Time,
	},
};
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	device::{
		registration_payload, DeviceKey, DeviceSignature, DeviceState, Measurement,
		SignedMeasurement, Standing,
	},
	feed::{FeedId, SourceKind},
	traits::{AssetOwners, WorkingTime},
	AssetId, Balance,
};
use sp_core::H256;
use sp_runtime::traits::{Saturating, Zero};

use crate::{
	Config, Counters, CreditOf, Device, DeviceOf, Devices, DevicesOf, Error, Event, HoldReason,
	Pallet,
};

impl<T: Config> Pallet<T> {
	/// The only way to register a device.
	pub(crate) fn do_register_device(
		owner: T::AccountId,
		key: DeviceKey,
		asset: AssetId,
		proof: &DeviceSignature,
	) -> DispatchResult {
		ensure!(Self::owns(&owner, asset), Error::<T>::NotAssetOwner);
		ensure!(!Devices::<T>::contains_key(&key), Error::<T>::KeyTaken);
		// Last, because it is the only check that costs more than a read.
		let payload = registration_payload(&Self::genesis_hash(), &owner, asset);
		ensure!(key.has_signed(&payload, proof), Error::<T>::BadProof);

		let deposit = T::DeviceDeposit::get();
		T::Currency::hold(&HoldReason::DeviceDeposit.into(), &owner, deposit)?;
		let device = Device {
			asset,
			owner: owner.clone(),
			deposit,
			registered_at: T::WorkingTime::now(),
			state: DeviceState::Active,
			counters: Counters::new(),
		};
		Devices::<T>::insert(&key, device);
		DevicesOf::<T>::insert(asset, &key, ());
		Self::deposit_event(Event::DeviceRegistered { device: key, asset, owner, deposit });
		Ok(())
	}

	/// The only way to take a device out of service that has done nothing wrong.
	pub(crate) fn do_retire_device(who: &T::AccountId, key: DeviceKey) -> DispatchResult {
		let mut device = Self::known(&key)?;
		let may = device.owner == *who || Self::owns(who, device.asset);
		ensure!(may, Error::<T>::NotDeviceOwner);
		Self::ensure_active(&device)?;

		let since = T::WorkingTime::now();
		device.state = DeviceState::Retired { since };
		Devices::<T>::insert(&key, device);
		let removable_at = Self::removable_at(since);
		Self::deposit_event(Event::DeviceRetired { device: key, removable_at });
		Ok(())
	}

	/// The only way to remove a device.
	pub(crate) fn do_remove_device(key: DeviceKey) -> DispatchResult {
		let Device { owner, deposit, asset, state, .. } = Self::known(&key)?;
		let since = match state {
			DeviceState::Active => return Err(Error::<T>::NotRetired.into()),
			DeviceState::Condemned { .. } => return Err(Error::<T>::Condemned.into()),
			DeviceState::Retired { since } => since,
		};
		let over = T::WorkingTime::now() >= Self::removable_at(since);
		ensure!(over, Error::<T>::RetirementNotOver);

		// By V2 that much is held.
		Self::give_back(&owner, deposit)?;
		Devices::<T>::remove(&key);
		DevicesOf::<T>::remove(asset, &key);
		Self::deposit_event(Event::DeviceRemoved { device: key, owner, deposit });
		Ok(())
	}

	/// The only way in which a device changes its owner, and the only one back into service: otherwise who sells an asset
	/// could keep its devices from the buyer.
	pub(crate) fn do_adopt_device(who: T::AccountId, key: DeviceKey) -> DispatchResult {
		let mut device = Self::known(&key)?;
		ensure!(Self::owns(&who, device.asset), Error::<T>::NotAssetOwner);
		ensure!(device.owner != who, Error::<T>::AlreadyOwner);
		ensure!(!device.state.is_condemned(), Error::<T>::Condemned);

		let deposit = T::DeviceDeposit::get();
		T::Currency::hold(&HoldReason::DeviceDeposit.into(), &who, deposit)?;
		Self::give_back(&device.owner, device.deposit)?;
		let from = core::mem::replace(&mut device.owner, who.clone());
		device.deposit = deposit;
		device.state = DeviceState::Active;
		Devices::<T>::insert(&key, device);
		Self::deposit_event(Event::DeviceAdopted { device: key, from, owner: who, deposit });
		Ok(())
	}

	/// The only way in which a counter falls. What is cheap to check comes first.
	///
	/// That the measurement is fresh keeps this from helping a replay: what was measured before has a lower counter
	/// still.
	pub(crate) fn do_reset_counter(
		who: &T::AccountId,
		signed: &SignedMeasurement,
	) -> DispatchResult {
		let Measurement { device: key, feed, counter, taken_at, .. } = &signed.measurement;
		let mut device = Self::known(key)?;
		let may = device.owner == *who || Self::owns(who, device.asset);
		ensure!(may, Error::<T>::NotDeviceOwner);
		Self::ensure_active(&device)?;
		ensure!(device.asset == feed.asset, Error::<T>::OtherAsset);
		let from = device.counter(feed.source);
		ensure!(*counter < from, Error::<T>::NothingToReset);
		let off = T::TimeProvider::now().abs_diff(*taken_at);
		ensure!(off <= T::MaxClockSkew::get(), Error::<T>::NotFresh);
		ensure!(signed.verify(&Self::genesis_hash()), Error::<T>::BadSignature);

		Self::set_counter(&mut device, feed.source, *counter);
		Devices::<T>::insert(key, device);
		Self::deposit_event(Event::CounterReset {
			device: key.clone(),
			source: feed.source,
			from,
			to: *counter,
		});
		Ok(())
	}

	fn set_counter(device: &mut DeviceOf<T>, source: SourceKind, counter: u64) {
		device.counters.retain(|(kind, _)| *kind != source);
		if counter > 0 && device.counters.try_push((source, counter)).is_err() {
			defensive!("there are more kinds of sources than there can be");
		}
	}

	/// Condemns the device that signed both measurements. What is cheap to check comes first.
	pub(crate) fn do_condemn_device(
		reporter: &T::AccountId,
		first: &SignedMeasurement,
		second: &SignedMeasurement,
	) -> DispatchResult {
		let contradicts = first.measurement.contradicts(&second.measurement);
		ensure!(contradicts, Error::<T>::NoContradiction);
		let key = &first.measurement.device;
		ensure!(!Self::known(key)?.state.is_condemned(), Error::<T>::Condemned);
		let signed = first.condemns(second, &Self::genesis_hash());
		ensure!(signed, Error::<T>::BadSignature);
		Self::do_condemn(key, reporter)
	}

	/// The only way in which a device is condemned. Somebody has seen the proof.
	pub(crate) fn do_condemn(key: &DeviceKey, reporter: &T::AccountId) -> DispatchResult {
		let mut device = Self::known(key)?;
		ensure!(!device.state.is_condemned(), Error::<T>::Condemned);

		// By V2 that much is held, so all of it is taken.
		let reason = HoldReason::DeviceDeposit.into();
		let (credit, _) = T::Currency::slash(&reason, &device.owner, device.deposit);
		let forfeited = credit.peek();
		// Who retired it before took it out of service then.
		let since = device.state.out_of_service_since().unwrap_or_else(T::WorkingTime::now);
		device.state = DeviceState::Condemned { since };
		device.deposit = 0;
		Devices::<T>::insert(key, &device);
		let to_reporter = Self::distribute(credit, &device.owner, reporter);
		Self::deposit_event(Event::DeviceCondemned {
			device: key.clone(),
			owner: device.owner,
			reporter: reporter.clone(),
			forfeited,
			to_reporter,
		});
		Ok(())
	}

	/// Hash of block 0: what binds a signature to this chain. The system pallet never prunes it.
	pub(crate) fn genesis_hash() -> H256 {
		frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero())
	}

	fn known(key: &DeviceKey) -> Result<DeviceOf<T>, Error<T>> {
		Devices::<T>::get(key).ok_or(Error::<T>::UnknownDevice)
	}

	fn owns(who: &T::AccountId, asset: AssetId) -> bool {
		T::Assets::owner_of(asset).is_some_and(|owner| owner == *who)
	}

	fn ensure_active(device: &DeviceOf<T>) -> Result<(), Error<T>> {
		match device.state {
			DeviceState::Active => Ok(()),
			DeviceState::Retired { .. } => Err(Error::<T>::AlreadyRetired),
			DeviceState::Condemned { .. } => Err(Error::<T>::Condemned),
		}
	}

	/// When a device that was retired in the working block `since` can be removed.
	fn removable_at(since: BlockNumberFor<T>) -> BlockNumberFor<T> {
		since.saturating_add(T::RetirementTime::get())
	}

	fn give_back(owner: &T::AccountId, deposit: Balance) -> DispatchResult {
		let reason = HoldReason::DeviceDeposit.into();
		T::Currency::release(&reason, owner, deposit, Precision::Exact)?;
		Ok(())
	}

	/// Gives the reporter's share of what was taken to it, and the rest to where it goes. Gives what the reporter
	/// got: nothing if it is the owner, or can't receive it.
	fn distribute(taken: CreditOf<T>, owner: &T::AccountId, reporter: &T::AccountId) -> Balance {
		let cut = match reporter == owner {
			true => 0,
			false => T::ReporterShare::get().mul_floor(taken.peek()),
		};
		let (reward, rest) = taken.split(cut);
		match T::Currency::resolve(reporter, reward) {
			Ok(()) => {
				T::Forfeited::on_unbalanced(rest);
				cut
			}
			Err(reward) => {
				T::Forfeited::on_unbalanced(rest.merge(reward));
				0
			}
		}
	}
}

impl<T: Config> rwa_primitives::traits::Devices<T::AccountId, BlockNumberFor<T>> for Pallet<T> {
	fn standing(device: &DeviceKey, feed: &FeedId) -> Option<Standing<BlockNumberFor<T>>> {
		let device = Devices::<T>::get(device).filter(|device| device.asset == feed.asset)?;
		Some(Standing { state: device.state, counter: device.counter(feed.source) })
	}

	fn note_counter(key: &DeviceKey, feed: &FeedId, counter: u64) {
		let Some(mut device) = Devices::<T>::get(key).filter(|device| device.asset == feed.asset)
		else {
			return;
		};
		if counter <= device.counter(feed.source) {
			return;
		}
		let source = feed.source;
		Self::set_counter(&mut device, source, counter);
		Devices::<T>::insert(key, device);
		Self::deposit_event(Event::CounterNoted { device: key.clone(), source, counter });
	}

	fn condemn(device: &DeviceKey, reporter: &T::AccountId) -> DispatchResult {
		Self::do_condemn(device, reporter)
	}
}
