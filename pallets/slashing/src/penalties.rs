//! Penalties: reported, cancelled, executed, forgotten. The only writer of their storage.

use crate::{
	Charge, ChargeOf, Charged, Config, Error, Event, FaultReportOf, FirstKept, FirstPending, Known,
	NextPenalty, OffenderOf, Pallet, Penalties, Penalty, PenaltyId, PenaltyOf, PenaltyStatus,
	Pending, ProvenFault, WeightInfo,
};
use alloc::vec::Vec;
use frame_support::{defensive, dispatch::DispatchResult, ensure, traits::Get, weights::Weight};
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	app_key::Role,
	fault::{Fault, FaultReport, PendingPenalty},
	traits::{Accusations, CancelPenalty, Conduct, ReportFault, Stakes, WorkingTime},
	Balance,
};
use sp_core::H256;
use sp_runtime::{
	traits::{BlakeTwo256, CheckedSub, Convert, Hash, Saturating},
	ArithmeticError, DispatchError, Perbill, SaturatedConversion,
};
use sp_staking::{
	offence::{OffenceError, ReportOffence},
	SessionIndex,
};

/// Most penalties that one view lists: a bound on the work of one request to a node.
const MAX_PAGE: u32 = 100;

impl<T: Config> Pallet<T> {
	/// The only way in which a proven fault is punished. Gives the penalty that waits; the staking pallet numbers
	/// its slashes itself.
	pub(crate) fn do_report_fault(
		report: FaultReportOf<T>,
	) -> Result<Option<PendingPenalty<BlockNumberFor<T>>>, DispatchError> {
		let role = Self::accountable_role(&report).ok_or(Error::<T>::UnknownOffender)?;
		ensure!(report.fault.possible_for(role), Error::<T>::ImpossibleFault);
		let now = T::WorkingTime::now();
		let age = now.checked_sub(&report.happened).ok_or(Error::<T>::NotYetHappened)?;
		ensure!(age <= T::ReportWindow::get(), Error::<T>::TooOld);
		match role {
			Role::Validator => Self::report_validator(report).map(|()| None),
			_ => Self::open_penalty(role, report, now).map(Some),
		}
	}

	/// The role in which the offender answers for what it did.
	///
	/// A validator leaves the registry at once, but what it was elected with stays within reach in the staking
	/// pallet.
	fn accountable_role(report: &FaultReportOf<T>) -> Option<Role> {
		T::Stakes::role_of(&report.offender)
			.or_else(|| Self::elected(&report.offender, report.session).map(|_| Role::Validator))
	}

	/// How the offices for validators name `who`, if it has something to lose for a fault in `session`.
	fn elected(who: &T::AccountId, session: SessionIndex) -> Option<T::FullIdentification> {
		T::FullIdentificationOf::convert((who.clone(), session))
	}

	/// Leaves the rest to the offices that punish validators: they know earlier reports, defer the slash,
	/// and can cancel it.
	fn report_validator(report: FaultReportOf<T>) -> DispatchResult {
		let FaultReport { offender, fault, happened, session, evidence, reporter } = report;
		let identification =
			Self::elected(&offender, session).ok_or(Error::<T>::UnknownOffender)?;
		let fraction = Self::price(Role::Validator, fault, happened);
		let offence = ProvenFault::<OffenderOf<T>> {
			session,
			validators: T::Validators::get().len().saturated_into(),
			offender: (offender.clone(), identification),
			fault,
			evidence,
			fraction,
		};
		let reporter = reporter.filter(|reporter| *reporter != offender);
		let reporters = reporter.iter().cloned().collect();
		T::ReportValidatorFault::report_offence(reporters, offence).map_err(
			|error| match error {
				OffenceError::DuplicateReport => Error::<T>::AlreadyPunished,
				OffenceError::Other(_) => Error::<T>::TooOld,
			},
		)?;
		if fault.is_false_statement() {
			T::Conduct::note_proven(&offender, false);
		}
		Self::deposit_event(Event::ValidatorReported {
			validator: offender,
			fault,
			session,
			fraction,
			evidence,
			reporter,
		});
		Ok(())
	}

