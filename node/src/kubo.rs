//! The Kubo that documents go to and come from: a flag, checked at the start.

use rwa_client::documents::{read_key_file, AddressError, KeyFileError, Kubo};
use std::path::PathBuf;

/// Flags for documents.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct KuboArgs {
	/// Store and fetch documents through the Kubo whose RPC is at this address, as in http://127.0.0.1:5001.
	///
	/// Without it the methods `rwa_storeDocument` and `rwa_fetchDocument` are not there. With it they are, for
	/// callers that may use unsafe methods. Kubo need not run when the node starts.
	#[arg(long, value_name = "URL")]
	pub kubo: Option<String>,

	/// Take a Kubo on another machine.
	///
	/// Whoever reaches its RPC can do everything with it, without a password, and what goes there can be seen and
	/// changed on its way: sealed replicas, and nothing that can be read.
	#[arg(long, requires = "kubo")]
	pub kubo_elsewhere: bool,

	/// File with the token that Kubo's RPC wants (its setting `API.Authorizations`).
	#[arg(long, value_name = "FILE", requires = "kubo")]
	pub kubo_token_file: Option<PathBuf>,
}

/// What is wrong with the flags.
#[derive(Debug, thiserror::Error)]
pub enum KuboArgsError {
	/// Not an address of Kubo's RPC.
	#[error("--kubo: {0}")]
	Address(#[from] AddressError),
	/// On another machine.
	#[error("--kubo: {0} is not on this machine; if that is meant, say --kubo-elsewhere as well")]
	Elsewhere(String),
	/// The token's file.
	#[error("--kubo-token-file: {0}")]
	Token(#[from] KeyFileError),
}

impl KuboArgs {
	/// The Kubo that the flags name.
	///
	/// # Errors
	/// See [`KuboArgsError`].
	pub fn load(&self) -> Result<Option<Kubo>, KuboArgsError> {
		let Some(url) = &self.kubo else { return Ok(None) };
		let token = self.kubo_token_file.as_deref().map(read_key_file).transpose()?;
		let kubo = Kubo::new(url, token.as_deref().map(|token| token.trim()))?;
		if !kubo.is_local() && !self.kubo_elsewhere {
			return Err(KuboArgsError::Elsewhere(kubo.url().into()));
		}
		Ok(Some(kubo))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn load(url: &str, elsewhere: bool) -> Result<Option<Kubo>, String> {
		let args =
			KuboArgs { kubo: Some(url.into()), kubo_elsewhere: elsewhere, kubo_token_file: None };
		args.load().map_err(|error| error.to_string())
	}

	#[test]
	fn without_a_flag_there_is_no_kubo() {
		assert!(KuboArgs::default().load().unwrap().is_none());
	}

	#[test]
	fn a_kubo_elsewhere_is_taken_only_if_that_is_meant() {
		for url in ["http://127.0.0.1:5001", "http://localhost:5001/", "http://[::1]:5001"] {
			assert!(load(url, false).unwrap().is_some(), "{url}");
		}
		let elsewhere = "http://kubo.example:5001";
		assert_eq!(load(elsewhere, true).unwrap().unwrap().url(), elsewhere);
		let error = load(elsewhere, false).unwrap_err();
		assert!(error.contains("kubo.example") && error.contains("--kubo-elsewhere"), "{error}");
	}

	#[test]
	fn a_token_is_read_from_its_file_and_a_mistake_in_it_is_named() {
		let folder = tempfile::tempdir().unwrap();
		let file = folder.path().join("token");
		let load = || {
			let kubo = Some("http://127.0.0.1:5001".into());
			let kubo_token_file = Some(file.clone());
			KuboArgs { kubo, kubo_elsewhere: false, kubo_token_file }.load()
		};
		let error = load().unwrap_err().to_string();
		assert!(error.starts_with("--kubo-token-file: "), "{error}");
		std::fs::write(&file, "hunter2\n").unwrap();
		assert!(load().unwrap().is_some());
		std::fs::write(&file, "hunter\u{7}2").unwrap();
		let error = load().unwrap_err().to_string();
		assert!(
			error.contains("the token has a character") && !error.contains("hunter"),
			"{error}"
		);
	}

	#[test]
	fn what_is_no_address_is_refused_without_its_secrets() {
		for url in ["nonsense", "https://127.0.0.1", "http://me:hunter2@127.0.0.1:5001"] {
			let error = load(url, true).unwrap_err();
			assert!(error.starts_with("--kubo: ") && !error.contains("hunter2"), "{error}");
		}
	}
}
