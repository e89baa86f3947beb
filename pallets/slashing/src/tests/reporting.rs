//! What can be reported of whom, when, and what it is to cost.

use crate::{mock::*, Error, Event, NextPenalty, Penalty, PenaltyStatus};
use frame_support::{assert_noop, assert_ok};
use rwa_primitives::{
	app_key::Role,
	fault::{Fault, FaultReport, PendingPenalty},
	node::genesis_tier,
	traits::{Accusations, ReportFault},
};
use sp_core::H256;
use sp_runtime::{ArithmeticError, Perbill};

#[test]
fn a_report_should_make_a_penalty_that_waits() {
	execute(|| {
		pass(9);
		System::reset_events();
		let earlier = FaultReport { happened: 7, ..report(&ORACLE, Fault::DataManipulation, 1) };
		assert_ok!(tell(earlier));
		System::assert_last_event(
			Event::PenaltyReported {
				penalty: 0,
				offender: ORACLE,
				role: Role::Oracle,
				fault: Fault::DataManipulation,
				amount: 25 * RWA,
				reporter: Some(STRANGER),
				due_at: 10 + WAIT,
			}
			.into(),
		);
		let expected = Penalty {
			offender: ORACLE,
			role: Role::Oracle,
			fault: Fault::DataManipulation,
			amount: 25 * RWA,
			evidence: H256::repeat_byte(1),
			reporter: Some(STRANGER),
			happened: 7,
			reported_at: 10,
			due_at: 10 + WAIT,
			status: PenaltyStatus::Pending,
		};
		assert_eq!(Slashing::penalty(0), Some(expected));
		assert!(Slashing::is_accused(&ORACLE));
		assert!(!Slashing::is_accused(&RELAY));
		assert_eq!(stake_of(&ORACLE), 500 * RWA);
	});
}

/// Whoever reports can cancel by it what turns out to be no fault.
#[test]
fn a_report_should_give_the_penalty_that_waits() {
	execute(|| {
		let told = |report| <Slashing as ReportFault<_, _>>::report_fault(report);
		accuse(&STORAGE, Fault::FailedStorageProof, 1);
		pass(9);
		let waits = PendingPenalty { id: 1, due_at: 10 + WAIT };
		assert_eq!(told(report(&ORACLE, Fault::DataManipulation, 1)), Ok(Some(waits)));
		// What a validator is slashed waits in the staking pallet.
		assert_eq!(told(report(&ALICE, Fault::DoubleVoting, 1)), Ok(None));
	});
}

/// The spec's amounts: the stake of the role, times its rate, times the severity.
#[test]
fn every_fault_should_cost_its_severity_of_its_roles_tier() {
	let nodes = [
		(VERIFIER, Role::Verifier),
		(ORACLE, Role::Oracle),
		(RELAY, Role::Relay),
		(STORAGE, Role::Storage),
	];
	for (node, role) in nodes {
		for fault in Fault::ALL.into_iter().filter(|fault| fault.possible_for(role)) {
			execute(|| {
				let penalty = accuse(&node, fault, 1);
				let tier = genesis_tier(role);
				let share = Perbill::from_parts(
					tier.slash.deconstruct() / 100 * (fault.severity() * 100u32),
				);
				assert_eq!(
					Slashing::penalty(penalty).unwrap().amount,
					share.mul_floor(tier.minimum),
					"{fault:?} of {role:?}"
				);
			});
		}
	}
}

#[test]
fn the_amount_should_be_rounded_down() {
	execute(|| {
		change(&ORACLE, |node| node.stake = 199);
		// 1 % of it is 1.99.
		let penalty = accuse(&ORACLE, Fault::FailureToRespond, 1);
		assert_eq!(Slashing::penalty(penalty).unwrap().amount, 1);
	});
}

#[test]
fn the_rate_should_be_that_of_the_block_in_which_it_happened() {
	execute(|| {
		RateSince::set(Some((10, Perbill::from_percent(20))));
		run_to(12);
		let at = |happened, evidence| {
			let report =
				FaultReport { happened, ..report(&ORACLE, Fault::DataManipulation, evidence) };
			let penalty = NextPenalty::<Test>::get();
			assert_ok!(tell(report));
			Slashing::penalty(penalty).unwrap().amount
		};
		assert_eq!(at(9, 1), 25 * RWA);
		assert_eq!(at(10, 2), 100 * RWA);
	});
}

