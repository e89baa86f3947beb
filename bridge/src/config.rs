//! The settings: one TOML file, checked at the start, so that nothing in it fails at night.
//!
//! `bridge/examples/bridge.toml` explains every field. Secrets are read from the environment or from files; no
//! error, log line or `Debug` output shows them.

use crate::{
	queue::Limits,
	server::Token,
	storage::{Cluster, Kubo},
	work::Rules,
};
use base64::{engine::general_purpose::STANDARD, Engine as _};
use serde::Deserialize;
use std::{
	env,
	ffi::OsString,
	fmt::Display,
	fs, io,
	net::{IpAddr, SocketAddr},
	ops::{Range, RangeInclusive},
	path::{Path, PathBuf},
	time::Duration,
};
use toml::Spanned;

/// A day, in seconds.
const DAY: u64 = 86_400;
/// Fewest and most characters of a secret.
const SECRET: RangeInclusive<usize> = 16..=4_096;
/// Most Kubos of a cluster.
const MAX_KUBOS: usize = 64;

/// All settings.
#[derive(Debug)]
pub struct Settings {
	/// Where orders are taken.
	pub listen: SocketAddr,
	/// What they must bring.
	pub token: Token,
	/// The folder of the queue.
	pub store: PathBuf,
	/// How much is kept in it.
	pub limits: Limits,
	/// How much is done at a time, and how often.
	pub rules: Rules,
	/// What keeps the files.
	pub engine: Engine,
}

/// What keeps the files.
#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // There is one in the program.
pub enum Engine {
	/// One Kubo.
	Kubo(Kubo),
	/// A cluster.
	Cluster(Cluster),
}

/// A mistake in the settings. Never shows a value that may be a secret.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
	/// The file can't be read.
	#[error("{}: {reason}", path.display())]
	Unreadable {
		/// The file.
		path: PathBuf,
		/// Why.
		reason: io::Error,
	},
	/// A mistake at a place.
	#[error("{}:{line}: {reason}", path.display())]
	At {
		/// The file.
		path: PathBuf,
		/// The line, counted from 1.
		line: usize,
		/// What, and what would do.
		reason: String,
	},
}

/// Looks up an environment variable. A parameter, so that tests need not change the process.
type Environment<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// The whole file. No `Debug` here or below: there are secrets inside.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
	http: HttpTable,
	store: StoreTable,
	kubo: Option<Spanned<KuboTable>>,
	cluster: Option<Spanned<ClusterTable>>,
	#[serde(default)]
	work: WorkTable,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HttpTable {
	listen: Option<Spanned<SocketAddr>>,
	#[serde(default)]
	others_may_order: bool,
	token: Spanned<Secret>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StoreTable {
	path: PathBuf,
	max_jobs: Option<Spanned<usize>>,
	max_pins: Option<Spanned<usize>>,
	keep_s: Option<Spanned<u64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KuboTable {
	url: Spanned<String>,
	token: Option<Spanned<Secret>>,
	#[serde(default)]
	elsewhere: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClusterTable {
	url: Spanned<String>,
	username: Option<Spanned<String>>,
	password: Option<Spanned<Secret>>,
	replication: Option<Spanned<u32>>,
	kubo: Vec<KuboTable>,
	#[serde(default)]
	elsewhere: bool,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct WorkTable {
	proofs: Option<Spanned<usize>>,
	pins: Option<Spanned<usize>>,
	find_s: Option<Spanned<u64>>,
	give_up_s: Option<Spanned<u64>>,
	audit_s: Option<Spanned<u64>>,
	collect_s: Option<Spanned<u64>>,
	recheck_s: Option<Spanned<u64>>,
}

/// Where a secret is. It may not be in the file itself: settings get copied around.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Place {
	/// What the environment variable holds.
	Env(String),
	/// What the file holds, without the line break at its end.
	File(String),
}

#[derive(Deserialize)]
#[serde(
	untagged,
	expecting = "a secret isn't written here: give { env = \"NAME\" } or { file = \"path\" }"
)]
enum Secret {
	Elsewhere(Place),
}

impl Settings {
	/// Reads and checks the file.
	///
	/// # Errors
	/// The first mistake, with its place.
	pub fn load(path: &Path) -> Result<Self, ConfigError> {
		let text = fs::read_to_string(path)
			.map_err(|reason| ConfigError::Unreadable { path: path.into(), reason })?;
		parse(&text, path, &|name| env::var_os(name))
	}
}

fn parse(text: &str, path: &Path, environment: Environment) -> Result<Settings, ConfigError> {
	let file = File { text, path, environment };
	match toml::from_str(text) {
		Ok(document) => file.settings(document),
		Err(error) => Err(file.at(error.span().unwrap_or_default(), without_values(&error))),
	}
}

/// A parser's message as one line, without the text that it found where it wanted something else: that may be
/// a secret in the wrong place.
fn without_values(error: &toml::de::Error) -> String {
	let message = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
	let parts = message.split_once("string \"").zip(message.rsplit_once("\", expected"));
	match parts {
		Some(((before, _), (_, after))) => format!("{before}string, expected{after}"),
		None => message,
	}
}

struct File<'a> {
	text: &'a str,
	path: &'a Path,
	environment: Environment<'a>,
}

