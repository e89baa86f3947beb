//! Nodes are registered, changed, stopped and given up.

use crate::{
	mock::{
		accuse, app_key, beat, bond_with_staking, events, free, held, is_active, join,
		leave_staking, minimum, node, pass, register, signed, slash, transact, wealth, work,
		ExtBuilder, MaxEndpointLength, NodeRegistry, RuntimeOrigin, Test, YearlyBudget, ALICE, BOB,
		ELSEWHERE, ENDOWMENT, ENDPOINT, ENTRY_DEPOSIT, HERE, MINIMUM_BALANCE, PAUPER, RWA,
		UNBONDING, YEAR,
	},
	AppKeyOf, Call, Error, Event, HoldReason, Listed, Nodes, Total, Totals, ROLES,
};
use frame_support::{assert_noop, assert_ok};
use rwa_primitives::{
	app_key::Role,
	node::Region,
	traits::{AppKeys, Reputation, Stakes},
};
use sp_core::Pair;
use sp_runtime::{DispatchError, Perbill, TokenError};

#[test]
fn register_should_hold_stake_and_deposit_list_the_node_and_say_so() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(register(&ALICE, Role::Oracle, 600 * RWA));
		assert_eq!(
			events(),
			[Event::NodeRegistered {
				account: ALICE,
				role: Role::Oracle,
				region: HERE,
				endpoint: ENDPOINT.to_vec().try_into().unwrap(),
				stake: 600 * RWA,
				minimum: 500 * RWA,
				deposit: ENTRY_DEPOSIT,
			}]
		);
		assert_eq!(held(&ALICE, HoldReason::Stake), 600 * RWA);
		assert_eq!(held(&ALICE, HoldReason::Node), ENTRY_DEPOSIT);
		assert_eq!(free(&ALICE), ENDOWMENT - 600 * RWA - ENTRY_DEPOSIT);
		assert!(Listed::<Test>::contains_key((Role::Oracle, HERE, ALICE)));
		assert_eq!(Totals::<Test>::get(Role::Oracle), Total { nodes: 1, stake: 600 * RWA });
		assert!(is_active(&ALICE));
	});
}

/// The specification's tiers, on chain.
#[test]
fn every_role_should_take_its_least_stake_and_no_less_and_begin_at_1000() {
	let table =
		[(Role::Verifier, 500), (Role::Oracle, 500), (Role::Relay, 100), (Role::Storage, 250)];
	for (role, least) in table {
		ExtBuilder::default().build_and_execute(|| {
			assert_noop!(register(&ALICE, role, least * RWA - 1), Error::<Test>::StakeTooSmall);
			assert_noop!(register(&ALICE, role, (least - 1) * RWA), Error::<Test>::StakeTooSmall);
			assert_ok!(register(&ALICE, role, least * RWA));
			assert_eq!(NodeRegistry::score(&ALICE), Some(1_000));
			assert!(NodeRegistry::is_active(&ALICE, role));
		});
	}
}

#[test]
fn a_validator_should_have_bonded_its_least_stake_with_the_staking_pallet() {
	ExtBuilder::default().build_and_execute(|| {
		let refused = || register(&ALICE, Role::Validator, 0);
		assert_noop!(refused(), Error::<Test>::StakeTooSmall);
		bond_with_staking(&ALICE, 1_000 * RWA - 1);
		assert_noop!(refused(), Error::<Test>::StakeTooSmall);
		bond_with_staking(&ALICE, 1_000 * RWA);
		assert_noop!(
			register(&ALICE, Role::Validator, 1_000 * RWA),
			Error::<Test>::BondedElsewhere
		);
		assert_ok!(register(&ALICE, Role::Validator, 0));
		assert_eq!(held(&ALICE, HoldReason::Stake), 0);
		assert_eq!(Totals::<Test>::get(Role::Validator), Total { nodes: 1, stake: 0 });
		assert_eq!(NodeRegistry::score(&ALICE), Some(1_000));
	});
}

#[test]
fn register_should_fail_when_the_caller_stakes_with_the_staking_pallet() {
	ExtBuilder::default().build_and_execute(|| {
		bond_with_staking(&ALICE, RWA);
		assert_noop!(register(&ALICE, Role::Oracle, 500 * RWA), Error::<Test>::IsStaker);
	});
}