	fn open_penalty(
		role: Role,
		report: FaultReportOf<T>,
		now: BlockNumberFor<T>,
	) -> Result<PendingPenalty<BlockNumberFor<T>>, DispatchError> {
		let FaultReport { offender, fault, happened, session: _, evidence, reporter } = report;
		let mark = Self::mark_of(&offender, fault, &evidence);
		ensure!(!Known::<T>::contains_key(mark), Error::<T>::AlreadyPunished);
		let at_stake = T::Stakes::at_stake(&offender);
		let mut charge = Self::charge_of(&offender, at_stake, now);
		let price = Self::price(role, fault, happened).mul_floor(at_stake);
		let amount = price.min(charge.room(T::Cap::get()));
		ensure!(amount > 0, Error::<T>::NothingToTake);
		let id = NextPenalty::<T>::get();
		let next = id.checked_add(1).ok_or(ArithmeticError::Overflow)?;

		charge.charged = charge.charged.saturating_add(amount);
		Charged::<T>::insert(&offender, charge);
		let penalty = Penalty {
			role,
			fault,
			amount,
			evidence,
			reporter: reporter.filter(|reporter| *reporter != offender),
			offender,
			happened,
			reported_at: now,
			due_at: now.saturating_add(T::Deferral::get()),
			status: PenaltyStatus::Pending,
		};
		NextPenalty::<T>::put(next);
		Known::<T>::insert(mark, id);
		Pending::<T>::insert(&penalty.offender, id, ());
		Penalties::<T>::insert(id, &penalty);
		let Penalty { offender, reporter, due_at, .. } = penalty;
		Self::deposit_event(Event::PenaltyReported {
			penalty: id,
			offender,
			role,
			fault,
			amount,
			reporter,
			due_at,
		});
		Ok(PendingPenalty { id, due_at })
	}

	/// The only way to cancel a penalty. Nothing was taken yet, so there is nothing to give back.
	pub(crate) fn do_cancel_penalty(id: PenaltyId) -> DispatchResult {
		let mut penalty = Penalties::<T>::get(id).ok_or(Error::<T>::UnknownPenalty)?;
		ensure!(penalty.status == PenaltyStatus::Pending, Error::<T>::NotPending);

		Self::take_back_charge(&penalty);
		penalty.status = PenaltyStatus::Cancelled;
		Pending::<T>::remove(&penalty.offender, id);
		Penalties::<T>::insert(id, &penalty);
		Self::deposit_event(Event::PenaltyCancelled { penalty: id, offender: penalty.offender });
		Ok(())
	}

	/// Takes what is due at working time `now`, and forgets what is over. Gives the weight of that.
	pub(crate) fn settle(now: BlockNumberFor<T>) -> Weight {
		let executing = Self::execute_due(now);
		let forgetting = Self::forget_old(now);
		T::WeightInfo::settle_base().saturating_add(executing).saturating_add(forgetting)
	}

	/// Executes penalties that are due, oldest first. Looks at no more of them, cancelled ones
	/// included, than one block may. Gives the weight of what it found.
	pub(crate) fn execute_due(now: BlockNumberFor<T>) -> Weight {
		let first = FirstPending::<T>::get();
		let end = Self::end_of_share(first).min(NextPenalty::<T>::get());
		let mut weight = Weight::zero();
		let mut id = first;
		while id < end {
			match Penalties::<T>::get(id) {
				Some(penalty) if penalty.status == PenaltyStatus::Pending => {
					if penalty.due_at > now {
						break;
					}
					Self::execute(id, penalty);
					weight.saturating_accrue(T::WeightInfo::execute_penalty());
				}
				Some(_) => weight.saturating_accrue(T::WeightInfo::skip_penalty()),
				None => {
					defensive!("a penalty was forgotten before its time");
					weight.saturating_accrue(T::WeightInfo::skip_penalty());
				}
			}
			id = id.saturating_add(1);
		}
		if id > first {
			FirstPending::<T>::put(id);
		}
		weight
	}

	fn execute(id: PenaltyId, mut penalty: PenaltyOf<T>) {
		Pending::<T>::remove(&penalty.offender, id);
		let (taken, to_reporter) = T::Stakes::seize(
			&penalty.offender,
			penalty.amount,
			penalty.reporter.as_ref(),
			T::ReporterShare::get(),
		);
		if penalty.fault.is_false_statement() {
			T::Conduct::note_proven(&penalty.offender, false);
		}
		penalty.status = PenaltyStatus::Executed { taken };
		Penalties::<T>::insert(id, &penalty);
		let offender = penalty.offender;
		Self::deposit_event(Event::PenaltyExecuted { penalty: id, offender, taken, to_reporter });
	}

	/// Forgets penalties whose evidence is too old to be brought again, oldest first, as many as one
	/// block may. Gives the weight of that.
	pub(crate) fn forget_old(now: BlockNumberFor<T>) -> Weight {
		let first = FirstKept::<T>::get();
		let end = Self::end_of_share(first).min(FirstPending::<T>::get());
		let mut weight = Weight::zero();
		let mut id = first;
		while id < end {
			match Penalties::<T>::get(id) {
				Some(penalty) => {
					if now.saturating_sub(penalty.reported_at) <= T::ReportWindow::get() {
						break;
					}
					Self::forget(id, &penalty, now);
				}
				None => {
					defensive!("a penalty was forgotten out of turn");
				}
			}
			weight.saturating_accrue(T::WeightInfo::forget_penalty());
			id = id.saturating_add(1);
		}
		if id > first {
			FirstKept::<T>::put(id);
		}
		weight
	}

