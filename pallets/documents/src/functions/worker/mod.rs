//! The off-chain worker: does for this node's storage operators what the chain asks of them.
//!
//! ```text
//! each run      proofs ─┐                        ┌─▶ prove, notify ─▶ pool
//! plans some    new ────┼─▶ questions ─▶ bridge ─┤
//! of each       held ───┤   all at once          └─▶ what follows: asked next, twice at most
//!               sweep ──┘
//! ```
//!
//! - *Proofs* (`proofs.rs`): open challenges are answered with what the bridge reads, checked here first.
//! - *New* and *held* (`replicas.rs`): what is assigned is ordered, again and again, until it is there, and confirmed;
//!   what is held is looked after.
//! - *Sweep* (`sweep.rs`): what the bridge keeps and nobody wants any more is unpinned.
//!
//! It runs at every new best block, on one of the node's few worker threads. So a run talks for
//! [`TALK_MS`](bridge::TALK_MS) at most, two runs never do at a time, and each takes a bounded number of steps. Each
//! kind of work has its own share of them, and takes its turns, so that none starves. A run that is lost is
//! made up for by the next: orders may be given twice, and what is said to the chain counts once.
//!
//! The chain is told nothing that the bridge didn't say, and nothing of it that could be checked here and wasn't.

pub(crate) mod bridge;
pub(crate) mod memory;
mod proofs;
pub(crate) mod replicas;
pub(crate) mod sweep;

use alloc::{
	format,
	string::{String, ToString},
	vec::Vec,
};

use frame_system::{offchain::SubmitTransaction, pallet_prelude::BlockNumberFor};
use log::Level;
use rwa_primitives::{
	app_key::AppPublic,
	ipfs::Cid,
	storage::{Act, Notice},
	worker::{
		bridge::{Code, Order},
		LostReplica, StorageConfig, WorkerConfig, CONFIG_KEY, MAX_LOST, MAX_TIMEOUT_MS,
	},
	Moment,
};
use sp_application_crypto::RuntimeAppPublic;
use sp_core::offchain::Duration;
use sp_runtime::{
	offchain::{
		storage::StorageValueRef,
		storage_lock::{StorageLock, Time},
	},
	SaturatedConversion,
};

use self::{
	bridge::{Bridge, Fault, Question, Reply},
	memory::{is_resting, note_accounts, note_trouble, rest, News, Sent, Unwanted},
	sweep::Sweep,
};
use crate::{
	Assignment, Call, Challenge, Config, Documents, Pallet, Placement, ReplicaOf, SlotState,
};

/// Target of everything that this pallet logs.
pub const LOG_TARGET: &str = "rwa::documents";

/// While this is in the node's store, a run talks to the bridge.
const LOCK: &[u8] = b"rwa/documents/lock/v1";

/// How long the lock holds: twice what the longest run takes, so that only a dead one loses it.
const LOCK_TIME: Duration = Duration::from_millis(2 * MAX_TIMEOUT_MS as u64);

/// Most operators of one node that a run works for.
const MAX_OPERATORS: usize = 16;

/// Most times that a run asks the bridge: for what is planned, for what follows from that, and once more.
const MAX_ROUNDS: usize = 3;

/// Most questions that are asked at once. Bounds memory: most answers have a few hundred bytes, a proof some 20,000.
const MAX_QUESTIONS: usize = 64;

/// Most new replicas that a run declines for each operator who leaves.
const MAX_DECLINED: usize = 8;

/// Settings that can't be read are reported once in this many blocks.
const COMPLAIN_EVERY: u64 = 100;

/// [`Operator`] of the runtime.
pub(crate) type OperatorOf<T> = Operator<<T as frame_system::Config>::AccountId>;
/// [`Assignment`] of the runtime.
pub(crate) type AssignmentOf<T> =
	Assignment<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;
/// [`Challenge`] of the runtime.
pub(crate) type ChallengeOf<T> = Challenge<BlockNumberFor<T>>;

/// An app key in this node's keystore, with the storage operator it acts for.
#[derive(Clone)]
pub(crate) struct Operator<AccountId> {
	pub(crate) key: AppPublic,
	pub(crate) account: AccountId,
}

