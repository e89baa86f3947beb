//! Publishing goes on where it was interrupted, or not at all.

mod common;

use common::{content, keys, seal, seal_with, Sealed};
use proptest::prelude::*;
use rwa_documents::{
	inner_size, Checkpoint, CheckpointError, DocumentKeys, SealError, Sealer, SystemEntropy,
	PART_BYTES,
};

/// Bytes of a document of two full parts and a bit.
const SIZE: usize = 2 * PART_BYTES + 100_000;

/// As a program does that finds what was saved.
fn saved(checkpoint: &Checkpoint) -> Sealer {
	Sealer::resume(Checkpoint::from_bytes(checkpoint.to_bytes().as_ref()).unwrap())
}

fn resume(sealed: &Sealed, checkpoint: usize, plain: &[u8]) -> Result<Sealed, SealError> {
	seal_with(saved(&sealed.checkpoints[checkpoint].0), plain, 300_000)
}

#[test]
fn going_on_should_give_the_same_bytes_from_the_part_that_was_on_its_way() {
	let plain = content(SIZE);
	let whole = seal(&keys(), &plain);
	assert_eq!(whole.checkpoints.len(), 3);
	for (index, (checkpoint, end)) in whole.checkpoints.iter().enumerate() {
		let rest = resume(&whole, index, &plain).unwrap();
		assert_eq!(rest.offset, (index * PART_BYTES) as u64);
		assert_eq!(rest.offset, checkpoint.offset());
		assert!(rest.offset < *end);
		assert_eq!(rest.document, whole.document);
		assert_eq!(rest.size, whole.size);
		for (rest, whole) in rest.replicas.iter().zip(&whole.replicas) {
			assert_eq!(*rest, whole[index * PART_BYTES..]);
		}
		// And once more from where that came to.
		let again = resume(&rest, rest.checkpoints.len() - 1, &plain).unwrap();
		assert_eq!(again.document, whole.document);
	}
}

#[test]
fn a_checkpoint_from_before_the_first_part_should_be_a_beginning() {
	let plain = content(100);
	let whole = seal(&keys(), &plain);
	let again = seal_with(saved(&Checkpoint::new(keys())), &plain, 10).unwrap();
	assert_eq!(again.replicas, whole.replicas);
	assert_eq!(again.offset, 0);
}

#[test]
fn a_document_that_has_changed_should_not_go_on() {
	let plain = content(SIZE);
	let whole = seal(&keys(), &plain);
	for index in 0..whole.checkpoints.len() {
		let end = usize::try_from(whole.checkpoints[index].1).unwrap();
		// Anywhere before the end of what may have left: at the beginning, and in the last bytes of it.
		let last = if index == 2 { SIZE - 1 } else { end - 16 * 16 * (index + 1) - 64 - 1 };
		for at in [0, last] {
			let mut other = plain.clone();
			other[at] ^= 1;
			assert_eq!(resume(&whole, index, &other).map(drop), Err(SealError::Changed), "{at}");
		}
		// Shorter, or longer where its end may have left.
		let shorter = resume(&whole, index, &plain[..last]);
		assert_eq!(shorter.map(drop), Err(SealError::Changed), "{index}");
	}
	let longer = content(SIZE + 1);
	assert_eq!(resume(&whole, 2, &longer).map(drop), Err(SealError::Changed));
	let much_longer = content(SIZE + PART_BYTES);
	assert_eq!(resume(&whole, 2, &much_longer).map(drop), Err(SealError::Changed));
}

#[test]
fn what_had_not_left_may_change() {
	let plain = content(SIZE);
	let whole = seal(&keys(), &plain);
	let mut other = plain.clone();
	other[PART_BYTES + 5] ^= 1;
	let rest = resume(&whole, 0, &other).unwrap();
	let expected = seal(&keys(), &other);
	assert_eq!(rest.document, expected.document);
	assert_eq!(rest.replicas, expected.replicas);
	assert_ne!(rest.document, whole.document);
}

