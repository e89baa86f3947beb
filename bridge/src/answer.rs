//! What is asked over HTTP, and what is answered.

use crate::{
	desk::Desk,
	job::{Job, Task},
	queue::{QueueError, Refusal, PAGE},
};
use rwa_primitives::{ipfs::Cid, Moment};
use serde::Deserialize;
use serde_json::{json, Value};
use std::fmt::Write;

/// Most bytes of an order.
pub const MAX_ORDER: usize = 4 << 10;
/// Most bytes of a list to compare with: some ten thousand files.
pub const MAX_LIST: usize = 1 << 20;

/// A request, with all of its body.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
	/// `GET`, for example.
	pub method: &'a str,
	/// Of the address, from the first slash on, without what follows a question mark.
	pub path: &'a str,
	/// What follows the question mark.
	pub query: &'a str,
	/// The body.
	pub body: &'a [u8],
	/// Whether it came with the token.
	pub trusted: bool,
}

/// Status and body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
	/// HTTP's status.
	pub status: u16,
	/// What the body is.
	pub content_type: &'static str,
	/// The body.
	pub body: String,
	/// Methods that would do, if that is what is wrong.
	pub allow: Option<&'static str>,
}

impl Answer {
	fn json(status: u16, body: &Value) -> Self {
		let content_type = "application/json";
		Self { status, content_type, body: body.to_string(), allow: None }
	}

	/// An error, with a word for programs and a sentence for people.
	pub fn error(status: u16, code: &str, text: &str) -> Self {
		Self::json(status, &json!({ "error": { "code": code, "text": text } }))
	}
}

/// Most bytes of the body of such a request.
pub fn most_bytes(path: &str) -> usize {
	match path {
		"/reconcile" => MAX_LIST,
		_ => MAX_ORDER,
	}
}

/// Answers. Reads and writes the queue, which blocks for milliseconds.
pub fn answer(desk: &Desk, question: Question, now: Moment) -> Answer {
	let Question { method, path, query, body, trusted } = question;
	let (page, rest) = match path.trim_start_matches('/').split_once('/') {
		Some((page, rest)) => (page, Some(rest)),
		None => (path.trim_start_matches('/'), None),
	};
	if !trusted && !matches!(page, "health" | "metrics") {
		let text = "give the token of the settings: `Authorization: Bearer …`";
		return Answer::error(401, "no_token", text);
	}
	let result = match (method, page, rest) {
		("GET" | "HEAD", "health", None) => Ok(health(desk, trusted)),
		("GET" | "HEAD", "metrics", None) => Ok(metrics(desk, trusted)),
		("POST", "jobs", None) => post(desk, body, now),
		("GET", "jobs", None) => jobs(desk, query),
		("GET", "jobs", Some(id)) => job(desk, id),
		("DELETE", "jobs", Some(id)) => {
			desk.queue.forget(id, now).map(|()| Answer::json(200, &json!({})))
		}
		("GET", "pins", None) => pins(desk, query),
		("GET", "pins", Some(cid)) => pin(desk, cid),
		("POST", "reconcile", None) => reconcile(desk, body),
		(_, "health" | "metrics", None) => return wrong_method("GET, HEAD"),
		(_, "jobs", None) => return wrong_method("GET, POST"),
		(_, "jobs", Some(_)) => return wrong_method("GET, DELETE"),
		(_, "pins", _) => return wrong_method("GET"),
		(_, "reconcile", None) => return wrong_method("POST"),
		_ => return Answer::error(404, "no_page", "there is no such page"),
	};
	result.unwrap_or_else(|error| refused(&error))
}

fn wrong_method(allow: &'static str) -> Answer {
	let text = format!("only {allow}");
	Answer { allow: Some(allow), ..Answer::error(405, "wrong_method", &text) }
}

