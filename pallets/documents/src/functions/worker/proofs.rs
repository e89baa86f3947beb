//! Challenges: the bridge reads the blocks, and they are checked here before the chain sees them. So a bridge that
//! lies costs a log line.

use alloc::{format, string::String, vec::Vec};

use codec::Encode;
use frame_support::traits::Get;
use frame_system::pallet_prelude::BlockNumberFor;
use log::Level;
use rwa_primitives::{
	app_key::AppPublic,
	ipfs::{verify, Layout, ProofError},
	storage::{ProofBlocks, StorageProof, StorageRound},
	traits::WorkingTime,
	worker::{
		bridge::{Code, Job, Order},
		LostReplica,
	},
};
use sp_application_crypto::RuntimeAppPublic;
use sp_runtime::{
	traits::{CheckedDiv, One, Saturating, Zero},
	SaturatedConversion,
};

use super::{again, bridge::Reply, replicas::pin, ChallengeOf, Errand, Operator, OperatorOf, Run};
use crate::{Call, Challenge, Config, Documents, File, Pallet, RoundOf, Rounds};

/// Most proofs that a run asks for. A round has at most 64 challenges, and ten minutes.
const MAX_PROOFS: usize = 8;

/// Most blocks over which the answers of a round spread: a tenth of a round, and a hundred nodes whose rounds open
/// together put some ten proofs into a block.
const MAX_STAGGER: u32 = 60;

/// Milliseconds after which the blocks of a proof that couldn't be read are asked for again.
const RETRY_MS: u64 = 5_000;

/// What the bridge is asked for.
pub(crate) fn order<BlockNumber>(challenge: &Challenge<BlockNumber>) -> Order {
	Order::Proof { cid: challenge.file.cid, leaf: challenge.leaf }
}

impl<T: Config> Pallet<T> {
	/// Challenges whose turn has come and that weren't answered just now. Those that need no answer aren't among them.
	pub(crate) fn due_proofs(run: &Run<T>) -> Vec<Errand<T>> {
		let due = run.in_turn().into_iter().filter_map(|operator| {
			let round = Rounds::<T>::get(&operator.account)?;
			let mut challenges = Self::open_challenges(&operator.account);
			challenges.retain(|challenge| {
				is_turn::<T>(&operator.account, &round, challenge.number)
					&& run.sent.may_send(&subject(&operator, challenge))
			});
			// One that can't be answered must not keep others from being.
			let count = challenges.len();
			let first = usize::try_from(run.block).unwrap_or(0).checked_rem(count).unwrap_or(0);
			challenges.rotate_left(first);
			Some(challenges.into_iter().map(move |challenge| (operator.clone(), challenge)))
		});
		due.flatten()
			.take(MAX_PROOFS)
			.map(|(operator, challenge)| Errand::Prove(operator, challenge))
			.collect()
	}

	/// Sends a proof, if there is one.
	pub(crate) fn conclude_proof(
		run: &mut Run<T>,
		operator: &OperatorOf<T>,
		challenge: &ChallengeOf<T>,
		reply: &Reply,
	) -> Vec<Errand<T>> {
		let order = order(challenge);
		let replica = Self::challenged(challenge);
		let file = &challenge.file;
		match reply.job(&order) {
			Ok(Job::Waiting { .. }) => Vec::new(),
			Ok(Job::Done { blocks }) => match proven(file, challenge.leaf, &blocks) {
				Ok(blocks) => {
					Self::send_proof(run, operator, challenge, blocks);
					run.note_replica(replica, &file.cid, None);
					Vec::new()
				}
				Err(error) => {
					run.note_replica(replica, &file.cid, Some(is_wrong(error)));
					Vec::from([Errand::Forget(order)])
				}
			},
			Ok(Job::Failed { at, code }) => {
				run.note_replica(replica, &file.cid, Some(is_gone(&code, &replica)));
				again(order, at, RETRY_MS)
			}
			// Its store was lost. It is looked for in what Kubo has.
			Err(fault) if fault.refusal().is_some_and(Code::is_unknown_pin) => {
				Vec::from([Errand::Keep(pin(file))])
			}
			Err(fault) => {
				run.note(fault);
				Vec::new()
			}
		}
	}

