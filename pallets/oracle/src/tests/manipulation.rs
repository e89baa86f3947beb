//! Reports that were made up are shown to be, and who was framed is cleared.

use std::collections::BTreeMap;

use frame_support::{assert_noop, assert_ok, dispatch::Pays};
use log::Level;
use rwa_primitives::{
	device::{DeviceState, Measurement, SignedMeasurement},
	fault::Fault,
	feed::{Evidence, MeasurementRef, Observation, RoundIndex},
	reading::Reading,
	worker::{ReadingRule, SignedRule},
};
use sp_core::H256;

use super::web::{source_of, take_log, take_warnings, Node, Site};
use crate::{
	functions::devices::LOOK_EVERY, mock::*, Error, Event, FeedSpec, FeedSpecOf, TestimoniesIn,
};

/// What the device has measured.
const TRUTH: i128 = 2_000;
/// What the liar says instead.
const LIE: i128 = 2_010;
/// The device's counter.
const COUNTER: u64 = 17;
/// Among four reporters the one who may lie.
const ACCUSED: Account = 4;

fn read(value: i128) -> Observation {
	measurement(COUNTER, value).observation(&genesis_hash())
}

/// What names the true measurement, and says `value`.
fn misquoted(value: i128) -> Observation {
	Observation { reading: Reading::Scalar(value), ..read(TRUTH) }
}

/// What names a measurement that nobody has seen.
fn invented(value: i128) -> Observation {
	let (device, hash) = (device_key(), H256::repeat_byte(0xbb));
	let named = MeasurementRef { device, counter: COUNTER, digest: hash };
	Observation { evidence: Some(Evidence::Measurement(named)), ..observe(value) }
}

/// A round in which three say what is true, and [`ACCUSED`] something.
fn round_with(observation: &Observation) -> RoundIndex {
	observe_all(&[read(TRUTH), read(TRUTH), read(TRUTH), observation.clone()])
}

fn truth() -> Box<SignedMeasurement> {
	signed_by_device(measurement(COUNTER, TRUTH))
}

fn prove(
	round: RoundIndex,
	observation: &Observation,
	measurement: Box<SignedMeasurement>,
) -> frame_support::dispatch::DispatchResultWithPostInfo {
	let observation = observation.clone();
	Oracle::prove_manipulation(by(BYSTANDER), FEED, round, ACCUSED, observation, measurement)
}

fn absolve(
	round: RoundIndex,
	measurement: Box<SignedMeasurement>,
) -> frame_support::dispatch::DispatchResultWithPostInfo {
	Oracle::absolve(by(ACCUSED), round, ACCUSED, measurement)
}

/// Nothing changes, and why.
#[track_caller]
fn assert_unproven(
	round: RoundIndex,
	observation: &Observation,
	measurement: Box<SignedMeasurement>,
	why: Error<Test>,
) {
	assert_noop!(prove(round, observation, measurement), why);
	assert_eq!(Accused::get(), []);
}

/// Every way to lie.
fn lies() -> [Observation; 3] {
	[misquoted(LIE), invented(LIE), invented(TRUTH)]
}

#[test]
fn another_value_than_the_device_has_signed_should_be_proven_and_punished() {
	for lie in lies() {
		ExtBuilder::default().build_and_execute(|| {
			let round = round_with(&lie);
			let ended_at = Now::get();
			run_to(ended_at + 3);
			System::reset_events();
			assert_eq!(prove(round, &lie, truth()).unwrap().pays_fee, Pays::No);

			let faults = Accused::get();
			assert_eq!(faults.len(), 1);
			let report = &faults[0];
			assert_eq!((report.offender, report.fault), (ACCUSED, Fault::DataManipulation));
			assert_eq!((report.happened, report.reporter), (ended_at, Some(BYSTANDER)));
			assert_eq!(report.evidence, lie.testimony(&FEED, round, &ACCUSED));
			let proven = Event::ManipulationProven {
				feed: FEED,
				round,
				reporter: ACCUSED,
				observation: lie.clone(),
				measurement: *truth(),
				prover: BYSTANDER,
				penalty: Some(0),
			};
			assert_eq!(events(), [proven]);
		});
	}
}

