//! # Load generator
//!
//! Sends transfers to a node and reports what became final, and when. It counts what is in final
//! blocks, not what a node accepted.
//!
//! - [`run`]: a steady rate between accounts that existed before and that nothing touched.
//! - [`burst`]: many at once, in order or shuffled; accounts for every single one.
//! - [`idle`]: no load; how long blocks take to become final.
//! - [`genesis`]: puts the accounts for all this into a chain specification.
//! - [`baseline`]: the speed of this machine, to set the figures in relation to.
//!
//! Under them: [`session`] prepares, [`sender`] sends, [`follow`] tells what the chain does,
//! [`ledger`] and [`chain`] write it down, [`report`] shows it.

pub mod accounts;
pub mod baseline;
pub mod burst;
pub mod chain;
pub mod error;
pub mod follow;
pub mod genesis;
pub mod idle;
pub mod ledger;
pub mod report;
pub mod rpc;
pub mod run;
pub mod sender;
pub mod session;
pub mod span;
pub mod stats;
pub mod transactions;
