//! Watching: between two rounds a node whose operator was drawn for the last one looks now and then at what its
//! sources say, and raises an alarm when that is another answer than the feed's.
//!
//! One record per feed and operator in the node's own store says when it has looked last and what it has seen;
//! runs claim it as they claim duties (`progress.rs`). Looks are counted in working blocks, and spread by feed
//! and operator, so that neither a node's feeds nor a feed's nodes all look in one block.

use alloc::vec::Vec;

use codec::{Decode, Encode};
use log::Level;
use rwa_primitives::{
	feed::{Evidence, FeedId, Observation, RoundIndex, Statement, Word},
	reading::Reading,
	traits::WorkingTime,
	worker::default_watch_every,
};
use sp_core::{offchain::Timestamp, H256};
use sp_runtime::{
	offchain::storage::StorageValueRef,
	traits::{One, Saturating},
	SaturatedConversion,
};

use super::{
	measure::Inquiry,
	progress::{amend, passed, CLAIM, RESEND_AFTER},
	sources::{note_source, News},
	worker::{Operator, Right, Served, Speech},
};
use crate::{Answers, Config, FeedSpecOf, Feeds, Pallet, WatchOf, Watches};

/// Blocks after a look that has seen another answer until it is confirmed, if the node does not look so often
/// anyway: long enough for a spike to pass, short enough for news.
pub(crate) const CONFIRM_AFTER: u64 = 10;

/// A look at a feed's sources for one of this node's operators, claimed by this run.
pub(crate) struct Look<'a, T: Config> {
	operator: &'a Operator<T::AccountId>,
	pub(crate) inquiry: Inquiry<'a, T>,
	/// What the feed says.
	answer: Reading,
	claim: LookClaim,
}

/// When a node looks at a feed's sources for an operator.
struct Pace {
	/// Working blocks from one look to the next.
	every: u64,
	/// Where among them its turn is.
	turn: u64,
	/// The working block in which the watch began.
	since: u64,
}

/// What is known about one operator's watch over one feed.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
struct Record {
	/// The round that an alarm would call. A record about another round counts as none.
	round: RoundIndex,
	/// Until when a worker is at it. If it isn't done by then, it is dead.
	claimed_until: Option<Timestamp>,
	/// The working block of the last look.
	looked_at: Option<u64>,
	/// Whether the last look that has seen anything has seen another answer.
	moved: bool,
	/// Hash of what it has seen, if that can be named: a measurement that a device has signed, or an image.
	evidence: Option<H256>,
	/// The working block in which an alarm was last handed to the pool.
	alarmed_at: Option<u64>,
}

/// The right to look. Nobody else does until it is settled or lapses.
pub(crate) struct LookClaim {
	key: Vec<u8>,
	record: Record,
	now: u64,
}

impl<T: Config> Pallet<T> {
	/// What this run looks at: feeds whose turn it is and that no other run is at, as many as `room` requests allow.
	pub(crate) fn claim_looks<'a>(
		feeds: &[&'a Served<'a>],
		operators: &'a [Operator<T::AccountId>],
		mut room: usize,
	) -> Vec<Look<'a, T>> {
		let now = T::WorkingTime::now();
		let mut looks = Vec::new();
		for served in feeds {
			if served.1.len() > room {
				continue;
			}
			let Some(watch) = Watches::<T>::get(served.0) else { continue };
			// An alarm gets into the next block at the earliest.
			if watch.shut || !Self::is_time_to_call(&watch, now.saturating_add(One::one())) {
				continue;
			}
			for operator in operators {
				if served.1.len() > room {
					break;
				}
				if let Some(look) = Self::claim_look(served, &watch, operator, now.saturated_into())
				{
					room = room.saturating_sub(served.1.len());
					looks.push(look);
				}
			}
		}
		looks
	}

	/// The right to look at the feed's sources now, if it is `operator`'s turn and it watches.
	fn claim_look<'a>(
		(feed, sources): &'a Served<'a>,
		watch: &WatchOf<T>,
		operator: &'a Operator<T::AccountId>,
		now: u64,
	) -> Option<Look<'a, T>> {
		let account = &operator.account;
		let watcher = watch.watchers.iter().find(|watcher| watcher.reporter == *account)?;
		if watcher.alarmed {
			return None;
		}
		let spec = Feeds::<T>::get(feed)?.spec;
		let answer = Answers::<T>::get(feed)?.reading;
		let own = sources.iter().find_map(|source| source.watch_every);
		let every: u64 = own.unwrap_or_else(|| default_watch::<T>(&spec)).into();
		let hash = sp_io::hashing::twox_64(&(feed, account).encode());
		// 0: the operator doesn't want to.
		let turn = u64::from_le_bytes(hash).checked_rem(every)?;
		let pace = Pace { every, turn, since: watch.since.saturated_into() };
		let claim = LookClaim::take(*feed, account, watch.round.checked_add(1)?, &pace, now)?;
		let inquiry = Inquiry { feed: *feed, spec, sources };
		Some(Look { operator, inquiry, answer, claim })
	}
}

