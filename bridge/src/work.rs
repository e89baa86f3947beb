//! Workers: from jobs to what they ask for.
//!
//! Each lane has workers of its own. An attempt asks storage for what the job wants, and notes how that ended;
//! what it did before it was interrupted is done again by the next one and does no harm.

use crate::{
	check::{bound, proof, root, whole, Read},
	desk::{Desk, Run},
	failure::{Code, Failure},
	job::{Job, Lane, Task},
	now,
	queue::{Outcome, QueueError},
	retry, stopped,
	storage::{Space, Storage},
};
use hyper::body::Bytes;
use log::{info, warn};
use rwa_primitives::{ipfs::Cid, Moment};
use serde_json::{json, Value};
use std::{
	fmt::Write,
	sync::{
		atomic::{AtomicU64, Ordering},
		Arc, Mutex, PoisonError,
	},
	time::{Duration, Instant},
};
use tokio::{
	sync::watch,
	task::{block_in_place, JoinSet},
	time::sleep,
};

/// How often to look whether storage is there.
const PULSE: Duration = Duration::from_secs(15);

/// How long a look is good for.
const FRESH: Duration = Duration::from_secs(30);

/// After the queue couldn't be read or written.
const STORE_PAUSE: Duration = Duration::from_secs(5);

/// Between two collections because of a full disk: each goes through all of it.
const COLLECT_PAUSE: Duration = Duration::from_secs(600);

/// After which a proof is of no use any more: deadlines on chain are far shorter.
const PROOF_LIFE: Duration = Duration::from_secs(3_600);

/// How much is done at a time, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
	/// Proofs at a time.
	pub proofs: usize,
	/// Pins at a time.
	pub pins: usize,
	/// In which something of a file must come.
	pub find: Duration,
	/// After which an order has failed for good.
	pub give_up: Duration,
	/// Between two audits.
	pub audit: Duration,
	/// Between two collections of what was unpinned.
	pub collect: Duration,
	/// After which a file is checked again.
	pub recheck: Duration,
	/// How long a job that is over stays known.
	pub keep: Duration,
}

/// All workers.
#[derive(Debug)]
pub struct Workers<S> {
	storage: S,
	desk: Arc<Desk>,
	rules: Rules,
	/// Bytes that pins under way may still need.
	reserved: AtomicU64,
	ready: Mutex<Option<Instant>>,
	collected: Mutex<Option<Instant>>,
}

impl<S: Storage> Workers<S> {
	/// Who work with `storage` at what is on the `desk`.
	pub fn new(storage: S, desk: Arc<Desk>, rules: Rules) -> Self {
		Self {
			storage,
			desk,
			rules,
			reserved: AtomicU64::new(0),
			ready: Mutex::new(None),
			collected: Mutex::new(None),
		}
	}

	/// Works until told to stop. What is under way then is broken off, and begins again after the next start.
	pub async fn run(self: Arc<Self>, stop: watch::Receiver<bool>) {
		let mut parts = JoinSet::new();
		for lane in Lane::ALL {
			parts.spawn(self.clone().lane(lane, stop.clone()));
		}
		parts.spawn(self.clone().pulse(stop.clone()));
		parts.spawn(self.audits(stop));
		while parts.join_next().await.is_some() {}
	}

	async fn lane(self: Arc<Self>, lane: Lane, mut stop: watch::Receiver<bool>) {
		let places = match lane {
			Lane::Proof => self.rules.proofs,
			Lane::Pin => self.rules.pins,
			Lane::Drop | Lane::Check => 1,
		};
		let mut attempts = JoinSet::new();
		loop {
			while attempts.try_join_next().is_some() {}
			if attempts.len() < places {
				let begun = block_in_place(|| self.desk.begin(lane, now()));
				if let Some(run) = self.noted(begun).flatten() {
					attempts.spawn(self.clone().attempt(run));
					continue;
				}
			}
			let pause = block_in_place(|| self.desk.pause(lane, now()));
			let pause = self.noted(pause).unwrap_or(STORE_PAUSE);
			tokio::select! {
				() = stopped(&mut stop) => break,
				() = self.desk.woken(lane) => {}
				Some(_) = attempts.join_next(), if !attempts.is_empty() => {}
				() = sleep(pause), if attempts.len() < places => {}
			}
		}
		attempts.shutdown().await;
	}

	/// The value, or a note for whoever looks at the health.
	fn noted<T>(&self, result: Result<T, QueueError>) -> Option<T> {
		let error = result.as_ref().err().map(ToString::to_string);
		if let Some(error) = &error {
			warn!("the queue: {error}");
		}
		self.desk.note(|health| health.store = error);
		result.ok()
	}

