//! The rules of the pallet, one file per behaviour.

mod absence;
mod example;
mod interface;
mod invariants;
mod raised;
mod turnout;
