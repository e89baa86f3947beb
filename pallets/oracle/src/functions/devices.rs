//! Devices as a node sees them: whether the chain takes what they sign, what they have signed for the node's reports,
//! and who has made up what they signed.
//!
//! What a report was taken from is kept as long as somebody could say that it was made up, or does. Who demands to see
//! it is shown it. When the operator stands accused, or another's report turns out to be made up, the log says what to
//! do, and gives what it takes: the operator decides.

use alloc::{format, vec::Vec};

use codec::{Decode, Encode};
use frame_support::traits::Get;
use frame_system::{offchain::SubmitTransaction, pallet_prelude::BlockNumberFor};
use log::Level;
use rwa_primitives::{
	device::{DeviceState, Measurement, Refutation, SignedMeasurement},
	fault::Fault,
	feed::{FeedId, RoundIndex},
	traits::{Accusations, CancelPenalty, Devices},
};
use sp_core::H256;
use sp_runtime::offchain::storage::StorageValueRef;

use super::{
	sources::{note_source, News},
	worker::{Operator, Served},
};
use crate::{Call, Config, Demand, Demands, DutyState, Pallet, Phase, RoundOf, Rounds};

/// Blocks from one look for accusations and demands to the next. They wait for days.
pub(crate) const LOOK_EVERY: u64 = 10;

/// Most that is kept in one place: what was signed for the newest round of it, and for older ones that somebody still
/// asks about. Enough: of what one can have punished in a day, six accusations, no more than 42 wait for a week.
const MAX_BASES: usize = 64;

/// How often it is tried to keep something while another run does the same.
const ATTEMPTS: u32 = 8;

/// Why the chain would not take what a device has signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum DeviceFault {
	/// It isn't registered on the feed's asset.
	Unregistered,
	/// It was taken out of service.
	Retired,
	/// It was shown to deceive.
	Condemned,
	/// The feed has used newer measurements.
	Replayed,
}

impl DeviceFault {
	/// In words that stay the same as long as it does.
	pub(crate) fn as_str(self) -> &'static str {
		match self {
			Self::Unregistered => "the device is not registered on the feed's asset",
			Self::Retired => "the device was taken out of service",
			Self::Condemned => "the device has signed two measurements with one counter",
			Self::Replayed => "the feed has used newer measurements of this device",
		}
	}
}

/// What was signed for an operator's report.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
struct Basis {
	round: RoundIndex,
	signed: SignedMeasurement,
}

impl<T: Config> Pallet<T> {
	/// Whether the chain would take this measurement as evidence.
	///
	/// Stricter than the chain: a device that has left service since the round opened needs not be asked.
	pub(crate) fn check_device(measurement: &Measurement) -> Result<(), DeviceFault> {
		let standing = T::Devices::standing(&measurement.device, &measurement.feed)
			.ok_or(DeviceFault::Unregistered)?;
		match standing.state {
			DeviceState::Retired { .. } => Err(DeviceFault::Retired),
			DeviceState::Condemned { .. } => Err(DeviceFault::Condemned),
			DeviceState::Active if measurement.counter < standing.counter => {
				Err(DeviceFault::Replayed)
			}
			DeviceState::Active => Ok(()),
		}
	}

	/// Keeps what `operator` is about to rest its report in `round` on. Takes the place of what is too old to be
	/// proven anything of, unless somebody asks about it. Runs that overlap may each keep something for one round.
	pub(crate) fn keep_basis(
		feed: FeedId,
		operator: &T::AccountId,
		round: RoundIndex,
		signed: SignedMeasurement,
	) {
		let key = basis_key::<T>(feed, operator, round);
		let keep = |found: Result<Option<Vec<Basis>>, _>| {
			let mut kept = found.ok().flatten().unwrap_or_default();
			kept.retain(|old| old.round == round || Self::is_in_question(&feed, operator, old));
			if kept.len() >= MAX_BASES {
				kept.remove(0);
			}
			kept.push(Basis { round, signed: signed.clone() });
			Ok::<_, ()>(kept)
		};
		let kept = (0..ATTEMPTS).any(|_| StorageValueRef::persistent(&key).mutate(keep).is_ok());
		if !kept {
			log!(
				Level::Warn,
				"could not keep what the report to {feed:?}, round {round}, rests on: its operator could not defend it",
			);
		}
	}

	/// Whether somebody demands to see what `operator` rested this report on, or says that it was made up.
	fn is_in_question(feed: &FeedId, operator: &T::AccountId, basis: &Basis) -> bool {
		let testimony = Self::testimony_of(feed, operator, basis);
		Demands::<T>::contains_key(operator, testimony)
			|| T::Penalties::waiting(operator, Fault::DataManipulation, &testimony).is_some()
	}

	/// What the report is known by that rested on `basis`.
	fn testimony_of(feed: &FeedId, operator: &T::AccountId, basis: &Basis) -> H256 {
		let observation = basis.signed.measurement.observation(&Self::genesis_hash());
		observation.testimony(feed, basis.round, operator)
	}

	/// Shows what somebody demands to see of the operators' reports, as far as this node has it.
	pub(crate) fn meet_demands(operators: &[Operator<T::AccountId>], block: u64) {
		if block.checked_rem(LOOK_EVERY) != Some(0) {
			return;
		}
		for Operator { account, .. } in operators {
			for (testimony, demand) in Self::demands_on(account) {
				Self::meet_demand(account, testimony, &demand, block);
			}
		}
	}

