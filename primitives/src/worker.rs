//! Settings of one node's off-chain workers. They live in the node's own off-chain store, never on
//! chain: addresses and secrets are the operator's business.
//!
//! The node reads them from a TOML file, refuses at start-up what would fail at night, and stores
//! them SCALE-encoded under [`CONFIG_KEY`]; the workers, which run inside the runtime, read them from
//! there.

use crate::feed::FeedId;
use alloc::{string::String, vec::Vec};
use codec::{Decode, Encode};

/// Where the settings are in the node's persistent off-chain store.
pub const CONFIG_KEY: &[u8] = b"rwa/worker/config/v1";

/// Longest that one request may take, in milliseconds. A worker occupies one of the node's few
/// off-chain threads; at one block a second, longer waits would fill them all.
pub const MAX_TIMEOUT_MS: u32 = 2_000;

/// Most bytes that an answer may have. A longer one is refused, not cut.
pub const MAX_BYTES: u32 = 65_536;

/// Most sources that one node may configure: a bound on the work of one run.
pub const MAX_SOURCES: usize = 64;

/// Milliseconds before giving up, if the operator names none: leaves room for the rest of a run.
pub const DEFAULT_TIMEOUT_MS: u32 = 1_500;

/// Most bytes read, if the operator names none: ample for one JSON object with one number in it.
pub const DEFAULT_MAX_BYTES: u32 = 16_384;

/// Settings of all off-chain workers of one node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct WorkerConfig {
	/// Where readings come from: at most one entry per feed, at most [`MAX_SOURCES`] in all.
	pub oracle: Vec<SourceConfig>,
}

/// Where one node gets its reading for one feed.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct SourceConfig {
	/// The feed that the reading is for.
	pub feed: FeedId,
	/// Address to ask: `http://…` or `https://…`. May hold a secret in its query: never logged.
	pub url: String,
	/// Where the number is in the JSON answer, as a JSON pointer (RFC 6901): `/current/temperature`.
	pub pointer: String,
	/// Milliseconds before giving up: 1 to [`MAX_TIMEOUT_MS`].
	pub timeout_ms: u32,
	/// Most bytes read: 1 to [`MAX_BYTES`].
	pub max_bytes: u32,
	/// Headers sent with the request, as name and value. Values may be secrets: never logged.
	pub headers: Vec<(String, String)>,
}

/// Shows neither the address nor a header value, so that a log line can't leak a secret.
impl core::fmt::Debug for SourceConfig {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		let names: Vec<&String> = self.headers.iter().map(|(name, _)| name).collect();
		f.debug_struct("SourceConfig")
			.field("feed", &self.feed)
			.field("pointer", &self.pointer)
			.field("timeout_ms", &self.timeout_ms)
			.field("max_bytes", &self.max_bytes)
			.field("headers", &names)
			.finish()
	}
}
