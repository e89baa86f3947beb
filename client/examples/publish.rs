//! How long it takes to publish a document at a Kubo, keys and journal included:
//!
//! ```sh
//! cargo run --release -p rwa-client --example publish http://127.0.0.1:5001 FILE
//! ```
//!
//! Prints milliseconds. The journal is in a temporary place, so the document can't be read afterwards.

use rwa_client::documents::{publish, Journal, Kubo};
use rwa_documents::{DocumentKeys, SystemEntropy};
use std::{error::Error, time::Instant};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
	let arguments: Vec<_> = std::env::args().skip(1).collect();
	let [url, file] = arguments.as_slice() else { return Err("usage: publish KUBO FILE".into()) };
	let journal = std::env::temp_dir().join(format!("publish-{}.journal", std::process::id()));
	let began = Instant::now();
	let keys = DocumentKeys::generate(&mut SystemEntropy)?;
	let document = tokio::fs::File::open(file).await?;
	let kubo = Kubo::new(url, None)?;
	let published = publish(&kubo, Journal::create(&journal, keys)?, document).await;
	let took = began.elapsed();
	Journal::remove(&journal)?;
	published?;
	println!("{}", took.as_millis());
	Ok(())
}
