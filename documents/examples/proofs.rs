//! What a storage proof costs, by the layout of the file:
//!
//! ```sh
//! cargo run --release -p rwa-documents --example proofs [--json]
//! ```
//!
//! One core. Verification is compared with what nobody gets around: hashing the same bytes once.

use rwa_documents::DagBuilder;
use rwa_primitives::ipfs::{dag_pb, verify, Cid, Codec, Layout};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::{collections::HashMap, error::Error, hint::black_box, time::Instant};

/// Chunk and links: what documents have first.
const LAYOUTS: [(u32, u32); 8] = [
	(4_096, 32),
	(1_024, 32),
	(4_096, 8),
	(4_096, 16),
	(4_096, 64),
	(4_096, 174),
	(16_384, 32),
	(262_144, 174),
];

const MEBIBYTES: [u64; 3] = [1, 100, 1_024];

/// Proofs of each file, at leaves that are evenly apart.
const LEAVES: u64 = 64;

/// How often each of them is verified.
const TIMES: u32 = 50;

fn main() -> Result<(), Box<dyn Error>> {
	let as_json = std::env::args().any(|argument| argument == "--json");
	let mut rows = Vec::new();
	for (chunk, links) in LAYOUTS {
		let layout = Layout::new(chunk, links).map_err(|error| format!("{error:?}"))?;
		for mebibytes in MEBIBYTES {
			rows.push(measure(layout, mebibytes)?);
		}
	}
	if as_json {
		println!("{}", serde_json::to_string_pretty(&json!(rows))?);
		return Ok(());
	}
	println!("| chunk | links | file, MiB | blocks | bytes of a proof | verified in, us | hashed in, us | ratio |");
	println!("|---|---|---|---|---|---|---|---|");
	for row in rows {
		let ratio = row["verify_us"].as_f64().zip(row["hash_us"].as_f64()).map(|(a, b)| a / b);
		println!(
			"| {} | {} | {} | {} | {} | {:.1} | {:.1} | {:.2} |",
			row["chunk"],
			row["links"],
			row["mebibytes"],
			row["blocks"],
			row["bytes"],
			row["verify_us"].as_f64().unwrap_or_default(),
			row["hash_us"].as_f64().unwrap_or_default(),
			ratio.unwrap_or_default(),
		);
	}
	Ok(())
}

/// The largest proof of a file, and what verifying takes on average.
fn measure(layout: Layout, mebibytes: u64) -> Result<serde_json::Value, Box<dyn Error>> {
	let size = mebibytes << 20;
	let chunk = usize::try_from(layout.chunk())?;
	let mut builder = DagBuilder::new(layout);
	let mut nodes = HashMap::new();
	let mut keep = |cid: Cid, block: &[u8]| {
		if cid.codec == Codec::DagPb {
			nodes.insert(cid.digest, block.to_vec());
		}
	};
	let leaves = layout.leaves(size).get();
	for leaf in 0..leaves {
		builder.push_with(&content(leaf, chunk), &mut keep);
	}
	let dag = builder.finish_with(&mut keep);

	let proofs = (0..LEAVES.min(leaves)).map(|number| number * leaves / LEAVES.min(leaves));
	let proofs = proofs.map(|leaf| {
		let mut blocks = Vec::new();
		let mut cid = dag.cid;
		for index in layout.path(size, leaf).ok_or("no such leaf")? {
			let node = nodes.get(&cid.digest).ok_or("a node is missing")?;
			let links = dag_pb::decode(node).map_err(|error| format!("{error:?}"))?.links;
			cid = links.get(usize::try_from(index)?).ok_or("no such link")?.cid;
			blocks.push(node.clone());
		}
		blocks.push(content(leaf, chunk));
		Ok((leaf, blocks))
	});
	let proofs = proofs.collect::<Result<Vec<_>, Box<dyn Error>>>()?;
	let largest = proofs.iter().map(|(_, blocks)| blocks.iter().map(Vec::len).sum::<usize>()).max();

	let sha256 = |bytes: &[u8]| Sha256::digest(bytes).into();
	let began = Instant::now();
	for _ in 0..TIMES {
		for (leaf, blocks) in &proofs {
			verify(&dag.cid, size, &layout, *leaf, black_box(blocks), sha256)
				.map_err(|error| format!("{error:?}"))?;
		}
	}
	let verified = began.elapsed();
	let began = Instant::now();
	for _ in 0..TIMES {
		for (_, blocks) in &proofs {
			for block in blocks {
				let hash: [u8; 32] = Sha256::digest(black_box(block)).into();
				black_box(hash);
			}
		}
	}
	let hashed = began.elapsed();
	let each = f64::from(TIMES) * proofs.len() as f64;
	Ok(json!({
		"chunk": layout.chunk(),
		"links": layout.links(),
		"mebibytes": mebibytes,
		"blocks": proofs.first().map(|(_, blocks)| blocks.len()),
		"bytes": largest,
		"verify_us": verified.as_secs_f64() * 1e6 / each,
		"hash_us": hashed.as_secs_f64() * 1e6 / each,
	}))
}

/// A leaf like no other.
fn content(leaf: u64, chunk: usize) -> Vec<u8> {
	leaf.to_le_bytes().into_iter().cycle().take(chunk).collect()
}
