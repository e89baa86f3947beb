//! Reputation: where it begins, what moves it, how far, and how much of it can be bought.

use proptest::prelude::*;
use rwa_primitives::{
	node::genesis_tier,
	reputation::{vote_weight, Assessment, Components, Record, Stars, MAX_MERIT, MAX_SCORE},
	Balance,
};
use sp_arithmetic::Perbill;

const HALF: Perbill = Perbill::from_percent(50);
const MINIMUM: Balance = 500_000_000_000_000;
/// No record lets the points of accuracy or rating exceed this share: 51/52.
const MOST_ESTIMATE: u32 = 980_769_230;

fn stars(stars: u8) -> Stars {
	Stars::new(stars).unwrap()
}

/// What can be remembered of a node.
#[derive(Clone, Copy, Debug)]
enum Memory {
	Fact(bool),
	Rating(u8),
	Job,
}

fn remember(record: &mut Record, memory: Memory) {
	match memory {
		Memory::Fact(right) => record.note_fact(right),
		Memory::Rating(given) => record.note_rating(stars(given)),
		Memory::Job => record.note_job(),
	}
}

fn memory() -> impl Strategy<Value = Memory> {
	prop_oneof![
		any::<bool>().prop_map(Memory::Fact),
		(1..=5u8).prop_map(Memory::Rating),
		Just(Memory::Job),
	]
}

/// A node with any past.
fn record() -> impl Strategy<Value = Record> {
	prop::collection::vec(memory(), 0..300).prop_map(|past| {
		let mut record = Record::default();
		past.into_iter().for_each(|memory| remember(&mut record, memory));
		record
	})
}

fn components() -> impl Strategy<Value = Components> {
	let share = || (0..=1_000_000_000u32).prop_map(Perbill::from_parts);
	(share(), share(), share(), share()).prop_map(|(accuracy, rating, stake, jobs)| Components {
		accuracy,
		rating,
		stake,
		jobs,
	})
}

/// What `components` is after `share` has replaced the component with this number.
fn with(components: Components, number: usize, share: Perbill) -> Components {
	let mut changed = components;
	*[&mut changed.accuracy, &mut changed.rating, &mut changed.stake, &mut changed.jobs][number] =
		share;
	changed
}

#[test]
fn a_new_node_with_the_least_stake_of_its_tier_starts_at_exactly_1000() {
	use rwa_primitives::app_key::Role;
	for role in [Role::Validator, Role::Verifier, Role::Oracle, Role::Relay, Role::Storage] {
		let minimum = genesis_tier(role).minimum;
		let components = Components { accuracy: HALF, rating: HALF, stake: HALF, jobs: HALF };
		assert_eq!(
			Record::default().assess(minimum, minimum),
			Assessment { score: 1_000, merit: 850, components, jobs: 0 }
		);
	}
}

#[test]
fn every_minimum_starts_at_exactly_1000() {
	for minimum in [1, 2, 3, 7, MINIMUM, Balance::MAX / 2] {
		assert_eq!(Record::default().components(minimum, minimum).score(), 1_000, "{minimum}");
	}
}

#[test]
fn stars_are_one_to_five() {
	for number in 0..=u8::MAX {
		assert_eq!(Stars::new(number).is_some(), (1..=5).contains(&number), "{number}");
	}
}

#[test]
fn three_stars_leave_a_new_node_where_it_is() {
	let mut record = Record::default();
	record.note_rating(stars(3));
	assert_eq!(record.components(MINIMUM, MINIMUM).rating, HALF);
}

#[test]
fn the_extremes_are_reached_by_nobody() {
	let mut best = Record::default();
	let mut worst = Record::default();
	for _ in 0..10_000 {
		best.note_fact(true);
		best.note_rating(stars(5));
		best.note_job();
		worst.note_fact(false);
		worst.note_rating(stars(1));
	}
	let best = best.assess(Balance::MAX, MINIMUM);
	let worst = worst.assess(0, MINIMUM);
	// 51/52 of 1000 and 500, nearly all of 200, and all of 300 at infinite stake.
	assert_eq!((best.merit, best.score), (1_669, 1_969));
	// 1/52 of 1000 and 500, and half of 200.
	assert_eq!((worst.merit, worst.score), (128, 128));
	assert!(best.components.accuracy <= Perbill::from_parts(MOST_ESTIMATE));
}