fn refused(error: &QueueError) -> Answer {
	let (status, code) = match error {
		QueueError::Refused(refusal) => match refusal {
			Refusal::Task(crate::job::TaskError::WrongCodec { .. }) => (422, "wrong_codec"),
			Refusal::Task(crate::job::TaskError::TooLarge { .. }) => (422, "too_large"),
			Refusal::OtherSize { .. } => (409, "other_size"),
			Refusal::UnknownPin => (409, "unknown_pin"),
			Refusal::NoSuchLeaf { .. } => (422, "no_such_leaf"),
			Refusal::QueueFull => (503, "queue_full"),
			Refusal::TooManyPins => (507, "too_many_pins"),
			Refusal::UnknownJob => (404, "unknown_job"),
			Refusal::Unfinished => (409, "unfinished"),
		},
		QueueError::Locked | QueueError::Store(_) => (503, "store"),
		QueueError::Damaged(_) => (500, "store_damaged"),
	};
	Answer::error(status, code, &error.to_string())
}

fn malformed(error: &serde_json::Error) -> Answer {
	Answer::error(400, "malformed", &crate::shown(&error.to_string(), 200))
}

fn post(desk: &Desk, body: &[u8], now: Moment) -> Result<Answer, QueueError> {
	let task: Task = match serde_json::from_slice(body) {
		Ok(task) => task,
		Err(error) => return Ok(malformed(&error)),
	};
	let job = desk.post(task, now)?;
	let status = if job.is_over() { 200 } else { 202 };
	Ok(Answer::json(status, &shown(desk, &job)))
}

fn job(desk: &Desk, id: &str) -> Result<Answer, QueueError> {
	let job = desk.queue.get(id)?.ok_or(Refusal::UnknownJob)?;
	Ok(Answer::json(200, &shown(desk, &job)))
}

/// A job, with its id, and whether somebody is at it.
fn shown(desk: &Desk, job: &Job) -> Value {
	let id = job.task.id();
	let mut value = serde_json::to_value(job).unwrap_or_default();
	if let Some(fields) = value.as_object_mut() {
		fields.insert("running".into(), json!(desk.is_running(&id)));
		fields.insert("id".into(), json!(id));
	}
	value
}

/// The value of a parameter. Ids and CIDs need no escaping.
fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
	let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
	pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

fn jobs(desk: &Desk, query: &str) -> Result<Answer, QueueError> {
	let jobs = desk.queue.jobs(parameter(query, "after").unwrap_or_default())?;
	let more = jobs.len() == PAGE;
	let jobs: Vec<_> = jobs.iter().map(|job| shown(desk, job)).collect();
	Ok(Answer::json(200, &json!({ "jobs": jobs, "more": more })))
}

fn pins(desk: &Desk, query: &str) -> Result<Answer, QueueError> {
	let after = match parameter(query, "after").map(str::parse::<Cid>).transpose() {
		Ok(after) => after,
		Err(error) => return Ok(Answer::error(400, "malformed", &error.to_string())),
	};
	let pins = desk.queue.pins(after.as_ref())?;
	let more = pins.len() == PAGE;
	let pins: Vec<_> = pins.iter().map(|(cid, pin)| pin_value(cid, pin)).collect();
	Ok(Answer::json(200, &json!({ "pins": pins, "more": more })))
}

fn pin(desk: &Desk, cid: &str) -> Result<Answer, QueueError> {
	let cid = match cid.parse::<Cid>() {
		Ok(cid) => cid,
		Err(error) => return Ok(Answer::error(400, "malformed", &error.to_string())),
	};
	match desk.queue.pin(&cid)? {
		Some(pin) => Ok(Answer::json(200, &pin_value(&cid, &pin))),
		None => Ok(Answer::error(404, "unknown_pin", &Refusal::UnknownPin.to_string())),
	}
}

fn pin_value(cid: &Cid, pin: &crate::queue::Pin) -> Value {
	let mut value = serde_json::to_value(pin).unwrap_or_default();
	if let Some(fields) = value.as_object_mut() {
		fields.insert("cid".into(), json!(cid.to_string()));
	}
	value
}

