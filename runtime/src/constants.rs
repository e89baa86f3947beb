//! Units of time and money, and the few numbers that everything else is derived from.

#![warn(missing_docs)]

/// Units of the native token.
pub mod currency {
	use rwa_primitives::Balance;

	/// Symbol of the native token.
	pub const TOKEN_SYMBOL: &str = "RWA";
	/// Digits after the point of one RWA.
	pub const TOKEN_DECIMALS: u8 = 12;
	/// One RWA.
	pub const RWA: Balance = 1_000_000_000_000;
	/// A thousandth of an RWA.
	pub const MILLI_RWA: Balance = RWA / 1_000;
	/// A millionth of an RWA.
	pub const MICRO_RWA: Balance = RWA / 1_000_000;

	/// Least balance of an account: what keeps dust from filling the state.
	pub const EXISTENTIAL_DEPOSIT: Balance = MILLI_RWA;

	/// Price of state: what a user has held for `items` entries of `bytes` bytes in all. A gibibyte
	/// of state costs about 107,000 RWA, so that filling it on purpose is out of reach, while an
	/// ordinary entry of 100 bytes costs 0.11 RWA.
	pub const fn deposit(items: u32, bytes: u32) -> Balance {
		items as Balance * 100 * MILLI_RWA + bytes as Balance * 100 * MICRO_RWA
	}
}

/// Units of time, in blocks unless they say otherwise.
pub mod time {
	use rwa_primitives::{BlockNumber, Moment};

	/// Length of a slot in milliseconds. **Cannot change after genesis**: block production would
	/// stop. Chosen by measurement: `docs/decisions/001-slot-time.md`.
	pub const SLOT_DURATION: Moment = 1_000;

	/// A minute.
	pub const MINUTES: BlockNumber = 60;
	/// An hour.
	pub const HOURS: BlockNumber = 60 * MINUTES;
	/// A day.
	pub const DAYS: BlockNumber = 24 * HOURS;

	/// Slots in a BABE epoch, which is also a session. **Cannot change after genesis.**
	///
	/// Ten minutes: long enough that an epoch's randomness is final before it is used, short enough
	/// that new session keys act, and a validator's absence shows, within minutes.
	pub const EPOCH_DURATION_IN_SLOTS: u64 = 600;

	/// One slot in this many has a primary author as well as the secondary one, in expectation.
	///
	/// A slot with two authors forks the chain for a moment. Measured with four validators: at 1/4, two
	/// re-organisations in 50 blocks; at 1/50, one of one block every two or three minutes, and no slower
	/// finality than with a single author (`docs/consensus.md`). The price is that fewer outputs feed the
	/// epoch's randomness: 12 an epoch here.
	pub const PRIMARY_PROBABILITY: (u64, u64) = (1, 50);

	/// Milliseconds in a Julian year, by which rewards are reckoned.
	pub const MILLISECONDS_PER_YEAR: Moment = 31_557_600_000;
}
