//! Documents that come in parts, and go to Kubo as they come.
//!
//! Nothing of a document is kept: a part that was taken is on its way through the seal to Kubo. So an upload that
//! stops, because the node or Kubo did or because nothing came for too long, begins again from the first byte,
//! under the same name and so under the same keys; its journal sees to it that the document is still the same.
//!
//! ```text
//! store ──▶ running ──all came──▶ ended ──▶ stored
//!              │ stopped              │
//!              ▼                      ▼
//!           kept (the journal; begins again at byte 0)
//! ```

use super::{error::DocumentsError, stored::StoredDocument, MAX_KEPT, MAX_UPLOADS};
use futures::{stream, Stream};
use rwa_client::documents::{publish_stream, Bytes, Journal, JournalError, Kubo};
use rwa_documents::{DocumentKeys, Entropy, SystemEntropy};
use serde::{Deserialize, Serialize};
use sp_core::Bytes as Hex;
use sp_crypto_hashing::sha2_256;
use std::{
	collections::BTreeMap,
	fmt,
	fs::{self, DirBuilder, File, OpenOptions},
	io::{self, Write},
	os::unix::fs::{DirBuilderExt, OpenOptionsExt},
	path::{Path, PathBuf},
	str::FromStr,
	sync::{Arc, Mutex, MutexGuard, PoisonError},
	time::Duration,
};
use tokio::{
	sync::{mpsc, watch},
	task::AbortHandle,
	time::timeout,
};

/// Bytes of an upload's name.
const NAME_BYTES: usize = 16;

/// Name of an upload: random, so that nobody ends another's by mistake.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct UploadName([u8; NAME_BYTES]);

impl UploadName {
	fn new() -> Result<Self, DocumentsError> {
		let mut name = [0; NAME_BYTES];
		let filled = SystemEntropy.fill(&mut name);
		filled.map_err(|error| DocumentsError::Disk(error.to_string()))?;
		Ok(Self(name))
	}
}

impl fmt::Display for UploadName {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(&sp_core::bytes::to_hex(&self.0, false))
	}
}

impl FromStr for UploadName {
	type Err = DocumentsError;

	/// `0x` and digits and nothing else: it becomes the name of a file.
	fn from_str(text: &str) -> Result<Self, DocumentsError> {
		let bytes = text.starts_with("0x").then(|| sp_core::bytes::from_hex(text));
		let bytes = bytes.and_then(Result::ok).ok_or(DocumentsError::UploadName)?;
		bytes.try_into().map(Self).map_err(|_| DocumentsError::UploadName)
	}
}

/// How far an upload is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Progress {
	pub(super) upload: UploadName,
	pub(super) received: u64,
	pub(super) document: Option<StoredDocument>,
}

/// What is known of a part once it was taken: enough to know it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Taken {
	offset: u64,
	bytes: u64,
	sha256: Hex,
}

impl Taken {
	fn of(offset: u64, part: &[u8]) -> Self {
		let bytes = u64::try_from(part.len()).unwrap_or(u64::MAX);
		Self { offset, bytes, sha256: sha2_256(part).to_vec().into() }
	}

	fn end(&self) -> u64 {
		self.offset.saturating_add(self.bytes)
	}
}

/// The file of an upload that is complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Finished {
	/// The last part, for whoever sends it again because the answer was lost.
	last: Taken,
	document: StoredDocument,
}

impl Finished {
	fn progress(self, upload: UploadName) -> Progress {
		Progress { upload, received: self.last.end(), document: Some(self.document) }
	}
}

/// What goes to the task that publishes.
enum Input {
	Part(Vec<u8>),
	/// All came; this was the last.
	End(Taken),
}

type Outcome = Option<Result<Finished, DocumentsError>>;

/// An upload under way.
struct Running {
	/// Held while a part is being taken, so that parts come one after the other.
	state: tokio::sync::Mutex<State>,
	input: mpsc::Sender<Input>,
	outcome: watch::Receiver<Outcome>,
	task: AbortHandle,
}

struct State {
	last: Taken,
	ended: bool,
}

impl Running {
	/// How it ended. Waits until it does.
	async fn outcome(&self) -> Result<Finished, DocumentsError> {
		let mut outcome = self.outcome.clone();
		let ended = outcome.wait_for(Option::is_some).await;
		// Without a word only if somebody dropped it.
		ended.ok().and_then(|ended| ended.clone()).unwrap_or(Err(DocumentsError::UnknownUpload))
	}

