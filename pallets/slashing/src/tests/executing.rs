//! When penalties are taken, and how many in one block.

use crate::{mock::*, Event, FirstPending, PenaltyStatus, WeightInfo};
use frame_support::{assert_ok, weights::Weight};
use rwa_primitives::{
	fault::{Fault, FaultReport},
	traits::Accusations,
};

fn status(penalty: u64) -> PenaltyStatus {
	Slashing::penalty(penalty).unwrap().status
}

fn executed(penalty: u64) -> bool {
	matches!(status(penalty), PenaltyStatus::Executed { .. })
}

/// The weight of a block in which so many penalties were executed, passed and forgotten.
fn weight(executed: u64, skipped: u64, forgotten: u64) -> Weight {
	<() as WeightInfo>::settle_base()
		+ <() as WeightInfo>::execute_penalty() * executed
		+ <() as WeightInfo>::skip_penalty() * skipped
		+ <() as WeightInfo>::forget_penalty() * forgotten
}

#[test]
fn a_penalty_should_be_taken_in_the_block_in_which_it_is_due() {
	execute(|| {
		accuse(&ORACLE, Fault::DataManipulation, 1);
		run_to(WAIT);
		assert_eq!((status(0), stake_of(&ORACLE)), (PenaltyStatus::Pending, 500 * RWA));
		to_next_block();
		assert_eq!(status(0), PenaltyStatus::Executed { taken: 25 * RWA });
		assert_eq!(stake_of(&ORACLE), 475 * RWA);
		assert!(!Slashing::is_accused(&ORACLE));
		System::assert_last_event(
			Event::PenaltyExecuted {
				penalty: 0,
				offender: ORACLE,
				taken: 25 * RWA,
				to_reporter: 2_500_000_000_000,
			}
			.into(),
		);
		assert_eq!(Shares::get().into_iter().collect::<Vec<_>>(), [(STRANGER, 2_500_000_000_000)]);
		pass(WAIT);
		assert_eq!(stake_of(&ORACLE), 475 * RWA);
	});
}

#[test]
fn what_was_proven_should_be_remembered_when_it_can_be_cancelled_no_more() {
	execute(|| {
		accuse(&ORACLE, Fault::DataManipulation, 1);
		accuse(&RELAY, Fault::WithheldMessage, 1);
		assert_ok!(cancel(1));
		assert!(Proven::get().is_empty());
		pass(WAIT);
		assert_eq!(Proven::get(), [(ORACLE, false)]);
	});
}

#[test]
fn a_penalty_without_reporter_should_pay_nobody() {
	execute(|| {
		let found = FaultReport { reporter: None, ..report(&ORACLE, Fault::ConsistentOutliers, 1) };
		assert_ok!(tell(found));
		run_to(1 + WAIT);
		System::assert_last_event(
			Event::PenaltyExecuted {
				penalty: 0,
				offender: ORACLE,
				taken: 12_500_000_000_000,
				to_reporter: 0,
			}
			.into(),
		);
	});
}

#[test]
fn no_more_should_be_taken_than_is_left() {
	execute(|| {
		accuse(&ORACLE, Fault::DataManipulation, 1);
		change(&ORACLE, |node| node.stake = 7);
		pass(WAIT);
		assert_eq!(status(0), PenaltyStatus::Executed { taken: 7 });
	});
}

#[test]
fn who_has_another_penalty_should_stay_accused() {
	execute(|| {
		accuse(&ORACLE, Fault::DataManipulation, 1);
		pass(1);
		accuse(&ORACLE, Fault::DataManipulation, 2);
		pass(WAIT - 1);
		assert!(executed(0) && Slashing::is_accused(&ORACLE));
		pass(1);
		assert!(executed(1) && !Slashing::is_accused(&ORACLE));
	});
}

#[test]
fn a_block_should_take_no_more_than_it_may_and_leave_the_rest_to_the_next() {
	execute(|| {
		for evidence in 1..=5 {
			accuse(&ORACLE, Fault::FailureToRespond, evidence);
		}
		run_to(WAIT);
		let weights: Vec<_> = (0..4).map(|_| to_next_block()).collect();
		assert_eq!(weights, [weight(2, 0, 0), weight(2, 0, 0), weight(1, 0, 0), weight(0, 0, 0)]);
		assert_eq!(FirstPending::<Test>::get(), 5);
		assert_eq!(stake_of(&ORACLE), 475 * RWA);
	});
}

#[test]
fn cancelled_penalties_should_be_passed_within_the_same_bound() {
	execute(|| {
		for evidence in 1..=6 {
			accuse(&ORACLE, Fault::FailureToRespond, evidence);
		}
		(0..3).for_each(|penalty| {
			assert_ok!(cancel(penalty));
		});
		assert_ok!(cancel(4));
		// Those at the front are passed at once, the one behind only when it is its turn.
		let weights: Vec<_> = (0..3).map(|_| to_next_block()).collect();
		assert_eq!(weights, [weight(0, 2, 0), weight(0, 1, 0), weight(0, 0, 0)]);
		run_to(WAIT);
		let weights: Vec<_> = (0..3).map(|_| to_next_block()).collect();
		assert_eq!(weights, [weight(1, 1, 0), weight(1, 0, 0), weight(0, 0, 0)]);
		assert_eq!(FirstPending::<Test>::get(), 6);
	});
}

#[test]
fn penalties_should_keep_the_deferral_that_they_were_reported_with() {
	execute(|| {
		accuse(&ORACLE, Fault::FailureToRespond, 1);
		// An upgrade shortens it: the later one waits for the earlier one, and is not lost.
		Deferral::set(5);
		accuse(&RELAY, Fault::WithheldMessage, 1);
		run_to(WAIT);
		assert!(!executed(0) && !executed(1));
		to_next_block();
		assert!(executed(0) && executed(1));
	});
}

#[test]
fn nothing_should_be_taken_while_the_network_is_halted() {
	execute(|| {
		accuse(&ORACLE, Fault::DataManipulation, 1);
		run_to(WAIT);
		Running::set(false);
		for _ in 0..2 * WAIT {
			assert_eq!(to_next_block(), <() as WeightInfo>::settle_halted());
		}
		assert_eq!(status(0), PenaltyStatus::Pending);
		Running::set(true);
		to_next_block();
		assert!(executed(0));
	});
}
