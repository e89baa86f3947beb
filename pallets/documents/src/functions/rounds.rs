//! Rounds of challenges: opened, settled, and what follows for the node. With `proofs.rs` the only writer of
//! [`Rounds`].

use alloc::{collections::BTreeMap, vec::Vec};

use frame_support::{defensive, storage::with_storage_layer, traits::Get, weights::Weight};
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	fault::{Fault, FaultReport},
	ipfs::Layout,
	storage::{DocumentId, ReplicaIndex, StorageRound},
	traits::{Conduct, ReportFault, Stakes, WorkingTime},
};
use sp_core::H256;
use sp_runtime::{
	traits::{BlakeTwo256, Hash, Saturating, Zero},
	BoundedVec, SaturatedConversion,
};

use crate::{
	Config, CongestedBlocks, Documents, Event, Loss, NodeStatus, Pallet, Recheck, Round, RoundOf,
	Rounds, StorageNodeOf, StorageNodes, Task, WeightInfo,
};

/// Most slots whose weight follows in one step.
pub(crate) const MAX_CHANGES: u32 = 32;

/// What a round asked for and was not shown.
struct Missing {
	/// The replicas by their slots, each with the first of its leaves.
	replicas: BTreeMap<u32, (DocumentId, ReplicaIndex, u64)>,
	/// How many of the leaves that were drawn from all.
	sampled: u32,
}

impl<T: Config> Pallet<T> {
	/// A node's time has come: its round ends or the next one opens, or it is taken something from. Gives the
	/// weight of that.
	pub(crate) fn handle_node(account: &T::AccountId, now: BlockNumberFor<T>) -> Weight {
		let task = || Task::Node(account.clone());
		let Some(mut node) = StorageNodes::<T>::get(account) else {
			defensive!("a storage node that does not exist is on the agenda");
			Self::unschedule(&task());
			return T::WeightInfo::open_round();
		};
		if let Some(round) = Rounds::<T>::get(account) {
			let deadline = Self::deadline_of(&round);
			if now < deadline && !round.is_complete() {
				Self::schedule(task(), deadline);
				return T::WeightInfo::settle_round(0);
			}
			return Self::settle_round(account, node, round, now);
		}
		let changes = Self::apply_changes(account, &mut node, MAX_CHANGES);
		let weight = T::WeightInfo::apply_changes(changes);
		if Self::has_changes(account) {
			StorageNodes::<T>::insert(account, node);
			Self::schedule(task(), Self::next_working_block());
			return weight;
		}
		if let NodeStatus::Evicting { next } = node.status {
			StorageNodes::<T>::insert(account, node);
			return weight.saturating_add(Self::evict_some(account, next, now));
		}
		if node.leaves.is_zero() && now < node.counts_at {
			// What it has declared doesn't count yet.
			Self::schedule(task(), node.counts_at);
		} else if node.leaves.is_zero() {
			// Nothing to ask for. Its next replica wakes it.
			Self::unschedule(&task());
		} else {
			Self::open_round(account, &mut node, now);
		}
		Self::refresh_weight(account, &mut node);
		StorageNodes::<T>::insert(account, node);
		weight.saturating_add(T::WeightInfo::open_round())
	}

	/// Opens a node's next round. The caller stores the node.
	fn open_round(account: &T::AccountId, node: &mut StorageNodeOf<T>, now: BlockNumberFor<T>) {
		node.round = node.round.saturating_add(1);
		let random = Self::random(b"rwa/documents/challenges/v1");
		let round = Round {
			index: node.round,
			seed: BlakeTwo256::hash_of(&(random, account, node.round)),
			opened_at: now,
			deadline: now.saturating_add(T::ChallengeTime::get()),
			congested: CongestedBlocks::<T>::get(),
			fixed: BoundedVec::truncate_from(
				node.rechecks.iter().map(|recheck| (recheck.slot, recheck.leaf)).collect(),
			),
			sampled: Self::challenges_for(account, node),
			leaves: node.leaves,
			answered: 0,
		};
		Self::schedule(Task::Node(account.clone()), round.deadline);
		Self::deposit_event(Event::RoundOpened {
			node: account.clone(),
			round: round.index,
			challenges: round.challenges(),
			deadline: round.deadline,
		});
		Rounds::<T>::insert(account, round);
	}

