//! What is remembered of nodes, and who may say something.

use crate::{
	mock::{
		bond_with_staking, events, leave_staking, node, pass, register, signed, transact,
		ExtBuilder, NodeRegistry, Test, ALICE, BOB, CAP, MALLORY, PAUPER, RWA, UNBONDING, WINDOW,
	},
	Call, Error, Event, RatingRight, Ratings,
};
use frame_support::{assert_noop, assert_ok, dispatch::Pays};
use rwa_primitives::{
	app_key::Role,
	reputation::{Record, Stars},
	traits::{Conduct, Reputation},
};

/// Alice finishes a job for Bob.
fn job() {
	assert_ok!(NodeRegistry::note_finished_job(&ALICE, &BOB));
}

fn rate(stars: u8) -> sp_runtime::DispatchResult {
	NodeRegistry::rate(signed(&BOB), ALICE, stars)
}

#[test]
fn a_client_should_rate_a_finished_job_once() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		assert_noop!(rate(5), Error::<Test>::NoFinishedJob);
		job();
		assert_eq!(events(), [Event::JobFinished { node: ALICE, client: BOB, may_rate: true }]);
		assert_ok!(rate(5));
		assert_eq!(events(), [Event::NodeRated { node: ALICE, client: BOB, stars: 5 }]);
		assert_noop!(rate(1), Error::<Test>::AlreadyRated);

		let mut expected = Record::default();
		expected.note_job();
		expected.note_rating(Stars::new(5).unwrap());
		assert_eq!(node(&ALICE).standing, expected);
	});
}

#[test]
fn each_number_of_stars_should_be_worth_more_than_the_one_before() {
	let mut last = None;
	for stars in 1..=5 {
		ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
			job();
			assert_ok!(rate(stars));
			let score = NodeRegistry::score(&ALICE);
			assert!(score > last, "{stars} stars give {score:?}");
			last = score;
		});
	}
}

#[test]
fn a_rating_should_have_one_to_five_stars() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		job();
		for stars in [0, 6, u8::MAX] {
			assert_noop!(rate(stars), Error::<Test>::BadStars);
		}
	});
}

#[test]
fn nobody_but_the_client_should_rate() {
	ExtBuilder::default().node(ALICE, Role::Oracle).node(BOB, Role::Relay).build_and_execute(
		|| {
			job();
			for stranger in [&ALICE, &MALLORY] {
				assert_noop!(
					NodeRegistry::rate(signed(stranger), ALICE, 5),
					Error::<Test>::NoFinishedJob
				);
			}
			// Nor is it the other way round.
			assert_noop!(NodeRegistry::rate(signed(&ALICE), BOB, 5), Error::<Test>::NoFinishedJob);
		},
	);
}

#[test]
fn a_right_to_rate_should_lapse() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		job();
		pass(WINDOW);
		assert_noop!(rate(5), Error::<Test>::RatingLapsed);
		job();
		pass(WINDOW - 1);
		assert_ok!(rate(5));
	});
}

#[test]
fn another_job_should_prolong_the_right_to_rate_but_give_no_second_one() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		job();
		pass(WINDOW - 1);
		job();
		pass(WINDOW - 1);
		assert_ok!(rate(5));
		assert_noop!(rate(5), Error::<Test>::AlreadyRated);
		assert_eq!(node(&ALICE).standing.jobs(), 2);
	});
}

#[test]
fn a_pair_should_rate_once_in_a_window_however_many_jobs_there_are() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		job();
		assert_ok!(rate(5));
		pass(WINDOW - 1);
		events();
		job();
		assert_eq!(events(), [Event::JobFinished { node: ALICE, client: BOB, may_rate: false }]);
		assert_noop!(rate(5), Error::<Test>::AlreadyRated);
		// The window has passed, but the job was finished in it.
		pass(1);
		assert_noop!(rate(5), Error::<Test>::AlreadyRated);
		job();
		assert_ok!(rate(5));
	});
}

#[test]
fn pairs_should_not_stand_in_each_others_way() {
	let builder = ExtBuilder::default().node(ALICE, Role::Oracle).node(MALLORY, Role::Relay);
	builder.build_and_execute(|| {
		job();
		assert_ok!(rate(5));
		assert_ok!(NodeRegistry::note_finished_job(&MALLORY, &BOB));
		assert_ok!(NodeRegistry::note_finished_job(&ALICE, &PAUPER));
		assert_ok!(NodeRegistry::rate(signed(&BOB), MALLORY, 1));
		assert_ok!(NodeRegistry::rate(signed(&PAUPER), ALICE, 1));
	});
}

