//! One Kubo, by its RPC.

use super::{
	http::{Http, HttpError, Limits},
	rpc::{PinAdd, PinAddLine, PinLs, PinLsLine, PinOf, RepoGc, RepoStat, RepoStatAnswer, Rpc},
	Bound, Reach, Space, Storage, MAX_BLOCK, PIN_NAME,
};
use crate::failure::{Code, Failure};
use futures::StreamExt;
use hyper::{body::Bytes, header::HeaderValue};
use ipfs_api::{IpfsApi, IpfsClient, TryFromUri};
use ipfs_api_prelude::{BackendWithGlobalOptions, BoxStream, GlobalOptions};
use rwa_primitives::ipfs::Cid;
use serde::de::DeserializeOwned;
use std::{
	collections::BTreeSet,
	fmt,
	time::{Duration, Instant},
};

/// Oldest version of the only line that is known to work: 0.43, against which it is tested.
pub const OLDEST: [u32; 2] = [0, 43];

/// Most roots that one Kubo may have pinned under our name.
const MAX_PINNED: usize = 1_000_000;

/// Bytes of a line of the list of pins: a root, a name, and a kind.
const PINNED_LINE: usize = 256;

/// For an answer that Kubo has at hand.
const QUICK: Limits = Limits {
	head: Duration::from_secs(10),
	idle: Duration::from_secs(10),
	whole: Duration::from_secs(20),
	bytes: 64 << 10,
};

/// For a block.
const BLOCK: Limits = Limits { bytes: MAX_BLOCK, ..QUICK };

/// While pinning, Kubo says every half second how far it is.
const PINNING: Limits = Limits {
	head: Duration::from_secs(60),
	idle: Duration::from_secs(30),
	whole: Duration::from_secs(7 * 86_400),
	bytes: 1 << 30,
};

/// For what goes through all that is on disk.
const LONG: Limits = Limits {
	head: Duration::from_secs(3_600),
	idle: Duration::from_secs(3_600),
	whole: Duration::from_secs(3_600),
	bytes: MAX_PINNED * PINNED_LINE,
};

/// Least blocks a second of a file that is got, once it has had its time to be found: some 32 KiB. Whoever serves a file
/// slower than that would keep others from a place for as long as he likes.
const LEAST_RATE: u64 = 8;

/// One Kubo.
pub struct Kubo {
	url: String,
	quick: Rpc,
	/// Blocks, from wherever they are.
	blocks: Rpc,
	/// Blocks, and never from the network.
	here: BackendWithGlobalOptions<Rpc>,
	/// After which nothing new means that nobody has it.
	find: Duration,
}

impl fmt::Debug for Kubo {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Kubo").field("url", &self.url).finish_non_exhaustive()
	}
}

impl Kubo {
	/// The Kubo at `url`, such as `http://127.0.0.1:5001`, which may want a token. `find` is the time in which
	/// something of a file must come.
	///
	/// # Errors
	/// What is wrong with the address or the token.
	pub fn new(url: &str, token: Option<&str>, find: Duration) -> Result<Self, String> {
		let maker = IpfsClient::from_str(url).map_err(|error| error.to_string())?;
		let authorisation = token
			.map(|token| HeaderValue::from_str(&format!("Bearer {token}")))
			.transpose()
			.map_err(|_| "the token has a character that HTTP can't carry".to_string())?;
		let quick = Rpc::new(maker, Http::new(), authorisation, QUICK);
		let blocks = quick.with(BLOCK);
		let offline = GlobalOptions { offline: Some(true), timeout: None };
		let here = BackendWithGlobalOptions::new(blocks.clone(), offline);
		Ok(Self { url: url.into(), quick, blocks, here, find })
	}

	/// Where it is.
	pub fn url(&self) -> &str {
		&self.url
	}

	/// What went wrong, with where.
	fn failure(&self, error: HttpError) -> Failure {
		failure(&format!("Kubo at {}", self.url), error)
	}

	/// Under which name a root is pinned, if it is.
	async fn name_of(&self, cid: &Cid) -> Result<Option<String>, HttpError> {
		let arg = cid.to_string();
		let request = PinOf { arg: &arg, kind: "recursive", names: true, stream: true };
		let mut answer = match self.quick.ask(request).await {
			Err(HttpError::Api(error)) if is_not_pinned(&error.message) => return Ok(None),
			answer => answer?,
		};
		match answer.line().await {
			Err(HttpError::Api(error)) if is_not_pinned(&error.message) => Ok(None),
			line => {
				Ok(line?.map(|line| parse::<PinLsLine>(&line)).transpose()?.map(|pin| pin.name))
			}
		}
	}

