//! What this node remembers of its sources: which are in trouble, and what their devices measured last.

use alloc::string::{String, ToString};

use codec::{Decode, Encode};
use rwa_primitives::{
	device::DeviceKey,
	feed::{FeedId, MeasurementRef},
	worker::Used,
};
use sp_runtime::offchain::storage::StorageValueRef;

/// Blocks after which trouble that doesn't end is logged again: an hour.
pub(crate) const REMIND_AFTER: u64 = 3_600;

/// What is wrong with a source, and the block in which that was logged.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
struct Trouble {
	what: String,
	logged_at: u64,
}

/// What a source's behaviour is to whoever reads the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum News {
	/// Trouble that was not there before, or was for long.
	Trouble,
	/// Nothing new.
	None,
	/// The end of trouble.
	Relief,
}

/// Notes how `source` of `feed` is doing. `trouble` is what is wrong with it, in words that stay the same as
/// long as it does.
pub(crate) fn note_source(feed: FeedId, source: &str, trouble: Option<&str>, block: u64) -> News {
	// An address may hold a secret: not even the node's own store needs it twice.
	let key =
		(b"rwa/oracle/source/v1", feed, sp_io::hashing::blake2_128(source.as_bytes())).encode();
	let mut stored = StorageValueRef::persistent(&key);
	let known = stored.get::<Trouble>().ok().flatten();
	match (known, trouble) {
		(None, None) => News::None,
		(Some(_), None) => {
			stored.clear();
			News::Relief
		}
		(Some(known), Some(what))
			if known.what == what && block < known.logged_at.saturating_add(REMIND_AFTER) =>
		{
			News::None
		}
		(_, Some(what)) => {
			stored.set(&Trouble { what: what.to_string(), logged_at: block });
			News::Trouble
		}
	}
}

fn device_key(feed: FeedId, device: &DeviceKey) -> alloc::vec::Vec<u8> {
	(b"rwa/oracle/device/v1", feed, device).encode()
}

/// The measurement of `device` that was used last for `feed`.
///
/// A device counts all its measurements together, but two feeds may be read in any order.
pub(crate) fn last_used(feed: FeedId, device: &DeviceKey) -> Option<Used> {
	StorageValueRef::persistent(&device_key(feed, device)).get().ok().flatten()
}

/// From now on nothing older is taken from this device for `feed`.
pub(crate) fn note_used(feed: FeedId, measurement: &MeasurementRef) {
	let MeasurementRef { device, counter, digest: hash } = measurement;
	// Another run may have used a newer one meanwhile; then that stays.
	let _ = StorageValueRef::persistent(&device_key(feed, device)).mutate(|found| match found {
		Ok(Some(Used { counter: newer, .. })) if newer >= *counter => Err(()),
		_ => Ok(Used { counter: *counter, hash: *hash }),
	});
}
