//! What the node asks of the runtime beyond what every chain of the SDK answers.

use alloc::vec::Vec;
use sp_runtime::{
	traits::Block as BlockT,
	transaction_validity::{TransactionSource, TransactionValidity},
};

sp_api::decl_runtime_apis! {
	/// Validation of several transactions in one call.
	///
	/// A call costs the node more than a transfer's validation does by itself: it gets a fresh instance of the
	/// runtime, with memory of its own.
	pub trait TransactionBatch {
		/// Validates each transaction as if it were the only one, as `validate_transaction` of
		/// `TaggedTransactionQueue` does.
		///
		/// Takes encoded transactions and the block after which they are to be valid. Gives as many verdicts,
		/// in the same order. One that can't be decoded is an invalid call, and spoils no other; alone it
		/// would make the call fail.
		fn validate_transactions(
			transactions: Vec<(TransactionSource, Vec<u8>)>,
			block_hash: <Block as BlockT>::Hash,
		) -> Vec<TransactionValidity>;
	}
}
