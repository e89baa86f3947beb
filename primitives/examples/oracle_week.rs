//! A year of hourly rounds over real series, with reporters that lie: how far each way of aggregating is from
//! what was measured, in a Markdown table.
//!
//! ```sh
//! cargo run --release -p rwa-primitives --example oracle_week -- node_modules/vega-datasets/data
//! ```
//!
//! Each round has seven reporters, or draws seven of twenty-one. Honest instruments show the truth with normal
//! noise. The plain median and the plain mean are of all reports alike, without weights, filter, clamp or
//! quorum. The seed is fixed, so everybody gets the same table. Ends with 1 if an answer was outside of the
//! honest readings although less than a third of the assigned weight was faulty: that is what
//! [`rwa_primitives::aggregate`] promises.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::indexing_slicing,
	clippy::unwrap_used,
	clippy::expect_used
)]
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::panic)]

use std::{env, fs, path::Path, process::ExitCode};

use rand::{rngs::StdRng, Rng, SeedableRng};
use rwa_primitives::{
	aggregate::{aggregate, cap_weights, draw, Rules, WeightedReading},
	reading::{Reading, Schema, Tolerance},
};
use sp_arithmetic::{Percent, Permill};

/// Reporters of a round.
const COMMITTEE: usize = 7;
/// Those a round's are drawn from, where they are drawn.
const POOL: usize = 21;
/// Standard deviation of an honest thermometer's noise, in hundredths of a degree.
const NOISE: f64 = 10.0;
/// What liars add, in hundredths of a degree.
const OFFSET: i128 = 2_500;

/// What the faulty do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
	/// Report the truth and a constant.
	Offset,
	/// Report what the feed said last.
	CopyLast,
	/// Report anything that the schema allows.
	Random,
	/// Agree on one value just outside of what honest instruments show.
	Collude,
	/// Say nothing.
	Silent,
	/// One lies by a constant, the others say nothing.
	Mixed,
}

/// Who reports, and how many of them are faulty.
struct Scenario {
	name: &'static str,
	pool: usize,
	faulty: usize,
	fault: Fault,
}

const fn scenario(name: &'static str, pool: usize, faulty: usize, fault: Fault) -> Scenario {
	Scenario { name, pool, faulty, fault }
}

const SCENARIOS: [Scenario; 11] = [
	scenario("all honest", COMMITTEE, 0, Fault::Silent),
	scenario("2 of 7 off by 25 °C", COMMITTEE, 2, Fault::Offset),
	scenario("2 of 7 repeat the last answer", COMMITTEE, 2, Fault::CopyLast),
	scenario("2 of 7 at random", COMMITTEE, 2, Fault::Random),
	scenario("2 of 7 collude on truth + 0.5 °C", COMMITTEE, 2, Fault::Collude),
	scenario("2 of 7 silent", COMMITTEE, 2, Fault::Silent),
	scenario("1 of 7 off by 25 °C, 1 silent", COMMITTEE, 2, Fault::Mixed),
	scenario("3 of 7 silent", COMMITTEE, 3, Fault::Silent),
	scenario("3 of 7 off by 25 °C", COMMITTEE, 3, Fault::Offset),
	scenario("7 drawn of 21, 4 of them off by 25 °C", POOL, 4, Fault::Offset),
	scenario("7 drawn of 21, 6 of them off by 25 °C", POOL, 6, Fault::Offset),
];

/// How far answers were from the truth.
#[derive(Default)]
struct Errors {
	sum: f64,
	worst: f64,
	answers: u32,
	/// Answers outside of what the honest reported.
	outside: u32,
}

impl Errors {
	fn note(&mut self, answer: i128, truth: i128, honest: (i128, i128)) {
		let error = answer.abs_diff(truth) as f64 / 100.0;
		self.sum += error;
		self.worst = self.worst.max(error);
		self.answers += 1;
		self.outside += u32::from(answer < honest.0 || answer > honest.1);
	}

	fn row(&self) -> String {
		let mean = self.sum / f64::from(self.answers.max(1));
		format!("{mean:.3} / {:.2} / {}", self.worst, self.outside)
	}
}

/// What came of all rounds of a scenario.
#[derive(Default)]
struct Outcome {
	ours: Errors,
	median: Errors,
	mean: Errors,
	failed: u32,
	/// Answers outside of the honest readings with less than a third of the weight faulty: never.
	broken: u32,
	/// Rounds in which a third of the weight or more was faulty.
	lost: u32,
}

fn main() -> ExitCode {
	let Some(folder) = env::args().nth(1) else {
		eprintln!("error: name the data folder of the package vega-datasets; scripts/setup.sh installs it");
		return ExitCode::FAILURE;
	};
	let file = Path::new(&folder).join("seattle-weather-hourly-normals.csv");
	let truths = match temperatures(&file) {
		Ok(truths) => truths,
		Err(error) => {
			eprintln!("error: {}: {error}", file.display());
			return ExitCode::FAILURE;
		}
	};

	println!("{} hourly rounds; each cell: mean error / worst error in °C / answers outside of the honest readings\n", truths.len());
	println!("| reporters | this oracle | rounds failed | plain median | plain mean |");
	println!("|---|---|---|---|---|");
	let mut broken = 0;
	for scenario in &SCENARIOS {
		let outcome = simulate(scenario, &truths);
		let lost = match outcome.lost {
			0 => String::new(),
			lost => format!(" ({lost} rounds drew a third of faulty weight or more)"),
		};
		println!(
			"| {}{lost} | {} | {} | {} | {} |",
			scenario.name,
			outcome.ours.row(),
			outcome.failed,
			outcome.median.row(),
			outcome.mean.row()
		);
		broken += outcome.broken;
	}
	if broken > 0 {
		eprintln!("error: {broken} answers were moved by less than a third of the weight");
		return ExitCode::FAILURE;
	}
	ExitCode::SUCCESS
}

