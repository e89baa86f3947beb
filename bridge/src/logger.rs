//! Log lines on stderr, of this program only.
//!
//! What the libraries say repeats what Kubo and peers send, without bound; it isn't shown.

use log::{LevelFilter, Log, Metadata, Record, SetLoggerError};
use std::io::{stderr, Write};

/// Writes level and text. The time is what journald and its kind write.
struct Logger;

impl Log for Logger {
	fn enabled(&self, metadata: &Metadata) -> bool {
		metadata.target().starts_with("rwa_bridge")
	}

	fn log(&self, record: &Record) {
		if self.enabled(record.metadata()) {
			let (level, text) = (record.level().as_str().to_lowercase(), record.args());
			// Nobody is left to tell when stderr is closed.
			let _ = writeln!(stderr().lock(), "{level}: {text}");
		}
	}

	fn flush(&self) {}
}

/// From here on, what this program logs is shown.
///
/// # Errors
/// If there is a logger already.
pub fn start() -> Result<(), SetLoggerError> {
	log::set_logger(&Logger)?;
	log::set_max_level(LevelFilter::Info);
	Ok(())
}
