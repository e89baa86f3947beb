//! Something on loopback that speaks like Kubo, as far as it wants to.

use http_body_util::{BodyExt, Full, StreamBody};
use hyper::{
	body::{Body, Bytes, Frame, Incoming},
	server::conn::http1,
	service::service_fn,
	Request, Response,
};
use hyper_util::rt::TokioIo;
use rwa_documents::DagBuilder;
use rwa_primitives::ipfs::Layout;
use serde_json::json;
use std::{
	collections::BTreeMap,
	convert::Infallible,
	pin::Pin,
	sync::{Arc, Mutex, MutexGuard},
	time::Duration,
};
use tokio::{net::TcpListener, task::JoinHandle};

type Reply = Response<Pin<Box<dyn Body<Data = Bytes, Error = std::io::Error> + Send>>>;

/// What it does that Kubo wouldn't.
#[derive(Clone, Default)]
pub(crate) struct Mood {
	/// What it says it is.
	pub(crate) version: Option<String>,
	/// Answers to a path, in place of Kubo's: status and body.
	pub(crate) answers: BTreeMap<&'static str, (u16, Vec<u8>)>,
	/// How it lays out what is added, in place of what it was asked.
	pub(crate) layout: Option<Layout>,
	/// What it calls what is added.
	pub(crate) cid: Option<String>,
	/// Path that is answered with a body without end.
	pub(crate) endless: Option<&'static str>,
	/// Path that is answered never.
	pub(crate) silent: Option<&'static str>,
	/// Bytes of an addition after which it refuses, with this.
	pub(crate) refuse_after: Option<(usize, &'static str)>,
	/// Bytes of an addition after which it takes no more.
	pub(crate) stall_after: Option<usize>,
	/// Bytes of a file after which it breaks off, for each file that is asked for in turn.
	pub(crate) cut: Vec<Option<(usize, Cut)>>,
	/// Waits so long before each piece of a file.
	pub(crate) slow: Option<Duration>,
	/// File that it gives some bytes of at a time, ten times a second.
	pub(crate) trickle: Option<String>,
}

/// How it breaks off.
#[derive(Clone, Copy)]
pub(crate) enum Cut {
	/// As if that were all.
	End,
	/// The connection ends.
	Connection,
	/// As Kubo says that it failed.
	Trailer,
	/// It goes on with other bytes, without end.
	Beyond,
	/// It says nothing more.
	Silence,
}

#[derive(Default)]
pub(crate) struct State {
	pub(crate) mood: Mood,
	/// Files that are pinned, by CID.
	pub(crate) files: BTreeMap<String, Vec<u8>>,
	/// Roots, to be looked at.
	blocks: BTreeMap<String, Vec<u8>>,
	/// What was asked for: path and query.
	pub(crate) calls: Vec<String>,
	/// Largest piece of what is added that came at once, and bytes that came in all.
	pub(crate) added: usize,
	/// Headers of the last request that carry a token.
	pub(crate) token: Option<String>,
}

/// A Kubo that isn't one. It ends with the test.
pub(crate) struct Fake {
	port: u16,
	state: Arc<Mutex<State>>,
	server: JoinHandle<()>,
}

impl Drop for Fake {
	fn drop(&mut self) {
		self.server.abort();
	}
}

impl Fake {
	pub(crate) async fn honest() -> Self {
		Self::moody(Mood::default()).await
	}

	pub(crate) async fn moody(mood: Mood) -> Self {
		let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
		let port = listener.local_addr().unwrap().port();
		let state = Arc::new(Mutex::new(State { mood, ..State::default() }));
		let shared = state.clone();
		let server = tokio::spawn(async move {
			loop {
				let Ok((stream, _)) = listener.accept().await else { continue };
				let shared = shared.clone();
				let service = service_fn(move |request| answer(request, shared.clone()));
				tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
			}
		});
		Self { port, state, server }
	}

	pub(crate) fn url(&self) -> String {
		format!("http://127.0.0.1:{}", self.port)
	}

