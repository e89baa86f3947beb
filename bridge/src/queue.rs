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
	failure::{Code, Failure},
	job::{Job, Lane, State, Task, TaskError, LAYOUT},
};
use redb::{
	Builder, Database, DatabaseError, ReadableDatabase, ReadableTable, ReadableTableMetadata,
	Table, TableDefinition, WriteTransaction,
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

/// A job that is due later than this from now was written by a clock that was wrong.
const LONGEST_WAIT: Moment = 3_600_000;

/// Most entries of one answer.
pub const PAGE: usize = 1_000;

/// Most files to check anew after one audit.
const RECHECKS: usize = 16;

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
	/// Held, but not pinned any more. They are being got again.
	#[serde(serialize_with = "texts")]
	pub lost: Vec<Cid>,
	/// Pinned by a bridge, but not wanted. They stay until somebody orders them to be unpinned.
	#[serde(serialize_with = "texts")]
	pub orphans: Vec<Cid>,
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

/// All tables within one transaction, and the only place where they are written.
struct Tables<'t> {
	jobs: Table<'t, &'static str, Bytes>,
	results: Table<'t, &'static str, Bytes>,
	due: Table<'t, (u8, u64, &'static str), ()>,
	over: Table<'t, (u64, &'static str), ()>,
	pins: Table<'t, Root, Bytes>,
	meta: Table<'t, &'static str, u64>,
}

impl<'t> Tables<'t> {
	fn open(transaction: &'t WriteTransaction) -> Result<Self, QueueError> {
		Ok(Self {
			jobs: transaction.open_table(JOBS)?,
			results: transaction.open_table(RESULTS)?,
			due: transaction.open_table(DUE)?,
			over: transaction.open_table(OVER)?,
			pins: transaction.open_table(PINS)?,
			meta: transaction.open_table(META)?,
		})
	}

	fn meta(&self, name: &str) -> Result<u64, QueueError> {
		Ok(self.meta.get(name)?.map_or(0, |value| value.value()))
	}

	fn set_meta(&mut self, name: &str, value: u64) -> Result<(), QueueError> {
		self.meta.insert(name, value)?;
		Ok(())
	}

	fn job(&self, id: &str) -> Result<Option<Job>, QueueError> {
		let Some(bytes) = self.jobs.get(id)? else { return Ok(None) };
		Ok(Some(serde_json::from_slice(bytes.value())?))
	}

	fn pin(&self, cid: &Cid) -> Result<Option<Pin>, QueueError> {
		let Some(bytes) = self.pins.get(&cid.to_bytes())? else { return Ok(None) };
		Ok(Some(serde_json::from_slice(bytes.value())?))
	}

	fn set_pin(&mut self, cid: &Cid, pin: &Pin) -> Result<(), QueueError> {
		self.pins.insert(&cid.to_bytes(), serde_json::to_vec(pin)?.as_slice())?;
		Ok(())
	}

	/// Writes a job where its state says (Q1).
	fn put(&mut self, job: &Job) -> Result<(), QueueError> {
		let id = job.task.id();
		self.remove_from_order(&id)?;
		match job.state {
			State::Waiting { due } => {
				self.due.insert((job.task.lane().number(), due, id.as_str()), ())?;
			}
			State::Done { at } | State::Failed { at } => {
				self.over.insert((at, id.as_str()), ())?;
			}
		}
		self.jobs.insert(id.as_str(), serde_json::to_vec(job)?.as_slice())?;
		Ok(())
	}

	fn remove_from_order(&mut self, id: &str) -> Result<(), QueueError> {
		let Some(job) = self.job(id)? else { return Ok(()) };
		match job.state {
			State::Waiting { due } => {
				self.due.remove((job.task.lane().number(), due, id))?;
			}
			State::Done { at } | State::Failed { at } => {
				self.over.remove((at, id))?;
			}
		}
		Ok(())
	}

