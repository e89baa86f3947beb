//! Prefix sums that can be changed: a Fenwick tree.
//!
//! Something is to be drawn at random out of many, each with a chance in proportion to its weight, and weights
//! change all the time. Adding them up at every draw would cost as much as there are. Here each cell keeps the
//! sum of a stretch of places, so that drawing reads, and changing a weight writes, one cell for each doubling
//! of the places: 14 for sixteen thousand.
//!
//! The cells are the caller's, storage or memory ([`Cells`]); what is here is the arithmetic. Cell number *i*,
//! from 1, has the sum of the places before *i*, as many of them as the lowest set bit of *i* says:
//!
//! ```text
//! place     0   1   2   3   4   5   6   7
//! cell 1   [ ]
//! cell 2   [     ]
//! cell 3           [ ]
//! cell 4   [             ]
//! cell 5                   [ ]
//! cell 6                   [     ]
//! cell 7                           [ ]
//! cell 8   [                             ]
//! ```
//!
//! ```
//! use rwa_primitives::fenwick::{Cells, Fenwick};
//! use std::collections::BTreeMap;
//!
//! #[derive(Default)]
//! struct Memory(BTreeMap<u32, u128>);
//! impl Cells for Memory {
//!     fn get(&self, cell: u32) -> u128 {
//!         self.0.get(&cell).copied().unwrap_or(0)
//!     }
//!     fn set(&mut self, cell: u32, sum: u128) {
//!         self.0.insert(cell, sum);
//!     }
//! }
//!
//! let tree = Fenwick::new(3); // eight places
//! let mut cells = Memory::default();
//! tree.change(&mut cells, 1, 0, 5);
//! tree.change(&mut cells, 6, 0, 10);
//! assert_eq!(tree.total(&cells), 15);
//! assert_eq!(tree.find(&cells, 4, &[]), Some((1, 4)));
//! assert_eq!(tree.find(&cells, 5, &[]), Some((6, 0)));
//! // Without place 1:
//! assert_eq!(tree.find(&cells, 5, &[(1, 5)]), Some((6, 5)));
//! assert_eq!(tree.find(&cells, 10, &[(1, 5)]), None);
//! ```

/// Most doublings: 2³⁰ places, whose cells `u32` can count.
pub const MAX_HEIGHT: u32 = 30;

/// Where the sums are kept. A cell that was never set is zero.
pub trait Cells {
	/// The sum in a cell. Cells are counted from 1 to the number of places.
	fn get(&self, cell: u32) -> u128;

	/// Keeps the sum of a cell. Zero may be kept by keeping nothing.
	fn set(&mut self, cell: u32, sum: u128);
}

/// The shape of a tree: how many places there are. The sum of all weights has to fit into `u128`; a sum that
/// doesn't stays at the most there is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fenwick {
	height: u32,
}

impl Fenwick {
	/// A tree of 2^`height` places, at most 2^[`MAX_HEIGHT`].
	pub const fn new(height: u32) -> Self {
		Self { height: if height > MAX_HEIGHT { MAX_HEIGHT } else { height } }
	}

	/// How many places there are. They are counted from 0.
	pub const fn places(&self) -> u32 {
		1u32.wrapping_shl(self.height)
	}

	/// The sum of all weights.
	pub fn total(&self, cells: &impl Cells) -> u128 {
		cells.get(self.places())
	}

	/// The weight of `place` was `from` and is now `to`. There is no such place: nothing changes.
	///
	/// Reads and writes a cell for each doubling, and one more.
	pub fn change(&self, cells: &mut impl Cells, place: u32, from: u128, to: u128) {
		let mut cell = place.saturating_add(1);
		while from != to && cell <= self.places() {
			let sum = cells.get(cell);
			cells.set(cell, sum.saturating_sub(from).saturating_add(to));
			cell = cell.saturating_add(lowest_bit(cell));
		}
	}

	/// The place at which `point` is if the weights lie side by side in the order of their places, and how far
	/// into its weight. As if each place named in `without` weighed as much less as is said with it: to draw
	/// again without those drawn, say. `None`: the point is beyond the end.
	///
	/// Reads a cell for each doubling, and one more.
	pub fn find(
		&self,
		cells: &impl Cells,
		point: u128,
		without: &[(u32, u128)],
	) -> Option<(u32, u128)> {
		let sum = |from: u32, cell: u32| {
			let gone = without.iter().filter(|(place, _)| (from..cell).contains(place));
			gone.fold(cells.get(cell), |sum, (_, weight)| sum.saturating_sub(*weight))
		};
		if point >= sum(0, self.places()) {
			return None;
		}
		let mut place = 0u32;
		let mut rest = point;
		for level in (0..self.height).rev() {
			let next = place.saturating_add(1u32.wrapping_shl(level));
			// What is left of the point after the places up to the next one, if it isn't among them.
			if let Some(beyond) = rest.checked_sub(sum(place, next)) {
				place = next;
				rest = beyond;
			}
		}
		Some((place, rest))
	}
}

/// How many places a cell has the sum of. Never zero for a cell that there is.
const fn lowest_bit(cell: u32) -> u32 {
	cell & cell.wrapping_neg()
}
