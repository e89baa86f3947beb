//! What a report may rest on, and how far a feed has used a device.

use std::collections::BTreeSet;

use frame_support::{assert_noop, assert_ok};
use rwa_primitives::{
	device::{DeviceKey, DeviceState, Measurement},
	feed::{Evidence, EvidenceRule, MeasurementRef, Observation, RoundIndex},
};
use sp_core::{ed25519, Pair, H256};
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionValidityError};

use crate::{mock::*, DutyState, Error, Event, FeedSpec, FeedSpecOf, TestimoniesIn, BAD_EVIDENCE};

/// Only what devices sign is good enough.
fn strict() -> FeedSpecOf<Test> {
	FeedSpec { evidence: EvidenceRule::Required, ..spec() }
}

/// What an honest reporter says that has read [`device`].
fn read(counter: u64, value: i128) -> Observation {
	measurement(counter, value).observation(&genesis_hash())
}

/// What a reporter says that has seen nothing of the kind.
fn made_up(counter: u64, value: i128) -> Observation {
	made_up_of(device_key(), counter, value)
}

fn made_up_of(device: DeviceKey, counter: u64, value: i128) -> Observation {
	let hash = H256::repeat_byte(0xbb);
	let named = MeasurementRef { device, counter, digest: hash };
	Observation { evidence: Some(Evidence::Measurement(named)), ..observe(value) }
}

/// Another device, which is not registered anywhere.
fn other_device() -> DeviceKey {
	DeviceKey::Ed25519(ed25519::Pair::from_seed(&[2; 32]).public())
}

fn image() -> Observation {
	Observation { evidence: Some(Evidence::Content(H256::repeat_byte(5))), ..observe(2_000) }
}

/// How far [`FEED`] has used [`device`].
fn used() -> u64 {
	Counters::get().get(&(device_key(), FEED)).copied().unwrap_or(0)
}

/// A round in which four reporters have committed to `observation`, and may reveal.
fn round_of(observation: &Observation) -> RoundIndex {
	let round = open_next_round();
	(1..=4).for_each(|account| commit_observation(account, round, observation));
	to_reveal();
	round
}

/// Neither the pool nor a block takes what 1 reveals.
#[track_caller]
fn assert_refused(round: RoundIndex, observation: &Observation, why: Error<Test>) {
	let batch = signed(1, [to_reveal_observation(1, round, observation.clone())]);
	let by_pool = InvalidTransaction::Custom(BAD_EVIDENCE);
	assert_eq!(authorize(batch.clone()), Err(TransactionValidityError::Invalid(by_pool)));
	assert_noop!(dispatch(batch), why);
}

#[track_caller]
fn assert_taken(round: RoundIndex, observation: &Observation) {
	say(1, to_reveal_observation(1, round, observation.clone()));
	let duty = Oracle::open_round(FEED).unwrap().duty_of(&1).unwrap().state.clone();
	assert_eq!(duty, DutyState::Revealed(observation.clone()));
}

#[test]
fn a_report_should_name_what_a_registered_device_has_signed() {
	ExtBuilder::default().build_and_execute(|| {
		let observation = read(17, 2_000);
		let round = round_of(&observation);
		assert_taken(round, &observation);
	});
}

#[test]
fn a_feed_that_requires_a_measurement_should_take_nothing_else() {
	ExtBuilder::default().spec(strict()).build_and_execute(|| {
		for observation in [observe(2_000), image()] {
			let round = round_of(&observation);
			assert_refused(round, &observation, Error::MeasurementRequired);
			to_end();
		}
		let observation = read(17, 2_000);
		let round = round_of(&observation);
		assert_taken(round, &observation);
	});
}

#[test]
fn a_feed_that_does_not_should_take_anything() {
	ExtBuilder::default().build_and_execute(|| {
		for observation in [observe(2_000), image(), read(17, 2_000)] {
			let round = round_of(&observation);
			assert_taken(round, &observation);
			to_end();
		}
	});
}

#[test]
fn a_device_that_is_not_registered_on_the_asset_should_be_no_evidence() {
	ExtBuilder::default().build_and_execute(|| {
		let unknown = made_up_of(other_device(), 1, 2_000);
		let round = round_of(&unknown);
		assert_refused(round, &unknown, Error::UnknownDevice);
		add_device(&other_device(), FEED.asset + 1);
		assert_refused(round, &unknown, Error::UnknownDevice);
		add_device(&other_device(), FEED.asset);
		assert_taken(round, &unknown);
	});
}

#[test]
fn a_device_that_was_out_of_service_when_the_round_opened_should_be_no_evidence() {
	ExtBuilder::default().build_and_execute(|| {
		let observation = read(17, 2_000);
		let round = round_of(&observation);
		let opened_at = Oracle::open_round(FEED).unwrap().opened_at;
		let before = opened_at - 1;
		set_state(&device_key(), DeviceState::Retired { since: before });
		assert_refused(round, &observation, Error::DeviceRetired);
		set_state(&device_key(), DeviceState::Condemned { since: before });
		assert_refused(round, &observation, Error::DeviceCondemned);
	});
}

