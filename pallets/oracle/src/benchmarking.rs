//! What the pallet's calls and hooks cost at their worst.
//!
//! At its worst every list is as long as it gets, everybody who can be judged is guilty of both faults, and
//! readings are places near a pole, which are the dearest to agree on.

use alloc::vec::Vec;

use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungible::{hold::Mutate as _, InspectHold as _},
		Authorize, Get,
	},
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use rwa_primitives::{
	aggregate::Rules,
	app_key::{AppPublic, AppSignature},
	device::DeviceKey,
	fault::Fault,
	feed::{
		Batch, Evidence, FeedId, MeasurementRef, Observation, RoundIndex, Salt, SourceKind,
		Statement, Word, MAX_STATEMENTS,
	},
	reading::{Point, Reading, Schema, Tolerance},
	traits::WorkingTime,
	AssetId, Balance,
};
use sp_application_crypto::RuntimeAppPublic;
use sp_core::{ecdsa, H256};
use sp_runtime::{
	traits::{One, Saturating},
	transaction_validity::TransactionSource,
	Percent, Permill, SaturatedConversion,
};

use crate::{
	functions::{early::NOTICE, judgement::Outcome},
	*,
};

/// The feed that is measured.
const FEED: FeedId = feed(0);
/// The round of it that is open, where one is.
const ROUND: RoundIndex = 1_000;
const REWARD: Balance = 10;
const SALT: Salt = [7; 32];
const SEED: u32 = 0;

/// Makes operators and assets, which other pallets have.
pub trait BenchmarkHelper<AccountId> {
	/// Makes `account` an active oracle operator with the app key `key` and `stakes` times the least stake, and
	/// gives it money.
	fn register_oracle(account: &AccountId, key: &AppPublic, stakes: u32);

	/// Makes `account` the owner of `asset`, and gives it money.
	fn own(account: &AccountId, asset: AssetId);
}

const fn feed(asset: AssetId) -> FeedId {
	FeedId { asset, source: SourceKind::GpsTracker }
}

// --- The feed and its people ---------------------------------------------------------------------

fn spec<T: Config>() -> FeedSpecOf<T> {
	let phase = T::MinPhase::get();
	// Long enough that there is time to call a round between two.
	let heartbeat = phase.saturating_mul(4u32.into()).saturating_add(NOTICE.into());
	let within = Tolerance { relative: Permill::zero(), absolute: 1_000_000_000 };
	FeedSpec {
		unit: BoundedVec::truncate_from(alloc::vec![b'u'; T::MaxUnitLength::get() as usize]),
		schema: Schema::Point {
			south: 880_000_000,
			west: 0,
			north: 900_000_000,
			east: 900_000_000,
		},
		rules: Rules {
			quorum: Percent::from_percent(66),
			outlier_multiple: 3,
			same: within,
			divergence: within,
		},
		deviation: within,
		committee: T::MaxCommittee::get(),
		heartbeat,
		commit_time: phase,
		reveal_time: phase,
		max_age: heartbeat,
		reward: REWARD,
	}
}

/// Pays two of the dearest rounds.
fn budget<T: Config>() -> Balance {
	let duties = T::MaxCommittee::get().saturating_mul(2);
	REWARD.saturating_add(T::DutyFee::get()).saturating_mul(duties.into())
}

fn accounts<T: Config>(name: &'static str, n: u32) -> RosterOf<T> {
	BoundedVec::truncate_from((0..n).map(|i| account(name, i, SEED)).collect())
}

/// Makes the accounts operators, of different weight. Gives the key of the last.
fn register<T: Config>(accounts: &RosterOf<T>) -> Result<AppPublic, BenchmarkError> {
	let mut last = Err("nobody to register");
	for (account, stakes) in accounts.iter().zip((1..=8).cycle()) {
		let key = AppPublic::generate_pair(None);
		T::BenchmarkHelper::register_oracle(account, &key, stakes);
		last = Ok(key);
	}
	Ok(last?)
}

fn owner<T: Config>() -> T::AccountId {
	let owner = account("owner", 0, SEED);
	T::BenchmarkHelper::own(&owner, FEED.asset);
	owner
}

