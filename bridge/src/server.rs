//! HTTP on loopback, one request to a connection.

use crate::{
	answer::{answer, most_bytes, Answer, Question},
	desk::Desk,
	stopped,
};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
	body::{Bytes, Incoming},
	header::{HeaderValue, ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE},
	server::conn::http1,
	service::service_fn,
	Request, Response, StatusCode,
};
use hyper_util::rt::TokioIo;
use sp_crypto_hashing::blake2_256;
use std::{convert::Infallible, fmt, sync::Arc, time::Duration};
use tokio::{
	net::{TcpListener, TcpStream},
	sync::{watch, Semaphore},
	task::block_in_place,
	time::{sleep, timeout},
};

/// Connections at a time. Further ones wait.
const CONNECTIONS: usize = 64;
/// For a request with its answer.
const WHOLE: Duration = Duration::from_secs(5);
/// Most bytes of a request's head.
const MAX_HEAD: usize = 8_192;
/// After the system gave no connection, which it does when it has no more files.
const PAUSE: Duration = Duration::from_millis(100);

/// What a request must bring. Only its hash is kept, so that comparing takes as long whatever is compared.
#[derive(Clone, Copy)]
pub struct Token([u8; 32]);

impl Token {
	/// For this secret.
	pub fn new(secret: &str) -> Self {
		Self(blake2_256(secret.as_bytes()))
	}

	/// Whether `header` is `Bearer`, a space, and the secret.
	fn is_in(&self, header: Option<&HeaderValue>) -> bool {
		let given = header.and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
		given.is_some_and(|given| blake2_256(given) == self.0)
	}
}

/// Shows nothing.
impl fmt::Debug for Token {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("Token")
	}
}

/// Answers until the program stops.
pub async fn serve(
	listener: TcpListener,
	desk: Arc<Desk>,
	token: Token,
	mut stop: watch::Receiver<bool>,
) {
	let places = Arc::new(Semaphore::new(CONNECTIONS));
	loop {
		let Ok(place) = places.clone().acquire_owned().await else { return };
		let accepted = tokio::select! {
			accepted = listener.accept() => accepted,
			() = stopped(&mut stop) => return,
		};
		let Ok((stream, _)) = accepted else {
			sleep(PAUSE).await;
			continue;
		};
		let desk = desk.clone();
		tokio::spawn(async move {
			// What goes wrong with a connection is its user's to see.
			let _ = timeout(WHOLE, connection(stream, desk, token)).await;
			drop(place);
		});
	}
}

async fn connection(stream: TcpStream, desk: Arc<Desk>, token: Token) -> Result<(), hyper::Error> {
	let service = service_fn(move |request: Request<Incoming>| {
		let desk = desk.clone();
		async move { Ok::<_, Infallible>(respond(&desk, token, request).await) }
	});
	http1::Builder::new()
		.max_buf_size(MAX_HEAD)
		.keep_alive(false)
		.serve_connection(TokioIo::new(stream), service)
		.await
}

async fn respond(desk: &Desk, token: Token, request: Request<Incoming>) -> Response<Full<Bytes>> {
	let (head, body) = request.into_parts();
	let trusted = token.is_in(head.headers.get(AUTHORIZATION));
	// Nothing is read of whom nobody knows.
	let most = if trusted { most_bytes(head.uri.path()) } else { 0 };
	let body = match Limited::new(body, most).collect().await {
		Ok(body) => body.to_bytes(),
		Err(_) if trusted => {
			let text = format!("at most {most} bytes");
			return response(Answer::error(413, "too_large", &text));
		}
		Err(_) => Bytes::new(),
	};
	let question = Question {
		method: head.method.as_str(),
		path: head.uri.path(),
		query: head.uri.query().unwrap_or_default(),
		body: &body,
		trusted,
	};
	response(block_in_place(|| answer(desk, question, crate::now())))
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
	let mut response = Response::new(Full::from(answer.body));
	*response.status_mut() =
		StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
	let headers = response.headers_mut();
	headers.insert(CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
	headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
	if let Some(allow) = answer.allow {
		headers.insert(ALLOW, HeaderValue::from_static(allow));
	}
	response
}
