//! What many feeds cost the chain, from the measured weights: `docs/measurements/oracle.md` has the table, which
//! `cargo test … capacity -- --nocapture` prints.

use crate::support::{
	chain,
	oracle::{commit, reveal, signed_batch, spec, FEED},
};
use codec::Encode;
use frame_support::{
	dispatch::{DispatchClass, GetDispatchInfo},
	traits::Get,
	weights::Weight,
};
use pallet_rwa_oracle::{
	Admission, Agreement, Answers, Budgets, Config, Duty, DutyState, EarlyRound, EarlyRounds, Feed,
	Feeds, FeedsOf, History, LastRound, Phase, Record, Records, RosterOf, Round, Rounds,
	Testimonies, TestimoniesIn, WeightInfo,
};
use rwa_primitives::{
	feed::{FeedId, Observation, Statement, Word, MAX_STATEMENTS},
	reading::Reading,
	Balance,
};
use rwa_runtime::{
	configs::system::RuntimeBlockWeights, constants::currency::deposit, AccountId, Runtime,
	UncheckedExtrinsic, HOURS, RWA,
};
use sp_core::H256;
use sp_runtime::BoundedVec;

type Weights = <Runtime as Config>::WeightInfo;

/// What was asked for: feeds, reporters of each, and reports a second.
const FEEDS: u32 = 1_000;
const REPORTERS: u32 = 21;
const REPORTS_PER_SECOND: u64 = 500;

/// What transactions may take of a block.
fn room() -> Weight {
	let class = RuntimeBlockWeights::get();
	class.get(DispatchClass::Normal).max_total.expect("transactions have a limit")
}

/// What a transaction takes of a block, its own overhead included.
fn weight_of(transaction: &UncheckedExtrinsic) -> Weight {
	let base = RuntimeBlockWeights::get().get(DispatchClass::Normal).base_extrinsic;
	transaction.get_dispatch_info().total_weight().saturating_add(base)
}

/// How many of `transaction` fit into a block, by weight and by length.
fn per_block(transaction: &UncheckedExtrinsic) -> u64 {
	let length = <Runtime as frame_system::Config>::BlockLength::get();
	let bytes = u64::from(*length.max.get(DispatchClass::Normal));
	let by_weight = room().checked_div_per_component(&weight_of(transaction)).expect("not free");
	by_weight.min(bytes / transaction.encoded_size() as u64)
}

/// A full batch of statements like the one in `word`.
fn batch(word: impl Fn() -> Word) -> UncheckedExtrinsic {
	let statement = |asset| Statement { feed: FeedId { asset, ..FEED }, round: 1, word: word() };
	signed_batch(&H256::zero(), "//Oracle//1", (0..MAX_STATEMENTS).map(statement).collect())
}

fn share(weight: Weight, whole: Weight) -> f64 {
	let part = |part: u64, whole: u64| part as f64 / whole as f64;
	part(weight.ref_time(), whole.ref_time()).max(part(weight.proof_size(), whole.proof_size()))
}

#[test]
fn a_block_a_second_takes_more_reports_than_were_asked_for() {
	chain("local_testnet").execute_with(|| {
		let observation = Observation { reading: Reading::Scalar(2_130), evidence: None };
		let (commit, reveal) = (commit("//Oracle//1", 1, 1), reveal("//Oracle//1", 1, 1));
		let commits = batch(|| Word::Commit(H256::zero()));
		let reveals = batch(|| Word::Reveal { observation: observation.clone(), salt: [7; 32] });

		// A report is a commitment and a reveal; half of the blocks' room for either.
		let alone = per_block(&commit).min(per_block(&reveal)) / 2;
		let batched = per_block(&commits).min(per_block(&reveals)) * u64::from(MAX_STATEMENTS) / 2;
		println!("reports a second: {alone} alone, {batched} in batches of {MAX_STATEMENTS}");
		let micros = |weight: Weight, n: u32| weight.ref_time() / 1_000_000 / u64::from(n);
		println!(
			"a report costs {} µs alone, {} µs in batches; {} and {} bytes",
			micros(weight_of(&commit).saturating_add(weight_of(&reveal)), 1),
			micros(weight_of(&commits).saturating_add(weight_of(&reveals)), MAX_STATEMENTS),
			commit.encoded_size() + reveal.encoded_size(),
			(commits.encoded_size() + reveals.encoded_size()) / MAX_STATEMENTS as usize,
		);
		assert!(batched >= REPORTS_PER_SECOND, "only {batched} reports a second fit");
	});
}

