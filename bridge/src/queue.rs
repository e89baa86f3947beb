//! Jobs and pins, on disk.
//!
//! One file of redb. Every change is one transaction that is flushed before anybody is told of it: after a
//! crash, whenever it comes, either all of it is there or nothing. Nothing about it is kept in memory.
//!
//! Two things are kept: *pins*, the files that somebody ordered to be kept, and *jobs*, what was ordered.
//! They obey:
//!
//! - **Q1** a job that waits is in `due` exactly once, with its lane and time; a job that is over is in `over`
//!   exactly once, with its time.
//! - **Q2** a pin that isn't held has a job `pin-…`, waiting or failed.
//! - **Q3** no file has a job to pin it and one to unpin it.
//! - **Q4** a file with a job to unpin it isn't among the pins.
//! - **Q5** no number is given to two orders.
//!
//! [`Queue::verify`] checks them.

use crate::{
	failure::Failure,
	job::{Job, Lane, Task, TaskError},
};
use redb::{
	Builder, Database, DatabaseError, ReadableDatabase, ReadableTable, ReadableTableMetadata,
	TableDefinition,
};
use rwa_primitives::{ipfs::Cid, Moment};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
	collections::BTreeSet,
	fmt,
	fs::{self, File},
	io,
	path::Path,
	sync::{Mutex, PoisonError},
};

mod tables;

use tables::Tables;

type Bytes = &'static [u8];
type Root = &'static [u8; 36];

const JOBS: TableDefinition<&str, Bytes> = TableDefinition::new("jobs");
const RESULTS: TableDefinition<&str, Bytes> = TableDefinition::new("results");
const DUE: TableDefinition<(u8, u64, &str), ()> = TableDefinition::new("due");
const OVER: TableDefinition<(u64, &str), ()> = TableDefinition::new("over");
const PINS: TableDefinition<Root, Bytes> = TableDefinition::new("pins");
const META: TableDefinition<&str, u64> = TableDefinition::new("meta");

/// The form of all this. A newer program that needs another one converts it.
const FORM: u64 = 1;

/// Bytes of the file that are kept in memory.
const CACHE: usize = 16 << 20;

/// Most entries of one answer.
pub const PAGE: usize = 1_000;

/// Bounds of what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
	/// Most jobs that wait in one lane, and most that are over.
	pub jobs: usize,
	/// Most pins.
	pub pins: usize,
}

/// A file that is to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
	/// Its bytes.
	pub size: u64,
	/// Since when it is wanted, in milliseconds since 1970.
	pub since: Moment,
	/// When it was seen to be whole. `None`: not yet, or not any more.
	pub held: Option<Moment>,
	/// How often it had to be got again.
	pub losses: u32,
}

/// An attempt that may begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
	/// The job.
	pub job: Job,
	/// How many files were unpinned before it began.
	dropped: u64,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
	/// Well.
	Done(Value),
	/// Not yet; again at this time.
	Again(Moment, Failure),
	/// For good.
	Failed(Failure),
}

/// Why an order isn't taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
	/// It can't be right.
	#[error(transparent)]
	Task(#[from] TaskError),
	/// The same file was ordered with another size.
	#[error("this file is wanted with {size} bytes already; unpin it first if that was wrong")]
	OtherSize {
		/// The size that it was ordered with.
		size: u64,
	},
	/// Nobody ordered the file to be kept.
	#[error("this file isn't wanted here; order it to be pinned first")]
	UnknownPin,
	/// The file is shorter.
	#[error("the file has {leaves} leaves, counted from zero")]
	NoSuchLeaf {
		/// How many it has.
		leaves: u64,
	},
	/// Too much waits.
	#[error("the queue is full; order again later")]
	QueueFull,
	/// Too much is kept.
	#[error("as many files are kept as the settings allow: `store.max_pins`")]
	TooManyPins,
	/// There is no such job.
	#[error("there is no such job")]
	UnknownJob,
	/// It isn't over yet.
	#[error("the job isn't over yet")]
	Unfinished,
}