	async fn attempt(self: Arc<Self>, run: Run) {
		let job = &run.ticket.job;
		let result = tokio::select! {
			result = self.perform(&job.task) => result,
			() = run.withdrawn.notified() => return,
		};
		match &result {
			Ok(_) => info!("{}: done", job.task.id()),
			Err(failure) => warn!("{}: attempt {}: {failure}", job.task.id(), attempt_of(job)),
		}
		let outcome = self.outcome(job, result, now());
		let finished = block_in_place(|| self.desk.queue.finish(&run.ticket, outcome, now()));
		if self.noted(finished).is_none() {
			// The job is due again at once.
			sleep(STORE_PAUSE).await;
		}
	}

	fn outcome(&self, job: &Job, result: Result<Value, Failure>, now: Moment) -> Outcome {
		let failure = match result {
			Ok(value) => return Outcome::Done(value),
			Err(failure) => failure,
		};
		let life = match job.task.lane() {
			Lane::Proof => PROOF_LIFE.min(self.rules.give_up),
			// What was unpinned must go, however long it takes.
			Lane::Drop => Duration::MAX,
			Lane::Pin | Lane::Check => self.rules.give_up,
		};
		let age = Duration::from_millis(now.saturating_sub(job.posted_at));
		let holed = matches!(failure.code, Code::MissingBlock | Code::DamagedBlock)
			&& matches!(job.task, Task::Check { .. } | Task::Proof { .. });
		if !failure.may_pass() || age > life || holed {
			return Outcome::Failed(failure);
		}
		let wait = retry::wait(attempt_of(job), failure.longest_wait(), rand::random());
		let wait = Moment::try_from(wait.as_millis()).unwrap_or(Moment::MAX);
		Outcome::Again(now.saturating_add(wait), failure)
	}

	async fn perform(&self, task: &Task) -> Result<Value, Failure> {
		self.ready().await?;
		match *task {
			Task::Pin { cid, size } => match self.pin(&cid, size).await {
				Ok(read) => Ok(shown(read)),
				Err(failure) if failure.may_pass() => Err(failure),
				// It isn't what it was said to be: nothing of it may stay pinned.
				Err(failure) => match self.storage.unpin(&cid).await {
					Err(other) if other.may_pass() => Err(other),
					_ => Err(failure),
				},
			},
			Task::Unpin { cid } => self.storage.unpin(&cid).await.map(|()| json!({})),
			Task::Check { cid } => {
				let size = self.size_of(&cid)?;
				whole(&self.storage, &cid, size, None).await.map(shown)
			}
			Task::Proof { cid, leaf } => {
				let size = self.size_of(&cid)?;
				let blocks = proof(&self.storage, &cid, size, leaf).await?;
				Ok(json!({ "blocks": blocks.iter().map(hex).collect::<Vec<_>>() }))
			}
			Task::Collect => self.storage.collect().await.map(|()| json!({})),
		}
	}

	/// That storage can be used, as of half a minute ago at most.
	async fn ready(&self) -> Result<(), Failure> {
		let seen = *self.ready.lock().unwrap_or_else(PoisonError::into_inner);
		if seen.is_some_and(|seen| seen.elapsed() < FRESH) {
			return Ok(());
		}
		let ready = self.storage.ready().await;
		let seen = ready.is_ok().then(Instant::now);
		*self.ready.lock().unwrap_or_else(PoisonError::into_inner) = seen;
		ready
	}

	fn size_of(&self, cid: &Cid) -> Result<u64, Failure> {
		let pin = block_in_place(|| self.desk.queue.pin(cid));
		match self.noted(pin).flatten() {
			Some(pin) => Ok(pin.size),
			None => Err(Failure::new(Code::UnknownPin, "nobody ordered this file to be kept")),
		}
	}

	async fn pin(&self, cid: &Cid, size: u64) -> Result<Read, Failure> {
		let find = self.rules.find;
		match whole(&self.storage, cid, size, None).await {
			// Pinning goes through all of it once more, so that nothing can be collected in between.
			Ok(read) => {
				self.storage.pin(cid, bound(size)).await?;
				return Ok(read);
			}
			Err(failure) if failure.code == Code::MissingBlock => {}
			Err(failure) => return Err(failure),
		}
		root(&self.storage, cid, size, find).await?;
		let _place = self.reserve(bound(size).bytes).await?;
		self.storage.pin(cid, bound(size)).await?;
		// A pin that was there before fetches nothing. So what is missing all the same is fetched here.
		whole(&self.storage, cid, size, Some(find)).await
	}

