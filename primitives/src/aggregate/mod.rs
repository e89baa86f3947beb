//! Aggregation: one reading out of many, which a minority of liars can't move beyond the honest ones.
//!
//! # What is guaranteed
//! Let a be the weight that a round assigned, r ≥ ⅔ a what was reported, and f < ⅓ a the weight of faulty
//! reporters, whether they lie or are silent. The answer, if there is one, is:
//!
//! | kind | |
//! |---|---|
//! | scalar | from the lowest to the highest honest reading |
//! | angle | on the shortest arc that holds the honest readings, if that is below 120° |
//! | point | between the honest readings in latitude, and in longitude as an angle; near a pole see below |
//! | category | one that somebody honest reported |
//!
//! With less reported, faulty weight could be half of it, so [`aggregate`] refuses whatever the quorum.
//! What an honest reporter reads may still be wrong: nothing here helps if the truth is outside of what
//! honest instruments say.
//!
//! ## Scalars
//! Let q be the least value with at least ⅓ a of weight at or below it. More than faulty weight is there,
//! so an honest reading is at or below q. And q is at most the highest honest reading, because honest
//! weight alone is more than r − ⅓ a ≥ ⅓ a. So q is in the honest range, and so is its mirror image p, the
//! greatest value with ⅓ a at or above it. Below q there is less than ⅓ a, hence above ⅓ a from q upwards:
//! q ≤ p. Whatever has been computed, clamped to [q, p] it is in the honest range.
//!
//! The median has half of r, at least ⅓ a, on either side, and so is in [q, p] as well.
//!
//! What is computed is the weighted mean of all but outliers: reports that are further from the weighted
//! median than [`Rules::outlier_multiple`] times the weighted median of those distances (MAD), scaled to a
//! normal distribution's standard deviation, and further than [`Rules::same`], as honest instruments
//! differ. The filter makes the mean better; the guarantee is the clamp's.
//!
//! ## Angles
//! Let A be the shortest arc with more than r − ⅓ a of weight. The honest readings have that much, so A is
//! no longer than their arc H. And that is at least ⅓ a, more than faulty weight, so an honest reading is in
//! A. Within 120° of that one is all of H, and within 60° of it the middle of A; so H lies within 180° of
//! that middle. Cut opposite to it, the circle becomes a line on which H is one piece, and the argument for
//! scalars holds. If A is 120° or more, so is H, and nothing is said: [`Disagreement::TooWide`]. Less than
//! ⅓ a lies outside of A, so the answer is in A even when honest readings span more.
//!
//! ## Points
//! Latitude is a scalar and longitude an angle. If the median latitude, which is in the honest range, is
//! beyond 85°, longitudes mean little, and both coordinates are those of the view from above that pole, as
//! scalars. Then the answer is in the honest readings' box of that view, to within two centimetres,
//! provided that they are in that hemisphere. Distances, for the outliers, are those on the ground in
//! both cases.
//!
//! ## Categories
//! Faulty weight is below ⅓ a ≤ ½ r, so whatever has more than half of r was said by somebody honest.
//!
//! ## Order
//! Nothing depends on the order of the reports, except that of [`Agreement::outliers`].

mod category;
mod chart;
mod circle;
mod point;
mod scalar;
mod weights;

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_arithmetic::Percent;

use self::{chart::Chart, scalar::Line};
use crate::reading::{Reading, Schema, Tolerance};

pub use self::{
	scalar::time_weighted_mean,
	weights::{cap_weights, draw, TooFewReporters, MAX_WEIGHT},
};

/// The MAD of normally distributed readings times this, over [`MAD_UNIT`], is their standard deviation:
/// 1.4826 (P. Rousseeuw, C. Croux: *Alternatives to the Median Absolute Deviation*, JASA 88, 1993).
const MAD_SCALE: u128 = 14_826;
/// See [`MAD_SCALE`].
const MAD_UNIT: u128 = 10_000;

/// One report of a round and how much it counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WeightedReading {
	/// What was reported.
	pub reading: Reading,
	/// The reporter's weight, below a third of what was assigned: see [`cap_weights`].
	pub weight: u128,
}

