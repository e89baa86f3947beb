//! What can stop a measurement, in words that say what to do.

use jsonrpsee::core::ClientError;
use sp_core::H256;
use std::{io, path::PathBuf};

/// Why a command could not do what was asked of it.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
	/// The node can't be reached, or the connection broke.
	#[error("{url}: {source}. Is a node running there, and is this its WebSocket RPC address?")]
	Connection {
		/// Address of the node.
		url: String,
		/// What the client library says.
		source: Box<ClientError>,
	},
	/// The node ended a subscription without which nothing can be measured.
	#[error("{url}: the node closed the subscription `{what}`; has it stopped?")]
	SubscriptionClosed {
		/// Address of the node.
		url: String,
		/// The subscription.
		what: &'static str,
	},
	/// The node answered with something that can't be read.
	#[error("{url}: can't read the answer to `{what}`: {reason}")]
	Unreadable {
		/// Address of the node.
		url: String,
		/// The question.
		what: &'static str,
		/// What is wrong with the answer.
		reason: String,
	},
	/// The node does not know a block, or no longer: what loses a fork is forgotten.
	#[error("{url}: the node doesn't know block {hash:?}")]
	UnknownBlock {
		/// Address of the node.
		url: String,
		/// The block.
		hash: H256,
	},
	/// The node's finalised chain does not hold a block that it called final before.
	#[error("finalised block {0:?} is not on the chain that the node calls final now")]
	FinalityReverted(H256),
	/// The runtimes differ, so transactions built here could mean something else there.
	#[error(
		"the node runs `{found}`, this tool was built for `{built}`. Build both from one checkout."
	)]
	OtherRuntime {
		/// Name and version that the node reports.
		found: String,
		/// Name and version that this tool was built with.
		built: String,
	},
	/// The nodes given are not of one chain.
	#[error("{url} is on the chain {found:?}, the first node on {expected:?}")]
	OtherChain {
		/// Address of the odd one out.
		url: String,
		/// Its genesis hash.
		found: H256,
		/// Genesis hash of the first node.
		expected: H256,
	},
	/// A sender or receiver is not as a measurement between untouched accounts needs it.
	#[error(
		"account {uri} {problem}. Start the node from a specification that `rwa-load genesis` \
		 wrote, with enough accounts, or skip used ones with --first"
	)]
	Account {
		/// Derivation path of the account.
		uri: String,
		/// What is wrong with it.
		problem: String,
	},
	/// A file can't be read or written.
	#[error("{path}: {source}")]
	File {
		/// The file.
		path: PathBuf,
		/// What the system says.
		source: io::Error,
	},
	/// A chain specification is not one that accounts can be added to.
	#[error("{path}: {reason}")]
	Specification {
		/// The file.
		path: PathBuf,
		/// What is missing or too much.
		reason: String,
	},
	/// A key can't be derived.
	#[error("can't derive the key {0}")]
	Derivation(String),
	/// Arguments that contradict each other.
	#[error("{0}")]
	Arguments(String),
	/// The measurement ran, and what it shows is a failure.
	#[error("{0}")]
	Failed(String),
	/// The report can't be written.
	#[error("can't write the report: {0}")]
	Output(#[from] io::Error),
	/// A part of this program ended early.
	#[error("a worker of this program ended early: {0}")]
	Task(#[from] tokio::task::JoinError),
}

impl LoadError {
	/// For `map_err`: names the file that `source` is about.
	pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
		let path = path.into();
		move |source| Self::File { path, source }
	}
}
