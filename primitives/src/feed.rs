//! Feeds: what is measured, what a reporter says about it, and what comes of that.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{ConstU32, H256};
use sp_runtime::{
	traits::{BlakeTwo256, Hash},
	BoundedVec,
};

use crate::{
	app_key::AppPublic,
	device::DeviceKey,
	reading::{Reading, Schema},
	AssetId, Moment,
};

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

impl SourceKind {
	/// How many kinds there are: an asset has no more feeds.
	pub const COUNT: u32 = 5;
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

/// Most statements that one transaction carries. One signature vouches for all of them, so that a node
/// with many feeds pays for one where it would have paid for each.
pub const MAX_STATEMENTS: u32 = 16;

/// Random bytes that hide a committed reading until it is revealed: without them anyone could try all
/// likely readings.
pub type Salt = [u8; 32];

/// The signed measurement that a reading was taken from.
///
/// The counter names it for whoever holds it too: an honest device signs one measurement for each. The
/// hash says which one the reporter had seen, in case the device signed two.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct MeasurementRef {
	/// The device that measured.
	pub device: DeviceKey,
	/// Its counter.
	pub counter: u64,
	/// [`Measurement::hash`](crate::device::Measurement::hash). Not called `hash`, which polkadot.js would rename: every
	/// value has one there.
	pub digest: H256,
}

/// What a reading was taken from, so that others can look whether it says the same.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[allow(clippy::cast_possible_truncation)] // The indices, in what `Encode` derives.
pub enum Evidence {
	/// What a device has signed. The reading is the measurement's.
	#[codec(index = 0)]
	Measurement(MeasurementRef),
	/// Bytes that the reading was derived from, an image for instance, by the hash that their source names them by:
	/// SHA-256 as a rule. The chain can't derive the reading itself, and judges nothing by it.
	#[codec(index = 1)]
	Content(H256),
}

impl Evidence {
	/// The measurement that the reading is, if it is one.
	pub fn measurement(&self) -> Option<&MeasurementRef> {
		match self {
			Self::Measurement(measurement) => Some(measurement),
			Self::Content(_) => None,
		}
	}
}

/// What a feed wants its reports to rest on.
#[derive(
	Clone,
	Copy,
	Default,
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
pub enum EvidenceRule {
	/// Whatever the reporter takes it from.
	#[default]
	#[codec(index = 0)]
	Optional,
	/// A measurement that a device of the asset has signed: without one a report is not taken.
	#[codec(index = 1)]
	Required,
}

/// What a reporter measured, and what that rests on.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Observation {
	/// What was measured.
	pub reading: Reading,
	/// What it was taken from, if that can be named.
	pub evidence: Option<Evidence>,
}

impl Observation {
	/// What a reporter commits to before it reveals this: BLAKE2b-256.
	///
	/// Binds it to one chain, feed, round and reporter, so that nobody can reveal what he copied from
	/// another's commitment.
	pub fn commitment<AccountId: Encode>(
		&self,
		genesis: &H256,
		feed: &FeedId,
		round: RoundIndex,
		reporter: &AccountId,
		salt: &Salt,
	) -> H256 {
		BlakeTwo256::hash_of(&(
			b"rwa/oracle/commitment/v1",
			genesis,
			feed,
			round,
			reporter,
			self,
			salt,
		))
	}

	/// Names what `reporter` revealed in `round` of `feed`: BLAKE2b-256. What it says can be held against it by this
	/// later, and it can clear itself by it.
	pub fn testimony<AccountId: Encode>(
		&self,
		feed: &FeedId,
		round: RoundIndex,
		reporter: &AccountId,
	) -> H256 {
		BlakeTwo256::hash_of(&(b"rwa/oracle/testimony/v1", feed, round, reporter, self))
	}
}

/// What a reporter says in a round, or before it.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[allow(clippy::cast_possible_truncation)] // The indices, in what `Encode` derives.
pub enum Word {
	/// It has measured, and will say what once nobody can copy it.
	#[codec(index = 0)]
	Commit(H256),
	/// What it committed to.
	#[codec(index = 1)]
	Reveal {
		/// What it measured.
		observation: Observation,
		/// What the commitment was made with.
		salt: Salt,
	},
	/// It can't measure now. Costs nothing and earns nothing, and counts as little as silence.
	#[codec(index = 2)]
	Abstain,
	/// What it measures is not what the feed says any more, by the feed's own measure. Said between two rounds by
	/// who was drawn for the last one, and about the next: a third of that committee's weight calls it early.
	#[codec(index = 3)]
	Alarm,
}

/// A reporter's word in one round of one feed. It counts in this round and no other.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Statement {
	/// The feed.
	pub feed: FeedId,
	/// The round.
	pub round: RoundIndex,
	/// What is said.
	pub word: Word,
}

/// Statements of one reporter about any number of feeds.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Batch {
	/// The app key that signs. The registry knows the account behind it.
	pub key: AppPublic,
	/// At least one, and at most one per feed.
	pub statements: BoundedVec<Statement, ConstU32<MAX_STATEMENTS>>,
}

impl Batch {
	/// The bytes that the app key signs.
	///
	/// `genesis` binds them to one chain and the tag to this purpose; feeds and rounds stop a replay
	/// within the chain.
	pub fn signing_payload(&self, genesis: &H256) -> Vec<u8> {
		(b"rwa/oracle/batch/v1", genesis, self).encode()
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
	/// Older than the feed allows, or its newest round failed.
	#[codec(index = 1)]
	Stale,
	/// Its admin has stopped the feed, so that nobody keeps the answer up to date.
	#[codec(index = 2)]
	Paused,
}

/// What a feed says: the last answer that its reporters agreed on, and how far to trust it now.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Answer<BlockNumber> {
	/// The answer.
	pub reading: Reading,
	/// The weighted median of the reports, whether or not it is the answer.
	pub median: Reading,
	/// How far reports were from the median: see [`Agreement::spread`](crate::aggregate::Agreement::spread).
	pub spread: u128,
	/// What its numbers mean.
	pub schema: Schema,
	/// The round that agreed on it.
	pub round: RoundIndex,
	/// The block that the round closed in.
	pub updated_at: BlockNumber,
	/// The time of that block.
	pub moment: Moment,
	/// Blocks since then, halted ones included: data grows old whether or not anybody may act.
	pub age: BlockNumber,
	/// Whether the answer may be relied on.
	pub status: AnswerStatus,
}

impl<BlockNumber> Answer<BlockNumber> {
	/// The reading, if it may be relied on.
	pub fn fresh(&self) -> Option<Reading> {
		match self.status {
			AnswerStatus::Fresh => Some(self.reading),
			AnswerStatus::Stale | AnswerStatus::Paused => None,
		}
	}
}