/// Why the queue can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
	/// The order isn't taken.
	#[error(transparent)]
	Refused(#[from] Refusal),
	/// Another process has it open.
	#[error("another bridge uses this folder; give each its own `store.path`")]
	Locked,
	/// The file can't be read or written.
	#[error("{0}. Is there space, and may this user write there? See `store.path`.")]
	Store(Box<redb::Error>),
	/// What is in it wasn't written by this program.
	#[error("damaged: {0}. Move the file away: the worker orders again what it needs.")]
	Damaged(String),
}

macro_rules! from_redb {
	($($error:ty),*) => {
		$(impl From<$error> for QueueError {
			fn from(error: $error) -> Self {
				Self::Store(Box::new(error.into()))
			}
		})*
	};
}
from_redb!(redb::StorageError, redb::TableError, redb::TransactionError, redb::CommitError);

impl From<DatabaseError> for QueueError {
	fn from(error: DatabaseError) -> Self {
		match error {
			DatabaseError::DatabaseAlreadyOpen => Self::Locked,
			error => Self::Store(Box::new(error.into())),
		}
	}
}

impl From<serde_json::Error> for QueueError {
	fn from(error: serde_json::Error) -> Self {
		Self::Damaged(error.to_string())
	}
}

/// Makes the file, if there is none: as a whole or not at all, because redb takes one that it could not finish
/// for foreign.
fn make(path: &Path) -> Result<(), QueueError> {
	if path.exists() {
		return Ok(());
	}
	let unfinished = path.with_extension("new");
	let io_error = |error: io::Error| QueueError::Store(Box::new(redb::Error::Io(error)));
	match fs::remove_file(&unfinished) {
		Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io_error(error)),
		_ => {}
	}
	drop(Builder::new().create(&unfinished)?);
	fs::rename(&unfinished, path).map_err(io_error)?;
	// Its name has to be on disk as well, before anything in it counts.
	let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
	let synced = File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all());
	synced.map_err(io_error)
}

type Opener = Box<dyn Fn() -> Result<Database, DatabaseError> + Send + Sync>;

/// Jobs and pins. All calls take milliseconds, and block.
pub struct Queue {
	// `None` after an error: redb then wants to be opened anew.
	database: Mutex<Option<Database>>,
	opener: Opener,
	limits: Limits,
}

impl fmt::Debug for Queue {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Queue").field("limits", &self.limits).finish_non_exhaustive()
	}
}

/// What an audit found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Differences {
	/// Held, but not pinned any more, at most [`PAGE`] of them. They are being got again.
	#[serde(serialize_with = "texts")]
	pub lost: Vec<Cid>,
	/// How many these are in all.
	pub lost_in_all: u64,
	/// Pinned by a bridge, but not wanted, at most [`PAGE`] of them. They stay until somebody orders them to be
	/// unpinned.
	#[serde(serialize_with = "texts")]
	pub orphans: Vec<Cid>,
	/// How many these are in all.
	pub orphans_in_all: u64,
	/// How many are wanted and not held yet.
	pub missing: u64,
	/// How many are held and pinned.
	pub held: u64,
}

/// What a list of what should be kept and the pins differ in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Comparison {
	/// Listed, but not wanted here: order it to be pinned.
	#[serde(serialize_with = "texts")]
	pub missing: Vec<Cid>,
	/// Wanted here, but not listed: order it to be unpinned.
	#[serde(serialize_with = "texts")]
	pub stray: Vec<Cid>,
	/// Listed with another size than it is wanted with here.
	#[serde(serialize_with = "texts")]
	pub other_size: Vec<Cid>,
}

fn texts<S: serde::Serializer>(cids: &[Cid], serializer: S) -> Result<S::Ok, S::Error> {
	serializer.collect_seq(cids.iter().map(Cid::to_string))
}

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
	/// Jobs that wait.
	pub waiting: u64,
	/// Jobs that are over and still known.
	pub over: u64,
	/// Files that are wanted.
	pub pins: u64,
	/// Of these, seen to be whole.
	pub held: u64,
	/// Bytes of all that are wanted.
	pub bytes: u64,
}

