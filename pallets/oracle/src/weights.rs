//! What the pallet's calls and hooks cost. The runtime brings the measured weights:
//! `runtime/src/weights`.

use frame_support::weights::Weight;

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

/// For tests: figures that can be told apart, and that grow with what they are of.
#[cfg(test)]
impl WeightInfo for () {
	fn create_feed(n: u32) -> Weight {
		Weight::from_parts(1_000, 0)
			.saturating_add(Weight::from_parts(1, 0).saturating_mul(n.into()))
	}

	fn set_reporters(n: u32) -> Weight {
		Weight::from_parts(2_000, 0)
			.saturating_add(Weight::from_parts(1, 0).saturating_mul(n.into()))
	}

	fn pause_feed() -> Weight {
		Weight::from_parts(3_000, 0)
	}

	fn resume_feed() -> Weight {
		Weight::from_parts(4_000, 0)
	}

	fn remove_feed() -> Weight {
		Weight::from_parts(5_000, 0)
	}

	fn submit_report() -> Weight {
		Weight::from_parts(6_000, 0)
	}

	fn submit_last_report(n: u32) -> Weight {
		Weight::from_parts(7_000, 0)
			.saturating_add(Weight::from_parts(1, 0).saturating_mul(n.into()))
	}

	fn authorize_submit_report() -> Weight {
		Weight::from_parts(8_000, 0)
	}

	fn agenda_halted() -> Weight {
		Weight::from_parts(9_000, 0)
	}

	fn agenda_base() -> Weight {
		Weight::from_parts(10_000, 0)
	}

	fn agenda_bucket(d: u32) -> Weight {
		Weight::from_parts(11_000, 0)
			.saturating_add(Weight::from_parts(1, 0).saturating_mul(d.into()))
	}

	fn open_round(n: u32) -> Weight {
		Weight::from_parts(12_000, 0)
			.saturating_add(Weight::from_parts(1, 0).saturating_mul(n.into()))
	}

	fn expire_round(n: u32) -> Weight {
		Weight::from_parts(13_000, 0)
			.saturating_add(Weight::from_parts(1, 0).saturating_mul(n.into()))
	}
}
