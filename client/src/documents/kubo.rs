//! One Kubo, by its RPC.

use super::{
	error::{AddressError, KuboError},
	http::{boundary, upload, Answer, Http, Limits, Pipe, Upload},
	request::{Add, Added, BlockHere, Cat, Unpin},
};
use hyper::{
	header::HeaderValue,
	http::uri::{Scheme, Uri},
};
use ipfs_api::{IpfsClient, TryFromUri};
use ipfs_api_prelude::{request::Version, ApiRequest, Backend};
use rwa_primitives::ipfs::{dag_pb, unixfs, Cid, Codec, Layout};
use serde::Deserialize;
use std::{fmt, future::Future, net::IpAddr, time::Duration};

/// Oldest version that is taken: the first in which `add` lets the links of a node be chosen.
pub const OLDEST: [u32; 2] = [0, 34];

/// Newest version that is taken. What a later one makes of the same file isn't known; the CIDs would tell.
pub const NEWEST: [u32; 2] = [0, 49];

/// For how long Kubo may be silent unless told otherwise.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many times that long Kubo may take to bring a file to its disk, once it has all of it.
const FINISH: u32 = 5;

/// Most bytes of an answer that isn't a file.
const SMALL: u64 = 64 << 10;

/// Most bytes of a block that is looked at to see what is set wrongly.
const BLOCK: u64 = 2 << 20;

/// One Kubo.
#[derive(Clone)]
pub struct Kubo {
	url: String,
	host: String,
	/// Makes requests. Sends none.
	maker: IpfsClient,
	http: Http,
	token: Option<HeaderValue>,
	patience: Duration,
}

/// Where, and no token.
impl fmt::Debug for Kubo {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Kubo").field("url", &self.url).finish_non_exhaustive()
	}
}

#[derive(Deserialize)]
struct VersionAnswer {
	#[serde(rename = "Version")]
	version: String,
}

impl Kubo {
	/// The Kubo whose RPC is at `url`, such as `http://127.0.0.1:5001`. It may want a token, which is sent as a
	/// bearer's. Nothing is asked yet.
	///
	/// # Errors
	/// See [`AddressError`].
	pub fn new(url: &str, token: Option<&str>) -> Result<Self, AddressError> {
		let uri: Uri = url.parse().map_err(|_| AddressError::Unreadable)?;
		let scheme = uri.scheme().ok_or(AddressError::Unreadable)?;
		if *scheme != Scheme::HTTP {
			return Err(AddressError::Scheme);
		}
		let authority = uri.authority().ok_or(AddressError::Unreadable)?;
		if authority.as_str().contains('@') || uri.path() != "/" || uri.query().is_some() {
			return Err(AddressError::Rest);
		}
		let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_string();
		let url = format!("http://{authority}");
		let maker = IpfsClient::from_str(&url).map_err(|_| AddressError::Unreadable)?;
		let bearer = |token: &str| HeaderValue::from_str(&format!("Bearer {token}"));
		let token = token.map(bearer).transpose().map_err(|_| AddressError::Token)?;
		let token = token.map(|mut token| {
			token.set_sensitive(true);
			token
		});
		Ok(Self { url, host, maker, http: Http::new(), token, patience: PATIENCE })
	}

	/// The same, which may be silent for another time than a minute.
	pub fn with_patience(self, patience: Duration) -> Self {
		Self { patience, ..self }
	}

	/// Where it is.
	pub fn url(&self) -> &str {
		&self.url
	}

	/// Whether it is on this machine: what goes there, goes nowhere else.
	pub fn is_local(&self) -> bool {
		match self.host.parse::<IpAddr>() {
			Ok(address) => address.is_loopback(),
			Err(_) => self.host == "localhost",
		}
	}

	/// That it is there, and of a version that is known.
	///
	/// # Errors
	/// See [`KuboError`].
	pub async fn ready(&self) -> Result<(), KuboError> {
		let answer = self.ask(Version, None, self.quick(SMALL)).await?.all().await?;
		let VersionAnswer { version } = parse(&answer)?;
		match is_known(&version) {
			true => Ok(()),
			false => Err(KuboError::Version(version.chars().take(40).collect())),
		}
	}

	/// For how long it may be silent.
	pub(super) const fn patience(&self) -> Duration {
		self.patience
	}

	/// For how long it may be silent once it has all of a file.
	pub(super) fn finish(&self) -> Duration {
		self.patience.saturating_mul(FINISH)
	}

