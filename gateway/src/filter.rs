//! Which topics an entry is about.

use std::{fmt, str::FromStr};

/// Longest filter, in bytes.
pub const MAX_FILTER: usize = 256;

/// A topic filter of MQTT: `+` stands for one level, `#` at the end for all that follow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Filter(String);

/// Why a text is no filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
	/// Empty, or beyond [`MAX_FILTER`].
	#[error("a topic has 1 to {MAX_FILTER} bytes")]
	Length,
	/// A character that brokers refuse.
	#[error("a topic has no control characters")]
	Character,
	/// A wildcard that isn't alone between two slashes, or a `#` that isn't last.
	#[error("+ stands alone between slashes, and # alone at the end: a/+/c, a/#")]
	Wildcard,
	/// Of several subscribers to a shared topic each message reaches one, so some would miss it.
	#[error("a shared topic ($share/…) reaches one of its subscribers; name the topic itself")]
	Shared,
}

impl FromStr for Filter {
	type Err = FilterError;

	fn from_str(text: &str) -> Result<Self, FilterError> {
		if text.is_empty() || text.len() > MAX_FILTER {
			return Err(FilterError::Length);
		}
		if text.chars().any(char::is_control) {
			return Err(FilterError::Character);
		}
		if text.starts_with("$share/") {
			return Err(FilterError::Shared);
		}
		let mut levels = text.split('/').peekable();
		while let Some(level) = levels.next() {
			let wild = level.contains(['+', '#']);
			if wild && (level.len() > 1 || (level == "#" && levels.peek().is_some())) {
				return Err(FilterError::Wildcard);
			}
		}
		Ok(Self(text.into()))
	}
}

impl Filter {
	/// As the broker is told it.
	pub fn as_str(&self) -> &str {
		&self.0
	}

	/// Whether a message on `topic` is what this asks for.
	///
	/// The library's function for this panics if the topic begins with a letter beyond ASCII.
	pub fn matches(&self, topic: &str) -> bool {
		let wild = self.0.starts_with(['+', '#']);
		if topic.starts_with('$') && wild {
			return false; // What the broker says of itself has to be asked for by name.
		}
		let mut levels = topic.split('/');
		for wanted in self.0.split('/') {
			match (wanted, levels.next()) {
				("#", _) => return true,
				("+", Some(_)) => {}
				(_, Some(level)) if level == wanted => {}
				_ => return false,
			}
		}
		levels.next().is_none()
	}
}

impl fmt::Display for Filter {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(&self.0)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn filter(text: &str) -> Filter {
		text.parse().unwrap()
	}

	#[test]
	fn filters_should_match_as_the_standard_says() {
		for (text, topic, expected) in [
			("a/b", "a/b", true),
			("a/b", "a/b/c", false),
			("a/b", "a", false),
			("a/+", "a/b", true),
			("a/+", "a", false),
			("a/+", "a/", true),
			("a/+/c", "a/b/c", true),
			("a/+/c", "a/b/d/c", false),
			("+", "a", true),
			("+", "/a", false),
			("+/+", "/a", true),
			("a/#", "a", true),
			("a/#", "a/b/c", true),
			("a/#", "b", false),
			("#", "a/b", true),
			("#", "$SYS/uptime", false),
			("+/uptime", "$SYS/uptime", false),
			("$SYS/#", "$SYS/uptime", true),
			("é/+", "é/x", true),
			("#", "é", true),
		] {
			assert_eq!(filter(text).matches(topic), expected, "{text} {topic}");
		}
	}

	#[test]
	fn what_a_broker_would_refuse_should_be_refused() {
		for (text, expected) in [
			("", FilterError::Length),
			("a#", FilterError::Wildcard),
			("a/#/b", FilterError::Wildcard),
			("a/b+", FilterError::Wildcard),
			("++", FilterError::Wildcard),
			("a\0b", FilterError::Character),
			("a\nb", FilterError::Character),
			("$share/group/a", FilterError::Shared),
		] {
			assert_eq!(text.parse::<Filter>(), Err(expected), "{text:?}");
		}
		assert_eq!("x".repeat(MAX_FILTER + 1).parse::<Filter>(), Err(FilterError::Length));
		assert!("x".repeat(MAX_FILTER).parse::<Filter>().is_ok());
	}

	proptest! {
		#[test]
		fn no_topic_should_cause_a_panic(text in "[a+#/$é]{1,9}", topic in ".{0,20}") {
			if let Ok(filter) = text.parse::<Filter>() {
				filter.matches(&topic);
			}
		}

		#[test]
		fn a_topic_should_match_itself_and_everything(topic in "[a-zé/]{1,20}") {
			prop_assert!(filter(&topic).matches(&topic));
			prop_assert!(filter("#").matches(&topic));
		}
	}
}
