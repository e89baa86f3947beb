//! Follows a node's chain: when each block became known, which blocks were retracted, and when each
//! became final.
//!
//! A node tells only the last of several blocks that become final together, and only the last of
//! several that it imports in one go. The gaps are filled by walking from a block to its parents.

use crate::{error::LoadError, rpc::Node};
use rwa_primitives::{BlockNumber, Header};
use sp_consensus_babe::digests::CompatibleDigestItem;
use sp_core::H256;
use sp_runtime::traits::Header as _;
use std::{
	collections::{HashMap, HashSet},
	future::Future,
	time::Instant,
};
use tokio::{
	sync::mpsc::{unbounded_channel, UnboundedReceiver, UnboundedSender},
	task::JoinHandle,
};

/// A block when it first became known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
	/// Its hash.
	pub hash: H256,
	/// Its number.
	pub number: BlockNumber,
	/// The slot in which it was authored. `None`: its header does not say.
	pub slot: Option<u64>,
	/// When it became known.
	pub at: Instant,
	/// The node told of it when it imported it. Otherwise it was there before, or a descendant led to
	/// it, and `at` is late.
	pub told: bool,
}

/// What happened to the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
	/// A block became known. Parents come before children.
	Block(Seen),
	/// The best chain changed branches, and this many blocks are no longer on it.
	Reorganised(BlockNumber),
	/// A block became final. Each exactly once, in order.
	Finalised {
		/// The block.
		hash: H256,
		/// When the node told of it, or of the descendant that became final with it.
		at: Instant,
	},
}

/// Where missing headers are to be had.
pub trait Headers {
	/// The header of a block.
	fn header(&self, hash: H256) -> impl Future<Output = Result<Header, LoadError>> + Send;
}

impl Headers for Node {
	fn header(&self, hash: H256) -> impl Future<Output = Result<Header, LoadError>> + Send {
		Node::header(self, hash)
	}
}

/// The part of the chain that was seen.
pub struct Follower {
	headers: HashMap<H256, Header>,
	best: H256,
	finalised: H256,
	/// A subscription begins with the head that is there already.
	began: bool,
}

impl Follower {
	/// Starts at a final block.
	pub fn new(start: Header) -> Self {
		let hash = start.hash();
		Self { headers: HashMap::from([(hash, start)]), best: hash, finalised: hash, began: false }
	}

	/// Takes note of a new best block. The first is the one that was there before.
	pub async fn best(
		&mut self,
		header: Header,
		at: Instant,
		source: &impl Headers,
	) -> Result<Vec<Event>, LoadError> {
		let hash = header.hash();
		let news = std::mem::replace(&mut self.began, true);
		if hash == self.best {
			return Ok(Vec::new());
		}
		let mut events = self.learn(header, at, news, source).await?;
		let retracted = self.retracted_by(hash);
		if retracted > 0 {
			events.push(Event::Reorganised(retracted));
		}
		self.best = hash;
		Ok(events)
	}

	/// Takes note of a new final block, and so of its ancestors.
	pub async fn finalised(
		&mut self,
		header: Header,
		at: Instant,
		source: &impl Headers,
	) -> Result<Vec<Event>, LoadError> {
		let hash = header.hash();
		let last = self.number(self.finalised);
		if *header.number() <= last {
			return Ok(Vec::new());
		}
		let mut events = self.learn(header, at, false, source).await?;
		let newly: Vec<H256> =
			self.ancestry(hash).take_while(|ancestor| self.number(*ancestor) > last).collect();
		let joins = newly.last().and_then(|oldest| self.headers.get(oldest));
		if joins.map(|oldest| *oldest.parent_hash()) != Some(self.finalised) {
			return Err(LoadError::FinalityReverted(self.finalised));
		}
		events.extend(newly.into_iter().rev().map(|hash| Event::Finalised { hash, at }));
		self.finalised = hash;
		Ok(events)
	}

