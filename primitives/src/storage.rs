//! Documents kept by storage nodes: what a node tells the chain about them, and what owners tell nodes.

mod announcement;

pub use announcement::{
	AnnouncedFile, Announcement, AnnouncementError, PeerAddress, MAX_ADDRESS, MAX_ADDRESSES,
	MAX_ANNOUNCEMENT,
};

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{ConstU32, H256};
use sp_runtime::BoundedVec;

use crate::app_key::AppPublic;

/// Number of a document, from 0. Never used twice.
pub type DocumentId = u64;

/// Which replica of a document: 0, 1 or 2.
pub type ReplicaIndex = u8;

/// Replicas of a document: the specification's `replication_factor`.
pub const REPLICAS: usize = 3;

/// Number of a round of challenges of one storage node, from 1.
pub type StorageRound = u32;

/// How often a replica has been given to somebody. What is said about a replica names it, so that it means
/// nothing after the replica has gone elsewhere and come back.
pub type Epoch = u32;

/// Most bytes of a block of a proof: a whole leaf of [`Layout::DOCUMENT`](crate::ipfs::Layout::DOCUMENT). Its
/// nodes are smaller.
pub const MAX_PROOF_BLOCK: u32 = 4_096;

/// Most blocks of a proof: files of up to 128 TiB have no more.
pub const MAX_PROOF_BLOCKS: u32 = 8;

/// What a document is, for people. The chain treats all alike.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum DocumentKind {
	/// Who owns the asset: a deed, a register's extract.
	#[codec(index = 0)]
	Title,
	/// What somebody found who looked at it.
	#[codec(index = 1)]
	Inspection,
	/// What it is worth.
	#[codec(index = 2)]
	Valuation,
	/// What was agreed about it: a lease, an insurance.
	#[codec(index = 3)]
	Contract,
	/// How it looks: photographs, plans, satellite images.
	#[codec(index = 4)]
	Image,
	/// What else there is.
	#[codec(index = 5)]
	Other,
}

/// What a storage node does about a replica.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Act {
	/// It was to take the replica, has pinned it, and has checked every block of it.
	#[codec(index = 0)]
	Confirm,
	/// It was to take the replica, and won't.
	#[codec(index = 1)]
	Decline,
	/// It has lost the replica.
	#[codec(index = 2)]
	DeclareFault,
	/// It wants somebody else to take the replica, and keeps it until then.
	#[codec(index = 3)]
	HandOver,
}

/// What a storage node says about a replica.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Notice {
	/// The node's app key, which signs.
	pub key: AppPublic,
	/// The document.
	pub document: DocumentId,
	/// Which of its replicas.
	pub replica: ReplicaIndex,
	/// The replica's epoch: what the node was given, and not what it may be given later.
	pub epoch: Epoch,
	/// What it does.
	pub act: Act,
}

impl Notice {
	/// The bytes that the app key signs. `genesis` binds them to one chain, the tag to this purpose, the epoch to
	/// one time.
	pub fn signing_payload(&self, genesis: &H256) -> Vec<u8> {
		(b"rwa/storage/notice/v1", genesis, self).encode()
	}
}

/// The blocks of a proof, from the file's root to the leaf.
pub type ProofBlocks =
	BoundedVec<BoundedVec<u8, ConstU32<MAX_PROOF_BLOCK>>, ConstU32<MAX_PROOF_BLOCKS>>;

/// A storage node's answer to a challenge.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct StorageProof {
	/// The node's app key, which signs.
	pub key: AppPublic,
	/// The node's round of challenges.
	pub round: StorageRound,
	/// Which of the round's challenges, from 0.
	pub challenge: u32,
	/// The blocks from the root of the replica's file to the leaf that the challenge names.
	pub blocks: ProofBlocks,
}

impl StorageProof {
	/// The bytes that the app key signs. `genesis` binds them to one chain, the tag to this purpose.
	pub fn signing_payload(&self, genesis: &H256) -> Vec<u8> {
		(b"rwa/storage/proof/v1", genesis, self).encode()
	}
}
