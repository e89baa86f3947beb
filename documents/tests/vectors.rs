//! The format stays what it is: what is made today is what the checked-in vectors have. That they are what
//! the description says is checked by an implementation of its own, in `scripts/js/lib/document.test.js`.

#[path = "../examples/vectors.rs"]
mod generator;

use serde_json::Value;

#[test]
fn the_format_should_be_that_of_the_vectors() {
	let vectors = serde_json::from_str::<Value>(include_str!("vectors/format.json")).unwrap();
	let made = generator::vectors();
	for name in ["version", "documents", "envelopes", "backup"] {
		assert!(!vectors[name].is_null(), "{name}");
		assert_eq!(made[name], vectors[name], "{name}");
	}
	assert_eq!(made, vectors);
}