#[test]
fn the_stake_should_be_that_of_the_report() {
	execute(|| {
		change(&ORACLE, |node| node.stake = 1_000 * RWA);
		let penalty = accuse(&ORACLE, Fault::DataManipulation, 1);
		change(&ORACLE, |node| node.stake = 2_000 * RWA);
		assert_eq!(Slashing::penalty(penalty).unwrap().amount, 50 * RWA);
	});
}

#[test]
fn nobody_unregistered_should_be_reported() {
	execute(|| {
		assert_noop!(
			tell(report(&STRANGER, Fault::DataManipulation, 1)),
			Error::<Test>::UnknownOffender
		);
	});
}

#[test]
fn nobody_should_be_reported_for_what_its_role_cant_do() {
	execute(|| {
		for (node, role) in [
			(ALICE, Role::Validator),
			(VERIFIER, Role::Verifier),
			(ORACLE, Role::Oracle),
			(RELAY, Role::Relay),
			(STORAGE, Role::Storage),
		] {
			for fault in Fault::ALL.into_iter().filter(|fault| !fault.possible_for(role)) {
				assert_noop!(tell(report(&node, fault, 1)), Error::<Test>::ImpossibleFault);
			}
		}
	});
}

#[test]
fn one_thing_should_be_punished_once() {
	execute(|| {
		accuse(&ORACLE, Fault::DataManipulation, 1);
		let again = report(&ORACLE, Fault::DataManipulation, 1);
		assert_noop!(tell(again.clone()), Error::<Test>::AlreadyPunished);
		// Nor when somebody else brings it, or it is said to have been at another time.
		let other = FaultReport { reporter: None, happened: 0, ..again.clone() };
		assert_noop!(tell(other), Error::<Test>::AlreadyPunished);
		// Nor after it was executed.
		pass(WAIT);
		assert_noop!(tell(again), Error::<Test>::AlreadyPunished);
	});
}

#[test]
fn other_evidence_another_fault_or_another_offender_should_be_another_thing() {
	execute(|| {
		register(&STRANGER, Role::Oracle);
		accuse(&ORACLE, Fault::DataManipulation, 1);
		accuse(&ORACLE, Fault::DataManipulation, 2);
		accuse(&ORACLE, Fault::ConsistentOutliers, 1);
		accuse(&STRANGER, Fault::DataManipulation, 1);
		assert_eq!(NextPenalty::<Test>::get(), 4);
	});
}

#[test]
fn old_faults_should_be_left_alone() {
	execute(|| {
		run_to(5 + WINDOW);
		let at = |happened| FaultReport { happened, ..report(&ORACLE, Fault::DataManipulation, 1) };
		assert_noop!(tell(at(4)), Error::<Test>::TooOld);
		assert_ok!(tell(at(5)));
	});
}

#[test]
fn the_future_should_be_left_alone() {
	execute(|| {
		let tomorrow = FaultReport { happened: 2, ..report(&ORACLE, Fault::DataManipulation, 1) };
		assert_noop!(tell(tomorrow), Error::<Test>::NotYetHappened);
	});
}

#[test]
fn who_has_nothing_should_not_be_charged() {
	execute(|| {
		for stake in [0, 19] {
			change(&ORACLE, |node| node.stake = stake);
			assert_noop!(
				tell(report(&ORACLE, Fault::DataManipulation, 1)),
				Error::<Test>::NothingToTake
			);
		}
		change(&ORACLE, |node| node.stake = 20);
		accuse(&ORACLE, Fault::DataManipulation, 1);
	});
}

#[test]
fn who_brings_its_own_fault_should_get_nothing_of_it() {
	execute(|| {
		let own =
			FaultReport { reporter: Some(ORACLE), ..report(&ORACLE, Fault::DataManipulation, 1) };
		assert_ok!(tell(own));
		assert_eq!(Slashing::penalty(0).unwrap().reporter, None);
		pass(WAIT);
		assert_eq!(stake_of(&ORACLE), 475 * RWA);
		assert!(Shares::get().is_empty());
	});
}

#[test]
fn numbers_should_not_wrap_around() {
	execute(|| {
		NextPenalty::<Test>::put(u64::MAX);
		assert_noop!(tell(report(&ORACLE, Fault::DataManipulation, 1)), ArithmeticError::Overflow);
		NextPenalty::<Test>::kill();
	});
}
