//! Which configurations the pallet can work with.

use frame_support::traits::{fungible::Inspect as _, Get};
use sp_runtime::{traits::Zero, Perbill};

use crate::{Config, Pallet};

impl<T: Config> Pallet<T> {
	/// Stops a runtime with a bad configuration from being built: it runs in the runtime's tests.
	pub(crate) fn check_config() {
		// A deposit alone then keeps an account alive, so that releasing it can't leave less than the minimum
		// balance.
		let least = T::Currency::minimum_balance().max(1);
		assert!(
			T::DeviceDeposit::get() >= least,
			"DeviceDeposit is zero or below the currency's minimum balance"
		);
		assert!(
			T::ReporterShare::get() < Perbill::one(),
			"ReporterShare: an owner could condemn its own device for nothing"
		);
		assert!(!T::RetirementTime::get().is_zero(), "RetirementTime: to deceive would be free");
		assert!(T::MaxClockSkew::get() > 0, "MaxClockSkew: no counter could be set right");
		assert!(T::MaxPage::get() > 0, "MaxPage: every list would be empty");
	}
}
