//! Weights of the registry. The runtime brings the measured ones: `runtime/src/weights`.

use frame_support::weights::Weight;

/// Weight of each thing this pallet does.
pub trait WeightInfo {
	/// `register_app_key` by an account without a key.
	fn register_app_key() -> Weight;
	/// `register_app_key` by an account that has a key already.
	fn replace_app_key() -> Weight;
	/// `revoke_app_key`.
	fn revoke_app_key() -> Weight;
	/// `register` with a stake.
	fn register() -> Weight;
	/// `bond_more` that makes a node active.
	fn bond_more() -> Weight;
	/// `unbond` that makes a node inactive.
	fn unbond() -> Weight;
	/// `withdraw_unbonded` that pays and removes a node.
	fn withdraw_unbonded() -> Weight;
	/// `update_node` to another region.
	fn update_node() -> Weight;
	/// `chill`.
	fn chill() -> Weight;
	/// `unchill`.
	fn unchill() -> Weight;
	/// `deregister` that pays and removes a node at once.
	fn deregister() -> Weight;
	/// `claim_rewards`.
	fn claim_rewards() -> Weight;
	/// `rate`.
	fn rate() -> Weight;
	/// `clear_rating`.
	fn clear_rating() -> Weight;
	/// `set_tier` of validators.
	fn set_tier() -> Weight;
	/// `Presence::note_presence` of a node that has earned something. `forgive_absence` is no more.
	fn note_presence() -> Weight;
	/// `Stakes::seize` of all that a node has at stake, with a reporter.
	fn seize() -> Weight;
	/// `Conduct::note_proven`.
	fn note_proven() -> Weight;
	/// `Conduct::note_finished_job` that gives a right to rate.
	fn note_finished_job() -> Weight;
}

/// For tests: figures that can be told apart.
#[cfg(test)]
impl WeightInfo for () {
	fn register_app_key() -> Weight {
		Weight::from_parts(300, 0)
	}
	fn replace_app_key() -> Weight {
		Weight::from_parts(200, 0)
	}
	fn revoke_app_key() -> Weight {
		Weight::from_parts(100, 0)
	}
	fn register() -> Weight {
		Weight::from_parts(400, 0)
	}
	fn bond_more() -> Weight {
		Weight::from_parts(500, 0)
	}
	fn unbond() -> Weight {
		Weight::from_parts(600, 0)
	}
	fn withdraw_unbonded() -> Weight {
		Weight::from_parts(700, 0)
	}
	fn update_node() -> Weight {
		Weight::from_parts(800, 0)
	}
	fn chill() -> Weight {
		Weight::from_parts(900, 0)
	}
	fn unchill() -> Weight {
		Weight::from_parts(1_000, 0)
	}
	fn deregister() -> Weight {
		Weight::from_parts(1_100, 0)
	}
	fn claim_rewards() -> Weight {
		Weight::from_parts(1_200, 0)
	}
	fn rate() -> Weight {
		Weight::from_parts(1_300, 0)
	}
	fn clear_rating() -> Weight {
		Weight::from_parts(1_400, 0)
	}
	fn set_tier() -> Weight {
		Weight::from_parts(1_500, 0)
	}
	fn note_presence() -> Weight {
		Weight::from_parts(1_600, 0)
	}
	fn seize() -> Weight {
		Weight::from_parts(1_700, 0)
	}
	fn note_proven() -> Weight {
		Weight::from_parts(1_800, 0)
	}
	fn note_finished_job() -> Weight {
		Weight::from_parts(1_900, 0)
	}
}
