//! The real program, in a folder of its own.

use super::{until, Device, GENESIS};
use rustix::process::{kill_process, Pid, Signal};
use serde_json::Value;
use std::{
	fs,
	io::{BufRead, BufReader, Read, Write},
	net::TcpStream,
	path::{Path, PathBuf},
	process::{Child, Command, ExitStatus, Stdio},
	sync::{Arc, Mutex},
	thread::JoinHandle,
	time::Duration,
};

/// The program.
pub(crate) fn program() -> Command {
	Command::new(env!("CARGO_BIN_EXE_rwa-gateway"))
}

/// The smallest settings: a broker, and nothing to take.
pub(crate) fn settings(broker: &str) -> String {
	format!(
		"genesis = \"{GENESIS:?}\"\n[store]\npath = \"data\"\n[http]\nlisten = \"127.0.0.1:0\"\n\
		 [broker]\nhost = \"localhost\"\nmax_retry_s = 1\nkeep_alive_s = 5\n{broker}\n"
	)
}

/// An entry for a device.
pub(crate) fn device(device: &Device, topic: &str) -> String {
	format!(
		"[[device]]\nkey = \"{}\"\ntopic = \"{topic}\"\n\
		 feeds = [{{ asset = 1, source = \"iot_sensor\" }}]\n",
		device.key()
	)
}

/// An entry for an instrument without a key.
pub(crate) fn topic(name: &str, topic: &str) -> String {
	format!("[[topic]]\nname = \"{name}\"\ntopic = \"{topic}\"\nmax_bytes = 200\n")
}

/// A running gateway. Killed with the test.
pub(crate) struct Gateway {
	child: Child,
	address: String,
	log: Arc<Mutex<String>>,
	reader: Option<JoinHandle<()>>,
}

impl Gateway {
	/// With these settings, in this folder, which may be one that another has used.
	pub(crate) fn start(folder: &Path, settings: &str) -> Self {
		let config = write(folder, "gateway.toml", settings);
		let mut child = program()
			.arg("--config")
			.arg(config)
			.env("GATEWAY_PASSWORD", "right")
			.stderr(Stdio::piped())
			.spawn()
			.unwrap();
		let log = Arc::new(Mutex::new(String::new()));
		let (stderr, written) = (child.stderr.take().unwrap(), log.clone());
		let reader = std::thread::spawn(move || {
			for line in BufReader::new(stderr).lines().map_while(Result::ok) {
				let mut log = written.lock().unwrap();
				log.push_str(&line);
				log.push('\n');
			}
		});
		let mut gateway = Self { child, address: String::new(), log, reader: Some(reader) };
		gateway.address = until("the gateway serves", || {
			let log = gateway.log();
			let (_, rest) = log.split_once("serving on http://")?;
			rest.lines().next().map(String::from)
		});
		gateway
	}

	pub(crate) fn address(&self) -> &str {
		&self.address
	}

	/// What it logged so far.
	pub(crate) fn log(&self) -> String {
		self.log.lock().unwrap().clone()
	}

	pub(crate) fn await_log(&self, text: &str) {
		until(text, || self.log().contains(text).then_some(()));
	}

	/// Status and body.
	pub(crate) fn get(&self, path: &str) -> (u16, String) {
		let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
		let answer = self.send(head.as_bytes());
		let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
		let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
		(status.unwrap_or_else(|| panic!("no answer: {answer:?}")), body.into())
	}

	pub(crate) fn json(&self, path: &str) -> Value {
		serde_json::from_str(&self.get(path).1).unwrap()
	}

	/// Whatever is answered to these bytes, until the connection ends.
	pub(crate) fn send(&self, bytes: &[u8]) -> String {
		let mut stream = TcpStream::connect(&self.address).unwrap();
		stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
		// It may refuse before it has read all.
		let _ = stream.write_all(bytes);
		let mut answer = Vec::new();
		let _ = stream.read_to_end(&mut answer);
		String::from_utf8(answer).unwrap()
	}

	/// Until `/health` has `expected` at this JSON pointer.
	pub(crate) fn await_health(&self, pointer: &str, expected: impl Into<Value>) {
		let expected = expected.into();
		let what = format!("{pointer} becomes {expected}, in {}", self.get("/health").1);
		until(&what, || (self.json("/health").pointer(pointer) == Some(&expected)).then_some(()));
	}

	/// Until all connections that it wants are there.
	pub(crate) fn await_connected(&self) {
		self.await_health("/ok", true);
	}

	/// Asks it to end, and waits for that.
	pub(crate) fn stop(mut self, signal: Signal) -> (ExitStatus, String) {
		self.signal(signal);
		let status = self.child.wait().unwrap();
		self.reader.take().unwrap().join().unwrap();
		(status, self.log())
	}

	fn signal(&self, signal: Signal) {
		kill_process(Pid::from_child(&self.child), signal).unwrap();
	}
}

impl Drop for Gateway {
	fn drop(&mut self) {
		// It may have ended already.
		let _ = self.child.kill();
		let _ = self.child.wait();
	}
}

/// Writes a file and returns its path.
pub(crate) fn write(folder: &Path, name: &str, content: &str) -> PathBuf {
	let path = folder.join(name);
	fs::write(&path, content).unwrap();
	path
}
