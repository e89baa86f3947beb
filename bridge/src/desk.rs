//! Where workers and callers meet: the queue, what is being done, and how things are.

use crate::{
	failure::Failure,
	job::{Job, Lane, Task},
	queue::{Counts, Differences, Queue, QueueError, Ticket},
	storage::Space,
};
use rwa_primitives::{ipfs::Cid, Moment};
use std::{
	collections::BTreeMap,
	sync::{Arc, Mutex, MutexGuard, PoisonError},
	time::{Duration, Instant},
};
use tokio::sync::Notify;

/// For how long a count of pins is good enough for those without the token.
const COUNTS_LAST: Duration = Duration::from_secs(5);

/// How things are.
#[derive(Clone, Debug, Default)]
pub struct Health {
	/// Why Kubo or Cluster can't be used, as of the last look. `None` before the first look, too: see `looked_at`.
	pub storage: Option<Failure>,
	/// When that look was, in milliseconds since 1970.
	pub looked_at: Option<Moment>,
	/// How full its disk was.
	pub space: Option<Space>,
	/// Why the queue couldn't be read or written the last time.
	pub store: Option<String>,
	/// What the last audit found, and when it began.
	pub audit: Option<(Moment, Differences)>,
}

/// An attempt that is under way.
#[derive(Debug)]
struct Running {
	cid: Option<Cid>,
	lane: Lane,
	withdrawn: Arc<Notify>,
}

/// Shared by all parts of the program.
#[derive(Debug)]
pub struct Desk {
	/// On disk.
	pub queue: Queue,
	health: Mutex<Health>,
	/// What was counted for those without the token, and when.
	counted: Mutex<Option<(Instant, Counts)>>,
	running: Mutex<BTreeMap<String, Running>>,
	wakes: BTreeMap<Lane, Notify>,
	/// That an audit is wanted now.
	pub audit: Notify,
}

/// While this lives, its job isn't given to another.
#[derive(Debug)]
pub struct Run {
	/// The job.
	pub ticket: Ticket,
	/// Told when the order is taken back.
	pub withdrawn: Arc<Notify>,
	id: String,
	desk: Arc<Desk>,
}

impl Drop for Run {
	fn drop(&mut self) {
		lock(&self.desk.running).remove(&self.id);
		// What waited for this file may be in any lane.
		self.desk.wake_all();
	}
}

impl Desk {
	/// With nothing under way.
	pub fn new(queue: Queue) -> Self {
		Self {
			queue,
			health: Mutex::default(),
			counted: Mutex::default(),
			running: Mutex::default(),
			wakes: Lane::ALL.into_iter().map(|lane| (lane, Notify::new())).collect(),
			audit: Notify::new(),
		}
	}

	/// Takes an order, and lets workers know.
	///
	/// # Errors
	/// As [`Queue::post`].
	pub fn post(&self, task: Task, now: Moment) -> Result<Job, QueueError> {
		let job = self.queue.post(task, now)?;
		if let Task::Unpin { cid } = task {
			for running in lock(&self.running).values() {
				if running.cid == Some(cid) && running.lane != Lane::Drop {
					running.withdrawn.notify_one();
				}
			}
		}
		self.wake(task.lane());
		Ok(job)
	}

	/// The next job of a lane, which is the caller's as long as the answer lives.
	///
	/// # Errors
	/// What the disk has against it.
	pub fn begin(self: &Arc<Self>, lane: Lane, now: Moment) -> Result<Option<Run>, QueueError> {
		let mut running = lock(&self.running);
		let busy = |task: &Task| {
			let id = task.id();
			running.contains_key(&id)
				|| (lane != Lane::Proof
					&& running.values().any(|run| {
						run.lane != Lane::Proof && run.cid.is_some() && run.cid == task.cid()
					}))
		};
		let Some(ticket) = self.queue.next(lane, now, busy)? else { return Ok(None) };
		let id = ticket.job.task.id();
		let withdrawn = Arc::new(Notify::new());
		let cid = ticket.job.task.cid();
		running.insert(id.clone(), Running { cid, lane, withdrawn: withdrawn.clone() });
		Ok(Some(Run { ticket, withdrawn, id, desk: self.clone() }))
	}

	/// How long nothing of a lane can begin, unless somebody wakes it: at most a minute.
	///
	/// # Errors
	/// What the disk has against it.
	pub fn pause(&self, lane: Lane, now: Moment) -> Result<Duration, QueueError> {
		let due = self.queue.first_due(lane)?;
		let until = due.map_or(60_000, |due| due.saturating_sub(now));
		// What is due and didn't begin waits for another attempt to end, which wakes.
		let until = if until == 0 { 1_000 } else { until };
		Ok(Duration::from_millis(until.min(60_000)))
	}

	/// Waits for something new in a lane.
	pub async fn woken(&self, lane: Lane) {
		match self.wakes.get(&lane) {
			Some(wake) => wake.notified().await,
			None => std::future::pending().await,
		}
	}

	/// That there may be something new in a lane.
	pub fn wake(&self, lane: Lane) {
		if let Some(wake) = self.wakes.get(&lane) {
			wake.notify_one();
		}
	}

	/// That there may be something new in every lane.
	pub fn wake_all(&self) {
		self.wakes.values().for_each(Notify::notify_one);
	}

	/// How many attempts are under way.
	pub fn at_work(&self) -> usize {
		lock(&self.running).len()
	}

	/// Whether an attempt at this job is under way.
	pub fn is_running(&self, id: &str) -> bool {
		lock(&self.running).contains_key(id)
	}

	/// How things are, and how much there is: now, or some seconds ago. To count goes through all pins,
	/// which not everybody may have done as often as he likes.
	///
	/// # Errors
	/// What the disk has against it.
	pub fn health(&self, now: bool) -> (Health, Result<Counts, QueueError>) {
		let health = lock(&self.health).clone();
		let mut counted = lock(&self.counted);
		let known = counted.filter(|(at, _)| !now && at.elapsed() < COUNTS_LAST);
		let counts = match known {
			Some((_, counts)) => Ok(counts),
			None => self.queue.counts(),
		};
		if let (Ok(counts), None) = (&counts, known) {
			*counted = Some((Instant::now(), *counts));
		}
		(health, counts)
	}

	/// What the last audit found, and when it was made.
	pub fn audited(&self) -> Option<(Moment, Differences)> {
		lock(&self.health).audit.clone()
	}

	/// Notes how things are.
	pub fn note(&self, change: impl FnOnce(&mut Health)) {
		change(&mut lock(&self.health));
	}
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
	mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
