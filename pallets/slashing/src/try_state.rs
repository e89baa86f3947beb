//! What must hold in every block.

use crate::{Absent, Config, Missed, Pallet, Turnouts};
use alloc::collections::BTreeSet;
use frame_support::{ensure, traits::Get};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Every invariant of this pallet.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		ensure!(!Absent::<T>::exists(), "S1: who is absent was not counted");
		Self::check_missed()?;
		Self::check_turnouts()
	}

	/// S2: counts are below the limit, one for each validator.
	fn check_missed() -> Result<(), TryRuntimeError> {
		let missed = Missed::<T>::get();
		ensure!(
			missed.iter().all(|(_, count)| (1..T::OfflineLimit::get()).contains(count)),
			"S2: a count is zero, or has reached the limit"
		);
		let who: BTreeSet<_> = missed.iter().map(|(who, _)| who).collect();
		ensure!(who.len() == missed.len(), "S2: a validator is counted twice");
		Ok(())
	}

	/// S3: turnouts are possible, and no more than are to be kept.
	fn check_turnouts() -> Result<(), TryRuntimeError> {
		ensure!(
			Turnouts::<T>::iter_values().all(|turnout| turnout.present <= turnout.validators),
			"S3: more took part than there were"
		);
		let kept = Turnouts::<T>::iter_keys().count();
		ensure!(
			u32::try_from(kept).is_ok_and(|kept| kept <= T::HistoryLength::get()),
			"S3: more turnouts than are to be kept"
		);
		Ok(())
	}
}
