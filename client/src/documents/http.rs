//! HTTP to a Kubo that may say anything, at any speed, without end; and bytes to it as fast as it takes them.
//!
//! `ipfs-api` makes the requests. It doesn't send them, because its own client reads whatever comes, for as long
//! as it comes, drops what Kubo says in trailers when it fails in the middle, and gives Kubo a file in pieces of
//! a few hundred bytes.

use super::error::KuboError;
use futures::{stream, Stream};
use http_body_util::{combinators::UnsyncBoxBody, BodyExt, Empty, StreamBody};
use hyper::{
	body::{Bytes, Frame, Incoming},
	header::{HeaderMap, HeaderValue, AUTHORIZATION, CONTENT_TYPE, TE},
	Request, StatusCode,
};
use hyper_util::{
	client::legacy::{connect::HttpConnector, Client},
	rt::TokioExecutor,
};
use rwa_documents::{Entropy, SystemEntropy};
use std::{error::Error, future::Future, io, time::Duration};
use tokio::{
	sync::mpsc,
	time::{timeout_at, Instant},
};

/// Most bytes of an answer's head, and of what is read at once.
const MAX_HEAD: usize = 64 << 10;

/// Most characters of what Kubo says that are repeated.
const MAX_SAID: usize = 300;

/// To connect.
const CONNECT: Duration = Duration::from_secs(5);

pub(super) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// What is taken of an answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
	/// Until its head is there. `None`: as long as whoever asks waits.
	pub(super) head: Option<Duration>,
	/// Between two pieces of its body.
	pub(super) idle: Duration,
	/// Bytes of its body.
	pub(super) bytes: u64,
}

/// A client with connections of its own, one for each request: what another request left behind disturbs none.
#[derive(Clone)]
pub(super) struct Http(Client<HttpConnector, Body>);

impl Http {
	pub(super) fn new() -> Self {
		let mut connector = HttpConnector::new();
		connector.set_connect_timeout(Some(CONNECT));
		connector.set_nodelay(true);
		let mut builder = Client::builder(TokioExecutor::new());
		builder.http1_max_buf_size(MAX_HEAD).pool_max_idle_per_host(0);
		Self(builder.build(connector))
	}

	/// The head of the answer, with the body to be read. Anything but success is an error.
	pub(super) async fn ask(
		&self,
		method: &str,
		url: &str,
		token: Option<&HeaderValue>,
		upload: Option<Upload>,
		limits: Limits,
	) -> Result<Answer, KuboError> {
		// Without this Kubo may leave its trailers out, and a file that breaks off looks like a whole one.
		let mut request = Request::builder().method(method).uri(url).header(TE, "trailers");
		if let Some(token) = token {
			request = request.header(AUTHORIZATION, token);
		}
		let body = match upload {
			None => Empty::new().map_err(|never| match never {}).boxed_unsync(),
			Some(upload) => {
				let form = format!("multipart/form-data; boundary={}", upload.boundary);
				request = request.header(CONTENT_TYPE, form);
				upload.into_body()
			}
		};
		let request = request.body(body).map_err(|error| KuboError::Nonsense(error.to_string()))?;
		let asked = self.0.request(request);
		let asked = match limits.head {
			Some(most) => within(most, asked).await?,
			None => asked.await,
		};
		let response = asked.map_err(|error| match error.is_connect() {
			true => KuboError::Unreachable(chain(&error)),
			false => KuboError::Broken(chain(&error)),
		})?;
		let (head, body) = response.into_parts();
		let answer =
			Answer { body, limits, left: limits.bytes, unread: Vec::new(), trailers: None };
		match head.status {
			StatusCode::OK => Ok(answer),
			status => Err(answer.refusal(status).await),
		}
	}
}

/// An answer, as far as it has come.
pub(super) struct Answer {
	body: Incoming,
	limits: Limits,
	left: u64,
	unread: Vec<u8>,
	trailers: Option<HeaderMap>,
}

