//! What can be ordered, and how an order goes.
//!
//! ```text
//!            ┌──── attempt failed, may go better ────┐
//!            ▼                                       │
//! post ─▶ waiting ── its turn ──▶ (an attempt) ──────┼──▶ done
//!                                                    └──▶ failed: can't go better, or took too long
//! ```
//!
//! That an attempt is under way is known in memory only. So after a crash a job still waits, and is tried
//! again; every attempt may be repeated.

use crate::{failure::Failure, text};
use rwa_primitives::{
	ipfs::{Cid, Codec, Layout},
	Moment,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How the files of this chain are laid out.
pub const LAYOUT: Layout = Layout::DOCUMENT;

/// Most bytes of a file: 4 GiB, four times the largest document that is promised.
pub const MAX_SIZE: u64 = 4 << 30;

/// An order. The same order has the same [id](Task::id), so that giving it twice is giving it once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Task {
	/// Get a file, keep it, and see that it is whole.
	Pin {
		/// Its root.
		#[serde(with = "text")]
		cid: Cid,
		/// Its bytes.
		size: u64,
	},
	/// Keep it no longer. What is on disk goes with the next collection.
	Unpin {
		/// Its root.
		#[serde(with = "text")]
		cid: Cid,
	},
	/// See that a file which is kept is whole, without asking the network.
	Check {
		/// Its root.
		#[serde(with = "text")]
		cid: Cid,
	},
	/// The blocks from the root of a file which is kept to one of its leaves, without asking the network.
	Proof {
		/// Its root.
		#[serde(with = "text")]
		cid: Cid,
		/// Number of the leaf, counted from zero.
		leaf: u64,
	},
	/// Free the disk of what isn't pinned.
	Collect,
}

/// Which workers do a job. One kind never waits for another: a proof has a deadline, a pin may take hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lane {
	/// Proofs.
	Proof,
	/// Pins.
	Pin,
	/// Unpinning and collecting.
	Drop,
	/// Checks.
	Check,
}

impl Lane {
	/// All of them.
	pub const ALL: [Self; 4] = [Self::Proof, Self::Pin, Self::Drop, Self::Check];

	/// By which it is known on disk. Never changes.
	pub(crate) fn number(self) -> u8 {
		match self {
			Self::Proof => 0,
			Self::Pin => 1,
			Self::Drop => 2,
			Self::Check => 3,
		}
	}
}

/// Why an order isn't taken at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TaskError {
	/// A file of that size has a root of the other kind.
	#[error(
		"wrong codec: a file of {size} bytes in chunks of {} has a root of {}; add it with --cid-version=1 \
		 --raw-leaves --chunker=size-{} --max-file-links={}",
		LAYOUT.chunk(), if *size > u64::from(LAYOUT.chunk()) { "dag-pb" } else { "raw bytes" }, LAYOUT.chunk(),
		LAYOUT.links()
	)]
	WrongCodec {
		/// The size that was said.
		size: u64,
	},
	/// More than [`MAX_SIZE`].
	#[error("{size} bytes are more than the {MAX_SIZE} that a file may have")]
	TooLarge {
		/// The size that was said.
		size: u64,
	},
}

impl Task {
	/// The name of the job: the same for the same order.
	pub fn id(&self) -> String {
		match self {
			Self::Pin { cid, .. } => format!("pin-{cid}"),
			Self::Unpin { cid } => format!("unpin-{cid}"),
			Self::Check { cid } => format!("check-{cid}"),
			Self::Proof { cid, leaf } => format!("proof-{cid}-{leaf}"),
			Self::Collect => "collect".into(),
		}
	}

	/// The file, if it is about one.
	pub fn cid(&self) -> Option<Cid> {
		match self {
			Self::Pin { cid, .. }
			| Self::Unpin { cid }
			| Self::Check { cid }
			| Self::Proof { cid, .. } => Some(*cid),
			Self::Collect => None,
		}
	}

	/// Who does it.
	pub fn lane(&self) -> Lane {
		match self {
			Self::Proof { .. } => Lane::Proof,
			Self::Pin { .. } => Lane::Pin,
			Self::Unpin { .. } | Self::Collect => Lane::Drop,
			Self::Check { .. } => Lane::Check,
		}
	}

