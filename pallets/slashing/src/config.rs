//! Which configurations the pallet can work with.

use crate::{Config, Pallet, WeightInfo};
use frame_support::traits::Get;
use frame_system::limits::BlockWeights;
use rwa_primitives::traits::Stakes;
use sp_runtime::{
	traits::{Saturating, Zero},
	Perbill,
};

/// Least working blocks in a heartbeat period: two over which the nodes spread, and two in which the
/// last of them can be included.
const LEAST_PERIOD: u32 = 4;

impl<T: Config> Pallet<T> {
	/// Stops a runtime with a bad configuration from being built: it runs in the runtime's tests.
	#[allow(clippy::panic)] // Reporting by panic is what an integrity test is for.
	pub(crate) fn check_config() {
		assert!(T::OfflineLimit::get() > 0, "OfflineLimit is zero");
		assert!(T::HistoryLength::get() > 0, "HistoryLength is zero");
		Self::check_windows();
		Self::check_amounts();
		Self::check_heartbeats();
		Self::check_weight();
	}

	fn check_windows() {
		let (deferral, window) = (T::Deferral::get(), T::ReportWindow::get());
		assert!(!deferral.is_zero(), "Deferral: nothing could be cancelled");
		assert!(
			deferral < window,
			"Deferral: a penalty would be forgotten as soon as it is executed"
		);
		assert!(
			deferral.saturating_add(window) <= T::Stakes::unbonding_period(),
			"ReportWindow: stake could be out of reach before a penalty is due"
		);
		assert!(
			T::CapPeriod::get() <= window,
			"CapPeriod: what a node was charged would be forgotten before the period is over"
		);
	}

	fn check_amounts() {
		assert!(!T::CapPeriod::get().is_zero(), "CapPeriod: the cap would hold for no time");
		assert!(!T::Cap::get().is_zero(), "Cap: no fault would cost anything");
		assert!(
			T::ReporterShare::get() < Perbill::one(),
			"ReporterShare: who reports itself through a friend would lose nothing"
		);
	}

	fn check_heartbeats() {
		let period = T::HeartbeatPeriod::get();
		assert!(
			period >= LEAST_PERIOD.into(),
			"HeartbeatPeriod: no time to spread and to be included"
		);
		assert!(
			T::AbsenceLimit::get() >= period.saturating_mul(2u32.into()),
			"AbsenceLimit: one lost heartbeat would be an absence"
		);
	}

	/// A block full of penalties leaves three quarters to everybody else.
	fn check_weight() {
		let most = T::MaxExecutedPerBlock::get();
		assert!(most > 0, "MaxExecutedPerBlock: no penalty would ever be taken");
		let each = T::WeightInfo::execute_penalty()
			.max(T::WeightInfo::skip_penalty())
			.saturating_add(T::WeightInfo::forget_penalty());
		let worst = T::WeightInfo::settle_base().saturating_add(each.saturating_mul(most.into()));
		let block = <T::BlockWeights as Get<BlockWeights>>::get().max_block;
		assert!(
			worst.saturating_mul(4).all_lte(block),
			"MaxExecutedPerBlock: penalties would take more than a quarter of a block"
		);
	}
}