/// What should be kept, as somebody else knows it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
	#[serde(default)]
	wanted: Option<Vec<Listed>>,
	/// The list says nothing of files up to here, in the order of their bytes.
	#[serde(default)]
	after: Option<Text>,
	/// Nor of any beyond this.
	#[serde(default)]
	until: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
	#[serde(with = "crate::text")]
	cid: Cid,
	size: u64,
}

#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct Text(#[serde(with = "crate::text")] Cid);

/// Compares a list with what is wanted here, at once; tells what the last audit found; and asks for a new one.
fn reconcile(desk: &Desk, body: &[u8]) -> Result<Answer, QueueError> {
	let list = if body.is_empty() { Ok(List::default()) } else { serde_json::from_slice(body) };
	let List { wanted, after, until } = match list {
		Ok(list) => list,
		Err(error) => return Ok(malformed(&error)),
	};
	let listed = match wanted {
		Some(wanted) => {
			let wanted: Vec<_> = wanted.iter().map(|listed| (listed.cid, listed.size)).collect();
			let (after, until) = (after.map(|text| text.0), until.map(|text| text.0));
			Some(desk.queue.compare(&wanted, after.as_ref(), until.as_ref())?)
		}
		None => None,
	};
	let audit_of = desk.audited();
	let audit = audit_of.map(|(at, found)| json!({ "at": at, "differences": found }));
	desk.audit.notify_one();
	Ok(Answer::json(200, &json!({ "listed": listed, "audit": audit })))
}

/// 503 if something needs a person: for monitors that look at the status only.
fn health(desk: &Desk, trusted: bool) -> Answer {
	let (health, counts) = desk.health(trusted);
	let store = health.store.or_else(|| counts.as_ref().err().map(ToString::to_string));
	let ok = health.storage.is_none() && health.looked_at.is_some() && store.is_none();
	let space = health.space.map(|space| json!({ "used": space.used, "most": space.most }));
	let audit = health.audit.map(|(at, found)| {
		json!({
			"at": at,
			"held": found.held,
			"missing": found.missing,
			"lost": found.lost_in_all,
			"orphans": found.orphans_in_all,
		})
	});
	let body = json!({
		"ok": ok,
		"storage": { "error": health.storage, "looked_at": health.looked_at, "space": space },
		"store": { "error": store },
		"counts": counts.ok(),
		"running": desk.at_work(),
		"audit": audit,
	});
	Answer::json(if ok { 200 } else { 503 }, &body)
}

/// In the text format of Prometheus.
fn metrics(desk: &Desk, trusted: bool) -> Answer {
	let (health, counts) = desk.health(trusted);
	let mut body = String::new();
	let mut gauge = |name: &str, help: &str, value: u64| {
		// Writing to a string doesn't fail.
		let _ = writeln!(
			body,
			"# HELP rwa_bridge_{name} {help}\n# TYPE rwa_bridge_{name} gauge\nrwa_bridge_{name} {value}"
		);
	};
	let works = health.storage.is_none() && health.looked_at.is_some();
	gauge("storage_ok", "Whether Kubo or Cluster can be used.", u64::from(works));
	gauge("store_ok", "Whether the queue can be read.", u64::from(counts.is_ok()));
	gauge("running", "Attempts under way.", u64::try_from(desk.at_work()).unwrap_or(u64::MAX));
	if let Ok(counts) = counts {
		gauge("jobs_waiting", "Jobs that wait.", counts.waiting);
		gauge("pins", "Files that are wanted.", counts.pins);
		gauge("pins_held", "Files that were seen to be whole.", counts.held);
		gauge("pins_bytes", "Bytes of all files that are wanted.", counts.bytes);
	}
	if let Some(space) = health.space {
		gauge("space_used_bytes", "Bytes of the disk in use.", space.used);
		gauge("space_most_bytes", "Bytes that may be in use.", space.most);
	}
	if let Some((_, found)) = health.audit {
		gauge("audit_lost", "Files that the last audit found unpinned.", found.lost_in_all);
		gauge("audit_orphans", "Pins of ours that nobody wants.", found.orphans_in_all);
	}
	Answer { status: 200, content_type: "text/plain; version=0.0.4", body, allow: None }
}
