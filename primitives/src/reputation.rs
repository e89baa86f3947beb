//! Reputation: what is remembered of a node's work, and the numbers that are made of it.
//!
//! Four *components*, kept apart, each between 0 and 1 and each exactly one half for a new node that has
//! its tier's least stake:
//!
//! | component | counts | is | points |
//! |---|---|---|---|
//! | accuracy | what the node vouched for and was proven later | (r + 1) / (r + s + 2) | 1000 |
//! | rating | clients' stars for finished jobs | (r + 1) / (r + s + 2) | 500 |
//! | stake | what it has at stake, against its tier's minimum | stake / (stake + minimum) | 300 |
//! | jobs | finished, paid jobs | (n + 100) / (n + 200) | 200 |
//!
//! The *score* is the sum of component times points, rounded down: 1000 for a new node with the least
//! stake, never above 2000. The *merit* is the same without the stake: 850 for a new node, and below
//! 1700. Votes and averages weigh a node by its stake times its merit ([`vote_weight`]), because by stake
//! times score the stake would count twice.
//!
//! ## Accuracy and rating
//!
//! Both are the expected value of a beta distribution, where r is what speaks for the node and s what
//! speaks against it (A. Jøsang, R. Ismail: *The Beta Reputation System*, 15th Bled Electronic Commerce
//! Conference, 2002). Both forget, as that paper's section 3.5 proposes: each finding takes 2 % off the
//! weight of all earlier ones. So r + s never exceeds 50, either component stays between 1/52 and 51/52,
//! and 35 good findings outweigh any past, however long and bad.
//!
//! A rating of one star speaks against the node with all its weight, five stars speak for it, and three
//! for both alike.
//!
//! ## What it does not show
//!
//! A node that colludes with its clients can fake ratings and jobs, at the price of those jobs. However
//! many it fakes, they add less than 350 points to the 850 of merit that it began with: a vote of 1.41 times
//! the weight. It can't fake accuracy.
//!
//! An operator that splits its stake among several nodes of equal merit has the same weight as before, as
//! long as it was below the cap. Above the cap it gains: the weight of n nodes is at most n caps.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_arithmetic::{Perbill, Percent};

use crate::Balance;

/// Points of full accuracy.
pub const ACCURACY_POINTS: u32 = 1_000;
/// Points of a full rating. Half of accuracy's: people say it, nobody proves it.
pub const RATING_POINTS: u32 = 500;
/// Points of infinite stake.
pub const STAKE_POINTS: u32 = 300;
/// Points of infinitely many jobs. The fewest, because a job says least about how it was done.
pub const JOBS_POINTS: u32 = 200;

/// The score that nobody exceeds.
pub const MAX_SCORE: u32 = MAX_MERIT.saturating_add(STAKE_POINTS);
/// The merit that nobody reaches.
pub const MAX_MERIT: u32 =
	ACCURACY_POINTS.saturating_add(RATING_POINTS).saturating_add(JOBS_POINTS);

const _: () = assert!(MAX_SCORE == 2_000, "half of all points is not the specification's 1000");

/// The weight of one finding when it is new: a million, so that forgetting loses no more than a millionth.
const FINDING: u32 = 1_000_000;

/// What each finding takes off the weight of every earlier one. At 2 % half of a finding's weight is gone
/// after 35 others, about as many jobs or cases as a busy node has in a month: less, and a node that has
/// turned bad lives on its past; more, and a few bad days ruin a good node.
const FORGOTTEN: Percent = Percent::from_percent(2);

/// Jobs after which the component has gone a third of the way from one half to all. Fewer, and a handful
/// of faked jobs count for much; more, and honest ones count for nothing in a node's first year.
const JOBS_SCALE: u32 = 100;

/// What speaks for something and what speaks against it, newer findings with more weight than older ones.
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
pub struct Evidence {
	/// In millionths of a new finding.
	pro: u32,
	/// In millionths of a new finding.
	contra: u32,
}

impl Evidence {
	/// One more finding, which is good by the share `good` and bad by the rest. Earlier ones fade.
	pub fn note(&mut self, good: Perbill) {
		let faded = |weight: u32| weight.saturating_sub(FORGOTTEN.mul_ceil(weight));
		let pro = good.mul_floor(FINDING);
		self.pro = faded(self.pro).saturating_add(pro);
		self.contra = faded(self.contra).saturating_add(FINDING.saturating_sub(pro));
	}

	/// How good the next finding is to be expected: one half if there are none yet.
	pub fn estimate(&self) -> Perbill {
		let pro = self.pro.saturating_add(FINDING);
		let contra = self.contra.saturating_add(FINDING);
		Perbill::from_rational(pro, pro.saturating_add(contra))
	}
}

