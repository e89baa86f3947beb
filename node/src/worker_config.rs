//! The settings of this node's off-chain workers: read from a TOML file and from flags, checked at
//! the start, so that nothing in them fails at night.
//!
//! ```toml
//! [[oracle]]                       # one for each feed
//! asset = 1
//! source = "weather_api"           # gps_tracker, iot_sensor, satellite_imagery, traffic_api
//! url = "http://127.0.0.1:8081/reading"
//! pointer = "/temperature"         # RFC 6901; "" if the whole answer is a number
//! timeout_ms = 1500                # 1 to 2000; 1500 if left out
//! max_bytes = 16384                # 1 to 65536; 16384 if left out
//! [oracle.headers]                 # may be left out
//! Accept = "application/json"
//! X-Api-Key = { env = "WEATHER_KEY" }
//! Authorization = { file = "secrets/weather" }    # relative to this file
//! ```
//!
//! Secrets are resolved here and go into the node's own off-chain store; no error, log line or
//! `Debug` output shows them.

mod check;
mod error;
mod file;
mod flag;
mod secret;

pub use error::WorkerConfigError;

use rwa_primitives::{
	feed::FeedId,
	worker::{SourceConfig, WorkerConfig, MAX_SOURCES},
};
use std::{convert::Infallible, fmt, fs, path::PathBuf, str::FromStr};

/// Flags for the off-chain workers.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct WorkerArgs {
	/// Read the settings of the off-chain workers from this TOML file.
	///
	/// What a mistake in it is, and on which line, is said before anything starts. The file and
	/// `--oracle-source` are the truth: they replace what an earlier run stored, and a node started
	/// with neither forgets it.
	#[arg(long, value_name = "FILE")]
	pub offchain_config: Option<PathBuf>,

	/// Read one feed from this address, as in `1:weather_api=http://127.0.0.1:8081/reading#/temperature`.
	///
	/// Says what an `[[oracle]]` of the file says, with default limits and without headers. Other
	/// users of this machine can see flags: put secrets in the file. May be repeated.
	#[arg(long, value_name = "ASSET:SOURCE=URL#POINTER")]
	pub oracle_source: Vec<OracleSource>,
}

/// The text of an `--oracle-source`, unchecked. `Debug` hides it, because an address may hold a
/// secret.
#[derive(Clone)]
pub struct OracleSource(String);

impl FromStr for OracleSource {
	// Whatever is wrong with it is said later: clap would repeat the text.
	type Err = Infallible;

	fn from_str(text: &str) -> Result<Self, Infallible> {
		Ok(Self(text.into()))
	}
}

impl fmt::Debug for OracleSource {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("OracleSource(..)")
	}
}

/// A checked source, and where it was configured.
struct Found {
	source: SourceConfig,
	place: error::Place,
}

impl WorkerArgs {
	/// Reads, resolves and checks all settings.
	///
	/// # Errors
	/// The first mistake, with its place.
	pub fn load(&self) -> Result<WorkerConfig, WorkerConfigError> {
		let mut found = match &self.offchain_config {
			Some(path) => {
				let text = fs::read_to_string(path).map_err(|reason| {
					WorkerConfigError::Unreadable { path: path.clone(), reason }
				})?;
				file::parse(&text, path, &|name| std::env::var_os(name))?
			}
			None => Vec::new(),
		};
		for (index, OracleSource(text)) in self.oracle_source.iter().enumerate() {
			found.push(flag::parse(text, index)?);
		}
		assemble(found)
	}
}

/// Refuses what only shows when all sources are seen together.
fn assemble(found: Vec<Found>) -> Result<WorkerConfig, WorkerConfigError> {
	let mut config = WorkerConfig::default();
	for Found { source, place } in found {
		if config.oracle.iter().any(|other| other.feed == source.feed) {
			let reason = format!("feed {} has a source already", feed_name(&source.feed));
			return Err(place.refuse(reason));
		}
		if config.oracle.len() == MAX_SOURCES {
			return Err(place.refuse(format!("a node has at most {MAX_SOURCES} sources")));
		}
		config.oracle.push(source);
	}
	Ok(config)
}