	fn remove(&mut self, id: &str) -> Result<(), QueueError> {
		self.remove_from_order(id)?;
		self.jobs.remove(id)?;
		self.results.remove(id)?;
		Ok(())
	}

	/// A new job, in place of one that is over.
	fn enqueue(&mut self, task: Task, now: Moment) -> Result<Job, QueueError> {
		let id = task.id();
		match self.job(&id)? {
			Some(job) if !job.is_over() => return Ok(job),
			Some(_) => self.remove(&id)?,
			None => {}
		}
		let number = self.meta("number")?.saturating_add(1);
		self.set_meta("number", number)?;
		let state = State::Waiting { due: now };
		let job =
			Job { task, state, posted_at: now, number, attempts: 0, error: None, result: None };
		self.put(&job)?;
		Ok(job)
	}

	fn post(&mut self, task: Task, now: Moment, limits: &Limits) -> Result<Job, QueueError> {
		let lane = task.lane().number();
		let waiting = self.due.range((lane, 0u64, "")..(lane.saturating_add(1), 0u64, ""))?.count();
		if waiting >= limits.jobs {
			return Err(Refusal::QueueFull.into());
		}
		self.prune(0, limits.jobs)?;
		match task {
			Task::Pin { cid, size } => self.post_pin(cid, size, now, limits),
			Task::Unpin { cid } => {
				self.pins.remove(&cid.to_bytes())?;
				self.withdraw(&cid)?;
				self.enqueue(task, now)
			}
			Task::Check { cid } => {
				self.pin(&cid)?.ok_or(Refusal::UnknownPin)?;
				self.enqueue(task, now)
			}
			Task::Proof { cid, leaf } => {
				let pin = self.pin(&cid)?.ok_or(Refusal::UnknownPin)?;
				let leaves = LAYOUT.leaves(pin.size).get();
				if leaf >= leaves {
					return Err(Refusal::NoSuchLeaf { leaves }.into());
				}
				self.enqueue(task, now)
			}
			Task::Collect => self.enqueue(task, now),
		}
	}

	fn post_pin(
		&mut self,
		cid: Cid,
		size: u64,
		now: Moment,
		limits: &Limits,
	) -> Result<Job, QueueError> {
		let known = self.pin(&cid)?;
		if let Some(Pin { size, .. }) = known.filter(|pin| pin.size != size) {
			return Err(Refusal::OtherSize { size }.into());
		}
		if known.is_none() && self.pins.len()? >= to_u64(limits.pins) {
			return Err(Refusal::TooManyPins.into());
		}
		self.remove(&Task::Unpin { cid }.id())?;
		let pin = known.unwrap_or(Pin { size, since: now, held: None, losses: 0 });
		self.set_pin(&cid, &pin)?;
		let mut job = self.enqueue(Task::Pin { cid, size }, now)?;
		if let Some(at) = pin.held {
			// It was done, and the job forgotten since.
			job.state = State::Done { at };
			self.put(&job)?;
		}
		Ok(job)
	}

	/// Takes back all orders that need the file.
	fn withdraw(&mut self, cid: &Cid) -> Result<(), QueueError> {
		let size = 0;
		self.remove(&Task::Pin { cid: *cid, size }.id())?;
		self.remove(&Task::Check { cid: *cid }.id())?;
		let first = format!("proof-{cid}-");
		let end = format!("proof-{cid}.");
		let range = self.jobs.range(first.as_str()..end.as_str())?;
		let ids = range.map(|entry| entry.map(|(id, _)| id.value().to_string()));
		for id in ids.collect::<Result<Vec<_>, _>>()? {
			self.remove(&id)?;
		}
		Ok(())
	}

