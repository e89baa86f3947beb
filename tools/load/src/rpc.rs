//! What is asked of a node, over one WebSocket connection each.

use crate::{error::LoadError, transactions::ChainIdentity};
use codec::Decode;
use frame_support::dispatch::DispatchClass;
use frame_system::{limits::BlockWeights, ConsumedWeight};
use jsonrpsee::{
	core::{
		client::{ClientT, Subscription, SubscriptionClientT},
		params::ArrayParams,
		ClientError,
	},
	rpc_params,
	ws_client::{WsClient, WsClientBuilder},
};
use rwa_primitives::{AccountId, Header};
use rwa_runtime::Runtime;
use serde::{de::DeserializeOwned, Deserialize};
use sp_core::{storage::StorageKey, Bytes, Get, H256};
use std::time::Duration;

/// Heads that may wait to be read. A client that is that far behind measures nothing any more.
const HEADS_BUFFERED: usize = 4_096;

/// How long a node may take to answer. Under a burst, answers wait their turn in the node.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);

/// Bytes of the largest answer. A full block, in hexadecimal, has about ten million.
const LARGEST_ANSWER: u32 = 64 * 1024 * 1024;

/// A connection to one node.
pub struct Node {
	client: WsClient,
	url: String,
}

/// What a node says to a transaction that it is given.
pub enum Answer {
	/// It is in the pool.
	Accepted,
	/// It is not, and why: the RPC's code and words.
	Refused(String),
}

/// What a node says to a transaction that it is given to watch.
pub enum Watched {
	/// It is in the pool, and this tells what becomes of it.
	Accepted(Subscription<Status>),
	/// It is not, and why: the RPC's code and words.
	Refused(String),
}

/// A stage in the life of a watched transaction, as `author_submitAndWatchExtrinsic` names it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Status {
	/// Waits for an earlier transaction of its sender.
	Future,
	/// May go into the next block.
	Ready,
	/// Was sent to these peers.
	Broadcast(Vec<String>),
	/// Is in this block.
	InBlock(H256),
	/// That block is no longer on the best chain.
	Retracted(H256),
	/// The block that it is in was not finalised for too long; nothing more will be said.
	FinalityTimeout(H256),
	/// The block that it is in is final.
	Finalized(H256),
	/// This transaction took its place.
	Usurped(H256),
	/// The pool had no room for it any more.
	Dropped,
	/// It can't be executed any more.
	Invalid,
}

impl Status {
	/// If this is the last thing that is said: what it says. `None` while more is to come.
	pub fn verdict(&self) -> Option<&'static str> {
		match self {
			Self::Finalized(_) => Some("finalized"),
			Self::FinalityTimeout(_) => Some("finalityTimeout"),
			Self::Usurped(_) => Some("usurped"),
			Self::Dropped => Some("dropped"),
			Self::Invalid => Some("invalid"),
			Self::Future
			| Self::Ready
			| Self::Broadcast(_)
			| Self::InBlock(_)
			| Self::Retracted(_) => None,
		}
	}
}

/// A block without its justifications.
#[derive(Deserialize)]
pub struct Block {
	/// Its transactions, encoded.
	pub extrinsics: Vec<Bytes>,
}

#[derive(Deserialize)]
struct SignedBlock {
	block: Block,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version {
	spec_name: String,
	spec_version: u32,
	transaction_version: u32,
}

impl Node {
	/// Connects to the node at `url` (`ws://host:port`).
	pub async fn connect(url: &str) -> Result<Self, LoadError> {
		let client = WsClientBuilder::new()
			.request_timeout(ANSWER_TIMEOUT)
			.max_response_size(LARGEST_ANSWER)
			.max_buffer_capacity_per_subscription(HEADS_BUFFERED)
			.build(url)
			.await
			.map_err(|source| LoadError::Connection {
				url: url.to_owned(),
				source: Box::new(source),
			})?;
		Ok(Self { client, url: url.to_owned() })
	}

	/// The address that this is connected to.
	pub fn url(&self) -> &str {
		&self.url
	}

	/// What transactions for this chain are signed for. Refuses a runtime other than the one that
	/// this program was built with, because its calls could be encoded otherwise.
	pub async fn identity(&self) -> Result<ChainIdentity, LoadError> {
		let version: Version = self.ask("state_getRuntimeVersion", rpc_params![]).await?;
		let built = rwa_runtime::VERSION;
		if version.spec_name != built.spec_name
			|| version.spec_version != built.spec_version
			|| version.transaction_version != built.transaction_version
		{
			return Err(LoadError::OtherRuntime {
				found: format!("{}-{}", version.spec_name, version.spec_version),
				built: format!("{}-{}", built.spec_name, built.spec_version),
			});
		}
		let genesis = self.ask("chain_getBlockHash", rpc_params![0]).await?;
		Ok(ChainIdentity {
			genesis,
			spec_version: version.spec_version,
			transaction_version: version.transaction_version,
		})
	}

