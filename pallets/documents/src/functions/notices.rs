//! Notices: what storage nodes say about replicas, and what the pool says of that.

use frame_support::{
	dispatch::{DispatchResult, DispatchResultWithPostInfo, Pays, PostDispatchInfo},
	ensure,
	traits::{
		fungible::Inspect,
		tokens::{Fortitude, Preservation},
		Get,
	},
	weights::Weight,
};
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	app_key::{AppPublic, AppSignature, Role},
	storage::{Act, DocumentId, Notice, ReplicaIndex},
	traits::{AppKeys, WorkingTime},
};
use sp_application_crypto::RuntimeAppPublic;
use sp_core::H256;
use sp_runtime::{
	traits::{Saturating, Zero},
	transaction_validity::{
		InvalidTransaction, TransactionSource, TransactionValidityWithRefund, ValidTransaction,
	},
	SaturatedConversion,
};

use crate::{
	Config, DocumentOf, Documents, Due, Error, Event, Loss, Pallet, Place, Placement, Refusal,
	StorageNodes, Task, WeightInfo,
};

/// With this code of `InvalidTransaction::Custom` the pool refuses a proof whose blocks are wrong.
pub const WRONG_PROOF: u8 = 1;

/// With this code the pool refuses an answer to a challenge that needs none.
pub const VOID_CHALLENGE: u8 = 2;

/// With this code the pool refuses the notice of a loss whose repair the operator can't pay.
pub const CANT_PAY: u8 = 3;

/// Blocks for which a notice stays in the pool: a node says again what is still true.
const LONGEVITY: u64 = 64;

/// What the transaction pool says of a notice or a proof that can't be admitted.
pub(crate) fn refusal<T: Config>(error: Error<T>) -> InvalidTransaction {
	match error {
		Error::NotAStorageNode => InvalidTransaction::BadSigner,
		Error::WrongProof => InvalidTransaction::Custom(WRONG_PROOF),
		Error::VoidChallenge => InvalidTransaction::Custom(VOID_CHALLENGE),
		Error::CantPayForRepair => InvalidTransaction::Custom(CANT_PAY),
		Error::BadSignature => InvalidTransaction::BadProof,
		Error::NoSuchChallenge | Error::UnknownReplica => InvalidTransaction::Call,
		_ => InvalidTransaction::Stale,
	}
}

impl<T: Config> Pallet<T> {
	/// Whether the pool, and then a block, should take a notice. One of each node about a replica and epoch can be in
	/// the pool.
	pub(crate) fn authorize_notice(
		_source: TransactionSource,
		notice: &Notice,
		signature: &AppSignature,
	) -> TransactionValidityWithRefund {
		let (node, _) = Self::admit_notice(notice, signature).map_err(refusal)?;
		ValidTransaction::with_tag_prefix("rwa/documents/notice")
			.priority(T::ProofPriority::get())
			.longevity(LONGEVITY)
			.propagate(true)
			.and_provides((node, notice.document, notice.replica, notice.epoch))
			.build()
			.map(|valid| (valid, Weight::zero()))
	}

	/// The only way for a node to say something about a replica. Trusts nothing that was checked before.
	pub(crate) fn do_notify(
		notice: Notice,
		signature: &AppSignature,
	) -> DispatchResultWithPostInfo {
		let (node, mut document) = Self::admit_notice(&notice, signature)?;
		let (id, replica) = (notice.document, notice.replica);
		match notice.act {
			Act::Confirm => Self::confirm(id, &mut document, replica),
			Act::Decline => {
				Self::refuse(id, &mut document, replica, Refusal::Declined);
			}
			Act::DeclareFault => Self::declare_fault(&node, id, &mut document, replica)?,
			Act::HandOver => Self::begin_hand_over(node, id, &mut document, replica),
		}
		Documents::<T>::insert(id, document);
		Ok(PostDispatchInfo { actual_weight: None, pays_fee: Pays::No })
	}

	/// What a notice costs, by what it says.
	pub(crate) fn weight_of_notice(act: Act) -> Weight {
		match act {
			Act::Confirm => T::WeightInfo::notify().max(T::WeightInfo::confirm_repair()),
			Act::Decline | Act::HandOver => T::WeightInfo::notify(),
			Act::DeclareFault => T::WeightInfo::declare_fault(),
		}
	}

