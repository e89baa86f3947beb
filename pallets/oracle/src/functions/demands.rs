//! Demands: a reporter has to show the measurement that its report names. The only writer of [`Demands`].
//!
//! A report names a measurement by its hash, and whoever holds the measurement can prove that it says something else
//! (`evidence.rs`). Of a hash that belongs to no measurement at all nobody holds anything. So anyone may demand to see
//! it: an honest reporter's node has kept it, and shows it by itself.

use alloc::vec::Vec;

use frame_support::{
	dispatch::{DispatchResult, DispatchResultWithPostInfo, Pays},
	ensure,
	storage::with_storage_layer,
	traits::{
		fungible::hold::Mutate as _,
		tokens::{Fortitude, Precision, Restriction},
		Get,
	},
	weights::Weight,
};
use frame_system::{ensure_authorized, ensure_signed, pallet_prelude::OriginFor};
use rwa_primitives::{
	device::SignedMeasurement,
	fault::{Fault, FaultReport},
	feed::{FeedId, Observation, RoundIndex},
	traits::{ReportFault, WorkingTime},
	Balance,
};
use sp_core::H256;
use sp_runtime::{
	traits::{BlakeTwo256, Hash, Saturating},
	transaction_validity::{InvalidTransaction, TransactionValidityWithRefund, ValidTransaction},
	DispatchError, SaturatedConversion,
};

use crate::{Config, Demand, DemandOf, Demands, Error, Event, HoldReason, Pallet};

/// Most demands in one answer of the view function, and in one look of a node.
pub(crate) const MAX_DEMANDS: usize = 100;

impl<T: Config> Pallet<T> {
	/// The only way to demand a measurement.
	pub(crate) fn do_demand_measurement(
		challenger: T::AccountId,
		feed: FeedId,
		round: RoundIndex,
		reporter: T::AccountId,
		observation: Observation,
	) -> DispatchResult {
		let testimony = observation.testimony(&feed, round, &reporter);
		let ended_at = Self::end_of_round_with(&feed, round, &testimony)?;
		let now = T::WorkingTime::now();
		let in_time = now <= ended_at.saturating_add(T::ProofTime::get());
		ensure!(in_time, Error::<T>::TooLateToDemand);
		let demanded = Demands::<T>::contains_key(&reporter, testimony);
		ensure!(!demanded, Error::<T>::AlreadyDemanded);

		let bond = T::DemandBond::get();
		T::Currency::hold(&HoldReason::MeasurementDemand.into(), &challenger, bond)?;
		let due_at = now.saturating_add(T::ProofTime::get());
		let demand = Demand { feed, round, challenger: challenger.clone(), bond, due_at };
		Demands::<T>::insert(&reporter, testimony, demand);
		Self::deposit_event(Event::MeasurementDemanded {
			feed,
			round,
			reporter,
			observation,
			testimony,
			challenger,
			bond,
			due_at,
		});
		Ok(())
	}

	/// Who may show a measurement: anyone who signs for itself, or a node without a signature, since nothing comes of
	/// showing what isn't demanded.
	pub(crate) fn ensure_may_show(origin: OriginFor<T>) -> DispatchResult {
		match ensure_signed(origin.clone()) {
			Ok(_) => Ok(()),
			Err(_) => Ok(ensure_authorized(origin)?),
		}
	}

	/// Whether the pool, and then a block, should take a measurement from a node. One for each demand.
	pub(crate) fn authorize_showing(
		round: RoundIndex,
		reporter: &T::AccountId,
		signed: &SignedMeasurement,
	) -> TransactionValidityWithRefund {
		let (testimony, demand) =
			Self::met_demand(round, reporter, signed).map_err(|error| match error {
				Error::NotSignedByDevice => InvalidTransaction::BadProof,
				_ => InvalidTransaction::Stale,
			})?;
		let left = demand.due_at.saturating_sub(T::WorkingTime::now()).max(T::MinPhase::get());
		ValidTransaction::with_tag_prefix("rwa/oracle/demand")
			.priority(T::ReportPriority::get())
			.longevity(left.saturated_into())
			.and_provides((reporter, testimony))
			.propagate(true)
			.build()
			.map(|valid| (valid, Weight::zero()))
	}

	/// The only way to meet a demand. Possible until somebody enforces it, be it late.
	///
	/// What was shown can't be demanded again, and needs not be kept any more: two measurements with one counter condemn
	/// the device by themselves, and an accusation that waits has its own evidence.
	pub(crate) fn do_show_measurement(
		round: RoundIndex,
		reporter: T::AccountId,
		measurement: SignedMeasurement,
	) -> DispatchResultWithPostInfo {
		let (testimony, demand) = Self::met_demand(round, &reporter, &measurement)?;
		let Demand { feed, challenger, bond, .. } = demand;

		Demands::<T>::remove(&reporter, testimony);
		Self::forget_testimony(feed, round, testimony);
		let paid = Self::pay_bond(&challenger, &reporter, bond)?;
		Self::deposit_event(Event::MeasurementShown {
			feed,
			round,
			reporter,
			measurement,
			challenger,
			paid,
		});
		Ok(Pays::No.into())
	}

