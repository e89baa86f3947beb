//! The TOML file.

use super::{
	check,
	place::{field_at, ConfigError},
	secret::{self, Elsewhere, Environment, Secret, Text},
	tls, Broker, Device, Settings, Topic, MAX_DEVICES, MAX_FEEDS, MAX_HISTORY, MAX_KEPT,
	MAX_TOPICS, MAX_TOPIC_BYTES,
};
use crate::{device::Rules, feed_name, filter::Filter};
use rustls::ClientConfig;
use rwa_primitives::{
	device::DeviceKey,
	feed::{FeedId, SourceKind},
	AssetId, Moment,
};
use serde::Deserialize;
use std::{
	collections::BTreeSet,
	net::{IpAddr, SocketAddr},
	ops::{Range, RangeInclusive},
	path::{Path, PathBuf},
	sync::Arc,
	time::Duration,
};
use toml::Spanned;

/// A day, in seconds: longest times that make sense.
const DAY: u64 = 86_400;
/// Ports of MQTT in clear and over TLS.
const PORTS: [u16; 2] = [1_883, 8_883];

/// The whole file. No `Debug` here or below: there are secrets inside.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
	genesis: Spanned<String>,
	broker: BrokerTable,
	#[serde(default)]
	http: HttpTable,
	store: StoreTable,
	#[serde(default)]
	device: Vec<DeviceTable>,
	#[serde(default)]
	topic: Vec<TopicTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BrokerTable {
	host: Spanned<String>,
	port: Option<Spanned<u16>>,
	client_id: Option<Spanned<String>>,
	username: Option<Spanned<Text>>,
	password: Option<Spanned<Secret>>,
	#[serde(default)]
	password_in_clear: bool,
	keep_alive_s: Option<Spanned<u64>>,
	max_retry_s: Option<Spanned<u64>>,
	tls: Option<TlsTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TlsTable {
	ca: Option<Spanned<PathBuf>>,
	certificate: Option<Spanned<PathBuf>>,
	key: Option<Spanned<PathBuf>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct HttpTable {
	listen: Option<Spanned<SocketAddr>>,
	#[serde(default)]
	others_may_read: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StoreTable {
	path: PathBuf,
	history: Option<Spanned<usize>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeviceTable {
	key: Spanned<String>,
	topic: Spanned<String>,
	feeds: Spanned<Vec<FeedTable>>,
	max_skew_s: Option<Spanned<u64>>,
	max_age_s: Option<Spanned<u64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FeedTable {
	asset: AssetId,
	source: SourceKind,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TopicTable {
	name: Spanned<String>,
	topic: Spanned<String>,
	max_age_s: Option<Spanned<u64>>,
	max_bytes: Option<Spanned<usize>>,
}

/// Parses and checks `text`, the content of `path`, and resolves what it refers to.
pub(super) fn parse(
	text: &str,
	path: &Path,
	environment: Environment,
) -> Result<Settings, ConfigError> {
	let file = File { text, path, environment };
	let document: Document = toml::from_str(text).map_err(|error| file.unparsable(&error))?;
	file.settings(document)
}

struct File<'a> {
	text: &'a str,
	path: &'a Path,
	environment: Environment<'a>,
}

impl File<'_> {
	fn at(&self, span: Range<usize>, reason: impl Into<String>) -> ConfigError {
		ConfigError::at(self.path, self.text, Some(span), reason.into())
	}

	/// A parser's message, with the name of the field where it lacks one.
	fn unparsable(&self, error: &toml::de::Error) -> ConfigError {
		let message = without_values(error.message());
		let reason = match field_at(self.text, error.span()) {
			Some(field) => format!("`{field}`: {message}"),
			None => message,
		};
		ConfigError::at(self.path, self.text, error.span(), reason)
	}

	/// The value, made into what `check` makes of it, or the mistake with the field's name.
	fn pass<T, U>(
		&self,
		field: &str,
		value: Spanned<T>,
		check: impl FnOnce(T) -> Result<U, String>,
	) -> Result<U, ConfigError> {
		let span = value.span();
		check(value.into_inner()).map_err(|reason| self.at(span, format!("`{field}`: {reason}")))
	}

	/// The same for what may be left out.
	fn pass_or<T, U>(
		&self,
		field: &str,
		value: Option<Spanned<T>>,
		default: U,
		check: impl FnOnce(T) -> Result<U, String>,
	) -> Result<U, ConfigError> {
		value.map_or(Ok(default), |value| self.pass(field, value, check))
	}

	fn seconds(
		&self,
		field: &str,
		value: Option<Spanned<u64>>,
		default: u64,
		allowed: RangeInclusive<u64>,
	) -> Result<Duration, ConfigError> {
		let seconds = self.pass_or(field, value, default, |n| check::within(n, allowed))?;
		Ok(Duration::from_secs(seconds))
	}

	fn folder(&self) -> &Path {
		self.path.parent().unwrap_or(Path::new(""))
	}

	fn settings(&self, document: Document) -> Result<Settings, ConfigError> {
		let Document { genesis, broker, http, store, device, topic } = document;
		let genesis = self.pass("genesis", genesis, |text| check::genesis(&text))?;
		let history_at = store.history.as_ref().map(Spanned::span);
		let history =
			self.pass_or("history", store.history, 8, |n| check::within(n, 1..=MAX_HISTORY))?;
		let settings = Settings {
			genesis,
			broker: self.broker(broker)?,
			listen: self.listen(http)?,
			store: self.folder().join(store.path),
			devices: self.devices(device, history)?,
			topics: self.topics(topic)?,
		};
		self.within_memory(&settings, history_at)?;
		Ok(settings)
	}

	fn within_memory(
		&self,
		settings: &Settings,
		history_at: Option<Range<usize>>,
	) -> Result<(), ConfigError> {
		let of_device =
			|device: &Device| device.rules.feeds.len().saturating_mul(device.rules.history);
		let kept = settings.devices.iter().map(of_device).fold(0, usize::saturating_add);
		if kept > MAX_KEPT {
			let reason = format!(
				"`history`: for all feeds of all devices this makes {kept} measurements to keep; \
				 allowed: {MAX_KEPT}. Give a smaller `history`."
			);
			return Err(self.at(history_at.unwrap_or_default(), reason));
		}
		if settings.devices.is_empty() && settings.topics.is_empty() {
			let reason = "there is neither a [[device]] nor a [[topic]], so nothing to do; add one";
			return Err(self.at(0..0, reason));
		}
		Ok(())
	}

	fn broker(&self, table: BrokerTable) -> Result<Broker, ConfigError> {
		let host_at = table.host.span();
		let host = self.pass("host", table.host, |text| check::host(&text).map(|()| text))?;
		let password_at = table.password.as_ref().map_or(host_at, Spanned::span);
		let tls = table.tls.map(|table| self.tls(table)).transpose()?;
		let [clear, secure] = PORTS;
		let port = if tls.is_some() { secure } else { clear };
		let id = "rwa-gateway".to_string();
		let login = self.login(table.username, table.password)?;
		if login.is_some() && tls.is_none() && !is_here(&host) && !table.password_in_clear {
			let reason =
				"`password`: it would cross the network in clear; add [broker.tls], or say \
				`password_in_clear = true` if the network is yours alone";
			return Err(self.at(password_at, reason));
		}
		Ok(Broker {
			host,
			port: self.pass_or("port", table.port, port, |n| check::within(n, 1..=u16::MAX))?,
			client_id: self.pass_or("client_id", table.client_id, id, |text| {
				check::client_id(&text).map(|()| text)
			})?,
			login,
			tls,
			keep_alive: self.seconds("keep_alive_s", table.keep_alive_s, 30, 5..=3_600)?,
			max_retry: self.seconds("max_retry_s", table.max_retry_s, 60, 1..=3_600)?,
		})
	}

	fn login(
		&self,
		username: Option<Spanned<Text>>,
		password: Option<Spanned<Secret>>,
	) -> Result<Option<(String, String)>, ConfigError> {
		let resolve = |elsewhere: Elsewhere| elsewhere.resolve(self.folder(), self.environment);
		match (username, password) {
			(None, None) => Ok(None),
			(Some(username), Some(password)) => {
				let username = self.pass("username", username, |text| match text {
					Text::Here(text) => {
						secret::checked(text).map_err(|reason| format!("it {reason}"))
					}
					Text::Elsewhere(elsewhere) => resolve(elsewhere),
				})?;
				let password = self.pass("password", password, |secret| match secret {
					Secret::Elsewhere(elsewhere) => resolve(elsewhere),
				})?;
				Ok(Some((username, password)))
			}
			(Some(alone), None) => {
				Err(self.at(alone.span(), "`username`: there is no `password` to it; give one"))
			}
			(None, Some(alone)) => {
				Err(self.at(alone.span(), "`password`: there is no `username` to it; give one"))
			}
		}
	}

	fn tls(&self, table: TlsTable) -> Result<Arc<ClientConfig>, ConfigError> {
		let file = |path: PathBuf| self.folder().join(path);
		let roots = match table.ca {
			Some(ca) => self.pass("ca", ca, |path| tls::roots_of(&file(path)))?,
			None => tls::roots_of_system().map_err(|reason| self.at(0..0, reason))?,
		};
		let (span, identity) = match (table.certificate, table.key) {
			(None, None) => (0..0, None),
			(Some(certificate), Some(key)) => {
				let key_file = file(key.into_inner());
				let span = certificate.span();
				let read = |path| tls::identity(&file(path), &key_file);
				(span, Some(self.pass("certificate", certificate, read)?))
			}
			(Some(alone), None) => {
				return Err(self.at(alone.span(), "`certificate`: give its `key`, too"));
			}
			(None, Some(alone)) => {
				return Err(self.at(alone.span(), "`key`: give its `certificate`, too"));
			}
		};
		tls::client(roots, identity)
			.map_err(|reason| self.at(span, format!("`certificate`: {reason}")))
	}

	fn listen(&self, table: HttpTable) -> Result<SocketAddr, ConfigError> {
		let others = table.others_may_read;
		let default = SocketAddr::from(([127, 0, 0, 1], 8_090));
		self.pass_or("listen", table.listen, default, |address| {
			if address.ip().is_loopback() || others {
				return Ok(address);
			}
			Err("others could read and nothing is encrypted; use 127.0.0.1 or [::1], or say \
				`others_may_read = true`"
				.into())
		})
	}

	fn devices(
		&self,
		tables: Vec<DeviceTable>,
		history: usize,
	) -> Result<Vec<Device>, ConfigError> {
		let mut seen = BTreeSet::new();
		let mut devices = Vec::new();
		for table in tables {
			let span = table.key.span();
			let device = self.device(table, history)?;
			if !seen.insert(device.key.clone()) {
				return Err(self.at(span, "`key`: this device has an entry already; join them"));
			}
			if devices.len() == MAX_DEVICES {
				return Err(self.at(
					span,
					format!("`key`: at most {MAX_DEVICES} devices; run a second gateway"),
				));
			}
			devices.push(device);
		}
		Ok(devices)
	}

	fn device(&self, table: DeviceTable, history: usize) -> Result<Device, ConfigError> {
		let key = self.pass("key", table.key, |text| {
			text.parse::<DeviceKey>().map_err(|fault| fault.to_string())
		})?;
		let skew = self.seconds("max_skew_s", table.max_skew_s, 600, 1..=7 * DAY)?;
		Ok(Device {
			key,
			filter: self.filter(table.topic)?,
			rules: Rules {
				feeds: self.pass("feeds", table.feeds, feeds)?,
				max_skew: milliseconds(skew),
				history,
			},
			max_age: self.max_age(table.max_age_s)?,
		})
	}

	fn topics(&self, tables: Vec<TopicTable>) -> Result<Vec<Topic>, ConfigError> {
		let mut seen = BTreeSet::new();
		let mut topics = Vec::new();
		for table in tables {
			let span = table.name.span();
			let topic = self.topic(table)?;
			if !seen.insert(topic.name.clone()) {
				return Err(self.at(span, "`name`: another topic has it; give each its own"));
			}
			if topics.len() == MAX_TOPICS {
				return Err(self.at(
					span,
					format!("`name`: at most {MAX_TOPICS} topics; run a second gateway"),
				));
			}
			topics.push(topic);
		}
		Ok(topics)
	}

	fn topic(&self, table: TopicTable) -> Result<Topic, ConfigError> {
		Ok(Topic {
			name: self.pass("name", table.name, |text| check::name(&text).map(|()| text))?,
			filter: self.filter(table.topic)?,
			max_age: self.max_age(table.max_age_s)?,
			max_bytes: self.pass_or("max_bytes", table.max_bytes, 16_384, |n| {
				check::within(n, 1..=MAX_TOPIC_BYTES)
			})?,
		})
	}

	fn filter(&self, topic: Spanned<String>) -> Result<Filter, ConfigError> {
		self.pass("topic", topic, |text| text.parse::<Filter>().map_err(|fault| fault.to_string()))
	}

	fn max_age(&self, value: Option<Spanned<u64>>) -> Result<Moment, ConfigError> {
		Ok(milliseconds(self.seconds("max_age_s", value, 3_600, 1..=30 * DAY)?))
	}
}

fn feeds(tables: Vec<FeedTable>) -> Result<Vec<FeedId>, String> {
	let mut feeds = Vec::new();
	for FeedTable { asset, source } in tables {
		let feed = FeedId { asset, source };
		if feeds.contains(&feed) {
			return Err(format!("{} is there twice", feed_name(&feed)));
		}
		feeds.push(feed);
	}
	if feeds.is_empty() || feeds.len() > MAX_FEEDS {
		return Err(format!(
			"give 1 to {MAX_FEEDS}, each as {{ asset = 1, source = \"iot_sensor\" }}"
		));
	}
	Ok(feeds)
}

fn milliseconds(duration: Duration) -> Moment {
	Moment::try_from(duration.as_millis()).unwrap_or(Moment::MAX)
}

/// Whether what is sent to `host` stays on this machine.
fn is_here(host: &str) -> bool {
	host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A parser's message as one line, without the text that it found where it wanted something else: that
/// may be a secret in the wrong place.
fn without_values(message: &str) -> String {
	let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
	if message.is_empty() {
		// The parser has no words for a file that ends where a value begins.
		return "this is not TOML".into();
	}
	let parts = message.split_once("string \"").zip(message.rsplit_once("\", expected"));
	match parts {
		Some(((before, _), (_, after))) => format!("{before}string, expected{after}"),
		None => message,
	}
}
