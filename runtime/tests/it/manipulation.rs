//! Readings that devices sign, in the real runtime: a liar is proven and pays, who was framed is cleared, and the
//! device that framed it pays instead.

use crate::support::{
	account, all_succeed, chain,
	device::{create_asset, device, measure_for, register as register_device, ASSET},
	empty_blocks, next_block,
	oracle::{
		commit_to, create_feed_with, join, register, reveal_what, spec, top_up, FEED, OPERATORS,
	},
	signed, sudo,
};
use frame_support::traits::fungible::InspectHold;
use pallet_rwa_oracle::{Call, Error, FeedSpecOf};
use pallet_rwa_slashing::PenaltyStatus;
use rwa_primitives::{
	device::SignedMeasurement,
	fault::Fault,
	feed::{Evidence, EvidenceRule, Observation, RoundIndex},
	reading::Reading,
	traits::{Devices as _, Stakes},
	Balance,
};
use rwa_runtime::{
	configs::rwa::{OracleDemandBond, OracleProofTime, PenaltyDeferral},
	tx_extension, Balances, Devices, NodeRegistry, Oracle, Runtime, Slashing, System, Treasury,
	UncheckedExtrinsic, RWA,
};
use sp_runtime::{generic::Era, DispatchError};

/// Owns the asset and its device.
const OWNER: &str = "//Eve";
/// Shows what it knows.
const PROVER: &str = "//Ferdie";
/// Has made its report up, or is said to have.
const ACCUSED: &str = OPERATORS[3];
/// The device of the tests.
const SENSOR: u8 = 1;
/// What it measures.
const TRUTH: i128 = 2_135;
/// What it doesn't.
const LIE: i128 = 2_150;
/// What an oracle of the least stake has, and what a fault of full severity costs it.
const STAKE: Balance = 500 * RWA;
const PENALTY: Balance = STAKE / 20;
/// What is held for a device.
const DEPOSIT: Balance = 30 * RWA;

fn strict(heartbeat: u32) -> FeedSpecOf<Runtime> {
	FeedSpecOf::<Runtime> { evidence: EvidenceRule::Required, ..spec(heartbeat) }
}

/// What the device signs as its number `counter`.
fn measure(counter: u64, value: i128) -> Box<SignedMeasurement> {
	measure_for(FEED, SENSOR, counter, value)
}

fn read(counter: u64, value: i128) -> Observation {
	measure(counter, value).measurement.observation(&System::block_hash(0))
}

/// A whole round, in which the four say that.
fn report(observations: [Observation; 4]) -> RoundIndex {
	let last = pallet_rwa_oracle::LastRound::<Runtime>::get(FEED);
	while Oracle::open_round(FEED).is_none_or(|round| round.index == last) {
		empty_blocks(1);
	}
	let round = last + 1;
	let said = || OPERATORS.into_iter().zip(&observations);
	let genesis = System::block_hash(0);
	all_succeed(said().map(|(who, seen)| commit_to(&genesis, who, round, seen)).collect());
	empty_blocks(1);
	all_succeed(said().map(|(who, seen)| reveal_what(who, round, seen.clone())).collect());
	empty_blocks(1);
	assert_eq!(Oracle::latest(FEED).map(|answer| answer.round), Some(round));
	round
}

/// A chain whose feed takes nothing but what the device of its asset has signed, and four oracles. No token comes or
/// goes in the test but what is minted to validators, and no invariant breaks.
fn with_feed(test: impl FnOnce()) {
	chain("local_testnet").execute_with(|| {
		empty_blocks(1);
		all_succeed(vec![create_asset(OWNER)]);
		all_succeed(vec![register_device(SENSOR, OWNER)]);
		all_succeed(OPERATORS.map(register).to_vec());
		let mut calls = vec![sudo(create_feed_with(strict(20)))];
		calls.extend(OPERATORS.map(join));
		calls.push(top_up("//Bob", 100 * RWA));
		all_succeed(calls);
		empty_blocks(1);
		let issued = Balances::total_issuance();
		test();
		assert_eq!(Balances::total_issuance(), issued, "money came or went");
		#[cfg(feature = "try-runtime")]
		{
			use frame_support::traits::{TryState, TryStateSelect};
			type Pallets = rwa_runtime::AllPalletsWithSystem;
			// Not the clock's, which some of the tests put forward.
			let names = ["Balances", "NodeRegistry", "Slashing", "Devices", "Oracle"];
			let these = TryStateSelect::Only(names.map(|name| name.as_bytes().to_vec()).to_vec());
			let block = System::block_number();
			<Pallets as TryState<rwa_runtime::BlockNumber>>::try_state(block, these)
				.expect("no invariant is broken");
		}
	});
}

fn prove(
	round: RoundIndex,
	observation: Observation,
	measurement: Box<SignedMeasurement>,
) -> Call<Runtime> {
	let reporter = account(ACCUSED);
	Call::prove_manipulation { feed: FEED, round, reporter, observation, measurement }
}

