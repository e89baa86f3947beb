//! What the pool asks: whether transactions are valid.

use crate::support::*;
use codec::Encode;
use frame_support::storage::with_transaction_unchecked;
use rwa_primitives::runtime_api::runtime_decl_for_transaction_batch::TransactionBatchV1;
use rwa_runtime::{Balance, Block, Hash, Runtime, System, UncheckedExtrinsic, RWA};
use sp_runtime::{
	transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidity},
	StateVersion, TransactionOutcome,
};
use sp_transaction_pool::runtime_api::runtime_decl_for_tagged_transaction_queue::TaggedTransactionQueueV3;

fn transfer(nonce: u32, value: Balance) -> UncheckedExtrinsic {
	let call = pallet_balances::Call::transfer_keep_alive { dest: account("//Bob").into(), value };
	signed_with("//Alice", nonce, 0, call)
}

/// The verdict on `transaction` by itself, which in a node leaves no trace either.
fn alone(transaction: &UncheckedExtrinsic) -> TransactionValidity {
	with_transaction_unchecked(|| {
		let source = TransactionSource::External;
		let verdict = Runtime::validate_transaction(source, transaction.clone(), at());
		TransactionOutcome::Rollback(verdict)
	})
}

fn together(encoded: Vec<Vec<u8>>) -> Vec<TransactionValidity> {
	let transactions =
		encoded.into_iter().map(|bytes| (TransactionSource::External, bytes)).collect();
	<Runtime as TransactionBatchV1<Block>>::validate_transactions(transactions, at())
}

fn at() -> Hash {
	System::block_hash(0)
}

fn root() -> Vec<u8> {
	sp_io::storage::root(StateVersion::V1)
}

/// A chain whose next nonce of `//Alice` is 1.
fn with_chain(test: impl FnOnce()) {
	chain("development").execute_with(|| {
		next_block(vec![]);
		all_succeed(vec![transfer(0, RWA)]);
		test();
	});
}

#[test]
fn transactions_checked_together_get_the_verdicts_they_get_alone() {
	with_chain(|| {
		let mut forged = transfer(1, RWA);
		forged.function = transfer(1, 2 * RWA).function;
		let poor = signed_with("//Nobody", 0, 0, frame_system::Call::remark { remark: vec![] });
		let transactions = [
			transfer(1, RWA),
			transfer(0, RWA),
			forged,
			// The same nonce again: each is checked as if it were the only one.
			transfer(1, 3 * RWA),
			poor,
			transfer(5, RWA),
			oracle::register("//Oracle//1"),
		];
		let found = together(transactions.iter().map(Encode::encode).collect());
		let wanted: Vec<_> = transactions.iter().map(alone).collect();
		assert_eq!(found, wanted);
		let is_valid: Vec<_> = found.iter().map(Result::is_ok).collect();
		assert_eq!(is_valid, [true, false, false, true, false, true, true]);
	});
}

#[test]
fn what_cannot_be_decoded_is_invalid_and_spoils_no_other() {
	with_chain(|| {
		let good = transfer(1, RWA);
		let mut cut = good.encode();
		cut.pop();
		let mut longer = good.encode();
		longer.push(0);
		let found = together(vec![vec![], cut, vec![255; 1_000], longer, good.encode()]);
		let invalid = Err(InvalidTransaction::Call.into());
		assert!(found[..4].iter().all(|verdict| *verdict == invalid));
		assert_eq!(found[4], alone(&good));
		assert!(found[4].is_ok());
	});
}

#[test]
fn checking_leaves_no_trace() {
	with_chain(|| {
		let before = root();
		together(vec![transfer(1, RWA).encode(), oracle::register("//Oracle//1").encode()]);
		assert_eq!(root(), before);
		assert!(together(vec![]).is_empty());
	});
}
