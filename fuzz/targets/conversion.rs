//! From the unit of a source to that of a feed, against fractions without bounds.
//!
//! Input: a character for the decimals, see [`rwa_fuzz::decimals`], and the number; then lines with scale
//! and offset; then bytes that a conversion is decoded from.

#![no_main]

use codec::{Decode, Encode};
use libfuzzer_sys::fuzz_target;
use rwa_fuzz::{decimals, exact, lines};
use rwa_primitives::worker::Conversion;

fuzz_target!(|input: &[u8]| {
	let Some(([number, scale, offset], stored)) = lines(input) else { return };
	let Some(character) = number.chars().next().filter(char::is_ascii) else { return };
	let (decimals, number) = (decimals(character as u8), &number[1..]);

	let parsed = Conversion::parse(Some(scale), Some(offset));
	let expected = exact::Conversion::parse(scale, offset);
	assert_eq!(parsed.err(), expected.as_ref().err().copied(), "{scale:?} {offset:?}");
	if let (Ok(conversion), Ok(expected)) = (parsed, expected) {
		assert_eq!(
			conversion.apply(number, decimals),
			expected.apply(number, decimals),
			"{number:?} · {scale:?} + {offset:?} at {decimals}"
		);
		assert_eq!(Conversion::decode(&mut &conversion.encode()[..]).as_ref(), Ok(&conversion));
	}

	// What is decoded may be anything, and has to be survived.
	if let Ok(conversion) = Conversion::decode(&mut &stored[..]) {
		let _ = conversion.apply(number, decimals);
	}
});
