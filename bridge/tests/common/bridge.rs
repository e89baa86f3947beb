//! The real program, in a folder of its own.

use super::until;
use rustix::process::{kill_process, Pid, Signal};
use serde_json::{json, Value};
use std::{
	fs,
	io::{BufRead, BufReader, Read, Write},
	net::TcpStream,
	path::Path,
	process::{Child, Command, ExitStatus, Stdio},
	sync::{Arc, Mutex},
	thread::JoinHandle,
	time::Duration,
};

/// What orders must bring.
pub(crate) const TOKEN: &str = "a-token-for-tests-only";

/// The program.
pub(crate) fn program() -> Command {
	let mut command = Command::new(env!("CARGO_BIN_EXE_rwa-bridge"));
	command.env("BRIDGE_TOKEN", TOKEN);
	command
}

/// Settings with one Kubo and short times.
pub(crate) fn settings(kubo: &str) -> String {
	with_engine(&format!("[kubo]\nurl = \"{kubo}\"\n"))
}

/// The same with whatever keeps the files.
pub(crate) fn with_engine(engine: &str) -> String {
	format!(
		"[http]\nlisten = \"127.0.0.1:0\"\ntoken = {{ env = \"BRIDGE_TOKEN\" }}\n[store]\npath = \"data\"\n\
		 {engine}[work]\nfind_s = 2\naudit_s = 1\ncollect_s = 1\n"
	)
}

/// A running bridge. Killed with the test.
pub(crate) struct Bridge {
	child: Child,
	address: String,
	log: Arc<Mutex<String>>,
	reader: Option<JoinHandle<()>>,
}

impl Bridge {
	/// With these settings, in this folder, which may be one that another has used.
	pub(crate) fn start(folder: &Path, settings: &str) -> Self {
		let config = folder.join("bridge.toml");
		fs::write(&config, settings).unwrap();
		let mut child =
			program().arg("--config").arg(config).stderr(Stdio::piped()).spawn().unwrap();
		let log = Arc::new(Mutex::new(String::new()));
		let stderr = BufReader::new(child.stderr.take().unwrap());
		let written = log.clone();
		let reader = std::thread::spawn(move || {
			for line in stderr.lines() {
				let line = line.unwrap();
				written.lock().unwrap().push_str(&(line + "\n"));
			}
		});
		let mut bridge = Self { child, address: String::new(), log, reader: Some(reader) };
		bridge.address = until("the bridge serves", || {
			let ended = bridge.child.try_wait().unwrap();
			assert!(ended.is_none(), "it ended: {}", bridge.log());
			let log = bridge.log();
			let (_, rest) = log.split_once("serving on http://")?;
			rest.lines().next().map(String::from)
		});
		bridge
	}

	pub(crate) fn address(&self) -> &str {
		&self.address
	}

	/// What it logged so far.
	pub(crate) fn log(&self) -> String {
		self.log.lock().unwrap().clone()
	}

	/// Status and body.
	pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
		let length = body.len();
		let answer = self.send(
			format!(
				"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\
				 Content-Length: {length}\r\n\r\n{body}"
			)
			.as_bytes(),
		);
		parsed(&answer)
	}

	pub(crate) fn get(&self, path: &str) -> Value {
		self.ask("GET", path, "").1
	}

	pub(crate) fn post(&self, task: &Value) -> (u16, Value) {
		self.ask("POST", "/jobs", &task.to_string())
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

	/// Orders, and gives the job when it is over.
	pub(crate) fn order(&self, task: &Value) -> Value {
		let (status, job) = self.post(task);
		assert!(matches!(status, 200 | 202), "{status} {job}");
		self.over(job["id"].as_str().unwrap())
	}

	/// A job, once it is over.
	pub(crate) fn over(&self, id: &str) -> Value {
		until(&format!("{id} is over; the log: {}", self.log()), || {
			let job = self.get(&format!("/jobs/{id}"));
			(job["state"] != "waiting").then_some(job)
		})
	}

	/// Until an attempt at the job has failed for this reason.
	pub(crate) fn await_error(&self, id: &str, code: &str) -> Value {
		until(&format!("{id} fails with {code}; the log: {}", self.log()), || {
			let job = self.get(&format!("/jobs/{id}"));
			(job["error"]["code"] == code).then_some(job)
		})
	}

	/// Asks it to end, and waits for that.
	pub(crate) fn stop(mut self, signal: Signal) -> (ExitStatus, String) {
		kill_process(Pid::from_child(&self.child), signal).unwrap();
		let status = self.child.wait().unwrap();
		self.reader.take().unwrap().join().unwrap();
		(status, self.log())
	}

	/// The most memory that it ever had, in bytes.
	pub(crate) fn peak_memory(&self) -> u64 {
		let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
		let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
		line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
	}
}

impl Drop for Bridge {
	fn drop(&mut self) {
		// It may have ended already.
		let _ = self.child.kill();
		let _ = self.child.wait();
	}
}

/// Status and body of an answer.
pub(crate) fn parsed(answer: &str) -> (u16, Value) {
	let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
	let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
	let status = status.unwrap_or_else(|| panic!("no answer: {answer:?}"));
	(status, serde_json::from_str(body).unwrap_or(Value::Null))
}

pub(crate) fn pin(cid: impl ToString, size: u64) -> Value {
	json!({ "kind": "pin", "cid": cid.to_string(), "size": size })
}

pub(crate) fn unpin(cid: impl ToString) -> Value {
	json!({ "kind": "unpin", "cid": cid.to_string() })
}

pub(crate) fn check(cid: impl ToString) -> Value {
	json!({ "kind": "check", "cid": cid.to_string() })
}

pub(crate) fn proof(cid: impl ToString, leaf: u64) -> Value {
	json!({ "kind": "proof", "cid": cid.to_string(), "leaf": leaf })
}

/// The blocks that a proof job gave.
pub(crate) fn proven(job: &Value) -> Vec<Vec<u8>> {
	assert_eq!(job["state"], "done", "{job}");
	let blocks = job["result"]["blocks"].as_array().unwrap();
	let unhex = |text: &str| {
		let text = text.strip_prefix("0x").unwrap();
		let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
		(0..text.len()).step_by(2).map(byte).collect()
	};
	blocks.iter().map(|block| unhex(block.as_str().unwrap())).collect()
}
