//! Which configurations the pallet can work with.

use frame_support::traits::{fungible::Inspect as _, Get};
use sp_runtime::traits::Zero;

use crate::{Config, Pallet};

/// `/ip6/`, 39 characters of an address, `/tcp/`, and five digits of a port.
const LEAST_ENDPOINT: u32 = 54;

impl<T: Config> Pallet<T> {
	/// Stops a runtime with a bad configuration from being built: it runs in the runtime's tests.
	pub(crate) fn check_config() {
		// A deposit alone then keeps an account alive, so releasing it can't leave less than the
		// minimum balance, whatever else the account lost meanwhile.
		let least = T::Currency::minimum_balance().max(1);
		assert!(
			T::AppKeyDeposit::get() >= least,
			"AppKeyDeposit is zero or below the currency's minimum balance"
		);
		assert!(
			T::NodeDeposit::get() >= least,
			"NodeDeposit is zero or below the currency's minimum balance"
		);
		assert!(!T::UnbondingPeriod::get().is_zero(), "UnbondingPeriod: faults would be free");
		assert!(T::MaxUnlocking::get() > 0, "MaxUnlocking: nobody could unbond");
		assert!(
			T::MaxEndpointLength::get() >= LEAST_ENDPOINT,
			"MaxEndpointLength: an IPv6 address with a port has no room"
		);
		assert!(
			T::MaxTierHistory::get() >= 2,
			"MaxTierHistory: a change would forget the rate before it"
		);
		assert!(!T::PresenceGap::get().is_zero(), "PresenceGap: nobody would earn anything");
		assert!(
			T::PresenceGap::get() < T::BlocksPerYear::get(),
			"PresenceGap: a node could be away for a year and earn"
		);
		assert!(!T::YearlyBudget::get().is_zero(), "YearlyBudget: nobody would be paid");
		assert!(!T::RatingWindow::get().is_zero(), "RatingWindow: nobody could rate");
		assert!(T::MaxPage::get() > 0, "MaxPage: every list would be empty");
		assert!(T::StakeCap::get() > 0, "StakeCap: no vote would weigh anything");
	}
}
