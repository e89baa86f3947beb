//! What dApps and workers see.

use frame_support::assert_ok;

use crate::{mock::*, Health};

#[test]
fn a_worker_should_see_what_to_pin_page_by_page() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		for _ in 0..5 {
			publish();
			run_for(draws());
		}
		let all = Documents::assignments(1, None, 100);
		assert_eq!(all.len(), 5);
		let mut pages = Vec::new();
		let mut after = None;
		loop {
			let page = Documents::assignments(1, after, 2);
			after = page.last().map(|last| last.slot);
			let over = page.len() < 2;
			pages.extend(page);
			if over {
				break;
			}
		}
		assert_eq!(pages, all);
		let one = &all[0];
		let entry = &stored(one.document).replicas[usize::from(one.replica)];
		assert_eq!((one.file, one.epoch), (entry.file, entry.epoch));
		assert_eq!((one.confirmed, one.from, one.owner), (false, None, OWNER));
		assert_eq!(one.kept_until, stored(one.document).expires_at + Grace::get());
		assert!(one.deadline.is_some_and(|deadline| deadline > Now::get()));
		confirm(1, one.document, one.replica);
		let now = Documents::assignments(1, None, 100);
		let confirmed = now.iter().find(|other| other.slot == one.slot).unwrap();
		assert_eq!((confirmed.confirmed, confirmed.deadline), (true, None));
		assert!(Documents::assignments(BYSTANDER, None, 100).is_empty());
	});
}

#[test]
fn a_worker_should_see_what_it_can_answer() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		keep();
		assert!(Documents::due_challenges(1).is_empty());
		to_round(1);
		let challenges = Documents::due_challenges(1);
		let numbers: Vec<_> = challenges.iter().map(|one| one.number).collect();
		assert_eq!(numbers, [0, 1]);
		assert!(challenges.iter().all(|one| one.leaf < 25 && one.round == 1));
		assert_ok!(dispatch(prove_call(answer(1, &challenges[1]))));
		let left: Vec<_> = Documents::due_challenges(1).iter().map(|one| one.number).collect();
		assert_eq!(left, [0]);
	});
}

#[test]
fn a_document_should_show_how_well_it_is_kept() {
	ExtBuilder::default().build_and_execute(|| {
		let id = publish();
		let health = || Documents::document(id).unwrap().health;
		assert_eq!(health(), Health::Placing);
		run_for(draws());
		for replica in 0..3 {
			assert_eq!(health(), Health::Placing);
			confirm(newcomer(id, replica).unwrap(), id, replica);
		}
		assert_eq!(health(), Health::Complete);
		let node = holder(id, 1).unwrap();
		say(node, id, 1, rwa_primitives::storage::Act::DeclareFault);
		assert_eq!(health(), Health::Degraded);
		assert_eq!(Documents::document(id).unwrap().held, 2);
		assert_eq!(Documents::document(99), None);
		assert_eq!(Documents::claimable(99, 0), 0);
		assert_eq!(Documents::claimable(id, 7), 0);
	});
}

#[test]
fn documents_of_an_asset_should_come_in_pages() {
	ExtBuilder::default().nodes(0).build_and_execute(|| {
		StoragePrice::set(1);
		let all: Vec<_> = (0..7).map(|_| publish_sized(4_096)).collect();
		let mut seen = Vec::new();
		let mut after = None;
		loop {
			let page = Documents::documents_of(ASSET, after, 3);
			after = page.last().copied();
			let over = page.len() < 3;
			seen.extend(page);
			if over {
				break;
			}
		}
		seen.sort_unstable();
		assert_eq!(seen, all);
		assert!(Documents::documents_of(ASSET + 1, None, 10).is_empty());
	});
}

#[test]
fn a_document_should_show_that_a_holder_lacks_it() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		let (id, [node, ..]) = keep();
		let health = || Documents::document(id).unwrap().health;
		run_answering(ChallengePeriod::get() + 5, &[1, 2, 3]);
		assert_eq!(health(), Health::Complete);
		let others: Vec<_> = (1..=3).filter(|other| *other != node).collect();
		run_answering(ChallengePeriod::get() + ChallengeTime::get(), &others);
		assert_eq!(health(), Health::AtRisk);
		run_answering(ChallengePeriod::get() + 5, &[1, 2, 3]);
		assert_eq!(health(), Health::Complete);
	});
}
