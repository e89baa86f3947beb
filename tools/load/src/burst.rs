//! Many transfers at once, and whether each sender learns what became of each.

use crate::{
	chain::ChainSummary,
	error::LoadError,
	ledger::{Counts, Times},
	report::{Environment, Report},
	rpc::Status,
	sender::{by_sender, shuffled, Ask, Note, Pace, Sending},
	session::{Session, Target},
	span::Span,
	stats::per_second,
	transactions::Prepared,
};
use serde::Serialize;
use std::{
	collections::{BTreeMap, HashSet},
	io::Write,
	path::PathBuf,
	time::Instant,
};
use tokio::time::sleep_until;

/// Send a burst and account for every transfer in it.
#[derive(Debug, clap::Args)]
#[command(after_help = "In order (`in`), each sender awaits the answer to one transfer before it \
sends the next, and every transfer must become final. Shuffled, they go out in any order and each is \
watched: it must become final, or its sender must have been told why not. A transfer that waits \
because an earlier one of its sender was refused counts as told, since its last status says that it \
waits. Exit code 1 if one vanished without a word.

The node must have room: a --pool-limit above the count and, shuffled, as many subscriptions per \
connection (--rpc-max-subscriptions-per-connection) as the count over the connections.

Example: rwa-load burst --count 50000 --senders 500 --order shuffled")]
pub struct Burst {
	#[command(flatten)]
	target: Target,
	/// Transfers in all
	#[arg(long, value_name = "COUNT", default_value_t = 50_000,
		value_parser = clap::value_parser!(u32).range(1..))]
	count: u32,
	/// Senders that share them evenly
	#[arg(long, value_name = "COUNT", default_value_t = 500,
		value_parser = clap::value_parser!(u32).range(1..))]
	senders: u32,
	/// In which order a sender's transfers go out
	#[arg(long, value_enum, default_value_t = Order::In)]
	order: Order,
	/// Same seed, same shuffle
	#[arg(long, value_name = "NUMBER", default_value_t = 1)]
	seed: u64,
	/// Give up on the rest when this many blocks in a row became final and nothing was heard of any
	/// transfer
	#[arg(long, value_name = "BLOCKS", default_value_t = 30)]
	patience: u32,
	/// Give up on the rest after this time in any case
	#[arg(long, value_name = "TIME", default_value = "10m")]
	limit: Span,
	/// Also write the figures to this file
	#[arg(long, value_name = "FILE")]
	json: Option<PathBuf>,
}

/// In which order a sender's transfers go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
enum Order {
	/// In nonce order, each after the answer to the one before.
	In,
	/// In any order.
	Shuffled,
}

/// What became of a transfer, from its sender's point of view.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
	/// It is in a final block.
	Final,
	/// It was refused when it was sent, for this reason.
	Refused,
	/// The subscription said that it will not be included, and how.
	Told(&'static str),
	/// Its last status is that it waits for an earlier transfer of its sender, which is not final.
	Waits,
	/// Accepted, not final, and nothing said about it.
	Vanished,
	/// No answer came.
	Unanswered,
}

impl Fate {
	fn name(&self) -> String {
		match self {
			Self::Final => "finalised".into(),
			Self::Refused => "refused when sent".into(),
			Self::Told(verdict) => format!("told: {verdict}"),
			Self::Waits => "waits behind a transfer that is not final".into(),
			Self::Vanished => "vanished without a word".into(),
			Self::Unanswered => "unanswered".into(),
		}
	}
}

/// What was heard of one transfer.
#[derive(Clone, Default)]
struct Heard {
	accepted: bool,
	refused: bool,
	last: Option<Status>,
}

/// What the JSON file holds.
#[derive(Serialize)]
struct Figures<'a> {
	environment: Environment,
	settings: Settings<'a>,
	counts: Counts,
	/// Transfers by what became of them, from their senders' point of view.
	fates: BTreeMap<String, usize>,
	/// Final, but the subscription's last word was another, or none.
	final_and_told_otherwise: usize,
	/// From the first submission to the last finality.
	seconds: f64,
	finalised_per_second: f64,
	latencies: Times,
	chain: ChainSummary,
}

