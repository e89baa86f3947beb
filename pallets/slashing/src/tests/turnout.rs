//! How many took part.

use crate::{
	mock::{execute, pass_session, Slashing, System, ALICE, BOB, HISTORY},
	Event, Turnout,
};
use sp_runtime::Perbill;

#[test]
fn each_sessions_turnout_should_be_kept_and_said() {
	execute(|| {
		assert_eq!(Slashing::participation(), None);
		pass_session(1, &[]);
		let turnout = Turnout { validators: 4, present: 4 };
		assert_eq!(Slashing::turnout(1), Some(turnout));
		System::assert_has_event(Event::SessionEnded { session: 1, turnout }.into());
		pass_session(2, &[ALICE, BOB]);
		assert_eq!(Slashing::turnout(2), Some(Turnout { validators: 4, present: 2 }));
		assert_eq!(Slashing::participation(), Some(Perbill::from_percent(75)));
	});
}

#[test]
fn old_turnouts_should_be_forgotten() {
	execute(|| {
		pass_session(1, &[ALICE, BOB]);
		for session in 2..=HISTORY + 1 {
			pass_session(session, &[]);
		}
		assert_eq!(Slashing::turnout(1), None);
		assert_eq!(Slashing::participation(), Some(Perbill::one()));
	});
}
