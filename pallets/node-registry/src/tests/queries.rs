//! What other pallets and applications read.

use crate::{
	mock::{
		app_key, bond_with_staking, is_active, join, minimum, pass, register, revoke_key, signed,
		slash, work, ExtBuilder, NodeRegistry, ALICE, BOB, DEPOSIT, ENDPOINT, ENTRY_DEPOSIT, HERE,
		RWA,
	},
	NodeInfo, Registration, Unlocking, ROLES,
};
use frame_support::assert_ok;
use rwa_primitives::{
	app_key::Role,
	node::genesis_tier,
	traits::{AppKeys, Conduct, Presence, Reputation, Stakes},
};
use sp_core::Pair;

#[test]
fn queries_should_find_an_app_key_from_both_ends() {
	let key = app_key("key");
	ExtBuilder::default().registered(ALICE, Role::Oracle, key.clone()).build_and_execute(|| {
		let found = Some((ALICE, Role::Oracle));
		assert_eq!(NodeRegistry::operator(key.public()), found);
		assert_eq!(<NodeRegistry as AppKeys<_>>::operator_of(&key.public()), found);
		assert_eq!(<NodeRegistry as AppKeys<_>>::key_of(&ALICE), Some(key.public()));
		assert_eq!(
			NodeRegistry::app_key(ALICE),
			Some(Registration { role: Role::Oracle, key: key.public(), deposit: DEPOSIT })
		);
	});
}

#[test]
fn queries_should_find_nothing_that_is_not_registered() {
	let key = app_key("key");
	let builder = ExtBuilder::default().registered(ALICE, Role::Oracle, app_key("other"));
	builder.build_and_execute(|| {
		assert_eq!(NodeRegistry::operator(key.public()), None);
		assert_eq!(<NodeRegistry as AppKeys<_>>::operator_of(&key.public()), None);
		assert_eq!(<NodeRegistry as AppKeys<_>>::key_of(&BOB), None);
		assert_eq!(NodeRegistry::app_key(BOB), None);
		assert_eq!(NodeRegistry::node(BOB), None);
		assert_eq!(NodeRegistry::reputation(BOB), None);
		assert_eq!(NodeRegistry::claimable(BOB), 0);
		assert_eq!(NodeRegistry::role_of(&BOB), None);
		assert_eq!(NodeRegistry::at_stake(&BOB), 0);
		assert_eq!(NodeRegistry::last_seen(&BOB), None);
		assert_eq!(NodeRegistry::excused_since(&BOB), None);
		assert_eq!(NodeRegistry::score(&BOB), None);
		assert_eq!(NodeRegistry::vote_weight(&BOB), 0);
	});
}

#[test]
fn telling_the_registry_about_nobody_should_change_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let root = || sp_io::storage::root(sp_runtime::StateVersion::V1);
		let before = root();
		NodeRegistry::note_presence(&BOB);
		NodeRegistry::forgive_absence(&BOB);
		NodeRegistry::note_proven(&BOB, true);
		assert_eq!(slash(&BOB, RWA), 0);
		assert_eq!(root(), before);
	});
}

#[test]
fn an_account_should_be_active_in_its_own_role_only() {
	for own in ROLES {
		ExtBuilder::default().node(ALICE, own).build_and_execute(|| {
			for role in ROLES {
				assert_eq!(NodeRegistry::is_active(&ALICE, role), role == own);
				assert!(!NodeRegistry::is_active(&BOB, role));
			}
		});
	}
}

#[test]
fn a_node_should_be_active_without_an_app_key() {
	ExtBuilder::default().registered(ALICE, Role::Oracle, app_key("key")).build_and_execute(|| {
		assert_ok!(revoke_key(&ALICE));
		assert!(NodeRegistry::is_active(&ALICE, Role::Oracle));
	});
}

#[test]
fn a_validator_should_be_active_as_long_as_it_has_bonded_enough_with_the_staking_pallet() {
	ExtBuilder::default().node(ALICE, Role::Validator).build_and_execute(|| {
		let least = minimum(Role::Validator);
		assert!(is_active(&ALICE));
		assert_eq!(NodeRegistry::vote_weight(&ALICE), least * 850);
		bond_with_staking(&ALICE, least - 1);
		assert!(!is_active(&ALICE));
		assert_eq!(NodeRegistry::vote_weight(&ALICE), 0);
		bond_with_staking(&ALICE, 2 * least);
		assert!(is_active(&ALICE));
		let info = NodeRegistry::node(ALICE).unwrap();
		assert_eq!(info.stake, 2 * least);
		// 300 points times two thirds instead of one half.
		assert_eq!(info.reputation.score, 1_049);
		assert_eq!(info.reputation.merit, 850);
	});
}

