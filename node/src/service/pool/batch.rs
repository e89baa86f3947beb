//! Many transactions checked by one call of the runtime.

use crate::service::FullClient;
use codec::Encode;
use futures::FutureExt;
use jsonrpsee::core::async_trait;
use rwa_primitives::runtime_api::TransactionBatch;
use rwa_runtime::{
	opaque::{Block, UncheckedExtrinsic},
	BlockNumber, Hash, Header,
};
use sc_transaction_pool::{ChainApi, ValidateTransactionPriority};
use sp_api::ProvideRuntimeApi;
use sp_blockchain::TreeRoute;
use sp_core::traits::SpawnEssentialNamed;
use sp_runtime::{
	generic::BlockId,
	transaction_validity::{TransactionSource, TransactionValidity},
};
use std::{sync::Arc, thread, time::Duration};
use tokio::sync::{mpsc, oneshot, Mutex};

/// How long a transaction waits for others to be checked with: little beside a slot, and at 500 a second
/// enough for twenty.
const PATIENCE: Duration = Duration::from_millis(40);

/// Transactions in a call, at most: each bears a sixty-fourth of what the call itself costs.
const MOST_TRANSACTIONS: usize = 64;

/// Bytes of a transaction that shares a call, at most. A longer one can decode to megabytes, and is checked
/// alone: all must fit in the runtime's memory, and none should make many others wait.
const MOST_BYTES: usize = 4 * 1024;

/// Transactions that may wait for a thread. Who has more waits for room.
const QUEUE: usize = 1024;

/// How much less than others the threads ask for that check what is submitted, as `nice` counts: about a
/// tenth of a processor's time when one other thread wants it.
///
/// A transaction that is checked later waits a little longer; a block that is finished too late is lost.
const NICENESS: i32 = 10;

/// What is encoded in a call: where a transaction comes from, and the transaction.
type Encoded = (TransactionSource, Vec<u8>);

/// Checks several transactions in one call.
pub(super) trait ValidateBatch: Send + Sync + 'static {
	/// Gives a verdict for each transaction, in order, or `None` if the call failed.
	fn validate_batch(&self, at: Hash, batch: Vec<Encoded>) -> Option<Vec<TransactionValidity>>;

	/// The best block.
	fn best(&self) -> Hash;
}

impl ValidateBatch for FullClient {
	fn validate_batch(&self, at: Hash, batch: Vec<Encoded>) -> Option<Vec<TransactionValidity>> {
		match self.runtime_api().validate_transactions(at, batch, at) {
			Ok(verdicts) => Some(verdicts),
			Err(error) => {
				log::debug!("could not check transactions together at {at:?}: {error}");
				None
			}
		}
	}

	fn best(&self) -> Hash {
		self.chain_info().best_hash
	}
}

/// Sees the chain as `A` does, but gathers transactions to check them together.
pub struct Batching<A: ChainApi<Block = Block>> {
	chain: Arc<A>,
	submitted: mpsc::Sender<Job<A>>,
	maintained: mpsc::Sender<Job<A>>,
}

/// A transaction to check, and who waits for the verdict.
struct Job<A: ChainApi> {
	at: Hash,
	source: TransactionSource,
	transaction: Arc<UncheckedExtrinsic>,
	verdict: oneshot::Sender<Result<TransactionValidity, A::Error>>,
}

impl<A: ChainApi<Block = Block> + 'static> Batching<A> {
	/// Spawns threads that check transactions with `batches`, and if that fails, one by one with `chain`.
	///
	/// There are half as many for what is submitted as the machine has processors: threads that all call the
	/// runtime wait for each other, in the kernel, over each call's memory. What the pool asks about because
	/// of a new block has one of its own, which waits for nothing.
	pub(super) fn new(
		chain: A,
		batches: Arc<impl ValidateBatch>,
		spawner: &impl SpawnEssentialNamed,
	) -> Self {
		let chain = Arc::new(chain);
		let (submitted, queue) = mpsc::channel(QUEUE);
		let queue = Arc::new(Mutex::new(queue));
		let processors = thread::available_parallelism().map_or(1, usize::from);
		for _ in 0..(processors / 2).max(1) {
			let work = work(queue.clone(), PATIENCE, chain.clone(), batches.clone());
			let task = async move {
				lower_priority();
				work.await;
			};
			spawner.spawn_essential_blocking(
				"check-submitted",
				Some("transaction-pool"),
				task.boxed(),
			);
		}
		let (maintained, queue) = mpsc::channel(QUEUE);
		let task = work(Arc::new(Mutex::new(queue)), Duration::ZERO, chain.clone(), batches);
		spawner.spawn_essential_blocking(
			"check-maintained",
			Some("transaction-pool"),
			task.boxed(),
		);
		Self { chain, submitted, maintained }
	}
}

