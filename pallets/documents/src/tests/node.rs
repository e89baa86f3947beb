//! A node's outside world with a clock of its own: a bridge with a disk, which does what `rwa-bridge` does unless it is
//! told to behave badly; a store, a keystore, a transaction pool, and its log.

use std::{
	cell::RefCell,
	collections::{BTreeMap, BTreeSet},
	sync::{Arc, Mutex},
};

use codec::Decode;
use frame_support::{assert_ok, traits::Hooks};
use rwa_primitives::{
	app_key::KEY_TYPE,
	ipfs::Cid,
	json::{number_at, plain_at, Plain},
	worker::{LostReplica, StorageConfig, WorkerConfig, CONFIG_KEY},
};
use sp_core::{
	offchain::{
		testing::TestOffchainExt, Externalities, HttpError, HttpRequestId, HttpRequestStatus,
		OffchainDbExt, OffchainWorkerExt, OpaqueNetworkState, Timestamp, TransactionPool,
		TransactionPoolExt,
	},
	OpaquePeerId,
};
use sp_keystore::{testing::MemoryKeystore, Keystore, KeystoreExt};
use sp_runtime::offchain::storage::StorageValueRef;

use crate::{mock::*, Call};

pub(crate) const BRIDGE: &str = "http://127.0.0.1:8091";
pub(crate) const TOKEN: &str = "hunter2hunter2hunter2";

/// How the bridge behaves.
#[derive(Clone, Debug, Default)]
pub(crate) enum Manner {
	/// As it should.
	#[default]
	Well,
	/// Nobody there.
	Unreachable,
	/// It answers after so many milliseconds.
	Slow(u64),
	/// This status, and this body.
	Status(u16, String),
	/// A body that starts well and never ends.
	Endless,
	/// A byte of the body every so many milliseconds.
	Drips(u64),
	/// A body that breaks off in the middle.
	BreaksOff,
	/// 200, and this, whatever is asked.
	Says(String),
	/// Orders that it takes are done, whatever they are, and never were begun.
	ClaimsAll,
}

#[derive(Clone, Debug)]
enum How {
	Waiting,
	Done,
	Failed(u64),
}

#[derive(Clone, Debug)]
struct SimJob {
	/// As JSON.
	task: String,
	kind: String,
	cid: Cid,
	leaf: u64,
	how: How,
	error: Option<&'static str>,
	/// As JSON.
	result: Option<String>,
}

/// A request that the bridge got.
#[derive(Clone, Debug)]
pub(crate) struct Request {
	pub(crate) method: String,
	pub(crate) url: String,
	pub(crate) headers: Vec<(String, String)>,
	pub(crate) body: String,
	/// Bytes of the answer that were taken.
	pub(crate) read: usize,
	at: u64,
	answer: Option<(u16, String)>,
}

