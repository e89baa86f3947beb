//! Who is paid, and who is not. That no money comes or goes is checked after every test.

use frame_support::{
	assert_noop, assert_ok,
	traits::{fungible::Mutate, tokens::Preservation},
};

use crate::{mock::*, Error, Event, HoldReason};

fn claims(replicas: &[(u64, u8)]) -> crate::Claims {
	replicas.to_vec().try_into().unwrap()
}

#[test]
fn a_claim_should_pay_what_is_due_and_pass_over_the_rest() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		let (id, holders) = keep();
		let waiting = publish();
		run_answering(2 * ChallengePeriod::get(), &[holders[0]]);
		let due = Documents::claimable(id, 0);
		let list = [(id, 0), (id, 1), (id, 3), (waiting, 0), (99, 0), (id, 0)];
		let before = free(holders[0]);
		assert_ok!(Documents::claim(by(BYSTANDER), claims(&list)));
		let paid = |event: &Event<Test>| matches!(event, Event::StoragePaid { .. });
		assert_eq!(
			events().into_iter().filter(paid).collect::<Vec<_>>(),
			[Event::StoragePaid { document: id, replica: 0, node: holders[0], amount: due }]
		);
		assert_eq!(free(holders[0]), before + due);
		let again = Documents::claim(by(BYSTANDER), claims(&[(id, 0)]));
		assert_noop!(again, Error::<Test>::NothingToClaim);
		assert_noop!(Documents::claim(by(BYSTANDER), claims(&[])), Error::<Test>::NothingToClaim);
	});
}

#[test]
fn claiming_late_should_lose_nothing() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		let (first, second) = (keep().0, keep().0);
		let mine = |id| (0..3).find(|replica| holder(id, *replica) == Some(1)).unwrap();
		let mut sum = 0;
		for _ in 0..6 {
			run_answering(ChallengePeriod::get(), &[1, 2, 3]);
			sum += Documents::claimable(first, mine(first));
			let _ = Documents::claim(by(1), claims(&[(first, mine(first))]));
		}
		let at_once = Documents::claimable(second, mine(second));
		// The second was confirmed a few blocks later.
		assert_eq!(sum, at_once + 2 * LEAVES * u128::from(draws()));
	});
}

#[test]
fn a_document_should_never_pay_more_than_was_held_for_it() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		let (id, _) = keep();
		let storage = 3 * LEAVES * u128::from(TERM + Grace::get()) * 2;
		run_answering(TERM + Grace::get() + 5, &[1, 2, 3]);
		assert_eq!(Documents::document(id), None);
		let earned: u128 = (1..=3).map(|node| free(node) + 200 - ENDOWMENT).sum();
		assert!(earned <= storage, "{earned} of {storage}");
		assert!(earned > storage * 8 / 10, "{earned} of {storage}");
	});
}

#[test]
fn what_is_kept_after_the_end_should_not_be_paid() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		let (id, _) = keep();
		// Nothing of the agenda is handled any more, but for what the test does.
		run_answering(TERM, &[1, 2, 3]);
		let before = Documents::claimable(id, 0);
		assert!(before > 0);
		Now::mutate(|now| *now += Grace::get() + 10);
		assert!(Documents::claimable(id, 0) < before);
		check();
		Now::mutate(|now| *now -= Grace::get() + 10);
	});
}

#[test]
fn a_holder_whose_account_is_gone_should_wait_for_more() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		StoragePrice::set(1);
		NodeDeposit::set(0);
		serve(4);
		for node in 1..=3 {
			assert_ok!(Documents::declare_capacity(by(node), 0));
		}
		serve(5);
		serve(6);
		let id = publish_sized(4_096);
		place(id);
		let replica = (0..3).find(|replica| holder(id, *replica) == Some(4)).unwrap();
		run_answering(ChallengePeriod::get() + 1, &[4, 5, 6]);
		let due = Documents::claimable(id, replica);
		assert!(0 < due && due < ExistentialDeposit::get(), "{due}");
		let all = free(4);
		assert_ok!(Balances::transfer(&4, &BYSTANDER, all, Preservation::Expendable));
		assert_noop!(
			Documents::claim(by(BYSTANDER), claims(&[(id, replica)])),
			Error::<Test>::NothingToClaim
		);
		run_answering(2 * ChallengePeriod::get(), &[4, 5, 6]);
		assert_ok!(Documents::claim(by(BYSTANDER), claims(&[(id, replica)])));
		assert!(free(4) > due);
	});
}

#[test]
fn documents_of_one_owner_should_not_pay_for_each_other() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		let (first, second) = (keep().0, keep().0);
		run_answering(3 * ChallengePeriod::get(), &[1, 2, 3]);
		let funds = stored(second).funds;
		assert_ok!(Documents::remove_document(by(OWNER), first));
		assert_eq!(stored(second).funds, funds);
		assert_eq!(held(HoldReason::Storage, OWNER), funds);
	});
}

#[test]
fn a_silent_loss_should_forfeit_what_was_not_claimed() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, [node, ..]) = keep();
		run_answering(2 * ChallengePeriod::get(), &[1, 2, 3, 4, 5]);
		assert!(Documents::claimable(id, 0) > 0);
		let (before, funds) = (free(node), stored(id).funds);
		let others: Vec<_> = (1..=5).filter(|other| *other != node).collect();
		while holder(id, 0) == Some(node) {
			run_answering(1, &others);
		}
		assert_eq!(free(node), before);
		assert_eq!(stored(id).funds, funds);
	});
}
