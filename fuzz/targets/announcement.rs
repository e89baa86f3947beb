//! Announcements of documents: one has one form, within the bounds, and can be shown.
//!
//! Input: what a peer says.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rwa_primitives::storage::{
	Announcement, AnnouncementError, MAX_ADDRESS, MAX_ADDRESSES, MAX_ANNOUNCEMENT,
};

/// Version, genesis, asset, document, and three CIDs with sizes: what stands before the addresses.
const HEAD: usize = 1 + 32 + 4 + 8 + 3 * (33 + 8);

fuzz_target!(|input: &[u8]| {
	match Announcement::from_bytes(input) {
		Ok(said) => {
			assert_eq!(said.to_bytes(), input);
			let shown: Vec<_> = said
				.addresses
				.iter()
				.map(|address| std::str::from_utf8(address).expect("it is ASCII"))
				.collect();
			assert_eq!(addresses(&input[HEAD..]).as_ref(), Some(&shown));
		}
		Err(AnnouncementError::TooLong) => assert!(input.len() > MAX_ANNOUNCEMENT as usize),
		Err(AnnouncementError::Version) => assert_ne!(input[0], 1),
		Err(AnnouncementError::Malformed | AnnouncementError::Address) => {
			let codecs = (0..3).map(|file| input.get(45 + 41 * file));
			let has_head = input.len() > HEAD && codecs.flatten().all(|codec| *codec < 2);
			assert!(!has_head || addresses(&input[HEAD..]).is_none());
		}
	}
});

/// The addresses, all that is left, read by hand.
fn addresses(bytes: &[u8]) -> Option<Vec<&str>> {
	let (count, mut rest) = compact(bytes)?;
	if count > MAX_ADDRESSES as usize {
		return None;
	}
	let mut found = Vec::new();
	for _ in 0..count {
		let (length, behind) = compact(rest)?;
		if length > MAX_ADDRESS as usize || length > behind.len() {
			return None;
		}
		let (address, left) = behind.split_at(length);
		rest = left;
		let text = std::str::from_utf8(address).ok()?;
		if !text.starts_with('/') || !text.chars().all(|one| ('!'..='~').contains(&one)) {
			return None;
		}
		found.push(text);
	}
	rest.is_empty().then_some(found)
}

/// A length of SCALE below 16,384, in its shortest form, and what follows.
fn compact(bytes: &[u8]) -> Option<(usize, &[u8])> {
	match *bytes {
		[one, ref rest @ ..] if one % 4 == 0 => Some((usize::from(one / 4), rest)),
		[one, two, ref rest @ ..] if one % 4 == 1 => {
			let value = usize::from(u16::from_le_bytes([one, two]) / 4);
			(value > 63).then_some((value, rest))
		}
		_ => None,
	}
}
