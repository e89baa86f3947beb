//! Devices as a node sees them: whether the chain takes what they sign, what they have signed for the node's reports,
//! and who has made up what they signed.
//!
//! What a report was taken from is kept as long as somebody could say that it was made up. When somebody does, or when
//! another's report turns out to be made up, the log says what to do, and gives what it takes: the operator decides.

use alloc::{format, vec::Vec};

use codec::{Decode, Encode};
use frame_support::traits::Get;
use log::Level;
use rwa_primitives::{
	device::{DeviceState, Measurement, Refutation, SignedMeasurement},
	fault::Fault,
	feed::{FeedId, RoundIndex},
	traits::{Accusations, CancelPenalty, Devices},
};
use sp_runtime::offchain::storage::StorageValueRef;

use super::{
	sources::{note_source, News},
	worker::{Operator, Served},
};
use crate::{Config, DutyState, Pallet, Phase, RoundOf, Rounds};

/// Blocks from one look for accusations to the next. One waits for days.
pub(crate) const LOOK_EVERY: u64 = 10;

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
	/// Whether the log has said that the operator stands accused of having made it up.
	told: bool,
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
	/// proven anything of.
	pub(crate) fn keep_basis(
		feed: FeedId,
		operator: &T::AccountId,
		round: RoundIndex,
		signed: SignedMeasurement,
	) {
		let basis = Basis { round, signed, told: false };
		StorageValueRef::persistent(&basis_key::<T>(feed, operator, round)).set(&basis);
	}

	/// Says in the log whom of the operators somebody has accused of having made a report up, and how it clears
	/// itself. Once for each report.
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
					.for_each(|place| Self::look_for_accusation(*feed, account, place));
			}
		}
	}

	fn look_for_accusation(feed: FeedId, operator: &T::AccountId, place: RoundIndex) {
		let key = basis_key::<T>(feed, operator, place);
		let stored = StorageValueRef::persistent(&key);
		let Some(basis) = stored.get::<Basis>().ok().flatten().filter(|basis| !basis.told) else {
			return;
		};
		let Basis { round, ref signed, .. } = basis;
		let observation = signed.measurement.observation(&Self::genesis_hash());
		let testimony = observation.testimony(&feed, round, operator);
		let Some(penalty) = T::Penalties::waiting(operator, Fault::DataManipulation, &testimony)
		else {
			return;
		};
		let json = signed.defence_json(round, &operator.encode());
		log!(
			Level::Warn,
			"this node's operator stands accused of having made up its report to {feed:?}, round {round}: the device \
			 has signed twice. Clear it before penalty {penalty} is due, by scripts/js/absolve.js with this in a file: \
			 {json}",
		);
		stored.set(&Basis { told: true, ..basis });
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
				let stored = basis_key::<T>(*feed, account, round.index);
				let basis = StorageValueRef::persistent(&stored).get::<Basis>().ok().flatten();
				if let Some(basis) = basis.filter(|basis| basis.round == round.index) {
					Self::compare(*feed, &round, &basis.signed, block);
				}
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

/// Where what `operator` rested its report in `round` on is. As many places as there are rounds that something can be
/// proven of.
fn basis_key<T: Config>(feed: FeedId, operator: &T::AccountId, round: RoundIndex) -> Vec<u8> {
	let place = round.checked_rem(T::ProofRounds::get()).unwrap_or(0);
	(b"rwa/oracle/basis/v1", feed, operator, place).encode()
}
