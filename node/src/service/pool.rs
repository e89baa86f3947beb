//! The transaction pool: the SDK's single-state pool, which spends a busy node's time on blocks.
//!
//! Two things are not as the SDK's builder makes them. Transactions are checked by threads that leave the
//! processors to authoring. And a transaction that waits in the pool is checked again once a minute, not
//! after every block: under load that was half as much work again as checking each once.

mod recheck;
mod yielding;

use super::FullClient;
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
use yielding::Yielding;

/// How the pool looks at the chain.
type PoolApi = Sparing<FullChainApi<FullClient, Block>>;

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
	let chain = FullChainApi::new(client.clone(), registry, &Yielding::new(spawner.clone()));
	let api = Arc::new(Sparing::new(chain, options.ready.count));
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
struct OwnTransactions(Arc<FullPool>);

impl LocalTransactionPool for OwnTransactions {
	type Block = Block;
	type Hash = Hash;
	type Error = <PoolApi as ChainApi>::Error;

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
