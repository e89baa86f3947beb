//! A node's outside world with a clock of its own: web sites that behave as badly as they like, a
//! store, a keystore, a transaction pool, and its log.
//!
//! The SDK's fake of the network knows neither time nor any status but 200.

use std::{
	cell::RefCell,
	collections::BTreeMap,
	sync::{Arc, Mutex},
};

use codec::Decode;
use rwa_primitives::{
	app_key::KEY_TYPE,
	feed::{FeedId, Statement},
	worker::{Conversion, ReadingRule, SourceConfig, WorkerConfig, CONFIG_KEY},
};
use sp_core::offchain::{
	testing::TestOffchainExt, Externalities, HttpError, HttpRequestId, HttpRequestStatus,
	OffchainDbExt, OffchainWorkerExt, OpaqueNetworkState, Timestamp, TransactionPool,
	TransactionPoolExt,
};
use sp_core::OpaquePeerId;
use sp_keystore::{testing::MemoryKeystore, Keystore, KeystoreExt};
use sp_runtime::offchain::storage::StorageValueRef;

use crate::{mock::*, Call};

/// How a site behaves.
#[derive(Clone, Debug)]
pub(crate) enum Site {
	/// 200 and this body, at once.
	Answers(String),
	/// This status, and a body that would do.
	Status(u16),
	/// 200 and a body that would do, after so many milliseconds.
	Slow(u64),
	/// Nobody there.
	Unreachable,
	/// 200, and a body that starts well and never ends.
	Endless,
	/// 200, and a byte of the body every so many milliseconds.
	Drips(u64),
	/// 200, and a body that breaks off after this.
	BreaksOff(String),
}

/// A body that says `value` under `/value`.
pub(crate) fn body(value: &str) -> String {
	format!(r#"{{"station": "roof", "value": {value}}}"#)
}

#[derive(Default)]
struct State {
	now: u64,
	sites: BTreeMap<String, Site>,
	requests: Vec<Request>,
	pool: Vec<Signed>,
	/// What was sent to show measurements.
	shown: Vec<RuntimeCall>,
	/// The pool takes nothing about these.
	refused: Vec<FeedId>,
	seeds: u8,
}

/// A request that a site got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
	pub(crate) method: String,
	pub(crate) url: String,
	pub(crate) headers: Vec<(String, String)>,
	/// Bytes of the answer that were taken.
	pub(crate) read: usize,
	at: u64,
}

#[derive(Clone, Default)]
struct Outside(Arc<Mutex<State>>);

impl State {
	fn site(&self, id: HttpRequestId) -> Site {
		let url = &self.requests[usize::from(id.0)].url;
		self.sites.get(url).cloned().unwrap_or(Site::Unreachable)
	}

	/// When the site has sent status and headers; `None`: the connection failed.
	fn head_at(&self, id: HttpRequestId) -> Option<u64> {
		let at = self.requests[usize::from(id.0)].at;
		match self.site(id) {
			Site::Unreachable => None,
			Site::Slow(after) => Some(at + after),
			_ => Some(at),
		}
	}
}

impl Externalities for Outside {
	fn is_validator(&self) -> bool {
		false // Makes no difference to oracles.
	}

	fn network_state(&self) -> Result<OpaqueNetworkState, ()> {
		Err(())
	}

	fn timestamp(&mut self) -> Timestamp {
		self.0.lock().unwrap().now.into()
	}

	fn sleep_until(&mut self, deadline: Timestamp) {
		let mut state = self.0.lock().unwrap();
		state.now = state.now.max(deadline.into());
	}

	fn random_seed(&mut self) -> [u8; 32] {
		let mut state = self.0.lock().unwrap();
		state.seeds += 1;
		[state.seeds; 32]
	}

	fn http_request_start(
		&mut self,
		method: &str,
		url: &str,
		_: &[u8],
	) -> Result<HttpRequestId, ()> {
		let mut state = self.0.lock().unwrap();
		let at = state.now;
		if !url.starts_with("http") {
			return Err(());
		}
		let (method, url) = (method.into(), url.into());
		state.requests.push(Request { method, url, headers: vec![], read: 0, at });
		Ok(HttpRequestId(u16::try_from(state.requests.len() - 1).unwrap()))
	}

	fn http_request_add_header(
		&mut self,
		id: HttpRequestId,
		name: &str,
		value: &str,
	) -> Result<(), ()> {
		let mut state = self.0.lock().unwrap();
		state.requests[usize::from(id.0)].headers.push((name.into(), value.into()));
		Ok(())
	}

