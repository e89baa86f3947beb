//! Placement: who is drawn for a replica, and who does not take it. What a replica's placement is changes here and
//! in `notices.rs` only.

use alloc::{collections::BTreeSet, vec::Vec};

use frame_support::{
	defensive, ensure,
	traits::{Get, Randomness},
	weights::Weight,
};
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	storage::{DocumentId, ReplicaIndex, REPLICAS},
	traits::{Whereabouts, WorkingTime},
};
use sp_core::H256;
use sp_runtime::{
	helpers_128bit::multiply_by_rational_with_rounding,
	traits::{BlakeTwo256, Hash, Saturating},
	DispatchError, Rounding, SaturatedConversion,
};

use crate::{
	Config, DocumentOf, Documents, Due, Error, Event, Pallet, Place, Placement, PlacementOf,
	ReaderKeys, Refusal, Repairer, Stage, StorageNodeOf, StorageNodes, Task, WeightInfo,
};

/// Most nodes that are looked at for one draw.
pub(crate) const MAX_DRAWS: u32 = 16;

/// How often the time until the next try is doubled.
const MAX_DOUBLINGS: u32 = 6;

/// How often the time is doubled after which another heir is drawn.
const HAND_OVER_DOUBLINGS: u32 = 4;

impl<T: Config> Pallet<T> {
	/// A replica's time has come: a node is drawn for it, or the one that was is late. Gives the weight of that.
	pub(crate) fn handle_replica(
		id: DocumentId,
		replica: ReplicaIndex,
		now: BlockNumberFor<T>,
	) -> Weight {
		let task = Task::Replica(id, replica);
		let Some(mut document) = Documents::<T>::get(id) else {
			defensive!("a replica of a document that does not exist is on the agenda");
			Self::unschedule(&task);
			return T::WeightInfo::refuse_late();
		};
		let placement = document.replicas.get(usize::from(replica)).map(|entry| &entry.placement);
		let waits = matches!(placement, Some(Placement::Waiting { .. }));
		if waits && document.stage == Stage::Expired {
			// Not worth a draw any more. Renewing the document takes it up again.
			Self::unschedule(&task);
			return T::WeightInfo::refuse_late();
		}
		if waits || matches!(placement, Some(Placement::Held { leaving: true, .. })) {
			Self::place(id, &mut document, replica, now);
			Documents::<T>::insert(id, document);
			return T::WeightInfo::draw_replica();
		}
		if !Self::refuse(id, &mut document, replica, Refusal::Late) {
			defensive!("a replica that waits for nothing is on the agenda");
			Self::unschedule(&task);
		}
		Documents::<T>::insert(id, document);
		T::WeightInfo::refuse_late()
	}

	/// Draws a node for a replica, and reserves a slot there. If there is none, tries again later.
	fn place(
		id: DocumentId,
		document: &mut DocumentOf<T>,
		replica: ReplicaIndex,
		now: BlockNumberFor<T>,
	) {
		let Some(entry) = document.replicas.get(usize::from(replica)).cloned() else { return };
		let random = Self::random(b"rwa/documents/holder/v1");
		let seed = BlakeTwo256::hash_of(&(random, id, replica, entry.epoch));
		let task = Task::Replica(id, replica);
		let Some(place) = Self::draw_holder(id, document, replica, &seed) else {
			let retry_at = now.saturating_add(Self::patience(&entry.placement));
			if let Some(Placement::Waiting { failures, .. }) =
				document.replicas.get_mut(usize::from(replica)).map(|entry| &mut entry.placement)
			{
				*failures = failures.saturating_add(1);
			}
			if Self::give_up(id, document, replica) {
				return;
			}
			Self::schedule(task, retry_at);
			return Self::deposit_event(Event::NobodyFound { document: id, replica, retry_at });
		};
		let deadline = now.saturating_add(Self::time_to_confirm(entry.file.size));
		let node = place.node.clone();
		document.repairers.retain(|one| one.account != node);
		let (placement, event) = match entry.placement {
			Placement::Held { place: from, paid_to, .. }
			| Placement::HandingOver { place: from, paid_to, .. } => {
				let holder = from.node.clone();
				(
					Placement::HandingOver { place: from, paid_to, heir: place },
					Event::HeirDrawn { document: id, replica, holder, node, deadline },
				)
			}
			Placement::Waiting { lost: true, failures, .. } => {
				let repair = Self::promise_repair(document, &entry.file, &seed);
				let (repairer, fee) = (repair.repairer.clone(), repair.fee);
				(
					Placement::Assigned { place, repair: Some(repair), failures },
					Event::RepairNeeded { document: id, replica, node, repairer, fee, deadline },
				)
			}
			Placement::Waiting { failures, .. } | Placement::Assigned { failures, .. } => (
				Placement::Assigned { place, repair: None, failures },
				Event::ReplicaAssigned { document: id, replica, node, deadline },
			),
		};
		if let Some(entry) = document.replicas.get_mut(usize::from(replica)) {
			entry.placement = placement;
			entry.epoch = entry.epoch.saturating_add(1);
		}
		Self::schedule(task, deadline);
		Self::deposit_event(event);
	}