impl Queue {
	/// Opens the file, or makes it.
	///
	/// # Errors
	/// [`QueueError::Locked`], [`QueueError::Store`], [`QueueError::Damaged`].
	pub fn open(path: &Path, limits: Limits, now: Moment) -> Result<Self, QueueError> {
		make(path)?;
		let path = path.to_path_buf();
		let opener = move || Builder::new().set_cache_size(CACHE).create(&path);
		Self::with(Box::new(opener), limits, now)
	}

	/// On whatever `opener` opens: now, and after each failure.
	///
	/// # Errors
	/// As [`Queue::open`].
	pub fn with(opener: Opener, limits: Limits, now: Moment) -> Result<Self, QueueError> {
		let queue = Self { database: Mutex::new(None), opener, limits };
		queue.write(|tables| {
			match tables.meta("form")? {
				0 => tables.set_meta("form", FORM)?,
				FORM => {}
				other => return Err(QueueError::Damaged(format!("it has the form {other}"))),
			}
			tables.mend_clock(now)
		})?;
		Ok(queue)
	}

	fn on_database<T>(
		&self,
		f: impl FnOnce(&Database) -> Result<T, QueueError>,
	) -> Result<T, QueueError> {
		let mut slot = self.database.lock().unwrap_or_else(PoisonError::into_inner);
		let database = match slot.take() {
			Some(database) => database,
			None => (self.opener)()?,
		};
		let done = f(&database);
		// Whatever the disk had against it, it is tried from the start next time.
		if !matches!(done, Err(QueueError::Store(_))) {
			*slot = Some(database);
		}
		done
	}

	/// Changes all or nothing.
	fn write<T>(
		&self,
		f: impl FnOnce(&mut Tables) -> Result<T, QueueError>,
	) -> Result<T, QueueError> {
		self.on_database(|database| {
			let transaction = database.begin_write()?;
			let value = f(&mut Tables::open(&transaction)?)?;
			transaction.commit()?;
			Ok(value)
		})
	}

	/// Takes an order. If it was given before, whatever became of it, that job is the answer: a job that is
	/// over starts again only after [`Queue::forget`].
	///
	/// # Errors
	/// [`QueueError::Refused`] and what the disk has against it.
	pub fn post(&self, task: Task, now: Moment) -> Result<Job, QueueError> {
		task.check().map_err(Refusal::from)?;
		let known = self.get(&task.id())?.filter(|job| job.task == task);
		if let Some(job) = known {
			return Ok(job);
		}
		let limits = self.limits;
		self.write(|tables| tables.post(task, now, &limits))
	}

	/// A job, with its result.
	///
	/// # Errors
	/// What the disk has against it.
	pub fn get(&self, id: &str) -> Result<Option<Job>, QueueError> {
		self.on_database(|database| {
			let transaction = database.begin_read()?;
			let Some(bytes) = transaction.open_table(JOBS)?.get(id)? else { return Ok(None) };
			let mut job: Job = serde_json::from_slice(bytes.value())?;
			if let Some(result) = transaction.open_table(RESULTS)?.get(id)? {
				job.result = Some(serde_json::from_slice(result.value())?);
			}
			Ok(Some(job))
		})
	}

	/// Jobs without their results, in the order of their ids, from the first behind `after` on; at most
	/// [`PAGE`].
	///
	/// # Errors
	/// What the disk has against it.
	pub fn jobs(&self, after: &str) -> Result<Vec<Job>, QueueError> {
		self.on_database(|database| {
			let table = database.begin_read()?.open_table(JOBS)?;
			let mut jobs = Vec::new();
			for entry in table.range(after..)? {
				let (id, bytes) = entry?;
				if id.value() != after {
					jobs.push(serde_json::from_slice(bytes.value())?);
				}
				if jobs.len() == PAGE {
					break;
				}
			}
			Ok(jobs)
		})
	}

