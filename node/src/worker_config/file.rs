//! The TOML file.

use super::{
	check,
	error::{Place, WorkerConfigError},
	secret::{Environment, HeaderValue},
	Found,
};
use crate::one_line;
use rwa_primitives::{
	feed::{FeedId, SourceKind},
	worker::{SourceConfig, DEFAULT_MAX_BYTES, DEFAULT_TIMEOUT_MS},
	AssetId,
};
use serde::Deserialize;
use std::{collections::BTreeMap, ops::Range, path::Path};
use toml::Spanned;

/// The whole file. No `Debug` here or below: there are secrets inside.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
	#[serde(default)]
	oracle: Vec<Source>,
}

/// One `[[oracle]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
	asset: Spanned<AssetId>,
	source: SourceKind,
	url: Spanned<String>,
	pointer: Spanned<String>,
	timeout_ms: Option<Spanned<u32>>,
	max_bytes: Option<Spanned<u32>>,
	#[serde(default)]
	headers: BTreeMap<Spanned<String>, Spanned<HeaderValue>>,
}

/// Parses and checks `text`, the content of `path`, and resolves what it refers to.
pub(super) fn parse(
	text: &str,
	path: &Path,
	environment: Environment,
) -> Result<Vec<Found>, WorkerConfigError> {
	let file = File { text, path, environment };
	let document: Document = toml::from_str(text)
		.map_err(|error| file.at(error.span()).refuse(without_values(error.message())))?;
	document.oracle.into_iter().map(|source| file.checked(source)).collect()
}

struct File<'a> {
	text: &'a str,
	path: &'a Path,
	environment: Environment<'a>,
}

impl File<'_> {
	fn at(&self, span: Option<Range<usize>>) -> Place {
		Place::in_file(self.path, self.text, span)
	}

	/// The value, if `check` accepts it.
	fn pass<T>(
		&self,
		value: Spanned<T>,
		check: impl FnOnce(&T) -> Result<(), String>,
	) -> Result<T, WorkerConfigError> {
		check(value.get_ref()).map_err(|reason| self.at(Some(value.span())).refuse(reason))?;
		Ok(value.into_inner())
	}

	fn checked(&self, source: Source) -> Result<Found, WorkerConfigError> {
		let place = self.at(Some(source.asset.span()));
		let feed = FeedId { asset: source.asset.into_inner(), source: source.source };
		let timeout_ms =
			source.timeout_ms.map(|value| self.pass(value, |ms| check::timeout_ms(*ms)));
		let max_bytes = source.max_bytes.map(|value| self.pass(value, |n| check::max_bytes(*n)));
		let source = SourceConfig {
			feed,
			url: self.pass(source.url, |url| check::url(url))?,
			pointer: self.pass(source.pointer, |pointer| check::pointer(pointer))?,
			timeout_ms: timeout_ms.transpose()?.unwrap_or(DEFAULT_TIMEOUT_MS),
			max_bytes: max_bytes.transpose()?.unwrap_or(DEFAULT_MAX_BYTES),
			headers: self.headers(source.headers)?,
		};
		Ok(Found { source, place })
	}

	fn headers(
		&self,
		headers: BTreeMap<Spanned<String>, Spanned<HeaderValue>>,
	) -> Result<Vec<(String, String)>, WorkerConfigError> {
		// As the file has them, so that of two the second is the one too many.
		let mut headers: Vec<_> = headers.into_iter().collect();
		headers.sort_by_key(|(name, _)| name.span().start);
		let mut checked: Vec<(String, String)> = Vec::new();
		for (name, value) in headers {
			let place = self.at(Some(name.span()));
			if checked.len() == check::MAX_HEADERS {
				let most = check::MAX_HEADERS;
				return Err(place.refuse(format!("a source has at most {most} headers")));
			}
			let name = self.pass(name, |name| check::header_name(name))?;
			if checked.iter().any(|(other, _)| other.eq_ignore_ascii_case(&name)) {
				return Err(place.refuse("this header is there twice"));
			}
			checked.push((name, self.header_value(value)?));
		}
		Ok(checked)
	}

	fn header_value(&self, value: Spanned<HeaderValue>) -> Result<String, WorkerConfigError> {
		let place = self.at(Some(value.span()));
		let folder = self.path.parent().unwrap_or(Path::new(""));
		let (value, from) = value
			.into_inner()
			.resolve(folder, self.environment)
			.map_err(|reason| place.clone().refuse(reason))?;
		check::header_value(&value, &from).map_err(|reason| place.refuse(reason))?;
		Ok(value)
	}
}

