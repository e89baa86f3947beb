//! Builds the runtime's WebAssembly blob, which is what the chain runs.

/// Symbol and decimals go into the metadata hash that signers show to their users.
#[cfg(feature = "metadata-hash")]
fn main() {
	substrate_wasm_builder::WasmBuilder::init_with_defaults()
		.enable_metadata_hash("RWA", 12)
		.build();
}

#[cfg(all(feature = "blob", not(feature = "metadata-hash")))]
fn main() {
	substrate_wasm_builder::WasmBuilder::build_using_defaults();
}

/// The blob itself is compiled without this feature, and so builds no other.
#[cfg(not(feature = "blob"))]
fn main() {}
