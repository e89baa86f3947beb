//! What the pallet's calls and hooks cost.
//!
//! These are estimates, made by counting storage accesses and hashing, and not measured yet. They are
//! on the high side.

use core::marker::PhantomData;

use frame_support::{
	traits::Get,
	weights::{constants::RocksDbWeight, Weight},
};

/// Time to check an sr25519 signature, in picoseconds.
const VERIFY: u64 = 60_000_000;

/// Storage accesses to take a feed or a round apart: as many reporters as the pallet allows.
const MOST: u64 = 100;

/// What the pallet's calls and hooks cost. `n` is a number of reporters.
pub trait WeightInfo {
	/// [`crate::Call::create_feed`].
	fn create_feed(n: u32) -> Weight;
	/// [`crate::Call::set_reporters`], when all of the most reporters before it are replaced.
	fn set_reporters(n: u32) -> Weight;
	/// [`crate::Call::pause_feed`] with an open round that lacks one report.
	fn pause_feed() -> Weight;
	/// [`crate::Call::resume_feed`].
	fn resume_feed() -> Weight;
	/// [`crate::Call::remove_feed`] with an open round that lacks one report.
	fn remove_feed() -> Weight;
	/// [`crate::Call::submit_report`] that leaves the round open.
	fn submit_report() -> Weight;
	/// [`crate::Call::submit_report`] that closes a round.
	fn submit_last_report(n: u32) -> Weight;
	/// Authorising [`crate::Call::submit_report`].
	fn authorize_submit_report() -> Weight;
	/// A block in which the network is halted.
	fn agenda_halted() -> Weight;
	/// A block in which nothing is due, without looking into the agenda.
	fn agenda_base() -> Weight;
	/// Looking into the agenda of one working block and finding `d` feeds.
	fn agenda_bucket(d: u32) -> Weight;
	/// Handling a due feed by opening a round.
	fn open_round(n: u32) -> Weight;
	/// Handling a due feed by failing its round, which lacks one report.
	fn expire_round(n: u32) -> Weight;
}

/// The estimates, given the weights of the database: time outside the database in picoseconds, then
/// the accesses.
macro_rules! estimates {
	($db:expr) => {
		fn create_feed(n: u32) -> Weight {
			let n = u64::from(n);
			time(40_000_000, 4_000_000, n)
				.saturating_add($db.reads_writes(n.saturating_add(4), n.saturating_add(4)))
		}

		fn set_reporters(n: u32) -> Weight {
			let n = u64::from(n);
			let touched = n.saturating_add(MOST).saturating_add(1);
			time(400_000_000, 4_000_000, n).saturating_add($db.reads_writes(touched, touched))
		}

		fn pause_feed() -> Weight {
			time(300_000_000, 0, 0)
				.saturating_add($db.reads_writes(MOST.saturating_add(4), MOST.saturating_add(3)))
		}

		fn resume_feed() -> Weight {
			time(25_000_000, 0, 0).saturating_add($db.reads_writes(4, 3))
		}

		fn remove_feed() -> Weight {
			let touched = MOST.saturating_mul(2).saturating_add(6);
			time(600_000_000, 0, 0).saturating_add($db.reads_writes(touched, touched))
		}

		fn submit_report() -> Weight {
			time(VERIFY.saturating_add(40_000_000), 0, 0).saturating_add($db.reads_writes(7, 2))
		}

		fn submit_last_report(n: u32) -> Weight {
			let n = u64::from(n);
			time(VERIFY.saturating_add(80_000_000), 3_000_000, n)
				.saturating_add($db.reads_writes(n.saturating_add(12), n.saturating_add(7)))
		}

		fn authorize_submit_report() -> Weight {
			time(VERIFY.saturating_add(30_000_000), 0, 0).saturating_add($db.reads_writes(7, 0))
		}

		fn agenda_halted() -> Weight {
			time(2_000_000, 0, 0).saturating_add($db.reads_writes(1, 0))
		}

		fn agenda_base() -> Weight {
			time(5_000_000, 0, 0).saturating_add($db.reads_writes(3, 1))
		}

		fn agenda_bucket(d: u32) -> Weight {
			let d = u64::from(d);
			time(4_000_000, 3_000_000, d).saturating_add($db.reads_writes(d.saturating_add(1), 0))
		}

		fn open_round(n: u32) -> Weight {
			time(30_000_000, 300_000, n.into()).saturating_add($db.reads_writes(7, 6))
		}

		fn expire_round(n: u32) -> Weight {
			let n = u64::from(n);
			time(40_000_000, 3_000_000, n)
				.saturating_add($db.reads_writes(n.saturating_add(5), n.saturating_add(5)))
		}
	};
}

/// `base` picoseconds, and `each` of them for each of `n`.
fn time(base: u64, each: u64, n: u64) -> Weight {
	Weight::from_parts(base.saturating_add(each.saturating_mul(n)), 0)
}

/// The weights with the runtime's database.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	estimates!(T::DbWeight::get());
}

/// The weights with RocksDB. For tests.
impl WeightInfo for () {
	estimates!(RocksDbWeight::get());
}
