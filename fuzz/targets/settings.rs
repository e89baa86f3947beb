//! The settings that an operator writes: what is taken is within its bounds and says what the file says, however that
//! is laid out; what is refused is refused in one line, at a place in the file, without a secret.
//!
//! Input: a line with an `--oracle-source`, which is also tried as what the gateway's settings have in one line, and
//! then the node's file.

#![no_main]

use codec::{DecodeAll, Encode};
use libfuzzer_sys::fuzz_target;
use rwa_fuzz::{exact, json::segments, lines};
use rwa_primitives::{
	feed::FeedId,
	worker::{
		ReadingRule, SourceConfig, MAX_BYTES, MAX_DEVICES, MAX_LABELS, MAX_LABEL_BYTES,
		MAX_SKEW_MS, MAX_TIMEOUT_MS, MAX_WATCH_EVERY,
	},
};
use std::{collections::BTreeSet, ffi::OsString, path::Path};
use toml::{Table, Value};

// The files themselves: the node's crate would bring the node. What they find above them is below.
#[allow(dead_code, reason = "only what reads foreign bytes is wanted")]
#[path = "../../node/src/worker_config/check.rs"]
mod check;
#[allow(dead_code, reason = "only what reads foreign bytes is wanted")]
#[path = "../../node/src/worker_config/error.rs"]
mod error;
#[path = "../../node/src/worker_config/file.rs"]
mod file;
#[path = "../../node/src/worker_config/flag.rs"]
mod flag;
#[allow(dead_code, reason = "only what reads foreign bytes is wanted")]
#[path = "../../gateway/src/config/check.rs"]
mod gateway;
#[path = "../../node/src/worker_config/reading.rs"]
mod reading;
#[path = "../../node/src/worker_config/secret.rs"]
mod secret;

pub(crate) use error::WorkerConfigError;

/// As in `node/src/worker_config.rs`.
pub(crate) struct Found {
	pub(crate) source: SourceConfig,
	#[allow(dead_code, reason = "mistakes name it that only show when all sources are seen")]
	pub(crate) place: error::Place,
}

/// As in `node/src/worker_config.rs`.
pub(crate) fn feed_name(feed: &FeedId) -> String {
	let source = serde_json::to_value(feed.source).unwrap_or_default();
	format!("{}:{}", feed.asset, source.as_str().unwrap_or_default())
}

