//! Weight of the clock's hook. The runtime brings the measured ones: `runtime/src/weights`.

use frame_support::weights::Weight;

/// Weight of each thing this pallet does.
pub trait WeightInfo {
	/// The first working block after a halt, which writes most.
	fn on_initialize() -> Weight;
}

/// For tests: a figure that can be told from none.
#[cfg(test)]
impl WeightInfo for () {
	fn on_initialize() -> Weight {
		Weight::from_parts(100, 0)
	}
}
