//! IPFS Cluster, by its REST API.
//!
//! A cluster decides which of its peers pins what. It passes on no blocks: these are read from the Kubos
//! themselves, which the settings name.

use super::{
	http::{Answer, Http, HttpError, Limits},
	kubo::{failure, Kubo},
	Bound, Reach, Space, Storage, PIN_NAME,
};
use crate::failure::{Code, Failure};
use http_body_util::Empty;
use hyper::{
	body::Bytes,
	header::{HeaderValue, AUTHORIZATION},
	Method, Request, StatusCode,
};
use rwa_primitives::ipfs::Cid;
use serde::{de::DeserializeOwned, Deserialize};
use std::{
	collections::{BTreeMap, BTreeSet},
	fmt,
	sync::atomic::{AtomicUsize, Ordering},
	time::{Duration, Instant},
};
use tokio::time::sleep;

/// The line of versions that is known to work.
pub const MAJOR: u32 = 1;

/// How often to ask how far a pin is.
const POLL: Duration = Duration::from_secs(1);

/// Most roots that a cluster may have pinned under our name.
const MAX_PINNED: usize = 1_000_000;

/// Bytes of a line of the list of pins, with the state on each of many peers.
const PINNED_LINE: usize = 4_096;

const QUICK: Limits = Limits {
	head: Duration::from_secs(20),
	idle: Duration::from_secs(10),
	whole: Duration::from_secs(30),
	bytes: 1 << 20,
};

const LONG: Limits = Limits {
	head: Duration::from_secs(3_600),
	idle: Duration::from_secs(3_600),
	whole: Duration::from_secs(3_600),
	bytes: MAX_PINNED * PINNED_LINE,
};

/// How a file is on one peer.
#[derive(Debug, Deserialize)]
struct PeerPin {
	status: String,
	#[serde(default)]
	error: String,
}

/// How a file is on all peers.
#[derive(Debug, Deserialize)]
struct GlobalPin {
	cid: String,
	#[serde(default)]
	name: String,
	#[serde(default)]
	peer_map: BTreeMap<String, PeerPin>,
}

#[derive(Debug, Deserialize)]
struct Version {
	version: String,
}

/// What a collection did on each peer.
#[derive(Debug, Deserialize)]
struct Collected {
	#[serde(default)]
	peer_map: BTreeMap<String, CollectedPeer>,
}

#[derive(Debug, Deserialize)]
struct CollectedPeer {
	#[serde(default)]
	error: String,
}

/// How a file is, in sum.
#[derive(Debug, PartialEq, Eq)]
enum Status {
	/// Whole on so many peers.
	Pinned(usize),
	/// On its way.
	Pinning,
	/// A peer gave up, for this reason; and none has it.
	Failed(String),
	/// Nobody was told to have it.
	Unpinned,
}

/// A cluster and its Kubos.
pub struct Cluster {
	url: String,
	http: Http,
	authorisation: Option<HeaderValue>,
	replication: u32,
	kubos: Vec<Kubo>,
	/// Which Kubo had the last block: it has the next one, most likely.
	last: AtomicUsize,
	find: Duration,
}

impl fmt::Debug for Cluster {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let shown = &mut f.debug_struct("Cluster");
		shown.field("url", &self.url).field("kubos", &self.kubos).finish_non_exhaustive()
	}
}

impl Cluster {
	/// The cluster at `url`, such as `http://127.0.0.1:9094`, which keeps each file on `replication` of its
	/// `kubos`. `login`, user and password, is already in base64.
	///
	/// # Errors
	/// What is wrong with the login.
	pub fn new(
		url: &str,
		login: Option<&str>,
		replication: u32,
		kubos: Vec<Kubo>,
		find: Duration,
	) -> Result<Self, String> {
		let authorisation = login
			.map(|login| HeaderValue::from_str(&format!("Basic {login}")))
			.transpose()
			.map_err(|_| "the login has a character that HTTP can't carry".to_string())?;
		Ok(Self {
			url: url.trim_end_matches('/').into(),
			http: Http::new(),
			authorisation,
			replication,
			kubos,
			last: AtomicUsize::new(0),
			find,
		})
	}

	fn failure(&self, error: HttpError) -> Failure {
		failure(&format!("IPFS Cluster at {}", self.url), error)
	}