	fn http_request_write_body(
		&mut self,
		_: HttpRequestId,
		_: &[u8],
		_: Option<Timestamp>,
	) -> Result<(), HttpError> {
		Ok(())
	}

	fn http_response_wait(
		&mut self,
		ids: &[HttpRequestId],
		deadline: Option<Timestamp>,
	) -> Vec<HttpRequestStatus> {
		let mut state = self.0.lock().unwrap();
		let deadline: u64 = deadline.expect("a worker must not wait for ever").into();
		let last = ids.iter().filter_map(|id| state.head_at(*id)).max().unwrap_or(0);
		state.now = state.now.max(last.min(deadline));
		let status = |id: &HttpRequestId| match (state.head_at(*id), state.site(*id)) {
			(None, _) => HttpRequestStatus::IoError,
			(Some(at), _) if at > state.now => HttpRequestStatus::DeadlineReached,
			(_, Site::Status(status)) => HttpRequestStatus::Finished(status),
			_ => HttpRequestStatus::Finished(200),
		};
		ids.iter().map(status).collect()
	}

	fn http_response_headers(&mut self, _: HttpRequestId) -> Vec<(Vec<u8>, Vec<u8>)> {
		Vec::new()
	}

	fn http_response_read_body(
		&mut self,
		id: HttpRequestId,
		buffer: &mut [u8],
		deadline: Option<Timestamp>,
	) -> Result<usize, HttpError> {
		let mut state = self.0.lock().unwrap();
		let deadline: u64 = deadline.expect("a worker must not wait for ever").into();
		let read = state.requests[usize::from(id.0)].read;
		let (text, broken) = match state.site(id) {
			Site::Answers(text) => (text, false),
			Site::Slow(_) | Site::Status(_) => (body("20.5"), false),
			Site::BreaksOff(text) => (text, true),
			Site::Endless => (body("20.5") + &" ".repeat(read + buffer.len()), false),
			Site::Drips(every) if state.now + every > deadline => {
				state.now = deadline;
				return Err(HttpError::DeadlineReached);
			}
			Site::Drips(every) => {
				state.now += every;
				(body("20.5")[..=read].to_owned(), false)
			}
			Site::Unreachable => return Err(HttpError::IoError),
		};
		let rest = &text.as_bytes()[read..];
		if rest.is_empty() && broken {
			return Err(HttpError::IoError);
		}
		let size = rest.len().min(buffer.len());
		buffer[..size].copy_from_slice(&rest[..size]);
		state.requests[usize::from(id.0)].read += size;
		Ok(size)
	}

	fn set_authorized_nodes(&mut self, _: Vec<OpaquePeerId>, _: bool) {}
}

impl TransactionPool for Outside {
	fn submit_transaction(&mut self, transaction: Vec<u8>) -> Result<(), ()> {
		let mut state = self.0.lock().unwrap();
		let (batch, signature) = match Extrinsic::decode(&mut &transaction[..]).unwrap().function {
			RuntimeCall::Oracle(Call::submit { batch, signature }) => (batch, signature),
			call @ RuntimeCall::Oracle(Call::show_measurement { .. }) => {
				// As the pool does: the same is in it once.
				let is_new = !state.shown.contains(&call);
				return is_new.then(|| state.shown.push(call)).ok_or(());
			}
			other => panic!("the worker sent {other:?}"),
		};
		if batch.statements.iter().any(|statement| state.refused.contains(&statement.feed)) {
			return Err(());
		}
		state.pool.push((batch, signature));
		Ok(())
	}
}

/// A node, as far as a worker can see it.
pub(crate) struct Node(Outside);

impl Node {
	/// Runs `test` on a chain in a node that holds the app keys of `operators`; then checks every
	/// invariant of the chain.
	pub(crate) fn execute(chain: ExtBuilder, operators: &[Account], test: impl FnOnce(&Self)) {
		take_log();
		let outside = Outside::default();
		outside.0.lock().unwrap().now = 1_700_000_000_000;
		let keystore = MemoryKeystore::new();
		for operator in operators {
			keystore.sr25519_generate_new(KEY_TYPE, Some(&seed(*operator))).unwrap();
		}
		let mut ext = chain.build();
		ext.register_extension(OffchainWorkerExt::new(outside.clone()));
		ext.register_extension(OffchainDbExt::new(TestOffchainExt::new().0));
		ext.register_extension(TransactionPoolExt::new(outside.clone()));
		ext.register_extension(KeystoreExt::new(keystore));
		ext.execute_with(|| {
			test(&Self(outside));
			frame_support::assert_ok!(Oracle::do_try_state());
		});
	}