	async fn add(&self, cid: &Cid, bound: Bound) -> Result<(), PinError> {
		let arg = cid.to_string();
		let request = PinAdd { arg: &arg, name: PIN_NAME, recursive: true, progress: true };
		let mut answer = self.quick.with(PINNING).ask(request).await?;
		let began = Instant::now();
		let (mut most, mut moved) = (0, began);
		while let Some(line) = answer.line().await? {
			let line: PinAddLine = parse(&line)?;
			if line.pins.is_some_and(|pins| pins.contains(&arg)) {
				return Ok(());
			}
			let blocks = line.progress.unwrap_or(0);
			if blocks > bound.blocks || line.bytes.unwrap_or(0) > bound.bytes {
				return Err(PinError::Endless);
			}
			if blocks > most {
				(most, moved) = (blocks, Instant::now());
			} else if moved.elapsed() > self.find {
				return Err(PinError::Stalled(most));
			}
			// Others wait for this place.
			if began.elapsed() > self.find
				&& blocks < LEAST_RATE.saturating_mul(began.elapsed().as_secs())
			{
				return Err(PinError::Slow(most));
			}
		}
		Err(HttpError::Nonsense("the pin was neither made nor refused".into()).into())
	}
}

/// Why a file can't be pinned.
enum PinError {
	Http(HttpError),
	/// More comes than there should be.
	Endless,
	/// No more comes, after so many blocks.
	Stalled(u64),
	/// It comes too slowly; so many blocks came.
	Slow(u64),
}

impl From<HttpError> for PinError {
	fn from(error: HttpError) -> Self {
		Self::Http(error)
	}
}

impl Storage for Kubo {
	async fn ready(&self) -> Result<(), Failure> {
		let version = self.quick.version().await.map_err(|error| self.failure(error))?.version;
		if is_known(&version) {
			return Ok(());
		}
		let [major, minor] = OLDEST;
		let text = format!(
			"Kubo at {} is version {version}; {major}.{minor} or newer of {major} is needed: scripts/setup.sh \
			 brings one",
			self.url
		);
		Err(Failure::new(Code::WrongVersion, text))
	}

	async fn pin(&self, cid: &Cid, bound: Bound) -> Result<(), Failure> {
		self.add(cid, bound).await.map_err(|error| {
			match error {
			PinError::Http(error) => self.failure(error),
			PinError::Endless => Failure::new(
				Code::SizeMismatch,
				"more blocks belong to this file than to any of its size; it isn't what was registered",
			),
			PinError::Slow(blocks) => Failure::new(
				Code::NotFoundInTime,
				format!("{blocks} blocks came, fewer than {LEAST_RATE} a second: whoever has the file is slow"),
			),
			PinError::Stalled(blocks) => Failure::new(
				Code::NotFoundInTime,
				format!(
					"after {blocks} blocks nothing came for {} s: nobody who is connected has the rest",
					self.find.as_secs()
				),
			),
		}
		})
	}

	async fn unpin(&self, cid: &Cid) -> Result<(), Failure> {
		let name = self.name_of(cid).await.map_err(|error| self.failure(error))?;
		match name {
			None => return Ok(()),
			Some(name) if name == PIN_NAME => {}
			Some(name) => {
				let text = format!("pinned as {name:?}, not by a bridge; it stays");
				return Err(Failure::new(Code::ForeignPin, text));
			}
		}
		match self.quick.pin_rm(&cid.to_string(), true).await {
			Err(HttpError::Api(error)) if is_not_pinned(&error.message) => Ok(()),
			result => result.map(drop).map_err(|error| self.failure(error)),
		}
	}

	async fn block(&self, cid: &Cid, reach: Reach) -> Result<Option<Bytes>, Failure> {
		let cid = cid.to_string();
		let result = match reach {
			Reach::Here => joined(self.here.block_get(&cid)).await,
			Reach::Network(time) => {
				let limits = Limits { head: time, whole: time.saturating_mul(2), ..BLOCK };
				joined(self.blocks.with(limits).block_get(&cid)).await
			}
		};
		match (result, reach) {
			(Ok(block), _) => Ok(Some(block)),
			(Err(HttpError::Api(error)), Reach::Here) if is_not_here(&error.message) => Ok(None),
			(Err(HttpError::TimedOut), Reach::Network(time)) => Err(Failure::new(
				Code::NotFoundInTime,
				format!("nobody who is connected gave the block {cid} within {} s", time.as_secs()),
			)),
			(Err(error), _) => Err(self.failure(error)),
		}
	}

