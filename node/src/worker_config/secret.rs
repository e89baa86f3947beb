//! Values that may be secrets, and may be kept outside the file.

use serde::Deserialize;
use std::{ffi::OsString, fs, path::Path};

/// Looks up an environment variable. A parameter, so that tests need not change the process.
pub(super) type Environment<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// A value as the file writes it. No `Debug`: it may be a secret.
#[derive(Deserialize)]
#[serde(untagged, expecting = "this is text, { env = \"NAME\" } or { file = \"path\" }")]
pub(super) enum Secret {
	/// The value itself.
	Text(String),
	/// Where the value is.
	Elsewhere(Elsewhere),
}

/// A place outside the file, and its name.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Elsewhere {
	/// What the environment variable holds.
	Env(String),
	/// What the file holds, without the line break at its end.
	File(String),
}

impl Secret {
	/// The value, and words for where it came from. Files are relative to `folder`.
	///
	/// # Errors
	/// A sentence that names the variable or the file, never its content.
	pub(super) fn resolve(
		self,
		folder: &Path,
		environment: Environment,
	) -> Result<(String, String), String> {
		match self {
			Self::Text(value) => Ok((value, "the value".into())),
			Self::Elsewhere(Elsewhere::Env(name)) => {
				let from = format!("environment variable {name}");
				let value = environment(&name).ok_or_else(|| format!("{from} is not set"))?;
				let value = value.into_string().map_err(|_| format!("{from} is not UTF-8 text"))?;
				Ok((value, from))
			}
			Self::Elsewhere(Elsewhere::File(file)) => {
				let path = folder.join(file);
				let from = format!("file {}", path.display());
				let value =
					fs::read_to_string(&path).map_err(|error| format!("{from}: {error}"))?;
				Ok((value.trim_end_matches(['\r', '\n']).into(), from))
			}
		}
	}
}