impl File<'_> {
	fn at(&self, span: Range<usize>, reason: impl Into<String>) -> ConfigError {
		let before = self.text.get(..span.start).unwrap_or_default();
		let line = before.matches('\n').count().saturating_add(1);
		ConfigError::At { path: self.path.into(), line, reason: reason.into() }
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

	fn number<T: PartialOrd + Display + Copy>(
		&self,
		field: &str,
		value: Option<Spanned<T>>,
		default: T,
		allowed: RangeInclusive<T>,
	) -> Result<T, ConfigError> {
		let Some(value) = value else { return Ok(default) };
		self.pass(field, value, |value| {
			if allowed.contains(&value) {
				return Ok(value);
			}
			Err(format!(
				"{value} is out of range; allowed: {} to {}",
				allowed.start(),
				allowed.end()
			))
		})
	}

	fn seconds(
		&self,
		field: &str,
		value: Option<Spanned<u64>>,
		default: u64,
		allowed: RangeInclusive<u64>,
	) -> Result<Duration, ConfigError> {
		self.number(field, value, default, allowed).map(Duration::from_secs)
	}

	fn folder(&self) -> &Path {
		self.path.parent().unwrap_or(Path::new(""))
	}

	fn settings(&self, document: Document) -> Result<Settings, ConfigError> {
		let Document { http, store, kubo, cluster, work } = document;
		let listen = match http.listen {
			Some(listen) => self.pass("listen", listen, |address| {
				if address.ip().is_loopback() || http.others_may_order {
					return Ok(address);
				}
				Err("others could order and nothing is encrypted; use 127.0.0.1 or [::1], or say \
					`others_may_order = true`"
					.into())
			})?,
			None => SocketAddr::from(([127, 0, 0, 1], 8_091)),
		};
		let rules = self.rules(work, store.keep_s)?;
		Ok(Settings {
			listen,
			token: Token::new(&self.secret("token", http.token)?),
			store: self.folder().join(store.path),
			limits: Limits {
				jobs: self.number("max_jobs", store.max_jobs, 10_000, 16..=1_000_000)?,
				pins: self.number("max_pins", store.max_pins, 200_000, 1..=1_000_000)?,
			},
			engine: self.engine(kubo, cluster, rules.find)?,
			rules,
		})
	}

	fn rules(&self, work: WorkTable, keep: Option<Spanned<u64>>) -> Result<Rules, ConfigError> {
		Ok(Rules {
			proofs: self.number("proofs", work.proofs, 4, 1..=64)?,
			pins: self.number("pins", work.pins, 4, 1..=64)?,
			find: self.seconds("find_s", work.find_s, 60, 1..=3_600)?,
			give_up: self.seconds("give_up_s", work.give_up_s, DAY, 1..=30 * DAY)?,
			audit: self.seconds("audit_s", work.audit_s, 600, 1..=DAY)?,
			collect: self.seconds("collect_s", work.collect_s, 3_600, 1..=30 * DAY)?,
			recheck: self.seconds("recheck_s", work.recheck_s, 7 * DAY, 60..=365 * DAY)?,
			keep: self.seconds("keep_s", keep, DAY, 60..=30 * DAY)?,
		})
	}

	fn engine(
		&self,
		kubo: Option<Spanned<KuboTable>>,
		cluster: Option<Spanned<ClusterTable>>,
		find: Duration,
	) -> Result<Engine, ConfigError> {
		match (kubo, cluster) {
			(Some(kubo), None) => Ok(Engine::Kubo(self.kubo(kubo.into_inner(), find)?)),
			(None, Some(cluster)) => {
				Ok(Engine::Cluster(self.cluster(cluster.span(), cluster.into_inner(), find)?))
			}
			(None, None) => Err(self.at(0..0, "give [kubo] or [cluster]: what keeps the files")),
			(Some(_), Some(cluster)) => {
				let reason =
					"`cluster`: there is [kubo], too; a cluster's Kubos are [[cluster.kubo]]";
				Err(self.at(cluster.span(), reason))
			}
		}
	}

	fn kubo(&self, table: KuboTable, find: Duration) -> Result<Kubo, ConfigError> {
		let KuboTable { url, token, elsewhere } = table;
		let token = token.map(|token| self.secret("token", token)).transpose()?;
		self.pass("url", url, |url| {
			checked_url(&url, elsewhere)?;
			Kubo::new(&url, token.as_deref(), find)
		})
	}

	fn cluster(
		&self,
		span: Range<usize>,
		table: ClusterTable,
		find: Duration,
	) -> Result<Cluster, ConfigError> {
		let ClusterTable { url, username, password, replication, kubo, elsewhere } = table;
		if kubo.is_empty() || kubo.len() > MAX_KUBOS {
			let reason = format!(
				"`cluster`: give 1 to {MAX_KUBOS} [[cluster.kubo]], all that are in it: blocks are read there"
			);
			return Err(self.at(span, reason));
		}
		let login = match (username, password) {
			(Some(username), Some(password)) => {
				let password = self.secret("password", password)?;
				Some(STANDARD.encode(format!("{}:{password}", username.into_inner())))
			}
			(None, None) => None,
			_ => return Err(self.at(span, "`cluster`: give both `username` and `password`")),
		};
		let most = u32::try_from(kubo.len()).unwrap_or(u32::MAX);
		let replication = self.number("replication", replication, 1, 1..=most)?;
		let kubos = kubo.into_iter().map(|kubo| self.kubo(kubo, find));
		let kubos = kubos.collect::<Result<Vec<_>, _>>()?;
		self.pass("url", url, |url| {
			checked_url(&url, elsewhere)?;
			Cluster::new(&url, login.as_deref(), replication, kubos, find)
		})
	}

	/// Files are relative to that of the settings.
	fn secret(&self, field: &str, secret: Spanned<Secret>) -> Result<String, ConfigError> {
		self.pass(field, secret, |Secret::Elsewhere(place)| {
			let (from, value) = match place {
				Place::Env(name) => {
					let from = format!("environment variable {name}");
					let value =
						(self.environment)(&name).ok_or_else(|| format!("{from} is not set"))?;
					let value =
						value.into_string().map_err(|_| format!("{from} is not UTF-8 text"))?;
					(from, value)
				}
				Place::File(file) => {
					let path = self.folder().join(file);
					let from = format!("file {}", path.display());
					let value =
						fs::read_to_string(&path).map_err(|error| format!("{from}: {error}"))?;
					(from, value.trim_end_matches(['\r', '\n']).into())
				}
			};
			if !SECRET.contains(&value.len()) || !value.bytes().all(|byte| byte.is_ascii_graphic())
			{
				return Err(format!(
					"{from} has to hold {} to {} characters of ASCII without spaces; make one with \
					 `openssl rand -hex 32`",
					SECRET.start(),
					SECRET.end()
				));
			}
			Ok(value)
		})
	}
}

