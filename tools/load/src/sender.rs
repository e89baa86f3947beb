//! Sends prepared transactions, in lanes: each lane sends one at a time and awaits the answer, so
//! that their number bounds what is in flight.

use crate::{
	error::LoadError,
	rpc::{Answer, Node, Status, Watched},
	transactions::Prepared,
};
use std::{
	sync::Arc,
	time::{Duration, Instant},
};
use tokio::{
	sync::{
		mpsc::{unbounded_channel, UnboundedReceiver, UnboundedSender},
		Semaphore,
	},
	task::JoinSet,
	time::{sleep_until, timeout_at},
};

/// When to send.
#[derive(Clone)]
pub enum Pace {
	/// As soon as the lane is free.
	Free,
	/// The transaction at place `n` at `start` plus `n` times the interval, whether or not earlier
	/// ones were answered.
	Steady {
		/// When the first is due.
		start: Instant,
		/// Transactions a second.
		rate: u32,
	},
	/// As [`Pace::Steady`], but only while there is room, and not after `end`.
	Bounded {
		/// When the first is due.
		start: Instant,
		/// Most transactions a second.
		rate: u32,
		/// One permit is taken for each that is sent; whoever sees it settled gives it back.
		room: Arc<Semaphore>,
		/// When to stop.
		end: Instant,
	},
}

/// Whether to ask only for an answer, or also what becomes of the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
	/// `author_submitExtrinsic`.
	Answer,
	/// `author_submitAndWatchExtrinsic`.
	Fate,
}

/// What the lanes tell.
pub enum Note {
	/// A node answered.
	Answered {
		/// Place of the transaction.
		place: usize,
		/// When it was due. The same as `sent` if nothing said when it should be sent.
		due: Instant,
		/// When it was sent.
		sent: Instant,
		/// When the answer came.
		at: Instant,
		/// Why it was refused. `None`: it was accepted.
		refusal: Option<String>,
	},
	/// A node told what became of a transaction that is watched.
	Told {
		/// Place of the transaction.
		place: usize,
		/// What it told.
		status: Status,
	},
	/// A lane is through.
	LaneDone,
	/// A connection broke: the measurement is void.
	Broken(LoadError),
}

/// Transactions on their way. Dropping it stops the lanes.
pub struct Sending {
	notes: UnboundedReceiver<Note>,
	lanes: JoinSet<()>,
	running: usize,
}

impl Sending {
	/// Starts one lane for each list of places, over the connections in turn.
	pub fn start(
		lanes: Vec<Vec<usize>>,
		connections: &[Arc<Node>],
		prepared: &Arc<Vec<Prepared>>,
		pace: &Pace,
		ask: Ask,
	) -> Self {
		let (tell, notes) = unbounded_channel();
		let running = lanes.len();
		let mut tasks = JoinSet::new();
		for (places, node) in lanes.into_iter().zip(connections.iter().cycle()) {
			let lane = Lane {
				node: node.clone(),
				prepared: prepared.clone(),
				pace: pace.clone(),
				ask,
				tell: tell.clone(),
			};
			tasks.spawn(lane.run(places));
		}
		Self { notes, lanes: tasks, running }
	}

	/// The next thing that the lanes tell. Never ends: wait for something else as well.
	pub async fn next(&mut self) -> Result<Note, LoadError> {
		match self.notes.recv().await {
			Some(Note::Broken(error)) => Err(error),
			Some(note) => {
				if matches!(note, Note::LaneDone) {
					self.running = self.running.saturating_sub(1);
				}
				Ok(note)
			}
			None => std::future::pending().await,
		}
	}

	/// Whether everything that will be sent was sent and answered.
	pub fn finished(&self) -> bool {
		self.running == 0
	}

	/// Sends nothing more.
	pub fn stop(&mut self) {
		self.lanes.abort_all();
	}
}

struct Lane {
	node: Arc<Node>,
	prepared: Arc<Vec<Prepared>>,
	pace: Pace,
	ask: Ask,
	tell: UnboundedSender<Note>,
}

impl Lane {
	async fn run(self, places: Vec<usize>) {
		for place in places {
			let Some(due) = self.pace.turn(place).await else {
				break;
			};
			if let Err(error) = self.send(place, due).await {
				// Nobody listens any more once the measurement is over.
				let _ = self.tell.send(Note::Broken(error));
				return;
			}
		}
		let _ = self.tell.send(Note::LaneDone);
	}

	async fn send(&self, place: usize, due: Option<Instant>) -> Result<(), LoadError> {
		let Some(transaction) = self.prepared.get(place) else {
			return Ok(());
		};
		let sent = Instant::now();
		let mut watched = None;
		let refusal = match self.ask {
			Ask::Answer => match self.node.submit(&transaction.bytes).await? {
				Answer::Accepted => None,
				Answer::Refused(reason) => Some(reason),
			},
			Ask::Fate => match self.node.watch(&transaction.bytes).await? {
				Watched::Accepted(statuses) => {
					watched = Some(statuses);
					None
				}
				Watched::Refused(reason) => Some(reason),
			},
		};
		let (due, at) = (due.unwrap_or(sent), Instant::now());
		let _ = self.tell.send(Note::Answered { place, due, sent, at, refusal });
		if let Some(mut statuses) = watched {
			let tell = self.tell.clone();
			tokio::spawn(async move {
				while let Some(Ok(status)) = statuses.next().await {
					let last = status.verdict().is_some();
					if tell.send(Note::Told { place, status }).is_err() || last {
						break;
					}
				}
			});
		}
		Ok(())
	}
}

