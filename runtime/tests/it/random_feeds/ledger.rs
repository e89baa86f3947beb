//! What follows from the events alone: feeds, rosters, rounds, money, and what has to come of each round. Kept as
//! somebody would who indexes the chain, and shares no code with the pallet but the aggregation, which has tests of
//! its own.

use std::collections::{BTreeMap, BTreeSet};

use frame_support::traits::Get;
use pallet_rwa_oracle::{
	Cause, Config, Event, FeedSpecOf, Feeds, HoldReason, Phase, Record, RoundFailure,
};
use rwa_primitives::{
	aggregate::{aggregate, needed, Agreement, Disagreement, WeightedReading},
	fault::Fault,
	feed::{FeedId, Observation, RoundIndex},
	reading::Reading,
	Balance,
};
use rwa_runtime::{AccountId, Clock, Oracle, Runtime, RuntimeEvent, RuntimeHoldReason, System};

/// Fewest reporters of a round.
const LEAST: u32 = 4;

/// How often things happened that the test is about.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
	pub(super) succeeded: u32,
	pub(super) taken: u32,
	pub(super) refused: u32,
	pub(super) closed: u32,
	pub(super) guaranteed: u32,
	pub(super) uncommitted: u32,
	pub(super) disagreed: u32,
	pub(super) unopened: u32,
	pub(super) alarmed: u32,
	pub(super) requested: u32,
	pub(super) founded: u32,
	pub(super) unfounded: u32,
	pub(super) voided: u32,
	pub(super) dropped: u32,
	pub(super) shut: u32,
	pub(super) paid: u32,
	pub(super) judged: u32,
	pub(super) outliers: u32,
	pub(super) silences: u32,
	pub(super) penalties: u32,
}

/// What is known of a feed.
struct Feed {
	spec: FeedSpecOf<Runtime>,
	deposit: Balance,
	paused: bool,
	roster: BTreeSet<AccountId>,
	budget: Balance,
	answer: Option<(RoundIndex, Reading)>,
	round: Option<Round>,
	/// Who was drawn for the round that closed last, and who of them has raised an alarm since.
	watch: Option<Watch>,
	/// The next round, or the open one, was called early.
	early: Option<Early>,
}

struct Round {
	index: RoundIndex,
	phase: Phase,
	fee: Balance,
	/// In the order drawn, with each one's weight.
	committee: Vec<(AccountId, u128)>,
	committed: BTreeSet<AccountId>,
	abstained: BTreeSet<AccountId>,
	revealed: BTreeMap<AccountId, Observation>,
}

struct Watch {
	committee: Vec<(AccountId, u128)>,
	alarmed: BTreeSet<AccountId>,
}

struct Early {
	round: RoundIndex,
	cause: Cause,
	opens_at: u32,
	pledge: Option<Pledge>,
}

/// What somebody has put up for an early round.
#[derive(Clone)]
struct Pledge {
	round: RoundIndex,
	requester: AccountId,
	bond: Balance,
	price: Balance,
}

/// The round that closes right now: what belongs to it follows in the same breath.
struct Closing {
	feed: FeedId,
	round: RoundIndex,
	moved: bool,
	/// Who has to be paid.
	accepted: usize,
	/// Fee and rewards.
	cost: Balance,
	/// Whether it was said that alarms are shut.
	shut: bool,
}

/// See the [module](self).
#[derive(Default)]
pub(super) struct Ledger {
	feeds: BTreeMap<FeedId, Feed>,
	/// The newest round of each name, whatever becomes of the feed.
	newest: BTreeMap<FeedId, RoundIndex>,
	closing: Option<Closing>,
	/// A request that was made and hasn't called its round yet.
	request: Option<(FeedId, Pledge)>,
	/// A feed whose watchers have called a round that isn't announced yet.
	called: Option<FeedId>,
	/// What reporters committed to though it was not so. Written by those who make them lie.
	pub(super) lies: BTreeSet<(AccountId, FeedId, RoundIndex)>,
	pub(super) tally: Tally,
}