/// Creates [`FEED`] with money, whose roster is `roster`. Gives its owner.
fn create<T: Config>(roster: &RosterOf<T>) -> Result<T::AccountId, BenchmarkError> {
	let owner = owner::<T>();
	Pallet::<T>::do_create_feed(FEED, spec::<T>(), Some(owner.clone()), Admission::Open)?;
	Pallet::<T>::do_top_up(FEED, owner.clone(), budget::<T>())?;
	let roster = roster.clone();
	Feeds::<T>::mutate(FEED, |feed| feed.as_mut().map(|feed| feed.roster = roster));
	Ok(owner)
}

/// The next opening of [`FEED`] was put off, until somebody joins or tops it up.
fn put_off<T: Config>() {
	let heartbeats = spec::<T>().heartbeat.saturating_mul(16u32.into());
	Pallet::<T>::schedule(FEED, T::WorkingTime::now().saturating_add(heartbeats));
}

/// [`FEED`] is due in the next working block.
fn assert_due<T: Config>() {
	assert_eq!(Due::<T>::get(FEED), Some(T::WorkingTime::now().saturating_add(One::one())));
}

/// Each account has joined as many feeds as it can, [`FEED`] last.
fn keep_busy<T: Config>(accounts: &RosterOf<T>) {
	let feeds: Vec<FeedId> = (0..T::MaxFeedsPerReporter::get()).rev().map(feed).collect();
	for account in accounts {
		FeedsOf::<T>::insert(account, BoundedVec::truncate_from(feeds.clone()));
	}
}

/// Everything was done wrong in `rounds`.
fn bad_record(rounds: u32) -> Record {
	Record { rounds, outliers: rounds, missed: rounds, accepted: rounds }
}

/// Everybody is guilty, and the window is not over with one more round.
fn accuse<T: Config>(accounts: &RosterOf<T>) {
	let rounds = T::WindowRounds::get().saturating_sub(2);
	for account in accounts {
		Records::<T>::insert(FEED, account, bad_record(rounds));
	}
}

/// As many have left [`FEED`] as are remembered, `last` the last of them. All have a record.
fn fill_departed<T: Config>(last: &RosterOf<T>) {
	let others = T::MaxReporters::get().saturating_sub(last.len().saturated_into());
	let mut departed = accounts::<T>("departed", others).into_inner();
	departed.extend(last.iter().cloned());
	let departed = RosterOf::<T>::truncate_from(departed);
	accuse::<T>(&departed);
	Departed::<T>::insert(FEED, departed);
}

/// Fills the history of [`FEED`], so that its oldest entry has to give way, and its last round has failed.
fn fill_history<T: Config>() {
	let reading = observation(0).reading;
	let agreement = |round| Agreement {
		reading,
		median: reading,
		spread: 0,
		round,
		reported: 1,
		assigned: 1,
		reports: 1,
		committee: 1,
		block: frame_system::Pallet::<T>::block_number(),
		working_time: T::WorkingTime::now(),
		moment: 0,
	};
	let length = T::HistoryLength::get();
	History::<T>::insert(FEED, BoundedVec::truncate_from((1..=length).map(agreement).collect()));
	Answers::<T>::insert(FEED, agreement(length));
	Failures::<T>::insert(FEED, 1);
}

// --- Early rounds --------------------------------------------------------------------------------

/// Somebody with money and without a part in [`FEED`].
fn sponsor<T: Config>() -> T::AccountId {
	let sponsor = account("sponsor", 0, SEED);
	T::BenchmarkHelper::own(&sponsor, FEED.asset.saturating_add(1));
	sponsor
}

/// The next round of `id` can be called now, by the committee of [`ROUND`]. All but one of those whom it takes have
/// raised an alarm.
fn watch<T: Config>(id: FeedId, committee: &RosterOf<T>) {
	const WEIGHT: u128 = 1_000_000;
	let now = T::WorkingTime::now();
	let due = now.saturating_add(spec::<T>().heartbeat);
	let size = committee.len();
	let alarmed = size.saturating_sub(1).checked_div(3).unwrap_or(0);
	let watchers = committee.iter().enumerate().map(|(place, reporter)| Watcher {
		reporter: reporter.clone(),
		weight: WEIGHT,
		alarmed: place < alarmed,
	});
	let watch = Watch {
		round: ROUND,
		since: now,
		until: due.saturating_sub(One::one()),
		due,
		assigned: WEIGHT.saturating_mul(size.saturated_into()),
		watchers: BoundedVec::truncate_from(watchers.collect()),
		shut: false,
	};
	Watches::<T>::insert(id, watch);
	LastRound::<T>::insert(id, ROUND);
	Pallet::<T>::schedule(id, due);
}

