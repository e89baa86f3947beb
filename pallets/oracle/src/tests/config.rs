//! Configurations that must not get into a runtime, and what must not change once it is public.

use codec::Encode;
use frame_support::{
	traits::{GetStorageVersion, Hooks, PalletInfoAccess, StorageVersion},
	weights::Weight,
};
use sp_runtime::Percent;

use crate::{mock::*, Admission, Call, Error};

/// What the runtime's tests would say of the configuration that `spoil` makes of a good one.
fn check(spoil: impl FnOnce()) {
	reset();
	spoil();
	<Oracle as Hooks<u32>>::integrity_test();
}

#[test]
fn integrity_test_accepts_the_configuration_of_the_tests() {
	check(|| ());
}

#[test]
#[should_panic(expected = "MinCommittee: one liar")]
fn integrity_test_refuses_too_few_reporters() {
	check(|| MinCommittee::set(3));
}

#[test]
#[should_panic(expected = "MinCommittee exceeds MaxCommittee")]
fn integrity_test_refuses_a_minimum_above_the_maximum() {
	check(|| MinCommittee::set(9));
}

#[test]
#[should_panic(expected = "MaxCommittee: ")]
fn integrity_test_refuses_committees_that_no_block_can_judge() {
	check(|| {
		MaxReporters::set(33);
		MaxCommittee::set(33);
	});
}

#[test]
#[should_panic(expected = "MaxCommittee exceeds MaxReporters")]
fn integrity_test_refuses_committees_larger_than_rosters() {
	check(|| MaxReporters::set(7));
}

#[test]
#[should_panic(expected = "MaxReporters: ")]
fn integrity_test_refuses_too_many_reporters() {
	check(|| MaxReporters::set(101));
}

#[test]
#[should_panic(expected = "DemandBond: ")]
fn integrity_test_refuses_demands_for_nothing() {
	check(|| DemandBond::set(0));
}

#[test]
#[should_panic(expected = "ProofTime: ")]
fn integrity_test_refuses_to_punish_who_is_down_for_a_day() {
	check(|| ProofTime::set(Day::get() - 1));
}

#[test]
#[should_panic(expected = "RequestBond: ")]
fn integrity_test_refuses_rounds_for_nothing() {
	check(|| RequestBond::set(0));
}

#[test]
#[should_panic(expected = "WindowRounds: ")]
fn integrity_test_refuses_windows_in_which_one_round_decides() {
	check(|| WindowRounds::set(3));
}

#[test]
#[should_panic(expected = "OutlierLimit, MissedLimit: ")]
fn integrity_test_refuses_to_punish_those_without_outliers() {
	check(|| OutlierLimit::set(Percent::zero()));
}

#[test]
#[should_panic(expected = "OutlierLimit, MissedLimit: ")]
fn integrity_test_refuses_to_punish_those_who_missed_nothing() {
	check(|| MissedLimit::set(Percent::zero()));
}

#[test]
#[should_panic(expected = "MaxFeedsPerReporter: ")]
fn integrity_test_refuses_reporters_without_feeds() {
	check(|| MaxFeedsPerReporter::set(0));
}

#[test]
#[should_panic(expected = "MaxUnitLength: ")]
fn integrity_test_refuses_feeds_without_units() {
	check(|| MaxUnitLength::set(0));
}

#[test]
#[should_panic(expected = "HistoryLength: ")]
fn integrity_test_refuses_no_history() {
	check(|| HistoryLength::set(0));
}

#[test]
#[should_panic(expected = "ProofRounds: ")]
fn integrity_test_refuses_no_proofs() {
	check(|| ProofRounds::set(0));
}

#[test]
#[should_panic(expected = "MinPhase: ")]
fn integrity_test_refuses_phases_that_nobody_can_meet() {
	check(|| MinPhase::set(4));
}

#[test]
#[should_panic(expected = "Day: ")]
fn integrity_test_refuses_days_shorter_than_phases() {
	check(|| Day::set(4));
}

#[test]
#[should_panic(expected = "MaxDuePerBlock: no round")]
fn integrity_test_refuses_to_open_no_rounds() {
	check(|| MaxDuePerBlock::set(0));
}

