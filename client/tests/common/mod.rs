//! What the tests of the client share.

// Each test file is a program of its own and uses a part of this.
#![allow(dead_code)]

pub(crate) mod fake;
pub(crate) mod real;

use rwa_client::documents::Journal;
use rwa_documents::{DocumentKeys, SystemEntropy};
use sha2::{Digest, Sha256};
use std::path::Path;

/// Bytes that look random and are the same everywhere.
pub(crate) fn content(size: usize) -> Vec<u8> {
	let digests = (0u64..).flat_map(|number| Sha256::digest(number.to_le_bytes()));
	digests.take(size).collect()
}

pub(crate) fn keys() -> DocumentKeys {
	DocumentKeys::generate(&mut SystemEntropy).unwrap()
}

/// A new journal in a folder.
pub(crate) fn journal(folder: &Path, name: &str) -> Journal {
	Journal::create(&folder.join(name), keys()).unwrap()
}