	/// The name and version that the node gives itself.
	pub async fn software(&self) -> Result<String, LoadError> {
		let name: String = self.ask("system_name", rpc_params![]).await?;
		let version: String = self.ask("system_version", rpc_params![]).await?;
		Ok(format!("{name} {version}"))
	}

	/// Hash of the newest block that is final.
	pub async fn finalised(&self) -> Result<H256, LoadError> {
		self.ask("chain_getFinalizedHead", rpc_params![]).await
	}

	/// Header of a block.
	pub async fn header(&self, hash: H256) -> Result<Header, LoadError> {
		let header: Option<Header> = self.ask("chain_getHeader", rpc_params![hash]).await?;
		header.ok_or_else(|| LoadError::UnknownBlock { url: self.url.clone(), hash })
	}

	/// Transactions of a block.
	pub async fn block(&self, hash: H256) -> Result<Block, LoadError> {
		let block: Option<SignedBlock> = self.ask("chain_getBlock", rpc_params![hash]).await?;
		block
			.map(|signed| signed.block)
			.ok_or_else(|| LoadError::UnknownBlock { url: self.url.clone(), hash })
	}

	/// How much of what ordinary transactions may take of a block's weight this block took, in
	/// hundredths: the fuller of execution time and proof size.
	pub async fn fullness(&self, hash: H256) -> Result<f64, LoadError> {
		let key = StorageKey(frame_system::BlockWeight::<Runtime>::hashed_key().to_vec());
		let used: ConsumedWeight = self.storage(key, Some(hash)).await?.unwrap_or_default();
		let used = used.get(DispatchClass::Normal);
		let limits: BlockWeights =
			<<Runtime as frame_system::Config>::BlockWeights as Get<BlockWeights>>::get();
		let limit = limits.get(DispatchClass::Normal).max_total.unwrap_or(limits.max_block);
		let share = |used: u64, limit: u64| 100.0 * used as f64 / limit.max(1) as f64;
		Ok(share(used.ref_time(), limit.ref_time())
			.max(share(used.proof_size(), limit.proof_size())))
	}

	/// How many transactions the account has sent. `None`: it does not exist.
	pub async fn nonce(&self, account: &AccountId) -> Result<Option<u32>, LoadError> {
		type Account = frame_system::Account<Runtime>;
		let key = StorageKey(Account::hashed_key_for(account));
		let info: Option<
			frame_system::AccountInfo<u32, pallet_balances::AccountData<rwa_primitives::Balance>>,
		> = self.storage(key, None).await?;
		Ok(info.map(|info| info.nonce))
	}

	/// Hands in a transaction. An error means that no answer came.
	pub async fn submit(&self, transaction: &[u8]) -> Result<Answer, LoadError> {
		let params = rpc_params![HexBytes(transaction)];
		match self.client.request::<H256, _>("author_submitExtrinsic", params).await {
			Ok(_) => Ok(Answer::Accepted),
			Err(ClientError::Call(refusal)) => Ok(Answer::Refused(reason(&refusal))),
			Err(source) => Err(self.connection(source)),
		}
	}

	/// Hands in a transaction and asks to be told what becomes of it. An error means that no answer
	/// came.
	pub async fn watch(&self, transaction: &[u8]) -> Result<Watched, LoadError> {
		let params = rpc_params![HexBytes(transaction)];
		let watched = self.client.subscribe(
			"author_submitAndWatchExtrinsic",
			params,
			"author_unwatchExtrinsic",
		);
		match watched.await {
			Ok(subscription) => Ok(Watched::Accepted(subscription)),
			Err(ClientError::Call(refusal)) => Ok(Watched::Refused(reason(&refusal))),
			Err(source) => Err(self.connection(source)),
		}
	}

	/// Every block that becomes the best one, from the present best one on.
	pub async fn best_heads(&self) -> Result<Subscription<Header>, LoadError> {
		self.heads("chain_subscribeNewHeads", "chain_unsubscribeNewHeads").await
	}

	/// Newest final blocks, from the present one on. When several become final together, only the
	/// last is told.
	pub async fn finalised_heads(&self) -> Result<Subscription<Header>, LoadError> {
		self.heads("chain_subscribeFinalizedHeads", "chain_unsubscribeFinalizedHeads").await
	}

	async fn heads(&self, on: &str, off: &str) -> Result<Subscription<Header>, LoadError> {
		self.client
			.subscribe(on, rpc_params![], off)
			.await
			.map_err(|source| self.connection(source))
	}

	async fn storage<T: Decode>(
		&self,
		key: StorageKey,
		at: Option<H256>,
	) -> Result<Option<T>, LoadError> {
		let asked = self.ask("state_getStorage", rpc_params![key, at]).await;
		let value: Option<Bytes> = match (asked, at) {
			(Err(LoadError::Connection { source, .. }), Some(hash)) if names_no_state(&source) => {
				return Err(LoadError::UnknownBlock { url: self.url.clone(), hash });
			}
			(asked, _) => asked?,
		};
		value
			.map(|bytes| T::decode(&mut &bytes.0[..]))
			.transpose()
			.map_err(|error| self.unreadable("state_getStorage", &error))
	}

