//! Feeds: what is measured, in which unit, and what a reporter says about it.

use crate::{app_key::AppPublic, AssetId, Moment};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::H256;

/// A measured value in units of 10^-`decimals` of the feed's unit: 21.35 °C in a feed with 2
/// decimals is 2135.
pub type Value = i128;

/// Number of a round of one feed, from 1.
pub type RoundIndex = u32;

/// Most digits after the point that a feed can have: 10¹⁸ times any measurable quantity still fits
/// in a [`Value`].
pub const MAX_DECIMALS: u8 = 18;

/// What kind of instrument or service a feed's readings come from.
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
	serde::Serialize,
	serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
	/// Where the asset is.
	#[codec(index = 0)]
	GpsTracker,
	/// What an instrument on or in the asset measures.
	#[codec(index = 1)]
	IotSensor,
	/// What is seen of the asset from orbit.
	#[codec(index = 2)]
	SatelliteImagery,
	/// The weather at the asset.
	#[codec(index = 3)]
	WeatherApi,
	/// The traffic at the asset.
	#[codec(index = 4)]
	TrafficApi,
}

/// Names a feed: one asset, one kind of source.
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
	serde::Serialize,
	serde::Deserialize,
)]
pub struct FeedId {
	/// The asset that is measured.
	pub asset: AssetId,
	/// What measures it.
	pub source: SourceKind,
}

/// One reporter's answer to one round of one feed.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Report {
	/// The feed.
	pub feed: FeedId,
	/// The round. A report counts in this round and no other.
	pub round: RoundIndex,
	/// The app key that signs. The registry knows the account behind it.
	pub key: AppPublic,
	/// What was measured.
	pub value: Value,
}

impl Report {
	/// The bytes that the app key signs.
	///
	/// `genesis` binds them to one chain and the tag to this purpose; feed and round stop a replay
	/// within the chain.
	pub fn signing_payload(&self, genesis: &H256) -> Vec<u8> {
		(b"rwa/oracle/report/v1", genesis, self).encode()
	}
}

/// Whether an answer may be relied on.
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
	serde::Serialize,
	serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum AnswerStatus {
	/// Young enough by the feed's own rule.
	#[codec(index = 0)]
	Fresh,
	/// Older than the feed allows: its rounds fail, or its next answer is overdue.
	#[codec(index = 1)]
	Stale,
	/// Governance has stopped the feed, so that nobody keeps the answer up to date.
	#[codec(index = 2)]
	Paused,
}

/// What a feed says: the last value that its reporters agreed on, and how far to trust it now.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Answer<BlockNumber> {
	/// The value, in units of 10^-`decimals` of the feed's unit.
	pub value: Value,
	/// Digits after the point in `value`.
	pub decimals: u8,
	/// The round that agreed on it.
	pub round: RoundIndex,
	/// The block that the round closed in.
	pub updated_at: BlockNumber,
	/// The time of that block.
	pub moment: Moment,
	/// Blocks since then, halted ones included: data grows old whether or not anybody may act.
	pub age: BlockNumber,
	/// Whether the value may be relied on.
	pub status: AnswerStatus,
}

impl<BlockNumber> Answer<BlockNumber> {
	/// The value, if it may be relied on.
	pub fn fresh(&self) -> Option<Value> {
		match self.status {
			AnswerStatus::Fresh => Some(self.value),
			AnswerStatus::Stale | AnswerStatus::Paused => None,
		}
	}
}
