//! The crate `core2` gave `std::io` and `std::error` to programs without the standard library. All its
//! versions were withdrawn from the registry, and `ipfs-api` still leads to one. Here there always is a
//! standard library, so its own modules do.

pub use std::{error, io};
