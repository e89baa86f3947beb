//! How a node that doesn't validate says that it is there.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::H256;

use crate::app_key::AppPublic;

/// Number of a span of working time in which each node has to show once that it is there.
pub type Period = u32;

/// One node says that its worker runs.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Heartbeat {
	/// The app key that signs. The registry knows the account behind it.
	pub key: AppPublic,
	/// The current period. A heartbeat counts in this one and no other.
	pub period: Period,
}

impl Heartbeat {
	/// The bytes that the app key signs.
	///
	/// `genesis` binds them to one chain and the tag to this purpose; the period stops a replay within
	/// the chain.
	pub fn signing_payload(&self, genesis: &H256) -> Vec<u8> {
		(b"rwa/heartbeat/v1", genesis, self).encode()
	}
}