#[derive(Serialize)]
struct Settings<'a> {
	#[serde(flatten)]
	target: &'a Target,
	count: u32,
	senders: u32,
	order: Order,
	seed: u64,
}

impl Burst {
	/// Measures, and writes the table to `out`. Fails if a transfer vanished or, in order, if one did
	/// not become final.
	pub async fn run(&self, out: &mut impl Write) -> Result<(), LoadError> {
		let session = self.target.begin(self.count, self.senders.min(self.count), out).await?;
		let (figures, fates) = self.measure(session).await?;
		self.report(&figures).finish(out, self.json.as_deref(), &figures)?;
		self.verdict(&fates)
	}

	async fn measure(&self, session: Session) -> Result<(Figures<'_>, Vec<Fate>), LoadError> {
		let Session { prepared, connections, mut following, mut observer, environment } = session;
		let (lanes, ask) = self.lanes(&prepared);
		let mut heard = vec![Heard::default(); prepared.len()];
		let start = Instant::now();
		let mut sending = Sending::start(lanes, &connections, &prepared, &Pace::Free, ask);
		let (mut quiet_blocks, mut last_final) = (0, start);
		loop {
			tokio::select! {
				note = sending.next() => {
					quiet_blocks = 0;
					match note? {
						Note::Answered { place, sent, at, refusal, .. } => {
							observer.ledger.sent(place, sent);
							let Some(heard) = heard.get_mut(place) else { continue };
							heard.accepted = refusal.is_none();
							heard.refused = refusal.is_some();
							match refusal {
								None => observer.ledger.accepted(place, at),
								Some(reason) => observer.ledger.refused(place, at, reason),
							}
						},
						Note::Told { place, status } => if let Some(heard) = heard.get_mut(place) {
							heard.last = Some(status);
						},
						Note::LaneDone | Note::Broken(_) => {},
					}
				},
				event = following.next() => match observer.note(event?).await? {
					None => {},
					Some(0) => {
						quiet_blocks += 1;
						let waiting = !self.settled(&heard, |place| observer.ledger.is_final(place));
						if sending.finished() && (!waiting || quiet_blocks > self.patience) {
							break;
						}
					},
					Some(_) => {
						quiet_blocks = 0;
						last_final = Instant::now();
					},
				},
				() = sleep_until((start + self.limit.0).into()) => break,
			}
		}
		sending.stop();
		let finals: Vec<bool> =
			(0..prepared.len()).map(|place| observer.ledger.is_final(place)).collect();
		let fates = fates(&prepared, &heard, &finals);
		let mut by_fate = BTreeMap::new();
		for fate in &fates {
			*by_fate.entry(fate.name()).or_insert(0) += 1;
		}
		let figures = Figures {
			environment,
			settings: Settings {
				target: &self.target,
				count: self.count,
				senders: self.senders.min(self.count),
				order: self.order,
				seed: self.seed,
			},
			counts: observer.ledger.counts(),
			fates: by_fate,
			final_and_told_otherwise: match self.order {
				Order::In => 0,
				Order::Shuffled => told_otherwise(&heard, &finals),
			},
			seconds: last_final.saturating_duration_since(start).as_secs_f64(),
			finalised_per_second: per_second(
				observer.ledger.final_count(),
				last_final.saturating_duration_since(start),
			),
			latencies: observer.ledger.times(),
			chain: observer.chain.summary(start, last_final),
		};
		Ok((figures, fates))
	}

	fn lanes(&self, prepared: &[Prepared]) -> (Vec<Vec<usize>>, Ask) {
		let lanes = self.target.lanes();
		match self.order {
			Order::In => (by_sender(prepared, lanes), Ask::Answer),
			Order::Shuffled => (shuffled(prepared.len(), lanes, self.seed), Ask::Fate),
		}
	}

