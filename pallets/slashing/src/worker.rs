//! The off-chain worker: says for this node's operators that the node runs.
//!
//! It runs at every new best block. Workers overlap, blocks are skipped, and blocks run twice on a
//! fork, so it notes in the node's own store what it sends, by compare-and-set, before it sends it. A
//! note lapses after [`RESEND_AFTER`] blocks, in case its worker died or its transaction was lost.

use crate::{Call, Config, Pallet};
use codec::{Decode, Encode};
use frame_support::traits::Get;
use frame_system::{offchain::SubmitTransaction, pallet_prelude::BlockNumberFor};
use log::Level;
use rwa_primitives::{
	app_key::AppPublic,
	heartbeat::{Heartbeat, Period},
	traits::WorkingTime,
};
use sp_application_crypto::RuntimeAppPublic;
use sp_runtime::{
	offchain::storage::StorageValueRef,
	traits::{CheckedDiv, Saturating, Zero},
	SaturatedConversion,
};

/// Target of everything that this pallet logs.
pub const LOG_TARGET: &str = "rwa::slashing";

/// Blocks to wait for a heartbeat to be included before it is made again. It goes ahead of every paid
/// transaction, so that it takes one or two unless it was lost.
pub(crate) const RESEND_AFTER: u64 = 6;

/// Logs under [`LOG_TARGET`]. In tests the line is noted too: the `log` crate has one logger per process,
/// and tests share one.
macro_rules! log {
	($level:expr, $($message:tt)+) => {{
		#[cfg(test)]
		crate::tests::node::note_log($level, format!($($message)+));
		log::log!(target: LOG_TARGET, $level, $($message)+);
	}};
}

/// The latest heartbeat that this node has sent for an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
struct Sent {
	/// For which period.
	period: Period,
	/// In which block.
	block: u64,
}

impl Sent {
	/// Notes that `account`'s heartbeat for `period` is sent in `block`. `None`: another run is at it, or
	/// it is on its way.
	fn note(account: &impl Encode, period: Period, block: u64) -> Option<Self> {
		let key = (b"rwa/heartbeat/v1", account).encode();
		StorageValueRef::persistent(&key)
			.mutate(|found: Result<Option<Self>, _>| match found {
				Ok(Some(sent)) if sent.is_on_its_way(period, block) => Err(()),
				// Nothing, about another period, lost, or written by another version.
				_ => Ok(Self { period, block }),
			})
			.ok()
	}

	fn is_on_its_way(&self, period: Period, block: u64) -> bool {
		self.period == period && block < self.block.saturating_add(RESEND_AFTER)
	}
}

impl<T: Config> Pallet<T> {
	/// Sends what is due in `block`. Safe to run twice, or beside another run. Validating or not makes no
	/// difference.
	pub(crate) fn run_worker(block: BlockNumberFor<T>) {
		let keys = AppPublic::all();
		if keys.is_empty() {
			log!(Level::Trace, "no app key in this node");
			return;
		}
		let period = Self::current_period();
		for key in keys {
			match Self::awaited(&key, period) {
				Ok(node) => Self::beat_for(node, key, period, block.saturated_into()),
				Err(reason) => {
					log!(Level::Trace, "no heartbeat in period {period} with {key:?}: {reason:?}")
				}
			}
		}
	}

	/// Sends `node`'s heartbeat, if it is its turn and it isn't on its way.
	fn beat_for(node: T::AccountId, key: AppPublic, period: Period, block: u64) {
		if T::WorkingTime::now() < Self::turn_of(&node, period) {
			return;
		}
		if Sent::note(&node, period, block).is_none() {
			return;
		}
		let beat = Heartbeat { key, period };
		let payload = beat.signing_payload(&Self::genesis_hash());
		let Some(signature) = beat.key.sign(&payload) else {
			log!(Level::Warn, "no heartbeat in period {period}: the keystore did not sign");
			return;
		};
		let call = Call::<T>::heartbeat { beat, signature };
		let transaction = T::create_authorized_transaction(call.into());
		// That the pool refuses it is no failure: an earlier one may be in it still. Whatever it was, the
		// next attempt waits like after a loss.
		match SubmitTransaction::<T, Call<T>>::submit_transaction(transaction) {
			Ok(()) => log!(Level::Debug, "sent a heartbeat in period {period} for {node:?}"),
			Err(()) => log!(Level::Debug, "the pool took no heartbeat in period {period}"),
		}
	}

	/// The working block from which on `node` sends: spread over the first half of the period, so that
	/// not all do at once, and the other half is left to try again.
	pub(crate) fn turn_of(node: &T::AccountId, period: Period) -> BlockNumberFor<T> {
		let half = T::HeartbeatPeriod::get().checked_div(&2u32.into()).unwrap_or_else(Zero::zero);
		let hash = sp_io::hashing::twox_64(&(node, period).encode());
		let half: u64 = half.saturated_into();
		let turn = u64::from_le_bytes(hash).checked_rem(half).unwrap_or(0);
		Self::start_of(period).saturating_add(turn.saturated_into())
	}
}
