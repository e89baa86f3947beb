//! Finality without load: how long a block waits to become final when nothing else is to be done.

use crate::{
	chain::{ChainRecord, ChainSummary},
	error::LoadError,
	follow::{Event, Following},
	report::{Environment, Report},
	rpc::Node,
	span::Span,
	stats::{Latencies, Summary},
};
use serde::Serialize;
use std::{
	io::Write,
	path::PathBuf,
	time::{Duration, Instant},
};
use tokio::time::timeout_at;

/// After the end, how long the last blocks may take to become final.
const GRACE: Duration = Duration::from_secs(10);

/// Send nothing and measure how long blocks take to become final.
#[derive(Debug, clap::Args)]
#[command(
	after_help = "Each node is measured by its own news: from the arrival of a best head to \
the news that it is final. The pooled figures weigh every block of every node equally.

Example: rwa-load idle --url ws://127.0.0.1:9944 --url ws://127.0.0.1:9945 --duration 10m"
)]
pub struct Idle {
	/// WebSocket address of a node; repeat it to measure several at once
	#[arg(long = "url", value_name = "URL", default_value = "ws://127.0.0.1:9944")]
	urls: Vec<String>,
	/// How long to measure: 90, 90s, 10m
	#[arg(long, value_name = "TIME", default_value = "10m")]
	duration: Span,
	/// Also write the figures to this file
	#[arg(long, value_name = "FILE")]
	json: Option<PathBuf>,
}

/// What the JSON file holds.
#[derive(Serialize)]
struct Figures {
	environment: Environment,
	seconds: f64,
	/// From import to finality over all nodes, in milliseconds.
	pooled: Option<Summary>,
	nodes: Vec<NodeFigures>,
}

#[derive(Serialize)]
struct NodeFigures {
	url: String,
	#[serde(flatten)]
	chain: ChainSummary,
}

impl Idle {
	/// Measures, and writes the table to `out`. Fails if nothing became final.
	pub async fn run(&self, out: &mut impl Write) -> Result<(), LoadError> {
		let mut watching = Vec::new();
		let mut software = String::new();
		for url in &self.urls {
			let node = Node::connect(url).await?;
			software = node.software().await?;
			watching.push((url.clone(), Following::start(url).await?));
		}
		let start = Instant::now();
		let end = start + self.duration.0;
		// Every node is awaited in turn; what the others tell meanwhile carries its time of arrival.
		let mut records = Vec::new();
		for (url, following) in watching {
			records.push((url, watch(following, end + GRACE).await?));
		}
		let mut pooled = Latencies::default();
		let mut nodes = Vec::new();
		for (url, record) in records {
			pooled.extend(&record.latencies(start, end));
			nodes.push(NodeFigures { url, chain: record.summary(start, end) });
		}
		let figures = Figures {
			environment: Environment::new(software),
			seconds: self.duration.0.as_secs_f64(),
			pooled: pooled.summary(),
			nodes,
		};
		report(&figures).finish(out, self.json.as_deref(), &figures)?;
		match figures.nodes.iter().find(|node| node.chain.blocks == 0) {
			None => Ok(()),
			Some(node) => Err(LoadError::Failed(format!("{}: no block became final", node.url))),
		}
	}
}

/// Writes down what a node tells until `end`.
async fn watch(mut following: Following, end: Instant) -> Result<ChainRecord, LoadError> {
	let mut record = ChainRecord::default();
	while let Ok(event) = timeout_at(end.into(), following.next()).await {
		match event? {
			Event::Block(seen) => record.seen(seen, None),
			Event::Reorganised(retracted) => record.reorganised(retracted),
			Event::Finalised { hash, at } => record.finalised(hash, at),
		}
	}
	// What was told before the end and not read yet.
	while let Ok(event) = following.events.try_recv() {
		match event {
			Event::Block(seen) => record.seen(seen, None),
			Event::Reorganised(retracted) => record.reorganised(retracted),
			Event::Finalised { hash, at } => record.finalised(hash, at),
		}
	}
	Ok(record)
}

fn report(figures: &Figures) -> Report {
	let mut report = Report::new(format!(
		"idle: no load for {:.0} s, {} node(s)",
		figures.seconds,
		figures.nodes.len()
	));
	report.line("node", figures.environment.node.clone());
	report.latency("import → finality, all nodes", figures.pooled);
	for node in &figures.nodes {
		report.line(node.url.clone(), "");
		report.latency("import → finality", node.chain.import_to_finality);
		report.chain(&node.chain);
	}
	report
}