#[test]
fn register_should_fail_when_the_caller_has_a_node() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		for role in ROLES {
			assert_noop!(register(&ALICE, role, 500 * RWA), Error::<Test>::AlreadyRegistered);
		}
	});
}

#[test]
fn register_and_update_should_fail_when_the_address_has_not_its_form() {
	ExtBuilder::default().node(BOB, Role::Oracle).build_and_execute(|| {
		let longest = MaxEndpointLength::get() as usize;
		let exact = [b"/dns4/".to_vec(), vec![b'a'; longest - 6]].concat();
		let cases = [
			(Region(*b"de"), ENDPOINT.to_vec(), Error::<Test>::BadRegion),
			(Region(*b"D\0"), ENDPOINT.to_vec(), Error::<Test>::BadRegion),
			(HERE, b"https://node.example".to_vec(), Error::<Test>::BadEndpoint),
			(HERE, b"/dns4/<script>".to_vec(), Error::<Test>::BadEndpoint),
			(HERE, Vec::new(), Error::<Test>::BadEndpoint),
			(HERE, [exact.clone(), b"a".to_vec()].concat(), Error::<Test>::EndpointTooLong),
		];
		for (region, endpoint, why) in cases {
			let new = NodeRegistry::register(
				signed(&ALICE),
				Role::Oracle,
				region,
				endpoint.clone(),
				500 * RWA,
			);
			assert_eq!(new, Err(why.into()));
			let why = new.unwrap_err();
			assert_noop!(NodeRegistry::update_node(signed(&BOB), region, endpoint), why);
		}
		assert!(!Nodes::<Test>::contains_key(ALICE));
		assert_ok!(NodeRegistry::update_node(signed(&BOB), HERE, exact));
	});
}

#[test]
fn register_should_fail_and_change_nothing_when_the_caller_cannot_afford_it() {
	ExtBuilder::default().build_and_execute(|| {
		let call = |stake| Call::register {
			role: Role::Oracle,
			region: HERE,
			endpoint: ENDPOINT.to_vec(),
			stake,
		};
		let all = ENDOWMENT - ENTRY_DEPOSIT - MINIMUM_BALANCE;
		assert_noop!(transact(&PAUPER, call(500 * RWA)), TokenError::FundsUnavailable);
		assert_noop!(transact(&ALICE, call(all + 1)), TokenError::FundsUnavailable);
		assert_noop!(transact(&ALICE, call(u128::MAX)), TokenError::FundsUnavailable);
		assert_ok!(transact(&ALICE, call(all)));
	});
}

#[test]
fn update_node_should_change_region_and_endpoint_and_say_so() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		let endpoint = b"/ip4/192.0.2.1/tcp/1".to_vec();
		assert_ok!(NodeRegistry::update_node(signed(&ALICE), ELSEWHERE, endpoint.clone()));
		assert_eq!(
			events(),
			[Event::NodeUpdated {
				account: ALICE,
				region: ELSEWHERE,
				endpoint: endpoint.clone().try_into().unwrap(),
			}]
		);
		assert_eq!(node(&ALICE).region, ELSEWHERE);
		assert_eq!(node(&ALICE).endpoint, endpoint);
		// The same again changes nothing but is no mistake.
		assert_ok!(NodeRegistry::update_node(signed(&ALICE), ELSEWHERE, endpoint));
	});
}

#[test]
fn chill_should_excuse_the_node_and_unchill_should_expect_it_again() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		let role = Role::Oracle;
		assert_ok!(NodeRegistry::chill(signed(&ALICE)));
		assert_eq!(
			events(),
			[
				Event::NodeChilled { account: ALICE },
				Event::NodeDeactivated { account: ALICE, role }
			]
		);
		assert!(!is_active(&ALICE));
		assert_noop!(NodeRegistry::chill(signed(&ALICE)), Error::<Test>::AlreadyChilled);

		pass(3);
		assert_ok!(NodeRegistry::unchill(signed(&ALICE)));
		assert_eq!(
			events(),
			[
				Event::NodeUnchilled { account: ALICE, minimum: 500 * RWA },
				Event::NodeActivated { account: ALICE, role }
			]
		);
		assert!(is_active(&ALICE));
		assert_noop!(NodeRegistry::unchill(signed(&ALICE)), Error::<Test>::NotChilled);
	});
}