#[test]
fn no_stake_counts_as_none_even_where_none_is_asked_for() {
	assert_eq!(Record::default().components(0, 0).stake, Perbill::zero());
}

#[test]
fn thirty_five_good_facts_outweigh_the_worst_past() {
	let mut record = Record::default();
	for _ in 0..10_000 {
		record.note_fact(false);
	}
	let accuracy = |record: &Record| record.components(MINIMUM, MINIMUM).accuracy;
	for _ in 0..34 {
		record.note_fact(true);
	}
	assert!(accuracy(&record) < HALF);
	record.note_fact(true);
	assert!(accuracy(&record) > HALF);
}

#[test]
fn an_old_fact_only_loses_influence_and_in_the_end_nearly_all_of_it() {
	// Two nodes differ in one old fact.
	let mut right = Record::default();
	let mut wrong = Record::default();
	right.note_fact(true);
	wrong.note_fact(false);
	let difference = |right: &Record, wrong: &Record| {
		let accuracy = |record: &Record| record.components(MINIMUM, MINIMUM).accuracy.deconstruct();
		accuracy(right) - accuracy(wrong)
	};
	let mut last = difference(&right, &wrong);
	for _ in 0..100 {
		for record in [&mut right, &mut wrong] {
			record.note_fact(true);
			record.note_fact(false);
		}
		let now = difference(&right, &wrong);
		assert!(now <= last, "an old fact gained influence");
		last = now;
	}
	// After 200 facts 1.8 % of its weight is left, among 52 others.
	assert!(last < Perbill::from_parts(1_000_000).deconstruct(), "{last}");
}

/// Whoever fakes jobs and ratings without end, but has nothing to show for its accuracy.
#[test]
fn faked_jobs_and_ratings_add_less_than_350_to_850() {
	let mut faker = Record::default();
	for _ in 0..1_000_000 {
		faker.note_job();
		faker.note_rating(stars(5));
	}
	let merit = faker.components(MINIMUM, MINIMUM).merit();
	assert_eq!(merit, 1_190);
	assert!(merit < 850 + 350);
	let honest = vote_weight(MINIMUM, Balance::MAX, 850);
	assert!(vote_weight(MINIMUM, Balance::MAX, merit) * 100 < honest * 142);
}

#[test]
fn a_whole_career_multiplies_a_vote_by_less_than_two() {
	let most = vote_weight(MINIMUM, Balance::MAX, MAX_MERIT);
	assert_eq!(most, 2 * vote_weight(MINIMUM, Balance::MAX, 850));
}