impl Answer {
	/// The next piece of the body. What Kubo says in its trailer, when it fails in the middle, is an error in
	/// place of the end.
	pub(super) async fn piece(&mut self) -> Result<Option<Bytes>, KuboError> {
		while let Some(frame) = within(self.limits.idle, self.body.frame()).await? {
			let frame = frame.map_err(|error| KuboError::Broken(chain(&error)))?;
			match frame.into_data() {
				Ok(piece) => {
					let bytes = u64::try_from(piece.len()).unwrap_or(u64::MAX);
					self.left = self.left.checked_sub(bytes).ok_or(KuboError::TooLarge)?;
					return Ok(Some(piece));
				}
				Err(other) => self.trailers = other.into_trailers().ok().or(self.trailers.take()),
			}
		}
		let trailers = self.trailers.as_ref();
		match trailers.and_then(|trailers| trailers.get("x-stream-error")) {
			Some(error) => Err(KuboError::Refused(said(error.as_bytes()))),
			None => Ok(None),
		}
	}

	/// All of the body.
	pub(super) async fn all(mut self) -> Result<Vec<u8>, KuboError> {
		let mut all = Vec::new();
		while let Some(piece) = self.piece().await? {
			all.extend_from_slice(&piece);
		}
		Ok(all)
	}

	/// The next line of the body that isn't empty, without its end. The limits say how long it may be.
	pub(super) async fn line(&mut self) -> Result<Option<Vec<u8>>, KuboError> {
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
			match self.piece().await? {
				Some(piece) => self.unread.extend_from_slice(&piece),
				None if self.unread.is_empty() => return Ok(None),
				None => return Ok(Some(std::mem::take(&mut self.unread))),
			}
		}
	}

	/// What an answer says that isn't a success.
	async fn refusal(self, status: StatusCode) -> KuboError {
		#[derive(serde::Deserialize)]
		struct Refusal {
			#[serde(rename = "Message")]
			message: String,
		}

		let body = match self.all().await {
			Ok(body) => body,
			Err(error) => return error,
		};
		match serde_json::from_slice::<Refusal>(&body) {
			Ok(refusal) => KuboError::Refused(said(refusal.message.as_bytes())),
			Err(_) => KuboError::Status(status.as_u16(), said(&body)),
		}
	}
}

/// What goes through the pipe of an upload.
enum Sent {
	Bytes(Bytes),
	/// All is there. A pipe that ends without it breaks the request off.
	End,
}

/// The one file of a form, as its bytes come.
pub(super) struct Upload {
	bytes: mpsc::Receiver<Sent>,
	boundary: String,
}

/// Where the bytes of a file go in.
pub(super) struct Pipe(mpsc::Sender<Sent>);

/// A file that is being given to Kubo: the pipe for its bytes, and what takes them. The pipe holds one piece.
///
/// Kubo takes what lies between two `boundary` for a file. So it must not be in one, and whoever chose the bytes must
/// not have known it: see [`boundary`].
pub(super) fn upload(boundary: String) -> (Pipe, Upload) {
	let (sender, bytes) = mpsc::channel(1);
	(Pipe(sender), Upload { bytes, boundary })
}

/// A boundary that nobody can guess.
pub(super) fn boundary() -> Result<String, KuboError> {
	let mut random = [0; 16];
	let filled = SystemEntropy.fill(&mut random);
	filled.map_err(|error| KuboError::Broken(error.to_string()))?;
	Ok(format!("rwa-document-{:032x}", u128::from_le_bytes(random)))
}

impl Pipe {
	/// Gives the next bytes, as soon as there is room. `false`: nobody takes them any more.
	pub(super) async fn send(&self, bytes: Bytes) -> bool {
		self.0.send(Sent::Bytes(bytes)).await.is_ok()
	}

	/// Says that all bytes were given. Without this the request breaks off, and Kubo keeps no file.
	pub(super) async fn end(self) -> bool {
		self.0.send(Sent::End).await.is_ok()
	}
}