/// Or its owner could make everybody miss the round who has committed to what it has measured.
#[test]
fn a_device_that_left_service_since_should_be_as_good_as_before() {
	let ways = [
		|since: u32| DeviceState::Retired { since },
		|since: u32| DeviceState::Condemned { since },
	];
	for gone in ways {
		ExtBuilder::default().build_and_execute(|| {
			let observation = read(17, 2_000);
			let round = round_of(&observation);
			set_state(&device_key(), gone(Oracle::open_round(FEED).unwrap().opened_at));
			assert_taken(round, &observation);
			to_end();

			let round = round_of(&observation);
			let batch = signed(1, [to_reveal_observation(1, round, observation.clone())]);
			assert!(authorize(batch).is_err(), "in the next round it isn't");
		});
	}
}

#[test]
fn an_older_measurement_than_the_feed_has_used_should_be_a_replay() {
	ExtBuilder::default().build_and_execute(|| {
		observe_all(&[read(17, 2_000), read(17, 2_000), read(17, 2_000), read(17, 2_000)]);
		assert_eq!(used(), 17);
		let replay = read(16, 2_000);
		let round = round_of(&replay);
		assert_refused(round, &replay, Error::Replayed);
		to_end();
		// A device that measures less often than the feed is read twice.
		let again = read(17, 2_000);
		let round = round_of(&again);
		assert_taken(round, &again);
	});
}

#[test]
fn a_counter_should_count_for_its_feed_alone() {
	ExtBuilder::default().build_and_execute(|| {
		let other = rwa_primitives::feed::FeedId { asset: FEED.asset, ..other_feed(0) };
		Counters::mutate(|counters| counters.insert((device_key(), other), 100));
		let observation = read(17, 2_000);
		let round = round_of(&observation);
		assert_taken(round, &observation);
	});
}

#[test]
fn a_third_of_the_weight_should_move_the_counter_and_less_should_not() {
	ExtBuilder::default().build_and_execute(|| {
		// Of four each has a quarter.
		observe_all(&[read(30, 2_000), read(20, 2_000), read(10, 2_000), observe(2_000)]);
		assert_eq!(used(), 20, "one alone has reached 30");
		observe_all(&[read(20, 2_000), read(20, 2_000), read(21, 2_000), observe(2_000)]);
		assert_eq!(used(), 20);
	});
}

/// What is named isn't proven: a liar must not keep a feed from using a device ever again.
#[test]
fn one_liar_should_not_lock_a_device_out() {
	ExtBuilder::default().build_and_execute(|| {
		let honest = || read(17, 2_000);
		observe_all(&[made_up(u64::MAX, 2_000), honest(), honest(), honest()]);
		assert_eq!(used(), 17);
		observe_all(&[made_up(u64::MAX, 2_000), observe(2_000), observe(2_000), observe(2_000)]);
		assert_eq!(used(), 17);
		let next = read(18, 2_000);
		let round = round_of(&next);
		assert_taken(round, &next);
	});
}

#[test]
fn outliers_should_not_move_the_counter() {
	ExtBuilder::default().reporters(7).build_and_execute(|| {
		// Two of seven, and one more that is right: three have a third, but the two don't count.
		let honest = || read(17, 2_000);
		observe_all(&[
			made_up(90, 9_000),
			made_up(90, 9_000),
			made_up(90, 2_000),
			honest(),
			honest(),
			honest(),
			honest(),
		]);
		assert_eq!(used(), 17);
	});
}

#[test]
fn a_round_that_fails_should_not_move_the_counter() {
	ExtBuilder::default().build_and_execute(|| {
		let far = |account: i128| read(17, 1_000 * account);
		observe_all(&[far(1), far(2), far(3), far(4)]);
		assert!(events().iter().any(|event| matches!(event, Event::RoundFailed { .. })));
		assert_eq!(used(), 0);
	});
}

#[test]
fn a_device_that_is_gone_by_the_end_should_not_keep_a_round_from_closing() {
	ExtBuilder::default().build_and_execute(|| {
		let observation = read(17, 2_000);
		let round = round_of(&observation);
		(1..=4).for_each(|account| {
			say(account, to_reveal_observation(account, round, observation.clone()));
		});
		Instruments::mutate(|instruments| instruments.clear());
		to_end();
		assert_eq!(Oracle::latest(FEED).unwrap().round, round);
		assert_eq!(used(), 0);
	});
}