fn total(committee: &[(AccountId, u128)]) -> u128 {
	committee.iter().map(|(_, weight)| weight).sum()
}

fn duty_fee() -> Balance {
	<<Runtime as Config>::DutyFee as Get<Balance>>::get()
}

fn price(spec: &FeedSpecOf<Runtime>, size: u32) -> Balance {
	(spec.reward + duty_fee()) * Balance::from(size)
}

impl Round {
	fn weight_of(&self, among: impl Fn(&AccountId) -> bool) -> u128 {
		self.committee.iter().filter(|(who, _)| among(who)).map(|(_, weight)| weight).sum()
	}

	/// What was revealed, in the order of the committee, with who did.
	fn reports(&self) -> Vec<(&AccountId, WeightedReading)> {
		let reports = self.committee.iter().filter_map(|(who, weight)| {
			let reading = self.revealed.get(who)?.reading;
			Some((who, WeightedReading { reading, weight: *weight }))
		});
		reports.collect()
	}

	fn agreement(&self, spec: &FeedSpecOf<Runtime>) -> Result<Agreement, Disagreement> {
		let reports: Vec<_> = self.reports().into_iter().map(|(_, report)| report).collect();
		aggregate(&spec.schema, &reports, total(&self.committee), &spec.rules)
	}

	fn takes_part(&self, who: &AccountId) -> bool {
		self.committee.iter().any(|(reporter, _)| reporter == who)
	}
}

impl Ledger {
	/// Reads what has happened since the last time, and forgets it on chain.
	pub(super) fn read_events(&mut self) {
		for record in System::events() {
			match record.event {
				RuntimeEvent::Oracle(event) => self.note(event),
				RuntimeEvent::Slashing(pallet_rwa_slashing::Event::PenaltyExecuted { .. }) => {
					self.tally.penalties += 1;
				}
				_ => {}
			}
		}
		System::reset_events();
		self.finish_closing();
		assert!(self.request.is_none(), "a round was requested and not called");
		assert!(self.called.is_none(), "a third of a committee called no round");
	}

	fn feed(&mut self, id: FeedId) -> &mut Feed {
		self.feeds.get_mut(&id).expect("it was created")
	}

	fn round(&mut self, id: FeedId, index: RoundIndex) -> &mut Round {
		let round = self.feed(id).round.as_mut().expect("a round is open");
		assert_eq!(round.index, index, "another round of {id:?} is open");
		round
	}