/// Round `round` of [`FEED`] was requested, for more than it can cost. Gives what was put up.
fn call<T: Config>(round: RoundIndex) -> Result<RequestOf<T>, BenchmarkError> {
	let requester = sponsor::<T>();
	let request = Request { requester, bond: T::RequestBond::get(), price: budget::<T>() };
	let reason = HoldReason::RoundRequest.into();
	T::Currency::hold(&reason, &request.requester, request.held())?;
	let due = T::WorkingTime::now().saturating_add(spec::<T>().heartbeat);
	let early = EarlyRound { round, due, request: Some(request.clone()), shut: false, fee: 0 };
	EarlyRounds::<T>::insert(FEED, early);
	Ok(request)
}

/// A batch of `n` alarms, each of which calls the round after [`ROUND`], raised by the last reporter that a search
/// finds.
fn signed_alarms<T: Config>(n: u32) -> Result<(Batch, AppSignature), BenchmarkError> {
	let committee = accounts::<T>("member", T::MaxCommittee::get());
	let key = register::<T>(&committee)?;
	let mut statements = Vec::new();
	for id in (0..n).map(feed) {
		watch::<T>(id, &committee);
		let round = ROUND.saturating_add(1);
		statements.push(Statement { feed: id, round, word: Word::Alarm });
	}
	sign::<T>(key, statements)
}

// --- Rounds --------------------------------------------------------------------------------------

/// What the reporter at `place` of a committee measures, with the evidence that takes most bytes.
fn observation(place: u32) -> Observation {
	let longitude = place.saturated_into::<i32>().saturating_mul(1_000);
	Observation {
		reading: Reading::Point(Point { latitude: 890_000_000, longitude }),
		evidence: Some(Evidence::Measurement(MeasurementRef {
			device: DeviceKey::Secp256k1(ecdsa::Public::from_raw([2; 33])),
			counter: u64::MAX,
			hash: H256::repeat_byte(7),
		})),
	}
}

/// Round [`ROUND`] of `id` is open, in `phase`. `state` is the state of each duty, by its place.
fn open<T: Config>(
	id: FeedId,
	committee: &RosterOf<T>,
	phase: Phase,
	state: impl Fn(u32, &T::AccountId) -> DutyState,
) {
	let now = T::WorkingTime::now();
	let duties: Vec<_> = (0u32..)
		.zip(committee)
		.map(|(place, reporter)| Duty {
			reporter: reporter.clone(),
			weight: u128::from(place).saturating_add(1_000_000),
			state: state(place, reporter),
		})
		.collect();
	let deadline = now.saturating_add(T::MinPhase::get());
	let round = Round {
		index: ROUND,
		opened_at: now,
		phase,
		deadline,
		schema: spec::<T>().schema,
		assigned: duties.iter().fold(0, |sum, duty| sum.saturating_add(duty.weight)),
		duties: BoundedVec::truncate_from(duties),
	};
	LastRound::<T>::insert(id, ROUND);
	Rounds::<T>::insert(id, round);
	Pallet::<T>::schedule(id, deadline);
}

/// [`FEED`] has a committee of `n` with an open round, who have all left since they were drawn, and have
/// something to be blamed for. Gives the committee.
fn create_with_round<T: Config>(
	n: u32,
	phase: Phase,
	state: impl Fn(u32, &T::AccountId) -> DutyState,
) -> Result<RosterOf<T>, BenchmarkError> {
	create::<T>(&accounts::<T>("reporter", T::MaxReporters::get()))?;
	let committee = accounts::<T>("member", n);
	register::<T>(&committee)?;
	fill_departed::<T>(&committee);
	fill_history::<T>();
	open::<T>(FEED, &committee, phase, state);
	Ok(committee)
}

