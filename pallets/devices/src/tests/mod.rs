//! By behaviour. Every test ends in the invariants (see `mock::ExtBuilder`).

mod condemning;
mod config;
mod example;
mod interface;
mod invariants;
mod lists;
mod owners;
mod random;
mod registering;
mod resetting;
mod retiring;
mod using;
