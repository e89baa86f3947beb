//! What a role asks of a node, and what it pays.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_arithmetic::Perbill;

use crate::{app_key::Role, Balance};

/// What a role asks of a node, and what it pays.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	serde::Serialize,
	serde::Deserialize,
)]
pub struct Tier<Balance> {
	/// Least stake, in the smallest unit.
	pub minimum: Balance,
	/// Share of the stake that a fault of full severity costs.
	pub slash: Perbill,
	/// What stake earns in a year, as a share of it.
	pub yearly_reward: Perbill,
}

/// What each role asks and pays at genesis.
///
/// Validators, oracles and relays have the specification's `STAKING_TIERS`, and verifiers the stake of its
/// `verification_nodes`. It leaves open what a verifier's fault costs and earns, and all of storage: a
/// verifier's fault costs what an oracle's does, because both vouch for facts, and it earns what a relay
/// does, because fees are to pay it; storage is between relay and oracle.
pub const fn genesis_tier(role: Role) -> Tier<Balance> {
	const RWA: Balance = 1_000_000_000_000;
	let (minimum, slash, yearly_reward) = match role {
		Role::Validator => (1_000, 10, 5),
		Role::Verifier => (500, 5, 2),
		Role::Oracle => (500, 5, 3),
		Role::Relay => (100, 2, 2),
		Role::Storage => (250, 5, 3),
	};
	Tier {
		minimum: RWA.saturating_mul(minimum),
		slash: Perbill::from_percent(slash),
		yearly_reward: Perbill::from_percent(yearly_reward),
	}
}
