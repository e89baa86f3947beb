//! Rounds that are called early, in the real runtime: by the alarms of operators' nodes, and by somebody's money.

use crate::support::{
	account, all_succeed, chain, empty_blocks, next_block,
	oracle::{
		commit, create_feed_with, join, register, reveal, signed_batch, spec, top_up, FEED,
		OPERATORS, REWARD,
	},
	signed, sudo,
};
use frame_support::traits::{
	fungible::{Inspect, InspectHold},
	Get,
};
use pallet_rwa_oracle::{Call, Config, EarlyRounds, Error, FeedSpecOf, HoldReason, LastRound};
use rwa_primitives::{
	feed::{RoundIndex, Statement, Value, Word},
	reading::Reading,
	Balance,
};
use rwa_runtime::{Balances, Oracle, Runtime, System, Treasury, UncheckedExtrinsic, RWA};

/// Asks for a round that nobody needs.
const REQUESTER: &str = "//Ferdie";
/// Longer than anybody waits here: no round opens by itself.
const HEARTBEAT: u32 = 400;
/// What the feed answers at first, and what is another answer.
const CALM: Value = 2_000;
const STORM: Value = 3_000;

fn quiet() -> FeedSpecOf<Runtime> {
	FeedSpecOf::<Runtime> {
		commit_time: 10,
		reveal_time: 10,
		max_age: HEARTBEAT,
		heartbeat: HEARTBEAT,
		..spec(40)
	}
}

/// A chain whose feed has answered [`CALM`] in its first round. No token comes or goes in the test but what is minted
/// to validators, and no invariant breaks.
fn with_feed(test: impl FnOnce()) {
	chain("local_testnet").execute_with(|| {
		empty_blocks(1);
		all_succeed(OPERATORS.map(register).to_vec());
		// Paused until all have joined, or the first round fails for lack of them.
		let pause = Call::<Runtime>::pause_feed { id: FEED }.into();
		let calls = vec![create_feed_with(quiet()), pause];
		all_succeed(vec![sudo(pallet_utility::Call::batch_all { calls }.into())]);
		all_succeed(OPERATORS.map(join).to_vec());
		all_succeed(vec![top_up("//Bob", 100 * RWA)]);
		all_succeed(vec![sudo(Call::<Runtime>::resume_feed { id: FEED }.into())]);
		answer(1, CALM);
		let issued = Balances::total_issuance();
		test();
		assert_eq!(Balances::total_issuance(), issued, "money came or went");
		#[cfg(feature = "try-runtime")]
		{
			use frame_support::traits::{TryState, TryStateSelect};
			type Pallets = rwa_runtime::AllPalletsWithSystem;
			let block = System::block_number();
			<Pallets as TryState<rwa_runtime::BlockNumber>>::try_state(block, TryStateSelect::All)
				.expect("no invariant is broken");
		}
	});
}

/// `round` opens within some blocks, and all four say `value` in it.
fn answer(round: RoundIndex, value: Value) {
	let is_open = || Oracle::open_round(FEED).is_some_and(|open| open.index == round);
	for _ in 0..10 {
		if !is_open() {
			empty_blocks(1);
		}
	}
	assert!(is_open(), "round {round} does not open");
	all_succeed(OPERATORS.map(|operator| commit(operator, round, value)).to_vec());
	empty_blocks(1);
	all_succeed(OPERATORS.map(|operator| reveal(operator, round, value)).to_vec());
	empty_blocks(1);
	let latest = Oracle::latest(FEED).expect("the round has closed");
	assert_eq!((latest.round, latest.reading), (round, Reading::Scalar(value)));
}

/// Blocks pass until the next round can be called.
fn wait_for_the_watch() {
	while Oracle::watch(FEED).expect("the feed is watched").since
		> pallet_rwa_clock::Elapsed::<Runtime>::get()
	{
		empty_blocks(1);
	}
}

/// What the node of the operator sends when its sources don't say what the feed does.
fn alarm(path: &str) -> UncheckedExtrinsic {
	let round = LastRound::<Runtime>::get(FEED) + 1;
	let statement = Statement { feed: FEED, round, word: Word::Alarm };
	signed_batch(&System::block_hash(0), path, vec![statement])
}

fn request() -> UncheckedExtrinsic {
	signed(REQUESTER, Call::<Runtime>::request_round { id: FEED })
}

fn held() -> Balance {
	Balances::balance_on_hold(&HoldReason::RoundRequest.into(), &account(REQUESTER))
}

/// What a round of the four costs its feed.
fn cost_of_round() -> Balance {
	let fee: Balance = <Runtime as Config>::DutyFee::get();
	4 * (fee + REWARD)
}

#[test]
fn two_of_four_nodes_should_bring_a_new_answer_long_before_the_heartbeat() {
	with_feed(|| {
		wait_for_the_watch();
		all_succeed(vec![alarm(OPERATORS[0])]);
		assert!(!EarlyRounds::<Runtime>::contains_key(FEED), "a quarter calls nothing");
		all_succeed(vec![alarm(OPERATORS[1])]);
		assert!(EarlyRounds::<Runtime>::contains_key(FEED));
		// The pool has no use for more of them.
		assert!(next_block_refuses(alarm(OPERATORS[2])));
		answer(2, STORM);
		assert!(!Oracle::watch(FEED).expect("it is watched again").shut);
	});
}

#[test]
fn whoever_is_right_should_get_back_all_that_it_put_up() {
	with_feed(|| {
		wait_for_the_watch();
		let (before, budget) = (wealth(), Oracle::budget(FEED));
		all_succeed(vec![request()]);
		let bond: Balance = <Runtime as Config>::RequestBond::get();
		assert!(held() > bond);
		answer(2, STORM);
		assert_eq!(held(), 0);
		let fees = before - wealth();
		assert!(fees < RWA / 10, "only the transaction's fee is gone, and not {fees}");
		assert_eq!(Oracle::budget(FEED), budget - cost_of_round());
	});
}

#[test]
fn whoever_is_wrong_should_pay_for_the_round_and_lose_its_bond_to_the_treasury() {
	with_feed(|| {
		wait_for_the_watch();
		let (before, budget) = (wealth(), Oracle::budget(FEED));
		let treasury = Balances::free_balance(Treasury::account_id());
		all_succeed(vec![request()]);
		answer(2, CALM);
		assert_eq!(held(), 0);
		assert_eq!(Oracle::budget(FEED), budget, "the feed has paid nothing in the end");
		let bond: Balance = <Runtime as Config>::RequestBond::get();
		let lost = before - wealth();
		assert!(lost >= bond + cost_of_round(), "{lost}");
		assert!(Balances::free_balance(Treasury::account_id()) >= treasury + bond);
	});
}

#[test]
fn nobody_should_call_a_round_right_after_one_has_closed() {
	with_feed(|| {
		let outcome = next_block(vec![request()]).remove(0);
		let error = outcome.expect("it is a valid transaction").expect_err("it is too early");
		assert_eq!(error, Error::<Runtime>::CallTooEarly.into());
		assert_eq!(held(), 0);
	});
}

/// Whether no block takes it.
fn next_block_refuses(extrinsic: UncheckedExtrinsic) -> bool {
	next_block(vec![extrinsic]).remove(0).is_err()
}

/// All that the requester has, held or not.
fn wealth() -> Balance {
	Balances::total_balance(&account(REQUESTER))
}
