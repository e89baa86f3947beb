//! The reader of answers, against one that makes a tree of them.
//!
//! Input: a pointer, and on the next lines the answer.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rwa_fuzz::{json::segments, json::Json, lines};
use rwa_primitives::json::{check_pointer, number_at, plain_at, JsonError, MAX_DEPTH};
use serde::de::IgnoredAny;

fuzz_target!(|input: &[u8]| {
	let Some(([pointer], body)) = lines(input) else { return };
	let found = [false, true].map(|quoted| number_at(body, pointer, quoted));
	let plain = plain_at(body, pointer);
	assert_eq!(check_pointer(pointer), segments(pointer).map(drop));
	if check_pointer(pointer).is_err() {
		assert_eq!(found, [Err(JsonError::BadPointer); 2]);
		assert_eq!(plain, Err(JsonError::BadPointer));
		return;
	}

	let deep = brackets(body) > MAX_DEPTH;
	if deep {
		assert_eq!(found, [Err(JsonError::TooDeep); 2]);
		assert_eq!(plain, Err(JsonError::TooDeep));
		return;
	}
	let tree = Json::parse(body);
	let text = std::str::from_utf8(body).ok();
	let others = text.is_some_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok());
	assert_eq!(tree.is_some(), others, "the second opinion is wrong");
	let Some(tree) = tree else {
		assert_eq!(found, [Err(JsonError::Malformed); 2]);
		assert_eq!(plain, Err(JsonError::Malformed));
		return;
	};
	assert!(tree.depth() <= MAX_DEPTH);

	let there = tree.at(pointer);
	assert_eq!(found, [false, true].map(|quoted| there.and_then(|value| value.number(quoted))));
	assert_eq!(plain, there.and_then(|value| value.plain()));

	// And what everybody else uses, where it takes the text and nothing in it has two meanings.
	if let (true, Ok(value)) =
		(tree.is_plain_sailing(), serde_json::from_slice::<serde_json::Value>(body))
	{
		assert_eq!(value.pointer(pointer).is_some(), there.is_ok());
	}
});

/// How deep brackets outside of strings are, whether or not they match.
fn brackets(body: &[u8]) -> usize {
	let (mut depth, mut deepest) = (0usize, 0);
	let mut rest = body.iter();
	let mut in_string = false;
	while let Some(byte) = rest.next() {
		match (in_string, byte) {
			(true, b'\\') => {
				rest.next();
			}
			(_, b'"') => in_string = !in_string,
			(false, b'[' | b'{') => depth += 1,
			(false, b']' | b'}') => depth = depth.saturating_sub(1),
			_ => {}
		}
		deepest = deepest.max(depth);
	}
	deepest
}
