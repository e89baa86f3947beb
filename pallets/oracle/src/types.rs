//! What the pallet stores and shows.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::Get, BoundedVec};
use frame_system::pallet_prelude::BlockNumberFor;
use rwa_primitives::{
	feed::{FeedId, RoundIndex, Value},
	Moment,
};
use scale_info::TypeInfo;
use sp_runtime::{
	traits::{Saturating, Zero},
	Percent,
};

use crate::Config;

/// [`FeedSpec`] as the runtime bounds it.
pub type FeedSpecOf<T> = FeedSpec<BoundedVec<u8, <T as Config>::MaxUnitLength>, BlockNumberFor<T>>;
/// The reporters of a feed, each once.
pub type ReportersOf<T> =
	BoundedVec<<T as frame_system::Config>::AccountId, <T as Config>::MaxReporters>;
/// [`Feed`] as the runtime bounds it.
pub type FeedOf<T> = Feed<FeedSpecOf<T>, ReportersOf<T>>;
/// [`Round`] as the runtime bounds it.
pub type RoundOf<T> = Round<ReportersOf<T>, BlockNumberFor<T>>;
/// [`Agreement`] with the runtime's block numbers.
pub type AgreementOf<T> = Agreement<BlockNumberFor<T>>;
/// [`FeedOverview`] as the runtime bounds it.
pub type FeedOverviewOf<T> = FeedOverview<FeedOf<T>>;

/// What a feed measures and how often. Fixed for the feed's life: a value must not change its
/// meaning under those who read it.
#[derive(
	Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct FeedSpec<Unit, BlockNumber> {
	/// Unit of the values, in UTF-8, for people: `°C`.
	pub unit: Unit,
	/// Digits after the point: at most [`rwa_primitives::feed::MAX_DECIMALS`].
	pub decimals: u8,
	/// Lowest value that can be real, in units of 10^-`decimals`. What is below is refused.
	pub minimum: Value,
	/// Highest value that can be real, in units of 10^-`decimals`. Above `minimum`.
	pub maximum: Value,
	/// Working blocks from the opening of one round to the opening of the next. Above `deadline`.
	pub heartbeat: BlockNumber,
	/// Working blocks that a round takes reports. At least [`Config::MinDeadline`].
	pub deadline: BlockNumber,
	/// Blocks after which an answer is stale, halted ones included. At least `heartbeat`, so that a feed on
	/// time is never stale between two rounds.
	pub max_age: BlockNumber,
}

impl<Unit, BlockNumber> FeedSpec<Unit, BlockNumber> {
	/// Whether `value` can be real.
	pub fn allows(&self, value: Value) -> bool {
		(self.minimum..=self.maximum).contains(&value)
	}
}

/// A feed as governance set it up.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Feed<Spec, Reporters> {
	/// What it measures and how often.
	pub spec: Spec,
	/// Who reports to its next round.
	pub reporters: Reporters,
}

/// A round that takes reports.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Round<Reporters, BlockNumber> {
	/// Its number.
	pub index: RoundIndex,
	/// Working block in which it opened.
	pub opened_at: BlockNumber,
	/// First working block in which reports are too late.
	pub deadline: BlockNumber,
	/// Reports that close it.
	pub needed: u32,
	/// Reports received so far: below `needed`.
	pub reports: u32,
	/// Who may report: the feed's reporters when it opened.
	pub reporters: Reporters,
}

/// What a round agreed on.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Agreement<BlockNumber> {
	/// The median of the reports, in units of 10^-`decimals` of the feed.
	pub value: Value,
	/// The round.
	pub round: RoundIndex,
	/// How many reports it is the median of.
	pub reports: u32,
	/// How many reporters the round had.
	pub assigned: u32,
	/// The block in which the round closed.
	pub block: BlockNumber,
	/// The working block in which it closed.
	pub working_time: BlockNumber,
	/// The time of that block, in milliseconds since 1970-01-01 UTC.
	pub moment: Moment,
}

/// A feed with its state, for a list of feeds.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct FeedOverview<Feed> {
	/// Its name.
	pub id: FeedId,
	/// Its settings.
	pub feed: Feed,
	/// Whether governance has stopped it.
	pub paused: bool,
	/// The newest round that was opened; 0 before the first.
	pub last_round: RoundIndex,
}

/// How many of `assigned` reports close a round: `quorum` of them, rounded up, so that the share
/// is reached and not just approached; and never fewer than outvote all the liars there may be.
///
/// Less than a third of the reporters may be faulty: `f` of `3 f + 1`. Among `2 f + 1` reports the
/// honest have the majority, and as many honest reporters exist. 66 % alone would fall one short of
/// that in large rounds: 66 reports of 100 can hold 33 lies.
pub fn needed_reports(quorum: Percent, assigned: u32) -> u32 {
	let faulty = assigned.saturating_sub(1).saturating_div(3);
	let majority = faulty.saturating_mul(2).saturating_add(1).min(assigned);
	quorum.mul_ceil(assigned).max(majority)
}

/// Why a feed can't be as it was asked to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SpecFault {
	Unit,
	Decimals,
	Bounds,
	Deadline,
	Heartbeat,
	MaxAge,
}

impl<MaxUnit: Get<u32>, BlockNumber: Ord + Copy + Zero + Saturating>
	FeedSpec<BoundedVec<u8, MaxUnit>, BlockNumber>
{
	/// `None`: sound.
	pub(crate) fn fault(&self, min_deadline: BlockNumber) -> Option<SpecFault> {
		let unit = core::str::from_utf8(&self.unit);
		let checks = [
			(unit.is_ok_and(|unit| !unit.chars().any(char::is_control)), SpecFault::Unit),
			(self.decimals <= rwa_primitives::feed::MAX_DECIMALS, SpecFault::Decimals),
			(self.minimum < self.maximum, SpecFault::Bounds),
			(self.deadline >= min_deadline, SpecFault::Deadline),
			(self.heartbeat > self.deadline, SpecFault::Heartbeat),
			(self.max_age >= self.heartbeat, SpecFault::MaxAge),
		];
		checks.into_iter().find(|(sound, _)| !sound).map(|(_, fault)| fault)
	}
}
