//! The settings of this node's off-chain workers: read from a TOML file and from flags, checked at
//! the start, so that nothing in them fails at night.
//!
//! ```toml
//! [[oracle]]                       # one for each source; up to eight for one feed
//! asset = 1
//! source = "weather_api"           # gps_tracker, iot_sensor, satellite_imagery, traffic_api
//! url = "http://127.0.0.1:8081/reading"
//! timeout_ms = 1500                # 1 to 2000; 1500 if left out
//! max_bytes = 16384                # 1 to 65536; 16384 if left out
//! watch_every = 60                 # blocks between looks at all of the feed's sources, 0 for none; if none of
//!                                  # them says, a sixtieth of the feed's heartbeat
//!
//! reading = "scalar"               # point, angle, category; scalar if left out
//! pointer = "/temperature"         # RFC 6901; "" if the whole answer is the number
//! text = false                     # whether the number may be in quotes; not if left out
//! scale = "9/5"                    # scalars: what the number is multiplied by; 1 if left out
//! offset = "32"                    # scalars: what is added then; 0 if left out
//! # latitude = "/lat"              # points have these two in place of a pointer
//! # longitude = "/lon"
//! # categories = { open = 0, closed = 1 }   # categories: what the answer calls them
//!
//! # content = "/image/sha256"      # the SHA-256 of what the reading was derived from: the report's evidence
//!
//! # signed = true                  # in place of all that: the answer is what a device has signed
//! # devices = ["ed25519:0x…"]      # whose measurements are taken
//! # max_skew_ms = 300000           # how far its clock may be off; five minutes if left out
//!
//! [oracle.headers]                 # may be left out
//! Accept = "application/json"
//! X-Api-Key = { env = "WEATHER_KEY" }
//! Authorization = { file = "secrets/weather" }    # relative to this file
//!
//! [storage]                        # how documents are kept; may be left out
//! bridge = "http://127.0.0.1:8091" # rwa-bridge, on this machine
//! token = { file = "secrets/token" }              # as the bridge's own settings have it
//! lost = []                        # what is gone for good, as log lines name it: "12/0/3"
//! hand_over = false                # before it leaves: others are to take all that it keeps
//! ```
//!
//! Secrets are resolved here and go into the node's own off-chain store; no error, log line or
//! `Debug` output shows them.

mod check;
mod error;
mod file;
mod flag;
mod reading;
mod secret;
mod storage;

pub use error::WorkerConfigError;

use rwa_primitives::{
	feed::FeedId,
	worker::{
		ReadingRule, SourceConfig, StorageConfig, WorkerConfig, MAX_SOURCES, MAX_SOURCES_PER_FEED,
	},
};
use std::{convert::Infallible, fmt, fs, mem::discriminant, path::PathBuf, str::FromStr};

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

	/// Read a number for a feed from this address, as in `1:weather_api=http://127.0.0.1:8081/reading#/temperature`.
	///
	/// Says what an `[[oracle]]` of the file says about a scalar in the feed's own unit, with default limits
	/// and without headers. Other users of this machine can see flags: put secrets in the file. May be
	/// repeated, for other feeds and for more sources of one feed.
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

/// What a file says, checked.
#[derive(Default)]
struct Loaded {
	sources: Vec<Found>,
	storage: Option<StorageConfig>,
}

impl WorkerArgs {
	/// Reads, resolves and checks all settings.
	///
	/// # Errors
	/// The first mistake, with its place.
	pub fn load(&self) -> Result<WorkerConfig, WorkerConfigError> {
		let mut loaded = match &self.offchain_config {
			Some(path) => {
				let text = fs::read_to_string(path).map_err(|reason| {
					WorkerConfigError::Unreadable { path: path.clone(), reason }
				})?;
				file::parse(&text, path, &|name| std::env::var_os(name))?
			}
			None => Loaded::default(),
		};
		for (index, OracleSource(text)) in self.oracle_source.iter().enumerate() {
			loaded.sources.push(flag::parse(text, index)?);
		}
		assemble(loaded)
	}
}

