//! HTTP to programs that may say anything, at any speed, without end.

use http_body_util::{BodyExt, Empty};
use hyper::{
	body::{Bytes, Incoming},
	header::HeaderMap,
	Request, StatusCode,
};
use hyper_util::{
	client::legacy::{connect::HttpConnector, Client},
	rt::TokioExecutor,
};
use ipfs_api_prelude::ApiError;
use std::{future::Future, time::Duration};
use tokio::time::{timeout_at, Instant};

/// Most bytes of an answer's head, and of what is read at once.
const MAX_HEAD: usize = 64 << 10;

/// Most bytes of one line of an answer.
const MAX_LINE: usize = 64 << 10;

/// To connect.
const CONNECT: Duration = Duration::from_secs(5);

/// What is taken of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
	/// Until its head is there.
	pub(crate) head: Duration,
	/// Between two pieces of its body.
	pub(crate) idle: Duration,
	/// For all of it.
	pub(crate) whole: Duration,
	/// Bytes of its body.
	pub(crate) bytes: usize,
}

/// Why there is no answer that can be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
	/// Nobody answers there.
	#[error("can't be reached: {0}")]
	Unreachable(String),
	/// Too slow.
	#[error("didn't answer in time")]
	TimedOut,
	/// Too much.
	#[error("answered with more bytes than such an answer has")]
	TooLarge,
	/// The connection broke off, or what came isn't HTTP.
	#[error("broke off: {0}")]
	Broken(String),
	/// Another status than success, with what was said.
	#[error("answered with status {0}: {1}")]
	Status(StatusCode, String),
	/// Kubo's own error.
	#[error("refused: {}", .0.message)]
	Api(ApiError),
	/// An answer that isn't what was asked for, or a request that can't be made.
	#[error("gave an answer that can't be understood: {0}")]
	Nonsense(String),
}

impl From<ApiError> for HttpError {
	fn from(error: ApiError) -> Self {
		Self::Api(error)
	}
}

impl From<ipfs_api_prelude::Error> for HttpError {
	fn from(error: ipfs_api_prelude::Error) -> Self {
		Self::Nonsense(error.to_string())
	}
}

impl From<serde_json::Error> for HttpError {
	fn from(error: serde_json::Error) -> Self {
		Self::Nonsense(error.to_string())
	}
}

/// A client with connections of its own.
#[derive(Clone, Debug)]
pub(crate) struct Http(Client<HttpConnector, Empty<Bytes>>);

impl Http {
	pub(crate) fn new() -> Self {
		let mut connector = HttpConnector::new();
		connector.set_connect_timeout(Some(CONNECT));
		connector.set_nodelay(true);
		let mut builder = Client::builder(TokioExecutor::new());
		Self(builder.http1_max_buf_size(MAX_HEAD).build(connector))
	}

	/// The head of the answer, with the body to be read.
	pub(crate) async fn send(
		&self,
		request: Request<Empty<Bytes>>,
		limits: Limits,
	) -> Result<Answer, HttpError> {
		let begun = Instant::now();
		let asked = self.0.request(request);
		let response = within(later(begun, limits.head), asked).await?.map_err(|error| {
			if error.is_connect() {
				HttpError::Unreachable(chain(&error))
			} else {
				HttpError::Broken(chain(&error))
			}
		})?;
		let (head, body) = response.into_parts();
		Ok(Answer {
			status: head.status,
			body,
			limits,
			until: later(begun, limits.whole),
			left: limits.bytes,
			unread: Vec::new(),
			trailers: None,
		})
	}
}

/// An answer, as far as it has come.
pub(crate) struct Answer {
	pub(crate) status: StatusCode,
	body: Incoming,
	limits: Limits,
	until: Instant,
	left: usize,
	unread: Vec<u8>,
	trailers: Option<HeaderMap>,
}

impl Answer {
	/// The next piece of the body.
	///
	/// What Kubo says in its trailer, when it fails in the middle, is an error in place of the end.
	pub(crate) async fn piece(&mut self) -> Result<Option<Bytes>, HttpError> {
		let until = later(Instant::now(), self.limits.idle).min(self.until);
		while let Some(frame) = within(until, self.body.frame()).await? {
			let frame = frame.map_err(|error| HttpError::Broken(chain(&error)))?;
			match frame.into_data() {
				Ok(piece) => {
					let left = self.left.checked_sub(piece.len());
					self.left = left.ok_or(HttpError::TooLarge)?;
					return Ok(Some(piece));
				}
				Err(other) => self.trailers = other.into_trailers().ok().or(self.trailers.take()),
			}
		}
		let trailers = self.trailers.as_ref();
		match trailers.and_then(|trailers| trailers.get("x-stream-error")) {
			Some(error) => {
				let message = String::from_utf8_lossy(error.as_bytes()).into_owned();
				Err(HttpError::Api(ApiError { message, code: 0 }))
			}
			None => Ok(None),
		}
	}

	/// All of the body.
	pub(crate) async fn all(mut self) -> Result<Bytes, HttpError> {
		let mut all = Vec::new();
		while let Some(piece) = self.piece().await? {
			all.extend_from_slice(&piece);
		}
		Ok(all.into())
	}

	/// The next line of the body that isn't empty, without its end.
	pub(crate) async fn line(&mut self) -> Result<Option<Vec<u8>>, HttpError> {
		loop {
			if let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
				let rest = self.unread.split_off(end.saturating_add(1));
				let mut line = std::mem::replace(&mut self.unread, rest);
				line.truncate(end);
				if line.is_empty() {
					continue;
				}
				return Ok(Some(line));
			}
			if self.unread.len() > MAX_LINE {
				return Err(HttpError::TooLarge);
			}
			match self.piece().await? {
				Some(piece) => self.unread.extend_from_slice(&piece),
				None if self.unread.is_empty() => return Ok(None),
				None => return Ok(Some(std::mem::take(&mut self.unread))),
			}
		}
	}
}

async fn within<T>(until: Instant, what: impl Future<Output = T>) -> Result<T, HttpError> {
	timeout_at(until, what).await.map_err(|_| HttpError::TimedOut)
}

fn later(from: Instant, by: Duration) -> Instant {
	from.checked_add(by).unwrap_or(from)
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
	let mut text = error.to_string();
	let mut source = error.source();
	while let Some(cause) = source {
		text = format!("{text}: {cause}");
		source = cause.source();
	}
	text
}
