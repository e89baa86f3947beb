//! `rwa_*`: the app keys that this node's off-chain workers sign with.
//!
//! | code | meaning | what to do |
//! |---|---|---|
//! | -32601 | unsafe method asked for from outside | ask locally, or start with `--rpc-methods unsafe` |
//! | 7001 | the account is not an SS58 address | check for typing errors; any network's prefix will do |
//! | 7002 | the public key is not 32 bytes in hexadecimal | copy it from `NodeRegistry.AppKeyOf` |
//! | 7003 | the keystore failed | see that its folder is there, writable and not full |

use codec::Encode;
use jsonrpsee::{
	proc_macros::rpc,
	types::{ErrorObject, ErrorObjectOwned},
	Extensions,
};
use rwa_primitives::app_key::{possession_payload, AppPublic, KEY_TYPE};
use rwa_runtime::{AccountId, Hash};
use sc_rpc_api::{check_if_safe, UnsafeRpcError};
use serde::{Deserialize, Serialize};
use sp_core::{bytes::from_hex, crypto::Ss58Codec, sr25519, Bytes};
use sp_keystore::KeystorePtr;

/// A new app key and the proof that its holder agrees to act for the account. Both are arguments of
/// `NodeRegistry.register_app_key`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotatedAppKey {
	/// The public key: 32 bytes.
	pub public: Bytes,
	/// The signature of the proof of possession: 64 bytes.
	pub proof: Bytes,
}

/// App keys of this node.
#[rpc(server, namespace = "rwa")]
pub trait AppKeysApi {
	/// Makes a new app key in this node's keystore and proves possession of it for `account`, an
	/// SS58 address. Nothing changes on chain until the account registers the key with
	/// `NodeRegistry.register_app_key`; an earlier key stays in the keystore, and in use, until then.
	///
	/// Unsafe: fails with -32601 unless unsafe methods are allowed. Fails with 7001 (not an address)
	/// and 7003 (keystore).
	#[method(name = "rotateAppKey", with_extensions)]
	fn rotate_app_key(&self, account: String) -> Result<RotatedAppKey, AppKeysError>;

