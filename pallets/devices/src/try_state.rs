//! What always holds between two blocks.

use alloc::collections::{BTreeMap, BTreeSet};

use frame_support::{ensure, traits::fungible::InspectHold};
use rwa_primitives::{feed::SourceKind, traits::WorkingTime, Balance};
use sp_runtime::TryRuntimeError;

use crate::{Config, Devices, DevicesOf, HoldReason, Pallet};

impl<T: Config> Pallet<T> {
	/// Every invariant. The error names the one that is broken.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_lists()?;
		Self::check_deposits()?;
		Self::check_states()?;
		Self::check_counters()
	}

	/// V1: the list has each device under its asset, and nothing else.
	fn check_lists() -> Result<(), TryRuntimeError> {
		ensure!(
			Devices::<T>::iter()
				.all(|(key, device)| DevicesOf::<T>::contains_key(device.asset, key)),
			"V1: a device is not on the list of its asset"
		);
		ensure!(
			DevicesOf::<T>::iter_keys()
				.all(|(asset, key)| Devices::<T>::get(key)
					.is_some_and(|device| device.asset == asset)),
			"V1: a list has a device that is not on the asset"
		);
		Ok(())
	}

	/// V2: what is held is what the devices record.
	fn check_deposits() -> Result<(), TryRuntimeError> {
		let mut owed = BTreeMap::<T::AccountId, Balance>::new();
		for device in Devices::<T>::iter_values() {
			let sum = owed.entry(device.owner).or_default();
			*sum = sum.saturating_add(device.deposit);
		}
		let reason = HoldReason::DeviceDeposit.into();
		ensure!(
			owed.iter().all(|(who, sum)| T::Currency::balance_on_hold(&reason, who) == *sum),
			"V2: another sum is held than an owner's devices have as deposits"
		);
		Ok(())
	}

	/// V3: only the condemned have lost their deposit, and nothing happened later than now.
	fn check_states() -> Result<(), TryRuntimeError> {
		let now = T::WorkingTime::now();
		for device in Devices::<T>::iter_values() {
			ensure!(
				device.state.is_condemned() == (device.deposit == 0),
				"V3: a condemned device has a deposit, or another has none"
			);
			let since = device.state.out_of_service_since();
			ensure!(
				device.registered_at <= now && since.is_none_or(|since| since <= now),
				"V3: a device was registered, retired or condemned in the future"
			);
		}
		Ok(())
	}

	/// V4: a device has at most one counter of each kind of source, and none is 0.
	fn check_counters() -> Result<(), TryRuntimeError> {
		for device in Devices::<T>::iter_values() {
			let kinds: BTreeSet<SourceKind> =
				device.counters.iter().map(|(source, _)| *source).collect();
			ensure!(
				kinds.len() == device.counters.len(),
				"V4: a device has two counters of one kind of source"
			);
			ensure!(
				device.counters.iter().all(|(_, counter)| *counter > 0),
				"V4: a counter is kept that says nothing"
			);
		}
		Ok(())
	}
}
