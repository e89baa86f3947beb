//! What was measured, for people and for scripts.

use crate::{chain::ChainSummary, error::LoadError, ledger::Counts, stats::Summary};
use serde::Serialize;
use std::{
	fs::File,
	io::{BufWriter, Write},
	num::NonZeroUsize,
	path::Path,
	thread,
};

/// A table of two columns, with a heading.
pub struct Report {
	heading: String,
	lines: Vec<(String, String)>,
}

/// The machine and the node that figures were measured on: without it they mean nothing.
#[derive(Clone, Debug, Serialize)]
pub struct Environment {
	/// Model of the processor.
	pub processor: String,
	/// Cores that this program, and so likely the node, may use.
	pub cores: usize,
	/// Name and version of the node.
	pub node: String,
	/// Name and version of the runtime.
	pub runtime: String,
}

impl Environment {
	/// This machine, and a node that calls itself `node`.
	pub fn new(node: String) -> Self {
		let version = rwa_runtime::VERSION;
		Self {
			processor: processor(),
			cores: thread::available_parallelism().map_or(1, NonZeroUsize::get),
			node,
			runtime: format!("{}-{}", version.spec_name, version.spec_version),
		}
	}
}

/// What the system says of its processor; not every system says it.
fn processor() -> String {
	std::fs::read_to_string("/proc/cpuinfo")
		.ok()
		.and_then(|text| {
			let model = text.lines().find_map(|line| line.strip_prefix("model name"))?;
			Some(model.trim_start_matches([' ', '\t', ':']).to_owned())
		})
		.unwrap_or_else(|| "unknown".into())
}

impl Report {
	/// An empty table.
	pub fn new(heading: impl Into<String>) -> Self {
		Self { heading: heading.into(), lines: Vec::new() }
	}

	/// Adds a line.
	pub fn line(&mut self, label: impl Into<String>, value: impl Into<String>) {
		self.lines.push((label.into(), value.into()));
	}

	/// Adds latencies.
	pub fn latency(&mut self, label: impl Into<String>, summary: Option<Summary>) {
		let value = summary.map_or_else(
			|| "nothing measured".to_owned(),
			|times| {
				format!(
					"mean {:.0}  p50 {:.0}  p95 {:.0}  p99 {:.0}  max {:.0} ms  ({})",
					times.mean, times.p50, times.p95, times.p99, times.max, times.count
				)
			},
		);
		self.line(label, value);
	}

	/// Adds what became of the transactions.
	pub fn counts(&mut self, counts: &Counts) {
		self.line("submitted", counts.submitted.to_string());
		self.line("accepted", counts.accepted.to_string());
		self.line("refused", counts.refused.to_string());
		for (reason, count) in &counts.reasons {
			self.line("", format!("{count} × {reason}"));
		}
		self.line("unanswered", counts.unanswered.to_string());
		self.line("finalised", counts.finalised.to_string());
		self.line("accepted, not finalised", counts.lost.to_string());
	}

	/// Adds what the chain did.
	pub fn chain(&mut self, chain: &ChainSummary) {
		self.line("final blocks", chain.blocks.to_string());
		self.line("skipped slots", chain.skipped_slots.to_string());
		self.line(
			"re-organisations",
			format!("{} ({} blocks)", chain.reorganisations, chain.retracted_blocks),
		);
		if let Some(content) = &chain.content {
			self.line(
				"transfers in a block",
				format!("mean {:.0}, most {}", content.transactions_mean, content.transactions_max),
			);
			self.line(
				"block weight used",
				format!("mean {:.0} %, most {:.0} %", content.fullness_mean, content.fullness_max),
			);
			self.line(
				"block size",
				format!(
					"mean {:.0} kB, most {:.0} kB",
					content.bytes_mean / 1_000.0,
					content.bytes_max as f64 / 1_000.0
				),
			);
		}
	}

	/// Writes the table to `out` and `figures` to the JSON file, if one is wanted.
	pub fn finish(
		&self,
		out: &mut impl Write,
		json: Option<&Path>,
		figures: &impl Serialize,
	) -> Result<(), LoadError> {
		writeln!(out, "{}", self.heading)?;
		let width = self.lines.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
		for (label, value) in &self.lines {
			writeln!(out, "  {label:width$}  {value}")?;
		}
		if let Some(path) = json {
			let mut file = BufWriter::new(File::create(path).map_err(LoadError::file(path))?);
			serde_json::to_writer_pretty(&mut file, figures)
				.map_err(|error| LoadError::file(path)(error.into()))?;
			writeln!(file).and_then(|()| file.flush()).map_err(LoadError::file(path))?;
		}
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn finish_should_align_the_values() {
		let mut report = Report::new("heading");
		report.line("a", "1");
		report.line("longer", "2");
		let mut shown = Vec::new();
		report.finish(&mut shown, None, &()).unwrap();
		assert_eq!(String::from_utf8(shown).unwrap(), "heading\n  a       1\n  longer  2\n");
	}

	#[test]
	fn latency_should_not_pretend_when_nothing_was_measured() {
		let mut report = Report::new("heading");
		report.latency("x", None);
		let mut shown = Vec::new();
		report.finish(&mut shown, None, &()).unwrap();
		assert!(String::from_utf8(shown).unwrap().contains("nothing measured"));
	}

	#[test]
	fn finish_should_name_a_file_that_it_cannot_write() {
		let path = Path::new("/nonexistent/report.json");
		let error = Report::new("heading").finish(&mut Vec::new(), Some(path), &());
		assert!(error.unwrap_err().to_string().contains("/nonexistent/report.json"));
	}
}