#[test]
fn each_report_should_be_punished_once() {
	ExtBuilder::default().build_and_execute(|| {
		let first = round_with(&misquoted(LIE));
		assert_ok!(prove(first, &misquoted(LIE), truth()));
		assert_noop!(prove(first, &misquoted(LIE), truth()), Error::<Test>::NotTestified);
		// The next one is another one.
		let second = round_with(&misquoted(LIE));
		assert_ok!(prove(second, &misquoted(LIE), truth()));
		assert_eq!(Accused::get().len(), 2);
	});
}

#[test]
fn a_failed_attempt_should_be_paid_for() {
	ExtBuilder::default().build_and_execute(|| {
		let round = round_with(&read(TRUTH));
		let refused = prove(round, &read(TRUTH), truth()).unwrap_err();
		assert_eq!(refused.post_info.pays_fee, Pays::Yes);
		let refused = absolve(round, truth()).unwrap_err();
		assert_eq!(refused.post_info.pays_fee, Pays::Yes);
	});
}

#[test]
fn an_honest_report_should_never_be_proven_false() {
	ExtBuilder::default().build_and_execute(|| {
		let round = round_with(&read(TRUTH));
		assert_unproven(round, &read(TRUTH), truth(), Error::NoManipulation);
		// Not by what it measured before or later, nor by what another device did.
		for counter in [COUNTER - 1, COUNTER + 1] {
			let other = signed_by_device(measurement(counter, LIE));
			assert_unproven(round, &read(TRUTH), other, Error::OtherMeasurement);
		}
		let mut other = truth();
		other.measurement.device = rwa_primitives::device::DeviceKey::Ed25519([9; 32].into());
		assert_unproven(round, &read(TRUTH), other, Error::OtherMeasurement);
		// Nor by what the device hasn't signed.
		let forged = SignedMeasurement { measurement: measurement(COUNTER, LIE), ..*truth() };
		assert_unproven(round, &read(TRUTH), Box::new(forged), Error::NotSignedByDevice);
	});
}

#[test]
fn nothing_should_be_proven_of_what_was_not_revealed() {
	ExtBuilder::default().build_and_execute(|| {
		let lie = misquoted(LIE);
		let round = round_with(&lie);
		assert_unproven(round, &misquoted(LIE + 1), truth(), Error::NotTestified);
		assert_unproven(round, &invented(LIE), truth(), Error::NotTestified);
		assert_unproven(round + 1, &lie, truth(), Error::NotTestified);
		let by_others = |feed, reporter| {
			let (who, lie) = (by(BYSTANDER), lie.clone());
			Oracle::prove_manipulation(who, feed, round, reporter, lie, truth())
		};
		assert_noop!(by_others(FEED, 1), Error::<Test>::NotTestified);
		assert_noop!(by_others(other_feed(1), ACCUSED), Error::<Test>::NotTestified);
		assert_noop!(
			Oracle::prove_manipulation(root(), FEED, round, ACCUSED, lie.clone(), truth()),
			sp_runtime::DispatchError::BadOrigin
		);
	});
}

#[test]
fn reports_without_a_measurement_should_not_be_held_against_one() {
	ExtBuilder::default().build_and_execute(|| {
		let plain = observe(LIE);
		let round = round_with(&plain);
		assert_unproven(round, &plain, truth(), Error::NotTestified);
	});
}

#[test]
fn a_proof_should_wait_for_the_rounds_end_and_come_in_time() {
	ExtBuilder::default().build_and_execute(|| {
		let lie = misquoted(LIE);
		let round = open_next_round();
		(1..=3).for_each(|account| commit_observation(account, round, &read(TRUTH)));
		commit_observation(ACCUSED, round, &lie);
		to_reveal();
		say(ACCUSED, to_reveal_observation(ACCUSED, round, lie.clone()));
		assert_unproven(round, &lie, truth(), Error::NotTestified);
		to_end();
		for _ in 1..ProofRounds::get() {
			open_next_round();
		}
		assert!(TestimoniesIn::<Test>::contains_key(FEED, round));
		open_next_round();
		assert_unproven(round, &lie, truth(), Error::NotTestified);
	});
}

