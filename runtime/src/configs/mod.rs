//! How each pallet is configured, by area. Every constant says why it has its value.

#![warn(missing_docs)]

pub mod consensus;
pub mod governance;
pub mod halting;
pub mod money;
pub mod rwa;
pub mod staking;
pub mod system;
pub mod tools;
