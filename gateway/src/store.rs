//! Files that are whole or not there.
//!
//! One file for each device and each topic, so that a message costs one small write whatever else is
//! kept. Each is written beside its place, flushed, and moved into it; its first line holds a hash of the
//! rest. So after a crash there is the old file or the new one, and what else happened to it is noticed.

use rustix::fs::{flock, FlockOperation};
use rwa_primitives::device::DeviceKey;
use sp_core::{Blake2Hasher, Hasher};
use std::{
	fs::{self, DirBuilder, File, OpenOptions},
	io::{self, Read, Write},
	os::unix::fs::{DirBuilderExt, OpenOptionsExt},
	path::{Path, PathBuf},
};

/// First words of each file. The number is the form's.
const MAGIC: &str = "rwa-gateway 1";

/// Most bytes of a file: far beyond what any record takes.
const MAX_FILE: u64 = 64 << 20;

/// What can be wrong with the files.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
	/// A file or folder can't be read or written.
	#[error("{}: {source}. Is there space, and may this user write there? See `store.path`.", path.display())]
	File {
		/// Which.
		path: PathBuf,
		/// What the system says.
		source: io::Error,
	},
	/// Another gateway has the folder.
	#[error("{}: another gateway uses this folder; give each its own `store.path`", path.display())]
	Locked {
		/// The folder.
		path: PathBuf,
	},
	/// A file isn't what was written.
	#[error(
		"{}: damaged: {reason}. Restore it from a backup, or move it away: then nothing is known of this \
		 entry, not even its counter, and an old measurement may be taken again until a newer one comes.",
		path.display()
	)]
	Damaged {
		/// The file.
		path: PathBuf,
		/// What is wrong with it.
		reason: String,
	},
}

/// What a file is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
	/// A device.
	Device(DeviceKey),
	/// A `[[topic]]`, by its name.
	Topic(String),
}

impl Name {
	/// Relative to the folder. No character in it can lead elsewhere.
	fn path(&self) -> PathBuf {
		match self {
			Self::Device(key) => Path::new("devices").join(key.to_string().replace(':', "-")),
			Self::Topic(name) => Path::new("topics").join(name),
		}
	}
}

/// The folder, which is ours alone as long as this lives.
#[derive(Debug)]
pub struct Store {
	folder: PathBuf,
	// The lock goes when this is closed, however the program ends.
	_lock: File,
}

impl Store {
	/// Makes the folder if it isn't there, and takes it.
	///
	/// # Errors
	/// [`StoreError::File`], [`StoreError::Locked`].
	pub fn open(folder: &Path) -> Result<Self, StoreError> {
		let mut builder = DirBuilder::new();
		builder.recursive(true).mode(0o700);
		for inner in ["devices", "topics"] {
			let path = folder.join(inner);
			builder.create(&path).map_err(|source| StoreError::File { path, source })?;
		}
		let path = folder.join("lock");
		let lock = create(&path).map_err(|source| StoreError::File { path, source })?;
		flock(&lock, FlockOperation::NonBlockingLockExclusive)
			.map_err(|_| StoreError::Locked { path: folder.into() })?;
		Ok(Self { folder: folder.into(), _lock: lock })
	}

	/// What was written last. `None`: nothing yet.
	///
	/// # Errors
	/// [`StoreError::File`], [`StoreError::Damaged`].
	pub fn read(&self, name: &Name) -> Result<Option<String>, StoreError> {
		let path = self.folder.join(name.path());
		let mut text = String::new();
		let read = File::open(&path).and_then(|file| file.take(MAX_FILE).read_to_string(&mut text));
		match read {
			Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
			Err(error) if error.kind() == io::ErrorKind::InvalidData => {
				return Err(StoreError::Damaged { path, reason: "it is not text".into() })
			}
			Err(source) => return Err(StoreError::File { path, source }),
			Ok(_) => {}
		}
		let whole = text.split_once('\n').filter(|(head, body)| *head == head_of(body));
		match whole {
			Some((_, body)) => Ok(Some(body.into())),
			None => Err(StoreError::Damaged {
				path,
				reason: "the hash in its first line is not that of the rest".into(),
			}),
		}
	}

	/// Replaces what was written. When this returns, a power cut doesn't take it back.
	///
	/// # Errors
	/// [`StoreError::File`]. What was there before still is.
	pub fn write(&self, name: &Name, body: &str) -> Result<(), StoreError> {
		let path = self.folder.join(name.path());
		replace(&path, body).map_err(|source| StoreError::File { path, source })
	}

	/// That the content of a file, though whole, can't be right.
	pub fn damaged(&self, name: &Name, reason: String) -> StoreError {
		StoreError::Damaged { path: self.folder.join(name.path()), reason }
	}
}

