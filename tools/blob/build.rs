//! Compiles the blob of the runtime that `RWA_BLOB_OF` names, if it is set.

use std::env;

fn main() {
	println!("cargo:rerun-if-env-changed=RWA_BLOB_OF");
	let Ok(manifest) = env::var("RWA_BLOB_OF") else { return };
	match substrate_wasm_builder::WasmBuilder::new().with_project(manifest) {
		// As the runtime's own build script has it.
		Ok(builder) => builder.import_memory().export_heap_base().build(),
		Err(error) => {
			println!("cargo:warning=RWA_BLOB_OF: {error}");
			std::process::exit(1);
		}
	}
}
