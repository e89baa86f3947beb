//! What the tests, the test vectors and the measurements share.

#![allow(dead_code, reason = "each program uses some of it")]

use rwa_documents::{
	Checkpoint, DocumentId, DocumentKeys, DocumentReader, Entropy, NoEntropy, ReadError,
	ReadingKeys, Replica, SealError, Sealer,
};
use sha2::{Digest, Sha256};

/// Bytes that look random and are the same everywhere: the SHA-256 of 0, 1, 2, and so on, each as eight
/// bytes in little endian, one after the other, cut to `size`. As in the vectors of primitives.
pub(crate) fn content(size: usize) -> Vec<u8> {
	let digests = (0u64..).flat_map(|number| Sha256::digest(number.to_le_bytes()));
	digests.take(size).collect()
}

/// Not random at all: the SHA-256 of a name and 0, 1, 2, and so on, each as eight bytes in big endian.
pub(crate) struct Named {
	name: &'static str,
	count: u64,
}

impl Named {
	pub(crate) fn new(name: &'static str) -> Self {
		Self { name, count: 0 }
	}
}

impl Entropy for Named {
	fn fill(&mut self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
		for chunk in bytes.chunks_mut(32) {
			let digest = Sha256::new()
				.chain_update(self.name)
				.chain_update(self.count.to_be_bytes())
				.finalize();
			chunk.copy_from_slice(&digest[..chunk.len()]);
			self.count += 1;
		}
		Ok(())
	}
}

/// Gives so many bytes, then no more.
pub(crate) struct Dry(pub(crate) usize);

impl Entropy for Dry {
	fn fill(&mut self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
		self.0 = self.0.checked_sub(bytes.len()).ok_or(NoEntropy)?;
		bytes.fill(1);
		Ok(())
	}
}

pub(crate) fn keys() -> DocumentKeys {
	DocumentKeys::generate(&mut Named::new("keys")).unwrap()
}

/// A document that was sealed.
#[derive(Clone, Debug)]
pub(crate) struct Sealed {
	pub(crate) document: DocumentId,
	pub(crate) size: u64,
	/// As far as they came out.
	pub(crate) replicas: [Vec<u8>; 3],
	/// Byte of the replicas at which they begin.
	pub(crate) offset: u64,
	/// One for each part, with the byte at which the part ends.
	pub(crate) checkpoints: Vec<(Checkpoint, u64)>,
}

/// Gives `plain` to a sealer, `step` bytes at a time.
pub(crate) fn seal_with(
	mut sealer: Sealer,
	plain: &[u8],
	step: usize,
) -> Result<Sealed, SealError> {
	let mut replicas = [(); 3].map(|()| Vec::new());
	let mut checkpoints = Vec::new();
	let mut start = None;
	for read in plain.chunks(step) {
		let mut read = read;
		while !read.is_empty() {
			let Some(part) = sealer.push(&mut read)? else { continue };
			let first = *start.get_or_insert(part.offset);
			assert_eq!(first + replicas[0].len() as u64, part.offset);
			for (replica, bytes) in replicas.iter_mut().zip(part.replicas) {
				replica.extend(bytes);
			}
			checkpoints.push((part.checkpoint, first + replicas[0].len() as u64));
		}
	}
	let last = sealer.finish()?;
	let offset = *start.get_or_insert(last.offset);
	assert_eq!(offset + replicas[0].len() as u64, last.offset);
	for (replica, bytes) in replicas.iter_mut().zip(last.replicas()) {
		replica.extend(bytes);
		assert_eq!(offset + replica.len() as u64, last.size);
	}
	checkpoints.push((last.checkpoint, last.size));
	Ok(Sealed { document: last.document, size: last.size, replicas, offset, checkpoints })
}

pub(crate) fn seal(keys: &DocumentKeys, plain: &[u8]) -> Sealed {
	seal_with(Sealer::new(keys.clone()), plain, 100_000).unwrap()
}

/// Gives a replica to a reader, `step` bytes at a time. What came out before an error comes with it.
pub(crate) fn read_with(
	keys: &ReadingKeys,
	document: &DocumentId,
	replica: Replica,
	bytes: &[u8],
	step: usize,
) -> (Vec<u8>, Result<(), ReadError>) {
	let mut reader = DocumentReader::new(keys.clone(), document, replica);
	let mut plain = Vec::new();
	for received in bytes.chunks(step) {
		let mut received = received;
		while !received.is_empty() {
			match reader.push(&mut received) {
				Ok(bytes) => plain.extend(bytes.unwrap_or_default()),
				Err(error) => {
					// It stays with it.
					assert_eq!(reader.push(&mut [0; 70_000].as_slice()), Err(error));
					assert_eq!(reader.finish(), Err(error.into()));
					return (plain, Err(error.into()));
				}
			}
		}
	}
	match reader.finish() {
		Ok(bytes) => plain.extend(bytes),
		Err(error) => return (plain, Err(error)),
	}
	(plain, Ok(()))
}

pub(crate) fn read(sealed: &Sealed, replica: Replica) -> Result<Vec<u8>, ReadError> {
	let bytes = &sealed.replicas[usize::from(replica.index())];
	let (plain, outcome) = read_with(&keys().reading, &sealed.document, replica, bytes, 100_000);
	outcome.map(|()| plain)
}
