//! What the pallet stores and shows.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::BoundedVec;
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	ipfs::{Cid, Layout},
	storage::{DocumentId, DocumentKind, Epoch, ReplicaIndex, StorageRound, REPLICAS},
	AssetId, Balance,
};
use scale_info::TypeInfo;
use sp_core::{ConstU32, H256};

use crate::Config;

/// Most replicas that one claim names.
pub const MAX_CLAIMS: u32 = 64;

/// Public half of a key of X25519, which envelopes are sealed to.
pub type X25519Public = [u8; 32];

/// Number of a reader's key. No two keys of anybody ever have the same.
pub type KeyVersion = u64;

/// The bytes of an envelope as the runtime bounds them.
pub type SealedOf<T> = BoundedVec<u8, <T as Config>::MaxEnvelopeSize>;
/// [`Envelope`] as the runtime bounds it.
pub type EnvelopeOf<T> = Envelope<SealedOf<T>>;
/// [`Repairer`]s of a document as the runtime bounds them.
pub type RepairersOf<T> =
	BoundedVec<Repairer<<T as frame_system::Config>::AccountId>, <T as Config>::MaxRepairers>;
/// [`Placement`] with the runtime's accounts.
pub type PlacementOf<T> = Placement<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;
/// [`Replica`] with the runtime's accounts.
pub type ReplicaOf<T> = Replica<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;
/// [`Document`] as the runtime bounds it.
pub type DocumentOf<T> =
	Document<<T as frame_system::Config>::AccountId, RepairersOf<T>, BlockNumberFor<T>>;
/// [`StorageNode`] as the runtime bounds it.
pub type StorageNodeOf<T> =
	StorageNode<BoundedVec<Recheck, <T as Config>::MaxRechecks>, BlockNumberFor<T>>;
/// [`Round`] as the runtime bounds it.
pub type RoundOf<T> = Round<BoundedVec<Asked, <T as Config>::MaxRechecks>, BlockNumberFor<T>>;
/// A slot whose replica is asked for, and which leaf of it: one by chance if none is named.
pub type Asked = (u32, Option<u64>);
/// [`Task`] with the runtime's accounts.
pub type TaskOf<T> = Task<<T as frame_system::Config>::AccountId>;
/// The replicas that a claim names.
pub type Claims = BoundedVec<(DocumentId, ReplicaIndex), ConstU32<MAX_CLAIMS>>;

/// A file in IPFS: one replica, as [`Layout::DOCUMENT`] says.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct File {
	/// Its name.
	pub cid: Cid,
	/// Bytes of the file, without the nodes above its leaves.
	pub size: u64,
}

impl File {
	/// Leaves of it: what storage is paid by, and what challenges are drawn from.
	pub fn leaves(&self) -> u64 {
		Layout::DOCUMENT.leaves(self.size).get()
	}
}

/// A document.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Document<AccountId, Repairers, BlockNumber> {
	/// The asset that it is about.
	pub asset: AssetId,
	/// What it is, for people.
	pub kind: DocumentKind,
	/// Who registered it, pays for it, and says who may read it.
	pub owner: AccountId,
	/// The working block until which its holders are paid, even if it is removed before.
	pub binding_until: BlockNumber,
	/// The working block in which it expires. It is kept for [`Config::Grace`] longer.
	pub expires_at: BlockNumber,
	/// What has been done about its time.
	pub stage: Stage,
	/// What a leaf of each replica costs in a working block.
	pub price: Balance,
	/// What is held on the owner to pay storage and repairs.
	pub funds: Balance,
	/// What of the funds is promised to repairers at work.
	pub promised: Balance,
	/// What is held on the owner for the entries of the document and its envelopes.
	pub deposit: Balance,
	/// How many envelopes readers have.
	pub readers: u32,
	/// Who may make a lost replica again.
	pub repairers: Repairers,
	/// Its replicas.
	pub replicas: [Replica<AccountId, BlockNumber>; REPLICAS],
}

/// What has been done about a document's time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
#[allow(clippy::cast_possible_truncation)] // The indices, in what `Encode` derives.
pub enum Stage {
	/// New: nodes for repairs have not been drawn.
	#[codec(index = 0)]
	New,
	/// Kept.
	#[codec(index = 1)]
	Live,
	/// Expired: kept for the rest of [`Config::Grace`], and not repaired any more.
	#[codec(index = 2)]
	Expired,
}

