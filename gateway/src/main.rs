//! The command line of the gateway.

use clap::Parser;
use log::info;
use rwa_gateway::{
	config::Settings,
	error::GatewayError,
	intake::Intake,
	logger, server,
	session::{channel, take_in, Session},
	shelf::{Link, Shelf},
	store::Store,
};
use std::{io, path::PathBuf, process::ExitCode, sync::Arc};
use tokio::{
	net::TcpListener,
	signal::unix::{signal, SignalKind},
	sync::watch,
	task::JoinSet,
};

/// Takes measurements from an MQTT broker, checks who signed them, and serves them to a node on loopback
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
	/// The settings, in TOML. gateway/examples/gateway.toml explains them
	#[arg(long, value_name = "FILE")]
	config: PathBuf,
	/// Check settings and what is on disk, and end
	#[arg(long)]
	check: bool,
}

impl Cli {
	/// Until a signal, or something that can't be mended.
	fn run(&self) -> Result<(), GatewayError> {
		logger::start().map_err(io::Error::other)?;
		let settings = Arc::new(Settings::load(&self.config)?);
		let store = Store::open(&settings.store)?;
		let shelf = Arc::new(Shelf::load(settings.clone(), &store)?);
		if self.check {
			return Ok(());
		}
		let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
		runtime.block_on(gateway(settings, store, shelf))
	}
}

async fn gateway(
	settings: Arc<Settings>,
	store: Store,
	shelf: Arc<Shelf>,
) -> Result<(), GatewayError> {
	let (mut interrupted, mut terminated) =
		(signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
	let address = settings.listen;
	let listener = TcpListener::bind(address)
		.await
		.map_err(|source| GatewayError::Listen { address, source })?;
	info!("serving on http://{}", listener.local_addr()?);

	let (stop, stopping) = watch::channel(false);
	let (sender, deliveries) = channel();
	let mut parts = JoinSet::new();
	parts.spawn(server::serve(listener, shelf.clone(), stopping.clone()));
	for link in Link::ALL.into_iter().filter(|link| link.is_wanted(&settings)) {
		let session = Session {
			link,
			settings: settings.clone(),
			shelf: shelf.clone(),
			deliveries: sender.clone(),
			stop: stopping.clone(),
		};
		parts.spawn(session.run());
	}
	// The last sender goes with the last session, and with it the intake, when all is on disk.
	drop(sender);
	parts.spawn(take_in(Intake::new(settings, store, shelf), deliveries));

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

fn main() -> ExitCode {
	match Cli::parse().run() {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("error: {error}");
			ExitCode::FAILURE
		}
	}
}
