//! What the calls, hooks and views do, by behaviour.

/// Logs under [`crate::LOG_TARGET`]. In tests the line is noted too: the `log` crate has one logger
/// per process, and tests share one.
macro_rules! log {
	($level:expr, $($message:tt)+) => {{
		#[cfg(test)]
		crate::tests::node::note_log($level, format!($($message)+));
		log::log!(target: crate::LOG_TARGET, $level, $($message)+);
	}};
}

mod agenda;
mod config;
mod congestion;
pub(crate) mod documents;
mod envelopes;
pub(crate) mod eviction;
mod money;
mod nodes;
pub(crate) mod notices;
pub(crate) mod placement;
mod proofs;
mod reads;
mod repair;
pub(crate) mod rounds;
mod seats;
mod slots;
pub(crate) mod worker;

pub(crate) use nodes::LEAVE_STEP;
