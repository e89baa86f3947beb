//! The example of the crate's documentation.

use rwa_primitives::fault::Fault;

use crate::{mock::*, Event, HoldReason};

#[test]
fn a_document_should_outlive_the_loss_of_a_disk() {
	ExtBuilder::default().build_and_execute(|| {
		let nodes = [1, 2, 3, 4, 5];
		let id = publish();
		delegate(id);
		let storage = 3 * 25 * 1_100 * 2;
		assert_eq!(held(HoldReason::Storage, OWNER), storage + 1_000 + 25 * 10);
		let holders = place(id);
		run_answering(3 * ChallengePeriod::get(), &nodes);
		assert!(holders.iter().all(|node| node_entry(*node).passed > 0));

		// A disk dies.
		let dead = holders[0];
		let alive: Vec<_> = nodes.into_iter().filter(|node| *node != dead).collect();
		run_answering(LossLimit::get() * ChallengePeriod::get() + 15, &alive);
		assert!(is_waiting(id, 0));
		let reported: Vec<_> = Accused::get().iter().map(|fault| fault.fault).collect();
		assert_eq!(reported, [Fault::FailedStorageProof, Fault::LostReplica]);

		while newcomer(id, 0).is_none() {
			run_answering(1, &alive);
		}
		let heir = newcomer(id, 0).unwrap();
		assert!(!holders.contains(&heir));
		let before = free(DELEGATE);
		confirm(heir, id, 0);
		assert_eq!(free(DELEGATE), before + 1_250);
		let paid =
			Event::RepairPaid { document: id, replica: 0, repairer: DELEGATE, amount: 1_250 };
		assert_eq!(last_event(), paid);
		assert_eq!(Documents::document(id).unwrap().held, 3);
	});
}