	/// Draws who is to take a replica: not the owner, nobody who is near another holder, nobody who has the
	/// outer keys, and not whoever had it last.
	fn draw_holder(
		id: DocumentId,
		document: &DocumentOf<T>,
		replica: ReplicaIndex,
		seed: &H256,
	) -> Option<Place<T::AccountId>> {
		let entry = document.replicas.get(usize::from(replica))?;
		let others = || {
			let others =
				(0u8..).zip(&document.replicas).filter(move |(number, _)| *number != replica);
			others.flat_map(|(_, other)| other.placement.places()).map(|place| &place.node)
		};
		let regions: Vec<_> = others().filter_map(T::Whereabouts::region_of).collect();
		let hosts: Vec<_> = others().filter_map(T::Whereabouts::host_of).collect();
		let avoided = match &entry.placement {
			Placement::Waiting { avoid, .. } => avoid.as_ref(),
			Placement::Held { place, .. } => Some(&place.node),
			Placement::Assigned { .. } | Placement::HandingOver { .. } => None,
		};
		let ready = document.repairers.iter().filter(|one| one.ready).map(|one| &one.account);
		let excluded = others().chain(avoided).chain(ready).chain([&document.owner]);
		let size = entry.file.size;
		let suits = |account: &T::AccountId, node: &StorageNodeOf<T>| {
			let near = |region, host| regions.contains(&region) || hosts.contains(&host);
			let (region, host) =
				(T::Whereabouts::region_of(account), T::Whereabouts::host_of(account));
			let apart = region.zip(host).is_some_and(|(region, host)| !near(region, host));
			apart && Self::room_of(node) >= size && Self::has_slot(node)
		};
		let account = Self::draw_node(seed, excluded, suits)?;

		let mut node = StorageNodes::<T>::get(&account)?;
		let slot = Self::take_slot(&account, &mut node, id, replica, size)?;
		Self::refresh_weight(&account, &mut node);
		StorageNodes::<T>::insert(&account, node);
		Some(Place { node: account, slot })
	}

	/// Proposes nodes that hold nothing of a document to its owner, as repairers. The caller stores the document.
	pub(crate) fn draw_repairers(id: DocumentId, document: &mut DocumentOf<T>) {
		let random = Self::random(b"rwa/documents/repairers/v1");
		let mut nodes = Vec::new();
		for number in 0..T::DrawnRepairers::get() {
			let seed = BlakeTwo256::hash_of(&(random, id, number));
			let holders = document.replicas.iter().flat_map(|entry| entry.placement.places());
			let known = document.repairers.iter().map(|one| &one.account);
			let excluded = holders.map(|place| &place.node).chain(known).chain([&document.owner]);
			// Without a key, nothing could be sealed to it.
			let suits = |account: &T::AccountId, _: &StorageNodeOf<T>| {
				ReaderKeys::<T>::contains_key(account)
			};
			let Some(account) = Self::draw_node(&seed, excluded, suits) else { break };
			let proposed = Repairer { account: account.clone(), ready: false };
			if document.repairers.try_push(proposed).is_err() {
				break; // The owner has named as many as there may be.
			}
			nodes.push(account);
		}
		Self::deposit_event(Event::RepairersDrawn { document: id, nodes });
	}

