//! Repairing: from a replica that lives to one that was lost.

use super::{
	error::{KuboError, RepairingError},
	http::Pipe,
	kubo::Kubo,
	pace::Pace,
};
use hyper::body::Bytes;
use rwa_documents::{DocumentId, Repair, Replica, ReplicaRoot};
use tokio::time::{sleep, timeout};

/// Makes replica `to` of a document whose replicas have `size` bytes from replica `from`, and has it pinned at
/// Kubo, where the new holder gets it. Nothing of it is pinned unless it is the replica that the chain knows.
///
/// # Errors
/// See [`RepairingError`].
pub async fn repair(
	kubo: &Kubo,
	document: &DocumentId,
	size: u64,
	root: &ReplicaRoot,
	from: Replica,
	to: Replica,
) -> Result<(), RepairingError> {
	let failed = |error| RepairingError::Kubo { url: kubo.url().into(), error };
	let repair = Repair::new(root, document, from, to)?;
	kubo.ready().await.map_err(failed)?;
	let (pipe, added) = kubo.add();
	let found = tokio::select! {
		found = added => found.map_err(failed)?,
		error = give(kubo, document, size, repair, from, pipe) => return Err(error),
	};
	kubo.same(document.cid(to), found, size).await.map_err(failed)
}

/// Gives the new replica to Kubo. Ends with an error or not at all: that all is well, those know who wait for the
/// CID.
async fn give(
	kubo: &Kubo,
	document: &DocumentId,
	size: u64,
	repair: Repair,
	from: Replica,
	pipe: Pipe,
) -> RepairingError {
	let failed = |error| RepairingError::Kubo { url: kubo.url().into(), error };
	if let Err(error) = turn(kubo, document, size, repair, from, &pipe).await {
		// The pipe goes, and with it the request: Kubo keeps no file.
		return error;
	}
	if timeout(kubo.patience(), pipe.end()).await.is_err() {
		return failed(KuboError::Stalled(kubo.patience().as_secs()));
	}
	sleep(kubo.finish()).await;
	failed(KuboError::TimedOut(kubo.finish().as_secs()))
}

/// Turns one replica into the other. That it is the right one is known when this returns.
async fn turn(
	kubo: &Kubo,
	document: &DocumentId,
	size: u64,
	mut repair: Repair,
	from: Replica,
	pipe: &Pipe,
) -> Result<(), RepairingError> {
	let failed = |error| RepairingError::Kubo { url: kubo.url().into(), error };
	let mut answer = kubo.cat(&document.cid(from), size).await.map_err(failed)?;
	let mut found = 0u64;
	let wrong = |found| RepairingError::Size { replica: from.index(), expected: size, found };
	let mut pace = Pace::new(kubo.patience());
	while let Some(piece) = pace.piece(&mut answer).await.map_err(failed)? {
		found = found.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
		if found > size {
			return Err(wrong(found));
		}
		let mut bytes = Vec::from(piece);
		repair.push(&mut bytes);
		let sent = timeout(kubo.patience(), pipe.send(Bytes::from(bytes))).await;
		if !sent.map_err(|_| failed(KuboError::Stalled(kubo.patience().as_secs())))? {
			// Kubo's answer is on its way, and says more than this.
			sleep(kubo.patience()).await;
			return Err(failed(KuboError::Broken("it stopped taking the file".into())));
		}
	}
	if found != size {
		return Err(wrong(found));
	}
	repair.finish()?;
	Ok(())
}
