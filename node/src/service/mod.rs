//! Starts a node, in small steps; each returns what the next needs.

mod authoring;
mod discovery;
mod finality;
mod network;
mod offchain;
mod partial;
mod pool;
mod proposing;
mod signatures;
mod statements;

pub use partial::{
	new_partial, BlockImport, ConsensusParts, FullBackend, FullClient, FullSelectChain,
	GrandpaLink, PartialNode, RuntimeExecutor, SlotInherents,
};
pub use pool::FullPool;
pub use statements::{Refusal, StatementGate};

use crate::rpc::{
	documents::{BestBlock, Documents},
	GrandpaDeps, RpcDeps,
};
use network::{Network, Protocols};
use rwa_client::documents::Kubo;
use rwa_primitives::worker::WorkerConfig;
use rwa_runtime::{opaque::Block, Hash};
use sc_consensus_babe::BabeWorkerHandle;
use sc_consensus_grandpa::{FinalityProofProvider, SharedVoterState};
use sc_network::{
	config::NetworkBackendType, Litep2pNetworkBackend, NetworkBackend, NetworkWorker,
};
use sc_service::{
	error::Error as ServiceError, Configuration, PartialComponents, SpawnTasksParams, TaskManager,
};
use sc_storage_monitor::{StorageMonitorParams, StorageMonitorService};
use sc_telemetry::Telemetry;
use sc_transaction_pool::Options as PoolOptions;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_blockchain::HeaderBackend;
use sp_keystore::KeystorePtr;
use std::sync::Arc;
use substrate_prometheus_endpoint::Registry;

/// What a node is told beyond the SDK's own configuration.
#[derive(Debug, Clone)]
pub struct NodeOptions {
	/// Settings of the off-chain workers. Empty clears what an earlier run stored.
	pub workers: WorkerConfig,
	/// Where documents are stored and fetched, if anywhere.
	pub kubo: Option<Kubo>,
	/// How much the transaction pool holds.
	pub pool: PoolOptions,
	/// When to stop for want of disk space.
	pub storage_monitor: StorageMonitorParams,
	/// Whether to keep announcements of documents, and to pass them on.
	pub statements: bool,
}

/// What every step of the start needs.
struct Node {
	client: Arc<FullClient>,
	backend: Arc<FullBackend>,
	keystore: KeystorePtr,
	pool: Arc<FullPool>,
	select_chain: FullSelectChain,
	tasks: TaskManager,
	telemetry: Option<Telemetry>,
	prometheus: Option<Registry>,
}

impl Node {
	/// Lets a step submit transactions from within runtime calls.
	fn pool_factory(&self) -> OffchainTransactionPoolFactory<Block> {
		pool::offchain_factory(&self.pool)
	}

	fn telemetry_handle(&self) -> Option<sc_telemetry::TelemetryHandle> {
		self.telemetry.as_ref().map(Telemetry::handle)
	}
}

/// Starts a node on the network back end that `config` names.
///
/// # Errors
/// What keeps the node from starting: a database, port, key or genesis that is no good.
pub fn start(config: Configuration, options: NodeOptions) -> Result<TaskManager, ServiceError> {
	match config.network.network_backend {
		NetworkBackendType::Libp2p => new_full::<NetworkWorker<Block, Hash>>(config, options),
		NetworkBackendType::Litep2p => new_full::<Litep2pNetworkBackend>(config, options),
	}
}

