//! The rules of documents, one file per behaviour.

mod config;
mod congestion;
mod detection;
mod envelopes;
mod eviction;
mod example;
mod expiry;
mod hand_over;
mod invariants;
mod lives;
mod money;
pub(crate) mod node;
mod nodes;
mod placing;
mod proofs;
mod registering;
mod repairs;
mod rounds;
mod views;
mod worker;
