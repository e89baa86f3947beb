//! The rules of the registry, one file per behaviour.

mod attacks;
mod deposits;
mod example;
mod interface;
mod invariants;
mod queries;
mod registering;
mod revoking;
mod rotating;
