//! # Gateway
//!
//! Instruments speak MQTT, the workers of a node HTTP. This program stands between: it takes what a
//! broker passes on, checks it, keeps the last of it on disk, and serves that on loopback.
//!
//! ```text
//! broker ──MQTT──▶ session ──▶ intake ──▶ store ──▶ shelf ──▶ server ──HTTP──▶ node
//!                  bounded     checked    durable   in memory  read only
//! ```
//!
//! Nothing gets onto the shelf that isn't on disk, and nothing is acknowledged to the broker before:
//! whatever stops this program or fills the disk, the broker still has what was not kept.
//!
//! - [`config`]: the settings, checked at the start.
//! - [`filter`]: which topics an entry is about.
//! - [`device`]: what is kept of one device, and what is refused.
//! - [`topic`]: what is kept of an instrument without a key.
//! - [`store`]: files that are whole or not there.
//! - [`shelf`]: everything that is served, and the counts.
//! - [`intake`]: from messages to the shelf.
//! - [`session`]: the connections to the broker.
//! - [`server`] and [`answer`]: HTTP, and what is said over it.

#![warn(
	clippy::arithmetic_side_effects,
	clippy::cast_lossless,
	clippy::cast_possible_truncation,
	clippy::cast_possible_wrap,
	clippy::cast_sign_loss,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::panic,
	clippy::unwrap_used
)]

pub mod answer;
pub mod config;
pub mod device;
pub mod error;
pub mod filter;
pub mod intake;
pub mod logger;
pub mod retry;
pub mod server;
pub mod session;
pub mod shelf;
pub mod store;
pub mod topic;

use rwa_primitives::{feed::FeedId, Moment};
use std::time::{SystemTime, UNIX_EPOCH};

/// Most characters of a foreign text that are shown.
const SHOWN: usize = 200;

/// Milliseconds since 1970, by the system's clock.
pub fn now() -> Moment {
	let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
	Moment::try_from(since.as_millis()).unwrap_or(Moment::MAX)
}

/// A feed as log lines write it: `1:iot_sensor`.
pub fn feed_name(feed: &FeedId) -> String {
	let source = serde_json::to_value(feed.source).unwrap_or_default();
	format!("{}:{}", feed.asset, source.as_str().unwrap_or_default())
}

/// A text that others wrote, fit for one line of a log: escaped and not longer than 200 characters.
pub fn shown(text: &str) -> String {
	let mut shown: String = text.escape_debug().take(SHOWN).collect();
	if text.escape_debug().nth(SHOWN).is_some() {
		shown.push('…');
	}
	shown
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn foreign_text_should_become_one_short_line() {
		assert_eq!(shown("a\nb\u{1b}[31m"), "a\\nb\\u{1b}[31m");
		assert_eq!(shown(&"x".repeat(SHOWN)), "x".repeat(SHOWN));
		assert_eq!(shown(&"x".repeat(9_999)).chars().count(), SHOWN + 1);
	}
}