	fn is_over(&self) -> bool {
		self.outcome.borrow().is_some() || self.task.is_finished()
	}
}

/// Extension of a file that is being written.
const DRAFT: &str = "draft";

/// All uploads of a node.
pub(super) struct Uploads {
	folder: PathBuf,
	kubo: Kubo,
	running: Mutex<BTreeMap<UploadName, Arc<Running>>>,
	/// For how long nothing may come.
	idle: Duration,
}

impl Uploads {
	/// Those that are kept in `folder`, which is made if it isn't there.
	pub(super) fn new(folder: PathBuf, kubo: Kubo, idle: Duration) -> io::Result<Self> {
		DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
		for entry in fs::read_dir(&folder)? {
			let path = entry?.path();
			// The node ended while it wrote. It has keys in it, and nothing else would remove it.
			if path.extension().is_some_and(|extension| extension == DRAFT) {
				fs::remove_file(path)?;
			}
		}
		Ok(Self { folder, kubo, running: Mutex::default(), idle })
	}

	/// Takes a part, and begins an upload if none is named. The answer to the last one has the document.
	pub(super) async fn store(
		&self,
		upload: Option<UploadName>,
		offset: u64,
		part: Vec<u8>,
		last: bool,
	) -> Result<Progress, DocumentsError> {
		let taken = Taken::of(offset, &part);
		match upload {
			None if offset != 0 => Err(DocumentsError::Offset { expected: 0, found: offset }),
			None => {
				let (name, running) = self.begin()?;
				let progress = self.go_on(name, &running, taken, part, last).await;
				progress.map_err(|error| DocumentsError::Begun {
					upload: name.to_string(),
					error: Box::new(error),
				})
			}
			Some(name) => {
				if let Some(finished) = self.finished(name)? {
					return match finished.last == taken {
						true => Ok(finished.progress(name)),
						false => Err(DocumentsError::Complete),
					};
				}
				let running = self.enter(name, offset)?;
				self.go_on(name, &running, taken, part, last).await
			}
		}
	}

	async fn go_on(
		&self,
		name: UploadName,
		running: &Arc<Running>,
		taken: Taken,
		part: Vec<u8>,
		last: bool,
	) -> Result<Progress, DocumentsError> {
		let taken = self.take(running, taken, part, last).await;
		let (received, ended) = match taken {
			Ok(taken) => taken,
			Err(error) => {
				self.leave(name, running);
				return Err(error);
			}
		};
		match ended {
			false => Ok(Progress { upload: name, received, document: None }),
			true => self.finish(name, running).await,
		}
	}

	/// How far an upload is; if all of it came, waits until it is stored.
	pub(super) async fn stored(&self, name: UploadName) -> Result<Progress, DocumentsError> {
		if let Some(finished) = self.finished(name)? {
			return Ok(finished.progress(name));
		}
		let running = self.running().get(&name).cloned();
		let Some(running) = running else {
			return match self.journal(name).exists() {
				true => Ok(Progress { upload: name, received: 0, document: None }),
				false => Err(DocumentsError::UnknownUpload),
			};
		};
		let state = running.state.lock().await;
		let (received, ended) = (state.last.end(), state.ended);
		drop(state);
		match ended || running.is_over() {
			false => Ok(Progress { upload: name, received, document: None }),
			true => self.finish(name, &running).await,
		}
	}

	/// Ends an upload and forgets it, with the keys of its document. What is at Kubo stays there.
	pub(super) async fn drop_upload(&self, name: UploadName) -> Result<bool, DocumentsError> {
		let running = self.running().remove(&name);
		if let Some(running) = &running {
			running.task.abort();
			// Or it may write what is removed here.
			let _ = running.outcome().await;
		}
		let mut was_there = running.is_some();
		for file in [self.journal(name), self.result(name)] {
			match fs::remove_file(&file) {
				Ok(()) => was_there = true,
				Err(error) if error.kind() == io::ErrorKind::NotFound => {}
				Err(error) => return Err(disk(&file, &error)),
			}
		}
		Ok(was_there)
	}