	fn note(&mut self, event: Event<Runtime>) {
		match event {
			Event::FeedCreated { feed, spec, admin, .. } => {
				let deposit = <<Runtime as Config>::FeedDeposit as Get<Balance>>::get();
				let new = Feed {
					spec,
					deposit: if admin.is_some() { deposit } else { 0 },
					paused: false,
					roster: BTreeSet::new(),
					budget: 0,
					answer: None,
					round: None,
					watch: None,
					early: None,
				};
				assert!(self.feeds.insert(feed, new).is_none(), "{feed:?} was there");
			}
			Event::FeedPaused { feed } => {
				let feed = self.feed(feed);
				feed.paused = true;
				if feed.round.is_none() {
					(feed.watch, feed.early) = (None, None);
				}
			}
			Event::FeedResumed { feed } => self.feed(feed).paused = false,
			Event::FeedRemoved { feed, refund } => {
				let gone = self.feeds.remove(&feed).expect("it was created");
				assert_eq!(gone.budget, refund);
				assert!(gone.round.is_none(), "a feed was removed with an open round");
				let pledged = gone.early.is_some_and(|early| early.pledge.is_some());
				assert!(!pledged, "a feed was removed with somebody's money");
			}
			Event::Joined { feed, reporter, replaced } => {
				let roster = &mut self.feed(feed).roster;
				assert!(replaced.is_none_or(|leaver| roster.remove(&leaver)));
				assert!(roster.insert(reporter));
			}
			Event::Left { feed, reporter } => assert!(self.feed(feed).roster.remove(&reporter)),
			Event::ToppedUp { feed, amount, budget, .. } => {
				self.feed(feed).budget += amount;
				assert_eq!(self.feed(feed).budget, budget);
			}
			Event::RoundOpened { feed, round, committee, fee, .. } => {
				self.open(feed, round, committee, fee);
			}
			Event::Committed { feed, round, reporter } => {
				let round = self.round(feed, round);
				assert!(round.phase == Phase::Commit && round.takes_part(&reporter));
				assert!(!round.abstained.contains(&reporter) && round.committed.insert(reporter));
			}
			Event::Abstained { feed, round, reporter } => {
				let round = self.round(feed, round);
				assert!(round.phase == Phase::Commit && round.takes_part(&reporter));
				assert!(!round.committed.contains(&reporter) && round.abstained.insert(reporter));
			}
			Event::RevealStarted { feed, round, .. } => {
				let rules = self.feed(feed).spec.rules;
				let round = self.round(feed, round);
				let committed = round.weight_of(|who| round.committed.contains(who));
				assert!(committed >= needed(total(&round.committee), &rules));
				round.phase = Phase::Reveal;
			}
			Event::Revealed { feed, round, reporter, observation } => {
				let round = self.round(feed, round);
				assert!(round.phase == Phase::Reveal && round.committed.contains(&reporter));
				assert!(round.revealed.insert(reporter, observation).is_none());
			}
			Event::RoundClosed {
				feed,
				round,
				reading,
				median,
				spread,
				reports,
				reported,
				assigned,
				outliers,
			} => {
				let found = (reading, median, spread, reported);
				self.close(feed, round, found, (reports, assigned), &outliers);
			}
			Event::Paid { feed, round, each, reporters } => self.pay(feed, round, each, reporters),
			Event::RoundFailed { feed, round, reason } => self.fail(feed, round, reason),
			Event::Judged { record, faults, .. } => self.judge(record, &faults),
			Event::AlarmRaised { feed, round, reporter, weight, alarmed, assigned } => {
				self.alarm(feed, round, reporter, [weight, alarmed, assigned]);
			}
			Event::RoundRequested { feed, round, requester, bond, price } => {
				let spec = &self.feed(feed).spec;
				assert_eq!(price, self::price(spec, spec.committee));
				assert_eq!(bond, <<Runtime as Config>::RequestBond as Get<Balance>>::get());
				self.request = Some((feed, Pledge { round, requester, bond, price }));
			}
			Event::EarlyRound { feed, round, cause, opens_at } => {
				self.call(feed, round, cause, opens_at);
			}
			Event::EarlyRoundDropped { feed, round, .. } => {
				self.tally.dropped += 1;
				let early = self.feed(feed).early.as_ref().expect("it was called");
				assert_eq!(early.round, round);
				if early.pledge.is_none() {
					self.feed(feed).early = None;
				}
			}
			Event::AlarmsShut { feed, round } => {
				self.tally.shut += 1;
				let closing = self.closing.as_mut().expect("a round closes");
				assert_eq!((closing.feed, closing.round), (feed, round));
				closing.shut = true;
			}
			Event::RequestSettled { feed, round, requester, founded, charged, forfeited } => {
				self.settle(feed, round, &requester, (founded, charged, forfeited));
			}
			_ => {}
		}
	}

