//! Configurations that must not get into a runtime.

use crate::mock::*;
use frame_support::traits::Hooks;
use sp_runtime::Perbill;

/// What the runtime's tests would say of the configuration that `spoil` makes of a good one.
fn check(spoil: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		spoil();
		<Slashing as Hooks<u64>>::integrity_test();
	});
}

#[test]
fn integrity_test_accepts_the_configuration_of_the_tests() {
	check(|| ());
}

#[test]
#[should_panic(expected = "OfflineLimit is zero")]
fn integrity_test_refuses_an_offline_limit_of_nothing() {
	check(|| OfflineLimit::set(0));
}

#[test]
#[should_panic(expected = "HistoryLength is zero")]
fn integrity_test_refuses_no_history() {
	check(|| HistoryLength::set(0));
}

#[test]
#[should_panic(expected = "Deferral: nothing could be cancelled")]
fn integrity_test_refuses_penalties_that_dont_wait() {
	check(|| Deferral::set(0));
}

#[test]
#[should_panic(expected = "Deferral: a penalty would be forgotten")]
fn integrity_test_refuses_to_forget_what_was_just_executed() {
	check(|| {
		Deferral::set(WINDOW);
		Unbonding::set(2 * WINDOW);
	});
}

#[test]
#[should_panic(expected = "ReportWindow: stake could be out of reach")]
fn integrity_test_refuses_stake_that_leaves_before_a_penalty_is_due() {
	check(|| Unbonding::set(WAIT + WINDOW - 1));
}

#[test]
#[should_panic(expected = "CapPeriod: what a node was charged")]
fn integrity_test_refuses_to_forget_charges_of_a_period_that_runs() {
	check(|| CapPeriod::set(WINDOW + 1));
}

#[test]
#[should_panic(expected = "CapPeriod: the cap would hold for no time")]
fn integrity_test_refuses_a_period_of_nothing() {
	check(|| CapPeriod::set(0));
}

#[test]
#[should_panic(expected = "Cap: no fault would cost anything")]
fn integrity_test_refuses_a_cap_of_nothing() {
	check(|| Cap::set(Perbill::zero()));
}

#[test]
#[should_panic(expected = "ReporterShare: ")]
fn integrity_test_refuses_to_give_all_to_the_reporter() {
	check(|| ReporterShare::set(Perbill::one()));
}

#[test]
#[should_panic(expected = "HeartbeatPeriod: ")]
fn integrity_test_refuses_a_period_in_which_nobody_can_be_included() {
	check(|| HeartbeatPeriod::set(3));
}

#[test]
#[should_panic(expected = "AbsenceLimit: ")]
fn integrity_test_refuses_to_punish_one_lost_heartbeat() {
	check(|| AbsenceLimit::set(2 * PERIOD - 1));
}

#[test]
#[should_panic(expected = "MaxExecutedPerBlock: no penalty")]
fn integrity_test_refuses_to_take_no_penalty() {
	check(|| MaxExecutedPerBlock::set(0));
}

#[test]
#[should_panic(expected = "more than a quarter of a block")]
fn integrity_test_refuses_penalties_that_fill_the_block() {
	check(|| MaxExecutedPerBlock::set(100_000_000));
}
