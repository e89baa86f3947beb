//! What the pallet's calls cost. The runtime brings the measured weights: `runtime/src/weights`.

use frame_support::weights::Weight;

/// What the pallet's calls cost. What the oracle asks of it is part of what the oracle's benchmarks measure.
pub trait WeightInfo {
	/// [`crate::Call::register_device`] with a secp256k1 key.
	fn register_device() -> Weight;
	/// [`crate::Call::retire_device`] by the owner of the asset.
	fn retire_device() -> Weight;
	/// [`crate::Call::remove_device`].
	fn remove_device() -> Weight;
	/// [`crate::Call::adopt_device`].
	fn adopt_device() -> Weight;
	/// [`crate::Call::condemn_device`] of a device with a secp256k1 key, whose reporter gets a share.
	fn condemn_device() -> Weight;
	/// [`crate::Call::reset_counter`] of a device with a secp256k1 key by the owner of the asset.
	fn reset_counter() -> Weight;
}

/// For tests: figures that can be told apart.
#[cfg(test)]
impl WeightInfo for () {
	fn register_device() -> Weight {
		Weight::from_parts(1_000, 0)
	}

	fn retire_device() -> Weight {
		Weight::from_parts(2_000, 0)
	}

	fn remove_device() -> Weight {
		Weight::from_parts(3_000, 0)
	}

	fn adopt_device() -> Weight {
		Weight::from_parts(4_000, 0)
	}

	fn condemn_device() -> Weight {
		Weight::from_parts(5_000, 0)
	}

	fn reset_counter() -> Weight {
		Weight::from_parts(6_000, 0)
	}
}
