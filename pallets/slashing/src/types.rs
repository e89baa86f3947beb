//! What is counted, and what a penalty is.

use crate::Config;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	app_key::Role,
	fault::{Fault, FaultReport},
	Balance,
};
use scale_info::TypeInfo;
use sp_core::H256;
use sp_runtime::Perbill;

/// A validator with the proof that it was one, as the session pallet's history has it.
pub type OffenderOf<T> =
	(<T as frame_system::Config>::AccountId, <T as Config>::FullIdentification);

/// A fault that a pallet has proof of.
pub type FaultReportOf<T> = FaultReport<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

/// Number of a penalty. They count up from zero, and none is used twice.
pub type PenaltyId = u64;

/// [`Penalty`] of a runtime.
pub type PenaltyOf<T> = Penalty<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

/// [`Charge`] of a runtime.
pub type ChargeOf<T> = Charge<BlockNumberFor<T>>;

/// How many validators took part in a session.
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
pub struct Turnout {
	/// How many there were.
	pub validators: u32,
	/// How many authored a block or sent a heartbeat.
	pub present: u32,
}

/// What a fault costs a node that is no validator.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Penalty<AccountId, BlockNumber> {
	/// Whom it is taken from.
	pub offender: AccountId,
	/// The role in which it did it.
	pub role: Role,
	/// What it did.
	pub fault: Fault,
	/// What is taken, in the smallest unit, if as much is left then.
	pub amount: Balance,
	/// Hash of what proves it.
	pub evidence: H256,
	/// Who gets a share. `None`: the chain found it by itself, or the offender brought it.
	pub reporter: Option<AccountId>,
	/// The working block in which it did it.
	pub happened: BlockNumber,
	/// The working block in which it was reported.
	pub reported_at: BlockNumber,
	/// The first working block in which it is taken. Until then it can be cancelled.
	pub due_at: BlockNumber,
	/// What became of it.
	pub status: PenaltyStatus,
}

/// What became of a penalty.
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
pub enum PenaltyStatus {
	/// It waits, and can be cancelled.
	#[codec(index = 0)]
	Pending,
	/// It was taken.
	#[codec(index = 1)]
	Executed {
		/// How much: the amount, or what was left of the stake.
		taken: Balance,
	},
	/// It was cancelled, and nothing is taken.
	#[codec(index = 2)]
	Cancelled,
}

/// What one node is charged within one period.
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
pub struct Charge<BlockNumber> {
	/// The working block of the period's first charge.
	pub period_start: BlockNumber,
	/// The most that was at stake when something was charged.
	pub base: Balance,
	/// The sum of the period's penalties that were not cancelled.
	pub charged: Balance,
}

impl<BlockNumber> Charge<BlockNumber> {
	/// What may be charged in the period, as a whole.
	pub fn most(&self, cap: Perbill) -> Balance {
		cap.mul_floor(self.base)
	}

	/// What may be charged yet.
	pub fn room(&self, cap: Perbill) -> Balance {
		self.most(cap).saturating_sub(self.charged)
	}
}
