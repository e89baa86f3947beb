//! One answer of many reports: the guarantees of `primitives/src/aggregate/mod.rs`, whatever the weights, the
//! rules and the lies; and for quantities the answer itself, against integers without bounds.
//!
//! Input: a feed, its rules, who was assigned and what they say, and how the same is said in another way.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use num_bigint::BigInt;
use rwa_fuzz::feed::{Feed, Judgement, Place};
use rwa_primitives::{
	aggregate::{
		aggregate, needed, time_weighted_mean, Agreement, Disagreement, Rules, WeightedReading,
		MAX_WEIGHT,
	},
	reading::{Point, Reading, Schema, Tolerance, FULL_ANGLE, HALF_TURN},
};

#[derive(Arbitrary, Debug)]
struct Input {
	feed: Feed,
	judgement: Judgement,
	/// Says that another weight was assigned than was.
	assigned: Option<u128>,
	rotation: u8,
	split: (u8, u128),
	parties: Vec<Party>,
}

#[derive(Arbitrary, Debug)]
struct Party {
	weight: Weight,
	/// Only if less than a third is faulty with it.
	faulty: bool,
	silent: bool,
	at: [Place; 2],
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Weight {
	One,
	Small(u8),
	Large(u128),
}

/// Most who were assigned.
const MOST: usize = 32;
/// 85° of latitude, from which on longitudes mean little.
const POLAR: i32 = 850_000_000;

struct Round {
	schema: Schema,
	rules: Rules,
	assigned: u128,
	reports: Vec<WeightedReading>,
	/// What those read who are not faulty.
	honest: Vec<Reading>,
}

fuzz_target!(|input: Input| {
	let round = Round::of(&input);
	let Round { schema, rules, assigned, reports, .. } = &round;
	let result = aggregate(schema, reports, *assigned, rules);
	round.check_refusals(&result);
	round.check_order(&result, input.rotation);
	round.check_split(&result, input.split);
	match &result {
		Ok(agreement) => {
			assert!(schema.allows(&agreement.value) && schema.allows(&agreement.median));
			assert_eq!(agreement.outliers.len(), reports.len());
			assert_eq!(Some(agreement.reported), sum(reports));
			assert!(rules.divergence.holds(&agreement.value, &agreement.median));
		}
		Err(Disagreement::Diverged { value, median }) => {
			assert!(rules.divergence.deviates(value, median));
		}
		Err(Disagreement::OutOfBounds { .. }) => {
			assert!(matches!(schema, Schema::Point { .. }));
		}
		Err(_) => {}
	}
	if input.assigned.is_none() {
		for answer in answers(&result) {
			assert!(answer.is_valid());
			round.check_guarantee(&answer);
		}
		round.check_answered(&result);
	}
	if matches!(schema, Schema::Scalar { .. }) && sum(reports).is_some() {
		round.check_exact(&result);
		check_history(&round);
	}
});

fn sum(reports: &[WeightedReading]) -> Option<u128> {
	reports.iter().try_fold(0u128, |sum, report| sum.checked_add(report.weight))
}

/// All that the result says about what was measured.
fn answers(result: &Result<Agreement, Disagreement>) -> Vec<Reading> {
	match result {
		Ok(agreement) => vec![agreement.value, agreement.median],
		Err(Disagreement::Diverged { value, median }) => vec![*value, *median],
		Err(Disagreement::OutOfBounds { value }) => vec![*value],
		Err(_) => vec![],
	}
}

impl Round {
	fn of(input: &Input) -> Self {
		let parties = &input.parties[..input.parties.len().min(MOST)];
		let weight = |party: &Party| match party.weight {
			Weight::One => 1,
			Weight::Small(weight) => weight.into(),
			// All together at most the most that there may be.
			Weight::Large(weight) => weight % (MAX_WEIGHT / 32 + 1),
		};
		let assigned = parties.iter().map(weight).sum::<u128>();
		let (mut reports, mut honest, mut faulty) = (vec![], vec![], 0);
		for party in parties {
			let (weight, reading) = (weight(party), input.feed.reading(party.at));
			let is_faulty = party.faulty && (faulty + weight) * 3 < assigned;
			if is_faulty {
				faulty += weight;
			} else if weight > 0 {
				honest.push(reading);
			}
			if !(is_faulty && party.silent) {
				reports.push(WeightedReading { reading, weight });
			}
		}
		let assigned = input.assigned.unwrap_or(assigned);
		let (schema, rules) = (input.feed.schema(), input.judgement.rules());
		Self { schema, rules, assigned, reports, honest }
	}