	/// Draws a node by weight that isn't excluded and that suits. `None`: none was found in [`MAX_DRAWS`] tries.
	fn draw_node<'a>(
		seed: &H256,
		excluded: impl Iterator<Item = &'a T::AccountId>,
		suits: impl Fn(&T::AccountId, &StorageNodeOf<T>) -> bool,
	) -> Option<T::AccountId>
	where
		T::AccountId: 'a,
	{
		let excluded: BTreeSet<_> = excluded.collect();
		let mut without: Vec<(u32, u128)> = excluded
			.into_iter()
			.filter_map(StorageNodes::<T>::get)
			.map(|node| (node.seat, node.weight))
			.collect();
		for attempt in 0..MAX_DRAWS {
			let random = BlakeTwo256::hash_of(&(seed, attempt));
			let random = random.0.first_chunk().map_or(0, |bytes| u128::from_le_bytes(*bytes));
			let point = part_of(Self::weight_of_all(&without), random)?;
			let account = Self::node_at(point, &without)?;
			let mut node = StorageNodes::<T>::get(&account)?;
			if Self::refresh_weight(&account, &mut node) {
				// It was not what it weighs now. Draw again, by that.
				StorageNodes::<T>::insert(&account, node);
				continue;
			}
			if suits(&account, &node) {
				return Some(account);
			}
			without.push((node.seat, node.weight));
		}
		None
	}

	/// Whoever was drawn for a replica does not take it. Whether anybody was. The caller stores the document.
	pub(crate) fn refuse(
		id: DocumentId,
		document: &mut DocumentOf<T>,
		replica: ReplicaIndex,
		why: Refusal,
	) -> bool {
		let withdrawn = why == Refusal::Withdrawn;
		if why == Refusal::Declined {
			Self::pay_for_room(id, document, replica);
		}
		let Some(entry) = document.replicas.get_mut(usize::from(replica)) else { return false };
		let before = entry.placement.clone();
		let (place, promised) = match before.clone() {
			Placement::Assigned { place, repair, failures } => {
				entry.placement = Placement::Waiting {
					lost: repair.is_some(),
					avoid: Some(place.node.clone()),
					// If there is nobody to get the file from, nobody will ever take it.
					failures: failures.saturating_add(u32::from(!withdrawn)),
				};
				(place, repair.map_or(0, |repair| repair.fee))
			}
			Placement::HandingOver { place, paid_to, heir } => {
				entry.placement = Placement::Held { place, paid_to, leaving: true };
				(heir, 0)
			}
			Placement::Waiting { .. } | Placement::Held { .. } => return false,
		};
		let size = entry.file.size;
		document.promised = document.promised.saturating_sub(promised);
		// Whoever can't get the file says so. Whoever says nothing is not there.
		if why == Refusal::Late {
			StorageNodes::<T>::mutate_extant(&place.node, |node| {
				node.lapses = node.lapses.saturating_add(1);
			});
		}
		Self::vacate(&place, size);
		let wait = if withdrawn { T::DrawDelay::get() } else { Self::patience(&before) };
		let next = T::WorkingTime::now().saturating_add(wait);
		Self::schedule(Task::Replica(id, replica), next);
		let node = place.node;
		Self::deposit_event(Event::ReplicaRefused { document: id, replica, node, why });
		Self::give_up(id, document, replica);
		true
	}

	/// Draws no more for a replica that nobody took often enough: somebody else's draws would wait for it. Whether
	/// it was so.
	fn give_up(id: DocumentId, document: &DocumentOf<T>, replica: ReplicaIndex) -> bool {
		let entry = document.replicas.get(usize::from(replica));
		let given_up = entry.is_some_and(|entry| Self::is_given_up(&entry.placement));
		if given_up {
			Self::unschedule(&Task::Replica(id, replica));
			Self::deposit_event(Event::DrawsGivenUp { document: id, replica });
		}
		given_up
	}

	/// Whether no node is drawn for a replica any more, because too many tries came to nothing.
	pub(crate) fn is_given_up(placement: &PlacementOf<T>) -> bool {
		matches!(placement, Placement::Waiting { lost, failures, .. } if *failures >= most_tries::<T>(*lost))
	}

	/// The only way to have nodes drawn again for what was given up. Gives how many draws that makes.
	pub(crate) fn do_draw_again(id: DocumentId) -> Result<u32, DispatchError> {
		let mut document = Self::known(id)?;
		ensure!(document.stage != Stage::Expired, Error::<T>::NothingGivenUp);
		let resumed = Self::resume_draws(id, &mut document);
		ensure!(!resumed.is_empty(), Error::<T>::NothingGivenUp);
		let draws = resumed.len().saturated_into();
		let draw_at = Self::draw_at();
		Documents::<T>::insert(id, document);
		for replica in resumed {
			Self::deposit_event(Event::DrawResumed { document: id, replica, draw_at });
		}
		Ok(draws)
	}

	/// Replicas for which no node is drawn any more, because the document had expired or it was given up, are taken
	/// up again: the latter for one try, which whoever asks for it pays. Which they are. The caller stores the
	/// document.
	pub(crate) fn resume_draws(id: DocumentId, document: &mut DocumentOf<T>) -> Vec<ReplicaIndex> {
		let mut resumed = Vec::new();
		for (replica, entry) in (0u8..).zip(&mut document.replicas) {
			let Placement::Waiting { lost, failures, .. } = &mut entry.placement else { continue };
			let task = Task::Replica(id, replica);
			if !Due::<T>::contains_key(&task) {
				*failures = (*failures).min(most_tries::<T>(*lost).saturating_sub(1));
				Self::schedule(task, Self::draw_at());
				resumed.push(replica);
			}
		}
		resumed
	}

	/// What trying so many times costs to draw for a replica, and to note that nobody came.
	pub(crate) fn weight_of_draws(tries: u32) -> Weight {
		T::WeightInfo::draw_replica()
			.saturating_add(T::WeightInfo::refuse_late())
			.saturating_mul(tries.into())
	}

	/// All draws that follow from registering a document, at their worst.
	pub(crate) fn weight_of_placing() -> Weight {
		let replicas = REPLICAS.saturated_into::<u32>();
		Self::weight_of_draws(replicas.saturating_mul(T::MaxTries::get()))
			.saturating_add(T::WeightInfo::draw_repairers())
	}

	/// What taking up all replicas of a document again causes.
	pub(crate) fn weight_of_resuming() -> Weight {
		Self::weight_of_draws(REPLICAS.saturated_into())
	}

	/// Frees the slot of a replica of `size` bytes.
	pub(crate) fn vacate(place: &Place<T::AccountId>, size: u64) {
		let Some(mut node) = StorageNodes::<T>::get(&place.node) else {
			defensive!("a replica is with a node that does not exist");
			return;
		};
		Self::vacate_slot(&place.node, &mut node, place.slot, size);
		Self::refresh_weight(&place.node, &mut node);
		StorageNodes::<T>::insert(&place.node, node);
	}

	/// Working blocks that a node has to take a replica of `size` bytes.
	pub(crate) fn time_to_confirm(size: u64) -> BlockNumberFor<T> {
		let transfer = size.checked_div(T::TransferRate::get()).unwrap_or(0);
		T::ConfirmTime::get().saturating_add(transfer.saturated_into())
	}

	/// Working blocks until a draw is tried again: twice as many after each failure. A document that no node can
	/// take must not cost the chain much.
	fn patience<AccountId>(
		placement: &Placement<AccountId, BlockNumberFor<T>>,
	) -> BlockNumberFor<T> {
		let failures = match placement {
			Placement::Waiting { failures, .. } | Placement::Assigned { failures, .. } => *failures,
			// A holder that wants to hand over holds on, and can wait.
			_ => HAND_OVER_DOUBLINGS,
		};
		let times = 2u32.saturating_pow(failures.min(MAX_DOUBLINGS));
		T::RetryDelay::get().saturating_mul(times.into())
	}

	/// A value that nobody could foresee, for `subject`. See [`Config::Randomness`].
	pub(crate) fn random(subject: &[u8]) -> H256 {
		let (random, _) = T::Randomness::random(subject);
		// Never both: the author of a block can try many hashes, and so would spoil what it can't choose.
		let random = random.unwrap_or_else(frame_system::Pallet::<T>::parent_hash);
		BlakeTwo256::hash_of(&(subject, random, T::WorkingTime::now()))
	}
}