	async fn ask(&self, method: Method, path: &str, limits: Limits) -> Result<Answer, HttpError> {
		let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url));
		if let Some(value) = &self.authorisation {
			request = request.header(AUTHORIZATION, value);
		}
		let request = request.body(Empty::new());
		let request = request.map_err(|error| HttpError::Nonsense(error.to_string()))?;
		let answer = self.http.send(request, limits).await?;
		match answer.status {
			StatusCode::OK | StatusCode::ACCEPTED | StatusCode::NO_CONTENT => Ok(answer),
			status => {
				let body = answer.all().await?;
				Err(HttpError::Status(status, String::from_utf8_lossy(&body).trim().into()))
			}
		}
	}

	async fn read<T: DeserializeOwned>(
		&self,
		method: Method,
		path: &str,
		limits: Limits,
	) -> Result<T, HttpError> {
		let body = self.ask(method, path, limits).await?.all().await?;
		Ok(serde_json::from_slice(&body)?)
	}

	async fn status(&self, cid: &Cid) -> Result<Status, HttpError> {
		let path = format!("/pins/{cid}");
		match self.read::<GlobalPin>(Method::GET, &path, QUICK).await {
			Err(HttpError::Status(StatusCode::NOT_FOUND, _)) => Ok(Status::Unpinned),
			pin => Ok(sum(&pin?)),
		}
	}

	/// Until as many peers as it should be have the file.
	async fn arrive(&self, cid: &Cid) -> Result<(), Failure> {
		let path = format!(
			"/pins/{cid}?name={PIN_NAME}&mode=recursive&replication-min=1&replication-max={}",
			self.replication
		);
		let ordered = self.ask(Method::POST, &path, QUICK).await;
		ordered.map_err(|error| self.failure(error))?.all().await.map_err(|e| self.failure(e))?;
		// It goes on by itself; what it can't say is how far it is. So this waits, and comes again.
		let begun = Instant::now();
		loop {
			match self.status(cid).await.map_err(|error| self.failure(error))? {
				Status::Pinned(_) => return Ok(()),
				Status::Failed(reason) => {
					// Else it waits for as long as the cluster's settings say.
					let path = format!("/pins/{cid}/recover");
					let again = self.ask(Method::POST, &path, QUICK).await;
					again.map_err(|error| self.failure(error))?;
					let error = HttpError::Status(StatusCode::INTERNAL_SERVER_ERROR, reason);
					return Err(self.failure(error));
				}
				Status::Pinning | Status::Unpinned => {}
			}
			if begun.elapsed() > self.find {
				let text = format!("no peer of the cluster had it after {} s", self.find.as_secs());
				return Err(Failure::new(Code::NotFoundInTime, text));
			}
			sleep(POLL).await;
		}
	}

	async fn list(&self) -> Result<BTreeSet<Cid>, HttpError> {
		let mut answer = self.ask(Method::GET, "/pins?filter=pinned", LONG).await?;
		let mut pinned = BTreeSet::new();
		while let Some(line) = answer.line().await? {
			let pin: GlobalPin = serde_json::from_slice(&line)?;
			if pin.name == PIN_NAME && matches!(sum(&pin), Status::Pinned(_)) {
				pinned.extend(pin.cid.parse::<Cid>());
			}
			if pinned.len() > MAX_PINNED {
				return Err(HttpError::TooLarge);
			}
		}
		Ok(pinned)
	}
}

fn sum(pin: &GlobalPin) -> Status {
	let mut pinned = 0usize;
	let (mut at_work, mut failed) = (false, None);
	for peer in pin.peer_map.values() {
		match peer.status.as_str() {
			"pinned" => pinned = pinned.saturating_add(1),
			"pinning" | "pin_queued" | "queued" => at_work = true,
			"pin_error" | "error" | "cluster_error" | "unexpectedly_unpinned" => {
				let reason =
					if peer.error.is_empty() { peer.status.clone() } else { peer.error.clone() };
				failed = Some(reason);
			}
			// Allocated to others, or on its way out.
			_ => {}
		}
	}
	match (pinned, at_work, failed) {
		(1.., _, _) => Status::Pinned(pinned),
		(0, true, _) => Status::Pinning,
		(0, false, Some(reason)) => Status::Failed(reason),
		(0, false, None) => Status::Unpinned,
	}
}

impl Storage for Cluster {
	async fn ready(&self) -> Result<(), Failure> {
		let version: Version =
			self.read(Method::GET, "/version", QUICK).await.map_err(|e| self.failure(e))?;
		let major = version.version.split('.').next().and_then(|major| major.parse().ok());
		if major != Some(MAJOR) {
			let text = format!(
				"IPFS Cluster at {} is version {}; {MAJOR}.x is needed",
				self.url, version.version
			);
			return Err(Failure::new(Code::WrongVersion, text));
		}
		for kubo in &self.kubos {
			kubo.ready().await?;
		}
		Ok(())
	}

