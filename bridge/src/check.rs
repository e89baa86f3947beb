//! Whether a file is whole, block by block.

use crate::{
	failure::{Code, Failure},
	job::LAYOUT,
	storage::{Bound, Reach, Storage},
};
use futures::{stream::FuturesUnordered, StreamExt};
use hyper::body::Bytes;
use rwa_primitives::ipfs::{verify, Cid, Expected, ProofError};
use sp_crypto_hashing::sha2_256;
use std::{iter, time::Duration};

/// Blocks that are asked for at a time.
const AT_ONCE: usize = 16;

/// What was read of a file that is whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Read {
	/// Blocks.
	pub blocks: u64,
	/// Bytes of these.
	pub bytes: u64,
	/// Blocks that the network had to give.
	pub fetched: u64,
}

/// Most that a file of so many bytes is made of.
pub fn bound(size: u64) -> Bound {
	let links = u64::from(LAYOUT.links());
	let mut row = LAYOUT.leaves(size).get();
	let mut nodes = 0u64;
	while row > 1 {
		row = row.div_ceil(links);
		nodes = nodes.saturating_add(row);
	}
	// The first part of each row is the largest.
	let parts = iter::successors(Some(LAYOUT.root(size)), |part| part.child(0));
	let node = parts.filter(|part| part.height() > 0).map(|part| part.max_bytes()).max();
	Bound {
		blocks: LAYOUT.leaves(size).get().saturating_add(nodes),
		bytes: size.saturating_add(nodes.saturating_mul(node.unwrap_or(0))),
	}
}

/// That all blocks of a file are on disk, and are what they should be. With `find`, what isn't on disk is
/// fetched, in at most that time for each block.
///
/// Asks for no more blocks than the file has by its size, and keeps a few hundred places in memory.
///
/// # Errors
/// [`Code::MissingBlock`] and what blocks have wrong with them; what storage has against it.
pub async fn whole(
	storage: &impl Storage,
	cid: &Cid,
	size: u64,
	find: Option<Duration>,
) -> Result<Read, Failure> {
	let mut places = vec![Expected::root(*cid, size, &LAYOUT)];
	let mut asked = FuturesUnordered::new();
	let mut read = Read::default();
	loop {
		while asked.len() < AT_ONCE {
			let Some(place) = places.pop() else { break };
			asked.push(checked(storage, place, find));
		}
		let Some(answer) = asked.next().await else { return Ok(read) };
		let Checked { block, below, fetched } = answer?;
		let bytes = u64::try_from(block.len()).unwrap_or(u64::MAX);
		read.blocks = read.blocks.saturating_add(1);
		read.bytes = read.bytes.saturating_add(bytes);
		read.fetched = read.fetched.saturating_add(u64::from(fetched));
		places.extend(below);
	}
}

/// That the root is what it should be, wherever it has to come from: what a file of another size has there
/// shows before anything else of it is fetched.
///
/// # Errors
/// As [`whole`].
pub async fn root(
	storage: &impl Storage,
	cid: &Cid,
	size: u64,
	find: Duration,
) -> Result<(), Failure> {
	checked(storage, Expected::root(*cid, size, &LAYOUT), Some(find)).await.map(drop)
}

/// The blocks from the root of a file to one of its leaves, from disk and nowhere else.
///
/// # Errors
/// As [`whole`], and [`Code::NoSuchLeaf`].
pub async fn proof(
	storage: &impl Storage,
	cid: &Cid,
	size: u64,
	leaf: u64,
) -> Result<Vec<Bytes>, Failure> {
	let path = LAYOUT.path(size, leaf).ok_or(ProofError::LeafOutOfRange)?;
	let mut place = Expected::root(*cid, size, &LAYOUT);
	let mut blocks = Vec::new();
	for index in path {
		let Checked { block, below, .. } = checked(storage, place, None).await?;
		blocks.push(block);
		let index = usize::try_from(index).unwrap_or(usize::MAX);
		place = *below.get(index).ok_or(ProofError::WrongShape)?;
	}
	blocks.push(checked(storage, place, None).await?.block);
	// As the chain will: what leaves here is right, or doesn't leave.
	verify(cid, size, &LAYOUT, leaf, &blocks, sha2_256)?;
	Ok(blocks)
}

/// A block that is what it should be.
struct Checked {
	block: Bytes,
	/// What to expect below it.
	below: Vec<Expected>,
	fetched: bool,
}

async fn checked(
	storage: &impl Storage,
	place: Expected,
	find: Option<Duration>,
) -> Result<Checked, Failure> {
	let (mut block, mut fetched) = (storage.block(&place.cid, Reach::Here).await?, false);
	if let (None, Some(time)) = (&block, find) {
		fetched = true;
		block = storage.block(&place.cid, Reach::Network(time)).await?;
	}
	let block = block.ok_or_else(|| {
		Failure::new(Code::MissingBlock, format!("the block {} is not on disk", place.cid))
	})?;
	let below = place.check(&block, sha2_256).map_err(|error| judged(&place, &block, error))?;
	Ok(Checked { block, below, fetched })
}

/// Who is to blame. A block of the wrong length isn't hashed where proofs are checked; but if it isn't the one
/// that was asked for, the disk is at fault and not the file.
fn judged(place: &Expected, block: &[u8], error: ProofError) -> Failure {
	let unhashed = matches!(error, ProofError::TooLarge | ProofError::WrongLength);
	let is_other =
		error == ProofError::WrongHash || (unhashed && sha2_256(block) != place.cid.digest);
	if is_other {
		let text = format!(
			"what is on disk as the block {} has another hash; run `ipfs repo verify --drop` and order again",
			place.cid
		);
		return Failure::new(Code::DamagedBlock, text);
	}
	error.into()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn bounds_should_be_those_of_the_layout() {
		let of = |size| {
			let Bound { blocks, bytes } = bound(size);
			(blocks, bytes - size)
		};
		assert_eq!(of(0), (1, 0));
		assert_eq!(of(4_096), (1, 0));
		assert_eq!(of(4_097), (3, 64 * 2 + 16));
		assert_eq!(of(32 * 4_096), (33, 64 * 32 + 16));
		// 33 leaves, two nodes, and the root.
		assert_eq!(of(32 * 4_096 + 1), (36, 3 * (64 * 32 + 16)));
		// 262,144 leaves, 8,192 + 256 + 8 nodes, and the root.
		assert_eq!(of(1 << 30).0, 262_144 + 8_192 + 256 + 8 + 1);
	}
}