/// That it is `http://`, a host, a port and nothing else; on this machine unless `elsewhere`.
fn checked_url(url: &str, elsewhere: bool) -> Result<(), String> {
	let form = || String::from("give http://, address and port, such as http://127.0.0.1:5001");
	let place = url.strip_prefix("http://").ok_or_else(form)?;
	let (host, port) = place.rsplit_once(':').ok_or_else(form)?;
	port.parse::<u16>().ok().filter(|port| *port > 0).ok_or_else(form)?;
	let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
	let address = bare.parse::<IpAddr>();
	let named = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
	if address.is_err() && (host.is_empty() || !host.bytes().all(named)) {
		return Err(form());
	}
	let here = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
	if here || elsewhere {
		return Ok(());
	}
	Err("whoever can reach this address can do everything with it, and nothing is encrypted; use one on this \
		machine, or say `elsewhere = true` if the network is yours alone"
		.into())
}

#[cfg(test)]
mod tests {
	use super::*;

	const TOKEN: &str = "0123456789abcdef";

	fn parsed(text: &str) -> Result<Settings, String> {
		let environment = |name: &str| (name == "TOKEN").then(|| TOKEN.into());
		parse(text, Path::new("/etc/bridge.toml"), &environment).map_err(|error| error.to_string())
	}

