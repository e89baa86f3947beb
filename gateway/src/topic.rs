//! What is kept of an instrument without a key: the last JSON text, as it came.

use crate::device::Refusal;
use rwa_primitives::{
	json::{number_at, JsonError},
	Moment,
};
use serde::{Deserialize, Serialize};

/// Milliseconds that our clock may go back without doubt about ages.
const CLOCK_STEP: Moment = 5_000;

/// The last text, and when it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopicRecord {
	/// By our clock: nothing else tells how old it is.
	pub received_at: Moment,
	/// JSON.
	pub text: String,
}

impl TopicRecord {
	/// Takes a message, or says why not.
	///
	/// # Errors
	/// [`Refusal::TooLarge`], [`Refusal::Malformed`].
	pub fn take(payload: &[u8], max_bytes: usize, now: Moment) -> Result<Self, Refusal> {
		if payload.len() > max_bytes {
			return Err(Refusal::TooLarge);
		}
		if !is_json(payload) {
			return Err(Refusal::Malformed);
		}
		let text = std::str::from_utf8(payload).map_err(|_| Refusal::Malformed)?.into();
		Ok(Self { received_at: now, text })
	}

	/// Milliseconds since it came. `None`: our clock went back, so nobody knows.
	pub fn age(&self, now: Moment) -> Option<Moment> {
		let ahead = self.received_at.saturating_sub(now);
		(ahead <= CLOCK_STEP).then(|| now.saturating_sub(self.received_at))
	}

	/// What is written to disk.
	pub fn to_json(&self) -> String {
		// Plain fields: nothing here can fail.
		serde_json::to_string(self).unwrap_or_default()
	}

	/// From what was written.
	///
	/// # Errors
	/// Says what is wrong.
	pub fn from_json(text: &str, max_bytes: usize) -> Result<Self, String> {
		let record = serde_json::from_str::<Self>(text).map_err(|error| error.to_string())?;
		Self::take(record.text.as_bytes(), max_bytes, record.received_at)
			.map_err(|refusal| format!("what it holds is {}", refusal.name()))
	}
}

/// Whether the node's worker would read this: JSON, nested no deeper than it follows.
fn is_json(payload: &[u8]) -> bool {
	// The worker's own function, asked for the whole of it: that this is no number doesn't matter.
	matches!(
		number_at(payload, "", false),
		Ok(_) | Err(JsonError::NotANumber | JsonError::NumberInText)
	)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;
	use rwa_primitives::json::MAX_DEPTH;

	fn take(payload: &[u8]) -> Result<TopicRecord, Refusal> {
		TopicRecord::take(payload, 100, 7)
	}

	#[test]
	fn json_should_be_kept_as_it_came() {
		for text in ["{\"t\": 21.350}", "21.35", "\"a\"", "[1, {}]", " null\n", "1e400"] {
			let expected = TopicRecord { received_at: 7, text: text.into() };
			assert_eq!(take(text.as_bytes()), Ok(expected), "{text}");
		}
	}

	#[test]
	fn what_is_no_json_should_be_refused() {
		for payload in
			[&b""[..], b"t=21", b"{\"t\":1", b"{\"t\":NaN}", b"1 2", b"\"\xff\"", b"\0", b"{'t':1}"]
		{
			assert_eq!(take(payload), Err(Refusal::Malformed), "{payload:?}");
		}
	}

	#[test]
	fn what_is_too_large_or_too_deep_should_be_refused() {
		let nested = |depth| ["[".repeat(depth), "]".repeat(depth)].concat();
		assert!(take(nested(MAX_DEPTH).as_bytes()).is_ok());
		assert_eq!(take(nested(MAX_DEPTH + 1).as_bytes()), Err(Refusal::Malformed));
		assert!(take("1".repeat(100).as_bytes()).is_ok());
		assert_eq!(take("1".repeat(101).as_bytes()), Err(Refusal::TooLarge));
	}

	#[test]
	fn an_age_should_be_unknown_when_the_clock_went_back() {
		let record = TopicRecord { received_at: 10_000, text: "1".into() };
		assert_eq!(record.age(12_000), Some(2_000));
		assert_eq!(record.age(10_000 - CLOCK_STEP), Some(0));
		assert_eq!(record.age(10_000 - CLOCK_STEP - 1), None);
	}

	proptest! {
		#[test]
		fn no_payload_should_cause_a_panic(payload in prop::collection::vec(any::<u8>(), 0..120)) {
			let _ = take(&payload);
		}

		#[test]
		fn what_was_kept_should_be_read_again(text in "\\PC{0,20}", received_at in any::<u64>()) {
			let text = serde_json::to_string(&text).unwrap();
			let record = TopicRecord { received_at, text };
			prop_assert_eq!(TopicRecord::from_json(&record.to_json(), 200), Ok(record));
		}
	}
}
