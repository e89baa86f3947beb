//! Weight of the clock's hook.
//!
//! Estimates, not measured yet: 5 µs of computing, the database as counted below.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::ParityDbWeight, Weight},
};

/// Weight of each thing this pallet does.
pub trait WeightInfo {
	/// The first working block after a halt, which writes most.
	fn on_initialize() -> Weight;
}

/// Estimates over the database weights of the runtime `T`.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Reads `Elapsed`, `Standing` and the source of `Halted`; writes `Elapsed` and `Standing`.
	fn on_initialize() -> Weight {
		Weight::from_parts(5_000_000, 4_500).saturating_add(T::DbWeight::get().reads_writes(3, 2))
	}
}

/// Estimates over ParityDB's weights, for tests.
impl WeightInfo for () {
	fn on_initialize() -> Weight {
		Weight::from_parts(5_000_000, 4_500)
			.saturating_add(ParityDbWeight::get().reads_writes(3, 2))
	}
}
