//! Documents: registered, renewed, expired, removed. The only writer of [`NextDocument`], [`Cids`] and
//! [`DocumentsOf`], and the one that makes and removes [`Documents`].

use frame_support::{
	defensive,
	dispatch::DispatchResult,
	ensure,
	traits::{fungible::hold::Mutate as _, tokens::Precision, Get},
	weights::Weight,
};
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	ipfs::{Codec, Layout},
	storage::{DocumentId, DocumentKind, ReplicaIndex, REPLICAS},
	traits::{Announcers, AssetOwners, Conduct, WorkingTime},
	AssetId, Balance,
};
use sp_runtime::{
	traits::{Saturating, Zero},
	ArithmeticError, DispatchError, SaturatedConversion,
};

use super::money::cost;

use crate::{
	Cids, Config, Document, DocumentOf, Documents, DocumentsOf, Error, Event, File, HoldReason,
	NextDocument, Pallet, Placement, RepairersOf, Replica, Stage, Task, WeightInfo,
};

/// The numbers of a document's replicas.
pub(crate) const REPLICA_NUMBERS: [ReplicaIndex; REPLICAS] = [0, 1, 2];

impl<T: Config> Pallet<T> {
	/// The only way to register a document.
	pub(crate) fn do_register_document(
		owner: T::AccountId,
		asset: AssetId,
		kind: DocumentKind,
		expires_at: BlockNumberFor<T>,
		files: [File; REPLICAS],
	) -> DispatchResult {
		ensure!(T::Assets::owner_of(asset).as_ref() == Some(&owner), Error::<T>::NotAssetOwner);
		Self::check_term(expires_at)?;
		Self::check_files(&owner, &files)?;
		let id = NextDocument::<T>::get();
		let next = id.checked_add(1).ok_or(ArithmeticError::Overflow)?;
		let waiting = || Placement::Waiting { lost: false, avoid: None, failures: 0 };
		let mut document = Document {
			asset,
			kind,
			owner,
			binding_until: T::WorkingTime::now().saturating_add(T::MinTerm::get()),
			expires_at,
			stage: Stage::New,
			price: T::StoragePrice::get(),
			funds: 0,
			promised: 0,
			deposit: T::DocumentDeposit::get(),
			readers: 0,
			repairers: RepairersOf::<T>::default(),
			replicas: files.map(|file| Replica { file, epoch: 0, placement: waiting() }),
		};
		document.funds = Self::needed(&document)?;

		T::Currency::hold(&HoldReason::Storage.into(), &document.owner, document.funds)?;
		T::Currency::hold(&HoldReason::Entries.into(), &document.owner, document.deposit)?;
		NextDocument::<T>::put(next);
		DocumentsOf::<T>::insert(asset, id, ());
		T::Announcers::allow(&document.owner);
		// Each in a block of its own: whoever can steer what one block draws has no more than one.
		let mut draw_at = Self::draw_at();
		for (replica, file) in REPLICA_NUMBERS.into_iter().zip(&files) {
			Cids::<T>::insert(file.cid, &document.owner, (id, replica));
			Self::schedule(Task::Replica(id, replica), draw_at);
			draw_at.saturating_inc();
		}
		// After the holders, so that they are not proposed as repairers.
		let repairers_at = draw_at.saturating_add(T::DrawDelay::get());
		Self::schedule(Task::Document(id), repairers_at);
		Self::deposit_event(Event::DocumentRegistered {
			document: id,
			asset,
			owner: document.owner.clone(),
			kind,
			files,
			expires_at,
			price: document.price,
			funds: document.funds,
			deposit: document.deposit,
		});
		Documents::<T>::insert(id, document);
		Ok(())
	}

	/// The only way to renew a document. Gives how many draws that makes.
	pub(crate) fn do_renew_document(
		owner: T::AccountId,
		id: DocumentId,
		expires_at: BlockNumberFor<T>,
	) -> Result<u32, DispatchError> {
		let mut document = Self::owned(id, &owner)?;
		ensure!(expires_at > document.expires_at, Error::<T>::NotLonger);
		Self::check_term(expires_at)?;

		// What was proven is paid at the price at which it was kept.
		for replica in REPLICA_NUMBERS {
			Self::pay_holder(id, &mut document, replica);
		}
		document.price = T::StoragePrice::get();
		document.expires_at = expires_at;
		let added = Self::needed(&document)?.saturating_sub(document.funds);
		if !added.is_zero() {
			T::Currency::hold(&HoldReason::Storage.into(), &owner, added)?;
			document.funds = document.funds.saturating_add(added);
		}
		if document.stage == Stage::Expired {
			document.stage = Stage::Live;
		}
		let draws = Self::resume_draws(id, &mut document).len().saturated_into();
		if document.stage == Stage::Live {
			Self::schedule(Task::Document(id), expires_at);
		}
		let (price, funds) = (document.price, document.funds);
		Documents::<T>::insert(id, document);
		Self::deposit_event(Event::DocumentRenewed {
			document: id,
			expires_at,
			price,
			added,
			funds,
		});
		Ok(draws)
	}

	/// The only way to remove a document before its time.
	pub(crate) fn do_remove_document(owner: T::AccountId, id: DocumentId) -> DispatchResult {
		let mut document = Self::owned(id, &owner)?;
		for replica in REPLICA_NUMBERS {
			Self::pay_for_room(id, &mut document, replica);
		}
		Self::pay_least_term(id, &mut document);
		Self::pay_repairers(id, &mut document);
		Self::finish(id, document)
	}

