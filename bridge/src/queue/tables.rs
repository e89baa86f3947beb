//! The queue's tables: every change of them is here.

use super::{
	missing, root, Bytes, Differences, Job, Limits, Outcome, Pin, QueueError, Refusal, Root,
	Ticket, DUE, JOBS, META, OVER, PAGE, PINS, RESULTS,
};
use crate::{
	failure::{Code, Failure},
	job::{State, Task, LAYOUT},
};
use redb::{ReadableTable, ReadableTableMetadata, Table, WriteTransaction};
use rwa_primitives::{ipfs::Cid, Moment};
use std::collections::BTreeSet;

/// A job that is due later than this from now was written by a clock that was wrong.
const LONGEST_WAIT: Moment = 3_600_000;

/// Most files to check anew after one audit.
const RECHECKS: usize = 16;

/// All tables within one transaction, and the only place where they are written.
pub(super) struct Tables<'t> {
	jobs: Table<'t, &'static str, Bytes>,
	results: Table<'t, &'static str, Bytes>,
	due: Table<'t, (u8, u64, &'static str), ()>,
	over: Table<'t, (u64, &'static str), ()>,
	pins: Table<'t, Root, Bytes>,
	meta: Table<'t, &'static str, u64>,
}

impl<'t> Tables<'t> {
	pub(super) fn open(transaction: &'t WriteTransaction) -> Result<Self, QueueError> {
		Ok(Self {
			jobs: transaction.open_table(JOBS)?,
			results: transaction.open_table(RESULTS)?,
			due: transaction.open_table(DUE)?,
			over: transaction.open_table(OVER)?,
			pins: transaction.open_table(PINS)?,
			meta: transaction.open_table(META)?,
		})
	}

	pub(super) fn meta(&self, name: &str) -> Result<u64, QueueError> {
		Ok(self.meta.get(name)?.map_or(0, |value| value.value()))
	}

	pub(super) fn set_meta(&mut self, name: &str, value: u64) -> Result<(), QueueError> {
		self.meta.insert(name, value)?;
		Ok(())
	}

	pub(super) fn job(&self, id: &str) -> Result<Option<Job>, QueueError> {
		let Some(bytes) = self.jobs.get(id)? else { return Ok(None) };
		Ok(Some(serde_json::from_slice(bytes.value())?))
	}

	pub(super) fn pin(&self, cid: &Cid) -> Result<Option<Pin>, QueueError> {
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

	pub(super) fn remove(&mut self, id: &str) -> Result<(), QueueError> {
		self.remove_from_order(id)?;
		self.jobs.remove(id)?;
		self.results.remove(id)?;
		Ok(())
	}

	/// A new job, in place of one that is over.
	pub(super) fn enqueue(&mut self, task: Task, now: Moment) -> Result<Job, QueueError> {
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

	pub(super) fn post(
		&mut self,
		task: Task,
		now: Moment,
		limits: &Limits,
	) -> Result<Job, QueueError> {
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

	pub(super) fn finish(
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

	pub(super) fn audit(
		&mut self,
		pinned: &BTreeSet<Cid>,
		as_of: Moment,
		recheck_before: Moment,
		now: Moment,
	) -> Result<Differences, QueueError> {
		let mut found = Differences::default();
		let mut lost = Vec::new();
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
				Some(held) if held < as_of && !pinned.contains(&cid) => lost.push(cid),
				Some(held) => {
					found.held = found.held.saturating_add(1);
					if held < recheck_before && old.len() < RECHECKS {
						old.push(cid);
					}
				}
			}
		}
		for cid in &lost {
			self.lose(cid, now)?;
		}
		found.lost_in_all = to_u64(lost.len());
		lost.truncate(PAGE);
		found.lost = lost;
		for cid in old {
			self.enqueue(Task::Check { cid }, now)?;
		}
		for cid in pinned.difference(&wanted) {
			let id = Task::Unpin { cid: *cid }.id();
			match self.job(&id)? {
				Some(leaving) if !leaving.is_over() => continue,
				// It came back since. That it was unpinned once must not be the answer to the next order.
				Some(_) => self.remove(&id)?,
				None => {}
			}
			found.orphans_in_all = found.orphans_in_all.saturating_add(1);
			if found.orphans.len() < PAGE {
				found.orphans.push(*cid);
			}
		}
		Ok(found)
	}

	/// Forgets jobs that were over before `before`, and the oldest beyond so many.
	pub(super) fn prune(&mut self, before: Moment, keep: usize) -> Result<(), QueueError> {
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
	pub(super) fn mend_clock(&mut self, now: Moment) -> Result<(), QueueError> {
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

	pub(super) fn verify(&self) -> Result<(), QueueError> {
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
