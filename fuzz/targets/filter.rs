//! The gateway's topic filters, against the standard's words, and the texts that it keeps.
//!
//! Input: a filter, on the next line a topic, and then a message.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rwa_fuzz::{json::Json, lines};
use rwa_primitives::json::MAX_DEPTH;

// The files themselves: the gateway's crate would bring MQTT, HTTP and TLS.
#[allow(dead_code, reason = "only what reads foreign bytes is wanted")]
#[path = "../../gateway/src/device.rs"]
mod device;
#[path = "../../gateway/src/filter.rs"]
mod filter;
#[path = "../../gateway/src/topic.rs"]
mod topic;
use device::Refusal;
use filter::{Filter, MAX_FILTER};
use topic::TopicRecord;

/// Most bytes of a message, as an operator may set it.
const MAX_BYTES: usize = 512;

fuzz_target!(|input: &[u8]| {
	let Some(([text, topic], payload)) = lines(input) else { return };
	let filter = text.parse::<Filter>();
	assert_eq!(filter.is_ok(), is_filter(text), "{text:?}");
	if let Ok(filter) = filter {
		assert_eq!((filter.as_str(), filter.to_string().as_str()), (text, text));
		assert_eq!(filter.matches(topic), fits(text, topic), "{text:?} {topic:?}");
	}
	keep(payload);
	let _ = TopicRecord::from_json(topic, MAX_BYTES);
});

/// Sections 4.7 and 4.8 of MQTT 5, and no control characters.
fn is_filter(text: &str) -> bool {
	let levels: Vec<&str> = text.split('/').collect();
	let alone = |level: &&str| matches!(*level, "+" | "#") || !level.contains(['+', '#']);
	(1..=MAX_FILTER).contains(&text.len())
		&& !text.chars().any(char::is_control)
		&& !text.starts_with("$share/")
		&& levels.iter().all(alone)
		&& !levels[..levels.len() - 1].contains(&"#")
}

fn fits(filter: &str, topic: &str) -> bool {
	let hidden = topic.starts_with('$') && !filter.starts_with('$');
	let wanted: Vec<&str> = filter.split('/').collect();
	let levels: Vec<&str> = topic.split('/').collect();
	!(hidden && matches!(wanted[0], "+" | "#")) && levels_fit(&wanted, &levels)
}

fn levels_fit(wanted: &[&str], levels: &[&str]) -> bool {
	match (wanted, levels) {
		([], []) | (["#"], _) => true,
		([wanted, rest @ ..], [level, levels @ ..]) => {
			(*wanted == "+" || wanted == level) && levels_fit(rest, levels)
		}
		_ => false,
	}
}

/// A text is kept if the node's worker would read it, and comes back from the disk as it was.
fn keep(payload: &[u8]) {
	let taken = TopicRecord::take(payload, MAX_BYTES, 7);
	if payload.len() > MAX_BYTES {
		assert_eq!(taken, Err(Refusal::TooLarge));
		return;
	}
	let brackets = payload.iter().filter(|byte| b"[{".contains(byte)).count();
	if brackets <= MAX_DEPTH {
		assert_eq!(taken.is_ok(), Json::parse(payload).is_some());
	}
	let Ok(record) = taken else { return };
	assert_eq!(record.text.as_bytes(), payload);
	assert_eq!(record.age(7), Some(0));
	assert_eq!(TopicRecord::from_json(&record.to_json(), MAX_BYTES).as_ref(), Ok(&record));
}
