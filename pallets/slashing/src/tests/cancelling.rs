//! Penalties that are not taken.

use crate::{mock::*, Error, Event, PenaltyStatus};
use frame_support::{assert_noop, assert_ok};
use rwa_primitives::{
	fault::Fault,
	traits::{Accusations, CancelPenalty},
};
use sp_runtime::DispatchError;

#[test]
fn a_cancelled_penalty_should_take_nothing_ever() {
	execute(|| {
		accuse(&ORACLE, Fault::DataManipulation, 1);
		run_to(WAIT);
		System::reset_events();
		assert_ok!(cancel(0));
		System::assert_last_event(Event::PenaltyCancelled { penalty: 0, offender: ORACLE }.into());
		assert!(!Slashing::is_accused(&ORACLE));
		assert_eq!(Slashing::penalty(0).unwrap().status, PenaltyStatus::Cancelled);
		pass(WAIT);
		assert_eq!(stake_of(&ORACLE), 500 * RWA);
		assert!(Shares::get().is_empty() && Proven::get().is_empty());
	});
}

#[test]
fn only_the_offices_should_cancel() {
	execute(|| {
		accuse(&ORACLE, Fault::DataManipulation, 1);
		for origin in [
			RuntimeOrigin::signed(ORACLE),
			RuntimeOrigin::none(),
			frame_system::RawOrigin::Authorized.into(),
		] {
			assert_noop!(Slashing::cancel_penalty(origin, 0), DispatchError::BadOrigin);
		}
	});
}

#[test]
fn an_appeal_should_cancel_through_the_trait() {
	execute(|| {
		accuse(&ORACLE, Fault::DataManipulation, 1);
		assert_ok!(<Slashing as CancelPenalty<_>>::cancel(0));
		assert!(!Slashing::is_accused(&ORACLE));
		assert_noop!(<Slashing as CancelPenalty<_>>::cancel(0), Error::<Test>::NotPending);
	});
}

#[test]
fn what_waits_should_be_found_by_its_evidence() {
	execute(|| {
		accuse(&ORACLE, Fault::DataManipulation, 1);
		accuse(&ORACLE, Fault::DataManipulation, 2);
		let evidence = |id| Slashing::penalty(id).unwrap().evidence;
		let (first, second) = (evidence(0), evidence(1));
		let manipulation = Fault::DataManipulation;
		let waiting = |who, fault, evidence| Slashing::waiting(who, fault, &evidence);
		assert_eq!(waiting(&ORACLE, manipulation, first), Some(0));
		assert_eq!(waiting(&ORACLE, manipulation, second), Some(1));
		assert_eq!(waiting(&ORACLE, Fault::ConsistentOutliers, first), None);
		assert_eq!(waiting(&RELAY, manipulation, first), None);
		assert_eq!(waiting(&ORACLE, manipulation, sp_core::H256::repeat_byte(0xee)), None);

		assert_ok!(cancel(0));
		assert_eq!(waiting(&ORACLE, manipulation, first), None);
		assert_eq!(waiting(&ORACLE, manipulation, second), Some(1));
		pass(WAIT);
		assert_eq!(waiting(&ORACLE, manipulation, second), None, "it was taken");
	});
}

#[test]
fn what_never_was_should_not_be_cancelled() {
	execute(|| {
		accuse(&ORACLE, Fault::DataManipulation, 1);
		assert_noop!(cancel(1), Error::<Test>::UnknownPenalty);
	});
}

#[test]
fn what_was_taken_should_not_be_cancelled() {
	execute(|| {
		accuse(&ORACLE, Fault::DataManipulation, 1);
		pass(WAIT);
		assert_noop!(cancel(0), Error::<Test>::NotPending);
		pass(WINDOW + 1);
		assert_noop!(cancel(0), Error::<Test>::UnknownPenalty);
	});
}

#[test]
fn nothing_should_be_cancelled_twice() {
	execute(|| {
		accuse(&ORACLE, Fault::DataManipulation, 1);
		assert_ok!(cancel(0));
		assert_noop!(cancel(0), Error::<Test>::NotPending);
	});
}

#[test]
fn one_cancelled_penalty_should_not_clear_another() {
	execute(|| {
		accuse(&ORACLE, Fault::DataManipulation, 1);
		accuse(&ORACLE, Fault::DataManipulation, 2);
		assert_ok!(cancel(0));
		assert!(Slashing::is_accused(&ORACLE));
		pass(WAIT);
		assert_eq!(stake_of(&ORACLE), 475 * RWA);
	});
}

#[test]
fn who_was_cleared_should_not_be_accused_again_of_the_same() {
	execute(|| {
		accuse(&ORACLE, Fault::DataManipulation, 1);
		assert_ok!(cancel(0));
		assert_noop!(
			tell(report(&ORACLE, Fault::DataManipulation, 1)),
			Error::<Test>::AlreadyPunished
		);
	});
}
