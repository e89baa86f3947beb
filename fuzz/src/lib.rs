//! # What the targets have in common
//!
//! Second opinions. Each is written for being plainly right, slow as that may be, and shares nothing with
//! what it judges.

pub mod exact;
pub mod feed;
pub mod json;

/// The first `N` lines of an input, and what follows them. `None`: fewer lines, or they aren't text.
///
/// Inputs made of lines can be read, and written by hand.
pub fn lines<const N: usize>(input: &[u8]) -> Option<([&str; N], &[u8])> {
	let mut parts = input.splitn(N + 1, |byte| *byte == b'\n');
	let mut lines = [""; N];
	for line in &mut lines {
		*line = std::str::from_utf8(parts.next()?).ok()?;
	}
	Some((lines, parts.next()?))
}

/// How many decimals a character asks for: `0` none, `B` 18, `C` more than there may be.
pub fn decimals(character: u8) -> u8 {
	character.wrapping_sub(b'0')
}
