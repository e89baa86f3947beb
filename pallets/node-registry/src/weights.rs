//! Weights of the registry's calls. The runtime brings the measured ones: `runtime/src/weights`.

use frame_support::weights::Weight;

/// Weight of each thing this pallet does.
pub trait WeightInfo {
	/// `register_app_key` by an account without a registration.
	fn register_app_key() -> Weight;
	/// `register_app_key` by an account that has a key already.
	fn replace_app_key() -> Weight;
	/// `revoke_app_key`.
	fn revoke_app_key() -> Weight;
}

/// For tests: figures that can be told apart.
#[cfg(test)]
impl WeightInfo for () {
	fn register_app_key() -> Weight {
		Weight::from_parts(300, 0)
	}
	fn replace_app_key() -> Weight {
		Weight::from_parts(200, 0)
	}
	fn revoke_app_key() -> Weight {
		Weight::from_parts(100, 0)
	}
}
