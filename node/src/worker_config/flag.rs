//! One source of a scalar as a flag: `ASSET:SOURCE=URL#POINTER`.

use super::{check, error::Place, feed_name, Found, WorkerConfigError};
use rwa_primitives::{
	feed::{FeedId, SourceKind},
	worker::{Conversion, ReadingRule, SourceConfig, DEFAULT_MAX_BYTES, DEFAULT_TIMEOUT_MS},
};
use serde::{
	de::{value::Error, IntoDeserializer},
	Deserialize,
};

/// Parses the `index`th flag, counted from 0. Errors name the feed but not the address.
pub(super) fn parse(text: &str, index: usize) -> Result<Found, WorkerConfigError> {
	let numbered = || Place::Flag { name: format!("number {}", index + 1) };
	let (feed, address) = text
		.split_once('=')
		.ok_or_else(|| numbered().refuse("expected ASSET:SOURCE=URL#POINTER"))?;
	let feed = parse_feed(feed).map_err(|reason| numbered().refuse(reason))?;
	let place = Place::Flag { name: feed_name(&feed) };

	// An address's fragment is never sent, so the sign is free to part it from the pointer.
	let (url, pointer) = address.split_once('#').unwrap_or((address, ""));
	check::url(url)
		.and_then(|()| check::pointer(pointer))
		.map_err(|reason| place.clone().refuse(reason))?;
	let source = SourceConfig {
		feed,
		url: url.into(),
		reading: ReadingRule::Scalar {
			pointer: pointer.into(),
			text: false,
			conversion: Conversion::default(),
		},
		content: None,
		timeout_ms: DEFAULT_TIMEOUT_MS,
		max_bytes: DEFAULT_MAX_BYTES,
		headers: Vec::new(),
		watch_every: None,
	};
	Ok(Found { source, place })
}

fn parse_feed(text: &str) -> Result<FeedId, String> {
	let (asset, source) = text.split_once(':').ok_or("before =, expected ASSET:SOURCE")?;
	let asset = asset.parse().map_err(|_| "the asset is not a number from 0 to 4294967295")?;
	let source: Result<_, Error> = SourceKind::deserialize(source.into_deserializer());
	Ok(FeedId { asset, source: source.map_err(|error| error.to_string())? })
}

#[cfg(test)]
mod tests {
	use super::*;

	fn scalar_at(pointer: &str) -> ReadingRule {
		let conversion = Conversion::default();
		ReadingRule::Scalar { pointer: pointer.into(), text: false, conversion }
	}

	fn refusal(text: &str) -> String {
		parse(text, 1).map(drop).unwrap_err().to_string()
	}

	#[test]
	fn a_flag_has_feed_address_and_pointer() {
		let text = "7:traffic_api=https://host/now?a=b#/cars/0";
		let source = parse(text, 0).unwrap_or_else(|error| panic!("{error}")).source;
		assert_eq!(source.feed, FeedId { asset: 7, source: SourceKind::TrafficApi });
		assert_eq!(source.url, "https://host/now?a=b");
		assert_eq!(source.reading, scalar_at("/cars/0"));
		assert_eq!((source.timeout_ms, source.max_bytes), (DEFAULT_TIMEOUT_MS, DEFAULT_MAX_BYTES));
	}

	#[test]
	fn without_a_pointer_the_whole_answer_is_the_number() {
		let source = parse("7:iot_sensor=http://host/", 0).map(|found| found.source);
		assert_eq!(source.unwrap_or_else(|error| panic!("{error}")).reading, scalar_at(""));
	}

	#[test]
	fn mistakes_are_named_without_the_address() {
		assert_eq!(
			refusal("http://host/?key"),
			"--oracle-source number 2: expected ASSET:SOURCE=URL#POINTER"
		);
		assert_eq!(
			refusal("7=http://host/"),
			"--oracle-source number 2: before =, expected ASSET:SOURCE"
		);
		assert!(refusal("-1:iot_sensor=http://host/").contains("the asset is not a number"));
		assert!(refusal("7:oracle=http://host/").contains("unknown variant `oracle`"));
		let error = refusal("7:iot_sensor=ftp://host/?key=hunter2#/t");
		assert!(error.starts_with("--oracle-source 7:iot_sensor: the address"), "{error}");
		assert!(!error.contains("hunter2"), "{error}");
		assert!(
			refusal("7:iot_sensor=http://host/#t").contains("the pointer must be empty or begin")
		);
	}
}
