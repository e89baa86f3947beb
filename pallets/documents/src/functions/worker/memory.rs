//! What this node remembers from one run to the next, in its own store.
//!
//! Nothing of it is needed: without it a node says things again, logs them again, and begins to count anew before it
//! unpins anything. Only one run at a time writes it.

use alloc::{
	string::{String, ToString},
	vec::Vec,
};

use codec::{Codec, Decode, Encode};
use rwa_primitives::ipfs::Cid;
use sp_core::{
	offchain::{Duration, Timestamp},
	H256,
};
use sp_runtime::offchain::storage::StorageValueRef;

/// Blocks to wait for something that was sent to be included before it is sent again. It goes first in the pool, so
/// that it takes one or two unless it was lost.
pub(crate) const RESEND_AFTER: u64 = 6;

/// Blocks for which it is known that something was sent, so that sending it again is no news.
const SENT_KEPT: u64 = 600;

/// Most that is known to have been sent: more than a run a block sends in [`RESEND_AFTER`].
const MAX_SENT: usize = 256;

/// Blocks after which trouble that doesn't end is logged again: an hour.
pub(crate) const REMIND_AFTER: u64 = 3_600;

/// Fewest blocks between two log lines about the same thing: a minute, whatever happens to it.
pub(crate) const QUIET: u64 = 60;

/// Blocks for which a bridge that says nothing isn't asked: it would occupy one of the node's few worker threads.
/// Short enough for the shortest time in which a challenge is to be answered.
pub(crate) const REST: u64 = 3;

/// Blocks for which nobody may have wanted a file on this very chain before it is unpinned.
///
/// The worker looks at the best block, and can't know what is final: no runtime does. A block that it sees is final
/// after two or three more as a rule. Without finality authors slow down, to a block a minute in the end, so that this
/// is four minutes at the least and hours then. A node that wants a file back after all must get it from the network,
/// if it is there: unpinning late costs some space for some minutes, unpinning early a replica.
pub(crate) const UNPIN_AFTER: u64 = 240;

/// The same in time, in case that blocks come quicker: a node that catches up sees years in minutes.
pub(crate) const UNPIN_AFTER_TIME: Duration = Duration::from_millis(UNPIN_AFTER * 1_000);

/// Most accounts that are known to have been served by this node.
const MAX_ACCOUNTS: usize = 64;

fn stored<V: Codec>(key: &[u8]) -> Option<V> {
	StorageValueRef::persistent(key).get().ok().flatten()
}

fn store<V: Codec>(key: &[u8], value: &V) {
	StorageValueRef::persistent(key).set(value);
}

/// What was handed to the pool lately, by its hash, and in which block.
pub(crate) struct Sent {
	entries: Vec<([u8; 16], u64)>,
	block: u64,
}

const SENT: &[u8] = b"rwa/documents/sent/v1";

impl Sent {
	/// As of `block`. What was sent in a later one was sent on a chain that is gone.
	pub(crate) fn load(block: u64) -> Self {
		let mut entries = stored::<Vec<([u8; 16], u64)>>(SENT).unwrap_or_default();
		entries.retain(|(_, at)| *at <= block && block < at.saturating_add(SENT_KEPT));
		Self { entries, block }
	}

	fn hash(what: &impl Encode) -> [u8; 16] {
		sp_io::hashing::blake2_128(&what.encode())
	}

	fn last(&self, what: &impl Encode) -> Option<u64> {
		let hash = Self::hash(what);
		self.entries.iter().find(|(known, _)| *known == hash).map(|(_, at)| *at)
	}

	/// Whether it is to be sent: it wasn't, or so long ago that it must have been lost.
	pub(crate) fn may_send(&self, what: &impl Encode) -> bool {
		self.last(what).is_none_or(|at| self.block >= at.saturating_add(RESEND_AFTER))
	}

	/// Whether it was sent before.
	pub(crate) fn has_sent(&self, what: &impl Encode) -> bool {
		self.last(what).is_some()
	}

	/// Notes that it was.
	pub(crate) fn note(&mut self, what: &impl Encode) {
		let hash = Self::hash(what);
		self.entries.retain(|(known, _)| *known != hash);
		self.entries.push((hash, self.block));
		let surplus = self.entries.len().saturating_sub(MAX_SENT);
		self.entries.drain(..surplus);
		store(SENT, &self.entries);
	}
}

/// What was last logged about something, and in which block. `None`: that it is well again.
type Logged = (Option<String>, u64);

/// What is to be logged about something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum News {
	/// Trouble that was not logged before, or long ago.
	Trouble,
	/// Nothing.
	None,
	/// The end of trouble.
	Relief,
}

