//! Nodes: registered, changed, stopped and given up. The only writer of [`Listed`] and [`Totals`], and the
//! one that makes and removes [`Nodes`].

use alloc::vec::Vec;

use frame_support::{
	dispatch::DispatchResult,
	ensure,
	traits::{fungible::hold::Mutate as _, tokens::Precision, Get},
};
use rwa_primitives::{
	app_key::Role,
	node::{is_dialable, Region},
	reputation::Record,
	traits::{Accusations, Duties, ValidatorStakes, WorkingTime},
	Balance,
};
use sp_runtime::traits::{Saturating, Zero};

use crate::{
	types::{Earnings, Node},
	AppKeyOf, Config, EndpointOf, Error, Event, HoldReason, Listed, NodeOf, Nodes, Pallet, Totals,
	UnlockingOf,
};

impl<T: Config> Pallet<T> {
	/// The only way to register a node.
	pub(crate) fn do_register(
		account: T::AccountId,
		role: Role,
		region: Region,
		endpoint: Vec<u8>,
		stake: Balance,
	) -> DispatchResult {
		ensure!(!Nodes::<T>::contains_key(&account), Error::<T>::AlreadyRegistered);
		let endpoint = Self::checked_address(region, endpoint)?;
		let minimum = Self::tier_of(role).minimum;
		Self::ensure_stake(&account, role, stake, minimum)?;

		let deposit = T::NodeDeposit::get();
		T::Currency::hold(&HoldReason::Node.into(), &account, deposit)?;
		if !stake.is_zero() {
			T::Currency::hold(&HoldReason::Stake.into(), &account, stake)?;
		}
		let now = T::WorkingTime::now();
		let node = Node {
			role,
			region,
			endpoint: endpoint.clone(),
			minimum,
			stake,
			unlocking: UnlockingOf::<T>::default(),
			deposit,
			registered_at: now,
			seen: now,
			excused_since: None,
			chilled: false,
			leaving: false,
			earnings: Earnings::default(),
			standing: Record::default(),
		};
		Nodes::<T>::insert(&account, node);
		Listed::<T>::insert((role, region, &account), ());
		Totals::<T>::mutate(role, |total| {
			total.nodes = total.nodes.saturating_add(1);
			total.stake = total.stake.saturating_add(stake);
		});
		Self::deposit_event(Event::NodeRegistered {
			account,
			role,
			region,
			endpoint,
			stake,
			minimum,
			deposit,
		});
		Ok(())
	}

	/// The only way to change where a node is.
	pub(crate) fn do_update_node(
		account: T::AccountId,
		region: Region,
		endpoint: Vec<u8>,
	) -> DispatchResult {
		let mut node = Self::staying(&account)?;
		let endpoint = Self::checked_address(region, endpoint)?;

		if node.region != region {
			Listed::<T>::remove((node.role, node.region, &account));
			Listed::<T>::insert((node.role, region, &account), ());
		}
		node.region = region;
		node.endpoint = endpoint.clone();
		Nodes::<T>::insert(&account, node);
		Self::deposit_event(Event::NodeUpdated { account, region, endpoint });
		Ok(())
	}

	/// The only way to stop a node for a while.
	pub(crate) fn do_chill(account: T::AccountId) -> DispatchResult {
		let mut node = Self::staying(&account)?;
		ensure!(!node.chilled, Error::<T>::AlreadyChilled);

		node.chilled = true;
		Self::deposit_event(Event::NodeChilled { account: account.clone() });
		Self::note_activity(&account, &mut node);
		Nodes::<T>::insert(&account, node);
		Ok(())
	}

	/// The only way to let a node that was stopped work again.
	pub(crate) fn do_unchill(account: T::AccountId) -> DispatchResult {
		let mut node = Self::staying(&account)?;
		ensure!(node.chilled, Error::<T>::NotChilled);

		node.chilled = false;
		node.minimum = Self::tier_of(node.role).minimum;
		let minimum = node.minimum;
		Self::deposit_event(Event::NodeUnchilled { account: account.clone(), minimum });
		Self::note_activity(&account, &mut node);
		Nodes::<T>::insert(&account, node);
		Ok(())
	}

	/// The only way to begin giving up a node.
	pub(crate) fn do_deregister(account: T::AccountId) -> DispatchResult {
		let mut node = Self::staying(&account)?;
		// Or a validator could get rid of its record within a block.
		let bonded = node.role == Role::Validator && T::Validators::is_staker(&account);
		ensure!(!bonded, Error::<T>::StillBonded);
		ensure!(!T::Duties::is_bound(&account), Error::<T>::StillOnDuty);

		if AppKeyOf::<T>::contains_key(&account) {
			Self::do_revoke_app_key(account.clone())?;
		}
		node.leaving = true;
		Self::note_activity(&account, &mut node);
		Self::deposit_event(Event::NodeLeaving { account: account.clone() });
		Self::unbond_all(&account, &mut node);

		if node.at_stake().is_zero() && !T::Accusations::is_accused(&account) {
			Self::pay_due(&account, &mut node)?;
			if node.earnings.due.is_zero() {
				return Self::remove_node(account, node);
			}
		}
		Nodes::<T>::insert(&account, node);
		Ok(())
	}

