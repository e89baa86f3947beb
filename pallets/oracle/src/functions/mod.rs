//! What the calls, hooks and views do, by behaviour.

/// Logs under [`crate::LOG_TARGET`]. In tests the line is noted too: the `log` crate has one logger
/// per process, and tests share one.
macro_rules! log {
	($level:expr, $($message:tt)+) => {{
		#[cfg(test)]
		crate::tests::web::note_log($level, format!($($message)+));
		log::log!(target: crate::LOG_TARGET, $level, $($message)+);
	}};
}

mod agenda;
mod config;
pub(crate) mod demands;
pub(crate) mod devices;
pub(crate) mod early;
mod evidence;
mod feeds;
pub(crate) mod fetch;
pub(crate) mod judgement;
mod measure;
mod money;
pub(crate) mod progress;
mod reads;
mod roster;
mod rounds;
pub(crate) mod sources;
pub(crate) mod statements;
pub(crate) mod watch;
pub(crate) mod worker;

#[cfg(test)]
pub(crate) use agenda::MAX_BUCKETS_PER_BLOCK;
