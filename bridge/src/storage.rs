//! What keeps the files: one Kubo, or a cluster of them.

pub mod cluster;
mod http;
pub mod kubo;
mod rpc;

use crate::failure::Failure;
use hyper::body::Bytes;
use rwa_primitives::ipfs::Cid;
use std::{collections::BTreeSet, future::Future, time::Duration};

pub use cluster::Cluster;
pub use kubo::Kubo;

/// By which a pin is known to be ours, and not the operator's own.
pub const PIN_NAME: &str = "rwa-bridge";

/// Most bytes of a block that any peer of IPFS passes on.
pub const MAX_BLOCK: usize = 2 << 20;

/// Where a block may come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
	/// Only from this node's own disk.
	Here,
	/// From whoever has it, within this time.
	Network(Duration),
}

/// How much a file may make Kubo fetch. What its size allows, and nothing that a dag of its own claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
	/// Blocks.
	pub blocks: u64,
	/// Bytes of all blocks together.
	pub bytes: u64,
}

/// How full the disk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
	/// Bytes in use.
	pub used: u64,
	/// Most bytes that may be.
	pub most: u64,
}

/// What workers need of it. Every call may be repeated, ends within a time of its own, and reads a bounded
/// number of bytes, whatever answers.
pub trait Storage: Send + Sync + 'static {
	/// That it is there, and of a version that is known to work.
	fn ready(&self) -> impl Future<Output = Result<(), Failure>> + Send;

	/// Gets a file and pins it. Ends when all of it is there, or when no more of it comes.
	fn pin(&self, cid: &Cid, bound: Bound) -> impl Future<Output = Result<(), Failure>> + Send;

	/// Takes the pin off, if there is one of ours.
	fn unpin(&self, cid: &Cid) -> impl Future<Output = Result<(), Failure>> + Send;

	/// A block's bytes, whose hash nobody has checked. `None`: not on disk.
	fn block(
		&self,
		cid: &Cid,
		reach: Reach,
	) -> impl Future<Output = Result<Option<Bytes>, Failure>> + Send;

	/// All roots that are pinned under [`PIN_NAME`]. Other CIDs than those of files are left out.
	fn pinned(&self) -> impl Future<Output = Result<BTreeSet<Cid>, Failure>> + Send;

	/// Frees the disk of what isn't pinned.
	fn collect(&self) -> impl Future<Output = Result<(), Failure>> + Send;

	/// How full it is.
	fn space(&self) -> impl Future<Output = Result<Space, Failure>> + Send;
}
