//! What clients read: a node, and pages of nodes.

use alloc::vec::Vec;

use frame_support::traits::Get;
use rwa_primitives::{
	app_key::Role,
	node::Region,
	traits::{AppKeys, Presence},
};
use sp_runtime::SaturatedConversion;

use crate::{
	types::{ListedNode, NodeInfo},
	Config, Listed, ListedNodeOf, NodeInfoOf, Nodes, Pallet,
};

impl<T: Config> Pallet<T> {
	/// All there is to know of `account`'s node.
	pub(crate) fn node_info(account: &T::AccountId) -> Option<NodeInfoOf<T>> {
		let node = Nodes::<T>::get(account)?;
		Some(NodeInfo {
			active: Self::is_node_active(account, &node),
			app_key: Self::key_of(account),
			stake: Self::bonded(account, &node),
			last_seen: Self::last_seen(account),
			reputation: Self::assess(account, &node),
			vote_weight: Self::weight_of(account, &node),
			role: node.role,
			region: node.region,
			endpoint: node.endpoint,
			chilled: node.chilled,
			leaving: node.leaving,
			minimum: node.minimum,
			unlocking: node.unlocking,
			deposit: node.deposit,
			registered_at: node.registered_at,
			excused_since: node.excused_since,
			claimable: node.earnings.due,
		})
	}

	/// A page of the list: no more than asked for, no more than [`Config::MaxPage`]. Reads what is on the
	/// page, however many nodes there are.
	pub(crate) fn page(
		role: Role,
		region: Option<Region>,
		after: Option<(Region, T::AccountId)>,
		limit: u32,
	) -> Vec<ListedNodeOf<T>> {
		let limit = limit.min(T::MaxPage::get()).saturated_into();
		let line = |(region, account): (Region, T::AccountId)| {
			let node = Nodes::<T>::get(&account)?;
			let active = Self::is_node_active(&account, &node);
			Some(ListedNode { account, region, endpoint: node.endpoint, active })
		};
		// Keys are sorted, so a page can begin behind one that isn't there any more.
		let start =
			after.map(|(region, account)| Listed::<T>::hashed_key_for((role, region, account)));
		match (region, start) {
			(None, None) => {
				Listed::<T>::iter_key_prefix((role,)).filter_map(line).take(limit).collect()
			}
			(None, Some(start)) => Listed::<T>::iter_key_prefix_from((role,), start)
				.filter_map(line)
				.take(limit)
				.collect(),
			(Some(region), None) => Listed::<T>::iter_key_prefix((role, region))
				.filter_map(|account| line((region, account)))
				.take(limit)
				.collect(),
			(Some(region), Some(start)) => Listed::<T>::iter_key_prefix_from((role, region), start)
				.filter_map(|account| line((region, account)))
				.take(limit)
				.collect(),
		}
	}
}
