//! Blocks that are full make nobody late.

use frame_support::{
	dispatch::{DispatchClass, PerDispatchClass},
	weights::Weight,
};

use crate::{mock::*, CongestedBlocks, Rounds};

/// What was used of this block by normal transactions.
fn use_up(ref_time: u64, proof_size: u64) {
	frame_system::BlockWeight::<Test>::put(PerDispatchClass::new(|class| match class {
		DispatchClass::Normal => Weight::from_parts(ref_time, proof_size),
		_ => Weight::zero(),
	}));
}

/// A block of a million, of which `ref_time` and `proof_size` are used, and of 1,000 bytes, of which `bytes` are.
fn is_congested(ref_time: u64, proof_size: u64, bytes: u32) -> bool {
	let before = CongestedBlocks::<Test>::get();
	MaxBlock::set(Weight::from_parts(1_000_000, 1_000_000));
	use_up(ref_time, proof_size);
	frame_system::BlockSize::<Test>::put(bytes);
	to_next_block();
	CongestedBlocks::<Test>::get() > before
}

#[test]
fn a_block_should_be_congested_by_weight_or_bytes() {
	ExtBuilder::default().nodes(0).build_and_execute(|| {
		assert!(!is_congested(0, 0, 0));
		assert!(!is_congested(800_000, 800_000, 800));
		assert!(is_congested(800_001, 0, 0));
		assert!(is_congested(0, 800_001, 0));
		assert!(is_congested(0, 0, 801));
		// What operators and the chain itself do is no congestion.
		frame_system::BlockWeight::<Test>::put(PerDispatchClass::new(|class| match class {
			DispatchClass::Normal => Weight::zero(),
			_ => Weight::from_parts(999_999, 0),
		}));
		let before = CongestedBlocks::<Test>::get();
		to_next_block();
		assert_eq!(CongestedBlocks::<Test>::get(), before);
		MaxBlock::set(Weight::MAX);
	});
}

#[test]
fn the_time_to_answer_should_stand_still_in_congested_blocks() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		keep();
		to_round(1);
		let before = Documents::due_challenges(1)[0].deadline;
		let congested = 3 * ChallengeTime::get();
		for _ in 0..congested {
			use_up(u64::MAX, 0);
			to_next_block();
		}
		assert!(Rounds::<Test>::contains_key(1));
		assert_eq!(Documents::due_challenges(1)[0].deadline, before + congested);
		run_for(ChallengeTime::get() - 1);
		assert_eq!(answer_all(1), 2);
		to_next_block();
		let node = node_entry(1);
		assert_eq!(node.strikes, 0);
		assert!(node.passed > 0);
	});
}

#[test]
fn congestion_before_a_round_should_not_prolong_it() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		keep();
		for _ in 0..5 {
			use_up(u64::MAX, 0);
			to_next_block();
		}
		to_round(1);
		run_for(ChallengeTime::get());
		assert!(!Rounds::<Test>::contains_key(1));
	});
}

#[test]
fn a_halt_should_not_count_as_congestion() {
	ExtBuilder::default().nodes(0).build_and_execute(|| {
		Running::set(false);
		assert!(!is_congested(1_000_000, 0, 0));
		Running::set(true);
		MaxBlock::set(Weight::MAX);
	});
}
