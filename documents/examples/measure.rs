//! How fast documents are sealed, opened and repaired on this machine:
//!
//! ```sh
//! cargo run --release -p rwa-documents --example measure [MiB]
//! ```
//!
//! Everything on one core, from memory to memory.

use rwa_documents::{
	inner::Opener, DagBuilder, DocumentKeys, DocumentReader, Repair, Replica, ReplicaCipher, Sealer,
	SystemEntropy, PART_BYTES,
};
use rwa_primitives::ipfs::Layout;
use std::{error::Error, hint::black_box, time::Instant};

fn main() -> Result<(), Box<dyn Error>> {
	let mebibytes = std::env::args().nth(1).map_or(Ok(1_024), |text| text.parse::<usize>())?;
	let keys = DocumentKeys::generate(&mut SystemEntropy)?;
	// One MiB again and again: neither cipher nor hash cares.
	let plain = (0..1u32 << 20).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect::<Vec<_>>();
	println!("{mebibytes} MiB");

	let mut replica = Vec::new();
	let mut document = None;
	report("encrypt, seal three times, three CIDs", mebibytes, || {
		let mut sealer = Sealer::new(keys.clone());
		replica.clear();
		for _ in 0..mebibytes {
			let mut rest = plain.as_slice();
			while !rest.is_empty() {
				if let Some(part) = sealer.push(&mut rest)? {
					black_box(&part.replicas);
					keep(&mut replica, part.replicas[0]);
				}
			}
		}
		let last = sealer.finish()?;
		keep(&mut replica, last.replicas()[0]);
		document = Some((last.document, last.size));
		Ok(())
	})?;
	let (document, size) = document.ok_or("nothing was sealed")?;
	println!("  {} KiB held of the plain text and of each replica", PART_BYTES >> 10);
	println!("  {size} bytes each, {:?}", document.cids().map(|cid| cid.to_string()));

	// The rest needs a replica as a whole; what is measured doesn't.
	if replica.len() as u64 != size {
		return Err("the replica was not kept".into());
	}
	report("read: CID, seal off, decrypt", mebibytes, || {
		let mut reader = DocumentReader::new(keys.reading.clone(), &document, Replica::First);
		for bytes in replica.chunks(1 << 16) {
			let mut rest = bytes;
			while !rest.is_empty() {
				black_box(reader.push(&mut rest)?);
			}
		}
		black_box(reader.finish()?);
		Ok(())
	})?;
	report("repair: two CIDs, seal off and on", mebibytes, || {
		let mut repair =
			Repair::new(&keys.reading.root, &document, Replica::First, Replica::Second)?;
		let mut buffer = Vec::with_capacity(1 << 16);
		for bytes in replica.chunks(1 << 16) {
			buffer.clear();
			buffer.extend_from_slice(bytes);
			repair.push(&mut buffer);
		}
		repair.finish()?;
		Ok(())
	})?;
	report("of that, one CID", mebibytes, || {
		let mut builder = DagBuilder::new(Layout::DOCUMENT);
		replica.chunks(1 << 16).for_each(|bytes| builder.push(bytes));
		black_box(builder.finish());
		Ok(())
	})?;
	report("of that, one seal", mebibytes, || {
		let mut cipher = ReplicaCipher::new(&keys.reading.root, Replica::First);
		replica.chunks_mut(1 << 16).for_each(|bytes| cipher.apply(bytes));
		Ok(())
	})?;
	// The seal is off now.
	report("of that, decrypting", mebibytes, || {
		let mut opener = Opener::new(keys.reading.inner.clone());
		for bytes in replica.chunks(1 << 16) {
			let mut rest = bytes;
			while !rest.is_empty() {
				black_box(opener.push(&mut rest)?);
			}
		}
		black_box(opener.finish()?);
		Ok(())
	})
}

fn keep(replica: &mut Vec<u8>, bytes: &[u8]) {
	replica.extend_from_slice(bytes);
}

fn report(
	what: &str,
	mebibytes: usize,
	work: impl FnOnce() -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
	let start = Instant::now();
	work()?;
	let seconds = start.elapsed().as_secs_f64();
	println!("{what:40} {:7.0} MiB/s", mebibytes as f64 / seconds);
	Ok(())
}
