//! The network: peers, synchronisation, and the protocols that ride on it.

use super::{statements, FullClient, FullPool, GrandpaLink, Node};
use rwa_runtime::{opaque::Block, Hash};
use sc_consensus::DefaultImportQueue;
use sc_consensus_grandpa::warp_proof::NetworkProvider;
use sc_network::{
	config::FullNetworkConfiguration, service::traits::NetworkService, NetworkBackend,
	NotificationService, ProtocolName,
};
use sc_network_statement::StatementHandlerPrototype;
use sc_network_sync::SyncingService;
use sc_service::{error::Error as ServiceError, BuildNetworkParams, Configuration, WarpSyncConfig};
use sp_blockchain::HeaderBackend;
use std::sync::Arc;

/// A running network.
pub(super) struct Network {
	/// Peers, requests and the distributed hash table.
	pub(super) service: Arc<dyn NetworkService>,
	/// How far the node is behind.
	pub(super) sync: Arc<SyncingService<Block>>,
}

/// What the SDK builds the network from.
type Params<'a, N> =
	BuildNetworkParams<'a, Block, N, FullPool, DefaultImportQueue<Block>, FullClient>;

/// GRANDPA's votes on the wire.
pub(super) struct VoteProtocol {
	pub(super) name: ProtocolName,
	pub(super) notifications: Box<dyn NotificationService>,
}

/// What this node speaks besides the SDK's own protocols.
pub(super) struct Protocols {
	/// GRANDPA's.
	pub(super) votes: VoteProtocol,
	/// That of announcements, unless it is turned off.
	pub(super) statements: Option<StatementHandlerPrototype>,
}

/// The network on the back end `N`, with GRANDPA's protocol and proofs for warp synchronisation, and, if asked for,
/// that of statements. mDNS, Kademlia, boot nodes and reserved peers are as `config` says.
pub(super) fn params<'a, N: NetworkBackend<Block, Hash>>(
	config: &'a Configuration,
	node: &Node,
	import_queue: DefaultImportQueue<Block>,
	grandpa_link: &GrandpaLink,
	with_statements: bool,
) -> Result<(Params<'a, N>, Protocols), ServiceError> {
	let mut net_config =
		FullNetworkConfiguration::<Block, Hash, N>::new(&config.network, node.prometheus.clone());
	let metrics = N::register_notification_metrics(node.prometheus.as_ref());
	let genesis = node.client.info().genesis_hash;
	let name = sc_consensus_grandpa::protocol_standard_name(&genesis, &config.chain_spec);
	let (protocol, notifications) = sc_consensus_grandpa::grandpa_peers_set_config::<_, N>(
		name.clone(),
		metrics.clone(),
		net_config.peer_store_handle(),
	);
	net_config.add_notification_protocol(protocol);
	let statements = with_statements
		.then(|| statements::protocol(config, node, metrics.clone(), &mut net_config));

	let warp_proofs = NetworkProvider::new(
		node.backend.clone(),
		grandpa_link.shared_authority_set().clone(),
		// No authority set was ever replaced by a hard fork.
		Vec::new(),
	);
	let params = BuildNetworkParams {
		config,
		net_config,
		client: node.client.clone(),
		transaction_pool: node.pool.clone(),
		spawn_handle: node.tasks.spawn_handle(),
		spawn_essential_handle: node.tasks.spawn_essential_handle(),
		import_queue,
		block_announce_validator_builder: None,
		warp_sync_config: Some(WarpSyncConfig::WithProvider(Arc::new(warp_proofs))),
		block_relay: None,
		metrics,
		gap_sync_body_policy: None,
	};
	Ok((params, Protocols { votes: VoteProtocol { name, notifications }, statements }))
}
