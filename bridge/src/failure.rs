//! Why an attempt came to nothing, and whether another may go better.

use rwa_primitives::ipfs::ProofError;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// One word for each reason. What reads them decides by these; the text beside them is for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
	/// Kubo or Cluster can't be reached: not running, or at another address.
	Unreachable,
	/// It wants a login that the settings don't have.
	Unauthorised,
	/// It is a version that isn't known to work.
	WrongVersion,
	/// It didn't answer in time.
	TimedOut,
	/// It answered what can't be understood, or far more than it should.
	BadAnswer,
	/// It refused, for a reason of its own.
	Refused,
	/// The content wasn't found on the network in time.
	NotFoundInTime,
	/// There is no space for it.
	DiskFull,
	/// The root is not of the kind that the size demands.
	WrongCodec,
	/// The file isn't of the size that was said, or not laid out as documents are.
	SizeMismatch,
	/// A block isn't a node of a file, or is written in another way than the only one.
	Malformed,
	/// A block has more bytes than any of its place.
	GiantBlock,
	/// A block that should be on disk isn't.
	MissingBlock,
	/// The bytes on disk aren't those that the CID names: the disk is damaged.
	DamagedBlock,
	/// The file has no such leaf.
	NoSuchLeaf,
	/// Nobody ordered this file to be kept.
	UnknownPin,
	/// Pinned by somebody else on this Kubo, under another name.
	ForeignPin,
}

/// Why an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{text}")]
pub struct Failure {
	/// For programs.
	pub code: Code,
	/// For people: the cause, and what to do.
	pub text: String,
}

/// Longest text that is kept.
const MAX_TEXT: usize = 400;

impl Failure {
	/// With this text, cut to 400 characters and made fit for one line.
	pub fn new(code: Code, text: impl AsRef<str>) -> Self {
		Self { code, text: crate::shown(text.as_ref(), MAX_TEXT) }
	}

	/// Whether the same attempt may go better later.
	pub fn may_pass(&self) -> bool {
		!matches!(
			self.code,
			Code::WrongCodec
				| Code::SizeMismatch
				| Code::Malformed
				| Code::GiantBlock
				| Code::NoSuchLeaf
				| Code::UnknownPin
				| Code::ForeignPin
		)
	}

	/// Longest wait before the next attempt. Short where a restart mends it, so that nothing is idle for
	/// long after that; long where the network or an operator must do something.
	pub fn longest_wait(&self) -> Duration {
		Duration::from_secs(match self.code {
			Code::Unreachable | Code::TimedOut | Code::WrongVersion | Code::Unauthorised => 15,
			_ => 600,
		})
	}
}

/// What a block that was hashed and found to be the one its CID names says about the file.
impl From<ProofError> for Failure {
	fn from(error: ProofError) -> Self {
		let code = match error {
			ProofError::WrongCodec => Code::WrongCodec,
			ProofError::WrongLength | ProofError::WrongShape | ProofError::WrongTotal => {
				Code::SizeMismatch
			}
			ProofError::TooLarge => Code::GiantBlock,
			ProofError::Node(_) | ProofError::File(_) => Code::Malformed,
			ProofError::WrongHash => Code::DamagedBlock,
			ProofError::LeafOutOfRange => Code::NoSuchLeaf,
			// Nobody gives a number of blocks here.
			ProofError::WrongNumberOfBlocks => Code::BadAnswer,
		};
		Self::new(code, format!("the file isn't what was registered: {error}"))
	}
}
