//! How often the pool checks a transaction that it already has.

use jsonrpsee::core::async_trait;
use rwa_runtime::{
	opaque::{Block, UncheckedExtrinsic},
	BlockNumber, Hash, Header,
};
use sc_transaction_pool::{ChainApi, Pool, ValidateTransactionPriority};
use schnellru::{ByLength, LruMap};
use sp_blockchain::TreeRoute;
use sp_runtime::{
	generic::BlockId,
	transaction_validity::{
		InvalidTransaction, TransactionSource, TransactionValidity, UnknownTransaction,
	},
};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

/// Blocks after which a waiting transaction is checked again: a minute, as often as the SDK's light
/// revalidation does it. An author that meets one that has become invalid drops it in any case.
const RECHECK_AFTER: BlockNumber = 60;

/// Sees the chain as `A` does, but does not ask the runtime what it can know.
///
/// A transaction that waits in the pool and was valid lately is left alone. And one that is in a block is
/// not valid after it: the pool asks about each that it takes out, unless it remembers having banned it,
/// and its memory is too short for full blocks.
pub struct Sparing<A: ChainApi<Block = Block>> {
	chain: A,
	verdicts: Verdicts,
	included: Recent<Hash>,
	pool: OnceLock<Weak<Pool<Self, ()>>>,
}

impl<A: ChainApi<Block = Block>> Sparing<A> {
	/// Remembers as many transactions as can be ready.
	pub(super) fn new(chain: A, ready: usize) -> Self {
		let (verdicts, included) = (Verdicts(Recent::new(ready)), Recent::new(ready));
		Self { chain, verdicts, included, pool: OnceLock::new() }
	}

	/// Tells of the pool that asks. Until then every transaction is checked whenever it is asked about.
	pub(super) fn watch(&self, pool: &Arc<Pool<Self, ()>>) {
		// A second pool would find that its transactions are not in the first, and check them.
		let _ = self.pool.set(Arc::downgrade(pool));
	}

	/// Whether `transaction` is in the pool and could be in the next block.
	fn is_ready(&self, transaction: &Hash) -> bool {
		let pool = self.pool.get().and_then(Weak::upgrade);
		pool.is_some_and(|pool| pool.validated_pool().ready_by_hash(transaction).is_some())
	}
}

#[async_trait]
impl<A: ChainApi<Block = Block>> ChainApi for Sparing<A> {
	type Block = Block;
	type Error = A::Error;

	/// "Unknown" makes the pool keep a transaction as it is when it checks those it has, which is the only
	/// time that it asks about a ready one.
	async fn validate_transaction(
		&self,
		at: Hash,
		source: TransactionSource,
		transaction: Arc<UncheckedExtrinsic>,
		priority: ValidateTransactionPriority,
	) -> Result<TransactionValidity, Self::Error> {
		let hash = self.hash_and_length(&transaction).0;
		if self.included.get(&hash) == Some(at) {
			return Ok(Err(InvalidTransaction::Stale.into()));
		}
		let number = self.resolve_block_number(at)?;
		if self.verdicts.is_recent(&hash, number) && self.is_ready(&hash) {
			return Ok(Err(UnknownTransaction::CannotLookup.into()));
		}
		let priority = match source {
			// What this node itself has to say does not queue behind what others want.
			TransactionSource::Local => ValidateTransactionPriority::Maintained,
			TransactionSource::External | TransactionSource::InBlock => priority,
		};
		let verdict = self.chain.validate_transaction(at, source, transaction, priority).await?;
		if verdict.is_ok() {
			self.verdicts.note(hash, number);
		}
		Ok(verdict)
	}

	/// A fork that won makes nonces go back, so all that waits is to be checked again.
	fn tree_route(&self, from: Hash, to: Hash) -> Result<TreeRoute<Block>, Self::Error> {
		let route = self.chain.tree_route(from, to)?;
		// A route that only goes back is one to a block that was made final.
		if !route.retracted().is_empty() && !route.enacted().is_empty() {
			self.verdicts.forget();
		}
		Ok(route)
	}

	/// What the pool asks for of every new block before it takes the block's transactions out.
	async fn block_body(&self, at: Hash) -> Result<Option<Vec<UncheckedExtrinsic>>, Self::Error> {
		let body = self.chain.block_body(at).await?;
		for transaction in body.iter().flatten() {
			self.included.note(self.hash_and_length(transaction).0, at);
		}
		Ok(body)
	}

