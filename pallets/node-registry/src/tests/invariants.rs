//! Each invariant's check can fail.

use crate::{
	mock::{
		app_key, beat, ExtBuilder, NodeRegistry, RuntimeHoldReason, Test, ALICE, BOB, ELSEWHERE,
		HERE, MALLORY,
	},
	Allowance, AppKeyOf, Budget, Growth, HoldReason, Listed, NodeOf, Nodes, OperatorOf,
	RatingRight, Ratings, RewardIndex, Tiers, Total, Totals, Unlocking,
};
use frame_support::{
	assert_err, assert_ok,
	traits::{fungible::MutateHold, tokens::Precision},
};
use rwa_primitives::{app_key::Role, node::genesis_tier};
use sp_core::Pair;
use sp_runtime::{Perbill, TryRuntimeError};

/// Alice is an oracle with the key `key`, and Mallory a validator. The test breaks that, and `complaint`
/// must follow.
#[track_caller]
fn broken(by: impl FnOnce(), complaint: &'static str) {
	let builder = ExtBuilder::default().registered(ALICE, Role::Oracle, app_key("key"));
	builder.node(MALLORY, Role::Validator).build().execute_with(|| {
		beat(&ALICE);
		assert_ok!(NodeRegistry::do_try_state());
		by();
		assert_err!(NodeRegistry::do_try_state(), TryRuntimeError::Other(complaint));
	});
}

/// `spoil` changes Alice's node.
fn spoiled(spoil: impl FnOnce(&mut NodeOf<Test>)) {
	Nodes::<Test>::mutate(ALICE, |node| spoil(node.as_mut().expect("Alice has a node")));
}

/// One unit more is held from Alice for `reason`.
fn hold_more(reason: HoldReason) {
	let reason: RuntimeHoldReason = reason.into();
	assert_ok!(<crate::mock::Balances as MutateHold<_>>::hold(&reason, &ALICE, 1));
}

/// One unit less is held from Alice for `reason`.
fn hold_less(reason: HoldReason) {
	let reason: RuntimeHoldReason = reason.into();
	assert_ok!(<crate::mock::Balances as MutateHold<_>>::release(
		&reason,
		&ALICE,
		1,
		Precision::Exact
	));
}

#[test]
fn n1_should_fail_when_a_key_is_not_indexed() {
	broken(
		|| OperatorOf::<Test>::remove(app_key("key").public()),
		"N1: an account's app key does not act for it",
	);
}

#[test]
fn n1_should_fail_when_a_key_is_indexed_for_another_account() {
	broken(
		|| OperatorOf::<Test>::insert(app_key("key").public(), BOB),
		"N1: an account's app key does not act for it",
	);
}

#[test]
fn n1_should_fail_when_an_account_has_no_registration() {
	broken(
		|| AppKeyOf::<Test>::remove(ALICE),
		"N1: an app key acts for an account that has not registered it",
	);
}

#[test]
fn n1_should_fail_when_two_keys_act_for_an_account() {
	broken(
		|| OperatorOf::<Test>::insert(app_key("other").public(), ALICE),
		"N1: an app key acts for an account that has not registered it",
	);
}

#[test]
fn n2_should_fail_when_another_deposit_is_held_than_recorded() {
	let complaint = "N2: deposit held differs from deposit recorded";
	broken(|| hold_more(HoldReason::AppKey), complaint);
	broken(|| hold_less(HoldReason::AppKey), complaint);
}

#[test]
fn n3_should_fail_when_an_app_key_has_no_node() {
	broken(|| Nodes::<Test>::remove(ALICE), "N3: whoever has an app key is no node");
}

#[test]
fn n3_should_fail_when_an_app_key_has_another_role() {
	broken(
		|| spoiled(|node| node.role = Role::Relay),
		"N3: an app key has another role than its node",
	);
}

#[test]
fn n3_should_fail_when_a_node_that_is_leaving_has_an_app_key() {
	broken(|| spoiled(|node| node.leaving = true), "N3: a node that is leaving has an app key");
}

#[test]
fn n4_should_fail_when_another_deposit_is_held_than_recorded() {
	let complaint = "N4: deposit held differs from deposit recorded";
	broken(|| hold_more(HoldReason::Node), complaint);
	broken(|| hold_less(HoldReason::Node), complaint);
}

#[test]
fn n5_should_fail_when_another_stake_is_held_than_recorded() {
	let complaint = "N5: stake held differs from stake recorded";
	broken(|| hold_more(HoldReason::Stake), complaint);
	broken(|| hold_less(HoldReason::Stake), complaint);
	broken(|| spoiled(|node| node.stake += 1), complaint);
}

#[test]
fn n5_should_fail_when_a_part_is_empty() {
	broken(
		|| {
			spoiled(|node| {
				let empty = Unlocking { amount: 0, release_at: 5 };
				node.unlocking.try_push(empty).expect("there is room");
			});
		},
		"N5: nothing is leaving, and is recorded",
	);
}

