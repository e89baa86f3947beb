//! What the worker of a storage node and `rwa-bridge` say to each other, in JSON.
//!
//! The worker orders, and asks how an order goes by giving it again: the same order is the same job. What listens at
//! the bridge's address may be anything. So an answer that isn't about the order is refused, whatever else it says, and
//! what is left of it is a few words of a fixed form.

use crate::{
	hex::from_hex_bytes,
	ipfs::Cid,
	json::check_depth,
	storage::{MAX_PROOF_BLOCK, MAX_PROOF_BLOCKS},
	Moment,
};
use alloc::{
	format,
	string::{String, ToString},
	vec::Vec,
};
use core::fmt;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Most bytes of an answer about a job: the longest proof in hexadecimal, and the rest.
pub const MAX_JOB_BYTES: u32 = 80 * 1_024;

/// Most bytes of an answer that lists files: a page of a thousand has some 150,000.
pub const MAX_LIST_BYTES: u32 = 256 * 1_024;

/// Most files on a page.
pub const MAX_PINS_ON_PAGE: usize = 1_000;

/// Most characters of a [`Code`].
const MAX_CODE: usize = 32;

/// Why the bridge can't do what was ordered, or what it was asked for is not there, in one word.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Code(String);

impl Code {
	/// `None`: not a word of lower-case letters with underscores, which is all that a log line may be given.
	fn new(word: String) -> Option<Self> {
		let fits = |word: &str| {
			(1..=MAX_CODE).contains(&word.len())
				&& word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
		};
		fits(&word).then_some(Self(word))
	}

	/// Whether the file is not what was registered, so that it can never be proven.
	pub fn is_misregistered(&self) -> bool {
		matches!(self.as_str(), "wrong_codec" | "size_mismatch" | "malformed" | "giant_block")
	}

	/// Whether the bridge refuses an order because it wants the file with another size.
	pub fn is_other_size(&self) -> bool {
		self.as_str() == "other_size"
	}

	/// Whether the bridge refuses an order because it never takes such a file.
	pub fn is_refused_for_good(&self) -> bool {
		matches!(self.as_str(), "wrong_codec" | "too_large")
	}

	/// Whether the bridge refuses an order because it can't take this file now, and may later.
	pub fn is_refused_for_now(&self) -> bool {
		matches!(self.as_str(), "other_size" | "too_many_pins" | "queue_full")
	}

	/// Whether nobody ordered the file to be kept.
	pub fn is_unknown_pin(&self) -> bool {
		self.as_str() == "unknown_pin"
	}

	/// The word.
	pub fn as_str(&self) -> &str {
		&self.0
	}
}

impl fmt::Display for Code {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(&self.0)
	}
}

/// What the worker orders.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
	/// Get a file, keep it, and see that it is whole.
	Pin {
		/// Its root.
		cid: Cid,
		/// Its bytes.
		size: u64,
	},
	/// Keep it no longer.
	Unpin {
		/// Its root.
		cid: Cid,
	},
	/// The blocks from its root to one of its leaves.
	Proof {
		/// Its root.
		cid: Cid,
		/// The leaf's number, from zero.
		leaf: u64,
	},
}

impl Order {
	/// The file that it is about.
	pub const fn cid(&self) -> &Cid {
		match self {
			Self::Pin { cid, .. } | Self::Unpin { cid } | Self::Proof { cid, .. } => cid,
		}
	}

	/// Name of the job that comes of it.
	pub fn id(&self) -> String {
		match self {
			Self::Pin { cid, .. } => format!("pin-{cid}"),
			Self::Unpin { cid } => format!("unpin-{cid}"),
			Self::Proof { cid, leaf } => format!("proof-{cid}-{leaf}"),
		}
	}

	/// The order as it is sent.
	pub fn to_json(&self) -> String {
		match self {
			Self::Pin { cid, size } => format!(r#"{{"kind":"pin","cid":"{cid}","size":{size}}}"#),
			Self::Unpin { cid } => format!(r#"{{"kind":"unpin","cid":"{cid}"}}"#),
			Self::Proof { cid, leaf } => {
				format!(r#"{{"kind":"proof","cid":"{cid}","leaf":{leaf}}}"#)
			}
		}
	}
}

/// How an order goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Job {
	/// It isn't over.
	Waiting {
		/// Whether the bridge is at it right now.
		running: bool,
		/// Why the last attempt came to nothing, if there was one.
		trouble: Option<Code>,
	},
	/// It went well.
	Done {
		/// What a proof was ordered for, from the root to the leaf. Nothing is known of them but that no proof has
		/// more or larger ones. None of other orders.
		blocks: Vec<Vec<u8>>,
	},
	/// The bridge won't try again.
	Failed {
		/// When that was, in milliseconds since 1970.
		at: Moment,
		/// Why.
		code: Code,
	},
}

/// Why an answer is of no use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AnswerError {
	/// Not JSON, or not what the bridge answers.
	Malformed,
	/// About something else than was asked for.
	Unasked,
	/// A proof with blocks that no proof has.
	NoProof,
	/// A list that is longer than a page, or not in order.
	Unordered,
}

impl fmt::Display for AnswerError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::Malformed => "the answer is not one of rwa-bridge",
			Self::Unasked => "the answer is about something else than was asked for",
			Self::NoProof => "the answer has blocks that no proof has",
			Self::Unordered => "the answer is a list that is not in order, or too long",
		})
	}
}

impl core::error::Error for AnswerError {}

#[derive(Deserialize)]
struct ErrorText {
	code: String,
}

#[derive(Deserialize)]
struct Refusal {
	error: ErrorText,
}

#[derive(Deserialize)]
struct TaskText {
	kind: String,
	cid: Option<String>,
	size: Option<u64>,
	leaf: Option<u64>,
}