	fn finish(
		&mut self,
		ticket: &Ticket,
		outcome: Outcome,
		now: Moment,
	) -> Result<bool, QueueError> {
		let id = ticket.job.task.id();
		let Some(mut job) = self.job(&id)?.filter(|job| job.number == ticket.job.number) else {
			return Ok(false);
		};
		job.attempts = job.attempts.saturating_add(1);
		match outcome {
			Outcome::Done(result) => {
				job.state = State::Done { at: now };
				job.error = None;
				self.put(&job)?;
				self.results.insert(id.as_str(), serde_json::to_vec(&result)?.as_slice())?;
				self.went_well(&job.task, ticket.dropped, now)?;
			}
			Outcome::Again(due, failure) => {
				self.put(&Job {
					state: State::Waiting { due },
					error: Some(failure.clone()),
					..job
				})?;
				self.went_wrong(&job.task, &failure, now)?;
			}
			Outcome::Failed(failure) => {
				self.put(&Job {
					state: State::Failed { at: now },
					error: Some(failure.clone()),
					..job
				})?;
				self.went_wrong(&job.task, &failure, now)?;
			}
		}
		Ok(true)
	}

	fn went_well(&mut self, task: &Task, dropped: u64, now: Moment) -> Result<(), QueueError> {
		match *task {
			Task::Pin { cid, .. } => {
				if let Some(pin) = self.pin(&cid)? {
					self.set_pin(&cid, &Pin { held: Some(now), ..pin })?;
				}
			}
			// That it is whole doesn't say that it is pinned.
			Task::Check { cid } => {
				if let Some(pin) = self.pin(&cid)?.filter(|pin| pin.held.is_some()) {
					self.set_pin(&cid, &Pin { held: Some(now), ..pin })?;
				}
			}
			Task::Unpin { .. } => {
				let dropped = self.meta("dropped")?.saturating_add(1);
				self.set_meta("dropped", dropped)?;
			}
			// What was unpinned while it ran may still be there.
			Task::Collect => self.set_meta("collected", dropped)?,
			Task::Proof { .. } => {}
		}
		Ok(())
	}

	/// A file with a hole in it is got again.
	fn went_wrong(
		&mut self,
		task: &Task,
		failure: &Failure,
		now: Moment,
	) -> Result<(), QueueError> {
		let (Task::Check { cid } | Task::Proof { cid, .. }) = *task else { return Ok(()) };
		if matches!(failure.code, Code::MissingBlock | Code::DamagedBlock) {
			self.lose(&cid, now)?;
		}
		Ok(())
	}

	fn lose(&mut self, cid: &Cid, now: Moment) -> Result<(), QueueError> {
		let Some(pin) = self.pin(cid)?.filter(|pin| pin.held.is_some()) else { return Ok(()) };
		self.set_pin(cid, &Pin { held: None, losses: pin.losses.saturating_add(1), ..pin })?;
		self.enqueue(Task::Pin { cid: *cid, size: pin.size }, now)?;
		Ok(())
	}

	fn audit(
		&mut self,
		pinned: &BTreeSet<Cid>,
		as_of: Moment,
		recheck_before: Moment,
		now: Moment,
	) -> Result<Differences, QueueError> {
		let mut found = Differences::default();
		let mut old = Vec::new();
		let mut wanted = BTreeSet::new();
		for entry in self.pins.iter()? {
			let (key, bytes) = entry?;
			let cid = root(key.value())?;
			let pin: Pin = serde_json::from_slice(bytes.value())?;
			wanted.insert(cid);
			match pin.held {
				None => found.missing = found.missing.saturating_add(1),
				// What was got after the list had been made isn't on it.
				Some(held) if held < as_of && !pinned.contains(&cid) => found.lost.push(cid),
				Some(held) => {
					found.held = found.held.saturating_add(1);
					if held < recheck_before && old.len() < RECHECKS {
						old.push(cid);
					}
				}
			}
		}
		for cid in &found.lost {
			self.lose(cid, now)?;
		}
		for cid in old {
			self.enqueue(Task::Check { cid }, now)?;
		}
		for cid in pinned.difference(&wanted) {
			let leaving = self.job(&Task::Unpin { cid: *cid }.id())?;
			if leaving.is_none_or(|job| job.is_over()) {
				found.orphans.push(*cid);
			}
		}
		Ok(found)
	}

