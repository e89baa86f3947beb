//! Where random bytes come from.

use hpke::rand_core::{CryptoRng, RngCore};

/// The source gave no random bytes. Nothing was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the system gives no random bytes, without which no key can be made")]
pub struct NoEntropy;

/// A source of bytes that nobody can guess.
///
/// [`SystemEntropy`] is the only one for real keys. Tests and test vectors have others.
pub trait Entropy {
	/// Fills `bytes`, all of them.
	///
	/// # Errors
	/// [`NoEntropy`]; then `bytes` must not be used.
	fn fill(&mut self, bytes: &mut [u8]) -> Result<(), NoEntropy>;
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
	fn fill(&mut self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
		getrandom::fill(bytes).map_err(|_| NoEntropy)
	}
}

/// A source, for a library that takes no refusal: whoever uses it has to ask [`Self::complete`] before
/// anything that was made with it leaves.
pub(crate) struct Unfailing<'a, E> {
	source: &'a mut E,
	outcome: Result<(), NoEntropy>,
}

impl<'a, E: Entropy> Unfailing<'a, E> {
	pub(crate) fn new(source: &'a mut E) -> Self {
		Self { source, outcome: Ok(()) }
	}

	/// Whether all that was asked for came from the source.
	pub(crate) fn complete(&self) -> Result<(), NoEntropy> {
		self.outcome
	}
}

impl<E: Entropy> RngCore for Unfailing<'_, E> {
	fn next_u32(&mut self) -> u32 {
		let mut bytes = [0; 4];
		self.fill_bytes(&mut bytes);
		u32::from_le_bytes(bytes)
	}

	fn next_u64(&mut self) -> u64 {
		let mut bytes = [0; 8];
		self.fill_bytes(&mut bytes);
		u64::from_le_bytes(bytes)
	}

	fn fill_bytes(&mut self, bytes: &mut [u8]) {
		self.outcome = self.outcome.and(self.source.fill(bytes));
	}
}

impl<E: Entropy> CryptoRng for Unfailing<'_, E> {}

#[cfg(test)]
mod tests {
	use super::*;

	/// Gives some bytes, then no more.
	struct Dry(usize);

	impl Entropy for Dry {
		fn fill(&mut self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
			self.0 = self.0.checked_sub(bytes.len()).ok_or(NoEntropy)?;
			bytes.fill(7);
			Ok(())
		}
	}

	#[test]
	fn a_source_that_runs_dry_should_be_noticed_whatever_comes_after() {
		let mut dry = Dry(12);
		let mut unfailing = Unfailing::new(&mut dry);
		assert_eq!(unfailing.next_u64(), 0x0707_0707_0707_0707);
		assert_eq!(unfailing.complete(), Ok(()));
		unfailing.fill_bytes(&mut [0; 8]);
		assert_eq!(unfailing.complete(), Err(NoEntropy));
		// There were four bytes more; what failed stays failed.
		assert_eq!(unfailing.next_u32(), 0x0707_0707);
		assert_eq!(unfailing.complete(), Err(NoEntropy));
	}

	#[test]
	fn the_system_should_give_other_bytes_each_time() {
		let mut bytes = [[0; 32]; 2];
		for bytes in &mut bytes {
			SystemEntropy.fill(bytes).unwrap();
		}
		assert_ne!(bytes[0], bytes[1]);
		assert_ne!(bytes[0], [0; 32]);
	}
}
