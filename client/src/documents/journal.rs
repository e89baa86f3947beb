//! What has to be kept while a document is being published: its keys, and what may have left of it.

use super::error::JournalError;
use rustix::{
	fs::{flock, FlockOperation},
	io::Errno,
};
use rwa_documents::{sealing::CHECKPOINT_BYTES, Checkpoint, DocumentKeys, SealError};
use std::{
	fmt,
	fs::{self, File, OpenOptions},
	io,
	os::unix::fs::{FileExt, OpenOptionsExt},
	path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Bytes of a checkpoint, where files count.
const RECORD: u64 = CHECKPOINT_BYTES as u64;

/// A file with a [`Checkpoint`] for each part of the document of which bytes may have left, behind one with the
/// keys alone. **As secret as the document**; only its owner can read it (mode 0600).
///
/// Adding a document again sends it from its beginning, so one checkpoint is not enough: each part is compared
/// with what it was *before* it leaves. If the document has changed in any of them, nothing of that part or
/// of later ones goes out, because two versions under the same keys would give away what they have in common.
/// 132 bytes for each MiB.
///
/// Remove it once the document is registered and its envelopes are made. Until then it is the only copy of the
/// keys.
pub struct Journal {
	path: PathBuf,
	file: File,
	keys: DocumentKeys,
	/// Where the next checkpoint belongs.
	at: u64,
	/// Bytes of the checkpoints of earlier attempts.
	known: u64,
}

/// Where, and no key.
impl fmt::Debug for Journal {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Journal").field("path", &self.path).finish_non_exhaustive()
	}
}

/// Why a part must not leave.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoteError {
	#[error(transparent)]
	Journal(#[from] JournalError),
	#[error(transparent)]
	Changed(#[from] SealError),
}

impl Journal {
	/// A new one, on disk when this returns; if it fails, no file is left.
	///
	/// `keys` are those of [`DocumentKeys::generate`], and of no other document: who has two that were sealed under
	/// the same keys knows what they have in common.
	///
	/// # Errors
	/// [`JournalError::Exists`] if there is a file; what the disk says.
	pub fn create(path: &Path, keys: DocumentKeys) -> Result<Self, JournalError> {
		let file = options().create_new(true).open(path).map_err(|reason| match reason.kind() {
			io::ErrorKind::AlreadyExists => JournalError::Exists(path.into()),
			_ => JournalError::Io { path: path.into(), reason },
		})?;
		Self::begin(path, file, keys).inspect_err(|_| {
			// It is new, and nothing was sealed under its keys. What went wrong is the error before this one.
			let _ = fs::remove_file(path);
		})
	}

	fn begin(path: &Path, file: File, keys: DocumentKeys) -> Result<Self, JournalError> {
		let mut journal = Self { path: path.into(), file, keys, at: 0, known: 0 };
		lock(&journal.file, path)?;
		let first = Checkpoint::new(journal.keys.clone());
		journal.write(&first)?;
		journal.at = RECORD;
		journal.known = RECORD;
		sync_folder(path).map_err(|reason| journal.failed(reason))?;
		Ok(journal)
	}

	/// One of an earlier attempt, to publish the same document again.
	///
	/// # Errors
	/// [`JournalError::InUse`], [`JournalError::Unreadable`]; what the disk says.
	pub fn open(path: &Path) -> Result<Self, JournalError> {
		let io_error = |reason| JournalError::Io { path: path.into(), reason };
		let file = options().open(path).map_err(io_error)?;
		// Before anything is read: who has it may be writing.
		lock(&file, path)?;
		let length = file.metadata().map_err(io_error)?.len();
		let mut first = Zeroizing::new([0; CHECKPOINT_BYTES]);
		let there = usize::try_from(length).unwrap_or(usize::MAX).min(CHECKPOINT_BYTES);
		let bytes = first.get_mut(..there).unwrap_or_default();
		file.read_exact_at(bytes, 0).map_err(io_error)?;
		let first = Checkpoint::from_bytes(bytes)
			.map_err(|reason| JournalError::Unreadable { path: path.into(), reason })?;
		let keys = first.keys().clone();
		// What was torn when the machine stopped never was on disk, so nothing of its part has left.
		let whole = length.checked_div(RECORD).unwrap_or(0).saturating_mul(RECORD);
		Ok(Self { path: path.into(), file, keys, at: RECORD, known: whole })
	}

	/// The keys that the document is sealed with.
	pub const fn keys(&self) -> &DocumentKeys {
		&self.keys
	}

	/// Where it is.
	pub fn path(&self) -> &Path {
		&self.path
	}

	/// Notes that bytes of a part are about to leave; or, if they may have left before, that they are the same.
	pub(super) fn note(&mut self, checkpoint: &Checkpoint) -> Result<(), NoteError> {
		if self.at < self.known {
			let mut before = Zeroizing::new([0; CHECKPOINT_BYTES]);
			let read = self.file.read_exact_at(before.as_mut(), self.at);
			read.map_err(|reason| self.failed(reason))?;
			if *before != *checkpoint.to_bytes() {
				return Err(SealError::Changed.into());
			}
		} else {
			self.write(checkpoint)?;
		}
		self.at = self.at.saturating_add(RECORD);
		Ok(())
	}

	fn write(&self, checkpoint: &Checkpoint) -> Result<(), JournalError> {
		let written = self.file.write_all_at(checkpoint.to_bytes().as_ref(), self.at);
		written.and_then(|()| self.file.sync_data()).map_err(|reason| self.failed(reason))
	}

	fn failed(&self, reason: io::Error) -> JournalError {
		JournalError::Io { path: self.path.clone(), reason }
	}

	/// Removes the file: with it go the keys, as far as they aren't kept elsewhere.
	///
	/// # Errors
	/// What the disk says.
	pub fn remove(path: &Path) -> Result<(), JournalError> {
		fs::remove_file(path).map_err(|reason| JournalError::Io { path: path.into(), reason })
	}
}

/// The name of a new file, too, has to be on disk.
fn sync_folder(path: &Path) -> io::Result<()> {
	let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
	File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all())
}

