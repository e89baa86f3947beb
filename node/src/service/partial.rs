//! A node's database, keys, pool and import queue: all that works without a network, and all that
//! commands on the database need.

use super::{
	pool::{new_pool, offchain_factory, FullPool},
	signatures,
};
use crate::consensus::JUSTIFICATION_PERIOD;
use jsonrpsee::core::async_trait;
use rwa_runtime::{opaque::Block, Hash, RuntimeApi};
use sc_consensus_babe::{BabeBlockImport, BabeLink, BabeWorkerHandle, ImportQueueParams};
use sc_consensus_grandpa::{GrandpaBlockImport, GrandpaPruningFilter, LinkHalf};
use sc_executor::sp_wasm_interface::ExtendedHostFunctions;
use sc_service::{error::Error as ServiceError, Configuration, PartialComponents, TaskManager};
use sc_telemetry::{Telemetry, TelemetryHandle, TelemetryWorker};
use sc_transaction_pool::Options as PoolOptions;
use sp_consensus_babe::{inherents::InherentDataProvider as SlotProvider, SlotDuration};
use sp_inherents::CreateInherentDataProviders;
use sp_timestamp::InherentDataProvider as TimestampProvider;
use std::{error::Error, sync::Arc};

/// Executes the runtime, with the standard host functions and no others. One of them remembers.
pub type RuntimeExecutor = sc_executor::WasmExecutor<
	ExtendedHostFunctions<sp_io::SubstrateHostFunctions, signatures::HostFunctions>,
>;
/// Access to the chain.
pub type FullClient = sc_service::TFullClient<Block, RuntimeApi, RuntimeExecutor>;
/// The database.
pub type FullBackend = sc_service::TFullBackend<Block>;
/// The best chain is the longest.
pub type FullSelectChain = sc_consensus::LongestChain<FullBackend, Block>;
/// What blocks pass through on their way into the database.
pub type BlockImport =
	BabeBlockImport<Block, FullClient, FinalityImport, SlotInherents, FullSelectChain>;
/// From block import to the GRANDPA voter.
pub type GrandpaLink = LinkHalf<Block, FullClient, FullSelectChain>;
/// A node without a network.
pub type PartialNode = PartialComponents<
	FullClient,
	FullBackend,
	FullSelectChain,
	sc_consensus::DefaultImportQueue<Block>,
	FullPool,
	ConsensusParts,
>;

type FinalityImport = GrandpaBlockImport<FullBackend, Block, FullClient, FullSelectChain>;

/// What authoring and finality take up later.
pub struct ConsensusParts {
	/// Takes blocks that this node authored.
	pub block_import: BlockImport,
	/// BABE's configuration and epochs.
	pub babe_link: BabeLink<Block>,
	/// Answers questions about BABE's epochs.
	pub babe_worker: BabeWorkerHandle<Block>,
	/// For the voter.
	pub grandpa_link: GrandpaLink,
	/// Sends telemetry, if endpoints are configured.
	pub telemetry: Option<Telemetry>,
}

/// Tells a block its slot and its time.
#[derive(Clone, Debug)]
pub struct SlotInherents {
	slot_duration: SlotDuration,
}

impl SlotInherents {
	/// For a chain with slots of this length.
	pub fn new(slot_duration: SlotDuration) -> Self {
		Self { slot_duration }
	}
}

#[async_trait]
impl CreateInherentDataProviders<Block, ()> for SlotInherents {
	type InherentDataProviders = (SlotProvider, TimestampProvider);

	async fn create_inherent_data_providers(
		&self,
		_parent: Hash,
		_: (),
	) -> Result<Self::InherentDataProviders, Box<dyn Error + Send + Sync>> {
		let timestamp = TimestampProvider::from_system_time();
		let slot = SlotProvider::from_timestamp_and_slot_duration(*timestamp, self.slot_duration);
		Ok((slot, timestamp))
	}
}