fn head_of(body: &str) -> String {
	format!("{MAGIC} {:?}", Blake2Hasher::hash(body.as_bytes()))
}

fn replace(path: &Path, body: &str) -> io::Result<()> {
	// A device's name has a dot nowhere, and neither has a topic's: this is nobody else's file.
	let beside = path.with_extension("new");
	let mut file = create(&beside)?;
	file.write_all(head_of(body).as_bytes())?;
	file.write_all(b"\n")?;
	file.write_all(body.as_bytes())?;
	file.sync_all()?;
	fs::rename(&beside, path)?;
	// The move itself is in the folder.
	File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

fn create(path: &Path) -> io::Result<File> {
	OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;
	use std::os::unix::fs::symlink;

	fn topic(name: &str) -> Name {
		Name::Topic(name.into())
	}

	fn opened() -> (tempfile::TempDir, Store) {
		let folder = tempfile::tempdir().unwrap();
		let store = Store::open(folder.path()).unwrap();
		(folder, store)
	}

	#[test]
	fn what_is_written_should_be_read_by_the_next_who_opens() {
		let (folder, store) = opened();
		assert!(store.read(&topic("a")).unwrap().is_none());
		store.write(&topic("a"), "first").unwrap();
		store.write(&topic("a"), "second\nline").unwrap();
		drop(store);
		let store = Store::open(folder.path()).unwrap();
		assert_eq!(store.read(&topic("a")).unwrap().unwrap(), "second\nline");
		assert!(store.read(&topic("b")).unwrap().is_none());
	}

	#[test]
	fn a_folder_should_have_one_user() {
		let (folder, store) = opened();
		let error = Store::open(folder.path()).unwrap_err();
		assert!(matches!(error, StoreError::Locked { .. }), "{error}");
		drop(store);
		assert!(Store::open(folder.path()).is_ok());
	}

	#[test]
	fn others_on_the_machine_should_not_read_it() {
		use std::os::unix::fs::PermissionsExt;
		let (folder, store) = opened();
		store.write(&topic("a"), "1").unwrap();
		let mode =
			|name| fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
		assert_eq!((mode("topics"), mode("topics/a")), (0o700, 0o600));
	}

	#[test]
	fn a_full_disk_should_leave_the_old_file() {
		let (folder, store) = opened();
		store.write(&topic("a"), "old").unwrap();
		symlink("/dev/full", folder.path().join("topics/a.new")).unwrap();
		let error = store.write(&topic("a"), "new").unwrap_err().to_string();
		assert!(error.contains("No space left") && error.contains("store.path"), "{error}");
		assert_eq!(store.read(&topic("a")).unwrap().unwrap(), "old");
	}

	#[test]
	fn a_write_that_was_cut_off_should_not_be_taken_for_one() {
		let (folder, store) = opened();
		store.write(&topic("a"), "old").unwrap();
		fs::write(folder.path().join("topics/a.new"), "rwa-gate").unwrap();
		assert_eq!(store.read(&topic("a")).unwrap().unwrap(), "old");
		store.write(&topic("a"), "new").unwrap();
		assert_eq!(store.read(&topic("a")).unwrap().unwrap(), "new");
	}

	#[test]
	fn names_should_not_collide() {
		let key = |kind: &str| format!("{kind}:0x{:064x}", 1).parse::<DeviceKey>().unwrap();
		let paths = [Name::Device(key("ed25519")), Name::Device(key("sr25519")), topic("ed25519")]
			.map(|name| name.path());
		assert!(paths[0] != paths[1] && paths[1] != paths[2] && paths[0] != paths[2]);
	}

	proptest! {
		#[test]
		fn any_change_of_a_file_should_be_noticed(at in any::<prop::sample::Index>(), bit in 0..8_u32) {
			let (folder, store) = opened();
			store.write(&topic("a"), "{\"t\":1}").unwrap();
			let path = folder.path().join("topics/a");
			let mut bytes = fs::read(&path).unwrap();
			*at.get_mut(&mut bytes) ^= 1_u8 << bit;
			fs::write(&path, &bytes).unwrap();
			let damaged = matches!(store.read(&topic("a")), Err(StoreError::Damaged { .. }));
			prop_assert!(damaged);
		}

		#[test]
		fn a_file_cut_short_should_be_noticed(by in 1..90_usize) {
			let (folder, store) = opened();
			store.write(&topic("a"), "{\"t\":1}").unwrap();
			let path = folder.path().join("topics/a");
			let bytes = fs::read(&path).unwrap();
			let kept = bytes.len().saturating_sub(by);
			fs::write(&path, bytes.get(..kept).unwrap()).unwrap();
			let damaged = matches!(store.read(&topic("a")), Err(StoreError::Damaged { .. }));
			prop_assert!(damaged);
		}
	}
}