#[test]
fn a_validator_should_be_chilled_and_unchilled_too() {
	ExtBuilder::default().node(ALICE, Role::Validator).build_and_execute(|| {
		assert_ok!(NodeRegistry::chill(signed(&ALICE)));
		assert!(!is_active(&ALICE));
		assert_ok!(NodeRegistry::unchill(signed(&ALICE)));
		assert!(is_active(&ALICE));
	});
}

#[test]
fn unchill_should_not_activate_a_node_below_its_minimum() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		assert_ok!(NodeRegistry::chill(signed(&ALICE)));
		slash(&ALICE, RWA);
		events();
		assert_ok!(NodeRegistry::unchill(signed(&ALICE)));
		assert_eq!(events(), [Event::NodeUnchilled { account: ALICE, minimum: 500 * RWA }]);
		assert!(!is_active(&ALICE));
		assert_ok!(NodeRegistry::bond_more(signed(&ALICE), RWA));
		assert!(is_active(&ALICE));
	});
}

#[test]
fn deregister_should_revoke_the_key_let_all_stake_leave_and_say_so() {
	let key = app_key("key");
	ExtBuilder::default().registered(ALICE, Role::Oracle, key.clone()).build_and_execute(|| {
		pass(4);
		assert_ok!(NodeRegistry::deregister(signed(&ALICE)));
		let role = Role::Oracle;
		assert_eq!(
			events(),
			[
				Event::AppKeyRevoked { account: ALICE, role, key: key.public() },
				Event::NodeDeactivated { account: ALICE, role },
				Event::NodeLeaving { account: ALICE },
				Event::StakeUnbonded {
					account: ALICE,
					amount: 500 * RWA,
					stake: 0,
					minimum: 500 * RWA,
					release_at: 5 + UNBONDING,
				}
			]
		);
		assert!(!AppKeyOf::<Test>::contains_key(ALICE));
		assert!(node(&ALICE).leaving && !is_active(&ALICE));
		assert_eq!(held(&ALICE, HoldReason::Stake), 500 * RWA);
		assert_eq!(Totals::<Test>::get(role), Total { nodes: 1, stake: 0 });
	});
}

#[test]
fn a_node_that_is_leaving_should_do_nothing_but_withdraw() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		assert_ok!(NodeRegistry::deregister(signed(&ALICE)));
		let who = || signed(&ALICE);
		assert_noop!(NodeRegistry::bond_more(who(), RWA), Error::<Test>::Leaving);
		assert_noop!(NodeRegistry::unbond(who(), RWA), Error::<Test>::Leaving);
		assert_noop!(NodeRegistry::chill(who()), Error::<Test>::Leaving);
		assert_noop!(NodeRegistry::unchill(who()), Error::<Test>::Leaving);
		assert_noop!(NodeRegistry::deregister(who()), Error::<Test>::Leaving);
		assert_noop!(
			NodeRegistry::update_node(who(), HERE, ENDPOINT.to_vec()),
			Error::<Test>::Leaving
		);
		assert_noop!(join(&ALICE, Role::Oracle), Error::<Test>::AlreadyRegistered);

		pass(UNBONDING);
		assert_ok!(NodeRegistry::withdraw_unbonded(who()));
		// Gone, it may come back, in another role.
		assert_ok!(join(&ALICE, Role::Relay));
	});
}

#[test]
fn withdrawing_the_last_stake_should_remove_a_node_that_is_leaving() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		assert_ok!(NodeRegistry::deregister(signed(&ALICE)));
		pass(UNBONDING);
		events();
		assert_ok!(NodeRegistry::withdraw_unbonded(signed(&ALICE)));
		assert_eq!(
			events(),
			[
				Event::StakeWithdrawn { account: ALICE, amount: 500 * RWA },
				Event::NodeRemoved { account: ALICE, role: Role::Oracle },
			]
		);
		assert!(!Nodes::<Test>::contains_key(ALICE));
		assert_eq!(Listed::<Test>::iter_keys().count(), 0);
		assert_eq!(Totals::<Test>::get(Role::Oracle), Total::default());
		assert_eq!(free(&ALICE), ENDOWMENT);
		assert_noop!(NodeRegistry::withdraw_unbonded(signed(&ALICE)), Error::<Test>::UnknownNode);
	});
}

