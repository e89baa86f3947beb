//! Making blocks final with GRANDPA.

use super::{
	network::{Network, VoteProtocol},
	GrandpaLink, Node,
};
use crate::consensus::{voting_rule, GOSSIP_DURATION, JUSTIFICATION_PERIOD};
use sc_consensus_grandpa::{GrandpaParams, SharedVoterState};
use sc_service::{error::Error as ServiceError, Configuration};
use std::sync::Arc;

/// Votes, if the keystore holds a key of the current set; follows the votes of others in any case.
pub(super) fn start(
	config: &Configuration,
	node: &Node,
	network: &Network,
	votes: VoteProtocol,
	link: GrandpaLink,
	voter_state: SharedVoterState,
) -> Result<(), ServiceError> {
	let voter = sc_consensus_grandpa::run_grandpa_voter(GrandpaParams {
		config: sc_consensus_grandpa::Config {
			gossip_duration: GOSSIP_DURATION,
			justification_generation_period: JUSTIFICATION_PERIOD,
			observer_enabled: false,
			local_role: config.role,
			name: Some(config.network.node_name.clone()),
			// Who doesn't validate needs no keys to follow.
			keystore: config.role.is_authority().then(|| node.keystore.clone()),
			telemetry: node.telemetry_handle(),
			protocol_name: votes.name,
		},
		link,
		network: network.service.clone(),
		sync: Arc::new(network.sync.clone()),
		notification_service: votes.notifications,
		voting_rule: voting_rule(),
		prometheus_registry: node.prometheus.clone(),
		shared_voter_state: voter_state,
		telemetry: node.telemetry_handle(),
		offchain_tx_pool_factory: node.pool_factory(),
	})?;
	// Essential: without it nothing this node says about finality would be true.
	node.tasks.spawn_essential_handle().spawn_blocking("grandpa-voter", None, voter);
	Ok(())
}
