//! The first feed, plugged together: registry, clock, oracle, penalties and money in real blocks.

use crate::support::{
	account, all_succeed, chain, empty_blocks, next_block,
	oracle::{
		commit, commit_on, create_feed, join, register, reveal, spec, top_up, FEED, OPERATORS,
		REWARD,
	},
	signed, sudo,
};
use frame_support::traits::{
	fungible::{Inspect, InspectHold},
	Get,
};
use pallet_rwa_oracle::{Admission, Call, DutyState, HoldReason, Phase};
use rwa_primitives::{
	fault::Fault,
	feed::{AnswerStatus, RoundIndex, Value},
	reading::Reading,
};
use rwa_runtime::{
	Balances, NodeRegistry, Oracle, Runtime, RuntimeHoldReason, Slashing, Treasury, RWA,
};
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionValidityError};

type DutyFee = <Runtime as pallet_rwa_oracle::Config>::DutyFee;

/// Blocks from round to round in these tests.
const HEARTBEAT: u32 = 20;

/// A chain with four operators, a feed with money, and an open first round of all four.
fn open_round() {
	empty_blocks(1);
	all_succeed(OPERATORS.map(register).to_vec());
	// In one block with the creation, so that everybody has joined when the first round opens.
	let mut calls = vec![sudo(create_feed(HEARTBEAT))];
	calls.extend(OPERATORS.map(join));
	calls.push(top_up("//Alice", 100 * RWA));
	all_succeed(calls);
	empty_blocks(1);
	assert_eq!(Oracle::open_round(FEED).expect("it opened").duties.len(), 4);
}

/// A whole round, in which each operator says what is given, or nothing.
fn say(round: RoundIndex, values: [Option<Value>; 4]) {
	let said = || OPERATORS.into_iter().zip(values).filter_map(|(who, value)| Some((who, value?)));
	all_succeed(said().map(|(who, value)| commit(who, round, value)).collect());
	if values.contains(&None) {
		empty_blocks(HEARTBEAT / 2);
	}
	assert_eq!(Oracle::open_round(FEED).expect("it is open").phase, Phase::Reveal);
	all_succeed(said().map(|(who, value)| reveal(who, round, value)).collect());
	empty_blocks(1);
}

fn until_next_round(after: RoundIndex) {
	while Oracle::open_round(FEED).is_none_or(|round| round.index == after) {
		empty_blocks(1);
	}
}

#[test]
fn four_reports_make_one_answer_and_all_but_the_outlier_are_paid() {
	chain("local_testnet").execute_with(|| {
		open_round();
		let before = OPERATORS.map(|who| Balances::total_balance(&account(who)));
		say(1, [Some(2_130), Some(999), Some(2_140), Some(2_135)]);

		let answer = Oracle::latest(FEED).expect("there is one");
		assert_eq!((answer.reading, answer.round), (Reading::Scalar(2_135), 1));
		assert_eq!(answer.status, AnswerStatus::Fresh);
		let earned: Vec<_> = OPERATORS
			.iter()
			.zip(before)
			.map(|(who, before)| Balances::total_balance(&account(who)) - before)
			.collect();
		assert_eq!(earned, [REWARD, 0, REWARD, REWARD]);
		assert_eq!(Oracle::budget(FEED), 100 * RWA - 3 * REWARD - 4 * DutyFee::get());
	});
}

#[test]
fn speaking_costs_nothing_and_needs_no_balance() {
	chain("local_testnet").execute_with(|| {
		open_round();
		let before = Balances::free_balance(account(OPERATORS[0]));
		all_succeed(vec![commit(OPERATORS[0], 1, 2_130)]);
		assert_eq!(Balances::free_balance(account(OPERATORS[0])), before);
	});
}

#[test]
fn a_word_signed_for_another_chain_is_refused() {
	chain("local_testnet").execute_with(|| {
		open_round();
		let elsewhere = sp_core::H256::repeat_byte(7);
		let outcome = next_block(vec![commit_on(&elsewhere, OPERATORS[0], 1, 2_130)]).remove(0);
		let refused = TransactionValidityError::Invalid(InvalidTransaction::BadProof);
		assert_eq!(outcome, Err(refused));
	});
}

#[test]
fn nobody_speaks_twice() {
	chain("local_testnet").execute_with(|| {
		open_round();
		let sent = commit(OPERATORS[0], 1, 2_130);
		all_succeed(vec![sent.clone()]);
		assert!(next_block(vec![sent]).remove(0).is_err());
	});
}

