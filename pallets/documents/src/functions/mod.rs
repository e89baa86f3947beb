//! What the calls, hooks and views do, by behaviour.

mod agenda;
mod config;
mod congestion;
mod documents;
mod envelopes;
mod eviction;
mod money;
mod nodes;
mod notices;
mod placement;
mod proofs;
mod reads;
mod repair;
mod rounds;
mod seats;
mod slots;

#[cfg(any(test, feature = "runtime-benchmarks"))]
pub(crate) use agenda::MAX_BUCKETS_PER_BLOCK;
#[cfg(any(test, feature = "runtime-benchmarks"))]
pub(crate) use eviction::MAX_LOOKS;
pub(crate) use nodes::LEAVE_STEP;
#[cfg(any(test, feature = "runtime-benchmarks"))]
pub(crate) use placement::MAX_DRAWS;
pub(crate) use proofs::WRONG_PROOF;
pub(crate) use rounds::MAX_CHANGES;
