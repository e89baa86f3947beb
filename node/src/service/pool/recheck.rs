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

/// How many blocks that lost to a fork are remembered: several times as many as can be asked about, which
/// are those of the last seconds.
const MOST_FORKS: usize = 256;

/// Sees the chain as `A` does, but does not ask the runtime what it can know.
///
/// A transaction that waits in the pool and was valid lately is left alone. And one that is in a block is
/// not valid after it: the pool asks about each that it takes out, unless it remembers having banned it,
/// and its memory is too short for full blocks.
pub struct Sparing<A: ChainApi<Block = Block>> {
	chain: A,
	verdicts: Verdicts,
	included: Recent<Hash>,
	/// Blocks that lost to a fork. What they found valid need not be.
	retracted: Recent<()>,
	pool: OnceLock<Weak<Pool<Self, ()>>>,
}

impl<A: ChainApi<Block = Block>> Sparing<A> {
	/// Remembers as many transactions as can be ready.
	pub(super) fn new(chain: A, ready: usize) -> Self {
		let (verdicts, included) = (Verdicts(Recent::new(ready)), Recent::new(ready));
		Self {
			chain,
			verdicts,
			included,
			retracted: Recent::new(MOST_FORKS),
			pool: OnceLock::new(),
		}
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
	/// time that it asks about a ready one (but for two who submit the same one at once, a block apart).
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
		let verdict = match source {
			// What this node itself has to say does not queue behind what others want.
			TransactionSource::Local => {
				self.chain.validate_transaction_blocking(at, source, transaction)?
			}
			TransactionSource::External | TransactionSource::InBlock => {
				self.chain.validate_transaction(at, source, transaction, priority).await?
			}
		};
		if verdict.is_ok() && self.retracted.get(&at).is_none() {
			self.verdicts.note(hash, number);
		}
		Ok(verdict)
	}