#[test]
fn n5_should_fail_when_a_node_that_is_leaving_has_something_bonded() {
	broken(
		|| {
			assert_ok!(NodeRegistry::revoke_app_key(crate::mock::signed(&ALICE)));
			spoiled(|node| node.leaving = true);
		},
		"N5: a node that is leaving has something bonded",
	);
}

#[test]
fn n6_should_fail_when_a_validator_is_owed_rewards() {
	broken(
		|| {
			Nodes::<Test>::mutate(MALLORY, |node| {
				node.as_mut().expect("Mallory has a node").earnings.due = 1;
			});
		},
		"N6: a validator has something at stake here, or earns here",
	);
}

#[test]
fn n7_should_fail_when_a_node_is_not_listed() {
	broken(|| Listed::<Test>::remove((Role::Oracle, HERE, ALICE)), "N7: a node is not listed");
}

#[test]
fn n7_should_fail_when_a_node_is_listed_that_does_not_exist() {
	broken(
		|| Listed::<Test>::insert((Role::Oracle, HERE, BOB), ()),
		"N7: a node is listed that does not exist",
	);
}

#[test]
fn n7_should_fail_when_a_node_is_listed_twice() {
	broken(
		|| Listed::<Test>::insert((Role::Oracle, ELSEWHERE, ALICE), ()),
		"N7: a node is listed under another role or region",
	);
}

#[test]
fn n8_should_fail_when_a_total_is_not_the_sum() {
	let complaint = "N8: a role's total is not the sum of its nodes";
	let set = |nodes, stake| Totals::<Test>::insert(Role::Oracle, Total { nodes, stake });
	let stake = genesis_tier(Role::Oracle).minimum;
	broken(|| set(2, stake), complaint);
	broken(|| set(1, stake + 1), complaint);
	broken(|| Totals::<Test>::remove(Role::Validator), complaint);
}

#[test]
fn n9_should_fail_when_a_node_is_excused_without_a_reason() {
	let complaint = "N9: a node is excused without a reason, or expected in spite of one";
	broken(|| spoiled(|node| node.excused_since = Some(1)), complaint);
	broken(|| spoiled(|node| node.chilled = true), complaint);
	broken(|| spoiled(|node| node.minimum = node.stake + 1), complaint);
}

#[test]
fn n9_should_fail_when_a_node_earns_on_more_than_its_stake() {
	let complaint = "N9: a node earns on more than its stake";
	broken(|| spoiled(|node| node.earnings.earning = node.stake + 1), complaint);
	broken(
		|| {
			spoiled(|node| {
				node.chilled = true;
				node.excused_since = Some(1);
			});
		},
		complaint,
	);
}

#[test]
fn n10_should_fail_when_a_node_was_seen_in_the_future() {
	let complaint = "N10: a node was seen in the future";
	broken(|| spoiled(|node| node.seen = 2), complaint);
	broken(|| spoiled(|node| node.registered_at = 2), complaint);
}

#[test]
fn n10_should_fail_when_a_node_has_earned_in_the_future() {
	broken(
		|| spoiled(|node| node.earnings.index = u128::MAX),
		"N10: a node has earned in the future",
	);
}

#[test]
fn n10_should_fail_when_a_remainder_makes_a_unit() {
	broken(
		|| spoiled(|node| node.earnings.remainder = 1_000_000_000_000),
		"N10: a remainder makes a unit",
	);
}

#[test]
fn n11_should_fail_when_tiers_do_not_rise() {
	let tier = genesis_tier(Role::Oracle);
	let set = |starts: &[u64]| {
		let history: Vec<_> = starts.iter().map(|from| (*from, tier)).collect();
		Tiers::<Test>::insert(Role::Oracle, frame_support::BoundedVec::truncate_from(history));
	};
	broken(|| set(&[1, 0]), "N11: a role's tiers do not rise");
	broken(|| set(&[1, 1]), "N11: a role's tiers do not rise");
	broken(|| set(&[0, 2]), "N11: a tier begins in the future");
}

#[test]
fn n11_should_fail_when_a_tier_makes_no_sense() {
	broken(
		|| {
			Tiers::<Test>::mutate(Role::Oracle, |history| {
				history[0].1.slash = Perbill::zero();
			});
		},
		"N11: a tier makes no sense",
	);
}

#[test]
fn n11_should_fail_when_a_role_grows_at_another_rate() {
	broken(
		|| {
			RewardIndex::<Test>::insert(
				Role::Oracle,
				Growth { index: 0, at: 0, rate: Perbill::from_percent(90) },
			);
		},
		"N11: a role grows at another rate than its tier's",
	);
}

#[test]
fn n12_should_fail_when_the_year_has_not_begun() {
	broken(
		|| Budget::<Test>::put(Allowance { since: 2, left: 0 }),
		"N12: the budget is of a year to come",
	);
}

#[test]
fn n13_should_fail_when_a_node_may_rate_itself() {
	broken(
		|| Ratings::<Test>::insert(ALICE, ALICE, RatingRight { until: 5, rated: false }),
		"N13: a node may rate itself",
	);
}
