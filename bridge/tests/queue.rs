//! What the queue keeps, whatever is ordered and whenever it is stopped.

use proptest::prelude::*;
use redb::{backends::InMemoryBackend, Builder, StorageBackend};
use rwa_bridge::{
	failure::{Code, Failure},
	job::{Job, Lane, State, Task},
	queue::{Limits, Outcome, Pin, Queue, QueueError, Refusal, Ticket},
};
use rwa_primitives::ipfs::{Cid, Codec};
use serde_json::json;
use std::{
	collections::BTreeSet,
	fs, io,
	sync::{Arc, Mutex},
};

const LIMITS: Limits = Limits { jobs: 100, pins: 100 };
const SIZE: u64 = 10_000;

fn cid(number: u8) -> Cid {
	Cid::new(Codec::DagPb, [number; 32])
}

fn pin(number: u8) -> Task {
	Task::Pin { cid: cid(number), size: SIZE }
}

fn unpin(number: u8) -> Task {
	Task::Unpin { cid: cid(number) }
}

fn proof(number: u8, leaf: u64) -> Task {
	Task::Proof { cid: cid(number), leaf }
}

fn failure(code: Code) -> Failure {
	Failure::new(code, "for a test")
}

fn in_memory(limits: Limits) -> Queue {
	let opener = || Builder::new().create_with_backend(InMemoryBackend::new());
	Queue::with(Box::new(opener), limits, 0).unwrap()
}

fn next(queue: &Queue, lane: Lane, now: u64) -> Option<Ticket> {
	queue.next(lane, now, |_| false).unwrap()
}

/// The job is done, well.
fn carry_out(queue: &Queue, lane: Lane, now: u64) -> Job {
	let ticket = next(queue, lane, now).expect("there is a job");
	assert!(queue.finish(&ticket, Outcome::Done(json!({})), now).unwrap());
	queue.get(&ticket.job.task.id()).unwrap().unwrap()
}

fn refusal(result: Result<Job, QueueError>) -> Refusal {
	match result {
		Err(QueueError::Refused(refusal)) => refusal,
		other => panic!("not refused: {other:?}"),
	}
}

#[test]
fn a_job_should_go_from_waiting_to_done() {
	let queue = in_memory(LIMITS);
	let job = queue.post(pin(1), 5).unwrap();
	assert_eq!((job.state, job.attempts), (State::Waiting { due: 5 }, 0));
	assert_eq!(next(&queue, Lane::Pin, 4), None, "not due yet");
	assert_eq!(next(&queue, Lane::Proof, 9), None, "not of this lane");
	let done = carry_out(&queue, Lane::Pin, 9);
	assert_eq!((done.state, done.attempts), (State::Done { at: 9 }, 1));
	assert_eq!(queue.pin(&cid(1)).unwrap().unwrap().held, Some(9));
	assert_eq!(next(&queue, Lane::Pin, 99), None);
	queue.verify().unwrap();
}

#[test]
fn what_failed_should_wait_for_its_time() {
	let queue = in_memory(LIMITS);
	queue.post(pin(1), 0).unwrap();
	let ticket = next(&queue, Lane::Pin, 0).unwrap();
	let trouble = failure(Code::Unreachable);
	queue.finish(&ticket, Outcome::Again(50, trouble.clone()), 1).unwrap();
	assert_eq!(queue.first_due(Lane::Pin).unwrap(), Some(50));
	assert_eq!(next(&queue, Lane::Pin, 49), None);
	let again = next(&queue, Lane::Pin, 50).unwrap();
	assert_eq!((again.job.attempts, again.job.error.clone()), (1, Some(trouble)));
	queue.finish(&again, Outcome::Failed(failure(Code::SizeMismatch)), 60).unwrap();
	let job = queue.get(&pin(1).id()).unwrap().unwrap();
	assert_eq!(job.state, State::Failed { at: 60 });
	assert_eq!(queue.pin(&cid(1)).unwrap().unwrap().held, None);
	queue.verify().unwrap();
	// It starts anew only when somebody says so.
	assert_eq!(queue.post(pin(1), 70).unwrap(), job);
	queue.forget(&pin(1).id(), 80).unwrap();
	assert_eq!(queue.post(pin(1), 90).unwrap().state, State::Waiting { due: 80 });
	queue.verify().unwrap();
}