/// A batch of `n` reveals, each of which is the last that a round of the largest committee waits for, and
/// made by the last reporter that a search finds.
fn signed_batch<T: Config>(n: u32) -> Result<(Batch, AppSignature), BenchmarkError> {
	let committee = accounts::<T>("member", T::MaxCommittee::get());
	let last = committee.len().saturating_sub(1).saturated_into();
	let key = register::<T>(&committee)?;
	let genesis = Pallet::<T>::genesis_hash();
	let mut statements = Vec::new();
	for id in (0..n).map(feed) {
		open::<T>(id, &committee, Phase::Reveal, |place, reporter| match place == last {
			true => DutyState::Committed(
				observation(place).commitment(&genesis, &id, ROUND, reporter, &SALT),
			),
			false => DutyState::Revealed(observation(place)),
		});
		let word = Word::Reveal { observation: observation(last), salt: SALT };
		statements.push(Statement { feed: id, round: ROUND, word });
	}
	sign::<T>(key, statements)
}

fn sign<T: Config>(
	key: AppPublic,
	statements: Vec<Statement>,
) -> Result<(Batch, AppSignature), BenchmarkError> {
	let batch = Batch { key: key.clone(), statements: BoundedVec::truncate_from(statements) };
	let payload = batch.signing_payload(&Pallet::<T>::genesis_hash());
	let signature = key.sign(&payload).ok_or("the keystore did not sign")?;
	Ok((batch, signature))
}

// --- Verification --------------------------------------------------------------------------------

fn assert_last_event<T: Config>(event: Event<T>) {
	frame_system::Pallet::<T>::assert_last_event(event.into());
}

/// What was put up for round `round` of [`FEED`] was paid or given back, this much of it.
fn assert_settled<T: Config>(
	round: RoundIndex,
	request: RequestOf<T>,
	charged: Balance,
	forfeited: Balance,
) {
	let Request { requester, .. } = request;
	let held = T::Currency::balance_on_hold(&HoldReason::RoundRequest.into(), &requester);
	assert_eq!(held, 0);
	assert!(!EarlyRounds::<T>::contains_key(FEED));
	let founded = false;
	let settled =
		Event::RequestSettled { feed: FEED, round, requester, founded, charged, forfeited };
	frame_system::Pallet::<T>::assert_has_event(settled.into());
}

/// All of `accounts` are remembered for one more round.
fn assert_remembered<T: Config>(accounts: &RosterOf<T>) {
	let rounds = T::WindowRounds::get().saturating_sub(1);
	assert!(accounts.iter().all(|account| Records::<T>::get(FEED, account).rounds == rounds));
}