	/// How many leaves are drawn from all that a node holds: the more, the more it risks; as many as there may be, if it
	/// lacks something, and may lack more.
	fn challenges_for(account: &T::AccountId, node: &StorageNodeOf<T>) -> u32 {
		if node.rechecks.iter().any(|recheck| recheck.strikes > 0) {
			return T::MaxChallenges::get();
		}
		let stake = T::Stakes::at_stake(account);
		let more = stake.checked_div(T::StakePerChallenge::get()).unwrap_or(0);
		T::MinChallenges::get().saturating_add(more.saturated_into()).min(T::MaxChallenges::get())
	}

	/// Ends a round. Gives the weight of that.
	fn settle_round(
		account: &T::AccountId,
		mut node: StorageNodeOf<T>,
		round: RoundOf<T>,
		now: BlockNumberFor<T>,
	) -> Weight {
		let unanswered = round.challenges().saturating_sub(round.answered.count_ones());
		let missing = Self::missing(account, &round);
		Rounds::<T>::remove(account);
		let passed = Self::judge(account, &mut node, &round, &missing, now);
		let lost = Self::note_missing(&mut node, &round, &missing);
		let silent = node.shortfalls >= T::LossLimit::get() && node.status == NodeStatus::Serving;
		if silent {
			node.status = NodeStatus::Evicting { next: 0 };
			Self::deposit_event(Event::EvictionBegun { node: account.clone() });
		}
		let struck = node.strikes >= T::StrikeLimit::get();
		if struck {
			node.strikes = 0;
		}
		Self::refresh_weight(account, &mut node);
		StorageNodes::<T>::insert(account, node);
		Self::deposit_event(Event::RoundSettled {
			node: account.clone(),
			round: round.index,
			answered: round.answered.count_ones(),
			missing: missing.replicas.len().saturated_into(),
			passed,
		});

		if struck {
			Self::accuse(account, Fault::FailedStorageProof, round.index);
		}
		// Who is evicted loses what it holds in any case, and not twice.
		let taken = if silent { 0 } else { Self::lose_unproven(lost, now) };
		if silent || taken > 0 {
			Self::accuse(account, Fault::LostReplica, round.index);
		}
		let next = match silent {
			true => Self::next_working_block(),
			// At the next period, however early the round ended, and later than now, however late.
			false => round
				.opened_at
				.saturating_add(T::ChallengePeriod::get())
				.max(Self::next_working_block()),
		};
		Self::schedule(Task::Node(account.clone()), next);
		T::WeightInfo::settle_round(unanswered)
			.saturating_add(T::WeightInfo::lose_replica().saturating_mul(taken.into()))
	}

	/// What was asked for and not proven. What is gone by now needs no proof.
	fn missing(account: &T::AccountId, round: &RoundOf<T>) -> Missing {
		let mut missing = Missing { replicas: BTreeMap::new(), sampled: 0 };
		for number in (0..round.challenges()).filter(|number| !round.is_answered(*number)) {
			let Ok(target) = Self::target(account, round, number) else { continue };
			// Before what was drawn comes what was missing already, and is asked for until it is shown.
			let found = (target.document, target.replica, target.leaf);
			missing.replicas.entry(target.slot).or_insert(found);
			missing.sampled =
				missing.sampled.saturating_add(u32::from(number >= round.first_sampled()));
		}
		missing
	}

