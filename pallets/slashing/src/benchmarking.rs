//! What the pallet's calls, hooks and trait functions cost at their worst.

use crate::*;
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{Authorize, EnsureOrigin, Get},
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use rwa_primitives::{
	app_key::{AppPublic, AppSignature, Role},
	fault::{Fault, FaultReport},
	heartbeat::Heartbeat,
	traits::{Accusations, Presence, ReportFault, WorkingTime},
};
use sp_application_crypto::RuntimeAppPublic;
use sp_core::H256;
use sp_runtime::{
	traits::{Convert, One, Saturating},
	transaction_validity::TransactionSource,
};

const SEED: u32 = 0;

/// Makes nodes, which only the registry and the staking pallet can.
pub trait BenchmarkHelper<AccountId, BlockNumber> {
	/// Registers `account` in `role`, which is not that of validators, as a node that is expected to be there and
	/// was seen now, with `key` as its app key. It has its role's least stake bonded, and as many withdrawals
	/// under way as it can have.
	fn register_node(account: &AccountId, role: Role, key: &AppPublic);

	/// Registers `account` as a validator that a slash finds in the current session, with as many nominators as
	/// one page of a payout has.
	fn register_validator(account: &AccountId);

	/// Lets `blocks` working blocks pass, without their hooks.
	fn pass(blocks: BlockNumber);
}

/// A node in `role`, with the key that the benchmark's keystore holds for it.
fn node<T: Config>(name: &'static str, role: Role) -> (T::AccountId, AppPublic) {
	let account: T::AccountId = account(name, 0, SEED);
	let key = AppPublic::generate_pair(None);
	T::BenchmarkHelper::register_node(&account, role, &key);
	(account, key)
}

fn validator<T: Config>(index: u32) -> Result<OffenderOf<T>, BenchmarkError> {
	let account: T::AccountId = account("validator", index, SEED);
	T::BenchmarkHelper::register_validator(&account);
	let identification =
		T::FullIdentificationOf::convert((account.clone(), 0)).ok_or("a validator is not known")?;
	Ok((account, identification))
}

/// What an account did just now, with a reporter that has nothing yet.
fn report<T: Config>(offender: &T::AccountId, fault: Fault) -> FaultReportOf<T> {
	FaultReport {
		offender: offender.clone(),
		fault,
		happened: T::WorkingTime::now(),
		session: 0,
		evidence: H256::repeat_byte(1),
		reporter: Some(account("reporter", 0, SEED)),
	}
}

/// A storage node with a penalty that waits. Gives both.
fn accused<T: Config>() -> Result<(T::AccountId, PenaltyId), BenchmarkError> {
	let (offender, _) = node::<T>("offender", Role::Storage);
	let id = NextPenalty::<T>::get();
	Pallet::<T>::report_fault(report::<T>(&offender, Fault::LostReplica))?;
	Ok((offender, id))
}

/// A heartbeat that is wanted.
fn heartbeat_of<T: Config>(key: &AppPublic) -> Result<(Heartbeat, AppSignature), BenchmarkError> {
	T::BenchmarkHelper::pass(T::HeartbeatPeriod::get());
	let beat = Heartbeat { key: key.clone(), period: Pallet::<T>::current_period() };
	let payload = beat.signing_payload(&Pallet::<T>::genesis_hash());
	let signature = key.sign(&payload).ok_or("the keystore did not sign")?;
	Ok((beat, signature))
}

fn status_of<T: Config>(id: PenaltyId) -> Option<PenaltyStatus> {
	Penalties::<T>::get(id).map(|penalty| penalty.status)
}

fn assert_last_event<T: Config>(event: Event<T>) {
	frame_system::Pallet::<T>::assert_last_event(event.into());
}

