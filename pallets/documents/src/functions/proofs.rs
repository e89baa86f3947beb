//! Proofs: what a challenge asks for, and whether an answer is one.

use core::num::NonZeroU64;

use frame_support::{
	dispatch::{DispatchResultWithPostInfo, Pays, PostDispatchInfo},
	ensure,
	traits::Get,
	weights::Weight,
};
use rwa_primitives::{
	app_key::AppSignature,
	ipfs::{sample, verify, Layout},
	storage::{DocumentId, ReplicaIndex, StorageProof},
	traits::WorkingTime,
};
use sp_application_crypto::RuntimeAppPublic;
use sp_runtime::{
	traits::{BlakeTwo256, Hash},
	transaction_validity::{
		InvalidTransaction, TransactionSource, TransactionValidityWithRefund, ValidTransaction,
	},
};

use super::notices::{blocks_until, refusal};
use crate::{
	Config, Documents, Error, Event, File, Pallet, RoundOf, Rounds, SlotState, Slots, StorageNodes,
	Task,
};

/// What a challenge asks for.
pub(crate) struct Target {
	/// The slot.
	pub(crate) slot: u32,
	/// What is in it.
	pub(crate) document: DocumentId,
	pub(crate) replica: ReplicaIndex,
	pub(crate) file: File,
	/// Which of its leaves.
	pub(crate) leaf: u64,
}

impl<T: Config> Pallet<T> {
	/// Whether the pool, and then a block, should take a proof. One for each challenge can be in the pool,
	/// whichever key signs it.
	pub(crate) fn authorize_proof(
		_source: TransactionSource,
		proof: &StorageProof,
		signature: &AppSignature,
	) -> TransactionValidityWithRefund {
		let (node, round, _) = Self::admit_proof(proof, signature)
			.map_err(|error| Self::proof_refusal(proof, error))?;
		ValidTransaction::with_tag_prefix("rwa/documents/proof")
			.priority(T::ProofPriority::get())
			.longevity(blocks_until::<T>(Self::deadline_of(&round)))
			.propagate(true)
			.and_provides((node, proof.round, proof.challenge))
			.build()
			.map(|valid| (valid, Weight::zero()))
	}

	/// The only way to answer a challenge. Trusts nothing that was checked before. When it was the last one, the
	/// round is due in the next working block: the agenda ends it, so that every proof costs the same.
	pub(crate) fn do_prove(
		proof: StorageProof,
		signature: &AppSignature,
	) -> DispatchResultWithPostInfo {
		let (node, mut round, target) = Self::admit_proof(&proof, signature)?;

		round.note_answer(proof.challenge);
		if round.is_complete() {
			Self::schedule(Task::Node(node.clone()), Self::next_working_block());
		}
		Rounds::<T>::insert(&node, round);
		Self::deposit_event(Event::Proven {
			node,
			round: proof.round,
			challenge: proof.challenge,
			document: target.document,
			replica: target.replica,
		});
		Ok(PostDispatchInfo { actual_weight: None, pays_fee: Pays::No })
	}

	/// Every condition on a proof, cheapest first. Gives the node, its round, and what was asked for.
	fn admit_proof(
		proof: &StorageProof,
		signature: &AppSignature,
	) -> Result<(T::AccountId, RoundOf<T>, Target), Error<T>> {
		let node = Self::node_of(&proof.key)?;
		let round = Rounds::<T>::get(&node).ok_or(Error::<T>::NoSuchRound)?;
		ensure!(round.index == proof.round, Error::<T>::NoSuchRound);
		ensure!(T::WorkingTime::now() < Self::deadline_of(&round), Error::<T>::TooLate);
		ensure!(proof.challenge < round.challenges(), Error::<T>::NoSuchChallenge);
		ensure!(!round.is_answered(proof.challenge), Error::<T>::AlreadyAnswered);
		let target = Self::target(&node, &round, proof.challenge)?;
		let file = &target.file;
		verify(
			&file.cid,
			file.size,
			&Layout::DOCUMENT,
			target.leaf,
			&proof.blocks,
			sp_io::hashing::sha2_256,
		)
		.map_err(|_| Error::<T>::WrongProof)?;
		let payload = proof.signing_payload(&Self::genesis_hash());
		ensure!(proof.key.verify(&payload, signature), Error::<T>::BadSignature);
		Ok((node, round, target))
	}

	/// What challenge `number` of a node's round asks for: the leaf, or one by chance, of a replica that was to be asked
	/// for, or any leaf of all that the node holds. Or that it has been removed since, and needs no answer.
	///
	/// The same for as long as the round is open, whatever happens meanwhile.
	pub(crate) fn target(
		node: &T::AccountId,
		round: &RoundOf<T>,
		number: u32,
	) -> Result<Target, Error<T>> {
		let random = BlakeTwo256::hash_of(&(round.seed, number)).to_fixed_bytes();
		let fixed = round.fixed.get(usize::try_from(number).unwrap_or(usize::MAX));
		let (slot, leaf) = match fixed {
			Some(asked) => *asked,
			None => {
				let leaves = NonZeroU64::new(round.leaves).ok_or(Error::<T>::VoidChallenge)?;
				let found = Self::slot_at(node, sample(&random, leaves));
				found.map(|(slot, leaf)| (slot, Some(leaf))).ok_or(Error::<T>::VoidChallenge)?
			}
		};
		let state = Slots::<T>::get(node, slot).map(|slot| slot.state);
		let Some(SlotState::Kept { document, replica, .. }) = state else {
			return Err(Error::<T>::VoidChallenge);
		};
		let entry = Documents::<T>::get(document)
			.and_then(|document| document.replicas.into_iter().nth(usize::from(replica)))
			.ok_or(Error::<T>::VoidChallenge)?;
		let file = entry.file;
		let leaf = leaf.unwrap_or_else(|| sample(&random, Layout::DOCUMENT.leaves(file.size)));
		Ok(Target { slot, document, replica, file, leaf })
	}

	/// What the pool says of a proof that can't be admitted: one for a round to come may wait.
	fn proof_refusal(proof: &StorageProof, error: Error<T>) -> InvalidTransaction {
		let newest = || {
			let node = Self::node_of(&proof.key).ok()?;
			StorageNodes::<T>::get(node).map(|node| node.round)
		};
		match error {
			Error::NoSuchRound if newest().is_some_and(|newest| proof.round > newest) => {
				InvalidTransaction::Future
			}
			error => refusal(error),
		}
	}
}
