//! Tiers change by governance, and for the future only.

use crate::{
	mock::{
		events, is_active, node, pass, register, reset, signed, ExtBuilder, NodeRegistry,
		RuntimeOrigin, Test, ValidatorMinimum, ALICE, BOB, MINIMUM_BALANCE, RWA, UNBONDING,
	},
	Error, Event, GenesisConfig, RewardIndex, Tiers, ROLES,
};
use codec::{Decode, Encode};
use frame_support::{assert_noop, assert_ok};
use rwa_primitives::{
	app_key::Role,
	node::{genesis_tier, Tier},
	traits::Stakes,
	Balance,
};
use sp_runtime::{BuildStorage, DispatchError, Perbill};

fn set(tier: Tier<Balance>) -> sp_runtime::DispatchResult {
	NodeRegistry::set_tier(RuntimeOrigin::root(), Role::Oracle, tier)
}

/// An oracle's tier with another minimum, in tokens, and slash rate, in percent.
fn tier(minimum: Balance, slash: u32) -> Tier<Balance> {
	Tier {
		minimum: minimum * RWA,
		slash: Perbill::from_percent(slash),
		..genesis_tier(Role::Oracle)
	}
}

/// What a transaction would have to encode to ask for more than all of a stake.
#[test]
fn a_rate_above_all_should_not_even_decode() {
	let rate = |parts: u32| Perbill::decode(&mut parts.encode().as_slice());
	assert_eq!(rate(1_000_000_000), Ok(Perbill::one()));
	assert!(rate(1_000_000_001).is_err());
}

#[test]
fn set_tier_should_store_it_and_say_so() {
	ExtBuilder::default().build_and_execute(|| {
		pass(4);
		assert_ok!(set(tier(600, 7)));
		assert_eq!(events(), [Event::TierSet { role: Role::Oracle, tier: tier(600, 7), from: 5 }]);
		assert_eq!(NodeRegistry::tier(Role::Oracle), tier(600, 7));
		let others = ROLES.into_iter().filter(|role| *role != Role::Oracle);
		others.for_each(|role| assert_eq!(NodeRegistry::tier(role), genesis_tier(role)));
		assert_eq!(ValidatorMinimum::get(), None);
	});
}

#[test]
fn only_governance_should_set_tiers() {
	ExtBuilder::default().build_and_execute(|| {
		for origin in [RuntimeOrigin::none(), signed(&ALICE)] {
			assert_noop!(
				NodeRegistry::set_tier(origin, Role::Oracle, tier(600, 7)),
				DispatchError::BadOrigin
			);
		}
	});
}

#[test]
fn tiers_that_make_no_sense_should_be_refused() {
	ExtBuilder::default().build_and_execute(|| {
		let good = tier(500, 5);
		for minimum in [0, MINIMUM_BALANCE - 1] {
			assert_noop!(set(Tier { minimum, ..good }), Error::<Test>::MinimumTooSmall);
		}
		let free = Tier { slash: Perbill::zero(), ..good };
		assert_noop!(set(free), Error::<Test>::SlashRateZero);
		let (all, none) = (Perbill::one(), Perbill::zero());
		assert_ok!(set(Tier { minimum: MINIMUM_BALANCE, slash: all, yearly_reward: all }));
		assert_ok!(set(Tier { minimum: Balance::MAX, slash: all, yearly_reward: none }));
	});
}

#[test]
fn a_new_minimum_should_apply_to_new_nodes_at_once_and_to_others_when_they_next_move() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		assert_ok!(set(tier(600, 5)));
		assert_noop!(register(&BOB, Role::Oracle, 599 * RWA), Error::<Test>::StakeTooSmall);
		assert_ok!(register(&BOB, Role::Oracle, 600 * RWA));
		assert!(is_active(&ALICE));
		assert_eq!(node(&ALICE).minimum, 500 * RWA);

		// Alice bonds more, but too little for today: more stake doesn't stop her.
		assert_ok!(NodeRegistry::bond_more(signed(&ALICE), 99 * RWA));
		assert_eq!(node(&ALICE).minimum, 500 * RWA);
		assert!(is_active(&ALICE));
		assert_ok!(NodeRegistry::bond_more(signed(&ALICE), RWA));
		assert_eq!(node(&ALICE).minimum, 600 * RWA);
		assert!(is_active(&ALICE));
	});
}

#[test]
fn unbonding_and_unchilling_should_take_over_the_minimum_of_the_day() {
	ExtBuilder::default().node(ALICE, Role::Oracle).node(BOB, Role::Oracle).build_and_execute(
		|| {
			assert_ok!(set(tier(400, 5)));
			assert_ok!(NodeRegistry::unbond(signed(&ALICE), 100 * RWA));
			assert_eq!(node(&ALICE).minimum, 400 * RWA);
			assert!(is_active(&ALICE));

			assert_ok!(NodeRegistry::chill(signed(&BOB)));
			assert_eq!(node(&BOB).minimum, 500 * RWA);
			assert_ok!(set(tier(501, 5)));
			assert_ok!(NodeRegistry::unchill(signed(&BOB)));
			assert_eq!(node(&BOB).minimum, 501 * RWA);
			assert!(!is_active(&BOB));
		},
	);
}

