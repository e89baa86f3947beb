//! Which leaf a challenge names.

use core::num::NonZeroU64;

/// The leaf, of so many, that `random` chooses. Each is as likely as any other, but for one part in
/// 2⁶⁴: what a remainder would favour is lost in the 128 bits that are used.
///
/// `random` has to be uniform, like a hash; its first 16 bytes are taken, in little endian.
///
/// ```
/// use rwa_primitives::ipfs::{sample, Layout};
///
/// let leaves = Layout::DOCUMENT.leaves(1 << 20);
/// assert_eq!(sample(&[0; 32], leaves), 0);
/// assert_eq!(sample(&[0x7f; 32], leaves), 127);
/// assert_eq!(sample(&[0xff; 32], leaves), 255);
/// ```
pub fn sample(random: &[u8; 32], leaves: NonZeroU64) -> u64 {
	let number = random.first_chunk().map_or(0, |bytes| u128::from_le_bytes(*bytes));
	// `number / 2^128 * leaves`, rounded down, in two halves so that nothing overflows.
	let leaves = u128::from(leaves.get());
	let low = (number & u128::from(u64::MAX)).wrapping_mul(leaves).wrapping_shr(64);
	let high = number.wrapping_shr(64).wrapping_mul(leaves);
	let leaf = high.wrapping_add(low).wrapping_shr(64);
	// Always below `leaves`.
	u64::try_from(leaf).unwrap_or(0)
}