	/// Whether the last word was said about every transfer, by a node or by the chain.
	fn settled(&self, heard: &[Heard], is_final: impl Fn(usize) -> bool) -> bool {
		heard.iter().enumerate().all(|(place, heard)| {
			let told = heard.last.as_ref().and_then(Status::verdict).is_some();
			// A watched transfer is settled only when its watcher knows.
			let done = told || (self.order == Order::In && is_final(place));
			done || heard.refused
		})
	}

	fn verdict(&self, fates: &[Fate]) -> Result<(), LoadError> {
		let count = |wanted: fn(&Fate) -> bool| fates.iter().filter(|fate| wanted(fate)).count();
		let vanished = count(|fate| matches!(fate, Fate::Vanished | Fate::Unanswered));
		if vanished > 0 {
			return Err(LoadError::Failed(format!("{vanished} transfers vanished without a word")));
		}
		let missing = count(|fate| *fate != Fate::Final);
		if self.order == Order::In && missing > 0 {
			return Err(LoadError::Failed(format!(
				"{missing} transfers, sent in order, did not become final"
			)));
		}
		Ok(())
	}

	fn report(&self, figures: &Figures<'_>) -> Report {
		let order = match self.order {
			Order::In => "in order per sender",
			Order::Shuffled => "in shuffled order, watched",
		};
		let mut report = Report::new(format!(
			"burst: {} transfers of {} senders, {order}",
			self.count, figures.settings.senders
		));
		report.line("node", figures.environment.node.clone());
		report.counts(&figures.counts);
		for (fate, count) in &figures.fates {
			report.line(format!("fate: {fate}"), count.to_string());
		}
		if self.order == Order::Shuffled {
			report.line("final, told otherwise", figures.final_and_told_otherwise.to_string());
		}
		report.line("first sent to last final", format!("{:.1} s", figures.seconds));
		report.line("finalised", format!("{:.0} /s", figures.finalised_per_second));
		report.latency("submit → answer", figures.latencies.submit_to_answer);
		report.latency("submit → inclusion", figures.latencies.submit_to_inclusion);
		report.latency("inclusion → finality", figures.latencies.inclusion_to_finality);
		report.chain(&figures.chain);
		report
	}
}

/// What became of each transfer. A sender's transfers must be in nonce order.
fn fates(prepared: &[Prepared], heard: &[Heard], finals: &[bool]) -> Vec<Fate> {
	let mut held_up = HashSet::new();
	prepared
		.iter()
		.zip(heard)
		.zip(finals)
		.map(|((transfer, heard), is_final)| {
			let told = heard.last.as_ref().and_then(Status::verdict);
			let fate = match told {
				_ if *is_final => Fate::Final,
				_ if heard.refused => Fate::Refused,
				_ if !heard.accepted => Fate::Unanswered,
				// It said that it is final, and no final block holds it.
				Some("finalized") => Fate::Vanished,
				Some(verdict) => Fate::Told(verdict),
				None if heard.last == Some(Status::Future)
					&& held_up.contains(&transfer.sender) =>
				{
					Fate::Waits
				}
				None => Fate::Vanished,
			};
			if fate != Fate::Final {
				held_up.insert(transfer.sender);
			}
			fate
		})
		.collect()
}

