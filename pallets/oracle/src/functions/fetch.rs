//! One answer over HTTP, from a source that may do anything.
//!
//! Time, size and status are bounded or checked, and every way to go wrong is an error of this module: the
//! caller loses the answer and nothing else. What is in the answer is for
//! [`ReadingRule`](rwa_primitives::worker::ReadingRule) to say.

use alloc::vec::Vec;
use core::fmt;

use rwa_primitives::worker::{SourceConfig, MAX_BYTES, MAX_TIMEOUT_MS};
use sp_core::offchain::{Duration, HttpError, Timestamp};
use sp_runtime::{
	offchain::http::{self, PendingRequest, Request},
	SaturatedConversion,
};

/// Bytes read from a body at a time.
const CHUNK: usize = 4096;

/// Status of an answer that holds what was asked for. Where a redirect leads, the operator hasn't said.
const HTTP_OK: u16 = 200;

/// Why there is no answer. Says what an operator needs, and never an address or a header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FetchError {
	/// The address or a header is not valid.
	BadRequest,
	/// No connection, or it broke before the answer.
	Unreachable,
	/// The answer was not complete in time.
	TimedOut,
	/// The source answered with another status than 200.
	Status(u16),
	/// The answer was longer than the operator allows.
	TooLong(u32),
	/// The connection broke within the answer.
	Broken,
}

impl fmt::Display for FetchError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::BadRequest => f.write_str("the address or a header is not valid"),
			Self::Unreachable => f.write_str("unreachable"),
			Self::TimedOut => f.write_str("no complete answer in time"),
			Self::Status(status) => write!(f, "status {status} instead of 200"),
			Self::TooLong(most) => write!(f, "the answer is longer than {most} bytes"),
			Self::Broken => f.write_str("the connection broke within the answer"),
		}
	}
}

/// A request that was sent.
pub(crate) struct Fetch<'a> {
	source: &'a SourceConfig,
	request: PendingRequest,
	deadline: Timestamp,
}

impl<'a> Fetch<'a> {
	/// Sends a request and returns at once.
	pub(crate) fn start(source: &'a SourceConfig) -> Result<Self, FetchError> {
		let timeout = Duration::from_millis(source.timeout_ms.min(MAX_TIMEOUT_MS).into());
		let deadline = sp_io::offchain::timestamp().add(timeout);
		let request = source
			.headers
			.iter()
			.fold(Request::get(&source.url), |request, (name, value)| {
				request.add_header(name, value)
			})
			.deadline(deadline)
			.send()
			.map_err(|error| match error {
				HttpError::DeadlineReached => FetchError::TimedOut,
				HttpError::IoError | HttpError::Invalid => FetchError::BadRequest,
			})?;
		Ok(Self { source, request, deadline })
	}

	/// When this fetch gives up.
	pub(crate) fn deadline(&self) -> Timestamp {
		self.deadline
	}

	/// Waits for the answer, until the deadline at most.
	pub(crate) fn finish(self) -> Result<Vec<u8>, FetchError> {
		let Self { source, request, deadline } = self;
		let response = request
			.try_wait(deadline)
			.map_err(|_| FetchError::TimedOut)?
			.map_err(|_| FetchError::Unreachable)?;
		if response.code != HTTP_OK {
			return Err(FetchError::Status(response.code));
		}
		read_body(&response, source.max_bytes.min(MAX_BYTES), deadline)
	}
}

/// The whole body, or nothing: a part of an answer may parse, and say something else.
///
/// Stops reading as soon as there is more than `most` bytes; the host closes the connection when
/// the run ends.
fn read_body(
	response: &http::Response,
	most: u32,
	deadline: Timestamp,
) -> Result<Vec<u8>, FetchError> {
	let limit: usize = most.saturated_into();
	let mut body = Vec::new();
	let mut chunk = [0u8; CHUNK];
	loop {
		let read =
			sp_io::offchain::http_response_read_body(response.id, &mut chunk, Some(deadline))
				.map_err(|error| match error {
					HttpError::DeadlineReached => FetchError::TimedOut,
					HttpError::IoError | HttpError::Invalid => FetchError::Broken,
				})?;
		let Some(bytes) = chunk.get(..read.saturated_into()).filter(|bytes| !bytes.is_empty())
		else {
			return Ok(body);
		};
		if body.len().saturating_add(bytes.len()) > limit {
			return Err(FetchError::TooLong(most));
		}
		body.extend_from_slice(bytes);
	}
}

/// Scheme and host of an address: all of it that may be logged. Its path and query may hold a key,
/// and so may what is before an `@`.
pub(crate) fn scheme_and_host(url: &str) -> &str {
	let Some((scheme, rest)) = url.split_once("://") else { return "an address without a scheme" };
	let host = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
	if host.contains('@') {
		return "an address with a password";
	}
	let length = scheme.len().saturating_add("://".len()).saturating_add(host.len());
	url.get(..length).unwrap_or_default()
}
