//! A node as far as its worker can see it: a store, a keystore, a transaction pool, and its log.

use crate::{mock::*, Call};
use codec::Decode;
use frame_support::{assert_ok, traits::Hooks};
use rwa_primitives::{
	app_key::{AppSignature, KEY_TYPE},
	heartbeat::Heartbeat,
	AccountId,
};
use sp_core::offchain::{
	testing::TestOffchainExt, OffchainDbExt, TransactionPool, TransactionPoolExt,
};
use sp_keystore::{testing::MemoryKeystore, Keystore, KeystoreExt};
use std::{
	cell::RefCell,
	sync::{Arc, Mutex},
};

#[derive(Default)]
struct State {
	pool: Vec<Vec<u8>>,
	refuses: bool,
}

#[derive(Clone, Default)]
struct Pool(Arc<Mutex<State>>);

impl TransactionPool for Pool {
	fn submit_transaction(&mut self, transaction: Vec<u8>) -> Result<(), ()> {
		let mut state = self.0.lock().unwrap();
		if state.refuses {
			return Err(());
		}
		state.pool.push(transaction);
		Ok(())
	}
}

pub(crate) struct Node(Pool);

impl Node {
	/// Runs `test` in a node that holds the app keys of `operators`; then checks every invariant of the
	/// chain.
	pub(crate) fn execute(operators: &[AccountId], test: impl FnOnce(&Self)) {
		take_log();
		let pool = Pool::default();
		let keystore = MemoryKeystore::new();
		for operator in operators {
			keystore.sr25519_generate_new(KEY_TYPE, Some(&seed(operator))).unwrap();
		}
		let mut ext = new_test_ext();
		ext.register_extension(OffchainDbExt::new(TestOffchainExt::new().0));
		ext.register_extension(TransactionPoolExt::new(pool.clone()));
		ext.register_extension(KeystoreExt::new(keystore));
		ext.execute_with(|| {
			test(&Self(pool));
			assert_ok!(Slashing::do_try_state());
		});
	}

	/// One run of the worker.
	pub(crate) fn work(&self) {
		Slashing::offchain_worker(System::block_number());
	}

	/// So many blocks, with a run of the worker after each. Gives the heartbeats that it sent.
	pub(crate) fn run(&self, blocks: u64) -> Vec<(Heartbeat, AppSignature)> {
		for _ in 0..blocks {
			to_next_block();
			self.work();
		}
		self.take()
	}

	/// Whether the pool takes nothing more.
	pub(crate) fn refuse(&self, refuses: bool) {
		self.0 .0.lock().unwrap().refuses = refuses;
	}

	/// Takes the heartbeats out of the pool.
	pub(crate) fn take(&self) -> Vec<(Heartbeat, AppSignature)> {
		let pool = core::mem::take(&mut self.0 .0.lock().unwrap().pool);
		pool.iter()
			.map(|bytes| match Extrinsic::decode(&mut &bytes[..]).unwrap().function {
				RuntimeCall::Slashing(Call::heartbeat { beat, signature }) => (beat, signature),
				other => panic!("the worker sent {other:?}"),
			})
			.collect()
	}
}

thread_local! {
	static LOG: RefCell<Vec<(log::Level, String)>> = const { RefCell::new(Vec::new()) };
}

/// Called by the pallet for each line that it logs.
pub(crate) fn note_log(level: log::Level, line: String) {
	LOG.with_borrow_mut(|log| log.push((level, line)));
}

/// What this pallet has logged in this test since the last time.
pub(crate) fn take_log() -> Vec<(log::Level, String)> {
	LOG.take()
}
