//! Reputation: what is remembered of nodes, and who may say something. The only writer of [`Ratings`] and
//! of a node's [`standing`](crate::Node::standing).

use frame_support::{dispatch::DispatchResult, ensure, traits::Get};
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	reputation::{vote_weight, Assessment, Stars},
	traits::{Conduct, Reputation, WorkingTime},
};
use sp_runtime::{traits::Saturating, DispatchError};

use crate::{types::RatingRight, Config, Error, Event, NodeOf, Nodes, Pallet, Ratings};

impl<T: Config> Pallet<T> {
	/// The only way to rate.
	pub(crate) fn do_rate(
		client: T::AccountId,
		account: T::AccountId,
		stars: u8,
	) -> DispatchResult {
		let given = Stars::new(stars).ok_or(Error::<T>::BadStars)?;
		let mut node = Self::known(&account)?;
		let right = Ratings::<T>::get(&account, &client).ok_or(Error::<T>::NoFinishedJob)?;
		ensure!(!right.rated, Error::<T>::AlreadyRated);
		ensure!(T::WorkingTime::now() < right.until, Error::<T>::RatingLapsed);

		node.standing.note_rating(given);
		Nodes::<T>::insert(&account, node);
		let used = RatingRight { until: Self::window_end(), rated: true };
		Ratings::<T>::insert(&account, &client, used);
		Self::deposit_event(Event::NodeRated { node: account, client, stars });
		Ok(())
	}

	/// The only way to clear away a right to rate, or the record of its use.
	pub(crate) fn do_clear_rating(node: T::AccountId, client: T::AccountId) -> DispatchResult {
		let right = Ratings::<T>::get(&node, &client).ok_or(Error::<T>::NoFinishedJob)?;
		ensure!(T::WorkingTime::now() >= right.until, Error::<T>::RatingNotLapsed);

		Ratings::<T>::remove(&node, &client);
		Self::deposit_event(Event::RatingCleared { node, client });
		Ok(())
	}

	/// The reputation of `account`'s node.
	pub(crate) fn assessment(account: &T::AccountId) -> Option<Assessment> {
		Some(Self::assess(account, &Nodes::<T>::get(account)?))
	}

	/// The reputation of a node.
	pub(crate) fn assess(account: &T::AccountId, node: &NodeOf<T>) -> Assessment {
		node.standing.assess(Self::bonded(account, node), node.minimum)
	}

	/// What the node's vote weighs now.
	pub(crate) fn weight_of(account: &T::AccountId, node: &NodeOf<T>) -> u128 {
		if !Self::is_node_active(account, node) {
			return 0;
		}
		let stake = Self::bonded(account, node);
		let merit = node.standing.assess(stake, node.minimum).merit;
		vote_weight(stake, T::StakeCap::get(), merit)
	}

	/// When a window that begins now has lapsed.
	fn window_end() -> BlockNumberFor<T> {
		T::WorkingTime::now().saturating_add(T::RatingWindow::get())
	}
}

impl<T: Config> Conduct<T::AccountId> for Pallet<T> {
	fn note_proven(who: &T::AccountId, right: bool) {
		let Some(mut node) = Nodes::<T>::get(who) else { return };
		node.standing.note_fact(right);
		Nodes::<T>::insert(who, node);
		Self::deposit_event(Event::FactProven { node: who.clone(), right });
	}

	fn note_finished_job(node: &T::AccountId, client: &T::AccountId) -> Result<(), DispatchError> {
		ensure!(node != client, Error::<T>::SelfDealing);
		let mut entry = Self::known(node)?;
		entry.standing.note_job();
		Nodes::<T>::insert(node, entry);

		let now = T::WorkingTime::now();
		let used = |right: RatingRight<BlockNumberFor<T>>| right.rated && now < right.until;
		let may_rate = !Ratings::<T>::get(node, client).is_some_and(used);
		if may_rate {
			let right = RatingRight { until: Self::window_end(), rated: false };
			Ratings::<T>::insert(node, client, right);
		}
		let (node, client) = (node.clone(), client.clone());
		Self::deposit_event(Event::JobFinished { node, client, may_rate });
		Ok(())
	}
}

impl<T: Config> Reputation<T::AccountId> for Pallet<T> {
	fn score(who: &T::AccountId) -> Option<u32> {
		Self::assessment(who).map(|assessment| assessment.score)
	}

	fn vote_weight(who: &T::AccountId) -> u128 {
		Nodes::<T>::get(who).map_or(0, |node| Self::weight_of(who, &node))
	}
}
