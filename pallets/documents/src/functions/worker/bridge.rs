//! Requests to `rwa-bridge`, and what comes back.
//!
//! Time and size are bounded, and every way to go wrong is an error of this module: it costs the answer and nothing
//! else. What an answer says is for [`rwa_primitives::worker::bridge`] to read.

use alloc::{format, string::String, vec::Vec};
use core::fmt;

use rwa_primitives::{
	ipfs::Cid,
	worker::{
		bridge::{
			orphans, refusal, AnswerError, Code, Job, Order, Page, MAX_JOB_BYTES, MAX_LIST_BYTES,
		},
		StorageConfig,
	},
};
use sp_core::offchain::{Duration, HttpError, HttpRequestStatus, Timestamp};
use sp_runtime::{
	offchain::http::{Method, PendingRequest, Request},
	SaturatedConversion,
};

/// Longest that a run talks to the bridge, in milliseconds. Leaves room for the rest of a run within
/// [`MAX_TIMEOUT_MS`](rwa_primitives::worker::MAX_TIMEOUT_MS).
pub(crate) const TALK_MS: u64 = 1_500;

/// Longest that a run waits for answers to begin. The rest is for reading them, so that one that doesn't come takes
/// none of the others with it.
pub(crate) const WAIT_MS: u64 = 1_000;

/// Bytes read from a body at a time.
const CHUNK: usize = 16_384;

/// What is asked of the bridge.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Question {
	/// How this order goes; if it wasn't given yet, it is.
	Order(Order),
	/// To forget a job that is over, so that the same order starts anew.
	Forget(Order),
	/// What it was ordered to keep, behind this.
	Pins(Option<Cid>),
	/// What its last audit found; and to make another one.
	Audit,
}

impl Question {
	fn method(&self) -> Method {
		match self {
			Self::Order(_) | Self::Audit => Method::Post,
			Self::Forget(_) => Method::Delete,
			Self::Pins(_) => Method::Get,
		}
	}

	fn path(&self) -> String {
		match self {
			Self::Order(_) => "/jobs".into(),
			Self::Forget(order) => format!("/jobs/{}", order.id()),
			Self::Pins(None) => "/pins".into(),
			Self::Pins(Some(after)) => format!("/pins?after={after}"),
			Self::Audit => "/reconcile".into(),
		}
	}

	fn body(&self) -> Option<String> {
		match self {
			Self::Order(order) => Some(order.to_json()),
			Self::Audit => Some("{}".into()),
			Self::Forget(_) | Self::Pins(_) => None,
		}
	}

	/// Most bytes of the answer.
	fn most(&self) -> u32 {
		match self {
			Self::Order(_) | Self::Forget(_) => MAX_JOB_BYTES,
			Self::Pins(_) | Self::Audit => MAX_LIST_BYTES,
		}
	}
}

/// Why there is no answer, or none of use. Says what an operator needs, and never the token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
	/// No connection, or it broke before the answer; or there can't be one to such an address.
	Unreachable,
	/// The answer was not complete in time.
	TimedOut,
	/// The answer was longer than any of the bridge.
	TooLong(u32),
	/// The connection broke within the answer.
	Broken,
	/// The bridge refused, for this reason, as far as it says.
	Refused(u16, Option<Code>),
	/// It said what it can't mean.
	Answer(AnswerError),
}

impl Fault {
	/// Whether nobody said anything, so that asking again at once is of no use.
	pub(crate) fn is_silence(&self) -> bool {
		matches!(self, Self::Unreachable | Self::TimedOut)
	}

	/// The reason for which the bridge refused.
	pub(crate) fn refusal(&self) -> Option<&Code> {
		match self {
			Self::Refused(_, code) => code.as_ref(),
			_ => None,
		}
	}
}

impl fmt::Display for Fault {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Unreachable => f.write_str("unreachable"),
			Self::TimedOut => f.write_str("no complete answer in time"),
			Self::TooLong(most) => write!(f, "the answer is longer than {most} bytes"),
			Self::Broken => f.write_str("the connection broke within the answer"),
			Self::Refused(status, Some(code)) => write!(f, "it refuses: {code} ({status})"),
			Self::Refused(status, None) => write!(f, "status {status}"),
			Self::Answer(error) => error.fmt(f),
		}
	}
}

impl From<AnswerError> for Fault {
	fn from(error: AnswerError) -> Self {
		Self::Answer(error)
	}
}

