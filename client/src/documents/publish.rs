//! Publishing: from a document to three pinned replicas.
//!
//! ```text
//! document ──pieces──▶ sealing, in a thread ──parts of 1 MiB──▶ three files that Kubo adds at once
//!                      journal, before each part
//! ```

use super::{
	error::{KuboError, PublishError},
	http::Pipe,
	journal::{Journal, NoteError},
	kubo::Kubo,
};
use futures::{future, stream, Stream, StreamExt};
use hyper::body::Bytes;
use rwa_documents::{replica::REPLICAS, Checkpoint, DocumentId, Replica, Sealer};
use std::{io, pin::pin};
use tokio::{
	io::{AsyncRead, AsyncReadExt},
	sync::mpsc,
	task,
	time::{sleep, timeout},
};

/// Most bytes of a document that are read at once.
const READ: usize = 256 << 10;

/// A document whose replicas are pinned at its publisher's Kubo.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Published {
	/// The CIDs of its replicas, in order.
	pub document: DocumentId,
	/// Bytes of each.
	pub size: u64,
}

/// Seals a document and adds its three replicas to Kubo, which pins them. With the same journal it may be done
/// again, after whatever stopped it, and gives the same; see [`Journal`]. Register the document before you remove
/// that.
///
/// To be called within a Tokio runtime. What is dropped before it ends pins nothing of what isn't complete.
///
/// # Errors
/// See [`PublishError`].
pub async fn publish(
	kubo: &Kubo,
	journal: Journal,
	document: impl AsyncRead + Send,
) -> Result<Published, PublishError> {
	let document = pin!(document);
	let pieces = stream::try_unfold(document, |mut document| async move {
		let mut piece = Vec::with_capacity(READ);
		document
			.as_mut()
			.take(u64::try_from(READ).unwrap_or(u64::MAX))
			.read_buf(&mut piece)
			.await?;
		Ok((!piece.is_empty()).then(|| (Bytes::from(piece), document)))
	});
	publish_stream(kubo, journal, pieces).await
}

/// As [`publish`], of a document that comes in pieces, each of which is held in memory. One that is an error ends
/// it.
///
/// # Errors
/// See [`PublishError`].
pub async fn publish_stream(
	kubo: &Kubo,
	journal: Journal,
	document: impl Stream<Item = io::Result<Bytes>>,
) -> Result<Published, PublishError> {
	let failed = |error| PublishError::Kubo { url: kubo.url().into(), error };
	kubo.ready().await.map_err(failed)?;

	let (plain, read) = mpsc::channel(1);
	let (sealed, parts) = mpsc::channel(1);
	let mut thread = task::spawn_blocking(move || seal(journal, read, &sealed));
	let [first, second, third] = [(); REPLICAS].map(|()| kubo.add());
	let pipes = [first.0, second.0, third.0];
	let adding = async { future::try_join3(first.1, second.1, third.1).await.map_err(failed) };
	let sealing = async { (&mut thread).await.map_err(|_| PublishError::Stopped)? };
	let done = async {
		let work = async { tokio::try_join!(feed(document, plain), sealing, adding) };
		tokio::select! {
			done = work => done,
			error = give(kubo, parts, pipes) => Err(failed(error)),
		}
	};
	let done = done.await;
	if !thread.is_finished() {
		// It holds the journal, which somebody may want to try again with at once.
		let _ = thread.await;
	}
	let ((), published, (first, second, third)) = done?;
	let mut same = Ok(());
	// All of them, because each that is another is unpinned by this.
	for (replica, found) in Replica::ALL.into_iter().zip([first, second, third]) {
		let expected = published.document.cid(replica);
		same = same.and(kubo.same(expected, found, published.size).await);
	}
	same.map(|()| published).map_err(failed)
}

/// What goes to the thread that seals.
enum Plain {
	Bytes(Bytes),
	/// There is no more. Without this, what came is not the document.
	End,
}