/// Starts a node on the network back end `N`. It runs until the task manager is dropped.
///
/// # Errors
/// As [`start`].
pub fn new_full<N: NetworkBackend<Block, Hash>>(
	config: Configuration,
	options: NodeOptions,
) -> Result<TaskManager, ServiceError> {
	let PartialComponents {
		client,
		backend,
		task_manager: tasks,
		import_queue,
		keystore_container,
		select_chain,
		transaction_pool: pool,
		other: ConsensusParts { block_import, babe_link, babe_worker, grandpa_link, telemetry },
	} = new_partial(&config, options.pool)?;
	let prometheus = config.prometheus_registry().cloned();
	let keystore = keystore_container.keystore();
	let mut node =
		Node { client, backend, keystore, pool, select_chain, tasks, telemetry, prometheus };

	// Before the workers first look.
	offchain::store_settings(&node, &options.workers)?;
	let (params, Protocols { votes, statements }) =
		network::params::<N>(&config, &node, import_queue, &grandpa_link, options.statements)?;
	let (service, system_rpc_tx, tx_handler_controller, sync, _bitswap) =
		sc_service::build_network(params)?;
	let network = Network { service, sync };
	offchain::start(&config, &node, &network)?;
	insert_session_keys(&config, &node)?;
	if config.role.is_authority() {
		authoring::start(&config, &node, &network, block_import, babe_link)?;
		discovery::start(&config, &node, &network);
	}
	let statements = statements
		.map(|protocol| statements::start(&config, &node, &network, &keystore_container, protocol))
		.transpose()?;
	let documents = documents(&config, &node, options.kubo)?;
	let rpc = rpc_deps(&config, &node, babe_worker, &grandpa_link, statements, documents);
	if !config.disable_grandpa {
		let voter_state = rpc.grandpa.voter_state.clone();
		finality::start(&config, &node, &network, votes, grandpa_link, voter_state)?;
	}
	watch_storage(&config, options.storage_monitor, &node)?;

	// RPC servers, Prometheus, telemetry, and the pool's view of new blocks.
	sc_service::spawn_tasks(SpawnTasksParams {
		config,
		client: node.client,
		backend: node.backend,
		keystore: node.keystore,
		transaction_pool: node.pool,
		task_manager: &mut node.tasks,
		network: network.service,
		sync_service: network.sync,
		system_rpc_tx,
		tx_handler_controller,
		rpc_builder: Box::new(move |executor| rpc.module(executor).map_err(Into::into)),
		telemetry: node.telemetry.as_mut(),
		tracing_execute_block: None,
	})?;
	Ok(node.tasks)
}

/// Puts the session keys that `--alice` and the like ask for into the keystore.
///
/// `sc_service::spawn_tasks` does it as well, but after the voter has started: a voter that finds no
/// key when a round begins only watches that round, which then may never end.
fn insert_session_keys(config: &Configuration, node: &Node) -> Result<(), ServiceError> {
	let seeds = config.dev_key_seed.clone().into_iter().collect();
	let best = node.client.info().best_hash;
	sp_session::generate_initial_session_keys(
		node.client.clone(),
		best,
		seeds,
		node.keystore.clone(),
	)
	.map_err(|error| ServiceError::Application(Box::new(error)))
}

fn rpc_deps(
	config: &Configuration,
	node: &Node,
	babe_worker: BabeWorkerHandle<Block>,
	grandpa_link: &GrandpaLink,
	statements: Option<Arc<StatementGate>>,
	documents: Option<Documents<BestBlock>>,
) -> RpcDeps {
	let authority_set = grandpa_link.shared_authority_set().clone();
	let finality_proofs =
		FinalityProofProvider::new_for_service(node.backend.clone(), Some(authority_set.clone()));
	RpcDeps {
		client: node.client.clone(),
		pool: node.pool.clone(),
		select_chain: node.select_chain.clone(),
		chain_spec: config.chain_spec.cloned_box(),
		keystore: node.keystore.clone(),
		babe_worker,
		grandpa: GrandpaDeps {
			voter_state: SharedVoterState::empty(),
			authority_set,
			justifications: grandpa_link.justification_stream(),
			finality_proofs,
		},
		statements,
		documents,
	}
}

/// What stores and fetches documents, if there is a Kubo. Uploads are kept beside the chains.
fn documents(
	config: &Configuration,
	node: &Node,
	kubo: Option<Kubo>,
) -> Result<Option<Documents<BestBlock>>, ServiceError> {
	let Some(kubo) = kubo else { return Ok(None) };
	log::info!("📄 Documents go through Kubo at {}", kubo.url());
	let folder = config.base_path.path().join("documents").join("uploads");
	let chain = Arc::new(BestBlock(node.client.clone()));
	Documents::new(chain, kubo, folder.clone()).map(Some).map_err(|error| {
		ServiceError::Other(format!("uploads can't be kept in {}: {error}", folder.display()))
	})
}

/// Stops the node in good order before its disk is full.
fn watch_storage(
	config: &Configuration,
	params: StorageMonitorParams,
	node: &Node,
) -> Result<(), ServiceError> {
	let Some(path) = config.database.path() else { return Ok(()) };
	StorageMonitorService::try_spawn(params, path.into(), &node.tasks.spawn_essential_handle())
		.map_err(|error| ServiceError::Application(error.into()))
}
