//! How long penalties are kept.

use crate::{mock::*, Charged, Error, Event, FirstKept, Known, Penalties, WeightInfo};
use frame_support::{assert_noop, assert_ok};
use rwa_primitives::fault::{Fault, FaultReport};

#[test]
fn a_penalty_should_be_kept_for_as_long_as_its_evidence_could_be_brought_again() {
	execute(|| {
		let first = report(&ORACLE, Fault::DataManipulation, 1);
		assert_ok!(tell(first.clone()));
		run_to(1 + WINDOW);
		assert!(Slashing::penalty(0).is_some());
		assert_noop!(tell(first.clone()), Error::<Test>::AlreadyPunished);
		to_next_block();
		System::assert_last_event(Event::PenaltyForgotten { penalty: 0 }.into());
		assert_eq!(Slashing::penalty(0), None);
		assert_noop!(tell(first), Error::<Test>::TooOld);
	});
}

#[test]
fn nothing_should_be_left_of_what_is_forgotten() {
	execute(|| {
		accuse(&ORACLE, Fault::DataManipulation, 1);
		accuse(&RELAY, Fault::WithheldMessage, 1);
		assert_ok!(cancel(1));
		run_to(2 + WINDOW);
		assert_eq!(Penalties::<Test>::iter().count(), 0);
		assert_eq!(Known::<Test>::iter().count(), 0);
		assert_eq!(Charged::<Test>::iter().count(), 0);
		assert_eq!(FirstKept::<Test>::get(), 2);
	});
}

#[test]
fn the_charge_of_a_period_that_runs_should_be_kept() {
	execute(|| {
		accuse(&ORACLE, Fault::DataManipulation, 1);
		run_to(WINDOW);
		accuse(&ORACLE, Fault::DataManipulation, 2);
		// The first is forgotten, the second is of a later period.
		run_to(2 + WINDOW);
		assert_eq!(Slashing::penalty(0), None);
		// 5 % of the 475 RWA that the first has left.
		assert_eq!(Charged::<Test>::get(&ORACLE).unwrap().charged, 23_750_000_000_000);
		run_to(WINDOW + WINDOW + 1);
		assert!(!Charged::<Test>::contains_key(&ORACLE));
	});
}

#[test]
fn a_block_should_forget_no_more_than_it_may() {
	execute(|| {
		for evidence in 1..=5 {
			accuse(&ORACLE, Fault::FailureToRespond, evidence);
		}
		run_to(1 + WINDOW);
		let base = <() as WeightInfo>::settle_base();
		let forget = <() as WeightInfo>::forget_penalty();
		let weights: Vec<_> = (0..4).map(|_| to_next_block()).collect();
		assert_eq!(weights, [base + forget * 2, base + forget * 2, base + forget, base]);
		assert_eq!(FirstKept::<Test>::get(), 5);
	});
}

/// A block executes and forgets at most two each. The backlog of executions holds back the forgetting.
#[test]
fn what_waits_should_not_be_forgotten_however_old_it_is() {
	execute(|| {
		for evidence in 1..=5 {
			accuse(&ORACLE, Fault::FailureToRespond, evidence);
		}
		// Weeks pass in one block, as in a test of the runtime.
		System::set_block_number(1 + 2 * WINDOW);
		to_next_block();
		assert_eq!((FirstKept::<Test>::get(), Penalties::<Test>::iter().count()), (2, 3));
		pass(1);
		assert_eq!((FirstKept::<Test>::get(), Penalties::<Test>::iter().count()), (4, 1));
		pass(1);
		assert_eq!((FirstKept::<Test>::get(), Penalties::<Test>::iter().count()), (5, 0));
		assert_eq!(stake_of(&ORACLE), 475 * RWA);
	});
}

#[test]
fn new_evidence_of_an_old_offender_should_be_a_new_penalty() {
	execute(|| {
		accuse(&ORACLE, Fault::DataManipulation, 1);
		run_to(2 + WINDOW);
		let later = FaultReport { happened: 50, ..report(&ORACLE, Fault::DataManipulation, 2) };
		assert_ok!(tell(later));
		assert_eq!(Slashing::penalty(1).unwrap().happened, 50);
	});
}