	/// Gives a part to the task, if it is the one that follows. Says how many bytes came, and whether all did.
	async fn take(
		&self,
		running: &Running,
		taken: Taken,
		part: Vec<u8>,
		last: bool,
	) -> Result<(u64, bool), DocumentsError> {
		let mut state = running.state.lock().await;
		if running.is_over() {
			return running.outcome().await.map(|finished| (finished.last.end(), true));
		}
		let expected = state.last.end();
		// Sent again, because the answer to it was lost. Of nothing at the beginning there is nothing to know.
		if taken != state.last {
			if taken.offset != expected {
				return Err(DocumentsError::Offset { expected, found: taken.offset });
			}
			if state.ended {
				return Err(DocumentsError::Complete);
			}
			match running.input.reserve().await {
				// From here to the state nothing waits, so that a caller who goes away leaves no half of it.
				Ok(room) => room.send(Input::Part(part)),
				Err(_) => {
					return running.outcome().await.map(|finished| (finished.last.end(), true))
				}
			}
			state.last = taken;
		}
		if last && !state.ended {
			match running.input.reserve().await {
				Ok(room) => room.send(Input::End(state.last.clone())),
				Err(_) => {
					return running.outcome().await.map(|finished| (finished.last.end(), true))
				}
			}
			state.ended = true;
		}
		Ok((state.last.end(), state.ended))
	}

	/// Waits for the end of an upload all of which came.
	async fn finish(
		&self,
		name: UploadName,
		running: &Arc<Running>,
	) -> Result<Progress, DocumentsError> {
		let finished = running.outcome().await;
		self.leave(name, running);
		finished.map(|finished| finished.progress(name))
	}

	/// Forgets an upload that is over. What it was is on disk.
	fn leave(&self, name: UploadName, over: &Arc<Running>) {
		let mut running = self.running();
		if over.is_over() && running.get(&name).is_some_and(|now| Arc::ptr_eq(now, over)) {
			running.remove(&name);
		}
	}

	/// A new upload.
	fn begin(&self) -> Result<(UploadName, Arc<Running>), DocumentsError> {
		let mut running = self.running();
		self.make_room(&mut running)?;
		if self.kept()? >= MAX_KEPT {
			return Err(DocumentsError::Full);
		}
		let name = UploadName::new()?;
		let keys = DocumentKeys::generate(&mut SystemEntropy);
		let keys = keys.map_err(|error| DocumentsError::Disk(error.to_string()))?;
		let journal = Journal::create(&self.journal(name), keys).map_err(journal_error)?;
		Ok((name, self.run(&mut running, name, journal)))
	}

	/// An upload that was begun before, from its first byte if it stopped.
	fn enter(&self, name: UploadName, offset: u64) -> Result<Arc<Running>, DocumentsError> {
		let mut running = self.running();
		// One that stopped says why, to whoever goes on with it, and begins again with its first byte.
		if let Some(found) = running.get(&name).filter(|upload| offset != 0 || !upload.is_over()) {
			return Ok(found.clone());
		}
		if !self.journal(name).exists() {
			return Err(DocumentsError::UnknownUpload);
		}
		self.make_room(&mut running)?;
		let journal = Journal::open(&self.journal(name)).map_err(journal_error)?;
		Ok(self.run(&mut running, name, journal))
	}

	fn make_room(
		&self,
		running: &mut BTreeMap<UploadName, Arc<Running>>,
	) -> Result<(), DocumentsError> {
		running.retain(|_, upload| !upload.is_over());
		match running.len() < MAX_UPLOADS {
			true => Ok(()),
			false => Err(DocumentsError::Busy),
		}
	}

	fn run(
		&self,
		running: &mut BTreeMap<UploadName, Arc<Running>>,
		name: UploadName,
		journal: Journal,
	) -> Arc<Running> {
		let (input, parts) = mpsc::channel(1);
		let (outcome, watched) = watch::channel(None);
		let (kubo, idle, result) = (self.kubo.clone(), self.idle, self.result(name));
		let publishing = async move {
			let finished = publish(&kubo, journal, parts, idle, &result).await;
			if let Err(error) = &finished {
				log::warn!("📄 Upload {name} stopped: {error}");
			}
			outcome.send_replace(Some(finished));
		};
		let task = tokio::spawn(publishing).abort_handle();
		let state = State { last: Taken::of(0, &[]), ended: false };
		let upload = Arc::new(Running { state: state.into(), input, outcome: watched, task });
		running.insert(name, upload.clone());
		upload
	}

