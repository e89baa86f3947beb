//! Requests of Kubo's RPC that `ipfs-api` doesn't have, made in its way.

use ipfs_api_prelude::ApiRequest;
use rwa_primitives::ipfs::Layout;
use serde::{Deserialize, Serialize};

/// `add`, laid out as documents are. The one of `ipfs-api` knows nothing of links.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Add {
	cid_version: u32,
	/// As all of these, a setting of Kubo's would count in its place.
	hash: &'static str,
	raw_leaves: bool,
	chunker: String,
	max_file_links: u32,
	pin: bool,
	/// Only the last line of the answer is wanted.
	quieter: bool,
	progress: bool,
	/// A settings file that turns this on would make other CIDs of the smallest documents.
	inline: bool,
	/// And this, of all that have more than one leaf.
	trickle: bool,
}

impl Add {
	pub(super) fn document() -> Self {
		Self {
			cid_version: 1,
			hash: "sha2-256",
			raw_leaves: true,
			chunker: format!("size-{}", Layout::DOCUMENT.chunk()),
			max_file_links: Layout::DOCUMENT.links(),
			pin: true,
			quieter: true,
			progress: false,
			inline: false,
			trickle: false,
		}
	}
}

impl ApiRequest for Add {
	const PATH: &'static str = "/add";
}

/// A line of its answer.
#[derive(Deserialize)]
pub(super) struct Added {
	/// The file's CID. Not in lines that say how far it is.
	#[serde(rename = "Hash", default)]
	pub(super) cid: Option<String>,
}

/// `cat`.
#[derive(Serialize)]
pub(super) struct Cat<'a> {
	pub(super) arg: &'a str,
	pub(super) progress: bool,
}

impl ApiRequest for Cat<'_> {
	const PATH: &'static str = "/cat";
}

/// `block/get` of what is there.
#[derive(Serialize)]
pub(super) struct BlockHere<'a> {
	pub(super) arg: &'a str,
	pub(super) offline: bool,
}

impl ApiRequest for BlockHere<'_> {
	const PATH: &'static str = "/block/get";
}

/// `pin/rm`.
#[derive(Serialize)]
pub(super) struct Unpin<'a> {
	pub(super) arg: &'a str,
	pub(super) recursive: bool,
}

impl ApiRequest for Unpin<'_> {
	const PATH: &'static str = "/pin/rm";
}
