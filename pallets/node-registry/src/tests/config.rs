//! Configurations that must not get into a runtime.

use crate::mock::{
	reset, AppKeyDeposit, BlocksPerYear, MaxEndpointLength, MaxPage, MaxTierHistory, MaxUnlocking,
	NodeDeposit, NodeRegistry, PresenceGap, RatingWindow, StakeCap, UnbondingPeriod, YearlyBudget,
	MINIMUM_BALANCE,
};
use frame_support::traits::Hooks;
use sp_runtime::Perbill;

/// What the runtime's tests would say of the configuration that `spoil` makes of a good one.
fn check(spoil: impl FnOnce()) {
	reset();
	spoil();
	<NodeRegistry as Hooks<u64>>::integrity_test();
}

#[test]
fn integrity_test_should_accept_the_configuration_of_the_tests() {
	check(|| ());
}

#[test]
fn integrity_test_should_accept_deposits_of_the_minimum_balance() {
	check(|| {
		AppKeyDeposit::set(MINIMUM_BALANCE);
		NodeDeposit::set(MINIMUM_BALANCE);
	});
}

#[test]
#[should_panic(expected = "AppKeyDeposit is zero or below the currency's minimum balance")]
fn integrity_test_should_refuse_an_app_key_deposit_below_the_minimum_balance() {
	check(|| AppKeyDeposit::set(MINIMUM_BALANCE - 1));
}

#[test]
#[should_panic(expected = "NodeDeposit is zero or below the currency's minimum balance")]
fn integrity_test_should_refuse_a_node_deposit_below_the_minimum_balance() {
	check(|| NodeDeposit::set(MINIMUM_BALANCE - 1));
}

#[test]
#[should_panic(expected = "UnbondingPeriod: faults would be free")]
fn integrity_test_should_refuse_stake_that_leaves_at_once() {
	check(|| UnbondingPeriod::set(0));
}

#[test]
#[should_panic(expected = "MaxUnlocking: nobody could unbond")]
fn integrity_test_should_refuse_stake_that_cannot_leave() {
	check(|| MaxUnlocking::set(0));
}

#[test]
#[should_panic(expected = "MaxEndpointLength: an IPv6 address with a port has no room")]
fn integrity_test_should_refuse_endpoints_without_room() {
	check(|| MaxEndpointLength::set(53));
}

#[test]
fn an_ipv6_address_with_a_port_should_have_room() {
	let longest = "/ip6/2001:0db8:0000:0000:0000:ff00:0042:8329/tcp/65535";
	assert_eq!(longest.len(), 54);
	check(|| MaxEndpointLength::set(54));
}

#[test]
#[should_panic(expected = "MaxTierHistory: a change would forget the rate before it")]
fn integrity_test_should_refuse_tiers_without_history() {
	check(|| MaxTierHistory::set(1));
}

#[test]
#[should_panic(expected = "PresenceGap: nobody would earn anything")]
fn integrity_test_should_refuse_no_presence() {
	check(|| PresenceGap::set(0));
}

#[test]
#[should_panic(expected = "PresenceGap: a node could be away for a year and earn")]
fn integrity_test_should_refuse_presence_once_a_year() {
	check(|| PresenceGap::set(BlocksPerYear::get()));
}

#[test]
#[should_panic(expected = "PresenceGap: a node could be away for a year and earn")]
fn integrity_test_should_refuse_a_year_without_blocks() {
	check(|| BlocksPerYear::set(0));
}

#[test]
#[should_panic(expected = "YearlyBudget: nobody would be paid")]
fn integrity_test_should_refuse_no_budget() {
	check(|| YearlyBudget::set(Perbill::zero()));
}

#[test]
#[should_panic(expected = "RatingWindow: nobody could rate")]
fn integrity_test_should_refuse_no_time_to_rate() {
	check(|| RatingWindow::set(0));
}

#[test]
#[should_panic(expected = "MaxPage: every list would be empty")]
fn integrity_test_should_refuse_empty_pages() {
	check(|| MaxPage::set(0));
}

#[test]
#[should_panic(expected = "StakeCap: no vote would weigh anything")]
fn integrity_test_should_refuse_votes_without_weight() {
	check(|| StakeCap::set(0));
}
