//! Texts that are kept outside the file.

use serde::Deserialize;
use std::{ffi::OsString, fs, path::Path};

/// Longest secret, in bytes.
const MAX_SECRET: usize = 4_096;

/// Looks up an environment variable. A parameter, so that tests need not change the process.
pub(super) type Environment<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// A place outside the file, and its name. No `Debug` here or below.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Elsewhere {
	/// What the environment variable holds.
	Env(String),
	/// What the file holds, without the line break at its end.
	File(String),
}

/// A text that may be in the file itself.
#[derive(Deserialize)]
#[serde(untagged, expecting = "give text, { env = \"NAME\" } or { file = \"path\" }")]
pub(super) enum Text {
	/// The text.
	Here(String),
	/// Where it is.
	Elsewhere(Elsewhere),
}

/// A text that may not: settings get copied around.
#[derive(Deserialize)]
#[serde(
	untagged,
	expecting = "a secret isn't written here: give { env = \"NAME\" } or { file = \"path\" }"
)]
pub(super) enum Secret {
	/// Where it is.
	Elsewhere(Elsewhere),
}

impl Elsewhere {
	/// Files are relative to `folder`.
	///
	/// # Errors
	/// A sentence that names the variable or the file, never its content.
	pub(super) fn resolve(self, folder: &Path, environment: Environment) -> Result<String, String> {
		let (from, value) = match self {
			Self::Env(name) => {
				let from = format!("environment variable {name}");
				let value = environment(&name).ok_or_else(|| format!("{from} is not set"))?;
				let value = value.into_string().map_err(|_| format!("{from} is not UTF-8 text"))?;
				(from, value)
			}
			Self::File(file) => {
				let path = folder.join(file);
				let from = format!("file {}", path.display());
				let value =
					fs::read_to_string(&path).map_err(|error| format!("{from}: {error}"))?;
				(from, value.trim_end_matches(['\r', '\n']).into())
			}
		};
		checked(value).map_err(|reason| format!("{from} {reason}"))
	}
}

/// The text, if MQTT can carry it.
///
/// # Errors
/// The rest of a sentence that begins with where it came from.
pub(super) fn checked(value: String) -> Result<String, &'static str> {
	if value.is_empty() {
		return Err("is empty");
	}
	if value.len() > MAX_SECRET {
		return Err("is longer than 4096 bytes");
	}
	if value.chars().any(char::is_control) {
		return Err("has a control character in it");
	}
	Ok(value)
}
