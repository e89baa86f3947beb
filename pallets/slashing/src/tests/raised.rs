//! Offences that cost at least the tier.

use crate::{mock::Tier, Offline, Raised, RaisedReports};
use sp_runtime::Perbill;
use sp_staking::{
	offence::{Kind, Offence, OffenceError, ReportOffence},
	SessionIndex,
};
use std::cell::RefCell;

/// Costs a tenth of a per cent for each offender.
#[derive(Clone)]
struct Small;

impl Offence<u32> for Small {
	const ID: Kind = *b"test:small______";
	type Slot = u64;

	fn offenders(&self) -> Vec<u32> {
		vec![1, 2]
	}
	fn session_index(&self) -> SessionIndex {
		3
	}
	fn validator_set_count(&self) -> u32 {
		4
	}
	fn slot(&self) -> u64 {
		5
	}
	fn slash_fraction(&self, offenders: u32) -> Perbill {
		Perbill::from_perthousand(offenders)
	}
}

/// What an office was told.
#[derive(Debug, PartialEq)]
struct Taken {
	kind: Kind,
	offenders: Vec<u32>,
	slot: u64,
	/// What it costs one offender, and 200.
	fractions: [Perbill; 2],
}

thread_local! {
	static TAKEN: RefCell<Vec<Taken>> = RefCell::default();
}

/// Notes what it is told, and knows of offender 7 in slot 5.
struct Office;

impl ReportOffence<(), u32, Raised<Small, Tier>> for Office {
	fn report_offence(_: Vec<()>, offence: Raised<Small, Tier>) -> Result<(), OffenceError> {
		assert_eq!((offence.session_index(), offence.validator_set_count()), (3, 4));
		TAKEN.with_borrow_mut(|taken| {
			taken.push(Taken {
				kind: <Raised<Small, Tier> as Offence<u32>>::ID,
				offenders: offence.offenders(),
				slot: offence.slot(),
				fractions: [offence.slash_fraction(1), offence.slash_fraction(200)],
			})
		});
		Ok(())
	}

	fn is_known_offence(offenders: &[u32], slot: &u64) -> bool {
		offenders == [7] && *slot == 5
	}
}

type Reports = RaisedReports<Office, Tier>;

#[test]
fn a_small_offence_should_cost_the_tier_and_a_large_one_what_it_says() {
	Tier::set(Perbill::from_percent(10));
	<Reports as ReportOffence<(), u32, Small>>::report_offence(vec![], Small).unwrap();
	let expected = Taken {
		kind: Small::ID,
		offenders: vec![1, 2],
		slot: 5,
		fractions: [Perbill::from_percent(10), Perbill::from_percent(20)],
	};
	assert_eq!(TAKEN.take(), [expected]);
}

#[test]
fn a_raised_offence_should_be_known_under_its_own_name() {
	let known = <Reports as ReportOffence<(), u32, Small>>::is_known_offence;
	assert!(known(&[7], &5));
	assert!(!known(&[7], &6));
	assert!(!known(&[8], &5));
}

#[test]
fn being_offline_should_have_a_name_of_its_own() {
	assert_eq!(<Offline<u32> as Offence<u32>>::ID, *b"rwa:offline-day_");
}
