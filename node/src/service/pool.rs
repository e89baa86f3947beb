//! The transaction pool: the SDK's single-state pool, which spends a busy node's time on blocks.
//!
//! Two things are not as the SDK's builder makes them. Transactions are checked many at a time, by threads
//! that leave the processors to authoring. And a transaction that waits in the pool is checked again once a
//! minute, not after every block: under load that was half as much work again as checking each once.

mod batch;
mod recheck;
#[cfg(test)]
mod testing;

use super::FullClient;
use batch::Batching;
use recheck::Sparing;
use rwa_runtime::{opaque::Block, Hash};
use sc_client_api::UsageProvider;
use sc_service::{Configuration, TaskManager};
use sc_transaction_pool::{
	BasicPool, ChainApi, FullChainApi, Options, RevalidationType, TimedTransactionSource,
	ValidateTransactionPriority,
};
use sc_transaction_pool_api::{
	error::Error as PoolError, LocalTransactionFor, LocalTransactionPool,
	OffchainTransactionPoolFactory,
};
use sp_blockchain::HashAndNumber;
use std::sync::Arc;

/// How the pool looks at the chain.
type PoolApi = Sparing<Batching<FullChainApi<FullClient, Block>>>;

/// The transaction pool.
pub type FullPool = BasicPool<PoolApi, Block>;

/// Makes the pool and the tasks that work for it.
pub(super) fn new_pool(
	config: &Configuration,
	options: Options,
	client: &Arc<FullClient>,
	tasks: &TaskManager,
) -> Arc<FullPool> {
	let registry = config.prometheus_registry();
	let spawner = tasks.spawn_essential_handle();
	let chain = FullChainApi::new(client.clone(), registry, &spawner);
	let chain = Batching::new(chain, client.clone(), &spawner);
	let most = options.ready.count.saturating_add(options.future.count);
	let api = Arc::new(Sparing::new(chain, most));
	let info = client.usage_info().chain;
	let pool = BasicPool::with_revalidation_type(
		options,
		config.role.is_authority().into(),
		api.clone(),
		registry,
		// The other type does not take back the transactions of blocks that lost to a fork.
		RevalidationType::Full,
		spawner,
		info.best_number,
		info.best_hash,
		info.finalized_hash,
	);
	api.watch(pool.pool());
	Arc::new(pool)
}

/// Lets runtime calls submit transactions to `pool`.
pub(super) fn offchain_factory(pool: &Arc<FullPool>) -> OffchainTransactionPoolFactory<Block> {
	OffchainTransactionPoolFactory::new(OwnTransactions(pool.clone()))
}

/// Takes what this node itself has to say: evidence, heartbeats, readings.
struct OwnTransactions<A: ChainApi<Block = Block> + 'static>(Arc<BasicPool<A, Block>>);

impl<A: ChainApi<Block = Block> + 'static> LocalTransactionPool for OwnTransactions<A> {
	type Block = Block;
	type Hash = Hash;
	type Error = A::Error;

	/// Waits for the verdict, and asks for it even if the transaction is banned: whoever is about to offend
	/// could have had the evidence refused from himself before.
	///
	/// Some who call hold a lock, so nothing that validation needs may be locked by a caller.
	fn submit_local(
		&self,
		at: Hash,
		transaction: LocalTransactionFor<Self>,
	) -> Result<Hash, Self::Error> {
		let at = HashAndNumber { hash: at, number: self.0.api().resolve_block_number(at)? };
		let transaction = (TimedTransactionSource::new_local(false), Arc::new(transaction));
		let priority = ValidateTransactionPriority::Maintained;
		let submitted = self.0.pool().resubmit_at(&at, [transaction], priority);
		let outcome = futures::executor::block_on(submitted).pop();
		let outcome = outcome.unwrap_or_else(|| Err(PoolError::ImmediatelyDropped.into()));
		outcome.map(|outcome| outcome.hash())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::service::pool::testing::{transaction, Chain, GENESIS};
	use futures::executor::block_on;
	use sc_transaction_pool_api::{TransactionPool, TransactionSource};

	#[test]
	fn what_this_node_says_is_taken_although_it_is_banned_for_others() {
		let chain = Chain::default();
		let tip = chain.extend(GENESIS, 1);
		let api = Arc::new(Sparing::new(chain, 8));
		let (pool, _) = BasicPool::new_test(api.clone(), tip, tip, Options::default());
		api.watch(pool.pool());
		let pool = Arc::new(pool);
		let evidence = transaction(1);
		let hash = api.hash_and_length(&evidence).0;
		pool.pool().validated_pool().remove_invalid(&[hash]);
		let from_outside = pool.submit_one(tip, TransactionSource::External, evidence.clone());
		assert!(block_on(from_outside).is_err());

		let own = OwnTransactions(pool.clone());
		assert_eq!(own.submit_local(tip, evidence).unwrap(), hash);
		assert!(pool.ready_transaction(&hash).is_some());
	}
}