	/// What is wrong with the reports themselves is told first, and as it is.
	fn check_refusals(&self, result: &Result<Agreement, Disagreement>) {
		let least = BigInt::from(self.rules.quorum.deconstruct()) * self.assigned;
		let quorum: BigInt = (least + 99u8) / 100u8;
		let two_thirds: BigInt = (BigInt::from(self.assigned) * 2u8 + 2u8) / 3u8;
		let least = quorum.max(two_thirds).max(BigInt::from(1));
		let stray = self.reports.iter().position(|report| !self.schema.allows(&report.reading));
		let expected = match (sum(&self.reports), stray) {
			_ if self.assigned > MAX_WEIGHT => Some(Disagreement::TooMuchWeight),
			(None, _) => Some(Disagreement::TooMuchWeight),
			(Some(reported), _) if reported > self.assigned => Some(Disagreement::TooMuchWeight),
			(Some(reported), _) if BigInt::from(reported) < least => {
				let needed = needed(self.assigned, &self.rules);
				assert_eq!(BigInt::from(needed), least);
				Some(Disagreement::TooLittleWeight { reported, needed })
			}
			(_, Some(stray)) => Some(Disagreement::NotOfThisKind { report: stray as u32 }),
			_ => None,
		};
		match expected {
			Some(expected) => assert_eq!(*result, Err(expected)),
			None => assert!(!matches!(
				result,
				Err(Disagreement::TooMuchWeight
					| Disagreement::TooLittleWeight { .. }
					| Disagreement::NotOfThisKind { .. })
			)),
		}
	}

	fn check_order(&self, result: &Result<Agreement, Disagreement>, rotation: u8) {
		if matches!(result, Err(Disagreement::NotOfThisKind { .. })) {
			return;
		}
		let mut order: Vec<usize> = (0..self.reports.len()).collect();
		let by = usize::from(rotation) % order.len().max(1);
		order.rotate_left(by);
		if rotation % 2 == 1 {
			order.reverse();
		}
		let shuffled: Vec<_> = order.iter().map(|number| self.reports[*number]).collect();
		let other = aggregate(&self.schema, &shuffled, self.assigned, &self.rules);
		let expected = result.clone().map(|agreement| Agreement {
			outliers: order.iter().map(|number| agreement.outliers[*number]).collect(),
			..agreement
		});
		assert_eq!(other, expected);
	}

	/// One who comes as two says no more than before.
	fn check_split(&self, result: &Result<Agreement, Disagreement>, (number, share): (u8, u128)) {
		if self.reports.is_empty() || matches!(result, Err(Disagreement::NotOfThisKind { .. })) {
			return;
		}
		let mut divided = self.reports.clone();
		let number = usize::from(number) % divided.len();
		let part = share % (divided[number].weight + 1);
		divided[number].weight -= part;
		divided.push(WeightedReading { weight: part, ..divided[number] });
		let other = aggregate(&self.schema, &divided, self.assigned, &self.rules);
		let alike = |result: Result<Agreement, Disagreement>| {
			result.map(|agreement| Agreement { outliers: vec![], ..agreement })
		};
		assert_eq!(alike(other), alike(result.clone()));
	}

	/// The median latitude of the reports, of which half are at or below it.
	fn polar(&self) -> Option<bool> {
		let mut latitudes: Vec<(i32, u128)> = self
			.reports
			.iter()
			.map(|report| (point(&report.reading).latitude, report.weight))
			.collect();
		latitudes.sort_unstable();
		let total = sum(&self.reports)?;
		let mut passed = 0;
		let (median, _) = latitudes.into_iter().find(|(_, weight)| {
			passed += weight;
			passed * 2 >= total
		})?;
		(median.abs() > POLAR).then_some(median > 0)
	}