/// A replica of a document.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Replica<AccountId, BlockNumber> {
	/// What is to be kept.
	pub file: File,
	/// How often it has been given to somebody.
	pub epoch: Epoch,
	/// Who has it, or is to have it.
	pub placement: Placement<AccountId, BlockNumber>,
}

/// A place at a storage node.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Place<AccountId> {
	/// The node.
	pub node: AccountId,
	/// Which of its slots.
	pub slot: u32,
}

/// Who has a replica, or is to have it. See the states in the crate's documentation.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
#[allow(clippy::cast_possible_truncation)] // The indices, in what `Encode` derives.
pub enum Placement<AccountId, BlockNumber> {
	/// Nobody has it. A node is drawn when it is due.
	#[codec(index = 0)]
	Waiting {
		/// Whether somebody had it, so that it must be made again.
		lost: bool,
		/// Who is not to be drawn, because it lost or did not take it.
		avoid: Option<AccountId>,
		/// How often in a row no node was found, or the one found did not take it. After
		/// [`Config::MaxTries`], or [`Config::MaxRepairTries`] if it was lost, none is drawn any more, until
		/// somebody pays for it.
		failures: u32,
	},
	/// A node was drawn, and has to confirm.
	#[codec(index = 1)]
	Assigned {
		/// Where it is to be.
		place: Place<AccountId>,
		/// Who makes it again, if it was lost.
		repair: Option<Repair<AccountId>>,
		/// How often in a row no node was found, or the one found did not take it.
		failures: u32,
	},
	/// A node has it, and is challenged on it.
	#[codec(index = 2)]
	Held {
		/// Where it is.
		place: Place<AccountId>,
		/// Up to where of the node's proven time it was paid.
		paid_to: BlockNumber,
		/// Whether the node wants to hand it over.
		leaving: bool,
	},
	/// A node has it, and another was drawn to take it.
	#[codec(index = 3)]
	HandingOver {
		/// Where it is.
		place: Place<AccountId>,
		/// Up to where of the node's proven time it was paid.
		paid_to: BlockNumber,
		/// Where it is to be.
		heir: Place<AccountId>,
	},
}

impl<AccountId, BlockNumber: Copy> Placement<AccountId, BlockNumber> {
	/// Where the replica is, and up to where of that node's proven time it was paid. `None`: nowhere.
	pub fn holder(&self) -> Option<(&Place<AccountId>, BlockNumber)> {
		match self {
			Self::Held { place, paid_to, .. } | Self::HandingOver { place, paid_to, .. } => {
				Some((place, *paid_to))
			}
			Self::Waiting { .. } | Self::Assigned { .. } => None,
		}
	}

	/// Where the replica is to be, once confirmed. `None`: it stays where it is, or a node has to be drawn.
	pub fn newcomer(&self) -> Option<&Place<AccountId>> {
		match self {
			Self::Assigned { place, .. } | Self::HandingOver { heir: place, .. } => Some(place),
			Self::Waiting { .. } | Self::Held { .. } => None,
		}
	}

	/// Every place that is taken for the replica: at most two.
	pub fn places(&self) -> impl Iterator<Item = &Place<AccountId>> {
		self.holder().map(|(place, _)| place).into_iter().chain(self.newcomer())
	}

	/// Notes up to where the holder was paid.
	pub(crate) fn set_paid_to(&mut self, to: BlockNumber) {
		match self {
			Self::Held { paid_to, .. } | Self::HandingOver { paid_to, .. } => *paid_to = to,
			Self::Waiting { .. } | Self::Assigned { .. } => (),
		}
	}
}

/// Who makes a lost replica again, and for how much.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Repair<AccountId> {
	/// Who does it. `None`: nobody has the keys but the owner.
	pub repairer: Option<AccountId>,
	/// What it gets when the new holder confirms.
	pub fee: Balance,
}

/// Somebody who may make lost replicas of a document again.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Repairer<AccountId> {
	/// Who.
	pub account: AccountId,
	/// Whether the owner has given it the keys. The chain only proposes nodes.
	pub ready: bool,
}

