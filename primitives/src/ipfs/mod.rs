//! # Proofs of storage
//!
//! A replica of a document is a file in IPFS. Of each, the chain knows two things: its CID and its
//! size. Now and then it names one of the file's leaves, chosen by randomness that nobody knows
//! beforehand ([`sample`]), and the storage node that holds the replica answers with the blocks from the
//! file's root down to that leaf. [`verify`] says whether they are these blocks.
//!
//! It needs nothing else, because a CID is a hash: the root's CID fixes the root's bytes, in which are
//! the CIDs of the blocks below, and so on down to the leaf. Hence no second commitment beside the CID: one
//! less thing for a publisher to compute, and one less to get wrong.
//!
//! ## What is taken
//!
//! Files as Kubo adds them with
//!
//! ```text
//! ipfs add --cid-version=1 --raw-leaves --chunker=size-4096 --max-file-links=32
//! ```
//!
//! which is [`Layout::DOCUMENT`]; other lengths of chunks and numbers of links are other [`Layout`]s.
//! That is: CIDs of version 1 with SHA-256 ([`cid`]); leaves that are bytes of the file and nothing else;
//! above them nodes of dag-pb ([`dag_pb`]) that say in UnixFS ([`unixfs`]) how much of the file is below
//! each link; and the balanced shape that follows from size and layout ([`layout`]). A file has exactly
//! one dag of this kind, and only that one is taken: a block that says the same in other bytes is
//! refused, and so is a node with a link more or less than its place demands. Therefore a leaf's number
//! always means the same bytes of the file, and no dag is deeper than it must be.
//!
//! ## What a proof shows
//!
//! That whoever made it had those blocks after the challenge was known, and that the file which the CID
//! names has such a leaf there. A node that has lost a share *f* of the leaves passes *n* challenges with a
//! probability of (1 − *f*)ⁿ: of one that has lost a tenth, 44 challenges leave one in a hundred. A node
//! that has lost the upper blocks fails all of them.
//!
//! ## What it does not show
//!
//! - *That the node stores the file.* It may fetch the blocks within the deadline from whoever else has
//!   them under the same CID: outsourcing. The replicas of one document do not help it, because each is
//!   sealed under a key of its own and has its own CID. Two nodes that share a disk, or a node that holds the
//!   sealing keys and can get the document, can always answer. The deadline only makes it cost something.
//! - *That the file can be read*, or is what it is said to be: it is encrypted.
//! - *Anything about a file of no bytes.* Its one leaf is known to everybody. The chain has to refuse
//!   files so small that a node could remember a hash instead; the shorter a leaf, the less it proves.
//! - *That a size which was registered is true*, before the first proof: with another size every honest
//!   proof fails. So a storage node checks the whole file, block by block, with [`Expected::check`], before
//!   it confirms that it has it.
//!
//! ## What it costs
//!
//! Bytes of the largest proof, by the size of the file:
//!
//! | file | 4 KiB, 32 links | 4 KiB, 174 links | 256 KiB, 174 links |
//! |---|---|---|---|
//! | 1 MiB | 6,048 | 12,565 | 262,352 |
//! | 100 MiB | 8,560 | 19,867 | 271,019 |
//! | 1 GiB | 9,350 | 21,645 | 272,113 |
//!
//! The work is bounded before it begins. There is one block for each height of the dag, at most 65 for any
//! layout and any size that 64 bits can say; no block is hashed that is larger than its place allows, so
//! no more bytes are hashed than [`Layout::max_proof`] says, and each is read once. A node with *n* links
//! takes memory for *n* links. Nothing can go in circles: every step goes one height down, whatever the
//! blocks say. No input, however chosen, makes anything here panic.

pub mod cid;
pub mod dag_pb;
pub mod layout;
pub mod proof;
mod sample;
pub mod unixfs;
mod wire;

pub use cid::{Cid, CidError, Codec};
pub use layout::{Layout, LayoutError, Part};
pub use proof::{verify, Expected, ProofError};
pub use sample::sample;