	/// Every condition on a notice, the signature last. Gives the node and the document.
	fn admit_notice(
		notice: &Notice,
		signature: &AppSignature,
	) -> Result<(T::AccountId, DocumentOf<T>), Error<T>> {
		let node = Self::node_of(&notice.key)?;
		let document = Self::known(notice.document)?;
		let entry =
			document.replicas.get(usize::from(notice.replica)).ok_or(Error::<T>::UnknownReplica)?;
		ensure!(entry.epoch == notice.epoch, Error::<T>::StaleNotice);
		let placement = &entry.placement;
		let is_mine = |place: Option<&Place<_>>| place.is_some_and(|place| place.node == node);
		match notice.act {
			Act::Confirm | Act::Decline => {
				ensure!(is_mine(placement.newcomer()), Error::<T>::NotAssigned);
			}
			Act::DeclareFault => {
				let holder = placement.holder().map(|(place, _)| place);
				ensure!(is_mine(holder), Error::<T>::NotHeld);
				// Checked here, or a node without money could fill blocks with notices that fail.
				let fee = Self::repair_fee(&entry.file);
				let can_pay = T::Currency::reducible_balance(
					&node,
					Preservation::Preserve,
					Fortitude::Polite,
				);
				ensure!(can_pay >= fee, Error::<T>::CantPayForRepair);
			}
			Act::HandOver => {
				let holder = placement.holder().map(|(place, _)| place);
				ensure!(is_mine(holder), Error::<T>::NotHeld);
				let stays = matches!(placement, Placement::Held { leaving: false, .. });
				ensure!(stays, Error::<T>::AlreadyHandingOver);
			}
		}
		let payload = notice.signing_payload(&Self::genesis_hash());
		ensure!(notice.key.verify(&payload, signature), Error::<T>::BadSignature);
		Ok((node, document))
	}

	/// Whoever was drawn for a replica has it.
	pub(crate) fn confirm(id: DocumentId, document: &mut DocumentOf<T>, replica: ReplicaIndex) {
		// What the holder has proven is paid before it is forgotten.
		Self::pay_holder(id, document, replica);
		let Some(entry) = document.replicas.get_mut(usize::from(replica)) else { return };
		let file = entry.file;
		let (place, from, repair) = match entry.placement.clone() {
			Placement::Assigned { place, repair, .. } => (place, None, repair),
			Placement::HandingOver { place, heir, .. } => (heir, Some(place), None),
			Placement::Waiting { .. } | Placement::Held { .. } => return,
		};
		let node = place.node.clone();
		let paid_to = Self::begin_keeping(&place, file.leaves());
		entry.placement = Placement::Held { place, paid_to, leaving: false };
		if let Some(from) = from {
			Self::vacate(&from, file.size);
		}
		Self::unschedule(&Task::Replica(id, replica));
		Self::deposit_event(Event::ReplicaConfirmed { document: id, replica, node });
		if let Some(repair) = repair {
			Self::settle_repair(id, document, replica, repair);
		}
	}

	/// A node keeps one more replica. Gives from where of its proven time on it is paid for it. A node that kept
	/// nothing has its first round in a period.
	fn begin_keeping(place: &Place<T::AccountId>, leaves: u64) -> BlockNumberFor<T> {
		let Some(mut node) = StorageNodes::<T>::get(&place.node) else { return Zero::zero() };
		let now = T::WorkingTime::now();
		let task = Task::Node(place.node.clone());
		if !Due::<T>::contains_key(&task) {
			node.settled_at = now;
			Self::schedule(task, now.saturating_add(T::ChallengePeriod::get()));
		}
		node.lapses = 0;
		let paid_to = Self::proven_by(&node, now);
		Self::keep_slot(&place.node, &mut node, place.slot, leaves);
		Self::refresh_weight(&place.node, &mut node);
		StorageNodes::<T>::insert(&place.node, node);
		paid_to
	}

	/// Whoever says that it has lost a replica pays for the repair.
	fn declare_fault(
		node: &T::AccountId,
		id: DocumentId,
		document: &mut DocumentOf<T>,
		replica: ReplicaIndex,
	) -> DispatchResult {
		let fee = document
			.replicas
			.get(usize::from(replica))
			.map_or(0, |entry| Self::repair_fee(&entry.file));
		Self::give(node, &document.owner, fee)?;
		document.funds = document.funds.saturating_add(fee);
		Self::pay_holder(id, document, replica);
		Self::lose(id, document, replica, Loss::Declared);
		Ok(())
	}

	/// A node is drawn to take a replica from its holder.
	fn begin_hand_over(
		node: T::AccountId,
		id: DocumentId,
		document: &mut DocumentOf<T>,
		replica: ReplicaIndex,
	) {
		if let Some(Placement::Held { leaving, .. }) =
			document.replicas.get_mut(usize::from(replica)).map(|entry| &mut entry.placement)
		{
			*leaving = true;
			Self::schedule(Task::Replica(id, replica), Self::draw_at());
			Self::deposit_event(Event::HandOverAsked { document: id, replica, node });
		}
	}

	/// The storage node that `key` acts for. It need not be active: whoever holds something may prove it and hand
	/// it over, slashed or not.
	pub(crate) fn node_of(key: &AppPublic) -> Result<T::AccountId, Error<T>> {
		T::AppKeys::operator_of(key)
			.filter(|(account, role)| {
				*role == Role::Storage && StorageNodes::<T>::contains_key(account)
			})
			.map(|(account, _)| account)
			.ok_or(Error::<T>::NotAStorageNode)
	}

	/// What binds a signature to this chain. `frame_system` keeps this hash for ever.
	pub(crate) fn genesis_hash() -> H256 {
		frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero())
	}
}

/// For how many more blocks something is of use.
pub(crate) fn blocks_until<T: Config>(deadline: BlockNumberFor<T>) -> u64 {
	deadline.saturating_sub(T::WorkingTime::now()).saturated_into()
}