#[test]
fn jobs_of_nobody_and_for_oneself_should_be_refused() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		assert_noop!(NodeRegistry::note_finished_job(&ALICE, &ALICE), Error::<Test>::SelfDealing);
		assert_noop!(NodeRegistry::note_finished_job(&BOB, &ALICE), Error::<Test>::UnknownNode);
	});
}

#[test]
fn a_node_that_is_gone_should_not_be_rated() {
	ExtBuilder::default().node(ALICE, Role::Validator).build_and_execute(|| {
		job();
		leave_staking(&ALICE);
		assert_ok!(NodeRegistry::deregister(signed(&ALICE)));
		assert_noop!(rate(5), Error::<Test>::UnknownNode);
		pass(WINDOW);
		assert_ok!(NodeRegistry::clear_rating(signed(&BOB), ALICE, BOB));
	});
}

#[test]
fn anyone_should_clear_what_has_lapsed_free_of_charge() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		let clear = || transact(&MALLORY, Call::clear_rating { node: ALICE, client: BOB });
		assert_noop!(clear().map_err(|e| e.error), Error::<Test>::NoFinishedJob);
		job();
		assert_ok!(rate(5));
		pass(WINDOW - 1);
		assert_noop!(clear().map_err(|e| e.error), Error::<Test>::RatingNotLapsed);
		pass(1);
		events();
		assert_eq!(clear().unwrap().pays_fee, Pays::No);
		assert_eq!(events(), [Event::RatingCleared { node: ALICE, client: BOB }]);
		assert_eq!(Ratings::<Test>::iter().count(), 0);
		// The rating itself stays.
		assert!(NodeRegistry::score(&ALICE) > Some(1_000));
		assert_eq!(clear().unwrap_err().post_info.pays_fee, Pays::Yes);
	});
}

#[test]
fn a_right_should_be_recorded_as_documented() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		job();
		let right = |rated| Some(RatingRight { until: 1 + WINDOW, rated });
		assert_eq!(Ratings::<Test>::get(ALICE, BOB), right(false));
		assert_ok!(rate(3));
		assert_eq!(Ratings::<Test>::get(ALICE, BOB), right(true));
	});
}

#[test]
fn proven_facts_should_move_the_accuracy_and_say_so() {
	ExtBuilder::default().node(ALICE, Role::Verifier).build_and_execute(|| {
		NodeRegistry::note_proven(&ALICE, true);
		assert_eq!(events(), [Event::FactProven { node: ALICE, right: true }]);
		// Two of three, instead of one of two, of 1000 points.
		assert_eq!(NodeRegistry::score(&ALICE), Some(1_166));
		NodeRegistry::note_proven(&ALICE, false);
		NodeRegistry::note_proven(&ALICE, false);
		assert!(NodeRegistry::score(&ALICE) < Some(1_000));
	});
}

#[test]
fn more_stake_should_raise_the_score_but_not_the_merit() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		assert_ok!(NodeRegistry::bond_more(signed(&ALICE), 500 * RWA));
		let reputation = NodeRegistry::reputation(ALICE).unwrap();
		assert_eq!((reputation.score, reputation.merit), (1_049, 850));
		assert_eq!(NodeRegistry::vote_weight(&ALICE), 1_000 * RWA * 850);
	});
}

#[test]
fn a_vote_should_weigh_no_more_than_the_cap() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(register(&ALICE, Role::Oracle, 2 * CAP));
		assert_eq!(NodeRegistry::vote_weight(&ALICE), CAP * 850);
		bond_with_staking(&BOB, 2 * CAP);
		assert_ok!(register(&BOB, Role::Validator, 0));
		assert_eq!(NodeRegistry::vote_weight(&BOB), CAP * 850);
	});
}

#[test]
fn whoever_is_not_active_should_have_a_score_but_no_vote() {
	ExtBuilder::default().node(ALICE, Role::Oracle).build_and_execute(|| {
		assert_ok!(NodeRegistry::chill(signed(&ALICE)));
		assert_eq!(NodeRegistry::vote_weight(&ALICE), 0);
		assert_eq!(NodeRegistry::score(&ALICE), Some(1_000));
		assert_ok!(NodeRegistry::deregister(signed(&ALICE)));
		// What is leaving is no stake any more.
		assert_eq!(NodeRegistry::score(&ALICE), Some(850));
		pass(UNBONDING);
		assert_ok!(NodeRegistry::withdraw_unbonded(signed(&ALICE)));
		assert_eq!(NodeRegistry::score(&ALICE), None);
	});
}
