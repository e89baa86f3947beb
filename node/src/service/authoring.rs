//! Authoring blocks with BABE.

use super::{network::Network, proposing::Punctual, BlockImport, Node, SlotInherents};
use crate::consensus::{
	authoring_backoff, proposal_portion, MAX_BLOCK_BYTES, MAX_PROPOSAL_PORTION,
};
use rwa_runtime::opaque::Block;
use sc_basic_authorship::ProposerFactory;
use sc_consensus_babe::{BabeLink, BabeParams};
use sc_service::{error::Error as ServiceError, Configuration};

/// Authors a block in each slot that one of the keystore's keys wins.
pub(super) fn start(
	config: &Configuration,
	node: &Node,
	network: &Network,
	block_import: BlockImport,
	babe_link: BabeLink<Block>,
) -> Result<(), ServiceError> {
	let mut proposer = ProposerFactory::new(
		node.tasks.spawn_handle(),
		node.client.clone(),
		node.pool.clone(),
		node.prometheus.as_ref(),
		node.telemetry_handle(),
	);
	proposer.set_default_block_size_limit(MAX_BLOCK_BYTES);

	let babe = sc_consensus_babe::start_babe(BabeParams {
		keystore: node.keystore.clone(),
		client: node.client.clone(),
		select_chain: node.select_chain.clone(),
		env: Punctual(proposer),
		block_import,
		sync_oracle: network.sync.clone(),
		justification_sync_link: network.sync.clone(),
		create_inherent_data_providers: SlotInherents::new(babe_link.config().slot_duration()),
		force_authoring: config.force_authoring,
		backoff_authoring_blocks: Some(authoring_backoff()),
		babe_link,
		block_proposal_slot_portion: proposal_portion(),
		max_block_proposal_slot_portion: MAX_PROPOSAL_PORTION,
		telemetry: node.telemetry_handle(),
	})?;
	// Essential: a validator that no longer authors must stop, not look alive.
	node.tasks.spawn_essential_handle().spawn_blocking("babe", Some("block-authoring"), babe);
	Ok(())
}
