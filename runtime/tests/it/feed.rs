//! The first feed, plugged together: registry, clock and oracle in real blocks.

use crate::support::{
	account, all_succeed, chain, empty_blocks, next_block,
	oracle::{create_feed, register, report, report_on, FEED, OPERATORS},
	sudo,
};
use rwa_primitives::feed::AnswerStatus;
use rwa_runtime::{Balances, NodeRegistry, Oracle, Runtime};
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionValidityError};

/// A chain with four operators and an open first round.
fn open_round() {
	empty_blocks(1);
	all_succeed(OPERATORS.map(register).to_vec());
	all_succeed(vec![sudo(create_feed(20))]);
	empty_blocks(1);
	assert_eq!(Oracle::open_round(FEED).expect("it opened").index, 1);
}

#[test]
fn three_of_four_reports_make_the_median_the_answer() {
	chain("local_testnet").execute_with(|| {
		open_round();
		all_succeed(vec![
			report(OPERATORS[0], 1, 2_130),
			report(OPERATORS[1], 1, 999),
			report(OPERATORS[2], 1, 2_140),
		]);
		let answer = Oracle::latest(FEED).expect("there is one");
		assert_eq!((answer.value, answer.round), (2_130, 1));
		assert_eq!(answer.status, AnswerStatus::Fresh);
	});
}

#[test]
fn reporting_costs_nothing_and_needs_no_balance() {
	chain("local_testnet").execute_with(|| {
		open_round();
		let before = Balances::free_balance(account(OPERATORS[0]));
		all_succeed(vec![report(OPERATORS[0], 1, 2_130)]);
		assert_eq!(Balances::free_balance(account(OPERATORS[0])), before);
	});
}

#[test]
fn a_report_signed_for_another_chain_is_refused() {
	chain("local_testnet").execute_with(|| {
		open_round();
		let elsewhere = sp_core::H256::repeat_byte(7);
		let outcome = next_block(vec![report_on(&elsewhere, OPERATORS[0], 1, 2_130)]).remove(0);
		let refused = TransactionValidityError::Invalid(InvalidTransaction::BadProof);
		assert_eq!(outcome, Err(refused));
	});
}

#[test]
fn a_report_can_not_be_sent_twice() {
	chain("local_testnet").execute_with(|| {
		open_round();
		let sent = report(OPERATORS[0], 1, 2_130);
		all_succeed(vec![sent.clone()]);
		assert!(next_block(vec![sent]).remove(0).is_err());
	});
}

#[test]
fn a_revoked_key_reports_no_more_and_the_deposit_is_back() {
	chain("local_testnet").execute_with(|| {
		open_round();
		let before = Balances::total_balance_on_hold_of(OPERATORS[0]);
		all_succeed(vec![crate::support::signed(
			OPERATORS[0],
			pallet_rwa_node_registry::Call::<Runtime>::revoke_app_key {},
		)]);
		type Deposit = <Runtime as pallet_rwa_node_registry::Config>::AppKeyDeposit;
		let deposit = <Deposit as frame_support::traits::Get<u128>>::get();
		assert_eq!(Balances::total_balance_on_hold_of(OPERATORS[0]), before - deposit);
		assert!(NodeRegistry::app_key(account(OPERATORS[0])).is_none());
		assert!(next_block(vec![report(OPERATORS[0], 1, 2_130)]).remove(0).is_err());
	});
}

#[test]
fn a_round_without_quorum_fails_and_the_answer_turns_stale() {
	chain("local_testnet").execute_with(|| {
		open_round();
		all_succeed(OPERATORS[..3].iter().map(|path| report(path, 1, 2_130)).collect());
		empty_blocks(60);
		let answer = Oracle::latest(FEED).expect("the old one stays");
		assert_eq!((answer.round, answer.status), (1, AnswerStatus::Stale));
		assert!(answer.age > 40);
	});
}

/// What an account has on hold.
trait HeldBy {
	fn total_balance_on_hold_of(path: &str) -> u128;
}

impl HeldBy for Balances {
	fn total_balance_on_hold_of(path: &str) -> u128 {
		use frame_support::traits::fungible::InspectHold;
		<Balances as InspectHold<_>>::total_balance_on_hold(&account(path))
	}
}
