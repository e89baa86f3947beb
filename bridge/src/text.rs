//! CIDs in JSON, as text.

use rwa_primitives::ipfs::Cid;
use serde::{de::Error, Deserialize, Deserializer, Serializer};

/// Writes `bafy…`.
pub(crate) fn serialize<S: Serializer>(cid: &Cid, serializer: S) -> Result<S::Ok, S::Error> {
	serializer.collect_str(cid)
}

/// Reads `bafy…`.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cid, D::Error> {
	String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}
