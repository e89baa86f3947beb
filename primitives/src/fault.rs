//! What a node can be found guilty of, and what is said of it to the one pallet that punishes.
//!
//! Validators' equivocations and days of absence don't appear here: the SDK's offences and the slashing
//! pallet's own count find them. Everything else goes through
//! [`ReportFault`](crate::traits::ReportFault).

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_arithmetic::Perbill;
use sp_core::H256;
use sp_staking::SessionIndex;

use crate::app_key::Role;

/// A kind of fault. The specification's `SLASHING_CONDITIONS`, and what verifiers, relays and storage
/// nodes can do wrong besides.
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
)]
pub enum Fault {
	/// Approved what an appeal found to be false. `false_verification_approval`.
	///
	/// Evidence: the verdict and the appeal that overturned it. Reported by verification.
	#[codec(index = 0)]
	FalseApproval,
	/// Signed two different votes in one case. `double_voting`.
	///
	/// Evidence: both signed votes. Reported by the committee; anyone may bring them.
	#[codec(index = 1)]
	DoubleVoting,
	/// Sent no heartbeat for a day. What `offline_duration > 24h` is to validators.
	///
	/// Evidence: the registry's own record. Anyone may point at it (`Slashing.report_absence`).
	#[codec(index = 2)]
	Absence,
	/// Reported another value than the device signed. `data_manipulation`.
	///
	/// Evidence: the device's signed reading that the report names. Reported by the oracle; anyone may
	/// bring it.
	#[codec(index = 3)]
	DataManipulation,
	/// Was an outlier in too many rounds of a window. `consistent_outlier_reporting`.
	///
	/// Evidence: the oracle's count. Reported by the oracle.
	#[codec(index = 4)]
	ConsistentOutliers,
	/// Missed or did not reveal in too many rounds of a window. `failure_to_respond`.
	///
	/// Evidence: the oracle's count. Reported by the oracle.
	#[codec(index = 5)]
	FailureToRespond,
	/// Did not answer a storage challenge in time.
	///
	/// Evidence: the challenge and its deadline. Reported by documents.
	#[codec(index = 6)]
	FailedStorageProof,
	/// Lost a replica that it had confirmed, and did not say so.
	///
	/// Evidence: challenges unanswered beyond the grace period. Reported by documents.
	#[codec(index = 7)]
	LostReplica,
	/// Signed two receipts that contradict each other.
	///
	/// Evidence: both receipts. Reported by relay; anyone may bring them.
	#[codec(index = 8)]
	RelayEquivocation,
	/// Took a message, gave a receipt, and did not carry it to the chain in the time it promised.
	///
	/// Evidence: the receipt, and the chain's own record that the message is not there. Reported by relay;
	/// anyone may bring it.
	#[codec(index = 9)]
	WithheldMessage,
}

impl Fault {
	/// Every kind, in the order of their encoding.
	pub const ALL: [Self; 10] = [
		Self::FalseApproval,
		Self::DoubleVoting,
		Self::Absence,
		Self::DataManipulation,
		Self::ConsistentOutliers,
		Self::FailureToRespond,
		Self::FailedStorageProof,
		Self::LostReplica,
		Self::RelayEquivocation,
		Self::WithheldMessage,
	];

	/// How much of its tier's slash rate a fault costs.
	///
	/// All of it for what nobody does by accident and for a day's absence, as for validators; half for
	/// what is wrong over a whole window, but may be a broken instrument; a fifth for what an outage of
	/// hours explains.
	pub const fn severity(self) -> Perbill {
		Perbill::from_percent(match self {
			Self::FalseApproval
			| Self::DoubleVoting
			| Self::Absence
			| Self::DataManipulation
			| Self::LostReplica
			| Self::RelayEquivocation => 100,
			Self::ConsistentOutliers | Self::WithheldMessage => 50,
			Self::FailureToRespond | Self::FailedStorageProof => 20,
		})
	}

	/// Whether this shows that something was wrong that the node had vouched for. Not being there is a fault,
	/// and no falsehood: it doesn't touch accuracy.
	pub const fn is_false_statement(self) -> bool {
		!matches!(self, Self::Absence | Self::FailureToRespond)
	}

	/// Whether a node in `role` can do this at all.
	pub const fn possible_for(self, role: Role) -> bool {
		match self {
			Self::FalseApproval | Self::DoubleVoting => {
				matches!(role, Role::Validator | Role::Verifier)
			}
			// Validators' absence is counted in sessions, by the slashing pallet itself.
			Self::Absence => !matches!(role, Role::Validator),
			Self::DataManipulation | Self::ConsistentOutliers | Self::FailureToRespond => {
				matches!(role, Role::Oracle)
			}
			Self::FailedStorageProof | Self::LostReplica => matches!(role, Role::Storage),
			Self::RelayEquivocation | Self::WithheldMessage => matches!(role, Role::Relay),
		}
	}
}

/// A fault that a pallet has proof of.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct FaultReport<AccountId, BlockNumber> {
	/// Who did it.
	pub offender: AccountId,
	/// What it did.
	pub fault: Fault,
	/// The working block in which it did so. Decides which slash rate counts, and whether the report
	/// comes in time.
	pub happened: BlockNumber,
	/// The session in which it did so, by the chain's own record and not by what a reporter says. Decides
	/// which of a validator's nominators bear it with it.
	pub session: SessionIndex,
	/// Hash of what proves it. The same offender, fault and evidence are punished once.
	pub evidence: H256,
	/// Who brought the evidence, and gets a share. `None`: the chain found it by itself.
	pub reporter: Option<AccountId>,
}

/// A penalty that was reported, and waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PendingPenalty<BlockNumber> {
	/// Its number.
	pub id: u64,
	/// The first working block in which it is taken. Until then it can be cancelled.
	pub due_at: BlockNumber,
}
