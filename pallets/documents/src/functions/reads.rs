//! What dApps and workers read.

use alloc::vec::Vec;

use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	ipfs::Cid,
	storage::{DocumentId, ReplicaIndex},
	traits::WorkingTime,
	AssetId, Balance,
};
use sp_runtime::SaturatedConversion;

use crate::{
	Assignment, Challenge, Cids, Config, DocumentOf, DocumentOverview, Documents, DocumentsOf, Due,
	Health, Pallet, Placement, Rounds, Slots, Stage, Task,
};

/// Most entries of a page.
const MAX_PAGE: u32 = 100;

impl<T: Config> Pallet<T> {
	/// A document, and how well it is kept.
	pub(crate) fn overview(
		id: DocumentId,
	) -> Option<DocumentOverview<DocumentOf<T>, BlockNumberFor<T>>> {
		let document = Documents::<T>::get(id)?;
		let placements = || document.replicas.iter().map(|entry| &entry.placement);
		let held: usize = placements().filter(|placement| placement.holder().is_some()).count();
		let lost = placements().any(|placement| {
			matches!(
				placement,
				Placement::Waiting { lost: true, .. } | Placement::Assigned { repair: Some(_), .. }
			)
		});
		let missed =
			|| placements().filter_map(Placement::holder).any(|(place, _)| Self::is_missed(place));
		let health = match document.stage {
			Stage::Expired => Health::Expired,
			_ if held == document.replicas.len() && missed() => Health::AtRisk,
			_ if held == document.replicas.len() => Health::Complete,
			_ if lost => Health::Degraded,
			_ => Health::Placing,
		};
		Some(DocumentOverview {
			held: held.saturated_into(),
			health,
			payable: Self::payable(&document).unwrap_or(Balance::MAX),
			spare: Self::spare(&document),
			removed_at: Self::removed_at(&document),
			document,
		})
	}

	/// Whose documents a file is of.
	pub(crate) fn documents_with_file(cid: &Cid) -> Vec<(T::AccountId, DocumentId, ReplicaIndex)> {
		Cids::<T>::iter_prefix(cid)
			.map(|(owner, (document, replica))| (owner, document, replica))
			.take(MAX_PAGE.saturated_into())
			.collect()
	}

	/// A page of an asset's documents.
	pub(crate) fn documents_page(
		asset: AssetId,
		after: Option<DocumentId>,
		limit: u32,
	) -> Vec<DocumentId> {
		let limit = limit.min(MAX_PAGE).saturated_into();
		match after {
			None => DocumentsOf::<T>::iter_key_prefix(asset).take(limit).collect(),
			// Keys are sorted, so a page can begin behind one that isn't there any more.
			Some(after) => {
				let start = DocumentsOf::<T>::hashed_key_for(asset, after);
				DocumentsOf::<T>::iter_key_prefix_from(asset, start).take(limit).collect()
			}
		}
	}

	/// A page of what a node has to keep, or is to take.
	pub(crate) fn assignments_page(
		node: &T::AccountId,
		after: Option<u32>,
		limit: u32,
	) -> Vec<Assignment<T::AccountId, BlockNumberFor<T>>> {
		let limit = limit.min(MAX_PAGE).saturated_into();
		let slots = match after {
			None => Slots::<T>::iter_prefix(node),
			Some(after) => {
				Slots::<T>::iter_prefix_from(node, Slots::<T>::hashed_key_for(node, after))
			}
		};
		slots
			.filter_map(|(slot, entry)| {
				let (document, replica) = entry.state.replica()?;
				Self::assignment(node, slot, document, replica)
			})
			.take(limit)
			.collect()
	}

	/// What `node` has to do about the replica in one of its slots.
	pub(crate) fn assignment(
		node: &T::AccountId,
		slot: u32,
		id: DocumentId,
		replica: ReplicaIndex,
	) -> Option<Assignment<T::AccountId, BlockNumberFor<T>>> {
		let document = Documents::<T>::get(id)?;
		let entry = document.replicas.get(usize::from(replica))?;
		let confirmed = entry.placement.holder().is_some_and(|(place, _)| place.node == *node);
		let from = match &entry.placement {
			Placement::Assigned { repair: Some(repair), .. } => repair.repairer.clone(),
			Placement::HandingOver { place, .. } if !confirmed => Some(place.node.clone()),
			_ => None,
		};
		Some(Assignment {
			slot,
			document: id,
			replica,
			epoch: entry.epoch,
			file: entry.file,
			confirmed,
			deadline: Due::<T>::get(Task::Replica(id, replica)).filter(|_| !confirmed),
			from,
			kept_until: Self::removed_at(&document),
			owner: document.owner,
		})
	}

	/// What a node has not answered yet and can.
	pub(crate) fn open_challenges(node: &T::AccountId) -> Vec<Challenge<BlockNumberFor<T>>> {
		let Some(round) = Rounds::<T>::get(node) else { return Vec::new() };
		let deadline = Self::deadline_of(&round);
		if T::WorkingTime::now() >= deadline {
			return Vec::new(); // The agenda is behind.
		}
		(0..round.challenges())
			.filter(|number| !round.is_answered(*number))
			.filter_map(|number| {
				let target = Self::target(node, &round, number).ok()?;
				Some(Challenge {
					round: round.index,
					number,
					document: target.document,
					replica: target.replica,
					file: target.file,
					leaf: target.leaf,
					deadline,
				})
			})
			.collect()
	}
}
