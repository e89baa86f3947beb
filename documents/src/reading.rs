//! Reading: from any replica to the document.

use crate::{
	dag::DagBuilder,
	inner::{InnerError, Opener, SEGMENT_BYTES},
	keys::{ReadingKeys, ReplicaRoot},
	replica::{DocumentId, Replica, ReplicaCipher, REPLICAS},
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
	/// It is the file that the chain knows, but another replica is not of the same text: the publisher
	/// registered replicas of several, to show each reader another. None of them is the document.
	#[error(
		"replica {replica} would have the CID {found} if all replicas held this text, and has {expected}: \
		the publisher registered different texts as one document"
	)]
	OtherText {
		/// Number of the replica that differs.
		replica: u8,
		/// Its CID, on chain.
		expected: Cid,
		/// The one that it would have.
		found: Cid,
	},
}

/// Reads a document out of one of its replicas, from the replica's bytes in their order, in memory for one
/// segment.
///
/// What comes out is what the publisher sealed, in its order. That it is *all* of it, and of the file which
/// the chain knows, is known only when [`DocumentReader::finish`] succeeds.
///
/// So is that it is what everybody reads: the reader seals the text for all three replicas again, and their
/// CIDs must be those on chain. Else a publisher could register replicas of different texts, and who reads
/// would see the one that he happened to get. With it, one document is one text.
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
	opener: Opener,
	/// The replica that is read.
	source: Resealed,
	/// The others, which are made again from it.
	others: [Resealed; REPLICAS - 1],
	/// Bytes of one of these.
	scratch: Vec<u8>,
	document: DocumentId,
}

/// A replica whose bytes go by.
struct Resealed {
	replica: Replica,
	cipher: ReplicaCipher,
	dag: DagBuilder,
}

impl Resealed {
	fn new(root: &ReplicaRoot, replica: Replica) -> Self {
		let cipher = ReplicaCipher::new(root, replica);
		Self { replica, cipher, dag: DagBuilder::new(Layout::DOCUMENT) }
	}
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
		let others = match replica {
			Replica::First => [Replica::Second, Replica::Third],
			Replica::Second => [Replica::First, Replica::Third],
			Replica::Third => [Replica::First, Replica::Second],
		};
		Self {
			source: Resealed::new(&keys.root, replica),
			others: others.map(|other| Resealed::new(&keys.root, other)),
			opener: Opener::new(keys.inner),
			scratch: Vec::with_capacity(SEGMENT_BYTES),
			document: *document,
		}
	}

	/// Takes of `bytes`, the next of the replica, what it needs, and gives the next bytes of the document as
	/// soon as they are known to be true. To be called again until `bytes` is empty.
	///
	/// # Errors
	/// See [`InnerError`]; the same again whenever it is called after that.
	pub fn push(&mut self, bytes: &mut &[u8]) -> Result<Option<&[u8]>, InnerError> {
		let Self { opener, source, others, scratch, .. } = self;
		opener.push_through(bytes, |bytes| {
			source.dag.push(bytes);
			source.cipher.apply(bytes);
			for other in others.iter_mut() {
				scratch.clear();
				scratch.extend_from_slice(bytes);
				other.cipher.apply(scratch);
				other.dag.push(scratch);
			}
		})
	}

	/// The last bytes of the document, which is complete with them.
	///
	/// # Errors
	/// See [`ReadError`].
	pub fn finish(self) -> Result<Vec<u8>, ReadError> {
		let plain = self.opener.finish()?;
		let expected = self.document.cid(self.source.replica);
		let found = self.source.dag.finish().cid;
		if found != expected {
			return Err(ReadError::WrongCid { expected, found });
		}
		for other in self.others {
			let expected = self.document.cid(other.replica);
			let found = other.dag.finish().cid;
			if found != expected {
				let replica = other.replica.index();
				return Err(ReadError::OtherText { replica, expected, found });
			}
		}
		Ok(plain)
	}
}