	fn open(
		&mut self,
		id: FeedId,
		index: RoundIndex,
		committee: Vec<(AccountId, u128)>,
		fee: Balance,
	) {
		self.finish_closing();
		let newest = self.newest.insert(id, index).unwrap_or(0);
		assert_eq!(index, newest + 1, "a round of {id:?} was left out");
		let feed = self.feed(id);
		assert!(feed.round.is_none() && !feed.paused);
		let size = u32::try_from(committee.len()).expect("few");
		assert!((LEAST..=feed.spec.committee).contains(&size));
		let distinct: BTreeSet<_> = committee.iter().map(|(who, _)| who).collect();
		assert_eq!(distinct.len(), committee.len());
		assert!(distinct.into_iter().all(|who| feed.roster.contains(who)));
		assert!(committee.iter().all(|(_, weight)| 3 * weight < total(&committee)));
		assert!(price(&feed.spec, size) <= feed.budget, "a round is open that nobody can pay");
		if let Some(early) = &feed.early {
			assert!(early.round == index && early.opens_at <= Clock::now());
		}
		assert_eq!(fee, duty_fee() * Balance::from(size));
		feed.budget -= fee;
		feed.watch = None;
		feed.round = Some(Round {
			index,
			phase: Phase::Commit,
			fee,
			committee,
			committed: BTreeSet::new(),
			abstained: BTreeSet::new(),
			revealed: BTreeMap::new(),
		});
	}

	fn close(
		&mut self,
		id: FeedId,
		index: RoundIndex,
		(reading, median, spread, reported): (Reading, Reading, u128, u128),
		(reports, assigned): (u32, u128),
		outliers: &[AccountId],
	) {
		self.finish_closing();
		self.tally.closed += 1;
		self.round(id, index);
		let feed = self.feeds.get_mut(&id).expect("it was created");
		let round = feed.round.take().expect("it is open");
		assert_eq!(round.phase, Phase::Reveal);
		let agreement = round.agreement(&feed.spec).expect("they agree");
		let found = Agreement { value: reading, median, spread, outliers: vec![], reported };
		assert_eq!(found, Agreement { outliers: vec![], ..agreement.clone() });
		assert_eq!((reports as usize, assigned), (round.revealed.len(), total(&round.committee)));
		let told = round.reports().into_iter().zip(&agreement.outliers);
		let expected: Vec<_> =
			told.filter(|(_, out)| **out).map(|((who, _), _)| who.clone()).collect();
		assert_eq!(outliers, expected);

		// Whatever is computed, liars and the silent don't move it beyond the others.
		let honest = |who: &AccountId| {
			round.revealed.contains_key(who) && !self.lies.contains(&(who.clone(), id, index))
		};
		let faulty = assigned - round.weight_of(honest);
		if 3 * faulty < assigned {
			let said = || {
				let told = round.revealed.iter().filter(|(who, _)| honest(who));
				told.map(|(_, observation)| scalar(&observation.reading))
			};
			let range = said().min().expect("most")..=said().max().expect("most");
			assert!(range.contains(&scalar(&reading)), "{reading:?} is out of {range:?}");
			self.tally.guaranteed += 1;
		}

		let deviation = feed.spec.deviation;
		let moved = feed.answer.is_some_and(|(_, old)| deviation.deviates(&reading, &old));
		feed.answer = Some((index, reading));
		let accepted = round.revealed.len() - outliers.len();
		let (cost, shut) = (round.fee, false);
		self.closing = Some(Closing { feed: id, round: index, moved, accepted, cost, shut });
		if !feed.paused {
			feed.watch = Some(Watch { committee: round.committee, alarmed: BTreeSet::new() });
		}
	}

	fn pay(&mut self, id: FeedId, index: RoundIndex, each: Balance, reporters: u32) {
		self.tally.paid += 1;
		let sum = each * Balance::from(reporters);
		let closing = self.closing.as_mut().expect("a round closes");
		assert_eq!((closing.feed, closing.round), (id, index));
		assert_eq!(reporters as usize, closing.accepted);
		closing.cost += sum;
		let feed = self.feed(id);
		assert_eq!(each, feed.spec.reward);
		feed.budget -= sum;
	}