#[test]
fn the_end_of_an_attempt_should_not_touch_an_order_that_took_its_place() {
	let queue = in_memory(LIMITS);
	queue.post(pin(1), 0).unwrap();
	let old = next(&queue, Lane::Pin, 0).unwrap();
	queue.post(unpin(1), 1).unwrap();
	assert!(!queue.finish(&old, Outcome::Done(json!({})), 2).unwrap(), "withdrawn");
	assert_eq!(queue.pin(&cid(1)).unwrap(), None);
	queue.post(pin(1), 3).unwrap();
	assert!(!queue.finish(&old, Outcome::Done(json!({})), 4).unwrap(), "another order");
	assert_eq!(queue.pin(&cid(1)).unwrap().unwrap().held, None);
	queue.verify().unwrap();
}

#[test]
fn a_file_that_is_busy_should_be_passed_over() {
	let queue = in_memory(LIMITS);
	queue.post(pin(1), 0).unwrap();
	queue.post(pin(2), 0).unwrap();
	let first = next(&queue, Lane::Pin, 0).unwrap().job.task;
	let second = queue.next(Lane::Pin, 0, |task| *task == first).unwrap().unwrap().job.task;
	assert_ne!(first, second);
	assert_eq!(queue.next(Lane::Pin, 0, |_| true).unwrap(), None);
}

#[test]
fn unpinning_should_withdraw_what_needs_the_file_and_nothing_else() {
	let queue = in_memory(LIMITS);
	for number in [1, 2] {
		queue.post(pin(number), 0).unwrap();
		carry_out(&queue, Lane::Pin, 0);
		queue.post(Task::Check { cid: cid(number) }, 0).unwrap();
		for leaf in [0, 1, 2] {
			queue.post(proof(number, leaf), 0).unwrap();
		}
	}
	queue.post(unpin(1), 1).unwrap();
	let left: BTreeSet<_> = queue.jobs("").unwrap().iter().map(|job| job.task.id()).collect();
	let others = [pin(2), Task::Check { cid: cid(2) }, proof(2, 0), proof(2, 1), proof(2, 2)];
	let expected = others.iter().chain([&unpin(1)]).map(Task::id).collect();
	assert_eq!(left, expected);
	queue.verify().unwrap();
}

#[test]
fn a_pin_whose_job_was_forgotten_should_be_done_already() {
	let queue = in_memory(LIMITS);
	queue.post(pin(1), 0).unwrap();
	carry_out(&queue, Lane::Pin, 7);
	queue.prune(100).unwrap();
	assert_eq!(queue.get(&pin(1).id()).unwrap(), None);
	assert_eq!(queue.post(pin(1), 200).unwrap().state, State::Done { at: 7 });
	assert_eq!(next(&queue, Lane::Pin, 300), None);
	queue.verify().unwrap();
}

#[test]
fn what_an_audit_misses_should_be_got_again_and_what_it_finds_be_named() {
	let queue = in_memory(LIMITS);
	for number in [1, 2, 3] {
		queue.post(pin(number), 0).unwrap();
	}
	for now in [10, 10, 90] {
		carry_out(&queue, Lane::Pin, now);
	}
	let held = |number| queue.pin(&cid(number)).unwrap().unwrap();
	let late = (1..=3).find(|number| held(*number).held == Some(90)).unwrap();
	let early: Vec<u8> = (1..=3).filter(|number| *number != late).collect();
	// The list is of the time 50. The last one came after that, and isn't missing from it.
	let pinned = [cid(early[0]), cid(8), cid(9)].into();
	queue.post(unpin(9), 40).unwrap();
	let found = queue.audit(&pinned, 50, 0, 100).unwrap();
	assert_eq!(found.lost, [cid(early[1])]);
	assert_eq!(found.orphans, [cid(8)], "the other one is on its way out");
	assert_eq!((found.missing, found.held), (0, 2));
	assert_eq!(held(early[1]), Pin { size: SIZE, since: 0, held: None, losses: 1 });
	assert_eq!(next(&queue, Lane::Pin, 100).unwrap().job.task, pin(early[1]));
	queue.verify().unwrap();
	// Once more finds nothing new to do.
	let again = queue.audit(&pinned, 50, 0, 100).unwrap();
	assert_eq!((again.lost.len(), again.missing), (0, 1));
}