/// Refuses what only shows when all sources are seen together.
fn assemble(loaded: Loaded) -> Result<WorkerConfig, WorkerConfigError> {
	let mut config = WorkerConfig { storage: loaded.storage, ..WorkerConfig::default() };
	for Found { source, place } in loaded.sources {
		if let Some(reason) = misfit(&source, &config.oracle) {
			return Err(place.refuse(reason));
		}
		config.oracle.push(source);
	}
	Ok(config)
}

/// Why `source` can't be added to `others`.
fn misfit(source: &SourceConfig, others: &[SourceConfig]) -> Option<String> {
	let feed = feed_name(&source.feed);
	let siblings = || others.iter().filter(|other| other.feed == source.feed);
	let is_same = |other: &SourceConfig| other.url == source.url && other.reading == source.reading;
	if others.len() == MAX_SOURCES {
		return Some(format!("a node has at most {MAX_SOURCES} sources"));
	}
	if siblings().count() == MAX_SOURCES_PER_FEED {
		return Some(format!(
			"feed {feed} has {MAX_SOURCES_PER_FEED} sources, and can't have more"
		));
	}
	// It would be asked twice and count twice.
	if siblings().any(is_same) {
		return Some(format!("feed {feed} has this source already"));
	}
	if siblings().any(|other| is_of_another_kind(&source.reading, &other.reading)) {
		return Some(format!("another source of feed {feed} has another kind of reading"));
	}
	// It is the feed's, whichever of its sources says it.
	if siblings().any(|other| are_two(source.watch_every, other.watch_every)) {
		return Some(format!("another source of feed {feed} has another watch_every"));
	}
	None
}

fn are_two(one: Option<u32>, other: Option<u32>) -> bool {
	one.zip(other).is_some_and(|(one, other)| one != other)
}