/// Notes how something is doing. `trouble` is what is wrong with it, in words that stay the same as long as it does.
pub(crate) fn note_trouble(subject: &impl Encode, trouble: Option<&str>, block: u64) -> News {
	let key = (b"rwa/documents/trouble/v1", subject).encode();
	let (known, at) = match stored::<Logged>(&key) {
		// On a chain that is gone.
		Some((_, at)) if at > block => (None, None),
		Some((known, at)) => (known, Some(at)),
		None => (None, None),
	};
	let passed = |blocks: u64| at.is_none_or(|at| block >= at.saturating_add(blocks));
	let is_known = known.as_deref() == trouble;
	let due = if is_known { trouble.is_some() && passed(REMIND_AFTER) } else { passed(QUIET) };
	if !due {
		return News::None;
	}
	store(&key, &(trouble.map(ToString::to_string), block));
	match trouble {
		Some(_) => News::Trouble,
		None => News::Relief,
	}
}

/// Notes that nothing more is to be said about something that is gone.
pub(crate) fn forget_trouble(subject: &impl Encode) {
	let key = (b"rwa/documents/trouble/v1", subject).encode();
	StorageValueRef::persistent(&key).clear();
}

const RESTING: &[u8] = b"rwa/documents/rest/v1";

/// Whether the bridge is left alone in `block`.
pub(crate) fn is_resting(block: u64) -> bool {
	stored::<u64>(RESTING)
		.is_some_and(|since| since <= block && block <= since.saturating_add(REST))
}

/// Leaves the bridge alone for [`REST`] blocks.
pub(crate) fn rest(block: u64) {
	store(RESTING, &block);
}

/// Where this node is on its way through a long list, a few entries in each run, and then again from the start.
pub(crate) struct Tour<Position> {
	key: Vec<u8>,
	/// What is stored: the last entry that was looked at, and the block before which the tour rests.
	stored: (Option<Position>, u64),
}

impl<Position: Codec + Clone + PartialEq> Tour<Position> {
	/// The tour of this name, unless it rests in `block`. `pause` is how long it does at most.
	pub(crate) fn resume(name: &impl Encode, block: u64, pause: u64) -> Option<Self> {
		let key = (b"rwa/documents/tour/v1", name).encode();
		let stored = stored::<(Option<Position>, u64)>(&key).unwrap_or_default();
		let from = stored.1;
		// If it rests for longer, it does so on a chain that is gone.
		let rests = block < from && from <= block.saturating_add(pause);
		(!rests).then_some(Self { key, stored })
	}

	/// The last entry that was looked at. `None`: the tour begins.
	pub(crate) fn after(&self) -> Option<Position> {
		self.stored.0.clone()
	}

	/// Goes on in the next run, behind this entry.
	pub(crate) fn go_on(self, after: Option<Position>) {
		self.note((after, 0));
	}

	/// It is over, and begins again in `pause` blocks, or in the next run.
	pub(crate) fn end(self, block: u64, pause: u64) {
		let from = if pause == 0 { 0 } else { block.saturating_add(pause) };
		self.note((None, from));
	}

	fn note(self, value: (Option<Position>, u64)) {
		if value != self.stored {
			store(&self.key, &value);
		}
	}
}

/// A file that nobody wants kept, by its root, and by its size if that was ever said.
pub(crate) type Unwanted = (Cid, Option<u64>);

/// Since when nobody wants it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
struct Since {
	block: u64,
	/// Which block that is.
	hash: H256,
	time: Timestamp,
}

fn unwanted_key(file: &Unwanted) -> Vec<u8> {
	(b"rwa/documents/unwanted/v1", file).encode()
}

/// Notes that nobody wants a file in `block`. Whether nobody has for so long on this very chain that it can be
/// unpinned. `hash_of` gives the hash of a block of this chain.
pub(crate) fn note_unwanted(file: &Unwanted, block: u64, hash_of: impl Fn(u64) -> H256) -> bool {
	let key = unwanted_key(file);
	let now = sp_io::offchain::timestamp();
	match stored::<Since>(&key) {
		Some(since) if since.block <= block && hash_of(since.block) == since.hash => {
			block >= since.block.saturating_add(UNPIN_AFTER)
				&& now >= since.time.add(UNPIN_AFTER_TIME)
		}
		// Seen for the first time, or on a fork that was left, or too long ago to tell.
		_ => {
			store(&key, &Since { block, hash: hash_of(block), time: now });
			false
		}
	}
}

/// Notes that a file is wanted, or gone.
pub(crate) fn forget_unwanted(file: &Unwanted) {
	let key = unwanted_key(file);
	// As a rule nothing was noted, and reading costs less than writing.
	if stored::<Since>(&key).is_some() {
		StorageValueRef::persistent(&key).clear();
	}
}

const ACCOUNTS: &[u8] = b"rwa/documents/accounts/v1";

/// All accounts that this node was ever seen to serve, `serving` among them. What the chain says that one of them has
/// is never unpinned, though its key be gone from here.
pub(crate) fn note_accounts<AccountId: Codec + PartialEq + Clone>(
	serving: &[AccountId],
) -> Vec<AccountId> {
	let mut known = stored::<Vec<AccountId>>(ACCOUNTS).unwrap_or_default();
	let fresh: Vec<_> = serving.iter().filter(|one| !known.contains(one)).cloned().collect();
	if !fresh.is_empty() {
		known.extend(fresh);
		let surplus = known.len().saturating_sub(MAX_ACCOUNTS);
		known.drain(..surplus);
		store(ACCOUNTS, &known);
	}
	known
}
