//! Transfers, signed before the clock starts.

use crate::{
	accounts::{account_of, in_parallel, Party},
	error::LoadError,
};
use codec::Encode;
use rwa_primitives::{AccountId, Balance, Nonce};
use rwa_runtime::{
	tx_extension, Address, RuntimeCall, Signature, SignedPayload, UncheckedExtrinsic,
};
use sp_core::{crypto::Pair as _, sr25519::Pair, H256};
use sp_runtime::{
	generic::Era,
	traits::{BlakeTwo256, Hash as _},
};

/// What a signature is bound to. A transaction signed for one chain is refused by every other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainIdentity {
	/// Hash of the genesis block.
	pub genesis: H256,
	/// Version of the state transition.
	pub spec_version: u32,
	/// Version of the encoding of calls and extensions.
	pub transaction_version: u32,
}

/// A signed transaction, ready to be sent.
#[derive(Clone, Debug)]
pub struct Prepared {
	/// The encoded transaction.
	pub bytes: Vec<u8>,
	/// Its hash, by which the pool and the blocks know it.
	pub hash: H256,
	/// Place of its sender among the senders of this run.
	pub sender: u32,
	/// How many transactions of its sender go before it.
	pub nonce: Nonce,
}

/// Which transfers to make.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
	/// How many in all.
	pub count: u32,
	/// How many senders share them.
	pub senders: u32,
	/// Number of the first sender and of the first receiver: lets a second run on the same chain use
	/// accounts that the first left alone.
	pub first: u32,
	/// Amount of each, in the smallest unit.
	pub amount: Balance,
}

impl Plan {
	/// Signs all of them, on all cores.
	///
	/// In rounds: every sender's first, then every sender's second. So a sender's transactions are as
	/// far apart as can be, in nonce order, and with as many senders as transfers each account is
	/// used once. Sender `n` pays receiver `n`.
	pub fn sign(&self, chain: ChainIdentity) -> Result<Vec<Prepared>, LoadError> {
		let numbers = self.first..self.first.saturating_add(self.senders);
		let senders = Party::Sender.keys(numbers.clone())?;
		let receivers = Party::Receiver.accounts(numbers)?;
		in_parallel(0..self.count, |index| {
			let sender = index.checked_rem(self.senders).unwrap_or_default();
			let nonce = index.checked_div(self.senders).unwrap_or_default();
			let place = sender as usize;
			let (Some(from), Some(to)) = (senders.get(place), receivers.get(place)) else {
				return Err(LoadError::Derivation(Party::Sender.uri(sender)));
			};
			let bytes = transfer(chain, from, to, self.amount, nonce).encode();
			Ok(Prepared { hash: hash_of(&bytes), bytes, sender, nonce })
		})
	}
}

/// The hash by which the pool and the blocks know an encoded transaction.
pub fn hash_of(bytes: &[u8]) -> H256 {
	BlakeTwo256::hash(bytes)
}

/// A signed, immortal transfer that leaves its sender alive.
fn transfer(
	chain: ChainIdentity,
	from: &Pair,
	to: &AccountId,
	amount: Balance,
	nonce: Nonce,
) -> UncheckedExtrinsic {
	let dest = Address::Id(to.clone());
	let call =
		RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive { dest, value: amount });
	let extension = tx_extension(nonce, Era::Immortal, 0);
	// What each extension signs but does not send. An immortal transaction is anchored at genesis.
	let implicit = (
		(),
		(),
		chain.spec_version,
		chain.transaction_version,
		chain.genesis,
		chain.genesis,
		(),
		(),
		(),
		None,
		(),
	);
	let payload = SignedPayload::from_raw(call.clone(), extension.clone(), implicit);
	let signature = payload.using_encoded(|payload| from.sign(payload));
	UncheckedExtrinsic::new_signed(
		call,
		Address::Id(account_of(from)),
		Signature::Sr25519(signature),
		extension,
	)
}

#[cfg(test)]
mod tests {
	use super::*;
	use rwa_runtime::{Executive, Runtime, RuntimeGenesisConfig};
	use sp_runtime::{
		transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError},
		BuildStorage,
	};

	const GENESIS: H256 = H256::repeat_byte(7);
	const PLAN: Plan = Plan { count: 5, senders: 2, first: 3, amount: 1_000_000_000 };

	/// State in which the first senders and receivers have a balance, and what its genesis is called.
	fn funded() -> (sp_io::TestExternalities, ChainIdentity) {
		let mut config = RuntimeGenesisConfig::default();
		for party in [Party::Sender, Party::Receiver] {
			let accounts = party.accounts(0..10).unwrap();
			config.balances.balances.extend(accounts.into_iter().map(|who| (who, 1 << 60)));
		}
		let mut state: sp_io::TestExternalities = config.build_storage().unwrap().into();
		state.execute_with(|| frame_system::BlockHash::<Runtime>::insert(0, GENESIS));
		let chain = ChainIdentity {
			genesis: GENESIS,
			spec_version: rwa_runtime::VERSION.spec_version,
			transaction_version: rwa_runtime::VERSION.transaction_version,
		};
		(state, chain)
	}

	fn validate(
		state: &mut sp_io::TestExternalities,
		prepared: &Prepared,
	) -> Result<(), TransactionValidityError> {
		state.execute_with(|| {
			let transaction = codec::Decode::decode(&mut &prepared.bytes[..]).unwrap();
			let source = TransactionSource::External;
			Executive::validate_transaction(source, transaction, GENESIS).map(|_| ())
		})
	}

	#[test]
	fn the_runtime_should_accept_what_is_signed() {
		let (mut state, chain) = funded();
		let prepared = PLAN.sign(chain).unwrap();
		assert_eq!(validate(&mut state, &prepared[0]), Ok(()));
	}

	#[test]
	fn the_runtime_should_refuse_what_is_signed_for_another_chain() {
		let (mut state, chain) = funded();
		let other = ChainIdentity { genesis: H256::repeat_byte(8), ..chain };
		let prepared = PLAN.sign(other).unwrap();
		assert_eq!(validate(&mut state, &prepared[0]), Err(InvalidTransaction::BadProof.into()));
	}

	#[test]
	fn transfers_should_come_in_rounds_and_differ() {
		let (_, chain) = funded();
		let prepared = PLAN.sign(chain).unwrap();
		let order: Vec<_> = prepared.iter().map(|each| (each.sender, each.nonce)).collect();
		assert_eq!(order, [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2)]);
		let hashes: std::collections::HashSet<_> = prepared.iter().map(|each| each.hash).collect();
		assert_eq!(hashes.len(), prepared.len());
	}
}