	/// A file that is added and pinned as its bytes go into the pipe. Then the CID that Kubo has given it.
	pub(super) fn add(&self) -> (Pipe, impl Future<Output = Result<String, KuboError>> + '_) {
		let boundary = boundary();
		let (pipe, upload) = upload(boundary.as_deref().unwrap_or_default().into());
		let added = async move {
			boundary?;
			// Whoever sends looks at the time: an answer comes when all was sent.
			let limits = Limits { head: None, idle: self.finish(), bytes: SMALL };
			let mut answer = self.ask(Add::document(), Some(upload), limits).await?;
			let mut found = None;
			while let Some(line) = answer.line().await? {
				found = parse::<Added>(&line)?.cid.or(found);
			}
			found.ok_or_else(|| KuboError::Nonsense("it says nothing of the file".into()))
		};
		(pipe, added)
	}

	/// That Kubo's CID of a file of `size` bytes is `expected`. If not, the file is unpinned.
	pub(super) async fn same(
		&self,
		expected: Cid,
		found: String,
		size: u64,
	) -> Result<(), KuboError> {
		if found == expected.to_string() {
			return Ok(());
		}
		let found: String = found.chars().take(120).collect();
		let why = self.why(&found, size).await;
		let unpin = self.ask(Unpin { arg: &found, recursive: true }, None, self.quick(SMALL));
		// It does no harm there, beside taking up room; what matters is what is set wrongly.
		let _ = unpin.await;
		Err(KuboError::OtherCid { expected, found, why })
	}

	/// The bytes of a file, from wherever they are.
	pub(super) async fn cat(&self, cid: &Cid, size: u64) -> Result<Answer, KuboError> {
		let path = format!("/ipfs/{cid}");
		let limits = Limits {
			head: Some(self.patience),
			idle: self.patience,
			// That there are more than there should be shows from the first that is.
			bytes: size.saturating_add(SMALL),
		};
		self.ask(Cat { arg: &path, progress: false }, None, limits).await
	}

	/// What is set so that a file of `size` bytes has another CID than it should.
	async fn why(&self, found: &str, size: u64) -> String {
		let cid = match found.parse::<Cid>() {
			Ok(cid) => cid,
			Err(error) => {
				return format!(
					"{error}; is something between here and Kubo that changes requests?"
				)
			}
		};
		let asked = BlockHere { arg: found, offline: true };
		let block = match self.ask(asked, None, self.quick(BLOCK)).await {
			Ok(answer) => answer.all().await,
			Err(error) => Err(error),
		};
		let reason = block.ok().and_then(|block| layout_of(&cid, &block, size));
		reason.unwrap_or_else(|| {
			"the bytes were changed on their way, or Kubo's blocks are damaged".into()
		})
	}

	const fn quick(&self, bytes: u64) -> Limits {
		Limits { head: Some(self.patience), idle: self.patience, bytes }
	}

	async fn ask<Req: ApiRequest>(
		&self,
		request: Req,
		upload: Option<Upload>,
		limits: Limits,
	) -> Result<Answer, KuboError> {
		let made = self.maker.build_base_request(request, None);
		let made = made.map_err(|error| KuboError::Nonsense(error.to_string()))?;
		let (head, _) = made.into_parts();
		let url = head.uri.to_string();
		let asked = self.http.ask(head.method.as_str(), &url, self.token.as_ref(), upload, limits);
		asked.await.map_err(KuboError::sorted)
	}
}

fn parse<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, KuboError> {
	serde_json::from_slice(bytes).map_err(|error| KuboError::Nonsense(error.to_string()))
}

fn is_known(version: &str) -> bool {
	let mut numbers = version.split(['.', '-']).map(|number| number.parse::<u32>().ok());
	match (numbers.next().flatten(), numbers.next().flatten()) {
		(Some(major), Some(minor)) => (OLDEST..=NEWEST).contains(&[major, minor]),
		_ => false,
	}
}

