//! Who reports what a device has measured has to show it on demand.

use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchResult, DispatchResultWithPostInfo, Pays},
	traits::Authorize,
};
use frame_system::RawOrigin;
use log::Level;
use rwa_primitives::{
	device::{DeviceState, Measurement, SignedMeasurement},
	fault::Fault,
	feed::{Evidence, MeasurementRef, Observation, RoundIndex},
	reading::Reading,
	worker::{ReadingRule, SignedRule},
	Balance,
};
use sp_core::H256;
use sp_runtime::{
	traits::Dispatchable,
	transaction_validity::{
		InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction,
	},
	DispatchError, TokenError,
};

use super::web::{source_of, take_log, take_warnings, Node, Site};
use crate::{
	functions::{demands::evidence_of, devices::LOOK_EVERY},
	mock::*,
	Call, Demands, Error, Event, FeedSpec, HoldReason, TestimoniesIn,
};

const COUNTER: u64 = 17;
const VALUE: i128 = 2_000;
/// Among four reporters the one of whom something is demanded.
const REPORTER: Account = 4;

fn read() -> Observation {
	measurement(COUNTER, VALUE).observation(&genesis_hash())
}

/// What names a measurement that there isn't, with a counter that the device will never reach: nobody could ever
/// prove it wrong.
fn invented() -> Observation {
	let (device, digest) = (device_key(), H256::repeat_byte(0xbb));
	let named = MeasurementRef { device, counter: u64::MAX, digest };
	Observation { evidence: Some(Evidence::Measurement(named)), ..observe(VALUE) }
}

fn signed_reading() -> Box<SignedMeasurement> {
	signed_by_device(measurement(COUNTER, VALUE))
}

/// A round in which [`REPORTER`] says `observation`, and the others what is true.
fn round_with(observation: &Observation) -> RoundIndex {
	observe_all(&[read(), read(), read(), observation.clone()])
}

fn testimony(round: RoundIndex, observation: &Observation) -> H256 {
	observation.testimony(&FEED, round, &REPORTER)
}

fn demand(round: RoundIndex, observation: &Observation) -> DispatchResult {
	let observation = observation.clone();
	Oracle::demand_measurement(by(BYSTANDER), FEED, round, REPORTER, observation)
}

fn show(round: RoundIndex, measurement: Box<SignedMeasurement>) -> DispatchResultWithPostInfo {
	Oracle::show_measurement(RawOrigin::Authorized.into(), round, REPORTER, measurement)
}

fn enforce(round: RoundIndex, observation: &Observation) -> DispatchResultWithPostInfo {
	Oracle::enforce_demand(by(STRANGER), REPORTER, testimony(round, observation))
}

/// What the pool says of a node that shows that.
fn pool(
	round: RoundIndex,
	measurement: Box<SignedMeasurement>,
) -> Result<ValidTransaction, TransactionValidityError> {
	let call = Call::<Test>::show_measurement { round, reporter: REPORTER, measurement };
	let verdict = RuntimeCall::from(call).authorize(TransactionSource::External);
	verdict.expect("the call can be authorised").map(|(valid, _)| valid)
}

fn bonds() -> Balance {
	held(HoldReason::MeasurementDemand, BYSTANDER)
}

#[test]
fn who_has_read_the_device_should_show_it_and_have_the_bond() {
	ExtBuilder::default().build_and_execute(|| {
		let round = round_with(&read());
		System::reset_events();
		let (rich, earned) = (free(BYSTANDER), free(REPORTER));
		assert_ok!(demand(round, &read()));
		let due_at = Now::get() + ProofTime::get();
		let demanded = Event::MeasurementDemanded {
			feed: FEED,
			round,
			reporter: REPORTER,
			observation: read(),
			testimony: testimony(round, &read()),
			challenger: BYSTANDER,
			bond: DemandBond::get(),
			due_at,
		};
		assert_eq!(events(), [demanded]);
		assert_eq!(bonds(), DemandBond::get());
		assert_eq!(Oracle::demands(REPORTER).len(), 1);
		assert_ok!(Oracle::do_try_state());

		System::reset_events();
		assert_ok!(pool(round, signed_reading()));
		assert_eq!(show(round, signed_reading()).unwrap().pays_fee, Pays::No);
		let shown = Event::MeasurementShown {
			feed: FEED,
			round,
			reporter: REPORTER,
			measurement: *signed_reading(),
			challenger: BYSTANDER,
			paid: DemandBond::get(),
		};
		assert_eq!(events(), [shown]);
		assert_eq!(bonds(), 0);
		assert_eq!(free(BYSTANDER), rich - DemandBond::get());
		assert_eq!(free(REPORTER), earned + DemandBond::get());
		assert_eq!(Accused::get(), []);
	});
}

