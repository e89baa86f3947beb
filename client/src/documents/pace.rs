//! Whether a file comes fast enough to go on with it.

use super::{error::KuboError, http::Answer};
use hyper::body::Bytes;
use std::time::Duration;
use tokio::time::Instant;

/// Least bytes a second, over the time for which Kubo may be silent. A replica comes from whoever keeps it: one who
/// gives a byte a minute must not hold up for ever those whom the others would serve.
pub(super) const LEAST_RATE: u64 = 16 << 10;

/// Counts what comes of a file, and only while it is waited for: who takes the bytes may take its time.
pub(super) struct Pace {
	window: Duration,
	waited: Duration,
	came: u64,
}

impl Pace {
	/// Looks at windows of so long, each alone.
	pub(super) const fn new(window: Duration) -> Self {
		Self { window, waited: Duration::ZERO, came: 0 }
	}

	/// The next piece of an answer.
	///
	/// # Errors
	/// [`KuboError::Slow`] if too little came in a window; otherwise as of [`Answer::piece`].
	pub(super) async fn piece(&mut self, answer: &mut Answer) -> Result<Option<Bytes>, KuboError> {
		let began = Instant::now();
		let piece = answer.piece().await?;
		self.waited = self.waited.saturating_add(began.elapsed());
		let bytes = piece.as_ref().map_or(0, Bytes::len);
		self.came = self.came.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
		if piece.is_some() && self.waited >= self.window {
			if self.came < LEAST_RATE.saturating_mul(self.waited.as_secs()) {
				return Err(KuboError::Slow);
			}
			*self = Self::new(self.window);
		}
		Ok(piece)
	}
}
