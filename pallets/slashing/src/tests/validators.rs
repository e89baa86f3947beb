//! Proven faults of validators, through the SDK's offences pallet.

use crate::{mock::*, Error, Event, OffenderOf, Penalties, ProvenFault};
use frame_support::{assert_noop, assert_ok};
use rwa_primitives::{
	fault::{Fault, FaultReport},
	traits::Accusations,
};
use sp_core::H256;
use sp_runtime::Perbill;
use sp_staking::offence::Offence;

#[test]
fn a_validators_fault_should_go_to_the_offices_for_validators() {
	execute(|| {
		System::reset_events();
		assert_ok!(tell(report(&ALICE, Fault::DoubleVoting, 1)));
		let tenth = Perbill::from_percent(10);
		assert_eq!(Slashed::get(), [(ALICE, vec![STRANGER], tenth, 5)]);
		System::assert_last_event(
			Event::ValidatorReported {
				validator: ALICE,
				fault: Fault::DoubleVoting,
				session: 5,
				fraction: tenth,
				evidence: H256::repeat_byte(1),
				reporter: Some(STRANGER),
			}
			.into(),
		);
		// Nothing waits here.
		assert_eq!(Penalties::<Test>::iter().count(), 0);
		assert!(!Slashing::is_accused(&ALICE));
	});
}

#[test]
fn the_rate_should_be_that_of_the_block_in_which_it_happened() {
	execute(|| {
		RateSince::set(Some((10, Perbill::from_percent(20))));
		run_to(12);
		let at = |happened, evidence| FaultReport {
			happened,
			..report(&ALICE, Fault::DoubleVoting, evidence)
		};
		assert_ok!(tell(at(9, 1)));
		assert_ok!(tell(at(10, 2)));
		let fractions: Vec<_> = Slashed::get().into_iter().map(|slash| slash.2).collect();
		assert_eq!(fractions, [10, 20].map(Perbill::from_percent));
	});
}

#[test]
fn one_thing_should_be_punished_once() {
	execute(|| {
		assert_ok!(tell(report(&ALICE, Fault::DoubleVoting, 1)));
		let again = report(&ALICE, Fault::DoubleVoting, 1);
		assert_noop!(tell(again.clone()), Error::<Test>::AlreadyPunished);
		let other = FaultReport { session: 6, happened: 0, reporter: None, ..again };
		assert_noop!(tell(other), Error::<Test>::AlreadyPunished);
		assert_eq!(Slashed::get().len(), 1);
	});
}

/// The offences pallet takes two offences of one kind, slot and offender for one, and reports all
/// offenders of a slot again with each new one.
#[test]
fn other_evidence_another_fault_or_another_offender_should_be_another_thing() {
	execute(|| {
		assert_ok!(tell(report(&ALICE, Fault::DoubleVoting, 1)));
		assert_ok!(tell(report(&ALICE, Fault::DoubleVoting, 2)));
		assert_ok!(tell(report(&ALICE, Fault::FalseApproval, 1)));
		assert_ok!(tell(report(&BOB, Fault::FalseApproval, 1)));
		let slashed: Vec<_> = Slashed::get().into_iter().map(|slash| slash.0).collect();
		assert_eq!(slashed, [ALICE, ALICE, ALICE, BOB]);
	});
}

#[test]
fn who_does_not_validate_any_more_should_be_punished_still() {
	execute(|| {
		// Not elected again, but it was when it did so.
		Validators::set(vec![BOB, CHARLIE]);
		assert_ok!(tell(report(&ALICE, Fault::DoubleVoting, 1)));
		assert_eq!(Slashed::get().len(), 1);
	});
}

/// Leaving the registry is no way out.
#[test]
fn who_left_the_registry_should_be_punished_still() {
	execute(|| {
		Nodes::mutate(|nodes| nodes.remove(&ALICE));
		assert_ok!(tell(report(&ALICE, Fault::DoubleVoting, 1)));
		assert_eq!(Slashed::get().len(), 1);
		assert_noop!(
			tell(report(&ALICE, Fault::DataManipulation, 1)),
			Error::<Test>::ImpossibleFault
		);
	});
}

/// The staking pallet would take the report, and nothing from anybody.
#[test]
fn who_was_not_elected_then_should_be_unknown() {
	execute(|| {
		let fault = report(&ALICE, Fault::DoubleVoting, 1);
		Elected::mutate(|elected| elected.insert(ALICE, fault.session + 1));
		assert_noop!(tell(fault.clone()), Error::<Test>::UnknownOffender);

		Nodes::mutate(|nodes| nodes.remove(&ALICE));
		assert_noop!(tell(fault), Error::<Test>::UnknownOffender);
	});
}

#[test]
fn old_and_future_faults_should_be_left_alone() {
	execute(|| {
		run_to(5 + WINDOW);
		let at = |happened| FaultReport { happened, ..report(&ALICE, Fault::DoubleVoting, 1) };
		assert_noop!(tell(at(4)), Error::<Test>::TooOld);
		assert_noop!(tell(at(6 + WINDOW)), Error::<Test>::NotYetHappened);
		assert_ok!(tell(at(5)));
	});
}

#[test]
fn who_brings_its_own_fault_should_get_nothing_of_it() {
	execute(|| {
		let own = FaultReport { reporter: Some(ALICE), ..report(&ALICE, Fault::DoubleVoting, 1) };
		assert_ok!(tell(own));
		assert!(Slashed::get()[0].1.is_empty());
	});
}

#[test]
fn a_proven_fault_should_have_a_name_of_its_own_and_cost_what_it_says() {
	assert_eq!(<ProvenFault<OffenderOf<Test>> as Offence<_>>::ID, *b"rwa:proven-fault");
	let offence = ProvenFault {
		session: 3,
		validators: 4,
		offender: (ALICE, ()),
		fault: Fault::FalseApproval,
		evidence: H256::zero(),
		fraction: Perbill::from_percent(7),
	};
	assert_eq!(offence.offenders(), [(ALICE, ())]);
	assert_eq!((offence.session_index(), offence.validator_set_count()), (3, 4));
	for offenders in 1..=4 {
		assert_eq!(offence.slash_fraction(offenders), Perbill::from_percent(7));
	}
}
