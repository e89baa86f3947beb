//! What the pallet's calls, hooks and trait functions cost. The runtime brings the measured weights:
//! `runtime/src/weights`.

use frame_support::weights::Weight;

/// What the pallet's calls, hooks and trait functions cost.
pub trait WeightInfo {
	/// [`crate::Call::cancel_penalty`].
	fn cancel_penalty() -> Weight;
	/// [`crate::Call::report_absence`].
	fn report_absence() -> Weight;
	/// [`crate::Call::heartbeat`].
	fn heartbeat() -> Weight;
	/// Authorising [`crate::Call::heartbeat`].
	fn authorize_heartbeat() -> Weight;
	/// Reporting a fault of a node that is no validator.
	fn report_fault() -> Weight;
	/// Reporting a fault of a validator.
	fn report_validator_fault() -> Weight;
	/// A block in which the network is halted.
	fn settle_halted() -> Weight;
	/// A block in which nothing is due, and nothing old enough to be forgotten.
	fn settle_base() -> Weight;
	/// Taking one penalty.
	fn execute_penalty() -> Weight;
	/// Passing one penalty that was cancelled.
	fn skip_penalty() -> Weight;
	/// Forgetting one penalty.
	fn forget_penalty() -> Weight;
	/// [`crate::Pallet::end_session`] when `v` validators are reported for a day's absence.
	fn end_session(v: u32) -> Weight;
	/// [`crate::Pallet::start_session`].
	fn start_session() -> Weight;
}

/// For tests: figures that can be told apart.
#[cfg(test)]
impl WeightInfo for () {
	fn cancel_penalty() -> Weight {
		Weight::from_parts(1_000, 0)
	}

	fn report_absence() -> Weight {
		Weight::from_parts(2_000, 0)
	}

	fn heartbeat() -> Weight {
		Weight::from_parts(3_000, 0)
	}

	fn authorize_heartbeat() -> Weight {
		Weight::from_parts(4_000, 0)
	}

	fn report_fault() -> Weight {
		Weight::from_parts(5_000, 0)
	}

	fn report_validator_fault() -> Weight {
		Weight::from_parts(6_000, 0)
	}

	fn settle_halted() -> Weight {
		Weight::from_parts(7, 0)
	}

	fn settle_base() -> Weight {
		Weight::from_parts(10, 0)
	}

	fn execute_penalty() -> Weight {
		Weight::from_parts(100, 0)
	}

	fn skip_penalty() -> Weight {
		Weight::from_parts(1_000, 0)
	}

	fn forget_penalty() -> Weight {
		Weight::from_parts(10_000, 0)
	}

	fn end_session(v: u32) -> Weight {
		Weight::from_parts(7_000, 0)
			.saturating_add(Weight::from_parts(1, 0).saturating_mul(v.into()))
	}

	fn start_session() -> Weight {
		Weight::from_parts(8_000, 0)
	}
}
