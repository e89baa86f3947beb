//! What is said over HTTP.
//!
//! Pure but for the shelf: a path in, an answer out.

use crate::{
	config::{Device, Settings},
	device::{DeviceRecord, Evidence, Kept},
	shelf::{Content, Found, Shelf},
};
use rwa_primitives::{
	device::{DeviceKey, SignedMeasurement},
	feed::{FeedId, SourceKind},
	Moment,
};
use serde_json::{json, Value};
use std::fmt::Write;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
	/// HTTP's status code.
	pub status: u16,
	/// What the body is.
	pub content_type: &'static str,
	/// The body.
	pub body: String,
}

impl Answer {
	fn json(body: String) -> Self {
		Self { status: 200, content_type: "application/json", body }
	}

	/// `{"error": …}`.
	pub fn error(status: u16, error: &str) -> Self {
		Self { status, ..Self::json(json!({ "error": error }).to_string()) }
	}
}

/// What is answered to `GET path`.
pub fn answer(shelf: &Shelf, path: &str, now: Moment) -> Answer {
	let mut parts = path.strip_prefix('/').unwrap_or(path).split('/');
	match (parts.next(), parts.next(), parts.next(), parts.next()) {
		(Some("feeds"), Some(asset), Some(source), None) => feed(shelf, asset, source, now),
		(Some("devices"), Some(key), None, None) => device(shelf, key, now),
		(Some("topics"), Some(name), None, None) => topic(shelf, name, now),
		(Some("evidence"), None, None, None) => Answer::json(evidence(&shelf.read()).to_string()),
		(Some("health"), None, None, None) => health(shelf, now),
		(Some("metrics"), None, None, None) => metrics(shelf, now),
		_ => Answer::error(
			404,
			"no such page; there are /feeds/ASSET/SOURCE, /devices/KEY, /topics/NAME, /evidence, \
			 /health and /metrics",
		),
	}
}

fn feed(shelf: &Shelf, asset: &str, source: &str, now: Moment) -> Answer {
	let source = serde_json::from_value::<SourceKind>(Value::String(source.into())).ok();
	let id = asset.parse().ok().zip(source).map(|(asset, source)| FeedId { asset, source });
	let found = id.map_or(Found::Unknown, |id| shelf.feed(&id, now));
	found_or_error(found, |kept| kept.signed.to_json(), "[[device]] serves this feed")
}

fn topic(shelf: &Shelf, name: &str, now: Moment) -> Answer {
	found_or_error(shelf.topic(name, now), |text| text, "[[topic]] has this name")
}

fn found_or_error<T>(found: Found<T>, body: impl FnOnce(T) -> String, entry: &str) -> Answer {
	match found {
		Found::Fresh(found) => Answer::json(body(found)),
		Found::Nothing => Answer::error(404, "nothing has come yet"),
		Found::Unknown => Answer::error(404, &format!("no {entry}")),
		Found::Stale(age) => {
			let age_s = age.map(seconds);
			let error = "what came last is older than max_age_s allows";
			let body = json!({ "error": error, "age_s": age_s }).to_string();
			Answer { status: 503, ..Answer::json(body) }
		}
	}
}

fn device(shelf: &Shelf, key: &str, now: Moment) -> Answer {
	// Some clients write a colon in a path like that.
	let key = key.replace("%3A", ":").replace("%3a", ":").parse::<DeviceKey>();
	let entry = shelf.settings().devices.iter().find(|device| Ok(&device.key) == key.as_ref());
	let Some(entry) = entry else { return Answer::error(404, "no [[device]] has this key") };
	let content = shelf.read();
	let Some(record) = content.devices.get(&entry.key) else {
		return Answer::error(404, "nothing has come yet");
	};
	let feeds: Vec<_> = record
		.feeds()
		.map(|(feed, kept)| {
			let kept: Vec<_> = kept.iter().map(|kept| measurement(kept, now)).collect();
			json!({ "asset": feed.asset, "source": feed.source, "oldest_first": kept })
		})
		.collect();
	let body = json!({
		"device": entry.key.to_string(),
		"counter": record.counter(),
		"condemned": !record.evidence().is_empty(),
		"feeds": feeds,
	});
	Answer::json(body.to_string())
}

fn measurement(kept: &Kept, now: Moment) -> Value {
	json!({
		"received_at": kept.received_at,
		"age_s": seconds(now.saturating_sub(kept.signed.measurement.taken_at)),
		"signed": value(&kept.signed),
	})
}

fn value(signed: &SignedMeasurement) -> Value {
	serde_json::from_str(&signed.to_json()).unwrap_or_default()
}

fn evidence(content: &Content) -> Value {
	let all = content.devices.values().flat_map(DeviceRecord::evidence);
	all.map(|Evidence { first, second }| {
		json!({
			"device": first.measurement.device.to_string(),
			"counter": first.measurement.counter,
			"first": value(first),
			"second": value(second),
		})
	})
	.collect()
}