	async fn pinned(&self) -> Result<BTreeSet<Cid>, Failure> {
		self.list().await.map_err(|error| self.failure(error))
	}

	async fn collect(&self) -> Result<(), Failure> {
		let collected =
			async { self.quick.with(LONG).ask(RepoGc { silent: true }).await?.all().await };
		collected.await.map(drop).map_err(|error| self.failure(error))
	}

	async fn space(&self) -> Result<Space, Failure> {
		let asked = async {
			let answer = self.quick.ask(RepoStat { size_only: true }).await?;
			parse::<RepoStatAnswer>(&answer.all().await?)
		};
		let stat = asked.await.map_err(|error| self.failure(error))?;
		Ok(Space { used: stat.repo_size, most: stat.storage_max })
	}
}

impl Kubo {
	async fn list(&self) -> Result<BTreeSet<Cid>, HttpError> {
		let request = PinLs { kind: "recursive", name: PIN_NAME, names: true, stream: true };
		let mut answer = self.quick.with(LONG).ask(request).await?;
		let mut pinned = BTreeSet::new();
		while let Some(line) = answer.line().await? {
			let pin: PinLsLine = parse(&line)?;
			// Kubo gives all names that have ours in them.
			if pin.name == PIN_NAME {
				pinned.extend(pin.cid.parse::<Cid>());
			}
			if pinned.len() > MAX_PINNED {
				return Err(HttpError::TooLarge);
			}
		}
		Ok(pinned)
	}
}

/// What went wrong with `whom`, and what to do about it.
pub(super) fn failure(whom: &str, error: HttpError) -> Failure {
	let code = match &error {
		HttpError::Unreachable(_) | HttpError::Broken(_) => Code::Unreachable,
		HttpError::TimedOut => Code::TimedOut,
		HttpError::TooLarge | HttpError::Nonsense(_) => Code::BadAnswer,
		HttpError::Status(status, _) if matches!(status.as_u16(), 401 | 403) => Code::Unauthorised,
		HttpError::Status(_, text) if is_full(text) => Code::DiskFull,
		HttpError::Status(status, _) if status.is_server_error() => Code::Refused,
		HttpError::Status(..) => Code::BadAnswer,
		HttpError::Api(error) if is_full(&error.message) => Code::DiskFull,
		HttpError::Api(_) => Code::Refused,
	};
	let remedy = match code {
		Code::Unreachable => "; is it running, and is that its address? See the settings",
		Code::Unauthorised => "; give its token in the settings",
		Code::DiskFull => "; free space, or give it a larger disk",
		_ => "",
	};
	Failure::new(code, format!("{whom} {error}{remedy}"))
}

async fn joined(mut pieces: BoxStream<Bytes, HttpError>) -> Result<Bytes, HttpError> {
	let mut all = Vec::new();
	while let Some(piece) = pieces.next().await {
		all.extend_from_slice(&piece?);
	}
	Ok(all.into())
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, HttpError> {
	serde_json::from_slice(bytes).map_err(HttpError::from)
}

// Kubo's errors have no codes. These are the words of version 0.43; the tests on a real one know if they change.

fn is_not_pinned(message: &str) -> bool {
	message.contains("not pinned")
}

fn is_not_here(message: &str) -> bool {
	message.contains("could not find") || message.contains("not found")
}

fn is_full(message: &str) -> bool {
	message.contains("no space left") || message.contains("quota exceeded")
}

fn is_known(version: &str) -> bool {
	let mut numbers = version.split(['.', '-']).map(|number| number.parse::<u32>().ok());
	let [oldest_major, oldest_minor] = OLDEST;
	numbers.next().flatten() == Some(oldest_major)
		&& numbers.next().flatten().is_some_and(|minor| minor >= oldest_minor)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn only_known_versions_should_do() {
		for known in ["0.43.0", "0.43.1-rc1", "0.44.0", "0.100.2"] {
			assert!(is_known(known), "{known}");
		}
		for unknown in ["0.42.9", "0.4.23", "1.0.0", "", "0", "latest", "0.-1", "0.99999999999"] {
			assert!(!is_known(unknown), "{unknown}");
		}
	}
}
