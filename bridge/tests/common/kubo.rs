//! Real Kubos on loopback, in a private network of their own.

use super::until;
use serde_json::Value;
use std::{
	env, fs,
	io::{stderr, Write},
	net::{TcpListener, TcpStream},
	path::{Path, PathBuf},
	process::{Child, Command, Stdio},
};

/// Settings, as scripts/kubo-init.sh makes them, and what a test has beside them.
const SETTINGS: [&str; 2] = [
	include_str!("../../../scripts/lib/kubo.conf"),
	include_str!("../../../scripts/lib/kubo-test.conf"),
];

/// The CID of a folder with nothing in it.
const EMPTY_FOLDER: &str = "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn";

/// A program that scripts/setup.sh brings where it can. `None`, said where nobody can miss it: not here.
pub(crate) fn tool(name: &str) -> Option<PathBuf> {
	let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
	let cache = cache.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")));
	let tools = env::var_os("RWA_TOOLS").map(PathBuf::from);
	let tools = tools.or_else(|| Some(cache?.join("rwa-network/tools")));
	let path = env::var_os("PATH").unwrap_or_default();
	let folders = tools.map(|tools| tools.join("bin")).into_iter().chain(env::split_paths(&path));
	let found = folders.map(|folder| folder.join(name)).find(|program| program.is_file());
	if found.is_none() {
		let test = std::thread::current();
		let test = test.name().unwrap_or_default();
		// Past the test runner, which hides what a test that passes prints.
		let said =
			format!("\nNOT RUN: no {name}: {test}; scripts/setup.sh brings it where it can\n");
		stderr().write_all(said.as_bytes()).unwrap();
	}
	found
}

/// One Kubo. Killed with the test.
pub(crate) struct RealKubo {
	program: PathBuf,
	repo: PathBuf,
	child: Option<Child>,
	api: u16,
}

impl RealKubo {
	/// With an empty repository, and settings beside those of the files.
	pub(crate) fn start(program: &Path, repo: PathBuf, settings: &[(&str, Value)]) -> Self {
		let api = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
		let mut kubo = Self { program: program.into(), repo, child: None, api };
		fs::create_dir_all(&kubo.repo).unwrap();
		kubo.run(&["init", "--empty-repo"]);
		let key = format!("/key/swarm/psk/1.0.0/\n/base16/\n{}\n", "5a".repeat(32));
		fs::write(kubo.repo.join("swarm.key"), key).unwrap();
		let file = kubo.repo.join("config");
		let mut config: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
		for line in SETTINGS.iter().flat_map(|text| text.lines()) {
			if !line.is_empty() && !line.starts_with('#') {
				let (name, value) = line.split_once(' ').unwrap();
				set(&mut config, name, serde_json::from_str(value).unwrap());
			}
		}
		set(&mut config, "Addresses.API", format!("/ip4/127.0.0.1/tcp/{api}").into());
		for (name, value) in settings {
			set(&mut config, name, value.clone());
		}
		fs::write(&file, config.to_string()).unwrap();
		kubo.begin();
		kubo
	}

	/// Starts it, as it was.
	pub(crate) fn begin(&mut self) {
		let log = fs::File::create(self.repo.with_extension("log")).unwrap();
		let mut command = self.command();
		command.args(["daemon", "--enable-gc"]).stdout(log.try_clone().unwrap()).stderr(log);
		self.child = Some(command.spawn().unwrap());
		until("Kubo answers", || {
			let ended = self.child.as_mut()?.try_wait().unwrap();
			let log = || fs::read_to_string(self.repo.with_extension("log")).unwrap();
			assert!(ended.is_none(), "it ended: {}", log());
			// Without a daemon the program answers most questions by itself.
			TcpStream::connect(("127.0.0.1", self.api)).ok()?;
			self.try_run(&["swarm", "addrs", "listen"])
		});
	}