	/// Counts what a round says of a node. Gives the working blocks that are paid. The caller stores the node.
	fn judge(
		account: &T::AccountId,
		node: &mut StorageNodeOf<T>,
		round: &RoundOf<T>,
		missing: &Missing,
		now: BlockNumberFor<T>,
	) -> BlockNumberFor<T> {
		let since = core::mem::replace(&mut node.settled_at, now);
		let answered_nothing = round.answered == 0;
		if !missing.replicas.is_empty() {
			node.proven = 0;
			node.strikes = node.strikes.saturating_add(1);
			let sampled = round.first_sampled()..round.challenges();
			let shown = sampled.filter(|number| round.is_answered(*number)).count();
			// Who lacks most of it, and shows the rest now and then, is as good as away: it comes to the same, later.
			let short = answered_nothing || shown < missing.sampled.saturated_into();
			node.shortfalls = match short {
				true => node.shortfalls.saturating_add(1),
				false => node.shortfalls.saturating_sub(1),
			};
			node.silences = if answered_nothing { node.silences.saturating_add(1) } else { 0 };
			return Zero::zero();
		}
		if answered_nothing {
			// All that was asked for was removed: nothing was shown, and nothing held back.
			return Zero::zero();
		}
		(node.strikes, node.silences, node.shortfalls, node.returned) = (0, 0, 0, false);
		node.proven = round.leaves.saturating_mul(Layout::DOCUMENT.chunk().into());
		let passed = now.saturating_sub(since);
		node.passed = node.passed.saturating_add(passed);
		// A few leaves say nothing of how well a node keeps what it is given.
		if node.proven >= T::LeastProven::get() {
			T::Conduct::note_proven(account, true);
		}
		passed
	}

	/// Notes what is to be asked for again. Gives what was missing too often. The caller stores the node.
	fn note_missing(
		node: &mut StorageNodeOf<T>,
		round: &RoundOf<T>,
		missing: &Missing,
	) -> Vec<(DocumentId, ReplicaIndex)> {
		// What was asked for by name is done with, unless it was missing before and its replica is again. What somebody
		// paid for meanwhile stays.
		node.rechecks.retain(|recheck| {
			let was_asked = round.fixed.contains(&(recheck.slot, recheck.leaf));
			let again = recheck.strikes > 0 && missing.replicas.contains_key(&recheck.slot);
			again || !was_asked
		});
		let mut lost = Vec::new();
		for (slot, (document, replica, leaf)) in &missing.replicas {
			let (slot, leaf) = (*slot, Some(*leaf));
			let mut known = node.rechecks.iter_mut();
			match known.find(|recheck| recheck.slot == slot && recheck.strikes > 0) {
				Some(recheck) => {
					recheck.leaf = leaf;
					recheck.strikes = recheck.strikes.saturating_add(1);
					if recheck.strikes >= T::LossLimit::get() {
						lost.push((*document, *replica));
					}
				}
				// Who lacks so much is asked for the rest when some of it is proven or lost.
				None => drop(node.rechecks.try_push(Recheck { slot, leaf, strikes: 1 })),
			}
		}
		lost
	}

	/// Takes replicas that were not proven from their holders, as many as may be in this period, and no more than a
	/// round draws; the rest with the next round. How many.
	fn lose_unproven(lost: Vec<(DocumentId, ReplicaIndex)>, now: BlockNumberFor<T>) -> u32 {
		let left = Self::evictions_left(Loss::Unproven, now);
		let most = left.min(T::MaxChallenges::get()).saturated_into();
		let mut taken = 0u32;
		for (id, replica) in lost.into_iter().take(most) {
			if let Some(mut document) = Documents::<T>::get(id) {
				Self::lose(id, &mut document, replica, Loss::Unproven);
				Documents::<T>::insert(id, document);
				taken = taken.saturating_add(1);
			}
		}
		Self::count_evictions(Loss::Unproven, taken, now);
		taken
	}

	/// Reports a fault. That it isn't taken, because the node is out of reach, must not keep a round from ending.
	fn accuse(account: &T::AccountId, fault: Fault, round: StorageRound) {
		let report = FaultReport {
			offender: account.clone(),
			fault,
			happened: T::WorkingTime::now(),
			// Only validators' faults need one, and no storage node is a validator.
			session: 0,
			evidence: Self::evidence(account, fault, round),
			reporter: None,
		};
		let node = account.clone();
		Self::deposit_event(match with_storage_layer(|| T::Faults::report_fault(report)) {
			Ok(_) => Event::FaultReported { node, fault, round },
			Err(error) => Event::FaultNotTaken { node, fault, error },
		});
	}

	/// Each round is evidence of its own.
	pub(crate) fn evidence(account: &T::AccountId, fault: Fault, round: StorageRound) -> H256 {
		BlakeTwo256::hash_of(&(b"rwa/documents/fault/v1", account, fault, round))
	}
}