#[test]
fn a_measurement_for_another_feed_should_be_no_basis_of_a_report() {
	ExtBuilder::default().build_and_execute(|| {
		let foreign = Measurement { feed: other_feed(1), ..measurement(COUNTER, TRUTH) };
		let report = foreign.observation(&genesis_hash());
		let round = round_with(&report);
		let signed = signed_by_device(foreign);
		assert_ok!(prove(round, &report, signed.clone()));
		// And is no excuse either.
		assert_noop!(absolve(round, signed), Error::<Test>::NotAccused);
	});
}

/// The device's word stands against the reporter's, and the device has nothing to lose.
#[test]
fn a_device_without_a_deposit_should_accuse_nobody() {
	ExtBuilder::default().build_and_execute(|| {
		let lie = invented(LIE);
		let round = round_with(&lie);
		let states = [DeviceState::Condemned { since: Now::get() }, DeviceState::Active];
		set_state(&device_key(), states[0]);
		assert_unproven(round, &lie, truth(), Error::DeviceCondemned);
		let registered = Instruments::take();
		assert_unproven(round, &lie, truth(), Error::UnknownDevice);
		Instruments::set(registered);
		set_state(&device_key(), states[1]);
		assert_ok!(prove(round, &lie, truth()));
	});
}

/// It needs no device's word: the reporter has named the very bytes.
#[test]
fn who_misquotes_what_it_names_should_be_caught_whatever_becomes_of_the_device() {
	for condemned in [true, false] {
		ExtBuilder::default().build_and_execute(|| {
			let lie = misquoted(LIE);
			let round = round_with(&lie);
			match condemned {
				true => set_state(&device_key(), DeviceState::Condemned { since: Now::get() }),
				false => Instruments::set(BTreeMap::new()),
			}
			assert_ok!(prove(round, &lie, truth()));
		});
	}
}

#[test]
fn a_retired_device_should_accuse_as_long_as_it_is_there() {
	ExtBuilder::default().build_and_execute(|| {
		let lie = invented(LIE);
		let round = round_with(&lie);
		set_state(&device_key(), DeviceState::Retired { since: Now::get() });
		assert_ok!(prove(round, &lie, truth()));
	});
}

/// The owner of a device has it sign the same counter twice, and accuses who was honest.
fn frame() -> RoundIndex {
	let round = round_with(&read(TRUTH));
	let other = signed_by_device(measurement(COUNTER, LIE));
	assert_ok!(prove(round, &read(TRUTH), other));
	assert_eq!(Accused::get().len(), 1);
	round
}

#[test]
fn who_was_framed_should_be_cleared_and_the_device_condemned() {
	ExtBuilder::default().build_and_execute(|| {
		let round = frame();
		System::reset_events();
		assert_eq!(absolve(round, truth()).unwrap().pays_fee, Pays::No);
		let absolved = Event::Absolved {
			feed: FEED,
			round,
			reporter: ACCUSED,
			device: device_key(),
			caller: ACCUSED,
			penalty: 0,
			condemned: true,
		};
		assert_eq!(events(), [absolved]);
		assert_eq!(Condemnations::get(), [(device_key(), ACCUSED)]);
		assert_eq!(Settled::get().into_iter().collect::<Vec<_>>(), [0]);
		// For good, and once.
		assert_noop!(absolve(round, truth()), Error::<Test>::NotAccused);
		let other = signed_by_device(measurement(COUNTER, LIE));
		assert_noop!(prove(round, &read(TRUTH), other), Error::<Test>::NotTestified);
	});
}

#[test]
fn anyone_should_clear_who_was_framed() {
	ExtBuilder::default().build_and_execute(|| {
		let round = frame();
		assert_ok!(Oracle::absolve(by(STRANGER), round, ACCUSED, truth()));
		assert_eq!(Condemnations::get(), [(device_key(), STRANGER)]);
	});
}