	/// Forgets a job that is over, so that the same order starts anew. That of a file which is wanted and not
	/// held starts anew at once.
	///
	/// # Errors
	/// [`Refusal::UnknownJob`], [`Refusal::Unfinished`], and what the disk has against it.
	pub fn forget(&self, id: &str, now: Moment) -> Result<(), QueueError> {
		self.write(|tables| {
			let job = tables.job(id)?.ok_or(Refusal::UnknownJob)?;
			if !job.is_over() {
				return Err(Refusal::Unfinished.into());
			}
			tables.remove(id)?;
			let Task::Pin { cid, .. } = job.task else { return Ok(()) };
			if tables.pin(&cid)?.is_some_and(|pin| pin.held.is_none()) {
				tables.enqueue(job.task, now)?;
			}
			Ok(())
		})
	}

	/// The next job of a lane whose time has come, other than of files that are `busy`.
	///
	/// # Errors
	/// What the disk has against it.
	pub fn next(
		&self,
		lane: Lane,
		now: Moment,
		busy: impl Fn(&Task) -> bool,
	) -> Result<Option<Ticket>, QueueError> {
		self.on_database(|database| {
			let transaction = database.begin_read()?;
			let jobs = transaction.open_table(JOBS)?;
			let due = transaction.open_table(DUE)?;
			let lane = lane.number();
			let until = now.saturating_add(1);
			for entry in due.range((lane, 0u64, "")..(lane, until, ""))? {
				let (key, _) = entry?;
				let (_, _, id) = key.value();
				let bytes = jobs.get(id)?.ok_or_else(|| missing(id))?;
				let job: Job = serde_json::from_slice(bytes.value())?;
				if !busy(&job.task) {
					let dropped = transaction.open_table(META)?.get("dropped")?;
					let dropped = dropped.map_or(0, |number| number.value());
					return Ok(Some(Ticket { job, dropped }));
				}
			}
			Ok(None)
		})
	}

	/// When the first job of a lane is due.
	///
	/// # Errors
	/// What the disk has against it.
	pub fn first_due(&self, lane: Lane) -> Result<Option<Moment>, QueueError> {
		self.on_database(|database| {
			let due = database.begin_read()?.open_table(DUE)?;
			let lane = lane.number();
			let first = due.range((lane, 0u64, "")..(lane.saturating_add(1), 0u64, ""))?.next();
			Ok(first.transpose()?.map(|(key, _)| key.value().1))
		})
	}

	/// Notes how an attempt ended, and what follows from it.
	///
	/// `false`: the order was withdrawn meanwhile, and nothing was noted.
	///
	/// # Errors
	/// What the disk has against it.
	pub fn finish(
		&self,
		ticket: &Ticket,
		outcome: Outcome,
		now: Moment,
	) -> Result<bool, QueueError> {
		self.write(|tables| tables.finish(ticket, outcome, now))
	}

	/// A pin.
	///
	/// # Errors
	/// What the disk has against it.
	pub fn pin(&self, cid: &Cid) -> Result<Option<Pin>, QueueError> {
		self.on_database(|database| {
			let pins = database.begin_read()?.open_table(PINS)?;
			let Some(bytes) = pins.get(&cid.to_bytes())? else { return Ok(None) };
			Ok(Some(serde_json::from_slice(bytes.value())?))
		})
	}

	/// Pins in the order of their CIDs' bytes, from the first behind `after` on; at most [`PAGE`].
	///
	/// # Errors
	/// What the disk has against it.
	pub fn pins(&self, after: Option<&Cid>) -> Result<Vec<(Cid, Pin)>, QueueError> {
		self.on_database(|database| {
			let table = database.begin_read()?.open_table(PINS)?;
			let start = after.map_or([0; 36], Cid::to_bytes);
			let mut pins = Vec::new();
			for entry in table.range::<&[u8; 36]>(&start..)? {
				let (key, bytes) = entry?;
				let cid = root(key.value())?;
				if Some(&cid) != after {
					pins.push((cid, serde_json::from_slice(bytes.value())?));
				}
				if pins.len() == PAGE {
					break;
				}
			}
			Ok(pins)
		})
	}

