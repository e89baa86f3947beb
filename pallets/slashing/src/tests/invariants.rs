//! Each invariant's check can fail.

use crate::{
	mock::{execute, pass_session, Slashing, Test, ALICE, BOB, LIMIT},
	Absent, Missed, Turnout, Turnouts,
};
use frame_support::{assert_err, assert_ok};
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