/// As in `node/src/lib.rs`.
pub(crate) fn one_line(text: &str) -> String {
	text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where it stands for one, it is a secret.
const SECRET: &str = "hunter2";
/// The file's name. There is no such folder.
const NAME: &str = "/nowhere/w.toml";

fuzz_target!(|input: &[u8]| {
	let Some(([line], text)) = lines(input) else { return };
	let Ok(text) = std::str::from_utf8(text) else { return };
	check_flag(line);
	check_gateway(line);

	let tree = text.parse::<Table>();
	if tree.as_ref().is_ok_and(names_files) {
		// They would be read, whatever they are.
		return;
	}
	let found = read(text);
	if let Err(refusal) = &found {
		check_refusal(text, refusal);
	}
	let Ok(tree) = tree else {
		assert!(found.is_err(), "that is not TOML");
		return;
	};
	if is_secret(text, &tree) {
		match &found {
			Ok(sources) => assert!(!format!("{sources:?}").contains(SECRET)),
			Err(refusal) => assert!(!refusal.contains(SECRET), "{refusal}"),
		}
	}
	// In another order and with other quotes and brackets.
	let again = read(&toml::to_string(&tree).expect("it was TOML"));
	assert_eq!(found.clone().map(sorted).ok(), again.map(sorted).ok());
	let Ok(sources) = found else { return };
	let tables = tables(&tree);
	assert_eq!(sources.len(), tables.len());
	for (source, table) in sources.iter().zip(tables) {
		check_sound(source);
		check_true(source, table);
	}
});

fn environment(name: &str) -> Option<OsString> {
	(name == "KEY").then(|| SECRET.into())
}

fn read(text: &str) -> Result<Vec<SourceConfig>, String> {
	file::parse(text, Path::new(NAME), &environment)
		.map(|found| found.into_iter().map(|found| found.source).collect())
		.map_err(|error| error.to_string())
}

/// The `[[oracle]]` tables, if they are that.
fn tables(tree: &Table) -> Vec<&Table> {
	let list = tree.get("oracle").and_then(Value::as_array);
	list.map_or(vec![], |list| list.iter().filter_map(Value::as_table).collect())
}

fn names_files(tree: &Table) -> bool {
	tree.iter().any(|(name, value)| name == "file" || has_file(value))
}

fn has_file(value: &Value) -> bool {
	match value {
		Value::Table(table) => names_files(table),
		Value::Array(list) => list.iter().any(has_file),
		_ => false,
	}
}

/// Whether [`SECRET`] stands in addresses and headers, and nowhere else.
fn is_secret(text: &str, tree: &Table) -> bool {
	let count = |value: &Value| value.as_str().map_or(0, |text| text.matches(SECRET).count());
	let hidden = tables(tree).into_iter().map(|table| {
		let headers = table.get("headers").and_then(Value::as_table);
		let headers = headers.into_iter().flat_map(|headers| headers.values());
		headers.chain(table.get("url")).map(count).sum::<usize>()
	});
	hidden.sum::<usize>() == text.matches(SECRET).count()
}

/// One line, which begins with a place that is there.
fn check_refusal(text: &str, refusal: &str) {
	assert!(!refusal.contains('\n'), "{refusal:?}");
	let rest = refusal.strip_prefix(NAME).expect("it names the file");
	if rest.starts_with(": ") {
		return;
	}
	let mut parts = rest.splitn(4, ':').skip(1);
	let mut number = || parts.next().and_then(|part| part.parse::<usize>().ok());
	let (line, column) = number().zip(number()).expect("it names a place");
	assert!(parts.next().is_some_and(|reason| reason.len() > 1), "{refusal}");
	let line = text.split('\n').nth(line - 1).expect("there is such a line");
	assert!((1..=line.chars().count() + 1).contains(&column), "{refusal}");
}

/// Headers and categories in the order of their names.
fn sorted(mut sources: Vec<SourceConfig>) -> Vec<SourceConfig> {
	for source in &mut sources {
		source.headers.sort();
		if let ReadingRule::Category { categories, .. } = &mut source.reading {
			categories.sort();
		}
	}
	sources
}

/// Everything within its bounds, and nothing that a request could not carry.
fn check_sound(source: &SourceConfig) {
	assert!((1..=MAX_TIMEOUT_MS).contains(&source.timeout_ms));
	assert!((1..=MAX_BYTES).contains(&source.max_bytes));
	assert!(source.watch_every.is_none_or(|blocks| blocks <= MAX_WATCH_EVERY));
	check_address(&source.url);
	assert!(source.headers.len() <= 16);
	let names: BTreeSet<_> =
		source.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
	assert_eq!(names.len(), source.headers.len());
	for (name, value) in &source.headers {
		assert!(!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic()));
		assert!(!name.contains([':', '"', '(', ')', ',', '/', ';', '<', '=', '>', '?', '@', '[']));
		assert!((1..=4_096).contains(&value.len()));
		assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
	}
	assert!(!names.contains("host") && !names.contains("content-length"));
	match &source.reading {
		ReadingRule::Scalar { pointer, .. } | ReadingRule::Angle { pointer, .. } => {
			assert!(segments(pointer).is_ok());
		}
		ReadingRule::Point { latitude, longitude, .. } => {
			assert!(segments(latitude).is_ok() && segments(longitude).is_ok());
		}
		ReadingRule::Category { pointer, categories } => {
			assert!(segments(pointer).is_ok());
			check_categories(categories);
		}
		ReadingRule::Signed(rule) => {
			assert!((1..=MAX_DEVICES).contains(&rule.devices.len()));
			let distinct: BTreeSet<_> = rule.devices.iter().map(ToString::to_string).collect();
			assert_eq!(distinct.len(), rule.devices.len());
			assert!((1..=MAX_SKEW_MS).contains(&rule.max_skew_ms));
		}
	}
	assert_eq!(SourceConfig::decode_all(&mut &source.encode()[..]).as_ref(), Ok(source));
}

/// No answer can mean two of them.
fn check_categories(categories: &[(String, u16)]) {
	assert!((1..=MAX_LABELS).contains(&categories.len()));
	assert!(categories.iter().all(|(name, _)| name.len() <= MAX_LABEL_BYTES));
	for (place, (name, _)) in categories.iter().enumerate() {
		for (other, _) in &categories[..place] {
			let numbers = exact::Number::parse(name).ok().zip(exact::Number::parse(other).ok());
			assert!(name != other && numbers.is_none_or(|(one, other)| !one.same(&other)));
		}
	}
}

