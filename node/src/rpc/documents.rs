//! `rwa_*`: documents, stored and fetched through the node's Kubo. There if the node was started with `--kubo`.
//!
//! | code | meaning | what to do |
//! |---|---|---|
//! | -32601 | unsafe method asked for from outside, or a node without `--kubo` | ask locally, or start with `--rpc-methods unsafe` |
//! | 7101 | not the name of an upload | use the one in the first answer |
//! | 7102 | no such upload | begin a new one, without a name |
//! | 7103 | a part that is too long or not base64 | send at most 1 MiB |
//! | 7104 | not the part that follows; `data.expected` says where that begins | go on there |
//! | 7105 | four documents are being stored | wait, or drop one |
//! | 7106 | 64 uploads are kept | drop some |
//! | 7107 | another part for an upload that is complete | ask `rwa_storedDocument`; begin a new upload |
//! | 7108 | the document changed, or stopped coming | send it again from byte 0, or drop the upload and begin anew |
//! | 7109 | Kubo; the text says what | mend that, then send the document again from byte 0 |
//! | 7110 | the node's disk | see that its folder is there, writable and not full |
//! | 7111 | the account is not an SS58 address | check for typing errors; any network's prefix will do |
//! | 7112 | the secret key can't be read | check for typing errors |
//! | 7113 | no such document | check its number |
//! | 7114 | no envelope for this reader | ask the document's owner for one |
//! | 7115 | the envelope doesn't open | give the secret key that belongs to the one in `Documents.ReaderKeys` when it was made |
//! | 7116 | the state can't be read | see the node's log; the node may be older than the runtime |
//! | 7117 | four documents are being fetched | wait |

mod error;
mod stored;
#[cfg(test)]
mod tests;
mod uploads;

pub use error::DocumentsError;
pub use stored::{StoredCid, StoredDocument, StoredFile, StoredKeys};

use crate::service::FullClient;
use base64::{prelude::BASE64_STANDARD, Engine};
use codec::Decode;
use jsonrpsee::{
	core::async_trait, proc_macros::rpc, Extensions, PendingSubscriptionSink, SubscriptionMessage,
	SubscriptionSink,
};
use pallet_rwa_documents::{DocumentOf, EnvelopeOf, Purpose};
use rwa_client::documents::{fetch, FetchError, Kubo};
use rwa_documents::{
	DocumentId, Envelope, EnvelopeError, Opened, ReaderSecret, ReadingKeys, Subject,
};
use rwa_runtime::{AccountId, Hash, Runtime};
use sc_client_api::StorageProvider;
use sc_rpc_api::check_if_safe;
use serde::{Deserialize, Deserializer, Serialize};
use sp_blockchain::HeaderBackend;
use sp_core::{crypto::Ss58Codec, storage::StorageKey};
use std::{fmt, io, path::PathBuf, sync::Arc, time::Duration};
use tokio::{
	io::{duplex, AsyncReadExt},
	sync::{OwnedSemaphorePermit, Semaphore},
};
use uploads::{Progress, UploadName, Uploads};
use zeroize::Zeroizing;

/// Most bytes of a part of a document that is stored: 1 MiB, in base64 a tenth of the largest request that the
/// SDK's server takes.
pub const MAX_PART: usize = 1 << 20;

/// Most documents that are stored at once. Each takes some 12 MiB of memory.
pub const MAX_UPLOADS: usize = 4;

/// Most uploads that are kept on disk: each has 132 bytes for every MiB that came, or a few hundred.
pub const MAX_KEPT: usize = 64;

/// Most documents that are fetched at once.
pub const MAX_FETCHES: usize = 4;

/// For how long no part of a document may come before storing it is given up.
const IDLE: Duration = Duration::from_secs(10 * 60);

/// Most bytes of a part of a document that is fetched.
const FETCHED_PART: usize = 64 << 10;

/// A part of a document.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentPart {
	/// The upload that it belongs to. `null`: a new one, of which this is the first part.
	#[serde(default)]
	pub upload: Option<String>,
	/// Byte of the document at which it begins.
	pub offset: u64,
	/// At most [`MAX_PART`] bytes, in base64 with padding.
	pub part: String,
	/// Whether the document ends with it.
	#[serde(default)]
	pub last: bool,
}