	async fn ask<T: DeserializeOwned>(
		&self,
		method: &'static str,
		params: ArrayParams,
	) -> Result<T, LoadError> {
		match self.client.request(method, params).await {
			Ok(answer) => Ok(answer),
			Err(ClientError::ParseError(error)) => Err(self.unreadable(method, &error)),
			Err(source) => Err(self.connection(source)),
		}
	}

	fn connection(&self, source: ClientError) -> LoadError {
		LoadError::Connection { url: self.url.clone(), source: Box::new(source) }
	}

	fn unreadable(&self, what: &'static str, reason: &impl ToString) -> LoadError {
		LoadError::Unreadable { url: self.url.clone(), what, reason: reason.to_string() }
	}
}

/// Whether the node says that it has no state of the block that it was asked about: it forgets what
/// lost a fork ("UnknownBlock: State already discarded").
fn names_no_state(source: &ClientError) -> bool {
	matches!(source, ClientError::Call(refusal) if refusal.message().contains("UnknownBlock"))
}

/// A refusal in one line. Texts that name the transaction are left out, so that equal reasons count
/// as one.
fn reason(refusal: &jsonrpsee::types::ErrorObjectOwned) -> String {
	let detail = refusal.data().map(|data| data.get().trim_matches('"').to_owned());
	match detail.filter(|detail| !detail.is_empty() && !detail.starts_with("0x")) {
		Some(detail) => format!("{}: {} ({detail})", refusal.code(), refusal.message()),
		None => format!("{}: {}", refusal.code(), refusal.message()),
	}
}

/// Bytes as the RPC wants them, without a copy of them.
struct HexBytes<'a>(&'a [u8]);

impl serde::Serialize for HexBytes<'_> {
	fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		sp_core::bytes::serialize(self.0, serializer)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use jsonrpsee::types::ErrorObject;

	#[test]
	fn status_should_be_read_as_nodes_write_it() {
		let hash = H256::repeat_byte(1);
		let cases = [
			("\"future\"".to_owned(), Status::Future, None),
			("\"ready\"".to_owned(), Status::Ready, None),
			(r#"{"broadcast":["peer"]}"#.to_owned(), Status::Broadcast(vec!["peer".into()]), None),
			(format!(r#"{{"inBlock":"{hash:?}"}}"#), Status::InBlock(hash), None),
			(format!(r#"{{"retracted":"{hash:?}"}}"#), Status::Retracted(hash), None),
			(
				format!(r#"{{"finalityTimeout":"{hash:?}"}}"#),
				Status::FinalityTimeout(hash),
				Some("finalityTimeout"),
			),
			(format!(r#"{{"finalized":"{hash:?}"}}"#), Status::Finalized(hash), Some("finalized")),
			(format!(r#"{{"usurped":"{hash:?}"}}"#), Status::Usurped(hash), Some("usurped")),
			("\"dropped\"".to_owned(), Status::Dropped, Some("dropped")),
			("\"invalid\"".to_owned(), Status::Invalid, Some("invalid")),
		];
		for (text, expected, verdict) in cases {
			let read: Status = serde_json::from_str(&text).unwrap();
			assert_eq!(read, expected, "{text}");
			assert_eq!(read.verdict(), verdict, "{text}");
		}
	}

	#[test]
	fn reason_should_say_code_words_and_detail() {
		let detailed = ErrorObject::owned(1010, "Invalid Transaction", Some("bad signature"));
		assert_eq!(reason(&detailed), "1010: Invalid Transaction (bad signature)");
		let plain = ErrorObject::owned(1012, "Transaction is temporarily banned", None::<()>);
		assert_eq!(reason(&plain), "1012: Transaction is temporarily banned");
	}

	#[test]
	fn reason_should_be_the_same_for_every_transaction() {
		let imported = ErrorObject::owned(1013, "Transaction Already Imported", Some("0x12ab"));
		assert_eq!(reason(&imported), "1013: Transaction Already Imported");
	}

	#[test]
	fn a_forgotten_state_should_be_told_from_other_refusals() {
		let refused = |code, words: &str| {
			names_no_state(&ClientError::Call(ErrorObject::owned(code, words, None::<()>)))
		};
		assert!(refused(4003, "Client error: UnknownBlock: State already discarded for 0x12ab"));
		assert!(!refused(-32601, "Method not found"));
		assert!(!names_no_state(&ClientError::RequestTimeout));
	}

	#[test]
	fn hex_bytes_should_be_written_in_hexadecimal() {
		assert_eq!(serde_json::to_string(&HexBytes(&[0, 255])).unwrap(), "\"0x00ff\"");
	}
}
