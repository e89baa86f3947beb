//! Repairing: from a replica that lives to one that was lost.

use crate::{
	dag::{Dag, DagBuilder},
	keys::ReplicaRoot,
	replica::{DocumentId, Replica, ReplicaCipher},
};
use core::fmt;
use rwa_primitives::ipfs::{Cid, Layout};

/// Why a replica can't be made from another.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RepairError {
	/// The replica to read and the one to make are the same.
	#[error("replica {0} can't be made from itself")]
	Same(u8),
	/// What was read is not the replica that the chain knows. Get it elsewhere.
	#[error("what was read has the CID {found}, and is not replica {replica}, {expected}")]
	Source {
		/// Number of the replica that was to be read.
		replica: u8,
		/// Its CID, on chain.
		expected: Cid,
		/// That of the bytes.
		found: Cid,
	},
	/// What was made is not the replica that the chain knows, although what was read is: the publisher
	/// gave a wrong replica root, or registered a wrong CID.
	#[error(
		"what was made has the CID {found}, and is not replica {replica}, {expected}: \
		the publisher's keys are not those that the replicas were made with"
	)]
	Target {
		/// Number of the replica that was to be made.
		replica: u8,
		/// Its CID, on chain.
		expected: Cid,
		/// That of the bytes.
		found: Cid,
	},
}

/// Makes one replica of a document from another, from its bytes in their order, without reading any.
pub struct Repair {
	/// The seals that come off and go on.
	ciphers: [ReplicaCipher; 2],
	source: DagBuilder,
	target: DagBuilder,
	document: DocumentId,
	from: Replica,
	to: Replica,
}

/// Which replicas, and no key.
impl fmt::Debug for Repair {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Repair")
			.field("from", &self.from)
			.field("to", &self.to)
			.finish_non_exhaustive()
	}
}

impl Repair {
	/// At the beginning of replica `from`, to make replica `to`.
	///
	/// # Errors
	/// [`RepairError::Same`].
	pub fn new(
		root: &ReplicaRoot,
		document: &DocumentId,
		from: Replica,
		to: Replica,
	) -> Result<Self, RepairError> {
		if from == to {
			return Err(RepairError::Same(to.index()));
		}
		Ok(Self {
			ciphers: [from, to].map(|replica| ReplicaCipher::new(root, replica)),
			source: DagBuilder::new(Layout::DOCUMENT),
			target: DagBuilder::new(Layout::DOCUMENT),
			document: *document,
			from,
			to,
		})
	}

	/// Turns the next bytes of the one replica into those of the other.
	pub fn push(&mut self, bytes: &mut [u8]) {
		self.source.push(bytes);
		for cipher in &mut self.ciphers {
			cipher.apply(bytes);
		}
		self.target.push(bytes);
	}

	/// The replica, once all bytes were given: only now is it known to be the right one.
	///
	/// # Errors
	/// See [`RepairError`].
	pub fn finish(self) -> Result<Dag, RepairError> {
		let expected = self.document.cid(self.from);
		let found = self.source.finish().cid;
		if found != expected {
			return Err(RepairError::Source { replica: self.from.index(), expected, found });
		}
		let made = self.target.finish();
		let expected = self.document.cid(self.to);
		if made.cid != expected {
			let found = made.cid;
			return Err(RepairError::Target { replica: self.to.index(), expected, found });
		}
		Ok(made)
	}
}