#[test]
fn who_has_nothing_to_show_should_be_punished_and_the_bond_be_given_back() {
	ExtBuilder::default().build_and_execute(|| {
		let round = round_with(&invented());
		let rich = free(BYSTANDER);
		assert_ok!(demand(round, &invented()));
		assert_ok!(Oracle::pause_feed(by(OWNER), FEED)); // Or the silent are punished meanwhile.
		let due_at = Now::get() + ProofTime::get();
		run_to(due_at - 1);
		assert_noop!(enforce(round, &invented()), Error::<Test>::TimeToShow);
		run_to(due_at);
		System::reset_events();
		assert_eq!(enforce(round, &invented()).unwrap().pays_fee, Pays::No);
		let enforced = Event::DemandEnforced {
			feed: FEED,
			round,
			reporter: REPORTER,
			testimony: testimony(round, &invented()),
			challenger: BYSTANDER,
			bond: DemandBond::get(),
			penalty: Some(0),
		};
		assert_eq!(events(), [enforced]);
		let faults = Accused::get();
		assert_eq!(faults.len(), 1);
		let report = &faults[0];
		assert_eq!((report.offender, report.fault), (REPORTER, Fault::DataManipulation));
		assert_eq!((report.happened, report.reporter), (due_at, Some(BYSTANDER)));
		assert_eq!(report.evidence, evidence_of(&testimony(round, &invented())));
		assert_eq!((free(BYSTANDER), bonds()), (rich, 0));
		assert!(Oracle::demands(REPORTER).is_empty());
		assert_noop!(enforce(round, &invented()), Error::<Test>::NotDemanded);
	});
}

#[test]
fn only_the_very_measurement_should_meet_a_demand() {
	ExtBuilder::default().build_and_execute(|| {
		let round = round_with(&read());
		assert_ok!(demand(round, &read()));
		let others = [
			signed_by_device(measurement(COUNTER, VALUE + 1)),
			signed_by_device(measurement(COUNTER + 1, VALUE)),
			signed_by_device(Measurement { taken_at: 1, ..measurement(COUNTER, VALUE) }),
			signed_by_device(Measurement { feed: other_feed(1), ..measurement(COUNTER, VALUE) }),
		];
		let stale = TransactionValidityError::from(InvalidTransaction::Stale);
		for other in others {
			assert_noop!(show(round, other.clone()), Error::<Test>::NotDemanded);
			assert_eq!(pool(round, other), Err(stale));
		}
		assert_noop!(show(round + 1, signed_reading()), Error::<Test>::NotDemanded);
		let signature = signed_by_device(measurement(1, 1)).signature;
		let forged =
			|| Box::new(SignedMeasurement { signature: signature.clone(), ..*signed_reading() });
		assert_noop!(show(round, forged()), Error::<Test>::NotSignedByDevice);
		assert_eq!(pool(round, forged()), Err(InvalidTransaction::BadProof.into()));
		assert_ok!(show(round, signed_reading()));
	});
}

#[test]
fn what_was_shown_should_not_be_demanded_nor_proven_false_again() {
	ExtBuilder::default().build_and_execute(|| {
		let round = round_with(&read());
		assert_ok!(demand(round, &read()));
		assert_noop!(demand(round, &read()), Error::<Test>::AlreadyDemanded);
		assert_ok!(show(round, signed_reading()));
		assert_noop!(demand(round, &read()), Error::<Test>::NotTestified);
		assert_noop!(show(round, signed_reading()), Error::<Test>::NotDemanded);
		assert_eq!(
			pool(round, signed_reading()),
			Err(TransactionValidityError::from(InvalidTransaction::Stale))
		);
		// Nor by a device that deceives.
		let other = signed_by_device(measurement(COUNTER, VALUE + 1));
		let prove = Oracle::prove_manipulation(by(STRANGER), FEED, round, REPORTER, read(), other);
		assert_eq!(prove.unwrap_err().error, Error::<Test>::NotTestified.into());
		// What the others have revealed is still known.
		let kept = TestimoniesIn::<Test>::get(FEED, round).unwrap();
		assert_eq!(kept.hashes.len(), 3);
	});
}

