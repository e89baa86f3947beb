use crate::mock::{execute, pass_session, Reported, Slashing, ALICE, BOB, LIMIT};
use sp_runtime::Perbill;

#[test]
fn a_validator_that_is_away_for_a_day_should_be_reported() {
	execute(|| {
		// Alice's machine has died. Bob's lost its network for one session only.
		pass_session(1, &[ALICE, BOB]);
		pass_session(2, &[ALICE]);
		assert_eq!((Slashing::missed(ALICE), Slashing::missed(BOB)), (2, 0));

		// Three sessions in a row are a day in this runtime.
		assert_eq!(LIMIT, 3);
		pass_session(3, &[ALICE]);
		let offence = &Reported::get()[0];
		assert_eq!(offence.offenders, [(ALICE, ())]);
		assert_eq!(offence.fraction, Perbill::from_percent(10));

		// Of four sessions' turnout three are known: 2, 3 and 3 of 4.
		assert_eq!(Slashing::participation(), Some(Perbill::from_rational(8u32, 12)));
	});
}