	/// What is on disk of an upload that is complete.
	fn finished(&self, name: UploadName) -> Result<Option<Finished>, DocumentsError> {
		let file = self.result(name);
		match fs::read(&file) {
			Ok(text) => serde_json::from_slice(&text)
				.map(Some)
				.map_err(|_| DocumentsError::Disk(format!("{} is damaged", file.display()))),
			Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
			Err(error) => Err(disk(&file, &error)),
		}
	}

	/// How many uploads are on disk.
	fn kept(&self) -> Result<usize, DocumentsError> {
		let entries = fs::read_dir(&self.folder).map_err(|error| disk(&self.folder, &error))?;
		let is_upload = |path: &Path| {
			path.extension()
				.is_some_and(|extension| extension == "journal" || extension == "stored")
		};
		Ok(entries.flatten().filter(|entry| is_upload(&entry.path())).count())
	}

	fn journal(&self, name: UploadName) -> PathBuf {
		self.folder.join(format!("{name}.journal"))
	}

	fn result(&self, name: UploadName) -> PathBuf {
		self.folder.join(format!("{name}.stored"))
	}

	fn running(&self) -> MutexGuard<'_, BTreeMap<UploadName, Arc<Running>>> {
		// Nothing panics while it is held.
		self.running.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

/// Publishes what comes, and puts what it became into a file, in place of the journal.
async fn publish(
	kubo: &Kubo,
	journal: Journal,
	parts: mpsc::Receiver<Input>,
	idle: Duration,
	result: &Path,
) -> Result<Finished, DocumentsError> {
	let keys = journal.keys().clone();
	let path = journal.path().to_path_buf();
	let mut last = None;
	let published = publish_stream(kubo, journal, pieces(parts, idle, &mut last)).await?;
	let document = StoredDocument::new(&published, &keys);
	// The stream ended, so it has told.
	let last = last.unwrap_or_else(|| Taken::of(0, &[]));
	let finished = Finished { last, document };
	write(result, &finished).map_err(|error| disk(result, &error))?;
	Journal::remove(&path).map_err(journal_error)?;
	Ok(finished)
}

/// The parts, as the document that they are of. `last` is what the last one was.
fn pieces<'a>(
	parts: mpsc::Receiver<Input>,
	idle: Duration,
	last: &'a mut Option<Taken>,
) -> impl Stream<Item = io::Result<Bytes>> + 'a {
	stream::try_unfold((parts, last), move |(mut parts, last)| async move {
		match timeout(idle, parts.recv()).await {
			Ok(Some(Input::Part(part))) => Ok(Some((part.into(), (parts, last)))),
			Ok(Some(Input::End(taken))) => {
				*last = Some(taken);
				Ok(None)
			}
			Ok(None) => Err(io::ErrorKind::Interrupted.into()),
			Err(_) => {
				let idle = idle.as_secs();
				Err(io::Error::other(format!(
					"no part of it came for {idle} s; send it again from byte 0"
				)))
			}
		}
	})
}

/// A file that only the node can read, whole or not there.
fn write(path: &Path, finished: &Finished) -> io::Result<()> {
	let draft = path.with_extension(DRAFT);
	let mut options = OpenOptions::new();
	let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
	file.write_all(serde_json::to_string(finished)?.as_bytes())?;
	file.sync_all()?;
	fs::rename(&draft, path)?;
	match path.parent() {
		Some(folder) => File::open(folder)?.sync_all(),
		None => Ok(()),
	}
}

fn disk(path: &Path, error: &io::Error) -> DocumentsError {
	DocumentsError::Disk(format!("{}: {error}", path.display()))
}

fn journal_error(error: JournalError) -> DocumentsError {
	DocumentsError::Disk(error.to_string())
}

/// What only tests ask for.
#[cfg(test)]
impl Uploads {
	/// All that are running.
	pub(super) fn names(&self) -> Vec<UploadName> {
		self.running().keys().copied().collect()
	}

	/// Stops one as the end of the program would.
	pub(super) async fn stop(&self, name: UploadName) {
		let Some(running) = self.running().remove(&name) else { return };
		running.task.abort();
		let _ = running.outcome().await;
		// The thread that seals lets the journal go.
		while Journal::open(&self.journal(name)).is_err() && self.journal(name).exists() {
			tokio::time::sleep(Duration::from_millis(10)).await;
		}
	}
}