	/// Adds a header and those of its ancestors that are missing.
	async fn learn(
		&mut self,
		header: Header,
		at: Instant,
		told: bool,
		source: &impl Headers,
	) -> Result<Vec<Event>, LoadError> {
		let floor = self.number(self.finalised);
		let mut missing = Vec::new();
		let mut next = (header, told);
		while !self.headers.contains_key(&next.0.hash()) {
			let parent = *next.0.parent_hash();
			let reached_floor = *next.0.number() <= floor.saturating_add(1);
			missing.push(next);
			if reached_floor || self.headers.contains_key(&parent) {
				break;
			}
			next = (source.header(parent).await?, false);
		}
		let mut events = Vec::with_capacity(missing.len());
		for (header, told) in missing.into_iter().rev() {
			let hash = header.hash();
			let (number, slot) = (*header.number(), slot_of(&header));
			events.push(Event::Block(Seen { hash, number, slot, at, told }));
			self.headers.insert(hash, header);
		}
		Ok(events)
	}

	/// How many blocks leave the best chain if `head` becomes its end.
	fn retracted_by(&self, head: H256) -> BlockNumber {
		let coming: HashSet<H256> = self.ancestry(head).collect();
		let common = self.ancestry(self.best).find(|block| coming.contains(block));
		common.map_or(0, |common| self.number(self.best).saturating_sub(self.number(common)))
	}

	/// A block and its ancestors, as far as they are known.
	fn ancestry(&self, from: H256) -> impl Iterator<Item = H256> + '_ {
		std::iter::successors(Some(from), |hash| {
			self.headers.get(hash).map(|header| *header.parent_hash())
		})
		.take_while(|hash| self.headers.contains_key(hash))
	}

	fn number(&self, hash: H256) -> BlockNumber {
		self.headers.get(&hash).map_or(0, |header| *header.number())
	}
}

/// The slot that BABE says the block was authored in.
fn slot_of(header: &Header) -> Option<u64> {
	let claim = header.digest().logs().iter().find_map(|log| log.as_babe_pre_digest());
	claim.map(|claim| u64::from(claim.slot()))
}

enum Head {
	Best(Header),
	Finalised(Header),
}

/// Follows a node until the receiver is dropped. Ends with an error when the node stops telling.
pub struct Following {
	/// What happens, in order.
	pub events: UnboundedReceiver<Event>,
	/// The block at which this began: final at that time.
	pub start: H256,
	work: JoinHandle<Result<(), LoadError>>,
}

impl Following {
	/// Begins to follow the node at `url`.
	pub async fn start(url: &str) -> Result<Self, LoadError> {
		// Apart, so that an arriving head is stamped at once, whatever else is being fetched.
		let telling = Node::connect(url).await?;
		let asking = Node::connect(url).await?;
		let start = asking.finalised().await?;
		let mut follower = Follower::new(asking.header(start).await?);
		let (stamped, mut heads) = unbounded_channel();
		let (tell, events) = unbounded_channel();
		let work = tokio::spawn(async move {
			let stamping = tokio::spawn(stamp(telling, stamped));
			while let Some((head, at)) = heads.recv().await {
				let happened = match head {
					Head::Best(header) => follower.best(header, at, &asking).await?,
					Head::Finalised(header) => follower.finalised(header, at, &asking).await?,
				};
				for event in happened {
					if tell.send(event).is_err() {
						return Ok(());
					}
				}
			}
			stamping.await?
		});
		Ok(Self { events, start, work })
	}

	/// The next event. An error if there will be none.
	pub async fn next(&mut self) -> Result<Event, LoadError> {
		match self.events.recv().await {
			Some(event) => Ok(event),
			None => Err(match (&mut self.work).await? {
				Ok(()) => LoadError::Failed("the node's blocks are no longer followed".into()),
				Err(error) => error,
			}),
		}
	}
}

impl Drop for Following {
	fn drop(&mut self) {
		self.work.abort();
	}
}

