//! HTTP, read only, one request to a connection.

use crate::{
	answer::{answer, Answer},
	session::stopped,
	shelf::Shelf,
};
use http_body_util::Full;
use hyper::{
	body::{Bytes, Incoming},
	header::{HeaderValue, ALLOW, CACHE_CONTROL, CONTENT_TYPE},
	server::conn::http1,
	service::service_fn,
	Method, Request, Response, StatusCode,
};
use hyper_util::rt::TokioIo;
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::{
	net::{TcpListener, TcpStream},
	sync::{watch, Semaphore},
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

/// Answers until the program stops.
pub async fn serve(listener: TcpListener, shelf: Arc<Shelf>, mut stop: watch::Receiver<bool>) {
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
		let shelf = shelf.clone();
		tokio::spawn(async move {
			// What goes wrong with a connection is its user's to see.
			let _ = timeout(WHOLE, connection(stream, shelf)).await;
			drop(place);
		});
	}
}

async fn connection(stream: TcpStream, shelf: Arc<Shelf>) -> Result<(), hyper::Error> {
	let service = service_fn(move |request: Request<Incoming>| {
		let response = respond(&shelf, &request);
		async move { Ok::<_, Infallible>(response) }
	});
	http1::Builder::new()
		.max_buf_size(MAX_HEAD)
		.keep_alive(false)
		.serve_connection(TokioIo::new(stream), service)
		.await
}

fn respond(shelf: &Shelf, request: &Request<Incoming>) -> Response<Full<Bytes>> {
	let readable = matches!(*request.method(), Method::GET | Method::HEAD);
	let answer = if readable {
		answer(shelf, request.uri().path(), crate::now())
	} else {
		Answer::error(405, "only GET")
	};
	let mut response = Response::new(Full::from(answer.body));
	*response.status_mut() =
		StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
	let headers = response.headers_mut();
	headers.insert(CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
	headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
	if !readable {
		headers.insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
	}
	response
}