proptest! {
	#[test]
	fn scores_are_bounded(components in components()) {
		prop_assert!(components.score() <= MAX_SCORE);
		prop_assert!(components.merit() <= MAX_MERIT);
		prop_assert!(components.merit() <= components.score());
	}

	#[test]
	fn scores_never_fall_when_a_component_rises(
		components in components(), number in 0..4usize, a in 0..=1_000_000_000u32,
		b in 0..=1_000_000_000u32,
	) {
		let lower = with(components, number, Perbill::from_parts(a.min(b)));
		let higher = with(components, number, Perbill::from_parts(a.max(b)));
		prop_assert!(lower.score() <= higher.score());
		prop_assert!(lower.merit() <= higher.merit());
	}

	#[test]
	fn the_merit_does_not_depend_on_the_stake(
		record in record(), a in any::<Balance>(), b in any::<Balance>(),
	) {
		prop_assert_eq!(
			record.components(a, MINIMUM).merit(),
			record.components(b, MINIMUM).merit()
		);
	}

	#[test]
	fn more_stake_never_means_less(
		a in any::<Balance>(), b in any::<Balance>(), minimum in any::<Balance>(),
	) {
		let share = |stake| Record::default().components(stake, minimum).stake;
		prop_assert!(share(a.min(b)) <= share(a.max(b)));
	}

	#[test]
	fn being_right_never_lowers_and_being_wrong_never_raises(record in record()) {
		let accuracy = |record: &Record| record.components(MINIMUM, MINIMUM).accuracy;
		let (mut right, mut wrong) = (record, record);
		right.note_fact(true);
		wrong.note_fact(false);
		prop_assert!(accuracy(&right) >= accuracy(&record));
		prop_assert!(accuracy(&wrong) <= accuracy(&record));
	}

	#[test]
	fn more_stars_never_mean_less(record in record(), a in 1..=5u8, b in 1..=5u8) {
		let rated = |given| {
			let mut record = record;
			record.note_rating(stars(given));
			record.components(MINIMUM, MINIMUM).rating
		};
		prop_assert!(rated(a.min(b)) <= rated(a.max(b)));
		let before = record.components(MINIMUM, MINIMUM).rating;
		prop_assert!(rated(1) <= before && before <= rated(5));
	}

	#[test]
	fn a_job_never_lowers(record in record()) {
		let mut after = record;
		after.note_job();
		prop_assert_eq!(after.jobs(), record.jobs() + 1);
		let share = |record: &Record| record.components(MINIMUM, MINIMUM).jobs;
		prop_assert!(share(&after) >= share(&record));
	}

	#[test]
	fn each_memory_moves_its_own_component_only(record in record(), memory in memory()) {
		let mut after = record;
		remember(&mut after, memory);
		let (before, after) =
			(record.components(MINIMUM, MINIMUM), after.components(MINIMUM, MINIMUM));
		prop_assert_eq!(before.stake, after.stake);
		if !matches!(memory, Memory::Fact(_)) {
			prop_assert_eq!(before.accuracy, after.accuracy);
		}
		if !matches!(memory, Memory::Rating(_)) {
			prop_assert_eq!(before.rating, after.rating);
		}
		if !matches!(memory, Memory::Job) {
			prop_assert_eq!(before.jobs, after.jobs);
		}
	}

	#[test]
	fn what_was_long_ago_hardly_matters(
		one in record(), other in record(), since in prop::collection::vec(any::<bool>(), 250),
	) {
		// Two pasts, and then the same 250 facts.
		let (mut one, mut other) = (one, other);
		for right in since {
			one.note_fact(right);
			other.note_fact(right);
		}
		let accuracy = |record: &Record| record.components(MINIMUM, MINIMUM).accuracy.deconstruct();
		let difference = accuracy(&one).abs_diff(accuracy(&other));
		// 0.98^250 is 0.6 %, of at most 50 of 52 findings' weight.
		prop_assert!(difference < 10_000_000, "{difference}");
	}

	#[test]
	fn splitting_a_stake_below_the_cap_gains_nothing(
		parts in prop::collection::vec(0..=Balance::from(u64::MAX), 1..20),
		spare in any::<u64>(), merit in 0..=MAX_MERIT,
	) {
		let whole: Balance = parts.iter().sum();
		let cap = whole + Balance::from(spare);
		let split: u128 = parts.iter().map(|part| vote_weight(*part, cap, merit)).sum();
		prop_assert_eq!(split, vote_weight(whole, cap, merit));
	}

	#[test]
	fn splitting_a_stake_above_the_cap_gains_no_more_than_the_caps(
		parts in prop::collection::vec(0..=Balance::from(u64::MAX), 1..20),
		cap in 1..=Balance::from(u64::MAX), merit in 0..=MAX_MERIT,
	) {
		let whole: Balance = parts.iter().sum();
		let split: u128 = parts.iter().map(|part| vote_weight(*part, cap, merit)).sum();
		let nodes = parts.len() as u128;
		prop_assert!(split >= vote_weight(whole, cap, merit));
		prop_assert!(split <= nodes * cap * u128::from(merit));
		prop_assert!(split <= whole * u128::from(merit));
	}

	#[test]
	fn weights_never_overflow(stake in any::<Balance>(), cap in any::<Balance>()) {
		prop_assert!(vote_weight(stake, cap, MAX_MERIT) >= stake.min(cap));
	}
}
