//! Bytes that indexers rely on. If one of these tests fails, they break.

use crate::{mock::*, Call, Charge, Error, Event, Penalty, PenaltyStatus, Turnout};
use codec::Encode;
use frame_support::{storage::StoragePrefixedMap, traits::PalletInfoAccess};
use rwa_primitives::{app_key::Role, fault::Fault};
use sp_core::H256;
use sp_runtime::Perbill;

#[test]
fn events_should_keep_their_encoding() {
	let turnout = Turnout { validators: 4, present: 3 };
	let ended = Event::<Test>::SessionEnded { session: 5, turnout };
	assert_eq!(ended.encode(), [0, 5, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0]);
	let missed = Event::<Test>::SessionMissed { validator: ALICE, session: 5, missed: 2 };
	assert_eq!(missed.encode(), [&[1][..], ALICE.as_ref(), &[5, 0, 0, 0, 2, 0, 0, 0]].concat());
	let fraction = Perbill::from_parts(1);
	let offline = Event::<Test>::OfflineReported { validator: ALICE, session: 5, fraction };
	assert_eq!(offline.encode(), [&[2][..], ALICE.as_ref(), &[5, 0, 0, 0, 1, 0, 0, 0]].concat());
}

#[test]
fn events_of_penalties_should_keep_their_encoding() {
	let reported = Event::<Test>::PenaltyReported {
		penalty: 1,
		offender: ORACLE,
		role: Role::Oracle,
		fault: Fault::DataManipulation,
		amount: 2,
		reporter: Some(STRANGER),
		due_at: 3,
	};
	let expected = (3u8, 1u64, ORACLE, 2u8, 3u8, 2u128, (1u8, STRANGER), 3u64);
	assert_eq!(reported.encode(), expected.encode());
	let executed =
		Event::<Test>::PenaltyExecuted { penalty: 1, offender: ORACLE, taken: 2, to_reporter: 3 };
	assert_eq!(executed.encode(), (4u8, 1u64, ORACLE, 2u128, 3u128).encode());
	let cancelled = Event::<Test>::PenaltyCancelled { penalty: 1, offender: ORACLE };
	assert_eq!(cancelled.encode(), (5u8, 1u64, ORACLE).encode());
	let heard = Event::<Test>::HeartbeatReceived { node: ORACLE, period: 2 };
	assert_eq!(heard.encode(), (6u8, ORACLE, 2u32).encode());
	let validator = Event::<Test>::ValidatorReported {
		validator: ALICE,
		fault: Fault::DoubleVoting,
		session: 2,
		fraction: Perbill::from_parts(3),
		evidence: H256::repeat_byte(4),
		reporter: None,
	};
	let expected = (7u8, ALICE, 1u8, 2u32, 3u32, [4u8; 32], 0u8);
	assert_eq!(validator.encode(), expected.encode());
	let forgotten = Event::<Test>::PenaltyForgotten { penalty: 1 };
	assert_eq!(forgotten.encode(), (8u8, 1u64).encode());
}

#[test]
fn penalties_should_keep_their_encoding() {
	let penalty = Penalty {
		offender: ORACLE,
		role: Role::Oracle,
		fault: Fault::FailureToRespond,
		amount: 1,
		evidence: H256::repeat_byte(2),
		reporter: None,
		happened: 3u64,
		reported_at: 4,
		due_at: 5,
		status: PenaltyStatus::Executed { taken: 6 },
	};
	let expected = (ORACLE, 2u8, 5u8, 1u128, [2u8; 32], (0u8, 3u64, 4u64, 5u64), (1u8, 6u128));
	assert_eq!(penalty.encode(), expected.encode());
	assert_eq!(PenaltyStatus::Pending.encode(), [0]);
	assert_eq!(PenaltyStatus::Cancelled.encode(), [2]);
	let charge = Charge { period_start: 1u64, base: 2, charged: 3 };
	assert_eq!(charge.encode(), (1u64, 2u128, 3u128).encode());
}

#[test]
fn calls_should_keep_their_encoding() {
	let cancel = Call::<Test>::cancel_penalty { id: 7 };
	assert_eq!(cancel.encode(), (0u8, 7u64).encode());
	let report = Call::<Test>::report_absence { node: ORACLE };
	assert_eq!(report.encode(), (1u8, ORACLE).encode());
	let (beat, signature) = signed(&ORACLE, 2);
	let expected = (2u8, &beat.key, 2u32, &signature).encode();
	assert_eq!(Call::<Test>::heartbeat { beat, signature }.encode(), expected);
}

#[test]
fn errors_should_keep_their_numbers() {
	let errors = [
		Error::<Test>::UnknownOffender,
		Error::ImpossibleFault,
		Error::AlreadyPunished,
		Error::TooOld,
		Error::NotYetHappened,
		Error::NothingToTake,
		Error::UnknownPenalty,
		Error::NotPending,
		Error::NotAbsent,
		Error::OwnFault,
		Error::PeriodOver,
		Error::PeriodNotBegun,
		Error::UnknownKey,
		Error::NotExpected,
		Error::AlreadySeen,
		Error::BadSignature,
	];
	for (number, error) in (0u8..).zip(errors) {
		assert_eq!(error.encode(), [number]);
	}
}

#[test]
fn storage_should_keep_its_names() {
	assert_eq!(Slashing::name(), "Slashing");
	assert_eq!(crate::Turnouts::<Test>::storage_prefix(), b"Turnouts");
	assert_eq!(crate::Penalties::<Test>::storage_prefix(), b"Penalties");
	assert_eq!(crate::Pending::<Test>::storage_prefix(), b"Pending");
	assert_eq!(crate::Known::<Test>::storage_prefix(), b"Known");
	assert_eq!(crate::Charged::<Test>::storage_prefix(), b"Charged");
	let key = |name: &[u8]| {
		[sp_io::hashing::twox_128(b"Slashing"), sp_io::hashing::twox_128(name)].concat()
	};
	assert_eq!(crate::NextPenalty::<Test>::hashed_key().to_vec(), key(b"NextPenalty"));
	assert_eq!(crate::FirstPending::<Test>::hashed_key().to_vec(), key(b"FirstPending"));
	assert_eq!(crate::FirstKept::<Test>::hashed_key().to_vec(), key(b"FirstKept"));
	assert_eq!(crate::Absent::<Test>::hashed_key().to_vec(), key(b"Absent"));
	assert_eq!(crate::Missed::<Test>::hashed_key().to_vec(), key(b"Missed"));
	assert_eq!(crate::SessionStart::<Test>::hashed_key().to_vec(), key(b"SessionStart"));
}
