//! What the calls, traits and views do, by behaviour.

mod app_keys;
mod config;
mod nodes;
mod reads;
mod reputation;
mod rewards;
mod stakes;
mod tiers;
mod whereabouts;