#[benchmarks(where <T as frame_system::Config>::RuntimeCall: From<Call<T>>)]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn create_feed(n: Linear<0, { T::MaxReporters::get() }>) -> Result<(), BenchmarkError> {
		let owner = owner::<T>();
		let admission = Admission::Invited(accounts::<T>("reporter", n));

		#[extrinsic_call]
		_(RawOrigin::Signed(owner.clone()), FEED, spec::<T>(), admission.clone());

		let (admin, payer) = (Some(owner.clone()), owner);
		let spec = spec::<T>();
		assert_last_event::<T>(Event::FeedCreated { feed: FEED, spec, admin, payer, admission });
		Ok(())
	}

	#[benchmark]
	fn set_admission(n: Linear<0, { T::MaxReporters::get() }>) -> Result<(), BenchmarkError> {
		// Worst case: everybody is taken off, and puts another one out of memory.
		let roster = accounts::<T>("reporter", T::MaxReporters::get());
		let owner = create::<T>(&roster)?;
		keep_busy::<T>(&roster);
		accuse::<T>(&roster);
		fill_departed::<T>(&RosterOf::<T>::default());
		let admission = Admission::Invited(accounts::<T>("successor", n));

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), FEED, admission.clone());

		assert_eq!(Departed::<T>::get(FEED), roster);
		assert_last_event::<T>(Event::AdmissionSet { feed: FEED, admission });
		Ok(())
	}

	#[benchmark]
	fn pause_feed() -> Result<(), BenchmarkError> {
		// Worst case: the next round was requested.
		let owner = create::<T>(&accounts::<T>("reporter", T::MaxReporters::get()))?;
		let request = call::<T>(1)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), FEED);

		assert!(!Due::<T>::contains_key(FEED));
		assert_settled::<T>(1, request, 0, 0);
		assert_last_event::<T>(Event::FeedPaused { feed: FEED });
		Ok(())
	}

	#[benchmark]
	fn resume_feed() -> Result<(), BenchmarkError> {
		let owner = create::<T>(&accounts::<T>("reporter", T::MaxReporters::get()))?;
		Pallet::<T>::pause_feed(RawOrigin::Signed(owner.clone()).into(), FEED)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), FEED);

		assert!(Due::<T>::contains_key(FEED));
		assert_last_event::<T>(Event::FeedResumed { feed: FEED });
		Ok(())
	}

	#[benchmark]
	fn remove_feed() -> Result<(), BenchmarkError> {
		let roster = accounts::<T>("reporter", T::MaxReporters::get());
		let owner = create::<T>(&roster)?;
		keep_busy::<T>(&roster);
		accuse::<T>(&roster);
		fill_departed::<T>(&RosterOf::<T>::default());
		fill_history::<T>();
		let request = call::<T>(1)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), FEED);

		assert_settled::<T>(1, request, 0, 0);
		assert!(!Feeds::<T>::contains_key(FEED) && !Answers::<T>::contains_key(FEED));
		assert_eq!(Records::<T>::iter_prefix(FEED).count(), 0);
		assert_last_event::<T>(Event::FeedRemoved { feed: FEED, refund: budget::<T>() });
		Ok(())
	}

	#[benchmark]
	fn submit(n: Linear<1, { MAX_STATEMENTS }>) -> Result<(), BenchmarkError> {
		let (batch, signature) = signed_batch::<T>(n)?;

		#[extrinsic_call]
		_(RawOrigin::Authorized, batch, signature);

		let complete = Rounds::<T>::iter_values().filter(|round| round.is_complete()).count();
		assert_eq!(complete, n as usize);
		Ok(())
	}

	#[benchmark]
	fn submit_alarms(n: Linear<1, { MAX_STATEMENTS }>) -> Result<(), BenchmarkError> {
		let (batch, signature) = signed_alarms::<T>(n)?;

		#[extrinsic_call]
		submit(RawOrigin::Authorized, batch, signature);

		assert_eq!(EarlyRounds::<T>::iter().count(), n as usize);
		assert_eq!(Watches::<T>::iter().count(), 0);
		Ok(())
	}

	#[benchmark]
	fn authorize_submit(n: Linear<1, { MAX_STATEMENTS }>) -> Result<(), BenchmarkError> {
		// Worst case: nothing is wrong, so that every check is made.
		let (batch, signature) = signed_batch::<T>(n)?;
		let call: <T as frame_system::Config>::RuntimeCall =
			Call::submit { batch, signature }.into();

		#[block]
		{
			call.authorize(TransactionSource::InBlock)
				.ok_or("the call can't be authorised")?
				.map_err(|_| "the batch was refused")?;
		}

		Ok(())
	}

	#[benchmark]
	fn join_feed() -> Result<(), BenchmarkError> {
		// Worst case: the roster is full, and who has to go is judged.
		let roster = accounts::<T>("reporter", T::MaxReporters::get());
		register::<T>(&roster)?;
		create::<T>(&roster)?;
		keep_busy::<T>(&roster);
		accuse::<T>(&roster);
		let newcomers = accounts::<T>("newcomer", 1);
		let newcomer = newcomers.first().ok_or("nobody to join")?.clone();
		T::BenchmarkHelper::register_oracle(&newcomer, &AppPublic::generate_pair(None), 2);
		keep_busy::<T>(&newcomers);
		FeedsOf::<T>::mutate(&newcomer, |feeds| feeds.pop());
		fill_departed::<T>(&newcomers);
		put_off::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(newcomer.clone()), FEED);

		let gone = roster.iter().filter(|account| !Records::<T>::contains_key(FEED, account));
		assert_eq!(gone.count(), 1);
		assert!(FeedsOf::<T>::get(&newcomer).contains(&FEED));
		assert!(!Departed::<T>::get(FEED).contains(&newcomer));
		assert_due::<T>();
		Ok(())
	}

	#[benchmark]
	fn leave_feed() -> Result<(), BenchmarkError> {
		// Worst case: the reporter is judged.
		let roster = accounts::<T>("reporter", T::MaxReporters::get());
		register::<T>(&roster)?;
		create::<T>(&roster)?;
		keep_busy::<T>(&roster);
		accuse::<T>(&roster);
		fill_departed::<T>(&RosterOf::<T>::default());
		let reporter = roster.last().ok_or("nobody to leave")?.clone();

		#[extrinsic_call]
		_(RawOrigin::Signed(reporter.clone()), FEED);

		assert!(!Records::<T>::contains_key(FEED, &reporter));
		assert_last_event::<T>(Event::Left { feed: FEED, reporter });
		Ok(())
	}

	#[benchmark]
	fn top_up() -> Result<(), BenchmarkError> {
		// Worst case: somebody else pays, for a round that was put off.
		create::<T>(&accounts::<T>("reporter", T::MaxReporters::get()))?;
		let from = sponsor::<T>();
		put_off::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(from), FEED, budget::<T>());

		assert_eq!(Budgets::<T>::get(FEED), budget::<T>().saturating_mul(2));
		assert_due::<T>();
		Ok(())
	}

	#[benchmark]
	fn request_round() -> Result<(), BenchmarkError> {
		create::<T>(&accounts::<T>("reporter", T::MaxReporters::get()))?;
		watch::<T>(FEED, &accounts::<T>("member", T::MaxCommittee::get()));
		let requester = sponsor::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(requester.clone()), FEED);

		let price = budget::<T>().checked_div(2).ok_or("no price")?;
		let held = T::Currency::balance_on_hold(&HoldReason::RoundRequest.into(), &requester);
		assert_eq!(held, T::RequestBond::get().saturating_add(price));
		assert!(!Watches::<T>::contains_key(FEED));
		let round = ROUND.saturating_add(1);
		let opens_at = T::WorkingTime::now().saturating_add(NOTICE.into());
		assert_eq!(Due::<T>::get(FEED), Some(opens_at));
		let cause = Cause::Request;
		assert_last_event::<T>(Event::EarlyRound { feed: FEED, round, cause, opens_at });
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
		for id in (0..=d).map(feed) {
			Pallet::<T>::schedule(id, at);
		}
		let due: Vec<FeedId>;

		#[block]
		{
			due = Pallet::<T>::due_in(at, d.saturated_into());
		}

		assert_eq!(due.len(), d as usize);
	}

	#[benchmark]
	fn open_round(
		n: Linear<{ T::MinCommittee::get() }, { T::MaxReporters::get() }>,
	) -> Result<(), BenchmarkError> {
		let roster = accounts::<T>("reporter", n);
		register::<T>(&roster)?;
		create::<T>(&roster)?;
		// Worst case: what the opening costs is noted for whoever has requested the round.
		call::<T>(1)?;
		let now: BlockNumberFor<T> = T::WorkingTime::now();

		#[block]
		{
			Pallet::<T>::handle_due(FEED, now);
		}

		let size = n.min(T::MaxCommittee::get());
		let drawn = Rounds::<T>::get(FEED).map(|round| round.duties.len());
		assert_eq!(drawn, Some(size as usize));
		let fee = EarlyRounds::<T>::get(FEED).map(|early| early.fee);
		assert_eq!(fee, Some(T::DutyFee::get().saturating_mul(size.into())));
		Ok(())
	}

	#[benchmark]
	fn drop_round(
		n: Linear<{ T::MinCommittee::get() }, { T::MaxReporters::get() }>,
	) -> Result<(), BenchmarkError> {
		// Worst case: everybody is weighed before it turns out that there is no money.
		let roster = accounts::<T>("reporter", n);
		register::<T>(&roster)?;
		create::<T>(&roster)?;
		Budgets::<T>::remove(FEED);
		let request = call::<T>(1)?;
		let now: BlockNumberFor<T> = T::WorkingTime::now();
		let due = now.saturating_add(spec::<T>().heartbeat);

		#[block]
		{
			Pallet::<T>::handle_due(FEED, now);
		}

		assert_settled::<T>(1, request, 0, 0);
		assert_eq!(Due::<T>::get(FEED), Some(due));
		assert!(!Rounds::<T>::contains_key(FEED));
		Ok(())
	}

	#[benchmark]
	fn start_reveal(
		n: Linear<{ T::MinCommittee::get() }, { T::MaxCommittee::get() }>,
	) -> Result<(), BenchmarkError> {
		create_with_round::<T>(n, Phase::Commit, |_, _| DutyState::Committed(H256::zero()))?;
		let now: BlockNumberFor<T> = T::WorkingTime::now();

		#[block]
		{
			Pallet::<T>::handle_due(FEED, now);
		}

		assert_eq!(Rounds::<T>::get(FEED).map(|round| round.phase), Some(Phase::Reveal));
		Ok(())
	}

	#[benchmark]
	fn fail_round(
		n: Linear<{ T::MinCommittee::get() }, { T::MaxCommittee::get() }>,
	) -> Result<(), BenchmarkError> {
		// Worst case: it was requested.
		let committee = create_with_round::<T>(n, Phase::Commit, |_, _| DutyState::Silent)?;
		let request = call::<T>(ROUND)?;
		let now: BlockNumberFor<T> = T::WorkingTime::now();

		#[block]
		{
			Pallet::<T>::handle_due(FEED, now);
		}

		assert!(!Rounds::<T>::contains_key(FEED));
		assert_eq!(Failures::<T>::get(FEED), 2);
		assert_settled::<T>(ROUND, request, 0, 0);
		assert_remembered::<T>(&committee);
		Ok(())
	}

	#[benchmark]
	fn close_round(
		n: Linear<{ T::MinCommittee::get() }, { T::MaxCommittee::get() }>,
	) -> Result<(), BenchmarkError> {
		// Worst case: all are paid, by whoever has requested the round in vain, and it is watched from then on.
		let committee = create_with_round::<T>(n, Phase::Reveal, |place, _| {
			DutyState::Revealed(observation(place))
		})?;
		let request = call::<T>(ROUND)?;
		let now: BlockNumberFor<T> = T::WorkingTime::now();

		#[block]
		{
			Pallet::<T>::handle_due(FEED, now);
		}

		assert_eq!(Answers::<T>::get(FEED).map(|answer| answer.round), Some(ROUND));
		let (paid, bond) = (REWARD.saturating_mul(n.into()), request.bond);
		assert_settled::<T>(ROUND, request, paid, bond);
		assert_eq!(Budgets::<T>::get(FEED), budget::<T>());
		assert_eq!(Watches::<T>::get(FEED).map(|watch| watch.watchers.len()), Some(n as usize));
		assert_remembered::<T>(&committee);
		Ok(())
	}

	#[benchmark]
	fn judge() -> Result<(), BenchmarkError> {
		// Worst case: guilty of both faults, has earned a job by reports that were accepted, and has left.
		create::<T>(&accounts::<T>("reporter", T::MaxReporters::get()))?;
		let members = accounts::<T>("member", 1);
		register::<T>(&members)?;
		fill_departed::<T>(&members);
		let reporter = members.first().ok_or("nobody to judge")?.clone();
		let rounds = T::WindowRounds::get().saturating_sub(1);
		Records::<T>::insert(FEED, &reporter, bad_record(rounds));
		let feed = Feeds::<T>::get(FEED).ok_or("no feed")?;

		#[block]
		{
			Pallet::<T>::settle(FEED, &feed, [(reporter.clone(), Outcome::Missed)].into_iter());
		}

		let record = Record {
			rounds: rounds.saturating_add(1),
			missed: rounds.saturating_add(1),
			..bad_record(rounds)
		};
		let faults = alloc::vec![Fault::ConsistentOutliers, Fault::FailureToRespond];
		assert_last_event::<T>(Event::Judged { feed: FEED, reporter, record, faults });
		Ok(())
	}

	impl_benchmark_test_suite! {
		Pallet,
		crate::mock::ExtBuilder::default().build_with_keystore(),
		crate::mock::Test
	}
}