#[test]
fn the_last_report_that_was_shown_should_leave_nothing_behind() {
	ExtBuilder::default().build_and_execute(|| {
		let plain = observe(VALUE);
		let round = observe_all(&[plain.clone(), plain.clone(), plain, read()]);
		assert_ok!(demand(round, &read()));
		assert_ok!(show(round, signed_reading()));
		assert!(!TestimoniesIn::<Test>::contains_key(FEED, round));
	});
}

#[test]
fn nothing_should_be_demanded_that_was_not_revealed() {
	ExtBuilder::default().build_and_execute(|| {
		let round = round_with(&read());
		assert_noop!(demand(round, &invented()), Error::<Test>::NotTestified);
		assert_noop!(demand(round, &observe(VALUE)), Error::<Test>::NotTestified);
		assert_noop!(demand(round + 1, &read()), Error::<Test>::NotTestified);
		assert_eq!(bonds(), 0);
	});
}

#[test]
fn who_can_not_afford_the_bond_should_demand_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let round = round_with(&read());
		DemandBond::set(2 * ENDOWMENT);
		assert_noop!(demand(round, &read()), TokenError::FundsUnavailable);
		assert!(Demands::<Test>::iter().next().is_none());
	});
}

#[test]
fn each_call_should_have_its_origins() {
	ExtBuilder::default().build_and_execute(|| {
		let round = round_with(&read());
		let refused = Err(DispatchError::BadOrigin);
		assert_eq!(Oracle::demand_measurement(root(), FEED, round, REPORTER, read()), refused);
		assert_ok!(demand(round, &read()));
		let enforce = Oracle::enforce_demand(root(), REPORTER, testimony(round, &read()));
		assert_eq!(enforce.unwrap_err().error, DispatchError::BadOrigin);
		let show = |origin| Oracle::show_measurement(origin, round, REPORTER, signed_reading());
		for origin in [root(), RuntimeOrigin::none()] {
			assert_eq!(show(origin).unwrap_err().error, DispatchError::BadOrigin);
		}
		// Whose node has lost its keys signs for itself, or a friend does.
		assert_ok!(show(by(STRANGER)));
	});
}

/// Until somebody enforces it.
#[test]
fn a_measurement_should_be_shown_late_rather_than_never() {
	ExtBuilder::default().build_and_execute(|| {
		let round = round_with(&read());
		assert_ok!(demand(round, &read()));
		run_to(Now::get() + 2 * ProofTime::get());
		assert_ok!(pool(round, signed_reading()));
		assert_ok!(show(round, signed_reading()));
		assert_noop!(enforce(round, &read()), Error::<Test>::NotDemanded);
	});
}

/// As it has lost all that it can lose in a day, or has left.
#[test]
fn who_can_not_be_punished_now_should_be_another_day_and_cost_the_challenger_no_bond() {
	ExtBuilder::default().build_and_execute(|| {
		let lie = invented();
		let round = round_with(&lie);
		assert_ok!(demand(round, &lie));
		assert_ok!(Oracle::pause_feed(by(OWNER), FEED)); // Or the silent are punished meanwhile.
		let due_at = Now::get() + ProofTime::get();
		run_to(due_at);
		// The court of the tests takes nothing twice.
		let known = rwa_primitives::fault::FaultReport {
			offender: REPORTER,
			fault: Fault::DataManipulation,
			happened: 1,
			session: 0,
			evidence: evidence_of(&testimony(round, &lie)),
			reporter: None,
		};
		Accused::set(vec![known]);
		assert_noop!(enforce(round, &lie), ALREADY_PUNISHED);
		run_to(due_at + ProofTime::get() - 1);
		assert_noop!(enforce(round, &lie), ALREADY_PUNISHED);
		assert_eq!(bonds(), DemandBond::get());
		to_next_block();
		System::reset_events();
		assert_ok!(enforce(round, &lie));
		assert!(matches!(events()[..], [Event::DemandEnforced { penalty: None, .. }]));
		assert_eq!(bonds(), 0);
	});
	// A day later it would have been.
	ExtBuilder::default().build_and_execute(|| {
		let lie = invented();
		let round = round_with(&lie);
		assert_ok!(demand(round, &lie));
		assert_ok!(Oracle::pause_feed(by(OWNER), FEED));
		run_to(Now::get() + ProofTime::get() + 1);
		assert_ok!(enforce(round, &lie));
		assert_eq!(Accused::get().len(), 1);
	});
}

