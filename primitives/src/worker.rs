//! Settings of one node's off-chain workers. They live in the node's own off-chain store, never on
//! chain: addresses and secrets are the operator's business.
//!
//! The node reads them from a TOML file, refuses at start-up what would fail at night, and stores
//! them SCALE-encoded under [`CONFIG_KEY`]; the workers, which run inside the runtime, read them from
//! there.

pub mod bridge;
mod conversion;
mod merge;
mod rule;

pub use self::{
	conversion::{Conversion, ConversionError},
	merge::{merge, Dissent},
	rule::{Expected, Found, ReadingError, ReadingRule, SignedRule, Used},
};

use crate::{
	device::DeviceKey,
	feed::{Evidence, FeedId},
	json::hash_at,
	reading::Schema,
	storage::{DocumentId, Epoch, ReplicaIndex},
};
use alloc::{string::String, vec::Vec};
use codec::{Decode, Encode, Input};

/// Where the settings are in the node's persistent off-chain store.
pub const CONFIG_KEY: &[u8] = b"rwa/worker/config/v3";

/// Longest that one request may take, in milliseconds. A worker occupies one of the node's few
/// off-chain threads; at one block a second, longer waits would fill them all.
pub const MAX_TIMEOUT_MS: u32 = 2_000;

/// Most bytes that an answer may have. A longer one is refused, not cut.
pub const MAX_BYTES: u32 = 65_536;

/// Most sources that one node may configure: a bound on the work of one run.
pub const MAX_SOURCES: usize = 64;

/// Most sources that one node may configure for one feed. They are asked in one run.
pub const MAX_SOURCES_PER_FEED: usize = 8;

/// Most names of a feed's categories that a source may have, and most bytes of each.
pub const MAX_LABELS: usize = 256;
/// See [`MAX_LABELS`].
pub const MAX_LABEL_BYTES: usize = 64;

/// Most devices whose measurements one source may pass on.
pub const MAX_DEVICES: usize = 64;

/// Furthest that a device's clock may be from the node's, in milliseconds: a week. What is older says
/// nothing about now.
pub const MAX_SKEW_MS: u32 = 7 * 24 * 60 * 60 * 1_000;

/// How far a device's clock may be from the node's if the operator doesn't say, in milliseconds: five
/// minutes.
pub const DEFAULT_SKEW_MS: u32 = 5 * 60 * 1_000;

/// Milliseconds before giving up, if the operator names none: leaves room for the rest of a run.
pub const DEFAULT_TIMEOUT_MS: u32 = 1_500;

/// Most bytes read, if the operator names none: ample for one JSON object with one number in it.
pub const DEFAULT_MAX_BYTES: u32 = 16_384;

/// Most blocks from one look at a feed's sources to the next, between rounds: a day. Who wants to look less often
/// wants not to look, which is 0.
pub const MAX_WATCH_EVERY: u32 = 86_400;

/// Fewest blocks from one look to the next if the operator doesn't say.
const LEAST_DEFAULT_WATCH: u32 = 10;

/// Looks in a heartbeat if the operator doesn't say: what changes is noticed a minute later in an hourly feed.
const LOOKS_PER_HEARTBEAT: u32 = 60;

/// Blocks from one look at a feed's sources to the next, between rounds, if the operator doesn't say.
pub fn default_watch_every(heartbeat: u32) -> u32 {
	heartbeat.checked_div(LOOKS_PER_HEARTBEAT).unwrap_or(0).max(LEAST_DEFAULT_WATCH)
}

/// Most replicas that one node may declare lost by its settings.
pub const MAX_LOST: usize = 64;

/// Settings of all off-chain workers of one node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode)]
pub struct WorkerConfig {
	/// Where readings come from: at most [`MAX_SOURCES_PER_FEED`] for a feed, at most [`MAX_SOURCES`] in all.
	/// Of one feed the operator trusts the first most.
	pub oracle: Vec<SourceConfig>,
	/// How documents are kept. `None`: this node keeps none by itself.
	pub storage: Option<StorageConfig>,
}

/// What ends before `storage` was written by a node that didn't know of it: a runtime may be newer than the node.
impl Decode for WorkerConfig {
	fn decode<I: Input>(input: &mut I) -> Result<Self, codec::Error> {
		let oracle = Decode::decode(input)?;
		let storage = match input.remaining_len()? {
			Some(0) => None,
			_ => Decode::decode(input)?,
		};
		Ok(Self { oracle, storage })
	}
}