	/// All that belongs to the round that closed has been told.
	fn finish_closing(&mut self) {
		let Some(closing) = self.closing.take() else { return };
		let early = self.feed(closing.feed).early.take();
		let by_alarms = early.is_some_and(|early| {
			assert!(early.pledge.is_none(), "a round closed and its requester waits");
			early.cause == Cause::Alarm
		});
		// Those who have raised a false alarm are not heard for a while, and nobody else.
		assert_eq!(closing.shut, by_alarms && !closing.moved);
	}

	fn fail(&mut self, id: FeedId, index: RoundIndex, reason: RoundFailure) {
		self.finish_closing();
		let Some(round) = self.feed(id).round.take() else {
			return self.fail_opening(id, index, reason);
		};
		assert_eq!(round.index, index);
		let feed = self.feed(id);
		match reason {
			RoundFailure::TooFewCommitted { committed, needed } => {
				assert_eq!(round.phase, Phase::Commit);
				assert_eq!(committed, round.weight_of(|who| round.committed.contains(who)));
				let least = self::needed(total(&round.committee), &feed.spec.rules);
				assert_eq!(needed, least);
				assert!(committed < needed);
				self.tally.uncommitted += 1;
			}
			RoundFailure::Disagreement(why) => {
				assert_eq!(round.phase, Phase::Reveal);
				assert_eq!(round.agreement(&feed.spec), Err(why));
				self.tally.disagreed += 1;
			}
			RoundFailure::TooFewReporters { .. } | RoundFailure::NoBudget => {
				panic!("an open round of {id:?} could not open")
			}
		}
		let feed = self.feed(id);
		// Who has put up money for it has it back in a moment.
		if feed.early.as_ref().is_some_and(|early| early.pledge.is_none()) {
			feed.early = None;
		}
	}

	fn fail_opening(&mut self, id: FeedId, index: RoundIndex, reason: RoundFailure) {
		let newest = self.newest.insert(id, index).unwrap_or(0);
		assert_eq!(index, newest + 1, "a round of {id:?} was left out");
		let feed = self.feed(id);
		assert!(feed.early.is_none(), "a round failed that was called early");
		feed.watch = None;
		match reason {
			RoundFailure::TooFewReporters { able } => assert!(able < LEAST),
			RoundFailure::NoBudget => {
				assert!(feed.budget < price(&feed.spec, feed.spec.committee));
			}
			other => panic!("{other:?} before the round opened"),
		}
		self.tally.unopened += 1;
	}

	fn judge(&mut self, record: Record, faults: &[Fault]) {
		self.tally.judged += 1;
		for fault in faults {
			match fault {
				Fault::ConsistentOutliers => {
					assert!(record.outliers >= 6);
					self.tally.outliers += 1;
				}
				Fault::FailureToRespond => {
					assert!(record.missed >= 6);
					self.tally.silences += 1;
				}
				other => panic!("no round shows {other:?}"),
			}
		}
	}

	fn alarm(
		&mut self,
		id: FeedId,
		index: RoundIndex,
		reporter: AccountId,
		[weight, alarmed, assigned]: [u128; 3],
	) {
		assert_eq!(Some(&(index - 1)), self.newest.get(&id));
		let watch = self.feed(id).watch.as_mut().expect("a round closed");
		assert!(watch.alarmed.insert(reporter.clone()), "{reporter:?} has raised an alarm before");
		let sum = watch.committee.iter().filter(|(who, _)| watch.alarmed.contains(who));
		assert_eq!(alarmed, sum.map(|(_, weight)| weight).sum::<u128>());
		assert_eq!(assigned, total(&watch.committee));
		assert!(watch.committee.contains(&(reporter, weight)));
		if 3 * alarmed >= assigned {
			assert!(self.called.replace(id).is_none());
		}
	}

