//! What keeps the gateway from running, in words that say what to do.

use crate::{config::ConfigError, store::StoreError};
use std::{io, net::SocketAddr};

/// Why the gateway can't start, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
	/// The settings.
	#[error(transparent)]
	Config(#[from] ConfigError),
	/// What is kept on disk.
	#[error(transparent)]
	Store(#[from] StoreError),
	/// The address to serve on can't be had.
	#[error("can't serve on {address}: {source}. Is another program there? See `http.listen`.")]
	Listen {
		/// The address.
		address: SocketAddr,
		/// What the system says.
		source: io::Error,
	},
	/// The system gives no threads, timers or signals.
	#[error("can't start: {0}")]
	System(#[from] io::Error),
	/// A part of this program ended early.
	#[error("a part of this program ended early: {0}")]
	Task(#[from] tokio::task::JoinError),
}
