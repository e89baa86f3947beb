//! Kubo's RPC, by `ipfs-api`, with bounds.
//!
//! `ipfs-api` knows requests and answers; its own client reads whatever comes, for as long as it comes. So
//! here it has a client that doesn't. Of what a storage node needs, `ipfs-api` covers `version`, `block/get`
//! and `pin/rm`; names and progress of pins, lists that stream, the short form of `repo/stat` and `repo/gc` are
//! requests of our own, sent in the same way.

use super::http::{Answer, Http, HttpError, Limits};
use async_trait::async_trait;
use futures::{stream, StreamExt, TryStreamExt};
use http_body_util::Empty;
use hyper::{
	body::Bytes,
	header::{HeaderValue, AUTHORIZATION},
	Request, StatusCode,
};
// Of which `ipfs-api` makes its requests. Its client would do, but for what Kubo says in trailers: it drops them.
use hyper_0_14::{
	header as old_header, Body as OldBody, Request as OldRequest, StatusCode as OldStatus,
};
use ipfs_api::{Form, IpfsClient};
use ipfs_api_prelude::{ApiRequest, Backend, BoxStream};
use serde::{Deserialize, Serialize};

/// `pin/add`, with a name, and told of its progress.
#[derive(Serialize)]
pub(super) struct PinAdd<'a> {
	pub(super) arg: &'a str,
	pub(super) name: &'a str,
	pub(super) recursive: bool,
	pub(super) progress: bool,
}

impl ApiRequest for PinAdd<'_> {
	const PATH: &'static str = "/pin/add";
}

/// A line of its answer.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PinAddLine {
	/// Roots that are pinned now: the last line has it.
	#[serde(default)]
	pub(super) pins: Option<Vec<String>>,
	/// Blocks seen so far.
	#[serde(default)]
	pub(super) progress: Option<u64>,
	/// Bytes of these.
	#[serde(default)]
	pub(super) bytes: Option<u64>,
}

/// `pin/ls` of one root.
#[derive(Serialize)]
pub(super) struct PinOf<'a> {
	pub(super) arg: &'a str,
	#[serde(rename = "type")]
	pub(super) kind: &'static str,
	pub(super) names: bool,
	pub(super) stream: bool,
}

impl ApiRequest for PinOf<'_> {
	const PATH: &'static str = "/pin/ls";
}

/// `pin/ls` of all with a name.
#[derive(Serialize)]
pub(super) struct PinLs<'a> {
	#[serde(rename = "type")]
	pub(super) kind: &'static str,
	pub(super) name: &'a str,
	pub(super) names: bool,
	pub(super) stream: bool,
}

impl ApiRequest for PinLs<'_> {
	const PATH: &'static str = "/pin/ls";
}

/// A line of its answer.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PinLsLine {
	pub(super) cid: String,
	#[serde(default)]
	pub(super) name: String,
}

/// `repo/stat`, without counting all objects.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct RepoStat {
	pub(super) size_only: bool,
}

impl ApiRequest for RepoStat {
	const PATH: &'static str = "/repo/stat";
}

/// Its answer.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RepoStatAnswer {
	pub(super) repo_size: u64,
	pub(super) storage_max: u64,
}

/// `repo/gc`, without the list of what went.
#[derive(Serialize)]
pub(super) struct RepoGc {
	pub(super) silent: bool,
}

impl ApiRequest for RepoGc {
	const PATH: &'static str = "/repo/gc";
}

/// A client of one Kubo.
#[derive(Clone)]
pub(super) struct Rpc {
	/// Makes requests. Sends none.
	maker: IpfsClient,
	http: Http,
	authorisation: Option<HeaderValue>,
	limits: Limits,
}

impl Rpc {
	pub(super) fn new(
		maker: IpfsClient,
		http: Http,
		authorisation: Option<HeaderValue>,
		limits: Limits,
	) -> Self {
		Self { maker, http, authorisation, limits }
	}

	/// The same with other bounds.
	pub(super) fn with(&self, limits: Limits) -> Self {
		Self { limits, ..self.clone() }
	}

	/// The answer, if it is a success; else the error that Kubo gave.
	pub(super) async fn ask<Req: ApiRequest>(&self, request: Req) -> Result<Answer, HttpError> {
		self.send(self.build_base_request(request, None)?).await
	}

	/// All requests that are made here have an empty body.
	async fn send(&self, request: OldRequest<OldBody>) -> Result<Answer, HttpError> {
		let (head, _) = request.into_parts();
		let mut request = Request::builder().method(head.method.as_str()).uri(head.uri.to_string());
		if let Some(value) = &self.authorisation {
			request = request.header(AUTHORIZATION, value);
		}
		let request = request.body(Empty::new());
		let request = request.map_err(|error| HttpError::Nonsense(error.to_string()))?;
		let answer = self.http.send(request, self.limits).await?;
		match answer.status {
			StatusCode::OK => Ok(answer),
			status => Err(refusal(status, answer.all().await?)),
		}
	}
}

/// What Kubo says of an error, in its own form if it has that.
fn refusal(status: StatusCode, body: Bytes) -> HttpError {
	match serde_json::from_slice(&body) {
		Ok(error) => HttpError::Api(error),
		Err(_) => HttpError::Status(status, String::from_utf8_lossy(&body).trim().into()),
	}
}

#[async_trait]
impl Backend for Rpc {
	type HttpRequest = OldRequest<OldBody>;
	type HttpResponse = Answer;
	type Error = HttpError;

	fn build_base_request<Req>(
		&self,
		request: Req,
		form: Option<Form<'static>>,
	) -> Result<OldRequest<OldBody>, HttpError>
	where
		Req: ApiRequest,
	{
		if form.is_some() {
			return Err(HttpError::Nonsense("nothing is uploaded from here".into()));
		}
		let made = self.maker.build_base_request(request, None);
		made.map_err(|error| HttpError::Nonsense(error.to_string()))
	}

	/// None: those that matter are looked at where answers are read.
	fn get_header(_: &Answer, _: old_header::HeaderName) -> Option<&old_header::HeaderValue> {
		None
	}

	async fn request_raw<Req>(
		&self,
		request: Req,
		form: Option<Form<'static>>,
	) -> Result<(OldStatus, Bytes), HttpError>
	where
		Req: ApiRequest,
	{
		let request = self.build_base_request(request, form)?;
		Ok((OldStatus::OK, self.send(request).await?.all().await?))
	}

	fn response_to_byte_stream(answer: Answer) -> BoxStream<Bytes, HttpError> {
		let pieces = stream::try_unfold(answer, |mut answer| async move {
			Ok(answer.piece().await?.map(|piece| (piece, answer)))
		});
		Box::new(pieces.boxed())
	}

	fn request_stream<Res, F>(
		&self,
		request: OldRequest<OldBody>,
		process: F,
	) -> BoxStream<Res, HttpError>
	where
		F: 'static + Send + Fn(Answer) -> BoxStream<Res, HttpError>,
	{
		let client = self.clone();
		let answered = async move { client.send(request).await.map(process) };
		Box::new(Box::pin(stream::once(answered).try_flatten()))
	}

	fn with_credentials<U, P>(self, username: U, password: P) -> Self
	where
		U: Into<String>,
		P: Into<String>,
	{
		Self { maker: self.maker.with_credentials(username, password), ..self }
	}
}
