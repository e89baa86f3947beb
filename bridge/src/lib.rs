//! # Bridge
//!
//! Getting a document may take hours; the worker of a node may wait for two seconds. This program stands
//! between: it takes orders over HTTP on loopback, keeps them on disk, and carries them out at Kubo or IPFS
//! Cluster, however long that takes and whatever stops in between.
//!
//! ```text
//! node's worker ──HTTP──▶ server ──▶ queue ──▶ workers ──HTTP──▶ Kubo, or Cluster and its Kubos
//!               ◀── polls           on disk    bounded
//! ```
//!
//! An order is taken when it is on disk, and not before. An attempt that is interrupted, by whatever, is made
//! again; each may be repeated without harm. What was got is checked block by block against the CID and the
//! size that the chain has, before anybody is told that it is there.
//!
//! It is a program of its own, and not a part of the node, so that neither's memory, crashes and restarts are
//! the other's.
//!
//! - [`config`]: the settings, checked at the start.
//! - [`job`] and [`failure`]: what can be ordered, and how it may end.
//! - [`queue`]: jobs and pins, on disk.
//! - [`storage`]: Kubo and Cluster, behind one trait.
//! - [`check`]: whether a file is whole; proofs.
//! - [`desk`] and [`work`]: who does what, when.
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
pub mod check;
pub mod config;
pub mod desk;
pub mod error;
pub mod failure;
pub mod job;
pub mod logger;
pub mod queue;
pub mod retry;
pub mod server;
pub mod storage;
mod text;
pub mod work;

use rwa_primitives::Moment;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// Milliseconds since 1970, by the system's clock.
pub fn now() -> Moment {
	let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
	Moment::try_from(since.as_millis()).unwrap_or(Moment::MAX)
}

/// Waits until the program is to stop.
pub async fn stopped(stop: &mut watch::Receiver<bool>) {
	// Without a sender nobody could stop it any more, so that is a stop.
	let _ = stop.wait_for(|stop| *stop).await;
}

/// A text that others may have written, fit for one line of a log: without control characters, and cut.
fn shown(text: &str, most: usize) -> String {
	let mut shown = String::new();
	for (count, character) in text.chars().enumerate() {
		if count == most {
			shown.push('…');
			break;
		}
		if character.is_control() {
			shown.extend(character.escape_debug());
		} else {
			shown.push(character);
		}
	}
	shown
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn foreign_text_should_become_one_short_line() {
		assert_eq!(shown("it's\n\u{1b}[31m", 99), "it's\\n\\u{1b}[31m");
		assert_eq!(shown(&"x".repeat(99), 99), "x".repeat(99));
		assert_eq!(shown(&"x".repeat(9_999), 99).chars().count(), 100);
	}
}
