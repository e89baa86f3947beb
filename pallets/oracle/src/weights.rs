//! What the pallet's calls and hooks cost. The runtime brings the measured weights:
//! `runtime/src/weights`.

use frame_support::weights::Weight;

/// What the pallet's calls and hooks cost.
pub trait WeightInfo {
	/// [`crate::Call::create_feed`] by an owner who invites `n`.
	fn create_feed(n: u32) -> Weight;
	/// [`crate::Call::set_admission`] that invites `n` others and takes off a full roster, in which everybody
	/// has something to be blamed for.
	fn set_admission(n: u32) -> Weight;
	/// [`crate::Call::pause_feed`] whose next round was requested.
	fn pause_feed() -> Weight;
	/// [`crate::Call::resume_feed`].
	fn resume_feed() -> Weight;
	/// [`crate::Call::remove_feed`] with a full roster, and as many who have left, whose next round was requested, and
	/// in whose last rounds devices were named.
	fn remove_feed() -> Weight;
	/// [`crate::Call::submit`] of `n` statements, each the last one that its round waits for.
	fn submit(n: u32) -> Weight;
	/// [`crate::Call::submit`] of `n` alarms, each of which calls a round.
	fn submit_alarms(n: u32) -> Weight;
	/// Authorising [`crate::Call::submit`] of `n` statements.
	fn authorize_submit(n: u32) -> Weight;
	/// [`crate::Call::join_feed`] that replaces a reporter of a full roster, who is judged, and brings a round
	/// forward.
	fn join_feed() -> Weight;
	/// [`crate::Call::leave_feed`] of a reporter who is judged.
	fn leave_feed() -> Weight;
	/// [`crate::Call::top_up`] that brings a round forward.
	fn top_up() -> Weight;
	/// [`crate::Call::request_round`] of a feed with the largest committee and a full roster.
	fn request_round() -> Weight;
	/// [`crate::Call::prove_manipulation`] of a round of the largest committee, by a measurement of a device with a
	/// secp256k1 key other than the one named, which somebody demands to see.
	fn prove_manipulation() -> Weight;
	/// [`crate::Call::absolve`] by a measurement of a device with a secp256k1 key, which is condemned.
	fn absolve() -> Weight;
	/// [`crate::Call::demand_measurement`] of a round of the largest committee.
	fn demand_measurement() -> Weight;
	/// [`crate::Call::show_measurement`] of a device with a secp256k1 key, in a round of the largest committee.
	fn show_measurement() -> Weight;
	/// Authorising [`crate::Call::show_measurement`] of a device with a secp256k1 key.
	fn authorize_show_measurement() -> Weight;
	/// [`crate::Call::enforce_demand`] of a reporter who can be punished, in a round of the largest committee.
	fn enforce_demand() -> Weight;
	/// A block in which the network is halted.
	fn agenda_halted() -> Weight;
	/// A block in which nothing is due, without looking into the agenda.
	fn agenda_base() -> Weight;
	/// Looking into the agenda of one working block and finding `d` feeds.
	fn agenda_bucket(d: u32) -> Weight;
	/// Handling a due feed with a roster of `n` by opening a round of the largest committee, which was requested.
	fn open_round(n: u32) -> Weight;
	/// Handling a feed that was removed, in all of whose last rounds devices were named.
	fn forget_removed() -> Weight;
	/// Handling a due feed by letting its committee of `n` reveal.
	fn start_reveal(n: u32) -> Weight;
	/// Handling a due feed by failing its round, which was requested, for too few commitments, and judging none of
	/// the `n`.
	fn fail_round(n: u32) -> Weight;
	/// Handling a due feed by closing its round, which was requested in vain, with a full history, paying all `n`, whose
	/// reports name two devices, and judging none.
	fn close_round(n: u32) -> Weight;
	/// Judging a reporter at the end of a round, and reporting both faults.
	fn judge() -> Weight;
}

/// For tests: figures that can be told apart, and that grow with what they are of.
#[cfg(test)]
impl WeightInfo for () {
	fn create_feed(n: u32) -> Weight {
		figure(1_000, n)
	}

	fn set_admission(n: u32) -> Weight {
		figure(2_000, n)
	}

	fn pause_feed() -> Weight {
		figure(3_000, 0)
	}

	fn resume_feed() -> Weight {
		figure(4_000, 0)
	}

	fn remove_feed() -> Weight {
		figure(5_000, 0)
	}

	fn submit(n: u32) -> Weight {
		figure(6_000, n)
	}

	fn submit_alarms(n: u32) -> Weight {
		figure(24_000, n)
	}

	fn authorize_submit(n: u32) -> Weight {
		figure(7_000, n)
	}

	fn join_feed() -> Weight {
		figure(8_000, 0)
	}

	fn leave_feed() -> Weight {
		figure(9_000, 0)
	}

	fn top_up() -> Weight {
		figure(10_000, 0)
	}

	fn request_round() -> Weight {
		figure(19_000, 0)
	}

	fn prove_manipulation() -> Weight {
		figure(22_000, 0)
	}

	fn absolve() -> Weight {
		figure(23_000, 0)
	}

	fn demand_measurement() -> Weight {
		figure(25_000, 0)
	}

	fn show_measurement() -> Weight {
		figure(26_000, 0)
	}

	fn authorize_show_measurement() -> Weight {
		figure(27_000, 0)
	}

	fn enforce_demand() -> Weight {
		figure(28_000, 0)
	}

	fn forget_removed() -> Weight {
		figure(100, 0)
	}

	fn agenda_halted() -> Weight {
		figure(11_000, 0)
	}

	fn agenda_base() -> Weight {
		figure(12_000, 0)
	}

	fn agenda_bucket(d: u32) -> Weight {
		figure(13_000, d)
	}

	fn open_round(n: u32) -> Weight {
		figure(14_000, n)
	}

	fn start_reveal(n: u32) -> Weight {
		figure(15_000, n)
	}

	fn fail_round(n: u32) -> Weight {
		figure(16_000, n)
	}

	fn close_round(n: u32) -> Weight {
		figure(17_000, n)
	}

	fn judge() -> Weight {
		figure(18_000, 0)
	}
}

#[cfg(test)]
fn figure(base: u64, n: u32) -> Weight {
	Weight::from_parts(base, 0).saturating_add(Weight::from_parts(1, 0).saturating_mul(n.into()))
}