	/// Forgets jobs that were over before `before`, and the oldest beyond so many.
	fn prune(&mut self, before: Moment, keep: usize) -> Result<(), QueueError> {
		loop {
			let too_many = self.over.len()? > to_u64(keep);
			let Some((at, id)) = self.over.first()?.map(|(key, _)| {
				let (at, id) = key.value();
				(at, id.to_string())
			}) else {
				return Ok(());
			};
			if at >= before && !too_many {
				return Ok(());
			}
			// A pin that failed stays known as long as it is wanted (Q2), as what is over last.
			let needed = self.job(&id)?.filter(|job| matches!(job.task, Task::Pin { .. }));
			let wanted = match &needed {
				Some(job) => job.task.cid().map(|cid| self.pin(&cid)).transpose()?.flatten(),
				None => None,
			};
			match needed.zip(wanted) {
				Some((job, Pin { held: None, .. })) if !too_many => {
					self.put(&Job { state: State::Failed { at: before }, ..job })?;
				}
				Some((job, Pin { held: None, .. })) => {
					// No room for it: try it once more instead.
					self.put(&Job { state: State::Waiting { due: at }, ..job })?;
				}
				_ => self.remove(&id)?,
			}
		}
	}

	/// Brings near what a wrong clock put far away.
	fn mend_clock(&mut self, now: Moment) -> Result<(), QueueError> {
		let latest = now.saturating_add(LONGEST_WAIT);
		let mut late = Vec::new();
		for entry in self.due.iter()? {
			let (key, _) = entry?;
			let (_, due, id) = key.value();
			if due > latest {
				late.push(id.to_string());
			}
		}
		for id in late {
			let job = self.job(&id)?.ok_or_else(|| missing(&id))?;
			self.put(&Job { state: State::Waiting { due: now }, ..job })?;
		}
		Ok(())
	}

	fn verify(&self) -> Result<(), QueueError> {
		let broken = |rule: &str, id: &str| Err(QueueError::Damaged(format!("{rule}: {id}")));
		let mut numbers = BTreeSet::new();
		for entry in self.jobs.iter()? {
			let (id, bytes) = entry?;
			let (id, job) = (id.value(), serde_json::from_slice::<Job>(bytes.value())?);
			let placed = match job.state {
				State::Waiting { due } => {
					self.due.get((job.task.lane().number(), due, id))?.is_some()
				}
				State::Done { at } | State::Failed { at } => self.over.get((at, id))?.is_some(),
			};
			if !placed || job.task.id() != id {
				return broken("Q1", id);
			}
			if !numbers.insert(job.number) || job.number > self.meta("number")? {
				return broken("Q5", id);
			}
			if let Task::Unpin { cid } = job.task {
				if self.job(&Task::Pin { cid, size: 0 }.id())?.is_some() {
					return broken("Q3", id);
				}
				if self.pin(&cid)?.is_some() {
					return broken("Q4", id);
				}
			}
		}
		if self.due.len()?.saturating_add(self.over.len()?) != self.jobs.len()? {
			return broken("Q1", "counts");
		}
		for entry in self.pins.iter()? {
			let (key, bytes) = entry?;
			let cid = root(key.value())?;
			let pin: Pin = serde_json::from_slice(bytes.value())?;
			let id = Task::Pin { cid, size: pin.size }.id();
			let job = self.job(&id)?;
			let at_work = job.is_some_and(|job| !matches!(job.state, State::Done { .. }));
			if pin.held.is_none() && !at_work {
				return broken("Q2", &id);
			}
		}
		Ok(())
	}
}

fn to_u64(number: usize) -> u64 {
	u64::try_from(number).unwrap_or(u64::MAX)
}