	pub(crate) fn kubo(&self) -> rwa_client::documents::Kubo {
		let kubo = rwa_client::documents::Kubo::new(&self.url(), None).unwrap();
		kubo.with_patience(Duration::from_secs(2))
	}

	pub(crate) fn state(&self) -> MutexGuard<'_, State> {
		self.state.lock().unwrap()
	}

	/// How often this was asked for.
	pub(crate) fn count(&self, path: &str) -> usize {
		let state = self.state();
		state.calls.iter().filter(|call| call.split('?').next() == Some(path)).count()
	}
}

/// A file's CID and its root's bytes.
fn root(bytes: &[u8], layout: Layout) -> (String, Vec<u8>) {
	let mut builder = DagBuilder::new(layout);
	let mut last = Vec::new();
	builder.push_with(bytes, |_, block| last = block.to_vec());
	let dag = builder.finish_with(|_, block| last = block.to_vec());
	(dag.cid.to_string(), last)
}

async fn answer(
	request: Request<Incoming>,
	state: Arc<Mutex<State>>,
) -> Result<Reply, std::io::Error> {
	let path = request.uri().path().to_string();
	let query = request.uri().query().unwrap_or_default().to_string();
	let mood = {
		let mut state = state.lock().unwrap();
		state.calls.push(format!("{path}?{query}"));
		let token = request.headers().get("authorization");
		state.token = token.map(|token| token.to_str().unwrap().into());
		state.mood.clone()
	};
	if mood.silent == Some(path.as_str()) {
		std::future::pending::<()>().await;
	}
	if mood.endless == Some(path.as_str()) {
		return Ok(reply(200, endless(b"{\"Version\":\"0.43.0\"".to_vec())));
	}
	if let Some((status, body)) = mood.answers.get(path.as_str()) {
		return Ok(reply(*status, full(body.clone())));
	}
	let arg = query.split('&').find_map(|pair| pair.strip_prefix("arg=")).unwrap_or_default();
	let arg = arg.trim_start_matches("%2Fipfs%2F").to_string();
	match path.as_str() {
		"/api/v0/version" => {
			let version = mood.version.unwrap_or("0.43.0".into());
			Ok(reply(200, full(json!({ "Version": version }).to_string().into_bytes())))
		}
		"/api/v0/add" => add(request.into_body(), &query, &mood, &state).await,
		"/api/v0/cat" => {
			let mut state = state.lock().unwrap();
			let cut = match state.mood.cut.is_empty() {
				true => None,
				false => state.mood.cut.remove(0),
			};
			match state.files.get(&arg) {
				None => Ok(refusal("block was not found locally (offline): ipld: could not find")),
				Some(file) if mood.trickle.as_ref() == Some(&arg) => {
					Ok(cat(file, cut, Some(Duration::from_millis(100)), 100))
				}
				Some(file) => Ok(cat(file, cut, mood.slow, 30_000)),
			}
		}
		"/api/v0/block/get" => {
			let state = state.lock().unwrap();
			match state.blocks.get(&arg) {
				None => Ok(refusal("block was not found locally (offline)")),
				Some(block) => Ok(reply(200, full(block.clone()))),
			}
		}
		"/api/v0/pin/rm" => {
			state.lock().unwrap().files.remove(&arg);
			Ok(reply(200, full(json!({ "Pins": [arg] }).to_string().into_bytes())))
		}
		_ => Ok(reply(404, full(b"404 page not found".to_vec()))),
	}
}

