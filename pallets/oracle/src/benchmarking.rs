//! What the pallet's calls and hooks cost at their worst.
//!
//! At its worst every list is as long as it gets, everybody who can be judged is guilty of both faults, and
//! readings are places near a pole, which are the dearest to agree on.

use alloc::{boxed::Box, vec::Vec};

use frame_benchmarking::v2::*;
use frame_support::{
	traits::{Authorize, Get},
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use rwa_primitives::{
	aggregate::Rules,
	app_key::{AppPublic, AppSignature},
	device::{DeviceKey, DeviceSignature, Measurement, SignedMeasurement},
	fault::Fault,
	feed::{
		Batch, Evidence, EvidenceRule, FeedId, MeasurementRef, Observation, RoundIndex, Salt,
		SourceKind, Statement, Word, MAX_STATEMENTS,
	},
	reading::{Point, Reading, Schema, Tolerance},
	traits::{Accusations, CancelPenalty, Devices, WorkingTime},
	AssetId, Balance,
};
use sp_application_crypto::RuntimeAppPublic;
use sp_core::{crypto::KeyTypeId, ecdsa, H256};
use sp_io::crypto::{ecdsa_generate, ecdsa_sign};
use sp_runtime::{
	traits::{One, Saturating},
	transaction_validity::TransactionSource,
	Percent, Permill, SaturatedConversion,
};

use crate::{
	functions::{demands::evidence_of, judgement::Outcome},
	*,
};

/// The feed that is measured.
const FEED: FeedId = feed(0);
/// The round of it that is open, where one is.
const ROUND: RoundIndex = 1_000;
const REWARD: Balance = 10;
const SALT: Salt = [7; 32];
const SEED: u32 = 0;
/// Where the keystore has the devices' keys.
const DEVICE_KEY_TYPE: KeyTypeId = KeyTypeId(*b"devi");

/// Makes operators and assets, which other pallets have.
pub trait BenchmarkHelper<AccountId> {
	/// Makes `account` an active oracle operator with the app key `key` and `stakes` times the least stake, and
	/// gives it money.
	fn register_oracle(account: &AccountId, key: &AppPublic, stakes: u32);

	/// Makes `account` the owner of `asset`, and gives it money.
	fn own(account: &AccountId, asset: AssetId);

	/// Registers `device` on `asset`, whether or not it agrees.
	fn add_device(device: &DeviceKey, asset: AssetId);
}

const fn feed(asset: AssetId) -> FeedId {
	FeedId { asset, source: SourceKind::GpsTracker }
}

// --- The feed and its people ---------------------------------------------------------------------

fn spec<T: Config>() -> FeedSpecOf<T> {
	let phase = T::MinPhase::get();
	// Time to call the next round early.
	let heartbeat = phase.saturating_mul(5u32.into());
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
		evidence: EvidenceRule::Required,
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

/// What was revealed in [`FEED`], which was removed, is forgotten when it can't be proven any more.
fn assert_due_at_end_of_proof<T: Config>() {
	let end = T::WorkingTime::now().saturating_add(T::ProofTime::get());
	assert_eq!(Due::<T>::get(FEED), Some(end));
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
	let reading = observation(FEED, 0).reading;
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

// --- Rounds --------------------------------------------------------------------------------------

/// What the reporter at `place` of a committee measures, with the evidence that takes most bytes. The half of it reads
/// one device, and the rest the other, so that the feed has used both.
fn observation(id: FeedId, place: u32) -> Observation {
	let longitude = place.saturated_into::<i32>().saturating_mul(1_000);
	let [one, other] = devices(id);
	Observation {
		reading: Reading::Point(Point { latitude: 890_000_000, longitude }),
		evidence: Some(Evidence::Measurement(MeasurementRef {
			device: if place & 1 == 0 { one } else { other },
			counter: u64::MAX,
			digest: H256::repeat_byte(7),
		})),
	}
}

/// Two devices of the asset of `id`.
fn devices(id: FeedId) -> [DeviceKey; 2] {
	[2, 3].map(|kind| {
		let mut key = [0; 33];
		for (to, byte) in key.iter_mut().zip([kind].into_iter().chain(id.asset.to_le_bytes())) {
			*to = byte;
		}
		DeviceKey::Secp256k1(ecdsa::Public::from_raw(key))
	})
}

/// What `public` signs when it finds itself so far north. With the same counter each time.
fn measurement<T: Config>(
	public: &ecdsa::Public,
	latitude: i32,
) -> Result<Box<SignedMeasurement>, BenchmarkError> {
	let measurement = Measurement {
		device: DeviceKey::Secp256k1(*public),
		feed: FEED,
		counter: u64::MAX,
		taken_at: u64::MAX,
		reading: Reading::Point(Point { latitude, longitude: 1 }),
	};
	let payload = measurement.signing_payload(&Pallet::<T>::genesis_hash());
	let signature = ecdsa_sign(DEVICE_KEY_TYPE, public, &payload).ok_or("no signature")?;
	let signature = DeviceSignature::Secp256k1(signature);
	Ok(Box::new(SignedMeasurement { measurement, signature }))
}

/// In a round of the largest committee the last has revealed `last`, and the others something else.
fn keep_testimonies<T: Config>(round: RoundIndex, last: H256) {
	let others = T::MaxCommittee::get().saturating_sub(1);
	let hash = |i: u32| H256::repeat_byte(i.saturated_into());
	let hashes: Vec<_> = (1..=others).map(hash).chain([last]).collect();
	let ended_at = T::WorkingTime::now();
	let hashes = BoundedVec::truncate_from(hashes);
	TestimoniesIn::<T>::insert(FEED, round, Testimonies { ended_at, hashes });
}

/// A device, an oracle who has revealed in [`ROUND`] exactly what it has signed, and another measurement that it has
/// signed with the same counter, which shows that the oracle has not.
struct Framed<T: Config> {
	reporter: T::AccountId,
	observation: Observation,
	revealed: Box<SignedMeasurement>,
	shown: Box<SignedMeasurement>,
}

fn frame<T: Config>() -> Result<Framed<T>, BenchmarkError> {
	let members = accounts::<T>("member", 1);
	register::<T>(&members)?;
	create::<T>(&members)?;
	let reporter = members.first().ok_or("nobody to accuse")?.clone();
	let public = ecdsa_generate(DEVICE_KEY_TYPE, None);
	T::BenchmarkHelper::add_device(&DeviceKey::Secp256k1(public), FEED.asset);
	let revealed = measurement::<T>(&public, 890_000_000)?;
	let shown = measurement::<T>(&public, 890_000_001)?;
	let observation = revealed.measurement.observation(&Pallet::<T>::genesis_hash());
	LastRound::<T>::insert(FEED, ROUND);
	keep_testimonies::<T>(ROUND, observation.testimony(&FEED, ROUND, &reporter));
	Ok(Framed { reporter, observation, revealed, shown })
}

/// Somebody demands to see what the reporter has revealed. Gives who.
fn challenge<T: Config>() -> Result<(Framed<T>, T::AccountId), BenchmarkError> {
	let framed = frame::<T>()?;
	let challenger = requester::<T>();
	let (who, observation) = (framed.reporter.clone(), framed.observation.clone());
	Pallet::<T>::do_demand_measurement(challenger.clone(), FEED, ROUND, who, observation)?;
	Ok((framed, challenger))
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
		evidence: EvidenceRule::Required,
	};
	devices(id).iter().for_each(|device| T::BenchmarkHelper::add_device(device, id.asset));
	LastRound::<T>::insert(id, ROUND);
	Rounds::<T>::insert(id, round);
	Pallet::<T>::schedule(id, deadline);
}

/// [`FEED`] has a committee of `n` with an open round, which was requested, who have all left since they were drawn, and have
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
	request::<T>()?;
	open::<T>(FEED, &committee, phase, state);
	Ok(committee)
}

/// Round [`ROUND`] of `id` can be called early by anyone of `committee`, in this block and later.
fn watch<T: Config>(id: FeedId, committee: &RosterOf<T>) {
	let (now, day) = (T::WorkingTime::now(), T::Day::get());
	let watchers = committee.iter().map(|reporter| Watcher {
		reporter: reporter.clone(),
		weight: 1,
		alarmed: false,
	});
	let watch = Watch {
		round: ROUND.saturating_sub(1),
		since: now,
		until: now.saturating_add(day),
		due: now.saturating_add(day).saturating_add(day),
		assigned: committee.len().saturated_into(),
		watchers: BoundedVec::truncate_from(watchers.collect()),
		shut: false,
	};
	Watches::<T>::insert(id, watch);
	Pallet::<T>::schedule(id, now.saturating_add(day).saturating_add(day));
}

/// Somebody with money, and with an asset of its own.
fn requester<T: Config>() -> T::AccountId {
	let requester = account("requester", 0, SEED);
	T::BenchmarkHelper::own(&requester, FEED.asset.saturating_add(1));
	requester
}

/// [`ROUND`] of [`FEED`] was requested: gives whose money is held for it.
fn request<T: Config>() -> Result<T::AccountId, BenchmarkError> {
	let requester = requester::<T>();
	watch::<T>(FEED, &accounts::<T>("member", T::MaxCommittee::get()));
	Pallet::<T>::do_request_round(FEED, requester.clone())?;
	Ok(requester)
}

/// A batch of `n` alarms of one watcher, which a search finds last, each of which calls a round.
fn signed_alarms<T: Config>(n: u32) -> Result<(Batch, AppSignature), BenchmarkError> {
	let committee = accounts::<T>("member", T::MaxCommittee::get());
	let key = register::<T>(&committee)?;
	let mut statements = Vec::new();
	for id in (0..n).map(feed) {
		watch::<T>(id, &committee);
		Watches::<T>::mutate(id, |watch| {
			// The last one's word is all that is missing to a third.
			let last = watch.as_mut().and_then(|watch| watch.watchers.last_mut());
			last.into_iter().for_each(|watcher| watcher.weight = committee.len().saturated_into());
		});
		statements.push(Statement { feed: id, round: ROUND, word: Word::Alarm });
	}
	let batch = Batch { key: key.clone(), statements: BoundedVec::truncate_from(statements) };
	let payload = batch.signing_payload(&Pallet::<T>::genesis_hash());
	let signature = key.sign(&payload).ok_or("the keystore did not sign")?;
	Ok((batch, signature))
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
				observation(id, place).commitment(&genesis, &id, ROUND, reporter, &SALT),
			),
			false => DutyState::Revealed(observation(id, place)),
		});
		let word = Word::Reveal { observation: observation(id, last), salt: SALT };
		statements.push(Statement { feed: id, round: ROUND, word });
	}
	let batch = Batch { key: key.clone(), statements: BoundedVec::truncate_from(statements) };
	let signature =
		key.sign(&batch.signing_payload(&genesis)).ok_or("the keystore did not sign")?;
	Ok((batch, signature))
}

