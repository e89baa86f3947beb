//! Configurations that must not get into a runtime.

use frame_support::traits::Hooks;
use sp_runtime::Perbill;

use crate::mock::*;

/// What the runtime's tests would say of the configuration that `spoil` makes of a good one.
fn check(spoil: impl FnOnce()) {
	reset();
	spoil();
	<Devices as Hooks<u32>>::integrity_test();
}

#[test]
fn integrity_test_accepts_the_configuration_of_the_tests() {
	check(|| ());
}

#[test]
#[should_panic(expected = "DeviceDeposit is zero or below")]
fn integrity_test_refuses_a_deposit_that_cannot_be_given_back() {
	check(|| DeviceDeposit::set(EXISTENTIAL_DEPOSIT - 1));
}

#[test]
#[should_panic(expected = "ReporterShare: ")]
fn integrity_test_refuses_to_give_everything_to_the_reporter() {
	check(|| ReporterShare::set(Perbill::one()));
}

#[test]
#[should_panic(expected = "RetirementTime: ")]
fn integrity_test_refuses_retirement_at_once() {
	check(|| RetirementTime::set(0));
}

#[test]
#[should_panic(expected = "MaxClockSkew: ")]
fn integrity_test_refuses_clocks_that_are_never_right() {
	check(|| MaxClockSkew::set(0));
}

#[test]
#[should_panic(expected = "MaxPage: ")]
fn integrity_test_refuses_empty_pages() {
	check(|| MaxPage::set(0));
}