/// How many are final although the last word on them was another, or none.
fn told_otherwise(heard: &[Heard], finals: &[bool]) -> usize {
	heard
		.iter()
		.zip(finals)
		.filter(|(heard, is_final)| {
			**is_final && heard.last.as_ref().and_then(Status::verdict) != Some("finalized")
		})
		.count()
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_core::H256;

	/// Transfers of sender 0 in nonce order.
	fn transfers(count: u32) -> Vec<Prepared> {
		(0..count)
			.map(|nonce| Prepared { bytes: Vec::new(), hash: H256::zero(), sender: 0, nonce })
			.collect()
	}

	fn accepted(last: Option<Status>) -> Heard {
		Heard { accepted: true, refused: false, last }
	}

	fn burst(order: Order) -> Burst {
		use clap::Parser;

		#[derive(clap::Parser)]
		struct Alone {
			#[command(flatten)]
			burst: Burst,
		}
		Burst { order, ..Alone::parse_from(["burst"]).burst }
	}

	#[test]
	fn a_transfer_that_was_accepted_and_forgotten_should_have_vanished() {
		for last in [None, Some(Status::Ready), Some(Status::Future)] {
			let fates = fates(&transfers(1), &[accepted(last.clone())], &[false]);
			assert_eq!(fates, [Fate::Vanished], "{last:?}");
		}
	}

	#[test]
	fn a_transfer_that_claims_to_be_final_and_is_not_should_have_vanished() {
		let heard = [accepted(Some(Status::Finalized(H256::zero())))];
		assert_eq!(fates(&transfers(1), &heard, &[false]), [Fate::Vanished]);
	}

	#[test]
	fn a_transfer_may_wait_only_behind_one_that_is_not_final() {
		let waiting = || accepted(Some(Status::Future));
		let refused = Heard { accepted: false, refused: true, last: None };
		let behind = fates(&transfers(2), &[refused, waiting()], &[false, false]);
		assert_eq!(behind, [Fate::Refused, Fate::Waits]);

		let done = accepted(Some(Status::Finalized(H256::zero())));
		let alone = fates(&transfers(2), &[done, waiting()], &[true, false]);
		assert_eq!(alone, [Fate::Final, Fate::Vanished]);
	}

	#[test]
	fn senders_should_not_hold_each_other_up() {
		let mut two = transfers(2);
		two[1].sender = 1;
		let refused = Heard { accepted: false, refused: true, last: None };
		let heard = [refused, accepted(Some(Status::Future))];
		assert_eq!(fates(&two, &heard, &[false, false]), [Fate::Refused, Fate::Vanished]);
	}

	#[test]
	fn a_verdict_should_count_as_a_word() {
		let heard = [accepted(Some(Status::Dropped))];
		assert_eq!(fates(&transfers(1), &heard, &[false]), [Fate::Told("dropped")]);
	}

	#[test]
	fn the_chain_should_be_believed_before_the_subscription() {
		let heard = [accepted(Some(Status::Dropped)), accepted(None)];
		assert_eq!(fates(&transfers(2), &heard, &[true, true]), [Fate::Final, Fate::Final]);
		assert_eq!(told_otherwise(&heard, &[true, true]), 2);
	}

	#[test]
	fn the_verdict_should_be_failure_when_one_vanished_in_either_order() {
		for order in [Order::In, Order::Shuffled] {
			assert!(burst(order).verdict(&[Fate::Final, Fate::Vanished]).is_err());
			assert!(burst(order).verdict(&[Fate::Final, Fate::Unanswered]).is_err());
			assert!(burst(order).verdict(&[Fate::Final]).is_ok());
		}
	}

	#[test]
	fn the_verdict_should_allow_a_reason_only_out_of_order() {
		for told in [[Fate::Refused], [Fate::Told("dropped")], [Fate::Waits]] {
			assert!(burst(Order::Shuffled).verdict(&told).is_ok());
			assert!(burst(Order::In).verdict(&told).is_err());
		}
	}

	#[test]
	fn a_watched_transfer_should_not_be_settled_before_its_watcher_knows() {
		let heard = [accepted(Some(Status::Ready))];
		assert!(burst(Order::In).settled(&heard, |_| true));
		assert!(!burst(Order::Shuffled).settled(&heard, |_| true));
		let told = [accepted(Some(Status::Finalized(H256::zero())))];
		assert!(burst(Order::Shuffled).settled(&told, |_| true));
	}
}
