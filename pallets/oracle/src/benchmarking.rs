//! What the pallet's calls and hooks cost at their worst.
//!
//! "Busy" reporters report to as many feeds as they may, so that every list that is touched is as
//! long as it gets.

use alloc::vec::Vec;

use frame_benchmarking::v2::*;
use frame_support::{
	traits::{Authorize, EnsureOrigin, Get},
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use rwa_primitives::{
	app_key::{AppPublic, AppSignature},
	feed::{FeedId, Report, SourceKind},
	traits::WorkingTime,
};
use sp_application_crypto::RuntimeAppPublic;
use sp_runtime::{
	traits::{One, Saturating},
	transaction_validity::TransactionSource,
	SaturatedConversion,
};

use crate::*;

/// The feed that is measured. The others, which keep its reporters busy, have other assets.
const FEED: FeedId = FeedId { asset: 0, source: SourceKind::WeatherApi };
const MAXIMUM: i128 = 1_000_000;
const SEED: u32 = 0;

/// Makes operators, which only the registry can.
pub trait BenchmarkHelper<AccountId> {
	/// Registers `key` as the app key of `account`, an active oracle operator.
	fn register_oracle(account: &AccountId, key: &AppPublic);
}

fn spec<T: Config>() -> FeedSpecOf<T> {
	let deadline = T::MinDeadline::get();
	let heartbeat = deadline.saturating_add(One::one());
	let unit = BoundedVec::truncate_from(alloc::vec![b'u'; T::MaxUnitLength::get() as usize]);
	FeedSpec {
		unit,
		decimals: 18,
		minimum: 0,
		maximum: MAXIMUM,
		heartbeat,
		deadline,
		max_age: heartbeat,
	}
}

fn reporters<T: Config>(name: &'static str, n: u32) -> ReportersOf<T> {
	BoundedVec::truncate_from((0..n).map(|i| account(name, i, SEED)).collect())
}

/// Gives the accounts other feeds, until each has room for one more.
fn keep_busy<T: Config>(reporters: &ReportersOf<T>) -> Result<(), BenchmarkError> {
	for asset in 1..T::MaxFeedsPerReporter::get() {
		let other = FeedId { asset, ..FEED };
		if !Feeds::<T>::contains_key(other) {
			Pallet::<T>::do_create_feed(other, spec::<T>(), reporters.clone())?;
		}
	}
	Ok(())
}

/// Creates [`FEED`] with `n` busy reporters.
fn create<T: Config>(n: u32) -> Result<ReportersOf<T>, BenchmarkError> {
	let reporters = reporters::<T>("reporter", n);
	keep_busy::<T>(&reporters)?;
	Pallet::<T>::do_create_feed(FEED, spec::<T>(), reporters.clone())?;
	Ok(reporters)
}

/// Creates [`FEED`] and opens its first round, which has all reports it needs but `lacking`. The
/// last of the reporters has not reported.
fn create_with_round<T: Config>(n: u32, lacking: u32) -> Result<ReportersOf<T>, BenchmarkError> {
	let reporters = create::<T>(n)?;
	Pallet::<T>::handle_due(FEED, T::WorkingTime::now());
	let mut round = Rounds::<T>::get(FEED).ok_or("no round has opened")?;
	round.reports = round.needed.saturating_sub(lacking);
	for (reporter, value) in reporters.iter().take(round.reports as usize).zip(0i128..) {
		Reports::<T>::insert(FEED, reporter, MAXIMUM.saturating_sub(value));
	}
	Rounds::<T>::insert(FEED, round);
	Ok(reporters)
}

/// Fills the history of [`FEED`], so that its oldest entry has to give way.
fn fill_history<T: Config>() {
	let agreement = |round| Agreement {
		value: 0,
		round,
		reports: 1,
		assigned: 1,
		block: frame_system::Pallet::<T>::block_number(),
		working_time: T::WorkingTime::now(),
		moment: 0,
	};
	let length = T::HistoryLength::get();
	History::<T>::insert(FEED, BoundedVec::truncate_from((0..length).map(agreement).collect()));
	Answers::<T>::insert(FEED, agreement(0));
}

/// A report that counts, by the last of the reporters: the last one that a search finds.
fn signed_report<T: Config>(
	reporters: &ReportersOf<T>,
) -> Result<(Report, AppSignature), BenchmarkError> {
	let reporter = reporters.last().ok_or("no reporters")?;
	let key = AppPublic::generate_pair(None);
	T::BenchmarkHelper::register_oracle(reporter, &key);
	let report = Report { feed: FEED, round: 1, key: key.clone(), value: MAXIMUM };
	let payload = report.signing_payload(&Pallet::<T>::genesis_hash());
	let signature = key.sign(&payload).ok_or("the keystore did not sign")?;
	Ok((report, signature))
}

fn admin<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::AdminOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)
}

fn assert_last_event<T: Config>(event: Event<T>) {
	frame_system::Pallet::<T>::assert_last_event(event.into());
}