/// Something to ask the bridge, and what for.
pub(crate) enum Errand<T: Config> {
	/// To answer a challenge.
	Prove(OperatorOf<T>, ChallengeOf<T>),
	/// To get what an operator is to take.
	Take(OperatorOf<T>, AssignmentOf<T>),
	/// To see one leaf of it before it is confirmed.
	Check(OperatorOf<T>, AssignmentOf<T>),
	/// To see how what an operator holds is doing.
	Look(AssignmentOf<T>),
	/// To keep what should be kept already.
	Keep(Order),
	/// To have an order carried out anew.
	Forget(Order),
	/// To see what is kept, or was never ordered.
	Sweep(Sweep),
	/// To keep something no longer.
	Unpin(Unwanted),
}

impl<T: Config> Errand<T> {
	fn question(&self) -> Question {
		match self {
			Self::Prove(_, challenge) => Question::Order(proofs::order(challenge)),
			Self::Take(_, assignment) | Self::Look(assignment) => {
				Question::Order(replicas::pin(&assignment.file))
			}
			Self::Check(operator, assignment) => {
				Question::Order(replicas::check(&operator.account, assignment))
			}
			Self::Keep(order) => Question::Order(*order),
			Self::Forget(order) => Question::Forget(*order),
			Self::Sweep(sweep) => sweep.question(),
			Self::Unpin((cid, _)) => Question::Order(Order::Unpin { cid: *cid }),
		}
	}
}

/// One run.
pub(crate) struct Run<T: Config> {
	pub(crate) block: u64,
	/// Whom it works for.
	pub(crate) operators: Vec<OperatorOf<T>>,
	/// All whom this node ever worked for.
	pub(crate) accounts: Vec<T::AccountId>,
	/// Whether they want to keep nothing any more.
	pub(crate) leaves: bool,
	sent: Sent,
	/// What the bridge did wrong first.
	fault: Option<Fault>,
}

impl<T: Config> Run<T> {
	/// Notes that the bridge did something wrong, which isn't about a file.
	pub(crate) fn note(&mut self, fault: Fault) {
		self.fault.get_or_insert(fault);
	}

	/// The same, unless it wants the file with the size of a document that is gone. Then the sweep unpins it.
	pub(crate) fn note_unless_other_size(&mut self, fault: Fault) {
		if !fault.refusal().is_some_and(Code::is_other_size) {
			self.note(fault);
		}
	}

	/// The operators, beginning with another one in each block.
	pub(crate) fn in_turn(&self) -> Vec<OperatorOf<T>> {
		let count = self.operators.len();
		let block = usize::try_from(self.block).unwrap_or(0);
		let first = block.checked_rem(count).unwrap_or(0);
		self.operators.iter().cycle().skip(first).take(count).cloned().collect()
	}

