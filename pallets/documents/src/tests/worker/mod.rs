//! What a storage node does by itself, and what its bridge can do to it: cost it a log line.

mod held;
mod proving;
mod sweeping;
mod taking;
mod trouble;

use log::Level;
use rwa_primitives::{
	ipfs::Cid,
	storage::{Act, DocumentId, Notice, ReplicaIndex},
	worker::LostReplica,
};

use super::node::{take_log, Node};
use crate::{mock::*, Call};

/// Three nodes, one replica of each document for each.
fn three() -> ExtBuilder {
	ExtBuilder::default().nodes(3)
}

/// A document of which `node` is to take a replica: this one.
fn assigned(account: Account) -> (DocumentId, ReplicaIndex) {
	let id = publish();
	run_for(draws());
	(id, (0..3).find(|replica| newcomer(id, *replica) == Some(account)).expect("one of three"))
}

/// A document of which node 1, which is this one, holds a replica by its own work: this one.
fn taken(node: &Node) -> (DocumentId, ReplicaIndex) {
	let (id, replica) = assigned(1);
	for other in (0..3).filter(|other| *other != replica) {
		confirm(newcomer(id, other).unwrap(), id, other);
	}
	node.live(4);
	assert_eq!(holder(id, replica), Some(1));
	take_log();
	(id, replica)
}

fn cid((id, replica): (DocumentId, ReplicaIndex)) -> Cid {
	stored(id).replicas[usize::from(replica)].file.cid
}

/// How the replica is called while it is where it is.
fn name((document, replica): (DocumentId, ReplicaIndex)) -> LostReplica {
	let epoch = stored(document).replicas[usize::from(replica)].epoch;
	LostReplica { document, replica, epoch }
}

/// What was said about replicas.
fn notices(calls: Vec<RuntimeCall>) -> Vec<Notice> {
	let notice = |call| match call {
		RuntimeCall::Documents(Call::notify { notice, .. }) => Some(notice),
		_ => None,
	};
	calls.into_iter().filter_map(notice).collect()
}

/// What it was that was said.
fn acts(calls: Vec<RuntimeCall>) -> Vec<Act> {
	notices(calls).into_iter().map(|notice| notice.act).collect()
}

/// Rounds and numbers of the challenges that were answered.
fn answers(calls: &[RuntimeCall]) -> Vec<(u32, u32)> {
	let answer = |call: &RuntimeCall| match call {
		RuntimeCall::Documents(Call::prove { proof, .. }) => Some((proof.round, proof.challenge)),
		_ => None,
	};
	calls.iter().filter_map(answer).collect()
}

/// What was logged for people, with its level.
fn lines() -> Vec<String> {
	let log = take_log().into_iter().filter(|(level, _)| *level <= Level::Info);
	log.map(|(level, line)| format!("{level} {line}")).collect()
}