fn absolve(round: RoundIndex, measurement: Box<SignedMeasurement>) -> Call<Runtime> {
	Call::absolve { round, reporter: account(ACCUSED), measurement }
}

fn free(path: &str) -> Balance {
	Balances::free_balance(account(path))
}

fn treasury() -> Balance {
	Balances::free_balance(Treasury::account_id())
}

fn at_stake(path: &str) -> Balance {
	NodeRegistry::at_stake(&account(path))
}

fn held_for_devices() -> Balance {
	let reason = pallet_rwa_devices::HoldReason::DeviceDeposit.into();
	Balances::balance_on_hold(&reason, &account(OWNER))
}

/// Working time passes, without the blocks, until what waits is due; then a block.
fn until_due() {
	pallet_rwa_clock::Elapsed::<Runtime>::mutate(|now| *now += PenaltyDeferral::get());
	empty_blocks(1);
}

#[test]
fn a_liar_is_proven_and_loses_a_twentieth_of_its_stake_after_the_delay() {
	with_feed(|| {
		let lie = Observation { reading: Reading::Scalar(LIE), ..read(17, TRUTH) };
		let honest = || read(17, TRUTH);
		let round = report([honest(), honest(), honest(), lie.clone()]);
		assert_eq!(Oracle::latest(FEED).map(|answer| answer.round), Some(round));

		let (before, in_treasury) = (free(PROVER), treasury());
		all_succeed(vec![signed(PROVER, prove(round, lie.clone(), measure(17, TRUTH)))]);
		assert_eq!(free(PROVER), before, "to be right costs nothing");
		let waiting = Slashing::pending_penalties(account(ACCUSED));
		assert_eq!(waiting.len(), 1);
		let (id, penalty) = &waiting[0];
		assert_eq!((penalty.fault, penalty.amount), (Fault::DataManipulation, PENALTY));
		assert_eq!(at_stake(ACCUSED), STAKE, "it waits");

		// Again, and by who is wrong: refused, and paid for.
		let again = signed(PROVER, prove(round, lie, measure(17, TRUTH)));
		let known = Error::<Runtime>::NotTestified;
		assert_eq!(next_block(vec![again]), [Ok(Err(DispatchError::from(known)))]);
		assert!(free(PROVER) < before);

		let before = free(PROVER);
		until_due();
		let status = Slashing::penalty(*id).map(|penalty| penalty.status);
		assert_eq!(status, Some(PenaltyStatus::Executed { taken: PENALTY }));
		assert_eq!(at_stake(ACCUSED), STAKE - PENALTY);
		assert_eq!(free(PROVER) - before, PENALTY / 10);
		assert!(treasury() - in_treasury >= PENALTY - PENALTY / 10);
		assert!(OPERATORS[..3].iter().all(|honest| at_stake(honest) == STAKE));
	});
}

#[test]
fn an_oracle_that_was_framed_is_cleared_and_the_device_pays() {
	with_feed(|| {
		let honest = || read(17, TRUTH);
		let round = report([honest(), honest(), honest(), honest()]);
		// The owner of the device has it sign the counter again.
		all_succeed(vec![signed(OWNER, prove(round, honest(), measure(17, LIE)))]);
		assert_eq!(Slashing::pending_penalties(account(ACCUSED)).len(), 1);

		let (owner, accused) = (free(OWNER), free(ACCUSED));
		all_succeed(vec![signed(ACCUSED, absolve(round, measure(17, TRUTH)))]);
		assert!(Slashing::pending_penalties(account(ACCUSED)).is_empty());
		let standing = Devices::standing(&device(SENSOR), &FEED).expect("it is known");
		assert!(standing.state.is_condemned());
		assert_eq!((held_for_devices(), free(OWNER)), (0, owner));
		assert_eq!(free(ACCUSED) - accused, DEPOSIT / 10);

		until_due();
		assert_eq!(at_stake(ACCUSED), STAKE);
		// And that is settled: nothing that the device signs counts against this report any more.
		let late = signed(OWNER, prove(round, honest(), measure(17, LIE)));
		let refused = DispatchError::from(Error::<Runtime>::NotTestified);
		assert_eq!(next_block(vec![late]), [Ok(Err(refused))]);
	});
}

