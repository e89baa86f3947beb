//! Evidence: what devices have signed. What a report may rest on, how far a feed has used a device, and what can be
//! shown of a report later. The only writer of [`TestimoniesIn`].

use alloc::{collections::BTreeMap, vec::Vec};

use frame_support::{
	dispatch::DispatchResult, ensure, storage::with_storage_layer, traits::Get, weights::Weight,
	BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	device::{DeviceKey, Refutation, SignedMeasurement},
	fault::{Fault, FaultReport},
	feed::{Evidence, EvidenceRule, FeedId, Observation, RoundIndex},
	traits::{CancelPenalty, Devices, ReportFault, WorkingTime},
};
use sp_core::H256;
use sp_runtime::traits::Saturating;

use crate::{Config, Error, Event, Pallet, RoundOf, Testimonies, TestimoniesIn, WeightInfo};

impl<T: Config> Pallet<T> {
	/// Whether a report in `round` of `feed` may rest on what it names.
	///
	/// A device that was taken out of service or condemned since the round opened is as good as before: who has
	/// committed to its measurement could say nothing else, and its owner would make everybody miss the round.
	pub(crate) fn check_evidence(
		feed: &FeedId,
		round: &RoundOf<T>,
		observation: &Observation,
	) -> Result<(), Error<T>> {
		let Some(named) = observation.evidence.as_ref().and_then(Evidence::measurement) else {
			ensure!(round.evidence == EvidenceRule::Optional, Error::<T>::MeasurementRequired);
			return Ok(());
		};
		let standing =
			T::Devices::standing(&named.device, feed).ok_or(Error::<T>::UnknownDevice)?;
		if !standing.state.was_active_at(round.opened_at) {
			return Err(match standing.state.is_condemned() {
				true => Error::<T>::DeviceCondemned,
				false => Error::<T>::DeviceRetired,
			});
		}
		// Not of what is used in this round: others may have read the device later, and nobody can know before.
		ensure!(named.counter >= standing.counter, Error::<T>::Replayed);
		Ok(())
	}

	/// Notes how far a feed has used each device, by the reports of a round but the `outliers`'.
	///
	/// That the device has signed what a report names isn't proven on chain. So a reporter could name the highest
	/// counter that there is, and keep the feed from using the device ever again. What counts is therefore the
	/// highest counter that reporters with a third of the round's weight have reached together: as less than that is
	/// faulty, one of them is honest, and has seen the device sign a counter so high. Whichever measurements they are,
	/// as honest reporters read a device at different times. A device that fewer use keeps its counter. Then a replay
	/// fools nobody but those who make it, by no more weight than they could lie with in any case.
	///
	/// More than two devices have a third of the weight each only if it is exactly that, so the work is bounded.
	pub(crate) fn note_used(id: FeedId, round: &RoundOf<T>, outliers: &[T::AccountId]) {
		let mut used = BTreeMap::<&DeviceKey, Vec<(u64, u128)>>::new();
		for (duty, _, named) in round.measured() {
			if !outliers.contains(&duty.reporter) {
				used.entry(&named.device).or_default().push((named.counter, duty.weight));
			}
		}
		for (device, mut counters) in used {
			counters.sort_unstable_by(|one, other| other.cmp(one));
			if let Some(counter) = reached_by_a_third(&counters, round.assigned) {
				T::Devices::note_counter(device, &id, counter);
			}
		}
	}

	/// Keeps what was revealed in a round that has ended, as far as a device has measured it.
	pub(crate) fn keep_testimonies(id: FeedId, round: &RoundOf<T>, now: BlockNumberFor<T>) {
		let hashes: Vec<_> = round
			.measured()
			.map(|(duty, observation, _)| observation.testimony(&id, round.index, &duty.reporter))
			.collect();
		if !hashes.is_empty() {
			// No more than there were duties.
			let hashes = BoundedVec::truncate_from(hashes);
			TestimoniesIn::<T>::insert(id, round.index, Testimonies { ended_at: now, hashes });
		}
	}

	/// `newest` is the feed's newest round: one that is [`Config::ProofRounds`] older is forgotten.
	pub(crate) fn forget_testimonies(id: FeedId, newest: RoundIndex) {
		if let Some(old) = newest.checked_sub(T::ProofRounds::get()) {
			TestimoniesIn::<T>::remove(id, old);
		}
	}

	/// What was revealed can't be proven anything of any more.
	pub(crate) fn forget_testimony(id: FeedId, round: RoundIndex, testimony: H256) {
		TestimoniesIn::<T>::mutate_exists(id, round, |entry| {
			if let Some(kept) = entry {
				kept.hashes.retain(|hash| *hash != testimony);
				if kept.hashes.is_empty() {
					*entry = None;
				}
			}
		});
	}

	/// A feed is removed. Who has lied in its last rounds must not get away with that: what was revealed stays for
	/// [`Config::ProofTime`].
	pub(crate) fn keep_testimonies_of_removed(id: FeedId) {
		if TestimoniesIn::<T>::iter_key_prefix(id).next().is_some() {
			let until = T::WorkingTime::now().saturating_add(T::ProofTime::get());
			Self::schedule(id, until.max(Self::next_working_block()));
		}
	}

