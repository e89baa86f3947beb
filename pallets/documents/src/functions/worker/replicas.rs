//! Replicas: what is assigned to this node's operators is got, seen, and confirmed or declined; what they hold is
//! looked after.

use alloc::{format, string::String, vec::Vec};

use codec::Encode;
use frame_support::traits::Get;
use log::Level;
use rwa_primitives::{
	ipfs::{sample, Layout},
	storage::Act,
	traits::WorkingTime,
	worker::{
		bridge::{Job, Order},
		LostReplica,
	},
};
use sp_runtime::traits::{CheckedDiv, Saturating};

use super::{
	again,
	bridge::Reply,
	memory::Tour,
	proofs::{is_gone, is_wrong, proven},
	AssignmentOf, Errand, OperatorOf, Run,
};
use crate::{Config, File, Pallet, SlotState, Slots};

/// Most replicas to be taken that a run asks about.
const MAX_NEW: usize = 8;

/// Most replicas held that a run asks about: three thousand in a quarter of an hour.
const MAX_HELD: usize = 4;

/// Blocks from the end of one look at all that is held to the beginning of the next.
pub(crate) const LOOK_EVERY: u64 = 300;

/// Most slots that a run goes through for each of these, per operator.
const MAX_SLOTS: usize = 512;

/// Most working blocks before the deadline in which a node says that it can't get a replica, so that another is drawn at
/// once, and the node isn't late: as long as it takes to come to each of many, and if the first notice is lost.
const LAST_CALL: u32 = 60;

/// No more than this part of the time that a node has.
const LAST_CALL_PART: u32 = 5;

/// Milliseconds after which a file is ordered again that the bridge gave up.
const RETRY_MS: u64 = 600_000;

/// Milliseconds after which a leaf is asked for again that couldn't be read.
const CHECK_RETRY_MS: u64 = 5_000;

/// To keep a file.
pub(crate) fn pin(file: &File) -> Order {
	Order::Pin { cid: file.cid, size: file.size }
}

/// To show one leaf of a file: always the same of a replica, so that it is one order.
pub(crate) fn check<AccountId: Encode, BlockNumber>(
	account: &AccountId,
	assignment: &crate::Assignment<AccountId, BlockNumber>,
) -> Order {
	let File { cid, size } = assignment.file;
	let seed = (b"rwa/documents/check/v1", account, cid, assignment.epoch);
	let random = sp_io::hashing::blake2_256(&seed.encode());
	Order::Proof { cid, leaf: sample(&random, Layout::DOCUMENT.leaves(size)) }
}

/// How a replica is called that its node may lose.
pub(crate) fn name<AccountId, BlockNumber>(
	assignment: &crate::Assignment<AccountId, BlockNumber>,
) -> LostReplica {
	let crate::Assignment { document, replica, epoch, .. } = *assignment;
	LostReplica { document, replica, epoch }
}

impl<T: Config> Pallet<T> {
	/// Some of what is to be taken, and some of what is held.
	pub(crate) fn due_replicas(run: &Run<T>) -> Vec<Errand<T>> {
		let mut errands = Vec::new();
		let share = |most: usize| most.checked_div(run.operators.len()).unwrap_or(0).max(1);
		for operator in &run.operators {
			let account = &operator.account;
			let new = |state: &SlotState| matches!(state, SlotState::Reserved { .. });
			// Who leaves has declined it.
			let new = match run.leaves {
				true => Vec::new(),
				false => Self::walk(run, (account, b"new"), 0, share(MAX_NEW), new),
			};
			for assignment in new {
				errands.push(Errand::Take(operator.clone(), assignment));
			}
			let held = |state: &SlotState| matches!(state, SlotState::Kept { .. });
			for assignment in Self::walk(run, (account, b"old"), LOOK_EVERY, share(MAX_HELD), held)
			{
				errands.push(Errand::Look(assignment));
			}
		}
		errands
	}

	/// The next replicas of an operator's that are `wanted`, at most `most`. When it has gone through all slots, it
	/// begins again after `pause` blocks.
	pub(crate) fn walk(
		run: &Run<T>,
		tour: (&T::AccountId, &[u8; 3]),
		pause: u64,
		most: usize,
		wanted: impl Fn(&SlotState) -> bool,
	) -> Vec<AssignmentOf<T>> {
		let account = tour.0;
		let Some(tour) = Tour::<u32>::resume(&tour, run.block, pause) else { return Vec::new() };
		let mut slots = match tour.after() {
			None => Slots::<T>::iter_prefix(account),
			Some(after) => {
				Slots::<T>::iter_prefix_from(account, Slots::<T>::hashed_key_for(account, after))
			}
		};
		let mut found = Vec::new();
		let mut last = tour.after();
		for _ in 0..MAX_SLOTS {
			let Some((slot, entry)) = slots.next() else {
				tour.end(run.block, pause);
				return found;
			};
			last = Some(slot);
			let replica = entry.state.replica().filter(|_| wanted(&entry.state));
			found.extend(replica.and_then(|(document, replica)| {
				Self::assignment(account, slot, document, replica)
			}));
			if found.len() >= most {
				break;
			}
		}
		tour.go_on(last);
		found
	}

