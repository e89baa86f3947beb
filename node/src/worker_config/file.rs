//! The TOML file.

use super::{
	check,
	error::{Place, WorkerConfigError},
	reading::{Kind, Quoted, ReadingSettings},
	secret::{Environment, Secret},
	storage::StorageSettings,
	Found, Loaded,
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
	oracle: Vec<Spanned<Source>>,
	storage: Option<StorageSettings>,
}

/// One `[[oracle]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
	asset: Spanned<AssetId>,
	source: SourceKind,
	url: Spanned<String>,
	reading: Option<Spanned<Kind>>,
	pointer: Option<Spanned<String>>,
	latitude: Option<Spanned<String>>,
	longitude: Option<Spanned<String>>,
	text: Option<Spanned<bool>>,
	scale: Option<Spanned<Quoted>>,
	offset: Option<Spanned<Quoted>>,
	categories: Option<Spanned<BTreeMap<Spanned<String>, u16>>>,
	#[serde(default)]
	signed: bool,
	devices: Option<Spanned<Vec<Spanned<String>>>>,
	max_skew_ms: Option<Spanned<u32>>,
	content: Option<Spanned<String>>,
	timeout_ms: Option<Spanned<u32>>,
	max_bytes: Option<Spanned<u32>>,
	watch_every: Option<Spanned<u32>>,
	#[serde(default)]
	headers: BTreeMap<Spanned<String>, Spanned<Secret>>,
}

/// Parses and checks `text`, the content of `path`, and resolves what it refers to.
pub(super) fn parse(
	text: &str,
	path: &Path,
	environment: Environment,
) -> Result<Loaded, WorkerConfigError> {
	let file = File { text, path, environment };
	let document: Document = toml::from_str(text)
		.map_err(|error| file.at(error.span()).refuse(without_values(error.message())))?;
	let sources = document.oracle.into_iter().map(|source| file.checked(source));
	Ok(Loaded {
		sources: sources.collect::<Result<_, _>>()?,
		storage: document.storage.map(|storage| storage.checked(&file)).transpose()?,
	})
}

/// The file that is read.
pub(super) struct File<'a> {
	text: &'a str,
	path: &'a Path,
	environment: Environment<'a>,
}

impl File<'_> {
	pub(super) fn at(&self, span: Option<Range<usize>>) -> Place {
		Place::in_file(self.path, self.text, span)
	}

	/// The value, if `check` accepts it.
	pub(super) fn pass<T>(
		&self,
		value: Spanned<T>,
		check: impl FnOnce(&T) -> Result<(), String>,
	) -> Result<T, WorkerConfigError> {
		check(value.get_ref()).map_err(|reason| self.at(Some(value.span())).refuse(reason))?;
		Ok(value.into_inner())
	}

	fn checked(&self, source: Spanned<Source>) -> Result<Found, WorkerConfigError> {
		let section = source.span();
		let source = source.into_inner();
		let place = self.at(Some(source.asset.span()));
		let feed = FeedId { asset: source.asset.into_inner(), source: source.source };
		let timeout_ms =
			source.timeout_ms.map(|value| self.pass(value, |ms| check::timeout_ms(*ms)));
		let max_bytes = source.max_bytes.map(|value| self.pass(value, |n| check::max_bytes(*n)));
		let watch_every =
			source.watch_every.map(|value| self.pass(value, |n| check::watch_every(*n)));
		let reading = ReadingSettings {
			section,
			reading: source.reading,
			pointer: source.pointer,
			latitude: source.latitude,
			longitude: source.longitude,
			text: source.text,
			scale: source.scale,
			offset: source.offset,
			categories: source.categories,
			signed: source.signed,
			devices: source.devices,
			max_skew_ms: source.max_skew_ms,
			content: source.content,
		};
		let (reading, content) =
			reading.checked().map_err(|fault| self.at(Some(fault.span)).refuse(fault.reason))?;
		let source = SourceConfig {
			feed,
			url: self.pass(source.url, |url| check::url(url))?,
			reading,
			content,
			timeout_ms: timeout_ms.transpose()?.unwrap_or(DEFAULT_TIMEOUT_MS),
			max_bytes: max_bytes.transpose()?.unwrap_or(DEFAULT_MAX_BYTES),
			headers: self.headers(source.headers)?,
			watch_every: watch_every.transpose()?,
		};
		Ok(Found { source, place })
	}

	fn headers(
		&self,
		headers: BTreeMap<Spanned<String>, Spanned<Secret>>,
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

	fn header_value(&self, value: Spanned<Secret>) -> Result<String, WorkerConfigError> {
		self.secret(value, check::header_value)
	}

	/// A value, wherever it is, if `check`, which is told in words where that is, accepts it.
	pub(super) fn secret(
		&self,
		value: Spanned<Secret>,
		check: impl FnOnce(&str, &str) -> Result<(), String>,
	) -> Result<String, WorkerConfigError> {
		let place = self.at(Some(value.span()));
		let folder = self.path.parent().unwrap_or(Path::new(""));
		let (value, from) = value
			.into_inner()
			.resolve(folder, self.environment)
			.map_err(|reason| place.clone().refuse(one_line(&reason)))?;
		check(&value, &from).map_err(|reason| place.refuse(one_line(&reason)))?;
		Ok(value)
	}
}