/// A feed as flags and log lines write it: `1:weather_api`.
pub fn feed_name(feed: &FeedId) -> String {
	let source = serde_json::to_value(feed.source).unwrap_or_default();
	format!("{}:{}", feed.asset, source.as_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
	use super::*;
	use rwa_primitives::feed::SourceKind;

	fn arguments(file: Option<&str>, flags: &[&str]) -> (WorkerArgs, tempfile::TempDir) {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("workers.toml");
		if let Some(text) = file {
			fs::write(&path, text).unwrap();
		}
		let arguments = WorkerArgs {
			offchain_config: file.map(|_| path),
			oracle_source: flags.iter().map(|text| text.parse().unwrap()).collect(),
		};
		(arguments, folder)
	}

	fn load(file: Option<&str>, flags: &[&str]) -> Result<WorkerConfig, String> {
		arguments(file, flags).0.load().map_err(|error| error.to_string())
	}

	const ONE: &str = "[[oracle]]\nasset = 1\nsource = \"weather_api\"\nurl = \"http://host/\"\npointer = \"/t\"\n";

	#[test]
	fn no_flags_are_no_sources() {
		assert_eq!(load(None, &[]).unwrap(), WorkerConfig::default());
	}

	#[test]
	fn file_and_flags_add_up() {
		let config = load(Some(ONE), &["2:gps_tracker=http://host/#/lat"]).unwrap();
		let feeds: Vec<_> = config.oracle.iter().map(|source| feed_name(&source.feed)).collect();
		assert_eq!(feeds, ["1:weather_api", "2:gps_tracker"]);
	}

	#[test]
	fn a_feed_has_one_source() {
		let error = load(Some(&format!("{ONE}{ONE}")), &[]).unwrap_err();
		assert!(
			error.contains("workers.toml:7:9: feed 1:weather_api has a source already"),
			"{error}"
		);
		let error = load(Some(ONE), &["1:weather_api=http://host/#/t"]).unwrap_err();
		assert_eq!(error, "--oracle-source 1:weather_api: feed 1:weather_api has a source already");
	}

	#[test]
	fn a_node_has_a_bounded_number_of_sources() {
		let flags: Vec<_> =
			(0..=MAX_SOURCES).map(|asset| format!("{asset}:iot_sensor=http://host/#/t")).collect();
		let flags: Vec<_> = flags.iter().map(String::as_str).collect();
		assert_eq!(load(None, &flags[..MAX_SOURCES]).unwrap().oracle.len(), MAX_SOURCES);
		let error = load(None, &flags).unwrap_err();
		assert!(error.contains("64:iot_sensor: a node has at most 64 sources"), "{error}");
	}

	#[test]
	fn a_file_that_is_not_there_is_named() {
		let arguments = WorkerArgs {
			offchain_config: Some("/nowhere/workers.toml".into()),
			..Default::default()
		};
		let error = arguments.load().unwrap_err().to_string();
		assert!(error.starts_with("/nowhere/workers.toml: "), "{error}");
	}

	#[test]
	fn debug_output_shows_no_secret() {
		let file = format!("{ONE}[oracle.headers]\nX-Api-Key = \"hunter2\"\n")
			.replace("http://host/", "http://host/?key=hunter2");
		let (arguments, _folder) =
			arguments(Some(&file), &["2:iot_sensor=http://host/?key=hunter2#/t"]);
		assert!(!format!("{arguments:?}").contains("hunter2"));
		let config = arguments.load().unwrap();
		assert_eq!(config.oracle[0].headers, [("X-Api-Key".into(), "hunter2".into())]);
		assert!(!format!("{config:?}").contains("hunter2"));
	}

	#[test]
	fn the_sample_file_loads() {
		let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/workers.toml");
		let arguments = WorkerArgs { offchain_config: Some(sample.into()), ..Default::default() };
		let config = arguments.load().unwrap();
		assert_eq!(config.oracle.len(), 2);
		assert_eq!(config.oracle[0].feed, FeedId { asset: 1, source: SourceKind::WeatherApi });
		assert_eq!(config.oracle[1].headers.len(), 2);
		assert!(config.oracle[1].headers.iter().any(|(_, value)| value == "sample-token"));
	}
}