#[test]
fn what_came_back_after_it_was_unpinned_should_be_unpinned_again() {
	let queue = in_memory(LIMITS);
	queue.post(unpin(1), 0).unwrap();
	carry_out(&queue, Lane::Drop, 1);
	assert!(queue.post(unpin(1), 2).unwrap().is_over(), "the same order is the same job");
	let found = queue.audit(&[cid(1)].into(), 10, 0, 10).unwrap();
	assert_eq!(found.orphans, [cid(1)]);
	assert!(!queue.post(unpin(1), 11).unwrap().is_over());
	queue.verify().unwrap();
}

#[test]
fn an_audit_should_list_no_more_than_a_page_and_count_all() {
	let queue = in_memory(LIMITS);
	let many = (0..1_200u64).map(|number| {
		let mut digest = [7; 32];
		digest[..8].copy_from_slice(&number.to_be_bytes());
		Cid::new(Codec::Raw, digest)
	});
	let found = queue.audit(&many.collect(), 10, 0, 10).unwrap();
	assert_eq!((found.orphans.len(), found.orphans_in_all), (1_000, 1_200));
}

#[test]
fn what_was_not_looked_at_for_long_should_be_checked() {
	let queue = in_memory(LIMITS);
	for number in [1, 2] {
		queue.post(pin(number), 0).unwrap();
		carry_out(&queue, Lane::Pin, u64::from(number) * 10);
	}
	let pinned = [cid(1), cid(2)].into();
	queue.audit(&pinned, 50, 15, 50).unwrap();
	let ticket = next(&queue, Lane::Check, 50).unwrap();
	assert_eq!(ticket.job.task, Task::Check { cid: cid(1) });
	queue.finish(&ticket, Outcome::Failed(failure(Code::MissingBlock)), 60).unwrap();
	assert_eq!(queue.pin(&cid(1)).unwrap().unwrap().held, None);
	assert_eq!(next(&queue, Lane::Pin, 60).unwrap().job.task, pin(1));
	assert_eq!(next(&queue, Lane::Check, 60), None);
	queue.verify().unwrap();
}

#[test]
fn what_was_unpinned_while_a_collection_ran_should_be_collected_by_another() {
	let queue = in_memory(LIMITS);
	assert!(!queue.collect_if_needed(0).unwrap());
	queue.post(unpin(1), 0).unwrap();
	carry_out(&queue, Lane::Drop, 0);
	assert!(queue.collect_if_needed(1).unwrap());
	let collection = next(&queue, Lane::Drop, 1).unwrap();
	assert_eq!(collection.job.task, Task::Collect);
	queue.post(unpin(2), 2).unwrap();
	let second = queue.next(Lane::Drop, 2, |task| *task == Task::Collect).unwrap().unwrap();
	queue.finish(&second, Outcome::Done(json!({})), 3).unwrap();
	queue.finish(&collection, Outcome::Done(json!({})), 4).unwrap();
	assert!(queue.collect_if_needed(5).unwrap());
	carry_out(&queue, Lane::Drop, 5);
	assert!(!queue.collect_if_needed(6).unwrap());
}

