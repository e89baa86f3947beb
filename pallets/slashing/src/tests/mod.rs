//! The rules of the pallet, one file per behaviour.

mod absence;
mod cancelling;
mod cap;
mod config;
mod example;
mod executing;
mod forgetting;
mod heartbeats;
mod interface;
mod invariants;
pub(crate) mod node;
mod node_absence;
mod penalty_example;
mod raised;
mod reporting;
mod turnout;
mod validators;
mod views;
mod worker;
