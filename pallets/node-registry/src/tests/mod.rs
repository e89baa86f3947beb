//! The rules of the registry, one file per behaviour.

mod app_keys;
mod attacks;
mod config;
mod conservation;
mod deposits;
mod example;
mod interface;
mod invariants;
mod lists;
mod nodes;
mod queries;
mod reputation;
mod rewards;
mod slashes;
mod stakes;
mod tiers;
mod whereabouts;
