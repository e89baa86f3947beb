//! # Documents
//!
//! Keeps every document on three independent storage nodes, and proves it.
//!
//! ## Pallet API
//!
//! See the [`pallet`] module for calls, storage, events, errors and view functions.
//!
//! ## Overview
//!
//! What is said of an asset rests on documents: deeds, inspections, photographs. They are too large for a chain and
//! too private for everybody. So the chain keeps what must be common knowledge, and storage nodes keep the rest:
//!
//! * The *owner* of an asset encrypts a document, seals the result three times under keys of their own, and
//!   registers the three files by their CIDs: three *replicas*, no two alike, so that no node can answer
//!   for another. It pays in advance, by size and time. It gives readers the key in *envelopes*, sealed to the key
//!   that each *reader* has registered.
//! * *Storage nodes* say how much they can keep. For each replica one is drawn, by stake, reputation and room;
//!   for the replicas of one document nodes of different accounts, regions and machines. A node pins the file,
//!   checks every block of it, and *confirms*.
//! * From then on it is *challenged* in rounds: on leaves drawn from all that it holds, so that what it has to
//!   answer grows with its stake and not with its documents. It answers with the blocks from the registered
//!   CID to the leaf ([`rwa_primitives::ipfs`]). Anyone may pay for one more challenge.
//! * *Repairers* hold the keys that replicas are sealed with. When a replica is lost, another node is drawn for it,
//!   a repairer makes it again from one that is left, and is paid when the new holder confirms. A repairer
//!   is whom the owner chose, or a node that holds no replica of the document, as the chain proposes.
//!
//! All times are in *working blocks*: while the network is halted nobody is late, nothing expires and nothing is
//! earned. The time of a round also stands still in every *congested* block, one whose normal transactions
//! took more than [`Config::CongestionThreshold`] of what they may, by weight or bytes. No one has to say so:
//! the block itself does, when it is finalised.
//!
//! ### What it does not do
//!
//! It doesn't know what a document says, nor whether it is true. It can't tell whether two nodes are one
//! operator's who says otherwise, nor whether a node fetches what it is asked for from somebody else who has it
//! under the same CID. A repairer who works with a holder can make that holder's replica from any other: uniqueness
//! is gone then, never privacy.
//!
//! ### States
//!
//! ```text
//! A document:
//!              nodes for repairs         its time is over      Grace is over
//!                 are drawn                                    or remove_document
//!     New ─────────────────────▶ Live ──────────────────▶ Expired ─────────▶ gone
//!                                  ▲──────────────────────── │
//!                                        renew_document
//!
//! A replica:
//!                drawn                  Confirm                 HandOver, drawn
//!     Waiting ──────────▶ Assigned ───────────────▶ Held ───────────────────▶ HandingOver
//!      ▲  ▲                  │                      ▲ │  ▲───────────────────── │  │  │
//!      │  └──────────────────┘                      │ │    the heir declines, late │  │
//!      │   Decline, late                            └─┼────────────────────────────┘  │
//!      │                                              │    the heir confirms          │
//!      └──────────────────────────────────────────────┴───────────────────────────────┘
//!              DeclareFault; unproven LossLimit times in a row; its node is evicted
//!
//! A storage node:
//!            declare_capacity                 hardly an answer in LossLimit rounds    all is taken
//!     nobody ───────────────▶ Serving ─────────────────────────────────▶ Evicting ──────────▶ Suspended
//!        ▲                     │   ▲───────────────────────────────────────── │                 │
//!        │                     │            declare_capacity, once                              │
//!        └─── Leaving ◀────────┴────────────────────────────────────────────────────────────────┘
//!                leave, when nothing is left on it
//! ```
//!
//! A lost replica waits for [`Config::RepairGrace`] before another node is drawn. Who is silent loses nothing for
//! [`Config::LossLimit`] rounds; then replicas are taken away at most [`Config::MaxEvictionsPerBlock`] in a block,
//! and at most [`Config::MaxEvictionsPerPeriod`] of all nodes in a period. So one outage, or one bad release
//! of what nodes run, never relocates everything.
//!
//! What nobody takes after [`Config::MaxTries`], or [`Config::MaxRepairTries`] if it was lost, is given up: it stays
//! `Waiting`, and nothing is drawn for it until somebody pays for another try ([`Call::draw_again`]), or the document is
//! renewed.
//!
//! ### Money
//!
//! A leaf of a replica, 4 KiB, costs [`Config::StoragePrice`] for each working block until the end of the grace
//! period. All of it, and one repair, is held on the owner when it registers: [`HoldReason::Storage`].
//!
//! * A *node* is paid for the time for which it has proven all that it was asked. A round in which something
//!   is missing counts for nothing, and so does the time since the last round when a replica goes. What is
//!   due is paid in full or not at all: when somebody claims it, and when the replica goes or is renewed.
//! * A *repairer* is paid what its repair was promised, if the document's funds had so much to spare.
//! * Whoever declares a loss pays for the repair. Whoever is found to have lost a replica is slashed, loses as much as a
//!   repair costs from its stake, and gets nothing of what it had not claimed for it.
//! * Whoever registers pays in its transaction for all draws that may follow: they take far more of blocks than to ask
//!   for them.
//! * For the room that a node kept for a new replica until it said that it can't get it, or it was taken back, a document
//!   pays the treasury as for storage: to keep others out by what is served to nobody costs what keeping it would.
//! * What else nobody earned is the owner's again when the document is removed, at once or at its end. Only for the first
//!   [`Config::MinTerm`] its holders are paid in any case: they fetched it.
//!
//! ### Rounds
//!
//! At a round's opening a seed is drawn that nobody knew, and stored. Challenge number *k* follows from it when it
//! is answered; none is stored. A leaf that is drawn is found through a tree of sums
//! ([`rwa_primitives::fenwick`]), in as many steps as the number of slots doubles. While a round is open
//! that tree does not change, or a node could move a challenge away from what it has lost with the help of
//! a document's owner: what is confirmed or removed meanwhile counts from the next round on.
//!
//! A leaf that was not proven is asked for again in each round until it is, or its replica is lost. So a node with a few
//! bad blocks is caught by what it lacks, and one that was away is forgiven when it is back. Who passes a round
//! with nothing missing has shown *n* leaves; of one that lacks a share *f* of them the rounds of a day catch
//! 1 − (1 − *f*)ⁿ: of one that lacks a tenth, 44 challenges catch 99 in 100.
//!
//! A round with something missing is a *strike*. [`Config::StrikeLimit`] of them in a row are a
//! [`FailedStorageProof`](rwa_primitives::fault::Fault::FailedStorageProof); a replica that is lost, or a node
//! that is evicted, is a [`LostReplica`](rwa_primitives::fault::Fault::LostReplica). No proof ever decides whether
//! a block is valid.
//!
//! ### Example
//!
//! Five nodes in five regions serve. Somebody registers a document of 100 KiB, 25 leaves, for 1,000 working blocks,
//! at a price of 2: with 100 blocks of grace that is 3 × 25 × 1,100 × 2 = 165,000, and a repair on top. Three nodes
//! are drawn, pin and confirm. They answer their rounds. One loses its disk and falls silent. Three rounds later
//! its replica is taken from it, it is slashed, a fourth node is drawn, the owner's delegate makes the replica
//! again, and is paid as the new holder confirms. (From the test `a_document_should_outlive_the_loss_of_a_disk`.)
//!
//! ## Implementation
//!
//! * Nodes that are drawn for are found by another tree of sums, over all of them. Who was drawn and does not fit
//!   (region, machine, room) is left out of the sums for the next try, without writing; after
//!   sixteen tries the replica waits. No cost grows with the number of nodes but by its
//!   doublings.
//! * Nothing is drawn in the block that asks for it, and a new capacity counts only as long after it was declared: neither
//!   who registers a document or a node, nor the author of that block, can choose the nodes by trying. The replicas of a
//!   document are drawn in different blocks.
//! * A node's room counts only as far as it exceeds what it proved in its last round by no more than
//!   [`Config::NewcomerSpace`]: what it says alone is worth no more than that.
//! * Each task waits for exactly one time ([`Due`]), in one of two lanes. A block handles as many as fit into a quarter of
//!   it, first those of nodes, so that no number of documents keeps a round waiting; the rest waits for the next block and
//!   is never lost.
//! * Whoever holds something keeps its least stake: the registry asks ([`Duties`](rwa_primitives::traits::Duties)).
//! * [`Call::prove`] and [`Call::notify`] are general transactions, authorised by a storage node's app key and free
//!   of fees. Each is possible once for something that the chain asked of the node. A node that is not active,
//!   because it was slashed below its tier's minimum, gets no more replicas, but may prove and hand over what it
//!   holds.
//! * A document's replicas are part of its entry, because whoever looks at one needs the others.
//!
//! Invariants are numbered D1 to D13 and checked by `try_state`.
//!
//! - **D1:** CIDs are distinct; [`Cids`] and [`DocumentsOf`] mirror the documents.
//! - **D2:** what is held on an owner under [`HoldReason::Storage`] is the sum of the funds of its documents, and under
//!   [`HoldReason::Entries`] of their deposits.
//! - **D3:** a document's funds are enough for all that its holders can still earn, and for what it promised.
//! - **D4:** slots and placements mirror each other.
//! - **D5:** a node's counts of slots, bytes and leaves are right, and its free slots are all linked.
//! - **D6:** the sums of a node's tree are of its slots' weights; these lag behind only where [`Changed`] says so.
//! - **D7:** seats are dense and mirror the nodes; the sums are of the nodes' weights.
//! - **D8:** an open round is its node's newest, and no more was answered than asked.
//! - **D9:** [`Due`] and [`Agenda`] are one; nothing on the agenda was passed over; whatever waits is due, unless it
//!   was given up.
//! - **D10:** envelopes belong to documents, as many as these say; repairers are distinct and hold nothing.
//! - **D11:** what is held for readers' keys and nodes is what their entries say.
//! - **D12:** the replicas of a document are with different accounts.
//! - **D13:** an owner may announce as many documents as it has.

