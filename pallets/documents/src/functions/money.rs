//! Money: what documents have, and what they pay. With `documents.rs` the only user of the holds on owners.

use frame_support::{
	dispatch::DispatchResult,
	ensure,
	storage::with_storage_layer,
	traits::{
		fungible::{hold::Mutate as _, Mutate as _},
		tokens::{Fortitude, Precision, Preservation, Restriction},
		Get,
	},
};
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	storage::{DocumentId, ReplicaIndex, REPLICAS},
	traits::WorkingTime,
	Balance,
};
use sp_runtime::{
	traits::{Saturating, Zero},
	ArithmeticError, DispatchError, SaturatedConversion,
};

use super::documents::REPLICA_NUMBERS;
use crate::{
	Claims, Config, DocumentOf, Documents, Due, Error, Event, File, HoldReason, Pallet, Place,
	Placement, PlacementOf, Quote, Recheck, StorageNodeOf, StorageNodes, Task,
};

impl<T: Config> Pallet<T> {
	/// The only way to add to a document's funds.
	pub(crate) fn do_top_up(from: T::AccountId, id: DocumentId, amount: Balance) -> DispatchResult {
		let mut document = Self::known(id)?;
		ensure!(amount > 0, Error::<T>::NoAmount);
		let funds = document.funds.checked_add(amount).ok_or(ArithmeticError::Overflow)?;

		Self::give(&from, &document.owner, amount)?;
		document.funds = funds;
		Documents::<T>::insert(id, document);
		Self::deposit_event(Event::ToppedUp { document: id, from, amount, funds });
		Ok(())
	}

	/// The only way to be paid before a replica goes.
	pub(crate) fn do_claim(replicas: Claims) -> DispatchResult {
		let mut paid = false;
		for (id, replica) in replicas {
			let Some(mut document) = Documents::<T>::get(id) else { continue };
			if Self::pay_holder(id, &mut document, replica) {
				Documents::<T>::insert(id, document);
				paid = true;
			}
		}
		ensure!(paid, Error::<T>::NothingToClaim);
		Ok(())
	}

	/// Moves free money of `from` into the hold on a document's owner.
	pub(crate) fn give(
		from: &T::AccountId,
		owner: &T::AccountId,
		amount: Balance,
	) -> DispatchResult {
		if amount.is_zero() {
			return Ok(());
		}
		T::Currency::transfer_and_hold(
			&HoldReason::Storage.into(),
			from,
			owner,
			amount,
			Precision::Exact,
			Preservation::Preserve,
			Fortitude::Polite,
		)
		.map(|_| ())
	}

	/// Pays a challenge that `by` asks for.
	pub(crate) fn charge_for_challenge(by: &T::AccountId) -> DispatchResult {
		let (treasury, fee) = (T::Treasury::get(), T::ChallengeFee::get());
		T::Currency::transfer(by, &treasury, fee, Preservation::Preserve).map(|_| ())
	}

	/// What a holder of a replica has proven and was not paid, in working blocks. What was kept after the
	/// document's end is not paid.
	fn proven_blocks(
		document: &DocumentOf<T>,
		placement: &PlacementOf<T>,
		node: &StorageNodeOf<T>,
	) -> BlockNumberFor<T> {
		let Some((_, paid_to)) = placement.holder() else { return Zero::zero() };
		let late = T::WorkingTime::now().saturating_sub(Self::removed_at(document));
		node.passed.saturating_sub(paid_to).saturating_sub(late)
	}

	/// Pays the holder of a replica what it has proven, in full or not at all. Whether it was paid. The caller
	/// stores the document.
	pub(crate) fn pay_holder(
		id: DocumentId,
		document: &mut DocumentOf<T>,
		replica: ReplicaIndex,
	) -> bool {
		let price = document.price;
		let Some(entry) = document.replicas.get(usize::from(replica)) else { return false };
		let Some((place, _)) = entry.placement.holder() else { return false };
		let node = place.node.clone();
		let Some(holder) = StorageNodes::<T>::get(&node) else { return false };
		let blocks = Self::proven_blocks(document, &entry.placement, &holder);
		let amount = cost::<T>(price, entry.file.leaves(), blocks);
		// D3 says that the funds are enough.
		let Some(amount) = amount.filter(|amount| *amount > 0 && *amount <= document.funds) else {
			return false;
		};
		// Fails only for an account that is gone and too small a sum to revive it. It stays due.
		if Self::pay_from_hold(&document.owner, &node, amount).is_err() {
			return false;
		}
		document.funds = document.funds.saturating_sub(amount);
		if let Some(entry) = document.replicas.get_mut(usize::from(replica)) {
			entry.placement.set_paid_to(holder.passed);
		}
		Self::deposit_event(Event::StoragePaid { document: id, replica, node, amount });
		true
	}