	fn check_guarantee(&self, answer: &Reading) {
		let honest = || self.honest.iter();
		match answer {
			Reading::Scalar(value) => {
				assert!(honest().any(|reading| scalar(reading) <= *value));
				assert!(honest().any(|reading| scalar(reading) >= *value));
			}
			Reading::Angle(angle) => {
				let angles: Vec<_> = honest().map(angle_of).collect();
				on_arc(angle.millionths().into(), &angles, FULL_ANGLE.into());
			}
			Reading::Point(place) => match self.polar() {
				Some(north) => self.check_near_pole(place, north),
				None => {
					assert!(honest().any(|reading| point(reading).latitude <= place.latitude));
					assert!(honest().any(|reading| point(reading).latitude >= place.latitude));
					let longitudes: Vec<_> = honest().map(|reading| east(point(reading))).collect();
					on_arc(east(*place), &longitudes, TURN);
				}
			},
			Reading::Category(_) => assert!(self.honest.contains(answer)),
		}
	}

	/// In the box as seen from above, to within two centimetres.
	fn check_near_pole(&self, place: &Point, north: bool) {
		if self.honest.iter().any(|reading| (point(reading).latitude > 0) != north) {
			return;
		}
		let seen: Vec<_> = self.honest.iter().map(|reading| from_above(point(reading))).collect();
		for (axis, position) in from_above(*place).into_iter().enumerate() {
			let low = seen.iter().map(|point| point[axis]).fold(f64::INFINITY, f64::min);
			let high = seen.iter().map(|point| point[axis]).fold(f64::NEG_INFINITY, f64::max);
			assert!((low - 2.0..=high + 2.0).contains(&position), "{low} {position} {high}");
		}
	}

	/// Where honest reports leave no doubt, nobody can keep a round from having an answer.
	fn check_answered(&self, result: &Result<Agreement, Disagreement>) {
		let circle = |readings: Vec<i128>, turn| arc(&readings, turn).is_some();
		match result {
			Err(Disagreement::TooWide) => match self.schema {
				Schema::Angle => {
					assert!(!circle(self.honest.iter().map(angle_of).collect(), FULL_ANGLE.into()));
				}
				Schema::Point { .. } => {
					let longitudes = self.honest.iter().map(|reading| east(point(reading)));
					assert!(self.polar().is_none() && !circle(longitudes.collect(), TURN));
				}
				_ => panic!("there is no arc"),
			},
			Err(Disagreement::NoMajority) => {
				assert!(matches!(self.schema, Schema::Category { .. }));
				assert!(self.honest.iter().any(|reading| *reading != self.honest[0]));
			}
			_ => {}
		}
	}