/// Neither the end of what is kept, nor that of the feed, takes a defence.
#[test]
fn the_framed_should_be_cleared_as_long_as_the_penalty_waits() {
	ExtBuilder::default().build_and_execute(|| {
		let round = frame();
		for _ in 0..=ProofRounds::get() {
			open_next_round();
			to_end();
		}
		assert_ok!(Oracle::remove_feed(by(OWNER), FEED));
		assert_ok!(absolve(round, truth()));
	});
	ExtBuilder::default().build_and_execute(|| {
		let round = frame();
		Settled::mutate(|settled| settled.insert(0)); // It was taken.
		assert_noop!(absolve(round, truth()), Error::<Test>::NotAccused);
	});
}

#[test]
fn a_device_that_was_condemned_or_removed_before_should_not_keep_the_framed_from_being_cleared() {
	for gone in [true, false] {
		ExtBuilder::default().build_and_execute(|| {
			let round = frame();
			match gone {
				true => Instruments::set(BTreeMap::new()),
				false => set_state(&device_key(), DeviceState::Condemned { since: Now::get() }),
			}
			System::reset_events();
			assert_ok!(absolve(round, truth()));
			assert!(matches!(events()[..], [Event::Absolved { condemned: false, .. }]));
			assert!(Condemnations::get().is_empty());
			assert_eq!(Settled::get().len(), 1);
		});
	}
}

#[test]
fn a_liar_should_not_clear_itself() {
	for lie in lies() {
		ExtBuilder::default().build_and_execute(|| {
			let round = round_with(&lie);
			assert_ok!(prove(round, &lie, truth()));
			// Not by what the device has signed, whichever it is: it has revealed something else.
			let no_excuses = [
				truth(),
				signed_by_device(measurement(COUNTER, LIE)),
				signed_by_device(Measurement { taken_at: 1, ..measurement(COUNTER, LIE) }),
			];
			for signed in no_excuses {
				assert_noop!(absolve(round, signed), Error::<Test>::NotAccused);
			}
			assert!(Condemnations::get().is_empty());
		});
	}
}

#[test]
fn what_the_device_has_not_signed_should_clear_nobody() {
	ExtBuilder::default().build_and_execute(|| {
		// A lie that names a measurement which could exist, but which the device hasn't signed.
		let lie = read(LIE);
		let round = round_with(&lie);
		assert_ok!(prove(round, &lie, truth()));
		let forged = SignedMeasurement { measurement: measurement(COUNTER, LIE), ..*truth() };
		assert_noop!(absolve(round, Box::new(forged)), Error::<Test>::NotSignedByDevice);
	});
}

#[test]
fn who_is_not_accused_should_not_be_cleared() {
	ExtBuilder::default().build_and_execute(|| {
		let round = frame();
		for (round, reporter) in [(round, 1), (round + 1, ACCUSED)] {
			let caller = by(BYSTANDER);
			assert_noop!(
				Oracle::absolve(caller, round, reporter, truth()),
				Error::<Test>::NotAccused
			);
		}
		assert_noop!(
			Oracle::absolve(root(), round, ACCUSED, truth()),
			sp_runtime::DispatchError::BadOrigin
		);
	});
}

// What a node's log says.

const DEVICE_URL: &str = "http://device.example/last";

/// Rounds long enough for several looks.
fn patient() -> FeedSpecOf<Test> {
	FeedSpec { commit_time: 25, reveal_time: 25, heartbeat: 60, max_age: 60, ..spec() }
}

/// A node of `operator`'s that reads the device, which has just measured.
fn reading_node(operator: Account, test: impl FnOnce(&Node, Box<SignedMeasurement>)) {
	Node::execute(ExtBuilder::default().spec(patient()), &[operator], |node| {
		let rule = SignedRule { devices: vec![device_key()], max_skew_ms: 60_000 };
		node.configure([source_of(FEED, DEVICE_URL, ReadingRule::Signed(rule))]);
		let measurement =
			Measurement { taken_at: node.now() - 1_000, ..measurement(COUNTER, TRUTH) };
		let signed = signed_by_device(measurement);
		node.site(DEVICE_URL, Site::Answers(signed.to_json()));
		test(node, signed);
	});
}