impl<T: Config> Look<'_, T> {
	/// What comes of it: an alarm, if this is the second look in a row that has seen another answer.
	pub(crate) fn conclude(self, seen: Option<Observation>, block: u64) -> Option<Speech> {
		let Self { operator, inquiry, answer, claim } = self;
		let Some(Observation { reading, evidence }) = seen else {
			claim.settle_blind();
			return None;
		};
		let evidence = evidence.map(|evidence| match evidence {
			Evidence::Measurement(measurement) => measurement.hash,
			Evidence::Content(hash) => hash,
		});
		if evidence.is_some() && evidence == claim.record.evidence {
			// The device has not measured again, or no newer image has been taken.
			claim.settle_blind();
			return None;
		}
		let moved = inquiry.spec.deviation.deviates(&reading, &answer);
		log_move(inquiry.feed, moved, block);
		if !(moved && claim.record.moved) {
			claim.settle_look(moved, evidence);
			return None;
		}
		let round = claim.record.round;
		Some(Speech {
			key: operator.key.clone(),
			statement: Statement { feed: inquiry.feed, round, word: Word::Alarm },
			what: "an alarm".into(),
			right: Right::Alarm(claim),
		})
	}
}

impl LookClaim {
	/// The right to look now. `None`: it isn't time to, or another worker is at it.
	fn take(
		feed: FeedId,
		operator: &impl Encode,
		round: RoundIndex,
		pace: &Pace,
		now: u64,
	) -> Option<Self> {
		let key = (b"rwa/oracle/watch/v1", feed, operator).encode();
		let time = sp_io::offchain::timestamp();
		let record = StorageValueRef::persistent(&key)
			.mutate(|found| {
				let record = match found {
					Ok(Some(record @ Record { round: noted, .. })) if noted == round => record,
					// Nothing, or about another round, or written by another version.
					_ => Record::new(round),
				};
				match !record.is_claimed(time) && record.is_due(pace, now) {
					true => Ok(Record { claimed_until: Some(time.add(CLAIM)), ..record }),
					false => Err(()),
				}
			})
			.ok()?;
		Some(Self { key, record, now })
	}

	/// Whether an alarm was raised before.
	pub(crate) fn has_alarmed(&self) -> bool {
		self.record.alarmed_at.is_some()
	}

	/// Gives the claim back: an alarm is on its way.
	pub(crate) fn settle_alarm(self) {
		let now = self.now;
		self.settle(|record| record.alarmed_at = Some(now));
	}

	/// Gives the claim back: this was seen.
	fn settle_look(self, moved: bool, evidence: Option<H256>) {
		self.settle(|record| {
			record.moved = moved;
			record.evidence = evidence;
		});
	}

	/// Gives the claim back: nothing was seen, which says neither that the answer holds nor that it doesn't.
	fn settle_blind(self) {
		self.settle(|_| ());
	}

	fn settle(mut self, change: impl FnOnce(&mut Record)) {
		let now = self.now;
		amend(&self.key, &mut self.record, |record| {
			change(record);
			record.looked_at = Some(now);
			record.claimed_until = None;
		});
	}
}

impl Record {
	/// Nobody has looked yet.
	fn new(round: RoundIndex) -> Self {
		Self {
			round,
			claimed_until: None,
			looked_at: None,
			moved: false,
			evidence: None,
			alarmed_at: None,
		}
	}

	fn is_claimed(&self, now: Timestamp) -> bool {
		self.claimed_until.is_some_and(|until| now <= until)
	}

	/// Whether to look now: at each turn, and sooner after something was seen. Not while an alarm is on its way;
	/// one that got lost is raised again if the next look sees the same.
	fn is_due(&self, pace: &Pace, now: u64) -> bool {
		if !passed(self.alarmed_at, RESEND_AFTER, now) {
			return false;
		}
		match self.looked_at {
			Some(last) if self.moved => passed(Some(last), CONFIRM_AFTER.min(pace.every), now),
			last => pace.turns(now) > pace.turns(last.unwrap_or(pace.since)),
		}
	}
}

impl Pace {
	/// Turns until working block `at`.
	fn turns(&self, at: u64) -> u64 {
		at.saturating_add(self.turn).checked_div(self.every).unwrap_or(0)
	}
}

fn default_watch<T: Config>(spec: &FeedSpecOf<T>) -> u32 {
	default_watch_every(spec.heartbeat.saturated_into())
}

/// Says that a feed's answer is out of date by this node's sources, and when it no longer is. Not what they say:
/// others may read it before they have measured.
fn log_move(feed: FeedId, moved: bool, block: u64) {
	// No source has this address.
	let news = note_source(feed, "watch", moved.then_some("moved"), block);
	match (moved, news) {
		(true, News::Trouble) => log!(
			Level::Info,
			"the sources of {feed:?} don't say what the feed does any more; if they say so again, an alarm follows",
		),
		(false, News::Relief) => log!(Level::Info, "the sources of {feed:?} say what the feed does"),
		_ => {}
	}
}
