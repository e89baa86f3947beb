//! What the registry stores.

use crate::Config;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::traits::fungible::Inspect;
use rwa_primitives::app_key::{AppPublic, Role};
use scale_info::TypeInfo;

/// Amount of the token in which deposits are held.
pub type BalanceOf<T> =
	<<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

/// A registration as the runtime `T` stores it.
pub type RegistrationOf<T> = Registration<BalanceOf<T>>;

/// What an account registered.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Registration<Balance> {
	/// What the account does for the network.
	pub role: Role,
	/// The key that acts for the account.
	pub key: AppPublic,
	/// What was held from the account when it registered, and will be given back. Recorded, because
	/// the deposit asked of others may have changed since.
	pub deposit: Balance,
}