/// How this node's storage operators reach what keeps their documents.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct StorageConfig {
	/// Address of `rwa-bridge`, up to the port: `http://127.0.0.1:8091`.
	pub bridge: String,
	/// What every order must bring. A secret: never logged.
	pub token: String,
	/// What the operators say is gone for good: at most [`MAX_LOST`].
	pub lost: Vec<LostReplica>,
	/// Whether the operators' nodes ask for others to take all that they hold.
	pub hand_over: bool,
}

/// Doesn't show the token.
impl core::fmt::Debug for StorageConfig {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		f.debug_struct("StorageConfig")
			.field("bridge", &self.bridge)
			.field("lost", &self.lost)
			.field("hand_over", &self.hand_over)
			.finish_non_exhaustive()
	}
}

/// A replica that its holder has lost, as its operator says. Means nothing once the replica was given to somebody
/// again, whoever that is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct LostReplica {
	/// The document.
	pub document: DocumentId,
	/// Which of its replicas.
	pub replica: ReplicaIndex,
	/// The replica's epoch.
	pub epoch: Epoch,
}

/// As settings and log lines have it: `12/0/3` is document 12, replica 0, epoch 3.
impl core::fmt::Display for LostReplica {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		write!(f, "{}/{}/{}", self.document, self.replica, self.epoch)
	}
}

/// A text that names no replica, which would be `DOCUMENT/REPLICA/EPOCH`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoReplica;

impl core::str::FromStr for LostReplica {
	type Err = NoReplica;

	fn from_str(text: &str) -> Result<Self, NoReplica> {
		let mut parts = text.split('/');
		let mut part = || parts.next().ok_or(NoReplica);
		let (document, replica, epoch) = (part()?, part()?, part()?);
		let lost = Self {
			document: document.parse().map_err(|_| NoReplica)?,
			replica: replica.parse().map_err(|_| NoReplica)?,
			epoch: epoch.parse().map_err(|_| NoReplica)?,
		};
		parts.next().is_none().then_some(lost).ok_or(NoReplica)
	}
}

/// Where one node gets a reading for one feed.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct SourceConfig {
	/// The feed that the reading is for.
	pub feed: FeedId,
	/// Address to ask: `http://…` or `https://…`. May hold a secret in its query: never logged.
	pub url: String,
	/// Where the reading is in the answer.
	pub reading: ReadingRule,
	/// JSON pointer (RFC 6901) to the SHA-256 of what the reading was derived from, an image for instance: the
	/// report's evidence then. Not for what a device signs, which is evidence itself.
	pub content: Option<String>,
	/// Milliseconds before giving up: 1 to [`MAX_TIMEOUT_MS`].
	pub timeout_ms: u32,
	/// Most bytes read: 1 to [`MAX_BYTES`].
	pub max_bytes: u32,
	/// Headers sent with the request, as name and value. Values may be secrets: never logged.
	pub headers: Vec<(String, String)>,
	/// Blocks from one look at all of the feed's sources to the next, between rounds: at most [`MAX_WATCH_EVERY`],
	/// and 0 for never. `None`: as another source of the feed says, or [`default_watch_every`].
	pub watch_every: Option<u32>,
}

impl SourceConfig {
	/// What `body`, this source's answer, says, and what that rests on. Whether the feed allows it, or the chain
	/// knows the device, isn't checked.
	///
	/// `used` knows the measurement of a device that was used last.
	///
	/// # Errors
	/// See [`ReadingError`]. Never panics, whatever the bytes.
	pub fn read(
		&self,
		body: &[u8],
		schema: &Schema,
		expected: &Expected,
		used: impl FnOnce(&DeviceKey) -> Option<Used>,
	) -> Result<Found, ReadingError> {
		let mut found = self.reading.read(body, schema, expected, used)?;
		let content = self.content.as_ref().filter(|_| found.signed.is_none());
		if let Some(pointer) = content {
			let hash = hash_at(body, pointer).map_err(ReadingError::Content)?;
			found.observation.evidence = Some(Evidence::Content(hash));
		}
		Ok(found)
	}
}

/// Shows neither the address nor a header value, so that a log line can't leak a secret.
impl core::fmt::Debug for SourceConfig {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		let names: Vec<&String> = self.headers.iter().map(|(name, _)| name).collect();
		f.debug_struct("SourceConfig")
			.field("feed", &self.feed)
			.field("reading", &self.reading)
			.field("content", &self.content)
			.field("timeout_ms", &self.timeout_ms)
			.field("max_bytes", &self.max_bytes)
			.field("headers", &names)
			.field("watch_every", &self.watch_every)
			.finish()
	}
}
