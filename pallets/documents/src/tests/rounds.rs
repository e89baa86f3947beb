//! Rounds of challenges: opened, ended, and what they cost.

use frame_support::assert_ok;
use rwa_primitives::fault::Fault;

use crate::{mock::*, Event, HoldReason, Loss, Recheck, Rounds, StorageNodes, Task};

const NODES: [Account; 3] = [1, 2, 3];

/// The replica of a document that `node` holds.
fn replica_of(id: u64, node: Account) -> u8 {
	(0..3).find(|replica| holder(id, *replica) == Some(node)).expect("the node holds a replica")
}

#[test]
fn a_node_should_be_challenged_once_in_each_period() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		keep();
		let kept_at = Now::get();
		to_round(1);
		assert_eq!(Now::get(), kept_at + ChallengePeriod::get());
		let deadline = Now::get() + ChallengeTime::get();
		let opened = Event::RoundOpened { node: 1, round: 1, challenges: 2, deadline };
		assert!(events().contains(&opened));
		let opened_at = Now::get();
		assert_eq!(answer_all(1), 2);
		// It ends as soon as all is answered, and the next one opens when its time has come.
		to_next_block();
		let passed = Now::get() - kept_at;
		let settled = Event::RoundSettled { node: 1, round: 1, answered: 2, missing: 0, passed };
		assert!(events().contains(&settled));
		assert_eq!(node_entry(1).passed, passed);
		assert_eq!(Facts::get(), [(1, true)]);
		to_round(1);
		assert_eq!(Now::get(), opened_at + ChallengePeriod::get());
		assert_eq!(Rounds::<Test>::get(1).unwrap().index, 2);
	});
}

#[test]
fn rounds_should_differ_and_not_be_known_before() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		keep();
		to_round(1);
		let seed = |node| Rounds::<Test>::get(node).unwrap().seed;
		let first = seed(1);
		assert_ne!(first, seed(2));
		run_for(ChallengePeriod::get());
		assert_ne!(first, seed(1));
	});
}

#[test]
fn challenges_should_grow_with_the_stake() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		AtStake::mutate(|stakes| stakes.extend([(1, 999), (2, 3_000), (3, 1_000_000)]));
		keep();
		to_round(1);
		let sampled = NODES.map(|node| Rounds::<Test>::get(node).unwrap().sampled);
		assert_eq!(sampled, [2, 5, 8]);
		assert_eq!(NODES.map(answer_all), [2, 5, 8]);
	});
}

#[test]
fn a_round_with_something_missing_should_pay_nothing_and_be_a_strike() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		keep();
		to_round(1);
		let [challenge, other] = &Documents::due_challenges(1)[..] else { panic!("not two") };
		let missing = other.leaf;
		assert_ok!(dispatch(prove_call(answer(1, challenge))));
		to_end_of_round(1);
		let settled = Event::RoundSettled { node: 1, round: 1, answered: 1, missing: 1, passed: 0 };
		assert!(events().contains(&settled));
		let node = node_entry(1);
		assert_eq!((node.passed, node.strikes, node.silences), (0, 1, 0));
		assert_eq!(
			node.rechecks.into_inner(),
			[Recheck { slot: 0, leaf: Some(missing), strikes: 1 }]
		);
		assert!(Facts::get().is_empty() && Accused::get().is_empty());
		assert_eq!(Documents::claimable(0, 0), 0);
	});
}

#[test]
fn what_was_missing_should_be_asked_for_again_until_it_is_proven() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		keep();
		to_round(1);
		to_end_of_round(1);
		assert_eq!(node_entry(1).silences, 1);
		to_round(1);
		// And eight more, because it may lack more.
		assert_eq!(answer_all(1), 9);
		to_next_block();
		let node = node_entry(1);
		assert!(node.rechecks.is_empty());
		assert_eq!((node.strikes, node.silences), (0, 0));
	});
}

#[test]
fn strikes_in_a_row_should_be_a_fault() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		let documents: Vec<_> = (0..2).map(|_| keep().0).collect();
		// It has lost one of two.
		forget(1, documents[0], replica_of(documents[0], 1));
		AtStake::mutate(|stakes| stakes.insert(1, 1_000_000));
		run_answering(StrikeLimit::get() * ChallengePeriod::get() + 15, &NODES);
		let [fault] = &Accused::get()[..] else { panic!("{:?}", Accused::get()) };
		assert_eq!((fault.offender, fault.fault), (1, Fault::FailedStorageProof));
		assert_eq!(fault.reporter, None);
		assert_eq!(node_entry(1).strikes, 0);
	});
}