#[test]
fn nobody_reports_to_such_a_feed_without_the_device_or_by_what_was_used_up() {
	with_feed(|| {
		report([read(17, TRUTH), read(17, TRUTH), read(18, TRUTH), read(18, TRUTH)]);
		let used = || Devices::standing(&device(SENSOR), &FEED).map(|standing| standing.counter);
		assert_eq!(used(), Some(18), "half of the weight has seen it");

		let plain = Observation { evidence: None, ..read(19, TRUTH) };
		for (observation, code) in [(plain, "no device"), (read(17, TRUTH), "a replay")] {
			let round = pallet_rwa_oracle::LastRound::<Runtime>::get(FEED) + 1;
			while Oracle::open_round(FEED).is_none_or(|open| open.index < round) {
				empty_blocks(1);
			}
			let genesis = System::block_hash(0);
			let commits = OPERATORS.map(|who| commit_to(&genesis, who, round, &observation));
			all_succeed(commits.to_vec());
			empty_blocks(1);
			let revealed = next_block(vec![reveal_what(ACCUSED, round, observation)]);
			assert!(revealed[0].is_err(), "{code}");
			while Oracle::open_round(FEED).is_some() {
				empty_blocks(1);
			}
		}
	});
}

fn demand(round: RoundIndex, observation: Observation) -> Call<Runtime> {
	let reporter = account(ACCUSED);
	Call::demand_measurement { feed: FEED, round, reporter, observation }
}

/// As an oracle's node sends it: without a signature, and free of fees.
fn show(round: RoundIndex, measurement: Box<SignedMeasurement>) -> UncheckedExtrinsic {
	let reporter = account(ACCUSED);
	let call = Call::<Runtime>::show_measurement { round, reporter, measurement };
	UncheckedExtrinsic::new_transaction(call.into(), tx_extension(0, Era::Immortal, 0))
}

#[test]
fn who_has_made_a_device_up_has_nothing_to_show_and_pays() {
	with_feed(|| {
		// Nobody holds a measurement that could refute this, nor ever will.
		let mut lie = read(17, TRUTH);
		if let Some(Evidence::Measurement(named)) = &mut lie.evidence {
			(named.counter, named.digest) = (u64::MAX, sp_core::H256::repeat_byte(0xbb));
		}
		let honest = || read(17, TRUTH);
		let round = report([honest(), honest(), honest(), lie.clone()]);
		let before = free(PROVER);
		all_succeed(vec![signed(PROVER, demand(round, lie.clone()))]);
		assert!(before - free(PROVER) >= OracleDemandBond::get());

		let testimony = lie.testimony(&FEED, round, &account(ACCUSED));
		let enforce = || {
			let reporter = account(ACCUSED);
			signed(PROVER, Call::<Runtime>::enforce_demand { reporter, testimony })
		};
		let too_soon = DispatchError::from(Error::<Runtime>::TimeToShow);
		assert_eq!(next_block(vec![enforce()]), [Ok(Err(too_soon))]);
		pallet_rwa_clock::Elapsed::<Runtime>::mutate(|now| *now += OracleProofTime::get());
		all_succeed(vec![enforce()]);
		assert_eq!(Slashing::pending_penalties(account(ACCUSED)).len(), 1);
		let before = free(PROVER);
		until_due();
		assert_eq!(at_stake(ACCUSED), STAKE - PENALTY);
		assert_eq!(free(PROVER) - before, PENALTY / 10);
	});
}

#[test]
fn who_has_read_the_device_shows_it_for_nothing_and_earns_the_bond() {
	with_feed(|| {
		let honest = || read(17, TRUTH);
		let round = report([honest(), honest(), honest(), honest()]);
		let refused = next_block(vec![show(round, measure(17, TRUTH))]);
		assert!(refused[0].is_err(), "nobody has demanded it");
		all_succeed(vec![signed(PROVER, demand(round, honest()))]);
		let before = free(ACCUSED);
		let refused = next_block(vec![show(round, measure(17, LIE))]);
		assert!(refused[0].is_err(), "that is something else");
		all_succeed(vec![show(round, measure(17, TRUTH))]);
		assert_eq!(free(ACCUSED) - before, OracleDemandBond::get());
		// From then on nothing can be said against this report.
		let again = next_block(vec![signed(PROVER, demand(round, honest()))]);
		assert_eq!(again, [Ok(Err(DispatchError::from(Error::<Runtime>::NotTestified)))]);
	});
}

/// Or somebody would demand of everybody, and live on those whose nodes are down.
#[test]
fn to_demand_for_sport_costs_more_than_it_can_bring() {
	assert!(OracleDemandBond::get() > PENALTY / 10);
}

#[test]
fn evidence_and_defence_are_taken_while_the_chain_is_halted() {
	use rwa_runtime::{RuntimeCall, SafeMode};
	with_feed(|| {
		let honest = || read(17, TRUTH);
		let round = report([honest(), honest(), honest(), honest()]);
		all_succeed(vec![sudo(RuntimeCall::SafeMode(pallet_safe_mode::Call::force_enter {}))]);
		assert!(SafeMode::is_entered());
		all_succeed(vec![signed(OWNER, prove(round, honest(), measure(17, LIE)))]);
		all_succeed(vec![signed(ACCUSED, absolve(round, measure(17, TRUTH)))]);
		assert_eq!(at_stake(ACCUSED), STAKE);
	});
}

/// As the device's asset is the feed's.
const _: () = assert!(FEED.asset == ASSET);