	/// Whether an operator has what it is to take, can't have it, or has to wait.
	pub(crate) fn conclude_taking(
		run: &mut Run<T>,
		operator: OperatorOf<T>,
		assignment: AssignmentOf<T>,
		reply: &Reply,
	) -> Vec<Errand<T>> {
		let order = pin(&assignment.file);
		let mut decline = |why: String| {
			Self::say(run, &operator, name(&assignment), Act::Decline, &why);
			Vec::new()
		};
		match reply.job(&order) {
			Ok(Job::Done { .. }) => Vec::from([Errand::Check(operator, assignment)]),
			Ok(Job::Failed { code, .. }) if code.is_misregistered() => {
				decline(format!("it isn't what was registered ({code})"))
			}
			Ok(Job::Failed { at, code }) => match is_last_call::<T>(&assignment) {
				true => decline(format!("it can't be had ({code})")),
				false => again(order, at, RETRY_MS),
			},
			// Also what is under way: whoever serves it slowly must not make this node one that is late.
			Ok(Job::Waiting { trouble, .. }) if is_last_call::<T>(&assignment) => {
				decline(match trouble {
					Some(code) => format!("it can't be had ({code})"),
					None => "it has not come in time".into(),
				})
			}
			Ok(Job::Waiting { .. }) => Vec::new(),
			Err(fault) => match fault.refusal() {
				Some(code) if code.is_refused_for_good() => {
					decline(format!("the bridge takes no such file ({code})"))
				}
				// Not what is wrong with the bridge itself: who can't take anything must be found to be late.
				Some(code) if code.is_refused_for_now() && is_last_call::<T>(&assignment) => {
					decline(format!("the bridge can't take it ({code})"))
				}
				_ => {
					run.note_unless_other_size(fault);
					Vec::new()
				}
			},
		}
	}

	/// Confirms a replica of which the bridge says that all of it is there, and of which one leaf was seen. It costs the
	/// operator if it isn't so, and the bridge may have said so of a Kubo whose store was lost since.
	pub(crate) fn conclude_check(
		run: &mut Run<T>,
		operator: &OperatorOf<T>,
		assignment: &AssignmentOf<T>,
		reply: &Reply,
	) -> Vec<Errand<T>> {
		let order = check(&operator.account, assignment);
		let Order::Proof { leaf, .. } = order else { return Vec::new() };
		let (file, name) = (&assignment.file, name(assignment));
		match reply.job(&order) {
			Ok(Job::Waiting { .. }) => Vec::new(),
			Ok(Job::Done { blocks }) => match proven(file, leaf, &blocks) {
				Ok(_) => {
					run.note_replica(name, &file.cid, None);
					Self::say(run, operator, name, Act::Confirm, "it is there, and whole");
					Vec::new()
				}
				Err(error) => {
					run.note_replica(name, &file.cid, Some(is_wrong(error)));
					Vec::from([Errand::Forget(order)])
				}
			},
			// The bridge gets again what it can; then this is asked anew.
			Ok(Job::Failed { at, code }) => {
				log!(Level::Debug, "{} was said to be there, and isn't whole: {code}", file.cid);
				again(order, at, CHECK_RETRY_MS)
			}
			Err(fault) => {
				run.note(fault);
				Vec::new()
			}
		}
	}

	/// Sees how something that is held is doing. That it was asked for has ordered it anew, if the bridge didn't know
	/// of it.
	pub(crate) fn conclude_look(
		run: &mut Run<T>,
		assignment: &AssignmentOf<T>,
		reply: &Reply,
	) -> Vec<Errand<T>> {
		let order = pin(&assignment.file);
		let (cid, name) = (&assignment.file.cid, name(assignment));
		match reply.job(&order) {
			Ok(Job::Done { .. }) => {
				run.note_replica(name, cid, None);
				Vec::new()
			}
			Ok(Job::Waiting { trouble: None, .. }) => Vec::new(),
			Ok(Job::Waiting { trouble: Some(code), .. }) => {
				run.note_replica(name, cid, Some(is_gone(&code, &name)));
				Vec::new()
			}
			Ok(Job::Failed { at, code }) => {
				run.note_replica(name, cid, Some(is_gone(&code, &name)));
				again(order, at, RETRY_MS)
			}
			Err(fault) => {
				run.note_unless_other_size(fault);
				Vec::new()
			}
		}
	}
}

/// Whether a node that hasn't got a replica by now should say so.
fn is_last_call<T: Config>(assignment: &AssignmentOf<T>) -> bool {
	let part = T::ConfirmTime::get().checked_div(&LAST_CALL_PART.into()).unwrap_or_default();
	let last_call = part.min(LAST_CALL.into());
	let now = T::WorkingTime::now();
	assignment.deadline.is_some_and(|deadline| deadline.saturating_sub(now) <= last_call)
}
