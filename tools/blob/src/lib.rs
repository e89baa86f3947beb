//! # Blob of another tree
//!
//! A runtime upgrade that is tested needs a blob of a tree with a higher version. Building that runtime in the
//! usual way compiles all that it stands on natively, too, for minutes and for nothing. Building this crate
//! with `RWA_BLOB_OF` set to the runtime's `Cargo.toml` compiles the blob alone; without it, nothing.
//!
//! The blob is then in `wbuild`, in the target folder. See `part_upgrade` in `scripts/test.sh`.
