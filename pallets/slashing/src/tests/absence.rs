//! Who is away, for how long, and what follows.

use crate::{
	mock::{
		execute, pass_session, Halted, Reported, Slashing, System, Test, Tier, Validators, ALICE,
		BOB, CHARLIE, LIMIT, SESSION,
	},
	Event, Missed,
};
use sp_runtime::Perbill;
use sp_staking::offence::Offence;

/// The sessions for which somebody was reported, with the accounts.
fn reported() -> Vec<(u32, Vec<rwa_primitives::AccountId>)> {
	Reported::get()
		.into_iter()
		.map(|offence| {
			let accounts = offence.offenders.into_iter().map(|(account, ())| account).collect();
			(offence.session, accounts)
		})
		.collect()
}

#[test]
fn absence_should_be_counted_in_a_row() {
	execute(|| {
		pass_session(1, &[ALICE]);
		System::assert_has_event(
			Event::SessionMissed { validator: ALICE, session: 1, missed: 1 }.into(),
		);
		pass_session(2, &[ALICE, BOB]);
		System::assert_has_event(
			Event::SessionMissed { validator: ALICE, session: 2, missed: 2 }.into(),
		);
		assert_eq!((Slashing::missed(ALICE), Slashing::missed(BOB)), (2, 1));
		// Back for one session, Alice starts from nothing.
		pass_session(3, &[BOB]);
		pass_session(4, &[ALICE]);
		assert_eq!((Slashing::missed(ALICE), Slashing::missed(BOB)), (1, 0));
		assert_eq!(reported(), []);
	});
}

#[test]
fn the_limit_should_be_reported_once_and_the_count_begin_anew() {
	execute(|| {
		for session in 1..=2 * LIMIT {
			pass_session(session, &[ALICE]);
			assert_eq!(Slashing::missed(ALICE), session % LIMIT);
		}
		assert_eq!(reported(), [(3, vec![ALICE]), (6, vec![ALICE])]);
		System::assert_has_event(
			Event::OfflineReported {
				validator: ALICE,
				session: 6,
				fraction: Perbill::from_percent(10),
			}
			.into(),
		);
	});
}

/// The SDK's own formula costs more the more are away, and nothing when few are. Ours costs the tier.
#[test]
fn the_price_should_be_the_tier_however_many_are_away() {
	execute(|| {
		Tier::set(Perbill::from_percent(7));
		for session in 1..=LIMIT {
			pass_session(session, &[ALICE, BOB, CHARLIE]);
		}
		let offence = Reported::get().remove(0);
		assert_eq!(offence.offenders().len(), 3);
		assert_eq!((offence.validator_set_count(), offence.session_index()), (4, 3));
		for offenders in 1..=4 {
			assert_eq!(offence.slash_fraction(offenders), Perbill::from_percent(7));
		}
	});
}

#[test]
fn a_halted_session_should_count_for_nobody() {
	execute(|| {
		pass_session(1, &[ALICE]);
		// One block of it was halted. Bob was there, and Alice was not.
		Halted::set(1);
		pass_session(2, &[ALICE, BOB]);
		assert_eq!((Slashing::missed(ALICE), Slashing::missed(BOB)), (1, 0));
		// All of it was.
		Halted::set(1 + SESSION);
		pass_session(3, &[ALICE]);
		assert_eq!(Slashing::missed(ALICE), 1);
		// It works again.
		pass_session(4, &[ALICE]);
		pass_session(5, &[ALICE]);
		assert_eq!(reported(), [(5, vec![ALICE])]);
	});
}

#[test]
fn who_is_no_validator_any_more_should_be_forgotten() {
	execute(|| {
		pass_session(1, &[ALICE]);
		pass_session(2, &[ALICE]);
		Validators::set(vec![BOB, CHARLIE]);
		pass_session(3, &[]);
		assert_eq!(Slashing::missed(ALICE), 0);
		assert!(Missed::<Test>::get().is_empty());
	});
}
