//! A steady load, and what it shows.

use crate::{
	chain::ChainSummary,
	error::LoadError,
	ledger::{Counts, Rates, Times},
	report::{Environment, Report},
	sender::{by_sender, Ask, Note, Pace, Sending},
	session::{Session, Target},
	span::Span,
	stats::{Latencies, Summary},
};
use serde::Serialize;
use std::{
	io::Write,
	path::PathBuf,
	sync::Arc,
	time::{Duration, Instant},
};
use tokio::{sync::Semaphore, time::sleep_until};

/// From the call to the first transaction: enough to start all lanes.
const LEAD: Duration = Duration::from_millis(500);

/// Send transfers at a steady rate and measure what becomes final, and when.
#[derive(Debug, clap::Args)]
#[command(
	after_help = "Transfers go from //Sender//i to //Receiver//i. All are signed before the \
first is sent, so that signing takes nothing from the node while it is measured. With as many \
accounts as transfers (rate times duration), each account is used once.

Example: rwa-load run --rate 1500 --duration 5m --accounts 450000 --json run.json"
)]
pub struct Run {
	#[command(flatten)]
	target: Target,
	/// Transfers a second
	#[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
	rate: u32,
	/// How long to send: 90, 90s, 5m
	#[arg(long, value_name = "TIME", default_value = "5m")]
	duration: Span,
	/// Senders, and as many receivers, to share the transfers
	#[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
	accounts: u32,
	/// Hold back while this many transfers are sent and not final. With a rate out of reach, this
	/// finds what a node can sustain; latencies then count from the sending
	#[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
	max_pending: Option<u32>,
	/// How long to wait, after the last was due, for all to become final
	#[arg(long, value_name = "TIME", default_value = "60s")]
	drain: Span,
	/// Also write the figures to this file
	#[arg(long, value_name = "FILE")]
	json: Option<PathBuf>,
}

/// What the JSON file holds.
#[derive(Serialize)]
struct Figures<'a> {
	environment: Environment,
	settings: Settings<'a>,
	counts: Counts,
	/// Planned, and not sent before the measurement ended.
	unsent: usize,
	/// Transfers that became final, per second.
	finalised_per_second: Rates,
	/// In milliseconds.
	latencies: Times,
	/// How late transfers were sent, in milliseconds: the generator's own delay, which is part of the
	/// latencies.
	schedule_lag: Option<Summary>,
	chain: ChainSummary,
}

#[derive(Serialize)]
struct Settings<'a> {
	#[serde(flatten)]
	target: &'a Target,
	rate: u32,
	seconds: f64,
	transfers: u32,
	accounts: u32,
	max_pending: Option<u32>,
	signing: &'static str,
	latencies_count_from: &'static str,
}

impl Run {
	/// Measures, and writes the table to `out`. Fails if an accepted transfer did not become final.
	pub async fn run(&self, out: &mut impl Write) -> Result<(), LoadError> {
		let count = self.transfers()?;
		let session = self.target.begin(count, self.accounts.min(count), out).await?;
		let figures = self.measure(session, count).await?;
		self.report(&figures).finish(out, self.json.as_deref(), &figures)?;
		match figures.counts.lost {
			0 => Ok(()),
			lost => Err(LoadError::Failed(format!(
				"{lost} accepted transfers were not final {:.0} s after the last was due",
				self.drain.0.as_secs_f64()
			))),
		}
	}

	fn transfers(&self) -> Result<u32, LoadError> {
		let count = f64::from(self.rate) * self.duration.0.as_secs_f64();
		if count < 1.0 || count > f64::from(u32::MAX) {
			return Err(LoadError::Arguments(format!(
				"--rate {} over --duration {} s makes {count:.0} transfers",
				self.rate,
				self.duration.0.as_secs_f64()
			)));
		}
		Ok(count as u32)
	}

	async fn measure(&self, session: Session, count: u32) -> Result<Figures<'_>, LoadError> {
		let Session { prepared, connections, mut following, mut observer, environment } = session;
		let start = Instant::now() + LEAD;
		let end = start + self.duration.0;
		let room = self.max_pending.map(|most| Arc::new(Semaphore::new(most as usize)));
		let pace = match room.clone() {
			None => Pace::Steady { start, rate: self.rate },
			Some(room) => Pace::Bounded { start, rate: self.rate, room, end },
		};
		let settled = |count: usize| {
			if let Some(room) = &room {
				room.add_permits(count);
			}
		};
		let lanes = by_sender(&prepared, self.target.lanes());
		let mut sending = Sending::start(lanes, &connections, &prepared, &pace, Ask::Answer);
		let mut lag = Latencies::default();
		loop {
			tokio::select! {
				note = sending.next() => if let Note::Answered { place, due, sent, at, refusal } = note? {
					lag.record(sent.saturating_duration_since(due));
					observer.ledger.sent(place, due);
					match refusal {
						None => observer.ledger.accepted(place, at),
						Some(reason) => {
							observer.ledger.refused(place, at, reason);
							settled(1);
						},
					}
				},
				event = following.next() => {
					let finalised = observer.note(event?).await?;
					settled(finalised.unwrap_or_default());
					// Looked at once a block, because it goes through all transfers.
					if finalised.is_some() && sending.finished() && observer.ledger.open() == 0 {
						break;
					}
				},
				() = sleep_until((end + self.drain.0).into()) => break,
			}
		}
		sending.stop();
		let counts = observer.ledger.counts();
		Ok(Figures {
			environment,
			settings: Settings {
				target: &self.target,
				rate: self.rate,
				seconds: self.duration.0.as_secs_f64(),
				transfers: count,
				accounts: self.accounts.min(count),
				max_pending: self.max_pending,
				signing: "all before the first was sent, in memory",
				latencies_count_from: match self.max_pending {
					None => "the time at which the schedule wanted each sent",
					Some(_) => "the sending, held back while too many were pending",
				},
			},
			unsent: prepared.len().saturating_sub(counts.submitted),
			counts,
			finalised_per_second: observer.ledger.rates(start, self.duration.0),
			latencies: observer.ledger.times(),
			schedule_lag: lag.summary(),
			chain: observer.chain.summary(start, end),
		})
	}

	fn report(&self, figures: &Figures<'_>) -> Report {
		let mut report = Report::new(format!(
			"run: {} transfers/s for {:.0} s between {} senders and receivers, signed beforehand",
			self.rate, figures.settings.seconds, figures.settings.accounts
		));
		report.line("node", figures.environment.node.clone());
		report.line(
			"machine",
			format!("{} × {}", figures.environment.cores, figures.environment.processor),
		);
		let rates = &figures.finalised_per_second;
		report.line("finalised, sustained", format!("{:.0} /s", rates.sustained));
		if let Some(worst) = rates.sustained_worst_10s {
			report.line("finalised, worst 10 s", format!("{worst:.0} /s"));
		}
		report.line("finalised, with the drain", format!("{:.0} /s", rates.overall));
		report.latency("submit → answer", figures.latencies.submit_to_answer);
		report.latency("submit → inclusion", figures.latencies.submit_to_inclusion);
		report.latency("inclusion → finality", figures.latencies.inclusion_to_finality);
		report.latency("behind schedule", figures.schedule_lag);
		report.counts(&figures.counts);
		report.line("not sent in time", figures.unsent.to_string());
		report.chain(&figures.chain);
		report
	}
}