/// Or a liar could demand of itself, and nobody would have a reason to enforce it.
#[test]
fn what_the_challenger_leaves_undone_should_be_worth_something_to_others() {
	for (late, rewarded) in [(0, BYSTANDER), (Day::get() - 1, BYSTANDER), (Day::get(), STRANGER)] {
		ExtBuilder::default().build_and_execute(|| {
			ProofTime::set(2 * Day::get());
			let round = round_with(&invented());
			assert_ok!(demand(round, &invented()));
			assert_ok!(Oracle::pause_feed(by(OWNER), FEED));
			run_to(Now::get() + ProofTime::get() + late);
			assert_ok!(enforce(round, &invented()));
			assert_eq!(Accused::get()[0].reporter, Some(rewarded), "{late} blocks late");
		});
	}
}

/// What was demanded in vain is no accusation by a device: it must not be condemned for that.
#[test]
fn who_was_punished_for_showing_nothing_should_not_be_absolved() {
	ExtBuilder::default().build_and_execute(|| {
		let round = round_with(&read());
		assert_ok!(demand(round, &read()));
		assert_ok!(Oracle::pause_feed(by(OWNER), FEED));
		run_to(Now::get() + ProofTime::get());
		assert_ok!(enforce(round, &read()));
		let absolve = Oracle::absolve(by(REPORTER), round, REPORTER, signed_reading());
		assert_eq!(absolve.unwrap_err().error, Error::<Test>::NotAccused.into());
		assert_noop!(show(round, signed_reading()), Error::<Test>::NotDemanded);
		assert!(Condemnations::get().is_empty());
		// Nor should it be punished for the same again.
		assert_noop!(demand(round, &read()), Error::<Test>::NotTestified);
		let other = signed_by_device(measurement(COUNTER, VALUE + 1));
		let prove = Oracle::prove_manipulation(by(STRANGER), FEED, round, REPORTER, read(), other);
		assert_eq!(prove.unwrap_err().error, Error::<Test>::NotTestified.into());
	});
}

#[test]
fn a_proof_should_settle_the_demand() {
	ExtBuilder::default().build_and_execute(|| {
		let lie = invented();
		let round = round_with(&lie);
		assert_ok!(demand(round, &lie));
		System::reset_events();
		let shown = signed_by_device(measurement(u64::MAX, VALUE));
		let prover = by(STRANGER);
		assert_ok!(Oracle::prove_manipulation(prover, FEED, round, REPORTER, lie.clone(), shown));
		let settled = Event::DemandEnforced {
			feed: FEED,
			round,
			reporter: REPORTER,
			testimony: testimony(round, &lie),
			challenger: BYSTANDER,
			bond: DemandBond::get(),
			penalty: Some(0),
		};
		assert_eq!(events()[1..], [settled]);
		assert_eq!(bonds(), 0);
		run_to(Now::get() + ProofTime::get());
		assert_noop!(enforce(round, &lie), Error::<Test>::NotDemanded);
	});
}

#[test]
fn nothing_should_be_demanded_that_nobody_has_to_keep_any_longer() {
	ExtBuilder::default().build_and_execute(|| {
		let round = round_with(&read());
		let ended_at = Now::get();
		assert_ok!(Oracle::pause_feed(by(OWNER), FEED));
		run_to(ended_at + ProofTime::get());
		assert_ok!(demand(round, &read()));
	});
	ExtBuilder::default().build_and_execute(|| {
		let round = round_with(&read());
		let ended_at = Now::get();
		assert_ok!(Oracle::pause_feed(by(OWNER), FEED));
		run_to(ended_at + ProofTime::get() + 1);
		assert_noop!(demand(round, &read()), Error::<Test>::TooLateToDemand);
	});
}

