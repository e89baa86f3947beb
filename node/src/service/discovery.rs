//! Finding the other validators, whatever peers the node happens to have.

use super::{network::Network, Node};
use futures::StreamExt;
use sc_authority_discovery::{new_worker_and_service_with_config, Role, WorkerConfig};
use sc_network::{Event, NetworkEventStream};
use sc_service::Configuration;
use std::sync::Arc;

/// Publishes this validator's addresses, signed, in the distributed hash table, and connects to those
/// of the others.
pub(super) fn start(config: &Configuration, node: &Node, network: &Network) {
	let events = network.service.event_stream("authority-discovery");
	let events = events.filter_map(|event| async move {
		match event {
			Event::Dht(event) => Some(event),
			_ => None,
		}
	});
	let (worker, _service) = new_worker_and_service_with_config(
		WorkerConfig {
			publish_non_global_ips: config.network.allow_non_globals_in_dht,
			public_addresses: config.network.public_addresses.clone(),
			// Every node of this network signs its records, so an unsigned one is forged.
			strict_record_validation: true,
			persisted_cache_directory: config.network.net_config_path.clone(),
			..Default::default()
		},
		node.client.clone(),
		Arc::new(network.service.clone()),
		Box::pin(events),
		Role::PublishAndDiscover(node.keystore.clone()),
		node.prometheus.clone(),
		node.tasks.spawn_handle(),
	);
	node.tasks.spawn_handle().spawn("authority-discovery-worker", Some("networking"), worker.run());
}