	/// The definition, step by step.
	fn check_exact(&self, result: &Result<Agreement, Disagreement>) {
		if matches!(
			result,
			Err(Disagreement::TooMuchWeight
				| Disagreement::TooLittleWeight { .. }
				| Disagreement::NotOfThisKind { .. })
		) {
			return;
		}
		let said = |report: &WeightedReading| BigInt::from(scalar(&report.reading));
		let weigh = |numbers: Vec<BigInt>| -> Vec<(BigInt, u128)> {
			let mut all: Vec<_> =
				numbers.into_iter().zip(self.reports.iter().map(|report| report.weight)).collect();
			all.sort();
			all
		};
		let values = weigh(self.reports.iter().map(said).collect());
		let total = sum(&self.reports).unwrap_or(0);
		let median = reach(values.iter(), 2, total);
		let far =
			|report: &WeightedReading| BigInt::from((said(report) - &median).magnitude().clone());
		let spread = reach(weigh(self.reports.iter().map(far).collect()).iter(), 2, total);
		let allowed = &spread * 14_826 * self.rules.outlier_multiple;
		let outliers: Vec<bool> = self
			.reports
			.iter()
			.map(|report| {
				far(report) * 10_000 > allowed && far(report) > within(&self.rules.same, &median)
			})
			.collect();
		let kept = || self.reports.iter().zip(&outliers).filter(|(_, outlier)| !**outlier);
		let weight = kept().map(|(report, _)| BigInt::from(report.weight)).sum::<BigInt>();
		let moment = kept().map(|(report, _)| said(report) * report.weight).sum::<BigInt>();
		let value = if weight == BigInt::ZERO {
			median.clone()
		} else {
			let mean = floor(&(moment * 2 + &weight), &(weight * 2));
			let low = reach(values.iter(), 3, self.assigned);
			mean.clamp(low, reach(values.iter().rev(), 3, self.assigned))
		};
		let reading = |number: &BigInt| Reading::Scalar(i128::try_from(number).expect("it fits"));
		let off = BigInt::from((&value - &median).magnitude().clone());
		let expected = if off > within(&self.rules.divergence, &median) {
			Err(Disagreement::Diverged { value: reading(&value), median: reading(&median) })
		} else {
			Ok(Agreement {
				value: reading(&value),
				median: reading(&median),
				spread: u128::try_from(&spread).expect("it fits"),
				outliers,
				reported: total,
			})
		};
		assert_eq!(*result, expected);
	}
}

/// What a feed says on average: the weights are the blocks that each value stood for.
fn check_history(round: &Round) {
	let mut history = vec![];
	let mut block = 0u64;
	for report in &round.reports {
		history.push((block, scalar(&report.reading)));
		block = block.saturating_add(report.weight as u64);
	}
	let (from, until) = (round.assigned as u64 / 3, block);
	let found = time_weighted_mean(&history, from, until);
	let ends = history.iter().skip(1).map(|(since, _)| *since).chain([until]);
	let (mut moment, mut time) = (BigInt::ZERO, BigInt::ZERO);
	for ((since, value), end) in history.iter().zip(ends) {
		let blocks = end.min(until).saturating_sub((*since).max(from));
		moment += BigInt::from(*value) * blocks;
		time += blocks;
	}
	let expected = (time > BigInt::ZERO).then(|| floor(&(moment * 2 + &time), &(time * 2)));
	assert_eq!(found.map(BigInt::from), expected);
}

/// The first number at which the weight passed, times `parts`, is all of `whole`.
fn reach<'a>(numbers: impl Iterator<Item = &'a (BigInt, u128)>, parts: u8, whole: u128) -> BigInt {
	let mut passed = BigInt::ZERO;
	for (number, weight) in numbers {
		passed += *weight;
		if &passed * parts >= BigInt::from(whole) {
			return number.clone();
		}
	}
	panic!("there is less weight than was asked for");
}

fn within(tolerance: &Tolerance, reference: &BigInt) -> BigInt {
	let share = BigInt::from(reference.magnitude().clone()) * tolerance.relative.deconstruct();
	let share: BigInt = share / 1_000_000;
	share.max(BigInt::from(tolerance.absolute))
}

fn floor(above: &BigInt, below: &BigInt) -> BigInt {
	let rest: BigInt = ((above % below) + below) % below;
	(above - rest) / below
}

fn scalar(reading: &Reading) -> i128 {
	match reading {
		Reading::Scalar(value) => *value,
		other => panic!("{other:?} is no quantity"),
	}
}

fn angle_of(reading: &Reading) -> i128 {
	match reading {
		Reading::Angle(angle) => angle.millionths().into(),
		other => panic!("{other:?} is no direction"),
	}
}

fn point(reading: &Reading) -> Point {
	match reading {
		Reading::Point(point) => *point,
		other => panic!("{other:?} is no place"),
	}
}

/// 360° of longitude.
const TURN: i128 = 2 * HALF_TURN as i128;

fn east(point: Point) -> i128 {
	i128::from(point.longitude).rem_euclid(TURN)
}

/// Where the shortest arc begins that holds all `positions`, and how long it is, if that is less than 120°.
fn arc(positions: &[i128], turn: i128) -> Option<(i128, i128)> {
	let to_last = |start: &i128| {
		let lengths = positions.iter().map(|position| (position - start).rem_euclid(turn));
		lengths.max().unwrap_or(0)
	};
	let (length, start) = positions.iter().map(|start| (to_last(start), *start)).min()?;
	(length * 3 < turn).then_some((start, length))
}

/// If `positions` are on an arc below 120°, `answer` is on it too.
fn on_arc(answer: i128, positions: &[i128], turn: i128) {
	if let Some((start, length)) = arc(positions, turn) {
		assert!((answer - start).rem_euclid(turn) <= length, "{answer} from {start} for {length}");
	}
}

/// In centimetres, on a ball.
fn from_above(point: Point) -> [f64; 2] {
	let radians = |units: i32| f64::from(units) * std::f64::consts::PI / 1.8e9;
	let radius = 637_100_880.0 * radians(point.latitude).cos();
	[radius * radians(point.longitude).cos(), radius * radians(point.longitude).sin()]
}
