//! How surely a node is caught that has not all that it says.

use std::collections::BTreeMap;

use sp_core::H256;

use crate::{mock::*, Round, RoundOf, Rounds};

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
