//! Documents expire, are kept for the grace period, and go.

use frame_support::assert_ok;
use rwa_primitives::storage::Act;

use crate::{mock::*, Event, Health, HoldReason, Stage};

const NODES: [Account; 5] = [1, 2, 3, 4, 5];

#[test]
fn a_document_should_expire_then_be_kept_then_go() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, holders) = keep();
		let expires_at = stored(id).expires_at;
		run_to(expires_at - 1);
		assert_eq!(stored(id).stage, Stage::Live);
		run_to(expires_at);
		let removed_at = expires_at + Grace::get();
		assert!(events().contains(&Event::DocumentExpired { document: id, removed_at }));
		let overview = Documents::document(id).unwrap();
		assert_eq!((overview.health, overview.removed_at), (Health::Expired, removed_at));
		// Kept, and proven, and paid.
		let passed = node_entry(holders[0]).passed;
		run_to(removed_at - 1);
		assert!(node_entry(holders[0]).passed > passed);
		assert!((0..3).all(|replica| holder(id, replica).is_some()));
		run_to(removed_at);
		assert_eq!(Documents::document(id), None);
		assert_eq!(held(HoldReason::Storage, OWNER), 0);
		assert!(NODES.iter().all(|node| node_entry(*node).taken == 0));
		// Its holders have finished a job.
		let mut jobs = Jobs::get();
		jobs.sort_unstable();
		let mut expected = holders.map(|node| (node, OWNER));
		expected.sort_unstable();
		assert_eq!(jobs, expected);
		let earned: u128 = NODES.iter().map(|node| free(*node) - (ENDOWMENT - 200)).sum();
		assert_eq!(free(OWNER), ENDOWMENT - earned);
		assert!(earned > 2 * 3 * LEAVES * 1_000, "{earned}");
		check();
		// Nobody is challenged any more.
		run_for(2 * ChallengePeriod::get());
		assert_eq!(crate::Due::<Test>::iter().count(), 0);
	});
}

#[test]
fn what_is_lost_after_expiry_should_not_be_made_again() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, [node, ..]) = keep();
		run_to(stored(id).expires_at);
		say(node, id, 0, Act::DeclareFault);
		run_to(Now::get() + RepairGrace::get() + 5);
		assert!(is_waiting(id, 0));
		check();

		// Unless it is renewed.
		let again = Now::get() + TERM;
		assert_ok!(Documents::renew_document(by(OWNER), id, again));
		assert_eq!(stored(id).stage, Stage::Live);
		run_to(Now::get() + DrawDelay::get());
		assert!(newcomer(id, 0).is_some());
	});
}

#[test]
fn a_document_that_is_renewed_in_its_grace_should_expire_again() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, holders) = keep();
		run_to(stored(id).expires_at + Grace::get() / 2);
		let again = Now::get() + 100;
		assert_ok!(Documents::renew_document(by(OWNER), id, again));
		let paid: Vec<_> = events()
			.into_iter()
			.filter_map(|event| match event {
				Event::StoragePaid { node, .. } => Some(node),
				_ => None,
			})
			.collect();
		assert_eq!(paid, holders);
		run_to(again);
		assert_eq!(stored(id).stage, Stage::Expired);
		run_to(again + Grace::get());
		assert_eq!(Documents::document(id), None);
	});
}

#[test]
fn a_holder_should_be_able_to_hand_over_what_has_expired() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, [node, ..]) = keep();
		run_to(stored(id).expires_at);
		say(node, id, 0, Act::HandOver);
		run_to(Now::get() + DrawDelay::get());
		let heir = newcomer(id, 0).unwrap();
		confirm(heir, id, 0);
		assert_eq!((holder(id, 0), node_entry(node).taken), (Some(heir), 0));
	});
}

#[test]
fn what_was_worth_little_should_be_no_job() {
	ExtBuilder::default().build_and_execute(|| {
		// A leaf for all that time is worth 2,200.
		LeastJob::set(2_201);
		let id = publish_sized(4_096);
		place(id);
		run_to(stored(id).expires_at + Grace::get());
		assert_eq!(Documents::document(id), None);
		assert!(Jobs::get().is_empty());
		LeastJob::set(2_200);
		let id = publish_sized(4_096);
		place(id);
		run_to(stored(id).expires_at + Grace::get());
		assert_eq!(Jobs::get().len(), 3);
	});
}

#[test]
fn many_documents_that_end_at_once_should_end_over_several_blocks() {
	ExtBuilder::default().build_and_execute(|| {
		MaxDuePerBlock::set(4);
		StoragePrice::set(1);
		let end = Now::get() + TERM;
		let documents: Vec<_> = (0..10)
			.map(|_| {
				let id = crate::NextDocument::<Test>::get();
				let kind = rwa_primitives::storage::DocumentKind::Image;
				let files = files(id, 4_096);
				assert_ok!(Documents::register_document(by(OWNER), ASSET, kind, end, files));
				id
			})
			.collect();
		run_for(TERM + Grace::get() - 1);
		let left = || documents.iter().filter(|id| Documents::document(**id).is_some()).count();
		assert_eq!(left(), 10);
		run_for(2);
		assert!(left() < 10 && left() > 0, "{}", left());
		run_for(10);
		assert_eq!(left(), 0);
		assert_eq!(held(HoldReason::Storage, OWNER), 0);
	});
}