	/// How much there is.
	///
	/// # Errors
	/// What the disk has against it.
	pub fn counts(&self) -> Result<Counts, QueueError> {
		self.on_database(|database| {
			let transaction = database.begin_read()?;
			let mut counts = Counts {
				waiting: transaction.open_table(DUE)?.len()?,
				over: transaction.open_table(OVER)?.len()?,
				..Counts::default()
			};
			for entry in transaction.open_table(PINS)?.iter()? {
				let pin: Pin = serde_json::from_slice(entry?.1.value())?;
				counts.pins = counts.pins.saturating_add(1);
				counts.held = counts.held.saturating_add(u64::from(pin.held.is_some()));
				counts.bytes = counts.bytes.saturating_add(pin.size);
			}
			Ok(counts)
		})
	}

	/// What `wanted`, a list of what should be kept, and the pins differ in, from `after` on, up to `until`.
	///
	/// # Errors
	/// What the disk has against it.
	pub fn compare(
		&self,
		wanted: &[(Cid, u64)],
		after: Option<&Cid>,
		until: Option<&Cid>,
	) -> Result<Comparison, QueueError> {
		let within = |cid: &Cid| {
			let bytes = cid.to_bytes();
			after.is_none_or(|after| bytes > after.to_bytes())
				&& until.is_none_or(|until| bytes <= until.to_bytes())
		};
		self.on_database(|database| {
			let table = database.begin_read()?.open_table(PINS)?;
			let mut comparison = Comparison::default();
			let mut listed = BTreeSet::new();
			for (cid, size) in wanted.iter().filter(|(cid, _)| within(cid)) {
				listed.insert(*cid);
				match table.get(&cid.to_bytes())? {
					None => comparison.missing.push(*cid),
					Some(bytes) => {
						let pin: Pin = serde_json::from_slice(bytes.value())?;
						if pin.size != *size {
							comparison.other_size.push(*cid);
						}
					}
				}
			}
			for entry in table.iter()? {
				let cid = root(entry?.0.value())?;
				if within(&cid) && !listed.contains(&cid) && comparison.stray.len() < PAGE {
					comparison.stray.push(cid);
				}
			}
			Ok(comparison)
		})
	}

	/// Compares pins with what is pinned in truth, as of `as_of`, and orders what is lost to be got again, and
	/// some of what was last seen whole before `recheck_before` to be checked.
	///
	/// # Errors
	/// What the disk has against it.
	pub fn audit(
		&self,
		pinned: &BTreeSet<Cid>,
		as_of: Moment,
		recheck_before: Moment,
		now: Moment,
	) -> Result<Differences, QueueError> {
		self.write(|tables| tables.audit(pinned, as_of, recheck_before, now))
	}

	/// Orders a collection if something was unpinned since the last one.
	///
	/// # Errors
	/// What the disk has against it.
	pub fn collect_if_needed(&self, now: Moment) -> Result<bool, QueueError> {
		self.write(|tables| {
			let needed = tables.meta("dropped")? > tables.meta("collected")?;
			if needed {
				tables.enqueue(Task::Collect, now)?;
			}
			Ok(needed)
		})
	}

	/// Forgets jobs that were over before `before`.
	///
	/// # Errors
	/// What the disk has against it.
	pub fn prune(&self, before: Moment) -> Result<(), QueueError> {
		self.write(|tables| tables.prune(before, usize::MAX))
	}

	/// Q1 to Q5, on what is on disk now.
	///
	/// # Errors
	/// [`QueueError::Damaged`] names the first that doesn't hold.
	pub fn verify(&self) -> Result<(), QueueError> {
		self.write(|tables| tables.verify())
	}
}

fn missing(id: &str) -> QueueError {
	QueueError::Damaged(format!("the job {id} is due, but not there"))
}

fn root(bytes: &[u8; 36]) -> Result<Cid, QueueError> {
	Cid::from_bytes(bytes).map_err(|error| QueueError::Damaged(error.to_string()))
}
