//! By behaviour. Every test ends in the invariants (see `mock::ExtBuilder`).

mod config;
mod demands;
mod early;
mod evidence;
mod feeds;
mod invariants;
mod judgement;
mod manipulation;
mod money;
mod reads;
mod roster;
mod rounds;
mod statements;
mod watch;
pub(crate) mod web;
mod worker;