/// An absolute address of HTTP with a host, and what is sent is all of it.
fn check_address(url: &str) {
	let (scheme, rest) = url.split_once("://").expect("it has a scheme");
	assert!(matches!(scheme, "http" | "https") && url.len() <= 2_048);
	assert!(url.bytes().all(|byte| (b'!'..=b'~').contains(&byte)) && !url.contains('#'));
	let end = rest.find(['/', '?']).unwrap_or(rest.len());
	let authority = &rest[..end];
	assert!(!authority.is_empty() && !authority.contains('@'));
	let after = authority.rfind(']').map_or(0, |bracket| bracket + 1);
	if let Some((_, port)) = authority[after..].rsplit_once(':') {
		assert!(port.parse::<u16>().is_ok_and(|port| port > 0), "{url}");
	}
}

/// What the settings say is what the file says.
fn check_true(source: &SourceConfig, table: &Table) {
	let text = |name: &str| table.get(name).and_then(Value::as_str);
	let number = |name: &str| table.get(name).and_then(Value::as_integer);
	assert_eq!(Some(i64::from(source.feed.asset)), number("asset"));
	assert_eq!(feed_name(&source.feed).split_once(':').map(|(_, kind)| kind), text("source"));
	assert_eq!(Some(source.url.as_str()), text("url"));
	assert_eq!(i64::from(source.timeout_ms), number("timeout_ms").unwrap_or(1_500));
	assert_eq!(i64::from(source.max_bytes), number("max_bytes").unwrap_or(16_384));
	assert_eq!(source.watch_every.map(i64::from), number("watch_every"));
	let headers = table.get("headers").and_then(Value::as_table);
	assert_eq!(source.headers.len(), headers.map_or(0, Table::len));
	for (name, value) in &source.headers {
		let written = headers.and_then(|headers| headers.get(name)).expect("it is there");
		// From the environment, if not from here.
		assert_eq!(value, written.as_str().unwrap_or(SECRET));
	}
	let ReadingRule::Scalar { conversion, .. } = &source.reading else { return };
	let written = |name: &str, otherwise: &str| match table.get(name) {
		Some(Value::Integer(number)) => number.to_string(),
		value => value.and_then(Value::as_str).unwrap_or(otherwise).into(),
	};
	let (scale, offset) = (written("scale", "1"), written("offset", "0"));
	let expected = exact::Conversion::parse(&scale, &offset).expect("it was taken");
	for number in ["0", "-273.15", "1e9"] {
		assert_eq!(conversion.apply(number, 3), expected.apply(number, 3));
	}
}

/// A flag says no more and no less than the file would.
fn check_flag(line: &str) {
	let found = flag::parse(line, 0).map(|found| found.source);
	let parts = line.split_once('=').and_then(|(feed, address)| {
		let (asset, kind) = feed.split_once(':')?;
		Some((asset.parse::<u32>().ok()?, kind, address))
	});
	let Some((asset, kind, address)) = parts else {
		assert!(found.is_err());
		return;
	};
	if let Err(refusal) = &found {
		let refusal = refusal.to_string();
		assert!(refusal.starts_with("--oracle-source ") && !refusal.contains('\n'), "{refusal:?}");
		assert!(kind.contains(SECRET) || !refusal.contains(SECRET), "{refusal}");
	}
	let (url, pointer) = address.split_once('#').unwrap_or((address, ""));
	let mut table = Table::new();
	table.insert("asset".into(), i64::from(asset).into());
	for (name, value) in [("source", kind), ("url", url), ("pointer", pointer)] {
		table.insert(name.into(), value.into());
	}
	let tree = Table::from_iter([("oracle".to_string(), Value::Array(vec![table.into()]))]);
	let written = read(&toml::to_string(&tree).expect("it is a table"));
	assert_eq!(found.ok().map(|source| vec![source]), written.ok());
}

/// What stands in one line of the gateway's settings, and goes elsewhere.
fn check_gateway(line: &str) {
	let digits = line.strip_prefix("0x").filter(|digits| digits.len() == 64);
	let hex = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
	let hash = gateway::genesis(line);
	assert_eq!(hash.is_ok(), hex.is_some(), "{line:?}");
	if let (Ok(hash), Some(hex)) = (hash, hex) {
		assert_eq!(format!("{hash:x}").trim_start_matches("0x"), hex.to_ascii_lowercase());
	}
	// The name of a file, and a part of an address.
	if gateway::name(line).is_ok() {
		assert!((1..=64).contains(&line.len()) && !line.contains(['.', '/', '\\', ' ', '%', '?']));
		assert!(gateway::client_id(line).is_ok());
	}
	if gateway::client_id(line).is_ok() {
		assert!((1..=64).contains(&line.len()) && line.is_ascii() && !line.contains(['#', '+']));
		assert!(gateway::host(line).is_ok());
	}
	if gateway::host(line).is_ok() {
		assert!((1..=253).contains(&line.len()) && !line.contains([':', '/', '@', ' ', '\0']));
	}
}