/// Where, and nothing of the document.
impl fmt::Debug for DocumentPart {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("DocumentPart")
			.field("upload", &self.upload)
			.field("offset", &self.offset)
			.finish_non_exhaustive()
	}
}

/// How far an upload is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadStatus {
	/// Its name.
	pub upload: String,
	/// Bytes of the document that have come, in parts without a gap: where the next one begins.
	pub received: u64,
	/// The document. `null`: not all of it is stored yet.
	pub document: Option<StoredDocument>,
}

impl From<Progress> for UploadStatus {
	fn from(progress: Progress) -> Self {
		let Progress { upload, received, document } = progress;
		Self { upload: upload.to_string(), received, document }
	}
}

/// What comes while a document is fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FetchedItem {
	/// The next bytes of the document.
	Part {
		/// Byte of the document at which they begin.
		offset: u64,
		/// At most 64 KiB, in base64 with padding.
		bytes: String,
	},
	/// The document is complete. Only then is it the document.
	End {
		/// Bytes of it.
		size: u64,
	},
	/// It is not complete, and what came of it is not the document.
	Error {
		/// Why.
		error: String,
	},
}

/// The text of a secret key.
pub struct SecretText(Zeroizing<String>);

impl<'de> Deserialize<'de> for SecretText {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		String::deserialize(deserializer).map(|text| Self(text.into()))
	}
}

/// Not the secret.
impl fmt::Debug for SecretText {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("SecretText(hidden)")
	}
}

/// Documents at this node's Kubo.
#[rpc(server, namespace = "rwa")]
pub trait DocumentsApi {
	/// Takes a part of a document, seals it, and adds it to the node's Kubo, as three replicas. Parts come in order,
	/// of at most 1 MiB; the answer says how many bytes have come. A part that is sent again because its answer was
	/// lost is known again. The answer to the last part has the document: what to register, and its keys.
	///
	/// Without an upload it begins a new one, under new keys. After the node or Kubo stopped, or ten minutes without
	/// a part, an upload goes on under its name from byte 0.
	///
	/// Unsafe: fails with -32601 unless unsafe methods are allowed. Fails with 7101 to 7110.
	#[method(name = "storeDocument", with_extensions)]
	async fn store_document(&self, part: DocumentPart) -> Result<UploadStatus, DocumentsError>;

	/// How far an upload is; the document, once all of it came. For who lost the last answer.
	///
	/// Unsafe: fails with -32601 unless unsafe methods are allowed. Fails with 7101, 7102, and with what storing
	/// failed with.
	#[method(name = "storedDocument", with_extensions)]
	async fn stored_document(&self, upload: String) -> Result<UploadStatus, DocumentsError>;

	/// Ends an upload and forgets it, with the keys of its document. What Kubo has pinned stays pinned. Whether there
	/// was one.
	///
	/// Unsafe: fails with -32601 unless unsafe methods are allowed. Fails with 7101 and 7110.
	#[method(name = "dropUpload", with_extensions)]
	async fn drop_upload(&self, upload: String) -> Result<bool, DocumentsError>;

	/// Reads a document for `reader`, an SS58 address, with the secret key of its envelope, as the best block has
	/// them: parts in order, then the size, or an error. What came before an error is not the document.
	///
	/// Unsafe: fails with -32601 unless unsafe methods are allowed. Fails with 7111 to 7117.
	#[subscription(
		name = "fetchDocument" => "documentPart",
		unsubscribe = "stopFetching",
		item = FetchedItem,
		with_extensions,
	)]
	fn fetch_document(&self, document: u64, reader: String, secret: SecretText);
}

/// What is asked of the chain.
pub trait DocumentsChain: Send + Sync + 'static {
	/// Hash of the first block.
	fn genesis(&self) -> Hash;

	/// A document's CIDs and the sizes of its replicas.
	///
	/// # Errors
	/// [`DocumentsError::State`].
	fn document(&self, document: u64) -> Result<Option<DocumentOf<Runtime>>, DocumentsError>;

	/// What a reader's envelope holds.
	///
	/// # Errors
	/// [`DocumentsError::State`].
	fn envelope(
		&self,
		document: u64,
		reader: &AccountId,
	) -> Result<Option<Vec<u8>>, DocumentsError>;
}

