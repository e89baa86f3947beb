//! What can be wrong with the settings, and where.

use std::{
	fmt, io,
	ops::Range,
	path::{Path, PathBuf},
};

/// A mistake in the settings of the off-chain workers. Never shows a value that may be a secret.
#[derive(Debug, thiserror::Error)]
pub enum WorkerConfigError {
	/// The file can't be read.
	#[error("{}: {reason}", path.display())]
	Unreadable {
		/// The file.
		path: PathBuf,
		/// Why.
		reason: io::Error,
	},
	/// A mistake at a place.
	#[error("{place}: {reason}")]
	Refused {
		/// Where.
		place: Place,
		/// What, and what would do.
		reason: String,
	},
}

/// Where a setting was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
	/// In a file. Lines and columns count from 1.
	File {
		/// The file.
		path: PathBuf,
		/// The line.
		line: usize,
		/// The character in the line.
		column: usize,
	},
	/// In a file, at no place in particular.
	WholeFile {
		/// The file.
		path: PathBuf,
	},
	/// In an `--oracle-source`, named by its feed, or by its number if it has none.
	Flag {
		/// The feed, or the number.
		name: String,
	},
}

impl Place {
	/// The place in `text`, the content of `path`, where `span` (in bytes) begins.
	pub(super) fn in_file(path: &Path, text: &str, span: Option<Range<usize>>) -> Self {
		let path = path.to_owned();
		let Some(before) = span.and_then(|span| text.get(..span.start)) else {
			return Self::WholeFile { path };
		};
		let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
		let line = before.matches('\n').count() + 1;
		let column = before[line_start..].chars().count() + 1;
		Self::File { path, line, column }
	}

	/// This mistake at this place.
	pub(super) fn refuse(self, reason: impl Into<String>) -> WorkerConfigError {
		WorkerConfigError::Refused { place: self, reason: reason.into() }
	}
}

impl fmt::Display for Place {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::File { path, line, column } => write!(f, "{}:{line}:{column}", path.display()),
			Self::WholeFile { path } => write!(f, "{}", path.display()),
			Self::Flag { name } => write!(f, "--oracle-source {name}"),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn places_count_lines_and_characters_from_one() {
		let at = |start| Place::in_file(Path::new("f"), "ab\nçd\n", Some(start..start)).to_string();
		assert_eq!(at(0), "f:1:1");
		assert_eq!(at(3), "f:2:1");
		// The character before takes two bytes.
		assert_eq!(at(5), "f:2:2");
		assert_eq!(at(7), "f:3:1");
		assert_eq!(Place::in_file(Path::new("f"), "", None).to_string(), "f");
	}
}