impl Upload {
	fn into_body(self) -> Body {
		let frames = stream::try_unfold(Stage::Head(self), |stage| async move {
			let (bytes, next) = match stage {
				Stage::Head(upload) => (form_head(&upload.boundary), Stage::File(upload)),
				Stage::File(mut upload) => match upload.bytes.recv().await {
					Some(Sent::Bytes(bytes)) => (bytes, Stage::File(upload)),
					Some(Sent::End) => {
						(format!("\r\n--{}--\r\n", upload.boundary).into(), Stage::Done)
					}
					None => return Err(io::Error::from(io::ErrorKind::Interrupted)),
				},
				Stage::Done => return Ok(None),
			};
			Ok(Some((Frame::data(bytes), next)))
		});
		boxed(frames)
	}
}

/// How far a form is.
enum Stage {
	Head(Upload),
	File(Upload),
	Done,
}

fn boxed(frames: impl Stream<Item = io::Result<Frame<Bytes>>> + Send + 'static) -> Body {
	StreamBody::new(frames).boxed_unsync()
}

fn form_head(boundary: &str) -> Bytes {
	format!(
		"--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"replica\"\r\n\
		 Content-Type: application/octet-stream\r\n\r\n"
	)
	.into()
}

async fn within<T>(most: Duration, what: impl Future<Output = T>) -> Result<T, KuboError> {
	let until = Instant::now().checked_add(most).unwrap_or_else(Instant::now);
	timeout_at(until, what).await.map_err(|_| KuboError::TimedOut(most.as_secs()))
}

/// Foreign text, fit for one line: without control characters, and cut.
fn said(bytes: &[u8]) -> String {
	let text = String::from_utf8_lossy(bytes);
	let mut shown = String::new();
	for (count, character) in text.trim().chars().enumerate() {
		if count == MAX_SAID {
			shown.push('…');
			break;
		}
		match character.is_control() {
			true => shown.push(' '),
			false => shown.push(character),
		}
	}
	shown
}

/// An error with its causes.
fn chain(error: &dyn Error) -> String {
	let mut text = error.to_string();
	let mut source = error.source();
	while let Some(cause) = source {
		text = format!("{text}: {cause}");
		source = cause.source();
	}
	text
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn foreign_text_should_become_one_short_line() {
		assert_eq!(said(b" it's\n\x1b[31m "), "it's  [31m");
		assert_eq!(said("x".repeat(9_999).as_bytes()).chars().count(), MAX_SAID + 1);
	}

	#[tokio::test]
	async fn a_form_should_hold_the_file_and_end() {
		let boundary = boundary().unwrap();
		let (pipe, upload) = upload(boundary.clone());
		let body = upload.into_body().collect();
		let fill = async {
			assert!(pipe.send(Bytes::from_static(b"one ")).await);
			assert!(pipe.send(Bytes::from_static(b"two")).await);
			assert!(pipe.end().await);
		};
		let (body, ()) = tokio::join!(body, fill);
		let body = body.unwrap().to_bytes();
		let text = std::str::from_utf8(&body).unwrap();
		let (head, rest) = text.split_once("\r\n\r\n").unwrap();
		assert!(head.starts_with(&format!("--{boundary}\r\n")), "{head}");
		assert_eq!(rest, format!("one two\r\n--{boundary}--\r\n"));
	}

	#[test]
	fn no_two_forms_should_have_the_same_boundary() {
		assert_ne!(boundary().unwrap(), boundary().unwrap());
	}

	#[tokio::test]
	async fn a_form_that_is_given_up_should_not_look_complete() {
		let (pipe, upload) = upload("x".into());
		let fill = async move {
			assert!(pipe.send(Bytes::from_static(b"one ")).await);
		};
		let (body, ()) = tokio::join!(upload.into_body().collect(), fill);
		assert_eq!(body.unwrap_err().kind(), io::ErrorKind::Interrupted);
	}
}