#[test]
fn a_validator_should_send_no_heartbeats_here_and_have_nothing_at_stake_here() {
	ExtBuilder::default().node(ALICE, Role::Validator).build_and_execute(|| {
		work(&ALICE, 100);
		NodeRegistry::forgive_absence(&ALICE);
		assert_eq!(NodeRegistry::last_seen(&ALICE), None);
		assert_eq!(NodeRegistry::excused_since(&ALICE), None);
		assert_eq!(NodeRegistry::claimable(ALICE), 0);
		assert_eq!(NodeRegistry::at_stake(&ALICE), 0);
		assert_eq!(slash(&ALICE, RWA), 0);
		assert_eq!(NodeRegistry::role_of(&ALICE), Some(Role::Validator));
	});
}

#[test]
fn node_should_show_all_there_is_to_know() {
	let key = app_key("key");
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(register(&ALICE, Role::Oracle, 600 * RWA));
		assert_ok!(crate::mock::register_key(&ALICE, Role::Oracle, &key));
		work(&ALICE, 10);
		pass(1);
		assert_ok!(NodeRegistry::unbond(signed(&ALICE), 100 * RWA));
		let reputation = NodeRegistry::reputation(ALICE).unwrap();
		assert_eq!(
			NodeRegistry::node(ALICE),
			Some(NodeInfo {
				role: Role::Oracle,
				region: HERE,
				endpoint: ENDPOINT.to_vec().try_into().unwrap(),
				active: true,
				chilled: false,
				leaving: false,
				app_key: Some(key.public()),
				stake: 500 * RWA,
				minimum: 500 * RWA,
				unlocking: vec![Unlocking { amount: 100 * RWA, release_at: 112 }]
					.try_into()
					.unwrap(),
				deposit: ENTRY_DEPOSIT,
				registered_at: 1,
				last_seen: Some(11),
				excused_since: None,
				// 3 % of 600 RWA, for 11 of 1000 blocks: what is withdrawn has earned until now.
				claimable: 198 * RWA / 1_000,
				reputation,
				vote_weight: 500 * RWA * 850,
			})
		);
		assert_eq!((reputation.score, reputation.merit), (1_000, 850));
	});
}

#[test]
fn tier_and_tiers_should_show_the_specifications_table_at_genesis() {
	ExtBuilder::default().build_and_execute(|| {
		for role in ROLES {
			assert_eq!(NodeRegistry::tier(role), genesis_tier(role));
			assert_eq!(NodeRegistry::slash_rate(role, 1), genesis_tier(role).slash);
		}
		assert_eq!(NodeRegistry::tiers(), ROLES.map(|role| (role, genesis_tier(role))).to_vec());
	});
}

#[test]
fn at_stake_should_count_what_is_leaving() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(join(&ALICE, Role::Storage));
		assert_ok!(NodeRegistry::unbond(signed(&ALICE), 50 * RWA));
		assert_eq!(NodeRegistry::at_stake(&ALICE), 250 * RWA);
		assert_eq!(NodeRegistry::unbonding_period(), crate::mock::UNBONDING);
	});
}

#[test]
fn whoever_is_not_expected_should_be_excused_since_then() {
	ExtBuilder::default().node(ALICE, Role::Relay).build_and_execute(|| {
		assert_eq!(NodeRegistry::last_seen(&ALICE), Some(1));
		assert_eq!(NodeRegistry::excused_since(&ALICE), None);
		pass(7);
		assert_ok!(NodeRegistry::chill(signed(&ALICE)));
		pass(7);
		assert_eq!(NodeRegistry::excused_since(&ALICE), Some(8));
		assert_eq!(NodeRegistry::last_seen(&ALICE), Some(1));
		assert_ok!(NodeRegistry::unchill(signed(&ALICE)));
		assert_eq!(NodeRegistry::excused_since(&ALICE), None);
		// The seven blocks of its break don't count, and the seven before still do.
		assert_eq!(NodeRegistry::last_seen(&ALICE), Some(8));
		// A break that began before it was last seen leaves nothing to count.
		assert_ok!(NodeRegistry::chill(signed(&ALICE)));
		pass(5);
		NodeRegistry::forgive_absence(&ALICE);
		pass(7);
		assert_ok!(NodeRegistry::unchill(signed(&ALICE)));
		assert_eq!(NodeRegistry::last_seen(&ALICE), Some(27));
	});
}
