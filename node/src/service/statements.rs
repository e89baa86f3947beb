//! Announcements of documents: the SDK's statement store, and the gossip that fills it.
//!
//! Nothing on chain depends on them, so whatever is done to them must cost little. Each account may store as many
//! statements as it has documents; the SDK sees to that, by what the documents pallet writes. What the SDK does not
//! bound is how often they are replaced, and what they say: [`StatementGate`] does.

mod gate;
mod pace;

pub use gate::{Refusal, StatementGate};

use super::{network::Network, FullBackend, FullClient, Node};
use rwa_primitives::storage::MAX_ANNOUNCEMENT;
use rwa_runtime::{opaque::Block, Hash};
use sc_network::{config::FullNetworkConfiguration, NetworkBackend, NotificationMetrics};
use sc_network_statement::StatementHandlerPrototype;
use sc_service::{error::Error as ServiceError, Configuration, KeystoreContainer};
use sc_statement_store::{Config, Store};
use sp_blockchain::HeaderBackend;
use std::sync::Arc;

/// Announcements that a node keeps. They last for a day or so, until the nodes that were drawn have fetched the
/// files: a hundred thousand documents that are kept for half a year are 550 new ones a day.
const MOST: usize = 4_096;

/// What the store and its protocol allow.
const LIMITS: Config = Config {
	max_total_statements: MOST,
	max_total_size: MOST * MAX_ANNOUNCEMENT as usize,
	// For so long what was replaced or removed is remembered, to be refused without a look at the signature. It would
	// be refused anyway: its channel has something newer, or its account no allowance. At the gate's pace an hour is
	// 115,000 entries.
	purge_after_sec: 60 * 60,
	// A thread, and so a processor's core, is the most that a flood can take.
	network_workers: 1,
	// Per second and peer, and five times that at once; who sends more is banned, and not from this protocol alone.
	// So it must be more than an honest peer ever sends: its whole store to who is new, and then no more than the
	// gate lets pass.
	rate_limit: MOST as u32,
};

/// Adds the protocol to the network.
pub(super) fn protocol<N: NetworkBackend<Block, Hash>>(
	config: &Configuration,
	node: &Node,
	metrics: NotificationMetrics,
	network: &mut FullNetworkConfiguration<Block, Hash, N>,
) -> StatementHandlerPrototype {
	let (prototype, protocol) = StatementHandlerPrototype::new::<_, Block, N>(
		node.client.info().genesis_hash,
		config.chain_spec.fork_id(),
		metrics,
		network.peer_store_handle(),
	);
	network.add_notification_protocol(protocol);
	prototype
}

/// Opens the store, and starts to take from peers and to give them what they don't have.
pub(super) fn start(
	config: &Configuration,
	node: &Node,
	network: &Network,
	keystore: &KeystoreContainer,
	protocol: StatementHandlerPrototype,
) -> Result<Arc<StatementGate>, ServiceError> {
	let prometheus = node.prometheus.as_ref();
	let store = Store::new_shared::<Block, FullClient, FullBackend>(
		&config.data_path,
		LIMITS,
		node.client.clone(),
		keystore.local_keystore(),
		prometheus,
		Box::new(node.tasks.spawn_handle()),
	)
	.map_err(|error| ServiceError::Application(Box::new(error)))?;
	let gate = Arc::new(StatementGate::new(store, node.client.info().genesis_hash));
	let threads = node.tasks.spawn_handle();
	let handler = protocol.build(
		network.service.clone(),
		network.sync.clone(),
		gate.clone(),
		prometheus,
		// Signatures and the database, on a thread of their own: those of asynchronous tasks are for consensus.
		move |task| threads.spawn_blocking("statement-check", Some("statements"), task),
		LIMITS.network_workers,
		LIMITS.rate_limit,
	)?;
	// Not essential: a node without announcements is a node.
	node.tasks.spawn_handle().spawn("statement-gossip", Some("statements"), handler.run());
	Ok(gate)
}
