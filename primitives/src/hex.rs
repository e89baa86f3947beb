//! Bytes as hexadecimal digits.

use alloc::{format, string::String, vec::Vec};

use sp_core::hexdisplay::HexDisplay;

/// `0x`, and two lower-case digits for each byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
	format!("0x{}", HexDisplay::from(&bytes))
}

/// `None`: not `0x` with two digits, of either case, for each of N bytes.
pub(crate) fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
	digits(text.strip_prefix("0x")?)
}

/// `None`: not `0x` with two digits, of either case, for each byte.
pub(crate) fn from_hex_bytes(text: &str) -> Option<Vec<u8>> {
	bytes(text.strip_prefix("0x")?)
}

/// `None`: not two digits, of either case, for each of N bytes.
pub(crate) fn digits<const N: usize>(digits: &str) -> Option<[u8; N]> {
	bytes(digits)?.try_into().ok()
}

/// `None`: not two digits, of either case, for each byte.
fn bytes(digits: &str) -> Option<Vec<u8>> {
	let nibbles = digits.chars().map(|digit| digit.to_digit(16).and_then(|n| u8::try_from(n).ok()));
	let nibbles = nibbles.collect::<Option<Vec<u8>>>()?;
	let bytes = nibbles.chunks_exact(2).map(|pair| pair.iter().fold(0, |sum, n| sum << 4 | n));
	let even = nibbles.len() & 1 == 0;
	even.then(|| bytes.collect())
}