#[test]
fn it_should_be_bounded() {
	let queue = in_memory(Limits { jobs: 3, pins: 4 });
	for number in 1..=3 {
		queue.post(pin(number), 0).unwrap();
	}
	assert_eq!(refusal(queue.post(pin(4), 0)), Refusal::QueueFull);
	// Another lane isn't full.
	queue.post(unpin(9), 0).unwrap();
	for _ in 1..=3 {
		carry_out(&queue, Lane::Pin, 1);
	}
	queue.post(pin(4), 2).unwrap();
	assert_eq!(refusal(queue.post(pin(5), 3)), Refusal::TooManyPins);
	for leaf in 0..3 {
		queue.post(proof(1, leaf), 3).unwrap();
		carry_out(&queue, Lane::Proof, 3);
	}
	// Of what is over the oldest is forgotten, and what was held still is.
	assert!(queue.counts().unwrap().over <= 4, "{:?}", queue.counts());
	assert_eq!(queue.counts().unwrap().held, 3);
	queue.verify().unwrap();
}

#[test]
fn a_clock_that_was_wrong_should_delay_nothing_for_long() {
	let disk = Disk::default();
	let queue = disk.queue(0).unwrap();
	queue.post(pin(1), 1_000_000_000).unwrap();
	drop(queue);
	let queue = disk.queue(5).unwrap();
	assert_eq!(next(&queue, Lane::Pin, 5).unwrap().job.task, pin(1));
	queue.verify().unwrap();
}

#[test]
fn refusals_should_change_nothing() {
	let queue = in_memory(LIMITS);
	queue.post(pin(1), 0).unwrap();
	let before = dump(&queue);
	let other = Task::Pin { cid: cid(1), size: SIZE + 1 };
	assert_eq!(refusal(queue.post(other, 1)), Refusal::OtherSize { size: SIZE });
	assert_eq!(refusal(queue.post(proof(1, 3), 1)), Refusal::NoSuchLeaf { leaves: 3 });
	assert_eq!(refusal(queue.post(proof(2, 0), 1)), Refusal::UnknownPin);
	let unfinished = queue.forget(&pin(1).id(), 1);
	assert!(matches!(unfinished, Err(QueueError::Refused(Refusal::Unfinished))));
	let unknown = queue.forget(&pin(2).id(), 1);
	assert!(matches!(unknown, Err(QueueError::Refused(Refusal::UnknownJob))));
	assert_eq!(dump(&queue), before);
}

/// All that there is.
fn dump(queue: &Queue) -> (Vec<Job>, Vec<(Cid, Pin)>) {
	(queue.jobs("").unwrap(), queue.pins(None).unwrap())
}

/// A disk that can stop at any write. What wasn't flushed may be there afterwards, or not, or in part.
#[derive(Clone, Debug, Default)]
struct Disk(Arc<Mutex<Content>>);

#[derive(Debug, Default)]
struct Content {
	now: Vec<u8>,
	flushed: Vec<u8>,
	/// Since the last flush.
	writes: Vec<(usize, Vec<u8>)>,
	/// Changes until it stops. `None`: it doesn't.
	left: Option<usize>,
	changes: usize,
}

impl Content {
	fn change(&mut self) -> io::Result<()> {
		self.changes += 1;
		match &mut self.left {
			Some(0) => Err(io::Error::other("the power is gone")),
			Some(left) => {
				*left -= 1;
				Ok(())
			}
			None => Ok(()),
		}
	}
}

impl Disk {
	fn queue(&self, now: u64) -> Result<Queue, QueueError> {
		let disk = self.clone();
		let opener = move || Builder::new().create_with_backend(disk.clone());
		Queue::with(Box::new(opener), LIMITS, now)
	}

	/// What is found after the power is back. `kept` says which of the writes that weren't flushed got there.
	fn after_crash(&self, kept: impl Fn(usize) -> bool) -> Self {
		let content = self.0.lock().unwrap();
		let mut found = content.flushed.clone();
		for (index, (at, bytes)) in content.writes.iter().enumerate() {
			if kept(index) {
				let end = at + bytes.len();
				found.resize(found.len().max(end), 0);
				found[*at..end].copy_from_slice(bytes);
			}
		}
		found.resize(found.len().max(content.now.len()), 0);
		let flushed = found.clone();
		Self(Arc::new(Mutex::new(Content { now: found, flushed, ..Content::default() })))
	}
}

impl StorageBackend for Disk {
	fn len(&self) -> io::Result<u64> {
		Ok(self.0.lock().unwrap().now.len() as u64)
	}

	fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
		let start = offset as usize;
		out.copy_from_slice(&self.0.lock().unwrap().now[start..start + out.len()]);
		Ok(())
	}

	fn set_len(&self, len: u64) -> io::Result<()> {
		let mut content = self.0.lock().unwrap();
		content.change()?;
		content.now.resize(len as usize, 0);
		Ok(())
	}

	fn sync_data(&self) -> io::Result<()> {
		let mut content = self.0.lock().unwrap();
		content.change()?;
		content.flushed = content.now.clone();
		content.writes.clear();
		Ok(())
	}

	fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
		let mut content = self.0.lock().unwrap();
		content.change()?;
		let start = offset as usize;
		content.now[start..start + data.len()].copy_from_slice(data);
		content.writes.push((start, data.to_vec()));
		Ok(())
	}
}

type Step = fn(&Queue) -> Result<(), QueueError>;

/// A life: orders, attempts, losses.
const LIFE: [Step; 14] = [
	|queue| queue.post(pin(1), 1).map(drop),
	|queue| queue.post(pin(2), 2).map(drop),
	|queue| end(queue, Lane::Pin, 3, Outcome::Again(5, failure(Code::Unreachable))),
	|queue| end(queue, Lane::Pin, 4, Outcome::Done(json!({ "blocks": 4 }))),
	|queue| end(queue, Lane::Pin, 6, Outcome::Done(json!({ "blocks": 4 }))),
	|queue| queue.post(proof(1, 2), 7).map(drop),
	|queue| end(queue, Lane::Proof, 8, Outcome::Failed(failure(Code::MissingBlock))),
	|queue| end(queue, Lane::Pin, 9, Outcome::Done(json!({ "blocks": 4 }))),
	|queue| queue.audit(&[cid(1), cid(7)].into(), 10, 0, 10).map(drop),
	|queue| queue.post(unpin(1), 11).map(drop),
	|queue| end(queue, Lane::Drop, 12, Outcome::Done(json!({}))),
	|queue| queue.collect_if_needed(13).map(drop),
	|queue| end(queue, Lane::Drop, 14, Outcome::Done(json!({}))),
	|queue| queue.prune(13),
];

fn end(queue: &Queue, lane: Lane, now: u64, outcome: Outcome) -> Result<(), QueueError> {
	let ticket = queue.next(lane, now, |_| false)?.expect("there is a job");
	queue.finish(&ticket, outcome, now).map(drop)
}

#[test]
fn no_crash_should_lose_what_was_said_to_be_kept_or_keep_half_of_anything() {
	// What there is after each step when nothing stops it.
	let calm = Disk::default();
	let queue = calm.queue(0).unwrap();
	let mut states = vec![dump(&queue)];
	// Its file is made as a whole, beside its place: see the next test.
	let begun = calm.0.lock().unwrap().changes;
	for step in LIFE {
		step(&queue).unwrap();
		queue.verify().unwrap();
		states.push(dump(&queue));
	}
	let changes = calm.0.lock().unwrap().changes;
	assert!(changes > begun + LIFE.len());

	let keeps: [fn(usize) -> bool; 4] =
		[|_| false, |_| true, |index| index % 2 == 0, |index| index % 2 == 1];
	let mut reached = BTreeSet::new();
	for stop in begun..changes {
		let disk = Disk::default();
		disk.0.lock().unwrap().left = Some(stop);
		let mut done = 0;
		if let Ok(queue) = disk.queue(0) {
			done += LIFE.iter().take_while(|step| step(&queue).is_ok()).count();
		}
		reached.insert(done);
		for kept in keeps {
			let after = disk.after_crash(kept);
			let queue = after.queue(0).unwrap_or_else(|error| panic!("stopped at {stop}: {error}"));
			queue.verify().unwrap_or_else(|error| panic!("stopped at {stop}: {error}"));
			let found = dump(&queue);
			// The step that was under way may have got there without saying so.
			let next = states.get(done + 1);
			let whole = found == states[done] || Some(&found) == next;
			assert!(whole, "stopped at {stop}, after {done} steps: {found:?}");
		}
	}
	// It was stopped in every step.
	assert!((0..LIFE.len()).all(|step| reached.contains(&step)), "{reached:?}");
}

