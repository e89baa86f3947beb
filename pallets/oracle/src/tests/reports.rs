//! Who may report what, and who tries in vain.

use frame_support::{
	assert_noop, assert_ok,
	dispatch::{GetDispatchInfo, Pays},
	traits::Authorize,
};
use rwa_primitives::{
	app_key::{AppSignature, Role},
	feed::Report,
};
use sp_core::H256;
use sp_runtime::{
	traits::{Checkable, IdentityLookup},
	transaction_validity::{
		InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction,
	},
	DispatchError,
};

use crate::{mock::*, Error, Event, WeightInfo, OUT_OF_BOUNDS};

/// Neither the pool nor a block takes the report, and for which reasons.
#[track_caller]
fn assert_refused(
	report: (Report, AppSignature),
	by_pool: InvalidTransaction,
	by_block: Error<Test>,
) {
	assert_eq!(authorize(report.clone()), Err(TransactionValidityError::Invalid(by_pool)));
	assert_noop!(dispatch(report), by_block);
}

#[test]
fn a_report_should_be_taken_once_from_each_reporter() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		System::reset_events();
		report(1, round, 2_135);
		assert_eq!(events(), [Event::Reported { feed: FEED, round, reporter: 1, value: 2_135 }]);
		assert_eq!(Oracle::open_round(FEED).unwrap().reports, 1);
		assert_refused(signed(1, round, 2_135), InvalidTransaction::Stale, Error::AlreadyReported);
		assert_refused(signed(1, round, 0), InvalidTransaction::Stale, Error::AlreadyReported);
	});
}

#[test]
fn a_rotated_key_should_not_report_a_second_time() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		report(1, round, 1);
		// Account 1 replaces its key by the one of seed 50.
		Operators::mutate(|keys| {
			keys.remove(&key(1));
			keys.insert(key(50), (1, Role::Oracle));
		});
		let again = Report { feed: FEED, round, key: key(50), value: 2 };
		assert_refused(sign(50, again), InvalidTransaction::Stale, Error::AlreadyReported);
		// Nor does the old key count any more, elsewhere.
		let next = open_next_round();
		assert_refused(signed(1, next, 3), InvalidTransaction::BadSigner, Error::NotAnOracle);
		let new_key = Report { feed: FEED, round: next, key: key(50), value: 3 };
		assert_ok!(dispatch(sign(50, new_key)));
	});
}

#[test]
fn reports_to_rounds_that_are_not_open_should_be_refused() {
	ExtBuilder::default().build_and_execute(|| {
		assert_refused(signed(1, 1, 0), InvalidTransaction::Future, Error::RoundNotYetOpen);
		let round = open_next_round();
		assert_refused(signed(1, round + 1, 0), InvalidTransaction::Future, Error::RoundNotYetOpen);
		assert_refused(signed(1, round - 1, 0), InvalidTransaction::Stale, Error::RoundNotOpen);
		report_all(round, &[1, 2, 3]);
		// The fourth comes late: the round has its quorum.
		assert_refused(signed(4, round, 4), InvalidTransaction::Stale, Error::RoundNotOpen);
	});
}

#[test]
fn reports_to_feeds_that_do_not_exist_should_be_refused() {
	ExtBuilder::default().without_feed().build_and_execute(|| {
		assert_refused(signed(1, 1, 0), InvalidTransaction::Stale, Error::UnknownFeed);
	});
}

#[test]
fn reports_to_paused_feeds_should_be_refused() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		assert_ok!(Oracle::pause_feed(RuntimeOrigin::root(), FEED));
		assert_refused(signed(1, round, 0), InvalidTransaction::Stale, Error::RoundNotOpen);
	});
}

#[test]
fn only_active_oracles_should_report() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		let refused = |account| {
			let report = signed(account, round, 0);
			assert_refused(report, InvalidTransaction::BadSigner, Error::NotAnOracle);
		};
		refused(77); // Registered nothing.
		register(1, Role::Validator);
		refused(1);
		Inactive::mutate(|inactive| inactive.insert(2));
		refused(2);
		Inactive::mutate(|inactive| inactive.remove(&2));
		report(2, round, 0);
	});
}

#[test]
fn only_the_rounds_reporters_should_report() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		let stranger = || signed(STRANGER, round, 0);
		assert_refused(stranger(), InvalidTransaction::BadSigner, Error::NotAssigned);
		// Named now, the stranger counts from the next round.
		let reporters = accounts([1, 2, 3, STRANGER]);
		assert_ok!(Oracle::set_reporters(RuntimeOrigin::root(), FEED, reporters));
		assert_refused(stranger(), InvalidTransaction::BadSigner, Error::NotAssigned);
		let round = open_next_round();
		report(STRANGER, round, 0);
	});
}

#[test]
fn impossible_values_should_be_refused() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		let by_pool = InvalidTransaction::Custom(OUT_OF_BOUNDS);
		for value in [i128::MIN, -5_001, 10_001, i128::MAX] {
			assert_refused(signed(1, round, value), by_pool, Error::OutOfBounds);
		}
		report(1, round, -5_000);
		report(2, round, 10_000);
	});
}