/// The state of the best block.
pub struct BestBlock(pub Arc<FullClient>);

impl BestBlock {
	fn read<T: Decode>(&self, key: Vec<u8>) -> Result<Option<T>, DocumentsError> {
		let best = self.0.info().best_hash;
		let found = self.0.storage(best, &StorageKey(key));
		let found = found.map_err(|error| DocumentsError::State(error.to_string()))?;
		let decoded = found.map(|bytes| T::decode(&mut bytes.0.as_slice())).transpose();
		decoded.map_err(|_| DocumentsError::State("an entry is not what this node knows".into()))
	}
}

impl DocumentsChain for BestBlock {
	fn genesis(&self) -> Hash {
		self.0.info().genesis_hash
	}

	fn document(&self, document: u64) -> Result<Option<DocumentOf<Runtime>>, DocumentsError> {
		self.read(pallet_rwa_documents::Documents::<Runtime>::hashed_key_for(document))
	}

	fn envelope(
		&self,
		document: u64,
		reader: &AccountId,
	) -> Result<Option<Vec<u8>>, DocumentsError> {
		let key = (document, Purpose::Read, reader.clone());
		let key = pallet_rwa_documents::Envelopes::<Runtime>::hashed_key_for(key);
		let envelope = self.read::<EnvelopeOf<Runtime>>(key)?;
		Ok(envelope.map(|envelope| envelope.sealed.into_inner()))
	}
}

/// Answers [`DocumentsApiServer`] from the chain and a Kubo.
pub struct Documents<Chain> {
	chain: Arc<Chain>,
	kubo: Kubo,
	uploads: Arc<Uploads>,
	fetches: Arc<Semaphore>,
}

/// By hand, because it doesn't ask that of the chain.
impl<Chain> Clone for Documents<Chain> {
	fn clone(&self) -> Self {
		Self {
			chain: self.chain.clone(),
			kubo: self.kubo.clone(),
			uploads: self.uploads.clone(),
			fetches: self.fetches.clone(),
		}
	}
}

impl<Chain: DocumentsChain> Documents<Chain> {
	/// Through `kubo`. What is needed to go on with uploads is kept in `folder`.
	///
	/// # Errors
	/// If there is no such folder and none can be made.
	pub fn new(chain: Arc<Chain>, kubo: Kubo, folder: PathBuf) -> io::Result<Self> {
		let uploads = Arc::new(Uploads::new(folder, kubo.clone(), IDLE)?);
		Ok(Self { chain, kubo, uploads, fetches: Arc::new(Semaphore::new(MAX_FETCHES)) })
	}

	/// All that has to be known before anything is fetched.
	fn prepare(
		&self,
		document: u64,
		reader: &str,
		secret: &SecretText,
	) -> Result<Fetch, DocumentsError> {
		let (reader, _prefix) = AccountId::from_ss58check_with_version(reader)
			.map_err(|error| DocumentsError::Account(error.to_string()))?;
		let secret = ReaderSecret::from_text(&secret.0).map_err(DocumentsError::Secret)?;
		let found = self.chain.document(document)?;
		let found = found.ok_or(DocumentsError::UnknownDocument(document))?;
		let state = |text: &str| DocumentsError::State(text.into());
		let [first, second, third] = found.replicas.each_ref().map(|replica| replica.file);
		if first.size != second.size || first.size != third.size {
			return Err(state(
				"the document's replicas differ in size, so they are not of one text",
			));
		}
		let id = DocumentId::new([first.cid, second.cid, third.cid]);
		let id = id.map_err(|error| DocumentsError::State(error.to_string()))?;

		let sealed = self.chain.envelope(document, &reader)?;
		let sealed = sealed.ok_or(DocumentsError::NoEnvelope(document))?;
		let subject = Subject { genesis: self.chain.genesis().0, document: id };
		let opened =
			Envelope::from_bytes(&sealed).and_then(|envelope| envelope.open(&secret, &subject));
		let keys = match opened.map_err(DocumentsError::Envelope)? {
			Opened::Reader(keys) => keys,
			Opened::Repairer(_) => return Err(DocumentsError::Envelope(EnvelopeError::Closed)),
		};
		let permit = self.fetches.clone().try_acquire_owned();
		let permit = permit.map_err(|_| DocumentsError::BusyFetching)?;
		Ok(Fetch { kubo: self.kubo.clone(), document: id, size: first.size, keys, _permit: permit })
	}
}