	/// The only way to have a demand punished that wasn't met in time.
	///
	/// For a day the challenger gets the reporter's share of the penalty, whoever enforces the demand; then who does.
	/// Otherwise a liar could demand of itself, and leave nobody a reason to enforce it.
	///
	/// If the reporter can't be punished now, as it has lost all that it can lose in a day, somebody tries again later. If
	/// it can't for [`Config::ProofTime`], it is gone, and the challenger has its bond back all the same.
	pub(crate) fn do_enforce_demand(
		caller: T::AccountId,
		reporter: T::AccountId,
		testimony: H256,
	) -> DispatchResultWithPostInfo {
		let demand = Demands::<T>::get(&reporter, testimony).ok_or(Error::<T>::NotDemanded)?;
		let (due_at, now) = (demand.due_at, T::WorkingTime::now());
		ensure!(now >= due_at, Error::<T>::TimeToShow);

		let is_left = now >= due_at.saturating_add(T::Day::get());
		let report = FaultReport {
			offender: reporter.clone(),
			fault: Fault::DataManipulation,
			// When it had nothing to show. The report itself may be longer ago than can be punished.
			happened: due_at,
			// Only validators' faults need one, and no oracle operator is a validator.
			session: 0,
			evidence: evidence_of(&testimony),
			reporter: Some(if is_left { caller } else { demand.challenger.clone() }),
		};
		let penalty = match with_storage_layer(|| T::Faults::report_fault(report)) {
			Ok(penalty) => penalty.map(|penalty| penalty.id),
			Err(why) if now < due_at.saturating_add(T::ProofTime::get()) => return Err(why.into()),
			Err(_) => None,
		};
		Self::forget_testimony(demand.feed, demand.round, testimony);
		Self::end_demand(reporter, testimony, demand, penalty)?;
		Ok(Pays::No.into())
	}

	/// A report was proven false. If somebody demands to see what it rested on, that is settled.
	pub(crate) fn settle_demand(
		reporter: T::AccountId,
		testimony: H256,
		penalty: Option<u64>,
	) -> DispatchResult {
		match Demands::<T>::get(&reporter, testimony) {
			Some(demand) => Self::end_demand(reporter, testimony, demand, penalty),
			None => Ok(()),
		}
	}

	/// Gives the bond of a demand back that nobody can meet any more.
	fn end_demand(
		reporter: T::AccountId,
		testimony: H256,
		demand: DemandOf<T>,
		penalty: Option<u64>,
	) -> DispatchResult {
		let Demand { feed, round, challenger, bond, .. } = demand;
		Demands::<T>::remove(&reporter, testimony);
		Self::give_bond_back(&challenger, bond)?;
		Self::deposit_event(Event::DemandEnforced {
			feed,
			round,
			reporter,
			testimony,
			challenger,
			bond,
			penalty,
		});
		Ok(())
	}

	/// What is demanded of `reporter`, by the testimony that it is about: of more than [`MAX_DEMANDS`], any.
	pub(crate) fn demands_on(reporter: &T::AccountId) -> Vec<(H256, DemandOf<T>)> {
		Demands::<T>::iter_prefix(reporter).take(MAX_DEMANDS).collect()
	}

	/// The demand that `signed` meets: it is what `reporter` has revealed in `round`, word for word. What is cheap to
	/// check comes first.
	fn met_demand(
		round: RoundIndex,
		reporter: &T::AccountId,
		signed: &SignedMeasurement,
	) -> Result<(H256, DemandOf<T>), Error<T>> {
		let genesis = Self::genesis_hash();
		let observation = signed.measurement.observation(&genesis);
		let testimony = observation.testimony(&signed.measurement.feed, round, reporter);
		let demand = Demands::<T>::get(reporter, testimony).ok_or(Error::<T>::NotDemanded)?;
		ensure!(signed.verify(&genesis), Error::<T>::NotSignedByDevice);
		Ok((testimony, demand))
	}

	/// Pays a challenger's bond to the reporter, for its trouble. Gives what it got: nothing if it can't receive it, or
	/// is the challenger itself, who keeps it then.
	fn pay_bond(
		challenger: &T::AccountId,
		reporter: &T::AccountId,
		bond: Balance,
	) -> Result<Balance, DispatchError> {
		let paid = challenger != reporter
			&& with_storage_layer(|| {
				T::Currency::transfer_on_hold(
					&HoldReason::MeasurementDemand.into(),
					challenger,
					reporter,
					bond,
					Precision::Exact,
					Restriction::Free,
					// By force: who has frozen its balance, for votes say, would demand for nothing.
					Fortitude::Force,
				)
			})
			.is_ok();
		if paid {
			return Ok(bond);
		}
		Self::give_bond_back(challenger, bond)?;
		Ok(0)
	}

	fn give_bond_back(challenger: &T::AccountId, bond: Balance) -> DispatchResult {
		let reason = HoldReason::MeasurementDemand.into();
		T::Currency::release(&reason, challenger, bond, Precision::Exact)?;
		Ok(())
	}
}

/// What a reporter is punished for who has not shown what `testimony` names. Not the testimony itself: the reporter would
/// clear itself of that as one who was framed, and the device be condemned that has signed only once.
pub(crate) fn evidence_of(testimony: &H256) -> H256 {
	BlakeTwo256::hash_of(&(b"rwa/oracle/demand/v1", testimony))
}
