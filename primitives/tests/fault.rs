//! The table of faults: what is possible for whom, what it costs, and what its bytes are.

use codec::{Decode, Encode};
use rwa_primitives::{
	app_key::Role,
	fault::{Fault, FaultReport},
};
use sp_arithmetic::Perbill;
use sp_core::H256;

const ROLES: [Role; 5] =
	[Role::Validator, Role::Verifier, Role::Oracle, Role::Relay, Role::Storage];

#[test]
fn the_list_has_every_fault_once_in_the_order_of_its_encoding() {
	for (index, fault) in (0u8..).zip(Fault::ALL) {
		assert_eq!(fault.encode(), [index], "{fault:?}");
		assert_eq!(Fault::decode(&mut &[index][..]), Ok(fault));
	}
	let next = u8::try_from(Fault::ALL.len()).unwrap();
	assert!(Fault::decode(&mut &[next][..]).is_err(), "a fault is missing in the list");
}

#[test]
fn the_encoding_does_not_change() {
	let names: Vec<String> = Fault::ALL.iter().map(|fault| format!("{fault:?}")).collect();
	assert_eq!(
		names,
		[
			"FalseApproval",
			"DoubleVoting",
			"Absence",
			"DataManipulation",
			"ConsistentOutliers",
			"FailureToRespond",
			"FailedStorageProof",
			"LostReplica",
			"RelayEquivocation",
			"WithheldMessage",
		]
	);
}

#[test]
fn every_fault_is_possible_for_some_role_and_none_for_all() {
	for fault in Fault::ALL {
		let roles = ROLES.iter().filter(|role| fault.possible_for(**role)).count();
		assert!((1..ROLES.len()).contains(&roles), "{fault:?} is possible for {roles} roles");
	}
}

#[test]
fn every_role_can_be_punished_for_something() {
	for role in ROLES {
		assert!(Fault::ALL.iter().any(|fault| fault.possible_for(role)), "{role:?}");
	}
}

#[test]
fn each_role_can_do_what_the_specification_says() {
	let possible = |role| -> Vec<Fault> {
		Fault::ALL.into_iter().filter(|fault| fault.possible_for(role)).collect()
	};
	assert_eq!(possible(Role::Validator), [Fault::FalseApproval, Fault::DoubleVoting]);
	assert_eq!(
		possible(Role::Verifier),
		[Fault::FalseApproval, Fault::DoubleVoting, Fault::Absence]
	);
	assert_eq!(
		possible(Role::Oracle),
		[
			Fault::Absence,
			Fault::DataManipulation,
			Fault::ConsistentOutliers,
			Fault::FailureToRespond
		]
	);
	assert_eq!(
		possible(Role::Relay),
		[Fault::Absence, Fault::RelayEquivocation, Fault::WithheldMessage]
	);
	assert_eq!(
		possible(Role::Storage),
		[Fault::Absence, Fault::FailedStorageProof, Fault::LostReplica]
	);
}

#[test]
fn every_fault_costs_something_and_none_more_than_the_tier() {
	for fault in Fault::ALL {
		assert!(!fault.severity().is_zero(), "{fault:?} is free");
		assert!(fault.severity() <= Perbill::one());
	}
	// What nobody does by accident costs all of it.
	for fault in [
		Fault::FalseApproval,
		Fault::DoubleVoting,
		Fault::DataManipulation,
		Fault::RelayEquivocation,
	] {
		assert_eq!(fault.severity(), Perbill::one(), "{fault:?}");
	}
}

#[test]
fn a_report_survives_its_encoding() {
	let report = FaultReport {
		offender: 7u64,
		fault: Fault::LostReplica,
		happened: 8u32,
		session: 9,
		evidence: H256::repeat_byte(1),
		reporter: Some(10),
	};
	assert_eq!(FaultReport::decode(&mut &report.encode()[..]), Ok(report));
}
