//! Something on loopback that speaks like Kubo, as far as it wants to.

use super::{blocks, ipfs_dag::Dag};
use serde_json::json;
use std::{
	collections::BTreeMap,
	io::{BufRead, BufReader, Read, Write},
	net::{TcpListener, TcpStream},
	sync::{Arc, Mutex, MutexGuard},
};

/// A request, as far as it matters.
#[derive(Clone, Debug)]
pub(crate) struct Call {
	/// `GET` or such.
	pub(crate) method: String,
	/// Of the address, without what follows the question mark.
	pub(crate) path: String,
	/// What follows it.
	pub(crate) query: String,
	/// All lines of the head.
	pub(crate) head: String,
}

impl Call {
	pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
		let mut pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
		pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
	}
}

/// What it answers with in place of what Kubo would. `None`: what Kubo would.
pub(crate) type Behaviour = Arc<dyn Fn(&Call, &mut TcpStream) -> Option<()> + Send + Sync>;

/// What it has.
pub(crate) struct State {
	pub(crate) version: String,
	/// Blocks on disk.
	pub(crate) disk: BTreeMap<String, Vec<u8>>,
	/// Blocks that others have.
	pub(crate) network: BTreeMap<String, Vec<u8>>,
	/// Roots with the names of their pins.
	pub(crate) pins: BTreeMap<String, String>,
	pub(crate) most: u64,
	/// Paths that were asked for.
	pub(crate) calls: Vec<String>,
	behaviour: Option<Behaviour>,
}

/// A Kubo that isn't one. Its thread ends with the test.
#[derive(Clone)]
pub(crate) struct Fake {
	port: u16,
	state: Arc<Mutex<State>>,
}

impl Fake {
	/// One that does as Kubo does, and has nothing.
	pub(crate) fn honest() -> Self {
		Self::on(TcpListener::bind("127.0.0.1:0").unwrap(), Self::empty())
	}

	/// One that does something else with calls that `behaviour` takes.
	pub(crate) fn hostile(
		behaviour: impl Fn(&Call, &mut TcpStream) -> Option<()> + Send + Sync + 'static,
	) -> Self {
		let fake = Self::honest();
		fake.state().behaviour = Some(Arc::new(behaviour));
		fake
	}

	fn empty() -> Arc<Mutex<State>> {
		Arc::new(Mutex::new(State {
			version: "0.43.0".into(),
			disk: BTreeMap::new(),
			network: BTreeMap::new(),
			pins: BTreeMap::new(),
			most: 10_000_000_000,
			calls: Vec::new(),
			behaviour: None,
		}))
	}

	fn on(listener: TcpListener, state: Arc<Mutex<State>>) -> Self {
		let port = listener.local_addr().unwrap().port();
		let fake = Self { port, state };
		let own = fake.clone();
		std::thread::spawn(move || {
			for stream in listener.incoming() {
				let Ok(stream) = stream else { continue };
				let fake = own.clone();
				std::thread::spawn(move || fake.serve(stream));
			}
		});
		fake
	}

	/// A port at which nobody is, and what will bring one there.
	pub(crate) fn later() -> (String, impl FnOnce() -> Self) {
		let listener = TcpListener::bind("127.0.0.1:0").unwrap();
		let address = listener.local_addr().unwrap();
		drop(listener);
		(format!("http://{address}"), move || {
			Self::on(TcpListener::bind(address).unwrap(), Self::empty())
		})
	}

	pub(crate) fn url(&self) -> String {
		format!("http://127.0.0.1:{}", self.port)
	}

