//! Weights of the registry's calls.
//!
//! Estimates, not measured yet: 50 µs to verify an sr25519 signature, 10 to 20 µs
//! for the rest of a call, the database as counted below.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::ParityDbWeight, RuntimeDbWeight, Weight},
};

/// Weight of each thing this pallet does.
pub trait WeightInfo {
	/// `register_app_key` by an account without a registration.
	fn register_app_key() -> Weight;
	/// `register_app_key` by an account that has a key already.
	fn replace_app_key() -> Weight;
	/// `revoke_app_key`.
	fn revoke_app_key() -> Weight;
}

/// Estimates over the database weights of the runtime `T`.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn register_app_key() -> Weight {
		register_app_key(T::DbWeight::get())
	}
	fn replace_app_key() -> Weight {
		replace_app_key(T::DbWeight::get())
	}
	fn revoke_app_key() -> Weight {
		revoke_app_key(T::DbWeight::get())
	}
}

/// Estimates over ParityDB's weights, for tests.
impl WeightInfo for () {
	fn register_app_key() -> Weight {
		register_app_key(ParityDbWeight::get())
	}
	fn replace_app_key() -> Weight {
		replace_app_key(ParityDbWeight::get())
	}
	fn revoke_app_key() -> Weight {
		revoke_app_key(ParityDbWeight::get())
	}
}

/// Reads `AppKeyOf`, `OperatorOf`, the hash of block 0, the account and its holds; writes all but
/// the hash.
fn register_app_key(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(70_000_000, 4_500).saturating_add(db.reads_writes(5, 4))
}

/// Reads `AppKeyOf`, `OperatorOf` of the new and the old key and the hash of block 0; writes all but
/// the hash.
fn replace_app_key(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(60_000_000, 6_000).saturating_add(db.reads_writes(4, 3))
}

/// Reads and writes `AppKeyOf`, `OperatorOf`, the account and its holds.
fn revoke_app_key(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(20_000_000, 4_500).saturating_add(db.reads_writes(4, 4))
}
