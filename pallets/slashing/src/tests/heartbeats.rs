//! Whose heartbeats count, and who tries in vain.

use crate::{mock::*, Error, Event, WeightInfo};
use codec::Encode;
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{GetDispatchInfo, Pays},
	traits::Authorize,
};
use rwa_primitives::{
	app_key::{AppSignature, Role},
	heartbeat::Heartbeat,
	traits::Presence,
	AccountId,
};
use sp_core::{Pair, H256};
use sp_runtime::{
	traits::{Checkable, IdentityLookup},
	transaction_validity::{
		InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction,
	},
	DispatchError,
};

/// Neither the pool nor a block takes the heartbeat, and for which reasons.
#[track_caller]
fn assert_refused(
	beat: (Heartbeat, AppSignature),
	by_pool: InvalidTransaction,
	by_block: Error<Test>,
) {
	assert_eq!(authorize(beat.clone()), Err(TransactionValidityError::Invalid(by_pool)));
	assert_noop!(dispatch(beat), by_block);
}

#[test]
fn a_heartbeat_should_count_once_in_each_period() {
	execute(|| {
		for _ in 0..3 {
			pass(PERIOD);
			System::reset_events();
			let beat = signed(&ORACLE, period());
			assert_ok!(authorize(beat.clone()));
			assert_ok!(dispatch(beat.clone()));
			System::assert_last_event(
				Event::HeartbeatReceived { node: ORACLE, period: period() }.into(),
			);
			assert_eq!(Registry::last_seen(&ORACLE), Some(System::block_number()));
			assert_refused(beat, InvalidTransaction::Stale, Error::AlreadySeen);
		}
	});
}

#[test]
fn every_role_but_validators_should_send_heartbeats() {
	execute(|| {
		Keys::mutate(|keys| keys.insert(key(&ALICE), ALICE));
		pass(PERIOD);
		for node in [VERIFIER, ORACLE, RELAY, STORAGE] {
			assert_ok!(authorize(signed(&node, period())));
			assert_ok!(dispatch(signed(&node, period())));
		}
		assert_refused(signed(&ALICE, period()), InvalidTransaction::BadSigner, Error::NotExpected);
	});
}

#[test]
fn who_registered_in_this_period_should_wait_for_the_next() {
	execute(|| {
		pass(PERIOD);
		register(&STRANGER, Role::Relay);
		Keys::mutate(|keys| keys.insert(key(&STRANGER), STRANGER));
		let beat = || signed(&STRANGER, period());
		assert_refused(beat(), InvalidTransaction::Stale, Error::AlreadySeen);
		pass(PERIOD);
		assert_ok!(dispatch(beat()));
	});
}

#[test]
fn other_periods_than_the_current_should_be_refused() {
	execute(|| {
		pass(2 * PERIOD);
		let now = period();
		assert_refused(signed(&ORACLE, now - 1), InvalidTransaction::Stale, Error::PeriodOver);
		assert_refused(signed(&ORACLE, now + 1), InvalidTransaction::Future, Error::PeriodNotBegun);
		assert_ok!(dispatch(signed(&ORACLE, now)));
	});
}

#[test]
fn keys_that_belong_to_nobody_should_be_refused() {
	execute(|| {
		pass(PERIOD);
		let beat = signed(&STRANGER, period());
		assert_refused(beat, InvalidTransaction::BadSigner, Error::UnknownKey);
	});
}

#[test]
fn who_is_excused_should_not_be_heard() {
	execute(|| {
		pass(PERIOD);
		change(&ORACLE, |node| node.excused_since = Some(5));
		let beat = || signed(&ORACLE, period());
		assert_refused(beat(), InvalidTransaction::BadSigner, Error::NotExpected);
		change(&ORACLE, |node| node.excused_since = None);
		assert_ok!(dispatch(beat()));
	});
}

#[test]
fn a_rotated_key_should_not_be_heard_a_second_time() {
	execute(|| {
		pass(PERIOD);
		assert_ok!(dispatch(signed(&ORACLE, period())));
		// The oracle replaces its key by the stranger's.
		Keys::mutate(|keys| {
			keys.remove(&key(&ORACLE));
			keys.insert(key(&STRANGER), ORACLE);
		});
		let again = signed(&STRANGER, period());
		assert_refused(again, InvalidTransaction::Stale, Error::AlreadySeen);
		pass(PERIOD);
		let old = signed(&ORACLE, period());
		assert_refused(old, InvalidTransaction::BadSigner, Error::UnknownKey);
		assert_ok!(dispatch(signed(&STRANGER, period())));
	});
}

