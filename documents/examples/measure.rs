//! How fast documents are sealed, opened and repaired on this machine:
//!
//! ```sh
//! cargo run --release -p rwa-documents --example measure [MiB]
//! ```
//!
//! Everything on one core, from memory to memory.

use rwa_documents::{
	inner::Opener, DagBuilder, DocumentId, DocumentKeys, DocumentReader, Repair, Replica,
	ReplicaCipher, Sealer, SystemEntropy,
};
use rwa_primitives::ipfs::Layout;
use std::{error::Error, hint::black_box, time::Instant};

fn main() -> Result<(), Box<dyn Error>> {
	let mebibytes = std::env::args().nth(1).map_or(Ok(1_024), |text| text.parse::<usize>())?;
	let keys = DocumentKeys::generate(&mut SystemEntropy)?;
	// One MiB again and again: neither cipher nor hash cares.
	let plain =
		(0..1u32 << 20).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect::<Vec<_>>();
	println!("{mebibytes} MiB");

	report("encrypt, seal three times, three CIDs", mebibytes, || {
		seal(&keys, &plain, mebibytes, |bytes| {
			black_box(bytes);
		})
		.map(drop)
	})?;
	println!("  most memory until now: {}", peak().as_deref().unwrap_or("unknown"));

	// The rest measures one replica, as a whole in memory for that.
	let mut replica = Vec::new();
	let (document, size) =
		seal(&keys, &plain, mebibytes, |bytes| replica.extend_from_slice(bytes))?;
	println!("  {size} bytes each");
	report("read: seal off, decrypt, seal twice, three CIDs", mebibytes, || {
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

/// Seals `plain` so many times over, and gives the first replica to `take`.
fn seal(
	keys: &DocumentKeys,
	plain: &[u8],
	times: usize,
	mut take: impl FnMut(&[u8]),
) -> Result<(DocumentId, u64), Box<dyn Error>> {
	let mut sealer = Sealer::new(keys.clone());
	for _ in 0..times {
		let mut rest = plain;
		while !rest.is_empty() {
			if let Some(part) = sealer.push(&mut rest)? {
				let [replica, ..] = part.replicas;
				take(replica);
			}
		}
	}
	let last = sealer.finish()?;
	let [replica, ..] = last.replicas();
	take(replica);
	Ok((last.document, last.size))
}

/// Most memory that this program ever had, as Linux says it.
fn peak() -> Option<String> {
	let status = std::fs::read_to_string("/proc/self/status").ok()?;
	let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
	Some(line.trim().to_owned())
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