/// What an envelope is for.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[allow(clippy::cast_possible_truncation)] // The indices, in what `Encode` derives.
pub enum Purpose {
	/// To read: it holds the inner key.
	#[codec(index = 0)]
	Read,
	/// To repair: it holds the outer keys.
	#[codec(index = 1)]
	Repair,
}

/// A key in an envelope. What is in it is nobody's business but the receiver's.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Envelope<Sealed> {
	/// The receiver's key that it was sealed to.
	pub key_version: KeyVersion,
	/// The sealed bytes.
	pub sealed: Sealed,
	/// What was held for it from the document's owner.
	pub deposit: Balance,
}

/// A reader's key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct ReaderKey {
	/// The key.
	pub key: X25519Public,
	/// Its number.
	pub version: KeyVersion,
	/// What was held for it.
	pub deposit: Balance,
}

/// What a storage node is up to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
#[allow(clippy::cast_possible_truncation)] // The indices, in what `Encode` derives.
pub enum NodeStatus {
	/// It keeps replicas, and may get more.
	#[codec(index = 0)]
	Serving,
	/// It has been silent for too long: what it held is taken from it, a little in each block.
	#[codec(index = 1)]
	Evicting {
		/// The first slot that has not been looked at.
		next: u32,
	},
	/// Everything was taken from it. It may come back with new capacity.
	#[codec(index = 2)]
	Suspended,
	/// It is leaving, and has old entries to clear away.
	#[codec(index = 3)]
	Leaving,
}

/// A replica that is challenged in a node's next round, whatever else is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Recheck {
	/// The slot that it is in.
	pub slot: u32,
	/// The leaf that is asked for: the one that was missing, or that somebody pays to see. `None`: one by chance.
	pub leaf: Option<u64>,
	/// How many rounds in a row it was challenged and not proven. Zero: somebody paid for the challenge.
	pub strikes: u32,
}

/// A storage node.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct StorageNode<Rechecks, BlockNumber> {
	/// Its place in the tree that nodes are drawn by.
	pub seat: u32,
	/// What it weighs there.
	pub weight: u128,
	/// Bytes that it says it can keep.
	pub capacity: u64,
	/// Bytes that count in draws instead, until `counts_at`.
	pub counted: u64,
	/// The working block in which `capacity` begins to count in draws.
	pub counts_at: BlockNumber,
	/// Bytes of the replicas that it holds or is to hold.
	pub assigned: u64,
	/// Bytes that it held in its last round, if it proved all that was asked.
	pub proven: u64,
	/// Slots that were ever used.
	pub slots: u32,
	/// Slots in use.
	pub taken: u32,
	/// The first of the slots that are free again. Each names the next.
	pub first_free: Option<u32>,
	/// Leaves of all replicas that challenges are drawn from.
	pub leaves: u64,
	/// Its newest round.
	pub round: StorageRound,
	/// Working blocks for which it has proven what it holds.
	pub passed: BlockNumber,
	/// Up to when it was judged.
	pub settled_at: BlockNumber,
	/// Rounds in a row in which something was missing, since the last fault that was reported for it.
	pub strikes: u32,
	/// Rounds in a row without any answer.
	pub silences: u32,
	/// Rounds with hardly an answer, to fewer than half of the leaves that were drawn from all or to none, less the
	/// others in which something was missing. Zero after a round in which nothing was.
	pub shortfalls: u32,
	/// Replicas in a row that it was to take and did not.
	pub lapses: u32,
	/// Replicas that its next round asks for.
	pub rechecks: Rechecks,
	/// What it is up to.
	pub status: NodeStatus,
	/// Whether it came back from being silent, and has proven nothing since.
	pub returned: bool,
	/// What was held for its entry.
	pub deposit: Balance,
}

/// What is in a slot of a storage node.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Slot {
	/// What it is for.
	pub state: SlotState,
	/// Leaves that count for it in the tree that challenges are drawn by. Lags behind the state while a round
	/// is open.
	pub weight: u64,
}