	pub(crate) fn state(&self) -> MutexGuard<'_, State> {
		self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
	}

	/// That others have this file.
	pub(crate) fn offer(&self, dag: &Dag) {
		self.state().network.extend(blocks(dag));
	}

	/// How often this was asked for.
	pub(crate) fn count(&self, path: &str) -> usize {
		self.state().calls.iter().filter(|call| call.as_str() == path).count()
	}

	fn serve(&self, mut stream: TcpStream) {
		let Some(call) = read_call(&mut stream) else { return };
		self.state().calls.push(call.path.clone());
		let behaviour = self.state().behaviour.clone();
		if behaviour.is_some_and(|behaviour| behaviour(&call, &mut stream).is_some()) {
			return;
		}
		let (status, body) = self.answer(&call);
		respond(&mut stream, status, &body);
	}

	fn answer(&self, call: &Call) -> (u16, Vec<u8>) {
		let arg = call.parameter("arg").unwrap_or_default().to_string();
		let mut state = self.state();
		match call.path.as_str() {
			"/api/v0/version" => {
				let version = state.version.clone();
				ok(&json!({ "Version": version, "Commit": "", "Repo": "18" }))
			}
			"/api/v0/block/get" => {
				if let Some(block) = state.disk.get(&arg) {
					return (200, block.clone());
				}
				if call.parameter("offline") == Some("true") {
					return error("block was not found locally (offline): ipld: could not find it");
				}
				match state.network.get(&arg).cloned() {
					Some(block) => {
						state.disk.insert(arg, block.clone());
						(200, block)
					}
					None => {
						// As long as the caller waits.
						drop(state);
						std::thread::sleep(std::time::Duration::from_secs(30));
						error("context canceled")
					}
				}
			}
			"/api/v0/pin/add" => {
				let name = call.parameter("name").unwrap_or_default().to_string();
				let State { disk, network, pins, .. } = &mut *state;
				// One that is pinned fetches nothing.
				if !pins.contains_key(&arg) {
					disk.extend(network.iter().map(|(cid, block)| (cid.clone(), block.clone())));
				}
				if !disk.contains_key(&arg) {
					return error("context deadline exceeded");
				}
				pins.insert(arg.clone(), name);
				lines(&[json!({ "Progress": 1, "Bytes": 1 }), json!({ "Pins": [arg] })])
			}
			"/api/v0/pin/ls" if arg.is_empty() => {
				let name = call.parameter("name").unwrap_or_default();
				let pins = state.pins.iter().filter(|(_, pin)| pin.contains(name));
				let pins = pins
					.map(|(cid, name)| json!({ "Cid": cid, "Name": name, "Type": "recursive" }));
				lines(&pins.collect::<Vec<_>>())
			}
			"/api/v0/pin/ls" => match state.pins.get(&arg) {
				Some(name) => lines(&[json!({ "Cid": arg, "Name": name, "Type": "recursive" })]),
				None => error(&format!("path '{arg}' is not pinned")),
			},
			"/api/v0/pin/rm" => match state.pins.remove(&arg) {
				Some(_) => ok(&json!({ "Pins": [arg] })),
				None => error("not pinned or pinned indirectly"),
			},
			"/api/v0/repo/stat" => {
				let used = state.disk.values().map(Vec::len).sum::<usize>();
				ok(&json!({ "RepoSize": used, "StorageMax": state.most }))
			}
			"/api/v0/repo/gc" => {
				// Which blocks belong to which pin isn't known here.
				if state.pins.is_empty() {
					state.disk.clear();
				}
				(200, vec![])
			}
			_ => (404, b"404 page not found".to_vec()),
		}
	}
}

fn ok(value: &serde_json::Value) -> (u16, Vec<u8>) {
	(200, value.to_string().into_bytes())
}

fn lines(values: &[serde_json::Value]) -> (u16, Vec<u8>) {
	(200, values.iter().map(|value| format!("{value}\n")).collect::<String>().into_bytes())
}

fn error(message: &str) -> (u16, Vec<u8>) {
	let body = json!({ "Message": message, "Code": 0, "Type": "error" });
	(500, body.to_string().into_bytes())
}

/// One answer, after which the connection ends.
pub(crate) fn respond(stream: &mut TcpStream, status: u16, body: &[u8]) {
	let head = format!(
		"HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
		body.len()
	);
	// Whoever asked may have gone.
	let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
}

/// The head of an answer whose body goes on until the connection ends.
pub(crate) fn begin(stream: &mut TcpStream) {
	let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
}

pub(crate) fn read_call(stream: &mut TcpStream) -> Option<Call> {
	let mut reader = BufReader::new(stream.try_clone().ok()?);
	let mut head = String::new();
	while !head.ends_with("\r\n\r\n") {
		if reader.read_line(&mut head).ok()? == 0 {
			return None;
		}
	}
	let length = head.lines().find_map(|line| {
		let (name, value) = line.split_once(':')?;
		name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<u64>().ok())?
	});
	let _ = std::io::copy(&mut reader.take(length.unwrap_or(0)), &mut std::io::sink());
	let mut words = head.split(' ');
	let (method, target) = (words.next()?.to_string(), words.next()?);
	let (path, query) = target.split_once('?').unwrap_or((target, ""));
	Some(Call { method, path: path.into(), query: query.into(), head: head.clone() })
}