	/// A document's time has come, for whatever is next. Gives the weight of that.
	pub(crate) fn handle_document(id: DocumentId, now: BlockNumberFor<T>) -> Weight {
		let Some(mut document) = Documents::<T>::get(id) else {
			defensive!("a document that does not exist is on the agenda");
			Self::unschedule(&Task::Document(id));
			return T::WeightInfo::expire_document();
		};
		match document.stage {
			Stage::New => {
				Self::draw_repairers(id, &mut document);
				document.stage = Stage::Live;
				Self::schedule(Task::Document(id), document.expires_at.max(later::<T>(now)));
				Documents::<T>::insert(id, document);
				T::WeightInfo::draw_repairers()
			}
			Stage::Live => {
				document.stage = Stage::Expired;
				let removed_at = Self::removed_at(&document);
				Self::schedule(Task::Document(id), removed_at.max(later::<T>(now)));
				Documents::<T>::insert(id, document);
				Self::deposit_event(Event::DocumentExpired { document: id, removed_at });
				T::WeightInfo::expire_document()
			}
			Stage::Expired => {
				let envelopes = Self::envelopes_of(&document);
				Self::note_work(&document);
				if Self::finish(id, document).is_err() {
					defensive!("what a document has is not held");
					Self::unschedule(&Task::Document(id));
				}
				T::WeightInfo::end_document(envelopes)
			}
		}
	}

	/// Pays what is due, gives back the rest, and forgets a document.
	fn finish(id: DocumentId, mut document: DocumentOf<T>) -> DispatchResult {
		for replica in REPLICA_NUMBERS {
			Self::pay_holder(id, &mut document, replica);
		}
		let (refund, deposit) = (document.funds, document.deposit);
		Self::release(HoldReason::Storage, &document.owner, refund)?;
		Self::release(HoldReason::Entries, &document.owner, deposit)?;
		for (replica, entry) in REPLICA_NUMBERS.into_iter().zip(&document.replicas) {
			for place in entry.placement.places() {
				Self::vacate(place, entry.file.size);
			}
			Self::unschedule(&Task::Replica(id, replica));
			Cids::<T>::remove(entry.file.cid, &document.owner);
		}
		Self::remove_envelopes(id, Self::envelopes_of(&document));
		Self::unschedule(&Task::Document(id));
		DocumentsOf::<T>::remove(document.asset, id);
		T::Announcers::disallow(&document.owner);
		Documents::<T>::remove(id);
		Self::deposit_event(Event::DocumentRemoved { document: id, refund, deposit });
		Ok(())
	}

	/// Those who kept a document to its end, and owe no proof of it, have finished a job that its owner paid, if it was
	/// worth something: else whoever registers many small ones makes a name for his own nodes.
	fn note_work(document: &DocumentOf<T>) {
		let since = document.binding_until.saturating_sub(T::MinTerm::get());
		let term = Self::removed_at(document).saturating_sub(since);
		let worth = |file: &File| cost::<T>(document.price, file.leaves(), term).unwrap_or(0);
		let jobs =
			document.replicas.iter().filter(|entry| worth(&entry.file) >= T::LeastJob::get());
		let holders = jobs.filter_map(|entry| entry.placement.holder()).map(|(place, _)| place);
		for place in holders.filter(|place| !Self::is_missed(place)) {
			// Fails only for a node that is gone, and has no use for reputation.
			let _ = T::Conduct::note_finished_job(&place.node, &document.owner);
		}
	}

	/// Gives back what is held on an owner.
	pub(crate) fn release(
		reason: HoldReason,
		owner: &T::AccountId,
		amount: Balance,
	) -> Result<(), DispatchError> {
		if amount.is_zero() {
			return Ok(());
		}
		T::Currency::release(&reason.into(), owner, amount, Precision::Exact).map(|_| ())
	}

	/// The document of this number.
	pub(crate) fn known(id: DocumentId) -> Result<DocumentOf<T>, Error<T>> {
		Documents::<T>::get(id).ok_or(Error::<T>::UnknownDocument)
	}

	/// The document of this number, if `owner` registered it.
	pub(crate) fn owned(id: DocumentId, owner: &T::AccountId) -> Result<DocumentOf<T>, Error<T>> {
		let document = Self::known(id)?;
		ensure!(document.owner == *owner, Error::<T>::NotOwner);
		Ok(document)
	}

	/// When a document is removed, unless it is renewed.
	pub(crate) fn removed_at(document: &DocumentOf<T>) -> BlockNumberFor<T> {
		document.expires_at.saturating_add(T::Grace::get())
	}

	fn check_term(expires_at: BlockNumberFor<T>) -> Result<(), Error<T>> {
		let term = expires_at.saturating_sub(T::WorkingTime::now());
		ensure!(term >= T::MinTerm::get(), Error::<T>::TermTooShort);
		ensure!(term <= T::MaxTerm::get(), Error::<T>::TermTooLong);
		Ok(())
	}

	fn check_files(owner: &T::AccountId, files: &[File; REPLICAS]) -> Result<(), Error<T>> {
		for file in files {
			ensure!(file.size >= T::MinReplicaSize::get(), Error::<T>::ReplicaTooSmall);
			ensure!(file.size <= T::MaxReplicaSize::get(), Error::<T>::ReplicaTooLarge);
			let height = Layout::DOCUMENT.root(file.size).height();
			let codec = if height == 0 { Codec::Raw } else { Codec::DagPb };
			ensure!(file.cid.codec == codec, Error::<T>::WrongCodec);
			let same = files.iter().filter(|other| other.cid == file.cid).count();
			ensure!(same == 1, Error::<T>::CidTwice);
			ensure!(!Cids::<T>::contains_key(file.cid, owner), Error::<T>::CidTaken);
		}
		Ok(())
	}
}

/// The working block after `now`.
fn later<T: Config>(now: BlockNumberFor<T>) -> BlockNumberFor<T> {
	now.saturating_add(1u32.into())
}