	/// Removes a node that is leaving, and to which nothing belongs any more but its deposit.
	pub(crate) fn remove_node(account: T::AccountId, node: NodeOf<T>) -> DispatchResult {
		// Exactly what was recorded: by N4 that much is held.
		T::Currency::release(&HoldReason::Node.into(), &account, node.deposit, Precision::Exact)?;
		Listed::<T>::remove((node.role, node.region, &account));
		Totals::<T>::mutate(node.role, |total| total.nodes = total.nodes.saturating_sub(1));
		Nodes::<T>::remove(&account);
		Self::deposit_event(Event::NodeRemoved { account, role: node.role });
		Ok(())
	}

	/// The only way to change what a node has bonded.
	pub(crate) fn set_stake(node: &mut NodeOf<T>, stake: Balance) {
		Totals::<T>::mutate(node.role, |total| {
			total.stake = total.stake.saturating_sub(node.stake).saturating_add(stake);
		});
		node.stake = stake;
	}

	/// Compares whether the node is expected with whether it was, and notes what follows. To be called
	/// after every change of its stake, its minimum, and of whether it is chilled or leaving.
	pub(crate) fn note_activity(account: &T::AccountId, node: &mut NodeOf<T>) {
		let (now, role) = (T::WorkingTime::now(), node.role);
		match (node.is_expected(), node.excused_since) {
			(true, Some(since)) => {
				node.excused_since = None;
				// The time in which it was excused doesn't count. What it was away before goes on: else stopping
				// and starting it would be a way out of a day's absence.
				node.seen = now.saturating_sub(since.saturating_sub(node.seen));
				Self::deposit_event(Event::NodeActivated { account: account.clone(), role });
			}
			(false, None) => {
				// Before anything is taken off what earns: until now all of it did.
				Self::settle(account, node, now);
				node.excused_since = Some(now);
				node.earnings.earning = 0;
				Self::deposit_event(Event::NodeDeactivated { account: account.clone(), role });
			}
			_ => {}
		}
		if node.earnings.earning > node.stake {
			// What is gone has earned until now.
			Self::settle(account, node, now);
			node.earnings.earning = node.stake;
		}
	}

	/// The node of `account`.
	pub(crate) fn known(account: &T::AccountId) -> Result<NodeOf<T>, Error<T>> {
		Nodes::<T>::get(account).ok_or(Error::<T>::UnknownNode)
	}

	/// The node of `account`, which it isn't giving up.
	pub(crate) fn staying(account: &T::AccountId) -> Result<NodeOf<T>, Error<T>> {
		let node = Self::known(account)?;
		ensure!(!node.leaving, Error::<T>::Leaving);
		Ok(node)
	}

	/// Whether the node may act now.
	pub(crate) fn is_node_active(account: &T::AccountId, node: &NodeOf<T>) -> bool {
		let at_risk = || T::Validators::at_risk(account);
		node.is_expected() && (node.role != Role::Validator || at_risk() >= node.minimum)
	}

	/// What counts as the node's stake: what it has bonded here, or what it risks with the staking pallet.
	pub(crate) fn bonded(account: &T::AccountId, node: &NodeOf<T>) -> Balance {
		match node.role {
			Role::Validator => T::Validators::at_risk(account),
			_ => node.stake,
		}
	}

	/// Region and endpoint have their form.
	fn checked_address(region: Region, endpoint: Vec<u8>) -> Result<EndpointOf<T>, Error<T>> {
		ensure!(region.is_well_formed(), Error::<T>::BadRegion);
		let endpoint =
			EndpointOf::<T>::try_from(endpoint).map_err(|_| Error::<T>::EndpointTooLong)?;
		ensure!(is_dialable(&endpoint), Error::<T>::BadEndpoint);
		Ok(endpoint)
	}

	/// A new node in `role` has the stake that it needs, where it belongs.
	fn ensure_stake(
		account: &T::AccountId,
		role: Role,
		stake: Balance,
		minimum: Balance,
	) -> Result<(), Error<T>> {
		if role == Role::Validator {
			ensure!(stake.is_zero(), Error::<T>::BondedElsewhere);
			ensure!(T::Validators::bonded(account) >= minimum, Error::<T>::StakeTooSmall);
		} else {
			ensure!(stake >= minimum, Error::<T>::StakeTooSmall);
			ensure!(!T::Validators::is_staker(account), Error::<T>::IsStaker);
		}
		Ok(())
	}
}
