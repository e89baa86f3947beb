//! The rules of the clock, one file per behaviour.

mod advancing;
mod example;
mod halting;
mod invariants;