/// A parser's message as one line, without the text that it found where it wanted something else:
/// that may be a secret in the wrong place.
fn without_values(message: &str) -> String {
	let message = one_line(message);
	match (message.find("string \""), message.rfind("\", expected")) {
		(Some(start), Some(end)) if start < end => {
			format!("{}string{}", &message[..start], &message[end + 1..])
		}
		_ => message,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::{ffi::OsString, fs};

	const GOOD: &str = r#"
[[oracle]]
asset = 1
source = "weather_api"
url = "http://127.0.0.1:8081/reading"
pointer = "/temperature"
timeout_ms = 2000
max_bytes = 65536
[oracle.headers]
Accept = "application/json"
X-Api-Key = { env = "WEATHER_KEY" }
"#;

	fn environment(name: &str) -> Option<OsString> {
		(name == "WEATHER_KEY").then(|| "hunter2".into())
	}

	fn parse_text(text: &str) -> Result<Vec<SourceConfig>, String> {
		parse(text, Path::new("w.toml"), &environment)
			.map(|found| found.into_iter().map(|found| found.source).collect())
			.map_err(|error| error.to_string())
	}

	/// What is said when `from` is replaced by `to` in a good file.
	fn refusal(from: &str, to: &str) -> String {
		assert!(GOOD.contains(from));
		parse_text(&GOOD.replace(from, to)).unwrap_err()
	}

	#[test]
	fn a_good_file_becomes_settings() {
		let sources = parse_text(GOOD).unwrap();
		let expected = SourceConfig {
			feed: FeedId { asset: 1, source: SourceKind::WeatherApi },
			url: "http://127.0.0.1:8081/reading".into(),
			pointer: "/temperature".into(),
			timeout_ms: 2000,
			max_bytes: 65536,
			headers: vec![
				("Accept".into(), "application/json".into()),
				("X-Api-Key".into(), "hunter2".into()),
			],
		};
		assert!(sources == [expected]);
	}

	#[test]
	fn limits_and_headers_may_be_left_out() {
		let short = &GOOD[..GOOD.find("timeout_ms").unwrap()];
		let source = parse_text(short).unwrap().remove(0);
		assert_eq!((source.timeout_ms, source.max_bytes), (DEFAULT_TIMEOUT_MS, DEFAULT_MAX_BYTES));
		assert!(source.headers.is_empty());
		assert!(parse_text("").unwrap().is_empty());
	}

	#[test]
	fn all_kinds_of_source_have_a_name() {
		for name in ["gps_tracker", "iot_sensor", "satellite_imagery", "weather_api", "traffic_api"]
		{
			assert!(parse_text(&GOOD.replace("weather_api", name)).is_ok(), "{name}");
		}
	}

	#[test]
	fn every_mistake_names_its_line_and_column() {
		for (from, to, place) in [
			// Not TOML.
			("asset = 1", "asset = ", "3:9"),
			("[oracle.headers]", "[oracle.headers", "9:16"),
			// Not the schema.
			("[[oracle]]", "[[oracles]]", "2:3"),
			("asset = 1", "asset = -1", "3:9"),
			("asset = 1", "asset = 4294967296", "3:9"),
			("asset = 1", "asset = \"1\"", "3:9"),
			("asset = 1", "colour = 1", "3:1"),
			("asset = 1", "asset = 1\nasset = 2", "4:1"),
			("weather_api", "weather", "4:10"),
			("timeout_ms", "timeout", "7:1"),
			// Not within bounds.
			("http://", "ftp://", "5:7"),
			("/temperature", "temperature", "6:11"),
			("2000", "0", "7:14"),
			("2000", "2001", "7:14"),
			("65536", "65537", "8:13"),
			("Accept", "Host", "10:1"),
			("application/json", "", "10:10"),
			("application/json", "ü", "10:10"),
			("Accept", "x-api-key", "11:1"),
			("\"application/json\"", "5", "10:10"),
			("env", "environment", "11:13"),
			("WEATHER_KEY", "OTHER_KEY", "11:13"),
			("env = \"WEATHER_KEY\"", "file = \"nowhere\"", "11:13"),
			("env = \"WEATHER_KEY\"", "env = \"WEATHER_KEY\", file = \"f\"", "11:13"),
		] {
			let error = refusal(from, to);
			assert!(error.starts_with(&format!("w.toml:{place}: ")), "{from} -> {to}: {error}");
			assert!(!error.contains('\n'), "{error}");
		}
	}

	#[test]
	fn a_missing_setting_is_named_with_the_line_of_its_section() {
		for (line, name) in [
			("asset = 1", "asset"),
			("source = \"weather_api\"", "source"),
			("url = \"http://127.0.0.1:8081/reading\"", "url"),
			("pointer = \"/temperature\"", "pointer"),
		] {
			let error = refusal(line, "");
			assert_eq!(error, format!("w.toml:2:1: missing field `{name}`"));
		}
	}

	#[test]
	fn mistakes_say_what_would_do() {
		assert!(refusal("weather_api", "weather").contains("`weather_api`"));
		assert!(refusal("2000", "2001").contains("allowed: 1 to 2000"));
		assert!(refusal("\"application/json\"", "5").contains("{ env = \"NAME\" }"));
		assert!(refusal("WEATHER_KEY", "OTHER_KEY").contains("variable OTHER_KEY is not set"));
	}

	#[test]
	fn too_many_headers_are_refused() {
		let headers: String = (0..15).map(|n| format!("X-{n} = \"v\"\n")).collect();
		let error = refusal("Accept", &format!("{headers}Accept"));
		assert!(error.contains("at most 16 headers"), "{error}");
	}

	#[test]
	fn a_value_in_the_wrong_place_is_not_repeated() {
		for (from, to) in [
			("timeout_ms = 2000", "timeout_ms = \"hunter2\""),
			("[oracle.headers]", "headers = \"hunter2\"\n[oracle.other]"),
			("{ env = \"WEATHER_KEY\" }", "[\"hunter2\"]"),
			("{ env = \"WEATHER_KEY\" }", "{ value = \"hunter2\" }"),
			("{ env = \"WEATHER_KEY\" }", "\"hunter2\\n\""),
			("{ env = \"WEATHER_KEY\" }", "\"hunter2"),
			("http://", "ftp://hunter2:hunter2@"),
		] {
			let error = refusal(from, to);
			assert!(!error.contains("hunter2"), "{from} -> {to}: {error}");
		}
		assert_eq!(
			without_values("invalid type: string \"a \\\"b\\\", expected c\", expected u32"),
			"invalid type: string, expected u32"
		);
	}

	#[test]
	fn secrets_may_be_in_a_file_beside_this_one() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("w.toml");
		let text = GOOD.replace("env = \"WEATHER_KEY\"", "file = \"token\"");
		let read = || parse(&text, &path, &environment).map_err(|error| error.to_string());

		assert!(read().map(drop).unwrap_err().contains("token: No such file"));
		fs::write(folder.path().join("token"), "hunter2\r\n").unwrap();
		assert_eq!(read().map_err(drop).unwrap_or_default()[0].source.headers[1].1, "hunter2");
		fs::write(folder.path().join("token"), "\n").unwrap();
		assert!(read().map(drop).unwrap_err().contains("token is empty"));
		fs::write(folder.path().join("token"), "hunter2\nhunter3").unwrap();
		let error = read().map(drop).unwrap_err();
		assert!(error.contains("can't carry") && !error.contains("hunter"), "{error}");
		fs::write(folder.path().join("token"), b"\xff").unwrap();
		assert!(read().map(drop).unwrap_err().contains("UTF-8"));
	}
}