	/// A cluster doesn't say how much it has fetched, so `bound` is not held to while it fetches. The check
	/// afterwards finds what is too large.
	async fn pin(&self, cid: &Cid, _bound: Bound) -> Result<(), Failure> {
		self.arrive(cid).await
	}

	async fn unpin(&self, cid: &Cid) -> Result<(), Failure> {
		let path = format!("/pins/{cid}");
		match self.read::<GlobalPin>(Method::GET, &path, QUICK).await {
			Err(HttpError::Status(StatusCode::NOT_FOUND, _)) => return Ok(()),
			Err(error) => return Err(self.failure(error)),
			Ok(pin) if sum(&pin) == Status::Unpinned && pin.name.is_empty() => return Ok(()),
			Ok(pin) if pin.name == PIN_NAME => {}
			Ok(pin) => {
				let text = format!("pinned as {:?}, not by a bridge; it stays", pin.name);
				return Err(Failure::new(Code::ForeignPin, text));
			}
		}
		match self.ask(Method::DELETE, &path, QUICK).await {
			Err(HttpError::Status(StatusCode::NOT_FOUND, _)) => Ok(()),
			answer => answer.map(drop).map_err(|error| self.failure(error)),
		}
	}

	/// Here is any of the Kubos.
	async fn block(&self, cid: &Cid, reach: Reach) -> Result<Option<Bytes>, Failure> {
		let first = self.last.load(Ordering::Relaxed);
		let mut trouble = None;
		for (index, kubo) in
			self.kubos.iter().enumerate().cycle().skip(first).take(self.kubos.len())
		{
			match kubo.block(cid, Reach::Here).await {
				Ok(None) => {}
				Ok(block) => {
					self.last.store(index, Ordering::Relaxed);
					return Ok(block);
				}
				// Another may have it.
				Err(failure) => trouble = Some(failure),
			}
		}
		match (trouble, reach, self.kubos.first()) {
			(Some(failure), _, _) => Err(failure),
			(None, Reach::Network(_), Some(kubo)) => kubo.block(cid, reach).await,
			_ => Ok(None),
		}
	}

	async fn pinned(&self) -> Result<BTreeSet<Cid>, Failure> {
		self.list().await.map_err(|error| self.failure(error))
	}

	async fn collect(&self) -> Result<(), Failure> {
		let collected = self.read::<Collected>(Method::POST, "/ipfs/gc", LONG).await;
		let collected = collected.map_err(|error| self.failure(error))?;
		let failed = collected.peer_map.into_iter().find(|(_, peer)| !peer.error.is_empty());
		match failed {
			None => Ok(()),
			Some((peer, CollectedPeer { error })) => {
				let text = format!("the cluster's peer {peer} didn't collect: {error}");
				Err(Failure::new(Code::Refused, text))
			}
		}
	}

	/// Of all Kubos, divided by how many keep each file.
	async fn space(&self) -> Result<Space, Failure> {
		let mut sum = Space { used: 0, most: 0 };
		for kubo in &self.kubos {
			let Space { used, most } = kubo.space().await?;
			sum.used = sum.used.saturating_add(used);
			sum.most = sum.most.saturating_add(most);
		}
		let copies = u64::from(self.replication.max(1));
		let share = |bytes: u64| bytes.checked_div(copies).unwrap_or(bytes);
		Ok(Space { used: share(sum.used), most: share(sum.most) })
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn pin(peers: &[(&str, &str)]) -> GlobalPin {
		let peer_map = peers.iter().enumerate().map(|(index, (status, error))| {
			let pin = PeerPin { status: (*status).into(), error: (*error).into() };
			(index.to_string(), pin)
		});
		GlobalPin { cid: String::new(), name: PIN_NAME.into(), peer_map: peer_map.collect() }
	}

	#[test]
	fn one_peer_that_has_it_should_do() {
		assert_eq!(
			sum(&pin(&[("remote", ""), ("pinned", ""), ("pin_error", "no")])),
			Status::Pinned(1)
		);
		assert_eq!(sum(&pin(&[("pinning", ""), ("pin_error", "no")])), Status::Pinning);
	}

	#[test]
	fn a_failure_should_be_one_when_nobody_tries_any_more() {
		assert_eq!(sum(&pin(&[("remote", ""), ("pin_error", "no")])), Status::Failed("no".into()));
		let lost = Status::Failed("unexpectedly_unpinned".into());
		assert_eq!(sum(&pin(&[("unexpectedly_unpinned", "")])), lost);
		assert_eq!(sum(&pin(&[("remote", ""), ("unpinned", "")])), Status::Unpinned);
		assert_eq!(sum(&pin(&[])), Status::Unpinned);
	}
}
