//! What the pallet stores and shows.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::Get, BoundedVec};
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	aggregate::{self, Rules, WeightedReading},
	feed::{EvidenceRule, FeedId, MeasurementRef, Observation, RoundIndex},
	reading::{Reading, Schema, SchemaFault, Tolerance},
	Balance, Moment,
};
use scale_info::TypeInfo;
use sp_core::H256;
use sp_runtime::traits::{Saturating, Zero};

use crate::Config;

/// [`FeedSpec`] as the runtime bounds it.
pub type FeedSpecOf<T> =
	FeedSpec<BoundedVec<u8, <T as Config>::MaxUnitLength>, BlockNumberFor<T>, Balance>;
/// A feed's reporters, or those that it invites.
pub type RosterOf<T> =
	BoundedVec<<T as frame_system::Config>::AccountId, <T as Config>::MaxReporters>;
/// [`Admission`] as the runtime bounds it.
pub type AdmissionOf<T> = Admission<RosterOf<T>>;
/// [`Feed`] as the runtime bounds it.
pub type FeedOf<T> =
	Feed<FeedSpecOf<T>, <T as frame_system::Config>::AccountId, RosterOf<T>, Balance>;
/// [`Duty`] with the runtime's accounts.
pub type DutyOf<T> = Duty<<T as frame_system::Config>::AccountId>;
/// [`Round`] as the runtime bounds it.
pub type RoundOf<T> = Round<BoundedVec<DutyOf<T>, <T as Config>::MaxCommittee>, BlockNumberFor<T>>;
/// [`Testimonies`] as the runtime bounds them.
pub type TestimoniesOf<T> =
	Testimonies<BoundedVec<H256, <T as Config>::MaxCommittee>, BlockNumberFor<T>>;
/// [`Demand`] with the runtime's accounts and block numbers.
pub type DemandOf<T> = Demand<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;
/// [`Agreement`] with the runtime's block numbers.
pub type AgreementOf<T> = Agreement<BlockNumberFor<T>>;
/// [`Watcher`] with the runtime's accounts.
pub type WatcherOf<T> = Watcher<<T as frame_system::Config>::AccountId>;
/// [`Watch`] as the runtime bounds it.
pub type WatchOf<T> =
	Watch<BoundedVec<WatcherOf<T>, <T as Config>::MaxCommittee>, BlockNumberFor<T>>;
/// [`Request`] with the runtime's accounts.
pub type RequestOf<T> = Request<<T as frame_system::Config>::AccountId>;
/// [`EarlyRound`] with the runtime's accounts and block numbers.
pub type EarlyRoundOf<T> = EarlyRound<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;
/// [`FeedOverview`] as the runtime bounds it.
pub type FeedOverviewOf<T> = FeedOverview<FeedOf<T>, Balance>;

/// What a feed measures, how, and what it pays. Fixed for the feed's life: a reading must not change its
/// meaning under those who read it, nor the terms under those who joined.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct FeedSpec<Unit, BlockNumber, Balance> {
	/// Unit of the readings, in UTF-8, for people: `°C`.
	pub unit: Unit,
	/// What the readings are, and which can be real.
	pub schema: Schema,
	/// How the reports of a round become one answer.
	pub rules: Rules,
	/// How far the feed's reading has to be from its answer to be worth an early round. More than honest instruments
	/// are apart, or their noise calls rounds.
	pub deviation: Tolerance,
	/// Reporters drawn for each round, if there are as many: [`Config::MinCommittee`] to
	/// [`Config::MaxCommittee`].
	pub committee: u32,
	/// Working blocks from the opening of one round to the opening of the next: more than a round takes.
	pub heartbeat: BlockNumber,
	/// Working blocks in which reporters commit: [`Config::MinPhase`] to [`Config::Day`].
	pub commit_time: BlockNumber,
	/// Working blocks in which they reveal: [`Config::MinPhase`] to [`Config::Day`].
	pub reveal_time: BlockNumber,
	/// Blocks after which an answer is stale, halted ones included. At least `heartbeat`, so that a feed on
	/// time is never stale between two rounds.
	pub max_age: BlockNumber,
	/// What each accepted report earns. May be nothing.
	pub reward: Balance,
	/// What reports have to rest on.
	pub evidence: EvidenceRule,
}

/// Who may join a feed.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[allow(clippy::cast_possible_truncation)] // The indices, in what `Encode` derives.
pub enum Admission<Accounts> {
	/// Every active oracle operator.
	#[codec(index = 0)]
	Open,
	/// Those named.
	#[codec(index = 1)]
	Invited(Accounts),
}

