//! Readers' keys and envelopes. The only writer of [`NextKeyVersion`], [`ReaderKeys`] and [`Envelopes`].

use frame_support::{
	dispatch::DispatchResult,
	ensure,
	traits::{fungible::hold::Mutate as _, Get},
};
use rwa_primitives::storage::DocumentId;
use sp_runtime::{traits::Zero, ArithmeticError, SaturatedConversion};

use crate::{
	Config, DocumentOf, Documents, Envelope, Envelopes, Error, Event, HoldReason, KeyVersion,
	NextKeyVersion, Pallet, Purpose, ReaderKey, ReaderKeys, Repairer, SealedOf, X25519Public,
};

impl<T: Config> Pallet<T> {
	/// The only way to register or replace a reader's key.
	pub(crate) fn do_set_reader_key(reader: T::AccountId, key: X25519Public) -> DispatchResult {
		ensure!(key != X25519Public::default(), Error::<T>::BadReaderKey);
		let old = ReaderKeys::<T>::get(&reader);
		ensure!(old.is_none_or(|old| old.key != key), Error::<T>::SameReaderKey);
		let version = NextKeyVersion::<T>::get();
		let next = version.checked_add(1).ok_or(ArithmeticError::Overflow)?;

		let deposit = match old {
			Some(old) => old.deposit,
			None => {
				let deposit = T::ReaderKeyDeposit::get();
				T::Currency::hold(&HoldReason::ReaderKey.into(), &reader, deposit)?;
				deposit
			}
		};
		NextKeyVersion::<T>::put(next);
		ReaderKeys::<T>::insert(&reader, ReaderKey { key, version, deposit });
		Self::deposit_event(Event::ReaderKeySet { reader, key, version });
		Ok(())
	}

	/// The only way to take a reader's key back.
	pub(crate) fn do_remove_reader_key(reader: T::AccountId) -> DispatchResult {
		let old = ReaderKeys::<T>::take(&reader).ok_or(Error::<T>::NoReaderKey)?;
		Self::release(HoldReason::ReaderKey, &reader, old.deposit)?;
		Self::deposit_event(Event::ReaderKeyRemoved { reader, version: old.version });
		Ok(())
	}

	/// The only way to give somebody an envelope.
	pub(crate) fn do_add_envelope(
		owner: T::AccountId,
		id: DocumentId,
		purpose: Purpose,
		reader: T::AccountId,
		key_version: KeyVersion,
		sealed: SealedOf<T>,
	) -> DispatchResult {
		let mut document = Self::owned(id, &owner)?;
		ensure!(!sealed.is_empty(), Error::<T>::EmptyEnvelope);
		let key = ReaderKeys::<T>::get(&reader).ok_or(Error::<T>::NoReaderKey)?;
		ensure!(key.version == key_version, Error::<T>::StaleKeyVersion);

		let deposit = match Envelopes::<T>::get((id, purpose, &reader)) {
			// The same bytes again cost nothing more.
			Some(old) => old.deposit,
			None => {
				Self::admit_reader(&mut document, purpose, &reader)?;
				let deposit = T::EnvelopeDeposit::get();
				T::Currency::hold(&HoldReason::Entries.into(), &owner, deposit)?;
				document.deposit = document.deposit.saturating_add(deposit);
				deposit
			}
		};
		Documents::<T>::insert(id, document);
		let envelope = Envelope { key_version, sealed, deposit };
		Envelopes::<T>::insert((id, purpose, &reader), envelope);
		Self::deposit_event(Event::EnvelopeAdded { document: id, purpose, reader, key_version });
		Ok(())
	}

	/// The only way to take an envelope away before the document goes.
	pub(crate) fn do_revoke_envelope(
		owner: T::AccountId,
		id: DocumentId,
		purpose: Purpose,
		reader: T::AccountId,
	) -> DispatchResult {
		let mut document = Self::owned(id, &owner)?;
		let envelope =
			Envelopes::<T>::take((id, purpose, &reader)).ok_or(Error::<T>::UnknownEnvelope)?;

		Self::release(HoldReason::Entries, &owner, envelope.deposit)?;
		document.deposit = document.deposit.saturating_sub(envelope.deposit);
		match purpose {
			Purpose::Read => document.readers = document.readers.saturating_sub(1),
			Purpose::Repair => document.repairers.retain(|one| one.account != reader),
		}
		Documents::<T>::insert(id, document);
		Self::deposit_event(Event::EnvelopeRevoked { document: id, purpose, reader });
		Ok(())
	}

	/// Counts one more who has an envelope. The caller stores the document.
	fn admit_reader(
		document: &mut DocumentOf<T>,
		purpose: Purpose,
		reader: &T::AccountId,
	) -> Result<(), Error<T>> {
		if purpose == Purpose::Read {
			ensure!(document.readers < T::MaxEnvelopes::get(), Error::<T>::TooManyEnvelopes);
			document.readers = document.readers.saturating_add(1);
			return Ok(());
		}
		let holds = document
			.replicas
			.iter()
			.flat_map(|entry| entry.placement.places())
			.any(|place| place.node == *reader);
		ensure!(!holds, Error::<T>::HoldsReplica);
		if let Some(proposed) = document.repairers.iter_mut().find(|one| one.account == *reader) {
			proposed.ready = true;
			return Ok(());
		}
		if document.repairers.is_full() {
			// Who was only proposed gives way to whom the owner chose.
			let idle = document.repairers.iter().position(|one| !one.ready);
			document.repairers.remove(idle.ok_or(Error::<T>::TooManyRepairers)?);
		}
		let repairer = Repairer { account: reader.clone(), ready: true };
		document.repairers.try_push(repairer).map_err(|_| Error::<T>::TooManyRepairers)
	}

	/// How many envelopes a document has.
	pub(crate) fn envelopes_of(document: &DocumentOf<T>) -> u32 {
		let repairers = document.repairers.iter().filter(|one| one.ready).count();
		document.readers.saturating_add(repairers.saturated_into())
	}

	/// Forgets a document's envelopes, of which there are `count`. Their deposits are part of the document's.
	pub(crate) fn remove_envelopes(id: DocumentId, count: u32) {
		if !count.is_zero() {
			Envelopes::<T>::drain_prefix((id,)).take(count.saturated_into()).for_each(drop);
		}
	}
}