/// A parser's message as one line, without the text that it found where it wanted something else:
/// that may be a secret in the wrong place.
fn without_values(message: &str) -> String {
	let message = one_line(message);
	if message.is_empty() {
		// The parser has no words for a file that ends where a value begins.
		return "this is not TOML".into();
	}
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
	use rwa_primitives::{
		device::DeviceKey,
		worker::{Conversion, ReadingRule, SignedRule, DEFAULT_SKEW_MS, MAX_DEVICES, MAX_LABELS},
	};
	use std::{ffi::OsString, fs};

	const GOOD: &str = r#"
[[oracle]]
asset = 1
source = "weather_api"
url = "http://127.0.0.1:8081/reading"
pointer = "/temperature"
timeout_ms = 2000
max_bytes = 65536
watch_every = 120
[oracle.headers]
Accept = "application/json"
X-Api-Key = { env = "WEATHER_KEY" }
"#;

	fn environment(name: &str) -> Option<OsString> {
		(name == "WEATHER_KEY").then(|| "hunter2".into())
	}

	fn parse_text(text: &str) -> Result<Vec<SourceConfig>, String> {
		parse(text, Path::new("w.toml"), &environment)
			.map(|loaded| loaded.sources.into_iter().map(|found| found.source).collect())
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
			reading: ReadingRule::Scalar {
				pointer: "/temperature".into(),
				text: false,
				conversion: Conversion::default(),
			},
			content: None,
			timeout_ms: 2000,
			max_bytes: 65536,
			headers: vec![
				("Accept".into(), "application/json".into()),
				("X-Api-Key".into(), "hunter2".into()),
			],
			watch_every: Some(120),
		};
		assert!(sources == [expected]);
	}

	#[test]
	fn limits_and_headers_may_be_left_out() {
		let short = &GOOD[..GOOD.find("timeout_ms").unwrap()];
		let source = parse_text(short).unwrap().remove(0);
		assert_eq!((source.timeout_ms, source.max_bytes), (DEFAULT_TIMEOUT_MS, DEFAULT_MAX_BYTES));
		assert!(source.headers.is_empty());
		assert_eq!(source.watch_every, None);
		assert!(parse_text("").unwrap().is_empty());
	}

	/// The good file, with this in place of its pointer.
	fn with_reading(settings: &str) -> String {
		GOOD.replace("pointer = \"/temperature\"", settings)
	}

	fn reading(settings: &str) -> ReadingRule {
		parse_text(&with_reading(settings)).unwrap().remove(0).reading
	}

	/// What is said of this in place of the pointer, without the file's name.
	fn reading_refusal(settings: &str) -> String {
		let error = parse_text(&with_reading(settings)).unwrap_err();
		assert!(!error.contains('\n'), "{error}");
		error.strip_prefix("w.toml:").unwrap().into()
	}

	const KEY: &str = "ed25519:0x1111111111111111111111111111111111111111111111111111111111111111";

	#[test]
	fn each_kind_of_reading_has_its_settings() {
		let (pointer, text) = ("/t".to_owned(), true);
		let conversion = Conversion::parse(Some("9/5"), Some("32")).unwrap();
		let rule = ReadingRule::Scalar { pointer: pointer.clone(), text, conversion };
		let settings = "pointer = \"/t\"\ntext = true\n";
		assert_eq!(reading(&format!("{settings}scale = \"9/5\"\noffset = \"32\"")), rule);
		assert_eq!(reading(&format!("{settings}scale = \"1.8\"\noffset = 32")), rule);
		assert_eq!(
			reading(&format!("reading = \"scalar\"\n{settings}scale = \"1.8\"\noffset = 32")),
			rule
		);

		assert_eq!(
			reading("reading = \"point\"\nlatitude = \"/a\"\nlongitude = \"/o\""),
			ReadingRule::Point { latitude: "/a".into(), longitude: "/o".into(), text: false }
		);
		assert_eq!(
			reading(&format!("reading = \"angle\"\n{settings}")),
			ReadingRule::Angle { pointer: pointer.clone(), text }
		);
		let categories = vec![("closed".into(), 1), ("3".into(), 1), ("open".into(), 0)];
		assert_eq!(
			reading(
				"reading = \"category\"\npointer = \"/t\"\ncategories = { closed = 1, 3 = 1, open = 0 }"
			),
			ReadingRule::Category { pointer, categories }
		);
		let signed = |max_skew_ms| {
			let devices = vec![KEY.parse::<DeviceKey>().unwrap()];
			ReadingRule::Signed(SignedRule { devices, max_skew_ms })
		};
		let settings = format!("signed = true\ndevices = [\"{KEY}\"]");
		assert_eq!(reading(&settings), signed(DEFAULT_SKEW_MS));
		assert_eq!(reading(&format!("{settings}\nmax_skew_ms = 5")), signed(5));
	}

	#[test]
	fn a_source_may_name_what_it_has_its_reading_from() {
		let content = |settings| parse_text(&with_reading(settings)).unwrap().remove(0).content;
		assert_eq!(content("pointer = \"/ndvi\""), None);
		let settings = "pointer = \"/ndvi\"\ncontent = \"/image/sha256\"";
		assert_eq!(content(settings), Some("/image/sha256".into()));
	}

	#[test]
	fn a_table_of_categories_may_have_a_section_of_its_own() {
		let text = with_reading("reading = \"category\"\npointer = \"/t\"")
			+ "[oracle.categories]\nopen = 0\n";
		let categories = vec![("open".into(), 0)];
		let rule = ReadingRule::Category { pointer: "/t".into(), categories };
		assert_eq!(parse_text(&text).unwrap()[0].reading, rule);
	}

	#[test]
	fn mistakes_in_what_is_read_name_their_line() {
		let point = "reading = \"point\"\nlatitude = \"/a\"\n";
		let category = "reading = \"category\"\npointer = \"/t\"\ncategories = ";
		let signed = "signed = true\ndevices = ";
		for (settings, refusal) in [
			// Missing.
			("", "2:1: missing field `pointer`".into()),
			("reading = \"angle\"", "2:1: missing field `pointer`".into()),
			(point, "2:1: missing field `longitude`".into()),
			("reading = \"category\"\npointer = \"/t\"", "2:1: missing field `categories`".into()),
			("signed = true", "2:1: missing field `devices`".into()),
			// Of another kind.
			(
				"pointer = \"/t\"\nlatitude = \"/a\"",
				"7:12: `latitude` is not for a scalar, which has reading, pointer, text, scale, offset, content".into(),
			),
			(
				&format!("{point}longitude = \"/o\"\npointer = \"/t\""),
				"9:11: `pointer` is not for a point, which has reading, latitude, longitude, text, content".into(),
			),
			(
				"reading = \"angle\"\npointer = \"/t\"\nscale = \"2\"",
				"8:9: `scale` is not for an angle, which has reading, pointer, text, content".into(),
			),
			(
				&format!("{category}{{ a = 1 }}\ntext = true"),
				"9:8: `text` is not for a category, which has reading, pointer, categories, content".into(),
			),
			(
				&format!("{signed}[]\npointer = \"/t\""),
				"8:11: `pointer` is not for a signed measurement, which has devices, max_skew_ms".into(),
			),
			(
				&format!("{signed}[]\nreading = \"angle\""),
				"8:11: `reading` is not for a signed measurement, which has devices, max_skew_ms".into(),
			),
			(
				"pointer = \"/t\"\ndevices = []",
				"7:11: `devices` is not for a scalar, which has reading, pointer, text, scale, offset, content".into(),
			),
			(
				&format!("{signed}[]\ncontent = \"/sha256\""),
				"8:11: `content` is not for a signed measurement, which has devices, max_skew_ms".into(),
			),
			// Out of bounds.
			(&format!("{category}{{}}"), format!("8:14: categories have 1 to {MAX_LABELS} names")),
			(&format!("{category}{{ 1 = 0, \"1.0\" = 1 }}"), "8:23: this number is there twice".into()),
			(
				&format!("{category}{{ {} = 1 }}", "x".repeat(65)),
				"8:16: a category's name has at most 64 bytes".into(),
			),
			(&format!("{signed}[]"), format!("7:11: a source has 1 to {MAX_DEVICES} devices")),
			(
				&format!("{signed}[\"rsa:0x11\"]"),
				"7:12: a device key begins with ed25519:, sr25519: or secp256k1:".into(),
			),
			(
				&format!("{signed}[\"ed25519:0x11\"]"),
				"7:12: the key is not 0x and 64 hexadecimal digits (66 for secp256k1)".into(),
			),
			(&format!("{signed}[\"{KEY}\",\n\"{KEY}\"]"), "8:1: this device is there twice".into()),
			(
				&format!("{signed}[\"{KEY}\"]\nmax_skew_ms = 0"),
				"8:15: max_skew_ms is 0; allowed: 1 to 604800000".into(),
			),
			// Not exact.
			(
				"pointer = \"/t\"\nscale = \"x\"",
				"7:9: the scale is not a number like \"1.8\" or \"9/5\"".into(),
			),
			("pointer = \"/t\"\nscale = \"1/0\"", "7:9: neither part of the scale may be zero".into()),
		] {
			assert_eq!(reading_refusal(settings), refusal, "{settings}");
		}
		for (settings, place, reason) in [
			("pointer = \"/t\"\nscale = 1.8", "7:9", "so that it stays exact"),
			("pointer = \"/t\"\noffset = \"1e99\"", "7:10", "the offset is not a number like"),
			(
				"reading = \"colour\"",
				"6:11",
				"expected one of `scalar`, `point`, `angle`, `category`",
			),
			(
				"reading = \"angle\"\npointer = \"t\"",
				"7:11",
				"the pointer must be empty or begin with /",
			),
			(
				&format!("{point}longitude = \"o\""),
				"8:13",
				"the pointer must be empty or begin with /",
			),
			("pointer = 5", "6:11", "expected a string"),
			(
				"pointer = \"/t\"\ncontent = \"sha256\"",
				"7:11",
				"the pointer must be empty or begin with /",
			),
			("pointer = \"/t\"\ntext = \"yes\"", "7:8", "expected a boolean"),
			(&format!("{category}{{ a = 65536 }}"), "8:20", "expected u16"),
			(&format!("{category}{{ a = \"b\" }}"), "8:20", "expected u16"),
			("signed = \"yes\"", "6:10", "expected a boolean"),
		] {
			let error = reading_refusal(settings);
			assert!(error.starts_with(&format!("{place}: ")) && error.contains(reason), "{error}");
		}
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
			("[oracle.headers]", "[oracle.headers", "10:16"),
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
			("120", "86401", "9:15"),
			("120", "-1", "9:15"),
			("Accept", "Host", "11:1"),
			("application/json", "", "11:10"),
			("application/json", "ü", "11:10"),
			("Accept", "x-api-key", "12:1"),
			("\"application/json\"", "5", "11:10"),
			("env", "environment", "12:13"),
			("WEATHER_KEY", "OTHER_KEY", "12:13"),
			("env = \"WEATHER_KEY\"", "file = \"nowhere\"", "12:13"),
			("env = \"WEATHER_KEY\"", "env = \"WEATHER_KEY\", file = \"f\"", "12:13"),
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
	fn a_file_that_ends_too_early_should_be_refused_with_a_reason() {
		let error = parse_text("[[oracle]]\nasset =").unwrap_err();
		assert!(error.starts_with("w.toml:2:") && error.ends_with(": this is not TOML"), "{error}");
	}

	#[test]
	fn a_mistake_should_be_one_line_whatever_names_are_in_it() {
		assert_eq!(
			refusal("WEATHER_KEY", r"A\n  B"),
			"w.toml:12:13: environment variable A B is not set"
		);
		let error = refusal("env = \"WEATHER_KEY\"", r#"file = "no\nwhere""#);
		assert!(error.starts_with("w.toml:12:13: file no where: "), "{error}");
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
		assert_eq!(read().unwrap().sources[0].source.headers[1].1, "hunter2");
		fs::write(folder.path().join("token"), "\n").unwrap();
		assert!(read().map(drop).unwrap_err().contains("token is empty"));
		fs::write(folder.path().join("token"), "hunter2\nhunter3").unwrap();
		let error = read().map(drop).unwrap_err();
		assert!(error.contains("can't carry") && !error.contains("hunter"), "{error}");
		fs::write(folder.path().join("token"), b"\xff").unwrap();
		assert!(read().map(drop).unwrap_err().contains("UTF-8"));
	}
}
