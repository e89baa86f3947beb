//! Off-chain workers: their settings, and the task that runs them at every new best block.

use super::{network::Network, Node};
use crate::worker_config::feed_name;
use codec::Encode;
use futures::FutureExt;
use rwa_primitives::worker::{WorkerConfig, CONFIG_KEY};
use sc_client_api::Backend;
use sc_offchain::{OffchainWorkerOptions, OffchainWorkers};
use sc_service::{error::Error as ServiceError, Configuration};
use sp_core::offchain::{OffchainStorage, STORAGE_PREFIX};
use std::sync::Arc;

/// Makes `settings` what the workers read from now on. Empty settings clear what an earlier run
/// stored: the command line is the truth, whatever ran before.
pub(super) fn store_settings(node: &Node, settings: &WorkerConfig) -> Result<(), ServiceError> {
	let mut storage = node
		.backend
		.offchain_storage()
		.ok_or_else(|| ServiceError::Other("the database has no off-chain storage".into()))?;
	if *settings == WorkerConfig::default() {
		storage.remove(STORAGE_PREFIX, CONFIG_KEY);
		return Ok(());
	}
	storage.set(STORAGE_PREFIX, CONFIG_KEY, &settings.encode());
	// Names of feeds only: an address may hold a secret.
	for source in &settings.oracle {
		log::info!("🛰  Oracle source for feed {}", feed_name(&source.feed));
	}
	if let Some(storage) = &settings.storage {
		log::info!("🗄  Documents are kept through the bridge at {}", storage.bridge);
	}
	Ok(())
}

/// Runs the workers, on every node that is not told otherwise: who hosts an oracle need not
/// validate.
pub(super) fn start(
	config: &Configuration,
	node: &Node,
	network: &Network,
) -> Result<(), ServiceError> {
	if !config.offchain_worker.enabled {
		return Ok(());
	}
	let workers = OffchainWorkers::new(OffchainWorkerOptions {
		runtime_api_provider: node.client.clone(),
		keystore: Some(node.keystore.clone()),
		offchain_db: node.backend.offchain_storage(),
		transaction_pool: Some(node.pool_factory()),
		network_provider: Arc::new(network.service.clone()),
		is_validator: config.role.is_authority(),
		enable_http_requests: true,
		custom_extensions: |_| Vec::new(),
	})
	.map_err(|error| {
		ServiceError::Other(format!(
			"off-chain workers can't make HTTPS requests: {error}. Install the system's \
			 certificates (package ca-certificates), or start with --offchain-worker never"
		))
	})?;
	node.tasks.spawn_handle().spawn(
		"offchain-workers-runner",
		"offchain-worker",
		workers.run(node.client.clone(), node.tasks.spawn_handle()).boxed(),
	);
	Ok(())
}