/// What the bridge knows, and what is on its disk.
#[derive(Default)]
pub(crate) struct State {
	now: u64,
	pub(crate) manner: Manner,
	jobs: BTreeMap<String, SimJob>,
	/// With the size, and whether all of it is there.
	pub(crate) pins: BTreeMap<Cid, (u64, bool)>,
	/// What is on disk, ordered or not.
	pub(crate) disk: BTreeSet<Cid>,
	/// What nobody has.
	pub(crate) nowhere: BTreeSet<Cid>,
	/// What fails for good, and why.
	pub(crate) bad: BTreeMap<Cid, &'static str>,
	/// What is answered with other blocks.
	pub(crate) lies: BTreeSet<Cid>,
	/// What is refused at once, and how.
	pub(crate) refused: BTreeMap<Cid, (u16, &'static str)>,
	/// What is pinned and was never ordered.
	pub(crate) orphans: Vec<Cid>,
	/// Whether attempts are under way all the time.
	pub(crate) busy: bool,
	/// Files on a page.
	pub(crate) page: usize,
	requests: Vec<Request>,
	pool: Vec<RuntimeCall>,
	pool_is_shut: bool,
}

fn text_at(body: &str, pointer: &str) -> String {
	match plain_at(body.as_bytes(), pointer) {
		Ok(Plain::Text(text)) => text,
		other => panic!("{body}: {other:?}"),
	}
}

fn integer_at(body: &str, pointer: &str) -> u64 {
	number_at(body.as_bytes(), pointer, false).unwrap().parse().unwrap()
}

fn error(status: u16, code: &str) -> (u16, String) {
	(status, format!(r#"{{"error":{{"code":"{code}","text":"because"}}}}"#))
}

/// Of a proof, as JSON.
fn proof_of(cid: &Cid, leaf: u64) -> String {
	let blocks = dag(cid).proof(leaf);
	let blocks = blocks.iter().map(|block| format!(r#""0x{}""#, hex::encode(block)));
	format!(r#"{{"blocks":[{}]}}"#, blocks.collect::<Vec<_>>().join(","))
}

impl State {
	fn answer(&mut self, request: &Request) -> (u16, String) {
		let bearer = ("Authorization".to_owned(), format!("Bearer {TOKEN}"));
		if !request.headers.contains(&bearer) {
			return error(401, "no_token");
		}
		let path = request.url.strip_prefix(BRIDGE).unwrap();
		match (request.method.as_str(), path) {
			("POST", "/jobs") => self.post(&request.body),
			("POST", "/reconcile") => {
				let orphans = self.orphans.iter().map(|cid| format!(r#""{cid}""#));
				let orphans = orphans.collect::<Vec<_>>().join(",");
				let found = format!(r#"{{"lost":[],"orphans":[{orphans}],"missing":0,"held":0}}"#);
				(200, format!(r#"{{"listed":null,"audit":{{"at":1,"differences":{found}}}}}"#))
			}
			("DELETE", path) => self.forget(path.strip_prefix("/jobs/").unwrap()),
			("GET", path) => self.list(path.strip_prefix("/pins").unwrap()),
			other => panic!("{other:?}"),
		}
	}

	fn post(&mut self, task: &str) -> (u16, String) {
		let kind = text_at(task, "/kind");
		let cid: Cid = text_at(task, "/cid").parse().unwrap();
		if let Some((status, code)) = self.refused.get(&cid) {
			return error(*status, code);
		}
		let leaf = if kind == "proof" { integer_at(task, "/leaf") } else { 0 };
		let id = match kind.as_str() {
			"proof" => format!("proof-{cid}-{leaf}"),
			kind => format!("{kind}-{cid}"),
		};
		let mut how = How::Waiting;
		match kind.as_str() {
			"pin" => {
				let size = integer_at(task, "/size");
				self.jobs.remove(&format!("unpin-{cid}"));
				let pin = *self.pins.entry(cid).or_insert((size, false));
				if pin.0 != size {
					return error(409, "other_size");
				}
				if pin.1 {
					how = How::Done;
				}
			}
			"unpin" => {
				self.pins.remove(&cid);
				let about = cid.to_string();
				self.jobs.retain(|id, _| !id.contains(&about) || id.starts_with("unpin"));
			}
			_ if !self.pins.contains_key(&cid) => return error(409, "unknown_pin"),
			_ => {}
		}
		let claims = matches!(self.manner, Manner::ClaimsAll);
		let result = claims.then(|| r#"{"blocks":[]}"#.to_owned());
		let job = SimJob { task: task.into(), kind, cid, leaf, how, error: None, result };
		let job = self.jobs.entry(id.clone()).or_insert(job);
		if claims {
			job.how = How::Done;
		}
		(200, shown(&id, job, self.busy))
	}

	fn forget(&mut self, id: &str) -> (u16, String) {
		let Some(job) = self.jobs.remove(id) else { return error(404, "unknown_job") };
		if job.kind == "pin" && self.pins.get(&job.cid).is_some_and(|(_, held)| !held) {
			let anew = SimJob { how: How::Waiting, error: None, ..job };
			self.jobs.insert(id.into(), anew);
		}
		(200, "{}".into())
	}

	fn list(&self, query: &str) -> (u16, String) {
		let after: Option<Cid> = query.strip_prefix("?after=").map(|cid| cid.parse().unwrap());
		let pins = self.pins.iter().filter(|(cid, _)| Some(**cid) > after);
		let pins = pins.map(|(cid, (size, _))| {
			format!(r#"{{"cid":"{cid}","size":{size},"since":1,"held":null,"losses":0}}"#)
		});
		let pins: Vec<_> = pins.take(self.page).collect();
		let more = pins.len() == self.page;
		(200, format!(r#"{{"pins":[{}],"more":{more}}}"#, pins.join(",")))
	}

	/// One attempt at each job that waits.
	fn work(&mut self) {
		let waiting = self.jobs.iter().filter(|(_, job)| matches!(job.how, How::Waiting));
		let waiting: Vec<_> = waiting.map(|(id, job)| (id.clone(), job.clone())).collect();
		for (id, mut job) in waiting {
			let cid = job.cid;
			match job.kind.as_str() {
				"pin" => match self.bad.get(&cid) {
					Some(code) => {
						(job.how, job.error) = (How::Failed(self.now), Some(*code));
					}
					None if self.nowhere.contains(&cid) && !self.disk.contains(&cid) => {
						job.error = Some("not_found_in_time");
					}
					None => {
						self.disk.insert(cid);
						self.pins.insert(cid, (integer_at(&job.task, "/size"), true));
						(job.how, job.error) = (How::Done, None);
					}
				},
				"unpin" => {
					self.disk.remove(&cid);
					self.orphans.retain(|orphan| *orphan != cid);
					job.how = How::Done;
				}
				_ if !self.disk.contains(&cid) => {
					(job.how, job.error) = (How::Failed(self.now), Some("missing_block"));
					self.lose(&cid);
				}
				_ => {
					let lies = self.lies.contains(&cid);
					let leaf = if lies { (job.leaf + 1) % 25 } else { job.leaf };
					(job.how, job.result) = (How::Done, Some(proof_of(&cid, leaf)));
				}
			}
			self.jobs.insert(id, job);
		}
	}

	/// The bridge's folder is lost. What is on Kubo's disk isn't.
	pub(crate) fn lose_store(&mut self) {
		self.pins.clear();
		self.jobs.clear();
	}

	/// A hole was found in a file: it is got again.
	pub(crate) fn lose(&mut self, cid: &Cid) {
		if let Some((_, held)) = self.pins.get_mut(cid) {
			*held = false;
			if let Some(job) = self.jobs.get_mut(&format!("pin-{cid}")) {
				(job.how, job.error) = (How::Waiting, None);
			}
		}
	}

	/// When the answer begins; `None`: the connection failed.
	fn head_at(&self, id: HttpRequestId) -> Option<u64> {
		let at = self.requests[usize::from(id.0)].at;
		match self.manner {
			Manner::Unreachable => None,
			Manner::Slow(after) => Some(at + after),
			_ => Some(at),
		}
	}

	/// Status and body. What a request does it does once.
	fn answered(&mut self, id: HttpRequestId) -> (u16, String) {
		let request = self.requests[usize::from(id.0)].clone();
		if let Some(answer) = request.answer {
			return answer;
		}
		let answer = match self.manner.clone() {
			Manner::Says(body) => (200, body),
			Manner::Status(status, body) => (status, body),
			_ => self.answer(&request),
		};
		self.requests[usize::from(id.0)].answer = Some(answer.clone());
		answer
	}
}

fn shown(id: &str, job: &SimJob, running: bool) -> String {
	let state = match job.how {
		How::Waiting => r#""state":"waiting","due":1"#.into(),
		How::Done => r#""state":"done","at":1"#.into(),
		How::Failed(at) => format!(r#""state":"failed","at":{at}"#),
	};
	let error = job.error.map(|code| format!(r#","error":{{"code":"{code}","text":"because"}}"#));
	let result = job.result.as_ref().map(|result| format!(r#","result":{result}"#));
	format!(
		r#"{{"task":{},{state},"posted_at":1,"number":1,"attempts":0{}{},"running":{running},"id":"{id}"}}"#,
		job.task,
		error.unwrap_or_default(),
		result.unwrap_or_default(),
	)
}

#[derive(Clone, Default)]
struct Outside(Arc<Mutex<State>>);

impl Externalities for Outside {
	fn is_validator(&self) -> bool {
		false // Makes no difference to storage nodes.
	}

	fn network_state(&self) -> Result<OpaqueNetworkState, ()> {
		Err(())
	}

	fn timestamp(&mut self) -> Timestamp {
		Timestamp::from_unix_millis(self.0.lock().unwrap().now)
	}

	fn sleep_until(&mut self, _: Timestamp) {
		panic!("a worker must not sleep");
	}

	fn random_seed(&mut self) -> [u8; 32] {
		panic!("nothing that storage nodes do is random");
	}

	fn http_request_start(
		&mut self,
		method: &str,
		url: &str,
		_: &[u8],
	) -> Result<HttpRequestId, ()> {
		let mut state = self.0.lock().unwrap();
		let at = state.now;
		let (method, url) = (method.into(), url.into());
		let (headers, body, read, answer) = (Vec::new(), String::new(), 0, None);
		state.requests.push(Request { method, url, headers, body, read, at, answer });
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
		id: HttpRequestId,
		chunk: &[u8],
		deadline: Option<Timestamp>,
	) -> Result<(), HttpError> {
		deadline.expect("a worker must not wait for ever");
		let mut state = self.0.lock().unwrap();
		state.requests[usize::from(id.0)].body += std::str::from_utf8(chunk).unwrap();
		Ok(())
	}

	fn http_response_wait(
		&mut self,
		ids: &[HttpRequestId],
		deadline: Option<Timestamp>,
	) -> Vec<HttpRequestStatus> {
		let mut state = self.0.lock().unwrap();
		let deadline = deadline.expect("a worker must not wait for ever").unix_millis();
		let last = ids.iter().filter_map(|id| state.head_at(*id)).max().unwrap_or(0);
		state.now = state.now.max(last.min(deadline));
		let mut status = |id: &HttpRequestId| match state.head_at(*id) {
			None => HttpRequestStatus::IoError,
			Some(at) if at > state.now => HttpRequestStatus::DeadlineReached,
			Some(_) => HttpRequestStatus::Finished(state.answered(*id).0),
		};
		ids.iter().map(&mut status).collect()
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
		let deadline = deadline.expect("a worker must not wait for ever").unix_millis();
		if state.now >= deadline {
			return Err(HttpError::DeadlineReached);
		}
		let (_, mut text) = state.answered(id);
		let read = state.requests[usize::from(id.0)].read;
		match state.manner {
			Manner::Endless => text += &" ".repeat(read + buffer.len()),
			Manner::BreaksOff if read > 0 => return Err(HttpError::IoError),
			Manner::BreaksOff => text.truncate(text.len() / 2),
			Manner::Drips(every) if state.now + every > deadline => {
				state.now = deadline;
				return Err(HttpError::DeadlineReached);
			}
			Manner::Drips(every) => {
				state.now += every;
				text.truncate(read + 1);
			}
			_ => {}
		}
		let rest = &text.as_bytes()[read..];
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
		let call = Extrinsic::decode(&mut &transaction[..]).unwrap().function;
		let ours = matches!(
			call,
			RuntimeCall::Documents(Call::notify { .. })
				| RuntimeCall::Documents(Call::prove { .. })
		);
		assert!(ours, "the worker sent {call:?}");
		// As the pool does: the same is in it once.
		if state.pool_is_shut || state.pool.contains(&call) {
			return Err(());
		}
		state.pool.push(call);
		Ok(())
	}
}

/// A node, as far as a worker can see it.
pub(crate) struct Node(Outside);

impl Node {
	/// Runs `test` on a chain in a node that holds the app keys of `operators`, and whose settings name the bridge; then
	/// checks every invariant of the chain.
	pub(crate) fn execute(chain: ExtBuilder, operators: &[Account], test: impl FnOnce(&Self)) {
		take_log();
		let outside = Outside::default();
		{
			let mut state = outside.0.lock().unwrap();
			(state.now, state.page) = (1_700_000_000_000, 1_000);
		}
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
			let node = Self(outside);
			node.configure([]);
			test(&node);
			check();
		});
	}

	/// The operator's settings, as the node stores them at start.
	pub(crate) fn configure(&self, lost: impl IntoIterator<Item = LostReplica>) {
		self.set(lost.into_iter().collect(), false);
	}

	/// The operator wants to leave.
	pub(crate) fn hand_over(&self) {
		self.set(Vec::new(), true);
	}

	fn set(&self, lost: Vec<LostReplica>, hand_over: bool) {
		let (bridge, token) = (BRIDGE.into(), TOKEN.into());
		let storage = Some(StorageConfig { bridge, token, lost, hand_over });
		let config = WorkerConfig { storage, ..WorkerConfig::default() };
		StorageValueRef::persistent(CONFIG_KEY).set(&config);
	}

	/// The bridge and all else outside.
	pub(crate) fn with<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
		f(&mut self.0 .0.lock().unwrap())
	}

	/// From now on the bridge behaves like this.
	pub(crate) fn bridge_is(&self, manner: Manner) {
		self.with(|state| state.manner = manner);
	}

	/// From now on the pool takes nothing, or does again.
	pub(crate) fn shut_pool(&self, shut: bool) {
		self.with(|state| state.pool_is_shut = shut);
	}

	/// One run of the worker; how many milliseconds it took. Then the bridge works.
	pub(crate) fn work(&self) -> u64 {
		let started = self.with(|state| state.now);
		Documents::offchain_worker(System::block_number());
		self.with(|state| {
			state.work();
			state.now - started
		})
	}

	/// So many blocks and seconds, in each of which the worker runs and what it sends is included.
	pub(crate) fn live(&self, blocks: u32) {
		for _ in 0..blocks {
			to_next_block();
			self.wait(1_000);
			self.work();
			self.include();
		}
	}

	/// The same without anything being included. All that was sent.
	pub(crate) fn live_apart(&self, blocks: u32) -> Vec<RuntimeCall> {
		let mut sent = Vec::new();
		for _ in 0..blocks {
			to_next_block();
			self.wait(1_000);
			self.work();
			sent.extend(self.take_pool());
		}
		sent
	}

	/// Time passes.
	pub(crate) fn wait(&self, milliseconds: u64) {
		self.with(|state| state.now += milliseconds);
	}

	/// What the bridge was asked so far.
	pub(crate) fn requests(&self) -> Vec<Request> {
		self.with(|state| state.requests.clone())
	}

	/// Bodies of the orders of this kind that the bridge got so far.
	pub(crate) fn orders(&self, kind: &str) -> Vec<String> {
		let kind = format!(r#"{{"kind":"{kind}""#);
		let bodies = self.requests().into_iter().map(|request| request.body);
		bodies.filter(|body| body.starts_with(&kind)).collect()
	}

	/// Takes everything out of the pool.
	pub(crate) fn take_pool(&self) -> Vec<RuntimeCall> {
		self.with(|state| core::mem::take(&mut state.pool))
	}

	/// Includes everything that is in the pool in this block.
	pub(crate) fn include(&self) -> Vec<RuntimeCall> {
		let calls = self.take_pool();
		for call in &calls {
			assert_ok!(authorize(call.clone()));
			assert_ok!(dispatch(call.clone()));
		}
		calls
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