/// A rating of one to five stars.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Stars(u8);

impl Stars {
	/// The worst.
	pub const LEAST: u8 = 1;
	/// The best.
	pub const MOST: u8 = 5;

	/// `None`: fewer than one or more than five.
	pub fn new(stars: u8) -> Option<Self> {
		(Self::LEAST..=Self::MOST).contains(&stars).then_some(Self(stars))
	}

	/// How good that is: nothing for one star, all for five.
	fn share(self) -> Perbill {
		let range = u32::from(Self::MOST.saturating_sub(Self::LEAST));
		Perbill::from_rational(u32::from(self.0.saturating_sub(Self::LEAST)), range)
	}
}

/// What is remembered of a node's work. New: nothing, and everything still to be shown.
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
	/// What it vouched for, as proven later.
	facts: Evidence,
	/// What its clients said.
	ratings: Evidence,
	/// How many paid jobs it finished.
	jobs: u32,
}

impl Record {
	/// Something that the node vouched for was proven: right or wrong.
	pub fn note_fact(&mut self, right: bool) {
		self.facts.note(if right { Perbill::one() } else { Perbill::zero() });
	}

	/// A client rated the node.
	pub fn note_rating(&mut self, stars: Stars) {
		self.ratings.note(stars.share());
	}

	/// The node finished a job.
	pub fn note_job(&mut self) {
		self.jobs = self.jobs.saturating_add(1);
	}

	/// How many paid jobs the node finished.
	pub fn jobs(&self) -> u32 {
		self.jobs
	}

	/// The four components of a node with this record and `stake`, whose tier asks for `minimum`.
	pub fn components(&self, stake: Balance, minimum: Balance) -> Components {
		let jobs = self.jobs.saturating_add(JOBS_SCALE);
		Components {
			accuracy: self.facts.estimate(),
			rating: self.ratings.estimate(),
			// No tier asks for nothing; if one did, no stake would still be no stake.
			stake: Perbill::from_rational(stake, stake.saturating_add(minimum.max(1))),
			jobs: Perbill::from_rational(jobs, jobs.saturating_add(JOBS_SCALE)),
		}
	}

	/// [`Self::components`] with all that is made of them.
	pub fn assess(&self, stake: Balance, minimum: Balance) -> Assessment {
		let components = self.components(stake, minimum);
		Assessment {
			score: components.score(),
			merit: components.merit(),
			components,
			jobs: self.jobs,
		}
	}
}

/// What a reputation is made of: each between 0 and 1, and one half at the start.
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
pub struct Components {
	/// How often the node was right.
	pub accuracy: Perbill,
	/// What its clients think of it.
	pub rating: Perbill,
	/// What it risks, against what it must.
	pub stake: Perbill,
	/// How much it has done.
	pub jobs: Perbill,
}

impl Components {
	/// 0 to [`MAX_SCORE`]; 1000 at the start.
	pub fn score(&self) -> u32 {
		points(&[
			(self.accuracy, ACCURACY_POINTS),
			(self.rating, RATING_POINTS),
			(self.stake, STAKE_POINTS),
			(self.jobs, JOBS_POINTS),
		])
	}

	/// The score without the stake: 0 to [`MAX_MERIT`]; 850 at the start.
	pub fn merit(&self) -> u32 {
		points(&[
			(self.accuracy, ACCURACY_POINTS),
			(self.rating, RATING_POINTS),
			(self.jobs, JOBS_POINTS),
		])
	}
}

/// A node's reputation, in parts and in whole.
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
pub struct Assessment {
	/// All of it: 0 to 2000, and 1000 for a new node with the least stake.
	pub score: u32,
	/// The score without the stake: what a vote's stake is multiplied with. 850 for a new node.
	pub merit: u32,
	/// What both are made of.
	pub components: Components,
	/// How many paid jobs the node finished.
	pub jobs: u32,
}

/// The weight of a node's vote, or of its report in an average: its stake, of which no more than `cap`
/// counts, times its [merit](Components::merit).
pub fn vote_weight(stake: Balance, cap: Balance, merit: u32) -> u128 {
	stake.min(cap).saturating_mul(u128::from(merit))
}

/// The sum of shares of points, rounded down once.
fn points(parts: &[(Perbill, u32)]) -> u32 {
	let sum = parts.iter().fold(0u64, |sum, (share, points)| {
		sum.saturating_add(u64::from(share.deconstruct()).saturating_mul(u64::from(*points)))
	});
	let whole = u64::from(Perbill::one().deconstruct());
	let points = sum.checked_div(whole).and_then(|points| u32::try_from(points).ok());
	points.unwrap_or(MAX_SCORE)
}
