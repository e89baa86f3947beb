//! App keys: what a node's off-chain workers sign with.
//!
//! An account keeps its own key offline and gives its worker a key of its own, which can do nothing
//! but the worker's duty. The account registers that key on chain and proves that it holds it, so
//! that nobody can claim somebody else's key. App keys are not session keys: oracles, relays and
//! storage nodes need not validate.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_application_crypto::KeyTypeId;
use sp_core::H256;

/// Under this type a node's keystore holds app keys (`author_insertKey("rwak", …)`).
pub const KEY_TYPE: KeyTypeId = KeyTypeId(*b"rwak");

mod sr25519 {
	use sp_application_crypto::{app_crypto, sr25519};
	app_crypto!(sr25519, super::KEY_TYPE);
}

/// Public half of an app key.
pub type AppPublic = sr25519::Public;
/// Signature made with an app key.
pub type AppSignature = sr25519::Signature;
/// An app key with its secret half. Only where a keystore exists.
#[cfg(feature = "std")]
pub type AppPair = sr25519::Pair;

/// What an account does for the network. One role per account.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	serde::Serialize,
	serde::Deserialize,
)]
pub enum Role {
	/// Authors and finalises blocks, and votes on reports.
	#[codec(index = 0)]
	Validator,
	/// Cross-references agents' reports and votes on them.
	#[codec(index = 1)]
	Verifier,
	/// Reports measurements to feeds.
	#[codec(index = 2)]
	Oracle,
	/// Carries agents' messages to the chain.
	#[codec(index = 3)]
	Relay,
	/// Keeps documents.
	#[codec(index = 4)]
	Storage,
}

/// The bytes an app key signs to prove that its holder agrees to act for `account`.
///
/// Bound to the chain by `genesis` and to the account, so that a proof seen on one chain, or for one
/// account, is worth nothing elsewhere.
pub fn possession_payload<AccountId: Encode>(
	genesis: &H256,
	account: &AccountId,
	public: &AppPublic,
) -> Vec<u8> {
	(b"rwa/app-key/possession/v1", genesis, account, public).encode()
}