/// What comes from there.
enum Sealed {
	/// The next bytes of each replica.
	Part([Bytes; REPLICAS]),
	/// The last ones.
	Last([Bytes; REPLICAS]),
}

/// Gives the document to the thread that seals.
async fn feed(
	document: impl Stream<Item = io::Result<Bytes>>,
	plain: mpsc::Sender<Plain>,
) -> Result<(), PublishError> {
	let mut document = pin!(document);
	while let Some(piece) = document.next().await {
		let piece = piece.map_err(PublishError::Document)?;
		// If nobody takes it, sealing has failed, and says why.
		if plain.send(Plain::Bytes(piece)).await.is_err() {
			return Ok(());
		}
	}
	let _ = plain.send(Plain::End).await;
	Ok(())
}

/// Seals what comes, until it ends or nobody takes the parts any more.
fn seal(
	mut journal: Journal,
	mut read: mpsc::Receiver<Plain>,
	sealed: &mpsc::Sender<Sealed>,
) -> Result<Published, PublishError> {
	let mut sealer = Sealer::new(journal.keys().clone());
	loop {
		let piece = match read.blocking_recv() {
			Some(Plain::Bytes(piece)) => piece,
			Some(Plain::End) => break,
			None => return Err(PublishError::Stopped),
		};
		let mut rest: &[u8] = &piece;
		while !rest.is_empty() {
			let Some(part) = sealer.push(&mut rest)? else { continue };
			note(&mut journal, &part.checkpoint)?;
			let bytes = part.replicas.map(Bytes::copy_from_slice);
			sealed.blocking_send(Sealed::Part(bytes)).map_err(|_| PublishError::Stopped)?;
		}
	}
	let last = sealer.finish()?;
	note(&mut journal, &last.checkpoint)?;
	let bytes = last.replicas().map(Bytes::copy_from_slice);
	sealed.blocking_send(Sealed::Last(bytes)).map_err(|_| PublishError::Stopped)?;
	Ok(Published { document: last.document, size: last.size })
}

fn note(journal: &mut Journal, checkpoint: &Checkpoint) -> Result<(), PublishError> {
	journal.note(checkpoint).map_err(|error| match error {
		NoteError::Journal(error) => error.into(),
		NoteError::Changed(error) => error.into(),
	})
}

/// Gives the parts to Kubo. Ends with an error or not at all: that all is well, those know who wait for the CIDs.
async fn give(
	kubo: &Kubo,
	mut parts: mpsc::Receiver<Sealed>,
	pipes: [Pipe; REPLICAS],
) -> KuboError {
	let last = loop {
		match parts.recv().await {
			Some(Sealed::Part(part)) => {
				if let Err(error) = push(kubo, &pipes, part).await {
					return error;
				}
			}
			Some(Sealed::Last(part)) => break part,
			// Sealing has failed, and says why. The pipes stay open, so that nothing else does.
			None => future::pending().await,
		}
	};
	if let Err(error) = push(kubo, &pipes, last).await {
		return error;
	}
	let ends = future::join_all(pipes.map(Pipe::end));
	if timeout(kubo.patience(), ends).await.is_err() {
		return KuboError::Stalled(kubo.patience().as_secs());
	}
	sleep(kubo.finish()).await;
	KuboError::TimedOut(kubo.finish().as_secs())
}

/// Gives a part of each replica to Kubo, once there is room for it.
async fn push(
	kubo: &Kubo,
	pipes: &[Pipe; REPLICAS],
	part: [Bytes; REPLICAS],
) -> Result<(), KuboError> {
	let sent = future::join_all(pipes.iter().zip(part).map(|(pipe, bytes)| pipe.send(bytes)));
	let sent = timeout(kubo.patience(), sent).await;
	let sent = sent.map_err(|_| KuboError::Stalled(kubo.patience().as_secs()))?;
	if sent.into_iter().all(|taken| taken) {
		return Ok(());
	}
	// Kubo's answer is on its way, and says more than this.
	sleep(kubo.patience()).await;
	Err(KuboError::Broken("it stopped taking the file".into()))
}