	/// Kills it, as a power cut would.
	pub(crate) fn kill(&mut self) {
		if let Some(mut child) = self.child.take() {
			child.kill().unwrap();
			child.wait().unwrap();
		}
		// Or programs ask who isn't there.
		let _ = fs::remove_file(self.repo.join("api"));
	}

	pub(crate) fn url(&self) -> String {
		format!("http://127.0.0.1:{}", self.api)
	}

	/// That it is connected with another.
	pub(crate) fn connect(&self, other: &Self) {
		let id: Value = serde_json::from_str(&other.run(&["id"])).unwrap();
		let addresses = id["Addresses"].as_array().unwrap();
		self.run(&["swarm", "connect", addresses[0].as_str().unwrap()]);
	}

	/// Adds a file as documents are added, and gives its CID.
	pub(crate) fn add(&self, content: &[u8]) -> String {
		let file = self.repo.with_extension("content");
		fs::write(&file, content).unwrap();
		let options =
			["--cid-version=1", "--raw-leaves", "--chunker=size-4096", "--max-file-links=32"];
		let path = file.to_str().unwrap();
		let args = [&["add", "--quieter"][..], &options, &[path]].concat();
		self.run(&args).trim().into()
	}

	/// Stores one block, and gives its CID.
	pub(crate) fn put(&self, block: &[u8], codec: &str) -> String {
		let file = self.repo.with_extension("block");
		fs::write(&file, block).unwrap();
		let codec = format!("--cid-codec={codec}");
		self.run(&["block", "put", "--allow-big-block", &codec, file.to_str().unwrap()])
			.trim()
			.into()
	}

	/// Whether it has a block on disk.
	pub(crate) fn has(&self, cid: &str) -> bool {
		self.try_run(&["--offline", "block", "stat", cid]).is_some()
	}

	/// Loses a block, as a bad disk does. It must not run.
	pub(crate) fn lose(&self, block: &[u8]) {
		assert!(self.child.is_none());
		let folders =
			fs::read_dir(self.repo.join("blocks")).unwrap().map(|entry| entry.unwrap().path());
		let files =
			folders.filter(|path| path.is_dir()).flat_map(|path| fs::read_dir(path).unwrap());
		let files = files.map(|entry| entry.unwrap().path());
		let lost: Vec<_> = files.filter(|file| fs::read(file).unwrap() == block).collect();
		assert_eq!(lost.len(), 1);
		fs::remove_file(&lost[0]).unwrap();
	}

	/// Its recursive pins, one on each line with its name. `ipfs init` pins an empty folder, which isn't among them.
	pub(crate) fn pins(&self) -> String {
		let pins = self.run(&["pin", "ls", "--type=recursive", "--names"]);
		pins.lines()
			.filter(|line| !line.starts_with(EMPTY_FOLDER))
			.map(|line| format!("{line}\n"))
			.collect()
	}

	/// What the program prints.
	pub(crate) fn run(&self, args: &[&str]) -> String {
		let output = self.command().args(args).output().unwrap();
		let error = String::from_utf8_lossy(&output.stderr);
		assert!(output.status.success(), "ipfs {args:?}: {error}");
		String::from_utf8(output.stdout).unwrap()
	}

	fn try_run(&self, args: &[&str]) -> Option<String> {
		let output = self.command().args(args).output().unwrap();
		output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
	}

	fn command(&self) -> Command {
		let mut command = Command::new(&self.program);
		command
			.env("IPFS_PATH", &self.repo)
			.env("LIBP2P_FORCE_PNET", "1")
			.env("IPFS_TELEMETRY", "off")
			.stdin(Stdio::null());
		command
	}
}

impl Drop for RealKubo {
	fn drop(&mut self) {
		self.kill();
	}
}

fn set(config: &mut Value, name: &str, value: Value) {
	let place = name.split('.').fold(config, |inner, name| {
		if inner.is_null() {
			*inner = Value::Object(serde_json::Map::new());
		}
		inner.as_object_mut().unwrap().entry(name).or_insert(Value::Null)
	});
	*place = value;
}
