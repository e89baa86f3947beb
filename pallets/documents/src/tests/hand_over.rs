//! Nodes hand replicas over, and lose no document by leaving.

use frame_support::{assert_noop, assert_ok};
use rwa_primitives::storage::Act;

use crate::{mock::*, Error, Event, Loss, Placement, Refusal};

#[test]
fn a_holder_should_keep_a_replica_until_its_heir_confirms() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, [node, ..]) = keep();
		run_answering(2 * ChallengePeriod::get(), &[1, 2, 3, 4, 5]);
		say(node, id, 0, Act::HandOver);
		assert_eq!(last_event(), Event::HandOverAsked { document: id, replica: 0, node });
		run_for(DrawDelay::get());
		let heir = newcomer(id, 0).unwrap();
		assert_eq!(holder(id, 0), Some(node));
		assert!((0..3).all(|replica| holder(id, replica) != Some(heir)));
		let deadline = Now::get() + ConfirmTime::get();
		let holder_node = node;
		let drawn =
			Event::HeirDrawn { document: id, replica: 0, holder: node, node: heir, deadline };
		assert!(events().contains(&drawn));
		let [assignment] = &Documents::assignments(heir, None, 1)[..] else { panic!("none") };
		assert_eq!((assignment.from, assignment.confirmed), (Some(holder_node), false));

		let (due, before) = (Documents::claimable(id, 0), free(node));
		assert!(due > 0);
		confirm(heir, id, 0);
		assert_eq!(free(node), before + due);
		assert_eq!(holder(id, 0), Some(heir));
		assert_eq!(node_entry(node).taken, 0);
		assert_eq!(Documents::claimable(id, 0), 0);
	});
}

#[test]
fn a_heir_that_does_not_come_should_be_followed_by_another() {
	ExtBuilder::default().nodes(5).build_and_execute(|| {
		let (id, [node, ..]) = keep();
		say(node, id, 0, Act::HandOver);
		run_for(DrawDelay::get());
		let heir = newcomer(id, 0).unwrap();
		say(heir, id, 0, Act::Decline);
		assert!(matches!(placement(id, 0), Placement::Held { leaving: true, .. }));
		let nodes = [1, 2, 3, 4, 5];
		run_until(64 * RetryDelay::get(), &nodes, || newcomer(id, 0).is_some());
		let next = newcomer(id, 0).unwrap();
		run_answering(ConfirmTime::get(), &nodes);
		let why = Refusal::Late;
		assert!(events().contains(&Event::ReplicaRefused {
			document: id,
			replica: 0,
			node: next,
			why
		}));
		assert_eq!(holder(id, 0), Some(node));
	});
}

#[test]
fn a_replica_should_be_handed_over_once() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, [node, ..]) = keep();
		say(node, id, 0, Act::HandOver);
		let again = notify_call(sign(node, notice(node, id, 0, Act::HandOver)));
		assert_noop!(
			dispatch(again).map_err(|error| error.error),
			Error::<Test>::AlreadyHandingOver
		);
	});
}

#[test]
fn nobody_but_a_node_that_fits_should_be_an_heir() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		let (id, [node, ..]) = keep();
		say(node, id, 0, Act::HandOver);
		run_for(DrawDelay::get());
		let retry_at = Now::get() + 16 * RetryDelay::get();
		assert!(events().contains(&Event::NobodyFound { document: id, replica: 0, retry_at }));
		assert_eq!(holder(id, 0), Some(node));
		serve(4);
		run_until(64 * RetryDelay::get(), &[1, 2, 3], || newcomer(id, 0) == Some(4));
	});
}

#[test]
fn a_holder_that_loses_what_it_hands_over_should_leave_nothing_behind() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, [node, ..]) = keep();
		say(node, id, 0, Act::HandOver);
		run_for(DrawDelay::get());
		let heir = newcomer(id, 0).unwrap();
		say(node, id, 0, Act::DeclareFault);
		let why = Refusal::Withdrawn;
		let all = events();
		assert!(all.contains(&Event::ReplicaRefused { document: id, replica: 0, node: heir, why }));
		let repair_at = Now::get() + RepairGrace::get();
		let why = Loss::Declared;
		assert!(all.contains(&Event::ReplicaLost {
			document: id,
			replica: 0,
			node,
			why,
			repair_at
		}));
		assert_eq!((node_entry(heir).taken, node_entry(node).taken), (0, 0));
		// Not the heir's fault.
		assert_eq!(node_entry(heir).lapses, 0);
	});
}

#[test]
fn what_is_removed_should_free_holder_and_heir() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, [node, ..]) = keep();
		say(node, id, 0, Act::HandOver);
		run_for(DrawDelay::get());
		let heir = newcomer(id, 0).unwrap();
		assert_ok!(Documents::remove_document(by(OWNER), id));
		assert_eq!((node_entry(heir).taken, node_entry(node).taken), (0, 0));
	});
}