/// Puts the time of arrival on every head.
async fn stamp(node: Node, to: UnboundedSender<(Head, Instant)>) -> Result<(), LoadError> {
	let mut best = node.best_heads().await?;
	let mut finalised = node.finalised_heads().await?;
	let closed = |what| LoadError::SubscriptionClosed { url: node.url().to_owned(), what };
	let unreadable = |what, error: serde_json::Error| LoadError::Unreadable {
		url: node.url().to_owned(),
		what,
		reason: error.to_string(),
	};
	loop {
		let head = tokio::select! {
			// Should both be there, the block came before its finality.
			biased;
			header = best.next() => {
				let what = "chain_subscribeNewHeads";
				let header = header.ok_or_else(|| closed(what))?;
				Head::Best(header.map_err(|error| unreadable(what, error))?)
			},
			header = finalised.next() => {
				let what = "chain_subscribeFinalizedHeads";
				let header = header.ok_or_else(|| closed(what))?;
				Head::Finalised(header.map_err(|error| unreadable(what, error))?)
			},
		};
		if to.send((head, Instant::now())).is_err() {
			return Ok(());
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_consensus_babe::digests::{PreDigest, SecondaryPlainPreDigest};
	use sp_runtime::{Digest, DigestItem};
	use std::time::Duration;

	/// Headers by hash, and which of them were asked for.
	#[derive(Default)]
	struct Store {
		headers: HashMap<H256, Header>,
		asked: std::sync::Mutex<Vec<H256>>,
	}

	impl Store {
		/// A new block on `parent`; `branch` tells siblings apart.
		fn grow(&mut self, parent: &Header, branch: u8) -> Header {
			let mut header = Header::new(
				parent.number() + 1,
				H256::repeat_byte(branch),
				H256::zero(),
				parent.hash(),
				Digest::default(),
			);
			let slot = u64::from(*header.number()) * 2;
			let claim = SecondaryPlainPreDigest { authority_index: 0, slot: slot.into() };
			header.digest_mut().push(DigestItem::babe_pre_digest(PreDigest::SecondaryPlain(claim)));
			self.headers.insert(header.hash(), header.clone());
			header
		}

		fn chain(&mut self, from: &Header, length: usize, branch: u8) -> Vec<Header> {
			let mut chain = vec![from.clone()];
			for _ in 0..length {
				let next = self.grow(chain.last().unwrap(), branch);
				chain.push(next);
			}
			chain.split_off(1)
		}
	}

	impl Headers for Store {
		async fn header(&self, hash: H256) -> Result<Header, LoadError> {
			self.asked.lock().unwrap().push(hash);
			let known = self.headers.get(&hash).cloned();
			known.ok_or(LoadError::UnknownBlock { url: "test".into(), hash })
		}
	}

	fn genesis() -> Header {
		Header::new(0, H256::zero(), H256::zero(), H256::zero(), Digest::default())
	}

	/// A follower that knows genesis, which the node has told it is the best block.
	async fn begun(at: Instant) -> Follower {
		let mut follower = Follower::new(genesis());
		let news = follower.best(genesis(), at, &Store::default()).await.unwrap();
		assert_eq!(news, []);
		follower
	}

	fn seen(header: &Header, at: Instant, told: bool) -> Event {
		let (hash, number) = (header.hash(), *header.number());
		Event::Block(Seen { hash, number, slot: Some(u64::from(number) * 2), at, told })
	}

	fn finalised(header: &Header, at: Instant) -> Event {
		Event::Finalised { hash: header.hash(), at }
	}

	#[tokio::test]
	async fn every_block_should_be_final_once_when_several_become_final_together() {
		let mut store = Store::default();
		let chain = store.chain(&genesis(), 4, 0);
		let at = Instant::now();
		let mut follower = begun(at).await;
		for header in &chain {
			follower.best(header.clone(), at, &store).await.unwrap();
		}

		let later = at + Duration::from_secs(1);
		let first = follower.finalised(chain[0].clone(), at, &store).await.unwrap();
		let rest = follower.finalised(chain[3].clone(), later, &store).await.unwrap();

		assert_eq!(first, [finalised(&chain[0], at)]);
		let expected: Vec<_> = chain[1..].iter().map(|header| finalised(header, later)).collect();
		assert_eq!(rest, expected);
		assert!(store.asked.lock().unwrap().is_empty(), "known headers were fetched again");
	}

	#[tokio::test]
	async fn blocks_that_the_node_skipped_should_be_found_and_marked() {
		let mut store = Store::default();
		let chain = store.chain(&genesis(), 3, 0);
		let at = Instant::now();
		let mut follower = begun(at).await;

		let events = follower.best(chain[2].clone(), at, &store).await.unwrap();

		let expected =
			[seen(&chain[0], at, false), seen(&chain[1], at, false), seen(&chain[2], at, true)];
		assert_eq!(events, expected);
		assert_eq!(*store.asked.lock().unwrap(), [chain[1].hash(), chain[0].hash()]);
	}

	#[tokio::test]
	async fn the_block_that_was_there_before_should_not_seem_new() {
		let mut store = Store::default();
		let chain = store.chain(&genesis(), 2, 0);
		let mut follower = Follower::new(genesis());
		let at = Instant::now();

		let there = follower.best(chain[0].clone(), at, &store).await.unwrap();
		let new = follower.best(chain[1].clone(), at, &store).await.unwrap();

		assert_eq!(there, [seen(&chain[0], at, false)]);
		assert_eq!(new, [seen(&chain[1], at, true)]);
	}

	#[tokio::test]
	async fn a_block_that_is_final_before_it_was_best_should_become_known_first() {
		let mut store = Store::default();
		let chain = store.chain(&genesis(), 1, 0);
		let at = Instant::now();
		let mut follower = begun(at).await;

		let events = follower.finalised(chain[0].clone(), at, &store).await.unwrap();

		assert_eq!(events, [seen(&chain[0], at, false), finalised(&chain[0], at)]);
	}

	#[tokio::test]
	async fn repeated_and_older_heads_should_say_nothing() {
		let mut store = Store::default();
		let chain = store.chain(&genesis(), 2, 0);
		let at = Instant::now();
		let mut follower = begun(at).await;
		follower.best(chain[1].clone(), at, &store).await.unwrap();
		follower.finalised(chain[1].clone(), at, &store).await.unwrap();

		assert_eq!(follower.best(chain[1].clone(), at, &store).await.unwrap(), []);
		assert_eq!(follower.finalised(chain[1].clone(), at, &store).await.unwrap(), []);
		assert_eq!(follower.finalised(chain[0].clone(), at, &store).await.unwrap(), []);
	}

	#[tokio::test]
	async fn a_reorganisation_should_count_the_blocks_that_it_retracts() {
		let mut store = Store::default();
		let old = store.chain(&genesis(), 3, 1);
		let new = store.chain(&old[0], 3, 2);
		let at = Instant::now();
		let mut follower = begun(at).await;
		for header in &old {
			follower.best(header.clone(), at, &store).await.unwrap();
		}

		let events = follower.best(new[2].clone(), at, &store).await.unwrap();

		assert_eq!(events.last(), Some(&Event::Reorganised(2)));
		assert_eq!(events.len(), 4, "three blocks and the change of branch");
	}

	#[tokio::test]
	async fn growth_should_not_count_as_a_reorganisation() {
		let mut store = Store::default();
		let chain = store.chain(&genesis(), 3, 0);
		let at = Instant::now();
		let mut follower = begun(at).await;
		let first = follower.best(chain[0].clone(), at, &store).await.unwrap();
		let skipping = follower.best(chain[2].clone(), at, &store).await.unwrap();
		let all: Vec<_> = first.into_iter().chain(skipping).collect();
		assert!(!all.iter().any(|event| matches!(event, Event::Reorganised(_))), "{all:?}");
	}

	#[tokio::test]
	async fn a_final_chain_without_what_was_final_before_should_be_an_error() {
		let mut store = Store::default();
		let one = store.chain(&genesis(), 1, 1);
		let other = store.chain(&genesis(), 2, 2);
		let at = Instant::now();
		let mut follower = begun(at).await;
		follower.finalised(one[0].clone(), at, &store).await.unwrap();

		let conflict = follower.finalised(other[1].clone(), at, &store).await;

		assert!(
			matches!(conflict, Err(LoadError::FinalityReverted(hash)) if hash == one[0].hash())
		);
	}
}
