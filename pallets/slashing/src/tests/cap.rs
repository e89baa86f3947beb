//! What a node can lose within one period.

use crate::{mock::*, Charge, Charged, Error};
use frame_support::{assert_noop, assert_ok};
use rwa_primitives::{app_key::Role, fault::Fault};
use sp_runtime::Perbill;

fn amount(penalty: u64) -> u128 {
	Slashing::penalty(penalty).unwrap().amount
}

/// The oracle is charged 30 % of 500 RWA, with six faults of 5 %. Gives the next evidence.
fn reach_the_cap() -> u8 {
	for evidence in 1..=6 {
		assert_eq!(amount(accuse(&ORACLE, Fault::DataManipulation, evidence)), 25 * RWA);
	}
	7
}

#[test]
fn a_node_should_be_charged_no_more_than_the_cap_in_a_period() {
	execute(|| {
		let evidence = reach_the_cap();
		assert_noop!(
			tell(report(&ORACLE, Fault::DataManipulation, evidence)),
			Error::<Test>::NothingToTake
		);
		pass(WAIT + 3);
		assert_eq!(stake_of(&ORACLE), 350 * RWA);
	});
}

#[test]
fn what_goes_beyond_the_cap_should_be_cut_off() {
	execute(|| {
		Cap::set(Perbill::from_percent(8));
		assert_eq!(amount(accuse(&ORACLE, Fault::DataManipulation, 1)), 25 * RWA);
		assert_eq!(amount(accuse(&ORACLE, Fault::DataManipulation, 2)), 15 * RWA);
	});
}

#[test]
fn one_nodes_cap_should_not_be_anothers() {
	execute(|| {
		let evidence = reach_the_cap();
		register(&STRANGER, Role::Oracle);
		assert_eq!(amount(accuse(&STRANGER, Fault::DataManipulation, evidence)), 25 * RWA);
	});
}

#[test]
fn the_cap_should_count_anew_in_the_next_period() {
	execute(|| {
		let evidence = reach_the_cap();
		pass(CAP_TIME - 1);
		let again = || tell(report(&ORACLE, Fault::DataManipulation, evidence));
		assert_noop!(again(), Error::<Test>::NothingToTake);
		pass(1);
		assert_ok!(again());
		let expected = Charge { period_start: 1 + CAP_TIME, base: 500 * RWA, charged: 25 * RWA };
		assert_eq!(Charged::<Test>::get(&ORACLE), Some(expected));
	});
}

/// Or one could be charged for a small stake, bond a large one, and do as one likes.
#[test]
fn more_stake_should_raise_the_cap() {
	execute(|| {
		let evidence = reach_the_cap();
		change(&ORACLE, |node| node.stake = 5_000 * RWA);
		// 5 % of all of it, while 30 % of all of it are not charged.
		assert_eq!(amount(accuse(&ORACLE, Fault::DataManipulation, evidence)), 250 * RWA);
		assert_eq!(Charged::<Test>::get(&ORACLE).unwrap().charged, 400 * RWA);
	});
}

#[test]
fn less_stake_should_not_lower_the_cap() {
	execute(|| {
		accuse(&ORACLE, Fault::DataManipulation, 1);
		change(&ORACLE, |node| node.stake = 100 * RWA);
		assert_eq!(amount(accuse(&ORACLE, Fault::DataManipulation, 2)), 5 * RWA);
		assert_eq!(Charged::<Test>::get(&ORACLE).unwrap().base, 500 * RWA);
	});
}

#[test]
fn what_was_cancelled_should_not_count() {
	execute(|| {
		let evidence = reach_the_cap();
		assert_ok!(cancel(2));
		assert_eq!(amount(accuse(&ORACLE, Fault::DataManipulation, evidence)), 25 * RWA);
		assert_noop!(
			tell(report(&ORACLE, Fault::DataManipulation, evidence + 1)),
			Error::<Test>::NothingToTake
		);
	});
}

#[test]
fn what_was_cancelled_of_an_earlier_period_should_not_count_in_this_one() {
	execute(|| {
		let evidence = reach_the_cap();
		pass(CAP_TIME);
		accuse(&ORACLE, Fault::DataManipulation, evidence);
		assert_ok!(cancel(0));
		assert_eq!(Charged::<Test>::get(&ORACLE).unwrap().charged, 25 * RWA);
	});
}

#[test]
fn who_is_charged_nothing_should_have_no_entry() {
	execute(|| {
		accuse(&ORACLE, Fault::DataManipulation, 1);
		accuse(&ORACLE, Fault::DataManipulation, 2);
		assert_ok!(cancel(0));
		assert!(Charged::<Test>::contains_key(&ORACLE));
		assert_ok!(cancel(1));
		assert!(!Charged::<Test>::contains_key(&ORACLE));
	});
}