#[test]
fn a_validator_that_has_left_staking_should_be_gone_at_once() {
	ExtBuilder::default().registered(ALICE, Role::Validator, app_key("key")).build_and_execute(
		|| {
			assert_noop!(NodeRegistry::deregister(signed(&ALICE)), Error::<Test>::StillBonded);
			leave_staking(&ALICE);
			assert_ok!(NodeRegistry::deregister(signed(&ALICE)));
			let role = Role::Validator;
			assert_eq!(events().last(), Some(&Event::NodeRemoved { account: ALICE, role }));
			assert!(!Nodes::<Test>::contains_key(ALICE));
			assert_eq!(free(&ALICE), ENDOWMENT);
		},
	);
}

#[test]
fn an_accused_validator_should_stay_until_the_penalty_is_decided() {
	ExtBuilder::default().node(ALICE, Role::Validator).build_and_execute(|| {
		accuse(&ALICE, true);
		leave_staking(&ALICE);
		assert_ok!(NodeRegistry::deregister(signed(&ALICE)));
		assert_eq!(NodeRegistry::role_of(&ALICE), Some(Role::Validator));
		assert_noop!(NodeRegistry::withdraw_unbonded(signed(&ALICE)), Error::<Test>::Accused);
		accuse(&ALICE, false);
		assert_ok!(NodeRegistry::withdraw_unbonded(signed(&ALICE)));
		assert_eq!(NodeRegistry::role_of(&ALICE), None);
	});
}

#[test]
fn a_node_that_has_lost_everything_should_be_gone_at_once() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		assert_eq!(slash(&ALICE, u128::MAX), 500 * RWA);
		assert!(!is_active(&ALICE));
		assert_ok!(NodeRegistry::deregister(signed(&ALICE)));
		assert!(!Nodes::<Test>::contains_key(ALICE));
		assert_eq!(wealth(&ALICE), ENDOWMENT - 500 * RWA);
	});
}

#[test]
fn a_node_should_be_paid_before_it_is_removed() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		work(&ALICE, YEAR);
		assert_ok!(NodeRegistry::deregister(signed(&ALICE)));
		pass(UNBONDING);
		assert_ok!(NodeRegistry::withdraw_unbonded(signed(&ALICE)));
		assert_eq!(free(&ALICE), ENDOWMENT + 15 * RWA);
	});
}

#[test]
fn a_node_should_get_its_stake_but_stay_while_the_budget_cannot_pay_it() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		work(&ALICE, YEAR);
		// 10 of the 15 RWA that are due.
		YearlyBudget::set(Perbill::from_rational(10u32, 40_000u32));
		assert_ok!(NodeRegistry::deregister(signed(&ALICE)));
		pass(UNBONDING);
		assert_ok!(NodeRegistry::withdraw_unbonded(signed(&ALICE)));
		assert_eq!(held(&ALICE, HoldReason::Stake), 0);
		assert_eq!(wealth(&ALICE), ENDOWMENT + 10 * RWA);
		assert_eq!(NodeRegistry::claimable(ALICE), 5 * RWA);

		assert_noop!(
			NodeRegistry::withdraw_unbonded(signed(&ALICE)),
			Error::<Test>::BudgetExhausted
		);
		pass(YEAR);
		assert_ok!(NodeRegistry::withdraw_unbonded(signed(&ALICE)));
		assert_eq!(free(&ALICE), ENDOWMENT + 15 * RWA);
		assert!(!Nodes::<Test>::contains_key(ALICE));
	});
}

