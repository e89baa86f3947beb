//! By behaviour. Every test ends in the invariants (see `mock::ExtBuilder`).

pub(crate) mod web;
mod worker;
