//! What absence and equivocations cost in the real runtime.

use crate::support::{chain, empty_blocks};
use pallet_rwa_slashing::Turnout;
use rwa_runtime::{
	configs::consensus::{EpochDuration, OfflineLimit, ValidatorSlash},
	AccountId, Balance, Runtime, RuntimeOrigin, Session, Slashing, Staking,
};
use sp_runtime::Perbill;
use sp_staking::{
	offence::{Offence, OffenceError, ReportOffence},
	StakingAccount,
};
use std::collections::BTreeSet;

/// Slots of a session in these tests.
const SESSION: u64 = 10;

/// Puts a value where genesis of a test network has it.
fn set_parameter(name: &str, value: impl codec::Encode) {
	sp_io::storage::set(&sp_io::hashing::twox_128(name.as_bytes()), &value.encode());
}

fn stake(validator: &AccountId) -> Balance {
	let stash = StakingAccount::Stash(validator.clone());
	Staking::ledger(stash).expect("it validates").active
}

#[test]
fn a_day_is_144_sessions_of_ten_minutes() {
	chain("local_testnet").execute_with(|| {
		assert_eq!((OfflineLimit::get(), EpochDuration::get()), (144, 600));
		assert_eq!(ValidatorSlash::get(), Perbill::from_percent(10));
	});
}

/// All blocks of these tests are the first validator's, so the others are away.
#[test]
fn a_day_of_absence_costs_the_tier_and_nobody_else_anything() {
	chain("local_testnet").execute_with(|| {
		set_parameter(":EpochDuration:", SESSION);
		// Two sessions are a day, and slashes wait for an era.
		set_parameter(":TestTempo:", 72u32);
		assert_eq!(OfflineLimit::get(), 2);
		let validators = Session::validators();
		let (author, others) = validators.split_first().expect("there are four");
		let missed = || others.iter().map(|who| Slashing::missed(who.clone())).collect::<Vec<_>>();
		let before = stake(author);

		empty_blocks(SESSION as u32 + 2);
		assert_eq!(Slashing::turnout(0), Some(Turnout { validators: 4, present: 1 }));
		assert_eq!(missed(), [1, 1, 1]);
		assert_eq!(pallet_offences::Reports::<Runtime>::iter_values().count(), 0);

		empty_blocks(SESSION as u32);
		assert_eq!(missed(), [0, 0, 0]);
		assert_eq!(Slashing::missed(author.clone()), 0);
		let offenders: BTreeSet<_> = pallet_offences::Reports::<Runtime>::iter_values()
			.map(|report| report.offender.0)
			.collect();
		assert_eq!(offenders, others.iter().cloned().collect());
		// At most a third may be disabled at a time: one of four.
		assert_eq!(Session::disabled_validators().len(), 1);

		let slashes: Vec<_> = pallet_staking::UnappliedSlashes::<Runtime>::iter_values()
			.flatten()
			.map(|slash| slash.own)
			.collect();
		assert_eq!(slashes, [before / 10; 3]);
		assert_eq!(stake(author), before);
	});
}

/// In earnest a day has four eras; here one is forced.
#[test]
fn another_day_of_absence_in_another_era_costs_as_much_again() {
	chain("local_testnet").execute_with(|| {
		set_parameter(":EpochDuration:", SESSION);
		set_parameter(":TestTempo:", 72u32);
		let away = Session::validators().pop().expect("there are four");
		let before = stake(&away);
		let slashes = || {
			pallet_staking::UnappliedSlashes::<Runtime>::iter_values()
				.flatten()
				.filter(|slash| slash.validator == away)
				.map(|slash| slash.own)
				.collect::<Vec<_>>()
		};
		empty_blocks(2 * SESSION as u32 + 2);
		assert_eq!(slashes(), [before / 10]);

		Staking::force_new_era(RuntimeOrigin::root()).expect("Root may");
		let first = pallet_staking::ActiveEra::<Runtime>::get().expect("there is one").index;
		empty_blocks(6 * SESSION as u32);
		assert!(pallet_staking::ActiveEra::<Runtime>::get().expect("there is one").index > first);
		assert_eq!(slashes(), [before / 10; 2]);
	});
}

/// Tells what an office was asked to punish with.
struct Office;

impl<O: Offence<u32>> ReportOffence<AccountId, u32, O> for Office {
	fn report_offence(_: Vec<AccountId>, offence: O) -> Result<(), OffenceError> {
		set_parameter("fraction", offence.slash_fraction(1).deconstruct());
		Ok(())
	}

	fn is_known_offence(_: &[u32], _: &O::Slot) -> bool {
		false
	}
}

/// One validator of a hundred that equivocates would lose 0.09 % by the SDK's formula.
#[test]
fn an_equivocation_costs_at_least_the_tier() {
	use pallet_rwa_slashing::RaisedReports;
	chain("local_testnet").execute_with(|| {
		let fraction_for = |validators| {
			let offence = pallet_babe::EquivocationOffence {
				slot: 1.into(),
				session_index: 0,
				validator_set_count: validators,
				offender: 7u32,
			};
			type Reports = RaisedReports<Office, ValidatorSlash>;
			<Reports as ReportOffence<AccountId, u32, _>>::report_offence(vec![], offence)
				.expect("it takes everything");
			let bytes = sp_io::storage::get(&sp_io::hashing::twox_128(b"fraction")).expect("set");
			let parts: u32 = codec::Decode::decode(&mut &bytes[..]).expect("encoded above");
			Perbill::from_parts(parts)
		};
		assert_eq!(fraction_for(100), Perbill::from_percent(10));
		// Of four it loses more by the formula.
		assert_eq!(fraction_for(4), Perbill::from_rational(9u32, 16));
	});
}
