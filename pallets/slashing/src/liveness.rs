//! Counting who is there.

use crate::{
	Absent, Config, Event, Missed, OffenderOf, Offline, Pallet, SessionStart, Turnout, Turnouts,
};
use alloc::vec::Vec;
use frame_support::{traits::Get, BoundedVec};
use pallet_im_online::UnresponsivenessOffence;
use rwa_primitives::traits::WorkingTime as _;
use sp_runtime::{
	traits::{One, Saturating},
	Perbill, SaturatedConversion,
};
use sp_staking::{
	offence::{Offence, OffenceError, ReportOffence},
	SessionIndex,
};

impl<T: Config> Pallet<T> {
	/// Count who was there in `session`, which ends, and report who has been away for too long. To be
	/// called before anything else changes the validators. Gives how many were reported, which decides what
	/// this weighs.
	pub fn end_session(session: SessionIndex) -> u32 {
		let absent = Absent::<T>::take();
		let validators = T::Validators::get();
		let count = u32::try_from(validators.len()).unwrap_or(u32::MAX);
		let away = u32::try_from(absent.len()).unwrap_or(u32::MAX);
		Self::keep_turnout(
			session,
			Turnout { validators: count, present: count.saturating_sub(away) },
		);
		if !Self::was_working_session() {
			return 0;
		}
		Self::count_absence(session, count, absent.into_inner())
	}

	/// Remember when the session began that begins now.
	pub fn start_session() {
		// Genesis is before the first block: sessions begin before the clock has counted their first one.
		let block = frame_system::Pallet::<T>::block_number().max(One::one());
		SessionStart::<T>::put((block, T::WorkingTime::now()));
	}

	/// No block of the session that ends was one in which the network was halted.
	fn was_working_session() -> bool {
		let (block, working) = SessionStart::<T>::get();
		let blocks = frame_system::Pallet::<T>::block_number().saturating_sub(block);
		T::WorkingTime::now().saturating_sub(working) >= blocks
	}

	/// Everybody who was there starts from nothing; who was not has missed one more.
	fn count_absence(session: SessionIndex, validators: u32, absent: Vec<OffenderOf<T>>) -> u32 {
		let before = Missed::<T>::get();
		let limit = T::OfflineLimit::get();
		let mut missed = Vec::new();
		let mut offenders = Vec::new();
		for offender in absent {
			let validator = offender.0.clone();
			let earlier = before.iter().find(|(who, _)| *who == validator);
			let count = earlier.map_or(0, |(_, count)| *count).saturating_add(1);
			Self::deposit_event(Event::SessionMissed {
				validator: validator.clone(),
				session,
				missed: count,
			});
			if count >= limit {
				offenders.push(offender);
			} else {
				missed.push((validator, count));
			}
		}
		// No more than were absent, for whom there is as much room.
		Missed::<T>::put(BoundedVec::truncate_from(missed));
		let reported = offenders.len().saturated_into();
		Self::report_offline(session, validators, offenders);
		reported
	}

	fn report_offline(session: SessionIndex, validators: u32, offenders: Vec<OffenderOf<T>>) {
		if offenders.is_empty() {
			return;
		}
		let fraction = T::SlashRate::get();
		let accounts: Vec<_> = offenders.iter().map(|(account, _)| account.clone()).collect();
		let offence = Offline { session, validators, offenders, fraction };
		// The one error there is says that this session's was reported already.
		if T::ReportOffline::report_offence(Vec::new(), offence).is_ok() {
			for validator in accounts {
				Self::deposit_event(Event::OfflineReported { validator, session, fraction });
			}
		}
	}

	fn keep_turnout(session: SessionIndex, turnout: Turnout) {
		Turnouts::<T>::insert(session, turnout);
		if let Some(oldest) = session.checked_sub(T::HistoryLength::get()) {
			Turnouts::<T>::remove(oldest);
		}
		Self::deposit_event(Event::SessionEnded { session, turnout });
	}

	/// How many sessions in a row `validator` has missed.
	pub(crate) fn missed_by(validator: &T::AccountId) -> u32 {
		let missed = Missed::<T>::get();
		missed.iter().find(|(who, _)| who == validator).map_or(0, |(_, count)| *count)
	}

	/// The share of validators that took part, over all sessions that are kept.
	pub(crate) fn mean_participation() -> Option<Perbill> {
		let (present, validators) =
			Turnouts::<T>::iter_values().fold((0u64, 0u64), |(present, validators), turnout| {
				(
					present.saturating_add(turnout.present.into()),
					validators.saturating_add(turnout.validators.into()),
				)
			});
		(validators > 0).then(|| Perbill::from_rational(present, validators))
	}
}

/// Takes what `pallet-im-online` reports at the end of a session, and counts it instead of punishing it.
impl<T: Config> ReportOffence<T::AccountId, OffenderOf<T>, UnresponsivenessOffence<OffenderOf<T>>>
	for Pallet<T>
{
	fn report_offence(
		_reporters: Vec<T::AccountId>,
		offence: UnresponsivenessOffence<OffenderOf<T>>,
	) -> Result<(), OffenceError> {
		// No more than there are validators.
		let absent = BoundedVec::truncate_from(offence.offenders());
		Absent::<T>::put(absent);
		Ok(())
	}

	fn is_known_offence(_offenders: &[OffenderOf<T>], _session: &SessionIndex) -> bool {
		false
	}
}
