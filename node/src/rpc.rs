//! What the node answers beyond the SDK's own `author`, `chain`, `state`, `system`, `offchain` and
//! version 2 methods: nonces, fees, BABE, GRANDPA, light-client specifications, block statistics,
//! the app keys of off-chain workers, documents, and announcements of documents.

pub mod app_keys;
pub mod documents;
pub mod statements;

use crate::service::{FullBackend, FullClient, FullPool, FullSelectChain, StatementGate};
use app_keys::{AppKeys, AppKeysApiServer};
use documents::{BestBlock, Documents, DocumentsApiServer};
use jsonrpsee::RpcModule;
use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
use rwa_runtime::{opaque::Block, BlockNumber, Hash};
use sc_consensus_babe::BabeWorkerHandle;
use sc_consensus_babe_rpc::{Babe, BabeApiServer};
use sc_consensus_grandpa::{
	FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState,
};
use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
use sc_rpc::{
	dev::{Dev, DevApiServer},
	statement::StatementApiServer,
	SubscriptionTaskExecutor,
};
use sc_service::ChainSpec;
use sc_sync_state_rpc::{SyncState, SyncStateApiServer};
use sp_blockchain::HeaderBackend;
use sp_keystore::KeystorePtr;
use statements::Statements;
use std::{error::Error, sync::Arc};
use substrate_frame_rpc_system::{System, SystemApiServer};

/// What the methods ask.
pub struct RpcDeps {
	/// The chain.
	pub client: Arc<FullClient>,
	/// The transaction pool: nonces count what is in it.
	pub pool: Arc<FullPool>,
	/// Which chain is best.
	pub select_chain: FullSelectChain,
	/// The chain's specification, to make one with a final state from.
	pub chain_spec: Box<dyn ChainSpec>,
	/// The node's keys.
	pub keystore: KeystorePtr,
	/// BABE's epochs.
	pub babe_worker: BabeWorkerHandle<Block>,
	/// GRANDPA's votes and proofs.
	pub grandpa: GrandpaDeps,
	/// Announcements, unless they are turned off.
	pub statements: Option<Arc<StatementGate>>,
	/// Documents, if the node has a Kubo for them.
	pub documents: Option<Documents<BestBlock>>,
}

/// What the GRANDPA methods ask.
pub struct GrandpaDeps {
	/// The round under way.
	pub voter_state: SharedVoterState,
	/// Who votes.
	pub authority_set: SharedAuthoritySet<Hash, BlockNumber>,
	/// Proofs of finality as they come.
	pub justifications: GrandpaJustificationStream<Block>,
	/// Proofs of finality of the past.
	pub finality_proofs: Arc<FinalityProofProvider<FullBackend, Block>>,
}

impl RpcDeps {
	/// All methods. `executor` runs subscriptions.
	///
	/// # Errors
	/// Two methods of one name, or a specification without the light-client extension: both are
	/// mistakes in this program.
	pub fn module(
		&self,
		executor: SubscriptionTaskExecutor,
	) -> Result<RpcModule<()>, Box<dyn Error + Send + Sync>> {
		let client = || self.client.clone();
		let mut module = RpcModule::new(());

		module.merge(System::<_, _, Block>::new(client(), self.pool.clone()).into_rpc())?;
		module.merge(TransactionPayment::<_, Block>::new(client()).into_rpc())?;
		module.merge(Dev::new(client()).into_rpc())?;
		let babe = Babe::new(
			client(),
			self.babe_worker.clone(),
			self.keystore.clone(),
			self.select_chain.clone(),
		);
		module.merge(babe.into_rpc())?;
		if let Some(gate) = &self.statements {
			module.merge(Statements::new(gate.clone(), executor.clone()).into_rpc())?;
		}
		let grandpa = Grandpa::new(
			executor,
			self.grandpa.authority_set.clone(),
			self.grandpa.voter_state.clone(),
			self.grandpa.justifications.clone(),
			self.grandpa.finality_proofs.clone(),
		);
		module.merge(grandpa.into_rpc())?;
		let sync_state = SyncState::new(
			self.chain_spec.cloned_box(),
			client(),
			self.grandpa.authority_set.clone(),
			self.babe_worker.clone(),
		)?;
		module.merge(sync_state.into_rpc())?;
		let genesis = self.client.info().genesis_hash;
		module.merge(AppKeys::new(self.keystore.clone(), genesis).into_rpc())?;
		if let Some(documents) = &self.documents {
			module.merge(documents.clone().into_rpc())?;
		}
		Ok(module)
	}
}
