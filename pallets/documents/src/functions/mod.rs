//! What the calls, hooks and views do, by behaviour.

mod agenda;
mod config;
mod congestion;
pub(crate) mod documents;
mod envelopes;
pub(crate) mod eviction;
mod money;
mod nodes;
pub(crate) mod notices;
pub(crate) mod placement;
mod proofs;
mod reads;
mod repair;
pub(crate) mod rounds;
mod seats;
mod slots;

pub(crate) use nodes::LEAVE_STEP;