/// Checks what comes out of `queue` until nobody can put anything into it.
async fn work<A: ChainApi<Block = Block> + 'static>(
	queue: Arc<Mutex<mpsc::Receiver<Job<A>>>>,
	patience: Duration,
	chain: Arc<A>,
	batches: Arc<impl ValidateBatch>,
) {
	loop {
		let jobs = gather(&mut *queue.lock().await, patience).await;
		if jobs.is_empty() {
			return;
		}
		for batch in in_calls(jobs) {
			check(batch, &*chain, &*batches);
		}
	}
}

/// Waits for a transaction, and a little for others. Gives none when there won't be any.
async fn gather<T>(queue: &mut mpsc::Receiver<T>, patience: Duration) -> Vec<T> {
	let Some(first) = queue.recv().await else { return Vec::new() };
	let mut jobs = vec![first];
	if queue.len() < MOST_TRANSACTIONS {
		// The thread has nothing else to do, and the executor's clock may be late.
		thread::sleep(patience);
	}
	while jobs.len() < MOST_TRANSACTIONS {
		let Ok(job) = queue.try_recv() else { break };
		jobs.push(job);
	}
	jobs
}

/// Divides what waits into calls: of one block each, and long transactions alone.
fn in_calls<A: ChainApi<Block = Block>>(jobs: Vec<Job<A>>) -> Vec<Vec<Job<A>>> {
	let mut shared: Vec<Vec<Job<A>>> = Vec::new();
	let mut alone = Vec::new();
	for job in jobs {
		if job.transaction.encoded_size() > MOST_BYTES {
			alone.push(vec![job]);
			continue;
		}
		let is_same = |call: &&mut Vec<Job<A>>| call.iter().all(|other| other.at == job.at);
		match shared.iter_mut().find(is_same) {
			Some(call) => call.push(job),
			None => shared.push(vec![job]),
		}
	}
	shared.append(&mut alone);
	shared
}

/// Checks transactions of one block in one call, or one by one if the runtime can't.
fn check<A: ChainApi<Block = Block>>(batch: Vec<Job<A>>, chain: &A, batches: &impl ValidateBatch) {
	let verdicts = match &batch[..] {
		[] | [_] => None,
		[first, ..] => {
			let encoded = batch.iter().map(|job| (job.source, job.transaction.encode())).collect();
			let verdicts = batches.validate_batch(first.at, encoded);
			verdicts.filter(|verdicts| verdicts.len() == batch.len())
		}
	};
	let mut verdicts = verdicts.into_iter().flatten();
	for Job { at, source, transaction, verdict } in batch {
		let outcome = match verdicts.next() {
			Some(validity) => Ok(validity),
			None => {
				let asked = chain.validate_transaction_blocking(at, source, transaction.clone());
				// The block may have lost to a fork, and its state been thrown away, in the meantime.
				asked.or_else(|error| match batches.best() {
					best if best == at => Err(error),
					best => chain.validate_transaction_blocking(best, source, transaction),
				})
			}
		};
		// Whoever does not wait any more needs no answer.
		let _ = verdict.send(outcome);
	}
}

/// Lowers the priority of the thread that runs this, which is the task's own until it ends.
fn lower_priority() {
	// On Linux a priority belongs to a thread, and none given means the one that asks.
	if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
		log::warn!(
			"can't lower the priority of checking transactions, which may delay authoring: {error}"
		);
	}
}