	fn validate_transaction_blocking(
		&self,
		at: Hash,
		source: TransactionSource,
		transaction: Arc<UncheckedExtrinsic>,
	) -> Result<TransactionValidity, Self::Error> {
		self.chain.validate_transaction_blocking(at, source, transaction)
	}

	fn block_id_to_number(&self, at: &BlockId<Block>) -> Result<Option<BlockNumber>, Self::Error> {
		self.chain.block_id_to_number(at)
	}

	fn block_id_to_hash(&self, at: &BlockId<Block>) -> Result<Option<Hash>, Self::Error> {
		self.chain.block_id_to_hash(at)
	}

	fn hash_and_length(&self, transaction: &UncheckedExtrinsic) -> (Hash, usize) {
		self.chain.hash_and_length(transaction)
	}

	fn block_header(&self, at: Hash) -> Result<Option<Header>, Self::Error> {
		self.chain.block_header(at)
	}
}

/// At which block transactions were last found valid.
struct Verdicts(Recent<BlockNumber>);

impl Verdicts {
	fn note(&self, transaction: Hash, block: BlockNumber) {
		self.0.note(transaction, block);
	}

	/// Whether a block before `block`, and not long before it, found `transaction` valid.
	///
	/// Not the same block: the pool asks about what it has only when there is a new one, and two who
	/// submit the same transaction at once are both to have an answer.
	fn is_recent(&self, transaction: &Hash, block: BlockNumber) -> bool {
		let age = self.0.get(transaction).and_then(|noted| block.checked_sub(noted));
		age.is_some_and(|age| (1..RECHECK_AFTER).contains(&age))
	}

	fn forget(&self) {
		self.0.forget();
	}
}

/// Something about each of the transactions that were noted last, as many as fit.
struct Recent<T>(Mutex<LruMap<Hash, T>>);

impl<T: Copy> Recent<T> {
	fn new(most: usize) -> Self {
		let most = u32::try_from(most).unwrap_or(u32::MAX);
		Self(Mutex::new(LruMap::new(ByLength::new(most))))
	}

	fn note(&self, transaction: Hash, what: T) {
		self.lock().insert(transaction, what);
	}

	fn get(&self, transaction: &Hash) -> Option<T> {
		self.lock().peek(transaction).copied()
	}

	fn forget(&self) {
		self.lock().clear();
	}

	fn lock(&self) -> MutexGuard<'_, LruMap<Hash, T>> {
		// Each use is one step, so whoever panicked left nothing half-done.
		self.0.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn hash(byte: u8) -> Hash {
		Hash::repeat_byte(byte)
	}

	#[test]
	fn a_verdict_is_recent_from_the_next_block_on_and_for_a_minute() {
		let verdicts = Verdicts(Recent::new(8));
		verdicts.note(hash(1), 100);
		assert!(!verdicts.is_recent(&hash(1), 99));
		assert!(!verdicts.is_recent(&hash(1), 100));
		assert!(verdicts.is_recent(&hash(1), 101));
		assert!(verdicts.is_recent(&hash(1), 159));
		assert!(!verdicts.is_recent(&hash(1), 160));
		assert!(!verdicts.is_recent(&hash(2), 101));
	}

	#[test]
	fn a_later_verdict_counts_from_its_own_block() {
		let verdicts = Verdicts(Recent::new(8));
		verdicts.note(hash(1), 100);
		verdicts.note(hash(1), 160);
		assert!(verdicts.is_recent(&hash(1), 219));
	}

	#[test]
	fn only_so_many_verdicts_are_kept() {
		let verdicts = Verdicts(Recent::new(2));
		for byte in 1..=3 {
			verdicts.note(hash(byte), 100);
		}
		let recent = [1, 2, 3].map(|byte| verdicts.is_recent(&hash(byte), 101));
		assert_eq!(recent, [false, true, true]);
	}

	#[test]
	fn all_can_be_forgotten() {
		let verdicts = Verdicts(Recent::new(8));
		verdicts.note(hash(1), 100);
		verdicts.forget();
		assert!(!verdicts.is_recent(&hash(1), 101));
	}
}
