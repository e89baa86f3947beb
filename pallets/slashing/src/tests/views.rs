//! What anyone can ask.

use crate::mock::*;
use frame_support::assert_ok;
use rwa_primitives::{app_key::Role, fault::Fault, AccountId};
use sp_runtime::Perbill;

fn numbers(page: Vec<(u64, crate::PenaltyOf<Test>)>) -> Vec<u64> {
	page.into_iter().map(|(id, _)| id).collect()
}

#[test]
fn pending_penalties_should_be_listed_oldest_first() {
	execute(|| {
		for evidence in 1..=5 {
			accuse(&ORACLE, Fault::FailureToRespond, evidence);
			accuse(&RELAY, Fault::WithheldMessage, evidence);
		}
		assert_ok!(cancel(4));
		assert_eq!(numbers(Slashing::pending_penalties(ORACLE)), [0, 2, 6, 8]);
		assert_eq!(numbers(Slashing::pending_penalties(RELAY)), [1, 3, 5, 7, 9]);
		assert!(Slashing::pending_penalties(STORAGE).is_empty());
		let (id, penalty) = Slashing::pending_penalties(ORACLE).remove(1);
		assert_eq!(Slashing::penalty(id), Some(penalty));
	});
}

#[test]
fn penalties_should_be_listed_page_by_page() {
	execute(|| {
		for evidence in 1..=5 {
			accuse(&ORACLE, Fault::FailureToRespond, evidence);
		}
		assert_ok!(cancel(1));
		assert_eq!(numbers(Slashing::penalties_since(0, 2)), [0, 1]);
		assert_eq!(numbers(Slashing::penalties_since(2, 10)), [2, 3, 4]);
		for (first, limit) in [(5, 10), (u64::MAX, u32::MAX), (0, 0)] {
			assert!(Slashing::penalties_since(first, limit).is_empty());
		}
		// Those that are forgotten are passed over.
		run_to(2 + WINDOW);
		assert_eq!(numbers(Slashing::penalties_since(0, 2)), [2, 3]);
	});
}

#[test]
fn a_page_should_have_no_more_than_100() {
	execute(|| {
		for index in 0..101u8 {
			let node = AccountId::new([100 + index; 32]);
			register(&node, Role::Oracle);
			accuse(&node, Fault::FailureToRespond, 1);
		}
		assert_eq!(Slashing::penalties_since(0, u32::MAX).len(), 100);
		assert_eq!(numbers(Slashing::penalties_since(100, u32::MAX)), [100]);
	});
}

#[test]
fn every_condition_should_be_listed_with_its_severity() {
	let conditions = Slashing::conditions();
	assert_eq!(conditions.len(), Fault::ALL.len());
	assert_eq!(conditions[0], (Fault::FalseApproval, Perbill::one()));
	assert_eq!(conditions[5], (Fault::FailureToRespond, Perbill::from_percent(20)));
}
