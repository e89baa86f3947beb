//! Why a request about a document was refused.

use jsonrpsee::types::{error::METHOD_NOT_FOUND_CODE, ErrorObject, ErrorObjectOwned};
use rwa_client::documents::PublishError;
use rwa_documents::{EnvelopeError, KeyTextError};
use sc_rpc_api::UnsafeRpcError;

/// Why a request was refused. See the table of [`super`] for what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentsError {
	/// Not allowed for this caller.
	#[error("{}", UnsafeRpcError)]
	Unsafe,
	/// The name of an upload can't be read.
	#[error("an upload is named by 0x and 32 hexadecimal digits, as the first answer said")]
	UploadName,
	/// No upload has this name.
	#[error("there is no such upload: it was dropped, or is another node's")]
	UnknownUpload,
	/// The part can't be taken.
	#[error("a part is at most {} bytes, in base64 with padding", super::MAX_PART)]
	Part,
	/// The part is not the one that follows.
	#[error("the next part begins at byte {expected}, and this one at {found}")]
	Offset {
		/// Where it should begin.
		expected: u64,
		/// Where it does.
		found: u64,
	},
	/// Too many at once.
	#[error("{} documents are being stored already; wait, or drop one", super::MAX_UPLOADS)]
	Busy,
	/// Too many on disk.
	#[error("{} uploads are kept already; end some with rwa_dropUpload", super::MAX_KEPT)]
	Full,
	/// All of the document has come.
	#[error("the upload is complete; ask rwa_storedDocument for it, and begin a new one for another document")]
	Complete,
	/// The document is not what it was, or stopped coming.
	#[error("{0}")]
	Document(String),
	/// What is wrong with Kubo.
	#[error("{0}")]
	Kubo(String),
	/// What is wrong with the node's own disk.
	#[error("{0}")]
	Disk(String),
	/// The account can't be read.
	#[error("not an SS58 address: {0}")]
	Account(String),
	/// The secret key can't be read. Its text is never repeated.
	#[error("the secret key can't be read: {0}")]
	Secret(KeyTextError),
	/// No such document.
	#[error("there is no document {0}: it was never registered, or removed")]
	UnknownDocument(u64),
	/// Nobody gave the reader the keys.
	#[error("document {0} has no envelope for this reader; its owner can add one")]
	NoEnvelope(u64),
	/// The envelope can't be opened.
	#[error("{0}")]
	Envelope(EnvelopeError),
	/// The state can't be read.
	#[error("the chain's state can't be read: {0}")]
	State(String),
	/// Too many at once.
	#[error("{} documents are being fetched already; wait", super::MAX_FETCHES)]
	BusyFetching,
	/// An upload stopped in the request that began it: to go on with it or to drop it, its caller needs its name.
	#[error("{error}")]
	Begun {
		/// Name of the upload.
		upload: String,
		/// Why it stopped.
		error: Box<DocumentsError>,
	},
}

impl DocumentsError {
	/// The error's number on the wire: see the table of [`super`].
	pub fn code(&self) -> i32 {
		match self {
			Self::Unsafe => METHOD_NOT_FOUND_CODE,
			Self::UploadName => 7101,
			Self::UnknownUpload => 7102,
			Self::Part => 7103,
			Self::Offset { .. } => 7104,
			Self::Busy => 7105,
			Self::Full => 7106,
			Self::Complete => 7107,
			Self::Document(_) => 7108,
			Self::Kubo(_) => 7109,
			Self::Disk(_) => 7110,
			Self::Account(_) => 7111,
			Self::Secret(_) => 7112,
			Self::UnknownDocument(_) => 7113,
			Self::NoEnvelope(_) => 7114,
			Self::Envelope(_) => 7115,
			Self::State(_) => 7116,
			Self::BusyFetching => 7117,
			Self::Begun { error, .. } => error.code(),
		}
	}
}

impl From<UnsafeRpcError> for DocumentsError {
	fn from(_: UnsafeRpcError) -> Self {
		Self::Unsafe
	}
}

impl From<PublishError> for DocumentsError {
	fn from(error: PublishError) -> Self {
		let text = error.to_string();
		match error {
			PublishError::Kubo { .. } => Self::Kubo(text),
			PublishError::Document(_) | PublishError::Seal(_) => Self::Document(text),
			PublishError::Journal(_) | PublishError::Stopped => Self::Disk(text),
		}
	}
}

impl From<DocumentsError> for ErrorObjectOwned {
	fn from(error: DocumentsError) -> Self {
		let data = match &error {
			DocumentsError::Offset { expected, .. } => {
				Some(serde_json::json!({ "expected": expected }))
			}
			DocumentsError::Begun { upload, .. } => Some(serde_json::json!({ "upload": upload })),
			_ => None,
		};
		ErrorObject::owned(error.code(), error.to_string(), data)
	}
}