impl<AccountId: PartialEq, Max> Admission<BoundedVec<AccountId, Max>> {
	/// Whether `who` may join.
	pub fn admits(&self, who: &AccountId) -> bool {
		match self {
			Self::Open => true,
			Self::Invited(accounts) => accounts.contains(who),
		}
	}
}

/// A feed.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Feed<Spec, AccountId, Roster, Balance> {
	/// What it measures, how, and what it pays.
	pub spec: Spec,
	/// The owner of the asset who created it, and may change and remove it besides governance. `None`:
	/// governance did.
	pub admin: Option<AccountId>,
	/// Whose money pays for it: the feed's budget is held on this account.
	pub payer: AccountId,
	/// What its creation held from its admin.
	pub deposit: Balance,
	/// Whether its rounds are stopped.
	pub paused: bool,
	/// Who may join.
	pub admission: Admission<Roster>,
	/// Who has joined: the committees of its rounds are drawn among these.
	pub roster: Roster,
}

/// How far a reporter is with a round.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
#[allow(clippy::cast_possible_truncation)] // The indices, in what `Encode` derives.
pub enum DutyState {
	/// It has said nothing.
	#[codec(index = 0)]
	Silent,
	/// It can't measure, and has said so.
	#[codec(index = 1)]
	Abstained,
	/// It has measured, and nobody knows what.
	#[codec(index = 2)]
	Committed(H256),
	/// It has said what it measured.
	#[codec(index = 3)]
	Revealed(Observation),
}

/// A reporter's duty in a round.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Duty<AccountId> {
	/// Whose.
	pub reporter: AccountId,
	/// How much its word counts: its vote's weight when the round opened, capped below a third of all.
	pub weight: u128,
	/// How far it is.
	pub state: DutyState,
}

/// What a round waits for.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Phase {
	/// Commitments.
	#[codec(index = 0)]
	Commit,
	/// What was committed to.
	#[codec(index = 1)]
	Reveal,
}

/// An open round.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Round<Duties, BlockNumber> {
	/// Its number.
	pub index: RoundIndex,
	/// Working block in which it opened.
	pub opened_at: BlockNumber,
	/// What it waits for.
	pub phase: Phase,
	/// First working block in which words of this phase are too late.
	pub deadline: BlockNumber,
	/// The feed's schema. Here as well, so that a statement needs one value and no more.
	pub schema: Schema,
	/// Weight of all duties.
	pub assigned: u128,
	/// Who is to report: drawn when it opened, in the order drawn.
	pub duties: Duties,
	/// What the feed's reports have to rest on. Here for the same reason as the schema.
	pub evidence: EvidenceRule,
}

impl<AccountId: PartialEq, Max, BlockNumber> Round<BoundedVec<Duty<AccountId>, Max>, BlockNumber> {
	/// The duty of `who`. `None`: it was not drawn.
	pub fn duty_of(&self, who: &AccountId) -> Option<&Duty<AccountId>> {
		self.duties.iter().find(|duty| duty.reporter == *who)
	}

	/// Who has revealed what a device has measured, and what that is, in the order of the duties.
	pub(crate) fn measured(
		&self,
	) -> impl Iterator<Item = (&Duty<AccountId>, &Observation, &MeasurementRef)> {
		self.duties.iter().filter_map(|duty| match &duty.state {
			DutyState::Revealed(observation) => {
				let named = observation.evidence.as_ref()?.measurement()?;
				Some((duty, observation, named))
			}
			_ => None,
		})
	}

	/// Weight of those who have committed, whether or not they have revealed.
	pub(crate) fn committed(&self) -> u128 {
		let committed = self
			.duties
			.iter()
			.filter(|duty| matches!(duty.state, DutyState::Committed(_) | DutyState::Revealed(_)));
		committed.fold(0, |sum, duty| sum.saturating_add(duty.weight))
	}

	/// Whether nobody is left whose word this phase waits for.
	pub(crate) fn is_complete(&self) -> bool {
		!self.duties.iter().any(|duty| match self.phase {
			Phase::Commit => duty.state == DutyState::Silent,
			Phase::Reveal => matches!(duty.state, DutyState::Committed(_)),
		})
	}

