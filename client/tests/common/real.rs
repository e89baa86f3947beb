//! A real Kubo on loopback, without a network.

use std::{
	env, fs,
	io::{stderr, Write},
	net::TcpListener,
	path::{Path, PathBuf},
	process::{Child, Command, Stdio},
	time::{Duration, Instant},
};

/// Longest that it takes to start, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(120);

/// Kubo, which scripts/setup.sh brings where it can. `None`, said where nobody can miss it: not here.
pub(crate) fn program() -> Option<PathBuf> {
	let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
	let cache = cache.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")));
	let tools = env::var_os("RWA_TOOLS").map(PathBuf::from);
	let tools = tools.or_else(|| Some(cache?.join("rwa-network/tools")));
	let path = env::var_os("PATH").unwrap_or_default();
	let folders = tools.map(|tools| tools.join("bin")).into_iter().chain(env::split_paths(&path));
	let found = folders.map(|folder| folder.join("ipfs")).find(|program| program.is_file());
	if found.is_none() {
		let test = std::thread::current();
		let test = test.name().unwrap_or_default();
		// Past the test runner, which hides what a test that passes prints.
		let said = format!("\nNOT RUN: no ipfs: {test}; scripts/setup.sh brings it where it can\n");
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
	/// With an empty repository, and Kubo's own settings for files: what documents need is asked for.
	pub(crate) fn start(program: &Path, repo: PathBuf) -> Self {
		let api = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
		let mut kubo = Self { program: program.into(), repo, child: None, api };
		fs::create_dir_all(&kubo.repo).unwrap();
		kubo.run(&["init", "--empty-repo"]);
		let address = format!("\"/ip4/127.0.0.1/tcp/{api}\"");
		for (name, value) in [
			("Addresses.API", address.as_str()),
			("Addresses.Gateway", "[]"),
			("Addresses.Swarm", "[]"),
			("Bootstrap", "[]"),
			("AutoConf.Enabled", "false"),
			("Routing.Type", "\"none\""),
			("Discovery.MDNS.Enabled", "false"),
		] {
			kubo.run(&["config", "--json", name, value]);
		}
		kubo.begin();
		kubo
	}

	fn begin(&mut self) {
		let log = fs::File::create(self.repo.with_extension("log")).unwrap();
		let mut command = self.command();
		command.args(["daemon", "--offline"]).stdout(log.try_clone().unwrap()).stderr(log);
		self.child = Some(command.spawn().unwrap());
		let began = Instant::now();
		while !self.try_run(&["--api", &format!("/ip4/127.0.0.1/tcp/{}", self.api), "id"]) {
			assert!(began.elapsed() < PATIENCE, "it doesn't answer");
			std::thread::sleep(Duration::from_millis(50));
		}
	}

	pub(crate) fn url(&self) -> String {
		format!("http://127.0.0.1:{}", self.api)
	}

	/// Whether a root is pinned.
	pub(crate) fn is_pinned(&self, cid: &str) -> bool {
		self.try_run(&["pin", "ls", "--type=recursive", cid])
	}

	/// Unpins a root and collects all that isn't pinned.
	pub(crate) fn forget(&self, cid: &str) {
		self.run(&["pin", "rm", cid]);
		self.run(&["repo", "gc", "--silent"]);
	}

	/// Adds a file as `ipfs add` does with the layout of documents, and gives its CID.
	pub(crate) fn add(&self, file: &Path) -> String {
		let layout =
			["--cid-version=1", "--raw-leaves", "--chunker=size-4096", "--max-file-links=32"];
		let file = file.to_str().unwrap();
		let cid =
			self.run(&[&["add", "--quieter", "--progress=false"][..], &layout, &[file]].concat());
		String::from_utf8(cid).unwrap().trim().into()
	}

	/// A block that it has.
	pub(crate) fn block(&self, cid: &str) -> Vec<u8> {
		self.run(&["block", "get", cid])
	}

	fn run(&self, args: &[&str]) -> Vec<u8> {
		let output = self.command().args(args).output().unwrap();
		let error = String::from_utf8_lossy(&output.stderr);
		assert!(output.status.success(), "ipfs {args:?}: {error}");
		output.stdout
	}

	fn try_run(&self, args: &[&str]) -> bool {
		self.command().args(args).output().unwrap().status.success()
	}

	fn command(&self) -> Command {
		let mut command = Command::new(&self.program);
		command.env("IPFS_PATH", &self.repo).env("IPFS_TELEMETRY", "off").stdin(Stdio::null());
		command
	}
}

impl Drop for RealKubo {
	fn drop(&mut self) {
		if let Some(mut child) = self.child.take() {
			let _ = child.kill();
			let _ = child.wait();
		}
	}
}
