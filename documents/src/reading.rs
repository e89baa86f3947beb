//! Reading: from any replica to the document.

use crate::{
	dag::DagBuilder,
	inner::{InnerError, Opener},
	keys::ReadingKeys,
	replica::{DocumentId, Replica, ReplicaCipher},
};
use core::fmt;
use rwa_primitives::ipfs::{Cid, Layout};

/// Why a replica can't be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReadError {
	/// What is under the seal is not a whole document under this key.
	#[error(transparent)]
	Inner(#[from] InnerError),
	/// It can be read, but is not the file that the chain knows: who has the keys made another one.
	#[error("the file has the CID {found}, and not {expected}, which the chain knows")]
	WrongCid {
		/// The replica's, on chain.
		expected: Cid,
		/// That of the bytes.
		found: Cid,
	},
}

/// Reads a document out of one of its replicas, from the replica's bytes in their order, in memory for one
/// segment.
///
/// What comes out is what the publisher sealed, in its order. That it is *all* of it, and of the file which
/// the chain knows, is known only when [`DocumentReader::finish`] succeeds.
///
/// ```
/// use rwa_documents::{DocumentKeys, DocumentReader, Replica, Sealer, SystemEntropy};
///
/// let keys = DocumentKeys::generate(&mut SystemEntropy)?;
/// let mut sealer = Sealer::new(keys.clone());
/// sealer.push(&mut b"what nobody else should read".as_slice())?;
/// let sealed = sealer.finish()?;
/// let [_, replica, _] = sealed.replicas();
///
/// let mut reader = DocumentReader::new(keys.reading, &sealed.document, Replica::Second);
/// let mut document = Vec::new();
/// for received in replica.chunks(50) {
///     let mut received = received;
///     while !received.is_empty() {
///         document.extend(reader.push(&mut received)?.unwrap_or_default());
///     }
/// }
/// document.extend(reader.finish()?);
/// assert_eq!(document, b"what nobody else should read");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct DocumentReader {
	cipher: ReplicaCipher,
	opener: Opener,
	dag: DagBuilder,
	expected: Cid,
}

/// Where it is, and no key.
impl fmt::Debug for DocumentReader {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("DocumentReader").field("opener", &self.opener).finish_non_exhaustive()
	}
}

impl DocumentReader {
	/// At the beginning of a replica of a document.
	pub fn new(keys: ReadingKeys, document: &DocumentId, replica: Replica) -> Self {
		Self {
			cipher: ReplicaCipher::new(&keys.root, replica),
			opener: Opener::new(keys.inner),
			dag: DagBuilder::new(Layout::DOCUMENT),
			expected: document.cid(replica),
		}
	}

	/// Takes of `bytes`, the next of the replica, what it needs, and gives the next bytes of the document as
	/// soon as they are known to be true. To be called again until `bytes` is empty.
	///
	/// # Errors
	/// See [`InnerError`]; the same again whenever it is called after that.
	pub fn push(&mut self, bytes: &mut &[u8]) -> Result<Option<&[u8]>, InnerError> {
		let Self { cipher, opener, dag, .. } = self;
		opener.push_through(bytes, |bytes| {
			dag.push(bytes);
			cipher.apply(bytes);
		})
	}

	/// The last bytes of the document, which is complete with them.
	///
	/// # Errors
	/// See [`ReadError`].
	pub fn finish(self) -> Result<Vec<u8>, ReadError> {
		let plain = self.opener.finish()?;
		let found = self.dag.finish().cid;
		if found != self.expected {
			return Err(ReadError::WrongCid { expected: self.expected, found });
		}
		Ok(plain)
	}
}