/// What differs in the layout of a file of `size` bytes whose root is `block`. `None`: nothing that shows.
fn layout_of(cid: &Cid, block: &[u8], size: u64) -> Option<String> {
	let layout = Layout::DOCUMENT;
	let chunk = u64::from(layout.chunk());
	let chunker = || {
		format!("it cuts files into other pieces than size-{chunk}, as if it had not been asked (its setting Import.UnixFSChunker)")
	};
	if cid.codec == Codec::Raw {
		return (size > chunk).then(chunker);
	}
	let node = dag_pb::decode(block).ok()?;
	let links = u64::from(layout.links());
	if u64::try_from(node.links.len()).unwrap_or(u64::MAX) > links {
		return Some(format!(
			"it gives a node more than {links} links: it doesn't know max-file-links (its setting \
			 Import.UnixFSFileMaxLinks)"
		));
	}
	let file = unixfs::decode(node.data).ok()?;
	let first = *file.shares.first()?;
	if file.size != size {
		return Some(format!("it has a file of {} bytes, and {size} were sent", file.size));
	}
	// Full nodes hold a chunk, 32 chunks, 1,024 and so on.
	let mut full = chunk;
	while full < first {
		full = full.checked_mul(links)?;
	}
	(full != first).then(chunker)
}

#[cfg(test)]
mod tests {
	use super::*;
	use rwa_documents::DagBuilder;

	#[test]
	fn only_known_versions_should_do() {
		for known in ["0.34.0", "0.38.2", "0.43.0", "0.43.1-rc1", "0.49.9"] {
			assert!(is_known(known), "{known}");
		}
		for unknown in ["0.33.9", "0.4.23", "0.50.0", "1.40.0", "", "0", "latest", "0.-34"] {
			assert!(!is_known(unknown), "{unknown}");
		}
	}

	#[test]
	fn only_addresses_of_an_rpc_should_do() {
		for (url, local) in [
			("http://127.0.0.1:5001", true),
			("http://127.9.9.9:5001/", true),
			("http://localhost:5001", true),
			("http://[::1]:5001", true),
			("http://10.0.0.1:5001", false),
			("http://kubo.example:5001", false),
			("http://127.0.0.1.example:5001", false),
			("http://localhost.example", false),
		] {
			assert_eq!(Kubo::new(url, None).unwrap().is_local(), local, "{url}");
		}
		for (url, error) in [
			("", AddressError::Unreadable),
			("127.0.0.1:5001", AddressError::Unreadable),
			("/ip4/127.0.0.1/tcp/5001", AddressError::Unreadable),
			("https://127.0.0.1:5001", AddressError::Scheme),
			("http://me:secret@127.0.0.1:5001", AddressError::Rest),
			("http://127.0.0.1:5001/api/v0", AddressError::Rest),
			("http://127.0.0.1:5001/?a=b", AddressError::Rest),
		] {
			assert_eq!(Kubo::new(url, None).map(drop), Err(error), "{url}");
		}
		let token = Kubo::new("http://127.0.0.1:5001", Some("a\nb")).map(drop);
		assert_eq!(token, Err(AddressError::Token));
	}

	#[test]
	fn a_token_should_not_be_shown() {
		let kubo = Kubo::new("http://127.0.0.1:5001", Some("hunter2")).unwrap();
		assert!(!format!("{kubo:?}").contains("hunter2"));
		assert!(!format!("{:?}", kubo.token).contains("hunter2"));
	}

	/// What is said of a file of so many bytes that is laid out otherwise.
	fn said(size: usize, chunk: u32, links: u32) -> Option<String> {
		let mut builder = DagBuilder::new(Layout::new(chunk, links).unwrap());
		let mut root = None;
		builder.push_with(&vec![7; size], |cid, block| root = Some((cid, block.to_vec())));
		let dag = builder.finish_with(|cid, block| root = Some((cid, block.to_vec())));
		let (cid, block) = root.unwrap();
		assert_eq!(cid, dag.cid);
		layout_of(&cid, &block, size as u64)
	}

	#[test]
	fn what_is_set_wrongly_should_be_said() {
		for size in [100, 4_096, 4_097, 131_072, 131_073, 5 << 20] {
			assert_eq!(said(size, 4_096, 32), None, "{size}");
		}
		for (size, chunk, links, setting) in [
			(200_000, 262_144, 32, "Import.UnixFSChunker"),
			(600_000, 262_144, 174, "Import.UnixFSChunker"),
			(600_000, 4_096, 174, "Import.UnixFSFileMaxLinks"),
			(5 << 20, 8_192, 32, "Import.UnixFSChunker"),
			(5 << 20, 4_096, 16, "Import.UnixFSChunker"),
		] {
			let said = said(size, chunk, links).unwrap();
			assert!(said.contains(setting), "{size}, {chunk}, {links}: {said}");
		}
	}
}
