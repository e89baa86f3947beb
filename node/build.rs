//! Tells the compiler the version that `rwa-node --version` prints: the crate's, and the commit's.

fn main() {
	substrate_build_script_utils::generate_cargo_keys();
	substrate_build_script_utils::rerun_if_git_head_changed();
}