	/// Pays each holder of a document that is removed what is left of the least term: it took the file for no less.
	/// Not who owes a proof that it has it. The caller stores the document.
	pub(crate) fn pay_least_term(id: DocumentId, document: &mut DocumentOf<T>) {
		let left = document.binding_until.saturating_sub(T::WorkingTime::now());
		for (replica, entry) in (0u8..).zip(&document.replicas) {
			let Some((place, _)) = entry.placement.holder() else { continue };
			let amount = cost::<T>(document.price, entry.file.leaves(), left).unwrap_or(0);
			let node = place.node.clone();
			if Self::is_missed(place) {
				continue;
			}
			// Fails only for an account that is gone and too small a sum to revive it.
			if amount > 0 && Self::pay_from_hold(&document.owner, &node, amount).is_ok() {
				document.funds = document.funds.saturating_sub(amount);
				Self::deposit_event(Event::StoragePaid { document: id, replica, node, amount });
			}
		}
	}

	/// Pays the treasury, as for storage, the time for which a node kept room for a new replica that it says it can't get,
	/// or that is taken back: else whoever registers what he serves to nobody keeps others out for nothing. In what is
	/// late, and in lost replicas, the owner has no part. The caller stores the document.
	pub(crate) fn pay_for_room(
		id: DocumentId,
		document: &mut DocumentOf<T>,
		replica: ReplicaIndex,
	) {
		let Some(entry) = document.replicas.get(usize::from(replica)) else { return };
		let Placement::Assigned { repair: None, .. } = entry.placement else { return };
		let Some(deadline) = Due::<T>::get(Task::Replica(id, replica)) else { return };
		let time = Self::time_to_confirm(entry.file.size);
		let kept = T::WorkingTime::now().saturating_sub(deadline.saturating_sub(time)).min(time);
		let price = cost::<T>(document.price, entry.file.leaves(), kept).unwrap_or(0);
		// Not out of what is kept for a repair.
		let repair = Self::dearest_repair(document.replicas.iter().map(|entry| entry.file));
		let amount = price.min(Self::spare(document).saturating_sub(repair));
		// Fails only for a sum that is too small to revive the treasury.
		if amount > 0 && Self::pay_from_hold(&document.owner, &T::Treasury::get(), amount).is_ok() {
			document.funds = document.funds.saturating_sub(amount);
			Self::deposit_event(Event::RoomPaid { document: id, replica, amount });
		}
	}

	/// Whether a replica was asked for in its holder's last round and not proven.
	pub(crate) fn is_missed(place: &Place<T::AccountId>) -> bool {
		StorageNodes::<T>::get(&place.node).is_none_or(|node| {
			let missed = |recheck: &Recheck| recheck.slot == place.slot && recheck.strikes > 0;
			node.silences > 0 || node.rechecks.iter().any(missed)
		})
	}

	/// Pays the repairers at work for a document that its owner removes: they may be done with what they were asked
	/// for. The caller stores the document.
	pub(crate) fn pay_repairers(id: DocumentId, document: &mut DocumentOf<T>) {
		for replica in REPLICA_NUMBERS {
			let entry = document.replicas.get_mut(usize::from(replica));
			let repair = match entry.map(|entry| &mut entry.placement) {
				Some(Placement::Assigned { repair, .. }) => repair.take(),
				_ => None,
			};
			if let Some(repair) = repair {
				Self::settle_repair(id, document, replica, repair);
			}
		}
	}

	/// What [`Self::pay_holder`] would pay now.
	pub(crate) fn claimable_now(id: DocumentId, replica: ReplicaIndex) -> Balance {
		let claimable = || {
			let document = Documents::<T>::get(id)?;
			let entry = document.replicas.get(usize::from(replica))?;
			let (place, _) = entry.placement.holder()?;
			let node = StorageNodes::<T>::get(&place.node)?;
			let blocks = Self::proven_blocks(&document, &entry.placement, &node);
			cost::<T>(document.price, entry.file.leaves(), blocks)
		};
		claimable().unwrap_or(0)
	}