	fn forget(id: PenaltyId, penalty: &PenaltyOf<T>, now: BlockNumberFor<T>) {
		Penalties::<T>::remove(id);
		Known::<T>::remove(Self::mark_of(&penalty.offender, penalty.fault, &penalty.evidence));
		if Charged::<T>::get(&penalty.offender).is_some_and(|charge| Self::is_over(&charge, now)) {
			Charged::<T>::remove(&penalty.offender);
		}
		Self::deposit_event(Event::PenaltyForgotten { penalty: id });
	}

	/// One past the last penalty that one block may look at, if it begins with `first`.
	fn end_of_share(first: PenaltyId) -> PenaltyId {
		first.saturating_add(T::MaxExecutedPerBlock::get().into())
	}

	/// What `offender` was charged in the period that `now` is in.
	fn charge_of(
		offender: &T::AccountId,
		at_stake: Balance,
		now: BlockNumberFor<T>,
	) -> ChargeOf<T> {
		match Charged::<T>::get(offender) {
			Some(charge) if !Self::is_over(&charge, now) => {
				// Or one could be charged for a small stake, bond a large one, and be charged no more.
				Charge { base: charge.base.max(at_stake), ..charge }
			}
			_ => Charge { period_start: now, base: at_stake, charged: 0 },
		}
	}

	/// `penalty` is not to be taken: it counts towards the cap no more.
	fn take_back_charge(penalty: &PenaltyOf<T>) {
		Charged::<T>::mutate_exists(&penalty.offender, |entry| {
			if let Some(charge) =
				entry.as_mut().filter(|charge| penalty.reported_at >= charge.period_start)
			{
				charge.charged = charge.charged.saturating_sub(penalty.amount);
				if charge.charged == 0 {
					*entry = None;
				}
			}
		});
	}

	/// Whether the period of `charge` is over.
	fn is_over(charge: &ChargeOf<T>, now: BlockNumberFor<T>) -> bool {
		now.saturating_sub(charge.period_start) >= T::CapPeriod::get()
	}

	/// The share of its stake that `fault` costs a node in `role`, if it happened then.
	pub(crate) fn price(role: Role, fault: Fault, happened: BlockNumberFor<T>) -> Perbill {
		T::Stakes::slash_rate(role, happened).saturating_mul(fault.severity())
	}

	/// What offender, fault and evidence are known by.
	pub(crate) fn mark_of(offender: &T::AccountId, fault: Fault, evidence: &H256) -> H256 {
		BlakeTwo256::hash_of(&(offender, fault, evidence))
	}

	/// What waits to be taken from `who`, oldest first; of more than a page, any.
	pub(crate) fn pending_of(who: &T::AccountId) -> Vec<(PenaltyId, PenaltyOf<T>)> {
		let mut ids: Vec<_> =
			Pending::<T>::iter_key_prefix(who).take(MAX_PAGE.saturated_into()).collect();
		ids.sort_unstable();
		ids.into_iter().filter_map(|id| Some((id, Penalties::<T>::get(id)?))).collect()
	}

	/// Penalties from number `id` on, at most `limit`.
	pub(crate) fn page_from(id: PenaltyId, limit: u32) -> Vec<(PenaltyId, PenaltyOf<T>)> {
		let first = id.max(FirstKept::<T>::get());
		let end = first.saturating_add(limit.min(MAX_PAGE).into());
		(first..end.min(NextPenalty::<T>::get()))
			.filter_map(|id| Some((id, Penalties::<T>::get(id)?)))
			.collect()
	}
}

impl<T: Config> ReportFault<T::AccountId, BlockNumberFor<T>> for Pallet<T> {
	fn report_fault(
		report: FaultReportOf<T>,
	) -> Result<Option<PendingPenalty<BlockNumberFor<T>>>, DispatchError> {
		Self::do_report_fault(report)
	}
}

impl<T: Config> CancelPenalty<T::AccountId> for Pallet<T> {
	fn waiting(who: &T::AccountId, fault: Fault, evidence: &H256) -> Option<PenaltyId> {
		let id = Known::<T>::get(Self::mark_of(who, fault, evidence))?;
		Pending::<T>::contains_key(who, id).then_some(id)
	}

	fn cancel(id: PenaltyId) -> Result<(), DispatchError> {
		Self::do_cancel_penalty(id)
	}
}

impl<T: Config> Accusations<T::AccountId> for Pallet<T> {
	/// One look, however many penalties there are.
	fn is_accused(who: &T::AccountId) -> bool {
		Pending::<T>::iter_key_prefix(who).next().is_some()
	}
}
