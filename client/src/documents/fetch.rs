//! Reading: from whichever replica can be had to the document.

use super::{
	error::{FetchError, KuboError, ReplicaFailure},
	kubo::Kubo,
	pace::Pace,
};
use rwa_documents::{plain_size, DocumentId, DocumentReader, ReadError, ReadingKeys, Replica};
use sha2::{Digest, Sha256};
use std::{collections::VecDeque, io, time::Duration};
use tokio::io::{AsyncWrite, AsyncWriteExt};

/// A document that was read to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fetched {
	/// Bytes of it.
	pub size: u64,
	/// The replica that it was read from.
	pub replica: Replica,
}

/// Reads a document whose replicas have `size` bytes into `out`, from the first replica that can be had through
/// Kubo, and goes on with the next one where that ends or is slow; one that was slow is waited for if no other is left.
///
/// What is written is what the publisher sealed, in its order, and nothing is written before that is known. But
/// **it is the document only if this succeeds**: until then it may be cut off. Then it is also what all three
/// replicas hold, and what everybody reads who reads this document.
///
/// # Errors
/// See [`FetchError`].
pub async fn fetch(
	kubo: &Kubo,
	document: &DocumentId,
	size: u64,
	keys: &ReadingKeys,
	out: &mut (impl AsyncWrite + Unpin),
) -> Result<Fetched, FetchError> {
	let plain = plain_size(size).ok_or(FetchError::Size(size))?;
	let mut output = Output { out, given: 0, hash: Sha256::new() };
	let mut failures = Vec::new();
	let mut turns = VecDeque::from(Replica::ALL.map(|replica| (replica, true)));
	while let Some((replica, hurried)) = turns.pop_front() {
		match read(kubo, document, size, keys, replica, hurried, &mut output).await {
			Ok(()) => {
				output.out.flush().await.map_err(FetchError::Output)?;
				return Ok(Fetched { size: output.given, replica });
			}
			Err(Stop::Replica(ReplicaFailure::Kubo(KuboError::Slow))) => {
				turns.push_back((replica, false));
			}
			Err(Stop::Replica(failure)) => failures.push((replica.index(), failure)),
			Err(Stop::Output(error)) => return Err(FetchError::Output(error)),
		}
	}
	Err(FetchError::Incomplete { given: output.given, size: plain, failures })
}

/// Why a replica isn't read any further.
enum Stop {
	Replica(ReplicaFailure),
	Output(io::Error),
}

impl<T: Into<ReadError>> From<T> for Stop {
	fn from(error: T) -> Self {
		Self::Replica(ReplicaFailure::Read(error.into()))
	}
}

async fn read(
	kubo: &Kubo,
	document: &DocumentId,
	size: u64,
	keys: &ReadingKeys,
	replica: Replica,
	hurried: bool,
	output: &mut Output<'_, impl AsyncWrite + Unpin>,
) -> Result<(), Stop> {
	let failed = |error| Stop::Replica(ReplicaFailure::Kubo(error));
	let mut answer = kubo.cat(&document.cid(replica), size).await.map_err(failed)?;
	let mut reader = DocumentReader::new(keys.clone(), document, replica);
	let mut text = Text { seen: 0, hash: Sha256::new() };
	let mut found = 0u64;
	let window = if hurried { kubo.patience() } else { Duration::MAX };
	let mut pace = Pace::new(window);
	while let Some(piece) = pace.piece(&mut answer).await.map_err(failed)? {
		found = found.saturating_add(bytes(&piece));
		if found > size {
			return Err(Stop::Replica(ReplicaFailure::Size { expected: size, found }));
		}
		let mut rest: &[u8] = &piece;
		while !rest.is_empty() {
			if let Some(plain) = reader.push(&mut rest)? {
				output.take(&mut text, plain).await?;
			}
		}
	}
	if found != size {
		return Err(Stop::Replica(ReplicaFailure::Size { expected: size, found }));
	}
	output.take(&mut text, &reader.finish()?).await?;
	match text.seen == output.given {
		true => Ok(()),
		false => Err(Stop::Replica(ReplicaFailure::OtherText)),
	}
}

/// What comes out of one replica.
struct Text {
	seen: u64,
	/// Of what was given before, as this replica has it.
	hash: Sha256,
}

/// What was given, from whichever replicas.
struct Output<'a, W> {
	out: &'a mut W,
	given: u64,
	/// Of what was given.
	hash: Sha256,
}

impl<W: AsyncWrite + Unpin> Output<'_, W> {
	/// Gives what is new of the next bytes of a replica's text. What was given before must be the same in it.
	async fn take(&mut self, text: &mut Text, plain: &[u8]) -> Result<(), Stop> {
		let known = usize::try_from(self.given.saturating_sub(text.seen)).unwrap_or(usize::MAX);
		let (known, new) = plain.split_at(known.min(plain.len()));
		text.seen = text.seen.saturating_add(bytes(plain));
		if !known.is_empty() {
			text.hash.update(known);
			let reached = text.seen >= self.given;
			if reached && text.hash.clone().finalize() != self.hash.clone().finalize() {
				return Err(Stop::Replica(ReplicaFailure::OtherText));
			}
		}
		if !new.is_empty() {
			self.out.write_all(new).await.map_err(Stop::Output)?;
			self.hash.update(new);
			self.given = self.given.saturating_add(bytes(new));
		}
		Ok(())
	}
}

fn bytes(slice: &[u8]) -> u64 {
	u64::try_from(slice.len()).unwrap_or(u64::MAX)
}
