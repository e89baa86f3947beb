//! Numbers and bytes that clients rely on. If one of these tests fails, clients break.

use crate::{
	mock::{
		app_key, proof, NodeRegistry, RuntimeHoldReason, Test, ALICE, BOB, ENDPOINT, GENESIS, HERE,
		RWA,
	},
	weights::WeightInfo,
	AppKeyOf, Budget, Call, Error, Event, HoldReason, Listed, NodeInfo, Nodes, OperatorOf, Ratings,
	RewardIndex, Tiers, Totals,
};
use codec::Encode;
use frame_support::{
	dispatch::GetDispatchInfo, storage::StoragePrefixedMap, traits::PalletInfoAccess,
};
use rwa_primitives::{
	app_key::{possession_payload, Role},
	node::genesis_tier,
};
use sp_core::Pair;
use sp_runtime::{DispatchError, ModuleError};

/// All of `parts`, one after another.
fn bytes(parts: &[&[u8]]) -> Vec<u8> {
	parts.concat()
}

/// Every call, in the order of their numbers.
fn calls() -> Vec<Call<Test>> {
	let key = app_key("key");
	let endpoint = || ENDPOINT.to_vec();
	vec![
		Call::register_app_key {
			role: Role::Oracle,
			key: key.public(),
			proof: proof(&key, &ALICE),
		},
		Call::revoke_app_key {},
		Call::register { role: Role::Oracle, region: HERE, endpoint: endpoint(), stake: 500 * RWA },
		Call::bond_more { amount: RWA },
		Call::unbond { amount: RWA },
		Call::withdraw_unbonded {},
		Call::update_node { region: HERE, endpoint: endpoint() },
		Call::chill {},
		Call::unchill {},
		Call::deregister {},
		Call::claim_rewards {},
		Call::rate { node: ALICE, stars: 5 },
		Call::clear_rating { node: ALICE, client: BOB },
		Call::set_tier { role: Role::Oracle, tier: genesis_tier(Role::Oracle) },
	]
}

#[test]
fn calls_should_keep_their_numbers() {
	for (number, call) in (0u8..).zip(calls()) {
		assert_eq!(call.encode()[0], number, "{call:?}");
	}
}

#[test]
fn calls_should_keep_their_encoding() {
	let key = app_key("key");
	let proof = proof(&key, &ALICE);
	let call = Call::<Test>::register_app_key {
		role: Role::Oracle,
		key: key.public(),
		proof: proof.clone(),
	};
	assert_eq!(call.encode(), bytes(&[&[0, 2], key.public().as_ref(), proof.as_ref()]));

	let encoded: Vec<_> = calls().iter().map(Encode::encode).collect();
	let one = RWA.to_le_bytes();
	let length = [ENDPOINT.len() as u8 * 4];
	let stake = (500 * RWA).to_le_bytes();
	assert_eq!(encoded[1], [1]);
	assert_eq!(encoded[2], bytes(&[&[2, 2], b"DE", &length, ENDPOINT, &stake]));
	assert_eq!(encoded[3], bytes(&[&[3], &one]));
	assert_eq!(encoded[4], bytes(&[&[4], &one]));
	assert_eq!(encoded[6], bytes(&[&[6], b"DE", &length, ENDPOINT]));
	assert_eq!(encoded[11], bytes(&[&[11], ALICE.as_ref(), &[5]]));
	assert_eq!(encoded[12], bytes(&[&[12], ALICE.as_ref(), BOB.as_ref()]));
	let slash = 50_000_000u32.to_le_bytes();
	let reward = 30_000_000u32.to_le_bytes();
	assert_eq!(encoded[13], bytes(&[&[13, 2], &stake, &slash, &reward]));
}

#[test]
fn calls_should_weigh_what_was_measured_of_them() {
	let weights = [
		<() as WeightInfo>::register_app_key(),
		<() as WeightInfo>::revoke_app_key(),
		<() as WeightInfo>::register(),
		<() as WeightInfo>::bond_more(),
		<() as WeightInfo>::unbond(),
		<() as WeightInfo>::withdraw_unbonded(),
		<() as WeightInfo>::update_node(),
		<() as WeightInfo>::chill(),
		<() as WeightInfo>::unchill(),
		<() as WeightInfo>::deregister(),
		<() as WeightInfo>::claim_rewards(),
		<() as WeightInfo>::rate(),
		<() as WeightInfo>::clear_rating(),
		<() as WeightInfo>::set_tier(),
	];
	for (call, weight) in calls().into_iter().zip(weights) {
		assert_eq!(call.get_dispatch_info().call_weight, weight, "{call:?}");
	}
}

#[test]
fn events_should_keep_their_encoding() {
	let key = app_key("key").public();
	let (account, role) = (ALICE, Role::Relay);
	let registered =
		Event::<Test>::AppKeyRegistered { account: account.clone(), role, key: key.clone() };
	assert_eq!(registered.encode(), bytes(&[&[0], ALICE.as_ref(), &[3], key.as_ref()]));
	let replaced = Event::<Test>::AppKeyReplaced {
		account: account.clone(),
		role,
		old: key.clone(),
		new: key.clone(),
	};
	assert_eq!(replaced.encode(), bytes(&[&[1], ALICE.as_ref(), &[3], key.as_ref(), key.as_ref()]));
	let revoked = Event::<Test>::AppKeyRevoked { account, role, key: key.clone() };
	assert_eq!(revoked.encode(), bytes(&[&[2], ALICE.as_ref(), &[3], key.as_ref()]));
}