	/// A fork that won makes nonces go back, so all that waits is to be checked again.
	fn tree_route(&self, from: Hash, to: Hash) -> Result<TreeRoute<Block>, Self::Error> {
		let route = self.chain.tree_route(from, to)?;
		// A route that only goes back is one to a block that was made final.
		if !route.retracted().is_empty() && !route.enacted().is_empty() {
			for block in route.retracted() {
				self.retracted.note(block.hash, ());
			}
			for block in route.enacted() {
				self.retracted.remove(&block.hash);
			}
			// Only now: checks that have begun at a block that lost are not to be noted any more.
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

/// Something about each of the transactions or blocks that were noted last, as many as fit.
struct Recent<T>(Mutex<LruMap<Hash, T>>);

impl<T: Copy> Recent<T> {
	fn new(most: usize) -> Self {
		let most = u32::try_from(most).unwrap_or(u32::MAX);
		Self(Mutex::new(LruMap::new(ByLength::new(most))))
	}

	fn note(&self, hash: Hash, what: T) {
		self.lock().insert(hash, what);
	}

	fn get(&self, hash: &Hash) -> Option<T> {
		self.lock().peek(hash).copied()
	}

	fn remove(&self, hash: &Hash) {
		self.lock().remove(hash);
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
	use crate::service::FullClient;
	use codec::Encode;
	use futures::executor::block_on;
	use sc_transaction_pool::{BasicPool, FullChainApi, Options};
	use sc_transaction_pool_api::TransactionPool;
	use sp_blockchain::HashAndNumber;
	use sp_runtime::{
		traits::{BlakeTwo256, Hash as _},
		transaction_validity::{TransactionValidityError, ValidTransaction},
	};

	/// A chain that finds everything valid and counts how often it is asked through the queue.
	/// Blocks' hashes are their numbers; each has the transaction of that number in it.
	#[derive(Default)]
	struct Chain(Mutex<usize>);

	fn block(number: BlockNumber) -> Hash {
		Hash::from_low_u64_be(number.into())
	}

	fn transaction(byte: u8) -> UncheckedExtrinsic {
		UncheckedExtrinsic::from_blob(vec![byte])
	}

	#[async_trait]
	impl ChainApi for Chain {
		type Block = Block;
		type Error = <FullChainApi<FullClient, Block> as ChainApi>::Error;

		async fn validate_transaction(
			&self,
			at: Hash,
			source: TransactionSource,
			transaction: Arc<UncheckedExtrinsic>,
			_: ValidateTransactionPriority,
		) -> Result<TransactionValidity, Self::Error> {
			*self.0.lock().unwrap() += 1;
			self.validate_transaction_blocking(at, source, transaction)
		}

		fn validate_transaction_blocking(
			&self,
			_: Hash,
			_: TransactionSource,
			transaction: Arc<UncheckedExtrinsic>,
		) -> Result<TransactionValidity, Self::Error> {
			Ok(Ok(ValidTransaction { provides: vec![transaction.encode()], ..Default::default() }))
		}

		fn block_id_to_number(
			&self,
			at: &BlockId<Block>,
		) -> Result<Option<BlockNumber>, Self::Error> {
			Ok(Some(match at {
				BlockId::Hash(hash) => BlockNumber::try_from(hash.to_low_u64_be()).unwrap(),
				BlockId::Number(number) => *number,
			}))
		}

		fn block_id_to_hash(&self, at: &BlockId<Block>) -> Result<Option<Hash>, Self::Error> {
			Ok(Some(match at {
				BlockId::Hash(hash) => *hash,
				BlockId::Number(number) => block(*number),
			}))
		}

		fn hash_and_length(&self, transaction: &UncheckedExtrinsic) -> (Hash, usize) {
			let bytes = transaction.encode();
			(BlakeTwo256::hash(&bytes), bytes.len())
		}

		async fn block_body(
			&self,
			at: Hash,
		) -> Result<Option<Vec<UncheckedExtrinsic>>, Self::Error> {
			let number = u8::try_from(at.to_low_u64_be()).unwrap();
			Ok(Some(vec![transaction(number)]))
		}

		fn block_header(&self, _: Hash) -> Result<Option<Header>, Self::Error> {
			Ok(None)
		}

		/// Back from an even block and, to an odd one, up again.
		fn tree_route(&self, from: Hash, to: Hash) -> Result<TreeRoute<Block>, Self::Error> {
			let place = |hash: Hash| HashAndNumber {
				hash,
				number: BlockNumber::try_from(hash.to_low_u64_be()).unwrap(),
			};
			let route = match to.to_low_u64_be() % 2 {
				0 => vec![place(from), place(to)],
				_ => vec![place(from), place(block(0)), place(to)],
			};
			Ok(TreeRoute::new(route, 1).unwrap())
		}
	}

	/// A pool with `transaction(200)` in it, submitted at block 100.
	fn pool() -> (Arc<Sparing<Chain>>, BasicPool<Sparing<Chain>, Block>) {
		let api = Arc::new(Sparing::new(Chain::default(), 8));
		let (pool, _) =
			BasicPool::new_test(api.clone(), block(100), block(100), Options::default());
		api.watch(pool.pool());
		let submitted = pool.submit_one(block(100), TransactionSource::External, transaction(200));
		block_on(submitted).unwrap();
		(api, pool)
	}

	fn ask(
		api: &Sparing<Chain>,
		at: BlockNumber,
		source: TransactionSource,
		byte: u8,
	) -> TransactionValidity {
		let transaction = Arc::new(transaction(byte));
		let priority = ValidateTransactionPriority::Submitted;
		block_on(api.validate_transaction(block(at), source, transaction, priority)).unwrap()
	}

	fn times_asked(api: &Sparing<Chain>) -> usize {
		*api.chain.0.lock().unwrap()
	}

	const LEFT_ALONE: TransactionValidity =
		Err(TransactionValidityError::Unknown(UnknownTransaction::CannotLookup));
	const STALE: TransactionValidity =
		Err(TransactionValidityError::Invalid(InvalidTransaction::Stale));

	#[test]
	fn what_is_ready_is_left_alone_for_a_minute() {
		let (api, _pool) = pool();
		let ask = |at| ask(&api, at, TransactionSource::External, 200);
		assert!(ask(100).is_ok());
		assert_eq!(times_asked(&api), 2);
		assert_eq!(ask(101), LEFT_ALONE);
		assert_eq!(ask(159), LEFT_ALONE);
		assert_eq!(times_asked(&api), 2);
		assert!(ask(160).is_ok());
		assert_eq!(ask(219), LEFT_ALONE);
		assert!(ask(220).is_ok());
	}

	#[test]
	fn what_left_the_pool_is_checked() {
		let (api, pool) = pool();
		let hash = api.hash_and_length(&transaction(200)).0;
		pool.pool().validated_pool().remove_invalid(&[hash]);
		assert!(ask(&api, 101, TransactionSource::External, 200).is_ok());
	}

	#[test]
	fn what_was_valid_but_is_not_in_the_pool_is_checked() {
		let (api, _pool) = pool();
		assert!(ask(&api, 100, TransactionSource::External, 7).is_ok());
		assert!(ask(&api, 101, TransactionSource::External, 7).is_ok());
	}

	#[test]
	fn all_that_waits_is_checked_after_a_reorganisation_and_only_then() {
		let (api, _pool) = pool();
		api.tree_route(block(102), block(100)).unwrap();
		assert_eq!(ask(&api, 102, TransactionSource::External, 200), LEFT_ALONE);
		api.tree_route(block(102), block(103)).unwrap();
		assert!(ask(&api, 103, TransactionSource::External, 200).is_ok());
	}

	#[test]
	fn what_a_block_holds_is_stale_after_that_block_and_checked_after_others() {
		let (api, _pool) = pool();
		let before = times_asked(&api);
		block_on(api.block_body(block(101))).unwrap();
		assert_eq!(ask(&api, 101, TransactionSource::External, 101), STALE);
		assert_eq!(times_asked(&api), before);
		assert!(ask(&api, 100, TransactionSource::InBlock, 101).is_ok());
		assert!(ask(&api, 102, TransactionSource::External, 101).is_ok());
	}

	#[test]
	fn a_verdict_of_a_block_that_lost_is_not_kept() {
		let (api, _pool) = pool();
		api.tree_route(block(102), block(103)).unwrap();
		assert!(ask(&api, 102, TransactionSource::External, 200).is_ok());
		assert!(ask(&api, 103, TransactionSource::External, 200).is_ok());
		assert_eq!(ask(&api, 104, TransactionSource::External, 200), LEFT_ALONE);
	}

	#[test]
	fn what_this_node_says_does_not_queue_with_the_rest() {
		let (api, _pool) = pool();
		let before = times_asked(&api);
		assert!(ask(&api, 100, TransactionSource::Local, 7).is_ok());
		assert_eq!(times_asked(&api), before);
	}

	#[test]
	fn only_so_many_transactions_are_remembered() {
		let recent = Recent::new(2);
		for byte in 1..=3 {
			recent.note(Hash::repeat_byte(byte), byte);
		}
		let kept = [1, 2, 3].map(|byte| recent.get(&Hash::repeat_byte(byte)));
		assert_eq!(kept, [None, Some(2), Some(3)]);
	}
}