/// How a feed's reports become one answer.
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
	serde::Serialize,
	serde::Deserialize,
)]
pub struct Rules {
	/// Share of the assigned weight that has to report. Two thirds are needed in any case.
	pub quorum: Percent,
	/// How many scaled MADs from the median a report may be: 3 is usual, and drops one of 370 honest,
	/// normally distributed reports. Below 1 up to half of all honest ones go.
	pub outlier_multiple: u8,
	/// Within this of the median no report is an outlier. Without it, most reporters' agreeing to the last
	/// digit would make outliers of all others.
	pub same: Tolerance,
	/// If mean and median are further apart than this, the round fails: either the reports fall into two
	/// groups, or somebody moves them.
	pub divergence: Tolerance,
}

/// What the reports of a round say together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Agreement {
	/// The answer: the weighted mean of all but outliers, clamped to what honest reports are sure to span.
	/// Of categories the one with most weight.
	pub value: Reading,
	/// The weighted median; coordinate by coordinate for points.
	pub median: Reading,
	/// The weighted median of the reports' distances from the median (MAD), in the unit of
	/// [`Reading::distance`]. 0 for categories.
	pub spread: u128,
	/// Whether each report, in the order given, was too far from the median to count in the mean. For
	/// categories: whether it says something else than the answer.
	pub outliers: Vec<bool>,
	/// Weight of all reports.
	pub reported: u128,
}

/// Why the reports of a round have no answer.
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
#[allow(clippy::cast_possible_truncation)] // The indices, in what `Encode` derives.
pub enum Disagreement {
	/// Too few have reported, by weight.
	#[codec(index = 0)]
	TooLittleWeight {
		/// Weight of all reports.
		reported: u128,
		/// The least that would do.
		needed: u128,
	},
	/// More weight has reported than was assigned, or more than [`MAX_WEIGHT`] was assigned. The caller
	/// has counted wrong.
	#[codec(index = 1)]
	TooMuchWeight,
	/// The schema doesn't allow the report with this number, counted from 0. Refuse such a report when it
	/// comes, lest one reporter fail a round.
	#[codec(index = 2)]
	NotOfThisKind {
		/// The report's place in the order given.
		report: u32,
	},
	/// Angles or longitudes point all over the place: even without a third of the assigned weight they
	/// span 120° or more.
	#[codec(index = 3)]
	TooWide,
	/// No category has more than half of the reported weight.
	#[codec(index = 4)]
	NoMajority,
	/// Mean and median are too far apart.
	#[codec(index = 5)]
	Diverged {
		/// The clamped mean.
		value: Reading,
		/// The median.
		median: Reading,
	},
	/// The reports are all allowed, but what is between them isn't. Happens only to points, if the
	/// schema's box has a gap of less than 120° of longitude or ends near a pole.
	#[codec(index = 6)]
	OutOfBounds {
		/// What would have been the answer.
		value: Reading,
	},
}

/// What the `reports` of a round say together; see the [module](self) for what is guaranteed.
///
/// `assigned` is the weight of all who were to report. Nobody reports twice: that is for the caller to
/// check. For n reports it takes n² additions if they are angles or points, and the time of sorting them
/// otherwise.
///
/// ```
/// use rwa_primitives::{
///     aggregate::{aggregate, Rules, WeightedReading},
///     reading::{Reading, Schema, Tolerance},
/// };
/// use sp_arithmetic::{Percent, Permill};
///
/// // Degrees Celsius with two digits after the point.
/// let schema = Schema::Scalar { decimals: 2, minimum: -10_000, maximum: 10_000 };
/// let same = Tolerance { relative: Permill::from_percent(5), absolute: 50 };
/// let rules = Rules {
///     quorum: Percent::from_percent(66),
///     outlier_multiple: 3,
///     same,
///     divergence: same,
/// };
/// let report = |value| WeightedReading { reading: Reading::Scalar(value), weight: 1 };
/// let reports = [2_130, 2_140, 2_135, 9_999].map(report);
///
/// let agreement = aggregate(&schema, &reports, 4, &rules).unwrap();
/// assert_eq!(agreement.value, Reading::Scalar(2_135));
/// assert_eq!(agreement.outliers, [false, false, false, true]);
/// ```
///
/// # Errors
/// See [`Disagreement`].
pub fn aggregate(
	schema: &Schema,
	reports: &[WeightedReading],
	assigned: u128,
	rules: &Rules,
) -> Result<Agreement, Disagreement> {
	let reported = reported_weight(reports, assigned, rules)?;
	if let Some(report) = reports.iter().position(|report| !schema.allows(&report.reading)) {
		return Err(Disagreement::NotOfThisKind {
			report: u32::try_from(report).unwrap_or(u32::MAX),
		});
	}
	if matches!(schema, Schema::Category { .. }) {
		return category::majority(reports, reported);
	}

	let missing = Disagreement::TooLittleWeight { reported, needed: needed(assigned, rules) };
	let chart = Chart::of(reports, assigned, reported)?;
	let positions: Vec<_> =
		reports.iter().map(|report| (chart.position(&report.reading), report.weight)).collect();
	let axes = [axis(&positions, first), axis(&positions, second)];
	let median = chart.reading(each(&axes, Line::median).ok_or(missing)?);
	let spans = each(&axes, |axis| axis.sure_range(assigned)).ok_or(missing)?;

	let (spread, outliers) = outliers(reports, &median, rules);
	let kept: Vec<_> = positions
		.iter()
		.zip(&outliers)
		.filter(|(_, outlier)| !**outlier)
		.map(|(position, _)| *position)
		.collect();
	let value = match (center(&kept, first), center(&kept, second), spans) {
		(Some(x), Some(y), [(west, east), (south, north)]) => {
			chart.reading([x.clamp(west, east), y.clamp(south, north)])
		}
		// Nothing is near the median, as it may be between all of the points.
		_ => median,
	};
	if rules.divergence.deviates(&value, &median) {
		return Err(Disagreement::Diverged { value, median });
	}
	if !schema.allows(&value) || !schema.allows(&median) {
		return Err(Disagreement::OutOfBounds { value });
	}
	Ok(Agreement { value, median, spread, outliers, reported })
}

