//! What the owner of a document says over the network's gossip: where its files can be had.

use alloc::vec::Vec;
use core::fmt;

use codec::{Decode, DecodeAll, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{ConstU32, H256};
use sp_runtime::{
	traits::{BlakeTwo256, Hash},
	BoundedVec,
};

use super::{DocumentId, REPLICAS};
use crate::{ipfs::Cid, AssetId};

/// Version of what is said, its first byte.
const VERSION: u8 = 1;

/// Most addresses of an announcement: TCP and QUIC, over IPv4 and IPv6, of two machines.
pub const MAX_ADDRESSES: u32 = 8;

/// Most bytes of an address: a name of 63 bytes, ports and a peer's identity, as for the endpoints of nodes.
pub const MAX_ADDRESS: u32 = 160;

/// Most bytes of an announcement.
pub const MAX_ANNOUNCEMENT: u32 = 1_465;

/// Where a peer listens, as libp2p writes it: `/ip4/203.0.113.7/tcp/4001/p2p/12D3Koo…`.
pub type PeerAddress = BoundedVec<u8, ConstU32<MAX_ADDRESS>>;

/// A replica's file, as the chain knows it.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct AnnouncedFile {
	/// Its root.
	pub cid: Cid,
	/// Its bytes.
	pub size: u64,
}

/// A document is stored, and its files can be had from these addresses.
///
/// Whoever reads one has to ask the chain whether it is true: that there is such a document, that it is of this asset
/// and has these files, and that its owner has signed.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Announcement {
	/// The chain that it is about.
	pub genesis: H256,
	/// The asset that the document is about.
	pub asset: AssetId,
	/// The document.
	pub document: DocumentId,
	/// Its three replicas, in their order.
	pub files: [AnnouncedFile; REPLICAS],
	/// Where a peer that has them listens.
	pub addresses: BoundedVec<PeerAddress, ConstU32<MAX_ADDRESSES>>,
}

/// Why bytes are not an announcement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AnnouncementError {
	/// There are more bytes than the longest has.
	TooLong,
	/// It is of another version than this program knows: use a newer one.
	Version,
	/// Cut off, or goes on after its end, or holds what can't be.
	Malformed,
	/// An address is not text that begins with `/`, without blanks.
	Address,
}

impl fmt::Display for AnnouncementError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::TooLong => "longer than any announcement",
			Self::Version => "not an announcement of version 1",
			Self::Malformed => "not an announcement",
			Self::Address => "an address of the announcement is not one",
		})
	}
}

impl core::error::Error for AnnouncementError {}

impl Announcement {
	/// What is signed and sent: the version, then the announcement in SCALE.
	pub fn to_bytes(&self) -> Vec<u8> {
		(VERSION, self).encode()
	}

	/// The announcement that `bytes` are, all of them. It may be false.
	///
	/// # Errors
	/// See [`AnnouncementError`]. Never panics, whatever the bytes, and takes no more memory than [`MAX_ANNOUNCEMENT`]
	/// bytes can ask for.
	pub fn from_bytes(bytes: &[u8]) -> Result<Self, AnnouncementError> {
		let longest = usize::try_from(MAX_ANNOUNCEMENT).unwrap_or(usize::MAX);
		if bytes.len() > longest {
			return Err(AnnouncementError::TooLong);
		}
		let (&version, mut rest) = bytes.split_first().ok_or(AnnouncementError::Malformed)?;
		if version != VERSION {
			return Err(AnnouncementError::Version);
		}
		let said = Self::decode_all(&mut rest).map_err(|_| AnnouncementError::Malformed)?;
		if !said.addresses.iter().all(|address| is_address(address)) {
			return Err(AnnouncementError::Address);
		}
		Ok(said)
	}

	/// What listeners ask for who want all announcements: the first topic of each.
	pub fn topic() -> [u8; 32] {
		BlakeTwo256::hash(b"rwa/document-stored/v1").0
	}

	/// What listeners ask for who care for one asset: the second topic.
	pub fn asset_topic(asset: AssetId) -> [u8; 32] {
		BlakeTwo256::hash_of(&(b"rwa/document-stored/asset/v1", asset)).0
	}

	/// The channel of a document: of two announcements of one account on it only the newer is kept.
	pub fn channel(document: DocumentId) -> [u8; 32] {
		BlakeTwo256::hash_of(&(b"rwa/document-stored/document/v1", document)).0
	}
}

/// Whether it may be one. What it means is for those to say who connect; this is so that it can be shown.
fn is_address(bytes: &[u8]) -> bool {
	bytes.starts_with(b"/") && bytes.iter().all(u8::is_ascii_graphic)
}
