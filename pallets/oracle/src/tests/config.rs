//! Configurations that must not get into a runtime, and what must not change once it is public.

use codec::Encode;
use frame_support::traits::{Hooks, PalletInfoAccess};
use sp_runtime::Percent;

use crate::{mock::*, types::needed_reports, Error};

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
#[should_panic(expected = "MinReporters: one liar")]
fn integrity_test_refuses_too_few_reporters() {
	check(|| MinReporters::set(3));
}

#[test]
#[should_panic(expected = "MinReporters exceeds MaxReporters")]
fn integrity_test_refuses_a_minimum_above_the_maximum() {
	check(|| MaxReporters::set(3));
}

#[test]
#[should_panic(expected = "MaxReporters: ")]
fn integrity_test_refuses_too_many_reporters() {
	check(|| MaxReporters::set(101));
}

#[test]
#[should_panic(expected = "Quorum: ")]
fn integrity_test_refuses_a_quorum_of_half() {
	check(|| Quorum::set(Percent::from_percent(50)));
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
#[should_panic(expected = "MinDeadline: ")]
fn integrity_test_refuses_a_deadline_that_nobody_can_meet() {
	check(|| MinDeadline::set(5));
}

#[test]
#[should_panic(expected = "MaxDuePerBlock: no round")]
fn integrity_test_refuses_to_open_no_rounds() {
	check(|| MaxDuePerBlock::set(0));
}

#[test]
#[should_panic(expected = "more than a quarter of a block")]
fn integrity_test_refuses_an_agenda_that_fills_the_block() {
	check(|| MaxDuePerBlock::set(100_000_000));
}

#[test]
fn the_quorum_is_66_percent_rounded_up_and_outvotes_a_third() {
	let quorum = Percent::from_percent(66);
	for assigned in 0..=100u32 {
		let needed = needed_reports(quorum, assigned);
		assert!(needed * 100 >= assigned * 66, "{needed} of {assigned} are too few");
		let faulty = assigned.saturating_sub(1) / 3;
		assert!(needed + faulty <= assigned, "{faulty} silent ones of {assigned} stop the feed");
		assert!(assigned == 0 || needed > 2 * faulty, "{faulty} liars of {assigned} decide");
	}
	assert_eq!(
		[4, 5, 6, 7, 10, 50, 100].map(|n| needed_reports(quorum, n)),
		[3, 4, 4, 5, 7, 33, 67]
	);
}

#[test]
fn call_indices_are_pinned() {
	// Callers and wallets encode them.
	ExtBuilder::default().build_and_execute(|| {
		let index = |call: crate::Call<Test>| call.encode()[0];
		let (report, signature) = signed(1, 1, 0);
		let reporters = accounts(1..=4);
		let create =
			crate::Call::create_feed { id: FEED, spec: spec(), reporters: reporters.clone() };
		assert_eq!(index(create), 0);
		assert_eq!(index(crate::Call::set_reporters { id: FEED, reporters }), 1);
		assert_eq!(index(crate::Call::pause_feed { id: FEED }), 2);
		assert_eq!(index(crate::Call::resume_feed { id: FEED }), 3);
		assert_eq!(index(crate::Call::remove_feed { id: FEED }), 4);
		assert_eq!(index(crate::Call::submit_report { report, signature }), 5);
	});
}

#[test]
fn error_indices_are_pinned() {
	// Clients map them to messages.
	let index = |error: Error<Test>| error.encode()[0];
	assert_eq!(index(Error::UnknownFeed), 0);
	assert_eq!(index(Error::MaxAgeTooShort), 10);
	assert_eq!(index(Error::RoundNotOpen), 13);
	assert_eq!(index(Error::BadSignature), 19);
}

#[test]
fn storage_prefixes_are_pinned() {
	// Clients read storage by them.
	use frame_support::storage::StoragePrefixedMap;
	assert_eq!(Oracle::name(), "Oracle");
	assert_eq!(crate::Feeds::<Test>::storage_prefix(), b"Feeds");
	assert_eq!(crate::Answers::<Test>::storage_prefix(), b"Answers");
	assert_eq!(crate::History::<Test>::storage_prefix(), b"History");
	assert_eq!(crate::LastRound::<Test>::storage_prefix(), b"LastRound");
}