#[test]
fn nothing_should_come_out_after_an_error() {
	let plain = content(SIZE);
	let whole = seal(&keys(), &plain);
	let mut sealer = saved(&whole.checkpoints[1].0);
	let mut other = plain;
	other[0] ^= 1;
	let mut rest = other.as_slice();
	let error = loop {
		match sealer.push(&mut rest) {
			Ok(part) => assert!(part.is_none()),
			Err(error) => break error,
		}
	};
	assert_eq!(error, SealError::Changed);
	assert_eq!(sealer.push(&mut rest).map(drop), Err(SealError::Failed));
	assert_eq!(sealer.finish().map(drop), Err(SealError::Failed));
}

#[test]
fn checkpoints_should_be_read_as_they_were_saved_and_nothing_else() {
	let whole = seal(&keys(), &content(PART_BYTES + 1));
	let (checkpoint, _) = &whole.checkpoints[0];
	let bytes = *checkpoint.to_bytes();
	assert_eq!(bytes.len(), 132);
	let again = Checkpoint::from_bytes(&bytes).unwrap();
	assert_eq!(*again.to_bytes(), bytes);
	assert_eq!(again.keys().reading.inner.expose(), keys().reading.inner.expose());
	assert_eq!(again.keys().salt, keys().salt);

	let refused = |bytes: &[u8]| Checkpoint::from_bytes(bytes).map(drop).unwrap_err();
	assert_eq!(refused(&bytes[..131]), CheckpointError::Length(131));
	assert_eq!(refused(&[&bytes[..], &[0]].concat()), CheckpointError::Length(133));
	assert_eq!(refused(&[]), CheckpointError::Length(0));
	let mut other = bytes;
	other[0] ^= 1;
	assert_eq!(refused(&other), CheckpointError::Magic);
	let mut other = bytes;
	other[7] = 2;
	assert_eq!(refused(&other), CheckpointError::Version(2));
	assert!(refused(&other).to_string().contains("version 2; this program reads version 1"));
}

#[test]
fn a_checkpoint_should_not_show_its_keys() {
	let keys = DocumentKeys::generate(&mut SystemEntropy).unwrap();
	assert_eq!(format!("{:?}", Checkpoint::new(keys)), "Checkpoint { parts: 0, .. }");
}

#[test]
fn more_parts_than_there_are_should_be_a_changed_document() {
	let mut bytes = *Checkpoint::new(keys()).to_bytes();
	bytes[96..100].copy_from_slice(&u32::MAX.to_be_bytes());
	let sealer = Sealer::resume(Checkpoint::from_bytes(&bytes).unwrap());
	assert_eq!(seal_with(sealer, &content(10), 10).map(drop), Err(SealError::Changed));
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(12))]

	#[test]
	fn any_interruption_should_leave_no_trace(
		size in PART_BYTES - 20_000..3 * PART_BYTES,
		// How far each attempt comes.
		attempts in prop::collection::vec(0.0f64..1.0, 1..4),
		step in 10_000usize..2_000_000,
	) {
		let plain = content(size);
		let whole = seal(&keys(), &plain);
		let mut stored = [(); 3].map(|()| Vec::<u8>::new());
		let mut checkpoint = Checkpoint::new(keys());
		for attempt in attempts {
			// Stops at a random byte: part of what was on its way has arrived.
			let end = (attempt * inner_size(size as u64).unwrap() as f64) as usize;
			let mut sealer = saved(&checkpoint);
			'attempt: for read in plain.chunks(step) {
				let mut read = read;
				while !read.is_empty() {
					let Some(part) = sealer.push(&mut read).unwrap() else { continue };
					checkpoint = part.checkpoint;
					let start = usize::try_from(part.offset).unwrap();
					for (stored, sealed) in stored.iter_mut().zip(part.replicas) {
						let arrives = end.saturating_sub(start).min(sealed.len());
						stored.truncate(start);
						stored.extend(&sealed[..arrives]);
					}
					if start + PART_BYTES > end {
						break 'attempt;
					}
				}
			}
		}
		let rest = seal_with(saved(&checkpoint), &plain, step).unwrap();
		for ((stored, rest), whole) in stored.iter_mut().zip(&rest.replicas).zip(&whole.replicas) {
			stored.truncate(usize::try_from(rest_offset(&checkpoint)).unwrap());
			stored.extend(rest);
			prop_assert!(stored == whole);
		}
		prop_assert_eq!(rest.document, whole.document);
	}
}

fn rest_offset(checkpoint: &Checkpoint) -> u64 {
	checkpoint.offset()
}