	/// Pays what is held on a document's owner.
	pub(crate) fn pay_from_hold(
		owner: &T::AccountId,
		to: &T::AccountId,
		amount: Balance,
	) -> DispatchResult {
		// No dispatch around it would undo a payment that fails half-way.
		with_storage_layer(|| {
			T::Currency::transfer_on_hold(
				&HoldReason::Storage.into(),
				owner,
				to,
				amount,
				Precision::Exact,
				Restriction::Free,
				Fortitude::Polite,
			)
			.map(|_| ())
		})
	}

	/// The most that the holders of a document can still earn by it, if they prove everything until its end:
	/// for the time that is left, and for the time that they hold it and were not paid for. `None`: more than
	/// there is.
	pub(crate) fn payable(document: &DocumentOf<T>) -> Option<Balance> {
		let now = T::WorkingTime::now();
		let removed_at = Self::removed_at(document);
		let (left, late) = (removed_at.saturating_sub(now), now.saturating_sub(removed_at));
		document.replicas.iter().try_fold(0u128, |sum, replica| {
			let unpaid = replica.placement.holder().map_or_else(Zero::zero, |(place, paid_to)| {
				StorageNodes::<T>::get(&place.node).map_or_else(Zero::zero, |node| {
					Self::proven_by(&node, now).saturating_sub(paid_to)
				})
			});
			let blocks = left.saturating_add(unpaid).saturating_sub(late);
			sum.checked_add(cost::<T>(document.price, replica.file.leaves(), blocks)?)
		})
	}

	/// What a node's proven time is if it passes its round now.
	pub(crate) fn proven_by(node: &StorageNodeOf<T>, now: BlockNumberFor<T>) -> BlockNumberFor<T> {
		node.passed.saturating_add(now.saturating_sub(node.settled_at))
	}

	/// What of a document's funds can pay repairs.
	pub(crate) fn spare(document: &DocumentOf<T>) -> Balance {
		let payable = Self::payable(document).unwrap_or(Balance::MAX);
		document.funds.saturating_sub(payable).saturating_sub(document.promised)
	}

	/// What a repair of a replica is paid.
	pub(crate) fn repair_fee(file: &File) -> Balance {
		let by_size = T::RepairPrice::get().saturating_mul(file.leaves().into());
		T::RepairFee::get().saturating_add(by_size)
	}

	/// What a repair of a document's largest replica is paid.
	pub(crate) fn dearest_repair(files: impl Iterator<Item = File>) -> Balance {
		files.map(|file| Self::repair_fee(&file)).max().unwrap_or(0)
	}

	/// What a document has to have: all that its holders can still earn, what it has promised, and one repair.
	pub(crate) fn needed(document: &DocumentOf<T>) -> Result<Balance, DispatchError> {
		let repair = Self::dearest_repair(document.replicas.iter().map(|replica| replica.file));
		Self::payable(document)
			.and_then(|payable| payable.checked_add(document.promised)?.checked_add(repair))
			.ok_or_else(|| ArithmeticError::Overflow.into())
	}

	/// What keeping files of these sizes costs.
	pub(crate) fn quote_for(
		sizes: &[u64; REPLICAS],
		expires_at: BlockNumberFor<T>,
	) -> Option<Quote> {
		let zero = rwa_primitives::ipfs::Cid::new(rwa_primitives::ipfs::Codec::Raw, [0; 32]);
		let files = sizes.map(|size| File { cid: zero, size });
		let end = expires_at.saturating_add(T::Grace::get());
		let blocks = end.saturating_sub(T::WorkingTime::now());
		let storage = files.iter().try_fold(0u128, |sum, file| {
			sum.checked_add(cost::<T>(T::StoragePrice::get(), file.leaves(), blocks)?)
		})?;
		let repair = Self::dearest_repair(files.into_iter());
		Some(Quote { storage, repair, deposit: T::DocumentDeposit::get() })
	}
}

/// What so many leaves cost for so long.
pub(super) fn cost<T: Config>(
	price: Balance,
	leaves: u64,
	blocks: BlockNumberFor<T>,
) -> Option<Balance> {
	price.checked_mul(leaves.into())?.checked_mul(blocks.saturated_into())
}