	/// Whether this node's keystore holds the secret of the app key `public`, in hexadecimal.
	///
	/// Unsafe: fails with -32601 unless unsafe methods are allowed. Fails with 7002 (not a public
	/// key).
	#[method(name = "hasAppKey", with_extensions)]
	fn has_app_key(&self, public: String) -> Result<bool, AppKeysError>;
}

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub enum AppKeysError {
	/// Not allowed for this caller.
	#[error(transparent)]
	Unsafe(#[from] UnsafeRpcError),
	/// The account can't be read.
	#[error("not an SS58 address: {0}")]
	Account(String),
	/// The key can't be read.
	#[error("an app key is 32 bytes in hexadecimal")]
	Public,
	/// The keystore failed.
	#[error("keystore: {0}")]
	Keystore(String),
}

impl AppKeysError {
	/// The error's number on the wire: see the table of this module.
	pub fn code(&self) -> i32 {
		match self {
			Self::Unsafe(_) => jsonrpsee::types::error::METHOD_NOT_FOUND_CODE,
			Self::Account(_) => 7001,
			Self::Public => 7002,
			Self::Keystore(_) => 7003,
		}
	}
}

impl From<AppKeysError> for ErrorObjectOwned {
	fn from(error: AppKeysError) -> Self {
		ErrorObject::owned(error.code(), error.to_string(), None::<()>)
	}
}

/// Answers [`AppKeysApiServer`] from a keystore.
pub struct AppKeys {
	keystore: KeystorePtr,
	genesis: Hash,
}

impl AppKeys {
	/// For the chain that began with `genesis`.
	pub fn new(keystore: KeystorePtr, genesis: Hash) -> Self {
		Self { keystore, genesis }
	}

	fn rotate(&self, account: &AccountId) -> Result<RotatedAppKey, AppKeysError> {
		let failed = |error: sp_keystore::Error| AppKeysError::Keystore(error.to_string());
		let public = self.keystore.sr25519_generate_new(KEY_TYPE, None).map_err(failed)?;
		let payload = possession_payload(&self.genesis, account, &AppPublic::from(public));
		let proof = self
			.keystore
			.sr25519_sign(KEY_TYPE, &public, &payload)
			.map_err(failed)?
			.ok_or_else(|| AppKeysError::Keystore("the new key is gone".into()))?;
		Ok(RotatedAppKey { public: public.encode().into(), proof: proof.encode().into() })
	}
}

impl AppKeysApiServer for AppKeys {
	fn rotate_app_key(
		&self,
		extensions: &Extensions,
		account: String,
	) -> Result<RotatedAppKey, AppKeysError> {
		check_if_safe(extensions)?;
		// Any network's prefix: the account is the same key everywhere.
		let (account, _prefix) = AccountId::from_ss58check_with_version(&account)
			.map_err(|error| AppKeysError::Account(error.to_string()))?;
		self.rotate(&account)
	}

	fn has_app_key(&self, extensions: &Extensions, public: String) -> Result<bool, AppKeysError> {
		check_if_safe(extensions)?;
		let public = from_hex(&public)
			.ok()
			.and_then(|bytes| sr25519::Public::try_from(bytes.as_slice()).ok())
			.ok_or(AppKeysError::Public)?;
		Ok(self.keystore.has_keys(&[(public.encode(), KEY_TYPE)]))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use rwa_primitives::app_key::AppSignature;
	use sc_rpc_api::DenyUnsafe;
	use sp_application_crypto::RuntimeAppPublic;
	use sp_keyring::Sr25519Keyring;
	use sp_keystore::testing::MemoryKeystore;
	use std::sync::Arc;

	fn api() -> AppKeys {
		AppKeys::new(Arc::new(MemoryKeystore::new()), Hash::repeat_byte(7))
	}

	fn caller(deny: DenyUnsafe) -> Extensions {
		let mut extensions = Extensions::new();
		extensions.insert(deny);
		extensions
	}

	fn trusted() -> Extensions {
		caller(DenyUnsafe::No)
	}

	fn ferdie() -> AccountId {
		Sr25519Keyring::Ferdie.to_account_id()
	}

	#[test]
	fn a_new_key_is_in_the_keystore_with_a_proof_for_this_account_and_chain() {
		let api = api();
		let key = api.rotate_app_key(&trusted(), ferdie().to_ss58check()).unwrap();
		let hex = format!("{:?}", sp_core::H256::from_slice(&key.public));
		assert!(api.has_app_key(&trusted(), hex).unwrap());

		let public = AppPublic::from(sr25519::Public::try_from(key.public.as_ref()).unwrap());
		let proof = AppSignature::from(sr25519::Signature::try_from(key.proof.as_ref()).unwrap());
		let proves = |genesis: Hash, account: &AccountId| {
			public.verify(&possession_payload(&genesis, account, &public), &proof)
		};
		assert!(proves(Hash::repeat_byte(7), &ferdie()));
		assert!(!proves(Hash::repeat_byte(8), &ferdie()));
		assert!(!proves(Hash::repeat_byte(7), &Sr25519Keyring::Eve.to_account_id()));
	}

	#[test]
	fn each_call_makes_another_key() {
		let api = api();
		let first = api.rotate_app_key(&trusted(), ferdie().to_ss58check()).unwrap();
		let second = api.rotate_app_key(&trusted(), ferdie().to_ss58check()).unwrap();
		assert_ne!(first.public, second.public);
	}

	#[test]
	fn addresses_of_any_network_are_understood() {
		for prefix in [42u16, 0, rwa_runtime::SS58_PREFIX] {
			let address = ferdie().to_ss58check_with_version(prefix.into());
			assert!(api().rotate_app_key(&trusted(), address).is_ok(), "{prefix}");
		}
	}

	#[test]
	fn a_key_that_nobody_made_is_not_there() {
		assert!(!api().has_app_key(&trusted(), format!("0x{}", "11".repeat(32))).unwrap());
	}

	#[test]
	fn both_methods_are_refused_to_strangers() {
		let stranger = caller(DenyUnsafe::Yes);
		let error = api().rotate_app_key(&stranger, ferdie().to_ss58check()).unwrap_err();
		assert_eq!(error.code(), -32601);
		let error = api().has_app_key(&stranger, format!("0x{}", "11".repeat(32))).unwrap_err();
		assert_eq!(error.code(), -32601);
	}

	#[test]
	fn what_cannot_be_read_is_refused_with_its_own_code() {
		let error = api().rotate_app_key(&trusted(), "5Grw".into()).unwrap_err();
		assert_eq!(error.code(), 7001);
		for public in ["", "0x11", "zz", &"11".repeat(33)] {
			let error = api().has_app_key(&trusted(), public.into()).unwrap_err();
			assert_eq!(error.code(), 7002, "{public}");
		}
	}
}
