//! The settings: one TOML file, checked at the start, so that nothing in it fails at night.
//!
//! `gateway/examples/gateway.toml` explains every field. Secrets are read from the environment or from
//! files; no error, log line or `Debug` output shows them.

mod check;
mod file;
mod place;
mod secret;
mod tls;

pub use place::ConfigError;

use crate::{device::Rules, filter::Filter};
use rustls::ClientConfig;
use rwa_primitives::{device::DeviceKey, worker::MAX_BYTES, Moment};
use sp_core::H256;
use std::{
	fmt, fs,
	net::SocketAddr,
	path::{Path, PathBuf},
	sync::Arc,
	time::Duration,
};

/// Most devices.
pub const MAX_DEVICES: usize = 1_024;
/// Most topics.
pub const MAX_TOPICS: usize = 256;
/// Most feeds of one device.
pub const MAX_FEEDS: usize = 16;
/// Most measurements kept of one feed of one device.
pub const MAX_HISTORY: usize = 64;
/// Most measurements kept in all: at under a kilobyte each, some 30 MB.
pub const MAX_KEPT: usize = 32_768;
/// Most bytes of a message on a topic: what the node's worker reads.
pub const MAX_TOPIC_BYTES: usize = MAX_BYTES as usize;

/// All settings.
#[derive(Clone, Debug)]
pub struct Settings {
	/// Hash of the chain's genesis block: what devices sign is bound to it.
	pub genesis: H256,
	/// Where messages come from.
	pub broker: Broker,
	/// Where readings are served.
	pub listen: SocketAddr,
	/// The folder in which they are kept.
	pub store: PathBuf,
	/// Devices that sign.
	pub devices: Vec<Device>,
	/// Instruments that don't.
	pub topics: Vec<Topic>,
}

/// How to reach the broker.
#[derive(Clone)]
pub struct Broker {
	/// Name or address.
	pub host: String,
	/// Port.
	pub port: u16,
	/// By which the broker knows this gateway again.
	pub client_id: String,
	/// User and password.
	pub login: Option<(String, String)>,
	/// `None`: in clear.
	pub tls: Option<Arc<ClientConfig>>,
	/// How often to ask whether the broker is there.
	pub keep_alive: Duration,
	/// Longest wait between two attempts to connect.
	pub max_retry: Duration,
}

/// Shows no secret.
impl fmt::Debug for Broker {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Broker")
			.field("host", &self.host)
			.field("port", &self.port)
			.field("client_id", &self.client_id)
			.field("login", &self.login.is_some())
			.field("tls", &self.tls.is_some())
			.finish_non_exhaustive()
	}
}

/// A `[[device]]`.
#[derive(Clone, Debug)]
pub struct Device {
	/// Its public key.
	pub key: DeviceKey,
	/// Where it sends.
	pub filter: Filter,
	/// What is taken of it.
	pub rules: Rules,
	/// Milliseconds after which a measurement isn't served any more.
	pub max_age: Moment,
}

/// A `[[topic]]`.
#[derive(Clone, Debug)]
pub struct Topic {
	/// By which it is served.
	pub name: String,
	/// Where its messages come.
	pub filter: Filter,
	/// Milliseconds after which its message isn't served any more.
	pub max_age: Moment,
	/// Most bytes of a message.
	pub max_bytes: usize,
}

impl Settings {
	/// Reads and checks the file.
	///
	/// # Errors
	/// The first mistake, with its place.
	pub fn load(path: &Path) -> Result<Self, ConfigError> {
		let text = fs::read_to_string(path)
			.map_err(|reason| ConfigError::Unreadable { path: path.into(), reason })?;
		file::parse(&text, path, &|name| std::env::var_os(name))
	}
}