#[test]
fn a_thousand_hourly_feeds_leave_most_of_the_chain_to_others() {
	chain("local_testnet").execute_with(|| {
		let (commit, reveal) = (commit("//Oracle//1", 1, 1), reveal("//Oracle//1", 1, 1));
		let reports = weight_of(&commit).saturating_add(weight_of(&reveal));
		let rounds = Weights::open_round(REPORTERS)
			.saturating_add(Weights::start_reveal(REPORTERS))
			.saturating_add(Weights::close_round(REPORTERS));
		let hour = RuntimeBlockWeights::get().max_block.saturating_mul(HOURS.into());
		let all = |weight: Weight, times: u32| weight.saturating_mul(times.into());
		let of_reports = share(all(reports, FEEDS * REPORTERS), hour);
		let of_rounds = share(all(rounds, FEEDS), hour);
		println!(
			"{FEEDS} feeds of {REPORTERS} take {:.2} % of an hour's blocks for reports sent alone, \
			 and {:.2} % for rounds in which everybody is judged",
			of_reports * 100.0,
			of_rounds * 100.0
		);
		// Opening, revealing and closing: the agenda has room for three events of each feed in an hour.
		let due = <<Runtime as Config>::MaxDuePerBlock as Get<u32>>::get();
		assert!(3 * FEEDS < HOURS * due);
		assert!(of_reports + of_rounds < 0.5, "they take half of the chain");
	});
}

/// Entries that the oracle has in the state, and the bytes of their keys and values.
fn in_state() -> (u32, u32) {
	let prefix = sp_io::hashing::twox_128(b"Oracle").to_vec();
	let mut key = prefix.clone();
	let (mut entries, mut bytes) = (0, 0);
	while let Some(next) = sp_io::storage::next_key(&key).filter(|next| next.starts_with(&prefix)) {
		entries += 1;
		bytes += next.len() + sp_io::storage::get(&next).map_or(0, |value| value.len());
		key = next;
	}
	(entries, bytes as u32)
}

#[test]
fn a_feeds_state_is_paid_for_by_its_deposit() {
	chain("local_testnet").execute_with(|| {
		let before = in_state();
		let roster: Vec<_> =
			(0..REPORTERS as u8).map(|index| AccountId::new([index; 32])).collect();
		let reading = Reading::Scalar(2_130);
		let observation = Observation { reading, evidence: None };
		let owner = AccountId::new([200; 32]);
		Feeds::<Runtime>::insert(
			FEED,
			Feed {
				spec: spec(HOURS),
				admin: Some(owner.clone()),
				payer: owner,
				deposit: RWA,
				paused: false,
				admission: Admission::Open,
				roster: RosterOf::<Runtime>::truncate_from(roster.clone()),
			},
		);
		let duty = |reporter: &AccountId| Duty {
			reporter: reporter.clone(),
			weight: 1,
			state: DutyState::Revealed(observation.clone()),
		};
		let round = Round {
			index: 1,
			opened_at: 1,
			phase: Phase::Reveal,
			deadline: 1,
			schema: spec(HOURS).schema,
			assigned: REPORTERS.into(),
			duties: BoundedVec::truncate_from(roster.iter().map(duty).collect()),
			evidence: spec(HOURS).evidence,
		};
		Rounds::<Runtime>::insert(FEED, round);
		// Called by alarms. What a request takes is paid for by its bond.
		let early = EarlyRound { round: 1, due: 1, request: None, shut: false, fee: 1 };
		EarlyRounds::<Runtime>::insert(FEED, early);
		Budgets::<Runtime>::insert(FEED, RWA);
		let agreement = Agreement {
			reading,
			median: reading,
			spread: 0,
			round: 1,
			reported: REPORTERS.into(),
			assigned: REPORTERS.into(),
			reports: REPORTERS,
			committee: REPORTERS,
			block: 1,
			working_time: 1,
			moment: 1,
		};
		let length = <<Runtime as Config>::HistoryLength as Get<u32>>::get() as usize;
		let history = vec![agreement.clone(); length];
		History::<Runtime>::insert(FEED, BoundedVec::truncate_from(history));
		Answers::<Runtime>::insert(FEED, agreement);
		LastRound::<Runtime>::insert(FEED, 1);
		for reporter in &roster {
			Records::<Runtime>::insert(FEED, reporter, Record::default());
			FeedsOf::<Runtime>::insert(reporter, BoundedVec::truncate_from(vec![FEED]));
		}
		for round in 1..=<<Runtime as Config>::ProofRounds as Get<u32>>::get() {
			let hashes = BoundedVec::truncate_from(vec![H256::zero(); REPORTERS as usize]);
			TestimoniesIn::<Runtime>::insert(FEED, round, Testimonies { ended_at: 1, hashes });
		}
		let after = in_state();
		let (entries, bytes) = (after.0 - before.0, after.1 - before.1);
		println!(
			"a feed with {REPORTERS} reporters, an early round, a full history and what devices have measured for it: \
			 {entries} entries, {bytes} bytes"
		);
		let held = <<Runtime as Config>::FeedDeposit as Get<Balance>>::get();
		assert!(held >= deposit(entries, bytes), "the state is dearer than the deposit");
	});
}
