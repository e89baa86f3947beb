//! A document that was stored: what to register, and the keys for its envelopes.

use rwa_client::documents::Published;
use rwa_documents::DocumentKeys;
use rwa_primitives::ipfs::{Cid, Codec};
use serde::{Deserialize, Serialize};
use sp_core::Bytes;
use std::fmt;

/// A document whose three replicas are pinned at Kubo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredDocument {
	/// The `files` of `Documents.register_document`.
	pub files: Vec<StoredFile>,
	/// What goes into its envelopes. **Who has them can read the document**, and nobody else can once the
	/// upload is dropped: keep them, or make the envelopes first.
	pub keys: StoredKeys,
}

/// A replica, as the chain has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFile {
	/// Its name.
	pub cid: StoredCid,
	/// Its name as IPFS writes it.
	pub text: String,
	/// Bytes of it.
	pub size: u64,
}

/// A CID in parts, as the chain's calls have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredCid {
	/// `Raw` or `DagPb`.
	pub codec: String,
	/// SHA-256: 32 bytes.
	pub digest: Bytes,
}

/// The keys of a document.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredKeys {
	/// The inner key: 32 bytes.
	pub inner: Bytes,
	/// The replica root: 32 bytes.
	pub root: Bytes,
	/// The salt: 24 bytes. Not secret.
	pub salt: Bytes,
}

/// Not the keys.
impl fmt::Debug for StoredKeys {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("StoredKeys(hidden)")
	}
}

impl StoredDocument {
	/// What was published under `keys`.
	pub fn new(published: &Published, keys: &DocumentKeys) -> Self {
		let file = |cid: &Cid| StoredFile {
			cid: StoredCid {
				codec: match cid.codec {
					Codec::Raw => "Raw".into(),
					Codec::DagPb => "DagPb".into(),
				},
				digest: cid.digest.to_vec().into(),
			},
			text: cid.to_string(),
			size: published.size,
		};
		Self {
			files: published.document.cids().iter().map(file).collect(),
			keys: StoredKeys {
				inner: keys.reading.inner.expose().to_vec().into(),
				root: keys.reading.root.expose().to_vec().into(),
				salt: keys.salt.to_vec().into(),
			},
		}
	}
}