	/// Space for a file, as long as the answer lives.
	async fn reserve(&self, bytes: u64) -> Result<Reserved<'_>, Failure> {
		let place = Reserved { of: &self.reserved, bytes };
		let before = self.reserved.fetch_add(bytes, Ordering::SeqCst);
		let needed = before.saturating_add(bytes);
		let mut space = self.storage.space().await?;
		if !fits(space, needed) && self.may_collect() {
			info!("the disk is full: collecting what isn't pinned");
			self.storage.collect().await?;
			space = self.storage.space().await?;
		}
		if fits(space, needed) {
			return Ok(place);
		}
		let Space { used, most } = space;
		let text = format!(
			"{used} of {most} bytes are in use, and {needed} more are needed; raise Datastore.StorageMax of \
			 Kubo, if its disk has space, or declare less space on chain"
		);
		Err(Failure::new(Code::DiskFull, text))
	}

	fn may_collect(&self) -> bool {
		let mut collected = self.collected.lock().unwrap_or_else(PoisonError::into_inner);
		let may = collected.is_none_or(|at| at.elapsed() > COLLECT_PAUSE);
		if may {
			*collected = Some(Instant::now());
		}
		may
	}

	/// Looks now and then whether storage is there, and how full.
	async fn pulse(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
		loop {
			let look = async {
				self.storage.ready().await?;
				self.storage.space().await
			};
			let look = tokio::select! {
				look = look => look,
				() = stopped(&mut stop) => return,
			};
			let fault = look.as_ref().err().cloned();
			self.desk.note(|health| {
				if health.storage != fault {
					match &fault {
						Some(failure) => warn!("{failure}"),
						None => info!("storage is there again"),
					}
				}
				health.storage = fault;
				health.looked_at = Some(now());
				health.space = look.ok().or(health.space);
			});
			tokio::select! {
				() = sleep(PULSE) => {}
				() = stopped(&mut stop) => return,
			}
		}
	}

	/// Compares now and then what is wanted with what is pinned.
	async fn audits(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
		let mut asked_to_collect: Option<Instant> = None;
		loop {
			tokio::select! {
				() = self.audit() => {}
				() = stopped(&mut stop) => return,
			}
			let keep = Moment::try_from(self.rules.keep.as_millis()).unwrap_or(Moment::MAX);
			let pruned = block_in_place(|| self.desk.queue.prune(now().saturating_sub(keep)));
			self.noted(pruned);
			if asked_to_collect.is_none_or(|at| at.elapsed() >= self.rules.collect) {
				let asked = block_in_place(|| self.desk.queue.collect_if_needed(now()));
				if self.noted(asked) == Some(true) {
					asked_to_collect = Some(Instant::now());
				}
			}
			self.desk.wake_all();
			tokio::select! {
				() = sleep(self.rules.audit) => {}
				() = self.desk.audit.notified() => {}
				() = stopped(&mut stop) => return,
			}
		}
	}

	async fn audit(&self) {
		let as_of = now();
		let pinned = match self.storage.pinned().await {
			Ok(pinned) => pinned,
			Err(failure) => {
				warn!("can't compare with what is pinned: {failure}");
				return;
			}
		};
		let recheck = Moment::try_from(self.rules.recheck.as_millis()).unwrap_or(Moment::MAX);
		let before = as_of.saturating_sub(recheck);
		let found = block_in_place(|| self.desk.queue.audit(&pinned, as_of, before, now()));
		let Some(found) = self.noted(found) else { return };
		for cid in &found.lost {
			warn!("{cid} was unpinned, and not by an order: getting it again");
		}
		let more = found.lost_in_all.saturating_sub(to_u64(found.lost.len()));
		if more > 0 {
			warn!("{more} more were unpinned, and not by an order: getting them again");
		}
		if found.orphans_in_all > 0 {
			warn!("{} files are pinned that nobody wants; see /reconcile", found.orphans_in_all);
		}
		self.desk.note(|health| health.audit = Some((as_of, found)));
	}
}

/// Bytes that are taken.
struct Reserved<'a> {
	of: &'a AtomicU64,
	bytes: u64,
}

impl Drop for Reserved<'_> {
	fn drop(&mut self) {
		self.of.fetch_sub(self.bytes, Ordering::SeqCst);
	}
}

fn fits(space: Space, needed: u64) -> bool {
	space.used.saturating_add(needed) <= space.most
}

fn to_u64(number: usize) -> u64 {
	u64::try_from(number).unwrap_or(u64::MAX)
}

fn attempt_of(job: &Job) -> u32 {
	job.attempts.saturating_add(1)
}

fn shown(read: Read) -> Value {
	json!({ "blocks": read.blocks, "bytes": read.bytes, "fetched": read.fetched })
}

fn hex(bytes: &Bytes) -> String {
	let mut text = String::from("0x");
	for byte in bytes {
		// Writing to a string doesn't fail.
		let _ = write!(text, "{byte:02x}");
	}
	text
}