#[test]
#[should_panic(expected = "MaxDuePerBlock: looking through the agenda")]
fn integrity_test_refuses_an_agenda_that_leaves_no_room_for_rounds() {
	check(|| MaxBlock::set(Weight::from_parts(1_000_000, u64::MAX)));
}

#[test]
fn call_indices_are_pinned() {
	// Callers and wallets encode them.
	ExtBuilder::default().build_and_execute(|| {
		let index = |call: Call<Test>| call.encode()[0];
		let (batch, signature) = signed(1, []);
		let admission = Admission::Open;
		let create = Call::create_feed { id: FEED, spec: spec(), admission: admission.clone() };
		assert_eq!(index(create), 0);
		assert_eq!(index(Call::set_admission { id: FEED, admission }), 1);
		assert_eq!(index(Call::pause_feed { id: FEED }), 2);
		assert_eq!(index(Call::resume_feed { id: FEED }), 3);
		assert_eq!(index(Call::remove_feed { id: FEED }), 4);
		assert_eq!(index(Call::submit { batch, signature }), 5);
		assert_eq!(index(Call::join_feed { id: FEED }), 6);
		assert_eq!(index(Call::leave_feed { id: FEED }), 7);
		assert_eq!(index(Call::top_up { id: FEED, amount: 1 }), 8);
		assert_eq!(index(Call::request_round { id: FEED }), 9);
		let signed = signed_by_device(measurement(1, 1));
		let observation = signed.measurement.observation(&genesis_hash());
		let absolve = Call::absolve { round: 1, reporter: 1, measurement: signed.clone() };
		let demand = Call::demand_measurement {
			feed: FEED,
			round: 1,
			reporter: 1,
			observation: observation.clone(),
		};
		let show = Call::show_measurement { round: 1, reporter: 1, measurement: signed.clone() };
		let enforce = Call::enforce_demand { reporter: 1, testimony: genesis_hash() };
		assert_eq!((index(demand), index(show), index(enforce)), (14, 15, 16));
		let prove = Call::prove_manipulation {
			feed: FEED,
			round: 1,
			reporter: 1,
			observation,
			measurement: signed,
		};
		assert_eq!((index(prove), index(absolve)), (12, 13));
	});
}

#[test]
fn error_indices_are_pinned() {
	// Clients map them to messages.
	let index = |error: Error<Test>| error.encode()[0];
	assert_eq!(index(Error::UnknownFeed), 0);
	assert_eq!(index(Error::MaxAgeTooShort), 16);
	assert_eq!(index(Error::RosterFull), 26);
	assert_eq!(index(Error::BadSignature), 40);
	assert_eq!(index(Error::MeasurementRequired), 60);
	assert_eq!(index(Error::NotAccused), 69);
	assert_eq!(index(Error::TooLateToDemand), 73);
}

#[test]
fn storage_prefixes_and_version_are_pinned() {
	// Clients read storage by them.
	use frame_support::storage::StoragePrefixedMap;
	assert_eq!(Oracle::name(), "Oracle");
	assert_eq!(Oracle::in_code_storage_version(), StorageVersion::new(2));
	assert_eq!(crate::Feeds::<Test>::storage_prefix(), b"Feeds");
	assert_eq!(crate::Rounds::<Test>::storage_prefix(), b"Rounds");
	assert_eq!(crate::Answers::<Test>::storage_prefix(), b"Answers");
	assert_eq!(crate::History::<Test>::storage_prefix(), b"History");
	assert_eq!(crate::LastRound::<Test>::storage_prefix(), b"LastRound");
	assert_eq!(crate::Budgets::<Test>::storage_prefix(), b"Budgets");
	assert_eq!(crate::Watches::<Test>::storage_prefix(), b"Watches");
	assert_eq!(crate::EarlyRounds::<Test>::storage_prefix(), b"EarlyRounds");
	assert_eq!(crate::TestimoniesIn::<Test>::storage_prefix(), b"TestimoniesIn");
	assert_eq!(crate::Demands::<Test>::storage_prefix(), b"Demands");
}