	/// Who has revealed, and what, in the order of the duties.
	pub(crate) fn reports(&self) -> Vec<(&AccountId, WeightedReading)> {
		let report = |duty: &Duty<AccountId>| match &duty.state {
			DutyState::Revealed(observation) => {
				Some(WeightedReading { reading: observation.reading, weight: duty.weight })
			}
			_ => None,
		};
		self.duties.iter().filter_map(|duty| Some((&duty.reporter, report(duty)?))).collect()
	}
}

/// What was revealed in a round as measured by a device, so that it can be held against whoever has revealed it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Testimonies<Hashes, BlockNumber> {
	/// The working block in which the round ended.
	pub ended_at: BlockNumber,
	/// [`Observation::testimony`] of each report that names a measurement, in the order of the duties.
	pub hashes: Hashes,
}

/// Somebody wants to see the measurement that a report names.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Demand<AccountId, BlockNumber> {
	/// The feed that the report was for.
	pub feed: FeedId,
	/// The round in which it was revealed.
	pub round: RoundIndex,
	/// Who wants to see it.
	pub challenger: AccountId,
	/// What is held on the challenger, in the smallest unit: the reporter's as soon as it shows the measurement.
	pub bond: Balance,
	/// The working block from which the reporter can be punished for not having shown it.
	pub due_at: BlockNumber,
}

/// What a round agreed on.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Agreement<BlockNumber> {
	/// The answer.
	pub reading: Reading,
	/// The weighted median of the reports.
	pub median: Reading,
	/// How far the reports were from it: see [`aggregate::Agreement::spread`].
	pub spread: u128,
	/// The round.
	pub round: RoundIndex,
	/// Weight of those who revealed.
	pub reported: u128,
	/// Weight of all who were to report.
	pub assigned: u128,
	/// How many revealed.
	pub reports: u32,
	/// How many were to report.
	pub committee: u32,
	/// The block in which the round closed.
	pub block: BlockNumber,
	/// The working block in which it closed.
	pub working_time: BlockNumber,
	/// The time of that block, in milliseconds since 1970-01-01 UTC.
	pub moment: Moment,
}

/// Why a round has no answer.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[allow(clippy::cast_possible_truncation)] // The indices, in what `Encode` derives.
pub enum RoundFailure {
	/// Too few of the roster could have been drawn: [`Config::MinCommittee`] are needed.
	#[codec(index = 0)]
	TooFewReporters {
		/// How many could have been drawn.
		able: u32,
	},
	/// What is left of the budget doesn't pay the whole committee. Top it up.
	#[codec(index = 1)]
	NoBudget,
	/// Too few committed, by weight.
	#[codec(index = 2)]
	TooFewCommitted {
		/// Weight of those who did.
		committed: u128,
		/// The least that would have done.
		needed: u128,
	},
	/// What was revealed has no answer.
	#[codec(index = 3)]
	Disagreement(aggregate::Disagreement),
}

/// One of those who watch over a feed between two rounds.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Watcher<AccountId> {
	/// Who was drawn for the last round.
	pub reporter: AccountId,
	/// How much its word counted there.
	pub weight: u128,
	/// Whether it has raised an alarm since.
	pub alarmed: bool,
}

/// The time between two rounds in which the next one may be called early.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Watch<Watchers, BlockNumber> {
	/// The last round. What is called is the one after it.
	pub round: RoundIndex,
	/// First working block in which the next round may be called: a whole round's time after the opening of the
	/// last.
	pub since: BlockNumber,
	/// First working block in which it is too late, because the next round opens soon in any case.
	pub until: BlockNumber,
	/// The working block in which the next round opens if nobody calls it.
	pub due: BlockNumber,
	/// Weight of all watchers.
	pub assigned: u128,
	/// The last round's committee.
	pub watchers: Watchers,
	/// Whether alarms are refused: the last one was in vain.
	pub shut: bool,
}

impl<AccountId, Max, BlockNumber> Watch<BoundedVec<Watcher<AccountId>, Max>, BlockNumber> {
	/// Weight of those who have raised an alarm.
	pub fn alarmed(&self) -> u128 {
		let alarmed = self.watchers.iter().filter(|watcher| watcher.alarmed);
		alarmed.fold(0, |sum, watcher| sum.saturating_add(watcher.weight))
	}

	/// Whether they call the next round: they have a third of the weight.
	pub(crate) fn calls(&self) -> bool {
		self.alarmed().saturating_mul(3) >= self.assigned
	}
}