#[test]
fn signatures_should_bind_every_word_of_the_report() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		let refused =
			|report| assert_refused(report, InvalidTransaction::BadProof, Error::BadSignature);

		// The relay changes the value.
		let (mut report, signature) = signed(1, round, 100);
		report.value = 101;
		refused((report, signature));

		// Signed by somebody else's key.
		let report = Report { feed: FEED, round, key: key(1), value: 100 };
		refused((report.clone(), sign(2, report.clone()).1));

		// Signed for another chain.
		let elsewhere = sp_core::Pair::sign(&pair(1), &report.signing_payload(&H256::zero()));
		refused((report.clone(), elsewhere));

		// The bare report, without the domain.
		let bare = sp_core::Pair::sign(&pair(1), &codec::Encode::encode(&report));
		refused((report, bare));

		// Signed for an earlier round, or another feed.
		let (_, earlier) = signed(1, round - 1, 100);
		refused((Report { feed: FEED, round, key: key(1), value: 100 }, earlier));
		let other = Report { feed: other_feed(1), round, key: key(1), value: 100 };
		refused((Report { feed: FEED, ..other.clone() }, sign(1, other).1));
	});
}

#[test]
fn only_authorised_transactions_should_carry_reports() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		for origin in [RuntimeOrigin::root(), RuntimeOrigin::signed(1), RuntimeOrigin::none()] {
			let (report, signature) = signed(1, round, 0);
			assert_noop!(
				Oracle::submit_report(origin, report, signature),
				DispatchError::BadOrigin
			);
		}
	});
}

#[test]
fn the_pool_should_keep_one_report_per_reporter_and_round() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		run_to(Now::get() + 5);
		let first = authorize(signed(1, round, 1)).unwrap();
		assert_eq!(
			first,
			ValidTransaction::with_tag_prefix("rwa/oracle")
				.priority(ReportPriority::get())
				.and_provides((FEED, round, 1u64))
				.longevity(u64::from(DEADLINE - 5))
				.propagate(true)
				.build()
				.unwrap()
		);
		// Another value, and another key of the same account, provide the same.
		Operators::mutate(|keys| keys.insert(key(50), (1, Role::Oracle)));
		let rotated = sign(50, Report { feed: FEED, round, key: key(50), value: 2 });
		assert_eq!(authorize(rotated).unwrap().provides, first.provides);
		assert_ne!(authorize(signed(2, round, 1)).unwrap().provides, first.provides);
	});
}

#[test]
fn reports_should_cost_no_fee_and_weigh_what_they_do() {
	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		let info = call(signed(1, round, 0)).get_dispatch_info();
		assert_eq!(info.pays_fee, Pays::No);
		assert_eq!(info.call_weight, <() as WeightInfo>::submit_last_report(MaxReporters::get()));

		let weights = [1, 2, 3].map(|account| {
			let done = dispatch(signed(account, round, 0)).unwrap();
			assert_eq!(done.pays_fee, Pays::No);
			done.actual_weight.unwrap()
		});
		let open = <() as WeightInfo>::submit_report();
		assert_eq!(weights, [open, open, <() as WeightInfo>::submit_last_report(4)]);
	});
}

#[test]
fn a_report_should_pass_through_the_transaction_extension_that_authorises_it() {
	use frame_system::offchain::CreateAuthorizedTransaction;
	use sp_runtime::traits::Applyable;

	fn create_authorized_transaction(call: RuntimeCall) -> Extrinsic {
		<Test as CreateAuthorizedTransaction<crate::Call<Test>>>::create_authorized_transaction(
			call,
		)
	}

	ExtBuilder::default().build_and_execute(|| {
		let round = open_next_round();
		let apply = |report| {
			let call = call(report);
			let info = call.get_dispatch_info();
			let transaction: Extrinsic = create_authorized_transaction(call);
			let checked = transaction.check(&IdentityLookup::<u64>::default()).unwrap();
			checked.validate::<Test>(TransactionSource::External, &info, 0)?;
			checked.apply::<Test>(&info, 0)
		};
		assert_ok!(apply(signed(1, round, 7)).unwrap());
		assert_eq!(Oracle::open_round(FEED).unwrap().reports, 1);

		let (mut forged, signature) = signed(2, round, 7);
		forged.value = 8;
		assert_eq!(
			apply((forged, signature)).unwrap_err(),
			TransactionValidityError::Invalid(InvalidTransaction::BadProof)
		);
		assert_eq!(Oracle::open_round(FEED).unwrap().reports, 1);
	});
}

#[test]
fn only_reports_can_be_authorised() {
	ExtBuilder::default().build_and_execute(|| {
		let pause: RuntimeCall = crate::Call::pause_feed { id: FEED }.into();
		assert!(pause.authorize(TransactionSource::External).is_none());
	});
}
