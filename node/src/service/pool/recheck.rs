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
	generic::{BlockId, DigestItem},
	transaction_validity::{
		InvalidTransaction, TransactionSource, TransactionValidity, UnknownTransaction,
	},
};
use std::sync::{
	atomic::{AtomicU32, Ordering},
	Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
};

/// Blocks after which a waiting transaction is checked again, at the latest: a minute, as often as the SDK's
/// light revalidation does it. An author that meets one that has become invalid drops it in any case.
const RECHECK_AFTER: BlockNumber = 60;

/// So many blocks earlier, at most, chosen by a transaction's hash: what came at once is not checked at once.
const RECHECK_SPREAD: BlockNumber = 16;

/// How many blocks that lost to a fork are remembered: several times as many as can be asked about, which
/// are those of the last seconds.
const MOST_RETRACTED: usize = 256;

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
	/// Verdicts of blocks before this one are not to be kept: another runtime came, or blocks were missed.
	kept_from: AtomicU32,
	/// The highest block that the pool was shown.
	shown: AtomicU32,
	pool: OnceLock<Weak<Pool<Self, ()>>>,
}

impl<A: ChainApi<Block = Block>> Sparing<A> {
	/// Remembers `most` transactions: as many as the pool can hold.
	pub(super) fn new(chain: A, most: usize) -> Self {
		Self {
			chain,
			verdicts: Verdicts(Recent::new(most)),
			included: Recent::new(most),
			retracted: Recent::new(MOST_RETRACTED),
			kept_from: AtomicU32::new(0),
			shown: AtomicU32::new(0),
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

	/// Forgets verdicts that the block `at`, whose body the pool asks for, can have made wrong: it brings
	/// another runtime, or it does not follow on the last one, as after a synchronisation.
	fn follow(&self, at: Hash) -> Result<(), A::Error> {
		// The pool asks for bodies of blocks that lost as well, to take their transactions back.
		if self.retracted.get(&at).is_some() {
			return Ok(());
		}
		let Some(header) = self.chain.block_header(at)? else { return Ok(()) };
		let next = header.number.saturating_add(1);
		let shown = self.shown.fetch_max(header.number, Ordering::Relaxed);
		if header.digest.logs().contains(&DigestItem::RuntimeEnvironmentUpdated) {
			// Nor is this block's verdict worth keeping: the new runtime has not migrated the state yet.
			self.forget_before(next);
		} else if header.number > shown.saturating_add(1) {
			self.forget_before(header.number);
		}
		Ok(())
	}

	/// Forgets all verdicts, and keeps none that is of a block before this one.
	fn forget_before(&self, block: BlockNumber) {
		self.kept_from.fetch_max(block, Ordering::Relaxed);
		// Only now: checks that have begun are not to be noted any more.
		self.verdicts.forget();
	}

	/// Whether the block that held `transaction` has lost to a fork.
	fn is_taken_back(&self, transaction: &Hash) -> bool {
		self.included.get(transaction).is_some_and(|block| self.retracted.get(&block).is_some())
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
		// The pool goes on only when it knows about those, and the author waits for the pool.
		let priority = match self.is_taken_back(&hash) {
			true => ValidateTransactionPriority::Maintained,
			false => priority,
		};
		let verdict = match source {
			// What this node itself has to say does not queue behind what others want.
			TransactionSource::Local => {
				self.chain.validate_transaction_blocking(at, source, transaction)?
			}
			TransactionSource::External | TransactionSource::InBlock => {
				self.chain.validate_transaction(at, source, transaction, priority).await?
			}
		};
		// The pool does not keep what it asks about for a block's sake.
		let is_kept = verdict.is_ok() && source != TransactionSource::InBlock;
		let is_kept = is_kept && number >= self.kept_from.load(Ordering::Relaxed);
		if is_kept && self.retracted.get(&at).is_none() {
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
		self.follow(at)?;
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
		let earlier = BlockNumber::from(transaction.as_fixed_bytes()[0]) % RECHECK_SPREAD;
		age.is_some_and(|age| (1..RECHECK_AFTER - earlier).contains(&age))
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
	use crate::service::pool::testing::{transaction, Chain, GENESIS};
	use futures::executor::block_on;
	use sc_transaction_pool::{BasicPool, Options};
	use sc_transaction_pool_api::{ChainEvent, MaintainedTransactionPool, TransactionPool};
	use sp_runtime::transaction_validity::TransactionValidityError;

	const LEFT_ALONE: TransactionValidity =
		Err(TransactionValidityError::Unknown(UnknownTransaction::CannotLookup));
	const STALE: TransactionValidity =
		Err(TransactionValidityError::Invalid(InvalidTransaction::Stale));

	/// A pool over a chain of 100 blocks with nothing in them, and `transaction(200)` waiting in it.
	struct World {
		api: Arc<Sparing<Chain>>,
		pool: BasicPool<Sparing<Chain>, Block>,
		tip: Hash,
	}

	impl World {
		fn new() -> Self {
			let chain = Chain::default();
			let tip = chain.extend(GENESIS, 100);
			let api = Arc::new(Sparing::new(chain, 8));
			let (pool, _) = BasicPool::new_test(api.clone(), tip, tip, Options::default());
			api.watch(pool.pool());
			let world = Self { api, pool, tip };
			// The pool has been shown the chain.
			world.show(tip);
			world.submit(200);
			world
		}

		fn submit(&self, byte: u8) {
			let source = TransactionSource::External;
			block_on(self.pool.submit_one(self.tip, source, transaction(byte))).unwrap();
		}

		fn show(&self, block: Hash) {
			block_on(self.api.block_body(block)).unwrap();
		}

		fn is_ready(&self, byte: u8) -> bool {
			self.pool.ready().any(|ready| *ready.data == transaction(byte))
		}

		fn maintain(&self, hash: Hash) {
			block_on(self.pool.maintain(ChainEvent::NewBestBlock { hash, tree_route: None }));
		}

		fn ask_as(&self, source: TransactionSource, at: Hash, byte: u8) -> TransactionValidity {
			let transaction = Arc::new(transaction(byte));
			let priority = ValidateTransactionPriority::Submitted;
			block_on(self.api.validate_transaction(at, source, transaction, priority)).unwrap()
		}

		fn ask(&self, at: Hash, byte: u8) -> TransactionValidity {
			self.ask_as(TransactionSource::External, at, byte)
		}

		fn times_asked(&self) -> usize {
			self.api.chain.times_asked()
		}

		fn later(&self, blocks: u32) -> Hash {
			self.api.chain.extend(self.tip, blocks)
		}
	}

	#[test]
	fn what_is_ready_is_left_alone_for_a_minute_at_most() {
		let world = World::new();
		let hash = world.api.hash_and_length(&transaction(200)).0;
		let patience = RECHECK_AFTER - u32::from(hash.as_fixed_bytes()[0]) % RECHECK_SPREAD;
		assert!(world.ask(world.tip, 200).is_ok());
		assert_eq!(world.times_asked(), 2);
		assert_eq!(world.ask(world.later(1), 200), LEFT_ALONE);
		assert_eq!(world.ask(world.later(patience - 1), 200), LEFT_ALONE);
		assert_eq!(world.times_asked(), 2);
		assert!(world.ask(world.later(patience), 200).is_ok());
		assert_eq!(world.ask(world.later(2 * patience - 1), 200), LEFT_ALONE);
		assert!(world.ask(world.later(2 * patience), 200).is_ok());
	}

	#[test]
	fn what_came_at_once_is_not_checked_at_once() {
		let verdicts = Verdicts(Recent::new(512));
		let hashes: Vec<_> = (0..=255).map(Hash::repeat_byte).collect();
		hashes.iter().for_each(|hash| verdicts.note(*hash, 1));
		let left_alone =
			|block| hashes.iter().filter(|hash| verdicts.is_recent(hash, block)).count();
		assert_eq!(left_alone(1 + RECHECK_AFTER - RECHECK_SPREAD), 256);
		assert_eq!(left_alone(1 + RECHECK_AFTER - RECHECK_SPREAD / 2), 128);
		assert_eq!(left_alone(1 + RECHECK_AFTER), 0);
	}

	#[test]
	fn what_left_the_pool_is_checked() {
		let world = World::new();
		let hash = world.api.hash_and_length(&transaction(200)).0;
		world.pool.pool().validated_pool().remove_invalid(&[hash]);
		assert!(world.ask(world.later(1), 200).is_ok());
	}

	#[test]
	fn what_was_valid_but_is_not_in_the_pool_is_checked() {
		let world = World::new();
		assert!(world.ask(world.tip, 7).is_ok());
		assert!(world.ask(world.later(1), 7).is_ok());
	}

	#[test]
	fn all_that_waits_is_checked_after_a_reorganisation_and_only_then() {
		let world = World::new();
		let (lost, won) = (world.later(2), world.later(2));
		world.api.tree_route(lost, world.tip).unwrap();
		assert_eq!(world.ask(lost, 200), LEFT_ALONE);
		world.api.tree_route(lost, won).unwrap();
		assert!(world.ask(won, 200).is_ok());
	}

	#[test]
	fn all_that_waits_is_checked_after_an_upgrade() {
		let world = World::new();
		let before = world.later(1);
		world.show(before);
		assert_eq!(world.ask(before, 200), LEFT_ALONE);
		let upgrade = world.api.chain.upgrade(before);
		world.show(upgrade);
		assert!(world.ask(upgrade, 200).is_ok());
	}

	#[test]
	fn a_verdict_of_the_last_runtime_is_not_kept_and_neither_is_one_before_the_migration() {
		let world = World::new();
		let (grandparent, parent) = (world.later(1), world.later(2));
		let upgrade = world.api.chain.upgrade(parent);
		let next = world.api.chain.extend(upgrade, 1);
		[parent, upgrade].into_iter().for_each(|block| world.show(block));
		// These had begun before the pool was shown the upgrade.
		for at in [grandparent, parent, upgrade] {
			assert!(world.ask(at, 200).is_ok());
		}
		assert!(world.ask(next, 200).is_ok());
		assert_eq!(world.ask(world.api.chain.extend(next, 1), 200), LEFT_ALONE);
	}

	#[test]
	fn a_verdict_from_before_blocks_that_the_pool_was_not_shown_is_not_kept() {
		let world = World::new();
		let far = world.later(30);
		world.show(far);
		assert!(world.ask(world.tip, 200).is_ok());
		assert!(world.ask(far, 200).is_ok());
		assert_eq!(world.ask(world.api.chain.extend(far, 1), 200), LEFT_ALONE);
	}

	#[test]
	fn all_that_waits_is_checked_after_blocks_that_the_pool_was_not_shown() {
		let world = World::new();
		let next = world.later(1);
		world.show(next);
		assert_eq!(world.ask(next, 200), LEFT_ALONE);
		let far = world.later(30);
		world.show(far);
		assert!(world.ask(far, 200).is_ok());
	}

	#[test]
	fn what_a_block_holds_is_stale_after_that_block_and_checked_after_others() {
		let world = World::new();
		let before = world.times_asked();
		let block = world.api.chain.add(world.tip, &[101]);
		world.show(block);
		assert_eq!(world.ask(block, 101), STALE);
		assert_eq!(world.times_asked(), before);
		assert!(world.ask_as(TransactionSource::InBlock, world.tip, 101).is_ok());
		assert!(world.ask(world.api.chain.extend(block, 1), 101).is_ok());
	}

	#[test]
	fn a_verdict_of_a_block_that_lost_is_not_kept() {
		let world = World::new();
		let (lost, won) = (world.later(1), world.later(1));
		world.api.tree_route(lost, won).unwrap();
		assert!(world.ask(lost, 200).is_ok());
		assert!(world.ask(won, 200).is_ok());
		assert_eq!(world.ask(world.api.chain.extend(won, 1), 200), LEFT_ALONE);
	}

	#[test]
	fn a_fork_brings_back_what_only_the_lost_block_held() {
		let world = World::new();
		world.submit(1);
		world.submit(2);
		let lost = world.api.chain.add(world.tip, &[1, 2]);
		world.maintain(lost);
		assert!(!world.is_ready(1) && !world.is_ready(2) && world.is_ready(200));
		let won = world.api.chain.add(world.tip, &[2]);
		let tip = world.api.chain.extend(won, 1);
		world.maintain(tip);
		assert!(world.is_ready(1) && !world.is_ready(2) && world.is_ready(200));
		// What was taken back did not queue with what is submitted.
		assert_eq!(world.times_asked(), 3);

		// The block that lost does not make the next one look like one that was missed.
		assert!(world.ask(tip, 200).is_ok());
		let next = world.api.chain.extend(tip, 1);
		world.maintain(next);
		assert_eq!(world.ask(next, 200), LEFT_ALONE);
	}

	#[test]
	fn what_this_node_says_does_not_queue_with_the_rest() {
		let world = World::new();
		let before = world.times_asked();
		assert!(world.ask_as(TransactionSource::Local, world.tip, 7).is_ok());
		assert_eq!(world.times_asked(), before);
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