	/// Hands a proof to this node's pool. What follows from it is the chain's to see.
	fn send_proof(
		run: &mut Run<T>,
		operator: &OperatorOf<T>,
		challenge: &ChallengeOf<T>,
		blocks: ProofBlocks,
	) {
		let (key, round, number) = (operator.key.clone(), challenge.round, challenge.number);
		let proof = StorageProof { key, round, challenge: number, blocks };
		let Some(signature) = operator.key.sign(&proof.signing_payload(&Self::genesis_hash()))
		else {
			log!(Level::Warn, "the keystore did not sign: is the key gone?");
			return;
		};
		let taken = Self::submit(Call::<T>::prove { proof, signature });
		let subject = subject(operator, challenge);
		let level = if run.sent.has_sent(&subject) { Level::Debug } else { Level::Info };
		match taken {
			true => log!(level, "sent the answer to challenge {number} of round {round}"),
			false => log!(
				level,
				"the pool did not take the answer to challenge {number} of round {round}; is it on chain?",
			),
		}
		run.sent.note(&subject);
	}

	/// The replica that a challenge is about, as it is held.
	fn challenged(challenge: &ChallengeOf<T>) -> LostReplica {
		let (document, replica) = (challenge.document, challenge.replica);
		let entry = Documents::<T>::get(document)
			.and_then(|document| document.replicas.into_iter().nth(usize::from(replica)));
		LostReplica { document, replica, epoch: entry.map_or(0, |entry| entry.epoch) }
	}
}

/// By which it is known what was sent: another block's proof of the same challenge is no other answer.
fn subject<AccountId, BlockNumber>(
	operator: &Operator<AccountId>,
	challenge: &Challenge<BlockNumber>,
) -> (&'static [u8; 5], AppPublic, StorageRound, u32) {
	(b"proof", operator.key.clone(), challenge.round, challenge.number)
}

/// The blocks as the chain takes them, if they are what it asks for.
pub(crate) fn proven(
	file: &File,
	leaf: u64,
	blocks: &[Vec<u8>],
) -> Result<ProofBlocks, ProofError> {
	let layout = &Layout::DOCUMENT;
	verify(&file.cid, file.size, layout, leaf, blocks, sp_io::hashing::sha2_256)?;
	let mut bounded = ProofBlocks::default();
	for block in blocks {
		let block = block.clone().try_into().map_err(|_| ProofError::TooLarge)?;
		bounded.try_push(block).map_err(|_| ProofError::WrongNumberOfBlocks)?;
	}
	Ok(bounded)
}

/// What is said of a file of which the bridge gave other blocks.
pub(crate) fn is_wrong(error: ProofError) -> String {
	format!("can't be proven with what the bridge gave: {error}")
}

/// What is said of a file that isn't whole.
pub(crate) fn is_gone(code: &Code, replica: &LostReplica) -> String {
	format!(
		"is not whole here: {code}. If it is gone for good, say so: lost = [\"{replica}\"] under [storage] of this \
		 node's settings, and start the node anew"
	)
}

/// Whether to answer a challenge now: at least a block after the opening, so that it has reached the other nodes
/// before the answer does; then spread, so that not all answers of a round, and of nodes whose rounds open together,
/// get into one block; within a quarter of the time.
fn is_turn<T: Config>(account: &T::AccountId, round: &RoundOf<T>, number: u32) -> bool {
	let time = T::ChallengeTime::get();
	let quarter: u32 = time.checked_div(&4u32.into()).unwrap_or_else(Zero::zero).saturated_into();
	let hash = sp_io::hashing::twox_64(&(account, round.index, number).encode());
	let turns = quarter.clamp(1, MAX_STAGGER);
	let turn = u64::from_le_bytes(hash).checked_rem(turns.into()).unwrap_or(0);
	let first = round.opened_at.saturating_add(BlockNumberFor::<T>::one());
	T::WorkingTime::now() >= first.saturating_add(turn.saturated_into())
}
