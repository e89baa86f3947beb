//! # RWA primitives
//!
//! What the pallets, the runtime, the node and the tools have in common: identifiers, the traits
//! that pallets meet through, and pure functions. Nothing here touches storage, so everything here
//! can be tested with plain values.

#![cfg_attr(not(feature = "std"), no_std)]
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

extern crate alloc;

pub mod aggregate;
pub mod app_key;
pub mod decimal;
pub mod device;
pub mod fault;
pub mod feed;
pub mod fenwick;
pub mod heartbeat;
mod hex;
mod integer;
pub mod ipfs;
pub mod json;
pub mod node;
pub mod reading;
pub mod reputation;
pub mod runtime_api;
pub mod storage;
pub mod traits;
mod trigonometry;
pub mod worker;

use sp_runtime::{
	generic,
	traits::{BlakeTwo256, IdentifyAccount, Verify},
	MultiAddress, MultiSignature,
};

/// Signature of a user's transaction: sr25519, ed25519 or ECDSA.
pub type Signature = MultiSignature;
/// An account: the public key, or its hash for ECDSA.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// An account as transactions write it.
pub type Address = MultiAddress<AccountId, ()>;
/// Amount of the native token, in its smallest unit: 10⁻¹² RWA.
pub type Balance = u128;
/// Number of a block. At one block a second `u32` lasts for 136 years.
pub type BlockNumber = u32;
/// How many transactions an account has sent.
pub type Nonce = u32;
/// Hash of blocks, calls and state.
pub type Hash = sp_core::H256;
/// Milliseconds since 1970-01-01 UTC.
pub type Moment = u64;
/// A real-world asset. The same number names the asset's fractional token, if it has one.
pub type AssetId = u32;
/// Header of a block.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