/// How often a node is drawn for a replica before that is given up.
fn most_tries<T: Config>(lost: bool) -> u32 {
	if lost {
		T::MaxRepairTries::get()
	} else {
		T::MaxTries::get()
	}
}

/// `random` as a part of 2¹²⁸, of `total`: always below it. `None`: it is zero.
///
/// Unlike a remainder, it moves no further than `total` does: whoever can change that a little, and knows `random`,
/// can't choose where it falls.
fn part_of(total: u128, random: u128) -> Option<u128> {
	let last = total.checked_sub(1)?;
	multiply_by_rational_with_rounding(random, total, u128::MAX, Rounding::Down)
		.map(|part| part.min(last))
}

#[cfg(test)]
mod tests {
	use super::part_of;

	#[test]
	fn a_part_should_follow_the_random_number_and_hardly_the_total() {
		assert_eq!(part_of(0, 7), None);
		assert_eq!(part_of(1, u128::MAX), Some(0));
		assert_eq!(part_of(1_000, 0), Some(0));
		assert_eq!(part_of(1_000, u128::MAX), Some(999));
		assert_eq!(part_of(1_000, u128::MAX / 2), Some(499));
		assert_eq!(part_of(u128::MAX, 12_345), Some(12_345));
		// A thousandth more or less moves it by no more than a thousandth.
		for random in [1u128 << 80, 1 << 100, (1 << 127) + (1 << 90), u128::MAX - 5] {
			let (before, after) =
				(part_of(1 << 40, random), part_of((1 << 40) + (1 << 30), random));
			assert!(before.zip(after).is_some_and(|(one, other)| one.abs_diff(other) <= 1 << 30));
		}
	}
}