/// Whether no feed has readings by both rules. A device signs measurements of any kind.
fn is_of_another_kind(one: &ReadingRule, other: &ReadingRule) -> bool {
	let is_signed = |rule: &ReadingRule| matches!(rule, ReadingRule::Signed(_));
	discriminant(one) != discriminant(other) && !is_signed(one) && !is_signed(other)
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
	fn a_feed_has_several_sources_in_the_order_given() {
		let second = ONE.replace("host", "other");
		let config =
			load(Some(&format!("{ONE}{second}")), &["1:weather_api=http://third/#/t"]).unwrap();
		let urls: Vec<_> = config.oracle.iter().map(|source| source.url.as_str()).collect();
		assert_eq!(urls, ["http://host/", "http://other/", "http://third/"]);
		// Another place in one answer is another source.
		assert!(load(Some(ONE), &["1:weather_api=http://host/#/u"]).is_ok());
	}

	#[test]
	fn a_source_counts_once() {
		let error = load(Some(&format!("{ONE}{ONE}")), &[]).unwrap_err();
		assert!(
			error.contains("workers.toml:7:9: feed 1:weather_api has this source already"),
			"{error}"
		);
		let error = load(Some(ONE), &["1:weather_api=http://host/#/t"]).unwrap_err();
		assert_eq!(
			error,
			"--oracle-source 1:weather_api: feed 1:weather_api has this source already"
		);
	}

	#[test]
	fn a_feed_has_a_bounded_number_of_sources() {
		let flags: Vec<_> = (0..=MAX_SOURCES_PER_FEED)
			.map(|host| format!("1:iot_sensor=http://host-{host}/#/t"))
			.collect();
		let flags: Vec<_> = flags.iter().map(String::as_str).collect();
		let config = load(None, &flags[..MAX_SOURCES_PER_FEED]).unwrap();
		assert_eq!(config.oracle.len(), MAX_SOURCES_PER_FEED);
		let error = load(None, &flags).unwrap_err();
		assert!(error.contains("feed 1:iot_sensor has 8 sources, and can't have more"), "{error}");
	}

	#[test]
	fn sources_of_one_feed_have_one_kind_of_reading_unless_a_device_signs() {
		let angle = ONE.replace("host", "other").replace("pointer", "reading = \"angle\"\npointer");
		let error = load(Some(&format!("{ONE}{angle}")), &[]).unwrap_err();
		assert!(
			error.contains("workers.toml:7:9: another source of feed 1:weather_api"),
			"{error}"
		);
		let elsewhere = angle.replace("asset = 1", "asset = 2");
		assert!(load(Some(&format!("{ONE}{elsewhere}")), &[]).is_ok());
		let key = format!("ed25519:0x{}", "11".repeat(32));
		let signed =
			ONE.replace("pointer = \"/t\"", &format!("signed = true\ndevices = [\"{key}\"]"));
		assert!(load(Some(&format!("{ONE}{signed}")), &[]).is_ok());
		assert!(load(Some(&format!("{signed}{angle}")), &[]).is_ok());
	}

	#[test]
	fn sources_of_one_feed_are_looked_at_together() {
		let every = |host: &str, blocks: &str| ONE.replace("host", host) + blocks;
		let first = every("host", "watch_every = 60\n");
		let error = load(Some(&(first.clone() + &every("other", "watch_every = 0\n"))), &[]);
		let error = error.unwrap_err();
		assert!(
			error.contains("workers.toml:8:9: another source of feed 1:weather_api has another"),
			"{error}"
		);
		for second in ["", "watch_every = 60\n"] {
			assert!(load(Some(&(first.clone() + &every("other", second))), &[]).is_ok());
		}
		let elsewhere = every("other", "watch_every = 0\n").replace("asset = 1", "asset = 2");
		assert!(load(Some(&(first + &elsewhere)), &[]).is_ok());
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
	fn a_node_may_keep_documents_and_serve_no_feed() {
		let text =
			"[storage]\nbridge = \"http://127.0.0.1:8091\"\ntoken = \"hunter2hunter2hunter2\"\n";
		let config = load(Some(text), &[]).unwrap();
		assert!(config.oracle.is_empty());
		assert_eq!(config.storage.as_ref().unwrap().token, "hunter2hunter2hunter2");
		assert!(!format!("{config:?}").contains("hunter2"));
		let both =
			load(Some(&format!("{text}{ONE}")), &["2:gps_tracker=http://host/#/lat"]).unwrap();
		assert_eq!((both.oracle.len(), both.storage), (2, config.storage));
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
		let feeds: Vec<_> = config.oracle.iter().map(|source| source.feed).collect();
		let feed = |asset, source| FeedId { asset, source };
		assert_eq!(
			feeds,
			[
				feed(1, SourceKind::WeatherApi),
				feed(1, SourceKind::WeatherApi),
				feed(2, SourceKind::IotSensor),
				feed(2, SourceKind::GpsTracker),
				feed(3, SourceKind::WeatherApi),
				feed(3, SourceKind::TrafficApi),
				feed(3, SourceKind::SatelliteImagery),
				feed(3, SourceKind::IotSensor),
			]
		);
		// Every kind of reading is shown.
		let kinds: Vec<_> = config.oracle.iter().map(|source| &source.reading).collect();
		assert!(matches!(
			kinds[..],
			[
				ReadingRule::Scalar { .. },
				ReadingRule::Scalar { .. },
				ReadingRule::Scalar { .. },
				ReadingRule::Point { .. },
				ReadingRule::Angle { .. },
				ReadingRule::Category { .. },
				ReadingRule::Scalar { .. },
				ReadingRule::Signed(_),
			]
		));
		assert_eq!(config.oracle[2].headers.len(), 2);
		assert!(config.oracle[2].headers.iter().any(|(_, value)| value == "sample-token"));
		assert_eq!(config.oracle[0].watch_every, Some(60));
		let storage = config.storage.unwrap();
		assert_eq!(storage.bridge, "http://127.0.0.1:8091");
		assert_eq!(storage.token, "sample-token-of-the-bridge");
		assert_eq!(config.oracle[6].content, Some("/scene/file:checksum".into()));
	}
}
