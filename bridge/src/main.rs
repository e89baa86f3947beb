//! The command line of the bridge.

use clap::Parser;
use log::info;
use rwa_bridge::{
	config::{Engine, Settings},
	desk::Desk,
	error::BridgeError,
	logger, now,
	queue::Queue,
	server,
	storage::Storage,
	work::Workers,
};
use std::{
	fs::DirBuilder, io, os::unix::fs::DirBuilderExt, path::PathBuf, process::ExitCode, sync::Arc,
};
use tokio::{
	net::TcpListener,
	signal::unix::{signal, SignalKind},
	sync::watch,
	task::JoinSet,
};

/// Does what a storage node's worker orders at Kubo or IPFS Cluster, however long it takes
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
	/// The settings, in TOML. bridge/examples/bridge.toml explains them
	#[arg(long, value_name = "FILE")]
	config: PathBuf,
	/// Check settings, what is on disk, and whether Kubo or Cluster can be used, and end
	#[arg(long)]
	check: bool,
}

impl Cli {
	/// Until a signal, or something that can't be mended.
	fn run(&self) -> Result<(), BridgeError> {
		logger::start().map_err(io::Error::other)?;
		let settings = Settings::load(&self.config)?;
		let folder = settings.store.clone();
		let mut builder = DirBuilder::new();
		builder
			.recursive(true)
			.mode(0o700)
			.create(&folder)
			.map_err(|source| BridgeError::Folder { path: folder.clone(), source })?;
		let path = folder.join("queue.redb");
		let opened = Queue::open(&path, settings.limits, now()).and_then(|queue| {
			queue.verify()?;
			Ok(queue)
		});
		let queue = opened.map_err(|source| BridgeError::Queue { path, source })?;
		// More than one thread, because reading the queue blocks the one that does it.
		let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
		let Settings { listen, token, rules, engine, .. } = settings;
		let part = Part { listen, token, rules, queue, check: self.check };
		match engine {
			Engine::Kubo(kubo) => runtime.block_on(part.run(kubo)),
			Engine::Cluster(cluster) => runtime.block_on(part.run(cluster)),
		}
	}
}

/// Everything but what keeps the files.
struct Part {
	listen: std::net::SocketAddr,
	token: server::Token,
	rules: rwa_bridge::work::Rules,
	queue: Queue,
	check: bool,
}

impl Part {
	async fn run(self, storage: impl Storage) -> Result<(), BridgeError> {
		if self.check {
			return storage.ready().await.map_err(|failure| io::Error::other(failure.text).into());
		}
		let (mut interrupted, mut terminated) =
			(signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
		let address = self.listen;
		let listener = TcpListener::bind(address)
			.await
			.map_err(|source| BridgeError::Listen { address, source })?;
		info!("serving on http://{}", listener.local_addr()?);

		let (stop, stopping) = watch::channel(false);
		let desk = Arc::new(Desk::new(self.queue));
		let workers = Arc::new(Workers::new(storage, desk.clone(), self.rules));
		let mut parts = JoinSet::new();
		parts.spawn(server::serve(listener, desk, self.token, stopping.clone()));
		parts.spawn(workers.run(stopping));

		let early = tokio::select! {
			_ = interrupted.recv() => None,
			_ = terminated.recv() => None,
			early = parts.join_next() => early,
		};
		info!("stopping");
		// Nobody listens if all have ended.
		let _ = stop.send(true);
		while parts.join_next().await.is_some() {}
		early.transpose()?;
		Ok(())
	}
}

fn main() -> ExitCode {
	match Cli::parse().run() {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("error: {error}");
			ExitCode::FAILURE
		}
	}
}