#[test]
fn a_replica_that_is_never_proven_should_be_lost_and_nothing_else() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		let documents: Vec<_> = (0..4).map(|_| keep().0).collect();
		let (lost, replica) = (documents[0], replica_of(documents[0], 1));
		forget(1, lost, replica);
		AtStake::mutate(|stakes| stakes.insert(1, 1_000_000));
		let mut found = false;
		for _ in 0..6 * ChallengePeriod::get() {
			run_answering(1, &NODES);
			let repair_at = Now::get() + RepairGrace::get();
			let why = Loss::Unproven;
			let event = Event::ReplicaLost { document: lost, replica, node: 1, why, repair_at };
			if events().contains(&event) {
				found = true;
				break;
			}
		}
		assert!(found, "the loss was never found");
		assert!(is_waiting(lost, replica));
		assert_eq!(node_entry(1).taken, 3);
		let faults: Vec<_> = Accused::get().iter().map(|one| (one.offender, one.fault)).collect();
		assert_eq!(faults.last(), Some(&(1, Fault::LostReplica)));
		assert!(faults.iter().all(|(offender, _)| *offender == 1));
		assert!(documents[1..].iter().all(|id| replica_of(*id, 1) < 3));
	});
}

#[test]
fn an_outage_should_cost_time_and_no_replica() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		keep_many(6);
		// Nobody answers for one period less than what loses something.
		run_for((LossLimit::get() - 1) * ChallengePeriod::get() + 15);
		assert!(NODES.iter().all(|node| node_entry(*node).taken == 6));
		run_answering(3 * ChallengePeriod::get(), &NODES);
		assert!(NODES.iter().all(|node| node_entry(*node).taken == 6));
		assert!(NODES.iter().all(|node| node_entry(*node).silences == 0));
		assert!(NODES.iter().all(|node| node_entry(*node).rechecks.is_empty()));
		assert!(Accused::get().iter().all(|one| one.fault == Fault::FailedStorageProof));
	});
}

#[test]
fn replicas_that_are_lost_should_be_no_more_than_a_period_allows() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		MaxEvictionsPerPeriod::set(2);
		StrikeLimit::set(1_000);
		let documents: Vec<_> = (0..3).map(|_| keep().0).collect();
		for id in &documents[..2] {
			forget(1, *id, replica_of(*id, 1));
		}
		AtStake::mutate(|stakes| stakes.insert(1, 1_000_000));
		let mut lost = Vec::new();
		for _ in 0..20 * ChallengePeriod::get() {
			run_answering(1, &NODES);
			let losses = events()
				.into_iter()
				.filter(|event| matches!(event, Event::ReplicaLost { why: Loss::Unproven, .. }));
			lost.extend(losses.map(|_| Now::get()));
		}
		let [first, second] = lost[..] else { panic!("{lost:?} are not two") };
		assert!(second - first >= ChallengePeriod::get());
	});
}

#[test]
fn a_court_that_takes_no_fault_should_not_keep_a_round_from_ending() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		Lenient::set(true);
		keep();
		for _ in 0..StrikeLimit::get() {
			to_round(1);
			to_end_of_round(1);
		}
		let (fault, error) = (Fault::FailedStorageProof, OUT_OF_REACH);
		assert!(events().contains(&Event::FaultNotTaken { node: 1, fault, error }));
	});
}

#[test]
fn a_halt_should_make_nobody_late() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		keep();
		to_round(1);
		run_for(ChallengeTime::get() - 1);
		Running::set(false);
		run_for(100);
		Running::set(true);
		assert!(Rounds::<Test>::contains_key(1));
		assert_eq!(answer_all(1), 2);
		to_next_block();
		assert_eq!(node_entry(1).strikes, 0);
	});
}

#[test]
fn what_is_confirmed_in_a_round_should_count_from_the_next_one_on() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		keep();
		to_round(1);
		let before = Documents::due_challenges(1);
		keep();
		assert_eq!(node_entry(1).leaves, 25);
		assert_eq!(Documents::due_challenges(1), before);
		to_end_of_round(1);
		to_round(1);
		assert_eq!(node_entry(1).leaves, 50);
		assert_eq!(Rounds::<Test>::get(1).unwrap().leaves, 50);
		assert_eq!(node_entry(1).taken, 2);
	});
}

#[test]
fn a_document_that_is_removed_should_move_no_challenge() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		AtStake::mutate(|stakes| stakes.insert(1, 1_000_000));
		let documents: Vec<_> = (0..4).map(|_| keep().0).collect();
		to_round(1);
		let before = Documents::due_challenges(1);
		let removed = documents[0];
		assert!(before.iter().any(|one| one.document == removed), "nothing can be void");
		assert_ok!(Documents::remove_document(by(OWNER), removed));
		let left: Vec<_> = before.into_iter().filter(|one| one.document != removed).collect();
		assert_eq!(Documents::due_challenges(1), left);
		// Whoever registers one meanwhile does not get its place either.
		keep();
		assert_eq!(Documents::due_challenges(1), left);
		answer_all(1);
		to_end_of_round(1);
		let node = node_entry(1);
		assert_eq!((node.strikes, node.taken), (0, 4));
		assert!(node.passed > 0);
	});
}

