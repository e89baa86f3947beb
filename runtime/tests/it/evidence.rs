//! Evidence against a validator at every age: whatever era of the bonding time the fault was in, its slash is
//! executed while the stake is still there.

use crate::support::chain;
use frame_support::storage::with_transaction;
use pallet_rwa_slashing::ProvenFault;
use pallet_session::SessionManager;
use pallet_staking::{
	ActiveEra, ActiveEraInfo, BondedEras, CurrentEra, EraInfo, ErasStartSessionIndex,
	UnappliedSlashes,
};
use rwa_primitives::{
	app_key::Role,
	fault::{Fault, FaultReport},
	node::Region,
	traits::ReportFault,
};
use rwa_runtime::{
	configs::{
		rwa::ReportWindow,
		staking::{BondingDuration, SessionsPerEra, SlashDeferDuration},
	},
	AccountId, Balance, NodeRegistry, Offences, Runtime, RuntimeOrigin, Session, Slashing, Staking,
	EPOCH_DURATION_IN_SLOTS, RWA,
};
use sp_core::H256;
use sp_runtime::{DispatchError, Perbill, TransactionOutcome};
use sp_staking::{offence::ReportOffence, EraIndex, Exposure};

/// The era in which the evidence comes.
const NOW: EraIndex = 500;

#[test]
fn evidence_of_every_era_is_executed_before_the_stake_can_leave() {
	chain("local_testnet").execute_with(|| {
		let bonding: EraIndex = BondingDuration::get();
		let validator = Session::validators()[0].clone();
		let own: Balance = 10_000 * RWA;
		let session = |era: EraIndex| era * SessionsPerEra::get();
		pallet_session::CurrentIndex::<Runtime>::put(session(NOW));
		ActiveEra::<Runtime>::put(ActiveEraInfo { index: NOW, start: Some(0) });
		let eras: Vec<_> = (NOW - bonding..=NOW).map(|era| (era, session(era))).collect();
		for (era, first) in &eras {
			pallet_staking::ErasStartSessionIndex::<Runtime>::insert(era, first);
			let exposure = Exposure { total: own, own, others: vec![] };
			EraInfo::<Runtime>::set_exposure(*era, &validator, exposure);
		}
		BondedEras::<Runtime>::put(eras);

		// Stake that was withdrawn in the era of the fault can leave when the era `bonding` eras later is planned,
		// a session before it begins. A slash is executed when the era in which it is due begins, so that must be
		// an earlier one than that, and a later one than now.
		for age in 0..bonding - 1 {
			let era = NOW - age;
			let offence = ProvenFault {
				session: session(era),
				validators: 4,
				offender: (validator.clone(), ()),
				fault: Fault::FalseApproval,
				evidence: H256::zero(),
				fraction: Perbill::from_percent(10),
			};
			// Each by itself: of several faults in one span of slashing the largest counts.
			let alone = with_transaction(|| {
				assert_eq!(Offences::report_offence(vec![], offence), Ok(()), "of {age} eras ago");
				let due = era + SlashDeferDuration::get() + 1;
				assert!(due > NOW && due < era + bonding, "of {age} eras ago");
				let waiting = UnappliedSlashes::<Runtime>::get(due);
				let amounts: Vec<_> = waiting.iter().map(|slash| slash.own).collect();
				assert_eq!(amounts, [own / 10], "of {age} eras ago");
				TransactionOutcome::Rollback(Ok::<_, DispatchError>(()))
			});
			assert_eq!(alone, Ok(()));
		}

		// One era older, and the slash would be due in an era that has begun, and never be executed.
		let report = FaultReport {
			offender: validator.clone(),
			fault: Fault::FalseApproval,
			happened: 0,
			session: session(NOW - bonding + 1),
			evidence: H256::zero(),
			reporter: None,
		};
		NodeRegistry::register(
			RuntimeOrigin::signed(validator),
			Role::Validator,
			Region(*b"ZZ"),
			b"/ip4/127.0.0.1/tcp/30333".to_vec(),
			0,
		)
		.expect("a validator can register");
		let too_old = pallet_rwa_slashing::Error::<Runtime>::TooOld;
		assert_eq!(Slashing::report_fault(report.clone()), Err(too_old.into()));
		let in_time = FaultReport { session: session(NOW - bonding + 2), ..report };

		// A slash finds nothing with whoever was not elected in that era.
		let nobody = FaultReport { offender: AccountId::new([9; 32]), ..in_time.clone() };
		let unknown: DispatchError = pallet_rwa_slashing::Error::<Runtime>::UnknownOffender.into();
		assert_eq!(Slashing::report_fault(nobody), Err(unknown));
		let elected = in_time.offender.clone();
		let unelected = with_transaction(|| {
			pallet_staking::ErasStakersOverview::<Runtime>::remove(NOW - bonding + 2, &elected);
			let result = Slashing::report_fault(in_time.clone());
			TransactionOutcome::Rollback(Ok::<_, DispatchError>(result))
		});
		assert_eq!(unelected, Ok(Err(unknown)));
		let future = FaultReport { session: Session::current_index() + 1, ..in_time.clone() };
		assert_eq!(Slashing::report_fault(future), Err(unknown));

		// Elected with others' stake alone is elected.
		let others = Exposure { total: own, own: 0, others: vec![] };
		EraInfo::<Runtime>::set_exposure(NOW - bonding + 2, &elected, others);
		assert_eq!(Slashing::report_fault(in_time), Ok(None));
	});
}