#[test]
fn a_file_that_was_not_finished_should_be_made_anew() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("queue.redb");
	// As the power cut left it.
	fs::write(path.with_extension("new"), [0; 100]).unwrap();
	let queue = Queue::open(&path, LIMITS, 0).unwrap();
	queue.post(pin(1), 1).unwrap();
	drop(queue);
	assert_eq!(Queue::open(&path, LIMITS, 2).unwrap().counts().unwrap().pins, 1);
	let found = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
	assert_eq!(found.collect::<Vec<_>>(), [path]);
}

#[test]
fn it_should_go_on_after_the_disk_failed_for_a_while() {
	let disk = Disk::default();
	let queue = disk.queue(0).unwrap();
	queue.post(pin(1), 1).unwrap();
	disk.0.lock().unwrap().left = Some(0);
	let error = queue.post(pin(2), 2).unwrap_err();
	assert!(matches!(error, QueueError::Store(_)), "{error}");
	assert!(error.to_string().contains("Is there space"), "{error}");
	disk.0.lock().unwrap().left = None;
	queue.post(pin(2), 3).unwrap();
	assert_eq!(queue.counts().unwrap().pins, 2);
	queue.verify().unwrap();
}

/// Anything that can happen.
#[derive(Clone, Debug)]
enum Event {
	Post(Task),
	End(Lane, u8),
	Forget(Task),
	Audit(Vec<u8>),
	Collect,
	Prune,
}

fn events() -> impl Strategy<Value = Vec<(Event, u64)>> {
	let number = 0u8..4;
	let task = prop_oneof![
		number.clone().prop_map(pin),
		number.clone().prop_map(unpin),
		number.clone().prop_map(|number| Task::Check { cid: cid(number) }),
		(number.clone(), 0u64..4).prop_map(|(number, leaf)| proof(number, leaf)),
		Just(Task::Collect),
	];
	let event = prop_oneof![
		4 => task.clone().prop_map(Event::Post),
		4 => (proptest::sample::select(&Lane::ALL[..]), 0u8..4)
			.prop_map(|(lane, how)| Event::End(lane, how)),
		1 => task.prop_map(Event::Forget),
		1 => proptest::collection::vec(number, 0..4).prop_map(Event::Audit),
		1 => Just(Event::Collect),
		1 => Just(Event::Prune),
	];
	proptest::collection::vec((event, 0u64..3), 1..60)
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	#[test]
	fn the_rules_should_hold_whatever_happens(events in events()) {
		let queue = in_memory(Limits { jobs: 5, pins: 3 });
		let mut now = 0;
		for (event, passed) in events {
			now += passed;
			match event {
				Event::Post(task) => match queue.post(task, now) {
					Ok(_) | Err(QueueError::Refused(_)) => {}
					Err(error) => return Err(TestCaseError::fail(error.to_string())),
				},
				Event::End(lane, how) => {
					if let Some(ticket) = next(&queue, lane, now) {
						let outcome = match how {
							0 => Outcome::Done(json!({})),
							1 => Outcome::Again(now + 2, failure(Code::Unreachable)),
							2 => Outcome::Failed(failure(Code::MissingBlock)),
							_ => Outcome::Failed(failure(Code::SizeMismatch)),
						};
						prop_assert!(queue.finish(&ticket, outcome, now).unwrap());
					}
				}
				Event::Forget(task) => {
					let _ = queue.forget(&task.id(), now);
				}
				Event::Audit(numbers) => {
					let pinned = numbers.into_iter().map(cid).collect();
					queue.audit(&pinned, now, now.saturating_sub(5), now).unwrap();
				}
				Event::Collect => drop(queue.collect_if_needed(now).unwrap()),
				Event::Prune => queue.prune(now.saturating_sub(3)).unwrap(),
			}
			queue.verify().map_err(|error| TestCaseError::fail(error.to_string()))?;
		}
	}
}