#[async_trait]
impl<Chain: DocumentsChain> DocumentsApiServer for Documents<Chain> {
	async fn store_document(
		&self,
		extensions: &Extensions,
		part: DocumentPart,
	) -> Result<UploadStatus, DocumentsError> {
		check_if_safe(extensions)?;
		let upload = part.upload.as_deref().map(str::parse).transpose()?;
		let bytes = BASE64_STANDARD.decode(&part.part).map_err(|_| DocumentsError::Part)?;
		if bytes.len() > MAX_PART {
			return Err(DocumentsError::Part);
		}
		Ok(self.uploads.store(upload, part.offset, bytes, part.last).await?.into())
	}

	async fn stored_document(
		&self,
		extensions: &Extensions,
		upload: String,
	) -> Result<UploadStatus, DocumentsError> {
		check_if_safe(extensions)?;
		Ok(self.uploads.stored(upload.parse::<UploadName>()?).await?.into())
	}

	async fn drop_upload(
		&self,
		extensions: &Extensions,
		upload: String,
	) -> Result<bool, DocumentsError> {
		check_if_safe(extensions)?;
		self.uploads.drop_upload(upload.parse()?).await
	}

	fn fetch_document(
		&self,
		pending: PendingSubscriptionSink,
		extensions: &Extensions,
		document: u64,
		reader: String,
		secret: SecretText,
	) {
		let prepared = check_if_safe(extensions).map_err(DocumentsError::from);
		let prepared = prepared.and_then(|()| self.prepare(document, &reader, &secret));
		tokio::spawn(async move {
			match prepared {
				Err(error) => pending.reject(error).await,
				Ok(fetch) => {
					if let Ok(sink) = pending.accept().await {
						fetch.run(&sink).await;
					}
				}
			}
		});
	}
}

/// A document that is being fetched.
struct Fetch {
	kubo: Kubo,
	document: DocumentId,
	size: u64,
	keys: ReadingKeys,
	_permit: OwnedSemaphorePermit,
}

/// Who asked has gone.
struct Gone;

impl Fetch {
	/// Gives the document to who asked, as fast as that one takes it, until it ends or that one goes.
	async fn run(self, sink: &SubscriptionSink) {
		tokio::select! {
			_ = self.give(sink) => (),
			() = sink.closed() => (),
		}
	}

	async fn give(&self, sink: &SubscriptionSink) -> Result<(), Gone> {
		let (mut output, mut input) = duplex(FETCHED_PART);
		let fetching = async {
			let fetched =
				fetch(&self.kubo, &self.document, self.size, &self.keys, &mut output).await;
			drop(output);
			Ok(fetched)
		};
		let giving = async {
			let mut offset = 0u64;
			let mut part = Vec::with_capacity(FETCHED_PART);
			while input.read_buf(&mut part).await.is_ok_and(|read| read > 0) {
				let bytes = BASE64_STANDARD.encode(&part);
				send(sink, &FetchedItem::Part { offset, bytes }).await?;
				offset = offset.saturating_add(u64::try_from(part.len()).unwrap_or(u64::MAX));
				part.clear();
			}
			Ok(())
		};
		let (fetched, ()) = tokio::try_join!(fetching, giving)?;
		let end = match fetched {
			Ok(fetched) => FetchedItem::End { size: fetched.size },
			Err(error) => FetchedItem::Error { error: self.said(&error) },
		};
		send(sink, &end).await
	}

	/// An error, with where Kubo is: who asks may sit elsewhere.
	fn said(&self, error: &FetchError) -> String {
		format!("through Kubo at {}: {error}", self.kubo.url())
	}
}

async fn send(sink: &SubscriptionSink, item: &FetchedItem) -> Result<(), Gone> {
	let message = SubscriptionMessage::from_json(item).map_err(|_| Gone)?;
	sink.send(message).await.map_err(|_| Gone)
}
