//! Why calls, notices and proofs are refused, and what to do then.

use frame_support::pallet_macros::pallet_section;

/// Part of [`crate::pallet`].
#[pallet_section]
mod errors {
	/// Why a call, a notice or a proof was refused.
	#[pallet::error]
	pub enum Error<T> {
		/// No document has this number: never registered, or removed. List those of an asset with the view function
		/// `documents_of`.
		#[codec(index = 0)]
		UnknownDocument,
		/// The caller does not own the asset, or there is no such asset. Only its owner registers documents of it.
		#[codec(index = 1)]
		NotAssetOwner,
		/// The caller did not register the document. The view function `document` names who did.
		#[codec(index = 2)]
		NotOwner,
		/// The document would expire in less than `MinTerm` working blocks. Choose a later time.
		#[codec(index = 3)]
		TermTooShort,
		/// The document would expire in more than `MaxTerm` working blocks. Choose an earlier time, and renew it.
		#[codec(index = 4)]
		TermTooLong,
		/// A replica has less than `MinReplicaSize` bytes. Fill the document up before sealing it.
		#[codec(index = 5)]
		ReplicaTooSmall,
		/// A replica has more than `MaxReplicaSize` bytes. Divide the document.
		#[codec(index = 6)]
		ReplicaTooLarge,
		/// A CID is of a raw leaf where the size demands a dag-pb node, or the other way round. Add the file with the
		/// chunks and links of `Layout::DOCUMENT`, and give the size of the file, not of its dag.
		#[codec(index = 7)]
		WrongCodec,
		/// Two replicas are the same file. Seal each under a key of its own.
		#[codec(index = 8)]
		CidTwice,
		/// A CID is registered already. The view function `document_of` says for which document; seal anew for
		/// another.
		#[codec(index = 9)]
		CidTaken,
		/// The document does not expire later by this. Choose a later time.
		#[codec(index = 10)]
		NotLonger,
		/// Topping up by nothing. Name an amount.
		#[codec(index = 11)]
		NoAmount,
		/// All zeros are no key of X25519. Generate one.
		#[codec(index = 12)]
		BadReaderKey,
		/// This key is registered already. Treat as success when retrying.
		#[codec(index = 13)]
		SameReaderKey,
		/// The account has registered no key to seal to. Ask the reader to register one by `set_reader_key`.
		#[codec(index = 14)]
		NoReaderKey,
		/// The envelope was sealed to a key that the reader has replaced. Seal it to the one that the view function
		/// `reader_key` names.
		#[codec(index = 15)]
		StaleKeyVersion,
		/// The envelope is empty. Give the sealed key.
		#[codec(index = 16)]
		EmptyEnvelope,
		/// The document's readers have `MaxEnvelopes` envelopes. Revoke one first.
		#[codec(index = 17)]
		TooManyEnvelopes,
		/// The document has `MaxRepairers` repairers. Revoke one first.
		#[codec(index = 18)]
		TooManyRepairers,
		/// The account holds a replica of the document, or is to. With the outer keys it could make it from any
		/// other. Choose somebody else.
		#[codec(index = 19)]
		HoldsReplica,
		/// The account has no such envelope of this document. Treat as success when retrying.
		#[codec(index = 20)]
		UnknownEnvelope,
		/// The account, or the account behind the app key, is no storage node. Register it with the node registry,
		/// and declare its capacity here.
		#[codec(index = 21)]
		NotAStorageNode,
		/// There are `MaxNodes` storage nodes. Wait until one leaves.
		#[codec(index = 22)]
		TooManyNodes,
		/// The node holds more than this. Hand replicas over first.
		#[codec(index = 23)]
		CapacityTooSmall,
		/// The node came back from being silent before, and has proven nothing since. What it holds is taken from it;
		/// declare its capacity when that is over.
		#[codec(index = 24)]
		AlreadyReturned,
		/// The node is leaving. Finish with `leave`, then declare its capacity anew.
		#[codec(index = 25)]
		IsLeaving,
		/// The node holds replicas, or is to. Hand them over or decline them first.
		#[codec(index = 26)]
		StillHolding,
		/// The node's round has to end first. Wait for its `RoundSettled`, and the block after.
		#[codec(index = 27)]
		RoundOpen,
		/// A document has no such replica: they are 0, 1 and 2.
		#[codec(index = 28)]
		UnknownReplica,
		/// The replica was given to somebody since. Look at what is assigned to the node now.
		#[codec(index = 29)]
		StaleNotice,
		/// The node is not to take this replica: it has it, or it is another's. Treat as success when retrying to
		/// confirm.
		#[codec(index = 30)]
		NotAssigned,
		/// Nobody holds the replica, or another node does.
		#[codec(index = 31)]
		NotHeld,
		/// The replica is on its way to another node. Treat as success when retrying.
		#[codec(index = 32)]
		AlreadyHandingOver,
		/// The node has no open round of this number. Wait for its `RoundOpened`.
		#[codec(index = 33)]
		NoSuchRound,
		/// The time to answer is over.
		#[codec(index = 34)]
		TooLate,
		/// The round has fewer challenges. The view function `due_challenges` lists them.
		#[codec(index = 35)]
		NoSuchChallenge,
		/// The challenge was answered. Treat as success when retrying.
		#[codec(index = 36)]
		AlreadyAnswered,
		/// What the challenge asked for has been removed since. It needs no answer.
		#[codec(index = 37)]
		VoidChallenge,
		/// The blocks are not those from the replica's CID to the leaf that the challenge names. Read them again, and
		/// check the file.
		#[codec(index = 38)]
		WrongProof,
		/// The signature isn't the app key's over this on this chain.
		#[codec(index = 39)]
		BadSignature,
		/// The replica is challenged in the next round as it is. Treat as success when retrying.
		#[codec(index = 40)]
		AlreadyRequested,
		/// As many challenges to this node have been paid for as a round takes. Try again after its next round.
		#[codec(index = 41)]
		TooManyRequests,
		/// Nothing is due for any of these replicas. Wait for the end of the holders' rounds.
		#[codec(index = 42)]
		NothingToClaim,
		/// The operator has too little free money to pay for the repair of what it declares lost. Provide it: what
		/// isn't declared costs stake.
		#[codec(index = 43)]
		CantPayForRepair,
		/// The operator is registered, with something at stake. Its node's seat is its own.
		#[codec(index = 44)]
		StillRegistered,
		/// All that the holder has is taken from it, because it was silent. Ask whoever holds the replica next.
		#[codec(index = 45)]
		IsEvicted,
		/// No replica of the document is given up: nodes hold them or are drawn, or it has expired. Treat as success when
		/// retrying; renew what has expired.
		#[codec(index = 46)]
		NothingGivenUp,
		/// The replica has fewer leaves of 4,096 bytes. They are counted from zero.
		#[codec(index = 47)]
		NoSuchLeaf,
	}
}