	fn call(&mut self, id: FeedId, index: RoundIndex, cause: Cause, opens_at: u32) {
		assert_eq!(Some(&(index - 1)), self.newest.get(&id));
		assert!(opens_at > Clock::now());
		let pledge = match cause {
			Cause::Alarm => {
				self.tally.alarmed += 1;
				assert_eq!(self.called.take(), Some(id));
				None
			}
			Cause::Request => {
				self.tally.requested += 1;
				let (feed, pledge) = self.request.take().expect("it was requested");
				assert_eq!((feed, pledge.round), (id, index));
				Some(pledge)
			}
		};
		let feed = self.feed(id);
		assert!(feed.round.is_none() && feed.early.is_none() && !feed.paused);
		assert!(feed.watch.take().is_some());
		feed.early = Some(Early { round: index, cause, opens_at, pledge });
	}

	/// Who was right has everything back, and so has everybody if nobody knows.
	fn settle(
		&mut self,
		id: FeedId,
		index: RoundIndex,
		requester: &AccountId,
		found: (bool, Balance, Balance),
	) {
		let early = self.feed(id).early.take().expect("it was called");
		let pledge = early.pledge.expect("it was requested");
		assert_eq!((pledge.round, &pledge.requester), (index, requester));
		let closes = self.closing.as_ref().filter(|one| (one.feed, one.round) == (id, index));
		let expected = match closes {
			None => {
				self.tally.voided += 1;
				(false, 0, 0)
			}
			Some(Closing { moved: true, .. }) => {
				self.tally.founded += 1;
				(true, 0, 0)
			}
			Some(Closing { cost, .. }) => {
				self.tally.unfounded += 1;
				(false, pledge.price.min(*cost), pledge.bond)
			}
		};
		assert_eq!(found, expected);
		let (_, charged, _) = expected;
		self.feed(id).budget += charged;
	}

	/// Holds all of it against the chain.
	pub(super) fn compare(&self) {
		assert!(Feeds::<Runtime>::iter_keys().count() == self.feeds.len());
		for (id, feed) in &self.feeds {
			let stored = Feeds::<Runtime>::get(id).expect("it was created");
			assert_eq!((&stored.spec, stored.paused), (&feed.spec, feed.paused));
			assert!(stored.roster.iter().collect::<BTreeSet<_>>() == feed.roster.iter().collect());
			assert_eq!(Oracle::budget(*id), feed.budget, "what {id:?} has");
			let answer = Oracle::latest(*id).map(|answer| (answer.round, answer.reading));
			assert_eq!(answer, feed.answer, "what {id:?} says");
			let open = Oracle::open_round(*id).map(|round| (round.index, round.phase));
			assert_eq!(open, feed.round.as_ref().map(|round| (round.index, round.phase)));
			let early = Oracle::early_round(*id).map(|early| early.round);
			assert_eq!(early, feed.early.as_ref().map(|early| early.round));
		}
		self.compare_money();
	}

	/// Nobody has a hold that no feed owns up to.
	fn compare_money(&self) {
		let sum = |of: fn(&Feed) -> Balance| self.feeds.values().map(of).sum::<Balance>();
		let pledged = |feed: &Feed| {
			let pledge = feed.early.as_ref().and_then(|early| early.pledge.as_ref());
			pledge.map_or(0, |pledge| pledge.bond + pledge.price)
		};
		assert_eq!(held(HoldReason::FeedBudget), sum(|feed| feed.budget));
		assert_eq!(held(HoldReason::FeedDeposit), sum(|feed| feed.deposit));
		assert_eq!(held(HoldReason::RoundRequest), sum(pledged));
	}
}

/// What is held for this reason, of whomever.
fn held(reason: HoldReason) -> Balance {
	let reason = RuntimeHoldReason::Oracle(reason);
	let holds = pallet_balances::Holds::<Runtime>::iter_values().flatten();
	holds.filter(|hold| hold.id == reason).map(|hold| hold.amount).sum()
}

fn scalar(reading: &Reading) -> i128 {
	match reading {
		Reading::Scalar(value) => *value,
		other => panic!("{other:?} is no quantity"),
	}
}