#[test]
fn a_round_about_nothing_but_what_is_gone_should_count_for_nothing() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		let (id, _) = keep();
		to_round(1);
		assert_ok!(Documents::remove_document(by(OWNER), id));
		to_end_of_round(1);
		let node = node_entry(1);
		assert_eq!((node.strikes, node.silences, node.passed), (0, 0, 0));
		// And then there is nothing to ask for.
		run_for(2 * ChallengePeriod::get());
		assert!(!Rounds::<Test>::contains_key(1));
		assert!(!crate::Due::<Test>::contains_key(Task::Node(1)));
	});
}

#[test]
fn a_node_should_be_paid_for_each_period_that_it_has_proven() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		let (id, _) = keep();
		let since = Now::get();
		let replica = replica_of(id, 1);
		to_round(1);
		answer_all(1);
		to_next_block();
		let first = Now::get();
		let due = 2 * LEAVES * u128::from(first - since);
		assert_eq!(Documents::claimable(id, replica), due);
		// The next one it misses, the third it passes.
		to_round(1);
		to_end_of_round(1);
		let missed = Now::get();
		assert_eq!(Documents::claimable(id, replica), due);
		to_round(1);
		answer_all(1);
		to_next_block();
		let due = due + 2 * LEAVES * u128::from(Now::get() - missed);
		assert_eq!(Documents::claimable(id, replica), due);

		let before = free(1);
		let claims = vec![(id, replica)].try_into().unwrap();
		assert_ok!(Documents::claim(by(BYSTANDER), claims));
		assert_eq!(free(1), before + due);
		let paid = Event::StoragePaid { document: id, replica, node: 1, amount: due };
		assert_eq!(last_event(), paid);
		assert_eq!(Documents::claimable(id, replica), 0);
		let storage = 3 * LEAVES * u128::from(TERM + 100) * 2;
		assert_eq!(held(HoldReason::Storage, OWNER), storage + 1_250 - due);
	});
}

#[test]
fn one_round_should_lose_no_more_than_it_draws() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		MaxRechecks::set(16);
		MaxChallenges::set(2);
		keep_many(6);
		// All that it lacks has been missing for as long as may be.
		let lacking: Vec<_> = (0..6).collect();
		lacking.iter().for_each(|id| forget(1, *id, replica_of(*id, 1)));
		StorageNodes::<Test>::mutate_extant(1, |node| {
			let strikes = LossLimit::get();
			let all = (0..5).map(|slot| Recheck { slot, leaf: Some(0), strikes });
			node.rechecks = all.collect::<Vec<_>>().try_into().unwrap();
		});
		to_round(1);
		to_end_of_round(1);
		assert_eq!(node_entry(1).taken, 4);
		// The others with the next ones.
		to_round(1);
		to_end_of_round(1);
		assert_eq!(node_entry(1).taken, 2);
	});
}

#[test]
fn a_node_that_lacks_something_should_be_asked_as_much_as_may_be() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		let documents = [keep().0, keep().0];
		forget(1, documents[0], replica_of(documents[0], 1));
		let sampled = || Rounds::<Test>::get(1).unwrap().sampled;
		let mut most = 0;
		for _ in 0..6 {
			to_round(1);
			let lacks = node_entry(1).rechecks.iter().any(|recheck| recheck.strikes > 0);
			let expected = if lacks { 8 } else { 2 };
			assert_eq!(sampled(), expected);
			most = most.max(sampled());
			answer_all(1);
			to_end_of_round(1);
		}
		assert_eq!(most, 8);
	});
}

#[test]
fn a_miss_that_finds_no_place_should_not_keep_others_from_counting() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		MaxChallenges::set(2);
		LossLimit::set(20);
		keep_many(6);
		(0..6).for_each(|id| forget(1, id, replica_of(id, 1)));
		// The list is full, and what is missing besides comes before it.
		StorageNodes::<Test>::mutate_extant(1, |node| {
			let all = (2..6).map(|slot| Recheck { slot, leaf: Some(0), strikes: 1 });
			node.rechecks = all.collect::<Vec<_>>().try_into().unwrap();
		});
		for _ in 0..8 {
			to_round(1);
			let drawn = |one: &crate::Challenge<u32>| one.number >= 4 && one.document < 2;
			let lower = Documents::due_challenges(1).iter().any(drawn);
			let before = node_entry(1).rechecks[0].strikes;
			to_end_of_round(1);
			assert_eq!(node_entry(1).rechecks[0].strikes, before + 1);
			if lower {
				return;
			}
		}
		panic!("no lower slot was drawn");
	});
}

#[test]
fn a_few_leaves_should_say_nothing_of_a_node() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		LeastProven::set(2 * SIZE);
		keep();
		run_answering(2 * ChallengePeriod::get(), &NODES);
		assert!(node_entry(1).passed > 0);
		assert!(Facts::get().is_empty());
		keep();
		run_answering(2 * ChallengePeriod::get(), &NODES);
		assert!(Facts::get().contains(&(1, true)));
	});
}
