//! Heartbeats of the nodes that don't validate, and what it costs when they stop.

use crate::{Config, Error, Event, Pallet};
use frame_support::{dispatch::DispatchResult, ensure, traits::Get, weights::Weight};
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	app_key::{AppPublic, AppSignature},
	fault::{Fault, FaultReport},
	heartbeat::{Heartbeat, Period},
	traits::{AppKeys, Presence, Stakes, WorkingTime},
};
use sp_application_crypto::RuntimeAppPublic;
use sp_core::H256;
use sp_runtime::{
	traits::{BlakeTwo256, CheckedDiv, Hash, Saturating, Zero},
	transaction_validity::{
		InvalidTransaction, TransactionSource, TransactionValidityWithRefund, ValidTransaction,
	},
	SaturatedConversion,
};

/// For how long a node has been away although it was expected, and until when.
pub(crate) struct Away<BlockNumber> {
	/// The working block in which it was last seen.
	pub(crate) last_seen: BlockNumber,
	/// The last working block in which it was expected: this one, unless it was excused since.
	pub(crate) until: BlockNumber,
}

impl<BlockNumber: Saturating + Copy> Away<BlockNumber> {
	/// How many working blocks that is.
	pub(crate) fn length(&self) -> BlockNumber {
		self.until.saturating_sub(self.last_seen)
	}
}

/// What the transaction pool says of a heartbeat that can't be admitted.
fn refusal<T: Config>(error: Error<T>) -> InvalidTransaction {
	match error {
		Error::PeriodNotBegun => InvalidTransaction::Future,
		Error::UnknownKey | Error::NotExpected => InvalidTransaction::BadSigner,
		Error::BadSignature => InvalidTransaction::BadProof,
		_ => InvalidTransaction::Stale,
	}
}

impl<T: Config> Pallet<T> {
	/// Whether the pool, and then a block, should take a heartbeat.
	///
	/// One of each node and period can be in the pool, whichever key signs it.
	pub(crate) fn authorize_heartbeat(
		_source: TransactionSource,
		beat: &Heartbeat,
		signature: &AppSignature,
	) -> TransactionValidityWithRefund {
		let node = Self::admit(beat, signature).map_err(refusal)?;
		let left =
			Self::start_of(beat.period.saturating_add(1)).saturating_sub(T::WorkingTime::now());
		ValidTransaction::with_tag_prefix("rwa/heartbeat")
			.priority(T::HeartbeatPriority::get())
			.and_provides((node, beat.period))
			.longevity(left.saturated_into())
			.propagate(true)
			.build()
			.map(|valid| (valid, Weight::zero()))
	}

	/// The only way for a heartbeat to count. Trusts nothing that was checked before.
	pub(crate) fn do_heartbeat(beat: &Heartbeat, signature: &AppSignature) -> DispatchResult {
		let node = Self::admit(beat, signature)?;
		// Or a node that was away for days could come back just before somebody reports it.
		Self::punish_own_return(&node)?;

		T::Presence::note_presence(&node);
		Self::deposit_event(Event::HeartbeatReceived { node, period: beat.period });
		Ok(())
	}

	/// Every condition on a heartbeat, cheapest first.
	fn admit(beat: &Heartbeat, signature: &AppSignature) -> Result<T::AccountId, Error<T>> {
		let period = Self::current_period();
		ensure!(beat.period >= period, Error::<T>::PeriodOver);
		ensure!(beat.period == period, Error::<T>::PeriodNotBegun);
		let node = Self::awaited(&beat.key, period)?;
		let payload = beat.signing_payload(&Self::genesis_hash());
		ensure!(beat.key.verify(&payload, signature), Error::<T>::BadSignature);
		Ok(node)
	}

	/// The node that `key` acts for, if a heartbeat of it is wanted in `period`, the current one.
	pub(crate) fn awaited(key: &AppPublic, period: Period) -> Result<T::AccountId, Error<T>> {
		let (node, role) = T::AppKeys::operator_of(key).ok_or(Error::<T>::UnknownKey)?;
		ensure!(Fault::Absence.possible_for(role), Error::<T>::NotExpected);
		let last_seen = T::Presence::last_seen(&node).ok_or(Error::<T>::NotExpected)?;
		ensure!(Self::period_of(last_seen) < period, Error::<T>::AlreadySeen);
		ensure!(T::Presence::excused_since(&node).is_none(), Error::<T>::NotExpected);
		Ok(node)
	}

	/// The only way to punish absence.
	pub(crate) fn do_report_absence(reporter: T::AccountId, node: T::AccountId) -> DispatchResult {
		ensure!(reporter != node, Error::<T>::OwnFault);
		let role = T::Stakes::role_of(&node).ok_or(Error::<T>::UnknownOffender)?;
		ensure!(Fault::Absence.possible_for(role), Error::<T>::ImpossibleFault);
		let away = Self::away(&node).ok_or(Error::<T>::UnknownOffender)?;
		ensure!(Self::is_too_long(&away), Error::<T>::NotAbsent);

		Self::punish_absence(&node, away, Some(reporter))?;
		T::Presence::forgive_absence(&node);
		Ok(())
	}

	/// A node that comes back after more than the limit has been absent, whether somebody said so or not.
	fn punish_own_return(node: &T::AccountId) -> DispatchResult {
		match Self::away(node).filter(Self::is_too_long) {
			None => Ok(()),
			Some(away) => match Self::punish_absence(node, away, None) {
				// It was charged for as much as it can be today. It is back all the same.
				Err(error) if error == Error::<T>::NothingToTake.into() => Ok(()),
				outcome => outcome,
			},
		}
	}

	fn punish_absence(
		node: &T::AccountId,
		away: Away<BlockNumberFor<T>>,
		reporter: Option<T::AccountId>,
	) -> DispatchResult {
		Self::do_report_fault(FaultReport {
			evidence: BlakeTwo256::hash_of(&(b"absence", node, away.last_seen)),
			offender: node.clone(),
			fault: Fault::Absence,
			happened: away.until,
			// Says who nominated a validator, and this is none.
			session: 0,
			reporter,
		})
		.map(|_| ())
	}

	/// Whether being away for so long is a fault.
	fn is_too_long(away: &Away<BlockNumberFor<T>>) -> bool {
		away.length() > T::AbsenceLimit::get()
	}

	/// `None`: nobody expects heartbeats of `node`.
	pub(crate) fn away(node: &T::AccountId) -> Option<Away<BlockNumberFor<T>>> {
		let last_seen = T::Presence::last_seen(node)?;
		let now = T::WorkingTime::now();
		let until = T::Presence::excused_since(node).map_or(now, |since| since.min(now));
		Some(Away { last_seen, until })
	}

	/// The period that working time is in.
	pub(crate) fn current_period() -> Period {
		Self::period_of(T::WorkingTime::now())
	}

	fn period_of(at: BlockNumberFor<T>) -> Period {
		at.checked_div(&T::HeartbeatPeriod::get()).unwrap_or_else(Zero::zero).saturated_into()
	}

	/// The working block in which `period` begins.
	pub(crate) fn start_of(period: Period) -> BlockNumberFor<T> {
		T::HeartbeatPeriod::get().saturating_mul(period.into())
	}

	/// What binds a signature to this chain. `frame_system` keeps this hash for ever.
	pub(crate) fn genesis_hash() -> H256 {
		frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero())
	}
}