	fn meet_demand(
		operator: &T::AccountId,
		testimony: H256,
		demand: &Demand<T::AccountId, BlockNumberFor<T>>,
		block: u64,
	) {
		let Demand { feed, round, due_at, .. } = *demand;
		let basis = bases::<T>(feed, operator, round)
			.into_iter()
			.find(|basis| Self::testimony_of(&feed, operator, basis) == testimony);
		let known_as = format!("a demand: {testimony:?}");
		let Some(basis) = basis else {
			if note_source(feed, &known_as, Some("nothing to show"), block) == News::Trouble {
				log!(
					Level::Warn,
					"somebody demands to see the measurement that this node's operator named in round {round} of \
					 {feed:?}, and this node doesn't have it. Its operator is punished unless somebody shows it by \
					 show_measurement before working block {due_at:?}",
				);
			}
			return;
		};
		let measurement = basis.signed.into();
		let call = Call::<T>::show_measurement { round, reporter: operator.clone(), measurement };
		let transaction = T::create_authorized_transaction(call.into());
		// It is refused as long as the same is in the pool.
		let sent = SubmitTransaction::<T, Call<T>>::submit_transaction(transaction).is_ok();
		if note_source(feed, &known_as, Some("shown"), block) != News::Trouble {
			return;
		}
		match sent {
			true => log!(
				Level::Info,
				"somebody demanded to see the measurement that was named in round {round} of {feed:?}: sent it",
			),
			false => log!(
				Level::Warn,
				"somebody demands to see the measurement that was named in round {round} of {feed:?}, and the pool did \
				 not take it; is it on its way? It is tried again until working block {due_at:?} and after",
			),
		}
	}

	/// Says in the log whom of the operators somebody has accused of having made a report up, and how it clears
	/// itself. At once for each report, and then now and then.
	pub(crate) fn look_for_accusations(
		feeds: &[&Served<'_>],
		operators: &[Operator<T::AccountId>],
		block: u64,
	) {
		if block.checked_rem(LOOK_EVERY) != Some(0) {
			return;
		}
		for Operator { account, .. } in operators {
			if !T::Penalties::is_accused(account) {
				continue;
			}
			for (feed, _) in feeds {
				// One for each place that a round's can have.
				(0..T::ProofRounds::get())
					.flat_map(|place| bases::<T>(*feed, account, place))
					.for_each(|basis| Self::look_for_accusation(*feed, account, &basis, block));
			}
		}
	}

	fn look_for_accusation(feed: FeedId, operator: &T::AccountId, basis: &Basis, block: u64) {
		let Basis { round, signed } = basis;
		let testimony = Self::testimony_of(&feed, operator, basis);
		let Some(penalty) = T::Penalties::waiting(operator, Fault::DataManipulation, &testimony)
		else {
			return;
		};
		let known_as = format!("penalty {penalty}");
		if note_source(feed, &known_as, Some("accused"), block) == News::Trouble {
			let json = signed.defence_json(*round, &operator.encode());
			log!(
				Level::Warn,
				"this node's operator stands accused of having made up its report to {feed:?}, round {round}: the device \
				 has signed twice. Clear it before penalty {penalty} is due, by scripts/js/absolve.js with this in a file: \
				 {json}",
			);
		}
	}

	/// Says in the log who has made up a report to `feed`, as far as this node holds what the device has signed, and
	/// how to show it. Once for each reporter and round.
	pub(crate) fn look_for_manipulation(
		feeds: &[&Served<'_>],
		operators: &[Operator<T::AccountId>],
		block: u64,
	) {
		for (feed, _) in feeds {
			let Some(round) = Rounds::<T>::get(feed).filter(|round| round.phase == Phase::Reveal)
			else {
				continue;
			};
			for Operator { account, .. } in operators {
				bases::<T>(*feed, account, round.index)
					.into_iter()
					.filter(|basis| basis.round == round.index)
					.for_each(|basis| Self::compare(*feed, &round, &basis.signed, block));
			}
		}
	}

	/// Holds all that was revealed in `round` against what the device has signed.
	fn compare(feed: FeedId, round: &RoundOf<T>, signed: &SignedMeasurement, block: u64) {
		let genesis = Self::genesis_hash();
		for duty in &round.duties {
			let DutyState::Revealed(observation) = &duty.state else { continue };
			match signed.measurement.refutes(&feed, observation, &genesis) {
				Some(Refutation::ByItself | Refutation::ByAnother) => (),
				Some(Refutation::None) | None => continue,
			}
			let reporter = duty.reporter.encode();
			let known_as = format!("a report of {reporter:?}");
			let what = format!("made up in round {}", round.index);
			if note_source(feed, &known_as, Some(&what), block) == News::Trouble {
				let json = signed.proof_json(round.index, &reporter, observation);
				log!(
					Level::Warn,
					"a report to {feed:?}, round {}, is not what the device has signed. Show that when the round is \
					 over, by scripts/js/prove-manipulation.js with this in a file: {json}",
					round.index,
				);
			}
		}
	}
}

/// What is kept in the place of `round`: for it, or for others that have the same place.
fn bases<T: Config>(feed: FeedId, operator: &T::AccountId, round: RoundIndex) -> Vec<Basis> {
	let key = basis_key::<T>(feed, operator, round);
	StorageValueRef::persistent(&key).get().ok().flatten().unwrap_or_default()
}

/// Where what `operator` rested its report in `round` on is. As many places as there are rounds that something can be
/// proven of.
fn basis_key<T: Config>(feed: FeedId, operator: &T::AccountId, round: RoundIndex) -> Vec<u8> {
	let place = round.checked_rem(T::ProofRounds::get()).unwrap_or(0);
	(b"rwa/oracle/bases/v1", feed, operator, place).encode()
}