#[test]
fn the_validators_minimum_should_be_the_staking_pallets_too() {
	ExtBuilder::default().build_and_execute(|| {
		let tier = Tier { minimum: 2_000 * RWA, ..genesis_tier(Role::Validator) };
		assert_ok!(NodeRegistry::set_tier(RuntimeOrigin::root(), Role::Validator, tier));
		assert_eq!(ValidatorMinimum::get(), Some(2_000 * RWA));
	});
}

#[test]
fn a_fault_should_cost_what_it_cost_when_it_happened() {
	ExtBuilder::default().build_and_execute(|| {
		let rate = |at| NodeRegistry::slash_rate(Role::Oracle, at);
		let percent = Perbill::from_percent;
		pass(9);
		assert_ok!(set(tier(500, 20)));
		pass(10);
		assert_ok!(set(tier(500, 30)));
		assert_eq!([0, 1, 9].map(rate), [percent(5); 3]);
		assert_eq!([10, 19].map(rate), [percent(20); 2]);
		assert_eq!([20, 21, 1_000].map(rate), [percent(30); 3]);
	});
}

#[test]
fn the_last_of_several_tiers_in_one_block_should_count() {
	ExtBuilder::default().build_and_execute(|| {
		pass(9);
		for slash in 6..20 {
			assert_ok!(set(tier(500, slash)));
		}
		assert_eq!(Tiers::<Test>::get(Role::Oracle).len(), 2);
		assert_eq!(NodeRegistry::slash_rate(Role::Oracle, 10), Perbill::from_percent(19));
	});
}

#[test]
fn a_tier_should_not_change_so_often_that_a_faults_rate_is_forgotten() {
	ExtBuilder::default().build_and_execute(|| {
		// From 0 5 %, from 11 6 %, from 21 7 %.
		for slash in [6, 7] {
			pass(10);
			assert_ok!(set(tier(500, slash)));
		}
		// The 5 % were valid until 11, and what happened then can be punished for as long as stake is
		// within reach.
		pass(UNBONDING - 10);
		assert_noop!(set(tier(500, 8)), Error::<Test>::TooManyTierChanges);
		pass(1);
		assert_ok!(set(tier(500, 8)));
		assert_eq!(Tiers::<Test>::get(Role::Oracle).len(), 3);
		let percent = Perbill::from_percent;
		let rate = |at| NodeRegistry::slash_rate(Role::Oracle, at);
		assert_eq!([11, 21, 12 + UNBONDING].map(rate), [percent(6), percent(7), percent(8)]);
		// What was forgotten takes the oldest that is known.
		assert_eq!(rate(1), percent(6));
		assert_noop!(
			{
				pass(1);
				set(tier(500, 9))
			},
			Error::<Test>::TooManyTierChanges
		);
	});
}

#[test]
fn a_role_that_genesis_does_not_name_should_have_the_specifications_tier() {
	reset();
	let storage = GenesisConfig::<Test> { tiers: vec![], _config: Default::default() }
		.build_storage()
		.unwrap();
	sp_io::TestExternalities::new(storage).execute_with(|| {
		assert_eq!(NodeRegistry::tier(Role::Oracle), genesis_tier(Role::Oracle));
		assert_eq!(NodeRegistry::slash_rate(Role::Oracle, 5), Perbill::from_percent(5));
		assert_eq!(NodeRegistry::index_at(Role::Oracle, 1_000), 30_000_000_000);
		assert_ok!(NodeRegistry::do_try_state());

		// And when it is changed, what it was until then is remembered.
		pass(9);
		let changed = Tier { yearly_reward: Perbill::from_percent(1), ..tier(500, 20) };
		assert_ok!(set(changed));
		assert_eq!(NodeRegistry::slash_rate(Role::Oracle, 9), Perbill::from_percent(5));
		assert_eq!(NodeRegistry::slash_rate(Role::Oracle, 10), Perbill::from_percent(20));
		assert_eq!(NodeRegistry::index_at(Role::Oracle, 20), 10 * 30_000_000 + 10 * 10_000_000);
		assert_ok!(NodeRegistry::do_try_state());
	});
}

#[test]
fn genesis_should_set_the_tiers_it_names() {
	reset();
	let named = vec![(Role::Oracle, tier(7, 8))];
	let storage = GenesisConfig::<Test> { tiers: named, _config: Default::default() }
		.build_storage()
		.unwrap();
	sp_io::TestExternalities::new(storage).execute_with(|| {
		assert_eq!(NodeRegistry::tier(Role::Oracle), tier(7, 8));
		assert_eq!(NodeRegistry::tier(Role::Relay), genesis_tier(Role::Relay));
		assert!(RewardIndex::<Test>::contains_key(Role::Oracle));
		assert_ok!(NodeRegistry::do_try_state());
	});
}

#[test]
#[should_panic(expected = "a tier at genesis makes no sense")]
fn genesis_should_refuse_a_tier_that_makes_no_sense() {
	reset();
	let free = Tier { slash: Perbill::zero(), ..genesis_tier(Role::Oracle) };
	let _ =
		GenesisConfig::<Test> { tiers: vec![(Role::Oracle, free)], _config: Default::default() }
			.build_storage();
}
