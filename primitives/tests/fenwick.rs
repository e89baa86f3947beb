//! Prefix sums, against adding up.

use proptest::prelude::*;
use rwa_primitives::fenwick::{Cells, Fenwick, MAX_HEIGHT};
use std::{cell::Cell, collections::BTreeMap};

#[derive(Default)]
struct Memory {
	sums: BTreeMap<u32, u128>,
	reads: Cell<u32>,
	writes: u32,
}

impl Cells for Memory {
	fn get(&self, cell: u32) -> u128 {
		self.reads.set(self.reads.get() + 1);
		self.sums.get(&cell).copied().unwrap_or(0)
	}

	fn set(&mut self, cell: u32, sum: u128) {
		assert!(cell > 0, "there is no cell 0");
		self.writes += 1;
		match sum {
			0 => self.sums.remove(&cell),
			_ => self.sums.insert(cell, sum),
		};
	}
}

/// What [`Fenwick::find`] has to find, by adding up.
fn search(weights: &[u128], point: u128) -> Option<(u32, u128)> {
	let mut rest = point;
	for (place, weight) in (0..).zip(weights) {
		match rest.checked_sub(*weight) {
			Some(beyond) => rest = beyond,
			None => return Some((place, rest)),
		}
	}
	None
}

fn filled(tree: &Fenwick, weights: &[u128]) -> Memory {
	let mut cells = Memory::default();
	(0..).zip(weights).for_each(|(place, weight)| tree.change(&mut cells, place, 0, *weight));
	cells
}

proptest! {
	#[test]
	fn find_should_agree_with_adding_up(
		height in 0u32..7,
		changes in prop::collection::vec((0u32..64, 0u128..1_000), 0..200),
		points in prop::collection::vec(0u128..40_000, 1..20),
	) {
		let tree = Fenwick::new(height);
		let mut weights = vec![0u128; tree.places() as usize];
		let mut cells = Memory::default();
		for (place, to) in changes {
			let place = place % tree.places();
			let from = std::mem::replace(&mut weights[place as usize], to);
			tree.change(&mut cells, place, from, to);
		}
		prop_assert_eq!(tree.total(&cells), weights.iter().sum::<u128>());
		for point in points {
			prop_assert_eq!(tree.find(&cells, point, &[]), search(&weights, point));
		}
	}

	#[test]
	fn find_should_leave_out_what_it_is_told_to(
		weights in prop::collection::vec(0u128..1_000, 32),
		without in prop::collection::btree_set(0u32..32, 0..10),
		point in 0u128..32_000,
	) {
		let tree = Fenwick::new(5);
		let cells = filled(&tree, &weights);
		let gone: Vec<_> =
			without.iter().map(|place| (*place, weights[*place as usize])).collect();
		let mut left = weights;
		without.iter().for_each(|place| left[*place as usize] = 0);
		prop_assert_eq!(tree.find(&cells, point, &gone), search(&left, point));
	}

	#[test]
	fn weights_that_are_gone_should_leave_nothing_behind(
		weights in prop::collection::vec(0u128..u128::from(u64::MAX), 16),
	) {
		let tree = Fenwick::new(4);
		let mut cells = filled(&tree, &weights);
		(0..).zip(weights).for_each(|(place, weight)| tree.change(&mut cells, place, weight, 0));
		prop_assert!(cells.sums.is_empty());
	}
}

#[test]
fn cost_should_grow_with_doublings_only() {
	let tree = Fenwick::new(14);
	let mut cells = Memory::default();
	tree.change(&mut cells, 0, 0, 7);
	assert!(cells.writes <= 15, "{} cells written", cells.writes);
	cells.reads.set(0);
	assert_eq!(tree.find(&cells, 6, &[]), Some((0, 6)));
	assert!(cells.reads.get() <= 15, "{} cells read", cells.reads.get());
}

#[test]
fn change_should_ignore_what_is_not_there() {
	let tree = Fenwick::new(2);
	let mut cells = Memory::default();
	tree.change(&mut cells, 4, 0, 1);
	tree.change(&mut cells, u32::MAX, 0, 1);
	tree.change(&mut cells, 3, 5, 5);
	assert_eq!(cells.writes, 0);
	assert_eq!(tree.find(&cells, 0, &[]), None);
}

#[test]
fn sums_should_stay_at_the_most_there_is() {
	let tree = Fenwick::new(1);
	let cells = filled(&tree, &[u128::MAX, 1]);
	assert_eq!(tree.total(&cells), u128::MAX);
	assert_eq!(tree.find(&cells, u128::MAX - 1, &[]), Some((0, u128::MAX - 1)));
}

#[test]
fn new_should_make_no_tree_whose_cells_can_not_be_counted() {
	assert_eq!(Fenwick::new(u32::MAX), Fenwick::new(MAX_HEIGHT));
	assert_eq!(Fenwick::new(0).places(), 1);
}
