//! What can go wrong, and what to do about it.

use super::{
	kubo::{NEWEST, OLDEST},
	pace::LEAST_RATE,
};
use rwa_documents::{CheckpointError, ReadError, RepairError, SealError};
use rwa_primitives::ipfs::Cid;
use std::{fmt, io, path::PathBuf};

/// Why an address can't be that of a Kubo.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AddressError {
	/// No address at all.
	#[error("not an address: give Kubo's RPC as in http://127.0.0.1:5001")]
	Unreadable,
	/// Not `http`.
	#[error("an address of Kubo's RPC begins with http://; put a tunnel or a proxy before one that is elsewhere")]
	Scheme,
	/// A user's name, a path or a query in it.
	#[error(
		"an address of Kubo's RPC is a host and a port, and nothing more: http://127.0.0.1:5001"
	)]
	Rest,
	/// A token that HTTP can't carry.
	#[error("the token has a character that HTTP can't carry")]
	Token,
}

/// What is wrong with Kubo.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum KuboError {
	/// Nobody answers there.
	#[error(
		"can't be reached: {0}; is `ipfs daemon` running, and is that the address of its RPC?"
	)]
	Unreachable(String),
	/// The connection broke off, or what came isn't HTTP.
	#[error("broke off: {0}; see its log, and try again")]
	Broken(String),
	/// No answer, or no more of it.
	#[error("gave no answer, or no more of it, for {0} s; is it overloaded, or does nobody have the file?")]
	TimedOut(u64),
	/// Too little of a file for too long.
	#[error("gives less than {} KiB/s of it: whoever keeps the file, or the network between, is slow", LEAST_RATE >> 10)]
	Slow,
	/// Doesn't take bytes.
	#[error("took no bytes for {0} s; is it overloaded, or its disk?")]
	Stalled(u64),
	/// More bytes than asked for.
	#[error("answered with more bytes than such an answer has")]
	TooLarge,
	/// Another version.
	#[error(
		"is version {0}; {}.{} to {}.{} are known: scripts/setup.sh brings one",
		OLDEST[0], OLDEST[1], NEWEST[0], NEWEST[1]
	)]
	Version(String),
	/// Wants a token, or another.
	#[error("refused the request with status {0}: it wants a token, or another one (its setting API.Authorizations)")]
	Unauthorised(u16),
	/// No room.
	#[error("has no room left: {0}; free space, or raise its setting Datastore.StorageMax")]
	Full(String),
	/// Kubo's own error.
	#[error("refused: {0}")]
	Refused(String),
	/// Another status than success, with what was said.
	#[error("answered with status {0}: {1}; is that the address of Kubo's RPC?")]
	Status(u16, String),
	/// An answer that isn't what was asked for.
	#[error("gave an answer that can't be understood: {0}; is that the address of Kubo's RPC?")]
	Nonsense(String),
	/// The file that Kubo made isn't the one that was sent, by its CID.
	#[error("added the file as {found} and not as {expected}: {why}")]
	OtherCid {
		/// The file's CID, as documents are laid out.
		expected: Cid,
		/// What Kubo calls it.
		found: String,
		/// What is set wrongly, as far as it shows.
		why: String,
	},
}

impl KuboError {
	/// Kubo's errors have no codes, so this knows its words.
	pub(super) fn sorted(self) -> Self {
		let is_full =
			|text: &str| text.contains("no space left") || text.contains("quota exceeded");
		match self {
			Self::Status(status @ (401 | 403), _) => Self::Unauthorised(status),
			Self::Refused(text) | Self::Status(_, text) if is_full(&text) => Self::Full(text),
			other => other,
		}
	}
}

/// Why a journal can't be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
	/// There is one already. It may hold the keys of a document, so it stays.
	#[error("{0} is there already: open it to go on, or remove it to publish under new keys")]
	Exists(PathBuf),
	/// Another program publishes with it.
	#[error("{0} is in use: the document is being published already")]
	InUse(PathBuf),
	/// Not a journal.
	#[error("{path} is not a journal of a document that is being published: {reason}")]
	Unreadable {
		/// The file.
		path: PathBuf,
		/// What is wrong with it.
		reason: CheckpointError,
	},
	/// The disk.
	#[error("{path}: {reason}")]
	Io {
		/// The file.
		path: PathBuf,
		/// What the system says.
		reason: io::Error,
	},
}

/// Why a document wasn't published. What is at Kubo already does no harm; publish again with the same journal.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
	/// What is wrong with Kubo.
	#[error("Kubo at {url} {error}")]
	Kubo {
		/// Where.
		url: String,
		/// What.
		error: KuboError,
	},
	/// The document can't be read.
	#[error("the document can't be read: {0}")]
	Document(io::Error),
	/// The document can't be sealed; above all, because it has changed since it was first published.
	#[error(transparent)]
	Seal(#[from] SealError),
	/// The journal can't be written, without which nothing may leave.
	#[error(transparent)]
	Journal(#[from] JournalError),
	/// Sealing stopped without a word: this program ends.
	#[error("sealing was stopped; publish again with the same journal")]
	Stopped,
}

/// Why one replica wasn't read to its end.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReplicaFailure {
	/// What is wrong with Kubo, or with the network behind it.
	#[error("Kubo {0}")]
	Kubo(KuboError),
	/// Another number of bytes than the chain says.
	#[error("the file has {found} bytes and not {expected}")]
	Size {
		/// As the chain says.
		expected: u64,
		/// As many as came.
		found: u64,
	},
	/// It can't be opened.
	#[error("{0}")]
	Read(ReadError),
	/// It begins with other bytes than the replica that was read before.
	#[error(
		"the document in it is another than in the replica before: the publisher's replicas differ"
	)]
	OtherText,
}

/// Why a document wasn't fetched, or not all of it.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
	/// No document has a replica of so many bytes.
	#[error("no document has replicas of {0} bytes")]
	Size(u64),
	/// No replica could be read to its end. The first bytes that were given are a true beginning of what the
	/// publisher sealed, and not the document.
	#[error("{given} of {size} bytes came, which are not the document: {}", Listed(failures))]
	Incomplete {
		/// Bytes of the document that were given.
		given: u64,
		/// Bytes that it has.
		size: u64,
		/// What is wrong with each replica, by its number.
		failures: Vec<(u8, ReplicaFailure)>,
	},
	/// What was read can't be put where it should go.
	#[error("the document can't be written: {0}")]
	Output(io::Error),
}

/// Failures in a row.
struct Listed<'a>(&'a [(u8, ReplicaFailure)]);

impl fmt::Display for Listed<'_> {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		for (place, (replica, failure)) in self.0.iter().enumerate() {
			let between = if place == 0 { "" } else { "; " };
			write!(f, "{between}replica {replica}: {failure}")?;
		}
		Ok(())
	}
}

/// Why a replica wasn't made again. Nothing of it is pinned.
#[derive(Debug, thiserror::Error)]
pub enum RepairingError {
	/// What is wrong with Kubo.
	#[error("Kubo at {url} {error}")]
	Kubo {
		/// Where.
		url: String,
		/// What.
		error: KuboError,
	},
	/// The replica that was read has another number of bytes than the chain says.
	#[error("replica {replica} has {found} bytes and not {expected}")]
	Size {
		/// Number of the replica that was read.
		replica: u8,
		/// As the chain says.
		expected: u64,
		/// As many as came.
		found: u64,
	},
	/// The replicas don't belong to each other, or to the root.
	#[error(transparent)]
	Repair(#[from] RepairError),
}