#[test]
fn a_revoked_key_speaks_no_more_and_the_deposit_is_back() {
	chain("local_testnet").execute_with(|| {
		open_round();
		let held = || Balances::total_balance_on_hold(&account(OPERATORS[0]));
		let before = held();
		all_succeed(vec![signed(
			OPERATORS[0],
			pallet_rwa_node_registry::Call::<Runtime>::revoke_app_key {},
		)]);
		type Deposit = <Runtime as pallet_rwa_node_registry::Config>::AppKeyDeposit;
		let deposit = <Deposit as frame_support::traits::Get<u128>>::get();
		assert_eq!(held(), before - deposit);
		assert!(NodeRegistry::app_key(account(OPERATORS[0])).is_none());
		assert!(next_block(vec![commit(OPERATORS[0], 1, 2_130)]).remove(0).is_err());
	});
}

#[test]
fn a_round_without_quorum_fails_and_the_answer_is_stale_until_one_closes() {
	chain("local_testnet").execute_with(|| {
		open_round();
		say(1, [Some(2_130); 4]);
		until_next_round(1);
		all_succeed(OPERATORS[..2].iter().map(|who| commit(who, 2, 2_130)).collect());
		empty_blocks(HEARTBEAT / 2);
		let status = || Oracle::latest(FEED).map(|answer| (answer.round, answer.status));
		assert!(Oracle::open_round(FEED).is_none());
		assert_eq!(status(), Some((1, AnswerStatus::Stale)));

		until_next_round(2);
		say(3, [Some(2_150); 4]);
		assert_eq!(status(), Some((3, AnswerStatus::Fresh)));
	});
}

#[test]
fn who_lies_for_a_window_is_reported_once_and_who_is_silent_too() {
	chain("local_testnet").execute_with(|| {
		open_round();
		for round in 1..=24 {
			until_next_round(round - 1);
			// With a liar and a silent one among four no round could close: they take turns.
			match round % 2 {
				0 => say(round, [Some(2_130), Some(2_131), Some(2_132), None]),
				_ => say(round, [Some(2_130), Some(2_131), Some(5_000), Some(2_129)]),
			}
		}
		let faults_of = |who: &str| {
			let penalties = Slashing::pending_penalties(account(who));
			penalties.into_iter().map(|(_, penalty)| penalty.fault).collect::<Vec<_>>()
		};
		assert_eq!(faults_of(OPERATORS[0]), []);
		assert_eq!(faults_of(OPERATORS[2]), [Fault::ConsistentOutliers]);
		assert_eq!(faults_of(OPERATORS[3]), [Fault::FailureToRespond]);
	});
}

#[test]
fn a_feed_belongs_to_the_owner_of_its_asset_and_gives_the_money_back() {
	chain("local_testnet").execute_with(|| {
		empty_blocks(1);
		let create = || {
			let admission = Admission::Open;
			signed(
				"//Bob",
				Call::<Runtime>::create_feed { id: FEED, spec: spec(HEARTBEAT), admission },
			)
		};
		assert!(next_block(vec![create()]).remove(0).expect("it is included").is_err());
		let admin = account("//Bob");
		all_succeed(vec![signed(
			"//Bob",
			pallet_assets::Call::<Runtime>::create {
				id: FEED.asset.into(),
				admin: admin.clone().into(),
				min_balance: 1,
			},
		)]);
		let budget = RuntimeHoldReason::Oracle(HoldReason::FeedBudget);
		let deposit = RuntimeHoldReason::Oracle(HoldReason::FeedDeposit);
		all_succeed(vec![create(), top_up("//Alice", 5 * RWA)]);
		assert_eq!(Balances::balance_on_hold(&budget, &admin), 5 * RWA);
		assert!(Balances::balance_on_hold(&deposit, &admin) > 0);

		all_succeed(vec![signed("//Bob", Call::<Runtime>::remove_feed { id: FEED })]);
		assert_eq!(Balances::balance_on_hold(&budget, &admin), 0);
		assert_eq!(Balances::balance_on_hold(&deposit, &admin), 0);
	});
}

#[test]
fn the_treasury_pays_for_what_governance_creates() {
	chain("local_testnet").execute_with(|| {
		open_round();
		let budget = RuntimeHoldReason::Oracle(HoldReason::FeedBudget);
		let held = Balances::balance_on_hold(&budget, &Treasury::account_id());
		assert_eq!(held, 100 * RWA - 4 * DutyFee::get());
	});
}

#[test]
fn committees_are_drawn_by_what_a_block_author_can_not_choose() {
	chain("local_testnet").execute_with(|| {
		open_round();
		let round = Oracle::open_round(FEED).expect("it is open");
		let weights: Vec<_> = round.duties.iter().map(|duty| duty.weight).collect();
		assert!(weights.iter().all(|weight| *weight > 0 && 3 * weight < round.assigned));
		assert!(round.duties.iter().all(|duty| duty.state == DutyState::Silent));
	});
}