#[test]
fn signatures_should_bind_every_word_of_the_heartbeat() {
	execute(|| {
		pass(2 * PERIOD);
		let beat = Heartbeat { key: key(&ORACLE), period: period() };
		let refused = |signature| {
			let beat = (beat.clone(), signature);
			assert_refused(beat, InvalidTransaction::BadProof, Error::BadSignature)
		};
		let payload = beat.signing_payload(&genesis_hash());
		// Signed by somebody else's key, for another chain, without the domain, or for another period.
		refused(pair(&RELAY).sign(&payload));
		refused(pair(&ORACLE).sign(&beat.signing_payload(&H256::zero())));
		refused(pair(&ORACLE).sign(&beat.encode()));
		refused(signed(&ORACLE, period() - 1).1);
		// What it signs.
		let domain = (b"rwa/heartbeat/v1", genesis_hash(), key(&ORACLE), 2u32).encode();
		assert_eq!(payload, domain);
		assert_ok!(dispatch((beat.clone(), pair(&ORACLE).sign(&payload))));
	});
}

#[test]
fn only_authorised_transactions_should_carry_heartbeats() {
	execute(|| {
		pass(PERIOD);
		for origin in [RuntimeOrigin::root(), RuntimeOrigin::signed(ORACLE), RuntimeOrigin::none()]
		{
			let (beat, signature) = signed(&ORACLE, period());
			assert_noop!(Slashing::heartbeat(origin, beat, signature), DispatchError::BadOrigin);
		}
	});
}

#[test]
fn only_heartbeats_can_be_authorised() {
	execute(|| {
		let report: RuntimeCall = crate::Call::report_absence { node: ORACLE }.into();
		assert!(report.authorize(TransactionSource::External).is_none());
	});
}

#[test]
fn the_pool_should_keep_one_heartbeat_per_node_for_the_rest_of_the_period() {
	execute(|| {
		run_to(PERIOD + 5);
		let first = authorize(signed(&ORACLE, 1)).unwrap();
		assert_eq!(
			first,
			ValidTransaction::with_tag_prefix("rwa/heartbeat")
				.priority(7)
				.and_provides((ORACLE, 1u32))
				.longevity(PERIOD - 5)
				.propagate(true)
				.build()
				.unwrap()
		);
		// Another key of the same account provides the same.
		Keys::mutate(|keys| keys.insert(key(&STRANGER), ORACLE));
		assert_eq!(authorize(signed(&STRANGER, 1)).unwrap().provides, first.provides);
		assert_ne!(authorize(signed(&RELAY, 1)).unwrap().provides, first.provides);
	});
}

#[test]
fn heartbeats_should_cost_no_fee() {
	execute(|| {
		let call = call(signed(&ORACLE, 1));
		let info = call.get_dispatch_info();
		assert_eq!(info.pays_fee, Pays::No);
		// As if it brought a penalty with it.
		let weight =
			<() as WeightInfo>::heartbeat().saturating_add(<() as WeightInfo>::report_fault());
		assert_eq!(info.call_weight, weight);
		assert_eq!(call.weight_of_authorize(), <() as WeightInfo>::authorize_heartbeat());
	});
}

#[test]
fn a_heartbeat_should_pass_through_the_transaction_extension_that_authorises_it() {
	use frame_system::offchain::CreateAuthorizedTransaction;
	use sp_runtime::traits::Applyable;

	execute(|| {
		pass(PERIOD);
		let apply = |beat| {
			let call = call(beat);
			let info = call.get_dispatch_info();
			let transaction: Extrinsic = <Test as CreateAuthorizedTransaction<
				crate::Call<Test>,
			>>::create_authorized_transaction(call);
			let checked = transaction.check(&IdentityLookup::<AccountId>::default()).unwrap();
			checked.validate::<Test>(TransactionSource::External, &info, 0)?;
			checked.apply::<Test>(&info, 0)
		};
		assert_ok!(apply(signed(&ORACLE, period())).unwrap());
		assert_eq!(Registry::last_seen(&ORACLE), Some(System::block_number()));

		let (mut forged, signature) = signed(&RELAY, period());
		forged.key = key(&STORAGE);
		assert_eq!(
			apply((forged, signature)).unwrap_err(),
			TransactionValidityError::Invalid(InvalidTransaction::BadProof)
		);
		assert_ne!(Registry::last_seen(&STORAGE), Some(System::block_number()));
	});
}