/// What a slot is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
#[allow(clippy::cast_possible_truncation)] // The indices, in what `Encode` derives.
pub enum SlotState {
	/// Nothing.
	#[codec(index = 0)]
	Free {
		/// The next free slot.
		next: Option<u32>,
	},
	/// A replica that the node is to take.
	#[codec(index = 1)]
	Reserved {
		/// The document.
		document: DocumentId,
		/// Which of its replicas.
		replica: ReplicaIndex,
	},
	/// A replica that the node has.
	#[codec(index = 2)]
	Kept {
		/// The document.
		document: DocumentId,
		/// Which of its replicas.
		replica: ReplicaIndex,
		/// Leaves of it.
		leaves: u64,
	},
	/// A replica that the node had. Free once its weight is gone.
	#[codec(index = 3)]
	Vacated,
}

impl SlotState {
	/// Leaves that should count for it.
	pub const fn leaves(&self) -> u64 {
		match self {
			Self::Kept { leaves, .. } => *leaves,
			Self::Free { .. } | Self::Reserved { .. } | Self::Vacated => 0,
		}
	}

	/// The replica that it is in use for.
	pub const fn replica(&self) -> Option<(DocumentId, ReplicaIndex)> {
		match self {
			Self::Reserved { document, replica } | Self::Kept { document, replica, .. } => {
				Some((*document, *replica))
			}
			Self::Free { .. } | Self::Vacated => None,
		}
	}
}

/// A round of challenges to one node. Its challenges are not stored: each follows from the seed.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Round<Fixed, BlockNumber> {
	/// Its number.
	pub index: StorageRound,
	/// What its challenges follow from.
	pub seed: H256,
	/// The working block in which it opened.
	pub opened_at: BlockNumber,
	/// The first working block in which it is too late to answer, if none is congested until then.
	pub deadline: BlockNumber,
	/// How many blocks had been congested when it opened.
	pub congested: BlockNumber,
	/// What the first challenges are about.
	pub fixed: Fixed,
	/// How many challenges follow, each about a leaf drawn from all.
	pub sampled: u32,
	/// Leaves that they are drawn from.
	pub leaves: u64,
	/// One bit for each challenge that was answered, the lowest for the first.
	pub answered: u64,
}

impl<Max, BlockNumber> Round<BoundedVec<Asked, Max>, BlockNumber>
where
	Max: sp_core::Get<u32>,
{
	/// How many challenges there are: at most 64.
	pub fn challenges(&self) -> u32 {
		self.first_sampled().saturating_add(self.sampled)
	}

	/// The first challenge about a leaf drawn from all.
	pub(crate) fn first_sampled(&self) -> u32 {
		u32::try_from(self.fixed.len()).unwrap_or(u32::MAX)
	}

	/// Whether challenge `number` was answered.
	pub fn is_answered(&self, number: u32) -> bool {
		self.answered & bit(number) != 0
	}

	/// Whether all were.
	pub fn is_complete(&self) -> bool {
		self.answered.count_ones() >= self.challenges()
	}

	/// Notes that challenge `number` was answered.
	pub(crate) fn note_answer(&mut self, number: u32) {
		self.answered |= bit(number);
	}
}

/// The bit of challenge `number`. None beyond 63, of which there is none.
const fn bit(number: u32) -> u64 {
	match 1u64.checked_shl(number) {
		Some(bit) => bit,
		None => 0,
	}
}

/// What waits for its time.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
#[allow(clippy::cast_possible_truncation)] // The indices, in what `Encode` derives.
pub enum Task<AccountId> {
	/// A node's round opens or ends, or it is taken something from.
	#[codec(index = 0)]
	Node(AccountId),
	/// A node is drawn for a replica, or the one drawn is late.
	#[codec(index = 1)]
	Replica(DocumentId, ReplicaIndex),
	/// A document's nodes for repairs are drawn, it expires, or it is removed.
	#[codec(index = 2)]
	Document(DocumentId),
}

impl<AccountId> Task<AccountId> {
	/// Where it queues.
	pub const fn lane(&self) -> Lane {
		match self {
			Self::Node(_) => Lane::Nodes,
			Self::Replica(..) | Self::Document(_) => Lane::Documents,
		}
	}
}

/// A queue of tasks. What is in one never waits for what is in those after it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
#[allow(clippy::cast_possible_truncation)] // The indices, in what `Encode` derives.
pub enum Lane {
	/// Rounds and evictions: a few for each node and hour, whatever owners do.
	#[codec(index = 0)]
	Nodes,
	/// Draws, and what else documents wait for: as many as owners register.
	#[codec(index = 1)]
	Documents,
}