	/// What can be said of it without seeing the file.
	///
	/// # Errors
	/// See [`TaskError`].
	pub fn check(&self) -> Result<(), TaskError> {
		let Self::Pin { cid, size } = *self else { return Ok(()) };
		if size > MAX_SIZE {
			return Err(TaskError::TooLarge { size });
		}
		let expected = if LAYOUT.root(size).height() == 0 { Codec::Raw } else { Codec::DagPb };
		if cid.codec != expected {
			return Err(TaskError::WrongCodec { size });
		}
		Ok(())
	}
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
	/// For its turn, or for the time of its next attempt.
	Waiting {
		/// When it may be tried, in milliseconds since 1970.
		due: Moment,
	},
	/// It went well.
	Done {
		/// When.
		at: Moment,
	},
	/// It won't be tried again.
	Failed {
		/// When.
		at: Moment,
	},
}

/// An order with all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
	/// What was ordered.
	pub task: Task,
	/// Where it stands.
	#[serde(flatten)]
	pub state: State,
	/// When it was ordered, in milliseconds since 1970.
	pub posted_at: Moment,
	/// Which order it is, of all that ever were: tells an order from another that took its place.
	pub number: u64,
	/// How often it was tried.
	pub attempts: u32,
	/// Why the last attempt failed.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	pub error: Option<Failure>,
	/// What came of it.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	pub result: Option<Value>,
}

impl Job {
	/// Whether it is over, well or not.
	pub fn is_over(&self) -> bool {
		!matches!(self.state, State::Waiting { .. })
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn cid(codec: Codec) -> Cid {
		Cid::new(codec, [7; 32])
	}

	#[test]
	fn orders_should_be_read_from_json_and_nothing_else() {
		let text = cid(Codec::Raw).to_string();
		let read = |json: String| serde_json::from_str::<Task>(&json);
		assert_eq!(
			read(format!(r#"{{"kind":"pin","cid":"{text}","size":9}}"#)).unwrap(),
			Task::Pin { cid: cid(Codec::Raw), size: 9 }
		);
		assert_eq!(
			read(format!(r#"{{"kind":"proof","cid":"{text}","leaf":3}}"#)).unwrap(),
			Task::Proof { cid: cid(Codec::Raw), leaf: 3 }
		);
		assert_eq!(read(r#"{"kind":"collect"}"#.into()).unwrap(), Task::Collect);
		for wrong in [
			format!(r#"{{"kind":"pin","cid":"{text}"}}"#),
			format!(r#"{{"kind":"pin","cid":"{text}","size":-1}}"#),
			format!(r#"{{"kind":"check","cid":"{text}","size":1}}"#),
			format!(r#"{{"kind":"steal","cid":"{text}"}}"#),
			r#"{"kind":"check","cid":"QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"}"#.into(),
		] {
			assert!(read(wrong.clone()).is_err(), "{wrong}");
		}
	}

	#[test]
	fn a_job_should_be_the_same_after_being_written_and_read() {
		let job = Job {
			task: Task::Proof { cid: cid(Codec::DagPb), leaf: 1 },
			state: State::Waiting { due: 5 },
			posted_at: 1,
			number: 2,
			attempts: 3,
			error: None,
			result: Some(serde_json::json!({"blocks": []})),
		};
		let text = serde_json::to_string(&job).unwrap();
		assert_eq!(serde_json::from_str::<Job>(&text).unwrap(), job);
	}

	#[test]
	fn a_root_of_the_wrong_kind_should_be_refused_before_anything_is_fetched() {
		let pin = |codec, size| Task::Pin { cid: cid(codec), size }.check();
		assert_eq!(pin(Codec::Raw, 4_096), Ok(()));
		assert_eq!(pin(Codec::DagPb, 4_097), Ok(()));
		assert_eq!(pin(Codec::Raw, 4_097), Err(TaskError::WrongCodec { size: 4_097 }));
		assert_eq!(pin(Codec::DagPb, 4_096), Err(TaskError::WrongCodec { size: 4_096 }));
		assert_eq!(pin(Codec::DagPb, MAX_SIZE), Ok(()));
		let size = MAX_SIZE + 1;
		assert_eq!(pin(Codec::DagPb, size), Err(TaskError::TooLarge { size }));
	}

	#[test]
	fn ids_should_tell_orders_apart() {
		let cid = cid(Codec::Raw);
		let tasks = [
			Task::Pin { cid, size: 1 },
			Task::Unpin { cid },
			Task::Check { cid },
			Task::Proof { cid, leaf: 0 },
			Task::Proof { cid, leaf: 1 },
			Task::Collect,
		];
		let ids: std::collections::BTreeSet<_> = tasks.iter().map(Task::id).collect();
		assert_eq!(ids.len(), tasks.len());
	}
}
