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

/// Where a node says that it is: a country, as two capital letters of ISO 3166-1 alpha-2.
///
/// The chain checks the letters, not the place: nobody can prove where a machine stands.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Region(pub [u8; 2]);

impl Region {
	/// Whether it is two capital letters.
	pub fn is_well_formed(&self) -> bool {
		self.0.iter().all(u8::is_ascii_uppercase)
	}
}

/// Whether `endpoint` has the form of a multiaddress that a client can dial: `/dns4/node.example/tcp/30333`.
///
/// It begins with a network address (`/ip4`, `/ip6`, `/dns`, `/dns4`, `/dns6` or `/dnsaddr`), goes on in
/// segments of which none is empty, and holds only the characters that addresses, names and peer identities are
/// written with: nothing that a page could take for markup. Whether anybody answers there is not
/// checked.
pub fn is_dialable(endpoint: &[u8]) -> bool {
	let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_:%".contains(byte);
	let mut segments = endpoint.split(|byte| *byte == b'/');
	let rooted = segments.next().is_some_and(<[u8]>::is_empty);
	let network = segments.next().is_some_and(|protocol| {
		matches!(protocol, b"ip4" | b"ip6" | b"dns" | b"dns4" | b"dns6" | b"dnsaddr")
	});
	let mut rest = segments.peekable();
	rooted
		&& network
		&& rest.peek().is_some()
		&& rest.all(|segment| !segment.is_empty() && segment.iter().all(allowed))
}