/// The least weight that has to report, of what was `assigned`: the quorum or two thirds, and never nothing.
pub fn needed(assigned: u128, rules: &Rules) -> u128 {
	let two_thirds = assigned.saturating_mul(2).div_ceil(3);
	rules.quorum.mul_ceil(assigned).max(two_thirds).max(1)
}

/// The weight of all reports, if it is as much as it has to be.
fn reported_weight(
	reports: &[WeightedReading],
	assigned: u128,
	rules: &Rules,
) -> Result<u128, Disagreement> {
	let reported = reports
		.iter()
		.try_fold(0u128, |sum, report| sum.checked_add(report.weight))
		.filter(|reported| *reported <= assigned && assigned <= MAX_WEIGHT)
		.ok_or(Disagreement::TooMuchWeight)?;
	let needed = needed(assigned, rules);
	if reported < needed {
		return Err(Disagreement::TooLittleWeight { reported, needed });
	}
	Ok(reported)
}

/// The weighted MAD around `median`, and which reports are outliers.
fn outliers(reports: &[WeightedReading], median: &Reading, rules: &Rules) -> (u128, Vec<bool>) {
	let distance = |report: &WeightedReading| report.reading.distance(median).unwrap_or(0);
	let distances = reports.iter().map(|report| {
		// No two valid readings are further apart than that.
		let far = i128::try_from(distance(report)).unwrap_or(i128::MAX);
		(far, report.weight)
	});
	let spread = Line::new(distances).median().unwrap_or(0).unsigned_abs();
	let factor = MAD_SCALE.saturating_mul(rules.outlier_multiple.into());
	let allowed = spread.saturating_mul(factor);
	let is_outlier = |report: &WeightedReading| {
		distance(report).saturating_mul(MAD_UNIT) > allowed
			&& rules.same.deviates(&report.reading, median)
	};
	(spread, reports.iter().map(is_outlier).collect())
}

/// A report's place on a chart, and its weight.
type Placed = ([i128; 2], u128);

fn first(position: &[i128; 2]) -> i128 {
	let [first, _] = position;
	*first
}

fn second(position: &[i128; 2]) -> i128 {
	let [_, second] = position;
	*second
}

/// One coordinate of all reports.
fn axis(placed: &[Placed], coordinate: fn(&[i128; 2]) -> i128) -> Line {
	Line::new(placed.iter().map(|(position, weight)| (coordinate(position), *weight)))
}

/// The mean of one coordinate.
fn center(placed: &[Placed], coordinate: fn(&[i128; 2]) -> i128) -> Option<i128> {
	let positions: Vec<_> =
		placed.iter().map(|(position, weight)| (coordinate(position), *weight)).collect();
	scalar::mean(&positions)
}

/// What `of` says of both axes.
fn each<T>(axes: &[Line; 2], of: impl Fn(&Line) -> Option<T>) -> Option<[T; 2]> {
	let [first, second] = axes;
	Some([of(first)?, of(second)?])
}
