//! Documents: publishing, reading and repairing them at one's own Kubo.
//!
//! `rwa-documents` seals and opens bytes. This moves them: from a file into three replicas at the publisher's
//! Kubo, from any replica to a reader, from a replica that lives to one that was lost. Nothing here asks a chain
//! or signs; `docs/publishing.md` shows the whole way.
//!
//! | | takes | gives | with |
//! |---|---|---|---|
//! | publisher | a document, a [`Journal`] | three pinned replicas, their CIDs and size | [`publish`] |
//! | reader | a document's CIDs and size, its keys | the document | [`fetch`] |
//! | repairer | a document's CIDs and size, its replica root | a lost replica, pinned | [`repair`] |
//!
//! Everything streams, with at most some 20 MiB in memory whatever the size of the document: each stage waits
//! for the next. Whoever drops a future stops what it does: Kubo pins nothing of a file that isn't complete.
//!
//! ```no_run
//! use rwa_client::documents::{publish, Journal, Kubo};
//! use rwa_documents::{DocumentKeys, SystemEntropy};
//! use std::path::Path;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let kubo = Kubo::new("http://127.0.0.1:5001", None)?;
//! let journal = Path::new("deed.journal");
//! // Again after an interruption: the same journal, and the document from its beginning.
//! let journal = match journal.exists() {
//!     true => Journal::open(journal)?,
//!     false => Journal::create(journal, DocumentKeys::generate(&mut SystemEntropy)?)?,
//! };
//! let keys = journal.keys().clone(); // for the envelopes
//! let published = publish(&kubo, journal, tokio::fs::File::open("deed.pdf").await?).await?;
//! println!("register {:?}, {} bytes each", published.document, published.size);
//! # Ok(())
//! # }
//! ```
//!
//! # Why files are added and not imported
//!
//! Kubo takes files in two ways. `add` takes bytes and builds the blocks; `dag/import` takes blocks, and could go
//! on where it stopped. This adds: while Kubo adds, its garbage collection waits, and at the end the file is
//! pinned. Between two imports nothing is pinned, so what has arrived could be collected, and whoever went on
//! would have to find out what is gone. Going on would save little: Kubo is on the same machine, and blocks that
//! it has it doesn't write again. So after an interruption all is read, sealed and added again, and the same
//! bytes give the same blocks.

mod error;
mod fetch;
mod http;
mod journal;
mod key_file;
mod kubo;
mod pace;
mod publish;
mod repair;
mod request;

pub use error::{
	AddressError, FetchError, JournalError, KuboError, PublishError, RepairingError, ReplicaFailure,
};
pub use fetch::{fetch, Fetched};
pub use hyper::body::Bytes;
pub use journal::Journal;
pub use key_file::{read_key_file, read_reader_secret, KeyFileError};
pub use kubo::{Kubo, NEWEST, OLDEST};
pub use publish::{publish, publish_stream, Published};
pub use repair::repair;