/// Opens the database and whatever stands on it. Spawns tasks, but none that needs a network.
///
/// # Errors
/// A database that can't be opened or belongs to another chain, a keystore that can't be read, a
/// genesis that the runtime refuses.
pub fn new_partial(config: &Configuration, pool: PoolOptions) -> Result<PartialNode, ServiceError> {
	let telemetry = new_telemetry(config)?;
	let handle = telemetry.as_ref().map(|(_, telemetry)| telemetry.handle());
	let (client, backend, keystore_container, task_manager) =
		sc_service::new_full_parts::<Block, RuntimeApi, RuntimeExecutor>(
			config,
			handle.clone(),
			sc_service::new_wasm_executor(&config.executor),
			// Blocks with a proof of finality outlive pruning: warp synchronisation is made of them.
			vec![Arc::new(GrandpaPruningFilter)],
		)?;
	let client = Arc::new(client);
	let telemetry = telemetry.map(|(worker, telemetry)| {
		task_manager.spawn_handle().spawn("telemetry", None, worker.run());
		telemetry
	});
	let select_chain = FullSelectChain::new(backend.clone());
	let transaction_pool = new_pool(config, pool, &client, &task_manager);
	let consensus =
		ConsensusDeps { config, client: &client, select_chain: &select_chain, telemetry: handle };
	let (import_queue, parts) = consensus.build(&transaction_pool, &task_manager, telemetry)?;

	Ok(PartialComponents {
		client,
		backend,
		task_manager,
		import_queue,
		keystore_container,
		select_chain,
		transaction_pool,
		other: parts,
	})
}

/// How many messages wait for a slow telemetry server before the newest are dropped.
const TELEMETRY_BUFFER: usize = 16;

fn new_telemetry(
	config: &Configuration,
) -> Result<Option<(TelemetryWorker, Telemetry)>, ServiceError> {
	let endpoints = config.telemetry_endpoints.clone().filter(|endpoints| !endpoints.is_empty());
	let Some(endpoints) = endpoints else { return Ok(None) };
	let worker = TelemetryWorker::new(TELEMETRY_BUFFER)?;
	let telemetry = worker.handle().new_telemetry(endpoints);
	Ok(Some((worker, telemetry)))
}

struct ConsensusDeps<'a> {
	config: &'a Configuration,
	client: &'a Arc<FullClient>,
	select_chain: &'a FullSelectChain,
	telemetry: Option<TelemetryHandle>,
}

impl ConsensusDeps<'_> {
	/// Import through BABE, which reports authors of two blocks in one slot, then GRANDPA.
	fn build(
		self,
		pool: &Arc<FullPool>,
		tasks: &TaskManager,
		telemetry: Option<Telemetry>,
	) -> Result<(sc_consensus::DefaultImportQueue<Block>, ConsensusParts), ServiceError> {
		let (grandpa_import, grandpa_link) = sc_consensus_grandpa::block_import(
			self.client.clone(),
			JUSTIFICATION_PERIOD,
			self.client,
			self.select_chain.clone(),
			self.telemetry.clone(),
		)?;
		let babe_config = sc_consensus_babe::configuration(&**self.client)?;
		let slot_duration = babe_config.slot_duration();
		let (block_import, babe_link) = sc_consensus_babe::block_import(
			babe_config,
			grandpa_import.clone(),
			self.client.clone(),
			SlotInherents::new(slot_duration),
			self.select_chain.clone(),
			offchain_factory(pool),
		)?;
		let (import_queue, babe_worker) = sc_consensus_babe::import_queue(ImportQueueParams {
			link: babe_link.clone(),
			block_import: block_import.clone(),
			justification_import: Some(Box::new(grandpa_import)),
			client: self.client.clone(),
			slot_duration,
			spawner: &tasks.spawn_essential_handle(),
			registry: self.config.prometheus_registry(),
			telemetry: self.telemetry,
		})?;
		let parts =
			ConsensusParts { block_import, babe_link, babe_worker, grandpa_link, telemetry };
		Ok((import_queue, parts))
	}
}
