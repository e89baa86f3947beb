//! The real runtime, natively: real blocks, real pallets, no node. One program, because linking the runtime into each
//! of many takes a minute apiece.

mod support;

mod capacity;
mod devices;
mod documents;
mod early_rounds;
mod evidence;
mod feed;
mod halting;
mod interface;
mod lived_in;
mod liveness;
mod manipulation;
mod many_nodes;
mod money;
mod nodes;
mod presets;
mod random_calls;
mod random_feeds;
mod validating;