	fn with(rest: &str) -> String {
		format!("[http]\ntoken = {{ env = \"TOKEN\" }}\n[store]\npath = \"data\"\n{rest}")
	}

	#[test]
	fn the_smallest_settings_should_have_the_documented_defaults() {
		let settings = parsed(&with("[kubo]\nurl = \"http://127.0.0.1:5001\"\n")).unwrap();
		assert_eq!(settings.listen.to_string(), "127.0.0.1:8091");
		assert_eq!(settings.store, Path::new("/etc/data"));
		assert_eq!(settings.limits, Limits { jobs: 10_000, pins: 200_000 });
		assert_eq!(settings.rules.find.as_secs(), 60);
		assert_eq!(settings.rules.give_up.as_secs(), 86_400);
		assert!(matches!(settings.engine, Engine::Kubo(_)));
		assert!(!format!("{settings:?}").contains(TOKEN));
	}

	#[test]
	fn a_cluster_should_name_its_kubos() {
		let kubo = "[[cluster.kubo]]\nurl = \"http://127.0.0.1:5001\"\n";
		let cluster = |rest: &str| {
			parsed(&with(&format!("[cluster]\nurl = \"http://127.0.0.1:9094\"\n{rest}")))
		};
		assert!(matches!(cluster(kubo).unwrap().engine, Engine::Cluster(_)));
		let login = "username = \"me\"\npassword = { env = \"TOKEN\" }\n";
		assert!(cluster(&format!("{login}{kubo}")).is_ok());
		for (wrong, reason) in [
			("kubo = []\n".to_string(), "[[cluster.kubo]]"),
			(
				format!("replication = 2\n{kubo}"),
				"`replication`: 2 is out of range; allowed: 1 to 1",
			),
			(format!("username = \"me\"\n{kubo}"), "both `username` and `password`"),
		] {
			let error = cluster(&wrong).unwrap_err();
			assert!(error.contains(reason), "{error}");
		}
	}

	#[test]
	fn mistakes_should_be_named_with_their_line() {
		let kubo = "[kubo]\nurl = \"http://127.0.0.1:5001\"\n";
		for (text, line, reason) in [
			(with(""), 1, "give [kubo] or [cluster]"),
			(with("[kubo]\nurl = \"ftp://127.0.0.1:5001\"\n"), 6, "`url`: give http://"),
			(with("[kubo]\nurl = \"http://127.0.0.1:5001/x\"\n"), 6, "`url`: give http://"),
			(with("[kubo]\nurl = \"http://127.0.0.1\"\n"), 6, "`url`: give http://"),
			(with("[kubo]\nurl = \"http://a b:1\"\n"), 6, "`url`: give http://"),
			(with("[kubo]\nurl = \"http://10.0.0.7:5001\"\n"), 6, "`elsewhere = true`"),
			(with(&format!("{kubo}[work]\npins = 0\n")), 8, "`pins`: 0 is out of range"),
			(with(&format!("{kubo}[work]\npin = 1\n")), 8, "unknown field `pin`"),
			(
				with(kubo).replace("[http]", "[http]\nlisten = \"0.0.0.0:1\""),
				2,
				"`others_may_order = true`",
			),
			(with(kubo).replace("TOKEN", "NONE"), 2, "environment variable NONE is not set"),
			(with(kubo).replace("{ env = \"TOKEN\" }", "\"hunter2hunter2hunter2\""), 2, "a secret"),
		] {
			let error = parsed(&text).unwrap_err();
			assert!(error.starts_with(&format!("/etc/bridge.toml:{line}: ")), "{error}\n{text}");
			assert!(error.contains(reason), "{error}\n{text}");
			assert!(!error.contains("hunter2"), "{error}");
		}
	}

	#[test]
	fn another_machine_should_be_meant() {
		let url = "[kubo]\nurl = \"http://kubo.example:5001\"\n";
		assert!(parsed(&with(url)).is_err());
		assert!(parsed(&with(&format!("{url}elsewhere = true\n"))).is_ok());
	}
}