/// The temperature of each hour, in hundredths of a degree.
fn temperatures(file: &Path) -> Result<Vec<i128>, String> {
	let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
	let (header, rows) = text.split_once('\n').ok_or("the file is empty")?;
	let column = header.split(',').position(|name| name.trim() == "temperature");
	let column = column.ok_or("there is no column \"temperature\"")?;
	rows.lines()
		.map(|row| {
			let field = row.split(',').nth(column).ok_or_else(|| format!("short row: {row}"))?;
			let celsius: f64 = field.trim().parse().map_err(|_| format!("no number: {row}"))?;
			Ok((celsius * 100.0).round() as i128)
		})
		.collect()
}

fn simulate(scenario: &Scenario, truths: &[i128]) -> Outcome {
	let schema = Schema::Scalar { decimals: 2, minimum: -6_000, maximum: 6_000 };
	let same = Tolerance { relative: Permill::from_percent(5), absolute: 50 };
	let rules =
		Rules { quorum: Percent::from_percent(66), outlier_multiple: 3, same, divergence: same };
	let mut random = StdRng::seed_from_u64(7);
	let mut last = truths[0];
	let mut outcome = Outcome::default();
	for truth in truths.iter().copied() {
		let round = Round::new(scenario, truth, last, &mut random);
		let honest = round.honest();
		let (Some(low), Some(high)) = (honest.iter().min(), honest.iter().max()) else {
			outcome.failed += 1;
			continue;
		};
		let range = (*low, *high);
		let lost = round.faulty_weight() * 3 >= round.assigned();
		outcome.lost += u32::from(lost);
		let mut values: Vec<i128> = round.reports.iter().map(value_of).collect();
		values.sort_unstable();
		outcome.median.note(values[(values.len() - 1) / 2], truth, range);
		outcome.mean.note(values.iter().sum::<i128>() / values.len() as i128, truth, range);
		match aggregate(&schema, &round.reports, round.assigned(), &rules) {
			Ok(agreement) => {
				let Reading::Scalar(value) = agreement.value else { unreachable!("a scalar feed") };
				outcome.ours.note(value, truth, range);
				let outside = value < range.0 || value > range.1;
				outcome.broken += u32::from(outside && !lost);
				last = value;
			}
			Err(_) => outcome.failed += 1,
		}
	}
	outcome
}

fn value_of(report: &WeightedReading) -> i128 {
	match report.reading {
		Reading::Scalar(value) => value,
		_ => unreachable!("a scalar feed"),
	}
}

/// Nearly a standard normal variable: the sum of twelve uniform ones has its mean and variance, and ends at
/// six deviations.
fn standard_normal(random: &mut StdRng) -> f64 {
	(0..12).map(|_| random.gen::<f64>()).sum::<f64>() - 6.0
}

/// What was reported in one round, and by whom.
struct Round {
	reports: Vec<WeightedReading>,
	/// Whether each report is by somebody honest.
	is_honest: Vec<bool>,
	weights: Vec<u128>,
	faulty: Vec<bool>,
}

impl Round {
	fn new(scenario: &Scenario, truth: i128, last: i128, random: &mut StdRng) -> Self {
		// Seven alike, or stakes that differ by up to ten times, faulty and honest alike.
		let stakes: Vec<u128> = (0..scenario.pool)
			.map(|index| if scenario.pool == COMMITTEE { 1_000 } else { 500 + 225 * index as u128 })
			.collect();
		let seed: [u8; 32] = random.gen();
		let drawn = draw(seed, &stakes, COMMITTEE as u32);
		let mut weights: Vec<u128> = drawn.iter().map(|index| stakes[*index]).collect();
		cap_weights(&mut weights).expect("more than four have weight");
		// Spread over the pool, so that they have stakes of all sizes.
		let step = scenario.pool / scenario.faulty.max(1);
		let is_faulty = |index: usize| index.is_multiple_of(step) && index / step < scenario.faulty;
		let faulty: Vec<bool> = drawn.iter().map(|index| is_faulty(*index)).collect();

		let mut round = Self { reports: Vec::new(), is_honest: Vec::new(), weights, faulty };
		let mut lied = false;
		for place in 0..round.faulty.len() {
			let honest = truth + (NOISE * standard_normal(random)).round() as i128;
			let value = if round.faulty[place] {
				let said = match scenario.fault {
					Fault::Offset => Some(truth + OFFSET),
					Fault::CopyLast => Some(last),
					Fault::Random => Some(random.gen_range(-6_000..=6_000)),
					Fault::Collude => Some(truth + 50),
					Fault::Silent => None,
					Fault::Mixed => (!lied).then_some(truth + OFFSET),
				};
				lied = true;
				said
			} else {
				Some(honest)
			};
			if let Some(value) = value {
				round.is_honest.push(!round.faulty[place]);
				let reading = Reading::Scalar(value.clamp(-6_000, 6_000));
				round.reports.push(WeightedReading { reading, weight: round.weights[place] });
			}
		}
		round
	}

	fn assigned(&self) -> u128 {
		self.weights.iter().sum()
	}

	fn faulty_weight(&self) -> u128 {
		self.weights.iter().zip(&self.faulty).filter(|(_, f)| **f).map(|(weight, _)| weight).sum()
	}

	fn honest(&self) -> Vec<i128> {
		let reports = self.reports.iter().zip(&self.is_honest);
		reports.filter(|(_, honest)| **honest).map(|(report, _)| value_of(report)).collect()
	}
}