impl Pace {
	/// Waits until the transaction at `place` may be sent and says when it was due; inner `None`: no
	/// time was set for it. Outer `None`: it is too late to send anything.
	async fn turn(&self, place: usize) -> Option<Option<Instant>> {
		match self {
			Self::Free => Some(None),
			Self::Steady { start, rate } => {
				let due = due(*start, *rate, place);
				sleep_until(due.into()).await;
				Some(Some(due))
			}
			Self::Bounded { start, rate, room, end } => {
				sleep_until(due(*start, *rate, place).into()).await;
				let permit = timeout_at((*end).into(), room.acquire()).await.ok()?.ok()?;
				permit.forget();
				(Instant::now() < *end).then_some(None)
			}
		}
	}
}

/// When the transaction at `place` is due.
fn due(start: Instant, rate: u32, place: usize) -> Instant {
	start + Duration::from_secs_f64(place as f64 / f64::from(rate.max(1)))
}

/// Shares all places so that each sender's are in one lane, in order. The lane awaits each answer, so
/// they also arrive in order, and when a lane stops early no later one is sent without an earlier.
pub fn by_sender(prepared: &[Prepared], lanes: usize) -> Vec<Vec<usize>> {
	let lanes = lanes.min(prepared.len()).max(1);
	let mut shared = vec![Vec::new(); lanes];
	for (place, transfer) in prepared.iter().enumerate() {
		if let Some(lane) = shared.get_mut(transfer.sender as usize % lanes) {
			lane.push(place);
		}
	}
	shared
}

/// Shares all places in an order that looks random and is the same for the same seed.
pub fn shuffled(count: usize, lanes: usize, seed: u64) -> Vec<Vec<usize>> {
	let mut order: Vec<usize> = (0..count).collect();
	let mut state = seed;
	// Fisher and Yates.
	for end in (1..count).rev() {
		let other = (split_mix(&mut state) % (end as u64 + 1)) as usize;
		order.swap(end, other);
	}
	let lanes = lanes.min(count).max(1);
	let mut shared = vec![Vec::new(); lanes];
	for (turn, place) in order.into_iter().enumerate() {
		if let Some(lane) = shared.get_mut(turn % lanes) {
			lane.push(place);
		}
	}
	shared
}

/// The SplitMix64 generator: enough to shuffle with, and reproducible anywhere.
fn split_mix(state: &mut u64) -> u64 {
	*state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
	let mut mixed = *state;
	mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
	mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
	mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn sorted(lanes: Vec<Vec<usize>>) -> Vec<usize> {
		let mut all: Vec<usize> = lanes.into_iter().flatten().collect();
		all.sort_unstable();
		all
	}

	/// A hundred transfers of seven senders.
	fn transfers() -> Vec<Prepared> {
		(0..100)
			.map(|place| Prepared {
				bytes: Vec::new(),
				hash: Default::default(),
				sender: place % 7,
				nonce: place / 7,
			})
			.collect()
	}

	#[test]
	fn every_place_should_be_in_exactly_one_lane() {
		let all: Vec<usize> = (0..100).collect();
		for lanes in [1, 3, 100, 1_000] {
			assert_eq!(sorted(by_sender(&transfers(), lanes)), all);
			assert_eq!(sorted(shuffled(100, lanes, 1)), all);
		}
	}

	#[test]
	fn a_sender_should_have_one_lane_and_keep_its_order() {
		let lanes = by_sender(&transfers(), 3);
		for sender in 0..7 {
			let using: Vec<_> = lanes
				.iter()
				.map(|lane| lane.iter().copied().filter(|place| place % 7 == sender).collect())
				.filter(|places: &Vec<usize>| !places.is_empty())
				.collect();
			assert_eq!(using.len(), 1);
			assert!(using[0].is_sorted());
		}
	}

	#[test]
	fn a_shuffle_should_change_the_order_and_be_repeatable() {
		let in_order: Vec<usize> = (0..100).collect();
		let once = shuffled(100, 1, 42);
		assert_ne!(once[0], in_order);
		assert_eq!(once, shuffled(100, 1, 42));
		assert_ne!(once, shuffled(100, 1, 43));
	}

	#[test]
	fn due_times_should_keep_the_rate() {
		let start = Instant::now();
		assert_eq!(due(start, 4, 0), start);
		assert_eq!(due(start, 4, 10), start + Duration::from_millis(2_500));
	}

	#[tokio::test]
	async fn a_bounded_pace_should_stop_at_its_end_when_there_is_no_room() {
		let start = Instant::now();
		let room = Arc::new(Semaphore::new(0));
		let pace = Pace::Bounded { start, rate: 1_000, room, end: start };
		assert_eq!(pace.turn(0).await, None);
	}
}
