//! # Documents
//!
//! A document is encrypted once, sealed three times, and stored as three files in IPFS whose CIDs the
//! chain knows. This crate makes and reads these files and the envelopes in which their keys travel; it
//! does no networking, and asks no chain. `docs/document-format.md` gives every byte.
//!
//! ```text
//!            inner key                replica root
//!                │                     │   │   │
//! document ──AES-256-GCM──▶ inner ──AES-256-CTR──▶ replica 0 ──▶ CID 0
//!                         ciphertext       ├─────▶ replica 1 ──▶ CID 1
//!                                          └─────▶ replica 2 ──▶ CID 2
//! ```
//!
//! Two secrets, and what they allow:
//!
//! - The *inner key* reads. It is in the envelopes of readers.
//! - The *replica root* turns one replica into another. It is in the envelopes of readers, who need it to
//!   open the replica they got, and in those of repairers, who can make lost replicas again and read
//!   nothing.
//!
//! Who does what:
//!
//! | | takes | gives | with |
//! |---|---|---|---|
//! | publisher | document | three replicas, their CIDs, their size | [`Sealer`] |
//! | publisher | keys, CIDs, a reader's key | an envelope | [`Envelope`] |
//! | reader | any replica, an envelope | the document | [`DocumentReader`] |
//! | repairer | any replica, an envelope | a lost replica | [`Repair`] |
//!
//! Everything streams: the most that is held in memory of a document of any size is four times
//! [`PART_BYTES`]. No input, however chosen, makes anything here panic, and no secret is in what `Debug`
//! shows.
//!
//! Not hidden from those who store: how large the document is, to the byte, and when it was published.

#![warn(
	clippy::arithmetic_side_effects,
	clippy::cast_lossless,
	clippy::cast_possible_truncation,
	clippy::cast_possible_wrap,
	clippy::cast_sign_loss,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::panic,
	clippy::unwrap_used
)]

pub mod backup;
pub mod dag;
pub mod entropy;
pub mod envelope;
pub mod inner;
pub mod keys;
pub mod reader_key;
pub mod reading;
pub mod repair;
pub mod replica;
pub mod sealing;

pub use backup::{Backup, BackupError};
pub use dag::{Dag, DagBuilder};
pub use entropy::{Entropy, NoEntropy, SystemEntropy};
pub use envelope::{Envelope, EnvelopeError, Opened, Role, Subject};
pub use inner::{inner_size, plain_size, InnerError};
pub use keys::{DocumentKeys, InnerKey, ReadingKeys, ReplicaRoot};
pub use reader_key::{KeyTextError, ReaderKey, ReaderSecret};
pub use reading::{DocumentReader, ReadError};
pub use repair::{Repair, RepairError};
pub use replica::{DocumentId, Replica, ReplicaCipher, SameCid};
pub use sealing::{Checkpoint, CheckpointError, Last, Part, SealError, Sealer, PART_BYTES};

/// Version of everything that this crate writes. What says another is refused.
pub const VERSION: u8 = 1;