#![cfg_attr(not(feature = "std"), no_std)]
// Code that runs on chain must not panic or lose digits; tests may.
#![cfg_attr(
	not(test),
	warn(
		clippy::arithmetic_side_effects,
		clippy::cast_lossless,
		clippy::cast_possible_truncation,
		clippy::cast_possible_wrap,
		clippy::cast_sign_loss,
		clippy::expect_used,
		clippy::indexing_slicing,
		clippy::panic,
		clippy::unwrap_used
	)
)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod calls;
#[cfg(any(test, feature = "runtime-benchmarks"))]
mod dag;
mod errors;
mod events;
mod functions;
#[cfg(test)]
#[allow(unreachable_pub)] // FRAME's macros make a mock's items `pub`.
mod mock;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
pub mod types;
pub mod weights;

use frame_support::pallet_macros::import_section;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use functions::{
	notices::{CANT_PAY, VOID_CHALLENGE, WRONG_PROOF},
	worker::LOG_TARGET,
};
pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

// What FRAME generates casts and expects; the logic is outside this module, under the lints.
#[import_section(calls::calls)]
#[import_section(errors::errors)]
#[import_section(events::events)]
#[allow(clippy::cast_possible_truncation, clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
	use alloc::vec::Vec;

	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{self, hold},
			Randomness,
		},
	};
	use frame_system::{offchain::CreateAuthorizedTransaction, pallet_prelude::*};
	use rwa_primitives::{
		app_key::AppSignature,
		fault::Fault,
		ipfs::Cid,
		storage::{
			DocumentId, DocumentKind, Notice, ReplicaIndex, StorageProof, StorageRound, REPLICAS,
		},
		traits::{
			Announcers, AppKeys, AssetOwners, Conduct, ReportFault, Reputation, Stakes,
			Whereabouts, WorkingTime,
		},
		AssetId, Balance,
	};
	use sp_core::H256;
	use sp_runtime::{DispatchError, Perbill};

	use crate::{
		functions::LEAVE_STEP,
		types::{
			Assignment, Challenge, Claims, DocumentOf, DocumentOverview, EnvelopeOf, Evictions,
			File, KeyVersion, Lane, Loss, Purpose, Quote, ReaderKey, Refusal, RoundOf, SealedOf,
			Slot, StorageNodeOf, TaskOf, X25519Public,
		},
		weights::WeightInfo,
	};

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// What the runtime decides.
	///
	/// The runtime's transaction extensions must contain `frame_system::AuthorizeCall`, or no proof is ever
	/// accepted. `integrity_test` refuses what is said here to be refused.
	#[pallet::config]
	pub trait Config:
		CreateAuthorizedTransaction<Call<Self>> + frame_system::Config<Hash = H256>
	{
		/// The token that documents are paid in.
		type Currency: fungible::Mutate<Self::AccountId, Balance = Balance>
			+ hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason, Balance = Balance>;

		/// The runtime's hold reasons.
		type RuntimeHoldReason: From<HoldReason>;

		/// Who acts with which app key, and whether it may. Normally the node registry.
		type AppKeys: AppKeys<Self::AccountId>;

		/// How much a node counts when one is drawn. Normally the node registry.
		type Reputation: Reputation<Self::AccountId>;

		/// What a node risks: it is challenged the more, the more that is. Normally the node registry.
		type Stakes: Stakes<Self::AccountId, Balance, BlockNumberFor<Self>>;

		/// Where nodes are. Normally the node registry.
		type Whereabouts: Whereabouts<Self::AccountId>;

		/// Who hears of proofs and of work that is done. Normally the node registry.
		type Conduct: Conduct<Self::AccountId>;

		/// Who punishes. Normally the slashing pallet.
		type Faults: ReportFault<Self::AccountId, BlockNumberFor<Self>>;

		/// Who owns the assets.
		type Assets: AssetOwners<Self::AccountId>;

		/// Whom nodes let announce documents: each owner as many as it has.
		type Announcers: Announcers<Self::AccountId>;

		/// What nodes and leaves are drawn by: a value that nobody could foresee when the draw was asked for, or
		/// `None` if there is none. Then the hash of the parent block takes its place, which its author can
		/// choose among as many as it has time to try.
		type Randomness: Randomness<Option<H256>, BlockNumberFor<Self>>;

		/// The clock, in working blocks.
		type WorkingTime: WorkingTime<BlockNumberFor<Self>>;

		/// Who gets the fees for challenges: the treasury's account.
		type Treasury: Get<Self::AccountId>;

		/// Fewest bytes of a replica: at least a leaf, 4,096. A shorter leaf proves less, what is kept should be
		/// more than what the chain keeps of it, and three files of a few bytes would tell how long a
		/// document is. Publishers fill up what is smaller.
		#[pallet::constant]
		type MinReplicaSize: Get<u64>;

		/// Most bytes of a replica: its proof must have no more than
		/// [`MAX_PROOF_BLOCKS`](rwa_primitives::storage::MAX_PROOF_BLOCKS).
		#[pallet::constant]
		type MaxReplicaSize: Get<u64>;

		/// What a leaf of each replica, 4 KiB, costs in a working block. A change applies to documents that are
		/// registered or renewed later.
		#[pallet::constant]
		type StoragePrice: Get<Balance>;

		/// What a repair is paid, whatever the size.
		#[pallet::constant]
		type RepairFee: Get<Balance>;

		/// What a repair is paid for each leaf, besides.
		#[pallet::constant]
		type RepairPrice: Get<Balance>;

		/// What somebody pays the treasury for a challenge: the price of the answer, which costs the node no fee.
		#[pallet::constant]
		type ChallengeFee: Get<Balance>;

		/// What a document holds from its owner, besides its funds: for the entries that it has here and in the
		/// slots of nodes.
		#[pallet::constant]
		type DocumentDeposit: Get<Balance>;

		/// What each envelope holds from the document's owner.
		#[pallet::constant]
		type EnvelopeDeposit: Get<Balance>;

		/// What a reader's key holds from the reader.
		#[pallet::constant]
		type ReaderKeyDeposit: Get<Balance>;

		/// What a storage node's entry holds from its operator.
		#[pallet::constant]
		type NodeDeposit: Get<Balance>;

		/// Fewest working blocks for which a document is registered, and for which its holders are paid if it is
		/// removed earlier. Not 0.
		#[pallet::constant]
		type MinTerm: Get<BlockNumberFor<Self>>;

		/// Most working blocks for which a document is paid in advance: at least [`Config::MinTerm`].
		#[pallet::constant]
		type MaxTerm: Get<BlockNumberFor<Self>>;

		/// Working blocks for which a document is kept after it has expired. The specification's 30 days.
		#[pallet::constant]
		type Grace: Get<BlockNumberFor<Self>>;

		/// Most envelopes that readers of a document have. All are removed with it, in one block.
		#[pallet::constant]
		type MaxEnvelopes: Get<u32>;

		/// Most bytes of an envelope: at least 144, which HPKE needs for three keys.
		#[pallet::constant]
		type MaxEnvelopeSize: Get<u32>;

		/// Most repairers of a document. More than [`Config::DrawnRepairers`], or the owner could name nobody.
		#[pallet::constant]
		type MaxRepairers: Get<u32>;

		/// How many nodes the chain proposes as repairers of a document.
		#[pallet::constant]
		type DrawnRepairers: Get<u32>;

		/// Most storage nodes. The tree that they are drawn by has as many places as the power of two above: whoever
		/// changes that has to build the tree anew.
		#[pallet::constant]
		type MaxNodes: Get<u32>;

		/// Most replicas of one storage node. The trees that leaves are drawn by have as many places as the power
		/// of two above: whoever changes that has to build them anew.
		#[pallet::constant]
		type MaxReplicasPerNode: Get<u32>;

		/// Bytes that a node may be given beyond what it has proven: at least [`Config::MaxReplicaSize`].
		#[pallet::constant]
		type NewcomerSpace: Get<u64>;

		/// Working blocks from asking for a draw to the draw: at least 1. Too few, and the randomness may be known.
		#[pallet::constant]
		type DrawDelay: Get<BlockNumberFor<Self>>;

		/// Working blocks that a node has to confirm a replica of no size. Not 0.
		#[pallet::constant]
		type ConfirmTime: Get<BlockNumberFor<Self>>;

		/// Bytes for each of which it has longer: what must come through in a working block. Not 0.
		#[pallet::constant]
		type TransferRate: Get<u64>;

		/// Working blocks from a loss to the draw of another holder.
		#[pallet::constant]
		type RepairGrace: Get<BlockNumberFor<Self>>;

		/// Working blocks until a draw is tried again that found nobody, or somebody who did not take the replica;
		/// twice as long each time, up to 64 times. At least [`Config::DrawDelay`]: a second try must be as hard to
		/// foresee as the first.
		#[pallet::constant]
		type RetryDelay: Get<BlockNumberFor<Self>>;

		/// How often nodes are drawn for a replica that nobody has had, before that is given up. Whoever registers pays
		/// for all of them. Not 0.
		#[pallet::constant]
		type MaxTries: Get<u32>;

		/// The same for a replica that was lost. Whoever has lost it has paid for that. Not 0.
		#[pallet::constant]
		type MaxRepairTries: Get<u32>;

		/// What keeping a replica must have cost, from its registration to its end, for its holder to have finished a
		/// job by it.
		#[pallet::constant]
		type LeastJob: Get<Balance>;

		/// Bytes that a node must hold for a round that it passes to count for its accuracy.
		#[pallet::constant]
		type LeastProven: Get<u64>;

		/// Replicas in a row that a node neither takes nor declines before it is not drawn any more, until it
		/// declares its capacity again. Not 0.
		#[pallet::constant]
		type MaxLapses: Get<u32>;

		/// Working blocks from the opening of a node's round to that of its next: more than
		/// [`Config::ChallengeTime`].
		#[pallet::constant]
		type ChallengePeriod: Get<BlockNumberFor<Self>>;

		/// Working blocks in which a node has to answer. At least 5: to read, to try again, and to be included.
		#[pallet::constant]
		type ChallengeTime: Get<BlockNumberFor<Self>>;

		/// Challenges of a round, besides those that are asked again, to a node that risks nothing. Not 0.
		#[pallet::constant]
		type MinChallenges: Get<u32>;

		/// Challenges of a round, besides those that are asked again, at most. With [`Config::MaxRechecks`] no more
		/// than 64.
		#[pallet::constant]
		type MaxChallenges: Get<u32>;

		/// Stake for which a node is asked one more. Not 0.
		#[pallet::constant]
		type StakePerChallenge: Get<Balance>;

		/// Most replicas that are asked for again, or that somebody paid for, in a round: at least 2. Half of them
		/// are for what was missing.
		#[pallet::constant]
		type MaxRechecks: Get<u32>;

		/// Rounds in a row with something missing that are a fault. Not 0.
		#[pallet::constant]
		type StrikeLimit: Get<u32>;

		/// Rounds in a row after which a replica that isn't proven is lost, and rounds after which a node that answers
		/// hardly anything is evicted: at least 2, so that no single outage does it.
		#[pallet::constant]
		type LossLimit: Get<u32>;

		/// Most replicas that are taken from a silent node in a block. Not 0.
		#[pallet::constant]
		type MaxEvictionsPerBlock: Get<u32>;

		/// Most replicas that are taken from all nodes in a [`Config::ChallengePeriod`] because they were not proven: half
		/// of them from silent nodes, half from others. At least 2.
		#[pallet::constant]
		type MaxEvictionsPerPeriod: Get<u32>;

		/// The share of what normal transactions may take of a block above which the block is congested.
		#[pallet::constant]
		type CongestionThreshold: Get<Perbill>;

		/// Most tasks that one block handles, if they all fit into a quarter of a block. What is more waits for
		/// the next block. Not 0.
		#[pallet::constant]
		type MaxDuePerBlock: Get<u32>;

		/// Priority of proofs and notices in the transaction pool. Above paid transactions: they are worth
		/// nothing when they come late, and the chain has asked for each.
		#[pallet::constant]
		type ProofPriority: Get<TransactionPriority>;

		/// What the calls, the authorisation and the agenda cost.
		type WeightInfo: WeightInfo;

		/// Makes nodes and owners for benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::BenchmarkHelper<Self::AccountId>;
	}

	/// Why this pallet holds an account's money.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// What documents can pay nodes and repairers. Given back, as far as it is left, when a document is
		/// removed.
		#[codec(index = 0)]
		Storage,
		/// Deposit for the entries of documents and envelopes. Given back with them.
		#[codec(index = 1)]
		Entries,
		/// Deposit for a reader's key. Given back when it is removed.
		#[codec(index = 2)]
		ReaderKey,
		/// Deposit for a storage node. Given back when it leaves.
		#[codec(index = 3)]
		Node,
	}

	/// Number of the next document.
	#[pallet::storage]
	pub type NextDocument<T: Config> = StorageValue<_, DocumentId, ValueQuery>;

	/// The documents.
	///
	/// **Invariants D1 to D4, D12, D13.** Paid for by [`HoldReason::Entries`] until the document is removed.
	// Hasher: Twox, because the chain counts the numbers.
	#[pallet::storage]
	pub type Documents<T: Config> = StorageMap<_, Twox64Concat, DocumentId, DocumentOf<T>>;

	/// Which replica each CID is of, by the owner of the document: nobody pays for a file twice, nor keeps others from
	/// registering theirs by overtaking them.
	///
	/// **Invariant D1.** Paid for with the document.
	// Hasher: Blake2, because whoever makes a file chooses its CID, and whoever makes an account its number.
	#[pallet::storage]
	pub type Cids<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		Cid,
		Blake2_128Concat,
		T::AccountId,
		(DocumentId, ReplicaIndex),
	>;

	/// The documents of each asset.
	///
	/// **Invariant D1.** Paid for with the document.
	#[pallet::storage]
	pub type DocumentsOf<T: Config> =
		StorageDoubleMap<_, Twox64Concat, AssetId, Twox64Concat, DocumentId, ()>;

	/// Number of the next reader's key. Never used twice, so that an envelope always names one key.
	#[pallet::storage]
	pub type NextKeyVersion<T: Config> = StorageValue<_, KeyVersion, ValueQuery>;

	/// The key that envelopes for each reader are sealed to.
	///
	/// **Invariant D11.** Paid for by [`HoldReason::ReaderKey`].
	// Hasher: Blake2, because whoever makes an account could grind a Twox key. Also below.
	#[pallet::storage]
	pub type ReaderKeys<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, ReaderKey>;

	/// The envelopes of each document, by what they are for and who gets them.
	///
	/// **Invariant D10.** Paid for by the document's [`HoldReason::Entries`].
	#[pallet::storage]
	pub type Envelopes<T: Config> = StorageNMap<
		_,
		(
			NMapKey<Twox64Concat, DocumentId>,
			NMapKey<Twox64Concat, Purpose>,
			NMapKey<Blake2_128Concat, T::AccountId>,
		),
		EnvelopeOf<T>,
	>;

	/// The storage nodes.
	///
	/// **Invariants D5, D7, D11.** Paid for by [`HoldReason::Node`] until the node leaves.
	#[pallet::storage]
	pub type StorageNodes<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, StorageNodeOf<T>>;

	/// How many storage nodes there are.
	///
	/// **Invariant D7:** at most [`Config::MaxNodes`].
	#[pallet::storage]
	pub type SeatCount<T: Config> = StorageValue<_, u32, ValueQuery>;

	/// The node in each seat.
	///
	/// **Invariant D7.**
	#[pallet::storage]
	pub type Seats<T: Config> = StorageMap<_, Twox64Concat, u32, T::AccountId>;

	/// Sums of the nodes' weights, which nodes are drawn by. A cell that is zero has no entry.
	///
	/// **Invariant D7.**
	#[pallet::storage]
	pub type SeatSums<T: Config> = StorageMap<_, Twox64Concat, u32, u128, ValueQuery>;

	/// The slots of each node.
	///
	/// **Invariants D4, D5, D6.** Paid for with the documents; what is free again is cleared away when the
	/// node leaves.
	#[pallet::storage]
	pub type Slots<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, u32, Slot>;

	/// Sums of the weights of each node's slots, which leaves are drawn by. A cell that is zero has no entry.
	///
	/// **Invariant D6.**
	#[pallet::storage]
	pub type SlotSums<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, u32, u128, ValueQuery>;

	/// Slots of each node whose weight lags behind what is in them.
	///
	/// **Invariant D6:** there are none of a node without an open round that isn't due in the next block.
	#[pallet::storage]
	pub type Changed<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, u32, ()>;

	/// The open round of each node that has one.
	///
	/// **Invariant D8.** Removed when the round ends.
	#[pallet::storage]
	pub type Rounds<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, RoundOf<T>>;

	/// The working block in which each task is due.
	///
	/// **Invariant D9:** the [`Agenda`] has the same entry and no other.
	#[pallet::storage]
	pub type Due<T: Config> = StorageMap<_, Blake2_128Concat, TaskOf<T>, BlockNumberFor<T>>;

	/// [`Due`] the other way round: the tasks of each lane and working block.
	#[pallet::storage]
	pub type Agenda<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		(Lane, BlockNumberFor<T>),
		Blake2_128Concat,
		TaskOf<T>,
		(),
	>;

	/// The first working block of each lane that may not have been handled in full. `None`: nothing was ever due.
	///
	/// **Invariant D9:** nothing in the [`Agenda`] of the lane is before it.
	#[pallet::storage]
	pub type AgendaCursor<T: Config> = StorageMap<_, Twox64Concat, Lane, BlockNumberFor<T>>;

	/// How many working blocks were congested.
	#[pallet::storage]
	pub type CongestedBlocks<T: Config> = StorageValue<_, BlockNumberFor<T>, ValueQuery>;

	/// How many replicas were taken from nodes in this period.
	#[pallet::storage]
	pub type EvictionCount<T: Config> = StorageValue<_, Evictions<BlockNumberFor<T>>>;

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_block: BlockNumberFor<T>) -> Weight {
			if T::WorkingTime::is_running() {
				Self::handle_agenda(T::WorkingTime::now())
			} else {
				T::WeightInfo::agenda_halted()
			}
		}

		fn on_finalize(_block: BlockNumberFor<T>) {
			Self::note_congestion();
		}

		fn offchain_worker(block: BlockNumberFor<T>) {
			Self::run_worker(block);
		}

		fn integrity_test() {
			Self::check_config();
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_block: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	/// What anyone can ask a node, without a transaction.
	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// A document, and how well it is kept. `None`: never registered, or removed.
		pub fn document(
			document: DocumentId,
		) -> Option<DocumentOverview<DocumentOf<T>, BlockNumberFor<T>>> {
			Self::overview(document)
		}

		/// Which documents and replicas a file is of, by who registered them, in an order of no meaning: at most 100. More
		/// than one only if somebody has registered another's file.
		pub fn documents_with(cid: Cid) -> Vec<(T::AccountId, DocumentId, ReplicaIndex)> {
			Self::documents_with_file(&cid)
		}

		/// Which document and replica of `owner`'s a file is of.
		pub fn document_of(cid: Cid, owner: T::AccountId) -> Option<(DocumentId, ReplicaIndex)> {
			Cids::<T>::get(cid, owner)
		}

		/// Documents of `asset` in an order of no meaning, at most `limit` of them and at most 100: the first ones,
		/// or those that follow `after`, the last one of the page before. A short page is the last.
		pub fn documents_of(
			asset: AssetId,
			after: Option<DocumentId>,
			limit: u32,
		) -> Vec<DocumentId> {
			Self::documents_page(asset, after, limit)
		}

		/// What `reader` needs to read a document, or to repair it.
		pub fn envelope(
			document: DocumentId,
			purpose: Purpose,
			reader: T::AccountId,
		) -> Option<EnvelopeOf<T>> {
			Envelopes::<T>::get((document, purpose, reader))
		}

		/// The key that envelopes for `reader` are to be sealed to.
		pub fn reader_key(reader: T::AccountId) -> Option<ReaderKey> {
			ReaderKeys::<T>::get(reader)
		}

		/// A storage node. `None`: it has never declared its capacity, or has left.
		pub fn storage_node(node: T::AccountId) -> Option<StorageNodeOf<T>> {
			StorageNodes::<T>::get(node)
		}

		/// What `node` has to keep, or is to take, in an order of no meaning, at most `limit` and at most 100: the
		/// first ones, or those that follow the slot `after`, the last one of the page before. A short page is the
		/// last. For its worker, which pins it.
		pub fn assignments(
			node: T::AccountId,
			after: Option<u32>,
			limit: u32,
		) -> Vec<Assignment<T::AccountId, BlockNumberFor<T>>> {
			Self::assignments_page(&node, after, limit)
		}

		/// What `node` has not answered yet and can: at most 64. For its worker, which answers.
		pub fn due_challenges(node: T::AccountId) -> Vec<Challenge<BlockNumberFor<T>>> {
			Self::open_challenges(&node)
		}

		/// What is due to the holder of a replica, if somebody claims it now.
		pub fn claimable(document: DocumentId, replica: ReplicaIndex) -> Balance {
			Self::claimable_now(document, replica)
		}

		/// What a document of these sizes costs until `expires_at`, if it is registered now. `None`: more than there
		/// is.
		pub fn quote(sizes: [u64; REPLICAS], expires_at: BlockNumberFor<T>) -> Option<Quote> {
			Self::quote_for(&sizes, expires_at)
		}
	}

	/// How many blocks; bounded, so that it fits.
	fn blocks(proof: &StorageProof) -> u32 {
		proof.blocks.len() as u32
	}

	/// How many replicas; bounded, so that it fits.
	fn claimed(replicas: &Claims) -> u32 {
		replicas.len() as u32
	}
}
