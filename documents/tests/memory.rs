//! Large documents don't need much memory. Alone in its program, because memory is counted for all of it.

#![cfg(target_os = "linux")]

mod common;

use common::keys;
use rwa_documents::{inner_size, DocumentReader, Repair, Replica, Sealer};
use sha2::{Digest, Sha256};

/// Bytes of the document: 256 MiB.
const SIZE: usize = 256 << 20;

/// Most memory that the program may ever have had, in KiB: four parts of a MiB, three builders, the program
/// itself.
const MOST: u64 = 24 << 10;

/// Most memory that this program ever had, in KiB.
fn peak() -> u64 {
	let status = std::fs::read_to_string("/proc/self/status").unwrap();
	let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
	line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
}

/// Takes a replica as it is made, repairs another from it, and reads the document out of that.
struct Chain {
	repair: Repair,
	reader: DocumentReader,
	read: Sha256,
	size: usize,
}

impl Chain {
	fn push(&mut self, replica: &[u8]) {
		let mut bytes = replica.to_vec();
		self.repair.push(&mut bytes);
		let mut rest = bytes.as_slice();
		while !rest.is_empty() {
			if let Some(plain) = self.reader.push(&mut rest).unwrap() {
				self.size += plain.len();
				self.read.update(plain);
			}
		}
	}
}

#[test]
fn memory_should_be_bounded_from_end_to_end() {
	let keys = keys();
	let mut bytes = vec![0; 1 << 16];
	let pattern = |bytes: &mut Vec<u8>, number: usize| {
		bytes[..8].copy_from_slice(&number.to_be_bytes());
	};

	// Once for the CIDs, as a phone does before it signs; once for the bytes.
	let mut written = Sha256::new();
	let mut sealer = Sealer::new(keys.clone());
	for number in 0..SIZE >> 16 {
		pattern(&mut bytes, number);
		written.update(&bytes);
		let mut rest = bytes.as_slice();
		while !rest.is_empty() {
			sealer.push(&mut rest).unwrap();
		}
	}
	let named = sealer.finish().unwrap();
	assert_eq!(Some(named.size), inner_size(SIZE as u64));

	let document = named.document;
	let [from, _, to] = Replica::ALL;
	let mut chain = Chain {
		repair: Repair::new(&keys.reading.root, &document, from, to).unwrap(),
		reader: DocumentReader::new(keys.reading.clone(), &document, to),
		read: Sha256::new(),
		size: 0,
	};
	let mut sealer = Sealer::new(keys);
	for number in 0..SIZE >> 16 {
		pattern(&mut bytes, number);
		let mut rest = bytes.as_slice();
		while !rest.is_empty() {
			if let Some(part) = sealer.push(&mut rest).unwrap() {
				chain.push(part.replicas[0]);
			}
		}
	}
	chain.push(sealer.finish().unwrap().replicas()[0]);
	let Chain { repair, reader, mut read, size } = chain;
	assert_eq!(repair.finish().unwrap().cid, document.cid(to));
	let last = reader.finish().unwrap();
	read.update(&last);
	assert_eq!(size + last.len(), SIZE);
	assert_eq!(read.finalize(), written.finalize());
	assert!(peak() < MOST, "{} KiB", peak());
}