/// A validator that took out everything in the era of its fault, and the report of that fault. Gives the validator
/// and what it was elected with.
fn accused_and_leaving() -> (AccountId, Balance) {
	let validator = Session::validators()[0].clone();
	let origin = || RuntimeOrigin::signed(validator.clone());
	let own = bonded(&validator).expect("a validator has bonded");
	let first = NOW * SessionsPerEra::get();
	pallet_session::CurrentIndex::<Runtime>::put(first);
	ActiveEra::<Runtime>::put(ActiveEraInfo { index: NOW, start: Some(0) });
	CurrentEra::<Runtime>::put(NOW);
	ErasStartSessionIndex::<Runtime>::insert(NOW, first);
	BondedEras::<Runtime>::put(vec![(NOW, first)]);
	EraInfo::<Runtime>::set_exposure(NOW, &validator, Exposure { total: own, own, others: vec![] });

	Staking::chill(origin()).expect("a validator may stop");
	Staking::unbond(origin(), own).expect("and take out everything");
	let offence = ProvenFault {
		session: first,
		validators: 4,
		offender: (validator.clone(), ()),
		fault: Fault::FalseApproval,
		evidence: H256::zero(),
		fraction: Perbill::from_percent(10),
	};
	assert_eq!(Offences::report_offence(vec![], offence), Ok(()));
	(validator, own)
}

/// All that `validator` has bonded, leaving or not.
fn bonded(validator: &AccountId) -> Option<Balance> {
	pallet_staking::Ledger::<Runtime>::get(validator).map(|ledger| ledger.total)
}

/// The era in which a slash for a fault of [`NOW`] is due.
fn due() -> EraIndex {
	NOW + SlashDeferDuration::get() + 1
}

/// Plans the era in which the slash is due, and begins it after `between`.
fn begin_era_of_slash(between: impl FnOnce()) {
	let start = due() * SessionsPerEra::get();
	CurrentEra::<Runtime>::put(due());
	ActiveEra::<Runtime>::put(ActiveEraInfo { index: due() - 1, start: Some(0) });
	ErasStartSessionIndex::<Runtime>::insert(due(), start);
	between();
	<Staking as SessionManager<AccountId>>::start_session(start);
}

/// Whoever knows of its fault before everybody else unbonds at once, and withdraws as soon as it may.
#[test]
fn the_slash_is_taken_before_the_stake_may_leave() {
	chain("local_testnet").execute_with(|| {
		let (validator, own) = accused_and_leaving();
		let origin = || RuntimeOrigin::signed(validator.clone());

		begin_era_of_slash(|| {
			Staking::withdraw_unbonded(origin(), 1).expect("may be asked for at any time");
			assert_eq!(bonded(&validator), Some(own), "nothing may leave yet");
		});
		assert_eq!(bonded(&validator), Some(own - own / 10), "the slash was taken");

		CurrentEra::<Runtime>::put(NOW + BondingDuration::get());
		let spans = 2; // Before and after the slash.
		Staking::withdraw_unbonded(origin(), spans).expect("the bonding time is over");
		assert_eq!(bonded(&validator), None, "the rest has left");
	});
}

#[test]
fn two_thirds_of_the_council_cancel_a_validators_slash_and_nothing_is_taken() {
	chain("local_testnet").execute_with(|| {
		let (validator, own) = accused_and_leaving();
		let council = |ayes| {
			pallet_collective::RawOrigin::<AccountId, pallet_collective::Instance1>::Members(
				ayes, 3,
			)
		};
		let cancel = |ayes| Staking::cancel_deferred_slash(council(ayes).into(), due(), vec![0]);
		assert_eq!(cancel(1), Err(DispatchError::BadOrigin));
		assert_eq!(cancel(2), Ok(()));

		begin_era_of_slash(|| ());
		assert_eq!(bonded(&validator), Some(own));
	});
}

#[test]
fn what_pallets_prove_comes_days_before_it_would_be_too_late() {
	sp_io::TestExternalities::default().execute_with(|| {
		let era = u64::from(SessionsPerEra::get()) * EPOCH_DURATION_IN_SLOTS;
		let in_time = u64::from(SlashDeferDuration::get()) * era;
		let window = u64::from(ReportWindow::get());
		assert!(window + 5 * 86_400 < in_time, "{window} blocks, then {in_time}");
	});
}