#[test]
fn events_should_keep_their_numbers() {
	let account = || ALICE;
	let endpoint = || ENDPOINT.to_vec().try_into().unwrap();
	let role = Role::Relay;
	let (amount, stake, minimum) = (1, 2, 3);
	let events: Vec<Event<Test>> = vec![
		Event::NodeRegistered {
			account: account(),
			role,
			region: HERE,
			endpoint: endpoint(),
			stake,
			minimum,
			deposit: 4,
		},
		Event::NodeUpdated { account: account(), region: HERE, endpoint: endpoint() },
		Event::NodeActivated { account: account(), role },
		Event::NodeDeactivated { account: account(), role },
		Event::NodeChilled { account: account() },
		Event::NodeUnchilled { account: account(), minimum },
		Event::NodeLeaving { account: account() },
		Event::NodeRemoved { account: account(), role },
		Event::StakeBonded { account: account(), amount, stake, minimum },
		Event::StakeUnbonded { account: account(), amount, stake, minimum, release_at: 5 },
		Event::StakeWithdrawn { account: account(), amount },
		Event::Slashed { node: account(), amount, to_reporter: 0 },
		Event::RewardsEarned { account: account(), amount },
		Event::RewardsForgone { account: account(), blocks: 5 },
		Event::RewardsClaimed { account: account(), amount, due: 0 },
		Event::JobFinished { node: account(), client: BOB, may_rate: true },
		Event::NodeRated { node: account(), client: BOB, stars: 5 },
		Event::RatingCleared { node: account(), client: BOB },
		Event::FactProven { node: account(), right: true },
		Event::TierSet { role, tier: genesis_tier(role), from: 5 },
	];
	for (number, event) in (3u8..).zip(events) {
		assert_eq!(event.encode()[0], number, "{event:?}");
	}
}

#[test]
fn errors_should_keep_their_numbers() {
	let number = |error: Error<Test>| match DispatchError::from(error) {
		DispatchError::Module(ModuleError { error, .. }) => error,
		other => panic!("not a pallet's error: {other:?}"),
	};
	let errors = [
		Error::KeyTaken,
		Error::BadProof,
		Error::RoleMismatch,
		Error::NotRegistered,
		Error::UnknownNode,
		Error::AlreadyRegistered,
		Error::BadRegion,
		Error::BadEndpoint,
		Error::EndpointTooLong,
		Error::StakeTooSmall,
		Error::BondedElsewhere,
		Error::IsStaker,
		Error::AmountZero,
		Error::NotEnoughStake,
		Error::DustLeft,
		Error::TooManyUnlocking,
		Error::Leaving,
		Error::AlreadyChilled,
		Error::NotChilled,
		Error::Accused,
		Error::NothingToWithdraw,
		Error::NothingToClaim,
		Error::BudgetExhausted,
		Error::BadStars,
		Error::NoFinishedJob,
		Error::AlreadyRated,
		Error::RatingLapsed,
		Error::RatingNotLapsed,
		Error::SelfDealing,
		Error::MinimumTooSmall,
		Error::SlashRateZero,
		Error::TooManyTierChanges,
	];
	for (expected, error) in (0u8..).zip(errors) {
		assert_eq!(number(error), [expected, 0, 0, 0]);
	}
}

#[test]
fn the_hold_reasons_should_keep_their_numbers() {
	// The first byte is the pallet's place in the mock.
	let reasons = [HoldReason::AppKey, HoldReason::Node, HoldReason::Stake];
	for (number, reason) in (0u8..).zip(reasons) {
		assert_eq!(RuntimeHoldReason::from(reason).encode(), [2, number]);
	}
}

#[test]
fn storage_should_keep_its_prefixes() {
	assert_eq!(NodeRegistry::name(), "NodeRegistry");
	assert_eq!(AppKeyOf::<Test>::storage_prefix(), b"AppKeyOf");
	assert_eq!(OperatorOf::<Test>::storage_prefix(), b"OperatorOf");
	assert_eq!(Nodes::<Test>::storage_prefix(), b"Nodes");
	assert_eq!(Listed::<Test>::storage_prefix(), b"Listed");
	assert_eq!(Totals::<Test>::storage_prefix(), b"Totals");
	assert_eq!(Tiers::<Test>::storage_prefix(), b"Tiers");
	assert_eq!(RewardIndex::<Test>::storage_prefix(), b"RewardIndex");
	assert_eq!(Ratings::<Test>::storage_prefix(), b"Ratings");
	let budget = [b"NodeRegistry".as_slice(), b"Budget"].map(sp_io::hashing::twox_128).concat();
	assert_eq!(Budget::<Test>::hashed_key(), budget.as_slice());
}

/// The view function `node` gives these fields, in this order.
#[test]
fn a_node_should_be_shown_in_the_documented_order() {
	crate::mock::ExtBuilder::default().node(ALICE, Role::Relay).build_and_execute(|| {
		let info = NodeRegistry::node(ALICE).unwrap();
		let NodeInfo {
			role,
			region,
			endpoint,
			active,
			chilled,
			leaving,
			app_key,
			stake,
			minimum,
			unlocking,
			deposit,
			registered_at,
			last_seen,
			excused_since,
			claimable,
			reputation,
			vote_weight,
		} = info.clone();
		let first = (role, region, endpoint, active, chilled, leaving, app_key, stake, minimum);
		let second = (unlocking, deposit, registered_at, last_seen, excused_since, claimable);
		assert_eq!(info.encode(), (first, second, reputation, vote_weight).encode());
	});
}

/// What an operator's tool without this crate has to sign.
#[test]
fn a_proof_should_sign_the_documented_bytes() {
	let key = app_key("key").public();
	let documented =
		bytes(&[b"rwa/app-key/possession/v1", GENESIS.as_ref(), ALICE.as_ref(), key.as_ref()]);
	assert_eq!(possession_payload(&GENESIS, &ALICE, &key), documented);
}