// --- Verification --------------------------------------------------------------------------------

fn assert_last_event<T: Config>(event: Event<T>) {
	frame_system::Pallet::<T>::assert_last_event(event.into());
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
		request::<T>()?;

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), FEED);

		assert!(!Due::<T>::contains_key(FEED) && !EarlyRounds::<T>::contains_key(FEED));
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
		keep_testimonies::<T>(ROUND, H256::zero());
		request::<T>()?;

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), FEED);

		assert_due_at_end_of_proof::<T>();
		assert!(!Feeds::<T>::contains_key(FEED) && !Answers::<T>::contains_key(FEED));
		assert!(!EarlyRounds::<T>::contains_key(FEED));
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
		let from: T::AccountId = account("sponsor", 0, SEED);
		T::BenchmarkHelper::own(&from, FEED.asset.saturating_add(1));
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
		let requester = requester::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(requester.clone()), FEED);

		let early = EarlyRounds::<T>::get(FEED).and_then(|early| early.request);
		assert_eq!(early.map(|request| request.requester), Some(requester));
		Ok(())
	}

	#[benchmark]
	fn prove_manipulation() -> Result<(), BenchmarkError> {
		// Worst case: it is another measurement than the one named, so that the device's standing counts, and somebody
		// demands the one named.
		let (Framed { reporter, observation, shown, .. }, _) = challenge::<T>()?;
		let prover: T::AccountId = account("prover", 0, SEED);
		let (measurement, who) = (*shown.clone(), reporter.clone());

		#[extrinsic_call]
		_(RawOrigin::Signed(prover.clone()), FEED, ROUND, who, observation.clone(), shown);

		let testimony = observation.testimony(&FEED, ROUND, &reporter);
		let penalty = T::Penalties::waiting(&reporter, Fault::DataManipulation, &testimony);
		assert!(penalty.is_some());
		frame_system::Pallet::<T>::assert_has_event(
			Event::<T>::ManipulationProven {
				feed: FEED,
				round: ROUND,
				reporter: reporter.clone(),
				observation,
				measurement,
				prover,
				penalty,
			}
			.into(),
		);
		assert_eq!(Demands::<T>::iter_prefix(&reporter).count(), 0);
		Ok(())
	}

	#[benchmark]
	fn absolve() -> Result<(), BenchmarkError> {
		// Worst case: the device is condemned, and the caller gets a share.
		let Framed { reporter, observation, revealed, shown } = frame::<T>()?;
		let caller: T::AccountId = account("friend", 0, SEED);
		T::BenchmarkHelper::own(&caller, FEED.asset.saturating_add(1));
		let (prover, accused) = (account("prover", 0, SEED), reporter.clone());
		Pallet::<T>::do_prove_manipulation(prover, FEED, ROUND, accused, observation, *shown)?;
		let (device, who) = (revealed.measurement.device.clone(), reporter.clone());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), ROUND, who, revealed);

		assert!(!T::Penalties::is_accused(&reporter));
		let standing = T::Devices::standing(&device, &FEED).ok_or("the device is gone")?;
		assert!(standing.state.is_condemned());
		Ok(())
	}

	#[benchmark]
	fn demand_measurement() -> Result<(), BenchmarkError> {
		let Framed { reporter, observation, .. } = frame::<T>()?;
		let (challenger, who) = (requester::<T>(), reporter.clone());

		#[extrinsic_call]
		_(RawOrigin::Signed(challenger.clone()), FEED, ROUND, who, observation.clone());

		let testimony = observation.testimony(&FEED, ROUND, &reporter);
		let demand = Demands::<T>::get(&reporter, testimony);
		assert_eq!(demand.map(|demand| demand.challenger), Some(challenger));
		Ok(())
	}

	#[benchmark]
	fn show_measurement() -> Result<(), BenchmarkError> {
		// Worst case: the round has other reports, so that its entry is written and not removed.
		let (Framed { reporter, revealed, .. }, challenger) = challenge::<T>()?;
		let (measurement, who) = (*revealed.clone(), reporter.clone());

		#[extrinsic_call]
		_(RawOrigin::Authorized, ROUND, who, revealed);

		assert_eq!(Demands::<T>::iter_prefix(&reporter).count(), 0);
		let paid = T::DemandBond::get();
		assert_last_event::<T>(Event::MeasurementShown {
			feed: FEED,
			round: ROUND,
			reporter,
			measurement,
			challenger,
			paid,
		});
		Ok(())
	}

	#[benchmark]
	fn authorize_show_measurement() -> Result<(), BenchmarkError> {
		let (Framed { reporter, revealed, .. }, _) = challenge::<T>()?;
		let measurement = revealed;
		let call: <T as frame_system::Config>::RuntimeCall =
			Call::show_measurement { round: ROUND, reporter, measurement }.into();

		#[block]
		{
			call.authorize(TransactionSource::InBlock)
				.ok_or("the call can't be authorised")?
				.map_err(|_| "the measurement was refused")?;
		}

		Ok(())
	}

	#[benchmark]
	fn enforce_demand() -> Result<(), BenchmarkError> {
		let (Framed { reporter, observation, .. }, _) = challenge::<T>()?;
		let testimony = observation.testimony(&FEED, ROUND, &reporter);
		Demands::<T>::mutate(&reporter, testimony, |demand| {
			demand.as_mut().map(|demand| demand.due_at = T::WorkingTime::now())
		});
		let caller: T::AccountId = account("prover", 0, SEED);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), reporter.clone(), testimony);

		assert_eq!(Demands::<T>::iter_prefix(&reporter).count(), 0);
		let evidence = evidence_of(&testimony);
		let penalty = T::Penalties::waiting(&reporter, Fault::DataManipulation, &evidence);
		assert!(penalty.is_some());
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
		let now: BlockNumberFor<T> = T::WorkingTime::now();
		// Worst case: it was requested. To drop it takes less than to open it.
		request::<T>()?;
		// The round that is forgotten.
		LastRound::<T>::insert(FEED, T::ProofRounds::get());
		keep_testimonies::<T>(1, H256::zero());

		#[block]
		{
			Pallet::<T>::handle_due(FEED, now);
		}

		assert_eq!(TestimoniesIn::<T>::iter_prefix(FEED).count(), 0);
		let drawn = Rounds::<T>::get(FEED).map(|round| round.duties.len());
		assert_eq!(drawn, Some(n.min(T::MaxCommittee::get()) as usize));
		let fee = T::DutyFee::get().saturating_mul(n.min(T::MaxCommittee::get()).into());
		assert_eq!(EarlyRounds::<T>::get(FEED).map(|early| early.fee), Some(fee));
		Ok(())
	}

	#[benchmark]
	fn forget_removed() {
		(1..=T::ProofRounds::get()).for_each(|round| keep_testimonies::<T>(round, H256::zero()));
		let now: BlockNumberFor<T> = T::WorkingTime::now();
		Pallet::<T>::schedule(FEED, now);

		#[block]
		{
			Pallet::<T>::handle_due(FEED, now);
		}

		assert_eq!(TestimoniesIn::<T>::iter_prefix(FEED).count(), 0);
		assert_eq!(Due::<T>::get(FEED), None);
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
		// Worst case: the round was requested.
		let committee = create_with_round::<T>(n, Phase::Commit, |_, _| DutyState::Silent)?;
		let now: BlockNumberFor<T> = T::WorkingTime::now();

		#[block]
		{
			Pallet::<T>::handle_due(FEED, now);
		}

		assert!(!Rounds::<T>::contains_key(FEED) && !EarlyRounds::<T>::contains_key(FEED));
		assert_eq!(Failures::<T>::get(FEED), 2);
		assert_remembered::<T>(&committee);
		Ok(())
	}

	#[benchmark]
	fn close_round(
		n: Linear<{ T::MinCommittee::get() }, { T::MaxCommittee::get() }>,
	) -> Result<(), BenchmarkError> {
		// Worst case: all are paid, the feed has used two devices, and the round was requested in vain.
		let committee = create_with_round::<T>(n, Phase::Reveal, |place, _| {
			DutyState::Revealed(observation(FEED, place))
		})?;
		let fee = T::DutyFee::get().saturating_mul(n.into());
		Pallet::<T>::note_early_fee(FEED, fee);
		let now: BlockNumberFor<T> = T::WorkingTime::now();

		#[block]
		{
			Pallet::<T>::handle_due(FEED, now);
		}

		assert_eq!(Answers::<T>::get(FEED).map(|answer| answer.round), Some(ROUND));
		let testimonies = TestimoniesIn::<T>::get(FEED, ROUND).map(|kept| kept.hashes.len());
		assert_eq!(testimonies, Some(n as usize));
		let counters = devices(FEED)
			.map(|device| T::Devices::standing(&device, &FEED).map(|standing| standing.counter));
		assert_eq!(counters, [Some(u64::MAX); 2]);
		// Whoever has requested the round has paid for it.
		assert!(!EarlyRounds::<T>::contains_key(FEED));
		assert_eq!(Budgets::<T>::get(FEED), budget::<T>().saturating_add(fee));
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