impl Lane {
	/// All of them, the first one first.
	pub const IN_ORDER: [Self; 2] = [Self::Nodes, Self::Documents];
}

/// How many replicas were taken from nodes in a period.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Evictions<BlockNumber> {
	/// The working block in which the period began.
	pub since: BlockNumber,
	/// How many so far because their nodes were silent.
	pub silent: u32,
	/// How many so far because they themselves were not proven.
	pub unproven: u32,
}

/// Why a replica has to be made again.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[allow(clippy::cast_possible_truncation)] // The indices, in what `Encode` derives.
pub enum Loss {
	/// Its holder said so.
	#[codec(index = 0)]
	Declared,
	/// Its holder was asked for it in several rounds and did not prove it.
	#[codec(index = 1)]
	Unproven,
	/// Its holder has answered hardly anything for several rounds.
	#[codec(index = 2)]
	Silent,
}

/// Why a node that was drawn doesn't take a replica.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[allow(clippy::cast_possible_truncation)] // The indices, in what `Encode` derives.
pub enum Refusal {
	/// It said so.
	#[codec(index = 0)]
	Declined,
	/// It did not confirm in time.
	#[codec(index = 1)]
	Late,
	/// It has been silent for too long, or the holder has lost the replica meanwhile.
	#[codec(index = 2)]
	Withdrawn,
}

/// What a storage node has to do about a replica. For its worker.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Assignment<AccountId, BlockNumber> {
	/// The slot: where the next page begins.
	pub slot: u32,
	/// The document.
	pub document: DocumentId,
	/// Which of its replicas.
	pub replica: ReplicaIndex,
	/// The replica's epoch.
	pub epoch: Epoch,
	/// The file to pin.
	pub file: File,
	/// Whether the node has confirmed it.
	pub confirmed: bool,
	/// Until when it has to, if it hasn't.
	pub deadline: Option<BlockNumber>,
	/// Who brings it if it has to be made again, or has it and hands it over. `None`: the owner.
	pub from: Option<AccountId>,
	/// Who registered the document.
	pub owner: AccountId,
	/// The working block from which on it may be unpinned, unless the document is renewed.
	pub kept_until: BlockNumber,
}

/// A challenge that a node can answer now. For its worker.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Challenge<BlockNumber> {
	/// The round.
	pub round: StorageRound,
	/// Which of its challenges.
	pub number: u32,
	/// The document.
	pub document: DocumentId,
	/// Which of its replicas.
	pub replica: ReplicaIndex,
	/// The file.
	pub file: File,
	/// The leaf of the file that is asked for.
	pub leaf: u64,
	/// The first working block in which it is too late, if none is congested until then.
	pub deadline: BlockNumber,
}

/// How well a document is kept. For people.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
#[allow(clippy::cast_possible_truncation)] // The indices, in what `Encode` derives.
pub enum Health {
	/// Not all replicas were ever confirmed.
	#[codec(index = 0)]
	Placing,
	/// All replicas are held, and nobody knows of anything that is missing.
	#[codec(index = 1)]
	Complete,
	/// Some were lost, and are to be made again.
	#[codec(index = 2)]
	Degraded,
	/// It has expired.
	#[codec(index = 3)]
	Expired,
	/// All replicas are held, but a holder was asked for its own and has not proven it since.
	#[codec(index = 4)]
	AtRisk,
}

/// A document with what is not stored of it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct DocumentOverview<Document, BlockNumber> {
	/// What is stored.
	pub document: Document,
	/// How many replicas are held.
	pub held: u32,
	/// How well it is kept.
	pub health: Health,
	/// The most that its holders can still earn by it.
	pub payable: Balance,
	/// What of its funds can pay repairs.
	pub spare: Balance,
	/// The working block in which it is removed, unless it is renewed.
	pub removed_at: BlockNumber,
}

/// What keeping a document costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Quote {
	/// What storage costs until the end of the grace period: paid as it is proven, and given back as far as
	/// it isn't.
	pub storage: Balance,
	/// What one repair costs, which is held as well.
	pub repair: Balance,
	/// Deposit for the entries.
	pub deposit: Balance,
}
