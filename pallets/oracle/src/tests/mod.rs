//! By behaviour. Every test ends in the invariants (see `mock::ExtBuilder`).

mod config;
mod feeds;
mod reads;
mod reports;
mod rounds;
pub(crate) mod web;
mod worker;