#[async_trait]
impl<A: ChainApi<Block = Block> + 'static> ChainApi for Batching<A> {
	type Block = Block;
	type Error = A::Error;

	async fn validate_transaction(
		&self,
		at: Hash,
		source: TransactionSource,
		transaction: Arc<UncheckedExtrinsic>,
		priority: ValidateTransactionPriority,
	) -> Result<TransactionValidity, Self::Error> {
		let queue = match priority {
			ValidateTransactionPriority::Submitted => &self.submitted,
			ValidateTransactionPriority::Maintained => &self.maintained,
		};
		let (verdict, answer) = oneshot::channel();
		let job = Job { at, source, transaction: transaction.clone(), verdict };
		// There is neither room nor an answer when the threads have gone, as when the node stops.
		if queue.send(job).await.is_ok() {
			if let Ok(outcome) = answer.await {
				return outcome;
			}
		}
		self.chain.validate_transaction_blocking(at, source, transaction)
	}

	fn validate_transaction_blocking(
		&self,
		at: Hash,
		source: TransactionSource,
		transaction: Arc<UncheckedExtrinsic>,
	) -> Result<TransactionValidity, Self::Error> {
		self.chain.validate_transaction_blocking(at, source, transaction)
	}

	async fn block_body(&self, at: Hash) -> Result<Option<Vec<UncheckedExtrinsic>>, Self::Error> {
		self.chain.block_body(at).await
	}

	fn block_id_to_number(&self, at: &BlockId<Block>) -> Result<Option<BlockNumber>, Self::Error> {
		self.chain.block_id_to_number(at)
	}

	fn block_id_to_hash(&self, at: &BlockId<Block>) -> Result<Option<Hash>, Self::Error> {
		self.chain.block_id_to_hash(at)
	}

	fn hash_and_length(&self, transaction: &UncheckedExtrinsic) -> (Hash, usize) {
		self.chain.hash_and_length(transaction)
	}

	fn block_header(&self, at: Hash) -> Result<Option<Header>, Self::Error> {
		self.chain.block_header(at)
	}

	fn tree_route(&self, from: Hash, to: Hash) -> Result<TreeRoute<Block>, Self::Error> {
		self.chain.tree_route(from, to)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::service::pool::testing::{transaction, Chain, GENESIS};
	use futures::{executor::block_on, future::join_all};
	use sc_service::TaskManager;
	use sp_runtime::transaction_validity::{InvalidTransaction, ValidTransaction};
	use std::sync::Mutex as StdMutex;
	use tokio::runtime::Runtime;

	/// A runtime that finds valid what is even, and marks what it said by a priority.
	#[derive(Default)]
	struct Batches {
		calls: StdMutex<Vec<(Hash, Vec<TransactionSource>)>>,
		missing: usize,
		is_down: bool,
		best: Hash,
	}

	const TOGETHER: u64 = 7;

	fn verdict(priority: u64, byte: u8) -> TransactionValidity {
		let provides = vec![transaction(byte).encode()];
		Ok(ValidTransaction { priority, provides, ..Default::default() })
	}

	impl ValidateBatch for Batches {
		fn validate_batch(
			&self,
			at: Hash,
			batch: Vec<Encoded>,
		) -> Option<Vec<TransactionValidity>> {
			let sources = batch.iter().map(|(source, _)| *source).collect();
			self.calls.lock().unwrap().push((at, sources));
			let verdicts = batch.iter().skip(self.missing).map(|(_, encoded)| {
				let byte = *encoded.last().unwrap();
				if byte % 2 == 0 {
					verdict(TOGETHER, byte)
				} else {
					Err(InvalidTransaction::Payment.into())
				}
			});
			(!self.is_down).then(|| verdicts.collect())
		}

		fn best(&self) -> Hash {
			self.best
		}
	}

	type Answer = oneshot::Receiver<Result<TransactionValidity, <Chain as ChainApi>::Error>>;

	fn job(at: Hash, transaction: UncheckedExtrinsic) -> (Job<Chain>, Answer) {
		job_from(TransactionSource::External, at, transaction)
	}

	fn job_from(
		source: TransactionSource,
		at: Hash,
		transaction: UncheckedExtrinsic,
	) -> (Job<Chain>, Answer) {
		let (verdict, answer) = oneshot::channel();
		(Job { at, source, transaction: Arc::new(transaction), verdict }, answer)
	}

	/// Checks the transactions of these bytes together, at [`GENESIS`].
	fn check_all(
		bytes: &[u8],
		chain: &Chain,
		batches: &Batches,
	) -> Vec<Option<TransactionValidity>> {
		let (jobs, answers): (Vec<_>, Vec<_>) =
			bytes.iter().map(|byte| job(GENESIS, transaction(*byte))).unzip();
		check(jobs, chain, batches);
		answers.into_iter().map(|answer| block_on(answer).unwrap().ok()).collect()
	}

	#[test]
	fn each_gets_its_own_verdict() {
		let batches = Batches::default();
		let verdicts = check_all(&[2, 3, 4], &Chain::default(), &batches);
		let invalid = Err(InvalidTransaction::Payment.into());
		assert_eq!(
			verdicts,
			[Some(verdict(TOGETHER, 2)), Some(invalid), Some(verdict(TOGETHER, 4))]
		);
		assert_eq!(batches.calls.lock().unwrap()[0].1.len(), 3);
	}

	#[test]
	fn the_runtime_is_told_where_each_comes_from_and_at_which_block() {
		let (at, batches) = (Hash::repeat_byte(1), Batches::default());
		let sources = [TransactionSource::InBlock, TransactionSource::External];
		let (jobs, _answers): (Vec<_>, Vec<_>) =
			sources.iter().map(|source| job_from(*source, at, transaction(2))).unzip();
		check(jobs, &Chain::default(), &batches);
		assert_eq!(*batches.calls.lock().unwrap(), [(at, sources.to_vec())]);
	}

	#[test]
	fn one_alone_is_checked_as_ever() {
		let batches = Batches::default();
		assert_eq!(check_all(&[2], &Chain::default(), &batches), [Some(verdict(0, 2))]);
		assert!(batches.calls.lock().unwrap().is_empty());
	}

	#[test]
	fn a_call_that_fails_or_gives_too_few_costs_nobody_the_verdict() {
		let failing = Batches { is_down: true, ..Default::default() };
		let short = Batches { missing: 1, ..Default::default() };
		for batches in [failing, short] {
			let verdicts = check_all(&[2, 4], &Chain::default(), &batches);
			assert_eq!(verdicts, [Some(verdict(0, 2)), Some(verdict(0, 4))]);
		}
	}

	#[test]
	fn what_waited_for_a_block_that_lost_is_checked_at_the_best() {
		let chain = Chain::default();
		chain.lose_state(GENESIS);
		let best = chain.extend(GENESIS, 1);
		let batches = Batches { is_down: true, best, ..Default::default() };
		assert_eq!(
			check_all(&[2, 4], &chain, &batches),
			[Some(verdict(0, 2)), Some(verdict(0, 4))]
		);
		let nowhere_else = Batches { is_down: true, best: GENESIS, ..Default::default() };
		assert_eq!(check_all(&[2, 4], &chain, &nowhere_else), [None, None]);
	}

	#[test]
	fn a_call_is_for_one_block_and_a_long_transaction_has_one_of_its_own() {
		let other = Hash::repeat_byte(1);
		let long = UncheckedExtrinsic::from_blob(vec![0; MOST_BYTES]);
		let wanted = [
			(GENESIS, transaction(0)),
			(other, transaction(1)),
			(GENESIS, long),
			(GENESIS, transaction(2)),
			(other, transaction(3)),
		];
		let (jobs, _answers): (Vec<_>, Vec<_>) =
			wanted.into_iter().map(|(at, transaction)| job(at, transaction)).unzip();
		let calls: Vec<Vec<_>> = in_calls(jobs)
			.into_iter()
			.map(|call| {
				call.into_iter().map(|job| (job.at, job.transaction.encoded_size())).collect()
			})
			.collect();
		let short = transaction(0).encoded_size();
		assert_eq!(calls[0], [(GENESIS, short), (GENESIS, short)]);
		assert_eq!(calls[1], [(other, short), (other, short)]);
		assert_eq!(calls[2].len(), 1);
		assert!(calls[2][0].1 > MOST_BYTES);
		assert_eq!(calls.len(), 3);
	}

	#[test]
	fn what_waits_is_gathered_up_to_a_limit() {
		let (sender, mut queue) = mpsc::channel(QUEUE);
		for number in 0..=MOST_TRANSACTIONS {
			sender.try_send(number).unwrap();
		}
		drop(sender);
		let mut gather = || block_on(gather(&mut queue, Duration::ZERO));
		assert_eq!(gather().len(), MOST_TRANSACTIONS);
		assert_eq!(gather(), [MOST_TRANSACTIONS]);
		assert!(gather().is_empty());
	}

	#[test]
	fn all_are_answered_by_the_threads() {
		let runtime = Runtime::new().unwrap();
		let tasks = TaskManager::new(runtime.handle().clone(), None).unwrap();
		let batches = Arc::new(Batches::default());
		let batching = Batching::new(Chain::default(), batches, &tasks.spawn_essential_handle());
		for priority in
			[ValidateTransactionPriority::Submitted, ValidateTransactionPriority::Maintained]
		{
			let wanted = (0..100).map(|number| {
				let source = TransactionSource::External;
				batching.validate_transaction(
					GENESIS,
					source,
					transaction(2 * number).into(),
					priority,
				)
			});
			let verdicts = block_on(join_all(wanted));
			for (number, found) in (0..).zip(verdicts) {
				let provides = vec![transaction(2 * number).encode()];
				assert_eq!(found.unwrap().unwrap().provides, provides);
			}
		}
	}

	#[test]
	fn without_the_threads_the_caller_checks_himself() {
		let runtime = Runtime::new().unwrap();
		let tasks = TaskManager::new(runtime.handle().clone(), None).unwrap();
		let spawner = tasks.spawn_essential_handle();
		let batching = Batching::new(Chain::default(), Arc::new(Batches::default()), &spawner);
		drop((spawner, tasks));
		drop(runtime);
		let (source, priority) =
			(TransactionSource::External, ValidateTransactionPriority::Submitted);
		let asked = batching.validate_transaction(GENESIS, source, transaction(2).into(), priority);
		assert_eq!(block_on(asked).unwrap(), verdict(0, 2));
	}

	#[test]
	fn a_thread_can_lower_its_priority() {
		let niceness = thread::spawn(|| {
			lower_priority();
			rustix::process::getpriority_process(None).unwrap()
		});
		assert_eq!(niceness.join().unwrap(), NICENESS);
	}
}