/// What the bridge said.
#[derive(Debug)]
pub(crate) struct Reply {
	status: u16,
	body: Vec<u8>,
}

impl Reply {
	/// How an order goes.
	pub(crate) fn job(&self, order: &Order) -> Result<Job, Fault> {
		Ok(Job::read(self.accepted()?, order)?)
	}

	/// What is listed behind `after`.
	pub(crate) fn page(&self, after: Option<&Cid>) -> Result<Page, Fault> {
		Ok(Page::read(self.accepted()?, after)?)
	}

	/// What is kept and was never ordered.
	pub(crate) fn orphans(&self) -> Result<Vec<Cid>, Fault> {
		Ok(orphans(self.accepted()?)?)
	}

	/// The body of an answer that isn't a refusal.
	pub(crate) fn accepted(&self) -> Result<&[u8], Fault> {
		match self.status {
			200 | 202 => Ok(&self.body),
			status => Err(Fault::Refused(status, refusal(&self.body))),
		}
	}
}

/// The bridge, for the time of one run.
pub(crate) struct Bridge<'a> {
	config: &'a StorageConfig,
	/// Until when answers may begin.
	wait_until: Timestamp,
	/// Until when they may end.
	deadline: Timestamp,
}

impl<'a> Bridge<'a> {
	/// What listens where the settings say, for [`TALK_MS`] from now on.
	pub(crate) fn new(config: &'a StorageConfig) -> Self {
		let now = sp_io::offchain::timestamp();
		let wait_until = now.add(Duration::from_millis(WAIT_MS));
		Self { config, wait_until, deadline: now.add(Duration::from_millis(TALK_MS)) }
	}

	/// Whether there is time for more questions.
	pub(crate) fn has_time(&self) -> bool {
		sp_io::offchain::timestamp() < self.wait_until
	}

	/// Asks everything at once. The answers, in the order of the questions.
	pub(crate) fn ask(&self, questions: &[Question]) -> Vec<Result<Reply, Fault>> {
		let sent: Vec<_> = questions.iter().map(|question| self.send(question)).collect();
		let ids: Vec<_> = sent.iter().flatten().map(|request| request.id).collect();
		let mut statuses =
			sp_io::offchain::http_response_wait(&ids, Some(self.wait_until)).into_iter();
		sent.into_iter()
			.zip(questions)
			.map(|(request, question)| {
				let request = request?;
				let status = match statuses.next().unwrap_or(HttpRequestStatus::Invalid) {
					HttpRequestStatus::Finished(status) => status,
					HttpRequestStatus::DeadlineReached => return Err(Fault::TimedOut),
					HttpRequestStatus::IoError | HttpRequestStatus::Invalid => {
						return Err(Fault::Unreachable)
					}
				};
				let body = self.read_body(&request, question.most())?;
				Ok(Reply { status, body })
			})
			.collect()
	}

	fn send(&self, question: &Question) -> Result<PendingRequest, Fault> {
		let url = format!("{}{}", self.config.bridge, question.path());
		let bearer = format!("Bearer {}", self.config.token);
		let body = question.body();
		let request = Request::post(&url, body.as_slice())
			.method(question.method())
			.add_header("Authorization", &bearer)
			.deadline(self.wait_until);
		let request = match body {
			Some(_) => request.add_header("Content-Type", "application/json"),
			None => request,
		};
		request.send().map_err(|error| match error {
			HttpError::DeadlineReached => Fault::TimedOut,
			HttpError::IoError | HttpError::Invalid => Fault::Unreachable,
		})
	}

	/// The whole body, or nothing: a part of an answer may parse, and say something else.
	fn read_body(&self, request: &PendingRequest, most: u32) -> Result<Vec<u8>, Fault> {
		let limit: usize = most.saturated_into();
		let mut body = Vec::new();
		let mut chunk = alloc::vec![0u8; CHUNK];
		loop {
			let read = sp_io::offchain::http_response_read_body(
				request.id,
				&mut chunk,
				Some(self.deadline),
			)
			.map_err(|error| match error {
				HttpError::DeadlineReached => Fault::TimedOut,
				HttpError::IoError | HttpError::Invalid => Fault::Broken,
			})?;
			let Some(bytes) = chunk.get(..read.saturated_into()).filter(|bytes| !bytes.is_empty())
			else {
				return Ok(body);
			};
			if body.len().saturating_add(bytes.len()) > limit {
				return Err(Fault::TooLong(most));
			}
			body.extend_from_slice(bytes);
		}
	}
}
