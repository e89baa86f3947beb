//! What is counted.

use crate::Config;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A validator with the proof that it was one, as the session pallet's history has it.
pub type OffenderOf<T> =
	(<T as frame_system::Config>::AccountId, <T as Config>::FullIdentification);

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
