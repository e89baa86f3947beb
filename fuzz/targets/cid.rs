//! CIDs: one has one text and one binary form, and nothing else is taken for it.
//!
//! Input: a CID as text or in binary.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rwa_primitives::ipfs::{Cid, CidError, Codec};

fuzz_target!(|input: &[u8]| {
	let expected = match input {
		[1, codec @ (0x55 | 0x70), 0x12, 32, digest @ ..] if digest.len() == 32 => {
			let codec = if *codec == 0x55 { Codec::Raw } else { Codec::DagPb };
			digest.try_into().ok().map(|digest| Cid::new(codec, digest))
		}
		_ => None,
	};
	let found = Cid::from_bytes(input);
	assert_eq!(found.ok(), expected);
	if let Ok(cid) = found {
		same(cid, input, &base32(input));
	}

	let Ok(text) = std::str::from_utf8(input) else { return };
	match text.parse::<Cid>() {
		Ok(cid) => same(cid, &cid.to_bytes(), text),
		// Those that stand for a text that somebody will try.
		Err(CidError::Base) => assert!(!text.starts_with('b') && !text.starts_with("Qm")),
		Err(error) => assert!(!error.to_string().is_empty()),
	}
});

fn same(cid: Cid, bytes: &[u8], text: &str) {
	assert_eq!(cid.to_bytes(), bytes);
	assert_eq!(cid.to_string(), text);
	assert_eq!(base32(bytes), text);
	assert_eq!(text.parse(), Ok(cid));
	assert_eq!(Cid::from_bytes(bytes), Ok(cid));
}

/// With a `b` in front, bit by bit.
fn base32(bytes: &[u8]) -> String {
	let mut bits: Vec<u8> =
		bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
	bits.resize(bits.len().next_multiple_of(5), 0);
	let digit = |bits: &[u8]| bits.iter().fold(0u8, |sum, bit| sum << 1 | bit);
	let letter = |digit: u8| char::from(if digit < 26 { b'a' + digit } else { b'2' + digit - 26 });
	std::iter::once('b').chain(bits.chunks(5).map(digit).map(letter)).collect()
}