fn lock(file: &File, path: &Path) -> Result<(), JournalError> {
	let locked = flock(file, FlockOperation::NonBlockingLockExclusive);
	locked.map_err(|error| match error {
		Errno::WOULDBLOCK => JournalError::InUse(path.into()),
		error => JournalError::Io { path: path.into(), reason: error.into() },
	})
}

fn options() -> OpenOptions {
	let mut options = OpenOptions::new();
	options.read(true).write(true).mode(0o600);
	options
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
	use super::*;
	use rwa_documents::{Sealer, SystemEntropy, PART_BYTES};
	use std::os::unix::fs::PermissionsExt;

	fn keys() -> DocumentKeys {
		DocumentKeys::generate(&mut SystemEntropy).unwrap()
	}

	/// The checkpoints of a document.
	fn checkpoints(keys: &DocumentKeys, document: &[u8]) -> Vec<Checkpoint> {
		let mut sealer = Sealer::new(keys.clone());
		let mut found = Vec::new();
		let mut rest = document;
		while !rest.is_empty() {
			found.extend(sealer.push(&mut rest).unwrap().map(|part| part.checkpoint));
		}
		found.push(sealer.finish().unwrap().checkpoint);
		found
	}

	fn same(a: &DocumentKeys, b: &DocumentKeys) -> bool {
		*Checkpoint::new(a.clone()).to_bytes() == *Checkpoint::new(b.clone()).to_bytes()
	}

	#[test]
	fn a_document_should_go_on_only_as_what_it_was() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("journal");
		let mut document = vec![7; 3 * PART_BYTES];
		let keys = keys();
		let all = checkpoints(&keys, &document);
		let mut journal = Journal::create(&path, keys.clone()).unwrap();
		for checkpoint in all.iter().take(2) {
			journal.note(checkpoint).unwrap();
		}
		drop(journal);

		// A byte of the first part is another; then one of the second; then one that nobody saw.
		let mut outcome = |place: usize| {
			document[place] ^= 1;
			let changed = checkpoints(&keys, &document);
			document[place] ^= 1;
			let mut journal = Journal::open(&path).unwrap();
			assert!(same(journal.keys(), &keys));
			let outcome = changed.iter().position(|checkpoint| journal.note(checkpoint).is_err());
			outcome
		};
		assert_eq!(outcome(5), Some(0));
		assert_eq!(outcome(PART_BYTES), Some(1));
		let length = fs::metadata(&path).unwrap().len();
		assert_eq!(length, 3 * RECORD);
		assert_eq!(outcome(3 * PART_BYTES - 1), None);
		// What has left since is the other text, and its end leaves last.
		assert_eq!(outcome(3 * PART_BYTES - 2), Some(3));
	}

	#[test]
	fn a_document_that_became_shorter_should_not_go_on() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("journal");
		let keys = keys();
		let mut journal = Journal::create(&path, keys.clone()).unwrap();
		for checkpoint in checkpoints(&keys, &vec![7; 2 * PART_BYTES]).iter().take(2) {
			journal.note(checkpoint).unwrap();
		}
		drop(journal);
		let mut journal = Journal::open(&path).unwrap();
		let [short] = &checkpoints(&keys, &[7; 9])[..] else { panic!("one part") };
		let error = journal.note(short).unwrap_err();
		assert!(error.to_string().contains("has changed since its publication began"), "{error}");
	}

	#[test]
	fn what_was_torn_should_be_written_again() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("journal");
		let keys = keys();
		let all = checkpoints(&keys, &vec![7; 2 * PART_BYTES]);
		let mut journal = Journal::create(&path, keys.clone()).unwrap();
		for checkpoint in all.iter().take(2) {
			journal.note(checkpoint).unwrap();
		}
		let torn = journal.file.set_len(3 * RECORD - 5);
		torn.unwrap();
		drop(journal);
		// Nothing of the second part had left, so it may be another one.
		let mut changed = vec![7; 2 * PART_BYTES];
		changed[PART_BYTES + 9] = 8;
		let changed = checkpoints(&keys, &changed);
		let mut journal = Journal::open(&path).unwrap();
		for checkpoint in &changed {
			journal.note(checkpoint).unwrap();
		}
		drop(journal);
		let mut journal = Journal::open(&path).unwrap();
		assert!(changed.iter().all(|checkpoint| journal.note(checkpoint).is_ok()));
	}

	#[test]
	fn nobody_else_should_read_it_or_use_it_at_the_same_time() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("journal");
		let journal = Journal::create(&path, keys()).unwrap();
		assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
		assert!(matches!(Journal::open(&path), Err(JournalError::InUse(_))));
		assert!(matches!(Journal::create(&path, keys()), Err(JournalError::Exists(_))));
		let shown = format!("{journal:?}");
		assert!(shown.starts_with("Journal { path:") && !shown.contains("keys"), "{shown}");
		drop(journal);
		assert!(Journal::open(&path).is_ok());
		Journal::remove(&path).unwrap();
		assert!(matches!(Journal::open(&path), Err(JournalError::Io { .. })));
	}

	#[test]
	fn what_is_no_journal_should_be_refused() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("journal");
		for (content, reason) in [
			(&b""[..], "a checkpoint has 132 bytes, not 0"),
			(&[0; 131], "a checkpoint has 132 bytes, not 131"),
			(&[0; 500], "not a checkpoint of a document"),
		] {
			fs::write(&path, content).unwrap();
			let error = Journal::open(&path).unwrap_err().to_string();
			assert!(error.contains(reason), "{error}");
		}
	}
}
