//! What is stored of a device.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::fungible, BoundedVec};
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{device::DeviceState, feed::SourceKind, AssetId, Balance};
use scale_info::TypeInfo;
use sp_core::ConstU32;

use crate::Config;

/// [`Device`] of a runtime.
pub type DeviceOf<T> = Device<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;
/// Money that was taken.
pub type CreditOf<T> =
	fungible::Credit<<T as frame_system::Config>::AccountId, <T as Config>::Currency>;
/// For each kind of source of which a feed has used a device, the highest counter that it has used.
pub type Counters = BoundedVec<(SourceKind, u64), ConstU32<{ SourceKind::COUNT }>>;

/// A device that measures for an asset's feeds.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Device<AccountId, BlockNumber> {
	/// The asset that it is on.
	pub asset: AssetId,
	/// Who registered or adopted it.
	pub owner: AccountId,
	/// What is held on the owner for it, in the smallest unit. Nothing if it was condemned.
	pub deposit: Balance,
	/// The working block in which it was registered.
	pub registered_at: BlockNumber,
	/// Whether it is in service.
	pub state: DeviceState<BlockNumber>,
	/// What feeds have used of it.
	pub counters: Counters,
}

impl<AccountId, BlockNumber> Device<AccountId, BlockNumber> {
	/// The highest counter that the asset's feed from `source` has used: 0 if it has used none.
	pub fn counter(&self, source: SourceKind) -> u64 {
		let known = self.counters.iter().find(|(kind, _)| *kind == source);
		known.map_or(0, |(_, counter)| *counter)
	}
}
