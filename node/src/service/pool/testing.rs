//! A chain for tests of the pool.

use crate::service::FullClient;
use codec::Encode;
use jsonrpsee::core::async_trait;
use rwa_runtime::{
	opaque::{Block, UncheckedExtrinsic},
	BlockNumber, Hash, Header,
};
use sc_transaction_pool::{ChainApi, FullChainApi, ValidateTransactionPriority};
use sc_transaction_pool_api::error::Error as PoolError;
use sp_blockchain::{HashAndNumber, TreeRoute};
use sp_runtime::{
	generic::{BlockId, Digest, DigestItem},
	traits::{BlakeTwo256, Hash as _, Header as _},
	transaction_validity::{TransactionSource, TransactionValidity, ValidTransaction},
};
use std::{
	collections::HashMap,
	iter,
	sync::{Arc, Mutex},
};

/// The block that every chain begins with.
pub(super) const GENESIS: Hash = Hash::zero();

/// A transaction that differs from others by `byte`.
pub(super) fn transaction(byte: u8) -> UncheckedExtrinsic {
	UncheckedExtrinsic::from_blob(vec![byte])
}

/// A tree of blocks that finds everything valid and counts how often it is asked about what is submitted.
#[derive(Default)]
pub(super) struct Chain {
	blocks: Mutex<HashMap<Hash, (Header, Vec<UncheckedExtrinsic>)>>,
	asked: Mutex<usize>,
	lost: Mutex<Vec<Hash>>,
}

impl Chain {
	/// Adds a block with transactions in it; blocks of the same parent and content differ too.
	pub(super) fn add(&self, parent: Hash, transactions: &[u8]) -> Hash {
		self.insert(parent, transactions, Digest::default())
	}

	/// Adds as many empty blocks.
	pub(super) fn extend(&self, parent: Hash, blocks: u32) -> Hash {
		(0..blocks).fold(parent, |tip, _| self.add(tip, &[]))
	}

	/// Adds a block that brings another runtime.
	pub(super) fn upgrade(&self, parent: Hash) -> Hash {
		self.insert(parent, &[], Digest { logs: vec![DigestItem::RuntimeEnvironmentUpdated] })
	}

	/// Throws away the state of a block, so that nothing can be asked there any more.
	pub(super) fn lose_state(&self, at: Hash) {
		self.lost.lock().unwrap().push(at);
	}

	pub(super) fn times_asked(&self) -> usize {
		*self.asked.lock().unwrap()
	}

	fn insert(&self, parent: Hash, transactions: &[u8], digest: Digest) -> Hash {
		let mut blocks = self.blocks.lock().unwrap();
		let number = blocks.get(&parent).map_or(0, |(header, _)| header.number) + 1;
		let unique = Hash::from_low_u64_be(u64::try_from(blocks.len()).unwrap());
		let header = Header::new(number, unique, Hash::default(), parent, digest);
		let hash = header.hash();
		blocks.insert(hash, (header, transactions.iter().map(|byte| transaction(*byte)).collect()));
		hash
	}

	fn header(&self, at: Hash) -> Option<Header> {
		self.blocks.lock().unwrap().get(&at).map(|(header, _)| header.clone())
	}

	fn number(&self, at: Hash) -> BlockNumber {
		self.header(at).map_or(0, |header| header.number)
	}

	/// The block and all before it, newest first.
	fn line(&self, tip: Hash) -> Vec<HashAndNumber<Block>> {
		iter::successors(Some(tip), |at| self.header(*at).map(|header| header.parent_hash))
			.map(|hash| HashAndNumber { hash, number: self.number(hash) })
			.collect()
	}
}

#[async_trait]
impl ChainApi for Chain {
	type Block = Block;
	type Error = <FullChainApi<FullClient, Block> as ChainApi>::Error;

	async fn validate_transaction(
		&self,
		at: Hash,
		source: TransactionSource,
		transaction: Arc<UncheckedExtrinsic>,
		priority: ValidateTransactionPriority,
	) -> Result<TransactionValidity, Self::Error> {
		if priority == ValidateTransactionPriority::Submitted {
			*self.asked.lock().unwrap() += 1;
		}
		self.validate_transaction_blocking(at, source, transaction)
	}

	fn validate_transaction_blocking(
		&self,
		at: Hash,
		_: TransactionSource,
		transaction: Arc<UncheckedExtrinsic>,
	) -> Result<TransactionValidity, Self::Error> {
		if self.lost.lock().unwrap().contains(&at) {
			return Err(PoolError::InvalidBlockId("its state is gone".into()).into());
		}
		Ok(Ok(ValidTransaction { provides: vec![transaction.encode()], ..Default::default() }))
	}

	fn block_id_to_number(&self, at: &BlockId<Block>) -> Result<Option<BlockNumber>, Self::Error> {
		Ok(Some(match at {
			BlockId::Hash(hash) => self.number(*hash),
			BlockId::Number(number) => *number,
		}))
	}

	fn block_id_to_hash(&self, at: &BlockId<Block>) -> Result<Option<Hash>, Self::Error> {
		Ok(match at {
			BlockId::Hash(hash) => Some(*hash),
			BlockId::Number(_) => None,
		})
	}

	fn hash_and_length(&self, transaction: &UncheckedExtrinsic) -> (Hash, usize) {
		let bytes = transaction.encode();
		(BlakeTwo256::hash(&bytes), bytes.len())
	}

	async fn block_body(&self, at: Hash) -> Result<Option<Vec<UncheckedExtrinsic>>, Self::Error> {
		Ok(self.blocks.lock().unwrap().get(&at).map(|(_, transactions)| transactions.clone()))
	}

	fn block_header(&self, at: Hash) -> Result<Option<Header>, Self::Error> {
		Ok(self.header(at))
	}

	fn tree_route(&self, from: Hash, to: Hash) -> Result<TreeRoute<Block>, Self::Error> {
		let (back, mut up) = (self.line(from), self.line(to));
		let is_common = |place: &HashAndNumber<Block>| up.iter().any(|other| other == place);
		let pivot = back.iter().position(is_common).unwrap();
		let common = back[pivot].clone();
		up.truncate(up.iter().position(|place| *place == common).unwrap());
		let route = back.into_iter().take(pivot + 1).chain(up.into_iter().rev()).collect();
		Ok(TreeRoute::new(route, pivot).unwrap())
	}
}