#[test]
fn what_was_revealed_should_be_kept_as_long_as_it_can_be_proven() {
	ExtBuilder::default().build_and_execute(|| {
		let observations = [read(17, 2_000), image(), observe(2_000), made_up(17, 2_000)];
		let first = observe_all(&observations);
		let kept = Oracle::testimonies(FEED, first).unwrap();
		assert_eq!(kept.ended_at, Now::get());
		let expected = BTreeSet::from([
			observations[0].testimony(&FEED, first, &1u64),
			observations[3].testimony(&FEED, first, &4u64),
		]);
		let hashes: BTreeSet<H256> = kept.hashes.into_iter().collect();
		assert_eq!(hashes, expected, "only what a device has measured");

		let second =
			observe_all(&[read(17, 2_000), observe(2_000), observe(2_000), observe(2_000)]);
		let third = observe_all(&[observe(2_000), observe(2_000), observe(2_000), observe(2_000)]);
		assert_eq!(Oracle::testimonies(FEED, third), None, "nothing to keep");
		assert!(Oracle::testimonies(FEED, first).is_some());
		assert_eq!(open_next_round(), third + 1);
		assert_eq!(Oracle::testimonies(FEED, first), None);
		assert!(Oracle::testimonies(FEED, second).is_some());
	});
}

#[test]
fn rounds_that_do_not_open_should_let_it_be_forgotten_too() {
	ExtBuilder::default().build_and_execute(|| {
		let round =
			observe_all(&[read(17, 2_000), read(17, 2_000), read(17, 2_000), read(17, 2_000)]);
		for account in 1..=4 {
			assert_ok!(Oracle::leave_feed(by(account), FEED));
		}
		while crate::LastRound::<Test>::get(FEED) < round + 2 {
			to_next_block();
		}
		assert!(TestimoniesIn::<Test>::contains_key(FEED, round));
		while crate::LastRound::<Test>::get(FEED) < round + 3 {
			to_next_block();
		}
		assert_eq!(TestimoniesIn::<Test>::iter().count(), 0);
	});
}

#[test]
fn a_failed_rounds_reports_should_be_kept_too() {
	ExtBuilder::default().build_and_execute(|| {
		let far = |account: i128| read(17, 1_000 * account);
		let round = observe_all(&[far(1), far(2), far(3), far(4)]);
		assert_eq!(Oracle::testimonies(FEED, round).unwrap().hashes.len(), 4);
	});
}

/// Three rounds of a feed that is removed then.
fn remove_after_reports() {
	(0..3).for_each(|_| {
		observe_all(&[read(17, 2_000), read(17, 2_000), read(17, 2_000), read(17, 2_000)]);
	});
	assert_eq!(TestimoniesIn::<Test>::iter().count(), 3);
	assert_ok!(Oracle::remove_feed(by(OWNER), FEED));
}

/// Or the owner of a feed could save whoever lied in it.
#[test]
fn what_was_revealed_in_a_removed_feed_should_be_kept_for_a_while() {
	ExtBuilder::default().build_and_execute(|| {
		remove_after_reports();
		let forgotten_at = Now::get() + ProofTime::get();
		run_to(forgotten_at - 1);
		assert_eq!(TestimoniesIn::<Test>::iter().count(), 3);
		assert_ok!(Oracle::do_try_state());
		run_to(forgotten_at);
		assert_eq!(TestimoniesIn::<Test>::iter().count(), 0);
		assert_eq!(crate::Agenda::<Test>::iter().count(), 0);
		// That was no feed's round.
		assert!(events().is_empty());
	});
}

#[test]
fn a_feed_without_evidence_should_leave_nothing_to_forget() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		report_all(round, &[1, 2, 3, 4]);
		assert_ok!(Oracle::remove_feed(by(OWNER), FEED));
		assert_eq!(crate::Due::<Test>::get(FEED), None);
	});
}

#[test]
fn a_feed_made_anew_should_take_over_what_was_revealed_under_its_name() {
	ExtBuilder::default().build_and_execute(|| {
		remove_after_reports();
		let last = crate::LastRound::<Test>::get(FEED);
		assert_ok!(Oracle::create_feed(by(OWNER), FEED, spec(), crate::Admission::Open));
		(1..=4).for_each(|account| join(account, FEED));
		assert_ok!(Oracle::top_up(by(OWNER), FEED, BUDGET / 2));
		assert_eq!(TestimoniesIn::<Test>::iter().count(), 3);
		// By its rounds, as if it had never been away.
		for round in last + 1..=last + ProofRounds::get() {
			assert_eq!(open_next_round(), round);
			to_end();
			assert_ok!(Oracle::do_try_state());
		}
		assert_eq!(TestimoniesIn::<Test>::iter().count(), 0);
	});
}

#[test]
fn a_testimony_should_be_of_one_reporter_round_feed_and_observation() {
	let told = read(17, 2_000);
	let testimony = told.testimony(&FEED, 1, &1u64);
	assert_eq!(testimony, told.testimony(&FEED, 1, &1u64));
	let taken_later = Measurement { taken_at: 1, ..measurement(17, 2_000) };
	for other in [
		told.testimony(&FEED, 1, &2u64),
		told.testimony(&FEED, 2, &1u64),
		told.testimony(&other_feed(1), 1, &1u64),
		read(17, 2_001).testimony(&FEED, 1, &1u64),
		taken_later.observation(&genesis_hash()).testimony(&FEED, 1, &1u64),
	] {
		assert_ne!(testimony, other);
	}
}
