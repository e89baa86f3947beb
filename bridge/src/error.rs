//! What keeps the bridge from running, in words that say what to do.

use crate::{config::ConfigError, queue::QueueError};
use std::{io, net::SocketAddr, path::PathBuf};

/// Why the bridge can't start, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum BridgeError {
	/// The settings.
	#[error(transparent)]
	Config(#[from] ConfigError),
	/// The folder for the queue can't be made.
	#[error("{}: {source}. May this user write there? See `store.path`.", path.display())]
	Folder {
		/// The folder.
		path: PathBuf,
		/// What the system says.
		source: io::Error,
	},
	/// What is kept on disk.
	#[error("{}: {source}", path.display())]
	Queue {
		/// The file.
		path: PathBuf,
		/// What is wrong with it.
		source: QueueError,
	},
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