	/// The operator's settings, as the node stores them at start.
	pub(crate) fn configure(&self, sources: impl IntoIterator<Item = SourceConfig>) {
		let oracle = sources.into_iter().collect();
		let config = WorkerConfig { oracle, storage: None };
		StorageValueRef::persistent(CONFIG_KEY).set(&config);
	}

	/// From now on, what is at `url` behaves like this.
	pub(crate) fn site(&self, url: &str, site: Site) {
		self.0 .0.lock().unwrap().sites.insert(url.into(), site);
	}

	/// From now on the pool takes nothing that says something about these.
	pub(crate) fn refuse(&self, feeds: impl IntoIterator<Item = FeedId>) {
		self.0 .0.lock().unwrap().refused = feeds.into_iter().collect();
	}

	/// One run of the worker; how many milliseconds it took.
	pub(crate) fn work(&self) -> u64 {
		use frame_support::traits::Hooks;
		let started = self.now();
		Oracle::offchain_worker(System::block_number());
		self.now() - started
	}

	pub(crate) fn now(&self) -> u64 {
		self.0 .0.lock().unwrap().now
	}

	/// Time passes.
	pub(crate) fn wait(&self, milliseconds: u64) {
		self.0 .0.lock().unwrap().now += milliseconds;
	}

	/// What the sites were asked so far.
	pub(crate) fn requests(&self) -> Vec<Request> {
		self.0 .0.lock().unwrap().requests.clone()
	}

	/// Takes everything out of the pool.
	pub(crate) fn take_batches(&self) -> Vec<Signed> {
		core::mem::take(&mut self.0 .0.lock().unwrap().pool)
	}

	/// Takes out of the pool what was sent to show measurements.
	pub(crate) fn take_shown(&self) -> Vec<RuntimeCall> {
		core::mem::take(&mut self.0 .0.lock().unwrap().shown)
	}

	/// Includes everything that is in the pool in this block.
	pub(crate) fn include_batches(&self) -> Vec<Signed> {
		let batches = self.take_batches();
		for batch in &batches {
			frame_support::assert_ok!(authorize(batch.clone()));
			frame_support::assert_ok!(dispatch(batch.clone()));
		}
		batches
	}

	/// Includes everything that is in the pool in this block. Who said what, in the order in which it was sent.
	pub(crate) fn include(&self) -> Vec<(Account, Statement)> {
		let mut said = Vec::new();
		for (batch, _) in self.include_batches() {
			let account = Operators::get()[&batch.key].0;
			said.extend(batch.statements.into_iter().map(|statement| (account, statement)));
		}
		said
	}
}

/// Settings for `feed` at `url`: a number in the feed's unit.
pub(crate) fn source(feed: FeedId, url: &str) -> SourceConfig {
	let conversion = Conversion::default();
	let reading = ReadingRule::Scalar { pointer: "/value".into(), text: false, conversion };
	source_of(feed, url, reading)
}

/// Settings for `feed` at `url`.
pub(crate) fn source_of(feed: FeedId, url: &str, reading: ReadingRule) -> SourceConfig {
	SourceConfig {
		feed,
		url: url.into(),
		reading,
		content: None,
		timeout_ms: 1_500,
		max_bytes: 16_384,
		headers: Vec::new(),
		watch_every: None,
	}
}

thread_local! {
	static LOG: RefCell<Vec<(log::Level, String)>> = const { RefCell::new(Vec::new()) };
}

/// Called by the pallet for each line that it logs.
pub(crate) fn note_log(level: log::Level, line: String) {
	LOG.with_borrow_mut(|log| log.push((level, line)));
}

/// What this pallet has logged in this test since the last time, whatever the level.
pub(crate) fn take_log() -> Vec<(log::Level, String)> {
	LOG.take()
}

/// Like [`take_log`], but only warnings and errors.
pub(crate) fn take_warnings() -> Vec<String> {
	let log = take_log().into_iter();
	log.filter(|(level, _)| *level <= log::Level::Warn).map(|(_, line)| line).collect()
}