#[benchmarks(where <T as frame_system::Config>::RuntimeCall: From<Call<T>>)]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn create_feed(n: Linear<4, { T::MaxReporters::get() }>) -> Result<(), BenchmarkError> {
		// Worst case: each reporter takes its last free place.
		let reporters = reporters::<T>("reporter", n);
		keep_busy::<T>(&reporters)?;
		let (origin, spec) = (admin::<T>()?, spec::<T>());

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, FEED, spec.clone(), reporters.clone());

		assert_last_event::<T>(Event::FeedCreated { feed: FEED, spec, reporters });
		Ok(())
	}

	#[benchmark]
	fn set_reporters(n: Linear<4, { T::MaxReporters::get() }>) -> Result<(), BenchmarkError> {
		// Worst case: as many as possible go, and none of those who come was there before.
		create::<T>(T::MaxReporters::get())?;
		let successors = reporters::<T>("successor", n);
		let origin = admin::<T>()?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, FEED, successors.clone());

		assert_last_event::<T>(Event::ReportersSet { feed: FEED, reporters: successors });
		Ok(())
	}

	#[benchmark]
	fn pause_feed() -> Result<(), BenchmarkError> {
		// Worst case: a round is open with as many reports as one can have.
		create_with_round::<T>(T::MaxReporters::get(), 1)?;
		let origin = admin::<T>()?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, FEED);

		assert_eq!(Reports::<T>::iter_prefix(FEED).count(), 0);
		assert_last_event::<T>(Event::FeedPaused { feed: FEED });
		Ok(())
	}

	#[benchmark]
	fn resume_feed() -> Result<(), BenchmarkError> {
		create::<T>(T::MaxReporters::get())?;
		Pallet::<T>::do_pause_feed(FEED)?;
		let origin = admin::<T>()?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, FEED);

		assert_last_event::<T>(Event::FeedResumed { feed: FEED });
		Ok(())
	}

	#[benchmark]
	fn remove_feed() -> Result<(), BenchmarkError> {
		// Worst case: a full round, a full history and the most reporters, all of them busy.
		create_with_round::<T>(T::MaxReporters::get(), 1)?;
		fill_history::<T>();
		let origin = admin::<T>()?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, FEED);

		assert!(!Feeds::<T>::contains_key(FEED) && !Answers::<T>::contains_key(FEED));
		assert_last_event::<T>(Event::FeedRemoved { feed: FEED });
		Ok(())
	}

	#[benchmark]
	fn submit_report() -> Result<(), BenchmarkError> {
		// Worst case: the longest list of reporters, and the reporter at its end.
		let reporters = create_with_round::<T>(T::MaxReporters::get(), 2)?;
		let (report, signature) = signed_report::<T>(&reporters)?;

		#[extrinsic_call]
		_(RawOrigin::Authorized, report, signature);

		let lacking =
			Rounds::<T>::get(FEED).map(|round| round.needed.saturating_sub(round.reports));
		assert_eq!(lacking, Some(1));
		Ok(())
	}

	#[benchmark]
	fn submit_last_report(n: Linear<4, { T::MaxReporters::get() }>) -> Result<(), BenchmarkError> {
		// Worst case: the report closes the round, and the history is full.
		let reporters = create_with_round::<T>(n, 1)?;
		fill_history::<T>();
		let (report, signature) = signed_report::<T>(&reporters)?;

		#[extrinsic_call]
		submit_report(RawOrigin::Authorized, report, signature);

		assert!(!Rounds::<T>::contains_key(FEED));
		assert_eq!(Answers::<T>::get(FEED).map(|answer| answer.round), Some(1));
		Ok(())
	}

	#[benchmark]
	fn authorize_submit_report() -> Result<(), BenchmarkError> {
		// Worst case: nothing is wrong, so that every check is made.
		let reporters = create_with_round::<T>(T::MaxReporters::get(), 2)?;
		let (report, signature) = signed_report::<T>(&reporters)?;
		let call: <T as frame_system::Config>::RuntimeCall =
			Call::submit_report { report, signature }.into();

		#[block]
		{
			call.authorize(TransactionSource::InBlock)
				.ok_or("the call can't be authorised")?
				.map_err(|_| "the report was refused")?;
		}

		Ok(())
	}

	#[benchmark]
	fn agenda_halted() {
		let mut running = false;

		#[block]
		{
			running |= T::WorkingTime::is_running();
		}

		// Both are fine: what is measured is asking.
		assert_eq!(running, T::WorkingTime::is_running());
	}

	#[benchmark]
	fn agenda_base() {
		let later = T::WorkingTime::now().saturating_add(One::one());
		Pallet::<T>::schedule(FEED, later);

		#[block]
		{
			if T::WorkingTime::is_running() {
				Pallet::<T>::handle_agenda(T::WorkingTime::now());
			}
		}

		assert_eq!(Due::<T>::get(FEED), Some(later));
	}

	#[benchmark]
	fn agenda_bucket(d: Linear<0, { T::MaxDuePerBlock::get() }>) {
		let at = T::WorkingTime::now();
		for asset in 0..=d {
			Pallet::<T>::schedule(FeedId { asset, ..FEED }, at);
		}
		let due: Vec<FeedId>;

		#[block]
		{
			due = Pallet::<T>::due_in(at, d.saturated_into());
		}

		assert_eq!(due.len(), d as usize);
	}

	#[benchmark]
	fn open_round(n: Linear<4, { T::MaxReporters::get() }>) -> Result<(), BenchmarkError> {
		create::<T>(n)?;
		let now: BlockNumberFor<T> = T::WorkingTime::now();

		#[block]
		{
			Pallet::<T>::handle_due(FEED, now);
		}

		assert!(Rounds::<T>::contains_key(FEED));
		Ok(())
	}

	#[benchmark]
	fn expire_round(n: Linear<4, { T::MaxReporters::get() }>) -> Result<(), BenchmarkError> {
		// Worst case: the round lacks one report, so that there are the most to remove.
		create_with_round::<T>(n, 1)?;
		let now: BlockNumberFor<T> = T::WorkingTime::now();

		#[block]
		{
			Pallet::<T>::handle_due(FEED, now);
		}

		assert!(!Rounds::<T>::contains_key(FEED));
		assert_eq!(Reports::<T>::iter_prefix(FEED).count(), 0);
		Ok(())
	}

	impl_benchmark_test_suite! {
		Pallet,
		crate::mock::ExtBuilder::default().build_with_keystore(),
		crate::mock::Test
	}
}