#[benchmarks(where <T as frame_system::Config>::RuntimeCall: From<Call<T>>)]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn cancel_penalty() -> Result<(), BenchmarkError> {
		let (offender, penalty) = accused::<T>()?;
		let origin =
			T::CancelOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, penalty);

		assert!(!Pallet::<T>::is_accused(&offender));
		assert_last_event::<T>(Event::PenaltyCancelled { penalty, offender });
		Ok(())
	}

	#[benchmark]
	fn report_absence() -> Result<(), BenchmarkError> {
		// Worst case: it is true.
		let (node, _) = node::<T>("offender", Role::Storage);
		T::BenchmarkHelper::pass(T::AbsenceLimit::get().saturating_add(One::one()));

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller::<T::AccountId>()), node.clone());

		assert!(Pallet::<T>::is_accused(&node));
		assert_eq!(T::Presence::last_seen(&node), Some(T::WorkingTime::now()));
		Ok(())
	}

	#[benchmark]
	fn heartbeat() -> Result<(), BenchmarkError> {
		let (node, key) = node::<T>("node", Role::Storage);
		let (beat, signature) = heartbeat_of::<T>(&key)?;
		let period = beat.period;

		#[extrinsic_call]
		_(RawOrigin::Authorized, beat, signature);

		assert_eq!(T::Presence::last_seen(&node), Some(T::WorkingTime::now()));
		assert_last_event::<T>(Event::HeartbeatReceived { node, period });
		Ok(())
	}

	#[benchmark]
	fn authorize_heartbeat() -> Result<(), BenchmarkError> {
		// Worst case: nothing is wrong, so that every check is made.
		let (_, key) = node::<T>("node", Role::Storage);
		let (beat, signature) = heartbeat_of::<T>(&key)?;
		let call: <T as frame_system::Config>::RuntimeCall =
			Call::heartbeat { beat, signature }.into();

		#[block]
		{
			call.authorize(TransactionSource::InBlock)
				.ok_or("the call can't be authorised")?
				.map_err(|_| "the heartbeat was refused")?;
		}

		Ok(())
	}

	#[benchmark]
	fn report_fault() -> Result<(), BenchmarkError> {
		// Worst case: a charge of this period, which is read and written.
		let (offender, id) = accused::<T>()?;
		let mut second = report::<T>(&offender, Fault::FailedStorageProof);
		second.evidence = H256::repeat_byte(2);

		#[block]
		{
			Pallet::<T>::report_fault(second)?;
		}

		assert_eq!(NextPenalty::<T>::get(), id.saturating_add(2));
		Ok(())
	}

	#[benchmark]
	fn report_validator_fault() -> Result<(), BenchmarkError> {
		let (offender, _) = validator::<T>(0)?;
		let report = report::<T>(&offender, Fault::DoubleVoting);
		let expected = Event::ValidatorReported {
			validator: offender,
			fault: report.fault,
			session: report.session,
			fraction: Pallet::<T>::price(Role::Validator, report.fault, report.happened),
			evidence: report.evidence,
			reporter: report.reporter.clone(),
		};

		#[block]
		{
			Pallet::<T>::report_fault(report)?;
		}

		assert_last_event::<T>(expected);
		Ok(())
	}

	#[benchmark]
	fn settle_halted() {
		let mut running = false;

		#[block]
		{
			running |= T::WorkingTime::is_running();
		}

		// Both are fine: what is measured is asking.
		assert_eq!(running, T::WorkingTime::is_running());
	}

	#[benchmark]
	fn settle_base() -> Result<(), BenchmarkError> {
		// Worst case: both ends are looked at, one penalty that isn't old enough and one that isn't due.
		let (_, first) = accused::<T>()?;
		T::BenchmarkHelper::pass(T::Deferral::get());
		Pallet::<T>::settle(T::WorkingTime::now());
		let (offender, _) = node::<T>("other", Role::Storage);
		Pallet::<T>::report_fault(report::<T>(&offender, Fault::LostReplica))?;

		#[block]
		{
			if T::WorkingTime::is_running() {
				Pallet::<T>::settle(T::WorkingTime::now());
			}
		}

		assert!(Penalties::<T>::contains_key(first));
		assert!(Pallet::<T>::is_accused(&offender));
		Ok(())
	}

	#[benchmark]
	fn execute_penalty() -> Result<(), BenchmarkError> {
		// Worst case: the reporter's share makes its account.
		let (_, id) = accused::<T>()?;
		T::BenchmarkHelper::pass(T::Deferral::get());
		let now: BlockNumberFor<T> = T::WorkingTime::now();

		#[block]
		{
			Pallet::<T>::execute_due(now);
		}

		assert!(matches!(status_of::<T>(id), Some(PenaltyStatus::Executed { .. })));
		Ok(())
	}

	#[benchmark]
	fn skip_penalty() -> Result<(), BenchmarkError> {
		let (_, id) = accused::<T>()?;
		Pallet::<T>::do_cancel_penalty(id)?;
		let now: BlockNumberFor<T> = T::WorkingTime::now();

		#[block]
		{
			Pallet::<T>::execute_due(now);
		}

		assert_eq!(FirstPending::<T>::get(), id.saturating_add(1));
		Ok(())
	}

	#[benchmark]
	fn forget_penalty() -> Result<(), BenchmarkError> {
		// Worst case: the charge goes, too.
		let (offender, id) = accused::<T>()?;
		T::BenchmarkHelper::pass(T::ReportWindow::get().saturating_add(One::one()));
		let now: BlockNumberFor<T> = T::WorkingTime::now();
		Pallet::<T>::execute_due(now);

		#[block]
		{
			Pallet::<T>::forget_old(now);
		}

		assert!(!Penalties::<T>::contains_key(id));
		assert!(!Charged::<T>::contains_key(offender));
		Ok(())
	}

	#[benchmark]
	fn end_session(v: Linear<0, { T::MaxValidators::get() }>) -> Result<(), BenchmarkError> {
		// Worst case: all of them are away for a day, and an old turnout has to go.
		let absent = (0..v).map(validator::<T>).collect::<Result<Vec<_>, _>>()?;
		let missed = absent
			.iter()
			.map(|(account, _)| (account.clone(), T::OfflineLimit::get().saturating_sub(1)));
		Missed::<T>::put(BoundedVec::truncate_from(missed.collect()));
		Absent::<T>::put(BoundedVec::truncate_from(absent));
		Turnouts::<T>::insert(1, Turnout { validators: v, present: v });
		Pallet::<T>::start_session();
		let session = T::HistoryLength::get().saturating_add(1);

		#[block]
		{
			Pallet::<T>::end_session(session);
		}

		assert!(Missed::<T>::get().is_empty() && !Absent::<T>::exists());
		assert!(Turnouts::<T>::contains_key(session) && !Turnouts::<T>::contains_key(1));
		Ok(())
	}

	#[benchmark]
	fn start_session() {
		let now: BlockNumberFor<T> = T::WorkingTime::now();

		#[block]
		{
			Pallet::<T>::start_session();
		}

		assert_eq!(SessionStart::<T>::get().1, now);
	}

	impl_benchmark_test_suite! {
		Pallet,
		crate::mock::new_test_ext(),
		crate::mock::Test
	}
}