#[test]
fn to_demand_of_oneself_should_move_no_money() {
	ExtBuilder::default().build_and_execute(|| {
		let round = round_with(&read());
		let before = free(REPORTER);
		assert_ok!(Oracle::demand_measurement(by(REPORTER), FEED, round, REPORTER, read()));
		System::reset_events();
		assert_ok!(show(round, signed_reading()));
		assert!(matches!(events()[..], [Event::MeasurementShown { paid: 0, .. }]));
		assert_eq!((free(REPORTER), held(HoldReason::MeasurementDemand, REPORTER)), (before, 0));
	});
}

/// Neither the end of what is kept, nor that of the feed, nor the device's ends a demand.
#[test]
fn a_demand_should_outlive_feed_and_device() {
	for is_true in [true, false] {
		ExtBuilder::default().build_and_execute(|| {
			let observation = if is_true { read() } else { invented() };
			let round = round_with(&observation);
			assert_ok!(demand(round, &observation));
			for _ in 0..=ProofRounds::get() {
				open_next_round();
				to_end();
			}
			assert_ok!(Oracle::remove_feed(by(OWNER), FEED));
			set_state(&device_key(), DeviceState::Condemned { since: Now::get() });
			run_to(Now::get() + ProofTime::get());
			let met = match is_true {
				true => show(round, signed_reading()),
				false => enforce(round, &observation),
			};
			assert_ok!(met);
		});
	}
}

#[test]
fn one_reporters_demands_should_be_listed_in_bounds() {
	ExtBuilder::default().build_and_execute(|| {
		let round = round_with(&read());
		assert_ok!(demand(round, &read()));
		let mut one = Demands::<Test>::get(REPORTER, testimony(round, &read())).unwrap();
		one.bond = 0;
		for number in 0..200 {
			Demands::<Test>::insert(REPORTER, H256::from_low_u64_be(number), one.clone());
		}
		assert_eq!(Oracle::demands(REPORTER).len(), 100);
		assert!(Oracle::demands(1).is_empty());
	});
}

// What a node does.

const DEVICE_URL: &str = "http://device.example/last";

/// A round in which [`REPORTER`]'s node has read the device.
fn node_that_has_read(test: impl FnOnce(&Node, RoundIndex, Box<SignedMeasurement>)) {
	let spec = FeedSpec { commit_time: 25, reveal_time: 25, heartbeat: 60, max_age: 60, ..spec() };
	Node::execute(ExtBuilder::default().spec(spec), &[REPORTER], |node| {
		let rule = SignedRule { devices: vec![device_key()], max_skew_ms: 60_000 };
		node.configure([source_of(FEED, DEVICE_URL, ReadingRule::Signed(rule))]);
		let (round, signed) = round_of(node, COUNTER);
		take_log();
		test(node, round, signed);
	});
}

/// A round in which all read measurement number `counter`, [`REPORTER`]'s node by itself.
fn round_of(node: &Node, counter: u64) -> (RoundIndex, Box<SignedMeasurement>) {
	let measured = Measurement { taken_at: node.now() - 1_000, ..measurement(counter, VALUE) };
	let signed = signed_by_device(measured);
	node.site(DEVICE_URL, Site::Answers(signed.to_json()));
	let observation = signed.measurement.observation(&genesis_hash());
	let round = open_round();
	(1..REPORTER).for_each(|account| commit_observation(account, round, &observation));
	let in_reveal =
		|| Oracle::open_round(FEED).is_some_and(|round| round.phase == crate::Phase::Reveal);
	work_until(node, in_reveal);
	(1..REPORTER).for_each(|account| {
		say(account, to_reveal_observation(account, round, observation.clone()));
	});
	work_until(node, || Oracle::open_round(FEED).is_none());
	(round, signed)
}

/// Blocks in which no node works until a round is open; its number.
fn open_round() -> RoundIndex {
	loop {
		if let Some(round) = Oracle::open_round(FEED) {
			return round.index;
		}
		to_next_block();
	}
}