impl TaskText {
	fn is(&self, order: &Order) -> bool {
		let (kind, size, leaf) = match order {
			Order::Pin { size, .. } => ("pin", Some(*size), None),
			Order::Unpin { .. } => ("unpin", None, None),
			Order::Proof { leaf, .. } => ("proof", None, Some(*leaf)),
		};
		self.kind == kind
			&& (self.size, self.leaf) == (size, leaf)
			&& self.cid.as_deref() == Some(order.cid().to_string().as_str())
	}
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
	Waiting,
	Done,
	Failed,
}

#[derive(Deserialize)]
struct JobText<'a> {
	id: String,
	task: TaskText,
	state: State,
	at: Option<Moment>,
	#[serde(default)]
	running: bool,
	error: Option<ErrorText>,
	// What is in it depends on the order.
	#[serde(borrow)]
	result: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ProofText {
	blocks: Vec<String>,
}

#[derive(Deserialize)]
struct PageText {
	pins: Vec<PinText>,
	more: bool,
}

#[derive(Deserialize)]
struct PinText {
	cid: String,
	size: u64,
}

#[derive(Deserialize)]
struct ReconcileText {
	audit: Option<AuditText>,
}

#[derive(Deserialize)]
struct AuditText {
	differences: DifferencesText,
}

#[derive(Deserialize)]
struct DifferencesText {
	orphans: Vec<String>,
}

fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, AnswerError> {
	check_depth(body).map_err(|_| AnswerError::Malformed)?;
	serde_json::from_slice(body).map_err(|_| AnswerError::Malformed)
}

fn parse_cid(text: &str) -> Result<Cid, AnswerError> {
	text.parse().map_err(|_| AnswerError::Malformed)
}

impl Job {
	/// What an answer says about `order`.
	///
	/// # Errors
	/// See [`AnswerError`]. Never panics, whatever the bytes.
	pub fn read(body: &[u8], order: &Order) -> Result<Self, AnswerError> {
		let job: JobText = parse(body)?;
		if job.id != order.id() || !job.task.is(order) {
			return Err(AnswerError::Unasked);
		}
		let trouble = job
			.error
			.map(|error| Code::new(error.code).ok_or(AnswerError::Malformed))
			.transpose()?;
		match job.state {
			State::Waiting => Ok(Self::Waiting { running: job.running, trouble }),
			State::Done => {
				let blocks = match order {
					Order::Proof { .. } => blocks(job.result.ok_or(AnswerError::Malformed)?)?,
					Order::Pin { .. } | Order::Unpin { .. } => Vec::new(),
				};
				Ok(Self::Done { blocks })
			}
			State::Failed => {
				let (at, code) = job.at.zip(trouble).ok_or(AnswerError::Malformed)?;
				Ok(Self::Failed { at, code })
			}
		}
	}
}

fn blocks(result: &RawValue) -> Result<Vec<Vec<u8>>, AnswerError> {
	let ProofText { blocks } = parse(result.get().as_bytes())?;
	let most = |bound: u32| usize::try_from(bound).unwrap_or(usize::MAX);
	if blocks.len() > most(MAX_PROOF_BLOCKS) {
		return Err(AnswerError::NoProof);
	}
	let read = |text: &String| {
		let block = from_hex_bytes(text).ok_or(AnswerError::Malformed)?;
		let fits = block.len() <= most(MAX_PROOF_BLOCK);
		fits.then_some(block).ok_or(AnswerError::NoProof)
	};
	blocks.iter().map(read).collect()
}

/// Why the bridge refused, as far as it says.
///
/// ```
/// use rwa_primitives::worker::bridge::refusal;
///
/// let body = br#"{"error":{"code":"unknown_pin","text":"this file isn't wanted here"}}"#;
/// assert_eq!(refusal(body).unwrap().as_str(), "unknown_pin");
/// assert_eq!(refusal(b"<html>"), None);
/// ```
pub fn refusal(body: &[u8]) -> Option<Code> {
	let Refusal { error } = parse(body).ok()?;
	Code::new(error.code)
}

/// Some of the files that the bridge was ordered to keep.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
	/// Their roots, in the order of [`Cid`], and their bytes.
	pub pins: Vec<(Cid, u64)>,
	/// Whether others follow.
	pub more: bool,
}

impl Page {
	/// What an answer lists behind `after`.
	///
	/// # Errors
	/// See [`AnswerError`]. Never panics, whatever the bytes.
	pub fn read(body: &[u8], after: Option<&Cid>) -> Result<Self, AnswerError> {
		let PageText { pins, more } = parse(body)?;
		let pins = pins
			.iter()
			.map(|pin| Ok((parse_cid(&pin.cid)?, pin.size)))
			.collect::<Result<Vec<_>, _>>()?;
		let cids = || after.into_iter().chain(pins.iter().map(|(cid, _)| cid));
		let in_order = cids().zip(cids().skip(1)).all(|(one, next)| one < next);
		// A page that is empty and not the last would be asked for again for ever.
		if !in_order || pins.len() > MAX_PINS_ON_PAGE || (more && pins.is_empty()) {
			return Err(AnswerError::Unordered);
		}
		Ok(Self { pins, more })
	}
}

/// The files that are kept though nobody ordered it, as the bridge's last audit found. None before the first.
///
/// # Errors
/// See [`AnswerError`]. Never panics, whatever the bytes.
pub fn orphans(body: &[u8]) -> Result<Vec<Cid>, AnswerError> {
	let ReconcileText { audit } = parse(body)?;
	let orphans = audit.map(|audit| audit.differences.orphans).unwrap_or_default();
	orphans.iter().map(|text| parse_cid(text)).collect()
}
