//! Publishes a document at a Kubo, keys and journal included, to see what that takes:
//!
//! ```sh
//! cargo run --release -p rwa-client --example publish http://127.0.0.1:5001 FILE
//! ```
//!
//! Prints the most memory that it had, in KiB, as Linux tells it. The journal is in a temporary place, so the document
//! can't be read afterwards.

use rwa_client::documents::{publish, Journal, Kubo};
use rwa_documents::{DocumentKeys, SystemEntropy};
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
	let arguments: Vec<_> = std::env::args().skip(1).collect();
	let [url, file] = arguments.as_slice() else { return Err("usage: publish KUBO FILE".into()) };
	let journal = std::env::temp_dir().join(format!("publish-{}.journal", std::process::id()));
	let keys = DocumentKeys::generate(&mut SystemEntropy)?;
	let document = tokio::fs::File::open(file).await?;
	let kubo = Kubo::new(url, None)?;
	let published = publish(&kubo, Journal::create(&journal, keys)?, document).await;
	Journal::remove(&journal)?;
	published?;
	let status = std::fs::read_to_string("/proc/self/status")?;
	let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
	let peak = peak.and_then(|peak| peak.trim().strip_suffix(" kB"));
	println!("{}", peak.ok_or("Linux doesn't say how much memory that took")?);
	Ok(())
}