/// What an account has put up for an early round.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Request<AccountId> {
	/// Whose money it is.
	pub requester: AccountId,
	/// What it loses if the answer stays much the same: [`Config::RequestBond`] at that time.
	pub bond: Balance,
	/// The most that the round can cost the feed. It pays as much of it as the round did cost, if the answer stays
	/// much the same.
	pub price: Balance,
}

impl<AccountId> Request<AccountId> {
	/// All that is held for it.
	pub(crate) fn held(&self) -> Balance {
		self.bond.saturating_add(self.price)
	}
}

/// A round that was called early, from the call to its end.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct EarlyRound<AccountId, BlockNumber> {
	/// Its number.
	pub round: RoundIndex,
	/// The working block in which it would have opened by the heartbeat, and in which the next one opens if it can't
	/// open earlier.
	pub due: BlockNumber,
	/// Who has put up money for it. `None`: alarms have called it.
	pub request: Option<Request<AccountId>>,
	/// Whether alarms were refused when it was called.
	pub shut: bool,
	/// What the feed has paid for its opening; nothing before that.
	pub fee: Balance,
}

/// Why a round is early.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Cause {
	/// A third of the last committee's weight has raised an alarm.
	#[codec(index = 0)]
	Alarm,
	/// Somebody has put up a bond for it.
	#[codec(index = 1)]
	Request,
}

/// What one reporter did in one feed in the current window of rounds.
#[derive(
	Clone,
	Copy,
	Default,
	PartialEq,
	Eq,
	Debug,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Record {
	/// Rounds it was drawn for.
	pub rounds: u32,
	/// In how many its report was an outlier.
	pub outliers: u32,
	/// In how many it neither abstained nor did what it was to do.
	pub missed: u32,
	/// In how many its report was accepted.
	pub accepted: u32,
}

impl Record {
	/// Whether there is nothing that it could be blamed for.
	pub fn is_clean(&self) -> bool {
		self.outliers == 0 && self.missed == 0
	}
}

/// A feed with its state, for a list of feeds.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct FeedOverview<Feed, Balance> {
	/// Its name.
	pub id: FeedId,
	/// Its settings and its roster.
	pub feed: Feed,
	/// The newest round that was opened; 0 before the first.
	pub last_round: RoundIndex,
	/// Rounds that failed in a row since the last answer.
	pub failures: u32,
	/// What is left of its money.
	pub budget: Balance,
}

/// Why a feed can't be as it was asked to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SpecFault {
	Unit,
	Schema(SchemaFault),
	Rules,
	Committee,
	PhaseTooShort,
	PhaseTooLong,
	Heartbeat,
	MaxAge,
}

/// What a spec's numbers have to be between.
pub(crate) struct SpecLimits<BlockNumber> {
	pub(crate) committee: (u32, u32),
	pub(crate) phase: (BlockNumber, BlockNumber),
}

impl<MaxUnit: Get<u32>, BlockNumber: Ord + Copy + Zero + Saturating, Balance>
	FeedSpec<BoundedVec<u8, MaxUnit>, BlockNumber, Balance>
{
	/// Working blocks from a round's opening to its end, if everything takes its time.
	pub(crate) fn round_time(&self) -> BlockNumber {
		self.commit_time.saturating_add(self.reveal_time)
	}

	/// Refuses what is not sound.
	pub(crate) fn check(&self, limits: &SpecLimits<BlockNumber>) -> Result<(), SpecFault> {
		let refuse = |wrong: bool, fault| if wrong { Err(fault) } else { Ok(()) };
		let unit = core::str::from_utf8(&self.unit);
		let legible = unit.is_ok_and(|unit| !unit.chars().any(char::is_control));
		let (least, most) = limits.committee;
		let (shortest, longest) = limits.phase;
		let phases = [self.commit_time, self.reveal_time];

		refuse(!legible, SpecFault::Unit)?;
		self.schema.check().map_err(SpecFault::Schema)?;
		refuse(self.rules.outlier_multiple == 0, SpecFault::Rules)?;
		refuse(!(least..=most).contains(&self.committee), SpecFault::Committee)?;
		refuse(phases.iter().any(|phase| *phase < shortest), SpecFault::PhaseTooShort)?;
		refuse(phases.iter().any(|phase| *phase > longest), SpecFault::PhaseTooLong)?;
		refuse(self.heartbeat <= self.round_time(), SpecFault::Heartbeat)?;
		refuse(self.max_age < self.heartbeat, SpecFault::MaxAge)
	}
}
