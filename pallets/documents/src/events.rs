//! What happened. Documents, their replicas, envelopes, nodes and funds can be rebuilt from these, in order.

use frame_support::pallet_macros::pallet_section;

/// Part of [`crate::pallet`].
#[pallet_section]
mod events {
	/// What happened. Documents, their replicas, envelopes, nodes and funds can be rebuilt from these, in order.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A document was registered. Its holders are drawn in [`Config::DrawDelay`] working blocks.
		#[codec(index = 0)]
		DocumentRegistered {
			/// The document.
			document: DocumentId,
			/// The asset that it is about.
			asset: AssetId,
			/// Who registered it, and pays.
			owner: T::AccountId,
			/// What it is.
			kind: DocumentKind,
			/// Its replicas.
			files: [File; REPLICAS],
			/// The working block in which it expires.
			expires_at: BlockNumberFor<T>,
			/// What a leaf of each replica costs in a working block.
			price: Balance,
			/// What is held to pay storage and repairs.
			funds: Balance,
			/// What is held for the entries.
			deposit: Balance,
		},
		/// A document expires later.
		#[codec(index = 1)]
		DocumentRenewed {
			/// The document.
			document: DocumentId,
			/// The working block in which it expires.
			expires_at: BlockNumberFor<T>,
			/// What a leaf of each replica costs in a working block from now on.
			price: Balance,
			/// What was added to its funds.
			added: Balance,
			/// What they are now.
			funds: Balance,
		},
		/// Somebody added to a document's funds.
		#[codec(index = 2)]
		ToppedUp {
			/// The document.
			document: DocumentId,
			/// Who gave.
			from: T::AccountId,
			/// How much.
			amount: Balance,
			/// What the funds are now.
			funds: Balance,
		},
		/// A document's time is over. It is kept for [`Config::Grace`] longer.
		#[codec(index = 3)]
		DocumentExpired {
			/// The document.
			document: DocumentId,
			/// The working block in which it is removed, unless it is renewed.
			removed_at: BlockNumberFor<T>,
		},
		/// A document is gone, with its replicas and envelopes. Whoever held one may unpin it.
		#[codec(index = 4)]
		DocumentRemoved {
			/// The document.
			document: DocumentId,
			/// What was left of its funds: its owner's again.
			refund: Balance,
			/// What was held for entries: its owner's again.
			deposit: Balance,
		},
		/// Envelopes for a reader are to be sealed to this key from now on.
		#[codec(index = 5)]
		ReaderKeySet {
			/// The reader.
			reader: T::AccountId,
			/// The key.
			key: X25519Public,
			/// Its number.
			version: KeyVersion,
		},
		/// A reader has no key any more.
		#[codec(index = 6)]
		ReaderKeyRemoved {
			/// The reader.
			reader: T::AccountId,
			/// The number of its last key.
			version: KeyVersion,
		},
		/// Somebody got an envelope, in place of the one that it may have had.
		#[codec(index = 7)]
		EnvelopeAdded {
			/// The document.
			document: DocumentId,
			/// What it is for.
			purpose: Purpose,
			/// Who got it.
			reader: T::AccountId,
			/// The key that it was sealed to.
			key_version: KeyVersion,
		},
		/// An envelope was taken away. What its receiver has read of it, it may remember.
		#[codec(index = 8)]
		EnvelopeRevoked {
			/// The document.
			document: DocumentId,
			/// What it was for.
			purpose: Purpose,
			/// Whose it was.
			reader: T::AccountId,
		},
		/// Nodes were drawn that the owner may give the outer keys to. Fewer than asked for, if there are no more.
		#[codec(index = 9)]
		RepairersDrawn {
			/// The document.
			document: DocumentId,
			/// The nodes.
			nodes: Vec<T::AccountId>,
		},
		/// A storage node can keep this much.
		#[codec(index = 10)]
		CapacityDeclared {
			/// The node.
			node: T::AccountId,
			/// Bytes.
			capacity: u64,
		},
		/// A storage node has left. If anything is left to clear away, its operator has to say so again.
		#[codec(index = 11)]
		NodeLeft {
			/// The node.
			node: T::AccountId,
			/// Old entries that are left. Zero: it is gone, and its deposit is its operator's again.
			remaining: u32,
		},
		/// A node was drawn to take a replica from the owner.
		#[codec(index = 12)]
		ReplicaAssigned {
			/// The document.
			document: DocumentId,
			/// Which of its replicas.
			replica: ReplicaIndex,
			/// The node.
			node: T::AccountId,
			/// The first working block in which it is too late to confirm.
			deadline: BlockNumberFor<T>,
		},
		/// A node was drawn to take a replica that was lost, and somebody to make it again.
		#[codec(index = 13)]
		RepairNeeded {
			/// The document.
			document: DocumentId,
			/// Which of its replicas.
			replica: ReplicaIndex,
			/// The node.
			node: T::AccountId,
			/// Who makes it. `None`: nobody has the keys but the owner.
			repairer: Option<T::AccountId>,
			/// What is paid for it.
			fee: Balance,
			/// The first working block in which it is too late to confirm.
			deadline: BlockNumberFor<T>,
		},
		/// A node was drawn to take a replica from its holder.
		#[codec(index = 14)]
		HeirDrawn {
			/// The document.
			document: DocumentId,
			/// Which of its replicas.
			replica: ReplicaIndex,
			/// Who has it.
			holder: T::AccountId,
			/// Who takes it.
			node: T::AccountId,
			/// The first working block in which it is too late to confirm.
			deadline: BlockNumberFor<T>,
		},
		/// No node was found that could take a replica. It is tried again.
		#[codec(index = 15)]
		NobodyFound {
			/// The document.
			document: DocumentId,
			/// Which of its replicas.
			replica: ReplicaIndex,
			/// The working block of the next try.
			retry_at: BlockNumberFor<T>,
		},
		/// A node that was drawn does not take a replica. Another is drawn.
		#[codec(index = 16)]
		ReplicaRefused {
			/// The document.
			document: DocumentId,
			/// Which of its replicas.
			replica: ReplicaIndex,
			/// The node.
			node: T::AccountId,
			/// Why.
			why: Refusal,
		},
		/// A node has a replica, and is challenged on it from now on. Whoever had it may unpin it.
		#[codec(index = 17)]
		ReplicaConfirmed {
			/// The document.
			document: DocumentId,
			/// Which of its replicas.
			replica: ReplicaIndex,
			/// The node.
			node: T::AccountId,
		},
		/// A holder wants another node to take a replica.
		#[codec(index = 18)]
		HandOverAsked {
			/// The document.
			document: DocumentId,
			/// Which of its replicas.
			replica: ReplicaIndex,
			/// The node.
			node: T::AccountId,
		},
		/// A replica is lost, and will be made again.
		#[codec(index = 19)]
		ReplicaLost {
			/// The document.
			document: DocumentId,
			/// Which of its replicas.
			replica: ReplicaIndex,
			/// Who had it.
			node: T::AccountId,
			/// Why.
			why: Loss,
			/// The working block in which another node is drawn.
			repair_at: BlockNumberFor<T>,
		},
		/// Whoever made a replica again was paid.
		#[codec(index = 20)]
		RepairPaid {
			/// The document.
			document: DocumentId,
			/// Which of its replicas.
			replica: ReplicaIndex,
			/// Who made it.
			repairer: T::AccountId,
			/// What it got.
			amount: Balance,
		},
		/// A node was paid for proven time.
		#[codec(index = 21)]
		StoragePaid {
			/// The document.
			document: DocumentId,
			/// Which of its replicas.
			replica: ReplicaIndex,
			/// The node.
			node: T::AccountId,
			/// What it got.
			amount: Balance,
		},
		/// A node is challenged.
		#[codec(index = 22)]
		RoundOpened {
			/// The node.
			node: T::AccountId,
			/// The round.
			round: StorageRound,
			/// How many challenges there are.
			challenges: u32,
			/// The first working block in which it is too late to answer.
			deadline: BlockNumberFor<T>,
		},
		/// A node has answered a challenge.
		#[codec(index = 23)]
		Proven {
			/// The node.
			node: T::AccountId,
			/// The round.
			round: StorageRound,
			/// Which of its challenges.
			challenge: u32,
			/// The document.
			document: DocumentId,
			/// Which of its replicas.
			replica: ReplicaIndex,
		},
		/// A round is over.
		#[codec(index = 24)]
		RoundSettled {
			/// The node.
			node: T::AccountId,
			/// The round.
			round: StorageRound,
			/// How many challenges were answered.
			answered: u32,
			/// How many replicas were not proven.
			missing: u32,
			/// Working blocks that are paid because nothing is missing.
			passed: BlockNumberFor<T>,
		},
		/// A node answers for a fault.
		#[codec(index = 25)]
		FaultReported {
			/// The node.
			node: T::AccountId,
			/// The fault.
			fault: Fault,
			/// The round that it was found in.
			round: StorageRound,
		},
		/// A node has done wrong, but nothing comes of it.
		#[codec(index = 26)]
		FaultNotTaken {
			/// The node.
			node: T::AccountId,
			/// The fault.
			fault: Fault,
			/// Why nothing comes of it: the slashing pallet's error.
			error: DispatchError,
		},
		/// A node has been silent for too long, or as good as silent. What it holds is taken from it.
		#[codec(index = 27)]
		EvictionBegun {
			/// The node.
			node: T::AccountId,
		},
		/// Everything was taken from a node. It may come back with new capacity.
		#[codec(index = 28)]
		NodeSuspended {
			/// The node.
			node: T::AccountId,
		},
		/// Somebody has paid for a challenge. It is part of the node's next round.
		#[codec(index = 29)]
		ChallengeRequested {
			/// The document.
			document: DocumentId,
			/// Which of its replicas.
			replica: ReplicaIndex,
			/// Which of its leaves, if one was named.
			leaf: Option<u64>,
			/// Who holds it.
			node: T::AccountId,
			/// Who paid.
			by: T::AccountId,
		},
		/// Too many tries to find a node for a replica came to nothing. None is drawn until somebody asks for it by
		/// [`Call::draw_again`], or the document is renewed.
		#[codec(index = 30)]
		DrawsGivenUp {
			/// The document.
			document: DocumentId,
			/// Which of its replicas.
			replica: ReplicaIndex,
		},
		/// Somebody has paid for one more try to find a node for a replica.
		#[codec(index = 31)]
		DrawResumed {
			/// The document.
			document: DocumentId,
			/// Which of its replicas.
			replica: ReplicaIndex,
			/// The working block in which a node is drawn.
			draw_at: BlockNumberFor<T>,
		},
		/// The treasury was paid, out of a document's funds, for the room that a node kept for a new replica that it
		/// did not get.
		#[codec(index = 32)]
		RoomPaid {
			/// The document.
			document: DocumentId,
			/// Which of its replicas.
			replica: ReplicaIndex,
			/// How much.
			amount: Balance,
		},
	}
}
