//! Nodes that were away for a day, and those who say so.

use crate::{mock::*, Error, Event, NextPenalty, PenaltyStatus};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult};
use rwa_primitives::{app_key::Role, fault::Fault, traits::Accusations, AccountId};
use sp_runtime::DispatchError;

fn report_absence(node: &AccountId) -> DispatchResult {
	Slashing::report_absence(RuntimeOrigin::signed(STRANGER), node.clone())
}

#[test]
fn more_than_a_day_without_heartbeat_should_cost_the_tier() {
	execute(|| {
		pass(ABSENCE);
		assert_eq!(Slashing::absence(ORACLE), Some(ABSENCE));
		assert_noop!(report_absence(&ORACLE), Error::<Test>::NotAbsent);
		pass(1);
		assert_eq!(Slashing::absence(ORACLE), Some(ABSENCE + 1));
		System::reset_events();
		assert_ok!(report_absence(&ORACLE));
		System::assert_last_event(
			Event::PenaltyReported {
				penalty: 0,
				offender: ORACLE,
				role: Role::Oracle,
				fault: Fault::Absence,
				amount: 25 * RWA,
				reporter: Some(STRANGER),
				due_at: 2 + ABSENCE + WAIT,
			}
			.into(),
		);
		assert!(Slashing::is_accused(&ORACLE));
		pass(WAIT);
		assert_eq!(stake_of(&ORACLE), 475 * RWA);
		assert_eq!(Shares::get()[&STRANGER], 2_500_000_000_000);
	});
}

#[test]
fn every_role_that_sends_heartbeats_should_be_reportable() {
	execute(|| {
		pass(ABSENCE + 1);
		for (node, amount) in [
			(VERIFIER, 25 * RWA),
			(ORACLE, 25 * RWA),
			(RELAY, 2 * RWA),
			(STORAGE, 12_500_000_000_000),
		] {
			let penalty = NextPenalty::<Test>::get();
			assert_ok!(report_absence(&node));
			assert_eq!(Slashing::penalty(penalty).unwrap().amount, amount);
		}
	});
}

#[test]
fn one_absence_should_cost_once_and_another_day_as_much_again() {
	execute(|| {
		pass(ABSENCE + 1);
		assert_ok!(report_absence(&ORACLE));
		assert_eq!(Slashing::absence(ORACLE), Some(0));
		assert_noop!(report_absence(&ORACLE), Error::<Test>::NotAbsent);
		pass(ABSENCE);
		assert_noop!(report_absence(&ORACLE), Error::<Test>::NotAbsent);
		pass(1);
		assert_ok!(report_absence(&ORACLE));
		let amounts = [0, 1].map(|penalty| Slashing::penalty(penalty).unwrap().amount);
		// The first was taken meanwhile, so 5 % are of 475 RWA.
		assert_eq!(amounts, [25 * RWA, 23_750_000_000_000]);
	});
}

#[test]
fn a_heartbeat_should_end_an_absence() {
	execute(|| {
		pass(ABSENCE);
		assert_ok!(dispatch(signed(&ORACLE, period())));
		pass(1);
		assert_eq!(Slashing::absence(ORACLE), Some(1));
		assert_noop!(report_absence(&ORACLE), Error::<Test>::NotAbsent);
	});
}

#[test]
fn who_is_excused_should_not_be_absent() {
	execute(|| {
		run_to(1 + ABSENCE);
		change(&ORACLE, |node| node.excused_since = Some(1 + ABSENCE));
		pass(ABSENCE);
		assert_eq!(Slashing::absence(ORACLE), Some(ABSENCE));
		assert_noop!(report_absence(&ORACLE), Error::<Test>::NotAbsent);
	});
}

/// Chilling is no way out of a day that is over.
#[test]
fn who_is_excused_too_late_should_pay_for_the_time_before() {
	execute(|| {
		run_to(2 + ABSENCE);
		change(&ORACLE, |node| node.excused_since = Some(2 + ABSENCE));
		run_to(60);
		assert_ok!(report_absence(&ORACLE));
		assert_eq!(Slashing::penalty(0).unwrap().happened, 2 + ABSENCE);
		// And not again for the time since.
		pass(2 * ABSENCE);
		assert_noop!(report_absence(&ORACLE), Error::<Test>::NotAbsent);
	});
}

#[test]
fn an_absence_that_ended_long_ago_should_be_left_alone() {
	execute(|| {
		run_to(2 + ABSENCE);
		change(&ORACLE, |node| node.excused_since = Some(2 + ABSENCE));
		run_to(2 + ABSENCE + WINDOW + 1);
		assert_noop!(report_absence(&ORACLE), Error::<Test>::TooOld);
	});
}

#[test]
fn an_absence_that_goes_on_should_never_be_too_old() {
	execute(|| {
		run_to(2 * WINDOW);
		assert_ok!(report_absence(&ORACLE));
	});
}

#[test]
fn a_halt_should_make_nobody_absent() {
	execute(|| {
		pass(ABSENCE);
		Running::set(false);
		for _ in 0..2 * ABSENCE {
			to_next_block();
		}
		assert_noop!(report_absence(&ORACLE), Error::<Test>::NotAbsent);
	});
}

#[test]
fn validators_should_not_be_reported_here() {
	execute(|| {
		pass(ABSENCE + 1);
		assert_eq!(Slashing::absence(ALICE), None);
		assert_noop!(report_absence(&ALICE), Error::<Test>::ImpossibleFault);
	});
}

#[test]
fn strangers_should_not_be_reported() {
	execute(|| {
		pass(ABSENCE + 1);
		let nobody = AccountId::new([99; 32]);
		assert_eq!(Slashing::absence(nobody.clone()), None);
		assert_noop!(report_absence(&nobody), Error::<Test>::UnknownOffender);
	});
}

#[test]
fn nobody_should_report_itself() {
	execute(|| {
		pass(ABSENCE + 1);
		assert_noop!(
			Slashing::report_absence(RuntimeOrigin::signed(ORACLE), ORACLE),
			Error::<Test>::OwnFault
		);
	});
}

#[test]
fn a_report_should_be_signed() {
	execute(|| {
		pass(ABSENCE + 1);
		for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
			assert_noop!(Slashing::report_absence(origin, ORACLE), DispatchError::BadOrigin);
		}
	});
}

#[test]
fn who_has_nothing_left_to_take_should_not_be_forgiven() {
	execute(|| {
		pass(ABSENCE + 1);
		change(&ORACLE, |node| node.stake = 0);
		assert_noop!(report_absence(&ORACLE), Error::<Test>::NothingToTake);
		assert_eq!(Slashing::absence(ORACLE), Some(ABSENCE + 1));
	});
}

#[test]
fn a_cancelled_absence_should_take_nothing() {
	execute(|| {
		pass(ABSENCE + 1);
		assert_ok!(report_absence(&ORACLE));
		assert_ok!(cancel(0));
		pass(WAIT);
		assert_eq!(Slashing::penalty(0).unwrap().status, PenaltyStatus::Cancelled);
		assert_eq!(stake_of(&ORACLE), 500 * RWA);
	});
}

#[test]
fn who_comes_back_after_a_day_should_be_punished_although_nobody_said_so() {
	execute(|| {
		pass(ABSENCE + PERIOD);
		let before = NextPenalty::<Test>::get();
		assert_ok!(dispatch(signed(&ORACLE, period())));
		let penalty = Slashing::penalty(before).expect("it was punished");
		assert_eq!((penalty.fault, penalty.reporter), (Fault::Absence, None));
		assert_noop!(report_absence(&ORACLE), Error::<Test>::NotAbsent);
	});
}