fn work_until(node: &Node, done: impl Fn() -> bool) {
	while !done() {
		node.work();
		node.include();
		to_next_block();
	}
}

/// Blocks in which the node looks for demands at least once; gives what it sent.
fn look(node: &Node) -> Vec<RuntimeCall> {
	for _ in 0..=LOOK_EVERY {
		node.work();
		to_next_block();
	}
	node.take_shown()
}

fn demand_of(round: RoundIndex, signed: &SignedMeasurement) -> DispatchResult {
	demand(round, &signed.measurement.observation(&genesis_hash()))
}

#[test]
fn a_node_should_show_what_is_demanded_of_its_operator_by_itself() {
	node_that_has_read(|node, round, signed| {
		assert!(look(node).is_empty());
		assert_ok!(demand_of(round, &signed));
		let sent = look(node);
		let measurement = signed;
		let call = Call::show_measurement { round, reporter: REPORTER, measurement };
		assert_eq!(sent, [RuntimeCall::from(call)]);
		let said = take_log();
		let told = |line: &str| line.contains("demanded to see the measurement");
		assert_eq!(said.iter().filter(|(_, line)| told(line)).count(), 1, "{said:?}");
		assert!(said.iter().all(|(level, _)| *level > Level::Warn), "{said:?}");
		// The pool forgot it: the node sends it again, and that is no news.
		assert_eq!(look(node), sent);
		assert!(take_log().iter().all(|(_, line)| !told(line)));
		// It is what the chain wants, and then there is peace.
		for call in sent {
			assert_ok!(call.clone().authorize(TransactionSource::Local).unwrap());
			assert_ok!(call.dispatch(RawOrigin::Authorized.into()));
		}
		assert!(look(node).is_empty());
	});
}

#[test]
fn a_node_should_say_once_that_it_has_nothing_to_show() {
	node_that_has_read(|node, _, signed| {
		// Its operator's other node, or somebody with its key, has made that up.
		let lie = Observation {
			reading: Reading::Scalar(VALUE + 1),
			..signed.measurement.observation(&genesis_hash())
		};
		let round = open_round();
		(1..=REPORTER).for_each(|account| commit_observation(account, round, &lie));
		to_reveal();
		(1..=REPORTER)
			.for_each(|account| say(account, to_reveal_observation(account, round, lie.clone())));
		to_end();
		assert_ok!(demand(round, &lie));
		take_log();
		assert!(look(node).is_empty());
		assert!(look(node).is_empty());
		let lines = take_warnings();
		assert_eq!(lines.len(), 1, "{lines:?}");
		assert!(lines[0].contains("doesn't have it"), "{lines:?}");
	});
}

/// As many rounds as there are places: a later one takes the place of the one in question.
#[test]
fn a_node_should_keep_what_somebody_asks_about_for_as_long_as_that() {
	node_that_has_read(|node, round, signed| {
		assert_ok!(demand_of(round, &signed));
		for counter in 1..=u64::from(ProofRounds::get()) {
			round_of(node, COUNTER + counter);
		}
		node.take_shown();
		assert_eq!(look(node).len(), 1);
		// Shown, it gives its place away.
		assert_ok!(show(round, signed));
		let newest = crate::LastRound::<Test>::get(FEED);
		assert_eq!(newest, round + ProofRounds::get());
		assert!(look(node).is_empty());
	});
}

#[test]
fn a_node_should_keep_its_defence_for_as_long_as_its_operator_stands_accused() {
	node_that_has_read(|node, round, signed| {
		let other =
			Measurement { reading: Reading::Scalar(VALUE + 1), ..signed.measurement.clone() };
		let observation = signed.measurement.observation(&genesis_hash());
		let shown = signed_by_device(other);
		assert_ok!(Oracle::prove_manipulation(
			by(BYSTANDER),
			FEED,
			round,
			REPORTER,
			observation,
			shown
		));
		// The node was down when that happened, and its place is due before it looks.
		for counter in 1..=u64::from(ProofRounds::get()) {
			round_of(node, COUNTER + counter);
		}
		let json = signed.defence_json(round, &codec::Encode::encode(&REPORTER));
		look(node);
		let told = take_warnings().into_iter().filter(|line| line.ends_with(&json)).count();
		assert_eq!(told, 1);
	});
}