/// 503 if something needs a person: for monitors that look at the status only.
fn health(shelf: &Shelf, now: Moment) -> Answer {
	let content = shelf.read();
	let settings = shelf.settings();
	let ok = is_well(&content);
	let links: serde_json::Map<_, _> = content
		.links
		.iter()
		.map(|(link, state)| {
			let state = json!({
				"connected": state.connected,
				"error": state.error,
				"refused_topics": state.refused_topics,
			});
			(link.name().into(), state)
		})
		.collect();
	let refused: serde_json::Map<_, _> =
		content.refused.iter().map(|(why, count)| (why.name().into(), json!(count))).collect();
	let body = json!({
		"ok": ok,
		"broker": links,
		"store": { "error": content.store_error },
		"accepted": content.accepted,
		"refused": refused,
		"devices": settings.devices.iter().map(|device| device_health(device, &content, now)).collect::<Vec<_>>(),
		"topics": topics_health(settings, &content, now),
	});
	let status = if ok { 200 } else { 503 };
	Answer { status, ..Answer::json(body.to_string()) }
}

fn is_well(content: &Content) -> bool {
	let links = content.links.values();
	let connected =
		|state: &crate::shelf::LinkState| state.connected && state.refused_topics.is_empty();
	links.into_iter().all(connected) && content.store_error.is_none()
}

fn device_health(device: &Device, content: &Content, now: Moment) -> Value {
	let record = content.devices.get(&device.key);
	let feeds = device.rules.feeds.iter().map(|feed| {
		let age = record.and_then(|record| record.newest(feed)).map(|kept| age_of(kept, now));
		json!({ "asset": feed.asset, "source": feed.source, "age_s": age })
	});
	json!({
		"device": device.key.to_string(),
		"counter": record.and_then(DeviceRecord::counter),
		"condemned": record.is_some_and(|record| !record.evidence().is_empty()),
		"feeds": feeds.collect::<Vec<_>>(),
	})
}

fn topics_health(settings: &Settings, content: &Content, now: Moment) -> Value {
	let topics = settings.topics.iter().map(|topic| {
		let age = content.topics.get(&topic.name).and_then(|record| record.age(now));
		json!({ "name": topic.name, "age_s": age.map(seconds) })
	});
	topics.collect()
}

fn age_of(kept: &Kept, now: Moment) -> u64 {
	seconds(now.saturating_sub(kept.signed.measurement.taken_at))
}

fn seconds(milliseconds: Moment) -> u64 {
	milliseconds / 1_000
}

/// In the text format of Prometheus.
fn metrics(shelf: &Shelf, now: Moment) -> Answer {
	let content = shelf.read();
	let mut body = String::new();
	family(&mut body, "accepted_total", "counter", "Messages kept.");
	line(&mut body, "accepted_total", "", content.accepted);
	family(&mut body, "refused_total", "counter", "Messages not kept, by reason.");
	for (why, count) in &content.refused {
		line(&mut body, "refused_total", &format!("{{reason=\"{}\"}}", why.name()), *count);
	}
	family(&mut body, "connected", "gauge", "Whether the broker is connected.");
	for (link, state) in &content.links {
		let label = format!("{{link=\"{}\"}}", link.name());
		line(&mut body, "connected", &label, u64::from(state.connected));
	}
	family(&mut body, "store_ok", "gauge", "Whether the last message could be written.");
	line(&mut body, "store_ok", "", u64::from(content.store_error.is_none()));
	family(&mut body, "condemned_devices", "gauge", "Devices of which there is evidence.");
	let condemned = content.devices.values().filter(|record| !record.evidence().is_empty());
	line(&mut body, "condemned_devices", "", u64::try_from(condemned.count()).unwrap_or_default());
	ages(&mut body, shelf.settings(), &content, now);
	Answer { status: 200, content_type: "text/plain; version=0.0.4", body }
}

fn ages(body: &mut String, settings: &Settings, content: &Content, now: Moment) {
	family(body, "device_age_seconds", "gauge", "Since the newest measurement was taken.");
	for device in &settings.devices {
		let Some(record) = content.devices.get(&device.key) else { continue };
		for feed in &device.rules.feeds {
			let Some(kept) = record.newest(feed) else { continue };
			let label =
				format!("{{device=\"{}\",feed=\"{}\"}}", device.key, crate::feed_name(feed));
			line(body, "device_age_seconds", &label, age_of(kept, now));
		}
	}
	family(body, "topic_age_seconds", "gauge", "Since the last message came.");
	for (name, record) in &content.topics {
		let Some(age) = record.age(now) else { continue };
		line(body, "topic_age_seconds", &format!("{{topic=\"{name}\"}}"), seconds(age));
	}
}

fn family(body: &mut String, name: &str, kind: &str, help: &str) {
	// Writing to a string doesn't fail.
	let _ = writeln!(body, "# HELP rwa_gateway_{name} {help}\n# TYPE rwa_gateway_{name} {kind}");
}

fn line(body: &mut String, name: &str, label: &str, value: u64) {
	let _ = writeln!(body, "rwa_gateway_{name}{label} {value}");
}