#[test]
fn a_node_without_stake_should_stay_while_the_budget_cannot_pay_it() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		work(&ALICE, YEAR);
		slash(&ALICE, u128::MAX);
		YearlyBudget::set(Perbill::from_rational(10u32, 40_000u32));
		assert_ok!(NodeRegistry::deregister(signed(&ALICE)));
		assert_eq!(NodeRegistry::claimable(ALICE), 5 * RWA);
		pass(YEAR);
		assert_ok!(NodeRegistry::claim_rewards(signed(&ALICE)));
		assert_ok!(NodeRegistry::withdraw_unbonded(signed(&ALICE)));
		assert!(!Nodes::<Test>::contains_key(ALICE));
	});
}

#[test]
fn a_node_that_comes_back_should_begin_anew() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		work(&ALICE, 50);
		assert_ok!(NodeRegistry::deregister(signed(&ALICE)));
		pass(UNBONDING);
		assert_ok!(NodeRegistry::withdraw_unbonded(signed(&ALICE)));
		assert_ok!(join(&ALICE, Role::Relay));
		let node = node(&ALICE);
		assert_eq!(node.earnings, crate::Earnings::default());
		assert_eq!(node.minimum, minimum(Role::Relay));
		assert_eq!(NodeRegistry::score(&ALICE), Some(1_000));
		// The index of its role is far ahead of it, and pays for nothing before its first heartbeat.
		pass(5);
		beat(&ALICE);
		assert_eq!(NodeRegistry::claimable(ALICE), 0);
	});
}

#[test]
fn calls_of_whoever_has_no_node_should_fail() {
	ExtBuilder::default().build_and_execute(|| {
		let who = || signed(&BOB);
		assert_noop!(NodeRegistry::bond_more(who(), RWA), Error::<Test>::UnknownNode);
		assert_noop!(NodeRegistry::unbond(who(), RWA), Error::<Test>::UnknownNode);
		assert_noop!(NodeRegistry::withdraw_unbonded(who()), Error::<Test>::UnknownNode);
		assert_noop!(NodeRegistry::chill(who()), Error::<Test>::UnknownNode);
		assert_noop!(NodeRegistry::unchill(who()), Error::<Test>::UnknownNode);
		assert_noop!(NodeRegistry::deregister(who()), Error::<Test>::UnknownNode);
		assert_noop!(NodeRegistry::claim_rewards(who()), Error::<Test>::UnknownNode);
		assert_noop!(
			NodeRegistry::update_node(who(), HERE, ENDPOINT.to_vec()),
			Error::<Test>::UnknownNode
		);
	});
}

#[test]
fn calls_that_nobody_signed_should_fail() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		let bad = DispatchError::BadOrigin;
		for origin in [RuntimeOrigin::none, RuntimeOrigin::root] {
			let endpoint = || ENDPOINT.to_vec();
			assert_noop!(
				NodeRegistry::register(origin(), Role::Oracle, HERE, endpoint(), 500 * RWA),
				bad
			);
			assert_noop!(NodeRegistry::bond_more(origin(), RWA), bad);
			assert_noop!(NodeRegistry::unbond(origin(), RWA), bad);
			assert_noop!(NodeRegistry::withdraw_unbonded(origin()), bad);
			assert_noop!(NodeRegistry::update_node(origin(), HERE, endpoint()), bad);
			assert_noop!(NodeRegistry::chill(origin()), bad);
			assert_noop!(NodeRegistry::unchill(origin()), bad);
			assert_noop!(NodeRegistry::deregister(origin()), bad);
			assert_noop!(NodeRegistry::claim_rewards(origin()), bad);
			assert_noop!(NodeRegistry::rate(origin(), ALICE, 5), bad);
			assert_noop!(NodeRegistry::clear_rating(origin(), ALICE, BOB), bad);
		}
	});
}

#[test]
fn deregister_should_be_refused_to_who_has_undertaken_something() {
	ExtBuilder::default().node(ALICE, Role::Storage).build_and_execute(|| {
		crate::mock::Bound::mutate(|bound| bound.insert(ALICE));
		assert_noop!(NodeRegistry::deregister(signed(&ALICE)), Error::<Test>::StillOnDuty);
		crate::mock::Bound::set(Default::default());
		assert_ok!(NodeRegistry::deregister(signed(&ALICE)));
	});
}