/// Blocks pass in which the node works, until the round goes on to `phase`, or ends.
fn work_until(node: &Node, done: impl Fn() -> bool) {
	while !done() {
		node.work();
		node.include();
		to_next_block();
	}
}

fn in_reveal() -> bool {
	Oracle::open_round(FEED).is_some_and(|round| round.phase == crate::Phase::Reveal)
}

/// A round in which [`ACCUSED`]'s node works by itself, and the others say what it measures.
fn round_of_node(node: &Node, observation: &Observation) -> RoundIndex {
	let round = open_next_round();
	(1..ACCUSED).for_each(|account| commit_observation(account, round, observation));
	work_until(node, in_reveal);
	(1..ACCUSED).for_each(|account| {
		say(account, to_reveal_observation(account, round, observation.clone()));
	});
	work_until(node, || Oracle::open_round(FEED).is_none());
	round
}

#[test]
fn a_node_should_say_once_that_its_operator_stands_accused_and_how_to_clear_it() {
	reading_node(ACCUSED, |node, signed| {
		let observation = signed.measurement.observation(&genesis_hash());
		let round = round_of_node(node, &observation);
		let blocks = u32::try_from(LOOK_EVERY).unwrap();
		let look = || {
			(0..=blocks).for_each(|_| {
				node.work();
				to_next_block();
			});
			take_log()
				.into_iter()
				.filter(|(level, line)| *level == Level::Warn && line.contains("stands accused"))
				.map(|(_, line)| line)
				.collect::<Vec<_>>()
		};
		assert!(look().is_empty());
		let other = Measurement { reading: Reading::Scalar(LIE), ..signed.measurement.clone() };
		assert_ok!(prove(round, &observation, signed_by_device(other)));

		let lines = look();
		assert_eq!(lines.len(), 1, "{lines:?}");
		let json = signed.defence_json(round, &codec::Encode::encode(&ACCUSED));
		assert!(lines[0].ends_with(&json), "{lines:?}");
		assert!(look().is_empty());
		// What it says is true.
		assert_ok!(absolve(round, signed));
	});
}

#[test]
fn a_node_should_not_be_alarmed_by_what_it_is_accused_of_otherwise() {
	reading_node(ACCUSED, |node, signed| {
		round_of_node(node, &signed.measurement.observation(&genesis_hash()));
		take_log();
		Accused::mutate(|faults| {
			faults.push(rwa_primitives::fault::FaultReport {
				offender: ACCUSED,
				fault: Fault::ConsistentOutliers,
				happened: 1,
				session: 0,
				evidence: H256::zero(),
				reporter: None,
			});
		});
		(0..3 * LOOK_EVERY).for_each(|_| {
			node.work();
			to_next_block();
		});
		assert!(take_warnings().iter().all(|line| !line.contains("stands accused")));
	});
}

#[test]
fn a_node_should_say_who_has_made_up_what_it_has_read_itself() {
	reading_node(ACCUSED, |node, signed| {
		let honest = signed.measurement.observation(&genesis_hash());
		let lie = Observation { reading: Reading::Scalar(LIE), ..honest.clone() };
		let round = open_next_round();
		commit_observation(1, round, &lie);
		(2..ACCUSED).for_each(|account| commit_observation(account, round, &honest));
		work_until(node, in_reveal);
		take_log();
		say(1, to_reveal_observation(1, round, lie.clone()));
		say(2, to_reveal_observation(2, round, honest.clone()));
		work_until(node, || Oracle::open_round(FEED).is_none());
		let lines = take_warnings();
		let told: Vec<_> = lines
			.iter()
			.filter(|line| line.contains("is not what the device has signed"))
			.collect();
		assert_eq!(told.len(), 1, "once, and of the liar alone: {lines:?}");
		let json = signed.proof_json(round, &codec::Encode::encode(&1u64), &lie);
		assert!(told[0].ends_with(&json), "{told:?}");
		// What it says is true.
		let who = by(BYSTANDER);
		assert_ok!(Oracle::prove_manipulation(who, FEED, round, 1, lie, signed));
	});
}
