//! `statement_*`: announcements of documents, by the SDK's methods.
//!
//! As the SDK has it, anybody who reaches the RPC may submit and listen: what is submitted is signed, and its account
//! needs an allowance.

use crate::service::StatementGate;
use codec::DecodeAll;
use jsonrpsee::{
	core::{async_trait, RpcResult},
	types::ErrorObjectOwned,
	Extensions, PendingSubscriptionSink,
};
use sc_rpc::{
	statement::{Error, StatementApiServer, StatementStore},
	SubscriptionTaskExecutor,
};
use sp_core::Bytes;
use sp_statement_store::{Statement, StatementSource, SubmitResult, TopicFilter};
use std::sync::Arc;

/// The SDK's methods, behind the gate that peers pass too.
pub struct Statements {
	gate: Arc<StatementGate>,
	sdk: StatementStore,
}

impl Statements {
	/// In front of the store behind `gate`. `executor` runs subscriptions.
	pub fn new(gate: Arc<StatementGate>, executor: SubscriptionTaskExecutor) -> Self {
		let sdk = StatementStore::new(gate.store().clone(), executor);
		Self { gate, sdk }
	}
}

#[async_trait]
impl StatementApiServer for Statements {
	fn submit(&self, encoded: Bytes) -> RpcResult<SubmitResult> {
		let failed = |reason: String| -> ErrorObjectOwned { Error::StatementStore(reason).into() };
		let statement = Statement::decode_all(&mut &encoded[..])
			.map_err(|error| failed(format!("not a statement: {error}")))?;
		match self.gate.offer(statement, StatementSource::Local) {
			Ok(SubmitResult::InternalError(error)) => Err(failed(error.to_string())),
			Ok(result) => Ok(result),
			Err(refusal) => Err(failed(refusal.to_string())),
		}
	}

	fn subscribe_statement(
		&self,
		pending: PendingSubscriptionSink,
		extensions: &Extensions,
		topic_filter: TopicFilter,
	) {
		self.sdk.subscribe_statement(pending, extensions, topic_filter);
	}
}