	/// Notes how a replica is doing, and logs it if it is news.
	pub(crate) fn note_replica(&self, replica: LostReplica, cid: &Cid, trouble: Option<String>) {
		let LostReplica { document, replica: index, .. } = replica;
		let subject = || format!("{cid}, replica {index} of document {document},");
		match note_trouble(&(b"file", cid), trouble.as_deref(), self.block) {
			News::Trouble => {
				log!(Level::Warn, "{} {}", subject(), trouble.as_deref().unwrap_or_default())
			}
			News::Relief => log!(Level::Info, "{} is well again", subject()),
			News::None => {}
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Does what is due in `block`. Safe to run twice, or beside another run.
	pub(crate) fn run_worker(block: BlockNumberFor<T>) {
		let block: u64 = block.saturated_into();
		let operators = Self::local_operators();
		let serving: Vec<_> = operators.iter().map(|one| one.account.clone()).collect();
		let accounts = note_accounts(&serving);
		if accounts.is_empty() {
			log!(Level::Trace, "no app key of a storage operator in this node");
			return;
		}
		let Some(config) = read_config(block) else { return };
		let mut lock = StorageLock::<Time>::with_deadline(LOCK, LOCK_TIME);
		let Ok(_talking) = lock.try_lock() else {
			log!(Level::Debug, "an earlier run still talks to the bridge");
			return;
		};
		let sent = Sent::load(block);
		let mut run = Run { block, operators, accounts, leaves: false, sent, fault: None };
		Self::declare_losses(&mut run, &config);
		run.leaves = config.hand_over;
		if run.leaves {
			Self::hand_over(&mut run);
		}
		if !is_resting(block) {
			Self::run_errands(&mut run, &config);
		}
	}

	/// The storage operators whose app keys are in this node's keystore. Validating or not makes no difference.
	fn local_operators() -> Vec<OperatorOf<T>> {
		AppPublic::all()
			.into_iter()
			.filter_map(|key| Some(Operator { account: Self::node_of(&key).ok()?, key }))
			.take(MAX_OPERATORS)
			.collect()
	}

	/// Plans, asks, and does what follows.
	fn run_errands(run: &mut Run<T>, config: &StorageConfig) {
		let mut errands = Self::due_proofs(run);
		errands.extend(Self::due_replicas(run));
		errands.extend(Self::due_sweep(run).map(Errand::Sweep));
		if errands.is_empty() {
			return;
		}
		let bridge = Bridge::new(config);
		let mut silent = true;
		for _ in 0..MAX_ROUNDS {
			errands.truncate(MAX_QUESTIONS);
			if errands.is_empty() || !bridge.has_time() {
				break;
			}
			let questions: Vec<_> = errands.iter().map(Errand::question).collect();
			let replies = bridge.ask(&questions);
			let is_silence =
				|reply: &Result<Reply, Fault>| reply.as_ref().err().is_some_and(Fault::is_silence);
			silent = silent && replies.iter().all(is_silence);
			let answered = errands.into_iter().zip(replies);
			errands =
				answered.flat_map(|(errand, reply)| Self::conclude(run, errand, reply)).collect();
		}
		if silent {
			rest(run.block);
		}
		report(run.fault.take(), config, run.block);
	}

	/// What follows from an answer: something is sent to the pool, something more is to be asked.
	fn conclude(
		run: &mut Run<T>,
		errand: Errand<T>,
		reply: Result<Reply, Fault>,
	) -> Vec<Errand<T>> {
		let reply = match reply {
			Ok(reply) => reply,
			Err(fault) => {
				run.note(fault);
				if let Errand::Sweep(sweep) = errand {
					sweep.put_off(run.block);
				}
				return Vec::new();
			}
		};
		match errand {
			Errand::Prove(operator, challenge) => {
				Self::conclude_proof(run, &operator, &challenge, &reply)
			}
			Errand::Take(operator, assignment) => {
				Self::conclude_taking(run, operator, assignment, &reply)
			}
			Errand::Check(operator, assignment) => {
				Self::conclude_check(run, &operator, &assignment, &reply)
			}
			Errand::Look(assignment) => Self::conclude_look(run, &assignment, &reply),
			Errand::Sweep(sweep) => Self::conclude_sweep(run, sweep, &reply),
			Errand::Unpin(file) => {
				Self::conclude_unpinning(run, &file, &reply);
				Vec::new()
			}
			Errand::Keep(order) => {
				if let Err(fault) = reply.job(&order) {
					run.note_unless_other_size(fault);
				}
				Vec::new()
			}
			// If it didn't work, the next run asks for it again.
			Errand::Forget(_) => Vec::new(),
		}
	}

	/// Says what an operator has decided, and only that.
	fn declare_losses(run: &mut Run<T>, config: &StorageConfig) {
		for lost in config.lost.iter().take(MAX_LOST) {
			let holder = Self::replica_of(lost).and_then(|replica| {
				replica.placement.holder().map(|(place, _)| place.node.clone())
			});
			let mut operators = run.operators.iter();
			let operator = holder
				.and_then(|holder| operators.find(|operator| operator.account == holder).cloned());
			if let Some(operator) = operator {
				let why = "the settings of this node say so";
				Self::say(run, &operator, *lost, Act::DeclareFault, why);
			}
		}
	}

	/// Asks for others to take what the operators hold, one replica of each in a block: many draws at once would delay
	/// those for new documents and lost replicas. What comes meanwhile is declined.
	fn hand_over(run: &mut Run<T>) {
		let why = "the settings of this node say so";
		for operator in run.in_turn() {
			let new = |state: &SlotState| matches!(state, SlotState::Reserved { .. });
			for assignment in Self::walk(run, (&operator.account, b"new"), 0, MAX_DECLINED, new) {
				Self::say(run, &operator, replicas::name(&assignment), Act::Decline, why);
			}
			let held = |state: &SlotState| matches!(state, SlotState::Kept { .. });
			for assignment in
				Self::walk(run, (&operator.account, b"out"), replicas::LOOK_EVERY, 1, held)
			{
				let name = replicas::name(&assignment);
				let stays = Self::replica_of(&name).is_some_and(|replica| {
					matches!(replica.placement, Placement::Held { leaving: false, .. })
				});
				if stays {
					Self::say(run, &operator, name, Act::HandOver, why);
				}
			}
		}
	}

	/// The replica that is meant, if it wasn't given to somebody again since.
	fn replica_of(meant: &LostReplica) -> Option<ReplicaOf<T>> {
		let document = Documents::<T>::get(meant.document)?;
		let replica = document.replicas.into_iter().nth(usize::from(meant.replica))?;
		(replica.epoch == meant.epoch).then_some(replica)
	}

	/// Hands a notice to this node's pool, unless it was just now.
	///
	/// That the pool doesn't take it is no failure: an earlier one may be in it, or what it says be so already.
	pub(crate) fn say(
		run: &mut Run<T>,
		operator: &OperatorOf<T>,
		about: LostReplica,
		act: Act,
		why: &str,
	) {
		let LostReplica { document, replica, epoch } = about;
		let notice = Notice { key: operator.key.clone(), document, replica, epoch, act };
		if !run.sent.may_send(&notice) {
			return;
		}
		let Some(signature) = operator.key.sign(&notice.signing_payload(&Self::genesis_hash()))
		else {
			log!(Level::Warn, "the keystore did not sign: is the key gone?");
			return;
		};
		let taken = Self::submit(Call::<T>::notify { notice: notice.clone(), signature });
		let level = if run.sent.has_sent(&notice) { Level::Debug } else { Level::Info };
		let what = format!("{act:?} of replica {replica} of document {document}: {why}");
		match taken {
			true => log!(level, "sent {what}"),
			false => log!(level, "the pool did not take {what}; is it so on chain?"),
		}
		run.sent.note(&notice);
	}

	/// Whether the pool took it.
	pub(crate) fn submit(call: Call<T>) -> bool {
		let transaction = T::create_authorized_transaction(call.into());
		SubmitTransaction::<T, Call<T>>::submit_transaction(transaction).is_ok()
	}
}

/// That a job is over for so many milliseconds. One that is said to be over later than now is, too: or a wrong clock
/// would keep it from being tried again.
fn is_over_for(at: Moment, milliseconds: u64) -> bool {
	let now = sp_io::offchain::timestamp().unix_millis();
	now.checked_sub(at).is_none_or(|age| age >= milliseconds)
}

/// The order to be carried out anew, if that it failed was long enough ago.
fn again<T: Config>(order: Order, at: Moment, milliseconds: u64) -> Vec<Errand<T>> {
	is_over_for(at, milliseconds).then_some(Errand::Forget(order)).into_iter().collect()
}

/// Logs what the bridge did wrong, if that is news.
fn report(fault: Option<Fault>, config: &StorageConfig, block: u64) {
	let StorageConfig { bridge, .. } = config;
	let fault = fault.map(|fault| fault.to_string());
	match note_trouble(b"bridge", fault.as_deref(), block) {
		News::Trouble => {
			log!(
				Level::Warn,
				"no use of the bridge at {bridge}: {}",
				fault.as_deref().unwrap_or_default()
			);
		}
		News::Relief => log!(Level::Info, "the bridge at {bridge} is of use again"),
		News::None => {}
	}
}

/// The operator's settings. `None`: there are none, or none that can be read.
fn read_config(block: u64) -> Option<StorageConfig> {
	match StorageValueRef::persistent(CONFIG_KEY).get::<WorkerConfig>() {
		Ok(Some(WorkerConfig { storage: Some(config), .. })) => Some(config),
		Ok(_) => {
			log!(Level::Debug, "no bridge configured in this node");
			None
		}
		Err(_) => {
			let level = match block.checked_rem(COMPLAIN_EVERY) {
				Some(0) => Level::Warn,
				_ => Level::Debug,
			};
			log!(
				level,
				"this node's worker settings can't be read; restart it with its current settings",
			);
			None
		}
	}
}
