//! What can be wrong with the settings, and where.

use std::{
	io,
	ops::Range,
	path::{Path, PathBuf},
};

/// A mistake in the settings. Never shows a value that may be a secret.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
	/// The file can't be read.
	#[error("{}: {reason}", path.display())]
	Unreadable {
		/// The file.
		path: PathBuf,
		/// Why.
		reason: io::Error,
	},
	/// A mistake at a place. Lines and columns count from 1.
	#[error("{}:{line}:{column}: {reason}", path.display())]
	At {
		/// The file.
		path: PathBuf,
		/// The line.
		line: usize,
		/// The character in the line.
		column: usize,
		/// What, and what would do.
		reason: String,
	},
}

impl ConfigError {
	/// `reason`, at the place in `text` where `span` (in bytes) begins.
	pub(super) fn at(path: &Path, text: &str, span: Option<Range<usize>>, reason: String) -> Self {
		let before = span.and_then(|span| text.get(..span.start)).unwrap_or_default();
		let line = before.matches('\n').count().saturating_add(1);
		let in_line = before.rsplit('\n').next().unwrap_or_default();
		let column = in_line.chars().count().saturating_add(1);
		// A name in it may have a line break.
		let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
		Self::At { path: path.into(), line, column, reason }
	}
}

/// The field on whose line `span` begins, if the line reads `field = value`.
pub(super) fn field_at(text: &str, span: Option<Range<usize>>) -> Option<&str> {
	let start = span?.start;
	let line_start = text.get(..start)?.rfind('\n').map_or(0, |newline| newline.saturating_add(1));
	let (field, _) = text.get(line_start..)?.lines().next()?.split_once('=')?;
	// Within the name itself the parser's message says it.
	(line_start.saturating_add(field.len()) < start).then(|| field.trim())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn places_should_count_lines_and_characters_from_one() {
		let at = |start| {
			let span = Some(start..start);
			ConfigError::at(Path::new("f"), "ab\nçd\n", span, "r".into()).to_string()
		};
		assert_eq!(at(0), "f:1:1: r");
		assert_eq!(at(3), "f:2:1: r");
		assert_eq!(at(5), "f:2:2: r"); // The character before takes two bytes.
	}

	#[test]
	fn a_mistake_should_be_one_line_whatever_names_are_in_it() {
		let mistake = ConfigError::at(Path::new("f"), "", None, "variable A\n B is not set".into());
		assert_eq!(mistake.to_string(), "f:1:1: variable A B is not set");
	}

	#[test]
	fn the_field_of_a_value_should_be_found() {
		let text = "[a]\n port = 7\n";
		assert_eq!(field_at(text, Some(12..13)), Some("port"));
		assert_eq!(field_at(text, Some(5..9)), None);
		assert_eq!(field_at(text, Some(0..3)), None);
		assert_eq!(field_at(text, Some(99..100)), None);
	}
}