async fn add(
	mut body: Incoming,
	query: &str,
	mood: &Mood,
	state: &Mutex<State>,
) -> Result<Reply, std::io::Error> {
	let mut form = Vec::new();
	while let Some(frame) = body.frame().await {
		// Broken off: Kubo forgets it.
		let frame = frame.map_err(std::io::Error::other)?;
		let Ok(piece) = frame.into_data() else { continue };
		form.extend_from_slice(&piece);
		state.lock().unwrap().added += piece.len();
		if let Some((_, message)) = mood.refuse_after.filter(|(bytes, _)| form.len() > *bytes) {
			return Ok(refusal(message));
		}
		if mood.stall_after.is_some_and(|bytes| form.len() > bytes) {
			std::future::pending::<()>().await;
		}
	}
	let file = file_of(&form);
	let wanted = [
		"cid-version=1",
		"raw-leaves=true",
		"chunker=size-4096",
		"max-file-links=32",
		"hash=sha2-256",
		"pin=true",
	];
	for option in wanted {
		assert!(query.split('&').any(|pair| pair == option), "{query}");
	}
	let (cid, block) = root(&file, mood.layout.unwrap_or(Layout::DOCUMENT));
	let cid = mood.cid.clone().unwrap_or(cid);
	let mut state = state.lock().unwrap();
	state.files.insert(cid.clone(), file);
	state.blocks.insert(cid.clone(), block);
	let line = json!({ "Name": cid, "Hash": cid, "Size": "1" });
	Ok(reply(200, full(format!("{line}\n").into_bytes())))
}

/// The one file of a form.
fn file_of(form: &[u8]) -> Vec<u8> {
	let find = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).position(|at| at == what);
	let end = find(form, b"\r\n").unwrap();
	let boundary = [b"\r\n", &form[..end], b"--\r\n"].concat();
	let start = find(form, b"\r\n\r\n").unwrap() + 4;
	assert!(form.ends_with(&boundary));
	form[start..form.len() - boundary.len()].to_vec()
}

fn cat(file: &[u8], cut: Option<(usize, Cut)>, slow: Option<Duration>, piece: usize) -> Reply {
	let end = cut.map_or(file.len(), |(end, _)| end.min(file.len()));
	let pieces: Vec<_> = file[..end].chunks(piece).map(Bytes::copy_from_slice).collect();
	let how = cut.map(|(_, how)| how);
	let frames =
		futures::stream::unfold((pieces.into_iter(), how), move |(mut pieces, how)| async move {
			if let Some(slow) = slow {
				tokio::time::sleep(slow).await;
			}
			if let Some(piece) = pieces.next() {
				return Some((Ok(Frame::data(piece)), (pieces, how)));
			}
			match how {
				None | Some(Cut::End) => None,
				Some(Cut::Connection) => {
					Some((Err(std::io::ErrorKind::Other.into()), (pieces, None)))
				}
				Some(Cut::Trailer) => {
					let mut trailers = hyper::HeaderMap::new();
					trailers.insert("x-stream-error", "block not found".parse().unwrap());
					Some((Ok(Frame::trailers(trailers)), (pieces, None)))
				}
				Some(Cut::Beyond) => {
					Some((Ok(Frame::data(Bytes::from_static(&[7; 9_999]))), (pieces, how)))
				}
				Some(Cut::Silence) => std::future::pending().await,
			}
		});
	let mut reply = reply(200, Box::pin(StreamBody::new(frames)));
	// Or hyper sends no trailers.
	reply.headers_mut().insert("trailer", "x-stream-error".parse().unwrap());
	reply
}

fn full(bytes: Vec<u8>) -> Pin<Box<dyn Body<Data = Bytes, Error = std::io::Error> + Send>> {
	Box::pin(Full::new(Bytes::from(bytes)).map_err(|never: Infallible| match never {}))
}

/// What begins like this and goes on for ever.
fn endless(start: Vec<u8>) -> Pin<Box<dyn Body<Data = Bytes, Error = std::io::Error> + Send>> {
	let frames = futures::stream::unfold(start, |piece| async move {
		let frame = Ok(Frame::data(Bytes::from(piece)));
		Some((frame, vec![b' '; 10_000]))
	});
	Box::pin(StreamBody::new(frames))
}

fn reply(
	status: u16,
	body: Pin<Box<dyn Body<Data = Bytes, Error = std::io::Error> + Send>>,
) -> Reply {
	Response::builder().status(status).body(body).unwrap()
}

fn refusal(message: &str) -> Reply {
	let body = json!({ "Message": message, "Code": 0, "Type": "error" });
	reply(500, full(body.to_string().into_bytes()))
}