	/// A feed was removed [`Config::ProofTime`] ago. Gives the weight of forgetting what was revealed in it.
	pub(crate) fn forget_removed(id: FeedId) -> Weight {
		Self::unschedule(id);
		// There are no more than that, so nothing is left.
		let _ = TestimoniesIn::<T>::clear_prefix(id, T::ProofRounds::get(), None);
		T::WeightInfo::forget_removed()
	}

	/// The only way to show that a report was made up. What is cheap to check comes first.
	pub(crate) fn do_prove_manipulation(
		prover: T::AccountId,
		feed: FeedId,
		round: RoundIndex,
		reporter: T::AccountId,
		observation: Observation,
		signed: SignedMeasurement,
	) -> DispatchResult {
		let testimony = observation.testimony(&feed, round, &reporter);
		let ended_at = Self::end_of_round_with(&feed, round, &testimony)?;
		let genesis = Self::genesis_hash();
		let measurement = &signed.measurement;
		match measurement.refutes(&feed, &observation, &genesis) {
			None => return Err(Error::<T>::OtherMeasurement.into()),
			Some(Refutation::None) => return Err(Error::<T>::NoManipulation.into()),
			// The reporter has named these very bytes: whoever made them, it is caught by its own word.
			Some(Refutation::ByItself) => (),
			// The device's word stands against the reporter's. It must have something to lose.
			Some(Refutation::ByAnother) => {
				let standing = T::Devices::standing(&measurement.device, &feed)
					.ok_or(Error::<T>::UnknownDevice)?;
				ensure!(!standing.state.is_condemned(), Error::<T>::DeviceCondemned);
			}
		}
		ensure!(signed.verify(&genesis), Error::<T>::NotSignedByDevice);

		let penalty = T::Faults::report_fault(FaultReport {
			offender: reporter.clone(),
			fault: Fault::DataManipulation,
			happened: ended_at,
			// Only validators' faults need one, and no oracle operator is a validator.
			session: 0,
			evidence: testimony,
			reporter: Some(prover.clone()),
		})?;
		let penalty = penalty.map(|penalty| penalty.id);
		// Once is enough, also when who punishes has forgotten it.
		Self::forget_testimony(feed, round, testimony);
		Self::deposit_event(Event::ManipulationProven {
			feed,
			round,
			reporter: reporter.clone(),
			observation,
			measurement: signed,
			prover,
			penalty,
		});
		Self::settle_demand(reporter, testimony, penalty)
	}

	/// The only way to clear a reporter.
	///
	/// `signed` is what the reporter has revealed, word for word: otherwise the testimony would be another one, and
	/// nobody accused of it. So what was held against the reporter is another measurement of this device with this
	/// counter, which this chain has seen signed. The device has signed both.
	pub(crate) fn do_absolve(
		caller: T::AccountId,
		round: RoundIndex,
		reporter: T::AccountId,
		signed: &SignedMeasurement,
	) -> DispatchResult {
		let genesis = Self::genesis_hash();
		let measurement = &signed.measurement;
		let (feed, device) = (measurement.feed, measurement.device.clone());
		let testimony = measurement.observation(&genesis).testimony(&feed, round, &reporter);
		let penalty = T::Penalties::waiting(&reporter, Fault::DataManipulation, &testimony)
			.ok_or(Error::<T>::NotAccused)?;
		ensure!(signed.verify(&genesis), Error::<T>::NotSignedByDevice);

		T::Penalties::cancel(penalty)?;
		// Fails for a device that was condemned before, or is gone. The reporter is innocent in any case.
		let condemned = with_storage_layer(|| T::Devices::condemn(&device, &caller)).is_ok();
		Self::deposit_event(Event::Absolved {
			feed,
			round,
			reporter,
			device,
			caller,
			penalty,
			condemned,
		});
		Ok(())
	}

	/// The working block in which `round` of `feed` ended, if `testimony` was given in it.
	pub(crate) fn end_of_round_with(
		feed: &FeedId,
		round: RoundIndex,
		testimony: &H256,
	) -> Result<BlockNumberFor<T>, Error<T>> {
		let kept = TestimoniesIn::<T>::get(feed, round).ok_or(Error::<T>::NotTestified)?;
		ensure!(kept.hashes.contains(testimony), Error::<T>::NotTestified);
		Ok(kept.ended_at)
	}
}

/// The highest counter that a third of the `assigned` weight has reached. `counters` come with the weight behind
/// each, highest first.
fn reached_by_a_third(counters: &[(u64, u128)], assigned: u128) -> Option<u64> {
	let mut behind = 0u128;
	counters.iter().find_map(|(counter, weight)| {
		behind = behind.saturating_add(*weight);
		(behind.saturating_mul(3) >= assigned).then_some(*counter)
	})
}
