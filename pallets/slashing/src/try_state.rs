//! What must hold in every block.

use crate::{
	Absent, Charged, Config, FirstKept, FirstPending, Known, Missed, NextPenalty, Pallet,
	Penalties, PenaltyStatus, Pending, Turnouts,
};
use alloc::collections::BTreeSet;
use frame_support::{ensure, traits::Get};
use rwa_primitives::{app_key::Role, traits::WorkingTime, Balance};
use sp_runtime::{SaturatedConversion, TryRuntimeError};

impl<T: Config> Pallet<T> {
	/// Every invariant of this pallet.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		ensure!(!Absent::<T>::exists(), "S1: who is absent was not counted");
		Self::check_missed()?;
		Self::check_turnouts()?;
		Self::check_numbers()?;
		Self::check_penalties()?;
		Self::check_pending()?;
		Self::check_known()?;
		Self::check_charged()
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

	/// S4: every number in the range is kept, and none outside; nothing that waits was passed over.
	fn check_numbers() -> Result<(), TryRuntimeError> {
		let (kept, pending) = (FirstKept::<T>::get(), FirstPending::<T>::get());
		let next = NextPenalty::<T>::get();
		ensure!(kept <= pending && pending <= next, "S4: the first penalties are out of order");
		let count: u64 = Penalties::<T>::iter_keys().count().saturated_into();
		let complete = (kept..next).all(Penalties::<T>::contains_key);
		ensure!(
			complete && count == next.saturating_sub(kept),
			"S4: a penalty is missing, or kept out of its time"
		);
		let waits = |id| {
			Penalties::<T>::get(id).is_some_and(|penalty| penalty.status == PenaltyStatus::Pending)
		};
		ensure!(!(kept..pending).any(waits), "S4: a penalty that waits was passed over");
		Ok(())
	}

	/// S5: each penalty is possible.
	fn check_penalties() -> Result<(), TryRuntimeError> {
		let now = T::WorkingTime::now();
		for penalty in Penalties::<T>::iter_values() {
			ensure!(
				penalty.role != Role::Validator && penalty.fault.possible_for(penalty.role),
				"S5: a penalty is for what its role can't do"
			);
			ensure!(penalty.amount > 0, "S5: a penalty costs nothing");
			ensure!(
				penalty.happened <= penalty.reported_at
					&& penalty.reported_at <= now
					&& penalty.reported_at <= penalty.due_at,
				"S5: a penalty's times are out of order"
			);
			let taken = match penalty.status {
				PenaltyStatus::Executed { taken } => taken,
				PenaltyStatus::Pending | PenaltyStatus::Cancelled => 0,
			};
			ensure!(taken <= penalty.amount, "S5: more was taken than a penalty is");
		}
		Ok(())
	}

	/// S6: who stands accused is who has penalties that wait.
	fn check_pending() -> Result<(), TryRuntimeError> {
		for (who, id) in Pending::<T>::iter_keys() {
			let penalty = Penalties::<T>::get(id).ok_or("S6: an unknown penalty waits")?;
			ensure!(
				penalty.offender == who && penalty.status == PenaltyStatus::Pending,
				"S6: somebody stands accused without cause"
			);
		}
		ensure!(
			Penalties::<T>::iter()
				.filter(|(_, penalty)| penalty.status == PenaltyStatus::Pending)
				.all(|(id, penalty)| Pending::<T>::contains_key(penalty.offender, id)),
			"S6: a penalty waits and its offender is not accused"
		);
		Ok(())
	}

	/// S7: evidence and penalties lead to each other.
	fn check_known() -> Result<(), TryRuntimeError> {
		ensure!(
			Penalties::<T>::iter().all(|(id, penalty)| {
				let mark = Self::mark_of(&penalty.offender, penalty.fault, &penalty.evidence);
				Known::<T>::get(mark) == Some(id)
			}),
			"S7: a penalty's evidence is not known"
		);
		ensure!(
			Known::<T>::iter_keys().count() == Penalties::<T>::iter_keys().count(),
			"S7: evidence is known that no penalty is for"
		);
		Ok(())
	}

	/// S8: what was charged is what the period's penalties say, and within the cap.
	fn check_charged() -> Result<(), TryRuntimeError> {
		for (who, charge) in Charged::<T>::iter() {
			ensure!(charge.charged > 0, "S8: an account was charged nothing");
			ensure!(
				charge.charged <= charge.most(T::Cap::get()),
				"S8: an account was charged more than the cap"
			);
			let sum = Penalties::<T>::iter_values()
				.filter(|penalty| {
					penalty.offender == who
						&& penalty.reported_at >= charge.period_start
						&& penalty.status != PenaltyStatus::Cancelled
				})
				.fold(Balance::default(), |sum, penalty| sum.saturating_add(penalty.amount));
			ensure!(sum == charge.charged, "S8: a charge is not the sum of its penalties");
		}
		Ok(())
	}
}
