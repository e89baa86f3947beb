//! Each invariant's check can fail.

use crate::{
	mock::*, Absent, Charge, Charged, FirstKept, FirstPending, Known, Missed, Penalties, PenaltyOf,
	PenaltyStatus, Pending, Turnout, Turnouts,
};
use frame_support::{assert_err, assert_ok};
use rwa_primitives::{app_key::Role, fault::Fault};
use sp_core::H256;
use sp_runtime::TryRuntimeError;

/// Alice has missed a session. The test breaks something, and mends it after.
fn broken(by: impl FnOnce(), complaint: &'static str, mend: impl FnOnce()) {
	execute(|| {
		pass_session(1, &[ALICE]);
		assert_ok!(Slashing::do_try_state());
		by();
		assert_err!(Slashing::do_try_state(), TryRuntimeError::Other(complaint));
		mend();
	});
}

#[test]
fn s1_should_fail_when_the_absent_wait() {
	broken(
		|| Absent::<Test>::put(frame_support::BoundedVec::truncate_from(vec![(BOB, ())])),
		"S1: who is absent was not counted",
		Absent::<Test>::kill,
	);
}

#[test]
fn s2_should_fail_when_counts_are_wrong() {
	let put =
		|counts: Vec<_>| Missed::<Test>::put(frame_support::BoundedVec::truncate_from(counts));
	for count in [0, LIMIT] {
		broken(
			|| put(vec![(ALICE, count)]),
			"S2: a count is zero, or has reached the limit",
			Missed::<Test>::kill,
		);
	}
	broken(
		|| put(vec![(ALICE, 1), (ALICE, 2)]),
		"S2: a validator is counted twice",
		Missed::<Test>::kill,
	);
}

#[test]
fn s3_should_fail_when_turnouts_are_impossible() {
	broken(
		|| Turnouts::<Test>::insert(1, Turnout { validators: 1, present: 2 }),
		"S3: more took part than there were",
		|| Turnouts::<Test>::remove(1),
	);
	broken(
		|| {
			for session in 2..10 {
				Turnouts::<Test>::insert(session, Turnout { validators: 1, present: 1 });
			}
		},
		"S3: more turnouts than are to be kept",
		|| (2..10).for_each(Turnouts::<Test>::remove),
	);
}

/// The oracle has paid two penalties, 0 and 1, and the relay has one that waits, 2. Something is broken.
fn broken_penalties(by: impl FnOnce(), complaint: &'static str) {
	new_test_ext().execute_with(|| {
		accuse(&ORACLE, Fault::DataManipulation, 1);
		accuse(&ORACLE, Fault::DataManipulation, 2);
		pass(WAIT);
		accuse(&RELAY, Fault::WithheldMessage, 1);
		assert_ok!(Slashing::do_try_state());
		by();
		assert_err!(Slashing::do_try_state(), TryRuntimeError::Other(complaint));
	});
}

/// Changes a penalty behind the pallet's back.
fn change_penalty(id: u64, by: impl FnOnce(&mut PenaltyOf<Test>)) {
	Penalties::<Test>::mutate(id, |penalty| by(penalty.as_mut().unwrap()));
}

#[test]
fn s4_should_fail_when_numbers_are_wrong() {
	broken_penalties(|| FirstKept::<Test>::put(3), "S4: the first penalties are out of order");
	broken_penalties(|| FirstPending::<Test>::put(4), "S4: the first penalties are out of order");
	let missing = "S4: a penalty is missing, or kept out of its time";
	broken_penalties(|| Penalties::<Test>::remove(0), missing);
	let copy = || Penalties::<Test>::insert(7, Penalties::<Test>::get(0).unwrap());
	broken_penalties(copy, missing);
	broken_penalties(|| FirstKept::<Test>::put(1), missing);
	broken_penalties(|| FirstPending::<Test>::put(3), "S4: a penalty that waits was passed over");
}

#[test]
fn s5_should_fail_when_a_penalty_is_impossible() {
	let role = "S5: a penalty is for what its role can't do";
	broken_penalties(|| change_penalty(2, |penalty| penalty.role = Role::Oracle), role);
	let validator = |penalty: &mut PenaltyOf<Test>| {
		penalty.role = Role::Validator;
		penalty.fault = Fault::DoubleVoting;
	};
	broken_penalties(|| change_penalty(2, validator), role);
	broken_penalties(
		|| change_penalty(2, |penalty| penalty.amount = 0),
		"S5: a penalty costs nothing",
	);
	let times = "S5: a penalty's times are out of order";
	broken_penalties(|| change_penalty(2, |penalty| penalty.happened += 1), times);
	broken_penalties(|| change_penalty(2, |penalty| penalty.reported_at += 1), times);
	broken_penalties(|| change_penalty(2, |penalty| penalty.due_at = 1), times);
	let taken = PenaltyStatus::Executed { taken: 25 * RWA + 1 };
	broken_penalties(
		|| change_penalty(0, |penalty| penalty.status = taken),
		"S5: more was taken than a penalty is",
	);
}

#[test]
fn s6_should_fail_when_accusations_are_wrong() {
	broken_penalties(|| Pending::<Test>::insert(ORACLE, 7, ()), "S6: an unknown penalty waits");
	for id in [0, 2] {
		broken_penalties(
			|| Pending::<Test>::insert(ORACLE, id, ()),
			"S6: somebody stands accused without cause",
		);
	}
	broken_penalties(
		|| Pending::<Test>::remove(RELAY, 2),
		"S6: a penalty waits and its offender is not accused",
	);
}

#[test]
fn s7_should_fail_when_evidence_is_lost_or_made_up() {
	let mark = Slashing::mark_of(&ORACLE, Fault::DataManipulation, &H256::repeat_byte(2));
	let lost = "S7: a penalty's evidence is not known";
	broken_penalties(|| Known::<Test>::remove(mark), lost);
	broken_penalties(|| Known::<Test>::insert(mark, 0), lost);
	broken_penalties(
		|| Known::<Test>::insert(H256::zero(), 0),
		"S7: evidence is known that no penalty is for",
	);
}

#[test]
fn s8_should_fail_when_charges_are_wrong() {
	let charged = |charged| {
		Charged::<Test>::insert(&ORACLE, Charge { period_start: 1, base: 500 * RWA, charged })
	};
	broken_penalties(|| charged(0), "S8: an account was charged nothing");
	broken_penalties(|| charged(150 * RWA + 1), "S8: an account was charged more than the cap");
	let sum = "S8: a charge is not the sum of its penalties";
	broken_penalties(|| charged(50 * RWA - 1), sum);
	broken_penalties(
		|| Charged::<Test>::insert(&RELAY, Charge { period_start: 42, base: RWA, charged: 1 }),
		sum,
	);
}
