//! How surely a node is caught that has not all that it says.

use std::collections::BTreeMap;

use frame_support::assert_ok;
use sp_core::H256;

use crate::{mock::*, Event, Round, RoundOf, Rounds};

/// Challenges of a day: two in each of 24 rounds, as a node gets that risks no more than its tier asks.
const A_DAY: u32 = 48;

/// A round of node 1 with this seed, and so many challenges.
fn round(seed: u64, sampled: u32) -> RoundOf<Test> {
	let open = Rounds::<Test>::get(1).expect("a round is open");
	Round { seed: H256::from_low_u64_be(seed), sampled, ..open }
}

#[test]
fn leaves_should_be_drawn_by_the_size_of_what_they_are_of() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		let sizes = [1u32, 3, 9, 27];
		for leaves in sizes {
			let id = publish_sized(u64::from(leaves) * 4_096);
			place(id);
		}
		to_round(1);
		let draws = 4_000u32;
		let mut drawn = BTreeMap::<u64, u32>::new();
		for seed in 0..draws {
			let target = Documents::target(&1, &round(seed.into(), 1), 0).expect("not void");
			*drawn.entry(target.document).or_default() += 1;
		}
		for (id, leaves) in (0..).zip(sizes) {
			// Within four deviations of what 40 leaves make of it.
			let expected = f64::from(draws) * f64::from(leaves) / 40.0;
			let deviation = (expected * (1.0 - f64::from(leaves) / 40.0)).sqrt();
			let off = (f64::from(drawn[&id]) - expected).abs();
			assert!(off < 4.0 * deviation, "document {id}: {} of {expected}", drawn[&id]);
		}
	});
}

#[test]
fn a_replica_with_one_hole_that_was_found_should_be_lost() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		let nodes = [1, 2, 3];
		let (id, holders) = keep();
		let (other, _) = keep();
		let node = holders[0];
		punch(node, id, 0, 1);
		// Any other leaf of it is there, and is shown; that takes nothing back.
		assert_ok!(Documents::request_challenge(by(BYSTANDER), id, 0, Some(1)));
		let mut lost = None;
		for round in 1..=LossLimit::get() + 2 {
			to_round(node);
			for one in nodes {
				answer_all(one);
			}
			to_end_of_round(node);
			let of = |one: &Event<Test>| matches!(one, Event::ReplicaLost { document, replica: 0, .. } if *document == id);
			if events().iter().any(of) {
				lost = Some(round);
				break;
			}
			let known = node_entry(node).rechecks.into_inner();
			assert!(known.iter().any(|one| one.leaf == Some(1) && one.strikes == round));
		}
		assert_eq!(lost, Some(LossLimit::get()));
		assert!((0..3).all(|replica| holder(other, replica).is_some()));
		assert_eq!(node_entry(node).shortfalls, 0);
	});
}

#[test]
fn whoever_lacks_a_tenth_should_be_caught_within_a_day() {
	ExtBuilder::default().nodes(3).build_and_execute(|| {
		for _ in 0..10 {
			let id = publish_sized(4 * 4_096);
			place(id);
		}
		to_round(1);
		let lost = 7;
		let days = 1_000u32;
		let caught = (0..days)
			.filter(|day| {
				(0..A_DAY).any(|number| {
					let one = round((day * A_DAY + number).into(), 1);
					let target = Documents::target(&1, &one, 0).expect("not void");
					target.document == lost
				})
			})
			.count();
		// 1 - 0.9^48 = 99.36 %. Of a thousand days that is 6 ± 2.5 without.
		let missed = days - u32::try_from(caught).unwrap();
		assert!(missed <= 10, "{missed} of {days} days passed without notice");
		assert!(missed > 0, "too good to be true: are leaves drawn at random?");
	});
}
